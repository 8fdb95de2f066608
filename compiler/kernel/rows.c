/* SPDX-License-Identifier: MIT
 * rows.c: scans whose threads have rows of their own (see rows.h). Runs when no kernel changes any more, before memory is planned:
 * threads of such a scan are at different kernels of its body at the same time. */
#include "kernel/rows.h"

#include "kernel/merge.h"

enum { LEAST_ROWS = 16, SHARED_BYTES = 1 << 20 }; /* two tiles; what a cache of a core holds */

typedef struct Rows {
    KProgram *p;
    const Kernel *scan;
    int *axis; /* of each kernel of the body */
} Rows;

/* The axis of a kernel that has these rows, or -1. */
static int axis_of(const Kernel *k, Dim rows)
{
    for (int i = 0; i < k->n_axes; i++) {
        bool divides = k->kind == K_NEST ? i < k->n_axes - k->n_red : k->cls[i] == AX_M || k->cls[i] == AX_BATCH;
        if (divides && k->axis[i] == rows) return i;
    }
    return -1;
}

static bool body_writes(const Rows *r, uint32_t buf)
{
    uint64_t memory = kernel_buffer_memory(r->p, buf);
    for (uint32_t i = 0; i < r->scan->body.n; i++) {
        const Kernel *k = r->scan->body.at[i];
        for (uint32_t w = 0; w < k->wr.n; w++)
            if (kernel_buffer_memory(r->p, k->wr.at[w].buf) == memory) return true;
    }
    return false;
}

/* At these sizes: is row i of the axis, and nothing else, in i * s .. (i + 1) * s - 1 of a stack of rows? */
static bool within_rows(const Rows *r, const Kernel *k, int axis, const Access *a, const int64_t *sample)
{
    const Dims *dims = r->p->module->dims;
    int64_t rows, s, stack, lo, hi, stride, extent;
    if (!dim_eval(dims, k->axis[axis], sample, &rows) || !dim_eval(dims, a->stride[axis], sample, &s) || s <= 0) return false;
    if (rows <= 0) return true;
    if (__builtin_mul_overflow(rows, s, &stack) || !dim_eval(dims, a->off, sample, &lo)) return false;
    hi = lo;
    for (int i = 0; i < MAX_SCANS; i++)
        if (a->iter[i] && (!dim_eval(dims, a->iter[i], sample, &stride) || stride % stack != 0)) return false;
    for (int i = 0; i < k->n_axes; i++) {
        if (i == axis || !a->stride[i]) continue;
        if (!dim_eval(dims, a->stride[i], sample, &stride) || !dim_eval(dims, k->axis[i], sample, &extent)) return false;
        if (extent <= 0) return true;
        if (stride % stack == 0) continue;
        int64_t *end = stride < 0 ? &lo : &hi, reach;
        if (__builtin_mul_overflow(stride, extent - 1, &reach) || __builtin_add_overflow(*end, reach, end)) return false;
    }
    int64_t first = lo % stack < 0 ? lo % stack + stack : lo % stack;
    return hi - lo < s - first;
}

static bool own_row(const Rows *r, const Kernel *k, int axis, const Access *a, Dim *stride)
{
    enum { N_SIZES = 6 };
    static const int64_t sizes[N_SIZES] = {1, 2, 3, 31, 64, 1680};
    if (a->index || !a->stride[axis] || (*stride && a->stride[axis] != *stride)) return false;
    *stride = a->stride[axis];
    uint32_t n = symbol_count(r->p->module->dims) + 1;
    int64_t *sample = ARENA_ARRAY(r->p->arena, int64_t, n);
    for (uint32_t c = 0; c < N_SIZES + 3; c++) { /* one value for all symbols, then different ones */
        for (uint32_t i = 0; i < n; i++)
            sample[i] = sizes[c < N_SIZES ? c : (c + i) % N_SIZES];
        if (!within_rows(r, k, axis, a, sample)) return false;
    }
    return true;
}

/* Everything that the body does with the memory of one buffer. */
static bool touched_by_row(const Rows *r, uint32_t buf)
{
    uint64_t memory = kernel_buffer_memory(r->p, buf);
    Dim stride = 0;
    for (uint32_t i = 0; i < r->scan->body.n; i++) {
        const Kernel *k = r->scan->body.at[i];
        for (uint32_t a = 0; a < k->rd.n + k->wr.n; a++) {
            const Access *access = a < k->rd.n ? &k->rd.at[a] : &k->wr.at[a - k->rd.n];
            if (kernel_buffer_memory(r->p, access->buf) == memory && !own_row(r, k, r->axis[i], access, &stride)) return false;
        }
    }
    return true;
}

static bool can_divide(const Rows *r)
{
    for (uint32_t i = 0; i < r->scan->body.n; i++) {
        const Kernel *k = r->scan->body.at[i];
        for (uint32_t w = 0; w < k->wr.n; w++)
            if (!touched_by_row(r, k->wr.at[w].buf)) return false;
    }
    return true;
}

/* Bytes that all rows read: operands of contractions without the axis of rows. */
static double shared_bytes(const Rows *r, const int64_t *sample)
{
    double sum = 0;
    for (uint32_t i = 0; i < r->scan->body.n; i++) {
        const Kernel *k = r->scan->body.at[i];
        for (uint32_t a = 0; k->kind == K_GEMM && a < 2; a++) {
            const Access *access = &k->rd.at[a];
            if (access->stride[r->axis[i]] || body_writes(r, access->buf)) continue;
            double bytes = (double)dtype_bytes(r->p->buf.at[access->buf].dtype);
            int64_t n;
            for (int d = 0; d < k->n_axes; d++)
                if (access->stride[d] && dim_eval(r->p->module->dims, k->axis[d], sample, &n)) bytes *= (double)n;
            sum += bytes;
        }
    }
    return sum;
}

/* Are all kernels maps and contractions, with an axis of these rows? */
static bool have_rows(Rows *r, Dim rows)
{
    for (uint32_t i = 0; i < r->scan->body.n; i++) {
        const Kernel *k = r->scan->body.at[i];
        if (k->kind != K_NEST && k->kind != K_GEMM) return false;
        r->axis[i] = axis_of(k, rows);
        if (r->axis[i] < 0) return false;
    }
    return true;
}

static void divide(KProgram *p, Kernel *scan, const int64_t *sample)
{
    Rows r = {.p = p, .scan = scan, .axis = ARENA_ARRAY(p->arena, int, scan->body.n + 1)};
    const Kernel *first = NULL;
    bool parallel = false;
    for (uint32_t i = 0; i < scan->body.n; i++) {
        const Kernel *k = scan->body.at[i];
        if (k->kind == K_GEMM && !first) first = k;
        parallel |= !k->serial && k->part >= 0;
    }
    for (int a = 0; first && parallel && a < first->n_axes && !scan->rows; a++) {
        int64_t n;
        if (!dim_eval(p->module->dims, first->axis[a], sample, &n) || n < LEAST_ROWS) continue;
        if (axis_of(first, first->axis[a]) != a || !have_rows(&r, first->axis[a])) continue;
        if (shared_bytes(&r, sample) <= SHARED_BYTES && can_divide(&r)) scan->rows = first->axis[a];
    }
    for (uint32_t i = 0; scan->rows && i < scan->body.n; i++) {
        scan->body.at[i]->part = r.axis[i];
        scan->body.at[i]->serial = false;
        scan->body.at[i]->own_rows = true;
    }
}

static void find_in(KProgram *p, Kernel *const *kernel, uint32_t n, const int64_t *sample)
{
    for (uint32_t i = 0; i < n; i++) {
        if (kernel[i]->kind != K_SCAN) continue;
        find_in(p, kernel[i]->body.at, kernel[i]->body.n, sample);
        divide(p, kernel[i], sample);
    }
}

void rows_find(KProgram *p, const int64_t *sample)
{
    find_in(p, p->kernel.at, p->kernel.n, sample);
}
