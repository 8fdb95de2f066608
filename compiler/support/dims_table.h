/* SPDX-License-Identifier: MIT
 * dims_table.h: what a Dims is, inside of support/dims*.c only.
 *
 * Three tables, each interned: atoms, monomials (sorted lists of atoms), and polynomials (lists of
 * coefficient and monomial). */
#ifndef NNC_SUPPORT_DIMS_TABLE_H
#define NNC_SUPPORT_DIMS_TABLE_H

#include "support/dims.h"
#include "support/vec.h"

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

/* The id of an equal one; it is added when new. */
uint32_t dims_atom(Dims *dims, DimAtom atom);
uint32_t dims_monomial(Dims *dims, const uint32_t *atom, uint32_t n);
Dim dims_terms(Dims *dims, const Term *term, uint32_t n);

Polynomial dims_polynomial(const Dims *dims, Dim dim);
Dim dims_undefined(Dims *dims); /* a fresh one: nothing is known about it */
Dim dims_one_term(Dims *dims, int64_t k, uint32_t monomial);
Dim dims_one_atom(Dims *dims, uint32_t atom);

#endif
