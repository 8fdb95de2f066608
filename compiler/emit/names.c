/* SPDX-License-Identifier: MIT
 * names.c: names and types as C and .nn write them. */
#include <ctype.h>
#include <string.h>

#include "emit/emit.h"
#include "nnrt_abi.h"

static const char *const keywords[] = {
    "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char", "class", "compl",
    "concept", "const", "consteval", "constexpr", "constinit", "continue", "co_await", "co_return", "co_yield", "decltype", "default",
    "delete", "do", "double", "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if",
    "inline", "int", "long", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr", "operator", "or", "or_eq", "private",
    "protected", "public", "register", "reinterpret_cast", "requires", "restrict", "return", "short", "signed", "sizeof", "static",
    "static_assert", "static_cast", "struct", "switch", "template", "this", "thread_local", "throw", "true", "try", "typedef", "typeid",
    "typename", "typeof", "union", "unsigned", "using", "virtual", "void", "volatile", "wchar_t", "while", "xor", "xor_eq",
};

const char *emit_c_identifier(Arena *arena, const char *name)
{
    size_t n = strlen(name);
    char *out = arena_alloc(arena, n + 3);
    size_t at = 0;
    if (isdigit((unsigned char)name[0])) out[at++] = '_';
    for (size_t i = 0; i < n; i++) out[at++] = isalnum((unsigned char)name[i]) ? name[i] : '_';
    out[at] = 0;
    for (size_t k = 0; k < sizeof keywords / sizeof *keywords; k++)
        if (strcmp(out, keywords[k]) == 0) out[at] = '_';
    return out;
}

const char *emit_upper(Arena *arena, const char *name)
{
    char *out = arena_copy(arena, name, strlen(name));
    for (char *c = out; *c; c++) *c = (char)toupper((unsigned char)*c);
    return out;
}

uint8_t emit_abi_dtype(uint8_t dtype)
{
    static const uint8_t abi[DT_COUNT] = { [DT_bool] = NNRT_BOOL, [DT_i32] = NNRT_I32, [DT_i64] = NNRT_I64, [DT_f32] = NNRT_F32,
                                           [DT_f64] = NNRT_F64, [DT_u8] = NNRT_U8, [DT_i8] = NNRT_I8, [DT_f16] = NNRT_F16,
                                           [DT_bf16] = NNRT_BF16 };
    return abi[dtype];
}

const char *emit_c_type(const EmitProgram *e, uint8_t dtype)
{
    if (dtype == e->lowered->float_dtype) return "nnrt_float";
    switch (dtype) {
    case DT_bool:
    case DT_u8: return "uint8_t";
    case DT_i8: return "int8_t";
    case DT_i32: return "int32_t";
    case DT_i64: return "int64_t";
    case DT_f32: return "float";
    case DT_f64: return "double";
    default: return "uint16_t"; /* bits of f16, bf16 */
    }
}

const char *emit_dim_text(const EmitProgram *e, Dim dim)
{
    return dim_print(e->core->dims, e->arena, dim);
}

const char *emit_type_text(const EmitProgram *e, const CoreType *type, Dim bound)
{
    static const char *const names[] = { "?", "float", "int", "bool", "f16", "bf16", "f32", "f64", "i8", "i32", "i64", "u8" };
    Text t = { .arena = e->arena };
    text_add(&t, "%s", names[type->elem]);
    if (bound) text_add(&t, "<%s>", emit_dim_text(e, bound));
    for (int i = 0; i < type->rank; i++) text_add(&t, "%s%s", i ? ", " : "[", emit_dim_text(e, type->dim[i]));
    if (type->rank) text_add(&t, "]");
    return text_c(&t);
}

uint32_t emit_n_pointers(const EmitEntry *entry)
{
    const Graph *g = entry->lowered->step[0];
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->param.n; i++) n += g->param.at[i].kind == PARAM_INPUT || g->param.at[i].kind == PARAM_SCALAR;
    for (uint32_t i = 0; i < g->result.n; i++) n += g->result.at[i].alias < 0;
    return n;
}

int emit_line(const EmitProgram *e, Span span)
{
    return span.file ? (int)source_line(source_get(e->sources, span.file), span.lo) : 0;
}
