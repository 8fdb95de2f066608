/* SPDX-License-Identifier: MIT
 * head.c: the arguments in the head of train and eval (language.md#the-head-of-a-train). */
#include "sema/head.h"

#include <string.h>
#include <strings.h>

#include "sema/base/place.h"
#include "sema/base/suggest.h"
#include "sema/base/taken.h"
#include "sema/base/unit.h"
#include "sema/expr.h"
#include "support/foreign.h"

/* ---- values --------------------------------------------------------------------------------- */

/* The ranges of the flags of these names (runtime/run/settings.def). */
#define MOST_UPDATES ((int64_t)1 << 53)
enum { MOST_THREADS = 1024 };

static bool integer(Sema *s, const Head *h, int64_t *out, int64_t least, int64_t most)
{
    int64_t n;
    if (!expr_const_int(s, h->value, &n)) return false;
    if (n < least) diag_error(s->diags, "E0506", h->value->span, "%s has to be at least %lld", h->name, (long long)least);
    if (n > most) diag_error(s->diags, "E0506", h->value->span, "%s has to be at most %lld", h->name, (long long)most);
    if (n < least || n > most) return false;
    *out = n;
    return true;
}

static bool is_none(const Head *h)
{
    return h->value->kind == EXPR_NAME && !strcmp(h->value->name, "none");
}

static void text_argument(Sema *s, const Head *h, CoreText *out)
{
    Value v = expr_eval(s, h->value);
    if (is_error(&v) || text_of_value(&v, out)) return;
    diag_error(s->diags, "E0506", h->value->span, "%s is a path: a text in \" \"", h->name);
}

static void bool_argument(Sema *s, const Head *h, bool *out)
{
    Value v = expr_eval(s, h->value);
    if (v.kind == VAL_BOOL)
        *out = v.truth > 0;
    else if (!is_error(&v))
        diag_error(s->diags, "E0506", h->value->span, "%s is true or false", h->name);
}

/* Of the file of init=: whose names and axes it has. */
static void layout_argument(Sema *s, const Head *h, bool *torch)
{
    *torch = h->value->kind == EXPR_NAME && !strcmp(h->value->name, "torch");
    if (!*torch) diag_error(s->diags, "E0506", h->value->span, "layout is `torch`, the names and axes of PyTorch's layers");
}

static bool data_has_part(const CoreData *data, const char *name)
{
    for (uint32_t i = 0; i < data->parts.n; i++)
        if (!strcmp(data->parts.at[i], name)) return true;
    return !strcmp(name, "all");
}

/* W0708: does this part hold examples that are trained on? */
static void check_part(Sema *s, const CoreEntry *entry, const char *part, Span at)
{
    if (!entry->part) return;
    const char *other = !strcmp(part, "all") ? entry->part : !strcmp(entry->part, "all") ? part : NULL;
    bool same = !strcmp(entry->part, part), source = s->program->data.at[entry->data].has_test_source;
    bool all = other && !(source && !strcmp(other, "test")); /* test= is a file of its own */
    if (same)
        diag_warning(s->diags, "W0708", at, "validate reads `%s`, the part that is trained on", part);
    else if (all)
        diag_warning(s->diags, "W0708", at, "validate reads `%s`, which has examples of `%s`, the part that is trained on", part,
                     entry->part);
}

/* The same of the part that an eval block reads. */
static void check_validation(Sema *s, const CoreEntry *entry, const Decl *eval, Span at)
{
    const Expr *e = eval->heads && eval->heads->in ? eval->heads->value : NULL;
    bool part = e && e->kind == EXPR_FIELD && e->a->kind == EXPR_NAME && entry->data >= 0;
    if (part && !strcmp(e->a->name, s->program->data.at[entry->data].name)) check_part(s, entry, e->name, at);
}

/* validate=vald: an eval, or a part of the data. */
static void suggest_validation(Sema *s, Diag *d, const Expr *e, const CoreData *data)
{
    const char *best = NULL, *part = NULL;
    int distance = 99;
    for (uint32_t i = 0; i < s->main->globals.n; i++)
        if (s->main->globals.at[i]->decl->kind == DECL_EVAL)
            suggest_consider(e->name, s->main->globals.at[i]->decl->name, &best, &distance);
    for (uint32_t i = 0; data && i < data->parts.n; i++)
        suggest_consider(e->name, data->parts.at[i], &part, &distance);
    if (part)
        diag_help(d, "did you mean %s.%s?", data->name, part);
    else if (best)
        suggest_meant(d, e->span, best);
    else if (data && data->parts.n)
        diag_help(d, "it is an eval, or a part of the data: %s.%s", data->name, data->parts.at[data->parts.n - 1]);
}

static void validate_argument(Sema *s, Global *global, CoreEntry *entry, const Head *h)
{
    const Expr *e = h->value;
    if (e->kind == EXPR_NAME) {
        Global *g = unit_find(global->unit, e->name);
        if (g && g->decl->kind == DECL_EVAL) {
            entry->head.validate = e->name;
            entry->head.validate_is_entry = true;
            check_validation(s, entry, g->decl, e->span);
            return;
        }
        if (g && g->decl->kind != DECL_DATA) {
            diag_error(s->diags, "E0506", e->span, "`%s` is neither an eval nor a part of the data", e->name);
            return;
        }
        if (unit_has_lost(s, global->unit, e->name)) return;
        if (unit_has_lost(s, global->unit, e->name) || unit_has_lost(s, global->unit, "eval")) return; /* what was not read may be it */
        Diag *d = diag_error(s->diags, "E0506", e->span, "there is no eval `%s`", e->name);
        const CoreData *data = entry->data >= 0 ? &s->program->data.at[entry->data] : NULL;
        if (data && data_has_part(data, e->name))
            diag_help(d, "a part of the data is written %s.%s", data->name, e->name);
        else
            suggest_validation(s, d, e, data);
        return;
    }
    Value v = expr_eval(s, e);
    if (is_error(&v) || global->bad) return; /* bad: what is trained on is not known */
    if (v.kind != VAL_PART || (int32_t)((Global *)v.def)->index != entry->data) {
        Diag *d = diag_error(s->diags, "E0506", e->span, "validate is an eval, or a part of the data block that is trained on");
        if (v.kind == VAL_FLOAT) diag_help(d, "%s", foreign_find(FOREIGN_SETTING, "validation_split")->help);
        return;
    }
    entry->head.validate = v.text;
    check_part(s, entry, v.text, e->span);
}

static bool names_data(Sema *s, const Expr *e)
{
    const Global *g = e && e->kind == EXPR_NAME ? unit_find(s->main, e->name) : NULL;
    return g && g->decl->kind == DECL_DATA;
}

static void unknown_argument(Sema *s, const Head *h)
{
    Diag *d = diag_error(s->diags, "E0506", h->name_span, "the head has no argument `%s`", h->name);
    uint32_t n = 0;
    while (head_names[n])
        n++;
    const char *close = suggest_among(h->name, head_names, n);
    const Foreign *foreign = foreign_find(FOREIGN_SETTING, h->name);
    if (foreign)
        suggest_foreign(d, h->name_span, foreign);
    else if (h->value && h->value->kind == EXPR_FIELD) /* ex = data.train: the body would not know ex */
        diag_help(d, "write `%s in %s`", h->name, source_text(s, h->value->span));
    else if (names_data(s, h->value))
        diag_help(d, "write `%s in %s.train`, with the part that is meant", h->name, h->value->name);
    else if (close)
        suggest_meant(d, h->name_span, close);
    diag_note(d, "its arguments are: %s", suggest_list(s, head_names, n));
}

static void float_argument(Sema *s, const Head *h, double *out)
{
    Value v = expr_eval(s, h->value);
    int64_t n;
    if (v.kind == VAL_FLOAT)
        *out = v.number;
    else if (value_is_const_int(s, &v, &n))
        *out = (double)n;
    else if (!is_error(&v))
        diag_error(s->diags, "E0506", h->value->span, "%s is a number", h->name);
    if (*out < 0 || *out >= 1) diag_error(s->diags, "E0506", h->value->span, "%s is at least 0 and below 1", h->name);
}

/* Whole numbers that have a default. False: it is none of them. */
static bool count_argument(Sema *s, const Head *h, CoreHead *head)
{
    const struct {
        const char *name;
        int64_t *place, least, most;
    } counts[] = {{"accumulate", &head->accumulate, 1, INT32_MAX},    {"threads", &head->threads, 0, MOST_THREADS},
                  {"log_every", &head->log_every, 1, MOST_UPDATES},   {"validate_every", &head->validate_every, 1, MOST_UPDATES},
                  {"save_every", &head->save_every, 1, MOST_UPDATES}, {"patience", &head->patience, 1, MOST_UPDATES}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (strcmp(h->name, counts[i].name) != 0) continue;
        integer(s, h, counts[i].place, counts[i].least, counts[i].most);
        return true;
    }
    return false;
}

static void head_argument(Sema *s, Global *global, CoreEntry *entry, const Head *h)
{
    CoreHead *head = &entry->head;
    const char *name = h->name;
    bool train = entry->kind == ENTRY_TRAIN;
    if (!name_among(name, head_names)) {
        unknown_argument(s, h);
        return;
    }
    static const char *const of_eval[] = {"batch", "steps", "seed", "shuffle", "load", "threads", "log", "log_every", NULL};
    if (!train && !name_among(name, of_eval)) {
        Diag *d = diag_error(s->diags, "E0506", h->name_span, "`%s` is an argument of train, not of eval", name);
        if (!strcmp(name, "epochs")) diag_help(d, "leave it out: an eval goes once through its part");
        return;
    }
    if (!strcmp(name, "batch"))
        head->has_batch = integer(s, h, &head->batch, 1, INT32_MAX);
    else if (!strcmp(name, "epochs"))
        head->has_epochs = integer(s, h, &head->epochs, 1, INT32_MAX);
    else if (!strcmp(name, "steps"))
        head->has_steps = integer(s, h, &head->steps, 1, MOST_UPDATES);
    else if (!strcmp(name, "seed"))
        head->has_seed = integer(s, h, &head->seed, 0, INT64_MAX);
    else if (!strcmp(name, "shuffle")) {
        bool on = false;
        bool_argument(s, h, &on);
        head->shuffle = on;
        head->has_shuffle = true;
    } else if (count_argument(s, h, head))
        ;
    else if (!strcmp(name, "ema"))
        float_argument(s, h, &head->ema);
    else if (!strcmp(name, "validate"))
        validate_argument(s, global, entry, h);
    else if (!strcmp(name, "save") && is_none(h))
        head->save_none = true;
    else if (!strcmp(name, "log") && is_none(h))
        head->log = (CoreText){.piece = {{.text = "none", .option = -1}}, .n = 1};
    else if (!strcmp(name, "save"))
        text_argument(s, h, &head->save);
    else if (!strcmp(name, "load"))
        text_argument(s, h, &head->load);
    else if (!strcmp(name, "init"))
        text_argument(s, h, &head->init);
    else if (!strcmp(name, "map"))
        text_argument(s, h, &head->map);
    else if (!strcmp(name, "layout"))
        layout_argument(s, h, &head->torch);
    else if (!strcmp(name, "log"))
        text_argument(s, h, &head->log);
    else
        diag_help(diag_error(s->diags, "E0506", h->name_span, "`resume` is a flag of the program"), "./%s %s --resume FILE",
                  s->program->name, entry->name);
}

static bool names_validation(const Head *first)
{
    for (const Head *h = first; h; h = h->next)
        if (!strcmp(h->name, "validate")) return true;
    return false;
}

void head_eval(Sema *s, Global *global, CoreEntry *entry)
{
    const Head *first = global->decl->heads;
    for (const Head *h = first; h; h = h->next) {
        for (const Head *o = first; o != h; o = o->next)
            if (o->name == h->name && !o->in && !h->in) diag_error(s->diags, "E0120", h->name_span, "`%s` is given twice", h->name);
        if (!h->in)
            head_argument(s, global, entry, h);
        else if (h != first)
            diag_error(s->diags, "E0506", h->name_span, "`%s in ...` stands first in the head, and once", h->name);
    }
    CoreHead *head = &entry->head;
    for (const Head *h = first; h && head->has_epochs && head->has_steps; h = h->next)
        if (!strcmp(h->name, "steps")) diag_error(s->diags, "E0506", h->name_span, "give epochs or steps, not both");
    if (entry->kind == ENTRY_TRAIN && entry->data < 0 && !head->has_steps && !s->diags->n_errors)
        diag_help(diag_error(s->diags, "E0506", global->decl->name_span, "a train without data needs steps"), "add steps=1000 to its head");
    for (const Head *h = first; h; h = h->next)
        if (!strcmp(h->name, "patience") && !names_validation(first))
            diag_help(diag_error(s->diags, "E0506", h->name_span, "patience counts validations, but nothing is validated"),
                      "add validate=..., a part of the data or an eval");
}
