/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_batches.c: a data block and its files become the numbers of a batch, or an error, as one text; the batches of epochs. */
#include "reader_help.h"

#include <math.h>

#include "base/dtype.h"
#include "base/permute.h"
#include "base/shape.h"
#include "dataset/parts.h"
#include "dataset/plan.h"
#include "dataset/table.h"
#include "rows.h"

/* ---- blocks, as their manifest has them ---- */

#define DATA_FIELD(NAME, ELEM, DIMS, BOUND, MORE, READERS) \
    "{\"name\":\"" NAME "\",\"line\":1,\"elem\":\"" ELEM "\",\"dims\":[" DIMS "],\"bound\":" BOUND ",\"expr\":-1," MORE \
    "\"readers\":[" READERS "]}"
#define READER(KIND, PATH, ELEM, DIMS, ARGS) \
    "{\"kind\":\"" KIND "\",\"path\":[\"" PATH "\"],\"line\":1,\"elem\":\"" ELEM "\",\"dims\":[" DIMS "],\"bound\":0,\"args\":[" ARGS "]}"
#define COLUMNS(FROM, TO) "{\"key\":\"columns\",\"range\":[" FROM "," TO "]}"
#define TRUE(NAME) "{\"key\":\"" NAME "\",\"bool\":true}"
#define CSV(NAME, ELEM, BOUND, FROM, TO, DIMS, MORE) \
    DATA_FIELD(NAME, ELEM, DIMS, BOUND, "", READER("csv", "t.csv", ELEM, DIMS, COLUMNS(FROM, TO) MORE))
#define LINES(NAME, BOUND, ARGS) DATA_FIELD(NAME, "int", "\"T\"", BOUND, "", READER("lines", "l.txt", "int", "\"T\"", ARGS))
#define TEST(PATH) ",{\"key\":\"test\",\"path\":[\"" PATH "\"]}"
#define NPY(NAME, ELEM, BOUND, PATH, DIMS, ARGS) DATA_FIELD(NAME, ELEM, DIMS, BOUND, "", READER("npy", PATH, ELEM, DIMS, ARGS))

static const struct {
    const char *symbols, *fields;
    const char *csv, *lines; /* contents of t.csv and l.txt */
    int n; /* of the examples, from the last one to the first; 0: all */
    const char *want;
} blocks[] = {
    {"", CSV("x", "float", "0", "0", "2", "2", ""), "1,2\n3,4\n5,6\n", "", 0, "x [3, 2] 5 6 3 4 1 2"},
    {"", CSV("x", "float", "0", "1", "2", "", "") "," CSV("y", "int", "9", "0", "1", "", ""), "1,2\n3,4\n", "", 0, "x [2] 4 2; y [2] 3 1"},
    {"", CSV("x", "float", "0", "1", "2", "", "") "," CSV("y", "int", "9", "0", "1", "", ""), "1,2\n3,4\n", "", 1, "x [1] 4; y [1] 3"},
    {"", CSV("y", "int", "3", "0", "1", "", ""), "1\n2\n3\n", "", 0, "t.csv:3: 3 is not in 0..2 of y"},
    {"", CSV("y", "int", "4", "0", "1", "", ""), "1\n0\n3\n", "", 0, "y [3] 3 0 1"},
    {"", CSV("y", "int", "4", "0", "2", "2", ""), "1,2\n0,-1\n3,0\n", "", 0, "t.csv:2, number 1: -1 is not in 0..3 of y"},
    {"", CSV("y", "int", "0", "0", "1", "", ""), "1\n0.5\n3\n", "", 0,
     "t.csv:2: 0.5 is no integer of i32 in -2147483648..2147483647 (y is int)"},
    {"", CSV("y", "int", "4", "0", "1", "", ""), "1\n0.5\n3\n", "", 0, "t.csv:2: 0.5 is not in 0..3 of y"},
    {"", CSV("y", "bool", "0", "0", "1", "", ""), "1\n0\n3\n", "", 0, "y [3] 1 0 1"},
    {"", CSV("y", "u8", "0", "0", "1", "", ""), "1\n256\n255\n", "", 0, "t.csv:2: 256 is no integer of u8 in 0..255 (y is u8)"},
    {"",
     CSV("x", "float", "0", "0", "1", "", ",{\"key\":\"fill\",\"int\":7}") "," DATA_FIELD("p", "float", "", "0", "\"present_of\":0,", ""),
     "1,1\n,1\n3,1\n", "", 0, "x [3] 3 7 1; p [3] 1 0 1"},
    {"", CSV("x", "float", "0", "0", "2", "2", "") "," DATA_FIELD("p", "float", "2", "0", "\"present_of\":0,", ""), "1,1\n2,1\n", "", 0,
     "x [2, 2] 2 1 1 1; p [2, 2] 1 1 1 1"},
    {"", CSV("x", "float", "0", "0", "1", "", TEST("u.csv")), "1\n2\n", "", 0, "x [4] 8 9 2 1"},
    {"", CSV("x", "int", "9", "0", "1", "", TEST("u.csv")), "1\n2\n", "", 0, "u.csv:1: 9 is not in 0..8 of x"},
    {"", CSV("x", "float", "0", "0", "1", "", TEST("u.csv")) "," CSV("y", "float", "0", "0", "1", "", ""), "1\n2\n", "", 0,
     "y has 2 examples but x has 4 (t.csv, t.csv)"},
    {"", CSV("x", "float", "0", "0", "1", "", TEST("none.csv")), "1\n2\n", "", 0, "none.csv: No such file or directory"},
    {"", CSV("x", "float", "0", "0", "2", "3", ""), "1,2\n", "", 0, "t.csv: 2 numbers per example, but x needs 3"},
    {"\"T\"", LINES("x", "9", TRUE("numbers")) "," DATA_FIELD("n", "int", "", "0", "\"length_of\":0,", ""), "", "1 2 3\n4\n\n5 6\n", 0,
     "T 3; x [4, 3] 5 6 0 0 0 0 4 0 0 1 2 3; n [4] 2 0 1 3"},
    {"\"T\"", LINES("x", "9", TRUE("numbers")), "", "1 2 3\n4\n\n5 6\n", 2, "T 2; x [2, 2] 5 6 0 0"},
    {"\"T\"", LINES("x", "9", TRUE("numbers")), "", "1 2 3\n\n", 1, "T 1; x [1, 1] 0"},
    {"\"T\"", LINES("x", "9", TRUE("numbers")) "," DATA_FIELD("n", "int", "", "3", "\"length_of\":0,", ""), "", "1 2\n1 2 3\n", 0,
     "l.txt:2: 3 is not in 0..2 of n"},
    {"\"T\",\"S\"",
     LINES("x", "9", TRUE("numbers")) "," DATA_FIELD("y", "int", "\"S\"", "128", "",
                                                     READER("lines", "l.txt", "int", "\"S\"", TRUE("bytes"))),
     "", "1 2\n3\n", 0, "T 2; S 3; x [2, 2] 3 0 1 2; y [2, 3] 51 0 0 49 32 50"},
    {"\"T\"",
     LINES("x", "9", TRUE("numbers")) "," DATA_FIELD("y", "int", "\"T\"", "9", "",
                                                     READER("lines", "m.txt", "int", "\"T\"", TRUE("numbers"))),
     "", "1 2\n3\n", 0, "m.txt:2 has 2 numbers, but y needs 1 there"},
    {"\"T\"", DATA_FIELD("x", "int", "\"2*T\"", "9", "", READER("lines", "l.txt", "int", "\"T\"", TRUE("numbers"))), "", "1 2\n3\n", 0,
     "x: a size of a field is a number or one run-time size of its block"},
    {"", CSV("x", "float", "0", "0", "1", "", ""), "\n", "", 0, "t.csv: there are no rows"},
    /* fields that read one file agree about its rows */
    {"", CSV("x", "float", "0", "0", "1", "", "," TRUE("skip")) "," CSV("y", "float", "0", "1", "2", "", ""), "1,2\n,3\n4,5\n", "", 0,
     "x [2] 4 1; y [2] 5 2"},
    {"", CSV("x", "float", "0", "0", "1", "", "") "," CSV("y", "float", "0", "1", "2", "", "," TRUE("skip")), "1,2\n3,\n4,5\n", "", 0,
     "x [2] 4 1; y [2] 5 2"},
    {"", CSV("x", "float", "0", "0", "1", "", "," TRUE("skip")) "," CSV("y", "float", "0", "1", "2", "", ""), "1,2\n3,\n4,5\n", "", 0,
     "t.csv:2:3: column 1: the cell is empty (fill=0 or skip=true says what to do)"},
    {"", CSV("x", "float", "0", "0", "1", "", "") "," CSV("y", "float", "0", "1", "2", "", ""), "1,2\n3,a\n4,5,6\n", "", 0,
     "t.csv:3:5: this row has more cells than the first row, which has 2"},
    {"", CSV("x", "float", "0", "0", "1", "", "") "," CSV("y", "float", "0", "1", "2", "", ""), "1,2\n3,a\nb,5\n", "", 0,
     "t.csv:3:1: column 0: \"b\" is no number"},
    {"",
     CSV("x", "float", "0", "0", "1", "", "") "," DATA_FIELD("y", "float", "", "0", "",
                                                             READER("csv", "t.csv", "float", "", "{\"key\":\"column\",\"string\":\"2\"}")),
     "1,2\n3,4\n", "", 0, "x [1] 3; y [1] 4"},
    {"",
     CSV("x", "float", "0", "0", "1", "",
         "") "," DATA_FIELD("y", "int", "", "2", "", READER("csv", "t.csv", "int", "", "{\"key\":\"column\",\"int\":1}," TRUE("labels"))),
     "v,k\n3,b\n4,a\n", "", 0, "x [2] 4 3; y [2] 0 1"},
    {"",
     CSV("x", "float", "0", "0", "1", "", ",{\"key\":\"missing\",\"string\":\"?\"},{\"key\":\"fill\",\"int\":5}") "," CSV(
         "y", "float", "0", "1", "2", "", ",{\"key\":\"fill\",\"int\":6}"),
     "1,2\n?,\n4\n", "", 0, "x [3] 4 5 1; y [3] 6 6 2"},
    {"",
     CSV("x", "float", "0", "0", "1", "",
         ",{\"key\":\"sep\",\"string\":\";\"},{\"key\":\"decimal\",\"string\":\",\"}") "," CSV("y", "float", "0", "0", "1", "", ""),
     "1,5\n2,25\n", "", 0, "x [2] 2.25 1.5; y [2] 2 1"},
    {"", CSV("x", "float", "0", "0", "1", "", ",{\"key\":\"fill\",\"int\":5}") "," CSV("y", "float", "0", "1", "2", "", ""), "1,2\n4\n", "",
     0, "t.csv:2:1: column 1: the cell is empty (fill=0 or skip=true says what to do)"},
    {"", CSV("y", "int", "1", "0", "1", "", ""), "0\n0\n", "", 0, "y [2] 0 0"},
    {"", CSV("y", "int", "1", "0", "1", "", ""), "0\n1\n", "", 0, "t.csv:2: 1 is not in 0..0 of y"},
    {"", NPY("x", "int", "1", "u.npy", "3", ""), "", "", 0, "u.npy: example 1, number 0: 3 is not in 0..0 of x"},
    {"", DATA_FIELD("x", "float", "", "0", "", READER("tsv", "t.csv", "float", "", "")), "1\n", "", 0,
     "the loader `tsv` is not linked into this program"},
    {"", DATA_FIELD("n", "float", "", "0", "\"length_of\":0,", ""), "", "", 0, "data d: there are no examples"},
    {"", NPY("x", "float", "0", "u.npy", "3", ""), "", "", 0, "x [2, 3] 3 4 255 0 1 2"},
    {"", NPY("x", "int", "256", "u.npy", "3", ""), "", "", 0, "x [2, 3] 3 4 255 0 1 2"},
    {"", NPY("x", "int", "255", "u.npy", "3", ""), "", "", 0, "u.npy: example 1, number 2: 255 is not in 0..254 of x"},
    {"", NPY("x", "i8", "0", "u.npy", "3", ""), "", "", 0, "u.npy: example 1, number 2: 255 is no integer of i8 in -128..127 (x is i8)"},
    {"", NPY("x", "u8", "0", "u.npy", "3", ""), "", "", 0, "x [2, 3] 3 4 255 0 1 2"},
    {"", NPY("x", "f64", "0", "u.npy", "3", ""), "", "", 0, "x [2, 3] 3 4 255 0 1 2"},
    {"", NPY("x", "float", "0", "u.npy", "1,3", "{\"key\":\"test\",\"path\":[\"v.npy\"]}"), "", "", 0, "x [3, 1, 3] 9 8 7 3 4 255 0 1 2"},
    {"", NPY("x", "float", "0", "d.npy", "", ""), "", "", 0, "d.npy: example 1: 1e+39 is too large for single precision (x is float)"},
    {"", NPY("x", "f64", "0", "d.npy", "", ""), "", "", 0, "x [2] 1e+39 0.5"},
    {"", NPY("x", "int", "9", "l.npy", "", ""), "", "", 0, "x [2] 2 1"},
    {"", NPY("x", "int", "2", "l.npy", "", ""), "", "", 0, "l.npy: example 1: 2 is not in 0..1 of x"},
    {"", NPY("x", "i64", "0", "l.npy", "", ""), "", "", 0, "x [2] 2 1"},
    {"", NPY("x", "int", "0", "b.npy", "", ""), "", "", 0, "x [2] 2 1"},
    {"", NPY("x", "int", "3", "i.npy", "", ""), "", "", 0, "x [2] 2 1"},
    {"", NPY("x", "int", "2", "i.npy", "", ""), "", "", 0, "i.npy: example 1: 2 is not in 0..1 of x"},
    {"", NPY("x", "float", "0", "n.npy", "", ""), "", "", 0, "x [2] nan 1, n.npy: example 1: nan is in x"},
    {"", NPY("x", "f64", "0", "m.npy", "2", ""), "", "", 0, "x [1, 2] 1 inf, m.npy: example 0, number 1: inf is in x"},
};

static void array(const char *path, const char *type, const char *shape, const void *data, size_t n)
{
    FILE *f = fopen(path, "wb");
    char header[119];
    snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", type, shape);
    fprintf(f, "\x93NUMPY%c%c%c%c%-117s\n", 1, 0, 118, 0, header);
    fwrite(data, 1, n, f);
    fclose(f);
}

static void write_files(void)
{
    static const double large[] = {0.5, 1e39}, infinite[] = {1, INFINITY};
    static const int64_t wide[] = {1, 2};
    static const int32_t narrow[] = {1, 2};
    static const float none[] = {1, NAN};
    write_file("u.csv", "9\n8\n", 4);
    write_file("m.txt", "1 2\n3 4\n", 8);
    array("u.npy", "|u1", "(2, 3)", "\0\1\2\3\4\xFF", 6);
    array("v.npy", "|u1", "(1, 3)", "\x09\x08\x07", 3);
    array("d.npy", "<f8", "(2,)", large, 16);
    array("l.npy", "<i8", "(2,)", wide, 16);
    array("b.npy", ">i4", "(2,)", "\0\0\0\1\0\0\0\2", 8);
    array("i.npy", "<i4", "(2,)", narrow, 8);
    array("n.npy", "<f4", "(2,)", none, 8);
    array("m.npy", "<f8", "(1, 2)", infinite, 16);
}

/* One entry that takes all fields, its sizes the batch and those of the block. */
static nnrt *open_block(nnrt_program *program, const char *symbols, const char *fields)
{
    static char text[8000];
    const char *names[8];
    int n = 0;
    for (const char *at = fields; (at = strstr(at, "{\"name\":\"")); at++)
        names[n++] = at + 9;
    snprintf(text, sizeof text,
             "{\"program\":\"p\",\"source\":\"p.nn\",\"options\":[],\"data\":[{\"name\":\"d\",\"line\":1,\"symbols\":[%s],\"parts\":[],"
             "\"fields\":"
             "[%s]}],\"field_entries\":[],\"entries\":[{\"name\":\"e\",\"kind\":\"train\",\"sizes\":[\"B\"],\"batch_size\":0,\"data\":0,"
             "\"data_sizes\":[1,2],\"args\":[",
             symbols, fields);
    for (int i = 0; i < n; i++)
        rt_append(text, sizeof text, "%s{\"name\":\"%.*s\",\"role\":\"field\",\"data\":0,\"field\":%d}", i ? "," : "",
                  (int)strcspn(names[i], "\""), names[i], i);
    rt_append(text, sizeof text, "]}]}");
    *program = line_program;
    program->manifest = text, program->n_entries = 1;
    nnrt *m = nnrt_new(program, 0);
    cr_assert(m, "%s: %s", nnrt_error_text(), text);
    return m;
}

static void put_field(char *out, size_t room, const Dataset *d, const Batch *b, int i)
{
    const DataField *f = &d->field[i];
    int64_t dim[9] = {b->n};
    char shape[100];
    for (int a = 0; a < f->rank; a++)
        dim[a + 1] = f->dim[a] < 0 ? b->sizes[-f->dim[a]] : f->dim[a];
    rt_append(out, room, "%s%s %s", *out ? "; " : "", f->name, shape_text(f->rank + 1, dim, shape, sizeof shape));
    for (int64_t k = 0; k < shape_size(f->rank + 1, dim); k++)
        rt_append(out, room, " %.9g", dtype_load(f->dtype, b->arg[i], k));
}

static const nnrt_reader *const readers[] = {&nnrt_reader_csv, &nnrt_reader_lines, &nnrt_reader_npy, NULL};

static int fill_block(Dataset *d, int n, const nnrt_host *host, Batch *b)
{
    int64_t ids[16], all = d->n[0] + d->n[1];
    int k = 0;
    for (int64_t i = all - 1; i >= 0 && (!n || k < n); i--)
        ids[k++] = i;
    int code = tables_make(d);
    return code ? code : batch_fill(d, 0, ids, k, host, b);
}

/* What becomes of a block; with tables, as loaders have them, or without. */
static const char *filled(nnrt *m, int n)
{
    static char out[1000];
    char wrong[400];
    Dataset *d = NULL;
    Batch b = {0};
    *out = 0;
    int code = dataset_open(m, 0, readers, &d);
    if (!code) code = fill_block(d, n, NULL, &b);
    for (int s = 0; !code && s < d->n_symbols; s++)
        rt_append(out, sizeof out, "%s%s %d", s ? "; " : "", json_at(json_get(d->json, "symbols"), s)->text, (int)b.sizes[s + 1]);
    for (int i = 0; !code && i < d->n_fields; i++)
        put_field(out, sizeof out, d, &b, i);
    if (code)
        rt_append(out, sizeof out, "%s", nnrt_error_text());
    else if (*batch_not_finite(d, 0, &b, wrong, sizeof wrong))
        rt_append(out, sizeof out, ", %s", wrong);
    if (!code) cr_assert_eq(b.sizes[0], b.n);
    batch_free(&b);
    dataset_close(d);
    return out;
}

Test(batches, of_blocks)
{
    enter_folder();
    write_files();
    for (size_t i = 0; i < N_ROWS(blocks); i++) {
        nnrt_program program;
        write_file("t.csv", blocks[i].csv, strlen(blocks[i].csv));
        write_file("l.txt", blocks[i].lines, strlen(blocks[i].lines));
        nnrt *m = open_block(&program, blocks[i].symbols, blocks[i].fields);
        const char *got = filled(m, blocks[i].n);
        cr_expect_str_eq(got, blocks[i].want, "row %zu: %s", i, got);
        nnrt_free(m);
    }
}

/* ---- the threads of a host: the same bytes, and of several errors the first ---- */

static void run_all(void *user, int n, void (*fn)(void *arg, int i), void *arg)
{
    *(int *)user = n;
    for (int i = n - 1; i >= 0; i--)
        fn(arg, i);
}

Test(batches, by_several_threads)
{
    enum { ROWS = 64, WIDE = 600 };
    static unsigned char bytes[ROWS][WIDE];
    int parts = 0;
    nnrt_host host = {.size = sizeof host, .threads = 3, .gang = run_all, .user = &parts};
    enter_folder();
    for (int i = 0; i < ROWS * WIDE; i++)
        bytes[i / WIDE][i % WIDE] = (unsigned char)(i * 31 % 251);
    array("u.npy", "|u1", "(64, 600)", bytes, sizeof bytes);
    static const char *const bounds[] = {NPY("x", "int", "251", "u.npy", "600", ""), NPY("x", "int", "250", "u.npy", "600", "")};
    for (int k = 0; k < 2; k++) {
        nnrt_program program;
        nnrt *m = open_block(&program, "", bounds[k]);
        Dataset *d = NULL;
        Batch b[2] = {{.n = 0}};
        cr_assert_eq(dataset_open(m, 0, readers, &d), 0, "%s", nnrt_error_text());
        int64_t ids[ROWS];
        for (int i = 0; i < ROWS; i++)
            ids[i] = (i * 7 + 3) % ROWS;
        char first[200] = "";
        for (int way = 0; way < 2; way++) {
            parts = 0;
            int code = batch_fill(d, 0, ids, ROWS, way ? &host : NULL, &b[way]);
            cr_expect_eq(!code, !k);
            cr_expect_eq(parts, way ? 3 : 0);
            if (code && way) cr_expect_str_eq(nnrt_error_text(), first);
            if (code) snprintf(first, sizeof first, "%s", nnrt_error_text());
        }
        if (!k) cr_expect_eq(memcmp(b[0].arg[0], b[1].arg[0], 4 * ROWS * WIDE), 0);
        for (int i = 0; !k && i < ROWS * WIDE; i++)
            cr_assert_eq(((int32_t *)b[1].arg[0])[i], bytes[ids[i / WIDE]][i % WIDE]);
        if (!k) cr_expect_eq(batch_fill(d, 0, ids, 3, &host, &b[0]), 0);
        cr_expect_eq(parts, 3); /* what it was: so few numbers are for one */
        batch_free(&b[0]), batch_free(&b[1]);
        dataset_close(d), nnrt_free(m);
    }
}

/* ---- batches of an epoch ---- */

static const struct {
    int64_t n, batch;
    bool shuffle;
    int64_t batches;
} epochs[] = {{10, 3, false, 4}, {9, 3, false, 3}, {9, 3, true, 3}, {10, 10, true, 1}, {10, 11, true, 1}, {1, 1, true, 1}, {7, 1, true, 7}};

Test(batches, of_an_epoch)
{
    int64_t ids[16], order[16];
    Dataset d = {.n_symbols = 0};
    for (size_t r = 0; r < N_ROWS(epochs); r++)
        for (int64_t epoch = 0; epoch < 3; epoch++) {
            Plan plan;
            int64_t n = epochs[r].n;
            for (int64_t i = 0; i < n; i++)
                ids[i] = 100 + i, order[i] = i;
            if (epochs[r].shuffle) rt_permute_all((uint64_t)n, 5 * 0x10001 + (uint64_t)epoch + 1, order);
            cr_assert_eq(plan_make(&d, ids, n, epochs[r].batch, epochs[r].shuffle, 5, epoch, &plan), 0);
            cr_assert_eq(plan.n, epochs[r].batches, "row %zu", r);
            for (int64_t i = 0; i < n; i++)
                cr_assert_eq(plan.id[i], 100 + order[i], "row %zu, %d", r, (int)i);
            for (int64_t b = 0; b <= plan.n; b++)
                cr_assert_eq(plan.start[b], b * epochs[r].batch < n ? b * epochs[r].batch : n, "row %zu", r);
            plan_free(&plan);
        }
}

/* Texts of one length together, in the order in which the first of each comes. */
Test(batches, of_one_size)
{
    nnrt_program program;
    Dataset *d = NULL;
    Plan plan;
    enter_folder();
    write_file("l.txt", "1 2\n3\n4 5\n6 7 8\n9\n1 2 3\n4 5\n", 28);
    nnrt *m = open_block(&program, "\"T\"", LINES("x", "10", TRUE("numbers")));
    cr_assert_eq(dataset_open(m, 0, readers, &d), 0, "%s", nnrt_error_text());
    d->buckets = true;
    cr_assert_eq(plan_make(d, (int64_t[]){0, 1, 2, 3, 4, 5, 6}, 7, 2, false, 0, 0, &plan), 0);
    cr_assert_eq(plan.n, 4);
    static const int64_t ids[] = {0, 2, 1, 4, 3, 5, 6}, places[] = {0, 2, 4, 6, 7};
    for (int i = 0; i < 7; i++)
        cr_expect_eq(plan.id[i], ids[i], "%d: %d", i, (int)plan.id[i]);
    for (int i = 0; i < 5; i++)
        cr_expect_eq(plan.start[i], places[i]);
    plan_free(&plan);
    dataset_close(d), nnrt_free(m);
}

/* ---- shards ---- */

Test(batches, shards_are_the_whole)
{
    static const int64_t firsts[][5] = {{0, 4, 7, 10}, {0, 1, 2, 2}, {0, 0, 0, 0}, {0, 1, 1, 1}, {0, 2, 4, 6}};
    static const int64_t counts[] = {10, 2, 0, 1, 6};
    for (int i = 0; i < 5; i++)
        for (int s = 0; s < 4; s++)
            cr_expect_eq(loader_shard(counts[i], s, 3), firsts[i][s], "%d, %d", i, s);
}

Test(batches, of_shards)
{
    nnrt_program program;
    Dataset *d = NULL;
    Loader *whole = NULL, *parts = NULL;
    enter_folder();
    write_file("t.csv", "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n", 20);
    nnrt *m = open_block(&program, "", CSV("x", "float", "0", "0", "1", "", ""));
    cr_assert_eq(dataset_open(m, 0, readers, &d), 0, "%s", nnrt_error_text());
    cr_assert_eq(loader_open(d, &(LoaderSpec){.part = "all", .batch = 4, .shuffle = true, .seed = 3}, &whole), 0);
    cr_assert_eq(
        loader_open(d, &(LoaderSpec){.part = "all", .batch = 4, .shuffle = true, .seed = 3, .shards = 3, .first = 1, .count = 2}, &parts),
        0);
    cr_assert(loader_batches(whole) == 3 && loader_batches(parts) == 3);
    for (int i = 0; i < 7; i++) { /* over the end of the second epoch */
        Batch *a = NULL, *b = NULL;
        cr_assert(loader_next(whole, &a) == 0 && loader_next(parts, &b) == 0);
        int64_t n = i % 3 == 2 ? 2 : 4, from = loader_shard(n, 1, 3);
        cr_assert(a->n == n && a->of == n && b[0].of == n && b[1].of == n && b[0].n + b[1].n + from == n);
        for (int k = 0; k < 2; k++)
            for (int64_t j = 0; j < b[k].n; j++, from++)
                cr_assert(((float *)b[k].arg[0])[j] == ((float *)a->arg[0])[from] && ((int64_t *)b[k].ids)[j] == ((int64_t *)a->ids)[from]);
    }
    loader_close(whole), loader_close(parts);
    dataset_close(d), nnrt_free(m);
}

/* ---- one field, for arguments of exports ---- */

Test(batches, of_one_field)
{
    nnrt_program program;
    Dataset *d = NULL;
    Batch b = {0};
    int rank;
    int64_t dim[8] = {0};
    enter_folder();
    write_file("l.txt", "1 2\n3\n4 5 6\n", 12);
    nnrt *m = open_block(&program, "\"T\"", LINES("x", "10", TRUE("numbers")));
    cr_assert_eq(dataset_open(m, 0, readers, &d), 0, "%s", nnrt_error_text());
    cr_assert_eq(dataset_field(d, 0, (int64_t[]){2, 1}, 2, &b, &rank, dim), 0);
    cr_assert(rank == 2 && dim[0] == 2 && dim[1] == 3);
    cr_assert_eq(memcmp(b.arg[0], ((int32_t[]){4, 5, 6, 3, 0, 0}), 24), 0);
    batch_free(&b);
    dataset_close(d), nnrt_free(m);
}
