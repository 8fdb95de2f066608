/* SPDX-License-Identifier: MIT
 * conv.c: convolutions and pooling: shapes and arguments. */
#include <string.h>

#include "sema/base/demand.h"
#include "sema/base/record.h"
#include "sema/prim/argument.h"
#include "sema/prim/prim.h"

/* A number for all axes, or a list with one per axis. */
static bool numbers(Sema *s, const PrimCall *call, const PrimArg *arg, int nd, Dim *out,
                    const char *what)
{
    const Value *v = &arg->value;
    bool list = v->kind == VAL_LIST || v->kind == VAL_INTS || v->kind == VAL_TUPLE;
    if (list && (int)v->n != nd) {
        diag_error(s->diags, "E0340", arg->span, "%s of %s is a number or a list of %d", what,
                   call->name, nd);
        return false;
    }
    for (int i = 0; i < nd; i++) {
        const Value *one = list ? &v->items[i] : v;
        if (one->kind != VAL_INT) {
            Diag *d =
                diag_error(s->diags, "E0340", arg->span, "%s of %s is %s, but must be a number",
                           what, call->name, value_describe(s, one));
            if (one->kind == VAL_STRING)
                diag_help(d, "there is no padding by name: an odd kernel keeps the size with "
                             "pad=kernel // 2");
            return false;
        }
        out[i] = one->dim;
    }
    return true;
}

static bool constants(Sema *s, const PrimCall *call, const PrimArg *arg, int nd, int64_t least,
                      int64_t *out, const char *what)
{
    Dim dim[2];
    if (!arg) return true;
    if (!numbers(s, call, arg, nd, dim, what)) return false;
    for (int i = 0; i < nd; i++) {
        if (!dim_is_const(s->dims, dim[i], &out[i])) {
            if (s->generic) {
                out[i] = -1; /* decided at each instance */
                continue;
            }
            diag_error(s->diags, "E0340", arg->span, "%s of %s must be known while compiling", what,
                       call->name);
            return false;
        }
        if (out[i] < least) {
            diag_error(s->diags, "E0340", arg->span, "%s of %s is %lld, but must be at least %lld",
                       what, call->name, (long long)out[i], (long long)least);
            return false;
        }
    }
    return true;
}

/* Sizes that may be symbolic in a generic check, as Dims beside the constants. */
static bool dims_of(Sema *s, const PrimCall *call, const PrimArg *arg, int nd, int64_t otherwise,
                    Dim *out, const char *what)
{
    for (int i = 0; i < nd; i++)
        out[i] = constant(s, otherwise);
    return !arg || numbers(s, call, arg, nd, out, what);
}

/* pad: a number, a list per axis, or [[top, bottom], [left, right]]. */
static bool paddings(Sema *s, const PrimCall *call, const PrimArg *arg, int nd, Dim *lo, Dim *hi)
{
    for (int i = 0; i < nd; i++)
        lo[i] = hi[i] = constant(s, 0);
    if (!arg) return true;
    const Value *v = &arg->value;
    bool pairs = v->kind == VAL_LIST && v->n > 0 &&
                 (v->items[0].kind == VAL_LIST || v->items[0].kind == VAL_INTS);
    if (!pairs) {
        if (!numbers(s, call, arg, nd, lo, "pad")) return false;
        for (int i = 0; i < nd; i++)
            hi[i] = lo[i];
    } else {
        if ((int)v->n != nd) {
            diag_error(s->diags, "E0340", arg->span,
                       "pad of %s is a number, a list of %d, or a list of %d pairs", call->name, nd,
                       nd);
            return false;
        }
        for (int i = 0; i < nd; i++) {
            PrimArg one = *arg;
            Dim pair[2];
            one.value = v->items[i];
            if (!numbers(s, call, &one, 2, pair, "pad")) return false;
            lo[i] = pair[0], hi[i] = pair[1];
        }
    }
    for (int i = 0; i < nd; i++) {
        sema_demand(s, lo[i], OPER_GE, constant(s, 0), arg->span, "pad");
        sema_demand(s, hi[i], OPER_GE, constant(s, 0), arg->span, "pad");
    }
    return true;
}

static bool check_image(Sema *s, const PrimCall *call, const Value *x, int nd, Span at)
{
    bool plain = x->type.rank == nd + 2 && is_floating(x->type.elem);
    for (int i = 0; i < x->type.rank; i++)
        plain &= x->type.axis[i].kind != AXIS_PACK;
    if (plain) return check_computes(s, call->name, &x->type, at);
    Diag *d = diag_error(s->diags, "E0306", at, "%s takes float[B, %s, C] but is given %s",
                         call->name, nd == 2 ? "H, W" : "T", type_print(s, &x->type));
    diag_note(d, "channels are the last axis");
    if (x->type.rank == nd + 1)
        diag_help(d, "a tensor without channels gets an axis with x[..., _]");
    return false;
}

static bool proved(Sema *s, Dim a, Dim b, const char **why)
{
    DimAnswer answer = sema_equal(s, a, b, why);
    return answer == DIM_PROVED || (answer == DIM_OPEN && s->generic);
}

typedef struct ConvArgs {
    int nd;
    Dim stride[2], dil[2], lo[2], hi[2], out_pad[2];
    int64_t stride_n[2], dil_n[2], out_pad_n[2], groups;
    Dim groups_dim;
} ConvArgs;

static Dim conv_extent(Sema *s, Dim n, Dim k, Dim stride, Dim dil, Dim lo, Dim hi)
{
    Dim one = constant(s, 1), reach = dim_mul(s->dims, dil, dim_sub(s->dims, k, one));
    Dim span = dim_sub(s->dims,
                       dim_sub(s->dims, dim_add(s->dims, dim_add(s->dims, n, lo), hi), reach), one);
    return dim_add(s->dims, dim_floordiv(s->dims, span, stride), one);
}

Value prim_conv_fn(Sema *s, const PrimCall *call)
{
    static const char *const names[] = {"x",         "w",       "?stride",     "?pad",
                                        "?dilation", "?groups", "?output_pad", NULL};
    const PrimArg *arg[7];
    ConvArgs c = {.nd = call->name[4] - '0', .stride_n = {1, 1}, .dil_n = {1, 1}, .groups = 1};
    bool transposed = call->name[6] == '_';
    Value x, w;
    if (!prim_bind(s, call, names, arg) || !arg_tensor(s, call, arg[0], &x) ||
        !arg_tensor(s, call, arg[1], &w))
        return value_error();
    if (!check_image(s, call, &x, c.nd, arg[0]->span)) return value_error();
    if (w.type.rank != c.nd + 2 || w.type.elem != x.type.elem) {
        diag_error(s->diags, "E0304", arg[1]->span,
                   "the weights of %s are float[%s, c_in, c_out], but this is %s", call->name,
                   c.nd == 2 ? "kh, kw" : "k", type_print(s, &w.type));
        return value_error();
    }
    if (!constants(s, call, arg[2], c.nd, 1, c.stride_n, "stride") ||
        !constants(s, call, arg[4], c.nd, 1, c.dil_n, "dilation") ||
        !constants(s, call, arg[6], c.nd, 0, c.out_pad_n, "output_pad") ||
        !constants(s, call, arg[5], 1, 1, &c.groups, "groups") ||
        !dims_of(s, call, arg[2], c.nd, 1, c.stride, "stride") ||
        !dims_of(s, call, arg[4], c.nd, 1, c.dil, "dilation") ||
        !dims_of(s, call, arg[6], c.nd, 0, c.out_pad, "output_pad") ||
        !dims_of(s, call, arg[5], 1, 1, &c.groups_dim, "groups") ||
        !paddings(s, call, arg[3], c.nd, c.lo, c.hi))
        return value_error();
    if (arg[6] && !transposed) {
        diag_error(s->diags, "E0340", arg[6]->span, "output_pad is for transposed convolutions");
        return value_error();
    }
    for (int i = 0; i < c.nd; i++)
        if (c.stride_n[i] >= 1 && c.out_pad_n[i] >= c.stride_n[i]) {
            diag_error(s->diags, "E0340", arg[6]->span,
                       "output_pad of %s must be less than the stride", call->name);
            return value_error();
        }
    /* channels */
    const char *why = NULL;
    Dim channels = axis_size(s, &x.type.axis[c.nd + 1]), w_in = axis_size(s, &w.type.axis[c.nd]),
        w_out = axis_size(s, &w.type.axis[c.nd + 1]);
    Dim wants = transposed ? w_in : dim_mul(s->dims, w_in, c.groups_dim);
    if (!proved(s, channels, wants, &why)) {
        Diag *d = diag_error(s->diags, "E0306", arg[0]->span,
                             "%s has weights for %s channels but is given %s", call->name,
                             dim_print(s->dims, s->arena, wants), type_print(s, &x.type));
        diag_label(d, arg[0]->span, "%s", type_print(s, &x.type));
        diag_note(d, "channels are the last axis");
        return value_error();
    }
    Dim grouped = transposed ? channels : w_out;
    DimAnswer divides = dim_divides(s->facts, grouped, c.groups_dim, &why);
    if (divides == DIM_REFUTED || (divides == DIM_OPEN && !s->generic)) {
        diag_error(s->diags, "E0340", arg[5] ? arg[5]->span : call->span,
                   "%s channels cannot be split into %s equal groups",
                   dim_print(s->dims, s->arena, grouped),
                   dim_print(s->dims, s->arena, c.groups_dim));
        return value_error();
    }
    SemaType out = {.elem = x.type.elem, .rank = (uint8_t)(c.nd + 2)};
    int64_t attr[3 + 10] = {c.nd, transposed, c.groups};
    out.axis[0] = x.type.axis[0];
    for (int i = 0; i < c.nd; i++) {
        Dim n = axis_size(s, &x.type.axis[1 + i]), k = axis_size(s, &w.type.axis[i]),
            one = constant(s, 1), extent;
        Dim reach = dim_add(s->dims, dim_mul(s->dims, c.dil[i], dim_sub(s->dims, k, one)), one);
        if (transposed) {
            extent = dim_add(s->dims, dim_mul(s->dims, dim_sub(s->dims, n, one), c.stride[i]),
                             dim_add(s->dims, reach, c.out_pad[i]));
            extent = dim_sub(s->dims, dim_sub(s->dims, extent, c.lo[i]), c.hi[i]);
            sema_demand(s, extent, OPER_GE, one, call->span, "the size of the result");
        } else {
            sema_demand(s, dim_add(s->dims, dim_add(s->dims, n, c.lo[i]), c.hi[i]), OPER_GE, reach,
                        call->span, "the padded size");
            extent = conv_extent(s, n, k, c.stride[i], c.dil[i], c.lo[i], c.hi[i]);
        }
        out.axis[1 + i] = axis_of(extent);
        int64_t *a = attr + 3 + 5 * i;
        a[0] = c.stride_n[i], a[1] = c.dil_n[i], a[2] = c.lo[i], a[3] = c.hi[i],
        a[4] = c.out_pad_n[i];
    }
    out.axis[c.nd + 1] = axis_of(transposed ? dim_mul(s->dims, w_out, c.groups_dim) : w_out);
    CoreRef in[2] = {value_use(s, &x, ELEM_none), value_use(s, &w, ELEM_none)};
    return emit(s, CORE_conv, &out, in, 2, attr, 3u + 5u * (uint32_t)c.nd);
}

Value prim_pool_fn(Sema *s, const PrimCall *call)
{
    static const char *const names[] = {"x",         "k",     "?stride",    "?pad",
                                        "?dilation", "?ceil", "?count_pad", NULL};
    const PrimArg *arg[7];
    Value x;
    int nd = call->name[8] - '0';
    bool average = call->name[0] == 'a';
    int64_t k[2] = {1, 1}, stride[2], dil[2] = {1, 1};
    Dim kd[2], sd[2], dd[2], lo[2], hi[2];
    if (!prim_bind(s, call, names, arg) || !arg_tensor(s, call, arg[0], &x) ||
        !check_image(s, call, &x, nd, arg[0]->span))
        return value_error();
    if (!constants(s, call, arg[1], nd, 1, k, "k") || !dims_of(s, call, arg[1], nd, 1, kd, "k"))
        return value_error();
    for (int i = 0; i < nd; i++)
        stride[i] = k[i], sd[i] = kd[i];
    if (!constants(s, call, arg[2], nd, 1, stride, "stride") ||
        (arg[2] && !dims_of(s, call, arg[2], nd, 1, sd, "stride")) ||
        !constants(s, call, arg[4], nd, 1, dil, "dilation") ||
        !dims_of(s, call, arg[4], nd, 1, dd, "dilation") || !paddings(s, call, arg[3], nd, lo, hi))
        return value_error();
    bool ceil = arg_bool(s, arg[5], false), count_pad = arg_bool(s, arg[6], false);
    if (arg[6] && !average) {
        diag_error(s->diags, "E0340", arg[6]->span,
                   "count_pad is for averages: maxima never count padding");
        return value_error();
    }
    SemaType out = x.type;
    int64_t attr[3 + 12] = {nd, average, count_pad};
    for (int i = 0; i < nd; i++) {
        Dim n = axis_size(s, &x.type.axis[1 + i]), one = constant(s, 1), extra = constant(s, 0);
        Dim reach = dim_add(s->dims, dim_mul(s->dims, dd[i], dim_sub(s->dims, kd[i], one)), one);
        sema_demand(s, dim_add(s->dims, dim_add(s->dims, n, lo[i]), hi[i]), OPER_GE, reach,
                    call->span, "the padded size");
        Dim extent = conv_extent(s, n, kd[i], sd[i], dd[i], lo[i], hi[i]);
        if (ceil) { /* ceil((n + lo + hi - reach) / stride) + 1 windows: pad what the last one lacks
                     */
            Dim span = dim_sub(s->dims, dim_add(s->dims, dim_add(s->dims, n, lo[i]), hi[i]), reach);
            Dim up =
                dim_floordiv(s->dims, dim_add(s->dims, span, dim_sub(s->dims, sd[i], one)), sd[i]);
            /* PyTorch's rule: the last window must begin before the padding behind; else there is
             * one less */
            const char *why = NULL;
            Dim last = dim_sub(s->dims, dim_sub(s->dims, dim_add(s->dims, n, lo[i]), one),
                               dim_mul(s->dims, up, sd[i]));
            DimAnswer begins = sema_at_least(s, last, constant(s, 0), &why);
            bool none = dim_is_const(s->dims, last, NULL) && begins == DIM_REFUTED;
            if (begins != DIM_PROVED && !none && !s->generic) {
                diag_error(s->diags, "E0340", call->span,
                           "with ceil=true the last window could lie in padding only; needs stride "
                           "+ pad <= kernel");
                return value_error();
            }
            if (!none) {
                extent = dim_add(s->dims, up, one);
                extra = dim_sub(s->dims, dim_mul(s->dims, up, sd[i]), span);
            }
        }
        int64_t room = 0;
        if (dim_is_const(s->dims, dim_sub(s->dims, reach, dim_add(s->dims, lo[i], one)), &room) &&
            room < 0) {
            diag_error(s->diags, "E0340", arg[3] ? arg[3]->span : call->span,
                       "pad of %s must be less than the window: a window would hold padding only",
                       call->name);
            return value_error();
        }
        if (dim_is_const(s->dims, dim_sub(s->dims, reach, dim_add(s->dims, hi[i], one)), &room) &&
            room < 0) {
            diag_error(s->diags, "E0340", arg[3] ? arg[3]->span : call->span,
                       "pad of %s must be less than the window: a window would hold padding only",
                       call->name);
            return value_error();
        }
        out.axis[1 + i] = axis_of(extent);
        int64_t *a = attr + 3 + 6 * i;
        a[0] = k[i], a[1] = stride[i], a[2] = lo[i], a[3] = hi[i], a[4] = dil[i], a[5] = extra;
    }
    return emit1(s, CORE_pool, &out, &x, attr, 3u + 6u * (uint32_t)nd);
}
