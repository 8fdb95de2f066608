/* SPDX-License-Identifier: MIT
 * cells.h: tables of a page. */
#ifndef NNC_REPORT_CELLS_H
#define NNC_REPORT_CELLS_H

#include "report/tree.h"
#include "support/str.h"

void cells_begin(Text *out, const char *const *heads); /* ends with NULL; a head that begins with # is over numbers */
void cells_row(Text *out);
void cells_text(Text *out, const char *text);
void cells_number(Text *out, double v, int digits); /* 0: as many as it takes; nothing, if it is not a number */
void cells_value(Text *out, const Tree *value);     /* as it is written */
void cells_end(Text *out);

void cells_heading(Text *out, int rank, const char *text);
void cells_note(Text *out, const char *text);

#endif
