/* SPDX-License-Identifier: MIT
 * lower.h: checked program (core/core.h) -> tensor IR graphs.
 *
 * One graph per entry point, per combination of its run-time conditions; a report graph for train and eval; one for the conditions;
 * one per data field whose expression is more than a reader. What the language calls a primitive becomes a few tensor operations here
 *; broadcasts and casts become explicit. Statements are played in order with a current version of every parameter,
 * state and sum; the last versions become results that replace their params. */
#ifndef NNC_LOWER_LOWER_H
#define NNC_LOWER_LOWER_H

#include "core/core.h"
#include "support/diag.h"
#include "tensor/tensor.h"

typedef struct LoweredEntry {
    const CoreEntry *core; /* NULL for a field */
    Graph *step[8];        /* 1 << n_conditions of them */
    const Graph *written;  /* the step before autodiff, all conditions taken as true: what `summary` counts */
    Graph *condition;      /* bool results over counters, or NULL */
    Graph *report;         /* one f64 result per report, in order; NULL for exports and fields */
    const CoreData *data;  /* of a field */
    const CoreField *field;
    Type *probed;          /* by assert or print: what it looks at */
    VEC(SizeFact) fact;    /* what the entry requires of its sizes */
    bool pointwise;        /* of a field: each number is made of one number that is read */
} LoweredEntry;

typedef struct OwnGradient { /* a call of a function with a grad block that is no surrogate; copies of a body have copies of the call */
    const char *name;
    Span span;           /* of the function's name */
    const Graph *callee; /* its first params and results are those of the function */
    uint32_t n_args, n_results;
    uint32_t entry; /* in Lowered.entry; behind its end: of an initialiser */
} OwnGradient;

typedef struct Lowered {
    Module *module;
    uint8_t float_dtype;
    VEC(LoweredEntry) entry;         /* core entries in order, then the fields */
    VEC(OwnGradient) own;
    double **init;                   /* per tensor: values of INIT_EXPR, dense, or NULL */
} Lowered;

/* Sum 0 of every train and eval entry is "examples" (f64); core sum k is sum k + 1 (see lower_sums). */
uint32_t lower_n_sums(const CoreEntry *entry);
Type lower_sum_type(const CoreEntry *entry, uint32_t k);
double lower_sum_init(const CoreEntry *entry, uint32_t k);

Lowered *lower_program(Arena *arena, Strings *strings, Diags *diags, const CoreProgram *program, uint8_t float_dtype);
uint8_t lower_dtype(uint8_t elem, uint8_t float_dtype);
Type lower_type(const CoreType *type, uint8_t float_dtype);

#endif
