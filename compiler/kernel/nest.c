/* SPDX-License-Identifier: MIT
 * nest.c: new kernels, their axes, values that get a buffer while a kernel is made; copies. */
#include <ctype.h>
#include <string.h>

#include "kernel/build.h"
#include "kernel/order.h"

/* ---- kernels -------------------------------------------------------------------------------- */

static const char *layer_name(Builder *b, Ref r)
{
    const Loc *loc = r ? &b->g->module->loc.at[b->g->node.at[r].loc] : NULL;
    Text t = {.arena = b->arena};
    for (const char *c = loc && loc->path ? loc->path : ""; *c; c++)
        text_add(&t, "%c", isalnum((unsigned char)*c) ? *c : '_');
    return text_c(&t);
}

Kernel *kernel_new(Builder *b, KernelKind kind, const char *what, Ref r)
{
    Kernel *k = ARENA_NEW(b->arena, Kernel);
    k->kind = (uint8_t)kind;
    k->part = -1;
    k->aside = b->aside;
    k->loc = r ? b->g->node.at[r].loc : 0;
    const char *layer = layer_name(b, r);
    bool grad = r && (b->g->node.at[r].flags & NODE_GRAD);
    k->name = arena_print(b->arena, "%s%s%s%s", layer, *layer ? "_" : "", what, grad ? "_grad" : "");
    return k;
}

void kernel_add(Builder *b, Kernel *k)
{
    kernel_choose_part(b->dims, b->sample, k);
    order_fix(b->arena, b->dims, k);
    vec_add(b->arena, b->out, k);
}

int kernel_axis(Kernel *k, Dim extent, AxisClass cls)
{
    if (k->n_axes == MAX_AXES) BUG("kernel with more than %d axes", MAX_AXES);
    k->axis[k->n_axes] = extent;
    k->cls[k->n_axes] = (uint8_t)cls;
    if (cls == AX_RED) k->n_red++;
    return k->n_axes++;
}

Map map_domain(Builder *b, Kernel *k, const Type *type, AxisClass cls)
{
    Map m = {.rank = type->rank};
    for (int i = 0; i < type->rank; i++)
        m.ax[i] = build_dim_is(b, type->dim[i], 1) ? ax_zero(b) : ax_axis(b, kernel_axis(k, type->dim[i], cls));
    return m;
}

/* ---- one kept value ------------------------------------------------------------------------- */

Home home_seen(Builder *b, Ref r)
{
    Home h;
    if (home_through_views(b, r, &h)) return h;
    b->keep[r] = true;
    b->value(b, r);
    return b->home[r];
}

void build_keep_now(Builder *b, Ref r)
{
    if (b->keep[r] && b->home[r].buf) BUG("kernel: `%s` %u cannot be computed", op_names[b->g->node.at[r].op], r);
    b->keep[r] = true;
    b->value(b, r);
}

void build_attempt(Builder *b, Ref r, const Home *to, Attempt *fill, const char *what)
{
    for (int tries = 0; tries < 200; tries++) {
        XBuilder xb = {.b = b, .k = kernel_new(b, K_NEST, what, r)};
        if (fill(b, r, to, &xb)) {
            kernel_add(b, xb.k);
            return;
        }
        build_keep_now(b, xb.failed);
    }
    BUG("kernel: no end of values to keep");
}

void build_fill(Builder *b, const Type *type, const Home *to, double value, const char *what)
{
    XBuilder xb = {.b = b, .k = kernel_new(b, K_NEST, what, 0)};
    Map m = map_domain(b, xb.k, type, AX_PAR);
    uint32_t x = expr_add(&xb, (XNode){.kind = X_const, .dtype = type->dtype, .number = value, .integer = (int64_t)value});
    expr_store(&xb, x, to, &m);
    kernel_add(b, xb.k);
}

void build_copy_home(Builder *b, const Type *type, uint8_t dtype, const Home *from, const Home *to, const char *what)
{
    XBuilder xb = {.b = b, .k = kernel_new(b, K_NEST, what, 0)};
    Map m = map_domain(b, xb.k, type, AX_PAR);
    expr_store(&xb, expr_load(&xb, from, &m, dtype), to, &m);
    kernel_add(b, xb.k);
}
