/* links: nnc_syntax nnc_support */
/* SPDX-License-Identifier: MIT
 * test_syntax.c: lexer, parser, recovery, messages, printer, formatter; mutations of a program. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "syntax/describe.h"
#include "syntax/format.h"
#include "syntax/parse.h"

typedef struct Run {
    Arena arena;
    Strings strings;
    Sources sources;
    Diags diags;
    uint32_t file;
    Ast *ast;
} Run;

static void start(Run *r, const char *text, size_t n)
{
    *r = (Run){0};
    strings_init(&r->strings, &r->arena);
    r->sources.arena = r->diags.arena = &r->arena;
    r->diags.sources = &r->sources;
    r->file = source_add(&r->sources, "t.nn", text, n, false);
}

static void parse(Run *r, const char *text)
{
    start(r, text, strlen(text));
    r->ast = parse_file(&r->arena, &r->strings, &r->diags, &r->sources, r->file);
}

static const char *messages(Run *r)
{
    Text out = {.arena = &r->arena};
    diag_render(&r->diags, &out, false);
    return text_c(&out);
}

static const char *printed(Run *r)
{
    Text out = {.arena = &r->arena};
    ast_print(r->ast, &out);
    return text_c(&out);
}

static int count_decls(const Ast *ast)
{
    int n = 0;
    for (const Decl *d = ast->decls; d; d = d->next)
        n++;
    return n;
}

/* Every construct of the grammar at least once. */
static const char sample[] = "# a sample\n"
                             "import \"std/vision.nn\" as vision\n"
                             "const hidden = 1_000\n"
                             "option lr: float = 2e-4 \"learning \\\"rate\\\"\"\n"
                             "data iris[T] {\n"
                             "    x: float[4]    = csv(\"a\\tb.csv\", columns=0..4)\n"
                             "    y: int<C + 1>[T] = csv(\"a\", column=4, labels=true,)\n"
                             "    split(train=0.8, test=0.2)\n"
                             "}\n"
                             "layer Block(n: int, m: int = 3, f: fn, l: layer, s: string, i: ints) requires n % 2 == 0, m "
                             ">= 1 {\n"
                             "    param w: float[n, 2*m // 3] = normal(0.1)\n"
                             "    state seen: int = 0\n"
                             "    k = n if n > m else m\n"
                             "    if k > 3 and not (n == m or n != 2) {\n"
                             "        layer a = Dense(_, 4)\n"
                             "    } else {\n"
                             "        layer a = Dense(n, 4)\n"
                             "    }\n"
                             "    for j in 0..3 {\n"
                             "        layer c[j, 0] = Dense(n, -m ** 2)\n"
                             "    }\n"
                             "    fn forward[B, *S](x: float[B, *S, n], t: (float[_], bool[?]) = 3)\n"
                             "        -> float[B, size(*S), sizes[0]]\n"
                             "        requires B > 1 {\n"
                             "        y, _ = x[:, None_, ..., 1:2, ::2, :3, _], 3\n"
                             "        z: float[B] = (y @ w + -b) / 2.0 - 1.5e10 % 3\n"
                             "        expect q: int<4>[B] = int(z)\n"
                             "        seen := seen + 1\n"
                             "        scan a in x, b in y along 1 with h: float[B] = zeros(B), g = (1, 2) {\n"
                             "            h = a; g = [b, 2, 3]\n"
                             "            emit out = h.x.y(*S)\n"
                             "        }\n"
                             "        for j in 0..2 { x = c[j](x) }\n"
                             "        if training { y = 1 } else if n > 2 { y = 2 } else { }\n"
                             "        return y,\n"
                             "               true\n"
                             "    } grad (dy, dz) { return dy }\n"
                             "    fn round(x: float) -> float { return x } grad surrogate (dy) { return dy }\n"
                             "}\n"
                             "metric Acc[B](n: int) {\n"
                             "    state s: float = 0\n"
                             "    fn update(x: float[B]) { s := s + sum(x) }\n"
                             "}\n"
                             "model net = Block(4)\n"
                             "optimizer opt = adam(lr=lr)\n"
                             "train fit[B](ex in iris.train, batch=16) {\n"
                             "    minimize loss over net, net.a except net.b using opt\n"
                             "    report loss, acc=accuracy(net(ex.x), ex.y), grad(loss, wrt=x)\n"
                             "}\n"
                             "eval test() { report 3 }\n"
                             "export fn predict[B](x: float[B, 4] as iris.x) -> float[B] { return net(x) }\n"
                             "extern fn nms(x: float) -> int requires true\n"
                             "fn empty() { }\n";

static void check_round_trip(const char *text, const char *name)
{
    Run a, b, c;
    parse(&a, text);
    cr_assert(a.diags.n_errors == 0 && a.diags.n_warnings == 0, "%s: %s", name, messages(&a));
    parse(&b, printed(&a));
    cr_assert(b.diags.n_errors == 0, "%s: %s", name, messages(&b));
    cr_assert_str_eq(printed(&a), printed(&b), "%s", name);
    Text once = {.arena = &a.arena}, twice = {.arena = &a.arena};
    cr_assert(format_source(&a.arena, &a.strings, &a.diags, &a.sources, a.file, &once));
    parse(&c, text_c(&once));
    cr_assert_str_eq(printed(&a), printed(&c), "%s: fmt changes the program", name);
    cr_assert(format_source(&c.arena, &c.strings, &c.diags, &c.sources, c.file, &twice));
    cr_assert_str_eq(text_c(&once), text_c(&twice), "%s: fmt is not idempotent", name);
    arena_free(&a.arena);
    arena_free(&b.arena);
    arena_free(&c.arena);
}

Test(syntax, round_trip)
{
    check_round_trip(sample, "sample");
}

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) return NULL;
    char *text = calloc(1, 1 << 20);
    size_t n = fread(text, 1, (1 << 20) - 1, f);
    text[n] = 0;
    fclose(f);
    return text;
}

static void check_folder(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir) return;
    for (struct dirent *e; (e = readdir(dir));) {
        size_t n = strlen(e->d_name);
        if (n < 4 || strcmp(e->d_name + n - 3, ".nn") != 0) continue;
        char name[1024];
        snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        char *text = read_file(name);
        cr_assert(text, "%s", name);
        check_round_trip(text, name);
        free(text);
    }
    closedir(dir);
}

Test(syntax, programs)
{
    check_folder(NNC_SOURCE_DIR "/stdlib");
    DIR *dir = opendir(NNC_SOURCE_DIR "/examples");
    if (!dir) return;
    for (struct dirent *e; (e = readdir(dir));) {
        char name[1024];
        snprintf(name, sizeof name, NNC_SOURCE_DIR "/examples/%s", e->d_name);
        if (e->d_name[0] != '.') check_folder(name);
    }
    closedir(dir);
}

static const char *dump_tokens(Run *r, const char *text)
{
    start(r, text, strlen(text));
    Text out = {.arena = &r->arena};
    tokens_print(&r->arena, &r->strings, &r->diags, &r->sources, r->file, &out);
    return text_c(&out);
}

Test(syntax, tokens)
{
    Run r;
    cr_assert_str_eq(dump_tokens(&r, "const a = 0..4\nfn f() { x = 1 ;; }\n"),
                     "1:1 const\n1:7 a\n1:9 =\n1:11 0\n1:12 ..\n1:14 4\n1:15 end of line\n2:1 "
                     "fn\n2:4 f\n2:5 (\n2:6 )\n2:8 {\n2:10 x\n"
                     "2:12 =\n2:14 1\n2:16 ;\n2:19 }\n2:20 end of file\n");
    arena_free(&r.arena);
}

Test(syntax, declaration_words_are_names_elsewhere)
{
    Run r;
    parse(&r, "fn f() {\n    train = 3\nmodel = train\n    data, eval = g(option=1)\n    return "
              "iris.train\n}\n");
    cr_assert(r.diags.n_errors == 0, "%s", messages(&r));
    arena_free(&r.arena);
}

Test(syntax, spans)
{
    Run r;
    parse(&r, "const a = f(x) + \"\xC3\xA9\" * y.z\n");
    const Expr *e = r.ast->decls->value;
    cr_assert(e->kind == EXPR_BINARY && e->oper == OPER_ADD);
    cr_assert(e->span.lo == 10 && e->name_span.lo == 15 && e->name_span.hi == 16);
    cr_assert(e->b->b->kind == EXPR_FIELD && e->b->b->name_span.hi - e->b->b->name_span.lo == 1);
    cr_assert_str_eq(ast_expr_text(&r.arena, e), "f(x) + \"\xC3\xA9\" * y.z");
    cr_assert(r.ast->decls->name_span.lo == 6);
    arena_free(&r.arena);
}

Test(syntax, tokens_in_words)
{
    /* clang-format off */
    static const struct { const char *expected[7], *said; } rows[] = {
        {{"element type"}, "element type"},       {{"name"}, "a name"},           {{"'('", "layer"}, "`(` or `layer`"},
        {{"number", "string literal"}, "a number or a text in double quotes"},  {{"end of line", "end of file"}, "the end of the line or the end of the file"},
        {{"name", "number", "'('", "'*'", "_", "'?'"}, "a size"},               {{"a", "b", "c", "d", "e"}, "`a`, `b`, `c`, `d` or `e`"},
        {{"a", "b", "c", "d", "e", "f"}, NULL},   {{"'+'", "'-'", "'['", "else"}, "`else` or an operator"}, {{NULL}, NULL},
    };
    static const char *const tokens[][3] = {
        {"end of line", ";", "`;`"}, {"end of line", "", "end of line"}, {"end of file", "", "end of file"}, {"name", "x", "name `x`"},
        {"name", "", "name"}, {"number", "3", "number 3"}, {"number", "", "number"}, {"string literal", "x", "text"}, {"'('", "", "`(`"},
        {"layer", "layer", "`layer`"}, {"layer", "", "`layer`"}, {"element type", "int", "`int`"}, {"element type", "", "element type"},
    };
    /* clang-format on */
    Arena arena = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int n = 0;
        while (n < 7 && rows[i].expected[n])
            n++;
        const char *said = describe_expected(&arena, rows[i].expected, n);
        cr_expect(rows[i].said ? said && strcmp(said, rows[i].said) == 0 : !said, "row %zu: %s", i, said ? said : "nothing");
    }
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        cr_expect_str_eq(describe_token(&arena, tokens[i][0], tokens[i][1]), tokens[i][2]);
    arena_free(&arena);
}

Test(syntax, later_declarations_are_read)
{
    Run r;
    parse(&r, "const a = 1\nlayer A(in: int) {\n    layer b = C(1)\n    fn f() { return 1 "
              "}\n}\nconst = 3\nmodel m = A(1)\ntrain t() { bad bad }\nconst z = 2\n");
    cr_assert(r.diags.n_errors == 3, "%s", messages(&r));
    cr_assert(count_decls(r.ast) >= 3, "%d", count_decls(r.ast));
    cr_assert_str_eq(r.ast->decls->name, "a");
    arena_free(&r.arena);
}

Test(syntax, no_more_than_twenty)
{
    Run r;
    char text[4000] = "fn f() {\n";
    for (int i = 0; i < 50; i++)
        strcat(text, "    let y = x\n");
    strcat(text, "}\n");
    parse(&r, text);
    cr_assert_eq(r.diags.n_errors, 50);
    const char *said = messages(&r);
    int shown = 0;
    for (const char *at = said; (at = strstr(at, "error E0206")); at++)
        shown++;
    cr_assert_eq(shown, MAX_ERRORS);
    cr_assert(strstr(said, "30 more errors"));
    arena_free(&r.arena);
}

static void check_deep(const char *before, const char *open, const char *inside, const char *close, int depth, const char *after,
                       bool fails)
{
    Run r;
    size_t n = strlen(before) + strlen(inside) + strlen(after) + (strlen(open) + strlen(close)) * (size_t)depth + 1;
    char *text = malloc(n), *at = stpcpy(text, before);
    for (int i = 0; i < depth; i++)
        at = stpcpy(at, open);
    at = stpcpy(at, inside);
    for (int i = 0; i < depth; i++)
        at = stpcpy(at, close);
    stpcpy(at, after);
    parse(&r, text);
    cr_expect((r.diags.n_errors > 0) == fails, "%s x %d: %d errors", open, depth, r.diags.n_errors);
    if (fails) cr_expect(strstr(messages(&r), "E0207"), "%s x %d: %.300s", open, depth, messages(&r));
    if (!fails) cr_expect(strlen(printed(&r)) > 0);
    free(text);
    arena_free(&r.arena);
}

Test(syntax, deep_nesting)
{
    check_deep("const a = ", "(", "1", ")", 150, "\n", false);
    check_deep("const a = ", "(", "1", ")", 100000, "\n", true);
    check_deep("const a = ", "[", "1", "]", 201, "\n", true);
    check_deep("const a = ", "-", "1", "", 500, "\n", false);
    check_deep("const a = ", "-", "1", "", 100000, "\n", true);
    check_deep("const a = ", "not ", "true", "", 100000, "\n", true);
    check_deep("const a = ", "1 + ", "1", "", 900, "\n", false);
    check_deep("const a = ", "1 + ", "1", "", 100000, "\n", true);
    check_deep("const a = ", "2 ** ", "1", "", 100000, "\n", true);
    check_deep("const a = ", "1 if b else ", "1", "", 100000, "\n", true);
    check_deep("const a = f", "", "", "(1)", 100000, "\n", true);
    check_deep("fn f() { ", "if a { b = 1 } else ", "{ }", "", 100000, " }\n", true);
    check_deep("fn f() { ", "if a { ", "b = 1", " }", 1000, " }\n", true);
    check_deep("const a = [", "1, ", "1", "", 200000, "]\n", false);
    check_deep("fn f() {\n", "a = f(1)\n", "b = 1", "", 50000, "\n}\n", false);
}

/* Small generator of its own, so that a failure can be repeated. */
static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void check_survives(const char *text, size_t n)
{
    Run r;
    start(&r, text, n);
    Text out = {.arena = &r.arena};
    r.ast = parse_file(&r.arena, &r.strings, &r.diags, &r.sources, r.file);
    bool clean = r.diags.n_errors == 0;
    cr_assert(strlen(messages(&r)) < 1000000);
    ast_print(r.ast, &out);
    tokens_print(&r.arena, &r.strings, &r.diags, &r.sources, r.file, &out);
    Text layout = {.arena = &r.arena};
    if (clean) {
        cr_assert(format_source(&r.arena, &r.strings, &r.diags, &r.sources, r.file, &layout));
        Run again;
        parse(&again, text_c(&layout));
        cr_assert_str_eq(printed(&r), printed(&again), "%s", text_c(&layout));
        arena_free(&again.arena);
    }
    arena_free(&r.arena);
}

Test(syntax, mutations, .timeout = 300)
{
    static const char spice[] = "(){}[]\"'#;,.:=<>-+*/\\\n _0a\xC3\xFF\x01";
    uint32_t state = 1;
    for (int round = 0; round < 6000; round++) {
        char text[2 * sizeof sample];
        size_t n = sizeof sample - 1;
        memcpy(text, sample, n);
        int changes = 1 + (int)(next_random(&state) % 3);
        for (int k = 0; k < changes; k++) {
            size_t at = next_random(&state) % n, length = 1 + next_random(&state) % 8;
            if (at + length > n) length = n - at;
            switch (next_random(&state) % 3) {
            case 0:
                memmove(text + at, text + at + length, n - at - length);
                n -= length;
                break;
            case 1:
                memmove(text + at + length, text + at, n - at);
                n += length;
                break;
            default: text[at] = spice[next_random(&state) % (sizeof spice - 1)];
            }
        }
        check_survives(text, n);
    }
    for (size_t n = 0; n < sizeof sample; n += 7)
        check_survives(sample, n); /* cut off anywhere */
}

Test(syntax, control_characters_do_not_reach_the_terminal)
{
    Run r;
    parse(&r, "const a\t= \x1b[31m red\n");
    cr_assert(!strchr(messages(&r), '\x1b') && !strchr(messages(&r), '\t'), "%s", messages(&r));
    arena_free(&r.arena);
}

Test(syntax, every_code_has_a_page)
{
    static const char *const codes[] = {"E0201", "E0202", "E0203", "E0204", "E0205", "E0206", "E0207", "E0208", "E0209", "W0201"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        cr_expect(diag_explain(codes[i]), "%s", codes[i]);
    cr_expect(!diag_explain("E9999"));
}
