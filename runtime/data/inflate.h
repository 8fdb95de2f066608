/* SPDX-License-Identifier: MIT
 * inflate.h: what deflate packed (RFC 1951), unpacked piece by piece. A tenth of the code of zlib's, which would be the largest part of
 * a small program, and as fast. Bits are read here, too, as the frames around such streams need them. */
#ifndef NNRT_DATA_INFLATE_H
#define NNRT_DATA_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Bits Bits;
struct Bits {
    const unsigned char *at, *end; /* bytes that are not in word */
    bool (*more)(Bits *b);         /* sets at and end anew; false: nothing follows. NULL: never */
    void *context;                 /* its own */
    uint64_t word;
    unsigned n; /* bits in it, the next one lowest */
};

bool bits_take(Bits *b, unsigned n, uint32_t *out); /* at most 32; false: there are not so many */
void bits_align(Bits *b);                           /* to the begin of a byte */

enum { INFLATE_HISTORY = 1 << 15, INFLATE_ROOM = 4 * INFLATE_HISTORY, INFLATE_LONGEST = 258 };
enum { INFLATE_FAST = 10, INFLATE_MOST_BITS = 15, INFLATE_SYMBOLS = 288 };

typedef struct InflateCode { /* a canonical prefix code */
    uint16_t fast[1 << INFLATE_FAST]; /* by the next bits: symbol << 4 | length; 0: it is longer, or there is none */
    uint16_t count[INFLATE_MOST_BITS + 1], symbol[INFLATE_SYMBOLS]; /* by length; in their order */
} InflateCode;

typedef enum { INFLATE_BETWEEN, INFLATE_STORED, INFLATE_CODED, INFLATE_END } InflateState; /* INFLATE_BETWEEN: blocks */
typedef struct Inflate {
    Bits bits;
    InflateState state;
    bool last;       /* the block */
    uint32_t stored; /* bytes that are left of a stored one */
    InflateCode literal, distance;
    size_t given, n; /* out[given..n) has not been read yet; in front of it is what may be repeated */
    unsigned char out[INFLATE_ROOM + INFLATE_LONGEST + 8];
} Inflate;

typedef enum { INFLATE_OK, INFLATE_DAMAGED, INFLATE_TOO_SHORT } InflateStatus;

void inflate_begin(Inflate *z); /* a stream that begins at the next bit; bits are set */
InflateStatus inflate_read(Inflate *z, void *to, size_t n, size_t *got); /* 0 of them: the end */

#endif
