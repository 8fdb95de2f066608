/* SPDX-License-Identifier: MIT
 * condition.c: the run-time `if`s of a step, as straight scalar code over the counters and options. */
#include "emit/emit.h"
#include "nnrt_abi.h"

typedef struct Condition {
    LB b;
    const Graph *g;
    const int64_t *option_offset;
    LV *value; /* by node */
} Condition;

static LV param(Condition *c, const GraphParam *p)
{
    LB *b = &c->b;
    LV base = l_load_ptr(b, l_label(b, l_arg(b, 0), "ctx"), CTX_BASE);
    if (p->kind == PARAM_STEP) return l_load(b, l_load_base(b, base, NNRT_BASE_COUNTERS), 8 * (int64_t)p->slot, DT_i64, 1, 0);
    if (p->kind != PARAM_OPTION) BUG("condition reads %s", p->name);
    LV options = l_load_base(b, base, NNRT_BASE_OPTIONS);
    LV v = l_load(b, options, c->option_offset[p->slot], p->type.dtype, 1, 0);
    return l_cvt(b, v, loop_type_of(p->type.dtype));
}

static LV leaf(Condition *c, Ref r)
{
    LB *b = &c->b;
    LoopType type = loop_type_of(graph_type(c->g, r)->dtype);
    int64_t bits = graph_attr(c->g, r, 0);
    union {
        int64_t i;
        double d;
    } u = {.i = bits};
    if (graph_node(c->g, r)->op == OP_param) return param(c, &c->g->param.at[bits]);
    if (type == LT_f32 || type == LT_f64) return l_float(b, type, 1, u.d);
    return type == LT_mask ? l_cmp(b, LP_ne, l_i64(b, bits), l_i64(b, 0)) : l_int(b, type, 1, bits);
}

static LV scalar(Condition *c, Ref r)
{
    const Node *n = graph_node(c->g, r);
    LV in[3] = {0};
    if (c->value[r]) return c->value[r];
    if (n->n_in == 0) return c->value[r] = leaf(c, r);
    for (uint32_t i = 0; i < n->n_in; i++)
        in[i] = scalar(c, graph_in(c->g, r, i));
    return c->value[r] = l_operation(&c->b, (Op)n->op, graph_type(c->g, r)->dtype, in, false);
}

static void lower_condition(LoopModule *m, const Graph *g, const int64_t *option_offset, const char *symbol)
{
    uint8_t params[1] = {LT_ptr};
    Condition c = {.b = {m, loop_fn_new(m, symbol, params, 1, LT_i32)}, .g = g, .option_offset = option_offset};
    LB *b = &c.b;
    b->f->cold = true; /* and stays in part 0 with the table that names it */
    c.value = ARENA_ARRAY(m->arena, LV, g->node.n + 1);
    LV bits = l_int(b, LT_i32, 1, 0);
    for (uint32_t i = 0; i < g->result.n; i++) {
        LV on = l_cvt(b, scalar(&c, g->result.at[i].ref), LT_i32);
        bits = l_bin(b, L_or, bits, l_bin(b, L_shl, on, l_int(b, LT_i32, 1, i)));
    }
    l_ret(b, bits);
}

void emit_condition(LoopModule *m, const Graph *g, const int64_t *option_offset, const char *symbol)
{
    for (uint32_t i = 0; i < loop_levels(m); i++) {
        loop_for(m, i);
        lower_condition(m, g, option_offset, loop_name(m, symbol));
    }
}
