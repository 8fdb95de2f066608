/* SPDX-License-Identifier: MIT
 * init.c: start values of parameters and states (language.md#start-values). */
#include "sema/init.h"

#include <math.h>
#include <string.h>

#include "sema/base/frame.h"
#include "sema/base/initialisers.h"
#include "sema/base/record.h"
#include "sema/expr.h"
#include "sema/types.h"

static const Initialiser *find_kind(Sema *s, const Expr *e)
{
    if (e->kind != EXPR_CALL || e->a->kind != EXPR_NAME) return NULL;
    if (frame_find(s->frame, e->a->name) || scope_find_global(s, e->a->name)) return NULL;
    return initialiser_find(e->a->name);
}

static bool number_of(Sema *s, const Value *v, double *x)
{
    int64_t n;
    if (v->kind == VAL_FLOAT)
        *x = v->number;
    else if (value_is_const_int(s, v, &n))
        *x = (double)n;
    else if (s->generic && (v->kind == VAL_INT || v->kind == VAL_TENSOR))
        *x = 1;
    else
        return false;
    return true;
}

/* Standard deviation or bounds from numbers of inputs and outputs. */
static void apply_rule(const Initialiser *kind, CoreInit *init)
{
    double fan = init->a + (kind->rule == STD_OF_BOTH ? init->b : 0);
    double std = sqrt(kind->share / (fan > 0 ? fan : 1));
    switch (kind->rule) {
    case STD_OF_BOTH:
    case STD_OF_ONE: init->a = std, init->b = 0; break;
    case RANGE_OF_ONE: init->a = -sqrt(3.0) * std, init->b = sqrt(3.0) * std; break;
    case AS_GIVEN: break;
    }
}

static CoreInit known_init(Sema *s, const Initialiser *kind, const Expr *e)
{
    CoreInit init = {.kind = kind->kind, .a = kind->start[0], .b = kind->start[1]};
    uint32_t n;
    bool bad, given[2] = {false, false};
    PrimArg *args = args_eval(s, e->args, &n, &bad);
    int next = 0;
    for (uint32_t i = 0; i < n && !bad; i++) {
        int k = args[i].name ? -1 : next++;
        for (int j = 0; args[i].name && j < 2; j++)
            if (kind->arg[j] && !strcmp(kind->arg[j], args[i].name)) k = j;
        if (k < 0 || k > 1 || !kind->arg[k]) {
            Diag *d = diag_error(s->diags, "E0123", args[i].span, "%s has no such argument", kind->name);
            if (kind->arg[0])
                diag_help(d, "write %s(%s=...%s%s)", kind->name, kind->arg[0], kind->arg[1] ? ", " : "",
                          kind->arg[1] ? arena_print(s->arena, "%s=...", kind->arg[1]) : "");
            return init;
        }
        double x;
        if (!number_of(s, &args[i].value, &x)) {
            diag_error(s->diags, "E0123", args[i].span, "%s needs a number that the compiler knows, not %s", kind->name,
                       value_describe(s, &args[i].value));
            return init;
        }
        if (k == 0)
            init.a = x;
        else
            init.b = x;
        given[k] = true;
    }
    for (int k = 0; k < kind->required && !bad; k++)
        if (!given[k]) diag_error(s->diags, "E0123", e->span, "%s needs %s", kind->name, kind->arg[k]);
    if (kind->kind == INIT_TRUNCATED && !s->generic && init.b < 0.1)
        diag_error(s->diags, "E0123", e->span, "%s: cut is %g, but must be at least 0.1", kind->name, init.b);
    apply_rule(kind, &init);
    return init;
}

static void check_orthogonal(Sema *s, const SemaType *type, Span at)
{
    if (type->rank < 2) diag_error(s->diags, "E0123", at, "orthogonal() needs at least two axes");
}

/* Any other expression is computed once and has the declared type. */
static CoreInit expression_init(Sema *s, const Expr *e, const SemaType *type, Span at, const char *name)
{
    CoreInit init = {.kind = INIT_EXPR};
    bool old = s->in_init, training = s->training;
    BodyScope *scope = s->scope;
    CoreBody *outer = s->body;
    s->in_init = true;
    s->training = false;
    if (!s->generic) {
        s->scope = NULL;
        body_push(s, false, 0);
    }
    Value v = expr_eval(s, e), given = v;
    FullType want = {.kind = TYPE_TENSOR, .tensor = *type, .brackets = type->rank > 0};
    const char *why = "";
    int64_t n;
    bool number = v.kind == VAL_FLOAT || value_is_const_int(s, &v, &n) || v.kind == VAL_BOOL;
    if (number) {
        init.kind = INIT_CONST;
        init.a = v.kind == VAL_FLOAT ? v.number : v.kind == VAL_BOOL ? v.truth : (double)n;
        if (init.a == 0) init.kind = INIT_ZERO;
    } else if (!is_error(&v) && !value_fit(s, &v, &want, &why)) {
        Diag *d =
            diag_error(s->diags, "E0304", e->span, "`%s` is %s but starts as %s", name, type_print(s, type), value_describe(s, &given));
        if (why[0]) diag_note(d, "not equal for %s", why);
    } else if (!is_error(&v) && !s->generic) {
        v = value_as_tensor(s, &v, type->elem);
        vec_add(s->arena, &s->body->results, v.ref);
        init.body = s->body;
    }
    if (!s->generic) {
        body_pop(s);
        s->scope = scope;
        s->body = outer;
    }
    s->in_init = old;
    s->training = training;
    if (init.kind == INIT_EXPR && !init.body) init.kind = INIT_ZERO;
    (void)at;
    return init;
}

CoreInit init_eval(Sema *s, const Expr *value, const SemaType *type, bool is_state, Span at, const char *name)
{
    const Initialiser *kind = find_kind(s, value);
    if (!kind) return expression_init(s, value, type, at, name);
    if (is_state && type->elem == ELEM_int)
        diag_error(s->diags, "E0123", value->span, "an int state starts from numbers, not from %s", kind->name);
    if (kind->kind == INIT_ORTHOGONAL) check_orthogonal(s, type, value->span);
    return known_init(s, kind, value);
}
