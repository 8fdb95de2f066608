/* SPDX-License-Identifier: MIT
 * cells.h: the cells of a CSV text, row by row, in pieces of the text. Quotes as in RFC 4180; a line ends with LF,
 * CR LF or CR; empty lines are skipped, as is a byte order mark. A 0 byte, a quote without end, something behind a quote, a row
 * with more cells than the first and one that is too long are errors that name file, line and column. */
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
    /* the row that was read, with no more memory for a cell than its place takes: */
    char *row, *behind; /* in the piece of text; where its last cell ended */
    uint32_t *cell;     /* where each begins there (cells_at) */
    size_t room;
    struct CellBreak {
        int cell;      /* the cells behind this one are in a line */
        uint32_t line; /* that begins here */
    } *broken;
    int n, n_broken, row_line, row_place;
} CellReader;

enum { CELLS_MOST_ROW = 64 << 20 }; /* bytes of a row; more is an error */

/* Cell i of the row, decoded, with a 0 behind; its place in its line, from 1. */
static inline char *cells_at(const CellReader *r, int i)
{
    return r->row + r->cell[i];
}
int cells_place(const CellReader *r, int i);

void cells_begin(CellReader *r, const char *path, char separator, bool quotes);
/* The text goes on with this piece: what was left of the one before from r->at on, and more. A 0 stands behind it. */
void cells_feed(CellReader *r, char *text, size_t size, bool last);
/* The next row, which is there until more is fed. *found is false at the end of the piece; what is left there is no whole row. */
int cells_next(CellReader *r, bool *found);
int cells_full(const CellReader *r); /* has the row as many cells as the first? */
/* Behind a message about the row: it is one cell, and which separator it seems to have; else "". */
const char *cells_hint(const CellReader *r);
int cells_waiting(const CellReader *r); /* may the row go on, of which the end of the piece was found inside? */
void cells_end(CellReader *r);

char cells_separator(const char *text, size_t size); /* the one that the first row seems to have: tab ; , or blanks */

typedef enum { CELL_NUMBER, CELL_HUGE, CELL_TEXT } CellKind; /* HUGE: a number that no float holds */
CellKind cell_number(const char *cell, char decimal, double *v); /* decimal: '.' or ','; beside a comma there is no point */
bool cell_has_comma(const char *cell);                           /* would it be a number with a decimal comma? */

#endif
