/* SPDX-License-Identifier: MIT
 * dims_facts.c: what is known about sizes, and the answers proved, refuted, open.
 *
 * Equalities and divisibilities become substitutions of a symbol, made before anything is compared.
 * The rest is kept as `polynomial >= 0`, `== 0` or `!= 0`.
 *
 * A bound is proved by intervals (a lower bound per symbol, floors are monotone) and, where that is
 * not enough, by subtracting multiples of known `f >= 0` so that a term disappears, a few steps
 * deep. A refutation is an assignment of small numbers that satisfies every fact and breaks the
 * claim. */
#include "support/dims.h"

#include <inttypes.h>

#include "support/bug.h"
#include "support/vec.h"

enum {
    MAX_DEPTH = 4,         /* steps of subtracting a fact */
    MAX_WORK = 600,        /* attempts in one proof */
    SAMPLE_VALUES = 7,     /* per symbol */
    SAMPLE_FULL = 5,       /* symbols that are tried in full */
    SAMPLE_RANDOM = 20000, /* assignments above that */
    SAMPLE_SYMBOLS = 32,
};
#define NO_BOUND INT64_MIN /* minus infinity as a lower bound, and INT64_MAX is plus infinity */

typedef enum { FACT_REPLACE, FACT_ZERO, FACT_NONNEGATIVE, FACT_NONZERO } FactKind;
typedef struct Fact {
    FactKind kind;
    Symbol symbol; /* REPLACE: by dim */
    Dim dim;       /* as added: later substitutions are not made in it */
    Dim applied;   /* with all substitutions; valid while the facts' map is */
} Fact;

struct Facts {
    Arena *arena;
    Dims *dims;
    VEC(Fact) facts;
    VEC(Dim) map; /* per symbol: its replacement with everything replaced, or 0 */
    bool map_valid;
    int work; /* left in the proof under way */
};

Facts *facts_new(Arena *arena, Dims *dims)
{
    Facts *facts = ARENA_NEW(arena, Facts);
    facts->arena = arena;
    facts->dims = dims;
    return facts;
}

uint32_t facts_mark(const Facts *facts)
{
    return facts->facts.n;
}

void facts_reset(Facts *facts, uint32_t mark)
{
    if (mark > facts->facts.n) BUG("facts: reset to %u of %u", mark, facts->facts.n);
    facts->facts.n = mark;
    facts->map_valid = false;
}

/* ---- substitutions ----------------------------------------------------------------------- */

/* A replacement mentions no symbol that an earlier one replaces, so the last is final and each
 * earlier one needs only the later ones made in it. */
static void build_map(Facts *facts)
{
    if (facts->map_valid) return;
    facts->map.n = 0;
    for (uint32_t i = 0; i <= symbol_count(facts->dims); i++)
        vec_add(facts->arena, &facts->map, 0);
    for (uint32_t i = facts->facts.n; i-- > 0;) {
        const Fact *fact = &facts->facts.at[i];
        if (fact->kind == FACT_REPLACE) facts->map.at[fact->symbol] = dim_substitute(facts->dims, fact->dim, facts->map.at, facts->map.n);
    }
    for (uint32_t i = 0; i < facts->facts.n; i++) {
        Fact *fact = &facts->facts.at[i];
        fact->applied = dim_substitute(facts->dims, fact->dim, facts->map.at, facts->map.n);
    }
    facts->map_valid = true;
}

Dim facts_apply(Facts *facts, Dim dim)
{
    build_map(facts);
    return dim_substitute(facts->dims, dim, facts->map.at, facts->map.n);
}

static void add_fact(Facts *facts, Fact fact)
{
    vec_add(facts->arena, &facts->facts, fact);
    facts->map_valid = false;
}

static Dim negate(Dims *dims, Dim dim)
{
    return dim_sub(dims, dim_const(dims, 0), dim);
}

/* The newest symbol that is a term of its own with coefficient 1 or -1 and stands nowhere else in
 * `dim` nor in `other`; `rest` gets the value of the symbol where dim == 0. */
static Symbol solve(Dims *dims, Dim dim, Dim other, Dim *rest, bool *negative)
{
    Symbol best = 0;
    for (uint32_t i = 0; i < dim_n_terms(dims, dim); i++) {
        int64_t k = dim_coefficient(dims, dim, i);
        Symbol symbol = dim_n_atoms(dims, dim, i) == 1 ? dim_atom(dims, dim, i, 0).symbol : 0;
        if ((k != 1 && k != -1) || symbol <= best) continue;
        Dim term = dim_mul(dims, dim_const(dims, k), dim_symbol(dims, symbol));
        Dim without = dim_sub(dims, dim, term);
        if (dim_mentions(dims, without, symbol) || dim_mentions(dims, other, symbol)) continue;
        best = symbol;
        *rest = k == 1 ? negate(dims, without) : without;
        *negative = k == -1;
    }
    return best;
}

static void replace(Facts *facts, Symbol symbol, Dim dim)
{
    int64_t lower;
    if (symbol_lower(facts->dims, symbol, &lower))
        add_fact(facts, (Fact){FACT_NONNEGATIVE, .dim = dim_sub(facts->dims, dim, dim_const(facts->dims, lower))});
    add_fact(facts, (Fact){FACT_REPLACE, .symbol = symbol, .dim = dim});
}

void facts_add_equal(Facts *facts, Dim a, Dim b)
{
    Dims *dims = facts->dims;
    Dim difference = facts_apply(facts, dim_sub(dims, a, b)), value = 0;
    bool negative;
    if (!dim_is_defined(dims, difference) || difference == dim_const(dims, 0)) return;
    Symbol symbol = solve(dims, difference, dim_const(dims, 0), &value, &negative);
    if (symbol)
        replace(facts, symbol, value);
    else
        add_fact(facts, (Fact){FACT_ZERO, .dim = difference});
}

void facts_add_divides(Facts *facts, Dim a, Dim divisor)
{
    Dims *dims = facts->dims;
    Dim value = 0;
    bool negative;
    int64_t lower, d;
    a = facts_apply(facts, a);
    divisor = facts_apply(facts, divisor);
    Dim rest = dim_mod(dims, a, divisor);
    if (!dim_is_defined(dims, rest) || rest == dim_const(dims, 0)) return;
    Symbol symbol = solve(dims, a, divisor, &value, &negative); /* a == +-(symbol - value) */
    if (!symbol) {
        add_fact(facts, (Fact){FACT_ZERO, .dim = rest});
        return;
    }
    bool known = symbol_lower(dims, symbol, &lower);
    Symbol quotient = symbol_new(dims, arena_print(facts->arena, "%s'", symbol_name(dims, symbol)));
    bool alone = value == dim_const(dims, 0) && known && lower >= 0;
    bool by_number = dim_is_const(dims, divisor, &d) && d > 0;
    int64_t least = lower <= 1 || !by_number ? lower > 0 : lower / d + (lower % d != 0);
    symbol_set_lower(dims, quotient, alone, alone ? least : 0);
    facts->map_valid = false;
    Dim multiple = dim_mul(dims, divisor, dim_symbol(dims, quotient));
    replace(facts, symbol, dim_add(dims, value, negative ? negate(dims, multiple) : multiple));
}

void facts_add_at_least(Facts *facts, Dim a, Dim b)
{
    Dim difference = dim_sub(facts->dims, a, b);
    if (dim_is_defined(facts->dims, difference) && !dim_is_const(facts->dims, difference, NULL))
        add_fact(facts, (Fact){FACT_NONNEGATIVE, .dim = difference});
}

void facts_add_not_equal(Facts *facts, Dim a, Dim b)
{
    Dim difference = dim_sub(facts->dims, a, b);
    if (dim_is_defined(facts->dims, difference) && !dim_is_const(facts->dims, difference, NULL))
        add_fact(facts, (Fact){FACT_NONZERO, .dim = difference});
}

/* ---- intervals --------------------------------------------------------------------------- */

typedef struct Interval {
    int64_t lo, hi; /* NO_BOUND .. INT64_MAX */
} Interval;

static int64_t lower_bound(Facts *facts, Dim dim, int depth);

static int64_t upper_bound(Facts *facts, Dim dim, int depth)
{
    int64_t lo = lower_bound(facts, negate(facts->dims, dim), depth);
    return lo == NO_BOUND ? INT64_MAX : -lo;
}

static bool is_finite(int64_t x)
{
    return x != NO_BOUND && x != INT64_MAX;
}

/* Infinities are absorbing, 0 times anything is 0, overflow is an infinity. */
static int64_t bound_mul(int64_t a, int64_t b)
{
    int64_t product;
    if (a == 0 || b == 0) return 0;
    if (is_finite(a) && is_finite(b) && !__builtin_mul_overflow(a, b, &product)) return product;
    return (a < 0) == (b < 0) ? INT64_MAX : NO_BOUND;
}

static Interval interval_mul(Interval a, Interval b)
{
    int64_t p[4] = {bound_mul(a.lo, b.lo), bound_mul(a.lo, b.hi), bound_mul(a.hi, b.lo), bound_mul(a.hi, b.hi)};
    Interval result = {p[0], p[0]};
    for (int i = 1; i < 4; i++) {
        result.lo = p[i] < result.lo ? p[i] : result.lo;
        result.hi = p[i] > result.hi ? p[i] : result.hi;
    }
    return result;
}

/* Overflow of a sum makes the bound infinite on its own side, which is always sound. */
static Interval interval_add(Interval a, Interval b)
{
    Interval result;
    if (a.lo == NO_BOUND || b.lo == NO_BOUND || __builtin_add_overflow(a.lo, b.lo, &result.lo)) result.lo = NO_BOUND;
    if (a.hi == INT64_MAX || b.hi == INT64_MAX || __builtin_add_overflow(a.hi, b.hi, &result.hi)) result.hi = INT64_MAX;
    return result;
}

static int64_t floor_div(int64_t a, int64_t b) /* b >= 1; infinities stay */
{
    if (!is_finite(a)) return a;
    return a / b - (a % b < 0);
}

/* What the symbol table and facts in this symbol alone say. */
static Interval symbol_interval(Facts *facts, Symbol symbol)
{
    Dims *dims = facts->dims;
    Interval result = {NO_BOUND, INT64_MAX};
    int64_t lower;
    if (symbol_lower(dims, symbol, &lower)) result.lo = lower;
    for (uint32_t i = 0; i < facts->facts.n; i++) {
        Dim f = facts->facts.at[i].applied;
        uint32_t n = dim_n_terms(dims, f);
        if (facts->facts.at[i].kind != FACT_NONNEGATIVE || n == 0 || n > 2 || dim_n_atoms(dims, f, 0) != 1 ||
            dim_atom(dims, f, 0, 0).symbol != symbol || (n == 2 && dim_n_atoms(dims, f, 1) != 0))
            continue;
        int64_t k = dim_coefficient(dims, f, 0), c = n == 2 ? dim_coefficient(dims, f, 1) : 0;
        if (k == INT64_MIN || c == INT64_MIN) continue;
        int64_t bound = k > 0 ? -floor_div(c, k) : floor_div(c, -k); /* k*symbol + c >= 0 */
        if (k > 0 && bound > result.lo) result.lo = bound;
        if (k < 0 && bound < result.hi) result.hi = bound;
    }
    return result;
}

static Interval floor_interval(Facts *facts, DimAtom atom, int depth)
{
    int64_t den = lower_bound(facts, atom.den, depth), den_max = upper_bound(facts, atom.den, depth);
    if (den < 1 || den_max < den) return (Interval){NO_BOUND, INT64_MAX}; /* the latter: facts that contradict each other */
    int64_t lo = lower_bound(facts, atom.num, depth), hi = upper_bound(facts, atom.num, depth);
    Interval result = {floor_div(lo, den), hi < 0 ? -1 : floor_div(hi, den)};
    if (lo >= 0) result.lo = den_max == INT64_MAX ? 0 : floor_div(lo, den_max);
    if (result.lo == 0 && depth > 0 && !dim_is_const(facts->dims, atom.den, NULL) &&
        lower_bound(facts, dim_sub(facts->dims, atom.num, atom.den), depth - 1) >= 0)
        result.lo = 1;
    return result;
}

static Interval dim_interval(Facts *facts, Dim dim, int depth)
{
    Dims *dims = facts->dims;
    Interval sum = {0, 0};
    for (uint32_t i = 0; i < dim_n_terms(dims, dim); i++) {
        int64_t k = dim_coefficient(dims, dim, i);
        Interval product = {k, k};
        for (uint32_t j = 0; j < dim_n_atoms(dims, dim, i); j++) {
            DimAtom atom = dim_atom(dims, dim, i, j);
            product = interval_mul(product, atom.symbol ? symbol_interval(facts, atom.symbol) : floor_interval(facts, atom, depth));
        }
        sum = interval_add(sum, product);
    }
    return sum;
}

/* ---- proofs ------------------------------------------------------------------------------ */

static Dim term_monomial(Dims *dims, Dim dim, uint32_t term) /* without its coefficient */
{
    Dim product = dim_const(dims, 1);
    for (uint32_t i = 0; i < dim_n_atoms(dims, dim, term); i++) {
        DimAtom atom = dim_atom(dims, dim, term, i);
        product = dim_mul(dims, product, atom.symbol ? dim_symbol(dims, atom.symbol) : dim_floordiv(dims, atom.num, atom.den));
    }
    return product;
}

/* From d to e*d - c*m*f (f >= 0, m >= 0, c, e > 0), in which term `i` of d is gone. A lower bound L
 * of that gives the lower bound L / e of d. */
static int64_t bound_without(Facts *facts, Dim d, uint32_t i, Dim f, int depth)
{
    Dims *dims = facts->dims;
    int64_t best = NO_BOUND, k = dim_coefficient(dims, d, i);
    Dim monomial = term_monomial(dims, d, i);
    for (uint32_t j = 0; j < dim_n_terms(dims, f) && facts->work > 0; j++) {
        int64_t e = dim_coefficient(dims, f, j), c = k;
        if (dim_n_atoms(dims, f, j) == 0 || (e < 0) != (k < 0) || k == INT64_MIN || e == INT64_MIN) continue;
        Dim factor = dim_quotient(dims, monomial, term_monomial(dims, f, j));
        if (!factor || dim_interval(facts, factor, 0).lo < 0) continue;
        facts->work--;
        if (c % e == 0) {
            c /= e;
            e = 1;
        }
        c = c < 0 ? -c : c;
        e = e < 0 ? -e : e;
        Dim scaled = dim_mul(dims, dim_const(dims, c), dim_mul(dims, factor, f));
        Dim next = dim_sub(dims, dim_mul(dims, dim_const(dims, e), d), scaled);
        if (!dim_is_defined(dims, next)) continue;
        int64_t lo = lower_bound(facts, next, depth);
        lo = is_finite(lo) ? -floor_div(-lo, e) : lo;
        best = lo > best ? lo : best;
    }
    return best;
}

/* What a floor says by itself: q*F <= p <= q*F + q - 1, and F <= p where p >= 0. */
static int64_t bound_by_floor(Facts *facts, Dim d, uint32_t i, DimAtom atom, int depth)
{
    Dims *dims = facts->dims;
    if (lower_bound(facts, atom.den, 0) < 1) return NO_BOUND;
    Dim value = dim_floordiv(dims, atom.num, atom.den);
    Dim rest = dim_sub(dims, atom.num, dim_mul(dims, atom.den, value));
    Dim gap = dim_sub(dims, dim_sub(dims, atom.den, dim_const(dims, 1)), rest);
    int64_t best = bound_without(facts, d, i, rest, depth);
    int64_t other = bound_without(facts, d, i, gap, depth);
    best = other > best ? other : best;
    if (!dim_is_const(dims, atom.den, NULL) && lower_bound(facts, atom.num, 0) >= 0) {
        other = bound_without(facts, d, i, dim_sub(dims, atom.num, value), depth);
        best = other > best ? other : best;
    }
    return best;
}

/* The best constant that is proved to be <= dim. Stops at the first that is >= 0. */
static int64_t lower_bound(Facts *facts, Dim dim, int depth)
{
    Dims *dims = facts->dims;
    int64_t best = dim_interval(facts, dim, depth > 0 ? depth - 1 : 0).lo;
    for (uint32_t i = 0; depth > 0 && i < dim_n_terms(dims, dim); i++) {
        if (dim_n_atoms(dims, dim, i) == 0) continue;
        for (uint32_t j = 0; j < facts->facts.n && best < 0 && facts->work > 0; j++) {
            const Fact *fact = &facts->facts.at[j];
            int64_t lo = NO_BOUND;
            if (fact->kind == FACT_NONNEGATIVE || fact->kind == FACT_ZERO) lo = bound_without(facts, dim, i, fact->applied, depth - 1);
            if (fact->kind == FACT_ZERO && lo < 0) {
                int64_t other = bound_without(facts, dim, i, negate(dims, fact->applied), depth - 1);
                lo = other > lo ? other : lo;
            }
            best = lo > best ? lo : best;
        }
        for (uint32_t j = 0; j < dim_n_atoms(dims, dim, i) && best < 0 && facts->work > 0; j++) {
            DimAtom atom = dim_atom(dims, dim, i, j);
            int64_t lo = atom.num ? bound_by_floor(facts, dim, i, atom, depth - 1) : NO_BOUND;
            best = lo > best ? lo : best;
        }
    }
    return best;
}

static bool prove_nonnegative(Facts *facts, Dim dim)
{
    for (int depth = 0; depth <= MAX_DEPTH; depth++) {
        facts->work = MAX_WORK;
        if (lower_bound(facts, dim, depth) >= 0) return true;
    }
    return false;
}

/* ---- refutations ------------------------------------------------------------------------- */

typedef enum { CLAIM_ZERO, CLAIM_NONNEGATIVE } Claim;

typedef struct Sample {
    Facts *facts;
    Symbol symbol[SAMPLE_SYMBOLS]; /* ascending */
    int64_t base[SAMPLE_SYMBOLS];
    uint32_t n;
    int64_t *value; /* per symbol of the table */
    const Fact *fact[SAMPLE_SYMBOLS];
    uint32_t n_facts;
    bool too_many;
} Sample;

/* Is some symbol of `dim` sampled? */
static bool sample_touches(const Sample *s, Dim dim)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (dim_mentions(s->facts->dims, dim, s->symbol[i])) return true;
    return false;
}

static bool sample_add_symbols(Sample *s, Dim dim)
{
    Dims *dims = s->facts->dims;
    uint32_t before = s->n;
    for (Symbol symbol = 1; symbol <= symbol_count(dims); symbol++) {
        uint32_t i = 0;
        while (i < s->n && s->symbol[i] < symbol)
            i++;
        if ((i < s->n && s->symbol[i] == symbol) || !dim_mentions(dims, dim, symbol)) continue;
        if (s->n == SAMPLE_SYMBOLS) {
            s->too_many = true;
            break;
        }
        for (uint32_t j = s->n++; j > i; j--)
            s->symbol[j] = s->symbol[j - 1];
        s->symbol[i] = symbol;
    }
    return s->n > before;
}

/* The symbols of `dim` and of all facts that are connected with them. */
static void sample_collect(Sample *s, Dim dim)
{
    Facts *facts = s->facts;
    sample_add_symbols(s, dim);
    for (bool grown = true; grown && !s->too_many;) {
        grown = false;
        for (uint32_t i = 0; i < facts->facts.n; i++) {
            const Fact *fact = &facts->facts.at[i];
            if (fact->kind != FACT_REPLACE && sample_touches(s, fact->applied)) grown = sample_add_symbols(s, fact->applied) || grown;
        }
    }
    for (uint32_t i = 0; i < facts->facts.n; i++) {
        const Fact *fact = &facts->facts.at[i];
        if (fact->kind == FACT_REPLACE || !sample_touches(s, fact->applied)) continue;
        if (s->n_facts == SAMPLE_SYMBOLS)
            s->too_many = true;
        else
            s->fact[s->n_facts++] = fact;
    }
    for (uint32_t i = 0; i < s->n; i++) { /* 1 .. 7, or from a fact's bound on */
        Interval known = symbol_interval(facts, s->symbol[i]);
        s->base[i] = known.lo > 1 && known.lo < INT64_MAX - SAMPLE_VALUES ? known.lo : 1;
    }
}

static bool facts_hold(const Sample *s)
{
    for (uint32_t i = 0; i < s->n_facts; i++) {
        int64_t x;
        FactKind kind = s->fact[i]->kind;
        if (!dim_eval(s->facts->dims, s->fact[i]->applied, s->value, &x) || (kind == FACT_ZERO && x != 0) ||
            (kind == FACT_NONZERO && x == 0) || (kind == FACT_NONNEGATIVE && x < 0))
            return false;
    }
    return true;
}

static bool sample_breaks(const Sample *s, Dim dim, Claim claim)
{
    int64_t x;
    return dim_eval(s->facts->dims, dim, s->value, &x) && (claim == CLAIM_ZERO ? x != 0 : x < 0) && facts_hold(s);
}

/* Fills value[] with the next assignment; `step` counts from 0. */
static bool sample_next(Sample *s, uint32_t step, uint64_t *random)
{
    if (s->n <= SAMPLE_FULL) {
        for (uint32_t i = s->n; i-- > 0; step /= SAMPLE_VALUES)
            s->value[s->symbol[i]] = s->base[i] + step % SAMPLE_VALUES;
        return step == 0; /* else all were there */
    }
    for (uint32_t i = s->n; i-- > 0;) {
        *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        s->value[s->symbol[i]] = s->base[i] + (int64_t)((*random >> 33) % SAMPLE_VALUES);
    }
    return step < SAMPLE_RANDOM;
}

/* "B = 1, D = 2": the values of the symbols that the question was asked with. */
static const char *sample_print(const Sample *s, Dim a, Dim b)
{
    Facts *facts = s->facts;
    Dims *dims = facts->dims;
    Text text = {.arena = facts->arena};
    for (Symbol symbol = 1; symbol <= symbol_count(dims); symbol++) {
        int64_t x;
        Dim image = facts_apply(facts, dim_symbol(dims, symbol));
        if ((!dim_mentions(dims, a, symbol) && !dim_mentions(dims, b, symbol)) ||
            !sample_touches(s, image)) /* cancelled: any value will do */
            continue;
        if (dim_eval(dims, image, s->value, &x)) text_add(&text, "%s%s = %" PRId64, text.n ? ", " : "", symbol_name(dims, symbol), x);
    }
    return text_c(&text);
}

/* Does some assignment that the facts allow break the claim about `dim`, the difference of a and b?
 */
static bool refute(Facts *facts, Dim dim, Claim claim, Dim a, Dim b, const char **why)
{
    Sample s = {.facts = facts};
    uint64_t random = 20240229;
    sample_collect(&s, dim);
    if (s.too_many) return false;
    s.value = ARENA_ARRAY(facts->arena, int64_t, symbol_count(facts->dims) + 1);
    for (uint32_t step = 0; sample_next(&s, step, &random); step++) {
        if (!sample_breaks(&s, dim, claim)) continue;
        if (why) *why = sample_print(&s, a, b);
        return true;
    }
    return false;
}

/* ---- questions --------------------------------------------------------------------------- */

DimAnswer dim_equal(Facts *facts, Dim a, Dim b, const char **why)
{
    Dims *dims = facts->dims;
    Dim difference = facts_apply(facts, dim_sub(dims, a, b));
    if (why) *why = "";
    if (a == b || difference == dim_const(dims, 0)) return DIM_PROVED;
    if (dim_is_const(dims, difference, NULL)) return DIM_REFUTED;
    if (refute(facts, difference, CLAIM_ZERO, a, b, why)) return DIM_REFUTED;
    if (dim_is_defined(dims, difference) && prove_nonnegative(facts, difference) && prove_nonnegative(facts, negate(dims, difference)))
        return DIM_PROVED;
    return DIM_OPEN;
}

DimAnswer dim_at_least(Facts *facts, Dim a, Dim b, const char **why)
{
    Dims *dims = facts->dims;
    Dim difference = facts_apply(facts, dim_sub(dims, a, b));
    int64_t value;
    if (why) *why = "";
    if (a == b) return DIM_PROVED;
    if (dim_is_const(dims, difference, &value)) return value >= 0 ? DIM_PROVED : DIM_REFUTED;
    if (dim_is_defined(dims, difference) && prove_nonnegative(facts, difference)) return DIM_PROVED;
    return refute(facts, difference, CLAIM_NONNEGATIVE, a, b, why) ? DIM_REFUTED : DIM_OPEN;
}

DimAnswer dim_divides(Facts *facts, Dim a, Dim divisor, const char **why)
{
    Dims *dims = facts->dims;
    Dim x = facts_apply(facts, a), d = facts_apply(facts, divisor);
    if (why) *why = "";
    if (d == dim_const(dims, 0)) return DIM_OPEN;
    Dim rest = dim_mod(dims, x, d);
    if (rest == dim_const(dims, 0)) return DIM_PROVED;
    if (dim_is_const(dims, rest, NULL)) return DIM_REFUTED;
    if (refute(facts, rest, CLAIM_ZERO, a, divisor, why)) return DIM_REFUTED;
    if (dim_is_defined(dims, rest) && prove_nonnegative(facts, rest) && prove_nonnegative(facts, negate(dims, rest))) return DIM_PROVED;
    return DIM_OPEN;
}
