/* SPDX-License-Identifier: MIT
 * checksum.h: CRC-32C (Castagnoli 1993), and the CRC-32 of ZIP and PNG. */
#ifndef NNRT_BASE_CHECKSUM_H
#define NNRT_BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

uint32_t rt_crc32c(uint32_t crc, const void *data, size_t n); /* goes on from crc; 0 at the start */
uint32_t rt_crc32c_by_table(uint32_t crc, const void *data, size_t n); /* the same on every CPU */
uint32_t rt_crc32(uint32_t crc, const void *data, size_t n);

#endif
