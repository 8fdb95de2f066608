/* SPDX-License-Identifier: MIT
 * warn_places.h: which places of a row of tokens the places of a value are made of.
 *
 * A value whose axis is `on` has at index i of it, place i, something of the tokens from place i + lo to i + hi. An embedding has
 * lo = hi = 0, behind a causal attention lo is far back, behind a convolution with a window of three in its middle lo = -1 and
 * hi = 1. What is not known for sure is left out: a value sees too little rather than too much. */
#ifndef NNC_SEMA_WARN_PLACES_H
#define NNC_SEMA_WARN_PLACES_H

#include "sema/warn_element.h"

enum { FAR = 1 << 28 }; /* as far as there are places */

typedef struct Along {
    bool on, turned; /* turned: index i is place n - 1 - i */
    Dim merged;      /* not 0: this axis has rows of so many places one after another */
    Dim size;
    int64_t end; /* of the tokens it can be made of, where all sizes that are not known are that of the sample */
    int32_t lo, hi, own; /* own: what index i is itself of, whatever it has seen of others */
} Along;

typedef enum { AHEAD_NOT, AHEAD_ATTENTION, AHEAD_WINDOW, AHEAD_RUN, AHEAD_SUM, AHEAD_ALL, AHEAD_MIX } Ahead;

typedef struct Seen {
    Along axis[CORE_MAX_RANK];
    int8_t q, k;          /* two axes of which index k - q is known to be from near to far; or -1: any */
    int32_t near, far;
    bool whole;           /* no axis is on, but something is of all places of an axis with this size and hi */
    Dim of_size;
    int32_t of_hi;
    CoreRef of_cause;     /* what made it of all of them */
    Ahead ahead;          /* how the places behind came to be seen, */
    CoreRef cause;        /* and where */
} Seen;

typedef struct Places {
    Sample sample;
    Dim batch;
    int64_t arg;  /* the argument that the tokens are */
    Seen *at;     /* of each value */
} Places;

/* Of the values of the body of an entry up to `last`; `arg` is the argument [B, T] of the tokens. */
Places *places_of(Sema *s, const CoreEntry *entry, const CoreBody *body, int64_t arg, CoreRef last);

/* ---- for the parts of places_of ---- */
Seen seen_nothing(void);
bool seen_any(const Seen *seen);
int seen_axis(const Seen *seen, int except); /* the first one that is on and is not `except`; -1: none */
void seen_join(Seen *to, const Seen *from, int shift); /* from's axes are `to`'s, moved by shift */
Seen seen_reduced(Places *p, const Seen *seen, const CoreType *type, uint64_t axes, CoreRef at);
Seen seen_contracted(Places *p, const CoreIns *ins, CoreRef at);
Seen seen_convolved(Places *p, const CoreIns *ins, CoreRef at);
Seen seen_scanned(Places *p, const CoreIns *scan, uint32_t result, CoreRef at);

#endif
