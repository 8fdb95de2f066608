/* SPDX-License-Identifier: MIT
 * kernel_interpret.c: kernels in double precision by naive loops, with the real memory plan.
 *
 * Accesses are checked: inside the buffer, last written by the same buffer (so the plan is right),
 * no race between the shares of the divided axis. Reductions of a row come first, then the
 * element-level stores, then those of the row; all loads of a point come before its stores, as in
 * compiled code. Outside of a band reductions meet nothing, and open stores leave NaN. */
#include <math.h>
#include <string.h>

#include "oracle/kernel_interpret.h"
#include "oracle/kernel_memory.h"

typedef struct FlatBox {
    int64_t off, lo, hi, stride[MAX_AXES];
} FlatBox;
typedef struct Flat { /* an access with numbers for Dims */
    int64_t off, stride[MAX_AXES], index_stride, n_box;
    FlatBox *box;
} Flat;

typedef struct Exec {
    Memory *m;
    const Kernel *k;
    InterpretHooks *hooks;
    Flat *rd, *wr, *idx;
    FlatBox band;
    int64_t extent[MAX_AXES], at[MAX_AXES];
    const int64_t *counter; /* of scans */
    Scalar *value;
    uint64_t *stamp, point, row; /* value[x] belongs to this point (row for reductions) */
    uint32_t element_axes;
    int first_red;
} Exec;

static FlatBox flatten_box(Exec *e, const struct AccessBox *x)
{
    FlatBox f = {memory_dim(e->m, x->off), memory_dim(e->m, x->lo), memory_dim(e->m, x->hi), {0}};
    for (int i = 0; i < MAX_AXES; i++)
        f.stride[i] = memory_dim(e->m, x->stride[i]);
    return f;
}

static Flat flatten(Exec *e, const Access *a)
{
    Flat f = {.off = memory_dim(e->m, a->off), .index_stride = memory_dim(e->m, a->index_stride)};
    for (int i = 0; i < MAX_AXES; i++)
        f.stride[i] = memory_dim(e->m, a->stride[i]);
    for (int i = 0; i < MAX_COUNTERS; i++)
        if (a->iter[i]) f.off += memory_dim(e->m, a->iter[i]) * e->counter[i];
    f.n_box = a->boxed ? a->n_box : 0;
    f.box = ARENA_ARRAY(e->m->arena, FlatBox, f.n_box + 1);
    for (int64_t j = 0; j < f.n_box; j++)
        f.box[j] = flatten_box(e, &a->box[j]);
    return f;
}

static Flat *flatten_all(Exec *e, const Access *a, uint32_t n)
{
    Flat *f = ARENA_ARRAY(e->m->arena, Flat, n + 1);
    for (uint32_t i = 0; i < n; i++)
        f[i] = flatten(e, &a[i]);
    return f;
}

static int64_t affine(const Exec *e, int64_t off, const int64_t *stride)
{
    for (int i = 0; i < e->k->n_axes; i++)
        off += stride[i] * e->at[i];
    return off;
}

static bool holds(const Exec *e, const FlatBox *box)
{
    int64_t v = affine(e, box->off, box->stride);
    return v >= box->lo && v < box->hi;
}

static bool inside(const Exec *e, const Flat *f)
{
    for (int64_t j = 0; j < f->n_box; j++)
        if (!holds(e, &f->box[j])) return false;
    return true;
}

static bool in_band(const Exec *e)
{
    return !e->k->band || holds(e, &e->band);
}

/* ---- expressions ---- */

static Scalar eval_x(Exec *e, uint32_t x);

static Scalar cast_to(uint8_t from, uint8_t to, Scalar v)
{
    return from == to ? v : eval_scalar(OP_cast, from, to, &v);
}

static Scalar eval_load(Exec *e, const XNode *x)
{
    const Access *a = &e->k->rd.at[x->access];
    const Flat *f = &e->rd[x->access];
    uint8_t dtype = e->m->p->buf.at[a->buf].dtype;
    if (!inside(e, f)) return cast_to(DT_f64, x->dtype, (Scalar){.f = a->fill});
    int64_t at = affine(e, f->off, f->stride);
    if (a->index) at += f->index_stride * eval_x(e, a->index - 1).i;
    return cast_to(dtype, x->dtype, memory_load(e->m, a->buf, at));
}

static bool exceeds(uint8_t dtype, Scalar best, Scalar v)
{
    if (!dtype_is_float(dtype)) return v.i > best.i;
    return v.f > best.f || (v.f != v.f && best.f == best.f);
}

typedef struct Sum {
    Scalar acc;
    int64_t count, best;
} Sum;

/* Of the four bytes of A and those of a word; bytes behind the last may be anything, times 0. */
static Scalar product_of_quads(Exec *e, int64_t word)
{
    int64_t at = affine(e, e->rd[0].off, e->rd[0].stride);
    Scalar sum = {.i = 0};
    for (int i = 0; i < 4; i++) {
        int64_t b = (int8_t)((uint64_t)word >> 8 * i);
        if (b) sum.i += b * memory_load(e->m, e->k->rd.at[0].buf, at + i).i;
    }
    return sum;
}

static void sum_axes(Exec *e, const XNode *x, int axis, Sum *s)
{
    if (axis < e->k->n_axes) {
        for (e->at[axis] = 0; e->at[axis] < e->extent[axis] && !e->m->error; e->at[axis]++)
            sum_axes(e, x, axis + 1, s);
        return;
    }
    e->point++;
    if (x->kind == X_reduce && !in_band(e)) return;
    uint8_t dtype;
    Scalar v;
    if (x->kind == X_acc) {
        Scalar pair[2];
        for (int i = 0; i < 2; i++) {
            const Access *a = &e->k->rd.at[i];
            v = memory_load(e->m, a->buf, affine(e, e->rd[i].off, e->rd[i].stride));
            pair[i] = cast_to(e->m->p->buf.at[a->buf].dtype, x->dtype, v);
        }
        dtype = x->dtype;
        v = e->k->quads ? product_of_quads(e, pair[1].i) : eval_scalar(OP_mul, dtype, dtype, pair);
    } else {
        dtype = e->k->x.at[x->in[0] - 1].dtype;
        v = eval_x(e, x->in[0] - 1);
    }
    if (x->kind == X_acc || x->op == OP_sum) {
        s->acc = s->count ? eval_scalar(OP_add, dtype, dtype, (Scalar[]){s->acc, v}) : v;
    } else if (s->count == 0 || exceeds(dtype, s->acc, v)) {
        s->acc = v;
        s->best = s->count;
    }
    s->count++;
}

static Scalar eval_reduction(Exec *e, const XNode *x)
{
    int64_t saved[MAX_AXES];
    Sum s = {.count = 0};
    memcpy(saved, e->at, sizeof saved);
    sum_axes(e, x, e->first_red, &s);
    memcpy(e->at, saved, sizeof saved);
    e->point++;
    if (x->kind == X_reduce && x->op == OP_argmax) s.acc = (Scalar){.i = s.best};
    return s.acc;
}

static Scalar eval_random(Exec *e, const XNode *x)
{
    int64_t in[4];
    for (int i = 0; i < 4; i++)
        in[i] = eval_x(e, x->in[i] - 1).i;
    uint32_t words[4],
        counter[4] = {(uint32_t)((uint64_t)in[3] / 4), (uint32_t)in[2], (uint32_t)in[1], (uint32_t)(x->hash ^ (x->hash >> 32))};
    philox((uint64_t)in[0], counter, words);
    uint32_t w = words[in[3] % 4];
    if (x->op == 0) return (Scalar){.f = (w >> 8) * 0x1p-24};
    return (Scalar){.i = (int64_t)((uint64_t)w * (uint64_t)memory_dim(e->m, x->dim) >> 32)};
}

static Scalar eval_expect(Exec *e, const XNode *x)
{
    int64_t v = eval_x(e, x->in[0] - 1).i, bound = memory_dim(e->m, x->dim);
    bool bad = v < 0 || v >= bound;
    if (bad && (!e->hooks->fail_line || x->integer < e->hooks->fail_line)) e->hooks->fail_line = x->integer;
    return (Scalar){.i = v < 0 ? 0 : v >= bound ? bound - 1 : v};
}

static Scalar eval_new(Exec *e, const XNode *x)
{
    Scalar in[4] = {{0}};
    switch (x->kind) {
    case X_ld: return eval_load(e, x);
    case X_const: return dtype_is_float(x->dtype) ? (Scalar){.f = x->number} : (Scalar){.i = x->integer};
    case X_index: return (Scalar){.i = affine(e, e->idx[x->access].off, e->idx[x->access].stride)};
    case X_size: return (Scalar){.i = memory_dim(e->m, x->dim)};
    case X_reduce:
    case X_acc: return eval_reduction(e, x);
    case X_random: return eval_random(e, x);
    case X_expect: return eval_expect(e, x);
    case X_st: return eval_x(e, x->in[0] - 1);
    default: break;
    }
    for (int i = 0; i < op_arity[x->op]; i++)
        in[i] = eval_x(e, x->in[i] - 1);
    uint8_t from = e->k->x.at[x->in[0] - 1].dtype;
    Scalar v = eval_scalar((Op)x->op, from, x->dtype, in);
    if (e->hooks->round_f32 && x->dtype == DT_f32) v.f = (float)v.f;
    return v;
}

static Scalar eval_x(Exec *e, uint32_t i)
{
    const XNode *x = &e->k->x.at[i];
    bool row = x->kind == X_reduce || x->kind == X_acc;
    if (e->stamp[i] == (row ? e->row : e->point)) return e->value[i];
    Scalar v = eval_new(e, x);
    e->value[i] = v;
    e->stamp[i] = row ? e->row : e->point;
    return v;
}

/* ---- one kernel ---- */

static void do_stores(Exec *e, bool element_level, bool all)
{
    Scalar value[64];
    uint32_t n = 0, which[64];
    e->point++;
    for (uint32_t i = 0; i < e->k->x.n; i++) {
        const XNode *x = &e->k->x.at[i];
        if (x->kind != X_st) continue;
        bool varies = false;
        for (int a = e->first_red; a < e->k->n_axes; a++)
            varies |= e->wr[x->access].stride[a] != 0;
        if (!all && varies != element_level) continue;
        if (n == 64) BUG("kernel %s: too many stores", e->k->name);
        const Access *a = &e->k->wr.at[x->access];
        if ((all || element_level) && !in_band(e))
            value[n] = (Scalar){.f = a->open ? NAN : a->fill};
        else
            value[n] = cast_to(e->k->x.at[x->in[0] - 1].dtype, e->m->p->buf.at[a->buf].dtype, eval_x(e, i));
        which[n++] = x->access;
    }
    for (uint32_t i = 0; i < n; i++) {
        const Flat *f = &e->wr[which[i]];
        if (inside(e, f)) memory_store(e->m, e->k->wr.at[which[i]].buf, affine(e, f->off, f->stride), value[i]);
    }
}

static void element_axes(Exec *e, int axis)
{
    if (axis == e->k->n_axes) {
        do_stores(e, true, false);
        return;
    }
    for (e->at[axis] = 0; e->at[axis] < e->extent[axis] && !e->m->error; e->at[axis]++)
        element_axes(e, axis + 1);
}

static void run_row(Exec *e)
{
    e->row = ++e->point;
    for (uint32_t i = 0; i < e->k->x.n; i++)
        if (e->k->x.at[i].kind == X_reduce) eval_x(e, i);
    if (e->first_red == e->k->n_axes || e->k->kind == K_GEMM) {
        do_stores(e, false, true);
        return;
    }
    element_axes(e, e->first_red);
    for (int a = e->first_red; a < e->k->n_axes; a++)
        e->at[a] = 0;
    do_stores(e, false, false);
}

static void parallel_axes(Exec *e, int axis)
{
    if (axis == e->first_red) {
        run_row(e);
        return;
    }
    for (e->at[axis] = 0; e->at[axis] < e->extent[axis] && !e->m->error; e->at[axis]++) {
        if (axis == e->k->part) e->m->share = e->at[axis];
        parallel_axes(e, axis + 1);
    }
}

static void run_loops(Exec *e)
{
    const Kernel *k = e->k;
    e->first_red = k->n_axes - k->n_red;
    for (int i = 0; k->kind == K_GEMM && i < k->n_axes; i++)
        if (k->cls[i] == AX_K && i < e->first_red) e->first_red = i;
    for (int i = e->first_red; k->kind == K_GEMM && i < k->n_axes; i++)
        if (k->cls[i] != AX_K) BUG("kernel %s: sums are not the last axes", k->name);
    e->value = ARENA_ARRAY(e->m->arena, Scalar, k->x.n + 1);
    e->stamp = ARENA_ARRAY(e->m->arena, uint64_t, k->x.n + 1);
    parallel_axes(e, 0);
}

/* ---- scatter ---- */

static void scatter_tail(Exec *e, int axis, int64_t row, bool clear)
{
    if (axis < e->k->n_axes) {
        for (e->at[axis] = 0; e->at[axis] < e->extent[axis]; e->at[axis]++)
            scatter_tail(e, axis + 1, row, clear);
        return;
    }
    Memory *m = e->m;
    uint32_t out = e->k->wr.at[0].buf;
    uint8_t dtype = m->p->buf.at[out].dtype;
    int64_t id = e->at[0], at;
    e->at[0] = row;
    at = affine(e, e->wr[0].off, e->wr[0].stride);
    e->at[0] = id;
    Scalar v = {0};
    if (!clear) {
        const Access *a = &e->k->rd.at[1];
        m->share = EVERYONE;
        v = memory_load(m, a->buf, affine(e, e->rd[1].off, e->rd[1].stride));
        v = cast_to(m->p->buf.at[a->buf].dtype, dtype, v);
        m->share = row;
        v = eval_scalar(OP_add, dtype, dtype, (Scalar[]){memory_load(m, out, at), v});
    }
    m->share = row;
    memory_store(m, out, at, v);
}

static void run_scatter(Exec *e)
{
    int64_t rows = memory_dim(e->m, e->k->rows);
    for (int64_t r = 0; r < rows && !e->k->accumulate; r++)
        scatter_tail(e, 1, r, true);
    for (int64_t i = 0; i < e->extent[0] && !e->m->error; i++) {
        e->at[0] = i;
        e->m->share = EVERYONE;
        Scalar id = memory_load(e->m, e->k->rd.at[0].buf, affine(e, e->rd[0].off, e->rd[0].stride));
        if (id.i >= 0 && id.i < rows) scatter_tail(e, 1, id.i, false);
    }
}

/* ---- argsort ---- */

static bool goes_before(const Exec *e, uint8_t dtype, Scalar x, Scalar y)
{
    bool falls = e->k->descending;
    if (dtype == DT_i32 || dtype == DT_i64) return falls ? x.i > y.i : x.i < y.i;
    if (isnan(x.f) || isnan(y.f)) return falls ? isnan(x.f) && !isnan(y.f) : isnan(y.f) && !isnan(x.f);
    return falls ? x.f > y.f : x.f < y.f;
}

static Scalar value_of_row(Exec *e, int64_t i)
{
    e->at[1] = i;
    return memory_load(e->m, e->k->rd.at[0].buf, affine(e, e->rd[0].off, e->rd[0].stride));
}

/* By insertion. */
static void run_argsort(Exec *e)
{
    Memory *m = e->m;
    uint8_t dtype = m->p->buf.at[e->k->rd.at[0].buf].dtype;
    int64_t *place = ARENA_ARRAY(m->arena, int64_t, e->extent[1] + 1);
    for (e->at[0] = 0; e->at[0] < e->extent[0] && !m->error; e->at[0]++) {
        m->share = e->k->part == 0 ? e->at[0] : m->share;
        for (int64_t i = 0; i < e->extent[1]; i++) {
            int64_t at = i;
            for (; at > 0 && goes_before(e, dtype, value_of_row(e, i), value_of_row(e, place[at - 1])); at--)
                place[at] = place[at - 1];
            place[at] = i;
        }
        for (int64_t i = 0; i < e->extent[1]; i++) {
            e->at[1] = i;
            memory_store(m, e->k->wr.at[0].buf, affine(e, e->wr[0].off, e->wr[0].stride), (Scalar){.i = place[i]});
        }
    }
}

/* ---- calls and updates ---- */

/* A whole dense buffer as a tensor, or back. */
static TensorValue whole_buffer(Exec *e, const Access *a, int64_t off)
{
    Memory *m = e->m;
    const Buf *b = &m->p->buf.at[a->buf];
    TensorValue v = tensor_value_new(m->arena, m->p->module->dims, &b->type, m->symbols);
    for (int64_t i = 0; i < v.count; i++) {
        Scalar s = memory_load(m, a->buf, off + i);
        if (v.f)
            v.f[i] = s.f;
        else
            v.i[i] = s.i;
    }
    return v;
}

static void run_extern(Exec *e)
{
    const Kernel *k = e->k;
    Memory *m = e->m;
    TensorValue *in = ARENA_ARRAY(m->arena, TensorValue, k->rd.n + 1);
    TensorValue *out = ARENA_ARRAY(m->arena, TensorValue, k->wr.n + 1);
    for (uint32_t i = 0; i < k->rd.n; i++)
        in[i] = whole_buffer(e, &k->rd.at[i], e->rd[i].off);
    for (uint32_t i = 0; i < k->wr.n; i++)
        out[i] = tensor_value_new(m->arena, m->p->module->dims, &m->p->buf.at[k->wr.at[i].buf].type, m->symbols);
    if (!e->hooks->external || !e->hooks->external(e->hooks->user, k->symbol, in, k->rd.n, out, k->wr.n, m->arena)) {
        memory_fail(m, "extern fn `%s` cannot be evaluated", k->symbol);
        return;
    }
    for (uint32_t i = 0; i < k->wr.n; i++)
        for (int64_t j = 0; j < out[i].count; j++) {
            Scalar s = {.f = out[i].f ? out[i].f[j] : 0, .i = out[i].f ? 0 : out[i].i[j]};
            memory_store(m, k->wr.at[i].buf, e->wr[i].off + j, s);
        }
}

static void run_probe(Exec *e)
{
    const Kernel *k = e->k;
    for (int64_t i = 0; k->probe == PROBE_ASSERT && i < memory_dim(e->m, k->sizes.at[0]); i++)
        if (!memory_load(e->m, k->rd.at[0].buf, e->rd[0].off + i).i && !e->hooks->fail_line) e->hooks->fail_line = k->line;
}

/* Copies between a tensor in the model block (or its gradient) and a dense value. */
static void move_tensor(Memory *m, const LayoutTensor *t, double *block, int64_t place, TensorValue *v, bool store)
{
    int64_t bytes = dtype_bytes(t->type.dtype);
    for (int64_t i = 0; i < v->count; i++) {
        int64_t at = 0, rest = i;
        for (int k = t->type.rank - 1; k >= 0; k--) {
            at += rest % t->extent[k] * t->stride[k];
            rest /= t->extent[k];
        }
        if (store)
            block[place + at * bytes] = v->f[i];
        else
            v->f[i] = block[place + at * bytes];
    }
    (void)m;
}

static void run_update(Exec *e)
{
    Memory *m = e->m;
    const Kernel *k = e->k;
    const KProgram *p = m->p;
    const LayoutStatement *s = &p->entry->statement.at[k->statement];
    uint32_t n = s->over.n;
    int64_t n_args = memory_dim(m, p->buf.at[k->rd.at[0].buf].elements);
    Type scalar = {.dtype = DT_f64};
    TensorValue *in = ARENA_ARRAY(m->arena, TensorValue, 2 * n + n_args + 1);
    TensorValue *out = ARENA_ARRAY(m->arena, TensorValue, n + 1);
    for (int64_t i = 0; i < n_args; i++) {
        TensorValue *v = i ? &in[2 * n + i] : &in[0];
        *v = tensor_value_new(m->arena, p->module->dims, &scalar, m->symbols);
        v->f[0] = memory_load(m, k->rd.at[0].buf, e->rd[0].off + i).f;
    }
    for (uint32_t i = 0; i < n; i++) {
        const LayoutTensor *t = &p->layout->tensor.at[s->over.at[i]];
        int64_t place = layout_gradient(p->layout, p->entry, s->over.at[i]);
        TensorValue *grad = &in[1 + i], *old = &in[1 + n + i];
        *grad = tensor_value_new(m->arena, p->module->dims, &t->type, m->symbols);
        *old = tensor_value_new(m->arena, p->module->dims, &t->type, m->symbols);
        out[i] = tensor_value_new(m->arena, p->module->dims, &t->type, m->symbols);
        move_tensor(m, t, m->train.number, place, grad, false);
        move_tensor(m, t, m->model.number, t->offset, old, false);
    }
    if (!e->hooks->update) {
        memory_fail(m, "an update cannot be evaluated");
        return;
    }
    e->hooks->update(e->hooks->user, k->statement, in, 2 * n + (uint32_t)n_args, out, n, m->arena);
    for (uint32_t i = 0; i < n; i++) {
        const LayoutTensor *t = &p->layout->tensor.at[s->over.at[i]];
        move_tensor(m, t, m->model.number, t->offset, &out[i], true);
    }
}

/* ---- the program ---- */

static void run_kernel(Memory *m, const Kernel *k, int64_t *counter, InterpretHooks *hooks);

static void run_group(Memory *m, const Kernel *k, int64_t *counter, InterpretHooks *hooks)
{
    int64_t items = memory_dim(m, k->rows);
    m->in_group = true;
    m->run++;
    for (int64_t item = 0; item < items; item++) {
        int64_t rest = item;
        for (int i = k->n_axes - 1; i >= 0; i--) {
            counter[k->depth + (uint32_t)i] = rest % memory_dim(m, k->axis[i]);
            rest /= memory_dim(m, k->axis[i]);
        }
        m->share = item;
        memory_clear_local(m);
        for (uint32_t i = 0; i < k->body.n; i++)
            run_kernel(m, k->body.at[i], counter, hooks);
    }
    for (int i = 0; i < k->n_axes; i++)
        counter[k->depth + (uint32_t)i] = 0;
    m->in_group = false;
}

static void run_kernel(Memory *m, const Kernel *k, int64_t *counter, InterpretHooks *hooks)
{
    if (m->error) return;
    if (k->kind == K_GROUP) {
        run_group(m, k, counter, hooks);
        return;
    }
    if (k->kind == K_SCAN) {
        int64_t n = memory_dim(m, k->trips);
        for (counter[k->depth] = 0; counter[k->depth] < n; counter[k->depth]++)
            for (uint32_t i = 0; i < k->body.n; i++)
                run_kernel(m, k->body.at[i], counter, hooks);
        counter[k->depth] = 0;
        return;
    }
    Exec e = {.m = m, .k = k, .hooks = hooks, .counter = counter};
    m->kernel = k;
    if (!m->in_group) m->run++, m->share = -1;
    e.rd = flatten_all(&e, k->rd.at, k->rd.n);
    e.wr = flatten_all(&e, k->wr.at, k->wr.n);
    e.idx = flatten_all(&e, k->idx.at, k->idx.n);
    if (k->band) e.band = flatten_box(&e, k->band);
    for (int i = 0; i < k->n_axes; i++)
        e.extent[i] = memory_dim(m, k->axis[i]);
    switch (k->kind) {
    case K_SCATTER: run_scatter(&e); break;
    case K_ARGSORT: run_argsort(&e); break;
    case K_EXTERN: run_extern(&e); break;
    case K_PROBE: run_probe(&e); break;
    case K_UPDATE: run_update(&e); break;
    default: run_loops(&e);
    }
}

const char *kernel_interpret(const KProgram *p, const int64_t *symbols, double *const *args, KernelBlocks *blocks, InterpretHooks *hooks,
                             Arena *arena)
{
    InterpretHooks none = {0};
    int64_t counter[MAX_COUNTERS] = {0};
    Memory *m = ARENA_NEW(arena, Memory);
    *m = (Memory){.p = p, .arena = arena, .symbols = symbols};
    memory_start(m, args, blocks);
    for (uint32_t i = 0; i < p->kernel.n; i++)
        run_kernel(m, p->kernel.at[i], counter, hooks ? hooks : &none);
    return m->error;
}
