/* SPDX-License-Identifier: MIT
 * scan.c: the run-time loop (language.md#scan): slices, carries, emits, captured values. */
#include "sema/scan.h"

#include <string.h>

#include "sema/base/demand.h"
#include "sema/base/frame.h"
#include "sema/base/place.h"
#include "sema/base/record.h"
#include "sema/expr.h"
#include "sema/prim/argument.h"
#include "sema/prim/ops.h"
#include "sema/stmt.h"
#include "sema/types.h"

typedef struct ScanSource {
    const char *name;
    Span span;
    Value value;
    bool counter; /* t in a..b */
    Dim lo;
    uint32_t index;
} ScanSource;

typedef struct ScanCarry {
    const char *name;
    Span span, at; /* of the name and of what it starts as */
    Value start;
} ScanCarry;

typedef struct Scan {
    const Stmt *stmt;
    int64_t axis;
    Dim n;
    ScanSource sources[16];
    uint32_t n_sources, n_xs;
    ScanCarry carries[32];
    uint32_t n_carries;
} Scan;

/* ---- what is looped over -------------------------------------------------------------------- */

static bool same_length(Sema *s, Scan *p, Dim n, Span at)
{
    if (!p->n) {
        p->n = n;
        return true;
    }
    const char *why = "";
    DimAnswer answer = sema_equal(s, p->n, n, &why);
    if (answer == DIM_PROVED || (answer == DIM_OPEN && s->generic)) return true;
    Diag *d = diag_error(s->diags, "E0322", at, "the sources of a scan have to be equally long: %s and %s",
                         dim_print(s->dims, s->arena, p->n), dim_print(s->dims, s->arena, n));
    if (why[0]) diag_note(d, "not equal for %s", why);
    return false;
}

static bool range_source(Sema *s, Scan *p, ScanSource *src)
{
    Value *ends = src->value.items;
    if (ends[0].kind != VAL_INT || ends[1].kind != VAL_INT) {
        diag_help(diag_error(s->diags, "E0322", src->value.span, "the ends of the range have to be sizes"),
                  "an argument that is a length is declared `n: dim`");
        return false;
    }
    src->counter = true;
    src->lo = ends[0].dim;
    Dim n = dim_sub(s->dims, ends[1].dim, ends[0].dim);
    sema_demand(s, n, OPER_GE, dim_const(s->dims, 1), src->value.span, "a scan has at least one turn");
    return same_length(s, p, n, src->value.span);
}

static bool tensor_source(Sema *s, Scan *p, ScanSource *src)
{
    SemaType *t = &src->value.type;
    int64_t axis = p->axis < 0 ? p->axis + t->rank : p->axis;
    if (axis < 0 || axis >= t->rank) {
        diag_error(s->diags, "E0308", src->value.span, "%s has no axis %lld to scan along", type_print(s, t), (long long)p->axis);
        return false;
    }
    for (int i = 0; i <= axis; i++) {
        if (t->axis[i].kind != AXIS_PACK) continue;
        diag_error(s->diags, "E0308", src->value.span, "axis %lld of %s is inside a pack", (long long)p->axis, type_print(s, t));
        return false;
    }
    if (p->axis < 0) p->axis = axis;
    src->index = p->n_xs++;
    return same_length(s, p, t->axis[axis].kind == AXIS_DIM ? t->axis[axis].dim : dim_const(s->dims, 1), src->value.span);
}

static bool find_sources(Sema *s, Scan *p)
{
    bool ok = true;
    for (const Source *src = p->stmt->sources; src; src = src->next) {
        if (p->n_sources == 16) {
            diag_error(s->diags, "E0605", src->span, "a scan has at most 16 sources");
            return false;
        }
        ScanSource *out = &p->sources[p->n_sources++];
        *out = (ScanSource){.name = src->name, .span = src->span, .value = expr_eval(s, src->value)};
        if (is_error(&out->value))
            ok = false;
        else if (out->value.kind == VAL_RANGE)
            ok &= range_source(s, p, out);
        else if (out->value.kind == VAL_TENSOR)
            ok &= tensor_source(s, p, out);
        else {
            diag_error(s->diags, "E0322", src->value->span, "a scan runs over tensors and ranges, not %s", value_describe(s, &out->value));
            ok = false;
        }
    }
    return ok;
}

/* ---- carries -------------------------------------------------------------------------------- */

static Value plain_axes(Sema *s, Value v)
{
    for (int i = 0; i < v.type.rank; i++)
        if (v.type.axis[i].kind == AXIS_STRETCH) v.type.axis[i] = (Axis){.kind = AXIS_DIM, .dim = dim_const(s->dims, 1)};
    return v;
}

static bool start_carry(Sema *s, ScanCarry *out, const Carry *c)
{
    Value v = expr_eval(s, c->value);
    if (is_error(&v)) return false;
    if (c->type) {
        FullType want;
        const char *why;
        if (!type_eval(s, c->type, &want, false)) return false;
        Value given = v;
        if (want.kind != TYPE_TENSOR || !value_fit(s, &v, &want, &why)) {
            diag_error(s->diags, "E0316", c->value->span, "carry `%s` is declared as %s but starts as %s", c->name,
                       full_type_print(s, &want), value_describe(s, &given));
            return false;
        }
        if (v.kind != VAL_TENSOR) v = value_as_tensor(s, &v, want.tensor.elem);
        v.type.bound = want.tensor.bound;
    }
    if (v.kind == VAL_INT || v.kind == VAL_FLOAT || v.kind == VAL_BOOL) {
        v = value_as_tensor(s, &v, ELEM_none);
        v.type.bound = 0;
    }
    if (v.kind != VAL_TENSOR) {
        diag_error(s->diags, "E0316", c->value->span, "a carry is a tensor, not %s", value_describe(s, &v));
        return false;
    }
    *out = (ScanCarry){.name = c->name, .span = c->span, .at = c->value->span, .start = plain_axes(s, v)};
    return true;
}

static bool find_carries(Sema *s, Scan *p)
{
    bool ok = true;
    for (const Carry *c = p->stmt->carries; c; c = c->next) {
        if (p->n_carries == 32) {
            diag_error(s->diags, "E0605", c->span, "a scan has at most 32 carries");
            return false;
        }
        if (start_carry(s, &p->carries[p->n_carries], c))
            p->n_carries++;
        else
            ok = false;
    }
    return ok;
}

/* ---- the body ------------------------------------------------------------------------------- */

static Value body_argument(Sema *s, const SemaType *type, int64_t index)
{
    return value_leaf(s, CORE_arg, type, index);
}

static void bind_source(Sema *s, Scan *p, ScanSource *src)
{
    Value v;
    if (src->counter) {
        SemaType type = type_scalar(ELEM_int);
        v = body_argument(s, &type, -1); /* its number is known at the end */
        int64_t lo;
        if (dim_is_const(s->dims, src->lo, &lo) && lo == 0) {
            sema_demand_counted(s, p->n, src->span, "the turns of a scan over a range are counted by an int");
            v.type.bound = p->n;
        } else {
            Value start = value_dim(s, src->lo);
            v = prim_binary(s, OPER_ADD, v, start, src->span, src->span, src->span);
        }
    } else {
        SemaType type = src->value.type;
        for (int i = (int)p->axis + 1; i < type.rank; i++)
            type.axis[i - 1] = type.axis[i];
        type.rank--;
        v = body_argument(s, &type, p->n_carries + src->index);
    }
    frame_bind(s, src->name, v, src->span);
}

static void set_counter_number(CoreBody *body, int64_t number)
{
    for (uint32_t i = 0; i < body->ins.n; i++)
        if (body->ins.at[i].op == CORE_arg && body->ins.at[i].attr[0] == -1) body->ins.at[i].attr[0] = number;
}

/* The type of each argument of the body, in order. */
static void set_argument_types(Sema *s, Scan *p, BodyScope *scope)
{
    CoreBody *body = scope->body;
    for (uint32_t i = 0; i < p->n_carries; i++)
        vec_add(s->arena, &body->args, core_type(s, &p->carries[i].start.type));
    for (uint32_t i = 0; i < p->n_sources; i++) {
        if (p->sources[i].counter) continue;
        SemaType type = p->sources[i].value.type;
        for (int k = (int)p->axis + 1; k < type.rank; k++)
            type.axis[k - 1] = type.axis[k];
        type.rank--;
        vec_add(s->arena, &body->args, core_type(s, &type));
    }
    for (uint32_t i = 0; i < scope->captured.n; i++)
        vec_add(s->arena, &body->args, body->ins.at[scope->captured.at[i].inner - 1].type);
    SemaType counter = type_scalar(ELEM_int);
    vec_add(s->arena, &body->args, core_type(s, &counter));
    set_counter_number(body, body->args.n - 1);
}

static bool carry_result(Sema *s, const ScanCarry *c)
{
    Local *local = frame_find(s->frame, c->name);
    Value v = local ? local->value : value_error();
    if (is_error(&v)) return false;
    FullType want = {.kind = TYPE_TENSOR, .tensor = c->start.type, .brackets = true};
    Value given = v;
    const char *why = "";
    if (!value_fit(s, &v, &want, &why)) {
        if (given.kind != VAL_TENSOR) given = v;
        Diag *d = diag_error(s->diags, "E0316", c->span, "carry `%s` starts as %s but the loop gives %s", c->name,
                             type_print(s, &c->start.type), value_describe(s, &given));
        if (why[0]) diag_note(d, "not equal for %s", why);
        if (given.kind == VAL_TENSOR && given.type.elem == c->start.type.elem && given.type.elem == ELEM_int)
            diag_help(d, "%s: %s = %s", c->name, type_print(s, &given.type), source_text(s, c->at));
        return false;
    }
    v = value_as_tensor(s, &v, c->start.type.elem);
    vec_add(s->arena, &s->body->results, v.ref);
    return true;
}

void emit_eval(Sema *s, const Stmt *stmt)
{
    Value v = expr_eval(s, stmt->value);
    if (!s->scope || !s->scope->scan || s->scope->frame != s->frame) {
        diag_error(s->diags, "E0502", stmt->span, "`emit` belongs in the body of a scan");
        return;
    }
    for (uint32_t i = 0; i < s->scope->emits.n; i++) {
        if (s->scope->emits.at[i].name != stmt->name) continue;
        diag_error(s->diags, "E0120", stmt->name_span, "`%s` is emitted twice", stmt->name);
        return;
    }
    if (!is_error(&v) && v.kind != VAL_TENSOR && v.kind != VAL_INT && v.kind != VAL_FLOAT && v.kind != VAL_BOOL) {
        diag_error(s->diags, "E0302", stmt->value->span, "only tensors can be emitted, not %s", value_describe(s, &v));
        v = value_error();
    }
    if (!is_error(&v)) v = plain_axes(s, value_as_tensor(s, &v, ELEM_none));
    Local local = {.name = stmt->name, .value = v, .span = stmt->name_span};
    vec_add(s->arena, &s->scope->emits, local);
}

/* ---- after the loop ------------------------------------------------------------------------- */

typedef struct LocalList {
    VEC(Local) l;
} LocalList;

static LocalList copy_locals(Sema *s, const Frame *frame)
{
    LocalList list = {0};
    for (uint32_t i = 0; i < frame->locals.n; i++)
        vec_add(s->arena, &list.l, frame->locals.at[i]);
    return list;
}

static bool is_source(const Scan *p, const char *name)
{
    for (uint32_t i = 0; i < p->n_sources; i++)
        if (p->sources[i].name == name) return true;
    return false;
}

/* Names of the body end with it; outer names that the body bound anew cannot be read any more. */
static void end_names(Sema *s, const Scan *p, LocalList before)
{
    Frame *frame = s->frame;
    LocalList inside = copy_locals(s, frame);
    frame->locals.n = 0;
    for (uint32_t i = 0; i < before.l.n; i++)
        vec_add(s->arena, &frame->locals, before.l.at[i]);
    for (uint32_t i = 0; i < inside.l.n; i++) {
        Local in = inside.l.at[i];
        if (i < before.l.n) {
            Local *old = &frame->locals.at[i];
            if (old->span.lo == in.span.lo && old->span.file == in.span.file) continue;
            if (!is_source(p, in.name)) old->ended = in.span;
            continue;
        }
        in.ended = in.span;
        vec_add(s->arena, &frame->locals, in);
    }
}

static SemaType stacked_type(Sema *s, const Scan *p, const Local *emit)
{
    SemaType type = emit->value.type;
    int64_t axis = p->axis < 0 ? p->axis + type.rank + 1 : p->axis;
    if (axis > type.rank || type.rank == CORE_MAX_RANK || axis < 0) {
        diag_error(s->diags, "E0308", emit->span, "`%s` is %s: it cannot be stacked along axis %lld", emit->name, type_print(s, &type),
                   (long long)p->axis);
        return type_scalar(ELEM_none);
    }
    for (int i = type.rank; i > axis; i--)
        type.axis[i] = type.axis[i - 1];
    type.axis[axis] = (Axis){.kind = AXIS_DIM, .dim = p->n};
    type.rank++;
    return type;
}

static void bind_emit_errors(Sema *s, const Stmt *stmts)
{
    for (const Stmt *stmt = stmts; stmt; stmt = stmt->next) {
        if (stmt->kind == STMT_EMIT) frame_bind(s, stmt->name, value_error(), stmt->name_span);
        if (stmt->kind == STMT_IF || stmt->kind == STMT_FOR) {
            bind_emit_errors(s, stmt->body);
            bind_emit_errors(s, stmt->orelse);
        }
    }
}

/* After an error: the results are unknown, so that what follows is not reported, too. */
static void bind_errors(Sema *s, const Stmt *stmt)
{
    for (const Carry *c = stmt->carries; c; c = c->next)
        frame_bind(s, c->name, value_error(), c->span);
    bind_emit_errors(s, stmt->body);
}

static bool emit_scan(Sema *s, Scan *p, BodyScope *scope, CoreBody *body)
{
    uint32_t n_captured = scope->captured.n, n_in = p->n_carries + p->n_xs + n_captured;
    CoreRef *in = ARENA_ARRAY(s->arena, CoreRef, n_in + 1);
    for (uint32_t i = 0; i < p->n_carries; i++)
        in[i] = value_use(s, &p->carries[i].start, ELEM_none);
    for (uint32_t i = 0; i < p->n_sources; i++)
        if (!p->sources[i].counter) in[p->n_carries + p->sources[i].index] = value_use(s, &p->sources[i].value, ELEM_none);
    for (uint32_t i = 0; i < n_captured; i++) {
        Capture *c = &scope->captured.at[i];
        in[p->n_carries + p->n_xs + i] = c->from == s->body ? c->outer : record_capture(s, c->from, c->outer);
    }
    uint32_t n_out = body->results.n;
    SemaType *types = ARENA_ARRAY(s->arena, SemaType, n_out + 1);
    CoreType *core = ARENA_ARRAY(s->arena, CoreType, n_out + 1);
    for (uint32_t i = 0; i < n_out; i++) {
        types[i] = i < p->n_carries ? p->carries[i].start.type : stacked_type(s, p, &scope->emits.at[i - p->n_carries]);
        if (types[i].elem == ELEM_none) return false;
        core[i] = core_type(s, &types[i]);
    }
    int64_t attr[5] = {p->n, p->axis, p->n_carries, p->n_xs, n_captured};
    CoreRef scan = core_emit(s, CORE_scan, &types[0], in, n_in, attr, 5);
    CoreIns *ins = core_last(s);
    ins->bodies[0] = body;
    ins->n_out = n_out;
    ins->types = core;
    for (uint32_t i = 0; i < n_out; i++) {
        const Local *emit = i < p->n_carries ? NULL : &scope->emits.at[i - p->n_carries];
        Value v = value_result(s, scan, i, &types[i]);
        if (emit)
            frame_bind(s, emit->name, v, emit->span);
        else
            frame_bind(s, p->carries[i].name, v, p->carries[i].span);
    }
    return true;
}

static bool scan_body(Sema *s, Scan *p, BodyScope *scope)
{
    int errors = s->diags->n_errors;
    for (uint32_t i = 0; i < p->n_sources; i++)
        bind_source(s, p, &p->sources[i]);
    for (uint32_t i = 0; i < p->n_carries; i++)
        frame_bind(s, p->carries[i].name, body_argument(s, &p->carries[i].start.type, i), p->carries[i].span);
    block_eval(s, p->stmt->body);
    if (s->abort) return false;
    bool ok = true;
    for (uint32_t i = 0; i < p->n_carries; i++)
        ok &= carry_result(s, &p->carries[i]);
    for (uint32_t i = 0; i < scope->emits.n; i++) {
        if (is_error(&scope->emits.at[i].value))
            ok = false;
        else
            vec_add(s->arena, &s->body->results, scope->emits.at[i].value.ref);
    }
    return ok && errors == s->diags->n_errors;
}

void scan_eval(Sema *s, const Stmt *stmt)
{
    if (!demand_scan_fits(s, stmt->span)) {
        bind_errors(s, stmt);
        return;
    }
    Scan *p = ARENA_NEW(s->arena, Scan);
    p->stmt = stmt;
    if (stmt->along && !expr_const_int(s, stmt->along, &p->axis)) {
        bind_errors(s, stmt);
        return;
    }
    bool ok = find_sources(s, p);
    ok &= find_carries(s, p);
    if (!ok) {
        bind_errors(s, stmt);
        return;
    }
    LocalList before = copy_locals(s, s->frame);
    BodyScope *scope = body_push(s, true, p->n_carries + p->n_xs);
    ok = scan_body(s, p, scope);
    if (ok) set_argument_types(s, p, scope);
    CoreBody *body = body_pop(s);
    end_names(s, p, before);
    if (!ok || !emit_scan(s, p, scope, body)) bind_errors(s, stmt);
}
