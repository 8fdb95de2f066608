/* SPDX-License-Identifier: MIT
 * record.h: what was read of a file, as lines of a record:
 *
 *     ==== NAME: the file
 *     0,3: what the ways 0 and 3 make of it
 *       w..Kd.z..                      and of its changes, a letter each, made of a hash; .: the same */
#ifndef NNC_READINGS_RECORD_H
#define NNC_READINGS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { RECORD_WAYS = 64 }; /* at most */

typedef struct Row { /* what a way gave; NULL: it is not there */
    char *text;  /* of the file as it is, shortened */
    char *codes; /* of its changes */
} Row;

void record_write(FILE *f, const char *name, const uint8_t *file, size_t n, const Row *row, int n_ways);
void record_find(const char *record, const char *name, Row *row, int n_ways);
void record_free(Row *row, int n_ways);

char *record_text(const char *text); /* its first line, or the beginning of it, and a hash if it is longer */
char record_code(const char *text); /* a letter */

#endif
