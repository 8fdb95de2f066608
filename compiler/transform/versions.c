/* SPDX-License-Identifier: MIT
 * versions.c: old parameter versions and who reads them. */
#include "transform/versions.h"

#include <string.h>

OldVersions versions_begin(Arena *arena, const Graph *g)
{
    OldVersions v = {.arena = arena, .n = g->node.n};
    v.stale = ARENA_ARRAY(arena, bool, v.n + 1);
    v.which = ARENA_ARRAY(arena, uint32_t, v.n + 1);
    return v;
}

void versions_add(OldVersions *v, Ref ref, uint32_t param, uint32_t replaced)
{
    v->stale[ref] = true;
    v->which[ref] = v->old.n;
    vec_add(v->arena, &v->old, (OldVersion){param, replaced});
}

void versions_spread(OldVersions *v, const Graph *g)
{
    for (Ref r = 1; r < v->n; r++) {
        if (!(op_properties[graph_node(g, r)->op] & VIEW)) continue;
        for (uint32_t i = 0; i < graph_node(g, r)->n_in; i++) {
            Ref in = graph_in(g, r, i);
            if (!v->stale[in]) continue;
            v->stale[r] = true;
            v->which[r] = v->which[in];
        }
    }
}

Span version_span(const Graph *g, uint32_t loc)
{
    return loc < g->module->loc.n ? g->module->loc.at[loc].span : (Span){0};
}

bool version_said(const Diags *d, const char *code, Span at)
{
    for (uint32_t i = 0; i < d->list.n; i++) {
        const Diag *one = d->list.at[i];
        if (strcmp(one->code, code) != 0 || one->span.file != at.file) continue;
        if (one->span.lo < at.hi && at.lo < one->span.hi) return true;
        if (one->span.lo == at.lo) return true;
    }
    return false;
}

static void report_old(Pass *p, const Graph *g, uint32_t loc, const OldVersion *old, Ref reader, const char *what)
{
    Diags *d = p->diags;
    Span at = version_span(g, loc);
    if (!d || version_said(d, "E0508", at)) return;
    uint32_t line = g->module->loc.n > old->replaced ? g->module->loc.at[old->replaced].line : 0;
    Diag *e = diag_error(d, "E0508", at, "%s `%s`, which line %u has since updated", what, g->param.at[old->param].name, line);
    Span used = version_span(g, graph_node(g, reader)->loc);
    if (used.file) diag_trail(e, used, "old parameters used here");
    diag_help(e, "compute the loss again after line %u", line);
}

void versions_check(Pass *p, const OldVersions *v, const Autodiff *ad, Ref first, const Ref *roots, uint32_t n, uint32_t loc,
                    const char *what)
{
    const Graph *g = ad->g;
    bool *live = ARENA_ARRAY(v->arena, bool, g->node.n + 1);
    bool *forward = ARENA_ARRAY(v->arena, bool, g->node.n + 1);
    for (uint32_t i = 0; i < n; i++)
        live[roots[i]] = true;
    for (uint32_t i = 0; i < ad->saving.n; i++)
        forward[ad->saving.at[i]] = true;
    for (Ref r = g->node.n - 1; r >= first; r--) {
        if (!live[r] || forward[r]) continue;
        for (uint32_t i = 0; i < graph_node(g, r)->n_in; i++) {
            Ref in = graph_in(g, r, i);
            live[in] = true;
            if (in >= first || !v->stale[in]) continue;
            report_old(p, g, loc, &v->old.at[v->which[in]], r, what);
            return;
        }
    }
}
