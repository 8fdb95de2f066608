/* SPDX-License-Identifier: MIT
 * runtime_help.h: the program of line_program.h in a folder of its own. */
#ifndef RUNTIME_HELP_H
#define RUNTIME_HELP_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "line_program.h"

/* A folder of its own with line.csv: y = 2 x - 1 for 100 rows. */
static inline void enter_folder(void)
{
    char name[] = "/tmp/nnrt-test-XXXXXX";
    cr_assert(mkdtemp(name) && chdir(name) == 0);
    FILE *f = fopen("line.csv", "w");
    cr_assert(f);
    fputs("x,y\n", f);
    for (int i = 0; i < 100; i++)
        fprintf(f, "%g,%g\n", i * 0.02 - 1, 2 * (i * 0.02 - 1) - 1);
    fclose(f);
}

static inline void write_file(const char *path, const void *data, size_t n)
{
    FILE *f = fopen(path, "wb");
    cr_assert(f && fwrite(data, 1, n, f) == n);
    fclose(f);
}

static inline size_t read_whole(const char *path, char *out, size_t room)
{
    FILE *f = fopen(path, "rb");
    if (!f) return 0;
    size_t n = fread(out, 1, room, f);
    fclose(f);
    return n;
}

static inline int command(const char *text) /* words between blanks; the exit status */
{
    static char copy[1000];
    char *argv[32] = {"line"};
    int argc = 1;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    return nnrt_main(&line_program, line_readers, line_formats, argc, argv);
}
#endif
