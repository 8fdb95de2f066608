/* SPDX-License-Identifier: MIT
 * values.h: results compared. */
#ifndef NNC_FUZZ_VALUES_H
#define NNC_FUZZ_VALUES_H

#include "tensor/tensor.h"

double values_element(const TensorValue *v, int64_t e);
bool values_close(double got, double want, double bound); /* a NaN is close to a NaN */
bool values_same_bits(const TensorValue *a, const TensorValue *b);
/* The same, but that the sign of a NaN is the machine's; zeros have one. */
bool values_same_numbers(const TensorValue *a, const TensorValue *b);

#endif
