/* SPDX-License-Identifier: MIT
 * vocabulary.c: words and classes are counted and numbered. */
#include "data/vocabulary.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/closest.h"
#include "base/utf8.h"
#include "model/vocab.h"

typedef struct Count {
    char *word;
    int64_t n;
} Count;

typedef struct Counts { /* open addressing */
    Count *at;
    size_t n, mask;
} Counts;

static Count *slot(Counts *c, const char *word)
{
    size_t i = rt_word_hash(word) & c->mask;
    while (c->at[i].word && strcmp(c->at[i].word, word))
        i = (i + 1) & c->mask;
    return &c->at[i];
}

static int add_count(Counts *c, const char *word)
{
    if (2 * c->n >= c->mask) {
        Counts bigger = {.mask = 2 * c->mask + 1, .n = c->n};
        bigger.at = calloc(bigger.mask + 1, sizeof(Count));
        if (!bigger.at) return rt_no_memory();
        for (size_t i = 0; c->at && i <= c->mask; i++)
            if (c->at[i].word) *slot(&bigger, c->at[i].word) = c->at[i];
        free(c->at);
        *c = bigger;
    }
    Count *s = slot(c, word);
    if (!s->word) {
        s->word = strdup(word);
        if (!s->word) return rt_no_memory();
        c->n++;
    }
    s->n++;
    return NNRT_OK;
}

static void free_counts(Counts *c)
{
    for (size_t i = 0; c->at && i <= c->mask && c->mask != SIZE_MAX; i++)
        free(c->at[i].word);
    free(c->at);
}

/* A vocabulary of copies. */
static int add_vocab(const Spec *spec, const char *const *name, int n)
{
    char **word = calloc((size_t)n + 1, sizeof *word);
    int code = word ? NNRT_OK : rt_no_memory();
    for (int i = 0; i < n && !code; i++)
        if (!(word[i] = strdup(name[i]))) code = rt_no_memory();
    if (!code) code = rt_add_vocab(spec->m, spec->data, spec->field, word, n);
    if (code) rt_free_texts(word, n);
    return code;
}

static int frequent_first(const void *a, const void *b)
{
    const Count *x = a, *y = b;
    if (x->n != y->n) return x->n > y->n ? -1 : 1;
    return strcmp(x->word, y->word);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const Count *)a)->word, ((const Count *)b)->word);
}

static const char *ordinal(int64_t n)
{
    int64_t k = n % 100 / 10 == 1 ? 0 : n % 10;
    return k == 1 ? "st" : k == 2 ? "nd" : k == 3 ? "rd" : "th";
}

/* Are they the same but for capitals and blanks at their ends? */
static bool much_the_same(const char *a, const char *b)
{
    a += strspn(a, " \t"), b += strspn(b, " \t");
    while (*a && *b && tolower((unsigned char)*a) == tolower((unsigned char)*b))
        a++, b++;
    return !a[strspn(a, " \t")] && !b[strspn(b, " \t")];
}

/* A text of the first line that never comes again may be the name of the column. */
static const char *header_hint(const Spec *spec, const Texts *t)
{
    if (!spec->line || spec->line[0] != 1) return "";
    for (int64_t i = 1; i < t->n; i++)
        if (strcmp(texts_get(t, i), texts_get(t, 0)) == 0) return "";
    return "; if the first line holds names: header=true";
}

/* Names the first row that holds a class too many, and the classes before it. */
static int too_many_classes(const Spec *spec, const Texts *t)
{
    enum { SHOWN = 12 };
    const char **seen = calloc((size_t)spec->bound + 1, sizeof *seen);
    char known[600] = "", where[32] = "", same[120] = "";
    int64_t k = 0, row = 0;
    for (; seen && row < t->n; row++) {
        const char *text = texts_get(t, row);
        int64_t i = 0;
        while (i < k && strcmp(seen[i], text))
            i++;
        if (i < k) continue;
        if (k == spec->bound) break;
        seen[k++] = text;
        if (k <= SHOWN + 1) rt_append(known, sizeof known, "%s%s", k > 1 ? ", " : "", k <= SHOWN ? text : "...");
    }
    for (int64_t i = 0; seen && row < t->n && i < k && !*same; i++)
        if (much_the_same(seen[i], texts_get(t, row))) snprintf(same, sizeof same, "; it is %.60s but for blanks or capitals", seen[i]);
    free(seen);
    if (!seen) return rt_no_memory();
    bool lines = json_is(spec->reader, "kind", "lines"); /* each is a text */
    if ((spec->line || lines) && row < t->n)
        snprintf(where, sizeof where, ":%lld", spec->line ? (long long)spec->line[row] : (long long)row + 1);
    return rt_fail(NNRT_E_RANGE, "%s%s: \"%s\" is a %lld%s class but %s is int<%lld> (%s)%s%s", spec->path, where,
                   row < t->n ? texts_get(t, row) : "?", (long long)k + 1, ordinal(k + 1), spec->name, (long long)spec->bound, known, same,
                   header_hint(spec, t));
}

/* Two classes that are one but for blanks at their ends. */
static void tell_blanks(const Spec *spec, const char *const *name, int n)
{
    for (int i = 0; i < n; i++) {
        size_t before = strspn(name[i], " \t"), length = strlen(name[i]);
        while (length > before && strchr(" \t", name[i][length - 1]))
            length--;
        for (int k = 0; k < n && name[i][before] && (before || name[i][length]); k++)
            if (strncmp(name[k], name[i] + before, length - before) == 0 && !name[k][length - before])
                rt_remark(spec->m, "%s: \"%s\" and \"%s\" are two classes of %s", spec->path, name[k], name[i], spec->name);
    }
}

/* The most frequent words or characters (0 padding, 1 unknown), or the sorted labels. */
int vocabulary_make(const Spec *spec, TextMode mode, const Texts *t)
{
    Counts c = {.mask = 1023, .at = calloc(1024, sizeof(Count))};
    char piece[512];
    int code = c.at ? NNRT_OK : rt_no_memory();
    for (int64_t i = 0; i < t->n && !code; i++) {
        if (mode == TEXT_LABELS) {
            code = add_count(&c, texts_get(t, i));
            continue;
        }
        for (size_t at = 0; !code && text_piece(mode, texts_get(t, i), texts_length(t, i), &at, piece, sizeof piece);)
            code = add_count(&c, piece);
    }
    if (code) return free_counts(&c), code;
    size_t k = 0;
    for (size_t i = 0; i <= c.mask; i++)
        if (c.at[i].word) c.at[k++] = c.at[i];
    qsort(c.at, k, sizeof(Count), mode == TEXT_LABELS ? by_name : frequent_first);
    size_t most = spec->bound > 0 ? (size_t)spec->bound : k + 2, reserved = mode == TEXT_LABELS ? 0 : 2;
    c.mask = k - 1; /* the rest has moved to the front */
    if (mode == TEXT_LABELS && spec->bound && k > most) {
        free_counts(&c);
        return too_many_classes(spec, t);
    }
    size_t total = k + reserved < most ? k + reserved : most;
    const char **name = calloc(total + 1, sizeof *name);
    for (size_t i = 0; name && i < total; i++)
        name[i] = i < reserved ? (i == 0 ? "" : "?") : c.at[i - reserved].word;
    code = name ? add_vocab(spec, name, (int)total) : rt_no_memory();
    if (!code && mode == TEXT_LABELS) tell_blanks(spec, name, (int)total);
    free(name);
    free_counts(&c);
    return code;
}

/* labels=["no", "yes"] fixes the names. */
int vocabulary_given(const Spec *spec)
{
    const Json *names = json_get(spec_arg(spec, "labels"), "strings");
    if (!names) return NNRT_OK;
    const char **name = calloc((size_t)names->n + 1, sizeof *name);
    int n = 0;
    for (const Json *w = names->child; w && name; w = w->next)
        name[n++] = w->text ? w->text : "";
    int code = name ? add_vocab(spec, name, n) : rt_no_memory();
    free(name);
    return code;
}

bool vocabulary_needed(TextMode mode)
{
    return mode == TEXT_WORDS || mode == TEXT_CHARS || mode == TEXT_LABELS;
}

Vocab *vocabulary_of(const Spec *spec)
{
    const Json *like = json_get(spec_arg(spec, "like"), "field");
    if (like && like->n == 2) return rt_vocab(spec->m, (int)json_at(like, 0)->integer, (int)json_at(like, 1)->integer);
    return rt_vocab(spec->m, spec->data, spec->field);
}

int vocabulary_no_class(const Spec *spec, const Vocab *v, const char *where, const char *text)
{
    char close[1000] = "";
    bool whole = utf8_whole(text);
    for (int i = 0; v && i < v->n && whole; i++)
        whole = utf8_whole(v->word[i]);
    if (v) closest_text(close, sizeof close, text, (const char *const *)v->word, v->n);
    return rt_fail(NNRT_E_RANGE, "%s\"%.200s\" is no class of %s%s%s", where, text, spec->name, close, whole ? "" : UTF8_NO_FILE);
}
