/* SPDX-License-Identifier: MIT
 * tensors.c: a tensor of a safetensors file, one example along its first axis, or windows of rows. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "data/array_read.h"
#include "model/safetensors.h"

static int element_type(const Stored *t)
{
    char name[16] = "";
    for (size_t i = 0; i + 1 < sizeof name && t->dtype[i]; i++)
        name[i] = (char)tolower((unsigned char)t->dtype[i]);
    return dtype_find(name);
}

static int find_tensor(const Safetensors *f, const char *name, const Stored **t)
{
    enum { SHOWN = 16 };
    char names[1000] = "";
    *t = name ? safetensors_find(f, name) : f->n_tensors == 1 ? f->tensor : NULL;
    for (size_t i = 0; i < f->n_tensors && i <= SHOWN; i++)
        rt_append(names, sizeof names, "%s%s", i ? ", " : "", i < SHOWN ? f->tensor[i].name : "...");
    if (*t) return NNRT_OK;
    if (f->n_tensors == 0) return rt_fail(NNRT_E_IO, "%s: there are no tensors", f->path);
    if (name) return rt_fail(NNRT_E_IO, "%s: there is no tensor \"%s\"; it has %s", f->path, name, names);
    return rt_fail(NNRT_E_IO, "%s has the tensors %s: array=\"...\" says which one is wanted", f->path, names);
}

/* The tensor as an array of the field's shape, which is looked at before memory is taken. */
static int check_tensor(const Spec *spec, const Safetensors *f, const Stored *t, int64_t window, Array *a)
{
    int64_t bytes = 0, dim[9];
    int rank = 0;
    *a = (Array){.type = element_type(t), .rank = t->rank};
    if (a->type < 0) return rt_fail(NNRT_E_IO, "%s: %s has the element type %s, which is not read", f->path, t->name, t->dtype);
    if (t->rank < 1 || t->rank > 8)
        return rt_fail(NNRT_E_IO, "%s: %s has %d axes; 1 to 8 are read, the first one counts examples", f->path, t->name, t->rank);
    memcpy(a->dim, t->dim, sizeof a->dim);
    if (!array_layout(a, &bytes) || (uint64_t)bytes != t->bytes)
        return rt_fail(NNRT_E_IO, "%s is damaged: the number of bytes of %s is wrong", f->path, t->name);
    if (window > 0) dim[rank++] = window;
    for (int i = 1; i < a->rank; i++)
        dim[rank++] = a->dim[i];
    return spec_check_shape(spec, spec->path, rank, dim);
}

static int read_tensor(const Safetensors *f, const Stored *t, Array *a)
{
    a->file.text = rt_room(t->bytes + 1);
    return a->file.text ? safetensors_read(f, t, a->file.text) : rt_no_memory_for(f->path);
}

static int tensors_open(const Spec *spec, nnrt_source *out)
{
    Safetensors f;
    Array a = {0};
    const Stored *t = NULL;
    int64_t window = spec_int(spec, "window", 0), stride = spec_int(spec, "stride", window);
    int code = safetensors_open(&f, spec->path);
    if (!code) code = find_tensor(&f, spec_string(spec, "array", NULL), &t);
    if (!code) code = check_tensor(spec, &f, t, window, &a);
    if (!code) code = read_tensor(&f, t, &a);
    safetensors_close(&f);
    if (!code && window > 0 && stride > 0) array_windows(&a, window, stride);
    if (!code) code = array_source(&a, out);
    if (code) array_file_close(&a.file);
    return code;
}

const nnrt_reader nnrt_reader_safetensors = {"safetensors", tensors_open};
