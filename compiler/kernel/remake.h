/* SPDX-License-Identifier: MIT
 * remake.h: values that do not wait in memory for those that read them much later: the kernels that made them run once more.
 *
 *   before:  k1: a = f(x)   k2: reads a  ..  k9: reads a             after:  k1: a = f(x)   k2: reads a  ..  k1': a' = f(x)   k9: reads a'
 *
 * The kernel is the same, over the same points, so each bit of a' is that of a, random numbers included, and the kernels of before are
 * what they were. What f reads must be in memory then, as it was: parameters that no update has changed, values that stay,
 * and values that are remade too. A plan is a set of gaps: for a buffer, two kernels between which its value is not in memory. */
#ifndef NNC_KERNEL_REMAKE_H
#define NNC_KERNEL_REMAKE_H

#include "kernel/kernel.h"

/* ---- remake_facts.c: the kernels as they were built ---- */

typedef struct Touched { /* a work buffer, by a kernel or its body */
    uint32_t buf;
    bool read, written;
} Touched;

typedef struct KernelFacts {
    VEC(Touched) touched; /* each buffer once */
    int64_t own;          /* bytes that it has for itself (kernel_own_bytes) */
    double seconds;       /* about, at the sizes that the compiler plans with */
    int64_t gradients;    /* bytes of those that it makes first, where values may lie in their block (lend.h) */
    bool once;            /* it cannot run again */
    bool sheds;           /* a copy leaves out what nobody wants; else it stores that in memory of its own */
    uint32_t until;       /* what it reads is unchanged up to this kernel */
    struct InPlace {
        uint32_t from, to;
    } in_place; /* a buffer that may take another one's place; 0: none */
} KernelFacts;

typedef struct BufferFacts {
    int64_t bytes; /* at those sizes; 0: no work buffer */
    VEC(uint32_t) writer, toucher; /* kernels in order */
    bool once;     /* it cannot be made again */
} BufferFacts;

typedef struct Facts {
    KProgram *p;
    Arena *arena;
    uint32_t n_kernels, n_bufs;
    KernelFacts *kernel;
    BufferFacts *buf;
    double seconds; /* of all */
} Facts;

Facts *remake_facts(KProgram *p, Arena *arena, const int64_t *own_bytes);

/* ---- remake_order.c: what a set of gaps means ---- */

typedef struct Gap { /* behind kernel `last` and in front of `next` the value is not in memory */
    uint32_t last, next; /* next 0: there is no gap; n_kernels: no kernel of before reads it any more */
} Gap;

typedef struct Step {
    uint32_t kernel;
    uint32_t at; /* it stands in front of this kernel, or is it */
    bool again;
} Step;

typedef struct Order {
    VEC(Step) step;
    uint32_t *made_at;       /* by buffer: in front of which kernel it is remade; NO_KERNEL: nowhere */
    uint32_t *first, *last;  /* by buffer, and n_bufs on by buffer that is remade: its steps; first NO_KERNEL: none */
    int64_t most;            /* bytes that are in use at one step, by values and by gradients that are made */
    uint32_t most_at;        /* this step */
    double seconds;          /* of what runs again */
} Order;
#define NO_KERNEL UINT32_MAX

/* Is what kernel `at`, or a copy in front of it, reads of the buffer what is remade? */
static inline bool remade_at(const Gap *gap, uint32_t at)
{
    return gap->next && at > gap->last;
}
/* Is it made by the copies in front of kernel `at`? */
static inline bool remade_in(const Order *o, const Gap *gap, uint32_t buf, uint32_t at)
{
    return gap[buf].next && o->made_at[buf] == at;
}
/* False: something cannot be made again where it is needed. */
bool remake_order(const Facts *f, const Gap *gap, Arena *arena, Order *o);

/* ---- remake.c, remake_copy.c ---- */

/* Looks for gaps so that work buffers in use at one time, and gradients that are made (lend.h), have at most `bytes`, and what runs again takes at most this share of the time
 * of all kernels (0: any). False: they have more, but as few as it can. */
bool remake_fit(KProgram *p, const int64_t *own_bytes, int64_t bytes, double share);
/* The kernels of the program become those of the order. */
void remake_copy(const Facts *f, const Gap *gap, const Order *o);

#endif
