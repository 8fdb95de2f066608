/* SPDX-License-Identifier: MIT
 * dims.c: sizes: arithmetic with polynomials in normal form (internals.md#how-sizes-are-compared).
 *
 * Terms are ordered by degree, highest first, then by atoms. That is a monomial order: multiplying a
 * sorted list by one term leaves it sorted, so sums and products need only merging, and exact
 * division is the school method.
 *
 * A number outside 64 bits gives a fresh atom that nothing is known about ("undefined"). */
#include "support/dims.h"

#include <string.h>

#include "support/bug.h"
#include "support/dims_table.h"

enum {
    MAX_TERMS = 2000, /* a polynomial beyond these is treated as undefined */
    MAX_DEGREE = 32,
    MAX_DIVISION_STEPS = 200,
};

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
    return dims_monomial(dims, atom, n);
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
    return j == y.n ? dims_monomial(dims, atom, n) : 0;
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
    return dims_monomial(dims, atom, n);
}

/* ---- arithmetic -------------------------------------------------------------------------- */

Dim dim_const(Dims *dims, int64_t value)
{
    return dims_one_term(dims, value, 1);
}

/* result = a + b * k * monomial; false on overflow. Neither input may be in `result`. */
static bool add_scaled(Dims *dims, Terms *result, const Term *a, uint32_t na, const Term *b, uint32_t nb, int64_t k, uint32_t monomial)
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
        int order = i == na ? 1 : j == nb ? -1 : monomial_compare(dims, a[i].monomial, c[j].monomial);
        Term term = order <= 0 ? a[i++] : c[j++];
        if (order == 0 && __builtin_add_overflow(term.k, c[j++].k, &term.k)) return false;
        if (term.k) vec_add(dims->arena, result, term);
    }
    return result->n <= MAX_TERMS;
}

static Dim combine(Dims *dims, Dim a, Dim b, int64_t k)
{
    Polynomial x = dims_polynomial(dims, a), y = dims_polynomial(dims, b);
    if (!add_scaled(dims, &dims->sum, x.term, x.n, y.term, y.n, k, 1)) return dims_undefined(dims);
    return dims_terms(dims, dims->sum.at, dims->sum.n);
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
    Polynomial x = dims_polynomial(dims, a), y = dims_polynomial(dims, b);
    dims->sum.n = 0;
    for (uint32_t i = 0; i < x.n; i++) {
        Terms *sum = &dims->sum, *next = &dims->next;
        if (!add_scaled(dims, next, sum->at, sum->n, y.term, y.n, x.term[i].k, x.term[i].monomial)) return dims_undefined(dims);
        Terms swap = *sum;
        *sum = *next;
        *next = swap;
    }
    return dims_terms(dims, dims->sum.at, dims->sum.n);
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
    Polynomial y = dims_polynomial(dims, b);
    Dim quotient = dim_const(dims, 0);
    if (y.n == 0) return 0;
    for (int step = 0; step < MAX_DIVISION_STEPS; step++) {
        Polynomial x = dims_polynomial(dims, a);
        if (x.n == 0) return quotient;
        uint32_t monomial = monomial_div(dims, x.term[0].monomial, y.term[0].monomial);
        int64_t k = x.term[0].k, d = y.term[0].k;
        if (!monomial || k == INT64_MIN || k % d != 0) return 0;
        Dim part = dims_one_term(dims, k / d, monomial);
        quotient = dim_add(dims, quotient, part);
        a = dim_sub(dims, a, dim_mul(dims, part, b));
        if (!dim_is_defined(dims, a) || !dim_is_defined(dims, quotient)) return 0;
    }
    return 0;
}

static Dim floor_atom(Dims *dims, Dim num, Dim den)
{
    return dims_one_atom(dims, dims_atom(dims, (DimAtom){0, num, den}));
}

/* Rules 2 and 3, for c >= 1. */
static Dim floor_by_const(Dims *dims, Dim p, int64_t c)
{
    Polynomial x = dims_polynomial(dims, p);
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
    Dim whole = dims_terms(dims, quotient.at, quotient.n);
    if (rest.n == 0 || rest.at[0].monomial == 1) return whole; /* a constant in 0 .. c - 1 vanishes */
    uint32_t n = 0;
    for (uint32_t i = 0; i < rest.n; i++) { /* floor((g*r + k) / c) == floor((r + k // g) / (c / g)) */
        rest.at[n] = rest.at[i];
        rest.at[n].k = rest.at[i].k / g;
        n += rest.at[n].k != 0;
    }
    c /= g;
    Dim left = dims_terms(dims, rest.at, n);
    if (c == 1) return dim_add(dims, whole, left);
    Monomial first = dims->monomials.at[rest.at[0].monomial];
    bool alone = rest.at[0].k == 1 && first.n == 1 && (n == 1 || (n == 2 && rest.at[1].monomial == 1));
    DimAtom inner = alone ? dims->atoms.at[first.atom[0]] : (DimAtom){0};
    int64_t a, ac, ak;
    if (inner.num && dim_is_const(dims, inner.den, &a) && a > 0 && !__builtin_mul_overflow(a, c, &ac) &&
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
    return dims_one_term(dims, k, monomial);
}

Dim dim_floordiv(Dims *dims, Dim a, Dim b)
{
    int64_t c;
    if (dim_is_const(dims, b, &c)) {
        if (c == 0 || c == INT64_MIN) return dims_undefined(dims);
        if (c < 0) a = dim_sub(dims, dim_const(dims, 0), a);
        return floor_by_const(dims, a, c < 0 ? -c : c);
    }
    Dim exact = dim_quotient(dims, a, b);
    if (exact) return exact;
    Dim factor = common_factor(dims, dims_polynomial(dims, a), dims_polynomial(dims, b));
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
    return dims_polynomial(dims, dim).defined;
}

bool dim_is_const(const Dims *dims, Dim dim, int64_t *value)
{
    Polynomial x = dims_polynomial(dims, dim);
    if (x.n > 1 || (x.n == 1 && x.term[0].monomial != 1)) return false;
    if (value) *value = x.n ? x.term[0].k : 0;
    return true;
}

bool dim_is_symbol(const Dims *dims, Dim dim, Symbol *symbol)
{
    Polynomial x = dims_polynomial(dims, dim);
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
                            : atom.num && (dim_mentions(dims, atom.num, symbol) || dim_mentions(dims, atom.den, symbol)))
                return true;
        }
    }
    return false;
}

uint32_t dim_n_terms(const Dims *dims, Dim dim)
{
    return dims_polynomial(dims, dim).n;
}

static const Term *term_at(const Dims *dims, Dim dim, uint32_t term)
{
    Polynomial x = dims_polynomial(dims, dim);
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
    if (!atom->num || !dim_eval(dims, atom->num, value, &num) || !dim_eval(dims, atom->den, value, &den) || den == 0 ||
        (num == INT64_MIN && den == -1))
        return false;
    *result = floor_div(num, den);
    return true;
}

bool dim_eval(const Dims *dims, Dim dim, const int64_t *value, int64_t *result)
{
    Polynomial x = dims_polynomial(dims, dim);
    int64_t sum = 0;
    for (uint32_t i = 0; i < x.n; i++) {
        const Monomial *m = &dims->monomials.at[x.term[i].monomial];
        int64_t product = x.term[i].k;
        for (uint32_t j = 0; j < m->n; j++) {
            int64_t factor;
            if (!eval_atom(dims, &dims->atoms.at[m->atom[j]], value, &factor) || __builtin_mul_overflow(product, factor, &product))
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
    if (atom.symbol) return atom.symbol < n && map[atom.symbol] ? map[atom.symbol] : dims_one_atom(dims, id);
    if (!atom.num) return dims_one_atom(dims, id);
    Dim num = dim_substitute(dims, atom.num, map, n), den = dim_substitute(dims, atom.den, map, n);
    if (num == atom.num && den == atom.den) return dims_one_atom(dims, id);
    return dim_floordiv(dims, num, den);
}

Dim dim_substitute(Dims *dims, Dim dim, const Dim *map, uint32_t n)
{
    Polynomial x = dims_polynomial(dims, dim);
    Dim sum = dim_const(dims, 0);
    bool changed = false;
    for (uint32_t i = 0; i < x.n; i++) {
        Monomial m = dims->monomials.at[x.term[i].monomial];
        Dim product = dim_const(dims, x.term[i].k);
        for (uint32_t j = 0; j < m.n; j++) {
            Dim image = substitute_atom(dims, m.atom[j], map, n);
            changed = changed || image != dims_one_atom(dims, m.atom[j]);
            product = dim_mul(dims, product, image);
        }
        sum = dim_add(dims, sum, product);
    }
    return changed ? sum : dim;
}
