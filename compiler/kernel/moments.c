/* SPDX-License-Identifier: MIT
 * moments.c: sum(x) and sum((x - m)^2) with m = sum(x) / n, over the same axes, from one pass over memory.
 *
 *   first step, for each index b of the outermost of these axes, whose elements stay in a cache:
 *       s[b] = sum(x), q[b] = sum((x - s[b] / k)^2)                over the k elements of the other axes
 *   second step:
 *       S = sum(s[b]), Q = sum(q[b] + k (s[b] / k - S / n)^2)      over b
 *
 * What begins with the elements of another value, as a concatenation that grows does, finds the first step of those done: the sums of
 * the shorter one lie at the beginning of the rows of the longest.
 *
 * Q has no more rounding error than from two passes over everything, less where n is large. Sums of squares less the square
 * of the sum would lose all digits where the mean is large. */
#include "kernel/moments.h"

#include <math.h>

#include "kernel/reduce.h"

/* The only user of v with this operation; 0 if there is none, or several. */
static Ref user(const Builder *b, Ref v, Op op)
{
    Ref found = 0;
    for (uint32_t i = b->uses.off[v]; i < b->uses.off[v + 1]; i++) {
        Ref u = b->uses.use[i];
        if (!b->needed[u] || b->g->node.at[u].op != op || u == found) continue;
        if (found) return 0;
        found = u;
    }
    return found;
}

static Ref below_views(const Builder *b, Ref v)
{
    while (b->g->node.at[v].op == OP_broadcast || b->g->node.at[v].op == OP_reshape || b->g->node.at[v].op == OP_cast)
        v = graph_in(b->g, v, 0);
    return v;
}

/* The number of elements that sum r adds up. */
static Dim count_of(const Builder *b, Ref r)
{
    const Type *from = graph_type(b->g, graph_in(b->g, r, 0));
    const Node *n = graph_node(b->g, r);
    Dim count = build_dim(b, 1);
    for (uint32_t i = 0; i < n->n_attr; i++)
        count = dim_mul(b->dims, count, from->dim[graph_attr(b->g, r, i)]);
    return count;
}

/* Is v the count, or with a power of -1 its reciprocal: by simplification a division by a power of two is a product? */
static bool is_count(const Builder *b, Dim count, Ref v, int power)
{
    v = below_views(b, v);
    if (b->g->node.at[v].op == OP_size) return power == 1 && (Dim)graph_attr(b->g, v, 0) == count;
    int64_t known;
    union {
        int64_t i;
        double d;
    } value = {.i = graph_attr(b->g, v, 0)};
    return b->g->node.at[v].op == OP_const && dim_is_const(b->dims, count, &known) && value.d == pow((double)known, power);
}

/* The quotient of sum r by its count. */
static Ref mean_of(const Builder *b, Ref r)
{
    Dim count = count_of(b, r);
    Ref quotient = user(b, r, OP_div), product = user(b, r, OP_mul);
    if (quotient && graph_in(b->g, quotient, 0) == r && is_count(b, count, graph_in(b->g, quotient, 1), 1)) return quotient;
    if (!product) return 0;
    Ref left = graph_in(b->g, product, 0), right = graph_in(b->g, product, 1);
    return is_count(b, count, left == r ? right : left, -1) ? product : 0;
}

static bool same_axes(const Builder *b, Ref r, Ref other)
{
    const Node *n = graph_node(b->g, r);
    if (graph_node(b->g, other)->n_attr != n->n_attr) return false;
    for (uint32_t i = 0; i < n->n_attr; i++)
        if (graph_attr(b->g, r, i) != graph_attr(b->g, other, i)) return false;
    return true;
}

/* The mean that is made of sum r, seen by every element. */
static Ref spread_mean(const Builder *b, Ref r)
{
    Ref mean = mean_of(b, r), spread = mean ? user(b, mean, OP_broadcast) : 0;
    const Type *from = graph_type(b->g, graph_in(b->g, r, 0));
    if (!spread || !type_equal(graph_type(b->g, spread), from)) return 0;
    const Node *n = graph_node(b->g, r);
    for (uint32_t i = 0; i < n->n_attr; i++) /* along the axes that the sum has left, in their order */
        for (uint32_t k = 0; k < graph_node(b->g, spread)->n_attr; k++)
            if (graph_attr(b->g, r, i) == graph_attr(b->g, spread, k)) return 0;
    return spread;
}

/* The sum of the squared differences of r's elements from their mean; 0: nobody wants it. */
static Ref squares_of(const Builder *b, Ref r)
{
    Ref spread = b->g->node.at[r].op == OP_sum ? spread_mean(b, r) : 0, difference = spread ? user(b, spread, OP_sub) : 0;
    if (!difference || graph_in(b->g, difference, 0) != graph_in(b->g, r, 0) || graph_in(b->g, difference, 1) != spread) return 0;
    for (uint32_t i = b->uses.off[difference]; i < b->uses.off[difference + 1]; i++) {
        Ref square = b->uses.use[i];
        if (!b->live[square] || b->g->node.at[square].op != OP_mul || graph_in(b->g, square, 0) != graph_in(b->g, square, 1)) continue;
        Ref sum = user(b, square, OP_sum);
        if (sum && same_axes(b, r, sum) && b->keep[sum]) return sum;
    }
    return 0;
}

static uint32_t operation(XBuilder *xb, Op op, uint8_t dtype, uint32_t x, uint32_t y)
{
    return expr_add(xb, (XNode){.kind = X_op, .op = (uint8_t)op, .dtype = dtype, .in = {x, y}});
}

static uint32_t sum(XBuilder *xb, uint8_t dtype, uint32_t x, uint8_t fma)
{
    return expr_add(xb, (XNode){.kind = X_reduce, .op = OP_sum, .dtype = dtype, .fma = fma, .in = {x}});
}

static uint32_t count(XBuilder *xb, uint8_t dtype, Dim n)
{
    uint32_t size = expr_add(xb, (XNode){.kind = X_size, .dtype = DT_i64, .dim = n});
    return expr_add(xb, (XNode){.kind = X_op, .op = OP_cast, .dtype = dtype, .in = {size}});
}

/* ---- the first step --------------------------------------------------------------------------- */

typedef struct Moments {
    Ref sum, longest;    /* of a value; the concatenation whose rows these are, or the value */
    Home sums, squares;
} Moments;

/* The axis of the result on which the parts of a concatenation lie; -1: it is reduced. */
static int axis_left(const Builder *b, Ref r, Ref concat)
{
    const Node *n = graph_node(b->g, r);
    int axis = (int)graph_attr(b->g, concat, 0), left = axis;
    for (uint32_t i = 0; i < n->n_attr; i++) {
        if (graph_attr(b->g, r, i) == axis) return -1;
        left -= graph_attr(b->g, r, i) < axis;
    }
    return left;
}

static bool begins(const Builder *b, Ref concat, Ref v)
{
    return b->live[concat] && b->g->node.at[concat].op == OP_concat && graph_in(b->g, concat, 0) == v;
}

/* The longest of the concatenations that begin with v, each with the one before, and are summed as in r. */
static Ref longest_of(const Builder *b, Ref r, Ref v)
{
    Ref longest = v, next = v;
    while (next) {
        Ref from = next;
        next = 0;
        for (uint32_t i = b->uses.off[from]; i < b->uses.off[from + 1] && !next; i++) {
            Ref u = b->uses.use[i], s = begins(b, u, from) && axis_left(b, r, u) >= 0 ? user(b, u, OP_sum) : 0;
            if (s && same_axes(b, r, s) && b->keep[s]) next = longest = u;
        }
    }
    return longest;
}

/* The moments of a value that v begins with, if v's can lie behind them; NULL: there are none. */
static const Moments *found(const Builder *b, Ref r, Ref v)
{
    if (b->g->node.at[v].op != OP_concat || axis_left(b, r, v) < 0) return NULL;
    for (uint32_t i = 0; i < b->moments.n; i++) {
        const Moments *m = b->moments.at[i];
        if (graph_in(b->g, m->sum, 0) != graph_in(b->g, v, 0) || !same_axes(b, r, m->sum)) continue;
        for (Ref u = m->longest; b->g->node.at[u].op == OP_concat; u = graph_in(b->g, u, 0))
            if (u == v) return m;
    }
    return NULL;
}

typedef struct Piece { /* of the value that r adds up */
    Ref value;
    Type sums; /* of r's result: its part */
} Piece;

/* False: a value has to be kept first. */
static bool add_partial(Builder *b, Ref r, const Piece *piece, const Home *sums, const Home *squares)
{
    XBuilder xb = {.b = b, .k = kernel_new(b, K_NEST, "moments", r)};
    Partial p = reduction_partial(b, r, graph_type(b->g, piece->value), &piece->sums, xb.k);
    uint32_t x = expr_emit(&xb, piece->value, &p.in);
    if (!x) {
        build_keep_now(b, xb.failed);
        return false;
    }
    uint8_t dtype = p.type.dtype;
    uint32_t s = sum(&xb, dtype, x, 0), mean = operation(&xb, OP_div, dtype, s, count(&xb, dtype, p.inner));
    uint32_t d = operation(&xb, OP_sub, dtype, x, mean), q = sum(&xb, dtype, operation(&xb, OP_mul, dtype, d, d), 1);
    expr_store(&xb, s, sums, &p.out);
    expr_store(&xb, q, squares, &p.out);
    kernel_add(b, xb.k);
    return true;
}

static void add_piece(Builder *b, Ref r, const Piece *piece, const Home *sums, const Home *squares)
{
    for (int tries = 0; !add_partial(b, r, piece, sums, squares); tries++)
        if (tries > 200) BUG("kernel: no end of values to keep");
}

/* What v has behind its first part. */
static void add_behind(Builder *b, Ref r, Ref v, const Moments *m)
{
    int axis = axis_left(b, r, v);
    Home sums = m->sums, squares = m->squares;
    Type type = *graph_type(b->g, r);
    for (uint32_t i = 0; i < b->g->node.at[v].n_in; i++) {
        Ref part = graph_in(b->g, v, i);
        type.dim[axis] = graph_type(b->g, part)->dim[graph_attr(b->g, v, 0)];
        if (i) add_piece(b, r, &(Piece){part, type}, &sums, &squares);
        Dim length = dim_mul(b->dims, type.dim[axis], m->sums.stride[1 + axis]);
        sums.off = dim_add(b->dims, sums.off, length);
        squares.off = dim_add(b->dims, squares.off, length);
    }
}

/* The sums of v, at the beginning of rows for the longest concatenation. */
static Moments *add_first_step(Builder *b, Ref r, const Partial *p)
{
    Ref v = graph_in(b->g, r, 0);
    const Moments *before = found(b, r, v);
    Moments *m = ARENA_NEW(b->arena, Moments);
    if (before) {
        *m = *before;
        add_behind(b, r, v, m);
    } else {
        Type type = p->type;
        m->longest = longest_of(b, r, v);
        if (m->longest != v) {
            int axis = (int)graph_attr(b->g, m->longest, 0);
            type.dim[1 + axis_left(b, r, m->longest)] = graph_type(b->g, m->longest)->dim[axis];
        }
        m->sums = home_new(b, &type, "sums"), m->squares = home_new(b, &type, "squares");
        add_piece(b, r, &(Piece){v, *graph_type(b->g, r)}, &m->sums, &m->squares);
    }
    m->sum = r;
    vec_add(b->arena, &b->moments, m);
    return m;
}

/* ---- the second step -------------------------------------------------------------------------- */

static void add_rest(Builder *b, Ref r, const Partial *p, const Home *sums, const Home *squares, const Home *to, const Home *to_squares)
{
    XBuilder xb = {.b = b, .k = kernel_new(b, K_NEST, "moments", r)};
    uint8_t dtype = p->type.dtype;
    Map all, m = reduction_rest(b, r, xb.k, p->outer, &all);
    uint32_t s = expr_load(&xb, sums, &all, dtype), q = expr_load(&xb, squares, &all, dtype), k = count(&xb, dtype, p->inner);
    uint32_t total = sum(&xb, dtype, s, 0);
    uint32_t mean = operation(&xb, OP_div, dtype, total, count(&xb, dtype, dim_mul(b->dims, p->outer, p->inner)));
    uint32_t d = operation(&xb, OP_sub, dtype, operation(&xb, OP_div, dtype, s, k), mean);
    uint32_t between = operation(&xb, OP_mul, dtype, k, operation(&xb, OP_mul, dtype, d, d));
    uint32_t square = sum(&xb, dtype, operation(&xb, OP_add, dtype, q, between), 0);
    expr_store(&xb, total, to, &m);
    expr_store(&xb, square, to_squares, &m);
    kernel_add(b, xb.k);
}

bool build_moments(Builder *b, Ref r, const Home *to)
{
    Ref squared = reduction_splits(b, r) && dtype_is_float(graph_type(b->g, r)->dtype) ? squares_of(b, r) : 0;
    if (!squared || b->home[squared].buf) return false;
    Kernel probe = {0};
    Partial p = reduction_partial(b, r, graph_type(b->g, graph_in(b->g, r, 0)), graph_type(b->g, r), &probe);
    Home to_squares = home_of(b, squared);
    const Moments *m = add_first_step(b, r, &p);
    add_rest(b, r, &p, &m->sums, &m->squares, to, &to_squares);
    b->home[squared] = to_squares;
    return true;
}
