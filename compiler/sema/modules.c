/* SPDX-License-Identifier: MIT
 * modules.c: the library's layers that a program has, by path, for weights of other tools (runtime/model/weight_map.h). */
#include "sema/modules.h"

#include <string.h>

static bool is_module(const Sema *s, const Instance *instance)
{
    return !s->generic && !instance->generic && !instance->metric && instance->decl && instance->unit->library && instance->path[0];
}

void modules_note(Sema *s, const Instance *instance)
{
    if (!is_module(s, instance)) return;
    CoreModule module = {.path = instance->path, .layer = instance->decl->name};
    vec_add(s->arena, &s->program->modules, module);
}

/* ---- flattened rows */

enum { MOST_STEPS = 64 }; /* backwards from the argument */

static bool same_shape(const CoreType *a, const CoreType *b)
{
    return a->rank == b->rank && memcmp(a->dim, b->dim, sizeof *a->dim * a->rank) == 0;
}

/* The axes of examples that a reshape makes rows, if their order depends on where channels stand. (Behind a batch and places only
 * heads and the like become one.) The first of size 0: nobody knows where they stand, as in a sequence. */
static bool flattened(const Sema *s, const CoreType *from, const CoreType *to, CoreModule *out)
{
    int64_t size = 0, places = 1;
    if (to->rank != 2 || from->rank < 3 || from->dim[0] != to->dim[0]) return false;
    out->n_flat = 0;
    for (int i = 1; i < from->rank; i++) {
        if (!dim_is_const(s->dims, from->dim[i], &size)) return false;
        if (i + 1 < from->rank) places *= size;
        out->flat[out->n_flat++] = size;
    }
    if (from->rank == 3) out->flat[0] = 0;
    return places > 1 && size > 1;
}

static bool find_flattened(const Sema *s, CoreRef r, int *steps, CoreModule *out)
{
    const CoreIns *ins = &s->body->ins.at[r - 1];
    bool joins = ins->op == CORE_concat;
    if ((*steps)++ > MOST_STEPS || (ins->op >= CORE_arg && ins->op != CORE_reshape && !joins)) return false;
    for (uint32_t i = 0; i < ins->n_in; i++) {
        const CoreType *type = &s->body->ins.at[ins->in[i] - 1].type;
        if (ins->op == CORE_reshape && flattened(s, type, &ins->type, out)) return true;
        if (!same_shape(type, &ins->type) && !joins) continue;
        if (!find_flattened(s, ins->in[i], steps, out)) continue;
        if (joins) out->flat[0] = 0;
        return true;
    }
    return false;
}

void modules_note_input(Sema *s, const Instance *instance, const PrimArg *args, uint32_t n)
{
    if (!is_module(s, instance) || !s->entry || n == 0 || args[0].value.kind != VAL_TENSOR || !args[0].value.ref) return;
    if (args[0].value.body != s->body || args[0].value.type.rank < 1) return;
    CoreModule found = {0};
    int steps = 0;
    if (!find_flattened(s, args[0].value.ref, &steps, &found)) return;
    for (uint32_t i = 0; i < s->program->modules.n; i++) {
        CoreModule *m = &s->program->modules.at[i];
        if (strcmp(m->path, instance->path)) continue;
        memcpy(m->flat, found.flat, sizeof m->flat);
        m->n_flat = found.n_flat;
    }
}
