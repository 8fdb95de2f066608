/* SPDX-License-Identifier: MIT
 * csv_file.h: a CSV file is read once, for all readers of a block that name it: each gets its columns. */
#ifndef NNRT_DATA_CSV_FILE_H
#define NNRT_DATA_CSV_FILE_H

#include "data/cells.h"
#include "data/shared.h"
#include "data/texts.h"

typedef struct CsvColumns { /* what one reader takes */
    Shared shared; /* first: until the reader asks for it */
    int *column, width;
    int64_t n, room;       /* rows */
    void *number;          /* row by row, of this type (dtype.h), */
    int type;
    unsigned char *absent; /* a bit for each where the cell is missing and was filled, so many bytes */
    size_t absent_bytes;
    Texts texts; /* or these */
    Lines *lines;
    int code;    /* what is wrong, in the order in which it is told: with the file or the choice of columns, */
    bool inside; /* or with a cell */
    char *error;
} CsvColumns;

int csv_columns(const Spec *spec, CsvColumns **out);
bool csv_is_absent(const CsvColumns *c, int64_t i); /* number i */
void csv_drop(CsvColumns *c);

#endif
