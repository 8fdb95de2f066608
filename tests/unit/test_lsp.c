/* links: nnc_lsp */
/* SPDX-License-Identifier: MIT
 * test_lsp.c: places in units of UTF-16, addresses of files, what stands around a place, sums of costs. What editors get: tests/lsp. */
#include <criterion/criterion.h>
#include <string.h>

#include "lsp/about.h"
#include "lsp/context.h"
#include "lsp/position.h"
#include "lsp/total.h"
#include "lsp/uri.h"

static Arena arena;
static Sources sources;

static const SourceFile *file_of(const char *text)
{
    size_t n = strlen(text);
    char *copy = arena_alloc(&arena, n + 2);
    memcpy(copy, text, n);
    sources.arena = &arena;
    return source_get(&sources, source_add(&sources, "a.nn", copy, n, false));
}

Test(lsp, positions)
{
    /* a, a character of two bytes, one of four (two units), a byte of none; then an empty line */
    const SourceFile *f = file_of("a\xC3\xA9\xF0\x9F\x98\x80\xFF"
                                  "b\n\nlast");
    static const struct {
        int64_t line, character;
        uint32_t offset;
    } rows[] = {{0, 0, 0},  {0, 1, 1},  {0, 2, 3},  {0, 4, 7},  {0, 5, 8},    {0, 6, 9},  {0, 99, 9}, {1, 0, 10},
                {1, 5, 10}, {2, 4, 15}, {2, 9, 15}, {3, 0, 15}, {99, 99, 15}, {-1, 3, 0}, {0, -3, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(position_offset(f, rows[i].line, rows[i].character), rows[i].offset, "row %zu", i);
    for (size_t i = 0; i < sizeof rows / sizeof *rows && rows[i].character < 7 && rows[i].line < 1; i++) {
        json_t *range = position_range(f, (Span){1, rows[i].offset, 15}), *start = json_object_get(range, "start");
        cr_expect_eq(json_integer_value(json_object_get(start, "line")), rows[i].line, "row %zu", i);
        cr_expect_eq(json_integer_value(json_object_get(start, "character")), rows[i].character, "row %zu", i);
        json_decref(range);
    }
    cr_expect_eq(position_offset(f, 0, 3), 7, "inside of two units: behind them");
    arena_free(&arena);
}

Test(lsp, addresses)
{
    static const char *const rows[][2] = {
        {"file:///a/b.nn", "/a/b.nn"}, {"file://localhost/a", "/a"}, {"file:///a%20b%2Bc", "/a b+c"}, {"file:///%c3%A9", "/\xC3\xA9"},
        {"file:///a%", "/a%"},         {"file:///a%4", "/a%4"},      {"file:///a%zz", "/a%zz"},       {"file:///a%00b", NULL},
        {"untitled:1", NULL},          {"http://a/b", NULL},         {"file://host/a", NULL},         {"", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *path = uri_path(&arena, rows[i][0]);
        cr_expect(path && rows[i][1] ? !strcmp(path, rows[i][1]) : path == rows[i][1], "%s: %s", rows[i][0], path ? path : "none");
    }
    cr_expect_str_eq(uri_of_path(&arena, "/none/a b\xC3\xA9+.nn"), "file:///none/a%20b%C3%A9%2B.nn");
    arena_free(&arena);
}

Test(lsp, heads_and_comments)
{
    const char *text =
        "# ---- layers ----\n# One.\n# Two.\nlayer A(n: int, # here\n    m: int = 2)   \n    requires n > 0, \"{\" == \"{\" {\n}\n"
        "layer B { }\n# of c\n\nconst c = [1,\n  2] # end\nconst d = 1\n";
    const SourceFile *f = file_of(text);
    uint32_t a = (uint32_t)(strstr(text, "A(") - text), b = (uint32_t)(strstr(text, "B {") - text),
             c = (uint32_t)(strstr(text, "c =") - text);
    cr_expect_str_eq(about_head(&arena, f, a), "layer A(n: int,\n    m: int = 2)\n    requires n > 0, \"{\" == \"{\"");
    cr_expect_str_eq(about_comment(&arena, f, a), "One.\nTwo.");
    cr_expect_str_eq(about_head(&arena, f, b), "layer B");
    cr_expect_str_eq(about_comment(&arena, f, b), "");
    cr_expect_str_eq(about_head(&arena, f, c), "const c = [1,\n  2]");
    cr_expect_str_eq(about_comment(&arena, f, c), "");
    cr_expect_str_eq(about_dotted(&arena, file_of("y = ex.x.z(1)"), 9), "ex.x.z");
    cr_expect_str_eq(about_dotted(&arena, file_of("0..n"), 4), "n");
    arena_free(&arena);
}

static Context context_at(const char *text)
{
    const char *at = strchr(text, '|');
    return context_read(&arena, file_of(arena_print(&arena, "%.*s%s", (int)(at - text), text, at + 1)), (uint32_t)(at - text));
}

static bool binds(const Context *x, const char *name)
{
    for (uint32_t i = 0; i < x->bound.n; i++)
        if (!strcmp(x->bound.at[i], name)) return true;
    return false;
}

Test(lsp, contexts)
{
    static const struct {
        const char *text;
        ContextKind kind;
        const char *what;
    } rows[] = {
        {"|", CONTEXT_NAME, NULL},
        {"fn f(x: float) -> float { return x.a.|", CONTEXT_MEMBER, "x.a"},
        {"layer L { layer a = vision.Block(n=2, |", CONTEXT_ARGUMENT, "vision.Block"},
        {"layer L { layer a = f(g(1), [2, |", CONTEXT_NAME, NULL},
        {"layer L { layer a = f(g(1), h[2], |", CONTEXT_ARGUMENT, "f"},
        {"train fit[B](ex in d.all, |", CONTEXT_ARGUMENT, "fit"},
        {"train fit(|", CONTEXT_ARGUMENT, "fit"},
        {"fn f() { for i in 0..|", CONTEXT_NAME, NULL},
        {"import \"std/|", CONTEXT_IMPORT, NULL},
        {"data d { x: float = csv(\"a.csv\", columns=[\"x\", \"|", CONTEXT_COLUMN, "a.csv"},
        {"data d { x: float = csv(\"a.csv\", column=\"|\")", CONTEXT_COLUMN, "a.csv"},
        {"data d { x: float = csv(\"|\")", CONTEXT_NOTHING, NULL},
        {"data d { x: float = npy(\"a.npy\", column=\"|\")", CONTEXT_NOTHING, NULL},
        {"const x = 1 # abc|", CONTEXT_NOTHING, NULL},
        {"const x = \"#\" + |", CONTEXT_NAME, NULL},
        {")]}|", CONTEXT_NAME, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Context x = context_at(rows[i].text);
        const char *what = x.base ? x.base : x.path ? x.path : x.kind == CONTEXT_ARGUMENT ? x.callee : NULL;
        cr_expect_eq(x.kind, rows[i].kind, "%s: kind %d", rows[i].text, (int)x.kind);
        cr_expect(what && rows[i].what ? !strcmp(what, rows[i].what) : what == rows[i].what, "%s: %s", rows[i].text,
                  what ? what : "nothing");
    }
    Context x =
        context_at("const z = 1\nfn f[B, *S](x: float[B, n], y: int = 2) {\n a, b = g(k=1, x[p:q])\n c := a == d\n for i in 0..e {\n w|");
    static const char *const bound[] = {"B", "S", "x", "y", "a", "b", "c", "i"}, *const free_names[] = {"z", "n", "k", "p", "q",
                                                                                                        "d", "e", "w", "f", "g"};
    for (size_t i = 0; i < sizeof bound / sizeof *bound; i++)
        cr_expect(binds(&x, bound[i]), "%s is bound", bound[i]);
    for (size_t i = 0; i < sizeof free_names / sizeof *free_names; i++)
        cr_expect(!binds(&x, free_names[i]), "%s is not bound", free_names[i]);
    arena_free(&arena);
}

Test(lsp, totals)
{
    Total total = {.arena = &arena};
    cr_expect_str_eq(total_text(&total), "0");
    static const char *const texts[] = {"3*B", "B*T - 2*B + 4", "-B", "2*((n + 1)//2)*B", "7", "B*T"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_t *text = json_string(texts[i]);
        total_add(&total, text);
        json_decref(text);
    }
    json_t *number = json_integer(5);
    total_add(&total, number);
    json_decref(number);
    cr_expect_str_eq(total_text(&total), "2*B*T + 16 + 2*((n + 1)//2)*B");
    arena_free(&arena);
}

/* Texts of random pieces, at random places: what is found lies inside, and a place that is told and read again is the same. */
Test(lsp, any_text)
{
    static const char *const pieces[] = {"layer ",
                                         "train f[",
                                         "(",
                                         ")",
                                         "[",
                                         "]",
                                         "{",
                                         "}",
                                         "\"",
                                         "\\",
                                         "#",
                                         "\n",
                                         "x",
                                         ".",
                                         "..",
                                         "=",
                                         ", ",
                                         " in ",
                                         "csv(\"a\", column=",
                                         "import \"",
                                         "\xF0\x9F\x98\x80",
                                         "\xC3",
                                         "\xFF",
                                         "9",
                                         "_",
                                         "\r",
                                         "\t",
                                         "requires"};
    uint32_t state = 1;
    for (int turn = 0; turn < 20000; turn++) {
        Text text = {.arena = &arena};
        sources = (Sources){0};
        for (uint32_t n = (state = state * 1664525 + 1013904223) >> 27; n > 0; n--)
            text_add(&text, "%s", pieces[((state = state * 1664525 + 1013904223) >> 8) % (sizeof pieces / sizeof *pieces)]);
        const SourceFile *f = file_of(text_c(&text));
        uint32_t at = position_offset(f, (state >> 9) % 6, (state >> 13) % 16), lo, hi;
        json_t *range = position_range(f, (Span){1, at, (uint32_t)f->n});
        uint32_t again = position_read(f, json_object_get(range, "start")); /* a carriage return at the end of a line is none of it */
        cr_assert(at <= f->n && (again == at || f->text[again] == '\r'), "%u of:\n%s", at, f->text);
        Context x = context_read(&arena, f, at);
        cr_assert(x.word <= at && x.declaration <= at, "%u of:\n%s", at, f->text);
        cr_assert(!about_word(f, at, &lo, &hi) || (lo <= at && at <= hi && hi <= f->n), "%u of:\n%s", at, f->text);
        cr_assert(strlen(about_head(&arena, f, at)) <= f->n && strlen(about_comment(&arena, f, at)) <= f->n, "%u of:\n%s", at, f->text);
        cr_assert(strlen(about_dotted(&arena, f, at)) <= at + f->n, "%u of:\n%s", at, f->text);
        json_decref(range);
        arena_clear(&arena);
    }
    arena_free(&arena);
}
