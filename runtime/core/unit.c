/* SPDX-License-Identifier: MIT
 * unit.c: the core as one translation unit, compiled for float and for double; rules.c is another. */
#include "cpu.c"
#include "rng.c"
#include "sync.c"
#include "optim.c"
#include "init.c"
#include "call.c"
