/* SPDX-License-Identifier: MIT
 * scan.c: the run-time loop, and calls of functions with their own gradient.
 *
 * A scan body becomes a graph of its own: carries, then slices, then constants. What the body reads from outside (captured values,
 * parameters, options, the seed) is a constant param, added when it is first read. A state that the body writes is one more carry. */
#include "lower/body.h"

#include <string.h>

/* Move axis `from` to the front. */
static Ref to_front(Graph *g, Ref x, int from)
{
    int perm[MAX_RANK], rank = graph_type(g, x)->rank;
    perm[0] = from;
    for (int i = 1; i < rank; i++) perm[i] = i <= from ? i - 1 : i;
    return build_permute(g, x, perm);
}

/* Move the front axis to position `to`. */
static Ref from_front(Graph *g, Ref x, int to)
{
    int perm[MAX_RANK], rank = graph_type(g, x)->rank;
    for (int i = 0; i < rank; i++) perm[i] = i < to ? i + 1 : i == to ? 0 : i;
    return build_permute(g, x, perm);
}

static void find_written_states(const CoreBody *body, bool *written)
{
    for (uint32_t i = 0; i < body->ins.n; i++) {
        const CoreIns *ins = &body->ins.at[i];
        if (ins->op == CORE_state_set) written[ins->attr[0]] = true;
        if (ins->op == CORE_scan) find_written_states(ins->bodies[0], written);
    }
}

static Type without_axis(Type type, int axis)
{
    for (int i = axis + 1; i < type.rank; i++) type.dim[i - 1] = type.dim[i];
    type.rank--;
    return type;
}

typedef struct ScanParts {
    Dim n;
    int axis;
    uint32_t n_carries, n_xs, n_captured, n_states, n_emits;
    uint32_t *state; /* tensor indices of written states */
    VEC(Ref) in;     /* operands of the scan node: carries, states, xs, t, then constants */
} ScanParts;

static void find_parts(Scope *s, const CoreIns *ins, ScanParts *p)
{
    Lower *l = s->l;
    p->n = (Dim)ins->attr[0];
    p->axis = (int)ins->attr[1];
    p->n_carries = (uint32_t)ins->attr[2];
    p->n_xs = (uint32_t)ins->attr[3];
    p->n_captured = (uint32_t)ins->attr[4];
    p->n_emits = ins->bodies[0]->results.n - p->n_carries;
    bool *written = ARENA_ARRAY(l->arena, bool, l->program->tensors.n + 1);
    find_written_states(ins->bodies[0], written);
    p->state = ARENA_ARRAY(l->arena, uint32_t, l->program->tensors.n + 1);
    for (uint32_t t = 0; t < l->program->tensors.n; t++)
        if (written[t]) p->state[p->n_states++] = t;
}

/* Params of the body in order, and the operands that feed them; args in the order of the CoreBody's arguments. */
static void make_params(Scope *s, Scope *inner, const Ref *in, ScanParts *p, Ref *args)
{
    Graph *g = s->g, *body = inner->g;
    Arena *arena = s->l->arena;
    Dims *dims = s->l->module->dims;
    for (uint32_t i = 0; i < p->n_carries; i++) {
        args[i] = build_param(body, PARAM_CARRY, "", *graph_type(g, in[i]), i);
        vec_add(arena, &p->in, in[i]);
    }
    for (uint32_t i = 0; i < p->n_states; i++) {
        Ref now = scope_leaf(s, LEAF_TENSOR, p->state[i]);
        inner->leaf[leaf_number(s->l, LEAF_TENSOR, p->state[i])] =
            build_param(body, PARAM_CARRY, "", *graph_type(g, now), p->n_carries + i);
        vec_add(arena, &p->in, now);
    }
    for (uint32_t i = 0; i < p->n_xs; i++) {
        Ref x = in[p->n_carries + i];
        args[p->n_carries + i] = build_param(body, PARAM_XS, "", without_axis(*graph_type(g, x), p->axis), i);
        vec_add(arena, &p->in, to_front(g, x, p->axis));
    }
    Type counter = { .dtype = DT_i32, .rank = 1, .dim = { p->n } };
    Ref t = build_param(body, PARAM_XS, "t", (Type){ .dtype = DT_i32 }, p->n_xs);
    vec_add(arena, &p->in, build_iota(g, counter, 0));
    for (uint32_t i = 0; i < p->n_captured; i++) {
        Ref outer = in[p->n_carries + p->n_xs + i];
        args[p->n_carries + p->n_xs + i] = build_param(body, PARAM_CONST, "", *graph_type(g, outer), inner->outer.n);
        vec_add(arena, &inner->outer, outer);
    }
    args[p->n_carries + p->n_xs + p->n_captured] = t;
    /* place of a draw: outer place * n + t */
    Ref at = scope_leaf(inner, LEAF_AT, 0);
    Ref n = build_cast(body, build_size(body, p->n), DT_i32);
    inner->leaf[leaf_number(s->l, LEAF_AT, 0)] = build_binary(body, OP_add, build_binary(body, OP_mul, at, n), t);
    (void)dims;
}

Ref lower_scan(Scope *s, const CoreIns *ins, const Ref *in)
{
    Lower *l = s->l;
    Graph *g = s->g;
    ScanParts p = { 0 };
    find_parts(s, ins, &p);
    Scope *inner = scope_new(l, graph_new(l->module, "scan"), s);
    uint32_t n_args = p.n_carries + p.n_xs + p.n_captured + 1, n_results = ins->bodies[0]->results.n;
    Ref *args = ARENA_ARRAY(l->arena, Ref, n_args), *results = ARENA_ARRAY(l->arena, Ref, n_results + 1);
    make_params(s, inner, in, &p, args);
    lower_body(inner, ins->bodies[0], args, results);
    for (uint32_t i = 0; i < p.n_carries; i++) {
        const Type *want = graph_type(inner->g, args[i]);
        build_result(inner->g, as_shape(inner->g, as_dtype(inner->g, results[i], want->dtype), want), "", -1);
    }
    for (uint32_t i = 0; i < p.n_states; i++)
        build_result(inner->g, inner->leaf[leaf_number(l, LEAF_TENSOR, p.state[i])], "", -1);
    for (uint32_t i = p.n_carries; i < n_results; i++) build_result(inner->g, results[i], "", -1);
    for (uint32_t i = 0; i < inner->outer.n; i++) vec_add(l->arena, &p.in, inner->outer.at[i]);
    Ref scan = build_scan(g, inner->g->id, p.n, (int)(p.n_carries + p.n_states), (int)p.n_xs + 1, p.in.at, p.in.n);
    for (uint32_t i = 0; i < p.n_states; i++)
        scope_set(s, LEAF_TENSOR, p.state[i], build_stop(g, build_proj(g, scan, p.n_carries + i)));
    Ref *many = ARENA_ARRAY(l->arena, Ref, n_results + 1);
    for (uint32_t i = 0; i < p.n_carries; i++) many[i] = build_proj(g, scan, i);
    for (uint32_t i = 0; i < p.n_emits; i++)
        many[p.n_carries + i] = from_front(g, build_proj(g, scan, p.n_carries + p.n_states + i), p.axis);
    s->many[ins - s->body->ins.at + 1] = many;
    return many[0];
}

/* ---- functions with a grad block ------------------------------------------------------------------- */

/* In place of a body that was reported: the same arguments and results, all 0. */
static Graph *stand_in(Lower *l, const Graph *bad, const CoreBody *body, const Ref *results)
{
    Graph *g = graph_new(l->module, bad->name);
    for (uint32_t i = 0; i < body->args.n; i++) build_param(g, PARAM_CONST, "", bad->param.at[i].type, i);
    for (uint32_t i = 0; i < body->results.n; i++)
        build_result(g, build_const(g, *graph_type(bad, results[i]), 0), "", -1);
    return g;
}

static Graph *call_graph(Scope *s, const CoreBody *body, const char *name, bool report)
{
    Lower *l = s->l;
    Graph *g = graph_new(l->module, name);
    Scope *inner = scope_new(l, g, NULL);
    Ref *args = ARENA_ARRAY(l->arena, Ref, body->args.n + 1), *results = ARENA_ARRAY(l->arena, Ref, body->results.n + 1);
    for (uint32_t i = 0; i < body->args.n; i++)
        args[i] = build_param(g, PARAM_CONST, "", lower_type(&body->args.at[i], l->float_dtype), i);
    lower_body(inner, body, args, results);
    if (g->param.n != body->args.n) {
        if (report)
            diag_error(l->diags, "E0603", body->ins.n ? body->ins.at[0].span : (Span){ 0 },
                       "a function with its own gradient can use its arguments only (no parameters, options or random numbers)");
        return stand_in(l, g, body, results);
    }
    for (uint32_t i = 0; i < body->results.n; i++) build_result(g, results[i], "", -1);
    return g;
}

/* The gradient's results follow all float params of the callee: captured ones get zeros. */
static void pad_gradients(Scope *s, Graph *grad, const Graph *callee, uint32_t n_args)
{
    Graph *g = grad;
    uint32_t k = 0;
    for (uint32_t i = 0; i < callee->param.n; i++) {
        if (!dtype_is_float(callee->param.at[i].type.dtype)) continue;
        if (i < n_args) {
            if (k >= g->result.n) BUG("grad block gives too few results");
            Ref r = g->result.at[k].ref;
            Type want = callee->param.at[i].type;
            g->result.at[k++].ref = as_shape(g, as_dtype(g, r, want.dtype), &want);
        } else {
            build_result(g, build_const(g, callee->param.at[i].type, 0), "", -1);
        }
    }
    (void)s;
}

Ref lower_call(Scope *s, const CoreIns *ins, const Ref *in)
{
    int errors = s->l->diags->n_errors;
    Graph *callee = call_graph(s, ins->bodies[0], "fn", true);
    Graph *grad = call_graph(s, ins->bodies[1], "fn_grad", s->l->diags->n_errors == errors);
    pad_gradients(s, grad, callee, (uint32_t)ins->attr[0]);
    callee->vjp = (int32_t)grad->id;
    Ref call = build_call(s->g, callee->id, in, ins->n_in);
    return ins->n_out == 1 ? build_proj(s->g, call, 0) : call;
}
