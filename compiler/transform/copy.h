/* SPDX-License-Identifier: MIT
 * copy.h: a pass as a copy of a graph through the constructors.
 *
 * Nodes that results do not reach are left behind. A rule may treat a node itself; all others are
 * copied as they are. Bodies of scans are copied by the same rule (once each). */
#ifndef NNC_TRANSFORM_COPY_H
#define NNC_TRANSFORM_COPY_H

#include "tensor/tensor.h"

typedef struct Copy Copy;
/* True: the rule has set copy->map[r], or copy->outs[r] for a node with several results. */
typedef bool (*CopyRule)(Copy *copy, Ref r);

struct Copy {
    const Graph *from;
    Graph *to;
    Arena *scratch;
    bool *live;
    Ref *map;   /* node of `from` -> node of `to` */
    Ref **outs; /* not NULL: the results of this node one by one (it has no node in `to`) */
    CopyRule rule;
    void *user;
    Graph **body; /* by graph id: the copy of a body, NULL: not made yet; read through copy_bodies */
    uint32_t n_bodies;
};

/* A new graph in `from`'s module with the same params; nothing else is copied yet. */
Copy *copy_begin(Arena *scratch, const Graph *from, CopyRule rule, void *user);
/* Operands of r in `to`, in scratch. */
Ref *copy_operands(Copy *copy, Ref r);
/* copy->body, made when it is first needed: most copies have no body in them. */
Graph **copy_bodies(Copy *copy);
/* Treat node r: by the rule, or as it is. */
void copy_node(Copy *copy, Ref r);
/* All live nodes, then the results. */
Graph *copy_all(Copy *copy);
void copy_results(Copy *copy);

/* copy_begin and copy_all. */
Graph *copy_graph(Arena *scratch, const Graph *from, CopyRule rule, void *user);

/* A param in `to` like param i of `from`. */
Ref copy_param(Graph *to, const Graph *from, uint32_t i);
/* Copy one node with operands in map (params and tuples not); also sets location and flags. */
Ref copy_plain(Graph *to, const Graph *from, Ref r, const Ref *in);

/* Nodes whose results are read with proj. */
static inline bool op_is_tuple(int op)
{
    return op == OP_scan || op == OP_call || op == OP_extern || op == OP_gradient || op == OP_minimize || op == OP_update;
}
/* Leaves without operands: they may stand anywhere. */
static inline bool op_is_literal(int op)
{
    return op == OP_const || op == OP_iota || op == OP_size || op == OP_data;
}

/* Type with a leading axis of extent n, and without its leading axis. */
Type type_stacked(Type type, Dim n);
Type type_unstacked(Type type);
/* Reverse along the leading axis. */
Ref build_flip(Graph *g, Ref a);

#endif
