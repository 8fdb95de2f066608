/* SPDX-License-Identifier: MIT
 * spec.h: one reader of a field, with its arguments. */
#ifndef NNRT_DATA_SPEC_H
#define NNRT_DATA_SPEC_H

#include "model/model.h"

typedef struct Shared { /* what a reader read for another one, which takes it when it opens */
    struct Shared *next;
    const Json *reader;
    char *path; /* of the file */
    void (*drop)(struct Shared *s);
} Shared;

typedef struct Spec { /* one reader of a field */
    nnrt *m;
    const Json *reader; /* manifest */
    const Json *block;  /* the data block, for loaders that look at the other fields */
    int data, field;
    char path[RT_PATH];
    int rank; /* declared shape per example; -1: known at run time */
    int64_t dim[8];
    int64_t bound;    /* of int<bound>, 0 none */
    const char *name; /* of the field, for messages */
    const int *line;  /* of each text in its file, for messages; NULL */
    Shared **shared;  /* of the block; NULL: readers read for themselves */
} Spec;

const Json *spec_arg(const Spec *spec, const char *key);
int64_t spec_int(const Spec *spec, const char *key, int64_t otherwise);
bool spec_bool(const Spec *spec, const char *key, bool otherwise);
const char *spec_string(const Spec *spec, const char *key, const char *otherwise);
int64_t spec_count(const Spec *spec); /* product of the declared shape; -1 if a size is of run time */

/* The numbers of an example have this shape in the file: an error that names both, unless it serves
 * the declared one. */
/* What the shape of a file must serve, to stand behind "but ": the field, or the shape= of its reader. */
enum { SPEC_WANT = 300 };
const char *spec_want(const Spec *spec, char out[SPEC_WANT]);
int spec_check_shape(const Spec *spec, const char *path, int rank, const int64_t *dim);
bool spec_reads_same(const Spec *spec, const Json *reader); /* does it name the same path, here or in test=? */
/* The reader that is all of a field, for texts of it that come from elsewhere; false: it has none, or computes with what it reads:
 * its numbers have no names. */
bool spec_of_field(nnrt *m, int data, int field, Spec *spec);

#endif
