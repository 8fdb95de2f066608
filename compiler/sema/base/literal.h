/* SPDX-License-Identifier: MIT
 * literal.h: lists of numbers as tensors: [1.0, 2.0, 3.0], [[1, 0], [0, 1]]. */
#ifndef NNC_SEMA_BASE_LITERAL_H
#define NNC_SEMA_BASE_LITERAL_H

#include "sema/base/state.h"

/* The type that a list of numbers has as a tensor; whole numbers are int. False: it is no such list. */
bool literal_type(Sema *s, const Value *list, SemaType *type);
bool literal_is_known(const Sema *s, const Value *list); /* of a list that literal_type knows: the compiler knows all numbers */
/* The list as a tensor, whole numbers as `want` if that is a float type. False: it is no list of numbers, or not of these. */
bool literal_tensor(Sema *s, Value *v, Elem want);
/* The lists among values that meet in one operation, as tensors: of floats if one of the others is of floats. */
void literals_join(Sema *s, Value *v, uint32_t n);

#endif
