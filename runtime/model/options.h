/* SPDX-License-Identifier: MIT
 * options.h: the values of the program's options; `o` is what the manifest says of one. */
#ifndef NNRT_MODEL_OPTIONS_H
#define NNRT_MODEL_OPTIONS_H

#include "model/model.h"

/* The value in a block of options as text, in `number` or its own; numbers so that they read back. */
const char *option_text(const nnrt *m, const Json *o, const void *options, char number[40]);
bool option_store(nnrt *m, const Json *o, double v); /* a number or a truth value; false: the type does not hold it */
int option_set_text(nnrt *m, int option, const char *text);
int rt_join(const nnrt *m, const Json *pieces, char out[RT_PATH]); /* a path with options in it */

#endif
