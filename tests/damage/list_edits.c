/* SPDX-License-Identifier: MIT
 * list_edits.c: items are left out, doubled, exchanged, added; arguments lose their names. */
#include "damage/list_edits.h"

typedef struct Item {
    uint32_t first, last; /* pieces */
} Item;
typedef VEC(Item) Items;

static Items items_of(const Draw *d, uint32_t open)
{
    Items items = {0};
    uint32_t close = d->p->list.at[open].other;
    for (uint32_t i = open + 1, first = i; i <= close; i++) {
        if (piece_opens(d->p, i)) i = d->p->list.at[i].other;
        if (i != close && !piece_is(d->p, i, ",")) continue;
        if (i > first) vec_add(d->arena, &items, ((Item){first, i - 1}));
        first = i + 1;
    }
    return items;
}

static const char *text_of(const Draw *d, Item item)
{
    return draw_text(d, item.first, item.last);
}

static Edit leave_out(const Draw *d, const Items *items, uint32_t k)
{
    Edit e = edit_of(d, items->at[k].first, items->at[k].last, "");
    if (k + 1 < items->n)
        e.hi = d->p->list.at[items->at[k + 1].first].lo;
    else if (k > 0)
        e.lo = d->p->list.at[items->at[k - 1].last].hi;
    return edit_said(e, d, "without ", text_of(d, items->at[k]), "");
}

static Edit twice(const Draw *d, Item item)
{
    const char *is = text_of(d, item);
    return edit_said(edit_of(d, item.first, item.last, arena_print(d->arena, "%s, %s", is, is)), d, "twice ", is, "");
}

static Edit exchange(const Draw *d, const Items *items, uint32_t k)
{
    if (items->n < 2) return (Edit){0};
    Item a = items->at[k ? k - 1 : 0], b = items->at[k ? k : 1];
    uint32_t behind = d->p->list.at[a.last].hi;
    const char *between = arena_copy(d->arena, d->p->text + behind, d->p->list.at[b.first].lo - behind);
    const char *now = arena_print(d->arena, "%s%s%s", text_of(d, b), between, text_of(d, a));
    return edit_said(edit_of(d, a.first, b.last, now), d, "", text_of(d, a), " behind the next");
}

/* In front of an item, or behind it. */
static Edit add(Draw *d, const Items *items, uint32_t k)
{
    static const char *const added[] = {"0",         "1",    "2", "3", "-1",  "axis=0", "axis=-1",
                                        "keep=true", "true", "_", ":", "...", "0.5",    "\"a\""};
    const char *more = draw_below(d, 3) ? DRAW_FROM(d, added) : draw_name(d), *is = text_of(d, items->at[k]);
    bool behind = draw_below(d, 2);
    const char *now = arena_print(d->arena, "%s, %s", behind ? is : more, behind ? more : is);
    return edit_said(edit_of(d, items->at[k].first, items->at[k].last, now), d, behind ? "behind it: " : "before it: ", more, "");
}

/* axis=1 -> 1, and the reverse. */
static Edit without_name(Draw *d, Item item)
{
    static const char *const names[] = {"axis", "keep", "n", "k", "x", "lr", "pad", "stride", "value"};
    bool named = item.last > item.first + 1 && piece_is(d->p, item.first + 1, "=");
    if (named) return edit_of(d, item.first, item.first + 1, "");
    const char *name = draw_below(d, 2) ? DRAW_FROM(d, names) : draw_name(d);
    return edit_of(d, item.first, item.last, arena_print(d->arena, "%s=%s", name, text_of(d, item)));
}

Edit edit_list(Draw *d, uint32_t open)
{
    Items items = piece_opens(d->p, open) ? items_of(d, open) : (Items){0};
    if (!items.n) return (Edit){0};
    uint32_t k = draw_below(d, items.n);
    Item item = items.at[k];
    if (d->mild && draw_below(d, 3)) return draw_below(d, 2) ? exchange(d, &items, k) : leave_out(d, &items, k);
    switch (draw_below(d, 8)) {
    case 0:
    case 1: return leave_out(d, &items, k);
    case 2: return twice(d, item);
    case 3: return exchange(d, &items, k);
    case 4:
    case 5: return add(d, &items, k);
    case 6: return without_name(d, item);
    default: return edit_of(d, item.first, item.last, draw_below(d, 2) ? arena_print(d->arena, "%s + 1", text_of(d, item)) : draw_name(d));
    }
}
