/* links: nnrt_loaders */
/* wraps: rt_remark */
/* SPDX-License-Identifier: MIT
 * checkpoint.c: any bytes as a checkpoint, looked through, then loaded by a program. An odd first byte: the rest is
 * the file. Else two bytes say how long the header is that follows, and its length and checksum are made right. */
#include "line_program.h"
#include "memory_file.h"
#include "remark.h"
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

static void choose_load(int way, int mode, uint8_t *input)
{
    (void)mode;
    input[0] = (uint8_t)((input[0] & 1) | way << 1);
}

static void name_load(int way, int mode)
{
    (void)mode;
    give("looked through, then loaded%s%s", way & 1 ? ", some tensors of it" : "", way & 2 ? ", with what training needs" : "");
}

const Ways ways = {1, 4, 1, choose_load, name_load};

static void look_through(const char *path)
{
    Safetensors f;
    int code = safetensors_open(&f, path);
    if (code) give("error %d: %s", code, nnrt_error_text());
    for (size_t i = 0; i < f.n_tensors && !code; i++) {
        const Stored *t = &f.tensor[i];
        void *to = malloc(t->bytes);
        CHECK(safetensors_find(&f, t->name) == t, "%s is not found", t->name);
        give("%s %s of %d axes ", t->name, t->dtype, t->rank);
        for (int k = 0; k < t->rank && k < 8; k++)
            give("%lld ", (long long)t->dim[k]);
        if (safetensors_read(&f, t, to))
            give("%s; ", nnrt_error_text());
        else
            give_bytes(to, t->bytes), give("; ");
        free(to);
    }
    for (size_t i = 0; i < f.n_notes && !code; i++) {
        CHECK(safetensors_note(&f, f.note[i].key) == f.note[i].text, "%s is not found", f.note[i].key);
        give("%s: %s; ", f.note[i].key, f.note[i].text);
    }
    safetensors_close(&f);
}

static void give_loaded(const nnrt *m)
{
    const float *model = (const float *)m->model;
    give_numbers((double[]){(double)model[16], (double)model[32]}, 2, EXACT); /* w and b */
    const Progress *p = &m->progress;
    if (p->valid) give("; step %lld of %lld, epoch %lld, best %g", (long long)p->step, (long long)p->steps, (long long)p->epoch, p->best);
    for (int v = 0; v < m->n_vocabs; v++)
        give("; %d words of %d", m->vocab[v].n, m->vocab[v].field);
}

/* Into a program as it starts: nothing of a file that is refused may be left in it. */
static void load(const char *path, bool partial, int entry)
{
    nnrt *m = nnrt_new(&line_program, 0);
    CHECK(m && (entry < 0 || rt_area(m, entry)), "no program");
    char *before = malloc(line_program.model_bytes);
    memcpy(before, m->model, line_program.model_bytes);
    int code = weights_load(m, path, partial, entry);
    give(" ### ");
    if (code) {
        give("error %d: %s", code, nnrt_error_text());
        CHECK(memcmp(before, m->model, line_program.model_bytes) == 0, "a refused file changed the model");
        CHECK(!m->n_vocabs && !m->progress.valid, "a refused file changed the program");
    } else {
        give_loaded(m);
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
