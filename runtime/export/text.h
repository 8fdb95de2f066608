/* SPDX-License-Identifier: MIT
 * text.h: arguments `as d.field`: texts in the codes of a field. */
#ifndef NNRT_EXPORT_TEXT_H
#define NNRT_EXPORT_TEXT_H

#include "data/spec.h"
#include "export/arg.h"

int export_read_text(Export *x, Arg *a, const Flag *flag);
bool export_is_counted(const Export *x, const Json *arg); /* is it the length of another argument, a text? */
int export_count_text(Export *x, Arg *a); /* the length of a text that was given */
Spec export_text_spec(const Export *x, const Json *json, const char *name); /* how the texts of this argument are encoded */
int export_text_bytes(const Arg *a, const Spec *spec, const char *value, char **text,
                      size_t *n); /* of a file, -, or the value; free() it */

#endif
