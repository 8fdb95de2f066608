/* SPDX-License-Identifier: MIT
 * sema.c: the whole of checking: files, constants, options, data, definitions, models, entry
 * points. */
#include "sema/goal.h"
#include "sema/sema_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- words of the program ------------------------------------------------------------------- */

bool span_in_library(const Sema *s, Span span)
{
    return span.file && source_get(s->sources, span.file)->library;
}

const char *source_text(Sema *s, Span span)
{
    if (!span.file) return "this";
    const SourceFile *file = source_get(s->sources, span.file);
    Text text = {.arena = s->arena};
    bool space = false;
    for (uint32_t i = span.lo; i < span.hi && i < file->n; i++) {
        char c = file->text[i];
        if (c == '#')
            while (i + 1 < span.hi && file->text[i + 1] != '\n')
                i++;
        bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '#';
        if (!blank && space && text.n) text_add(&text, " ");
        if (!blank) text_bytes(&text, &c, 1);
        space = blank;
        if (text.n > 80) {
            text_add(&text, "...");
            break;
        }
    }
    return text_c(&text);
}

/* ---- messages ------------------------------------------------------------------------------- */

static bool repeats(const Diags *diags, uint32_t i)
{
    const Diag *d = diags->list.at[i];
    for (uint32_t k = 0; k < i; k++) {
        const Diag *o = diags->list.at[k];
        if (o->span.file == d->span.file && o->span.lo == d->span.lo && !strcmp(o->code, d->code))
            return true;
    }
    return false;
}

void diags_unique(Sema *s, uint32_t first)
{
    Diags *diags = s->diags;
    uint32_t n = first;
    for (uint32_t i = first; i < diags->list.n; i++) {
        Diag *d = diags->list.at[i];
        if (repeats(diags, i)) {
            if (d->warning)
                diags->n_warnings--;
            else
                diags->n_errors--;
            d->span = (Span){0}; /* no longer in the list */
            continue;
        }
        diags->list.at[n++] = d;
    }
    diags->list.n = n;
}

void diags_relocate(Sema *s, uint32_t first, Span at)
{
    for (uint32_t i = first; i < s->diags->list.n; i++) {
        Diag *d = s->diags->list.at[i];
        if (!span_in_library(s, d->span)) continue;
        for (uint32_t k = 0; k < d->parts.n; k++)
            if (d->parts.at[k].kind == DIAG_LABEL && span_in_library(s, d->parts.at[k].span))
                d->parts.at[k].kind = DIAG_TRAIL;
        Span old = d->span;
        d->span = at;
        bool shown = false;
        for (uint32_t k = 0; k < d->parts.n; k++)
            shown |= d->parts.at[k].kind == DIAG_TRAIL;
        if (!shown) {
            const SourceFile *file = source_get(s->sources, old.file);
            diag_note(d, "inside the library (%s:%u):", file->name, source_line(file, old.lo));
            diag_trail(d, old, "%s", "");
        }
    }
}

/* ---- files ---------------------------------------------------------------------------------- */

extern const unsigned char stdlib_prelude[], stdlib_sequence[], stdlib_vision[];
extern const size_t stdlib_prelude_size, stdlib_sequence_size, stdlib_vision_size;

static const struct {
    const char *path;
    const unsigned char *text;
    const size_t *size;
} library_files[] = {
    {"std/prelude.nn", stdlib_prelude, &stdlib_prelude_size},
    {"std/sequence.nn", stdlib_sequence, &stdlib_sequence_size},
    {"std/vision.nn", stdlib_vision, &stdlib_vision_size},
};
enum { N_LIBRARY = sizeof library_files / sizeof library_files[0] };

static const char *embedded(const char *path, size_t *n)
{
    for (int i = 0; i < N_LIBRARY; i++)
        if (!strcmp(path, library_files[i].path)) {
            *n = *library_files[i].size;
            return (const char *)library_files[i].text;
        }
    return NULL;
}

static const Ast *parse_text(Arena *arena, Strings *strings, Diags *diags, Sources *sources, const char *path, const char *text,
                             size_t n, bool library)
{
    char *copy = arena_alloc(arena, n + 2);
    memcpy(copy, text, n);
    return parse_file(arena, strings, diags, sources, source_add(sources, path, copy, n, library));
}

const Ast *const *sema_library(Arena *arena, Strings *strings, Diags *diags, Sources *sources, uint32_t *n)
{
    const Ast **list = ARENA_ARRAY(arena, const Ast *, N_LIBRARY);
    for (*n = 0; *n < N_LIBRARY; ++*n)
        list[*n] = parse_text(arena, strings, diags, sources, library_files[*n].path, (const char *)library_files[*n].text,
                              *library_files[*n].size, true);
    return list;
}

/* The tree of a file of the library that the caller has parsed, or NULL. */
static const Ast *parsed_before(Sema *s, const char *path)
{
    const SemaOptions *o = s->options;
    for (uint32_t i = 0; o && i < o->n_library; i++)
        if (strcmp(source_get(s->sources, o->library[i]->file)->name, path) == 0) return o->library[i];
    return NULL;
}

static const char *folder_of(Sema *s, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? arena_copy(s->arena, path, (size_t)(slash - path + 1)) : "";
}

/* NULL: there is no such file, or `refused` says why it is not read. */
static const char *read_import(Sema *s, const char *path, const Unit *from, size_t *n,
                               const char **found, const char **refused)
{
    const SemaOptions *o = s->options;
    *found = path;
    if (o && o->read_file && !from->library) {
        *found =
            path[0] == '/' ? path : arena_print(s->arena, "%s%s", folder_of(s, from->path), path);
        const char *text = o->read_file(o->user, *found, n, s->arena, refused);
        if (text || *refused) return text;
        for (uint32_t i = 0; i < o->n_include_dirs; i++) {
            *found = arena_print(s->arena, "%s/%s", o->include_dirs[i], path);
            text = o->read_file(o->user, *found, n, s->arena, refused);
            if (text || *refused) return text;
        }
    }
    *found = path;
    return NULL;
}

static Unit *unit_of_ast(Sema *s, const Ast *ast, const char *path, bool library)
{
    Unit *unit = ARENA_NEW(s->arena, Unit);
    *unit = (Unit){.file = ast->file, .ast = ast, .library = library, .path = path};
    unit->loading = true;
    vec_add(s->arena, &s->units, unit);
    for (const Decl *d = ast->decls; d; d = d->next) {
        Global *old = unit_find(unit, d->name);
        if (old) {
            Diag *e =
                diag_error(s->diags, "E0120", d->name_span, "`%s` is declared twice", d->name);
            diag_trail(e, old->decl->name_span, "first here");
            continue;
        }
        if (d->name == s->word_training) {
            diag_error(s->diags, "E0107", d->name_span,
                       "`training` belongs to the language and cannot be declared");
            continue;
        }
        Global *g = ARENA_NEW(s->arena, Global);
        *g = (Global){.decl = d, .unit = unit};
        unit_add(s, unit, g);
    }
    for (uint32_t i = 0; i < unit->globals.n; i++) {
        Global *g = unit->globals.at[i];
        if (g->decl->kind == DECL_IMPORT)
            g->imported = unit_load(s, g->decl->path, g->decl->span, unit);
        g->index = i;
    }
    unit->loading = false;
    return unit;
}

Unit *unit_load(Sema *s, const char *path, Span at, const Unit *from)
{
    size_t n = 0;
    const char *found = path, *refused = NULL;
    const char *text = from ? read_import(s, path, from, &n, &found, &refused) : NULL;
    if (refused) {
        diag_error(s->diags, "E0112", at, "\"%s\" cannot be imported: %s", path, refused);
        return NULL;
    }
    bool library = false;
    if (!text) {
        text = embedded(path, &n);
        library = text != NULL;
        found = path;
    }
    if (!text) {
        Diag *d = diag_error(s->diags, "E0112", at, "there is no file \"%s\"", path);
        diag_note(
            d, "looked beside this file, in the folders of -I, and in the library (std/vision.nn)");
        return NULL;
    }
    for (uint32_t i = 0; i < s->units.n; i++) {
        if (strcmp(s->units.at[i]->path, found) != 0) continue;
        if (!s->units.at[i]->loading) return s->units.at[i];
        diag_error(s->diags, "E0112", at, "\"%s\" imports itself, perhaps through another file",
                   path);
        return NULL;
    }
    if (s->units.n > 200) {
        diag_error(s->diags, "E0605", at, "more than 200 files");
        return NULL;
    }
    const Ast *ast = library ? parsed_before(s, found) : NULL;
    if (!ast) ast = parse_text(s->arena, s->strings, s->diags, s->sources, found, text, n, library);
    return unit_of_ast(s, ast, found, library);
}

/* ---- values of declarations ----------------------------------------------------------------- */

typedef struct Context {
    Frame *frame;
    BodyScope *scope;
    CoreBody *body;
    const char *path;
    Span call_span;
    bool training, in_metric, generic, in_init;
    EntryState *entry;
} Context;

/* Start from nothing: for declarations that are evaluated when they are first used. */
static Context context_enter(Sema *s, Unit *unit)
{
    Context c = {s->frame,   s->scope,    s->body,    s->path,     s->call_span,
                 s->training, s->in_metric, s->generic, s->in_init, s->entry};
    s->frame = NULL;
    s->scope = NULL;
    s->entry = NULL;
    s->path = "";
    s->training = s->in_metric = s->generic = s->in_init = false;
    frame_push(s, unit, NULL, NULL, (Span){0});
    body_push(s, false, 0);
    return c;
}

static void context_leave(Sema *s, Context c)
{
    s->frame = c.frame;
    s->scope = c.scope;
    s->entry = c.entry;
    s->in_init = c.in_init;
    s->body = c.body;
    s->path = c.path;
    s->call_span = c.call_span;
    s->training = c.training;
    s->in_metric = c.in_metric;
    s->generic = c.generic;
}

static const char *define_of(Sema *s, const Global *g)
{
    const SemaOptions *o = s->options;
    if (!o || g->unit != s->main) return NULL;
    size_t n = strlen(g->decl->name);
    for (uint32_t i = o->n_defines; i-- > 0;)
        if (!strncmp(o->defines[i], g->decl->name, n) && o->defines[i][n] == '=')
            return o->defines[i] + n + 1;
    return NULL;
}

static Value value_of_text(Sema *s, const char *text)
{
    char *end;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    if (*text && !*end && !errno) return value_int(s, n);
    double x = strtod(text, &end);
    if (*text && !*end) return value_float(x);
    if (!strcmp(text, "true") || !strcmp(text, "false")) return value_bool(text[0] == 't');
    return value_string(str_name(s->strings, text));
}

static Value const_value(Sema *s, Global *g)
{
    const char *define = define_of(s, g);
    Context c = context_enter(s, g->unit);
    Value v = define ? value_of_text(s, define) : expr_eval(s, g->decl->value);
    context_leave(s, c);
    if (v.kind == VAL_LIST) {
        FullType ints = {.kind = TYPE_INTS};
        const char *why;
        value_fit(s, &v, &ints, &why);
    }
    bool ok = v.kind == VAL_INT || v.kind == VAL_FLOAT || v.kind == VAL_BOOL ||
              v.kind == VAL_STRING || v.kind == VAL_INTS || v.kind == VAL_FN || v.kind == VAL_ERROR;
    if (ok) return v;
    Diag *d = diag_error(s->diags, "E0103", g->decl->value->span,
                         "a const is known to the compiler, this is %s", value_describe(s, &v));
    if (v.kind == VAL_TENSOR && v.def) diag_note(d, "an option has its value only at run time");
    return value_error();
}

static Value option_value(Sema *s, Global *g)
{
    if (g->bad) return value_error();
    if (g->phase != PHASE_DONE) {
        diag_error(s->diags, "E0103", s->call_span.file ? s->call_span : g->decl->name_span,
                   "option `%s` has its value only at run time", g->decl->name);
        return value_error();
    }
    const CoreOption *o = &s->program->options.at[g->index];
    if (o->elem == ELEM_none) {
        Value v = {.kind = VAL_OPTION_TEXT, .def = g};
        v.text_parts.n = 1;
        v.text_parts.piece[0].option = (int32_t)g->index;
        return v;
    }
    if (s->in_init) {
        diag_error(s->diags, "E0122", s->call_span, "a start value cannot use the option `%s`",
                   o->name);
        return value_error();
    }
    SemaType type = type_scalar((Elem)o->elem);
    Value v = value_leaf(s, CORE_option, &type, g->index);
    v.def = g;
    return v;
}

static Value model_value(Sema *s, Global *g)
{
    Context c = context_enter(s, g->unit);
    s->call_span = g->decl->span;
    Value v = expr_eval(s, g->decl->value);
    if (!is_error(&v) && (v.kind != VAL_LAYER || v.text)) {
        Diag *d = diag_error(s->diags, "E0114", g->decl->value->span,
                             "a model is made from a layer, not from %s", value_describe(s, &v));
        if (v.kind == VAL_LAYER_DEF)
            diag_help(d, "write %s(...)", source_text(s, g->decl->value->span));
        v = value_error();
    } else if (!is_error(&v) && v.instance->owned) {
        diag_error(s->diags, "E0114", g->decl->value->span, "this layer already belongs to %s",
                   v.instance->path);
        v = value_error();
    }
    if (!is_error(&v)) {
        instance_own(s, v.instance, NULL, g->decl->name);
        vec_add(s->arena, &s->models, v.instance);
    }
    context_leave(s, c);
    return v;
}

static Value lazy_value(Sema *s, Global *g, Span at)
{
    if (g->phase == PHASE_DONE) return g->value;
    if (g->phase == PHASE_BUSY) {
        diag_error(s->diags, "E0109", at, "`%s` depends on itself", g->decl->name);
        return value_error();
    }
    g->phase = PHASE_BUSY;
    g->value = g->decl->kind == DECL_CONST ? const_value(s, g) : model_value(s, g);
    g->phase = PHASE_DONE;
    return g->value;
}

Value global_value(Sema *s, Global *g, Span at)
{
    switch (g->decl->kind) {
    case DECL_IMPORT: return (Value){.kind = VAL_MODULE, .def = g->imported};
    case DECL_CONST:
    case DECL_MODEL: return lazy_value(s, g, at);
    case DECL_OPTION: return option_value(s, g);
    case DECL_DATA: return g->bad ? value_error() : (Value){.kind = VAL_DATA, .def = g};
    case DECL_LAYER: return (Value){.kind = VAL_LAYER_DEF, .def = g};
    case DECL_METRIC: return (Value){.kind = VAL_METRIC, .def = g};
    case DECL_OPTIMIZER: return (Value){.kind = VAL_OPTIMIZER, .def = g};
    case DECL_FN: return (Value){.kind = VAL_FN, .fn = g->decl->fn, .def = g};
    case DECL_TRAIN:
    case DECL_EVAL:
        diag_error(s->diags, "E0115", at, "`%s` is an entry point, it has no value", g->decl->name);
        return value_error();
    }
    return value_error();
}

/* ---- options -------------------------------------------------------------------------------- */

static bool option_default(Sema *s, CoreOption *o, const Value *v)
{
    int64_t n;
    switch (o->elem) {
    case ELEM_float:
        if (v->kind == VAL_FLOAT)
            o->number = v->number;
        else if (value_is_const_int(s, v, &n))
            o->number = (double)n;
        else
            return false;
        return true;
    case ELEM_int:
        if (!value_is_const_int(s, v, &n)) return false;
        o->number = (double)n;
        return n >= INT32_MIN && n <= INT32_MAX;
    case ELEM_bool: o->number = v->truth > 0; return v->kind == VAL_BOOL;
    default: o->text = v->text; return v->kind == VAL_STRING && v->text;
    }
}

void check_option_name(Sema *s, const Global *global);

static void option_check(Sema *s, Global *g)
{
    const Decl *d = g->decl;
    CoreOption o = {.name = d->name, .doc = d->doc, .span = d->name_span};
    bool text = d->type->kind == TYPE_STRING;
    bool ok =
        text ||
        (d->type->kind == TYPE_TENSOR && !d->type->brackets && !d->type->bound &&
         (d->type->elem == ELEM_float || d->type->elem == ELEM_int || d->type->elem == ELEM_bool));
    check_option_name(s, g);
    if (!ok) {
        diag_error(s->diags, "E0319", d->type->span, "an option is float, int, bool or string");
        g->bad = true;
        return;
    }
    o.elem = text ? ELEM_none : (uint8_t)d->type->elem;
    Context c = context_enter(s, g->unit);
    Value v = expr_eval(s, d->value);
    context_leave(s, c);
    if (!is_error(&v) && !option_default(s, &o, &v))
        diag_error(s->diags, "E0302", d->value->span, "the default of option `%s` is %s", d->name,
                   value_describe(s, &v));
    g->index = s->program->options.n;
    g->phase = PHASE_DONE;
    vec_add(s->arena, &s->program->options, o);
}

/* ---- order of storage ----------------------------------------------------------------------- */

static void renumber_body(CoreBody *body, const uint32_t *to)
{
    for (uint32_t i = 0; body && i < body->ins.n; i++) {
        CoreIns *ins = &body->ins.at[i];
        if (ins->op == CORE_weight || ins->op == CORE_state || ins->op == CORE_state_set)
            ins->attr[0] = to[ins->attr[0]];
        renumber_body(ins->bodies[0], to);
        renumber_body(ins->bodies[1], to);
    }
}

static int compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Layers with holes are elaborated late; the order of storage is that of the declarations. */
static void order_tensors(Sema *s)
{
    CoreProgram *p = s->program;
    TensorList list = {0};
    for (uint32_t i = 0; i < s->models.n; i++) {
        CoreModel model = {.name = s->models.at[i]->path, .first = list.t.n};
        instance_tensors(s, s->models.at[i], true, &list);
        model.n = list.t.n - model.first;
        vec_add(s->arena, &p->models, model);
    }
    if (list.t.n != p->tensors.n) BUG("%u tensors in models, %u in all", list.t.n, p->tensors.n);
    uint32_t *to = ARENA_ARRAY(s->arena, uint32_t, list.t.n + 1);
    CoreTensor *tensors = ARENA_ARRAY(s->arena, CoreTensor, list.t.n + 1);
    for (uint32_t i = 0; i < list.t.n; i++) {
        to[list.t.at[i]] = i;
        tensors[i] = p->tensors.at[list.t.at[i]];
    }
    for (uint32_t i = 0; i < list.t.n; i++)
        p->tensors.at[i] = tensors[i];
    for (uint32_t i = 0; i < p->entries.n; i++) {
        CoreEntry *e = p->entries.at[i];
        for (int k = 0; k < 8; k++)
            renumber_body(e->body[k], to);
        for (uint32_t k = 0; k < e->minimizes.n; k++) {
            CoreMinimize *m = &e->minimizes.at[k];
            for (uint32_t j = 0; j < m->over.n; j++)
                m->over.at[j] = to[m->over.at[j]];
            qsort(m->over.at, m->over.n, sizeof *m->over.at, compare_numbers);
            for (uint32_t j = 0; j < m->unchecked.n; j++)
                m->unchecked.at[j] = to[m->unchecked.at[j]];
        }
    }
}

/* ---- all together --------------------------------------------------------------------------- */

static void check_defines(Sema *s)
{
    for (uint32_t i = 0; s->options && i < s->options->n_defines; i++) {
        const char *d = s->options->defines[i], *eq = strchr(d, '=');
        const char *name = str_intern(s->strings, d, eq ? (size_t)(eq - d) : strlen(d));
        Global *g = unit_find(s->main, name);
        if (g && g->decl->kind == DECL_CONST && eq) continue;
        Diag *e = diag_error(s->diags, "E0113", (Span){s->main->file, 0, 0},
                             "-D %s: the program has no const `%s`", d, name);
        const char *close = scope_suggest(s, name);
        if (!eq)
            diag_help(e, "write -D %s=value", name);
        else if (close)
            diag_help(e, "did you mean `%s`?", close);
    }
}

static void for_each(Sema *s, const Unit *unit, DeclKind kind, void (*check)(Sema *, Global *))
{
    for (uint32_t i = 0; i < unit->globals.n; i++)
        if (unit->globals.at[i]->decl->kind == kind) check(s, unit->globals.at[i]);
}

static void force(Sema *s, Global *g)
{
    global_value(s, g, g->decl->name_span);
}

static void only_in_main(Sema *s, const Unit *unit)
{
    for (uint32_t i = 0; i < unit->globals.n; i++) {
        const Decl *d = unit->globals.at[i]->decl;
        bool entry =
            d->kind == DECL_TRAIN || d->kind == DECL_EVAL || (d->kind == DECL_FN && d->is_export);
        if (entry || d->kind == DECL_MODEL || d->kind == DECL_DATA || d->kind == DECL_OPTION ||
            d->kind == DECL_OPTIMIZER)
            diag_error(s->diags, "E0116", d->name_span,
                       "an imported file holds consts, layers, metrics and functions only");
    }
}

static void check_definitions(Sema *s)
{
    for (uint32_t u = 0; u < s->units.n; u++) {
        Unit *unit = s->units.at[u];
        if (unit->library && unit != s->main) continue;
        for (uint32_t i = 0; i < unit->globals.n; i++) {
            Global *g = unit->globals.at[i];
            DeclKind kind = g->decl->kind;
            if (kind == DECL_LAYER || kind == DECL_METRIC ||
                (kind == DECL_FN && !g->decl->is_export))
                generic_check(s, g);
        }
    }
}

enum { MOST_ENTRIES = 2000 };

static void check_entries(Sema *s)
{
    int n = 0;
    const Unit *main_unit = s->main;
    for (uint32_t i = 0; i < main_unit->globals.n; i++) {
        Global *g = main_unit->globals.at[i];
        const Decl *d = g->decl;
        if (d->kind == DECL_TRAIN || d->kind == DECL_EVAL || (d->kind == DECL_FN && d->is_export)) {
            uint32_t first = s->diags->list.n;
            if (++n > MOST_ENTRIES) {
                diag_error(s->diags, "E0605", d->kind == DECL_FN ? d->fn->name_span : d->name_span,
                           "a program has at most %d entry points (export, train and eval)", MOST_ENTRIES);
                return;
            }
            entry_check(s, g);
            diags_unique(s, first);
        }
    }
    for (uint32_t i = 0; i < main_unit->globals.n; i++) {
        Global *g = main_unit->globals.at[i];
        if (g->decl->kind != DECL_TRAIN || g->bad) continue;
        uint32_t first = s->diags->list.n;
        entry_derive(s, g);
        diags_unique(s, first);
    }
}

CoreProgram *sema_check(Arena *arena, Strings *strings, Sources *sources, Diags *diags, Dims *dims,
                        const Ast *ast, const char *program_name, const SemaOptions *options)
{
    Sema *s = ARENA_NEW(arena, Sema);
    *s = (Sema){.arena = arena,
                .strings = strings,
                .sources = sources,
                .diags = diags,
                .dims = dims,
                .path = ""};
    s->facts = facts_new(arena, dims);
    s->program = ARENA_NEW(arena, CoreProgram);
    s->program->dims = dims;
    s->program->name = program_name;
    s->options = options;
    s->word_training = str_name(strings, "training");
    s->word_forward = str_name(strings, "forward");
    if (diags->n_errors) return s->program; /* syntax errors first */
    s->prelude = unit_load(s, "std/prelude.nn", (Span){0}, NULL);
    const SourceFile *file = source_get(sources, ast->file);
    s->main = unit_of_ast(s, ast, file->name, file->library);
    if (diags->n_errors) return s->program;
    check_defines(s);
    for_each(s, s->main, DECL_OPTION, option_check);
    for (uint32_t i = 0; i < s->units.n; i++) {
        for_each(s, s->units.at[i], DECL_CONST, force);
        if (s->units.at[i] != s->main && !s->units.at[i]->library)
            only_in_main(s, s->units.at[i]);
    }
    for_each(s, s->main, DECL_DATA, data_check);
    check_definitions(s);
    for_each(s, s->main, DECL_MODEL, force);
    diags_unique(s, 0);
    check_entries(s);
    goal_check(s);
    if (!diags->n_errors) vocabularies_check(s);
    size_check_model(s);
    warn_program(s);
    diags_unique(s, 0);
    if (!diags->n_errors) order_tensors(s);
    return s->program;
}
