/* SPDX-License-Identifier: MIT
 * text.c: texts as codes, and back. */
#include "data/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "model/vocab.h"

/* The integer at *at, behind spaces; *ended: there is none. */
static int take_number(const Spec *spec, const char *text, size_t n, size_t *at, int64_t *v, bool *ended)
{
    int64_t most = spec->bound ? spec->bound - 1 : INT32_MAX;
    while (*at < n && isspace((unsigned char)text[*at]))
        ++*at;
    *ended = *at >= n;
    if (*ended) return NNRT_OK;
    char *stop = NULL;
    *v = strtoll(text + *at, &stop, 10);
    if (stop == text + *at) return rt_fail(NNRT_E_IO, "%s: \"%.20s\" is no integer", spec->path, text + *at);
    *at = (size_t)(stop - text);
    if (*v >= 0 && *v <= most && *v <= INT32_MAX) return NNRT_OK;
    return rt_fail(NNRT_E_RANGE, "%s: %lld is not in 0..%lld of %s", spec->path, (long long)*v, (long long)most, spec->name);
}

/* The next code of a text. */
static int take_code(const Spec *spec, TextMode mode, Vocab *vocab, const char *text, size_t n, size_t *at, int64_t *v, bool *ended)
{
    char piece[512];
    if (mode == TEXT_NUMBERS) return take_number(spec, text, n, at, v, ended);
    if (mode == TEXT_BYTES) {
        *ended = *at >= n;
        if (!*ended) *v = (unsigned char)text[(*at)++];
        return NNRT_OK;
    }
    *ended = !text_piece(mode, text, n, at, piece, sizeof piece);
    if (!*ended) *v = rt_vocab_find(vocab, piece);
    if (!*ended && *v < 0) *v = 1;
    return NNRT_OK;
}

int text_codes(const Spec *spec, TextMode mode, Vocab *vocab, const char *text, size_t n, int32_t **codes, int64_t *count)
{
    bool end = spec_bool(spec, "end", false), ended = false;
    int64_t most = spec_int(spec, "max", INT64_MAX) - end, k = 0, v = 0;
    int32_t *out = NULL;
    size_t at = 0;
    int code = rt_more(&out, 0, sizeof *out) ? NNRT_OK : rt_no_memory();
    while (!code && k < most) {
        code = take_code(spec, mode, vocab, text, n, &at, &v, &ended);
        if (code || ended) break;
        out[k++] = (int32_t)v;
        if (!rt_more(&out, k, sizeof *out)) code = rt_no_memory();
    }
    if (code) {
        free(out);
        return code;
    }
    if (end) out[k++] = 0;
    *codes = out;
    *count = k;
    return NNRT_OK;
}

int text_known(const Spec *spec)
{
    TextMode mode = text_mode(spec);
    bool needs = text_wanted(spec) && vocabulary_needed(mode);
    int code = needs && !vocabulary_of(spec) ? vocabulary_given(spec) : NNRT_OK;
    if (code || !needs || vocabulary_of(spec)) return code;
    return rt_fail(NNRT_E_IO, "the %s of %s is not known: only a training run on its own data makes it [E0610]",
                   mode == TEXT_LABELS ? "numbering of the classes" : "vocabulary", spec->name);
}

int text_encode(nnrt *m, const Spec *spec, const char *text, size_t n, int32_t **codes, int64_t *count)
{
    (void)m;
    TextMode mode = text_mode(spec);
    int code = text_known(spec);
    if (code) return code;
    if (mode != TEXT_BYTES && memchr(text, 0, n)) return rt_fail(NNRT_E_IO, "%s: there is a 0 byte; this is no text", spec->path);
    Vocab *v = vocabulary_of(spec);
    if (mode == TEXT_LABELS) {
        *codes = malloc(sizeof(int32_t));
        if (!*codes) return rt_no_memory();
        **codes = rt_vocab_find(v, text);
        *count = 1;
        return **codes < 0 ? vocabulary_no_class(spec, v, "", text) : NNRT_OK;
    }
    return text_codes(spec, mode, v, text, n, codes, count);
}

void text_decode(nnrt *m, int data, int field, const int32_t *code, int64_t n, FILE *out)
{
    Spec spec;
    spec_of_field(m, data, field, &spec);
    TextMode mode = text_wanted(&spec) ? text_mode(&spec) : json_is(spec.reader, "kind", "bytes") ? TEXT_BYTES : TEXT_NUMBERS;
    bool end = spec_bool(&spec, "end", false);
    const Vocab *v = vocabulary_of(&spec);
    for (int64_t i = 0; i < n; i++) {
        if (end && code[i] == 0) break;
        if (mode == TEXT_BYTES)
            fputc(code[i], out);
        else if (mode == TEXT_NUMBERS || !v || code[i] < 0 || code[i] >= v->n)
            fprintf(out, "%s%d", i ? " " : "", code[i]);
        else
            fprintf(out, "%s%s", i && mode == TEXT_WORDS ? " " : "", v->word[code[i]]);
    }
}
