/* SPDX-License-Identifier: MIT
 * setting.h: flags that say how the files of arguments are read: of all arguments (--scale 255), or of one (--scale x=255);
 * and how results are written. A program that has an option or an argument of such a name has not the flag. */
#ifndef NNRT_EXPORT_SETTING_H
#define NNRT_EXPORT_SETTING_H

#include "export/arg.h"

/* numbers, texts: there are files of them */
void setting_flags(Flags *f, bool numbers, bool texts, const nnrt_format *const *formats);
int setting_check(Export *x); /* NAME= names an argument, and values are what they should be */
const char *setting_columns(const Export *x, const Arg *a); /* NULL: all */
char setting_decimal(const Export *x, const Arg *a);
double setting_scale(const Export *x, const Arg *a); /* 1 if it is not given */

bool setting_header(const Export *x);
int setting_rate(const Export *x, int64_t *rate); /* unchanged if it is not given */
const char *setting_over(const Export *x);        /* the name of an argument; NULL */

/* A flag that does nothing is an error that says why: of the arguments as they were given, and of results, of which some are
 * tables in CSV, sounds, class maps as pictures. */
int setting_check_effects(const Export *x);
int setting_check_results(const Export *x, bool header, bool sound, bool map);

#endif
