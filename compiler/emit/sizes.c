/* SPDX-License-Identifier: MIT
 * sizes.c: polynomials of the sizes in the manifest: a number where it is one, else a text. */
#include "emit/emit.h"

void emit_add_size(Json *j, const EmitProgram *e, Dim dim)
{
    int64_t v = 0;
    if (dim_is_const(e->core->dims, dim, &v))
        json_add_int(j, v);
    else
        json_add_string(j, emit_dim_text(e, dim));
}

void emit_size(Json *j, const EmitProgram *e, const char *name, Dim dim)
{
    int64_t v = 0;
    if (dim_is_const(e->core->dims, dim, &v))
        json_int(j, name, v);
    else
        json_text(j, name, emit_dim_text(e, dim));
}
