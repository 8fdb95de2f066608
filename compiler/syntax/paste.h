/* SPDX-License-Identifier: MIT
 * paste.h: several lines in a row of another language: one message, and what each kind of them is here. */
#ifndef NNC_SYNTAX_PASTE_H
#define NNC_SYNTAX_PASTE_H

#include "syntax/place.h"

/* The statement with the syntax error begins such lines; they are passed over, and it has been said. */
bool paste_tell(const Place *x);

#endif
