/* SPDX-License-Identifier: MIT
 * main.c: make-data [--small] [DIR]: writes the data that the example programs read (default folder: data). */
#include <string.h>

#include "make.h"

static int usage(const char *program, int asked)
{
    const char *slash = strrchr(program, '/');
    fprintf(asked ? stdout : stderr,
            "usage: %s [--small] [DIR]\nwrites the data that the example programs read to DIR (data); --small: less of it\n",
            slash ? slash + 1 : program);
    return asked ? 0 : 2;
}

int main(int argc, char **argv)
{
    const char *dir = "data";
    int small = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--small") == 0) {
            small = 1;
        } else if (argv[i][0] == '-') {
            return usage(argv[0], strcmp(argv[i], "--help") == 0);
        } else {
            dir = argv[i];
        }
    }
    make_digits(dir, small ? 1200 : 12000, small ? 1000 : 6000);
    make_letters(dir, 80, small ? 400 : 2000);
    make_tables(dir);
    make_records(dir);
    make_text(dir, small ? 1000 : 4000);
    make_dates(dir, small ? 3000 : 10000);
    make_languages(dir, small ? 4000 : 20000, small ? 300 : 2000);
    make_shapes(dir, small ? 40 : 400, small ? 240 : 600);
    make_tones(dir, small ? 16 : 60);
    make_notes(dir, small ? 1000 : 6000);
    make_spoken(dir, small ? 200 : 800);
    make_figures(dir, 300);
    printf("data written to %s/\n", dir);
    return 0;
}
