/* SPDX-License-Identifier: MIT
 * configuration.h: what a run is made with: the file `….run.json`, and the first event of --json. */
#ifndef NNRT_RUN_CONFIGURATION_H
#define NNRT_RUN_CONFIGURATION_H

#include "run/state.h"

int configuration_tell(Run *r); /* once it has begun */

#endif
