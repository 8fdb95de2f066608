/* links: nnc_lib nnc_emit nnc_sema nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_kernel_limits.c: at which size a program becomes other kernels.
 *
 * A rule with a limit (a row that is long, a value that is worth a buffer, a sum that is worth doing again) changes no result, and
 * programs of fixed sizes lie on one side of it. Here a size of a program goes from 1 up, and tests/plans/limits has the sizes at which
 * the kernels change in more than their numbers, each with a digest of them: a limit that moves by one, an estimate that counts
 * otherwise, or a rule that stops to apply shows there. Where that is meant: tools/record. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "nnc.h"
#include "recorded_line.h"

#define EXPECTED NNC_SOURCE_DIR "/tests/plans/limits"

/* ---- programs of a size ----------------------------------------------------------------------- */

typedef struct Family {
    const char *name;
    int most;            /* the largest size */
    const char *program; /* $: the size; {{...}}: so many times, # being the number of each from 1 */
    int small;           /* NncOptions */
    int memory;          /* so many bytes for each of the size are a limit; 0: there is none */
    bool kinds;          /* what kernels there are, not what is in them: their text grows with the size */
} Family;

static void add_piece(Text *out, const char *from, const char *end, int size, int number)
{
    for (; from < end; from++)
        if (*from == '$' || *from == '#')
            text_add(out, "%d", *from == '$' ? size : number);
        else
            text_bytes(out, from, 1);
}

static const char *program_of(Arena *arena, const Family *f, int size)
{
    Text out = {.arena = arena};
    const char *at = f->program;
    while (*at) {
        size_t n = strcspn(at, "{");
        add_piece(&out, at, at + n, size, 0);
        at += n;
        if (strncmp(at, "{{", 2) == 0) {
            const char *end = strstr(at, "}}");
            for (int i = 1; i <= size; i++)
                add_piece(&out, at + 2, end, size, i);
            at = end + 2;
        } else if (*at) {
            text_add(&out, "{");
            at++;
        }
    }
    return text_c(&out);
}

/* ---- their kernels ---------------------------------------------------------------------------- */

typedef struct Digest {
    uint32_t value;
    bool in_line, wanted, kinds;
    Text messages;
} Digest;

/* Of all but numbers. Of kinds alone: of the first line of each kernel. */
static void add_letter(Digest *d, char c)
{
    if (!d->in_line) d->wanted = !d->kinds || c == 'k';
    d->in_line = c != '\n';
    if (d->wanted && !isdigit((unsigned char)c)) d->value = (d->value ^ (uint8_t)c) * 16777619u;
}

static void take(void *user, NncStream stream, const char *text, size_t n)
{
    Digest *d = user;
    if (stream != NNC_OUT) text_bytes(&d->messages, text, n);
    for (size_t i = 0; stream == NNC_OUT && i < n; i++)
        add_letter(d, text[i]);
}

/* 20 bits; 0: it is not compiled, as with less memory than there has to be. */
static uint32_t digest_of(const Family *f, int size)
{
    Arena arena = {0};
    Digest d = {.value = 2166136261u, .kinds = f->kinds, .messages = {.arena = &arena}};
    const char *text = program_of(&arena, f, size);
    NncOptions options = {.mode = NNC_OBJECT,
                          .input = "limit.nn",
                          .text = text,
                          .n_text = strlen(text),
                          .target = "x86_64-linux-gnu",
                          .march = "x86-64-v3",
                          .small = f->small,
                          .memory = (long long)f->memory * size,
                          .dump = "kernel",
                          .stop_after = "kernel",
                          .write = take,
                          .user = &d};
    int status = nnc_compile(&options);
    cr_assert(status == 0 || (f->memory && status == 1), "%s of %d: %s%s", f->name, size, text_c(&d.messages), text);
    uint32_t digest = status ? 0 : (d.value ^ d.value >> 20) & 0xfffff;
    arena_free(&arena);
    return digest;
}

/* ---- where they change ------------------------------------------------------------------------ */

/* 1, 2 .. 8, 10, 12, 14, 16, 20 ...: two that follow each other and have the same kernels are taken to have the same in between. */
static int next_size(int size)
{
    int step = 1;
    while (size >= 8 * step)
        step *= 2;
    return size + step;
}

static void add_change(Text *out, int size, uint32_t digest)
{
    text_add(out, " %d:%05x", size, digest);
}

/* All changes behind `low`, up to `high`. */
static void add_between(Text *out, const Family *f, int low, uint32_t at_low, int high, uint32_t at_high)
{
    if (at_low == at_high) return;
    if (high == low + 1) {
        add_change(out, high, at_high);
        return;
    }
    int middle = low + (high - low) / 2;
    uint32_t at_middle = digest_of(f, middle);
    add_between(out, f, low, at_low, middle, at_middle);
    add_between(out, f, middle, at_middle, high, at_high);
}

static const char *changes_of(Arena *arena, const Family *f)
{
    Text out = {.arena = arena};
    uint32_t at_low = digest_of(f, 1);
    text_add(&out, "%s:", f->name);
    add_change(&out, 1, at_low);
    for (int low = 1, high; low < f->most; low = high) {
        high = next_size(low);
        uint32_t at_high = digest_of(f, high);
        add_between(&out, f, low, at_low, high, at_high);
        at_low = at_high;
    }
    cr_assert(at_low, "%s of %d is not compiled", f->name, f->most);
    text_add(&out, "\n");
    return text_c(&out);
}

/* ---- all of them ------------------------------------------------------------------------------ */

static void check_families(const Family *family, size_t n)
{
    const char *only = getenv("NNC_TEST_ONLY");
    for (size_t i = 0; i < n; i++) {
        Arena arena = {0};
        if (!only || strcmp(only, family[i].name) == 0)
            compare_line(EXPECTED, family[i].name, changes_of(&arena, &family[i]), "the kernels change at other sizes than before");
        arena_free(&arena);
    }
}
#define CHECK(families) check_families(families, sizeof(families) / sizeof *(families))

TestSuite(kernel_limits, .timeout = 300);

Test(kernel_limits, maps)
{
    static const Family families[] = {
        {.name = "map_of_elements", .most = 1 << 20, .program = "export fn e(x: float[$]) -> float[$] { return tanh(x) }"},
        {.name = "map_of_rows",
         .most = 1 << 14,
         .program = "export fn e(x: float[$, 48], y: float[$]) -> float[$, 48] { return x * exp(y)[:, _] }"},
        {.name = "spread_along_columns",
         .most = 1 << 12,
         .program = "export fn e(x: float[64, $], y: float[64]) -> float[64, $] { return x * sqrt(y)[:, _] }"},
        {.name = "cheap_spread",
         .most = 1 << 12,
         .program = "export fn e(x: float[$, 64], y: float[$]) -> float[$, 64] { return x * (y + 1)[:, _] }"},
        {.name = "two_readers",
         .most = 1 << 20,
         .program = "export fn e(x: float[$, 4]) -> (float[$], float[4]) { y = exp(x)\nreturn sum(y, axis=1), sum(y * x, axis=0) }"},
        {.name = "operations_read_twice",
         .most = 40,
         .program =
             "export fn e(x: float[50000, 4]) -> (float[50000], float[4]) { y = x{{ * x + #}}\nreturn sum(y, axis=1), sum(y, axis=0) }",
         .kinds = true},
        {.name = "operations_of_several",
         .most = 40,
         .program = "export fn e(x: float[50000, 4], z: float[50000, 4]) -> (float[50000], float[4]) {"
                    " y = x{{ * z + #}}\nreturn sum(y, axis=1), sum(y, axis=0) }",
         .kinds = true},
        {.name = "long_expression",
         .most = 400,
         .program = "export fn e(x: float[300]) -> float[300] { y = x {{\ny = y * x + #}}\nreturn y }",
         .kinds = true},
        {.name = "costly_expression",
         .most = 60,
         .program = "export fn e(x: float[300]) -> float[300] { y = x {{\ny = tanh(y + #)}}\nreturn y }",
         .kinds = true},
        {.name = "results",
         .most = 39,
         .program = "export fn e(x: float[300]) -> (float[300]{{, float[300]}}) { return x{{, x * #}} }",
         .kinds = true},
        {.name = "few_results",
         .most = 39,
         .program = "export fn e(x: float[3]) -> (float[3]{{, float[3]}}) { return x{{, x * #}} }",
         .kinds = true},
        {.name = "arguments",
         .most = 40,
         .program = "export fn e(x: float[300]{{, x#: float[300]}}) -> float[300] { return x{{ + x#}} }",
         .kinds = true},
        {.name = "concatenated",
         .most = 40,
         .program = "export fn e(x: float[300]) -> float[$ * 300 + 300] { return concat([x{{, x * #}}], axis=0) }",
         .kinds = true},
    };
    CHECK(families);
}

Test(kernel_limits, sums)
{
    static const Family families[] = {
        {.name = "sum_of_all", .most = 1 << 20, .program = "export fn e(x: float[$]) -> float { return sum(x) }"},
        {.name = "sum_of_rows", .most = 1 << 17, .program = "export fn e(x: float[4, $]) -> float[4] { return sum(x, axis=1) }"},
        {.name = "sum_of_many_rows",
         .most = 1 << 12,
         .program = "export fn e(x: float[300, $]) -> float[300] { return sum(exp(x), axis=1) }"},
        {.name = "sum_of_columns", .most = 1 << 17, .program = "export fn e(x: float[$, 8]) -> float[8] { return sum(x, axis=0) }"},
        {.name = "sum_to_columns", .most = 1 << 11, .program = "export fn e(x: float[40000, $]) -> float[$] { return sum(x, axis=0) }"},
        {.name = "softmax", .most = 1 << 16, .program = "export fn e(x: float[8, $]) -> float[8, $] { return softmax(x, axis=1) }"},
        {.name = "softmax_of_rows",
         .most = 1 << 12,
         .program = "export fn e(x: float[$, 100]) -> float[$, 100] { return softmax(x, axis=1) }"},
        {.name = "normalised",
         .most = 1 << 16,
         .program = "export fn e(x: float[16, $]) -> float[16, $] { return (x - mean(x, axis=1, keep=true)) * rsqrt(var(x, axis=1, "
                    "keep=true, correction=0) + 1) }"},
        {.name = "sums_of_a_row",
         .most = 40,
         .program = "export fn e(x: float[64, 100]) -> (float[64]{{, float[64]}}) { return sum(x, axis=1){{, sum(x ** #.5, axis=1)}} }",
         .kinds = true},
        {.name = "statistics",
         .most = 1 << 14,
         .program = "export fn e(x: float[$, 16]) -> (float[16], float[16]) { return mean(x, axis=0), var(x, axis=0, correction=0) }"},
        {.name = "largest", .most = 1 << 17, .program = "export fn e(x: float[4, $]) -> int<$>[4] { return argmax(x, axis=1) }"},
        {.name = "gathered",
         .most = 1 << 14,
         .program = "export fn e(x: float[$, 20], i: int<$>[30]) -> float[30] { return sum(take(x, i), axis=1) }"},
        {.name = "scattered",
         .most = 1 << 14,
         .program = "export fn e(x: float[$, 20], i: int<7>[$]) -> float[7, 20] { return scatter_add(i, x * 2, 7) }"},
        {.name = "scattered_rows",
         .most = 1 << 14,
         .program = "export fn e(x: float[50, 20], i: int<$>[50]) -> float[$, 20] { return scatter_add(i, x * 2, $) }"},
    };
    CHECK(families);
}

Test(kernel_limits, contractions)
{
    static const Family families[] = {
        {.name = "product_of_rows",
         .most = 1 << 11,
         .program = "export fn e(x: float[$, 64], y: float[64, 48]) -> float[$, 48] { return relu(x @ y) }"},
        {.name = "product_to_columns",
         .most = 1 << 11,
         .program = "export fn e(x: float[48, 64], y: float[64, $]) -> float[48, $] { return x @ y + 1 }"},
        {.name = "product_of_terms",
         .most = 1 << 13,
         .program = "export fn e(x: float[48, $], y: float[$, 40]) -> float[48, 40] { return x @ y }"},
        {.name = "turned_product",
         .most = 1 << 11,
         .program = "export fn e(x: float[$, 64], y: float[48, 64]) -> float[$, 48] { return einsum(\"m k, n k -> m n\", x, y) }"},
        {.name = "outer_product",
         .most = 1 << 11,
         .program = "export fn e(x: float[64, $], y: float[64, 9]) -> float[$, 9] { return einsum(\"k m, k n -> m n\", x, y) }"},
        {.name = "product_with_a_vector",
         .most = 1 << 13,
         .program = "export fn e(x: float[$, 64], y: float[64]) -> float[$] { return x @ y }"},
        {.name = "product_and_softmax",
         .most = 1 << 11,
         .program = "export fn e(x: float[32, 64], y: float[64, $]) -> float[32, $] { return softmax(x @ y, axis=1) }"},
        {.name = "behind_a_product",
         .most = 90,
         .program = "export fn e(x: float[32, 64], y: float[64, 32]) -> float[32, 32] { z = x @ y {{\nz = z * x[:, :32] + #}}\nreturn z }",
         .kinds = true},
        {.name = "products_of_one",
         .most = 24,
         .program =
             "export fn e(x: float[32, 64], y: float[64, 32]) -> (float[32, 32]{{, float[32, 32]}}) { return x @ y{{, x @ (y * #)}} }",
         .kinds = true},
    };
    CHECK(families);
}

Test(kernel_limits, convolutions)
{
    static const Family families[] = {
        {.name = "channels_read",
         .most = 160,
         .program = "export fn e(x: float[4, 12, 12, $], w: float[3, 3, $, 8]) -> float[4, 12, 12, 8] { return conv2d(x, w, pad=1) }"},
        {.name = "channels_made",
         .most = 160,
         .program = "export fn e(x: float[4, 12, 12, 8], w: float[3, 3, 8, $]) -> float[4, 12, 12, $] { return conv2d(x, w, pad=1) }"},
        {.name = "channels_each",
         .most = 160,
         .program =
             "export fn e(x: float[4, 12, 12, $], w: float[3, 3, 1, $]) -> float[4, 12, 12, $] { return conv2d(x, w, pad=1, groups=$) }"},
        {.name = "size_of_pictures",
         .most = 60,
         .program = "export fn e(x: float[4, $, $, 8], w: float[3, 3, 8, 16]) -> float[4, $, $, 16] { return relu(conv2d(x, w, pad=1)) }"},
        {.name = "size_of_windows",
         .most = 12,
         .program = "export fn e(x: float[4, 24, 24, 8], w: float[$, $, 8, 16]) -> float[4, 25 - $, 25 - $, 16] { return conv2d(x, w) }"},
        {.name = "margins",
         .most = 10,
         .program = "export fn e(x: float[4, 24, 24, 8], w: float[1, 1, 8, 16]) -> float[4, 24 + 2 * $, 24 + 2 * $, 16] { return "
                    "conv2d(tanh(x), w, pad=$) }"},
        {.name = "gradient_of_taps",
         .most = 160,
         .program = "export fn e(x: float[4, 12, 12, 3], w: float[3, 3, 3, $], y: float[4, 12, 12, $]) -> float[3, 3, 3, $] {"
                    " return grad(sum(conv2d(x, w, pad=1) * y), wrt=w) }"},
        {.name = "gradient_of_channels",
         .most = 160,
         .program = "export fn e(x: float[4, 12, 12, $], w: float[3, 3, $, 6], y: float[4, 12, 12, 6]) -> float[4, 12, 12, $] {"
                    " return grad(sum(conv2d(x, w, pad=1) * y), wrt=x) }"},
    };
    CHECK(families);
}

#define WIDENED(layer, result) \
    "layer Up { layer up = " layer "\nfn forward[B](x: float[B, 9, 9, 12]) -> float[B, " result "] { return up(x) } }\nmodel m = Up()\n" \
    "train t[B](batch=8, steps=1) { x = randn(B, 9, 9, 12)\nminimize sum(m(tanh(x)) ** 2) over m using sgd() }"

Test(kernel_limits, widened)
{
    static const Family families[] = {
        {.name = "widened_by_windows", .most = 9, .program = WIDENED("ConvT2d(12, 5, kernel=$)", "8 + $, 8 + $, 5")},
        {.name = "widened_by_two", .most = 8, .program = WIDENED("ConvT2d(12, 5, kernel=$ + 1, stride=2)", "17 + $, 17 + $, 5")},
        {.name = "widened_by_steps", .most = 6, .program = WIDENED("ConvT2d(12, 5, kernel=6, stride=$)", "8 * $ + 6, 8 * $ + 6, 5")},
        {.name = "widened_to_channels", .most = 96, .program = WIDENED("ConvT2d(12, $, kernel=4, stride=2, pad=1)", "18, 18, $")},
    };
    CHECK(families);
}

#define ATTENTION(T, E) \
    "(q: float[2, 4, " T ", " E "], k: float[2, 4, " T ", " E "], v: float[2, 4, " T ", " E "]) -> float[2, 4, " T ", " E "] {\n" \
    "s = einsum(\"b h t e, b h s e -> b h t s\", q, k)\n"
#define ATTENDED "return einsum(\"b h t s, b h s e -> b h t e\", softmax(s, axis=3), v) }"

Test(kernel_limits, attention)
{
    static const Family families[] = {
        {.name = "attention_to", .most = 1 << 11, .program = "export fn e" ATTENTION("$", "16") ATTENDED},
        {.name = "attention_by", .most = 1 << 10, .program = "export fn e" ATTENTION("64", "$") ATTENDED},
        {.name = "attention_to_those_before",
         .most = 1 << 11,
         .program = "export fn e" ATTENTION("$", "16") "s = where(range($)[:, _] >= range($), s, -1e30)\n" ATTENDED},
        {.name = "attention_to_neighbours",
         .most = 200,
         .program =
             "export fn e" ATTENTION("200", "16") "n = range(200)\ns = where(n[:, _] >= n and n[:, _] < n + $, s, -1e30)\n" ATTENDED},
        {.name = "attention_is_trained",
         .most = 300,
         .program = "train t[B](batch=4, steps=1) { x = randn(B, $, 32)\nminimize sum(m(x, x) ** 2) over m using sgd() }\n"
                    "model m = MultiHeadAttention(32, 4)"},
    };
    CHECK(families);
}

#define RECURRENT(n, hidden) \
    "layer Net { layer cell = GRU(8, " hidden ")\nlayer out = Dense(" hidden ", 4)\n" \
    "fn forward[B](x: float[B, 6, 8]) -> float[B, 6, 4] { y, _ = cell(x)\nreturn out(y) } }\nmodel m = Net()\n" \
    "export fn e(x: float[" n ", 6, 8]) -> float[" n ", 6, 4] { return m(x) }\n"

Test(kernel_limits, scans)
{
    static const Family families[] = {
        {.name = "rows_of_a_scan", .most = 300, .program = RECURRENT("$", "32")},
        {.name = "width_of_a_scan", .most = 900, .program = RECURRENT("24", "$")},
        {.name = "steps_of_a_scan",
         .most = 100,
         .program = "export fn e(x: float[40, $, 8], w: float[8, 8]) -> float[40, 8] {\n"
                    "scan xt in x along 1 with h = zeros(40, 8) { h = tanh(xt + h @ w) }\nreturn h }"},
        {.name = "maps_in_a_scan",
         .most = 4000,
         .program = "export fn e(x: float[9, $]) -> float[$] {\nscan xt in x along 0 with h = zeros($) { h = tanh(xt + h) }\nreturn h }"},
        {.name = "scan_is_trained",
         .most = 300,
         .program =
             RECURRENT("24", "$") "train t[B](batch=16, steps=1) { x = randn(B, 6, 8)\nminimize sum(m(x) ** 2) over m using sgd() }"},
    };
    CHECK(families);
}

#define DENSE(hidden) \
    "layer Net { layer a = Dense(24, " hidden ")\nlayer b = Dense(" hidden ", 6)\n" \
    "fn forward[B](x: float[B, 24]) -> float[B, 6] { return b(gelu(a(x))) } }\nmodel m = Net()\n"
#define TRAINED(batch, optimizer) \
    "train t[B](batch=" batch ", steps=1) { x = randn(B, 24)\nminimize mse(m(x), x[:, :6]) over m using " optimizer " }"

Test(kernel_limits, training)
{
    static const Family families[] = {
        {.name = "width_of_a_step", .most = 1 << 13, .program = DENSE("$") TRAINED("32", "adam()")},
        {.name = "width_of_small_steps", .most = 1 << 10, .program = DENSE("$") TRAINED("32", "sgd()"), .small = 1},
        {.name = "width_and_norm", .most = 1 << 13, .program = DENSE("$") TRAINED("32", "sgd(clip=1)")},
        {.name = "batch_of_a_step", .most = 1 << 13, .program = DENSE("64") TRAINED("$", "adam()")},
        {.name = "depth_of_a_step",
         .most = 24,
         .program = "layer Net { {{layer a# = Dense(24, 24)\n}}fn forward[B](x: float[B, 24]) -> float[B, 24] { h = x {{\nh = "
                    "relu(a#(h))}}\nreturn h } }\n"
                    "model m = Net()\ntrain t[B](batch=32, steps=1) { x = randn(B, 24)\nminimize mse(m(x), x) over m using sgd() }",
         .kinds = true},
        {.name = "embedded",
         .most = 1 << 13,
         .program = "model m = Embedding($, 16)\ntrain t[B](batch=32, steps=1) { x = randint($, B, 5)\nminimize sum(m(x) ** 2) over m "
                    "using sgd() }"},
        {.name = "normalised_step",
         .most = 300,
         .program = "layer Net { layer a = Conv2d(3, $, kernel=3, pad=1)\nlayer n = BatchNorm($)\n"
                    "fn forward[B](x: float[B, 8, 8, 3]) -> float[B, 8, 8, $] { return relu(n(a(x))) } }\nmodel m = Net()\n"
                    "train t[B](batch=8, steps=1) { x = randn(B, 8, 8, 3)\nminimize sum(m(x) ** 2) over m using sgd() }"},
        {.name = "list_that_grows",
         .most = 8,
         .program = "import \"std/vision.nn\" as vision\nlayer Net { layer b = vision.DenseBlock(8, 4, $)\nfn forward[B](x: float[B, 8, 8, "
                    "8]) -> float[B, 8, 8, 8 + 4 * $] { return "
                    "b(x) } }\n"
                    "model m = Net()\ntrain t[B](batch=8, steps=1) { x = randn(B, 8, 8, 8)\nminimize sum(m(x) ** 2) over m using sgd() }",
         .kinds = true},
    };
    CHECK(families);
}

Test(kernel_limits, memory)
{
    static const Family families[] = {
        {.name = "memory_of_a_row", .most = 600, .program = DENSE("64") TRAINED("32", "adam()"), .memory = 512},
        {.name = "memory_of_pictures",
         .most = 4000,
         .program = "layer Net { layer a = Conv2d(3, 8, kernel=3, pad=1)\nlayer b = Conv2d(8, 8, kernel=3, pad=1)\nlayer c = Conv2d(8, 3, "
                    "kernel=3, pad=1)\n"
                    "fn forward[B](x: float[B, 12, 12, 3]) -> float[B, 12, 12, 3] { return c(silu(b(silu(a(x))))) } }\nmodel m = Net()\n"
                    "train t[B](batch=8, steps=1) { x = randn(B, 12, 12, 3)\nminimize mse(m(x), x) over m using sgd() }",
         .memory = 512},
        {.name = "memory_of_words",
         .most = 250,
         .program = "import \"std/sequence.nn\" as s\nlayer Net { layer a = s.EncoderBlock(16, 2)\nlayer b = s.EncoderBlock(16, 2)\n"
                    "fn forward[B](x: float[B, 12, 16]) -> float[B, 12, 16] { return b(a(x)) } }\nmodel m = Net()\n"
                    "train t[B](batch=8, steps=1) { x = randn(B, 12, 16)\nminimize mse(m(x), x) over m using sgd() }",
         .memory = 8192},
    };
    CHECK(families);
}
