/* SPDX-License-Identifier: MIT
 * bound.c: error bounds from noisy interpretation. */
#include "fuzz/bound.h"

#include <math.h>
#include <stdlib.h>

#include "fuzz/values.h"

enum { CHAIN = 512 };

typedef struct Noise {
    uint64_t state;
    bool common;  /* all elements of a value err alike, as equal ones do */
    bool rounded; /* no noise: what the dtypes hold. What is equal in them, as tanh of 10 and of 11, is chosen among as there */
} Noise;

static double sign_and_size(Noise *noise) /* -1 .. 1 */
{
    noise->state = noise->state * 6364136223846793005u + 1442695040888963407u;
    return (double)(noise->state >> 11) * 0x1p-52 - 1;
}

static double unit_of(uint8_t dtype) /* distance of 1 to the next number */
{
    return dtype == DT_f32 ? 0x1p-23 : 0x1p-52;
}

static double largest(const TensorValue *v)
{
    double m = 0;
    for (int64_t e = 0; e < v->count; e++)
        if (fabs(v->f[e]) > m) m = fabs(v->f[e]);
    return m;
}

/* Terms of an element of the result, or 0: not a sum. */
static int64_t terms(const Graph *g, Ref r, const TensorValue *in, const TensorValue *out)
{
    int64_t n = 1, groups = graph_node(g, r)->n_attr > 1 ? graph_attr(g, r, 1) : 1;
    switch (graph_node(g, r)->op) {
    case OP_sum: return out->count ? in->count / out->count : 0;
    case OP_dot:
        for (int64_t i = 0; i < graph_attr(g, r, 1); i++)
            n *= in->extent[graph_attr(g, r, (uint32_t)(2 + graph_attr(g, r, 0) + i))];
        return n;
    case OP_conv:
        switch (graph_attr(g, r, 0)) {
        case 0: return in[1].extent[0] * in[1].extent[1] * in[1].extent[2];
        case 1: return in[1].extent[0] * in[1].extent[1] * in[1].extent[3] / groups;
        default: return in[1].extent[0] * in[1].extent[1] * in[1].extent[2];
        }
    case OP_scatter_add: return in->count;
    case OP_fold: return graph_attr(g, r, 2);
    default: return 0;
    }
}

/* The interpreter has constants in double precision. */
static bool is_rounded(const Node *node, const TensorValue *out)
{
    switch (node->op) {
    case OP_const: return out->count && out->type.dtype == DT_f32 && (double)(float)out->f[0] != out->f[0];
    case OP_neg:
    case OP_abs:
    case OP_floor:
    case OP_maximum:
    case OP_where: return false;
    default: return op_properties[node->op] & ELEMENTWISE;
    }
}

/* What lies about halfway between two operands of contractions becomes either. */
static void round_otherwise(Noise *noise, const TensorValue *in, TensorValue *out)
{
    for (int64_t e = 0; in->f && e < out->count; e++)
        out->f[e] = round_wide16(in->f[e] * (1 + 0x1p-18 * sign_and_size(noise)));
}

static void add_noise(void *user, const Graph *g, Ref r, const TensorValue *in, TensorValue *out)
{
    const Node *node = graph_node(g, r);
    Noise *noise = user;
    if (node->n_out != 1 || !out->f) return;
    if (out->type.dtype == DT_wide16) {
        if (node->op == OP_cast && !noise->rounded) round_otherwise(noise, in, out);
        return;
    }
    if (noise->rounded) {
        for (int64_t e = 0; e < out->count && out->type.dtype == DT_f32; e++)
            out->f[e] = (float)out->f[e];
        return;
    }
    double unit = unit_of(out->type.dtype);
    if (node->op == OP_cast && in->f && unit_of(in->type.dtype) >= unit) return;
    int64_t n = terms(g, r, in, out);
    bool contracts = op_properties[node->op] & CONTRACT;
    double scale = 0;
    if (n) /* a chain of additions errs at each by a part of a sum of up to n terms; chains are short (docs/ir.md) */
        scale = (double)n * fmin((double)n, CHAIN) * largest(node->op == OP_scatter_add ? &in[1] : in) * (contracts ? largest(&in[1]) : 1);
    if (!n && !is_rounded(node, out)) return;
    if (node->op != OP_cast && op_properties[node->op] & COSTLY) unit *= 2;
    double u = sign_and_size(noise);
    for (int64_t e = 0; e < out->count; e++) {
        if (!noise->common) u = sign_and_size(noise);
        out->f[e] += unit * u * (n ? scale : out->f[e]);
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *v, int64_t n, Arena *arena)
{
    double *sorted = ARENA_ARRAY(arena, double, n + 1);
    for (int64_t e = 0; e < n; e++)
        sorted[e] = v[e];
    qsort(sorted, (size_t)n, sizeof *sorted, ascending);
    return n ? sorted[n / 2] : 0;
}

double **bound_of(const Graph *g, const int64_t *symbols, const TensorValue *in, const TensorValue *want, int samples, Arena *arena)
{
    double **bound = ARENA_ARRAY(arena, double *, g->result.n + 1);
    Noise noise = {.state = 12345};
    InterpretHooks hooks = {.user = &noise, .after = add_noise};
    TensorValue *got = ARENA_ARRAY(arena, TensorValue, g->result.n + 1);
    for (uint32_t i = 0; i < g->result.n; i++)
        bound[i] = ARENA_ARRAY(arena, double, want[i].count + 1);
    for (int s = 0; s < samples; s++) {
        noise.common = s % 2;
        noise.rounded = s == 0;
        Arena scratch = {0}; /* a thousand samples do not fit side by side */
        const char *error = graph_interpret(g, symbols, in, got, &hooks, &scratch);
        if (error) BUG("%s", error);
        for (uint32_t i = 0; i < g->result.n; i++)
            for (int64_t e = 0; e < want[i].count; e++)
                bound[i][e] = fmax(bound[i][e], fabs(values_element(&got[i], e) - values_element(&want[i], e)));
        arena_free(&scratch);
    }
    for (uint32_t i = 0; i < g->result.n; i++) {
        double typical = median(bound[i], want[i].count, arena);
        for (int64_t e = 0; want[i].f && e < want[i].count; e++)
            bound[i][e] = 4 * bound[i][e] + 4 * typical + 4 * unit_of(want[i].type.dtype) * fabs(want[i].f[e]) + 1e-37;
    }
    return bound;
}
