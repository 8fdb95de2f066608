/* SPDX-License-Identifier: MIT
 * left_out.h: files of a folder that look as if they were meant, but that no reader of the block takes. */
#ifndef NNRT_DATA_LEFT_OUT_H
#define NNRT_DATA_LEFT_OUT_H

#include "data/spec.h"

typedef struct Kinds { /* endings of names, in lower case; up to a NULL */
    const char *noun, *formats;        /* "pictures", "PNG and JPEG" */
    const char *read[8], *others[16]; /* formats that the reader knows, and those that it does not */
} Kinds;

/* To be called with what folder_list said of this pattern: tells of such files, in a remark or behind the error that no file
 * matches. Returns the code. */
int left_out_tell(const Spec *spec, const Kinds *kinds, const char *glob, int code);

#endif
