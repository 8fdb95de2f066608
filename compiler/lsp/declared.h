/* SPDX-License-Identifier: MIT
 * declared.h: the declarations that a text can name: its own, those of its imports, the library's. They are read, not checked. */
#ifndef NNC_LSP_DECLARED_H
#define NNC_LSP_DECLARED_H

#include "lsp/request.h"
#include "support/diag.h"
#include "syntax/ast.h"

typedef struct Declared {
    Arena *arena;
    Strings strings;
    Sources sources;
    Diags diags;
    const Document *document;
    const Ast *text;
    const Ast *const *library;
    uint32_t n_library;
} Declared;

void declared_read(Declared *d, const Request *r);
const Ast *declared_import(Declared *d, const char *name); /* of the library; NULL: there is none of that name, or it is another file */
/* By a name, dotted for what is imported; *of: the file it stands in. NULL: none. */
const Decl *declared_find(Declared *d, const char *name, const SourceFile **of);
const Decl *declared_around(const Declared *d, uint32_t at); /* the one whose first byte this is */
/* The layer that a path of names leads to: a model, then members that are made from layers. */
const Decl *declared_layer(Declared *d, const Decl *around, const char *path);

#endif
