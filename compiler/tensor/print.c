/* SPDX-License-Identifier: MIT
 * print.c: graphs as text (docs/ir.md). Tables and symbols come first, bodies of scans and calls
 * before the graphs that use them.
 *
 *   graph @0 fit(%1: f32[B,784] input "x" 0, %2: f32[784,10] weight "net.w" 0) -> (%9 "loss", %20
 * "net.w" = 1) { %8 = dot %1, %2 {0, 1, 1, 0} : f32[B,10]          ; net.nn:12 net
 *   }
 *
 * Attributes are integers, <sizes>, and for constants of float type f<number>. */
#include <inttypes.h>
#include <string.h>

#include "tensor/graph.h"
#include "tensor/text.h"

const char *const param_kind_names[] = {"input", "weight", "state", "sum", "scalar", "option", "step", "seed", "carry", "xs", "const"};

/* Is attribute i of this operation a size? */
bool attr_is_dim(uint8_t op, uint32_t i, uint32_t n)
{
    switch (op) {
    case OP_size:
    case OP_scatter_add: return true;
    case OP_expect: return i == 0;
    case OP_scan: return i == 1;
    case OP_fold: return i == 1;
    case OP_random: return i == 2;
    case OP_slice: return i % 3 != 2;
    case OP_pad: return i + 1 < n && i % 3 != 2;
    case OP_conv: return i >= 6;
    default: return false;
    }
}

static void attribute(const Graph *g, Ref r, uint32_t i, Text *out)
{
    const Node *n = &g->node.at[r];
    int64_t v = graph_attr(g, r, i);
    bool bits = dtype_is_float(graph_type(g, r)->dtype) && (n->op == OP_const || (n->op == OP_pad && i + 1 == n->n_attr));
    if (bits)
        text_add(out, "f%.17g", bits_double(v));
    else if (attr_is_dim(n->op, i, n->n_attr) && v)
        text_add(out, "<%s>", dim_print(g->module->dims, g->arena, (Dim)v));
    else
        text_add(out, "%" PRId64, v);
}

static void node(const Graph *g, Ref r, Text *out)
{
    const Node *n = &g->node.at[r];
    text_add(out, "  %%%u = %s", r, op_names[n->op]);
    for (uint32_t i = 0; i < n->n_in; i++)
        text_add(out, "%s %%%u", i ? "," : "", graph_in(g, r, i));
    if (n->n_attr) {
        text_add(out, " {");
        for (uint32_t i = 0; i < n->n_attr; i++) {
            if (i) text_add(out, ", ");
            attribute(g, r, i, out);
        }
        text_add(out, "}");
    }
    text_add(out, " :");
    for (uint32_t i = 0; i < n->n_out; i++)
        text_add(out, "%s %s", i ? " &" : "", type_text(g->module->dims, g->arena, graph_out_type(g, r, i)));
    const Loc *loc = &g->module->loc.at[n->loc];
    if (n->loc && (loc->file || *loc->path))
        text_add(out, "  ; %s:%u%s%s%s", loc->file ? loc->file : "", loc->line, *loc->path ? " " : "", loc->path,
                 n->flags & NODE_GRAD ? " grad" : "");
    text_add(out, "\n");
}

void graph_print(const Graph *g, Text *out)
{
    text_add(out, "graph @%u %s(", g->id, g->name);
    for (uint32_t i = 0; i < g->param.n; i++) {
        const GraphParam *p = &g->param.at[i];
        text_add(out, "%s%%%u: %s %s \"%s\" %u", i ? ", " : "", p->ref, type_text(g->module->dims, g->arena, &p->type),
                 param_kind_names[p->kind], p->name ? p->name : "", p->slot);
        if (p->bound) text_add(out, " bound <%s>", dim_print(g->module->dims, g->arena, p->bound));
    }
    text_add(out, ") -> (");
    for (uint32_t i = 0; i < g->result.n; i++) {
        const GraphResult *res = &g->result.at[i];
        text_add(out, "%s%%%u \"%s\"", i ? ", " : "", res->ref, res->name ? res->name : "");
        if (res->alias >= 0) text_add(out, " = %d", res->alias);
    }
    text_add(out, ")");
    if (g->vjp >= 0) text_add(out, " grad @%d", g->vjp);
    text_add(out, " {\n");
    bool *live = graph_live(g, g->arena);
    for (Ref r = 1; r < g->node.n; r++)
        if (live[r] && g->node.at[r].op != OP_param) node(g, r, out);
    text_add(out, "}\n");
}

static void print_with_bodies(const Module *m, const Graph *g, bool *done, Text *out)
{
    if (done[g->id]) return;
    done[g->id] = true;
    bool *live = graph_live(g, g->arena);
    for (Ref r = 1; r < g->node.n; r++)
        if (live[r] && (g->node.at[r].op == OP_scan || g->node.at[r].op == OP_call))
            print_with_bodies(m, m->graph.at[graph_attr(g, r, 0)], done, out);
    if (g->vjp >= 0) print_with_bodies(m, m->graph.at[g->vjp], done, out);
    graph_print(g, out);
}

/* Tables have constant extents. */
static void table(const Module *m, const Table *t, uint32_t i, Text *out)
{
    int64_t count = 0;
    text_add(out, "table @%u \"%s\" : %s ", i, t->name ? t->name : "", type_text(m->dims, m->arena, &t->type));
    if (t->quads) text_add(out, "quads %d ", t->quads - 1 - t->joined);
    if (t->joined) text_add(out, "to %d ", t->quads - 1);
    text_add(out, "{");
    if (!dim_is_const(m->dims, type_count(m->dims, &t->type), &count)) BUG("table `%s` has no constant extents", t->name);
    for (int64_t k = 0; k < count; k++)
        text_add(out, "%s%.17g", k ? ", " : "", t->value[k]);
    text_add(out, "}\n");
}

void module_print(const Module *m, const Graph *const *graphs, uint32_t n, Text *out)
{
    bool *done = ARENA_ARRAY(m->arena, bool, m->graph.n + 1);
    for (uint32_t i = 0; i < m->table.n; i++)
        table(m, &m->table.at[i], i, out);
    for (uint32_t i = 0; i < m->symbol.n; i++)
        text_add(out, "symbol @%u \"%s\"\n", i, m->symbol.at[i].name);
    for (uint32_t i = 0; i < n; i++)
        print_with_bodies(m, graphs[i], done, out);
}
