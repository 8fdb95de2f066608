/* SPDX-License-Identifier: MIT
 * global.c: the values of declarations: constants, options, models (language.md#constants-options-imports). */
#include "sema/global.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sema/base/frame.h"
#include "sema/base/literal.h"
#include "sema/base/place.h"
#include "sema/base/record.h"
#include "sema/base/taken.h"
#include "sema/expr.h"
#include "sema/layer.h"
#include "sema/types.h"
#include "sema/unknown.h"
#include "support/foreign.h"

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
    Context c = {s->frame, s->scope, s->body, s->path, s->call_span, s->training, s->in_metric, s->generic, s->in_init, s->entry};
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
        if (!strncmp(o->defines[i], g->decl->name, n) && o->defines[i][n] == '=') return o->defines[i] + n + 1;
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
    SemaType type;
    bool ok = (v.kind == VAL_LIST && literal_type(s, &v, &type) && literal_is_known(s, &v)) || v.kind == VAL_INT || v.kind == VAL_FLOAT ||
              v.kind == VAL_BOOL || v.kind == VAL_STRING || v.kind == VAL_INTS || v.kind == VAL_FN || v.kind == VAL_ERROR;
    if (ok) return v;
    Diag *d = diag_error(s->diags, "E0103", g->decl->value->span, "a const is known to the compiler, this is %s", value_describe(s, &v));
    if (v.kind == VAL_TENSOR && v.def) diag_note(d, "an option has its value only at run time");
    return value_error();
}

static Value option_value(Sema *s, Global *g)
{
    if (g->bad) return value_error();
    if (g->phase != PHASE_DONE) {
        diag_error(s->diags, "E0103", s->call_span.file ? s->call_span : g->decl->name_span, "option `%s` has its value only at run time",
                   g->decl->name);
        return value_error();
    }
    const CoreOption *o = &s->program->options.at[g->index];
    if (o->elem == ELEM_none) {
        CoreText *parts = ARENA_NEW(s->arena, CoreText);
        *parts = (CoreText){.n = 1, .piece = {{.option = (int32_t)g->index}}};
        return (Value){.kind = VAL_OPTION_TEXT, .def = g, .parts = parts};
    }
    if (s->in_init) {
        diag_error(s->diags, "E0122", s->call_span, "a start value cannot use the option `%s`", o->name);
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
        Diag *d = diag_error(s->diags, "E0114", g->decl->value->span, "a model is made from a layer, not from %s", value_describe(s, &v));
        if (v.kind == VAL_LAYER_DEF) diag_help(d, "write %s(...)", source_text(s, g->decl->value->span));
        const char *list = v.kind == VAL_LIST ? source_text(s, g->decl->value->span) : NULL;
        if (list && list[0] == '[' && strlen(list) > 2)
            diag_help(d, "layers one after the other are a chain: chain(%.*s)", (int)strlen(list) - 2, list + 1);
        v = value_error();
    } else if (!is_error(&v) && v.instance->owned) {
        diag_error(s->diags, "E0114", g->decl->value->span, "this layer already belongs to %s", v.instance->path);
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
        Diag *d = diag_error(s->diags, "E0109", at, "`%s` depends on itself", g->decl->name);
        for (uint32_t i = 0; i < g->unit->globals.n; i++) {
            const Decl *other = g->unit->globals.at[i]->decl;
            if (other->kind == DECL_LAYER && foreign_same_letters(other->name, g->decl->name))
                diag_help(d, "the layer is called `%s`", other->name);
        }
        return value_error();
    }
    g->phase = PHASE_BUSY;
    g->value = g->decl->kind == DECL_CONST ? const_value(s, g) : model_value(s, g);
    g->phase = PHASE_DONE;
    return g->value;
}

Value global_value(Sema *s, Global *g, Span at)
{
    if (g->decl->broken) return s->n_silent++, value_error();
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
    case DECL_EVAL: {
        Diag *d = diag_error(s->diags, "E0115", at, "`%s` is an entry point, it has no value", g->decl->name);
        const char *field = unknown_field_of_example(s, g->decl->name);
        if (field) diag_help(d, "write %s", field);
        return value_error();
    }
    }
    return value_error();
}

static void report_default(Sema *s, const Decl *option, const Value *v)
{
    Diag *d = diag_error(s->diags, "E0302", option->value->span, "the default of option `%s` is %s", option->name, value_describe(s, v));
    Elem elem = option->type->kind == TYPE_TENSOR && !option->type->dims ? option->type->elem : ELEM_none;
    const char *text = known_text(v);
    bool number = strspn(text, "0123456789.-") == strlen(text) && strpbrk(text, "0123456789");
    if (number && (elem == ELEM_float || elem == ELEM_int))
        diag_help(d, "a number stands without quotes: %s", text);
    else if (v->kind == VAL_FLOAT && elem == ELEM_int)
        diag_help(d, "write option %s: float, or a whole number", option->name);
    else if (v->kind == VAL_INT && elem == ELEM_int)
        diag_help(d, "an int is at least -2147483648 and at most 2147483647");
    else
        diag_help(d, "it has the type of the option, which is float, int, bool or string");
}

/* ---- options --------------------------------------------------------------------------------- */

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

void option_check(Sema *s, Global *g)
{
    const Decl *d = g->decl;
    CoreOption o = {.name = d->name, .doc = d->doc, .span = d->name_span};
    bool text = d->type->kind == TYPE_STRING;
    bool ok = text || (d->type->kind == TYPE_TENSOR && !d->type->brackets && !d->type->bound &&
                       (d->type->elem == ELEM_float || d->type->elem == ELEM_int || d->type->elem == ELEM_bool));
    taken_check_option(s, g);
    if (!ok) {
        diag_error(s->diags, "E0319", d->type->span, "an option is float, int, bool or string");
        g->bad = true;
        return;
    }
    o.elem = text ? ELEM_none : (uint8_t)d->type->elem;
    Context c = context_enter(s, g->unit);
    Value v = expr_eval(s, d->value);
    context_leave(s, c);
    if (!is_error(&v) && !option_default(s, &o, &v)) report_default(s, d, &v);
    g->index = s->program->options.n;
    g->phase = PHASE_DONE;
    vec_add(s->arena, &s->program->options, o);
}
