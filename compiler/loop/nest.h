/* SPDX-License-Identifier: MIT
 * nest.h: what the files that make maps, reductions and row kernels share. Private to loop/.
 *
 * nest.c chooses the vector axis and makes the loops over the parallel axes, nest_pass.c what is done with each row. */
#ifndef NNC_LOOP_NEST_H
#define NNC_LOOP_NEST_H

#include "loop/reduce.h"
#include "loop/segment.h"

typedef struct Pending {
    uint32_t x;
    LV value;
    Point at;
} Pending;

typedef struct Sums { /* of the current pass, of a type that can be cut */
    Totals totals;
    VEC(int) acc, place; /* accumulators; where they are in the memory of the chains */
} Sums;

typedef struct KeptElement { /* of the row, by later passes; at: bytes from kept_row */
    uint32_t x;
    int pass;
    int64_t at;
} KeptElement;

enum { UNROLLED_ROW = 64 }; /* elements of a reduction axis that is not made a loop */
enum { MOST_KEPT = 2, MOST_VECTOR = 64 };

typedef struct Nest {
    Gen e;
    int n_par, par[MAX_AXES], n_red, red[MAX_AXES]; /* in loop order; the vector axis last among its kind */
    uint32_t reduced; /* the reduction axes, as a set */
    bool vec_red;     /* the vector axis is one */
    int across;       /* the axis before the vector axis along which loads are transposed, or -1 */
    int n_pass;
    int several;      /* lanes of the vectors that go together along a parallel vector axis */
    bool *want_all, **want; /* nodes needed at all; in a pass (number n_pass: for the row-level stores) */
    VEC(uint32_t) element_store, row_store;
    VEC(Reducer) reducer;       /* of the current pass */
    int *acc_at, n_acc, groups; /* where a reducer's accumulators are; vectors of a row's lanes */
    int last_pass, current;
    bool delay; /* stores wait until the pass is over */
    Segments segments; /* of the loops `red` */
    Sums sums[2];      /* of f32 and of f64 */
    VEC(Pending) pending;
    VEC(KeptElement) kept;
    int64_t kept_bytes;
    LV kept_row;
    LV counter[MAX_AXES];
    LV band_lo, band_hi; /* of a row, where the kernel has a band */
    bool in_memory;      /* the lanes of its sums are (nest_lanes.c) */
    LV lanes_of_others;  /* of reductions that are never cut */
} Nest;

/* ---- nest_pass.c ---- */
void nest_plan_passes(Nest *n); /* what each pass needs and stores; where long sums are cut */
void nest_row(Nest *n);         /* all passes; all parallel axes are entered */
void nest_band(Nest *n, LV *lo, LV *hi); /* the indices of the vector axis that the band has at the other axes */
void nest_fill(Nest *n, const uint32_t *store, uint32_t count, LV lo, LV hi); /* constants elsewhere */
void nest_store(Nest *n, const uint32_t *x, uint32_t count); /* stores of the point: all values first */

/* ---- nest_lanes.c ---- */
void nest_lanes_plan(Nest *n); /* memory; before any loop */
void nest_lanes_start(Nest *n, bool only_cut); /* of the reducers of the pass, or of their sums that can be cut */
void nest_lanes_load(Nest *n, LV i, LV *acc);  /* those of element i, by reducer as in acc_at */
void nest_lanes_store(Nest *n, LV i, const LV *acc);
LV nest_lanes_value(Nest *n, uint32_t i); /* of reducer i, when all elements are in */

/* ---- nest_keep.c ---- */
void nest_keep_plan(Nest *n); /* what is kept; before any loop */
void nest_keep_load(Nest *n); /* at a vector of the row: what earlier passes kept */
void nest_keep_store(Nest *n);

#endif
