/* SPDX-License-Identifier: MIT
 * split.c: deals the functions of a module out to parts that are compiled side by side.
 *
 * Kernels only call one another, so each can go anywhere; the rest (drivers, wrappers, whatever
 * calls the runtime's core or names constant data) stays together in part 0. The parts depend on
 * the program alone, not on the machine, so the object is the same everywhere. */
#include "loop/loop.h"

#include <stdlib.h>
#include <string.h>

typedef struct Name {
    const char *name;
    LoopFn *f;
} Name;

static int by_name(const void *a, const void *b)
{
    return strcmp(((const Name *)a)->name, ((const Name *)b)->name);
}

static LoopFn *find(const Name *names, uint32_t n, const char *name)
{
    Name key = {.name = name};
    const Name *found = bsearch(&key, names, n, sizeof *names, by_name);
    return found ? found->f : NULL;
}

static bool is_free(const LoopFn *f, const Name *names, uint32_t n)
{
    if (f->cold || f->exported) return false;
    for (uint32_t i = 1; i < f->ins.n; i++) {
        const LIns *ins = &f->ins.at[i];
        if (ins->op == L_global && ins->name) return false;
        if (ins->op == L_call && !find(names, n, ins->name)) return false;
    }
    return true;
}

typedef struct Weight {
    LoopFn *f;
    uint32_t number, weight;
} Weight;

static int heaviest_first(const void *a, const void *b)
{
    const Weight *x = a, *y = b;
    if (x->weight != y->weight) return x->weight < y->weight ? 1 : -1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static void mark_outside(LoopModule *m, const Name *names)
{
    for (uint32_t k = 0; k < m->fn.n; k++) {
        const LoopFn *f = m->fn.at[k];
        for (uint32_t i = 1; i < f->ins.n; i++) {
            const char *name = f->ins.at[i].name; /* of a call or an address */
            LoopFn *callee = name ? find(names, m->fn.n, name) : NULL;
            if (callee && callee->part != f->part) callee->outside = true;
        }
    }
}

uint32_t loop_split(LoopModule *m, uint32_t base, uint32_t part_weight, uint32_t max_parts)
{
    uint32_t n = m->fn.n, n_free = 0, total = base;
    Name *names = ARENA_ARRAY(m->arena, Name, n + 1);
    Weight *weight = ARENA_ARRAY(m->arena, Weight, n + 1);
    for (uint32_t i = 0; i < n; i++)
        names[i] = (Name){m->fn.at[i]->name, m->fn.at[i]};
    qsort(names, n, sizeof *names, by_name);
    uint64_t load[LOOP_MAX_PARTS] = {base};
    for (uint32_t i = 0; i < n; i++) {
        LoopFn *f = m->fn.at[i];
        total += f->ins.n;
        if (is_free(f, names, n))
            weight[n_free++] = (Weight){f, i, f->ins.n};
        else
            load[0] += f->ins.n / 2; /* compiled fast */
    }
    uint32_t parts = total / part_weight;
    if (parts > max_parts) parts = max_parts;
    if (parts < 2 || !n_free) return 1;
    qsort(weight, n_free, sizeof *weight, heaviest_first);
    for (uint32_t i = 0; i < n_free; i++) {
        uint32_t best = 0;
        for (uint32_t p = 1; p < parts; p++)
            if (load[p] < load[best]) best = p;
        weight[i].f->part = (uint8_t)best;
        load[best] += weight[i].weight;
    }
    mark_outside(m, names);
    return parts;
}
