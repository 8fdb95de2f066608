/* SPDX-License-Identifier: MIT
 * layout.c: sizes and places of everything the caller owns. */
#include <string.h>

#include "emit/emit.h"
#include "nnrt_abi.h"

static int64_t align64(int64_t n)
{
    return (n + 63) & ~(int64_t)63;
}

static void layout_options(EmitProgram *e)
{
    const CoreProgram *core = e->core;
    int64_t at = 0, most = 1;
    e->option_offset = ARENA_ARRAY(e->arena, int64_t, core->options.n + 1);
    for (uint32_t i = 0; i < core->options.n; i++) {
        uint8_t elem = core->options.at[i].elem;
        int64_t bytes = elem == ELEM_none    ? e->targets->at[0].loop.pointer_bytes
                        : elem == ELEM_bool  ? 1
                        : elem == ELEM_float ? (e->f64 ? 8 : 4)
                                             : 4;
        at = (at + bytes - 1) / bytes * bytes;
        e->option_offset[i] = at;
        at += bytes;
        if (bytes > most) most = bytes;
    }
    e->options_bytes = (at + most - 1) / most * most;
}

static void layout_constants(EmitProgram *e)
{
    const Module *m = e->lowered->module;
    e->const_offset = ARENA_ARRAY(e->arena, int64_t, m->table.n + 1);
    for (uint32_t i = 0; i < m->table.n; i++) {
        e->const_offset[i] = e->const_bytes;
        e->const_bytes = align64(e->const_bytes + table_bytes(m->dims, &m->table.at[i]));
    }
}

static void layout_parameters(EmitProgram *e)
{
    e->layout.float_dtype = e->lowered->float_dtype;
    for (uint32_t i = 0; i < e->core->tensors.n; i++) {
        const CoreTensor *t = &e->core->tensors.at[i];
        LayoutTensor lt = {.name = t->name, .is_state = t->is_state, .type = lower_type(&t->type, e->lowered->float_dtype)};
        vec_add(e->arena, &e->layout.tensor, lt);
    }
    layout_model(&e->layout, e->core->dims);
}

/* Of one statement at a time, all its groups: pieces of the gradient, for `clip`; two norms of pieces of each tensor. */
static int64_t n_partials(const CoreEntry *core, int64_t grad_count)
{
    int64_t pieces = grad_count / NNRT_CHUNK, most = 0, n = 0;
    for (uint32_t i = 0; i < core->minimizes.n; i++) {
        const CoreMinimize *m = &core->minimizes.at[i];
        n += pieces + 1 + (m->optimizer->sees == SEES_tensors ? 2 * (pieces + m->over.n) : 0);
        if (n > most) most = n;
        if (!m->more) n = 0;
    }
    return most;
}

static void layout_areas(EmitProgram *e, EmitEntry *entry)
{
    const CoreEntry *core = entry->lowered->core;
    if (!core || core->kind == ENTRY_EXPORT) return;
    for (uint32_t i = 0; i < core->minimizes.n; i++) {
        const CoreMinimize *m = &core->minimizes.at[i];
        LayoutStatement s = {.slots = m->slots, .slot_set = m->slot_set, .more = m->more};
        for (uint32_t k = 0; k < m->over.n; k++)
            vec_add(e->arena, &s.over, m->over.at[k]);
        vec_add(e->arena, &entry->layout.statement, s);
    }
    for (uint32_t k = 0; k < lower_n_sums(core); k++)
        vec_add(e->arena, &entry->layout.sum, lower_sum_type(core, k));
    layout_entry(e->arena, &e->layout, &entry->layout, e->core->dims, core->kind == ENTRY_TRAIN);
    entry->n_partials = n_partials(core, entry->layout.grad_count);
}

void emit_layout_in_place(EmitProgram *e, EmitEntry *entry, const bool *in_place)
{
    entry->layout.in_place = in_place;
    entry->layout.sum_at.n = 0;
    layout_entry(e->arena, &e->layout, &entry->layout, e->core->dims, true);
    entry->n_partials = n_partials(entry->lowered->core, entry->layout.grad_count);
}

/* C symbol of an entry: a derived evaluation shares its train's name. */
static const char *symbol_of(const EmitProgram *e, const CoreEntry *core)
{
    return core->derived_from >= 0 ? arena_print(e->arena, "%s_eval", core->name) : core->name;
}

static void add_entry(EmitProgram *e, const LoweredEntry *lowered)
{
    EmitEntry entry = {.lowered = lowered};
    const CoreEntry *core = lowered->core;
    if (core) {
        entry.name = core->name;
        entry.c_name = symbol_of(e, core);
        entry.n_codes = 1u << core->n_conditions;
        for (uint32_t i = 0; i < core->binders.n; i++) {
            vec_add(e->arena, &entry.sizes, core->binders.at[i]);
            vec_add(e->arena, &entry.size_names, core->binder_names.at[i]);
        }
        for (uint32_t i = 0; i < core->args.n; i++) {
            if (core->args.at[i].role != ROLE_DIM) continue;
            vec_add(e->arena, &entry.sizes, core->args.at[i].dim);
            vec_add(e->arena, &entry.size_names, core->args.at[i].name);
        }
    } else {
        entry.name = arena_print(e->arena, "%s.%s", lowered->data->name, lowered->field->name);
        entry.c_name = arena_print(e->arena, "field.%s.%s", lowered->data->name, lowered->field->name); /* in no C text */
        entry.n_codes = 1;
        for (uint32_t i = 0; i < lowered->data->symbols.n; i++) {
            vec_add(e->arena, &entry.sizes, lowered->data->symbols.at[i]);
            vec_add(e->arena, &entry.size_names, symbol_name(e->core->dims, lowered->data->symbols.at[i]));
        }
    }
    layout_areas(e, &entry);
    vec_add(e->arena, &e->entry, entry);
}

void emit_layout(EmitProgram *e)
{
    layout_options(e);
    layout_constants(e);
    layout_parameters(e);
    for (uint32_t i = 0; i < e->lowered->entry.n; i++) {
        const CoreEntry *core = e->lowered->entry.at[i].core;
        bool needed = core && core->derived_from < 0; /* where code is to be small: by a program that has no runs */
        if (needed || !e->targets->at[0].compact) add_entry(e, &e->lowered->entry.at[i]);
    }
}

/* The declared batch, the declared length of sequences where there is one, else 64. */
int64_t *emit_sample(const EmitProgram *e, const CoreEntry *entry)
{
    uint32_t n = symbol_count(e->core->dims);
    int64_t *sample = ARENA_ARRAY(e->arena, int64_t, n + 1);
    for (uint32_t i = 0; i <= n; i++)
        sample[i] = 64;
    if (entry && entry->binders.n && entry->kind != ENTRY_EXPORT && entry->head.batch > 0) sample[entry->binders.at[0]] = entry->head.batch;
    return sample;
}

static uint32_t count_entry(EmitProgram *e, EmitCode *code, const Type *type)
{
    return kernel_table_dim(code->k, type_count(e->core->dims, type));
}

void emit_table(EmitProgram *e, EmitEntry *entry, EmitCode *code)
{
    const Graph *g = entry->lowered->step[code - entry->code];
    for (uint32_t i = 0; i < g->param.n; i++) {
        const GraphParam *p = &g->param.at[i];
        if (p->kind != PARAM_INPUT && p->kind != PARAM_SCALAR) continue;
        vec_add(e->arena, &code->arg_entry, count_entry(e, code, &p->type));
        int32_t bound = p->bound ? (int32_t)kernel_table_dim(code->k, p->bound) : -1;
        vec_add(e->arena, &code->bound_entry, bound);
    }
    for (uint32_t i = 0; i < g->result.n; i++) {
        if (g->result.at[i].alias >= 0) continue;
        vec_add(e->arena, &code->arg_entry, count_entry(e, code, graph_type(g, g->result.at[i].ref)));
        vec_add(e->arena, &code->bound_entry, -1);
    }
    if (code->arg_entry.n != emit_n_pointers(entry)) BUG("%s: %u arguments have a size", entry->name, code->arg_entry.n);
    if (!entry->lowered->core) return;
    for (uint32_t i = 0; i < entry->lowered->core->requires_.n; i++) {
        const CoreRequire *r = &entry->lowered->core->requires_.at[i];
        vec_add(e->arena, &code->left, kernel_table_dim(code->k, r->left));
        vec_add(e->arena, &code->right, kernel_table_dim(code->k, r->right));
    }
}

/* Bytes of work and scratch of a report: its sizes are constants. */
static int64_t report_bytes(const EmitProgram *e, const KProgram *k)
{
    int64_t most = 0, bytes = 0;
    const int64_t *none = ARENA_ARRAY(e->arena, int64_t, symbol_count(e->core->dims) + 1);
    for (uint32_t b = 1; b < k->buf.n; b++) {
        if (k->buf.at[b].cls != BUF_WORK || !k->buf.at[b].elements) continue;
        if (!dim_eval(e->core->dims, k->buf.at[b].elements, none, &bytes)) BUG("report buffer with a run-time size");
        most += align64(bytes * dtype_bytes(k->buf.at[b].dtype)); /* an upper bound of the plan */
    }
    return most + align64(k->scratch_bytes);
}

void emit_areas(EmitProgram *e, EmitEntry *entry)
{
    const CoreEntry *core = entry->lowered->core;
    if (!core || core->kind == ENTRY_EXPORT) return;
    const EntryLayout *l = &entry->layout;
    bool train = core->kind == ENTRY_TRAIN;
    int64_t at = align64(train ? l->total_bytes : l->sum_bytes);
    if (!train) {
        entry->batch_offset = at;
        at += 64;
    }
    entry->report_work_offset = at;
    at += report_bytes(e, entry->report.k);
    if (train)
        entry->train_bytes = at;
    else
        entry->sums_area = at;
}

const char *emit_no_room(const EmitProgram *e)
{
    int64_t most = e->layout.model_bytes;
    for (uint32_t i = 0; i < e->entry.n; i++) {
        const EmitEntry *entry = &e->entry.at[i];
        int64_t area = entry->train_bytes > entry->sums_area ? entry->train_bytes : entry->sums_area;
        if (area > most) most = area;
    }
    const CgTarget *target = &e->targets->at[0];
    if (!target->small || most <= INT32_MAX) return NULL;
    return arena_print(e->arena, "%s: training needs a block of %lld bytes, for which %s has no room", e->source, (long long)most,
                       target->arch);
}
