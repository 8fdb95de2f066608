/* SPDX-License-Identifier: MIT
 * lower.c: the program: types, entries, reports, conditions, fields, initial values. */
#include "lower/lower.h"

#include "lower/body.h"
#include "lower/pointwise.h"
#include "support/budget.h"

/* Params for the arguments of an entry, in order. */
static Ref *make_args(Lower *l, Graph *g, const CoreEntry *entry)
{
    Ref *args = ARENA_ARRAY(l->arena, Ref, entry->args.n + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < entry->args.n; i++) {
        const CoreArg *a = &entry->args.at[i];
        if (a->role == ROLE_DIM) continue;
        ParamKind kind = a->role == ROLE_SCALAR ? PARAM_SCALAR : PARAM_INPUT;
        args[n] = build_param(g, kind, a->name, lower_type(&a->type, l->float_dtype), n);
        g->param.at[g->param.n - 1].bound = a->bound;
        n++;
    }
    return args;
}

/* New versions of states, parameters and sums replace their params. */
static void add_replaced(Lower *l, Scope *s)
{
    for (uint32_t p = 0; p < s->g->param.n; p++) {
        GraphParam *param = &s->g->param.at[p];
        bool sum = param->kind == PARAM_SUM;
        if (param->kind != PARAM_WEIGHT && param->kind != PARAM_STATE && !sum) continue;
        uint32_t k = scope_leaf_number(l, sum ? LEAF_SUM : LEAF_TENSOR, param->slot);
        if (s->written[k]) build_result(s->g, s->leaf[k], param->name, (int32_t)p);
    }
}

static Graph *lower_step(Lower *l, const CoreEntry *entry, const CoreBody *body)
{
    Graph *g = graph_new(l->module, entry->name);
    Scope *s = scope_new(l, g, NULL);
    Ref *args = make_args(l, g, entry);
    Ref *results = ARENA_ARRAY(l->arena, Ref, body->results.n + 1);
    lower_body(s, body, args, results);
    if (entry->kind != ENTRY_EXPORT) { /* examples += B */
        Dim batch = entry->binders.n ? dim_symbol(l->module->dims, entry->binders.at[0]) : dim_const(l->module->dims, 1);
        Ref sum = scope_leaf(s, LEAF_SUM, 0);
        scope_set(s, LEAF_SUM, 0, build_binary(g, OP_add, sum, build_cast(g, build_size(g, batch), DT_f64)));
    }
    for (uint32_t i = 0; i < entry->outs.n; i++) {
        Type want = lower_type(&entry->outs.at[i].type, l->float_dtype);
        build_result(g, lower_as_shape(g, lower_as_dtype(g, results[i], want.dtype), &want), "out", -1);
    }
    add_replaced(l, s);
    return g;
}

static Graph *lower_report(Lower *l, const CoreEntry *entry)
{
    Graph *g = graph_new(l->module, "report");
    Scope *s = scope_new(l, g, NULL);
    CoreBody body = *entry->report_body;
    body.results.n = 0;
    Ref *results = ARENA_ARRAY(l->arena, Ref, entry->reports.n + 1);
    body.results.at = ARENA_ARRAY(l->arena, CoreRef, entry->reports.n + 1);
    for (uint32_t i = 0; i < entry->reports.n; i++)
        body.results.at[body.results.n++] = entry->reports.at[i].value;
    lower_body(s, &body, NULL, results);
    for (uint32_t i = 0; i < entry->reports.n; i++)
        build_result(g, lower_as_dtype(g, results[i], DT_f64), entry->reports.at[i].name, -1);
    return g;
}

static Graph *lower_conditions(Lower *l, const CoreEntry *entry)
{
    Graph *g = graph_new(l->module, "condition");
    Scope *s = scope_new(l, g, NULL);
    const CoreBody *body = entry->cond_body;
    Ref *results = ARENA_ARRAY(l->arena, Ref, body->results.n + 1);
    lower_body(s, body, NULL, results);
    for (uint32_t i = 0; i < body->results.n; i++)
        build_result(g, results[i], "c", -1);
    return g;
}

static SizeFact fact_of(Dims *dims, const CoreRequire *r)
{
    Dim less = dim_sub(dims, r->left, r->right), more = dim_sub(dims, r->right, r->left), one = dim_const(dims, 1);
    switch (r->oper) {
    case OPER_EQ: return (SizeFact){SIZE_ZERO, less};
    case OPER_NE: return (SizeFact){SIZE_NONZERO, less};
    case OPER_LT: return (SizeFact){SIZE_NONNEGATIVE, dim_sub(dims, more, one)};
    case OPER_LE: return (SizeFact){SIZE_NONNEGATIVE, more};
    case OPER_GT: return (SizeFact){SIZE_NONNEGATIVE, dim_sub(dims, less, one)};
    default: return (SizeFact){SIZE_NONNEGATIVE, less};
    }
}

/* What the entry requires of its sizes, in a list and as facts of the module. */
static void lower_requires(Lower *l, LoweredEntry *e)
{
    Dims *dims = l->module->dims;
    Dim zero = dim_const(dims, 0);
    for (uint32_t i = 0; i < e->core->requires_.n; i++) {
        SizeFact fact = fact_of(dims, &e->core->requires_.at[i]);
        vec_add(l->arena, &e->fact, fact);
        if (fact.relation == SIZE_ZERO) facts_add_equal(l->module->facts, fact.dim, zero);
        if (fact.relation == SIZE_NONZERO) facts_add_not_equal(l->module->facts, fact.dim, zero);
        if (fact.relation == SIZE_NONNEGATIVE) facts_add_at_least(l->module->facts, fact.dim, zero);
    }
}

static void lower_entry(Lower *l, Lowered *out, const CoreEntry *entry)
{
    LoweredEntry e = {.core = entry};
    lower_requires(l, &e);
    l->entry = entry;
    core_treat(entry, l->diags->sources);
    e.probed = l->probed = ARENA_ARRAY(l->arena, Type, entry->probes.n + 1);
    for (uint32_t k = 0; k < 1u << entry->n_conditions; k++)
        e.step[k] = lower_step(l, entry, entry->body[k]);
    if (entry->n_conditions) e.condition = lower_conditions(l, entry);
    if (entry->kind != ENTRY_EXPORT) e.report = lower_report(l, entry);
    vec_add(l->arena, &out->entry, e);
    l->entry = NULL;
}

/* A field's expression: raw values of one example -> the field. */
static void lower_field(Lower *l, Lowered *out, const CoreData *data, const CoreField *field)
{
    LoweredEntry e = {.data = data, .field = field};
    Graph *g = graph_new(l->module, arena_print(l->arena, "%s.%s", data->name, field->name));
    Scope *s = scope_new(l, g, NULL);
    const CoreBody *body = field->expr;
    if (body->args.n >= CORE_MAX_ARGS) {
        diag_error(l->diags, "E0605", field->span, "`%s.%s` is made of %u files, but at most %d are possible", data->name, field->name,
                   body->args.n, CORE_MAX_ARGS - 1);
        return;
    }
    Ref *args = ARENA_ARRAY(l->arena, Ref, body->args.n + 1), result = 0;
    for (uint32_t i = 0; i < body->args.n; i++)
        args[i] = build_param(g, PARAM_INPUT, "raw", lower_type(&body->args.at[i], l->float_dtype), i);
    lower_body(s, body, args, &result);
    Type want = lower_type(&field->type, l->float_dtype);
    build_result(g, lower_as_shape(g, lower_as_dtype(g, result, want.dtype), &want), "out", -1);
    e.step[0] = g;
    e.pointwise = is_pointwise(g, l->arena);
    vec_add(l->arena, &out->entry, e);
}

static double elements_of(const Dims *dims, const Type *type)
{
    double n = 1;
    int64_t extent = 0;
    for (int i = 0; i < type->rank; i++)
        if (dim_is_const(dims, type->dim[i], &extent)) n *= (double)extent;
    return n;
}

/* Steps of the interpreter: elements of all values, products of contractions, turns of scans. */
static double steps_of(const Graph *g)
{
    const Dims *dims = g->module->dims;
    double sum = 0;
    for (Ref r = 1; r < g->node.n; r++) {
        const Node *n = graph_node(g, r);
        double steps = 0;
        int64_t turns = 1;
        for (uint32_t i = 0; i < n->n_out; i++)
            steps += elements_of(dims, graph_out_type(g, r, i));
        if (n->op == OP_dot) {
            const Type *a = graph_type(g, graph_in(g, r, 0));
            for (int64_t i = 0; i < graph_attr(g, r, 1); i++) {
                int64_t axis = graph_attr(g, r, (uint32_t)(2 + graph_attr(g, r, 0) + i));
                steps *= dim_is_const(dims, a->dim[axis], &turns) ? (double)turns : 1;
            }
        } else if (n->op == OP_conv) {
            steps *= elements_of(dims, graph_type(g, graph_in(g, r, 1)));
        } else if (n->op == OP_scan && dim_is_const(dims, (Dim)graph_attr(g, r, 1), &turns)) {
            steps += (double)turns * steps_of(g->module->graph.at[graph_attr(g, r, 0)]);
        }
        sum += steps;
    }
    return sum;
}

/* Values of an initialiser that is an expression: evaluated now. */
static double *evaluate_init(Lower *l, const CoreTensor *tensor)
{
    Graph *g = graph_new(l->module, tensor->name);
    Scope *s = scope_new(l, g, NULL);
    Ref result = 0;
    lower_body(s, tensor->init.body, NULL, &result);
    Type want = lower_type(&tensor->type, l->float_dtype);
    build_result(g, lower_as_shape(g, lower_as_dtype(g, result, want.dtype), &want), "out", -1);
    enum { MOST_STEPS = 30000000 };
    if (steps_of(g) > MOST_STEPS) {
        diag_error(l->diags, "E0605", tensor->span, "the start value of `%s` takes %.3g steps to compute, at most %d are possible",
                   tensor->name, steps_of(g), MOST_STEPS);
        return NULL;
    }
    TensorValue value = {0};
    InterpretHooks hooks = {0};
    int64_t *symbols = ARENA_ARRAY(l->arena, int64_t, symbol_count(l->module->dims) + 1);
    const char *error = graph_interpret(g, symbols, NULL, &value, &hooks, l->arena);
    if (error) {
        diag_error(l->diags, "E0121", tensor->span, "the start value of `%s` cannot be computed: %s", tensor->name, error);
        return NULL;
    }
    if (value.f) return value.f;
    double *out = ARENA_ARRAY(l->arena, double, value.count + 1);
    for (int64_t i = 0; i < value.count; i++)
        out[i] = (double)value.i[i];
    return out;
}

Lowered *lower_program(Arena *arena, Strings *strings, Diags *diags, const CoreProgram *program, uint8_t float_dtype)
{
    Lowered *out = ARENA_NEW(arena, Lowered);
    out->module = module_new(arena, program->dims, strings);
    out->module->facts = facts_new(arena, program->dims);
    out->float_dtype = float_dtype;
    Lower l = {.arena = arena, .diags = diags, .program = program, .module = out->module, .out = out, .float_dtype = float_dtype};
    for (uint32_t i = 0; i < program->entries.n; i++)
        lower_entry(&l, out, program->entries.at[i]);
    for (uint32_t d = 0; d < program->data.n; d++)
        for (uint32_t f = 0; f < program->data.at[d].fields.n; f++)
            if (program->data.at[d].fields.at[f].expr) lower_field(&l, out, &program->data.at[d], &program->data.at[d].fields.at[f]);
    out->init = ARENA_ARRAY(arena, double *, program->tensors.n + 1);
    for (uint32_t t = 0; t < program->tensors.n; t++)
        if (program->tensors.at[t].init.kind == INIT_EXPR) out->init[t] = evaluate_init(&l, &program->tensors.at[t]);
    return out;
}
