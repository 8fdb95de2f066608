/* SPDX-License-Identifier: MIT
 * columns.c: the names in the first line of a CSV file. */
#include "lsp/columns.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lsp/position.h"

enum { MOST_LINE = 1 << 16, MOST_UP = 4 };

static FILE *open_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? fopen(path, "rb") : NULL;
}

/* A program runs where its user is: that may be any folder above. */
static FILE *find(Arena *arena, const Document *document, const char *path)
{
    if (path[0] == '/') return open_file(path);
    char *folder = arena_copy(arena, document->file->name, strlen(document->file->name));
    for (int i = 0; i < MOST_UP && strrchr(folder, '/'); i++) {
        *strrchr(folder, '/') = 0;
        FILE *file = open_file(arena_print(arena, "%s/%s", folder, path));
        if (file) return file;
    }
    return open_file(path);
}

static char separator_of(const char *line)
{
    static const char separators[] = ",;\t";
    char best = ',';
    int most = 0;
    for (int i = 0; separators[i]; i++) {
        int n = 0;
        for (const char *c = line; *c; c++)
            n += *c == separators[i];
        if (n > most) most = n, best = separators[i];
    }
    return best;
}

static void add_cell(Arena *arena, json_t *list, const char *cell, size_t n)
{
    while (n > 0 && strchr(" \r\n", cell[n - 1]))
        n--;
    if (n > 1 && cell[0] == '"' && cell[n - 1] == '"') cell++, n -= 2;
    if (n > 0) json_array_append_new(list, position_text(arena, arena_copy(arena, cell, n)));
}

json_t *columns_of(Arena *arena, const Document *document, const char *path)
{
    json_t *list = json_array();
    FILE *file = find(arena, document, path);
    char *line = arena_alloc(arena, MOST_LINE);
    if (file && fgets(line, MOST_LINE, file)) {
        char separator = separator_of(line);
        for (const char *cell = line; cell;) {
            const char *end = strchr(cell, separator);
            add_cell(arena, list, cell, end ? (size_t)(end - cell) : strlen(cell));
            cell = end ? end + 1 : NULL;
        }
    }
    if (file) fclose(file);
    return list;
}
