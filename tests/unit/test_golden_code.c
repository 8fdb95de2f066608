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
                     wasm = {.name = "wasm", .target = "wasm32"}, wasm_small = {.name = "wasm small", .target = "wasm32", .small = 1},
                     b_v3 = {.name = "v3 int8", .march = "x86-64-v3", .bytes = true},
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
    {"code/small", {&v3, &m4, &m0, &wasm_small}},
    {"code/bytes", {&b_v3, &b_v4, &b_vnni, &b_arm, &b_m4}},
    {"plans", {&v3, &v4, &tiles, &m4}},
    {"kernels", {&levels, &m4}},
    {"values", {&v3, &m0}},
    {"steps", {&v4, &a72}},
    {"borders", {&v3, &m4}},
    {"rare", {&levels}},
};

typedef struct Said {
    Text out, messages;
} Said;

static void to_text(void *user, NncStream stream, const char *text, size_t n)
{
    Said *said = user;
    text_bytes(stream == NNC_OUT ? &said->out : &said->messages, text, n);
}

/* text: of the program; NULL: it is a file. */
static const char *loops_of(Arena *arena, const char *program, const char *text, const Machine *m)
{
    Said said = {{.arena = arena}, {.arena = arena}};
    NncOptions options = {.mode = m->target && strcmp(m->target, "wasm32") == 0 ? NNC_MODULE : NNC_OBJECT,
                          .input = arena_print(arena, FOLDER "%s.nn", program),
                          .text = text,
                          .n_text = text ? strlen(text) : 0,
                          .target = m->target ? m->target : "x86_64-linux-gnu",
                          .march = m->march ? m->march : "generic",
                          .floats = m->floats,
                          .strict_fp = m->strict,
                          .small = m->small,
                          .dump = "loop",
                          .stop_after = "loop",
                          .write = to_text,
                          .user = &said};
    if (m->bytes) add_bytes(&options);
    cr_assert_eq(nnc_compile(&options), 0, "%s.nn for %s: %s", program, m->name, text_c(&said.messages));
    return text_c(&said.out);
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

/* The end of a function's text, behind its "}". */
static const char *end_of_function(const char *text)
{
    while (*text != '}')
        text += strcspn(text, "\n") + 1;
    return text + strcspn(text, "\n") + 1;
}

static uint32_t digest_of(const char *text, const char *end)
{
    uint32_t digest = 2166136261u;
    for (; text < end; text++)
        digest = (digest ^ (unsigned char)*text) * 16777619u;
    return (digest ^ digest >> 20) & 0xfffff;
}

/* Of a function's text; its end. */
static const char *add_function(Group *g, const char *text)
{
    const char *end = end_of_function(text);
    for (const char *line = text + strcspn(text, "\n") + 1; *line != '}'; line += strcspn(line, "\n") + 1)
        count_line(g, line, strcspn(line, "\n"));
    g->functions++;
    text_add(&g->digests, " %05x", digest_of(text, end));
    return end;
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
        loops = add_function(&g, loops);
    }
    end_group(out, &g, machine);
}

static const char *figures(Arena *arena)
{
    Text out = {.arena = arena};
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        for (const Machine *const *m = programs[i].machine; *m; m++) {
            Arena own = {0};
            add_figures(&own, &out, (*m)->name, loops_of(&own, programs[i].program, NULL, *m));
            arena_free(&own);
        }
    return text_c(&out);
}

static void compare(const char *expected, const char *is)
{
    Arena arena = {0};
    size_t n = 0;
    if (getenv("NNC_UPDATE")) {
        FILE *f = fopen(expected, "wb");
        cr_assert(f && fwrite(is, 1, strlen(is), f) == strlen(is) && fclose(f) == 0, "%s", expected);
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

Test(golden_code, of_every_machine)
{
    Arena arena = {0};
    compare(FOLDER "code/expected.txt", figures(&arena));
    arena_free(&arena);
}

/* ---- sizes ------------------------------------------------------------------------------------ */

/* At and beside the limits of rules (tiles, blocks, segments, rows without a loop), in all forms of operands. */
static const int rows_of[] = {1, 2, 3, 4, 5, 6, 8, 12, 13, 14, 15, 24, 25, 96, 97, 192, 193},
                 columns_of[] = {1, 3, 8, 9, 16, 17, 32, 33, 64, 65, 96, 97, 128, 192, 193, 4096, 4097},
                 terms_of[] = {1, 8, 9, 48, 49, 64, 65, 512, 513, 1024, 1025, 2000};
enum {
    ROWS = sizeof rows_of / sizeof *rows_of,
    COLUMNS = sizeof columns_of / sizeof *columns_of,
    TERMS = sizeof terms_of / sizeof *terms_of
};

static const struct {
    const char *name, *operands; /* M, N, K stand for sizes */
    const Machine *machine;
} forms[] = {
    {"plain", "x: float[%1$d, %3$d], y: float[%3$d, %2$d]) -> float[%1$d, %2$d] { return einsum(\"m k, k n -> m n\", x, y) }", &v3},
    {"plain", "x: float[%1$d, %3$d], y: float[%3$d, %2$d]) -> float[%1$d, %2$d] { return einsum(\"m k, k n -> m n\", x, y) }", &v4},
    {"across", "x: float[%3$d, %1$d], y: float[%3$d, %2$d]) -> float[%1$d, %2$d] { return einsum(\"k m, k n -> m n\", x, y) }", &v4},
    {"turned", "x: float[%1$d, %3$d], y: float[%2$d, %3$d]) -> float[%1$d, %2$d] { return einsum(\"m k, n k -> m n\", x, y) }", &v3},
    {"plain", "x: float[%1$d, %3$d], y: float[%3$d, %2$d]) -> float[%1$d, %2$d] { return einsum(\"m k, k n -> m n\", x, y) }", &tiles},
    {"rows",
     "x: float[%1$d, %2$d]) -> (float[%1$d, %2$d], float[%1$d], float[%2$d]) { return softmax(x, axis=1), sum(x, axis=1), max(x, axis=0) }",
     &v3},
};

static const char *limits(Arena *arena)
{
    Text out = {.arena = arena};
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        Arena own = {0};
        Text program = {.arena = &own};
        for (int i = 0; i < ROWS * COLUMNS; i++) {
            int m = rows_of[i / COLUMNS], n = columns_of[i % COLUMNS], k = terms_of[(i * 5 + (int)f) % TERMS];
            if (i % 2 != (int)f % 2) continue;
            text_add(&program, "export fn e%d_%d_%dx(", m, n, k);
            text_add(&program, forms[f].operands, m, n, k);
            text_add(&program, "\n");
        }
        const char *loops = loops_of(&own, "limits", text_c(&program), forms[f].machine), *end;
        text_add(&out, "==== %s, %s", forms[f].name, forms[f].machine->name);
        for (int last = 0; *loops; loops = end) {
            int m, n, k, kernel;
            end = end_of_function(loops);
            if (sscanf(loops, "fn limits__e%d_%d_%dx0_k%d", &m, &n, &k, &kernel) != 4) continue;
            if (m != last) text_add(&out, "\n%d rows:", m);
            text_add(&out, " %dx%d:%05x", n, k, digest_of(loops, end));
            last = m;
        }
        text_add(&out, "\n");
        arena_free(&own);
    }
    return text_c(&out);
}

Test(golden_code, of_sizes)
{
    Arena arena = {0};
    compare(FOLDER "code/limits.txt", limits(&arena));
    arena_free(&arena);
}
