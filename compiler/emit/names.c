/* SPDX-License-Identifier: MIT
 * names.c: names and types as C and .nn write them. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "emit/emit.h"
#include "emit/reserved.h"
#include "nnrt_abi.h"

/* ---- names from the program in the header -------------------------------------------------------------
 *
 * A name that cannot stand where it does gets a `_` behind it, and so does such a name with `_` behind it already, so that
 * different names stay different: int -> int_, int_ -> int__. */

static bool is_out(const char *name) /* out, out0, out12 */
{
    return strncmp(name, "out", 3) == 0 && name[3 + strspn(name + 3, "0123456789")] == 0;
}

/* Names that the header chooses for parameters and in the bodies of its functions. */
static bool is_parameter(const char *name, const char *prefix)
{
    static const char *const own[] = {"model", "call", "m", "seed", "report", "threads", "sizes", "args", "train", "sum", "run"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(own[i], name) == 0) return true;
    size_t n = strlen(prefix);
    bool of_program = strncasecmp(name, prefix, n) == 0 && (name[n] == '_' || name[n] == 0); /* its types and macros */
    return is_out(name) || of_program;
}

static const char *without_tail(Arena *arena, const char *name)
{
    size_t n = strlen(name);
    while (n > 1 && name[n - 1] == '_')
        n--;
    return arena_copy(arena, name, n);
}

static char *in_letters(Arena *arena, const char *name)
{
    char *out = arena_copy(arena, name, strlen(name));
    for (char *c = out; *c; c++)
        if (!isalnum((unsigned char)*c)) *c = '_';
    return out;
}

const char *emit_c_parameter(const EmitProgram *e, const char *name)
{
    const char *base = without_tail(e->arena, name);
    return reserved_word(base) || is_parameter(base, e->prefix) ? arena_print(e->arena, "%s_", name) : name;
}

/* Fields of an example may be called as a size is: float *B_ beside int64_t B. */
const char *emit_c_argument(const EmitProgram *e, const CoreEntry *core, const char *name)
{
    const char *c = emit_c_parameter(e, name), *base = without_tail(e->arena, name);
    for (uint32_t i = 0; i < core->binders.n; i++)
        if (strcmp(without_tail(e->arena, core->binder_names.at[i]), base) == 0) return arena_print(e->arena, "%s_", c);
    return c;
}

const char *emit_c_option(Arena *arena, const char *name)
{
    return reserved_word(without_tail(arena, name)) ? arena_print(arena, "%s_", name) : name;
}

/* f1.per_class -> f1_per_class */
static const char *report_name(Arena *arena, const CoreReport *report)
{
    const char *name = in_letters(arena, report->name), *base = without_tail(arena, name);
    return reserved_word(base) || strcmp(base, "examples") == 0 ? arena_print(arena, "%s_", name) : name;
}

static bool is_dotted(const CoreReport *report)
{
    return strchr(report->name, '.') != NULL;
}

/* Has a report that comes first this name? Those without a dot come first: they are different anyway. */
static bool is_other_report(const EmitEntry *entry, Arena *arena, uint32_t index, const char *name)
{
    const CoreEntry *core = entry->lowered->core;
    for (uint32_t i = 0; i < core->reports.n; i++) {
        const CoreReport *other = &core->reports.at[i];
        if (is_dotted(other) && i >= index) continue;
        if (strcmp(is_dotted(other) ? emit_c_report(entry, arena, i) : report_name(arena, other), name) == 0) return true;
    }
    return false;
}

const char *emit_c_report(const EmitEntry *entry, Arena *arena, uint32_t index)
{
    const CoreReport *report = &entry->lowered->core->reports.at[index];
    const char *name = report_name(arena, report);
    while (is_dotted(report) && is_other_report(entry, arena, index, name))
        name = arena_print(arena, "%s_", name);
    return name;
}

const char *emit_prefix(Arena *arena, const char *stem)
{
    const char *name = in_letters(arena, stem);
    bool bad = !isalpha((unsigned char)name[0]) || reserved_prefix(name);
    return bad ? arena_print(arena, "nn_%s", name) : name;
}

bool emit_is_prefix(Arena *arena, const char *name)
{
    return *name && strcmp(emit_prefix(arena, name), name) == 0;
}

const char *emit_upper(Arena *arena, const char *name)
{
    char *out = arena_copy(arena, name, strlen(name));
    for (char *c = out; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    return out;
}

uint8_t emit_abi_dtype(uint8_t dtype)
{
    static const uint8_t abi[DT_COUNT] = {
        [DT_bool] = NNRT_BOOL, [DT_i32] = NNRT_I32, [DT_i64] = NNRT_I64, [DT_f32] = NNRT_F32,  [DT_f64] = NNRT_F64,
        [DT_u8] = NNRT_U8,     [DT_i8] = NNRT_I8,   [DT_f16] = NNRT_F16, [DT_bf16] = NNRT_BF16};
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
    Text t = {.arena = e->arena};
    text_add(&t, "%s", elem_name((Elem)type->elem));
    if (bound) text_add(&t, "<%s>", emit_dim_text(e, bound));
    for (int i = 0; i < type->rank; i++)
        text_add(&t, "%s%s", i ? ", " : "[", emit_dim_text(e, type->dim[i]));
    if (type->rank) text_add(&t, "]");
    return text_c(&t);
}

void emit_signature(Text *t, const EmitProgram *e, const CoreEntry *core, const char *line)
{
    static const char *const kinds[] = {"train", "eval", "export fn"};
    text_add(t, "%s %s", kinds[core->kind], core->name);
    for (uint32_t i = 0; i < core->binders.n; i++)
        text_add(t, "%s%s", i ? ", " : "[", core->binder_names.at[i]);
    text_add(t, core->binders.n ? "](" : "(");
    for (uint32_t i = 0; i < core->args.n; i++) {
        const CoreArg *a = &core->args.at[i];
        text_add(t, "%s%s: %s", i ? ", " : "", a->name, a->role == ROLE_DIM ? "dim" : emit_type_text(e, &a->type, a->bound));
    }
    text_add(t, ")");
    for (uint32_t i = 0; i < core->outs.n; i++)
        text_add(t, "%s%s", i ? ", " : " -> ", emit_type_text(e, &core->outs.at[i].type, core->outs.at[i].bound));
    for (uint32_t i = 0; i < core->requires_.n; i++)
        text_add(t, "%s%s%s", i ? ", " : line, i ? "" : "requires ", core->requires_.at[i].text);
}

uint32_t emit_n_pointers(const EmitEntry *entry)
{
    const Graph *g = entry->lowered->step[0];
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->param.n; i++)
        n += g->param.at[i].kind == PARAM_INPUT || g->param.at[i].kind == PARAM_SCALAR;
    for (uint32_t i = 0; i < g->result.n; i++)
        n += g->result.at[i].alias < 0;
    return n;
}

int emit_line(const EmitProgram *e, Span span)
{
    return span.file ? (int)source_line(source_get(e->sources, span.file), span.lo) : 0;
}
