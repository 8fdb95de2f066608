/* SPDX-License-Identifier: MIT
 * argsort.c: the places of a row in the order of its values: a merge sort from the bottom up, so stable, n log n whatever
 * the values are, and the same for any number of threads, which divide the rows.
 *
 *   for rows:  place = 0 .. n-1;  for width = 1, 4, 16 ... < n:  merge(place -> room, width);  merge(room -> place, 2 width)
 *
 * Passes come in pairs, so that the result ends in its own place; one behind the last that is needed copies. */
#include "loop/lowering.h"

typedef struct Sort {
    Gen e;
    LV x, n; /* values of the row; their number */
    uint8_t mem;
} Sort;

static LV least(LB *b, LV x, LV y)
{
    return l_sel(b, l_cmp(b, LP_lt, x, y), x, y);
}

static LV place_at(LB *b, LV from, LV i)
{
    return l_ptradd(b, from, l_bin(b, L_imul, i, l_i64(b, 4)), 0);
}

static LV load_place(LB *b, LV from, LV i)
{
    return l_load(b, place_at(b, from, i), 0, DT_i32, 1, 0);
}

static LV load_value(Sort *s, LV place)
{
    LB *b = &s->e.b;
    LV bytes = l_bin(b, L_imul, l_cvt(b, place, LT_i64), l_i64(b, dtype_bytes(s->mem)));
    return l_load(b, l_ptradd(b, s->x, bytes, 0), 0, s->mem, 1, 0);
}

/* Is x to stand before y, where y is before x in the row? NaN counts as above all. */
static LV goes_first(Sort *s, LV x, LV y)
{
    LB *b = &s->e.b;
    bool falls = s->e.k->descending;
    LV first = l_cmp(b, falls ? LP_gt : LP_lt, x, y);
    if (!l_is_float(l_type(b, x))) return first;
    LV x_nan = l_cmp(b, LP_ne, x, x), y_nan = l_cmp(b, LP_ne, y, y);
    LV apart = falls ? l_bin(b, L_and, x_nan, l_un(b, L_not, y_nan)) : l_bin(b, L_and, y_nan, l_un(b, L_not, x_nan));
    return l_bin(b, L_or, first, apart);
}

/* Pairs of neighbouring runs of `width` places become one: i goes through the first, j through the second. */
static void merge_runs(Sort *s, LV from, LV to, LV width)
{
    LB *b = &s->e.b;
    LV one = l_i64(b, 1), twice = l_bin(b, L_iadd, width, width);
    LV lo = l_loop(b, l_i64(b, 0), s->n, twice, NULL, 0);
    LV start[2];
    start[0] = lo;
    start[1] = least(b, l_bin(b, L_iadd, lo, width), s->n);
    LV end = least(b, l_bin(b, L_iadd, lo, twice), s->n);
    LV k = l_loop(b, lo, end, one, start, 2);
    LV i = l_carried(b, k, 0), j = l_carried(b, k, 1);
    LV has_i = l_cmp(b, LP_lt, i, start[1]), has_j = l_cmp(b, LP_lt, j, end);
    LV a = load_place(b, from, l_sel(b, has_i, i, lo)), c = load_place(b, from, l_sel(b, has_j, j, lo));
    LV xa = load_value(s, a), xc = load_value(s, c);
    LV ahead = l_bin(b, L_or, l_un(b, L_not, has_i), goes_first(s, xc, xa));
    LV second = l_bin(b, L_and, has_j, ahead);
    l_store(b, place_at(b, to, k), 0, DT_i32, l_sel(b, second, c, a), 0);
    LV next[2];
    next[0] = l_sel(b, second, i, l_bin(b, L_iadd, i, one));
    next[1] = l_sel(b, second, l_bin(b, L_iadd, j, one), j);
    l_yield(b, k, next, 2);
    l_yield(b, lo, NULL, 0);
}

/* The number of widths 1, 4, 16 ... below n. */
static LV pairs_of_passes(Sort *s)
{
    LB *b = &s->e.b;
    LV start[2];
    start[0] = l_i64(b, 1);
    start[1] = l_i64(b, 0);
    LV t = l_loop(b, l_i64(b, 0), l_i64(b, 16), l_i64(b, 1), start, 2), next[2];
    next[0] = l_bin(b, L_imul, l_carried(b, t, 0), l_i64(b, 4));
    next[1] = l_bin(b, L_iadd, l_carried(b, t, 1), l_cvt(b, l_cmp(b, LP_lt, l_carried(b, t, 0), s->n), LT_i64));
    l_yield(b, t, next, 2);
    return l_result(b, t, 1);
}

int64_t lower_argsort(LoopModule *m, KProgram *p, const Kernel *k, const char *name)
{
    Sort *s = ARENA_NEW(m->arena, Sort);
    Gen *e = &s->e;
    gen_begin(e, m, p, k, name, 0);
    LB *b = &e->b;
    LV zero = l_i64(b, 0), one = l_i64(b, 1);
    LV lo = k->part < 0 ? zero : e->lo, hi = k->part < 0 ? gen_dim(e, k->axis[0]) : e->hi;
    s->n = gen_dim(e, k->axis[1]);
    s->mem = p->buf.at[k->rd.at[0].buf].dtype;
    LV pairs = pairs_of_passes(s);
    LV row = l_loop(b, lo, hi, one, NULL, 0);
    Point old = gen_save(e);
    gen_enter(e, 0, row);
    s->x = e->at.val[0];
    LV place = e->at.val[e->wr_at], room = e->at.val[e->wr_at + 1];
    LV i = l_loop(b, zero, s->n, one, NULL, 0);
    l_store(b, place_at(b, place, i), 0, DT_i32, l_cvt(b, i, LT_i32), 0);
    l_yield(b, i, NULL, 0);
    LV pair = l_loop(b, zero, pairs, one, &one, 1), width = l_carried(b, pair, 0);
    LV twice = l_bin(b, L_iadd, width, width);
    merge_runs(s, place, room, width);
    merge_runs(s, room, place, twice);
    LV next = l_bin(b, L_iadd, twice, twice);
    l_yield(b, pair, &next, 1);
    gen_restore(e, old);
    l_yield(b, row, NULL, 0);
    l_ret(b, 0);
    return 1;
}
