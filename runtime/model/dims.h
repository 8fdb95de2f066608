/* SPDX-License-Identifier: MIT
 * dims.h: sizes of the manifest: numbers, or polynomials over the names of an entry, "2*B + H//2". */
#ifndef NNRT_MODEL_DIMS_H
#define NNRT_MODEL_DIMS_H

#include "model/model.h"

int64_t dims_value(const nnrt *m, int entry, const Json *dim, const int64_t *sizes); /* -1: a size in it is not known */

#endif
