/* SPDX-License-Identifier: MIT
 * initialisers.h: the ways in which parameters begin (language.md#start-values). */
#ifndef NNC_SEMA_BASE_INITIALISERS_H
#define NNC_SEMA_BASE_INITIALISERS_H

#include "core/core.h"

/* How the arguments become those of the kind. */
typedef enum { AS_GIVEN, STD_OF_BOTH, STD_OF_ONE, RANGE_OF_ONE } InitRule;

typedef struct Initialiser {
    const char *name;
    CoreInitKind kind;
    const char *arg[2];
    double start[2];
    int required;
    InitRule rule;
    double share; /* of the variance: share / fan */
} Initialiser;

const Initialiser *initialiser_find(const char *name); /* NULL: there is none */
const char *initialiser_name(int i);                   /* of number i; NULL: there are no more */

#endif
