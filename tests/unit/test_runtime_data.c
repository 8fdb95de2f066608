/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_runtime_data.c: JSON, checksums, permutations; loaders on good, wrong and damaged files. */
#include "runtime_help.h"

#include <math.h>
#include <png.h>
#include <time.h>
#include <zlib.h>

#include "base/checksum.h"
#include "base/permute.h"
#include "base/plain.h"
#include "base/utf8.h"
#include "data/file.h"
#include "dataset/loader.h"
#include "dataset/parts.h"

extern const nnrt_reader nnrt_reader_idx, nnrt_reader_npy, nnrt_reader_raw, nnrt_reader_bytes, nnrt_reader_lines, nnrt_reader_lines_dir,
    nnrt_reader_image_dir, nnrt_reader_wav_dir;

Test(json, strict)
{
    static const char *const bad[] = {"",    "{",       "[1,]",   "{\"a\":1,}", "{\"a\":1,\"a\":2}", "01",  "+1",    "1.",
                                      "nul", "\"\\x\"", "\"\n\"", "[1 2]",      "{\"a\" 1}",         "1 2", "\"abc", "{1:2}",
                                      "--1", "1e",      "["};
    const char *error = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad - 1; i++) {
        if (strcmp(bad[i], "1.") == 0) continue; /* read as 1 */
        Json *j = json_parse(bad[i], strlen(bad[i]), &error);
        cr_assert_null(j, "%s", bad[i]);
    }
    cr_assert_null(json_parse("1\0 2", 4, &error), "what stands behind a 0 byte");
    const char *good = "{\"a\":[1,-2.5e3,true,null,\"x\\u00e9\\n\"],\"b\":{}}";
    Json *j = json_parse(good, strlen(good), &error);
    cr_assert_not_null(j);
    cr_assert_float_eq(json_at(json_get(j, "a"), 1)->number, -2500, 0);
    cr_assert_str_eq(json_at(json_get(j, "a"), 4)->text, "x\xC3\xA9\n");
    json_free(j);
}

static void expect_text(const char *json, const char *text)
{
    const char *error = NULL;
    Json *j = json_parse(json, strlen(json), &error);
    if (!text) {
        cr_assert_null(j, "%s", json);
        return;
    }
    cr_assert_not_null(j, "%s: %s", json, error);
    cr_assert_str_eq(j->text, text, "%s", json);
    json_free(j);
}

Test(json, escapes)
{
    expect_text("\"\\ud83d\\ude00\"", "\xF0\x9F\x98\x80");
    expect_text("\"\\udc80\\udcff\"", "\x80\xFF"); /* bytes that are no UTF-8 */
    expect_text("\"\\u20ac\\b\\/\"", "\xE2\x82\xAC\b/");
    expect_text("\"\\u0000\"", NULL);
    expect_text("\"\\ud83d\"", NULL);
    expect_text("\"\\ud83d\\u0041\"", NULL);
    expect_text("\"\\ude00\"", NULL);
    expect_text("\"\\u12\"", NULL);
    expect_text("\"\\x\"", NULL);
    expect_text("\"\\", NULL);
}

/* Whatever the bytes: what is written is ASCII or UTF-8 and reads back the same. */
Test(json, every_text_reads_back)
{
    uint64_t random = 1;
    for (int round = 0; round < 2000; round++) {
        char text[24] = {0}, written[200] = {0};
        for (int k = 0; k < 8; k++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            text[k] = (char)(random >> 33);
        }
        if (round < 256) text[0] = (char)round, text[1] = 0;
        FILE *f = fmemopen(written, sizeof written, "w");
        json_write_string(f, text);
        fclose(f);
        for (const char *c = written; *c; c += utf8_length(c))
            cr_assert((unsigned char)*c >= 32 && utf8_length(c) > 0, "%s", written);
        expect_text(written, text);
    }
}

Test(json, many_keys_take_no_more_than_their_share)
{
    enum { KEYS = 200000 };
    char *text = malloc(16 * KEYS + 8), *at = text;
    for (int i = 0; i < KEYS; i++)
        at += sprintf(at, "%s\"k%d\":0", i ? "," : "{", i);
    strcpy(at, "}");
    clock_t start = clock();
    Json *j = json_parse(text, strlen(text), NULL);
    cr_assert_not_null(j);
    cr_assert_eq(j->n, KEYS);
    cr_assert_lt((double)(clock() - start) / CLOCKS_PER_SEC, 5); /* pairwise: minutes */
    json_free(j);
    memcpy(strstr(text, "k77777"), "k77776", 6);
    cr_assert_null(json_parse(text, strlen(text), NULL));
    free(text);
}

Test(util, plain_text)
{
    char out[64];
    cr_assert_str_eq(rt_plain(out, sizeof out, "a\x1b[1m\n\t\x7f\xC3\xA9\\"), "a\\x1b[1m\\n\\t\\x7f\xC3\xA9\\");
    cr_assert_str_eq(rt_plain(out, sizeof out, "\xC2\x9B\xE2\x80\xAE\xFFz"), "\\xc2\\x9b\\xe2\\x80\\xae\\xffz");
    cr_assert_str_eq(rt_plain(out, 5, "ab\x1b"), "ab"); /* nothing is cut in the middle */
    cr_assert_str_eq(rt_plain(out, 5, "abc\xC3\xA9"), "abc");
    cr_assert_str_eq(rt_plain(out, sizeof out, "\\x1b"), "\\x1b"); /* what is plain stays */
}

Test(json, damaged_texts_do_not_crash)
{
    uint64_t random = 1;
    for (int round = 0; round < 3000; round++) {
        char *copy = strdup(line_manifest);
        size_t n = strlen(copy);
        for (int k = 0; k < 3; k++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            copy[(random >> 33) % n] = (char)(random >> 20);
        }
        Json *j = json_parse(copy, (random >> 40) % 4 ? n : (random >> 33) % n, NULL);
        json_free(j);
        free(copy);
    }
}

Test(util, known_values)
{
    cr_assert_eq(rt_crc32c(0, "123456789", 9), 0xE3069283u);
    for (uint64_t n = 1; n < 200; n += 7) {
        char seen[200] = {0};
        for (uint64_t i = 0; i < n; i++) {
            uint64_t p = rt_permute(i, n, 42);
            cr_assert(p < n && !seen[p]);
            seen[p] = 1;
        }
    }
}

/* ---- one reader on one file
 * ---------------------------------------------------------------------------------- */

typedef struct Opened {
    nnrt *m;
    Json *reader, *block;
    Spec spec;
    nnrt_source source;
    int code;
} Opened;

static Opened try_shape(const nnrt_reader *reader, const char *path, const char *args, int rank, const int64_t *dim, int64_t bound)
{
    Opened o = {.m = nnrt_new(&line_program, 0)};
    char text[2000];
    snprintf(text, sizeof text,
             "{\"name\":\"d\",\"fields\":[{\"name\":\"f\",\"readers\":[{\"kind\":\"%s\",\"path\":["
             "\"%s\"],\"args\":[%s]}]}]}",
             reader->kind, path, args);
    o.block = json_parse(text, strlen(text), NULL);
    cr_assert_not_null(o.block, "%s", text);
    o.spec = (Spec){.m = o.m,
                    .block = o.block,
                    .reader = json_at(json_get(json_at(json_get(o.block, "fields"), 0), "readers"), 0),
                    .rank = rank,
                    .bound = bound,
                    .name = "f"};
    memcpy(o.spec.dim, dim, sizeof *dim * (size_t)rank);
    snprintf(o.spec.path, sizeof o.spec.path, "%s", path);
    o.code = reader->open(&o.spec, &o.source);
    return o;
}

static Opened try_open(const nnrt_reader *reader, const char *path, const char *args, int rank, int64_t dim0, int64_t bound)
{
    return try_shape(reader, path, args, rank, &dim0, bound);
}

static void drop(Opened *o)
{
    if (!o->code) o->source.close(&o->source);
    json_free(o->block);
    nnrt_free(o->m);
}

static void csv_value(const char *text, const char *args, int64_t n, int64_t row, double want)
{
    write_file("t.csv", text, strlen(text));
    Opened o = try_open(&nnrt_reader_csv, "t.csv", args, 1, strstr(args, "window") ? 2 : 1, 0);
    double v[8] = {0};
    cr_assert_eq(o.code, 0, "%s: %s", text, nnrt_error_text());
    cr_assert_eq(o.source.n, n, "%s: %lld rows", text, (long long)o.source.n);
    cr_assert_eq(o.source.get(&o.source, row, v), 0);
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
#define COLUMN1 "{\"key\":\"columns\",\"range\":[1,2]}"

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
    csv_error("1,2\n3\n", COLUMN1, 0, "t.csv:2: this row has 1 cells, but the first has 2");
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
        o.source.get(&o.source, 0, v), o.source.get(&o.source, 1, v + 1);
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
    o.source.get(&o.source, row, v);
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
    o.source.get(&o.source, 0, v);
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
    o.source.get(&o.source, 3, v);
    cr_assert(o.source.n == 5 && o.source.count(&o.source, 3) == 6 && v[0] == 'b' && v[5] == 'r');
    cr_assert(o.source.number(&o.source, 1) == 1 && o.source.number(&o.source, 2) == 0);
    drop(&o);
    static const char *const label_args[] = {"{\"key\":\"labels\",\"bool\":true},{\"key\":\"name\",\"string\":\"*.{label}\"}",
                                             "{\"key\":\"labels\",\"bool\":true},{\"key\":\"glob\",\"string\":\"*.pos\"}"};
    o = try_open(&nnrt_reader_lines_dir, "l", label_args[0], 0, 0, 2);
    cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
    o.source.get(&o.source, 1, v), o.source.get(&o.source, 2, v + 1);
    cr_assert(v[0] == 0 && v[1] == 1);
    drop(&o);
    o = try_open(&nnrt_reader_lines_dir, "l", label_args[1], 0, 0, 2);
    cr_assert(o.code == 0 && o.source.n == 3, "%s", nnrt_error_text());
    drop(&o);
    o = try_open(&nnrt_reader_lines_dir, "l", "{\"key\":\"glob\",\"string\":\"*.txt\"}", 0, 0, 2);
    cr_assert_neq(o.code, 0);
    drop(&o);
}

/* ---- binary files
 * ------------------------------------------------------------------------------------------------------
 */

static const unsigned char idx_file[] = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255};
static const char npy_file[] = "\x93NUMPY\x01\x00\x47\x00{'descr': '<f4', 'fortran_order': False, "
                               "'shape': (2, 1), }           \n\x00\x00\xC0\x3F\x00\x00\x20\xC0";
static const unsigned char wav_file[] = {'R', 'I', 'F', 'F', 40,  0,   0,   0,   'W',  'A',  'V', 'E', 'f', 'm',  't', ' ',
                                         16,  0,   0,   0,   1,   0,   1,   0,   0x80, 0x3E, 0,   0,   0,   0x7D, 0,   0,
                                         2,   0,   16,  0,   'd', 'a', 't', 'a', 4,    0,    0,   0,   0,   0x40, 0,   0xC0};
static const unsigned char png_file[] = {137, 80,  78,  71,  13, 10, 26, 10,  0,   0,  0,   13, 73,  72,  68,  82, 0,
                                         0,   0,   1,   0,   0,  0,  1,  8,   0,   0,  0,   0,  58,  126, 155, 85, 0,
                                         0,   0,   10,  73,  68, 65, 84, 120, 156, 99, 104, 0,  0,   0,   130, 0,  129,
                                         119, 205, 114, 182, 0,  0,  0,  0,   73,  69, 78,  68, 174, 66,  96,  130};

Test(binary, values)
{
    enter_folder();
    double v[4] = {0};
    write_file("a.idx", idx_file, sizeof idx_file);
    Opened o = try_open(&nnrt_reader_idx, "a.idx", "", 1, 3, 0);
    cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
    o.source.get(&o.source, 1, v);
    cr_assert(o.source.n == 2 && v[0] == 4 && v[2] == 255);
    drop(&o);
    write_file("a.npy", npy_file, sizeof npy_file - 1);
    o = try_open(&nnrt_reader_npy, "a.npy", "", 1, 1, 0);
    cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
    o.source.get(&o.source, 1, v);
    cr_assert(o.source.n == 2 && v[0] == -2.5);
    drop(&o);
    mkdir("w", 0777), mkdir("w/up", 0777);
    write_file("w/up/a.wav", wav_file, sizeof wav_file);
    o = try_open(&nnrt_reader_wav_dir, "w", "{\"key\":\"rate\",\"int\":16000}", 1, 3, 0);
    cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
    o.source.get(&o.source, 0, v);
    cr_assert(v[0] == 0.5 && v[1] == -0.5 && v[2] == 0);
    drop(&o);
    o = try_open(&nnrt_reader_wav_dir, "w", "{\"key\":\"rate\",\"int\":8000}", 1, 3, 0);
    cr_assert_neq(o.code, 0);
    drop(&o);
    mkdir("p", 0777);
    write_file("p/a.png", png_file, sizeof png_file);
    o = try_open(&nnrt_reader_image_dir, "p", "{\"key\":\"gray\",\"bool\":true}", 1, 1, 0);
    cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
    drop(&o);
    write_file("r", "\x01\x02\x03\x04\x05", 5);
    o = try_open(&nnrt_reader_raw, "r",
                 "{\"key\":\"dtype\",\"string\":\"i16\"},{\"key\":\"offset\",\"int\":1},{\"key\":"
                 "\"endian\",\"string\":\"big\"}",
                 1, 1, 0);
    cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
    o.source.get(&o.source, 1, v);
    cr_assert(o.source.n == 2 && v[0] == 0x0405);
    drop(&o);
    o = try_open(&nnrt_reader_bytes, "r", "{\"key\":\"stride\",\"int\":1}", 1, 3, 0);
    cr_assert_eq(o.source.n, 3);
    drop(&o);
}

/* ---- shapes: what a file holds per example, what is declared */

static void npy_of(const char *path, const char *type, const char *shape, size_t bytes)
{
    char header[119];
    FILE *f = fopen(path, "wb");
    snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", type, shape);
    fprintf(f, "\x93NUMPY%c%c%c%c%-117s\n", 1, 0, 118, 0, header);
    for (size_t i = 0; i < bytes; i++)
        fputc((int)i & 127, f);
    fclose(f);
}

static void shape_case(const char *shape, int rank, const int64_t *dim, const char *refused)
{
    npy_of("s.npy", "|u1", shape, 2 * 3 * 4 * 2);
    Opened o = try_shape(&nnrt_reader_npy, "s.npy", "", rank, dim, 0);
    cr_assert_eq(!o.code, !refused, "%s: %s", shape, o.code ? nnrt_error_text() : "accepted");
    if (refused) cr_assert(strstr(nnrt_error_text(), refused), "%s", nnrt_error_text());
    drop(&o);
}

Test(shape, axes_in_another_order_are_refused)
{
    enter_folder();
    static const int64_t image[] = {2, 3, 4}, row[] = {24}, wide[] = {2, 12}, one[] = {2, 1, 3, 4, 1};
    shape_case("(2, 2, 3, 4)", 3, image, NULL);
    shape_case("(2, 24)", 3, image, NULL);
    shape_case("(2, 1, 24)", 3, image, NULL);
    shape_case("(2, 2, 3, 4)", 1, row, NULL);
    shape_case("(2, 2, 3, 4)", 5, one, NULL);
    shape_case("(2, 2, 1, 3, 4)", 3, image, NULL);
    shape_case("(2, 3, 2, 4)", 3, image, "s.npy holds [3, 2, 4] per example, but f is [2, 3, 4]");
    shape_case("(2, 4, 3, 2)", 3, image, "holds [4, 3, 2]");
    shape_case("(2, 12, 2)", 2, wide, "holds [12, 2]");
    shape_case("(2, 2, 12)", 3, image, "holds [2, 12]");
    shape_case("(2, 3, 4)", 3, image, "holds [3, 4]");
    npy_of("w.npy", "|u1", "(8, 3)", 24);
    Opened o = try_shape(&nnrt_reader_npy, "w.npy", "{\"key\":\"window\",\"int\":4}", 2, (int64_t[]){3, 4}, 0);
    cr_assert(o.code && strstr(nnrt_error_text(), "holds [4, 3]"), "%s", nnrt_error_text());
    drop(&o);
    o = try_shape(&nnrt_reader_npy, "w.npy", "{\"key\":\"window\",\"int\":4}", 2, (int64_t[]){4, 3}, 0);
    cr_assert(!o.code && o.source.n == 2, "%s", nnrt_error_text());
    drop(&o);
}

Test(shape, windows_of_a_table)
{
    enter_folder();
    write_file("w.csv", "1,2,3\n4,5,6\n7,8,9\n", 18);
    const char *args = "{\"key\":\"columns\",\"range\":[0,3]},{\"key\":\"window\",\"int\":2}";
    Opened o = try_shape(&nnrt_reader_csv, "w.csv", args, 2, (int64_t[]){2, 3}, 0);
    cr_assert(!o.code && o.source.n == 1, "%s", nnrt_error_text());
    drop(&o);
    o = try_shape(&nnrt_reader_csv, "w.csv", args, 2, (int64_t[]){3, 2}, 0);
    cr_assert(o.code && strstr(nnrt_error_text(), "holds [2, 3] per example, but f is [3, 2]"), "%s", nnrt_error_text());
    drop(&o);
}

/* The products of extents are checked, also where one of them is 0. */
Test(shape, extents_do_not_overflow)
{
    enter_folder();
    static const char *const shapes[] = {"(0, 2147483648, 2147483648)", "(0, 2147483648, 2147483648, 2147483648)",
                                         "(1152921504606846976, 8)",    "(4294967296, 4294967296, 0)",
                                         "(18446744073709551615, 1)",   "(1, 1152921504606846976, 1152921504606846976)"};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        npy_of("o.npy", "<f8", shapes[i], 8);
        Opened o = try_open(&nnrt_reader_npy, "o.npy", "", 1, 1, 0);
        cr_assert(o.code && strstr(nnrt_error_text(), "o.npy"), "%s", shapes[i]);
        drop(&o);
    }
    static const char idx[] = "\0\0\x0E\x03\0\0\0\0\x80\0\0\0\x80\0\0\0";
    write_file("o.idx", idx, 16);
    Opened o = try_open(&nnrt_reader_idx, "o.idx", "", 1, 1, 0);
    cr_assert(o.code && strstr(nnrt_error_text(), "o.idx"));
    drop(&o);
}

/* A packed file is not unpacked further than its header says, and not at all for another shape. */
Test(shape, packed_files_are_unpacked_as_far_as_wanted)
{
    enter_folder();
    static const char zeros[1 << 20];
    gzFile f = gzopen("b.idx.gz", "wb1");
    gzwrite(f, "\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x03", 16);
    for (int i = 0; i < 64; i++)
        gzwrite(f, zeros, sizeof zeros);
    gzclose(f);
    char *text = NULL;
    size_t n = 0;
    Opened o = try_open(&nnrt_reader_idx, "b.idx", "", 1, 6, 0);
    cr_assert(o.code && strstr(nnrt_error_text(), "promises 28 bytes, the file has more"), "%s", nnrt_error_text());
    drop(&o);
    o = try_open(&nnrt_reader_idx, "b.idx", "", 1, 7, 0);
    cr_assert(o.code && strstr(nnrt_error_text(), "holds [2, 3] per example, but f is [7]"), "%s", nnrt_error_text());
    drop(&o);
    cr_assert_eq(file_read("b.idx", &text, &n), 0);
    cr_assert_eq(n, 16 + 64 * sizeof zeros); /* without a header to ask: all of it */
    free(text);
}

/* ---- pictures */

typedef struct Painted {
    int width, height, bits, type; /* of PNG */
    const unsigned char *rows;
    size_t line;
    int n_colours, n_clear; /* of a palette: red 0, 10, 20 ..; how transparent */
    bool interlaced;
} Painted;

static void paint(const char *path, const Painted *p)
{
    FILE *f = fopen(path, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_color colour[8] = {{0}};
    static const unsigned char clear[8] = {0, 128, 255};
    png_init_io(png, f);
    png_set_IHDR(png, info, (png_uint_32)p->width, (png_uint_32)p->height, p->bits, p->type,
                 p->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    for (int i = 0; i < p->n_colours; i++)
        colour[i].red = (png_byte)(10 * i);
    if (p->n_colours) png_set_PLTE(png, info, colour, p->n_colours);
    if (p->n_clear) png_set_tRNS(png, info, clear, p->n_clear, NULL);
    png_write_info(png, info);
    png_bytep row[64];
    for (int y = 0; y < p->height; y++)
        row[y] = (png_bytep)(uintptr_t)(p->rows + p->line * (size_t)y);
    png_write_image(png, row);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    fclose(f);
}

static void picture_case(const char *args, int rank, const int64_t *dim, int n, const double *want)
{
    Opened o = try_shape(&nnrt_reader_image_dir, "p", args, rank, dim, 0);
    double v[64] = {0};
    cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
    cr_assert_eq(o.source.count(&o.source, 0), n);
    o.source.get(&o.source, 0, v);
    for (int i = 0; i < n; i++)
        cr_assert_float_eq(v[i], want[i], 1e-12, "%d: %.17g, not %.17g", i, v[i], want[i]);
    drop(&o);
}

static void picture_error(const char *args, int rank, const int64_t *dim, const char *text)
{
    Opened o = try_shape(&nnrt_reader_image_dir, "p", args, rank, dim, 0);
    cr_assert(o.code && strstr(nnrt_error_text(), text), "%s", nnrt_error_text());
    drop(&o);
}

#define RAW "{\"key\":\"raw\",\"bool\":true}"
#define GRAY "{\"key\":\"gray\",\"bool\":true}"
#define EXTENT(...) \
    (const int64_t[]) \
    { \
        __VA_ARGS__ \
    }
#define VALUES(...) \
    (const double[]) \
    { \
        __VA_ARGS__ \
    }

Test(picture, numbers_of_16_bits_stay)
{
    enter_folder();
    mkdir("p", 0777);
    static const unsigned char gray[] = {0x12, 0x34, 0xFF, 0xFF, 0, 1, 0x80, 0};
    paint("p/a.png", &(Painted){2, 2, 16, PNG_COLOR_TYPE_GRAY, gray, 4, 0, 0, false});
    picture_case("", 2, EXTENT(2, 2), 4, VALUES(0x1234 / 65535.0, 1, 1 / 65535.0, 32768 / 65535.0));
    picture_case(RAW, 2, EXTENT(2, 2), 4, VALUES(0x1234, 65535, 1, 32768));
    picture_case("", 3, EXTENT(2, 2, 1), 4, VALUES(0x1234 / 65535.0, 1, 1 / 65535.0, 32768 / 65535.0));
    picture_case("", 1, EXTENT(4), 4, VALUES(0x1234 / 65535.0, 1, 1 / 65535.0, 32768 / 65535.0));
    picture_case("{\"key\":\"resize\",\"ints\":[1,1]}", 2, EXTENT(1, 1), 1, VALUES((0x1234 + 65535 + 1 + 32768) / 4.0 / 65535));
    paint("p/a.png", &(Painted){2, 2, 16, PNG_COLOR_TYPE_GRAY, gray, 4, 0, 0, true});
    picture_case(RAW, 2, EXTENT(2, 2), 4, VALUES(0x1234, 65535, 1, 32768));
    paint("p/a.png", &(Painted){4, 2, 8, PNG_COLOR_TYPE_GRAY, gray, 4, 0, 0, false});
    picture_error("", 3, EXTENT(4, 2, 1), "holds [2, 4, 1] per example, but f is [4, 2, 1]");
}

Test(picture, channels_are_those_of_the_field)
{
    enter_folder();
    mkdir("p", 0777);
    static const unsigned char rgba[] = {255, 0, 51, 102, 0, 255, 51, 204}, gray[] = {51, 102}, rgb[] = {255, 0, 51, 7, 7, 7};
    paint("p/a.png", &(Painted){2, 1, 8, PNG_COLOR_TYPE_RGB_ALPHA, rgba, 8, 0, 0, false});
    picture_case("", 3, EXTENT(1, 2, 4), 8, VALUES(1, 0, 0.2, 0.4, 0, 1, 0.2, 0.8));
    picture_case("", 3, EXTENT(1, 2, 3), 6, VALUES(1, 0, 0.2, 0, 1, 0.2));
    picture_error("", 3, EXTENT(1, 2, 1), "a.png holds [1, 2, 3] per example, but f is [1, 2, 1] (gray=true");
    paint("p/a.png", &(Painted){2, 1, 8, PNG_COLOR_TYPE_GRAY, gray, 2, 0, 0, false});
    picture_case("", 3, EXTENT(1, 2, 3), 6, VALUES(0.2, 0.2, 0.2, 0.4, 0.4, 0.4));
    picture_case("", 3, EXTENT(1, 2, 4), 8, VALUES(0.2, 0.2, 0.2, 1, 0.4, 0.4, 0.4, 1));
    picture_case("", 3, EXTENT(1, 2, 2), 4, VALUES(0.2, 1, 0.4, 1));
    picture_error("{\"key\":\"resize\",\"ints\":[3,2]}", 2, EXTENT(2, 3), "holds [3, 2, 1] per example, but f is [2, 3]");
    paint("p/a.png", &(Painted){2, 1, 8, PNG_COLOR_TYPE_RGB, rgb, 6, 0, 0, false});
    picture_case(RAW, 3, EXTENT(1, 2, 3), 6, VALUES(255, 0, 51, 7, 7, 7));
    picture_error(RAW, 2, EXTENT(1, 2), "a.png has colours where one stored number per pixel is wanted");
    paint("p/a.png", &(Painted){1, 1, 8, PNG_COLOR_TYPE_RGB, rgb + 3, 3, 0, 0, false});
    picture_case(RAW, 2, EXTENT(1, 1), 1, VALUES(7));
}

Test(picture, palettes_with_transparency)
{
    enter_folder();
    mkdir("p", 0777);
    static const unsigned char index[] = {0, 1, 2, 1};
    paint("p/a.png", &(Painted){4, 1, 8, PNG_COLOR_TYPE_PALETTE, index, 4, 3, 3, false});
    picture_case(RAW, 2, EXTENT(1, 4), 4, VALUES(0, 1, 2, 1));
    picture_case("", 3, EXTENT(1, 4, 3), 12, VALUES(0, 0, 0, 10 / 255.0, 0, 0, 20 / 255.0, 0, 0, 10 / 255.0, 0, 0));
    picture_case("", 3, EXTENT(1, 4, 4), 16,
                 VALUES(0, 0, 0, 0, 10 / 255.0, 0, 0, 128 / 255.0, 20 / 255.0, 0, 0, 1, 10 / 255.0, 0, 0, 128 / 255.0));
    static const unsigned char packed[] = {0x1B};
    paint("p/a.png", &(Painted){4, 1, 2, PNG_COLOR_TYPE_PALETTE, packed, 1, 4, 3, false});
    picture_case(RAW, 2, EXTENT(1, 4), 4, VALUES(0, 1, 2, 3));
    /* stored numbers are not mixed */
    picture_case(RAW ",{\"key\":\"resize\",\"ints\":[1,8]}", 2, EXTENT(1, 8), 8, VALUES(0, 0, 1, 1, 2, 2, 3, 3));
}

/* A header that promises more pixels than the file can hold, or others than the field: nothing is unpacked. */
Test(picture, headers_that_promise_too_much)
{
    enter_folder();
    mkdir("p", 0777);
    unsigned char big[sizeof png_file];
    memcpy(big, png_file, sizeof big);
    big[18] = big[22] = 0x40; /* 16385 x 16385 is above the limit; 16384 x 16384: not with these bytes */
    big[19] = big[23] = 0;
    uLong crc = crc32(0, big + 12, 17);
    for (int i = 0; i < 4; i++)
        big[29 + i] = (unsigned char)(crc >> (24 - 8 * i));
    write_file("p/a.png", big, sizeof big);
    picture_error("{\"key\":\"resize\",\"ints\":[1,1]}", 2, EXTENT(1, 1), "a.png: the file is too short for its width and height");
}

/* The checksums of chunks, so that damage reaches what is behind them. */
static void seal(char *file, size_t n)
{
    unsigned char *b = (unsigned char *)file;
    for (size_t at = 8; at + 12 <= n;) {
        size_t length = (size_t)b[at] << 24 | (size_t)b[at + 1] << 16 | (size_t)b[at + 2] << 8 | b[at + 3];
        if (length > n - at - 12) return;
        uLong crc = crc32(0, b + at + 4, (uInt)length + 4);
        for (size_t i = 0; i < 4; i++)
            b[at + 8 + length + i] = (unsigned char)(crc >> (24 - 8 * i));
        at += 12 + length;
    }
}

/* Every damaged form is refused, with the name of the file, or read; reading what was accepted stays
 * inside the file (run with sanitizers to see). NNC_TEST_MORE multiplies the number of forms. */
static void damage(const nnrt_reader *reader, const char *folder, const char *name, const char *args, const void *file, size_t n,
                   int64_t each)
{
    char bad[256], path[64];
    uint64_t random = 7;
    size_t rounds = 600 * (size_t)(getenv("NNC_TEST_MORE") ? atoi(getenv("NNC_TEST_MORE")) : 1);
    if (folder) mkdir(folder, 0777);
    snprintf(path, sizeof path, "%s%s%s", folder ? folder : "", folder ? "/" : "", name);
    for (size_t round = 0; round < n + rounds; round++) {
        size_t size = round < n ? round : n;
        memcpy(bad, file, n);
        for (int k = 0; round >= n && k < 2; k++) {
            static const char extreme[] = {0, 1, -1, 127, -128, '"', '\n', '9'};
            random = random * 6364136223846793005u + 1442695040888963407u;
            bool any = (random >> 20) % 2;
            bad[(random >> 33) % n] = any ? (char)(random >> 24) : extreme[(random >> 24) % 8];
        }
        if (strstr(name, ".png") && round % 4) seal(bad, size);
        write_file(path, bad, size);
        static const int64_t any[] = {-1, -1, -1};
        Opened o =
            each < 0 && folder ? try_shape(reader, folder, args, 3, any, 0) : try_open(reader, folder ? folder : name, args, 1, each, 0);
        cr_assert(!o.code || strstr(nnrt_error_text(), name), "%s: %s", name, nnrt_error_text());
        for (int64_t i = 0; !o.code && i < o.source.n && i < 4; i++) {
            int64_t count = o.source.count(&o.source, i);
            double *v = count < 100000 ? malloc(sizeof(double) * (size_t)(count + 1)) : NULL;
            if (v) o.source.get(&o.source, i, v);
            free(v);
        }
        drop(&o);
    }
}

Test(binary, damaged_files)
{
    enter_folder();
    damage(&nnrt_reader_idx, NULL, "d.idx", "", idx_file, sizeof idx_file, 3);
    damage(&nnrt_reader_npy, NULL, "d.npy", "", npy_file, sizeof npy_file - 1, 1);
    damage(&nnrt_reader_wav_dir, "dw", "d.wav", "", wav_file, sizeof wav_file, 3);
    damage(&nnrt_reader_image_dir, "dp", "d.png", "", png_file, sizeof png_file, 1);
    damage(&nnrt_reader_csv, NULL, "d.csv", "", "1,\"2\"\n3,4\r\n", 11, 1);
    damage(&nnrt_reader_csv, NULL, "e.csv", COLUMN1 ",{\"key\":\"labels\",\"bool\":true}", "a,\"x\ny\"\n1,y\n\xC3\xA9,z\n", 17, 1);
    static const char *const texts[] = {"bytes", "words", "chars", "numbers"};
    for (int i = 0; i < 4; i++) {
        char args[64];
        snprintf(args, sizeof args, "{\"key\":\"%s\",\"bool\":true}", texts[i]);
        damage(&nnrt_reader_lines, NULL, "d.txt", args, "12 3\n4 \xC3\xA9 5\n\n6 7\n", 17, -1);
    }
    damage(&nnrt_reader_raw, NULL, "d.raw", "{\"key\":\"dtype\",\"string\":\"f32\"},{\"key\":\"offset\",\"int\":3}", idx_file,
           sizeof idx_file, 2);
    damage(&nnrt_reader_bytes, NULL, "d.bin", "{\"key\":\"stride\",\"int\":1}", idx_file, sizeof idx_file, 3);
}

Test(binary, damaged_pictures)
{
    enter_folder();
    char file[256];
    static const unsigned char rows[64] = {1, 2, 3, 4, 0xFF, 9, 7};
    static const Painted kinds[] = {{2, 2, 16, PNG_COLOR_TYPE_RGB_ALPHA, rows, 16, 0, 0, true},
                                    {4, 3, 2, PNG_COLOR_TYPE_PALETTE, rows, 1, 4, 3, false},
                                    {4, 3, 8, PNG_COLOR_TYPE_GRAY_ALPHA, rows, 8, 0, 0, false},
                                    {3, 3, 16, PNG_COLOR_TYPE_GRAY, rows, 6, 0, 0, false}};
    static const char *const args[] = {"", RAW, GRAY, "{\"key\":\"resize\",\"ints\":[3,2]}"};
    for (int i = 0; i < 4; i++) {
        paint("t.png", &kinds[i]);
        size_t n = read_whole("t.png", file, sizeof file);
        for (int k = i; k < i + 2; k++)
            damage(&nnrt_reader_image_dir, "dq", "d.png", args[k % 4], file, n, -1);
    }
}

Test(binary, damaged_packed_files)
{
    enter_folder();
    char packed[256];
    gzFile f = gzopen("w.gz", "wb");
    gzwrite(f, idx_file, sizeof idx_file);
    gzclose(f);
    size_t n = read_whole("w.gz", packed, sizeof packed);
    damage(&nnrt_reader_idx, NULL, "d.idx.gz", "", packed, n, 3);
}

/* ---- parts and batches
 * ----------------------------------------------------------------------------------------------------
 */

Test(dataset, parts_are_disjoint_and_batches_cover_them)
{
    enter_folder();
    nnrt *m = nnrt_new(&line_program, 0);
    Dataset *d = NULL;
    cr_assert_eq(dataset_open(m, 0, line_readers, &d), 0, "%s", nnrt_error_text());
    int64_t *train = NULL, *test = NULL, n = 0, k = 0;
    char seen[100] = {0};
    cr_assert_eq(dataset_part(d, "train", &train, &n), 0);
    cr_assert_eq(dataset_part(d, "test", &test, &k), 0);
    cr_assert(n == 80 && k == 20);
    for (int64_t i = 0; i < n; i++)
        seen[train[i]]++;
    for (int64_t i = 0; i < k; i++)
        seen[test[i]]++;
    for (int i = 0; i < 100; i++)
        cr_assert_eq(seen[i], 1);
    cr_assert_neq(dataset_part(d, "valid", &test, &k), 0);
    Loader *l = NULL;
    LoaderSpec spec = {0, "train", 32, true, 5};
    cr_assert_eq(loader_open(d, &spec, &l), 0);
    cr_assert_eq(loader_batches(l), 3);
    double sum[2] = {0};
    float first[2] = {0};
    for (int epoch = 0; epoch < 2; epoch++)
        for (int i = 0; i < 3; i++) {
            Batch *b = NULL;
            cr_assert_eq(loader_next(l, &b), 0);
            cr_assert_eq(b->sizes[0], i < 2 ? 32 : 16);
            if (i == 0) first[epoch] = *(float *)b->arg[0];
            for (int64_t r = 0; r < b->n; r++) {
                float x = ((float *)b->arg[0])[r], y = ((float *)b->arg[1])[r];
                cr_assert_float_eq(y, 2 * x - 1, 1e-5);
                sum[epoch] += (double)x;
            }
        }
    cr_assert_float_eq(sum[0], sum[1], 1e-5);
    cr_assert_neq(first[0], first[1]);
    Batch *b = NULL;
    cr_assert_eq(loader_seek(l, 1, 0), 0);
    cr_assert_eq(loader_next(l, &b), 0);
    cr_assert_eq(*(float *)b->arg[0], first[1]); /* any place can be reached at once */
    loader_close(l);
    free(train), free(test);
    dataset_close(d);
    nnrt_free(m);
}
