/* SPDX-License-Identifier: MIT
 * transpose.c: loads that are contiguous along another axis than the vector axis.
 *   out[i, j] = f(in[j, i])  with vectors along j: W vectors of `in`, contiguous along i, are
 * transposed in registers, instead of W gathers. n rounds of zip transpose 2^n vectors: each round
 * interleaves row i with row i + W/2. */
#include "loop/lowering.h"

enum { MOST_NODES = 8 }; /* the expression is repeated W times */

/* Can this load be read a square at a time? Not if the kernel writes what it reads. */
static bool is_transposed(const Gen *e, uint32_t rd, int axis)
{
    const Access *a = &e->k->rd.at[rd];
    int64_t along, vec = -1;
    if (a->boxed || a->index || !gen_const(e, a->stride[axis], &along) || along != 1) return false;
    for (uint32_t i = 0; i < e->k->wr.n; i++)
        if (e->k->wr.at[i].buf == a->buf) return false;
    return !gen_const(e, a->stride[e->vec], &vec) || (vec != 0 && vec != 1);
}

int transpose_axis(const Gen *e)
{
    int64_t extent;
    const Kernel *k = e->k;
    if (e->vec < 0 || k->n_red || k->x.n > MOST_NODES || e->width < 2) return -1;
    if (gen_const(e, k->axis[e->vec], &extent) && extent < e->width) return -1;
    for (int axis = k->n_axes - 1; axis >= 0; axis--) {
        if (axis == e->vec || (gen_const(e, k->axis[axis], &extent) && extent < e->width)) continue;
        for (uint32_t i = 0; i < k->rd.n; i++)
            if (is_transposed(e, i, axis)) return axis;
    }
    return -1;
}

static void transpose(Gen *e, LV *row, int n)
{
    LV next[64];
    for (int round = 1; round < n; round *= 2) {
        for (int i = 0; i < n / 2; i++) {
            next[2 * i] = l_zip(&e->b, row[i], row[i + n / 2], 0);
            next[2 * i + 1] = l_zip(&e->b, row[i], row[i + n / 2], 1);
        }
        for (int i = 0; i < n; i++)
            row[i] = next[i];
    }
}

static void load_square(Gen *e, uint32_t rd, LV start, LV *row)
{
    LB *b = &e->b;
    const Access *a = &e->k->rd.at[rd];
    uint8_t mem = e->p->buf.at[a->buf].dtype;
    LV bytes = l_i64(b, dtype_bytes(mem));
    LV p = l_ptradd(b, e->at.val[rd], l_bin(b, L_imul, start, bytes), 0);
    LV stride = l_bin(b, L_imul, gen_dim(e, a->stride[e->vec]), bytes);
    for (int i = 0; i < e->width; i++)
        row[i] = l_load(b, l_ptradd(b, p, l_bin(b, L_imul, stride, l_i64(b, i)), 0), 0, mem, e->width, 0);
    transpose(e, row, e->width);
}

void transpose_loads(Gen *e, int axis, LV start, LV *value)
{
    const Kernel *k = e->k;
    LV row[64];
    for (uint32_t rd = 0; rd < k->rd.n; rd++) {
        if (!is_transposed(e, rd, axis)) continue;
        load_square(e, rd, start, row);
        for (uint32_t x = 0; x < k->x.n; x++)
            for (int i = 0; k->x.at[x].kind == X_ld && k->x.at[x].access == rd && i < e->width; i++)
                value[x * (uint32_t)e->width + (uint32_t)i] = l_cvt(&e->b, row[i], xnode_type(k->x.at[x].dtype));
    }
}
