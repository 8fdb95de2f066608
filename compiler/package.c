/* SPDX-License-Identifier: MIT
 * package.c: a Python package as a folder. What lies there is written over only if nnc wrote it. */
#include "package.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

/* Is there nothing, or a file that says near its top that nnc made it? py.typed is empty. */
static bool is_ours(const char *path)
{
    char head[400];
    FILE *f = fopen(path, "r");
    if (!f) return errno == ENOENT || errno == ENOTDIR;
    size_t n = fread(head, 1, sizeof head - 1, f);
    fclose(f);
    head[n] = 0;
    return n == 0 || strstr(head, " by nnc");
}

static int check_files(Nnc *cx)
{
    const char *package = files_package(cx);
    const char *text[] = {arena_print(&cx->arena, "%s/__init__.py", package), arena_print(&cx->arena, "%s/_native.py", package),
                          arena_print(&cx->arena, "%s/py.typed", package),
                          arena_print(&cx->arena, "%s/nnc_build.py", files_package_top(cx))};
    int status = files_check(cx, "-o", files_output(cx), true);
    for (size_t i = 0; i < sizeof text / sizeof *text && !status; i++) {
        status = files_check(cx, "-o", text[i], true);
        if (!status && !is_ours(text[i]))
            status = driver_fail(cx, 2, arena_print(&cx->arena, "-o: %s: this file is there and was not made by nnc", text[i]));
    }
    return status;
}

int package_check(Nnc *cx)
{
    struct stat st;
    const char *top = files_package_top(cx), *package = emit_python_word(&cx->arena, cx->prefix);
    if (emit_python_hides(package))
        return driver_fail(
            cx, 2,
            arena_print(&cx->arena, "--python: a package `%s` would hide a module of Python; choose another name: --prefix=NAME", package));
    if (!*top) return driver_fail(cx, 2, "-o: the name is empty");
    if (stat(top, &st) == 0 && !S_ISDIR(st.st_mode))
        return driver_fail(cx, 3, arena_print(&cx->arena, "-o: %s: this is a file; a folder is wanted", top));
    return access(files_package(cx), F_OK) == 0 ? check_files(cx) : 0;
}

static int make_folder(Nnc *cx, const char *path, unsigned bit)
{
    if (mkdir(path, 0777) == 0) {
        cx->made_folders |= bit;
        return 0;
    }
    return errno == EEXIST ? 0 : driver_fail(cx, 3, arena_print(&cx->arena, "%s: cannot make the folder: %s", path, strerror(errno)));
}

int package_open(Nnc *cx)
{
    int status = make_folder(cx, files_package_top(cx), 1);
    return status ? status : make_folder(cx, files_package(cx), 2);
}

void package_close(Nnc *cx)
{
    if (cx->made_folders & 2) rmdir(files_package(cx));
    if (cx->made_folders & 1) rmdir(files_package_top(cx));
}

int package_write(Nnc *cx, const EmitProgram *e)
{
    EmitFile file[EMIT_PYTHON_FILES];
    emit_python(e, file);
    int status = 0;
    for (int i = 0; i < EMIT_PYTHON_FILES && !status; i++) {
        const char *path = arena_print(&cx->arena, "%s/%s", files_package_top(cx), file[i].path);
        if (!file[i].once || access(path, F_OK) != 0) status = files_write(cx, path, file[i].text, false);
    }
    return status;
}
