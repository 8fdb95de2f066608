/* SPDX-License-Identifier: MIT
 * unknown.c: names that nothing has here: what they may stand for. */
#include "sema/unknown.h"

#include <string.h>

#include "core/optimizers.h"
#include "sema/base/frame.h"
#include "sema/base/initialisers.h"
#include "sema/base/place.h"
#include "sema/base/readers.h"
#include "sema/base/suggest.h"
#include "sema/base/unit.h"
#include "sema/prim/prim.h"
#include "sema/unknown_size.h"
#include "support/foreign.h"

/* ---- the closest known name ------------------------------------------------------------------ */

static void consider_unit(const Unit *unit, const char *name, const char **best, int *distance)
{
    for (uint32_t i = 0; unit && i < unit->globals.n; i++)
        suggest_consider(name, unit->globals.at[i]->decl->name, best, distance);
}

/* Names that the program gives: those of the body, of its layer, of the file. */
static void consider_own(Sema *s, const char *name, const char **best, int *distance)
{
    const Frame *frame = s->frame;
    for (uint32_t i = 0; frame && i < frame->locals.n; i++)
        suggest_consider(name, frame->locals.at[i].name, best, distance);
    for (uint32_t i = 0; frame && frame->instance && i < frame->instance->members.n; i++)
        suggest_consider(name, frame->instance->members.at[i].name, best, distance);
    consider_unit(frame_unit(s), name, best, distance);
}

/* Words of the language that stand where names do. */
static void consider_words(const Sema *s, const char *name, const char **best, int *distance)
{
    static const char *const words[] = {"true", "false", "float", "int", "bool", "grad", "chain", "inf", "nan"};
    static const char *const counters[] = {"step", "steps", "epoch"}, *const of_fields[] = {"length", "present"};
    uint32_t n;
    for (int i = 0; s->frame && s->frame->entry && i < 3; i++)
        suggest_consider(name, counters[i], best, distance);
    for (int i = 0; s->in_data && reader_names[i]; i++)
        suggest_consider(name, reader_names[i], best, distance);
    for (int i = 0; s->data && i < 2; i++)
        suggest_consider(name, of_fields[i], best, distance);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        suggest_consider(name, words[i], best, distance);
    for (int i = 0; initialiser_name(i); i++)
        suggest_consider(name, initialiser_name(i), best, distance);
    const char *const *prims = prim_names(&n);
    for (uint32_t i = 0; i < n; i++)
        suggest_consider(name, prims[i], best, distance);
}

const char *unknown_suggest(Sema *s, const char *name)
{
    const char *best = NULL;
    int distance = 99;
    consider_own(s, name, &best, &distance);
    consider_unit(s->prelude, name, &best, &distance);
    consider_words(s, name, &best, &distance);
    return best;
}

/* A layer: model net = Nett(4) */
static const char *suggest_layer(Sema *s, const char *name)
{
    const Unit *units[] = {frame_unit(s), s->prelude};
    const char *best = NULL;
    int distance = 99;
    for (int u = 0; u < 2; u++)
        for (uint32_t i = 0; units[u] && i < units[u]->globals.n; i++)
            if (units[u]->globals.at[i]->decl->kind == DECL_LAYER)
                suggest_consider(name, units[u]->globals.at[i]->decl->name, &best, &distance);
    return best;
}

/* What the program calls itself: its layers, functions and models, and those of the layer. */
static const char *suggest_called(Sema *s, const char *name)
{
    const Instance *instance = s->frame ? s->frame->instance : NULL;
    const Unit *unit = frame_unit(s);
    const char *best = NULL;
    int distance = 9; /* two letters at most */
    for (uint32_t i = 0; instance && i < instance->members.n; i++)
        if (instance->members.at[i].kind == MEM_CHILD || instance->members.at[i].kind == MEM_FN)
            suggest_consider(name, instance->members.at[i].name, &best, &distance);
    for (uint32_t i = 0; unit && !unit->library && i < unit->globals.n; i++) {
        DeclKind kind = unit->globals.at[i]->decl->kind;
        if (kind == DECL_LAYER || kind == DECL_FN || kind == DECL_MODEL)
            suggest_consider(name, unit->globals.at[i]->decl->name, &best, &distance);
    }
    return best;
}

/* ---- where else it is ------------------------------------------------------------------------ */

/* ex.y for y */
const char *unknown_field_of_example(Sema *s, const char *name)
{
    for (uint32_t i = 0; s->frame && i < s->frame->locals.n; i++) {
        const Local *local = &s->frame->locals.at[i];
        const Global *g = local->value.kind == VAL_EXAMPLE ? local->value.def : NULL;
        if (g && g->index < s->program->data.n && core_find_field(&s->program->data.at[g->index], name) >= 0)
            return arena_print(s->arena, "%s.%s", local->name, name);
    }
    return NULL;
}

/* vae.encode for encode */
const char *unknown_member_of_model(Sema *s, const char *name)
{
    if (!s->frame || !s->frame->entry) return NULL;
    for (uint32_t i = 0; i < s->models.n; i++)
        if (instance_find(s->models.at[i], name)) return arena_print(s->arena, "%s.%s", s->models.at[i]->path, name);
    return NULL;
}

/* vision.random_shift for random_shift */
static const char *member_of_import(Sema *s, const char *name)
{
    const Unit *unit = frame_unit(s);
    for (uint32_t i = 0; unit && i < unit->globals.n; i++) {
        const Global *g = unit->globals.at[i];
        for (uint32_t k = 0; g->imported && k < g->imported->globals.n; k++) {
            const char *inner = g->imported->globals.at[k]->decl->name;
            if (foreign_same_letters(name, inner)) return arena_print(s->arena, "%s.%s", g->decl->name, inner);
        }
    }
    return NULL;
}

const char *unknown_model_of(Sema *s, const char *layer)
{
    const char *found = NULL;
    for (uint32_t i = 0; i < s->models.n; i++) {
        const Instance *model = s->models.at[i];
        if (!model->decl || !foreign_same_letters(model->decl->name, layer)) continue;
        if (found) return NULL;
        found = model->path;
    }
    return found;
}

/* grid_sample, or vision, where std/vision.nn is not imported */
static bool help_library(Sema *s, Diag *d, const char *name)
{
    const LibraryFile *file = library_with(name), *called = library_called(name);
    if (!file && !called) return false;
    const char *as = file ? file->as : called->as;
    if (file && unit_find(frame_unit(s), str_name(s->strings, as)))
        diag_help(d, "write %s.%s", as, name);
    else if (file)
        diag_help(d, "it stands in the library: import \"%s\" as %s, then %s.%s", file->path, as, as, name);
    else
        diag_help(d, "write at the top of the file: import \"%s\" as %s", called->path, as);
    return true;
}

/* ---- help ------------------------------------------------------------------------------------ */

/* The call that a name at this place is the callee of, or NULL. */
static const Expr *call_of(const Sema *s, Span at)
{
    const Expr *callee = s->call ? s->call->a : NULL;
    return callee && callee->span.file == at.file && callee->span.lo == at.lo && callee->span.hi == at.hi ? s->call : NULL;
}

/* Of a function that is called with nothing: Tanh(), Swish() */
static bool help_item(Sema *s, Diag *d, const char *name, Span at)
{
    const Expr *call = call_of(s, at);
    const Global *g = scope_find_global(s, str_name(s->strings, name));
    bool function = g ? g->decl->kind == DECL_FN : prim_find(name);
    if (!call || call->args || !function) return false;
    diag_help(d, "did you mean `%s`? A function is an item of a chain, and stands there without parentheses", name);
    return true;
}

/* flatten where the layer Flatten() is meant */
static bool is_bare_layer(Sema *s, const char *close, Span at)
{
    const Global *g = scope_find_global(s, close);
    return g && g->decl->kind == DECL_LAYER && !g->decl->config && !call_of(s, at);
}

typedef struct Names {
    const char *at[12];
    uint32_t n;
} Names;

static void add_name(Names *names, const char *name)
{
    if (names->n < sizeof names->at / sizeof *names->at) names->at[names->n++] = name;
}

/* The declarations of a kind in the program. */
static void add_declared(Sema *s, Names *names, DeclKind kind)
{
    for (uint32_t i = 0; s->main && i < s->main->globals.n; i++)
        if (s->main->globals.at[i]->decl->kind == kind) add_name(names, s->main->globals.at[i]->decl->name);
}

static void show_names(Sema *s, Diag *d, const char *what, const Names *names)
{
    bool cut = names->n == sizeof names->at / sizeof *names->at;
    if (names->n) diag_note(d, "%s: %s%s", what, suggest_list(s, names->at, names->n), cut ? ", ..." : "");
}

/* What there is, where nothing comes close: in the head of a train the data, in a body its names, those of its layer, the models. */
static void list_names(Sema *s, Diag *d, Span at)
{
    Names names = {0};
    const Frame *frame = s->frame;
    if (!frame || (!frame->fn && !frame->instance && !frame->entry)) { /* the head of a train, a field, model net = ... */
        bool layer = call_of(s, at) && !s->data;
        add_declared(s, &names, s->entry ? DECL_DATA : layer ? DECL_LAYER : DECL_CONST);
        show_names(s, d, s->entry ? "data blocks" : layer ? "layers of the program" : "constants of the program", &names);
        return;
    }
    if (span_in_library(s, frame->call) || (frame->unit && frame->unit->library)) return;
    for (uint32_t i = 0; i < frame->locals.n; i++)
        if (frame->locals.at[i].name[0] && !frame->locals.at[i].ended.file) add_name(&names, frame->locals.at[i].name);
    for (uint32_t i = 0; frame->instance && i < frame->instance->members.n; i++)
        add_name(&names, frame->instance->members.at[i].name);
    if (frame->entry) add_declared(s, &names, DECL_MODEL);
    show_names(s, d, "names here", &names);
}

/* net(ex.x) in a program without a model, or one that has a layer of this name only. */
static bool help_model(Sema *s, Diag *d, const char *name, const char *close, Span at)
{
    if (!s->frame || !s->frame->entry || !call_of(s, at)) return false;
    const Decl *layer = NULL;
    bool any = false;
    for (uint32_t i = 0; i < s->main->globals.n; i++) {
        const Decl *decl = s->main->globals.at[i]->decl;
        if (decl->kind == DECL_LAYER && (!close || !strcmp(close, decl->name))) layer = decl;
        any |= decl->kind == DECL_MODEL;
    }
    if (!layer || (!close && any)) return false;
    diag_help(d, "a layer becomes a model by a line of its own: model %s = %s(%s)", name, layer->name, layer->config ? "..." : "");
    return true;
}

/* foo("file.csv") in a data block */
static bool reads_file(const Sema *s, Span at)
{
    const Expr *call = s->in_data ? call_of(s, at) : NULL;
    return call && call->args && call->args->value && call->args->value->kind == EXPR_STRING;
}

/* `x = 3 // rest`, and a constant that only `#define n 64` gives */
static bool help_comment(Sema *s, Diag *d, const char *name, Span at)
{
    if (!at.file) return false;
    const char *text = source_get(s->sources, at.file)->text, *define = arena_print(s->arena, "#define %s ", name);
    uint32_t lo = at.lo;
    while (lo > 0 && text[lo - 1] == ' ')
        lo--;
    bool slashes = lo > 1 && text[lo - 1] == '/' && text[lo - 2] == '/', defined = strstr(text, define) != NULL;
    if (defined)
        diag_help(d, "a line that begins with `#` is a comment: write `const %s = ...`", name);
    else if (slashes)
        diag_help(d, "comments begin with `#`; `//` divides whole numbers");
    return defined || slashes;
}

static void help_name(Sema *s, Diag *d, const char *name, Span at)
{
    if (help_comment(s, d, name, at)) return;
    if (s->in_data && !strcmp(name, "None")) {
        diag_help(d, "leave the argument out; that a file has no line of names is said by header=false");
        return;
    }
    if (s->frame && s->frame->fn && size_is_axis(s->frame->fn, name) && size_help(s, d, name)) return;
    const Foreign *foreign = foreign_find(FOREIGN_NAME, name);
    const char *place = unknown_field_of_example(s, name), *close = foreign || place ? NULL : unknown_suggest(s, name);
    const Frame *frame = s->frame;
    bool declares = !s->data && !s->entry && (!frame || (!frame->fn && !frame->instance && !frame->entry)); /* model net = ... */
    const char *meant = !call_of(s, at) ? NULL : foreign ? suggest_called(s, name) : declares ? suggest_layer(s, name) : NULL;
    if (meant) close = meant, foreign = NULL;
    if (!place && !foreign && !close) place = unknown_member_of_model(s, name);
    if (!place && !close) place = member_of_import(s, name);
    const char *model = s->frame && s->frame->entry ? unknown_model_of(s, name) : NULL;
    if (place)
        diag_help(d, "write %s", place), diag_edit(d, at, "%s", place);
    else if (!foreign && (!close || foreign_same_letters(close, name) || library_with(name)) && help_library(s, d, name))
        return;
    else if (model && (!close || foreign_same_letters(close, name)))
        diag_help(d, "the model is called `%s`", model), diag_edit(d, at, "%s", model);
    else if (foreign && (!foreign->here || !help_item(s, d, foreign->here, at)))
        suggest_foreign(d, at, foreign);
    else if (foreign)
        return;
    else if (optimizer_find(name))
        diag_help(d, "an optimizer stands behind `using`: minimize loss over net using %s(...)", name);
    else if (help_model(s, d, name, close, at))
        return;
    else if (close && help_item(s, d, close, at))
        return;
    else if (close)
        suggest_meant(d, at, is_bare_layer(s, close, at) ? arena_print(s->arena, "%s()", close) : close);
    else if (s->data && core_find_field(&s->program->data.at[s->program->data.n - 1], name) >= 0)
        diag_help(d,
                  "fields do not see one another; what joins them is computed where they are used. Of its own are length(%s), present(%s)",
                  name, name);
    else if (reads_file(s, at))
        diag_help(d, "a field is read with %s", readers_listed(s));
    else if (!size_help(s, d, name))
        list_names(s, d, at);
}

static void note_conditional(Sema *s, Diag *d, const char *name)
{
    if (!s->frame || !s->frame->instance || !s->frame->instance->decl) return;
    for (const Member *m = s->frame->instance->decl->members; m; m = m->next) {
        if (m->kind != MEMBER_IF) continue;
        for (int side = 0; side < 2; side++)
            for (const Member *c = side ? m->orelse : m->body; c; c = c->next)
                if (c->name == name) diag_trail(d, c->span, "declared under a condition that does not hold here");
    }
}

Value unknown_name(Sema *s, const char *name, Span span)
{
    /* it may be what an error has kept from being bound, or the model of a line that gives it no name */
    if (s->frame && s->frame->instance && s->frame->instance->incomplete) return value_error();
    if ((s->frame && s->frame->incomplete) || unit_has_lost(s, frame_unit(s), name)) return value_error();
    if (s->frame && s->frame->entry && unit_has_lost(s, s->main, "model")) return value_error();
    if (!s->diags->muted && size_was_told(s, name)) return value_error();
    Diag *d = diag_error(s->diags, "E0101", span, "unknown name `%s`", name);
    note_conditional(s, d, name);
    bool counter = !strcmp(name, "step") || !strcmp(name, "epoch") || !strcmp(name, "steps");
    const char *close = NULL;
    int distance = 9;
    for (uint32_t i = 0; counter && s->frame && i < s->frame->locals.n; i++)
        suggest_consider(name, s->frame->locals.at[i].name, &close, &distance);
    if (close)
        suggest_meant(d, span, close);
    else if (counter)
        diag_note(d, "`step`, `epoch` and `steps` are known in the body of a train; pass them as arguments");
    else
        help_name(s, d, name, span);
    return value_error();
}

/* ---- paths ----------------------------------------------------------------------------------- */

static bool is_known(Sema *s, const char *name)
{
    if (name == s->word_training || frame_find(s->frame, name) || scope_find_global(s, name)) return true;
    return (s->frame && s->frame->instance && instance_find(s->frame->instance, name)) || prim_find(name) || initialiser_find(name);
}

/* ex.x where the example is called batch */
static bool of_example(Sema *s, const Expr *path, const Expr *root)
{
    if (path->a != root || !s->frame) return false;
    for (uint32_t i = 0; i < s->frame->locals.n; i++) {
        const Local *local = &s->frame->locals.at[i];
        const Global *g = local->value.kind == VAL_EXAMPLE ? local->value.def : NULL;
        if (!g || core_find_field(&s->program->data.at[g->index], path->name) < 0) continue;
        diag_help(diag_error(s->diags, "E0101", root->span, "unknown name `%s`", root->name), "the example is called `%s`: %s.%s",
                  local->name, local->name, path->name);
        return true;
    }
    return false;
}

/* nn.Linear becomes Dense */
static void without_prefix(Diag *d, const Expr *path, const char *name)
{
    if (suggest_is_word(name)) diag_edit(d, (Span){d->span.file, d->span.lo, path->name_span.hi}, "%s", name);
}

/* random, or jax.random */
static bool is_named(const Expr *e, const char *name)
{
    return (e->kind == EXPR_NAME || e->kind == EXPR_FIELD) && !strcmp(e->name, name);
}

/* @nn.compact on a line of its own, which goes on with the line above */
static bool is_decorator(const Sema *s, Span at)
{
    const char *text = at.file ? source_get(s->sources, at.file)->text : "";
    uint32_t lo = at.lo;
    if (lo == 0 || text[lo - 1] != '@') return false;
    for (lo--; lo > 0 && (text[lo - 1] == ' ' || text[lo - 1] == '\t');)
        lo--;
    return lo > 0 && text[lo - 1] == '\n';
}

bool unknown_prefix(Sema *s, const Expr *path)
{
    const Expr *root = path;
    for (; root->kind == EXPR_FIELD || root->kind == EXPR_CALL || root->kind == EXPR_INDEX; root = root->a)
        if (root->kind != EXPR_FIELD && root->a->kind == EXPR_FIELD) path = root->a; /* optax.loss(z, y).mean(): that of optax */
    if (root->kind != EXPR_NAME || is_known(s, root->name)) return false;
    if (of_example(s, path, root)) return true;
    bool self = !strcmp(root->name, "self");
    if (!self && !foreign_find(FOREIGN_PREFIX, root->name)) return false;
    Diag *d = diag_error(s->diags, "E0101", root->span, "unknown name `%s`", root->name);
    const Foreign *foreign = foreign_find(FOREIGN_NAME, path->name);
    const char *close = unknown_suggest(s, path->name);
    if (is_decorator(s, root->span))
        diag_help(d, "there are no decorators: leave the line out");
    else if (self)
        diag_help(d, "members are used by name: `%s`", path->name), without_prefix(d, path, path->name);
    else if (!strcmp(path->name, "split") && is_named(path->a, "random"))
        diag_help(d, "there are no keys: rand(...) and randn(...) follow from the seed of the run");
    else if (initialiser_find(path->name))
        diag_help(d, "random numbers are rand(...) and randn(...); how a parameter begins is said without a prefix, `%s`", path->name);
    else if (is_known(s, path->name) || optimizer_find(path->name))
        diag_help(d, "there is no prefix: write `%s`", path->name), without_prefix(d, path, path->name);
    else if (foreign && foreign->here)
        diag_help(d, "here it is called %s, without a prefix", foreign->here), without_prefix(d, path, foreign->here);
    else if (foreign)
        suggest_foreign(d, path->name_span, foreign);
    else if (close)
        diag_help(d, "there is no prefix: write `%s`", close), without_prefix(d, path, close);
    else
        diag_help(d, "the library has no prefix: relu, mean, Dense, cross_entropy, adam ...");
    return true;
}

/* Can it be called with one argument? */
static bool takes_one(Sema *s, const char *name)
{
    const Global *g = scope_find_global(s, name);
    const Mem *member = s->frame && s->frame->instance ? instance_find(s->frame->instance, name) : NULL;
    if (member && member->kind == MEM_CHILD) return true;
    if (!g || g->decl->kind != DECL_FN) return prim_find(name) && !strpbrk(name, "0123456789");
    const Param *first = g->decl->fn->params;
    return first && (!first->next || first->next->value);
}

static bool is_word(const Expr *e, const char *word)
{
    return e && e->kind == EXPR_NAME && !strcmp(e->name, word);
}

/* `keepdim=True` of another tool as it is written here. */
static void add_argument(Sema *s, Text *text, const Arg *a)
{
    const Foreign *foreign = a->name ? foreign_find(FOREIGN_ARGUMENT, a->name) : NULL;
    const char *name = foreign && foreign->here ? foreign->here : a->name;
    if (name) text_add(text, "%.*s=", (int)strcspn(name, " "), name);
    bool on = is_word(a->value, "True"), off = is_word(a->value, "False");
    text_add(text, "%s", on ? "true" : off ? "false" : a->value ? source_text(s, a->value->span) : source_text(s, a->span));
}

/* x.name(...) as a call of the function `name`: argmax(x, 1) */
static const char *as_function(Sema *s, const Expr *field, const char *name)
{
    Text text = {.arena = s->arena};
    const Expr *call = call_of(s, field->span);
    text_add(&text, "%s(%s", name, source_text(s, field->a->span));
    for (const Arg *a = call ? call->args : NULL; a; a = a->next) {
        text_add(&text, ", ");
        add_argument(s, &text, a);
    }
    text_add(&text, "%s)", (call && call->args) || takes_one(s, name) ? "" : ", ...");
    return text_c(&text);
}

/* x.max(1)[1], the places of the largest */
static const char *places_of(Sema *s, const Expr *call, const char *known)
{
    bool most = !strcmp(known, "max"), least = !strcmp(known, "min");
    if (!call || (!most && !least)) return known;
    const char *behind = source_get(s->sources, call->span.file)->text + call->span.hi;
    return strncmp(behind, "[1]", 3) != 0 ? known : most ? "argmax" : "argmin";
}

static void help_in_front(Sema *s, Diag *d, const Expr *field, const char *known)
{
    const Expr *call = call_of(s, field->span);
    const char *places = places_of(s, call, known);
    if (places != known) {
        diag_help(d, "functions stand in front, and the places are a function of their own: %s", as_function(s, field, places));
        return;
    }
    const char *text = as_function(s, field, known);
    diag_help(d, "functions stand in front: %s", text);
    if (!strstr(text, "...")) diag_edit(d, call ? call->span : field->span, "%s", text);
}

Value unknown_of_tensor(Sema *s, const Expr *field, const Value *base)
{
    Diag *d = diag_error(s->diags, "E0102", field->name_span, "a tensor has no members");
    diag_label(d, field->a->span, "%s", value_describe(s, base));
    const Foreign *foreign = foreign_find(FOREIGN_METHOD, field->name), *name = foreign_find(FOREIGN_NAME, field->name);
    const char *known = is_known(s, field->name) ? field->name : NULL;
    if (foreign)
        suggest_foreign(d, (Span){0}, foreign);
    else if (known)
        help_in_front(s, d, field, known);
    else if (name)
        suggest_foreign(d, (Span){0}, name);
    return value_error();
}

/* The one parameter of a layer: `table` of an Embedding; NULL: there is none, or several. */
static const char *only_parameter(const Instance *instance)
{
    const char *found = NULL;
    for (uint32_t i = 0; i < instance->members.n; i++) {
        if (instance->members.at[i].kind != MEM_PARAM) continue;
        if (found) return NULL;
        found = instance->members.at[i].name;
    }
    return found;
}

Value unknown_member(Sema *s, const Instance *instance, const char *name, Span span)
{
    Diag *d = diag_error(s->diags, "E0102", span, "%s has no member `%s`", instance->title ? instance->title : "this layer", name);
    enum { MOST = 16 };
    const char *best = NULL, *names[MOST];
    uint32_t n = 0;
    int distance = 99;
    for (uint32_t i = 0; i < instance->members.n; i++) {
        suggest_consider(name, instance->members.at[i].name, &best, &distance);
        if (n < MOST) names[n++] = instance->members.at[i].name;
    }
    const Foreign *foreign = foreign_find(FOREIGN_MEMBER, name);
    const char *param = only_parameter(instance);
    bool weight = foreign_same_letters(name, "weight") || foreign_same_letters(name, "weights");
    if (weight && param)
        diag_help(d, "its parameter is called `%s`", param), diag_edit(d, span, "%s", param);
    else if (best && distance < 12)
        suggest_meant(d, span, best);
    else if (foreign)
        suggest_foreign(d, span, foreign);
    else if (best)
        suggest_meant(d, span, best);
    else if (n)
        diag_note(d, "its members are: %s", suggest_list(s, names, n));
    return value_error();
}
