/* SPDX-License-Identifier: MIT
 * link.c: `int main` of a program, and the system linker (through cc). */
#include <errno.h>
#include <fnmatch.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emit/emit.h"

extern char **environ;

/* Can a pattern of file names, `*.jpg|*.jpeg`, be that of JPEG files? By what may stand behind its last dot. */
static bool names_jpeg(Arena *arena, const char *glob)
{
    static const char *const endings[] = {"jpg", "jpeg", "jpe", "JPG", "JPEG", "Jpg", "Jpeg"};
    while (*glob) {
        size_t n = strcspn(glob, "|");
        const char *one = arena_print(arena, "%.*s", (int)n, glob), *dot = strrchr(one, '.');
        if (!dot && *one && one[strlen(one) - 1] == '*') return true;
        for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
            if (fnmatch(dot + 1, endings[i], 0) == 0) return true;
        glob += n + (glob[n] == '|');
    }
    return false;
}

static bool reads_jpeg(const EmitProgram *e, const CoreReader *r)
{
    bool jpeg = false;
    for (uint32_t i = 0; strcmp(r->kind, "image_dir") == 0 && i < r->args.n; i++)
        jpeg |= strcmp(r->args.at[i].key, "glob") == 0 && names_jpeg(e->arena, r->args.at[i].text);
    return jpeg;
}

static bool reads_words(const CoreReader *r)
{
    bool words = false;
    for (uint32_t i = 0; i < r->args.n; i++)
        words |= strcmp(r->args.at[i].key, "words") == 0;
    return words;
}

typedef VEC(const char *) Names;

static void add_name(const EmitProgram *e, Names *list, const char *name)
{
    for (uint32_t i = 0; i < list->n; i++)
        if (strcmp(list->at[i], name) == 0) return;
    vec_add(e->arena, list, name);
}

const char *const *emit_readers(const EmitProgram *e, uint32_t *n)
{
    Names list = {0};
    for (uint32_t d = 0; d < e->core->data.n; d++) {
        for (uint32_t f = 0; f < e->core->data.at[d].fields.n; f++) {
            const CoreField *field = &e->core->data.at[d].fields.at[f];
            for (uint32_t r = 0; r < field->readers.n; r++) {
                add_name(e, &list, field->readers.at[r].kind);
                if (reads_jpeg(e, &field->readers.at[r])) add_name(e, &list, "jpeg");
                if (reads_words(&field->readers.at[r])) add_name(e, &list, "words");
            }
        }
    }
    *n = list.n;
    return list.at;
}

bool emit_has_reader(const EmitProgram *e, const char *kind)
{
    uint32_t n;
    const char *const *list = emit_readers(e, &n);
    for (uint32_t i = 0; i < n; i++)
        if (strcmp(list[i], kind) == 0) return true;
    return false;
}

/* Could an argument or result be a picture, a sound, a chart, a melody? By rank and element type. */
static bool can_be(const EmitProgram *e, const char *format, const CoreType *type, Dim bound)
{
    bool floats =
        type->elem == ELEM_float || type->elem == ELEM_f32 || type->elem == ELEM_f64 || type->elem == ELEM_f16 || type->elem == ELEM_bf16;
    bool integers = type->elem == ELEM_int;
    if (strcmp(format, "wav") == 0) return floats && type->rank >= 1 && type->rank <= 2;
    if (strcmp(format, "mid") == 0) return integers && bound && type->rank >= 1 && type->rank <= 2;
    if (strcmp(format, "svg") == 0) return floats && type->rank >= 1 && type->rank <= 4;
    if (strcmp(format, "png_in") || type->rank != 2) return type->rank >= 2;
    return dim_is_const(e->core->dims, type->dim[0], NULL) == dim_is_const(e->core->dims, type->dim[1], NULL); /* [B, 4] is a table */
}

/* Formats of files (runtime/format/format.h) that the exports can use. */
const char *const *emit_formats(const EmitProgram *e, uint32_t *n)
{
    static const char *const known[] = {"png_in", "png", "svg", "wav", "mid"};
    Names list = {0};
    for (uint32_t k = 0; k < sizeof known / sizeof *known; k++) {
        bool used = false, in = strcmp(known[k], "png_in") == 0, out = strcmp(known[k], "wav") != 0 && !in;
        for (uint32_t i = 0; i < e->core->entries.n; i++) {
            const CoreEntry *entry = e->core->entries.at[i];
            if (entry->kind != ENTRY_EXPORT) continue;
            for (uint32_t a = 0; !out && a < entry->args.n; a++) {
                const CoreArg *arg = &entry->args.at[a];
                used |= arg->role == ROLE_TENSOR && arg->data < 0 && can_be(e, known[k], &arg->type, arg->bound);
            }
            for (uint32_t r = 0; !in && r < entry->outs.n; r++) {
                const CoreOut *o = &entry->outs.at[r];
                bool classes = o->data >= 0 && strcmp(known[k], "png") == 0; /* a table, whose columns or numbers have names */
                used |= !classes && can_be(e, known[k], &o->type, o->bound);
            }
        }
        if (used) vec_add(e->arena, &list, known[k]);
    }
    *n = list.n;
    return list.at;
}

const char *const *emit_commands(const EmitProgram *e, bool lean, uint32_t *n)
{
    static const char *const tools[] = {"command_summary", "command_graph",   "command_check_data",
                                        "command_bench",   "command_profile", "command_completion"};
    Names list = {0};
    bool runs = false;
    for (uint32_t i = 0; i < e->core->entries.n; i++)
        runs |= e->core->entries.at[i]->kind != ENTRY_EXPORT;
    if (runs) add_name(e, &list, "command_train"); /* and eval */
    if (runs && !lean) add_name(e, &list, "worst_tell"), add_name(e, &list, "dry_run");
    if (e->f64) add_name(e, &list, "command_gradcheck");
    for (size_t i = 0; !lean && i < sizeof tools / sizeof *tools; i++)
        add_name(e, &list, tools[i]);
    *n = list.n;
    return list.at;
}

static void symbol_list(Cg *cg, const EmitProgram *e, const char *kind, const char *const *names, uint32_t n)
{
    CgConst *item = ARENA_ARRAY(e->arena, CgConst, n + 1);
    for (uint32_t i = 0; i < n; i++)
        item[i] = cg_symbol(cg, arena_print(e->arena, "nnrt_%s_%s", kind, names[i]));
    item[n] = cg_null(cg);
    cg_global(cg, arena_print(e->arena, "%s__%ss", e->prefix, kind), cg_array(cg, item, n + 1), 16, false);
}

void emit_main_data(Cg *cg, const EmitProgram *e)
{
    uint32_t n = 0;
    const char *const *names = emit_readers(e, &n);
    symbol_list(cg, e, "reader", names, n);
    names = emit_formats(e, &n);
    symbol_list(cg, e, "format", names, n);
}

static LV address_of(LoopModule *m, LoopFn *f, const char *symbol)
{
    LIns address = {.op = L_global, .type = LT_ptr, .lanes = 1, .name = symbol};
    vec_add(m->arena, &f->ins, address);
    return f->ins.n - 1;
}

void emit_main(LoopModule *m, const EmitProgram *e)
{
    uint8_t types[] = {LT_i32, LT_ptr};
    LoopFn *f = loop_fn_new(m, "main", types, 2, LT_i32);
    f->exported = true;
    LB b = {m, f};
    LV p = address_of(m, f, arena_print(e->arena, "%s_program", e->prefix));
    LV r = address_of(m, f, arena_print(e->arena, "%s__readers", e->prefix)),
       w = address_of(m, f, arena_print(e->arena, "%s__formats", e->prefix));
    LV args[] = {p, r, w, l_label(&b, l_arg(&b, 0), "argc"), l_label(&b, l_arg(&b, 1), "argv")};
    l_ret(&b, l_call(&b, "nnrt_main", LT_i32, args, 5));
}

/* NULL, or what is wrong; *system: it is not the program's fault. */
static const char *run(Arena *arena, const char **argv, bool *system)
{
    pid_t pid = 0;
    int status = 0, error = posix_spawnp(&pid, argv[0], NULL, NULL, (char **)(uintptr_t)argv, environ);
    *system = true;
    if (error) return arena_print(arena, "cannot start `%s`: %s", argv[0], strerror(error));
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return arena_print(arena, "`%s` was lost: %s", argv[0], strerror(errno));
    if (WIFSIGNALED(status)) return arena_print(arena, "`%s` was ended by a signal: %s", argv[0], strsignal(WTERMSIG(status)));
    *system = false;
    if (!WIFEXITED(status) || WEXITSTATUS(status)) return arena_print(arena, "linking failed (the message of `%s` is above)", argv[0]);
    return NULL;
}

/* gold links in half of the time of GNU ld; both come with binutils. */
static bool have_gold(Arena *arena)
{
    const char *path = getenv("PATH");
    while (path && *path) {
        size_t n = strcspn(path, ":");
        if (access(arena_print(arena, "%.*s/ld.gold", (int)n, path), X_OK) == 0) return true;
        path += n + (path[n] == ':');
    }
    return false;
}

typedef VEC(const char *) Argv;

/* A path that no program takes for an option. */
static const char *file_path(Arena *arena, const char *path)
{
    return path[0] == '-' ? arena_print(arena, "./%s", path) : path;
}

const char *emit_merge(Arena *arena, const char *output, const char *const *object, uint32_t n, bool *system)
{
    Argv argv = {0};
    vec_add(arena, &argv, "ld");
    vec_add(arena, &argv, "-r");
    vec_add(arena, &argv, "-o");
    vec_add(arena, &argv, file_path(arena, output));
    for (uint32_t i = 0; i < n; i++)
        vec_add(arena, &argv, file_path(arena, object[i]));
    vec_add(arena, &argv, NULL);
    const char *wrong = run(arena, argv.at, system);
    if (wrong) return wrong;
    const char *localize[] = {"objcopy", "--localize-hidden", file_path(arena, output), NULL};
    return run(arena, localize, system);
}

/* Names of libnnrt bind within the library, so that two libraries in a process do not mix. */
static void add_library(Arena *arena, Argv *argv, const EmitLink *link)
{
    /* Without a name of its own the library would have the temporary one of the file. */
    const char *list[] = {"-shared",
                          "-fPIC",
                          "-O1",
                          "-w",
                          file_path(arena, link->source),
                          arena_print(arena, "-Wl,--version-script=%s", link->exports),
                          arena_print(arena, "-Wl,-soname,%s", link->soname),
                          "-Wl,-Bsymbolic"};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        vec_add(arena, argv, list[i]);
}

const char *emit_link(Arena *arena, const EmitLink *link, bool *system)
{
    Argv argv = {0};
    vec_add(arena, &argv, link->cc);
    if (have_gold(arena)) {
        vec_add(arena, &argv, "-fuse-ld=gold");
        /* It need not map all of libm to find a few names: where faults for pages are expensive, as in a virtual machine, that is a
         * fifth of its time. */
        vec_add(arena, &argv, "-Wl,--no-map-whole-files");
    }
    if (link->shared) add_library(arena, &argv, link);
#ifdef NNC_LINK_FLAG /* what the runtime was built with (cmake/options.cmake) */
    vec_add(arena, &argv, NNC_LINK_FLAG);
#endif
    vec_add(arena, &argv, "-o");
    vec_add(arena, &argv, file_path(arena, link->output));
    for (uint32_t i = 0; i < link->n_objects; i++)
        vec_add(arena, &argv, file_path(arena, link->object[i]));
    for (uint32_t i = 0; i < link->n_extra; i++)
        vec_add(arena, &argv, link->extra[i]);
    for (uint32_t i = 0; i < link->n_commands; i++)
        vec_add(arena, &argv, arena_print(arena, "-Wl,-u,%s", link->commands[i]));
    if (link->mpi) vec_add(arena, &argv, "-Wl,-u,nnrt_dist_begin");
    if (link->mpi) vec_add(arena, &argv, arena_print(arena, "%s/libnnrt-mpi.a", link->runtime_dir));
    vec_add(arena, &argv, arena_print(arena, "%s/libnnrt.a", link->runtime_dir));
    if (link->mpi) vec_add(arena, &argv, "-lmpi");
    vec_add(arena, &argv, arena_print(arena, "-L%s", link->runtime_dir));
    /* The static ones are not position independent: a shared object names the library. */
    if (link->needs_jpeg) vec_add(arena, &argv, link->shared ? "-ljpeg" : "-l:libjpeg.a");
    if (link->needs_png) vec_add(arena, &argv, link->shared ? "-lpng16" : "-l:libpng16.a");
    if (link->needs_png) vec_add(arena, &argv, link->shared ? "-lz" : "-l:libz.a");
    vec_add(arena, &argv, "-lpthread");
    vec_add(arena, &argv, "-lm");
    vec_add(arena, &argv, "-Wl,--gc-sections");
    if (!link->shared) vec_add(arena, &argv, link->is_static ? "-static" : "-pie");
    vec_add(arena, &argv, "-Wl,-z,relro,-z,now,-z,noexecstack");
    vec_add(arena, &argv, NULL);
    const char *wrong = run(arena, argv.at, system);
    if (!wrong || *system || !(link->needs_png || link->needs_jpeg)) return wrong;
    return arena_print(arena, "%s; this program can read %s: that takes %s (Debian: %s)", wrong, link->needs_jpeg ? "JPEG" : "PNG",
                       link->needs_jpeg ? "libjpeg and libpng" : "libpng",
                       link->needs_jpeg ? "libjpeg62-turbo-dev, libpng-dev" : "libpng-dev");
}
