/* SPDX-License-Identifier: MIT
 * nnc.c: the order of the stages, from source text to object file. Read this first.
 *
 *   parse (grammar/) -> check (sema/) -> lower (lower/) -> passes (transform/) -> kernels (kernel/) -> loops (loop/)
 *   -> LLVM (codegen/) -> object, header, program (emit/) */
#include "nnc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "codegen/codegen.h"
#include "emit/emit.h"
#include "emit/reserved.h"
#include "kernel/kernel.h"
#include "lower/lower.h"
#include "sema/sema.h"
#include "support/allow.h"
#include "support/budget.h"
#include "support/diag.h"
#include "support/output.h"
#include "syntax/format.h"
#include "syntax/parse.h"
#include "transform/transform.h"

typedef struct Nnc {
    const NncOptions *o;
    Arena arena, scratch;
    Strings strings;
    Sources sources;
    Diags diags;
    Dims *dims;
    const char *stem; /* "iris" of "dir/iris.nn" */
    double clock;
    int status;
    bool stopped; /* --stop-after was reached */
    Looked looked;
} Nnc;

/* ---- output ------------------------------------------------------------------------------------------ */

static void put(Nnc *cx, NncStream stream, const char *text)
{
    cx->o->write(cx->o->user, stream, text, strlen(text));
}

static int fail(Nnc *cx, int status, const char *text)
{
    Text clean = { .arena = &cx->arena };
    text_add(&clean, "nnc: ");
    diag_clean(&clean, text);
    text_add(&clean, "\n");
    put(cx, NNC_ERR, text_c(&clean));
    return cx->status = status;
}

static void show_messages(Nnc *cx)
{
    allow_apply(&cx->diags, cx->looked);
    diag_merge(&cx->diags);
    if (!cx->diags.list.n) return;
    Text out = { .arena = &cx->arena };
    diag_render(&cx->diags, &out, cx->o->colour);
    put(cx, NNC_ERR, text_c(&out));
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void stage_done(Nnc *cx, const char *stage)
{
    double t = now();
    if (cx->o->time) put(cx, NNC_ERR, arena_print(&cx->arena, "%8.2f ms  %s\n", 1e3 * (t - cx->clock), stage));
    cx->clock = t;
    if (cx->o->stop_after && strcmp(cx->o->stop_after, stage) == 0) cx->stopped = true;
}

/* What a message about too large a program names. */
static void treat(const Nnc *cx, const CoreEntry *entry)
{
    if (entry) budget_entry(&cx->sources, entry->span, core_entry_word(entry->kind), entry->name);
}

static bool wanted(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *c = list; c && *c; c = *c ? strchr(c, ',') : NULL) {
        if (*c == ',') c++;
        if (strncmp(c, name, n) == 0 && (c[n] == ',' || c[n] == 0)) return true;
    }
    return false;
}

static bool dumps(const Nnc *cx, const char *stage)
{
    return wanted(cx->o->dump, stage);
}

/* ---- files --------------------------------------------------------------------------------------------- */

enum { MOST_SOURCE = 64 << 20 };

static int open_source(const char *path)
{
    int file;
    do file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe that nobody writes to is no reason to wait */
    while (file < 0 && errno == EINTR);
    return file;
}

/* The text of an open file; NULL: `refused` is why. A pipe is read where the user names one. */
static const char *read_open(int file, bool pipe_too, size_t *n, Arena *arena, const char **refused)
{
    struct stat st;
    Text text = { .arena = arena };
    char buffer[1 << 16];
    if (fstat(file, &st)) return *refused = strerror(errno), NULL;
    if (S_ISDIR(st.st_mode)) return *refused = "this is a folder", NULL;
    if (!S_ISREG(st.st_mode) && !(pipe_too && S_ISFIFO(st.st_mode))) return *refused = "this is a device or a pipe, not a file", NULL;
    fcntl(file, F_SETFL, 0);
    for (ssize_t got; (got = read(file, buffer, sizeof buffer)) != 0;) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return *refused = strerror(errno), NULL;
        text_bytes(&text, buffer, (size_t)got);
        if (text.n > MOST_SOURCE) return *refused = "a program of more than 64 MB", NULL;
    }
    *n = text.n;
    return text_c(&text);
}

/* The program that the user names. */
static const char *read_input(Nnc *cx, size_t *n)
{
    const char *refused = NULL, *text = NULL;
    int file = open_source(cx->o->input);
    if (file < 0)
        refused = strerror(errno);
    else
        text = read_open(file, true, n, &cx->arena, &refused);
    if (file >= 0) close(file);
    if (!text) fail(cx, 3, arena_print(&cx->arena, "%s: cannot read: %s", cx->o->input, refused));
    return text;
}

/* Does a file lie beneath the folder, links followed? */
static bool is_beneath(const char *path, const char *folder)
{
    char file[PATH_MAX], top[PATH_MAX];
    if (!realpath(path, file) || !realpath(*folder ? folder : ".", top)) return false;
    size_t n = strlen(top);
    return strncmp(file, top, n) == 0 && (n == 1 || file[n] == '/');
}

static bool is_inside(const Nnc *cx, const char *path)
{
    const char *slash = strrchr(cx->o->input, '/');
    char folder[PATH_MAX] = "";
    if (slash) snprintf(folder, sizeof folder, "%.*s", (int)(slash - cx->o->input) + 1, cx->o->input);
    bool inside = cx->o->allow_outside || is_beneath(path, folder);
    for (unsigned i = 0; i < cx->o->n_include_dirs; i++) inside |= is_beneath(path, cx->o->include_dirs[i]);
    return inside;
}

/* An import: what a program names is not trusted. */
static const char *read_import(void *user, const char *path, size_t *n, Arena *arena, const char **refused)
{
    Nnc *cx = user;
    struct stat st;
    if (stat(path, &st) && (errno == ENOENT || errno == ENOTDIR)) return NULL;
    if (!is_inside(cx, path)) {
        *refused = "it lies outside the folder of the program (--allow-outside, or -I FOLDER, permits it)";
        return NULL;
    }
    int file = open_source(path);
    const char *text = file < 0 ? (*refused = strerror(errno), NULL) : read_open(file, false, n, arena, refused);
    if (file >= 0) close(file);
    if (!text) cx->status = 3;
    return text;
}

static int write_file(Nnc *cx, const char *path, const char *text, bool keep)
{
    const char *wrong = output_write(&cx->arena, path, text, strlen(text), keep);
    return wrong ? fail(cx, 3, wrong) : 0;
}

static const char *stem_of(Arena *arena, const char *path)
{
    const char *base = strrchr(path, '/');
    base = base ? base + 1 : path;
    const char *dot = strrchr(base, '.');
    return arena_copy(arena, base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
}

static const char *output_name(Nnc *cx)
{
    if (cx->o->output) return cx->o->output[0] == '-' ? arena_print(&cx->arena, "./%s", cx->o->output) : cx->o->output; /* no flag */
    switch (cx->o->mode) {
    case NNC_OBJECT: return arena_print(&cx->arena, "%s%s", cx->stem, cx->o->assembly ? ".s" : ".o");
    case NNC_SHARED: return arena_print(&cx->arena, "lib%s.so", cx->stem);
    default: return cx->stem;
    }
}

/* "dir/iris.o" and "dir/libiris.so" -> "dir/iris.h" */
static const char *header_name(Arena *arena, const char *path, bool shared)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    int n_folder = (int)(base - path);
    if (shared && strncmp(base, "lib", 3) == 0 && base + 3 != dot) base += 3;
    return arena_print(arena, "%.*s%.*s.h", n_folder, path, dot ? (int)(dot - base) : (int)strlen(base), base);
}

/* ---- front end -------------------------------------------------------------------------------------------- */

static Ast *parse(Nnc *cx)
{
    size_t n = 0;
    const char *text = read_input(cx, &n);
    if (!text) return NULL;
    uint32_t file = source_add(&cx->sources, cx->o->input, text, n, false);
    Text out = { .arena = &cx->arena };
    if (dumps(cx, "tokens")) tokens_print(&cx->arena, &cx->strings, &cx->diags, &cx->sources, file, &out);
    Ast *ast = parse_file(&cx->arena, &cx->strings, &cx->diags, &cx->sources, file);
    if (dumps(cx, "ast") && !cx->diags.n_errors) ast_print(ast, &out);
    put(cx, NNC_OUT, text_c(&out));
    stage_done(cx, "parse");
    return ast;
}

static CoreProgram *check(Nnc *cx, const Ast *ast)
{
    budget_stage("check");
    Text shapes = { .arena = &cx->arena };
    SemaOptions options = { .defines = cx->o->defines, .n_defines = cx->o->n_defines, .include_dirs = cx->o->include_dirs,
                            .n_include_dirs = cx->o->n_include_dirs, .list_shapes = cx->o->shapes, .shapes = &shapes,
                            .read_file = read_import, .user = cx };
    CoreProgram *program = sema_check(&cx->arena, &cx->strings, &cx->sources, &cx->diags, cx->dims, ast, cx->stem, &options);
    cx->looked = LOOKED_FOR_ALL_BUT_GRADIENTS;
    if (cx->o->shapes) put(cx, NNC_OUT, text_c(&shapes));
    if (dumps(cx, "core") && !cx->diags.n_errors) {
        Text out = { .arena = &cx->arena };
        core_print(&cx->arena, program, &out);
        put(cx, NNC_OUT, text_c(&out));
    }
    const char *wrong = cx->diags.n_errors ? NULL : core_verify(program, &cx->arena);
    if (wrong) BUG("core program: %s", wrong);
    stage_done(cx, "check");
    return program;
}

/* ---- middle ------------------------------------------------------------------------------------------------ */

static void dump_graph(Nnc *cx, const char *stage, const Graph *g)
{
    if (!dumps(cx, stage) || (cx->o->only && strcmp(cx->o->only, g->name) != 0)) return;
    Text out = { .arena = &cx->arena };
    text_add(&out, "; after %s\n", stage);
    module_print(g->module, &g, 1, &out);
    put(cx, NNC_OUT, text_c(&out));
}

static void after_pass(void *user, const char *pass, const Graph *g)
{
    dump_graph(user, pass, g);
}

static Graph *transform(Nnc *cx, Graph *g)
{
    dump_graph(cx, "lower", g);
    Pass pass = { .module = g->module, .scratch = &cx->scratch, .diags = &cx->diags };
    Graph *out = pass_pipeline(&pass, g, after_pass, cx);
    arena_clear(&cx->scratch);
    return out;
}

static void transform_all(Nnc *cx, Lowered *lowered)
{
    budget_stage("transform");
    for (uint32_t i = 0; i < lowered->entry.n; i++) {
        LoweredEntry *e = &lowered->entry.at[i];
        treat(cx, e->core);
        uint32_t n = e->core ? 1u << e->core->n_conditions : 1;
        for (uint32_t k = 0; k < n; k++) e->step[k] = transform(cx, e->step[k]);
        if (e->report) e->report = transform(cx, e->report);
        if (e->condition) e->condition = transform(cx, e->condition);
    }
    stage_done(cx, "transform");
}

static void build_kernels(Nnc *cx, EmitProgram *e, EmitEntry *entry, EmitCode *code, const Graph *g, bool report)
{
    const CoreEntry *core = entry->lowered->core;
    KernelOptions options = { .no_fusion = cx->o->no_fusion, .no_reuse = cx->o->no_reuse, .sample = emit_sample(e, core),
                              .n_symbols = report ? 0 : entry->sizes.n, .symbols = entry->sizes.at,
                              .fact = entry->lowered->fact.at, .n_facts = entry->lowered->fact.n,
                              .option_offset = e->option_offset, .const_offset = e->const_offset,
                              .sums_in_train = core && core->kind == ENTRY_TRAIN && !report };
    EntryLayout *layout = &entry->layout;
    EntryLayout own = *layout;
    if (report && core->kind == ENTRY_TRAIN) { /* the report sees the sums as a block of their own */
        own.sum_at.at = ARENA_ARRAY(&cx->arena, int64_t, own.sum_at.n + 1);
        for (uint32_t i = 0; i < own.sum_at.n; i++) own.sum_at.at[i] = layout->sum_at.at[i] - layout->sum_offset;
        layout = ARENA_NEW(&cx->arena, EntryLayout);
        *layout = own;
    }
    code->k = kernel_build(&cx->arena, g, &e->layout, layout, &options);
    const char *wrong = kernel_verify(code->k, &cx->arena);
    if (wrong) BUG("%s: kernels: %s", g->name, wrong);
    if (dumps(cx, "kernel") && (!cx->o->only || strcmp(cx->o->only, g->name) == 0)) {
        Text out = { .arena = &cx->arena };
        kernel_print(code->k, &out);
        put(cx, NNC_OUT, text_c(&out));
    }
}

static void build_all_kernels(Nnc *cx, EmitProgram *e)
{
    budget_stage("kernel");
    for (uint32_t i = 0; i < e->entry.n; i++) {
        EmitEntry *entry = &e->entry.at[i];
        treat(cx, entry->lowered->core);
        const char *base = arena_print(&cx->arena, "%s__%s", e->prefix, entry->c_name);
        for (uint32_t k = 0; k < entry->n_codes; k++) {
            entry->code[k].symbol = arena_print(&cx->arena, "%s%u", base, k);
            build_kernels(cx, e, entry, &entry->code[k], entry->lowered->step[k], false);
            emit_table(e, entry, &entry->code[k]);
        }
        if (entry->lowered->report) {
            entry->report.symbol = arena_print(&cx->arena, "%s_report", base);
            build_kernels(cx, e, entry, &entry->report, entry->lowered->report, true);
        }
    }
    stage_done(cx, "kernel");
}

/* ---- back end ------------------------------------------------------------------------------------------------ */

static LoopModule *build_loops(Nnc *cx, EmitProgram *e, const CgTarget *target)
{
    LoopModule *m = ARENA_NEW(&cx->arena, LoopModule);
    *m = (LoopModule){ .arena = &cx->arena, .module = e->lowered->module, .target = target->loop };
    budget_stage("loop");
    for (uint32_t i = 0; i < e->entry.n; i++) {
        EmitEntry *entry = &e->entry.at[i];
        treat(cx, entry->lowered->core);
        for (uint32_t k = 0; k < entry->n_codes; k++) loop_lower(m, entry->code[k].k, entry->code[k].symbol);
        if (entry->lowered->report) loop_lower(m, entry->report.k, entry->report.symbol);
        if (entry->lowered->condition) {
            entry->condition = arena_print(&cx->arena, "%s__%s_condition", e->prefix, entry->c_name);
            emit_condition(m, entry->lowered->condition, e->option_offset, entry->condition);
        }
        emit_areas(e, entry);
    }
    budget_stage("loop");
    emit_wrappers(m, e);
    loop_share(m);
    const char *wrong = loop_verify(m, &cx->arena);
    if (wrong) BUG("loops: %s", wrong);
    stage_done(cx, "loop");
    return m;
}

/* LLVM takes about 10 us and 1.5 kB for each, and what thirty take for every function. */
static bool fits(Nnc *cx, const LoopModule *m)
{
    enum { MOST_INSTRUCTIONS = 600000, FUNCTION = 30 };
    uint64_t n = 0, weight = 0, most = 0;
    const char *name = "";
    for (uint32_t i = 0; i < m->fn.n; i++) {
        n += m->fn.at[i]->ins.n;
        weight += m->fn.at[i]->ins.n + FUNCTION;
        if (m->fn.at[i]->ins.n <= most) continue;
        most = m->fn.at[i]->ins.n;
        name = m->fn.at[i]->name;
    }
    if (weight <= MOST_INSTRUCTIONS) return true;
    fail(cx, 1, arena_print(&cx->arena, "%s: error E0605: the program is too large: it becomes %llu instructions in %u functions, the largest is `%s`; at most %d "
                            "can be compiled, fewer in many functions\n   help: a `for` is unrolled; a `scan` is not", cx->o->input, (unsigned long long)n, m->fn.n, name, MOST_INSTRUCTIONS));
    return false;
}

/* The object files of a program: a single one, or parts and the core to be put together. */
static void plan_parts(Nnc *cx, LoopModule *m, const char *output, EmitParts *parts)
{
    enum { CORE_WEIGHT = 2000, PART_WEIGHT = 5000 }; /* loop instructions */
    parts->core_inside = cx->o->assembly || cx->o->target; /* the host's ld cannot merge another target's objects */
    parts->n = parts->core_inside ? 1 : loop_split(m, CORE_WEIGHT, PART_WEIGHT, LOOP_MAX_PARTS);
    if (cx->stopped) return;
    parts->n_objects = parts->core_inside ? 1 : parts->n + 1;
    for (uint32_t i = 0; i < parts->n_objects; i++) parts->object[i] = output_temporary(&cx->arena, output, ".o");
}

/* What would fail at the end is said before the work. */
static bool can_link(Nnc *cx, const CgTarget *target)
{
    if (cx->o->mode == NNC_OBJECT || cx->o->stop_after) return true;
    if (target->is_foreign)
        return !fail(cx, 2, arena_print(&cx->arena, "a program for %s cannot be linked here; `nnc -c` makes an object for it", target->arch));
    if (!cx->o->runtime_dir) return !fail(cx, 3, "libnnrt.a is neither beside this command nor in the library folder of its installation");
    return true;
}

static int generate(Nnc *cx, EmitProgram *e, const char *output, EmitParts *parts)
{
    CgTarget target = { .triple = cx->o->target, .cpu = cx->o->march ? cx->o->march : "native" };
    const char *wrong = codegen_target(&cx->arena, &target, cx->o->strict_fp != 0);
    if (wrong) return fail(cx, 2, wrong);
    if (!can_link(cx, &target)) return cx->status;
    LoopModule *m = build_loops(cx, e, &target);
    if (dumps(cx, "loop")) {
        Text out = { .arena = &cx->arena };
        loop_print(m, &out);
        put(cx, NNC_OUT, text_c(&out));
    }
    if (cx->stopped) return 0;
    if (!fits(cx, m)) return cx->status;
    budget_stage("object");
    *parts = (EmitParts){ .with_main = cx->o->mode == NNC_PROGRAM, .assembly = cx->o->assembly != 0, .want_ir = dumps(cx, "llvm") };
    if (parts->with_main) emit_main(m, e);
    cx->stopped = cx->o->stop_after && strcmp(cx->o->stop_after, "llvm") == 0;
    plan_parts(cx, m, output, parts);
    wrong = emit_parts(e, m, &target, parts);
    for (uint32_t i = 0; i < parts->n && parts->want_ir; i++) put(cx, NNC_OUT, parts->ir[i]);
    if (wrong) return fail(cx, 3, wrong);
    stage_done(cx, "object");
    return 0;
}

/* What the linker says stands above; a disk without room is not the program's fault. */
static int linked(Nnc *cx, const char *wrong, bool system, const char *output)
{
    if (!wrong) return 0;
    if (!system && output_disk_full(output)) {
        wrong = arena_print(&cx->arena, "%s: cannot write: %s", output_name(cx), strerror(ENOSPC));
        system = true;
    }
    return fail(cx, system ? 3 : 1, wrong);
}

static int link_files(Nnc *cx, const EmitLink *link)
{
    bool system = false;
    const char *wrong = emit_link(&cx->arena, link, &system);
    return linked(cx, wrong, system, link->output);
}

static int link_library(Nnc *cx, const EmitProgram *e, EmitLink *link)
{
    const char *source = emit_shared_source(e), *exports = emit_shared_exports(e);
    link->source = output_temporary(&cx->arena, output_name(cx), ".c");
    link->exports = output_temporary(&cx->arena, output_name(cx), ".map");
    const char *wrong = output_bytes(&cx->arena, link->source, source, strlen(source));
    if (!wrong) wrong = output_bytes(&cx->arena, link->exports, exports, strlen(exports));
    int status = wrong ? fail(cx, 3, wrong) : link_files(cx, link);
    output_remove(link->source);
    output_remove(link->exports);
    return status;
}

static int link_program(Nnc *cx, const EmitProgram *e, const char *output, const EmitParts *parts)
{
    uint32_t n = 0;
    const char *const *readers = emit_readers(e, &n);
    EmitLink link = { .object = parts->object, .n_objects = parts->n_objects, .output = output, .runtime_dir = cx->o->runtime_dir,
                      .extra = cx->o->link_inputs, .n_extra = cx->o->n_link_inputs, .shared = cx->o->mode == NNC_SHARED };
    for (uint32_t i = 0; i < n; i++) link.needs_png |= strcmp(readers[i], "image_dir") == 0;
    link.needs_zlib = n > 0;
    if (link.shared) return link_library(cx, e, &link);
    const char *const *formats = emit_formats(e, &n);
    for (uint32_t i = 0; i < n; i++) link.needs_png |= strcmp(formats[i], "png_in") == 0;
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
    int status = merge ? merge_parts(cx, whole, parts) : cx->o->mode == NNC_OBJECT ? 0 : link_program(cx, e, whole, parts);
    if (!status && cx->o->mode != NNC_PROGRAM)
        status = write_file(cx, header_name(&cx->arena, output, cx->o->mode == NNC_SHARED), emit_header(e), false);
    const char *wrong = status ? NULL : output_commit(&cx->arena, whole, output);
    output_remove(whole);
    if (wrong) return fail(cx, 3, wrong);
    if (!status) stage_done(cx, "link");
    return status;
}

/* ---- what an output must not be ------------------------------------------------------------------------------- */

/* Is the file one that is read? */
static const char *input_at(const Nnc *cx, const char *path)
{
    if (output_same(path, cx->o->input)) return cx->o->input;
    for (uint32_t i = 0; i < cx->sources.files.n; i++)
        if (!cx->sources.files.at[i].library && output_same(path, cx->sources.files.at[i].name)) return cx->sources.files.at[i].name;
    for (unsigned i = 0; i < cx->o->n_link_inputs; i++)
        if (cx->o->link_inputs[i][0] != '-' && output_same(path, cx->o->link_inputs[i])) return cx->o->link_inputs[i];
    return NULL;
}

static int refuse(Nnc *cx, const char *path, const char *why)
{
    return fail(cx, 2, arena_print(&cx->arena, "-o: %s: %s", path, why));
}

static int check_output(Nnc *cx, const char *path, bool regular)
{
    size_t n = strlen(path);
    const char *why = output_refused(&cx->arena, path, regular);
    if (why) return fail(cx, *path ? 3 : 2, arena_print(&cx->arena, "-o: %s%s%s", path, *path ? ": " : "", why));
    if (regular && n > 3 && strcmp(path + n - 3, ".nn") == 0) return refuse(cx, path, "this is the name of a program's source");
    const char *input = regular ? input_at(cx, path) : NULL;
    return input ? refuse(cx, path, arena_print(&cx->arena, "this would overwrite %s, which is read", input)) : 0;
}

/* Said before the work: nothing that is read, no folder, no device is written to. */
static int check_outputs(Nnc *cx)
{
    const char *output = output_name(cx);
    if (cx->o->mode == NNC_CHECK || cx->o->shapes || cx->o->stop_after) return 0;
    if (cx->o->mode == NNC_FORMAT) return cx->o->output ? check_output(cx, output, false) : 0;
    int status = check_output(cx, output, true);
    if (status || cx->o->mode == NNC_PROGRAM) return status;
    const char *header = header_name(&cx->arena, output, cx->o->mode == NNC_SHARED);
    if (output_same(header, output)) return refuse(cx, output, "the header would have the same name");
    const char *name = stem_of(&cx->arena, header);
    if (reserved_header(name))
        return refuse(cx, output, arena_print(&cx->arena, "the header would be %s.h, which C or the runtime has already; choose another name with -o", name));
    return check_output(cx, header, true);
}

static int write_result(Nnc *cx, EmitProgram *e)
{
    const char *output = output_name(cx);
    EmitParts parts = { 0 };
    int status = check_outputs(cx); /* again: now the imports are known */
    if (status) return status;
    if (!cx->o->stop_after) output_sweep(&cx->arena, output);
    status = generate(cx, e, output, &parts);
    if (!status && !cx->stopped) status = finish(cx, e, output, &parts);
    for (uint32_t i = 0; i < parts.n_objects; i++) output_remove(parts.object[i]);
    return status;
}

/* Everything that decides what a checkpoint of this program looks like. */
static uint64_t program_hash(const EmitProgram *e)
{
    Text t = { .arena = e->arena };
    for (uint32_t i = 0; i < e->layout.tensor.n; i++) {
        const LayoutTensor *lt = &e->layout.tensor.at[i];
        text_add(&t, "%s %d %s %lld;", lt->name, lt->is_state, type_text(e->core->dims, e->arena, &lt->type), (long long)lt->offset);
    }
    return str_hash(text_c(&t), t.n);
}

/* A prefix in capitals makes macros and functions alike: NET_H would be both. */
static int check_macros(Nnc *cx, const EmitProgram *e)
{
    static const char *const own[] = { "H", "INLINE", "CORE_ONLY", "MODEL_BYTES" };
    if (strcmp(emit_upper(e->arena, e->prefix), e->prefix) != 0) return 0;
    for (uint32_t i = 0; i < e->entry.n; i++)
        for (size_t k = 0; k < sizeof own / sizeof *own; k++)
            if (strcmp(e->entry.at[i].name, own[k]) == 0)
                return fail(cx, 2, arena_print(e->arena, "the header would have a function and a macro %s_%s; choose a prefix with a small letter: --prefix=NAME",
                                               e->prefix, own[k]));
    return 0;
}

static int compile_program(Nnc *cx, const CoreProgram *program)
{
    budget_stage("lower");
    Lowered *lowered = lower_program(&cx->arena, &cx->strings, &cx->diags, program, cx->o->f64 ? DT_f64 : DT_f32);
    stage_done(cx, "lower");
    if (cx->diags.n_errors) return 1;
    transform_all(cx, lowered);
    cx->looked = LOOKED_FOR_ALL;
    if (cx->diags.n_errors) return 1;
    EmitProgram e = { .arena = &cx->arena, .strings = &cx->strings, .core = program, .lowered = lowered, .source = cx->o->input,
                      .version = nnc_version(), .f64 = cx->o->f64 != 0, .sources = &cx->sources };
    e.prefix = cx->o->prefix ? cx->o->prefix : emit_prefix(&cx->arena, cx->stem);
    emit_layout(&e);
    if (check_macros(cx, &e)) return cx->status;
    e.hash = program_hash(&e);
    build_all_kernels(cx, &e);
    if (cx->stopped) return 0;
    return write_result(cx, &e);
}

/* ---- other inputs ----------------------------------------------------------------------------------------------- */

static int run_passes(Nnc *cx)
{
    size_t n = 0;
    const char *text = read_input(cx, &n), *error = NULL;
    if (!text) return cx->status;
    Module *m = module_read(&cx->arena, &cx->strings, text, &error);
    if (!m) return fail(cx, 1, arena_print(&cx->arena, "%s: %s", cx->o->input, error));
    Pass pass = { .module = m, .scratch = &cx->scratch, .diags = &cx->diags };
    const Graph *g = m->graph.at[m->graph.n - 1]; /* bodies come first */
    const char *list = cx->o->passes ? cx->o->passes : "";
    while (*list) {
        size_t length = strcspn(list, ",");
        const char *name = arena_copy(&cx->arena, list, length);
        if (!pass_find(name)) return fail(cx, 2, arena_print(&cx->arena, "there is no pass `%s`", name));
        g = pass_run(&pass, name, g);
        list += length + (list[length] == ',');
    }
    Text out = { .arena = &cx->arena };
    module_print(m, &g, 1, &out);
    put(cx, NNC_OUT, text_c(&out));
    return 0;
}

static int format_file(Nnc *cx)
{
    size_t n = 0;
    const char *text = read_input(cx, &n);
    if (!text) return cx->status;
    uint32_t file = source_add(&cx->sources, cx->o->input, text, n, false);
    Text out = { .arena = &cx->arena };
    if (!format_source(&cx->arena, &cx->strings, &cx->diags, &cx->sources, file, &out)) return 1;
    if (cx->o->output) return write_file(cx, output_name(cx), text_c(&out), true);
    put(cx, NNC_OUT, text_c(&out));
    return 0;
}

static int check_prefix(Nnc *cx)
{
    const char *prefix = cx->o->prefix;
    if (!prefix || emit_is_prefix(&cx->arena, prefix)) return 0;
    if (!*prefix) return fail(cx, 2, "--prefix: a name is missing");
    return fail(cx, 2, arena_print(&cx->arena, "--prefix: `%s` is no name in C, or means something there; `%s` is free", prefix,
                                   emit_prefix(&cx->arena, prefix)));
}

static int compile(Nnc *cx)
{
    size_t length = strlen(cx->o->input);
    if (length > 4 && strcmp(cx->o->input + length - 4, ".tir") == 0) return run_passes(cx);
    if (check_outputs(cx) || check_prefix(cx)) return cx->status;
    if (cx->o->mode == NNC_FORMAT) return format_file(cx);
    const Ast *ast = parse(cx);
    if (!ast) return cx->status;
    if (cx->diags.n_errors) return 1;
    if (cx->stopped) return 0;
    const CoreProgram *program = check(cx, ast);
    if (cx->diags.n_errors) return 1;
    if (cx->stopped || cx->o->mode == NNC_CHECK || cx->o->shapes) return 0;
    return compile_program(cx, program);
}

int nnc_compile(const NncOptions *options)
{
    Nnc cx = { .o = options, .clock = now() };
    budget_begin(options->input);
    strings_init(&cx.strings, &cx.arena);
    cx.sources.arena = &cx.arena;
    cx.diags = (Diags){ .arena = &cx.arena, .sources = &cx.sources };
    cx.dims = dims_new(&cx.arena);
    cx.stem = stem_of(&cx.arena, options->input);
    int status = compile(&cx);
    show_messages(&cx);
    if (!status && cx.diags.n_errors) status = 1;
    if (status == 1 && cx.status == 3) status = 3; /* an import that cannot be read */
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
