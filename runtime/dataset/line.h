/* SPDX-License-Identifier: MIT
 * line.h: bytes as floats along a line: byte / over + add. */
#ifndef NNRT_DATASET_LINE_H
#define NNRT_DATASET_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "nnrt_abi.h"

bool line_find(const float *value, float *over, float *add); /* such that each of the 256 values is met bit for bit */
typedef enum { LINE_SLOW, LINE_AVX2, LINE_AVX512 } LineVectors;
LineVectors line_vectors(const nnrt_program *program); /* LINE_SLOW: here a table is faster */
void line_take(LineVectors vectors, const unsigned char *bytes, int64_t n, float over, float add, float *out);

#endif
