/* SPDX-License-Identifier: MIT
 * example.h: one example of a field in a batch. */
#ifndef NNRT_DATASET_EXAMPLE_H
#define NNRT_DATASET_EXAMPLE_H

#include "dataset/dataset.h"

typedef struct Shape {
    int rank;
    int64_t full[8], own[8]; /* extents in the batch and of this example */
} Shape;

typedef struct Scratch { /* grows; raw values of the readers, the result of the expression, and its workspace */
    void *at[MOST_READERS + 2];
    size_t bytes[MOST_READERS + 2];
} Scratch;
void scratch_free(Scratch *s);

/* The numbers of example id, behind `base` others of the batch. Several threads may do this, each with a scratch of its own. */
int example_value(Dataset *d, DataField *f, int64_t id, const int64_t *sizes, Shape *shape, void *to, int64_t base, Scratch *scratch);

/* "iris.csv:7, number 3": which of the numbers only if there are several. */
enum { EXAMPLE_PLACE = RT_PATH + 64 };
const char *example_place(Dataset *d, DataField *f, int64_t id, int64_t at, char out[EXAMPLE_PLACE]);

#endif
