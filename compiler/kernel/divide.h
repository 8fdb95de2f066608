/* SPDX-License-Identifier: MIT
 * divide.h: how threads divide a kernel. */
#ifndef NNC_KERNEL_DIVIDE_H
#define NNC_KERNEL_DIVIDE_H

#include "kernel/kernel.h"

enum { LEAST_PARALLEL_WORK = 2048 };
int kernel_parallel_axes(const Kernel *k); /* the first ones */
double kernel_work(const Dims *dims, const int64_t *sample, const Kernel *k); /* points of the domain */
/* Pieces of the axis that has most of them. */
int64_t kernel_most_pieces(const Dims *dims, const int64_t *sample, const Kernel *k, int32_t *axis);
/* The largest parallel axis, unless the work is too small to share. */
void kernel_choose_part(const Dims *dims, const int64_t *sample, Kernel *k);

#endif
