/* SPDX-License-Identifier: MIT
 * kernels.c: the kernels of the program in its manifest: where they come from and what they cost. */
#include <string.h>

#include "emit/emit.h"

static void number(KProgram *p, uint32_t *next)
{
    p->first_number = *next;
    *next += kernel_count(p);
}

void emit_number_kernels(EmitProgram *e)
{
    uint32_t next = 0;
    for (uint32_t i = 0; i < e->entry.n; i++) {
        EmitEntry *entry = &e->entry.at[i];
        for (uint32_t k = 0; k < entry->n_codes; k++)
            number(entry->code[k].k, &next);
        if (entry->lowered->report) number(entry->report.k, &next);
    }
}

/* The line of the program's own file that a kernel comes from; of one inside the library, where the layer around it is made. */
static int line_of(const EmitProgram *e, const Loc *loc)
{
    const CoreProgram *core = e->core;
    uint32_t own = core->entries.n ? core->entries.at[0]->span.file : 0;
    if (loc->span.file && loc->span.file == own) return emit_line(e, loc->span);
    const CoreLayerInfo *best = NULL;
    size_t most = 0;
    for (uint32_t i = 0; loc->path && i < core->layers.n; i++) {
        const CoreLayerInfo *l = &core->layers.at[i];
        size_t n = strlen(l->path);
        bool around = strncmp(l->path, loc->path, n) == 0 && (loc->path[n] == '.' || loc->path[n] == 0);
        if (around && n > most && l->span.file == own) best = l, most = n;
    }
    return best ? emit_line(e, best->span) : 0;
}

/* All elements of a statement, all groups of it, once, and of each slot, read and written; gradients read. */
static int64_t update_bytes(const EmitProgram *e, const EmitEntry *entry, const Kernel *k)
{
    const LayoutStatement *first = &entry->layout.statement.at[k->statement];
    int64_t numbers = 0;
    for (const LayoutStatement *s = first; s <= first + first->more; s++) {
        int64_t n = 0, slots = 0;
        for (uint32_t i = 0; i < s->over.n; i++)
            n += e->layout.tensor.at[s->over.at[i]].padded;
        for (uint32_t bits = s->slots; bits; bits &= bits - 1)
            slots++;
        numbers += n * (3 + 2 * slots);
    }
    return numbers * (e->f64 ? 8 : 4);
}

/* -1: not known */
static void add_dim(Json *j, const EmitProgram *e, Dim dim)
{
    bool known = dim && dim_is_defined(e->core->dims, dim);
    emit_add_size(j, e, known ? dim : dim_const(e->core->dims, -1));
}

static void add_kernel(Json *j, const EmitProgram *e, const EmitEntry *entry, const KProgram *p, const Kernel *k, const int64_t *sample)
{
    static const char *const kinds[] = {"loop", "product", "scatter", "scan", "extern", "update", "sort", "group", "probe"};
    const Loc *loc = &p->module->loc.at[k->loc];
    KernelCost cost = kernel_cost(p, k, sample);
    json_add_list(j);
    json_add_string(j, k->name);
    json_add_string(j, loc->path ? loc->path : "");
    json_add_int(j, line_of(e, loc));
    json_add_string(j, kinds[k->kind]);
    add_dim(j, e, cost.operations);
    if (k->kind == K_UPDATE)
        json_add_int(j, update_bytes(e, entry, k));
    else
        add_dim(j, e, cost.bytes);
    json_end_list(j);
    for (uint32_t i = 0; i < k->body.n; i++)
        add_kernel(j, e, entry, p, k->body.at[i], sample);
}

void emit_kernels(Json *j, const EmitProgram *e, const EmitEntry *entry)
{
    const int64_t *sample = emit_sample(e, entry->lowered->core);
    json_list(j, "codes");
    for (uint32_t c = 0; e->has_main && c < entry->n_codes; c++) {
        const KProgram *p = entry->code[c].k;
        json_item(j);
        json_int(j, "first", p->first_number);
        json_list(j, "kernels");
        for (uint32_t i = 0; i < p->kernel.n; i++)
            add_kernel(j, e, entry, p, p->kernel.at[i], sample);
        json_end_list(j);
        json_end(j);
    }
    json_end_list(j);
}
