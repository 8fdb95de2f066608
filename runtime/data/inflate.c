/* SPDX-License-Identifier: MIT
 * inflate.c: deflate unpacked (inflate.h). Symbols of up to ten bits are found by one look into a table, longer ones, which are rare, by
 * counting through the lengths. */
#include "data/inflate.h"

#include <string.h>

#include "base/bytes.h"

/* ---- bits */

/* To more than 48 bits, as long as there are bytes. What stands above the n bits of a word is what `at` begins with. */
static void refill(Bits *b)
{
    if (b->end - b->at >= 8) {
        b->word |= bytes_le(b->at, 8) << b->n;
        b->at += (63 - b->n) >> 3;
        b->n |= 56;
        return;
    }
    while (b->n <= 48) {
        if (b->at == b->end && !(b->more && b->more(b))) return;
        b->word |= (uint64_t)*b->at++ << b->n;
        b->n += 8;
    }
}

static uint32_t drop(Bits *b, unsigned n)
{
    uint32_t v = (uint32_t)(b->word & ((UINT64_C(1) << n) - 1));
    b->word >>= n;
    b->n -= n;
    return v;
}

bool bits_take(Bits *b, unsigned n, uint32_t *out)
{
    if (b->n < n) refill(b);
    if (b->n < n) return false;
    *out = drop(b, n);
    return true;
}

void bits_align(Bits *b)
{
    drop(b, b->n & 7);
}

/* ---- codes */

static unsigned reversed(unsigned v, int n)
{
    unsigned r = 0;
    for (; n > 0; n--, v >>= 1)
        r = r << 1 | (v & 1);
    return r;
}

/* From the lengths of n symbols. Words that mean nothing may be left over only where the code has no other than `0`, or none. */
static bool make_code(InflateCode *c, const unsigned char *length, int n, bool may_lack)
{
    unsigned next[INFLATE_MOST_BITS + 2] = {0}, at[INFLATE_MOST_BITS + 2] = {0};
    int left = 1;
    memset(c, 0, sizeof *c);
    for (int i = 0; i < n; i++)
        if (length[i]) c->count[length[i]]++;
    for (int k = 1; k <= INFLATE_MOST_BITS; k++) {
        left = 2 * left - c->count[k];
        if (left < 0) return false;
        next[k + 1] = (next[k] + c->count[k]) << 1;
        at[k + 1] = at[k] + c->count[k];
    }
    unsigned used = at[INFLATE_MOST_BITS + 1];
    if (left > 0 && !(may_lack && used <= 1 && c->count[1] == used)) return false;
    for (int i = 0; i < n; i++) {
        int k = length[i];
        if (!k) continue;
        c->symbol[at[k]++] = (uint16_t)i;
        unsigned word = reversed(next[k]++, k);
        for (; k <= INFLATE_FAST && word < 1u << INFLATE_FAST; word += 1u << k)
            c->fast[word] = (uint16_t)(i << 4 | k);
    }
    return true;
}

enum { WRONG = -1, SHORT = -2 };

static int long_symbol(Bits *b, const InflateCode *c)
{
    int code = 0, first = 0, at = 0;
    for (unsigned k = 1; k <= INFLATE_MOST_BITS; k++) {
        if (k > b->n) return SHORT;
        code |= (int)(b->word >> (k - 1) & 1);
        if (code - first < c->count[k]) {
            drop(b, k);
            return c->symbol[at + code - first];
        }
        at += c->count[k];
        first = (first + c->count[k]) << 1;
        code <<= 1;
    }
    return WRONG;
}

/* Where 15 bits are there, or all that are left. */
static inline int symbol_of(Bits *b, const InflateCode *c)
{
    unsigned e = c->fast[b->word & ((1u << INFLATE_FAST) - 1)];
    if (!e) return long_symbol(b, c);
    if ((e & 15) > b->n) return SHORT;
    drop(b, e & 15);
    return (int)(e >> 4);
}

static InflateStatus status_of(int symbol)
{
    return symbol == SHORT ? INFLATE_TOO_SHORT : INFLATE_DAMAGED;
}

/* ---- heads of blocks */

static void fixed_codes(Inflate *z)
{
    unsigned char length[INFLATE_SYMBOLS];
    for (int i = 0; i < INFLATE_SYMBOLS; i++)
        length[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    make_code(&z->literal, length, INFLATE_SYMBOLS, false);
    memset(length, 5, 32);
    make_code(&z->distance, length, 32, false);
}

/* Lengths of symbols, themselves packed: 16 repeats the last one, 17 and 18 are zeros. */
static InflateStatus read_lengths(Inflate *z, unsigned char *length, int n)
{
    static const unsigned char extra[] = {2, 3, 7}, least[] = {3, 3, 11};
    for (int i = 0; i < n;) {
        refill(&z->bits);
        int s = symbol_of(&z->bits, &z->literal);
        if (s < 0) return status_of(s);
        if (s < 16) {
            length[i++] = (unsigned char)s;
            continue;
        }
        uint32_t times;
        if (!bits_take(&z->bits, extra[s - 16], &times)) return INFLATE_TOO_SHORT;
        times += least[s - 16];
        if ((s == 16 && i == 0) || times > (uint32_t)(n - i)) return INFLATE_DAMAGED;
        memset(length + i, s == 16 ? length[i - 1] : 0, times);
        i += (int)times;
    }
    return INFLATE_OK;
}

static InflateStatus read_codes(Inflate *z)
{
    enum { MOST_LITERAL = 286, MOST_DISTANCE = 30, END_OF_BLOCK = 256 };
    static const unsigned char order[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    unsigned char length[MOST_LITERAL + MOST_DISTANCE] = {0};
    uint32_t literals, distances, lengths, v;
    Bits *b = &z->bits;
    if (!bits_take(b, 5, &literals) || !bits_take(b, 5, &distances) || !bits_take(b, 4, &lengths)) return INFLATE_TOO_SHORT;
    literals += 257, distances += 1, lengths += 4;
    if (literals > MOST_LITERAL || distances > MOST_DISTANCE) return INFLATE_DAMAGED;
    for (uint32_t i = 0; i < lengths; i++) {
        if (!bits_take(b, 3, &v)) return INFLATE_TOO_SHORT;
        length[order[i]] = (unsigned char)v;
    }
    if (!make_code(&z->literal, length, 19, false)) return INFLATE_DAMAGED;
    memset(length, 0, sizeof length);
    InflateStatus status = read_lengths(z, length, (int)(literals + distances));
    if (status) return status;
    bool good = length[END_OF_BLOCK] && make_code(&z->literal, length, (int)literals, true) &&
                make_code(&z->distance, length + literals, (int)distances, true);
    return good ? INFLATE_OK : INFLATE_DAMAGED;
}

static InflateStatus read_head(Inflate *z)
{
    uint32_t last, kind, n, complement;
    Bits *b = &z->bits;
    if (z->last) {
        z->state = INFLATE_END;
        return INFLATE_OK;
    }
    if (!bits_take(b, 1, &last) || !bits_take(b, 2, &kind)) return INFLATE_TOO_SHORT;
    z->last = last, z->state = kind ? INFLATE_CODED : INFLATE_STORED;
    if (kind == 1) fixed_codes(z);
    if (kind == 2) return read_codes(z);
    if (kind) return kind == 1 ? INFLATE_OK : INFLATE_DAMAGED;
    bits_align(b);
    if (!bits_take(b, 16, &n) || !bits_take(b, 16, &complement)) return INFLATE_TOO_SHORT;
    z->stored = n;
    return n == (complement ^ 0xFFFF) ? INFLATE_OK : INFLATE_DAMAGED;
}

/* ---- blocks: until they end, or there is no room any more */

static InflateStatus copy_stored(Inflate *z)
{
    Bits *b = &z->bits;
    while (z->stored && z->n < INFLATE_ROOM) {
        if (b->n) { /* whole bytes */
            z->out[z->n++] = (unsigned char)drop(b, 8);
            z->stored--;
            continue;
        }
        b->word = 0;
        if (b->at == b->end && !(b->more && b->more(b))) return INFLATE_TOO_SHORT;
        size_t n = (size_t)(b->end - b->at), room = INFLATE_ROOM - z->n;
        n = n < z->stored ? n : z->stored;
        n = n < room ? n : room;
        memcpy(z->out + z->n, b->at, n);
        b->at += n, z->n += n, z->stored -= (uint32_t)n;
    }
    if (!z->stored) z->state = INFLATE_BETWEEN;
    return INFLATE_OK;
}

/* What was written `distance` bytes before, once more; behind the end is room for a whole word. */
static void repeat(Inflate *z, size_t distance, size_t n)
{
    unsigned char *to = z->out + z->n, *end = to + n;
    const unsigned char *from = to - distance;
    z->n += n;
    if (distance >= 8)
        for (; to < end; to += 8, from += 8)
            memcpy(to, from, 8);
    else
        while (to < end)
            *to++ = *from++;
}

/* A length and its distance: 5, 15 and 13 bits at most behind the symbol's own 15. */
static InflateStatus take_match(Inflate *z, int symbol)
{
    Bits *b = &z->bits;
    unsigned k = (unsigned)symbol - 257, extra = k < 8 || k == 28 ? 0 : (k >> 2) - 1;
    if (k > 28) return INFLATE_DAMAGED;
    if (b->n < extra) return INFLATE_TOO_SHORT;
    size_t n = k == 28 ? INFLATE_LONGEST : k < 8 ? 3 + k : 3 + ((size_t)(4 + (k & 3)) << extra) + drop(b, extra);
    int s = symbol_of(b, &z->distance);
    if (s < 0) return status_of(s);
    if (s > 29) return INFLATE_DAMAGED;
    extra = s < 4 ? 0 : ((unsigned)s >> 1) - 1;
    if (b->n < extra) return INFLATE_TOO_SHORT;
    size_t distance = s < 4 ? 1 + (size_t)s : 1 + ((size_t)(2 + (s & 1)) << extra) + drop(b, extra);
    if (distance > z->n) return INFLATE_DAMAGED;
    repeat(z, distance, n);
    return INFLATE_OK;
}

static InflateStatus unpack_block(Inflate *z)
{
    enum { END_OF_BLOCK = 256, NEEDED = 48 };
    Bits *b = &z->bits;
    while (z->n < INFLATE_ROOM) {
        if (b->n < NEEDED) refill(b);
        int s = symbol_of(b, &z->literal);
        if (s < 0) return status_of(s);
        if (s < END_OF_BLOCK) {
            z->out[z->n++] = (unsigned char)s;
        } else if (s == END_OF_BLOCK) {
            z->state = INFLATE_BETWEEN;
            return INFLATE_OK;
        } else {
            InflateStatus status = take_match(z, s);
            if (status) return status;
        }
    }
    return INFLATE_OK;
}

/* ---- all of it */

void inflate_begin(Inflate *z)
{
    z->state = INFLATE_BETWEEN;
    z->last = false;
    z->given = z->n = 0;
}

/* What has been read stays as far as it may be repeated. */
static InflateStatus unpack(Inflate *z)
{
    InflateStatus status = INFLATE_OK;
    if (z->n > INFLATE_HISTORY) {
        memmove(z->out, z->out + z->n - INFLATE_HISTORY, INFLATE_HISTORY);
        z->given = z->n = INFLATE_HISTORY;
    }
    while (!status && z->state != INFLATE_END && z->n < INFLATE_ROOM)
        switch (z->state) {
        case INFLATE_STORED: status = copy_stored(z); break;
        case INFLATE_CODED: status = unpack_block(z); break;
        default: status = read_head(z);
        }
    return status;
}

InflateStatus inflate_read(Inflate *z, void *to, size_t n, size_t *got)
{
    InflateStatus status = z->given == z->n ? unpack(z) : INFLATE_OK;
    size_t there = z->n - z->given;
    *got = status ? 0 : n < there ? n : there;
    if (*got) memcpy(to, z->out + z->given, *got); /* to may be NULL for 0 bytes */
    z->given += *got;
    return status;
}
