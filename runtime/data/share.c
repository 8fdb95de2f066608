/* SPDX-License-Identifier: MIT
 * share.c: memory for data that could also be read again. */
#include "data/share.h"

#include "base/limit.h"

size_t share_most(nnrt *m)
{
    if (!m->hold_most) m->hold_most = limit_memory() / 4;
    return m->hold_most;
}

bool share_take(nnrt *m, size_t bytes)
{
    if (bytes > share_most(m) || m->held > share_most(m) - bytes) return false;
    m->held += bytes;
    return true;
}

void share_give_back(nnrt *m, size_t bytes)
{
    m->held -= bytes;
}
