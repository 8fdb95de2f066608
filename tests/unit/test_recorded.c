/* links: nnc_sema nnc_core nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_recorded.c: what is recorded of right programs, to the letter: types, bounds, instructions with their attributes, demands.
 *
 * tests/recorded/NAME.txt holds programs and their entries as --dump=core writes them, without what all entries have in common:
 *     ==== what it is about
 *     export fn f(x: float) -> float { return -x }
 *     ----
 *     entry export "f" ...
 * To add one, write the program; `NNC_UPDATE=1 tests/test_recorded` writes the rest: look at it. */
#include <criterion/criterion.h>

#include "core/core.h"
#include "sema_help.h"

#define FOLDER NNC_SOURCE_DIR "/tests/recorded/"
#define TITLE "==== "
#define RULE "----\n"

/* Lines that say nothing of a small program. */
static bool is_common(const char *line)
{
    static const char *const common[] = {
        "program ", "    head accumulate 1 log_every 100\n", "    conditions 0\n", "    reported {\n        \n", "        \n", "    }\n"};
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (strncmp(line, common[i], strlen(common[i])) == 0) return true;
    return false;
}

static const char *recorded_of(Arena *arena, const char *text, size_t n)
{
    Checked c;
    Text all = {.arena = arena}, out = {.arena = arena};
    check_text(&c, "prog.nn", text, n, NULL, 0);
    text_add(&out, "%s", c.messages);
    if (!c.diags.n_errors) core_print(&c.arena, c.program, &all);
    for (const char *line = text_c(&all), *end; *line; line = end) {
        end = strchr(line, '\n') + 1;
        if (!is_common(line)) text_add(&out, "%.*s", (int)(end - line), line);
    }
    arena_free(&c.arena);
    return text_c(&out);
}

/* Where the next line that begins with `mark` begins, or the end. */
static const char *next_line(const char *text, const char *mark)
{
    for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL)
        if (strncmp(line, mark, strlen(mark)) == 0) return line;
    return text + strlen(text);
}

/* One program of a file at `block`; what its block should be is added to `out`. */
static void check_block(Arena *arena, const char *block, const char *end, Text *out)
{
    const char *program = strchr(block, '\n') + 1, *rule = next_line(program, RULE);
    if (rule > end) rule = end;
    size_t n = (size_t)(rule - program);
    char *copy = arena_alloc(arena, n + 2); /* two bytes of 0 behind it */
    memcpy(copy, program, n);
    const char *is = recorded_of(arena, copy, n);
    const char *wanted = rule < end ? arena_copy(arena, rule + strlen(RULE), (size_t)(end - rule) - strlen(RULE)) : "";
    text_add(out, "%.*s" RULE "%s", (int)(rule - block), block, is);
    cr_expect(strstr(is, "entry"), "%.*snothing is recorded of it:\n%s", (int)(rule - block), block, is);
    if (!getenv("NNC_UPDATE")) cr_expect_str_eq(is, wanted, "%.*srecorded:\n%s", (int)(rule - block), block, is);
}

static void check_file(const char *name)
{
    Arena arena = {0};
    size_t n = 0;
    const char *path = arena_print(&arena, "%s%s", FOLDER, name);
    const char *text = read_whole(NULL, path, &n, &arena, NULL), *block = text ? next_line(text, TITLE) : "";
    cr_assert(*block, "%s: no program", path);
    Text out = {.arena = &arena};
    for (const char *end; *block; block = end) {
        end = next_line(block + strlen(TITLE), TITLE);
        check_block(&arena, block, end, &out);
    }
    if (getenv("NNC_UPDATE")) {
        FILE *f = fopen(path, "wb");
        cr_assert(f && fwrite(text_c(&out), 1, out.n, f) == out.n && fclose(f) == 0, "%s", path);
    }
    arena_free(&arena);
}

Test(recorded, primitives)
{
    check_file("prim.txt");
}

Test(recorded, programs)
{
    check_file("programs.txt");
}
