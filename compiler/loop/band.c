/* SPDX-License-Identifier: MIT
 * band.c: the part of an axis that a box leaves (an operand's zeros, the band of a kernel), and the constants of stores outside of it. */
#include "loop/lowering.h"

/* The least j with at + s j >= bound, for s > 0. */
static LV first_from(LB *b, LV bound, LV at, int64_t s)
{
    LV way = l_bin(b, L_isub, bound, at);
    if (s == 1) return way;
    return l_bin(b, L_ifdiv, l_bin(b, L_iadd, way, l_i64(b, s - 1)), l_i64(b, s));
}

static LV larger(LB *b, LV x, LV y)
{
    int64_t i, j;
    if (l_is_int(b, x, &i) && l_is_int(b, y, &j)) return i > j ? x : y;
    return l_sel(b, l_cmp(b, LP_gt, x, y), x, y);
}

static LV smaller(LB *b, LV x, LV y)
{
    int64_t i, j;
    if (l_is_int(b, x, &i) && l_is_int(b, y, &j)) return i < j ? x : y;
    return l_sel(b, l_cmp(b, LP_lt, x, y), x, y);
}

static LV negative(LB *b, LV x)
{
    return l_bin(b, L_isub, l_i64(b, 0), x);
}

/* Can the value of the box be below lo, or hi and more? */
static void find_bounds(const Gen *e, const struct AccessBox *x, bool *below, bool *above)
{
    int64_t s, n, lo, hi, least, most;
    *below = *above = true;
    if (!gen_const(e, x->lo, &lo) || !gen_const(e, x->hi, &hi) || !gen_const(e, x->off, &least)) return;
    most = least;
    for (int a = 0; a < e->k->n_axes; a++) {
        if (!gen_const(e, x->stride[a], &s) || (s && !gen_const(e, e->k->axis[a], &n))) return;
        if (s < 0)
            least += s * (n - 1);
        else if (s > 0)
            most += s * (n - 1);
    }
    *below = least < lo;
    *above = most >= hi;
}

void gen_narrow(Gen *e, const struct AccessBox *x, int axis, Range at, LV *lo, LV *hi)
{
    LB *b = &e->b;
    int64_t s;
    bool below, above;
    LV from = gen_dim(e, x->lo), to = gen_dim(e, x->hi);
    find_bounds(e, x, &below, &above);
    if (!gen_const(e, x->stride[axis], &s) || s == 0) return;
    if (s < 0) { /* -at + |s| j is in 1 - to .. -from */
        LV one = l_i64(b, 1), least = l_bin(b, L_isub, one, to), first = negative(b, at.last);
        to = l_bin(b, L_isub, one, from);
        from = least;
        at.last = at.last == at.first ? first : negative(b, at.first);
        at.first = first;
        s = -s;
        bool was_below = below;
        below = above, above = was_below;
    }
    if (below) *lo = larger(b, first_from(b, from, at.last, s), *lo);
    if (above) *hi = smaller(b, first_from(b, to, at.first, s), *hi);
}

void gen_fill(Gen *e, const uint32_t *store, uint32_t n, LV from, LV to)
{
    LB *b = &e->b;
    bool some = false;
    for (uint32_t i = 0; i < n; i++)
        some |= !e->k->wr.at[e->k->x.at[store[i]].access].open;
    if (!some) return;
    LV at = l_loop(b, from, to, l_i64(b, e->width), NULL, 0);
    Point old = gen_save(e);
    gen_enter_vector(e, e->vec, at, e->width, l_maskn(b, l_bin(b, L_isub, to, at), e->width));
    for (uint32_t i = 0; i < n; i++) {
        const Access *a = &e->k->wr.at[e->k->x.at[store[i]].access];
        LoopType type = xnode_type(e->p->buf.at[a->buf].dtype);
        if (!a->open) xnode_store(e, store[i], l_float(b, type, e->width, a->fill));
    }
    gen_restore(e, old);
    l_yield(b, at, NULL, 0);
}
