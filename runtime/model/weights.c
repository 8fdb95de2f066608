/* SPDX-License-Identifier: MIT
 * weights.c: checkpoints as safetensors files, written (weights_load.c reads them).
 *
 * Parameters and states by name, unpadded; optimizer slots and update counts; progress,
 * vocabularies and a CRC-32C per tensor in __metadata__. A checkpoint is whole or not there
 * (store.h). */
#include "model/weights.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/checksum.h"
#include "base/dtype.h"
#include "base/memory.h"
#include "base/store.h"
#include "model/items.h"
#include "model/manifest.h"
#include "model/safetensors.h"

/* ---- the header */

static void put_vocab(FILE *f, const nnrt *m, const Vocab *v)
{
    const Json *block = rt_block(m, v->data), *field = rt_field(m, v->data, v->field);
    json_put(f, "{\"block\":", json_text(block, "name", ""));
    json_put(f, ",\"name\":", json_text(field, "name", ""));
    fprintf(f, ",\"data\":%d,\"field\":%d,\"words\":[", v->data, v->field);
    for (int k = 0; k < v->n; k++) {
        json_put(f, k ? "," : "", v->word[k]);
    }
    fputs("]}", f);
}

void weights_put_vocabularies(FILE *f, const nnrt *m)
{
    fputc('[', f);
    for (int i = 0; i < m->n_vocabs; i++) {
        if (i) fputc(',', f);
        put_vocab(f, m, &m->vocab[i]);
    }
    fputc(']', f);
}

/* The list of vocabularies is a text within the header: metadata has only texts. */
static int put_vocabs(FILE *f, const nnrt *m)
{
    Memory inner;
    if (!memory_open(&inner)) return memory_close(&inner);
    weights_put_vocabularies(inner.f, m);
    int code = memory_close(&inner);
    fputs(",\"vocabularies\":", f);
    if (!code) json_write_string(f, inner.text);
    free(inner.text);
    return code;
}

static void put_progress(FILE *f, const nnrt *m, int entry, const Progress *p)
{
    char number[40], optimizers[ITEMS_OPTIMIZERS];
    json_put(f, ",\"entry\":", m->program->entry[entry]->name);
    if (*items_optimizers(m, entry, optimizers)) json_put(f, ",\"optimizers\":", optimizers);
    fprintf(f, ",\"step\":\"%lld\",\"epoch\":\"%lld\",\"batch\":\"%lld\",\"seed\":\"%llu\"", (long long)p->step, (long long)p->epoch,
            (long long)p->batch, (unsigned long long)p->seed);
    fprintf(f, ",\"steps\":\"%lld\"", (long long)p->steps);
    if (p->stale > 0) fprintf(f, ",\"stale\":\"%lld\"", (long long)p->stale);
    if (p->unchecked) fputs(",\"unchecked\":\"1\"", f);
    if (p->has_best) fprintf(f, ",\"best\":\"%s\"", json_format_number(p->best, number, sizeof number));
    if (p->has_validated) fprintf(f, ",\"validated\":\"%s\"", json_format_number(p->validated, number, sizeof number));
    if (!p->run) return;
    json_put(f, ",\"run\":", p->run);
}

static void put_item(FILE *f, const Item *it, uint64_t at)
{
    json_put(f, ",", it->name);
    fprintf(f, ":{\"dtype\":\"%s\",\"shape\":[", item_dtype(it->dtype));
    for (int d = 0; d < it->rank; d++)
        fprintf(f, "%s%lld", d ? "," : "", (long long)it->dim[d]);
    fprintf(f, "],\"data_offsets\":[%llu,%llu]}", (unsigned long long)at, (unsigned long long)(at + it->bytes));
}

typedef void (*Visit)(void *user, const void *bytes, size_t n);

/* The numbers of an item in their order, row by row where they are not dense. */
static void each_row(const Item *it, Visit visit, void *user)
{
    size_t width = dtype_bytes(it->dtype), row = it->rank ? (size_t)it->dim[it->rank - 1] : 1;
    if (!it->stride) {
        visit(user, it->data, it->bytes);
        return;
    }
    for (uint64_t e = 0; e < it->count; e += row)
        visit(user, (const char *)it->data + item_place(it, e), row * width);
}

static void add_to_sum(void *sum, const void *bytes, size_t n)
{
    *(uint32_t *)sum = rt_crc32c(*(uint32_t *)sum, bytes, n);
}

static void put_row(void *store, const void *bytes, size_t n)
{
    store_put(store, bytes, n);
}

static int put_header(FILE *f, const nnrt *m, const Items *items, int entry, const Progress *progress)
{
    uint64_t at = 0;
    fprintf(f, "%s00000000\",\"program\":", NNC_HEADER);
    json_write_string(f, m->program->name);
    fprintf(f, ",\"hash\":\"%016llx\"", (unsigned long long)m->program->hash);
    if (entry >= 0 && progress) put_progress(f, m, entry, progress);
    int code = put_vocabs(f, m);
    for (int i = 0; i < items->n; i++) {
        uint32_t sum = 0;
        char *key = NULL;
        if (asprintf(&key, "crc32c.%s", items->at[i].name) < 0) return rt_no_memory();
        each_row(&items->at[i], add_to_sum, &sum);
        json_put(f, ",", key);
        fprintf(f, ":\"%08x\"", sum);
        free(key);
    }
    fputc('}', f);
    for (int i = 0; i < items->n; i++) {
        put_item(f, &items->at[i], at);
        at += items->at[i].bytes;
    }
    fputc('}', f);
    while (!code && (8 + (size_t)ftell(f)) % 64 && !ferror(f))
        fputc(' ', f);
    return code;
}

/* The header with its checksum; free() it. */
static int make_header(const nnrt *m, const Items *items, int entry, const Progress *progress, char **header, size_t *n)
{
    Memory out;
    int code = memory_open(&out) ? put_header(out.f, m, items, entry, progress) : NNRT_OK;
    if (memory_close(&out)) code = NNRT_E_MEM;
    *header = out.text, *n = out.n;
    if (code) return code;
    if (*n > NNC_MOST_HEADER)
        return rt_fail(NNRT_E_RANGE,
                       "the header of the checkpoint would have %zu bytes, but at most %llu are "
                       "possible: are the vocabularies meant to be so large?",
                       *n, (unsigned long long)NNC_MOST_HEADER);
    char digits[NNC_CRC_DIGITS + 1];
    snprintf(digits, sizeof digits, "%08x", rt_crc32c(0, *header, *n));
    memcpy(*header + NNC_CRC_AT, digits, NNC_CRC_DIGITS);
    return NNRT_OK;
}

/* ---- the file */

static int write_all(const nnrt *m, const char *path, int entry, const Progress *progress, bool keep)
{
    Items items = {0};
    char *header = NULL;
    size_t n = 0;
    Store s;
    int code = items_collect(m, entry, &items);
    if (!code) code = make_header(m, &items, entry, progress, &header, &n);
    if (!code) code = store_begin(&s, path, "cannot save the checkpoint", false);
    if (!code) {
        unsigned char length[8];
        bytes_set_le(length, n, 8);
        store_put(&s, length, sizeof length);
        store_put(&s, header, n);
        for (int i = 0; i < items.n; i++)
            each_row(&items.at[i], put_row, &s);
        code = keep ? store_end(&s, NNRT_OK) : store_try(&s, NNRT_OK);
    }
    free(header);
    items_free(&items);
    return code;
}

int weights_save(const nnrt *m, const char *path, int entry, const Progress *progress)
{
    return write_all(m, path, entry, progress, true);
}

int weights_try(const nnrt *m, const char *path, int entry, const Progress *progress)
{
    return write_all(m, path, entry, progress, false);
}

int nnrt_save(const nnrt *m, const char *path)
{
    return rt_public(weights_save(m, path, -1, NULL));
}
