/* links: nnc_syntax */
/* SPDX-License-Identifier: MIT
 * parse.c: any bytes as a program. What has no error prints as a program that prints the same; `nnc fmt`
 * leaves what it made, and the tree as it was. */
#include "front.h"
#include "syntax/format.h"

static const char *printed(Front *f, const Ast *ast)
{
    Text out = {.arena = &f->arena};
    ast_print(ast, &out);
    return text_c(&out);
}

/* The tree of a text that must be right, printed. */
static const char *again(Front *f, const char *text, const char *what)
{
    Ast *ast = front_parse(f, front_add(f, text, strlen(text)));
    CHECK(!f->diags.n_errors, "%s is no program:\n%s\n%s", what, text, front_messages(f));
    return printed(f, ast);
}

static const char *formatted(Front *f, uint32_t file)
{
    Text out = {.arena = &f->arena};
    CHECK(format_source(&f->arena, &f->strings, &f->diags, &f->sources, file, &out), "fmt refuses a program:\n%s", front_messages(f));
    return text_c(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Front f;
    front_begin(&f);
    uint32_t file = front_add(&f, (const char *)data, size);
    Ast *ast = front_parse(&f, file);
    if (f.diags.n_errors) {
        front_messages(&f);
        return 0;
    }
    const char *tree = printed(&f, ast), *twice = again(&f, tree, "what ast_print wrote");
    CHECK(strcmp(tree, twice) == 0, "printed:\n%s\nread and printed again:\n%s", tree, twice);
    const char *layout = formatted(&f, file);
    const char *kept = again(&f, layout, "what fmt wrote");
    CHECK(strcmp(tree, kept) == 0, "fmt changed\n%s\nto\n%s", tree, kept);
    const char *same = formatted(&f, front_add(&f, layout, strlen(layout)));
    CHECK(strcmp(layout, same) == 0, "fmt made\n%s\nand of this\n%s", layout, same);
    return 0;
}
