/* SPDX-License-Identifier: MIT
 * parts_of_core.c: what of the runtime's core a program asks for (runtime/parts.def). All of it, unless its code is to be small. */
#include <math.h>
#include <string.h>

#include "emit/emit.h"
#include "nnrt_abi.h"

typedef struct Parts {
#define PART(NAME, WHAT) int32_t NAME;
#include "parts.def"
} Parts;

static bool is_zero(const Graph *g, Ref r)
{
    return graph_node(g, r)->op == OP_const && graph_attr(g, r, 0) == 0;
}

static bool is_finite(const Graph *g, Ref r)
{
    double x;
    int64_t bits = graph_attr(g, r, 0);
    memcpy(&x, &bits, sizeof x);
    return graph_node(g, r)->op == OP_const && isfinite((float)x);
}

/* The numbers of its groups are the last operands of an update, each group's in the order of optimizers.def. */
static void add_update(Parts *p, const CoreEntry *core, const Graph *g, Ref update)
{
    enum { CLIP = 2, CLIP_WEIGHTS = 4 };
    const CoreMinimize *first = &core->minimizes.at[graph_attr(g, update, 0)];
    p->groups |= first->more > 0;
    uint32_t at = graph_node(g, update)->n_in;
    for (const CoreMinimize *m = first + first->more; m >= first; m--) {
        at -= m->n_args;
        p->clip |= !is_zero(g, graph_in(g, update, at + CLIP));
        p->clip_weights |= !is_zero(g, graph_in(g, update, at + CLIP_WEIGHTS));
        p->norms |= m->optimizer->sees == SEES_tensors;
        p->slots |= m->slots > 0;
        for (uint32_t i = 0; i < m->n_args; i++)
            p->numbers |= !is_finite(g, graph_in(g, update, at + i));
    }
}

static void add_updates(Parts *p, const CoreEntry *core, const Graph *g)
{
    for (Ref r = 1; r < g->node.n; r++)
        if (graph_node(g, r)->op == OP_update) add_update(p, core, g, r);
}

static bool asserts(Kernel *const *kernel, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const Kernel *k = kernel[i];
        if ((k->kind == K_PROBE && k->probe == PROBE_ASSERT) || asserts(k->body.at, k->body.n)) return true;
    }
    return false;
}

static void add_entry(Parts *p, const EmitEntry *entry)
{
    const CoreEntry *core = entry->lowered->core;
    if (!core) return;
    p->trains |= core->kind == ENTRY_TRAIN;
    p->evals |= core->kind == ENTRY_EVAL;
    p->reports |= core->reports.n > 0;
    p->conditions |= core->n_conditions > 0;
    p->
        requires
    |= core->requires_.n > 0;
    for (uint32_t c = 0; c < entry->n_codes; c++) {
        const KProgram *k = entry->code[c].k;
        int64_t most = k->most_size;
        p->asserts |= asserts(k->kernel.at, k->kernel.n);
        if (most > 0 && (p->most_size <= 0 || most < p->most_size)) p->most_size = (int32_t)most;
    }
    for (uint32_t c = 0; c < entry->n_codes; c++) {
        for (uint32_t i = 0; i < entry->code[c].bound_entry.n; i++)
            p->bounds |= entry->code[c].bound_entry.at[i] >= 0;
        add_updates(p, core, entry->lowered->step[c]);
    }
}

static bool lies_in_rows(const LayoutTensor *t)
{
    int64_t step = 1;
    for (int i = t->type.rank - 1; i >= 0; step *= t->extent[i--])
        if (t->stride[i] != step) return false;
    return true;
}

static Parts parts_of(const EmitProgram *e)
{
    Parts p = {0};
    if (!e->targets->at[0].compact) {
#define PART(NAME, WHAT) p.NAME = -1;
#include "parts.def"
        return p;
    }
    p.weights = e->weights != NULL;
    for (uint32_t i = 0; i < e->layout.tensor.n; i++) {
        p.inits |= p.weights ? 0 : 1 << emit_init_kind(&e->core->tensors.at[i]);
        p.strides |= !lies_in_rows(&e->layout.tensor.at[i]);
        p.other_types |= e->layout.tensor.at[i].type.dtype != e->layout.float_dtype;
    }
    uint32_t trains = 0, in_place = 0;
    for (uint32_t i = 0; i < e->entry.n; i++) {
        add_entry(&p, &e->entry.at[i]);
        trains += e->entry.at[i].lowered->core && e->entry.at[i].lowered->core->kind == ENTRY_TRAIN;
        in_place += e->entry.at[i].layout.in_place != NULL;
    }
    if (in_place) p.in_place = in_place == trains ? NNRT_ALL_IN_PLACE : 1;
    return p;
}

void emit_parts_of_core(Cg *cg, const EmitProgram *e)
{
    Parts p = parts_of(e);
    const CgConst part[] = {
#define PART(NAME, WHAT) cg_int(cg, 32, p.NAME),
#include "parts.def"
    };
    cg_global(cg, "nnrt_core_parts", cg_struct(cg, part, sizeof part / sizeof *part), 4, false);
}
