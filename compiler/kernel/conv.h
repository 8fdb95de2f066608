/* SPDX-License-Identifier: MIT
 * conv.h: what the files that build convolutions share. Private to kernel/.
 *
 * conv.c has the contractions, conv_operand.c what they read, conv_phase.c which taps meet which rows, conv_overlap.c another
 * way for few channels. */
#ifndef NNC_KERNEL_CONV_H
#define NNC_KERNEL_CONV_H

#include "kernel/gemm.h"

/* ---- conv_operand.c ---- */

typedef struct ConvSizes {
    Conv c;
    Ref x, y, w;                            /* whichever are operands; the other is 0 */
    Dim n, o[2], channels, outputs, cg, og; /* per group */
    Dim groups;
} ConvSizes;

ConvSizes conv_sizes(Builder *b, Ref r);
int64_t conv_vectors(int64_t n); /* of n channels, for costs: the same on every machine */
Dim conv_plus(Builder *b, Dim x, Dim y);
Dim conv_times(Builder *b, Dim x, int64_t k);
/* v [N, H, W, C] with zeros around, or what of it lies in lo .. lo + extent - 1; its home, or the plain one if nothing is added. */
Home conv_padded(Builder *b, Ref v, const Dim *lo, const Dim *extent, const char *what);
Ref conv_source(const ConvSizes *s); /* of modes 0 and 1: what is not the weights */

/* ---- conv_phase.c ----
 *
 *   y[h]  = sum over the taps k of x[h * stride + k * dil - lo] * w[k]
 *   dx[h] = sum over the taps k of dy[(h + lo - k * dil) / stride] * w[k], where that is a row of dy
 *
 * Of the second, rows h that are equal modulo the stride meet the same taps, whose rows of dy are affine in h: they are a
 * phase. The taps of a phase are stride / gcd(stride, dil) apart. Nothing is multiplied that is not there. All rows of the
 * first are one phase. x and dy are the source below, rows outside of it are zeros. */
typedef struct Phase { /* of one axis: rows stride * j + first + i of the result, i < n, that meet the source in the same way */
    int64_t stride, first, n;
    Dim rows;             /* j */
    Dim tap, taps;        /* taps tap + i + step * a, a < taps */
    int64_t step;
    Dim at;               /* the row of the source for j and a is at + along * j - back * a */
    int64_t along, back;
} Phase;
const Phase *conv_phases(Builder *b, const ConvSizes *s, int axis, int *n);
/* The rows of the source that all phases ask for are -lo .. extent - lo - 1. */
void conv_padding(Builder *b, const ConvSizes *s, int axis, Dim *lo, Dim *extent);
Ax conv_phase_rows(Builder *b, const Phase *p, const Ax *j, const Ax *i);
Ax conv_phase_tap(Builder *b, const Phase *p, const Ax *a, const Ax *i);
Ax conv_phase_source(Builder *b, const Phase *p, const Ax *j, const Ax *a);

/* ---- conv_overlap.c ---- */
/* Builds a convolution or data gradient to few channels as a product, then adds what overlaps; false: that gains nothing. */
bool conv_build_overlap(Builder *b, Ref conv, Ref root);

#endif
