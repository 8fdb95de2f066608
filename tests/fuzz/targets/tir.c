/* links: nnc_transform */
/* SPDX-License-Identifier: MIT
 * tir.c: any bytes as a tensor graph. What is read prints as text that reads as the same (a size's terms may
 * change places: their order is that in which their parts were met); `simplify` makes a right graph of it. */
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

/* How often each byte occurs in a text. */
static void count_bytes(const char *text, uint32_t count[256])
{
    memset(count, 0, 256 * sizeof *count);
    for (; *text; text++)
        count[(unsigned char)*text]++;
}

static bool same_bytes(const char *a, const char *b)
{
    uint32_t in_a[256], in_b[256];
    count_bytes(a, in_a), count_bytes(b, in_b);
    return memcmp(in_a, in_b, sizeof in_a) == 0;
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
    CHECK(same_bytes(text, twice), "printed:\n%s\nread and printed:\n%s", text, twice);
    Pass pass = {.module = m, .scratch = &scratch};
    pass_run(&pass, "simplify", g); /* verifies its graph */
    return 0;
}
