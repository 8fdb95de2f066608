/* SPDX-License-Identifier: MIT
 * unit.h: files: their declarations by name, imports, the embedded library. */
#ifndef NNC_SEMA_BASE_UNIT_H
#define NNC_SEMA_BASE_UNIT_H

#include "sema/base/state.h"

typedef struct LibraryFile {
    const char *path, *as; /* "std/vision.nn", "vision": what programs call it; NULL: the prelude, which is never imported */
} LibraryFile;

const LibraryFile *library_with(const char *name); /* the file to import that declares this; NULL: none */
const LibraryFile *library_called(const char *as);
Global *unit_find(const Unit *unit, const char *name); /* NULL: none */
bool unit_has_lost(Sema *s, const Unit *unit, const char *name); /* may it be in what syntax errors have kept from being read? */
Unit *unit_of_ast(Sema *s, const Ast *ast, const char *path, bool library);
Unit *unit_load(Sema *s, const char *path, Span at, const Unit *from); /* an import; NULL after an error */

#endif
