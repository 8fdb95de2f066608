/* SPDX-License-Identifier: MIT
 * limit.h: how much memory this process may use, and how that is said. */
#ifndef NNRT_BASE_LIMIT_H
#define NNRT_BASE_LIMIT_H

#include <stddef.h>
#include <stdint.h>

size_t limit_memory(void); /* bytes: of the machine, of the control group, of ulimit, whichever is least */
enum { LIMIT_TEXT = 24 };
const char *limit_text(char text[LIMIT_TEXT], uint64_t bytes); /* "512 bytes", "1.5 GB" */

#endif
