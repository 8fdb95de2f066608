/* SPDX-License-Identifier: MIT
 * weights.h: checkpoints, written. */
#ifndef NNRT_MODEL_WEIGHTS_H
#define NNRT_MODEL_WEIGHTS_H

#include <stdio.h>

#include "model/model.h"

int weights_save(const nnrt *m, const char *path, int entry, const Progress *progress); /* entry >= 0: with its slots */
/* The same without the last step: does it work, and is there room? The file stays as it is. */
int weights_try(const nnrt *m, const char *path, int entry, const Progress *progress);
void weights_put_vocabularies(FILE *f, const nnrt *m); /* as the metadata of a checkpoint has them */

#endif
