/* links: nnc_sema nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_messages.c: what is said of wrong programs, to the letter: text, place, carets, notes and help.
 *
 * tests/messages/NAME.txt holds programs and what is said of them:
 *     ==== what it is about
 *     fn f() { return x }
 *     ----
 *     prog.nn:1:17: error E0101: ...
 * To add one, write the program without what is said; `NNC_UPDATE=1 tests/test_messages` writes the rest: look at the difference.
 * diag.txt says the same of the programs in tests/diag. */
#include <criterion/criterion.h>

#include "sema_help.h"
#include "support/allow.h"

#define FOLDER NNC_SOURCE_DIR "/tests/messages/"
#define TITLE "==== "
#define RULE "----\n"

/* As the command does it: a program that cannot be read is not checked. */
static const char *said_of(Arena *arena, const char *name, const char *text, size_t n)
{
    Strings strings;
    Sources sources = {.arena = arena};
    Diags diags = {.arena = arena, .sources = &sources};
    Text out = {.arena = arena}, shapes = {.arena = arena};
    strings_init(&strings, arena);
    char *copy = arena_alloc(arena, n + 2); /* two bytes of 0 behind it */
    memcpy(copy, text, n);
    Ast *ast = parse_file(arena, &strings, &diags, &sources, source_add(&sources, name, copy, n, false));
    SemaOptions options = {.read_file = read_whole, .shapes = &shapes};
    sema_check(arena, &strings, &sources, &diags, dims_new(arena), ast, "prog", &options);
    allow_apply(&diags, LOOKED_FOR_ALL_BUT_GRADIENTS);
    diag_merge(&diags);
    diag_render(&diags, &out, false);
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
    const char *said = said_of(arena, "prog.nn", program, (size_t)(rule - program));
    const char *wanted = rule < end ? arena_copy(arena, rule + strlen(RULE), (size_t)(end - rule) - strlen(RULE)) : "";
    text_add(out, "%.*s" RULE "%s", (int)(rule - block), block, said);
    cr_expect(*said, "%.*snothing is said of it", (int)(rule - block), block);
    if (!getenv("NNC_UPDATE")) cr_expect_str_eq(said, wanted, "%.*ssaid:\n%s", (int)(rule - block), block, said);
}

static void write_back(const char *path, const char *text)
{
    if (!getenv("NNC_UPDATE")) return;
    FILE *f = fopen(path, "wb");
    cr_assert(f && fwrite(text, 1, strlen(text), f) == strlen(text) && fclose(f) == 0, "%s", path);
}

static int is_text(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > 4 && !strcmp(e->d_name + n - 4, ".txt") && strcmp(e->d_name, "diag.txt") != 0;
}

static int is_program(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > 3 && !strcmp(e->d_name + n - 3, ".nn");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

Test(messages, of_small_programs)
{
    struct dirent **list;
    int n_files = scandir(FOLDER, &list, is_text, by_name);
    cr_assert(n_files > 1);
    for (int i = 0; i < n_files; i++) {
        Arena arena = {0};
        size_t n = 0;
        const char *path = arena_print(&arena, "%s%s", FOLDER, list[i]->d_name);
        const char *text = read_whole(NULL, path, &n, &arena, NULL), *block = next_line(text, TITLE);
        Text out = {.arena = &arena};
        cr_expect(*block, "%s: no program", path);
        text_add(&out, "%.*s", (int)(block - text), text);
        for (const char *end; *block; block = end) {
            Arena own = {0};
            end = next_line(block + strlen(TITLE), TITLE);
            check_block(&own, block, end, &out);
            arena_free(&own);
        }
        write_back(path, text_c(&out));
        arena_free(&arena);
        free(list[i]);
    }
    free(list);
}

Test(messages, of_the_programs_of_tests_diag)
{
    struct dirent **list;
    Arena arena = {0};
    Text out = {.arena = &arena};
    size_t n_wanted = 0;
    int n_files = scandir(NNC_SOURCE_DIR "/tests/diag", &list, is_program, by_name);
    cr_assert(n_files > 20);
    for (int i = 0; i < n_files; i++) {
        size_t n = 0;
        const char *path = arena_print(&arena, NNC_SOURCE_DIR "/tests/diag/%s", list[i]->d_name);
        const char *text = read_whole(NULL, path, &n, &arena, NULL);
        text_add(&out, TITLE "%s\n%s", list[i]->d_name, said_of(&arena, list[i]->d_name, text, n));
        free(list[i]);
    }
    free(list);
    write_back(FOLDER "diag.txt", text_c(&out));
    const char *wanted = read_whole(NULL, FOLDER "diag.txt", &n_wanted, &arena, NULL), *said = text_c(&out), *block = said;
    cr_assert(wanted, "diag.txt is not there");
    for (const char *end; *block; block = end) {
        end = next_line(block + strlen(TITLE), TITLE);
        const char *one = arena_copy(&arena, block, (size_t)(end - block));
        cr_expect(strstr(wanted, one), "not in tests/messages/diag.txt:\n%s", one);
    }
    cr_expect_eq(strlen(said), n_wanted, "tests/messages/diag.txt: there is more than what is said");
    arena_free(&arena);
}
