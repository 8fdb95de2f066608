/* SPDX-License-Identifier: MIT
 * prim.h: the table of primitives: everything in language.md#primitives but scan, grad, chain, initialisers,
 * optimizers and readers.
 *
 * Types may hold one AXIS_PACK in checks of definitions; where a rule cannot be decided there, the value is VAL_ERROR in silence,
 * and each instance sees it. */
#ifndef NNC_SEMA_PRIM_PRIM_H
#define NNC_SEMA_PRIM_PRIM_H

#include "sema/prim/argument.h"

bool prim_find(const char *name);                 /* is this the name of a primitive? */
const char *const *prim_names(uint32_t *n);       /* for did-you-mean */
const char *prim_parameter(const char *name, uint32_t i); /* the name of its i-th argument, or NULL */
Value prim_call(Sema *s, const PrimCall *call);   /* checks, reports, records; VAL_ERROR after an error */

PrimFn prim_elementwise; /* of support/functions.def */
#define PRIM(name, function, ...) PrimFn prim_##function;
#include "sema/prim/primitives.def"

#endif
