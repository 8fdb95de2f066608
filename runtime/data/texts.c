/* SPDX-License-Identifier: MIT
 * texts.c: texts in one block. */
#include "data/texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

bool texts_add(Texts *t, const char *text, size_t length)
{
    enum { FIRST = 4096 };
    if (!rt_more(&t->at, t->n, sizeof *t->at)) return false;
    if (length >= t->room - t->used) {
        size_t room = 2 * t->room + length + FIRST;
        char *pool = realloc(t->pool, room);
        if (!pool) return false;
        t->pool = pool, t->room = room;
    }
    memcpy(t->pool + t->used, text, length);
    t->pool[t->used + length] = 0;
    t->at[t->n++] = t->used;
    t->used += length + 1;
    return true;
}

void texts_free(Texts *t)
{
    free(t->pool), free(t->at);
    *t = (Texts){0};
}
