/* SPDX-License-Identifier: MIT
 * columns.h: which columns of a CSV file are meant: `0,2,5..8`, or names that stand in its first line. */
#ifndef NNRT_FORMAT_COLUMNS_H
#define NNRT_FORMAT_COLUMNS_H

#include "data/cell_table.h"

/* All if list is NULL. free() *column, after an error too. */
int columns_find(const char *path, const CellTable *c, const char *list, int **column, int64_t *n);
int columns_find_in(const char *path, const CellReader *row, const char *list, int **column, int64_t *n); /* the same of a first row */
bool columns_by_name(const char *list); /* is one of them named? Then the first row is no data. */

#endif
