/* SPDX-License-Identifier: MIT
 * plan.h: what a seed means: a random graph, and how it is compiled. */
#ifndef NNC_FUZZ_PLAN_H
#define NNC_FUZZ_PLAN_H

#include "fuzz/gen_graph.h"
#include "fuzz/machine.h"

typedef struct Plan {
    uint64_t seed;
    GenOptions gen;
    MachineOptions machine;
    bool gradients, looks; /* looks: with prints */
    bool operands; /* contractions multiply bf16 */
    bool source; /* a program in the language; else a graph */
    bool unseen; /* without its prints and asserts */
    bool once; /* compiled in one way only */
    int threads;
    int only; /* the only result that is kept, or -1 */
    const char *text; /* of a graph that was written; else NULL */
} Plan;

Plan plan_of(uint64_t seed, bool source);
enum { PLAN_WAYS = 12 };
Plan plan_written(const char *text, int way); /* a graph that was written, in one of PLAN_WAYS */
const char *plan_text(Arena *arena, const char *path); /* of such a graph; NULL: it cannot be read */
void plan_print(const Plan *p);
/* Of a program as it leaves lower/; NULL: the program has an error, which is in *messages. */
Graph *plan_graph(const Plan *p, Arena *arena, const char **messages);

#endif
