/* SPDX-License-Identifier: MIT
 * manifest.c: the program as JSON for the hosted runtime (docs/manifest.md). */
#include <math.h>
#include <string.h>

#include "emit/emit.h"

typedef struct Json { /* a writer: commas are put where they belong */
    Text t;
    bool first;
    const EmitProgram *e;
} Json;

static void comma(Json *j)
{
    if (!j->first) text_add(&j->t, ",");
    j->first = false;
}

static void quoted(Json *j, const char *text)
{
    text_add(&j->t, "\"");
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            text_add(&j->t, "\\%c", *c);
        else if (*c < 32)
            text_add(&j->t, "\\u%04x", *c);
        else
            text_bytes(&j->t, (const char *)c, 1);
    }
    text_add(&j->t, "\"");
}

static void key(Json *j, const char *name)
{
    comma(j);
    quoted(j, name);
    text_add(&j->t, ":");
}

static void open(Json *j, const char *bracket)
{
    text_add(&j->t, "%s", bracket);
    j->first = true;
}

static void close(Json *j, const char *bracket)
{
    text_add(&j->t, "%s", bracket);
    j->first = false;
}

static void put_string(Json *j, const char *name, const char *text)
{
    key(j, name);
    quoted(j, text);
}
static void put_int(Json *j, const char *name, int64_t v)
{
    key(j, name);
    text_add(&j->t, "%lld", (long long)v);
}
static void put_bool(Json *j, const char *name, bool v)
{
    key(j, name);
    text_add(&j->t, v ? "true" : "false");
}
static void number(Json *j, double v)
{
    if (isfinite(v))
        text_add(&j->t, "%.17g", v);
    else
        text_add(&j->t, "null");
}
static void put_number(Json *j, const char *name, double v)
{
    key(j, name);
    number(j, v);
}

/* "none": as the file has it. */
static void put_elem(Json *j, uint8_t elem)
{
    put_string(j, "elem", elem ? elem_name((Elem)elem) : "none");
}

static void put_dims(Json *j, const char *name, const Dim *dim, int rank)
{
    key(j, name);
    open(j, "[");
    for (int i = 0; i < rank; i++) {
        int64_t v = 0;
        comma(j);
        if (dim_is_const(j->e->core->dims, dim[i], &v))
            text_add(&j->t, "%lld", (long long)v);
        else
            quoted(j, emit_dim_text(j->e, dim[i]));
    }
    close(j, "]");
}

static void put_bound(Json *j, Dim bound)
{
    int64_t v = 0;
    if (bound && !dim_is_const(j->e->core->dims, bound, &v)) v = 0;
    put_int(j, "bound", v);
}

static void pieces(Json *j, const CoreText *text)
{
    open(j, "[");
    for (uint32_t i = 0; i < text->n; i++) {
        comma(j);
        if (text->piece[i].option >= 0)
            text_add(&j->t, "{\"option\":%d}", text->piece[i].option);
        else
            quoted(j, text->piece[i].text);
    }
    close(j, "]");
}

static void options(Json *j)
{
    key(j, "options");
    open(j, "[");
    for (uint32_t i = 0; i < j->e->core->options.n; i++) {
        const CoreOption *o = &j->e->core->options.at[i];
        comma(j);
        open(j, "{");
        put_string(j, "name", o->name);
        put_string(j, "type", o->elem == ELEM_none ? "string" : elem_name((Elem)o->elem));
        key(j, "default");
        if (o->elem == ELEM_none)
            quoted(j, o->text);
        else if (o->elem == ELEM_bool)
            text_add(&j->t, o->number != 0 ? "true" : "false");
        else
            number(j, o->number);
        put_string(j, "doc", o->doc ? o->doc : "");
        put_int(j, "offset", j->e->option_offset[i]);
        put_int(j, "line", emit_line(j->e, o->span));
        close(j, "}");
    }
    close(j, "]");
}

/* Elements of the parameters below a layer's path. */
static int64_t parameters_below(const EmitProgram *e, const char *path)
{
    int64_t n = 0;
    size_t length = strlen(path);
    for (uint32_t i = 0; i < e->layout.tensor.n; i++) {
        const LayoutTensor *t = &e->layout.tensor.at[i];
        if (t->is_state || strncmp(t->name, path, length) != 0 || t->name[length] != '.') continue;
        int64_t count = 1;
        for (int a = 0; a < t->type.rank; a++) count *= t->extent[a];
        n += count;
    }
    return n;
}

static void models(Json *j)
{
    const CoreProgram *core = j->e->core;
    key(j, "models");
    open(j, "[");
    for (uint32_t i = 0; i < core->models.n; i++) {
        comma(j);
        open(j, "{");
        put_string(j, "name", core->models.at[i].name);
        put_int(j, "first", core->models.at[i].first);
        put_int(j, "n", core->models.at[i].n);
        close(j, "}");
    }
    close(j, "]");
    key(j, "layers");
    open(j, "[");
    for (uint32_t i = 0; i < core->layers.n; i++) {
        const CoreLayerInfo *l = &core->layers.at[i];
        comma(j);
        open(j, "{");
        put_string(j, "path", l->path);
        put_string(j, "type", l->type);
        put_string(j, "out", emit_type_text(j->e, &l->out, 0));
        put_int(j, "params", parameters_below(j->e, l->path));
        close(j, "}");
    }
    close(j, "]");
}

/* Where tensors are declared: lines of the program's own file, 0 in another. */
static void tensor_lines(Json *j)
{
    const CoreProgram *core = j->e->core;
    uint32_t own = core->entries.n ? core->entries.at[0]->span.file : 0;
    key(j, "tensor_lines");
    open(j, "[");
    for (uint32_t i = 0; i < core->tensors.n; i++) {
        Span span = core->tensors.at[i].span;
        comma(j);
        text_add(&j->t, "%d", span.file == own ? emit_line(j->e, span) : 0);
    }
    close(j, "]");
}

static void reader_arg(Json *j, const CoreReaderArg *a)
{
    comma(j);
    open(j, "{");
    put_string(j, "key", a->key);
    switch (a->kind) {
    case ARG_INT: put_int(j, "int", a->lo); break;
    case ARG_NUMBER: put_number(j, "number", a->number); break;
    case ARG_BOOL: put_bool(j, "bool", a->lo != 0); break;
    case ARG_STRING: put_string(j, "string", a->text); break;
    case ARG_RANGE:
        key(j, "range");
        text_add(&j->t, "[%lld,%lld]", (long long)a->lo, (long long)a->hi);
        break;
    case ARG_INTS:
        key(j, "ints");
        open(j, "[");
        for (uint32_t i = 0; i < a->n_ints; i++) {
            comma(j);
            text_add(&j->t, "%lld", (long long)a->ints[i]);
        }
        close(j, "]");
        break;
    case ARG_STRINGS:
        key(j, "strings");
        open(j, "[");
        for (uint32_t i = 0; i < a->n_strings; i++) {
            comma(j);
            quoted(j, a->strings[i]);
        }
        close(j, "]");
        break;
    case ARG_TEXT:
        key(j, "path");
        pieces(j, &a->path);
        break;
    case ARG_FIELD:
        key(j, "field");
        if (a->hi >= 0)
            text_add(&j->t, "[%lld,%lld]", (long long)a->hi, (long long)a->lo);
        else
            text_add(&j->t, "%lld", (long long)a->lo);
        break;
    case ARG_CALL:
        put_string(j, "call", a->text);
        put_int(j, "int", a->lo);
        break;
    }
    close(j, "}");
}

static void reader(Json *j, const CoreReader *r)
{
    comma(j);
    open(j, "{");
    put_string(j, "kind", r->kind);
    key(j, "path");
    pieces(j, &r->path);
    put_int(j, "line", emit_line(j->e, r->span));
    put_elem(j, r->type.elem);
    put_dims(j, "dims", r->type.dim, r->type.rank);
    put_bound(j, r->bound);
    key(j, "args");
    open(j, "[");
    for (uint32_t i = 0; i < r->args.n; i++) reader_arg(j, &r->args.at[i]);
    close(j, "]");
    close(j, "}");
}

static void field(Json *j, const CoreField *f, int expr)
{
    comma(j);
    open(j, "{");
    put_string(j, "name", f->name);
    put_int(j, "line", emit_line(j->e, f->span));
    put_elem(j, f->type.elem);
    put_bound(j, f->bound);
    put_dims(j, "dims", f->type.dim, f->type.rank);
    put_int(j, "length_of", f->length_of);
    put_int(j, "present_of", f->present_of);
    key(j, "readers");
    open(j, "[");
    for (uint32_t i = 0; i < f->readers.n; i++) reader(j, &f->readers.at[i]);
    close(j, "]");
    put_int(j, "expr", expr);
    close(j, "}");
}

static void data_blocks(Json *j)
{
    const CoreProgram *core = j->e->core;
    int n_exprs = 0;
    key(j, "data");
    open(j, "[");
    for (uint32_t d = 0; d < core->data.n; d++) {
        const CoreData *data = &core->data.at[d];
        comma(j);
        open(j, "{");
        put_string(j, "name", data->name);
        put_int(j, "line", emit_line(j->e, data->span));
        key(j, "symbols");
        open(j, "[");
        for (uint32_t i = 0; i < data->symbols.n; i++) {
            comma(j);
            quoted(j, symbol_name(core->dims, data->symbols.at[i]));
        }
        close(j, "]");
        key(j, "parts");
        open(j, "[");
        for (uint32_t i = 0; i < data->parts.n; i++) {
            comma(j);
            quoted(j, data->parts.at[i]);
        }
        close(j, "]");
        put_bool(j, "has_test_source", data->has_test_source);
        key(j, "split");
        open(j, "[");
        for (uint32_t i = 0; i < data->split.n; i++) reader_arg(j, &data->split.at[i]);
        close(j, "]");
        key(j, "fields");
        open(j, "[");
        for (uint32_t i = 0; i < data->fields.n; i++)
            field(j, &data->fields.at[i], data->fields.at[i].expr ? n_exprs++ : -1);
        close(j, "]");
        close(j, "}");
    }
    close(j, "]");
}

/* ---- entries -------------------------------------------------------------------------------------- */

static int size_index(const EmitEntry *entry, Symbol symbol)
{
    for (uint32_t i = 0; i < entry->sizes.n; i++)
        if (symbol && entry->sizes.at[i] == symbol) return (int)i;
    return -1;
}

static void entry_arg(Json *j, const EmitEntry *entry, const CoreArg *a)
{
    static const char *const roles[] = { "field", "tensor", "scalar", "dim" };
    comma(j);
    open(j, "{");
    put_string(j, "name", a->name);
    put_string(j, "role", roles[a->role]);
    put_elem(j, a->type.elem);
    put_dims(j, "dims", a->type.dim, a->role == ROLE_DIM ? 0 : a->type.rank);
    put_bound(j, a->bound);
    put_int(j, "data", a->data);
    put_int(j, "field", a->field);
    put_int(j, "size", a->role == ROLE_DIM ? size_index(entry, a->dim) : -1);
    if (a->has_default) put_number(j, "default", a->value);
    close(j, "}");
}

static void entry_reports(Json *j, const EmitEntry *entry)
{
    const CoreEntry *core = entry->lowered->core;
    key(j, "reports");
    open(j, "[");
    for (uint32_t i = 0; i < core->reports.n; i++) {
        const CoreReport *r = &core->reports.at[i];
        const Graph *g = entry->lowered->report;
        const Type *type = graph_type(g, g->result.at[i].ref);
        comma(j);
        open(j, "{");
        put_string(j, "name", r->name);
        put_dims(j, "dims", type->dim, type->rank);
        put_bool(j, "per_class", r->per_class);
        put_bool(j, "metric", r->is_metric);
        key(j, "better");
        if (r->goal == GOAL_NONE)
            text_add(&j->t, "null");
        else
            quoted(j, r->goal == GOAL_HIGHER ? "higher" : "lower");
        put_int(j, "data", r->data);
        put_int(j, "field", r->field);
        close(j, "}");
    }
    close(j, "]");
}

static void head_text(Json *j, const char *name, const CoreText *text)
{
    key(j, name);
    if (text->n)
        pieces(j, text);
    else
        text_add(&j->t, "null");
}

static int eval_entry(const EmitProgram *e, const char *name)
{
    for (uint32_t i = 0; i < e->core->entries.n; i++) {
        const CoreEntry *c = e->core->entries.at[i];
        if (c->kind == ENTRY_EVAL && c->derived_from < 0 && strcmp(c->name, name) == 0) return (int)i;
    }
    return -1;
}

static void entry_head(Json *j, const CoreEntry *core)
{
    const CoreHead *h = &core->head;
    bool train = core->kind == ENTRY_TRAIN;
    key(j, "head");
    open(j, "{");
    put_int(j, "batch", h->has_batch ? h->batch : 32);
    put_int(j, "epochs", h->has_epochs ? h->epochs : h->has_steps ? 0 : 1);
    put_int(j, "steps", h->has_steps ? h->steps : 0);
    put_int(j, "seed", h->has_seed ? h->seed : 0);
    put_bool(j, "shuffle", h->has_shuffle ? h->shuffle != 0 : train);
    put_int(j, "accumulate", h->accumulate > 0 ? h->accumulate : 1);
    put_int(j, "threads", h->threads);
    put_int(j, "log_every", h->log_every > 0 ? h->log_every : 100);
    put_int(j, "validate_every", h->validate_every);
    put_int(j, "save_every", h->save_every);
    put_number(j, "ema", h->ema);
    if (h->save_none)
        put_bool(j, "save", false);
    else
        head_text(j, "save", &h->save);
    head_text(j, "load", &h->load);
    head_text(j, "init", &h->init);
    head_text(j, "log", &h->log);
    key(j, "validate");
    if (h->validate && !h->validate_is_entry)
        quoted(j, h->validate);
    else
        text_add(&j->t, "null");
    put_int(j, "validate_entry", h->validate && h->validate_is_entry ? eval_entry(j->e, h->validate) : -1);
    close(j, "}");
}

static void entry_results(Json *j, const CoreEntry *core)
{
    key(j, "results");
    open(j, "[");
    for (uint32_t i = 0; i < core->outs.n; i++) {
        const CoreOut *o = &core->outs.at[i];
        comma(j);
        open(j, "{");
        put_elem(j, o->type.elem);
        put_dims(j, "dims", o->type.dim, o->type.rank);
        put_bound(j, o->bound);
        put_int(j, "data", o->data);
        put_int(j, "field", o->field);
        close(j, "}");
    }
    close(j, "]");
}

static void surrogate(Json *j, const CoreMinimize *m)
{
    put_string(j, "surrogate", m->surrogate);
    key(j, "unchecked");
    open(j, "[");
    for (uint32_t i = 0; i < m->unchecked.n; i++) {
        comma(j);
        text_add(&j->t, "%u", m->unchecked.at[i]);
    }
    close(j, "]");
}

static void entry_lists(Json *j, const EmitEntry *entry)
{
    const CoreEntry *core = entry->lowered->core;
    key(j, "statements");
    open(j, "[");
    for (uint32_t i = 0; i < core->minimizes.n; i++) {
        comma(j);
        open(j, "{");
        put_string(j, "optimizer", core->minimizes.at[i].optimizer->name);
        put_int(j, "tensors", core->minimizes.at[i].over.n);
        put_int(j, "line", emit_line(j->e, core->minimizes.at[i].span));
        if (core->minimizes.at[i].surrogate) surrogate(j, &core->minimizes.at[i]);
        close(j, "}");
    }
    close(j, "]");
    key(j, "requires");
    open(j, "[");
    for (uint32_t i = 0; i < core->requires_.n; i++) {
        comma(j);
        open(j, "{");
        put_string(j, "text", core->requires_.at[i].text);
        put_int(j, "line", emit_line(j->e, core->requires_.at[i].span));
        close(j, "}");
    }
    close(j, "]");
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
    for (uint32_t i = 0; i < 1u << core->n_conditions; i++) reads |= body_reads_steps(core->body[i]);
    return reads;
}

static void entry_json(Json *j, const EmitEntry *entry)
{
    static const char *const kinds[] = { "train", "eval", "export" };
    const CoreEntry *core = entry->lowered->core;
    comma(j);
    open(j, "{");
    put_string(j, "name", core->name);
    put_string(j, "kind", kinds[core->kind]);
    put_int(j, "line", emit_line(j->e, core->span));
    put_int(j, "derived_from", core->derived_from);
    key(j, "sizes");
    open(j, "[");
    for (uint32_t i = 0; i < entry->sizes.n; i++) {
        comma(j);
        quoted(j, entry->size_names.at[i]);
    }
    close(j, "]");
    put_int(j, "n_binders", core->binders.n);
    put_int(j, "batch_size", core->kind != ENTRY_EXPORT && core->binders.n ? 0 : -1);
    put_int(j, "data", core->data);
    key(j, "part");
    if (core->part)
        quoted(j, core->part);
    else
        text_add(&j->t, "null");
    key(j, "data_sizes");
    open(j, "[");
    for (uint32_t i = 0; i < core->data_symbols.n; i++) {
        comma(j);
        text_add(&j->t, "%d", size_index(entry, core->data_symbols.at[i]));
    }
    close(j, "]");
    key(j, "args");
    open(j, "[");
    for (uint32_t i = 0; i < core->args.n; i++) entry_arg(j, entry, &core->args.at[i]);
    close(j, "]");
    entry_results(j, core);
    entry_reports(j, entry);
    entry_lists(j, entry);
    entry_head(j, core);
    put_bool(j, "draws", core->draws);
    put_bool(j, "weights", reads_weights(entry->lowered));
    put_bool(j, "reads_steps", reads_steps(core));
    close(j, "}");
}

const char *emit_manifest(const EmitProgram *e)
{
    Json j = { .t = { .arena = e->arena }, .first = true, .e = e };
    open(&j, "{");
    put_string(&j, "nnc", e->version);
    put_string(&j, "program", e->core->name);
    put_string(&j, "source", e->source);
    put_string(&j, "float", e->f64 ? "f64" : "f32");
    options(&j);
    models(&j);
    tensor_lines(&j);
    data_blocks(&j);
    key(&j, "entries");
    open(&j, "[");
    for (uint32_t i = 0; i < e->entry.n; i++)
        if (e->entry.at[i].lowered->core) entry_json(&j, &e->entry.at[i]);
    close(&j, "]");
    key(&j, "field_entries");
    open(&j, "[");
    for (uint32_t i = 0; i < e->entry.n; i++) {
        if (e->entry.at[i].lowered->core) continue;
        comma(&j);
        text_add(&j.t, "%u", i);
    }
    close(&j, "]");
    close(&j, "}");
    return text_c(&j.t);
}
