/* SPDX-License-Identifier: MIT
 * grad.c: grad(L, wrt=x), the derivatives of a scalar as values (language.md 5.6). */
#include "sema/depend.h"

#include <string.h>

enum { MAX_WRT = 16 };
typedef struct Grad {
    const Expr *loss;
    const Expr *x[MAX_WRT];
    uint32_t n;
    bool several; /* wrt is a list: the result is a tuple */
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
    g->several = wrt->kind == EXPR_LIST || wrt->kind == EXPR_TUPLE;
    for (const Expr *x = g->several ? wrt->list : wrt; x; x = g->several ? x->next : NULL) {
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
    if (loss->kind == VAL_TENSOR && loss->type.rank == 0 && is_float_elem(loss->type.elem))
        return true;
    if (loss->kind == VAL_FLOAT) {
        diag_error(s->diags, "E0518", g->loss->span, "this is a number known to the compiler: its "
                                                     "derivative is 0");
        return false;
    }
    Diag *d = diag_error(s->diags, "E0516", g->loss->span,
                         "grad differentiates a float scalar, this is %s", value_describe(s, loss));
    if (loss->kind == VAL_TENSOR && is_float_elem(loss->type.elem))
        diag_help(d, "write sum(%s) for the derivatives of all its elements together",
                  source_text(s, g->loss->span));
    return false;
}

static bool bad_x(Sema *s, const Expr *x, const Value *v)
{
    const char *text = source_text(s, x->span);
    Diag *d = diag_error(s->diags, "E0517", x->span, "wrt needs float tensors, `%s` is %s", text,
                         value_describe(s, v));
    if (v->kind == VAL_LAYER)
        diag_help(d, "name its parameters: wrt=%s.w", text);
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
        Diag *d = diag_error(s->diags, "E0517", x->span,
                             "wrt names a value that the loss is computed from");
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
        diag_help(d, "carry it (with x = %s), or take the gradient of the whole scan behind it",
                  source_text(s, x->span));
        return false;
    }
    if (s->body->ins.at[v.ref - 1].op == CORE_state) {
        diag_error(s->diags, "E0517", x->span, "`%s` is a state: derivatives are by parameters and "
                                               "computed values",
                   source_text(s, x->span));
        return false;
    }
    g->in[1 + i] = v.ref;
    g->type[i] = v.type;
    return true;
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
        Diag *d = diag_error(s->diags, "E0518", g->x[i]->span,
                             "the loss does not depend on `%s` as it is here", text);
        diag_label(d, g->loss->span, "%s", "");
        diag_help(d, "compute the loss from `%s` itself, after the line that binds it", text);
        return false;
    }
    if (!s->entry) return true;
    CoreRef use = find_stale_use(s, s->body, loss, over, x, &minimize);
    if (!use) return true;
    const SourceFile *file = source_get(s->sources, e->span.file);
    uint32_t line = source_line(file, s->body->ins.at[minimize - 1].span.lo);
    Diag *d = diag_error(s->diags, "E0508", g->loss->span,
                         "this gradient needs parameters that line %u has since updated", line);
    const CoreIns *ins = &s->body->ins.at[use - 1];
    if (has_span(ins->span)) diag_trail(d, ins->span, "old parameters used here");
    diag_help(d, "compute %s again after line %u", source_text(s, g->loss->span), line);
    return false;
}

static Value emit_grad(Sema *s, const Grad *g)
{
    CoreRef ref = core_emit(s, CORE_grad, &g->type[0], g->in, g->n + 1, NULL, 0);
    if (!g->several) return value_tensor(s, &g->type[0], ref);
    CoreIns *ins = core_last(s);
    ins->n_out = g->n;
    Value v = {.kind = VAL_TUPLE, .n = g->n, .items = ARENA_ARRAY(s->arena, Value, g->n)};
    if (g->n == 1) {
        v.items[0] = value_tensor(s, &g->type[0], ref);
        return v;
    }
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
