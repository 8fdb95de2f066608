/* SPDX-License-Identifier: MIT
 * size.h: the sizes of a call, told by the shapes of its arguments. */
#ifndef NNRT_EXPORT_SIZE_H
#define NNRT_EXPORT_SIZE_H

#include "export/arg.h"

int export_set_size(Export *x, int i, int64_t v, const char *from); /* must agree with what is known */
const char *export_size_name(const Export *x, int i);
/* Does the shape of a->t fit the declared one? Sets sizes that are names alone. An error text if
 * not. */
int export_match(Export *x, Arg *a);
bool export_may_match(const Export *x, const Arg *a, int rank, const int64_t *dim); /* before it is read; sets nothing */
bool export_fits(const Export *x, const Arg *a); /* the same of a->t, once all sizes are known */
int export_wrong_shape(const Export *x, const Arg *a);

#endif
