/* SPDX-License-Identifier: MIT
 * room.c: memory of each rank of a machine (room.h).
 *
 * The file of a room has the pieces of the ranks one behind the other. A view maps other pages of it once more: of a vector that
 * begins at the same place of each piece, the first pages of rank 0's, the next ones of rank 1's ... */
#include "dist/room.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/base.h"

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t stride_of(size_t bytes)
{
    return (bytes + page_bytes() - 1) / page_bytes() * page_bytes();
}

size_t room_bytes(const Near *near, size_t bytes)
{
    return stride_of(bytes) * (size_t)near->count;
}

Room *room_new(NearMemory memory, size_t bytes)
{
    Room *room = rt_alloc(sizeof *room);
    if (room) *room = (Room){.memory = memory, .bytes = bytes, .stride = stride_of(bytes)};
    return room;
}

static void free_view(View *view)
{
    munmap(view->pages, view->bytes);
    rt_free(view);
}

void room_free(Room *room)
{
    for (View *next, *view = room->views; view; view = next)
        next = view->next, free_view(view);
    near_leave(&room->memory);
    rt_free(room);
}

char *room_of(const Room *room, int rank)
{
    return room->memory.at + room->stride * (size_t)rank;
}

Room *room_find(Room *rooms, const Near *near, const void *v, size_t bytes)
{
    for (Room *room = rooms; room; room = room->next) {
        uintptr_t at = (uintptr_t)v, first = (uintptr_t)room_of(room, near->me);
        if (at >= first && at + bytes <= first + room->bytes) return room;
    }
    return NULL;
}

/* Pages from .. to - 1 of a piece are rank's. */
static Part pages_of(Part all, int rank, int ranks)
{
    size_t n = all.to - all.from;
    return (Part){all.from + n * (size_t)rank / (size_t)ranks, all.from + n * (size_t)(rank + 1) / (size_t)ranks};
}

static bool map_pages(const Room *room, View *view, Part all, int ranks)
{
    const size_t page = page_bytes();
    view->bytes = (all.to - all.from) * page;
    view->pages = mmap(NULL, view->bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool ok = view->pages != MAP_FAILED;
    for (int rank = 0; rank < ranks && ok; rank++) {
        Part part = pages_of(all, rank, ranks);
        if (part.from == part.to) continue;
        ok = mmap((char *)view->pages + (part.from - all.from) * page, (part.to - part.from) * page, PROT_READ, MAP_SHARED | MAP_FIXED,
                  room->memory.file, (off_t)(room->stride * (size_t)rank + part.from * page)) != MAP_FAILED;
    }
    return ok;
}

/* Of n numbers that begin `at` bytes behind the begin of a piece: those on some pages. */
static Part numbers_on(Part pages, size_t at, size_t n, int bytes)
{
    size_t from = pages.from * page_bytes(), to = pages.to * page_bytes();
    Part part = {from > at ? (from - at) / (size_t)bytes : 0, to > at ? (to - at) / (size_t)bytes : 0};
    if (part.from > n) part.from = n;
    if (part.to > n) part.to = n;
    return part;
}

static View *new_view(const Room *room, const Near *near, const void *v, size_t n, int bytes)
{
    const size_t page = page_bytes(), at = (size_t)((const char *)v - room_of(room, near->me));
    Part all = {at / page, (at + n * (size_t)bytes - 1) / page + 1};
    View *view = rt_alloc(sizeof *view);
    if (!view) return NULL;
    if (!map_pages(room, view, all, near->count)) {
        if (view->pages != MAP_FAILED) munmap(view->pages, view->bytes);
        rt_free(view);
        return NULL;
    }
    view->v = v;
    view->n = n;
    view->number_bytes = bytes;
    view->at = (char *)view->pages + at % page;
    view->mine = numbers_on(pages_of(all, near->me, near->count), at, n, bytes);
    return view;
}

const View *room_view(Room *room, const Near *near, const void *v, size_t n, int bytes)
{
    for (View *view = room->views; view; view = view->next)
        if (view->v == v && view->n == n && view->number_bytes == bytes) return view;
    View *view = new_view(room, near, v, n, bytes);
    if (!view) return NULL;
    view->next = room->views;
    return room->views = view;
}
