/* SPDX-License-Identifier: MIT
 * peak.h: what a core can do. */
#ifndef NNRT_COMMAND_PEAK_H
#define NNRT_COMMAND_PEAK_H

#include "nnrt_abi.h"

/* Additions and multiplications of single precision per second, fused and in registers, with the widest vectors of this processor:
 * the calling thread at its best moment of so many seconds. */
double peak_operations(const nnrt_program *program, double seconds);

#endif
