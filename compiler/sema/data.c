/* SPDX-License-Identifier: MIT
 * data.c: data blocks: fields, readers and their arguments, split (language.md#data). */
#include "sema/data.h"

#include <string.h>

#include "sema/base/frame.h"
#include "sema/base/place.h"
#include "sema/base/readers.h"
#include "sema/base/record.h"
#include "sema/base/suggest.h"
#include "sema/base/taken.h"
#include "sema/data_args.h"
#include "sema/data_sizes.h"
#include "sema/data_value.h"
#include "sema/expr.h"
#include "sema/types.h"

enum { MOST_FIELDS = 256, MOST_SIZES = 8, MOST_READERS = 4 }; /* per block, per block, per field */

typedef struct DataState {
    Global *global;
    CoreData *block;
    CoreField *field;
    SemaType type; /* of the field */
    bool alone;    /* the reader is the whole expression */
    bool too_many; /* readers: said once a field */
    bool *bad; /* by field: what is wrong with its reader was said */
    bool bad_split; /* its arguments are not what they should be: nothing is said of all of them together */
} DataState;

/* ---- arguments ------------------------------------------------------------------------------ */

/* shape=[...]: what the reader delivers, where the expression changes it. */
static void shape_given(Sema *s, const CoreReader *r, SemaType *type)
{
    const CoreReaderArg *shape = argument_find(r, "shape");
    if (!shape) return;
    type->rank = (uint8_t)shape->n_ints;
    for (uint32_t i = 0; i < shape->n_ints; i++)
        type->axis[i] = (Axis){.kind = AXIS_DIM, .dim = dim_const(s->dims, shape->ints[i])};
}

/* Sizes that count, and their product: axes of 1 do not. Those of run time are as unknown as different. */
static int sizes_of(const Sema *s, const SemaType *type, int64_t *size, int64_t *count)
{
    int n = 0;
    *count = 1;
    for (int i = 0; i < type->rank; i++) {
        int64_t v = -1 - i;
        if (!dim_is_const(s->dims, type->axis[i].dim, &v) || v != 1) size[n++] = v;
        if (__builtin_mul_overflow(*count, v, count)) *count = 0;
    }
    return n;
}

/* Can numbers of one shape be taken as the other? A plain row serves any shape with as many, and the other way round. */
static bool shape_serves(const Sema *s, const SemaType *from, const SemaType *to)
{
    int64_t a[CORE_MAX_RANK], b[CORE_MAX_RANK], n_a, n_b;
    int rank = sizes_of(s, from, a, &n_a), other = sizes_of(s, to, b, &n_b);
    if (rank <= 1 || other <= 1) return n_a == n_b;
    return rank == other && memcmp(a, b, sizeof *a * (size_t)rank) == 0;
}

/* shape= of a reader that stands alone says nothing but what the field is. */
static bool check_shape(Sema *s, const DataState *d, const CoreReader *r, const SemaType *type, Span call)
{
    if (!d->alone || !argument_find(r, "shape") || shape_serves(s, type, &d->type)) return true;
    Diag *e = diag_error(s->diags, "E0304", call, "field `%s` is declared as %s but `shape` says %s", d->field->name,
                         type_print(s, &d->type), type_print(s, type));
    diag_help(e, "a reader alone has the shape of its field; rearrange(%s(...), ...) changes the order of axes", r->kind);
    return false;
}

static bool has_text(const Expr *e)
{
    return e->kind == EXPR_STRING || (e->kind == EXPR_BINARY && (has_text(e->a) || has_text(e->b)));
}

static bool reader_path(Sema *s, CoreReader *r, const Arg *a)
{
    const Expr *e = a->value;
    bool bare = e->kind == EXPR_FIELD || (e->kind == EXPR_BINARY && e->oper == OPER_DIV && !has_text(e)); /* data/iris.csv */
    Value v = bare ? value_none() : expr_eval(s, e);
    if (is_error(&v)) return false;
    if (!is_empty_text(&v) && text_of_value(&v, &r->path)) return true;
    Diag *d = diag_error(s->diags, "E0323", a->span, "%s reads a file: the first argument is its path%s", r->kind,
                         is_empty_text(&v) ? ", not an empty text" : "");
    if (bare) diag_help(d, "a path is a text in double quotes: \"%s\"", source_text(s, e->span));
    return false;
}

/* `bytes=false` is what is so without it, but `header=false` says something. */
static bool says_nothing(const CoreReaderArg *a)
{
    return a->kind == ARG_BOOL && !a->lo && strcmp(a->key, "header") && strcmp(a->key, "quote");
}

static bool reader_arguments(Sema *s, CoreReader *r, const Expr *e)
{
    bool path = false, ok = true;
    for (const Arg *a = e->args; a; a = a->next) {
        CoreReaderArg out;
        if (!a->name && !a->pack && !path) {
            path = true;
            ok &= reader_path(s, r, a);
        } else if (!argument_eval(s, r->kind, s->data->global, a, &out)) {
            ok = false;
            path |= a->name && !strcmp(a->name, "path"); /* it is there, but none */
        } else if (argument_find(r, a->name) || (path && !strcmp(a->name, "path"))) {
            diag_error(s->diags, "E0120", a->name_span, "`%s` is given twice", a->name);
            ok = false;
        } else if (!strcmp(a->name, "path")) {
            r->path = out.path;
            path = true;
        } else if (!says_nothing(&out)) {
            vec_add(s->arena, &r->args, out);
        }
    }
    if (!path) diag_error(s->diags, "E0323", e->span, "%s needs the path of a file", r->kind);
    return ok && path;
}

/* A vocabulary belongs to a field, so one reader of it has one. */
static bool second_vocabulary(Sema *s, const CoreField *field, const CoreReader *r)
{
    if (!reader_is_text(r)) return false;
    for (uint32_t i = 0; i < field->readers.n; i++) {
        if (!reader_is_text(&field->readers.at[i])) continue;
        diag_error(s->diags, "E0323", r->span, "one field reads one text; make two fields");
        return true;
    }
    return false;
}

static Value read_value(Sema *s, const Expr *e)
{
    DataState *d = s->data;
    CoreReader r = {.kind = e->a->name, .span = e->span};
    if (!reader_arguments(s, &r, e) || second_vocabulary(s, d->field, &r)) return value_error();
    SemaType type = d->type;
    if (!d->alone) type.elem = ELEM_float;
    shape_given(s, &r, &type);
    if (!arguments_check(s, &r, &type, d->alone, e->span) || !check_shape(s, d, &r, &type, e->span)) return value_error();
    if (!d->alone) type.bound = 0;
    r.type = core_type(s, &type);
    if (!d->alone) r.type.elem = ELEM_none; /* the file's own */
    if (d->field->readers.n == MOST_READERS) {
        if (!d->too_many) diag_error(s->diags, "E0323", e->span, "one field has at most %d readers", MOST_READERS);
        d->too_many = true;
        return value_error();
    }
    if (argument_find(&r, "test")) d->block->has_test_source = true;
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
    return reader_known(e->a->name) && !scope_find_global(s, e->a->name);
}

/* length(x) and present(x): made beside the values of a field, not out of them. */
static bool is_companion(const Expr *e)
{
    return e->kind == EXPR_CALL && e->a->kind == EXPR_NAME && (!strcmp(e->a->name, "length") || !strcmp(e->a->name, "present"));
}

static Value companion_inside(Sema *s, const Expr *e)
{
    const char *name = e->a->name;
    bool length = !strcmp(name, "length");
    const char *of = e->args && e->args->value && e->args->value->kind == EXPR_NAME ? e->args->value->name : "x";
    Diag *d =
        diag_error(s->diags, "E0323", e->span, "%s(%s) stands alone, as a field: nothing is computed with it in a data block", name, of);
    if (length)
        diag_help(d, "give it a field of its own, `n: int = length(%s)`, and compute with ex.n in the step", of);
    else
        diag_help(d, "give it a field of its own, of the shape of `%s`, and compute with that in the step", of);
    return value_error();
}

/* Called for every call inside a field: a reader stands for its raw values. */
static bool data_reader(Sema *s, const Expr *e, Value *v)
{
    if (!s->in_data) return false;
    bool beside = is_companion(e) && !scope_find_global(s, e->a->name);
    if (!beside && !is_reader(s, e)) return false;
    *v = beside ? companion_inside(s, e) : read_value(s, e);
    return true;
}

/* ---- fields --------------------------------------------------------------------------------- */

/* Is it a field whose type was wrong, so that the block does not have it? */
static bool is_lost(const DataState *d, const char *name)
{
    for (const Field *f = d->global->decl->fields; f; f = f->next)
        if (f->type && f->name == name) return core_find_field(d->block, name) < 0;
    return false;
}

/* length(nootes) */
static void report_companion(Sema *s, const Expr *e, const CoreData *block)
{
    Diag *d = diag_error(s->diags, "E0323", e->span, "%s(field) takes the name of a field of this block", e->a->name);
    const char *names[MOST_FIELDS], *word = e->args && e->args->value && e->args->value->kind == EXPR_NAME ? e->args->value->name : NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; i < block->fields.n && n < MOST_FIELDS; i++)
        names[n++] = block->fields.at[i].name;
    const char *close = word ? suggest_among(word, names, n) : NULL;
    if (close)
        suggest_meant(d, e->args->value->span, close);
    else
        diag_note(d, "its fields are: %s", suggest_list(s, names, n < 12 ? n : 12));
}

static bool companion(Sema *s, const Field *f, CoreField *out, const CoreData *block)
{
    const Expr *e = f->value;
    if (!is_companion(e)) return false;
    bool length = !strcmp(e->a->name, "length");
    const Arg *a = e->args;
    if (a && a->value && a->value->kind == EXPR_NAME && is_lost(s->data, a->value->name)) return true;
    int k = a && !a->next && a->value && a->value->kind == EXPR_NAME ? core_find_field(block, a->value->name) : -1;
    if (k < 0)
        report_companion(s, e, block);
    else if (length)
        out->length_of = k;
    else
        out->present_of = k;
    return true;
}

/* length(x) is one number; present(x) has the shape of what is read. */
static void companion_check(Sema *s, const CoreData *block, const CoreField *f)
{
    bool length = f->length_of >= 0;
    const CoreField *of = &block->fields.at[length ? f->length_of : f->present_of];
    const CoreReader *r = of->readers.n ? &of->readers.at[0] : NULL;
    if (s->data->bad[of - block->fields.at]) return;
    if (!r) {
        diag_error(s->diags, "E0323", f->span, "`%s` is not read from a file: it has no %s", of->name, length ? "length" : "cells");
    } else if (length && (f->type.rank || (f->type.elem != ELEM_int && f->type.elem != ELEM_float))) {
        diag_error(s->diags, "E0323", f->span, "length(%s) is one number: declare `%s` as int", of->name, f->name);
    } else if (!length && (strcmp(r->kind, "csv") || of->readers.n > 1 || reader_is_text(r))) {
        diag_error(s->diags, "E0323", f->span, "present(%s) tells which cells of numbers were there: `%s` must be read with csv", of->name,
                   of->name);
    } else if (!length) {
        bool same = f->type.rank == r->type.rank;
        for (int a = 0; same && a < f->type.rank; a++)
            same = f->type.dim[a] == r->type.dim[a];
        if (!same) diag_error(s->diags, "E0323", f->span, "present(%s) has the shape of `%s`", of->name, of->name);
    }
}

/* int(...) of the codes of texts: the numbers as they are. Such a field is its reader alone, with the names of its codes. */
static bool keeps_codes(const CoreField *f, const CoreBody *body)
{
    const CoreIns *ins = &body->ins.at[body->results.at[0] - 1];
    while (ins->op == CORE_cast && ins->type.elem == ELEM_int)
        ins = &body->ins.at[ins->in[0] - 1];
    return ins->op == CORE_arg && f->readers.n == 1 && reader_has_codes(&f->readers.at[0]);
}

static void keep_expression(Sema *s, const DataState *d, CoreBody *body)
{
    if (d->type.elem == ELEM_int && keeps_codes(d->field, body))
        d->field->readers.at[0].type = core_type(s, &d->type);
    else
        d->field->expr = body;
}

static void field_expression(Sema *s, DataState *d, const Field *f)
{
    d->alone = is_reader(s, f->value);
    d->too_many = false;
    s->in_data = true;
    if (d->alone) {
        read_value(s, f->value);
        s->in_data = false;
        return;
    }
    BodyScope *old = s->scope;
    CoreBody *outer = s->body;
    s->scope = NULL;
    body_push(s, false, 0);
    Value v = expr_eval(s, f->value);
    FullType want = {.kind = TYPE_TENSOR, .tensor = d->type, .brackets = d->type.rank > 0};
    const char *why = "";
    Value given = v;
    if (v.kind == VAL_TENSOR && v.type.elem == ELEM_int && d->type.elem == ELEM_int) v.type.bound = d->type.bound;
    if (!is_error(&v) && !d->field->readers.n) {
        diag_help(diag_error(s->diags, "E0323", f->value->span, "a field is read with %s", readers_listed(s)),
                  "%s: ... = csv(\"file.csv\", columns=0..4)", f->name);
    } else if (!is_error(&v) && !value_fit(s, &v, &want, &why)) {
        Diag *e = diag_error(s->diags, "E0304", f->value->span, "field `%s` is declared as %s but its expression is %s", f->name,
                             type_print(s, &d->type), value_describe(s, &given));
        if (given.kind == VAL_TENSOR && given.type.elem == ELEM_float && d->type.elem == ELEM_int) diag_help(e, "write int(...)");
        if (why[0]) diag_note(e, "not equal for %s", why);
    } else if (!is_error(&v)) {
        v = value_as_tensor(s, &v, d->type.elem);
        vec_add(s->arena, &s->body->results, v.ref);
        keep_expression(s, d, s->body);
    }
    body_pop(s);
    s->scope = old;
    s->body = outer;
    s->in_data = false;
}

static bool declare_field(Sema *s, CoreData *block, const Field *f)
{
    FullType type;
    CoreField field = {.name = f->name, .span = f->name_span, .length_of = -1, .present_of = -1};
    if (core_find_field(block, f->name) >= 0) {
        diag_error(s->diags, "E0120", f->name_span, "`%s` is declared twice", f->name);
        return false;
    }
    if (!type_eval(s, f->type, &type, false) || type.kind != TYPE_TENSOR) {
        if (type.kind != TYPE_TENSOR)
            diag_help(diag_error(s->diags, "E0319", f->type->span, "a field is a tensor"),
                      "float, float[4], int<3> for one of three classes (labels=true: named by texts)");
        return false;
    }
    field.type = core_type(s, &type.tensor);
    field.bound = type.tensor.bound;
    for (int a = 0; a < field.type.rank; a++) {
        Symbol symbol;
        if (dim_is_const(s->dims, field.type.dim[a], NULL) || dim_is_symbol(s->dims, field.type.dim[a], &symbol)) continue;
        diag_error(s->diags, "E0323", f->type->span, "a size of a field is a number or one run-time size of its block");
        return false;
    }
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

static const char *const settings[] = {"seed", "shuffle", "stratify", "folds", "fold", NULL};

static bool is_setting(const CoreReaderArg *a)
{
    return name_among(a->key, settings);
}

static const CoreReaderArg *split_find(const CoreData *block, const char *key)
{
    for (uint32_t i = 0; i < block->split.n; i++)
        if (!strcmp(block->split.at[i].key, key)) return &block->split.at[i];
    return NULL;
}

static double share_of(const CoreReaderArg *a)
{
    return a->kind == ARG_NUMBER ? a->number : a->kind == ARG_CALL ? 1.0 / (double)a->lo : (double)a->lo;
}

/* folds=5, fold=k: the parts train and test, without others. */
static void folds_check(Sema *s, CoreData *block)
{
    const CoreReaderArg *folds = split_find(block, "folds"), *fold = split_find(block, "fold");
    if (!folds != !fold) {
        Diag *d = diag_error(s->diags, "E0323", folds ? folds->span : fold->span, "`folds` and `fold` belong together");
        diag_help(d, "write split(folds=5, fold=0); the fold may be an option: option fold: int = 0");
    }
    if (!folds || !fold) return;
    if (fold->kind == ARG_INT && fold->lo >= folds->lo)
        diag_error(s->diags, "E0323", fold->span, "there is no fold %lld: %lld folds are 0 to %lld", (long long)fold->lo,
                   (long long)folds->lo, (long long)folds->lo - 1);
    for (uint32_t i = 0; i < block->split.n; i++)
        if (!is_setting(&block->split.at[i]))
            diag_error(s->diags, "E0323", block->split.at[i].span, "with folds the parts are train and test, and no others");
}

static void too_much(Sema *s, const Field *f, double total)
{
    Diag *d = diag_error(s->diags, "E0323", f->span, "the parts are %g of the data together", total);
    for (const Arg *a = f->args; a; a = a->next) {
        const char *help = a->name && !name_among(a->name, settings) ? suggest_argument(s, a->name, settings, 5) : NULL;
        if (help && !strncmp(help, "here it is called", 17)) suggest_told(d, a->name_span, a->name, help); /* random_state=1 */
    }
}

static void split_eval(Sema *s, DataState *d, const Field *f)
{
    double total = 0;
    bool wrong = false;
    int n_every = 0;
    if (d->block->split.n) diag_error(s->diags, "E0120", f->name_span, "`split` is given twice");
    for (const Arg *a = f->args; a; a = a->next) {
        CoreReaderArg out;
        s->diags->muted += wrong; /* 80 and 20 for 0.8 and 0.2 are one mistake */
        bool good = argument_eval(s, "split", d->global, a, &out);
        s->diags->muted -= wrong;
        wrong |= !good;
        if (a->name && !strncmp(a->name, "fold", 4)) { /* the parts are there, whatever is wrong with the folds */
            add_part(s, d->block, "train");
            add_part(s, d->block, "test");
        }
        if (!good) continue;
        if (split_find(d->block, a->name)) {
            diag_error(s->diags, "E0120", a->name_span, "`%s` is given twice", a->name);
            continue;
        }
        vec_add(s->arena, &d->block->split, out);
        if (is_setting(&out)) continue;
        if (!strcmp(a->name, "all")) diag_error(s->diags, "E0323", a->span, "`all` is everything, and always there");
        if (out.kind == ARG_CALL && n_every++)
            diag_error(s->diags, "E0323", a->span, "only one part can be every(n): the first row would be in both");
        total += share_of(&out);
        add_part(s, d->block, a->name);
        if (!record_within_limit(s, d->block->parts.n, MAX_PARTS, "parts of a data block", a->span)) return;
    }
    d->bad_split = wrong;
    if (!wrong) folds_check(s, d->block);
    if (total > 1 + 1e-9) too_much(s, f, total);
}

/* The first field that is read in windows: its parts are consecutive. */
static const CoreField *windowed(const CoreData *block)
{
    for (uint32_t i = 0; i < block->fields.n; i++)
        for (uint32_t k = 0; k < block->fields.at[i].readers.n; k++) {
            const CoreReader *r = &block->fields.at[i].readers.at[k];
            if (!strcmp(r->kind, "bytes") || argument_find(r, "window")) return &block->fields.at[i];
        }
    return NULL;
}

static bool has_shares(const CoreData *block)
{
    for (uint32_t i = 0; i < block->split.n; i++)
        if (!is_setting(&block->split.at[i]) && block->split.at[i].kind != ARG_CALL) return true;
    return split_find(block, "folds");
}

static void stratify_check(Sema *s, const DataState *d, const CoreReaderArg *a)
{
    const CoreField *f = &s->program->data.at[a->hi].fields.at[a->lo];
    if (a->hi == d->global->index && d->bad[a->lo]) return;
    if (a->hi == d->global->index && f->type.elem == ELEM_int && !f->type.rank && f->readers.n) return;
    diag_error(s->diags, "E0323", a->span, "stratify= is a field of this block with one class per example: int<C>, read from a file");
}

/* What split says against the fields, which may stand below it. */
static void split_check(Sema *s, const DataState *d)
{
    const CoreData *block = d->block;
    const CoreField *windows = windowed(block);
    const CoreReaderArg *shuffle = split_find(block, "shuffle"), *test = split_find(block, "test"), *folds = split_find(block, "folds");
    bool ordered = windows || (shuffle && !shuffle->lo);
    for (uint32_t i = 0; i < block->split.n; i++) {
        const CoreReaderArg *a = &block->split.at[i];
        if (!is_setting(a) || (a == shuffle && !a->lo) || !strncmp(a->key, "fold", 4)) continue;
        const char *why = !has_shares(block) ? "only parts by fraction are shuffled"
                          : windows          ? arena_print(s->arena, "`%s` is read in windows, whose parts are consecutive", windows->name)
                          : ordered && a != shuffle ? "shuffle=false keeps the order of the file"
                                                    : NULL;
        if (why) {
            Diag *e = diag_error(s->diags, "E0323", a->span, "`%s` has no effect here", a->key);
            diag_note(e, "%s", why);
        } else if (!strcmp(a->key, "stratify")) {
            stratify_check(s, d, a);
        }
    }
    if (!test) test = folds;
    if (test && block->has_test_source)
        diag_error(s->diags, "E0323", test->span, "the part test is what test= reads; split divides the first source only");
}

/* The run-time sizes of the block. */
static void declare_sizes(Sema *s, const Decl *decl, CoreData *block)
{
    frame_declare(s, decl->binders, true);
    for (const Name *b = decl->binders; b; b = b->next) {
        Local *local = frame_find(s->frame, b->text);
        Symbol symbol = 0;
        if (b->pack)
            diag_error(s->diags, "E0319", b->span, "a data block has no pack");
        else if (dim_is_symbol(s->dims, local->value.dim, &symbol))
            vec_add(s->arena, &block->symbols, symbol);
    }
    if (block->symbols.n > MOST_SIZES)
        diag_error(s->diags, "E0605", decl->name_span, "a data block has at most %d run-time sizes", MOST_SIZES);
}

/* All names are known before the first field is evaluated. declared: by field as it is written. */
static void declare_fields(Sema *s, const Decl *decl, CoreData *block, bool *declared)
{
    uint32_t k = 0;
    for (const Field *f = decl->fields; f && k < MOST_FIELDS; f = f->next, k++) {
        if (f->type) declared[k] = declare_field(s, block, f);
        if (k + 1 == MOST_FIELDS && f->next)
            diag_error(s->diags, "E0605", f->next->name_span, "a data block has at most %d fields", MOST_FIELDS);
    }
}

static void evaluate_fields(Sema *s, const Decl *decl, DataState *d, const bool *declared)
{
    uint32_t k = 0, index = 0;
    for (const Field *f = decl->fields; f && k < MOST_FIELDS; f = f->next, k++) {
        if (!f->type) {
            if (!strcmp(f->name, "split"))
                split_eval(s, d, f);
            else
                diag_help(diag_error(s->diags, "E0323", f->name_span, "a data block holds fields and split(...), not `%s`", f->name),
                          "parts are made with split(train=0.8, test=0.2, seed=1)");
            continue;
        }
        if (!declared[k]) continue;
        d->field = &d->block->fields.at[index++];
        FullType type;
        if (!type_eval(s, f->type, &type, false)) continue;
        d->type = type.tensor;
        int errors = s->diags->n_errors;
        if (!companion(s, f, d->field, d->block)) field_expression(s, d, f);
        d->bad[index - 1] = s->diags->n_errors > errors;
    }
}

void data_check(Sema *s, Global *global)
{
    const Decl *decl = global->decl;
    int errors = s->diags->n_errors, silent = s->n_silent;
    uint32_t first = s->diags->list.n;
    CoreData *block = ARENA_NEW(s->arena, CoreData);
    *block = (CoreData){.name = decl->name, .span = decl->name_span};
    global->index = s->program->data.n;
    Frame *old_frame = s->frame;
    s->frame = NULL;
    frame_push(s, global->unit, NULL, NULL, decl->span);
    body_push(s, false, 0);
    declare_sizes(s, decl, block);
    vec_add(s->arena, &s->program->data, *block);
    DataState d = {.global = global, .block = block, .bad = ARENA_ARRAY(s->arena, bool, MOST_FIELDS + 1)};
    s->data = &d;
    s->reader = data_reader;
    bool *declared = ARENA_ARRAY(s->arena, bool, MOST_FIELDS);
    declare_fields(s, decl, block, declared);
    s->program->data.at[global->index] = *block;
    evaluate_fields(s, decl, &d, declared);
    if (!d.bad_split) split_check(s, &d);
    for (uint32_t i = 0; i < block->fields.n; i++)
        if (block->fields.at[i].length_of >= 0 || block->fields.at[i].present_of >= 0) companion_check(s, block, &block->fields.at[i]);
    if (s->diags->n_errors == errors && s->n_silent == silent) data_sizes_check(s, decl, block);
    if (block->has_test_source) add_part(s, block, "test");
    s->program->data.at[global->index] = *block;
    s->data = NULL;
    s->reader = NULL;
    body_pop(s);
    s->scope = NULL;
    s->body = NULL;
    s->frame = old_frame;
    global->phase = PHASE_DONE;
    global->bad = s->diags->n_errors > errors || s->n_silent > silent;
    if (s->n_silent > silent) s->diags->list.n = first, s->diags->n_errors = errors; /* it is not known which fields there are */
}
