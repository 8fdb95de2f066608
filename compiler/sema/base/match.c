/* SPDX-License-Identifier: MIT
 * match.c: which argument goes to which parameter. */
#include "sema/base/match.h"

#include <string.h>

#include "sema/base/meaning.h"
#include "sema/base/place.h"
#include "sema/base/suggest.h"

uint32_t param_count(const Param *params)
{
    uint32_t n = 0;
    for (const Param *p = params; p; p = p->next)
        n++;
    return n;
}

static int find_param(const Param *params, const char *name)
{
    int i = 0;
    for (const Param *p = params; p; p = p->next, i++)
        if (p->name == name) return i;
    return -1;
}

Diag *match_unknown(Sema *s, Diag *d, const Param *params, const Param *more, const PrimArg *arg, const char *title)
{
    const char *names[64];
    uint32_t n = 0;
    for (const Param *p = params; p && n < 64; p = p->next)
        names[n++] = p->name;
    for (const Param *p = more; p && n < 64; p = p->next)
        names[n++] = p->name;
    const char *help = suggest_argument(s, arg->name, names, n);
    if (d) {
        diag_label(d, arg->name_span, "%s", "");
        if (help) suggest_told(d, arg->name_span, arg->name, help);
        return d;
    }
    d = diag_error(s->diags, "E0302", arg->name_span, "%s has no argument `%s`", title, arg->name);
    bool same = arg->value.kind == VAL_STRING && arg->value.text && !strcmp(arg->value.text, "same");
    if (help && same)
        diag_help(d, "%s, a number: pad=1 keeps the size with kernel=3 and stride 1", help);
    else if (help)
        suggest_told(d, arg->name_span, NULL, help);
    if (!help)
        diag_help(d, "its arguments are: %s", suggest_list(s, names, n));
    else if (strncmp(help, "did", 3) != 0)
        diag_note(d, "its arguments are: %s", suggest_list(s, names, n));
    return d;
}

/* All that have no value, from p on: "add step=step, steps=..." */
static void help_missing(Sema *s, Diag *d, const Param *p, const int *slot)
{
    Text text = {.arena = s->arena};
    for (; p; p = p->next, slot++) {
        bool counter = !strcmp(p->name, "step") || !strcmp(p->name, "steps") || !strcmp(p->name, "epoch");
        if (*slot < 0 && !p->value) text_add(&text, "%s%s=%s", text.n ? ", " : "", p->name, counter ? p->name : "...");
    }
    diag_help(d, "add %s", text_c(&text));
}

static const Param *param_at(const Param *params, int i)
{
    while (i-- > 0)
        params = params->next;
    return params;
}

bool match_args(Sema *s, const Param *params, const PrimArg *args, uint32_t n, int *slot, const char *title, Span span)
{
    uint32_t count = param_count(params), next = 0;
    for (uint32_t i = 0; i < count; i++)
        slot[i] = -1;
    bool ok = true;
    Diag *unknown = NULL;
    for (uint32_t k = 0; k < n; k++) {
        int i = -1;
        if (args[k].pack) {
            diag_error(s->diags, "E0302", args[k].span, "%s takes no pack as an argument", title);
            return false;
        }
        if (!args[k].name) {
            while (next < count && slot[next] >= 0)
                next++;
            if (next == count) {
                Diag *d = diag_error(s->diags, "E0302", args[k].span, "%s takes %u argument%s, this one is too many", title, count,
                                     count == 1 ? "" : "s");
                Text names = {.arena = s->arena};
                for (const Param *p = params; p; p = p->next)
                    text_add(&names, "%s%s", p->name, p->next ? ", " : "");
                if (count) diag_help(d, "its arguments are: %s", text_c(&names));
                return false;
            }
            i = (int)next;
        } else if ((i = find_param(params, args[k].name)) < 0) {
            unknown = match_unknown(s, unknown, params, NULL, &args[k], title);
            ok = false;
            continue;
        }
        if (slot[i] >= 0) {
            diag_error(s->diags, "E0302", args[k].span, "argument `%s` of %s is given twice", args[k].name ? args[k].name : "?", title);
            ok = false;
            continue;
        }
        slot[i] = (int)k;
        if (args[k].name) meaning_of_argument(s, &args[k], param_at(params, i));
    }
    uint32_t i = 0;
    for (const Param *p = params; p; p = p->next, i++) {
        if (slot[i] >= 0 || p->value || !ok) continue;
        Diag *d = diag_error(s->diags, "E0302", span, "%s needs an argument `%s`", title, p->name);
        const char *call = span.file ? source_text(s, span) : title;
        if (!n && p->type->brackets && strchr(title, '(') && !strcmp(call + strcspn(call, "("), "()")) /* fc() of a layer fc */
            diag_help(d, "call it with a tensor: %.*s(x)", (int)strcspn(call, "("), call);
        else if (!n && p->type->brackets)
            suggest_tensor(d, title);
        else
            help_missing(s, d, p, slot + i);
        ok = false;
    }
    return ok;
}
