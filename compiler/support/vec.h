/* SPDX-License-Identifier: MIT
 * vec.h: growable arrays in an arena.
 *
 *   VEC(Span) spans = {0};   vec_add(arena, &spans, span);   spans.at[i], spans.n */
#ifndef NNC_SUPPORT_VEC_H
#define NNC_SUPPORT_VEC_H

#include <stdint.h>

#include "support/arena.h"

#define VEC(Type) \
    struct { \
        Type *at; \
        uint32_t n, cap; \
    }

/* Make room for one more element. */
#define vec_reserve(arena, v) \
    do { \
        if ((v)->n == (v)->cap) { \
            uint32_t cap_ = (v)->cap ? 2 * (v)->cap : 8; \
            (v)->at = arena_grow((arena), (v)->at, sizeof *(v)->at * (v)->n, sizeof *(v)->at * cap_); \
            (v)->cap = cap_; \
        } \
    } while (0)

#define vec_add(arena, v, ...) \
    do { \
        vec_reserve((arena), (v)); \
        (v)->at[(v)->n++] = (__VA_ARGS__); \
    } while (0)

#endif
