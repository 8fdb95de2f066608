/* SPDX-License-Identifier: MIT
 * dataset.h: a data block opened: its fields, parts, and batches of them (language.md 5.5). */
#ifndef NNRT_DATASET_DATASET_H
#define NNRT_DATASET_DATASET_H

#include "data/reader.h"

enum { MOST_READERS = 4 };
typedef struct DataField {
    const Json *json;
    const char *name;
    int dtype; /* NNRT_... in a batch */
    int rank;
    int64_t dim[8]; /* -1 - k: symbol k of the block */
    int64_t bound;
    int length_of, expr; /* field index; program entry of the expression, or -1 */
    int present_of;      /* field index, or -1 */
    int n_readers;
    Spec spec[MOST_READERS];
    int64_t raw_dim[MOST_READERS][8];    /* shapes of the readers, like dim */
    nnrt_source source[2][MOST_READERS]; /* main, test */
    bool open[2];
} DataField;

typedef struct Dataset {
    nnrt *m;
    int block;
    const Json *json;
    int n_fields, n_symbols;
    DataField *field;
    int64_t n[2]; /* examples of the main and the test source */
    bool windows; /* consecutive windows: parts keep the file's order */
    bool buckets; /* examples of different size go into different batches */
} Dataset;

int dataset_open(nnrt *m, int block, const nnrt_reader *const *readers, Dataset **out);
void dataset_close(Dataset *d);
/* Example numbers of a part ("all", "train", ...); ids >= n[0] are of the test source. */
int dataset_part(Dataset *d, const char *part, int64_t **ids, int64_t *n);
int64_t dataset_unused(Dataset *d); /* examples of the main source in no part of the split */

/* The batches of one epoch, in order. */
typedef struct Plan {
    int64_t *id, *start; /* batch b: id[start[b]] .. id[start[b + 1]] */
    int64_t n;           /* batches */
} Plan;
int plan_make(Dataset *d, const int64_t *ids, int64_t n, int64_t batch, bool shuffle, uint64_t seed,
              int64_t epoch, Plan *plan);
void plan_free(Plan *plan);

typedef struct Batch { /* arguments of an entry for some examples */
    int64_t sizes[NNRT_MAX_SIZES];
    void *arg[NNRT_MAX_ARGS];
    size_t bytes[NNRT_MAX_ARGS];
    int64_t n;
} Batch;
int batch_fill(Dataset *d, int entry, const int64_t *ids, int64_t n, Batch *batch);
void batch_free(Batch *batch);
/* One field of some examples in batch->arg[0], and its shape, which begins with n. */
int dataset_field(Dataset *d, int field, const int64_t *ids, int64_t n, Batch *batch, int *rank,
                  int64_t *dim);

#endif
