/* SPDX-License-Identifier: MIT
 * verify.h: what the files of the verifier share. Private to kernel/. verify.c has the rules, verify_points.c tries accesses point by
 * point where the domain is small. */
#ifndef NNC_KERNEL_VERIFY_H
#define NNC_KERNEL_VERIFY_H

#include "kernel/merge.h"

typedef struct Check {
    const KProgram *p;
    Arena *arena;
    const int64_t *sample;
    uint32_t *first, *last; /* by buffer */
    bool *touched;
    const Kernel **by_order;
    uint32_t n_orders;
    const Kernel *group; /* that the kernel is in */
    const char *error;
    bool overflow; /* some number did not fit: the sample is too large */
} Check;

static inline void fail(Check *c, const Kernel *k, const char *what)
{
    if (!c->error) c->error = arena_print(c->arena, "%s: %s", k->name, what);
}

static inline int64_t value(Check *c, Dim d)
{
    int64_t v = 0;
    if (d && !dim_eval(c->p->module->dims, d, c->sample, &v)) c->overflow = true;
    return v;
}

static inline int64_t times(Check *c, int64_t a, int64_t b)
{
    int64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product)) c->overflow = true;
    return product;
}

static inline int64_t plus(Check *c, int64_t a, int64_t b)
{
    int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) c->overflow = true;
    return sum;
}

typedef struct Range {
    int64_t lo, hi;
} Range;

/* ---- verify_points.c ---- */
Range points_range(Check *c, const Kernel *k, const Dim *stride, Dim off, bool rows);
bool points_none(Check *c, const Kernel *k);
/* Do the points inside the boxes of an access fit a buffer of n elements, and miss all that is written? */
bool points_fit(Check *c, const Kernel *k, const Access *a, int64_t shift, int64_t n);
bool points_miss(Check *c, const Kernel *k, const Access *from, const Access *to);
/* Of a buffer that a store leaves open outside of the band of its kernel the others of the list read what is written, in bands of
 * their own. */
void points_open(Check *c, Kernel *const *list, uint32_t n, const Kernel *k, const Access *to);

#endif
