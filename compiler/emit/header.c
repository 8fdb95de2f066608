/* SPDX-License-Identifier: MIT
 * header.c: the generated C header (embedding.md#the-header): C99 to C17 and C++. */
#include <string.h>

#include "emit/emit.h"
#include "nnrt_abi.h"

extern const unsigned char embed_nnrt_types[];
extern const size_t embed_nnrt_types_size;

typedef struct Header {
    Text t;
    const EmitProgram *e;
    const char *p, *upper; /* prefix: iris, IRIS */
} Header;

/* A text that stands in a comment, on one line. */
static const char *comment_text(Arena *arena, const char *text)
{
    char *out = arena_copy(arena, text, strlen(text));
    for (char *c = out; *c; c++) {
        bool mark = (c[0] == '*' && c[1] == '/') || (c[0] == '/' && c[1] == '*') || (c[0] == '?' && c[1] == '?');
        if (mark || (unsigned char)*c < ' ' || *c == '\\') *c = ' ';
    }
    return out;
}

/* ---- sizes of work as C expressions --------------------------------------------------------------- */

static const EmitNotation c_notation = {.before = "(size_t)(", .behind = ")", .quotient = "", .divide = "/", .name = emit_c_parameter};

/* Sum with the larger coefficient of each monomial: a bound of max(a, b) for sizes >= 0. */
static Dim larger(Dims *dims, Dim a, Dim b)
{
    Dim sum = dim_const(dims, 0);
    for (int side = 0; side < 2; side++) {
        Dim x = side ? b : a, y = side ? a : b;
        for (uint32_t i = 0; i < dim_n_terms(dims, x); i++) {
            int64_t k = dim_coefficient(dims, x, i), other = 0;
            uint32_t n = dim_n_atoms(dims, x, i);
            Dim monomial = dim_const(dims, 1);
            for (uint32_t j = 0; j < n; j++) {
                DimAtom atom = dim_atom(dims, x, i, j);
                Dim factor = atom.symbol ? dim_symbol(dims, atom.symbol) : dim_floordiv(dims, atom.num, atom.den);
                monomial = dim_mul(dims, monomial, factor);
            }
            bool found = false;
            for (uint32_t m = 0; m < dim_n_terms(dims, y) && !found; m++) {
                if (dim_n_atoms(dims, y, m) != n) continue;
                Dim mono = dim_const(dims, 1);
                for (uint32_t j = 0; j < n; j++) {
                    DimAtom atom = dim_atom(dims, y, m, j);
                    mono = dim_mul(dims, mono, atom.symbol ? dim_symbol(dims, atom.symbol) : dim_floordiv(dims, atom.num, atom.den));
                }
                if (mono == monomial) found = true, other = dim_coefficient(dims, y, m);
            }
            if (found && side) continue;
            int64_t most = k > other ? k : other;
            if (most > 0) sum = dim_add(dims, sum, dim_mul(dims, dim_const(dims, most), monomial));
        }
    }
    return sum;
}

/* Bound of the work of one call on one thread: a polynomial, up to the next multiple of the alignment. */
static Dim work_bound(const EmitProgram *e, const EmitEntry *entry)
{
    Dims *dims = e->core->dims;
    Dim most = dim_const(dims, 0);
    int64_t extra = 64 + 8 * entry->n_partials + 64, scratch = 0;
    for (uint32_t c = 0; c < entry->n_codes; c++) {
        const KProgram *k = entry->code[c].k;
        Dim *end = ARENA_ARRAY(e->arena, Dim, k->table.n + 1);
        for (uint32_t o = 0; o < k->place_order.n; o++) {
            uint32_t i = k->place_order.at[o];
            const TableEntry *t = &k->table.at[i];
            Dim at = dim_const(dims, 0);
            for (uint32_t j = 0; j < t->above.n; j++)
                at = larger(dims, at, end[t->above.at[j]]);
            end[i] = dim_add(dims, dim_add(dims, at, t->dim), dim_const(dims, 63));
            most = larger(dims, most, end[i]);
        }
        if (k->scratch_bytes > scratch) scratch = k->scratch_bytes;
    }
    Dim bytes = dim_add(dims, most, dim_const(dims, extra + scratch)), align = dim_const(dims, NNRT_ALIGN);
    return dim_mul(dims, dim_floordiv(dims, dim_add(dims, bytes, dim_const(dims, NNRT_ALIGN - 1)), align), align);
}

/* ---- pieces ----------------------------------------------------------------------------------------- */

static void comment_type(Header *h, const CoreEntry *core)
{
    text_add(&h->t, "\n/* ");
    emit_signature(&h->t, h->e, core, "\n   ");
    if (core->derived_from >= 0) text_add(&h->t, "\n   (the evaluation derived from train %s)", core->name);
    if (core->kind == ENTRY_TRAIN) text_add(&h->t, "\n   One step on the caller's batch.");
    if (core->draws && core->kind == ENTRY_EXPORT) text_add(&h->t, "\n   Draws random numbers: set call->seed.");
    text_add(&h->t, " */\n");
}

static void binder_params(Header *h, const CoreEntry *core, const char *type)
{
    for (uint32_t i = 0; i < core->binders.n; i++)
        text_add(&h->t, ", %s%s", type, emit_c_parameter(h->e, core->binder_names.at[i]));
}

static void value_params(Header *h, const CoreEntry *core)
{
    const EmitProgram *e = h->e;
    for (uint32_t i = 0; i < core->args.n; i++) {
        const CoreArg *a = &core->args.at[i];
        const char *name = emit_c_argument(e, core, a->name);
        const char *type = emit_c_type(e, lower_dtype(a->type.elem, e->lowered->float_dtype));
        if (a->role == ROLE_DIM)
            text_add(&h->t, ", int64_t %s", name);
        else if (a->role == ROLE_SCALAR)
            text_add(&h->t, ", %s %s", a->type.elem == ELEM_bool ? "bool" : type, name);
        else
            text_add(&h->t, ", const %s *%s", type, name);
    }
    for (uint32_t i = 0; i < core->outs.n; i++) {
        const char *type = emit_c_type(e, lower_dtype(core->outs.at[i].type.elem, e->lowered->float_dtype));
        if (core->outs.n == 1)
            text_add(&h->t, ", %s *out", type);
        else
            text_add(&h->t, ", %s *out%u", type, i);
    }
}

static void work_params(Header *h, const EmitEntry *entry)
{
    for (uint32_t i = 0; i < entry->sizes.n; i++)
        text_add(&h->t, "int64_t %s, ", emit_c_parameter(h->e, entry->size_names.at[i]));
    text_add(&h->t, "int threads");
}

static void report_struct(Header *h, const EmitEntry *entry)
{
    const CoreEntry *core = entry->lowered->core;
    const Graph *g = entry->lowered->report;
    text_add(&h->t, "typedef struct {");
    for (uint32_t i = 0; i < core->reports.n; i++) {
        const Type *type = graph_type(g, g->result.at[i].ref);
        text_add(&h->t, " double %s", emit_c_report(entry, h->e->arena, i));
        for (int a = 0; a < type->rank; a++)
            text_add(&h->t, "[%s]", emit_dim_text(h->e, type->dim[a]));
        text_add(&h->t, ";");
    }
    text_add(&h->t, " int64_t examples; } %s_%s_report;\n", h->p, entry->c_name);
}

static void entry_sizes(Header *h, const EmitEntry *entry)
{
    const CoreEntry *core = entry->lowered->core;
    const char *upper = emit_upper(h->e->arena, entry->c_name);
    if (core->kind == ENTRY_TRAIN)
        text_add(&h->t, "#define %s_%s_TRAIN_BYTES %lldu /* progress, gradients, optimizer slots, report sums */\n", h->upper, upper,
                 (long long)entry->train_bytes);
    if (core->kind == ENTRY_EVAL)
        text_add(&h->t, "#define %s_%s_SUM_BYTES %lldu /* report sums */\n", h->upper, upper, (long long)entry->sums_area);
    text_add(&h->t, "#define %s_%s_WORK", h->upper, upper);
    if (entry->sizes.n) text_add(&h->t, "(");
    for (uint32_t i = 0; i < entry->sizes.n; i++)
        text_add(&h->t, "%s%s", i ? ", " : "", emit_c_parameter(h->e, entry->size_names.at[i]));
    text_add(&h->t, entry->sizes.n ? ") (" : " (");
    Dim most[EMIT_WORKS];
    uint32_t n = h->e->targets->at[0].compact ? emit_work(h->e, entry, most) : 0;
    for (uint32_t i = 1; i < n; i++)
        text_add(&h->t, "%s_LARGER(", h->upper);
    emit_expression(&h->t, h->e, entry, n ? most[0] : work_bound(h->e, entry), &c_notation);
    for (uint32_t i = 1; i < n; i++) {
        text_add(&h->t, ", ");
        emit_expression(&h->t, h->e, entry, most[i], &c_notation);
        text_add(&h->t, ")");
    }
    text_add(&h->t, ") /* %s the bytes for one thread */\n", n ? "exactly" : "bound of");
}

static void entry_functions(Header *h, const EmitEntry *entry)
{
    const CoreEntry *core = entry->lowered->core;
    const char *p = h->p, *n = entry->c_name;
    comment_type(h, core);
    text_add(&h->t, "size_t %s_core_%s_work(", p, n);
    work_params(h, entry);
    text_add(&h->t, "); /* exact; SIZE_MAX: too large */\n");
    switch (core->kind) {
    case ENTRY_EXPORT: text_add(&h->t, "int %s_core_%s(const void *model, nnrt_call *call", p, n); break;
    case ENTRY_EVAL:
        text_add(&h->t, "int %s_core_%s_clear(void *sum);\n", p, n);
        if (core->derived_from >= 0)
            text_add(&h->t,
                     "void %s_core_%s_plan(void *sum, int64_t step, int64_t epoch, int64_t steps); /* of the run, after clear: what "
                     "schedules read */\n",
                     p, n);
        text_add(&h->t, "int %s_core_%s_step(const void *model, void *sum, nnrt_call *call", p, n);
        break;
    case ENTRY_TRAIN:
        text_add(&h->t, "size_t %s_core_%s_train_bytes(void);\n", p, n);
        text_add(&h->t, "int %s_core_%s_init(void *train, uint64_t seed);\n", p, n);
        text_add(&h->t, "void %s_core_%s_plan(void *train, int64_t epoch, int64_t steps); /* what schedules read; step counts itself */\n",
                 p, n);
        text_add(&h->t, "int %s_core_%s_step(void *model, void *train, nnrt_call *call", p, n);
        break;
    }
    binder_params(h, core, "int64_t ");
    value_params(h, core);
    text_add(&h->t, ");\n");
    if (core->kind == ENTRY_TRAIN)
        text_add(&h->t, "int %s_core_%s_report(void *train, %s_%s_report *report); /* averages since the last one; clears */\n", p, n, p,
                 n);
    if (core->kind == ENTRY_EVAL) text_add(&h->t, "int %s_core_%s_report(const void *sum, %s_%s_report *report);\n", p, n, p, n);
}

static void options_struct(Header *h)
{
    const CoreProgram *core = h->e->core;
    text_add(&h->t, "\ntypedef struct {");
    for (uint32_t i = 0; i < core->options.n; i++) {
        const CoreOption *o = &core->options.at[i];
        const char *type = o->elem == ELEM_none    ? "const char *"
                           : o->elem == ELEM_float ? "nnrt_float "
                           : o->elem == ELEM_bool  ? "uint8_t "
                                                   : "int32_t ";
        text_add(&h->t, "\n    %s%s;", type, emit_c_option(h->e->arena, o->name));
        if (o->doc && *o->doc) text_add(&h->t, " /* %s */", comment_text(h->e->arena, o->doc));
    }
    text_add(&h->t, "%s} %s_options;\n", core->options.n ? "\n" : " char none; ", h->p);
}

/* ---- convenience layer ---------------------------------------------------------------------------------- */

static void inline_call(Header *h, const EmitEntry *entry, uint32_t index)
{
    const EmitProgram *e = h->e;
    const CoreEntry *core = entry->lowered->core;
    const char *p = h->p, *n = entry->c_name;
    bool export = core->kind == ENTRY_EXPORT, draws = export && core->draws;
    text_add(&h->t, "%s_INLINE int %s_%s%s(%s%s *m", h->upper, p, n, export ? "" : "_step", export ? "const " : "", p);
    if (draws) text_add(&h->t, ", uint64_t seed");
    binder_params(h, core, "int64_t ");
    value_params(h, core);
    if (!export) text_add(&h->t, ", %s_%s_report *report", p, n);
    text_add(&h->t, ")\n{\n    const int64_t sizes[] = { ");
    for (uint32_t i = 0; i < entry->sizes.n; i++)
        text_add(&h->t, "%s, ", emit_c_parameter(e, entry->size_names.at[i]));
    text_add(&h->t, "0 };\n    void *const args[] = { ");
    for (uint32_t i = 0; i < core->args.n; i++) {
        const CoreArg *a = &core->args.at[i];
        if (a->role == ROLE_DIM) continue;
        text_add(&h->t, "(void *)%s%s, ", a->role == ROLE_SCALAR ? "&" : "", emit_c_argument(e, core, a->name));
    }
    for (uint32_t i = 0; i < core->outs.n; i++)
        text_add(&h->t, core->outs.n == 1 ? "(void *)out, " : "(void *)out%u, ", i);
    text_add(&h->t, "NULL };\n");
    if (export)
        text_add(&h->t, "    return nnrt_call_export((const nnrt *)m, %u, %s, sizes, args);\n}\n", index, draws ? "seed" : "0");
    else
        text_add(&h->t, "    return nnrt_step((nnrt *)m, %u, sizes, args, report);\n}\n", index);
}

static void plan_function(Header *h, const EmitEntry *entry, uint32_t index)
{
    const CoreEntry *core = entry->lowered->core;
    if (core->kind != ENTRY_TRAIN) return;
    text_add(&h->t, "%s_INLINE int %s_%s_plan(%s *m, int64_t epoch, int64_t steps) { return nnrt_plan((nnrt *)m, %u, epoch, steps); }\n",
             h->upper, h->p, entry->c_name, h->p, index);
}

static void run_functions(Header *h, const EmitEntry *entry, uint32_t index)
{
    const CoreEntry *core = entry->lowered->core;
    const char *p = h->p, *n = entry->c_name;
    if (core->kind == ENTRY_EXPORT || core->derived_from >= 0) return;
    text_add(&h->t, "%s_INLINE int %s_%s(%s *m, const nnrt_run *run, %s_%s_report *report)\n{\n", h->upper, p, n, p, p, n);
    text_add(&h->t, "    return %s((nnrt *)m, %u, run, %s_readers(), report);\n}\n",
             core->kind == ENTRY_TRAIN ? "nnrt_fit" : "nnrt_evaluate", index, p);
}

static void convenience(Header *h)
{
    const EmitProgram *e = h->e;
    const char *p = h->p;
    uint32_t n = 0;
    const char *const *readers = emit_readers(e, &n);
    text_add(&h->t,
             "\n/* ---- convenience layer: link with libnnrt ---- */\n#ifndef %s_CORE_ONLY\n#ifndef NNRT_H\n#include \"nnrt.h\"\n#endif\n",
             h->upper);
    text_add(
        &h->t,
        "#ifndef %s_INLINE /* a library that `nnc --shared` made has them as functions, too */\n#define %s_INLINE static inline\n#endif\n",
        h->upper, h->upper);
    text_add(&h->t, "#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
    text_add(&h->t, "typedef struct %s %s; /* model, train areas, workspaces, thread pool */\n", p, p);
    text_add(&h->t, "extern const struct nnrt_program %s_program;\n", p);
    text_add(&h->t, "%s_INLINE %s *%s_new(uint64_t seed) { return (%s *)nnrt_new(&%s_program, seed); } /* NULL: see %s_error() */\n",
             h->upper, p, p, p, p, p);
    text_add(&h->t, "%s_INLINE void %s_free(%s *m) { nnrt_free((nnrt *)m); }\n", h->upper, p, p);
    text_add(&h->t, "%s_INLINE int %s_load(%s *m, const char *path) { return nnrt_load((nnrt *)m, path); }\n", h->upper, p, p);
    text_add(&h->t, "%s_INLINE int %s_save(const %s *m, const char *path) { return nnrt_save((const nnrt *)m, path); }\n", h->upper, p, p);
    text_add(&h->t, "%s_INLINE const char *%s_error(void) { return nnrt_error_text(); } /* of the calling thread's last failure */\n",
             h->upper, p);
    text_add(&h->t,
             "%s_INLINE int %s_tensor(%s *m, const char *name, nnrt_tensor *view) { return nnrt_get_tensor((nnrt *)m, name, view); }\n",
             h->upper, p, p);
    text_add(
        &h->t,
        "%s_INLINE int64_t %s_text_codes(%s *m, const char *field, const char *text, int32_t *out, int64_t room)\n{\n"
        "    return nnrt_encode((nnrt *)m, field, text, out, room); /* a text as the codes of \"block.field\"; their number, or -1 */\n}\n",
        h->upper, p, p);
    text_add(&h->t,
             "%s_INLINE const char *%s_code_name(%s *m, const char *field, int32_t code)\n{\n"
             "    return nnrt_code_name((nnrt *)m, field, code); /* the class or word of a code of \"block.field\"; NULL: see %s_error() "
             "*/\n}\n",
             h->upper, p, p, p);
    text_add(&h->t, "%s_INLINE void %s_stop(%s *m) { nnrt_stop((nnrt *)m); } /* the run that goes on ends and is saved */\n", h->upper, p,
             p);
    text_add(&h->t, "%s_INLINE void *%s_model(%s *m) { return nnrt_model((nnrt *)m); } /* for the core functions */\n", h->upper, p, p);
    text_add(&h->t, "%s_INLINE %s_options *%s_opts(%s *m) { return (%s_options *)nnrt_options((nnrt *)m); }\n", h->upper, p, p, p, p);
    for (uint32_t i = 0; i < e->entry.n; i++)
        if (e->entry.at[i].lowered->core) inline_call(h, &e->entry.at[i], i);
    text_add(&h->t, "/* the loaders that the data blocks name */\nstatic inline const struct nnrt_reader *const *%s_readers(void)\n{\n", p);
    for (uint32_t i = 0; i < n; i++)
        text_add(&h->t, "    extern const struct nnrt_reader nnrt_reader_%s;\n", readers[i]);
    text_add(&h->t, "    static const struct nnrt_reader *const list[] = { ");
    for (uint32_t i = 0; i < n; i++)
        text_add(&h->t, "&nnrt_reader_%s, ", readers[i]);
    text_add(&h->t, "NULL };\n    return list;\n}\n");
    for (uint32_t i = 0; i < e->entry.n; i++)
        if (e->entry.at[i].lowered->core) plan_function(h, &e->entry.at[i], i), run_functions(h, &e->entry.at[i], i);
    text_add(&h->t, "#ifdef __cplusplus\n}\n#endif\n#endif\n");
}

/* What calls of an entry point take of a machine. */
static void entry_figures(Header *h, const EmitEntry *entry, int64_t stack)
{
    const CoreEntry *core = entry->lowered->core;
    const char *upper = emit_upper(h->e->arena, entry->c_name);
    text_add(&h->t, "#define %s_%s_STACK %lldu /* at most, of all calls of it, with helpers of the compiler (libgcc of GCC 12) */\n",
             h->upper, upper, (long long)stack);
    Text sizes = {.arena = h->e->arena};
    for (uint32_t i = 0; i < entry->sizes.n; i++)
        text_add(&sizes, "%s%s", i ? ", " : "", emit_c_parameter(h->e, entry->size_names.at[i]));
    const char *names = entry->sizes.n ? arena_print(h->e->arena, "(%s)", text_c(&sizes)) : "";
    text_add(&h->t, "#define %s_%s_RAM%s (%s_MODEL_BYTES", h->upper, upper, names, h->upper);
    if (core->kind == ENTRY_TRAIN) text_add(&h->t, " + %s_%s_TRAIN_BYTES", h->upper, upper);
    if (core->kind == ENTRY_EVAL) text_add(&h->t, " + %s_%s_SUM_BYTES", h->upper, upper);
    text_add(&h->t, " + %s_%s_WORK%s) /* of all blocks */\n", h->upper, upper, names);
}

static void figures_of(Header *h, const EmitFigures *figures)
{
    const EmitProgram *e = h->e;
    if (!figures->stack) return;
    if (figures->rom) text_add(&h->t, "#define %s_ROM %lldu /* code and constants of the object */\n", h->upper, (long long)figures->rom);
    text_add(&h->t, "#define %s_INIT_STACK %lldu\n", h->upper, (long long)figures->init_stack);
    for (uint32_t i = 0; i < e->entry.n; i++)
        entry_figures(h, &e->entry.at[i], figures->stack[i]);
}

const char *emit_header(const EmitProgram *e, const EmitFigures *figures)
{
    Header h = {.t = {.arena = e->arena}, .e = e, .p = e->prefix, .upper = emit_upper(e->arena, e->prefix)};
    Text *t = &h.t;
    text_add(t, "/* %s.h - generated by nnc %s from %s. ABI %d.\n", e->prefix, e->version, comment_text(e->arena, e->source), NNRT_ABI);
    bool small = e->targets->at[0].compact; /* there is no more than the core part */
    if (!small)
        text_add(t, "   The core part needs <stdint.h>, <stddef.h> and <stdbool.h>; #define %s_CORE_ONLY hides the rest.\n", h.upper);
    text_add(t,
             "   Tensors are dense, row-major, channels last. Functions return NNRT_OK (0) or a code; call->error has the numbers. */\n");
    text_add(t, "#ifndef %s_H\n#define %s_H\n", h.upper, h.upper);
    if (e->f64) text_add(t, "#define NNRT_DOUBLE 1\n");
    text_bytes(t, (const char *)embed_nnrt_types, embed_nnrt_types_size);
    text_add(t, "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
    text_add(t, "#define %s_MODEL_BYTES %lldu /* 64 of identification, parameters, states; no pointers inside */\n", h.upper,
             (long long)e->layout.model_bytes);
    if (small) text_add(t, "#define %s_LARGER(x, y) ((x) > (y) ? (x) : (y))\n", h.upper);
    for (uint32_t i = 0; i < e->entry.n; i++)
        if (e->entry.at[i].lowered->core) entry_sizes(&h, &e->entry.at[i]);
    figures_of(&h, figures);
    options_struct(&h);
    for (uint32_t i = 0; i < e->entry.n; i++)
        if (e->entry.at[i].lowered->core && e->entry.at[i].lowered->core->kind != ENTRY_EXPORT) report_struct(&h, &e->entry.at[i]);
    if (!small)
        text_add(t, "\nextern const nnrt_desc %s_desc; /* names, shapes and places of all tensors; entries; options */\n", e->prefix);
    text_add(t, "size_t %s_core_model_bytes(void);\nvoid %s_core_defaults(%s_options *options);\n", e->prefix, e->prefix, e->prefix);
    text_add(t, "int %s_core_init(void *model, uint64_t seed); /* weights from the initialisers */\n", e->prefix);
    if (e->weights)
        text_add(
            t, "extern const unsigned char %s_core_weights[%s_MODEL_BYTES]; /* trained, aligned: the model of exports and evaluations */\n",
            e->prefix, h.upper);
    if (e->targets->n > 1)
        text_add(t,
                 "int %s_core_cpu_level(int32_t wanted); /* whose code runs: 2, 3, 4 of x86-64-v2 ... -v4, 0: none can here; wanted: this "
                 "from now\n"
                 "    on, 0 if it cannot */\n",
                 e->prefix);
    text_add(t, "int %s_core_check(const void *model);         /* NNRT_E_ABI: made by another program */\n", e->prefix);
    for (uint32_t i = 0; i < e->entry.n; i++)
        if (e->entry.at[i].lowered->core) entry_functions(&h, &e->entry.at[i]);
    text_add(t, "#ifdef __cplusplus\n}\n#endif\n");
    if (!small) convenience(&h);
    text_add(t, "#endif\n");
    return text_c(t);
}
