/* SPDX-License-Identifier: MIT
 * taken.c: names that programs, their flags and their C interface have taken (running.md, embedding.md#arguments-and-names). */
#include "sema/base/taken.h"

#include <string.h>
#include <strings.h>

#include "sema/base/place.h"

const char *const head_names[] = {"batch",   "epochs",     "steps",     "seed", "shuffle",    "validate", "validate_every",
                                  "save",    "save_every", "load",      "init", "accumulate", "ema",      "resume",
                                  "threads", "log",        "log_every", "map",  "layout",     "patience", NULL};
/* Flags of every program and verbs, besides the head arguments. */
static const char *const flag_names[] = {"help",  "version", "out", "on",      "json",         "quiet", "progress",
                                         "color", "config",  "set", "dir_out", "list_weights", NULL};
/* ... and those that only commands of a train have. */
static const char *const run_flags[] = {"early_stop", "min_delta", "keep", "keep_best", "max_time", "dry_run", "worst", "tfevents", NULL};
static const char *const verbs[] = {"train",      "eval",  "info",   "summary", "graph",   "profile", "bench", "gradcheck",
                                    "check_data", "check", "export", "help",    "version", "verify",  "repro", NULL};
/* Symbols of the convenience layer that an entry point would collide with. */
static const char *const symbols[] = {"core",    "new",     "free",       "load",      "save", "error",     "tensor",
                                      "model",   "opts",    "options",    "init",      "desc", "defaults",  "model_bytes",
                                      "program", "readers", "text_codes", "code_name", "stop", "cpu_level", NULL};

bool name_among(const char *name, const char *const *list)
{
    for (int i = 0; list[i]; i++)
        if (!strcmp(list[i], name)) return true;
    return false;
}

void taken_check_entry(Sema *s, const Global *global)
{
    const Decl *d = global->decl;
    const char *name = d->name;
    Span at = d->kind == DECL_FN ? d->fn->name_span : d->name_span;
    if (name_among(name, verbs)) {
        Diag *e = diag_error(s->diags, "E0110", at, "`%s` is a command of every program and cannot name an entry point", name);
        if (!strcmp(name, "train"))
            diag_help(e, "call it fit; `./%s train` runs it anyway", s->program->name);
        else if (!strcmp(name, "eval"))
            diag_help(e, "call it test; `./%s eval` runs it anyway", s->program->name);
        return;
    }
    if (name_among(name, symbols) || name[0] == '_' || !strncmp(name, "core_", 5)) {
        diag_error(s->diags, "E0110", at, "`%s` is a name of the C interface of every program and cannot name an entry point", name);
        return;
    }
    static const char *const tails[] = {"_step", "_init", "_plan", "_work", "_report", "_clear", "_eval", "_train_bytes", NULL};
    const Unit *unit = global->unit;
    for (uint32_t i = 0; i < unit->globals.n; i++) {
        const Decl *o = unit->globals.at[i]->decl;
        if (o->kind != DECL_TRAIN && o->kind != DECL_EVAL && !(o->kind == DECL_FN && o->is_export)) continue;
        size_t n = strlen(o->name);
        bool part = !strncmp(name, o->name, n) && name_among(name + n, tails), macro = !strcasecmp(name, o->name) && strcmp(name, o->name);
        if (o == d || (!part && !macro)) continue;
        diag_error(s->diags, "E0110", at,
                   macro ? "`%s` would have the same C macros as `%s`" : "`%s` would have the same C symbol as a part of `%s`", name,
                   o->name);
        return;
    }
}

bool name_is_flag(const char *name)
{
    return name_among(name, head_names) || name_among(name, flag_names);
}

void taken_check_option(Sema *s, const Global *global)
{
    const char *name = global->decl->name;
    const Unit *unit = global->unit;
    if (name_among(name, flag_names)) {
        diag_error(s->diags, "E0111", global->decl->name_span, "option `%s` would hide the flag --%s of every program", name, name);
        return;
    }
    bool of_head = name_among(name, head_names);
    if (!of_head && !name_among(name, run_flags)) return;
    Diag *d = NULL;
    for (uint32_t i = 0; i < unit->globals.n && !d; i++) {
        const Decl *o = unit->globals.at[i]->decl;
        if (o->kind != DECL_TRAIN) continue;
        const SourceFile *file = source_get(s->sources, o->span.file);
        d = diag_error(s->diags, "E0111", global->decl->name_span, "option `%s` would hide the flag --%s of train %s (line %u)", name, name,
                       o->name, source_line(file, o->span.lo));
        if (of_head) diag_help(d, "write %s=%s in the head of %s", name, source_text(s, global->decl->value->span), o->name);
    }
    if (!d && of_head) diag_error(s->diags, "E0111", global->decl->name_span, "option `%s` would hide the flag --%s", name, name);
}
