/* SPDX-License-Identifier: MIT
 * draw.h: random numbers that are the same everywhere, and what all changes of a program are made with. */
#ifndef NNC_TESTS_DRAW_H
#define NNC_TESTS_DRAW_H

#include "damage/pieces.h"

#include <string.h>

typedef struct Draw {
    Arena *arena;
    const Pieces *p;
    uint64_t state;
    uint32_t at; /* the piece that is looked at */
    bool mild;   /* only what may well be right */
} Draw;

/* Bytes of the program, and what is to stand there; text NULL: nothing is changed. */
typedef struct Edit {
    uint32_t lo, hi;
    const char *text;
    const char *said; /* what is changed, for whoever reads it; NULL: `old -> text` */
} Edit;

/* 0 .. n-1 (splitmix64) */
static inline uint32_t draw_below(Draw *d, uint32_t n)
{
    uint64_t z = (d->state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return n ? (uint32_t)((z ^ (z >> 31)) % n) : 0;
}

#define DRAW_FROM(d, list) ((list)[draw_below((d), sizeof(list) / sizeof *(list))])

/* A name of the program, mostly one that stands near: of the same kind, perhaps. */
const char *draw_name(Draw *d);

/* Pieces from .. to, both included. */
static inline Edit edit_of(const Draw *d, uint32_t from, uint32_t to, const char *text)
{
    return (Edit){.lo = d->p->list.at[from].lo, .hi = d->p->list.at[to].hi, .text = text};
}

/* Their text. */
static inline const char *draw_text(const Draw *d, uint32_t from, uint32_t to)
{
    uint32_t lo = d->p->list.at[from].lo;
    return arena_copy(d->arena, d->p->text + lo, d->p->list.at[to].hi - lo);
}

/* "x <-> y" and the like: each piece of text on one line, and short. */
const char *draw_shown(Arena *arena, const char *text, size_t n);

static inline Edit edit_said(Edit e, const Draw *d, const char *before, const char *text, const char *behind)
{
    e.said = arena_print(d->arena, "%s%s%s", before, draw_shown(d->arena, text, strlen(text)), behind);
    return e;
}

#endif
