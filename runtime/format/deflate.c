/* SPDX-License-Identifier: MIT
 * deflate.c: repeats are found through a table of the last place of every three bytes; everything
 * is written with the fixed codes of RFC 1951, 3.2.6. */
#include "format/deflate.h"

#include "base/base.h"
#include "base/bytes.h"

enum { TABLE = 1 << 14, WINDOW = 32768, SHORTEST = 3, LONGEST = 258 };

typedef struct Bits {
    unsigned char *at;
    size_t n;
    uint32_t held;
    int n_held;
} Bits;

static void put_bits(Bits *b, uint32_t v, int n)
{
    b->held |= v << b->n_held;
    for (b->n_held += n; b->n_held >= 8; b->n_held -= 8, b->held >>= 8)
        b->at[b->n++] = (unsigned char)b->held;
}

static void put_code(Bits *b, uint32_t code, int n) /* codes have their first bit in front */
{
    uint32_t turned = 0;
    for (int i = 0; i < n; i++)
        turned |= (code >> i & 1) << (n - 1 - i);
    put_bits(b, turned, n);
}

static void put_symbol(Bits *b, uint32_t s)
{
    if (s < 144)
        put_code(b, 0x30 + s, 8);
    else if (s < 256)
        put_code(b, 0x190 + s - 144, 9);
    else if (s < 280)
        put_code(b, s - 256, 7);
    else
        put_code(b, 0xC0 + s - 280, 8);
}

/* Symbols of lengths go up in steps of 1, 2, 4, ... with four symbols each, those of distances with
 * two: `shares` symbols per step; base is the least value. */
static uint32_t step_of(uint32_t v, uint32_t shares, int *extra)
{
    uint32_t symbol = 0, width = 1;
    *extra = 0;
    for (uint32_t room = 2 * shares; v >= room; room *= 2)
        ++*extra, width *= 2;
    symbol = *extra ? (uint32_t)(*extra) * shares + v / width : v;
    return symbol;
}

static void put_repeat(Bits *b, uint32_t length, uint32_t distance)
{
    int extra = 0;
    uint32_t v = length - SHORTEST;
    if (length == LONGEST) {
        put_symbol(b, 285);
    } else {
        put_symbol(b, 257 + step_of(v, 4, &extra));
        put_bits(b, v & ((1u << extra) - 1), extra);
    }
    v = distance - 1;
    put_code(b, step_of(v, 2, &extra), 5);
    put_bits(b, v & ((1u << extra) - 1), extra);
}

static uint32_t hash(const unsigned char *p)
{
    return ((uint32_t)p[0] << 16 ^ (uint32_t)p[1] << 8 ^ p[2]) * 2654435761u >> 18;
}

static uint32_t adler(const unsigned char *in, size_t n)
{
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < n; i++)
        a = (a + in[i]) % 65521, b = (b + a) % 65521;
    return b << 16 | a;
}

static void pack(Bits *b, const unsigned char *in, size_t n, size_t *last)
{
    for (size_t i = 0; i < n;) {
        size_t length = 0, from = 0;
        if (i + SHORTEST <= n) {
            uint32_t h = hash(in + i);
            from = last[h]; /* 1 + place, 0: none */
            last[h] = i + 1;
            if (from && i - (from - 1) <= WINDOW)
                while (length < LONGEST && i + length < n && in[from - 1 + length] == in[i + length])
                    length++;
        }
        if (length < SHORTEST) {
            put_symbol(b, in[i++]);
            continue;
        }
        put_repeat(b, (uint32_t)length, (uint32_t)(i - (from - 1)));
        for (size_t k = 1; k < length && i + k + SHORTEST <= n; k++)
            last[hash(in + i + k)] = i + k + 1;
        i += length;
    }
}

unsigned char *deflate_pack(const unsigned char *in, size_t n, size_t *packed)
{
    Bits b = {.at = rt_alloc(n + n / 8 + 32)}; /* a byte takes at most 9 bits */
    size_t *last = rt_alloc(sizeof(size_t) * TABLE);
    if (!b.at || !last) {
        rt_free(b.at), rt_free(last);
        return NULL;
    }
    b.at[b.n++] = 0x78, b.at[b.n++] = 0x01;
    put_bits(&b, 1, 1), put_bits(&b, 1, 2); /* the last block, fixed codes */
    pack(&b, in, n, last);
    put_symbol(&b, 256);
    if (b.n_held) put_bits(&b, 0, 8 - b.n_held);
    uint32_t sum = adler(in, n);
    bytes_set_be(b.at + b.n, sum, 4);
    b.n += 4;
    rt_free(last);
    *packed = b.n;
    return b.at;
}
