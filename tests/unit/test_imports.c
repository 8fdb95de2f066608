/* links: nnc_sema nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_imports.c: programs of several files: where they are looked for, what is told of them, and what can be given to readers. */
#include <criterion/criterion.h>

#include "sema/base/initialisers.h"
#include "sema/base/readers.h"
#include "sema/data_args.h"
#include "sema_help.h"

static const struct File {
    const char *path, *text;
} files[] = {
    {"src/part.nn", "fn twice(x: float) -> float { return 2 * x }\nconst k = 3\n"},
    {"src/self.nn", "import \"self.nn\" as s\nfn f(x: float) -> float { return x }\n"},
    {"src/ring.nn", "import \"gnir.nn\" as g\nfn f(x: float) -> float { return x }\n"},
    {"src/gnir.nn", "import \"ring.nn\" as r\nfn f(x: float) -> float { return x }\n"},
    {"src/wrong.nn", "fn f(x: float) -> float { return y }\n"},
    {"src/model.nn",
     "import \"std/vision.nn\" as v\nmodel net = Dense(2, 2)\noption rate: float = 1\nfn g(x: float) -> float { return v.none }\n"},
    {"src/sub/deep.nn", "import \"more.nn\" as m\nfn f(x: float) -> float { return m.h(x) }\n"},
    {"src/sub/more.nn", "fn h(x: float) -> float { return x + 1 }\n"},
    {"/abs/file.nn", "fn f(x: float) -> float { return x }\n"},
    {"first/both.nn", "const k = 1\n"},
    {"second/both.nn", "const k = 2\n"},
    {"second/later.nn", "const k = 4\n"},
};

static const char *read_file(void *user, const char *path, size_t *n, Arena *arena, const char **refused)
{
    Text *asked = user;
    text_add(asked, "%s ", path);
    if (strstr(path, "secret")) *refused = "Permission denied";
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (strcmp(files[i].path, path) != 0) continue;
        *n = strlen(files[i].text);
        char *copy = arena_alloc(arena, *n + 2);
        return memcpy(copy, files[i].text, *n);
    }
    return NULL;
}

/* What is said of a program src/prog.nn, behind the paths that were asked for. */
static void check(const char *program, const char *paths, const char *wanted)
{
    Arena arena = {0};
    Strings strings;
    Sources sources = {.arena = &arena};
    Diags diags = {.arena = &arena, .sources = &sources};
    Text out = {.arena = &arena}, asked = {.arena = &arena};
    strings_init(&strings, &arena);
    size_t n = strlen(program);
    char *copy = arena_alloc(&arena, n + 2);
    memcpy(copy, program, n);
    Ast *ast = parse_file(&arena, &strings, &diags, &sources, source_add(&sources, "src/prog.nn", copy, n, false));
    static const char *const folders[] = {"first", "second"};
    SemaOptions options = {.read_file = read_file, .user = &asked, .include_dirs = folders, .n_include_dirs = 2};
    sema_check(&arena, &strings, &sources, &diags, dims_new(&arena), ast, "prog", &options);
    diag_render(&diags, &out, false);
    cr_expect_str_eq(text_c(&asked), paths, "%sasked for %s", program, text_c(&asked));
    cr_expect_str_eq(text_c(&out), wanted, "%s%s", program, text_c(&out));
    arena_free(&arena);
}

Test(imports, are_looked_for_beside_the_file_then_in_the_folders)
{
    check("import \"part.nn\" as p\nexport fn f(x: float) -> float { return p.twice(x) * p.k }\n", "src/part.nn ", "");
    check("import \"sub/deep.nn\" as d\nexport fn f(x: float) -> float { return d.f(x) }\n", "src/sub/deep.nn src/sub/more.nn ", "");
    check("import \"/abs/file.nn\" as a\nexport fn f(x: float) -> float { return a.f(x) }\n", "/abs/file.nn ", "");
    check("import \"both.nn\" as b\nexport fn f(x: float[b.k]) -> float[1] { return x }\n", "src/both.nn first/both.nn ", "");
    check("import \"later.nn\" as l\nexport fn f(x: float[l.k]) -> float[4] { return x }\n", "src/later.nn first/later.nn second/later.nn ",
          "");
    check("import \"std/vision.nn\" as v\nimport \"part.nn\" as p\nimport \"part.nn\" as q\nconst k = p.k + q.k\n",
          "src/std/vision.nn first/std/vision.nn second/std/vision.nn src/part.nn src/part.nn ", "");
}

Test(imports, what_is_wrong_with_them)
{
    check("import \"secret.nn\" as s\n", "src/secret.nn ",
          "src/prog.nn:1:1: error E0112: \"secret.nn\" cannot be imported: Permission denied\n"
          "    1 | import \"secret.nn\" as s\n"
          "      | ^^^^^^^^^^^^^^^^^^^^^^^\n");
    check("import \"self.nn\" as s\n", "src/self.nn src/self.nn ",
          "src/self.nn:1:1: error E0112: \"self.nn\" imports itself, perhaps through another file\n"
          "    1 | import \"self.nn\" as s\n"
          "      | ^^^^^^^^^^^^^^^^^^^^^\n");
    check("import \"ring.nn\" as s\n", "src/ring.nn src/gnir.nn src/ring.nn ",
          "src/gnir.nn:1:1: error E0112: \"ring.nn\" imports itself, perhaps through another file\n"
          "    1 | import \"ring.nn\" as r\n"
          "      | ^^^^^^^^^^^^^^^^^^^^^\n");
    check("import \"wrong.nn\" as w\nexport fn f(x: float) -> float { return w.f(x) }\n", "src/wrong.nn ",
          "src/wrong.nn:1:34: error E0101: unknown name `y`\n"
          "    1 | fn f(x: float) -> float { return y }\n"
          "      |                                  ^\n"
          "   names here: x\n");
    check("import \"part.nn\" as p\nexport fn f(x: float) -> float { return p.twise(x) + p.relu(x) }\n", "src/part.nn ",
          "src/prog.nn:2:43: error E0101: src/part.nn has nothing named `twise`\n"
          "    2 | export fn f(x: float) -> float { return p.twise(x) + p.relu(x) }\n"
          "      |                                           ^^^^^\n"
          "   help: did you mean `twice`?\n"
          "src/prog.nn:2:56: error E0101: src/part.nn has nothing named `relu`\n"
          "    2 | export fn f(x: float) -> float { return p.twise(x) + p.relu(x) }\n"
          "      |                                                        ^^^^\n"
          "   help: it has no prefix: write `relu`\n");
}

/* What the editor offers. */
Test(imports, names_of_readers_and_initialisers)
{
    static const char all[] = "csv: path test shape column columns sep decimal quote header missing fill skip window stride bytes words "
                              "chars numbers labels end max like\n"
                              "idx: path test shape\n"
                              "npy: path test shape window stride\n"
                              "npz: path test shape window stride array\n"
                              "safetensors: path test shape window stride array\n"
                              "json_lines: path test shape key bytes words chars numbers labels end max like\n"
                              "raw: path test shape stride offset dtype endian\n"
                              "bytes: path test shape stride\n"
                              "lines: path test shape bytes words chars numbers labels end max like\n"
                              "lines_dir: path test shape bytes words chars numbers labels end max like glob name\n"
                              "image_dir: path test shape labels like glob name gray raw resize\n"
                              "wav_dir: path test shape labels like glob name rate resample\n"
                              "normal truncated_normal uniform glorot glorot_normal he he_uniform lecun lecun_uniform orthogonal ";
    Arena arena = {0};
    Text t = {.arena = &arena};
    for (int i = 0; reader_names[i]; i++) {
        text_add(&t, "%s:", reader_names[i]);
        const char *name;
        for (uint32_t k = 0; (name = reader_argument(reader_names[i], k)); k++)
            text_add(&t, " %s", name);
        text_add(&t, "\n");
    }
    const char *name;
    for (int i = 0; (name = initialiser_name(i)); i++)
        text_add(&t, "%s ", name);
    cr_expect_str_eq(text_c(&t), all, "%s", text_c(&t));
    cr_expect_null(reader_argument("parquet", 0));
    arena_free(&arena);
}

/* --shapes lists the first of very many names. */
Test(imports, shapes_of_many_names)
{
    for (int n = 5000; n <= 5002; n++) {
        Arena arena = {0};
        Checked c;
        Text t = {.arena = &arena};
        text_add(&t, "export fn f(x: float) -> float {\n");
        for (int i = 0; i < n; i++)
            text_add(&t, "y%d = x\n", i);
        text_add(&t, "return x\n}\n");
        check_source(&c, text_c(&t));
        const char *end = strstr(text_c(&c.shapes), n == 5000 ? "prog.nn:5001:1: y4999: float\n" : "and more: only 5000 are listed\n");
        cr_expect_str_eq(end ? end : "", n == 5000 ? "prog.nn:5001:1: y4999: float\n" : "and more: only 5000 are listed\n", "%d", n);
        arena_free(&c.arena);
        arena_free(&arena);
    }
}
