/* SPDX-License-Identifier: MIT
 * gen_graph.c: random graphs: a pool of values that grows by random operations on its members. */
#include "fuzz/gen_graph.h"

#include <math.h>

typedef struct Gen {
    Module *m;
    Dims *d;
    Graph *g;
    GenOptions options;
    uint64_t state;
    Dim size[6]; /* extents to choose from: symbols and constants */
    int n_sizes;
    uint8_t dtype; /* of all floats: f32, or f64 */
    VEC(Ref) pool; /* floats */
    Ref seed, step;
    Ref focus; /* not 0: the value that operations are made of by preference, so that chains arise
                */
    bool in_body;
} Gen;

static uint64_t next(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static int below(Gen *gen, int n)
{
    return (int)(next(&gen->state) % (uint64_t)n);
}

static Dim number(Gen *gen, int64_t v)
{
    return dim_const(gen->d, v);
}

static bool is_number(Gen *gen, Dim d, int64_t *v)
{
    return dim_is_const(gen->d, d, v);
}

/* Smallest value that an extent takes: symbols are at least 4. -1: unknown. */
static int64_t least(Gen *gen, Dim d)
{
    int64_t v = 0;
    Symbol s = 0;
    if (is_number(gen, d, &v)) return v;
    return dim_is_symbol(gen->d, d, &s) ? 4 : -1;
}

static const Type *type_of(Gen *gen, Ref r)
{
    return graph_type(gen->g, r);
}

static Ref pick(Gen *gen)
{
    if (gen->focus && below(gen, 3)) return gen->focus;
    int n = (int)gen->pool.n, recent = n > 6 && below(gen, 2) ? 6 : n;
    return gen->pool.at[n - 1 - below(gen, recent)];
}

/* A value with at least min and at most max axes, or 0. */
static Ref pick_rank(Gen *gen, int min, int max)
{
    for (int k = 0; k < 10; k++) {
        Ref r = pick(gen);
        int rank = type_of(gen, r)->rank;
        if (rank >= min && rank <= max) return r;
    }
    return 0;
}

static Ref unary(Gen *gen, Op op, Ref a)
{
    return build_unary(gen->g, op, a);
}

static Ref binary(Gen *gen, Op op, Ref a, Ref b)
{
    return build_binary(gen->g, op, a, b);
}

static Ref like(Gen *gen, Ref a, double v)
{
    return build_like(gen->g, a, v);
}

/* Another value of a's type. */
static Ref partner(Gen *gen, Ref a)
{
    const Type *t = type_of(gen, a);
    for (int k = 0; k < 8; k++) {
        Ref b = pick(gen);
        if (type_equal(type_of(gen, b), t)) return b;
        if (type_of(gen, b)->rank == 0) return build_broadcast_to(gen->g, b, *t);
    }
    static const double constants[] = {0, 1, 2, -1, 0.5, 0.25, 3};
    return below(gen, 2) ? like(gen, a, constants[below(gen, 7)]) : unary(gen, OP_neg, a);
}

/* Elements that a value has with all symbols at 8; -1: it cannot be said. */
static int64_t weight(Gen *gen, Ref r)
{
    int64_t *value = ARENA_ARRAY(gen->m->arena, int64_t, symbol_count(gen->d) + 1), n = 0;
    for (uint32_t s = 0; s <= symbol_count(gen->d); s++)
        value[s] = 8;
    return dim_eval(gen->d, type_count(gen->d, type_of(gen, r)), value, &n) ? n : -1;
}

/* ---- elementwise
 * ------------------------------------------------------------------------------------- */

static Ref positive(Gen *gen, Ref a)
{
    return binary(gen, OP_add, unary(gen, OP_abs, a), like(gen, a, 0.5));
}

/* tanh in the other precision. */
static Ref through_other(Gen *gen, Ref a)
{
    uint8_t other = gen->dtype == DT_f32 ? DT_f64 : DT_f32;
    return build_cast(gen->g, unary(gen, OP_tanh, build_cast(gen->g, a, other)), gen->dtype);
}

/* op, or now and then any function of the table, of a number where it is smooth. What else is drawn does not depend on it, so
 * that the graph of a seed keeps its shape when the table grows. */
static Ref function(Gen *gen, Op op, Ref a)
{
    static const struct {
        Op op;
        int smooth;
    } functions[] = {
#define FUNCTION(name, value, smooth, gradient, properties) {OP_##name, smooth},
#define COMPOSED_FUNCTION(name, ...)
#include "support/functions.def"
    };
    uint64_t other = gen->state ^ (uint64_t)gen->pool.n, n = sizeof functions / sizeof *functions;
    if (next(&other) % 3) return unary(gen, op, a);
    uint64_t k = next(&other) % n;
    int properties = op_properties[functions[k].op];
    if (gen->options.smooth && !(properties & GRAD)) return unary(gen, op, a);
    if (!(properties & GRAD))
        a = binary(gen, OP_mul, a, like(gen, a, 4));
    else if (functions[k].smooth == POSITIVE)
        a = positive(gen, a);
    else if (functions[k].smooth == UNIT)
        a = binary(gen, OP_mul, unary(gen, OP_tanh, a), like(gen, a, 0.9));
    else if (!(properties & FINITE))
        a = unary(gen, OP_tanh, a);
    return build_cast(gen->g, unary(gen, functions[k].op, a), gen->dtype);
}

static Ref gen_unary(Gen *gen)
{
    Ref a = pick(gen);
    switch (below(gen, gen->options.smooth ? 14 : 15)) {
    case 0: return unary(gen, OP_neg, a);
    case 1: return unary(gen, OP_abs, a);
    case 2: return unary(gen, OP_exp, unary(gen, OP_tanh, a));
    case 3: return unary(gen, OP_log, positive(gen, a));
    case 4: return unary(gen, OP_log1p, unary(gen, OP_abs, a));
    case 5: return unary(gen, OP_sqrt, positive(gen, a));
    case 6: return function(gen, OP_tanh, a);
    case 7: return function(gen, OP_erf, a);
    case 8: return function(gen, OP_sin, a);
    case 9: return function(gen, OP_cos, a);
    case 10: return through_other(gen, a);
    case 11: return function(gen, OP_sigmoid, a);
    case 12: return unary(gen, OP_expm1, unary(gen, OP_tanh, a));
    case 13: return function(gen, OP_erfc, a);
    default: return unary(gen, OP_floor, binary(gen, OP_mul, a, like(gen, a, 4)));
    }
}

/* A condition of a's shape: from positions, or from values. */
static Ref condition(Gen *gen, Ref a)
{
    Type t = *type_of(gen, a), index = t;
    index.dtype = DT_i32;
    if (!gen->options.smooth && below(gen, 2)) {
        Ref c = binary(gen, below(gen, 2) ? OP_less : OP_less_equal, a, partner(gen, a));
        return below(gen, 3) ? c : unary(gen, OP_not, c);
    }
    if (t.rank == 0) return build_const(gen->g, (Type){.dtype = DT_bool}, below(gen, 2));
    Ref i = build_iota(gen->g, index, below(gen, t.rank)), k = build_iota(gen->g, index, below(gen, t.rank));
    Ref c = binary(gen, below(gen, 2) ? OP_less_equal : OP_equal, binary(gen, OP_floordiv, i, like(gen, i, 2)), k);
    if (below(gen, 2)) c = binary(gen, below(gen, 2) ? OP_and : OP_or, c, binary(gen, OP_less, k, like(gen, k, 2)));
    return c;
}

static Ref gen_binary(Gen *gen)
{
    Ref a = pick(gen), b = partner(gen, a);
    switch (below(gen, 8)) {
    case 0: return binary(gen, OP_add, a, b);
    case 1: return binary(gen, OP_sub, a, b);
    case 2: return binary(gen, OP_mul, unary(gen, OP_tanh, a), b);
    case 3: return binary(gen, OP_div, a, positive(gen, b));
    case 4: return binary(gen, OP_maximum, a, b);
    case 5: return build_minimum(gen->g, a, b);
    case 6: return binary(gen, OP_pow, positive(gen, unary(gen, OP_tanh, a)), unary(gen, OP_tanh, b));
    default: return build_where(gen->g, condition(gen, a), a, b);
    }
}

static Ref gen_leaf(Gen *gen)
{
    Type t = *type_of(gen, pick(gen));
    Ref size;
    switch (below(gen, 3)) {
    case 0:
        if (t.rank == 0) return 0;
        return binary(gen, OP_mul, build_cast(gen->g, build_iota(gen->g, t, below(gen, t.rank)), gen->dtype),
                      build_const(gen->g, t, 0.125));
    case 1:
        size = build_cast(gen->g, build_size(gen->g, gen->size[below(gen, gen->n_sizes)]), gen->dtype);
        return binary(gen, OP_div, build_scalar(gen->g, gen->dtype, 1), size);
    default: return build_const(gen->g, t, 0.5 * below(gen, 4));
    }
}

/* ---- views
 * ------------------------------------------------------------------------------------------- */

static Ref gen_reshape(Gen *gen)
{
    Ref a = pick(gen);
    Type t = *type_of(gen, a);
    int64_t v = 0;
    int axis = t.rank ? below(gen, t.rank) : 0;
    if (t.rank && is_number(gen, t.dim[axis], &v) && v > 1 && v % 2 == 0 && t.rank < 5) { /* split */
        for (int i = t.rank; i > axis + 1; i--)
            t.dim[i] = t.dim[i - 1];
        t.dim[axis] = number(gen, v / 2);
        t.dim[axis + 1] = number(gen, 2);
        t.rank++;
    } else if (t.rank > 1 && axis + 1 < t.rank && below(gen, 2)) { /* merge */
        t.dim[axis] = dim_mul(gen->d, t.dim[axis], t.dim[axis + 1]);
        for (int i = axis + 1; i + 1 < t.rank; i++)
            t.dim[i] = t.dim[i + 1];
        t.rank--;
    } else if (t.rank < 5) { /* a new axis of extent 1 */
        for (int i = t.rank; i > axis; i--)
            t.dim[i] = t.dim[i - 1];
        t.dim[axis] = number(gen, 1);
        t.rank++;
    }
    return build_reshape(gen->g, a, t.dim, t.rank);
}

static Ref gen_permute(Gen *gen)
{
    Ref a = pick_rank(gen, 2, 5);
    if (!a) return 0;
    int perm[MAX_RANK], rank = type_of(gen, a)->rank;
    for (int i = 0; i < rank; i++)
        perm[i] = i;
    for (int i = rank - 1; i > 0; i--) {
        int k = below(gen, i + 1), t = perm[i];
        perm[i] = perm[k];
        perm[k] = t;
    }
    return build_permute(gen->g, a, perm);
}

static Ref gen_broadcast(Gen *gen)
{
    Ref a = pick_rank(gen, 0, 3);
    if (!a) return 0;
    Type t = *type_of(gen, a), out = {.dtype = gen->dtype};
    int axes[MAX_RANK], add = below(gen, t.rank + 1);
    for (int i = 0; i <= t.rank; i++) {
        int64_t one = 0;
        if (i == add) out.dim[out.rank++] = gen->size[below(gen, gen->n_sizes)];
        if (i == t.rank) break;
        axes[i] = out.rank;
        bool unit = is_number(gen, t.dim[i], &one) && one == 1;
        out.dim[out.rank++] = unit && below(gen, 2) ? gen->size[below(gen, gen->n_sizes)] : t.dim[i];
    }
    return build_broadcast(gen->g, a, out, axes);
}

static Ref gen_slice(Gen *gen)
{
    static const int64_t steps[] = {1, 1, 1, -1, 2, -2, 3};
    Ref a = pick_rank(gen, 1, 4);
    if (!a) return 0;
    Type t = *type_of(gen, a);
    Dim lo[MAX_RANK], hi[MAX_RANK];
    int64_t step[MAX_RANK];
    for (int i = 0; i < t.rank; i++) {
        int64_t room = least(gen, t.dim[i]) - 1, cut = 0;
        lo[i] = number(gen, 0), hi[i] = t.dim[i], step[i] = 1;
        if (room < 1 || below(gen, 2)) continue;
        cut = below(gen, (int)(room > 3 ? 3 : room) + 1);
        int64_t front = cut ? below(gen, (int)cut + 1) : 0;
        lo[i] = number(gen, front);
        hi[i] = dim_sub(gen->d, t.dim[i], number(gen, cut - front));
        step[i] = steps[below(gen, 7)];
    }
    return build_slice(gen->g, a, lo, hi, step);
}

static Ref gen_pad(Gen *gen)
{
    Ref a = pick_rank(gen, 1, 4);
    if (!a) return 0;
    Dim lo[MAX_RANK], hi[MAX_RANK];
    int64_t interior[MAX_RANK];
    int rank = type_of(gen, a)->rank;
    for (int i = 0; i < rank; i++) {
        bool some = below(gen, 2);
        lo[i] = number(gen, some ? below(gen, 3) : 0), hi[i] = number(gen, some ? below(gen, 3) : 0);
        interior[i] = some && below(gen, 3) == 0;
    }
    return build_pad(gen->g, a, lo, hi, interior, below(gen, 3) ? 0 : 0.5);
}

static Ref gen_concat(Gen *gen)
{
    Ref in[3] = {pick_rank(gen, 1, 4)};
    if (!in[0]) return 0;
    int axis = below(gen, type_of(gen, in[0])->rank), n = 2 + below(gen, 2);
    for (int k = 1; k < n; k++)
        in[k] = partner(gen, in[0]);
    return build_concat(gen->g, in, (uint32_t)n, axis);
}

/* window, and sometimes the fold that belongs to it */
static Ref gen_window(Gen *gen)
{
    Ref a = pick_rank(gen, 1, 3);
    if (!a) return 0;
    Type t = *type_of(gen, a);
    int axis = below(gen, t.rank);
    int64_t k = 1 + below(gen, 3), stride = below(gen, 3) ? 1 + below(gen, 3) : k, dil = 1 + below(gen, 2);
    if (least(gen, t.dim[axis]) < dil * (k - 1) + 1) return 0;
    Ref w = build_window(gen->g, a, axis, k, stride, dil);
    return below(gen, 2) ? w : build_fold(gen->g, unary(gen, OP_sin, w), axis, t.dim[axis], k, stride, dil);
}

static Ref gen_one_view(Gen *gen)
{
    switch (below(gen, 7)) {
    case 0: return gen_reshape(gen);
    case 1: return gen_permute(gen);
    case 2: return gen_broadcast(gen);
    case 3: return gen_slice(gen);
    case 4: return gen_pad(gen);
    case 5: return gen_concat(gen);
    default: return gen_window(gen);
    }
}

/* Up to four views of each other. */
static Ref gen_view(Gen *gen)
{
    Ref r = gen_one_view(gen);
    for (int n = below(gen, 4); n > 0; n--) {
        if (r) gen->focus = r;
        r = gen_one_view(gen);
    }
    r = r ? r : gen->focus;
    gen->focus = 0;
    return r;
}

/* ---- reductions and contractions
 * --------------------------------------------------------------------- */

static Ref gen_reduce(Gen *gen)
{
    Ref a = pick_rank(gen, 1, 5);
    if (!a) return 0;
    int axes[MAX_RANK], n = 0, rank = type_of(gen, a)->rank;
    for (int i = 0; i < rank; i++)
        if (below(gen, 2)) axes[n++] = i;
    if (n == 0) axes[n++] = below(gen, rank);
    int kind = below(gen, gen->options.smooth ? 3 : 4);
    if (kind == 3) return build_cast(gen->g, build_reduce(gen->g, OP_argmax, a, axes, n), gen->dtype);
    if (kind == 2) return build_reduce(gen->g, OP_max, a, axes, n);
    return unary(gen, OP_sin, build_reduce(gen->g, OP_sum, a, axes, n));
}

/* Axes with equal extents are batch or contracted at random. */
static Ref gen_dot(Gen *gen)
{
    Ref a = pick_rank(gen, 1, 4), b = pick_rank(gen, 1, 4);
    if (!a || !b) return 0;
    for (int k = below(gen, 3); k > 0; k--) { /* views in front of it */
        Ref *side = below(gen, 2) ? &a : &b;
        gen->focus = *side;
        Ref r = below(gen, 2) ? gen_permute(gen) : gen_broadcast(gen);
        if (r && weight(gen, r) < 2000) *side = r;
        gen->focus = 0;
    }
    const Type *ta = type_of(gen, a), *tb = type_of(gen, b);
    int ab[MAX_RANK], bb[MAX_RANK], ac[MAX_RANK], bc[MAX_RANK], nb = 0, nc = 0;
    bool used[MAX_RANK] = {0};
    for (int i = 0; i < ta->rank; i++)
        for (int k = 0; k < tb->rank; k++) {
            if (used[k] || ta->dim[i] != tb->dim[k] || below(gen, 5) == 0) continue;
            used[k] = true;
            if (below(gen, 3) == 0)
                ab[nb] = i, bb[nb++] = k;
            else
                ac[nc] = i, bc[nc++] = k;
            break;
        }
    if (ta->rank + tb->rank - nb - 2 * nc > 4) return 0;
    Ref r = build_dot(gen->g, a, b, nb, ab, bb, nc, ac, bc);
    if (below(gen, 3) == 0) { /* summed over some of its axes */
        int axes[MAX_RANK], n = 0;
        for (int i = 0; i < type_of(gen, r)->rank; i++)
            if (below(gen, i < nb ? 2 : 6) == 0) axes[n++] = i;
        r = build_reduce(gen->g, OP_sum, r, axes, n);
    }
    return unary(gen, OP_tanh, r);
}

static Type type4(Gen *gen, Dim n, Dim h, Dim w, Dim c)
{
    return (Type){.dtype = gen->dtype, .rank = 4, .dim = {n, h, w, c}};
}

static Ref gen_conv(Gen *gen)
{
    if (gen->in_body) return 0;
    int64_t groups = 1 + below(gen, 2), cg = 1 + below(gen, 2), og = 1 + below(gen, 3);
    if (groups == 1 && below(gen, 2) == 0) { /* from many channels to few, or from few to many */
        if (below(gen, 2))
            cg = 10 + below(gen, 15);
        else
            og = 10 + below(gen, 15);
    }
    if (below(gen, 4) == 0) /* a channel of its own for each group, or few */
        groups = 2 + below(gen, 34), cg = 1 + below(gen, 3) / 2, og = 1 + below(gen, 3) / 2;
    bool wide = groups == 1 && below(gen, 4) == 0; /* vectors along rows are fuller than vectors of channels */
    if (wide) cg = 2 + below(gen, 12), og = 6 + below(gen, 7);
    Conv c = {.mode = below(gen, 3), .groups = groups};
    Dims *d = gen->d;
    Dim out[2];
    for (int i = 0; i < 2; i++) {
        int64_t k = 1 + below(gen, 3);
        c.stride[i] = 1 + below(gen, 2);
        c.dil[i] = 1 + below(gen, 2);
        c.k[i] = number(gen, k);
        c.extent[i] = below(gen, 2) ? gen->size[0] : number(gen, 5 + below(gen, 3));
        if (wide && i) c.extent[i] = number(gen, 14 + below(gen, 20));
        c.lo[i] = number(gen, 1 + below(gen, 2)), c.hi[i] = number(gen, 1 + below(gen, 2));
        Dim n = dim_sub(d, dim_add(d, dim_add(d, c.extent[i], c.lo[i]), c.hi[i]), number(gen, c.dil[i] * (k - 1) + 1));
        out[i] = dim_add(d, dim_floordiv(d, n, number(gen, c.stride[i])), number(gen, 1));
    }
    Dim batch = gen->size[below(gen, gen->n_sizes)];
    Type x = type4(gen, batch, c.extent[0], c.extent[1], number(gen, cg * groups));
    Type w = type4(gen, c.k[0], c.k[1], number(gen, cg), number(gen, og * groups));
    Type y = type4(gen, batch, out[0], out[1], number(gen, og * groups));
    uint32_t n = gen->g->param.n;
    const char *name = arena_print(gen->m->arena, "c%u", n), *other = arena_print(gen->m->arena, "c%u", n + 1);
    Ref a = build_param(gen->g, PARAM_INPUT, name, c.mode == 1 ? y : x, n);
    Ref b = build_param(gen->g, PARAM_INPUT, other, c.mode == 2 ? y : w, n + 1);
    if (below(gen, 2)) a = build_unary(gen->g, OP_tanh, a); /* made by a kernel, inside of its margin */
    if (c.mode == 2 && below(gen, 2)) b = build_unary(gen->g, OP_tanh, b);
    return unary(gen, OP_tanh, build_conv(gen->g, a, b, &c));
}

static Ref gen_indexed(Gen *gen)
{
    Ref a = pick_rank(gen, 1, 3);
    if (!a || gen->in_body) return 0;
    Type t = *type_of(gen, a), index = {.dtype = DT_i32};
    bool reads = below(gen, 2);
    Dim rows = reads ? t.dim[0] : gen->size[below(gen, gen->n_sizes)];
    if (reads)
        for (int i = below(gen, 3); i > 0; i--)
            index.dim[index.rank++] = gen->size[below(gen, gen->n_sizes)];
    else
        for (int i = below(gen, t.rank + 1); i > 0; i--)
            index.dim[index.rank] = t.dim[index.rank], index.rank++;
    uint32_t n = gen->g->param.n;
    Ref idx = build_param(gen->g, PARAM_INPUT, arena_print(gen->m->arena, "i%u", n), index, n);
    gen->g->param.at[n].bound = rows;
    if (below(gen, 2)) idx = build_expect(gen->g, idx, rows, 1);
    if (index.rank == 1 && index.dim[0] == rows && below(gen, 3) == 0) idx = build_iota(gen->g, index, 0);
    return reads ? build_take(gen->g, a, idx) : build_scatter_add(gen->g, idx, a, rows);
}

static Ref gen_random(Gen *gen)
{
    if (gen->in_body) return 0;
    if (!gen->seed) {
        uint32_t n = gen->g->param.n;
        gen->seed = build_param(gen->g, PARAM_SEED, "seed", (Type){.dtype = DT_i64}, n);
        gen->step = build_param(gen->g, PARAM_STEP, "step", (Type){.dtype = DT_i64}, 0);
    }
    Type t = *type_of(gen, pick(gen));
    uint64_t hash = next(&gen->state);
    Ref at = build_scalar(gen->g, DT_i64, below(gen, 3));
    if (below(gen, 2)) return build_random(gen->g, 0, hash, gen->seed, gen->step, at, t, 0);
    t.dtype = DT_i32;
    Ref r = build_cast(gen->g, build_random(gen->g, 1, hash, gen->seed, gen->step, at, t, number(gen, 5)), gen->dtype);
    return binary(gen, OP_mul, r, build_like(gen->g, r, 0.125));
}

/* ---- scan
 * -------------------------------------------------------------------------------------------- */

static Ref gen_operation(Gen *gen);

static Ref gen_scan(Gen *gen)
{
    Ref x = pick_rank(gen, 1, 4), carry = pick_rank(gen, 0, 2), constant = pick_rank(gen, 0, 3);
    if (!x || !carry || !constant || gen->in_body) return 0;
    Type tx = *type_of(gen, x), row = tx;
    for (int i = 1; i < tx.rank; i++)
        row.dim[i - 1] = tx.dim[i];
    row.dim[--row.rank] = 0;
    Gen inner = *gen;
    inner.in_body = true; /* no new params */
    inner.g = graph_new(gen->m, arena_print(gen->m->arena, "body%u", gen->m->graph.n));
    inner.g->raw = gen->options.raw;
    inner.pool.at = NULL;
    inner.pool.n = inner.pool.cap = 0;
    Ref c = build_param(inner.g, PARAM_CARRY, "c", *type_of(gen, carry), 0);
    Ref xt = build_param(inner.g, PARAM_XS, "x", row, 0), k = build_param(inner.g, PARAM_CONST, "k", *type_of(gen, constant), 0);
    vec_add(gen->m->arena, &inner.pool, c);
    vec_add(gen->m->arena, &inner.pool, xt);
    vec_add(gen->m->arena, &inner.pool, k);
    for (int i = 0; i < 5; i++) {
        Ref r = gen_operation(&inner);
        if (r) vec_add(gen->m->arena, &inner.pool, r);
    }
    Ref mixed = c; /* the new carry: the old one and what has its type */
    for (uint32_t i = 1; i < inner.pool.n; i++) {
        Ref r = inner.pool.at[i];
        if (type_equal(graph_type(inner.g, r), graph_type(inner.g, c))) mixed = build_binary(inner.g, OP_add, mixed, r);
    }
    build_result(inner.g, build_unary(inner.g, OP_tanh, mixed), "c", -1);
    Ref y = inner.pool.at[inner.pool.n - 1];
    bool stacks = graph_type(inner.g, y)->rank < 4;
    if (stacks) build_result(inner.g, y, "y", -1);
    gen->state = inner.state;
    Ref in[3] = {carry, x, constant};
    Ref scan = build_scan(gen->g, inner.g->id, tx.dim[0], 1, 1, in, 3);
    Ref last = build_proj(gen->g, scan, 0);
    vec_add(gen->m->arena, &gen->pool, last);
    return stacks ? build_proj(gen->g, scan, 1) : last;
}

/* ---- whole graphs
 * ------------------------------------------------------------------------------------ */

static Ref gen_operation(Gen *gen)
{
    uint32_t without = gen->options.without;
    switch (below(gen, 16)) {
    case 0:
    case 1: return gen_unary(gen);
    case 2:
    case 3:
    case 4: return gen_binary(gen);
    case 5: return gen_leaf(gen);
    case 6:
    case 7:
    case 8: return without & GEN_VIEW ? 0 : gen_view(gen);
    case 9:
    case 10: return without & GEN_REDUCE ? 0 : gen_reduce(gen);
    case 11:
    case 12: return without & GEN_DOT ? 0 : gen_dot(gen);
    case 13: return without & GEN_INDEXED ? 0 : gen_indexed(gen);
    case 14: return below(gen, 2) ? (without & GEN_CONV ? 0 : gen_conv(gen)) : (without & GEN_RANDOM ? 0 : gen_random(gen));
    default: return without & GEN_SCAN ? 0 : gen_scan(gen);
    }
}

static void add_params(Gen *gen)
{
    static const uint8_t ranks[] = {2, 2, 1, 3, 0, 4};
    for (int i = 0; i < 6; i++) {
        Type t = {.dtype = gen->dtype, .rank = ranks[i]};
        for (int a = 0; a < t.rank; a++)
            t.dim[a] = gen->size[below(gen, gen->n_sizes)];
        bool state = gen->options.states && i < 2;
        if (state && i == 1 && below(gen, 2)) t = *type_of(gen, gen->pool.at[0]);
        ParamKind kind = state ? PARAM_STATE : i == 1 ? PARAM_WEIGHT : PARAM_INPUT;
        Ref r = build_param(gen->g, kind, arena_print(gen->m->arena, "p%d", i), t, (uint32_t)i);
        vec_add(gen->m->arena, &gen->pool, r);
    }
}

/* ---- attention in all variants ---- */

/* A param [b, t, h, e] seen as [b, h, t, e], or one that lies so. */
static Ref heads(Gen *gen, const char *name, Dim b, Dim t, Dim h, Dim e, bool permuted)
{
    static const int perm[4] = {0, 2, 1, 3};
    Type type = {.dtype = gen->dtype, .rank = 4, .dim = {b, permuted ? t : h, permuted ? h : t, e}};
    Ref r = build_param(gen->g, PARAM_INPUT, name, type, gen->g->param.n);
    return permuted ? build_permute(gen->g, r, perm) : r;
}

enum { ROWS_TANH, ROWS_DIFFERENCE, ROWS_OF_TANH, ROWS_SOFTMAX, N_ROWS = 6 }; /* from ROWS_SOFTMAX on: softmax */

/* Rows of a: normalised by what they add up to, as softmax does, or otherwise weighted. */
static Ref weigh_rows(Gen *gen, Ref a, int kind)
{
    static const int last = 3;
    const Type *type = type_of(gen, a);
    int axes[3] = {0, 1, 2};
    if (kind == ROWS_TANH) return unary(gen, OP_tanh, a);
    Ref most = build_reduce(gen->g, OP_max, a, &last, 1);
    if (below(gen, 2)) most = build_stop(gen->g, most);
    most = build_broadcast(gen->g, most, *type, axes);
    if (kind == ROWS_DIFFERENCE) return binary(gen, OP_sub, a, most);
    Ref e = unary(gen, OP_exp, kind == ROWS_OF_TANH ? unary(gen, OP_tanh, a) : binary(gen, OP_sub, a, most));
    Ref sum = build_broadcast(gen->g, build_reduce(gen->g, OP_sum, e, &last, 1), *type, axes);
    return binary(gen, OP_div, e, sum);
}

/* column - row < ahead, and maybe also more than so many behind: as a comparison or as one that does not hold. */
static Ref mask_of(Gen *gen, Type type, int ahead, int behind, bool inverse)
{
    type.dtype = DT_i32;
    Ref row = build_iota(gen->g, type, 2), column = build_iota(gen->g, type, 3);
    Ref end = binary(gen, OP_add, row, like(gen, row, ahead));
    Ref keep = inverse ? build_unary(gen->g, OP_not, build_binary(gen->g, OP_less_equal, end, column))
                       : build_binary(gen->g, OP_less, column, end);
    if (!behind) return keep;
    Ref distance = binary(gen, OP_sub, row, column);
    return build_binary(gen->g, OP_and, keep, build_binary(gen->g, OP_less, distance, like(gen, distance, behind)));
}

/* Masks as constants of all kinds; not so low that they are seen in the result, and no infinity in a row of nothing else. */
static Ref mask_rows(Gen *gen, Ref a, int t, int s, int kind)
{
    static const double fill[] = {-2, -1e9, -3e38, -INFINITY};
    int ahead = below(gen, 3) ? 1 : below(gen, 5) - 1, behind = below(gen, 3) ? 0 : 1 + below(gen, 8);
    bool alive = ahead > 0 && (!behind || t - behind < s), inverse = below(gen, 2);
    Ref low = like(gen, a, fill[kind == ROWS_DIFFERENCE ? 0 : below(gen, alive && kind >= ROWS_SOFTMAX ? 4 : 3)]);
    Ref keep = mask_of(gen, *type_of(gen, a), ahead, behind, inverse);
    if (below(gen, 4)) return build_where(gen->g, keep, a, low);
    return build_where(gen->g, build_unary(gen->g, OP_not, keep), low, a);
}

static Ref gen_attention(Gen *gen)
{
    Dim b = gen->size[below(gen, gen->n_sizes)], h = number(gen, 1 + below(gen, 3)), e = number(gen, 1 + below(gen, 20));
    int rows = 1 + below(gen, 40), columns = below(gen, 2) ? rows : 1 + below(gen, 40), kind = below(gen, N_ROWS);
    Dim t = number(gen, rows), s = number(gen, columns), f = below(gen, 2) ? e : number(gen, 5);
    static const int batch[2] = {0, 1}, last = 3, second = 2;
    bool permuted = below(gen, 2);
    Ref q = heads(gen, "q", b, t, h, e, permuted), k = heads(gen, "k", b, s, h, e, permuted), v = heads(gen, "v", b, s, h, f, permuted);
    Ref score = build_dot(gen->g, q, k, 2, batch, batch, 1, &last, &last);
    score = binary(gen, OP_div, score, like(gen, score, 1.5));
    if (below(gen, 3)) score = mask_rows(gen, score, rows, columns, kind);
    Ref p = weigh_rows(gen, score, kind);
    if (below(gen, 3) == 0) vec_add(gen->m->arena, &gen->pool, p); /* a result too */
    return build_dot(gen->g, p, v, 2, batch, batch, 1, &last, &second);
}

/* ---- functions of a product, as between two layers ---- */

static Ref new_param(Gen *gen, const char *name, int rank, Dim first, Dim second)
{
    Type type = {.dtype = gen->dtype, .rank = (uint8_t)rank, .dim = {first, second}};
    return build_param(gen->g, PARAM_INPUT, name, type, gen->g->param.n);
}

/* The last axis of a contracted with the first of b. */
static Ref layer(Gen *gen, Ref a, Ref b)
{
    int last = type_of(gen, a)->rank - 1, first = 0;
    return build_dot(gen->g, a, b, 0, NULL, NULL, 1, &last, &first);
}

static Ref gate(Gen *gen, Ref a)
{
    switch (below(gen, 4)) {
    case 0: return unary(gen, OP_sigmoid, a);
    case 1: return binary(gen, OP_mul, unary(gen, OP_erfc, binary(gen, OP_mul, a, like(gen, a, -0.75))), like(gen, a, 0.5));
    case 2: return unary(gen, OP_tanh, unary(gen, OP_log1p, unary(gen, OP_exp, a)));
    default: return unary(gen, OP_exp, unary(gen, OP_neg, binary(gen, OP_mul, a, a)));
    }
}

static Ref gen_gated(Gen *gen)
{
    Ref x = pick_rank(gen, 1, 3);
    if (!x || weight(gen, x) < 0 || weight(gen, x) > 500) return 0;
    Dim n = type_of(gen, x)->dim[type_of(gen, x)->rank - 1], wide = number(gen, 1 + below(gen, 40));
    Ref w = new_param(gen, "w", 2, n, wide), v = new_param(gen, "v", 2, wide, number(gen, 1 + below(gen, 20)));
    Ref a = layer(gen, unary(gen, OP_tanh, x), w);
    if (below(gen, 2)) a = binary(gen, OP_add, a, build_broadcast_to(gen->g, new_param(gen, "b", 1, wide, 0), *type_of(gen, a)));
    Ref of = below(gen, 3) ? a : layer(gen, unary(gen, OP_tanh, x), new_param(gen, "u", 2, n, wide));
    Ref y = binary(gen, OP_mul, of, gate(gen, a));
    if (below(gen, 3) == 0) y = build_where(gen->g, condition(gen, y), binary(gen, OP_mul, y, like(gen, y, 1.25)), like(gen, y, 0));
    if (below(gen, 4) == 0) vec_add(gen->m->arena, &gen->pool, below(gen, 2) ? a : y); /* a result too */
    return unary(gen, OP_tanh, layer(gen, y, v));
}

/* The places of a param's values in order, with equal ones among them. Of a param, since no rounding may change the order. */
static void add_places(Gen *gen, uint64_t which)
{
    static const uint8_t of[] = {0, 2, 3, 5};
    Ref x = gen->pool.at[of[which % 4]];
    if (which / 4 % 2) x = build_cast(gen->g, binary(gen, OP_mul, x, like(gen, x, 4)), DT_i32);
    Ref order = build_argsort(gen->g, x, which / 8 % 2);
    vec_add(gen->m->arena, &gen->pool, build_cast(gen->g, order, gen->dtype));
}

/* A result takes the place of the i-th param: some value of its type, often the other state. */
static void replace_state(Gen *gen, int i)
{
    Ref old = gen->pool.at[i], new = 0;
    for (uint32_t k = gen->pool.n; k > 0 && !new; k--) {
        Ref r = gen->pool.at[k - 1];
        if (r != old && type_equal(type_of(gen, r), type_of(gen, old)) && below(gen, 3)) new = r;
    }
    if (!new) new = binary(gen, OP_mul, old, like(gen, old, 0.5));
    build_result(gen->g, new, arena_print(gen->m->arena, "state%d", i), i);
}

Graph *gen_graph(Module *module, uint64_t seed, GenOptions options)
{
    static const char *const names[] = {"A", "B", "C"};
    Gen gen = {.m = module, .d = module->dims, .options = options, .state = seed, .dtype = options.f64 ? DT_f64 : DT_f32};
    gen.g = graph_new(module, arena_print(module->arena, "g%llu", (unsigned long long)seed));
    gen.g->raw = options.raw;
    for (int i = 0; i < 3; i++)
        gen.size[gen.n_sizes++] = options.constant ? number(&gen, 4 + below(&gen, 5)) : dim_symbol(gen.d, symbol_new(gen.d, names[i]));
    gen.size[gen.n_sizes++] = number(&gen, 4);
    gen.size[gen.n_sizes++] = number(&gen, 3);
    gen.size[gen.n_sizes++] = number(&gen, 1);
    add_params(&gen);
    for (int i = 0, n = options.n_nodes ? options.n_nodes : 12; i < n; i++) {
        Ref r = gen_operation(&gen);
        if (!r || type_of(&gen, r)->dtype != gen.dtype || weight(&gen, r) < 0 || weight(&gen, r) > 20000) continue;
        vec_add(module->arena, &gen.pool, r);
    }
    if (options.attends) {
        Ref r = gen_attention(&gen); /* it may add to the pool */
        vec_add(module->arena, &gen.pool, r);
    }
    Ref gated = options.gates ? gen_gated(&gen) : 0;
    if (gated) vec_add(module->arena, &gen.pool, gated);
    if (seed % 4 == 2 && !(options.without & GEN_INDEXED)) add_places(&gen, seed / 4);
    for (uint32_t i = 0; i < 4 && i < gen.pool.n; i++)
        build_result(gen.g, gen.pool.at[gen.pool.n - 1 - i], arena_print(module->arena, "r%u", i), -1);
    for (int i = 0; options.states && options.constant && i < 2; i++)
        replace_state(&gen, i);
    return gen.g;
}

void gen_sizes(const Module *module, uint64_t seed, int64_t *symbols)
{
    uint64_t state = seed ^ 0x5EED;
    symbols[0] = 0;
    for (uint32_t s = 1; s <= symbol_count(module->dims); s++)
        symbols[s] = 4 + (int64_t)(next(&state) % 6);
}

TensorValue *gen_values(Arena *arena, const Graph *g, uint64_t seed, const int64_t *symbols)
{
    uint64_t state = seed ^ 0xF00D;
    TensorValue *values = ARENA_ARRAY(arena, TensorValue, g->param.n + 1);
    for (uint32_t i = 0; i < g->param.n; i++) {
        const GraphParam *p = &g->param.at[i];
        TensorValue v = tensor_value_new(arena, g->module->dims, &p->type, symbols);
        int64_t bound = p->type.dtype == DT_bool ? 2 : p->kind == PARAM_SEED ? 1000000007 : 4;
        if (p->bound && !dim_eval(g->module->dims, p->bound, symbols, &bound)) BUG("a bound cannot be evaluated");
        for (int64_t e = 0; e < v.count; e++) {
            uint64_t bits = next(&state);
            if (v.f) /* odd multiples of 2^-22 */
                v.f[e] = (double)(2 * (int64_t)(bits >> 42) + 1 - ((int64_t)1 << 22)) * 0x1p-22;
            else
                v.i[e] = (int64_t)(bits % (uint64_t)bound);
        }
        values[i] = v;
    }
    return values;
}
