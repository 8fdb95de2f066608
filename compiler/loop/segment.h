/* SPDX-License-Identifier: MIT
 * segment.h: long sums of floats are cut into segments (docs/ir.md, "Sums"). Private to loop/.
 *
 * The loops over summed axes, outermost first, add up in accumulators, one chain each. With P_i = the
 * additions to a chain in one iteration of loop i-1 (the extents of loops i and deeper, multiplied; a
 * vector axis counts once per 32 elements), the innermost loop i with P_i > SEGMENT is run in segments
 * of SEGMENT / P_(i+1) iterations. After each one the accumulators are added to totals in f64 and
 * start again from 0; in the end the totals are rounded. Shorter sums are one chain, without totals. */
#ifndef NNC_LOOP_SEGMENT_H
#define NNC_LOOP_SEGMENT_H

#include "loop/lowering.h"

enum { SEGMENT = 512 };

typedef struct Segments {
    LV step[MAX_AXES]; /* iterations of loop i in a segment (all of them where it is not cut); 0: never cut */
    LV here[MAX_AXES]; /* mask: loop i is cut; 0: always (where there is a step) */
    bool some;         /* is any loop ever cut? */
    LV is_long;        /* mask: some loop is cut; 0: always */
} Segments;

/* axis: the n loops, outermost first. To be called where the code is generated that comes before all loops. */
Segments segments_find(Gen *e, const int *axis, int n);
/* A buffer for the totals of all sums of a contraction (dense, in the order of its axes); 0: they are never long. It has
 * memory only if they are long. */
uint32_t segments_buffer(KProgram *p, const Kernel *k);

/* A buffer for a scatter of n ids: 8 bytes for each of its rows, then totals (rows of `row` f64) for as many rows as can
 * have SEGMENT ids; 0: none can. It has memory only if n is long. */
uint32_t segments_slots(KProgram *p, const Kernel *k, Dim n, Dim rows, Dim row);

/* Chains (sums of segments) in memory and their totals in f64, by rows. Accumulators go through the memory of the
 * chains. */
typedef struct Totals {
    LoopType type;            /* of the chains */
    LV chains, totals;        /* pointers */
    LV chain_row, total_row;  /* bytes from one row to the next */
    LV rows, columns;
    const int *place;         /* by accumulator: its first element, counted from `chains` */
} Totals;

/* `when`: a mask, 0: always. acc: n accumulators whose chains these are, none if the chains are in memory already. */
typedef void WithTotals(Gen *e, LV when, const Totals *t, LV *acc, int n);
WithTotals totals_clear; /* totals = 0 */
WithTotals totals_add;   /* totals += chains; the accumulators become 0 */
WithTotals totals_take;  /* chains = totals, and so the accumulators */

#endif
