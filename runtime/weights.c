/* SPDX-License-Identifier: MIT
 * weights.c: checkpoints as safetensors files: 8 bytes of header length, a JSON header, raw
 * little-endian tensors.
 *
 * Parameters and states by name, unpadded; optimizer slots and update counts; progress,
 * vocabularies and a CRC-32C per tensor in
 * __metadata__. Written to a temporary name, synced, renamed: a checkpoint is whole or not there.
 * The reader trusts nothing: every length is checked against the file, and what is allocated
 * follows from the program. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rt.h"

/* Headers that this file writes begin so; the checksum of the header, computed with 0 digits in its
 * place, follows. */
static const char header_start[] = "{\"__metadata__\":{\"format\":\"nnc 1\",\"crc32c\":\"";
enum { CRC_AT = sizeof header_start - 1, CRC_DIGITS = 8 };

enum { HEAD = 64 }; /* parameters follow the model's identification */

typedef struct Item { /* one tensor of the file */
    char name[512];
    int dtype; /* NNRT_... */
    int rank;
    const int64_t *dim, *stride; /* stride NULL: dense */
    void *data;
    uint64_t count, bytes;
    bool optional; /* may be missing in a file */
} Item;

typedef struct Items {
    Item *at;
    int n;
} Items;

static const char *dtype_text(int dtype)
{
    static const char *const names[] = {[NNRT_F32] = "F32",
                                        [NNRT_F64] = "F64",
                                        [NNRT_I32] = "I32",
                                        [NNRT_I64] = "I64",
                                        [NNRT_BOOL] = "BOOL"};
    return names[dtype];
}

static size_t dtype_bytes(int dtype)
{
    return dtype == NNRT_F64 || dtype == NNRT_I64 ? 8 : dtype == NNRT_BOOL ? 1 : 4;
}

static int add_item(Items *items, const char *name, int dtype, int rank, const int64_t *dim,
                    const int64_t *stride, void *data)
{
    Item *bigger =
        rt_grow(items->at, sizeof(Item) * (size_t)items->n, sizeof(Item) * (size_t)(items->n + 1));
    if (!bigger) return NNRT_E_MEM;
    items->at = bigger;
    Item *it = &items->at[items->n++];
    *it = (Item){
        .dtype = dtype, .rank = rank, .dim = dim, .stride = stride, .data = data, .count = 1};
    snprintf(it->name, sizeof it->name, "%s", name);
    for (int i = 0; i < rank; i++)
        it->count *= (uint64_t)dim[i];
    it->bytes = it->count * dtype_bytes(dtype);
    return NNRT_OK;
}

/* Model tensors, then (entry >= 0) slots and counts of its statements; shared slots once. */
static int collect(const nnrt *m, int entry, Items *items, int64_t *slot_dim)
{
    static const int64_t one[1] = {1};
    const nnrt_program *p = m->program;
    int code = NNRT_OK;
    for (int32_t i = 0; i < p->n_tensors && !code; i++) {
        const nnrt_tensor_info *t = &p->tensor[i];
        code = add_item(items, t->name, t->dtype, t->rank, t->dim, t->stride,
                        (char *)m->model + t->offset);
    }
    for (int32_t i = 0; m->ema && i < p->n_tensors && !code; i++) {
        const nnrt_tensor_info *t = &p->tensor[i];
        char name[512];
        if (t->is_state) continue;
        snprintf(name, sizeof name, "ema.%s", t->name);
        code = add_item(items, name, t->dtype, t->rank, t->dim, t->stride,
                        (char *)m->ema + t->offset - HEAD);
        if (!code) items->at[items->n - 1].optional = true;
    }
    if (entry < 0 || code) return code;
    const nnrt_entry *e = p->entry[entry];
    char *area = m->area[entry];
    slot_dim[0] = (int64_t)e->grad_count;
    for (int32_t s = 0; s < e->n_statements && !code; s++) {
        const nnrt_statement *st = &e->statement[s];
        char name[256];
        snprintf(name, sizeof name, "optimizer.%s.%d.count", e->name, s);
        code = add_item(items, name, NNRT_I64, 1, one, NULL, area + st->count_offset);
        for (int32_t k = 0; k < st->n_slots && !code; k++) {
            bool shared = false;
            for (int32_t o = 0; o < s; o++)
                shared |= e->statement[o].n_slots > k &&
                          e->statement[o].slot_offset[k] == st->slot_offset[k];
            if (shared) continue;
            snprintf(name, sizeof name, "optimizer.%s.%d.slot%d", e->name, s, k);
            code = add_item(items, name, p->float_bytes == 8 ? NNRT_F64 : NNRT_F32, 1, slot_dim,
                            NULL, area + st->slot_offset[k]);
        }
    }
    if (!code && e->sum_bytes) { /* sums of the interval that is not reported yet */
        char name[256];
        snprintf(name, sizeof name, "report.%s", e->name);
        slot_dim[1] = (int64_t)(e->sum_bytes / sizeof(double));
        code = add_item(items, name, NNRT_F64, 1, slot_dim + 1, NULL, area + e->sum_offset);
        if (!code) items->at[items->n - 1].optional = true;
    }
    return code;
}

/* Byte offset of dense element e in memory. */
static size_t place(const Item *it, uint64_t e)
{
    size_t width = dtype_bytes(it->dtype), offset = 0;
    if (!it->stride) return e * width;
    for (int i = it->rank - 1; i >= 0; i--) {
        offset += (size_t)(e % (uint64_t)it->dim[i]) * (size_t)it->stride[i];
        e /= (uint64_t)it->dim[i];
    }
    return offset * width;
}

static void gather(const Item *it, char *dense)
{
    size_t width = dtype_bytes(it->dtype), row = it->rank ? (size_t)it->dim[it->rank - 1] : 1;
    for (uint64_t e = 0; e < it->count; e += row)
        memcpy(dense + e * width, (const char *)it->data + place(it, e), row * width);
}

/* ---- writing
 * ---------------------------------------------------------------------------------------------- */

static void write_vocabs(FILE *f, const nnrt *m)
{
    char *text = NULL;
    size_t n = 0;
    FILE *inner = open_memstream(&text, &n);
    if (!inner) return;
    fputc('[', inner);
    for (int i = 0; i < m->n_vocabs; i++) {
        const Vocab *v = &m->vocab[i];
        fprintf(inner, "%s{\"data\":%d,\"field\":%d,\"words\":[", i ? "," : "", v->data, v->field);
        for (int k = 0; k < v->n; k++) {
            if (k) fputc(',', inner);
            json_write_string(inner, v->word[k]);
        }
        fputs("]}", inner);
    }
    fputc(']', inner);
    fclose(inner);
    fputs(",\"vocabularies\":", f);
    json_write_string(f, text ? text : "[]");
    free(text);
}

static void write_header(FILE *f, const nnrt *m, const Items *items, const uint32_t *crc, int entry,
                         const Progress *progress)
{
    char number[40];
    fprintf(f, "%s00000000\",\"program\":", header_start);
    json_write_string(f, m->program->name);
    fprintf(f, ",\"hash\":\"%016llx\"", (unsigned long long)m->program->hash);
    if (entry >= 0 && progress) {
        fprintf(f, ",\"entry\":");
        json_write_string(f, m->program->entry[entry]->name);
        fprintf(f, ",\"step\":\"%lld\",\"epoch\":\"%lld\",\"batch\":\"%lld\",\"seed\":\"%llu\"",
                (long long)progress->step, (long long)progress->epoch, (long long)progress->batch,
                (unsigned long long)progress->seed);
        if (progress->has_best) fprintf(f, ",\"stale\":\"%lld\"", (long long)progress->stale);
        if (progress->has_best)
            fprintf(f, ",\"best\":\"%s\"",
                    json_format_number(progress->best, number, sizeof number));
    }
    write_vocabs(f, m);
    for (int i = 0; i < items->n; i++) {
        char key[640];
        snprintf(key, sizeof key, "crc32c.%s", items->at[i].name);
        fputc(',', f);
        json_write_string(f, key);
        fprintf(f, ":\"%08x\"", crc[i]);
    }
    fputc('}', f);
    uint64_t at = 0;
    for (int i = 0; i < items->n; i++) {
        const Item *it = &items->at[i];
        fputc(',', f);
        json_write_string(f, it->name);
        fprintf(f, ":{\"dtype\":\"%s\",\"shape\":[", dtype_text(it->dtype));
        for (int d = 0; d < it->rank; d++)
            fprintf(f, "%s%lld", d ? "," : "", (long long)it->dim[d]);
        fprintf(f, "],\"data_offsets\":[%llu,%llu]}", (unsigned long long)at,
                (unsigned long long)(at + it->bytes));
        at += it->bytes;
    }
    fputc('}', f);
}

static int sync_folder(const char *path)
{
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash == folder)
        folder[1] = 0;
    else if (slash)
        *slash = 0;
    else
        strcpy(folder, ".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY);
    if (fd < 0) return -1;
    int bad = fsync(fd);
    close(fd);
    return bad;
}

static int write_body(const nnrt *m, FILE *f, const Items *items, int entry,
                      const Progress *progress)
{
    uint32_t *crc = rt_alloc(sizeof(uint32_t) * (size_t)(items->n + 1));
    char *header = NULL, *dense = NULL;
    size_t n = 0, most = 1;
    for (int i = 0; i < items->n; i++)
        most = items->at[i].bytes > most ? items->at[i].bytes : most;
    dense = rt_alloc(most);
    FILE *memory = crc && dense ? open_memstream(&header, &n) : NULL;
    if (!memory) {
        rt_free(crc);
        rt_free(dense);
        return NNRT_E_MEM;
    }
    for (int i = 0; i < items->n; i++) {
        gather(&items->at[i], dense);
        crc[i] = rt_crc32c(0, dense, items->at[i].bytes);
    }
    write_header(memory, m, items, crc, entry, progress);
    while ((8 + (size_t)ftell(memory)) % 64)
        fputc(' ', memory);
    fclose(memory);
    char digits[CRC_DIGITS + 1];
    snprintf(digits, sizeof digits, "%08x", rt_crc32c(0, header, n));
    memcpy(header + CRC_AT, digits, CRC_DIGITS);
    unsigned char length[8];
    for (int i = 0; i < 8; i++)
        length[i] = (unsigned char)((uint64_t)n >> (8 * i));
    fwrite(length, 1, 8, f);
    fwrite(header, 1, n, f);
    for (int i = 0; i < items->n; i++) {
        gather(&items->at[i], dense);
        fwrite(dense, 1, items->at[i].bytes, f);
    }
    free(header);
    rt_free(crc);
    rt_free(dense);
    return ferror(f) ? NNRT_E_IO : NNRT_OK;
}

int weights_save(const nnrt *m, const char *path, int entry, const Progress *progress)
{
    Items items = {0};
    int64_t slot_dim[2];
    int code = collect(m, entry, &items, slot_dim);
    char temporary[4200];
    snprintf(temporary, sizeof temporary, "%s.%ld.tmp", path, (long)getpid());
    int fd = code ? -1 : open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (!code && fd < 0 && errno == EEXIST && unlink(temporary) == 0)
        fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    FILE *f = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (!code && !f) code = rt_fail(NNRT_E_IO, "%s: cannot write: %s", temporary, strerror(errno));
    if (!code) {
        code = write_body(m, f, &items, entry, progress);
        int saved = errno;
        if (fflush(f) || fsync(fileno(f))) code = NNRT_E_IO, saved = errno;
        if (fclose(f)) code = NNRT_E_IO, saved = errno;
        f = NULL;
        if (!code && rename(temporary, path)) code = NNRT_E_IO, saved = errno;
        if (!code && sync_folder(path)) code = NNRT_E_IO, saved = errno;
        if (code == NNRT_E_IO) {
            unlink(temporary);
            rt_fail(code, "%s: cannot save the checkpoint: %s", path, strerror(saved));
        }
    }
    rt_free(items.at);
    return code;
}

/* ---- reading
 * ------------------------------------------------------------------------------------------------
 */

typedef struct File {
    const char *path;
    int fd;
    uint64_t size, data; /* bytes of the file; where the data begins */
    Json *header;
} File;

static int read_at(const File *f, void *to, uint64_t n, uint64_t at)
{
    char *p = to;
    while (n > 0) {
        ssize_t got = pread(f->fd, p, n > 1 << 30 ? 1 << 30 : n, (off_t)at);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0)
            return rt_fail(NNRT_E_IO, "%s: cannot read: %s", f->path,
                           got < 0 ? strerror(errno) : "the file ends early");
        p += got, n -= (uint64_t)got, at += (uint64_t)got;
    }
    return NNRT_OK;
}

static int check_header(const char *path, char *text, size_t n)
{
    char have[CRC_DIGITS + 1] = "", want[CRC_DIGITS + 1];
    if (n < CRC_AT + CRC_DIGITS || memcmp(text, header_start, CRC_AT))
        return NNRT_OK; /* of another program */
    memcpy(have, text + CRC_AT, CRC_DIGITS);
    memset(text + CRC_AT, '0', CRC_DIGITS);
    snprintf(want, sizeof want, "%08x", rt_crc32c(0, text, n));
    return strcmp(have, want) ? rt_fail(NNRT_E_IO, "%s: the header is damaged (checksum)", path)
                              : NNRT_OK;
}

static int open_file(File *f, const char *path)
{
    struct stat st;
    unsigned char length[8];
    *f = (File){.path = path, .fd = open(path, O_RDONLY | O_CLOEXEC)};
    if (f->fd < 0 || fstat(f->fd, &st))
        return rt_fail(NNRT_E_IO, "%s: cannot read: %s", path, strerror(errno));
    f->size = (uint64_t)st.st_size;
    if (S_ISDIR(st.st_mode))
        return rt_fail(NNRT_E_IO, "%s is a folder; a checkpoint is wanted", path);
    if (f->size < 8 || read_at(f, length, 8, 0))
        return rt_fail(NNRT_E_IO, "%s is no checkpoint: it has %llu bytes", path,
                       (unsigned long long)f->size);
    uint64_t n = 0;
    for (int i = 7; i >= 0; i--)
        n = n << 8 | length[i];
    if (n > f->size - 8 || n > 16u << 20)
        return rt_fail(NNRT_E_IO, "%s is no checkpoint: its header would have %llu bytes", path,
                       (unsigned long long)n);
    char *text = rt_alloc(n + 1);
    if (!text) return NNRT_E_MEM;
    int code = read_at(f, text, n, 8);
    const char *error = NULL;
    if (!code) code = check_header(path, text, n);
    if (!code && !(f->header = json_parse(text, n, &error)))
        code = rt_fail(NNRT_E_IO, "%s: damaged header: %s", path, error);
    if (!code && f->header->kind != JSON_OBJECT)
        code = rt_fail(NNRT_E_IO, "%s: damaged header", path);
    f->data = 8 + n;
    rt_free(text);
    return code;
}

static void close_file(File *f)
{
    if (f->fd >= 0) close(f->fd);
    json_free(f->header);
}

static const struct {
    const char *name;
    size_t width;
} foreign[] = {
    {"F16", 2}, {"BF16", 2}, {"U8", 1}, {"I8", 1}, {"I16", 2}, {"U16", 2}, {"U32", 4}, {"U64", 8},
};

/* Shape and byte range of a tensor in the file; false if damaged. */
static bool tensor_range(const File *f, const Json *t, uint64_t *lo, uint64_t *hi, int *dtype,
                         uint64_t *count)
{
    const Json *shape = json_get(t, "shape"), *range = json_get(t, "data_offsets");
    const char *name = json_text(t, "dtype", "");
    size_t width = 0;
    *dtype = -1; /* known, but not one that programs have */
    for (int i = 0; i <= NNRT_BOOL; i++)
        if (strcmp(dtype_text(i), name) == 0) *dtype = i, width = dtype_bytes(i);
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (strcmp(foreign[i].name, name) == 0) width = foreign[i].width;
    if (!width || !shape || shape->kind != JSON_ARRAY || shape->n > 8 || !range || range->n != 2)
        return false;
    *count = 1;
    for (const Json *d = shape->child; d; d = d->next)
        if (!d->is_integer || d->integer < 0 ||
            __builtin_mul_overflow(*count, (uint64_t)d->integer, count))
            return false;
    const Json *a = range->child, *b = a->next;
    if (!a->is_integer || !b->is_integer || a->integer < 0 || b->integer < a->integer) return false;
    *lo = (uint64_t)a->integer, *hi = (uint64_t)b->integer;
    uint64_t bytes;
    if (__builtin_mul_overflow(*count, (uint64_t)width, &bytes) || bytes != *hi - *lo) return false;
    return *hi <= f->size - f->data;
}

static bool same_shape(const Json *shape, const Item *it)
{
    if (shape->n != it->rank) return false;
    int i = 0;
    for (const Json *d = shape->child; d; d = d->next, i++)
        if (d->integer != it->dim[i]) return false;
    return true;
}

static void shape_text(char *out, size_t n, int rank, const int64_t *dim, const Json *shape)
{
    size_t at = (size_t)snprintf(out, n, "[");
    int count = shape ? shape->n : rank;
    const Json *d = shape ? shape->child : NULL;
    for (int i = 0; i < count && at < n; i++) {
        at += (size_t)snprintf(out + at, n - at, "%s%lld", i ? ", " : "",
                               (long long)(shape ? d->integer : dim[i]));
        if (d) d = d->next;
    }
    if (at < n) snprintf(out + at, n - at, "]");
}

static void scatter(const Item *it, const char *dense, int from)
{
    size_t width = dtype_bytes(from);
    for (uint64_t e = 0; e < it->count; e++) {
        char *to = (char *)it->data + place(it, e);
        const char *at = dense + e * width;
        if (from == it->dtype) {
            memcpy(to, at, width);
        } else if (from == NNRT_F64) {
            double v;
            memcpy(&v, at, sizeof v);
            float s = (float)v;
            memcpy(to, &s, sizeof s);
        } else {
            float v;
            memcpy(&v, at, sizeof v);
            double w = v;
            memcpy(to, &w, sizeof w);
        }
    }
}

static bool convertible(int from, int to)
{
    return from == to ||
           ((from == NNRT_F32 || from == NNRT_F64) && (to == NNRT_F32 || to == NNRT_F64));
}

typedef struct Problems { /* all mismatches of a file, told at once */
    char text[3000];
    int n;
} Problems;

static void problem(Problems *p, const char *format, const char *name, const char *a, const char *b)
{
    size_t at = strlen(p->text);
    if (p->n++ < 12 && at < sizeof p->text)
        snprintf(p->text + at, sizeof p->text - at, format, p->n > 1 ? "; " : "", name, a, b);
}

/* First pass: everything that is wanted is there and fits. */
static void check_items(const File *f, const Items *items, Problems *bad, bool *use)
{
    for (int i = 0; i < items->n; i++) {
        const Item *it = &items->at[i];
        const Json *t = json_get(f->header, it->name);
        uint64_t lo, hi, count;
        int dtype;
        char have[128], want[128];
        use[i] = false;
        shape_text(want, sizeof want, it->rank, it->dim, NULL);
        if (!t && it->optional) continue;
        if (!t) {
            problem(bad, "%s%s %s is missing%s", it->name, want, "");
        } else if (!tensor_range(f, t, &lo, &hi, &dtype, &count)) {
            problem(bad, "%s%s is damaged%s%s", it->name, "", "");
        } else if (!same_shape(json_get(t, "shape"), it)) {
            shape_text(have, sizeof have, 0, NULL, json_get(t, "shape"));
            problem(bad, "%s%s is %s but this program has %s", it->name, have, want);
        } else if (!convertible(dtype, it->dtype)) {
            problem(bad, "%s%s is %s but this program has %s", it->name, json_text(t, "dtype", "?"),
                    dtype_text(it->dtype));
        } else {
            use[i] = true;
        }
    }
}

typedef struct Extent {
    uint64_t lo, hi;
    const char *name;
} Extent;

static int by_place(const void *a, const void *b)
{
    const Extent *x = a, *y = b;
    if (x->lo != y->lo) return x->lo < y->lo ? -1 : 1;
    return x->hi < y->hi ? -1 : x->hi > y->hi;
}

/* The tensors of the file lie one behind the other and fill it. */
static int check_extents(const File *f)
{
    Extent *list = rt_alloc(sizeof *list * (size_t)(f->header->n + 1));
    int code = list ? NNRT_OK : NNRT_E_MEM;
    size_t n = 0;
    uint64_t at = 0, count;
    int dtype;
    for (const Json *t = f->header->child; t && !code; t = t->next) {
        if (strcmp(t->key, "__metadata__") == 0) continue;
        if (!tensor_range(f, t, &list[n].lo, &list[n].hi, &dtype, &count))
            code = rt_fail(NNRT_E_IO, "%s: %s is damaged", f->path, t->key);
        list[n++].name = t->key;
    }
    if (!code) qsort(list, n, sizeof *list, by_place);
    for (size_t i = 0; i < n && !code; i++) {
        if (list[i].lo != at)
            code = rt_fail(NNRT_E_IO, "%s: the place of %s is wrong", f->path, list[i].name);
        at = list[i].hi;
    }
    if (!code && at != f->size - f->data)
        code =
            rt_fail(NNRT_E_IO, "%s: the file has %llu bytes of tensors, but its header tells %llu",
                    f->path, (unsigned long long)(f->size - f->data), (unsigned long long)at);
    rt_free(list);
    return code;
}

static int read_items(const File *f, const Items *items, const bool *use, bool store)
{
    int code = NNRT_OK;
    for (int i = 0; i < items->n && !code; i++) {
        const Item *it = &items->at[i];
        uint64_t lo = 0, hi = 0, count = 0;
        int dtype = 0;
        if (!use[i]) continue;
        tensor_range(f, json_get(f->header, it->name), &lo, &hi, &dtype, &count);
        char *dense = rt_alloc(hi - lo);
        if (!dense) return NNRT_E_MEM;
        code = read_at(f, dense, hi - lo, f->data + lo);
        char key[640], sum[16];
        snprintf(key, sizeof key, "crc32c.%s", it->name);
        const char *expected = json_text(json_get(f->header, "__metadata__"), key, NULL);
        snprintf(sum, sizeof sum, "%08x", rt_crc32c(0, dense, hi - lo));
        if (!code && expected && strcmp(expected, sum))
            code = rt_fail(NNRT_E_IO, "%s: the contents of %s are damaged (checksum)", f->path,
                           it->name);
        if (!code && store) scatter(it, dense, dtype);
        rt_free(dense);
    }
    return code;
}

static int read_vocabs(nnrt *m, const File *f)
{
    const char *text = json_text(json_get(f->header, "__metadata__"), "vocabularies", NULL),
               *error = NULL;
    if (!text) return NNRT_OK;
    Json *list = json_parse(text, strlen(text), &error);
    if (!list) return rt_fail(NNRT_E_IO, "%s: damaged vocabularies", f->path);
    for (const Json *v = list->child; v; v = v->next) {
        const Json *words = json_get(v, "words");
        char **word = calloc((size_t)(words ? words->n : 0) + 1, sizeof *word);
        int n = 0;
        if (!word) break;
        for (const Json *w = words ? words->child : NULL; w; w = w->next)
            word[n++] = strdup(w->text ? w->text : "");
        rt_add_vocab(m, (int)json_int(v, "data", -1), (int)json_int(v, "field", -1), word, n);
    }
    json_free(list);
    return NNRT_OK;
}

static void read_progress(nnrt *m, const File *f)
{
    const Json *meta = json_get(f->header, "__metadata__");
    const char *best = json_text(meta, "best", NULL), *entry = json_text(meta, "entry", NULL);
    m->progress = (Progress){.step = atoll(json_text(meta, "step", "0")),
                             .epoch = atoll(json_text(meta, "epoch", "0")),
                             .batch = atoll(json_text(meta, "batch", "0")),
                             .seed = strtoull(json_text(meta, "seed", "0"), NULL, 10),
                             .entry = entry ? rt_find_entry(m, entry, "train") : -1,
                             .valid = entry != NULL};
    if (best) m->progress.best = strtod(best, NULL), m->progress.has_best = true;
    m->progress.stale = atoll(json_text(meta, "stale", "0"));
}

/* Evaluations and exports take the averaged weights where a file has them. */
static void prefer_averages(const nnrt *m, const File *f, Items *items)
{
    for (int32_t i = 0; i < m->program->n_tensors && !m->ema; i++) {
        char name[512];
        if (snprintf(name, sizeof name, "ema.%s", items->at[i].name) < (int)sizeof name &&
            json_get(f->header, name))
            memcpy(items->at[i].name, name, sizeof name);
    }
}

int weights_load(nnrt *m, const char *path, bool partial, int entry)
{
    File f;
    Items items = {0};
    Problems bad = {0};
    int64_t slot_dim[2];
    bool *use = NULL;
    int code = open_file(&f, path);
    if (!code) code = check_extents(&f);
    if (!code) code = collect(m, entry, &items, slot_dim);
    if (!code && entry < 0) prefer_averages(m, &f, &items);
    if (!code && !(use = rt_alloc((size_t)items.n + 1))) code = NNRT_E_MEM;
    if (!code) {
        check_items(&f, &items, &bad, use);
        if (bad.n && !partial)
            code = rt_fail(NNRT_E_SHAPE, "%s: %s%s", path, bad.text, bad.n > 12 ? "; ..." : "");
        if (bad.n && partial) fprintf(stderr, "%s: not taken: %s\n", path, bad.text);
    }
    if (!code)
        code = read_items(&f, &items, use,
                          false); /* nothing is changed before all of it is known to be right */
    if (!code) code = read_items(&f, &items, use, true);
    if (!code) code = read_vocabs(m, &f);
    if (!code) read_progress(m, &f);
    close_file(&f);
    rt_free(items.at);
    rt_free(use);
    return code;
}
