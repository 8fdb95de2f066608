/* SPDX-License-Identifier: MIT
 * sema.c: the whole of checking: files, constants, options, data, definitions, models, entry
 * points. */
#include "sema/sema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/range.h"
#include "sema/base/frame.h"
#include "sema/base/place.h"
#include "sema/base/size.h"
#include "sema/base/unit.h"
#include "sema/call.h"
#include "sema/data.h"
#include "sema/entry.h"
#include "sema/generic.h"
#include "sema/global.h"
#include "sema/goal.h"
#include "sema/types.h"
#include "sema/unknown.h"
#include "sema/vocabulary.h"
#include "sema/warn.h"

/* ---- order of storage ----------------------------------------------------------------------- */

static void renumber_body(CoreBody *body, const uint32_t *to)
{
    for (uint32_t i = 0; body && i < body->ins.n; i++) {
        CoreIns *ins = &body->ins.at[i];
        if (ins->op == CORE_weight || ins->op == CORE_state || ins->op == CORE_state_set) ins->attr[0] = to[ins->attr[0]];
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
        if (unit_has_lost(s, s->main, name)) continue;
        bool known = g && g->decl->kind == DECL_CONST;
        if (known && eq) continue;
        const Span at = {s->main->file, 0, 0};
        if (known) {
            diag_help(diag_error(s->diags, "E0113", at, "-D %s gives `%s` no value", d, name), "write -D %s=value", name);
            continue;
        }
        Diag *e = diag_error(s->diags, "E0113", at, "-D %s: the program has no const `%s`", d, name);
        const char *close = unknown_suggest(s, name);
        if (close) diag_help(e, "did you mean `%s`?", close);
    }
}

static void for_each(Sema *s, const Unit *unit, DeclKind kind, void (*check)(Sema *, Global *))
{
    for (uint32_t i = 0; i < unit->globals.n; i++)
        if (unit->globals.at[i]->decl->kind == kind && !unit->globals.at[i]->decl->broken) check(s, unit->globals.at[i]);
}

static void force(Sema *s, Global *g)
{
    global_value(s, g, g->decl->name_span);
}

static void only_in_main(Sema *s, const Unit *unit)
{
    for (uint32_t i = 0; i < unit->globals.n; i++) {
        const Decl *d = unit->globals.at[i]->decl;
        bool entry = d->kind == DECL_TRAIN || d->kind == DECL_EVAL || (d->kind == DECL_FN && d->is_export);
        if (entry || d->kind == DECL_MODEL || d->kind == DECL_DATA || d->kind == DECL_OPTION || d->kind == DECL_OPTIMIZER)
            diag_error(s->diags, "E0116", d->name_span, "an imported file holds consts, layers, metrics and functions only");
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
            if (g->decl->broken) continue;
            if (kind == DECL_LAYER || kind == DECL_METRIC || (kind == DECL_FN && !g->decl->is_export)) generic_check(s, g);
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
        if (d->broken) continue;
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

/* Definitions whose check could not be finished and that nothing makes or calls. */
static void check_unused(Sema *s)
{
    for (uint32_t u = 0; u < s->units.n; u++)
        for (uint32_t i = 0; i < s->units.at[u]->globals.n && !s->units.at[u]->library; i++)
            generic_unused(s, s->units.at[u]->globals.at[i]);
}

/* What is said of the program as a whole. */
static void check_program(Sema *s)
{
    check_unused(s);
    goal_check(s);
    if (!s->diags->n_errors) vocabularies_check(s);
    size_check_model(s);
    warn_program(s);
}

/* What looks odd may be so for what was not read. */
static void drop_warnings(Diags *diags, uint32_t first)
{
    uint32_t n = first;
    for (uint32_t i = first; i < diags->list.n; i++) {
        if (diags->list.at[i]->warning)
            diags->n_warnings--;
        else
            diags->list.at[n++] = diags->list.at[i];
    }
    diags->list.n = n;
}

CoreProgram *sema_check(Arena *arena, Strings *strings, Sources *sources, Diags *diags, Dims *dims, const Ast *ast,
                        const char *program_name, const SemaOptions *options)
{
    Sema *s = ARENA_NEW(arena, Sema);
    *s = (Sema){.arena = arena, .strings = strings, .sources = sources, .diags = diags, .dims = dims, .path = ""};
    s->call_value = call_value;
    s->size_of = dim_of_expr;
    s->facts = facts_new(arena, dims);
    s->program = ARENA_NEW(arena, CoreProgram);
    s->program->dims = dims;
    s->program->name = program_name;
    s->options = options;
    s->word_training = str_name(strings, "training");
    s->word_forward = str_name(strings, "forward");
    if (ast->unreadable) return s->program;
    uint32_t n_syntax = diags->list.n;
    s->prelude = unit_load(s, "std/prelude.nn", (Span){0}, NULL);
    const SourceFile *file = source_get(sources, ast->file);
    s->main = unit_of_ast(s, ast, file->name, file->library);
    s->partial = diags->n_errors > 0;
    check_defines(s);
    for_each(s, s->main, DECL_OPTION, option_check);
    for (uint32_t i = 0; i < s->units.n; i++) {
        for_each(s, s->units.at[i], DECL_CONST, force);
        if (s->units.at[i] != s->main && !s->units.at[i]->library) only_in_main(s, s->units.at[i]);
    }
    for_each(s, s->main, DECL_DATA, data_check);
    check_definitions(s);
    for_each(s, s->main, DECL_MODEL, force);
    diags_unique(s, 0);
    check_entries(s);
    if (!s->partial) check_program(s);
    if (s->partial) drop_warnings(diags, n_syntax);
    if (!diags->n_errors && !options->doubles) range_check(diags, s->program);
    diags_unique(s, 0);
    if (!diags->n_errors) order_tensors(s);
    return s->program;
}
