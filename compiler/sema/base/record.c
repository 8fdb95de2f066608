/* SPDX-License-Identifier: MIT
 * record.c: recording of instructions, and what a scan body captures from around it. */
#include "sema/base/record.h"

#include <math.h>
#include <string.h>

#include "sema/base/size.h"

/* ---- bodies --------------------------------------------------------------------------------- */

BodyScope *body_push(Sema *s, bool scan, uint32_t n_fixed)
{
    BodyScope *scope = ARENA_NEW(s->arena, BodyScope);
    scope->up = s->scope;
    scope->body = ARENA_NEW(s->arena, CoreBody);
    scope->scan = scan;
    scope->n_fixed = n_fixed;
    scope->frame = s->frame;
    s->scope = scope;
    s->body = scope->body;
    return scope;
}

CoreBody *body_pop(Sema *s)
{
    CoreBody *body = s->scope->body;
    s->scope = s->scope->up;
    s->body = s->scope ? s->scope->body : NULL;
    return body;
}

/* ---- instructions --------------------------------------------------------------------------- */

bool record_within_limit(Sema *s, uint32_t n, uint32_t most, const char *what, Span at)
{
    if (n <= most) return true;
    if (!s->too_large) diag_error(s->diags, "E0605", at, "more than %u %s", most, what);
    s->too_large = true;
    return false;
}

static void count_instruction(Sema *s)
{
    int most = most_of(s, MAX_INSTRUCTIONS);
    if (++s->n_instructions != most) return;
    s->too_large = true;
    diag_error(s->diags, "E0605", s->call_span, "the program grows too large here: more than %d operations", most);
}

CoreRef core_emit(Sema *s, CoreOp op, const SemaType *type, const CoreRef *in, uint32_t n_in, const int64_t *attr, uint32_t n_attr)
{
    count_instruction(s);
    if (!s->body) BUG("an instruction (%s) outside of a body", core_op_name((uint16_t)op));
    CoreIns ins = {.op = (uint16_t)op, .n_in = n_in, .n_attr = n_attr, .n_out = 1, .span = s->call_span, .path = s->path ? s->path : ""};
    if (n_in) ins.in = ARENA_ARRAY(s->arena, CoreRef, n_in);
    for (uint32_t i = 0; i < n_in; i++)
        ins.in[i] = in[i];
    if (n_attr) ins.attr = ARENA_ARRAY(s->arena, int64_t, n_attr);
    for (uint32_t i = 0; i < n_attr; i++)
        ins.attr[i] = attr[i];
    if (type) ins.type = core_type(s, type);
    if (type && type->rank) size_check(s, type, s->call_span);
    if (s->too_large && s->body->ins.n > 1000) return s->body->ins.n; /* reported: stop growing */
    vec_add(s->arena, &s->body->ins, ins);
    return s->body->ins.n;
}

CoreIns *core_last(Sema *s)
{
    return &s->body->ins.at[s->body->ins.n - 1];
}

Value value_tensor(Sema *s, const SemaType *type, CoreRef ref)
{
    return (Value){.kind = VAL_TENSOR, .type = *type, .ref = ref, .body = s->body};
}

Value value_result(Sema *s, CoreRef many, uint32_t i, const SemaType *type)
{
    int64_t attr = i;
    return value_tensor(s, type, core_emit(s, CORE_result, type, &many, 1, &attr, 1));
}

Value value_leaf(Sema *s, CoreOp op, const SemaType *type, int64_t attr)
{
    return value_tensor(s, type, core_emit(s, op, type, NULL, 0, &attr, 1));
}

/* ---- captures ------------------------------------------------------------------------------- */

static CoreRef capture_into(Sema *s, BodyScope *scope, CoreBody *from, CoreRef ref)
{
    if (scope->body == from) return ref;
    for (uint32_t i = 0; i < scope->captured.n; i++)
        if (scope->captured.at[i].from == from && scope->captured.at[i].outer == ref) return scope->captured.at[i].inner;
    if (!scope->up || !scope->scan) BUG("a value of a body that is not around this one");
    CoreRef outer = capture_into(s, scope->up, from, ref);
    CoreBody *body = scope->body;
    CoreIns ins = {.op = CORE_arg, .n_attr = 1, .n_out = 1, .span = s->call_span, .path = ""};
    ins.attr = ARENA_NEW(s->arena, int64_t);
    ins.attr[0] = scope->n_fixed + scope->captured.n;
    ins.type = scope->up->body->ins.at[outer - 1].type;
    vec_add(s->arena, &body->ins, ins);
    Capture c = {.from = from, .outer = ref, .inner = body->ins.n};
    vec_add(s->arena, &scope->captured, c);
    return c.inner;
}

CoreRef record_capture(Sema *s, CoreBody *from, CoreRef ref)
{
    return capture_into(s, s->scope, from, ref);
}

/* ---- using values --------------------------------------------------------------------------- */

static CoreRef emit_number(Sema *s, Elem elem, double x, int64_t n)
{
    SemaType type = type_scalar(elem);
    CoreRef ref = core_emit(s, CORE_const, &type, NULL, 0, NULL, 0);
    core_last(s)->number = is_float_elem(elem) ? x : (double)n;
    core_last(s)->integer = n;
    return ref;
}

static int64_t saturate(double x)
{
    if (isnan(x)) return 0;
    if (x >= 2147483647.0) return 2147483647;
    if (x <= -2147483648.0) return -2147483648LL;
    return (int64_t)x;
}

static CoreRef use_int(Sema *s, const Value *v, Elem want)
{
    int64_t n;
    Elem elem = want == ELEM_none ? ELEM_int : want;
    if (elem == ELEM_bool) elem = ELEM_int;
    if (dim_is_const(s->dims, v->dim, &n)) return emit_number(s, elem, (double)n, n);
    SemaType type = type_scalar(elem);
    int64_t attr = v->dim;
    return core_emit(s, CORE_size, &type, NULL, 0, &attr, 1);
}

static Elem use_elem(const Value *v, Elem want)
{
    if (want != ELEM_none && want != ELEM_bool) return want;
    return v->kind == VAL_INT ? ELEM_int : v->kind == VAL_FLOAT ? ELEM_float : ELEM_bool;
}

CoreRef value_use(Sema *s, const Value *v, Elem want)
{
    switch (v->kind) {
    case VAL_TENSOR:
        if (!v->ref) BUG("a tensor without an instruction");
        return v->body == s->body ? v->ref : record_capture(s, v->body, v->ref);
    case VAL_INT: return use_int(s, v, want);
    case VAL_FLOAT: return emit_number(s, use_elem(v, want), v->number, saturate(v->number));
    case VAL_BOOL: return emit_number(s, ELEM_bool, v->truth > 0, v->truth > 0);
    default: BUG("a value of kind %d used as a tensor", (int)v->kind);
    }
}

Value value_as_tensor(Sema *s, const Value *v, Elem want)
{
    if (v->kind == VAL_TENSOR) {
        Value t = *v;
        t.ref = value_use(s, v, want);
        t.body = s->body;
        return t;
    }
    SemaType type = type_scalar(v->kind == VAL_BOOL ? ELEM_bool : use_elem(v, want));
    int64_t n;
    if (type.elem == ELEM_int && value_is_const_int(s, v, &n) && n >= 0 && n < INT64_MAX) type.bound = dim_const(s->dims, n + 1);
    return value_tensor(s, &type, value_use(s, v, want));
}

Value value_cast(Sema *s, const Value *v, Elem elem)
{
    SemaType type = v->type;
    type.elem = elem;
    type.bound = 0;
    CoreRef in = value_use(s, v, ELEM_none);
    return value_tensor(s, &type, core_emit(s, CORE_cast, &type, &in, 1, NULL, 0));
}

/* v has the shape `type` by proof; where it is written differently, a reshape makes the sizes the
 * same Dims. */
Value value_reshape_to(Sema *s, const Value *v, const SemaType *type)
{
    bool same = true;
    for (int i = 0; i < type->rank; i++)
        if (v->type.axis[i].kind == AXIS_DIM && type->axis[i].kind == AXIS_DIM) same &= v->type.axis[i].dim == type->axis[i].dim;
    Value r = *v;
    r.type = *type;
    if (same || s->generic) return r;
    CoreRef in = value_use(s, v, ELEM_none);
    return value_tensor(s, type, core_emit(s, CORE_reshape, type, &in, 1, NULL, 0));
}

/* ---- random draws --------------------------------------------------------------------------- */

uint64_t sema_draw_hash(Sema *s)
{
    if (s->entry) s->entry->entry->draws = true;
    if (s->in_init || s->in_data)
        diag_help(diag_error(s->diags, "E0122", s->call_span,
                             s->in_init ? "a start value cannot draw random numbers" : "a data field cannot draw random numbers"),
                  s->in_init ? "write an initialiser: normal(std=0.1), uniform(-1, 1), glorot(n_in, n_out)"
                             : "draw where it is used: x = ex.x + randn(B, 4)");
    if (!s->frame) return 0;
    return hash_mix(s->frame->hash, ++s->frame->n_draws);
}

bool record_turn(Sema *s, Span at)
{
    int most = most_of(s, MAX_TURNS);
    if (++s->n_turns <= most) return true;
    if (s->n_turns == most + 1) diag_error(s->diags, "E0605", at, "the compile-time loops have more than %d turns together", most);
    return false;
}
