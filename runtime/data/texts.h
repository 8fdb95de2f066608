/* SPDX-License-Identifier: MIT
 * texts.h: many texts, one behind the other in one block. */
#ifndef NNRT_DATA_TEXTS_H
#define NNRT_DATA_TEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Texts {
    char *pool;
    size_t used, room;
    size_t *at; /* where each begins; behind each stands a 0 */
    int64_t n;
} Texts;

bool texts_add(Texts *t, const char *text, size_t length); /* false: no memory */
void texts_free(Texts *t);

static inline const char *texts_get(const Texts *t, int64_t i)
{
    return t->pool + t->at[i];
}

static inline size_t texts_length(const Texts *t, int64_t i)
{
    return (i + 1 < t->n ? t->at[i + 1] : t->used) - t->at[i] - 1;
}

#endif
