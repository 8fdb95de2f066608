/* SPDX-License-Identifier: MIT
 * initialisers.c: the table of initialisers. */
#include "sema/base/initialisers.h"

#include <string.h>

static const Initialiser kinds[] = {
    {"normal", INIT_NORMAL, {"std", NULL}, {1, 0}, 0, AS_GIVEN, 0},
    {"truncated_normal", INIT_TRUNCATED, {"std", "cut"}, {1, 2}, 0, AS_GIVEN, 0},
    {"uniform", INIT_UNIFORM, {"a", "b"}, {0, 1}, 0, AS_GIVEN, 0},
    {"glorot", INIT_GLOROT, {"fan_in", "fan_out"}, {0, 0}, 2, AS_GIVEN, 0},
    {"glorot_normal", INIT_NORMAL, {"fan_in", "fan_out"}, {0, 0}, 2, STD_OF_BOTH, 2},
    {"he", INIT_HE, {"fan_in", NULL}, {0, 0}, 1, AS_GIVEN, 0},
    {"he_uniform", INIT_UNIFORM, {"fan_in", NULL}, {0, 0}, 1, RANGE_OF_ONE, 2},
    {"lecun", INIT_NORMAL, {"fan_in", NULL}, {0, 0}, 1, STD_OF_ONE, 1},
    {"lecun_uniform", INIT_UNIFORM, {"fan_in", NULL}, {0, 0}, 1, RANGE_OF_ONE, 1},
    {"orthogonal", INIT_ORTHOGONAL, {"gain", NULL}, {1, 0}, 0, AS_GIVEN, 0},
};
enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

const char *initialiser_name(int i)
{
    return i < (int)N_KINDS ? kinds[i].name : NULL;
}

const Initialiser *initialiser_find(const char *name)
{
    for (int i = 0; i < N_KINDS; i++)
        if (!strcmp(kinds[i].name, name)) return &kinds[i];
    return NULL;
}
