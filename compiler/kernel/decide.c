/* SPDX-License-Identifier: MIT
 * decide.c: which values are kept in a buffer and which are repeated inline in the kernels of their
 * users.
 *
 * Kept: results; contractions, reductions, scatters, concatenations, folds; operands of those that
 * need a buffer; costly or large expressions with several users; costly values, and those of several
 * operations, that vary along fewer axes than their readers; slopes, instead of what they are made of (instead.c). */
#include <string.h>

#include "kernel/build.h"
#include "kernel/instead.h"

typedef struct Cost {
    uint16_t ops; /* operations of the inline expression */
    uint8_t heavy; /* how many of them are costly */
    bool slow;    /* one of those is no function of one operand */
    bool several; /* it reads several values of its own size */
    bool spread;  /* and smaller ones, spread over it */
    Ref read;     /* the one, or the first, of its own size; 0: none */
} Cost;

static bool natural(const Builder *b, Ref r)
{
    switch (b->g->node.at[r].op) {
    case OP_dot:
    case OP_conv:
    case OP_scatter_add:
    case OP_argsort:
    case OP_concat:
    case OP_fold:
    case OP_data: return true;
    case OP_sum:
    case OP_max:
    case OP_argmax: return true;
    default: return false;
    }
}

static bool has_own_home(const Builder *b, Ref r)
{
    uint8_t op = b->g->node.at[r].op;
    return op == OP_param || op == OP_proj || op == OP_scan || op == OP_extern || op == OP_update || op == OP_data;
}

/* What only asserts and prints need in a buffer gets one when they are built (graph.c), and for them alone. */
static void keep_for(Builder *b, Ref user, Ref r)
{
    if (b->needed[user] || !b->needed[r]) b->keep[r] = true;
}

/* The value below views, kept because its user needs a buffer. */
static void keep_base(Builder *b, Ref user, Ref r)
{
    for (;;) {
        uint8_t op = b->g->node.at[r].op;
        bool view = op == OP_permute || op == OP_broadcast || op == OP_slice || op == OP_stop || op == OP_window;
        if (op == OP_reshape && view_reshape_splits(b, r)) view = true;
        if (!view) break;
        r = graph_in(b->g, r, 0);
    }
    if (b->g->node.at[r].op == OP_reshape) { /* merges axes: free if its operand has a buffer of its own */
        Ref from = graph_in(b->g, r, 0);
        if (has_own_home(b, from) || natural(b, from) || b->keep[from]) return;
    }
    if (!has_own_home(b, r)) keep_for(b, user, r);
}

static void keep_operands(Builder *b, Ref r)
{
    const Node *n = graph_node(b->g, r);
    switch (n->op) {
    case OP_dot:
    case OP_conv:
    case OP_scatter_add:
        keep_base(b, r, graph_in(b->g, r, 0));
        keep_base(b, r, graph_in(b->g, r, 1));
        break;
    case OP_argsort: keep_base(b, r, graph_in(b->g, r, 0)); break;
    case OP_take: {
        Ref table = graph_in(b->g, r, 0);
        if (!has_own_home(b, table)) keep_for(b, r, table);
        break;
    }
    case OP_scan:
        for (uint32_t i = (uint32_t)graph_attr(b->g, r, 2); i < n->n_in; i++)
            keep_base(b, r, graph_in(b->g, r, i));
        break;
    case OP_extern:
        for (uint32_t i = 0; i < n->n_in; i++)
            if (!has_own_home(b, graph_in(b->g, r, i))) keep_for(b, r, graph_in(b->g, r, i));
        break;
    case OP_fold: {
        Ref from = graph_in(b->g, r, 0);
        if (b->g->node.at[from].op == OP_fold) keep_for(b, r, from);
        break;
    }
    default: break;
    }
}

static bool is_constant(const Builder *b, Ref r)
{
    while (b->g->node.at[r].op == OP_broadcast || b->g->node.at[r].op == OP_reshape)
        r = graph_in(b->g, r, 0);
    return b->g->node.at[r].op == OP_const;
}

static double elements_of(const Builder *b, Ref r)
{
    const Type *type = graph_type(b->g, r);
    double n = 1;
    int64_t v = 0;
    for (int i = 0; i < type->rank; i++)
        n *= dim_eval(b->dims, type->dim[i], b->sample, &v) ? (double)v : 1;
    return n;
}

enum { OFTEN = 8 };           /* readers of an element that make one more reading of it nothing */
enum { FEW = 4, MANY = 10 }; /* operations that cost as much as a load from a cache; from memory */

static void add_cost(Cost *c, const Cost *in)
{
    c->ops = (uint16_t)(c->ops + in->ops > 1000 ? 1000 : c->ops + in->ops);
    c->heavy = (uint8_t)(c->heavy + in->heavy > 100 ? 100 : c->heavy + in->heavy);
    c->slow |= in->slow;
    c->spread |= in->spread;
    c->several |= in->several || (in->read && c->read && in->read != c->read);
    if (!c->read) c->read = in->read;
}

/* Of the expression that r is if it is not kept. kept: by an earlier round of decisions. */
static Cost cost_of(const Builder *b, const Cost *cost, const bool *kept, Ref r)
{
    const Node *n = graph_node(b->g, r);
    Cost c = {0};
    if (has_own_home(b, r)) return c;
    int properties = op_properties[n->op];
    c.ops = (properties & ELEMENTWISE) ? 1 : 0;
    c.heavy = n->op == OP_random || ((properties & COSTLY) && !(n->op == OP_div && is_constant(b, graph_in(b->g, r, 1))));
    c.slow = c.heavy && n->n_in != 1;
    for (uint32_t i = 0; i < n->n_in; i++) {
        Ref v = graph_in(b->g, r, i);
        Cost loaded = {.read = v}, in = kept[v] || has_own_home(b, v) ? loaded : cost[v];
        if (n->op == OP_broadcast && elements_of(b, r) >= OFTEN * elements_of(b, v))
            in.spread |= in.read != 0, in.read = 0, in.several = false;
        add_cost(&c, &in);
    }
    return c;
}

/* The kept node whose kernel has inline node r; 0 if there are several. */
static Ref common_sink(const Builder *b, Ref r)
{
    Ref sink = 0;
    for (uint32_t i = b->uses.off[r]; i < b->uses.off[r + 1]; i++) {
        Ref u = b->uses.use[i];
        if (!b->needed[u]) continue;
        Ref s = b->keep[u] || has_own_home(b, u) ? u : b->sink[u];
        if (!s || (sink && s != sink)) return 0;
        sink = s;
    }
    return sink;
}

static bool same_shape(const Type *a, const Type *c)
{
    Type x = *a, y = *c;
    x.dtype = y.dtype;
    return type_equal(&x, &y);
}

/* What a value that varies along fewer axes than its readers is to them. */
typedef struct Spread {
    double times;  /* readers that each element has, at the sample */
    bool by_column; /* it varies along the last axis of a reader: loops over rows cannot have it ready */
} Spread;

/* Seen through views from r, which has `elements`. */
static void find_spread(const Builder *b, Ref r, double elements, Spread *s)
{
    for (uint32_t i = b->uses.off[r]; i < b->uses.off[r + 1]; i++) {
        Ref u = b->uses.use[i];
        const Node *n = graph_node(b->g, u);
        if (!b->needed[u] || (n->op != OP_broadcast && n->op != OP_reshape && n->op != OP_permute)) continue;
        double times = elements_of(b, u) / elements;
        const Type *from = graph_type(b->g, r), *to = graph_type(b->g, u);
        if (times > s->times) s->times = times;
        if (n->op == OP_broadcast && n->n_attr && graph_attr(b->g, u, n->n_attr - 1) == to->rank - 1)
            s->by_column |= from->dim[from->rank - 1] == to->dim[to->rank - 1] && !build_dim_is(b, to->dim[to->rank - 1], 1);
        find_spread(b, u, elements, s);
    }
}

/* Is r better computed once, into a buffer that is small beside what its readers touch, than at every point of them? Where
 * it varies along no axis at all, loops have it ready before they begin. */
static bool spreads(const Builder *b, Ref r, Cost c)
{
    Spread s = {0};
    double elements = elements_of(b, r);
    if (elements <= 1 || (!c.heavy && !c.read && c.ops <= FEW)) return false;
    find_spread(b, r, elements, &s);
    return c.heavy ? s.times > 1 : s.times >= OFTEN && s.by_column;
}

static int live_uses(const Builder *b, Ref r)
{
    int n = 0;
    for (uint32_t i = b->uses.off[r]; i < b->uses.off[r + 1]; i++)
        n += b->needed[b->uses.use[i]];
    return n;
}

/* Is r the end of an elementwise chain that alone uses a contraction? Then r may be kept instead of
 * it. */
static bool ends_contraction(const Builder *b, Ref r)
{
    const Graph *g = b->g;
    if (!(op_properties[g->node.at[r].op] & ELEMENTWISE) || b->o->no_fusion) return false;
    for (uint32_t i = 0; i < g->node.at[r].n_in; i++) {
        Ref in = graph_in(g, r, i);
        if (live_uses(b, in) != 1 || !same_shape(graph_type(g, in), graph_type(g, r))) continue;
        if ((op_properties[g->node.at[in].op] & CONTRACT) || (!b->keep[in] && ends_contraction(b, in))) return true;
    }
    return false;
}

/* A mask that becomes a number is kept as the mask. */
static void keep_cheaply(Builder *b, Ref r)
{
    Ref in = b->g->node.at[r].op == OP_cast ? graph_in(b->g, r, 0) : 0;
    bool mask = in && graph_type(b->g, in)->dtype == DT_bool && (op_properties[b->g->node.at[in].op] & ELEMENTWISE);
    b->keep[mask ? in : r] = true;
}

/* Does the expression r, of few operations, have node u on its way to the value that it reads? */
static bool has_inside(const Builder *b, Ref r, Ref read, Ref u)
{
    if (r == u) return true;
    for (uint32_t i = 0; r != read && i < b->g->node.at[r].n_in; i++)
        if (has_inside(b, graph_in(b->g, r, i), read, u)) return true;
    return false;
}

/* A function of one large value, which others read too: that is loaded for them, and one costly operation takes less than to store its
 * result and to load it again from memory. */
static bool read_anyway(const Builder *b, Ref r, Cost c)
{
    enum { LARGE = 1 << 18 }; /* elements that a core's own cache does not keep */
    if (elements_of(b, r) < LARGE || !c.read || c.several || c.spread || c.slow || c.heavy > 1 || c.ops > FEW) return false;
    for (uint32_t i = b->uses.off[c.read]; i < b->uses.off[c.read + 1]; i++)
        if (b->needed[b->uses.use[i]] && !has_inside(b, r, c.read, b->uses.use[i])) return true;
    return false;
}

/* Is it worth a buffer that several readers would find it there? They have to read something either way; if that is as
 * much, operations are cheaper than the buffer's memory until there are many. */
static bool worth_storing(const Builder *b, Ref r, Cost c)
{
    return c.heavy ? !read_anyway(b, r, c) : c.ops > (c.several ? FEW : MANY);
}

/* Backwards, so that the users of a node are settled when we reach it. */
static void settle(Builder *b, const Cost *cost)
{
    for (Ref r = b->g->node.n; r-- > 1;) {
        if (!b->live[r] || b->keep[r] || has_own_home(b, r)) continue;
        Ref sink = common_sink(b, r);
        const Node *n = graph_node(b->g, r);
        bool leaf = (op_properties[n->op] & LEAF) && n->op != OP_random, view = (op_properties[n->op] & VIEW) != 0;
        Cost c = cost[r];
        if (!leaf && !view && !sink && !b->part_of[r] && (worth_storing(b, r, c) || ends_contraction(b, r))) keep_cheaply(b, r);
        if (n->op == OP_take && !sink) b->keep[r] = true;
        b->sink[r] = b->keep[r] ? 0 : sink;
    }
}

bool decide_is_gemm(const Builder *b, Ref r)
{
    const Graph *g = b->g;
    if (g->node.at[r].op == OP_conv) return true;
    if (g->node.at[r].op != OP_dot) return false;
    int nb = (int)graph_attr(g, r, 0), nc = (int)graph_attr(g, r, 1);
    const Type *tb = graph_type(g, graph_in(g, r, 1)), *ta = graph_type(g, graph_in(g, r, 0));
    bool columns = false, sums = false;
    for (int i = 0; i < tb->rank; i++) {
        bool free = true;
        for (int k = 0; k < nb; k++)
            free &= graph_attr(g, r, (uint32_t)(2 + nb + nc + k)) != i;
        for (int k = 0; k < nc; k++)
            free &= graph_attr(g, r, (uint32_t)(2 + 2 * nb + nc + k)) != i;
        columns |= free && !build_dim_is(b, tb->dim[i], 1);
    }
    for (int k = 0; k < nc; k++)
        sums |= !build_dim_is(b, ta->dim[graph_attr(g, r, (uint32_t)(2 + nb + k))], 1);
    return columns && sums;
}

/* All users of d up to `root` are elementwise of its shape. */
static bool only_elementwise(const Builder *b, Ref d, Ref root)
{
    const Type *type = graph_type(b->g, d);
    bool *marked = ARENA_ARRAY(b->arena, bool, root - d + 1); /* from d on */
    marked[0] = true;
    for (Ref r = d; r < root; r++) {
        if (!marked[r - d]) continue;
        for (uint32_t i = b->uses.off[r]; i < b->uses.off[r + 1]; i++) {
            Ref u = b->uses.use[i];
            if (!b->live[u]) continue;
            if (u > root || !(op_properties[b->g->node.at[u].op] & ELEMENTWISE) || !same_shape(type, graph_type(b->g, u))) return false;
            if (u != root && b->keep[u]) return false;
            marked[u - d] = true;
        }
    }
    return true;
}

static Ref end_of_chain(const Builder *b, Ref d)
{
    Ref root = 0;
    for (uint32_t i = b->uses.off[d]; i < b->uses.off[d + 1]; i++) {
        Ref u = b->uses.use[i];
        if (!b->live[u]) continue;
        Ref s = b->keep[u] ? u : b->sink[u];
        if (!s || (root && s != root)) return 0;
        root = s;
    }
    return root;
}

/* Contractions whose only use is an elementwise chain that ends in one kept value take it as their
 * epilogue. */
static void find_epilogues(Builder *b, const bool *pinned)
{
    for (Ref r = b->g->node.n; r-- > 1;) {
        if (!b->live[r] || !b->keep[r] || pinned[r] || !decide_is_gemm(b, r)) continue;
        Ref root = end_of_chain(b, r);
        if (!root || b->acc[root] || !(op_properties[b->g->node.at[root].op] & ELEMENTWISE) || !only_elementwise(b, r, root)) continue;
        b->acc[root] = r;
        b->keep[r] = false;
        b->sink[r] = root;
    }
}

/* What has to be kept whatever it costs. */
static void keep_needed(Builder *b, bool *pinned)
{
    const Graph *g = b->g;
    for (uint32_t i = 0; i < g->result.n; i++) {
        Ref r = g->result.at[i].ref;
        if (b->unwanted[i]) continue;
        pinned[r] = true;
        if (!has_own_home(b, r)) b->keep[r] = true;
    }
    for (Ref r = 1; r < g->node.n; r++) {
        if (!b->live[r]) continue;
        if (natural(b, r)) b->keep[r] = true;
        bool pointwise = !has_own_home(b, r) && !b->part_of[r] && (op_properties[g->node.at[r].op] & ELEMENTWISE);
        if (b->o->no_fusion && pointwise) b->keep[r] = true;
        keep_operands(b, r);
    }
}

/* ---- long expressions: unrolled loops ---- */

/* Weight of one expression; between two nodes that are kept in a longer one. */
enum { MOST_INLINE = 250, PIECE = 120, COSTLY_WEIGHT = 8 };

static uint32_t weight_of(const Builder *b, Ref r)
{
    uint8_t op = b->g->node.at[r].op;
    return (op_properties[op] & COSTLY) || op == OP_random ? COSTLY_WEIGHT : 1;
}

/* Chains of views and of cheap values with several sinks, too, end somewhere. */
static bool cut_depth(Builder *b, uint16_t *depth)
{
    bool changed = false;
    for (Ref r = 1; r < b->g->node.n; r++) {
        depth[r] = 0;
        if (!b->live[r] || b->keep[r] || has_own_home(b, r)) continue;
        for (uint32_t i = 0; i < b->g->node.at[r].n_in; i++) {
            uint16_t below = depth[graph_in(b->g, r, i)];
            if (below >= depth[r]) depth[r] = (uint16_t)(below + 1);
        }
        if (depth[r] < PIECE || b->part_of[r]) continue;
        b->keep[r] = changed = true;
        depth[r] = 0;
    }
    return changed;
}

/* Of a sink with too many inline nodes every so many in the order of the graph is kept. */
static bool cut_size(Builder *b, uint32_t *size, uint32_t *since)
{
    bool changed = false;
    memset(size, 0, sizeof *size * b->g->node.n);
    memset(since, 0, sizeof *since * b->g->node.n);
    for (Ref r = 1; r < b->g->node.n; r++)
        if (b->live[r] && b->sink[r]) size[b->sink[r]] += weight_of(b, r);
    for (Ref r = 1; r < b->g->node.n; r++) {
        Ref sink = b->live[r] ? b->sink[r] : 0;
        if (!sink || size[sink] <= MOST_INLINE) continue;
        since[sink] += weight_of(b, r);
        if (since[sink] < PIECE) continue;
        if (!(op_properties[b->g->node.at[r].op] & ELEMENTWISE) || b->part_of[r]) continue;
        b->keep[r] = changed = true;
        since[sink] = 0;
    }
    return changed;
}

/* The kernel of a kept value has a bounded number of nodes: later stages recurse into it and search it. */
static void settle_again(Builder *b, Cost *cost)
{
    for (Ref r = 1; r < b->g->node.n; r++)
        if (b->live[r]) cost[r] = cost_of(b, cost, b->keep, r);
    settle(b, cost);
}

static void cut_long(Builder *b, Cost *cost)
{
    enum { MOST_ROUNDS = 100 };
    uint32_t n = b->g->node.n;
    uint16_t *depth = ARENA_ARRAY(b->arena, uint16_t, n);
    uint32_t *size = ARENA_ARRAY(b->arena, uint32_t, n), *since = ARENA_ARRAY(b->arena, uint32_t, n);
    for (int round = 0; round < MOST_ROUNDS; round++) {
        bool deep = cut_depth(b, depth);
        if (deep) settle_again(b, cost);
        if (!cut_size(b, size, since) && !deep) return;
        settle_again(b, cost);
    }
}

/* An expression costs what it has above kept values, and what is kept depends on costs: a few
 * rounds, each with the costs that follow from the decisions before. Any set of kept values gives
 * right kernels. */
static void settle_in_rounds(Builder *b, Cost *cost, const bool *needed, bool *before)
{
    uint32_t n = b->g->node.n;
    for (int round = 0; round < 4; round++) {
        memcpy(before, b->keep, sizeof *before * n);
        memcpy(b->keep, needed, sizeof *needed * n);
        for (Ref r = 1; r < n; r++) {
            if (!b->live[r]) continue;
            cost[r] = cost_of(b, cost, before, r);
            bool elementwise = (op_properties[b->g->node.at[r].op] & ELEMENTWISE) && !has_own_home(b, r) && !b->part_of[r];
            if (elementwise && (cost[r].ops > 32 || spreads(b, r, cost[r]))) b->keep[r] = true;
        }
        settle(b, cost);
    }
}

void decide_values(Builder *b)
{
    uint32_t n = b->g->node.n;
    bool *pinned = ARENA_ARRAY(b->arena, bool, n + 1), *needed = ARENA_ARRAY(b->arena, bool, n + 1),
         *before = ARENA_ARRAY(b->arena, bool, n + 1);
    Cost *cost = ARENA_ARRAY(b->arena, Cost, n + 1);
    keep_needed(b, pinned);
    memcpy(needed, b->keep, sizeof *needed * n);
    settle_in_rounds(b, cost, needed, before);
    if (instead_find(b, pinned, needed)) settle_in_rounds(b, cost, needed, before);
    cut_long(b, cost);
    if (!b->o->no_fusion) find_epilogues(b, pinned);
}
