/* links: nnc_sema nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_messages.c: what is said of wrong programs, to the letter: text, place, carets, notes and help.
 *
 * tests/messages/NAME.txt holds programs and what is said of them (blocks_help.h): `NNC_UPDATE=1 tests/test_messages` writes it.
 * diag.txt says the same of the programs in tests/diag. */
#include "blocks_help.h"
#include "support/allow.h"

#define FOLDER NNC_SOURCE_DIR "/tests/messages/"

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

/* As `said_of` a file of this name. */
static const char *said_of_block(Arena *arena, const char *program, size_t n)
{
    return said_of(arena, "prog.nn", program, n);
}

Test(messages, of_small_programs)
{
    check_folder_of_blocks(FOLDER, is_text, said_of_block);
}

Test(messages, of_the_programs_of_tests_diag)
{
    struct dirent **list;
    Arena arena = {0};
    Text out = {.arena = &arena};
    size_t n_wanted = 0;
    int n_files = scandir(NNC_SOURCE_DIR "/tests/diag", &list, is_program, blocks_by_name);
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
