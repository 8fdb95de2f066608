/* SPDX-License-Identifier: MIT
 * quantized.c: a program in integers of 8 bits.
 *
 *   nnc quantize   a program whose evaluations report ranges runs on a part of the data (quantized_observe)
 *   --int8         entries without training; their graphs with the weights as tables; a smaller model block (quantized_program) */
#include "quantized.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "transform/quantize.h"

/* ---- what trains goes ---------------------------------------------------------------------------------------------- */

/* Derived evaluations stay where there is no other. */
static bool stays(const CoreProgram *p, uint32_t i)
{
    const CoreEntry *e = p->entries.at[i];
    bool own = false;
    for (uint32_t k = 0; k < p->entries.n; k++)
        own |= p->entries.at[k]->kind == ENTRY_EVAL && p->entries.at[k]->derived_from < 0;
    return e->kind != ENTRY_TRAIN && (e->derived_from < 0 || !own);
}

const CoreProgram *quantized_without_training(Nnc *cx, const CoreProgram *program)
{
    CoreProgram *p = ARENA_NEW(&cx->arena, CoreProgram);
    *p = *program;
    memset(&p->entries, 0, sizeof p->entries);
    memset(&p->layers, 0, sizeof p->layers);
    uint32_t *place = ARENA_ARRAY(&cx->arena, uint32_t, program->entries.n + 1);
    for (uint32_t i = 0; i < program->entries.n; i++) {
        place[i] = p->entries.n;
        if (!stays(program, i)) continue;
        CoreEntry *e = ARENA_NEW(&cx->arena, CoreEntry);
        *e = *program->entries.at[i];
        e->derived_from = -1;
        vec_add(&cx->arena, &p->entries, e);
    }
    for (uint32_t i = 0; i < program->layers.n && p->entries.n; i++) {
        CoreLayerInfo l = program->layers.at[i];
        l.entry = stays(program, l.entry) ? place[l.entry] : 0;
        vec_add(&cx->arena, &p->layers, l);
    }
    return p;
}

/* ---- of which program ---------------------------------------------------------------------------------------------- */

int quantized_other_code(Nnc *cx, const CoreProgram *program)
{
    CoreProgram unnamed = *program;
    Text t = {.arena = &cx->arena};
    unnamed.name = "";
    core_print(&cx->arena, &unnamed, &t);
    const char *code = arena_print(&cx->arena, "%016llx", (unsigned long long)str_hash(text_c(&t), t.n));
    const NncInt8 *given = cx->o->int8;
    if (cx->o->sizes) snprintf(cx->o->sizes->code, sizeof cx->o->sizes->code, "%s", code);
    if (!given->code || strcmp(given->code, code) == 0) return 0;
    return driver_fail(cx, 1,
                       arena_print(&cx->arena,
                                   "%s: the program computes something else than when it was made: `nnc quantize` makes one for it",
                                   given->file));
}

/* ---- ranges -------------------------------------------------------------------------------------------------------- */

static void report_ranges(Nnc *cx, LoweredEntry *entry, const QuantizeRanges *ranges, uint32_t first)
{
    static const char *const side[] = {"range.hi ", "range.lo "};
    CoreEntry *core = (CoreEntry *)(uintptr_t)entry->core; /* a copy of quantized_without_training */
    for (uint32_t i = 0; i < 2 * ranges->n; i++) {
        const char *name = arena_print(&cx->arena, "%s%s", side[i % 2], ranges->at[i / 2].name);
        Type scalar = {.dtype = DT_f64};
        CoreReport report = core->reports.n ? core->reports.at[0] : (CoreReport){0};
        report = (CoreReport){.name = name, .value = report.value, .data = -1, .field = -1, .span = core->span};
        vec_add(&cx->arena, &core->sums, ((CoreSum){.name = name, .type = {.elem = ELEM_f64}}));
        vec_add(&cx->arena, &core->reports, report);
        build_result(entry->report, build_param(entry->report, PARAM_SUM, name, scalar, first + i), name, -1);
    }
}

int quantized_observe(Nnc *cx, Lowered *lowered)
{
    QuantizeRanges ranges = {0};
    bool any = false;
    for (uint32_t i = 0; i < lowered->entry.n; i++) {
        LoweredEntry *e = &lowered->entry.at[i];
        if (!e->core || e->core->kind != ENTRY_EVAL) continue;
        any = true;
        for (uint32_t k = 0; k < 1u << e->core->n_conditions; k++)
            quantize_add_names(&cx->arena, e->step[k], &ranges);
    }
    if (!any) return driver_fail(cx, 1, "quantize: the program has no `eval` and no `train`, whose data would say what is computed with");
    if (!ranges.n)
        return driver_fail(
            cx, 1,
            "quantize: there is nothing to quantize: no evaluation has a product or convolution with weights, of 8 terms and 2 "
            "columns or more");
    for (uint32_t i = 0; i < lowered->entry.n; i++) {
        LoweredEntry *e = &lowered->entry.at[i];
        if (!e->core || e->core->kind != ENTRY_EVAL) continue;
        uint32_t first = lower_n_sums(e->core);
        for (uint32_t k = 0; k < 1u << e->core->n_conditions; k++)
            e->step[k] = quantize_observe(&cx->scratch, e->step[k], &ranges, first);
        report_ranges(cx, e, &ranges, first);
    }
    return 0;
}

/* ---- integers ------------------------------------------------------------------------------------------------------ */

/* Elements of a tensor of a model block, by their place in it. */
static const double *values_of(void *user, const GraphParam *param)
{
    const EmitProgram *e = user;
    const LayoutTensor *t = &e->layout.tensor.at[param->slot];
    const char *at = (const char *)e->weights + t->offset;
    int64_t n = 1;
    for (int i = 0; i < t->type.rank; i++)
        n *= t->extent[i];
    double *v = ARENA_ARRAY(e->arena, double, n + 1);
    for (int64_t k = 0; k < n; k++) {
        int64_t rest = k, place = 0;
        for (int i = t->type.rank - 1; i >= 0; i--) {
            place += rest % t->extent[i] * t->stride[i];
            rest /= t->extent[i];
        }
        float f;
        memcpy(&f, at + 4 * place, sizeof f);
        v[k] = (double)f;
    }
    return v;
}

static bool is_tensor(const GraphParam *p)
{
    return p->kind == PARAM_WEIGHT || p->kind == PARAM_STATE;
}

static void note_used(const Graph *g, Arena *scratch, bool *used)
{
    bool *live = graph_live(g, scratch);
    Uses uses = graph_uses(g, scratch);
    for (uint32_t i = 0; i < g->param.n; i++) {
        const GraphParam *p = &g->param.at[i];
        for (uint32_t u = uses.off[p->ref]; is_tensor(p) && u < uses.off[p->ref + 1]; u++)
            used[p->slot] |= live[uses.use[u]];
        for (uint32_t k = 0; is_tensor(p) && k < g->result.n; k++)
            used[p->slot] |= g->result.at[k].ref == p->ref;
    }
}

/* Tensors get new numbers; those without one are no params any more. */
static void renumber(Graph *g, const int32_t *number)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->param.n; i++) {
        GraphParam p = g->param.at[i];
        if (is_tensor(&p) && number[p.slot] < 0) continue;
        if (is_tensor(&p)) p.slot = (uint32_t)number[p.slot];
        g->attr.at[g->node.at[p.ref].attr] = n;
        for (uint32_t k = 0; k < g->result.n; k++)
            if (g->result.at[k].alias == (int32_t)i) g->result.at[k].alias = (int32_t)n;
        g->param.at[n++] = p;
    }
    g->param.n = n;
}

typedef void EachGraph(void *user, Graph **g);

static void each_graph(const Lowered *lowered, EachGraph *act, void *user)
{
    for (uint32_t i = 0; i < lowered->entry.n; i++) {
        LoweredEntry *e = &lowered->entry.at[i];
        for (uint32_t k = 0; e->core && k < 1u << e->core->n_conditions; k++)
            act(user, &e->step[k]);
        if (e->core && e->report) act(user, &e->report);
    }
}

typedef struct Work {
    Nnc *cx;
    const EmitProgram *e;
    QuantizeRanges ranges;
    QuantizeFloats floats;
    bool *before, *after; /* tensors in use */
    int32_t *number;
} Work;

static void quantize(void *user, Graph **g)
{
    Work *w = user;
    note_used(*g, &w->cx->scratch, w->before);
    quantize_add_floats(&w->cx->arena, *g, &w->floats);
    *g = quantize_graph(&w->cx->scratch, *g, &w->ranges, values_of, (void *)(uintptr_t)w->e);
    const char *wrong = graph_verify(*g, &w->cx->scratch);
    if (wrong) BUG("%s: integers: %s", (*g)->name, wrong);
    note_used(*g, &w->cx->scratch, w->after);
}

static void number_tensors(void *user, Graph **g)
{
    const Work *w = user;
    renumber(*g, w->number);
}

/* The tensors that are left, and the models that they are of. */
static const CoreProgram *smaller_core(const Work *w)
{
    Arena *arena = w->e->arena;
    const CoreProgram *full = w->e->core;
    CoreProgram *p = ARENA_NEW(arena, CoreProgram);
    *p = *full;
    memset(&p->tensors, 0, sizeof p->tensors);
    memset(&p->models, 0, sizeof p->models);
    uint32_t t = 0;
    for (uint32_t m = 0; m < full->models.n; m++) {
        CoreModel model = {.name = full->models.at[m].name, .first = p->tensors.n};
        for (; t < full->models.at[m].first + full->models.at[m].n; t++)
            if (w->number[t] >= 0) vec_add(arena, &p->tensors, full->tensors.at[t]);
        model.n = p->tensors.n - model.first;
        vec_add(arena, &p->models, model);
    }
    return p;
}

static const Lowered *smaller_lowered(const Work *w)
{
    Lowered *l = ARENA_NEW(w->e->arena, Lowered);
    *l = *w->e->lowered;
    l->init = ARENA_ARRAY(w->e->arena, double *, w->e->core->tensors.n + 1);
    for (uint32_t i = 0; i < w->e->core->tensors.n; i++)
        if (w->number[i] >= 0) l->init[w->number[i]] = w->e->lowered->init[i];
    return l;
}

static void move_weights(const Work *w, EmitProgram *small)
{
    const EmitProgram *e = w->e;
    size_t block = (size_t)small->layout.model_bytes, words = e->n_weights - (size_t)e->layout.model_bytes;
    char *bytes = arena_alloc(e->arena, block + words + 1);
    memcpy(bytes, e->weights, 64);
    for (uint32_t i = 0; i < e->layout.tensor.n; i++) {
        const LayoutTensor *from = &e->layout.tensor.at[i];
        if (w->number[i] < 0) continue;
        memcpy(bytes + small->layout.tensor.at[w->number[i]].offset, (const char *)e->weights + from->offset, 4 * (size_t)from->padded);
    }
    memcpy(bytes + block, (const char *)e->weights + e->layout.model_bytes, words);
    small->weights = bytes;
    small->n_weights = block + words;
}

void quantized_identify(EmitProgram *small)
{
    enum { HASH = 16, BYTES = 24 }; /* of the block's first line (runtime/core/init.c) */
    char *bytes = (char *)(uintptr_t)small->weights;
    uint64_t n = (uint64_t)small->layout.model_bytes;
    memcpy(bytes + HASH, &small->hash, sizeof small->hash);
    memcpy(bytes + BYTES, &n, sizeof n);
}

static int64_t elements_of(const LayoutTensor *t)
{
    int64_t n = 1;
    for (int a = 0; a < t->type.rank; a++)
        n *= t->extent[a];
    return n;
}

/* The weights that are integers now. */
static void note_integers(const Work *w, uint32_t first_table, EmitProgram *small)
{
    const Module *m = w->e->lowered->module;
    for (uint32_t i = 0; i < w->e->layout.tensor.n; i++) {
        EmitInteger made = {&w->e->layout.tensor.at[i], elements_of(&w->e->layout.tensor.at[i]), 0};
        if (made.tensor->is_state || !w->before[i] || w->after[i]) continue;
        for (uint32_t k = first_table; k < m->table.n; k++)
            if (strcmp(m->table.at[k].name, made.tensor->name) == 0) made.bytes += table_bytes(m->dims, &m->table.at[k]);
        vec_add(w->e->arena, &small->integers, made);
    }
}

static void count_bytes(const Work *w, uint32_t first_table)
{
    NncSizes *sizes = w->cx->o->sizes;
    const Module *m = w->e->lowered->module;
    if (!sizes) return;
    sizes->before = sizes->after = sizes->states = 0;
    for (uint32_t i = 0; i < w->e->layout.tensor.n; i++) {
        const LayoutTensor *t = &w->e->layout.tensor.at[i];
        int64_t n = 4 * elements_of(t);
        if (t->is_state && w->before[i]) sizes->states += n;
        if (!t->is_state && w->before[i]) sizes->before += n;
        if (!t->is_state && w->after[i]) sizes->after += n;
    }
    for (uint32_t i = first_table; i < m->table.n; i++)
        sizes->after += table_bytes(m->dims, &m->table.at[i]);
    Text t = {.arena = &w->cx->arena};
    for (uint32_t i = 0; i < w->floats.n; i++)
        text_add(&t, ", %s (%s)", w->floats.at[i].name, w->floats.at[i].why);
    snprintf(sizes->floats, sizeof sizes->floats, "%s", text_c(&t));
}

static int take_ranges(Nnc *cx, Work *w)
{
    const NncInt8 *given = cx->o->int8;
    for (unsigned i = 0; i < given->n; i++) {
        QuantizeRange r = {given->name[i], given->lo[i], given->hi[i]};
        if (!isfinite(r.lo) || !isfinite(r.hi) || r.lo > 0 || r.hi < 0)
            return driver_fail(cx, 1,
                               arena_print(&cx->arena, "%s: the range of `%s` is %g .. %g, but must be finite with 0 in it", given->file,
                                           r.name, r.lo, r.hi));
        vec_add(&cx->arena, &w->ranges, r);
    }
    return 0;
}

int quantized_program(Nnc *cx, const EmitProgram *e, EmitProgram *small)
{
    uint32_t n = e->layout.tensor.n, first_table = e->lowered->module->table.n;
    Work w = {.cx = cx, .e = e, .before = ARENA_ARRAY(e->arena, bool, n + 1), .after = ARENA_ARRAY(e->arena, bool, n + 1)};
    if (take_ranges(cx, &w)) return cx->status;
    each_graph(e->lowered, quantize, &w);
    if (e->lowered->module->table.n == first_table)
        return driver_fail(cx, 1, arena_print(&cx->arena, "%s: no product or convolution of this program is in it", cx->o->int8->file));
    w.number = ARENA_ARRAY(e->arena, int32_t, n + 1);
    int32_t left = 0;
    for (uint32_t i = 0; i < n; i++)
        w.number[i] = w.after[i] ? left++ : -1;
    each_graph(e->lowered, number_tensors, &w);
    small->core = smaller_core(&w);
    small->lowered = smaller_lowered(&w);
    emit_layout(small);
    move_weights(&w, small);
    note_integers(&w, first_table, small);
    count_bytes(&w, first_table);
    arena_clear(&cx->scratch);
    return 0;
}
