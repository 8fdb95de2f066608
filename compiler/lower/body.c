/* SPDX-License-Identifier: MIT
 * body.c: one CoreBody, instruction by instruction: leaves, statements, and what has bodies of its own: the run-time loop, and calls
 * of functions with their own gradient.
 *
 * A scan body becomes a graph of its own: carries, then slices, then constants. What the body reads from outside (captured values,
 * parameters, options, the seed) is a constant param, added when it is first read. A state that the body writes is one more carry. */
#include "lower/body.h"

#include <string.h>

/* An evaluation asks for the step of its run; what it draws goes by its own batches. */
static uint32_t counter_of(const Scope *s, uint32_t which)
{
    return s->l->entry && s->l->entry->kind == ENTRY_EVAL ? 3 + which : which;
}

/* Equal tables are one. */
static Ref lower_table(Scope *s, const CoreIns *ins, const Type *type)
{
    Module *m = s->l->module;
    for (uint32_t i = 0; i < m->table.n; i++)
        if (type_equal(&m->table.at[i].type, type) && !memcmp(m->table.at[i].value, ins->attr, ins->n_attr * sizeof(double)))
            return build_data(s->g, i);
    double *value = ARENA_ARRAY(s->l->arena, double, ins->n_attr + 1);
    memcpy(value, ins->attr, ins->n_attr * sizeof *value);
    vec_add(s->l->arena, &m->table, ((Table){.type = *type, .value = value, .name = "table"}));
    return build_data(s->g, m->table.n - 1);
}

static Ref lower_leaf(Scope *s, const CoreIns *ins, const Ref *in)
{
    (void)in;
    Graph *g = s->g;
    Type type = lower_ins_type(s, ins);
    switch (ins->op) {
    case CORE_const: return dtype_is_float(type.dtype) ? build_const(g, type, ins->number) : build_const_int(g, type, ins->integer);
    case CORE_table: return lower_table(s, ins, &type);
    case CORE_size: return lower_as_dtype(g, build_size(g, (Dim)ins->attr[0]), type.dtype);
    case CORE_weight:
    case CORE_state: return lower_as_dtype(g, scope_leaf(s, LEAF_TENSOR, (uint32_t)ins->attr[0]), type.dtype);
    case CORE_option: return lower_as_dtype(g, scope_leaf(s, LEAF_OPTION, (uint32_t)ins->attr[0]), type.dtype);
    case CORE_counter: return lower_as_dtype(g, scope_leaf(s, LEAF_COUNTER, counter_of(s, (uint32_t)ins->attr[0])), type.dtype);
    case CORE_report_sum: return lower_as_dtype(g, scope_leaf(s, LEAF_SUM, (uint32_t)ins->attr[0] + 1), type.dtype);
    default: BUG("leaf %s", core_op_name(ins->op));
    }
}

static Ref lower_expect(Scope *s, const CoreIns *ins, const Ref *in)
{
    return build_expect(s->g, lower_as_dtype(s->g, in[0], DT_i32), (Dim)ins->attr[0], ins->attr[1]);
}

static Ref lower_external(Scope *s, const CoreIns *ins, const Ref *in)
{
    Lower *l = s->l;
    uint32_t symbol = 0;
    while (symbol < l->module->symbol.n && strcmp(l->module->symbol.at[symbol].name, ins->name) != 0)
        symbol++;
    if (symbol == l->module->symbol.n) vec_add(l->arena, &l->module->symbol, (ExternSymbol){ins->name});
    uint32_t n = ins->n_out;
    Type *out = ARENA_ARRAY(l->arena, Type, n + 1);
    for (uint32_t i = 0; i < n; i++)
        out[i] = lower_type(n > 1 ? &ins->types[i] : &ins->type, l->float_dtype);
    Ref *args = ARENA_ARRAY(l->arena, Ref, ins->n_attr + ins->n_in + 1); /* the binders first */
    for (uint32_t i = 0; i < ins->n_attr; i++)
        args[i] = build_size(s->g, (Dim)ins->attr[i]);
    for (uint32_t i = 0; i < ins->n_in; i++)
        args[ins->n_attr + i] = in[i];
    Ref call = build_extern(s->g, symbol, args, ins->n_attr + ins->n_in, out, n);
    return n == 1 ? build_proj(s->g, call, 0) : call;
}

/* Set a state or sum. The value is stopped (language.md#states-and-training) and has the storage dtype. */
static void lower_set(Scope *s, const CoreIns *ins, const Ref *in)
{
    int kind = ins->op == CORE_report_sum_set ? LEAF_SUM : LEAF_TENSOR;
    uint32_t index = (uint32_t)ins->attr[0] + (kind == LEAF_SUM);
    Type type =
        kind == LEAF_SUM ? lower_sum_type(s->l->entry, index) : lower_type(&s->l->program->tensors.at[index].type, s->l->float_dtype);
    scope_leaf(s, kind, index); /* the param that is replaced exists */
    Ref value = lower_as_shape(s->g, lower_as_dtype(s->g, in[0], type.dtype), &type);
    scope_set(s, kind, index, build_stop(s->g, value));
}

/* All groups of the statement are one node: their gradients are taken before any of them changes. */
static void lower_minimize(Scope *s, const CoreIns *ins, const Ref *in)
{
    Lower *l = s->l;
    const CoreMinimize *m = &l->entry->minimizes.at[ins->attr[0]];
    VEC(uint32_t) tensor = {0};
    for (uint32_t g = 0; g <= m->more; g++)
        for (uint32_t i = 0; i < m[g].over.n; i++)
            vec_add(l->arena, &tensor, m[g].over.at[i]);
    Ref *over = ARENA_ARRAY(l->arena, Ref, tensor.n);
    Ref *scalar = ARENA_ARRAY(l->arena, Ref, ins->n_in);
    for (uint32_t i = 0; i < tensor.n; i++)
        over[i] = scope_leaf(s, LEAF_TENSOR, tensor.at[i]);
    for (uint32_t i = 1; i < ins->n_in; i++)
        scalar[i - 1] = lower_as_dtype(s->g, in[i], DT_f64);
    Ref node = build_minimize(s->g, ins->attr[0], in[0], over, tensor.n, scalar, ins->n_in - 1u);
    for (uint32_t i = 0; i < tensor.n; i++)
        scope_set(s, LEAF_TENSOR, tensor.at[i], build_proj(s->g, node, i));
}

/* ---- asserts and prints ------------------------------------------------------------------------ */

/* Only the step itself looks: a scan or function hands its values out. */
static void probe_value(Scope *s, uint32_t number, Ref value)
{
    Lower *l = s->l;
    const CoreProbe *p = &l->entry->probes.at[number];
    if (s->inner) {
        vec_add(l->arena, &s->probed, ((Probed){number, value}));
        return;
    }
    const SourceFile *file = p->span.file && l->diags ? source_get(l->diags->sources, p->span.file) : NULL;
    l->probed[number] = *graph_type(s->g, value);
    build_probe(s->g, value, p->prints ? PROBE_PRINT : PROBE_ASSERT, number, file ? source_line(file, p->span.lo) : 0);
}

static void lower_probe(Scope *s, const CoreIns *ins, const Ref *in)
{
    probe_value(s, (uint32_t)ins->attr[0], in[0]);
}

static void add_probed_results(Scope *inner)
{
    for (uint32_t i = 0; i < inner->probed.n; i++)
        build_result(inner->g, inner->probed.at[i].ref, "", -1);
}

/* The results of `node` from number `first` on. */
static void take_probed_results(Scope *s, const Scope *inner, Ref node, uint32_t first)
{
    for (uint32_t i = 0; i < inner->probed.n; i++)
        probe_value(s, inner->probed.at[i].number, build_proj(s->g, node, first + i));
}

/* An x of a `grad` that is an argument or is computed here becomes a node of its own; parameters and
 * options are that already. */
typedef struct Marks {
    bool *value; /* by CoreRef */
    Ref *arg;    /* by argument: its mark, made when it is first read; NONE_YET */
} Marks;
#define NONE_YET UINT32_MAX

static Marks find_marks(Lower *l, const CoreBody *body)
{
    int64_t n_args = 0;
    for (uint32_t r = 0; r < body->ins.n; r++) {
        const CoreIns *ins = &body->ins.at[r];
        if (ins->op == CORE_arg && ins->attr[0] >= n_args) n_args = ins->attr[0] + 1;
    }
    Marks m = {.value = ARENA_ARRAY(l->arena, bool, body->ins.n + 1), .arg = ARENA_ARRAY(l->arena, Ref, (size_t)n_args + 1)};
    for (uint32_t r = 0; r < body->ins.n; r++) {
        const CoreIns *grad = &body->ins.at[r];
        if (grad->op != CORE_grad) continue;
        for (uint32_t i = 1; i < grad->n_in; i++) {
            const CoreIns *x = &body->ins.at[grad->in[i] - 1];
            if (x->op == CORE_arg)
                m.arg[x->attr[0]] = NONE_YET;
            else if (x->op != CORE_weight && x->op != CORE_option)
                m.value[grad->in[i]] = true;
        }
    }
    return m;
}

static Ref mark(Scope *s, Ref value)
{
    return build_mark(s->g, value, (int64_t)++s->l->n_marks);
}

static Ref read_arg(Scope *s, const Marks *m, int64_t i, const Ref *args)
{
    if (m->arg[i] == NONE_YET) m->arg[i] = mark(s, args[i]);
    return m->arg[i] ? m->arg[i] : args[i];
}

static Ref lower_gradient(Scope *s, const CoreIns *ins, const Ref *in)
{
    Ref node = build_gradient(s->g, in[0], in + 1, ins->n_in - 1u);
    return ins->n_out == 1 ? build_proj(s->g, node, 0) : node;
}

/* ---- bodies inside of it ---------------------------------------------------------------------- */

/* Move axis `from` to the front. */
static Ref to_front(Graph *g, Ref x, int from)
{
    int perm[MAX_RANK], rank = graph_type(g, x)->rank;
    perm[0] = from;
    for (int i = 1; i < rank; i++)
        perm[i] = i <= from ? i - 1 : i;
    return build_permute(g, x, perm);
}

/* Move the front axis to position `to`. */
static Ref from_front(Graph *g, Ref x, int to)
{
    int perm[MAX_RANK], rank = graph_type(g, x)->rank;
    if (to < 0) to += rank; /* where a scan counts: of each result by itself */
    for (int i = 0; i < rank; i++)
        perm[i] = i < to ? i + 1 : i == to ? 0 : i;
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
    for (int i = axis + 1; i < type.rank; i++)
        type.dim[i - 1] = type.dim[i];
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
        inner->leaf[scope_leaf_number(s->l, LEAF_TENSOR, p->state[i])] =
            build_param(body, PARAM_CARRY, "", *graph_type(g, now), p->n_carries + i);
        vec_add(arena, &p->in, now);
    }
    for (uint32_t i = 0; i < p->n_xs; i++) {
        Ref x = in[p->n_carries + i];
        args[p->n_carries + i] = build_param(body, PARAM_XS, "", without_axis(*graph_type(g, x), p->axis), i);
        vec_add(arena, &p->in, to_front(g, x, p->axis));
    }
    Type counter = {.dtype = DT_i32, .rank = 1, .dim = {p->n}};
    Ref t = build_param(body, PARAM_XS, "t", (Type){.dtype = DT_i32}, p->n_xs);
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
    inner->leaf[scope_leaf_number(s->l, LEAF_AT, 0)] = build_binary(body, OP_add, build_binary(body, OP_mul, at, n), t);
    (void)dims;
}

static Ref lower_scan(Scope *s, const CoreIns *ins, const Ref *in)
{
    Lower *l = s->l;
    Graph *g = s->g;
    ScanParts p = {0};
    find_parts(s, ins, &p);
    Scope *inner = scope_new(l, graph_new(l->module, "scan"), s);
    inner->inner = true;
    uint32_t n_args = p.n_carries + p.n_xs + p.n_captured + 1, n_results = ins->bodies[0]->results.n;
    Ref *args = ARENA_ARRAY(l->arena, Ref, n_args), *results = ARENA_ARRAY(l->arena, Ref, n_results + 1);
    make_params(s, inner, in, &p, args);
    lower_body(inner, ins->bodies[0], args, results);
    for (uint32_t i = 0; i < p.n_carries; i++) {
        const Type *want = graph_type(inner->g, args[i]);
        build_result(inner->g, lower_as_shape(inner->g, lower_as_dtype(inner->g, results[i], want->dtype), want), "", -1);
    }
    for (uint32_t i = 0; i < p.n_states; i++)
        build_result(inner->g, inner->leaf[scope_leaf_number(l, LEAF_TENSOR, p.state[i])], "", -1);
    for (uint32_t i = p.n_carries; i < n_results; i++)
        build_result(inner->g, results[i], "", -1);
    add_probed_results(inner);
    for (uint32_t i = 0; i < inner->outer.n; i++)
        vec_add(l->arena, &p.in, inner->outer.at[i]);
    Ref scan = build_scan(g, inner->g->id, p.n, (int)(p.n_carries + p.n_states), (int)p.n_xs + 1, p.in.at, p.in.n);
    for (uint32_t i = 0; i < p.n_states; i++)
        scope_set(s, LEAF_TENSOR, p.state[i], build_stop(g, build_proj(g, scan, p.n_carries + i)));
    Ref *many = ARENA_ARRAY(l->arena, Ref, n_results + 1);
    for (uint32_t i = 0; i < p.n_carries; i++)
        many[i] = build_proj(g, scan, i);
    for (uint32_t i = 0; i < p.n_emits; i++)
        many[p.n_carries + i] = from_front(g, build_proj(g, scan, p.n_carries + p.n_states + i), p.axis);
    take_probed_results(s, inner, scan, p.n_carries + p.n_states + p.n_emits);
    s->many[ins - s->body->ins.at + 1] = many;
    return many[0];
}

/* ---- functions with a grad block ------------------------------------------------------------- */

/* In place of a body that was reported: the same arguments and results, all 0. */
static Graph *stand_in(Lower *l, const Graph *bad, const CoreBody *body, const Ref *results)
{
    Graph *g = graph_new(l->module, bad->name);
    for (uint32_t i = 0; i < body->args.n; i++)
        build_param(g, PARAM_CONST, "", bad->param.at[i].type, i);
    for (uint32_t i = 0; i < body->results.n; i++)
        build_result(g, build_const(g, *graph_type(bad, results[i]), 0), "", -1);
    return g;
}

/* Params for the results of the callee that asserts and prints look at. */
static void probed_params(Graph *g, const Scope *callee)
{
    for (uint32_t i = 0; callee && i < callee->probed.n; i++)
        build_param(g, PARAM_CONST, "", *graph_type(callee->g, callee->probed.at[i].ref), g->param.n);
}

/* The body of a function; of its grad block, if `callee` is what it belongs to: that has the callee's n_results results and their
 * cotangents as its last arguments. */
static Graph *call_graph(Scope *s, Scope *inner, const CoreBody *body, const Scope *callee, uint32_t n_results, bool report)
{
    Lower *l = s->l;
    Graph *g = inner->g;
    Ref *args = ARENA_ARRAY(l->arena, Ref, body->args.n + 1), *results = ARENA_ARRAY(l->arena, Ref, body->results.n + 1);
    inner->inner = true;
    for (uint32_t i = 0; i < body->args.n; i++) {
        if (callee && i + n_results == body->args.n) probed_params(g, callee);
        args[i] = build_param(g, PARAM_CONST, "", lower_type(&body->args.at[i], l->float_dtype), g->param.n);
    }
    probed_params(g, callee);
    uint32_t n_params = g->param.n;
    lower_body(inner, body, args, results);
    if (g->param.n != n_params) {
        if (report)
            diag_error(l->diags, "E0603", body->ins.n ? body->ins.at[0].span : (Span){0},
                       "a function with its own gradient can use its arguments only (no parameters, options or random numbers)");
        inner->probed.n = 0;
        return stand_in(l, g, body, results);
    }
    for (uint32_t i = 0; i < body->results.n; i++)
        build_result(g, results[i], "", -1);
    add_probed_results(inner);
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
            g->result.at[k++].ref = lower_as_shape(g, lower_as_dtype(g, r, want.dtype), &want);
        } else {
            build_result(g, build_const(g, callee->param.at[i].type, 0), "", -1);
        }
    }
    (void)s;
}

static void note_own_gradient(Lower *l, const CoreIns *ins, const Graph *callee)
{
    OwnGradient own = {.name = ins->name, .span = ins->bodies[1]->span, .callee = callee};
    own.n_args = (uint32_t)ins->attr[0];
    own.n_results = ins->n_out;
    own.entry = l->out->entry.n;
    if (!ins->integer) vec_add(l->arena, &l->out->own, own);
}

static Ref lower_call(Scope *s, const CoreIns *ins, const Ref *in)
{
    int errors = s->l->diags->n_errors;
    Scope *inner = scope_new(s->l, graph_new(s->l->module, "fn"), NULL), *back = scope_new(s->l, graph_new(s->l->module, "fn_grad"), NULL);
    Graph *callee = call_graph(s, inner, ins->bodies[0], NULL, 0, true);
    Graph *grad = call_graph(s, back, ins->bodies[1], inner, ins->n_out, s->l->diags->n_errors == errors);
    pad_gradients(s, grad, callee, (uint32_t)ins->attr[0]);
    callee->vjp = (int32_t)grad->id;
    note_own_gradient(s->l, ins, callee);
    Ref call = build_call(s->g, callee->id, in, ins->n_in);
    take_probed_results(s, inner, call, ins->n_out);
    return ins->n_out == 1 ? build_proj(s->g, call, 0) : call;
}

/* ---- all instructions ------------------------------------------------------------------------ */

static const LowerFn lowerings[CORE_COUNT] = {
    [CORE_const] = lower_leaf,    [CORE_table] = lower_leaf,       [CORE_size] = lower_leaf,           [CORE_weight] = lower_leaf,
    [CORE_state] = lower_leaf,    [CORE_option] = lower_leaf,      [CORE_counter] = lower_leaf,        [CORE_report_sum] = lower_leaf,
#define OPERATION(name, ...) [CORE_##name] = lower_elementwise,
#include "support/functions.def"
    [CORE_sum] = lower_reduce,    [CORE_mean] = lower_reduce,      [CORE_max] = lower_reduce,          [CORE_min] = lower_reduce,
    [CORE_prod] = lower_reduce,   [CORE_argmax] = lower_reduce,    [CORE_argmin] = lower_reduce,       [CORE_any] = lower_reduce,
    [CORE_all] = lower_reduce,    [CORE_cumsum] = lower_running,   [CORE_cumprod] = lower_running,     [CORE_sort] = lower_sort,
    [CORE_argsort] = lower_sort,  [CORE_matmul] = lower_matmul,    [CORE_einsum] = lower_einsum,       [CORE_conv] = lower_conv,
    [CORE_pool] = lower_pool,     [CORE_reshape] = lower_shape,    [CORE_permute] = lower_shape,       [CORE_broadcast] = lower_shape,
    [CORE_slice] = lower_shape,   [CORE_concat] = lower_shape,     [CORE_pad] = lower_shape,           [CORE_flip] = lower_shape,
    [CORE_range] = lower_shape,   [CORE_eye] = lower_shape,        [CORE_roll] = lower_indexed,        [CORE_take] = lower_indexed,
    [CORE_pick] = lower_indexed,  [CORE_one_hot] = lower_indexed,  [CORE_scatter_add] = lower_indexed, [CORE_rand] = lower_random,
    [CORE_randn] = lower_random,  [CORE_bernoulli] = lower_random, [CORE_randint] = lower_random,      [CORE_categorical] = lower_random,
    [CORE_scan] = lower_scan,     [CORE_call] = lower_call,        [CORE_grad] = lower_gradient,       [CORE_external] = lower_external,
    [CORE_expect] = lower_expect,
};

/* Location of the nodes made for an instruction. */
static uint32_t add_location(Scope *s, const CoreIns *ins)
{
    Module *m = s->l->module;
    Loc loc = {.span = ins->span, .path = ins->path ? ins->path : ""};
    if (ins->span.file && s->l->diags) {
        const SourceFile *file = source_get(s->l->diags->sources, ins->span.file);
        loc.file = file->name;
        loc.line = source_line(file, ins->span.lo);
    }
    vec_add(s->l->arena, &m->loc, loc);
    return m->loc.n - 1;
}

void lower_body(Scope *s, const CoreBody *body, const Ref *args, Ref *results)
{
    Lower *l = s->l;
    const CoreBody *old_body = s->body;
    Ref *old_value = s->value, **old_many = s->many;
    s->body = body;
    s->value = ARENA_ARRAY(l->arena, Ref, body->ins.n + 1);
    s->many = ARENA_ARRAY(l->arena, Ref *, body->ins.n + 1);
    const Marks marks = find_marks(l, body);
    for (uint32_t r = 1; r <= body->ins.n; r++) {
        const CoreIns *ins = &body->ins.at[r - 1];
        Ref stack[16], *in = ins->n_in <= 16 ? stack : ARENA_ARRAY(l->arena, Ref, ins->n_in);
        for (uint32_t i = 0; i < ins->n_in; i++)
            in[i] = s->value[ins->in[i]];
        s->g->loc = add_location(s, ins);
        switch (ins->op) {
        case CORE_arg: s->value[r] = read_arg(s, &marks, ins->attr[0], args); break;
        case CORE_state_set:
        case CORE_report_sum_set: lower_set(s, ins, in); break;
        case CORE_probe: lower_probe(s, ins, in); break;
        case CORE_minimize: lower_minimize(s, ins, in); break;
        case CORE_top_k: s->many[r] = lower_top_k(s, ins, in); break;
        case CORE_result:
            if (s->many[ins->in[0]])
                s->value[r] = s->many[ins->in[0]][ins->attr[0]];
            else
                s->value[r] = body->ins.at[ins->in[0] - 1].n_out > 1 ? build_proj(s->g, in[0], (uint32_t)ins->attr[0]) : in[0];
            break;
        default:
            if (!lowerings[ins->op]) BUG("no lowering for %s", core_op_name(ins->op));
            s->value[r] = lowerings[ins->op](s, ins, in);
        }
        if (marks.value[r]) s->value[r] = mark(s, s->value[r]);
    }
    for (uint32_t i = 0; i < body->results.n; i++)
        results[i] = s->value[body->results.at[i]];
    s->body = old_body;
    s->value = old_value;
    s->many = old_many;
}
