/* SPDX-License-Identifier: MIT
 * lend.h: values that lie in the gradient block for as long as no gradient is made there.
 *
 * Nothing of a gradient block is kept from one call to the next, and backward makes gradients from the last layer to the first. So the
 * block is empty where most values are in use, and what is low in it stays so longest: there lie the values that wait for the
 * first layers' gradients. A value is lent the memory below the lowest gradient that is made before it was read for the last time; its
 * table entry has this as its limit. What lies there at the sizes of the plan does so at smaller ones. Nothing
 * that is read behind an update lies there. Where a call has larger sizes, so
 * that one leaves its limit, the prologue says so in the entry `lent`, and all of them get memory of their own in the work area.
 *
 * Rows of some gradients have gaps, which an update reads as zeros, as those of weights are: they are cleared in front of it. */
#ifndef NNC_KERNEL_LEND_H
#define NNC_KERNEL_LEND_H

#include "kernel/build.h"
#include "kernel/place.h"

/* Bytes of the gradient block, 0: nothing of it will be lent, since there is little to lend, or little that may lie there. */
int64_t lend_bytes(const KProgram *p);
/* By kernel of the program: bytes of the gradients that are made there first. Before the kernels have numbers. */
int64_t *lend_made(const KProgram *p, Arena *arena);
/* The kernels that clear gaps. */
void lend_clear(Builder *b);
/* Table entries get their limits and formulas. `bytes`: by buffer, at the sizes of the plan. */
void lend_place(KProgram *p, const int64_t *bytes);

#endif
