/* SPDX-License-Identifier: MIT
 * margin.h: values that convolutions read with zeros around them are stored with room for the zeros. */
#ifndef NNC_KERNEL_MARGIN_H
#define NNC_KERNEL_MARGIN_H

#include "kernel/build.h"

/* Sets Builder.margin and the places of these values. To be called when it is decided which values are kept, and the places
 * that others want are known. */
void margins_find(Builder *b);
/* The kernels that put zeros around kept value r, if it has a margin. */
void margin_clear(Builder *b, Ref r);

#endif
