/* SPDX-License-Identifier: MIT
 * shared.c: what a shared library has beside the object: the convenience layer as functions, for languages without a C compiler. */
#include "emit/emit.h"

extern const unsigned char embed_nnrt[], embed_nnrt_types[];
extern const size_t embed_nnrt_size, embed_nnrt_types_size;

const char *emit_shared_source(const EmitProgram *e)
{
    Text t = {.arena = e->arena};
    if (e->f64) text_add(&t, "#define NNRT_DOUBLE 1\n");
    text_bytes(&t, (const char *)embed_nnrt_types, embed_nnrt_types_size);
    text_bytes(&t, (const char *)embed_nnrt, embed_nnrt_size);
    text_add(&t, "#define %s_INLINE\n%s", emit_upper(e->arena, e->prefix), emit_header(e, &(EmitFigures){0}));
    return text_c(&t);
}

const char *emit_shared_exports(const EmitProgram *e)
{
    return arena_print(e->arena, "{ global: %s_*; nnrt_*; local: *; };\n", e->prefix);
}
