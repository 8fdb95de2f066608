/* SPDX-License-Identifier: MIT
 * permute.h: orders that are functions of a key: a permutation of 0..n-1 (Feistel network, cycle walking). */
#ifndef NNRT_BASE_PERMUTE_H
#define NNRT_BASE_PERMUTE_H

#include <stdint.h>

uint64_t rt_permute(uint64_t i, uint64_t n, uint64_t key);
void rt_permute_all(uint64_t n, uint64_t key, int64_t *out); /* of 0, 1 .. n - 1, in less time */

#endif
