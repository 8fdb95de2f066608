/* links: nnc_transform nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_passes.c: the files tests/ir/FOLDER/X.tir: a first line "# passes: A B", the module before,
 * a line "---", the last graph of the module after these passes. NNC_UPDATE=1 writes the last part.
 */
#include "transform/transform.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_whole(Arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    cr_assert(f, "%s", path);
    char *text = arena_alloc(a, 1 << 20);
    size_t n = fread(text, 1, (1 << 20) - 1, f);
    cr_assert(n < (1 << 20) - 1, "%s is too long", path);
    fclose(f);
    return text;
}

/* The module that the text holds, its last graph through the passes, as text. */
static const char *transform_text(Arena *a, const char *path, char *passes, const char *input)
{
    Strings strings = {0};
    strings_init(&strings, a);
    const char *error = NULL;
    Module *m = module_read(a, &strings, input, &error);
    cr_assert(m, "%s: %s", path, error);
    Diags diags = {.arena = a};
    Pass p = {.module = m, .scratch = a, .diags = &diags, .operands = DT_wide16};
    const Graph *g = m->graph.at[m->graph.n - 1];
    for (char *name = strtok(passes, " "); name; name = strtok(NULL, " ")) {
        cr_assert(pass_find(name), "%s: no pass %s", path, name);
        g = pass_run(&p, name, g);
    }
    Text out = {.arena = a};
    module_print(m, &g, 1, &out);
    return text_c(&out);
}

static void check_file(const char *path)
{
    Arena arena = {0};
    char *text = read_whole(&arena, path), *end = strchr(text, '\n'), *cut = strstr(text, "\n---\n");
    cr_assert(!strncmp(text, "# passes: ", 10) && end && cut, "%s: no \"# passes:\" or no \"---\"", path);
    char *passes = arena_copy(&arena, text + 10, (size_t)(end - text) - 10);
    char *input = arena_copy(&arena, end + 1, (size_t)(cut + 1 - end - 1));
    const char *got = transform_text(&arena, path, passes, input);
    if (getenv("NNC_UPDATE")) {
        FILE *f = fopen(path, "wb");
        cr_assert(f);
        fprintf(f, "%.*s%s", (int)(cut + 5 - text), text, got);
        fclose(f);
    } else {
        cr_assert(!strcmp(got, cut + 5), "%s: got\n%s", path, got);
    }
    arena_free(&arena);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All .tir files of a folder in the order of their names. */
static int check_folder(const char *folder)
{
    char *names[256];
    int n = 0;
    DIR *d = opendir(folder);
    if (!d) return 0;
    for (struct dirent *e; (e = readdir(d)) && n < 256;)
        if (strstr(e->d_name, ".tir")) names[n++] = strdup(e->d_name);
    closedir(d);
    qsort(names, (size_t)n, sizeof *names, by_name);
    for (int i = 0; i < n; i++) {
        char path[8192];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        check_file(path);
        free(names[i]);
    }
    return n;
}

Test(passes, files)
{
    static const char *const folders[] = {"inline", "gradient", "autodiff", "operands", "open", "scan", "slopes", "simplify"};
    int n = 0;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/tests/ir/%s", NNC_SOURCE_DIR, folders[i]);
        n += check_folder(path);
    }
    cr_assert(n > 0);
}
