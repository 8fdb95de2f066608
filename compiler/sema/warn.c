/* SPDX-License-Identifier: MIT
 * warn.c: mistakes that type-check (language.md 9.4), and checks of the whole program. */
#include "sema/depend.h"

#include <string.h>

/* ---- parameters that nothing trains ---------------------------------------------------------------------- */

static const CoreMinimize *any_minimize(const CoreProgram *p, uint32_t tensor)
{
    const CoreTensor *t = &p->tensors.at[tensor];
    size_t n = strcspn(t->name, ".");
    for (uint32_t i = 0; i < p->entries.n; i++) {
        const CoreEntry *e = p->entries.at[i];
        for (uint32_t k = 0; k < e->minimizes.n; k++) {
            const CoreMinimize *m = &e->minimizes.at[k];
            for (uint32_t j = 0; j < m->over.n; j++)
                if (!strncmp(p->tensors.at[m->over.at[j]].name, t->name, n + 1)) return m;
        }
    }
    return NULL;
}

static void untrained(Sema *s)
{
    const CoreProgram *p = s->program;
    for (uint32_t i = 0; i < p->tensors.n; i++) {
        if (p->tensors.at[i].is_state || p->tensors.at[i].trained) continue;
        const CoreMinimize *m = any_minimize(p, i); /* of a model that is not trained here at all nothing is said */
        if (!m) continue;
        bool load = false;
        for (uint32_t k = 0; k < p->entries.n; k++) load |= p->entries.at[k]->head.load.n || p->entries.at[k]->head.init.n;
        if (!load) diag_warning(s->diags, "W0510", m->span, "%s is never trained: no minimize covers it", p->tensors.at[i].name);
    }
}

void warn_program(Sema *s)
{
    if (s->diags->n_errors) return;
    untrained(s);
}

void warn_entry(Sema *s, CoreEntry *entry)
{
    (void)s;
    (void)entry;
}
