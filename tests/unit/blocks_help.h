/* SPDX-License-Identifier: MIT
 * blocks_help.h: files of programs and of what is made of them, compared to the letter:
 *     ==== what it is about
 *     fn f() { return x }
 *     ----
 *     what a test writes of it
 * To add one, write the program alone; with NNC_UPDATE=1 in the environment the test writes the rest: look at the difference. */
#ifndef NNC_TESTS_BLOCKS_HELP_H
#define NNC_TESTS_BLOCKS_HELP_H

#include <criterion/criterion.h>

#include "sema_help.h"

#define TITLE "==== "
#define RULE "----\n"

/* What is to be compared; "" is never right. */
typedef const char *(*BlockText)(Arena *arena, const char *program, size_t n);

/* Where the next line that begins with `mark` begins, or the end. */
static inline const char *next_line(const char *text, const char *mark)
{
    for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL)
        if (strncmp(line, mark, strlen(mark)) == 0) return line;
    return text + strlen(text);
}

/* One program of a file at `block`; what its block should be is added to `out`. */
static inline void check_block(Arena *arena, const char *block, const char *end, BlockText text_of, Text *out)
{
    const char *program = strchr(block, '\n') + 1, *rule = next_line(program, RULE);
    if (rule > end) rule = end;
    const char *said = text_of(arena, program, (size_t)(rule - program));
    const char *wanted = rule < end ? arena_copy(arena, rule + strlen(RULE), (size_t)(end - rule) - strlen(RULE)) : "";
    text_add(out, "%.*s" RULE "%s", (int)(rule - block), block, said);
    cr_expect(*said, "%.*snothing is said of it", (int)(rule - block), block);
    if (!getenv("NNC_UPDATE")) cr_expect_str_eq(said, wanted, "%.*ssaid:\n%s", (int)(rule - block), block, said);
}

static inline void write_back(const char *path, const char *text)
{
    if (!getenv("NNC_UPDATE")) return;
    FILE *f = fopen(path, "wb");
    cr_assert(f && fwrite(text, 1, strlen(text), f) == strlen(text) && fclose(f) == 0, "%s", path);
}

static inline int blocks_by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static inline void check_blocks(const char *path, BlockText text_of)
{
    Arena arena = {0};
    size_t n = 0;
    const char *text = read_whole(NULL, path, &n, &arena, NULL), *block = next_line(text, TITLE);
    Text out = {.arena = &arena};
    cr_expect(*block, "%s: no program", path);
    text_add(&out, "%.*s", (int)(block - text), text);
    for (const char *end; *block; block = end) {
        Arena own = {0};
        end = next_line(block + strlen(TITLE), TITLE);
        check_block(&own, block, end, text_of, &out);
        arena_free(&own);
    }
    write_back(path, text_c(&out));
    arena_free(&arena);
}

/* All files of a folder that are wanted. */
static inline void check_folder_of_blocks(const char *folder, int (*wanted)(const struct dirent *), BlockText text_of)
{
    struct dirent **list;
    int n_files = scandir(folder, &list, wanted, blocks_by_name);
    cr_assert(n_files > 0);
    for (int i = 0; i < n_files; i++) {
        Arena arena = {0};
        check_blocks(arena_print(&arena, "%s/%s", folder, list[i]->d_name), text_of);
        arena_free(&arena);
        free(list[i]);
    }
    free(list);
}

#endif
