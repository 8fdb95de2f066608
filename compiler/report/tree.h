/* SPDX-License-Identifier: MIT
 * tree.h: a JSON text as a tree in an arena; what programs write is read so. Nesting has a limit, a doubled name does not: its first
 * value counts. jansson, which nnc lsp reads with, keeps neither a number as it is written, which a report shows, nor a byte that is no
 * UTF-8, which names of files and classes may have. */
#ifndef NNC_REPORT_TREE_H
#define NNC_REPORT_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "support/arena.h"

typedef enum { TREE_NULL, TREE_BOOL, TREE_NUMBER, TREE_TEXT, TREE_LIST, TREE_OBJECT } TreeKind;
typedef struct Tree Tree;
struct Tree {
    TreeKind kind;
    const char *key;  /* inside of an object */
    const char *text; /* TEXT: decoded; NUMBER, BOOL, NULL: as written. A \udcXX is the byte XX */
    double number;    /* NUMBER, BOOL; else not a number */
    const Tree *child, *next;
    int n; /* children */
};

/* NULL: *wrong says why. The text ends in 0. */
const Tree *tree_read(Arena *arena, const char *text, size_t n, const char **wrong);
/* These take NULL, and a tree of another kind: nothing is in it. */
const Tree *tree_get(const Tree *object, const char *key);
const Tree *tree_first(const Tree *object, const char *key); /* of the list or object of that name */
const char *tree_text(const Tree *object, const char *key, const char *otherwise); /* of texts alone */
double tree_number(const Tree *object, const char *key, double otherwise);

#endif
