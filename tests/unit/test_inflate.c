/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_inflate.c: what zlib packs, by every strategy and level, is unpacked in pieces of any size; of damaged and cut streams the same is
 * said as zlib says. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "data/inflate.h"

enum { ROOM = 400000 };
static unsigned char in[ROOM], packed[ROOM + 1000], out[ROOM + 1], theirs[ROOM + 1];

static uint64_t state = 1;
static uint32_t next_random(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33);
}

/* Noise of few or many letters, runs, and repeats near and far. */
static void fill(size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t k = 1 + next_random() % 900, kind = next_random() % 4, back = 1 + next_random() % (i < 32768 ? i + 1 : 32768);
        uint32_t letters = 1 + next_random() % 256;
        for (size_t j = 0; j < k && i < n; j++, i++)
            in[i] = (unsigned char)(kind && i >= back ? in[i - back] : next_random() % letters);
    }
}

static size_t pack(size_t n, int level, int strategy)
{
    z_stream s = {.next_in = in, .avail_in = (unsigned)n, .next_out = packed, .avail_out = sizeof packed};
    cr_assert_eq(deflateInit2(&s, level, Z_DEFLATED, -15, 9, strategy), Z_OK);
    cr_assert_eq(deflate(&s, Z_FINISH), Z_STREAM_END);
    deflateEnd(&s);
    return s.total_out;
}

typedef struct Pieces { /* a stream that comes in pieces of at most `most` bytes */
    const unsigned char *end;
    size_t most;
} Pieces;

static bool more(Bits *b)
{
    Pieces *p = b->context;
    size_t left = (size_t)(p->end - b->end), k = 1 + next_random() % p->most;
    b->at = b->end;
    b->end += k < left ? k : left;
    return left > 0;
}

/* All of it into out; n: how much there was. */
static InflateStatus unpack(const unsigned char *from, size_t size, size_t most, size_t *n)
{
    static Inflate z;
    Pieces pieces = {from + size, most};
    InflateStatus status;
    size_t got = 1;
    z.bits = (Bits){.at = from, .end = most ? from : from + size, .more = most ? more : NULL, .context = &pieces};
    inflate_begin(&z);
    *n = 0;
    do {
        size_t room = sizeof out - *n, piece = most ? 1 + next_random() % (40 * most) : room;
        status = inflate_read(&z, out + *n, piece < room ? piece : room, &got);
        *n += got;
    } while (!status && got && *n < sizeof out);
    return status;
}

Test(inflate, unpacks_what_zlib_packs)
{
    static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED};
    for (int round = 0; round < 80; round++) {
        size_t n = round < 20 ? (size_t)round : next_random() % ROOM, got;
        fill(n);
        size_t size = pack(n, round % 10, strategies[round / 10 % 5]);
        for (size_t most = 0; most < 3000; most = 2 * most + 1 + next_random() % 40) {
            cr_assert_eq(unpack(packed, size, most, &got), INFLATE_OK, "round %d", round);
            cr_assert(got == n && memcmp(in, out, n) == 0, "round %d, pieces of %zu: %zu of %zu bytes", round, most, got, n);
        }
    }
}

/* INFLATE_OK is a whole stream, for zlib too. */
static InflateStatus judged_by_zlib(size_t size, size_t *n)
{
    z_stream s = {.next_in = packed, .avail_in = (unsigned)size, .next_out = theirs, .avail_out = sizeof theirs};
    cr_assert_eq(inflateInit2(&s, -15), Z_OK);
    int code = inflate(&s, Z_FINISH);
    inflateEnd(&s);
    *n = s.total_out;
    return code == Z_STREAM_END ? INFLATE_OK : code == Z_DATA_ERROR ? INFLATE_DAMAGED : INFLATE_TOO_SHORT;
}

Test(inflate, judges_as_zlib)
{
    int damaged = 0, cut = 0, whole = 0;
    for (int round = 0; round < 12000; round++) {
        size_t n = 1 + next_random() % 600, got, wanted;
        fill(n);
        size_t size = pack(n, round % 10, round % 7 == 0 ? Z_FIXED : round % 7 == 1 ? Z_RLE : Z_DEFAULT_STRATEGY);
        for (uint32_t k = next_random() % 4; k > 0; k--) /* the heads of blocks more often than what follows */
            packed[next_random() % (round % 2 && size > 60 ? 60 : size)] ^= (unsigned char)(1 << next_random() % 8);
        if (round % 5 == 0) size = next_random() % (uint32_t)size;
        InflateStatus ours = unpack(packed, size, 0, &got), judged = judged_by_zlib(size, &wanted);
        if (wanted == sizeof theirs) continue; /* it might go on */
        cr_assert_eq(ours, judged, "round %d: %d, and zlib says %d", round, ours, judged);
        if (!ours) cr_assert(got == wanted && memcmp(out, theirs, got) == 0, "round %d", round);
        damaged += ours == INFLATE_DAMAGED, cut += ours == INFLATE_TOO_SHORT, whole += ours == INFLATE_OK;
    }
    cr_assert(damaged > 1000 && cut > 1000 && whole > 1000, "%d damaged, %d cut, %d whole", damaged, cut, whole);
}
