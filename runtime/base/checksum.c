/* SPDX-License-Identifier: MIT
 * checksum.c: cyclic redundancy checks of 32 bits, by tables of eight bytes at once for each polynomial; CRC-32C by the instruction of
 * SSE4.2 or of ARMv8, where the CPU has it. */
#include "base/checksum.h"

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"

typedef struct Tables {
    _Atomic bool filled; /* two threads may do so: both write the same */
    uint32_t of[8][256]; /* by a byte that 0 to 7 others follow */
} Tables;

static void fill_tables(uint32_t polynomial, Tables *t)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? c >> 1 ^ polynomial : c >> 1;
        t->of[0][i] = c;
    }
    for (int k = 1; k < 8; k++)
        for (uint32_t i = 0; i < 256; i++)
            t->of[k][i] = t->of[0][t->of[k - 1][i] & 255] ^ t->of[k - 1][i] >> 8;
    t->filled = true;
}

static uint32_t by_table(uint32_t polynomial, Tables *t, uint32_t crc, const unsigned char *p, size_t n)
{
    if (!t->filled) fill_tables(polynomial, t);
    uint32_t(*const table)[256] = t->of;
    for (; n >= 8; n -= 8, p += 8) {
        uint32_t a = (uint32_t)bytes_le(p, 4) ^ crc, b = (uint32_t)bytes_le(p + 4, 4);
        crc = table[7][a & 255] ^ table[6][a >> 8 & 255] ^ table[5][a >> 16 & 255] ^ table[4][a >> 24] ^ table[3][b & 255] ^
              table[2][b >> 8 & 255] ^ table[1][b >> 16 & 255] ^ table[0][b >> 24];
    }
    while (n--)
        crc = table[0][(crc ^ *p++) & 255] ^ crc >> 8;
    return crc;
}

/* ---- the instruction: cpu_has_it(), and step8, step1, which take eight bytes and one */

#if defined(__x86_64__)
#include <cpuid.h>

#define INSTRUCTION __attribute__((target("sse4.2")))

static bool cpu_has_it(void)
{
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && c & bit_SSE4_2;
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

static bool cpu_has_it(void)
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
/* The answer is kept: in a virtual machine each question takes microseconds. Threads that ask at the same time learn the same. */
static bool has_instruction(void)
{
    enum { UNKNOWN, NO, YES };
    static _Atomic signed char kept;
    if (kept == UNKNOWN) kept = cpu_has_it() ? YES : NO;
    return kept == YES;
}

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
    static Tables tables;
    return ~by_table(0x82F63B78u, &tables, ~crc, data, n);
}

uint32_t rt_crc32(uint32_t crc, const void *data, size_t n)
{
    static Tables tables;
    return ~by_table(0xEDB88320u, &tables, ~crc, data, n);
}
