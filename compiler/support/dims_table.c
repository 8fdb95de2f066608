/* SPDX-License-Identifier: MIT
 * dims_table.c: the tables of atoms, monomials and polynomials, each interned. */
#include "support/dims_table.h"

#include <string.h>

#include "support/bug.h"

enum {
    MAX_WRITTEN = 10000, /* atoms in a size as text: nested divisions share what text and walks repeat */
};

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

typedef uint64_t HashOf(const Dims *dims, uint32_t id);

static void table_put(Table *table, uint64_t hash, uint32_t id)
{
    uint32_t i = (uint32_t)hash & table->mask;
    while (table->slot[i])
        i = (i + 1) & table->mask;
    table->slot[i] = id;
}

static void table_add(Dims *dims, Table *table, HashOf *hash_of, uint32_t id)
{
    if (2 * (table->n + 1) > table->mask) {
        Table bigger = {0};
        bigger.mask = table->mask ? 2 * table->mask + 1 : 63;
        bigger.slot = ARENA_ARRAY(dims->arena, uint32_t, bigger.mask + 1);
        bigger.n = table->n;
        for (uint32_t i = 0; table->slot && i <= table->mask; i++)
            if (table->slot[i]) table_put(&bigger, hash_of(dims, table->slot[i]), table->slot[i]);
        *table = bigger;
    }
    table_put(table, hash_of(dims, id), id);
    table->n++;
}

static uint64_t hash_atom(const DimAtom *atom)
{
    return mix(mix(mix(1, atom->symbol), atom->num), atom->den);
}

static uint64_t atom_hash_of(const Dims *dims, uint32_t id)
{
    return hash_atom(&dims->atoms.at[id]);
}

uint32_t dims_atom(Dims *dims, DimAtom atom)
{
    Table *table = &dims->atom_table;
    uint32_t i = table->slot ? (uint32_t)hash_atom(&atom) & table->mask : 0;
    for (; table->slot && table->slot[i]; i = (i + 1) & table->mask) {
        const DimAtom *old = &dims->atoms.at[table->slot[i]];
        if (old->symbol == atom.symbol && old->num == atom.num && old->den == atom.den) return table->slot[i];
    }
    vec_add(dims->arena, &dims->atoms, atom);
    table_add(dims, table, atom_hash_of, dims->atoms.n - 1);
    return dims->atoms.n - 1;
}

static uint64_t hash_monomial(const uint32_t *atom, uint32_t n)
{
    uint64_t hash = n;
    for (uint32_t i = 0; i < n; i++)
        hash = mix(hash, atom[i]);
    return hash;
}

static uint64_t monomial_hash_of(const Dims *dims, uint32_t id)
{
    return hash_monomial(dims->monomials.at[id].atom, dims->monomials.at[id].n);
}

uint32_t dims_monomial(Dims *dims, const uint32_t *atom, uint32_t n)
{
    Table *table = &dims->monomial_table;
    uint32_t i = table->slot ? (uint32_t)hash_monomial(atom, n) & table->mask : 0;
    for (; table->slot && table->slot[i]; i = (i + 1) & table->mask) {
        const Monomial *old = &dims->monomials.at[table->slot[i]];
        if (old->n == n && (n == 0 || memcmp(old->atom, atom, n * sizeof *atom) == 0)) return table->slot[i];
    }
    uint32_t *copy = ARENA_ARRAY(dims->arena, uint32_t, n);
    if (n) memcpy(copy, atom, n * sizeof *atom);
    vec_add(dims->arena, &dims->monomials, (Monomial){copy, n});
    table_add(dims, table, monomial_hash_of, dims->monomials.n - 1);
    return dims->monomials.n - 1;
}

static uint64_t hash_terms(const Term *term, uint32_t n)
{
    uint64_t hash = n;
    for (uint32_t i = 0; i < n; i++)
        hash = mix(mix(hash, (uint64_t)term[i].k), term[i].monomial);
    return hash;
}

static uint64_t polynomial_hash_of(const Dims *dims, uint32_t id)
{
    return hash_terms(dims->polynomials.at[id].term, dims->polynomials.at[id].n);
}

static bool terms_defined(const Dims *dims, const Term *term, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const Monomial *m = &dims->monomials.at[term[i].monomial];
        for (uint32_t j = 0; j < m->n; j++) {
            const DimAtom *atom = &dims->atoms.at[m->atom[j]];
            if (atom->symbol) continue;
            if (!atom->num || !dims->polynomials.at[atom->num].defined || !dims->polynomials.at[atom->den].defined) return false;
        }
    }
    return true;
}

/* How many atoms the terms have as text; above MAX_WRITTEN it stops counting. */
static uint32_t written(const Dims *dims, const Term *term, uint32_t n)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        const Monomial *m = &dims->monomials.at[term[i].monomial];
        for (uint32_t j = 0; j < m->n && sum <= MAX_WRITTEN; j++) {
            const DimAtom *atom = &dims->atoms.at[m->atom[j]];
            sum += 1 + dims->polynomials.at[atom->num].written + dims->polynomials.at[atom->den].written;
        }
    }
    return sum;
}

Dim dims_terms(Dims *dims, const Term *term, uint32_t n)
{
    Table *table = &dims->polynomial_table;
    uint32_t i = table->slot ? (uint32_t)hash_terms(term, n) & table->mask : 0;
    for (; table->slot && table->slot[i]; i = (i + 1) & table->mask) {
        const Polynomial *old = &dims->polynomials.at[table->slot[i]];
        bool same = old->n == n;
        for (uint32_t j = 0; same && j < n; j++)
            same = old->term[j].k == term[j].k && old->term[j].monomial == term[j].monomial;
        if (same) return table->slot[i];
    }
    uint32_t length = written(dims, term, n);
    if (length > MAX_WRITTEN) return dims_undefined(dims);
    Term *copy = ARENA_ARRAY(dims->arena, Term, n);
    if (n) memcpy(copy, term, n * sizeof *term);
    vec_add(dims->arena, &dims->polynomials, (Polynomial){copy, n, length, terms_defined(dims, term, n)});
    table_add(dims, table, polynomial_hash_of, dims->polynomials.n - 1);
    return dims->polynomials.n - 1;
}

Polynomial dims_polynomial(const Dims *dims, Dim dim)
{
    if (dim == 0 || dim >= dims->polynomials.n) BUG("dims: %u is not the id of a size", dim);
    return dims->polynomials.at[dim];
}

Dims *dims_new(Arena *arena)
{
    Dims *dims = ARENA_NEW(arena, Dims);
    dims->arena = arena;
    vec_add(arena, &dims->symbols, (SymbolInfo){0});
    vec_add(arena, &dims->atoms, (DimAtom){0});
    vec_add(arena, &dims->monomials, (Monomial){0});
    vec_add(arena, &dims->polynomials, (Polynomial){0});
    dims_monomial(dims, NULL, 0);
    return dims;
}

/* ---- symbols ----------------------------------------------------------------------------- */

Symbol symbol_new(Dims *dims, const char *name)
{
    Symbol symbol = dims->symbols.n;
    uint32_t atom = dims_atom(dims, (DimAtom){.symbol = symbol});
    vec_add(dims->arena, &dims->symbols, (SymbolInfo){arena_copy(dims->arena, name, strlen(name)), atom, true, 1});
    return symbol;
}

static SymbolInfo *symbol_info(const Dims *dims, Symbol symbol)
{
    if (symbol == 0 || symbol >= dims->symbols.n) BUG("dims: %u is not a symbol", symbol);
    return &dims->symbols.at[symbol];
}

const char *symbol_name(const Dims *dims, Symbol symbol)
{
    return symbol_info(dims, symbol)->name;
}

void symbol_set_lower(Dims *dims, Symbol symbol, bool known, int64_t lower)
{
    SymbolInfo *info = symbol_info(dims, symbol);
    info->known = known;
    info->lower = lower;
}

bool symbol_lower(const Dims *dims, Symbol symbol, int64_t *lower)
{
    const SymbolInfo *info = symbol_info(dims, symbol);
    *lower = info->lower;
    return info->known;
}

uint32_t symbol_count(const Dims *dims)
{
    return dims->symbols.n - 1;
}

/* ---- the smallest ------------------------------------------------------------------------ */

Dim dims_undefined(Dims *dims)
{
    vec_add(dims->arena, &dims->atoms, (DimAtom){0}); /* not interned: equal to nothing else */
    uint32_t atom = dims->atoms.n - 1;
    Term term = {1, dims_monomial(dims, &atom, 1)};
    return dims_terms(dims, &term, 1);
}

Dim dims_one_term(Dims *dims, int64_t k, uint32_t monomial)
{
    Term term = {k, monomial};
    return dims_terms(dims, &term, k != 0);
}

Dim dims_one_atom(Dims *dims, uint32_t atom)
{
    return dims_one_term(dims, 1, dims_monomial(dims, &atom, 1));
}

Dim dim_symbol(Dims *dims, Symbol symbol)
{
    return dims_one_atom(dims, symbol_info(dims, symbol)->atom);
}
