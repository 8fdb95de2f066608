/* SPDX-License-Identifier: MIT
 * gen.c: the function of a kernel and where its data is: sizes, base addresses, axes entered (see
 * lowering.h). */
#include "loop/lowering.h"

#include <string.h>

bool gen_const(const Gen *e, Dim dim, int64_t *value)
{
    if (dim == 0) {
        *value = 0;
        return true;
    }
    return dim_is_const(e->dims, dim, value);
}

static bool is_zero(const Dims *dims, Dim d)
{
    int64_t v;
    return d == 0 || (dim_is_const(dims, d, &v) && v == 0);
}

/* Sizes are read once, at the start of the function, so that they can be used anywhere in it. */
static void preload_dim(Gen *e, Dim dim)
{
    int64_t value;
    if (gen_const(e, dim, &value)) return;
    for (uint32_t i = 0; i < e->dim.n; i++)
        if (e->dim.at[i].dim == dim) return;
    LV v = l_load(&e->b, e->table, 8 * (int64_t)kernel_table_dim(e->p, dim), DT_i64, 1, 0);
    vec_add(e->arena, &e->dim, (DimValue){dim, v});
}

LV gen_dim(Gen *e, Dim dim)
{
    int64_t value;
    if (gen_const(e, dim, &value)) return l_i64(&e->b, value);
    for (uint32_t i = 0; i < e->dim.n; i++)
        if (e->dim.at[i].dim == dim) return e->dim.at[i].v;
    BUG("kernel %s uses the size %s, which was not loaded", e->k->name, dim_print(e->dims, e->arena, dim));
}

void gen_bounds(Gen *e, int axis, LV *lo, LV *hi)
{
    bool part = axis >= 0 && axis == e->k->part, spare = axis >= 0 && axis == e->spare;
    *lo = part ? e->lo : spare ? e->spare_lo : l_i64(&e->b, 0);
    *hi = part ? e->hi : spare ? e->spare_hi : axis < 0 ? l_i64(&e->b, 1) : gen_dim(e, e->k->axis[axis]);
}

static bool stores_along(const Gen *e, int axis)
{
    for (uint32_t i = 0; i < e->k->wr.n; i++)
        if (is_zero(e->dims, e->k->wr.at[i].stride[axis])) return false;
    return true;
}

/* With sizes of 1. */
static int64_t least_extent(const Gen *e, int axis)
{
    uint32_t n = symbol_count(e->dims) + 1;
    int64_t *sample = ARENA_ARRAY(e->arena, int64_t, n), extent = 1;
    for (uint32_t i = 0; i < n; i++)
        sample[i] = 1;
    return dim_eval(e->dims, e->k->axis[axis], sample, &extent) ? extent : 1;
}

void gen_open_spare(Gen *e, int axis)
{
    e->spare = axis;
    e->spare_lo = l_label(&e->b, l_load(&e->b, e->iter, 8 * SLOT_SPARE_LO, DT_i64, 1, 0), "spare_lo");
    e->spare_hi = l_label(&e->b, l_load(&e->b, e->iter, 8 * SLOT_SPARE_HI, DT_i64, 1, 0), "spare_hi");
}

void gen_choose_spare(Gen *e, const int *axis, int n)
{
    int best = -1;
    if (e->k->part < 0 || e->k->own_rows) return;
    int64_t most = least_extent(e, e->k->part), extent;
    for (int i = 0; i < n; i++) {
        if (!gen_const(e, e->k->axis[axis[i]], &extent) || extent <= most || !stores_along(e, axis[i])) continue;
        most = extent;
        best = axis[i];
    }
    if (best >= 0) gen_open_spare(e, best);
}

LV gen_scratch(Gen *e, int64_t bytes)
{
    int64_t at = (e->p->local_bytes + 63) / 64 * 64 + e->scratch, end = (at + bytes + 63) / 64 * 64;
    if (end > e->p->scratch_bytes) e->p->scratch_bytes = end;
    e->scratch += end - at;
    LV start = l_load_ptr(&e->b, e->iter, 8 * SLOT_SCRATCH);
    return l_label(&e->b, l_ptradd(&e->b, start, 0, at), "scratch");
}

/* A costly operation is a chain of tens of dependent instructions; a processor looks ahead over one or two of them. Random numbers are ten
 * rounds, each of which waits for the one before, in few instructions. */
int gen_vectors_together(const Gen *e)
{
    enum { COSTLY_TOGETHER = 2, DRAWN_TOGETHER = 4 };
    int together = 1;
    for (uint32_t i = 0; i < e->k->x.n && e->vec >= 0 && !e->m->target.compact; i++) {
        const XNode *x = &e->k->x.at[i];
        bool costly = x->kind == X_op && (op_properties[x->op] & COSTLY) && l_is_float(loop_type_of(x->dtype));
        int wanted = x->kind == X_random ? DRAWN_TOGETHER : costly ? COSTLY_TOGETHER : 1;
        if (wanted > together && (e->deps[i] >> e->vec & 1)) together = wanted;
    }
    return together;
}

int gen_lanes(int64_t elements)
{
    int lanes = 1;
    while (lanes < elements && lanes < 64)
        lanes *= 2;
    return lanes;
}

static void preload_dims(Gen *e, const Dim *dim, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        preload_dim(e, dim[i]);
}

static void preload_access(Gen *e, const Access *a)
{
    preload_dim(e, a->off);
    preload_dims(e, a->stride, MAX_AXES);
    preload_dims(e, a->iter, MAX_COUNTERS);
    preload_dim(e, a->index_stride);
    for (uint32_t i = 0; i < a->n_box; i++) {
        preload_dim(e, a->box[i].off);
        preload_dim(e, a->box[i].lo);
        preload_dim(e, a->box[i].hi);
        preload_dims(e, a->box[i].stride, MAX_AXES);
    }
}

static void preload_kernel(Gen *e)
{
    const Kernel *k = e->k;
    preload_dims(e, k->axis, k->n_axes);
    preload_dim(e, k->rows);
    preload_dims(e, k->sizes.at, k->sizes.n);
    for (uint32_t i = 0; i < k->rd.n; i++)
        preload_access(e, &k->rd.at[i]);
    for (uint32_t i = 0; i < k->wr.n; i++)
        preload_access(e, &k->wr.at[i]);
    for (uint32_t i = 0; i < k->idx.n; i++)
        preload_access(e, &k->idx.at[i]);
    for (uint32_t i = 0; i < k->x.n; i++)
        preload_dim(e, k->x.at[i].dim);
    for (int a = k->n_axes - 1; k->n_red > 1 && a >= k->n_axes - k->n_red; a--) { /* row-major positions */
        Dim below = dim_const(e->dims, 1);
        for (int i = a + 1; i < k->n_axes; i++)
            below = dim_mul(e->dims, below, k->axis[i]);
        preload_dim(e, below);
    }
}

/* The counters of enclosing scans that some access looks at. */
static void preload_iters(Gen *e)
{
    const Kernel *k = e->k;
    for (int d = 0; d < MAX_COUNTERS; d++) {
        bool used = false;
        for (uint32_t i = 0; i < k->rd.n; i++)
            used |= !is_zero(e->dims, k->rd.at[i].iter[d]);
        for (uint32_t i = 0; i < k->wr.n; i++)
            used |= !is_zero(e->dims, k->wr.at[i].iter[d]);
        for (uint32_t i = 0; i < k->idx.n; i++)
            used |= !is_zero(e->dims, k->idx.at[i].iter[d]);
        vec_add(e->arena, &e->iters, used ? l_load(&e->b, e->iter, 8 * d, DT_i64, 1, 0) : 0);
    }
}

static LV base_of(Gen *e, const Buf *buf)
{
    static const struct {
        int index;
        const char *label;
    } base[] = {
        [BUF_MODEL] = {LBASE_MODEL, "model"}, [BUF_TRAIN] = {LBASE_TRAIN, "train"},       [BUF_SUMS] = {LBASE_SUMS, "sums"},
        [BUF_WORK] = {LBASE_WORK, "work"},    [BUF_OPTIONS] = {LBASE_OPTIONS, "options"}, [BUF_COUNTERS] = {LBASE_COUNTERS, "counters"},
        [BUF_CONST] = {LBASE_CONST, "const"}};
    LB *b = &e->b;
    if (buf->cls == BUF_ARG) return l_label(b, l_load_base(b, e->base, LBASE_ARG + (int)buf->index), buf->name);
    if (buf->cls == BUF_LOCAL)
        return l_label(b, l_ptradd(b, l_label(b, l_load_ptr(b, e->iter, 8 * SLOT_SCRATCH), "locals"), 0, buf->place), buf->name);
    if (is_lent(e->p, buf)) {
        LV lent = l_label(b, l_load_base(b, e->base, LBASE_LENT), "lent");
        return l_label(b, l_ptradd(b, lent, l_load(b, e->table, 8 * buf->place, DT_i64, 1, 0), 0), buf->name);
    }
    LV start = l_label(b, l_load_base(b, e->base, base[buf->cls].index), base[buf->cls].label), p;
    if (buf->cls == BUF_WORK)
        p = l_ptradd(b, start, l_load(b, e->table, 8 * buf->place, DT_i64, 1, 0), 0);
    else
        p = l_ptradd(b, start, 0, buf->place);
    return l_label(b, p, buf->name);
}

static LV times(Gen *e, LV v, Dim stride, int64_t scale)
{
    LV s = l_bin(&e->b, L_imul, gen_dim(e, stride), l_i64(&e->b, scale));
    return l_bin(&e->b, L_imul, v, s);
}

/* off + sum of iter * counter, times scale */
static LV affine_start(Gen *e, const Affine *a)
{
    LV v = times(e, l_i64(&e->b, 1), a->off, a->scale);
    for (int d = 0; a->iter && d < MAX_COUNTERS; d++)
        if (!is_zero(e->dims, a->iter[d])) v = l_bin(&e->b, L_iadd, v, times(e, e->iters.at[d], a->iter[d], a->scale));
    return v;
}

LV gen_address(Gen *e, const Access *a, LV p)
{
    const Buf *buf = &e->p->buf.at[a->buf];
    Affine f = {.stride = a->stride, .iter = a->iter, .off = a->off, .scale = dtype_bytes(buf->dtype)};
    return l_ptradd(&e->b, p ? p : base_of(e, buf), affine_start(e, &f), 0);
}

static void add_access(Gen *e, const Access *a)
{
    Affine f = {.stride = a->stride, .iter = a->iter, .off = a->off, .pointer = true};
    f.scale = dtype_bytes(e->p->buf.at[a->buf].dtype);
    f.start = gen_address(e, a, 0);
    vec_add(e->arena, &e->affine, f);
}

static void add_boxes(Gen *e, const Access *a)
{
    for (uint32_t i = 0; a->boxed && i < a->n_box; i++) {
        Affine f = {.stride = a->box[i].stride, .off = a->box[i].off, .scale = 1};
        f.start = affine_start(e, &f);
        vec_add(e->arena, &e->affine, f);
    }
}

static void add_affines(Gen *e)
{
    const Kernel *k = e->k;
    for (uint32_t i = 0; i < k->rd.n; i++)
        add_access(e, &k->rd.at[i]);
    e->wr_at = e->affine.n;
    for (uint32_t i = 0; i < k->wr.n; i++)
        add_access(e, &k->wr.at[i]);
    e->idx_at = e->affine.n;
    for (uint32_t i = 0; i < k->idx.n; i++) {
        Affine f = {.stride = k->idx.at[i].stride, .iter = k->idx.at[i].iter, .off = k->idx.at[i].off, .scale = 1};
        f.start = affine_start(e, &f);
        vec_add(e->arena, &e->affine, f);
    }
    e->box_at = ARENA_ARRAY(e->arena, uint32_t, k->rd.n + k->wr.n + 1);
    for (uint32_t i = 0; i < k->rd.n + k->wr.n; i++) {
        e->box_at[i] = e->affine.n;
        add_boxes(e, i < k->rd.n ? &k->rd.at[i] : &k->wr.at[i - k->rd.n]);
    }
}

uint32_t gen_access_mask(const Dim *stride, const Dims *dims)
{
    uint32_t mask = 0;
    for (int a = 0; a < MAX_AXES; a++)
        if (!is_zero(dims, stride[a])) mask |= 1u << a;
    return mask;
}

uint32_t gen_deps(const Gen *e, const Access *a)
{
    uint32_t mask = gen_access_mask(a->stride, e->dims);
    for (uint32_t i = 0; a->boxed && i < a->n_box; i++)
        mask |= gen_access_mask(a->box[i].stride, e->dims);
    return mask | (a->index ? e->deps[a->index - 1] : 0);
}

static uint32_t own_deps(const Gen *e, const XNode *x)
{
    uint32_t all = (1u << e->k->n_axes) - 1, mask = 0;
    switch (x->kind) {
    case X_ld: return gen_deps(e, &e->k->rd.at[x->access]);
    case X_st: return gen_deps(e, &e->k->wr.at[x->access]);
    case X_index: return gen_access_mask(e->k->idx.at[x->access].stride, e->dims);
    case X_acc:
        for (int a = 0; a < e->k->n_axes; a++)
            mask |= e->k->cls[a] == AX_K ? 1u << a : 0;
        return all & ~mask;
    default: return 0;
    }
}

/* Axes each node varies with, and how many reduction passes come before it. */
static void find_facts(Gen *e, uint32_t reduced)
{
    const Kernel *k = e->k;
    e->deps = ARENA_ARRAY(e->arena, uint32_t, k->x.n + 1);
    e->pass = ARENA_ARRAY(e->arena, uint8_t, k->x.n + 1);
    for (uint32_t i = 0; i < k->x.n; i++) {
        const XNode *x = &k->x.at[i];
        uint32_t in[4 + 2];
        e->deps[i] = own_deps(e, x);
        if (x->kind == X_ld && k->rd.at[x->access].index) e->pass[i] = e->pass[k->rd.at[x->access].index - 1];
        for (int j = 0; j < 4; j++) {
            if (!(in[j] = x->in[j])) continue;
            if (in[j] - 1 >= i) BUG("kernel %s: node %u reads a later node", k->name, i);
            e->deps[i] |= e->deps[in[j] - 1];
            if (e->pass[in[j] - 1] > e->pass[i]) e->pass[i] = e->pass[in[j] - 1];
        }
        if (x->kind == X_reduce) {
            e->deps[i] &= ~reduced;
            e->pass[i]++;
        }
        if (x->kind == X_acc) e->pass[i] = 1; /* given by the contraction: nothing above it may be hoisted */
    }
}

void gen_begin(Gen *e, LoopModule *m, KProgram *p, const Kernel *k, const char *name, uint32_t reduced)
{
    uint8_t params[] = {LT_ptr, LT_i64, LT_i64, LT_ptr};
    *e = (Gen){.m = m, .p = p, .k = k, .arena = m->arena, .dims = p->module->dims, .vec = -1, .width = 1, .spare = -1};
    e->b = (LB){m, loop_fn_new(m, name, params, 4, LT_void)};
    e->ctx = l_label(&e->b, l_arg(&e->b, 0), "ctx");
    e->lo = l_label(&e->b, l_arg(&e->b, 1), "lo");
    e->hi = l_label(&e->b, l_arg(&e->b, 2), "hi");
    e->iter = l_label(&e->b, l_arg(&e->b, 3), "iter");
    e->table = l_label(&e->b, l_load_ptr(&e->b, e->ctx, CTX_TABLE), "table");
    e->base = l_label(&e->b, l_load_ptr(&e->b, e->ctx, CTX_BASE), "base");
    preload_kernel(e);
    preload_iters(e);
    add_affines(e);
    find_facts(e, reduced);
    e->at.val = ARENA_ARRAY(e->arena, LV, e->affine.n + 1);
    e->at.memo = ARENA_ARRAY(e->arena, LV, k->x.n + 1);
    e->at.lanes = 1;
    for (uint32_t i = 0; i < e->affine.n; i++)
        e->at.val[i] = e->affine.at[i].start;
}

Point gen_save(Gen *e)
{
    Point old = e->at;
    e->at.val = ARENA_ARRAY(e->arena, LV, e->affine.n + 1);
    e->at.memo = ARENA_ARRAY(e->arena, LV, e->k->x.n + 1);
    memcpy(e->at.val, old.val, sizeof(LV) * e->affine.n);
    memcpy(e->at.memo, old.memo, sizeof(LV) * e->k->x.n);
    return old;
}

void gen_restore(Gen *e, Point p)
{
    e->at = p;
}

void gen_enter(Gen *e, int axis, LV counter)
{
    if (e->at.bound >> axis & 1) BUG("kernel %s: axis %d is entered twice", e->k->name, axis);
    e->at.bound |= 1u << axis;
    for (uint32_t i = 0; i < e->affine.n; i++) {
        const Affine *a = &e->affine.at[i];
        if (is_zero(e->dims, a->stride[axis])) continue;
        LV step = times(e, counter, a->stride[axis], a->scale);
        e->at.val[i] = a->pointer ? l_ptradd(&e->b, e->at.val[i], step, 0) : l_bin(&e->b, L_iadd, e->at.val[i], step);
    }
}

void gen_enter_vector(Gen *e, int axis, LV counter, int lanes, LV mask)
{
    if (axis != e->vec) BUG("kernel %s: axis %d is not the vector axis", e->k->name, axis);
    gen_enter(e, axis, counter);
    e->at.lanes = lanes;
    e->at.mask = mask;
}
