/* SPDX-License-Identifier: MIT
 * lines.c: one text per line, of a file (lines) or of all files of a folder (lines_dir). */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "data/folder.h"
#include "data/pieces.h"
#include "data/stream.h"
#include "data/text_source.h"

typedef struct Lines {
    char **text;
    size_t *length;
    int64_t *number; /* of the line in its file, from 0 */
    int *file;
    int64_t n;
} Lines;

static void lines_free(Lines *l)
{
    for (int64_t i = 0; i < l->n; i++)
        free(l->text[i]);
    free(l->text), free(l->length), free(l->number), free(l->file);
}

static bool grow(Lines *l)
{
    return rt_more(&l->text, l->n, sizeof *l->text) && rt_more(&l->length, l->n, sizeof *l->length) &&
           rt_more(&l->number, l->n, sizeof *l->number) && rt_more(&l->file, l->n, sizeof *l->file);
}

/* Texts may hold 0 bytes. */
static bool add_line(Lines *l, const char *from, size_t n, int64_t number, int file)
{
    char *text = grow(l) ? malloc(n + 1) : NULL;
    if (!text) return false;
    memcpy(text, from, n);
    text[n] = 0;
    l->text[l->n] = text, l->length[l->n] = n, l->number[l->n] = number, l->file[l->n++] = file;
    return true;
}

static int add_file(Lines *l, const Spec *spec, const char *path, int file)
{
    char *text = NULL;
    size_t size = 0;
    int code = spec_read(spec, path, &text, &size);
    if (code) return code;
    int64_t number = 0;
    bool good = true;
    for (char *p = text + utf8_mark(text, size); p < text + size && good;) {
        char *end = memchr(p, '\n', (size_t)(text + size - p));
        if (!end) end = text + size;
        size_t k = (size_t)(end - p);
        if (k && p[k - 1] == '\r') k--;
        good = add_line(l, p, k, number++, file);
        p = end + 1;
    }
    free(text);
    return good ? NNRT_OK : rt_no_memory();
}

/* The lines as texts of the field; takes them over. */
static int open_texts(const Spec *spec, Lines *l, int code, nnrt_source *out)
{
    if (!code && l->n == 0)
        code = rt_fail(NNRT_E_IO, "%s: there are no lines", spec->path);
    else if (!code && !text_wanted(spec))
        code = rt_fail(NNRT_E_IO, "%s: %s needs bytes=, words=, chars=, numbers= or labels=", spec->name,
                       json_text(spec->reader, "kind", "lines"));
    if (code) {
        lines_free(l);
        return code;
    }
    free(l->file);
    return text_open(spec, l->text, l->length, l->number, l->n, out);
}

static int lines_open(const Spec *spec, nnrt_source *out)
{
    Lines l = {0};
    return open_texts(spec, &l, add_file(&l, spec, spec->path, 0), out);
}

/* labels= of a folder: every line has the label of its file. */
static int label_lines(Lines *l, char **label)
{
    for (int64_t i = 0; i < l->n; i++) {
        free(l->text[i]);
        l->text[i] = strdup(label[l->file[i]]);
        if (!l->text[i]) return rt_no_memory();
        l->length[i] = strlen(l->text[i]);
    }
    return NNRT_OK;
}

static int lines_dir_open(const Spec *spec, nnrt_source *out)
{
    Lines l = {0};
    char **path = NULL, **label = NULL;
    size_t *length = NULL;
    int n = 0;
    int code = folder_list(spec->path, spec_string(spec, "glob", "*"), &path, &n);
    for (int i = 0; i < n && !code; i++)
        code = add_file(&l, spec, path[i], i);
    if (!code && spec_arg(spec, "labels")) {
        code = folder_labels(spec, path, n, true, &label, &length);
        if (!code) code = label_lines(&l, label);
    }
    rt_free_texts(path, n);
    rt_free_texts(label, n);
    free(length);
    return open_texts(spec, &l, code, out);
}

const nnrt_reader nnrt_reader_lines = {"lines", lines_open};
const nnrt_reader nnrt_reader_lines_dir = {"lines_dir", lines_dir_open};
