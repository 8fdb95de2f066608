/* SPDX-License-Identifier: MIT
 * statement_edits.h: statements, fields, members and whole declarations that are left out, doubled, exchanged, added. */
#ifndef NNC_TESTS_STATEMENT_EDITS_H
#define NNC_TESTS_STATEMENT_EDITS_H

#include "damage/draw.h"

/* Of the statement that piece i stands in. */
Edit edit_statement(Draw *d, uint32_t i);

#endif
