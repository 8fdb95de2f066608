/* SPDX-License-Identifier: MIT
 * reader_help.h: one reader on one file. */
#ifndef NNC_TESTS_READER_HELP_H
#define NNC_TESTS_READER_HELP_H

#include "runtime_help.h"

#include "data/file.h"
#include "data/words.h"
#include "dataset/loader.h"

extern const nnrt_reader nnrt_reader_idx, nnrt_reader_npy, nnrt_reader_raw, nnrt_reader_bytes, nnrt_reader_lines, nnrt_reader_lines_dir,
    nnrt_reader_image_dir, nnrt_reader_wav_dir;

/* It brings the words of texts along, as in the list of a program. */
static const nnrt_reader *const brings_words __attribute__((used)) = &nnrt_reader_words;

#define COLUMN1 "{\"key\":\"columns\",\"range\":[1,2]}"

typedef struct Opened {
    nnrt *m;
    Json *reader, *block;
    Spec spec;
    nnrt_source source;
    int code;
} Opened;

static inline Opened try_shape(const nnrt_reader *reader, const char *path, const char *args, int rank, const int64_t *dim, int64_t bound)
{
    Opened o = {.m = nnrt_new(&line_program, 0)};
    char text[2000];
    snprintf(text, sizeof text,
             "{\"name\":\"d\",\"fields\":[{\"name\":\"f\",\"readers\":[{\"kind\":\"%s\",\"path\":["
             "\"%s\"],\"args\":[%s]}]}]}",
             reader->kind, path, args);
    o.block = json_parse(text, strlen(text), NULL);
    cr_assert_not_null(o.block, "%s", text);
    o.spec = (Spec){.m = o.m,
                    .block = o.block,
                    .reader = json_at(json_get(json_at(json_get(o.block, "fields"), 0), "readers"), 0),
                    .rank = rank,
                    .bound = bound,
                    .name = "f"};
    memcpy(o.spec.dim, dim, sizeof *dim * (size_t)rank);
    snprintf(o.spec.path, sizeof o.spec.path, "%s", path);
    o.code = reader->open(&o.spec, &o.source);
    return o;
}

static inline Opened try_open(const nnrt_reader *reader, const char *path, const char *args, int rank, int64_t dim0, int64_t bound)
{
    return try_shape(reader, path, args, rank, &dim0, bound);
}

static inline void drop(Opened *o)
{
    if (!o->code) o->source.close(&o->source);
    json_free(o->block);
    nnrt_free(o->m);
}

#endif
