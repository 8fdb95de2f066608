/* links: nnc_sema nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_sema.c: programs that are right: examples, the library, and small ones whose result is
 * looked at. */
#include <criterion/criterion.h>

#include "sema_help.h"

/* Returns the number of programs looked at. */
static int check_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    cr_assert(dir != NULL, "cannot open %s", folder);
    int seen = 0, bad = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        size_t length = strlen(e->d_name), n = 0;
        if (length < 4 || strcmp(e->d_name + length - 3, ".nn") != 0) continue;
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        Arena arena = {0};
        const char *text = read_whole(NULL, path, &n, &arena, NULL);
        Checked c;
        check_text(&c, path, text, n, NULL, 0);
        seen++;
        if (c.diags.list.n) {
            bad++;
            cr_log_error("%s:\n%s", path, c.messages);
        }
        arena_free(&c.arena);
        arena_free(&arena);
    }
    closedir(dir);
    cr_expect_eq(bad, 0, "%d files of %s have messages", bad, folder);
    return seen;
}

Test(sema, examples)
{
    DIR *dir = opendir(NNC_SOURCE_DIR "/examples");
    cr_assert(dir != NULL);
    int seen = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        if (strchr(e->d_name, '.')) continue; /* files beside the folders */
        char folder[1024];
        snprintf(folder, sizeof folder, "%s/examples/%s", NNC_SOURCE_DIR, e->d_name);
        seen += check_folder(folder);
    }
    closedir(dir);
    cr_expect(seen >= 15, "only %d examples", seen);
}

Test(sema, library)
{
    cr_expect(check_folder(NNC_SOURCE_DIR "/stdlib") >= 2);
}

static const char *const small = "data d {\n"
                                 "    x: float[4] = csv(\"a.csv\", columns=0..4)\n"
                                 "    y: int<3> = csv(\"a.csv\", column=4, labels=true)\n"
                                 "    split(train=0.8, test=0.2, seed=7)\n"
                                 "}\n"
                                 "option lr: float = 0.01\n"
                                 "const hid = 16\n"
                                 "model net = chain(Dense(4, hid), relu, Dense(_, 3))\n"
                                 "train fit[B](ex in d.train, batch=16, epochs=2, validate=d.test) {\n"
                                 "    logits = net(ex.x)\n"
                                 "    loss = cross_entropy(logits, ex.y)\n"
                                 "    minimize loss over net using adam(lr=lr)\n"
                                 "    report loss, accuracy(logits, ex.y)\n"
                                 "}\n"
                                 "export fn predict[B](x: float[B, 4]) -> float[B, 3] { return softmax(net(x)) }\n";

Test(sema, program_of_the_first_page)
{
    Checked c;
    check_source(&c, small);
    cr_assert_eq(c.diags.list.n, 0, "%s", c.messages);
    const CoreProgram *p = c.program;
    cr_assert_eq(p->tensors.n, 4);
    cr_expect_str_eq(p->tensors.at[0].name, "net.0.w");
    cr_expect_str_eq(p->tensors.at[3].name, "net.2.b");
    cr_expect_eq(p->tensors.at[2].init.kind, INIT_GLOROT);
    cr_expect_eq(p->tensors.at[2].init.a, 16);
    cr_expect(p->tensors.at[2].trained);
    cr_assert_eq(p->entries.n, 3);
    const CoreEntry *fit = p->entries.at[0], *derived = p->entries.at[2];
    cr_expect_eq(fit->kind, ENTRY_TRAIN);
    cr_expect_eq(fit->head.batch, 16);
    cr_expect_eq(fit->args.n, 2);
    cr_expect_eq(fit->minimizes.n, 1);
    cr_expect_eq(fit->minimizes.at[0].over.n, 4);
    cr_expect_eq(fit->minimizes.at[0].n_args, 8);
    cr_expect_eq(fit->reports.n, 2);
    cr_expect_eq(fit->sums.n, 4);
    cr_expect_str_eq(fit->sums.at[0].name, "loss.num");
    cr_expect_str_eq(fit->sums.at[2].name, "accuracy.right");
    cr_expect_str_eq(fit->head.validate, "test");
    cr_expect_eq(derived->kind, ENTRY_EVAL);
    cr_expect_eq(derived->derived_from, 0);
    cr_expect_eq(derived->minimizes.n, 0);
    cr_expect_eq(derived->reports.n, 2);
    arena_free(&c.arena);
}

Test(sema, defines_replace_constants)
{
    Checked c;
    const char *defines[] = {"hid=32"};
    check_text(&c, "prog.nn", small, strlen(small), defines, 1);
    cr_assert_eq(c.diags.list.n, 0, "%s", c.messages);
    cr_expect_eq(c.program->tensors.at[2].init.a, 32);
    arena_free(&c.arena);
    const char *wrong[] = {"hidd=32"};
    check_text(&c, "prog.nn", small, strlen(small), wrong, 1);
    cr_expect(c.diags.n_errors == 1);
    arena_free(&c.arena);
}

/* -D name=TEXT: a whole number, a number, true or false, or a text. */
Test(sema, defines_have_a_kind)
{
    static const char *const kinds[][2] = {{"3", "the number 3"},
                                           {"-3", "the number -3"},
                                           {"2.5", "the number 2.5"},
                                           {"1e3", "the number 1000"},
                                           {"true", "true"},
                                           {"false", "false"},
                                           {"relu", "the text \"relu\""},
                                           {"", "the text \"\""},
                                           {"3x", "the text \"3x\""},
                                           {"99999999999999999999", "the number 1e+20"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        Checked c;
        Arena arena = {0};
        const char *defines[] = {"k=0", arena_print(&arena, "k=%s", kinds[i][0]), "kk=1"}; /* the last one counts */
        const char *text = "const k = 1\nconst kk = 2\nfn f(x: float) -> float { return k() }\n";
        check_text(&c, "prog.nn", text, strlen(text), defines, 3);
        const char *wanted = arena_print(&arena, "%s cannot be called", kinds[i][1]);
        cr_expect(strstr(c.messages, wanted), "%s: %s", defines[1], c.messages);
        arena_free(&c.arena);
        arena_free(&arena);
    }
}

Test(sema, conditions_make_bodies)
{
    Checked c;
    check_source(&c, "layer L { param w: float = 1\n fn forward[B](x: float[B]) -> float[B] { return x * w } }\n"
                     "model a = L()\nmodel b = L()\n"
                     "train fit[B](batch=8, steps=10) {\n"
                     "    x = randn(B)\n"
                     "    l = mean(a(x) ** 2)\n"
                     "    minimize l over a using sgd()\n"
                     "    if step % 5 == 4 {\n"
                     "        m = mean(b(x) ** 2)\n"
                     "        minimize m over b using sgd()\n"
                     "    }\n"
                     "    report l\n"
                     "}\n");
    cr_assert_eq(c.diags.list.n, 0, "%s", c.messages);
    const CoreEntry *fit = c.program->entries.at[0];
    cr_expect_eq(fit->n_conditions, 1);
    cr_assert(fit->body[0] && fit->body[1]);
    cr_expect(fit->body[1]->ins.n > fit->body[0]->ins.n);
    cr_expect_eq(fit->minimizes.n, 2);
    cr_expect(fit->draws);
    arena_free(&c.arena);
}

Test(sema, run_time_requirements)
{
    Checked c;
    check_source(&c, "layer L { layer p = MaxPool2d(4)\n"
                     "    fn forward[B, H, W](x: float[B, H, W, 1]) -> float[B, H // 4, W // 4, 1] "
                     "requires H % 4 == 0, W % 4 == 0 { return p(x) } }\n"
                     "model m = L()\n"
                     "export fn f[B, H, W](x: float[B, H, W, 1]) -> float[B, H // 4, W // 4, 1] { "
                     "return m(x) }\n");
    cr_assert_eq(c.diags.list.n, 0, "%s", c.messages);
    cr_expect_eq(c.program->entries.at[0]->requires_.n, 2);
    arena_free(&c.arena);
}

Test(sema, scans_capture)
{
    Checked c;
    check_source(&c, "layer L(n: int) { layer cell = GRUCell(n, n)\n"
                     "    fn forward[B, T](x: float[B, T, n], k: float[n]) -> float[B, T, n] {\n"
                     "        scan v in x along 1 with h = zeros(B, n) {\n"
                     "            h = cell(v + k, h)\n"
                     "            emit y = h\n"
                     "        }\n"
                     "        return y\n"
                     "    } }\n"
                     "model m = L(8)\n"
                     "export fn f[B, T](x: float[B, T, 8], k: float[8]) -> float[B, T, 8] { return m(x, k) }\n");
    cr_assert_eq(c.diags.list.n, 0, "%s", c.messages);
    const CoreBody *body = c.program->entries.at[0]->body[0];
    bool seen = false;
    for (uint32_t i = 0; i < body->ins.n; i++) {
        const CoreIns *ins = &body->ins.at[i];
        if (ins->op != CORE_scan) continue;
        seen = true;
        cr_expect_eq(ins->attr[1], 1);
        cr_expect_eq(ins->attr[2], 1);
        cr_expect_eq(ins->attr[3], 1);
        cr_expect_eq(ins->attr[4], 1, "k is captured");
        cr_expect_eq(ins->n_in, 3);
        cr_expect_eq(ins->n_out, 2);
        cr_expect_eq(ins->bodies[0]->args.n, 4);
        cr_expect_eq(ins->bodies[0]->results.n, 2);
    }
    cr_expect(seen);
    arena_free(&c.arena);
}

Test(sema, shapes_are_listed)
{
    Checked c;
    check_source(&c, "layer L(n: int) { layer a = Dense(n, 2 * n)\n fn forward[B](x: float[B, n]) "
                     "-> float[B, 2 * n] { y = a(x)\n return y } }\n");
    cr_assert_eq(c.diags.list.n, 0, "%s", c.messages);
    cr_expect(strstr(text_c(&c.shapes), "y: float[B, 2*n]"), "%s", text_c(&c.shapes));
    arena_free(&c.arena);
}

/* The first 5000 of them; each place once. */
Test(sema, many_shapes_are_cut_off)
{
    Checked c;
    Arena arena = {0};
    for (int n = 5000; n <= 5002; n++) {
        Text t = {.arena = &arena};
        text_add(&t, "fn f(x: float) -> float {\n");
        for (int i = 0; i < n; i++)
            text_add(&t, "    y = %d\n", i);
        text_add(&t, "    return x * y\n}\n");
        check_source(&c, text_c(&t));
        cr_assert_eq(c.diags.list.n, 0, "%s", c.messages);
        int lines = 0;
        for (const char *at = text_c(&c.shapes); (at = strchr(at, '\n')); at++)
            lines++;
        cr_expect_eq(lines, n == 5000 ? 5000 : 5001, "%d of %d", lines, n);
        cr_expect_eq(strstr(text_c(&c.shapes), "and more: only 5000 are listed\n") != NULL, n > 5000);
        arena_free(&c.arena);
    }
    arena_free(&arena);
}

/* Every file is there, with the same text. */
static const char *read_the_same(void *user, const char *path, size_t *n, Arena *arena, const char **refused)
{
    static const char text[] = "const k = 1\n\0";
    (void)user, (void)path, (void)refused;
    *n = strlen(text);
    return arena_copy(arena, text, sizeof text);
}

static const char *said_of_imports(Arena *arena, int n)
{
    Strings strings;
    Sources sources = {.arena = arena};
    Diags diags = {.arena = arena, .sources = &sources};
    Text t = {.arena = arena}, out = {.arena = arena};
    strings_init(&strings, arena);
    for (int i = 0; i < n; i++)
        text_add(&t, "import \"f%d.nn\" as n%d\n", i, i);
    char *text = arena_alloc(arena, t.n + 2);
    memcpy(text, text_c(&t), t.n);
    Ast *ast = parse_file(arena, &strings, &diags, &sources, source_add(&sources, "prog.nn", text, t.n, false));
    SemaOptions options = {.read_file = read_the_same};
    sema_check(arena, &strings, &sources, &diags, dims_new(arena), ast, "prog", &options);
    diag_render(&diags, &out, false);
    return text_c(&out);
}

Test(sema, files_of_a_program)
{
    Arena arena = {0};
    cr_expect_str_eq(said_of_imports(&arena, 199), "");
    cr_expect_str_eq(said_of_imports(&arena, 200), "prog.nn:200:1: error E0605: more than 200 files\n"
                                                   "  200 | import \"f199.nn\" as n199\n"
                                                   "      | ^^^^^^^^^^^^^^^^^^^^^^^^\n");
    arena_free(&arena);
}

/* ---- files that are imported ---- */

static const char *const imported[] = {
    "one.nn",
    "const k = 1\nfn twice(x: float) -> float { return x * 2 }\n",
    "whole.nn",
    "import \"one.nn\" as one\nconst k = 1\nmodel m = Dense(1, 1)\noption o: float = 1\noptimizer how = sgd()\n"
    "data d { x: float = csv(\"a.csv\", column=0) }\n"
    "train fit(ex in d.all) { minimize mean(m(ex.x[:, _])) over m using how }\neval e(ex in d.all) { report v = mean(ex.x) }\n"
    "export fn f(x: float) -> float { return x }\n",
    "itself.nn",
    "import \"itself.nn\" as itself\n",
    "round.nn",
    "import \"about.nn\" as about\n",
    "about.nn",
    "import \"round.nn\" as round\n",
    "wrong.nn",
    "const k = wrong\nfn f(x: float) -> float { return x + wrong }\n",
};

static const char *read_imported(void *user, const char *path, size_t *n, Arena *arena, const char **refused)
{
    (void)user;
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    if (strcmp(name, "secret.nn") == 0) *refused = "it lies outside";
    for (size_t i = 0; i < sizeof imported / sizeof *imported; i += 2) {
        if (strcmp(name, imported[i]) != 0) continue;
        *n = strlen(imported[i + 1]);
        char *text = arena_alloc(arena, *n + 2);
        memcpy(text, imported[i + 1], *n);
        return text;
    }
    return NULL;
}

static const char *said_of_program(Arena *arena, const char *source, const char *const *defines, uint32_t n_defines)
{
    Checked c;
    Text out = {.arena = arena};
    check_under(&c, "prog.nn", source, strlen(source),
                (SemaOptions){.read_file = read_imported, .defines = defines, .n_defines = n_defines});
    for (uint32_t i = 0; i < c.diags.list.n; i++) {
        const Diag *d = c.diags.list.at[i];
        const SourceFile *file = source_get(&c.sources, d->span.file);
        text_add(&out, "%s:%u: %s", file->name, source_line(file, d->span.lo), d->text);
        for (uint32_t k = 0; k < d->parts.n; k++)
            text_add(&out, "%s%s", d->parts.at[k].text[0] ? " | " : "", d->parts.at[k].text);
        text_add(&out, "\n");
    }
    const char *said = text_c(&out);
    arena_free(&c.arena);
    return said;
}

#define LOOKED(path, rest) \
    "prog.nn:1: there is no file \"" path "\" | looked beside this file, in the folders of -I, and in the library (std/vision.nn)" rest "\n"

Test(sema, imports_that_are_wrong)
{
    static const struct {
        const char *source, *said;
    } rows[] = {
        {"import \"one.nn\" as one\nexport fn f(x: float) -> float { return one.twice(x) * one.k }\n", ""},
        {"import \"whole.nn\" as whole\n", "whole.nn:3: an imported file holds consts, layers, metrics and functions only\n"
                                           "whole.nn:4: an imported file holds consts, layers, metrics and functions only\n"
                                           "whole.nn:5: an imported file holds consts, layers, metrics and functions only\n"
                                           "whole.nn:6: an imported file holds consts, layers, metrics and functions only\n"
                                           "whole.nn:7: an imported file holds consts, layers, metrics and functions only\n"
                                           "whole.nn:8: an imported file holds consts, layers, metrics and functions only\n"
                                           "whole.nn:9: an imported file holds consts, layers, metrics and functions only\n"},
        {"import \"itself.nn\" as itself\n", "itself.nn:1: \"itself.nn\" imports itself, perhaps through another file\n"},
        {"import \"round.nn\" as round\n", "about.nn:1: \"round.nn\" imports itself, perhaps through another file\n"},
        {"import \"secret.nn\" as secret\n", "prog.nn:1: \"secret.nn\" cannot be imported: it lies outside\n"},
        {"import \"none.nn\" as none\n", LOOKED("none.nn", "")},
        {"import \"none\" as none\n", LOOKED("none", " | write the whole name of the file: \"none.nn\"")},
        {"import \"vision.nn\" as vision\n", LOOKED("vision.nn", " | that of the library is \"std/vision.nn\"")},
        {"import \"sub/vision.nn\" as vision\n", LOOKED("sub/vision.nn", " | that of the library is \"std/vision.nn\"")},
        {"import \"wrong.nn\" as wrong\n", "wrong.nn:1: unknown name `wrong`\nwrong.nn:2: unknown name `wrong` | names here: x\n"},
        {"import \"one.nn\" as one\nimport \"one.nn\" as one\n",
         "prog.nn:2: `one` is declared twice | first here | give one of them another name\n"},
        {"import \"one.nn\" as one\nexport fn f(x: float) -> float { return one.thrice(x) * one }\n",
         "prog.nn:2: one.nn has nothing named `thrice` | did you mean `twice`?\n"},
    };
    Arena arena = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_str_eq(said_of_program(&arena, rows[i].source, NULL, 0), rows[i].said, "%s%s", rows[i].source,
                         said_of_program(&arena, rows[i].source, NULL, 0));
    arena_free(&arena);
}

Test(sema, defines_that_are_wrong)
{
    static const struct {
        const char *define, *said;
    } rows[] = {
        {"hid=32", ""},
        {"hidd=32", "prog.nn:1: -D hidd=32: the program has no const `hidd` | did you mean `hid`?\n"},
        {"hid", "prog.nn:1: -D hid gives `hid` no value | write -D hid=value\n"},
        {"hidden", "prog.nn:1: -D hidden: the program has no const `hidden`\n"},
        {"L=3", "prog.nn:1: -D L=3: the program has no const `L`\n"},
        {"xyz=3", "prog.nn:1: -D xyz=3: the program has no const `xyz`\n"},
        {"=3", "prog.nn:1: -D =3: the program has no const ``\n"},
        {"hid=", "prog.nn:8: `n_out` of Dense is int, not the text \"\"\n"},
        {"hid=3.5", "prog.nn:8: `n_out` of Dense is int, not the number 3.5 | where `hid` is made, whole numbers are divided by `//`\n"},
    };
    Arena arena = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_str_eq(said_of_program(&arena, small, &rows[i].define, 1), rows[i].said, "%s\n%s", rows[i].define,
                         said_of_program(&arena, small, &rows[i].define, 1));
    arena_free(&arena);
}

Test(sema, storage_order_and_sharing)
{
    Checked c;
    check_source(&c, "layer Two(n: int) { layer first = Dense(_, n)\n layer second = Dense(n, n)\n"
                     "    fn forward[B](x: float[B, 3]) -> float[B, n] { return second(second(first(x))) } }\n"
                     "layer Tied(e: layer) { fn forward[B](x: int<5>[B]) -> float[B, 2] { return e(x) } }\n"
                     "layer Both { layer e = Embedding(5, 2)\n layer t = Tied(e)\n"
                     "    fn forward[B](x: int<5>[B]) -> float[B, 2] { return t(x) + e(x) } }\n"
                     "model two = Two(4)\nmodel both = Both()\n"
                     "export fn f[B](x: float[B, 3]) -> float[B, 4] { return two(x) }\n"
                     "export fn g[B](x: int<5>[B]) -> float[B, 2] { return both(x) }\n");
    cr_assert_eq(c.diags.list.n, 0, "%s", c.messages);
    cr_assert_eq(c.program->tensors.n, 5);
    cr_expect_str_eq(c.program->tensors.at[0].name, "two.first.w");
    cr_expect_str_eq(c.program->tensors.at[2].name, "two.second.w");
    cr_expect_str_eq(c.program->tensors.at[4].name, "both.e.table");
    arena_free(&c.arena);
}

/* Any text ends in messages, not in a crash. */
Test(sema, broken_programs)
{
    size_t n = strlen(small);
    uint32_t seed = 12345;
    for (int i = 0; i < 400; i++) {
        char *text = malloc(n + 1);
        memcpy(text, small, n + 1);
        for (int k = 0; k < 1 + i % 3; k++) {
            seed = seed * 1664525u + 1013904223u;
            size_t at = (seed >> 8) % n;
            seed = seed * 1664525u + 1013904223u;
            static const char bytes[] = "(){}[]=,.:0x_\n\"*+-<>";
            text[at] = bytes[(seed >> 8) % (sizeof bytes - 1)];
        }
        Checked c;
        check_text(&c, "prog.nn", text, n, NULL, 0);
        cr_expect(c.diags.n_errors >= 0);
        arena_free(&c.arena);
        free(text);
    }
}
