/* SPDX-License-Identifier: MIT
 * arena.c: blocks of 64 kB to 1 MB, bump allocation, one free for all.
 *
 * Blocks come from the system filled with zeros and present (MAP_POPULATE): touching fresh pages one
 * by one took a third of the front end's time. The address sanitizer is told what is in use, with a
 * gap behind each piece. */
#include "support/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "support/budget.h"

#ifdef NNC_ASAN
#include <sanitizer/asan_interface.h>
enum { GAP = 16 };
static void hide(const void *at, size_t n)
{
    __asan_poison_memory_region(at, n);
}
static void show(const void *at, size_t n)
{
    __asan_unpoison_memory_region(at, n);
}
#else
enum { GAP = 0 };
static void hide(const void *at, size_t n)
{
    (void)at, (void)n;
}
static void show(const void *at, size_t n)
{
    (void)at, (void)n;
}
#endif

struct ArenaBlock { /* the data follow */
    ArenaBlock *next;
    _Alignas(16) size_t used; /* bytes, this header included */
    size_t size;
};

enum { FIRST_BLOCK = 64 * 1024, LARGEST_BLOCK = 1024 * 1024, PAGE = 4096 };

/* Room for `need` bytes; a chain's blocks grow with it. */
static ArenaBlock *new_block(ArenaBlock *next, size_t need)
{
    size_t size = next ? 2 * next->size : FIRST_BLOCK;
    if (size > LARGEST_BLOCK) size = LARGEST_BLOCK;
    if (size < need + sizeof(ArenaBlock)) size = (need + sizeof(ArenaBlock) + PAGE - 1) / PAGE * PAGE;
    budget_take(size);
    ArenaBlock *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (block == MAP_FAILED) budget_no_memory();
    block->next = next;
    block->used = sizeof(ArenaBlock);
    block->size = size;
    hide(block + 1, size - sizeof(ArenaBlock));
    return block;
}

void *arena_alloc(Arena *arena, size_t bytes)
{
    if (bytes == 0) bytes = 16;
    size_t need = ((bytes + 15) & ~(size_t)15) + GAP;
    if (!arena->block || arena->block->size - arena->block->used < need) arena->block = new_block(arena->block, need);
    void *at = (unsigned char *)arena->block + arena->block->used;
    arena->block->used += need;
    show(at, bytes);
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

void arena_clear(Arena *arena)
{
    if (!arena->block) return;
    Arena older = {arena->block->next};
    arena_free(&older);
    arena->block->next = NULL;
    size_t n = arena->block->used - sizeof(ArenaBlock);
    show(arena->block + 1, n);
    memset(arena->block + 1, 0, n);
    hide(arena->block + 1, n);
    arena->block->used = sizeof(ArenaBlock);
}

void arena_free(Arena *arena)
{
    while (arena->block) {
        ArenaBlock *next = arena->block->next;
        show(arena->block, arena->block->size);
        budget_give_back(arena->block->size);
        munmap(arena->block, arena->block->size);
        arena->block = next;
    }
}
