/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_held.c: files that are held in memory, and the same ones read when they are asked for; files that change meanwhile; long rows; files
 * that several fields share; what is said of a processor that lacks something. */
#include "paint.h"
#include "reader_help.h"

#include <fcntl.h>

#include "data/cells.h"
#include "model/cpu.h"
#include "rows.h"

#define RESIZE "{\"key\":\"resize\",\"ints\":[2,1]}"

/* As try_shape, of a model that may hold so many bytes. */
static Opened open_held(const nnrt_reader *reader, const char *path, const char *args, int rank, const int64_t *dim, size_t most)
{
    Opened o = try_shape(reader, path, args, rank, dim, 0);
    if (!o.code) o.source.close(&o.source);
    cr_assert_eq(o.m->held, 0, "%zu bytes are held of nothing", o.m->held);
    o.m->hold_most = most;
    o.code = reader->open(&o.spec, &o.source);
    return o;
}

static void expect_row(Opened *o, int64_t i, const double *want, int n)
{
    double v[16];
    cr_assert_eq(o->source.count(&o->source, i), n);
    cr_assert_eq(source_numbers(&o->source, i, v), 0, "%s", nnrt_error_text());
    for (int k = 0; k < n; k++)
        cr_assert_float_eq(v[k], want[k], 1e-12, "row %d, %d: %g", (int)i, k, v[k]);
}

/* ---- pictures ---- */

static void write_pictures(void)
{
    static const unsigned char rows[3][8] = {{0, 51, 102, 153}, {255, 204, 153, 102}, {5, 10, 15, 20, 25, 30, 35, 40}};
    char path[32];
    mkdir("p", 0777);
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "p/%d.png", i);
        paint(path, &(Painted){2, i == 2 ? 4 : 2, 8, PNG_COLOR_TYPE_GRAY, rows[i], 2, 0, 0, false});
    }
}

Test(held, pictures)
{
    static const double first[] = {0, 0.2, 0.4, 0.6}, second[] = {1, 0.8, 0.6, 0.4}, reduced[] = {0.1, 0.5};
    static const int64_t square[] = {2, 2}, column[] = {2, 1};
    static const struct {
        size_t most, held;
        bool made;
    } rows[] = {{1, 0, true}, {4, 4, true}, {7, 4, true}, {8, 8, false}, {100, 8, false}};
    enter_folder();
    write_pictures();
    remove("p/2.png");
    for (size_t r = 0; r < N_ROWS(rows); r++) {
        Opened o = open_held(&nnrt_reader_image_dir, "p", "", 2, square, rows[r].most);
        cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
        cr_expect(o.m->held == rows[r].held && o.source.made == rows[r].made, "row %zu: %zu bytes, made %d", r, o.m->held, o.source.made);
        expect_row(&o, 0, first, 4), expect_row(&o, 1, second, 4), expect_row(&o, 0, first, 4);
        drop(&o);
        o = open_held(&nnrt_reader_image_dir, "p", RESIZE, 2, column, rows[r].most);
        cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
        expect_row(&o, 0, reduced, 2);
        drop(&o);
    }
}

Test(held, pictures_that_change)
{
    static const int64_t any[] = {-1, -1};
    static const double tall[] = {5 / 255.0, 10 / 255.0, 15 / 255.0, 20 / 255.0, 25 / 255.0, 30 / 255.0, 35 / 255.0, 40 / 255.0};
    enter_folder();
    write_pictures();
    Opened o = open_held(&nnrt_reader_image_dir, "p", "", 2, any, 1);
    double v[16];
    int64_t extent[3] = {0};
    cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
    o.source.extent(&o.source, 2, extent);
    cr_assert(extent[0] == 4 && extent[1] == 2 && extent[2] == 1);
    expect_row(&o, 2, tall, 8);
    rename("p/2.png", "p/0.png");
    cr_expect_eq(source_numbers(&o.source, 0, v), NNRT_E_SHAPE);
    cr_expect_str_eq(nnrt_error_text(), "p/0.png has another size than when the data was opened");
    cr_expect_eq(source_numbers(&o.source, 2, v), RT_SYSTEM);
    cr_expect_str_eq(nnrt_error_text(), "p/2.png: No such file or directory");
    drop(&o);
}

Test(held, folders_with_wrong_files)
{
    static const int64_t square[] = {2, 2};
    enter_folder();
    write_pictures();
    Opened o = try_shape(&nnrt_reader_image_dir, "p", "", 2, square, 0);
    cr_expect_str_eq(nnrt_error_text(), "p/2.png holds [4, 2, 1] per example, but f is [2, 2] (resize=[2, 2] makes all pictures so)");
    drop(&o);
    write_file("p/1.png", "no picture", 10);
    o = try_shape(&nnrt_reader_image_dir, "p", "", 2, square, 0);
    cr_expect_eq(o.code, NNRT_E_IO);
    cr_expect_str_eq(nnrt_error_text(), "p/1.png is no PNG file; 1 more of the 3 files cannot be taken, such as p/2.png");
    drop(&o);
    write_file("p/0.png", "", 0);
    o = try_shape(&nnrt_reader_image_dir, "p", "", 2, square, 0);
    cr_expect_str_eq(nnrt_error_text(), "p/0.png is empty; 2 more of the 3 files cannot be taken, such as p/1.png");
    drop(&o);
}

/* ---- arrays ---- */

static void write_array(const char *path, bool fortran, int first)
{
    char header[119];
    FILE *f = fopen(path, "wb");
    snprintf(header, sizeof header, "{'descr': '>u2', 'fortran_order': %s, 'shape': (3, 2), }", fortran ? "True" : "False");
    fprintf(f, "\x93NUMPY%c%c%c%c%-117s\n", 1, 0, 118, 0, header);
    for (int i = 0; i < 6; i++)
        fputc(i, f), fputc(first + i, f);
    fclose(f);
}

Test(held, arrays)
{
    static const int64_t two[] = {2};
    enter_folder();
    for (int fortran = 0; fortran < 2; fortran++)
        for (size_t most = 1; most < 10000; most += 9000) {
            write_array("a.npy", fortran, 10);
            Opened o = open_held(&nnrt_reader_npy, "a.npy", "", 1, two, most);
            cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
            cr_expect(o.m->held == (most > 1 ? 140 : 0) && o.source.made == (most == 1 && !fortran), "%zu bytes, made %d", o.m->held,
                      o.source.made);
            for (int i = 2; i >= 0; i--) {
                int a = fortran ? i : 2 * i, b = fortran ? i + 3 : 2 * i + 1;
                expect_row(&o, i, (double[]){256 * a + 10 + a, 256 * b + 10 + b}, 2);
            }
            drop(&o);
        }
}

Test(held, arrays_that_change)
{
    static const int64_t two[] = {2};
    double v[2];
    enter_folder();
    write_array("a.npy", false, 10);
    Opened o = open_held(&nnrt_reader_npy, "a.npy", "", 1, two, 1);
    cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
    FILE *f = fopen("a.npy", "ab");
    fputc(1, f);
    fclose(f);
    cr_expect_eq(source_numbers(&o.source, 1, v), RT_SYSTEM);
    cr_expect_str_eq(nnrt_error_text(), "a.npy was changed during the run: it had 140 bytes and has 141");
    cr_assert_eq(truncate("a.npy", 140), 0);
    const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    cr_assert_eq(utimensat(AT_FDCWD, "a.npy", times, 0), 0);
    cr_expect_eq(source_numbers(&o.source, 1, v), RT_SYSTEM);
    cr_expect_str_eq(nnrt_error_text(), "a.npy was changed during the run");
    drop(&o);
}

/* ---- rows longer than what is read at once ---- */

Test(held, long_rows)
{
    enum { LONG = 3 << 20 };
    char *cell = malloc(LONG + 1);
    double v[2];
    memset(cell, 'x', LONG);
    cell[LONG] = 0;
    enter_folder();
    FILE *f = fopen("t.csv", "w");
    for (int i = 0; i < 200000; i++) /* rows cross the border, too */
        fprintf(f, "%d,a\n", i);
    fprintf(f, "7,\"%s\"\n8,b\n", cell);
    fclose(f);
    Opened o = try_open(&nnrt_reader_csv, "t.csv", "{\"key\":\"column\",\"int\":0}", 0, 0, 0);
    cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
    cr_assert_eq(o.source.n, 200002);
    for (int i = 0; i < 200000; i++)
        cr_assert(source_numbers(&o.source, i, v) == 0 && v[0] == i && o.source.line(&o.source, i) == i + 1, "%d: %g", i, v[0]);
    cr_assert(source_numbers(&o.source, 200000, v) == 0 && v[0] == 7 && source_numbers(&o.source, 200001, v) == 0 && v[0] == 8);
    drop(&o);
    free(cell);
}

/* ---- processors ---- */

static uint64_t some_cpu(void)
{
    return 5; /* the first and the third of cpu.def: sse2, ssse3 */
}

static int some_level(const nnrt_program *p, int32_t wanted)
{
    int best = 0;
    for (int32_t i = 0; i < p->n_levels; i++)
        if ((p->level[i].needs & ~some_cpu()) == 0 && (!wanted || p->level[i].number == wanted)) best = p->level[i].number;
    return best;
}

static const struct {
    const char *wish; /* NNRT_CPU */
    uint64_t first, second; /* what two levels need; 0: only one level */
    const char *name, *error;
} cpus[] = {
    {NULL, 1, 4, "b", NULL},
    {NULL, 1, 2, "a", NULL},
    {"a", 1, 4, "b", NULL},
    {"", 1, 4, "b", NULL},
    {"b", 1, 2, "a", "NNRT_CPU is b, but this processor lacks sse3"},
    {"b", 1, 0x3FF, "a", "NNRT_CPU is b, but this processor lacks sse3, cx16, sse4.1, sse4.2, movbe, popcnt, sahf, lzcnt"},
    {"b", 1, 0x7FF, "a", "NNRT_CPU is b, but this processor lacks sse3, cx16, sse4.1, sse4.2, movbe, popcnt, sahf, lzcnt and 1 more"},
    {"c", 1, 4, "b", "NNRT_CPU is c, but line has code for a, b"},
    {NULL, 2, 8, NULL, "the program is compiled for a, b, but this processor lacks sse3"},
    {NULL, 2, 0, NULL, "the program is compiled for a, but this processor lacks sse3; `nnc -march=generic` compiles for others, too"},
};

Test(cpu, what_is_lacking)
{
    nnrt_core_table core = nnrt_core_functions;
    core.cpu = some_cpu, core.level = some_level;
    for (size_t i = 0; i < N_ROWS(cpus); i++) {
        const nnrt_level level[] = {{"a", cpus[i].first, 2, 0}, {"b", cpus[i].second, 3, 0}};
        nnrt_program program = line_program;
        program.core = &core, program.level = level, program.n_levels = cpus[i].second ? 2 : 1;
        if (cpus[i].wish)
            setenv("NNRT_CPU", cpus[i].wish, 1);
        else
            unsetenv("NNRT_CPU");
        const char *name = cpu_name(&program);
        cr_expect(name == cpus[i].name || (name && cpus[i].name && strcmp(name, cpus[i].name) == 0), "row %zu: %s", i,
                  name ? name : "none");
        int code = cpu_check(&program);
        cr_expect_eq(code, cpus[i].error ? NNRT_E_CPU : NNRT_OK, "row %zu: %d", i, code);
        if (code) cr_expect_str_eq(nnrt_error_text(), cpus[i].error, "row %zu: %s", i, nnrt_error_text());
    }
}
