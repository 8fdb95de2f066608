/* SPDX-License-Identifier: MIT
 * gather.h: the files that a report is made of. What a file is tells its content: a log, what a run was made with (….run.json), an
 * evaluation (`./model test --json`), a summary, a profile. */
#ifndef NNC_REPORT_GATHER_H
#define NNC_REPORT_GATHER_H

#include "report/curves.h"
#include "report/tree.h"

typedef struct Found {
    const char *path;
    const Tree *tree;
} Found;
typedef VEC(Found) FoundList;
typedef enum { GATHERED_RUN, GATHERED_EVALUATION, GATHERED_SUMMARY, GATHERED_PROFILE, N_GATHERED } GatheredKind;

typedef struct Gathered {
    Curves curves;
    FoundList of[N_GATHERED];
} Gathered;

/* Adds a file, or all files of a folder that are one of these; a CSV log whose JSON lines lie beside it is left out there. NULL, or what
 * is wrong; *status is then 1 or 3. */
const char *gather_add(Gathered *all, const char *path, int *status);

#endif
