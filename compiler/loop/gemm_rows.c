/* SPDX-License-Identifier: MIT
 * gemm_rows.c: what the rows of a tile are.
 *
 * As a rule they are neighbours on the last M axis. Where A varies along the vectors, each load of A serves one multiplication, and
 * nothing but other rows that read the same element makes it cheaper. Then all indices of several M axes are the rows of one tile if
 * they are few: the taps of a window, in the gradient of its weights, read a pixel once.
 *
 * Where the last M axis is short, and a vector of columns has them all, there are too few chains of additions to hide their latency. Then a
 * tile has the rows of two indices of the M axis around it: the 5 + 5 taps of two lines of a window. */
#include "loop/gemm.h"

void gemm_join_rows(Gemm *g)
{
    const Kernel *k = g->e.k;
    int64_t all = 1, extent;
    g->joint = 1;
    if (!g->beside || g->row_pass || g->m < 0 || g->e.m->target.compact) return;
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

bool gemm_can_pair(const Gemm *g)
{
    enum { CHAINS = 8 };
    int64_t w = g->e.width, vectors = (g->n_extent + w - 1) / w, sums = g->m_extent * vectors;
    if (g->beside || g->turn.on || g->row_pass || g->e.m->target.compact || g->joint > 1 || g->e.k->band || g->e.vec < 0 || g->n_rows == 0)
        return false;
    if (g->m_extent < 1 || g->rows[g->n_rows - 1] != g->m - 1 || g->m == g->e.k->part || g->m == g->e.spare) return false;
    if (g->n_extent < 0 || vectors > g->plan.vectors) return false;
    return sums < CHAINS && 2 * g->m_extent <= MAX_ROWS && 2 * sums + vectors + 2 <= g->e.m->target.n_registers;
}

/* Index of the last M axis but `back` in row r of a tile; in a pair from the counter of the axis on. */
static int64_t index_of(const Gemm *g, int r, int back)
{
    int64_t index = r, extent;
    if (g->paired) return back ? r / g->m_extent : r % g->m_extent;
    for (int i = 0; i < back && gen_const(&g->e, g->e.k->axis[g->m - i], &extent); i++)
        index /= extent;
    return back + 1 < g->joint && gen_const(&g->e, g->e.k->axis[g->m - back], &extent) ? index % extent : index;
}

void gemm_enter_row(Gemm *g, LV first, int r)
{
    LB *b = &g->e.b;
    if (g->m < 0) return;
    for (int back = 0; back < (g->paired ? 2 : g->joint); back++) {
        LV index = l_i64(b, index_of(g, r, back)), from = back == 0 ? first : g->paired ? g->counter[g->m - back] : 0;
        gen_enter(&g->e, g->m - back, from ? l_bin(b, L_iadd, from, index) : index);
    }
}

void gemm_place_rows(Gemm *g, Tile *t)
{
    LB *b = &g->e.b;
    for (int r = 0; r < t->rows; r++) {
        LV at = l_i64(b, 0);
        for (int back = 0; g->m >= 0 && back < (g->paired ? 2 : g->joint); back++) {
            LV stride = gemm_stride(g, 0, g->m - back);
            at = l_bin(b, L_iadd, at, l_bin(b, L_imul, stride, l_i64(b, index_of(g, r, back))));
        }
        if (!l_is_int(b, at, &t->row_imm[r])) t->row_offset[r] = at;
    }
}
