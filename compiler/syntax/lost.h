/* SPDX-License-Identifier: MIT
 * lost.h: what syntax errors have kept from being read. Declarations that hold one are marked, and the text of these and of
 * what is none at all is noted: a name that stands there may be declared there, so it is not known to be unknown. */
#ifndef NNC_SYNTAX_LOST_H
#define NNC_SYNTAX_LOST_H

#include "syntax/build.h"

/* For the grammar's actions: a declaration was read, with errors inside perhaps; none was read from `at` on. */
void lost_mark(Parser *p, Decl *decl);
void lost_begin(Parser *p, Span at);
void lost_end(Parser *p); /* of the file */

/* Does the name stand in what was not read of the file? */
bool lost_has(const Sources *sources, const Ast *ast, const char *name);

#endif
