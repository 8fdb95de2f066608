/* SPDX-License-Identifier: MIT
 * product.c: products that are not rounded before they are added.
 *
 * A product of floats and the one addition, subtraction or sum that reads it are one operation with one rounding (ir.md#sums).
 * Which these are follows from the graph alone, never from what is stored, or which kernels become one: such a product is part of its
 * reader, whatever else has it in a buffer. Asserts and prints are no readers, but of what only they want. */
#include "kernel/build.h"

/* The one value that r goes into, as one operand; 0: there is none, or several. */
static Ref only_reader(const Builder *b, Ref r, const bool *result)
{
    Ref reader = 0;
    const bool *counts = b->needed[r] ? b->needed : b->live;
    if (result[r]) return 0;
    for (uint32_t i = b->uses.off[r]; i < b->uses.off[r + 1]; i++) {
        if (!counts[b->uses.use[i]]) continue;
        if (reader) return 0;
        reader = b->uses.use[i];
    }
    return reader;
}

static bool is_product(const Builder *b, Ref r)
{
    return b->g->node.at[r].op == OP_mul && dtype_is_float(graph_type(b->g, r)->dtype);
}

void products_find(Builder *b)
{
    uint32_t n = b->g->node.n + 1, updates = 0;
    bool *result = ARENA_ARRAY(b->arena, bool, n);
    uint32_t *before = ARENA_ARRAY(b->arena, uint32_t, n); /* updates, which change what a product reads */
    b->joined = ARENA_ARRAY(b->arena, uint8_t, n);
    b->part_of = ARENA_ARRAY(b->arena, Ref, n);
    for (uint32_t i = 0; i < b->g->result.n; i++)
        result[b->g->result.at[i].ref] |= !b->unwanted[i];
    for (Ref r = 1; r < b->g->node.n; r++) {
        uint8_t op = b->g->node.at[r].op;
        before[r] = updates += op == OP_update;
        if (!b->live[r] || (op != OP_add && op != OP_sub && op != OP_sum)) continue;
        for (uint32_t i = 0; i < b->g->node.at[r].n_in && !b->joined[r]; i++) {
            Ref in = graph_in(b->g, r, i);
            if (!is_product(b, in) || before[in] != updates || only_reader(b, in, result) != r) continue;
            b->joined[r] = (uint8_t)(i + 1);
            b->part_of[in] = r;
        }
    }
}
