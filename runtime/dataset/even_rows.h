/* SPDX-License-Identifier: MIT
 * even_rows.h: rows that lie in memory one as far from the next as all are, copied without a question for each. */
#ifndef NNRT_DATASET_EVEN_ROWS_H
#define NNRT_DATASET_EVEN_ROWS_H

#include "dataset/dataset.h"

/* The numbers of these examples, one behind the other. False: it is no such field, or a number is none that it takes. */
bool even_rows_copy(const Dataset *d, const DataField *f, const int64_t *ids, int64_t n, void *to);

#endif
