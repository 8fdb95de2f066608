/* SPDX-License-Identifier: MIT
 * inspect.h: what the program is made of. */
#ifndef NNRT_COMMAND_INSPECT_H
#define NNRT_COMMAND_INSPECT_H

#include "base/json.h"

void inspect_put_type(FILE *f, const Json *v); /* float[28, 28, 1] */

#endif
