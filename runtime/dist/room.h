/* SPDX-License-Identifier: MIT
 * room.h: memory of each rank of a machine, which all of them see. */
#ifndef NNRT_DIST_ROOM_H
#define NNRT_DIST_ROOM_H

#include "dist/near.h"

typedef struct Part { /* numbers from .. to - 1 of a vector */
    size_t from, to;
} Part;

/* A vector of which each rank has made a part: the pages of all parts, one behind the other. */
typedef struct View {
    const char *v;
    size_t n;
    int number_bytes;
    void *at; /* of the first number */
    void *pages;
    size_t bytes;
    Part mine;
    struct View *next;
} View;

typedef struct Room {
    NearMemory memory; /* one piece of each rank */
    size_t bytes, stride;
    View *views;
    struct Room *next;
} Room;

size_t room_bytes(const Near *near, size_t bytes);
Room *room_new(NearMemory memory, size_t bytes); /* NULL: no memory */
void room_free(Room *room);
char *room_of(const Room *room, int rank);
Room *room_find(Room *rooms, const Near *near, const void *v, size_t bytes); /* that v lies in, or NULL */
const View *room_view(Room *room, const Near *near, const void *v, size_t n, int bytes);

#endif
