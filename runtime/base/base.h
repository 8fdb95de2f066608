/* SPDX-License-Identifier: MIT
 * base.h: errors and memory, for all rooms of the hosted runtime. Functions that return int give NNRT_OK or a code, with the calling
 * thread's error text. */
#ifndef NNRT_BASE_BASE_H
#define NNRT_BASE_BASE_H

#include <stdbool.h>

#include "nnrt.h"

enum { RT_USAGE = 100 }; /* beside the NNRT_E_... codes: a wrong command line */

/* Sets the calling thread's error text and returns code. */
int rt_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
void rt_error_prefix(const char *format, ...) __attribute__((format(printf, 1, 2))); /* puts text before the error */
int rt_no_memory(void);                                                               /* NNRT_E_MEM with its text */

void *rt_alloc(size_t bytes); /* zeroed, NNRT_ALIGN aligned; NULL with an error text */
void rt_free(void *at);
void *rt_grow(void *at, size_t old_bytes, size_t new_bytes); /* NULL: old block stays */
void rt_free_texts(char **list, long long n);                /* texts and list; NULLs are left out */

#endif
