/* SPDX-License-Identifier: MIT
 * text_source.c: texts as a source of examples. */
#include "data/text_source.h"

#include <stdlib.h>

#include "data/folder.h"
#include "data/text.h"
#include "model/vocab.h"

typedef struct TextSource { /* the codes of all examples, one behind the other */
    int64_t n;
    int32_t *code;
    int64_t *first;  /* where those of each begin, n + 1 of them; NULL: each is one */
    int64_t n_codes;
    int64_t *number; /* of each in its file; NULL: its place */
    char **file; /* paths, or NULL */
} TextSource;

static int64_t text_count(nnrt_source *s, int64_t i)
{
    const TextSource *t = s->state;
    return t->first ? t->first[i + 1] - t->first[i] : 1;
}

static int64_t text_number(nnrt_source *s, int64_t i)
{
    return ((TextSource *)s->state)->number[i];
}

static int64_t text_line(nnrt_source *s, int64_t i)
{
    return ((TextSource *)s->state)->number[i] + 1;
}

static int text_row(nnrt_source *s, int64_t i, Numbers *row)
{
    const TextSource *t = s->state;
    *row = (Numbers){.at = t->code ? t->code + (t->first ? t->first[i] : i) : NULL, .type = NNRT_I32};
    return NNRT_OK;
}

static void text_extent(nnrt_source *s, int64_t i, int64_t *extent)
{
    extent[0] = text_count(s, i);
}

static void text_close(nnrt_source *s)
{
    TextSource *t = s->state;
    rt_free_texts(t->file, t->file ? t->n : 0);
    free(t->number), free(t->code), free(t->first);
    free(t);
}

static void keep_files(nnrt_source *s, char **file, size_t below)
{
    ((TextSource *)s->state)->file = file;
    s->file = file;
    s->below = below;
}

int text_classes(const Spec *spec, char **path, int n, nnrt_source *out)
{
    Texts labels = {0};
    int code = folder_labels(spec, path, n, false, &labels);
    if (!code) code = text_open(spec, &labels, NULL, out);
    texts_free(&labels);
    if (code)
        rt_free_texts(path, n);
    else
        keep_files(out, path, folder_below(spec->path));
    return code;
}

/* ---- codes */

static int add_codes(TextSource *t, const int32_t *codes, int64_t n)
{
    for (int64_t k = 0; k < n; k++) {
        if (!rt_more(&t->code, t->n_codes, sizeof *t->code)) return rt_no_memory();
        t->code[t->n_codes++] = codes[k];
    }
    return NNRT_OK;
}

/* The class of text i. */
static int label_code(const Spec *spec, TextSource *t, const Texts *texts, Vocab *vocab, int64_t i)
{
    int32_t found = rt_vocab_find(vocab, texts_get(texts, i));
    if (found >= 0) return add_codes(t, &found, 1);
    char where[RT_PATH + 32], line[32] = "";
    if (spec->line) snprintf(line, sizeof line, ":%d", spec->line[i]);
    snprintf(where, sizeof where, "%s%s: ", spec->path, line);
    return vocabulary_no_class(spec, vocab, where, texts_get(texts, i));
}

/* The codes of text i; an error is made again with its line, if that is known. */
static int codes_of(const Spec *spec, TextSource *t, TextMode mode, const Texts *texts, Vocab *vocab, int64_t i)
{
    int32_t *codes = NULL;
    int64_t n = 0;
    if (mode == TEXT_LABELS) return label_code(spec, t, texts, vocab, i);
    int code = text_codes(spec, mode, vocab, texts_get(texts, i), texts_length(texts, i), &codes, &n);
    if (!code) code = add_codes(t, codes, n);
    t->first[i + 1] = t->n_codes;
    free(codes);
    if (!code || code == NNRT_E_MEM) return code;
    bool lines = t->number && json_is(spec->reader, "kind", "lines");
    int64_t line = spec->line ? spec->line[i] : lines ? t->number[i] + 1 : 0;
    if (line <= 0) return code;
    Spec at = *spec;
    snprintf(at.path, sizeof at.path, "%.4000s:%lld", spec->path, (long long)line);
    return text_codes(&at, mode, vocab, texts_get(texts, i), texts_length(texts, i), &codes, &n);
}

/* The numbering of the texts: that which is known, else by them. */
static int number_texts(const Spec *spec, TextMode mode, const Texts *texts, Vocab **vocab)
{
    int code = vocabulary_given(spec);
    if (code || !vocabulary_needed(mode)) return code;
    bool known = vocabulary_of(spec) || spec->m->keeps_vocabs || spec_arg(spec, "like");
    code = known ? text_known(spec) : vocabulary_make(spec, mode, texts);
    *vocab = vocabulary_of(spec);
    return code;
}

int text_open(const Spec *spec, const Texts *texts, int64_t *number, nnrt_source *out)
{
    TextMode mode = text_mode(spec);
    Vocab *vocab = NULL;
    TextSource *t = calloc(1, sizeof *t);
    if (!t) {
        free(number);
        return rt_no_memory();
    }
    *t = (TextSource){.n = texts->n, .number = number};
    *out = (nnrt_source){.n = texts->n,
                         .state = t,
                         .count = text_count,
                         .extent = text_extent,
                         .row = text_row,
                         .number = number ? text_number : NULL,
                         .line = number && json_is(spec->reader, "kind", "lines") ? text_line : NULL,
                         .close = text_close};
    if (mode != TEXT_LABELS) t->first = calloc((size_t)texts->n + 1, sizeof *t->first);
    int code = t->first || mode == TEXT_LABELS ? number_texts(spec, mode, texts, &vocab) : rt_no_memory();
    for (int64_t i = 0; i < texts->n && !code; i++)
        code = codes_of(spec, t, mode, texts, vocab, i);
    if (code) {
        text_close(out);
        *out = (nnrt_source){0};
    }
    return code;
}
