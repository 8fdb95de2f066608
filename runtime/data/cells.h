/* SPDX-License-Identifier: MIT
 * cells.h: the cells of a CSV text, for data blocks and for arguments of exports. Quotes as in RFC 4180; a line ends with LF,
 * CR LF or CR; empty lines are skipped, as is a byte order mark. A 0 byte, a quote without end, something behind a quote, and
 * a row with more cells than the first are errors that name file, line and column. */
#ifndef NNRT_DATA_CELLS_H
#define NNRT_DATA_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct CellRow {
    int64_t first; /* cell */
    int n, line;
} CellRow;

typedef struct Cells {
    char **cell; /* decoded, 0-terminated, in the text that was split */
    int *place;  /* of each cell in its line, from 1 */
    int64_t n_cells;
    CellRow *row;
    int64_t n_rows;
    char separator;
    bool guessed;
} Cells;

/* Separators: any run of blanks; the one that the first row seems to have. */
enum { CELLS_BLANKS = ' ', CELLS_GUESS = 0 };

/* Splits the text (with a 0 behind it) in place. The caller frees it after the cells. */
int cells_split(const char *path, char *text, size_t size, char separator, bool quotes, Cells *out);
int cells_full(const char *path, const Cells *c); /* have all rows as many cells as the first? */
char cells_separator(const char *text, size_t size); /* the one that the first row seems to have: tab ; , or blanks */
void cells_free(Cells *c);

typedef enum { CELL_NUMBER, CELL_HUGE, CELL_TEXT } CellKind; /* HUGE: a number that no float holds */
CellKind cell_number(const char *cell, char decimal, double *v); /* decimal: '.' or ','; beside a comma there is no point */
bool cell_has_comma(const char *cell);                           /* would it be a number with a decimal comma? */
/* Behind a message about cells: this row is one cell, and which separator it seems to have; else "". */
const char *cells_hint(const Cells *c, int64_t row);

#endif
