/* SPDX-License-Identifier: MIT
 * show.c: what the `print`s of a program show.
 *
 * A small tensor is shown whole, a larger one as its range and mean, by the thread that calls, one element after the other: the text does
 * not depend on the threads. */
#include "model/show.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "base/memory.h"
#include "base/shape.h"
#include "model/dims.h"
#include "model/manifest.h"

enum { WHOLE = 24 }; /* elements */

/* ---- where ------------------------------------------------------------------------------------ */

void show_place(const Json *probe, const char *when, char *out, size_t n)
{
    const char *path = json_text(probe, "path", "");
    snprintf(out, n, "%s:%lld: %s%s%s%s", json_text(probe, "file", "?"), (long long)json_int(probe, "line", 0), when, *when ? ": " : "",
             path, *path ? ": " : "");
}

int show_shape(const nnrt *m, int entry, const Json *probe, const int64_t *sizes, int64_t dim[8])
{
    int rank = 0;
    for (const Json *d = json_list(probe, "dims"); d && rank < 8; d = d->next)
        dim[rank++] = dims_value(m, entry, d, sizes);
    return rank;
}

/* ---- numbers ---------------------------------------------------------------------------------- */

typedef struct Values {
    int dtype, rank;
    int64_t dim[8], n;
    const void *at;
} Values;

static void put_value(FILE *f, int dtype, double v)
{
    if (dtype == NNRT_BOOL)
        fputs(v != 0 ? "true" : "false", f);
    else if (!dtype_is_float(dtype))
        fprintf(f, "%.0f", v);
    else
        fprintf(f, v != v ? "nan" : "%.6g", v);
}

static void put_nested(FILE *f, const Values *v, int axis, int64_t *next)
{
    if (axis == v->rank) {
        put_value(f, v->dtype, dtype_load(v->dtype, v->at, (*next)++));
        return;
    }
    fputc('[', f);
    for (int64_t i = 0; i < v->dim[axis]; i++) {
        if (i) fputs(", ", f);
        put_nested(f, v, axis + 1, next);
    }
    fputc(']', f);
}

static void put_count(FILE *f, int64_t n, const char *what)
{
    if (n) fprintf(f, ", %lld %s", (long long)n, what);
}

static void put_summary(FILE *f, const Values *v)
{
    double lo = INFINITY, hi = -INFINITY, sum = 0;
    int64_t n_nan = 0, n_infinite = 0, n_true = 0;
    for (int64_t i = 0; i < v->n; i++) {
        double x = dtype_load(v->dtype, v->at, i);
        n_nan += x != x;
        n_infinite += isinf(x) != 0;
        n_true += x != 0;
        if (!isfinite(x)) continue;
        lo = x < lo ? x : lo;
        hi = x > hi ? x : hi;
        sum += x;
    }
    int64_t n = v->n - n_nan - n_infinite;
    if (v->dtype == NNRT_BOOL) {
        fprintf(f, "%lld of %lld true", (long long)n_true, (long long)v->n);
        return;
    }
    if (n) {
        fputs("min ", f);
        put_value(f, v->dtype, lo);
        fprintf(f, ", mean %.6g, max ", sum / (double)n);
        put_value(f, v->dtype, hi);
    } else {
        fputs("no finite number", f);
    }
    put_count(f, n_nan, "nan");
    put_count(f, n_infinite, "infinite");
}

/* ---- a print ---------------------------------------------------------------------------------- */

/* "float[16, 3]", in the words of the language. */
static void put_type(FILE *f, const nnrt *m, const char *dtype, const Values *v)
{
    char shape[160] = "";
    if (strcmp(dtype, m->program->float_bytes == 8 ? "f64" : "f32") == 0) dtype = "float";
    if (strcmp(dtype, "i32") == 0) dtype = "int";
    fprintf(f, "%s%s", dtype, v->rank ? shape_text(v->rank, v->dim, shape, sizeof shape) : "");
}

static void put_print(FILE *f, const Showing *s, const Json *probe, const void *values, int64_t n)
{
    char place[400];
    const char *dtype = json_text(probe, "dtype", "f32");
    Values v = {.dtype = dtype_find(dtype), .n = n, .at = values};
    int64_t next = 0;
    v.rank = show_shape(s->m, s->entry, probe, s->sizes, v.dim);
    show_place(probe, s->show->when, place, sizeof place);
    fprintf(f, "%s%s ", place, json_text(probe, "text", ""));
    put_type(f, s->m, dtype, &v);
    fputs(": ", f);
    if (n <= WHOLE)
        put_nested(f, &v, 0, &next);
    else
        put_summary(f, &v);
}

static void show(void *watcher, int32_t number, const void *values, int64_t n)
{
    Showing *s = watcher;
    const Json *probe = json_at(json_get(rt_entry(s->m, s->entry), "probes"), number);
    bool conditional = json_int(probe, "conditional", 0) != 0;
    Memory line;
    if (!probe || s->show->level < (conditional ? SHOW_CONDITIONAL : SHOW_ALL)) return;
    if (memory_open(&line)) put_print(line.f, s, probe, values, n);
    if (memory_close(&line))
        s->lost = true;
    else
        s->show->line(s->show->user, line.text);
    free(line.text);
}

bool show_begin(Showing *s, const nnrt *m, int entry, const int64_t *sizes, const nnrt_host *host)
{
    const Json *probes = m->show && m->show->level ? json_get(rt_entry(m, entry), "probes") : NULL;
    if (!probes || !probes->n) return false;
    *s = (Showing){.m = m, .entry = entry, .sizes = sizes, .show = m->show};
    if (host) s->watch.host = *host;
    s->watch.host.size = sizeof s->watch;
    s->watch.watcher = s;
    s->watch.show = show;
    return true;
}
