/* SPDX-License-Identifier: MIT
 * know.h: the words and classes of fields that arguments and results need. */
#ifndef NNRT_EXPORT_KNOW_H
#define NNRT_EXPORT_KNOW_H

#include "export/arg.h"

/* Makes sure that the words or classes of a field are numbered: by the checkpoint, or, where no weights are needed, by the
 * data. */
int export_know(Export *x, int data, int field);

#endif
