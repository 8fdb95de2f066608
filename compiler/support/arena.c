/* SPDX-License-Identifier: MIT
 * arena.c: blocks of at least 64 kB, bump allocation, one free for all. */
#include "support/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ArenaBlock {
    ArenaBlock *next;
    size_t used, size;
    _Alignas(16) unsigned char data[];
};

enum { BLOCK_BYTES = 64 * 1024 };

static ArenaBlock *new_block(ArenaBlock *next, size_t size)
{
    ArenaBlock *block = calloc(1, sizeof(ArenaBlock) + size);
    if (!block) {
        fputs("nnc: out of memory\n", stderr);
        abort();
    }
    block->next = next;
    block->size = size;
    return block;
}

void *arena_alloc(Arena *arena, size_t bytes)
{
    size_t need = (bytes + 15) & ~(size_t)15;
    if (need == 0) need = 16;
    if (!arena->block || arena->block->size - arena->block->used < need)
        arena->block = new_block(arena->block, need > BLOCK_BYTES ? need : BLOCK_BYTES);
    void *at = arena->block->data + arena->block->used;
    arena->block->used += need;
    return at;
}

void *arena_grow(Arena *arena, const void *old, size_t old_bytes, size_t new_bytes)
{
    void *at = arena_alloc(arena, new_bytes);
    if (old_bytes) memcpy(at, old, old_bytes);
    return at;
}

char *arena_copy(Arena *arena, const char *text, size_t n)
{
    char *at = arena_alloc(arena, n + 1);
    if (n) memcpy(at, text, n);
    return at;
}

char *arena_vprint(Arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    char *at = arena_alloc(arena, (size_t)n + 1);
    vsnprintf(at, (size_t)n + 1, format, again);
    va_end(again);
    return at;
}

char *arena_print(Arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *at = arena_vprint(arena, format, args);
    va_end(args);
    return at;
}

void arena_free(Arena *arena)
{
    while (arena->block) {
        ArenaBlock *next = arena->block->next;
        free(arena->block);
        arena->block = next;
    }
}
