/* SPDX-License-Identifier: MIT
 * vjp.h: reverse mode inside transform/: the sweep and the rule of each operation.
 *
 * A rule gets the cotangents of a node's results and gives a contribution to each operand. Nodes
 * are appended to the graph itself. "No cotangent" is 0, never a tensor of zeros. */
#ifndef NNC_TRANSFORM_VJP_H
#define NNC_TRANSFORM_VJP_H

#include "transform/transform.h"

typedef struct Autodiff {
    Graph *g;
    Arena *scratch;
    /* Values that are overwritten before the backward part runs (old parameter versions and views
     * of them): a scan saves what it would have to compute from them. Refs >= n_stale are not. */
    const bool *stale;
    uint32_t n_stale;
    bool through;    /* an x may be computed from another: leaves are passed through */
    VEC(Ref) saving; /* scans made here that belong to the forward part */
} Autodiff;

typedef struct Vjp {
    Autodiff *ad;
    Graph *g;
    Ref node;
    const Ref *cot;   /* per result */
    const bool *want; /* per operand */
    Ref *out;         /* per operand: the contribution, or 0 */
} Vjp;

typedef void (*VjpRule)(Vjp *v);
extern const VjpRule vjp_rules[OP_COUNT];

/* As autodiff_vjp. */
void vjp_sweep(Autodiff *ad, const Ref *out, const Ref *cot, uint32_t n_out, const Ref *wrt, uint32_t n, Ref *grads);
/* varied[v] |= depends on something varied through differentiable operations; v < n. */
void vjp_varied(const Graph *g, bool *varied, uint32_t n);
/* May a cotangent pass node v? (differentiable, and its result is float or a tuple) */
bool vjp_passes(const Graph *g, Ref v);

static inline Ref vjp_in(const Vjp *v, uint32_t i)
{
    return graph_in(v->g, v->node, i);
}
static inline Type vjp_in_type(const Vjp *v, uint32_t i)
{
    return *graph_type(v->g, graph_in(v->g, v->node, i));
}

/* The rule of each operation that has a gradient. */
#define DECLARE_GRAD(name) void vjp_##name(Vjp *v);
#define DECLARE_NO_GRAD(name)
#define DECLARE_BY_SWEEP(name)
#define OP(name, operands, attributes, gradient, properties) DECLARE_##gradient(name)
#include "tensor/ops.def"
#undef OP

#endif
