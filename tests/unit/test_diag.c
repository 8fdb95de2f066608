/* links: nnc_support */
/* SPDX-License-Identifier: MIT
 * test_diag.c: messages are laid out as messages.md shows them. */
#include <criterion/criterion.h>
#include <string.h>

#include "support/diag.h"

static Arena arena;
static Strings strings;
static Sources sources;
static Diags diags;

static void begin(const char *name, const char *text)
{
    arena = (Arena){0};
    sources = (Sources){.arena = &arena};
    diags = (Diags){.arena = &arena, .sources = &sources};
    strings_init(&strings, &arena);
    source_add(&sources, name, text, strlen(text), false);
}

/* The n-th place of `text` in the source. */
static Span at(const char *text, int n)
{
    const char *all = source_get(&sources, 1)->text, *p = strstr(all, text);
    while (p && n-- > 0)
        p = strstr(p + 1, text);
    cr_assert(p, "%s", text);
    return (Span){1, (uint32_t)(p - all), (uint32_t)(p - all + (long)strlen(text))};
}

static const char *shown(void)
{
    Text out = {.arena = &arena};
    diag_render(&diags, &out, false);
    return text_c(&out);
}

Test(diag, labels_on_one_line)
{
    begin("vit.nn", "\n\n\n\n\n\n\n\n    y = x - mean(x, axis=1)\n");
    Diag *d = diag_error(&diags, "E0305", at("x", 0), "shapes [B, D] and [B] do not align: D against B");
    diag_label(d, at("x", 0), "float[B, D]");
    diag_label(d, at("mean(x, axis=1)", 0), "float[B]");
    diag_note(d, "operators align from the right");
    diag_help(d, "keep the axis: mean(x, axis=1, keep=true)");
    cr_assert_str_eq(shown(), "vit.nn:9:9: error E0305: shapes [B, D] and [B] do not align: D against B\n"
                              "    9 |     y = x - mean(x, axis=1)\n"
                              "      |         ^   ^^^^^^^^^^^^^^^ float[B]\n"
                              "      |         float[B, D]\n"
                              "   operators align from the right\n"
                              "   help: keep the axis: mean(x, axis=1, keep=true)\n");
}

Test(diag, the_first_caret_is_the_place)
{
    begin("a.nn", "y = f(a, b)\n");
    Diag *d = diag_error(&diags, "E0310", at("b", 0), "two shapes");
    diag_label(d, at("a", 0), "A");
    cr_assert_str_eq(shown(), "a.nn:1:7: error E0310: two shapes\n    1 | y = f(a, b)\n      |     "
                              "  ^  ^\n      |       A\n");
}

Test(diag, trail)
{
    begin("lenet.nn", "Conv2d(1, 6, kernel=5, pad=2)\nFlatten()\nDense(256, 120)\n");
    Diag *d = diag_error(&diags, "E0304", at("Dense(256, 120)", 0), "does not fit");
    diag_note(d, "the 400 comes from:");
    diag_trail(d, at("Conv2d(1, 6, kernel=5, pad=2)", 0), "float[B, 28, 28, 6]");
    diag_trail(d, at("Flatten()", 0), "float[B, 400]        5 * 5 * 16");
    cr_assert_str_eq(shown(), "lenet.nn:3:1: error E0304: does not fit\n"
                              "    3 | Dense(256, 120)\n"
                              "      | ^^^^^^^^^^^^^^^\n"
                              "   the 400 comes from:\n"
                              "    1 |   Conv2d(1, 6, kernel=5, pad=2)    float[B, 28, 28, 6]\n"
                              "    2 |   Flatten()                        float[B, 400]        5 * 5 * 16\n");
}

Test(diag, labels_on_other_lines)
{
    begin("gan.nn", "a = disc(fake)\nb = 1\nminimize a over disc\n");
    Diag *d = diag_error(&diags, "E0508", at("a over", 0), "old");
    diag_label(d, at("disc(fake)", 0), "old parameters used here");
    cr_assert_str_eq(shown(), "gan.nn:3:10: error E0508: old\n"
                              "    3 | minimize a over disc\n"
                              "      |          ^^^^^^\n"
                              "    1 | a = disc(fake)\n"
                              "      |     ---------- old parameters used here\n");
}

Test(diag, sorted_and_cut)
{
    begin("a.nn", "a b\nc d\n");
    diag_error(&diags, "E0101", at("d", 0), "second");
    diag_warning(&diags, "W0201", at("b", 0), "first");
    const char *text = shown();
    cr_assert(strstr(text, "first") < strstr(text, "second"));
    for (int i = 0; i < 25; i++)
        diag_error(&diags, "E0101", at("a", 0), "again");
    cr_assert(diags.n_errors == 26 && strstr(shown(), "6 more errors\n"));
}

Test(diag, safe_text)
{
    begin("a.nn", "a\tb = \"\x1b[31m\xC3\xA9\xE2\x80\xAE\xFF\" zz\n");
    diag_error(&diags, "E0101", at("zz", 0), "unknown `\x1b[0m`");
    cr_assert_str_eq(shown(), "a.nn:1:18: error E0101: unknown `.[0m`\n"
                              "    1 | a b = \".[31m\xC3\xA9..\" zz\n"
                              "      |                  ^^\n");
}

/* Bytes that are no UTF-8 and characters that reorder text are dots; carets count as the editor does. */
Test(diag, characters)
{
    /* clang-format off */
    static const char *const rows[][2] = {
        {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"}, {"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"}, {"\xF5\x80\x80\x80", "."},
        {"\xC1\x80", "."},  {"\xC2\xA0", "\xC2\xA0"},  {"\xC2\x9F", "."}, {"\xE2\x80\xAE", "."},  {"\xE2\x80\xA7", "\xE2\x80\xA7"},
        {"\xE2\x81\xA6", "."}, {"\xE2\x82\xAC", "\xE2\x82\xAC"}, {"\x7F", "."}, {"\x1F", "."}, {" ", " "}, {"\xE2\x82", "."},
    };
    /* clang-format on */
    Arena own = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Text out = {.arena = &own};
        diag_clean(&out, rows[i][0]);
        cr_expect_str_eq(text_c(&out), rows[i][1], "row %zu", i);
    }
    arena_free(&own);
}

Test(diag, spans_of_several_lines_and_no_place)
{
    begin("a.nn", "f(a,\n  b)");
    diag_error(&diags, "E0302", (Span){1, 0, 9}, "call");
    diag_error(&diags, "E0302", (Span){1, 9, 9}, "end");
    diag_error(&diags, "E0113", (Span){0, 0, 0}, "nowhere");
    cr_assert_str_eq(shown(), "error E0113: nowhere\n"
                              "a.nn:1:1: error E0302: call\n    1 | f(a,\n      | ^^^^\n"
                              "a.nn:2:5: error E0302: end\n    2 |   b)\n      |     ^\n");
}

Test(diag, long_lines_are_cut)
{
    static char line[100001];
    memset(line, 'x', 100000);
    memcpy(line + 50000, " here ", 6);
    begin("a.nn", line);
    diag_error(&diags, "E0101", at("here", 0), "there");
    const char *text = shown();
    cr_assert(strlen(text) < 500 && strstr(text, "xx here xx"), "%s", text);
    cr_assert(strstr(text, "a.nn:1:50002:"));
}

Test(diag, colour)
{
    begin("a.nn", "a\n");
    diag_error(&diags, "E0101", at("a", 0), "x");
    Text out = {.arena = &arena};
    diag_render(&diags, &out, true);
    cr_assert(strstr(text_c(&out), "\033[31merror E0101\033[0m: x\n"));
}

Test(diag, muted)
{
    begin("a.nn", "a\n");
    diags.muted++;
    diag_help(diag_error(&diags, "E0101", at("a", 0), "x"), "y");
    diags.muted--;
    cr_assert(diags.n_errors == 0 && diags.n_muted == 1 && *shown() == 0);
}

Test(diag, the_same_of_several_lines_is_one_message)
{
    begin("a.nn", "y = net\nz = net\n\nu = net + net\nv = nut\n");
    diag_error(&diags, "E0101", at("net", 1), "unknown name `net`");
    diag_error(&diags, "E0101", at("net", 3), "unknown name `net`");
    diag_error(&diags, "E0101", at("nut", 0), "unknown name `nut`");
    diag_error(&diags, "E0101", at("net", 0), "unknown name `net`");
    diag_error(&diags, "E0101", at("net", 2), "unknown name `net`");
    diag_merge(&diags);
    cr_assert_eq(diags.n_errors, 2);
    cr_assert_str_eq(shown(), "a.nn:1:5: error E0101: unknown name `net`\n"
                              "    1 | y = net\n"
                              "      |     ^^^\n"
                              "   on the lines 2 and 4 too\n"
                              "a.nn:5:5: error E0101: unknown name `nut`\n"
                              "    5 | v = nut\n"
                              "      |     ^^^\n");
}
