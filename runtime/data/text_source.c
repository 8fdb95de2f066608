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

/* The error of text i again, with its line if that is known. */
static int encode_error(const Spec *spec, const TextSource *t, TextMode mode, const Finder *finder, int64_t i)
{
    Spec at = *spec;
    bool lines = t->number && json_is(spec->reader, "kind", "lines");
    int64_t line = spec->line ? spec->line[i] : lines ? t->number[i] + 1 : 0;
    if (line > 0) snprintf(at.path, sizeof at.path, "%.4000s:%lld", spec->path, (long long)line);
    return text_codes(&at, mode, finder, t->text[i], t->length[i], &t->code[i], &t->n_codes[i]);
}

int text_open(const Spec *spec, char **text, size_t *length, int64_t *number, int64_t n, nnrt_source *out)
{
    TextMode mode = text_mode(spec);
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
    int code = t->code && t->n_codes ? vocabulary_given(spec) : rt_no_memory();
    bool needs = mode == TEXT_WORDS || mode == TEXT_CHARS || mode == TEXT_LABELS;
    if (!code && needs && !vocabulary_of(spec)) {
        bool shared = spec_arg(spec, "like") != NULL;
        code = spec->m->keeps_vocabs || shared ? text_known(spec) : vocabulary_make(spec, mode, text, length, n);
    }
    Finder finder = {0};
    const Vocab *v = vocabulary_of(spec);
    if (!code && needs && v) code = finder_start(&finder, v);
    for (int64_t i = 0; i < n && !code; i++) {
        if (mode != TEXT_LABELS) {
            code = text_codes(spec, mode, &finder, text[i], length[i], &t->code[i], &t->n_codes[i]);
            if (code && code != NNRT_E_MEM) code = encode_error(spec, t, mode, &finder, i);
            continue;
        }
        int found = finder_get(&finder, text[i]);
        char where[32] = "";
        if (spec->line) snprintf(where, sizeof where, ":%d", spec->line[i]);
        if (found < 0)
            code = rt_fail(NNRT_E_RANGE, "%s%s: \"%s\" is no class of %s", spec->path, where, text[i], spec->name);
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
