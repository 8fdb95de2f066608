/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * checkpoint.c: any bytes as a checkpoint, looked through, then loaded by a program. An odd first byte: the rest is
 * the file. Else two bytes say how long the header is that follows, and its length and checksum are made right. */
#include "line_program.h"
#include "memory_file.h"
#include "base/checksum.h"
#include "model/call.h"
#include "model/safetensors.h"
#include "model/weights_load.h"

static const char *make_file(const uint8_t *data, size_t size)
{
    if (data[0] & 1) return memory_file(data + 1, size - 1);
    size_t rest = size - 3, header = data[1] | (size_t)data[2] << 8;
    if (header > rest) header = rest;
    char *file = malloc(8 + rest), sum[NNC_CRC_DIGITS + 1];
    for (int i = 0; i < 8; i++)
        file[i] = (char)(header >> 8 * i);
    memcpy(file + 8, data + 3, rest);
    if (header >= NNC_CRC_AT + NNC_CRC_DIGITS && memcmp(file + 8, NNC_HEADER, NNC_CRC_AT) == 0) {
        memset(file + 8 + NNC_CRC_AT, '0', NNC_CRC_DIGITS);
        snprintf(sum, sizeof sum, "%08x", rt_crc32c(0, file + 8, header));
        memcpy(file + 8 + NNC_CRC_AT, sum, NNC_CRC_DIGITS);
    }
    const char *path = memory_file(file, 8 + rest);
    free(file);
    return path;
}

static void look_through(const char *path)
{
    Safetensors f;
    int code = safetensors_open(&f, path);
    for (size_t i = 0; i < f.n_tensors && !code; i++) {
        void *to = malloc(f.tensor[i].bytes);
        CHECK(safetensors_find(&f, f.tensor[i].name) == &f.tensor[i], "%s is not found", f.tensor[i].name);
        safetensors_read(&f, &f.tensor[i], to);
        free(to);
    }
    for (size_t i = 0; i < f.n_notes && !code; i++)
        CHECK(safetensors_note(&f, f.note[i].key) == f.note[i].text, "%s is not found", f.note[i].key);
    safetensors_close(&f);
}

/* Into a program as it starts: nothing of a file that is refused may be left in it. */
static void load(const char *path, bool partial, int entry)
{
    nnrt *m = nnrt_new(&line_program, 0);
    CHECK(m && (entry < 0 || rt_area(m, entry)), "no program");
    char *before = malloc(line_program.model_bytes);
    memcpy(before, m->model, line_program.model_bytes);
    if (weights_load(m, path, partial, entry)) {
        CHECK(memcmp(before, m->model, line_program.model_bytes) == 0, "a refused file changed the model");
        CHECK(!m->n_vocabs && !m->progress.valid, "a refused file changed the program");
    }
    free(before);
    nnrt_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3) return 0;
    const char *path = make_file(data, size);
    look_through(path);
    load(path, data[0] & 2, data[0] & 4 ? 0 : -1);
    return 0;
}
