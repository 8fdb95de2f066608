/* SPDX-License-Identifier: MIT
 * manifest.c: the program as JSON for the hosted runtime (docs/manifest.md). */
#include <string.h>

#include "emit/emit.h"
#include "emit/json.h"

/* "none": as the file has it. */
static void put_elem(Json *j, uint8_t elem)
{
    json_text(j, "elem", elem ? elem_name((Elem)elem) : "none");
}

static void put_dims(Json *j, const EmitProgram *e, const char *name, const Dim *dim, int rank)
{
    json_list(j, name);
    for (int i = 0; i < rank; i++)
        emit_add_size(j, e, dim[i]);
    json_end_list(j);
}

static void put_bound(Json *j, const EmitProgram *e, Dim bound)
{
    int64_t v = 0;
    if (bound && !dim_is_const(e->core->dims, bound, &v)) v = 0;
    json_int(j, "bound", v);
}

static void pieces(Json *j, const char *name, const CoreText *text)
{
    json_list(j, name);
    for (uint32_t i = 0; i < text->n; i++) {
        if (text->piece[i].option < 0) {
            json_add_string(j, text->piece[i].text);
            continue;
        }
        json_item(j);
        json_int(j, "option", text->piece[i].option);
        json_end(j);
    }
    json_end_list(j);
}

static void options(Json *j, const EmitProgram *e)
{
    json_list(j, "options");
    for (uint32_t i = 0; i < e->core->options.n; i++) {
        const CoreOption *o = &e->core->options.at[i];
        json_item(j);
        json_text(j, "name", o->name);
        json_text(j, "type", o->elem == ELEM_none ? "string" : elem_name((Elem)o->elem));
        if (o->elem == ELEM_none)
            json_text(j, "default", o->text);
        else if (o->elem == ELEM_bool)
            json_bool(j, "default", o->number != 0);
        else
            json_number(j, "default", o->number);
        json_text(j, "doc", o->doc ? o->doc : "");
        json_int(j, "offset", e->option_offset[i]);
        json_int(j, "line", emit_line(e, o->span));
        json_end(j);
    }
    json_end_list(j);
}

static void models(Json *j, const EmitProgram *e)
{
    const CoreProgram *core = e->core;
    json_list(j, "models");
    for (uint32_t i = 0; i < core->models.n; i++) {
        json_item(j);
        json_text(j, "name", core->models.at[i].name);
        json_int(j, "first", core->models.at[i].first);
        json_int(j, "n", core->models.at[i].n);
        json_end(j);
    }
    json_end_list(j);
}

static void modules(Json *j, const CoreProgram *core)
{
    json_list(j, "modules");
    for (uint32_t i = 0; i < core->modules.n; i++) {
        const CoreModule *m = &core->modules.at[i];
        json_item(j);
        json_text(j, "path", m->path);
        json_text(j, "layer", m->layer);
        if (m->n_flat) json_list(j, "flat");
        for (uint32_t k = 0; k < m->n_flat; k++)
            json_add_int(j, m->flat[k]);
        if (m->n_flat) json_end_list(j);
        json_end(j);
    }
    json_end_list(j);
}

/* Rows of torch.def whose layers the program has. */
static void torch_names(Json *j, const CoreProgram *core)
{
    static const struct {
        const char *layer, *here, *there, *plus;
        int part, parts;
        const char *axes;
    } row[] = {
#define MODULE(LAYER, HERE, THERE, PLUS, PART, PARTS, AXES) {#LAYER, HERE, THERE, PLUS, PART, PARTS, AXES},
#include "emit/torch.def"
    };
    json_list(j, "torch");
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        bool used = false;
        for (uint32_t i = 0; i < core->modules.n; i++)
            used |= strcmp(core->modules.at[i].layer, row[k].layer) == 0;
        if (!used) continue;
        json_add_list(j);
        json_add_string(j, row[k].layer);
        json_add_string(j, row[k].here);
        json_add_string(j, row[k].there);
        json_add_string(j, row[k].plus);
        json_add_string(j, row[k].axes);
        json_add_int(j, row[k].part);
        json_add_int(j, row[k].parts);
        json_end_list(j);
    }
    json_end_list(j);
}

/* Where tensors are declared: lines of the program's own file, 0 in another. */
static void tensor_lines(Json *j, const EmitProgram *e)
{
    const CoreProgram *core = e->core;
    uint32_t own = core->entries.n ? core->entries.at[0]->span.file : 0;
    json_list(j, "tensor_lines");
    for (uint32_t i = 0; i < core->tensors.n; i++) {
        Span span = core->tensors.at[i].span;
        json_add_int(j, span.file == own ? emit_line(e, span) : 0);
    }
    json_end_list(j);
}

static void reader_arg(Json *j, const CoreReaderArg *a)
{
    json_item(j);
    json_text(j, "key", a->key);
    switch (a->kind) {
    case ARG_INT: json_int(j, "int", a->lo); break;
    case ARG_NUMBER: json_number(j, "number", a->number); break;
    case ARG_BOOL: json_bool(j, "bool", a->lo != 0); break;
    case ARG_STRING: json_text(j, "string", a->text); break;
    case ARG_RANGE:
        json_list(j, "range");
        json_add_int(j, a->lo);
        json_add_int(j, a->hi);
        json_end_list(j);
        break;
    case ARG_INTS:
        json_list(j, "ints");
        for (uint32_t i = 0; i < a->n_ints; i++)
            json_add_int(j, a->ints[i]);
        json_end_list(j);
        break;
    case ARG_STRINGS:
        json_list(j, "strings");
        for (uint32_t i = 0; i < a->n_strings; i++)
            json_add_string(j, a->strings[i]);
        json_end_list(j);
        break;
    case ARG_TEXT: pieces(j, "path", &a->path); break;
    case ARG_FIELD:
        json_list(j, "field");
        json_add_int(j, a->hi);
        json_add_int(j, a->lo);
        json_end_list(j);
        break;
    case ARG_OPTION: json_int(j, "option", a->lo); break;
    case ARG_CALL:
        json_text(j, "call", a->text);
        json_int(j, "int", a->lo);
        break;
    }
    json_end(j);
}

static void reader(Json *j, const EmitProgram *e, const CoreReader *r)
{
    json_item(j);
    json_text(j, "kind", r->kind);
    pieces(j, "path", &r->path);
    json_int(j, "line", emit_line(e, r->span));
    put_elem(j, r->type.elem);
    put_dims(j, e, "dims", r->type.dim, r->type.rank);
    json_list(j, "args");
    for (uint32_t i = 0; i < r->args.n; i++)
        reader_arg(j, &r->args.at[i]);
    json_end_list(j);
    json_end(j);
}

static bool is_pointwise_field(const EmitProgram *e, const CoreField *f)
{
    for (uint32_t i = 0; i < e->entry.n; i++)
        if (e->entry.at[i].lowered->field == f) return e->entry.at[i].lowered->pointwise;
    return false;
}

static void field(Json *j, const EmitProgram *e, const CoreField *f, int expr)
{
    json_item(j);
    json_text(j, "name", f->name);
    json_int(j, "line", emit_line(e, f->span));
    put_elem(j, f->type.elem);
    put_bound(j, e, f->bound);
    put_dims(j, e, "dims", f->type.dim, f->type.rank);
    json_int(j, "length_of", f->length_of);
    json_int(j, "present_of", f->present_of);
    json_list(j, "readers");
    for (uint32_t i = 0; i < f->readers.n; i++)
        reader(j, e, &f->readers.at[i]);
    json_end_list(j);
    json_int(j, "expr", expr);
    if (is_pointwise_field(e, f)) json_bool(j, "pointwise", true);
    json_end(j);
}

static void data_blocks(Json *j, const EmitProgram *e)
{
    const CoreProgram *core = e->core;
    int n_exprs = 0;
    json_list(j, "data");
    for (uint32_t d = 0; d < core->data.n; d++) {
        const CoreData *data = &core->data.at[d];
        json_item(j);
        json_text(j, "name", data->name);
        json_int(j, "line", emit_line(e, data->span));
        json_list(j, "symbols");
        for (uint32_t i = 0; i < data->symbols.n; i++)
            json_add_string(j, symbol_name(core->dims, data->symbols.at[i]));
        json_end_list(j);
        json_list(j, "parts");
        for (uint32_t i = 0; i < data->parts.n; i++)
            json_add_string(j, data->parts.at[i]);
        json_end_list(j);
        json_bool(j, "has_test_source", data->has_test_source);
        json_list(j, "split");
        for (uint32_t i = 0; i < data->split.n; i++)
            reader_arg(j, &data->split.at[i]);
        json_end_list(j);
        json_list(j, "fields");
        for (uint32_t i = 0; i < data->fields.n; i++)
            field(j, e, &data->fields.at[i], data->fields.at[i].expr ? n_exprs++ : -1);
        json_end_list(j);
        json_end(j);
    }
    json_end_list(j);
}

/* ---- entries -------------------------------------------------------------------------------------- */

static int size_index(const EmitEntry *entry, Symbol symbol)
{
    for (uint32_t i = 0; i < entry->sizes.n; i++)
        if (symbol && entry->sizes.at[i] == symbol) return (int)i;
    return -1;
}

static void entry_arg(Json *j, const EmitProgram *e, const EmitEntry *entry, const CoreArg *a)
{
    static const char *const roles[] = {"field", "tensor", "scalar", "dim"};
    json_item(j);
    json_text(j, "name", a->name);
    json_text(j, "role", roles[a->role]);
    put_elem(j, a->type.elem);
    put_dims(j, e, "dims", a->type.dim, a->role == ROLE_DIM ? 0 : a->type.rank);
    put_bound(j, e, a->bound);
    json_int(j, "data", a->data);
    json_int(j, "field", a->field);
    json_int(j, "size", a->role == ROLE_DIM ? size_index(entry, a->dim) : -1);
    if (a->has_default) json_number(j, "default", a->value);
    json_end(j);
}

static void entry_reports(Json *j, const EmitProgram *e, const EmitEntry *entry)
{
    const CoreEntry *core = entry->lowered->core;
    json_list(j, "reports");
    for (uint32_t i = 0; i < core->reports.n; i++) {
        const CoreReport *r = &core->reports.at[i];
        const Graph *g = entry->lowered->report;
        const Type *type = graph_type(g, g->result.at[i].ref);
        json_item(j);
        json_text(j, "name", r->name);
        put_dims(j, e, "dims", type->dim, type->rank);
        json_bool(j, "per_class", r->per_class);
        json_bool(j, "metric", r->is_metric);
        json_text(j, "better", r->goal == GOAL_NONE ? NULL : r->goal == GOAL_HIGHER ? "higher" : "lower");
        json_int(j, "data", r->data);
        json_int(j, "field", r->field);
        json_end(j);
    }
    json_end_list(j);
}

static void head_text(Json *j, const char *name, const CoreText *text)
{
    if (text->n)
        pieces(j, name, text);
    else
        json_text(j, name, NULL);
}

static int eval_entry(const EmitProgram *e, const char *name)
{
    for (uint32_t i = 0; i < e->core->entries.n; i++) {
        const CoreEntry *c = e->core->entries.at[i];
        if (c->kind == ENTRY_EVAL && c->derived_from < 0 && strcmp(c->name, name) == 0) return (int)i;
    }
    return -1;
}

static void entry_head(Json *j, const EmitProgram *e, const CoreEntry *core)
{
    const CoreHead *h = &core->head;
    bool train = core->kind == ENTRY_TRAIN;
    json_members(j, "head");
    json_int(j, "batch", h->has_batch ? h->batch : 32);
    json_int(j, "epochs", h->has_epochs ? h->epochs : h->has_steps ? 0 : 1);
    json_int(j, "steps", h->has_steps ? h->steps : 0);
    json_int(j, "seed", h->has_seed ? h->seed : 0);
    json_bool(j, "shuffle", h->has_shuffle ? h->shuffle != 0 : train);
    json_int(j, "accumulate", h->accumulate > 0 ? h->accumulate : 1);
    json_int(j, "threads", h->threads);
    json_int(j, "log_every", h->log_every > 0 ? h->log_every : 100);
    json_int(j, "validate_every", h->validate_every);
    json_int(j, "save_every", h->save_every);
    json_int(j, "patience", h->patience);
    json_number(j, "ema", h->ema);
    if (h->save_none)
        json_bool(j, "save", false);
    else
        head_text(j, "save", &h->save);
    head_text(j, "load", &h->load);
    head_text(j, "init", &h->init);
    head_text(j, "map", &h->map);
    json_text(j, "layout", h->torch ? "torch" : NULL);
    head_text(j, "log", &h->log);
    json_text(j, "validate", h->validate_is_entry ? NULL : h->validate);
    json_int(j, "validate_entry", h->validate && h->validate_is_entry ? eval_entry(e, h->validate) : -1);
    json_end(j);
}

static void entry_results(Json *j, const EmitProgram *e, const CoreEntry *core)
{
    json_list(j, "results");
    for (uint32_t i = 0; i < core->outs.n; i++) {
        const CoreOut *o = &core->outs.at[i];
        json_item(j);
        put_elem(j, o->type.elem);
        put_dims(j, e, "dims", o->type.dim, o->type.rank);
        put_bound(j, e, o->bound);
        json_int(j, "data", o->data);
        json_int(j, "field", o->field);
        json_end(j);
    }
    json_end_list(j);
}

static void surrogate(Json *j, const CoreMinimize *m)
{
    json_text(j, "surrogate", m->surrogate);
    json_list(j, "unchecked");
    for (uint32_t i = 0; i < m->unchecked.n; i++)
        json_add_int(j, m->unchecked.at[i]);
    json_end_list(j);
}

/* The names of its numbers, in the order of the values that a step gives them. */
static void numbers(Json *j, const Optimizer *row)
{
    json_list(j, "numbers");
    for (const OptimizerArg *arg = row->arg; arg->name; arg++)
        if (arg->range != RANGE_switch) json_add_string(j, arg->name);
    json_end_list(j);
}

/* Asserts and prints: where they stand, what they say, what they look at. */
static void entry_probes(Json *j, const EmitProgram *e, const EmitEntry *entry)
{
    const CoreEntry *core = entry->lowered->core;
    json_list(j, "probes");
    for (uint32_t i = 0; i < core->probes.n; i++) {
        const CoreProbe *p = &core->probes.at[i];
        const Type *type = &entry->lowered->probed[i];
        const SourceFile *file = source_get(e->sources, p->span.file);
        json_item(j);
        json_text(j, "kind", p->prints ? "print" : "assert");
        json_text(j, "file", file ? file->name : "?");
        json_int(j, "line", emit_line(e, p->span));
        json_text(j, "path", p->path ? p->path : "");
        json_text(j, "text", p->text);
        json_text(j, "dtype", dtype_name(type->dtype));
        put_dims(j, e, "dims", type->dim, type->rank);
        json_bool(j, "conditional", p->conditional);
        json_end(j);
    }
    json_end_list(j);
}

static void entry_lists(Json *j, const EmitProgram *e, const EmitEntry *entry)
{
    const CoreEntry *core = entry->lowered->core;
    json_list(j, "statements");
    for (uint32_t i = 0; i < core->minimizes.n; i++) {
        json_item(j);
        json_text(j, "optimizer", core->minimizes.at[i].optimizer->name);
        json_int(j, "tensors", core->minimizes.at[i].over.n);
        json_int(j, "line", emit_line(e, core->minimizes.at[i].span));
        numbers(j, core->minimizes.at[i].optimizer);
        if (core->minimizes.at[i].surrogate) surrogate(j, &core->minimizes.at[i]);
        json_end(j);
    }
    json_end_list(j);
    entry_probes(j, e, entry);
    json_list(j, "requires");
    for (uint32_t i = 0; i < core->requires_.n; i++) {
        json_item(j);
        json_text(j, "text", core->requires_.at[i].text);
        json_int(j, "line", emit_line(e, core->requires_.at[i].span));
        json_end(j);
    }
    json_end_list(j);
}

static bool reads_weights(const LoweredEntry *entry)
{
    const Graph *g = entry->step[0];
    for (uint32_t i = 0; i < g->param.n; i++) {
        const GraphParam *p = &g->param.at[i];
        if (p->kind != PARAM_WEIGHT && p->kind != PARAM_STATE) continue;
        for (uint32_t k = 0; k < g->arg.n; k++)
            if (g->arg.at[k] == p->ref) return true;
        for (uint32_t k = 0; k < g->result.n; k++)
            if (g->result.at[k].ref == p->ref) return true;
    }
    return false;
}

static bool body_reads_steps(const CoreBody *body)
{
    for (uint32_t i = 0; body && i < body->ins.n; i++) {
        const CoreIns *ins = &body->ins.at[i];
        if (ins->op == CORE_counter && ins->attr[0] == 2) return true;
        if (body_reads_steps(ins->bodies[0]) || body_reads_steps(ins->bodies[1])) return true;
    }
    return false;
}

static bool reads_steps(const CoreEntry *core)
{
    bool reads = body_reads_steps(core->cond_body);
    for (uint32_t i = 0; i < 1u << core->n_conditions; i++)
        reads |= body_reads_steps(core->body[i]);
    return reads;
}

static void entry_json(Json *j, const EmitProgram *e, const EmitEntry *entry)
{
    static const char *const kinds[] = {"train", "eval", "export"};
    const CoreEntry *core = entry->lowered->core;
    json_item(j);
    json_text(j, "name", core->name);
    json_text(j, "kind", kinds[core->kind]);
    json_int(j, "line", emit_line(e, core->span));
    json_int(j, "derived_from", core->derived_from);
    json_list(j, "sizes");
    for (uint32_t i = 0; i < entry->sizes.n; i++)
        json_add_string(j, entry->size_names.at[i]);
    json_end_list(j);
    json_int(j, "n_binders", core->binders.n);
    json_int(j, "batch_size", core->kind != ENTRY_EXPORT && core->binders.n ? 0 : -1);
    json_int(j, "data", core->data);
    json_text(j, "part", core->part);
    json_list(j, "data_sizes");
    for (uint32_t i = 0; i < core->data_symbols.n; i++)
        json_add_int(j, size_index(entry, core->data_symbols.at[i]));
    json_end_list(j);
    json_list(j, "args");
    for (uint32_t i = 0; i < core->args.n; i++)
        entry_arg(j, e, entry, &core->args.at[i]);
    json_end_list(j);
    entry_results(j, e, core);
    entry_reports(j, e, entry);
    entry_lists(j, e, entry);
    entry_head(j, e, core);
    emit_kernels(j, e, entry);
    json_bool(j, "draws", core->draws);
    json_bool(j, "weights", reads_weights(entry->lowered));
    json_bool(j, "reads_steps", reads_steps(core));
    json_end(j);
}

/* The weights that no tensor has. */
static void integers(Json *j, const EmitProgram *e)
{
    json_list(j, "int8");
    for (uint32_t i = 0; i < e->integers.n; i++) {
        const LayoutTensor *t = e->integers.at[i].tensor;
        json_item(j);
        json_text(j, "name", t->name);
        json_list(j, "dims");
        for (int a = 0; a < t->type.rank; a++)
            json_add_int(j, t->extent[a]);
        json_end_list(j);
        json_int(j, "bytes", e->integers.at[i].bytes);
        json_end(j);
    }
    json_end_list(j);
}

const char *emit_manifest(const EmitProgram *e)
{
    Json j = {.t = {.arena = e->arena}, .first = true};
    json_item(&j);
    json_text(&j, "nnc", e->version);
    json_text(&j, "program", e->core->name);
    json_text(&j, "source", e->source);
    json_text(&j, "float", e->f64 ? "f64" : e->bf16 ? "bf16" : "f32");
    if (e->int8) integers(&j, e);
    options(&j, e);
    models(&j, e);
    emit_layers(&j, e);
    modules(&j, e->core);
    torch_names(&j, e->core);
    tensor_lines(&j, e);
    data_blocks(&j, e);
    json_list(&j, "entries");
    for (uint32_t i = 0; i < e->entry.n; i++)
        if (e->entry.at[i].lowered->core) entry_json(&j, e, &e->entry.at[i]);
    json_end_list(&j);
    emit_flows(&j, e);
    json_list(&j, "field_entries");
    for (uint32_t i = 0; i < e->entry.n; i++) {
        if (e->entry.at[i].lowered->core) continue;
        json_add_int(&j, i);
    }
    json_end_list(&j);
    json_end(&j);
    return text_c(&j.t);
}
