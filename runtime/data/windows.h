/* SPDX-License-Identifier: MIT
 * windows.h: windows of a source whose examples are single numbers. */
#ifndef NNRT_DATA_WINDOWS_H
#define NNRT_DATA_WINDOWS_H

#include "data/reader.h"

/* `source` becomes one of `window` of its examples at a time, a new one every `stride`; an error closes it. */
int windows_open(nnrt_source *source, int64_t window, int64_t stride);

#endif
