/* SPDX-License-Identifier: MIT
 * lowering.h: what the files that lower kernels share. Private to loop/.
 *
 * A Gen generates the function of one kernel. Everything that is affine in the domain axes
 * (addresses of accesses, index values, bounds of boxes) is an Affine whose value grows as axes are
 * entered; a Point is the state at the place where code is being generated: values of the affines
 * and of the expression nodes computed so far, and the lanes of the vector axis. Leaving a loop
 * restores the Point of before, so a value is never used where it does not dominate. */
#ifndef NNC_LOOP_LOWERING_H
#define NNC_LOOP_LOWERING_H

#include "loop/loop.h"

enum { SUM_LANES = 32 }; /* logical lanes of a sum along the vector axis, on every machine */
/* What a kernel gets by `iter`: the counters, the address of the thread's scratch memory, its part of the spare axis. */
enum { SLOT_SCRATCH = MAX_COUNTERS, SLOT_SPARE_LO, SLOT_SPARE_HI, N_SLOTS };

typedef struct Affine {
    const Dim *stride, *iter; /* by axis; by scan counter (or NULL) */
    Dim off;                  /* 0: none */
    int64_t scale;            /* bytes of an element for addresses, else 1 */
    LV start;                 /* address or value before any axis is entered */
    bool pointer;
} Affine;

typedef struct Point {
    LV *val;        /* by affine */
    LV *memo;       /* by expression node */
    uint32_t bound; /* axes entered */
    int lanes;      /* of the vector axis, once entered; else 1 */
    LV mask;        /* its active lanes, 0 = all */
} Point;

typedef struct DimValue {
    Dim dim;
    LV v;
} DimValue;

typedef struct Gen {
    LB b;
    LoopModule *m;
    KProgram *p;
    const Kernel *k; /* with merged axes */
    Arena *arena;
    Dims *dims;
    LV ctx, lo, hi, iter, table, base;
    VEC(DimValue) dim;
    VEC(LV) iters;                   /* counters of the enclosing scans */
    VEC(Affine) affine;              /* rd, wr, idx, then boxes (rd, wr) */
    uint32_t wr_at, idx_at, *box_at; /* box_at: by access, rd then wr */
    uint32_t *deps;                  /* by node: axes it varies with */
    uint8_t *pass;                   /* by node: reduction passes that come before it */
    int vec;                         /* vector axis, -1 none */
    int width;                       /* lanes of a full vector */
    int done;                        /* reduction passes done */
    int spare;                       /* axis that threads divide in calls where `part` has too few pieces, or -1 */
    LV spare_lo, spare_hi;
    int64_t scratch;                 /* bytes that gen_scratch has given */
    Point at;
} Gen;

/* ---- gen.c xnode.c ---- */
/* Opens the function: parameters, sizes, base addresses, facts about the nodes. reduced: axes that
 * X_reduce removes. */
void gen_begin(Gen *e, LoopModule *m, KProgram *p, const Kernel *k, const char *name, uint32_t reduced);
uint32_t gen_deps(const Gen *e, const Access *a); /* axes an access varies with */
uint32_t gen_access_mask(const Dim *stride, const Dims *dims);
LV gen_dim(Gen *e, Dim dim); /* i64; 0 (none) is 0 */
bool gen_const(const Gen *e, Dim dim, int64_t *value);
void gen_bounds(Gen *e, int axis, LV *lo, LV *hi); /* of an axis in this call: of one that is divided a part; of none (-1) 0 .. 1 */
/* Of these axes the one that has most to divide where the batch is small (-1: none); its part is known from here on. */
void gen_choose_spare(Gen *e, const int *axis, int n);
void gen_open_spare(Gen *e, int axis); /* it is this one */
int gen_vectors_together(const Gen *e); /* of a kernel: vectors of elements side by side, so that long chains of operations overlap */
/* Memory of the thread for the time of the kernel, behind what it has already; the program gets as much as the most. */
LV gen_scratch(Gen *e, int64_t bytes);
Point gen_save(Gen *e);
void gen_restore(Gen *e, Point p);
int gen_lanes(int64_t elements); /* of a vector for so many: the least power of two that is not less, at most 64 */
void gen_enter(Gen *e, int axis, LV counter);
void gen_enter_vector(Gen *e, int axis, LV counter, int lanes, LV mask);
LV gen_address(Gen *e, const Access *a, LV p); /* base of a buffer + offset of an access, no axis entered */
LV xnode_eval(Gen *e, uint32_t x);
LV xnode_spread(Gen *e, LV v, int lanes);
LV xnode_store_value(Gen *e, uint32_t x); /* value of X_st node x, as its buffer wants it */
void xnode_store(Gen *e, uint32_t x, LV value);
int xnode_inputs(const Gen *e, uint32_t x, uint32_t in[6]); /* what a node reads (through a fused multiplication) */
void xnode_want(const Gen *e, uint32_t x, bool *want); /* marks x and what it needs */
void xnode_hoist(Gen *e, const bool *want); /* computes the wanted nodes that can be computed here */
LoopType xnode_type(uint8_t dtype);

/* ---- band.c ---- */
typedef struct Range { /* of integers; one integer: both are the same value */
    LV first, last;
} Range;
/* Of indices lo .. hi - 1 of an axis those at which the box holds for some value `at` that it has at index 0. */
void gen_narrow(Gen *e, const struct AccessBox *x, int axis, Range at, LV *lo, LV *hi);
/* At from .. to - 1 of the vector axis: the constants that stores have outside of the band. */
void gen_fill(Gen *e, const uint32_t *store, uint32_t n, LV from, LV to);

/* ---- transpose.c ---- */
/* An axis along which a load is contiguous that is strided along the vector axis; -1: none worth a
 * transposition. */
int transpose_axis(const Gen *e);
/* W by W elements: the vector axis is entered with all lanes, the other axis is at `start`. value[x
 * * W + i] becomes the value of load node x at start + i, for the nodes that are transposed (0 for
 * all others). */
void transpose_loads(Gen *e, int axis, LV start, LV *value);

/* ---- nest.c gemm.c scatter.c group.c other.c ---- */
typedef struct Spare { /* the axis that is divided where the other one has too few pieces */
    Dim extent;        /* 0: there is none */
    int64_t granule;
} Spare;
typedef struct Lowered { /* what the driver must know of a kernel */
    const Kernel *k;     /* merged */
    const char *name;    /* of the function */
    int64_t granule;     /* of the parts of the axis */
    Spare spare;
} Lowered;
int64_t lower_nest(LoopModule *m, KProgram *p, const Kernel *k, const char *name, Spare *spare); /* each returns the granule */
int64_t lower_gemm(LoopModule *m, KProgram *p, const Kernel *k, const char *name, Spare *spare);
int64_t lower_scatter(LoopModule *m, KProgram *p, const Kernel *k, const char *name);
int64_t lower_argsort(LoopModule *m, KProgram *p, const Kernel *k, const char *name);
void lower_group(LoopModule *m, KProgram *p, const Kernel *k, const char *name, const Lowered *by_order); /* its body is lowered */
void lower_probe(LoopModule *m, KProgram *p, const Kernel *k, const char *name);
void lower_extern(LoopModule *m, KProgram *p, const Kernel *k, const char *name);
void lower_update(LoopModule *m, KProgram *p, const Kernel *k, const char *name);

/* ---- driver.c prologue.c ---- */
void lower_driver(LoopModule *m, KProgram *p, const char *prefix, const Lowered *by_order);
void lower_prologue(LoopModule *m, KProgram *p, const char *name);

#endif
