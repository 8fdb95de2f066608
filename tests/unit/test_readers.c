/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_readers.c: the examples that a reader finds in a file, or what it says of it, as one text: columns of tables, lines of JSON, records
 * of bytes, windows of arrays, arrays of archives and of safetensors, sounds of folders. */
#include "reader_help.h"

#include <math.h>

#include "base/bytes.h"
#include "base/shape.h"
#include "rows.h"

extern const nnrt_reader nnrt_reader_json_lines, nnrt_reader_safetensors, nnrt_reader_npz;

#define INT(KEY, N) "{\"key\":\"" KEY "\",\"int\":" N "}"
#define TEXT(KEY, V) "{\"key\":\"" KEY "\",\"string\":\"" V "\"}"
#define TRUTH(KEY, V) "{\"key\":\"" KEY "\",\"bool\":" V "}"
#define LIST(KEY, KIND, V) "{\"key\":\"" KEY "\",\"" KIND "\":[" V "]}"
#define RANGE(A, B) LIST("columns", "range", A "," B)
#define BYTES(T) T, sizeof T - 1

typedef struct Row {
    const nnrt_reader *reader;
    const char *bytes; /* of the file */
    size_t n;
    const char *args;
    int rank;
    int64_t dim[3];
    const char *want; /* the examples apart by ;  behind a * the shape, where each has its own */
} Row;

static const char *outcome(const Row *r, const char *path)
{
    static char out[2000];
    Opened o = try_shape(r->reader, path, r->args, r->rank, r->dim, 0);
    double v[64];
    int64_t extent[8] = {0};
    *out = 0;
    if (o.code) rt_append(out, sizeof out, "%s", nnrt_error_text());
    for (int64_t i = 0; !o.code && i < o.source.n; i++) {
        int64_t n = o.source.count(&o.source, i);
        cr_assert(n <= 64 && source_numbers(&o.source, i, v) == 0);
        for (int64_t k = 0; k < n; k++)
            rt_append(out, sizeof out, "%s%.7g", k ? " " : "", v[k]);
        if (r->rank > 0 && r->dim[0] < 0 && o.source.extent) o.source.extent(&o.source, i, extent);
        for (int k = 0; extent[k]; k++)
            rt_append(out, sizeof out, "%s%d", k ? "x" : "*", (int)extent[k]);
        if (o.source.line) rt_append(out, sizeof out, "@%d", (int)o.source.line(&o.source, i));
        rt_append(out, sizeof out, ";");
    }
    drop(&o);
    return out;
}

static void expect_rows(const Row *rows, size_t n)
{
    enter_folder();
    for (size_t i = 0; i < n; i++) {
        if (rows[i].bytes) write_file("f", rows[i].bytes, rows[i].n);
        const char *got = outcome(&rows[i], "f");
        cr_expect_str_eq(got, rows[i].want, "row %zu: %s", i, got);
    }
}

/* ---- tables ---- */

#define CSV(T) &nnrt_reader_csv, BYTES(T)
static const Row tables[] = {
    {CSV("1,2,3\n4,5,6\n"), RANGE("0", "2"), 1, {2}, "1 2@1;4 5@2;"},
    {CSV("1,2,3\n4,5,6\n"), LIST("columns", "ints", "2,0"), 1, {2}, "3 1@1;6 4@2;"},
    {CSV("1,2,3\n4,5,6\n"), INT("column", "1"), 0, {0}, "2@1;5@2;"},
    {CSV("1,2,3\n4,5,6\n"), INT("column", "3"), 0, {0}, "f: there is no column 3; the first row has 3, and they count from 0"},
    {CSV("1,2,3\n4,5,6\n"), INT("column", "-1"), 0, {0}, "f: there is no column -1; the first row has 3, and they count from 0"},
    {CSV("1,2,3\n4,5,6\n"), RANGE("1", "5"), 1, {4}, "f: there is no column 4; the first row has 3, and they count from 0"},
    {CSV("1,2,3\n4,5,6\n"), RANGE("1", "4"), 1, {3}, "f: there is no column 3; the first row has 3, and they count from 0"},
    {CSV("1,2,3\n4,5,6\n"), RANGE("0", "3"), 1, {3}, "1 2 3@1;4 5 6@2;"},
    {CSV("a,b\n4,5\n"), TEXT("column", "b"), 0, {0}, "5@2;"},
    {CSV("1,b\n4,5\n"), TEXT("column", "b"), 0, {0}, "5@2;"}, /* a name makes the first row a header */
    {CSV("a,b\n4,5\n"), LIST("columns", "strings", "\"b\",\"a\""), 1, {2}, "5 4@2;"},
    {CSV("a,b,a\n4,5,6\n"), TEXT("column", "a"), 0, {0}, "f: the columns 0 and 2 are both named \"a\""},
    {CSV("width,size\n4,5\n"),
     TEXT("column", "sise"),
     0,
     {0},
     "f: there is no column \"sise\" in the first line (width, size); did you mean size?"},
    {CSV("a,b\n4,5\n"), TEXT("column", "other"), 0, {0}, "f: there is no column \"other\" in the first line (a, b)"},
    {CSV("a\xFC,b\n4,5\n"),
     TEXT("column", "other"),
     0,
     {0},
     "f: there is no column \"other\" in the first line (a\\xfc, b) (the file is not UTF-8; iconv -f latin1 -t utf-8 makes it so, if it is "
     "Latin-1)"},
    {CSV("a;b\n4;5\n"),
     TEXT("column", "b"),
     0,
     {0},
     "f: there is no column \"b\" in the first line (there are `;` between cells: sep=\";\")"},
    {CSV("0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,g,h,i,j,k\n"),
     TEXT("column", "zzz"),
     0,
     {0},
     "f: there is no column \"zzz\" in the first line (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, a, b, c, d, e, f, g, h, i, j, ...)"},
    {CSV("a,b\n4,5\n"), INT("column", "1"), 0, {0}, "5@2;"},
    {CSV("a,2\n4,5\n"), INT("column", "1"), 0, {0}, "2@1;5@2;"},
    {CSV("a,2\n4,5\n"), INT("column", "0"), 0, {0}, "f:1:1: column 0: \"a\" is no number (a line of names needs header=true)"},
    {CSV("a,2\n4,5\n"), INT("column", "1") "," TRUTH("header", "true"), 0, {0}, "5@2;"},
    {CSV("a,b\n4,5\n"),
     INT("column", "1") "," TRUTH("header", "false"),
     0,
     {0},
     "f:1:3: column 1: \"b\" is no number (a line of names needs header=true)"},
    {CSV("a,?\n4,5\n"), INT("column", "1") "," TEXT("missing", "?") "," INT("fill", "9"), 0, {0}, "9@1;5@2;"},
    {CSV("1,?\n4,5\n"),
     INT("column", "1") "," TEXT("missing", "?"),
     0,
     {0},
     "f:1:3: column 1: \"?\" stands for a missing cell (fill=0 or skip=true says what to do) (a line of names needs header=true)"},
    {CSV("1,2\n4,?\n"),
     INT("column", "1") "," TEXT("missing", "?"),
     0,
     {0},
     "f:2:3: column 1: \"?\" stands for a missing cell (fill=0 or skip=true says what to do)"},
    {CSV("1,2\n4,\n5,6\n"), INT("column", "1"), 0, {0}, "f:2:3: column 1: the cell is empty (fill=0 or skip=true says what to do)"},
    {CSV("1,2\n4,\n5,6\n"), INT("column", "1") "," TRUTH("skip", "true"), 0, {0}, "2@1;6@3;"},
    {CSV("1,2\n4\n5,6\n"), INT("column", "1") "," TRUTH("skip", "true"), 0, {0}, "2@1;6@3;"},
    {CSV("1,2\n4\n5,6\n"), INT("column", "1") ",{\"key\":\"fill\",\"number\":0.5}", 0, {0}, "2@1;0.5@2;6@3;"},
    {CSV("1,2\n4\n5,6\n"), INT("column", "0"), 0, {0}, "f:2: this row has 1 cell, but the first has 2"},
    {CSV(",\n,\n"), INT("column", "0") "," TRUTH("skip", "true"), 0, {0}, "f: there are no rows"},
    {CSV("a,b\n"), INT("column", "0"), 0, {0}, "f: there are no rows"},
    {CSV("1,2\n3,1e39\n"), INT("column", "1"), 0, {0}, "f:2:3: column 1: \"1e39\" is too large for single precision"},
    {CSV("1,2\n3,-1e999\n"), INT("column", "1"), 0, {0}, "f:2:3: column 1: \"-1e999\" is too large for single precision"},
    {CSV("1,2\n3,inf\n"), INT("column", "1"), 0, {0}, "2@1;inf@2;"},
    {CSV("1;2,5\n"),
     INT("column", "1") "," TEXT("sep", ";"),
     0,
     {0},
     "f:1:3: column 1: \"2,5\" is no number (decimal=\",\" reads a comma for the point) (a line of names needs header=true)"},
    {CSV("1;2,5\n"), INT("column", "1") "," TEXT("sep", ";") "," TEXT("decimal", ","), 0, {0}, "2.5@1;"},
    {CSV("1,2\n3,4;5\n"), INT("column", "1"), 0, {0}, "f:2:3: column 1: \"4;5\" is no number (the file seems to have another sep=)"},
    {CSV("'1','2'\n"), INT("column", "1"), 0, {0}, "f: there are no rows"},
    {CSV("\"1\",2\n"),
     INT("column", "0") "," TRUTH("quote", "false"),
     0,
     {0},
     "f:1:1: column 0: \"\"1\"\" is no number (a line of names needs header=true)"},
    {CSV("1\n2\n3\n4\n5\n"), INT("column", "0") "," INT("window", "2"), 1, {2}, "1 2@1;3 4@3;"},
    {CSV("1\n2\n3\n4\n5\n"), INT("column", "0") "," INT("window", "3") "," INT("stride", "1"), 1, {3}, "1 2 3@1;2 3 4@2;3 4 5@3;"},
    {CSV("1\n2\n3\n4\n5\n"), INT("column", "0") "," INT("window", "5"), 1, {5}, "1 2 3 4 5@1;"},
    {CSV("1\n2\n"), INT("column", "0") "," INT("window", "3"), 1, {3}, ""},
    {CSV("1\n2\n"), INT("column", "0") "," INT("window", "0"), 1, {2}, "f: window and stride must be positive"},
    {CSV("1\n2\n"), INT("column", "0") "," INT("window", "1") "," INT("stride", "0"), 1, {1}, "f: window and stride must be positive"},
    {CSV("a\nb\nb\na\nc\n"),
     INT("column", "0") "," TRUTH("labels", "true") "," INT("window", "2") "," INT("stride", "1"),
     1,
     {2},
     "0 1;1 1;1 0;0 2;"},
};

Test(readers, tables)
{
    expect_rows(tables, N_ROWS(tables));
}

/* ---- lines of JSON ---- */

#define JSON(T) &nnrt_reader_json_lines, BYTES(T)
static const Row objects[] = {
    {JSON("{\"x\":1}\n{\"x\":2.5}"), TEXT("key", "x"), 0, {0}, "1@1;2.5@2;"},
    {JSON("\n{\"x\":1}\r\n\n \n{\"x\":2.5}\n"), TEXT("key", "x"), 0, {0}, "1@2;2.5@5;"},
    {JSON("{\"x\":[1,2]}\n{\"x\":[3,4]}\n"), TEXT("key", "x"), 1, {2}, "1 2@1;3 4@2;"},
    {JSON("{\"x\":[1,2]}\n{\"x\":[3]}\n{\"x\":[4]}\n{\"x\":[5,6,7]}\n"), TEXT("key", "x"), 1, {-1}, "1 2*2@1;3*1@2;4*1@3;5 6 7*3@4;"},
    {JSON("{\"x\":[[1,2],[3,4]]}\n{\"x\":[[5,6]]}\n"), TEXT("key", "x"), 2, {-1, 2}, "1 2 3 4*2x2@1;5 6*1x2@2;"},
    {JSON("{\"x\":[1,2]}\n{\"x\":[3]}\n"), TEXT("key", "x"), 1, {2}, "f:2: \"x\" has the shape [1], but f is [2]"},
    {JSON("{\"x\":[1,[2]]}\n"), TEXT("key", "x"), 1, {2}, "f:1: \"x\" is a list with a list"},
    {JSON("{\"x\":[[1],2]}\n"), TEXT("key", "x"), 2, {2, 1}, "f:1: \"x\" is a list whose parts differ in length"},
    {JSON("{\"x\":[[1],[2,3]]}\n"), TEXT("key", "x"), 2, {2, 1}, "f:1: \"x\" is a list whose parts differ in length"},
    {JSON("{\"x\":true}\n{\"x\":false}\n"), TEXT("key", "x"), 0, {0}, "1@1;0@2;"},
    {JSON("{\"x\":\"1\"}\n"), TEXT("key", "x"), 0, {0}, "f:1: \"x\" is a text where numbers are wanted"},
    {JSON("{\"x\":{}}\n"), TEXT("key", "x"), 0, {0}, "f:1: \"x\" is an object where numbers are wanted"},
    {JSON("{\"x\":[1,null]}\n"), TEXT("key", "x"), 1, {2}, "f:1: \"x\" is a list with null"},
    {JSON("{\"x\":1}\n{\"y\":1,\"z\":2}\n"), TEXT("key", "x"), 0, {0}, "f:2: there is no \"x\"; the object has y, z"},
    {JSON("{}\n"), TEXT("key", "x"), 0, {0}, "f:1: there is no \"x\"; the object has nothing"},
    {JSON("{\"a\":{\"b\":{\"c\":7}}}\n"), TEXT("key", "a.b.c"), 0, {0}, "7@1;"},
    {JSON("{\"a.b\":8,\"a\":{\"b\":7}}\n"), TEXT("key", "a.b"), 0, {0}, "8@1;"},
    {JSON("{\"a\":7}\n"), TEXT("key", "a.b"), 0, {0}, "f:1: there is no \"a.b\"; the object has a"},
    {JSON("[1]\n"), TEXT("key", "x"), 0, {0}, "f:1: an object {...} stands on a line, not a list"},
    {JSON("7\n"), TEXT("key", "x"), 0, {0}, "f:1: an object {...} stands on a line, not a number"},
    {JSON(""), TEXT("key", "x"), 0, {0}, "f: there are no lines"},
    {JSON("{\"x\":\"b\"}\n{\"x\":\"a\"}\n"), TEXT("key", "x") "," TRUTH("labels", "true"), 0, {0}, "1;0;"},
    {JSON("{\"x\":10}\n{\"x\":true}\n{\"x\":1.5}\n"), TEXT("key", "x") "," TRUTH("labels", "true"), 0, {0}, "1;2;0;"},
    {JSON("{\"x\":null}\n"), TEXT("key", "x") "," TRUTH("labels", "true"), 0, {0}, "f:1: \"x\" is null where a text is wanted"},
    {JSON("{\"x\":\"ab\"}\n{\"x\":\"\"}\n"), TEXT("key", "x") "," TRUTH("bytes", "true"), 1, {-1}, "97 98*2;;"},
    {JSON("{\"x\":5}\n"), TEXT("key", "x") "," TRUTH("bytes", "true"), 1, {-1}, "f:1: \"x\" is a number where a text is wanted"},
};

Test(readers, lines_of_json)
{
    expect_rows(objects, N_ROWS(objects));
}

/* ---- records ---- */

#define RAW(T) &nnrt_reader_raw, BYTES(T)
#define RAW_NUMBERS "f: offset, stride and shape of raw must be positive, and a record must end below 2^63 bytes"
#define WINDOWS(T) &nnrt_reader_bytes, BYTES(T)
static const Row records[] = {
    {RAW("\1\2\3\4\5\6"), "", 1, {3}, "1 2 3;4 5 6;"},
    {RAW("\1\2\3\4\5\6"), "", 0, {0}, "1;2;3;4;5;6;"},
    {RAW("\1\2\3\4\5"), "", 1, {3}, "f has 5 bytes, which end inside of record 1 of f: from byte 0 on, one every 3 bytes, each of 3"},
    {RAW("\1\2"), "", 1, {3}, "f has 2 bytes; one record of f needs 3"},
    {RAW("\1\2\3"), INT("offset", "1"), 1, {3}, "f has 3 bytes; one record of f needs 4"},
    {RAW("\1\2\3\4\5"), INT("offset", "2"), 1, {3}, "3 4 5;"},
    {RAW("\1\2\3\4\5\6\7"), INT("stride", "4"), 1, {3}, "1 2 3;5 6 7;"},
    {RAW("\1\2\3\4\5\6\7\10"), INT("stride", "4"), 1, {3}, "1 2 3;5 6 7;"},
    {RAW("\1\2\3\4\5\6\7\10\11"),
     INT("stride", "4"),
     1,
     {3},
     "f has 9 bytes, which end inside of record 2 of f: from byte 0 on, one every 4 bytes, each of 3"},
    {RAW("\1\2\3\4"), INT("stride", "1"), 1, {3}, "1 2 3;2 3 4;"},
    {RAW("\1\2\3\4\5\6"), INT("offset", "1") "," INT("stride", "4"), 1, {1}, "2;6;"},
    {RAW("\1\2\3\4\5\6\7\10"), TEXT("dtype", "i16"), 1, {2}, "513 1027;1541 2055;"},
    {RAW("\1\2\3\4\5\6\7\10"), TEXT("dtype", "i16") "," TEXT("endian", "big"), 1, {2}, "258 772;1286 1800;"},
    {RAW("\1\2\3\4"), TEXT("dtype", "i16") "," LIST("shape", "ints", "1,2"), 1, {-1}, "513 1027;"},
    {RAW("\1\2\3\4"), TEXT("dtype", "bool"), 1, {2}, "f: there is no dtype \"bool\""},
    {RAW("\1\2\3\4"), TEXT("dtype", "i7"), 1, {2}, "f: there is no dtype \"i7\""},
    {RAW("\1\2\3\4"), INT("stride", "0"), 1, {2}, RAW_NUMBERS},
    {RAW("\1\2\3\4"), INT("offset", "-1"), 1, {2}, RAW_NUMBERS},
    {RAW("\1\2\3\4"), "", 1, {-1}, RAW_NUMBERS},
    {RAW("\1\2\3\4"), LIST("shape", "ints", "4611686018427387904,4"), 1, {-1}, RAW_NUMBERS},
    {RAW("\1\2\3\4"), INT("offset", "9223372036854775807"), 1, {2}, RAW_NUMBERS},
    {&nnrt_reader_npz, BYTES("abc"), "", 1, {1}, "f is no NPZ file; one array alone is read with npy"},
    {WINDOWS("\1\2\3\4\5\6\7"), "", 1, {3}, "1 2 3;4 5 6;"},
    {WINDOWS("\1\2\3\4\5"), INT("stride", "2"), 1, {3}, "1 2 3;3 4 5;"},
    {WINDOWS("\1\2\3"), "", 1, {3}, "1 2 3;"},
    {WINDOWS("\1\2"), "", 0, {0}, "1;2;"},
    {WINDOWS("\1\2\3"), INT("stride", "1"), 1, {2}, "1 2;2 3;"},
    {WINDOWS("\1\2"), "", 1, {3}, "f has 2 bytes, but one window of f needs 3"},
    {WINDOWS("\1\2"), "", 1, {-1}, "f: bytes needs a fixed length"},
    {WINDOWS("\1\2"), INT("stride", "0"), 1, {1}, "f: bytes needs a fixed length"},
};

Test(readers, records)
{
    expect_rows(records, N_ROWS(records));
}

/* ---- windows of arrays, of files of several kinds ---- */

static size_t npy_file(char *to)
{
    size_t n = (size_t)sprintf(to + 10, "{'descr': '|u1', 'fortran_order': False, 'shape': (5, 2), }\n");
    memcpy(to, "\x93NUMPY\1\0", 8);
    bytes_set_le((unsigned char *)to + 8, n, 2);
    for (size_t i = 0; i < 10; i++)
        to[10 + n + i] = (char)i;
    return 10 + n + 10;
}

static size_t tensors_file(char *to)
{
    static const char header[] = "{\"a\":{\"dtype\":\"U8\",\"shape\":[5,2],\"data_offsets\":[0,10]}}";
    bytes_set_le((unsigned char *)to, sizeof header - 1, 8);
    memcpy(to + 8, header, sizeof header - 1);
    for (size_t i = 0; i < 10; i++)
        to[8 + sizeof header - 1 + i] = (char)i;
    return 8 + sizeof header - 1 + 10;
}

static const struct {
    const char *args;
    int rank;
    int64_t dim[3];
    const char *want;
} windows[] = {
    {"", 1, {2}, "0 1;2 3;4 5;6 7;8 9;"},
    {"", 1, {3}, "f holds [2] per example, but f is [3]"},
    {INT("window", "2"), 2, {2, 2}, "0 1 2 3;4 5 6 7;"},
    {INT("window", "2"), 2, {2, 3}, "f holds [2, 2] per example, but f is [2, 3]"},
    {INT("window", "2"), 1, {4}, "0 1 2 3;4 5 6 7;"},
    {INT("window", "2") "," INT("stride", "1"), 2, {2, 2}, "0 1 2 3;2 3 4 5;4 5 6 7;6 7 8 9;"},
    {INT("window", "2") "," INT("stride", "3"), 2, {2, 2}, "0 1 2 3;6 7 8 9;"},
    {INT("window", "5"), 2, {5, 2}, "0 1 2 3 4 5 6 7 8 9;"},
    {INT("window", "6"), 2, {6, 2}, ""},
    {INT("window", "1") "," INT("stride", "9223372036854775807"), 2, {1, 2}, "0 1;"},
};

Test(readers, windows_of_arrays)
{
    static const nnrt_reader *const kinds[] = {&nnrt_reader_npy, &nnrt_reader_safetensors};
    char file[400];
    for (int kind = 0; kind < 2; kind++) {
        size_t n = kind ? tensors_file(file) : npy_file(file);
        for (size_t i = 0; i < N_ROWS(windows); i++) {
            Row row = {kinds[kind], file, n, windows[i].args, windows[i].rank, {0}, windows[i].want};
            memcpy(row.dim, windows[i].dim, sizeof row.dim);
            expect_rows(&row, 1);
        }
    }
}

/* ---- sounds ---- */

static void put_sound(const char *path, int rate, int n)
{
    FILE *f = fopen(path, "wb");
    fputs("RIFF....WAVEfmt ", f);
    bytes_put_le(f, 16, 4), bytes_put_le(f, 1, 2), bytes_put_le(f, 1, 2), bytes_put_le(f, (uint64_t)rate, 4), bytes_put_le(f, 0, 4);
    bytes_put_le(f, 1, 2), bytes_put_le(f, 8, 2);
    fputs("data", f);
    bytes_put_le(f, (uint64_t)n, 4);
    for (int i = 0; i < n; i++)
        fputc(128 + 32 * (i + 1), f);
    fclose(f);
}

Test(readers, sounds_of_a_folder)
{
    static const Row rows[] = {
        {&nnrt_reader_wav_dir, NULL, 0, "", 1, {2}, "0.25 0.5;0.25 0;"},
        {&nnrt_reader_wav_dir, NULL, 0, "", 1, {4}, "0.25 0.5 0.75 0;0.25 0 0 0;"},
        {&nnrt_reader_wav_dir,
         NULL,
         0,
         INT("rate", "8000"),
         1,
         {1},
         "s/b.wav has 16000 samples a second, but rate is 8000 (resample=true turns them into so many)"},
        {&nnrt_reader_wav_dir,
         NULL,
         0,
         INT("rate", "16000") "," TRUTH("resample", "false"),
         1,
         {1},
         "s/a.wav has 8000 samples a second, but rate is 16000 (resample=true turns them into so many)"},
        {&nnrt_reader_wav_dir, NULL, 0, "", 1, {-1}, "f: wav_dir needs a fixed length"},
        {&nnrt_reader_wav_dir, NULL, 0, TRUTH("labels", "true"), 0, {0}, "0;0;"},
        {&nnrt_reader_wav_dir, NULL, 0, TEXT("glob", "a*"), 1, {1}, "0.25;"},
    };
    enter_folder();
    mkdir("s", 0777);
    put_sound("s/a.wav", 8000, 3), put_sound("s/b.wav", 16000, 1);
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        const char *got = outcome(&rows[i], "s");
        cr_expect_str_eq(got, rows[i].want, "row %zu: %s", i, got);
    }
    Opened o = try_open(&nnrt_reader_wav_dir, "s", INT("rate", "8000") "," TRUTH("resample", "true"), 1, 2, 0);
    double v[2];
    cr_assert(!o.code && o.source.n == 2, "%s", nnrt_error_text());
    cr_assert(source_numbers(&o.source, 0, v) == 0 && v[0] == 0.25 && v[1] == 0.5);
    cr_assert(source_numbers(&o.source, 1, v) == 0 && fabs(v[0] - 0.25 * 0.47) < 1e-4 && v[1] == 0); /* the middle of the filter */
    drop(&o);
}
