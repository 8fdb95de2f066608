/* SPDX-License-Identifier: MIT
 * place.c: gaps between buffers, and formulas for any sizes. */
#include "kernel/place.h"

#include <string.h>

Places places_new(Arena *arena, uint32_t most)
{
    return (Places){.at = ARENA_ARRAY(arena, Placed, most + 1), .by_offset = ARENA_ARRAY(arena, uint32_t, most + 1)};
}

int64_t places_gap(const KProgram *p, const Places *s, const Buf *buf, int64_t bytes)
{
    int64_t best = -1, least = INT64_MAX, top = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        const Placed *other = &s->at[s->by_offset[i]];
        if (!places_conflict(&p->buf.at[other->buf], buf)) continue;
        int64_t at = place_align(top), gap = other->offset - at;
        if (gap >= bytes && gap < least) best = at, least = gap;
        if (other->end > top) top = other->end;
    }
    return best >= 0 ? best : place_align(top);
}

void places_add(Places *s, uint32_t buf, int64_t offset, int64_t bytes)
{
    uint32_t at = s->n;
    s->at[s->n] = (Placed){buf, offset, offset + bytes};
    while (at > 0 && s->at[s->by_offset[at - 1]].offset > offset)
        at--;
    memmove(s->by_offset + at + 1, s->by_offset + at, sizeof *s->by_offset * (s->n - at));
    s->by_offset[at] = s->n++;
}

void places_formulas(KProgram *p, const Places *s)
{
    for (uint32_t i = 0; i < s->n; i++) {
        const Buf *buf = &p->buf.at[s->at[s->by_offset[i]].buf];
        TableEntry *entry = &p->table.at[buf->place];
        entry->above.n = 0;
        for (uint32_t j = 0; j < i; j++) {
            const Buf *below = &p->buf.at[s->at[s->by_offset[j]].buf];
            if (p->no_reuse || places_conflict(below, buf)) vec_add(p->arena, &entry->above, (uint32_t)below->place);
        }
        vec_add(p->arena, &p->place_order, (uint32_t)buf->place);
    }
}
