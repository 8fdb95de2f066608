/* SPDX-License-Identifier: MIT
 * minimize.c: the pass autodiff. Every `minimize` becomes gradients and an `update`.
 *
 * All groups of a statement are one `minimize`, and one `update`. A parameter has versions: its param node, then one per update. All versions that a loss uses are
 * leaves, and their contributions are summed. The backward part may read current versions only
 * (E0508); values of the forward part were computed before and are stored. */
#include "transform/copy.h"
#include "transform/pass.h"
#include "transform/versions.h"

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

static OldVersions old_versions(const Minimizer *m, const Graph *g)
{
    OldVersions old = versions_begin(m->pass->scratch, g);
    for (uint32_t i = 0; i < m->version.n; i++) {
        const Version *v = &m->version.at[i];
        if (!v->current) versions_add(&old, v->ref, v->param, v->replaced);
    }
    versions_spread(&old, g);
    return old;
}

typedef struct Backward {
    Ref first; /* nodes from here on were made by this minimize */
    OldVersions old;
    Autodiff ad;
} Backward;

static void warn_unused(Minimizer *m, const Graph *g, const Ref *grads, const uint32_t *param, uint32_t n, uint32_t loc)
{
    Diags *d = m->pass->diags;
    Span at = version_span(g, loc);
    uint32_t first = n, n_unused = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (grads[i]) continue;
        if (first == n) first = i;
        n_unused++;
    }
    if (!d || !n_unused || version_said(d, "W0511", at) || version_said(d, "E0511", at)) return;
    if (n_unused == n) {
        Diag *e = diag_error(d, "E0511", at, "this loss depends on no parameter under `over`");
        if (m->pass->variant) diag_note(e, "so it is where the conditions over `step` and `epoch` have certain values");
        return;
    }
    if (m->pass->variant) return;
    const char *more = n_unused > 2 ? arena_print(d->arena, " and %u other parameters", n_unused - 1) : " and another parameter";
    diag_warning(d, "W0511", at, "the loss does not depend on %s%s", g->param.at[param[first]].name, n_unused > 1 ? more : "");
}

/* ---- minimize ----------------------------------------------------------------------------------
 */

/* Gradients by parameter: sums over the versions. grads[i] = 0: the loss does not depend on it. */
static void gradients(Minimizer *m, Graph *g, Backward *b, Ref loss, const uint32_t *param, uint32_t n, Ref *grads)
{
    Arena *a = m->pass->scratch;
    VEC(Ref) wrt = {0};
    VEC(uint32_t) owner = {0};
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

static void replace_versions(Minimizer *m, Ref update, Graph *g, const uint32_t *param, uint32_t n, uint32_t loc)
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
        Version v = {.ref = build_proj(g, update, i), .param = param[i], .current = true};
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
    for (uint32_t i = 0; i < n; i++)
        param[i] = param_of(m, in[1 + i]);
    Backward b = {.first = g->node.n};
    b.old = old_versions(m, g);
    b.ad = (Autodiff){.g = g, .scratch = a, .stale = b.old.stale, .n_stale = g->node.n};
    g->loc = loc;
    g->flags = NODE_GRAD;
    gradients(m, g, &b, in[0], param, n, grads);
    versions_check(m->pass, &b.old, &b.ad, b.first, grads, n, loc, "the loss was computed with");
    warn_unused(m, g, grads, param, n, loc);
    for (uint32_t i = 0; i < n; i++)
        if (!grads[i]) grads[i] = build_const(g, *graph_type(g, in[1 + i]), 0);
    g->flags = 0;
    Ref update = build_update(g, graph_attr(c->from, r, 0), in[0], grads, in + 1, n, in + 1 + n, node->n_in - 1 - n);
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
    Minimizer m = {.pass = p};
    Copy *c = copy_begin(p->scratch, g, NULL, &m);
    for (uint32_t i = 0; i < c->to->param.n; i++) {
        const GraphParam *param = &c->to->param.at[i];
        if (param->kind != PARAM_WEIGHT) continue;
        Version v = {.ref = param->ref, .param = i, .current = true};
        vec_add(p->scratch, &m.version, v);
    }
    for (Ref r = 1; r < g->node.n; r++)
        if (c->live[r] && !copy_minimize(c, r)) copy_node(c, r);
    copy_results(c);
    return copy_graph(p->scratch, c->to, drop_stop, NULL);
}
