/* SPDX-License-Identifier: MIT
 * sum.c: vectors of all ranks, added as a binary tree over their numbers.
 *
 * Ranks of one machine whose vectors lie in a room (room.c) divide the numbers by pages: each reads its part of all vectors where they
 * are, and writes the sums over its own. A view shows the parts one behind the other, so that nothing is copied. They meet when the
 * vectors are complete, when the sums are, and when all have read them.
 *
 * Others halve and double: in step d ranks whose numbers differ in bit d exchange half of what they have, and add the other half;
 * then the sums go the way back. Each adds no more than n numbers, and sends 2 n. With rooms on several machines the ranks of a machine
 * do so with their parts, for the bits above. */
#include "dist/sum.h"

#include <string.h>

#include "run/vectors.h"

static char *place(void *v, size_t i, int bytes)
{
    return (char *)v + i * (size_t)bytes;
}

/* ---- the tree over the vectors of a machine ------------------------------------------------------------------------ */

enum { BLOCK = 512 };
typedef struct Tree {
    const Near *near;
    char *to;
    const char *from; /* of the first rank */
    size_t stride;
    int bytes;
    double by;
} Tree;

/* Exponents of all ones are of what is not finite. */
#define TREE(NAME, TYPE, BITS, EXPONENT) \
    static void NAME(TYPE *to, const Tree *t, int rank, int count, size_t at, size_t n) \
    { \
        const char *from = t->from + t->stride * (size_t)rank; \
        const TYPE *a = (const TYPE *)(const void *)from + at, *b = (const TYPE *)(const void *)(from + t->stride) + at; \
        TYPE upper[BLOCK]; \
        if (count > 2) { \
            NAME(to, t, rank, count / 2, at, n); \
            NAME(upper, t, rank + count / 2, count / 2, at, n); \
            a = to, b = upper; \
        } \
        for (size_t i = 0; i < n; i++) \
            to[i] = a[i] + b[i]; \
    } \
    static void NAME##_times(const Tree *t, size_t at, size_t n) \
    { \
        TYPE sum[BLOCK], *to = (TYPE *)(void *)t->to + at, by = (TYPE)t->by; \
        BITS odd = 0; \
        NAME(sum, t, 0, t->near->count, at, n); \
        for (size_t i = 0; i < n; i++) \
            sum[i] *= by; \
        memcpy(to, sum, n * sizeof *to); \
        for (size_t i = 0; i < n; i++) { \
            BITS bits; \
            memcpy(&bits, &sum[i], sizeof bits); \
            odd |= (bits & EXPONENT) == EXPONENT; \
        } \
        if (odd) near_tell_odd(t->near); \
    }
TREE(tree_float, float, uint32_t, UINT32_C(0x7F800000))
TREE(tree_double, double, uint64_t, UINT64_C(0x7FF0000000000000))

static void tree_blocks(const void *job, size_t from, size_t to)
{
    const Tree *t = job;
    for (size_t at = from; at < to; at += BLOCK) {
        size_t n = to - at < BLOCK ? to - at : BLOCK;
        if (t->bytes == 8)
            tree_double_times(t, at, n);
        else
            tree_float_times(t, at, n);
    }
}

/* ---- ranks that exchange messages ---------------------------------------------------------------------------------- */

/* Halves what this rank has: it keeps the upper half if its bit is set. */
static void halve(Part all, int upper, Part *mine, Part *other)
{
    size_t middle = all.from + (all.to - all.from) / 2;
    Part low = {all.from, middle}, high = {middle, all.to};
    *mine = upper ? high : low;
    *other = upper ? low : high;
}

static int swap(const World *w, int bit, void *v, Part give, void *into, Part get, int bytes)
{
    return w->swap(w->rank ^ bit, place(v, give.from, bytes), (give.to - give.from) * (size_t)bytes, into,
                   (get.to - get.from) * (size_t)bytes);
}

/* Over the bits from `least` on. */
static int halve_and_double(const World *w, const nnrt *m, int least, void *v, size_t n, int bytes, double by)
{
    enum { MOST_STEPS = 32 };
    Part had[MOST_STEPS], mine = {0, n}, other;
    int steps = 0, code = NNRT_OK;
    void *room = rt_alloc((n / 2 + 1) * (size_t)bytes);
    if (!room) return rt_no_memory();
    for (int bit = least; bit < w->ranks && !code; bit *= 2) {
        had[steps++] = mine;
        halve(mine, w->rank & bit, &mine, &other);
        code = swap(w, bit, v, other, room, mine, bytes);
        if (!code) vector_add(m, (Vector){place(v, mine.from, bytes), mine.to - mine.from, bytes}, room);
    }
    rt_free(room);
    if (by != 1) vector_scale(m, (Vector){place(v, mine.from, bytes), mine.to - mine.from, bytes}, by);
    for (int bit = w->ranks / 2; bit >= least && !code; bit /= 2) {
        Part all = had[--steps];
        halve(all, w->rank & bit, &mine, &other);
        code = swap(w, bit, v, mine, place(v, other.from, bytes), other, bytes);
    }
    return code;
}

/* ---- ranks that see each other's vectors --------------------------------------------------------------------------- */

static int sum_in_room(const World *w, const nnrt *m, Room *room, void *v, size_t n, int bytes, double by, Sum *sum)
{
    const Near *near = &w->near;
    bool far = near->count < w->ranks;
    const View *view = room_view(room, near, v, n, bytes);
    if (!view) return rt_no_memory();
    Part mine = view->mine;
    char *first = room_of(room, 0) + ((char *)v - room_of(room, near->me));
    Tree tree = {near, place(v, mine.from, bytes), place(first, mine.from, bytes), room->stride, bytes, far ? 1 : by};
    int code = near_meet(near);
    if (code) return code;
    vector_divide(m, mine.to - mine.from, tree_blocks, &tree);
    if (far) code = halve_and_double(w, m, near->count, tree.to, mine.to - mine.from, bytes, by);
    if (!code) code = near_meet(near);
    *sum = (Sum){view->at, !far && !near_is_odd(near)};
    return code;
}

int sum_ranks(const World *w, const nnrt *m, void *v, size_t n, int bytes, double by, Sum *sum)
{
    Room *room = w->in_order && n ? room_find(w->rooms, &w->near, v, n * (size_t)bytes) : NULL;
    if (room) return sum_in_room(w, m, room, v, n, bytes, by, sum);
    *sum = (Sum){.all = v};
    return halve_and_double(w, m, 1, v, n, bytes, by);
}
