/* SPDX-License-Identifier: MIT
 * dtype.h: element types of memory and of files: how wide they are, and their numbers as doubles. Whatever turns
 * numbers of one type into another (fields, arguments, results, files) does it here, so that each
 * border knows every type and refuses what a type does not hold. */
#ifndef NNRT_BASE_DTYPE_H
#define NNRT_BASE_DTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nnrt_abi.h"

/* Behind NNRT_F32..NNRT_BF16: types that only files have. */
enum { DTYPE_I16 = NNRT_BF16 + 1, DTYPE_U16, DTYPE_U32, DTYPE_U64, N_DTYPES };

int dtype_find(const char *name); /* "f16", "i64", ...; -1 */
int dtype_find_npy(const char *code); /* "<f2", of the machine's byte order or without one; -1 */
const char *dtype_npy(int dtype); /* of results; bf16, which NPY does not have, is written as "<f4" */
size_t dtype_bytes(int dtype);
bool dtype_is_float(int dtype);

double dtype_load(int dtype, const void *data, int64_t i);
/* False: the number is none of the type, and nothing is stored. Floats are rounded; integers take whole numbers that
 * a double holds exactly (below 2^53); a bool is what is not 0. */
bool dtype_store(int dtype, void *data, int64_t i, double v);
/* The fewest digits, but at least `digits`, that read back as the same number of the type. */
const char *dtype_text(int dtype, double v, int digits, char *out, size_t n);
/* What is wrong with such a number, to stand behind "V is". */
const char *dtype_wrong(int dtype, double v, char *out, size_t n);

#endif
