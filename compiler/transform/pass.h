/* SPDX-License-Identifier: MIT
 * pass.h: the functions behind passes.def. */
#ifndef NNC_TRANSFORM_PASS_H
#define NNC_TRANSFORM_PASS_H

#include "transform/transform.h"

#define PASS(name, function, text) Graph *function(Pass *p, const Graph *g);
#include "transform/passes.def"
#undef PASS

#endif
