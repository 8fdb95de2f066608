/* SPDX-License-Identifier: MIT
 * format.h: files of arguments and results of exports. A format reads arrays, writes them, or both.
 * A program has the formats that its exports can use: the compiler lists them (emit/link.c). */
#ifndef NNRT_FORMAT_FORMAT_H
#define NNRT_FORMAT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct Tensor { /* dense, row-major */
    int rank;
    int64_t dim[8];
    double *at; /* rt_free it */
    bool is_sound, is_table; /* table: CSV */
    uint32_t rate; /* of a sound: samples a second in the file */
} Tensor;

typedef struct Wish { /* what an argument can take, where a file has several readings */
    int channels;     /* of pictures: 1 to 4; 0: any */
    int64_t grey[2];  /* height and width of a grey picture that is one example of several; 0: none is */
    bool raw;         /* integers: the stored numbers */
    int64_t most;     /* numbers of one file; 0: any */
    int64_t samples;  /* of a sound, which is cut to so many; 0: all */
    uint32_t rate;    /* of a sound, samples a second; 0: any */
    bool resamples;   /* sounds of another rate are resampled, else an error */
    const char *columns; /* of a CSV file (columns.h); NULL: all */
    char decimal;        /* of a CSV file: '.' or ',' */
    const char *name; /* of the argument: its array in a file of several; NULL: none */
    bool (*serves)(const void *context, int rank, const int64_t *dim); /* can it be one of this shape? NULL: any */
    const void *context;
} Wish;

typedef struct Output { /* one result */
    const char *path;
    int dtype, rank;
    int64_t dim[8];
    const void *data;
    int64_t bound;       /* of int<bound>, else 0 */
    int rate;            /* samples a second, for sounds */
    const Tensor *under; /* pictures that class maps are laid over, or NULL */
    char **label[8];     /* texts along an axis, or NULL */
    bool terminal;       /* it goes there: texts without control characters */
} Output;

typedef struct nnrt_format {
    const char *ending; /* of file names, with its dot */
    int (*read)(const char *path, const char *text, size_t n, const Wish *wish, Tensor *t);
    int (*write)(FILE *f, const Output *o); /* may fail before it writes anything */
} nnrt_format;

#endif
