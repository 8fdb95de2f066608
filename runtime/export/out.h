/* SPDX-License-Identifier: MIT
 * out.h: results to files or standard output. */
#ifndef NNRT_EXPORT_OUT_H
#define NNRT_EXPORT_OUT_H

#include "export/arg.h"

/* Result i to its --out, or to standard output: then it sets *shown. */
int export_put(Export *x, int i, bool *shown);
int export_check_outs(Export *x); /* before anything is computed */

#endif
