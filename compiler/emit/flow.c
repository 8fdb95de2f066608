/* SPDX-License-Identifier: MIT
 * flow.c: the flows of the entry points in the manifest of a program (core/flow.h). Equal ones are there once: names in a flow are relative
 * to the layer it is inside of, so blocks of one kind share theirs. */
#include <string.h>

#include "core/flow.h"
#include "emit/emit.h"

typedef VEC(const char *) TextList;
typedef struct Flows {
    const EmitProgram *e;
    TextList shapes, flows;
} Flows;

static uint32_t number_of(Arena *arena, TextList *list, const char *text)
{
    for (uint32_t i = 0; i < list->n; i++)
        if (!strcmp(list->at[i], text)) return i;
    vec_add(arena, list, text);
    return list->n - 1;
}

/* A layer that is not inside of the flow's stands with its whole path, behind `/`. */
static const char *relative_name(const Flows *f, const Flow *flow, const char *path)
{
    size_t n = strlen(flow->path);
    if (!n) return path;
    if (strncmp(path, flow->path, n) == 0 && path[n] == '.') return path + n + 1;
    return arena_print(f->e->arena, "/%s", path);
}

static const char *node_type(const Flows *f, const FlowNode *node)
{
    switch (node->kind) {
    case FLOW_LAYER: return node->fn ? arena_print(f->e->arena, "%s.%s", node->type, node->fn) : node->type;
    case FLOW_FUNCTION: return "()";
    case FLOW_SCAN: return "scan";
    case FLOW_OUTPUT: return "=";
    default: return "";
    }
}

static void add_refs(Text *t, const FlowRef *ref, uint32_t n, const char *before)
{
    for (uint32_t i = 0; i < n; i++, before = ",") {
        if (ref[i].node == UINT32_MAX)
            text_add(t, "%s-1", before);
        else if (ref[i].out)
            text_add(t, "%s[%u,%u]", before, ref[i].node, ref[i].out);
        else
            text_add(t, "%s%u", before, ref[i].node);
    }
}

static uint32_t add_flow(Flows *f, const Flow *flow)
{
    Text t = {.arena = f->e->arena};
    text_add(&t, "{\"ports\":%u,\"back\":%u,\"nodes\":[", flow->n_ports, flow->n_back);
    for (uint32_t i = 0; i < flow->node.n; i++) {
        const FlowNode *node = &flow->node.at[i];
        const char *name = node->kind == FLOW_LAYER ? relative_name(f, flow, node->name) : node->kind == FLOW_SCAN ? "" : node->name;
        int inner = node->inner ? (int)add_flow(f, node->inner) : -1;
        text_add(&t, "%s[\"%s\",\"%s\",%d,[", i ? "," : "", name, node_type(f, node), inner);
        for (uint32_t k = 0; k < node->outs.n; k++)
            text_add(&t, "%s%u", k ? "," : "", number_of(f->e->arena, &f->shapes, emit_type_text(f->e, &node->outs.at[k], 0)));
        text_add(&t, "]");
        add_refs(&t, node->in.at, node->in.n, ",");
        text_add(&t, "]");
    }
    text_add(&t, "],\"results\":[");
    add_refs(&t, flow->results.at, flow->results.n, "");
    text_add(&t, "]}");
    return number_of(f->e->arena, &f->flows, text_c(&t));
}

void emit_flows(Json *j, const EmitProgram *e)
{
    Flows f = {.e = e};
    json_list(j, "entry_flows");
    for (uint32_t i = 0; i < e->core->entries.n && e->has_main; i++) {
        const CoreEntry *entry = e->core->entries.at[i];
        json_add_int(j, entry->derived_from < 0 ? (int64_t)add_flow(&f, flow_of_entry(e->arena, entry)) : -1);
    }
    json_end_list(j);
    json_list(j, "flows");
    for (uint32_t i = 0; i < f.flows.n; i++)
        json_add_text(j, f.flows.at[i]);
    json_end_list(j);
    json_list(j, "shapes");
    for (uint32_t i = 0; i < f.shapes.n; i++)
        json_add_string(j, f.shapes.at[i]);
    json_end_list(j);
}
