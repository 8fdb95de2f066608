/* SPDX-License-Identifier: MIT
 * place.h: buffers in one block of memory, at the sizes that the compiler plans with. */
#ifndef NNC_KERNEL_PLACE_H
#define NNC_KERNEL_PLACE_H

#include "kernel/kernel.h"

typedef struct Placed {
    uint32_t buf;
    int64_t offset, end;
} Placed;

typedef struct Places {
    Placed *at;
    uint32_t *by_offset; /* lowest first */
    uint32_t n;
} Places;

Places places_new(Arena *arena, uint32_t most);
/* Where a buffer may lie: the smallest gap that fits between those whose lives meet its own, else on top of them. */
int64_t places_gap(const KProgram *p, const Places *s, const Buf *buf, int64_t bytes);
void places_add(Places *s, uint32_t buf, int64_t offset, int64_t bytes);
/* The formulas of their table entries: each lies above those before it that live when it does. They follow in p->place_order. */
void places_formulas(KProgram *p, const Places *s);

/* Do their lives meet? */
static inline bool places_conflict(const Buf *a, const Buf *c)
{
    return a->first <= c->last && c->first <= a->last;
}

static inline int64_t place_align(int64_t n)
{
    return (n + 63) & ~(int64_t)63;
}

#endif
