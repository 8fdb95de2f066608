/* links: nnc_sema nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_recovery.c: what follows a syntax error. Lines of the examples are damaged, one at a time: each gives one message, whatever the
 * rest of the program says of what was lost; and a second mistake, in another declaration, is still told. */
#include <criterion/criterion.h>
#include <glob.h>

#include "sema_help.h"

typedef struct Library { /* of all checks: its trees */
    Arena arena;
    Strings strings;
    Sources sources;
    Diags diags;
    const Ast *const *trees;
    uint32_t n;
} Library;

static void read_library(Library *l)
{
    strings_init(&l->strings, &l->arena);
    l->sources.arena = l->diags.arena = &l->arena;
    l->diags.sources = &l->sources;
    l->trees = sema_library(&l->arena, &l->strings, &l->diags, &l->sources, &l->n);
}

/* A check that begins with the names and files of the library. */
static void check_with(const Library *l, Checked *c, const char *path, const char *text)
{
    memset(c, 0, sizeof *c);
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
    Ast *ast = parse_file(&c->arena, &c->strings, &c->diags, &c->sources, source_add(&c->sources, path, copy, n, false));
    SemaOptions options = {.read_file = read_whole, .library = l->trees, .n_library = l->n};
    sema_check(&c->arena, &c->strings, &c->sources, &c->diags, dims_new(&c->arena), ast, "prog", &options);
    Text out = {.arena = &c->arena};
    diag_render(&c->diags, &out, false);
    c->messages = text_c(&out);
}

/* How a line is damaged; %.*s is the line. */
static const char *const damages[] = {"%.*s $", "? %.*s", "%.*s = = 1"};

/* The text with its line at `line`, of n bytes, damaged so, and `more` behind it all. */
static const char *damage(Arena *arena, const char *text, const char *line, int n, const char *how, const char *more)
{
    Text out = {.arena = arena};
    text_add(&out, "%.*s", (int)(line - text), text);
    text_add(&out, how, n, line); /* NOLINT(clang-diagnostic-format-nonliteral) */
    text_add(&out, "%s%s", line + n, more);
    return text_c(&out);
}

static const char second[] = "\nfn of_this_test[B](x: float[B, 3]) -> float[B, 4] {\n    return x\n}\n";

static bool is_statement(const char *line, size_t n)
{
    const char *c = line + strspn(line, " ");
    if (c >= line + n || *c == '#' || *c == '}' || *c == ')' || memchr(line, '#', n)) return false;
    return line[n - 1] != ',' && line[n - 1] != '(' && line[n - 1] != '[' && line[n - 1] != '{' && line[n - 1] != '+' && line[n - 1] != '}';
}

static int try_line(const Library *l, const char *path, const char *text, const char *line, int n, const char *how)
{
    Arena arena = {0};
    Checked c, both;
    check_with(l, &c, path, damage(&arena, text, line, n, how, ""));
    cr_expect_eq(c.diags.n_errors, 1, "%s: %.*s\n%s", path, n, line, c.messages);
    check_with(l, &both, path, damage(&arena, text, line, n, how, second));
    cr_expect(both.diags.n_errors == c.diags.n_errors + 1 && strstr(both.messages, "[B, 4] but"),
              "%s: %.*s: what else is wrong is not told:\n%s", path, n, line, both.messages);
    arena_free(&c.arena);
    arena_free(&both.arena);
    arena_free(&arena);
    return 1;
}

Test(recovery, of_examples)
{
    Library library = {0};
    glob_t files;
    int n_tried = 0, n_lines = 0;
    read_library(&library);
    cr_assert(glob(NNC_SOURCE_DIR "/examples/*/*.nn", 0, NULL, &files) == 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        Arena arena = {0};
        size_t length = 0;
        const char *path = files.gl_pathv[i], *text = read_whole(NULL, path, &length, &arena, NULL);
        for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
            int n = (int)strcspn(line, "\n");
            if (!is_statement(line, (size_t)n) || n_lines++ % 5) continue;
            n_tried += try_line(&library, path, text, line, n, damages[n_tried % 3]);
        }
        arena_free(&arena);
    }
    globfree(&files);
    arena_free(&library.arena);
    cr_expect(n_tried > 100, "%d lines", n_tried);
}
