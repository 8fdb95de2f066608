/* SPDX-License-Identifier: MIT
 * reader.h: what a loader is. A loader opens a file as a source of examples; a source gives any
 * example as doubles (all the element types that files hold fit exactly, except 64-bit integers
 * beyond 2^53, which are refused). Each loader is one file; a program links those it names. */
#ifndef NNRT_DATA_READER_H
#define NNRT_DATA_READER_H

#include "rt.h"

typedef struct Spec { /* one reader of a field */
    nnrt *m;
    const Json *reader; /* manifest */
    const Json *block;  /* the data block, for loaders that look at the other fields */
    int data, field;
    char path[4096];
    int rank; /* declared shape per example; -1: known at run time */
    int64_t dim[8];
    int64_t bound;    /* of int<bound>, 0 none */
    const char *name; /* of the field, for messages */
    const int *line;  /* of each text in its file, for messages; NULL */
} Spec;

typedef struct nnrt_source nnrt_source;
struct nnrt_source {
    int64_t n; /* examples */
    void *state;
    int64_t (*count)(nnrt_source *s, int64_t i); /* numbers of example i */
    void (*extent)(nnrt_source *s, int64_t i,
                   int64_t *extent); /* its shape where the declared one has sizes of run time */
    int (*get)(nnrt_source *s, int64_t i, double *out);
    int64_t (*number)(nnrt_source *s, int64_t i); /* of the example in its file; NULL: i */
    void (*present)(nnrt_source *s, int64_t i,
                    double *out); /* 1 where a cell was there; NULL: everywhere */
    void (*close)(nnrt_source *s);
};
typedef struct nnrt_reader {
    const char *kind;
    int (*open)(const Spec *spec, nnrt_source *out);
} nnrt_reader;

/* arguments of the reader */
const Json *spec_arg(const Spec *spec, const char *key);
int64_t spec_int(const Spec *spec, const char *key, int64_t otherwise);
bool spec_bool(const Spec *spec, const char *key, bool otherwise);
const char *spec_string(const Spec *spec, const char *key, const char *otherwise);
int64_t
spec_count(const Spec *spec); /* product of the declared shape; -1 if a size is of run time */

/* file.c: a whole file in memory (plain, or unpacked if it ends in .gz; `name` also finds
 * `name.gz`). *text ends in an extra 0. */
int file_read(const char *path, char **text, size_t *n);
/* Sorted paths below a folder whose names match a pattern like *.png (subfolders too if deep). */
int folder_list(const char *path, const char *glob, bool deep, char ***list, int *n);

/* A label per file, from name="{label}_*" or else the name of its folder, or of the file without what
 * follows the last dot (by_file). The caller frees the n texts and both lists. */
int folder_labels(const Spec *spec, char *const *path, int n, bool by_file, char ***label, size_t **length);

/* text.c: texts to numbers, as the reader's arguments say (bytes words chars numbers labels). */
typedef struct TextSource { /* texts of all examples, then their codes */
    char **text;
    size_t *length;
    int64_t *number; /* of each in its file; NULL: its place */
    int64_t n;
    int32_t **code;
    int64_t *n_codes;
} TextSource;
bool text_wanted(const Spec *spec);
int text_open(const Spec *spec, char **text, size_t *length, int64_t *number, int64_t n,
              nnrt_source *out); /* takes the texts and lists over */
int text_encode(nnrt *m, const Spec *spec, const char *text, size_t n, int32_t **codes,
                int64_t *count);
/* One code list as text (generation): words joined by spaces, bytes, characters, labels. */
void text_decode(nnrt *m, int data, int field, const int32_t *code, int64_t n, FILE *out);

#endif
