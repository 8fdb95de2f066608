/* SPDX-License-Identifier: MIT
 * shared.h: a file that several readers of a block name is read once: the first one to open it leaves with the block what the others
 * take. What one of them takes begins with a Shared. */
#ifndef NNRT_DATA_SHARED_H
#define NNRT_DATA_SHARED_H

#include "data/spec.h"

/* The readers of the block of the same kind as spec's that read the file at spec->path, from NULL on, and their fields. */
const Json *shared_next(const Spec *spec, const Json *last, const Json **field);
bool shared_waits(const Spec *spec, const Json *reader); /* has it been read for it, and is it still there? */
Shared *shared_take(const Spec *spec);                   /* what waits for who asks; NULL */
/* What was read for one of the readers is left to wait for it, or comes back if that is who asked. After an error it is dropped. */
Shared *shared_give(const Spec *spec, Shared *part, int code);
/* A field that is nothing but the numbers of its reader, in single precision, loses nothing where they are held so. */
bool shared_single(const Spec *spec, const Json *field);

typedef struct Lines { /* where rows stand in a file, from 1; for all readers of it */
    int owners;
    int *at;
} Lines;
Lines *lines_new(void); /* of one owner; NULL: no memory */
void lines_drop(Lines *l);

#endif
