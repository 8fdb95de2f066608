/* SPDX-License-Identifier: MIT
 * base.h: errors and memory, for all rooms of the hosted runtime. Functions that return int give NNRT_OK or a code, with the calling
 * thread's error text. */
#ifndef NNRT_BASE_BASE_H
#define NNRT_BASE_BASE_H

#include <stdbool.h>

#include "nnrt.h"

/* Beside the NNRT_E_... codes, which stand for what is wrong with the contents of files: a wrong command line; a file that the
 * system does not give or take. */
/* RT_LOST, RT_ELSEWHERE: of a distributed run: a rank has ended; another rank tells what is wrong. */
enum { RT_USAGE = 100, RT_SYSTEM, RT_LOST, RT_ELSEWHERE };
int rt_public(int code); /* the code for C callers */

/* Sets the calling thread's error text and returns code. */
int rt_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A call of the system failed with this errno: the text, and what that means. RT_SYSTEM, or NNRT_E_MEM where memory was short. */
int rt_fail_system(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));
void rt_error_prefix(const char *format, ...) __attribute__((format(printf, 1, 2))); /* puts text before the error */
int rt_no_memory(void);                                                               /* NNRT_E_MEM with its text */
int rt_no_memory_for(const char *path);
enum { RT_PATH = 4096 }; /* bytes of a path, with its 0 */
/* A path; one that is too long is an error. */
int rt_path(char out[RT_PATH], const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Goes on with a text in a buffer, and ends where that ends. */
void rt_append(char *text, size_t room, const char *format, ...) __attribute__((format(printf, 3, 4)));

void *rt_alloc(size_t bytes); /* zeroed, NNRT_ALIGN aligned; NULL with an error text */
void *rt_room(size_t bytes);  /* the same without zeros */
void rt_free(void *at);
/* A block of at least `need` bytes; what was in a smaller one is lost. */
int rt_block_of(void **at, size_t *bytes, size_t need);
/* Room for one more behind the n elements of a list that only grows by one, from NULL; `list` is the address of its pointer. False
 * without memory: the list stays. */
bool rt_more(void *list, int64_t n, size_t each);
void rt_free_texts(char **list, long long n);                /* texts and list; NULLs are left out */

#endif
