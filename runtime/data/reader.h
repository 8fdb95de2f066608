/* SPDX-License-Identifier: MIT
 * reader.h: what a loader is. A loader opens a file as a source of examples; a source gives any
 * example as doubles (all the element types that files hold fit exactly, except 64-bit integers
 * beyond 2^53, which are refused). Each loader is one file; a program links those it names. */
#ifndef NNRT_DATA_READER_H
#define NNRT_DATA_READER_H

#include "model/model.h"

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
    char *const *file; /* where each example is a file of a folder: their paths, else NULL */
    size_t below;      /* where a path goes on below that folder */
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

/* The numbers of an example have this shape in the file: an error that names both, unless it serves
 * the declared one. */
int spec_check_shape(const Spec *spec, const char *path, int rank, const int64_t *dim);
/* The only reader of a field, for texts of it that come from elsewhere; false: it has none. */
bool spec_of_field(nnrt *m, int data, int field, Spec *spec);

/* file.c: a whole file in memory (plain or packed by gzip; `name` also finds `name.gz`; pipes are read
 * to their end). *text ends in an extra 0. */
int file_read(const char *path, char **text, size_t *n);
/* The same where the first bytes tell how long the file should be: no more than one byte behind that is
 * unpacked, so that small files do not become large ones that nobody wants. `length` is asked once,
 * with at least FILE_HEAD bytes or all there are; its errors are the result. */
enum { FILE_HEAD = 1 << 17 };
typedef struct FileHeader {
    int (*length)(const void *context, const char *path, const char *text, size_t n, size_t *whole);
    const void *context;
} FileHeader;
int file_read_headed(const char *path, const FileHeader *header, char **text, size_t *n);

/* stream.c: the file of a reader. A pipe is read once and kept for all that read it. */
int spec_read(const Spec *spec, const char *path, char **text, size_t *n);
bool spec_is_stream(const Spec *spec);

/* folder.c: sorted paths of the files in a folder and its subfolders whose names match a pattern like
 * *.png. What begins with a dot is left out. An error if any of it cannot be read. */
int folder_list(const char *path, const char *glob, char ***list, int *n);
void folder_free(char **list, int n);
size_t folder_below(const char *path); /* where the listed paths go on below it */
/* A label per file, from name="{label}_*" or else the name of its subfolder (of its folder, if it lies
 * in none), or of the file without what follows the last dot (by_file). The caller frees the n texts
 * and both lists. */
int folder_labels(const Spec *spec, char *const *path, int n, bool by_file, char ***label, size_t **length);
/* Files of two fields of a block: pictures and their masks. Names below the folders must agree but for their ends, and for
 * one text that all names of one field have in front or behind (`a.png`, `a_mask.png`). */
int folder_pair(const char *field, const nnrt_source *a, const char *other, const nnrt_source *b);

/* text.c: texts to numbers, as the reader's arguments say (bytes words chars numbers labels). */
typedef struct TextSource { /* texts of all examples, then their codes */
    char **text;
    size_t *length;
    int64_t *number; /* of each in its file; NULL: its place */
    int64_t n;
    int32_t **code;
    int64_t *n_codes;
    char **file; /* paths, or NULL */
} TextSource;
bool text_wanted(const Spec *spec);
size_t text_mark(const char *text, size_t n); /* bytes of the byte order mark in front of a file: 3 or 0 */
int text_open(const Spec *spec, char **text, size_t *length, int64_t *number, int64_t n,
              nnrt_source *out); /* takes the texts and lists over */
/* Labels of files: the source keeps their paths, and frees them. */
void text_keep_files(nnrt_source *s, char **file, size_t below);
/* The class of each of n files, its folder's name, as a source of labels; takes the paths. */
int text_classes(const Spec *spec, char **path, int n, nnrt_source *out);
/* Are the words, characters or classes numbered? An error text says what nothing has made. */
int text_known(const Spec *spec);
int text_encode(nnrt *m, const Spec *spec, const char *text, size_t n, int32_t **codes,
                int64_t *count);
/* One code list as text (generation): words joined by spaces, bytes, characters, labels. */
void text_decode(nnrt *m, int data, int field, const int32_t *code, int64_t n, FILE *out);

#endif
