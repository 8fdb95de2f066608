/* SPDX-License-Identifier: MIT
 * idx.c: IDX files, one example along the first axis. */
#include <stdlib.h>

#include "array.h"

static int idx_open(const Spec *spec, nnrt_source *out)
{
    char *text = NULL;
    size_t size = 0;
    Array a;
    int code = file_read(spec->path, &text, &size);
    if (code) return code;
    code = idx_parse(spec->path, text, size, &a);
    a.text = text;
    if (!code) code = array_source(&a, out);
    if (code) free(text);
    return code;
}

const nnrt_reader nnrt_reader_idx = {"idx", idx_open};
