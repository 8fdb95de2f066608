/* SPDX-License-Identifier: MIT
 * real.h: functions of doubles that C lacks, as the language defines them (language.md#corners): what sema folds, what the
 * interpreter computes, and what generated code is compared with. */
#ifndef NNC_SUPPORT_REAL_H
#define NNC_SUPPORT_REAL_H

/* 1 / (1 + exp(-x)), to relative precision wherever it is. */
double real_sigmoid(double x);

/* The remainder of a floored division: exact, with the sign of b; a % inf is a for the same sign; a % 0 is NaN. */
double real_mod(double a, double b);

/* The quotient of a floored division, rounded once; a // 0 is a / 0. */
double real_floordiv(double a, double b);

#endif
