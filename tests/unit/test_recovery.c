/* links: nnc_sema nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_recovery.c: what follows a syntax error. Lines of the examples are damaged, one at a time: each gives one message, whatever the
 * rest of the program says of what was lost; and a second mistake, in another declaration, is still told. */
#include <criterion/criterion.h>
#include <glob.h>

#include "library_help.h"

static void check_with(const Library *l, Checked *c, const char *path, const char *text)
{
    const Ast *ast = parse_with(l, c, path, text);
    check_tree(l, c, ast, (SemaOptions){.read_file = read_whole});
    render_messages(c);
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
    Checked c = {0}, both = {0};
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
