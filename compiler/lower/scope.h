/* SPDX-License-Identifier: MIT
 * scope.h: the current versions of what a body reads, inside lower/ only. */
#ifndef NNC_LOWER_SCOPE_H
#define NNC_LOWER_SCOPE_H

#include "lower/lower.h"

/* Things of the entry that a body may read: parameters, states, options, counters ... Inside a scan body they are constants that
 * the scan passes in. */
typedef struct Lower {
    Arena *arena;
    Diags *diags;
    const CoreProgram *program;
    const CoreEntry *entry; /* NULL while lowering a field or an initialiser */
    Module *module;
    Lowered *out;
    uint8_t float_dtype;
    Type *probed;           /* by assert or print of the entry: what it looks at, all turns of the scans around it together */
    uint32_t n_marks;
    uint32_t n_leaves; /* tensors, sums, options, 3 counters, seed, at */
} Lower;

enum { LEAF_TENSOR, LEAF_SUM, LEAF_OPTION, LEAF_COUNTER, LEAF_SEED, LEAF_AT };

typedef struct Probed { /* a value that an assert or print looks at */
    uint32_t number;
    Ref ref;
} Probed;

typedef struct Scope Scope;
struct Scope {
    Lower *l;
    Graph *g;
    Scope *parent;       /* of a scan body */
    Ref *leaf;           /* current version by leaf number, 0 = not read yet */
    bool *written;       /* leaf has a new version here */
    VEC(Ref) outer;      /* scan body: outer value of each CONST param made so far */
    bool inner;          /* of a scan or function: */
    VEC(Probed) probed;  /* results that only asserts and prints of the entry want, behind all others */
    const CoreBody *body;
    Ref *value;          /* by CoreRef */
    Ref **many;          /* by CoreRef: results of top_k */
};

Scope *scope_new(Lower *l, Graph *g, Scope *parent);
Ref scope_leaf(Scope *s, int kind, uint32_t index);
void scope_set(Scope *s, int kind, uint32_t index, Ref value);
uint32_t scope_leaf_number(const Lower *l, int kind, uint32_t index);

#endif
