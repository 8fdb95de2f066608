/* SPDX-License-Identifier: MIT
 * graph.c: types, modules, graphs, hash-consing of nodes. */
#include "tensor/graph.h"

#include <string.h>

const char *const op_names[OP_COUNT] = {
#define OP(name, ...) #name,
#include "tensor/ops.def"
#undef OP
};
#define N -1
const int op_arity[OP_COUNT] = {
#define OP(name, operands, ...) operands,
#include "tensor/ops.def"
#undef OP
};
#undef N
const int op_properties[OP_COUNT] = {
#define OP(name, operands, attributes, gradient, properties) (gradient) | (properties),
#include "tensor/ops.def"
#undef OP
};

int dtype_bytes(uint8_t dtype)
{
    static const uint8_t bytes[DT_COUNT] = {[DT_bool] = 1, [DT_i32] = 4, [DT_i64] = 8, [DT_f32] = 4,  [DT_f64] = 8,
                                            [DT_u8] = 1,   [DT_i8] = 1,  [DT_f16] = 2, [DT_bf16] = 2, [DT_wide16] = 4};
    return bytes[dtype];
}

uint8_t dtype_memory(uint8_t dtype)
{
    return dtype == DT_wide16 ? DT_f32 : dtype;
}

const char *dtype_name(uint8_t dtype)
{
    static const char *const names[DT_COUNT] = {
        [DT_bool] = "bool", [DT_i32] = "i32", [DT_i64] = "i64", [DT_f32] = "f32",   [DT_f64] = "f64",
        [DT_u8] = "u8",     [DT_i8] = "i8",   [DT_f16] = "f16", [DT_bf16] = "bf16", [DT_wide16] = "wide16"};
    return names[dtype];
}

bool type_equal(const Type *a, const Type *b)
{
    return a->dtype == b->dtype && a->rank == b->rank && memcmp(a->dim, b->dim, sizeof(Dim) * a->rank) == 0;
}

Dim type_count(Dims *dims, const Type *type)
{
    Dim n = dim_const(dims, 1);
    for (int i = 0; i < type->rank; i++)
        n = dim_mul(dims, n, type->dim[i]);
    return n;
}

static int64_t known_extent(const Dims *dims, const Table *t, int axis)
{
    int64_t n = 0;
    if (!dim_is_const(dims, t->type.dim[axis], &n)) BUG("constant tensor with a run-time size");
    return n;
}

static int64_t words(int64_t n)
{
    return (n + 3) / 4;
}

static int64_t extents(const Dims *dims, const Table *t, int from, int to)
{
    int64_t n = 1;
    for (int i = from; i < to; i++)
        n *= known_extent(dims, t, i);
    return n;
}

int64_t table_words(const Dims *dims, const Table *t)
{
    return words(extents(dims, t, t->quads - 1 - t->joined, t->quads));
}

int64_t table_bytes(const Dims *dims, const Table *t)
{
    if (!t->quads) return extents(dims, t, 0, t->type.rank) * dtype_bytes(t->type.dtype);
    return 4 * extents(dims, t, 0, t->quads - 1 - t->joined) * table_words(dims, t) * extents(dims, t, t->quads, t->type.rank);
}

int64_t table_place(const Dims *dims, const Table *t, int64_t element)
{
    if (!t->quads) return element * dtype_bytes(t->type.dtype);
    int64_t behind = extents(dims, t, t->quads, t->type.rank), n = extents(dims, t, t->quads - 1 - t->joined, t->quads);
    int64_t at = element / behind % n, before = element / behind / n;
    return 4 * ((before * words(n) + at / 4) * behind + element % behind) + at % 4;
}

const char *type_text(const Dims *dims, Arena *arena, const Type *type)
{
    Text t = {.arena = arena};
    text_add(&t, "%s[", dtype_name(type->dtype));
    for (int i = 0; i < type->rank; i++)
        text_add(&t, "%s%s", i ? "," : "", dim_print(dims, arena, type->dim[i]));
    text_add(&t, "]");
    return text_c(&t);
}

Module *module_new(Arena *arena, Dims *dims, Strings *strings)
{
    Module *m = ARENA_NEW(arena, Module);
    m->arena = arena;
    m->dims = dims;
    m->strings = strings;
    vec_add(arena, &m->loc, (Loc){.path = ""});
    return m;
}

Graph *graph_new(Module *module, const char *name)
{
    Graph *g = ARENA_NEW(module->arena, Graph);
    g->module = module;
    g->arena = module->arena;
    g->name = name;
    g->id = module->graph.n;
    g->vjp = -1;
    g->mask = 255;
    g->table = ARENA_ARRAY(g->arena, uint32_t, g->mask + 1);
    vec_add(g->arena, &g->node, (Node){0});
    vec_add(module->arena, &module->graph, g);
    return g;
}

Uses graph_uses(const Graph *g, Arena *arena)
{
    Uses u = {.off = ARENA_ARRAY(arena, uint32_t, g->node.n + 2), .use = ARENA_ARRAY(arena, Ref, g->arg.n + 1)};
    for (Ref r = 1; r < g->node.n; r++)
        for (uint32_t i = 0; i < g->node.at[r].n_in; i++)
            u.off[graph_in(g, r, i) + 1]++;
    for (Ref r = 0; r < g->node.n; r++)
        u.off[r + 1] += u.off[r];
    uint32_t *at = ARENA_ARRAY(arena, uint32_t, g->node.n + 1);
    for (Ref r = 0; r < g->node.n; r++)
        at[r] = u.off[r];
    for (Ref r = 1; r < g->node.n; r++)
        for (uint32_t i = 0; i < g->node.at[r].n_in; i++)
            u.use[at[graph_in(g, r, i)]++] = r;
    return u;
}

static bool *reached(const Graph *g, Arena *arena, const bool *unwanted, bool probes)
{
    bool *live = ARENA_ARRAY(arena, bool, g->node.n + 1);
    for (uint32_t i = 0; i < g->result.n; i++)
        if (!unwanted || !unwanted[i]) live[g->result.at[i].ref] = true;
    for (Ref r = g->node.n; r-- > 1;) {
        if (g->node.at[r].op == OP_param || (probes && g->node.at[r].op == OP_probe)) live[r] = true;
        if (!live[r]) continue;
        for (uint32_t i = 0; i < g->node.at[r].n_in; i++)
            live[graph_in(g, r, i)] = true;
    }
    return live;
}

bool *graph_live(const Graph *g, Arena *arena)
{
    return reached(g, arena, NULL, true);
}

bool *graph_needed(const Graph *g, Arena *arena, const bool *unwanted)
{
    return reached(g, arena, unwanted, false);
}

/* ---- hash-consing ---------------------------------------------------------------------------- */

static uint32_t mix(uint32_t h, uint64_t v)
{
    uint64_t x = (h ^ v) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(x >> 32) ^ (uint32_t)x;
}

static uint32_t hash_of(const NewNode *n)
{
    uint32_t h = n->op;
    for (uint32_t i = 0; i < n->n_in; i++)
        h = mix(h, n->in[i]);
    for (uint32_t i = 0; i < n->n_attr; i++)
        h = mix(h, (uint64_t)n->attr[i]);
    for (uint32_t i = 0; i < n->n_out; i++) {
        h = mix(h, n->type[i].dtype);
        for (int a = 0; a < n->type[i].rank; a++)
            h = mix(h, n->type[i].dim[a]);
    }
    return h;
}

static bool same(const Graph *g, Ref r, const NewNode *n)
{
    const Node *node = &g->node.at[r];
    if (node->op != n->op || node->n_in != n->n_in || node->n_attr != n->n_attr || node->n_out != n->n_out) return false;
    if (n->n_in && memcmp(&g->arg.at[node->in], n->in, sizeof(Ref) * n->n_in)) return false;
    if (n->n_attr && memcmp(&g->attr.at[node->attr], n->attr, sizeof(int64_t) * n->n_attr)) return false;
    for (uint32_t i = 0; i < n->n_out; i++)
        if (!type_equal(graph_out_type(g, r, i), &n->type[i])) return false;
    return true;
}

static void grow_table(Graph *g)
{
    g->mask = 2 * g->mask + 1;
    g->table = ARENA_ARRAY(g->arena, uint32_t, g->mask + 1);
    for (Ref r = 1; r < g->node.n; r++) {
        uint32_t at = g->node.at[r].hash & g->mask;
        while (g->table[at])
            at = (at + 1) & g->mask;
        g->table[at] = r;
    }
}

/* Nodes that happen: two equal ones are two events. */
static bool is_event(uint8_t op)
{
    return op == OP_param || op == OP_extern || op == OP_probe || op == OP_minimize || op == OP_update;
}

static Ref find(const Graph *g, const NewNode *n, uint32_t hash)
{
    if (is_event(n->op)) return 0;
    for (uint32_t at = hash & g->mask; g->table[at]; at = (at + 1) & g->mask)
        if (g->node.at[g->table[at]].hash == hash && same(g, g->table[at], n)) return g->table[at];
    return 0;
}

Ref graph_find_node(const Graph *g, const NewNode *n)
{
    return find(g, n, hash_of(n));
}

Ref graph_add_node(Graph *g, const NewNode *n)
{
    uint32_t hash = hash_of(n);
    Ref equal = find(g, n, hash);
    if (equal) return equal;
    Node node = {.op = n->op,
                 .n_out = n->n_out,
                 .flags = g->flags,
                 .n_in = n->n_in,
                 .in = g->arg.n,
                 .n_attr = n->n_attr,
                 .attr = g->attr.n,
                 .type = g->type.n,
                 .loc = g->loc,
                 .hash = hash};
    for (uint32_t i = 0; i < n->n_in; i++) {
        if (n->in[i] == 0 || n->in[i] >= g->node.n) BUG("%s: operand %u of `%s` is not there", g->name, i, op_names[n->op]);
        vec_add(g->arena, &g->arg, n->in[i]);
    }
    for (uint32_t i = 0; i < n->n_attr; i++)
        vec_add(g->arena, &g->attr, n->attr[i]);
    for (uint32_t i = 0; i < n->n_out; i++)
        vec_add(g->arena, &g->type, n->type[i]);
    vec_add(g->arena, &g->node, node);
    Ref r = g->node.n - 1;
    uint32_t at = hash & g->mask;
    while (g->table[at])
        at = (at + 1) & g->mask;
    g->table[at] = r;
    if (g->node.n > g->mask / 2) grow_table(g);
    return r;
}
