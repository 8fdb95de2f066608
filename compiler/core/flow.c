/* SPDX-License-Identifier: MIT
 * flow.c: which layer's result reaches which layer's argument.
 *
 * A body is walked once. The instructions of a call stand together, so a call that has a node is an interval of them: what it reads from
 * before comes in through a port, what is read behind it is a result. While the walk is inside of an interval, `where` says of every value
 * what it is there; what was outside is put back at its end. */
#include "core/flow.h"

#include <string.h>

#define NOWHERE UINT32_MAX
enum { LONGEST_ROW = 40 }; /* letters of the names of operations in a row */

typedef struct Place {
    FlowRef ref; /* node NOWHERE: of constants and parameters alone */
    uint32_t level;
} Place;

typedef struct Walk { /* of a body */
    Arena *arena;
    const CoreEntry *entry;
    const CoreBody *body;
    VEC(const CoreCall *) call; /* in this body, outer ones before inner ones */
    uint32_t next_call, n_levels;
    Place *where;       /* by CoreRef */
    uint32_t *last_use; /* by CoreRef: the last instruction that reads it */
} Walk;

static Flow *flow_of_body(Arena *arena, const CoreEntry *entry, const CoreBody *body, const char *path, uint32_t n_ports,
                          const bool *flows);

static bool flows(const Walk *w, CoreRef ref)
{
    return w->where[ref].ref.node != NOWHERE;
}

static void place(Walk *w, CoreRef ref, uint32_t node, uint32_t out, uint32_t level)
{
    w->where[ref] = (Place){{node, out}, level};
}

/* An input of a node, once. */
static void add_input(const Walk *w, FlowNode *node, CoreRef ref)
{
    FlowRef r = w->where[ref].ref;
    if (r.node == NOWHERE) return;
    for (uint32_t i = 0; i < node->in.n; i++)
        if (node->in.at[i].node == r.node && node->in.at[i].out == r.out) return;
    vec_add(w->arena, &node->in, r);
}

static uint32_t add_node(const Walk *w, Flow *flow, FlowNode node)
{
    vec_add(w->arena, &flow->node, node);
    return flow->n_ports + flow->node.n - 1;
}

/* ---- single instructions ---------------------------------------------------------------------- */

static bool is_random(uint16_t op)
{
    return op == CORE_rand || op == CORE_randn || op == CORE_randint;
}

static bool holds_layers(const CoreEntry *entry, const CoreBody *body)
{
    for (uint32_t i = 0; i < entry->calls.n; i++)
        if (entry->calls.at[i].body == body && (entry->calls.at[i].is_layer || entry->calls.at[i].has_layers)) return true;
    for (uint32_t i = 0; i < body->ins.n; i++)
        if (body->ins.at[i].op == CORE_scan && holds_layers(entry, body->ins.at[i].bodies[0])) return true;
    return false;
}

/* Carries, slices, what is read from outside, and the number of the step. */
static void walk_scan(const Walk *w, const Flow *flow, const CoreIns *ins, FlowNode *node)
{
    uint32_t n_carries = (uint32_t)ins->attr[2];
    bool *known = ARENA_ARRAY(w->arena, bool, ins->n_in + 2u);
    for (uint32_t i = 0; i < ins->n_in; i++) {
        vec_add(w->arena, &node->in, w->where[ins->in[i]].ref);
        known[i] = i < n_carries || flows(w, ins->in[i]);
    }
    node->inner = flow_of_body(w->arena, w->entry, ins->bodies[0], flow->path, ins->n_in, known);
    node->inner->n_back = n_carries;
}

static const char *operation_name(const CoreIns *ins)
{
    return ins->name && ins->op == CORE_external ? ins->name : core_op_name(ins->op);
}

/* What becomes of an instruction that has a value, a node of its own or that of an operand. */
static void walk_value(Walk *w, Flow *flow, CoreRef r, uint32_t level)
{
    const CoreIns *ins = &w->body->ins.at[r - 1];
    FlowNode node = {.kind = FLOW_OPERATION, .name = operation_name(ins)};
    bool scan = ins->op == CORE_scan && holds_layers(w->entry, ins->bodies[0]);
    for (uint32_t i = 0; i < ins->n_in && !scan; i++) {
        add_input(w, &node, ins->in[i]);
        if (w->body->ins.at[ins->in[i] - 1].op == CORE_report_sum && ins->n_in == 2) { /* a report adds up */
            w->where[r] = w->where[ins->in[1 - i]];
            return;
        }
    }
    place(w, r, NOWHERE, 0, level);
    if (!scan && !node.in.n && !is_random(ins->op)) return;
    for (uint32_t i = 0; i < ins->n_out; i++)
        vec_add(w->arena, &node.outs, ins->n_out > 1 ? ins->types[i] : ins->type);
    if (scan) {
        node.kind = FLOW_SCAN;
        walk_scan(w, flow, ins, &node);
    }
    place(w, r, add_node(w, flow, node), 0, level);
}

/* The part of a report's sum in front of the point is its name. */
static void walk_output(const Walk *w, Flow *flow, const CoreIns *ins)
{
    FlowNode node = {.kind = FLOW_OUTPUT, .name = "minimize"};
    const char *sum = ins->op == CORE_report_sum_set ? w->entry->sums.at[ins->attr[0]].name : NULL;
    if (sum) node.name = arena_print(w->arena, "report %.*s", (int)strcspn(sum, "."), sum);
    if (!flows(w, ins->in[0])) return;
    for (uint32_t i = 0; sum && i < flow->node.n; i++) {
        if (flow->node.at[i].kind != FLOW_OUTPUT || strcmp(flow->node.at[i].name, node.name) != 0) continue;
        add_input(w, &flow->node.at[i], ins->in[0]);
        return;
    }
    add_input(w, &node, ins->in[0]);
    add_node(w, flow, node);
}

static void walk_instruction(Walk *w, Flow *flow, CoreRef r, uint32_t level)
{
    const CoreIns *ins = &w->body->ins.at[r - 1];
    switch (ins->op) {
    case CORE_arg: return; /* placed before */
    case CORE_cast:
    case CORE_stop:
    case CORE_broadcast:
    case CORE_expect: w->where[r] = w->where[ins->in[0]]; return;
    case CORE_result:
        w->where[r] = w->where[ins->in[0]];
        w->where[r].ref.out = (uint32_t)ins->attr[0];
        return;
    case CORE_minimize:
    case CORE_report_sum_set: walk_output(w, flow, ins); return;
    case CORE_state_set:
    case CORE_probe: return;
    default: walk_value(w, flow, r, level);
    }
}

/* ---- calls -------------------------------------------------------------------------------------- */

static void walk_interval(Walk *w, Flow *flow, uint32_t first, uint32_t last, uint32_t level);

/* Is operand `ref` of an instruction inside of the call a value from outside? */
static bool is_outside(const Walk *w, const CoreCall *c, CoreRef ref)
{
    return ref <= c->first || w->body->ins.at[ref - 1].op == CORE_arg;
}

static bool draws(const Walk *w, const CoreCall *c)
{
    for (uint32_t i = c->first; i < c->last; i++)
        if (is_random(w->body->ins.at[i].op)) return true;
    return false;
}

typedef struct Saved {
    CoreRef ref;
    Place old;
} Saved;
typedef VEC(Saved) SavedList;

/* Values from outside become ports, inputs of the node in the same order. */
static void open_ports(Walk *w, const CoreCall *c, FlowNode *node, uint32_t level, SavedList *saved)
{
    for (uint32_t i = c->first; i < c->last; i++) {
        const CoreIns *ins = &w->body->ins.at[i];
        for (uint32_t k = 0; k < ins->n_in; k++) {
            CoreRef ref = ins->in[k];
            if (!is_outside(w, c, ref) || !flows(w, ref) || w->where[ref].level == level) continue;
            Saved old = {ref, w->where[ref]};
            vec_add(w->arena, saved, old);
            vec_add(w->arena, &node->in, old.old.ref);
            place(w, ref, node->in.n - 1, 0, level);
        }
    }
}

static void walk_inside(Walk *w, const CoreCall *c, FlowNode *node, SavedList *saved)
{
    uint32_t level = ++w->n_levels;
    open_ports(w, c, node, level, saved);
    node->inner = ARENA_NEW(w->arena, Flow);
    *node->inner = (Flow){.path = c->path, .n_ports = node->in.n};
    walk_interval(w, node->inner, c->first, c->last, level);
}

/* A call that has a node. */
static void walk_call(Walk *w, Flow *flow, const CoreCall *c, uint32_t level)
{
    FlowNode node = {.kind = c->is_layer ? FLOW_LAYER : FLOW_FUNCTION, .name = c->is_layer ? c->path : c->fn, .type = c->type, .fn = c->fn};
    SavedList saved = {0};
    bool inside = c->is_layer && c->has_layers;
    if (inside)
        walk_inside(w, c, &node, &saved);
    else
        for (uint32_t i = c->first; i < c->last; i++)
            for (uint32_t k = 0; k < w->body->ins.at[i].n_in; k++)
                if (is_outside(w, c, w->body->ins.at[i].in[k])) add_input(w, &node, w->body->ins.at[i].in[k]);
    bool constant = !c->is_layer && !node.in.n && !draws(w, c);
    uint32_t number = flow->n_ports + flow->node.n;
    for (uint32_t i = 0; i < saved.n; i++)
        w->where[saved.at[i].ref] = saved.at[i].old;
    for (CoreRef r = c->first + 1; r <= c->last; r++) {
        if (w->body->ins.at[r - 1].op == CORE_arg) continue;
        bool is_result = w->last_use[r] >= c->last && w->body->ins.at[r - 1].n_out == 1 && !constant && (!inside || flows(w, r));
        if (inside && is_result) vec_add(w->arena, &node.inner->results, w->where[r].ref);
        place(w, r, is_result ? number : NOWHERE, is_result ? node.outs.n : 0, level);
        if (is_result) vec_add(w->arena, &node.outs, w->body->ins.at[r - 1].type);
    }
    if (!constant) add_node(w, flow, node);
}

static void walk_interval(Walk *w, Flow *flow, uint32_t first, uint32_t last, uint32_t level)
{
    for (uint32_t i = first; i < last;) {
        const CoreCall *c = w->next_call < w->call.n ? w->call.at[w->next_call] : NULL;
        if (!c || c->first != i) {
            walk_instruction(w, flow, ++i, level);
            continue;
        }
        w->next_call++;
        if (c->first == c->last || (c->has_layers && !c->is_layer)) continue; /* does nothing; what it calls stands in its place */
        walk_call(w, flow, c, level);
        i = c->last;
        while (w->next_call < w->call.n && w->call.at[w->next_call]->first < i)
            w->next_call++;
    }
}

/* ---- tidying -------------------------------------------------------------------------------------- */

/* Operations in a row are one node, the last. */
static void join_rows(Arena *arena, Flow *f)
{
    uint32_t *uses = ARENA_ARRAY(arena, uint32_t, f->n_ports + f->node.n + 1);
    for (uint32_t i = 0; i < f->node.n; i++)
        for (uint32_t k = 0; k < f->node.at[i].in.n; k++)
            if (f->node.at[i].in.at[k].node != NOWHERE) uses[f->node.at[i].in.at[k].node]++;
    for (uint32_t i = 0; i < f->results.n; i++)
        if (f->results.at[i].node != NOWHERE) uses[f->results.at[i].node]++;
    for (uint32_t i = 0; i < f->node.n; i++) {
        FlowNode *b = &f->node.at[i];
        if (b->kind != FLOW_OPERATION || b->in.n != 1 || b->in.at[0].node < f->n_ports || uses[b->in.at[0].node] != 1) continue;
        FlowNode *a = &f->node.at[b->in.at[0].node - f->n_ports];
        if (a->kind != FLOW_OPERATION) continue;
        bool full = strlen(a->name) > LONGEST_ROW;
        b->name = !full                    ? arena_print(arena, "%s, %s", a->name, b->name)
                  : strstr(a->name, "...") ? a->name
                                           : arena_print(arena, "%s, ...", a->name);
        b->in = a->in;
        a->in.n = 0;
    }
}

/* Nodes that nothing shown reads go, and the others are numbered anew. */
static void drop_unread(Arena *arena, Flow *f)
{
    uint32_t n = f->n_ports + f->node.n, kept = f->n_ports;
    bool *read = ARENA_ARRAY(arena, bool, n + 1);
    uint32_t *number = ARENA_ARRAY(arena, uint32_t, n + 1);
    for (uint32_t i = 0; i < f->results.n; i++)
        if (f->results.at[i].node != NOWHERE) read[f->results.at[i].node] = true;
    for (uint32_t i = f->node.n; i-- > 0;) {
        FlowNode *node = &f->node.at[i];
        read[f->n_ports + i] |= node->kind == FLOW_LAYER || node->kind == FLOW_SCAN || node->kind == FLOW_OUTPUT;
        for (uint32_t k = 0; k < node->in.n && read[f->n_ports + i]; k++)
            if (node->in.at[k].node != NOWHERE) read[node->in.at[k].node] = true;
    }
    for (uint32_t i = 0; i < n; i++)
        number[i] = i < f->n_ports ? i : kept;
    for (uint32_t i = 0; i < f->node.n; i++) {
        if (!read[f->n_ports + i]) continue;
        FlowNode node = f->node.at[i];
        for (uint32_t k = 0; k < node.in.n; k++)
            if (node.in.at[k].node != NOWHERE) node.in.at[k].node = number[node.in.at[k].node];
        number[f->n_ports + i] = kept;
        f->node.at[kept++ - f->n_ports] = node;
    }
    f->node.n = kept - f->n_ports;
    for (uint32_t i = 0; i < f->results.n; i++)
        if (f->results.at[i].node != NOWHERE) f->results.at[i].node = number[f->results.at[i].node];
}

static void tidy(Arena *arena, Flow *f)
{
    join_rows(arena, f);
    drop_unread(arena, f);
    for (uint32_t i = 0; i < f->node.n; i++)
        if (f->node.at[i].kind == FLOW_LAYER && f->node.at[i].inner) tidy(arena, f->node.at[i].inner);
}

/* ---- bodies --------------------------------------------------------------------------------------- */

static Flow *flow_of_body(Arena *arena, const CoreEntry *entry, const CoreBody *body, const char *path, uint32_t n_ports, const bool *known)
{
    Walk w = {.arena = arena, .entry = entry, .body = body, .n_levels = 0};
    Flow *flow = ARENA_NEW(arena, Flow);
    *flow = (Flow){.path = path, .n_ports = n_ports};
    w.where = ARENA_ARRAY(arena, Place, body->ins.n + 1);
    w.last_use = ARENA_ARRAY(arena, uint32_t, body->ins.n + 1);
    for (uint32_t i = 0; i < body->ins.n; i++) {
        const CoreIns *ins = &body->ins.at[i];
        bool is_port = ins->op == CORE_arg && ins->attr[0] < n_ports && (!known || known[ins->attr[0]]);
        place(&w, i + 1, is_port ? (uint32_t)ins->attr[0] : NOWHERE, 0, 0);
        for (uint32_t k = 0; k < ins->n_in; k++)
            w.last_use[ins->in[k]] = i;
    }
    for (uint32_t i = 0; i < body->results.n; i++)
        w.last_use[body->results.at[i]] = UINT32_MAX;
    for (uint32_t i = 0; i < entry->calls.n; i++)
        if (entry->calls.at[i].body == body) {
            const CoreCall *c = &entry->calls.at[i];
            vec_add(arena, &w.call, c);
        }
    walk_interval(&w, flow, 0, body->ins.n, 0);
    for (uint32_t i = 0; i < body->results.n; i++)
        vec_add(arena, &flow->results, w.where[body->results.at[i]].ref);
    tidy(arena, flow);
    return flow;
}

Flow *flow_of_entry(Arena *arena, const CoreEntry *entry)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < entry->args.n; i++)
        n += entry->args.at[i].role != ROLE_DIM;
    return flow_of_body(arena, entry, entry->body[(1u << entry->n_conditions) - 1], "", n, NULL);
}
