/* SPDX-License-Identifier: MIT
 * slopes.c: the pass slopes. The derivative of a pointwise function becomes one factor, made where the function is.
 *
 *   y = x * s(x)                                  y = x * s(x);  d = s(x) + x * s'(x)
 *   ...                              ->           ...
 *   gx = g * s(x) + g * x * s'(x)                 gx = g * d
 *
 * Autodiff carries the cotangent g through every step of f, so all that the steps need would have to be there in the backward part.
 * A root (gx) that is linear in one value of that part, its base (g), by steps that only the root uses, is written as a product; the
 * slope then stands in the forward part, and the kernels may keep it instead of what it is made of (kernel/instead.c). This is
 * done where the slope repeats a costly operation of the forward part and is all that the backward part reads of its values, and where
 * neither has a pole; other derivatives stay as they are.
 *
 * Here a value is `near` if it depends on values of the forward part only, pointwise, else `far`. */
#include <math.h>

#include "tensor/graph.h"
#include "transform/copy.h"
#include "transform/pass.h"

enum { MOST_STEPS = 64, MOST_BASES = 8 };

typedef struct RefSet {
    uint32_t n;
    Ref at[MOST_STEPS];
} RefSet;

typedef struct Slopes {
    const Graph *g;
    Arena *arena;
    Uses uses;
    bool *needed, *far, *result; /* needed: not for the sake of asserts and prints only, which change no slope; */
    bool *looked;     /* what those look at, or at what is made of it */
    bool *inside;     /* a step of a slope, or its root */
    Ref *last;        /* the last node of the forward part that a near value is made of */
    Ref *base;        /* by root; 0: no root */
    Ref *slope;       /* by step: in the new graph */
    Ref *first, *next; /* the roots whose slopes can be made once a node is there: the first by this node, then by root */
    Ref there;         /* nodes of the new graph are there up to this one of the old */
} Slopes;

static bool has(const RefSet *set, Ref v)
{
    for (uint32_t i = 0; i < set->n; i++)
        if (set->at[i] == v) return true;
    return false;
}

static void add(RefSet *set, Ref v)
{
    if (!has(set, v) && set->n < MOST_STEPS) set->at[set->n++] = v;
}

static Ref take_last(RefSet *set)
{
    uint32_t last = 0;
    for (uint32_t i = 1; i < set->n; i++)
        if (set->at[i] > set->at[last]) last = i;
    Ref v = set->at[last];
    set->at[last] = set->at[--set->n];
    return v;
}

/* ---- what is far, and how steps lead to it --------------------------------------------------------- */

static bool is_pointwise(const Graph *g, Ref v)
{
    return op_properties[graph_node(g, v)->op] & ELEMENTWISE;
}

static bool is_gradient(const Graph *g, Ref v)
{
    return graph_node(g, v)->flags & NODE_GRAD;
}

static void find_far(Slopes *s)
{
    for (Ref v = 1; v < s->g->node.n; v++) {
        const Node *n = graph_node(s->g, v);
        if (!is_gradient(s->g, v)) s->last[v] = v;
        if (!is_gradient(s->g, v) || op_is_literal(n->op)) continue;
        s->far[v] = !is_pointwise(s->g, v);
        for (uint32_t i = 0; i < n->n_in; i++) {
            Ref in = graph_in(s->g, v, i);
            s->far[v] |= s->far[in];
            if (s->last[in] > s->last[v]) s->last[v] = s->last[in];
        }
    }
}

/* The number of a constant, else NaN. */
static double number_of(const Graph *g, Ref v)
{
    return graph_node(g, v)->op == OP_const ? const_value(g, v) : NAN;
}

/* The far operands of v, in which it is linear; 0 of them: it is not. */
static uint32_t far_operands(const Slopes *s, Ref v, Ref far[2])
{
    const Node *n = graph_node(s->g, v);
    uint32_t n_far = 0;
    bool zeros = true; /* the others */
    if (!s->far[v] || !is_pointwise(s->g, v)) return 0;
    for (uint32_t i = 0; i < n->n_in; i++) {
        Ref in = graph_in(s->g, v, i);
        if (s->far[in] && n_far == 2) return 0;
        if (s->far[in])
            far[n_far++] = in;
        else if (i || n->op != OP_where)
            zeros &= number_of(s->g, in) == 0;
    }
    switch (n->op) {
    case OP_neg: return n_far;
    case OP_add:
    case OP_sub: return n_far == 2 ? 2 : 0;
    case OP_mul: return n_far == 1 ? 1 : 0;
    case OP_div: return n_far == 1 && far[0] == graph_in(s->g, v, 0) ? 1 : 0;
    case OP_where: return zeros && !s->far[graph_in(s->g, v, 0)] ? n_far : 0;
    default: return 0;
    }
}

static bool only_used_in(const Slopes *s, Ref v, const RefSet *steps)
{
    if (s->result[v]) return false;
    for (uint32_t i = s->uses.off[v]; i < s->uses.off[v + 1]; i++)
        if (s->needed[s->uses.use[i]] && !has(steps, s->uses.use[i])) return false;
    return true;
}

/* The values that the root is linear in, each alone, nearest first: all ways down from the root meet there. */
static uint32_t find_bases(const Slopes *s, Ref root, Ref *base)
{
    RefSet steps = {0}, open = {.n = 1, .at = {root}};
    uint32_t n = 0;
    while (open.n && steps.n + 1 < MOST_STEPS && n < MOST_BASES) { /* then open has room */
        Ref v = take_last(&open), far[2];
        if (v != root && !open.n) base[n++] = v;
        if (v != root && !only_used_in(s, v, &steps)) break;
        uint32_t n_far = far_operands(s, v, far);
        if (!n_far) break;
        add(&steps, v);
        for (uint32_t i = 0; i < n_far; i++)
            add(&open, far[i]);
    }
    return n;
}

static void find_steps(const Slopes *s, Ref v, Ref base, RefSet *steps)
{
    Ref far[2];
    if (v == base || has(steps, v)) return;
    add(steps, v);
    uint32_t n_far = far_operands(s, v, far);
    for (uint32_t i = 0; i < n_far; i++)
        find_steps(s, far[i], base, steps);
}

/* ---- which slopes are worth it --------------------------------------------------------------------- */

/* The near values that v is made of, some of them if they are many. */
static void find_near(const Slopes *s, Ref v, RefSet *near)
{
    if (s->far[v] || !is_pointwise(s->g, v) || has(near, v) || near->n == MOST_STEPS) return;
    add(near, v);
    for (uint32_t i = 0; i < graph_node(s->g, v)->n_in; i++)
        find_near(s, graph_in(s->g, v, i), near);
}

static bool is_never_negative(const Graph *g, Ref v)
{
    const Node *n = graph_node(g, v);
    return n->op == OP_exp || n->op == OP_abs || n->op == OP_sigmoid || (n->op == OP_mul && graph_in(g, v, 0) == graph_in(g, v, 1));
}

static bool is_one_at_least(const Graph *g, Ref v)
{
    if (graph_node(g, v)->op != OP_add) return false;
    Ref a = graph_in(g, v, 0), b = graph_in(g, v, 1);
    return (number_of(g, a) >= 1 && is_never_negative(g, b)) || (number_of(g, b) >= 1 && is_never_negative(g, a));
}

/* Does v grow without bounds near a point? Slopes of such functions may be infinite where a cotangent of 0 would have gone through all
 * of their steps. */
static bool has_pole(const Graph *g, Ref v)
{
    const Node *n = graph_node(g, v);
    if (n->op == OP_pow) return !(number_of(g, graph_in(g, v, 1)) >= 0);
    if (n->op != OP_div) return false;
    double divisor = number_of(g, graph_in(g, v, 1));
    return !(fabs(divisor) > 0) && !is_one_at_least(g, graph_in(g, v, 1));
}

static bool is_worth(const Slopes *s, const RefSet *steps)
{
    RefSet near = {0};
    bool repeats = false;
    for (uint32_t k = 0; k < steps->n; k++) {
        if (has_pole(s->g, steps->at[k])) return false;
        for (uint32_t i = 0; i < graph_node(s->g, steps->at[k])->n_in; i++)
            find_near(s, graph_in(s->g, steps->at[k], i), &near);
    }
    for (uint32_t k = 0; k < near.n; k++) {
        Ref v = near.at[k];
        if (has_pole(s->g, v)) return false;
        repeats |= !is_gradient(s->g, v) && (op_properties[graph_node(s->g, v)->op] & COSTLY);
        for (uint32_t i = s->uses.off[v]; i < s->uses.off[v + 1]; i++) {
            Ref u = s->uses.use[i];
            if (s->needed[u] && is_gradient(s->g, u) && !has(steps, u) && !has(&near, u)) return false;
        }
    }
    return repeats;
}

static void set_root(Slopes *s, Ref root, Ref base, const RefSet *steps)
{
    Ref last = 0;
    for (uint32_t k = 0; k < steps->n; k++) {
        s->inside[steps->at[k]] = true;
        for (uint32_t i = 0; i < graph_node(s->g, steps->at[k])->n_in; i++) {
            Ref in = graph_in(s->g, steps->at[k], i);
            if (!s->far[in] && s->last[in] > last) last = s->last[in];
        }
    }
    s->base[root] = base;
    s->next[root] = s->first[last];
    s->first[last] = root;
}

static void find_root(Slopes *s, Ref root)
{
    Ref base[MOST_BASES];
    for (uint32_t n = find_bases(s, root, base); n-- > 0;) {
        RefSet steps = {0};
        find_steps(s, root, base[n], &steps);
        if (!is_worth(s, &steps)) continue;
        set_root(s, root, base[n], &steps);
        return;
    }
}

/* ---- the new graph --------------------------------------------------------------------------------- */

static Ref copy_forward(Copy *c, Ref v, const Ref *in)
{
    Ref made = build_copy(c->to, c->from, v, in);
    c->to->node.at[made].flags &= (uint8_t)~NODE_GRAD;
    return made;
}

/* A near value, ahead of its turn. */
static Ref copy_near(Copy *c, Ref v)
{
    if (c->map[v]) return c->map[v];
    for (uint32_t i = 0; i < graph_node(c->from, v)->n_in; i++)
        copy_near(c, graph_in(c->from, v, i));
    return c->map[v] = copy_forward(c, v, copy_operands(c, v));
}

/* How much v grows with the base of its root. */
static Ref slope_of(Slopes *s, Copy *c, Ref v, Ref base)
{
    if (v == base) return build_const(c->to, *graph_type(c->from, v), 1);
    if (!s->far[v]) return copy_near(c, v);
    if (s->slope[v]) return s->slope[v];
    const Node *n = graph_node(c->from, v);
    Ref in[3] = {0};
    for (uint32_t i = 0; i < n->n_in; i++)
        in[i] = slope_of(s, c, graph_in(c->from, v, i), base);
    return s->slope[v] = copy_forward(c, v, in);
}

static void make_slopes(Slopes *s, Copy *c, Ref last)
{
    for (Ref root = s->first[last]; root; root = s->next[root])
        slope_of(s, c, root, s->base[root]);
}

static bool copy_with_slopes(Copy *c, Ref r)
{
    Slopes *s = c->user;
    if (c->from != s->g) return false; /* the body of a scan */
    for (; s->there < r; s->there++)
        make_slopes(s, c, s->there);
    if (c->map[r]) return true;
    if (!s->base[r]) return s->inside[r] && !s->looked[r];
    c->to->loc = graph_node(c->from, r)->loc;
    c->to->flags = graph_node(c->from, r)->flags;
    c->map[r] = build_binary(c->to, OP_mul, c->map[s->base[r]], s->slope[r]);
    c->to->loc = 0;
    c->to->flags = 0;
    return true;
}

static void find_looked(Slopes *s)
{
    bool *live = graph_live(s->g, s->arena);
    s->looked = ARENA_ARRAY(s->arena, bool, s->g->node.n + 1);
    for (Ref v = s->g->node.n; v-- > 1;)
        for (uint32_t i = s->uses.off[v]; i < s->uses.off[v + 1]; i++) {
            Ref u = s->uses.use[i];
            s->looked[v] |= live[u] && (!s->needed[u] || s->looked[u]);
        }
}

Graph *pass_slopes(Pass *p, const Graph *g)
{
    uint32_t n = g->node.n + 1;
    Slopes s = {.g = g, .arena = p->scratch, .uses = graph_uses(g, p->scratch), .needed = graph_needed(g, p->scratch, NULL)};
    s.far = ARENA_ARRAY(s.arena, bool, n);
    s.result = ARENA_ARRAY(s.arena, bool, n);
    s.inside = ARENA_ARRAY(s.arena, bool, n);
    s.last = ARENA_ARRAY(s.arena, Ref, n);
    s.base = ARENA_ARRAY(s.arena, Ref, n);
    s.slope = ARENA_ARRAY(s.arena, Ref, n);
    s.first = ARENA_ARRAY(s.arena, Ref, n);
    s.next = ARENA_ARRAY(s.arena, Ref, n);
    for (uint32_t i = 0; i < g->result.n; i++)
        s.result[g->result.at[i].ref] = true;
    find_far(&s);
    find_looked(&s);
    for (Ref r = g->node.n; r-- > 1;)
        if (s.needed[r] && !s.inside[r]) find_root(&s, r);
    return copy_graph(p->scratch, g, copy_with_slopes, &s);
}
