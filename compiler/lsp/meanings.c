/* SPDX-License-Identifier: MIT
 * meanings.c: what was told of the word at a place. */
#include "lsp/meanings.h"

#include <string.h>

enum { MOST = 64, PROGRAM = 1 /* the number of the text among the files of a check */ };

static bool holds(Span span, uint32_t at)
{
    return span.file == PROGRAM && span.lo <= at && at <= span.hi && span.hi > span.lo;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static bool is_known(const Meanings *m, const SemaMeaning *x)
{
    for (uint32_t i = 0; i < m->list.n; i++) {
        const SemaMeaning *y = &m->list.at[i];
        bool place = x->definition.file == y->definition.file && x->definition.lo == y->definition.lo;
        if (place && x->result == y->result && same_text(x->text, y->text) && same_text(x->path, y->path)) return true;
    }
    return false;
}

void meanings_take(Analysis *a, const SemaMeaning *x)
{
    Meanings *m = a->user;
    bool declares = holds(x->definition, m->at);
    if ((!holds(x->use, m->at) && (!declares || x->result)) || m->list.n == MOST || is_known(m, x)) return;
    vec_add(a->arena, &m->list, *x);
}
