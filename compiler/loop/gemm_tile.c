/* SPDX-License-Identifier: MIT
 * gemm_tile.c: one tile of a contraction: rows by vectors of columns, whose sums are in registers.
 *
 *   acc[rows][vectors] = 0;  for all K axes in order: acc[r][v] += splat A[r] * B[v] (fused);  epilogue on each acc[r][v]
 *
 * Each element is one chain of fused multiply-adds in the order of K, cut into segments where it is long (segment.h), so
 * its bits depend neither on the tile nor on the threads. What follows is in gemm_epilogue.c. */
#include "loop/gemm.h"

/* ---- sums ---- */

static void contract(Gemm *g, Tile *t, int depth, LV pa, LV pb);

static void contract_at(Gemm *g, Tile *t, int depth, LV i, LV pa, LV pb)
{
    LV a = gemm_at_index(g, pa, i, t->a.step[depth]), b = gemm_at_index(g, pb, i, t->b.step[depth]);
    contract(g, t, depth + 1, a, b);
}

/* A processor that is simple spends as much on the end of a loop as on eight products: iterations of a K axis of `count` that are written
 * out, with all that is inside of them. */
static int64_t quads_written_out(const Gemm *g, int depth, int64_t count)
{
    enum { MOST = 16 };
    int64_t inner = 1, extent, n = 1;
    for (int i = depth + 1; i < g->n_k; i++)
        inner *= gen_const(&g->e, g->e.k->axis[g->k[i]], &extent) ? extent : MOST + 1;
    for (int64_t i = 2; i * inner <= MOST && i <= count; i++)
        if (count % i == 0) n = i;
    return n;
}

/* Iterations of the last K axis that are written out in the body of its loop. A processor foresees the end of a loop of a few turns, but
 * not of 16 or 32; what it then has to begin anew is a tenth of such a loop, and little of a longer one. */
static int written_out(const Gemm *g, const Tile *t, int depth, LV lo, LV hi)
{
    int64_t first, last;
    if (gemm_by_words(g) && l_is_int(&g->e.b, lo, &first) && l_is_int(&g->e.b, hi, &last))
        return (int)quads_written_out(g, depth, last - first);
    enum { MOST = 8, FEWEST_TURNS = 2, LONGEST = 48, MOST_TERMS = 160, FEW_SUMS = 8 };
    int64_t from, to;
    if (t->rows * t->panel->n < FEW_SUMS || g->e.m->target.compact) return 1; /* of the rows that are left, too */
    if (depth < g->n_k - 1 || g->beside || g->plan.ahead || !l_is_int(&g->e.b, lo, &from) || !l_is_int(&g->e.b, hi, &to)) return 1;
    int64_t count = to - from;
    for (int n = MOST; n > 1 && count <= LONGEST; n /= 2)
        if (count % n == 0 && count / n >= FEWEST_TURNS && n * t->rows * t->panel->n <= MOST_TERMS) return n;
    return 1;
}

/* Are iterations that are written out near enough for one address and constants in the instructions? Addresses are as dear as products
 * there. */
static bool offsets_are_short(const Gemm *g, const Tile *t, int depth, int together)
{
    enum { MOST_BYTES = 4096 };
    int64_t step;
    return gemm_by_words(g) && l_is_int(&g->e.b, t->b.step[depth], &step) && step * together <= MOST_BYTES;
}

/* Iterations lo .. hi-1 of a K axis, `taps` of them together if that is not 0. */
static void contract_loop(Gemm *g, Tile *t, int depth, LV lo, LV hi, int taps, LV pa, LV pb)
{
    LB *b = &g->e.b;
    int n = gemm_sums(t), together = taps ? taps : written_out(g, t, depth, lo, hi);
    LV loop = l_loop(b, lo, hi, l_i64(b, together), t->acc, n);
    if (n >= 4 && !g->e.m->target.compact) b->f->tiled = true;
    for (int i = 0; i < n; i++)
        t->acc[i] = l_carried(b, loop, i);
    if (taps) gemm_taps(g, t, taps, gemm_at_index(g, pa, loop, t->a.step[depth]), gemm_at_index(g, pb, loop, t->b.step[depth]));
    bool fixed = !taps && offsets_are_short(g, t, depth, together);
    if (fixed) pa = gemm_at_index(g, pa, loop, t->a.step[depth]), pb = gemm_at_index(g, pb, loop, t->b.step[depth]);
    for (int i = 0; i < together && !taps; i++) {
        LV at = fixed ? l_i64(b, i) : l_bin(b, L_iadd, loop, l_i64(b, i));
        if (t->next) l_prefetch(b, gemm_at_index(g, t->next, at, t->next_step));
        contract_at(g, t, depth, at, pa, pb);
    }
    l_yield(b, loop, t->acc, n);
    for (int i = 0; i < n; i++)
        t->acc[i] = l_result(b, loop, i);
}

static void contract_range(Gemm *g, Tile *t, int depth, LV lo, LV hi, LV pa, LV pb)
{
    LB *b = &g->e.b;
    gemm_inside(g, t, g->k[depth], &lo, &hi);
    if (depth == g->n_k - 1 && g->pairs) {
        gemm_pairs(g, t, lo, hi, pa, pb);
        return;
    }
    if (depth == g->n_k - 1 && gemm_has_taps(g, t)) {
        LV taps = l_i64(b, g->plan.taps), whole = l_bin(b, L_imul, l_bin(b, L_ifdiv, l_bin(b, L_isub, hi, lo), taps), taps);
        LV end = l_bin(b, L_iadd, lo, whole);
        int64_t from, to;
        contract_loop(g, t, depth, lo, end, g->plan.taps, pa, pb);
        if (l_is_int(b, end, &from) && l_is_int(b, hi, &to) && from == to) return;
        lo = end;
    }
    contract_loop(g, t, depth, lo, hi, 0, pa, pb);
}

static void contract_segments(Gemm *g, Tile *t, int depth, LV lo, LV hi, LV pa, LV pb)
{
    LB *b = &g->e.b;
    bool always = depth == 0 && !g->segments.here[0]; /* each segment starts at 0 */
    int n = always ? 0 : t->rows * t->panel->n;
    LV step = g->segments.step[depth];
    LV start = l_loop(b, lo, hi, step, t->acc, n), next = l_bin(b, L_iadd, start, step);
    for (int i = 0; i < n; i++)
        t->acc[i] = l_carried(b, start, i);
    if (always) gemm_zero_sums(g, t);
    next = l_sel(b, l_cmp(b, LP_lt, next, hi), next, hi);
    contract_range(g, t, depth, start, next, pa, pb);
    totals_add(&g->e, g->segments.here[depth], &t->totals, t->acc, t->rows * t->panel->n);
    l_yield(b, start, t->acc, n);
    for (int i = 0; i < n; i++)
        t->acc[i] = l_result(b, start, i);
    if (always) gemm_zero_sums(g, t);
}

static void contract(Gemm *g, Tile *t, int depth, LV pa, LV pb)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    if (depth == g->n_k) {
        gemm_rank_one(g, t, pa, pb);
        return;
    }
    int64_t extent;
    bool blocked = depth == 0 && g->k_lo, known = gen_const(e, e->k->axis[g->k[depth]], &extent);
    bool whole = known && extent > 0 && gemm_by_words(g) && quads_written_out(g, depth, extent) == extent;
    bool few = known && extent >= 0 && extent <= (e->m->target.compact ? 1 : UNROLLED_K);
    if (whole || (depth == g->n_k - 1 && !g->pairs && !blocked && few)) {
        if (extent && gemm_has_taps(g, t)) {
            gemm_taps(g, t, (int)extent, pa, pb);
            return;
        }
        for (int64_t i = 0; i < extent; i++)
            contract_at(g, t, depth, l_i64(b, i), pa, pb);
        return;
    }
    LV lo = blocked ? g->k_lo : l_i64(b, 0), hi = blocked ? g->k_hi : gen_dim(e, e->k->axis[g->k[depth]]);
    if (g->segments.step[depth])
        contract_segments(g, t, depth, lo, hi, pa, pb);
    else
        contract_range(g, t, depth, lo, hi, pa, pb);
}

void gemm_tile(Gemm *g, const Panel *p, int rows, LV first)
{
    LB *b = &g->e.b;
    LV acc[(MAX_ROWS + 1) * MAX_VECTORS];
    Tile t = {.rows = rows, .offset = gemm_has_offset(g), .first = first, .panel = p, .acc = acc};
    t.a = gemm_operand_a(g, p, first);
    t.b = g->turn.on ? gemm_turned_operand(g, p) : gemm_operand_b(g, p);
    gemm_place_rows(g, &t);
    gemm_foresee(g, &t, first);
    gemm_zero_sums(g, &t);
    gemm_begin_totals(g, &t, first);
    contract(g, &t, 0, t.a.start, t.b.start);
    gemm_subtract_offset(g, &t);
    LV done = g->is_last ? l_if(b, g->is_last) : 0;
    gemm_end_totals(g, &t);
    if (g->turn.on)
        gemm_turned_finish(g, &t, first);
    else
        gemm_finish_tile(g, &t, first);
    if (done) l_end(b, done);
}

void gemm_stretch(Gemm *g, const Panel *p, LV row, LV lo, LV hi, LV *acc)
{
    Tile t = {.rows = 1, .first = row, .panel = p, .acc = acc};
    t.a = gemm_operand_a(g, p, row);
    t.b = gemm_operand_b(g, p);
    contract_range(g, &t, 0, lo, hi, t.a.start, t.b.start);
}
