/* SPDX-License-Identifier: MIT
 * text_source.c: texts as a source of examples. */
#include "data/text_source.h"

#include <stdlib.h>

#include "data/folder.h"
#include "data/text.h"

typedef struct TextSource { /* texts of all examples, then their codes */
    char **text;
    size_t *length;
    int64_t *number; /* of each in its file; NULL: its place */
    int64_t n;
    int32_t **code;
    int64_t *n_codes;
    char **file; /* paths, or NULL */
} TextSource;

static int64_t text_count(nnrt_source *s, int64_t i)
{
    return ((TextSource *)s->state)->n_codes[i];
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
    *row = (Numbers){.at = ((TextSource *)s->state)->code[i], .type = NNRT_I32};
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

static void keep_files(nnrt_source *s, char **file, size_t below)
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
        rt_free_texts(path, n);
    else
        keep_files(out, path, folder_below(spec->path));
    return code;
}

/* The class of text i. */
static int label_code(const Spec *spec, TextSource *t, const Finder *finder, int64_t i)
{
    int found = finder_get(finder, t->text[i]);
    if (found < 0) {
        char where[RT_PATH + 32], line[32] = "";
        if (spec->line) snprintf(line, sizeof line, ":%d", spec->line[i]);
        snprintf(where, sizeof where, "%s%s: ", spec->path, line);
        return vocabulary_no_class(spec, finder->v, where, t->text[i]);
    }
    t->code[i] = malloc(sizeof(int32_t));
    if (!t->code[i]) return rt_no_memory();
    t->code[i][0] = found;
    t->n_codes[i] = 1;
    return NNRT_OK;
}

/* The codes of text i; an error is made again with its line, if that is known. */
static int codes_of(const Spec *spec, TextSource *t, TextMode mode, const Finder *finder, int64_t i)
{
    if (mode == TEXT_LABELS) return label_code(spec, t, finder, i);
    int code = text_codes(spec, mode, finder, t->text[i], t->length[i], &t->code[i], &t->n_codes[i]);
    if (!code || code == NNRT_E_MEM) return code;
    bool lines = t->number && json_is(spec->reader, "kind", "lines");
    int64_t line = spec->line ? spec->line[i] : lines ? t->number[i] + 1 : 0;
    if (line <= 0) return code;
    Spec at = *spec;
    snprintf(at.path, sizeof at.path, "%.4000s:%lld", spec->path, (long long)line);
    return text_codes(&at, mode, finder, t->text[i], t->length[i], &t->code[i], &t->n_codes[i]);
}

/* The numbering of the texts: that which is known, else by them. */
static int number_texts(const Spec *spec, TextMode mode, const TextSource *t, Finder *finder)
{
    int code = vocabulary_given(spec);
    if (code || !vocabulary_needed(mode)) return code;
    bool known = vocabulary_of(spec) || spec->m->keeps_vocabs || spec_arg(spec, "like");
    code = known ? text_known(spec) : vocabulary_make(spec, mode, t->text, t->length, t->n);
    return code ? code : finder_start(finder, vocabulary_of(spec));
}

int text_open(const Spec *spec, char **text, size_t *length, int64_t *number, int64_t n, nnrt_source *out)
{
    TextMode mode = text_mode(spec);
    Finder finder = {0};
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
                         .row = text_row,
                         .number = number ? text_number : NULL,
                         .line = number && json_is(spec->reader, "kind", "lines") ? text_line : NULL,
                         .close = text_close};
    int code = t->code && t->n_codes ? number_texts(spec, mode, t, &finder) : rt_no_memory();
    for (int64_t i = 0; i < n && !code; i++)
        code = codes_of(spec, t, mode, &finder, i);
    free(finder.at);
    if (code) {
        text_close(out);
        *out = (nnrt_source){0};
    }
    return code;
}
