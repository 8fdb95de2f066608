/* SPDX-License-Identifier: MIT
 * limit.h: how much memory this process may use. */
#ifndef NNRT_BASE_LIMIT_H
#define NNRT_BASE_LIMIT_H

#include <stddef.h>

size_t limit_memory(void); /* bytes: of the machine, of the control group, of ulimit, whichever is least */

#endif
