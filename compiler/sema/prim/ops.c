/* SPDX-License-Identifier: MIT
 * ops.c: operators: arithmetic while compiling, and on tensors with explicit stretch
 * (language.md#broadcasting). */
#include "sema/prim/ops.h"

#include <math.h>
#include <string.h>

#include "sema/base/demand.h"
#include "sema/base/literal.h"
#include "sema/base/place.h"
#include "sema/base/record.h"
#include "sema/base/suggest.h"
#include "sema/prim/argument.h"
#include "support/real.h"

/* ---- element types and shapes ---------------------------------------------------------------- */

static bool is_number(const Value *v)
{
    return v->kind == VAL_INT || v->kind == VAL_FLOAT;
}

/* A value known while compiling that shall become `elem`: bool and numbers do not mix, int has 32
 * bits. */
static bool check_literal(Sema *s, const Value *v, Elem elem, Span at)
{
    int64_t n = 0;
    if ((v->kind == VAL_BOOL && elem != ELEM_bool) || (is_number(v) && elem == ELEM_bool)) {
        Diag *d = diag_error(s->diags, "E0303", at, "a bool and a number meet: %s", value_describe(s, v));
        const char *compare = "a bool is no number: write it by itself, or with `not` in front of it; to count, int(...)";
        if (!suggest_bias(s, d, at)) diag_help(d, "%s", is_number(v) ? compare : "write float(...) or int(...) to count, or compare");
        return false;
    }
    if ((elem != ELEM_int && elem != ELEM_i32) || !value_is_const_int(s, v, &n) || (n >= INT32_MIN && n <= INT32_MAX)) return true;
    diag_error(s->diags, "E0303", at, "%lld does not fit into an int, which has 32 bits", (long long)n);
    return false;
}

/* Literals, sizes and int scalars adopt the others' type; tensors never convert. */
bool elem_common(Sema *s, const Value *v, const Span *span, uint32_t n, Elem *elem, Span at)
{
    int owner = -1;
    bool real = false;
    for (uint32_t i = 0; i < n; i++) {
        if (v[i].kind == VAL_FLOAT) real = true;
        if (v[i].kind == VAL_TENSOR && is_float_elem(v[i].type.elem)) real = true;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (v[i].kind != VAL_TENSOR) continue;
        bool adopts = real && v[i].type.rank == 0 && elem_is_integer(v[i].type.elem);
        if (adopts) continue;
        if (owner >= 0 && v[owner].type.elem != v[i].type.elem) {
            bool ints = elem_is_integer(v[owner].type.elem) && elem_is_integer(v[i].type.elem) &&
                        (v[owner].type.elem == ELEM_int || v[owner].type.elem == ELEM_i32) &&
                        (v[i].type.elem == ELEM_int || v[i].type.elem == ELEM_i32);
            bool metric = s->in_metric && is_float_elem(v[owner].type.elem) && is_float_elem(v[i].type.elem);
            if (ints || metric) continue;
            Diag *d = diag_error(s->diags, "E0303", at, "element types differ: %s and %s", type_print(s, &v[owner].type),
                                 type_print(s, &v[i].type));
            diag_label(d, span[owner], "%s", type_print(s, &v[owner].type));
            diag_label(d, span[i], "%s", type_print(s, &v[i].type));
            diag_help(d, "tensors do not convert by themselves: write float(...) or int(...)");
            return false;
        }
        if (owner < 0) owner = (int)i;
    }
    if (owner >= 0) {
        *elem = v[owner].type.elem;
        if (real && !is_float_elem(*elem)) {
            Diag *d = diag_error(s->diags, "E0303", at, "a float meets %s", type_print(s, &v[owner].type));
            diag_label(d, span[owner], "%s", type_print(s, &v[owner].type));
            diag_help(d, "tensors do not convert by themselves: write float(%s)", source_text(s, span[owner]));
            return false;
        }
    } else {
        *elem = real ? ELEM_float : ELEM_int;
        for (uint32_t i = 0; i < n; i++)
            if (v[i].kind == VAL_BOOL) *elem = ELEM_bool;
    }
    for (uint32_t i = 0; i < n; i++)
        if (!check_literal(s, &v[i], *elem, span[i].file ? span[i] : at)) return false;
    return true;
}

static bool join_axis(Sema *s, Axis *to, const Axis *a, const char **why)
{
    if (to->kind == AXIS_STRETCH) {
        *to = *a;
        return true;
    }
    if (a->kind == AXIS_STRETCH) return true;
    if (to->kind == AXIS_PACK || a->kind == AXIS_PACK) return to->kind == a->kind && to->pack == a->pack;
    DimAnswer answer = sema_equal(s, to->dim, a->dim, why);
    return answer == DIM_PROVED || (answer == DIM_OPEN && s->generic);
}

static bool same_axis(Sema *s, const Axis *a, const Axis *b)
{
    const char *why;
    return a->kind == AXIS_DIM && b->kind == AXIS_DIM && sema_equal(s, a->dim, b->dim, &why) == DIM_PROVED;
}

static void shape_error(Sema *s, const Value *v, const Span *span, uint32_t a, uint32_t b, const Axis *x, const Axis *y, const char *why,
                        Span at)
{
    SemaType tx = {.elem = v[a].type.elem, .rank = 1, .axis = {*x}}, ty = {.rank = 1, .axis = {*y}};
    const char *sx = shape_print(s, &tx), *sy = shape_print(s, &ty);
    Diag *d = diag_error(s->diags, "E0305", span[a].file ? span[a] : at, "shapes %s and %s do not align: %.*s against %.*s",
                         shape_print(s, &v[a].type), shape_print(s, &v[b].type), (int)strlen(sx) - 2, sx + 1, (int)strlen(sy) - 2, sy + 1);
    diag_label(d, span[a], "%s", type_print(s, &v[a].type));
    diag_label(d, span[b], "%s", type_print(s, &v[b].type));
    diag_note(d, "operators align from the right; only axes written `_` and missing leading axes stretch");
    if (why && *why) diag_note(d, "equal only if both sizes agree, which fails for %s", why);
    const Value *small = v[a].type.rank < v[b].type.rank ? &v[a] : &v[b];
    const SemaType *left = &v[0].type, *right = &v[1].type;
    if (v[1].kind == VAL_TENSOR && right->rank == 2 && left->rank && same_axis(s, &left->axis[left->rank - 1], &right->axis[0]) &&
        !strcmp(source_text(s, at), "*"))
        diag_help(d, "a product of matrices is %s @ %s", source_text(s, span[0]), source_text(s, span[1]));
    else if (v[a].type.rank != v[b].type.rank)
        diag_help(d, "keep the axis of the smaller one: keep=true, or index it with [%s]", small->type.rank == 1 ? ":, _" : "..., _");
    else if (type_has_one_place(s, left) || type_has_one_place(s, right))
        diag_help(d, "a size-1 axis is never stretched; write the axis as `_` to stretch it");
}

bool shape_join(Sema *s, const Value *v, const Span *span, uint32_t n, SemaType *out, Span at)
{
    uint32_t owner[CORE_MAX_RANK] = {0};
    out->rank = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (v[i].kind != VAL_TENSOR) continue;
        const SemaType *t = &v[i].type;
        if (t->rank > out->rank) { /* new leading axes */
            int extra = t->rank - out->rank;
            memmove(out->axis + extra, out->axis, sizeof(Axis) * out->rank);
            memmove(owner + extra, owner, sizeof(uint32_t) * out->rank);
            for (int a = 0; a < extra; a++)
                out->axis[a] = t->axis[a], owner[a] = i;
            out->rank = t->rank;
            for (int a = extra; a < t->rank; a++) {
                const char *why = NULL;
                Axis before = out->axis[a];
                if (!join_axis(s, &out->axis[a], &t->axis[a], &why)) {
                    shape_error(s, v, span, owner[a], i, &before, &t->axis[a], why, at);
                    return false;
                }
                if (before.kind == AXIS_STRETCH) owner[a] = i;
            }
            continue;
        }
        int shift = out->rank - t->rank;
        for (int a = 0; a < t->rank; a++) {
            const char *why = NULL;
            Axis before = out->axis[shift + a];
            if (!join_axis(s, &out->axis[shift + a], &t->axis[a], &why)) {
                shape_error(s, v, span, owner[shift + a], i, &before, &t->axis[a], why, at);
                return false;
            }
            if (before.kind == AXIS_STRETCH) owner[shift + a] = i;
        }
    }
    return true;
}

bool shape_stretch(Sema *s, Value *v, const Span *span, uint32_t n, SemaType *out, CoreRef *refs, Span at)
{
    Elem elem = ELEM_none;
    if (!elem_common(s, v, span, n, &elem, at) || !shape_join(s, v, span, n, out, at)) return false;
    out->elem = elem;
    for (uint32_t i = 0; i < n; i++) {
        if (v[i].kind == VAL_TENSOR && v[i].type.elem != elem) v[i] = prim_convert(s, elem, v[i], span[i]);
        refs[i] = value_use(s, &v[i], elem);
    }
    return true;
}

/* ---- while compiling ------------------------------------------------------------------------- */

static double as_real(Sema *s, const Value *v, bool *known)
{
    int64_t n = 0;
    if (v->kind == VAL_FLOAT) return v->number;
    if (!value_is_const_int(s, v, &n)) *known = false;
    return (double)n;
}

static const CoreOp operations[] = {
    [OPER_ADD] = CORE_add,           [OPER_SUB] = CORE_sub, [OPER_MUL] = CORE_mul,       [OPER_DIV] = CORE_div,
    [OPER_FLOORDIV] = CORE_floordiv, [OPER_MOD] = CORE_mod, [OPER_POW] = CORE_pow,       [OPER_EQ] = CORE_equal,
    [OPER_NE] = CORE_not_equal,      [OPER_LT] = CORE_less, [OPER_LE] = CORE_less_equal, [OPER_GT] = CORE_greater,
    [OPER_GE] = CORE_greater_equal,  [OPER_AND] = CORE_and, [OPER_OR] = CORE_or,
};

static Value known_size(Sema *s, Dim d, Span at)
{
    if (dim_is_defined(s->dims, d)) return value_dim(s, d);
    diag_error(s->diags, "E0313", at, "this whole number is too large (beyond 64 bits)");
    return value_error();
}

static Value int_arithmetic(Sema *s, Oper oper, Dim a, Dim b, Span at)
{
    int64_t n = 0;
    switch (oper) {
    case OPER_ADD: return known_size(s, dim_add(s->dims, a, b), at);
    case OPER_SUB: return known_size(s, dim_sub(s->dims, a, b), at);
    case OPER_MUL: return known_size(s, dim_mul(s->dims, a, b), at);
    case OPER_FLOORDIV:
    case OPER_MOD:
        if (dim_is_const(s->dims, b, &n) && n == 0) {
            diag_error(s->diags, "E0313", at, "division by 0");
            return value_error();
        }
        if (!dim_is_const(s->dims, b, &n)) sema_demand(s, b, OPER_GE, dim_const(s->dims, 1), at, "a divisor is at least 1");
        return known_size(s, oper == OPER_MOD ? dim_mod(s->dims, a, b) : dim_floordiv(s->dims, a, b), at);
    default:
        if (dim_is_const(s->dims, b, &n) && n >= 0 && n <= 64) return known_size(s, dim_pow(s->dims, a, n), at);
        if (s->generic) return value_error();
        diag_error(s->diags, "E0313", at, "the exponent of a size must be a number from 0 to 64 known while compiling");
        return value_error();
    }
}

static bool is_comparison(Oper o)
{
    return o >= OPER_EQ && o <= OPER_GE;
}

static Value real_arithmetic(Sema *s, Oper oper, const Value *a, const Value *b)
{
    bool known = true;
    double x = as_real(s, a, &known), y = as_real(s, b, &known);
    if (!known) return value_error(); /* a size meets a float: a run-time scalar */
    double value = core_value((uint16_t)operations[oper], x, y, 0);
    return is_comparison(oper) ? value_bool(value != 0) : value_float(value);
}

static bool all_known(Sema *s, const Value *v)
{
    return v->kind == VAL_FLOAT || value_is_const_int(s, v, NULL);
}

/* Both sides are known while compiling (perhaps as sizes). False: not handled here. */
static bool fold(Sema *s, Oper oper, Value a, Value b, Span at, Value *out)
{
    if (a.kind == VAL_STRING && b.kind == VAL_STRING && (oper == OPER_EQ || oper == OPER_NE)) {
        int equal = !a.text || !b.text ? -1 : strcmp(a.text, b.text) == 0;
        *out = value_bool(equal < 0 ? -1 : oper == OPER_EQ ? equal : !equal);
        return true;
    }
    if (a.kind == VAL_BOOL && b.kind == VAL_BOOL) {
        if (oper == OPER_AND)
            *out = value_bool(a.truth == 0 || b.truth == 0 ? 0 : a.truth < 0 || b.truth < 0 ? -1 : 1);
        else if (oper == OPER_OR)
            *out = value_bool(a.truth == 1 || b.truth == 1 ? 1 : a.truth < 0 || b.truth < 0 ? -1 : 0);
        else if (oper == OPER_EQ || oper == OPER_NE)
            *out = value_bool(a.truth < 0 || b.truth < 0 ? -1 : (a.truth == b.truth) == (oper == OPER_EQ));
        else
            return false;
        return true;
    }
    if (!is_number(&a) || !is_number(&b) || oper == OPER_AND || oper == OPER_OR) return false;
    if (a.kind == VAL_INT && b.kind == VAL_INT) {
        if (is_comparison(oper)) {
            *out = value_bool(demand_compare(s, oper, a.dim, b.dim));
            return true;
        }
        if (oper == OPER_DIV) {
            if (!all_known(s, &a) || !all_known(s, &b)) return false;
            *out = real_arithmetic(s, oper, &a, &b);
            return true;
        }
        int64_t n = 0;
        if (oper == OPER_POW && value_is_const_int(s, &b, &n) && n < 0 && all_known(s, &a)) {
            *out = real_arithmetic(s, oper, &a, &b);
            return true;
        }
        *out = int_arithmetic(s, oper, a.dim, b.dim, at);
        return true;
    }
    if (!all_known(s, &a) || !all_known(s, &b)) return false;
    *out = real_arithmetic(s, oper, &a, &b);
    return true;
}

/* ---- texts ----------------------------------------------------------------------------------- */

static bool add_piece(CoreText *t, const char *text, int32_t option)
{
    if (t->n == sizeof t->piece / sizeof *t->piece) return false;
    t->piece[t->n].text = text;
    t->piece[t->n++].option = option;
    return true;
}

static bool add_text(CoreText *t, const Value *v)
{
    if (v->kind == VAL_STRING) return add_piece(t, known_text(v), -1);
    for (uint32_t i = 0; i < v->parts->n; i++)
        if (!add_piece(t, v->parts->piece[i].text, v->parts->piece[i].option)) return false;
    return true;
}

static Value join_texts(Sema *s, const Value *a, const Value *b, Span at)
{
    if (a->kind == VAL_STRING && b->kind == VAL_STRING) {
        Value v = {.kind = VAL_STRING};
        if (a->text && b->text) v.text = arena_print(s->arena, "%s%s", a->text, b->text);
        return v;
    }
    CoreText *parts = ARENA_NEW(s->arena, CoreText);
    if (add_text(parts, a) && add_text(parts, b)) return (Value){.kind = VAL_OPTION_TEXT, .parts = parts};
    diag_error(s->diags, "E0302", at, "a text can be joined of at most 8 pieces");
    return value_error();
}

static bool is_text(const Value *v)
{
    return v->kind == VAL_STRING || v->kind == VAL_OPTION_TEXT;
}

/* ---- tensors --------------------------------------------------------------------------------- */

/* A product of equal ranks of which leading axes written `_` repeat: the operand loses them, and letters say which axes meet. */
static Value stretched_product(Sema *s, const Value *v, const SemaType *written, const SemaType *out)
{
    enum { ROWS = CORE_MAX_RANK, INNER, COLUMNS };
    int64_t attr[4 + 3 * CORE_MAX_RANK] = {2};
    uint32_t n = 1;
    CoreRef in[2];
    for (int k = 0; k < 2; k++) {
        SemaType type = {.elem = out->elem};
        uint32_t rank = n++;
        int last = v[k].type.rank - 1;
        for (int i = 0; i <= last; i++) {
            bool repeats = i < last - 1 && written[k].axis[i].kind == AXIS_STRETCH && written[1 - k].axis[i].kind != AXIS_STRETCH;
            if (repeats) continue;
            type.axis[type.rank++] = v[k].type.axis[i];
            attr[n++] = i < last - 1 ? i : (i == last) == (k == 0) ? INNER : k == 0 ? ROWS : COLUMNS;
        }
        attr[rank] = type.rank;
        in[k] = value_use(s, &v[k], out->elem);
        if (type.rank < v[k].type.rank) in[k] = core_emit(s, CORE_reshape, &type, &in[k], 1, NULL, 0);
    }
    attr[n++] = out->rank;
    for (int i = 0; i < out->rank; i++)
        attr[n++] = i < out->rank - 2 ? i : i == out->rank - 2 ? ROWS : COLUMNS;
    return prim_emit(s, CORE_einsum, out, in, 2, attr, n);
}

static Value matmul(Sema *s, Value a, Value b, Span a_span, Span b_span, Span at)
{
    if (a.kind != VAL_TENSOR || b.kind != VAL_TENSOR || a.type.rank < 1 || b.type.rank < 1) {
        diag_error(s->diags, "E0304", at, "`@` needs two tensors, not %s and %s", value_describe(s, &a), value_describe(s, &b));
        return value_error();
    }
    Span span[2] = {a_span, b_span};
    const SemaType written[2] = {a.type, b.type};
    a = value_plain(s, &a), b = value_plain(s, &b);
    Value v[2] = {a, b};
    Elem elem = ELEM_none;
    if (!elem_common(s, v, span, 2, &elem, at) || !type_check_computes(s, "`@`", &a.type, at)) return value_error();
    if (!is_float_elem(elem)) {
        diag_error(s->diags, "E0303", at, "`@` multiplies floats, not %s", type_print(s, &a.type));
        return value_error();
    }
    SemaType out = {.elem = elem};
    int ra = a.type.rank, rb = b.type.rank, b_axis = rb > 2 ? rb - 2 : 0;
    const char *why = NULL;
    bool fits = rb <= 2 || ra == rb, stretched = false;
    for (int i = 0; fits && rb > 2 && i < rb - 2; i++) {
        Axis joined = a.type.axis[i];
        bool one = written[0].axis[i].kind == AXIS_STRETCH, other = written[1].axis[i].kind == AXIS_STRETCH;
        stretched |= one != other;
        if (one != other) continue;
        fits = a.type.axis[i].kind == b.type.axis[i].kind && join_axis(s, &joined, &b.type.axis[i], &why);
    }
    Axis inner = a.type.axis[ra - 1];
    fits = fits && inner.kind == AXIS_DIM && b.type.axis[b_axis].kind == AXIS_DIM && join_axis(s, &inner, &b.type.axis[b_axis], &why);
    if (!fits) {
        Diag *d = diag_error(s->diags, "E0304", at, "`@` cannot multiply %s by %s", shape_print(s, &a.type), shape_print(s, &b.type));
        diag_label(d, a_span, "%s", type_print(s, &a.type));
        diag_label(d, b_span, "%s", type_print(s, &b.type));
        diag_note(d, "the last axis of the left side meets the first of the right side (of "
                     "matrices with equal leading axes, or axes written `_`: the last but one)");
        if (why && *why) diag_note(d, "equal only if both sizes agree, which fails for %s", why);
        if (ra == 2 && same_axis(s, &b.type.axis[rb - 1], &a.type.axis[0]))
            diag_help(d, "write %s @ %s", source_text(s, b_span), source_text(s, a_span));
        else if (rb > 1 && same_axis(s, &b.type.axis[rb - 1], &a.type.axis[ra - 1]))
            diag_help(d, "write %s @ transpose(%s)", source_text(s, a_span), source_text(s, b_span));
        return value_error();
    }
    for (int i = 0; i < ra - 1; i++)
        out.axis[out.rank++] = stretched && i < ra - 2 && written[0].axis[i].kind == AXIS_STRETCH ? b.type.axis[i] : a.type.axis[i];
    if (rb >= 2) out.axis[out.rank++] = b.type.axis[rb - 1];
    if (stretched) return stretched_product(s, v, written, &out);
    CoreRef in[2] = {value_use(s, &a, elem), value_use(s, &b, elem)};
    return prim_emit(s, CORE_matmul, &out, in, 2, NULL, 0);
}

static Dim sum_of_bounds(Sema *s, const Value *a, const Value *b)
{
    Dim bound[2];
    const Value *v[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        int64_t n = 0;
        if (v[i]->kind == VAL_TENSOR)
            bound[i] = v[i]->type.bound;
        else if (value_is_const_int(s, v[i], &n) && n < 0)
            return 0;
        else
            bound[i] = v[i]->kind == VAL_INT && size_is_natural(s, v[i]->dim) ? dim_add(s->dims, v[i]->dim, dim_const(s->dims, 1)) : 0;
        if (!bound[i]) return 0;
    }
    return dim_sub(s->dims, dim_add(s->dims, bound[0], bound[1]), dim_const(s->dims, 1));
}

/* A known size less an int: what is left is between size - (bound - 1), which must not be negative, and the size. */
static Dim difference_of_bounds(Sema *s, const Value *a, const Value *b)
{
    if (a->kind != VAL_INT || b->kind != VAL_TENSOR || !b->type.bound) return 0;
    Dim bound = dim_add(s->dims, a->dim, dim_const(s->dims, 1));
    return sema_at_least(s, bound, b->type.bound, NULL) == DIM_PROVED ? bound : 0;
}

/* The rest by a size of at least 1, or the quotient of what is not negative. */
static Dim bound_of_division(Sema *s, Oper oper, const Value *a, const Value *b)
{
    if (b->kind != VAL_INT || sema_at_least(s, b->dim, dim_const(s->dims, 1), NULL) != DIM_PROVED) return 0;
    if (oper == OPER_MOD) return b->dim;
    if (a->kind != VAL_TENSOR || !a->type.bound) return 0;
    Dim one = dim_const(s->dims, 1);
    return dim_add(s->dims, dim_floordiv(s->dims, dim_sub(s->dims, a->type.bound, one), b->dim), one);
}

/* A size times an int that is not negative. */
static Dim bound_of_product(Sema *s, const Value *a, const Value *b)
{
    const Value *size = a->kind == VAL_INT ? a : b, *other = size == a ? b : a;
    if (size->kind != VAL_INT || other->kind != VAL_TENSOR || !other->type.bound || !size_is_natural(s, size->dim)) return 0;
    Dim one = dim_const(s->dims, 1);
    return dim_add(s->dims, dim_mul(s->dims, dim_sub(s->dims, other->type.bound, one), size->dim), one);
}

static Dim bound_of_binary(Sema *s, Oper oper, const Value *a, const Value *b)
{
    switch (oper) {
    case OPER_ADD: return sum_of_bounds(s, a, b);
    case OPER_SUB: return difference_of_bounds(s, a, b);
    case OPER_MUL: return bound_of_product(s, a, b);
    case OPER_MOD:
    case OPER_FLOORDIV: return bound_of_division(s, oper, a, b);
    default: return 0;
    }
}

/* What is beyond an int wraps, and is then no place. */
static Dim bound_within_int(Sema *s, Oper oper, Dim bound, Span at)
{
    int64_t n;
    if (bound && dim_is_const(s->dims, bound, &n)) return n > INT32_MAX ? 0 : bound;
    if (bound && oper == OPER_MUL) sema_demand_counted(s, bound, at, "this product is more than an int holds");
    return bound;
}

static Value bad_elem(Sema *s, Oper oper, const SemaType *type, Span at, const char *help)
{
    Diag *d = diag_error(s->diags, "E0303", at, "`%s` cannot be used on %s", oper_name(oper), type_print(s, type));
    if (help) diag_help(d, "%s", help);
    return value_error();
}

static Value tensor_binary(Sema *s, Oper oper, Value a, Value b, Span a_span, Span b_span, Span at)
{
    Value v[2] = {a, b};
    Span span[2] = {a_span, b_span};
    SemaType out = {0};
    CoreRef refs[2];
    int64_t n = 0;
    bool real = a.kind == VAL_FLOAT || b.kind == VAL_FLOAT || (a.kind == VAL_TENSOR && is_float_elem(a.type.elem)) ||
                (b.kind == VAL_TENSOR && is_float_elem(b.type.elem));
    if (oper == OPER_POW && !real && !(value_is_const_int(s, &b, &n) && n >= 0)) {
        diag_error(s->diags, "E0303", at, "an int base takes a constant exponent of at least 0");
        return value_error();
    }
    bool sizes_over = oper == OPER_DIV && a.kind != VAL_TENSOR && b.kind != VAL_TENSOR; /* sizes: a float */
    if (sizes_over) v[0] = value_as_tensor(s, &a, ELEM_float);
    if (!shape_stretch(s, v, span, 2, &out, refs, at)) return value_error();
    Elem elem = out.elem;
    if (oper == OPER_AND || oper == OPER_OR) {
        if (elem != ELEM_bool) return bad_elem(s, oper, &out, at, "`and` and `or` work on bool; compare first");
    } else if (elem == ELEM_bool && oper != OPER_EQ && oper != OPER_NE) {
        return bad_elem(s, oper, &out, at, "write float(...) or int(...) to count");
    } else if (oper == OPER_DIV && !is_float_elem(elem)) {
        return bad_elem(s, oper, &out, at,
                        out.rank ? arena_print(s->arena, "integers divide with `//`; or write float(%s) / %s", source_text(s, a_span),
                                               source_text(s, b_span))
                                 : arena_print(s->arena, "for a share write float(%s) / float(%s); `//` rounds down",
                                               source_text(s, a_span), source_text(s, b_span)));
    }
    if (!type_check_computes(s, arena_print(s->arena, "`%s`", oper_name(oper)), &out, at)) return value_error();
    if (is_comparison(oper)) out.elem = ELEM_bool;
    out.bound = elem_is_integer(elem) ? bound_of_binary(s, oper, &a, &b) : 0;
    if (elem == ELEM_int) out.bound = bound_within_int(s, oper, out.bound, span_join(a_span, b_span));
    return prim_emit(s, operations[oper], &out, refs, 2, NULL, 0);
}

static bool usable(const Value *v)
{
    return v->kind == VAL_TENSOR || v->kind == VAL_INT || v->kind == VAL_FLOAT || v->kind == VAL_BOOL;
}

static void help_texts(Diag *d, Oper oper, const Value *a, const Value *b)
{
    bool equal = oper == OPER_EQ || oper == OPER_NE, option = a->kind == VAL_OPTION_TEXT || b->kind == VAL_OPTION_TEXT;
    if (is_text(a) && is_text(b) && equal && option)
        diag_help(d, "what an option is, is known when the program runs; texts are compared by the compiler: "
                     "use const name = \"text\", and nnc -D name=text");
    else if (is_text(a) && is_text(b) && !is_comparison(oper) && oper != OPER_AND && oper != OPER_OR)
        diag_help(d, "texts are joined by `+`: dir + \"/file\"");
    else if ((is_text(a) || is_text(b)) && oper == OPER_ADD)
        diag_help(d, "a value behind a text is shown by print(\"text\", x)");
}

Value prim_binary(Sema *s, Oper oper, Value a, Value b, Span a_span, Span b_span, Span op_span)
{
    if (a.kind == VAL_ERROR || b.kind == VAL_ERROR) return value_error();
    Value out, pair[2] = {a, b};
    if (a.kind == VAL_TENSOR || b.kind == VAL_TENSOR) {
        literals_join(s, pair, 2);
        a = pair[0], b = pair[1];
    }
    if (oper == OPER_MATMUL) return matmul(s, a, b, a_span, b_span, op_span);
    if (oper == OPER_ADD && is_text(&a) && is_text(&b)) return join_texts(s, &a, &b, op_span);
    if (fold(s, oper, a, b, op_span, &out)) return out;
    if (!usable(&a) || !usable(&b)) {
        Diag *d = diag_error(s->diags, "E0302", op_span, "`%s` does not work on %s and %s", oper_name(oper), value_describe(s, &a),
                             value_describe(s, &b));
        diag_label(d, a_span, "%s", value_describe(s, &a));
        diag_label(d, b_span, "%s", value_describe(s, &b));
        suggest_same(s, d, usable(&a) ? b_span : a_span, usable(&a) ? &b : &a);
        bool layers = (a.kind == VAL_LAYER || a.kind == VAL_FN) && (b.kind == VAL_LAYER || b.kind == VAL_FN);
        if (layers && oper != OPER_AND && oper != OPER_OR)
            diag_help(d, "layers one after the other are a chain: chain(%s, %s)", source_text(s, a_span), source_text(s, b_span));
        else if (layers)
            diag_help(d, "several are separated by commas: over %s, %s", source_text(s, a_span), source_text(s, b_span));
        help_texts(d, oper, &a, &b);
        return value_error();
    }
    return tensor_binary(s, oper, a, b, a_span, b_span, op_span);
}

Value prim_unary(Sema *s, Oper oper, Value a, Span span)
{
    if (a.kind == VAL_ERROR) return a;
    if (oper == OPER_NOT) {
        if (a.kind == VAL_BOOL) return value_bool(a.truth < 0 ? -1 : !a.truth);
        if (a.kind == VAL_TENSOR && a.type.elem == ELEM_bool) return prim_emit1(s, CORE_not, &a.type, &a, NULL, 0);
        diag_error(s->diags, "E0303", span, "`not` works on bool, but this is %s", value_describe(s, &a));
        return value_error();
    }
    if (a.kind == VAL_INT) return value_dim(s, dim_sub(s->dims, dim_const(s->dims, 0), a.dim));
    if (a.kind == VAL_FLOAT) return value_float(-a.number);
    if (a.kind == VAL_TENSOR &&
        (is_float_elem(a.type.elem) || a.type.elem == ELEM_int || a.type.elem == ELEM_i32 || a.type.elem == ELEM_i64)) {
        SemaType type = a.type;
        type.bound = 0;
        return prim_emit1(s, CORE_neg, &type, &a, NULL, 0);
    }
    diag_error(s->diags, "E0303", span, "`-` works on numbers, but this is %s", value_describe(s, &a));
    return value_error();
}

Value prim_convert(Sema *s, Elem elem, Value a, Span span)
{
    int64_t n = 0;
    if (a.kind == VAL_ERROR) return a;
    if (a.kind == VAL_INT && elem == ELEM_int) return a;
    if (a.kind == VAL_INT && elem == ELEM_float && value_is_const_int(s, &a, &n)) return value_float((double)n);
    if (a.kind == VAL_FLOAT && elem == ELEM_float) return a;
    if (a.kind == VAL_FLOAT && elem == ELEM_int && fabs(a.number) < 1e15) return value_int(s, (int64_t)a.number);
    literal_tensor(s, &a, elem);
    if (!usable(&a)) {
        Diag *d = diag_error(s->diags, "E0303", span, "%s cannot be converted to %s", value_describe(s, &a), elem_name(elem));
        if (strstr(known_text(&a), "inf")) diag_help(d, "infinity is a name: inf, -inf");
        return value_error();
    }
    if (a.kind != VAL_TENSOR) a = value_as_tensor(s, &a, a.kind == VAL_INT && elem == ELEM_float ? ELEM_float : ELEM_none);
    if (a.type.elem == elem && elem == ELEM_float) return a;
    SemaType type = a.type;
    int64_t bound = 0; /* what fits is unchanged */
    bool small = type.bound && dim_is_const(s->dims, type.bound, &bound) && bound <= (elem == ELEM_u8 ? 256 : 128);
    bool keeps = elem_is_integer(elem) && elem_is_integer(type.elem) && (small || (elem != ELEM_u8 && elem != ELEM_i8));
    type.elem = elem;
    if (!keeps) type.bound = 0;
    return prim_emit1(s, CORE_cast, &type, &a, NULL, 0);
}
