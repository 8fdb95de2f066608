/* SPDX-License-Identifier: MIT
 * near.h: the ranks of one machine: memory that all of them see, and how they meet there.
 *
 * The memory is a file without a name that one rank makes and the others open by way of /proc: no folder has to have room for it, and
 * nothing is left behind, however a rank ends. Where that does not work (ranks in containers of their own), they have none. */
#ifndef NNRT_DIST_NEAR_H
#define NNRT_DIST_NEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NEAR_RANKS = 256, NEAR_WORD = 4096 };

typedef struct Meeting Meeting;
typedef struct Near {
    int count, me; /* ranks of this machine, and which of them this one is */
    Meeting *meeting; /* NULL: they see no memory of each other */
    uint32_t words;  /* gathered so far */
    bool crowded;    /* more ranks than processors: who waits sleeps at once */
} Near;

typedef struct NearOffer { /* how the rank that made a memory tells the others of it */
    int32_t process, file;
    uint64_t mark;
} NearOffer;
typedef struct NearMemory {
    char *at; /* NULL: it cannot be reached */
    size_t bytes;
    int file;
} NearMemory;
bool near_offer(NearOffer *offer, size_t bytes); /* zeroed; the file is to be closed when all have it */
NearMemory near_take(const NearOffer *offer, size_t bytes); /* also by the rank that made it */
void near_leave(NearMemory *memory);

/* The first memory is where they meet. */
size_t near_meeting_bytes(void);
void near_begin(Near *n, void *memory);
/* Behind it all have come; those that wait for one that has ended get RT_LOST. */
int near_meet(const Near *n);
int near_gather(Near *n, const void *mine, size_t bytes, void *all); /* at most NEAR_WORD bytes of each */
bool near_gone(const Near *n, int rank); /* has it ended? */
bool near_lost(const Near *n);           /* has one of them? */
/* What one rank has told all know when they have met. */
void near_tell_odd(const Near *n);
bool near_is_odd(const Near *n);

#endif
