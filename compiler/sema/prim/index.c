/* SPDX-License-Identifier: MIT
 * index.c: take pick one_hot scatter_add sort argsort top_k, and indexing x[...] (language.md#indexing). */
#include "sema/prim/index.h"

#include <string.h>

#include "sema/base/demand.h"
#include "sema/base/literal.h"
#include "sema/base/record.h"
#include "sema/prim/argument.h"
#include "sema/prim/ops.h"
#include "sema/prim/prim.h"

/* ---- entries named by integers --------------------------------------------------------------- */

static bool is_ids(Sema *s, const Value *v, Span at, const char *what)
{
    if (elem_is_integer(v->type.elem)) return true;
    diag_error(s->diags, "E0303", at, "%s needs integers, but this is %s", what, type_print(s, &v->type));
    return false;
}

/* Ids must be bounded by the size of the axis they choose from. */
static bool within(Sema *s, const Value *ids, Dim size, Span at, const char *what)
{
    const char *why = NULL;
    if (ids->type.bound) {
        DimAnswer answer = sema_at_least(s, size, ids->type.bound, &why);
        if (answer == DIM_PROVED || (answer == DIM_OPEN && s->generic)) return true;
    }
    Diag *d = diag_error(s->diags, "E0307", at, "%s chooses from %s places, but the index is %s", what, dim_print(s->dims, s->arena, size),
                         type_print(s, &ids->type));
    if (!ids->type.bound)
        diag_help(d, "say how large it can be: `expect i: int<%s>... = ...` checks it at run time", dim_print(s->dims, s->arena, size));
    if (why && *why) diag_note(d, "fails for %s", why);
    if (why && *why && !strcmp(what, "the index")) diag_help(d, "an entry of the last axis for each of its rows: pick(x, i)");
    return false;
}

/* The axes of ids, which are within bounds, in the place of an axis of x. */
static Value take_places(Sema *s, const Value *x, const Value *ids, int64_t place, Span at)
{
    SemaType type = {.elem = x->type.elem, .bound = x->type.bound};
    if (x->type.rank - 1 + ids->type.rank > CORE_MAX_RANK) {
        diag_error(s->diags, "E0308", at, "a tensor has at most %d axes", CORE_MAX_RANK);
        return value_error();
    }
    for (int i = 0; i < x->type.rank; i++) {
        if (i != place) type.axis[type.rank++] = x->type.axis[i];
        for (int k = 0; i == place && k < ids->type.rank; k++)
            type.axis[type.rank++] = ids->type.axis[k];
    }
    CoreRef in[2] = {value_use(s, x, ELEM_none), value_use(s, ids, ELEM_int)};
    return prim_emit(s, CORE_take, &type, in, 2, &place, 1);
}

Value prim_take(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value x = arg[0].value, ids = arg[1].value;
    int64_t place = axis_place(s, &x.type, arg[2].n, call->span);
    if (place < 0 || !is_ids(s, &ids, arg[1].span, "take") || !within(s, &ids, axis_size(s, &x.type.axis[place]), arg[1].span, "take"))
        return value_error();
    return take_places(s, &x, &ids, place, call->span);
}

Value prim_pick(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value x = arg[0].value, ids = arg[1].value;
    int rank = x.type.rank;
    bool fits = rank == ids.type.rank + 1;
    const char *why = NULL;
    for (int i = 0; fits && i < ids.type.rank; i++)
        fits = axis_same(s, &x.type.axis[i], &ids.type.axis[i], &why);
    if (!fits) {
        Diag *d = diag_error(s->diags, "E0310", call->span, "pick needs %s with one axis less than %s", "ids", shape_print(s, &x.type));
        diag_label(d, arg[0].span, "%s", type_print(s, &x.type));
        diag_label(d, arg[1].span, "%s", type_print(s, &ids.type));
        return value_error();
    }
    if (!is_ids(s, &ids, arg[1].span, "pick") || !within(s, &ids, axis_size(s, &x.type.axis[rank - 1]), arg[1].span, "pick"))
        return value_error();
    SemaType type = ids.type;
    type.elem = x.type.elem;
    type.bound = x.type.bound;
    CoreRef in[2] = {value_use(s, &x, ELEM_none), value_use(s, &ids, ELEM_int)};
    return prim_emit(s, CORE_pick, &type, in, 2, NULL, 0);
}

Value prim_one_hot(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value ids = arg[0].value;
    Dim c = arg[1].size;
    if (!is_ids(s, &ids, arg[0].span, "one_hot") || !within(s, &ids, c, arg[0].span, "one_hot")) return value_error();
    SemaType type = ids.type;
    if (type.rank == CORE_MAX_RANK) {
        diag_error(s->diags, "E0308", call->span, "a tensor has at most %d axes", CORE_MAX_RANK);
        return value_error();
    }
    type.elem = ELEM_float;
    type.bound = 0;
    type.axis[type.rank++] = axis_of(c);
    int64_t attr = c;
    return prim_emit1(s, CORE_one_hot, &type, &ids, &attr, 1);
}

Value prim_scatter_add(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value ids = arg[0].value, x = arg[1].value;
    Dim n = arg[2].size;
    bool fits = x.type.rank >= ids.type.rank;
    const char *why = NULL;
    for (int i = 0; fits && i < ids.type.rank; i++)
        fits = axis_same(s, &x.type.axis[i], &ids.type.axis[i], &why);
    if (!fits) {
        diag_error(s->diags, "E0310", call->span, "scatter_add needs x with the axes of ids in front: %s and %s", type_print(s, &ids.type),
                   type_print(s, &x.type));
        return value_error();
    }
    if (!is_ids(s, &ids, arg[0].span, "scatter_add") || !within(s, &ids, n, arg[0].span, "scatter_add")) return value_error();
    if (!is_float_elem(x.type.elem)) {
        diag_error(s->diags, "E0303", arg[1].span, "scatter_add adds floats, but this is %s", type_print(s, &x.type));
        return value_error();
    }
    if (!type_check_computes(s, "scatter_add", &x.type, arg[1].span)) return value_error();
    SemaType type = {.elem = x.type.elem, .rank = 1, .axis = {axis_of(n)}};
    for (int i = ids.type.rank; i < x.type.rank; i++)
        type.axis[type.rank++] = x.type.axis[i];
    CoreRef in[2] = {value_use(s, &ids, ELEM_int), value_use(s, &x, ELEM_none)};
    int64_t attr = n;
    return prim_emit(s, CORE_scatter_add, &type, in, 2, &attr, 1);
}

/* Places are counted in 32 bits, in sort those of the whole tensor. */
Value prim_sort(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value x = arg[0].value;
    if (x.type.elem == ELEM_bool) {
        diag_error(s->diags, "E0303", arg[0].span, "%s works on numbers, but this is %s", call->name, type_print(s, &x.type));
        return value_error();
    }
    int64_t attr[2] = {axis_place(s, &x.type, arg[1].n, arg[1].span), arg[2].truth};
    if (attr[0] < 0 || !type_check_computes(s, call->name, &x.type, arg[0].span)) return value_error();
    Dim all = prim_constant(s, 1);
    for (int i = 0; i < x.type.rank; i++)
        all = dim_mul(s->dims, all, axis_size(s, &x.type.axis[i]));
    sema_demand_counted(s, all, call->span, arena_print(s->arena, "%s takes at most %lld numbers", call->name, (long long)INT32_MAX));
    SemaType type = x.type;
    if (call->op == CORE_argsort) type.elem = ELEM_int, type.bound = axis_size(s, &x.type.axis[attr[0]]);
    return prim_emit1(s, call->op, &type, &x, attr, 2);
}

Value prim_top_k(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value x = arg[0].value;
    Dim k = arg[1].size;
    int64_t known = 1, attr = k;
    if (x.type.rank < 1 || !is_float_elem(x.type.elem)) {
        diag_error(s->diags, "E0303", arg[0].span, "top_k takes floats with at least one axis, but this is %s", type_print(s, &x.type));
        return value_error();
    }
    Axis last = x.type.axis[x.type.rank - 1];
    if (last.kind == AXIS_PACK) return value_error(); /* decided at each instance */
    if (dim_is_const(s->dims, k, &known) && (known < 1 || known > 1000)) {
        diag_error(s->diags, "E0302", arg[1].span, "top_k gives 1 to 1000 entries, not %lld", (long long)known);
        return value_error();
    }
    if (x.type.rank == CORE_MAX_RANK && !dim_is_const(s->dims, k, NULL)) {
        diag_error(s->diags, "E0308", arg[0].span, "top_k of a size that a call decides takes at most %d axes", CORE_MAX_RANK - 1);
        return value_error();
    }
    sema_demand(s, k, OPER_GE, prim_constant(s, 1), arg[1].span, "top_k gives at least one entry");
    sema_demand(s, axis_size(s, &last), OPER_GE, k, arg[1].span, "top_k gives at most as many entries as the last axis has");
    sema_demand_counted(s, axis_size(s, &last), call->span, "top_k numbers the places with an int");
    SemaType values = x.type, places = x.type;
    values.axis[x.type.rank - 1] = places.axis[x.type.rank - 1] = axis_of(k);
    places.elem = ELEM_int;
    places.bound = axis_size(s, &last);
    CoreRef in = value_use(s, &x, ELEM_none), many = core_emit(s, CORE_top_k, &values, &in, 1, &attr, 1);
    CoreIns *ins = core_last(s);
    ins->n_out = 2;
    ins->types = ARENA_ARRAY(s->arena, CoreType, 2);
    ins->types[0] = core_type(s, &values);
    ins->types[1] = core_type(s, &places);
    Value out = {.kind = VAL_TUPLE, .n = 2, .items = ARENA_ARRAY(s->arena, Value, 2)};
    out.items[0] = value_result(s, many, 0, &values);
    out.items[1] = value_result(s, many, 1, &places);
    return out;
}

/* ---- indexing -------------------------------------------------------------------------------- */

/* An end of a slice as a place: negative constants count from the end. */
static bool slice_end(Sema *s, const Value *v, Dim size, Dim otherwise, Span at, Dim *out)
{
    int64_t n = 0;
    if (v->kind == VAL_NONE) {
        *out = otherwise;
        return true;
    }
    if (v->kind == VAL_ERROR) return false;
    if (v->kind != VAL_INT) {
        diag_error(s->diags, "E0309", at, "the ends of a slice are sizes known while compiling, but this is %s", value_describe(s, v));
        return false;
    }
    *out = dim_is_const(s->dims, v->dim, &n) && n < 0 ? dim_add(s->dims, size, v->dim) : v->dim;
    return true;
}

static Value index_slice(Sema *s, Value x, int axis, const IndexItem *item)
{
    Dim size = axis_size(s, &x.type.axis[axis]), lo = 0, hi = 0;
    int64_t step = 1;
    if (!slice_end(s, &item->lo, size, prim_constant(s, 0), item->span, &lo) || !slice_end(s, &item->hi, size, size, item->span, &hi))
        return value_error();
    if (item->step.kind != VAL_NONE && (!value_is_const_int(s, &item->step, &step) || step < 1)) {
        Diag *d = diag_error(s->diags, "E0309", item->span, "the step of a slice is a number of at least 1 known while compiling");
        diag_help(d, "to go backwards write flip(x, axis=...)");
        return value_error();
    }
    if (item->lo.kind == VAL_NONE && item->hi.kind == VAL_NONE && step == 1) return x;
    int errors = s->diags->n_errors;
    sema_demand(s, lo, OPER_GE, prim_constant(s, 0), item->span, "a slice has to lie within its axis");
    sema_demand(s, hi, OPER_GE, lo, item->span, "a slice cannot end before it begins");
    sema_demand(s, size, OPER_GE, hi, item->span, "a slice has to lie within its axis");
    bool known = dim_is_const(s->dims, lo, NULL) && dim_is_const(s->dims, hi, NULL) && dim_is_const(s->dims, size, NULL);
    if (known && s->diags->n_errors > errors) return value_error(); /* there is no such slice, whatever the sizes are */
    Dim n = dim_sub(s->dims, hi, lo);
    if (step > 1) n = dim_floordiv(s->dims, dim_add(s->dims, n, prim_constant(s, step - 1)), prim_constant(s, step));
    Axis result = axis_of(n);
    return axis_slice(s, &x, axis, lo, hi, step, &result);
}

static SemaType without_axis(SemaType t, int axis)
{
    for (int i = axis + 1; i < t.rank; i++)
        t.axis[i - 1] = t.axis[i];
    t.rank--;
    return t;
}

/* x[i] at one axis: the axis goes. */
static Value index_one(Sema *s, Value x, int axis, const IndexItem *item)
{
    const Value *v = &item->lo;
    Dim size = axis_size(s, &x.type.axis[axis]);
    SemaType type = without_axis(x.type, axis);
    if (v->kind == VAL_INT) {
        int64_t n = 0;
        Dim at = dim_is_const(s->dims, v->dim, &n) && n < 0 ? dim_add(s->dims, size, v->dim) : v->dim;
        if (!dim_is_const(s->dims, at, NULL) && sema_equal(s, at, size, &(const char *){NULL}) == DIM_PROVED) {
            const char *text = dim_print(s->dims, s->arena, size);
            diag_help(diag_error(s->diags, "E0311", item->span, "the index is one too large"),
                      "places are counted from 0: the last of %s is %s - 1, or -1", text, text);
            return value_error();
        }
        sema_demand(s, at, OPER_GE, prim_constant(s, 0), item->span, "an index has to lie within its axis");
        sema_demand(s, size, OPER_GE, dim_add(s->dims, at, prim_constant(s, 1)), item->span, "an index has to lie within its axis");
        Axis one = axis_of(prim_constant(s, 1));
        Value part = axis_slice(s, &x, axis, at, dim_add(s->dims, at, prim_constant(s, 1)), 1, &one);
        return prim_emit1(s, CORE_reshape, &type, &part, NULL, 0);
    }
    if (v->kind != VAL_TENSOR || v->type.rank || !elem_is_integer(v->type.elem)) {
        Diag *d = diag_error(s->diags, "E0309", item->span, "an index is an int, but this is %s", value_describe(s, v));
        if (v->kind == VAL_RANGE) diag_help(d, "a part of an axis is written with a colon: x[:, 0:n]");
        if (v->kind == VAL_TENSOR && v->type.rank && v->type.elem == ELEM_bool)
            diag_help(d, "to keep some entries write where(mask, x, 0)");
        return value_error();
    }
    if (!within(s, v, size, item->span, "the index")) return value_error();
    CoreRef in[2] = {value_use(s, &x, ELEM_none), value_use(s, v, ELEM_int)};
    int64_t attr = axis;
    return prim_emit(s, CORE_take, &type, in, 2, &attr, 1);
}

/* ---- several places at once ------------------------------------------------------------------ */

/* An index that names places one by one, as a tensor. */
static bool names_places(Sema *s, IndexItem *item)
{
    if (item->kind != INDEX_EXPR) return false;
    literal_tensor(s, &item->lo, ELEM_none);
    return item->lo.kind == VAL_TENSOR && elem_is_integer(item->lo.type.elem);
}

/* How many neighbouring items from here on name places together: 0 if none of them has axes. */
static uint32_t places_together(Sema *s, IndexItem *items, uint32_t n)
{
    uint32_t k = 0;
    bool axes = false;
    for (; k < n && names_places(s, &items[k]); k++)
        axes |= items[k].lo.type.rank > 0;
    return axes ? k : 0;
}

/* Axes `axis` and the next as one of size a * b, and the places in it: i * b + j. */
static bool join_places(Sema *s, Value *x, int axis, Value *ids, Span *ids_span, const IndexItem *next)
{
    Dim a = axis_size(s, &x->type.axis[axis]), b = axis_size(s, &x->type.axis[axis + 1]), all = dim_mul(s->dims, a, b);
    if (!within(s, &next->lo, b, next->span, "the index")) return false;
    sema_demand_counted(s, all, next->span, "the indices choose from more places than an int can count");
    Span both = span_join(*ids_span, next->span);
    Value row = prim_binary(s, OPER_MUL, *ids, value_dim(s, b), *ids_span, *ids_span, *ids_span);
    *ids = prim_binary(s, OPER_ADD, row, next->lo, *ids_span, next->span, both);
    if (ids->kind != VAL_TENSOR) return false;
    ids->type.bound = all;
    *ids_span = both;
    SemaType type = without_axis(x->type, axis);
    type.axis[axis] = axis_of(all);
    *x = prim_emit1(s, CORE_reshape, &type, x, NULL, 0);
    return true;
}

/* x[i, j] of index tensors that stretch to one shape: it takes the place of their axes. */
static Value index_places(Sema *s, Value x, int axis, const IndexItem *items, uint32_t n, int *rank)
{
    Value ids = items[0].lo;
    Span span = items[0].span;
    if (!within(s, &ids, axis_size(s, &x.type.axis[axis]), span, "the index")) return value_error();
    for (uint32_t k = 1; k < n; k++)
        if (!join_places(s, &x, axis, &ids, &span, &items[k])) return value_error();
    ids = value_plain(s, &ids);
    *rank = ids.type.rank;
    return take_places(s, &x, &ids, axis, span);
}

static Value insert_stretch(Sema *s, Value x, int at)
{
    SemaType type = x.type;
    if (type.rank == CORE_MAX_RANK) {
        diag_error(s->diags, "E0308", s->call_span, "a tensor has at most %d axes", CORE_MAX_RANK);
        return value_error();
    }
    memmove(type.axis + at + 1, type.axis + at, sizeof(Axis) * (size_t)(type.rank - at));
    type.axis[at] = (Axis){.kind = AXIS_STRETCH, .dim = prim_constant(s, 1)};
    type.rank++;
    return prim_emit1(s, CORE_reshape, &type, &x, NULL, 0);
}

static bool is_stretch(const IndexItem *item)
{
    return item->kind == INDEX_EXPR && item->lo.kind == VAL_HOLE;
}

/* Are there at most as many indices as axes? */
static bool enough_axes(Sema *s, const Value *x, const IndexItem *items, uint32_t n, Span span)
{
    int used = 0, dots = 0;
    for (uint32_t i = 0; i < n; i++) {
        used += items[i].kind != INDEX_ELLIPSIS && !is_stretch(&items[i]);
        dots += items[i].kind == INDEX_ELLIPSIS;
        if (dots < 2 || items[i].kind != INDEX_ELLIPSIS) continue;
        diag_error(s->diags, "E0309", items[i].span, "`...` can stand once in an index");
        return false;
    }
    if (used <= x->type.rank) return true;
    if (type_has_pack(&x->type)) return false; /* it is decided at each instance */
    Diag *d = diag_error(s->diags, "E0309", span, "%d %s for %s", used, used == 1 ? "index" : "indices", type_print(s, &x->type));
    if (x->type.rank)
        diag_help(d, "it has %d ax%cs; `:` leaves one whole, `...` all that are not named", x->type.rank, x->type.rank == 1 ? 'i' : 'e');
    else
        diag_help(d, "a scalar has no axes to choose from");
    return false;
}

Value prim_index(Sema *s, Value x, IndexItem *items, uint32_t n, Span span)
{
    if (!enough_axes(s, &x, items, n, span)) return value_error();
    int pack = -1;
    for (int i = 0; i < x.type.rank; i++)
        if (x.type.axis[i].kind == AXIS_PACK) pack = i;
    int at = 0;
    bool apart = false; /* there were tensors of indices */
    for (uint32_t i = 0; i < n && x.kind == VAL_TENSOR; i++) {
        const IndexItem *item = &items[i];
        if (item->kind == INDEX_ELLIPSIS) { /* the axes that no index names */
            int behind = 0;
            for (uint32_t k = i + 1; k < n; k++)
                behind += !is_stretch(&items[k]);
            if (pack >= 0 && x.type.rank - behind <= pack && behind > 0) return value_error(); /* decided at each instance */
            at = x.type.rank - behind;
            continue;
        }
        if (item->kind == INDEX_EXPR && item->lo.kind == VAL_ERROR) return value_error();
        if (is_stretch(item)) {
            x = insert_stretch(s, x, at++);
            if (pack >= at - 1) pack++;
            continue;
        }
        if (pack == at) return value_error(); /* undecided in a generic check */
        uint32_t together = places_together(s, items + i, n - i);
        if (item->kind == INDEX_SLICE) {
            x = index_slice(s, x, at++, item);
        } else if (together) {
            int rank = 0;
            if (apart) {
                diag_help(diag_error(s->diags, "E0309", item->span, "tensors of indices stand side by side"),
                          "write one index after the other: x[i][..., j]");
                return value_error();
            }
            apart = true;
            if (pack > at && pack < at + (int)together) return value_error(); /* decided at each instance */
            x = index_places(s, x, at, item, together, &rank);
            if (pack > at) pack += rank - (int)together;
            at += rank;
            i += together - 1;
        } else {
            x = index_one(s, x, at, item);
            if (pack > at) pack--;
        }
    }
    return x;
}
