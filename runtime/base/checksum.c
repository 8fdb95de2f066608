/* SPDX-License-Identifier: MIT
 * checksum.c: cyclic redundancy checks of 32 bits, by a table of bytes for each polynomial. */
#include "base/checksum.h"

static uint32_t check(uint32_t polynomial, uint32_t table[256], uint32_t crc, const void *data, size_t n)
{
    if (!table[1]) /* filling it twice writes the same */
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int k = 0; k < 8; k++)
                c = c & 1 ? c >> 1 ^ polynomial : c >> 1;
            table[i] = c;
        }
    crc = ~crc;
    for (const unsigned char *p = data, *end = p + n; p < end; p++)
        crc = table[(crc ^ *p) & 255] ^ crc >> 8;
    return ~crc;
}

uint32_t rt_crc32c(uint32_t crc, const void *data, size_t n)
{
    static uint32_t table[256];
    return check(0x82F63B78u, table, crc, data, n);
}

uint32_t rt_crc32(uint32_t crc, const void *data, size_t n)
{
    static uint32_t table[256];
    return check(0xEDB88320u, table, crc, data, n);
}
