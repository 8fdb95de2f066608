/* SPDX-License-Identifier: MIT
 * items.h: the tensors of a checkpoint, for who writes it (weights.c) and who reads it (weights_load.c). */
#ifndef NNRT_MODEL_ITEMS_H
#define NNRT_MODEL_ITEMS_H

#include "model/model.h"

typedef struct Item { /* one tensor of the file */
    const char *name;
    char *own_name; /* or NULL: the name belongs to the program */
    int dtype;      /* NNRT_... */
    int rank;
    const int64_t *dim, *stride; /* stride NULL: dense */
    void *data;
    uint64_t count, bytes;
    bool optional; /* may be missing in a file */
} Item;

typedef struct Items {
    Item *at;
    int n;
    int64_t slot_dim, sum_dim; /* extents that items point to: do not move it */
} Items;

/* Model tensors, then (entry >= 0) slots, counts and sums of its statements. items_free it, after an
 * error too. */
int items_collect(const nnrt *m, int entry, Items *items);
void items_free(Items *items);
int item_rename(Item *it, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The optimizers of an entry's statements, "adam, sgd"; empty where there are none. */
enum { ITEMS_OPTIMIZERS = 400 };
const char *items_optimizers(const nnrt *m, int entry, char out[ITEMS_OPTIMIZERS]);
const char *item_dtype(int dtype);                               /* "F32" */
/* Byte offset of dense element e in memory. */
size_t item_place(const Item *it, uint64_t e);

#endif
