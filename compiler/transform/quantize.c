/* SPDX-License-Identifier: MIT
 * quantize.c: contractions with weights become contractions of bytes (see quantize.h). */
#include "transform/quantize.h"

#include <math.h>
#include <string.h>

#include "tensor/graph.h"
#include "transform/copy.h"

enum { LEAST_TERMS = 8, MOST_TERMS = 65536 /* of which no sum overflows: 65536 * 255 * 127 < 2^31 */ };

typedef struct Site { /* a contraction */
    const char *name; /* of a weight; NULL: it stays as it is */
    int w;            /* which operand has the weights */
} Site;

typedef struct Fixed { /* what depends on weights, states and constants alone */
    bool is;
    const char *name; /* of a weight in it */
} Fixed;

/* ---- which ------------------------------------------------------------------------------------------------------ */

static Fixed fixed_of(const Graph *g, Ref r, const Fixed *known)
{
    const Node *n = graph_node(g, r);
    if (n->op == OP_param) {
        const GraphParam *p = &g->param.at[graph_attr(g, r, 0)];
        bool weight = p->kind == PARAM_WEIGHT;
        return (Fixed){weight || p->kind == PARAM_STATE, weight ? p->name : NULL};
    }
    if (op_is_literal(n->op)) return (Fixed){true, NULL};
    if (!(op_properties[n->op] & (ELEMENTWISE | VIEW | REDUCE | CONTRACT | INDEXED))) return (Fixed){0};
    Fixed f = {true, NULL};
    for (uint32_t i = 0; i < n->n_in; i++) {
        f.is &= known[graph_in(g, r, i)].is;
        if (!f.name) f.name = known[graph_in(g, r, i)].name;
    }
    return f;
}

static bool extent(const Graph *g, Dim dim, int64_t *n)
{
    return dim_is_const(g->module->dims, dim, n);
}

/* Are all extents of the weights known, and columns and terms enough? */
static bool worth(const Graph *g, Dim columns, int64_t terms)
{
    int64_t n = 0;
    return extent(g, columns, &n) && n > 1 && terms >= LEAST_TERMS && terms <= MOST_TERMS;
}

typedef struct DotSides {
    int n;                                /* axes of the sum */
    int x[MAX_RANK], w[MAX_RANK];         /* those of each operand, by rising x: the last one is x's last */
    int columns[MAX_RANK], n_columns;     /* the other axes of w */
} DotSides;

static void sort_pairs(DotSides *d)
{
    for (int i = 1; i < d->n; i++)
        for (int k = i; k > 0 && d->x[k] < d->x[k - 1]; k--) {
            int x = d->x[k], w = d->w[k];
            d->x[k] = d->x[k - 1], d->w[k] = d->w[k - 1];
            d->x[k - 1] = x, d->w[k - 1] = w;
        }
}

static DotSides dot_sides(const Graph *g, Ref r, int w)
{
    DotSides d = {.n = (int)graph_attr(g, r, 1)};
    const Type *weights = graph_type(g, graph_in(g, r, (uint32_t)w));
    for (int i = 0; i < d.n; i++) {
        int first = (int)graph_attr(g, r, (uint32_t)(2 + i)), second = (int)graph_attr(g, r, (uint32_t)(2 + d.n + i));
        d.x[i] = w ? first : second;
        d.w[i] = w ? second : first;
    }
    sort_pairs(&d);
    for (int a = 0; a < weights->rank; a++)
        if (!axes_have(d.w, d.n, a)) d.columns[d.n_columns++] = a;
    return d;
}

static bool dot_fits(const Graph *g, Ref r, int w)
{
    if (graph_attr(g, r, 0) != 0) return false; /* batch axes */
    DotSides d = dot_sides(g, r, w);
    const Type *x = graph_type(g, graph_in(g, r, (uint32_t)!w)), *weights = graph_type(g, graph_in(g, r, (uint32_t)w));
    int64_t terms = 1, n = 0;
    for (int a = 0; a < weights->rank; a++)
        if (!extent(g, weights->dim[a], &n)) return false;
    for (int i = 0; i < d.n; i++) {
        extent(g, weights->dim[d.w[i]], &n);
        terms *= n;
    }
    if (d.n == 0 || d.n_columns == 0 || d.x[d.n - 1] != x->rank - 1) return false;
    return worth(g, weights->dim[d.columns[d.n_columns - 1]], terms);
}

static bool conv_fits(const Graph *g, Ref r, int w)
{
    Conv c = conv_get(g, r);
    const Type *weights = graph_type(g, graph_in(g, r, 1));
    int64_t n[4], k = 1;
    if (c.mode != 0 || c.groups != 1 || w != 1) return false;
    for (int a = 0; a < 4; a++)
        if (!extent(g, weights->dim[a], &n[a])) return false;
    for (int a = 0; a < 3; a++)
        k *= n[a];
    bool beside = n[2] > 1 || (n[1] > 1 && c.dil[1] == 1);
    return beside && worth(g, weights->dim[3], k);
}

static Fixed *fixed_values(Arena *arena, const Graph *g)
{
    Fixed *fixed = ARENA_ARRAY(arena, Fixed, g->node.n + 1);
    for (Ref r = 1; r < g->node.n; r++)
        fixed[r] = fixed_of(g, r, fixed);
    return fixed;
}

/* A contraction with weights; what it is multiplied with changes from call to call. */
static Site contraction(const Graph *g, Ref r, const Fixed *fixed)
{
    uint8_t op = graph_node(g, r)->op;
    if ((op != OP_dot && op != OP_conv) || fixed[r].is || graph_type(g, r)->dtype != DT_f32) return (Site){0};
    int w = fixed[graph_in(g, r, 1)].is;
    Fixed weights = fixed[graph_in(g, r, (uint32_t)w)];
    return weights.is ? (Site){weights.name, w} : (Site){0};
}

static bool fits(const Graph *g, Ref r, int w)
{
    return graph_node(g, r)->op == OP_dot ? dot_fits(g, r, w) : conv_fits(g, r, w);
}

static Site *find_sites(Arena *arena, const Graph *g)
{
    const Fixed *fixed = fixed_values(arena, g);
    Site *site = ARENA_ARRAY(arena, Site, g->node.n + 1);
    bool *live = graph_live(g, arena);
    for (Ref r = 1; r < g->node.n; r++) {
        Site found = contraction(g, r, fixed);
        if (live[r] && found.name && fits(g, r, found.w)) site[r] = found;
    }
    return site;
}

/* ---- which not -------------------------------------------------------------------------------------------------- */

static const char *why_not(const Graph *g, Ref r)
{
    if (graph_node(g, r)->op == OP_dot) return graph_attr(g, r, 0) ? "one for each row" : "few terms or columns";
    Conv c = conv_get(g, r);
    return c.groups != 1 ? "groups" : c.mode ? "transposed" : "few terms or columns";
}

static void add_float(Arena *arena, QuantizeFloats *floats, const char *name, const char *why)
{
    for (uint32_t i = 0; i < floats->n; i++)
        if (strcmp(floats->at[i].name, name) == 0) return;
    vec_add(arena, floats, ((QuantizeFloat){name, why}));
}

void quantize_add_floats(Arena *arena, const Graph *g, QuantizeFloats *floats)
{
    const Fixed *fixed = fixed_values(arena, g);
    const bool *live = graph_live(g, arena);
    for (Ref r = 1; r < g->node.n; r++) {
        const Node *n = graph_node(g, r);
        Site found = contraction(g, r, fixed);
        if (live[r] && found.name && !fits(g, r, found.w)) add_float(arena, floats, found.name, why_not(g, r));
        for (uint32_t i = 0; live[r] && n->op == OP_scan && i < n->n_in; i++) {
            Fixed in = fixed[graph_in(g, r, i)];
            if (in.is && in.name && graph_type(g, graph_in(g, r, i))->rank > 1) add_float(arena, floats, in.name, "inside of a scan");
        }
    }
}

/* ---- ranges ----------------------------------------------------------------------------------------------------- */

const QuantizeRange *quantize_find(const QuantizeRanges *ranges, const char *name)
{
    for (uint32_t i = 0; i < ranges->n; i++)
        if (strcmp(ranges->at[i].name, name) == 0) return &ranges->at[i];
    return NULL;
}

void quantize_add_names(Arena *arena, const Graph *g, QuantizeRanges *ranges)
{
    const Site *site = find_sites(arena, g);
    for (Ref r = 1; r < g->node.n; r++)
        if (site[r].name && !quantize_find(ranges, site[r].name)) vec_add(arena, ranges, ((QuantizeRange){.name = site[r].name}));
}

static Ref maximum_of_all(Graph *g, Ref x)
{
    int axes[MAX_RANK];
    int rank = graph_type(g, x)->rank;
    for (int i = 0; i < rank; i++)
        axes[i] = i;
    return build_cast(g, build_reduce(g, OP_max, x, axes, rank), DT_f64);
}

Graph *quantize_observe(Arena *scratch, const Graph *from, const QuantizeRanges *ranges, uint32_t first)
{
    const Site *site = find_sites(scratch, from);
    Copy *copy = copy_begin(scratch, from, NULL, NULL);
    Graph *g = copy_all(copy);
    for (uint32_t i = 0; i < ranges->n; i++) {
        Ref most[2] = {0};
        for (Ref r = 1; r < from->node.n; r++) {
            if (!site[r].name || strcmp(site[r].name, ranges->at[i].name) != 0) continue;
            Ref x = copy->map[graph_in(from, r, (uint32_t)!site[r].w)];
            for (int side = 0; side < 2; side++) {
                Ref m = maximum_of_all(g, side ? build_unary(g, OP_neg, x) : x);
                most[side] = most[side] ? build_binary(g, OP_maximum, most[side], m) : m;
            }
        }
        for (int side = 0; side < 2 && most[side]; side++) {
            Ref sum = build_param(g, PARAM_SUM, ranges->at[i].name, (Type){.dtype = DT_f64}, first + 2 * i + (uint32_t)side);
            build_result(g, build_binary(g, OP_maximum, sum, most[side]), ranges->at[i].name, (int32_t)g->param.n - 1);
        }
    }
    return g;
}

/* ---- weights ---------------------------------------------------------------------------------------------------- */

typedef struct Quantizer {
    const Graph *from;
    const Site *site;
    const QuantizeRanges *ranges;
    QuantizeValues *values;
    void *user;
} Quantizer;

/* Of node r, which depends on weights, states and constants alone: a graph of its own is evaluated. */
static const double *evaluate(const Quantizer *q, Arena *scratch, Ref r)
{
    const Graph *from = q->from;
    bool *need = ARENA_ARRAY(scratch, bool, from->node.n + 1);
    need[r] = true;
    for (Ref i = r; i > 0; i--)
        for (uint32_t k = 0; need[i] && k < graph_node(from, i)->n_in; k++)
            need[graph_in(from, i, k)] = true;
    Copy *copy = copy_begin(scratch, from, NULL, NULL);
    for (Ref i = 1; i <= r; i++)
        if (need[i]) copy_node(copy, i);
    build_result(copy->to, copy->map[r], "w", -1);
    TensorValue *param = ARENA_ARRAY(scratch, TensorValue, from->param.n + 1), out = {0};
    for (uint32_t i = 0; i < from->param.n; i++) {
        const GraphParam *p = &from->param.at[i];
        if (!need[p->ref]) continue;
        param[i] = tensor_value_new(scratch, from->module->dims, &p->type, NULL);
        memcpy(param[i].f, q->values(q->user, p), sizeof(double) * (size_t)param[i].count);
    }
    InterpretHooks hooks = {0};
    const char *wrong = graph_interpret(copy->to, NULL, param, &out, &hooks, scratch);
    if (wrong) BUG("weights cannot be computed: %s", wrong);
    return out.f;
}

typedef struct Bytes { /* weights [terms][columns] */
    int64_t terms, columns;
    double *v;     /* whole numbers, -127 .. 127 */
    double *scale; /* of each column */
} Bytes;

/* w[t * columns + j], in the order of the table. */
static Bytes bytes_of(Arena *arena, const double *w, int64_t terms, int64_t columns)
{
    Bytes b = {terms, columns, ARENA_ARRAY(arena, double, terms *columns + 1), ARENA_ARRAY(arena, double, columns + 1)};
    for (int64_t j = 0; j < columns; j++) {
        double most = 0;
        for (int64_t t = 0; t < terms; t++)
            most = fmax(most, fabs(w[t * columns + j]));
        b.scale[j] = most > 0 ? most / 127 : 1;
        for (int64_t t = 0; t < terms; t++)
            b.v[t * columns + j] = nearbyint(w[t * columns + j] / b.scale[j]);
    }
    return b;
}

static bool same_table(const Module *m, const Table *a, const Table *b)
{
    int64_t n = 0;
    if (!type_equal(&a->type, &b->type) || a->quads != b->quads || a->joined != b->joined) return false;
    dim_is_const(m->dims, type_count(m->dims, &a->type), &n);
    return memcmp(a->value, b->value, sizeof *a->value * (size_t)n) == 0;
}

/* The entries of a program share them. */
static Ref add_table(Graph *g, const Table *t)
{
    Module *m = g->module;
    for (uint32_t i = 0; i < m->table.n; i++)
        if (same_table(m, &m->table.at[i], t)) return build_data(g, i);
    vec_add(m->arena, &m->table, *t);
    return build_data(g, m->table.n - 1);
}

/* The elements of w with its axes in another order. */
static double *in_order(Arena *arena, const Graph *g, const Type *type, const double *w, const int *order)
{
    int64_t stride[MAX_RANK] = {0}, n[MAX_RANK] = {0}, count = 1;
    for (int a = type->rank - 1; a >= 0; a--) {
        extent(g, type->dim[a], &n[a]);
        stride[a] = count;
        count *= n[a];
    }
    double *out = ARENA_ARRAY(arena, double, count + 1);
    for (int64_t e = 0; e < count; e++) {
        int64_t at = 0, rest = e;
        for (int i = type->rank - 1; i >= 0; i--) {
            at += rest % n[order[i]] * stride[order[i]];
            rest /= n[order[i]];
        }
        out[e] = w[at];
    }
    return out;
}

/* ---- the integers ----------------------------------------------------------------------------------------------- */

/* Bytes of x, and what one is worth. Without numbers below 0 there is a bit more for the others. */
static Ref bytes_of_x(Graph *g, Ref x, const QuantizeRange *range, double *unit)
{
    bool is_signed = range->lo < 0;
    double most = is_signed ? fmax(-range->lo, range->hi) / 127 : range->hi / 255;
    *unit = most > 0 ? most : 1;
    Ref scaled = build_binary(g, OP_mul, x, build_like(g, x, (float)(1 / *unit)));
    return build_cast(g, build_unary(g, OP_round, scaled), is_signed ? DT_i8 : DT_u8);
}

/* sums * scale of their column, the last axes. */
static Ref scaled_sums(Graph *g, Ref sums, const Bytes *b, double unit, const Type *columns, const char *name)
{
    double *scale = ARENA_ARRAY(g->module->arena, double, b->columns + 1);
    int axes[MAX_RANK];
    for (int64_t j = 0; j < b->columns; j++)
        scale[j] = (float)(b->scale[j] * unit);
    Type type = *graph_type(g, sums);
    type.dtype = DT_f32;
    for (int i = 0; i < columns->rank; i++)
        axes[i] = type.rank - columns->rank + i;
    Ref table = add_table(g, &(Table){.type = *columns, .value = scale, .name = name});
    return build_binary(g, OP_mul, build_cast(g, sums, DT_f32), build_broadcast(g, table, type, axes));
}

static int64_t product(const Graph *g, const Type *type, int from, int to)
{
    int64_t n = 1, e = 1;
    for (int i = from; i < to; i++)
        if (extent(g, type->dim[i], &e)) n *= e;
    return n;
}

static Ref quantized_dot(const Quantizer *q, Copy *c, Ref r, const QuantizeRange *range, const double *w)
{
    Graph *g = c->to;
    int which = q->site[r].w, order[MAX_RANK], axes[MAX_RANK];
    DotSides d = dot_sides(c->from, r, which);
    const Type *weights = graph_type(c->from, graph_in(c->from, r, (uint32_t)which));
    Type table = {.dtype = DT_i8, .rank = weights->rank}, columns = {.dtype = DT_f32, .rank = (uint8_t)d.n_columns};
    for (int i = 0; i < weights->rank; i++) {
        order[i] = i < d.n ? d.w[i] : d.columns[i - d.n];
        table.dim[i] = weights->dim[order[i]];
        if (i >= d.n) columns.dim[i - d.n] = table.dim[i];
        axes[i] = i;
    }
    const double *sorted = in_order(g->module->arena, c->from, weights, w, order);
    Bytes b = bytes_of(g->module->arena, sorted, product(g, &table, 0, d.n), product(g, &table, d.n, table.rank));
    double unit;
    Ref x = bytes_of_x(g, c->map[graph_in(c->from, r, (uint32_t)!which)], range, &unit);
    Ref v = add_table(g, &(Table){.type = table, .value = b.v, .name = range->name, .quads = d.n});
    Ref y = scaled_sums(g, build_dot(g, x, v, 0, NULL, NULL, d.n, d.x, axes), &b, unit, &columns, range->name);
    if (which == 1) return y;
    int perm[MAX_RANK], rank = graph_type(g, y)->rank; /* the columns come first */
    for (int i = 0; i < rank; i++)
        perm[i] = i < d.n_columns ? rank - d.n_columns + i : i - d.n_columns;
    return build_permute(g, y, perm);
}

/* Do the channels of a tap follow those of the one before? Rows of a multiple of 256 bytes are farther apart (home_spaced). */
static int follows(const Graph *g, const Type *weights, const Conv *conv)
{
    int64_t taps = product(g, weights, 1, 2), channels = product(g, weights, 2, 3);
    return taps > 1 && conv->dil[1] == 1 && channels % 256 != 0;
}

static Ref quantized_conv(Copy *c, Ref r, const QuantizeRange *range, const double *w)
{
    Graph *g = c->to;
    Conv conv = conv_get(c->from, r);
    Type table = *graph_type(c->from, graph_in(c->from, r, 1)), columns = {.dtype = DT_f32, .rank = 1, .dim = {table.dim[3]}};
    table.dtype = DT_i8;
    Bytes b = bytes_of(g->module->arena, w, product(g, &table, 0, 3), product(g, &table, 3, 4));
    double unit;
    Ref x = bytes_of_x(g, c->map[graph_in(c->from, r, 0)], range, &unit);
    Ref v = add_table(g, &(Table){.type = table, .value = b.v, .name = range->name, .quads = 3, .joined = follows(g, &table, &conv)});
    return scaled_sums(g, build_conv(g, x, v, &conv), &b, unit, &columns, range->name);
}

static bool quantize_node(Copy *c, Ref r)
{
    const Quantizer *q = c->user;
    if (c->from != q->from || !q->site[r].name) return false;
    const QuantizeRange *range = quantize_find(q->ranges, q->site[r].name);
    if (!range) return false;
    const double *w = evaluate(q, c->scratch, graph_in(c->from, r, (uint32_t)q->site[r].w));
    bool dot = graph_node(c->from, r)->op == OP_dot;
    c->to->loc = graph_node(c->from, r)->loc;
    c->map[r] = dot ? quantized_dot(q, c, r, range, w) : quantized_conv(c, r, range, w);
    c->to->loc = 0;
    return true;
}

Graph *quantize_graph(Arena *scratch, const Graph *g, const QuantizeRanges *ranges, QuantizeValues *values, void *user)
{
    Quantizer q = {g, find_sites(scratch, g), ranges, values, user};
    return copy_graph(scratch, copy_graph(scratch, g, quantize_node, &q), NULL, NULL);
}
