/* SPDX-License-Identifier: MIT
 * util.c: text that is safe to show, CRC-32C (Castagnoli 1993) and a counter-based permutation. */
#include <string.h>

#include "model/rt.h"

/* C0, DEL, C1, and the marks that reorder text (bidirectional controls, line and paragraph
 * separators). */
static bool is_control(const unsigned char *c, size_t n)
{
    if (n == 1) return *c < 32 || *c == 127;
    if (n == 2) return (c[0] == 0xC2 && c[1] < 0xA0) || (c[0] == 0xD8 && c[1] == 0x9C);
    if (n != 3 || c[0] != 0xE2) return false;
    return (c[1] == 0x80 && (c[2] == 0x8E || c[2] == 0x8F || (c[2] >= 0xA8 && c[2] <= 0xAE))) ||
           (c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9);
}

/* The next character of *text as it is shown: at most 16 bytes. Returns their number. */
static size_t plain_character(const char **text, char out[17])
{
    const unsigned char *c = (const unsigned char *)*text;
    size_t n = json_character(*text), wrote = 0;
    *text += n ? n : 1;
    if (n && !is_control(c, n)) return memcpy(out, c, n), n;
    if (*c == '\n' || *c == '\t') return (size_t)snprintf(out, 17, "\\%c", *c == '\n' ? 'n' : 't');
    for (size_t i = 0; i < (n ? n : 1); i++)
        wrote += (size_t)snprintf(out + wrote, 17 - wrote, "\\x%02x", c[i]);
    return wrote;
}

const char *rt_plain(char *out, size_t n, const char *text)
{
    size_t at = 0;
    while (*text) {
        char shown[17];
        size_t k = plain_character(&text, shown);
        if (at + k >= n) break;
        memcpy(out + at, shown, k);
        at += k;
    }
    out[at] = 0;
    return out;
}

void rt_put_plain(FILE *f, const char *text)
{
    while (*text) {
        char shown[17];
        fwrite(shown, 1, plain_character(&text, shown), f);
    }
}

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

static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

/* Six Feistel rounds on the least even number of bits that holds n; values beyond n are walked on
 * (Black and Rogaway 2002). */
uint64_t rt_permute(uint64_t i, uint64_t n, uint64_t key)
{
    int half = 1;
    while ((uint64_t)1 << (2 * half) < n)
        half++;
    uint64_t mask = ((uint64_t)1 << half) - 1;
    do {
        uint64_t left = i >> half, right = i & mask;
        for (uint64_t round = 0; round < 6; round++) {
            uint64_t next = left ^ (mix(right + key * 0x9E3779B97F4A7C15u + (round << 56)) & mask);
            left = right;
            right = next;
        }
        i = left << half | right;
    } while (i >= n);
    return i;
}
