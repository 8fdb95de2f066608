/* SPDX-License-Identifier: MIT
 * condition.c: the run-time `if`s of a step, as straight scalar code over the counters. */
#include "emit/emit.h"
#include "nnrt_abi.h"

#include <stddef.h>

static LV scalar(LB *b, const Graph *g, Ref r, LV *value);

static LoopType loop_type(uint8_t dtype)
{
    switch (dtype) {
    case DT_bool: return LT_mask;
    case DT_i32: return LT_i32;
    case DT_f32: return LT_f32;
    case DT_f64: return LT_f64;
    default: return LT_i64;
    }
}

static LV binary(LB *b, const Graph *g, Ref r, LV x, LV y)
{
    bool real = dtype_is_float(graph_type(g, graph_in(g, r, 0))->dtype);
    switch (graph_node(g, r)->op) {
    case OP_add: return l_bin(b, real ? L_fadd : L_iadd, x, y);
    case OP_sub: return l_bin(b, real ? L_fsub : L_isub, x, y);
    case OP_mul: return l_bin(b, real ? L_fmul : L_imul, x, y);
    case OP_div: return l_bin(b, L_fdiv, x, y);
    case OP_floordiv: return real ? math_floordiv(b, x, y) : l_bin(b, L_ifdiv, x, y);
    case OP_mod: return math_mod(b, x, y);
    case OP_maximum: return l_sel(b, l_cmp(b, LP_lt, x, y), y, x);
    case OP_less: return l_cmp(b, LP_lt, x, y);
    case OP_less_equal: return l_cmp(b, LP_le, x, y);
    case OP_equal: return l_cmp(b, LP_eq, x, y);
    case OP_and: return l_bin(b, L_and, x, y);
    case OP_or: return l_bin(b, L_or, x, y);
    default: BUG("condition: operation %s", op_names[graph_node(g, r)->op]);
    }
}

static LV leaf(LB *b, const Graph *g, Ref r)
{
    LoopType type = loop_type(graph_type(g, r)->dtype);
    int64_t bits = graph_attr(g, r, 0);
    if (graph_node(g, r)->op == OP_param) {
        const GraphParam *p = &g->param.at[bits];
        if (p->kind != PARAM_STEP) BUG("condition reads %s", p->name);
        return l_load(b, l_arg(b, 0), (int64_t)offsetof(nnrt_ctx, counter) + 8 * (int64_t)p->slot, DT_i64, 1, 0);
    }
    union { int64_t i; double d; } u = { .i = bits };
    if (type == LT_f32 || type == LT_f64) return l_float(b, type, 1, u.d);
    return type == LT_mask ? l_cmp(b, LP_ne, l_i64(b, bits), l_i64(b, 0)) : l_int(b, type, 1, bits);
}

static LV scalar(LB *b, const Graph *g, Ref r, LV *value)
{
    if (value[r]) return value[r];
    const Node *n = graph_node(g, r);
    if (n->n_in == 0) return value[r] = leaf(b, g, r);
    LV x = scalar(b, g, graph_in(g, r, 0), value);
    if (n->n_in == 2) return value[r] = binary(b, g, r, x, scalar(b, g, graph_in(g, r, 1), value));
    if (n->n_in == 3) {
        LV y = scalar(b, g, graph_in(g, r, 1), value), z = scalar(b, g, graph_in(g, r, 2), value);
        return value[r] = l_sel(b, x, y, z);
    }
    switch (n->op) {
    case OP_not: return value[r] = l_un(b, L_not, x);
    case OP_neg: return value[r] = l_un(b, L_fneg, x);
    case OP_floor: return value[r] = l_un(b, L_ffloor, x);
    case OP_cast: return value[r] = l_cvt(b, x, loop_type(graph_type(g, r)->dtype));
    case OP_stop: return value[r] = x;
    default: BUG("condition: operation %s", op_names[n->op]);
    }
}

void emit_condition(LoopModule *m, const Graph *g, const char *symbol)
{
    uint8_t params[1] = { LT_ptr };
    LB b = { m, loop_fn_new(m, symbol, params, 1, LT_i32) };
    b.f->cold = true; /* and stays in part 0 with the table that names it */
    LV *value = ARENA_ARRAY(m->arena, LV, g->node.n + 1), bits = l_int(&b, LT_i32, 1, 0);
    for (uint32_t i = 0; i < g->result.n; i++) {
        LV on = l_cvt(&b, scalar(&b, g, g->result.at[i].ref, value), LT_i32);
        bits = l_bin(&b, L_or, bits, l_bin(&b, L_shl, on, l_int(&b, LT_i32, 1, i)));
    }
    l_ret(&b, bits);
}
