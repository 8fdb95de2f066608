/* SPDX-License-Identifier: MIT
 * hold.h: examples that are files. They are decoded when the data is opened and held, as many as fit into the share of the memory
 * that is for them (share.h); of the others only the beginnings are looked at then, and they are decoded whenever they are asked for. */
#ifndef NNRT_DATA_HOLD_H
#define NNRT_DATA_HOLD_H

#include "data/spec.h"

typedef struct FileKind { /* what a reader does with file i of its state; codes as everywhere */
    int (*take)(void *state, int i, size_t *bytes); /* decodes it and keeps that in the state: so many bytes */
    void (*drop)(void *state, int i);               /* lets go of it */
    int (*look)(void *state, int i);                /* can it be taken, as far as its beginning tells? */
} FileKind;

/* All files in their order; *held: bytes that stay, for share_give_back. A file that cannot be taken is an error that says how many of
 * those behind it cannot, either. */
int hold_files(nnrt *m, const FileKind *kind, void *state, char *const *path, int n, size_t *held);

#endif
