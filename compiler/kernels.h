/* SPDX-License-Identifier: MIT
 * kernels.h: the kernels of all entries of a program. */
#ifndef NNC_KERNELS_H
#define NNC_KERNELS_H

#include "driver.h"
#include "emit/emit.h"

void kernels_build(Nnc *cx, EmitProgram *e); /* of codes and reports; again, too (memory.h) */
void kernels_dump(Nnc *cx, const EmitProgram *e);

#endif
