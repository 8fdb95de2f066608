/* SPDX-License-Identifier: MIT
 * linear_sum.h: sums of cotangents with what does not depend on the summed axes taken out. */
#ifndef NNC_TRANSFORM_LINEAR_SUM_H
#define NNC_TRANSFORM_LINEAR_SUM_H

#include "transform/transform.h"

/* The sum of x over the axes (ascending, one at least), which disappear. */
Ref linear_sum(Graph *g, Ref x, const int *axes, int n);

#endif
