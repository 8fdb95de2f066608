/* SPDX-License-Identifier: MIT
 * nnc.c: the order of the stages, from source text to object file. Read this first.
 *
 *   parse (grammar/) -> check (sema/) -> lower (lower/) -> passes (transform/) -> kernels (kernel/) -> loops (loop/)
 *   -> LLVM (codegen/) -> object, header, program (emit/) */
#include "nnc.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "codegen/codegen.h"
#include "driver.h"
#include "emit/emit.h"
#include "files.h"
#include "kernels.h"
#include "lower/lower.h"
#include "memory.h"
#include "module.h"
#include "own_gradients.h"
#include "package.h"
#include "quantized.h"
#include "sema/sema.h"
#include "support/budget.h"
#include "support/output.h"
#include "syntax/format.h"
#include "syntax/parse.h"
#include "transform/transform.h"

/* ---- front end -------------------------------------------------------------------------------------------- */

static Ast *parse(Nnc *cx)
{
    size_t n = 0;
    const char *text = files_input(cx, &n);
    if (!text) return NULL;
    uint32_t file = source_add(&cx->sources, files_input_name(cx), text, n, false);
    Text out = {.arena = &cx->arena};
    if (driver_dumps(cx, "tokens")) tokens_print(&cx->arena, &cx->strings, &cx->diags, &cx->sources, file, &out);
    Ast *ast = parse_file(&cx->arena, &cx->strings, &cx->diags, &cx->sources, file);
    if (driver_dumps(cx, "ast") && !cx->diags.n_errors) ast_print(ast, &out);
    driver_put(cx, NNC_OUT, text_c(&out));
    driver_stage_done(cx, "parse");
    return ast;
}

static void meant(void *user, const SemaMeaning *meaning)
{
    const Nnc *cx = user;
    cx->o->meant(cx->o->user, meaning);
}

static CoreProgram *check(Nnc *cx, const Ast *ast)
{
    budget_stage("check");
    Text shapes = {.arena = &cx->arena};
    SemaOptions options = {.defines = cx->o->defines,
                           .n_defines = cx->o->n_defines,
                           .include_dirs = cx->o->include_dirs,
                           .n_include_dirs = cx->o->n_include_dirs,
                           .list_shapes = cx->o->shapes,
                           .shapes = &shapes,
                           .doubles = cx->o->floats == NNC_F64,
                           .no_assert = cx->o->no_debug,
                           .no_print = cx->o->no_debug || cx->o->mode == NNC_OBJECT || cx->o->mode == NNC_MODULE || driver_shares(cx),
                           .read_file = files_import,
                           .meant = cx->o->meant ? meant : NULL,
                           .user = cx};
    CoreProgram *program = sema_check(&cx->arena, &cx->strings, &cx->sources, &cx->diags, cx->dims, ast, cx->stem, &options);
    cx->looked = LOOKED_FOR_ALL_BUT_GRADIENTS;
    if (cx->o->shapes) driver_put(cx, NNC_OUT, text_c(&shapes));
    if (driver_dumps(cx, "core") && !cx->diags.n_errors) {
        Text out = {.arena = &cx->arena};
        core_print(&cx->arena, program, &out);
        driver_put(cx, NNC_OUT, text_c(&out));
    }
    const char *wrong = cx->diags.n_errors ? NULL : core_verify(program, &cx->arena);
    if (wrong) BUG("core program: %s", wrong);
    driver_stage_done(cx, "check");
    return program;
}

/* ---- middle ------------------------------------------------------------------------------------------------ */

static void dump_graph(Nnc *cx, const char *stage, const Graph *g)
{
    if (!driver_dumps(cx, stage) || (cx->o->only && strcmp(cx->o->only, g->name) != 0)) return;
    Text out = {.arena = &cx->arena};
    text_add(&out, "; after %s\n", stage);
    module_print(g->module, &g, 1, &out);
    driver_put(cx, NNC_OUT, text_c(&out));
}

static uint8_t operands(const Nnc *cx)
{
    return cx->o->floats == NNC_BF16 ? DT_wide16 : 0;
}

typedef struct Passing {
    Nnc *cx;
    const Graph *written; /* with the derivatives that the program writes, without those of its minimize */
} Passing;

static void after_pass(void *user, const char *pass, const Graph *g)
{
    Passing *passing = user;
    dump_graph(passing->cx, pass, g);
    if (strcmp(pass, "gradient") == 0) passing->written = g;
}

static Graph *transform(Nnc *cx, Graph *g, bool variant, const Graph **written)
{
    dump_graph(cx, "lower", g);
    Pass pass = {.module = g->module, .scratch = &cx->scratch, .diags = &cx->diags, .variant = variant, .operands = operands(cx)};
    Passing passing = {.cx = cx};
    Graph *out = pass_pipeline(&pass, g, after_pass, &passing);
    arena_clear(&cx->scratch);
    *written = passing.written;
    return out;
}

static void transform_all(Nnc *cx, Lowered *lowered)
{
    budget_stage("transform");
    const Graph *written = NULL;
    for (uint32_t i = 0; i < lowered->entry.n; i++) {
        LoweredEntry *e = &lowered->entry.at[i];
        core_treat(e->core, &cx->sources);
        uint32_t n = e->core ? 1u << e->core->n_conditions : 1;
        for (uint32_t k = 0; k < n; k++)
            e->step[k] = transform(cx, e->step[k], n > 1, &e->written);
        if (e->report) e->report = transform(cx, e->report, false, &written);
        if (e->condition) e->condition = transform(cx, e->condition, false, &written);
    }
    driver_stage_done(cx, "transform");
}

/* ---- back end ------------------------------------------------------------------------------------------------ */

static LoopModule *build_loops(Nnc *cx, EmitProgram *e)
{
    LoopModule *m = ARENA_NEW(&cx->arena, LoopModule);
    *m = (LoopModule){.arena = &cx->arena, .module = e->lowered->module, .n_levels = e->targets->n, .laps = e->has_main};
    for (uint32_t i = 0; i <= m->n_levels; i++)
        m->level[i] = e->targets->at[i].loop;
    budget_stage("loop");
    emit_number_kernels(e);
    for (uint32_t i = 0; i < e->entry.n; i++) {
        EmitEntry *entry = &e->entry.at[i];
        core_treat(entry->lowered->core, &cx->sources);
        for (uint32_t k = 0; k < entry->n_codes; k++)
            loop_lower(m, entry->code[k].k, entry->code[k].symbol);
        if (entry->lowered->report) loop_lower(m, entry->report.k, entry->report.symbol);
        if (entry->lowered->condition) {
            entry->condition = arena_print(&cx->arena, "%s__%s_condition", e->prefix, entry->c_name);
            emit_condition(m, entry->lowered->condition, e->option_offset, entry->condition);
        }
        emit_areas(e, entry);
    }
    budget_stage("loop");
    loop_for(m, m->n_levels);
    emit_wrappers(m, e);
    loop_share(m);
    loop_narrow(m);
    const char *wrong = loop_verify(m, &cx->arena);
    if (wrong) BUG("loops: %s", wrong);
    driver_stage_done(cx, "loop");
    return m;
}

/* Loops whose trains fit in the memory of --memory. NULL: there are none, which has been said. */
static LoopModule *build_fitting(Nnc *cx, EmitProgram *e)
{
    MemoryAnswer answer = MEMORY_AGAIN;
    LoopModule *m = NULL;
    for (int round = 0; answer == MEMORY_AGAIN; round++) {
        if (round) kernels_build(cx, e);
        m = build_loops(cx, e);
        answer = memory_fits(cx, e, round);
    }
    if (cx->o->memory) kernels_dump(cx, e);
    return answer == MEMORY_FITS ? m : NULL;
}

/* LLVM takes about 10 us and 1.5 kB for each, and what thirty take for every function. The first of several levels counts. */
static bool fits(Nnc *cx, const LoopModule *m)
{
    enum { MOST_INSTRUCTIONS = 600000, FUNCTION = 30 };
    uint64_t n = 0, weight = 0, most = 0;
    const char *name = "";
    for (uint32_t i = 0; i < m->fn.n; i++) {
        if (m->fn.at[i]->level > 0 && m->fn.at[i]->level < m->n_levels) continue;
        n += m->fn.at[i]->ins.n;
        weight += m->fn.at[i]->ins.n + FUNCTION;
        if (m->fn.at[i]->ins.n <= most) continue;
        most = m->fn.at[i]->ins.n;
        name = m->fn.at[i]->name;
    }
    if (weight <= MOST_INSTRUCTIONS) return true;
    driver_fail(
        cx, 1,
        arena_print(
            &cx->arena,
            "%s: error E0605: the program is too large: it becomes %llu instructions in %u functions, the largest is `%s`; at most %d "
            "can be compiled, fewer in many functions\n   help: a `for` is unrolled; a `scan` is not",
            cx->o->input, (unsigned long long)n, m->fn.n, name, MOST_INSTRUCTIONS));
    return false;
}

/* The object files of a program: a single one, or parts and the core to be put together. */
static void plan_parts(Nnc *cx, LoopModule *m, const char *output, EmitParts *parts)
{
    enum { CORE_WEIGHT = 2000, PART_WEIGHT = 5000 }; /* loop instructions */
    parts->core_inside = cx->o->assembly || cx->o->target || cx->o->small; /* the host's ld cannot merge another target's objects */
    parts->n = parts->core_inside ? 1 : loop_split(m, CORE_WEIGHT, PART_WEIGHT, LOOP_MAX_PARTS);
    if (cx->stopped) return;
    parts->n_objects = parts->core_inside ? 1 : parts->n + 1;
    for (uint32_t i = 0; i < parts->n_objects; i++)
        parts->object[i] = output_temporary(&cx->arena, output, ".o");
}

/* What would fail at the end is said before the work. */
static bool can_link(Nnc *cx, const CgTarget *target)
{
    if (cx->o->mode == NNC_OBJECT || cx->o->mode == NNC_MODULE || cx->o->stop_after) return true;
    if (target->is_foreign)
        return !driver_fail(
            cx, 2, arena_print(&cx->arena, "a program for %s cannot be linked here; `nnc -c` makes an object for it", target->arch));
    if (!cx->o->runtime_dir)
        return !driver_fail(cx, 3, "libnnrt.a is neither beside this command nor in the library folder of its installation");
    if (access(arena_print(&cx->arena, "%s/libnnrt.a", cx->o->runtime_dir), R_OK) != 0)
        return !driver_fail(cx, 3, arena_print(&cx->arena, "%s/libnnrt.a: cannot read: %s", cx->o->runtime_dir, strerror(errno)));
    const char *mpi = arena_print(&cx->arena, "%s/libnnrt-mpi.a", cx->o->runtime_dir);
    if (cx->o->mpi && access(mpi, R_OK) != 0)
        return !driver_fail(cx, 3,
                            arena_print(&cx->arena, "%s: %s; nnc was built where Open MPI is missing (Debian: libopenmpi-dev openmpi-bin)",
                                        mpi, strerror(errno)));
    return true;
}

static int generate(Nnc *cx, EmitProgram *e, const char *output, EmitParts *parts)
{
    if (!can_link(cx, &e->targets->at[0])) return cx->status;
    LoopModule *m = build_fitting(cx, e);
    const char *wrong = m ? emit_no_room(e) : NULL;
    if (!m || wrong) return m ? driver_fail(cx, 1, wrong) : cx->status;
    if (driver_dumps(cx, "loop")) {
        Text out = {.arena = &cx->arena};
        loop_print(m, &out);
        driver_put(cx, NNC_OUT, text_c(&out));
    }
    if (cx->stopped || !fits(cx, m)) return cx->status;
    budget_stage("object");
    *parts = (EmitParts){.with_main = cx->o->mode == NNC_PROGRAM, .assembly = cx->o->assembly != 0, .want_ir = driver_dumps(cx, "llvm")};
    if (parts->with_main) emit_main(m, e);
    cx->stopped = cx->o->stop_after && strcmp(cx->o->stop_after, "llvm") == 0;
    plan_parts(cx, m, output, parts);
    wrong = emit_parts(e, m, parts);
    for (uint32_t i = 0; i < parts->n && parts->want_ir; i++)
        driver_put(cx, NNC_OUT, parts->ir[i]);
    if (wrong) return driver_fail(cx, 3, wrong);
    driver_stage_done(cx, "object");
    return 0;
}

/* What the linker says stands above; a disk without room is not the program's fault. */
static int linked(Nnc *cx, const char *wrong, bool system, const char *output)
{
    if (!wrong) return 0;
    if (!system && output_disk_full(output)) {
        wrong = arena_print(&cx->arena, "%s: cannot write: %s", files_output(cx), strerror(ENOSPC));
        system = true;
    }
    return driver_fail(cx, system ? 3 : 1, wrong);
}

static int link_files(Nnc *cx, const EmitLink *link)
{
    bool system = false;
    const char *wrong = emit_link(&cx->arena, link, &system);
    return linked(cx, wrong, system, link->output);
}

static int link_library(Nnc *cx, const EmitProgram *e, EmitLink *link)
{
    const char *source = emit_shared_source(e), *exports = emit_shared_exports(e), *output = files_output(cx);
    const char *slash = strrchr(output, '/'), *folder = output_folder(&cx->arena, output);
    if (!folder) return driver_fail(cx, 3, arena_print(&cx->arena, "%s: cannot write: %s", output, strerror(errno)));
    link->soname = slash ? slash + 1 : output;
    link->source = output_inside(&cx->arena, folder, "library.c"); /* the name of a symbol of the library */
    link->exports = output_inside(&cx->arena, folder, "library.map");
    const char *wrong = output_bytes(&cx->arena, link->source, source, strlen(source));
    if (!wrong) wrong = output_bytes(&cx->arena, link->exports, exports, strlen(exports));
    int status = wrong ? driver_fail(cx, 3, wrong) : link_files(cx, link);
    output_remove(link->source);
    output_remove(link->exports);
    output_remove(folder);
    return status;
}

static int link_program(Nnc *cx, const EmitProgram *e, const char *output, const EmitParts *parts)
{
    uint32_t n = 0;
    const char *const *readers = emit_readers(e, &n);
    EmitLink link = {.object = parts->object,
                     .n_objects = parts->n_objects,
                     .output = output,
                     .runtime_dir = cx->o->runtime_dir,
                     .extra = cx->o->link_inputs,
                     .n_extra = cx->o->n_link_inputs,
                     .cc = cx->o->cc ? cx->o->cc : "cc",
                     .is_static = cx->o->is_static != 0,
                     .mpi = cx->o->mpi != 0,
                     .shared = driver_shares(cx)};
    for (uint32_t i = 0; i < n; i++)
        link.needs_png |= strcmp(readers[i], "image_dir") == 0;
    link.needs_jpeg = emit_has_reader(e, "jpeg");
    if (link.shared) return link_library(cx, e, &link);
    link.commands = emit_commands(e, cx->o->lean != 0, &link.n_commands);
    const char *const *formats = emit_formats(e, &n);
    for (uint32_t i = 0; i < n; i++)
        link.needs_png |= strcmp(formats[i], "png_in") == 0;
    return link_files(cx, &link);
}

static int merge_parts(Nnc *cx, const char *output, const EmitParts *parts)
{
    bool system = false;
    const char *wrong = emit_merge(&cx->arena, output, parts->object, parts->n_objects, &system);
    return linked(cx, wrong, system, output);
}

/* From the parts to what was asked for: whole, then under its name. */
static int finish(Nnc *cx, EmitProgram *e, const char *output, const EmitParts *parts)
{
    bool merge = cx->o->mode == NNC_OBJECT && parts->n_objects > 1;
    const char *whole = cx->o->mode == NNC_OBJECT && !merge ? parts->object[0] : output_temporary(&cx->arena, output, "");
    int status = merge                       ? merge_parts(cx, whole, parts)
                 : cx->o->mode == NNC_OBJECT ? 0
                 : cx->o->mode == NNC_MODULE ? module_link(cx, parts->object[0], whole)
                                             : link_program(cx, e, whole, parts);
    if (!status && cx->o->mode == NNC_PYTHON) status = package_write(cx, e);
    if (!status && cx->o->mode == NNC_MODULE) status = module_write(cx, e);
    if (!status && files_has_header(cx))
        status = files_write(cx, files_header(&cx->arena, output, cx->o->mode == NNC_SHARED), emit_header(e, &parts->figures), false);
    if (!status) status = files_depend(cx, output);
    const char *wrong = status ? NULL : output_commit(&cx->arena, whole, output);
    output_remove(whole);
    if (wrong) return driver_fail(cx, 3, wrong);
    if (!status) driver_stage_done(cx, "link");
    return status;
}

/* ---- what an output must not be ------------------------------------------------------------------------------- */

static int check_outputs(Nnc *cx)
{
    bool makes = !cx->o->shapes && !cx->o->stop_after;
    int status = makes && cx->o->mode == NNC_PYTHON ? package_check(cx) : makes && cx->o->mode == NNC_MODULE ? module_check(cx) : 0;
    return status ? status : files_check_outputs(cx);
}

static int write_result(Nnc *cx, EmitProgram *e)
{
    const char *output = files_output(cx);
    EmitParts parts = {0};
    int status = check_outputs(cx); /* again: now the imports are known */
    if (!status && cx->o->mode == NNC_PYTHON && !cx->o->stop_after) status = package_open(cx);
    if (status) return status;
    if (!cx->o->stop_after) output_sweep(&cx->arena, output);
    status = generate(cx, e, output, &parts);
    if (!status && !cx->stopped) status = finish(cx, e, output, &parts);
    for (uint32_t i = 0; i < parts.n_objects; i++)
        output_remove(parts.object[i]);
    package_close(cx);
    return status;
}

/* Everything that decides what a checkpoint of this program looks like. */
static uint64_t program_hash(const EmitProgram *e)
{
    Text t = {.arena = e->arena};
    for (uint32_t i = 0; i < e->layout.tensor.n; i++) {
        const LayoutTensor *lt = &e->layout.tensor.at[i];
        text_add(&t, "%s %d %s %lld;", lt->name, lt->is_state, type_text(e->core->dims, e->arena, &lt->type), (long long)lt->offset);
    }
    return str_hash(text_c(&t), t.n);
}

/* A prefix in capitals makes macros and functions alike: NET_H would be both. */
static int check_macros(Nnc *cx, const EmitProgram *e)
{
    static const char *const own[] = {"H", "INLINE", "CORE_ONLY", "MODEL_BYTES"};
    if (strcmp(emit_upper(e->arena, e->prefix), e->prefix) != 0) return 0;
    for (uint32_t i = 0; i < e->entry.n; i++)
        for (size_t k = 0; k < sizeof own / sizeof *own; k++)
            if (strcmp(e->entry.at[i].name, own[k]) == 0)
                return driver_fail(
                    cx, 2,
                    arena_print(e->arena,
                                "the header would have a function and a macro %s_%s; choose a prefix with a small letter: --prefix=NAME",
                                e->prefix, own[k]));
    return 0;
}

/* They are those of this program, made by it; and X_core_weights is free. */
static int check_weights(Nnc *cx, const EmitProgram *e)
{
    if (!e->weights) return 0;
    for (uint32_t i = 0; i < e->entry.n; i++)
        if (strcmp(e->entry.at[i].name, "weights") == 0)
            return driver_fail(cx, 2,
                               "--weights: the header would have two things of the name core_weights: the entry point needs another");
    if (e->n_weights >= (size_t)e->layout.model_bytes) return 0;
    return driver_fail(cx, 1, "--weights: these are the weights of another program");
}

static int put_costs(Nnc *cx, const EmitProgram *e)
{
    Json j = {.t = {.arena = &cx->arena}, .first = true};
    json_item(&j);
    emit_layers(&j, e);
    json_end(&j);
    driver_put(cx, NNC_OUT, text_c(&j.t));
    return 0;
}

static void dump_quantized(Nnc *cx, const Lowered *lowered)
{
    for (uint32_t i = 0; i < lowered->entry.n; i++)
        for (uint32_t k = 0; k < 8 && lowered->entry.at[i].step[k]; k++)
            dump_graph(cx, "quantize", lowered->entry.at[i].step[k]);
}

static int compile_program(Nnc *cx, const Ast *ast, const CoreProgram *program)
{
    if (cx->o->int8 || cx->o->observe) program = quantized_without_training(cx, program);
    budget_stage("lower");
    Lowered *lowered = lower_program(&cx->arena, &cx->strings, &cx->diags, program, cx->o->floats == NNC_F64 ? DT_f64 : DT_f32);
    driver_stage_done(cx, "lower");
    if (cx->diags.n_errors) return 1;
    transform_all(cx, lowered);
    cx->looked = LOOKED_FOR_ALL;
    if (cx->diags.n_errors) return 1;
    if (cx->o->wrong_gradients) own_gradients_check(cx, ast, lowered);
    if (cx->o->observe && quantized_observe(cx, lowered)) return cx->status;
    CgTargets *targets = ARENA_NEW(&cx->arena, CgTargets);
    const CgTarget wanted = {.triple = cx->o->target, .cpu = cx->o->march, .compact = cx->o->small != 0, .bf16 = cx->o->floats == NNC_BF16};
    const char *wrong = codegen_targets(&cx->arena, targets, &wanted, cx->o->strict_fp != 0);
    if (wrong) return driver_fail(cx, 2, wrong);
    EmitProgram e = {.arena = &cx->arena,
                     .strings = &cx->strings,
                     .core = program,
                     .lowered = lowered,
                     .targets = targets,
                     .source = cx->o->input,
                     .version = nnc_version(),
                     .f64 = cx->o->floats == NNC_F64,
                     .bf16 = cx->o->floats == NNC_BF16,
                     .has_main = cx->o->mode == NNC_PROGRAM,
                     .is_module = cx->o->mode == NNC_MODULE,
                     .weights = cx->o->weights,
                     .n_weights = cx->o->n_weights,
                     .sources = &cx->sources};
    e.prefix = cx->prefix;
    EmitProgram small = e;
    emit_layout(&e);
    if (cx->o->mode == NNC_COSTS) return put_costs(cx, &e);
    if (check_macros(cx, &e) || check_weights(cx, &e)) return cx->status;
    if (cx->o->int8) {
        if (quantized_other_code(cx, program) || quantized_program(cx, &e, &small)) return cx->status;
        e = small;
        e.int8 = true;
        dump_quantized(cx, lowered);
    }
    e.hash = program_hash(&e);
    if (cx->o->int8) quantized_identify(&e);
    kernels_build(cx, &e);
    if (cx->stopped || !cx->o->memory) kernels_dump(cx, &e);
    if (cx->stopped) return 0;
    return write_result(cx, &e);
}

/* ---- other inputs ----------------------------------------------------------------------------------------------- */

static int run_passes(Nnc *cx)
{
    size_t n = 0;
    const char *text = files_input(cx, &n), *error = NULL;
    if (!text) return cx->status;
    Module *m = module_read(&cx->arena, &cx->strings, text, &error);
    if (!m) return driver_fail(cx, 1, arena_print(&cx->arena, "%s: %s", cx->o->input, error));
    Pass pass = {.module = m, .scratch = &cx->scratch, .diags = &cx->diags, .operands = operands(cx)};
    const Graph *g = m->graph.at[m->graph.n - 1]; /* bodies come first */
    const char *list = cx->o->passes ? cx->o->passes : "";
    while (*list) {
        size_t length = strcspn(list, ",");
        const char *name = arena_copy(&cx->arena, list, length);
        if (!pass_find(name)) return driver_fail(cx, 2, arena_print(&cx->arena, "there is no pass `%s`", name));
        g = pass_run(&pass, name, g);
        list += length + (list[length] == ',');
    }
    Text out = {.arena = &cx->arena};
    module_print(m, &g, 1, &out);
    driver_put(cx, NNC_OUT, text_c(&out));
    return 0;
}

/* Says which line is the first that is written in another way. */
static int compare_layout(Nnc *cx, const SourceFile *file, const char *layout)
{
    uint32_t at = 0;
    while (at < file->n && file->text[at] == layout[at])
        at++;
    if (at == file->n && !layout[at]) return 0;
    return driver_fail(cx, 1, arena_print(&cx->arena, "%s:%u: not in canonical layout (nnc fmt)", file->name, source_line(file, at)));
}

static int format_file(Nnc *cx)
{
    size_t n = 0;
    const char *text = files_input(cx, &n);
    if (!text) return cx->status;
    uint32_t file = source_add(&cx->sources, files_input_name(cx), text, n, false);
    Text out = {.arena = &cx->arena};
    if (!format_source(&cx->arena, &cx->strings, &cx->diags, &cx->sources, file, &out)) return 1;
    if (cx->o->only_compare) return compare_layout(cx, source_get(&cx->sources, file), text_c(&out));
    if (cx->o->output) return files_write(cx, files_output(cx), text_c(&out), true);
    driver_put(cx, NNC_OUT, text_c(&out));
    return 0;
}

static int check_prefix(Nnc *cx)
{
    const char *prefix = cx->o->prefix;
    if (!prefix || emit_is_prefix(&cx->arena, prefix)) return 0;
    if (!*prefix) return driver_fail(cx, 2, "--prefix: a name is missing");
    return driver_fail(cx, 2,
                       arena_print(&cx->arena, "--prefix: `%s` is no name in C, or means something there; `%s` is free", prefix,
                                   emit_prefix(&cx->arena, prefix)));
}

static int compile(Nnc *cx)
{
    size_t length = strlen(cx->o->input);
    if (length > 4 && strcmp(cx->o->input + length - 4, ".tir") == 0) return run_passes(cx);
    if (check_prefix(cx) || check_outputs(cx)) return cx->status;
    if (cx->o->mode == NNC_FORMAT) return format_file(cx);
    const Ast *ast = parse(cx);
    if (!ast) return cx->status;
    if (cx->stopped) return cx->diags.n_errors > 0;
    const CoreProgram *program = check(cx, ast);
    if (cx->diags.n_errors) return 1;
    if (cx->stopped || cx->o->mode == NNC_CHECK || cx->o->shapes) return 0;
    return compile_program(cx, ast, program);
}

int nnc_compile(const NncOptions *options)
{
    Nnc cx = {.o = options, .clock = driver_now()};
    budget_begin(options->input);
    strings_init(&cx.strings, &cx.arena);
    cx.sources.arena = &cx.arena;
    cx.diags = (Diags){.arena = &cx.arena, .sources = &cx.sources};
    cx.dims = dims_new(&cx.arena);
    cx.stem = files_stem(&cx.arena, options->input);
    cx.prefix = options->prefix ? options->prefix : emit_prefix(&cx.arena, cx.stem);
    int status = compile(&cx);
    driver_messages(&cx);
    if (!status && cx.diags.n_errors) status = 1;
    if (status == 1 && cx.status == 3) status = 3; /* an import that cannot be read */
    budget_stage("end"); /* places are no more */
    arena_free(&cx.arena);
    arena_free(&cx.scratch);
    return status;
}

const char *nnc_version(void)
{
    return NNC_VERSION;
}

const char *nnc_explain(const char *code)
{
    return diag_explain(code);
}
