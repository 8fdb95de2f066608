/* SPDX-License-Identifier: MIT
 * bytes_help.h: tests/outputs/code/bytes.nn in integers of 8 bits: weights, and what its products read. */
#ifndef NNC_TESTS_BYTES_HELP_H
#define NNC_TESTS_BYTES_HELP_H

#include <criterion/criterion.h>
#include <stdlib.h>

#include "nnc.h"

enum { BYTES_MODEL = 522496 }; /* of a model block */

static inline void add_bytes(NncOptions *o)
{
    static const char *const name[] = {"net.picture.w", "net.point.w", "net.wide.w", "net.narrow.w", "net.last.w"};
    static const double lo[] = {-1, 0, 0, 0, -3.5}, hi[] = {1, 6, 2.5, 40, 3.5};
    static const NncInt8 ranges = {.file = "bytes.int8.json", .n = 5, .name = name, .lo = lo, .hi = hi};
    static float weights[BYTES_MODEL / sizeof(float)];
    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++)
        weights[i] = (float)((int)(i * 7919 % 201) - 100) / 64; /* steps of a power of two: the same on every machine */
    o->int8 = &ranges, o->weights = weights, o->n_weights = sizeof weights, o->checkpoint = "bytes.safetensors";
}

#endif
