/* SPDX-License-Identifier: MIT
 * events.c: numbers of a run for TensorBoard. */
#include "run/events.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/memory.h"
#include "base/store.h"

/* ---- protocol buffers: a field is a key, number << 3 | type, and a value */

enum { VARINT, FIXED64, BYTES, FIXED32 = 5 };

static void put_varint(FILE *f, uint64_t v)
{
    for (; v >= 128; v >>= 7)
        fputc((int)(v & 127) | 128, f);
    fputc((int)v, f);
}

static void put_key(FILE *f, int number, int type)
{
    put_varint(f, (uint64_t)number << 3 | (uint64_t)type);
}

static void put_bytes(FILE *f, int number, const void *bytes, size_t n)
{
    put_key(f, number, BYTES);
    put_varint(f, n);
    fwrite(bytes, 1, n, f);
}

static void event_begin(FILE *f, int64_t step)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    double seconds = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
    put_key(f, 1, FIXED64);
    fwrite(&seconds, 1, 8, f);
    put_key(f, 2, VARINT);
    put_varint(f, (uint64_t)step);
}

static size_t varint_bytes(uint64_t v)
{
    size_t n = 1;
    for (; v >= 128; v >>= 7)
        n++;
    return n;
}

static void put_value(FILE *f, const char *name, double v)
{
    size_t n = strlen(name);
    float number = (float)v;
    put_key(f, 1, BYTES);
    put_varint(f, 1 + varint_bytes(n) + n + 1 + 4);
    put_bytes(f, 1, name, n);
    put_key(f, 2, FIXED32);
    fwrite(&number, 1, 4, f);
}

/* ---- records */

static uint32_t mask(uint32_t crc)
{
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

/* Closes the event, and writes it: 0, or errno. */
static int write_event(int fd, Memory *event)
{
    Memory record;
    int error = memory_close(event) ? ENOMEM : 0;
    if (!error && memory_open(&record)) {
        uint64_t n = event->n;
        uint32_t of_length = mask(rt_crc32c(0, &n, 8)), of_bytes = mask(rt_crc32c(0, event->text, event->n));
        fwrite(&n, 1, 8, record.f);
        fwrite(&of_length, 1, 4, record.f);
        fwrite(event->text, 1, event->n, record.f);
        fwrite(&of_bytes, 1, 4, record.f);
    }
    if (!error) {
        error = memory_close(&record) ? ENOMEM : store_write(fd, record.text, record.n);
        free(record.text);
    }
    free(event->text);
    return error;
}

int events_write(int fd, const nnrt *m, int entry, int64_t step, const double *values)
{
    Memory event, summary;
    if (memory_open(&summary))
        for (int i = 0; i < m->program->entry[entry]->n_reports; i++) {
            const Json *r = report_at(m, entry, i);
            if (report_is_scalar(r)) put_value(summary.f, json_text(r, "name", "?"), values[report_offset(m, entry, i)]);
        }
    if (memory_close(&summary)) return ENOMEM;
    if (memory_open(&event)) {
        event_begin(event.f, step);
        put_bytes(event.f, 5, summary.text, summary.n);
    }
    free(summary.text);
    return write_event(fd, &event);
}

static int begin_file(int fd, int64_t from)
{
    static const char version[] = "brain.Event:2", start[] = {1 << 3 | VARINT, 1};
    Memory event;
    if (memory_open(&event)) {
        event_begin(event.f, 0);
        put_bytes(event.f, 3, version, sizeof version - 1);
    }
    int error = write_event(fd, &event);
    if (error || from == 0) return error;
    if (memory_open(&event)) {
        event_begin(event.f, from);
        put_bytes(event.f, 7, start, sizeof start);
    }
    return write_event(fd, &event);
}

/* ---- files */

static int make_folder(const char *path)
{
    return mkdir(path, 0777) && errno != EEXIST ? errno : 0;
}

int events_open(const char *folder, const char *name, int64_t from, int *fd)
{
    char path[RT_PATH];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int error = make_folder(folder);
    if (!error) error = rt_path(path, "%s/%s", folder, name) ? ENAMETOOLONG : make_folder(path);
    if (!error && rt_path(path, "%s/%s/events.out.tfevents.%010lld.%09ld.%ld", folder, name, (long long)now.tv_sec, now.tv_nsec,
                          (long)getpid())) /* they are read in the order of their names */
        error = ENAMETOOLONG;
    if (error) return error;
    *fd = store_open(path, O_WRONLY | O_CREAT | O_APPEND);
    return *fd < 0 ? errno : begin_file(*fd, from);
}
