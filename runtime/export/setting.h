/* SPDX-License-Identifier: MIT
 * setting.h: flags that say how the files of arguments are read: of all arguments (--scale 255), or of one (--scale x=255);
 * and how tables are written (--header). A program that has an option or an argument of such a name has not the flag. */
#ifndef NNRT_EXPORT_SETTING_H
#define NNRT_EXPORT_SETTING_H

#include "export/arg.h"

void setting_flags(Flags *f, bool numbers); /* numbers: there are files of them */
int setting_check(Export *x); /* NAME= names an argument, and values are what they should be */
const char *setting_columns(const Export *x, const Arg *a); /* NULL: all */
char setting_decimal(const Export *x, const Arg *a);
double setting_scale(const Export *x, const Arg *a); /* 1 if it is not given */

bool setting_header(const Export *x);

#endif
