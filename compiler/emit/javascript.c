/* SPDX-License-Identifier: MIT
 * javascript.c: what stands beside a module of WebAssembly: a table of its entry points, and methods over what is the same for every
 * program (web/model.mjs). Names are those of the header. */
#include "emit/javascript.h"

#include <string.h>

#include "emit/json.h"
#include "emit/reserved.h"

extern const unsigned char embed_web_model[];
extern const size_t embed_web_model_size;

/* ---- names ------------------------------------------------------------------------------------------- */

/* What a parameter or a method of the generated class cannot be called. */
static const char *const words[] = {
    " arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for ",
    " function if implements import in instanceof interface let new null package private protected public return settings static super ",
    " switch this throw true try typeof undefined var void while with yield ",
    " constructor load open options reset save tensor then toJSON toString valueOf hasOwnProperty isPrototypeOf propertyIsEnumerable ",
    " toLocaleString ",
};

const char *script_word(Arena *arena, const char *name)
{
    const char *base = reserved_base(arena, name);
    return name[0] == '_' || reserved_listed(words, sizeof words / sizeof *words, base) ? arena_print(arena, "%s_", name) : name;
}

static const char *plain_name(const EmitProgram *e, const char *name)
{
    (void)e;
    return name;
}

static const EmitNotation notation = {.before = "s.", .behind = "", .quotient = "Math.floor", .divide = "/", .name = plain_name};

const char *script_kind(const Script *s, uint8_t elem)
{
    static const char *const kinds[DT_COUNT] = {[DT_bool] = "bool", [DT_i32] = "i32", [DT_i64] = "i64", [DT_f32] = "f32",  [DT_f64] = "f64",
                                                [DT_u8] = "u8",     [DT_i8] = "i8",   [DT_f16] = "f16", [DT_bf16] = "bf16"};
    return kinds[lower_dtype(elem, s->e->lowered->float_dtype)];
}

const char *script_array(const Script *s, uint8_t elem)
{
    static const char *const arrays[DT_COUNT] = {
        [DT_bool] = "Uint8Array", [DT_i32] = "Int32Array", [DT_i64] = "BigInt64Array", [DT_f32] = "Float32Array", [DT_f64] = "Float64Array",
        [DT_u8] = "Uint8Array",   [DT_i8] = "Int8Array",   [DT_f16] = "Uint16Array",   [DT_bf16] = "Uint16Array"};
    return arrays[lower_dtype(elem, s->e->lowered->float_dtype)];
}

void script_each_entry(Script *s, void (*add)(Script *s))
{
    for (uint32_t i = 0; i < s->e->entry.n; i++) {
        s->entry = &s->e->entry.at[i];
        s->core = s->entry->lowered->core;
        if (s->core) add(s);
    }
}

bool script_is_export(const Script *s)
{
    return s->core->kind == ENTRY_EXPORT;
}

/* Without folders: they are those of the machine that compiles. */
static const char *source_name(const Script *s)
{
    const char *slash = strrchr(s->e->source, '/');
    return slash ? slash + 1 : s->e->source;
}

static const char *quoted(const Script *s, const char *text)
{
    return json_quoted(s->arena, text);
}

static const char *comma(uint32_t i)
{
    return i ? ", " : "";
}

/* ---- sizes ------------------------------------------------------------------------------------------- */

Dim script_product(Dims *dims, const CoreType *type, int without)
{
    Dim all = dim_const(dims, 1);
    for (int k = 0; k < type->rank; k++)
        if (k != without) all = dim_mul(dims, all, type->dim[k]);
    return all;
}

static bool follows(const Script *s, const bool *known, Dim dim)
{
    const Dims *dims = s->e->core->dims;
    for (uint32_t t = 0; t < dim_n_terms(dims, dim); t++)
        for (uint32_t k = 0; k < dim_n_atoms(dims, dim, t); k++) {
            DimAtom a = dim_atom(dims, dim, t, k);
            if (!a.symbol && !(follows(s, known, a.num) && follows(s, known, a.den))) return false;
            for (uint32_t i = 0; a.symbol && i < s->entry->sizes.n; i++)
                if (s->entry->sizes.at[i] == a.symbol && !known[i]) return false;
        }
    return true;
}

/* An argument whose length tells the size, the others being known. */
static bool is_told(const Script *s, const bool *known, ScriptSize *size)
{
    Dims *dims = s->e->core->dims;
    for (uint32_t k = 0; k < s->core->args.n; k++) {
        const CoreArg *a = &s->core->args.at[k];
        for (int d = 0; a->role <= ROLE_TENSOR && d < a->type.rank; d++) {
            if (emit_lone_size(dims, a->type.dim[d]) != s->entry->sizes.at[size->which]) continue;
            if (!follows(s, known, script_product(dims, &a->type, d))) continue;
            size->arg = (int)k, size->axis = d;
            return true;
        }
    }
    return false;
}

/* One that an argument tells, or else the last one that is not known. */
static ScriptSize next_size(const Script *s, const bool *known)
{
    ScriptSize size = {.arg = -1}, last = size;
    for (size.which = 0; size.which < s->core->binders.n; size.which++) {
        if (known[size.which]) continue;
        if (is_told(s, known, &size)) return size;
        last = size;
    }
    return last;
}

void script_sizes(const Script *s, ScriptSize found[CORE_MAX_SIZES])
{
    bool known[CORE_MAX_SIZES];
    for (uint32_t i = 0; i < s->entry->sizes.n; i++)
        known[i] = i >= s->core->binders.n; /* arguments themselves */
    for (uint32_t n = 0; n < s->core->binders.n; n++) {
        found[n] = next_size(s, known);
        known[found[n].which] = true;
    }
}

static void add_count(Script *s, Dim count)
{
    text_add(&s->t, ", (s) => ");
    emit_expression(&s->t, s->e, s->entry, count, &notation);
}

/* [size, argument, by what its length is divided] */
static void add_sizes(Script *s)
{
    ScriptSize found[CORE_MAX_SIZES];
    script_sizes(s, found);
    text_add(&s->t, "        binders: %u, sizes: [", s->core->binders.n);
    for (uint32_t i = 0; i < s->entry->sizes.n; i++)
        text_add(&s->t, "%s%s", comma(i), quoted(s, s->entry->size_names.at[i]));
    text_add(&s->t, "], find: [");
    for (uint32_t n = 0; n < s->core->binders.n; n++) {
        text_add(&s->t, "%s[%s, %d", comma(n), quoted(s, s->entry->size_names.at[found[n].which]), found[n].arg);
        if (found[n].arg >= 0) add_count(s, script_product(s->e->core->dims, &s->core->args.at[found[n].arg].type, found[n].axis));
        text_add(&s->t, "]");
    }
    text_add(&s->t, "],\n");
}

/* ---- the table of entry points ----------------------------------------------------------------------- */

static bool has_rows(const Script *s, const CoreArg *a) /* one for each example */
{
    if (!s->core->binders.n || a->role != ROLE_FIELD || !a->type.rank) return false;
    return emit_lone_size(s->e->core->dims, a->type.dim[0]) == s->entry->sizes.at[0];
}

/* [name, type, kind, how many elements, has it a row for each example]; of numbers that are passed alone the first three. */
static void add_args(Script *s)
{
    text_add(&s->t, "        args: [");
    for (uint32_t i = 0; i < s->core->args.n; i++) {
        const CoreArg *a = &s->core->args.at[i];
        const char *type = a->role == ROLE_DIM ? "dim" : emit_type_text(s->e, &a->type, a->bound);
        text_add(&s->t, "%s[%s, %s, \"%s\"", comma(i), quoted(s, a->name), quoted(s, type),
                 a->role == ROLE_DIM ? "dim" : script_kind(s, a->type.elem));
        if (a->role <= ROLE_TENSOR) add_count(s, script_product(s->e->core->dims, &a->type, -1));
        if (a->role <= ROLE_TENSOR && has_rows(s, a)) text_add(&s->t, ", true");
        text_add(&s->t, "]");
    }
    text_add(&s->t, "],\n        defaults: {");
    for (uint32_t i = 0, n = 0; i < s->core->args.n; i++)
        if (emit_may_default(s->core, i)) text_add(&s->t, "%s%u: %.17g", comma(n++), i, s->core->args.at[i].value);
    text_add(&s->t, "},\n");
}

/* [type, kind, how many elements, axes] */
static void add_outs(Script *s)
{
    text_add(&s->t, "        outs: [");
    for (uint32_t i = 0; i < s->core->outs.n; i++) {
        const CoreOut *o = &s->core->outs.at[i];
        text_add(&s->t, "%s[%s, \"%s\"", comma(i), quoted(s, emit_type_text(s->e, &o->type, o->bound)), script_kind(s, o->type.elem));
        add_count(s, script_product(s->e->core->dims, &o->type, -1));
        text_add(&s->t, ", %d]", o->type.rank);
    }
    text_add(&s->t, "],\n");
}

int64_t script_report_count(const Script *s, uint32_t i, int *rank)
{
    const Graph *g = s->entry->lowered->report;
    const Type *type = graph_type(g, g->result.at[i].ref);
    int64_t count = 0;
    dim_is_const(s->e->core->dims, type_count(s->e->core->dims, type), &count);
    *rank = type->rank;
    return count;
}

/* [name, place, elements or -1: one number] */
static void add_reports(Script *s)
{
    int64_t at = 0;
    text_add(&s->t, "        values: %lld, reports: [", (long long)emit_report_values(s->e, s->entry));
    for (uint32_t i = 0; i < s->core->reports.n; i++) {
        int rank;
        int64_t n = script_report_count(s, i, &rank);
        text_add(&s->t, "%s[%s, %lld, %lld]", comma(i), quoted(s, emit_c_report(s->entry, s->arena, i)), (long long)at,
                 (long long)(rank ? n : -1));
        at += n;
    }
    text_add(&s->t, "],\n");
}

/* For messages. */
static void add_texts(Script *s)
{
    text_add(&s->t, "        requires: [");
    for (uint32_t i = 0; i < s->core->requires_.n; i++)
        text_add(&s->t, "%s%s", comma(i), quoted(s, s->core->requires_.at[i].text));
    text_add(&s->t, "], asserts: [");
    for (uint32_t i = 0; i < s->core->probes.n; i++) {
        const CoreProbe *p = &s->core->probes.at[i];
        text_add(&s->t, "%s%s", comma(i),
                 quoted(s, arena_print(s->arena, "%s (%s:%d)", p->text, source_name(s), emit_line(s->e, p->span))));
    }
    text_add(&s->t, "], minimizes: [");
    for (uint32_t i = 0; i < s->core->minimizes.n; i++) {
        text_add(&s->t, "%s[", comma(i));
        for (const OptimizerArg *a = s->core->minimizes.at[i].optimizer->arg; a->name; a++)
            text_add(&s->t, "\"%s\", ", a->name);
        text_add(&s->t, "]");
    }
    text_add(&s->t, "],\n");
}

static void add_entry(Script *s)
{
    static const char *const kinds[] = {"train", "eval", "export"};
    text_add(&s->t, "    %s: {\n        kind: \"%s\",\n", quoted(s, s->entry->c_name), kinds[s->core->kind]);
    add_args(s);
    add_sizes(s);
    add_outs(s);
    if (!script_is_export(s)) {
        int64_t area = s->core->kind == ENTRY_TRAIN ? s->entry->train_bytes : s->entry->sums_area;
        text_add(&s->t, "        area: %lld, batch: %lld, epochs: %lld,", (long long)area, (long long)s->core->head.batch,
                 (long long)s->core->head.epochs);
        if (s->core->derived_from >= 0) text_add(&s->t, " of: %s,", quoted(s, s->core->name));
        text_add(&s->t, "\n");
        add_reports(s);
    }
    add_texts(s);
    text_add(&s->t, "    },\n");
}

/* ---- the table of the program ------------------------------------------------------------------------ */

static void add_numbers(Script *s, const int64_t *number, int n)
{
    text_add(&s->t, "[");
    for (int i = 0; i < n; i++)
        text_add(&s->t, "%s%lld", comma((uint32_t)i), (long long)number[i]);
    text_add(&s->t, "]");
}

static const char *tensor_kind(uint8_t dtype)
{
    return dtype == DT_f64 ? "f64" : dtype == DT_i32 ? "i32" : dtype == DT_i64 ? "i64" : dtype == DT_f32 ? "f32" : "bool";
}

/* [name, kind, shape, strides, place] */
static void add_tensors(Script *s)
{
    text_add(&s->t, "    tensors: [\n");
    for (uint32_t i = 0; i < s->e->layout.tensor.n; i++) {
        const LayoutTensor *t = &s->e->layout.tensor.at[i];
        text_add(&s->t, "        [%s, \"%s\", ", quoted(s, t->name), tensor_kind(t->type.dtype));
        add_numbers(s, t->extent, t->type.rank);
        text_add(&s->t, ", ");
        add_numbers(s, t->stride, t->type.rank);
        text_add(&s->t, ", %lld],\n", (long long)t->offset);
    }
    text_add(&s->t, "    ],\n");
}

/* [name, kind, place]; texts are names of files, which nothing here reads. */
static void add_options(Script *s)
{
    text_add(&s->t, "    options: [");
    for (uint32_t i = 0; i < s->e->core->options.n; i++) {
        const CoreOption *o = &s->e->core->options.at[i];
        if (o->elem == ELEM_none) continue;
        text_add(&s->t, "[%s, \"%s\", %lld], ", quoted(s, emit_c_option(s->arena, o->name)), script_kind(s, o->elem),
                 (long long)s->e->option_offset[i]);
    }
    text_add(&s->t, "],\n");
}

/* Words and classes of the checkpoint whose weights are inside. */
static void add_vocabularies(Script *s)
{
    const EmitProgram *e = s->e;
    size_t block = (size_t)e->layout.model_bytes;
    if (!e->weights || e->n_weights <= block) return;
    const char *text = arena_copy(s->arena, (const char *)e->weights + block, e->n_weights - block);
    if (*text) text_add(&s->t, "    vocabularies: %s,\n", quoted(s, text));
}

static void add_program(Script *s, const char *wasm)
{
    const EmitProgram *e = s->e;
    text_add(&s->t, "const program = {\n    name: %s, source: %s, file: %s, prefix: \"%s\", hash: \"%016llx\",\n", quoted(s, e->core->name),
             quoted(s, source_name(s)), quoted(s, wasm), e->prefix, (unsigned long long)e->hash);
    text_add(&s->t, "    modelBytes: %lld, optionsBytes: %lld,\n", (long long)e->layout.model_bytes, (long long)e->options_bytes);
    add_vocabularies(s);
    add_tensors(s);
    add_options(s);
    text_add(&s->t, "};\nprogram.entries = {\n");
    script_each_entry(s, add_entry);
    text_add(&s->t, "};\n\n");
}

/* ---- methods ----------------------------------------------------------------------------------------- */

static void add_names(Script *s)
{
    for (uint32_t i = 0; i < s->core->args.n; i++)
        text_add(&s->t, "%s%s", comma(i), script_word(s->arena, s->core->args.at[i].name));
}

static void add_method(Script *s, const char *name, const char *inner)
{
    text_add(&s->t, "    %s(", name);
    add_names(s);
    text_add(&s->t, "%ssettings) {\n        return this.%s(\"%s\", [", comma(s->core->args.n), inner, s->entry->c_name);
    add_names(s);
    text_add(&s->t, "], settings);\n    }\n");
}

void script_comment(Script *s)
{
    Text signature = {.arena = s->arena};
    emit_signature(&signature, s->e, s->core, "\n     * ");
    text_add(&s->t, "\n    /** %s */\n", text_c(&signature));
}

static void add_methods(Script *s)
{
    const char *name = s->entry->c_name, *word = script_word(s->arena, name);
    script_comment(s);
    if (script_is_export(s)) {
        add_method(s, word, "_call");
        return;
    }
    bool trains = s->core->kind == ENTRY_TRAIN;
    add_method(s, arena_print(s->arena, "%s_step", name), "_call");
    add_method(s, word, trains ? "_run" : "_whole");
    if (trains) text_add(&s->t, "    %s_plan(epoch, steps) {\n        this._plan(\"%s\", epoch, steps);\n    }\n", name, name);
}

const char *emit_javascript(const EmitProgram *e, const char *wasm)
{
    Script s = {.t = {.arena = e->arena}, .arena = e->arena, .e = e};
    text_add(&s.t, "// made by nnc %s; it is made anew with %s\n", e->version, wasm);
    add_program(&s, wasm);
    text_bytes(&s.t, (const char *)embed_web_model, embed_web_model_size);
    text_add(&s.t, "\n// ---- the entry points of this program\n\nexport class Model extends Program {");
    script_each_entry(&s, add_methods);
    text_add(&s.t, "}\n");
    return text_c(&s.t);
}
