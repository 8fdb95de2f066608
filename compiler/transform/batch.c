/* SPDX-License-Identifier: MIT
 * batch.c: operations with a leading time axis, and sums over time.
 *
 * dot(x_t, w) becomes one dot over all steps, dot(a_t, b_t) one with time as batch axis; the sum of
 * dot(a_t, b_t) contracts time as well, and the sum of scatter_add(i_t, u_t) is one of them. */
#include "transform/loop.h"

static const Node *node_of(const Loop *l, Ref v)
{
    return graph_node(l->body, v);
}

static Ref operand(const Loop *l, Ref v, uint32_t i)
{
    return graph_in(l->body, v, i);
}

static bool is_plain(const Loop *l, Ref v, uint32_t i)
{
    return l->plain[operand(l, v, i)];
}

/* ---- what can be batched ------------------------------------------------------------------------
 */

static bool ranks_fit(const Loop *l, Ref v)
{
    if (graph_type(l->body, v)->rank >= MAX_RANK) return false;
    for (uint32_t i = 0; i < node_of(l, v)->n_in; i++)
        if (graph_type(l->body, operand(l, v, i))->rank >= MAX_RANK) return false;
    return true;
}

bool batch_possible(const Loop *l, Ref v)
{
    int op = node_of(l, v)->op;
    if (!ranks_fit(l, v)) return false;
    switch (op) {
    case OP_conv: return graph_attr(l->body, v, 0) != 2 && is_plain(l, v, 1);
    case OP_take: return is_plain(l, v, 0);
    case OP_random: return is_plain(l, v, 0) && is_plain(l, v, 1);
    case OP_expect:
    case OP_dot: return true;
    default: return (op_properties[op] & (ELEMENTWISE | VIEW | REDUCE)) != 0;
    }
}

/* ---- operands ----------------------------------------------------------------------------------
 */

static int all_axes(int *axes, int from, int rank)
{
    for (int i = 0; i < rank; i++)
        axes[i] = from + i;
    return rank;
}

/* A plain value for all steps. */
static Ref lift(Loop *l, Ref a)
{
    int axes[MAX_RANK];
    Type type = *graph_type(l->g, a);
    all_axes(axes, 1, type.rank);
    return build_broadcast(l->g, a, type_stacked(type, l->n), axes);
}

static Ref stacked(Loop *l, Ref v, uint32_t i)
{
    Ref in = operand(l, v, i), r = l->plain[in] ? lift(l, l->plain_ref[in]) : l->stack_ref[in];
    if (!r) BUG("operand of %s has no stack", op_names[node_of(l, v)->op]);
    return r;
}

/* As it is: plain or stacked. */
static Ref either(Loop *l, Ref v, uint32_t i)
{
    Ref in = operand(l, v, i), r = l->plain[in] ? l->plain_ref[in] : l->stack_ref[in];
    if (!r) BUG("operand of %s has no value", op_names[node_of(l, v)->op]);
    return r;
}

static int64_t attr(const Loop *l, Ref v, uint32_t i)
{
    return graph_attr(l->body, v, i);
}

/* ---- views -------------------------------------------------------------------------------------
 */

static Ref batch_slice(Loop *l, Ref v)
{
    int rank = graph_type(l->body, v)->rank;
    Dim lo[MAX_RANK + 1], hi[MAX_RANK + 1];
    int64_t step[MAX_RANK + 1];
    lo[0] = dim_const(l->g->module->dims, 0);
    hi[0] = l->n;
    step[0] = 1;
    for (int i = 0; i < rank; i++) {
        lo[i + 1] = (Dim)attr(l, v, 3 * (uint32_t)i);
        hi[i + 1] = (Dim)attr(l, v, 3 * (uint32_t)i + 1);
        step[i + 1] = attr(l, v, 3 * (uint32_t)i + 2);
    }
    return build_slice(l->g, stacked(l, v, 0), lo, hi, step);
}

/* The fill is stored as bits: of a double for floats, else the integer. */
static double pad_fill(const Loop *l, Ref v)
{
    int rank = graph_type(l->body, v)->rank;
    int64_t bits = attr(l, v, 3 * (uint32_t)rank);
    if (!dtype_is_float(graph_type(l->body, v)->dtype)) return (double)bits;
    union {
        int64_t i;
        double f;
    } u = {.i = bits};
    return u.f;
}

static Ref batch_pad(Loop *l, Ref v)
{
    int rank = graph_type(l->body, v)->rank;
    Dim lo[MAX_RANK + 1], hi[MAX_RANK + 1];
    int64_t interior[MAX_RANK + 1];
    lo[0] = hi[0] = dim_const(l->g->module->dims, 0);
    interior[0] = 0;
    for (int i = 0; i < rank; i++) {
        lo[i + 1] = (Dim)attr(l, v, 3 * (uint32_t)i);
        hi[i + 1] = (Dim)attr(l, v, 3 * (uint32_t)i + 1);
        interior[i + 1] = attr(l, v, 3 * (uint32_t)i + 2);
    }
    return build_pad(l->g, stacked(l, v, 0), lo, hi, interior, pad_fill(l, v));
}

static Ref batch_concat(Loop *l, Ref v)
{
    uint32_t n = node_of(l, v)->n_in;
    Ref *in = ARENA_ARRAY(l->scratch, Ref, n + 1);
    for (uint32_t i = 0; i < n; i++)
        in[i] = stacked(l, v, i);
    return build_concat(l->g, in, n, (int)attr(l, v, 0) + 1);
}

static Ref batch_view(Loop *l, Ref v)
{
    Graph *g = l->g;
    Type type = *graph_type(l->body, v);
    int axes[MAX_RANK + 1] = {0};
    switch (node_of(l, v)->op) {
    case OP_reshape: type = type_stacked(type, l->n); return build_reshape(g, stacked(l, v, 0), type.dim, type.rank);
    case OP_permute:
        for (int i = 0; i < type.rank; i++)
            axes[i + 1] = (int)attr(l, v, (uint32_t)i) + 1;
        return build_permute(g, stacked(l, v, 0), axes);
    case OP_broadcast: {
        int rank = graph_type(l->body, operand(l, v, 0))->rank;
        for (int i = 0; i < rank; i++)
            axes[i + 1] = (int)attr(l, v, (uint32_t)i) + 1;
        return build_broadcast(g, stacked(l, v, 0), type_stacked(type, l->n), axes);
    }
    case OP_slice: return batch_slice(l, v);
    case OP_pad: return batch_pad(l, v);
    case OP_concat: return batch_concat(l, v);
    case OP_window: return build_window(g, stacked(l, v, 0), (int)attr(l, v, 0) + 1, attr(l, v, 1), attr(l, v, 2), attr(l, v, 3));
    case OP_fold:
        return build_fold(g, stacked(l, v, 0), (int)attr(l, v, 0) + 1, (Dim)attr(l, v, 1), attr(l, v, 2), attr(l, v, 3), attr(l, v, 4));
    default: BUG("view %s", op_names[node_of(l, v)->op]);
    }
}

/* ---- contractions ------------------------------------------------------------------------------
 */

typedef struct DotAxes {
    int n_batch, n_contract;
    int batch[2][MAX_RANK + 1], contract[2][MAX_RANK + 1];
} DotAxes;

/* Axes moved up by one in operands that are stacked. */
static DotAxes dot_axes(const Loop *l, Ref v, bool a_stacked, bool b_stacked)
{
    DotAxes d = {.n_batch = (int)attr(l, v, 0), .n_contract = (int)attr(l, v, 1)};
    uint32_t at = 2;
    for (int side = 0; side < 2; side++) {
        int up = side ? b_stacked : a_stacked;
        for (int i = 0; i < d.n_batch; i++)
            d.batch[side][i] = (int)attr(l, v, at++) + up;
        for (int i = 0; i < d.n_contract; i++)
            d.contract[side][i] = (int)attr(l, v, at++) + up;
    }
    return d;
}

static Ref make_dot(Loop *l, Ref a, Ref b, const DotAxes *d)
{
    return build_dot(l->g, a, b, d->n_batch, d->batch[0], d->batch[1], d->n_contract, d->contract[0], d->contract[1]);
}

static Ref axis_to_front(Graph *g, Ref a, int axis)
{
    int perm[MAX_RANK], rank = graph_type(g, a)->rank;
    for (int i = 0; i < rank; i++)
        perm[i] = i == 0 ? axis : i <= axis ? i - 1 : i;
    return build_permute(g, a, perm);
}

static Ref batch_dot(Loop *l, Ref v)
{
    bool sa = !is_plain(l, v, 0), sb = !is_plain(l, v, 1);
    DotAxes d = dot_axes(l, v, sa, sb);
    if (sa && sb) { /* time is the first batch axis */
        for (int side = 0; side < 2; side++) {
            for (int i = d.n_batch; i > 0; i--)
                d.batch[side][i] = d.batch[side][i - 1];
            d.batch[side][0] = 0;
        }
        d.n_batch++;
        Ref b = stacked(l, v, 1), a = stacked(l, v, 0);
        return make_dot(l, a, b, &d);
    }
    Ref b = either(l, v, 1), a = either(l, v, 0), r = make_dot(l, a, b, &d);
    int a_free = graph_type(l->body, operand(l, v, 0))->rank - d.n_batch - d.n_contract;
    return axis_to_front(l->g, r, sa ? d.n_batch : d.n_batch + a_free);
}

/* [T, N, ...] -> [T*N, ...] and back. */
static Ref merge_front(Loop *l, Ref a)
{
    Type type = *graph_type(l->g, a);
    Dim first = dim_mul(l->g->module->dims, type.dim[0], type.dim[1]);
    type = type_unstacked(type);
    type.dim[0] = first;
    return build_reshape(l->g, a, type.dim, type.rank);
}

static Ref batch_conv(Loop *l, Ref v)
{
    Conv conv = conv_get(l->body, v);
    Ref weights = either(l, v, 1), x = merge_front(l, stacked(l, v, 0));
    Ref r = build_conv(l->g, x, weights, &conv);
    Type type = type_stacked(*graph_type(l->body, v), l->n);
    return build_reshape(l->g, r, type.dim, type.rank);
}

/* ---- the others --------------------------------------------------------------------------------
 */

static Ref batch_reduce(Loop *l, Ref v)
{
    const Node *node = node_of(l, v);
    int axes[MAX_RANK];
    for (uint32_t i = 0; i < node->n_attr; i++)
        axes[i] = (int)attr(l, v, i) + 1;
    return build_reduce(l->g, node->op, stacked(l, v, 0), axes, (int)node->n_attr);
}

static Ref batch_elementwise(Loop *l, Ref v)
{
    Graph *g = l->g;
    const Node *node = node_of(l, v);
    Ref a = stacked(l, v, 0);
    if (node->op == OP_cast) return build_cast(g, a, graph_type(l->body, v)->dtype);
    if (node->n_in == 1) return build_unary(g, node->op, a);
    Ref b = stacked(l, v, 1);
    if (node->n_in == 2) return build_binary(g, node->op, a, b);
    return build_where(g, a, b, stacked(l, v, 2));
}

/* The places (`at`) of the draws become a vector over the steps. */
static Ref batch_random(Loop *l, Ref v)
{
    Type type = *graph_type(l->body, v);
    int lead = graph_type(l->body, operand(l, v, 2))->rank;
    for (; lead > 0; lead--)
        type = type_unstacked(type);
    Ref at = stacked(l, v, 2), step = either(l, v, 1), seed = either(l, v, 0);
    return build_random(l->g, (int)attr(l, v, 0), (uint64_t)attr(l, v, 1), seed, step, at, type, (Dim)attr(l, v, 2));
}

Ref batch_node(Loop *l, Ref v)
{
    const Node *node = node_of(l, v);
    switch (node->op) {
    case OP_dot: return batch_dot(l, v);
    case OP_conv: return batch_conv(l, v);
    case OP_take: {
        Ref index = stacked(l, v, 1), table = either(l, v, 0);
        return build_take(l->g, table, index);
    }
    case OP_random: return batch_random(l, v);
    case OP_expect: return build_expect(l->g, stacked(l, v, 0), (Dim)attr(l, v, 0), attr(l, v, 1));
    default: break;
    }
    if (op_properties[node->op] & VIEW) return batch_view(l, v);
    if (op_properties[node->op] & REDUCE) return batch_reduce(l, v);
    if (op_properties[node->op] & ELEMENTWISE) return batch_elementwise(l, v);
    BUG("%s over all steps", op_names[node->op]);
}

/* ---- sums over time ----------------------------------------------------------------------------
 */

/* How the sum over time of a node is made. */
typedef enum {
    SUM_STACK,    /* of its stack */
    SUM_OPERANDS, /* the operation on the sums of its operands (linear in them) */
    SUM_BILINEAR, /* of a dot, scatter_add or conv: from the stacks of both operands */
    SUM_ONE_SIDE, /* the same, where one operand is plain: from the sum of the other */
    SUM_REDUCE,   /* of a sum: its axes and time together */
    SUM_PLAIN,    /* times the number of steps */
} SumKind;

/* Is a sum of operands of contraction v an operand, too? It is not where they are rounded to fewer bits than their sums have. */
static bool sums_operands(const Loop *l, Ref v)
{
    return graph_type(l->body, operand(l, v, 0))->dtype == graph_type(l->body, v)->dtype;
}

static SumKind sum_kind(const Loop *l, Ref v)
{
    int op = node_of(l, v)->op;
    if (l->plain[v]) return SUM_PLAIN;
    if (l->core[v]) return SUM_STACK;
    switch (op) {
    case OP_add:
    case OP_sub:
    case OP_neg:
    case OP_reshape:
    case OP_permute:
    case OP_broadcast: return SUM_OPERANDS;
    case OP_mul: return is_plain(l, v, 0) || is_plain(l, v, 1) ? SUM_ONE_SIDE : SUM_STACK;
    case OP_dot:
        if (is_plain(l, v, 0) || is_plain(l, v, 1)) return sums_operands(l, v) ? SUM_ONE_SIDE : SUM_STACK;
        return SUM_BILINEAR;
    case OP_scatter_add: return is_plain(l, v, 0) ? SUM_ONE_SIDE : SUM_BILINEAR;
    case OP_conv: return graph_attr(l->body, v, 0) == 2 ? SUM_BILINEAR : SUM_STACK;
    case OP_sum: return SUM_REDUCE;
    default: return SUM_STACK;
    }
}

/* The operands' ranks leave room for a time axis. */
static bool sum_fits(const Loop *l, Ref v)
{
    for (uint32_t i = 0; i < node_of(l, v)->n_in; i++)
        if (graph_type(l->body, operand(l, v, i))->rank >= MAX_RANK) return false;
    return true;
}

bool batch_sum_passes(const Loop *l, Ref v)
{
    int op = node_of(l, v)->op;
    if (!sum_fits(l, v)) return false;
    return op == OP_add || op == OP_sub || op == OP_neg || op == OP_reshape || op == OP_permute || op == OP_broadcast ||
           op == OP_scatter_add || (op == OP_conv && graph_attr(l->body, v, 0) == 2);
}

void batch_want_sum(Loop *l, Ref v)
{
    SumKind kind = sum_kind(l, v);
    if (kind == SUM_PLAIN || kind == SUM_STACK) {
        l->want[v] |= kind == SUM_PLAIN ? WANT_PLAIN : WANT_STACK;
        return;
    }
    for (uint32_t i = 0; i < node_of(l, v)->n_in; i++) {
        Ref in = operand(l, v, i);
        bool sum = kind == SUM_OPERANDS || kind == SUM_ONE_SIDE;
        if (sum && kind == SUM_OPERANDS)
            l->want[in] |= WANT_SUM;
        else
            l->want[in] |= l->plain[in] ? WANT_PLAIN : sum ? WANT_SUM : WANT_STACK;
    }
}

static Ref sum_time(Loop *l, Ref stack)
{
    int axis = 0;
    return build_reduce(l->g, OP_sum, stack, &axis, 1);
}

static Ref sum_operands(Loop *l, Ref v)
{
    const Node *node = node_of(l, v);
    Ref in[2] = {0};
    for (uint32_t i = 0; i < node->n_in; i++)
        in[i] = l->sum_ref[operand(l, v, i)];
    return build_copy(l->g, l->body, v, in);
}

static Ref sum_one_side(Loop *l, Ref v)
{
    Ref in[2];
    for (uint32_t i = 0; i < 2; i++) {
        Ref x = operand(l, v, i);
        in[i] = l->plain[x] ? l->plain_ref[x] : l->sum_ref[x];
    }
    return build_copy(l->g, l->body, v, in);
}

static Ref sum_bilinear(Loop *l, Ref v)
{
    Ref a = stacked(l, v, 0), b = stacked(l, v, 1);
    int op = node_of(l, v)->op;
    if (op == OP_scatter_add) return build_scatter_add(l->g, a, b, (Dim)attr(l, v, 0));
    if (op == OP_conv) {
        Conv conv = conv_get(l->body, v);
        Ref weights = merge_front(l, b), x = merge_front(l, a);
        return build_conv(l->g, x, weights, &conv);
    }
    DotAxes d = dot_axes(l, v, true, true); /* time is the first contracted axis */
    for (int side = 0; side < 2; side++) {
        for (int i = d.n_contract; i > 0; i--)
            d.contract[side][i] = d.contract[side][i - 1];
        d.contract[side][0] = 0;
    }
    d.n_contract++;
    return make_dot(l, a, b, &d);
}

static Ref sum_reduce(Loop *l, Ref v)
{
    const Node *node = node_of(l, v);
    int axes[MAX_RANK] = {0};
    for (uint32_t i = 0; i < node->n_attr; i++)
        axes[i + 1] = (int)attr(l, v, i) + 1;
    return build_reduce(l->g, OP_sum, stacked(l, v, 0), axes, (int)node->n_attr + 1);
}

Ref batch_sum(Loop *l, Ref v)
{
    Graph *g = l->g;
    switch (sum_kind(l, v)) {
    case SUM_STACK: return sum_time(l, l->stack_ref[v]);
    case SUM_OPERANDS: return sum_operands(l, v);
    case SUM_ONE_SIDE: return sum_one_side(l, v);
    case SUM_BILINEAR: return sum_bilinear(l, v);
    case SUM_REDUCE: return sum_reduce(l, v);
    case SUM_PLAIN: break;
    }
    Type type = *graph_type(l->body, v);
    Ref count = build_cast(g, build_size(g, l->n), type.dtype);
    return build_binary(g, OP_mul, l->plain_ref[v], build_broadcast(g, count, type, NULL));
}
