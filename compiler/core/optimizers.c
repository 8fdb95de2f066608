/* SPDX-License-Identifier: MIT
 * optimizers.c: the rows of runtime/optimizers.def as data. */
#include "core/optimizers.h"

#include <stddef.h>
#include <string.h>

#define NUMBER(NAME, DEFAULT, RANGE) {#NAME, DEFAULT, RANGE_##RANGE, false},
#define SLOT_NUMBER(NAME, DEFAULT, RANGE) {#NAME, DEFAULT, RANGE_##RANGE, true},
#define SLOT_SWITCH(NAME) {#NAME, 0, RANGE_switch, true},
#define OPTIMIZER(NAME, SEES, SLOTS, ARGUMENTS) {#NAME, SEES_##SEES, SLOTS, {ARGUMENTS}},
const Optimizer optimizers[] = {
#include "optimizers.def"
    {0}};

/* Each row ends with an argument that has no name. */
#define NUMBER(NAME, DEFAULT, RANGE) +1
#define SLOT_NUMBER(NAME, DEFAULT, RANGE) +1
#define SLOT_SWITCH(NAME) +1
#define OPTIMIZER(NAME, SEES, SLOTS, ARGUMENTS) _Static_assert(0 ARGUMENTS <= OPTIMIZER_ARGS, #NAME " has too many arguments");
#include "optimizers.def"

const Optimizer *optimizer_find(const char *name)
{
    for (const Optimizer *row = optimizers; row->name; row++)
        if (!strcmp(row->name, name)) return row;
    return NULL;
}

int optimizer_arg(const Optimizer *row, const char *name)
{
    for (int k = 0; row->arg[k].name; k++)
        if (!strcmp(row->arg[k].name, name)) return k;
    return -1;
}
