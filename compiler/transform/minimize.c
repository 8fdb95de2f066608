/* SPDX-License-Identifier: MIT
 * minimize.c: the pass autodiff. Every `minimize` becomes gradients and an `update`.
 *
 * A parameter has versions: its param node, then one per update. All versions that a loss uses are
 * leaves, and their contributions are summed. The backward part may read current versions only
 * (E0508); values of the forward part were computed before and are stored. */
#include <string.h>

#include "transform/copy.h"
#include "transform/pass.h"
#include "transform/vjp.h"

typedef struct Version {
    Ref ref;
    uint32_t param;   /* index into graph->param */
    uint32_t replaced; /* loc of the minimize that replaced it, if !current */
    bool current;
} Version;

typedef struct Minimizer {
    Pass *pass;
    VEC(Version) version;
} Minimizer;

static uint32_t param_of(const Minimizer *m, Ref version)
{
    for (uint32_t i = 0; i < m->version.n; i++)
        if (m->version.at[i].ref == version) return m->version.at[i].param;
    BUG("minimize over a value that is no version of a parameter");
}

/* ---- checks ------------------------------------------------------------------------------------
 */

static Span span_of(const Graph *g, uint32_t loc)
{
    return loc < g->module->loc.n ? g->module->loc.at[loc].span : (Span){ 0 };
}

/* Has this been said about this place already (by sema, or for another combination of conditions)?
 */
static bool said(const Diags *d, const char *code, Span at)
{
    for (uint32_t i = 0; i < d->list.n; i++) {
        const Diag *one = d->list.at[i];
        if (strcmp(one->code, code) != 0 || one->span.file != at.file) continue;
        if (one->span.lo < at.hi && at.lo < one->span.hi) return true;
        if (one->span.lo == at.lo) return true;
    }
    return false;
}

static void report_old(Minimizer *m, const Graph *g, uint32_t loc, const Version *old,
                       uint32_t reader)
{
    Diags *d = m->pass->diags;
    Span at = span_of(g, loc);
    if (!d || said(d, "E0508", at)) return;
    uint32_t line = g->module->loc.n > old->replaced ? g->module->loc.at[old->replaced].line : 0;
    Diag *e = diag_error(d, "E0508", at,
                         "the loss was computed with `%s`, which line %u has since updated",
                         g->param.at[old->param].name, line);
    Span used = span_of(g, graph_node(g, reader)->loc);
    if (used.file) diag_trail(e, used, "old parameters used here");
    diag_help(e, "compute the loss again after line %u", line);
}

/* stale[r]: an old version, or a view of one. The version behind it is in which[r]. */
static void find_stale(const Minimizer *m, const Graph *g, bool *stale, uint32_t *which, uint32_t n)
{
    for (uint32_t i = 0; i < m->version.n; i++) {
        if (m->version.at[i].current) continue;
        stale[m->version.at[i].ref] = true;
        which[m->version.at[i].ref] = i;
    }
    for (Ref r = 1; r < n; r++) {
        if (!(op_properties[graph_node(g, r)->op] & VIEW)) continue;
        for (uint32_t i = 0; i < graph_node(g, r)->n_in; i++) {
            Ref in = graph_in(g, r, i);
            if (!stale[in]) continue;
            stale[r] = true;
            which[r] = which[in];
        }
    }
}

typedef struct Backward {
    Ref first; /* nodes from here on were made by this minimize */
    bool *stale;
    uint32_t *which;
    Autodiff ad;
} Backward;

/* E0508: a live node of the backward part reads an old version. */
static void check_backward(Minimizer *m, const Graph *g, const Backward *b, const Ref *grads,
                           uint32_t n, uint32_t loc)
{
    bool *live = ARENA_ARRAY(m->pass->scratch, bool, g->node.n + 1);
    bool *forward = ARENA_ARRAY(m->pass->scratch, bool, g->node.n + 1);
    for (uint32_t i = 0; i < n; i++) live[grads[i]] = true;
    for (uint32_t i = 0; i < b->ad.saving.n; i++) forward[b->ad.saving.at[i]] = true;
    for (Ref r = g->node.n - 1; r >= b->first; r--) {
        if (!live[r] || forward[r]) continue;
        for (uint32_t i = 0; i < graph_node(g, r)->n_in; i++) {
            Ref in = graph_in(g, r, i);
            live[in] = true;
            if (in >= b->first || !b->stale[in]) continue;
            report_old(m, g, loc, &m->version.at[b->which[in]], r);
            return;
        }
    }
}

static void warn_unused(Minimizer *m, const Graph *g, const Ref *grads, const uint32_t *param,
                        uint32_t n, uint32_t loc)
{
    Diags *d = m->pass->diags;
    Span at = span_of(g, loc);
    uint32_t first = n, n_unused = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (grads[i]) continue;
        if (first == n) first = i;
        n_unused++;
    }
    if (!d || !n_unused || said(d, "W0511", at) || said(d, "E0511", at)) return;
    if (n_unused == n) {
        diag_error(d, "E0511", at, "this loss depends on no parameter under `over`");
    } else if (n_unused == 1) {
        diag_warning(d, "W0511", at, "the loss does not depend on %s",
                     g->param.at[param[first]].name);
    } else {
        diag_warning(d, "W0511", at, "the loss does not depend on %s and %u more",
                     g->param.at[param[first]].name, n_unused - 1);
    }
}

/* ---- minimize ----------------------------------------------------------------------------------
 */

/* Gradients by parameter: sums over the versions. grads[i] = 0: the loss does not depend on it. */
static void gradients(Minimizer *m, Graph *g, Backward *b, Ref loss, const uint32_t *param,
                      uint32_t n, Ref *grads)
{
    Arena *a = m->pass->scratch;
    VEC(Ref) wrt = { 0 };
    VEC(uint32_t) owner = { 0 };
    for (uint32_t k = 0; k < m->version.n; k++) {
        for (uint32_t i = 0; i < n; i++) {
            if (m->version.at[k].param != param[i]) continue;
            vec_add(a, &wrt, m->version.at[k].ref);
            vec_add(a, &owner, i);
        }
    }
    Ref *each = ARENA_ARRAY(a, Ref, wrt.n + 1), one = build_const(g, *graph_type(g, loss), 1);
    vjp_sweep(&b->ad, &loss, &one, 1, wrt.at, wrt.n, each);
    for (uint32_t k = 0; k < wrt.n; k++) {
        Ref *sum = &grads[owner.at[k]];
        if (each[k]) *sum = *sum ? build_binary(g, OP_add, *sum, each[k]) : each[k];
    }
}

static void replace_versions(Minimizer *m, Ref update, Graph *g, const uint32_t *param, uint32_t n,
                             uint32_t loc)
{
    for (uint32_t k = 0; k < m->version.n; k++) {
        Version *v = &m->version.at[k];
        for (uint32_t i = 0; i < n; i++) {
            if (v->param != param[i] || !v->current) continue;
            v->current = false;
            v->replaced = loc;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        Version v = { .ref = build_proj(g, update, i), .param = param[i], .current = true };
        vec_add(m->pass->scratch, &m->version, v);
    }
}

static Ref lower_minimize(Minimizer *m, Copy *c, Ref r)
{
    Graph *g = c->to;
    Arena *a = c->scratch;
    const Node *node = graph_node(c->from, r);
    uint32_t n = (uint32_t)graph_attr(c->from, r, 1), loc = node->loc;
    Ref *in = copy_operands(c, r), *grads = ARENA_ARRAY(a, Ref, n + 1);
    uint32_t *param = ARENA_ARRAY(a, uint32_t, n + 1);
    for (uint32_t i = 0; i < n; i++) param[i] = param_of(m, in[1 + i]);
    Backward b = { .first = g->node.n };
    b.stale = ARENA_ARRAY(a, bool, g->node.n + 1);
    b.which = ARENA_ARRAY(a, uint32_t, g->node.n + 1);
    find_stale(m, g, b.stale, b.which, g->node.n);
    b.ad = (Autodiff){ .g = g, .scratch = a, .stale = b.stale, .n_stale = g->node.n };
    g->loc = loc;
    g->flags = NODE_GRAD;
    gradients(m, g, &b, in[0], param, n, grads);
    check_backward(m, g, &b, grads, n, loc);
    warn_unused(m, g, grads, param, n, loc);
    for (uint32_t i = 0; i < n; i++)
        if (!grads[i]) grads[i] = build_const(g, *graph_type(g, in[1 + i]), 0);
    g->flags = 0;
    Ref update = build_update(g, graph_attr(c->from, r, 0), in[0], grads, in + 1, n, in + 1 + n,
                              node->n_in - 1 - n);
    replace_versions(m, update, g, param, n, loc);
    g->loc = 0;
    return update;
}

static bool copy_minimize(Copy *c, Ref r)
{
    if (graph_node(c->from, r)->op != OP_minimize) return false;
    c->map[r] = lower_minimize(c->user, c, r);
    return true;
}

static bool drop_stop(Copy *c, Ref r)
{
    if (graph_node(c->from, r)->op != OP_stop) return false;
    c->map[r] = c->map[graph_in(c->from, r, 0)];
    return true;
}

Graph *pass_autodiff(Pass *p, const Graph *g)
{
    Minimizer m = { .pass = p };
    Copy *c = copy_begin(p->scratch, g, NULL, &m);
    for (uint32_t i = 0; i < c->to->param.n; i++) {
        const GraphParam *param = &c->to->param.at[i];
        if (param->kind != PARAM_WEIGHT) continue;
        Version v = { .ref = param->ref, .param = i, .current = true };
        vec_add(p->scratch, &m.version, v);
    }
    for (Ref r = 1; r < g->node.n; r++)
        if (c->live[r] && !copy_minimize(c, r)) copy_node(c, r);
    copy_results(c);
    return copy_graph(p->scratch, c->to, drop_stop, NULL);
}
