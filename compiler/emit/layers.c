/* SPDX-License-Identifier: MIT
 * layers.c: the layers of the program in its manifest: what they return, their parameters and operations.
 *
 * Operations are counted in the graph of the entry point that calls the layer first, before autodiff; where that is a train, in the
 * evaluation derived from it, if there is something of the model in it. A node belongs to the layer in whose function it was written. */
#include <string.h>

#include "emit/emit.h"

typedef struct Counter {
    const EmitProgram *e;
    Dims *dims;
    const CoreLayerInfo *layer;
    uint32_t n;
    Dim **own; /* by entry: operations of each layer without those inside of it; NULL: not counted yet */
} Counter;

static bool is_around(const char *path, const char *inner)
{
    size_t n = strlen(path);
    return strncmp(path, inner, n) == 0 && (inner[n] == '.' || !inner[n]);
}

/* The innermost layer with a row around a path, or n. */
static uint32_t row_of(const Counter *c, const char *path)
{
    uint32_t best = c->n;
    size_t most = 0;
    for (uint32_t i = 0; path && i < c->n; i++) {
        size_t length = strlen(c->layer[i].path);
        if (length > most && is_around(c->layer[i].path, path)) best = i, most = length;
    }
    return best;
}

static void count_graph(const Counter *c, const Graph *g, Dim times, Dim *own)
{
    const Module *m = g->module;
    const bool *live = graph_live(g, c->e->arena);
    const char *last = NULL;
    uint32_t row = c->n;
    for (Ref r = 1; r < g->node.n; r++) {
        const Node *node = graph_node(g, r);
        if (!live[r]) continue;
        if (node->op == OP_scan || node->op == OP_call) {
            Dim turns = node->op == OP_scan ? dim_mul(c->dims, times, (Dim)graph_attr(g, r, 1)) : times;
            count_graph(c, m->graph.at[graph_attr(g, r, 0)], turns, own);
            continue;
        }
        Dim n = dim_mul(c->dims, times, graph_operations(g, r));
        int64_t constant = -1;
        if (dim_is_const(c->dims, n, &constant) && constant == 0) continue;
        const char *path = m->loc.at[node->loc].path;
        if (path != last) row = row_of(c, path);
        last = path;
        own[row] = dim_add(c->dims, own[row], n);
    }
}

static const Dim *count_entry(Counter *c, uint32_t entry)
{
    if (c->own[entry]) return c->own[entry];
    Dim *own = c->own[entry] = ARENA_ARRAY(c->e->arena, Dim, c->n + 1);
    for (uint32_t i = 0; i <= c->n; i++)
        own[i] = dim_const(c->dims, 0);
    count_graph(c, c->e->lowered->entry.at[entry].written, dim_const(c->dims, 1), own);
    return own;
}

static uint32_t evaluation_of(const CoreProgram *core, uint32_t train)
{
    for (uint32_t i = 0; i < core->entries.n; i++)
        if (core->entries.at[i]->derived_from == (int32_t)train) return i;
    return train;
}

/* The entry point in which a layer is counted: the same for all of a model that one entry calls first. */
static uint32_t counted_in(Counter *c, const CoreLayerInfo *l)
{
    const CoreProgram *core = c->e->core;
    if (core->entries.at[l->entry]->kind != ENTRY_TRAIN) return l->entry;
    uint32_t derived = evaluation_of(core, l->entry);
    size_t root = strcspn(l->path, ".");
    const Dim *own = count_entry(c, derived);
    for (uint32_t i = 0; i < c->n; i++) {
        bool same = strncmp(c->layer[i].path, l->path, root) == 0 && strcspn(c->layer[i].path, ".") == root;
        int64_t n = -1;
        if (same && c->layer[i].entry == l->entry && !(dim_is_const(c->dims, own[i], &n) && n == 0)) return derived;
    }
    return l->entry;
}

/* Elements of the parameters below a layer's path. */
static int64_t parameters_below(const EmitProgram *e, const char *path)
{
    int64_t n = 0;
    size_t length = strlen(path);
    for (uint32_t i = 0; i < e->layout.tensor.n; i++) {
        const LayoutTensor *t = &e->layout.tensor.at[i];
        if (t->is_state || strncmp(t->name, path, length) != 0 || t->name[length] != '.') continue;
        int64_t count = 1;
        for (int a = 0; a < t->type.rank; a++)
            count *= t->extent[a];
        n += count;
    }
    for (uint32_t i = 0; i < e->integers.n; i++) {
        const char *name = e->integers.at[i].tensor->name;
        if (strncmp(name, path, length) == 0 && name[length] == '.') n += e->integers.at[i].elements;
    }
    return n;
}

static const char *results_text(const EmitProgram *e, const CoreLayerInfo *l)
{
    Text t = {.arena = e->arena};
    for (uint32_t i = 0; i < l->outs.n; i++)
        text_add(&t, "%s%s", i ? ", " : l->outs.n > 1 ? "(" : "", emit_type_text(e, &l->outs.at[i], 0));
    text_add(&t, l->outs.n > 1 ? ")" : "");
    return text_c(&t);
}

static Dim results_bytes(const Counter *c, const CoreLayerInfo *l)
{
    Dim sum = dim_const(c->dims, 0);
    for (uint32_t i = 0; i < l->outs.n; i++) {
        Type type = lower_type(&l->outs.at[i], c->e->lowered->float_dtype);
        Dim bytes = dim_mul(c->dims, dim_const(c->dims, dtype_bytes(type.dtype)), type_count(c->dims, &type));
        sum = dim_add(c->dims, sum, bytes);
    }
    return sum;
}

void emit_layers(Json *j, const EmitProgram *e)
{
    const CoreProgram *core = e->core;
    Counter c = {.e = e, .dims = core->dims, .layer = core->layers.at, .n = core->layers.n};
    c.own = ARENA_ARRAY(e->arena, Dim *, core->entries.n + 1);
    json_list(j, "layers");
    for (uint32_t i = 0; i < c.n; i++) {
        const CoreLayerInfo *l = &c.layer[i];
        uint32_t entry = counted_in(&c, l);
        json_item(j);
        json_text(j, "path", l->path);
        json_text(j, "type", l->type);
        json_text(j, "out", results_text(e, l));
        json_int(j, "params", parameters_below(e, l->path));
        json_int(j, "entry", entry);
        emit_size(j, e, "flops", count_entry(&c, entry)[i]);
        emit_size(j, e, "bytes", results_bytes(&c, l));
        json_end(j);
    }
    json_end_list(j);
}
