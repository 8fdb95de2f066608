/* SPDX-License-Identifier: MIT
 * graph.c: an entry point as a picture: layers, functions, operations, and which result reaches which argument.
 *
 * The manifest has a flow for every kind of box (docs/manifest.md). Here they are opened into each other, so that a layer that is called
 * twice is there twice; an edge then goes from the node that makes a value to the one that reads it, through the ports of the boxes between. */
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "model/manifest.h"

typedef struct Box Box;
struct Box {
    const Json *flow;
    Box *up;           /* NULL: the entry point */
    int node;          /* in the flow of up */
    const char *path;  /* of the layer it is inside of */
    int number, ports, back;
    Box **inner;       /* by node of the flow, or NULL */
    int *id;           /* by node: that of one without an inner box */
};

typedef struct Node {
    const char *name, *type, *kind;
    int box, call, calls; /* the call-th of so many calls of this layer */
} Node;

typedef struct Edge {
    int from, to;
    bool next; /* it is read in the next step of a scan */
    char shape[256];
} Edge;

typedef struct Block { /* of memory */
    struct Block *before;
} Block;

typedef struct Graph {
    Cli *cli;
    int entry, depth; /* depth: so many boxes inside of each other */
    Node *node;
    Edge *edge;
    Box **box;
    int n_nodes, n_edges, n_boxes, node_room, edge_room, box_room;
    Block *blocks;
    bool no_memory;
} Graph;

static void *take(Graph *g, size_t size)
{
    Block *b = calloc(1, sizeof *b + size);
    if (!b) {
        g->no_memory = true;
        return NULL;
    }
    b->before = g->blocks;
    g->blocks = b;
    return b + 1;
}

static void *grow(Graph *g, void *list, int n, int *room, size_t size)
{
    if (n < *room) return list;
    void *more = realloc(list, size * (size_t)(2 * n + 16));
    if (!more) {
        g->no_memory = true;
        return list;
    }
    *room = 2 * n + 16;
    return more;
}

/* ---- boxes and nodes ---------------------------------------------------------------------------- */

static const char *text_of(const Json *node, int i)
{
    return json_at(node, i)->text;
}

static bool is_layer(const char *type)
{
    return *type && strcmp(type, "()") != 0 && strcmp(type, "=") != 0 && strcmp(type, "scan") != 0;
}

static const char *full_name(Graph *g, const Box *box, const Json *node)
{
    const char *name = text_of(node, 0);
    if (!is_layer(text_of(node, 1)) || !*box->path) return name;
    if (*name == '/') return name + 1;
    size_t size = strlen(box->path) + strlen(name) + 2;
    char *full = take(g, size);
    if (full) snprintf(full, size, "%s.%s", box->path, name);
    return full ? full : "";
}

static int add_node(Graph *g, const char *name, const char *type, const char *kind, int box)
{
    g->node = grow(g, g->node, g->n_nodes, &g->node_room, sizeof *g->node);
    if (g->no_memory) return 0;
    g->node[g->n_nodes] = (Node){.name = name, .type = type, .kind = kind, .box = box};
    return g->n_nodes++;
}

static const char *kind_of(const char *type)
{
    return is_layer(type) ? "layer" : !strcmp(type, "()") ? "function" : !strcmp(type, "=") ? "output" : "operation";
}

static Box *open_box(Graph *g, int flow, Box *up, int number, const char *path, int depth)
{
    Box *b = take(g, sizeof *b);
    const Json *json = json_at(json_get(g->cli->m->manifest, "flows"), flow), *nodes = json_get(json, "nodes");
    g->box = grow(g, g->box, g->n_boxes, &g->box_room, sizeof(Box *));
    if (g->no_memory) return NULL;
    *b = (Box){.flow = json, .up = up, .node = number, .path = path, .number = g->n_boxes};
    g->box[g->n_boxes++] = b;
    b->ports = (int)json_int(json, "ports", 0), b->back = (int)json_int(json, "back", 0);
    b->inner = take(g, sizeof(Box *) * (size_t)nodes->n + 1);
    b->id = take(g, sizeof(int) * (size_t)nodes->n + 1);
    int i = 0;
    for (const Json *n = json_first(nodes); n && !g->no_memory; n = n->next, i++) {
        int inner = (int)json_at(n, 2)->integer;
        const char *type = text_of(n, 1), *name = full_name(g, b, n);
        if (inner >= 0 && depth > 0)
            b->inner[i] = open_box(g, inner, b, i, is_layer(type) ? name : path, depth - 1);
        else
            b->id[i] = add_node(g, *name ? name : type, type, kind_of(type), b->number);
    }
    return b;
}

/* ---- edges ---------------------------------------------------------------------------------------- */

static void add_edge(Graph *g, Edge edge)
{
    for (int i = 0; i < g->n_edges; i++) {
        const Edge *e = &g->edge[i];
        if (e->from == edge.from && e->to == edge.to && e->next == edge.next && !strcmp(e->shape, edge.shape)) return;
    }
    g->edge = grow(g, g->edge, g->n_edges, &g->edge_room, sizeof *g->edge);
    if (!g->no_memory) g->edge[g->n_edges++] = edge;
}

/* The i-th argument of the entry point that is no size; its nodes are the first of all. */
static const Json *argument(const Graph *g, int i)
{
    for (const Json *a = json_list(rt_entry(g->cli->m, g->entry), "args"); a; a = a->next)
        if (!json_is(a, "role", "dim") && i-- == 0) return a;
    return NULL;
}

/* An edge to a node from where a value in a box is made; of what a scan carries, from its start and from the step before. */
static void connect(Graph *g, const Box *box, const Json *ref, Edge edge)
{
    int n = (int)(ref->kind == JSON_ARRAY ? json_at(ref, 0) : ref)->integer,
        out = ref->kind == JSON_ARRAY ? (int)json_at(ref, 1)->integer : 0;
    if (n < 0) return;
    if (n >= box->ports) {
        const Json *node = json_at(json_get(box->flow, "nodes"), n - box->ports);
        const Box *inner = box->inner[n - box->ports];
        if (inner) {
            connect(g, inner, json_at(json_get(inner->flow, "results"), out), edge);
            return;
        }
        edge.from = box->id[n - box->ports];
        snprintf(edge.shape, sizeof edge.shape, "%s",
                 json_at(json_get(g->cli->m->manifest, "shapes"), (int)json_at(json_at(node, 3), out)->integer)->text);
    } else if (box->up) {
        connect(g, box->up, json_at(json_at(json_get(box->up->flow, "nodes"), box->node), 4 + n), edge);
        if (n >= box->back || edge.next) return;
        edge.next = true;
        connect(g, box, json_at(json_get(box->flow, "results"), n), edge);
        return;
    } else {
        edge.from = n;
        rt_type_text(argument(g, n), edge.shape, sizeof edge.shape);
    }
    add_edge(g, edge);
}

static void connect_box(Graph *g, const Box *box)
{
    int i = 0;
    for (const Json *n = json_list(box->flow, "nodes"); n; n = n->next, i++) {
        if (box->inner[i]) continue;
        for (const Json *ref = json_at(n, 4); ref; ref = ref->next)
            connect(g, box, ref, (Edge){.to = box->id[i]});
    }
}

static void add_results(Graph *g, const Box *entry)
{
    const Json *results = json_get(entry->flow, "results");
    int i = 0;
    for (const Json *r = json_first(results); r && !g->no_memory; r = r->next, i++) {
        char *name = take(g, 32);
        if (!name) return;
        snprintf(name, 32, results->n > 1 ? "result %d" : "result", i + 1);
        connect(g, entry, r, (Edge){.to = add_node(g, name, "=", "output", 0)});
    }
}

static void count_calls(Graph *g)
{
    for (int i = 0; i < g->n_nodes; i++) {
        Node *n = &g->node[i];
        for (int k = 0; k < g->n_nodes && !strcmp(n->kind, "layer"); k++) {
            if (strcmp(g->node[k].kind, "layer") != 0 || strcmp(g->node[k].name, n->name) != 0) continue;
            n->calls++;
            n->call += k <= i;
        }
    }
}

static int make_graph(Graph *g)
{
    const Json *flow = json_at(json_get(g->cli->m->manifest, "entry_flows"), g->entry);
    const Json *a;
    for (int i = 0; (a = argument(g, i)) && !g->no_memory; i++)
        add_node(g, json_text(a, "name", "?"), "", "input", 0);
    Box *entry = open_box(g, (int)flow->integer, NULL, 0, "", g->depth);
    for (int i = 0; i < g->n_boxes && !g->no_memory; i++)
        connect_box(g, g->box[i]);
    if (!g->no_memory) add_results(g, entry);
    count_calls(g);
    return g->no_memory ? rt_no_memory() : NNRT_OK;
}

/* ---- what is shown ---------------------------------------------------------------------------------- */

static const char *box_type(const Box *box)
{
    return text_of(json_at(json_get(box->up->flow, "nodes"), box->node), 1);
}

static void put_node(const Graph *g, FILE *f, int i, int indent)
{
    const Node *n = &g->node[i];
    bool layer = strcmp(n->kind, "layer") == 0;
    fprintf(f, "%*sn%d [label=\"%s%s", indent, "", i, n->name, strcmp(n->kind, "function") == 0 ? "()" : "");
    if (layer) fprintf(f, "\\n%s", n->type);
    if (n->calls > 1) fprintf(f, "\\ncall %d of %d", n->call, n->calls);
    fprintf(f, "\"%s];\n", layer ? "" : strcmp(n->kind, "operation") && strcmp(n->kind, "function") ? ", shape=oval" : ", shape=plaintext");
}

static void put_box(const Graph *g, FILE *f, int number, int indent)
{
    const Box *b = g->box[number];
    if (b->up) {
        const char *type = box_type(b);
        fprintf(f, "%*ssubgraph cluster_%d {\n", indent, "", number);
        indent += 2;
        if (is_layer(type))
            fprintf(f, "%*slabel=\"%s\\n%s\";\n", indent, "", b->path, type);
        else
            fprintf(f, "%*slabel=\"%s\";\n%*sstyle=dashed;\n", indent, "", type, indent, "");
    }
    for (int i = 0; i < g->n_nodes; i++)
        if (g->node[i].box == number) put_node(g, f, i, indent);
    for (int i = number + 1; i < g->n_boxes; i++)
        if (g->box[i]->up == b) put_box(g, f, i, indent);
    if (b->up) fprintf(f, "%*s}\n", indent - 2, "");
}

static void put_dot(const Graph *g, FILE *f)
{
    fprintf(f, "digraph \"%s %s\" {\n  node [shape=box, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n",
            g->cli->program->name, g->cli->program->entry[g->entry]->name);
    put_box(g, f, 0, 2);
    for (int i = 0; i < g->n_edges; i++) {
        const Edge *e = &g->edge[i];
        fprintf(f, "  n%d -> n%d [label=\"%s\"%s];\n", e->from, e->to, e->shape, e->next ? ", style=dashed, constraint=false" : "");
    }
    fputs("}\n", f);
}

static void put_json(const Graph *g)
{
    json_put(stdout, "{\"program\":", g->cli->program->name);
    json_put(stdout, ",\"entry\":", g->cli->program->entry[g->entry]->name);
    fputs(",\"boxes\":[", stdout);
    for (int i = 1; i < g->n_boxes; i++) {
        const Box *b = g->box[i];
        json_put(stdout, i > 1 ? ",{\"name\":" : "{\"name\":", b->path);
        json_put(stdout, ",\"type\":", box_type(b));
        printf(",\"box\":%d}", b->up->number - 1);
    }
    fputs("],\"nodes\":[", stdout);
    for (int i = 0; i < g->n_nodes; i++) {
        const Node *n = &g->node[i];
        json_put(stdout, i ? ",{\"name\":" : "{\"name\":", n->name);
        json_put(stdout, ",\"kind\":", n->kind);
        if (!strcmp(n->kind, "layer")) json_put(stdout, ",\"type\":", n->type);
        printf(",\"box\":%d}", n->box - 1);
    }
    fputs("],\"edges\":[", stdout);
    for (int i = 0; i < g->n_edges; i++) {
        const Edge *e = &g->edge[i];
        printf("%s{\"from\":%d,\"to\":%d,\"next_step\":%s", i ? "," : "", e->from, e->to, e->next ? "true" : "false");
        json_put(stdout, ",\"shape\":", e->shape);
        fputs("}", stdout);
    }
    puts("]}");
}

static int put_svg(const Graph *g)
{
    if (system("command -v dot >/dev/null 2>&1") != 0)
        return rt_fail(RT_SYSTEM,
                       "the layout of an SVG is made by `dot` of Graphviz, which is not installed; without --svg this is DOT text");
    FILE *f = popen("dot -Tsvg", "w");
    if (!f) return rt_fail(RT_SYSTEM, "dot: cannot be run");
    put_dot(g, f);
    return pclose(f) == 0 ? NNRT_OK : rt_fail(RT_SYSTEM, "dot: failed");
}

void graph_flags(Cli *cli)
{
    flags_add(&cli->flags, "dot", FLAG_SWITCH, "", "DOT text; this is what holds without a flag");
    flags_add(&cli->flags, "svg", FLAG_SWITCH, "", "a picture, drawn by `dot` of Graphviz");
    flag_otherwise(flags_add(&cli->flags, "depth", FLAG_VALUE, "N", "boxes inside of each other; deeper ones are a node each"), "100");
}

int command_graph(Cli *cli)
{
    int64_t depth = 100;
    Graph g = {.cli = cli, .entry = cli->entry};
    if (g.entry < 0) g.entry = rt_find_entry(cli->m, NULL, "train");
    if (g.entry < 0) g.entry = rt_find_entry(cli->m, NULL, NULL);
    if (g.entry < 0) return rt_fail(RT_USAGE, "this program has no entry point");
    int code = flags_int(&cli->flags, "depth", 0, 100, &depth);
    g.depth = (int)depth;
    if (!code) code = make_graph(&g);
    if (!code && flags_has(&cli->flags, "svg"))
        code = put_svg(&g);
    else if (!code && cli->json)
        put_json(&g);
    else if (!code)
        put_dot(&g, stdout);
    while (g.blocks) {
        Block *b = g.blocks;
        g.blocks = b->before;
        free(b);
    }
    free(g.node);
    free(g.edge);
    free(g.box);
    return code;
}
