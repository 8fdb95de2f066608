/* SPDX-License-Identifier: MIT
 * sema_help.h: checking one program in a test. */
#ifndef NNC_TESTS_SEMA_HELP_H
#define NNC_TESTS_SEMA_HELP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sema/sema.h"
#include "syntax/parse.h"

typedef struct Checked {
    Arena arena;
    Strings strings;
    Sources sources;
    Diags diags;
    CoreProgram *program;
    const char *messages; /* rendered */
    Text shapes;
} Checked;

static inline const char *read_whole(void *user, const char *path, size_t *n, Arena *arena, const char **refused)
{
    (void)user, (void)refused;
    FILE *f = fopen(path, "rb");
    if (!f) return NULL;
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    char *text = arena_alloc(arena, (size_t)size + 2);
    *n = fread(text, 1, (size_t)size, f);
    fclose(f);
    return text;
}

/* Checks a program; free with arena_free(&c->arena). Where options have no place for shapes, it is that of c. */
static inline void check_under(Checked *c, const char *name, const char *text, size_t n, SemaOptions options)
{
    memset(c, 0, sizeof *c);
    strings_init(&c->strings, &c->arena);
    c->sources.arena = &c->arena;
    c->diags.arena = &c->arena;
    c->diags.sources = &c->sources;
    c->shapes.arena = &c->arena;
    char *copy = arena_alloc(&c->arena, n + 2);
    memcpy(copy, text, n);
    uint32_t file = source_add(&c->sources, name, copy, n, false);
    Ast *ast = parse_file(&c->arena, &c->strings, &c->diags, &c->sources, file);
    if (!options.shapes) options.shapes = &c->shapes;
    c->program = sema_check(&c->arena, &c->strings, &c->sources, &c->diags, dims_new(&c->arena), ast, "prog", &options);
    Text out = {.arena = &c->arena};
    diag_render(&c->diags, &out, false);
    c->messages = text_c(&out);
}

static inline void check_text(Checked *c, const char *name, const char *text, size_t n, const char *const *defines, uint32_t n_defines)
{
    check_under(c, name, text, n, (SemaOptions){.read_file = read_whole, .defines = defines, .n_defines = n_defines, .list_shapes = true});
}

static inline void check_source(Checked *c, const char *text)
{
    check_text(c, "prog.nn", text, strlen(text), NULL, 0);
}

/* Everything that a message says, for looking for a fragment. */
static inline const char *diag_words(Checked *c, const Diag *d)
{
    Text t = {.arena = &c->arena};
    text_add(&t, "%s", d->text);
    for (uint32_t i = 0; i < d->parts.n; i++)
        text_add(&t, "\n%s", d->parts.at[i].text);
    return text_c(&t);
}

static inline uint32_t diag_line(Checked *c, const Diag *d)
{
    return d->span.file ? source_line(source_get(&c->sources, d->span.file), d->span.lo) : 0;
}

#endif
