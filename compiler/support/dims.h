/* SPDX-License-Identifier: MIT
 * dims.h: sizes as integer polynomials with floor division (internals.md#how-sizes-are-compared).
 *
 * A Dim is the id of a hash-consed normal form: a sorted list of terms (coefficient, sorted list of
 * atoms). An atom is a symbol, floor(p, q), or size(*S) of a rigid pack (a symbol of kind pack).
 * Equal normal form <=> equal id. Id 0 is "none". One Dims table serves a whole compilation: sema
 * and every IR use the same ids. Nothing here knows about tensors. */
#ifndef NNC_SUPPORT_DIMS_H
#define NNC_SUPPORT_DIMS_H

#include <stdbool.h>
#include <stdint.h>

#include "support/arena.h"
#include "support/str.h"

typedef uint32_t Dim;    /* 0: none */
typedef uint32_t Symbol; /* 0: none; a size symbol (binder, dim argument, config int, pack size) */
typedef struct Dims Dims;

Dims *dims_new(Arena *arena);

/* A fresh symbol: two calls with one name give two different symbols. Symbols are >= 1 unless
 * said otherwise with symbol_set_lower. */
Symbol symbol_new(Dims *dims, const char *name);
const char *symbol_name(const Dims *dims, Symbol symbol);
void symbol_set_lower(Dims *dims, Symbol symbol, bool known, int64_t lower);
bool symbol_lower(const Dims *dims, Symbol symbol, int64_t *lower); /* false: nothing is known */
uint32_t symbol_count(const Dims *dims); /* symbols are 1 .. count */

Dim dim_const(Dims *dims, int64_t value);
Dim dim_symbol(Dims *dims, Symbol symbol);
Dim dim_add(Dims *dims, Dim a, Dim b);
Dim dim_sub(Dims *dims, Dim a, Dim b);
Dim dim_mul(Dims *dims, Dim a, Dim b);
Dim dim_floordiv(Dims *dims, Dim a, Dim b); /* b must not be the constant 0 */
Dim dim_mod(Dims *dims, Dim a, Dim b);      /* a - b * (a // b) */
Dim dim_pow(Dims *dims, Dim a, int64_t n);  /* n >= 0 */
Dim dim_quotient(Dims *dims, Dim a, Dim b); /* the polynomial q with a == q * b exactly, or 0 */
/* False: a number left the range of 64 bits (or a division by 0 was asked for) while computing it.
 * Such a Dim is equal to itself only and everything about it is open. */
bool dim_is_defined(const Dims *dims, Dim dim);

bool dim_is_const(const Dims *dims, Dim dim, int64_t *value); /* value may be NULL */
bool dim_is_symbol(const Dims *dims, Dim dim, Symbol *symbol); /* exactly one bare symbol */
bool dim_mentions(const Dims *dims, Dim dim, Symbol symbol);

/* Structure, for code that evaluates a Dim (the prologue): sum over terms of
 * coefficient * product of atoms (repeated atoms stand repeatedly). */
typedef struct DimAtom {
    Symbol symbol; /* or 0: floor(num, den) */
    Dim num, den;
} DimAtom;
uint32_t dim_n_terms(const Dims *dims, Dim dim);
int64_t dim_coefficient(const Dims *dims, Dim dim, uint32_t term);
uint32_t dim_n_atoms(const Dims *dims, Dim dim, uint32_t term);
DimAtom dim_atom(const Dims *dims, Dim dim, uint32_t term, uint32_t i);

/* value[symbol] for every symbol in use. False on overflow or division by zero. Floors. */
bool dim_eval(const Dims *dims, Dim dim, const int64_t *value, int64_t *result);
/* Replace symbols: map[symbol] != 0 is its replacement; n entries (symbols >= n stay). */
Dim dim_substitute(Dims *dims, Dim dim, const Dim *map, uint32_t n);

/* "2*(H//4) + 1"; in `arena`. */
const char *dim_print(const Dims *dims, Arena *arena, Dim dim);
/* Reads what dim_print writes; names are looked up with `lookup` (0: unknown name). NULL lookup:
 * symbols are found by name among all symbols, the newest first. Returns 0 on a syntax error. */
Dim dim_read(Dims *dims, const char *text, const char **end, Symbol (*lookup)(void *user, const char *name, size_t n), void *user);

/* ---- facts ------------------------------------------------------------------------------ */

/* What is known about symbols at a place of the program. A stack: mark, add, back to the mark. */
typedef struct Facts Facts;
Facts *facts_new(Arena *arena, Dims *dims);
uint32_t facts_mark(const Facts *facts);
void facts_reset(Facts *facts, uint32_t mark);
void facts_add_equal(Facts *facts, Dim a, Dim b);            /* a == b: substitution where possible */
void facts_add_divides(Facts *facts, Dim a, Dim divisor);    /* a % divisor == 0: a := divisor * a' */
void facts_add_at_least(Facts *facts, Dim a, Dim b);         /* a >= b */
void facts_add_not_equal(Facts *facts, Dim a, Dim b);        /* only used when sampling */
Dim facts_apply(Facts *facts, Dim dim);                      /* with all substitutions made */

/* A fact on its own: dim == 0, dim >= 0 or dim != 0. */
typedef enum { SIZE_ZERO, SIZE_NONNEGATIVE, SIZE_NONZERO } SizeRelation;
typedef struct SizeFact {
    SizeRelation relation;
    Dim dim;
} SizeFact;

/* Assignments that satisfy every fact: as many symbols as possible get `size`, which has many divisors, the
 * others are searched for. value[symbol], symbol_count + 1 of them. False: none was found. */
bool dims_satisfying(const Dims *dims, Arena *arena, const SizeFact *fact, uint32_t n, int64_t size, int64_t *value);

typedef enum { DIM_PROVED, DIM_REFUTED, DIM_OPEN } DimAnswer;
/* On DIM_REFUTED, `why` (if not NULL) is a counterexample such as "H = 6" or "B = 1, D = 2",
 * in the facts' arena; "" where the difference is a non-zero constant. */
DimAnswer dim_equal(Facts *facts, Dim a, Dim b, const char **why);
DimAnswer dim_at_least(Facts *facts, Dim a, Dim b, const char **why); /* a >= b */
DimAnswer dim_divides(Facts *facts, Dim a, Dim divisor, const char **why); /* a % divisor == 0 */

#endif
