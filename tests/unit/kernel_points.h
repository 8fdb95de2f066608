/* SPDX-License-Identifier: MIT
 * kernel_points.h: kernels by hand and at random, in numbers, and all their points one by one. */
#ifndef NNC_TESTS_KERNEL_POINTS_H
#define NNC_TESTS_KERNEL_POINTS_H

#include "kernel/merge.h"
#include "kernel_help.h"

enum { AXES = 3, MOST = 4, ARG = 4096 };

static uint32_t noise;

static inline int64_t draw(int64_t lo, int64_t hi)
{
    noise = noise * 1664525u + 1013904223u;
    return lo + (int64_t)((noise >> 8) % (uint32_t)(hi - lo + 1));
}

static inline void begin(void)
{
    start();
    noise = 7;
}

/* ---- programs by hand --------------------------------------------------------------------------------- */

static inline KProgram *program(void)
{
    arena_free(&scratch);
    KProgram *p = ARENA_NEW(&scratch, KProgram);
    *p = (KProgram){.module = module, .arena = &scratch, .layout = &layout, .entry = &entry, .name = "test", .scratch_bytes = 1 << 20};
    vec_add(&scratch, &p->buf, (Buf){.name = "none"});
    return p;
}

static inline uint32_t buffer(KProgram *p, BufClass cls, int64_t elements)
{
    Buf b = {.name = "b", .cls = cls, .dtype = DT_f32, .index = p->buf.n, .elements = D(elements)};
    vec_add(&scratch, &p->buf, b);
    return p->buf.n - 1;
}

static inline Kernel *kernel_of(KernelKind kind, const char *name, int n_axes, const int64_t *extent)
{
    Kernel *k = ARENA_NEW(&scratch, Kernel);
    *k = (Kernel){.kind = (uint8_t)kind, .name = name, .part = -1, .n_axes = (uint8_t)n_axes};
    for (int i = 0; i < n_axes; i++)
        k->axis[i] = D(extent[i]);
    return k;
}

/* An access in numbers. */
typedef struct Plain {
    int64_t off, stride[AXES], iter[2], step, rows; /* step, rows: of a gather */
    int n_box;
    struct {
        int64_t stride[AXES], off, lo, hi;
    } box[2];
} Plain;

static inline Access access_of(uint32_t buf, const Plain *a)
{
    Access to = {.buf = buf, .off = D(a->off), .boxed = a->n_box, .n_box = (uint32_t)a->n_box};
    for (int i = 0; i < AXES; i++)
        if (a->stride[i]) to.stride[i] = D(a->stride[i]);
    for (int i = 0; i < 2; i++)
        if (a->iter[i]) to.iter[i] = D(a->iter[i]);
    if (a->step) to.index = 1, to.index_stride = D(a->step), to.index_rows = D(a->rows);
    to.box = ARENA_ARRAY(&scratch, struct AccessBox, 2);
    for (int b = 0; b < a->n_box; b++) {
        to.box[b] = (struct AccessBox){.off = D(a->box[b].off), .lo = D(a->box[b].lo), .hi = D(a->box[b].hi)};
        for (int i = 0; i < AXES; i++)
            if (a->box[b].stride[i]) to.box[b].stride[i] = D(a->box[b].stride[i]);
    }
    return to;
}

static inline Plain random_access(int n_axes, int64_t least_stride, bool boxes)
{
    static const int64_t strides[] = {0, 1, 1, 2, 3, 4, 4, 8, 12, 16};
    Plain a = {.off = draw(0, 12)};
    for (int i = 0; i < n_axes; i++) {
        a.stride[i] = strides[draw(0, 9)];
        if (least_stride < 0 && draw(0, 4) == 0) a.stride[i] = -a.stride[i];
    }
    a.n_box = boxes ? (int)draw(0, 2) : 0;
    for (int b = 0; b < a.n_box; b++) {
        a.box[b].off = draw(-1, 1), a.box[b].lo = draw(0, 1), a.box[b].hi = draw(1, 4);
        for (int i = 0; i < n_axes; i++)
            a.box[b].stride[i] = draw(-1, 1);
    }
    return a;
}

static inline bool next(int64_t *at, const int64_t *extent, int n)
{
    int i = n - 1;
    while (i >= 0 && ++at[i] == extent[i])
        at[i--] = 0;
    return i >= 0;
}

/* False: the point is outside of a box. */
static inline bool element(const Plain *a, const int64_t *at, int64_t *e)
{
    bool inside = true;
    *e = a->off;
    for (int i = 0; i < AXES; i++)
        *e += a->stride[i] * at[i];
    for (int b = 0; b < a->n_box; b++) {
        int64_t v = a->box[b].off;
        for (int i = 0; i < AXES; i++)
            v += a->box[b].stride[i] * at[i];
        inside &= v >= a->box[b].lo && v < a->box[b].hi;
    }
    return inside;
}

static inline bool empty(const int64_t *extent, int n)
{
    for (int i = 0; i < n; i++)
        if (extent[i] < 1) return true;
    return false;
}

#endif
