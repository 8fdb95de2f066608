/* SPDX-License-Identifier: MIT
 * kernels.c: the stage between tensor IR and loops, for all entries of a program. */
#include "kernels.h"

#include <string.h>

#include "kernel/in_place.h"
#include "memory.h"
#include "support/budget.h"

static void build_kernels(Nnc *cx, EmitProgram *e, EmitEntry *entry, EmitCode *code, const Graph *g, bool report)
{
    const CoreEntry *core = entry->lowered->core;
    KernelOptions options = {.no_fusion = cx->o->no_fusion,
                             .no_reuse = cx->o->no_reuse,
                             .sample = emit_sample(e, core),
                             .n_symbols = report ? 0 : entry->sizes.n,
                             .symbols = entry->sizes.at,
                             .fact = entry->lowered->fact.at,
                             .n_facts = entry->lowered->fact.n,
                             .option_offset = e->option_offset,
                             .const_offset = e->const_offset,
                             .sums_in_train = core && core->kind == ENTRY_TRAIN && !report};
    EntryLayout *layout = &entry->layout;
    EntryLayout own = *layout;
    if (report && core->kind == ENTRY_TRAIN) { /* the report sees the sums as a block of their own */
        own.sum_at.at = ARENA_ARRAY(&cx->arena, int64_t, own.sum_at.n + 1);
        for (uint32_t i = 0; i < own.sum_at.n; i++)
            own.sum_at.at[i] = layout->sum_at.at[i] - layout->sum_offset;
        layout = ARENA_NEW(&cx->arena, EntryLayout);
        *layout = own;
    }
    code->k = report ? kernel_build(&cx->arena, g, &e->layout, layout, &options)
                     : memory_build(cx, e, entry, (uint32_t)(code - entry->code), &options);
    const char *wrong = kernel_verify(code->k, &cx->arena);
    if (wrong) BUG("%s: kernels: %s", g->name, wrong);
}

static void dump_program(Nnc *cx, const Graph *g, const KProgram *p, Text *out)
{
    if (!g || (cx->o->only && strcmp(cx->o->only, g->name) != 0)) return;
    if (driver_dumps(cx, "kernel")) kernel_print(p, out);
    if (driver_dumps(cx, "memory")) kernel_print_memory(p, out);
}

void kernels_dump(Nnc *cx, const EmitProgram *e)
{
    Text out = {.arena = &cx->arena};
    for (uint32_t i = 0; i < e->entry.n; i++) {
        const EmitEntry *entry = &e->entry.at[i];
        for (uint32_t k = 0; k < entry->n_codes; k++)
            dump_program(cx, entry->lowered->step[k], entry->code[k].k, &out);
        dump_program(cx, entry->lowered->report, entry->report.k, &out);
    }
    driver_put(cx, NNC_OUT, text_c(&out));
}

/* One statement of plain sgd, whatever the conditions of the step are. */
static bool is_plain(const EmitEntry *entry)
{
    const CoreEntry *core = entry->lowered->core;
    if (!core || core->kind != ENTRY_TRAIN || entry->n_codes != 1 || core->minimizes.n != 1) return false;
    return strcmp(core->minimizes.at[0].optimizer->name, "sgd") == 0;
}

/* False: of some of them it cannot be; they are marked no longer. */
static bool all_in_place(const KProgram *p, bool *chosen)
{
    bool all = true;
    for (uint32_t i = 0; i < p->in_place.n; i++)
        if (!p->in_place.at[i].found) all = chosen[p->in_place.at[i].tensor] = false;
    return all;
}

static bool any_of(const bool *chosen, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (chosen[i]) return true;
    return false;
}

/* The kernels of a step. Where code is to be small weights change where their gradient is made, and the train area has no room for it. */
static void build_step(Nnc *cx, EmitProgram *e, EmitEntry *entry, EmitCode *code, const Graph *g)
{
    uint32_t n = e->layout.tensor.n;
    bool *chosen = ARENA_ARRAY(&cx->arena, bool, n + 1);
    if (e->targets->at[0].compact && is_plain(entry) && in_place_choose(g, &e->layout, &entry->layout, chosen))
        emit_layout_in_place(e, entry, chosen);
    build_kernels(cx, e, entry, code, g, false);
    while (entry->layout.in_place && !all_in_place(code->k, chosen)) {
        emit_layout_in_place(e, entry, any_of(chosen, n) ? chosen : NULL);
        build_kernels(cx, e, entry, code, g, false);
    }
}

void kernels_build(Nnc *cx, EmitProgram *e)
{
    budget_stage("kernel");
    for (uint32_t i = 0; i < e->entry.n; i++) {
        EmitEntry *entry = &e->entry.at[i];
        core_treat(entry->lowered->core, &cx->sources);
        const char *base = arena_print(&cx->arena, "%s__%s", e->prefix, entry->c_name);
        for (uint32_t k = 0; k < entry->n_codes; k++) {
            entry->code[k] = (EmitCode){.symbol = arena_print(&cx->arena, "%s%u", base, k)};
            build_step(cx, e, entry, &entry->code[k], entry->lowered->step[k]);
            emit_table(e, entry, &entry->code[k]);
        }
        if (entry->lowered->report) {
            entry->report.symbol = arena_print(&cx->arena, "%s_report", base);
            build_kernels(cx, e, entry, &entry->report, entry->lowered->report, true);
        }
    }
    driver_stage_done(cx, "kernel");
}
