/* SPDX-License-Identifier: MIT
 * overlap.c: when two accesses touch one element. */
#include <string.h>

#include "kernel/merge.h"

uint64_t buffer_memory(const KProgram *p, uint32_t buf)
{
    const Buf *b = &p->buf.at[buf];
    uint64_t kind = (uint64_t)b->cls << 56;
    if (b->cls == BUF_WORK) return kind | buf;
    return kind | (b->cls == BUF_ARG ? b->index : (uint64_t)b->place);
}

static bool same_strides(const Access *a, const Access *c)
{
    return memcmp(a->stride, c->stride, sizeof a->stride) == 0 &&
           memcmp(a->iter, c->iter, sizeof a->iter) == 0;
}

bool accesses_equal(const Access *a, const Access *c)
{
    return a->off == c->off && same_strides(a, c) && !a->boxed && !c->boxed && !a->index &&
           !c->index;
}

typedef struct Digit {
    int64_t stride, extent;
} Digit;

/* Digits by stride, ascending; false if something cannot be evaluated. */
static int sorted_digits(const KProgram *p, const Kernel *k, const Access *a, const int64_t *sample,
                         Digit *d)
{
    const Dims *dims = p->module->dims;
    int n = 0;
    for (int i = 0; i < k->n_axes; i++) {
        int64_t s = 0, e = 0;
        if (!a->stride[i]) continue;
        if (!dim_eval(dims, a->stride[i], sample, &s) || !dim_eval(dims, k->axis[i], sample, &e))
            return -1;
        if (s < 0) s = -s;
        int at = n++;
        while (at > 0 && d[at - 1].stride > s)
            d[at] = d[at - 1], at--;
        d[at] = (Digit){s, e};
    }
    return n;
}

/* Offsets differ by `shift`; elements are numbers with the digits d. They never meet if the shift
 * falls into the gap between what the lower digits reach and the next digit. */
static bool apart(const Digit *d, int n, int64_t shift)
{
    int64_t reach = 0;
    if (shift < 0) shift = -shift;
    bool found = false;
    for (int i = 0; i <= n; i++) {
        int64_t next = i < n ? d[i].stride : INT64_MAX / 4;
        if (reach >= next) return false; /* not a number system */
        found |= shift > reach && shift < next - reach;
        if (i < n) reach += d[i].stride * (d[i].extent - 1);
    }
    return found;
}

bool accesses_disjoint(const KProgram *p, const Kernel *k, const Access *a, const Access *c)
{
    static const int64_t sizes[] = {1, 2, 3, 31, 64, 1680};
    if (buffer_memory(p, a->buf) != buffer_memory(p, c->buf)) return true;
    if (a->index || c->index || !same_strides(a, c)) return false;
    uint32_t n_symbols = symbol_count(p->module->dims) + 1;
    int64_t *sample = ARENA_ARRAY(p->arena, int64_t, n_symbols);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        Digit d[MAX_AXES];
        int64_t x, y;
        for (uint32_t i = 0; i < n_symbols; i++)
            sample[i] = sizes[s];
        int n = sorted_digits(p, k, a, sample, d);
        if (n < 0 || !dim_eval(p->module->dims, a->off, sample, &x) ||
            !dim_eval(p->module->dims, c->off, sample, &y) || !apart(d, n, x - y))
            return false;
    }
    return true;
}
