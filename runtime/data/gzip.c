/* SPDX-License-Identifier: MIT
 * gzip.c: files that may be packed. */
#include "data/gzip.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/base.h"
#include "base/store.h"

enum { ROOM = 1 << 18, WITH_HEADER = 15 + 16 };

struct Gzip {
    const char *path;
    int fd;
    bool packed, ended; /* ended: nothing comes from the file any more */
    bool inside;        /* of a member */
    z_stream s;         /* what is left in `in`, of plain files too */
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
    memmove(g->in, g->s.next_in, g->s.avail_in);
    g->s.next_in = g->in;
    while (!code && !g->ended && g->s.avail_in < least) {
        size_t got = 0;
        code = read_some(g, g->in + g->s.avail_in, ROOM - g->s.avail_in, &got);
        g->s.avail_in += (unsigned)got;
    }
    return code;
}

static bool begins_member(const Gzip *g)
{
    return g->s.avail_in >= 2 && g->s.next_in[0] == 0x1f && g->s.next_in[1] == 0x8b;
}

int gzip_open(const char *path, Gzip **out)
{
    Gzip *g = *out = rt_alloc(sizeof *g);
    if (!g) return rt_no_memory_for(path);
    g->path = path;
    g->s.next_in = g->in;
    g->fd = store_open(path, O_RDONLY);
    int code = g->fd < 0 ? rt_fail_system(errno, "%s", path) : fill(g, 2);
    if (code || !begins_member(g)) return code;
    g->packed = g->inside = true;
    return inflateInit2(&g->s, WITH_HEADER) == Z_OK ? NNRT_OK : rt_no_memory_for(path);
}

static int read_plain(Gzip *g, void *to, size_t n, size_t *got)
{
    if (g->s.avail_in == 0) return g->ended ? NNRT_OK : read_some(g, to, n, got);
    *got = n < g->s.avail_in ? n : g->s.avail_in;
    memcpy(to, g->s.next_in, *got);
    g->s.next_in += *got;
    g->s.avail_in -= (unsigned)*got;
    return NNRT_OK;
}

/* Behind a member: another one, or bytes that mean nothing. */
static int next_member(Gzip *g)
{
    int code = fill(g, 2);
    g->inside = !code && begins_member(g);
    if (g->inside) inflateReset(&g->s);
    return code;
}

static int read_packed(Gzip *g, void *to, size_t n, size_t *got)
{
    g->s.next_out = to;
    g->s.avail_out = (unsigned)(n > 1 << 30 ? 1 << 30 : n);
    unsigned room = g->s.avail_out;
    int code = NNRT_OK;
    while (!code && g->inside && g->s.avail_out == room) {
        if (g->s.avail_in == 0) code = fill(g, 1);
        if (code) break;
        if (g->s.avail_in == 0) return rt_fail(NNRT_E_IO, "%s: the compressed data is damaged: it ends too early", g->path);
        int state = inflate(&g->s, Z_NO_FLUSH);
        if (state == Z_MEM_ERROR) return rt_no_memory_for(g->path);
        if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR)
            return rt_fail(NNRT_E_IO, "%s: the compressed data is damaged", g->path);
        if (state == Z_STREAM_END) code = next_member(g);
    }
    *got = room - g->s.avail_out;
    return code;
}

int gzip_read(Gzip *g, void *to, size_t n, size_t *got)
{
    *got = 0;
    return g->packed ? read_packed(g, to, n, got) : read_plain(g, to, n, got);
}

void gzip_close(Gzip *g)
{
    if (!g) return;
    if (g->packed) inflateEnd(&g->s);
    if (g->fd >= 0) close(g->fd);
    rt_free(g);
}
