/* SPDX-License-Identifier: MIT
 * size.c: no tensor of a program is larger than memory can ever be. Later stages then compute with sizes
 * in 64 bits; sizes that a call brings are checked by the call. */
#include "sema/base/size.h"

#include <inttypes.h>
#include <math.h>

#define MOST_BYTES 0x1p47 /* what a process can address */

static double elem_bytes(uint8_t elem)
{
    switch (elem) {
    case ELEM_bool:
    case ELEM_i8:
    case ELEM_u8: return 1;
    case ELEM_f16:
    case ELEM_bf16: return 2;
    case ELEM_i64:
    case ELEM_f64: return 8;
    default: return 4;
    }
}

/* At least so large, whatever the symbols are; infinite if it does not fit into 64 bits. */
static double least_size(const Dims *dims, Dim dim)
{
    double sum = 0;
    if (!dim_is_defined(dims, dim)) return INFINITY;
    for (uint32_t i = 0; i < dim_n_terms(dims, dim); i++) {
        double k = (double)dim_coefficient(dims, dim, i);
        int64_t lower = 1;
        if (k < 0) return 1;
        for (uint32_t j = 0; j < dim_n_atoms(dims, dim, i); j++) {
            DimAtom atom = dim_atom(dims, dim, i, j);
            bool counts = atom.symbol && symbol_lower(dims, atom.symbol, &lower) && lower >= 0;
            k *= counts ? (double)lower : 0;
        }
        sum += k;
    }
    return sum;
}

static double least_bytes(Sema *s, const CoreType *type)
{
    double bytes = elem_bytes(type->elem);
    for (int i = 0; i < type->rank; i++)
        bytes *= least_size(s->dims, type->dim[i]);
    return bytes;
}

static const char *bytes_text(Sema *s, double bytes)
{
    if (!isfinite(bytes)) return "more than 2^63 bytes";
    if (bytes < 0x1p63) return arena_print(s->arena, "%" PRId64 " bytes", (int64_t)bytes);
    return arena_print(s->arena, "%.3g bytes", bytes);
}

static void report(Sema *s, Span at, const char *what, const char *bytes)
{
    Diag *d = diag_error(s->diags, "E0605", at, "%s has %s", what, bytes);
    diag_note(d, "at most 2^47 bytes (128 TiB) can be addressed");
}

/* Says so once in an entry or a definition. */
void size_check(Sema *s, const SemaType *type, Span at)
{
    CoreType core = core_type(s, type);
    double bytes = least_bytes(s, &core);
    if (!(bytes > MOST_BYTES) || s->huge) return;
    s->huge = true;
    bool open = false;
    for (int i = 0; i < core.rank; i++)
        open |= !dim_is_const(s->dims, core.dim[i], NULL);
    report(s, at, arena_print(s->arena, "a value of type %s", type_print(s, type)),
           arena_print(s->arena, "%s%s", open && isfinite(bytes) ? "at least " : "", bytes_text(s, bytes)));
}

/* Parameters and states together. */
void size_check_model(Sema *s)
{
    double sum = 0;
    if (s->huge) return;
    for (uint32_t i = 0; i < s->program->tensors.n; i++) {
        const CoreTensor *t = &s->program->tensors.at[i];
        sum += least_bytes(s, &t->type);
        if (!(sum > MOST_BYTES)) continue;
        report(s, t->span, arena_print(s->arena, "the model up to `%s`", t->name), bytes_text(s, sum));
        return;
    }
}
