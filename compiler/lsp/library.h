/* SPDX-License-Identifier: MIT
 * library.h: the library's files, which are inside of nnc, as files that an editor can open: beneath $XDG_CACHE_HOME/nnc, or ~/.cache/nnc,
 * in a folder for each text that a file ever had. They are read only, and written when they are asked for. */
#ifndef NNC_LSP_LIBRARY_H
#define NNC_LSP_LIBRARY_H

#include <stdbool.h>

#include "support/source.h"

const char *library_uri(Arena *arena, const SourceFile *file); /* NULL: it cannot be written */
bool library_holds(Arena *arena, const char *path);            /* is this such a file? */

#endif
