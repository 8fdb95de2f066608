/* SPDX-License-Identifier: MIT
 * reduce.c: sum, max and argmax (see reduce.h).
 *
 * max: a NaN wins; bool: any. argmax: the first position of the largest; the first NaN if there is
 * one. A sum starts at 0 in each lane, so empty lanes change nothing and may be left out of the
 * tree. */
#include "loop/reduce.h"

#include <math.h>

static const XNode *operand(const Gen *e, const Reducer *r)
{
    return &e->k->x.at[e->k->x.at[r->node].in[0] - 1];
}

Reducer reducer_new(const Gen *e, uint32_t node)
{
    const XNode *x = &e->k->x.at[node];
    Reducer r = {.node = node, .op = x->op, .n_values = x->op == OP_argmax ? 2 : 1};
    const XNode *in = operand(e, &r);
    r.type = xnode_type(in->dtype);
    r.fused = x->fma != 0;
    if (x->op != OP_sum && x->op != OP_max && x->op != OP_argmax) BUG("kernel %s: reduction %s", e->k->name, op_names[x->op]);
    return r;
}

void reducer_start(Gen *e, const Reducer *r, int lanes, LV first, LV *acc)
{
    LB *b = &e->b;
    bool sum = r->op == OP_sum;
    if (l_is_float(r->type))
        acc[0] = l_float(b, r->type, lanes, sum ? 0 : -INFINITY);
    else if (r->type == LT_mask)
        acc[0] = l_int(b, LT_mask, lanes, 0);
    else
        acc[0] = l_int(b, r->type, lanes, sum ? 0 : r->type == LT_i32 ? INT32_MIN : INT64_MIN);
    if (r->n_values == 2) acc[1] = first;
}

/* Does y come before x as the maximum? (x was there first) */
static LV exceeds(Gen *e, LV x, LV y, bool first_nan)
{
    LB *b = &e->b;
    LoopType t = l_type(b, x);
    if (t == LT_mask) return l_bin(b, L_and, l_un(b, L_not, x), y);
    LV more = l_cmp(b, LP_lt, x, y);
    if (!l_is_float(t)) return more;
    LV nan = l_cmp(b, LP_ne, y, y);
    if (first_nan) nan = l_bin(b, L_and, nan, l_cmp(b, LP_eq, x, x));
    return l_bin(b, L_or, more, nan);
}

static LV under(Gen *e, LV mask, LV take)
{
    return mask ? l_bin(&e->b, L_and, mask, take) : take;
}

void reducer_add(Gen *e, const Reducer *r, int lanes, LV mask, LV at, LV *acc)
{
    LB *b = &e->b;
    if (mask) mask = xnode_spread(e, mask, lanes);
    if (r->fused) {
        const XNode *mul = operand(e, r);
        LV x = xnode_spread(e, xnode_eval(e, mul->in[0] - 1), lanes);
        LV sum = l_fma(b, x, xnode_spread(e, xnode_eval(e, mul->in[1] - 1), lanes), acc[0]);
        acc[0] = mask ? l_sel(b, mask, sum, acc[0]) : sum;
        return;
    }
    LV x = xnode_spread(e, xnode_eval(e, e->k->x.at[r->node].in[0] - 1), lanes);
    if (r->op == OP_sum) {
        LV sum = l_bin(b, l_is_float(r->type) ? L_fadd : L_iadd, acc[0], x);
        acc[0] = mask ? l_sel(b, mask, sum, acc[0]) : sum;
    } else if (r->op == OP_max && r->type == LT_mask) {
        acc[0] = l_bin(b, L_or, acc[0], under(e, mask, x));
    } else {
        LV take = under(e, mask, exceeds(e, acc[0], x, r->op == OP_argmax));
        acc[0] = r->type == LT_mask ? l_bin(b, L_or, acc[0], take) : l_sel(b, take, x, acc[0]);
        if (r->n_values == 2) acc[1] = l_sel(b, take, at, acc[1]);
    }
}

void reducer_combine(Gen *e, const Reducer *r, LV *acc, const LV *other)
{
    LB *b = &e->b;
    LV x = acc[0], y = other[0];
    if (r->op == OP_sum) {
        acc[0] = l_bin(b, l_is_float(r->type) ? L_fadd : L_iadd, x, y);
        return;
    }
    if (r->op == OP_max && r->type == LT_mask) {
        acc[0] = l_bin(b, L_or, x, y);
        return;
    }
    LV take = exceeds(e, x, y, r->op == OP_argmax);
    if (r->n_values == 2) { /* of equals the earlier position */
        LV same, earlier = l_cmp(b, LP_lt, other[1], acc[1]);
        if (r->type == LT_mask) {
            same = l_un(b, L_not, l_bin(b, L_xor, x, y));
        } else {
            same = l_cmp(b, LP_eq, x, y);
            if (l_is_float(r->type)) same = l_bin(b, L_or, same, l_bin(b, L_and, l_cmp(b, LP_ne, x, x), l_cmp(b, LP_ne, y, y)));
        }
        take = l_bin(b, L_or, take, l_bin(b, L_and, same, earlier));
        acc[1] = l_sel(b, take, other[1], acc[1]);
    }
    acc[0] = l_sel(b, take, y, x);
}

LV reducer_tree(Gen *e, const Reducer *r, LV *acc, int n)
{
    int nv = r->n_values, top = 1;
    while (top < n)
        top *= 2;
    for (int half = top / 2; half >= 1; half /= 2)
        for (int i = 0; i < half && i + half < n; i++)
            reducer_combine(e, r, acc + i * nv, acc + (i + half) * nv);
    while (l_lanes(&e->b, acc[0]) > 1) {
        LV upper[2] = {0, 0};
        for (int j = 0; j < nv; j++) {
            upper[j] = l_half(&e->b, acc[j], 1);
            acc[j] = l_half(&e->b, acc[j], 0);
        }
        reducer_combine(e, r, acc, upper);
    }
    return reducer_value(r, acc);
}

LV reducer_value(const Reducer *r, const LV *acc)
{
    return acc[r->n_values - 1];
}
