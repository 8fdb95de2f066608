/* SPDX-License-Identifier: MIT
 * gemm_pairs.c: sums of products of operands that are rounded to bf16 (docs/ir.md, "Operands").
 *
 *   for 32 of the last K axis at a time:  even = 0 + products 0, 2, .. 30;  odd = 0 + products 1, 3, .. 31;  sum += even + odd
 *
 * That is what the tile multiplication of processors with AMX does with the pairs that it reads, so code for them can have the same bits.
 * Here one chain follows the other: a tile has as many at work as any other has sums, and what waits, the even chains and the sums, lies
 * on the stack. (Both chains of half the rows at a time are slower where A is read across its rows.) */
#include "loop/gemm.h"

#include <string.h>

enum { MOST_TERMS = 224 }; /* of a body */

static int most_terms(const Gemm *g)
{
    return g->e.m->target.compact ? 1 : MOST_TERMS;
}

/* Terms of a chain of `count` that the body of its loop has. */
static int together(const Gemm *g, int64_t count, int sums)
{
    for (int n = OPERAND_BLOCK / 2; n > 1; n /= 2)
        if (count % n == 0 && n * sums <= most_terms(g)) return n;
    return 1;
}

/* Products lo, lo + 2, .. below hi, added from 0 on. */
static void chain(Gemm *g, Tile *t, LV lo, LV hi, LV pa, LV pb)
{
    LB *b = &g->e.b;
    int n = t->rows * t->panel->n;
    int64_t from = 0, to = 0, count = -1;
    if (l_is_int(b, lo, &from) && l_is_int(b, hi, &to)) count = to > from ? (to - from + 1) / 2 : 0;
    gemm_zero_sums(g, t);
    if (count >= 0 && count * n <= most_terms(g)) {
        for (int64_t i = 0; i < count; i++)
            gemm_term(g, t, l_i64(b, from + 2 * i), pa, pb);
        return;
    }
    int terms = count < 0 ? 1 : together(g, count, n);
    LV loop = l_loop(b, lo, hi, l_i64(b, 2 * terms), t->acc, n);
    if (n >= 4 && !g->e.m->target.compact) b->f->tiled = true;
    for (int i = 0; i < n; i++)
        t->acc[i] = l_carried(b, loop, i);
    for (int i = 0; i < terms; i++)
        gemm_term(g, t, l_bin(b, L_iadd, loop, l_i64(b, 2 * i)), pa, pb);
    l_yield(b, loop, t->acc, n);
    for (int i = 0; i < n; i++)
        t->acc[i] = l_result(b, loop, i);
}

/* Adds the first `count` products from where pa and pb are. */
static void block(Gemm *g, Tile *t, LV count, LV pa, LV pb)
{
    LB *b = &g->e.b;
    LV sum[MAX_ROWS * MAX_VECTORS], even[MAX_ROWS * MAX_VECTORS];
    int n = t->rows * t->panel->n;
    memcpy(sum, t->acc, sizeof *sum * (size_t)n);
    chain(g, t, l_i64(b, 0), count, pa, pb);
    memcpy(even, t->acc, sizeof *even * (size_t)n);
    chain(g, t, l_i64(b, 1), count, pa, pb);
    for (int i = 0; i < n; i++)
        t->acc[i] = l_bin(b, L_fadd, sum[i], l_bin(b, L_fadd, even[i], t->acc[i]));
}

/* most: where the last block may end before its time; 0: all are whole. */
static void blocks(Gemm *g, Tile *t, LV lo, LV hi, LV most, LV pa, LV pb)
{
    LB *b = &g->e.b;
    int n = t->rows * t->panel->n, last = g->n_k - 1;
    LV whole = l_i64(b, OPERAND_BLOCK), at = l_loop(b, lo, hi, whole, t->acc, n);
    for (int i = 0; i < n; i++)
        t->acc[i] = l_carried(b, at, i);
    LV count = most ? gemm_smaller(b, l_bin(b, L_isub, most, at), whole) : whole;
    block(g, t, count, gemm_at_index(g, pa, at, t->a.step[last]), gemm_at_index(g, pb, at, t->b.step[last]));
    l_yield(b, at, t->acc, n);
    for (int i = 0; i < n; i++)
        t->acc[i] = l_result(b, at, i);
}

void gemm_pairs(Gemm *g, Tile *t, LV lo, LV hi, LV pa, LV pb)
{
    LB *b = &g->e.b;
    LV most = l_i64(b, -OPERAND_BLOCK);
    int64_t from = 0, to = 0;
    int last = g->n_k - 1;
    bool known = l_is_int(b, lo, &from) && l_is_int(b, hi, &to);
    if (known && to <= from) return;
    LV first = l_bin(b, L_and, lo, most), end = l_bin(b, L_iadd, first, l_bin(b, L_and, l_bin(b, L_isub, hi, first), most));
    if (!known || to / OPERAND_BLOCK > from / OPERAND_BLOCK) blocks(g, t, first, end, 0, pa, pb);
    if (!known) blocks(g, t, end, hi, hi, pa, pb);
    if (!known || to % OPERAND_BLOCK == 0) return;
    block(g, t, l_i64(b, to % OPERAND_BLOCK), gemm_at_index(g, pa, end, t->a.step[last]), gemm_at_index(g, pb, end, t->b.step[last]));
}
