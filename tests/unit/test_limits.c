/* links: nnc_sema nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_limits.c: how many there can be of what a program is made of: so many, and what is said of one more. */
#include <criterion/criterion.h>

#include "sema_help.h"

enum { OVER = 100 }; /* limits of whole programs are divided by this (SemaOptions.limits_over) */

/* The first message of a program; "" if there is none. */
static const char *said(Arena *arena, const char *text)
{
    Checked c;
    const char *first = "";
    check_under(&c, "prog.nn", text, strlen(text), (SemaOptions){.read_file = read_whole, .limits_over = OVER});
    for (uint32_t i = 0; i < c.diags.list.n && !*first; i++)
        if (!c.diags.list.at[i]->warning) first = arena_print(arena, "%s", c.diags.list.at[i]->text);
    arena_free(&c.arena);
    return first;
}

/* A program has `head`, n times `each`, `middle`, n times `close` and `tail`. In each of them %d is a number: 0, 1, 2 ... of those that
 * are repeated, n of the others. */
typedef struct Limit {
    const char *head, *each, *middle, *close, *tail;
    int most;          /* so often `each` is allowed */
    const char *words; /* of one more */
} Limit;

static void add(Text *t, const char *text, int n)
{
    for (const char *mark; (mark = strstr(text, "%d")); text = mark + 2)
        text_add(t, "%.*s%d", (int)(mark - text), text, n);
    text_add(t, "%s", text);
}

static void check(const Limit *limit, int n, const char *words)
{
    Arena arena = {0};
    Text t = {.arena = &arena};
    add(&t, limit->head, n);
    for (int i = 0; i < n; i++)
        add(&t, limit->each, i);
    add(&t, limit->middle, n);
    for (int i = 0; i < n; i++)
        add(&t, limit->close, i);
    add(&t, limit->tail, n);
    const char *found = said(&arena, text_c(&t));
    cr_expect_str_eq(found, words, "%d times %s: %s", n, limit->each, found);
    arena_free(&arena);
}

static const Limit limits[] = {
    {"data d {\n", "y%d: float = csv(\"a\", column=0)\n", "}\n", "", "", 256, "a data block has at most 256 fields"},
    {"data d {\nx: float = 0.0", " + csv(\"a\", column=%d)", "\n}\n", "", "", 4, "one field has at most 4 readers"},
    {"data d {\nx: float = csv(\"a\", column=0)\nsplit(z=0.5", ", p%d=0.001", ")\n}\n", "", "", 63, "more than 64 parts of a data block"},
    {"fn f(x: float) -> float { return x }\nmodel m = chain(f", ", f", ")\n", "", "", 9999,
     "a chain of 10001 items; at most 10000 are possible"},
    {"fn f(x: float) -> float {\n", "y%d = 0\n", "return x\n}\n", "", "", 19999, "more than 20000 names in one function"},
    {"layer L(n: int) {\n", "v%d = 0\n", "}\nmodel m = L(1)\n", "", "", 9999, "more than 10000 members in one layer"},
    {"layer L {\n", "v%d = 0\n", "fn forward(x: float) -> float { return x }\n}\n", "", "", 9999, "more than 10000 members in one layer"},
    {"export fn f(x: float) -> float {\nl = x * x\na", ", a%d", " = grad(l, wrt=[x", ", x", "])\nreturn a\n}\n", 15,
     "grad takes at most 16 values of wrt"},
    {"train t(steps=1) {\nx = mean(randn(3))\nreport a=x", ", a%d=x", "\n}\n", "", "", 55, "`t` has more than 56 reports"},
    {"export fn f(x: float) -> float {\nreturn x", " + x", "\n}\n", "", "", 799, "calls and expressions are nested too deeply"},
    {"export fn f(x: float", ", a%d: float", ") -> float { return x }\n", "", "", 54,
     "`f` has 57 arguments and results, but at most 56 are possible"},
    {"export fn f[A", ", A%d", "](x: float[A]", ", x%d: float[A%d]", ") -> float { return sum(x) }\n", 15,
     "`f` has 17 sizes, but at most 16 are possible"},
    {"layer L { param w: float = 1\nfn forward(x: float) -> float { return x * w } }\nmodel m = chain(", "L(), ", "L())\n", "", "", 999,
     "more than 1000 layers"},
    {"fn f(x: float) -> float { return x }\nexport fn g(x: float) -> float {\n", "x = f(x)\n", "return x\n}\n", "", "", 2000,
     "the program grows too large: more than 2000 calls"},
    {"export fn g(x: float) -> float {\n", "x = x + x\n", "return x\n}\n", "", "", 19998,
     "the program grows too large here: more than 20000 operations"},
    {"export fn g(x: float) -> float {\nfor i in 0..%d { x = x }\n", "", "return x\n}\n", "", "", 1000,
     "the compile-time loops have more than 1000 turns together"},
};

Test(limits, one_more_is_too_many)
{
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        check(&limits[i], limits[i].most, "");
        check(&limits[i], limits[i].most + 1, limits[i].words);
    }
}

/* Far too many are not looked at one by one. */
Test(limits, many_more)
{
    static const Limit arguments = {"export fn f(x: float", ", a%d: float", ") -> float { return unknown }\n", "", "", 0, ""},
                       sizes = {"export fn f[A", ", A%d", "](x: float[A]", ", x%d: float[A%d]", ") -> float { return unknown }\n", 0, ""},
                       train = {"train t[A", ", A%d", "](steps=1) { report x=unknown }\n", "", "", 0, ""};
    check(&arguments, 71, "unknown name `unknown`");
    check(&arguments, 72, "`f` has 73 arguments, but at most 56 are possible");
    check(&sizes, 63, "unknown name `unknown`");
    check(&sizes, 64, "`f` has 65 sizes, but at most 16 are possible");
    check(&train, 64, "`t` has 65 sizes, but at most 16 are possible");
}

/* Functions that call each other, the innermost first. */
Test(limits, calls_inside_calls)
{
    for (int n = 121; n <= 122; n++) {
        Arena arena = {0};
        Text t = {.arena = &arena};
        text_add(&t, "fn g0(x: float) -> float { return x }\n");
        for (int i = 1; i < n; i++)
            text_add(&t, "fn g%d(x: float) -> float { return g%d(x) }\n", i, i - 1);
        text_add(&t, "export fn f(x: float) -> float { return g%d(x) }\n", n - 1);
        cr_expect_str_eq(said(&arena, text_c(&t)), n == 121 ? "" : "calls are nested more than 120 deep here");
        arena_free(&arena);
    }
}

/* One character, for each: may it stand between cells? */
Test(limits, separators)
{
    static const char good[] = "\t !#$%&'()*,/:;<=>?@[]^_`{|}~";
    for (int c = 1; c < 127; c++) {
        if (c < ' ' && c != '\t') continue;
        if (c == '"' || c == '\\') continue; /* written in another way in a text */
        Arena arena = {0};
        const char *text = arena_print(&arena, "data d {\nx: float = csv(\"a\", column=0, sep=\"%s\")\n}\n",
                                       c == '\t' ? "\\t" : arena_print(&arena, "%c", c));
        const char *refused = arena_print(&arena, "`sep` of csv is one character between cells, like \";\" or \"\\t\", not \"%c\"", c);
        cr_expect_str_eq(said(&arena, text), strchr(good, c) ? "" : refused, "%c", c);
        arena_free(&arena);
    }
}

/* An argument that takes whole numbers from `least` to `most`; %s stands for the number. */
static const struct Bounds {
    const char *field;
    long long least, most;
} bounds[] = {
    {"x: float = csv(\"a\", column=%s)", 0, 1 << 30},
    {"x: float[2] = csv(\"a\", columns=[1, %s])", 0, 1 << 30},
    {"x: float[1, 1] = csv(\"a\", columns=[0], window=%s)", 1, 1},
    {"x: float[1] = npy(\"a\", window=1, stride=%s)", 1, 1 << 30},
    {"x: float[1] = csv(\"a\", column=0, window=1, stride=%s)", 1, 1 << 30},
    {"x: int<256>[1] = bytes(\"a\", stride=%s)", 1, INT64_MAX},
    {"x: float = raw(\"a\", stride=%s)", 1, INT64_MAX},
    {"x: float = raw(\"a\", offset=%s)", 0, INT64_MAX},
    {"x: int<256>[1] = lines(\"a\", bytes=true, max=%s)", 1, 1 << 30},
    {"x: float[1] = wav_dir(\"a\", rate=%s)", 1, 1 << 30},
    {"x: float[1, 1, 3] = image_dir(\"a\", resize=[1, %s])", 1, 1 << 20},
    {"x: float = sum(npy(\"a\", shape=[%s]))", 1, 1 << 30},
    {"x: float = csv(\"a\", column=0, fill=%s)", INT64_MIN + 1, INT64_MAX},
    {"x: float = npy(\"a\")\nsplit(train=0.5, test=0.5, seed=%s)", INT64_MIN + 1, INT64_MAX},
    {"x: float = npy(\"a\")\nsplit(folds=%s, fold=0)", 2, 1 << 30},
    {"x: float = npy(\"a\")\nsplit(folds=5, fold=%s)", 0, 4},
    {"x: float = npy(\"a\")\nsplit(test=every(%s))", 1, INT64_MAX},
};

static bool is_taken(const char *field, long long n)
{
    Arena arena = {0};
    const char *number = arena_print(&arena, "%lld", n), *mark = strstr(field, "%s");
    const char *text = arena_print(&arena, "data d {\n%.*s%s%s\n}\n", (int)(mark - field), field, number, mark + 2);
    bool taken = !*said(&arena, text);
    arena_free(&arena);
    return taken;
}

Test(limits, numbers_of_readers)
{
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        const struct Bounds *b = &bounds[i];
        cr_expect(is_taken(b->field, b->least), "%s: %lld", b->field, b->least);
        cr_expect(is_taken(b->field, b->most), "%s: %lld", b->field, b->most);
        if (b->least > INT64_MIN + 1) cr_expect(!is_taken(b->field, b->least - 1), "%s: %lld", b->field, b->least - 1);
        if (b->most < INT64_MAX) cr_expect(!is_taken(b->field, b->most + 1), "%s: %lld", b->field, b->most + 1);
    }
}
