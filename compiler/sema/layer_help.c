/* SPDX-License-Identifier: MIT
 * layer_help.c: what is said of layers and members that are not as they should be. */
#include "sema/layer_help.h"

#include <string.h>

#include "sema/base/place.h"
#include "support/foreign.h"

/* Is the first argument the size of the features that `forward` takes? */
static bool begins_with_input(const Decl *decl)
{
    const FnDecl *forward = NULL;
    for (const Member *m = decl->members; m; m = m->next)
        if (m->kind == MEMBER_FN && !strcmp(m->name, "forward")) forward = m->fn;
    const DimItem *last = forward && forward->params && forward->params->type->kind == TYPE_TENSOR ? forward->params->type->dims : NULL;
    while (last && last->next)
        last = last->next;
    return last && last->kind == DIMITEM_EXPR && last->expr->kind == EXPR_NAME && last->expr->name == decl->config->name;
}

/* Dense(10): other tools find the size of the input out. */
void layer_help_input(Sema *s, const Decl *decl, const PrimArg *args, uint32_t n, Span span, uint32_t first)
{
    uint32_t required = 0, given = 0;
    for (const Param *p = decl->config; p; p = p->next) {
        bool has = !p->value;
        required += has;
        for (uint32_t i = 0; has && i < n; i++)
            given += args[i].name == p->name;
    }
    for (uint32_t i = 0; i < n; i++) {
        bool known = !args[i].name;
        given += known;
        for (const Param *p = decl->config; p && !known; p = p->next)
            known = p->name == args[i].name;
        if (!known) return;
    }
    if (s->diags->list.n != first + 1 || !decl->config || given + 1 != required || !begins_with_input(decl)) return;
    Diag *d = s->diags->list.at[first];
    const char *text = source_text(s, span), *open = strchr(text, '(');
    if (!open || !d->parts.n) return;
    d->parts.n--; /* what to add */
    if (open[1] == '_') {
        diag_help(d, "`_` is the size of the input; that of the result stands behind it: %.*s(_, n)", (int)(open - text), text);
        return;
    }
    diag_help(d, "the size of the input comes first, and is found out where `_` stands: %.*s(_%s%s", (int)(open - text), text,
              n ? ", " : "", open + 1);
}

void layer_redeclared(Sema *s, const char *name, bool layer, Span at, Span first)
{
    Diag *d = diag_error(s->diags, "E0120", at, "`%s` is declared twice", name);
    if (has_span(first)) diag_trail(d, first, "first here");
    if (first.file == at.file && first.lo == at.lo)
        diag_help(d, layer ? "in a loop layers have numbers: layer %s[i] = ..." : "in a loop only layers have numbers: put `%s` into one",
                  name);
    else
        diag_help(d, "give one of them another name");
}

/* `name := ...` of what is no state was found in this definition. */
static bool update_was_told(const Sema *s, const Decl *decl)
{
    for (uint32_t i = 0; i < s->diags->list.n; i++) {
        const Diag *d = s->diags->list.at[i];
        bool inside = d->span.file == decl->span.file && d->span.lo >= decl->span.lo && d->span.hi <= decl->span.hi;
        if (inside && !strcmp(d->code, "E0411")) return true;
    }
    return false;
}

void layer_report_member(Sema *s, const Instance *instance, const Member *m, const Value *v)
{
    if (instance->decl && update_was_told(s, instance->decl)) return;
    Diag *d = diag_error(s->diags, "E0315", m->value->span, "a member `name = value` has to be known to the compiler");
    if (v->kind == VAL_TENSOR)
        diag_help(d, "what is kept from step to step is a state, what is trained a param: state %s: %s = 0", m->name,
                  type_print(s, &v->type));
}

/* Said where the function is that was meant to be `forward`, if there is one. */
void layer_no_function(Sema *s, const Instance *instance, const char *name, Span at)
{
    for (uint32_t i = 0; i < instance->members.n; i++) {
        const Mem *m = &instance->members.at[i];
        if (m->kind != MEM_FN || (!foreign_same_letters(m->name, "forward") && !foreign_same_letters(m->name, "call"))) continue;
        diag_help(diag_error(s->diags, "E0102", m->span, "`%s` is not what a call of the layer calls", m->name), "name it `forward`");
        return;
    }
    Diag *d = diag_error(s->diags, "E0102", at, "%s has no function `%s`", instance->title, name);
    if (instance->decl) diag_mistake(d, "%s has no function %s", instance->decl->name, name);
    for (uint32_t i = 0; i < instance->members.n; i++)
        if (instance->members.at[i].kind == MEM_FN) {
            diag_help(d, "name one of its functions `forward`, or write %s.%s(...)", source_text(s, at), instance->members.at[i].name);
            return;
        }
}
