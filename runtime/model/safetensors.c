/* SPDX-License-Identifier: MIT
 * safetensors.c: opening and reading safetensors files (safetensors.h). */
#include "model/safetensors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/checksum.h"
#include "base/json.h"
#include "base/scan.h"
#include "base/store.h"

static int read_at(const Safetensors *f, void *to, uint64_t n, uint64_t at)
{
    int bad = store_read_at(f->fd, to, n, at);
    if (bad < 0) return rt_fail(NNRT_E_IO, "%s: cannot read: the file ends early", f->path);
    return bad ? rt_fail_system(bad, "%s: cannot read", f->path) : NNRT_OK;
}

/* ---- the header */

static void scan_notes(Safetensors *f, Scan *s)
{
    for (int64_t i = 0; scan_item(s, '{', '}', i); i++) {
        Note note = {.key = scan_key(s)};
        if (scan_is(s, '"'))
            note.text = scan_text(s);
        else
            scan_skip(s);
        if (!rt_more(&f->note, (int64_t)f->n_notes, sizeof note)) {
            scan_fail(s, json_no_memory);
            return;
        }
        f->note[f->n_notes++] = note;
    }
}

static void scan_tensor(Scan *s, Stored *t)
{
    bool has_shape = false;
    int64_t place[2] = {-1, -1}, n = 0;
    for (int64_t i = 0; scan_item(s, '{', '}', i); i++) {
        const char *key = scan_key(s);
        if (strcmp(key, "dtype") == 0) {
            t->dtype = scan_text(s);
        } else if (strcmp(key, "shape") == 0) {
            has_shape = true;
            for (t->rank = 0; scan_item(s, '[', ']', t->rank); t->rank++) {
                int64_t d = scan_int(s);
                if (t->rank < 8) t->dim[t->rank] = d;
            }
        } else if (strcmp(key, "data_offsets") == 0) {
            for (n = 0; scan_item(s, '[', ']', n); n++) {
                int64_t at = scan_int(s);
                if (n < 2) place[n] = at;
            }
        } else {
            scan_skip(s);
        }
    }
    if (!s->error && (!t->dtype || !has_shape || n != 2 || place[1] < place[0])) scan_fail(s, "a tensor without type, shape or place");
    t->from = (uint64_t)place[0], t->bytes = (uint64_t)(place[1] - place[0]);
}

static int tensor_by_name(const void *a, const void *b)
{
    return strcmp(((const Stored *)a)->name, ((const Stored *)b)->name);
}

static int note_by_key(const void *a, const void *b)
{
    return strcmp(((const Note *)a)->key, ((const Note *)b)->key);
}

static void sort_all(Safetensors *f, Scan *s)
{
    if (f->n_tensors) qsort(f->tensor, f->n_tensors, sizeof *f->tensor, tensor_by_name);
    if (f->n_notes) qsort(f->note, f->n_notes, sizeof *f->note, note_by_key);
    for (size_t i = 1; i < f->n_tensors; i++)
        if (tensor_by_name(&f->tensor[i - 1], &f->tensor[i]) == 0) scan_fail(s, "a tensor stands twice");
    for (size_t i = 1; i < f->n_notes; i++)
        if (note_by_key(&f->note[i - 1], &f->note[i]) == 0) scan_fail(s, "a key stands twice");
}

static int scan_header(Safetensors *f, size_t n)
{
    Scan s = {.at = f->header, .end = f->header + n};
    bool noted = false;
    for (int64_t i = 0; scan_item(&s, '{', '}', i); i++) {
        const char *key = scan_key(&s);
        if (strcmp(key, "__metadata__") == 0) {
            if (noted) scan_fail(&s, "a key stands twice");
            noted = true;
            scan_notes(f, &s);
            continue;
        }
        Stored t = {.name = key};
        scan_tensor(&s, &t);
        if (!rt_more(&f->tensor, (int64_t)f->n_tensors, sizeof t)) return rt_no_memory_for(f->path);
        f->tensor[f->n_tensors++] = t;
    }
    scan_end(&s);
    if (!s.error) sort_all(f, &s);
    return s.error ? rt_fail(json_code(s.error, NNRT_E_IO), "%s: damaged header: %s", f->path, s.error) : NNRT_OK;
}

/* Before anything else is believed: the header is as nnc wrote it. */
static int check_header(Safetensors *f, size_t n)
{
    char have[NNC_CRC_DIGITS + 1] = "", want[NNC_CRC_DIGITS + 1];
    f->by_nnc = n >= NNC_CRC_AT + NNC_CRC_DIGITS && memcmp(f->header, NNC_HEADER, NNC_CRC_AT) == 0;
    if (!f->by_nnc) return NNRT_OK;
    memcpy(have, f->header + NNC_CRC_AT, NNC_CRC_DIGITS);
    memset(f->header + NNC_CRC_AT, '0', NNC_CRC_DIGITS);
    snprintf(want, sizeof want, "%08x", rt_crc32c(0, f->header, n));
    return strcmp(have, want) ? rt_fail(NNRT_E_IO, "%s: the header is damaged (checksum)", f->path) : NNRT_OK;
}

/* A file that says it is nnc's must be of the version that is known here, with its checksum. */
static int check_format(const Safetensors *f)
{
    const char *format = safetensors_note(f, "format"), *sum = safetensors_note(f, "crc32c");
    if (f->by_nnc || (!sum && (!format || strncmp(format, "nnc", 3)))) return NNRT_OK;
    if (!format) format = "?";
    if (strncmp(format, "nnc ", 4) == 0 && strcmp(format, NNC_FORMAT))
        return rt_fail(NNRT_E_IO,
                       "%s has the format \"%s\", which this program does not know: it reads \"%s\"; "
                       "compile the program with the nnc that wrote the file",
                       f->path, format, NNC_FORMAT);
    return rt_fail(NNRT_E_IO,
                   "%s is damaged: it has the format \"%s\" but not the checksum of its header; if "
                   "another tool wrote it, leave \"format\" out of its metadata",
                   f->path, format);
}

static int by_place(const void *a, const void *b)
{
    const Stored *x = *(const Stored *const *)a, *y = *(const Stored *const *)b;
    if (x->from != y->from) return x->from < y->from ? -1 : 1;
    return x->bytes < y->bytes ? -1 : x->bytes > y->bytes;
}

/* The tensors lie one behind the other and fill the file. */
static int check_places(const Safetensors *f)
{
    const Stored **list = malloc(sizeof *list * (f->n_tensors + 1));
    if (!list) return rt_no_memory_for(f->path);
    int code = NNRT_OK;
    uint64_t at = 0, end = f->size - f->data;
    for (size_t i = 0; i < f->n_tensors; i++)
        list[i] = &f->tensor[i];
    qsort(list, f->n_tensors, sizeof *list, by_place);
    for (size_t i = 0; i < f->n_tensors && !code; i++) {
        if (list[i]->from != at || list[i]->bytes > end - at)
            code = rt_fail(NNRT_E_IO, "%s is damaged: %s has the bytes %llu to %llu, but %llu to at most %llu are left for it", f->path,
                           list[i]->name, (unsigned long long)list[i]->from, (unsigned long long)(list[i]->from + list[i]->bytes),
                           (unsigned long long)at, (unsigned long long)end);
        at += list[i]->bytes;
    }
    free(list);
    if (!code && at != end)
        code = rt_fail(NNRT_E_IO, "%s is damaged: it has %llu bytes of tensors, but its header tells %llu", f->path,
                       (unsigned long long)end, (unsigned long long)at);
    return code;
}

/* ---- life */

static int open_file(Safetensors *f)
{
    struct stat st;
    f->fd = store_open(f->path, O_RDONLY | O_NONBLOCK); /* a pipe without a writer must not wait */
    if (f->fd < 0 || fstat(f->fd, &st)) return rt_fail_system(errno, "%s: cannot read", f->path);
    if (S_ISDIR(st.st_mode)) return rt_fail(RT_SYSTEM, "%s is a folder; a checkpoint is wanted", f->path);
    if (!S_ISREG(st.st_mode)) return rt_fail(RT_SYSTEM, "%s is a device or a pipe; a checkpoint is read from a file", f->path);
    f->size = (uint64_t)st.st_size;
    return NNRT_OK;
}

/* Tensors are read from their places, which a packed file does not have. */
static int no_checkpoint(const Safetensors *f, const unsigned char *start, const char *why)
{
    bool packed = start[0] == 0x1f && start[1] == 0x8b;
    return rt_fail(NNRT_E_IO, "%s is no checkpoint: %s", f->path, packed ? "it is packed by gzip; unpack it first (gunzip)" : why);
}

static int read_header(Safetensors *f, uint64_t *n)
{
    unsigned char start[9];
    *n = 0;
    if (f->size < sizeof start) return rt_fail(NNRT_E_IO, "%s is no checkpoint: it has %llu bytes", f->path, (unsigned long long)f->size);
    int code = read_at(f, start, sizeof start, 0);
    if (code) return code;
    *n = bytes_le(start, 8);
    char why[80];
    snprintf(why, sizeof why, "its header would have %llu bytes", (unsigned long long)*n);
    if (*n > f->size - 8 || *n > NNC_MOST_HEADER || *n < 2) return no_checkpoint(f, start, why);
    if (start[8] != '{') return no_checkpoint(f, start, "its header does not begin with {");
    f->data = 8 + *n;
    f->header = malloc(*n + 1);
    if (!f->header) return rt_no_memory_for(f->path);
    f->header[*n] = 0;
    return read_at(f, f->header, *n, 8);
}

int safetensors_open(Safetensors *f, const char *path)
{
    uint64_t n = 0;
    *f = (Safetensors){.path = path, .fd = -1};
    int code = open_file(f);
    if (!code) code = read_header(f, &n);
    if (!code) code = check_header(f, n);
    if (!code) code = scan_header(f, n);
    if (!code) code = check_format(f);
    return code ? code : check_places(f);
}

void safetensors_close(Safetensors *f)
{
    if (f->fd >= 0) close(f->fd);
    free(f->header);
    free(f->tensor);
    free(f->note);
    *f = (Safetensors){.fd = -1};
}

/* ---- looking up and reading */

const Stored *safetensors_find(const Safetensors *f, const char *name)
{
    Stored key = {.name = name};
    return f->n_tensors ? bsearch(&key, f->tensor, f->n_tensors, sizeof key, tensor_by_name) : NULL;
}

const char *safetensors_note(const Safetensors *f, const char *key)
{
    Note wanted = {.key = key};
    const Note *note = f->n_notes ? bsearch(&wanted, f->note, f->n_notes, sizeof wanted, note_by_key) : NULL;
    return note ? note->text : NULL;
}

int safetensors_read(const Safetensors *f, const Stored *t, void *to)
{
    char sum[16], *key = NULL;
    int code = read_at(f, to, t->bytes, f->data + t->from);
    if (code || !f->by_nnc) return code;
    if (asprintf(&key, "crc32c.%s", t->name) < 0) return rt_no_memory_for(f->path);
    const char *expected = safetensors_note(f, key);
    free(key);
    snprintf(sum, sizeof sum, "%08x", rt_crc32c(0, to, t->bytes));
    if (!expected) return rt_fail(NNRT_E_IO, "%s is damaged: it has no checksum of %s", f->path, t->name);
    return strcmp(expected, sum) ? rt_fail(NNRT_E_IO, "%s: the contents of %s are damaged (checksum)", f->path, t->name) : NNRT_OK;
}
