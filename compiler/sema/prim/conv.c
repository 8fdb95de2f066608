/* SPDX-License-Identifier: MIT
 * conv.c: convolutions and pooling: shapes and arguments. */
#include <string.h>

#include "sema/base/demand.h"
#include "sema/base/record.h"
#include "sema/prim/argument.h"
#include "sema/prim/prim.h"

/* A number for all axes, or a list with one per axis. */
static bool numbers(Sema *s, const PrimCall *call, const PrimArg *arg, int nd, Dim *out, const char *what)
{
    const Value *v = &arg->value;
    bool list = v->kind == VAL_LIST || v->kind == VAL_INTS || v->kind == VAL_TUPLE;
    if (list && (int)v->n != nd) {
        diag_error(s->diags, "E0340", arg->span, "%s of %s is a number or a list of %d", what, call->name, nd);
        return false;
    }
    for (int i = 0; i < nd; i++) {
        const Value *one = list ? &v->items[i] : v;
        if (one->kind != VAL_INT) {
            Diag *d =
                diag_error(s->diags, "E0340", arg->span, "%s of %s is %s, but must be a number", what, call->name, value_describe(s, one));
            if (one->kind == VAL_STRING)
                diag_help(d, "there is no padding by name: an odd kernel keeps the size with "
                             "pad=kernel // 2");
            return false;
        }
        out[i] = one->dim;
    }
    return true;
}

static bool constants(Sema *s, const PrimCall *call, const PrimArg *arg, int nd, int64_t least, int64_t *out, const char *what)
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
            diag_error(s->diags, "E0340", arg->span, "%s of %s must be known while compiling", what, call->name);
            return false;
        }
        if (out[i] < least) {
            diag_error(s->diags, "E0340", arg->span, "%s of %s is %lld, but must be at least %lld", what, call->name, (long long)out[i],
                       (long long)least);
            return false;
        }
    }
    return true;
}

/* Sizes that may be symbolic in a generic check, as Dims beside the constants. */
static bool dims_of(Sema *s, const PrimCall *call, const PrimArg *arg, int nd, int64_t otherwise, Dim *out, const char *what)
{
    for (int i = 0; i < nd; i++)
        out[i] = prim_constant(s, otherwise);
    return !arg || numbers(s, call, arg, nd, out, what);
}

/* pad: a number, a list per axis, or [[top, bottom], [left, right]]. */
static bool paddings(Sema *s, const PrimCall *call, const PrimArg *arg, int nd, Dim *lo, Dim *hi)
{
    for (int i = 0; i < nd; i++)
        lo[i] = hi[i] = prim_constant(s, 0);
    if (!arg) return true;
    const Value *v = &arg->value;
    bool pairs = v->kind == VAL_LIST && v->n > 0 && (v->items[0].kind == VAL_LIST || v->items[0].kind == VAL_INTS);
    if (!pairs) {
        if (!numbers(s, call, arg, nd, lo, "pad")) return false;
        for (int i = 0; i < nd; i++)
            hi[i] = lo[i];
    } else {
        if ((int)v->n != nd) {
            diag_error(s->diags, "E0340", arg->span, "pad of %s is a number, a list of %d, or a list of %d pairs", call->name, nd, nd);
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
        sema_demand(s, lo[i], OPER_GE, prim_constant(s, 0), arg->span, "padding cannot be negative");
        sema_demand(s, hi[i], OPER_GE, prim_constant(s, 0), arg->span, "padding cannot be negative");
    }
    return true;
}

static bool check_image(Sema *s, const PrimCall *call, const Value *x, int nd, Span at)
{
    bool plain = x->type.rank == nd + 2 && is_float_elem(x->type.elem);
    for (int i = 0; i < x->type.rank; i++)
        plain &= x->type.axis[i].kind != AXIS_PACK;
    if (plain) return type_check_computes(s, call->name, &x->type, at);
    Diag *d = diag_error(s->diags, "E0306", at, "%s takes float[B, %s, C] but is given %s", call->name, nd == 2 ? "H, W" : "T",
                         type_print(s, &x->type));
    diag_note(d, "channels are the last axis");
    if (x->type.rank == nd + 1) diag_help(d, "a tensor without channels gets an axis with x[..., _]");
    return false;
}

static bool proved(Sema *s, Dim a, Dim b, const char **why)
{
    DimAnswer answer = sema_equal(s, a, b, why);
    return answer == DIM_PROVED || (answer == DIM_OPEN && s->generic);
}

/* ---- windows --------------------------------------------------------------------------------- */

typedef struct Window { /* of one spatial axis */
    Dim k, stride, dil, lo, hi;
    int64_t stride_n, dil_n; /* -1: decided at each instance */
} Window;

/* stride, dilation and pad, parameters 2 to 4. The stride is that of the windows if it is not given. */
static bool windows(Sema *s, const PrimCall *call, int nd, Window *w)
{
    const PrimArg *stride = call->arg[2].given, *pad = call->arg[3].given, *dilation = call->arg[4].given;
    int64_t stride_n[2], dil_n[2] = {1, 1};
    Dim stride_dim[2], dil[2], lo[2], hi[2];
    for (int i = 0; i < nd; i++)
        stride_n[i] = w[i].stride_n, stride_dim[i] = w[i].stride;
    if (!constants(s, call, stride, nd, 1, stride_n, "stride") || (stride && !numbers(s, call, stride, nd, stride_dim, "stride")) ||
        !constants(s, call, dilation, nd, 1, dil_n, "dilation") || !dims_of(s, call, dilation, nd, 1, dil, "dilation") ||
        !paddings(s, call, pad, nd, lo, hi))
        return false;
    for (int i = 0; i < nd; i++)
        w[i] = (Window){w[i].k, stride_dim[i], dil[i], lo[i], hi[i], stride_n[i], dil_n[i]};
    return true;
}

/* How far a window reaches. */
static Dim reach_of(Sema *s, const Window *w)
{
    Dim one = prim_constant(s, 1);
    return dim_add(s->dims, dim_mul(s->dims, w->dil, dim_sub(s->dims, w->k, one)), one);
}

static Dim padded(Sema *s, Dim n, const Window *w)
{
    return dim_add(s->dims, dim_add(s->dims, n, w->lo), w->hi);
}

/* The places of the window on an axis of n: floor((padded - reach) / stride) + 1. */
static Dim places(Sema *s, Dim n, const Window *w, Span at)
{
    Dim reach = reach_of(s, w);
    sema_demand(s, padded(s, n, w), OPER_GE, reach, at, "the window has to fit into the padded size");
    Dim span = dim_sub(s->dims, padded(s, n, w), reach);
    return dim_add(s->dims, dim_floordiv(s->dims, span, w->stride), prim_constant(s, 1));
}

/* ---- convolutions ---------------------------------------------------------------------------- */

typedef struct Conv {
    int nd;
    bool transposed;
    Value x, w;
    Window window[2];
    Dim out_pad[2], groups_dim;
    int64_t out_pad_n[2], groups;
} Conv;

static bool conv_output_pad(Sema *s, const PrimCall *call, Conv *c)
{
    const PrimArg *out_pad = call->arg[6].given;
    if (!constants(s, call, out_pad, c->nd, 0, c->out_pad_n, "output_pad") ||
        !dims_of(s, call, out_pad, c->nd, 0, c->out_pad, "output_pad"))
        return false;
    if (out_pad && !c->transposed) {
        diag_error(s->diags, "E0340", out_pad->span, "output_pad is for transposed convolutions");
        return false;
    }
    for (int i = 0; i < c->nd; i++)
        if (c->window[i].stride_n >= 1 && c->out_pad_n[i] >= c->window[i].stride_n) {
            diag_error(s->diags, "E0340", call->arg[6].span, "output_pad of %s must be less than the stride", call->name);
            return false;
        }
    return true;
}

static bool conv_arguments(Sema *s, const PrimCall *call, Conv *c)
{
    c->x = call->arg[0].value;
    c->w = call->arg[1].value;
    c->groups = 1;
    if (!check_image(s, call, &c->x, c->nd, call->arg[0].span)) return false;
    if (c->w.type.rank != c->nd + 2 || c->w.type.elem != c->x.type.elem) {
        diag_error(s->diags, "E0304", call->arg[1].span, "the weights of %s are float[%s, c_in, c_out], but this is %s", call->name,
                   c->nd == 2 ? "kh, kw" : "k", type_print(s, &c->w.type));
        return false;
    }
    for (int i = 0; i < c->nd; i++)
        c->window[i] = (Window){.k = axis_size(s, &c->w.type.axis[i]), .stride = prim_constant(s, 1), .stride_n = 1};
    return windows(s, call, c->nd, c->window) && constants(s, call, call->arg[5].given, 1, 1, &c->groups, "groups") &&
           dims_of(s, call, call->arg[5].given, 1, 1, &c->groups_dim, "groups") && conv_output_pad(s, call, c);
}

static bool conv_channels(Sema *s, const PrimCall *call, const Conv *c, Dim *out)
{
    const char *why = NULL;
    Dim channels = axis_size(s, &c->x.type.axis[c->nd + 1]), w_in = axis_size(s, &c->w.type.axis[c->nd]),
        w_out = axis_size(s, &c->w.type.axis[c->nd + 1]);
    Dim wants = c->transposed ? w_in : dim_mul(s->dims, w_in, c->groups_dim);
    if (!proved(s, channels, wants, &why)) {
        Diag *d = diag_error(s->diags, "E0306", call->arg[0].span, "%s has weights for %s channels but is given %s", call->name,
                             dim_print(s->dims, s->arena, wants), type_print(s, &c->x.type));
        diag_label(d, call->arg[0].span, "%s", type_print(s, &c->x.type));
        diag_note(d, "channels are the last axis");
        return false;
    }
    Dim grouped = c->transposed ? channels : w_out;
    DimAnswer divides = dim_divides(s->facts, grouped, c->groups_dim, &why);
    if (divides == DIM_REFUTED || (divides == DIM_OPEN && !s->generic)) {
        diag_error(s->diags, "E0340", call->arg[5].span, "%s channels cannot be split into %s equal groups",
                   dim_print(s->dims, s->arena, grouped), dim_print(s->dims, s->arena, c->groups_dim));
        return false;
    }
    *out = c->transposed ? dim_mul(s->dims, w_out, c->groups_dim) : w_out;
    return true;
}

static Dim transposed_extent(Sema *s, const PrimCall *call, const Conv *c, int i)
{
    const Window *w = &c->window[i];
    Dim n = axis_size(s, &c->x.type.axis[1 + i]), one = prim_constant(s, 1);
    Dim extent = dim_add(s->dims, dim_mul(s->dims, dim_sub(s->dims, n, one), w->stride), dim_add(s->dims, reach_of(s, w), c->out_pad[i]));
    extent = dim_sub(s->dims, dim_sub(s->dims, extent, w->lo), w->hi);
    sema_demand(s, extent, OPER_GE, one, call->span, "the result has to have at least one place");
    return extent;
}

static Value conv(Sema *s, const PrimCall *call, bool transposed)
{
    Conv c = {.nd = call->axes, .transposed = transposed};
    Dim channels;
    if (!conv_arguments(s, call, &c) || !conv_channels(s, call, &c, &channels)) return value_error();
    SemaType out = {.elem = c.x.type.elem, .rank = (uint8_t)(c.nd + 2)};
    int64_t attr[3 + 10] = {c.nd, transposed, c.groups};
    out.axis[0] = c.x.type.axis[0];
    out.axis[c.nd + 1] = axis_of(channels);
    for (int i = 0; i < c.nd; i++) {
        const Window *w = &c.window[i];
        Dim extent = transposed ? transposed_extent(s, call, &c, i) : places(s, axis_size(s, &c.x.type.axis[1 + i]), w, call->span);
        out.axis[1 + i] = axis_of(extent);
        int64_t *a = attr + 3 + 5 * i;
        a[0] = w->stride_n, a[1] = w->dil_n, a[2] = w->lo, a[3] = w->hi, a[4] = c.out_pad_n[i];
    }
    CoreRef in[2] = {value_use(s, &c.x, ELEM_none), value_use(s, &c.w, ELEM_none)};
    return prim_emit(s, CORE_conv, &out, in, 2, attr, 3u + 5u * (uint32_t)c.nd);
}

Value prim_conv(Sema *s, const PrimCall *call)
{
    return conv(s, call, false);
}

Value prim_conv_transpose(Sema *s, const PrimCall *call)
{
    return conv(s, call, true);
}

/* ---- pooling --------------------------------------------------------------------------------- */

/* In ceil mode: ceil((padded - reach) / stride) + 1 windows; *extra pads what the last one lacks. By PyTorch's rule the last one
 * must begin before the padding behind; else there is one less. False: reported. */
static bool ceil_places(Sema *s, const PrimCall *call, Dim n, const Window *w, Dim *extent, Dim *extra)
{
    const char *why = NULL;
    Dim one = prim_constant(s, 1), span = dim_sub(s->dims, padded(s, n, w), reach_of(s, w));
    Dim up = dim_floordiv(s->dims, dim_add(s->dims, span, dim_sub(s->dims, w->stride, one)), w->stride);
    Dim last = dim_sub(s->dims, dim_sub(s->dims, dim_add(s->dims, n, w->lo), one), dim_mul(s->dims, up, w->stride));
    DimAnswer begins = sema_at_least(s, last, prim_constant(s, 0), &why);
    bool none = dim_is_const(s->dims, last, NULL) && begins == DIM_REFUTED;
    if (begins != DIM_PROVED && !none && !s->generic) {
        diag_error(s->diags, "E0340", call->span, "with ceil=true the last window could lie in padding only; needs stride + pad <= kernel");
        return false;
    }
    if (none) return true;
    *extent = dim_add(s->dims, up, one);
    *extra = dim_sub(s->dims, dim_mul(s->dims, up, w->stride), span);
    return true;
}

/* A window never lies in padding only. */
static bool check_pad(Sema *s, const PrimCall *call, const Window *w)
{
    for (int side = 0; side < 2; side++) {
        int64_t room = 0;
        Dim pad = dim_add(s->dims, side ? w->hi : w->lo, prim_constant(s, 1));
        if (!dim_is_const(s->dims, dim_sub(s->dims, reach_of(s, w), pad), &room) || room >= 0) continue;
        diag_error(s->diags, "E0340", call->arg[3].span, "pad of %s must be less than the window: a window would hold padding only",
                   call->name);
        return false;
    }
    return true;
}

static Value pool(Sema *s, const PrimCall *call, bool average)
{
    const PrimValue *arg = call->arg;
    Value x = arg[0].value;
    int nd = call->axes;
    int64_t k[2] = {1, 1};
    Dim k_dim[2];
    Window window[2];
    if (!check_image(s, call, &x, nd, arg[0].span) || !constants(s, call, arg[1].given, nd, 1, k, "k") ||
        !dims_of(s, call, arg[1].given, nd, 1, k_dim, "k"))
        return value_error();
    for (int i = 0; i < nd; i++)
        window[i] = (Window){.k = k_dim[i], .stride = k_dim[i], .stride_n = k[i]};
    if (!windows(s, call, nd, window)) return value_error();
    if (arg[6].given && !average) {
        diag_error(s->diags, "E0340", arg[6].span, "count_pad is for averages: maxima never count padding");
        return value_error();
    }
    SemaType out = x.type;
    int64_t attr[3 + 12] = {nd, average, arg[6].truth};
    for (int i = 0; i < nd; i++) {
        const Window *w = &window[i];
        Dim n = axis_size(s, &x.type.axis[1 + i]), extra = prim_constant(s, 0);
        Dim extent = places(s, n, w, call->span);
        if (arg[5].truth && !ceil_places(s, call, n, w, &extent, &extra)) return value_error();
        if (!check_pad(s, call, w)) return value_error();
        out.axis[1 + i] = axis_of(extent);
        int64_t *a = attr + 3 + 6 * i;
        a[0] = k[i], a[1] = w->stride_n, a[2] = w->lo, a[3] = w->hi, a[4] = w->dil_n, a[5] = extra;
    }
    return prim_emit1(s, CORE_pool, &out, &x, attr, 3u + 6u * (uint32_t)nd);
}

Value prim_max_pool(Sema *s, const PrimCall *call)
{
    return pool(s, call, false);
}

Value prim_avg_pool(Sema *s, const PrimCall *call)
{
    return pool(s, call, true);
}
