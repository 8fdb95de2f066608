/* SPDX-License-Identifier: MIT
 * readers.h: the names of the readers of data blocks (language.md#readers). */
#ifndef NNC_SEMA_BASE_READERS_H
#define NNC_SEMA_BASE_READERS_H

#include "sema/base/state.h"

extern const char *const reader_names[]; /* up to NULL; data_args.c counts on their order */
const char *readers_listed(Sema *s);     /* "csv, idx, ... or json_lines" */

#endif
