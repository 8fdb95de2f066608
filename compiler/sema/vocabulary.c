/* SPDX-License-Identifier: MIT
 * vocabulary.c: whose words and classes are numbered, and by which training run. A vocabulary is made by a run on its own data
 * block; one that evaluations or exports need and no run makes would be known to no checkpoint. */
#include "sema/vocabulary.h"

#include <string.h>

#include "sema/data_args.h"

/* words=true, chars=true or labels=true of a field; NULL: its codes need no vocabulary, or labels= gives the names. */
static const CoreReaderArg *numbering(const CoreField *f)
{
    static const char *const keys[] = {"words", "chars", "labels"};
    for (uint32_t i = 0; f->readers.n && i < 3; i++) {
        const CoreReaderArg *a = argument_find(&f->readers.at[0], keys[i]);
        if (a) return a->kind == ARG_BOOL ? a : NULL;
    }
    return NULL;
}

static bool trains_on(const CoreProgram *p, int64_t data)
{
    for (uint32_t i = 0; i < p->entries.n; i++)
        if (p->entries.at[i]->kind == ENTRY_TRAIN && p->entries.at[i]->data == data) return true;
    return false;
}

static bool trains(const CoreProgram *p)
{
    for (uint32_t i = 0; i < p->entries.n; i++)
        if (p->entries.at[i]->kind == ENTRY_TRAIN) return true;
    return false;
}

static bool uses_weights(const CoreBody *body)
{
    for (uint32_t i = 0; body && i < body->ins.n; i++) {
        const CoreIns *ins = &body->ins.at[i];
        if (ins->op == CORE_weight || ins->op == CORE_state || uses_weights(ins->bodies[0]) || uses_weights(ins->bodies[1])) return true;
    }
    return false;
}

/* A field of a block that is trained on, numbered in the same way: what like= could name. */
static const char *similar(Sema *s, const CoreReaderArg *how)
{
    for (uint32_t d = 0; d < s->program->data.n; d++) {
        const CoreData *data = &s->program->data.at[d];
        for (uint32_t i = 0; trains_on(s->program, d) && i < data->fields.n; i++) {
            const CoreReaderArg *a = numbering(&data->fields.at[i]);
            if (a && !strcmp(a->key, how->key)) return arena_print(s->arena, "%s.%s", data->name, data->fields.at[i].name);
        }
    }
    return NULL;
}

static bool takes(const CoreEntry *entry, int64_t data, int64_t field)
{
    for (uint32_t k = 0; k < entry->args.n; k++)
        if (entry->args.at[k].data == data && entry->args.at[k].field == field) return true;
    return false;
}

static void demand(Sema *s, const CoreEntry *entry, int64_t data, int64_t field, Span at)
{
    const CoreField *f = &s->program->data.at[data].fields.at[field];
    const CoreReaderArg *how = numbering(f), *like = how ? argument_find(&f->readers.at[0], "like") : NULL;
    if (!how || trains_on(s->program, like ? like->hi : data)) return;
    const CoreData *block = &s->program->data.at[data];
    Diag *d = diag_error(s->diags, "E0610", at, "%s needs the numbers of the %s of %s.%s, but no training run reads data %s", entry->name,
                         !strcmp(how->key, "labels") ? "classes" : how->key, block->name, f->name,
                         s->program->data.at[like ? like->hi : data].name);
    if (entry->kind == ENTRY_EVAL && !takes(entry, data, field))
        diag_note(d, "%s does not use %s, but all fields of a block are read", entry->name, f->name);
    const char *other = similar(s, how);
    if (other) diag_help(d, "to share those of the training: %s=true, like=%s", how->key, other);
    if (!strcmp(how->key, "labels")) diag_help(d, "or give the names in order: labels=[\"no\", \"yes\"]");
}

/* `as data.field` of an argument or a result; -1: there is none. */
static void demand_names(Sema *s, const CoreEntry *entry, int64_t data, int64_t field, Span at)
{
    if (data >= 0 && field_has_codes(&s->program->data.at[data].fields.at[field])) demand(s, entry, data, field, at);
}

void vocabularies_check(Sema *s)
{
    if (!trains(s->program)) return; /* the checkpoint of another program may know them */
    for (uint32_t i = 0; i < s->program->entries.n; i++) {
        const CoreEntry *e = s->program->entries.at[i];
        if (e->kind == ENTRY_TRAIN || !uses_weights(e->body[0])) continue; /* without weights the data itself says it */
        if (e->kind == ENTRY_EVAL && e->derived_from < 0 && e->data >= 0)
            for (uint32_t k = 0; k < s->program->data.at[e->data].fields.n; k++)
                demand(s, e, e->data, k, e->span);
        if (e->kind != ENTRY_EXPORT) continue;
        for (uint32_t k = 0; k < e->args.n; k++)
            demand_names(s, e, e->args.at[k].data, e->args.at[k].field, e->args.at[k].span);
        for (uint32_t k = 0; k < e->outs.n; k++)
            demand_names(s, e, e->outs.at[k].data, e->outs.at[k].field, e->outs.at[k].span);
    }
}
