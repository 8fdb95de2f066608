/* SPDX-License-Identifier: MIT
 * binding.c: what entry points are called and take in other languages, the same for all of them. */
#include <ctype.h>
#include <string.h>

#include "emit/emit.h"

bool emit_has_report(const EmitEntry *entry)
{
    return entry->lowered->core && entry->lowered->core->kind != ENTRY_EXPORT;
}

static const char *camel(Arena *arena, const char *name, bool drop)
{
    Text t = {.arena = arena};
    for (bool capital = true; *name; name++) {
        if (drop && *name == '_' && name[1])
            capital = true;
        else
            text_add(&t, "%c", capital ? toupper((unsigned char)*name) : *name), capital = false;
    }
    return text_c(&t);
}

const char *emit_report_class(const EmitProgram *e, const EmitEntry *entry)
{
    bool alone = true;
    const char *name = camel(e->arena, entry->c_name, true);
    for (uint32_t i = 0; i < e->entry.n; i++)
        if (&e->entry.at[i] != entry && strcmp(camel(e->arena, e->entry.at[i].c_name, true), name) == 0) alone = false;
    return arena_print(e->arena, "%sReport", alone ? name : camel(e->arena, entry->c_name, false));
}

bool emit_may_default(const CoreEntry *core, uint32_t i)
{
    for (; i < core->args.n; i++)
        if (!core->args.at[i].has_default) return false;
    return true;
}

Symbol emit_lone_size(const Dims *dims, Dim dim)
{
    if (dim_n_terms(dims, dim) != 1 || dim_coefficient(dims, dim, 0) != 1 || dim_n_atoms(dims, dim, 0) != 1) return 0;
    return dim_atom(dims, dim, 0, 0).symbol;
}
