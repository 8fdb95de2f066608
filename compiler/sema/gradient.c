/* SPDX-License-Identifier: MIT
 * gradient.c: calls of functions that have a grad block of their own (language.md 5.6). */
#include "sema/call.h"

#include <string.h>

/* ---- functions with a grad block ------------------------------------------------------------ */

static Value argument_of_body(Sema *s, const Value *outer)
{
    CoreType type = s->in_metric ? core_type(s, &outer->type) : core_type(s, &outer->type);
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
            diag_error(s->diags, "E0507", name->span,
                       "%s has %u result%s, so the grad block has as many names", fn->name,
                       g->n_results, g->n_results == 1 ? "" : "s");
            break;
        }
        Value dy = argument_of_body(s, &g->results[k++]);
        frame_bind(s, name->text, dy, name->span);
    }
    if (k < g->n_results)
        diag_error(s->diags, "E0507", fn->name_span,
                   "the grad block needs one name per result of %s", fn->name);
    block_eval(s, fn->grad_body);
}

/* One gradient per float argument, of the same type. */
static void gradient_results(Sema *s, GradCall *g)
{
    const FnDecl *fn = g->site->fn;
    Value *items = NULL;
    if (g->frame->result.kind == VAL_ERROR) return;
    uint32_t n = g->frame->result.kind == VAL_NONE ? 0 : value_items(s, &g->frame->result, &items),
             k = 0;
    for (uint32_t i = 0; i < g->n_locals; i++) {
        if (!is_run_time(&g->outer[i]) || g->outer[i].type.elem != ELEM_float) continue;
        const char *why;
        FullType want = {.kind = TYPE_TENSOR, .tensor = g->outer[i].type, .brackets = true};
        if (k >= n || !value_fit(s, &items[k], &want, &why)) {
            diag_error(
                s->diags, "E0507",
                g->frame->return_span.file ? g->frame->return_span : fn->name_span,
                "the grad block of %s has to return one gradient per float argument: %s needs %s",
                fn->name, g->frame->locals.at[i].name, type_print(s, &want.tensor));
            return;
        }
        if (is_error(&items[k])) return;
        vec_add(s->arena, &s->body->results, value_use(s, &items[k], ELEM_float));
        k++;
    }
    if (k < n)
        diag_error(s->diags, "E0507", g->frame->return_span,
                   "the grad block returns %u values for %u float arguments", n, k);
}

Value call_with_grad(Sema *s, const CallSite *c)
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
    g.result =
        check_result(s, c->fn->result, frame->result,
                     frame->return_span.file ? frame->return_span : c->fn->name_span, c->fn->name);
    bool ok =
        g.result.kind == VAL_TENSOR || g.result.kind == VAL_TUPLE || g.result.kind == VAL_FLOAT;
    g.n_results = ok ? value_items(s, &g.result, &g.results) : 0;
    for (uint32_t i = 0; i < g.n_results; i++) {
        if (!is_run_time(&g.results[i]))
            ok = false;
        else {
            g.results[i] = value_as_tensor(s, &g.results[i], ELEM_float);
            vec_add(s->arena, &s->body->results, g.results[i].ref);
        }
    }
    CoreBody *forward = body_pop(s);
    if (!ok || !g.n_results) return value_error();
    body_push(s, false, 0);
    gradient_body(s, &g);
    gradient_results(s, &g);
    CoreBody *backward = body_pop(s);
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
    Value v = {
        .kind = VAL_TUPLE, .n = g.n_results, .items = ARENA_ARRAY(s->arena, Value, g.n_results)};
    for (uint32_t i = 0; i < g.n_results; i++)
        v.items[i] = value_result(s, ref, i, &g.results[i].type);
    return v;
}
