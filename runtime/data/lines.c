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
    Texts texts;
    int64_t *number; /* of the line in its file, from 0 */
    int *file;
} Lines;

/* Of bytes 0 is one; in characters and words it would be padding, and a class would end there. */
static bool takes_zeros(const Spec *spec)
{
    TextMode mode = text_mode(spec);
    return mode == TEXT_BYTES || (mode == TEXT_LABELS && json_is(spec->reader, "kind", "lines_dir")); /* those of file names */
}

static bool add_line(Lines *l, const char *from, size_t n, int64_t number, int file)
{
    int64_t i = l->texts.n;
    if (!rt_more(&l->number, i, sizeof *l->number) || !rt_more(&l->file, i, sizeof *l->file)) return false;
    l->number[i] = number, l->file[i] = file;
    return texts_add(&l->texts, from, n);
}

static int add_file(Lines *l, const Spec *spec, const char *path, int file)
{
    char *text = NULL;
    size_t size = 0;
    int code = spec_read(spec, path, &text, &size);
    if (code) return code;
    int64_t number = 0;
    bool zeros = takes_zeros(spec);
    for (char *p = text + utf8_mark(text, size); p < text + size && !code;) {
        char *end = memchr(p, '\n', (size_t)(text + size - p));
        if (!end) end = text + size;
        size_t k = (size_t)(end - p);
        if (k && p[k - 1] == '\r') k--;
        if (!zeros && memchr(p, 0, k))
            code = rt_fail(NNRT_E_IO, "%s:%lld: the line has a 0 byte; this is no text", path, (long long)number + 1);
        else if (!add_line(l, p, k, number++, file))
            code = rt_no_memory();
        p = end + 1;
    }
    free(text);
    return code;
}

/* The lines as texts of the field; takes them over. */
static int open_texts(const Spec *spec, Lines *l, int code, nnrt_source *out)
{
    if (!code && l->texts.n == 0)
        code = rt_fail(NNRT_E_IO, "%s: there are no lines", spec->path);
    else if (!code && !text_wanted(spec))
        code = rt_fail(NNRT_E_IO, "%s: %s needs bytes=, words=, chars=, numbers= or labels=", spec->name,
                       json_text(spec->reader, "kind", "lines"));
    if (code)
        free(l->number);
    else
        code = text_open(spec, &l->texts, l->number, out);
    texts_free(&l->texts);
    free(l->file);
    return code;
}

static int lines_open(const Spec *spec, nnrt_source *out)
{
    Lines l = {0};
    return open_texts(spec, &l, add_file(&l, spec, spec->path, 0), out);
}

/* labels= of a folder: every line has the label of its file. */
static int label_lines(Lines *l, const Texts *label)
{
    Texts texts = {0};
    bool good = true;
    for (int64_t i = 0; i < l->texts.n && good; i++)
        good = texts_add(&texts, texts_get(label, l->file[i]), texts_length(label, l->file[i]));
    texts_free(&l->texts);
    l->texts = texts;
    return good ? NNRT_OK : rt_no_memory();
}

static int lines_dir_open(const Spec *spec, nnrt_source *out)
{
    Lines l = {0};
    Texts label = {0};
    char **path = NULL;
    int n = 0;
    int code = folder_list(spec->path, spec_string(spec, "glob", "*"), &path, &n);
    for (int i = 0; i < n && !code; i++)
        code = add_file(&l, spec, path[i], i);
    if (!code && spec_arg(spec, "labels")) {
        code = folder_labels(spec, path, n, true, &label);
        if (!code) code = label_lines(&l, &label);
    }
    rt_free_texts(path, n);
    texts_free(&label);
    return open_texts(spec, &l, code, out);
}

const nnrt_reader nnrt_reader_lines = {"lines", lines_open};
const nnrt_reader nnrt_reader_lines_dir = {"lines_dir", lines_dir_open};
