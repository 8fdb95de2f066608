/* SPDX-License-Identifier: MIT
 * types.h: types of core programs as types of the tensor IR, and values brought to them; inside lower/ only. */
#ifndef NNC_LOWER_TYPES_H
#define NNC_LOWER_TYPES_H

#include "lower/scope.h"

Type lower_ins_type(Scope *s, const CoreIns *ins);
Ref lower_as_dtype(Graph *g, Ref a, uint8_t dtype);
Ref lower_as_shape(Graph *g, Ref a, const Type *shape); /* aligned from the right, extents of 1 stretch */

#endif
