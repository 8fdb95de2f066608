/* SPDX-License-Identifier: MIT
 * shared.c: what was read for readers that have not opened yet. */
#include "data/shared.h"

#include <stdlib.h>
#include <string.h>

const Json *shared_next(const Spec *spec, const Json *last, const Json **field)
{
    bool behind = !last;
    for (const Json *f = json_list(spec->block, "fields"); f; f = f->next) {
        for (const Json *r = json_list(f, "readers"); r; r = r->next) {
            bool same = json_is(r, "kind", json_text(spec->reader, "kind", "")) && spec_reads_same(spec, r);
            if (behind && same) return *field = f, r;
            behind |= r == last;
        }
    }
    return NULL;
}

/* Where the list goes on to what waits for a reader. */
static Shared **find(const Spec *spec, const Json *reader)
{
    for (Shared **s = spec->shared; s && *s; s = &(*s)->next)
        if ((*s)->reader == reader && strcmp((*s)->path, spec->path) == 0) return s;
    return NULL;
}

bool shared_waits(const Spec *spec, const Json *reader)
{
    return find(spec, reader) != NULL;
}

Shared *shared_take(const Spec *spec)
{
    Shared **at = find(spec, spec->reader), *s = at ? *at : NULL;
    if (s) *at = s->next;
    return s;
}

Shared *shared_give(const Spec *spec, Shared *part, int code)
{
    if (code) return part->drop(part), NULL;
    if (part->reader == spec->reader) return part;
    part->next = *spec->shared;
    *spec->shared = part;
    return NULL;
}

bool shared_single(const Spec *spec, const Json *field)
{
    return spec->m->program->float_bytes == 4 && json_is(field, "elem", "float") && json_int(field, "expr", -1) < 0;
}

Lines *lines_new(void)
{
    Lines *l = calloc(1, sizeof *l);
    if (l) l->owners = 1;
    return l;
}

void lines_drop(Lines *l)
{
    if (l && --l->owners == 0) free(l->at), free(l);
}
