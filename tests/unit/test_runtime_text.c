/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_runtime_text.c: csv and texts: values, and where errors are. */
#include "reader_help.h"

#include <math.h>
#include <zlib.h>

static void csv_value(const char *text, const char *args, int64_t n, int64_t row, double want)
{
    write_file("t.csv", text, strlen(text));
    Opened o = try_open(&nnrt_reader_csv, "t.csv", args, 1, strstr(args, "window") ? 2 : 1, 0);
    double v[8] = {0};
    cr_assert_eq(o.code, 0, "%s: %s", text, nnrt_error_text());
    cr_assert_eq(o.source.n, n, "%s: %lld rows", text, (long long)o.source.n);
    cr_assert_eq(source_numbers(&o.source, row, v), 0);
    cr_assert_float_eq(v[0], want, 1e-12, "%s", text);
    drop(&o);
}

static void csv_error(const char *text, const char *args, int64_t bound, const char *part)
{
    write_file("t.csv", text, strlen(text));
    Opened o = try_open(&nnrt_reader_csv, "t.csv", args, 1, 1, bound);
    cr_assert_neq(o.code, 0, "%s", text);
    cr_assert(strstr(nnrt_error_text(), part), "%s: %s", text, nnrt_error_text());
    drop(&o);
}

#define COLUMN0 "{\"key\":\"columns\",\"range\":[0,1]}"

Test(csv, values)
{
    enter_folder();
    csv_value("1,2\n3,4\n", COLUMN1, 2, 1, 4);
    csv_value("a,b\n3,4\n", COLUMN1, 1, 0, 4); /* a header, found */
    csv_value("1,2\r\n3,4", COLUMN1, 2, 1, 4); /* CR LF, no end of line at the end */
    csv_value("\xEF\xBB\xBF"
              "1,2\n",
              COLUMN0, 1, 0, 1); /* byte order mark */
    csv_value("\"1\",\"2\"\n", COLUMN1, 1, 0, 2);
    csv_value("\"a\nb\",2\n", COLUMN1, 1, 0, 2); /* a line end inside quotes */
    csv_value("1,\n2,5\n", COLUMN1 ",{\"key\":\"fill\",\"number\":7}", 2, 0, 7);
    csv_value("1,?\n2,5\n", COLUMN1 ",{\"key\":\"skip\",\"bool\":true},{\"key\":\"missing\",\"string\":\"?\"}", 1, 0, 5);
    csv_value("1\t2\n", COLUMN1 ",{\"key\":\"sep\",\"string\":\"\\t\"}", 1, 0, 2);
    csv_value("x,y\n1,2\n3,4\n", "{\"key\":\"column\",\"string\":\"y\"}", 2, 1, 4);
    csv_value("1,-2.5e-3\n\n", COLUMN1, 1, 0, -2.5e-3);
    csv_value("1\n2\n3\n4\n", COLUMN0 ",{\"key\":\"window\",\"int\":2},{\"key\":\"stride\",\"int\":1}", 3, 2, 3);
}

Test(csv, errors_say_where)
{
    enter_folder();
    csv_error("1,2\n3,x\n", COLUMN1, 0, "t.csv:2:3: column 1: \"x\" is no number");
    csv_error("a,b\n3,x\n", COLUMN1, 0, "t.csv:2:3: column \"b\": \"x\" is no number");
    csv_error("1,2\n3\n", COLUMN1, 0, "t.csv:2: this row has 1 cell, but the first has 2");
    csv_error("1,2\n3,\n", COLUMN1, 0, "the cell is empty");
    csv_error("1,\"2\n", COLUMN1, 0, "this quote has no end");
    csv_error("1,\"2\"3\n", COLUMN1, 0, "something follows a closing quote");
    csv_error("", COLUMN1, 0, "no rows");
    csv_error("1,2\n", "{\"key\":\"column\",\"string\":\"z\"}", 0, "no column \"z\"");
    csv_error("1,a\n1,b\n1,a\n1,c\n", COLUMN1 ",{\"key\":\"labels\",\"bool\":true}", 2,
              "t.csv:4: \"c\" is a 3rd class but f is int<2> (a, b)");
    csv_error("1,a\n1,x\n", COLUMN1 ",{\"key\":\"labels\",\"strings\":[\"a\",\"b\"]}", 2, "t.csv:2: \"x\" is no class of f");
}

/* A doubled quote, the end of a line and a closing quote on each side of where a packed file is read on. */
Test(csv, borders_of_buffers)
{
    enter_folder();
    enum { BORDER = 1 << 18, MOST = BORDER + 64 };
    static const char tail[] = "\"\"y\",7\r\n\"z\",8\r\n";
    char *text = malloc(MOST);
    for (int shift = 0; shift < 20; shift++) {
        size_t n = (size_t)(BORDER - shift);
        memset(text, 'x', n);
        text[0] = '"';
        memcpy(text + n, tail, sizeof tail - 1);
        n += sizeof tail - 1;
        gzFile f = gzopen("b.csv.gz", "wb");
        gzwrite(f, text, (unsigned)n);
        gzclose(f);
        Opened o = try_open(&nnrt_reader_csv, "b.csv", COLUMN1, 1, 1, 0);
        double v[2] = {0};
        cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
        source_numbers(&o.source, 0, v), source_numbers(&o.source, 1, v + 1);
        cr_assert(o.source.n == 2 && v[0] == 7 && v[1] == 8, "%d", shift);
        drop(&o);
    }
    free(text);
}

Test(csv, packed_files_are_found)
{
    enter_folder();
    gzFile f = gzopen("p.csv.gz", "wb");
    gzputs(f, "1,2\n3,4\n");
    gzclose(f);
    static const char *const names[] = {"p.csv.gz", "p.csv"};
    for (int i = 0; i < 2; i++) {
        Opened o = try_open(&nnrt_reader_csv, names[i], COLUMN1, 1, 1, 0);
        cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
        cr_assert_eq(o.source.n, 2);
        drop(&o);
    }
}

/* ---- texts
 * --------------------------------------------------------------------------------------------------------
 */

static void text_codes(const char *text, const char *args, int64_t bound, int64_t row, int n, const int *want)
{
    write_file("t.txt", text, strlen(text));
    Opened o = try_open(&nnrt_reader_lines, "t.txt", args, 1, -1, bound);
    double v[64] = {0};
    cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
    cr_assert_eq(o.source.count(&o.source, row), n, "%lld codes", (long long)o.source.count(&o.source, row));
    source_numbers(&o.source, row, v);
    for (int i = 0; i < n; i++)
        cr_assert_eq(v[i], want[i], "code %d is %g", i, v[i]);
    drop(&o);
}

Test(text, encodings)
{
    enter_folder();
    text_codes("ab\nc\n", "{\"key\":\"bytes\",\"bool\":true}", 256, 0, 2, (int[]){'a', 'b'});
    text_codes("ab\nc\n", "{\"key\":\"bytes\",\"bool\":true},{\"key\":\"end\",\"bool\":true}", 256, 1, 2, (int[]){'c', 0});
    text_codes("abcdef\n",
               "{\"key\":\"bytes\",\"bool\":true},{\"key\":\"end\",\"bool\":true},{\"key\":\"max\","
               "\"int\":3}",
               256, 0, 3, (int[]){'a', 'b', 0});
    text_codes("b a. A c\nzz b\n", "{\"key\":\"words\",\"bool\":true}", 5, 0, 4,
               (int[]){3, 2, 2, 4}); /* a 2, b 2 by name, then c, zz; bound 5 keeps three */
    text_codes("b a. A c\nzz b\n", "{\"key\":\"words\",\"bool\":true}", 5, 1, 2, (int[]){1, 3});
    text_codes("\xC3\xA9"
               "a\xC3\xA9\n",
               "{\"key\":\"chars\",\"bool\":true}", 9, 0, 3, (int[]){2, 3, 2});
    /* Ä and ä, Σ and σ, Ж and ж are one word each; quotes and dashes are none; a byte order mark is skipped */
    text_codes("\xEF\xBB\xBF\xC3\x84rger \xE2\x80\x9C\xC3\xA4rger\xE2\x80\x9D \xE2\x80\x94 \xCE\xA3 \xCF\x83 \xD0\x96 \xD0\xB6 "
               "\xE1\xBA\x9E \xC3\x9F\n",
               "{\"key\":\"words\",\"bool\":true}", 9, 0, 8, (int[]){3, 3, 4, 4, 5, 5, 2, 2});
    text_codes("a\xFFX a\xFFx\n", "{\"key\":\"words\",\"bool\":true}", 9, 0, 2, (int[]){2, 2});
    text_codes("3 1 2\n", "{\"key\":\"numbers\",\"bool\":true}", 4, 0, 3, (int[]){3, 1, 2});
}

Test(text, wrong_numbers_say_where)
{
    enter_folder();
    write_file("t.txt", "1 2\n3 x\n", 8);
    Opened o = try_open(&nnrt_reader_lines, "t.txt", "{\"key\":\"numbers\",\"bool\":true}", 1, -1, 9);
    cr_assert(o.code && strstr(nnrt_error_text(), "t.txt:2: \"x\" is no integer"), "%s", nnrt_error_text());
    drop(&o);
}

Test(text, vocabulary_is_kept_not_made_again)
{
    enter_folder();
    write_file("t.txt", "x y\n", 4);
    Opened o = try_open(&nnrt_reader_lines, "t.txt", "{\"key\":\"words\",\"bool\":true}", 1, -1, 9);
    cr_assert_eq(o.code, 0);
    o.source.close(&o.source);
    write_file("t.txt", "y y y z\n", 8);
    cr_assert_eq(nnrt_reader_lines.open(&o.spec, &o.source), 0);
    double v[4];
    source_numbers(&o.source, 0, v);
    cr_assert(v[0] == 3 && v[3] == 1); /* y as before, z unknown */
    drop(&o);
    o = try_open(&nnrt_reader_lines, "t.txt", "{\"key\":\"bytes\",\"bool\":true}", 1, -1, 9);
    drop(&o);
    nnrt *m = nnrt_new(&line_program, 0);
    m->keeps_vocabs = true;
    nnrt_free(m);
}

Test(text, lines_of_a_folder)
{
    enter_folder();
    mkdir("l", 0777);
    write_file("l/r.neg", "bad\nworse\n", 10);
    write_file("l/r.pos", "good\nbetter\nbest", 16);
    Opened o = try_open(&nnrt_reader_lines_dir, "l", "{\"key\":\"bytes\",\"bool\":true}", 1, -1, 256);
    cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
    double v[8];
    source_numbers(&o.source, 3, v);
    cr_assert(o.source.n == 5 && o.source.count(&o.source, 3) == 6 && v[0] == 'b' && v[5] == 'r');
    cr_assert(o.source.number(&o.source, 1) == 1 && o.source.number(&o.source, 2) == 0);
    drop(&o);
    static const char *const label_args[] = {"{\"key\":\"labels\",\"bool\":true},{\"key\":\"name\",\"string\":\"*.{label}\"}",
                                             "{\"key\":\"labels\",\"bool\":true},{\"key\":\"glob\",\"string\":\"*.pos\"}"};
    o = try_open(&nnrt_reader_lines_dir, "l", label_args[0], 0, 0, 2);
    cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
    source_numbers(&o.source, 1, v), source_numbers(&o.source, 2, v + 1);
    cr_assert(v[0] == 0 && v[1] == 1);
    drop(&o);
    o = try_open(&nnrt_reader_lines_dir, "l", label_args[1], 0, 0, 2);
    cr_assert(o.code == 0 && o.source.n == 3, "%s", nnrt_error_text());
    drop(&o);
    o = try_open(&nnrt_reader_lines_dir, "l", "{\"key\":\"glob\",\"string\":\"*.txt\"}", 0, 0, 2);
    cr_assert_neq(o.code, 0);
    drop(&o);
}
