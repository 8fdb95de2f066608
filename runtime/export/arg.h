/* SPDX-License-Identifier: MIT
 * arg.h: a call of an export from the command line, and its arguments. */
#ifndef NNRT_EXPORT_ARG_H
#define NNRT_EXPORT_ARG_H

#include "cli/cli.h"

typedef enum { /* what the values of an argument were */
               FROM_TABLE = 1,   /* numbers of a CSV file */
               FROM_FILE = 2,    /* of another one */
               FROM_DATA = 4,    /* examples of a data block */
               FROM_NUMBERS = 8, /* in the command line */
               FROM_TEXT = 16,
               FROM_CELLS = 32 /* texts of a CSV file */
} ArgFrom;

typedef struct Arg { /* one pointer argument, as read */
    const Json *json;
    const char *name;
    Tensor t; /* numbers, dense, of the shape in the file */
    bool given, is_text;
    int from; /* of ArgFrom; 0: it is counted */
    int64_t *length; /* of texts: codes per line */
    void *data;      /* in the element type of the entry */
} Arg;

typedef struct Result {
    const Json *json;
    int dtype, rank;
    int64_t dim[8];
    void *data;
} Result;

typedef struct Export {
    Cli *cli;
    nnrt *m;
    int entry;
    const nnrt_entry *e;
    const Json *json;
    int64_t sizes[NNRT_MAX_SIZES];    /* -1: not known yet */
    const char *from[NNRT_MAX_SIZES]; /* argument that told the size */
    Arg arg[NNRT_MAX_ARGS];
    int n_args;
    Result result[NNRT_MAX_ARGS];
    void *pointer[NNRT_MAX_ARGS];
} Export;

int export_rank(const Arg *a);
const Json *export_dim(const Arg *a, int i);
int export_rate(const Export *x); /* samples a second of the sounds in the data blocks; 0: none */
bool export_resamples(const Export *x); /* sounds of other rates are turned into such ones */
bool export_is_file(const char *value); /* - or a file that is there, perhaps with .gz behind */
bool export_is_table(const char *value); /* does its name end in .csv, perhaps with .gz behind? */
/* The first number of a text is not finite: the error. */
int export_not_finite(const Export *x, const Arg *a, const char *text);
int export_no_file(const Arg *a, const char *value, const char *otherwise); /* the error */

#endif
