/* SPDX-License-Identifier: MIT
 * cells.h: the cells of a CSV text, row by row, in pieces of the text. Quotes as in RFC 4180; a line ends with LF,
 * CR LF or CR; empty lines are skipped, as is a byte order mark. A 0 byte, a quote without end, something behind a quote, and
 * a row with more cells than the first are errors that name file, line and column. */
#ifndef NNRT_DATA_CELLS_H
#define NNRT_DATA_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Separators: any run of blanks; the one that the first row seems to have. */
enum { CELLS_BLANKS = ' ', CELLS_GUESS = 0 };

typedef struct CellReader { /* where the work on a text stands */
    const char *path;
    char *at, *end, *line_start; /* what is to be read; a 0 stands behind it */
    bool last;                   /* nothing follows behind the end */
    bool starved;                /* the end came inside of a row, but it is not the last one */
    bool begun, quotes, guessed, zeros;
    char separator;
    bool stop[256]; /* bytes that end a cell without quotes */
    int line;
    int columns; /* of the first row; 0: there was none yet */
    const char *first_hint; /* cells_hint of it */
    /* the row that was read: */
    char **cell, **behind; /* decoded, with a 0 behind, in the piece of text; its end there */
    int *place;            /* of each cell in its line, from 1 */
    int n, row_line;
} CellReader;

void cells_begin(CellReader *r, const char *path, char separator, bool quotes);
/* The text goes on with this piece: what was left of the one before from r->at on, and more. A 0 stands behind it. */
void cells_feed(CellReader *r, char *text, size_t size, bool last);
/* The next row, which is there until more is fed. *found is false at the end of the piece; what is left there is no whole row. */
int cells_next(CellReader *r, bool *found);
int cells_full(const CellReader *r); /* has the row as many cells as the first? */
/* Behind a message about the row: it is one cell, and which separator it seems to have; else "". */
const char *cells_hint(const CellReader *r);
void cells_end(CellReader *r);

char cells_separator(const char *text, size_t size); /* the one that the first row seems to have: tab ; , or blanks */

typedef enum { CELL_NUMBER, CELL_HUGE, CELL_TEXT } CellKind; /* HUGE: a number that no float holds */
CellKind cell_number(const char *cell, char decimal, double *v); /* decimal: '.' or ','; beside a comma there is no point */
bool cell_has_comma(const char *cell);                           /* would it be a number with a decimal comma? */

#endif
