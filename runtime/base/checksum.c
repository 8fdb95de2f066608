/* SPDX-License-Identifier: MIT
 * checksum.c: CRC-32C, by a table of bytes. */
#include "base/checksum.h"

uint32_t rt_crc32c(uint32_t crc, const void *data, size_t n)
{
    static uint32_t table[256];
    if (!table[1]) /* filling it twice writes the same */
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int k = 0; k < 8; k++)
                c = c & 1 ? c >> 1 ^ 0x82F63B78u : c >> 1;
            table[i] = c;
        }
    crc = ~crc;
    for (const unsigned char *p = data, *end = p + n; p < end; p++)
        crc = table[(crc ^ *p) & 255] ^ crc >> 8;
    return ~crc;
}
