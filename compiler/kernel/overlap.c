/* SPDX-License-Identifier: MIT
 * overlap.c: when two accesses touch one element.
 *
 * Two accesses are apart where their ranges are, or where, for the stride m of some axis, what is
 * left of them modulo m lies in different intervals: columns 0..3 and 4..7 of rows of 12. */
#include <string.h>

#include "kernel/merge.h"

uint64_t kernel_buffer_memory(const KProgram *p, uint32_t buf)
{
    const Buf *b = &p->buf.at[buf];
    uint64_t kind = (uint64_t)b->cls << 56;
    if (b->cls == BUF_WORK || b->cls == BUF_LOCAL) return kind | buf;
    return kind | (b->cls == BUF_ARG ? b->index : (uint64_t)b->place);
}

bool accesses_equal(const Access *a, const Access *c)
{
    return a->off == c->off && !a->boxed && !c->boxed && !a->index && !c->index && memcmp(a->stride, c->stride, sizeof a->stride) == 0 &&
           memcmp(a->iter, c->iter, sizeof a->iter) == 0;
}

typedef struct Flat { /* an access in numbers */
    int64_t off, stride[MAX_AXES];
} Flat;

static bool flatten(const KProgram *p, const Access *a, const int64_t *sample, Flat *f)
{
    const Dims *dims = p->module->dims;
    memset(f, 0, sizeof *f);
    if (a->off && !dim_eval(dims, a->off, sample, &f->off)) return false;
    for (int i = 0; i < MAX_AXES; i++)
        if (a->stride[i] && !dim_eval(dims, a->stride[i], sample, &f->stride[i])) return false;
    return true;
}

/* Least and greatest offset, of the axes whose strides are no multiples of m (0: of all). False: out of 64 bits. */
static bool range_of(const Flat *f, const int64_t *extent, int n, int64_t m, int64_t *lo, int64_t *hi)
{
    *lo = *hi = f->off;
    for (int i = 0; i < n; i++) {
        int64_t s = f->stride[i], reach, *end = s < 0 ? lo : hi;
        if (m && s % m == 0) continue;
        if (__builtin_mul_overflow(s, extent[i] - 1, &reach) || __builtin_add_overflow(*end, reach, end)) return false;
    }
    return true;
}

static int64_t modulo(int64_t v, int64_t m)
{
    return v % m < 0 ? v % m + m : v % m;
}

static bool residues_apart(const Flat *a, const Flat *c, const int64_t *extent, int n, int64_t m)
{
    int64_t lo[2], hi[2];
    if (m > INT64_MAX / 2) return false;
    if (!range_of(a, extent, n, m, &lo[0], &hi[0]) || !range_of(c, extent, n, m, &lo[1], &hi[1])) return false;
    for (int i = 0; i < 2; i++) {
        if (__builtin_sub_overflow(hi[i], lo[i], &hi[i]) || hi[i] >= m) return false;
        lo[i] = modulo(lo[i], m);
        hi[i] += lo[i];
    }
    int64_t back[2] = {hi[0] - m, hi[1] - m}; /* the part that wraps around lies in 0 .. back */
    if (back[0] >= 0 && back[1] >= 0) return false;
    if (back[0] >= lo[1] || back[1] >= lo[0]) return false;
    return hi[0] < lo[1] || hi[1] < lo[0];
}

bool accesses_disjoint_at(const KProgram *p, const Kernel *k, const Access *a, const Access *c, const int64_t *sample)
{
    Flat x, y;
    int64_t extent[MAX_AXES], lo[2], hi[2];
    if (kernel_buffer_memory(p, a->buf) != kernel_buffer_memory(p, c->buf)) return true;
    if (a->index || c->index || memcmp(a->iter, c->iter, sizeof a->iter)) return false;
    for (int i = 0; i < k->n_axes; i++) {
        if (!dim_eval(p->module->dims, k->axis[i], sample, &extent[i])) return false;
        if (extent[i] <= 0) return true; /* no point at all */
    }
    if (!flatten(p, a, sample, &x) || !flatten(p, c, sample, &y)) return false;
    if (!range_of(&x, extent, k->n_axes, 0, &lo[0], &hi[0]) || !range_of(&y, extent, k->n_axes, 0, &lo[1], &hi[1])) return false;
    if (hi[0] < lo[1] || hi[1] < lo[0]) return true;
    for (int i = 0; i < 2 * k->n_axes; i++) {
        int64_t m = i < k->n_axes ? x.stride[i] : y.stride[i - k->n_axes];
        if (m < 0) m = -m;
        if (m > 1 && residues_apart(&x, &y, extent, k->n_axes, m)) return true;
    }
    return false;
}

bool accesses_disjoint(const KProgram *p, const Kernel *k, const Access *a, const Access *c)
{
    enum { N_SIZES = 6 };
    static const int64_t sizes[N_SIZES] = {1, 2, 3, 31, 64, 1680};
    if (kernel_buffer_memory(p, a->buf) != kernel_buffer_memory(p, c->buf)) return true;
    uint32_t n_symbols = symbol_count(p->module->dims) + 1;
    int64_t *sample = ARENA_ARRAY(p->arena, int64_t, n_symbols);
    for (uint32_t s = 0; s < N_SIZES + 3; s++) { /* one value for all symbols, then different ones */
        for (uint32_t i = 0; i < n_symbols; i++)
            sample[i] = sizes[s < N_SIZES ? s : (s + i) % N_SIZES];
        if (!accesses_disjoint_at(p, k, a, c, sample)) return false;
    }
    return true;
}
