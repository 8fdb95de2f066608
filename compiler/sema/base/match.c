/* SPDX-License-Identifier: MIT
 * match.c: which argument goes to which parameter. */
#include "sema/base/match.h"

#include <string.h>

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

static bool unknown_argument(Sema *s, const Param *params, const PrimArg *arg, const char *title)
{
    Diag *d = diag_error(s->diags, "E0302", arg->name_span, "%s has no argument `%s`", title, arg->name);
    const char *names[64];
    uint32_t n = 0;
    for (const Param *p = params; p && n < 64; p = p->next)
        names[n++] = p->name;
    const char *close = suggest_among(arg->name, names, n);
    if (close) {
        diag_help(d, "did you mean `%s`?", close);
        return false;
    }
    static const char *const habits[][2] = {
        {"padding", "pad"},        {"kernel_size", "kernel"}, {"in_features", "n_in"}, {"out_features", "n_out"}, {"in_channels", "n_in"},
        {"out_channels", "n_out"}, {"strides", "stride"},     {"keepdims", "keep"},    {"keepdim", "keep"},       {"dim", "axis"},
        {"learning_rate", "lr"},   {"weight_decay", "decay"}, {"momentum", "mu"},      {"use_bias", "bias"},      {"activation", "act"},
        {"units", "n_out"},        {"filters", "n_out"}};
    for (size_t i = 0; i < sizeof habits / sizeof habits[0]; i++)
        if (!strcmp(habits[i][0], arg->name)) diag_help(d, "here it is called `%s`", habits[i][1]);
    Text text = {.arena = s->arena};
    for (uint32_t i = 0; i < n; i++)
        text_add(&text, "%s%s", i ? ", " : "", names[i]);
    diag_note(d, "its arguments are: %s", n ? text_c(&text) : "none");
    return false;
}

bool match_args(Sema *s, const Param *params, const PrimArg *args, uint32_t n, int *slot, const char *title, Span span)
{
    uint32_t count = param_count(params), next = 0;
    for (uint32_t i = 0; i < count; i++)
        slot[i] = -1;
    bool ok = true;
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
                diag_error(s->diags, "E0302", args[k].span, "%s takes %u argument%s, this one is too many", title, count,
                           count == 1 ? "" : "s");
                return false;
            }
            i = (int)next;
        } else if ((i = find_param(params, args[k].name)) < 0) {
            ok = unknown_argument(s, params, &args[k], title);
            continue;
        }
        if (slot[i] >= 0) {
            diag_error(s->diags, "E0302", args[k].span, "argument `%s` of %s is given twice", args[k].name ? args[k].name : "?", title);
            ok = false;
            continue;
        }
        slot[i] = (int)k;
    }
    uint32_t i = 0;
    for (const Param *p = params; p; p = p->next, i++) {
        if (slot[i] >= 0 || p->value || !ok) continue;
        diag_help(diag_error(s->diags, "E0302", span, "%s needs an argument `%s`", title, p->name), "add %s=...", p->name);
        ok = false;
    }
    return ok;
}
