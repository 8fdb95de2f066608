/* SPDX-License-Identifier: MIT
 * text.c: texts as numbers: bytes, words, characters, integers, labels; vocabularies belong to the
 * field and the checkpoint. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "data/reader.h"
#include "data/unicode.h"
#include "model/vocab.h"

bool text_wanted(const Spec *spec)
{
    static const char *const keys[] = {"bytes", "words", "chars", "numbers", "labels"};
    for (int i = 0; i < 5; i++)
        if (spec_arg(spec, keys[i])) return true;
    return false;
}

size_t text_mark(const char *text, size_t n)
{
    return n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/* ---- pieces of a text
 * ------------------------------------------------------------------------------------ */

typedef enum { BYTES, WORDS, CHARS, NUMBERS, LABELS } Mode;

static Mode mode_of(const Spec *spec)
{
    if (spec_bool(spec, "bytes", false)) return BYTES;
    if (spec_bool(spec, "words", false)) return WORDS;
    if (spec_bool(spec, "chars", false)) return CHARS;
    if (spec_bool(spec, "numbers", false)) return NUMBERS;
    return LABELS;
}

/* The next character at *at; its length, 0 at the end. */
static size_t next_char(const char *text, size_t n, size_t *at, char *piece, size_t most)
{
    size_t k = 0;
    if (*at >= n) return 0;
    do
        piece[k++] = text[(*at)++];
    while (*at < n && k + 1 < most && ((unsigned char)text[*at] & 0xC0) == 0x80);
    piece[k] = 0;
    return k;
}

/* The next word at *at: letters, marks and digits, in lower case; bytes that are no UTF-8 count as letters. Its length, 0 at
 * the end. */
static size_t next_word(const char *text, size_t n, size_t *at, char *piece, size_t most)
{
    size_t k = 0;
    bool inside = false;
    while (*at < n) {
        uint32_t c;
        size_t length = utf8_take(text + *at, n - *at, &c);
        bool letter = c == UTF8_NONE || unicode_in_word(c);
        if (!letter && inside) break;
        inside |= letter;
        if (letter && k + 4 < most) {
            if (c == UTF8_NONE)
                piece[k++] = text[*at];
            else
                k += utf8_put(unicode_lower(c), piece + k);
        }
        *at += length;
    }
    piece[k] = 0;
    return k;
}

static size_t next_piece(Mode mode, const char *text, size_t n, size_t *at, char *piece,
                         size_t most)
{
    return mode == CHARS ? next_char(text, n, at, piece, most) : next_word(text, n, at, piece, most);
}

/* ---- vocabularies
 * ------------------------------------------------------------------------------------------- */

typedef struct Count {
    char *word;
    int64_t n;
} Count;

typedef struct Counts { /* open addressing */
    Count *at;
    size_t n, mask;
} Counts;

static uint64_t hash(const char *s)
{
    uint64_t h = 14695981039346656037u;
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 1099511628211u;
    return h;
}

static Count *slot(Counts *c, const char *word)
{
    size_t i = hash(word) & c->mask;
    while (c->at[i].word && strcmp(c->at[i].word, word))
        i = (i + 1) & c->mask;
    return &c->at[i];
}

static int add_count(Counts *c, const char *word)
{
    if (2 * c->n >= c->mask) {
        Counts bigger = {.mask = 2 * c->mask + 1, .n = c->n};
        bigger.at = calloc(bigger.mask + 1, sizeof(Count));
        if (!bigger.at) return rt_fail(NNRT_E_MEM, "out of memory");
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

/* Names the first row that holds a class too many, and the classes before it. */
static int too_many_classes(const Spec *spec, char **text, int64_t n)
{
    enum { SHOWN = 12 };
    const char **seen = calloc((size_t)spec->bound + 1, sizeof *seen);
    char known[600] = "", where[32] = "";
    int64_t k = 0, row = 0;
    for (; seen && row < n; row++) {
        int64_t i = 0;
        while (i < k && strcmp(seen[i], text[row]))
            i++;
        if (i < k) continue;
        if (k == spec->bound) break;
        seen[k++] = text[row];
        size_t at = strlen(known);
        if (k <= SHOWN)
            snprintf(known + at, sizeof known - at, "%s%s", k > 1 ? ", " : "", text[row]);
        else if (k == SHOWN + 1)
            snprintf(known + at, sizeof known - at, ", ...");
    }
    free(seen);
    if (!seen) return rt_no_memory();
    if (spec->line && row < n) snprintf(where, sizeof where, ":%d", spec->line[row]);
    return rt_fail(NNRT_E_RANGE, "%s%s: \"%s\" is a %lld%s class but %s is int<%lld> (%s)",
                   spec->path, where, row < n ? text[row] : "?", (long long)k + 1, ordinal(k + 1),
                   spec->name, (long long)spec->bound, known);
}

/* The most frequent words or characters (0 padding, 1 unknown), or the sorted labels. */
static int make_vocab(const Spec *spec, Mode mode, char **text, const size_t *length, int64_t n)
{
    Counts c = {.mask = 1023, .at = calloc(1024, sizeof(Count))};
    char piece[512];
    int code = c.at ? NNRT_OK : rt_no_memory();
    for (int64_t i = 0; i < n && !code; i++) {
        if (mode == LABELS) {
            code = add_count(&c, text[i]);
            continue;
        }
        for (size_t at = 0; !code && next_piece(mode, text[i], length[i], &at, piece, sizeof piece);)
            code = add_count(&c, piece);
    }
    if (code) return free_counts(&c), code;
    size_t k = 0;
    for (size_t i = 0; i <= c.mask; i++)
        if (c.at[i].word) c.at[k++] = c.at[i];
    qsort(c.at, k, sizeof(Count), mode == LABELS ? by_name : frequent_first);
    size_t most = spec->bound > 0 ? (size_t)spec->bound : k + 2, reserved = mode == LABELS ? 0 : 2;
    c.mask = k - 1; /* the rest has moved to the front */
    if (mode == LABELS && spec->bound && k > most) {
        free_counts(&c);
        return too_many_classes(spec, text, n);
    }
    size_t total = k + reserved < most ? k + reserved : most;
    const char **name = calloc(total + 1, sizeof *name);
    for (size_t i = 0; name && i < total; i++)
        name[i] = i < reserved ? (i == 0 ? "" : "?") : c.at[i - reserved].word;
    code = name ? add_vocab(spec, name, (int)total) : rt_no_memory();
    free(name);
    free_counts(&c);
    return code;
}

/* labels=["no", "yes"] fixes the names. */
static int given_labels(const Spec *spec)
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

static Vocab *vocab_of(const Spec *spec)
{
    const Json *like = json_get(spec_arg(spec, "like"), "field");
    if (like && like->n == 2)
        return rt_vocab(spec->m, (int)json_at(like, 0)->integer, (int)json_at(like, 1)->integer);
    return rt_vocab(spec->m, spec->data, spec->field);
}

static int find_word(const Vocab *v, const char *word)
{
    for (int i = 0; v && i < v->n; i++)
        if (strcmp(v->word[i], word) == 0) return i;
    return -1;
}

typedef struct Finder { /* word -> code, by hashing; words of one vocabulary */
    const Vocab *v;
    int *at;
    size_t mask;
} Finder;

static int finder_start(Finder *f, const Vocab *v)
{
    f->v = v;
    f->mask = 63;
    while (f->mask < 2 * (size_t)v->n)
        f->mask = 2 * f->mask + 1;
    f->at = malloc(sizeof(int) * (f->mask + 1));
    if (!f->at) return rt_fail(NNRT_E_MEM, "out of memory");
    for (size_t i = 0; i <= f->mask; i++)
        f->at[i] = -1;
    for (int w = 0; w < v->n; w++) {
        size_t i = hash(v->word[w]) & f->mask;
        while (f->at[i] >= 0)
            i = (i + 1) & f->mask;
        f->at[i] = w;
    }
    return NNRT_OK;
}

static int finder_get(const Finder *f, const char *word)
{
    for (size_t i = hash(word) & f->mask; f->at[i] >= 0; i = (i + 1) & f->mask)
        if (strcmp(f->v->word[f->at[i]], word) == 0) return f->at[i];
    return -1;
}

/* ---- encoding
 * --------------------------------------------------------------------------------------------------
 */

static int encode(const Spec *spec, Mode mode, const Finder *finder, const char *text, size_t n,
                  int32_t **codes, int64_t *count)
{
    bool end = spec_bool(spec, "end", false);
    int64_t most = spec_int(spec, "max", INT64_MAX), room = 16, k = 0;
    int32_t *out = malloc(sizeof(int32_t) * (size_t)room);
    char piece[512];
    size_t at = 0;
    if (end) most--;
    while (out && k < most) {
        int64_t v;
        if (mode == BYTES) {
            if (at >= n) break;
            v = (unsigned char)text[at++];
        } else if (mode == NUMBERS) {
            while (at < n && isspace((unsigned char)text[at]))
                at++;
            if (at >= n) break;
            char *stop = NULL;
            v = strtoll(text + at, &stop, 10);
            if (stop == text + at) {
                free(out);
                return rt_fail(NNRT_E_IO, "%s: \"%.20s\" is no integer", spec->path, text + at);
            }
            at = (size_t)(stop - text);
            if (v < 0 || v > INT32_MAX || (spec->bound && v >= spec->bound)) {
                free(out);
                return rt_fail(NNRT_E_RANGE, "%s: %lld is not in 0..%lld of %s", spec->path,
                               (long long)v, (long long)(spec->bound ? spec->bound : (int64_t)INT32_MAX + 1) - 1,
                               spec->name);
            }
        } else {
            if (!next_piece(mode, text, n, &at, piece, sizeof piece)) break;
            v = finder_get(finder, piece);
            if (v < 0) v = 1;
        }
        if (k + 1 >= room) {
            int32_t *bigger = realloc(out, sizeof(int32_t) * (size_t)(room *= 2));
            if (!bigger) free(out);
            out = bigger;
        }
        if (out) out[k++] = (int32_t)v;
    }
    if (!out) return rt_fail(NNRT_E_MEM, "out of memory");
    if (end) out[k++] = 0;
    *codes = out;
    *count = k;
    return NNRT_OK;
}

int text_known(const Spec *spec)
{
    Mode mode = mode_of(spec);
    bool needs = text_wanted(spec) && (mode == WORDS || mode == CHARS || mode == LABELS);
    int code = needs && !vocab_of(spec) ? given_labels(spec) : NNRT_OK;
    if (code || !needs || vocab_of(spec)) return code;
    return rt_fail(NNRT_E_IO, "the %s of %s is not known: only a training run on its own data makes it [E0610]",
                   mode == LABELS ? "numbering of the classes" : "vocabulary", spec->name);
}

int text_encode(nnrt *m, const Spec *spec, const char *text, size_t n, int32_t **codes,
                int64_t *count)
{
    (void)m;
    Mode mode = mode_of(spec);
    Finder finder = {0};
    int code = text_known(spec);
    if (code) return code;
    Vocab *v = vocab_of(spec);
    if (mode == LABELS) {
        *codes = malloc(sizeof(int32_t));
        if (!*codes) return rt_fail(NNRT_E_MEM, "out of memory");
        **codes = find_word(v, text);
        *count = 1;
        return **codes < 0 ? rt_fail(NNRT_E_RANGE, "\"%s\" is no class of %s", text, spec->name)
                           : NNRT_OK;
    }
    if (v && finder_start(&finder, v)) return NNRT_E_MEM;
    code = encode(spec, mode, &finder, text, n, codes, count);
    free(finder.at);
    return code;
}

void text_decode(nnrt *m, int data, int field, const int32_t *code, int64_t n, FILE *out)
{
    Spec spec;
    spec_of_field(m, data, field, &spec);
    Mode mode = text_wanted(&spec)                                         ? mode_of(&spec)
                : strcmp(json_text(spec.reader, "kind", ""), "bytes") == 0 ? BYTES
                                                                           : NUMBERS;
    bool end = spec_bool(&spec, "end", false);
    const Vocab *v = vocab_of(&spec);
    for (int64_t i = 0; i < n; i++) {
        if (end && code[i] == 0) break;
        if (mode == BYTES)
            fputc(code[i], out);
        else if (mode == NUMBERS || !v || code[i] < 0 || code[i] >= v->n)
            fprintf(out, "%s%d", i ? " " : "", code[i]);
        else
            fprintf(out, "%s%s", i && mode == WORDS ? " " : "", v->word[code[i]]);
    }
}

/* ---- sources
 * -----------------------------------------------------------------------------------------------------
 */

static int64_t text_count(nnrt_source *s, int64_t i)
{
    return ((TextSource *)s->state)->n_codes[i];
}

static int64_t text_number(nnrt_source *s, int64_t i)
{
    return ((TextSource *)s->state)->number[i];
}

static int text_get(nnrt_source *s, int64_t i, double *out)
{
    TextSource *t = s->state;
    for (int64_t k = 0; k < t->n_codes[i]; k++)
        out[k] = t->code[i][k];
    return NNRT_OK;
}

static void text_extent(nnrt_source *s, int64_t i, int64_t *extent)
{
    extent[0] = ((TextSource *)s->state)->n_codes[i];
}

static void text_close(nnrt_source *s)
{
    TextSource *t = s->state;
    for (int64_t i = 0; i < t->n; i++)
        free(t->text[i]), free(t->code ? t->code[i] : NULL), free(t->file ? t->file[i] : NULL);
    free(t->file);
    free(t->text), free(t->length), free(t->number), free(t->code), free(t->n_codes);
    free(t);
}

void text_keep_files(nnrt_source *s, char **file, size_t below)
{
    ((TextSource *)s->state)->file = file;
    s->file = file;
    s->below = below;
}

int text_classes(const Spec *spec, char **path, int n, nnrt_source *out)
{
    char **text = NULL;
    size_t *length = NULL;
    int code = folder_labels(spec, path, n, false, &text, &length);
    if (!code) code = text_open(spec, text, length, NULL, n, out);
    if (code)
        folder_free(path, n);
    else
        text_keep_files(out, path, folder_below(spec->path));
    return code;
}

/* The error of text i again, with its line if that is known. */
static int encode_error(const Spec *spec, const TextSource *t, Mode mode, const Finder *finder, int64_t i)
{
    Spec at = *spec;
    bool lines = t->number && strcmp(json_text(spec->reader, "kind", ""), "lines") == 0;
    int64_t line = spec->line ? spec->line[i] : lines ? t->number[i] + 1 : 0;
    if (line > 0) snprintf(at.path, sizeof at.path, "%.4000s:%lld", spec->path, (long long)line);
    return encode(&at, mode, finder, t->text[i], t->length[i], &t->code[i], &t->n_codes[i]);
}

int text_open(const Spec *spec, char **text, size_t *length, int64_t *number, int64_t n,
              nnrt_source *out)
{
    Mode mode = mode_of(spec);
    TextSource *t = calloc(1, sizeof *t);
    if (!t) {
        rt_free_texts(text, n);
        free(length), free(number);
        return rt_no_memory();
    }
    *t = (TextSource){.text = text,
                      .length = length,
                      .number = number,
                      .n = n,
                      .code = calloc((size_t)n + 1, sizeof(int32_t *)),
                      .n_codes = calloc((size_t)n + 1, sizeof(int64_t))};
    *out = (nnrt_source){.n = n,
                         .state = t,
                         .count = text_count,
                         .extent = text_extent,
                         .get = text_get,
                         .number = number ? text_number : NULL,
                         .close = text_close};
    int code = t->code && t->n_codes ? given_labels(spec) : rt_no_memory();
    bool needs = mode == WORDS || mode == CHARS || mode == LABELS;
    if (!code && needs && !vocab_of(spec)) {
        bool shared = spec_arg(spec, "like") != NULL;
        code = spec->m->keeps_vocabs || shared ? text_known(spec) : make_vocab(spec, mode, text, length, n);
    }
    Finder finder = {0};
    const Vocab *v = vocab_of(spec);
    if (!code && needs && v) code = finder_start(&finder, v);
    for (int64_t i = 0; i < n && !code; i++) {
        if (mode != LABELS) {
            code = encode(spec, mode, &finder, text[i], length[i], &t->code[i], &t->n_codes[i]);
            if (code && code != NNRT_E_MEM) code = encode_error(spec, t, mode, &finder, i);
            continue;
        }
        int found = finder_get(&finder, text[i]);
        char where[32] = "";
        if (spec->line) snprintf(where, sizeof where, ":%d", spec->line[i]);
        if (found < 0)
            code = rt_fail(NNRT_E_RANGE, "%s%s: \"%s\" is no class of %s", spec->path, where,
                           text[i], spec->name);
        t->code[i] = malloc(sizeof(int32_t));
        if (t->code[i])
            t->code[i][0] = found;
        else if (!code)
            code = rt_no_memory();
        t->n_codes[i] = 1;
    }
    free(finder.at);
    if (code) {
        text_close(out);
        *out = (nnrt_source){0};
    }
    return code;
}
