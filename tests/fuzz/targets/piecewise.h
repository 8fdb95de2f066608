/* SPDX-License-Identifier: MIT
 * piecewise.h: readers that take their file piece by piece get the input, too. */
#ifndef FUZZ_PIECEWISE_H
#define FUZZ_PIECEWISE_H

#include "data/input.h"
#include "loader.h"

int __real_input_open(const Spec *spec, Input **out);
int __wrap_input_open(const Spec *spec, Input **out);
int __wrap_input_open(const Spec *spec, Input **out)
{
    if (from_pipe) return __real_input_open(spec, out);
    return input_of((const char *)file_bytes, file_size, out);
}

#endif
