/* SPDX-License-Identifier: MIT
 * input.h: files of the user as a whole. */
#ifndef NNC_SUPPORT_INPUT_H
#define NNC_SUPPORT_INPUT_H

#include "support/str.h"

/* Adds the bytes of a file, or of standard input for "-". NULL, or what is wrong: "FILE: cannot read: ...". */
const char *input_read(Text *out, const char *path);

#endif
