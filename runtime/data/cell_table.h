/* SPDX-License-Identifier: MIT
 * cell_table.h: all cells of a CSV text at once, for texts and names that are arguments of exports. */
#ifndef NNRT_DATA_CELL_TABLE_H
#define NNRT_DATA_CELL_TABLE_H

#include "data/cells.h"

typedef struct CellRow {
    int64_t first; /* cell */
    int n, line;
} CellRow;

typedef struct CellTable {
    char **cell; /* decoded, 0-terminated, in the text that was split */
    int64_t n_cells;
    CellRow *row;
    int64_t n_rows;
} CellTable;

/* Splits the text (with a 0 behind it) in place. The caller frees it after the cells. full: a row with fewer cells than the first
 * is an error. */
int cell_table(const char *path, char *text, size_t size, char separator, bool full, CellTable *out);
void cell_table_free(CellTable *c);

#endif
