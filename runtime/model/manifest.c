/* SPDX-License-Identifier: MIT
 * manifest.c: what the manifest says. */
#include "model/manifest.h"

#include <string.h>

#include "base/dtype.h"
#include "base/shape.h"

const Json *rt_entry(const nnrt *m, int entry)
{
    return json_at(json_get(m->manifest, "entries"), entry);
}

const Json *rt_block(const nnrt *m, int data)
{
    return json_at(json_get(m->manifest, "data"), data);
}

const Json *rt_field(const nnrt *m, int data, int field)
{
    return json_at(json_get(rt_block(m, data), "fields"), field);
}

int rt_find_entry(const nnrt *m, const char *name, const char *kind)
{
    int i = 0;
    for (const Json *e = json_list(m->manifest, "entries"); e; e = e->next, i++) {
        if (json_int(e, "derived_from", -1) >= 0) continue;
        if (kind && !json_is(e, "kind", kind)) continue;
        if (!name || json_is(e, "name", name)) return i;
    }
    return -1;
}

int64_t rt_parameters(const nnrt *m)
{
    const nnrt_program *p = m->program;
    int64_t total = 0;
    for (int i = 0; i < p->n_tensors; i++)
        if (!p->tensor[i].is_state) total += shape_size(p->tensor[i].rank, p->tensor[i].dim);
    for (const Json *t = json_list(m->manifest, "int8"); t; t = t->next) {
        int64_t n = 1;
        for (const Json *d = json_list(t, "dims"); d; d = d->next)
            n *= d->integer;
        total += n;
    }
    return total;
}

int rt_dtype_of(const nnrt *m, const char *elem)
{
    int dtype = strcmp(elem, "int") == 0    ? NNRT_I32
                : strcmp(elem, "none") == 0 ? NNRT_F64 /* the file's own */
                                            : dtype_find(elem);
    return dtype >= 0 ? dtype : m->program->float_bytes == 8 ? NNRT_F64 : NNRT_F32;
}

const char *rt_type_text(const Json *value, char *out, size_t n)
{
    const Json *first = json_list(value, "dims");
    int64_t bound = json_int(value, "bound", 0);
    snprintf(out, n, bound ? "%s<%lld>" : "%s", json_text(value, "elem", "float"), (long long)bound);
    for (const Json *d = first; d; d = d->next)
        if (d->kind == JSON_STRING)
            rt_append(out, n, "%s%s", d == first ? "[" : ", ", d->text);
        else
            rt_append(out, n, "%s%lld", d == first ? "[" : ", ", (long long)d->integer);
    if (first) rt_append(out, n, "]");
    return out;
}
