/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_runtime_dataset.c: which examples the parts of a block have, in order; headers of NPY files; texts of C callers; memory is given
 * back. */
#include "reader_help.h"

#include <malloc.h>

#include "base/permute.h"
#include "dataset/parts.h"
#include "rows.h"

/* The program of line_program.h with `new` in place of what stands from the first `from` on and in front of `to` in its manifest. */
static nnrt_program program_with(const char *from, const char *to, const char *new)
{
    static char text[8192];
    const char *start = strstr(line_manifest, from), *end = start ? strstr(start, to) : NULL;
    cr_assert(end);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(start - line_manifest), line_manifest, new, end);
    nnrt_program program = line_program;
    program.manifest = text;
    return program;
}

/* ---- parts of ten rows, of which the last two are of class 1 ---- */

#define SHARE(NAME, NUMBER) "{\"key\":\"" NAME "\",\"number\":" NUMBER "}"
#define SEED(NUMBER) "{\"key\":\"seed\",\"int\":" NUMBER "}"
#define EVERY(NAME, K) "{\"key\":\"" NAME "\",\"call\":\"every\",\"int\":" K "}"
#define FOLD(K, N) "{\"key\":\"folds\",\"int\":" N "},{\"key\":\"fold\",\"int\":" K "}"
#define IN_ORDER "{\"key\":\"shuffle\",\"bool\":false}"

static const struct {
    const char *split, *part;
    int seed; /* of the order in which the ids are; -1: that of the file */
    int n, at[10]; /* places in this order; -1 - id: this example */
    int unused;
} parts[] = {
    {SHARE("train", "0.8") "," SHARE("test", "0.2") "," IN_ORDER, "train", -1, 8, {0, 1, 2, 3, 4, 5, 6, 7}, 0},
    {SHARE("train", "0.8") "," SHARE("test", "0.2") "," IN_ORDER, "test", -1, 2, {8, 9}, 0},
    {SHARE("train", "0.8") "," SHARE("test", "0.2") "," IN_ORDER, "all", -1, 10, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 0},
    {SHARE("train", "0.8") "," SHARE("test", "0.2") "," SEED("3"), "train", 3, 8, {0, 1, 2, 3, 4, 5, 6, 7}, 0},
    {SHARE("train", "0.8") "," SHARE("test", "0.2") "," SEED("3"), "test", 3, 2, {8, 9}, 0},
    {SHARE("train", "0.8") "," SHARE("test", "0.2"), "test", 0, 2, {8, 9}, 0},
    {SHARE("a", "0.33") "," SHARE("b", "0.33") "," SHARE("c", "0.34") "," SEED("1"), "a", 1, 3, {0, 1, 2}, 0},
    {SHARE("a", "0.33") "," SHARE("b", "0.33") "," SHARE("c", "0.34") "," SEED("1"), "b", 1, 3, {3, 4, 5}, 0},
    {SHARE("a", "0.33") "," SHARE("b", "0.33") "," SHARE("c", "0.34") "," SEED("1"), "c", 1, 4, {6, 7, 8, 9}, 0},
    {SHARE("a", "0.5") "," SHARE("b", "0.2") "," IN_ORDER, "b", -1, 2, {5, 6}, 3},
    {SHARE("a", "0.3") "," SHARE("b", "0.69") "," IN_ORDER, "b", -1, 6, {3, 4, 5, 6, 7, 8}, 1},
    {SHARE("a", "0.3") "," IN_ORDER "," SHARE("b", "0.3") "," SEED("9"), "b", -1, 3, {3, 4, 5}, 4},
    {SHARE("a", "0.8") "," EVERY("b", "5") "," IN_ORDER, "a", -1, 8, {1, 2, 3, 4, 6, 7, 8, 9}, 0},
    {SHARE("a", "0.8") "," EVERY("b", "5") "," IN_ORDER, "b", -1, 2, {0, 5}, 0},
    {SHARE("a", "0.8") "," EVERY("b", "5") "," SEED("4"), "b", -1, 2, {0, 5}, 0},
    {EVERY("b", "3") "," SHARE("a", "0.4") "," SHARE("c", "0.1") "," IN_ORDER, "c", -1, 1, {7}, 1},
    {"{\"key\":\"a\",\"int\":1}," IN_ORDER, "a", -1, 10, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 0},
    {FOLD("0", "3") "," IN_ORDER, "test", -1, 3, {0, 1, 2}, 0},
    {FOLD("1", "3") "," IN_ORDER, "test", -1, 3, {3, 4, 5}, 0},
    {FOLD("2", "3") "," IN_ORDER, "test", -1, 4, {6, 7, 8, 9}, 0},
    {FOLD("1", "3") "," IN_ORDER, "train", -1, 7, {0, 1, 2, 6, 7, 8, 9}, 0},
    {FOLD("1", "4") "," SEED("6"), "test", 6, 3, {2, 3, 4}, 0},
    {FOLD("1", "3") "," IN_ORDER, "all", -1, 10, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 0},
    /* Ranks (k + 1/2) / 8 and (k + 1/2) / 2, sorted. */
    {SHARE("a", "0.5") "," SHARE("b", "0.5") ",{\"key\":\"stratify\",\"field\":[0,1]}," IN_ORDER, "a", -1, 5, {0, 1, 8, 2, 3}, 0},
    {SHARE("a", "0.5") "," SHARE("b", "0.5") ",{\"key\":\"stratify\",\"field\":[0,1]}," IN_ORDER, "b", -1, 5, {4, 5, 9, 6, 7}, 0},
};

static void write_ten_rows(void)
{
    FILE *f = fopen("line.csv", "w");
    fputs("x,y\n", f);
    for (int i = 0; i < 10; i++)
        fprintf(f, "%d,%d\n", i, i >= 8);
    fclose(f);
}

static void open_split(const char *split, nnrt_program *program, nnrt **m, Dataset **d)
{
    char text[512];
    snprintf(text, sizeof text, "\"split\":[%s]", split);
    *program = program_with("\"split\":[", ",\"fields\"", text);
    *m = nnrt_new(program, 0);
    cr_assert(*m && dataset_open(*m, 0, line_readers, d) == 0, "%s", nnrt_error_text());
}

Test(parts, examples_in_order)
{
    enter_folder();
    write_ten_rows();
    for (size_t i = 0; i < N_ROWS(parts); i++) {
        nnrt_program program;
        nnrt *m;
        Dataset *d = NULL;
        int64_t *ids = NULL, n = 0;
        open_split(parts[i].split, &program, &m, &d);
        cr_assert_eq(dataset_part(d, parts[i].part, &ids, &n), 0, "row %zu: %s", i, nnrt_error_text());
        cr_assert_eq(n, parts[i].n, "row %zu: %lld", i, (long long)n);
        for (int k = 0; k < n; k++) {
            int at = parts[i].at[k];
            uint64_t key = (uint64_t)parts[i].seed * 2 + 0x5EED;
            int64_t want = parts[i].seed < 0 ? at : (int64_t)rt_permute((uint64_t)at, 10, key);
            cr_assert_eq(ids[k], want, "row %zu, %d: %lld", i, k, (long long)ids[k]);
        }
        cr_assert_eq(dataset_unused(d), parts[i].unused, "row %zu: %lld", i, (long long)dataset_unused(d));
        free(ids);
        dataset_close(d), nnrt_free(m);
    }
}

static const struct {
    const char *split, *part, *error;
} no_parts[] = {
    {SHARE("a", "0.5") "," SEED("1"), "seed", "data points has no part seed; its parts are all, train, test"},
    {SHARE("a", "0.5") "," IN_ORDER, "shuffle", "data points has no part shuffle; its parts are all, train, test"},
    {SHARE("a", "0.5"), "b", "data points has no part b; its parts are all, train, test"},
    {SHARE("a", "0.05"), "a", "data points: part a has no examples (of 10)"},
    {SHARE("a", "0.05") "," EVERY("b", "1"), "a", "data points: part a has no examples (of 10)"},
};

Test(parts, that_are_none)
{
    enter_folder();
    write_ten_rows();
    for (size_t i = 0; i < N_ROWS(no_parts); i++) {
        nnrt_program program;
        nnrt *m;
        Dataset *d = NULL;
        int64_t *ids = NULL, n = 0;
        open_split(no_parts[i].split, &program, &m, &d);
        cr_expect_eq(dataset_part(d, no_parts[i].part, &ids, &n), NNRT_E_IO, "row %zu", i);
        cr_expect_str_eq(nnrt_error_text(), no_parts[i].error);
        dataset_close(d), nnrt_free(m);
    }
}

/* ---- headers of NPY files ---- */

#define HEADER(TYPE, ORDER, SHAPE) "{'descr': '" TYPE "', 'fortran_order': " ORDER ", 'shape': " SHAPE ", }"

static const struct {
    const char *header;
    size_t bytes; /* of numbers */
    int64_t n, each;
    double second; /* number 1 of example 0, or of the second one; bytes are 0, 1, 2, .. */
    const char *error;
} arrays[] = {
    {HEADER("|u1", "False", "(3, 2)"), 6, 3, 2, 1, NULL},
    {HEADER("<u1", "False", "(3,2)"), 6, 3, 2, 1, NULL},
    {HEADER("=u1", "False", "( 6, )"), 6, 6, 1, 1, NULL},
    {HEADER("<u2", "False", "(2, 2)"), 8, 2, 2, 0x0302, NULL},
    {HEADER(">u2", "False", "(2, 2)"), 8, 2, 2, 0x0203, NULL},
    {HEADER(">i4", "False", "(2,)"), 8, 2, 1, 0x04050607, NULL},
    {"{'shape':(2,1,1,1,1,1,1,2),'fortran_order':False,'descr':'|i1'}", 4, 2, 2, 1, NULL},
    {HEADER("|u1", "False", "(1, 1, 1, 1, 1, 1, 1, 1, 1)"), 1, 0, 0, 0, "a.npy: damaged shape"},
    {HEADER("|u1", "False", "(-18446744073709551615, 2)"), 2, 0, 0, 0, "a.npy: damaged shape"},
    {HEADER("|u1", "False", "(-1, 2)"), 2, 0, 0, 0, "a.npy: damaged shape"},
    {HEADER("|u1", "False", "(3, 2"), 6, 0, 0, 0, "a.npy: damaged shape"},
    {HEADER("|u1", "False", "3"), 3, 0, 0, 0, "a.npy: damaged shape"},
    {HEADER("|u1", "False", "(x)"), 3, 0, 0, 0, "a.npy: damaged shape"},
    {HEADER("|u1", "False", "(1152921504606846977,)"), 3, 0, 0, 0, "a.npy: damaged shape"},
    {HEADER("|u1", "True", "(3, 2)"), 6, 3, 2, 3, NULL},
    {HEADER(">u2", "True", "(2, 2)"), 8, 2, 2, 0x0405, NULL},
    {HEADER("|u1", "true", "(3, 2)"), 6, 0, 0, 0, "a.npy: damaged order of axes"},
    {HEADER("|O8", "False", "(3, 2)"), 48, 0, 0, 0, "a.npy: the element type '|O8' is not read"},
    {HEADER("|u10", "False", "(3, 2)"), 6, 0, 0, 0, "a.npy: the element type '|u10' is not read"},
    {HEADER("?u1", "False", "(3, 2)"), 6, 0, 0, 0, "a.npy: the element type '?u1' is not read"},
    {"{'descr': u1, 'fortran_order': False, 'shape': (2,)}", 2, 0, 0, 0, "a.npy: the element type u1 is not read"},
    {"{'fortran_order': False, 'shape': (2,)}", 2, 0, 0, 0, "a.npy: the element type ? is not read"},
    {"{'descr': '|u1', 'shape': (2,)}", 2, 0, 0, 0, "a.npy: damaged order of axes"},
    {"{'descr': '|u1', 'fortran_order': False}", 2, 0, 0, 0, "a.npy: damaged shape"},
    {HEADER("|u1", "False", "(3, 2)"), 5, 0, 0, 0, "a.npy: the header promises 6 numbers, the file ends before"},
    {HEADER("|u1", "False", "(3, 2)"), 7, 0, 0, 0, "a.npy: the header promises 6 numbers, the file has more"},
};

static void write_array(const char *header, size_t bytes, int version)
{
    FILE *f = fopen("a.npy", "wb");
    size_t n = strlen(header);
    fprintf(f, "\x93NUMPY%c%c%c%c", version, 0, (int)(n & 255), (int)(n >> 8));
    if (version > 1) fwrite("\0", 1, 2, f);
    fputs(header, f);
    for (size_t i = 0; i < bytes; i++)
        fputc((int)i, f);
    fclose(f);
}

Test(npy, headers)
{
    enter_folder();
    for (size_t i = 0; i < 2 * N_ROWS(arrays); i++) {
        size_t k = i / 2;
        write_array(arrays[k].header, arrays[k].bytes, 1 + (int)(i % 2));
        Opened o = try_open(&nnrt_reader_npy, "a.npy", "", 1, arrays[k].error ? 2 : arrays[k].each, 0);
        cr_assert_eq(!o.code, !arrays[k].error, "%s: %s", arrays[k].header, o.code ? nnrt_error_text() : "is read");
        if (arrays[k].error) {
            cr_expect(strstr(nnrt_error_text(), arrays[k].error), "%s: %s", arrays[k].header, nnrt_error_text());
        } else {
            double v[8] = {0};
            cr_expect_eq(o.source.n, arrays[k].n, "%s", arrays[k].header);
            cr_expect_eq(o.source.count(&o.source, 0), arrays[k].each);
            source_numbers(&o.source, arrays[k].each > 1 ? 0 : 1, v);
            cr_expect_eq(v[arrays[k].each > 1], arrays[k].second, "%s: %g", arrays[k].header, v[arrays[k].each > 1]);
        }
        drop(&o);
    }
    write_file("a.npy", "\x93NUMPX\x01\0\x02\0{}ab", 14);
    Opened o = try_open(&nnrt_reader_npy, "a.npy", "", 1, 2, 0);
    cr_expect(o.code && strcmp(nnrt_error_text(), "a.npy is no NPY file") == 0, "%s", nnrt_error_text());
    drop(&o);
}

/* ---- texts of C callers ---- */

static int64_t encoded(const char *kind, const char *args, const char *text, int32_t *out, int64_t room)
{
    char reader[200];
    snprintf(reader, sizeof reader,
             "\"kind\":\"%s\",\"path\":[\"none\"],\"line\":4,\"elem\":\"int\",\"dims\":[1],\"bound\":256,\"args\":[%s]}],", kind, args);
    nnrt_program program = program_with("\"kind\":\"csv\"", "\"expr\"", reader);
    nnrt *m = nnrt_new(&program, 0);
    cr_assert(m, "%s", nnrt_error_text());
    int64_t n = nnrt_encode(m, "points.x", text, out, room);
    nnrt_free(m);
    return n;
}

Test(encode, bytes_and_numbers)
{
    int32_t out[8] = {-7, -7, -7, -7, -7, -7, -7, -7};
    cr_expect_eq(encoded("bytes", "", "Az\xFF", out, 8), 3);
    cr_expect(out[0] == 'A' && out[1] == 'z' && out[2] == 255 && out[3] == -7);
    cr_expect_eq(encoded("bytes", "", "bcd", out, 2), 3);
    cr_expect(out[0] == 'b' && out[1] == 'c' && out[2] == 255);
    cr_expect_eq(encoded("bytes", "", "x", NULL, 0), 1);
    cr_expect_eq(encoded("lines", "{\"key\":\"bytes\",\"bool\":true}", "q\xC3\xA9", out, 8), 3);
    cr_expect(out[0] == 'q' && out[1] == 0xC3 && out[2] == 0xA9 && out[3] == -7);
    cr_expect_eq(encoded("lines", "{\"key\":\"numbers\",\"bool\":true}", "12  7 0", out, 2), 3);
    cr_expect(out[0] == 12 && out[1] == 7 && out[2] == 0xA9);
    cr_expect_eq(encoded("lines", "{\"key\":\"numbers\",\"bool\":true}", "12 x", out, 8), -1);
    nnrt *m = nnrt_new(&line_program, 0);
    static const char *const none[] = {"points.z", "point.x", "points", "pointsx", "points.y"};
    for (int i = 0; i < 5; i++) {
        char error[80];
        snprintf(error, sizeof error, "%s is no text field of this program", none[i]);
        cr_expect_eq(nnrt_encode(m, none[i], "1", out, 8), -1);
        cr_expect_str_eq(nnrt_error_text(), error);
    }
    nnrt_free(m);
}

/* ---- memory ---- */

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
static size_t held(void)
{
    struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
}

/* What is lost is lost in every round; what the C library keeps for later is not: of each size, seven pieces of a thread. */
static void expect_no_loss(const char *what, void (*round)(const void *), const void *with)
{
    enum { WARM = 10, ROUNDS = 8 };
    size_t before, least = SIZE_MAX;
    for (int i = 0; i < WARM; i++)
        round(with);
    for (int i = 0; i < ROUNDS && least; i++) {
        before = held();
        round(with);
        size_t after = held(), more = after > before ? after - before : 0;
        least = more < least ? more : least;
    }
    cr_expect_eq(least, 0, "%s: %zu bytes are lost", what, least);
}

static void run_command(const void *words)
{
    command(words);
}

static void read_file_once(const void *reader)
{
    static const struct {
        const char *kind, *path, *args;
        int64_t dim;
    } ways[] = {{"npy", "big.npy", "", 2},
                {"idx", "big.idx", "", 2},
                {"raw", "big.idx", "", 2},
                {"bytes", "big.idx", "", 2},
                {"csv", "line.csv", "{\"key\":\"columns\",\"range\":[0,1]}", 1},
                {"lines", "line.csv", "{\"key\":\"bytes\",\"bool\":true}", -1}};
    const nnrt_reader *r = reader;
    for (size_t i = 0; i < N_ROWS(ways); i++) {
        if (strcmp(ways[i].kind, r->kind) != 0) continue;
        Opened o = try_open(r, ways[i].path, ways[i].args, 1, ways[i].dim, 0);
        cr_assert_eq(o.code, 0, "%s: %s", r->kind, nnrt_error_text());
        drop(&o);
        o = try_open(r, "none", ways[i].args, 1, ways[i].dim, 0);
        cr_assert_neq(o.code, 0);
        drop(&o);
    }
}

Test(memory, is_given_back)
{
    static const char *const commands[] = {"fit --epochs 1 --quiet",
                                           "test --log none",
                                           "test --load none",
                                           "predict --x x.csv --out y.npy",
                                           "predict --x 1,2 --out z.json",
                                           "predict --x none.csv",
                                           "check-data",
                                           "check-data --json",
                                           "bench --help",
                                           "info",
                                           "info --json",
                                           "summary",
                                           "graph",
                                           "fit --epochs 1 --quiet --resume line.safetensors",
                                           "fit --lr 1e30 --quiet --log none",
                                           "fit --file none.csv",
                                           "nothing"};
    static const nnrt_reader *const readers[] = {&nnrt_reader_npy, &nnrt_reader_idx,   &nnrt_reader_raw,
                                                 &nnrt_reader_csv, &nnrt_reader_bytes, &nnrt_reader_lines};
    enter_folder();
    cr_assert(freopen("/dev/null", "w", stdout) && freopen("/dev/null", "w", stderr));
    write_array(HEADER("|u1", "False", "(300, 2)"), 600, 1);
    rename("a.npy", "big.npy");
    write_file("big.idx", "\0\0\x08\x02\0\0\0\x02\0\0\0\x02\1\2\3\4", 16);
    write_file("x.csv", "0\n1\n2\n", 6);
    for (size_t i = 0; i < N_ROWS(commands); i++)
        expect_no_loss(commands[i], run_command, commands[i]);
    for (size_t i = 0; i < N_ROWS(readers); i++)
        expect_no_loss(readers[i]->kind, read_file_once, readers[i]);
}
#endif
