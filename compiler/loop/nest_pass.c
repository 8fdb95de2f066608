/* SPDX-License-Identifier: MIT
 * nest_pass.c: what a nest does with a row, the elements along its reduction axes.
 *
 *   pass 0: loops over the reduction axes -> row values;  pass 1: ... again, with values of pass 0;  ...
 *   the last pass also stores the element-level results; then row-level results are stored
 *
 * A sum along the vector axis has 32 logical lanes, whatever the vectors are: element i is added to lane i mod 32, then a
 * fixed tree adds the lanes. Long sums are cut into segments (segment.h).
 *
 * Element-level values that a later pass needs again are computed again, but for costly ones (nest_keep.c). Short rows and windows are
 * unrolled, and there LLVM sees that the values are the same. All stores of a point come after its loads, and
 * none before the last pass, so a result may replace an operand that is read at the same place. */
#include "loop/nest.h"

/* ---- plan ---- */

/* Which nodes each pass needs. */
static void plan_passes(Nest *n)
{
    Gen *e = &n->e;
    const Kernel *k = e->k;
    for (uint32_t i = 0; i < k->x.n; i++) {
        const XNode *x = &k->x.at[i];
        if (x->kind == X_reduce && e->pass[i] > n->n_pass) n->n_pass = e->pass[i];
        if (x->kind == X_st && (e->deps[i] & n->reduced))
            vec_add(e->arena, &n->element_store, i);
        else if (x->kind == X_st)
            vec_add(e->arena, &n->row_store, i);
    }
    n->last_pass = n->n_pass - 1;
    for (uint32_t i = 0; i < n->element_store.n; i++)
        if (e->pass[n->element_store.at[i]] > n->last_pass) n->last_pass = e->pass[n->element_store.at[i]];
    if (n->element_store.n && n->last_pass < 0) n->last_pass = 0;
    n->want_all = ARENA_ARRAY(e->arena, bool, k->x.n + 1);
    n->want = ARENA_ARRAY(e->arena, bool *, n->last_pass + 2);
    for (int p = 0; p <= n->last_pass + 1; p++)
        n->want[p] = ARENA_ARRAY(e->arena, bool, k->x.n + 1);
}

static bool is_cut(const Reducer *r, int type)
{
    return r->op == OP_sum && r->type == (type ? LT_f64 : LT_f32);
}

/* Memory for the pass with most sums. */
static void reserve_sums(Nest *n)
{
    LB *b = &n->e.b;
    int64_t lanes = n->vec_red ? SUM_LANES : n->several;
    for (int type = 0; type < 2; type++) {
        int64_t count = 0;
        for (uint32_t i = 0; i < n->e.k->x.n; i++)
            if (n->e.k->x.at[i].kind == X_reduce) {
                Reducer r = reducer_new(&n->e, i);
                count += is_cut(&r, type);
            }
        if (!n->segments.some || !count) continue;
        n->sums[type].totals =
            (Totals){.type = type ? LT_f64 : LT_f32, .rows = l_i64(b, 1), .chain_row = l_i64(b, 0), .total_row = l_i64(b, 0)};
        n->sums[type].totals.chains = l_alloca(b, count * lanes * (type ? 8 : 4));
        n->sums[type].totals.totals = l_alloca(b, count * lanes * 8);
    }
}

void nest_plan_passes(Nest *n)
{
    plan_passes(n);
    n->segments = segments_find(&n->e, n->red, n->n_red);
    if (n->in_memory)
        nest_lanes_plan(n);
    else
        reserve_sums(n);
    for (uint32_t i = 0; i < n->element_store.n; i++)
        xnode_want(&n->e, n->element_store.at[i], n->want_all);
    for (uint32_t i = 0; i < n->row_store.n; i++)
        xnode_want(&n->e, n->row_store.at[i], n->want_all);
}

/* Marks what pass p computes; run when the values of earlier passes are known. */
static void mark_pass(Nest *n, int p)
{
    Gen *e = &n->e;
    for (uint32_t i = 0; i < e->k->x.n; i++)
        n->want[p][i] = false;
    for (uint32_t i = 0; i < n->reducer.n; i++) {
        const Reducer *r = &n->reducer.at[i];
        uint32_t in = e->k->x.at[r->node].in[0] - 1;
        if (r->fused) {
            xnode_want(e, e->k->x.at[in].in[0] - 1, n->want[p]);
            xnode_want(e, e->k->x.at[in].in[1] - 1, n->want[p]);
        } else {
            xnode_want(e, in, n->want[p]);
        }
    }
    for (uint32_t i = 0; p == n->last_pass && i < n->element_store.n; i++)
        xnode_want(e, n->element_store.at[i], n->want[p]);
}

/* ---- stores ---- */

void nest_store(Nest *n, const uint32_t *x, uint32_t count)
{
    Gen *e = &n->e;
    LV *value = ARENA_ARRAY(e->arena, LV, count);
    for (uint32_t i = 0; i < count; i++)
        value[i] = xnode_store_value(e, x[i]);
    for (uint32_t i = 0; i < count; i++) {
        if (n->delay)
            vec_add(e->arena, &n->pending, (Pending){x[i], value[i], e->at});
        else
            xnode_store(e, x[i], value[i]);
    }
}

static void flush(Nest *n)
{
    Point here = n->e.at;
    for (uint32_t i = 0; i < n->pending.n; i++) {
        n->e.at = n->pending.at[i].at;
        xnode_store(&n->e, n->pending.at[i].x, n->pending.at[i].value);
    }
    n->pending.n = 0;
    n->e.at = here;
}

/* ---- elements ---- */

/* Stride of an axis in the row-major position over the reduction axes. */
static LV position_stride(Nest *n, int axis)
{
    Gen *e = &n->e;
    LV s = l_i64(&e->b, 1);
    for (int a = axis + 1; a < e->k->n_axes; a++)
        s = l_bin(&e->b, L_imul, s, gen_dim(e, e->k->axis[a]));
    return s;
}

/* Row-major positions of the current point's lanes, i32. */
static LV positions(Nest *n, int lanes)
{
    Gen *e = &n->e;
    LB *b = &e->b;
    LV at = l_i64(b, 0);
    for (int i = 0; i < n->n_red; i++)
        at = l_bin(b, L_iadd, at, l_bin(b, L_imul, n->counter[n->red[i]], position_stride(n, n->red[i])));
    LV v = xnode_spread(e, l_cvt(b, at, LT_i32), lanes);
    if (!n->vec_red || lanes == 1) return v;
    LV step = xnode_spread(e, l_cvt(b, position_stride(n, e->vec), LT_i32), lanes);
    return l_bin(b, L_iadd, v, l_bin(b, L_imul, l_lane(b, LT_i32, lanes), step));
}

static int reducer_lanes(const Nest *n, const Reducer *r, int lanes)
{
    const Gen *e = &n->e;
    bool varies = e->vec >= 0 && (e->deps[r->node] >> e->vec & 1);
    return n->vec_red || varies ? lanes : 1;
}

/* One vector of elements of group g: into the accumulators, and out to the stores. */
static void reduce_point(Nest *n, int g, LV *acc)
{
    Gen *e = &n->e;
    nest_keep_load(n);
    for (uint32_t i = 0; i < n->reducer.n; i++) {
        const Reducer *r = &n->reducer.at[i];
        int lanes = reducer_lanes(n, r, e->at.lanes);
        LV at = r->n_values == 2 ? positions(n, lanes) : 0;
        reducer_add(e, r, lanes, n->vec_red ? e->at.mask : 0, at, acc + n->acc_at[i] + g * r->n_values);
    }
    nest_keep_store(n);
    if (n->current == n->last_pass) nest_store(n, n->element_store.at, n->element_store.n);
}

static void vector_group(Nest *n, int axis, LV counter, int lanes, LV mask, int g, LV *acc)
{
    Point old = gen_save(&n->e);
    n->counter[axis] = counter;
    gen_enter_vector(&n->e, axis, counter, lanes, mask);
    reduce_point(n, g, acc);
    gen_restore(&n->e, old);
}

/* ---- the band of a kernel ---- */

/* The points of a row that are in the band. */
void nest_band(Nest *n, LV *lo, LV *hi)
{
    Gen *e = &n->e;
    LB *b = &e->b;
    const struct AccessBox *x = e->k->band;
    LV at = gen_dim(e, x->off), zero = l_i64(b, 0), end = gen_dim(e, e->k->axis[e->vec]);
    int64_t s;
    for (int a = 0; a < e->k->n_axes; a++)
        if (a != e->vec && !(gen_const(e, x->stride[a], &s) && s == 0))
            at = l_bin(b, L_iadd, at, l_bin(b, L_imul, n->counter[a], gen_dim(e, x->stride[a])));
    *lo = zero, *hi = end;
    gen_narrow(e, x, e->vec, (Range){at, at}, lo, hi);
    *lo = l_sel(b, l_cmp(b, LP_lt, *lo, end), *lo, end);
    *hi = l_sel(b, l_cmp(b, LP_lt, *hi, *lo), *lo, *hi);
}

void nest_fill(Nest *n, const uint32_t *store, uint32_t count, LV lo, LV hi)
{
    Gen *e = &n->e;
    gen_fill(e, store, count, l_i64(&e->b, 0), lo);
    gen_fill(e, store, count, hi, gen_dim(e, e->k->axis[e->vec]));
}

/* Elements from .. to-1, constants, of the vector axis, without a loop. */
static void row_unrolled(Nest *n, int axis, int64_t from, int64_t to, int lanes, LV *acc)
{
    LB *b = &n->e.b;
    for (int64_t i = from; i < to; i += lanes) {
        LV mask = to - i < lanes ? l_maskn(b, l_i64(b, to - i), lanes) : 0;
        vector_group(n, axis, l_i64(b, i), lanes, mask, (int)(i % SUM_LANES / lanes), acc);
    }
}

/* By 32 elements; those before `begin` and from `end` on are masked (0: there are none). */
static void row_chunks(Nest *n, int axis, LV lo, LV hi, LV begin, LV end, int lanes, LV *acc)
{
    LB *b = &n->e.b;
    LV loop = l_loop(b, lo, hi, l_i64(b, SUM_LANES), acc, n->n_acc);
    for (int i = 0; i < n->n_acc; i++)
        acc[i] = l_carried(b, loop, i);
    for (int g = 0; g < SUM_LANES / lanes; g++) {
        LV i = l_bin(b, L_iadd, loop, l_i64(b, g * lanes));
        LV mask = end ? l_maskn(b, l_bin(b, L_isub, end, i), lanes) : 0;
        if (begin) mask = l_bin(b, L_and, mask, l_un(b, L_not, l_maskn(b, l_bin(b, L_isub, begin, i), lanes)));
        vector_group(n, axis, i, lanes, mask, g, acc);
    }
    l_yield(b, loop, acc, n->n_acc);
    for (int i = 0; i < n->n_acc; i++)
        acc[i] = l_result(b, loop, i);
}

/* One by one; each is added to its lane, which is in memory. */
static void row_in_memory(Nest *n, int axis, LV lo, LV hi, LV *acc)
{
    LB *b = &n->e.b;
    LV loop = l_loop(b, lo, hi, l_i64(b, 1), NULL, 0);
    nest_lanes_load(n, loop, acc);
    vector_group(n, axis, loop, 1, 0, 0, acc);
    nest_lanes_store(n, loop, acc);
    l_yield(b, loop, NULL, 0);
}

/* Elements lo .. hi-1 of the vector axis; lo is a multiple of 32. */
static void row_range(Nest *n, int axis, LV lo, LV hi, LV *acc)
{
    Gen *e = &n->e;
    int64_t extent;
    if (n->in_memory) {
        row_in_memory(n, axis, lo, hi, acc);
        return;
    }
    LV whole = l_bin(&e->b, L_and, hi, l_i64(&e->b, -SUM_LANES));
    row_chunks(n, axis, lo, whole, 0, 0, e->width, acc);
    if (!gen_const(e, e->k->axis[axis], &extent) || extent % SUM_LANES)
        row_chunks(n, axis, whole, hi, 0, hi, e->width, acc); /* at most once */
}

/* Those of a band: each is added to the lane that it has without one. */
static void row_band(Nest *n, int axis, LV *acc)
{
    Gen *e = &n->e;
    LB *b = &e->b;
    int64_t known;
    LV lo = n->band_lo, hi = n->band_hi, lanes = l_i64(b, -SUM_LANES), first = lo;
    if (n->in_memory) {
        row_in_memory(n, axis, lo, hi, acc);
        return;
    }
    if (!l_is_int(b, lo, &known) || known != 0) { /* the chunk that the band begins in */
        LV chunk = l_bin(b, L_and, lo, lanes), next = l_bin(b, L_iadd, chunk, l_i64(b, SUM_LANES));
        LV end = l_sel(b, l_cmp(b, LP_lt, hi, next), hi, next);
        row_chunks(n, axis, chunk, end, lo, end, e->width, acc);
        first = next;
    }
    LV whole = l_bin(b, L_and, hi, lanes);
    row_chunks(n, axis, first, whole, 0, 0, e->width, acc);
    LV rest = l_sel(b, l_cmp(b, LP_lt, whole, first), first, whole);
    row_chunks(n, axis, rest, hi, 0, hi, e->width, acc);
}

/* The vector axis of a reduction: chunks of 32 elements, then what is left under masks. */
static void row_loop(Nest *n, int axis, LV *acc)
{
    Gen *e = &n->e;
    LB *b = &e->b;
    int64_t extent;
    if (e->k->band) {
        row_band(n, axis, acc);
        return;
    }
    if (!n->in_memory && gen_const(e, e->k->axis[axis], &extent)) {
        int lanes = gen_lanes(extent) < e->width ? gen_lanes(extent) : e->width;
        int64_t whole = extent <= UNROLLED_ROW ? 0 : extent / SUM_LANES * SUM_LANES;
        if (whole) row_chunks(n, axis, l_i64(b, 0), l_i64(b, whole), 0, 0, lanes, acc);
        row_unrolled(n, axis, whole, extent, lanes, acc);
        return;
    }
    row_range(n, axis, l_i64(b, 0), gen_dim(e, e->k->axis[axis]), acc);
}

/* ---- loops over the reduction axes ---- */

static LV begin_loop(Nest *n, LV lo, LV hi, LV step, LV *acc)
{
    LV loop = l_loop(&n->e.b, lo, hi, step, acc, n->n_acc);
    for (int i = 0; i < n->n_acc; i++)
        acc[i] = l_carried(&n->e.b, loop, i);
    return loop;
}

static void end_loop(Nest *n, LV loop, LV *acc)
{
    l_yield(&n->e.b, loop, acc, n->n_acc);
    for (int i = 0; i < n->n_acc; i++)
        acc[i] = l_result(&n->e.b, loop, i);
}

static void reduce_axes(Nest *n, int depth, LV *acc);

static void axis_loop(Nest *n, int depth, LV lo, LV hi, LV *acc)
{
    Gen *e = &n->e;
    int axis = n->red[depth];
    Point old = gen_save(e);
    LV loop = begin_loop(n, lo, hi, l_i64(&e->b, 1), acc);
    n->counter[axis] = loop;
    gen_enter(e, axis, loop);
    reduce_axes(n, depth + 1, acc);
    end_loop(n, loop, acc);
    gen_restore(e, old);
}

/* Of the axes from a depth on: known, and so few that a window is written out? */
static bool is_window(const Nest *n, int depth)
{
    enum { MOST_POINTS = 9, MOST_NODES = 160 };
    int64_t all = 1, extent;
    if (n->vec_red || n->segments.some || n->e.m->target.compact) return false;
    for (int i = depth; i < n->n_red; i++) {
        if (!gen_const(&n->e, n->e.k->axis[n->red[i]], &extent) || extent > MOST_POINTS) return false;
        all *= extent;
    }
    return all <= MOST_POINTS && all * n->e.k->x.n <= MOST_NODES;
}

static void axis_unrolled(Nest *n, int depth, LV *acc)
{
    Gen *e = &n->e;
    int axis = n->red[depth];
    int64_t extent = 0;
    gen_const(e, e->k->axis[axis], &extent);
    for (int64_t i = 0; i < extent; i++) {
        Point old = gen_save(e);
        n->counter[axis] = l_i64(&e->b, i);
        gen_enter(e, axis, n->counter[axis]);
        reduce_axes(n, depth + 1, acc);
        gen_restore(e, old);
    }
}

static void with_totals(Nest *n, WithTotals *act, LV when, LV *acc)
{
    for (const Sums *s = n->sums; s < n->sums + 2; s++) {
        LV *sum = ARENA_ARRAY(n->e.arena, LV, s->acc.n + 1);
        uint32_t count = n->in_memory ? 0 : s->acc.n; /* in registers */
        for (uint32_t i = 0; i < count; i++)
            sum[i] = acc[s->acc.at[i]];
        if (s->acc.n) act(&n->e, when, &s->totals, sum, (int)count);
        for (uint32_t i = 0; i < count; i++)
            acc[s->acc.at[i]] = sum[i];
    }
}

/* Behind a segment, where the loop is cut. */
static void add_to_totals(Nest *n, LV when, LV *acc)
{
    LB *b = &n->e.b;
    if (!n->in_memory) {
        with_totals(n, totals_add, when, acc);
        return;
    }
    LV cut = when ? l_if(b, when) : 0;
    with_totals(n, totals_add, 0, acc);
    nest_lanes_start(n, true);
    if (cut) l_end(b, cut);
}

static bool has_sums(const Nest *n)
{
    return n->sums[0].acc.n || n->sums[1].acc.n;
}

static void segment_loop(Nest *n, int depth, LV *acc)
{
    Gen *e = &n->e;
    LB *b = &e->b;
    int axis = n->red[depth];
    bool row = axis == e->vec;
    LV end = gen_dim(e, e->k->axis[axis]), step = n->segments.step[depth];
    if (row) step = l_bin(b, L_imul, step, l_i64(b, SUM_LANES));
    LV start = begin_loop(n, l_i64(b, 0), end, step, acc), next = l_bin(b, L_iadd, start, step);
    next = l_sel(b, l_cmp(b, LP_lt, next, end), next, end);
    if (row)
        row_range(n, axis, start, next, acc);
    else
        axis_loop(n, depth, start, next, acc);
    add_to_totals(n, n->segments.here[depth], acc);
    end_loop(n, start, acc);
}

static void reduce_axes(Nest *n, int depth, LV *acc)
{
    Gen *e = &n->e;
    LB *b = &e->b;
    xnode_hoist(e, n->want[n->current]);
    if (depth == n->n_red)
        reduce_point(n, 0, acc);
    else if (n->segments.step[depth] && has_sums(n))
        segment_loop(n, depth, acc);
    else if (n->red[depth] == e->vec)
        row_loop(n, n->red[depth], acc);
    else if (is_window(n, depth))
        axis_unrolled(n, depth, acc);
    else
        axis_loop(n, depth, l_i64(b, 0), gen_dim(e, e->k->axis[n->red[depth]]), acc);
}

/* ---- passes ---- */

/* Vectors that hold the logical lanes of a row. */
static int row_groups(const Nest *n, int *lanes)
{
    int64_t extent;
    *lanes = n->e.at.lanes;
    if (!n->vec_red || n->in_memory) return 1;
    *lanes = n->e.width;
    if (n->e.k->band || !gen_const(&n->e, n->e.k->axis[n->e.vec], &extent) || extent >= SUM_LANES) return SUM_LANES / n->e.width;
    *lanes = gen_lanes(extent) < n->e.width ? gen_lanes(extent) : n->e.width;
    return (int)((extent + *lanes - 1) / *lanes);
}

static void start_accumulators(Nest *n, int lanes, LV *acc)
{
    Gen *e = &n->e;
    LB *b = &e->b;
    for (uint32_t i = 0; i < n->reducer.n; i++) {
        const Reducer *r = &n->reducer.at[i];
        int l = reducer_lanes(n, r, lanes);
        for (int g = 0; g < n->groups; g++) {
            LV first = 0;
            if (r->n_values == 2 && !n->vec_red) {
                first = l_int(b, LT_i32, l, 0);
            } else if (r->n_values == 2) {
                LV lane = l_bin(b, L_iadd, l_lane(b, LT_i32, l), l_int(b, LT_i32, l, g * l));
                LV step = xnode_spread(e, l_cvt(b, position_stride(n, e->vec), LT_i32), l);
                first = l_bin(b, L_imul, lane, step);
            }
            reducer_start(e, r, l, first, acc + n->acc_at[i] + g * r->n_values);
        }
    }
}

static void collect_reducers(Nest *n, int p)
{
    Gen *e = &n->e;
    n->reducer.n = 0;
    n->n_acc = 0;
    n->acc_at = ARENA_ARRAY(e->arena, int, e->k->x.n + 1);
    for (uint32_t i = 0; i < e->k->x.n; i++)
        if (e->k->x.at[i].kind == X_reduce && e->pass[i] == p + 1) {
            Reducer r = reducer_new(e, i);
            n->acc_at[n->reducer.n] = n->n_acc;
            n->n_acc += r.n_values * n->groups;
            vec_add(e->arena, &n->reducer, r);
        }
}

static void collect_sums(Nest *n, int type, const LV *acc)
{
    Gen *e = &n->e;
    Sums *s = &n->sums[type];
    int columns = 0;
    s->acc.n = s->place.n = 0;
    for (uint32_t i = 0; n->segments.some && i < n->reducer.n; i++)
        for (int g = 0; is_cut(&n->reducer.at[i], type) && g < n->groups; g++) {
            int at = n->acc_at[i] + g;
            vec_add(e->arena, &s->acc, at);
            vec_add(e->arena, &s->place, columns);
            columns += n->in_memory ? SUM_LANES : l_lanes(&e->b, acc[at]);
        }
    s->totals.place = s->place.at;
    s->totals.columns = l_i64(&e->b, columns);
}

static void run_pass(Nest *n, int p)
{
    Gen *e = &n->e;
    int lanes;
    int64_t extent;
    n->current = p;
    n->groups = row_groups(n, &lanes);
    collect_reducers(n, p);
    mark_pass(n, p);
    LV *acc = ARENA_ARRAY(e->arena, LV, n->n_acc + 1);
    if (n->in_memory) {
        nest_lanes_start(n, false);
        n->n_acc = 0; /* that loops carry */
    } else {
        start_accumulators(n, lanes, acc);
    }
    for (int type = 0; type < 2; type++) {
        collect_sums(n, type, acc);
        if (n->sums[type].acc.n) totals_clear(e, n->segments.is_long, &n->sums[type].totals, NULL, 0);
    }
    /* With everything unrolled the stores wait for all loads, so that LLVM can share values with
     * earlier passes. */
    n->delay =
        n->vec_red && !n->in_memory && n->n_red == 1 && !e->k->band && gen_const(e, e->k->axis[e->vec], &extent) && extent <= UNROLLED_ROW;
    reduce_axes(n, 0, acc);
    with_totals(n, totals_take, n->segments.is_long, acc);
    flush(n);
    n->delay = false;
    for (uint32_t i = 0; i < n->reducer.n; i++) {
        const Reducer *r = &n->reducer.at[i];
        LV *a = acc + n->acc_at[i];
        if (n->in_memory)
            e->at.memo[r->node] = nest_lanes_value(n, i);
        else
            e->at.memo[r->node] = n->vec_red ? reducer_tree(e, r, a, n->groups) : reducer_value(r, a);
    }
    e->done = p + 1;
}

void nest_row(Nest *n)
{
    Gen *e = &n->e;
    e->done = 0;
    xnode_hoist(e, n->want_all);
    bool banded = e->k->band && n->vec_red;
    if (banded) nest_band(n, &n->band_lo, &n->band_hi);
    for (int p = 0; p <= n->last_pass; p++)
        run_pass(n, p);
    if (banded) nest_fill(n, n->element_store.at, n->element_store.n, n->band_lo, n->band_hi);
    nest_store(n, n->row_store.at, n->row_store.n);
}
