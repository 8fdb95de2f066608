/* SPDX-License-Identifier: MIT
 * flow.h: which layer's result reaches which layer's argument, read off the instructions of an entry point: what `graph` draws.
 *
 * A flow is what happens inside of one call, of a scan's step, or of an entry point. Its nodes are the layers called there, functions that
 * call no layer, and operations; a function that calls layers has none, what it calls stands in its place. Values come in through ports,
 * each used by some node. What is made of constants and parameters alone is left out, and what changes no number (conversions). */
#ifndef NNC_CORE_FLOW_H
#define NNC_CORE_FLOW_H

#include "core/core.h"

typedef struct FlowRef {
    uint32_t node; /* ports first, then nodes */
    uint32_t out;  /* which of its results */
} FlowRef;

typedef enum { FLOW_LAYER, FLOW_FUNCTION, FLOW_OPERATION, FLOW_SCAN, FLOW_OUTPUT } FlowKind;
typedef struct Flow Flow;
typedef struct FlowNode {
    FlowKind kind;
    const char *name; /* of a layer: its path; of operations in a row: all of them */
    const char *type; /* of a layer */
    const char *fn;   /* of a layer: the function that is called, if it is not `forward` */
    Flow *inner;      /* or NULL */
    VEC(FlowRef) in;  /* of one with an inner flow: its ports */
    VEC(CoreType) outs;
} FlowNode;
struct Flow {
    const char *path; /* of the layer it is inside of, or "" */
    uint32_t n_ports, n_back; /* back: the first results go into the first ports of the next step */
    VEC(FlowNode) node;
    VEC(FlowRef) results;
};

Flow *flow_of_entry(Arena *arena, const CoreEntry *entry); /* its ports are the arguments of its body; conditions are taken as true */

#endif
