/* SPDX-License-Identifier: MIT
 * work.c: how much work memory a call wants, exactly, as formulas of its sizes for the header of small code.
 *
 * Places are multiples of 64 bytes, each behind the highest of those below it. So the end of the highest is the largest sum of
 * sizes, each up to a multiple of 64, along a chain of places that lie on one another: few chains are not below others. */
#include "emit/emit.h"
#include "nnrt_abi.h"

enum { MOST_ITEMS = 32 }; /* of a chain */
typedef struct Chain {
    Dim item[MOST_ITEMS]; /* bytes */
    uint32_t n;
} Chain;
typedef struct Chains {
    Chain at[EMIT_WORKS];
    uint32_t n;
    bool too_many;
} Chains;

/* A term like this one of another sum, as often or oftener. */
static bool has_term(const Dims *dims, Dim d, Dim other, uint32_t term)
{
    uint32_t n = dim_n_atoms(dims, other, term);
    for (uint32_t i = 0; i < dim_n_terms(dims, d); i++) {
        bool equal = dim_n_atoms(dims, d, i) == n && dim_coefficient(dims, d, i) >= dim_coefficient(dims, other, term);
        for (uint32_t a = 0; equal && a < n; a++) {
            DimAtom x = dim_atom(dims, d, i, a), y = dim_atom(dims, other, term, a);
            equal = x.symbol == y.symbol && x.num == y.num && x.den == y.den;
        }
        if (equal) return true;
    }
    return false;
}

/* At all sizes, as far as the terms say. */
static bool is_least(const Dims *dims, Dim small, Dim large)
{
    if (small == large) return true;
    for (uint32_t i = 0; i < dim_n_terms(dims, large); i++)
        if (dim_coefficient(dims, large, i) < 0) return false;
    for (uint32_t i = 0; i < dim_n_terms(dims, small); i++)
        if (dim_coefficient(dims, small, i) > 0 && !has_term(dims, large, small, i)) return false;
    return true;
}

/* Is each of its items at most one of the other's? */
static bool is_below(const Dims *dims, const Chain *low, const Chain *high)
{
    bool used[MOST_ITEMS] = {false};
    for (uint32_t i = 0; i < low->n; i++) {
        uint32_t j = 0;
        while (j < high->n && (used[j] || !is_least(dims, low->item[i], high->item[j])))
            j++;
        if (j == high->n) return false;
        used[j] = true;
    }
    return true;
}

static void add(Chains *to, const Dims *dims, const Chain *chain)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < to->n; i++)
        if (is_below(dims, chain, &to->at[i])) return;
    for (uint32_t i = 0; i < to->n; i++)
        if (!is_below(dims, &to->at[i], chain)) to->at[n++] = to->at[i];
    to->n = n;
    if (to->n == EMIT_WORKS)
        to->too_many = true;
    else
        to->at[to->n++] = *chain;
}

/* The chains that end with place i. */
static void extend(Chains *of, const Dims *dims, const TableEntry *t, uint32_t i)
{
    Chain alone = {.item = {t->dim}, .n = 1};
    add(&of[i], dims, &alone);
    for (uint32_t j = 0; j < t->above.n; j++) {
        const Chains *below = &of[t->above.at[j]];
        of[i].too_many |= below->too_many;
        for (uint32_t c = 0; c < below->n; c++) {
            Chain longer = below->at[c];
            if (longer.n == MOST_ITEMS)
                of[i].too_many = true;
            else
                longer.item[longer.n++] = t->dim, add(&of[i], dims, &longer);
        }
    }
}

static Dim aligned(Dims *dims, Dim bytes)
{
    Dim align = dim_const(dims, NNRT_ALIGN);
    return dim_mul(dims, dim_floordiv(dims, dim_add(dims, bytes, dim_const(dims, NNRT_ALIGN - 1)), align), align);
}

uint32_t emit_work(const EmitProgram *e, const EmitEntry *entry, Dim *most)
{
    Dims *dims = e->core->dims;
    const KProgram *k = entry->code[0].k;
    if (entry->n_codes > 1 || k->n_lent) return 0;
    Chains *of = ARENA_ARRAY(e->arena, Chains, k->table.n + 1), *all = &of[k->table.n];
    for (uint32_t o = 0; o < k->place_order.n; o++) {
        uint32_t i = k->place_order.at[o];
        extend(of, dims, &k->table.at[i], i);
        all->too_many |= of[i].too_many;
        for (uint32_t c = 0; c < of[i].n; c++)
            add(all, dims, &of[i].at[c]);
    }
    if (all->too_many) return 0;
    Chain none = {.n = 0};
    if (!all->n) add(all, dims, &none);
    for (uint32_t c = 0; c < all->n; c++) {
        most[c] = aligned(dims, dim_const(dims, 8 * entry->n_partials));
        most[c] = dim_add(dims, most[c], aligned(dims, dim_const(dims, k->scratch_bytes)));
        for (uint32_t i = 0; i < all->at[c].n; i++)
            most[c] = dim_add(dims, most[c], aligned(dims, all->at[c].item[i]));
    }
    return all->n;
}
