/* SPDX-License-Identifier: MIT
 * figures.c: what an object of small code takes: the stack of its functions, by entry point, and bytes of read-only memory. */
#include "emit/emit.h"

/* What calls of an entry reach by its tables. */
static CgReach reach_of(const EmitProgram *e, const EmitEntry *entry)
{
    VEC(const char *) name = {0};
    CgReach reach = {0};
    uint32_t most = 0;
    const EmitCode *report = entry->lowered->report ? &entry->report : NULL;
    for (uint32_t i = 0; i < entry->n_codes + (report != NULL); i++) {
        const EmitCode *code = i < entry->n_codes ? &entry->code[i] : report;
        vec_add(e->arena, &name, arena_print(e->arena, "%s_prologue", code->symbol));
        vec_add(e->arena, &name, arena_print(e->arena, "%s_driver", code->symbol));
        if (code->k->table.n > most) most = code->k->table.n;
    }
    if (entry->condition) vec_add(e->arena, &name, entry->condition);
    for (uint32_t i = 0; i < entry->lowered->core->minimizes.n; i++) {
        const char *optimizer = entry->lowered->core->minimizes.at[i].optimizer->name;
        vec_add(e->arena, &name, emit_rule_symbol(e, "rule", optimizer));
        vec_add(e->arena, &name, emit_rule_symbol(e, "measure", optimizer));
        vec_add(e->arena, &name, emit_rule_symbol(e, "rule", "finite"));
    }
    reach.function = name.at, reach.n = name.n;
    reach.table_bytes = 8 * ((int64_t)most + 1);
    return reach;
}

static int64_t larger(int64_t x, int64_t y)
{
    return x > y ? x : y;
}

void emit_figures(const Cg *cg, const EmitProgram *e, EmitFigures *figures)
{
    const CgReach none = {0};
    figures->rom = codegen_rom(cg);
    figures->stack = ARENA_ARRAY(e->arena, int64_t, e->entry.n + 1);
    figures->init_stack = codegen_stack(cg, arena_print(e->arena, "%s_core_init", e->prefix), &none);
    for (uint32_t i = 0; i < e->entry.n; i++) {
        const EmitEntry *entry = &e->entry.at[i];
        bool is_export = entry->lowered->core->kind == ENTRY_EXPORT;
        const CgReach reach = reach_of(e, entry);
        static const char *const function[] = {"_step", "_report", "_work"};
        for (int k = is_export ? 1 : 0; k < 3; k++) {
            const char *end = is_export && k == 1 ? "" : function[k];
            const char *name = arena_print(e->arena, "%s_core_%s%s", e->prefix, entry->c_name, end);
            figures->stack[i] = larger(figures->stack[i], codegen_stack(cg, name, &reach));
        }
    }
}
