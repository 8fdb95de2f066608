/* SPDX-License-Identifier: MIT
 * zip.c: members of ZIP archives (PKWARE's APPNOTE 6.3: end of central directory, its 64-bit form, central and local headers). */
#include "data/zip.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "data/inflate.h"

enum {
    STORED = 0,
    DEFLATED = 8,
    MOST_PACKED = 1032 /* deflate: bytes in one */,
    END = 22,
    END64 = 56,
    LOCATOR = 20,
    CENTRAL = 46,
    LOCAL = 30
};

typedef struct Zip {
    const char *path;
    const unsigned char *b;
    size_t n;
    uint64_t entries, at, end; /* the central directory, and where it stands */
} Zip;

typedef struct Member {
    const unsigned char *name;
    size_t n_name;
    int method;
    bool locked;
    uint32_t sum;
    uint64_t packed, bytes, place;
} Member;

bool zip_is(const char *text, size_t n)
{
    return n >= 4 && (memcmp(text, "PK\3\4", 4) == 0 || memcmp(text, "PK\5\6", 4) == 0);
}

static int damaged(const Zip *z, const char *what)
{
    return rt_fail(NNRT_E_IO, "%s is a damaged NPZ file: %s", z->path, what);
}

/* ---- the directory */

/* The end of the directory stands at the end of the file, in front of a remark of up to 65535 bytes. */
static size_t find_end(const Zip *z)
{
    for (size_t back = END; back <= z->n && back <= END + 65535; back++)
        if (memcmp(z->b + z->n - back, "PK\5\6", 4) == 0) return z->n - back;
    return SIZE_MAX;
}

static bool read_end64(Zip *z, size_t end, uint64_t *size)
{
    if (end < LOCATOR || memcmp(z->b + end - LOCATOR, "PK\6\7", 4)) return false;
    uint64_t at = bytes_le(z->b + end - LOCATOR + 8, 8);
    if (at > z->n || z->n - at < END64 || memcmp(z->b + at, "PK\6\6", 4)) return false;
    z->entries = bytes_le(z->b + at + 32, 8);
    *size = bytes_le(z->b + at + 40, 8);
    z->at = bytes_le(z->b + at + 48, 8);
    return true;
}

static int open_zip(Zip *z)
{
    size_t end = find_end(z);
    if (end == SIZE_MAX) return damaged(z, "the directory at its end is missing");
    uint64_t size = bytes_le(z->b + end + 12, 4);
    z->entries = bytes_le(z->b + end + 10, 2);
    z->at = bytes_le(z->b + end + 16, 4);
    bool large = z->entries == 0xFFFF || size == 0xFFFFFFFF || z->at == 0xFFFFFFFF;
    if (large && !read_end64(z, end, &size)) return damaged(z, "the directory at its end is missing");
    if (z->at > z->n || size > z->n - z->at) return damaged(z, "its directory lies behind the end of the file");
    z->end = z->at + size;
    return NNRT_OK;
}

/* Sizes and places of 64 bits stand in an extra field, those that the header does not hold. */
static void read_extra(const unsigned char *at, size_t n, Member *m)
{
    uint64_t *const field[] = {&m->bytes, &m->packed, &m->place};
    while (n >= 4) {
        size_t length = bytes_le(at + 2, 2);
        if (length > n - 4) return;
        size_t k = 4;
        for (int i = 0; bytes_le(at, 2) == 1 && i < 3; i++)
            if (*field[i] == 0xFFFFFFFF && k + 8 <= length + 4) *field[i] = bytes_le(at + k, 8), k += 8;
        at += 4 + length, n -= 4 + length;
    }
}

static int next_member(Zip *z, Member *m)
{
    const unsigned char *b = z->b + z->at;
    if (z->end - z->at < CENTRAL || memcmp(b, "PK\1\2", 4)) return damaged(z, "its directory ends too early");
    size_t name = bytes_le(b + 28, 2), extra = bytes_le(b + 30, 2), remark = bytes_le(b + 32, 2);
    if (name + extra + remark > z->end - z->at - CENTRAL) return damaged(z, "its directory ends too early");
    *m = (Member){.name = b + CENTRAL,
                  .n_name = name,
                  .locked = b[8] & 1,
                  .method = (int)bytes_le(b + 10, 2),
                  .sum = (uint32_t)bytes_le(b + 16, 4),
                  .packed = bytes_le(b + 20, 4),
                  .bytes = bytes_le(b + 24, 4),
                  .place = bytes_le(b + 42, 4)};
    read_extra(b + CENTRAL + name, extra, m);
    z->at += CENTRAL + name + extra + remark;
    return NNRT_OK;
}

/* ---- which one */

/* The name of the array: that of its file without .npy. */
static size_t array_name(const Member *m)
{
    return m->n_name > 4 && memcmp(m->name + m->n_name - 4, ".npy", 4) == 0 ? m->n_name - 4 : m->n_name;
}

static bool is_called(const Member *m, const char *name)
{
    size_t n = array_name(m);
    return name && strlen(name) == n && memcmp(m->name, name, n) == 0;
}

static int find_member(Zip *z, const char *name, const char *preferred, Member *out)
{
    enum { SHOWN = 16 };
    char names[1000] = "";
    uint64_t n = z->entries;
    bool found = false;
    for (uint64_t i = 0; i < n; i++) {
        Member m;
        int code = next_member(z, &m);
        if (code) return code;
        if (i <= SHOWN)
            rt_append(names, sizeof names, "%s%.*s", i ? ", " : "", i < SHOWN ? (int)array_name(&m) : 3,
                      i < SHOWN ? (const char *)m.name : "...");
        if (name ? !is_called(&m, name) : n != 1 && !is_called(&m, preferred)) continue;
        found = true;
        *out = m;
    }
    if (found) return NNRT_OK;
    if (n == 0) return rt_fail(NNRT_E_IO, "%s: there are no arrays", z->path);
    if (name) return rt_fail(NNRT_E_IO, "%s: there is no array \"%s\"; it has %s", z->path, name, names);
    if (preferred) return rt_fail(NNRT_E_IO, "%s has the arrays %s, and none is called %s", z->path, names, preferred);
    return rt_fail(NNRT_E_IO, "%s has the arrays %s: array=\"...\" says which one is wanted", z->path, names);
}

/* ---- its bytes */

/* The first n bytes of a member, or all. */
static int unpack(const Zip *z, const unsigned char *from, const Member *m, char *to, size_t n)
{
    Inflate *s = rt_alloc(sizeof *s);
    if (!s) return rt_no_memory_for(z->path);
    s->bits = (Bits){.at = from, .end = from + m->packed};
    inflate_begin(s);
    InflateStatus status = INFLATE_OK;
    size_t got = 1, left = n;
    while (!status && left && got) {
        status = inflate_read(s, to, left, &got);
        to += got, left -= got;
    }
    if (!status && !left && n == m->bytes) status = inflate_read(s, &(char){0}, 1, &left); /* nothing is left over */
    rt_free(s);
    return status || left ? damaged(z, "its compressed data is damaged") : NNRT_OK;
}

static int copy(const Zip *z, const unsigned char *from, const Member *m, size_t n, char **out)
{
    *out = malloc(n + 1);
    if (!*out) return rt_no_memory_for(z->path);
    (*out)[n] = 0;
    if (m->method == DEFLATED) return unpack(z, from, m, *out, n);
    memcpy(*out, from, n);
    return NNRT_OK;
}

static int place_of(const Zip *z, const Member *m, const unsigned char **from)
{
    if (m->locked) return rt_fail(NNRT_E_IO, "%s is locked by a password", z->path);
    if (m->method != STORED && m->method != DEFLATED)
        return rt_fail(NNRT_E_IO, "%s is packed by method %d; none (0) and deflate (8) are read", z->path, m->method);
    if (m->place > z->n || z->n - m->place < LOCAL || memcmp(z->b + m->place, "PK\3\4", 4))
        return damaged(z, "an array is not where its directory says");
    uint64_t at = m->place + LOCAL + bytes_le(z->b + m->place + 26, 2) + bytes_le(z->b + m->place + 28, 2);
    if (at > z->n || m->packed > z->n - at) return damaged(z, "an array ends behind the end of the file");
    if (m->method == STORED ? m->bytes != m->packed : m->bytes / MOST_PACKED > m->packed)
        return damaged(z, "the sizes of an array are not possible");
    *from = z->b + at;
    return NNRT_OK;
}

static int take_member(const Zip *z, const Member *m, const FileHeader *header, char **out)
{
    const unsigned char *from = NULL;
    size_t head = m->bytes < FILE_HEAD ? (size_t)m->bytes : FILE_HEAD, whole = 0;
    int code = place_of(z, m, &from);
    if (!code) code = copy(z, from, m, head, out);
    if (!code) code = header->length(header->context, z->path, *out, head, &whole);
    if (!code && whole != m->bytes) code = damaged(z, "an array has not the length that its header promises");
    if (code) return code;
    free(*out);
    code = copy(z, from, m, (size_t)m->bytes, out);
    if (!code && rt_crc32(0, *out, (size_t)m->bytes) != m->sum) code = damaged(z, "the checksum of an array is wrong");
    return code;
}

int npz_array(const char *path, const char *text, size_t n, const NpzWish *wish, char **out, size_t *size)
{
    Zip z = {.path = path, .b = (const unsigned char *)text, .n = n};
    Member m = {0};
    *out = NULL;
    int code = open_zip(&z);
    if (!code) code = find_member(&z, wish->name, wish->preferred, &m);
    if (!code) code = take_member(&z, &m, &wish->header, out);
    *size = code ? 0 : (size_t)m.bytes;
    if (!code) return NNRT_OK;
    free(*out);
    *out = NULL;
    return code;
}
