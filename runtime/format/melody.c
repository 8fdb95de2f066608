/* SPDX-License-Identifier: MIT
 * melody.c: rows of integers as a Standard MIDI File, one track each. A number stands for a
 * sixteenth at 120 beats a minute: 3..127 is a pitch, 0 ends the melody, 1 holds the note, 2 is a
 * rest. */
#include <stdlib.h>

#include "base/base.h"
#include "base/bytes.h"
#include "base/dtype.h"
#include "base/memory.h"
#include "base/shape.h"
#include "format/format.h"

enum { END, HOLD, REST, FIRST_PITCH, TICKS = 24 }; /* ticks of a sixteenth; 96 of a quarter */

static void put_wait(FILE *f, uint32_t ticks) /* 7 bits a byte, high ones first */
{
    for (int shift = 21; shift > 0; shift -= 7)
        if (ticks >> shift) fputc((int)(ticks >> shift & 127) | 128, f);
    fputc((int)(ticks & 127), f);
}

typedef struct Track {
    FILE *f;
    uint32_t wait; /* since the last event */
    int note;      /* that sounds, or 0 */
} Track;

static void put_note(Track *t, int status, int note)
{
    put_wait(t->f, t->wait);
    t->wait = 0;
    fputc(status, t->f), fputc(note, t->f), fputc(status == 0x90 ? 96 : 0, t->f);
}

static void silence(Track *t)
{
    if (t->note) put_note(t, 0x80, t->note);
    t->note = 0;
}

static int put_track(FILE *f, const Output *o, int64_t from, int64_t n)
{
    Memory out;
    if (!memory_open(&out)) return memory_close(&out);
    Track t = {.f = out.f};
    for (int64_t i = 0; i < n; i++) {
        int v = (int)dtype_load(o->dtype, o->data, from + i);
        if (v == END) break;
        if (v != HOLD) silence(&t);
        if (v >= FIRST_PITCH) put_note(&t, 0x90, t.note = v);
        t.wait += TICKS;
    }
    silence(&t);
    put_wait(t.f, 0);
    bytes_put_be(t.f, 0xFF2F00, 3);
    int code = memory_close(&out);
    fputs("MTrk", f), bytes_put_be(f, (uint32_t)out.n, 4);
    if (!code) fwrite(out.text, 1, out.n, f);
    free(out.text);
    return code;
}

static int write_midi(FILE *f, const Output *o)
{
    int64_t count = shape_size(o->rank, o->dim), n = o->rank ? o->dim[o->rank - 1] : 0;
    if (o->rank < 1 || o->rank > 2 || o->dtype != NNRT_I32) return rt_fail(NNRT_E_SHAPE, "%s: a melody is a row of integers", o->path);
    if (count / n > 65535) return rt_fail(NNRT_E_SHAPE, "%s: too many tracks", o->path);
    for (int64_t i = 0; i < count; i++) {
        double v = dtype_load(o->dtype, o->data, i);
        if (v < 0 || v > 127) return rt_fail(NNRT_E_RANGE, "%s: note %lld is %.9g, but pitches are in 0..127", o->path, (long long)i, v);
    }
    fputs("MThd", f), bytes_put_be(f, 6, 4);
    bytes_put_be(f, count == n ? 0 : 1, 2), bytes_put_be(f, (uint32_t)(count / n), 2), bytes_put_be(f, 4 * TICKS, 2);
    int code = NNRT_OK;
    for (int64_t at = 0; at < count && !code; at += n)
        code = put_track(f, o, at, n);
    return code;
}

const nnrt_format nnrt_format_mid = {".mid", NULL, write_midi};
