/* SPDX-License-Identifier: MIT
 * margin.h: values that convolutions read with zeros around them are stored with room for the zeros. */
#ifndef NNC_KERNEL_MARGIN_H
#define NNC_KERNEL_MARGIN_H

#include "kernel/build.h"

/* Sets Builder.margin and the places of these values. To be called when it is decided which values are kept, and the places
 * that others want are known. */
void margins_find(Builder *b);
/* A buffer for a value [N, H, W, C] and its margin, whose widths are given; the place of the value in it. */
Home margin_place(Builder *b, Margin *m, const Type *type, const char *name);
void margin_clear(Builder *b, const Margin *m); /* the kernels that put zeros there, if there is a margin */

#endif
