/* SPDX-License-Identifier: MIT
 * memory.h: kernels that fit in the memory of `--memory`. */
#ifndef NNC_MEMORY_H
#define NNC_MEMORY_H

#include "driver.h"
#include "emit/emit.h"

/* As kernel_build: of a train so that it fits, as far as that can be told before the loops. */
KProgram *memory_build(Nnc *cx, const EmitProgram *e, const EmitEntry *entry, uint32_t code, KernelOptions *options);

typedef enum { MEMORY_FITS, MEMORY_AGAIN, MEMORY_FAILS } MemoryAnswer;
/* Behind the loops of the round (from 0 on): do all trains fit? AGAIN: their kernels should be built once more. FAILS: it has been said. */
MemoryAnswer memory_fits(Nnc *cx, EmitProgram *e, int round);

#endif
