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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Front f;
    front_begin(&f);
    Ast *ast = front_parse(&f, front_add(&f, (const char *)data, size));
    if (f.diags.n_errors) return 0; /* see parse.c */
    Text shapes = {.arena = &f.arena}, core = {.arena = &f.arena};
    SemaOptions options = {.list_shapes = true, .shapes = &shapes, .read_file = no_file};
    CoreProgram *program = sema_check(&f.arena, &f.strings, &f.sources, &f.diags, dims_new(&f.arena), ast, "input", &options);
    front_messages(&f);
    if (!f.diags.n_errors) core_print(&f.arena, program, &core);
    return 0;
}
