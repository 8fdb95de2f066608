/* SPDX-License-Identifier: MIT
 * link.c: `int main` of a program, and the system linker (through cc). */
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emit/emit.h"

extern char **environ;

const char *const *emit_readers(const EmitProgram *e, uint32_t *n)
{
    VEC(const char *) list = { 0 };
    for (uint32_t d = 0; d < e->core->data.n; d++) {
        for (uint32_t f = 0; f < e->core->data.at[d].fields.n; f++) {
            const CoreField *field = &e->core->data.at[d].fields.at[f];
            for (uint32_t r = 0; r < field->readers.n; r++) {
                const char *kind = field->readers.at[r].kind;
                bool known = false;
                for (uint32_t i = 0; i < list.n; i++) known |= strcmp(list.at[i], kind) == 0;
                if (!known) vec_add(e->arena, &list, kind);
            }
        }
    }
    *n = list.n;
    return list.at;
}

void emit_main_data(Cg *cg, const EmitProgram *e)
{
    uint32_t n = 0;
    const char *const *readers = emit_readers(e, &n);
    CgConst *item = ARENA_ARRAY(e->arena, CgConst, n + 1);
    for (uint32_t i = 0; i < n; i++) item[i] = cg_symbol(cg, arena_print(e->arena, "nnrt_reader_%s", readers[i]));
    item[n] = cg_null(cg);
    cg_global(cg, arena_print(e->arena, "%s__readers", e->prefix), cg_array(cg, item, n + 1), 16, false);
}

void emit_main(LoopModule *m, const EmitProgram *e)
{
    uint8_t types[] = { LT_i32, LT_ptr };
    LoopFn *f = loop_fn_new(m, "main", types, 2, LT_i32);
    f->exported = true;
    LB b = { m, f };
    LIns program = { .op = L_global, .type = LT_ptr, .lanes = 1, .name = arena_print(e->arena, "%s_program", e->prefix) };
    LIns list = { .op = L_global, .type = LT_ptr, .lanes = 1, .name = arena_print(e->arena, "%s__readers", e->prefix) };
    vec_add(m->arena, &f->ins, program);
    LV p = f->ins.n - 1;
    vec_add(m->arena, &f->ins, list);
    LV args[] = { p, f->ins.n - 1, l_arg(&b, 0), l_arg(&b, 1) };
    l_ret(&b, l_call(&b, "nnrt_main", LT_i32, args, 4));
}

static const char *run(Arena *arena, const char **argv)
{
    pid_t pid = 0;
    int status = 0, error = posix_spawnp(&pid, argv[0], NULL, NULL, (char **)(uintptr_t)argv, environ);
    if (error) return arena_print(arena, "cannot start `%s`: %s", argv[0], strerror(error));
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return arena_print(arena, "`%s` was lost: %s", argv[0], strerror(errno));
    if (!WIFEXITED(status) || WEXITSTATUS(status)) return arena_print(arena, "linking failed (the message of `%s` is above)", argv[0]);
    return NULL;
}

/* gold links in two thirds of the time of GNU ld; both come with binutils. */
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

const char *emit_merge(Arena *arena, const char *output, const char *const *object, uint32_t n)
{
    VEC(const char *) argv = { 0 };
    vec_add(arena, &argv, "ld");
    vec_add(arena, &argv, "-r");
    vec_add(arena, &argv, "-o");
    vec_add(arena, &argv, output);
    for (uint32_t i = 0; i < n; i++) vec_add(arena, &argv, object[i]);
    vec_add(arena, &argv, NULL);
    const char *wrong = run(arena, argv.at);
    if (wrong) return wrong;
    const char *localize[] = { "objcopy", "--localize-hidden", output, NULL };
    return run(arena, localize);
}

const char *emit_link(Arena *arena, const EmitLink *link)
{
    VEC(const char *) argv = { 0 };
    vec_add(arena, &argv, "cc");
    if (have_gold(arena)) vec_add(arena, &argv, "-fuse-ld=gold");
    if (link->shared) vec_add(arena, &argv, "-shared");
    vec_add(arena, &argv, "-o");
    vec_add(arena, &argv, link->output);
    for (uint32_t i = 0; i < link->n_objects; i++) vec_add(arena, &argv, link->object[i]);
    for (uint32_t i = 0; i < link->n_extra; i++) vec_add(arena, &argv, link->extra[i]);
    if (link->shared) vec_add(arena, &argv, "-Wl,--whole-archive");
    vec_add(arena, &argv, arena_print(arena, "%s/libnnrt.a", link->runtime_dir));
    if (link->shared) vec_add(arena, &argv, "-Wl,--no-whole-archive");
    /* The static ones are not position independent: a shared object names the library. */
    if (link->needs_png) vec_add(arena, &argv, link->shared ? "-lpng16" : "-l:libpng16.a");
    if (link->needs_zlib || link->needs_png)
        vec_add(arena, &argv, link->shared ? "-lz" : "-l:libz.a");
    vec_add(arena, &argv, "-lpthread");
    vec_add(arena, &argv, "-lm");
    vec_add(arena, &argv, "-Wl,--gc-sections");
    vec_add(arena, &argv, NULL);
    return run(arena, argv.at);
}
