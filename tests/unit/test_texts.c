/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_texts.c: cells of CSV texts, texts as codes, the files of folders, packed files: each a table of what is given and what it becomes,
 * or what is said of it, as one text. */
#include "reader_help.h"

#include <zlib.h>

#include "base/bytes.h"
#include "data/cell_table.h"
#include "data/folder.h"
#include "data/texts.h"
#include "rows.h"

/* ---- cells ---- */

static const struct {
    const char *text;
    size_t n;
    char separator;
    bool full;
    const char *want; /* of each row its line, and its cells with their places */
} cells[] = {
    {"a,b\n1,2\n", 0, ',', true, "1: 1 a|3 b; 2: 1 1|3 2;"},
    {"a,b\r\n\r\n  \n1,2", 0, ',', true, "1: 1 a|3 b; 4: 1 1|3 2;"},
    {"a\r1\r\r2\r", 0, ',', true, "1: 1 a; 2: 1 1; 4: 1 2;"},
    {" a , b \n", 0, ',', true, "1: 1  a |5  b ;"},
    {"\"a,\"\"b\"\"\",c\n", 0, ',', true, "1: 1 a,\"b\"|11 c;"},
    {"\"a\nb\" ,\"\"\n5,6\n", 0, ',', true, "1: 1 a\nb|5 ; 3: 1 5|3 6;"},
    {"a \"b\",c\n", 0, ',', true, "1: 1 a \"b\"|7 c;"},
    {"\"a\" \t,b\n", 0, ',', true, "f:1:5: something follows a closing quote"},
    {"\"a\"b,c\n", 0, ',', true, "f:1:4: something follows a closing quote"},
    {"x,\"\n\n", 0, ',', true, "f:1:3: this quote has no end"},
    {"x\n\"a\nb\"c", 0, ',', true, "1: 1 x; f:3:3: something follows a closing quote"},
    {"1,2\n3\n", 0, ',', true, "1: 1 1|3 2; f:2: this row has 1 cell, but the first has 2"},
    {"1,2,3\n4,5\n", 0, ',', true, "1: 1 1|3 2|5 3; f:2: this row has 2 cells, but the first has 3"},
    {"1,2\n3\n", 0, ',', false, "1: 1 1|3 2; 2: 1 3;"},
    {"1,2\n3,4,\n", 0, ',', false, "1: 1 1|3 2; f:2:5: this row has more cells than the first row, which has 2"},
    {"1;2\n3;4\n", 0, ';', true, "1: 1 1|3 2; 2: 1 3|3 4;"},
    {"1;2\n3,4\n", 0, ';', true, "1: 1 1|3 2; f:2: this row has 1 cell, but the first has 2 (there are commas between cells: sep=\",\")"},
    {"1\n3;4\n", 0, ',', true, "1: 1 1; 2: 1 3;4;"},
    {"1;2\n3,4\n", 0, ',', true,
     "1: 1 1;2; f:2:3: this row has more cells than the first row, which has 1 (there are `;` between cells: sep=\";\")"},
    {"1\t2\n3,4\n", 0, ',', true,
     "1: 1 1\t2; f:2:3: this row has more cells than the first row, which has 1 (there are tabs between cells: sep=\"\\t\")"},
    {"1 2.5\n3,4\n", 0, ',', true,
     "1: 1 1 2.5; f:2:3: this row has more cells than the first row, which has 1 (there are blanks between cells: sep=\" \")"},
    {"1 x\n3,4\n", 0, ',', true, "1: 1 1 x; f:2:3: this row has more cells than the first row, which has 1"},
    {"1,2\n3;4\n", 0, CELLS_GUESS, true,
     "1: 1 1|3 2; f:2: this row has 1 cell, but the first has 2 (there are `;` between its cells, but not in the first row)"},
    {"1,2\n3\t4\n", 0, CELLS_GUESS, true,
     "1: 1 1|3 2; f:2: this row has 1 cell, but the first has 2 (there are tabs between its cells, but not in the first row)"},
    {"1;2\n3,4\n", 0, CELLS_GUESS, true,
     "1: 1 1|3 2; f:2: this row has 1 cell, but the first has 2 (there are commas between its cells, but not in the first row)"},
    {"1;2\n3 4\n", 0, CELLS_GUESS, true,
     "1: 1 1|3 2; f:2: this row has 1 cell, but the first has 2 (there are blanks between its cells, but not in the first row)"},
    {"1;2,5\n", 0, CELLS_GUESS, true, "1: 1 1|3 2,5;"},
    {"1\t2;3\n", 0, CELLS_GUESS, true, "1: 1 1|3 2;3;"},
    {"\"a;\tb\",c\n", 0, CELLS_GUESS, true, "1: 1 a;\tb|8 c;"},
    {"\n \n1;2\n", 0, CELLS_GUESS, true, "3: 1 1|3 2;"},
    {" 1  2\t3 \n4 5 6\n", 0, CELLS_BLANKS, true, "1: 2 1|5 2|7 3; 2: 1 4|3 5|5 6;"},
    {"\"1 2\" 3\n", 0, CELLS_BLANKS, true, "1: 1 1 2|7 3;"},
    {"\xEF\xBB\xBF"
     "a,b\n",
     0, ',', true, "1: 1 a|3 b;"},
    {"a,b\0c\n", 6, ',', true, "f:1:3: a cell has a 0 byte; this is no text"},
    {"", 0, ',', true, ""},
};

static const char *table_text(size_t i)
{
    static char out[2000], text[200];
    CellReader r;
    size_t n = cells[i].n ? cells[i].n : strlen(cells[i].text);
    memcpy(text, cells[i].text, n);
    text[n] = 0, *out = 0;
    cells_begin(&r, "f", cells[i].separator, true);
    cells_feed(&r, text, n, true);
    int code = NNRT_OK;
    for (bool found = true; found && !code;) {
        code = cells_next(&r, &found);
        if (!code && found && cells[i].full) code = cells_full(&r);
        if (code || !found) break;
        rt_append(out, sizeof out, "%s%d: ", *out ? " " : "", r.row_line);
        for (int k = 0; k < r.n; k++)
            rt_append(out, sizeof out, "%s%d %s", k ? "|" : "", cells_place(&r, k), cells_at(&r, k));
        rt_append(out, sizeof out, ";");
    }
    if (code) rt_append(out, sizeof out, "%s%s", *out ? " " : "", nnrt_error_text());
    cells_end(&r);
    return out;
}

Test(cells, rows_and_places)
{
    for (size_t i = 0; i < N_ROWS(cells); i++) {
        const char *got = table_text(i);
        cr_expect_str_eq(got, cells[i].want, "row %zu: %s", i, got);
    }
}

static const struct {
    const char *cell;
    char decimal;
    CellKind kind;
    double v;
} numbers[] = {
    {"1", '.', CELL_NUMBER, 1},
    {" -2.5e1 \t", '.', CELL_NUMBER, -25},
    {"", '.', CELL_TEXT, 0},
    {" ", '.', CELL_TEXT, 0},
    {"1 2", '.', CELL_TEXT, 0},
    {"1e999", '.', CELL_HUGE, 0},
    {"-1e999", '.', CELL_HUGE, 0},
    {"1e-999", '.', CELL_NUMBER, 0},
    {"1e999x", '.', CELL_TEXT, 0},
    {"1,5", '.', CELL_TEXT, 0},
    {"1,5", ',', CELL_NUMBER, 1.5},
    {",5", ',', CELL_NUMBER, 0.5},
    {"1.5", ',', CELL_TEXT, 0},
    {"1.000,5", ',', CELL_TEXT, 0},
    {"1,0,5", ',', CELL_TEXT, 0},
    {"7", ',', CELL_NUMBER, 7},
    {"-1,5e2", ',', CELL_NUMBER, -150},
};

Test(cells, numbers)
{
    for (size_t i = 0; i < N_ROWS(numbers); i++) {
        double v = -99;
        CellKind kind = cell_number(numbers[i].cell, numbers[i].decimal, &v);
        cr_expect(kind == numbers[i].kind && (kind != CELL_NUMBER || v == numbers[i].v), "%s: %d, %g", numbers[i].cell, kind, v);
    }
    char digits[402];
    double v = 0;
    memset(digits, '0', sizeof digits);
    digits[399] = 0, digits[1] = ',', digits[398] = '5';
    cr_expect_eq(cell_number(digits, ',', &v), CELL_NUMBER);
    digits[399] = '0', digits[400] = 0;
    cr_expect_eq(cell_number(digits, ',', &v), CELL_TEXT); /* too long */
    cr_expect(cell_has_comma("1,5") && !cell_has_comma("1.5") && !cell_has_comma("a,b") && !cell_has_comma("15") &&
              cell_has_comma("1,e999"));
}

/* ---- texts as codes ---- */

#define ARG(KEY) "{\"key\":\"" KEY "\",\"bool\":true}"
#define NUMBER(KEY, N) ",{\"key\":\"" KEY "\",\"int\":" N "}"
#define NAMES(LIST) "{\"key\":\"labels\",\"strings\":[" LIST "]}"
#define COLUMN "{\"key\":\"column\",\"int\":0},"
#define SKIP ",{\"key\":\"skip\",\"bool\":true}"
#define MARK ",{\"key\":\"missing\",\"string\":\"?\"}"

static const struct {
    bool csv;
    const char *text, *args;
    int64_t bound;
    const char *want; /* codes of the texts; the words */
} texts[] = {
    {false, "b a b\n\nc b\n", ARG("words"), 0, "2 3 2;;4 2; = |?|b|a|c"},
    {false, "b a b\nc b\n", ARG("words"), 4, "2 3 2;1 2; = |?|b|a"},
    {false, "b a b\nc b\n", ARG("words"), 2, "1 1 1;1 1; = |?"},
    {false, "b a b\nc b\n", ARG("words"), 9, "2 3 2;4 2; = |?|b|a|c"},
    {false, "b a b\nc b\n", ARG("words") NUMBER("max", "2"), 0, "2 3;4 2; = |?|b|a|c"},
    {false, "b a b\nc b\n", ARG("words") NUMBER("max", "2") "," ARG("end"), 0, "2 0;4 0; = |?|b|a|c"},
    {false, "B-b's x2\n", ARG("words"), 0, "2 2 3 4; = |?|b|s|x2"},
    {false, "aba\r\nc\n", ARG("chars"), 0, "2 3 2;4; = |?|a|b|c"},
    {false, "a", ARG("bytes") "," ARG("end"), 256, "97 0;"},
    {false, " 1  2\n3", ARG("numbers"), 4, "1 2;3;"},
    {false, "1 4\n", ARG("numbers"), 4, "t:1: 4 is not in 0..3 of f"},
    {false, "1\n-1\n", ARG("numbers"), 0, "t:2: -1 is not in 0..2147483647 of f"},
    {false, "1\n2147483648\n", ARG("numbers"), 0, "t:2: 2147483648 is not in 0..2147483647 of f"},
    {false, "2147483647\n", ARG("numbers"), 0, "2147483647;"},
    {false, "1 2x\n", ARG("numbers"), 0, "t:1: \"x\" is no integer"},
    {false, "", ARG("words"), 0, "t: there are no lines"},
    {false, "a\n", NUMBER("x", "1") + 1, 0, "f: lines needs bytes=, words=, chars=, numbers= or labels="},
    {false, "dog\ncat\ndog\n", ARG("labels"), 2, "1;0;1; = cat|dog"},
    {false, "dog\ncat\neel\n", ARG("labels"), 2, "t:3: \"eel\" is a 3rd class but f is int<2> (dog, cat)"},
    {false, "dog\n", NAMES("\"cat\",\"dog\""), 2, "1; = cat|dog"},
    {false, "dog\ndgo\n", NAMES("\"cat\",\"dog\""), 2, "t: \"dgo\" is no class of f; did you mean dog?"},
    {false, "dog\nwhale\n", NAMES("\"cat\",\"dog\""), 2, "t: \"whale\" is no class of f; there are cat, dog"},
    {true, "dog\n\"a b\"\n", COLUMN ARG("words"), 0, "4;2 3; = |?|a|b|dog"},
    {true, "1 2\n3 x\n", COLUMN ARG("numbers"), 0, "t:2: \"x\" is no integer"},
    {true, "dog\ncat\ndog\n", COLUMN ARG("labels"), 2, "1;0;1; = cat|dog"},
    {true, "kind\ncat\ndog\ncat\ndog\n", COLUMN ARG("labels"), 2,
     "t:3: \"dog\" is a 3rd class but f is int<2> (kind, cat); if the first line holds names: header=true"},
    {true, "cat\ncat\ndog\nCat \n", COLUMN ARG("labels"), 2,
     "t:4: \"Cat \" is a 3rd class but f is int<2> (cat, dog); it is cat but for blanks or capitals"},
    {true, "a\n\nb\n", COLUMN ARG("labels"), 2, "0;1; = a|b"},
    {true, "a\n\"\"\nb\n", COLUMN ARG("labels"), 2, "t:2:1: column 0: the cell is empty (skip=true leaves its row out)"},
    {true, "a\n\"\"\nb\n", COLUMN ARG("labels") SKIP, 2, "0;1; = a|b"},
    {true, "a\n?\nb\n", COLUMN ARG("labels") MARK, 3, "t:2:1: column 0: \"?\" stands for a missing cell (skip=true leaves its row out)"},
    {true, "a\n?\nb\n", COLUMN ARG("labels") MARK SKIP, 3, "0;1; = a|b"},
    {true, "a\n\"\"\nb\n", COLUMN ARG("words"), 0, "2;;3; = |?|a|b"},
    {true, "a\nx\n", COLUMN NAMES("\"a\",\"b\""), 2, "t:2: \"x\" is no class of f; there are a, b"},
};

static const char *text_of(const Opened *o)
{
    static char out[1000];
    double v[64];
    nnrt_source s = o->source;
    *out = 0;
    for (int64_t i = 0; i < s.n; i++) {
        int64_t n = s.count(&s, i);
        cr_assert(n <= 64 && source_numbers(&s, i, v) == 0);
        for (int64_t k = 0; k < n; k++)
            rt_append(out, sizeof out, "%s%g", k ? " " : "", v[k] > 1e6 ? 0 : v[k]);
        if (n == 1 && v[0] > 1e6) snprintf(out, sizeof out, "%.0f", v[0]);
        rt_append(out, sizeof out, ";");
    }
    for (int w = 0; o->m->n_vocabs && w < o->m->vocab[0].n; w++)
        rt_append(out, sizeof out, "%s%s", w ? "|" : " = ", o->m->vocab[0].word[w]);
    return out;
}

Test(texts, codes_and_words)
{
    enter_folder();
    for (size_t i = 0; i < N_ROWS(texts); i++) {
        write_file("t", texts[i].text, strlen(texts[i].text));
        Opened o = try_open(texts[i].csv ? &nnrt_reader_csv : &nnrt_reader_lines, "t", texts[i].args,
                            strstr(texts[i].args, "labels") ? 0 : 1, -1, texts[i].bound);
        const char *got = o.code ? nnrt_error_text() : text_of(&o);
        cr_expect_str_eq(got, texts[i].want, "row %zu: %s", i, got);
        drop(&o);
    }
}

/* Thousands of words: each has its own code, and is found again. */
Test(texts, many_words)
{
    enter_folder();
    FILE *f = fopen("t", "w");
    for (int i = 0; i < 5000; i++)
        fprintf(f, "w%d%s\n", i % 2500, i % 3 ? "" : " the");
    fclose(f);
    Opened o = try_open(&nnrt_reader_lines, "t", ARG("words"), 1, -1, 0);
    cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
    cr_assert(o.m->n_vocabs == 1 && o.m->vocab[0].n == 2503);
    for (int i = 0; i < 5000; i++) {
        char word[20];
        double v[2];
        snprintf(word, sizeof word, "w%d", i % 2500);
        cr_assert(o.source.count(&o.source, i) == 1 + (i % 3 == 0) && source_numbers(&o.source, i, v) == 0);
        cr_assert_str_eq(o.m->vocab[0].word[(int)v[0]], word);
        if (i % 3 == 0) cr_assert_eq(v[1], 2); /* the most frequent one */
    }
    drop(&o);
}

/* ---- folders ---- */

static void touch(const char *path)
{
    write_file(path, "x\n", 2);
}

static const char *listed(const char *folder, const char *glob)
{
    static char out[1000];
    char **path = NULL;
    int n = 0;
    *out = 0;
    int code = folder_list(folder, glob, &path, &n);
    for (int i = 0; i < n && !code; i++)
        rt_append(out, sizeof out, "%s%s", i ? " " : "", path[i]);
    rt_free_texts(path, n);
    return code ? nnrt_error_text() : out;
}

Test(folders, files_in_order)
{
    static const char *const files[] = {"a/2_m.png", "a/10_m.png", "a/1_m.png", "a/b/0_m.png", "a/.x_m.png", "a/x.txt",
                                        "c/10.png",  "c/2.png",    "c/1.b.png", "c/1.png",     "c/d.e/f",    "a/b.png"};
    static const struct {
        const char *folder, *glob, *want;
    } rows[] = {
        {"a", "*_m.png", "a/1_m.png a/10_m.png a/2_m.png a/b/0_m.png"},
        {"a///", "*_m.png", "a/1_m.png a/10_m.png a/2_m.png a/b/0_m.png"},
        {"a", "*.png", "a/10_m.png a/1_m.png a/2_m.png a/b.png a/b/0_m.png"}, /* these have nothing in common behind */
        {"a", "*.txt|2*", "a/2_m.png a/x.txt"},
        {"a", "|*.txt|", "a/x.txt"},
        {"c", "*", "c/1.png c/1.b.png c/10.png c/2.png c/d.e/f"},
        {"a", "*.jpg", "a: no file matches *.jpg"},
        {"none", "*", "none: No such file or directory"},
    };
    enter_folder();
    mkdir("a", 0777), mkdir("a/b", 0777), mkdir("c", 0777), mkdir("c/d.e", 0777);
    for (size_t i = 0; i < N_ROWS(files); i++)
        touch(files[i]);
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        const char *got = listed(rows[i].folder, rows[i].glob);
        cr_expect_str_eq(got, rows[i].want, "row %zu: %s", i, got);
    }
}

static const struct {
    const char *root, *path, *name; /* name: of name=, or NULL */
    bool by_file;
    const char *label;
} labels[] = {
    {"d", "d/cat/1.png", NULL, false, "cat"},
    {"d/", "d/cat/more/1.png", NULL, false, "cat"},
    {"d", "d/1.png", NULL, false, "d"},
    {"x/d", "x/d/1.png", NULL, false, "d"},
    {"/", "/1.png", NULL, false, ""},
    {"d", "d/a.b.txt", NULL, true, "a.b"},
    {"d", "d/ab", NULL, true, "ab"},
    {"d", "d/.ab", NULL, true, ".ab"},
    {"d", "d/s/cat_1.png", "{label}_*", false, "cat"},
    {"d", "d/cat.png", "{label}_*", false, NULL},
    {"d", "d/cat_.png", "{label}_*.jpg", false, NULL},
    {"d", "d/img-cat-1.png", "img-{label}-*", false, "cat"},
    {"d", "d/im", "img-{label}-*", false, NULL},
    {"d", "d/r.x.pos", "*.{label}", false, "pos"},
    {"d", "d/rpos", "*.{label}", false, NULL},
    {"d", "d/a_b_cat.png", "*_{label}.png", false, "cat"},
    {"d", "d/cat", "{label}", false, "cat"},
};

Test(folders, labels_of_files)
{
    enter_folder();
    for (size_t i = 0; i < N_ROWS(labels); i++) {
        char text[300], *path = (char *)(uintptr_t)labels[i].path;
        Texts label = {0};
        snprintf(text, sizeof text, "{\"args\":[%s%s%s]}", labels[i].name ? "{\"key\":\"name\",\"string\":\"" : "",
                 labels[i].name ? labels[i].name : "", labels[i].name ? "\"}" : "");
        Json *reader = json_parse(text, strlen(text), NULL);
        Spec spec = {.reader = reader};
        snprintf(spec.path, sizeof spec.path, "%s", labels[i].root);
        cr_assert_eq(folder_labels(&spec, &path, 1, labels[i].by_file, &label), labels[i].label ? NNRT_OK : NNRT_E_IO, "row %zu", i);
        if (!labels[i].label)
            cr_expect(strstr(nnrt_error_text(), ": the name of the file is not like name="), "row %zu", i);
        else
            cr_expect_str_eq(texts_get(&label, 0), labels[i].label, "row %zu: %s", i, texts_get(&label, 0));
        texts_free(&label);
        json_free(reader);
    }
}

static const struct {
    const char *a[3], *b[3];
    int n, bad; /* bad: the first that do not agree, -1 none */
} pairs[] = {
    {{"a/1.png", "a/2.png"}, {"b/1.png", "b/2.png"}, 2, -1},
    {{"a/1.png", "a/2.png"}, {"b/1.jpg", "b/2.tif"}, 2, -1},
    {{"a/1.png", "a/2.png"}, {"b/1_mask.png", "b/2_mask.png"}, 2, -1},
    {{"a/m_1.png", "a/m_2.png"}, {"b/1.png", "b/2.png"}, 2, -1},
    {{"a/x1y.png", "a/x2y.png"}, {"b/1.png", "b/2.png"}, 2, -1},
    {{"a/1.png", "a/2.png"}, {"b/1_mask.png", "b/2_other.png"}, 2, 1},
    {{"a/1.png", "a/2.png"}, {"b/1_mask.png", "b/2_mas.png"}, 2, 1},
    {{"a/1.png", "a/2.png"}, {"b/x1.png", "b/y2.png"}, 2, 1},
    {{"a/1.png", "a/2.png"}, {"b/1.png", "b/3.png"}, 2, 1},
    {{"a/1.png", "a/2.png"}, {"b/3.png", "b/2.png"}, 2, 0},
    {{"a/s/1.png", "a/s/2.png"}, {"b/s/1.png", "b/t/2.png"}, 2, 1},
    {{"a/12.png", "a/2.png"}, {"b/1.png", "b/2.png"}, 2, 1},
    {{"a/1.png"}, {NULL}, 0, -1},
};

Test(folders, files_that_belong_together)
{
    for (size_t i = 0; i < N_ROWS(pairs); i++) {
        nnrt_source a = {.n = pairs[i].n, .file = (char *const *)(uintptr_t)pairs[i].a, .below = 2};
        nnrt_source b = {.n = pairs[i].n, .file = (char *const *)(uintptr_t)pairs[i].b, .below = 2}, none = {.n = 9};
        char want[200];
        int code = folder_pair("x", &a, "y", &b), bad = pairs[i].bad;
        cr_expect_eq(!code, bad < 0, "row %zu", i);
        if (bad < 0 || !code) continue;
        snprintf(want, sizeof want, "example %d is %s for x but %s for y: names must agree", bad, pairs[i].a[bad], pairs[i].b[bad]);
        cr_expect_str_eq(nnrt_error_text(), want);
        cr_expect(folder_pair("x", &a, "y", &none) == 0 && folder_pair("x", &none, "y", &b) == 0);
    }
}

/* ---- packed files ---- */

static size_t pack_member(unsigned char *to, size_t room, const char *text, const char *name, const char *remark, int extra, bool checked)
{
    static Bytef more[] = "abcdef";
    z_stream s = {.next_in = (Bytef *)(uintptr_t)text, .avail_in = (unsigned)strlen(text), .next_out = to, .avail_out = (unsigned)room};
    gz_header head = {.name = (Bytef *)(uintptr_t)name, .comment = (Bytef *)(uintptr_t)remark, .hcrc = checked};
    if (extra >= 0) head.extra = more, head.extra_len = (uInt)extra;
    cr_assert_eq(deflateInit2(&s, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    cr_assert_eq(deflateSetHeader(&s, &head), Z_OK);
    cr_assert_eq(deflate(&s, Z_FINISH), Z_STREAM_END);
    deflateEnd(&s);
    return s.total_out;
}

static const char *unpacked(const unsigned char *bytes, size_t n)
{
    static char out[400];
    char *text = NULL;
    size_t size = 0;
    write_file("g", bytes, n);
    int code = file_read("g", &text, &size);
    snprintf(out, sizeof out, "%s", code ? nnrt_error_text() : text);
    if (!code) cr_assert_eq(size, strlen(text));
    free(text);
    return out;
}

Test(packed, headers)
{
    unsigned char file[600];
    enter_folder();
    for (int form = 0; form < 24; form++) {
        const char *name = form & 1 ? "name" : NULL, *remark = form & 2 ? "" : NULL;
        bool checked = form & 4;
        int extra = form / 8 == 0 ? -1 : form / 8 == 1 ? 0 : 6;
        size_t n = pack_member(file, sizeof file, "hello, hello, hello\n", name, remark, extra, checked), head = n;
        cr_expect_str_eq(unpacked(file, n), "hello, hello, hello\n", "form %d", form);
        head = 10 + (extra >= 0 ? 2 + (size_t)extra : 0) + (name ? 5 : 0) + (remark ? 1 : 0) + (checked ? 2 : 0);
        for (size_t cut = 3; cut < n; cut++)
            cr_expect_str_eq(unpacked(file, cut), "g: the compressed data is damaged: it ends too early", "form %d, cut at %zu", form, cut);
        for (size_t at = 4; checked && at < head; at++) { /* no flags, which change what follows */
            file[at] ^= 1;
            bool length = extra >= 0 && (at == 10 || at == 11), end = (name || remark) && (file[at] == 0 || file[at] == 1);
            if (!length && !end) cr_expect_str_eq(unpacked(file, n), "g: the compressed data is damaged", "form %d, byte %zu", form, at);
            file[at] ^= 1;
        }
        for (size_t at = n - 8; at < n; at++) {
            file[at] ^= 1;
            cr_expect_str_eq(unpacked(file, n), "g: the compressed data is damaged", "form %d, byte %zu", form, at);
            file[at] ^= 1;
        }
    }
}

Test(packed, members_and_what_follows)
{
    unsigned char file[600];
    enter_folder();
    size_t n = pack_member(file, sizeof file, "one\n", "a", NULL, -1, false), two = n;
    two += pack_member(file + n, sizeof file - n, "two\n", NULL, NULL, 3, true);
    cr_expect_str_eq(unpacked(file, two), "one\ntwo\n");
    memcpy(file + two, "\0\0\0", 3); /* a block of a tape */
    cr_expect_str_eq(unpacked(file, two + 3), "one\ntwo\n");
    memcpy(file + two, "\0\x1f\x8b", 3);
    cr_expect_str_eq(unpacked(file, two + 3), "g: the compressed data is damaged: what follows it is not packed by gzip");
    memcpy(file + two, "\x1f\x8c more", 7);
    cr_expect_str_eq(unpacked(file, two + 7), "g: the compressed data is damaged: what follows it is not packed by gzip");
    cr_expect_str_eq(unpacked(file, two + 1), "g: the compressed data is damaged: it ends too early");
    cr_expect_str_eq(unpacked(file, n + 5), "g: the compressed data is damaged: it ends too early");
    file[n + 2] = 7; /* no deflate */
    cr_expect_str_eq(unpacked(file, two), "g: the compressed data is damaged");
    file[n + 2] = 8;
    for (int flag = 0x20; flag <= 0x80; flag *= 2) {
        file[3] |= (unsigned char)flag;
        cr_expect_str_eq(unpacked(file, two), "g: the compressed data is damaged");
        file[3] ^= (unsigned char)flag;
    }
    cr_expect_str_eq(unpacked((const unsigned char *)"\x1f", 1), "\x1f");
    cr_expect_str_eq(unpacked((const unsigned char *)"plain", 5), "plain");
}

/* Noise, which no packing makes shorter. */
Test(packed, longer_than_what_is_read_at_once)
{
    enum { LONG = 700000 };
    static unsigned char noise[LONG];
    uint64_t state = 5;
    char *text = NULL;
    size_t n = 0;
    enter_folder();
    for (int i = 0; i < LONG; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        noise[i] = (unsigned char)(state >> 40);
    }
    gzFile f = gzopen("noise.gz", "wb");
    cr_assert_eq(gzwrite(f, noise, LONG), LONG);
    gzclose(f);
    cr_assert_eq(file_read("noise", &text, &n), 0, "%s", nnrt_error_text());
    cr_assert(n == LONG && memcmp(text, noise, LONG) == 0);
    free(text);
}
