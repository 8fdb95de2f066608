/* SPDX-License-Identifier: MIT
 * input.c: pieces of files. */
#include "data/input.h"

#include <stdlib.h>
#include <string.h>

#include "data/file.h"
#include "data/gzip.h"
#include "data/stream.h"

enum { FIRST = 1 << 20 }; /* bytes of a piece, more where a row is longer */

struct Input {
    char path[FILE_PATH];
    Gzip *file;
    const char *memory; /* or this, so many bytes */
    size_t left;
    char *text;
    size_t used, room; /* and one byte behind */
};

static int new_input(Input **out)
{
    Input *in = calloc(1, sizeof *in);
    if (in) in->text = malloc(FIRST + 1);
    if (!in || !in->text) return free(in), rt_no_memory();
    in->room = FIRST;
    *out = in;
    return NNRT_OK;
}

int input_of(const char *text, size_t n, Input **out)
{
    int code = new_input(out);
    if (!code) (*out)->memory = text, (*out)->left = n;
    return code;
}

int input_open(const Spec *spec, Input **out)
{
    const char *text;
    size_t n;
    if (spec_is_stream(spec)) {
        int failed = spec_stream(spec, &text, &n);
        return failed ? failed : input_of(text, n, out);
    }
    Input *in = NULL;
    int code = new_input(&in);
    if (!code) code = file_find(spec->path, in->path);
    if (!code) code = gzip_open(in->path, &in->file);
    if (code)
        input_close(in);
    else
        *out = in;
    return code;
}

static int take(Input *in, size_t room, size_t *got)
{
    if (in->file) return gzip_read(in->file, in->text + in->used, room, got);
    *got = room < in->left ? room : in->left;
    memcpy(in->text + in->used, in->memory, *got);
    in->memory += *got, in->left -= *got;
    return NNRT_OK;
}

static int make_room(Input *in)
{
    char *bigger = in->room > SIZE_MAX / 4 ? NULL : realloc(in->text, 2 * in->room + 1);
    if (!bigger) return rt_no_memory_for(in->path);
    in->text = bigger;
    in->room *= 2;
    return NNRT_OK;
}

int input_more(Input *in, const char *keep, char **text, size_t *n, bool *last)
{
    size_t rest = keep ? (size_t)(in->text + in->used - keep) : 0, got = 1;
    if (rest) memmove(in->text, keep, rest);
    in->used = rest;
    int code = 2 * rest > in->room ? make_room(in) : NNRT_OK;
    while (!code && got && in->used < in->room) {
        code = take(in, in->room - in->used, &got);
        if (!code) in->used += got;
    }
    if (code) return code;
    in->text[in->used] = 0;
    *text = in->text, *n = in->used, *last = !got;
    return NNRT_OK;
}

void input_close(Input *in)
{
    if (!in) return;
    gzip_close(in->file);
    free(in->text);
    free(in);
}
