/* SPDX-License-Identifier: MIT
 * recorded_line.h: a file with a line for each test, NAME: what was recorded. NNC_UPDATE=1 writes it (tools/record). */
#ifndef NNC_TESTS_RECORDED_LINE_H
#define NNC_TESTS_RECORDED_LINE_H

#include "support/str.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* The lines of the file but that of this name, and that: NULL where there is none. */
static inline char *other_lines(FILE *f, const char *name, Text *before, Text *behind)
{
    char *line = NULL, *mine = NULL;
    size_t room = 0, n = strlen(name);
    while (getline(&line, &room, f) > 0)
        if (strncmp(line, name, n) == 0 && line[n] == ':')
            mine = arena_copy(before->arena, line, strlen(line));
        else
            text_add(strcmp(line, name) < 0 ? before : behind, "%s", line);
    free(line);
    return mine;
}

/* is: the whole line, which begins with the name. */
static inline void compare_line(const char *path, const char *name, const char *is, const char *otherwise)
{
    Arena texts = {0};
    Text before = {.arena = &texts}, behind = {.arena = &texts};
    bool update = getenv("NNC_UPDATE") != NULL;
    FILE *f = fopen(path, update ? "r+" : "r");
    cr_assert(f, "%s cannot be read", path);
    if (update) flock(fileno(f), LOCK_EX);
    const char *was = other_lines(f, name, &before, &behind);
    if (update) {
        rewind(f);
        cr_assert(fprintf(f, "%s%s%s", text_c(&before), is, text_c(&behind)) > 0 && fflush(f) == 0 && ftruncate(fileno(f), ftell(f)) == 0,
                  "%s", path);
    } else {
        cr_expect_str_eq(is, was ? was : "", "%s: %s, not %s", otherwise, is, was ? was : "any");
    }
    fclose(f);
    arena_free(&texts);
}

#endif
