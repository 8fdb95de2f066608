/* SPDX-License-Identifier: MIT
 * line.h: bytes as floats along a line: byte / over + add. */
#ifndef NNRT_DATASET_LINE_H
#define NNRT_DATASET_LINE_H

#include <stdbool.h>
#include <stdint.h>

bool line_find(const float *value, float *over, float *add); /* such that each of the 256 values is met bit for bit */
bool line_pays(void); /* is it faster than a table here? */
void line_take(const unsigned char *bytes, int64_t n, float over, float add, float *out);

#endif
