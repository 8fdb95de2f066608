/* SPDX-License-Identifier: MIT
 * order.h: the order of additions in a nest (ir.md#sums).
 *
 * It follows from what the kernel of the sum reads, when that kernel is made. What it is merged with later has other accesses, for
 * which other loops might be better; kernels that would have to change the order of a sum are not merged. */
#ifndef NNC_KERNEL_ORDER_H
#define NNC_KERNEL_ORDER_H

#include "kernel/kernel.h"

/* The axis of a nest that vectors go along, or -1. Chosen by the strides of the program alone, never by the machine. */
int kernel_vector_axis(Arena *arena, const Dims *dims, const Kernel *k);
void order_fix(Arena *arena, Dims *dims, Kernel *k); /* sets k->sum, if k adds up floats */
/* The order of both p and q in `to`, which is p and q as one kernel; false: there is none. */
bool order_joins(Dims *dims, const Kernel *p, const Kernel *q, Kernel *to);

#endif
