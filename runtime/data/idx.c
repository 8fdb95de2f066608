/* SPDX-License-Identifier: MIT
 * idx.c: IDX files, one example along the first axis. */
#include <stdlib.h>

#include "data/array_read.h"
#include "data/parse_idx.h"

static int idx_open(const Spec *spec, nnrt_source *out)
{
    Array a;
    int code = array_read(spec, idx_header, idx_parse, 0, &a);
    if (code) return code;
    code = array_source(&a, out);
    if (code) array_file_close(&a.file);
    return code;
}

const nnrt_reader nnrt_reader_idx = {"idx", idx_open};
