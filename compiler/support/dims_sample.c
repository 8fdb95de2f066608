/* SPDX-License-Identifier: MIT
 * dims_sample.c: sizes that satisfy what a program requires of them, for checks by example.
 *
 * All symbols start with one size. Where a fact does not hold, the symbols of the facts are searched
 * with backtracking: each tries that size, the values at which a fact about it alone turns (it is
 * linear in most), small numbers, and large ones. */
#include "support/dims.h"

#include "support/vec.h"

enum { MOST_TRIES = 20000, MOST_CANDIDATES = 64, N_SMALL = 24, N_LARGE = 3 };

typedef struct Search {
    const Dims *dims;
    const SizeFact *fact;
    uint32_t n_facts;
    int64_t size, *value;
    VEC(Symbol) symbol; /* of the facts, ascending */
    uint32_t *last;     /* by fact: the position of its last symbol */
    int tries;
} Search;

static bool holds(const Search *s, const SizeFact *fact)
{
    int64_t x = 0;
    if (!dim_eval(s->dims, fact->dim, s->value, &x)) return false;
    return fact->relation == SIZE_ZERO ? x == 0 : fact->relation == SIZE_NONZERO ? x != 0 : x >= 0;
}

static bool all_hold(const Search *s, uint32_t position) /* of the facts that are decided by this symbol */
{
    for (uint32_t i = 0; i < s->n_facts; i++)
        if (s->last[i] == position && !holds(s, &s->fact[i])) return false;
    return true;
}

/* Where the fact, as a line through its values at 1 and 2, is zero. */
static bool turning_point(Search *s, const SizeFact *fact, Symbol symbol, int64_t *at)
{
    int64_t y[2], slope;
    for (int i = 0; i < 2; i++) {
        s->value[symbol] = 1 + i;
        if (!dim_eval(s->dims, fact->dim, s->value, &y[i])) return false;
    }
    if (__builtin_sub_overflow(y[1], y[0], &slope) || slope == 0 || y[0] == INT64_MIN) return false;
    return !__builtin_sub_overflow(1, y[0] / slope, at) && *at > 1 && *at < INT64_MAX;
}

static uint32_t candidates(Search *s, uint32_t position, int64_t list[MOST_CANDIDATES])
{
    uint32_t n = 0;
    int64_t at = 0;
    list[n++] = s->size;
    for (uint32_t i = 0; i < s->n_facts && n + 3 + N_SMALL + N_LARGE <= MOST_CANDIDATES; i++)
        if (s->last[i] == position && turning_point(s, &s->fact[i], s->symbol.at[position], &at))
            for (int64_t step = -1; step <= 1; step++)
                list[n++] = at + step;
    for (int64_t small = N_SMALL; small >= 1; small--)
        list[n++] = small;
    for (int64_t large = 0; large < N_LARGE; large++)
        list[n++] = s->size << 5 * (large + 1);
    return n;
}

static bool search(Search *s, uint32_t position)
{
    int64_t list[MOST_CANDIDATES];
    if (position == s->symbol.n) return true;
    uint32_t n = candidates(s, position, list);
    for (uint32_t i = 0; i < n && s->tries > 0; i++) {
        s->tries--;
        s->value[s->symbol.at[position]] = list[i];
        if (all_hold(s, position) && search(s, position + 1)) return true;
    }
    return false;
}

/* The symbols of all facts, and by fact the last of them. */
static void collect(Search *s, Arena *arena)
{
    s->last = ARENA_ARRAY(arena, uint32_t, s->n_facts + 1);
    for (Symbol symbol = 1; symbol <= symbol_count(s->dims); symbol++) {
        bool met = false;
        for (uint32_t i = 0; i < s->n_facts; i++) {
            if (!dim_mentions(s->dims, s->fact[i].dim, symbol)) continue;
            s->last[i] = s->symbol.n;
            met = true;
        }
        if (met) vec_add(arena, &s->symbol, symbol);
    }
}

bool dims_satisfying(const Dims *dims, Arena *arena, const SizeFact *fact, uint32_t n, int64_t size, int64_t *value)
{
    Search s = {.dims = dims, .fact = fact, .n_facts = n, .size = size, .value = value, .tries = MOST_TRIES};
    for (Symbol symbol = 0; symbol <= symbol_count(dims); symbol++)
        value[symbol] = size;
    bool all = true;
    for (uint32_t i = 0; i < n; i++)
        all = all && holds(&s, &fact[i]);
    if (all) return true;
    collect(&s, arena);
    return s.symbol.n > 0 && search(&s, 0);
}
