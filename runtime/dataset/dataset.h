/* SPDX-License-Identifier: MIT
 * dataset.h: a data block opened: its fields and their examples (language.md#data). */
#ifndef NNRT_DATASET_DATASET_H
#define NNRT_DATASET_DATASET_H

#include "data/reader.h"

enum { OTHER_SIZE = -1000 }; /* a formula of run-time sizes */
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
    bool pointwise;      /* the expression makes each number of one number of its only reader */
    struct ByteTable *table[2]; /* table.h: of rows that are bytes, main and test; NULL: none */
    int n_readers;
    Spec spec[MOST_READERS];
    int64_t raw_dim[MOST_READERS][8];    /* shapes of the readers, like dim */
    nnrt_source source[2][MOST_READERS]; /* main, test */
    char *test_path[MOST_READERS]; /* of the test source; NULL: there is none */
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
    Shared *shared; /* read for fields that are not open yet */
    bool buckets; /* examples of different size go into different batches */
} Dataset;

int dataset_open(nnrt *m, int block, const nnrt_reader *const *readers, Dataset **out);
void dataset_close(Dataset *d);
/* Reader k of a field for example id, whose number there is *local. */
nnrt_source *dataset_source(DataField *f, int k, Dataset *d, int64_t id, int64_t *local);
/* Where reader k of a field has example id: "iris.csv:7", "shapes/3.png", "x.npy: example 7". */
const char *dataset_place(Dataset *d, DataField *f, int k, int64_t id, char *out, size_t n);
/* Numbers that reader k must give for an example of these sizes; -1: not known. */
int64_t dataset_raw_count(const DataField *f, int k, const int64_t *sizes);
/* The names of a field's numbers, where they are codes of words or classes; NULL: they have none. */
const Vocab *dataset_names(const Dataset *d, int field);
/* Sizes of an example's symbols: by the first field that has them. */
void dataset_sizes(Dataset *d, int64_t id, int64_t *size);

#endif
