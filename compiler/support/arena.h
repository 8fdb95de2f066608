/* SPDX-License-Identifier: MIT
 * arena.h: memory that lives and dies together.
 *
 * A chain of blocks with a bump pointer; everything is freed at once. All memory
 * starts zeroed. Nothing in the compiler calls malloc or free itself. */
#ifndef NNC_SUPPORT_ARENA_H
#define NNC_SUPPORT_ARENA_H

#include <stdarg.h>
#include <stddef.h>

typedef struct ArenaBlock ArenaBlock;
typedef struct Arena {
    ArenaBlock *block; /* newest first; {0} is an empty arena */
} Arena;

/* Zeroed memory, aligned to 16 bytes; never NULL (budget_no_memory ends the process). */
void *arena_alloc(Arena *arena, size_t bytes);

/* The next size of an array that was allocated here; old contents are copied, the rest is zero. */
void *arena_grow(Arena *arena, const void *old, size_t old_bytes, size_t new_bytes);

char *arena_copy(Arena *arena, const char *text, size_t n); /* adds the final 0 */
char *arena_print(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprint(Arena *arena, const char *format, va_list args);

void arena_clear(Arena *arena); /* forgets everything; the newest block is kept for what comes */
void arena_free(Arena *arena); /* gives back everything; the arena is empty again */

#define ARENA_NEW(arena, Type) ((Type *)arena_alloc((arena), sizeof(Type)))
#define ARENA_ARRAY(arena, Type, n) ((Type *)arena_alloc((arena), sizeof(Type) * (size_t)(n)))

#endif
