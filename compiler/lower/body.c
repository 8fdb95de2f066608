/* SPDX-License-Identifier: MIT
 * body.c: one CoreBody, instruction by instruction; leaves and statements. */
#include "lower/body.h"

#include <string.h>

uint32_t leaf_number(const Lower *l, int kind, uint32_t index)
{
    uint32_t tensors = l->program->tensors.n;
    uint32_t sums = l->entry ? lower_n_sums(l->entry) : 0;
    uint32_t options = l->program->options.n;
    switch (kind) {
    case LEAF_TENSOR: return index;
    case LEAF_SUM: return tensors + index;
    case LEAF_OPTION: return tensors + sums + index;
    case LEAF_COUNTER: return tensors + sums + options + index;
    case LEAF_SEED: return tensors + sums + options + 6;
    default: return tensors + sums + options + 7;
    }
}

Scope *scope_new(Lower *l, Graph *g, Scope *parent)
{
    Scope *s = ARENA_NEW(l->arena, Scope);
    *s = (Scope){ .l = l, .g = g, .parent = parent };
    l->n_leaves = leaf_number(l, LEAF_AT, 0) + 1;
    s->leaf = ARENA_ARRAY(l->arena, Ref, l->n_leaves);
    s->written = ARENA_ARRAY(l->arena, bool, l->n_leaves);
    return s;
}

static Type scalar_type(uint8_t dtype)
{
    return (Type){ .dtype = dtype };
}

/* The param of an entry graph for a leaf that is read for the first time. */
static Ref new_leaf(Scope *s, int kind, uint32_t index)
{
    Lower *l = s->l;
    static const char *const counters[] = { "step", "epoch", "steps", "run.step", "run.epoch", "run.steps" };
    switch (kind) {
    case LEAF_TENSOR: {
        const CoreTensor *t = &l->program->tensors.at[index];
        return build_param(s->g, t->is_state ? PARAM_STATE : PARAM_WEIGHT, t->name,
                           lower_type(&t->type, l->float_dtype), index);
    }
    case LEAF_SUM: {
        const char *name = index ? l->entry->sums.at[index - 1].name : "examples";
        return build_param(s->g, PARAM_SUM, name, lower_sum_type(l->entry, index), index);
    }
    case LEAF_OPTION: {
        const CoreOption *o = &l->program->options.at[index];
        return build_param(s->g, PARAM_OPTION, o->name,
                           scalar_type(lower_dtype(o->elem, l->float_dtype)), index);
    }
    case LEAF_COUNTER: return build_param(s->g, PARAM_STEP, counters[index], scalar_type(DT_i64), index < 3 ? index : index + 1);
    case LEAF_SEED: return build_param(s->g, PARAM_SEED, "seed", scalar_type(DT_i64), 0);
    default: return build_scalar(s->g, DT_i32, 0); /* outside scans */
    }
}

/* An evaluation asks for the step of its run; what it draws goes by its own batches. */
static uint32_t counter_of(const Scope *s, uint32_t which)
{
    return s->l->entry && s->l->entry->kind == ENTRY_EVAL ? 3 + which : which;
}

Ref scope_leaf(Scope *s, int kind, uint32_t index)
{
    uint32_t k = leaf_number(s->l, kind, index);
    if (s->leaf[k]) return s->leaf[k];
    if (!s->parent) return s->leaf[k] = new_leaf(s, kind, index);
    Ref outer = scope_leaf(s->parent, kind, index);
    const Type *type = graph_type(s->parent->g, outer);
    s->leaf[k] = build_param(s->g, PARAM_CONST, "", *type, s->outer.n);
    vec_add(s->l->arena, &s->outer, outer);
    return s->leaf[k];
}

void scope_set(Scope *s, int kind, uint32_t index, Ref value)
{
    uint32_t k = leaf_number(s->l, kind, index);
    s->leaf[k] = value;
    s->written[k] = true;
}

Type ins_type(Scope *s, const CoreIns *ins)
{
    return lower_type(&ins->type, s->l->float_dtype);
}

Ref as_dtype(Graph *g, Ref a, uint8_t dtype)
{
    return graph_type(g, a)->dtype == dtype ? a : build_cast(g, a, dtype);
}

Ref as_shape(Graph *g, Ref a, const Type *shape)
{
    Type type = *shape;
    type.dtype = graph_type(g, a)->dtype;
    return type_equal(&type, graph_type(g, a)) ? a : build_broadcast_to(g, a, type);
}

static Ref lower_leaf(Scope *s, const CoreIns *ins, const Ref *in)
{
    (void)in;
    Graph *g = s->g;
    Type type = ins_type(s, ins);
    switch (ins->op) {
    case CORE_const:
        return dtype_is_float(type.dtype) ? build_const(g, type, ins->number)
                                          : build_const_int(g, type, ins->integer);
    case CORE_size: return as_dtype(g, build_size(g, (Dim)ins->attr[0]), type.dtype);
    case CORE_weight:
    case CORE_state: return as_dtype(g, scope_leaf(s, LEAF_TENSOR, (uint32_t)ins->attr[0]), type.dtype);
    case CORE_option: return as_dtype(g, scope_leaf(s, LEAF_OPTION, (uint32_t)ins->attr[0]), type.dtype);
    case CORE_counter: return as_dtype(g, scope_leaf(s, LEAF_COUNTER, counter_of(s, (uint32_t)ins->attr[0])), type.dtype);
    case CORE_report_sum: return as_dtype(g, scope_leaf(s, LEAF_SUM, (uint32_t)ins->attr[0] + 1), type.dtype);
    default: BUG("leaf %s", core_op_name(ins->op));
    }
}

static Ref lower_expect(Scope *s, const CoreIns *ins, const Ref *in)
{
    return build_expect(s->g, as_dtype(s->g, in[0], DT_i32), (Dim)ins->attr[0], ins->attr[1]);
}

static Ref lower_external(Scope *s, const CoreIns *ins, const Ref *in)
{
    Lower *l = s->l;
    uint32_t symbol = 0;
    while (symbol < l->module->symbol.n && strcmp(l->module->symbol.at[symbol].name, ins->name) != 0) symbol++;
    if (symbol == l->module->symbol.n) vec_add(l->arena, &l->module->symbol, (ExternSymbol){ ins->name });
    uint32_t n = ins->n_out;
    Type *out = ARENA_ARRAY(l->arena, Type, n + 1);
    for (uint32_t i = 0; i < n; i++) out[i] = lower_type(n > 1 ? &ins->types[i] : &ins->type, l->float_dtype);
    Ref *args = ARENA_ARRAY(l->arena, Ref, ins->n_attr + ins->n_in + 1); /* the binders first */
    for (uint32_t i = 0; i < ins->n_attr; i++) args[i] = build_size(s->g, (Dim)ins->attr[i]);
    for (uint32_t i = 0; i < ins->n_in; i++) args[ins->n_attr + i] = in[i];
    Ref call = build_extern(s->g, symbol, args, ins->n_attr + ins->n_in, out, n);
    return n == 1 ? build_proj(s->g, call, 0) : call;
}

/* Set a state or sum. The value is stopped (language.md 5.1) and has the storage dtype. */
static void lower_set(Scope *s, const CoreIns *ins, const Ref *in)
{
    int kind = ins->op == CORE_report_sum_set ? LEAF_SUM : LEAF_TENSOR;
    uint32_t index = (uint32_t)ins->attr[0] + (kind == LEAF_SUM);
    Type type = kind == LEAF_SUM ? lower_sum_type(s->l->entry, index)
                                 : lower_type(&s->l->program->tensors.at[index].type, s->l->float_dtype);
    scope_leaf(s, kind, index); /* the param that is replaced exists */
    Ref value = as_shape(s->g, as_dtype(s->g, in[0], type.dtype), &type);
    scope_set(s, kind, index, build_stop(s->g, value));
}

static void lower_minimize(Scope *s, const CoreIns *ins, const Ref *in)
{
    Lower *l = s->l;
    const CoreMinimize *m = &l->entry->minimizes.at[ins->attr[0]];
    Ref *over = ARENA_ARRAY(l->arena, Ref, m->over.n);
    Ref *scalar = ARENA_ARRAY(l->arena, Ref, ins->n_in);
    for (uint32_t i = 0; i < m->over.n; i++) over[i] = scope_leaf(s, LEAF_TENSOR, m->over.at[i]);
    for (uint32_t i = 1; i < ins->n_in; i++) scalar[i - 1] = as_dtype(s->g, in[i], DT_f64);
    Ref node = build_minimize(s->g, ins->attr[0], in[0], over, m->over.n, scalar, ins->n_in - 1u);
    for (uint32_t i = 0; i < m->over.n; i++)
        scope_set(s, LEAF_TENSOR, m->over.at[i], build_proj(s->g, node, i));
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
    Marks m = { .value = ARENA_ARRAY(l->arena, bool, body->ins.n + 1),
                .arg = ARENA_ARRAY(l->arena, Ref, (size_t)n_args + 1) };
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

static const LowerFn lowerings[CORE_COUNT] = {
    [CORE_const] = lower_leaf, [CORE_size] = lower_leaf, [CORE_weight] = lower_leaf, [CORE_state] = lower_leaf,
    [CORE_option] = lower_leaf, [CORE_counter] = lower_leaf, [CORE_report_sum] = lower_leaf,
#define OPERATION(name, ...) [CORE_##name] = lower_elementwise,
#include "support/functions.def"
    [CORE_sum] = lower_reduce, [CORE_mean] = lower_reduce, [CORE_max] = lower_reduce, [CORE_min] = lower_reduce,
    [CORE_prod] = lower_reduce, [CORE_argmax] = lower_reduce, [CORE_argmin] = lower_reduce, [CORE_any] = lower_reduce,
    [CORE_all] = lower_reduce, [CORE_cumsum] = lower_cumsum,
    [CORE_matmul] = lower_matmul, [CORE_einsum] = lower_einsum, [CORE_conv] = lower_conv, [CORE_pool] = lower_pool,
    [CORE_reshape] = lower_shape, [CORE_permute] = lower_shape, [CORE_broadcast] = lower_shape, [CORE_slice] = lower_shape,
    [CORE_concat] = lower_shape, [CORE_pad] = lower_shape, [CORE_flip] = lower_shape, [CORE_range] = lower_shape,
    [CORE_eye] = lower_shape,
    [CORE_roll] = lower_indexed, [CORE_take] = lower_indexed, [CORE_pick] = lower_indexed,
    [CORE_one_hot] = lower_indexed, [CORE_scatter_add] = lower_indexed,
    [CORE_rand] = lower_random, [CORE_randn] = lower_random, [CORE_bernoulli] = lower_random,
    [CORE_randint] = lower_random, [CORE_categorical] = lower_random,
    [CORE_scan] = lower_scan, [CORE_call] = lower_call, [CORE_grad] = lower_gradient,
    [CORE_external] = lower_external, [CORE_expect] = lower_expect,
};

/* Location of the nodes made for an instruction. */
static uint32_t add_location(Scope *s, const CoreIns *ins)
{
    Module *m = s->l->module;
    Loc loc = { .span = ins->span, .path = ins->path ? ins->path : "" };
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
        for (uint32_t i = 0; i < ins->n_in; i++) in[i] = s->value[ins->in[i]];
        s->g->loc = add_location(s, ins);
        switch (ins->op) {
        case CORE_arg: s->value[r] = read_arg(s, &marks, ins->attr[0], args); break;
        case CORE_state_set:
        case CORE_report_sum_set: lower_set(s, ins, in); break;
        case CORE_minimize: lower_minimize(s, ins, in); break;
        case CORE_top_k: s->many[r] = lower_top_k(s, ins, in); break;
        case CORE_result:
            if (s->many[ins->in[0]])
                s->value[r] = s->many[ins->in[0]][ins->attr[0]];
            else
                s->value[r] = body->ins.at[ins->in[0] - 1].n_out > 1 ? build_proj(s->g, in[0], (uint32_t)ins->attr[0])
                                                                     : in[0];
            break;
        default:
            if (!lowerings[ins->op]) BUG("no lowering for %s", core_op_name(ins->op));
            s->value[r] = lowerings[ins->op](s, ins, in);
        }
        if (marks.value[r]) s->value[r] = mark(s, s->value[r]);
    }
    for (uint32_t i = 0; i < body->results.n; i++) results[i] = s->value[body->results.at[i]];
    s->body = old_body;
    s->value = old_value;
    s->many = old_many;
}
