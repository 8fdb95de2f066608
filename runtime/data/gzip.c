/* SPDX-License-Identifier: MIT
 * gzip.c: files that may be packed. */
#include "data/gzip.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/checksum.h"
#include "base/store.h"
#include "data/inflate.h"

enum { ROOM = 1 << 18 };

struct Gzip {
    const char *path;
    int fd, code;       /* code: what went wrong while bits were wanted */
    bool packed, ended; /* ended: nothing comes from the file any more */
    bool inside;        /* of a member */
    uint32_t sum;       /* of what the member gave so far, and how much that is */
    uint64_t n;
    Inflate z; /* z.bits: what is left in `in`, of plain files too */
    unsigned char in[ROOM];
};

/* As many as one call gives; 0 at the end. */
static int read_some(Gzip *g, void *to, size_t n, size_t *got)
{
    ssize_t k;
    do
        k = read(g->fd, to, n > 1 << 30 ? 1 << 30 : n);
    while (k < 0 && errno == EINTR);
    if (k < 0) return rt_fail_system(errno, "%s", g->path);
    g->ended = k == 0;
    *got = (size_t)k;
    return NNRT_OK;
}

/* At least `least` bytes in `in`, or all that are left. */
static int fill(Gzip *g, size_t least)
{
    int code = NNRT_OK;
    size_t left = (size_t)(g->z.bits.end - g->z.bits.at);
    memmove(g->in, g->z.bits.at, left);
    while (!code && !g->ended && left < least) {
        size_t got = 0;
        code = read_some(g, g->in + left, ROOM - left, &got);
        left += got;
    }
    g->z.bits.at = g->in, g->z.bits.end = g->in + left;
    return code;
}

static bool more(Bits *b)
{
    Gzip *g = b->context;
    if (!g->code) g->code = fill(g, 1);
    return !g->code && b->at < b->end;
}

/* ---- packed files */

static int damaged(const Gzip *g, InflateStatus status)
{
    if (g->code) return g->code;
    return rt_fail(NNRT_E_IO, "%s: the compressed data is damaged%s", g->path, status == INFLATE_TOO_SHORT ? ": it ends too early" : "");
}

/* The next n bytes of a header, and its checksum. */
static bool take(Gzip *g, unsigned n, uint32_t *sum, uint32_t *out)
{
    if (!bits_take(&g->z.bits, 8 * n, out)) return false;
    for (unsigned i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)(*out >> 8 * i);
        *sum = rt_crc32(*sum, &byte, 1);
    }
    return true;
}

/* Behind the magic number and method: flags, time, what packed it, and what the flags say that follows. */
static InflateStatus read_header(Gzip *g, uint32_t sum)
{
    enum { CHECKED = 2, EXTRA = 4, NAME = 8, REMARK = 16, UNKNOWN = 0xE0 };
    uint32_t flags, v, n = 0;
    if (!take(g, 1, &sum, &flags) || !take(g, 4, &sum, &v) || !take(g, 2, &sum, &v)) return INFLATE_TOO_SHORT;
    if (flags & UNKNOWN) return INFLATE_DAMAGED;
    if (flags & EXTRA && !take(g, 2, &sum, &n)) return INFLATE_TOO_SHORT;
    while (n--)
        if (!take(g, 1, &sum, &v)) return INFLATE_TOO_SHORT;
    for (uint32_t text = NAME; text <= REMARK; text *= 2)
        for (v = flags & text; v;)
            if (!take(g, 1, &sum, &v)) return INFLATE_TOO_SHORT;
    uint32_t wanted = sum & 0xFFFF;
    if (flags & CHECKED && !take(g, 2, &sum, &v)) return INFLATE_TOO_SHORT;
    return flags & CHECKED && v != wanted ? INFLATE_DAMAGED : INFLATE_OK;
}

/* Behind the last member zeros may stand, which fill a block of a tape. */
static int only_zeros(Gzip *g, uint32_t byte)
{
    uint32_t sum = 0;
    while (byte == 0)
        if (!take(g, 1, &sum, &byte)) return g->code;
    return rt_fail(NNRT_E_IO, "%s: the compressed data is damaged: what follows it is not packed by gzip", g->path);
}

/* A member, unless the file ends. */
static int begin_member(Gzip *g)
{
    enum { MAGIC = 0x8B1F, DEFLATE = 8 };
    uint32_t magic = 0, second = 0, method = 0, sum = 0;
    g->inside = false;
    if (!take(g, 1, &sum, &magic)) return g->code;
    if (magic != (MAGIC & 0xFF)) return only_zeros(g, magic);
    if (!take(g, 1, &sum, &second)) return damaged(g, INFLATE_TOO_SHORT);
    if (second != MAGIC >> 8) return only_zeros(g, second ? second : 1);
    g->inside = true;
    InflateStatus status = take(g, 1, &sum, &method) ? INFLATE_OK : INFLATE_TOO_SHORT;
    if (!status && method != DEFLATE) status = INFLATE_DAMAGED;
    if (!status) status = read_header(g, sum);
    g->sum = 0, g->n = 0;
    inflate_begin(&g->z);
    return status ? damaged(g, status) : NNRT_OK;
}

/* Behind the bytes of a member: their checksum and how many they are. */
static int end_member(Gzip *g)
{
    uint32_t sum, n;
    bits_align(&g->z.bits);
    if (!bits_take(&g->z.bits, 32, &sum) || !bits_take(&g->z.bits, 32, &n)) return damaged(g, INFLATE_TOO_SHORT);
    if (sum != g->sum || n != (uint32_t)g->n) return damaged(g, INFLATE_DAMAGED);
    return begin_member(g);
}

static int read_packed(Gzip *g, void *to, size_t n, size_t *got)
{
    int code = NNRT_OK;
    while (!code && g->inside && *got == 0) {
        InflateStatus status = inflate_read(&g->z, to, n, got);
        if (status) return damaged(g, status);
        g->sum = rt_crc32(g->sum, to, *got), g->n += *got;
        if (*got == 0) code = end_member(g);
    }
    return code;
}

/* ---- all files */

int gzip_open(const char *path, Gzip **out)
{
    Gzip *g = *out = rt_alloc(sizeof *g);
    if (!g) return rt_no_memory_for(path ? path : "standard input");
    g->path = path ? path : "standard input";
    g->z.bits = (Bits){.at = g->in, .end = g->in, .more = more, .context = g};
    g->fd = path ? store_open(path, O_RDONLY) : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    int code = g->fd < 0 ? rt_fail_system(errno, "%s", g->path) : fill(g, 2);
    g->packed = !code && g->z.bits.end - g->in >= 2 && g->in[0] == 0x1f && g->in[1] == 0x8b;
    return g->packed ? begin_member(g) : code;
}

static int read_plain(Gzip *g, void *to, size_t n, size_t *got)
{
    Bits *b = &g->z.bits;
    size_t there = (size_t)(b->end - b->at);
    if (there == 0) return g->ended ? NNRT_OK : read_some(g, to, n, got);
    *got = n < there ? n : there;
    memcpy(to, b->at, *got);
    b->at += *got;
    return NNRT_OK;
}

int gzip_read(Gzip *g, void *to, size_t n, size_t *got)
{
    *got = 0;
    return g->packed ? read_packed(g, to, n, got) : read_plain(g, to, n, got);
}

void gzip_close(Gzip *g)
{
    if (!g) return;
    if (g->fd >= 0) close(g->fd);
    rt_free(g);
}
