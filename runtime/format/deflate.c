/* SPDX-License-Identifier: MIT
 * deflate.c: repeats are found through chains of the places that begin with the same three bytes; blocks of them are written with codes
 * of their own. */
#include "format/deflate.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/bytes.h"
#include "format/huffman.h"

enum { TABLE_BITS = 15, WINDOW = 32768, SHORTEST = 3, LONGEST = 258, MOST_TRIES = 128, BLOCK = 1 << 15 };
enum { N_LITERALS = 286, N_DISTANCES = 30, END_OF_BLOCK = 256 };

typedef struct Token { /* a byte (distance 0), or a repeat */
    uint16_t length, distance;
} Token;

typedef struct Packer {
    const unsigned char *in;
    size_t n;
    size_t *last, *before; /* 1 + place, 0: none: the last one of a hash, and the one before a place of the window */
    Token *token;          /* of the block */
    int n_tokens;
    unsigned char *out;
    size_t n_out, room;
    uint32_t held;
    int n_held;
    bool failed;
} Packer;

/* ---- bits, the lowest first */

static void put_byte(Packer *p, unsigned char c)
{
    if (p->n_out == p->room) {
        unsigned char *more = realloc(p->out, 2 * p->room + 64);
        if (!more) {
            p->failed = rt_no_memory() != 0;
            return;
        }
        p->out = more, p->room = 2 * p->room + 64;
    }
    p->out[p->n_out++] = c;
}

static void put_bits(Packer *p, uint32_t v, int n)
{
    p->held |= v << p->n_held;
    for (p->n_held += n; p->n_held >= 8; p->n_held -= 8, p->held >>= 8)
        put_byte(p, (unsigned char)p->held);
}

static void put_symbol(Packer *p, const Huffman *h, int symbol)
{
    put_bits(p, h->code[symbol], h->length[symbol]);
}

/* ---- symbols: those of lengths go up in steps of 1, 2, 4, ... with four symbols each, those of distances with two: `shares` symbols
 * per step; v is counted from the least value. */

static int step_of(uint32_t v, uint32_t shares, int *extra)
{
    uint32_t width = 1;
    *extra = 0;
    for (uint32_t room = 2 * shares; v >= room; room *= 2)
        ++*extra, width *= 2;
    return (int)(*extra ? (uint32_t)(*extra) * shares + v / width : v);
}

static int length_symbol(uint32_t length, int *extra)
{
    *extra = 0;
    return length == LONGEST ? 285 : 257 + step_of(length - SHORTEST, 4, extra);
}

/* ---- a block */

typedef struct Runs { /* the lengths of both codes, repeats in short: symbols 16 to 18 and how often */
    unsigned char symbol[N_LITERALS + N_DISTANCES], extra[N_LITERALS + N_DISTANCES];
    int n;
} Runs;

static void add_run(Runs *r, int symbol, int extra)
{
    r->symbol[r->n] = (unsigned char)symbol;
    r->extra[r->n++] = (unsigned char)extra;
}

static void find_runs(const unsigned char *length, int n, Runs *r)
{
    for (int i = 0, end; i < n; i = end) {
        for (end = i; end < n && length[end] == length[i];)
            end++;
        int left = end - i;
        if (length[i]) add_run(r, length[i], 0), left--;
        while (left >= 3) {
            int most = length[i] ? 6 : 138, k = left < most ? left : most;
            add_run(r, length[i] ? 16 : k > 10 ? 18 : 17, k - (length[i] || k <= 10 ? 3 : 11));
            left -= k;
        }
        while (left-- > 0)
            add_run(r, length[i], 0);
    }
}

static int used(const Huffman *h, int n, int least)
{
    while (n > least && !h->length[n - 1])
        n--;
    return n;
}

/* The two codes, by their lengths, which have a code themselves. */
static void put_codes(Packer *p, const Huffman *literals, const Huffman *distances)
{
    static const unsigned char order[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}, bits[] = {2, 3, 7};
    unsigned char length[N_LITERALS + N_DISTANCES];
    uint32_t count[19] = {0};
    int n = used(literals, N_LITERALS, 257), m = used(distances, N_DISTANCES, 1), k = 19;
    Runs runs = {.n = 0};
    Huffman h;
    memcpy(length, literals->length, (size_t)n);
    memcpy(length + n, distances->length, (size_t)m);
    find_runs(length, n + m, &runs);
    for (int i = 0; i < runs.n; i++)
        count[runs.symbol[i]]++;
    huffman_make(count, 19, 7, &h);
    while (k > 4 && !h.length[order[k - 1]])
        k--;
    put_bits(p, (uint32_t)(n - 257), 5), put_bits(p, (uint32_t)(m - 1), 5), put_bits(p, (uint32_t)(k - 4), 4);
    for (int i = 0; i < k; i++)
        put_bits(p, h.length[order[i]], 3);
    for (int i = 0; i < runs.n; i++) {
        put_symbol(p, &h, runs.symbol[i]);
        if (runs.symbol[i] >= 16) put_bits(p, runs.extra[i], bits[runs.symbol[i] - 16]);
    }
}

static void put_token(Packer *p, const Huffman *literals, const Huffman *distances, Token t)
{
    int extra;
    if (!t.distance) {
        put_symbol(p, literals, t.length);
        return;
    }
    put_symbol(p, literals, length_symbol(t.length, &extra));
    put_bits(p, (uint32_t)(t.length - SHORTEST) & ((1u << extra) - 1), extra);
    put_symbol(p, distances, step_of(t.distance - 1u, 2, &extra));
    put_bits(p, (uint32_t)(t.distance - 1) & ((1u << extra) - 1), extra);
}

static void put_block(Packer *p, bool last)
{
    uint32_t literal[N_LITERALS] = {[END_OF_BLOCK] = 1}, distance[N_DISTANCES] = {0};
    Huffman literals, distances;
    int extra;
    for (int i = 0; i < p->n_tokens; i++) {
        Token t = p->token[i];
        literal[t.distance ? length_symbol(t.length, &extra) : t.length]++;
        if (t.distance) distance[step_of(t.distance - 1u, 2, &extra)]++;
    }
    huffman_make(literal, N_LITERALS, 15, &literals);
    huffman_make(distance, N_DISTANCES, 15, &distances);
    put_bits(p, last, 1), put_bits(p, 2, 2);
    put_codes(p, &literals, &distances);
    for (int i = 0; i < p->n_tokens; i++)
        put_token(p, &literals, &distances, p->token[i]);
    put_symbol(p, &literals, END_OF_BLOCK);
    p->n_tokens = 0;
}

/* ---- repeats */

static uint32_t hash(const unsigned char *c)
{
    return ((uint32_t)c[0] << 16 ^ (uint32_t)c[1] << 8 ^ c[2]) * 2654435761u >> (32 - TABLE_BITS);
}

static void note(Packer *p, size_t i)
{
    if (i + SHORTEST > p->n) return;
    size_t *last = &p->last[hash(p->in + i)];
    p->before[i % WINDOW] = *last;
    *last = i + 1;
}

/* The longest repeat of what begins at i: its length, 0 if there is none. */
static size_t find(const Packer *p, size_t i, size_t *distance)
{
    size_t best = 0, most = p->n - i < LONGEST ? p->n - i : LONGEST;
    if (most < SHORTEST) return 0;
    size_t at = p->last[hash(p->in + i)];
    for (int tries = 0; at && at <= i && i - (at - 1) <= WINDOW - 1 && tries < MOST_TRIES; tries++) {
        const unsigned char *from = p->in + at - 1;
        size_t k = 0;
        while (k < most && from[k] == p->in[i + k])
            k++;
        if (k > best) best = k, *distance = i - (at - 1);
        if (k == most) break;
        at = p->before[(at - 1) % WINDOW];
    }
    return best < SHORTEST ? 0 : best;
}

static void add_token(Packer *p, size_t length, size_t distance)
{
    p->token[p->n_tokens++] = (Token){(uint16_t)length, (uint16_t)distance};
    if (p->n_tokens == BLOCK) put_block(p, false);
}

/* A repeat is put off by a byte where a longer one begins there. */
static void pack(Packer *p)
{
    size_t distance = 0, after = 0;
    size_t length = find(p, 0, &distance);
    for (size_t i = 0; i < p->n;) {
        note(p, i);
        size_t next = i + 1 < p->n ? find(p, i + 1, &after) : 0;
        if (!length || next > length) {
            add_token(p, p->in[i++], 0);
            length = next, distance = after;
            continue;
        }
        add_token(p, length, distance);
        for (size_t end = i + length; ++i < end;)
            note(p, i);
        length = i < p->n ? find(p, i, &distance) : 0;
    }
    put_block(p, true);
}

static uint32_t adler(const unsigned char *in, size_t n)
{
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < n; i++)
        a = (a + in[i]) % 65521, b = (b + a) % 65521;
    return b << 16 | a;
}

unsigned char *deflate_pack(const unsigned char *in, size_t n, size_t *packed)
{
    Packer p = {.in = in, .n = n};
    unsigned char sum[4];
    p.last = rt_alloc(sizeof *p.last << TABLE_BITS);
    p.before = rt_alloc(sizeof *p.before * WINDOW);
    p.token = rt_alloc(sizeof *p.token * BLOCK);
    p.failed = !p.last || !p.before || !p.token;
    put_byte(&p, 0x78), put_byte(&p, 0x9c);
    if (!p.failed) pack(&p);
    if (p.n_held) put_bits(&p, 0, 8 - p.n_held);
    bytes_set_be(sum, adler(in, n), 4);
    for (int i = 0; i < 4; i++)
        put_byte(&p, sum[i]);
    rt_free(p.last), rt_free(p.before), rt_free(p.token);
    if (p.failed) rt_free(p.out);
    *packed = p.n_out;
    return p.failed ? NULL : p.out;
}
