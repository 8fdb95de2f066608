/* SPDX-License-Identifier: MIT
 * gradient.c: derivatives in the language (language.md#gradients-as-values): calls of functions that have a grad block of their own, and
 * grad(L, wrt=x), the derivatives of a scalar as values. */
#include "sema/gradient.h"

#include <string.h>

#include "sema/base/frame.h"
#include "sema/base/place.h"
#include "sema/base/record.h"
#include "sema/call.h"
#include "sema/depend.h"
#include "sema/expr.h"
#include "sema/stmt.h"
#include "sema/types.h"

/* ---- functions with a grad block ------------------------------------------------------------ */

static Value argument_of_body(Sema *s, const Value *outer)
{
    CoreType type = core_type(s, &outer->type);
    int64_t index = s->body->args.n;
    vec_add(s->arena, &s->body->args, type);
    Value v = value_leaf(s, CORE_arg, &outer->type, index);
    v.span = outer->span;
    return v;
}

static bool is_run_time(const Value *v)
{
    return v->kind == VAL_TENSOR || v->kind == VAL_FLOAT;
}

/* What has a place in the tables of a call. */
static bool is_number(const Value *v)
{
    return is_run_time(v) || v->kind == VAL_INT || v->kind == VAL_BOOL;
}

/* The values of a tuple, or the one value; they may be changed. */
static uint32_t value_items(Sema *s, const Value *v, Value **items)
{
    uint32_t n = v->kind == VAL_TUPLE ? v->n : 1;
    *items = ARENA_ARRAY(s->arena, Value, n + 1);
    for (uint32_t i = 0; i < n; i++)
        (*items)[i] = v->kind == VAL_TUPLE ? v->items[i] : *v;
    return n;
}

typedef struct GradCall {
    const CallSite *site;
    Frame *frame;
    uint32_t n_locals;
    Value *outer; /* by local */
    Value result, *results;
    uint32_t n_results, n_args;
    CoreRef *in;
} GradCall;

static void body_arguments(Sema *s, GradCall *g)
{
    for (uint32_t i = 0; i < g->n_locals; i++) {
        if (!is_run_time(&g->outer[i])) continue;
        g->frame->locals.at[i].value = argument_of_body(s, &g->outer[i]);
    }
    g->frame->locals.n = g->n_locals;
    g->frame->returned = false;
    g->frame->return_span = (Span){0};
    g->frame->result = value_none();
}

static void gradient_body(Sema *s, GradCall *g)
{
    const FnDecl *fn = g->site->fn;
    body_arguments(s, g);
    Value result = g->result;
    Value *items = ARENA_ARRAY(s->arena, Value, g->n_results + 1);
    for (uint32_t i = 0; i < g->n_results; i++)
        items[i] = argument_of_body(s, &g->results[i]);
    if (g->result.kind == VAL_TUPLE) {
        result.items = items;
    } else {
        result = items[0];
    }
    frame_bind(s, str_name(s->strings, "result"), result, fn->name_span);
    uint32_t k = 0;
    for (const Name *name = fn->grad_names; name; name = name->next) {
        if (k == g->n_results) {
            diag_error(s->diags, "E0507", name->span, "%s has %u result%s, so the grad block has as many names", fn->name, g->n_results,
                       g->n_results == 1 ? "" : "s");
            break;
        }
        Value dy = argument_of_body(s, &g->results[k++]);
        frame_bind(s, name->text, dy, name->span);
    }
    if (k < g->n_results) diag_error(s->diags, "E0507", fn->name_span, "the grad block needs one name per result of %s", fn->name);
    bool outer = s->in_grad_block;
    s->in_grad_block = true;
    block_eval(s, fn->grad_body);
    s->in_grad_block = outer;
}

/* One gradient per float argument, of the same type. */
static void gradient_results(Sema *s, GradCall *g)
{
    const FnDecl *fn = g->site->fn;
    Value *items = NULL;
    if (g->frame->result.kind == VAL_ERROR) return;
    uint32_t n = g->frame->result.kind == VAL_NONE ? 0 : value_items(s, &g->frame->result, &items), k = 0;
    for (uint32_t i = 0; i < g->n_locals; i++) {
        if (!is_run_time(&g->outer[i]) || g->outer[i].type.elem != ELEM_float) continue;
        const char *why;
        FullType want = {.kind = TYPE_TENSOR, .tensor = g->outer[i].type, .brackets = true};
        if (k >= n || !value_fit(s, &items[k], &want, &why)) {
            diag_error(s->diags, "E0507", g->frame->return_span.file ? g->frame->return_span : fn->name_span,
                       "the grad block of %s has to return one gradient per float argument: %s needs %s", fn->name,
                       g->frame->locals.at[i].name, type_print(s, &want.tensor));
            return;
        }
        if (is_error(&items[k])) return;
        vec_add(s->arena, &s->body->results, value_use(s, &items[k], ELEM_float));
        k++;
    }
    if (k < n) diag_error(s->diags, "E0507", g->frame->return_span, "the grad block returns %u values for %u float arguments", n, k);
}

Value grad_call(Sema *s, const CallSite *c)
{
    Frame *frame = s->frame;
    GradCall g = {.site = c, .frame = frame, .n_locals = frame->locals.n};
    g.outer = ARENA_ARRAY(s->arena, Value, g.n_locals + 1);
    g.in = ARENA_ARRAY(s->arena, CoreRef, g.n_locals + 1);
    for (uint32_t i = 0; i < g.n_locals; i++) {
        g.outer[i] = frame->locals.at[i].value;
        if (!is_run_time(&g.outer[i])) continue;
        g.outer[i] = value_as_tensor(s, &g.outer[i], ELEM_float);
        g.in[g.n_args++] = g.outer[i].ref;
    }
    body_push(s, false, 0);
    body_arguments(s, &g);
    block_eval(s, c->fn->body);
    g.result = call_check_result(s, c->fn->result, frame->result, frame->return_span.file ? frame->return_span : c->fn->name_span,
                                 c->fn->name, c->fn->name_span);
    bool ok = !is_error(&g.result);
    g.n_results = ok ? value_items(s, &g.result, &g.results) : 0;
    for (uint32_t i = 0; i < g.n_results && ok; i++) {
        ok = is_number(&g.results[i]);
        if (ok) {
            g.results[i] = value_as_tensor(s, &g.results[i], ELEM_none);
            vec_add(s->arena, &s->body->results, g.results[i].ref);
        } else
            diag_error(s->diags, "E0507", c->fn->name_span, "%s has a grad block, so it returns numbers and tensors, not %s", c->fn->name,
                       value_describe(s, &g.results[i]));
    }
    CoreBody *forward = body_pop(s);
    if (!ok) return value_error();
    body_push(s, false, 0);
    gradient_body(s, &g);
    gradient_results(s, &g);
    CoreBody *backward = body_pop(s);
    backward->span = c->fn->name_span;
    int64_t attr[2] = {g.n_args, 0};
    CoreRef ref = core_emit(s, CORE_call, &g.results[0].type, g.in, g.n_args, attr, 2);
    CoreIns *ins = core_last(s);
    ins->bodies[0] = forward;
    ins->bodies[1] = backward;
    ins->name = c->fn->name;
    ins->integer = c->fn->surrogate;
    ins->n_out = g.n_results;
    if (g.n_results == 1) return value_tensor(s, &g.results[0].type, ref);
    CoreType *types = ARENA_ARRAY(s->arena, CoreType, g.n_results);
    for (uint32_t i = 0; i < g.n_results; i++)
        types[i] = core_type(s, &g.results[i].type);
    ins->types = types;
    Value v = {.kind = VAL_TUPLE, .n = g.n_results, .items = ARENA_ARRAY(s->arena, Value, g.n_results)};
    for (uint32_t i = 0; i < g.n_results; i++)
        v.items[i] = value_result(s, ref, i, &g.results[i].type);
    return v;
}

/* ---- grad(L, wrt=x) -------------------------------------------------------------------------- */

enum { MAX_WRT = 16 };
typedef struct Grad {
    const Expr *loss;
    const Expr *x[MAX_WRT];
    uint32_t n;
    CoreRef in[MAX_WRT + 1];
    SemaType type[MAX_WRT];
} Grad;

static Span word_span(const Expr *e)
{
    return has_span(e->name_span) ? e->name_span : e->span;
}

static bool bad_form(Sema *s, Span at)
{
    Diag *d = diag_error(s->diags, "E0516", at, "grad takes a loss and what to differentiate by");
    diag_help(d, "write grad(loss, wrt=x), or gx, gy = grad(loss, wrt=[x, y])");
    return false;
}

static bool grad_arguments(Sema *s, const Expr *e, Grad *g)
{
    const Expr *wrt = NULL;
    for (const Arg *a = e->args; a; a = a->next) {
        bool named = a->name && !a->pack;
        if (!named && !a->pack && !g->loss)
            g->loss = a->value;
        else if (named && !strcmp(a->name, "wrt") && !wrt)
            wrt = a->value;
        else
            return bad_form(s, a->span);
    }
    if (!g->loss || !wrt) return bad_form(s, word_span(e));
    bool list = wrt->kind == EXPR_LIST || wrt->kind == EXPR_TUPLE;
    for (const Expr *x = list ? wrt->list : wrt; x; x = list ? x->next : NULL) {
        if (g->n == MAX_WRT) {
            diag_error(s->diags, "E0516", x->span, "grad takes at most %d values of wrt", MAX_WRT);
            return false;
        }
        g->x[g->n++] = x;
    }
    return g->n || bad_form(s, wrt->span);
}

static bool grad_loss(Sema *s, Grad *g, Value *loss)
{
    *loss = expr_eval(s, g->loss);
    if (is_error(loss)) return false;
    if (loss->kind == VAL_TENSOR && loss->type.rank == 0 && is_float_elem(loss->type.elem)) return true;
    if (loss->kind == VAL_FLOAT) {
        diag_error(s->diags, "E0518", g->loss->span,
                   "this is a number known to the compiler: its "
                   "derivative is 0");
        return false;
    }
    Diag *d = diag_error(s->diags, "E0516", g->loss->span, "grad differentiates a float scalar, this is %s", value_describe(s, loss));
    if (loss->kind == VAL_TENSOR && is_float_elem(loss->type.elem))
        diag_help(d, "write sum(%s) for the derivatives of all its elements together", source_text(s, g->loss->span));
    return false;
}

/* How the first parameter of a layer is written: "fc.w"; NULL if it has none. */
static const char *first_parameter(Sema *s, const Instance *instance)
{
    for (uint32_t i = 0; i < instance->members.n; i++) {
        const Mem *m = &instance->members.at[i];
        const char *index = m->n_index ? arena_print(s->arena, "[%lld]", (long long)m->index[0]) : "";
        if (m->kind == MEM_PARAM) return arena_print(s->arena, "%s%s", m->name, index);
        const char *inner = m->kind == MEM_CHILD && m->value.kind == VAL_LAYER ? first_parameter(s, m->value.instance) : NULL;
        if (inner) return arena_print(s->arena, "%s%s.%s", m->name, index, inner);
    }
    return NULL;
}

static bool bad_x(Sema *s, const Expr *x, const Value *v)
{
    const char *text = source_text(s, x->span);
    Diag *d = diag_error(s->diags, "E0517", x->span, "wrt needs float tensors, `%s` is %s", text, value_describe(s, v));
    const char *parameter = v->kind == VAL_LAYER ? first_parameter(s, v->instance) : NULL;
    if (parameter)
        diag_help(d, "name its parameters: wrt=%s.%s", text, parameter);
    else if (v->kind == VAL_TENSOR)
        diag_help(d, "differentiate by the float value that is computed from it");
    return false;
}

/* x has to be a value of this very body: what comes from outside a scan also acts through the
 * carries, which the derivative of one turn does not see. */
static bool from_outside(Sema *s, const Value *v)
{
    if (v->body != s->body) return true;
    uint16_t op = s->body->ins.at[v->ref - 1].op;
    return s->scope->scan && (op == CORE_weight || op == CORE_option);
}

static bool grad_by(Sema *s, Grad *g, uint32_t i)
{
    const Expr *x = g->x[i];
    if (x->kind != EXPR_NAME && x->kind != EXPR_FIELD) {
        Diag *d = diag_error(s->diags, "E0517", x->span, "wrt names a value that the loss is computed from");
        diag_help(d, "bind it first: x = %s, and use x in the loss", source_text(s, x->span));
        return false;
    }
    Value v = expr_eval(s, x);
    if (is_error(&v)) return false;
    if (v.kind != VAL_TENSOR || !is_float_elem(v.type.elem)) return bad_x(s, x, &v);
    if (from_outside(s, &v)) {
        Diag *d = diag_error(s->diags, "E0519", x->span,
                             "`%s` comes from outside this scan: the derivative of one turn would "
                             "miss what it does to the carries",
                             source_text(s, x->span));
        diag_help(d, "carry it (with x = %s), or take the gradient of the whole scan behind it", source_text(s, x->span));
        return false;
    }
    if (s->body->ins.at[v.ref - 1].op == CORE_state) {
        diag_error(s->diags, "E0517", x->span,
                   "`%s` is a state: derivatives are by parameters and "
                   "computed values",
                   source_text(s, x->span));
        return false;
    }
    g->in[1 + i] = v.ref;
    g->type[i] = v.type;
    return true;
}

static bool has_other_errors(const Sema *s)
{
    for (uint32_t i = 0; i < s->diags->list.n; i++)
        if (!s->diags->list.at[i]->warning && strcmp(s->diags->list.at[i]->code, "E0518") != 0) return true;
    return false;
}

static bool check_dependence(Sema *s, const Expr *e, const Grad *g, uint32_t i)
{
    CoreRef loss = g->in[0], x = g->in[1 + i], minimize = 0;
    const char *text = source_text(s, g->x[i]->span);
    bool *over = NULL;
    const CoreIns *leaf = &s->body->ins.at[x - 1];
    if (leaf->op == CORE_weight) {
        over = ARENA_ARRAY(s->arena, bool, s->program->tensors.n + 1);
        over[leaf->attr[0]] = true;
    }
    if (!gradient_depends(s, s->body, loss, x)) {
        if (has_other_errors(s)) return false; /* what was not understood depends on nothing */
        bool flat = value_depends(s, s->body, loss, x);
        Diag *d = diag_error(
            s->diags, "E0518", g->x[i]->span,
            flat ? "the loss depends on `%s` only through what has no derivative" : "the loss does not depend on `%s` as it is here", text);
        diag_label(d, g->loss->span, "%s", "");
        if (flat)
            diag_help(d, "comparisons, indices, `//`, rounding, int(...) and stop_gradient have none");
        else
            diag_help(d, "compute the loss from `%s` itself, after the line that binds it", text);
        return false;
    }
    if (!s->entry) return true;
    CoreRef use = depend_stale_use(s, s->body, loss, over, x, &minimize);
    if (!use) return true;
    const SourceFile *file = source_get(s->sources, e->span.file);
    uint32_t line = source_line(file, s->body->ins.at[minimize - 1].span.lo);
    Diag *d = diag_error(s->diags, "E0508", g->loss->span, "this gradient needs parameters that line %u has since updated", line);
    const CoreIns *ins = &s->body->ins.at[use - 1];
    if (has_span(ins->span)) diag_trail(d, ins->span, "old parameters used here");
    diag_help(d, "compute %s again after line %u", source_text(s, g->loss->span), line);
    return false;
}

/* One derivative, or a tuple of several. */
static Value emit_grad(Sema *s, const Grad *g)
{
    CoreRef ref = core_emit(s, CORE_grad, &g->type[0], g->in, g->n + 1, NULL, 0);
    if (g->n == 1) return value_tensor(s, &g->type[0], ref);
    CoreIns *ins = core_last(s);
    ins->n_out = g->n;
    Value v = {.kind = VAL_TUPLE, .n = g->n, .items = ARENA_ARRAY(s->arena, Value, g->n)};
    ins->types = ARENA_ARRAY(s->arena, CoreType, g->n);
    for (uint32_t i = 0; i < g->n; i++)
        ins->types[i] = core_type(s, &g->type[i]);
    for (uint32_t i = 0; i < g->n; i++)
        v.items[i] = value_result(s, ref, i, &g->type[i]);
    return v;
}

Value grad_eval(Sema *s, const Expr *e)
{
    Grad g = {0};
    Value loss;
    if (!grad_arguments(s, e, &g)) return value_error();
    if (!s->body || s->in_init || s->in_data) {
        diag_error(s->diags, "E0103", word_span(e), "a gradient is known only at run time");
        return value_error();
    }
    if (!grad_loss(s, &g, &loss)) return value_error();
    g.in[0] = value_use(s, &loss, ELEM_none);
    for (uint32_t i = 0; i < g.n; i++)
        if (!grad_by(s, &g, i)) return value_error();
    for (uint32_t i = 0; i < g.n && !s->generic; i++)
        if (!check_dependence(s, e, &g, i)) return value_error();
    return emit_grad(s, &g);
}
