/* SPDX-License-Identifier: MIT
 * transform.h: passes tensor IR -> tensor IR. A pass is a copy: the old graph stays as it was. */
#ifndef NNC_TRANSFORM_TRANSFORM_H
#define NNC_TRANSFORM_TRANSFORM_H

#include "support/diag.h"
#include "tensor/tensor.h"

typedef struct Pass {
    Module *module;
    Arena *scratch;
    Diags *diags; /* E0508, W0511; may be NULL in tests */
    bool variant;     /* the graph is one of several that a step is: what its loss does not depend on may be that of another's */
    uint8_t operands; /* dtype of the operands of contractions of f32; 0: f32 */
} Pass;

/* PASS(name, function, "what it does") rows in transform/passes.def, in pipeline order:
 *   inline    calls without a grad block are opened
 *   gradient  every grad(L, wrt=x) becomes the nodes that compute it
 *   autodiff  every minimize: gradients, then update; no stop remains
 *   open      the remaining calls (grad blocks were used) are inlined
 *   operands  what contractions multiply is rounded to bf16, if Pass.operands says so
 *   scan      accumulators removed, invariants hoisted, bodies fissioned
 *   slopes    the derivative of a pointwise function is one factor, made in the forward part
 *   simplify  copy through the constructors; dead nodes go */
Graph *pass_run(Pass *p, const char *name, const Graph *g); /* BUG on an unknown name: check with pass_find */
bool pass_find(const char *name);
/* All passes in order; after each one the graph is verified (BUG) and `after` is called (dumps,
 * timing). */
Graph *pass_pipeline(Pass *p, const Graph *g, void (*after)(void *user, const char *pass, const Graph *g), void *user);

/* Gradients of scalar `loss` with respect to wrt[0..n): returned in grads (0: none). Appends nodes
 * to g itself. All nodes named in wrt are treated as independent leaves. */
void autodiff_gradients(Graph *g, Ref loss, const Ref *wrt, uint32_t n, Ref *grads, Arena *scratch);
/* General reverse mode: cotangents of several outputs given (0: none). */
void autodiff_vjp(Graph *g, const Ref *out, const Ref *cotangent, uint32_t n_out, const Ref *wrt, uint32_t n, Ref *grads, Arena *scratch);

#endif
