/* SPDX-License-Identifier: MIT
 * dist.h: what a program of `nnc --dist` has beside libnnrt, by a library of its own; `main` asks for it. */
#ifndef NNRT_DIST_DIST_H
#define NNRT_DIST_DIST_H

#include "run/exchange.h"

/* *out stays NULL where this process is alone. */
int nnrt_dist_begin(int *argc, char ***argv, const Exchange **out);
void nnrt_dist_end(bool lost, int status); /* lost: a rank has ended, and so does this process */

#endif
