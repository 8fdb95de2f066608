/* SPDX-License-Identifier: MIT
 * json_file.h: a file of JSON objects, one a line, is read once, in pieces, for all readers of a block that name it: each gets the values
 * of its key. */
#ifndef NNRT_DATA_JSON_FILE_H
#define NNRT_DATA_JSON_FILE_H

#include "data/shared.h"
#include "data/texts.h"

typedef struct JsonShape {
    int64_t rank, dim[8];
} JsonShape;

typedef struct JsonColumn { /* what one reader takes */
    Shared shared; /* first: until the reader asks for it */
    const char *key;
    bool texts_wanted, labels;
    int64_t n; /* rows */
    void *number; /* of all rows, of this type (dtype.h), */
    int type;
    int64_t n_numbers;
    JsonShape shape; /* of each row; */
    int64_t *first, *at; /* or, where rows differ: first number; place of the shape among these */
    int64_t *shapes, n_shapes; /* each as rank and extents */
    Texts text; /* or these */
    Lines *lines;
    int code; /* what is wrong with the value that follows, or the file there */
    char *error;
} JsonColumn;

int json_column(const Spec *spec, JsonColumn **out);
void json_shape(const JsonColumn *c, int64_t i, JsonShape *shape); /* of row i */
int64_t json_first_number(const JsonColumn *c, int64_t i);
void json_drop(JsonColumn *c);

#endif
