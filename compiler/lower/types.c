/* SPDX-License-Identifier: MIT
 * types.c: types of core programs as types of the tensor IR, and values brought to them. */
#include "lower/types.h"

uint8_t lower_dtype(uint8_t elem, uint8_t float_dtype)
{
    static const uint8_t dtype[] = {
        [ELEM_none] = DT_f64, [ELEM_int] = DT_i32, [ELEM_bool] = DT_bool, [ELEM_f16] = DT_f16, [ELEM_bf16] = DT_bf16, [ELEM_f32] = DT_f32,
        [ELEM_f64] = DT_f64,  [ELEM_i8] = DT_i8,   [ELEM_i32] = DT_i32,   [ELEM_i64] = DT_i64, [ELEM_u8] = DT_u8,
    };
    return elem == ELEM_float ? float_dtype : dtype[elem];
}

Type lower_type(const CoreType *type, uint8_t float_dtype)
{
    Type t = {.dtype = lower_dtype(type->elem, float_dtype), .rank = type->rank};
    for (int i = 0; i < type->rank; i++)
        t.dim[i] = type->dim[i];
    return t;
}

uint32_t lower_n_sums(const CoreEntry *entry)
{
    return entry->kind == ENTRY_EXPORT ? 0 : entry->sums.n + 1;
}

Type lower_sum_type(const CoreEntry *entry, uint32_t k)
{
    return k ? lower_type(&entry->sums.at[k - 1].type, DT_f64) : (Type){.dtype = DT_f64};
}

double lower_sum_init(const CoreEntry *entry, uint32_t k)
{
    return k ? entry->sums.at[k - 1].init : 0;
}

Type lower_ins_type(Scope *s, const CoreIns *ins)
{
    return lower_type(&ins->type, s->l->float_dtype);
}

Ref lower_as_dtype(Graph *g, Ref a, uint8_t dtype)
{
    return graph_type(g, a)->dtype == dtype ? a : build_cast(g, a, dtype);
}

Ref lower_as_shape(Graph *g, Ref a, const Type *shape)
{
    Type type = *shape;
    type.dtype = graph_type(g, a)->dtype;
    return type_equal(&type, graph_type(g, a)) ? a : build_broadcast_to(g, a, type);
}
