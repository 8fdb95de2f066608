/* SPDX-License-Identifier: MIT
 * functions.h: what the rows of functions.def say of an operation. */
#ifndef NNC_SUPPORT_FUNCTIONS_H
#define NNC_SUPPORT_FUNCTIONS_H

enum {
    NO_GRAD = 0,
    ELEMENTWISE = 1 << 1,
    GRAD = 1 << 7,
    COMMUTATIVE = 1 << 8,
    COSTLY = 1 << 9,      /* worth keeping rather than computing twice */
    INTS = 1 << 10,       /* takes integers too; else floats only */
    BOOLS = 1 << 11,      /* takes bools too */
    LOGIC = 1 << 12,      /* takes bools only */
    COMPARES = 1 << 13,   /* gives a bool */
    FINITE = 1 << 14,     /* gives a number for every number: neither infinite nor NaN */
    INCREASING = 1 << 15, /* where x is better, the result is */
    ANY = INTS | BOOLS,
};

enum { REALS, POSITIVE, UNIT }; /* where a function is smooth */

#endif
