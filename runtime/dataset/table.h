/* SPDX-License-Identifier: MIT
 * table.h: what bytes become in a field: its type, its expression, in one step. Where a formula gives the very numbers of the
 * table, it is faster than the table. */
#ifndef NNRT_DATASET_TABLE_H
#define NNRT_DATASET_TABLE_H

#include "dataset/dataset.h"
#include "dataset/line.h"

typedef struct ByteTable {
    _Alignas(8) unsigned char value[256 * 8]; /* as the batch has them */
    int width;                                /* bytes of each */
    bool good[256], all;                      /* false: the field does not take this byte */
    LineVectors line;                         /* else LINE_SLOW: floats, all of them byte / over + add */
    float over, add;
} ByteTable;

int tables_make(Dataset *d); /* of all fields whose readers give bytes, where each makes one number of the field */
/* False: one of the bytes is none that the field takes. */
bool table_take(const ByteTable *t, const unsigned char *bytes, int64_t n, void *out);

#endif
