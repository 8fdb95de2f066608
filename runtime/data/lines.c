/* SPDX-License-Identifier: MIT
 * lines.c: one text per line. */
#include <stdlib.h>
#include <string.h>

#include "reader.h"

static int lines_open(const Spec *spec, nnrt_source *out)
{
    char *text = NULL;
    size_t size = 0;
    int code = file_read(spec->path, &text, &size);
    if (code) return code;
    int64_t n = 0, room = 256;
    char **line = malloc(sizeof(char *) * (size_t)room);
    size_t *length = malloc(sizeof(size_t) * (size_t)room);
    for (char *p = text; p < text + size && line && length;) {
        char *end = memchr(p, '\n', (size_t)(text + size - p));
        if (!end) end = text + size;
        size_t k = (size_t)(end - p);
        if (k && p[k - 1] == '\r') k--;
        if (n + 1 >= room) {
            room *= 2;
            line = realloc(line, sizeof(char *) * (size_t)room);
            length = realloc(length, sizeof(size_t) * (size_t)room);
            if (!line || !length) break;
        }
        line[n] = malloc(k + 1); /* texts may hold 0 bytes */
        if (!line[n]) break;
        memcpy(line[n], p, k);
        line[n][k] = 0;
        length[n++] = k;
        p = end + 1;
    }
    free(text);
    if (!line || !length) return rt_fail(NNRT_E_MEM, "out of memory");
    if (n == 0)
        code = rt_fail(NNRT_E_IO, "%s: there are no lines", spec->path);
    else if (!text_wanted(spec))
        code = rt_fail(NNRT_E_IO,
                       "%s: lines needs bytes=, words=, chars=, numbers= or labels=", spec->name);
    if (!code) return text_open(spec, line, length, n, out);
    free(line), free(length);
    return code;
}

const nnrt_reader nnrt_reader_lines = {"lines", lines_open};
