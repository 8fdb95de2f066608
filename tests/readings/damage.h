/* SPDX-License-Identifier: MIT
 * damage.h: small changes of files: a file that was cut, a byte that is another one, bytes that are swapped, missing or there twice.
 * Places near the beginning, where headers are, come more often. Change k of a file is the same on every machine. */
#ifndef NNC_READINGS_DAMAGE_H
#define NNC_READINGS_DAMAGE_H

#include <stddef.h>
#include <stdint.h>

enum { DAMAGE_ROOM = 64 }; /* bytes that a file may grow by, beside those that it has */

typedef struct Damaged {
    uint8_t *at; /* room for twice the file, and DAMAGE_ROOM */
    size_t n;
    char what[100]; /* was done, for messages */
} Damaged;

int damage_count(size_t n); /* changes that a file of n bytes has */
void damage(const char *name, int k, const uint8_t *file, size_t n, Damaged *out);

#endif
