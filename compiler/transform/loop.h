/* SPDX-License-Identifier: MIT
 * loop.h: one scan on its way through the scan pass.
 *
 * The values of a body are of four kinds. Plain: the same in every step; computed before the loop.
 * Pre: not depending on a carry; computed before the loop for all steps at once. Core: the cycle
 * through the carries; these stay. Post: depending on carries but not shaping them; computed after
 * the loop for all steps at once, from stacked core values. A stacked value has a leading time
 * axis. */
#ifndef NNC_TRANSFORM_LOOP_H
#define NNC_TRANSFORM_LOOP_H

#include "transform/copy.h"

/* A carry a with a' = a +- u1 +- u2 ... that nothing else reads. */
typedef struct SumTerm {
    Ref ref;
    bool negative;
} SumTerm;
typedef struct Accumulator {
    bool is;
    uint32_t n;
    SumTerm *term;
} Accumulator;

enum { WANT_PLAIN = 1, WANT_STACK = 2, WANT_CORE = 4, WANT_SUM = 8 };

typedef struct Loop {
    Arena *scratch;
    Graph *g; /* the graph around the loop, being made */
    const Graph *body;
    Dim n;
    uint32_t n_carries, n_xs, n_in;
    const Ref *in;   /* operands in g */
    uint32_t loc;
    uint8_t flags;
    Ref *last, *ys; /* out: results in g */

    bool reversed; /* the loop runs backwards over its stacks: these are kept in natural order */
    Accumulator *acc;
    bool *same; /* carry' is the carry */
    bool *live, *plain, *dep, *heavy, *core, *sum_only;
    uint8_t *want;
    Ref *plain_ref, *stack_ref, *core_ref, *sum_ref;
} Loop;

void loop_rewrite(Loop *loop);

/* ---- batch.c: an operation over all steps at once ---- */

/* Can node v be computed with a leading time axis, where operands that are not plain have one? */
bool batch_possible(const Loop *loop, Ref v);
Ref batch_node(Loop *loop, Ref v);
/* Sum over the steps. batch_want_sum says what it needs of the operands. */
void batch_want_sum(Loop *loop, Ref v);
Ref batch_sum(Loop *loop, Ref v);
/* Does the sum of v come from sums or stacks of operands, so that v itself is not computed? */
bool batch_sum_passes(const Loop *loop, Ref v);

#endif
