/* SPDX-License-Identifier: MIT
 * gemm.h: what the files that build contractions share. Private to kernel/.
 *
 * gemm.c has the operands, the epilogue and dots, conv.c the convolutions. */
#ifndef NNC_KERNEL_GEMM_H
#define NNC_KERNEL_GEMM_H

#include "kernel/build.h"

typedef struct Gemm { /* one kernel of a contraction */
    Builder *b;
    Kernel *k;
    Map out; /* of the contraction's result */
    Access a, bb;
    bool adds;        /* no products: terms are added in this order (of none: 0); all axes are AX_PAR */
    VEC(Access) term;
    const void *part; /* of a contraction in several kernels: what this one makes */
} Gemm;

typedef void Shape(Gemm *gm, Ref r); /* axes, accesses and the result's map of one kind of contraction */
/* One kernel, with the epilogue up to the kept value `root`, which is stored at `to`. */
void gemm_kernel(Builder *b, Ref contraction, Ref root, const Home *to, Shape *shape, const void *part);
void gemm_product(Builder *b, Ref contraction, const Home *to, Shape *shape, const void *part); /* nothing but the product, to `to` */
void gemm_only_kernel(Builder *b, Ref contraction, Ref root, Shape *shape); /* `root` has its home then */

/* One axis of the domain for an extent, or index 0 for an extent of 1. */
Ax gemm_axis(Builder *b, Kernel *k, Dim extent, AxisClass cls);
/* A copy of v with its axes in the order perm; gives its home by v's axes. Rows whose length is a
 * multiple of 1 kB are kept apart by a line. */
Home gemm_packed(Builder *b, Ref v, const int *perm);
/* A copy that was made before, or NULL; copies are known by their value and a key. */
const Home *gemm_copied(const Builder *b, Ref r, const Dim *key);
void gemm_remember_copy(Builder *b, Ref r, const Dim *key, const Home *home);

#endif
