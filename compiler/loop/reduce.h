/* SPDX-License-Identifier: MIT
 * reduce.h: accumulators of sum, max and argmax, and the order in which they are combined. Private
 * to loop/. */
#ifndef NNC_LOOP_REDUCE_H
#define NNC_LOOP_REDUCE_H

#include "loop/lowering.h"

/* An accumulator is one value, for argmax a value and its position (i32). */
typedef struct Reducer {
    uint32_t node; /* X_reduce */
    uint8_t op;
    LoopType type; /* of the value */
    int n_values;  /* 1, argmax 2 */
    bool fused;    /* sum of products, one rounding each */
} Reducer;

Reducer reducer_new(const Gen *e, uint32_t node);
/* Start values; first: position of the first element of each lane (i32), for argmax. */
void reducer_start(Gen *e, const Reducer *r, int lanes, LV first, LV *acc);
/* Takes in the node's operand at this point under a mask (0: all lanes); at: positions of the lanes
 * (argmax). */
void reducer_add(Gen *e, const Reducer *r, int lanes, LV mask, LV at, LV *acc);
/* acc = acc with other, which stands for later lanes. */
void reducer_combine(Gen *e, const Reducer *r, LV *acc, const LV *other);
/* n vectors of lanes, the logical lanes 0 .. n*lanes-1, to one scalar: 32-16-8-4-2-1 (lanes beyond
 * are empty). */
LV reducer_tree(Gen *e, const Reducer *r, LV *acc, int n);
/* The value of the reduce node from its accumulator. */
LV reducer_value(const Reducer *r, const LV *acc);

#endif
