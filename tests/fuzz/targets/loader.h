/* SPDX-License-Identifier: MIT
 * loader.h: a reader of data blocks on files in memory. The calls by which readers ask for files are replaced:
 * every file is the input, a folder has two. The first two bytes of an input choose the arguments of the
 * reader, and of another one of the same file in the block; whether that one shares what is read; whether files are held. */
#ifndef FUZZ_LOADER_H
#define FUZZ_LOADER_H

#include "data/file.h"
#include "data/folder.h"
#include "data/reader.h"
#include "data/words.h"
#include "memory_file.h"
#include "target.h"

/* It brings the words of texts along, as in the list of a program. */
static const nnrt_reader *const brings_words __attribute__((used)) = &nnrt_reader_words;

typedef struct Choice {
    const char *args; /* as in the manifest */
    int rank;
    int64_t dim[3];
    int64_t bound;
} Choice;

static const uint8_t *file_bytes;
static size_t file_size;

int __wrap_file_read(const char *path, char **text, size_t *n);
int __wrap_file_read_headed(const char *path, const FileHeader *header, char **text, size_t *n);
int __wrap_file_find(const char *path, char found[FILE_PATH]);
int __wrap_folder_list(const char *path, const char *glob, char ***list, int *n);

int __wrap_file_read_headed(const char *path, const FileHeader *header, char **text, size_t *n)
{
    size_t most = SIZE_MAX, size = file_size;
    char *copy = malloc(size + 1);
    memcpy(copy, file_bytes, size);
    copy[size] = 0;
    int code = header ? header->length(header->context, path, copy, size, &most) : NNRT_OK;
    if (!code && size > most && most < SIZE_MAX - 1) copy[size = most + 1] = 0;
    if (code) free(copy);
    if (!code) *text = copy, *n = size;
    return code;
}

int __wrap_file_read(const char *path, char **text, size_t *n)
{
    return __wrap_file_read_headed(path, NULL, text, n);
}

/* Files of arrays stay open if they are not to be held. */
int __wrap_file_find(const char *path, char found[FILE_PATH])
{
    (void)path;
    snprintf(found, FILE_PATH, "%s", memory_file(file_bytes, file_size));
    return NNRT_OK;
}

int __wrap_folder_list(const char *path, const char *glob, char ***list, int *n)
{
    (void)path, (void)glob;
    *n = 2;
    *list = calloc(2, sizeof **list);
    (*list)[0] = strdup("folder/a_1/x.png"), (*list)[1] = strdup("folder/b/y.png");
    return NNRT_OK;
}

/* The first and the last examples, each in a block of exactly its size. */
static inline void read_examples(nnrt_source *s)
{
    enum { MOST = 1 << 16 };
    CHECK(s->n >= 0, "%lld examples", (long long)s->n);
    for (int64_t i = 0; i < s->n; i++) {
        if (i == 8 && s->n > 16) i = s->n - 8;
        int64_t n = s->count(s, i), extent[8] = {0};
        CHECK(n >= 0, "example %lld has %lld numbers", (long long)i, (long long)n);
        if (s->extent) s->extent(s, i, extent);
        if (s->number) CHECK(s->number(s, i) >= 0, "example %lld has no number", (long long)i);
        if (n > MOST) continue;
        double *out = malloc(sizeof *out * (size_t)n);
        source_numbers(s, i, out);
        if (s->present) s->present(s, i, out);
        free(out);
    }
}

static inline int run_reader(const nnrt_reader *reader, const Choice *choice, int n_choices, const uint8_t *data, size_t size)
{
    static const nnrt_program program = {.abi = NNRT_ABI, .name = "fuzz", .manifest = "{}"};
    char text[2000];
    if (size < 2) return 0;
    const Choice *c = &choice[data[0] % n_choices], *other = &choice[data[1] % n_choices];
    snprintf(text, sizeof text,
             "{\"name\":\"d\",\"fields\":[{\"name\":\"f\",\"readers\":[{\"kind\":\"%s\",\"path\":[\"x\"],\"args\":[%s]}]},"
             "{\"name\":\"g\",\"readers\":[{\"kind\":\"%s\",\"path\":[\"x\"],\"args\":[%s]}]}]}",
             reader->kind, c->args, reader->kind, other->args);
    file_bytes = data + 2, file_size = size - 2;
    nnrt *m = rt_new(&program);
    Json *block = json_parse(text, strlen(text), NULL);
    CHECK(m && block, "%s", text);
    Spec spec = {.m = m, .block = block, .path = "x", .rank = c->rank, .bound = c->bound, .name = "f"};
    memcpy(spec.dim, c->dim, sizeof c->dim);
    Shared *shared = NULL;
    if (data[1] & 0x40) spec.shared = &shared;
    if (data[1] & 0x80) m->hold_most = 1;
    for (int field = 0; field < (spec.shared ? 2 : 1); field++) {
        spec.reader = json_at(json_get(json_at(json_get(block, "fields"), field), "readers"), 0);
        spec.rank = field ? other->rank : c->rank, spec.bound = field ? other->bound : c->bound, spec.field = field;
        memcpy(spec.dim, field ? other->dim : c->dim, sizeof c->dim);
        nnrt_source source = {0};
        if (reader->open(&spec, &source)) continue;
        read_examples(&source);
        source.close(&source);
    }
    while (shared) {
        Shared *s = shared;
        shared = s->next;
        s->drop(s);
    }
    json_free(block);
    nnrt_free(m);
    return 0;
}

#define READER_TARGET(reader, choices) \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) \
    { \
        return run_reader(&(reader), choices, sizeof(choices) / sizeof *(choices), data, size); \
    }

#endif
