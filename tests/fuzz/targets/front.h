/* SPDX-License-Identifier: MIT
 * front.h: one compilation in memory, up to the syntax tree. */
#ifndef FUZZ_FRONT_H
#define FUZZ_FRONT_H

#include "syntax/parse.h"
#include "target.h"

typedef struct Front {
    Arena arena; /* kept from one run to the next */
    Strings strings;
    Sources sources;
    Diags diags;
    uint32_t file;
} Front;

static inline void front_begin(Front *f)
{
    arena_clear(&f->arena);
    strings_init(&f->strings, &f->arena);
    f->sources = (Sources){.arena = &f->arena};
    f->diags = (Diags){.arena = &f->arena, .sources = &f->sources};
}

static inline uint32_t front_add(Front *f, const char *text, size_t n)
{
    char *copy = arena_alloc(&f->arena, n + 2);
    if (n) memcpy(copy, text, n);
    return source_add(&f->sources, "input.nn", copy, n, false);
}

static inline Ast *front_parse(Front *f, uint32_t file)
{
    return parse_file(&f->arena, &f->strings, &f->diags, &f->sources, file);
}

static inline const char *front_messages(Front *f)
{
    Text out = {.arena = &f->arena};
    diag_render(&f->diags, &out, true);
    return text_c(&out);
}

#endif
