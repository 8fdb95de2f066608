/* SPDX-License-Identifier: MIT
 * weights_load.h: checkpoints and other safetensors files, read. */
#ifndef NNRT_MODEL_WEIGHTS_LOAD_H
#define NNRT_MODEL_WEIGHTS_LOAD_H

#include "model/model.h"

int weights_load(nnrt *m, const char *path, bool partial, int entry); /* entry >= 0: slots and progress too */
/* Weights of a file whose names or axes are others (weight_map.h); NULL: as here. */
int weights_load_mapped(nnrt *m, const char *path, bool partial, const char *rules, const char *layout);
/* What resume_text said, free() it; NULL in *out if the file does not say it. */
int weights_run(const char *path, char **out);

/* Start values: those that the program carries, with their vocabularies, or those of the initialisers. */
int weights_start(nnrt *m, uint64_t seed);

#endif
