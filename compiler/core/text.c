/* SPDX-License-Identifier: MIT
 * text.c: the checked program as text (--dump=core), and from it: each function says how one thing is written, for both ways
 * (io.h). Places in the source are not in the text: what is read has none. */
#include <math.h>
#include <string.h>

#include "core/core.h"
#include "core/io.h"

/* ---- types ------------------------------------------------------------------------------------ */

static uint8_t elem(Io *io, uint8_t value)
{
    const char *words[ELEM_u8 + 1];
    for (int i = 0; i <= ELEM_u8; i++)
        words[i] = elem_name((Elem)i);
    return (uint8_t)io_choice(io, words, ELEM_u8 + 1, value);
}

static void type(Io *io, CoreType *t)
{
    t->elem = elem(io, t->elem);
    int i = 0;
    for (; io_maybe(io, i ? "," : "[", i < t->rank); i++) {
        if (i == CORE_MAX_RANK) io_fail(io, "too many axes");
        if (io->error) return;
        t->dim[i] = io_dim(io, t->dim[i]);
    }
    if (i) io_word(io, "]");
    t->rank = (uint8_t)i;
}

static Dim size(Io *io, Dim d)
{
    io_word(io, "<");
    d = io_dim(io, d);
    io_word(io, ">");
    return d;
}

static void bound(Io *io, Dim *d)
{
    if (io_maybe(io, "below", *d != 0)) *d = size(io, *d);
}

/* A number that most things have not: of the field or data block, -1 if none. */
static void number(Io *io, const char *word, int32_t *n)
{
    bool there = io_maybe(io, word, *n >= 0);
    *n = there ? (int32_t)io_integer(io, *n) : -1;
}

static void flag(Io *io, const char *word, bool *value)
{
    *value = io_maybe(io, word, *value);
}

static void name(Io *io, const char *word, const char **value)
{
    if (io_maybe(io, word, *value != NULL)) *value = io_text(io, *value);
}

static void integer(Io *io, const char *word, int64_t *value)
{
    if (io_maybe(io, word, *value != 0)) *value = io_integer(io, *value);
}

static void real(Io *io, const char *word, double *value)
{
    if (io_maybe(io, word, *value != 0 || signbit(*value))) *value = io_real(io, *value);
}

/* Numbers with commas between them. */
#define NUMBERS(io, word, list) \
    do \
        for (uint32_t i_ = 0; IO_NEXT(io, list, i_, i_ ? "," : word); i_++) \
            (list)->at[i_] = (uint32_t)io_integer(io, (list)->at[i_]); \
    while (0)

/* A line for each element, which begins with a word. */
#define LINES(io, list, word, one) \
    for (uint32_t i_ = 0; io_reads(io) || i_ < (list)->n; i_++) { \
        io_line(io); \
        if (!IO_NEXT(io, list, i_, word)) break; \
        one(io, &(list)->at[i_]); \
    }

/* ---- instructions ----------------------------------------------------------------------------- */

static int64_t number_bits(Io *io, int64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    x = io_real(io, x);
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static void attributes(Io *io, CoreIns *ins)
{
    VEC(int64_t) list = {ins->attr, ins->n_attr, ins->n_attr};
    uint32_t i = 0;
    for (; IO_NEXT(io, &list, i, i ? "," : "{"); i++) {
        char kind = core_attribute(ins->op, i);
        if (io_reads(io) && !kind) io_fail(io, "too many attributes");
        if (kind == 's')
            list.at[i] = size(io, (Dim)list.at[i]);
        else if (kind == 'r')
            list.at[i] = number_bits(io, list.at[i]);
        else
            list.at[i] = io_integer(io, list.at[i]);
    }
    if (i) io_word(io, "}");
    ins->attr = list.at;
    ins->n_attr = list.n;
}

static void result_types(Io *io, CoreIns *ins)
{
    io_word(io, ":");
    if (io_maybe(io, "-", ins->n_out == 0)) return;
    VEC(CoreType) list = {ins->types, ins->types ? ins->n_out : 0, ins->types ? ins->n_out : 0};
    uint32_t i = 0;
    for (; IO_NEXT(io, &list, i, i ? "," : "("); i++)
        type(io, &list.at[i]);
    if (i) {
        io_word(io, ")");
        if (!io_reads(io)) return;
        ins->types = list.at;
        ins->n_out = list.n;
        ins->type = list.at[0];
        return;
    }
    type(io, &ins->type);
    ins->n_out = 1;
}

static CoreBody *body(Io *io, const char *word, CoreBody *b);

static void instruction(Io *io, CoreIns *ins, uint32_t ref)
{
    if (io_integer(io, ref) != ref) io_fail(io, "instructions are numbered from 1");
    io_word(io, "=");
    ins->op = (uint16_t)io_choice(io, core_op_names, CORE_COUNT, ins->op);
    VEC(CoreRef) in = {ins->in, ins->n_in, ins->n_in};
    for (uint32_t i = 0; IO_NEXT(io, &in, i, i ? ", %" : "%"); i++)
        in.at[i] = (CoreRef)io_integer(io, in.at[i]);
    ins->in = in.at;
    ins->n_in = in.n;
    attributes(io, ins);
    real(io, "number", &ins->number);
    integer(io, "integer", &ins->integer);
    name(io, "name", &ins->name);
    result_types(io, ins);
    const char *path = ins->path && ins->path[0] ? ins->path : NULL;
    name(io, "in", &path);
    ins->path = path ? path : "";
}

static CoreBody *body(Io *io, const char *word, CoreBody *b)
{
    if (!io_maybe(io, word, b != NULL) || io->error) return b;
    if (io_reads(io)) b = ARENA_NEW(io->arena, CoreBody);
    io_word(io, "{");
    io->depth++;
    io_line(io);
    for (uint32_t i = 0; IO_NEXT(io, &b->args, i, "arg"); i++) {
        type(io, &b->args.at[i]);
        io_line(io);
    }
    for (uint32_t i = 0; IO_NEXT(io, &b->ins, i, "%"); i++) {
        CoreIns *ins = &b->ins.at[i];
        if (io_reads(io)) *ins = (CoreIns){.path = ""};
        instruction(io, ins, i + 1);
        CoreBody *inner = body(io, "do", ins->bodies[0]), *backward = body(io, "backward", ins->bodies[1]);
        b->ins.at[i].bodies[0] = inner;
        b->ins.at[i].bodies[1] = backward;
        io_line(io);
    }
    for (uint32_t i = 0; IO_NEXT(io, &b->results, i, i ? ", %" : "result %"); i++)
        b->results.at[i] = (CoreRef)io_integer(io, b->results.at[i]);
    io->depth--;
    io_line(io);
    io_word(io, "}");
    return b;
}

/* ---- options, parameters ---------------------------------------------------------------------- */

static void text(Io *io, const char *word, CoreText *t)
{
    uint32_t i = 0;
    for (; io_maybe(io, i ? "+" : word, i < t->n); i++) {
        if (i == sizeof t->piece / sizeof *t->piece) io_fail(io, "a text of too many pieces");
        if (io->error) return;
        bool is_option = io_maybe(io, "option", t->piece[i].option >= 0);
        t->piece[i].option = is_option ? (int32_t)io_integer(io, t->piece[i].option) : -1;
        if (!is_option) t->piece[i].text = io_text(io, t->piece[i].text);
    }
    t->n = i;
}

static void option(Io *io, CoreOption *o)
{
    o->name = io_text(io, o->name);
    io_word(io, ":");
    o->elem = elem(io, o->elem);
    real(io, "number", &o->number);
    name(io, "text", &o->text);
    name(io, "doc", &o->doc);
}

static void tensor(Io *io, CoreTensor *t)
{
    static const char *const inits[] = {"zero", "const", "normal", "uniform", "glorot", "he", "orthogonal", "truncated", "expr"};
    t->name = io_text(io, t->name);
    io_word(io, ":");
    type(io, &t->type);
    io_word(io, "=");
    t->init.kind = (CoreInitKind)io_choice(io, inits, sizeof inits / sizeof *inits, (int)t->init.kind);
    io_word(io, "(");
    t->init.a = io_real(io, t->init.a);
    io_word(io, ",");
    t->init.b = io_real(io, t->init.b);
    io_word(io, ")");
    flag(io, "state", &t->is_state);
    flag(io, "trained", &t->trained);
    t->init.body = body(io, "by", t->init.body);
}

/* ---- data ------------------------------------------------------------------------------------- */

static void argument_of_reader(Io *io, CoreReaderArg *a)
{
    static const char *const kinds[] = {"int", "number", "bool", "string", "range", "ints", "strings", "text", "field", "call", "option"};
    a->key = io_text(io, a->key);
    io_word(io, "=");
    a->kind = (CoreReaderArgKind)io_choice(io, kinds, sizeof kinds / sizeof *kinds, (int)a->kind);
    integer(io, "lo", &a->lo);
    integer(io, "hi", &a->hi);
    real(io, "real", &a->number);
    name(io, "word", &a->text);
    VEC(int64_t) ints = {a->ints, a->n_ints, a->n_ints};
    for (uint32_t i = 0; IO_NEXT(io, &ints, i, i ? "," : "of"); i++)
        ints.at[i] = io_integer(io, ints.at[i]);
    VEC(const char *) strings = {a->strings, a->n_strings, a->n_strings};
    for (uint32_t i = 0; IO_NEXT(io, &strings, i, i ? "," : "among"); i++)
        strings.at[i] = io_text(io, strings.at[i]);
    a->ints = ints.at, a->n_ints = ints.n;
    a->strings = strings.at, a->n_strings = strings.n;
    text(io, "path", &a->path);
}

static void reader(Io *io, CoreReader *r)
{
    r->kind = io_text(io, r->kind);
    io_word(io, ":");
    type(io, &r->type);
    text(io, "path", &r->path);
    io->depth++;
    LINES(io, &r->args, "with", argument_of_reader)
    io->depth--;
}

static void field(Io *io, CoreField *f)
{
    f->name = io_text(io, f->name);
    io_word(io, ":");
    type(io, &f->type);
    bound(io, &f->bound);
    number(io, "length_of", &f->length_of);
    number(io, "present_of", &f->present_of);
    f->expr = body(io, "by", f->expr);
    io->depth++;
    LINES(io, &f->readers, "reader", reader)
    io->depth--;
}

static void data_block(Io *io, CoreData *d)
{
    d->name = io_text(io, d->name);
    io->scope = io->symbols.n;
    for (uint32_t i = 0; IO_NEXT(io, &d->symbols, i, "size"); i++)
        d->symbols.at[i] = io_symbol(io, d->symbols.at[i]);
    for (uint32_t i = 0; IO_NEXT(io, &d->parts, i, "part"); i++)
        d->parts.at[i] = io_text(io, d->parts.at[i]);
    flag(io, "has_test_source", &d->has_test_source);
    io->depth++;
    LINES(io, &d->split, "split", argument_of_reader)
    LINES(io, &d->fields, "field", field)
    io->depth--;
}

/* ---- entry points ----------------------------------------------------------------------------- */

static void given(Io *io, const char *word, bool *has, int64_t *value)
{
    *has = io_maybe(io, word, *has);
    if (*has) *value = io_integer(io, *value);
}

static void head(Io *io, CoreHead *h)
{
    given(io, "batch", &h->has_batch, &h->batch);
    given(io, "epochs", &h->has_epochs, &h->epochs);
    given(io, "steps", &h->has_steps, &h->steps);
    given(io, "seed", &h->has_seed, &h->seed);
    given(io, "shuffle", &h->has_shuffle, &h->shuffle);
    integer(io, "accumulate", &h->accumulate);
    integer(io, "threads", &h->threads);
    integer(io, "log_every", &h->log_every);
    integer(io, "validate_every", &h->validate_every);
    integer(io, "save_every", &h->save_every);
    integer(io, "patience", &h->patience);
    real(io, "ema", &h->ema);
    text(io, "save", &h->save);
    flag(io, "save_none", &h->save_none);
    text(io, "load", &h->load);
    text(io, "init", &h->init);
    text(io, "map", &h->map);
    flag(io, "torch", &h->torch);
    text(io, "log", &h->log);
    name(io, "validate", &h->validate);
    flag(io, "validate_is_entry", &h->validate_is_entry);
}

static void argument(Io *io, CoreArg *a)
{
    static const char *const roles[] = {"field", "tensor", "scalar", "dim"};
    a->role = (CoreArgRole)io_choice(io, roles, sizeof roles / sizeof *roles, (int)a->role);
    a->name = io_text(io, a->name);
    if (a->role == ROLE_DIM) a->dim = io_symbol(io, a->dim);
    io_word(io, ":");
    type(io, &a->type);
    bound(io, &a->bound);
    number(io, "data", &a->data);
    number(io, "number", &a->field);
    flag(io, "default", &a->has_default);
    real(io, "value", &a->value);
}

static void result_of_export(Io *io, CoreOut *o)
{
    type(io, &o->type);
    bound(io, &o->bound);
    number(io, "data", &o->data);
    number(io, "number", &o->field);
}

static void requirement(Io *io, CoreRequire *r)
{
    static const char *const opers[] = {"equal", "not_equal", "less", "less_equal", "greater", "greater_equal"};
    r->left = size(io, r->left);
    r->oper = (Oper)(OPER_EQ + io_choice(io, opers, sizeof opers / sizeof *opers, (int)r->oper - OPER_EQ));
    r->right = size(io, r->right);
    r->text = io_text(io, r->text);
}

static void minimize(Io *io, CoreMinimize *m)
{
    const char *optimizer = io_text(io, io_reads(io) ? NULL : m->optimizer->name);
    if (io_reads(io) && !io->error && !(m->optimizer = optimizer_find(optimizer))) io_fail(io, "there is no such optimizer");
    io_word(io, "slots");
    m->slots = (uint32_t)io_integer(io, m->slots);
    io_word(io, "set");
    m->slot_set = (int32_t)io_integer(io, m->slot_set);
    io_word(io, "args");
    m->n_args = (uint32_t)io_integer(io, m->n_args);
    int64_t more = m->more;
    integer(io, "more", &more);
    m->more = (uint32_t)more;
    NUMBERS(io, "over", &m->over);
    name(io, "surrogate", &m->surrogate);
    NUMBERS(io, "unchecked", &m->unchecked);
}

static void probe(Io *io, CoreProbe *p)
{
    p->text = io_text(io, p->text);
    name(io, "in", &p->path);
    flag(io, "prints", &p->prints);
    flag(io, "conditional", &p->conditional);
}

static void report(Io *io, CoreReport *r)
{
    static const char *const goals[] = {"value", "lower", "higher"};
    r->name = io_text(io, r->name);
    io_word(io, "= %");
    r->value = (CoreRef)io_integer(io, r->value);
    r->goal = (uint8_t)io_choice(io, goals, sizeof goals / sizeof *goals, r->goal);
    flag(io, "metric", &r->is_metric);
    flag(io, "per_class", &r->per_class);
    number(io, "data", &r->data);
    number(io, "number", &r->field);
}

static void sum(Io *io, CoreSum *m)
{
    m->name = io_text(io, m->name);
    io_word(io, ":");
    type(io, &m->type);
    real(io, "from", &m->init);
}

/* The run-time sizes of the data, as numbers of binders; - for one without a name. */
static void data_sizes(Io *io, CoreEntry *e)
{
    for (uint32_t i = 0; IO_NEXT(io, &e->data_symbols, i, "sized"); i++) {
        Symbol *symbol = &e->data_symbols.at[i];
        uint32_t at = 0;
        while (!io_reads(io) && at < e->binders.n && e->binders.at[at] != *symbol)
            at++;
        if (io_maybe(io, "-", at == e->binders.n)) {
            *symbol = 0;
            continue;
        }
        int64_t n = io_integer(io, at);
        if (n < 0 || n >= e->binders.n)
            io_fail(io, "there is no such binder");
        else
            *symbol = e->binders.at[n];
    }
}

static void entry_lists(Io *io, CoreEntry *e)
{
    LINES(io, &e->args, "arg", argument)
    LINES(io, &e->outs, "out", result_of_export)
    LINES(io, &e->requires_, "requires", requirement)
    LINES(io, &e->probes, "probe", probe)
    LINES(io, &e->sums, "sum", sum)
    LINES(io, &e->minimizes, "minimize", minimize)
    LINES(io, &e->reports, "report", report)
}

static void entry(Io *io, CoreEntry **place)
{
    if (io_reads(io)) *place = ARENA_NEW(io->arena, CoreEntry);
    CoreEntry *e = *place;
    static const char *const kinds[] = {"train", "eval", "export"};
    e->kind = (CoreEntryKind)io_choice(io, kinds, sizeof kinds / sizeof *kinds, (int)e->kind);
    e->name = io_text(io, e->name);
    number(io, "derived_from", &e->derived_from);
    io->scope = io->symbols.n;
    for (uint32_t i = 0; IO_NEXT(io, &e->binders, i, "size"); i++)
        e->binders.at[i] = io_symbol(io, e->binders.at[i]);
    for (uint32_t i = 0; io_reads(io) && i < e->binders.n; i++)
        vec_add(io->arena, &e->binder_names, symbol_name(io->dims, e->binders.at[i]));
    number(io, "data", &e->data);
    name(io, "part", &e->part);
    data_sizes(io, e);
    flag(io, "draws", &e->draws);
    flag(io, "writes_state", &e->writes_state);
    io->depth++;
    io_line(io);
    io_word(io, "head");
    head(io, &e->head);
    entry_lists(io, e);
    io_line(io);
    io_word(io, "conditions");
    e->n_conditions = (uint32_t)io_integer(io, e->n_conditions);
    if (e->n_conditions > 3) io_fail(io, "too many conditions");
    e->cond_body = body(io, "by", e->cond_body);
    for (uint32_t i = 0; !io->error && i < 1u << e->n_conditions; i++) {
        io_line(io);
        e->body[i] = body(io, "body", e->body[i]);
    }
    io_line(io);
    e->report_body = body(io, "reported", e->report_body);
    io->depth--;
}

/* ---- the program ------------------------------------------------------------------------------ */

static void model(Io *io, CoreModel *m)
{
    m->name = io_text(io, m->name);
    m->first = (uint32_t)io_integer(io, m->first);
    m->n = (uint32_t)io_integer(io, m->n);
}

static void layer(Io *io, CoreLayerInfo *l)
{
    l->path = io_text(io, l->path);
    l->type = io_text(io, l->type);
    io_word(io, "entry");
    l->entry = (uint32_t)io_integer(io, l->entry);
    for (uint32_t i = 0; IO_NEXT(io, &l->outs, i, i ? "," : ":"); i++)
        type(io, &l->outs.at[i]);
}

static void module(Io *io, CoreModule *m)
{
    m->path = io_text(io, m->path);
    m->layer = io_text(io, m->layer);
    for (uint32_t i = 0; i < sizeof m->flat / sizeof *m->flat && io_maybe(io, "by", i < m->n_flat); i++) {
        m->flat[i] = io_integer(io, m->flat[i]);
        m->n_flat = i + 1;
    }
}

static void program_text(Io *io, CoreProgram *p)
{
    io_word(io, "program");
    p->name = io_text(io, p->name);
    for (uint32_t i = 0; IO_NEXT(io, &p->externs, i, "extern"); i++)
        p->externs.at[i] = io_text(io, p->externs.at[i]);
    LINES(io, &p->options, "option", option)
    LINES(io, &p->models, "model", model)
    LINES(io, &p->tensors, "tensor", tensor)
    LINES(io, &p->data, "data", data_block)
    LINES(io, &p->entries, "entry", entry)
    io->scope = 0;
    LINES(io, &p->layers, "layer", layer)
    LINES(io, &p->modules, "module", module)
    io_line(io);
}

void core_print(Arena *arena, const CoreProgram *program, Text *out)
{
    Io io = {.arena = arena, .dims = program->dims, .out = out};
    program_text(&io, (CoreProgram *)program); /* printing changes nothing */
}

CoreProgram *core_read(Arena *arena, Dims *dims, const char *text, const char **error)
{
    CoreProgram *p = ARENA_NEW(arena, CoreProgram);
    p->dims = dims;
    Io io = {.arena = arena, .dims = dims, .at = text, .line = 1};
    program_text(&io, p);
    if (!io.error && !io_ends(&io)) io_fail(&io, "the end expected");
    *error = io.error ? io.error : core_verify(p, arena);
    return *error ? NULL : p;
}
