/* SPDX-License-Identifier: MIT
 * data.c: data blocks: fields, readers and their arguments, split (language.md 5.5). */
#include "sema/sema_state.h"

#include <string.h>

typedef struct DataState {
    Global *global;
    CoreData *block;
    CoreField *field;
    const Field *decl;
    SemaType type; /* of the field */
    bool alone;    /* the reader is the whole expression */
} DataState;

static const char *const reader_names[] = {"csv",   "idx",       "npy",       "raw",     "bytes",
                                           "lines", "lines_dir", "image_dir", "wav_dir", NULL};

/* Named arguments by reader; the texts of all readers of text. */
static const char *const common_args[] = {"test", "shape", "path", NULL};
static const char *const text_args[] = {"bytes", "words", "chars", "numbers", "labels",
                                        "end",   "max",   "like",  NULL};
static const char *const csv_args[] = {"column", "columns", "sep",    "quote",  "header", "missing",
                                       "fill",   "skip",    "window", "stride", NULL};
static const char *const idx_args[] = {NULL};
static const char *const npy_args[] = {"window", "stride", NULL};
static const char *const raw_args[] = {"offset", "stride", "dtype", "endian", NULL};
static const char *const bytes_args[] = {"stride", "offset", NULL};
static const char *const lines_dir_args[] = {"glob", "name", NULL};
static const char *const image_args[] = {"glob",   "gray", "resize", "raw",
                                         "labels", "name", "like",   NULL};
static const char *const wav_args[] = {"rate", "labels", "name", "glob", "like", NULL};

static bool among(const char *name, const char *const *list)
{
    for (int i = 0; list[i]; i++)
        if (!strcmp(list[i], name)) return true;
    return false;
}

static const char *const *args_of(const char *reader)
{
    static const char *const *const lists[] = {csv_args, idx_args,       npy_args,   raw_args, bytes_args,
                                               idx_args, lines_dir_args, image_args, wav_args};
    for (int i = 0; reader_names[i]; i++)
        if (!strcmp(reader_names[i], reader)) return lists[i];
    return idx_args;
}

static bool argument_known(const char *reader, const char *key)
{
    bool text = !strcmp(reader, "csv") || !strcmp(reader, "lines") || !strcmp(reader, "lines_dir");
    return among(key, common_args) || among(key, args_of(reader)) ||
           (text && among(key, text_args));
}

/* ---- texts with options --------------------------------------------------------------------- */

bool text_of_value(Sema *s, const Value *v, CoreText *out)
{
    (void)s;
    if (v->kind == VAL_OPTION_TEXT) {
        *out = v->text_parts;
        return true;
    }
    if (v->kind != VAL_STRING || !v->text) return false;
    *out = (CoreText){.n = 1};
    out->piece[0].text = v->text;
    out->piece[0].option = -1;
    return true;
}

/* ---- arguments ------------------------------------------------------------------------------ */

int data_find_field(const CoreData *data, const char *name)
{
    for (uint32_t i = 0; i < data->fields.n; i++)
        if (!strcmp(data->fields.at[i].name, name)) return (int)i;
    return -1;
}

static bool list_argument(Sema *s, CoreReaderArg *out, const Value *v)
{
    bool strings = v->n && v->items[0].kind == VAL_STRING;
    out->kind = strings ? ARG_STRINGS : ARG_INTS;
    if (!strings && v->n > CORE_MAX_RANK) return false;
    if (strings) out->strings = ARENA_ARRAY(s->arena, const char *, v->n);
    for (uint32_t i = 0; i < v->n; i++) {
        if (strings) {
            if (v->items[i].kind != VAL_STRING) return false;
            out->strings[out->n_strings++] = v->items[i].text;
        } else if (!value_is_const_int(s, &v->items[i], &out->ints[out->n_ints++])) {
            return false;
        }
    }
    return true;
}

static bool value_argument(Sema *s, CoreReaderArg *out, const Value *v)
{
    switch (v->kind) {
    case VAL_INT: out->kind = ARG_INT; return value_is_const_int(s, v, &out->lo);
    case VAL_FLOAT:
        out->kind = ARG_NUMBER;
        out->number = v->number;
        return true;
    case VAL_BOOL:
        out->kind = ARG_BOOL;
        out->lo = v->truth > 0;
        return true;
    case VAL_STRING:
        out->kind = ARG_STRING;
        out->text = v->text;
        return true;
    case VAL_RANGE:
        out->kind = ARG_RANGE;
        return value_is_const_int(s, &v->items[0], &out->lo) &&
               value_is_const_int(s, &v->items[1], &out->hi);
    case VAL_LIST:
    case VAL_INTS: return list_argument(s, out, v);
    case VAL_OPTION_TEXT:
        out->kind = ARG_TEXT;
        out->path = v->text_parts;
        return true;
    default: return false;
    }
}

/* like=block.field, stratify=field */
static bool field_argument(Sema *s, CoreReaderArg *out, const Expr *e)
{
    DataState *d = state_of(s)->data;
    const char *block = e->kind == EXPR_FIELD && e->a->kind == EXPR_NAME ? e->a->name : NULL;
    if (!block && e->kind != EXPR_NAME) return false;
    out->kind = ARG_FIELD;
    out->hi = d->global->index;
    if (block) {
        Global *g = unit_find(d->global->unit, block);
        if (!g || g->decl->kind != DECL_DATA || g->phase != PHASE_DONE) return false;
        out->hi = g->index;
    }
    int k = data_find_field(&s->program->data.at[out->hi], e->name);
    out->lo = k;
    return k >= 0;
}

static bool named_argument(Sema *s, CoreReaderArg *out, const Arg *a)
{
    *out = (CoreReaderArg){.key = a->name};
    if (!a->value) return false;
    if (!strcmp(a->name, "like") || !strcmp(a->name, "stratify"))
        return field_argument(s, out, a->value);
    if (a->value->kind == EXPR_CALL && a->value->a->kind == EXPR_NAME &&
        !strcmp(a->value->a->name, "every")) {
        const Arg *n = a->value->args;
        out->kind = ARG_CALL;
        out->text = "every";
        return n && !n->next && n->value && expr_const_int(s, n->value, &out->lo) && out->lo > 0;
    }
    Value v = expr_eval(s, a->value);
    if (is_error(&v)) return true; /* reported */
    if (!strcmp(a->name, "test") && v.kind == VAL_STRING) {
        out->kind = ARG_TEXT;
        return text_of_value(s, &v, &out->path);
    }
    return value_argument(s, out, &v);
}

static const CoreReaderArg *find_arg(const CoreReader *r, const char *key)
{
    for (uint32_t i = 0; i < r->args.n; i++)
        if (!strcmp(r->args.at[i].key, key)) return &r->args.at[i];
    return NULL;
}

static void check_columns(Sema *s, const CoreReader *r, const SemaType *type, Span at)
{
    const CoreReaderArg *range = find_arg(r, "columns");
    if (!range || range->kind != ARG_RANGE || find_arg(r, "window")) return;
    int64_t n = 1;
    for (int i = 0; i < type->rank; i++) {
        int64_t k;
        if (type->axis[i].kind != AXIS_DIM || !dim_is_const(s->dims, type->axis[i].dim, &k)) return;
        n *= k;
    }
    if (range->hi - range->lo == n) return;
    diag_error(s->diags, "E0323", at, "columns %lld..%lld are %lld numbers, but the field is %s",
               (long long)range->lo, (long long)range->hi, (long long)(range->hi - range->lo),
               type_print(s, type));
}

static void raw_shape(Sema *s, CoreReader *r, SemaType *type, Span at)
{
    const CoreReaderArg *shape = find_arg(r, "shape");
    if (!shape) return;
    if (shape->kind != ARG_INTS) {
        diag_error(s->diags, "E0323", at, "shape= is a list of numbers");
        return;
    }
    type->rank = (uint8_t)shape->n_ints;
    for (uint32_t i = 0; i < shape->n_ints; i++)
        type->axis[i] =
            (Axis){AXIS_DIM, dim_const(s->dims, shape->ints[i] > 0 ? shape->ints[i] : 1), 0};
}

static bool reader_arguments(Sema *s, CoreReader *r, const Expr *e)
{
    bool path = false, ok = true;
    for (const Arg *a = e->args; a; a = a->next) {
        if (!a->name && !path) {
            Value v = expr_eval(s, a->value);
            path = true;
            if (!is_error(&v) && text_of_value(s, &v, &r->path)) continue;
            if (!is_error(&v))
                diag_error(s->diags, "E0323", a->span,
                           "%s reads a file: the first argument is its path", r->kind);
            ok = false;
            continue;
        }
        CoreReaderArg out;
        if (!a->name || a->pack || !argument_known(r->kind, a->name)) {
            Diag *d = diag_error(s->diags, "E0323", a->span, "%s has no argument `%s`", r->kind,
                                 a->name ? a->name : "without a name");
            const char *close =
                a->name ? suggest_among(a->name, csv_args, sizeof csv_args / sizeof *csv_args - 1)
                        : NULL;
            if (close && argument_known(r->kind, close)) diag_help(d, "did you mean `%s`?", close);
            ok = false;
        } else if (!named_argument(s, &out, a)) {
            diag_error(s->diags, "E0323", a->value ? a->value->span : a->span,
                       "this is no value for %s of %s", a->name, r->kind);
            ok = false;
        } else if (!strcmp(a->name, "path") && (out.kind == ARG_STRING || out.kind == ARG_TEXT)) {
            Value v = expr_eval(s, a->value);
            path = text_of_value(s, &v, &r->path);
        } else {
            vec_add(s->arena, &r->args, out);
        }
    }
    if (!path) diag_error(s->diags, "E0323", e->span, "%s needs the path of a file", r->kind);
    return ok && path;
}

static Value read_value(Sema *s, const Expr *e)
{
    DataState *d = state_of(s)->data;
    CoreReader r = {.kind = e->a->name, .span = e->span};
    if (!reader_arguments(s, &r, e)) return value_error();
    SemaType type = d->type;
    if (d->alone) check_columns(s, &r, &type, e->span);
    if (d->alone && find_arg(&r, "labels") && type.elem != ELEM_int)
        diag_error(s->diags, "E0323", e->span, "labels are integers: declare the field as int<C>");
    if (!d->alone) {
        type.elem = ELEM_float;
        type.bound = 0;
    }
    raw_shape(s, &r, &type, e->span);
    r.type = core_type(s, &type);
    if (!d->alone) r.type.elem = ELEM_none; /* the file's own */
    r.bound = type.bound;
    if (find_arg(&r, "test")) d->block->has_test_source = true;
    int64_t index = d->field->readers.n;
    vec_add(s->arena, &d->field->readers, r);
    if (d->alone) return value_none();
    vec_add(s->arena, &s->body->args, r.type);
    Value v = value_leaf(s, CORE_arg, &type, index);
    core_last(s)->type.elem = ELEM_none;
    return v;
}

static bool is_reader(Sema *s, const Expr *e)
{
    if (e->kind != EXPR_CALL || e->a->kind != EXPR_NAME) return false;
    for (int i = 0; reader_names[i]; i++)
        if (!strcmp(reader_names[i], e->a->name)) return !scope_find_global(s, e->a->name);
    return false;
}

/* Called for every call inside a field: a reader stands for its raw values. */
bool data_reader(Sema *s, const Expr *e, Value *v)
{
    if (!state_of(s)->in_data || !is_reader(s, e)) return false;
    *v = read_value(s, e);
    return true;
}

/* ---- fields --------------------------------------------------------------------------------- */

static bool companion(Sema *s, const Field *f, CoreField *out, const CoreData *block)
{
    const Expr *e = f->value;
    if (e->kind != EXPR_CALL || e->a->kind != EXPR_NAME) return false;
    bool length = !strcmp(e->a->name, "length"), present = !strcmp(e->a->name, "present");
    if (!length && !present) return false;
    const Arg *a = e->args;
    int k = a && !a->next && a->value && a->value->kind == EXPR_NAME
                ? data_find_field(block, a->value->name)
                : -1;
    if (k < 0)
        diag_error(s->diags, "E0323", e->span, "%s(field) takes the name of a field of this block",
                   e->a->name);
    else if (length)
        out->length_of = k;
    else
        out->present_of = k;
    return true;
}

static void field_expression(Sema *s, DataState *d, const Field *f)
{
    SemaState *st = state_of(s);
    d->alone = is_reader(s, f->value);
    st->in_data = true;
    if (d->alone) {
        read_value(s, f->value);
        st->in_data = false;
        return;
    }
    BodyScope *old = st->scope;
    CoreBody *outer = s->body;
    st->scope = NULL;
    body_push(s, false, 0);
    Value v = expr_eval(s, f->value);
    FullType want = {.kind = TYPE_TENSOR, .tensor = d->type, .brackets = d->type.rank > 0};
    const char *why = "";
    Value given = v;
    if (v.kind == VAL_TENSOR && v.type.elem == ELEM_int && d->type.elem == ELEM_int)
        v.type.bound = d->type.bound;
    if (!is_error(&v) && !d->field->readers.n) {
        diag_error(s->diags, "E0323", f->value->span,
                   "a field is read with csv, idx, npy, raw, bytes, lines, lines_dir, image_dir or wav_dir");
    } else if (!is_error(&v) && !value_fit(s, &v, &want, &why)) {
        Diag *e = diag_error(s->diags, "E0304", f->value->span,
                             "field `%s` is declared as %s but its expression is %s", f->name,
                             type_print(s, &d->type), value_describe(s, &given));
        if (given.kind == VAL_TENSOR && given.type.elem == ELEM_float && d->type.elem == ELEM_int)
            diag_help(e, "write int(...)");
        if (why[0]) diag_note(e, "not equal for %s", why);
    } else if (!is_error(&v)) {
        v = value_as_tensor(s, &v, d->type.elem);
        vec_add(s->arena, &s->body->results, v.ref);
        d->field->expr = s->body;
    }
    body_pop(s);
    st->scope = old;
    s->body = outer;
    st->in_data = false;
}

static bool declare_field(Sema *s, CoreData *block, const Field *f)
{
    FullType type;
    CoreField field = {.name = f->name, .span = f->name_span, .length_of = -1, .present_of = -1};
    if (data_find_field(block, f->name) >= 0) {
        diag_error(s->diags, "E0120", f->name_span, "`%s` is declared twice", f->name);
        return false;
    }
    if (!type_eval(s, f->type, &type, false) || type.kind != TYPE_TENSOR) {
        if (type.kind != TYPE_TENSOR)
            diag_error(s->diags, "E0319", f->type->span, "a field is a tensor");
        return false;
    }
    field.type = core_type(s, &type.tensor);
    field.bound = type.tensor.bound;
    vec_add(s->arena, &block->fields, field);
    return true;
}

/* ---- split ---------------------------------------------------------------------------------- */

static void add_part(Sema *s, CoreData *block, const char *name)
{
    for (uint32_t i = 0; i < block->parts.n; i++)
        if (!strcmp(block->parts.at[i], name)) return;
    vec_add(s->arena, &block->parts, name);
}

static void split_eval(Sema *s, CoreData *block, const Field *f)
{
    double total = 0;
    for (const Arg *a = f->args; a; a = a->next) {
        CoreReaderArg out;
        if (!a->name || !named_argument(s, &out, a)) {
            diag_error(
                s->diags, "E0323", a->span,
                "split takes part=fraction, part=every(n), seed=, shuffle= and stratify=field");
            continue;
        }
        bool setting =
            !strcmp(a->name, "seed") || !strcmp(a->name, "shuffle") || !strcmp(a->name, "stratify");
        vec_add(s->arena, &block->split, out);
        if (setting) continue;
        double x = out.kind == ARG_NUMBER ? out.number
                   : out.kind == ARG_INT  ? (double)out.lo
                   : out.kind == ARG_CALL ? 0
                                          : -1;
        if (x < 0 || x > 1 || !strcmp(a->name, "all"))
            diag_error(s->diags, "E0323", a->span,
                       "a part is a fraction between 0 and 1, or every(n)");
        total += x;
        add_part(s, block, a->name);
    }
    if (total > 1 + 1e-9)
        diag_error(s->diags, "E0323", f->span, "the parts are %g of the data together", total);
}

void data_check(Sema *s, Global *global)
{
    SemaState *st = state_of(s);
    const Decl *decl = global->decl;
    int errors = s->diags->n_errors;
    CoreData *block = ARENA_NEW(s->arena, CoreData);
    *block = (CoreData){.name = decl->name, .span = decl->name_span};
    global->index = s->program->data.n;
    Frame *old_frame = st->frame;
    st->frame = NULL;
    frame_push(s, global->unit, NULL, NULL, decl->span);
    body_push(s, false, 0);
    declare_binders(s, decl->binders, true);
    for (const Name *b = decl->binders; b; b = b->next) {
        Local *local = frame_find(st->frame, b->text);
        Symbol symbol = 0;
        if (b->pack)
            diag_error(s->diags, "E0319", b->span, "a data block has no pack");
        else if (dim_is_symbol(s->dims, local->value.dim, &symbol))
            vec_add(s->arena, &block->symbols, symbol);
    }
    vec_add(s->arena, &s->program->data, *block);
    DataState d = {.global = global, .block = block};
    st->data = &d;
    bool *declared = ARENA_ARRAY(s->arena, bool, 256);
    uint32_t k = 0;
    for (const Field *f = decl->fields; f && k < 256; f = f->next, k++)
        if (f->type) declared[k] = declare_field(s, block, f);
    s->program->data.at[global->index] = *block;
    k = 0;
    uint32_t index = 0;
    for (const Field *f = decl->fields; f && k < 256; f = f->next, k++) {
        if (!f->type) {
            if (!strcmp(f->name, "split"))
                split_eval(s, block, f);
            else
                diag_error(s->diags, "E0323", f->name_span,
                           "a data block holds fields and split(...), not `%s`", f->name);
            continue;
        }
        if (!declared[k]) continue;
        d.field = &block->fields.at[index++];
        FullType type;
        if (!type_eval(s, f->type, &type, false)) continue;
        d.type = type.tensor;
        if (!companion(s, f, d.field, block)) field_expression(s, &d, f);
    }
    if (block->has_test_source) add_part(s, block, "test");
    s->program->data.at[global->index] = *block;
    st->data = NULL;
    body_pop(s);
    st->scope = NULL;
    s->body = NULL;
    st->frame = old_frame;
    global->phase = PHASE_DONE;
    global->bad = s->diags->n_errors > errors;
}
