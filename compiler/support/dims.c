/* SPDX-License-Identifier: MIT
 * dims.c: the table of sizes: hash-consed polynomials and their normal form (language.md 4.3).
 *
 * Three tables, each interned: atoms, monomials (sorted lists of atoms), and polynomials (lists of
 * coefficient and monomial). Terms are ordered by degree, highest first, then by atoms. That is a
 * monomial order: multiplying a sorted list by one term leaves it sorted, so sums and products need
 * only merging, and exact division is the school method.
 *
 * A number outside 64 bits gives a fresh atom that nothing is known about ("undefined"). */
#include "support/dims.h"

#include <string.h>

#include "support/bug.h"
#include "support/vec.h"

enum {
    MAX_TERMS = 2000, /* a polynomial beyond these is treated as undefined */
    MAX_DEGREE = 32,
    MAX_WRITTEN = 10000, /* atoms in a size as text: nested divisions share what text and walks repeat */
    MAX_DIVISION_STEPS = 200,
};

typedef struct Monomial {
    const uint32_t *atom;
    uint32_t n;
} Monomial;

typedef struct Term {
    int64_t k;
    uint32_t monomial;
} Term;

typedef struct Polynomial {
    const Term *term;
    uint32_t n;
    uint32_t written; /* atoms as text, at most MAX_WRITTEN */
    bool defined;
} Polynomial;

typedef VEC(Term) Terms;

typedef struct SymbolInfo {
    const char *name;
    uint32_t atom;
    bool known;
    int64_t lower;
} SymbolInfo;

typedef struct Table { /* open addressing over ids; 0 is an empty slot */
    uint32_t *slot;
    uint32_t n, mask;
} Table;

struct Dims {
    Arena *arena;
    VEC(SymbolInfo) symbols; /* [0] unused in each of the four */
    VEC(DimAtom) atoms;
    VEC(Monomial) monomials; /* 1 is the empty one */
    VEC(Polynomial) polynomials;
    Table atom_table, monomial_table, polynomial_table;
    Terms sum, next, part; /* scratch of add and mul */
};

/* ---- interning --------------------------------------------------------------------------- */

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

static uint32_t intern_atom(Dims *dims, DimAtom atom)
{
    Table *table = &dims->atom_table;
    uint32_t i = table->slot ? (uint32_t)hash_atom(&atom) & table->mask : 0;
    for (; table->slot && table->slot[i]; i = (i + 1) & table->mask) {
        const DimAtom *old = &dims->atoms.at[table->slot[i]];
        if (old->symbol == atom.symbol && old->num == atom.num && old->den == atom.den)
            return table->slot[i];
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

static uint32_t intern_monomial(Dims *dims, const uint32_t *atom, uint32_t n)
{
    Table *table = &dims->monomial_table;
    uint32_t i = table->slot ? (uint32_t)hash_monomial(atom, n) & table->mask : 0;
    for (; table->slot && table->slot[i]; i = (i + 1) & table->mask) {
        const Monomial *old = &dims->monomials.at[table->slot[i]];
        if (old->n == n && (n == 0 || memcmp(old->atom, atom, n * sizeof *atom) == 0))
            return table->slot[i];
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
            if (!atom->num || !dims->polynomials.at[atom->num].defined ||
                !dims->polynomials.at[atom->den].defined)
                return false;
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

static Dim undefined(Dims *dims);

static Dim intern_terms(Dims *dims, const Term *term, uint32_t n)
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
    if (length > MAX_WRITTEN) return undefined(dims);
    Term *copy = ARENA_ARRAY(dims->arena, Term, n);
    if (n) memcpy(copy, term, n * sizeof *term);
    vec_add(dims->arena, &dims->polynomials, (Polynomial){copy, n, length, terms_defined(dims, term, n)});
    table_add(dims, table, polynomial_hash_of, dims->polynomials.n - 1);
    return dims->polynomials.n - 1;
}

static Polynomial poly(const Dims *dims, Dim dim)
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
    intern_monomial(dims, NULL, 0);
    return dims;
}

/* ---- symbols ----------------------------------------------------------------------------- */

Symbol symbol_new(Dims *dims, const char *name)
{
    Symbol symbol = dims->symbols.n;
    uint32_t atom = intern_atom(dims, (DimAtom){.symbol = symbol});
    vec_add(dims->arena, &dims->symbols,
            (SymbolInfo){arena_copy(dims->arena, name, strlen(name)), atom, true, 1});
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

/* ---- monomials --------------------------------------------------------------------------- */

/* < 0: a stands before b (higher degree; then the smaller first differing atom). */
static int monomial_compare(const Dims *dims, uint32_t a, uint32_t b)
{
    if (a == b) return 0;
    const Monomial *x = &dims->monomials.at[a], *y = &dims->monomials.at[b];
    if (x->n != y->n) return x->n > y->n ? -1 : 1;
    for (uint32_t i = 0; i < x->n; i++)
        if (x->atom[i] != y->atom[i]) return x->atom[i] < y->atom[i] ? -1 : 1;
    return 0;
}

/* 0: the degree is too high. */
static uint32_t monomial_mul(Dims *dims, uint32_t a, uint32_t b)
{
    Monomial x = dims->monomials.at[a], y = dims->monomials.at[b];
    uint32_t atom[MAX_DEGREE], i = 0, j = 0, n = 0;
    if (x.n + y.n > MAX_DEGREE) return 0;
    while (i < x.n || j < y.n)
        atom[n++] = j == y.n || (i < x.n && x.atom[i] <= y.atom[j]) ? x.atom[i++] : y.atom[j++];
    return intern_monomial(dims, atom, n);
}

/* a / b, or 0 where b does not divide a. */
static uint32_t monomial_div(Dims *dims, uint32_t a, uint32_t b)
{
    Monomial x = dims->monomials.at[a], y = dims->monomials.at[b];
    uint32_t atom[MAX_DEGREE], j = 0, n = 0;
    for (uint32_t i = 0; i < x.n; i++)
        if (j < y.n && x.atom[i] == y.atom[j])
            j++;
        else
            atom[n++] = x.atom[i];
    return j == y.n ? intern_monomial(dims, atom, n) : 0;
}

static uint32_t monomial_gcd(Dims *dims, uint32_t a, uint32_t b)
{
    Monomial x = dims->monomials.at[a], y = dims->monomials.at[b];
    uint32_t atom[MAX_DEGREE], i = 0, j = 0, n = 0;
    while (i < x.n && j < y.n) {
        if (x.atom[i] == y.atom[j]) {
            atom[n++] = x.atom[i];
            i++;
            j++;
        } else if (x.atom[i] < y.atom[j]) {
            i++;
        } else {
            j++;
        }
    }
    return intern_monomial(dims, atom, n);
}

/* ---- arithmetic -------------------------------------------------------------------------- */

static Dim undefined(Dims *dims)
{
    vec_add(dims->arena, &dims->atoms, (DimAtom){0}); /* not interned: equal to nothing else */
    uint32_t atom = dims->atoms.n - 1;
    Term term = {1, intern_monomial(dims, &atom, 1)};
    return intern_terms(dims, &term, 1);
}

static Dim one_term(Dims *dims, int64_t k, uint32_t monomial)
{
    Term term = {k, monomial};
    return intern_terms(dims, &term, k != 0);
}

static Dim one_atom(Dims *dims, uint32_t atom)
{
    return one_term(dims, 1, intern_monomial(dims, &atom, 1));
}

Dim dim_const(Dims *dims, int64_t value)
{
    return one_term(dims, value, 1);
}

Dim dim_symbol(Dims *dims, Symbol symbol)
{
    return one_atom(dims, symbol_info(dims, symbol)->atom);
}

/* result = a + b * k * monomial; false on overflow. Neither input may be in `result`. */
static bool add_scaled(Dims *dims, Terms *result, const Term *a, uint32_t na, const Term *b,
                       uint32_t nb, int64_t k, uint32_t monomial)
{
    dims->part.n = 0;
    for (uint32_t j = 0; j < nb; j++) {
        Term term = {0, monomial_mul(dims, b[j].monomial, monomial)};
        if (!term.monomial || __builtin_mul_overflow(b[j].k, k, &term.k)) return false;
        vec_add(dims->arena, &dims->part, term);
    }
    const Term *c = dims->part.at;
    uint32_t i = 0, j = 0;
    result->n = 0;
    while (i < na || j < nb) {
        int order = i == na   ? 1
                    : j == nb ? -1
                              : monomial_compare(dims, a[i].monomial, c[j].monomial);
        Term term = order <= 0 ? a[i++] : c[j++];
        if (order == 0 && __builtin_add_overflow(term.k, c[j++].k, &term.k)) return false;
        if (term.k) vec_add(dims->arena, result, term);
    }
    return result->n <= MAX_TERMS;
}

static Dim combine(Dims *dims, Dim a, Dim b, int64_t k)
{
    Polynomial x = poly(dims, a), y = poly(dims, b);
    if (!add_scaled(dims, &dims->sum, x.term, x.n, y.term, y.n, k, 1)) return undefined(dims);
    return intern_terms(dims, dims->sum.at, dims->sum.n);
}

Dim dim_add(Dims *dims, Dim a, Dim b)
{
    return combine(dims, a, b, 1);
}

Dim dim_sub(Dims *dims, Dim a, Dim b)
{
    return combine(dims, a, b, -1);
}

Dim dim_mul(Dims *dims, Dim a, Dim b)
{
    Polynomial x = poly(dims, a), y = poly(dims, b);
    dims->sum.n = 0;
    for (uint32_t i = 0; i < x.n; i++) {
        Terms *sum = &dims->sum, *next = &dims->next;
        if (!add_scaled(dims, next, sum->at, sum->n, y.term, y.n, x.term[i].k, x.term[i].monomial))
            return undefined(dims);
        Terms swap = *sum;
        *sum = *next;
        *next = swap;
    }
    return intern_terms(dims, dims->sum.at, dims->sum.n);
}

Dim dim_pow(Dims *dims, Dim a, int64_t n)
{
    if (n < 0) BUG("dims: negative exponent");
    Dim result = dim_const(dims, 1);
    while (n) {
        if (n & 1) result = dim_mul(dims, result, a);
        n >>= 1;
        if (!dim_is_defined(dims, result)) return result;
        if (n) a = dim_mul(dims, a, a);
    }
    return result;
}

/* ---- division ---------------------------------------------------------------------------- */

static int64_t floor_div(int64_t a, int64_t b) /* b != 0; not INT64_MIN / -1 */
{
    int64_t q = a / b;
    return q - (a % b != 0 && (a < 0) != (b < 0));
}

static int64_t floor_rest(int64_t a, int64_t b) /* a - b * floor(a / b), in 0 .. b - 1; b >= 1 */
{
    int64_t rest = a % b;
    return rest < 0 ? rest + b : rest;
}

static int64_t gcd_of(int64_t a, int64_t b)
{
    uint64_t x = a < 0 ? 0 - (uint64_t)a : (uint64_t)a, y = b < 0 ? 0 - (uint64_t)b : (uint64_t)b;
    while (y) {
        uint64_t rest = x % y;
        x = y;
        y = rest;
    }
    return x > INT64_MAX ? 1 : (int64_t)x;
}

Dim dim_quotient(Dims *dims, Dim a, Dim b)
{
    Polynomial y = poly(dims, b);
    Dim quotient = dim_const(dims, 0);
    if (y.n == 0) return 0;
    for (int step = 0; step < MAX_DIVISION_STEPS; step++) {
        Polynomial x = poly(dims, a);
        if (x.n == 0) return quotient;
        uint32_t monomial = monomial_div(dims, x.term[0].monomial, y.term[0].monomial);
        int64_t k = x.term[0].k, d = y.term[0].k;
        if (!monomial || k == INT64_MIN || k % d != 0) return 0;
        Dim part = one_term(dims, k / d, monomial);
        quotient = dim_add(dims, quotient, part);
        a = dim_sub(dims, a, dim_mul(dims, part, b));
        if (!dim_is_defined(dims, a) || !dim_is_defined(dims, quotient)) return 0;
    }
    return 0;
}

static Dim floor_atom(Dims *dims, Dim num, Dim den)
{
    return one_atom(dims, intern_atom(dims, (DimAtom){0, num, den}));
}

/* Rules 2 and 3, for c >= 1. */
static Dim floor_by_const(Dims *dims, Dim p, int64_t c)
{
    Polynomial x = poly(dims, p);
    Terms quotient = {0}, rest = {0};
    int64_t g = c;
    for (uint32_t i = 0; i < x.n; i++) {
        Term q = x.term[i], r = x.term[i];
        q.k = floor_div(q.k, c);
        r.k = floor_rest(r.k, c);
        if (q.k) vec_add(dims->arena, &quotient, q);
        if (r.k) vec_add(dims->arena, &rest, r);
        if (r.k && r.monomial != 1) g = gcd_of(g, r.k);
    }
    Dim whole = intern_terms(dims, quotient.at, quotient.n);
    if (rest.n == 0 || rest.at[0].monomial == 1)
        return whole; /* a constant in 0 .. c - 1 vanishes */
    uint32_t n = 0;
    for (uint32_t i = 0; i < rest.n;
         i++) { /* floor((g*r + k) / c) == floor((r + k // g) / (c / g)) */
        rest.at[n] = rest.at[i];
        rest.at[n].k = rest.at[i].k / g;
        n += rest.at[n].k != 0;
    }
    c /= g;
    Dim left = intern_terms(dims, rest.at, n);
    if (c == 1) return dim_add(dims, whole, left);
    Monomial first = dims->monomials.at[rest.at[0].monomial];
    bool alone =
        rest.at[0].k == 1 && first.n == 1 && (n == 1 || (n == 2 && rest.at[1].monomial == 1));
    DimAtom inner = alone ? dims->atoms.at[first.atom[0]] : (DimAtom){0};
    int64_t a, ac, ak;
    if (inner.num && dim_is_const(dims, inner.den, &a) && a > 0 &&
        !__builtin_mul_overflow(a, c, &ac) &&
        !__builtin_mul_overflow(a, n == 2 ? rest.at[1].k : 0, &ak)) {
        Dim sum = dim_add(dims, inner.num, dim_const(dims, ak));
        return dim_add(dims, whole, floor_by_const(dims, sum, ac));
    }
    return dim_add(dims, whole, floor_atom(dims, left, dim_const(dims, c)));
}

/* The largest monomial and number that divide all terms of both, as a Dim. */
static Dim common_factor(Dims *dims, Polynomial x, Polynomial y)
{
    uint32_t monomial = y.term[0].monomial;
    int64_t k = y.term[0].k;
    for (uint32_t i = 0; i < x.n + y.n; i++) {
        const Term *term = i < x.n ? &x.term[i] : &y.term[i - x.n];
        monomial = monomial_gcd(dims, monomial, term->monomial);
        k = gcd_of(k, term->k);
    }
    return one_term(dims, k, monomial);
}

Dim dim_floordiv(Dims *dims, Dim a, Dim b)
{
    int64_t c;
    if (dim_is_const(dims, b, &c)) {
        if (c == 0 || c == INT64_MIN) return undefined(dims);
        if (c < 0) a = dim_sub(dims, dim_const(dims, 0), a);
        return floor_by_const(dims, a, c < 0 ? -c : c);
    }
    Dim exact = dim_quotient(dims, a, b);
    if (exact) return exact;
    Dim factor = common_factor(dims, poly(dims, a), poly(dims, b));
    if (factor != dim_const(dims, 1)) {
        Dim x = dim_quotient(dims, a, factor), y = dim_quotient(dims, b, factor);
        if (x && y) return dim_floordiv(dims, x, y);
    }
    return floor_atom(dims, a, b);
}

Dim dim_mod(Dims *dims, Dim a, Dim b)
{
    return dim_sub(dims, a, dim_mul(dims, b, dim_floordiv(dims, a, b)));
}

/* ---- structure --------------------------------------------------------------------------- */

bool dim_is_defined(const Dims *dims, Dim dim)
{
    return poly(dims, dim).defined;
}

bool dim_is_const(const Dims *dims, Dim dim, int64_t *value)
{
    Polynomial x = poly(dims, dim);
    if (x.n > 1 || (x.n == 1 && x.term[0].monomial != 1)) return false;
    if (value) *value = x.n ? x.term[0].k : 0;
    return true;
}

bool dim_is_symbol(const Dims *dims, Dim dim, Symbol *symbol)
{
    Polynomial x = poly(dims, dim);
    if (x.n != 1 || x.term[0].k != 1 || dims->monomials.at[x.term[0].monomial].n != 1) return false;
    Symbol found = dims->atoms.at[dims->monomials.at[x.term[0].monomial].atom[0]].symbol;
    if (symbol && found) *symbol = found;
    return found != 0;
}

bool dim_mentions(const Dims *dims, Dim dim, Symbol symbol)
{
    uint32_t n = dim_n_terms(dims, dim);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t n_atoms = dim_n_atoms(dims, dim, i);
        for (uint32_t j = 0; j < n_atoms; j++) {
            DimAtom atom = dim_atom(dims, dim, i, j);
            if (atom.symbol ? atom.symbol == symbol
                            : atom.num && (dim_mentions(dims, atom.num, symbol) ||
                                           dim_mentions(dims, atom.den, symbol)))
                return true;
        }
    }
    return false;
}

uint32_t dim_n_terms(const Dims *dims, Dim dim)
{
    return poly(dims, dim).n;
}

static const Term *term_at(const Dims *dims, Dim dim, uint32_t term)
{
    Polynomial x = poly(dims, dim);
    if (term >= x.n) BUG("dims: term %u of %u", term, x.n);
    return &x.term[term];
}

int64_t dim_coefficient(const Dims *dims, Dim dim, uint32_t term)
{
    return term_at(dims, dim, term)->k;
}

uint32_t dim_n_atoms(const Dims *dims, Dim dim, uint32_t term)
{
    return dims->monomials.at[term_at(dims, dim, term)->monomial].n;
}

DimAtom dim_atom(const Dims *dims, Dim dim, uint32_t term, uint32_t i)
{
    const Monomial *m = &dims->monomials.at[term_at(dims, dim, term)->monomial];
    if (i >= m->n) BUG("dims: atom %u of %u", i, m->n);
    return dims->atoms.at[m->atom[i]];
}

/* ---- evaluation and substitution --------------------------------------------------------- */

static bool eval_atom(const Dims *dims, const DimAtom *atom, const int64_t *value, int64_t *result)
{
    if (atom->symbol) {
        *result = value[atom->symbol];
        return true;
    }
    int64_t num, den;
    if (!atom->num || !dim_eval(dims, atom->num, value, &num) ||
        !dim_eval(dims, atom->den, value, &den) || den == 0 || (num == INT64_MIN && den == -1))
        return false;
    *result = floor_div(num, den);
    return true;
}

bool dim_eval(const Dims *dims, Dim dim, const int64_t *value, int64_t *result)
{
    Polynomial x = poly(dims, dim);
    int64_t sum = 0;
    for (uint32_t i = 0; i < x.n; i++) {
        const Monomial *m = &dims->monomials.at[x.term[i].monomial];
        int64_t product = x.term[i].k;
        for (uint32_t j = 0; j < m->n; j++) {
            int64_t factor;
            if (!eval_atom(dims, &dims->atoms.at[m->atom[j]], value, &factor) ||
                __builtin_mul_overflow(product, factor, &product))
                return false;
        }
        if (__builtin_add_overflow(sum, product, &sum)) return false;
    }
    *result = sum;
    return true;
}

static Dim substitute_atom(Dims *dims, uint32_t id, const Dim *map, uint32_t n)
{
    DimAtom atom = dims->atoms.at[id];
    if (atom.symbol)
        return atom.symbol < n && map[atom.symbol] ? map[atom.symbol] : one_atom(dims, id);
    if (!atom.num) return one_atom(dims, id);
    Dim num = dim_substitute(dims, atom.num, map, n), den = dim_substitute(dims, atom.den, map, n);
    if (num == atom.num && den == atom.den) return one_atom(dims, id);
    return dim_floordiv(dims, num, den);
}

Dim dim_substitute(Dims *dims, Dim dim, const Dim *map, uint32_t n)
{
    Polynomial x = poly(dims, dim);
    Dim sum = dim_const(dims, 0);
    bool changed = false;
    for (uint32_t i = 0; i < x.n; i++) {
        Monomial m = dims->monomials.at[x.term[i].monomial];
        Dim product = dim_const(dims, x.term[i].k);
        for (uint32_t j = 0; j < m.n; j++) {
            Dim image = substitute_atom(dims, m.atom[j], map, n);
            changed = changed || image != one_atom(dims, m.atom[j]);
            product = dim_mul(dims, product, image);
        }
        sum = dim_add(dims, sum, product);
    }
    return changed ? sum : dim;
}
