/* SPDX-License-Identifier: MIT
 * parts.h: parts of a data block. */
#ifndef NNRT_DATASET_PARTS_H
#define NNRT_DATASET_PARTS_H

#include "dataset/dataset.h"

/* Example numbers of a part ("all", "train", ...); ids >= n[0] are of the test source. */
int dataset_part(Dataset *d, const char *part, int64_t **ids, int64_t *n);
int64_t dataset_unused(Dataset *d); /* examples of the main source in no part of the split */

#endif
