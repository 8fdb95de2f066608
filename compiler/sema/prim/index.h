/* SPDX-License-Identifier: MIT
 * index.h: indexing. */
#ifndef NNC_SEMA_PRIM_INDEX_H
#define NNC_SEMA_PRIM_INDEX_H

#include "sema/base/value.h"

typedef struct IndexItem { /* evaluated index: value; or slice with optional ends (kind VAL_NONE: absent); or ellipsis */
    IndexKind kind;
    Value lo, hi, step;
    Span span;
} IndexItem;
Value prim_index(Sema *s, Value x, IndexItem *items, uint32_t n, Span span);

#endif
