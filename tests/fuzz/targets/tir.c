/* links: nnc_transform */
/* SPDX-License-Identifier: MIT
 * tir.c: any bytes as a tensor graph. What is read prints as text that reads as the same; `simplify` makes a
 * right graph of it. */
#include "target.h"
#include "transform/transform.h"

static Arena arena, scratch;
static Strings strings;

static const char *printed(const Module *m, const Graph *g)
{
    Text out = {.arena = &arena};
    module_print(m, &g, 1, &out);
    return text_c(&out);
}

/* A text that module_print wrote, read and printed. */
static const char *again(const char *text)
{
    const char *error = NULL;
    Module *m = module_read(&arena, &strings, text, &error);
    CHECK(m, "printed:\n%s\nis not read: %s", text, error);
    return printed(m, m->graph.at[m->graph.n - 1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_clear(&arena), arena_clear(&scratch);
    strings_init(&strings, &arena);
    const char *error = NULL;
    Module *m = module_read(&arena, &strings, arena_copy(&arena, (const char *)data, size), &error);
    CHECK(m || error, "no module, and no message");
    if (!m) return 0;
    const Graph *g = m->graph.at[m->graph.n - 1];
    const char *text = again(printed(m, g)), *twice = again(text); /* the first time numbers of dead nodes go */
    CHECK(strcmp(text, twice) == 0, "printed:\n%s\nread and printed:\n%s", text, twice);
    Pass pass = {.module = m, .scratch = &scratch};
    pass_run(&pass, "simplify", g); /* verifies its graph */
    return 0;
}
