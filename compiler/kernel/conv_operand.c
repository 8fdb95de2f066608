/* SPDX-License-Identifier: MIT
 * conv_operand.c: padded operands of convolutions. */
#include "kernel/conv.h"
#include "kernel/margin.h"

/* Is v stored with zeros around it that reach as far? Then *home is that, from -lo on. */
static bool in_margin(const Builder *b, Ref v, const Dim *lo, const Dim *extent, Home *home)
{
    const Margin *m = b->margin[v];
    if (!m || b->home[v].buf != m->whole.buf) return false;
    *home = m->whole;
    for (int i = 0; i < 2; i++) {
        Dim rest = dim_sub(b->dims, dim_sub(b->dims, extent[i], lo[i]), graph_type(b->g, v)->dim[1 + i]);
        int64_t before, behind;
        if (!dim_is_const(b->dims, lo[i], &before) || !dim_is_const(b->dims, rest, &behind)) return false;
        if (before > m->lo[i] || behind > m->hi[i]) return false;
        Dim skipped = build_dim(b, m->lo[i] - before);
        if (home->stride[1 + i]) home->off = dim_add(b->dims, home->off, dim_mul(b->dims, home->stride[1 + i], skipped));
    }
    return true;
}

/* Is an operand, from -lo on, the value and known numbers of lines around it? */
static bool has_margin(Builder *b, const Type *type, const Dim *lo, const Dim *extent, Margin *m)
{
    *m = (Margin){0};
    for (int i = 0; i < 2; i++) {
        Dim rest = dim_sub(b->dims, dim_sub(b->dims, extent[i], lo[i]), type->dim[1 + i]);
        if (!dim_is_const(b->dims, lo[i], &m->lo[i]) || !dim_is_const(b->dims, rest, &m->hi[i])) return false;
        if (m->lo[i] < 0 || m->hi[i] < 0) return false;
    }
    return true;
}

Home conv_padded(Builder *b, Ref v, const Dim *lo, const Dim *extent, const char *what)
{
    const Type *type = graph_type(b->g, v);
    Type wide = *type;
    bool plain = true;
    for (int i = 0; i < 2; i++) {
        plain &= build_dim_is(b, lo[i], 0) && extent[i] == type->dim[1 + i];
        wide.dim[1 + i] = extent[i];
    }
    if (plain) return home_seen(b, v);
    Dim key[10] = {2, lo[0], lo[1], extent[0], extent[1]};
    b = build_outside(b, &v);
    Home there;
    if (in_margin(b, v, lo, extent, &there)) return there;
    const Home *have = gemm_copied(b, v, key);
    if (have) return *have;
    Margin margin;
    Home own = home_seen(b, v);
    if (has_margin(b, type, lo, extent, &margin)) {
        Home inside = margin_place(b, &margin, type, what);
        gemm_remember_copy(b, v, key, &margin.whole);
        margin_clear(b, &margin);
        build_copy_home(b, type, type->dtype, &own, &inside, what);
        return margin.whole;
    }
    Home to = home_new(b, &wide, what);
    gemm_remember_copy(b, v, key, &to);
    XBuilder xb = {.b = b, .k = kernel_new(b, K_NEST, what, v)};
    Map m = map_domain(b, xb.k, &wide, AX_PAR), from = m;
    for (int i = 0; i < 2; i++) {
        from.ax[1 + i].off = dim_sub(b->dims, from.ax[1 + i].off, lo[i]);
        from.box[from.n_box++] = (Box){.at = from.ax[1 + i], .lo = build_dim(b, 0), .hi = type->dim[1 + i]};
    }
    expr_store(&xb, expr_load(&xb, &own, &from, type->dtype), &to, &m);
    kernel_add(b, xb.k);
    return to;
}
