/* SPDX-License-Identifier: MIT
 * kernel_interpret.h: reference execution of kernels in double precision, by naive loops with the real memory plan. Every access
 * is checked against its buffer, the last writer and races between threads. */
#ifndef NNC_TESTS_KERNEL_INTERPRET_H
#define NNC_TESTS_KERNEL_INTERPRET_H

#include "kernel/kernel.h"

/* In a block the element that compiled code has at byte k is double k. */
typedef struct KernelBlocks {
    double *model, *train, *sums, *options;
    int64_t counters[7];
} KernelBlocks;
/* NULL, or what is wrong. args: n_args + n_results dense arrays of doubles. */
const char *kernel_interpret(const KProgram *p, const int64_t *symbols, double *const *args, KernelBlocks *blocks, InterpretHooks *hooks,
                             Arena *arena);

#endif
