/* SPDX-License-Identifier: MIT
 * encode.c: texts of C callers as codes, and the names of codes, by the data field that they belong to. */
#include <stdlib.h>
#include <string.h>

#include "data/reader.h"
#include "data/text.h"
#include "data/words.h"

/* Texts may be encoded where no data block is read: the words come along. */
static const nnrt_reader *const brings_words __attribute__((used)) = &nnrt_reader_words;

/* The field BLOCK.FIELD; false if there is none. */
static bool find_field(nnrt *m, const char *name, Spec *spec)
{
    const char *dot = strchr(name, '.');
    const Json *blocks = json_get(m->manifest, "data");
    int data = dot ? json_index(blocks, name, (size_t)(dot - name)) : -1;
    int field = data < 0 ? -1 : json_index(json_get(json_at(blocks, data), "fields"), dot + 1, strlen(dot + 1));
    if (field < 0 || !spec_of_field(m, data, field, spec)) return false;
    spec->name = name;
    return true;
}

static int64_t copy_bytes(const char *text, int32_t *out, int64_t room)
{
    int64_t n = (int64_t)strlen(text);
    for (int64_t i = 0; i < n && i < room; i++)
        out[i] = (unsigned char)text[i];
    return n;
}

int64_t nnrt_encode(nnrt *m, const char *field, const char *text, int32_t *out, int64_t room)
{
    Spec spec;
    int32_t *code = NULL;
    int64_t n = 0;
    bool found = find_field(m, field, &spec);
    if (found && json_is(spec.reader, "kind", "bytes")) return copy_bytes(text, out, room);
    if (!found || !text_wanted(&spec)) {
        rt_fail(NNRT_E_RANGE, "%s is no text field of this program", field);
        return -1;
    }
    snprintf(spec.path, sizeof spec.path, "%s", field);
    if (text_encode(m, &spec, text, strlen(text), &code, &n)) n = -1;
    for (int64_t i = 0; i < n && i < room; i++)
        out[i] = code[i];
    free(code);
    return n;
}

const char *nnrt_code_name(nnrt *m, const char *field, int32_t code)
{
    Spec spec;
    bool found = find_field(m, field, &spec) && text_wanted(&spec);
    if (found && text_known(&spec)) return NULL;
    const Vocab *v = found ? vocabulary_of(&spec) : NULL;
    if (v && code >= 0 && code < v->n) return v->word[code];
    if (v)
        rt_fail(NNRT_E_RANGE, "%s has names for the codes 0 to %d, not for %d", field, v->n - 1, (int)code);
    else
        rt_fail(NNRT_E_RANGE, "%s is no field of this program whose codes have names", field);
    return NULL;
}
