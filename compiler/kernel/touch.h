/* SPDX-License-Identifier: MIT
 * touch.h: what memory a kernel reads and writes, and which kernels may change places. */
#ifndef NNC_KERNEL_TOUCH_H
#define NNC_KERNEL_TOUCH_H

#include "kernel/kernel.h"

typedef struct Touch {
    uint64_t memory;
    bool write;
} Touch;
typedef struct Touches { /* every place once, ascending; in `any` and `written` a bit for it by a hash */
    VEC(Touch) list;
    uint64_t any, written;
    bool update, external, expect, probe; /* what the kernel has */
} Touches;

/* Adds what k and the kernels of its body touch. */
void touch_all(const KProgram *p, Arena *arena, const Kernel *k, Touches *t);
bool touches_independent(const Touches *x, const Touches *k); /* may the kernels that touch x and k be exchanged? */

#endif
