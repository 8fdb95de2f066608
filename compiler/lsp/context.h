/* SPDX-License-Identifier: MIT
 * context.h: what stands around the place where somebody types. The text is not right there, so it is read as text. */
#ifndef NNC_LSP_CONTEXT_H
#define NNC_LSP_CONTEXT_H

#include "support/source.h"
#include "support/str.h"
#include "support/vec.h"

typedef enum {
    CONTEXT_NOTHING,  /* in a comment, or in a text that nothing is known of */
    CONTEXT_NAME,     /* where a name or a statement can stand */
    CONTEXT_ARGUMENT, /* the same, in the brackets of a call: `callee` */
    CONTEXT_MEMBER,   /* behind the dot of `base` */
    CONTEXT_COLUMN,   /* in a text that names a column of the file `path` */
    CONTEXT_IMPORT,   /* in the text of an import */
} ContextKind;

typedef struct Context {
    ContextKind kind;
    uint32_t at, word; /* the place, and where the word that is being typed begins */
    uint32_t declaration; /* where the declaration around it begins */
    const char *base, *callee, *path; /* "net.fc1"; "Dense", "vision.Block", "fit" of a head; "data.csv" */
    bool in_head;      /* the callee is the name of a train or eval */
    VEC(const char *) bound; /* names that the declaration binds before the place, each once */
} Context;

Context context_read(Arena *arena, const SourceFile *file, uint32_t at);

#endif
