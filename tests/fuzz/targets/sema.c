/* links: nnc_sema */
/* SPDX-License-Identifier: MIT
 * sema.c: any bytes as a program, checked and elaborated, its messages and its core program printed. */
#include "front.h"
#include "sema/sema.h"

static const char *no_file(void *user, const char *path, size_t *n, Arena *arena, const char **refused)
{
    (void)user, (void)path, (void)n, (void)arena, (void)refused;
    return NULL;
}

/* The library is parsed once: its names and files are where each run begins. */
static Front library;
static const Ast *const *library_trees;
static uint32_t n_library;

static void begin(Front *f)
{
    if (!library_trees) {
        front_begin(&library);
        library_trees = sema_library(&library.arena, &library.strings, &library.diags, &library.sources, &n_library);
    }
    front_begin(f);
    f->strings.n = library.strings.n, f->strings.mask = library.strings.mask;
    f->strings.slot = ARENA_ARRAY(&f->arena, const char *, library.strings.mask + 1);
    memcpy(f->strings.slot, library.strings.slot, sizeof *f->strings.slot * (library.strings.mask + 1));
    for (uint32_t i = 0; i < library.sources.files.n; i++)
        vec_add(&f->arena, &f->sources.files, library.sources.files.at[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Front f;
    begin(&f);
    Ast *ast = front_parse(&f, front_add(&f, (const char *)data, size));
    Text shapes = {.arena = &f.arena}, core = {.arena = &f.arena};
    SemaOptions options = {
        .list_shapes = true, .shapes = &shapes, .read_file = no_file, .library = library_trees, .n_library = n_library, .limits_over = 100};
    CoreProgram *program = sema_check(&f.arena, &f.strings, &f.sources, &f.diags, dims_new(&f.arena), ast, "input", &options);
    front_messages(&f);
    if (f.diags.n_errors) return 0;
    const char *wrong = core_verify(program, &f.arena);
    CHECK(!wrong, "%s", wrong);
    core_print(&f.arena, program, &core);
    return 0;
}
