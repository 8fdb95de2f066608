/* SPDX-License-Identifier: MIT
 * size.c: the sizes of a call, told by the shapes of its arguments. */
#include "export/size.h"

#include <string.h>

#include "base/shape.h"
#include "model/dims.h"
#include "model/manifest.h"

static int size_index(const Export *x, const char *name)
{
    int i = 0;
    for (const Json *s = json_list(x->json, "sizes"); s; s = s->next, i++)
        if (strcmp(s->text, name) == 0) return i;
    return -1;
}

const char *export_size_name(const Export *x, int i)
{
    return json_at(json_get(x->json, "sizes"), i)->text;
}

int export_set_size(Export *x, int i, int64_t v, const char *from)
{
    if (x->sizes[i] >= 0 && x->sizes[i] != v)
        return rt_fail(NNRT_E_SHAPE, "%s: %s is %lld in %s but %lld in %s", x->e->name, export_size_name(x, i), (long long)x->sizes[i],
                       x->from[i], (long long)v, from);
    x->sizes[i] = v;
    if (!x->from[i]) x->from[i] = from;
    return NNRT_OK;
}

/* ---- shapes */

/* A name that stands alone. */
static int free_name(const Export *x, const Json *dim)
{
    return dim->kind == JSON_STRING ? size_index(x, dim->text) : -1;
}

int export_wrong_shape(const Export *x, const Arg *a)
{
    char have[128], want[256];
    const Flag *flag = flags_find(&x->cli->flags, a->name);
    rt_type_text(a->json, want, sizeof want);
    return rt_fail(NNRT_E_SHAPE, "%s: what --%s names (%.60s%s) has the shape %s, but %s is %s", x->e->name, a->name,
                   flag ? flag->value[0] : "counted", flag && flag->n > 1 ? ", ..." : "",
                   shape_text(a->t.rank, a->t.dim, have, sizeof have), a->name, want);
}

/* Axis by axis, where ranks agree (axes of extent 1 in front or behind may be missing). */
static bool match_axes(Export *x, Arg *a, int *code)
{
    int rank = export_rank(a);
    Tensor t = a->t;
    while (t.rank > rank && t.dim[t.rank - 1] == 1)
        t.rank--;
    while (t.rank < rank && t.rank < 8) {
        const Json *last = export_dim(a, rank - 1);
        if (last->kind == JSON_NUMBER && last->integer == 1 && !(t.rank && t.dim[t.rank - 1] == 1)) {
            t.dim[t.rank++] = 1;
        } else {
            memmove(t.dim + 1, t.dim, sizeof(int64_t) * (size_t)t.rank);
            t.dim[0] = 1;
            t.rank++;
        }
    }
    if (t.rank != rank) return false;
    for (int i = 0; i < rank; i++) {
        const Json *d = export_dim(a, i);
        if (free_name(x, d) < 0 && d->kind == JSON_NUMBER && d->integer != t.dim[i]) return false;
    }
    for (int i = 0; i < rank && !*code; i++)
        if (free_name(x, export_dim(a, i)) >= 0) *code = export_set_size(x, free_name(x, export_dim(a, i)), t.dim[i], a->name);
    return true;
}

/* The numbers of each of some rows may be reshaped, not the rows themselves: [100, 784] and
 * [100, 1, 784] serve [100, 28, 28, 1], [28, 100, 28] does not. */
static bool rows_serve(const Tensor *t, int rank, const int64_t *want)
{
    int first = 0;
    if (shape_serves(t->rank, t->dim, rank, want)) return true;
    while (first < t->rank && t->dim[first] == 1)
        first++;
    return first < t->rank && rank > 0 && t->dim[first] == want[0] &&
           shape_serves(t->rank - first - 1, t->dim + first + 1, rank - 1, want + 1);
}

/* One size is open: the number of elements tells it, and the file's first axis (but for axes of 1)
 * has it. */
static bool match_count(Export *x, Arg *a, int *code)
{
    int64_t want[8], known = 1, count = shape_size(a->t.rank, a->t.dim);
    int open = -1, name = -1;
    for (int i = 0; i < export_rank(a); i++) {
        want[i] = dims_value(x->m, x->entry, export_dim(a, i), x->sizes);
        if (want[i] >= 0 && !__builtin_mul_overflow(known, want[i], &known)) continue;
        if (open >= 0 || want[i] >= 0) return false;
        name = free_name(x, export_dim(a, i));
        open = i;
    }
    if (open >= 0 && (name < 0 || known < 1 || count % known)) return false;
    if (open >= 0) want[open] = count / known;
    int first = 0;
    while (first + 1 < a->t.rank && a->t.dim[first] == 1)
        first++;
    if (open >= 0 && want[open] != 1 && (!a->t.rank || a->t.dim[first] != want[open])) return false;
    if (!rows_serve(&a->t, export_rank(a), want)) return false;
    if (open >= 0) *code = export_set_size(x, name, want[open], a->name);
    return true;
}

bool export_fits(const Export *x, const Arg *a)
{
    int64_t want[8];
    for (int i = 0; i < export_rank(a); i++)
        want[i] = dims_value(x->m, x->entry, export_dim(a, i), x->sizes);
    return rows_serve(&a->t, export_rank(a), want);
}

bool export_may_match(const Export *x, const Arg *a, int rank, const int64_t *dim)
{
    Export trial = *x;
    Arg arg = *a;
    int code = NNRT_OK;
    arg.t.rank = rank;
    memcpy(arg.t.dim, dim, sizeof arg.t.dim);
    return match_axes(&trial, &arg, &code) || match_count(&trial, &arg, &code);
}

int export_match(Export *x, Arg *a)
{
    int code = NNRT_OK;
    if (!match_axes(x, a, &code) && !match_count(x, a, &code)) return export_wrong_shape(x, a);
    return code;
}
