/* SPDX-License-Identifier: MIT
 * names.h: arguments `as d.field` of fields whose numbers stand for one name each: classes, and windows of them. */
#ifndef NNRT_EXPORT_NAMES_H
#define NNRT_EXPORT_NAMES_H

#include "export/arg.h"

bool export_is_named(const Export *x, const Json *json); /* is it such an argument or result? */
int export_read_names(Export *x, Arg *a, const Flag *flag);
int export_name_code(Export *x, const Arg *a, const char *word, double *code); /* of one name */

#endif
