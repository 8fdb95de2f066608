/* links: nnc_sema nnc_core nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_core.c: core programs: the text of every example's reads back and prints the same, and the verifier sees what is wrong in a
 * damaged one. */
#include <criterion/criterion.h>
#include <glob.h>
#include <unistd.h>

#include "sema_help.h"

static const char *printed(Arena *arena, const CoreProgram *p)
{
    Text out = {.arena = arena};
    core_print(arena, p, &out);
    return text_c(&out);
}

static void check_same(const char *path)
{
    Checked c;
    Arena arena = {0};
    size_t n = 0;
    const char *text = read_whole(NULL, path, &n, &arena, NULL), *wrong = NULL;
    check_text(&c, path, text, n, NULL, 0);
    cr_assert_eq(c.diags.n_errors, 0, "%s: %s", path, c.messages);
    wrong = core_verify(c.program, &arena);
    cr_assert(!wrong, "%s: %s", path, wrong);
    const char *first = printed(&arena, c.program);
    CoreProgram *again = core_read(&arena, dims_new(&arena), first, &wrong);
    cr_assert(again, "%s: %s", path, wrong);
    cr_expect_str_eq(first, printed(&arena, again), "%s", path);
    arena_free(&arena);
    arena_free(&c.arena);
}

static void check_all(const char *pattern, size_t least)
{
    glob_t found;
    cr_assert_eq(glob(pattern, 0, NULL, &found), 0);
    cr_expect_geq(found.gl_pathc, least);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char folder[4096];
        snprintf(folder, sizeof folder, "%s", found.gl_pathv[i]);
        *strrchr(folder, '/') = 0;
        cr_assert_eq(chdir(folder), 0); /* imports stand beside */
        check_same(found.gl_pathv[i]);
    }
    globfree(&found);
}

Test(core, examples_read_back)
{
    check_all(NNC_SOURCE_DIR "/examples/*/*.nn", 20);
}

/* Scans, gradients of their own, derivatives, several results. */
Test(core, layers_read_back)
{
    check_all(NNC_SOURCE_DIR "/tests/run/layers_*.nn", 5);
}

/* ---- the verifier ----------------------------------------------------------------------------- */

static const char small[] = "program \"p\"\n"
                            "tensor \"m.w\": float[3] = zero (0, 0) trained\n"
                            "tensor \"m.n\": float = zero (0, 0) state\n"
                            "entry export \"f\" size \"B\"\n"
                            "    head\n"
                            "    arg tensor \"x\": float[B, 3]\n"
                            "    arg tensor \"i\": int[B] below <3>\n"
                            "    out float[B]\n"
                            "    conditions 0\n"
                            "    body {\n"
                            "        %1 = arg { 0 }: float[B, 3]\n"
                            "        %2 = weight { 0 }: float[3]\n"
                            "        %3 = mul %1, %2: float[B, 3]\n"
                            "        %4 = arg { 1 }: int[B]\n"
                            "        %5 = pick %3, %4: float[B]\n"
                            "        %6 = sum %3 { 0, 1 }: float[B]\n"
                            "        %7 = slice %3 { <0>, <B>, 1, <0>, <2>, 1 }: float[B, 2]\n"
                            "        %8 = add %5, %6: float[B]\n"
                            "        %9 = permute %3 { 1, 0 }: float[3, B]\n"
                            "        %10 = broadcast %2 { 1 }: float[B, 3]\n"
                            "        %11 = take %3, %4 { 0 }: float[B, 3]\n"
                            "        %12 = one_hot %4 { <3> }: float[B, 3]\n"
                            "        result %8\n"
                            "    }\n"
                            "    reported {\n"
                            "    }\n";

/* The small program with one piece of its text changed; what is said of it. */
static const char *changed(Arena *arena, const char *from, const char *to)
{
    const char *at = strstr(small, from), *wrong = NULL;
    cr_assert(at, "%s", from);
    const char *text = arena_print(arena, "%.*s%s%s", (int)(at - small), small, to, at + strlen(from));
    core_read(arena, dims_new(arena), text, &wrong);
    return wrong ? wrong : "";
}

Test(core, a_whole_program_is_right)
{
    Arena arena = {0};
    cr_expect_str_eq(changed(&arena, "mul", "mul"), "");
    arena_free(&arena);
}

/* Nothing of the text is lost on the way. */
Test(core, data_read_back)
{
    static const char text[] = "program \"small\"\n"
                               "data \"d\" size \"T\" part \"train\"\n"
                               "    split \"train\" = number real 0.5\n"
                               "    split \"seed\" = int lo 3\n"
                               "    field \"x\": float[4] by {\n"
                               "        arg value[4]\n"
                               "        %1 = arg { 0 }: value[4]\n"
                               "        %2 = const number 2 integer 2: float\n"
                               "        %3 = div %1, %2: float[4]\n"
                               "        result %3\n"
                               "    }\n"
                               "        reader \"csv\": value[4] path \"a\"\n"
                               "            with \"columns\" = range hi 4\n"
                               "    field \"y\": int[T] below <3>\n"
                               "        reader \"lines\": int[T] path \"b\"\n"
                               "            with \"words\" = bool lo 1\n"
                               "            with \"max\" = int lo 7\n";
    Arena arena = {0};
    const char *wrong = NULL;
    CoreProgram *p = core_read(&arena, dims_new(&arena), text, &wrong);
    cr_assert(p, "%s", wrong);
    cr_expect_str_eq(printed(&arena, p), text);
    arena_free(&arena);
}

Test(core, damage_is_seen)
{
    static const char *const damage[][3] = {
        {"arg { 1 }", "arg { 2 }", "there is no such argument"},
        {"weight { 0 }", "weight { 2 }", "there is no such tensor"},
        {"weight { 0 }", "weight { 1 }", "a state"},
        {"mul %1, %2", "mul %1, %3", "does not stand before"},
        {"mul %1, %2", "mul %1", "number of operands"},
        {"mul %1, %2", "mul %1, %2, %2", "number of operands"},
        {"%2: float[B, 3]", "%2: float[B, 4]", "sizes"},
        {"%2: float[B, 3]", "%2: float[B, 3, 3]", "more axes"},
        {"%2: float[B, 3]", "%2: float[C, 3]", "a size expected"},
        {"pick %3, %4", "pick %3, %2", "an index"},
        {"{ 0, 1 }", "{ 0, 2 }", "axes"},
        {"{ 0, 1 }", "{ 0, 1, 1 }", "axes"},
        {"{ 0, 1 }", "{ 1, 1 }", "axes of the result"},
        {"{ 0, 1 }: float", "{ 0, 1 }: int", "element type"},
        {"<0>, <2>, 1 }", "<0>, <2> }", "number of attributes"},
        {"<0>, <2>, 1 }", "<0>, 2, 1 }", "`<` expected"},
        {"<0>, <2>, 1 }", "<0>, <2>, 0 }", "a step of 0"},
        {"add %5, %6", "add %5, %4", "element types"},
        {"{ 1, 0 }: float[3, B]", "{ 1, 2 }: float[3, B]", "axes"},
        {"{ 1, 0 }: float[3, B]", "{ 1, 1 }: float[3, B]", "axes"},
        {"{ 1, 0 }: float[3, B]", "{ 1, 0 }: float[4, B]", "sizes"},
        {"{ 1, 0 }: float[3, B]", "{ 1 }: float[3, B]", "axes"},
        {"{ 1, 0 }: float[3, B]", "{ 1, 0 }: int[3, B]", "element type"},
        {"broadcast %2 { 1 }", "broadcast %2 { 2 }", "axes"},
        {"broadcast %2 { 1 }: float[B, 3]", "broadcast %2 { 1 }: float[B, 4]", "sizes"},
        {"take %3, %4 { 0 }", "take %3, %4 { 2 }", "axis"},
        {"take %3, %4 { 0 }", "take %3, %2 { 0 }", "an index"},
        {"take %3, %4 { 0 }: float[B, 3]", "take %3, %4 { 0 }: float[B]", "an index"},
        {"one_hot %4", "one_hot %2", "an index"},
        {"one_hot %4 { <3> }: float[B, 3]", "one_hot %4 { <3> }: float[B]", "an index"},
        {"add %5, %6", "and %5, %6", "a bool"},
        {"result %8", "result %13", "result 0 is not there"},
        {"size \"B\"", "size \"B\" size \"B\"", "two sizes of one name"},
        {"%8 = add", "%14 = add", "numbered"},
        {"pick", "peck", "expected"},
        {"reported {\n    }\n", "", "not there"},
    };
    Arena arena = {0};
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        const char *wrong = changed(&arena, damage[i][0], damage[i][1]);
        cr_expect(strstr(wrong, damage[i][2]), "%s -> %s: `%s`, not `%s`", damage[i][0], damage[i][1], wrong, damage[i][2]);
    }
    arena_free(&arena);
}
