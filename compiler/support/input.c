/* SPDX-License-Identifier: MIT
 * input.c: files as a whole. */
#include "support/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/budget.h"

enum { MOST_ENDLESS = 128 << 20 }; /* of what is no file with a size: it may be /dev/zero */

static bool is_endless(FILE *f, size_t n)
{
    struct stat info;
    return n > MOST_ENDLESS && fstat(fileno(f), &info) == 0 && !S_ISREG(info.st_mode);
}

/* A pipe that nobody writes to is no reason to wait. */
static FILE *open_file(const char *path)
{
    int file;
    do
        file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    while (file < 0 && errno == EINTR);
    if (file < 0) return NULL;
    fcntl(file, F_SETFL, 0);
    FILE *f = fdopen(file, "rb");
    if (!f) close(file), errno = ENOMEM;
    return f;
}

static bool is_pipe(FILE *f)
{
    struct stat info;
    return fstat(fileno(f), &info) == 0 && S_ISFIFO(info.st_mode);
}

const char *input_read(Text *out, const char *path)
{
    char buffer[1 << 16];
    size_t before = out->n;
    bool standard = strcmp(path, "-") == 0;
    FILE *f = standard ? stdin : open_file(path);
    bool endless = false;
    for (size_t n; f && !(endless = is_endless(f, out->n - before)) && (n = fread(buffer, 1, sizeof buffer, f)) > 0;)
        text_bytes(out, buffer, n);
    if (!f && errno == ENOMEM) budget_no_memory();
    const char *wrong = !f || ferror(f) ? arena_print(out->arena, "%s: cannot read: %s", path, strerror(errno)) : NULL;
    if (endless) wrong = arena_print(out->arena, "%s: cannot read: there is more of it than %d MB", path, MOST_ENDLESS >> 20);
    if (!wrong && !standard && out->n == before && is_pipe(f))
        wrong = arena_print(out->arena, "%s: cannot read: nobody writes to this pipe", path);
    if (f && !standard) fclose(f);
    return wrong;
}
