/* SPDX-License-Identifier: MIT
 * plain.h: text that comes from a file or the source, for a message or a terminal: control characters, marks that reorder text and
 * bytes that are no UTF-8 become \n, \t, \x1b. Nothing is cut in the middle. */
#ifndef NNRT_BASE_PLAIN_H
#define NNRT_BASE_PLAIN_H

#include <stddef.h>
#include <stdio.h>

const char *rt_plain(char *out, size_t n, const char *text);
void rt_put_plain(FILE *f, const char *text);
void rt_put_shown(FILE *f, const char *text); /* on a terminal like this, into files and pipes as it is */

#endif
