/* SPDX-License-Identifier: MIT
 * memory.h: a file in memory that tells when memory was short (open_memstream may drop what does not fit).
 *
 *   Memory out;
 *   if (!memory_open(&out)) return memory_close(&out);
 *   fprintf(out.f, ...);
 *   int code = memory_close(&out);   ... out.text, out.n ...   free(out.text) */
#ifndef NNRT_BASE_MEMORY_H
#define NNRT_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct Memory { /* stays where it is while it is open */
    FILE *f;
    char *text; /* ends in a 0 that is not counted; NULL after an error */
    size_t n, room;
    bool bad;
} Memory;

bool memory_open(Memory *m);
int memory_close(Memory *m); /* NNRT_OK, or NNRT_E_MEM with its text */

#endif
