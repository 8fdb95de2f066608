/* SPDX-License-Identifier: MIT
 * options.h: what the caller of sema says and gives. */
#ifndef NNC_SEMA_BASE_OPTIONS_H
#define NNC_SEMA_BASE_OPTIONS_H

#include "core/core.h"
#include "support/diag.h"
#include "syntax/ast.h"

/* What a word of a program means (sema/base/meaning.h). */
typedef struct SemaMeaning {
    const char *name;
    Span use, definition; /* definition.file 0: in no text */
    const char *text;     /* what it is: "float[B, 10]", "the layer Dense(4, 3)"; or NULL */
    const char *path;     /* of a layer of a model: "net.fc"; or NULL */
    bool result;          /* the text is what a call of it gives */
} SemaMeaning;

typedef struct SemaOptions {
    const char *const *defines; /* "hidden=32" of -D */
    uint32_t n_defines;
    const char *const *include_dirs;
    uint32_t n_include_dirs;
    bool list_shapes;           /* --shapes: collect every binding with its type into `shapes` */
    Text *shapes;
    /* reads a file for import; returns NULL if absent (in arena, n set) */
    const char *(*read_file)(void *user, const char *path, size_t *n, Arena *arena,
                             const char **refused); /* NULL: no such file, or why it is not read */
    void (*meant)(void *user, const SemaMeaning *meaning); /* NULL: nobody asks */
    void *user;
    /* Files of the embedded library whose trees are there already, with names in `strings` and texts in
     * `sources`: for checks of many programs. NULL: parsed when they are wanted. */
    const Ast *const *library;
    uint32_t n_library;
    bool doubles;             /* floats have 64 bits */
    bool no_assert, no_print; /* these statements are checked and left out */
    int limits_over; /* what bounds the size of a program (E0605) is divided by this; 0: as it is */
} SemaOptions;
/* The trees of all files of the embedded library, *n of them. */
const Ast *const *sema_library(Arena *arena, Strings *strings, Diags *diags, Sources *sources, uint32_t *n);

#endif
