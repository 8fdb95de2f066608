/* SPDX-License-Identifier: MIT
 * stream.h: the file of a reader. A pipe is read once and kept for all that read it. */
#ifndef NNRT_DATA_STREAM_H
#define NNRT_DATA_STREAM_H

#include "data/spec.h"

int spec_read(const Spec *spec, const char *path, char **text, size_t *n);
bool spec_is_stream(const Spec *spec);
int spec_stream(const Spec *spec, const char **text, size_t *n); /* what it gave; the model keeps it */

#endif
