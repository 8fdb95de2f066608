/* SPDX-License-Identifier: MIT
 * columns.h: the names in the first line of a CSV file. */
#ifndef NNC_LSP_COLUMNS_H
#define NNC_LSP_COLUMNS_H

#include <jansson.h>

#include "lsp/documents.h"

/* A list of texts. The path is looked for in the folder of the text, those above it, and the current one. */
json_t *columns_of(Arena *arena, const Document *document, const char *path);

#endif
