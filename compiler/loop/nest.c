/* SPDX-License-Identifier: MIT
 * nest.c: maps, reductions and row kernels as vector loops.
 *
 * One axis is the vector axis, chosen by the strides of the program alone (never by the machine),
 * because it decides the order of additions: a parallel axis: W neighbouring elements are computed
 * side by side; reductions run through their axes one by one a reduction axis: element i of it is
 * added to logical lane i mod 32, whatever the vectors are; then a fixed tree
 *
 *   for outer parallel axes, parallel vector axis:
 *     pass 0: loops over the reduction axes -> row values;  pass 1: ... again, with values of pass
 * 0;  ... the last pass also stores the element-level results; then row-level results are stored
 *
 * Long sums are cut into segments (segment.h).
 *
 * Element-level values that a later pass needs again are computed again. Short rows are unrolled,
 * and there LLVM sees that the values are the same. All stores of a point come after its loads, and
 * none before the last pass, so a result may replace an operand that is read at the same place. */
#include "loop/reduce.h"
#include "loop/segment.h"

enum { UNROLLED_ROW = 64 }; /* elements of a reduction axis that is not made a loop */

typedef struct Pending {
    uint32_t x;
    LV value;
    Point at;
} Pending;

typedef struct Sums { /* of the current pass, of a type that can be cut */
    Totals totals;
    VEC(int) acc, place; /* accumulators; where they are in the memory of the chains */
} Sums;

typedef struct Nest {
    Gen e;
    int n_par, par[MAX_AXES], n_red,
        red[MAX_AXES]; /* in loop order; the vector axis last among its kind */
    bool vec_red;
    int across; /* the axis before the vector axis along which loads are transposed, or -1 */
    int n_pass;
    bool *want_all,
        **want; /* nodes needed at all; in a pass (number n_pass: for the row-level stores) */
    VEC(uint32_t) element_store, row_store;
    VEC(Reducer) reducer;       /* of the current pass */
    int *acc_at, n_acc, groups; /* where a reducer's accumulators are; vectors of a row's lanes */
    int last_pass, current;
    bool delay; /* stores wait until the pass is over */
    Segments segments; /* of the loops `red` */
    Sums sums[2];      /* of f32 and of f64 */
    VEC(Pending) pending;
    LV counter[MAX_AXES];
} Nest;

/* ---- choices ---- */

static double axis_score(const Gen *e, int axis, uint32_t reduced)
{
    const Kernel *k = e->k;
    double score = 0;
    int64_t s, extent;
    for (uint32_t i = 0; i < k->rd.n + k->wr.n; i++) {
        const Access *a = i < k->rd.n ? &k->rd.at[i] : &k->wr.at[i - k->rd.n];
        if (reduced && !(gen_deps(e, a) & reduced)) continue; /* row level: once a row */
        bool known = gen_const(e, a->stride[axis], &s);
        if (known && s == 1)
            score += i < k->rd.n ? 4 : 8;
        else if (known && s == 0)
            score += 1;
    }
    if (gen_const(e, k->axis[axis], &extent) && extent < 4) score /= 4;
    return score;
}

/* The axis with the most contiguous accesses; of equals an inner one, but a parallel one before a
 * reduction. */
static int choose_axis(const Gen *e, uint32_t reduced)
{
    int best = -1, n_par = e->k->n_axes - e->k->n_red;
    double best_score = -1;
    for (int a = n_par - 1; a >= 0; a--) {
        double s = axis_score(e, a, reduced);
        if (s > best_score) {
            best = a;
            best_score = s;
        }
    }
    for (int a = e->k->n_axes - 1; a >= n_par; a--) {
        double s = axis_score(e, a, reduced);
        if (s > best_score) {
            best = a;
            best_score = s;
        }
    }
    return best;
}

/* Lanes of a full vector: by the widest float type that varies along the vector axis. */
static int choose_width(const Gen *e)
{
    int bytes = 4;
    for (uint32_t i = 0; i < e->k->x.n; i++)
        if (e->k->x.at[i].dtype == DT_f64 && e->vec >= 0 && (e->deps[i] >> e->vec & 1)) bytes = 8;
    return e->m->target.vector_bytes / bytes;
}

static void order_axes(Nest *n)
{
    const Kernel *k = n->e.k;
    int first_red = k->n_axes - k->n_red;
    for (int a = 0; a < k->n_axes; a++) {
        if (a == n->e.vec || a == n->across) continue;
        if (a < first_red)
            n->par[n->n_par++] = a;
        else
            n->red[n->n_red++] = a;
    }
    if (n->across >= 0) n->par[n->n_par++] = n->across;
    if (n->vec_red)
        n->red[n->n_red++] = n->e.vec;
    else if (n->e.vec >= 0)
        n->par[n->n_par++] = n->e.vec;
}

static uint32_t reduced_axes(const Kernel *k)
{
    uint32_t all = (1u << k->n_axes) - 1, par = (1u << (k->n_axes - k->n_red)) - 1;
    return all & ~par;
}

/* Which nodes each pass needs. */
static void plan_passes(Nest *n)
{
    Gen *e = &n->e;
    const Kernel *k = e->k;
    uint32_t reduced = reduced_axes(k);
    for (uint32_t i = 0; i < k->x.n; i++) {
        const XNode *x = &k->x.at[i];
        if (x->kind == X_reduce && e->pass[i] > n->n_pass) n->n_pass = e->pass[i];
        if (x->kind == X_st && (e->deps[i] & reduced))
            vec_add(e->arena, &n->element_store, i);
        else if (x->kind == X_st)
            vec_add(e->arena, &n->row_store, i);
    }
    n->last_pass = n->n_pass - 1;
    for (uint32_t i = 0; i < n->element_store.n; i++)
        if (e->pass[n->element_store.at[i]] > n->last_pass)
            n->last_pass = e->pass[n->element_store.at[i]];
    if (n->element_store.n && n->last_pass < 0) n->last_pass = 0;
    n->want_all = ARENA_ARRAY(e->arena, bool, k->x.n + 1);
    n->want = ARENA_ARRAY(e->arena, bool *, n->last_pass + 2);
    for (int p = 0; p <= n->last_pass + 1; p++)
        n->want[p] = ARENA_ARRAY(e->arena, bool, k->x.n + 1);
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

static void do_stores(Nest *n, const uint32_t *x, uint32_t count)
{
    Gen *e = &n->e;
    LV value[64];
    if (count > 64) BUG("kernel %s: %u stores", e->k->name, count);
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

/* ---- reduction passes ---- */

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
        at = l_bin(b, L_iadd, at,
                   l_bin(b, L_imul, n->counter[n->red[i]], position_stride(n, n->red[i])));
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
    for (uint32_t i = 0; i < n->reducer.n; i++) {
        const Reducer *r = &n->reducer.at[i];
        int lanes = reducer_lanes(n, r, e->at.lanes);
        LV at = r->n_values == 2 ? positions(n, lanes) : 0;
        reducer_add(e, r, lanes, n->vec_red ? e->at.mask : 0, at,
                    acc + n->acc_at[i] + g * r->n_values);
    }
    if (n->current == n->last_pass) do_stores(n, n->element_store.at, n->element_store.n);
}

static void vector_group(Nest *n, int axis, LV counter, int lanes, LV mask, int g, LV *acc)
{
    Point old = gen_save(&n->e);
    n->counter[axis] = counter;
    gen_enter_vector(&n->e, axis, counter, lanes, mask);
    reduce_point(n, g, acc);
    gen_restore(&n->e, old);
}

/* The least power of two that is not below v, at most 64. */
static int power_above(int64_t v)
{
    int p = 1;
    while (p < v && p < 64)
        p *= 2;
    return p;
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

static void row_chunks(Nest *n, int axis, LV lo, LV hi, LV end, int lanes, LV *acc)
{
    LB *b = &n->e.b;
    LV loop = l_loop(b, lo, hi, l_i64(b, SUM_LANES), acc, n->n_acc);
    for (int i = 0; i < n->n_acc; i++)
        acc[i] = l_carried(b, loop, i);
    for (int g = 0; g < SUM_LANES / lanes; g++) {
        LV i = l_bin(b, L_iadd, loop, l_i64(b, g * lanes));
        LV mask = end ? l_maskn(b, l_bin(b, L_isub, end, i), lanes) : 0;
        vector_group(n, axis, i, lanes, mask, g, acc);
    }
    l_yield(b, loop, acc, n->n_acc);
    for (int i = 0; i < n->n_acc; i++)
        acc[i] = l_result(b, loop, i);
}

/* Elements lo .. hi-1 of the vector axis; lo is a multiple of 32. */
static void row_range(Nest *n, int axis, LV lo, LV hi, LV *acc)
{
    Gen *e = &n->e;
    int64_t extent;
    LV whole = l_bin(&e->b, L_and, hi, l_i64(&e->b, -SUM_LANES));
    row_chunks(n, axis, lo, whole, 0, e->width, acc);
    if (!gen_const(e, e->k->axis[axis], &extent) || extent % SUM_LANES)
        row_chunks(n, axis, whole, hi, hi, e->width, acc); /* at most once */
}

/* The vector axis of a reduction: chunks of 32 elements, then what is left under masks. */
static void row_loop(Nest *n, int axis, LV *acc)
{
    Gen *e = &n->e;
    LB *b = &e->b;
    int64_t extent;
    if (gen_const(e, e->k->axis[axis], &extent)) {
        int lanes = power_above(extent) < e->width ? power_above(extent) : e->width;
        int64_t whole = extent <= UNROLLED_ROW ? 0 : extent / SUM_LANES * SUM_LANES;
        if (whole) row_chunks(n, axis, l_i64(b, 0), l_i64(b, whole), 0, lanes, acc);
        row_unrolled(n, axis, whole, extent, lanes, acc);
        return;
    }
    row_range(n, axis, l_i64(b, 0), gen_dim(e, e->k->axis[axis]), acc);
}

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

static void with_totals(Nest *n, WithTotals *act, LV when, LV *acc)
{
    for (const Sums *s = n->sums; s < n->sums + 2; s++) {
        LV *sum = ARENA_ARRAY(n->e.arena, LV, s->acc.n + 1);
        for (uint32_t i = 0; i < s->acc.n; i++)
            sum[i] = acc[s->acc.at[i]];
        if (s->acc.n) act(&n->e, when, &s->totals, sum, (int)s->acc.n);
        for (uint32_t i = 0; i < s->acc.n; i++)
            acc[s->acc.at[i]] = sum[i];
    }
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
    with_totals(n, totals_add, n->segments.here[depth], acc);
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
    else
        axis_loop(n, depth, l_i64(b, 0), gen_dim(e, e->k->axis[n->red[depth]]), acc);
}

/* Vectors that hold the logical lanes of a row. */
static int row_groups(const Nest *n, int *lanes)
{
    int64_t extent;
    *lanes = n->e.at.lanes;
    if (!n->vec_red) return 1;
    *lanes = n->e.width;
    if (!gen_const(&n->e, n->e.k->axis[n->e.vec], &extent) || extent >= SUM_LANES)
        return SUM_LANES / n->e.width;
    *lanes = power_above(extent) < n->e.width ? power_above(extent) : n->e.width;
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

/* Reductions side by side hide the latency of their additions, so several vectors go together. */
static int several_vectors(const Nest *n)
{
    return n->e.k->n_red && !n->vec_red && n->e.k->x.n <= 12 && n->e.width * 4 <= 64
               ? 4 * n->e.width
               : n->e.width;
}

static bool is_cut(const Reducer *r, int type)
{
    return r->op == OP_sum && r->type == (type ? LT_f64 : LT_f32);
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
            columns += l_lanes(&e->b, acc[at]);
        }
    s->totals.place = s->place.at;
    s->totals.columns = l_i64(&e->b, columns);
}

/* Memory for the pass with most sums. */
static void reserve_sums(Nest *n)
{
    LB *b = &n->e.b;
    int64_t lanes = n->vec_red ? SUM_LANES : several_vectors(n);
    for (int type = 0; type < 2; type++) {
        int64_t count = 0;
        for (uint32_t i = 0; i < n->e.k->x.n; i++)
            if (n->e.k->x.at[i].kind == X_reduce) {
                Reducer r = reducer_new(&n->e, i);
                count += is_cut(&r, type);
            }
        if (!n->segments.some || !count) continue;
        n->sums[type].totals = (Totals){
            .type = type ? LT_f64 : LT_f32, .rows = l_i64(b, 1), .chain_row = l_i64(b, 0), .total_row = l_i64(b, 0)};
        n->sums[type].totals.chains = l_alloca(b, count * lanes * (type ? 8 : 4));
        n->sums[type].totals.totals = l_alloca(b, count * lanes * 8);
    }
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
    start_accumulators(n, lanes, acc);
    for (int type = 0; type < 2; type++) {
        collect_sums(n, type, acc);
        if (n->sums[type].acc.n) totals_clear(e, n->segments.is_long, &n->sums[type].totals, NULL, 0);
    }
    /* With everything unrolled the stores wait for all loads, so that LLVM can share values with
     * earlier passes. */
    n->delay = n->vec_red && n->n_red == 1 && gen_const(e, e->k->axis[e->vec], &extent) &&
               extent <= UNROLLED_ROW;
    reduce_axes(n, 0, acc);
    with_totals(n, totals_take, n->segments.is_long, acc);
    flush(n);
    n->delay = false;
    for (uint32_t i = 0; i < n->reducer.n; i++) {
        const Reducer *r = &n->reducer.at[i];
        LV *a = acc + n->acc_at[i];
        e->at.memo[r->node] = n->vec_red ? reducer_tree(e, r, a, n->groups) : reducer_value(r, a);
    }
    e->done = p + 1;
}

/* ---- parallel axes ---- */

/* All parallel axes are entered. */
static void row(Nest *n)
{
    Gen *e = &n->e;
    e->done = 0;
    xnode_hoist(e, n->want_all);
    for (int p = 0; p <= n->last_pass; p++)
        run_pass(n, p);
    do_stores(n, n->row_store.at, n->row_store.n);
}

static void parallel_axes(Nest *n, int depth);

static void parallel_vector(Nest *n, int depth, int axis, LV counter, int lanes, LV mask)
{
    Point old = gen_save(&n->e);
    n->counter[axis] = counter;
    gen_enter_vector(&n->e, axis, counter, lanes, mask);
    parallel_axes(n, depth + 1);
    gen_restore(&n->e, old);
}

static void vector_loop(Nest *n, int depth, int axis, LV lo, LV hi, int lanes)
{
    LB *b = &n->e.b;
    LV loop = l_loop(b, lo, hi, l_i64(b, lanes), NULL, 0);
    parallel_vector(n, depth, axis, loop, lanes, 0);
    l_yield(b, loop, NULL, 0);
}

static void constant_extent(Nest *n, int depth, int axis, int64_t extent)
{
    LB *b = &n->e.b;
    int64_t at = 0;
    for (int lanes = several_vectors(n); lanes >= n->e.width;
         lanes = lanes > n->e.width ? n->e.width : 0) {
        int64_t end = at + (extent - at) / lanes * lanes;
        if (end - at == lanes)
            parallel_vector(n, depth, axis, l_i64(b, at), lanes, 0);
        else if (end > at)
            vector_loop(n, depth, axis, l_i64(b, at), l_i64(b, end), lanes);
        at = end;
    }
    int lanes = power_above(extent - at);
    if (extent > at) {
        LV mask = extent - at < lanes ? l_maskn(b, l_i64(b, extent - at), lanes) : 0;
        parallel_vector(n, depth, axis, l_i64(b, at), lanes, mask);
    }
}

static void variable_extent(Nest *n, int depth, int axis, LV lo, LV hi)
{
    LB *b = &n->e.b;
    LV at = lo;
    for (int lanes = several_vectors(n); lanes >= n->e.width;
         lanes = lanes > n->e.width ? n->e.width : 0) {
        LV count = l_bin(b, L_and, l_bin(b, L_isub, hi, at), l_i64(b, -lanes));
        LV end = l_bin(b, L_iadd, at, count);
        vector_loop(n, depth, axis, at, end, lanes);
        at = end;
    }
    LV some = l_if(b, l_cmp(b, LP_lt, at, hi));
    parallel_vector(n, depth, axis, at, n->e.width,
                    l_maskn(b, l_bin(b, L_isub, hi, at), n->e.width));
    l_end(b, some);
}

/* ---- transposed loads: squares of W elements of the last two axes ---- */

static void one_square(Nest *n, LV start, LV column)
{
    Gen *e = &n->e;
    LB *b = &e->b;
    int w = e->width;
    LV *value = ARENA_ARRAY(e->arena, LV, e->k->x.n * (uint32_t)w + 1);
    Point old = gen_save(e);
    n->counter[e->vec] = column;
    gen_enter_vector(e, e->vec, column, w, 0);
    transpose_loads(e, n->across, start, value);
    for (int i = 0; i < w; i++) {
        Point line = gen_save(e);
        gen_enter(e, n->across, l_bin(b, L_iadd, start, l_i64(b, i)));
        for (uint32_t x = 0; x < e->k->x.n; x++)
            if (value[x * (uint32_t)w + (uint32_t)i])
                e->at.memo[x] = value[x * (uint32_t)w + (uint32_t)i];
        do_stores(n, n->row_store.at, n->row_store.n);
        gen_restore(e, line);
    }
    gen_restore(e, old);
}

static LV whole_squares(Nest *n, LV lo, LV hi)
{
    LB *b = &n->e.b;
    return l_bin(b, L_iadd, lo,
                 l_bin(b, L_and, l_bin(b, L_isub, hi, lo), l_i64(b, -(int64_t)n->e.width)));
}

/* Lines lo .. hi-1 of the axis, from a column on, without transposition. */
static void single_lines(Nest *n, LV lo, LV hi, LV column, LV end)
{
    Gen *e = &n->e;
    LB *b = &e->b;
    Point old = gen_save(e);
    LV loop = l_loop(b, lo, hi, l_i64(b, 1), NULL, 0);
    n->counter[n->across] = loop;
    gen_enter(e, n->across, loop);
    variable_extent(n, n->n_par - 1, e->vec, column, end);
    l_yield(b, loop, NULL, 0);
    gen_restore(e, old);
}

static void transposed_axes(Nest *n)
{
    Gen *e = &n->e;
    LB *b = &e->b;
    LV lo, hi, first, end, w = l_i64(b, e->width);
    gen_bounds(e, n->across, &lo, &hi);
    gen_bounds(e, e->vec, &first, &end);
    LV lines = whole_squares(n, lo, hi), columns = whole_squares(n, first, end);
    LV start = l_loop(b, lo, lines, w, NULL, 0);
    LV column = l_loop(b, first, columns, w, NULL, 0);
    one_square(n, start, column);
    l_yield(b, column, NULL, 0);
    single_lines(n, start, l_bin(b, L_iadd, start, w), columns, end);
    l_yield(b, start, NULL, 0);
    single_lines(n, lines, hi, first, end);
}

static void parallel_axes(Nest *n, int depth)
{
    Gen *e = &n->e;
    LB *b = &e->b;
    e->done = 0;
    xnode_hoist(e, n->want_all);
    if (depth == n->n_par) {
        row(n);
        return;
    }
    int axis = n->par[depth];
    bool part = axis == e->k->part;
    LV lo, hi;
    int64_t extent;
    gen_bounds(e, axis, &lo, &hi);
    if (axis == n->across) {
        transposed_axes(n);
    } else if (axis == e->vec && !part && gen_const(e, e->k->axis[axis], &extent)) {
        constant_extent(n, depth, axis, extent);
    } else if (axis == e->vec) {
        variable_extent(n, depth, axis, lo, hi);
    } else {
        Point old = gen_save(e);
        LV loop = l_loop(b, lo, hi, l_i64(b, 1), NULL, 0);
        n->counter[axis] = loop;
        gen_enter(e, axis, loop);
        parallel_axes(n, depth + 1);
        l_yield(b, loop, NULL, 0);
        gen_restore(e, old);
    }
}

int64_t lower_nest(LoopModule *m, KProgram *p, const Kernel *k, const char *name)
{
    Nest *n = ARENA_NEW(m->arena, Nest);
    Gen *e = &n->e;
    uint32_t reduced = reduced_axes(k);
    gen_begin(e, m, p, k, name, reduced);
    e->vec = choose_axis(e, reduced);
    e->width = choose_width(e);
    n->vec_red = e->vec >= k->n_axes - k->n_red;
    n->across = transpose_axis(e);
    order_axes(n);
    plan_passes(n);
    n->segments = segments_find(e, n->red, n->n_red);
    reserve_sums(n);
    for (uint32_t i = 0; i < n->element_store.n; i++)
        xnode_want(e, n->element_store.at[i], n->want_all);
    for (uint32_t i = 0; i < n->row_store.n; i++)
        xnode_want(e, n->row_store.at[i], n->want_all);
    parallel_axes(n, 0);
    l_ret(&e->b, 0);
    return e->vec == k->part || (n->across == k->part && k->part >= 0) ? SUM_LANES : 1;
}
