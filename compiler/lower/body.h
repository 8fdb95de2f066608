/* SPDX-License-Identifier: MIT
 * body.h: lowering of one CoreBody, inside lower/ only. */
#ifndef NNC_LOWER_BODY_H
#define NNC_LOWER_BODY_H

#include "lower/lower.h"

/* Things of the entry that a body may read: parameters, states, options, counters ... Inside a scan body they are constants that
 * the scan passes in. */
typedef struct Lower {
    Arena *arena;
    Diags *diags;
    const CoreProgram *program;
    const CoreEntry *entry; /* NULL while lowering a field or an initialiser */
    Module *module;
    uint8_t float_dtype;
    uint32_t n_marks;
    uint32_t n_leaves; /* tensors, sums, options, 3 counters, seed, at */
} Lower;

enum { LEAF_TENSOR, LEAF_SUM, LEAF_OPTION, LEAF_COUNTER, LEAF_SEED, LEAF_AT };

typedef struct Scope Scope;
struct Scope {
    Lower *l;
    Graph *g;
    Scope *parent;       /* of a scan body */
    Ref *leaf;           /* current version by leaf number, 0 = not read yet */
    bool *written;       /* leaf has a new version here */
    VEC(Ref) outer;      /* scan body: outer value of each CONST param made so far */
    const CoreBody *body;
    Ref *value;          /* by CoreRef */
    Ref **many;          /* by CoreRef: results of top_k */
};

typedef Ref (*LowerFn)(Scope *s, const CoreIns *ins, const Ref *in);

Scope *scope_new(Lower *l, Graph *g, Scope *parent);
Ref scope_leaf(Scope *s, int kind, uint32_t index);
void scope_set(Scope *s, int kind, uint32_t index, Ref value);
uint32_t leaf_number(const Lower *l, int kind, uint32_t index);
/* args: one Ref per body argument. */
void lower_body(Scope *s, const CoreBody *body, const Ref *args, Ref *results);

Type ins_type(Scope *s, const CoreIns *ins);
Ref as_dtype(Graph *g, Ref a, uint8_t dtype);
Ref as_shape(Graph *g, Ref a, const Type *shape); /* aligned from the right, extents of 1 stretch */

Ref lower_elementwise(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_reduce(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_cumsum(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_matmul(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_einsum(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_conv(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_pool(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_shape(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_indexed(Scope *s, const CoreIns *ins, const Ref *in);
Ref *lower_top_k(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_random(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_scan(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_call(Scope *s, const CoreIns *ins, const Ref *in);
Ref pick_last(Graph *g, Ref x, Ref ids); /* x[.., ids[..]] */

#endif
