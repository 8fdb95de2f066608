/* SPDX-License-Identifier: MIT
 * files.c: what a compilation reads, and the names of what it writes. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emit/emit.h"
#include "emit/reserved.h"
#include "support/output.h"

/* ---- reading --------------------------------------------------------------------------------- */

enum { MOST_SOURCE = 64 << 20 };

static int open_source(const char *path)
{
    int file;
    do
        file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe that nobody writes to is no reason to wait */
    while (file < 0 && errno == EINTR);
    return file;
}

/* The text of an open file; NULL: `refused` is why. A pipe is read where the user names one; standard input may be anything. */
static const char *read_open(int file, bool any, bool pipe_too, size_t *n, Arena *arena, const char **refused)
{
    struct stat st;
    Text text = {.arena = arena};
    char buffer[1 << 16];
    if (fstat(file, &st)) return *refused = strerror(errno), NULL;
    if (S_ISDIR(st.st_mode)) return *refused = "this is a folder", NULL;
    if (!any && !S_ISREG(st.st_mode) && !(pipe_too && S_ISFIFO(st.st_mode)))
        return *refused = "this is a device or a pipe, not a file", NULL;
    if (!any) fcntl(file, F_SETFL, 0);
    for (ssize_t got; (got = read(file, buffer, sizeof buffer)) != 0;) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return *refused = strerror(errno), NULL;
        text_bytes(&text, buffer, (size_t)got);
        if (text.n > MOST_SOURCE) return *refused = "a program of more than 64 MB", NULL;
    }
    *n = text.n;
    return text_c(&text);
}

/* Sources end in two zeros (support/source.h). */
static const char *end_with_zeros(Arena *arena, const char *text, size_t n)
{
    char *copy = arena_alloc(arena, n + 2);
    if (n) memcpy(copy, text, n);
    return copy;
}

static bool is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

const char *files_input_name(const Nnc *cx)
{
    return is_stdin(cx->o->input) ? "<stdin>" : cx->o->input;
}

/* The program that the user names. */
const char *files_input(Nnc *cx, size_t *n)
{
    const char *refused = NULL, *text = NULL;
    if (cx->o->text) return *n = cx->o->n_text, end_with_zeros(&cx->arena, cx->o->text, *n);
    bool standard = is_stdin(cx->o->input);
    int file = standard ? STDIN_FILENO : open_source(cx->o->input);
    if (file < 0)
        refused = strerror(errno);
    else
        text = read_open(file, standard, true, n, &cx->arena, &refused);
    if (file >= 0 && !standard) close(file);
    if (!text) driver_fail(cx, 3, arena_print(&cx->arena, "%s: cannot read: %s", files_input_name(cx), refused));
    return text;
}

/* Does a file lie beneath the folder, links followed? */
static bool is_beneath(const char *path, const char *folder)
{
    char file[PATH_MAX], top[PATH_MAX];
    if (!realpath(path, file) || !realpath(*folder ? folder : ".", top)) return false;
    size_t n = strlen(top);
    return strncmp(file, top, n) == 0 && (n == 1 || file[n] == '/');
}

static bool is_inside(const Nnc *cx, const char *path)
{
    const char *slash = strrchr(cx->o->input, '/');
    char folder[PATH_MAX] = "";
    if (slash) snprintf(folder, sizeof folder, "%.*s", (int)(slash - cx->o->input) + 1, cx->o->input);
    bool inside = cx->o->allow_outside || is_beneath(path, folder);
    for (unsigned i = 0; i < cx->o->n_include_dirs; i++)
        inside |= is_beneath(path, cx->o->include_dirs[i]);
    return inside;
}

/* An import: what a program names is not trusted. */
const char *files_import(void *user, const char *path, size_t *n, Arena *arena, const char **refused)
{
    Nnc *cx = user;
    struct stat st;
    const char *open = cx->o->open_text ? cx->o->open_text(cx->o->user, path, n) : NULL;
    if (open && is_inside(cx, path)) return end_with_zeros(arena, open, *n);
    if (stat(path, &st) && (errno == ENOENT || errno == ENOTDIR)) return NULL;
    if (!is_inside(cx, path)) {
        *refused = "it lies outside the folder of the program (--allow-outside, or -I FOLDER, permits it)";
        return NULL;
    }
    int file = open_source(path);
    const char *text = file < 0 ? (*refused = strerror(errno), NULL) : read_open(file, false, false, n, arena, refused);
    if (file >= 0) close(file);
    if (!text) cx->status = 3;
    return text;
}

/* ---- writing --------------------------------------------------------------------------------- */

int files_write(Nnc *cx, const char *path, const char *text, bool keep)
{
    const char *wrong = output_write(&cx->arena, path, text, strlen(text), keep);
    return wrong ? driver_fail(cx, 3, wrong) : 0;
}

static void name_for_make(Text *out, const char *name)
{
    for (; *name; name++)
        text_add(out, strchr(" #\\", *name) ? "\\%c" : *name == '$' ? "$%c" : "%c", *name);
}

/* What was read, as a rule of make. */
int files_depend(Nnc *cx, const char *output)
{
    Text rule = {.arena = &cx->arena};
    if (!cx->o->depfile) return 0;
    name_for_make(&rule, output);
    text_add(&rule, ":");
    for (uint32_t i = 0; i < cx->sources.files.n; i++) {
        if (cx->sources.files.at[i].library) continue;
        text_add(&rule, " ");
        name_for_make(&rule, cx->sources.files.at[i].name);
    }
    if (cx->o->checkpoint) {
        text_add(&rule, " ");
        name_for_make(&rule, cx->o->checkpoint);
    }
    text_add(&rule, "\n");
    return files_write(cx, cx->o->depfile, text_c(&rule), false);
}

const char *files_stem(Arena *arena, const char *path)
{
    const char *base = strrchr(path, '/');
    base = base ? base + 1 : is_stdin(path) ? "program" : path;
    const char *dot = strrchr(base, '.');
    return arena_copy(arena, base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
}

/* What -o names, or the stem with `end`; no flag for other commands. */
static const char *named(Nnc *cx, const char *end)
{
    const char *name = cx->o->output ? cx->o->output : arena_print(&cx->arena, "%s%s", cx->stem, end);
    return name[0] == '-' ? arena_print(&cx->arena, "./%s", name) : name;
}

const char *files_package_top(Nnc *cx)
{
    return named(cx, "-python");
}

const char *files_package(Nnc *cx)
{
    return arena_print(&cx->arena, "%s/%s", files_package_top(cx), emit_python_word(&cx->arena, cx->prefix));
}

/* With `end` behind it, if need be in place of `other`; a folder stays one, which is refused. */
static const char *with_end(Arena *arena, const char *path, const char *end, const char *other)
{
    size_t n = strlen(path), n_end = strlen(end), n_other = strlen(other);
    if (n == 0 || path[n - 1] == '/') return path;
    if (n > n_end && strcmp(path + n - n_end, end) == 0) return path;
    if (n > n_other && strcmp(path + n - n_other, other) == 0) n -= n_other;
    return arena_print(arena, "%.*s%s", (int)n, path, end);
}

const char *files_output(Nnc *cx)
{
    if (cx->o->mode == NNC_PYTHON) return arena_print(&cx->arena, "%s/lib%s.so", files_package(cx), cx->prefix);
    if (cx->o->mode == NNC_MODULE) return with_end(&cx->arena, named(cx, ".wasm"), ".wasm", ".mjs");
    if (cx->o->output) return named(cx, "");
    switch (cx->o->mode) {
    case NNC_OBJECT: return arena_print(&cx->arena, "%s%s", cx->stem, cx->o->assembly ? ".s" : ".o");
    case NNC_SHARED: return arena_print(&cx->arena, "lib%s.so", cx->stem);
    default: return cx->stem;
    }
}

/* "dir/iris.o" and "dir/libiris.so" -> "dir/iris.h" */
const char *files_header(Arena *arena, const char *path, bool shared)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    int n_folder = (int)(base - path);
    if (shared && strncmp(base, "lib", 3) == 0 && base + 3 != dot) base += 3;
    return arena_print(arena, "%.*s%.*s.h", n_folder, path, dot ? (int)(dot - base) : (int)strlen(base), base);
}

bool files_has_header(const Nnc *cx)
{
    return cx->o->mode == NNC_OBJECT || cx->o->mode == NNC_SHARED;
}

/* ---- what an output must not be -------------------------------------------------------------- */

/* Is the file one that is read? */
static const char *input_at(const Nnc *cx, const char *path)
{
    if (output_same(path, cx->o->input)) return cx->o->input;
    if (cx->o->checkpoint && output_same(path, cx->o->checkpoint)) return cx->o->checkpoint;
    for (uint32_t i = 0; i < cx->sources.files.n; i++)
        if (!cx->sources.files.at[i].library && output_same(path, cx->sources.files.at[i].name)) return cx->sources.files.at[i].name;
    for (unsigned i = 0; i < cx->o->n_link_inputs; i++)
        if (cx->o->link_inputs[i][0] != '-' && output_same(path, cx->o->link_inputs[i])) return cx->o->link_inputs[i];
    return NULL;
}

static int refuse(Nnc *cx, const char *flag, const char *path, const char *why)
{
    return driver_fail(cx, 2, arena_print(&cx->arena, "%s: %s: %s", flag, path, why));
}

int files_check(Nnc *cx, const char *flag, const char *path, bool regular)
{
    size_t n = strlen(path);
    const char *why = output_refused(&cx->arena, path, regular);
    if (why) return driver_fail(cx, *path ? 3 : 2, arena_print(&cx->arena, "%s: %s%s%s", flag, path, *path ? ": " : "", why));
    if (regular && n > 3 && strcmp(path + n - 3, ".nn") == 0) return refuse(cx, flag, path, "this is the name of a program's source");
    const char *input = regular ? input_at(cx, path) : NULL;
    return input ? refuse(cx, flag, path, arena_print(&cx->arena, "this would overwrite %s, which is read", input)) : 0;
}

static int check_header(Nnc *cx, const char *output)
{
    const char *header = files_header(&cx->arena, output, cx->o->mode == NNC_SHARED);
    if (output_same(header, output)) return refuse(cx, "-o", output, "the header would have the same name");
    const char *name = files_stem(&cx->arena, header);
    if (reserved_header(name))
        return refuse(
            cx, "-o", output,
            arena_print(&cx->arena, "the header would be %s.h, which C or the runtime has already; choose another name with -o", name));
    return files_check(cx, "-o", header, true);
}

/* The file of --depfile is none of the others. */
static int check_depfile(Nnc *cx, const char *output)
{
    const char *path = cx->o->depfile, *header = files_header(&cx->arena, output, cx->o->mode == NNC_SHARED);
    if (output_same(path, output) || (files_has_header(cx) && output_same(path, header)))
        return refuse(cx, "--depfile", path, "this file has another content: it is an output, too");
    return files_check(cx, "--depfile", path, !output_is_special(path)); /* a text may go to a device */
}

/* Said before the work: nothing that is read, no folder, no device is written to. */
int files_check_outputs(Nnc *cx)
{
    const char *output = files_output(cx);
    if (cx->o->mode == NNC_CHECK || cx->o->mode == NNC_COSTS || cx->o->shapes || cx->o->stop_after) return 0;
    if (cx->o->mode == NNC_FORMAT) return cx->o->output ? files_check(cx, "-o", output, false) : 0;
    int status = cx->o->mode == NNC_PYTHON ? 0 : files_check(cx, "-o", output, true); /* package.c does it */
    if (!status && files_has_header(cx)) status = check_header(cx, output);
    return !status && cx->o->depfile ? check_depfile(cx, output) : status;
}
