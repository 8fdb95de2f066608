/* SPDX-License-Identifier: MIT
 * start.h: a run begins and ends. */
#ifndef NNRT_RUN_START_H
#define NNRT_RUN_START_H

#include "run/state.h"

int run_start(Run *r, const nnrt_reader *const *readers);
void run_end(Run *r); /* after an error too */

#endif
