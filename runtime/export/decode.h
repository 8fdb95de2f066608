/* SPDX-License-Identifier: MIT
 * decode.h: results `as d.field`: codes as texts, classes as names. */
#ifndef NNRT_EXPORT_DECODE_H
#define NNRT_EXPORT_DECODE_H

#include "export/arg.h"

char **export_tokens(Export *x, int data, int field, const int32_t *code, int64_t n); /* texts of tokens */
int64_t export_rows(const Export *x, const Result *r); /* lines of a result: texts, or rows of classes */
/* Classes with tabs between them; on a terminal without control characters. */
int export_put_row(Export *x, const Result *r, int64_t row, bool terminal, FILE *f);
char *export_text(Export *x, const Result *r, int64_t at, int64_t n); /* one text or class; free() it. NULL: no memory, which is told */

#endif
