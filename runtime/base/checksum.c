/* SPDX-License-Identifier: MIT
 * checksum.c: cyclic redundancy checks of 32 bits, by a table of bytes for each polynomial; CRC-32C by the instruction of
 * SSE4.2 or of ARMv8, where the CPU has it. */
#include "base/checksum.h"

#include <stdbool.h>
#include <string.h>

static uint32_t by_table(uint32_t polynomial, uint32_t table[256], uint32_t crc, const unsigned char *p, size_t n)
{
    if (!table[1]) /* filling it twice writes the same */
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int k = 0; k < 8; k++)
                c = c & 1 ? c >> 1 ^ polynomial : c >> 1;
            table[i] = c;
        }
    for (const unsigned char *end = p + n; p < end; p++)
        crc = table[(crc ^ *p) & 255] ^ crc >> 8;
    return crc;
}

/* ---- the instruction: has_instruction(), and step8, step1, which take eight bytes and one */

#if defined(__x86_64__)
#define INSTRUCTION __attribute__((target("sse4.2")))

static bool has_instruction(void)
{
    return __builtin_cpu_supports("sse4.2");
}

INSTRUCTION static uint32_t step8(uint32_t crc, uint64_t word)
{
    return (uint32_t)__builtin_ia32_crc32di(crc, word);
}

INSTRUCTION static uint32_t step1(uint32_t crc, unsigned char byte)
{
    return __builtin_ia32_crc32qi(crc, byte);
}

#elif defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>

#define INSTRUCTION __attribute__((target("+crc")))

static bool has_instruction(void)
{
    return getauxval(AT_HWCAP) & HWCAP_CRC32;
}

INSTRUCTION static uint32_t step8(uint32_t crc, uint64_t word)
{
    return __crc32cd(crc, word);
}

INSTRUCTION static uint32_t step1(uint32_t crc, unsigned char byte)
{
    return __crc32cb(crc, byte);
}
#endif

#ifdef INSTRUCTION
INSTRUCTION static uint32_t by_instruction(uint32_t crc, const unsigned char *p, size_t n)
{
    for (; n >= 8; n -= 8, p += 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        crc = step8(crc, word);
    }
    while (n--)
        crc = step1(crc, *p++);
    return crc;
}
#endif

uint32_t rt_crc32c(uint32_t crc, const void *data, size_t n)
{
#ifdef INSTRUCTION
    if (has_instruction()) return ~by_instruction(~crc, data, n);
#endif
    return rt_crc32c_by_table(crc, data, n);
}

uint32_t rt_crc32c_by_table(uint32_t crc, const void *data, size_t n)
{
    static uint32_t table[256];
    return ~by_table(0x82F63B78u, table, ~crc, data, n);
}

uint32_t rt_crc32(uint32_t crc, const void *data, size_t n)
{
    static uint32_t table[256];
    return ~by_table(0xEDB88320u, table, ~crc, data, n);
}
