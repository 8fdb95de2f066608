/* SPDX-License-Identifier: MIT
 * scan.c: the pass scan. Scans over the same operands are merged (autodiff makes a second scan that
 * emits what the backward part needs), results that nothing reads are dropped, inner scans are
 * treated, and then the loop is split (loop.h). */
#include "transform/copy.h"
#include "transform/loop.h"
#include "transform/pass.h"

/* Scans of one graph that become one. */
typedef struct Group {
    Graph *body;     /* of all members; results: carries, then ys of the members */
    VEC(Ref) member; /* in index order */
    VEC(uint32_t *) result; /* per member: its results as results of body */
} Group;

typedef struct ScanPass {
    Pass *pass;
    const Graph *from;
    Group **group; /* by node: its group, NULL: no scan */
    bool **read;   /* by node: results that are read */
} ScanPass;

static const Graph *body_of(const Graph *g, Ref scan)
{
    return g->module->graph.at[graph_attr(g, scan, 0)];
}

/* ---- merging -----------------------------------------------------------------------------------
 */

static bool same_operands(const Graph *g, Ref a, Ref b)
{
    const Node *x = graph_node(g, a), *y = graph_node(g, b);
    if (x->n_in != y->n_in) return false;
    for (uint32_t i = 1; i < 4; i++)
        if (graph_attr(g, a, i) != graph_attr(g, b, i)) return false;
    for (uint32_t i = 0; i < x->n_in; i++)
        if (graph_in(g, a, i) != graph_in(g, b, i)) return false;
    return true;
}

/* The index of a result; ys that are equal are shared. */
static uint32_t add_result(Graph *g, Ref r, uint32_t from)
{
    for (uint32_t i = from; i < g->result.n; i++)
        if (g->result.at[i].ref == r) return i;
    build_result(g, r, "", -1);
    return g->result.n - 1;
}

/* All members in one body, or NULL where their carries differ. */
static Graph *merge_bodies(ScanPass *s, const Group *old, Ref scan, Group *group)
{
    const Graph *first = body_of(s->from, scan);
    Arena *a = s->pass->scratch;
    uint32_t n_carries = (uint32_t)graph_attr(s->from, scan, 2);
    Graph *b = graph_new(s->from->module, first->name);
    Ref *param = ARENA_ARRAY(a, Ref, first->param.n + 1);
    for (uint32_t i = 0; i < first->param.n; i++)
        param[i] = copy_param(b, first, i);
    for (uint32_t m = 0; m <= old->member.n; m++) {
        Ref member = m < old->member.n ? old->member.at[m] : scan;
        const Graph *body = body_of(s->from, member);
        Ref *out = ARENA_ARRAY(a, Ref, body->result.n + 1);
        uint32_t *index = ARENA_ARRAY(a, uint32_t, body->result.n + 1);
        build_inline(b, body, param, out);
        for (uint32_t i = 0; i < body->result.n; i++) {
            if (i < n_carries && m == 0) build_result(b, out[i], "", -1);
            if (i < n_carries && b->result.at[i].ref != out[i]) return NULL;
            index[i] = i < n_carries ? i : add_result(b, out[i], n_carries);
        }
        vec_add(a, &group->member, member);
        vec_add(a, &group->result, index);
    }
    return b;
}

static void find_groups(ScanPass *s, const bool *live)
{
    Arena *a = s->pass->scratch;
    const Graph *g = s->from;
    VEC(Group *) all = {0};
    s->group = ARENA_ARRAY(a, Group *, g->node.n + 1);
    s->read = ARENA_ARRAY(a, bool *, g->node.n + 1);
    Group none = {0};
    for (Ref r = 1; r < g->node.n; r++) {
        if (!live[r]) continue;
        if (graph_node(g, r)->op == OP_proj && s->read[graph_in(g, r, 0)]) s->read[graph_in(g, r, 0)][graph_attr(g, r, 0)] = true;
        if (graph_node(g, r)->op != OP_scan) continue;
        s->read[r] = ARENA_ARRAY(a, bool, graph_node(g, r)->n_out + 1);
        for (uint32_t k = 0; k < all.n && !s->group[r]; k++) {
            if (!same_operands(g, all.at[k]->member.at[0], r)) continue;
            Group merged = {0};
            merged.body = merge_bodies(s, all.at[k], r, &merged);
            if (!merged.body) continue;
            *all.at[k] = merged;
            s->group[r] = all.at[k];
        }
        if (s->group[r]) continue;
        Group *one = s->group[r] = ARENA_NEW(a, Group);
        one->body = merge_bodies(s, &none, r, one);
        vec_add(a, &all, one);
    }
}

/* ---- trimming ----------------------------------------------------------------------------------
 */

/* Results that are read, by index into the group's body; carries that matter for them too. */
static bool *find_needed(ScanPass *s, const Group *group, uint32_t n_carries)
{
    Arena *a = s->pass->scratch;
    const Graph *b = group->body;
    bool *needed = ARENA_ARRAY(a, bool, b->result.n + 1), *live = ARENA_ARRAY(a, bool, b->node.n + 1);
    for (uint32_t m = 0; m < group->member.n; m++) {
        Ref scan = group->member.at[m];
        for (uint32_t i = 0; i < graph_node(s->from, scan)->n_out; i++)
            if (s->read[scan][i]) needed[group->result.at[m][i]] = true;
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < b->result.n; i++)
            if (needed[i]) live[b->result.at[i].ref] = true;
        for (Ref r = b->node.n - 1; r > 0; r--)
            for (uint32_t i = 0; live[r] && i < graph_node(b, r)->n_in; i++)
                live[graph_in(b, r, i)] = true;
        for (uint32_t i = 0; i < n_carries; i++) {
            if (needed[i] || !live[b->param.at[i].ref]) continue;
            needed[i] = changed = true;
        }
    }
    return needed;
}

/* The body with the needed results only; a carry that is not needed becomes itself. index: where a
 * result of the group went. */
static Graph *trim(ScanPass *s, const Group *group, const bool *needed, uint32_t n_carries, uint32_t *index)
{
    const Graph *b = group->body;
    Arena *a = s->pass->scratch;
    Graph *t = graph_new(b->module, b->name);
    Ref *param = ARENA_ARRAY(a, Ref, b->param.n + 1), *out = ARENA_ARRAY(a, Ref, b->result.n + 1);
    for (uint32_t i = 0; i < b->param.n; i++)
        param[i] = copy_param(t, b, i);
    build_inline(t, b, param, out);
    for (uint32_t i = 0; i < b->result.n; i++) {
        index[i] = t->result.n;
        if (i < n_carries)
            build_result(t, needed[i] ? out[i] : param[i], "", -1);
        else if (needed[i])
            build_result(t, out[i], "", -1);
    }
    return t;
}

/* ---- the pass ----------------------------------------------------------------------------------
 */

static Graph *scan_graph(Pass *p, const Graph *from);

static void rewrite_group(ScanPass *s, Copy *c, Group *group)
{
    Ref scan = group->member.at[0];
    const Node *node = graph_node(s->from, scan);
    Arena *a = s->pass->scratch;
    uint32_t n_carries = (uint32_t)graph_attr(s->from, scan, 2);
    uint32_t *index = ARENA_ARRAY(a, uint32_t, group->body->result.n + 1);
    bool *needed = find_needed(s, group, n_carries);
    Loop l = {.scratch = a,
              .g = c->to,
              .n = (Dim)graph_attr(s->from, scan, 1),
              .n_carries = n_carries,
              .n_xs = (uint32_t)graph_attr(s->from, scan, 3),
              .n_in = node->n_in,
              .loc = node->loc,
              .flags = node->flags};
    l.body = scan_graph(s->pass, trim(s, group, needed, n_carries, index));
    l.in = copy_operands(c, scan);
    loop_rewrite(&l);
    for (uint32_t m = 0; m < group->member.n; m++) {
        Ref member = group->member.at[m];
        uint32_t n_out = graph_node(s->from, member)->n_out;
        Ref *out = c->outs[member] = ARENA_ARRAY(a, Ref, n_out + 1);
        for (uint32_t i = 0; i < n_out; i++) {
            uint32_t k = group->result.at[m][i];
            if (needed[k]) out[i] = k < n_carries ? l.last[k] : l.ys[index[k] - n_carries];
        }
    }
}

static bool split_scan(Copy *c, Ref r)
{
    ScanPass *s = c->user;
    if (graph_node(c->from, r)->op != OP_scan) return false;
    if (s->group[r]->member.at[0] == r) rewrite_group(s, c, s->group[r]);
    return true;
}

static Graph *scan_graph(Pass *p, const Graph *from)
{
    ScanPass s = {.pass = p, .from = from};
    Copy *c = copy_begin(p->scratch, from, split_scan, &s);
    find_groups(&s, c->live);
    return copy_all(c);
}

Graph *pass_scan(Pass *p, const Graph *g)
{
    return scan_graph(p, g);
}
