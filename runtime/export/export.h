/* SPDX-License-Identifier: MIT
 * export.h: a call of an export function from the command line: its arguments from words, files and
 * data blocks, the sizes that follow from them, its results. */
#ifndef NNRT_EXPORT_EXPORT_H
#define NNRT_EXPORT_EXPORT_H

#include "cli/cli.h"

typedef struct Arg { /* one pointer argument, as read */
    const Json *json;
    const char *name;
    Tensor t; /* numbers, dense, of the shape in the file */
    bool given, is_text;
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

/* size.c: sizes are polynomials over the names of the entry */
int export_set_size(Export *x, int i, int64_t v,
                    const char *from); /* must agree with what is known */
const char *export_size_name(const Export *x, int i);
int export_rank(const Arg *a);
const Json *export_dim(const Arg *a, int i);
/* Does the shape of a->t fit the declared one? Sets sizes that are names alone. An error text if
 * not. */
int export_match(Export *x, Arg *a);
bool export_may_match(const Export *x, const Arg *a, int rank, const int64_t *dim); /* before it is read; sets nothing */
bool export_fits(const Export *x, const Arg *a); /* the same of a->t, once all sizes are known */
int export_wrong_shape(const Export *x, const Arg *a);

/* text.c: texts coded like a field */
/* Makes sure that the words or classes of a field are numbered: by the checkpoint, or, where no weights are needed, by the
 * data. */
int export_know(Export *x, int data, int field);
int export_read_text(Export *x, Arg *a, const Flag *flag);
int export_count_text(Export *x, Arg *a); /* the length of a text that was given */
int export_label(Export *x, const Arg *a, const char *word, double *code);
char **export_tokens(Export *x, int data, int field, const int32_t *code,
                     int64_t n);                       /* texts of tokens */
bool export_is_label(const Export *x, const Result *r); /* each number is a class, not a text's code */
int64_t export_rows(const Export *x, const Result *r);  /* lines of a result: texts, or rows of classes */
void export_put_row(Export *x, const Result *r, int64_t row, FILE *f); /* classes with tabs between them */
void export_put_codes(Export *x, const Result *r, int64_t at, int64_t n, FILE *f); /* one text or class */

/* value.c: numbers */
int export_read_numbers(Export *x, Arg *a, const Flag *flag);
bool export_names_block(const Export *x, const char *value); /* BLOCK.… */
bool export_is_file(const char *value); /* - or a file that is there, perhaps with .gz behind */
int export_no_file(const Arg *a, const char *value, const char *otherwise); /* the error */

/* out.c */
int export_rate(const Export *x); /* samples a second of the sounds in the data blocks; 0: none */
/* Result i to its --out, or to standard output: then it sets *shown. */
int export_put(Export *x, int i, bool *shown);
int export_check_outs(Export *x); /* before anything is computed */

#endif
