/* SPDX-License-Identifier: MIT
 * statement_edits.c: a statement ends with its line, or with `;`, outside of ( ) and [ ]; one with a block ends with that. */
#include "damage/statement_edits.h"

#include <string.h>

typedef struct Statement {
    uint32_t first, last; /* pieces */
} Statement;

/* Does piece i end what stands before it? */
static bool begins(const Pieces *p, uint32_t i)
{
    if (i == 0) return true;
    if (piece_is(p, i - 1, ";") || piece_is(p, i - 1, "{") || piece_is(p, i - 1, "}")) return true;
    return p->list.at[i].line != p->list.at[i - 1].line && !piece_is(p, i - 1, ",") && !piece_is(p, i - 1, "(");
}

static Statement statement_at(const Pieces *p, uint32_t i)
{
    Statement s = {i, i};
    while (!begins(p, s.first)) {
        s.first--;
        uint32_t open = p->list.at[s.first].other;
        if (open < s.first) s.first = open;
    }
    for (s.last = s.first;; s.last++) {
        if (piece_opens(p, s.last)) s.last = p->list.at[s.last].other;
        if (piece_is(p, s.last, "}") || s.last + 1 >= p->list.n || begins(p, s.last + 1)) break;
        if (piece_is(p, s.last + 1, ";") || piece_is(p, s.last + 1, "}")) break;
    }
    return s;
}

static const char *text_of(const Draw *d, Statement s)
{
    return draw_text(d, s.first, s.last);
}

static Edit leave_out(const Draw *d, Statement s)
{
    const char *is = text_of(d, s);
    if (piece_is(d->p, s.last + 1, ";")) s.last++;
    return edit_said(edit_of(d, s.first, s.last, ""), d, "without ", is, "");
}

static Edit twice(const Draw *d, Statement s)
{
    const char *is = text_of(d, s);
    return edit_said(edit_of(d, s.first, s.last, arena_print(d->arena, "%s; %s", is, is)), d, "twice ", is, "");
}

static Edit exchange_with_next(const Draw *d, Statement s)
{
    uint32_t next = s.last + 1;
    if (piece_is(d->p, next, ";")) next++;
    if (next >= d->p->list.n || piece_is(d->p, next, "}")) return (Edit){0};
    Statement other = statement_at(d->p, next);
    if (other.first != next) return (Edit){0};
    uint32_t behind = d->p->list.at[s.last].hi;
    const char *between = arena_copy(d->arena, d->p->text + behind, d->p->list.at[next].lo - behind);
    const char *is = text_of(d, s), *now = arena_print(d->arena, "%s%s%s", text_of(d, other), between, is);
    return edit_said(edit_of(d, s.first, other.last, now), d, "", is, " behind the next");
}

/* With names of the program. */
static const char *added(Draw *d)
{
    const char *a = draw_name(d), *b = draw_name(d);
    switch (draw_below(d, 12)) {
    case 0: return arena_print(d->arena, "return %s", a);
    case 1: return arena_print(d->arena, "%s = %s", a, b);
    case 2: return arena_print(d->arena, "%s = 1", a);
    case 3: return arena_print(d->arena, "%s := %s + 1", a, b);
    case 4: return arena_print(d->arena, "report %s", a);
    case 5: return arena_print(d->arena, "assert %s > 0", a);
    case 6: return arena_print(d->arena, "print(%s)", a);
    case 7: return arena_print(d->arena, "minimize %s over %s using sgd(lr=0.1)", a, b);
    case 8: return arena_print(d->arena, "param %s: float[3] = 0", a);
    case 9: return arena_print(d->arena, "state %s: int = 0", a);
    case 10: return arena_print(d->arena, "emit %s = %s", a, b);
    default: return "split(train=0.5, test=0.5, seed=1)";
    }
}

Edit edit_statement(Draw *d, uint32_t i)
{
    Statement s = statement_at(d->p, i);
    switch (draw_below(d, d->mild ? 4 : 6)) {
    case 0:
    case 1: return leave_out(d, s);
    case 2: return twice(d, s);
    case 3: return exchange_with_next(d, s);
    default: break;
    }
    const char *more = added(d);
    return edit_said(edit_of(d, s.first, s.last, arena_print(d->arena, "%s; %s", more, text_of(d, s))), d, "new ", more, "");
}
