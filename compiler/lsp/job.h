/* SPDX-License-Identifier: MIT
 * job.h: work in a process of its own: whatever a program makes of the compiler, the server goes on. */
#ifndef NNC_LSP_JOB_H
#define NNC_LSP_JOB_H

#include "support/str.h"

/* What `work` writes into `out`; NULL: its process did not end well, or took too long. */
const char *job_run(Arena *arena, void (*work)(const void *data, Text *out), const void *data, size_t *n);

#endif
