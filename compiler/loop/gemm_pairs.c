/* SPDX-License-Identifier: MIT
 * gemm_pairs.c: sums of products of operands that are rounded to bf16 (docs/ir.md, "Operands").
 *
 *   for 32 of the last K axis at a time:  even = 0 + products 0, 2, .. 30;  odd = 0 + products 1, 3, .. 31;  sum += even + odd
 *
 * That is what the tile multiplication of processors with AMX does with the pairs that it reads, so code for them can have the same bits.
 * Here both chains of a whole block go side by side where there are registers for two chains for each sum (gemm_plan.c); elsewhere one
 * chain follows the other: a tile has as many at work as any other has sums. What waits, the even chains and the sums, lies on the stack.
 *
 * The first products of a chain stand in front of its loop: a loop that begins at 0 would have the zeros of the next one made in it, in
 * registers that it lacks. */
#include "loop/gemm.h"

#include <string.h>

enum {
    MOST_SUMS = MAX_ROWS * MAX_VECTORS,
    MOST_TERMS = 32, /* of a body of one chain; of more the sums would leave their registers */
    SIDE_TERMS = 2,  /* of each of two */
};

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

static LV begin_loop(Gemm *g, LV lo, LV hi, int64_t step, LV *sums, int n)
{
    LB *b = &g->e.b;
    LV loop = l_loop(b, lo, hi, l_i64(b, step), sums, n);
    if (n >= 4 && !g->e.m->target.compact) b->f->tiled = true;
    for (int i = 0; i < n; i++)
        sums[i] = l_carried(b, loop, i);
    return loop;
}

static void end_loop(Gemm *g, LV loop, LV *sums, int n)
{
    LB *b = &g->e.b;
    l_yield(b, loop, sums, n);
    for (int i = 0; i < n; i++)
        sums[i] = l_result(b, loop, i);
}

/* Products lo, lo + 2, .. below hi, added from 0 on. */
static void chain(Gemm *g, Tile *t, LV lo, LV hi, LV pa, LV pb)
{
    LB *b = &g->e.b;
    int n = t->rows * t->panel->n;
    int64_t from = 0, to = 0, count = -1;
    if (l_is_int(b, lo, &from) && l_is_int(b, hi, &to)) count = to > from ? (to - from + 1) / 2 : 0;
    gemm_zero_sums(g, t);
    bool all = count >= 0 && count * n <= most_terms(g);
    int terms = all ? (int)count : count < 0 ? 1 : together(g, count, n);
    for (int i = 0; i < terms && count > 0; i++)
        gemm_term(g, t, l_i64(b, from + 2 * i), pa, pb);
    if (all) return;
    LV loop = begin_loop(g, count < 0 ? lo : l_i64(b, from + 2 * terms), hi, 2 * terms, t->acc, n);
    for (int i = 0; i < terms; i++)
        gemm_term(g, t, l_bin(b, L_iadd, loop, l_i64(b, 2 * i)), pa, pb);
    end_loop(g, loop, t->acc, n);
}

/* Terms `at` to `at` + SIDE_TERMS of each chain; sums: the even ones, then the odd ones. */
static void side_terms(Gemm *g, Tile *t, LV at, LV pa, LV pb, LV *sums)
{
    LV *acc = t->acc;
    for (int i = 0; i < 2 * SIDE_TERMS; i++) {
        t->acc = sums + i % 2 * t->rows * t->panel->n;
        gemm_term(g, t, l_bin(&g->e.b, L_iadd, at, l_i64(&g->e.b, i)), pa, pb);
    }
    t->acc = acc;
}

/* Both chains of a whole block. */
static void side_by_side(Gemm *g, Tile *t, LV pa, LV pb, LV *even)
{
    LB *b = &g->e.b;
    LV sums[2 * MOST_SUMS];
    size_t n = (size_t)(t->rows * t->panel->n);
    gemm_zero_sums(g, t);
    memcpy(sums, t->acc, n * sizeof *sums);
    memcpy(sums + n, t->acc, n * sizeof *sums);
    side_terms(g, t, l_i64(b, 0), pa, pb, sums);
    LV loop = begin_loop(g, l_i64(b, 2 * SIDE_TERMS), l_i64(b, OPERAND_BLOCK), 2 * SIDE_TERMS, sums, 2 * (int)n);
    side_terms(g, t, loop, pa, pb, sums);
    end_loop(g, loop, sums, 2 * (int)n);
    memcpy(even, sums, n * sizeof *sums);
    memcpy(t->acc, sums + n, n * sizeof *sums);
}

/* Registers for the sums of two chains, vectors of B and an element of A. */
static bool has_room_for_two(const Gemm *g, const Tile *t)
{
    int n = t->rows * t->panel->n;
    return n >= 4 && 2 * n + t->panel->n + 2 <= g->e.m->target.n_registers;
}

/* Adds the first `count` products from where pa and pb are. */
static void block(Gemm *g, Tile *t, LV count, LV pa, LV pb)
{
    LB *b = &g->e.b;
    LV sum[MOST_SUMS], even[MOST_SUMS];
    int n = t->rows * t->panel->n;
    int64_t known = 0;
    memcpy(sum, t->acc, sizeof *sum * (size_t)n);
    if (has_room_for_two(g, t) && l_is_int(b, count, &known) && known == OPERAND_BLOCK) {
        side_by_side(g, t, pa, pb, even);
    } else {
        chain(g, t, l_i64(b, 0), count, pa, pb);
        memcpy(even, t->acc, sizeof *even * (size_t)n);
        chain(g, t, l_i64(b, 1), count, pa, pb);
    }
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
