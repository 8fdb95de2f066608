/* SPDX-License-Identifier: MIT
 * nest.c: maps, reductions and row kernels as vector loops.
 *
 * One axis is the vector axis, chosen by the strides of the program alone (never by the machine),
 * because it decides the order of additions:
 *   a parallel axis: W neighbouring elements are computed side by side; reductions run through their axes one by one
 *   a reduction axis: element i of it is added to logical lane i mod 32, whatever the vectors are; then a fixed tree
 *
 *   for outer parallel axes, parallel vector axis:  a row (nest_pass.c) */
#include "kernel/order.h"
#include "loop/nest.h"

/* ---- choices ---- */

/* Lanes of a full vector: by the widest float type that varies along the vector axis. */
static int choose_width(const Gen *e)
{
    int bytes = 4;
    for (uint32_t i = 0; i < e->k->x.n; i++)
        if (e->k->x.at[i].dtype == DT_f64 && e->vec >= 0 && (e->deps[i] >> e->vec & 1)) bytes = 8;
    return loop_lanes(e->m, bytes);
}

/* Reductions side by side hide the latency of their additions, so several vectors go together, where what is done with an
 * element is little enough for the registers. */
static int several_vectors(const Nest *n)
{
    enum { LITTLE = 12, MOST_LANES = 64 };
    const Gen *e = &n->e;
    int nodes = 0;
    for (uint32_t i = 0; i < e->k->x.n; i++)
        nodes += e->k->x.at[i].kind == X_reduce || (e->deps[i] & n->reduced);
    if (e->m->target.compact) return e->width;
    if (!e->k->n_red) return e->width * gen_vectors_together(e);
    return !n->vec_red && nodes <= LITTLE && e->width * 4 <= MOST_LANES ? 4 * e->width : e->width;
}

static void order_axes(Nest *n)
{
    const Kernel *k = n->e.k;
    int first_red = k->n_axes - k->n_red;
    for (int a = 0; a < k->n_axes; a++) {
        if (a == n->e.vec || a == n->across) continue;
        if (a < first_red)
            n->par[n->n_par++] = a;
        else
            n->red[n->n_red++] = a;
    }
    if (n->across >= 0) n->par[n->n_par++] = n->across;
    if (n->vec_red)
        n->red[n->n_red++] = n->e.vec;
    else if (n->e.vec >= 0)
        n->par[n->n_par++] = n->e.vec;
}

/* ---- parallel axes ---- */

static void parallel_axes(Nest *n, int depth);

static void parallel_vector(Nest *n, int depth, int axis, LV counter, int lanes, LV mask)
{
    Point old = gen_save(&n->e);
    n->counter[axis] = counter;
    gen_enter_vector(&n->e, axis, counter, lanes, mask);
    parallel_axes(n, depth + 1);
    gen_restore(&n->e, old);
}

static void vector_loop(Nest *n, int depth, int axis, LV lo, LV hi, int lanes)
{
    LB *b = &n->e.b;
    LV loop = l_loop(b, lo, hi, l_i64(b, lanes), NULL, 0);
    parallel_vector(n, depth, axis, loop, lanes, 0);
    l_yield(b, loop, NULL, 0);
}

static void constant_extent(Nest *n, int depth, int axis, int64_t extent)
{
    LB *b = &n->e.b;
    int64_t at = extent / n->several * n->several;
    if (at == n->several)
        parallel_vector(n, depth, axis, l_i64(b, 0), n->several, 0);
    else if (at)
        vector_loop(n, depth, axis, l_i64(b, 0), l_i64(b, at), n->several);
    int lanes = gen_lanes(extent - at);
    if (extent > at) {
        LV mask = extent - at < lanes ? l_maskn(b, l_i64(b, extent - at), lanes) : 0;
        parallel_vector(n, depth, axis, l_i64(b, at), lanes, mask);
    }
}

static void variable_extent(Nest *n, int depth, int axis, LV lo, LV hi)
{
    LB *b = &n->e.b;
    LV at = lo;
    for (int lanes = n->several; lanes >= n->e.width; lanes = lanes > n->e.width ? n->e.width : 0) {
        LV count = l_bin(b, L_and, l_bin(b, L_isub, hi, at), l_i64(b, -lanes));
        LV end = l_bin(b, L_iadd, at, count);
        vector_loop(n, depth, axis, at, end, lanes);
        at = end;
    }
    if (n->e.width == 1) return;
    LV some = l_if(b, l_cmp(b, LP_lt, at, hi));
    parallel_vector(n, depth, axis, at, n->e.width, l_maskn(b, l_bin(b, L_isub, hi, at), n->e.width));
    l_end(b, some);
}

/* The vector axis, the last one, where the kernel has a band. */
static void banded_extent(Nest *n, int depth, int axis)
{
    LV lo, hi;
    nest_band(n, &lo, &hi);
    variable_extent(n, depth, axis, lo, hi);
    nest_fill(n, n->row_store.at, n->row_store.n, lo, hi);
}

/* ---- transposed loads: squares of W elements of the last two axes ---- */

static void one_square(Nest *n, LV start, LV column)
{
    Gen *e = &n->e;
    LB *b = &e->b;
    int w = e->width;
    LV *value = ARENA_ARRAY(e->arena, LV, e->k->x.n * (uint32_t)w + 1);
    Point old = gen_save(e);
    n->counter[e->vec] = column;
    gen_enter_vector(e, e->vec, column, w, 0);
    transpose_loads(e, n->across, start, value);
    for (int i = 0; i < w; i++) {
        Point line = gen_save(e);
        gen_enter(e, n->across, l_bin(b, L_iadd, start, l_i64(b, i)));
        for (uint32_t x = 0; x < e->k->x.n; x++)
            if (value[x * (uint32_t)w + (uint32_t)i]) e->at.memo[x] = value[x * (uint32_t)w + (uint32_t)i];
        nest_store(n, n->row_store.at, n->row_store.n);
        gen_restore(e, line);
    }
    gen_restore(e, old);
}

static LV whole_squares(Nest *n, LV lo, LV hi)
{
    LB *b = &n->e.b;
    return l_bin(b, L_iadd, lo, l_bin(b, L_and, l_bin(b, L_isub, hi, lo), l_i64(b, -(int64_t)n->e.width)));
}

/* Lines lo .. hi-1 of the axis, from a column on, without transposition. */
static void single_lines(Nest *n, LV lo, LV hi, LV column, LV end)
{
    Gen *e = &n->e;
    LB *b = &e->b;
    Point old = gen_save(e);
    LV loop = l_loop(b, lo, hi, l_i64(b, 1), NULL, 0);
    n->counter[n->across] = loop;
    gen_enter(e, n->across, loop);
    variable_extent(n, n->n_par - 1, e->vec, column, end);
    l_yield(b, loop, NULL, 0);
    gen_restore(e, old);
}

static void transposed_axes(Nest *n)
{
    Gen *e = &n->e;
    LB *b = &e->b;
    LV lo, hi, first, end, w = l_i64(b, e->width);
    gen_bounds(e, n->across, &lo, &hi);
    gen_bounds(e, e->vec, &first, &end);
    LV lines = whole_squares(n, lo, hi), columns = whole_squares(n, first, end);
    LV start = l_loop(b, lo, lines, w, NULL, 0);
    LV column = l_loop(b, first, columns, w, NULL, 0);
    one_square(n, start, column);
    l_yield(b, column, NULL, 0);
    single_lines(n, start, l_bin(b, L_iadd, start, w), columns, end);
    l_yield(b, start, NULL, 0);
    single_lines(n, lines, hi, first, end);
}

/* ---- all axes ---- */

static void parallel_axes(Nest *n, int depth)
{
    Gen *e = &n->e;
    LB *b = &e->b;
    e->done = 0;
    xnode_hoist(e, n->want_all);
    if (depth == n->n_par) {
        nest_row(n);
        return;
    }
    int axis = n->par[depth];
    bool part = axis == e->k->part;
    LV lo, hi;
    int64_t extent;
    gen_bounds(e, axis, &lo, &hi);
    if (axis == n->across) {
        transposed_axes(n);
    } else if (axis == e->vec && e->k->band) {
        banded_extent(n, depth, axis);
    } else if (axis == e->vec && !part && gen_const(e, e->k->axis[axis], &extent)) {
        constant_extent(n, depth, axis, extent);
    } else if (axis == e->vec) {
        variable_extent(n, depth, axis, lo, hi);
    } else {
        Point old = gen_save(e);
        LV loop = l_loop(b, lo, hi, l_i64(b, 1), NULL, 0);
        n->counter[axis] = loop;
        gen_enter(e, axis, loop);
        parallel_axes(n, depth + 1);
        l_yield(b, loop, NULL, 0);
        gen_restore(e, old);
    }
}

static uint32_t reduced_axes(const Kernel *k)
{
    uint32_t all = (1u << k->n_axes) - 1, par = (1u << (k->n_axes - k->n_red)) - 1;
    return all & ~par;
}

int64_t lower_nest(LoopModule *m, KProgram *p, const Kernel *k, const char *name, Spare *spare)
{
    Nest *n = ARENA_NEW(m->arena, Nest);
    Gen *e = &n->e;
    n->reduced = reduced_axes(k);
    gen_begin(e, m, p, k, name, n->reduced);
    e->vec = k->band ? k->n_axes - 1 : kernel_vector_axis(e->arena, e->dims, k);
    e->width = choose_width(e);
    n->vec_red = e->vec >= k->n_axes - k->n_red;
    n->in_memory = n->vec_red && m->target.compact;
    int together = e->width * gen_vectors_together(e);
    if (n->vec_red && !n->in_memory && e->width < SUM_LANES) e->width = together < SUM_LANES ? together : SUM_LANES;
    n->across = k->band ? -1 : transpose_axis(e);
    order_axes(n);
    if (!m->target.compact) gen_choose_spare(e, n->par, n->n_par - (n->across >= 0) - (!n->vec_red && e->vec >= 0));
    if (e->spare >= 0) *spare = (Spare){k->axis[e->spare], 1};
    n->several = several_vectors(n);
    nest_plan_passes(n);
    nest_keep_plan(n);
    parallel_axes(n, 0);
    l_ret(&e->b, 0);
    return e->vec == k->part || (n->across == k->part && k->part >= 0) ? SUM_LANES : 1;
}
