/* SPDX-License-Identifier: MIT
 * own_gradients.c: grad blocks against central differences, each function by itself.
 *
 * A program checks the losses of its trains only, and those only through parameters; a function that an export, an evaluation or another
 * grad block calls would be missed. So every call that was lowered is interpreted in double precision, with sizes that meet what its entry
 * requires, with drawn arguments, and with a drawn weight for each element of its results: F = sum(weight * result). */
#include "own_gradients.h"

#include <math.h>
#include <string.h>

#include "transform/transform.h"

enum { EACH = 12, FEW = 2, SHOWN = 3, SIZE = 4 };
static const double much_work = 3e6, most_work = 2e8; /* elements and operations of one evaluation; with much of it FEW are compared */

typedef struct Check {
    Nnc *cx;
    const OwnGradient *own;
    const Graph *function, *block;
    int64_t *symbols;
    TensorValue *param, *result, *weight, *gradient;
    uint64_t random;
    int64_t each; /* elements of an argument that are compared at most */
    int64_t checked, wrong;
} Check;

static double draw(Check *c) /* 0 to 1 */
{
    c->random = c->random * 6364136223846793005u + 1442695040888963407u;
    return (double)(c->random >> 11) * 0x1p-53;
}

static bool same_function(const OwnGradient *a, const OwnGradient *b)
{
    return strcmp(a->name, b->name) == 0 && a->span.file == b->span.file && a->span.lo == b->span.lo;
}

static bool same_call(const OwnGradient *a, const OwnGradient *b)
{
    if (!same_function(a, b) || a->callee->param.n != b->callee->param.n) return false;
    for (uint32_t i = 0; i < a->callee->param.n; i++)
        if (!type_equal(&a->callee->param.at[i].type, &b->callee->param.at[i].type)) return false;
    return true;
}

/* ---- what it is evaluated with */

static double work_of(const Graph *g, const int64_t *symbols)
{
    double work = 0;
    for (Ref r = 1; r < g->node.n; r++) {
        int64_t operations = 0, count = 1, extent = 0;
        for (int i = 0; i < graph_type(g, r)->rank; i++)
            count = dim_eval(g->module->dims, graph_type(g, r)->dim[i], symbols, &extent) && extent >= 0 ? count * extent : 0;
        Dim of = graph_operations(g, r);
        if (of) dim_eval(g->module->dims, of, symbols, &operations);
        work += (double)count + (double)operations;
    }
    return work;
}

/* NULL, or why there are no sizes. */
static const char *choose_sizes(Check *c, const Lowered *lowered)
{
    Dims *dims = c->function->module->dims;
    const LoweredEntry *e = c->own->entry < lowered->entry.n ? &lowered->entry.at[c->own->entry] : NULL;
    c->symbols = ARENA_ARRAY(&c->cx->arena, int64_t, symbol_count(dims) + 2);
    if (!dims_satisfying(dims, &c->cx->arena, e ? e->fact.at : NULL, e ? e->fact.n : 0, SIZE, c->symbols))
        return "no sizes were found that it can be called with";
    for (uint32_t i = 0; i < c->function->param.n; i++) {
        const Type *t = &c->function->param.at[i].type;
        int64_t extent = 0;
        for (int k = 0; k < t->rank; k++)
            if (!dim_eval(dims, t->dim[k], c->symbols, &extent) || extent < 1) return "no sizes were found that it can be called with";
    }
    double work = work_of(c->function, c->symbols) + work_of(c->block, c->symbols);
    c->each = work > much_work ? FEW : EACH;
    return work > most_work ? "it computes too much for that" : NULL;
}

/* May an integer be 1? Not where it may be the index of an axis of extent 1. */
static bool has_indices(const Graph *g)
{
    bool has = false;
    for (Ref r = 1; r < g->node.n; r++)
        has |= g->node.at[r].op == OP_take || g->node.at[r].op == OP_scatter_add || g->node.at[r].op == OP_scan;
    return has;
}

static void fill(Check *c, TensorValue *v, double lo, double hi, int64_t whole)
{
    for (int64_t e = 0; e < v->count; e++) {
        double x = draw(c);
        if (v->f) v->f[e] = lo + (hi - lo) * x;
        if (v->i) v->i[e] = v->type.dtype == DT_bool ? x < 0.5 : whole;
    }
}

static TensorValue *new_values(Check *c, const Graph *g, uint32_t from, uint32_t n)
{
    TensorValue *v = ARENA_ARRAY(&c->cx->arena, TensorValue, n + 1);
    for (uint32_t i = 0; i < n; i++)
        v[i] = tensor_value_new(&c->cx->arena, g->module->dims, &g->param.at[from + i].type, c->symbols);
    return v;
}

/* ---- F and its derivatives */

static const char *evaluate(Check *c, TensorValue *out, Arena *arena)
{
    InterpretHooks hooks = {0};
    const char *wrong = graph_interpret(c->function, c->symbols, c->param, out, &hooks, arena);
    if (!wrong && hooks.fail_line)
        wrong = arena_print(&c->cx->arena, "the check of line %lld fails with all arguments that were tried", (long long)hooks.fail_line);
    for (uint32_t i = 0; i < c->own->n_results && !wrong; i++)
        for (int64_t e = 0; out[i].f && e < out[i].count && !wrong; e++)
            if (!isfinite(out[i].f[e])) wrong = "it is not finite with any arguments that were tried";
    return wrong;
}

/* NAN where it has no value. */
static double total(Check *c)
{
    TensorValue *out = ARENA_ARRAY(&c->cx->scratch, TensorValue, c->function->result.n + 1);
    double sum = evaluate(c, out, &c->cx->scratch) ? NAN : 0;
    for (uint32_t i = 0; i < c->own->n_results && !isnan(sum); i++)
        for (int64_t e = 0; out[i].f && e < out[i].count; e++)
            sum += c->weight[i].f[e] * out[i].f[e];
    arena_clear(&c->cx->scratch);
    return sum;
}

/* Arguments that the function has finite results of. NULL, or why there are none. */
static const char *choose_arguments(Check *c)
{
    static const double range[][2] = {{-1, 1}, {0.2, 0.8}, {1.2, 2}, {-0.8, -0.2}};
    const char *wrong = NULL;
    bool zeros = has_indices(c->function) || has_indices(c->block);
    for (int i = 0; i < 8; i++) {
        for (uint32_t k = 0; k < c->function->param.n; k++)
            fill(c, &c->param[k], range[i % 4][0], range[i % 4][1], zeros ? 0 : i < 4);
        wrong = evaluate(c, c->result, &c->cx->arena);
        if (!wrong) return NULL;
    }
    return wrong;
}

static const char *run_block(Check *c)
{
    uint32_t n = c->function->param.n, n_results = c->function->result.n;
    TensorValue *in = ARENA_ARRAY(&c->cx->arena, TensorValue, n + 2 * n_results + 1);
    InterpretHooks hooks = {0};
    memcpy(in, c->param, n * sizeof *in);
    memcpy(in + n, c->result, n_results * sizeof *in);
    memcpy(in + n + n_results, c->weight, n_results * sizeof *in);
    c->gradient = ARENA_ARRAY(&c->cx->arena, TensorValue, c->block->result.n + 1);
    return graph_interpret(c->block, c->symbols, in, c->gradient, &hooks, &c->cx->arena);
}

static const char *place_text(Nnc *cx, Span span)
{
    const SourceFile *file = source_get(&cx->sources, span.file);
    return arena_print(&cx->arena, "%s:%u", file->name, source_line(file, span.lo));
}

static void compare(Check *c, uint32_t argument, int64_t element, double analytic)
{
    const double h = 1e-6;
    double *x = &c->param[argument].f[element], old = *x, up, down;
    *x = old + h, up = total(c);
    *x = old - h, down = total(c);
    *x = old;
    double numeric = (up - down) / (2 * h);
    if (isnan(numeric)) return;
    c->checked++;
    if (fabs(numeric - analytic) <= 1e-5 + 1e-3 * fabs(numeric)) return;
    if (c->wrong++ < SHOWN)
        driver_put(c->cx, NNC_OUT,
                   arena_print(&c->cx->arena, "%s: %s: argument %u, element %lld: derivative %.9g, by differences %.9g\n",
                               place_text(c->cx, c->own->span), c->own->name, argument + 1, (long long)element, analytic, numeric));
}

static void compare_all(Check *c)
{
    uint32_t k = 0;
    for (uint32_t i = 0; i < c->own->n_args; i++) {
        if (!c->param[i].f) continue;
        const TensorValue *gradient = &c->gradient[k++];
        int64_t n = c->param[i].count, each = n < c->each ? n : c->each;
        for (int64_t e = 0; e < each; e++)
            compare(c, i, e * n / each, gradient->f[e * n / each]);
    }
}

/* NULL, or why it cannot be compared. */
static const char *check(Check *c, const Lowered *lowered)
{
    Pass pass = {.module = lowered->module, .scratch = &c->cx->scratch, .diags = &c->cx->diags};
    c->function = pass_pipeline(&pass, c->own->callee, NULL, NULL);
    c->block = pass_pipeline(&pass, lowered->module->graph.at[c->own->callee->vjp], NULL, NULL);
    arena_clear(&c->cx->scratch);
    const char *wrong = choose_sizes(c, lowered);
    if (wrong) return wrong;
    uint32_t n = c->function->param.n, n_results = c->function->result.n;
    c->param = new_values(c, c->function, 0, n);
    c->result = ARENA_ARRAY(&c->cx->arena, TensorValue, n_results + 1);
    c->weight = new_values(c, c->block, n + n_results, n_results);
    for (uint32_t i = 0; i < c->own->n_results; i++)
        fill(c, &c->weight[i], 0.5, 1.5, 0);
    wrong = choose_arguments(c);
    if (!wrong) wrong = run_block(c);
    if (!wrong) compare_all(c);
    return wrong || c->checked ? wrong : "its arguments are no floats";
}

/* ---- all of them */

static bool trains(const Lowered *lowered, const OwnGradient *own)
{
    for (uint32_t i = 0; i < lowered->own.n; i++) {
        const OwnGradient *other = &lowered->own.at[i];
        const CoreEntry *e = other->entry < lowered->entry.n ? lowered->entry.at[other->entry].core : NULL;
        if (same_function(own, other) && e && e->kind == ENTRY_TRAIN) return true;
    }
    return false;
}

/* Is it right, as far as is known? */
static bool check_one(Nnc *cx, const Lowered *lowered, const OwnGradient *own)
{
    Check c = {.cx = cx, .own = own, .random = 1};
    const char *wrong = check(&c, lowered);
    bool left = wrong && trains(lowered, own);
    const char *found = wrong ? arena_print(&cx->arena, "not checked by itself%s: %s", left ? ", but in the train that uses it" : "", wrong)
                              : arena_print(&cx->arena, "%lld derivatives checked, %lld wrong", (long long)c.checked, (long long)c.wrong);
    driver_put(cx, NNC_OUT, arena_print(&cx->arena, "%s: grad block of %s: %s\n", place_text(cx, own->span), own->name, found));
    return wrong ? left : !c.wrong;
}

/* A function of the program itself, or of a layer or metric of it; what an imported file has more of is no matter of this program. */
static void look_for_calls(Nnc *cx, const FnDecl *fn, const Lowered *lowered)
{
    if (!fn || !fn->has_grad || fn->surrogate) return;
    const OwnGradient wanted = {.name = fn->name, .span = fn->name_span};
    for (uint32_t i = 0; i < lowered->own.n; i++)
        if (same_function(&lowered->own.at[i], &wanted)) return;
    driver_put(cx, NNC_OUT,
               arena_print(&cx->arena, "%s: grad block of %s: not checked: nothing calls it\n", place_text(cx, fn->name_span), fn->name));
    ++*cx->o->wrong_gradients;
}

static void look_at_members(Nnc *cx, const Member *members, const Lowered *lowered)
{
    for (const Member *m = members; m; m = m->next) {
        look_for_calls(cx, m->fn, lowered);
        look_at_members(cx, m->body, lowered);
        look_at_members(cx, m->orelse, lowered);
    }
}

void own_gradients_check(Nnc *cx, const Ast *ast, const Lowered *lowered)
{
    for (const Decl *d = ast->decls; d; d = d->next) {
        look_for_calls(cx, d->fn, lowered);
        look_at_members(cx, d->members, lowered);
    }
    for (uint32_t i = 0; i < lowered->own.n; i++) {
        uint32_t first = 0;
        while (!same_call(&lowered->own.at[first], &lowered->own.at[i]))
            first++;
        if (first == i && !check_one(cx, lowered, &lowered->own.at[i])) ++*cx->o->wrong_gradients;
    }
}
