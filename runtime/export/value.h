/* SPDX-License-Identifier: MIT
 * value.h: number arguments. */
#ifndef NNRT_EXPORT_VALUE_H
#define NNRT_EXPORT_VALUE_H

#include "export/arg.h"

int export_read_numbers(Export *x, Arg *a, const Flag *flag);
bool export_names_block(const Export *x, const char *value); /* BLOCK.… */

#endif
