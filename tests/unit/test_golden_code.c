/* links: nnc_lib nnc_emit nnc_sema nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_golden_code.c: the loops that the compiler makes for each machine, beside those that it made before.
 *
 * A choice of tile, of what is copied, asked for ahead or shared changes no result, so no test of results sees it. Here it changes a
 * figure or a digest of tests/outputs/code/expected.txt. What a line says, of one machine and what begins with one name: how many
 * functions and instructions there are, loops, reads, writes, products, and the digest of each function, in their order. Where the
 * change is meant, `NNC_UPDATE=1 tests/test_golden_code` writes them anew; `nnc --dump=loop` of both compilers shows what it is. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes_help.h"
#include "sema_help.h"

#define FOLDER NNC_SOURCE_DIR "/tests/outputs/"

typedef struct Machine {
    const char *name, *target, *march;
    int floats, strict, small;
    bool bytes; /* integers of 8 bits */
} Machine;

static const Machine v2 = {.name = "v2 strict", .march = "x86-64-v2", .strict = 1}, v3 = {.name = "v3", .march = "x86-64-v3"},
                     v3_f64 = {.name = "v3 f64", .march = "x86-64-v3", .floats = NNC_F64}, v4 = {.name = "v4", .march = "x86-64-v4"},
                     tiles = {.name = "amx", .march = "sapphirerapids", .floats = NNC_BF16},
                     levels = {.name = "levels", .march = "generic"},
                     a72 = {.name = "a72", .target = "aarch64-linux-gnu", .march = "cortex-a72"},
                     riscv = {.name = "riscv", .target = "riscv64-linux-gnu"},
                     m4 = {.name = "m4 small", .target = "thumbv7em-none-eabihf", .march = "cortex-m4", .small = 1},
                     m0 = {.name = "m0", .target = "thumbv6m-none-eabi", .march = "cortex-m0plus"},
                     wasm = {.name = "wasm", .target = "wasm32"}, b_v3 = {.name = "v3 int8", .march = "x86-64-v3", .bytes = true},
                     b_v4 = {.name = "v4 int8", .march = "x86-64-v4", .bytes = true},
                     b_vnni = {.name = "vnni int8", .march = "icelake-server", .bytes = true},
                     b_arm = {.name = "a76 int8", .target = "aarch64-linux-gnu", .march = "cortex-a76", .bytes = true},
                     b_m4 = {.name = "m4 int8", .target = "thumbv7em-none-eabihf", .march = "cortex-m4", .small = 1, .bytes = true};

static const struct {
    const char *program;
    const Machine *machine[12];
} programs[] = {
    {"code/products", {&v2, &v3, &v3_f64, &v4, &tiles, &a72, &riscv, &m4, &m0, &wasm}},
    {"code/loops", {&v2, &v3, &v3_f64, &v4, &tiles, &a72, &riscv, &m4, &m0, &wasm}},
    {"code/bytes", {&b_v3, &b_v4, &b_vnni, &b_arm, &b_m4}},
    {"plans", {&v3, &v4, &tiles, &m4}},
    {"kernels", {&levels, &m4}},
    {"values", {&v3, &m0}},
    {"steps", {&v4, &a72}},
    {"borders", {&v3, &m4}},
};

static void to_text(void *user, NncStream stream, const char *text, size_t n)
{
    (void)stream;
    text_bytes(user, text, n);
}

static const char *loops_of(Arena *arena, const char *program, const Machine *m)
{
    Text out = {.arena = arena};
    NncOptions options = {.mode = m->target && strcmp(m->target, "wasm32") == 0 ? NNC_MODULE : NNC_OBJECT,
                          .input = arena_print(arena, FOLDER "%s.nn", program),
                          .target = m->target ? m->target : "x86_64-linux-gnu",
                          .march = m->march ? m->march : "generic",
                          .floats = m->floats,
                          .strict_fp = m->strict,
                          .small = m->small,
                          .dump = "loop",
                          .stop_after = "loop",
                          .write = to_text,
                          .user = &out};
    if (m->bytes) add_bytes(&options);
    cr_assert_eq(nnc_compile(&options), 0, "%s.nn for %s: %s", program, m->name, text_c(&out));
    return text_c(&out);
}

/* ---- figures ---------------------------------------------------------------------------------- */

static const char *const counted[] = {"loop", "ld", "ldstride", "ldgather", "prefetch", "st", "ststride", "fma", "fmul", "if", "call"};
enum { COUNTED = sizeof counted / sizeof *counted };

typedef struct Group { /* functions whose names begin alike */
    const char *name;
    int n_name, functions, lines, times[COUNTED];
    Text digests;
} Group;

/* "net__fit0" of "net__fit0_k03_dot", "net__fit0" of "net__fit0_driver", "net_core" of the functions of the C interface. */
static int length_of_group(const char *name)
{
    int n = (int)strcspn(name, "(");
    for (int i = 0; i < n; i++) {
        if (name[i] == '_' && name[i + 1] == 'k' && isdigit((unsigned char)name[i + 2])) return i;
        if (strncmp(name + i, "_core_", 6) == 0) return i + 5;
    }
    while (n > 0 && name[n] != '_')
        n--;
    return n ? n : (int)strcspn(name, "(");
}

static void count_line(Group *g, const char *line, size_t n)
{
    const char *op = line + strspn(line, " "), *equals = memmem(line, n, " = ", 3);
    if (*op == '%' && equals) op = equals + 3;
    for (int i = 0; i < COUNTED; i++) {
        size_t length = strlen(counted[i]);
        g->times[i] += strncmp(op, counted[i], length) == 0 && op[length] == ' ';
    }
    g->lines++;
}

/* Of a function's text, which ends behind its "}"; how long it is. */
static size_t add_function(Group *g, const char *text)
{
    uint32_t digest = 2166136261u;
    const char *c = text;
    for (bool inside = true; inside; c++) {
        size_t n = strcspn(c, "\n");
        inside = *c != '}';
        for (size_t i = 0; i < n; i++)
            digest = (digest ^ (unsigned char)c[i]) * 16777619u;
        if (c != text && inside) count_line(g, c, n);
        c += n;
    }
    g->functions++;
    text_add(&g->digests, " %05x", (digest ^ digest >> 20) & 0xfffff);
    return (size_t)(c - text);
}

static void end_group(Text *out, const Group *g, const char *machine)
{
    if (!g->functions) return;
    text_add(out, "%s %.*s: %d functions, %d lines", machine, g->n_name, g->name, g->functions, g->lines);
    for (int i = 0; i < COUNTED; i++)
        if (g->times[i]) text_add(out, ", %d %s", g->times[i], counted[i]);
    text_add(out, ":%s\n", text_c((Text *)(uintptr_t)&g->digests));
}

static void add_figures(Arena *arena, Text *out, const char *machine, const char *loops)
{
    Group g = {0};
    while (*loops) {
        const char *name = loops;
        if (strncmp(name, "export ", 7) == 0) name += 7;
        cr_assert_eq(strncmp(name, "fn ", 3), 0, "%.40s", loops);
        name += 3;
        int n = length_of_group(name);
        if (!g.name || n != g.n_name || strncmp(name, g.name, (size_t)n) != 0) {
            end_group(out, &g, machine);
            g = (Group){.name = name, .n_name = n, .digests = {.arena = arena}};
        }
        loops += add_function(&g, loops);
    }
    end_group(out, &g, machine);
}

static const char *figures(Arena *arena)
{
    Text out = {.arena = arena};
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        for (const Machine *const *m = programs[i].machine; *m; m++) {
            Arena own = {0};
            add_figures(&own, &out, (*m)->name, loops_of(&own, programs[i].program, *m));
            arena_free(&own);
        }
    return text_c(&out);
}

Test(golden_code, of_every_machine)
{
    static const char expected[] = FOLDER "code/expected.txt";
    Arena arena = {0};
    size_t n = 0;
    const char *text = figures(&arena), *is = text;
    if (getenv("NNC_UPDATE")) {
        FILE *f = fopen(expected, "wb");
        cr_assert(f && fwrite(text, 1, strlen(text), f) == strlen(text) && fclose(f) == 0, "%s", expected);
    }
    const char *was = read_whole(NULL, expected, &n, &arena, NULL), *end = was + n;
    cr_assert(was, "%s cannot be read", expected);
    for (int line = 1; was < end && *is; line++) {
        size_t a = strcspn(was, "\n"), b = strcspn(is, "\n");
        cr_assert(a == b && strncmp(was, is, a) == 0,
                  "%s:%d: it was\n%.*s\nand is\n%.*s\nIf it should be: NNC_UPDATE=1 tests/test_golden_code", expected, line, (int)a, was,
                  (int)b, is);
        was += a + 1, is += b + 1;
    }
    cr_expect(was == end && !*is, "%s has other lines at its end", expected);
    arena_free(&arena);
}
