/* SPDX-License-Identifier: MIT
 * unit.c: the core as one translation unit, compiled to bitcode for float and for double. */
#include "rng.c"
#include "sync.c"
#include "optim.c"
#include "init.c"
#include "call.c"
