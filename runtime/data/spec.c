/* SPDX-License-Identifier: MIT
 * spec.c: arguments of readers. */
#include "data/spec.h"

#include <string.h>

#include "base/shape.h"
#include "model/manifest.h"
#include "model/options.h"

const Json *spec_arg(const Spec *spec, const char *key)
{
    for (const Json *a = json_list(spec->reader, "args"); a; a = a->next)
        if (json_is(a, "key", key)) return a;
    return NULL;
}

int64_t spec_int(const Spec *spec, const char *key, int64_t otherwise)
{
    return json_int(spec_arg(spec, key), "int", otherwise);
}

bool spec_bool(const Spec *spec, const char *key, bool otherwise)
{
    return json_int(spec_arg(spec, key), "bool", otherwise) != 0;
}

const char *spec_string(const Spec *spec, const char *key, const char *otherwise)
{
    return json_text(spec_arg(spec, key), "string", otherwise);
}

int64_t spec_count(const Spec *spec)
{
    int64_t n = 1;
    for (int i = 0; i < spec->rank; i++)
        if (spec->dim[i] < 0 || __builtin_mul_overflow(n, spec->dim[i], &n)) return -1;
    return n;
}

const char *spec_want(const Spec *spec, char out[SPEC_WANT])
{
    char shape[200];
    shape_text(spec->rank, spec->dim, shape, sizeof shape);
    bool given = spec_arg(spec, "shape") != NULL;
    snprintf(out, SPEC_WANT, "%.60s %s %s", given ? "shape=" : spec->name, given ? "says" : "is", shape);
    return out;
}

int spec_check_shape(const Spec *spec, const char *path, int rank, const int64_t *dim)
{
    char have[200], want[SPEC_WANT];
    if (shape_serves(rank, dim, spec->rank, spec->dim)) return NNRT_OK;
    return rt_fail(NNRT_E_SHAPE, "%s holds %s per example, but %s", path, shape_text(rank, dim, have, sizeof have), spec_want(spec, want));
}

bool spec_reads_same(const Spec *spec, const Json *reader)
{
    char path[RT_PATH], test[RT_PATH] = "";
    const Json *second = spec_arg(&(Spec){.reader = reader}, "test");
    if (rt_join(spec->m, json_get(reader, "path"), path)) return false;
    if (second && rt_join(spec->m, json_get(second, "path"), test)) return false;
    return strcmp(path, spec->path) == 0 || strcmp(test, spec->path) == 0;
}

bool spec_of_field(nnrt *m, int data, int field, Spec *spec)
{
    const Json *block = rt_block(m, data), *f = rt_field(m, data, field);
    *spec = (Spec){.m = m,
                   .reader = json_int(f, "expr", -1) < 0 ? json_at(json_get(f, "readers"), 0) : NULL,
                   .block = block,
                   .data = data,
                   .field = field,
                   .bound = json_int(f, "bound", 0),
                   .name = json_text(f, "name", "?")};
    return spec->reader != NULL;
}
