/* SPDX-License-Identifier: MIT
 * library_help.h: checking very many programs with one library, which is parsed once. */
#ifndef NNC_TESTS_LIBRARY_HELP_H
#define NNC_TESTS_LIBRARY_HELP_H

#include "sema_help.h"

typedef struct Library { /* of all checks: its trees */
    Arena arena;
    Strings strings;
    Sources sources;
    Diags diags;
    const Ast *const *trees;
    uint32_t n;
} Library;

static inline void read_library(Library *l)
{
    strings_init(&l->strings, &l->arena);
    l->sources.arena = l->diags.arena = &l->arena;
    l->diags.sources = &l->sources;
    l->trees = sema_library(&l->arena, &l->strings, &l->diags, &l->sources, &l->n);
}

/* The tree of a program that begins with the names and files of the library. *c is {0}, or of another program, whose memory it takes;
 * free with arena_free(&c->arena). */
static inline Ast *parse_with(const Library *l, Checked *c, const char *path, const char *text)
{
    arena_clear(&c->arena);
    *c = (Checked){.arena = c->arena};
    c->sources.arena = c->diags.arena = c->shapes.arena = c->strings.arena = &c->arena;
    c->diags.sources = &c->sources;
    c->strings.n = l->strings.n, c->strings.mask = l->strings.mask;
    c->strings.slot = ARENA_ARRAY(&c->arena, const char *, l->strings.mask + 1);
    memcpy(c->strings.slot, l->strings.slot, sizeof *l->strings.slot * (l->strings.mask + 1));
    for (uint32_t i = 0; i < l->sources.files.n; i++)
        vec_add(&c->arena, &c->sources.files, l->sources.files.at[i]);
    size_t n = strlen(text);
    char *copy = arena_alloc(&c->arena, n + 2); /* two bytes of 0 behind it */
    memcpy(copy, text, n);
    return parse_file(&c->arena, &c->strings, &c->diags, &c->sources, source_add(&c->sources, path, copy, n, false));
}

/* Checks it; the messages are not rendered yet. */
static inline void check_tree(const Library *l, Checked *c, const Ast *ast, SemaOptions options)
{
    options.library = l->trees, options.n_library = l->n;
    c->program = sema_check(&c->arena, &c->strings, &c->sources, &c->diags, dims_new(&c->arena), ast, "prog", &options);
}

static inline void render_messages(Checked *c)
{
    Text out = {.arena = &c->arena};
    diag_render(&c->diags, &out, false);
    c->messages = text_c(&out);
}

#endif
