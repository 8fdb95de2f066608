/* SPDX-License-Identifier: MIT
 * text.h: arguments `as d.field`: texts in the codes of a field, labels by name. */
#ifndef NNRT_EXPORT_TEXT_H
#define NNRT_EXPORT_TEXT_H

#include "export/arg.h"

int export_read_text(Export *x, Arg *a, const Flag *flag);
int export_count_text(Export *x, Arg *a); /* the length of a text that was given */
int export_label(Export *x, const Arg *a, const char *word, double *code);

#endif
