/* SPDX-License-Identifier: MIT
 * band.h: kernels do what is not masked, and nothing else.
 *
 *   S[i,j] = where(j <= i, (Q K^T)[i,j], -3e38)        tiles with some j <= i
 *   P[i,j] = exp(S[i,j] - max_j S) / sum_j ..          j up to i; zeros behind
 *   O[i,e] = sum_j P[i,j] V[j,e]                       j up to the last row of a tile
 *
 * A band is a set of points of a kernel, lo <= v < hi for an affine v of two of its axes. It begins with a `where` whose condition
 * compares indices and holds inside of the band only; its other branch is a constant. What becomes of that constant is followed through
 * the kernels of a program, or of the body of a group: a maximum passes it by if it is a mask (MASK_BELOW and less; see ir.md, "Masks"), exp of it minus the maximum of its row is
 * 0, and so is a product with 0. A kernel gets a band if outside of it
 *   - reductions meet nothing but what they begin with, and
 *   - each store is of a constant, which loops can fill in, or of what nobody reads there: all that read it have bands within.
 * An operand of a contraction that is 0 outside of a band says so (Access.zeros), if one of its K axes is in it. Kernels before a mask
 * get the band of those that read them. */
#ifndef NNC_KERNEL_BAND_H
#define NNC_KERNEL_BAND_H

#include "kernel/kernel.h"

#define MASK_BELOW (-1e37)

/* Points of a kernel with lo <= v < hi, v = sum stride * index. */
typedef struct Band {
    int64_t stride[MAX_AXES], lo, hi; /* the last stride that is not 0 is positive; -NO_BOUND, NO_BOUND: none */
} Band;
#define NO_BOUND ((int64_t)1 << 40)

/* What a value is outside of a band: anything, a constant, or so low that it can only be a mask. */
typedef enum { VALUE_ANY, VALUE_CONST, VALUE_MASK } ValueKind;
typedef struct Value {
    ValueKind kind;
    double number;
    bool exact; /* a mask: inside of the band there is none */
} Value;

typedef struct BandFact { /* of a buffer that one kernel writes */
    Value value;      /* outside of the band, of that kernel by that access */
    Band band;
    const Kernel *by;
    const Access *to;
    bool tame, high;  /* no element is a mask; a maximum of rows with an element that is none */
} BandFact;

typedef struct Bands {
    KProgram *p;
    Arena *scratch;
    const uint32_t *writers; /* accesses that write, by buffer */
    BandFact *fact;          /* by buffer */
} Bands;

/* Of a program and its groups, behind all that changes kernels. least: indices of a band's axes, so that it is worth it; 0: the usual. */
void bands_find(KProgram *p, Arena *scratch, int64_t least);

/* band_value.c */
/* What nodes of a kernel are outside of a band. False: a reduction would notice if they were left out. high: by node, as in BandFact. */
bool band_values(const Bands *b, const Kernel *k, const Band *band, Value *value, bool *high);
void band_tame(const Bands *b, const Kernel *k, bool *tame); /* by node: is it certainly no mask? */
/* The band that a read of a buffer has outside of which it is a constant or a mask; false: none. */
bool band_of_read(const Bands *b, const Kernel *k, const Access *a, Band *band);
/* A band of kernel k by access a as a band of kernel l, which reads or writes elements of the same buffer by access c. */
bool band_across(const Bands *b, const Kernel *k, const Access *a, const Band *from, const Kernel *l, const Access *c, Band *to);
bool band_within(const Band *inner, const Band *outer); /* as sets of points of one kernel */
/* The two axes of a band; false: it has others, or their extents are not known. */
bool band_axes(const Bands *b, const Kernel *k, const Band *band, int axis[2], int64_t extent[2]);
/* Outside of which node x is false, or (if not `truth`) true. exact: inside it is not. */
bool band_of_condition(const Bands *b, const Kernel *k, uint32_t x, bool truth, Band *band, bool *exact);

#endif
