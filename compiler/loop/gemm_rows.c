/* SPDX-License-Identifier: MIT
 * gemm_rows.c: what the rows of a tile are.
 *
 * As a rule they are neighbours on the last M axis. Where A varies along the vectors, each load of A serves one multiplication, and
 * nothing but other rows that read the same element makes it cheaper. Then all indices of several M axes are the rows of one tile if
 * they are few: the taps of a window, in the gradient of its weights, read a pixel once. */
#include "loop/gemm.h"

void gemm_join_rows(Gemm *g)
{
    const Kernel *k = g->e.k;
    int64_t all = 1, extent;
    g->joint = 1;
    if (!g->beside || g->row_pass || g->m < 0) return;
    for (int n = 0; n <= g->n_rows; n++) {
        int axis = g->m - n;
        bool known = gen_const(&g->e, k->axis[axis], &extent) && extent > 0;
        if (!known || axis == k->part || all * extent > g->plan.most_rows) break;
        all *= extent;
        g->joint = n + 1;
    }
    if (g->joint == 1) return;
    g->n_rows -= g->joint - 1;
    g->m_extent = g->plan.rows = (int)all;
}

/* Index of the last M axis but `back` in row r of a tile. */
static int64_t index_of(const Gemm *g, int r, int back)
{
    int64_t index = r, extent;
    for (int i = 0; i < back && gen_const(&g->e, g->e.k->axis[g->m - i], &extent); i++)
        index /= extent;
    return back + 1 < g->joint && gen_const(&g->e, g->e.k->axis[g->m - back], &extent) ? index % extent : index;
}

void gemm_enter_row(Gemm *g, LV first, int r)
{
    LB *b = &g->e.b;
    if (g->m < 0) return;
    for (int back = 0; back < g->joint; back++) {
        LV index = l_i64(b, index_of(g, r, back));
        gen_enter(&g->e, g->m - back, back ? index : l_bin(b, L_iadd, first, index));
    }
}

void gemm_place_rows(Gemm *g, Tile *t)
{
    LB *b = &g->e.b;
    for (int r = 0; r < t->rows; r++) {
        LV at = l_i64(b, 0);
        for (int back = 0; g->m >= 0 && back < g->joint; back++) {
            LV stride = gemm_stride(g, 0, g->m - back);
            at = l_bin(b, L_iadd, at, l_bin(b, L_imul, stride, l_i64(b, index_of(g, r, back))));
        }
        if (!l_is_int(b, at, &t->row_imm[r])) t->row_offset[r] = at;
    }
}
