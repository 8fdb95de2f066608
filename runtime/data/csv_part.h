/* SPDX-License-Identifier: MIT
 * csv_part.h: a CSV file while it is read: which cells of a row its readers take, and what is wrong with them. */
#ifndef NNRT_DATA_CSV_PART_H
#define NNRT_DATA_CSV_PART_H

#include "data/csv_file.h"

typedef struct CsvNames { /* the first row: of the cell reader as long as that stands there, then a copy */
    const char *path, *row;
    const uint32_t *cell; /* where each begins in the row */
    int n;
    const char *hint; /* cells_hint of it */
} CsvNames;

static inline const char *csv_name(const CsvNames *c, int i)
{
    return c->row + c->cell[i];
}

typedef struct CsvPart { /* what one reader says of its cells */
    const Json *reader;
    const char *missing;
    char decimal;
    int dtype; /* of numbers */
    bool texts, labels, has_fill, single; /* single: numbers become floats of 32 bits or less */
    double fill;
    CsvColumns *out;
} CsvPart;

typedef struct CsvRow { /* a row that is read, for messages */
    const CellReader *cells;
    const CsvNames *names;
    bool header, first; /* the first row holds names; this is the first one */
} CsvRow;

/* The columns that a reader's arguments name, in a list to be freed. */
int csv_choose(const CsvNames *names, const Json *reader, int **column, int *width);
bool csv_is_mark(const char *missing, const char *cell); /* no text, or that which stands for a missing cell */
bool csv_is_missing(const CsvRow *row, const char *missing, int column);
/* The cells of a row behind those of the rows before. */
int csv_take(const CsvPart *part, const CsvRow *row);

#endif
