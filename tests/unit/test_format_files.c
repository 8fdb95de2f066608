/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_format_files.c: what each format writes, to the last byte: tests/formats, with bytes as hexadecimal numbers where it is no text.
 * NNC_UPDATE=1 rewrites them: look at the difference. */
#include "runtime_help.h"

#include <ctype.h>
#include <math.h>

#include "format/deflate.h"
#include "rows.h"
#include "table_writers.h"

/* ---- what is written ---- */

static const float curve[] = {1, -2, NAN, 0.5f, 3, INFINITY, 2.25f}, one[] = {2}, same[] = {7, 7, 7};
static const double panels[] = {0, 1, 2, 3, 4, 5, -1, -2, -3, NAN, 4.5, 0.125}, cells[12] = {1e-3, 1, 2, 1e6, 3, 4};
static const int32_t ids[] = {0, 1, 2, 3, 11, 12, 22, 255}, notes[] = {60, 1, 2, 64, 1, 1, 0, 70, 127, 2, 3, 1};
static const int32_t held[40] = {50, 1, 1, 1, 1, 1, [39] = 9};
static const int64_t wide_ids[] = {9007199254740993, -3, 0};
static const unsigned char truths[] = {1, 0, 1, 1};
static float tall[65 * 3], broad[2 * 70], grey[2 * 2 * 3], red_green_blue[2 * 3 * 3], sound[] = {0, 0.5f, -0.5f, 1, -1, 2, -2, NAN, 1e-5f};
static char *words[] = {"I", "saw", "\xC3\xA9t\xC3\xA9"}, *letters[] = {"a", NULL, "<"};
static double below[] = {0, 0.25, 0.5, 1, 0.75, 0.1, 1, 1};
static Tensor picture_below = {.rank = 2, .dim = {2, 4}, .at = below};

typedef struct Row {
    const char *name;
    int (*own)(FILE *f, const Output *o); /* or: */
    const nnrt_format *format;
    Output o;
} Row;

#define SVG .format = &nnrt_format_svg
#define PNG .format = &nnrt_format_png
#define WAV .format = &nnrt_format_wav
#define MID .format = &nnrt_format_mid
#define F32(DATA, RANK, ...) .dtype = NNRT_F32, .data = DATA, .rank = RANK, .dim = {__VA_ARGS__}
#define F64(DATA, RANK, ...) .dtype = NNRT_F64, .data = DATA, .rank = RANK, .dim = {__VA_ARGS__}
#define I32(DATA, RANK, ...) .dtype = NNRT_I32, .data = DATA, .rank = RANK, .dim = {__VA_ARGS__}

static const Row rows[] = {
    {"curve.svg", SVG, .o = {F32(curve, 1, 7)}},
    {"curve_of_one.svg", SVG, .o = {F32(one, 1, 1)}},
    {"curve_flat.svg", SVG, .o = {F32(same, 1, 3)}},
    {"map_of_one.svg", SVG, .o = {F32(one, 2, 1, 1)}},
    {"maps.svg", SVG, .o = {F64(panels, 4, 1, 2, 2, 3)}},
    {"map_named.svg", SVG, .o = {F64(cells, 2, 3, 3), .label = {letters, words}}},
    {"map_of_letters.svg", SVG, .o = {I32(ids, 3, 1, 1, 3), .label = {NULL, letters, letters}}},
    {"map_tall.svg", SVG, .o = {F32(tall, 2, 65, 3)}},
    {"map_broad.svg", SVG, .o = {F32(broad, 2, 2, 70)}},
    {"classes.png", PNG, .o = {I32(ids, 2, 2, 4), .bound = 64}},
    {"classes_many.png", PNG, .o = {I32(ids, 2, 2, 4), .bound = 256}},
    {"classes_over.png", PNG, .o = {I32(ids, 2, 2, 4), .bound = 3, .under = &picture_below}},
    {"truth.png", PNG, .o = {.dtype = NNRT_BOOL, .data = truths, .rank = 2, .dim = {2, 2}}},
    {"grey.png", PNG, .o = {F32(grey, 3, 2, 2, 3)}}, /* 3: channels */
    {"grey_grid.png", PNG, .o = {F32(grey, 4, 3, 2, 2, 1)}},
    {"grey_row.png", PNG, .o = {F32(grey, 3, 3, 2, 2)}},
    {"grey_table.png", PNG, .o = {F32(curve, 4, 3, 2, 1, 1)}}, /* rows of two */
    {"colours.png", PNG, .o = {F32(red_green_blue, 3, 2, 3, 3)}},
    {"signed.png", PNG, .o = {F64(panels, 2, 3, 4)}},
    {"sound.wav", WAV, .o = {F32(sound, 1, 9), .rate = 8000}},
    {"sounds.wav", WAV, .o = {F64(panels, 2, 2, 6), .rate = 44100}},
    {"melody.mid", MID, .o = {I32(notes, 1, 12)}},
    {"melodies.mid", MID, .o = {I32(notes, 2, 2, 6)}},
    {"melody_long.mid", MID, .o = {I32(held, 1, 6)}},
    {"numbers.csv", as_csv, .o = {F32(curve, 1, 7)}},
    {"numbers_of_ids.csv", as_csv, .o = {I32(ids, 2, 2, 4)}},
    {"numbers_of_panels.csv", as_csv, .o = {F64(panels, 3, 2, 2, 3)}},
    {"number.csv", as_csv, .o = {F64(cells, 0, 0)}},
    {"wide.csv", as_csv, .o = {.dtype = NNRT_I64, .data = wide_ids, .rank = 1, .dim = {3}}},
    {"numbers.json", as_json, .o = {F32(curve, 1, 7)}},
    {"panels.json", as_json, .o = {F64(panels, 3, 2, 2, 3)}},
    {"number.json", as_json, .o = {F64(cells, 0, 0)}},
    {"numbers.npy", as_npy, .o = {F32(curve, 1, 7)}},
    {"ids.npy", as_npy, .o = {I32(ids, 2, 2, 4)}},
    {"number.npy", as_npy, .o = {F64(cells, 0, 0)}},
};

/* Lines of 32 bytes, but text as it is. */
static bool put_readable(const unsigned char *b, size_t n, FILE *f)
{
    bool text = true;
    for (size_t i = 0; i < n; i++)
        text &= b[i] >= 32 || b[i] == '\n';
    for (size_t i = 0; i < n && !text; i++)
        fprintf(f, "%02x%s", b[i], i + 1 == n || i % 32 == 31 ? "\n" : " ");
    if (text) fwrite(b, 1, n, f);
    return text;
}

static char *written(const Row *row, bool *is_text)
{
    char *raw = NULL, *text = NULL;
    size_t n = 0, length = 0;
    FILE *f = open_memstream(&raw, &n);
    Output o = row->o;
    o.path = row->name;
    int code = row->own ? row->own(f, &o) : row->format->write(f, &o);
    fclose(f);
    cr_assert_eq(code, 0, "%s: %s", row->name, nnrt_error_text());
    f = open_memstream(&text, &length);
    *is_text = put_readable((const unsigned char *)raw, n, f);
    fclose(f);
    free(raw);
    return text;
}

static void fill_tables(void)
{
    for (int i = 0; i < 65 * 3; i++)
        tall[i] = (float)(i % 7);
    for (int i = 0; i < 2 * 70; i++)
        broad[i] = (float)(i % 11);
    for (int i = 0; i < 12; i++)
        grey[i] = (float)i / 10;
    for (int i = 0; i < 18; i++)
        red_green_blue[i] = (float)(i * i % 17) / 16;
}

Test(format, files)
{
    static char want[1 << 17];
    fill_tables();
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        bool is_text;
        char path[256], *got = written(&rows[i], &is_text);
        snprintf(path, sizeof path, NNC_SOURCE_DIR "/tests/formats/%s%s", rows[i].name, is_text ? "" : ".hex");
        if (getenv("NNC_UPDATE")) write_file(path, got, strlen(got));
        size_t n = read_whole(path, want, sizeof want - 1);
        want[n] = 0;
        cr_expect(n && strcmp(got, want) == 0, "%s has changed:\n%s", path, got);
        free(got);
    }
}

/* ---- what is refused ---- */

static const int64_t zeros[65536];
static const double grid[200000];

static const struct {
    Row row;
    const char *says; /* NULL: it is written */
} limits[] = {
    {{"m.svg", SVG, .o = {F64(grid, 2, 200, 200)}}, NULL},
    {{"m.svg", SVG, .o = {F64(grid, 3, 1, 1, 40001)}}, "m.svg: 40001 cells are too many for a heat map (at most 40000)"},
    {{"c.svg", SVG, .o = {F64(grid, 1, 100000)}}, NULL},
    {{"c.svg", SVG, .o = {F64(grid, 1, 100001)}}, "c.svg: 100001 points are too many"},
    {{"n.svg", SVG, .o = {F64(grid, 0, 0)}}, "n.svg: a result of the shape [] is no chart; wanted: a row of numbers or matrices"},
    {{"n.svg", SVG, .o = {F64(grid, 5, 1, 1, 1, 1, 2)}}, "n.svg: a result of the shape [1, 1, 1, 1, 2] is no chart"},
    {{"p.png", PNG, .o = {F64(grid, 1, 4)}}, "p.png: a result of the shape [4] is no picture; wanted: [H, W], [N, H, W]"},
    {{"p.png", PNG, .o = {F64(grid, 2, 4, 3)}}, NULL},
    {{"p.png", PNG, .o = {F64(grid, 5, 1, 1, 2, 2, 2)}}, "p.png: a result of the shape [1, 1, 2, 2, 2] is no picture"},
    {{"p.png", PNG, .o = {F64(grid, 5, 1, 1, 2, 2, 3)}}, NULL},
    {{"p.png", PNG, .o = {F64(grid, 2, 1, 65535)}}, NULL},
    {{"p.png", PNG, .o = {F64(grid, 2, 1, 65536)}}, "p.png: 65536 x 1 pixels are too many for a picture"},
    {{"p.png", PNG, .o = {F64(grid, 2, 65536, 1)}}, "p.png: 1 x 65536 pixels are too many for a picture"},
    {{"i.png", PNG, .o = {.dtype = NNRT_I64, .data = zeros, .rank = 2, .dim = {1, 1}, .bound = 300}}, NULL},
    {{"i.png", PNG, .o = {I32(ids + 7, 2, 1, 1), .bound = 300}}, NULL},
    {{"i.png", PNG, .o = {I32(((int32_t[]){256}), 2, 1, 1), .bound = 300}}, "i.png: 256 is no class of 0..255"},
    {{"i.png", PNG, .o = {I32(((int32_t[]){-1}), 2, 1, 1), .bound = 300}}, "i.png: -1 is no class of 0..255"},
    {{"u.png", PNG, .o = {I32(ids, 2, 4, 2), .under = &picture_below}},
     "u.png: a class map of [4, 2] does not lie over a picture of [2, 4]"},
    {{"u.png", PNG, .o = {I32(ids, 2, 1, 4), .under = &picture_below}},
     "u.png: a class map of [1, 4] does not lie over a picture of [2, 4]"},
    {{"s.wav", WAV, .o = {F64(grid, 0, 0)}}, "s.wav: a sound is a row of floats"},
    {{"s.wav", WAV, .o = {I32(ids, 1, 4)}}, "s.wav: a sound is a row of floats"},
    {{"m.mid", MID, .o = {I32(ids, 1, 7)}}, NULL},
    {{"m.mid", MID, .o = {I32(ids, 1, 8)}}, "m.mid: note 7 is 255, but pitches are in 0..127"},
    {{"m.mid", MID, .o = {I32(((int32_t[]){127, 0}), 1, 2)}}, NULL},
    {{"m.mid", MID, .o = {I32(((int32_t[]){5, -1}), 1, 2)}}, "m.mid: note 1 is -1, but pitches are in 0..127"},
    {{"m.mid", MID, .o = {I32(ids, 3, 1, 1, 4)}}, "m.mid: a melody is a row of integers"},
    {{"m.mid", MID, .o = {I32(ids, 0, 0)}}, "m.mid: a melody is a row of integers"},
    {{"m.mid", MID, .o = {F64(grid, 1, 4)}}, "m.mid: a melody is a row of integers"},
};

Test(format, limits)
{
    for (size_t i = 0; i < N_ROWS(limits); i++) {
        char *raw = NULL;
        size_t n = 0;
        FILE *f = open_memstream(&raw, &n);
        Output o = limits[i].row.o;
        o.path = limits[i].row.name;
        int code = limits[i].row.format->write(f, &o);
        fclose(f);
        cr_expect_eq(!code, !limits[i].says, "row %zu: %s", i, code ? nnrt_error_text() : "is written");
        if (limits[i].says && code) cr_expect(strstr(nnrt_error_text(), limits[i].says) && !n, "row %zu: %s", i, nnrt_error_text());
        free(raw);
    }
}

/* ---- cells and headers of tables ---- */

static const struct {
    const char *text, *want;
} texts[] = {{"a", "a"},           {" a", "\" a\""},       {"a ", "\"a \""},     {"", "\"\""},
             {"a b", "a b"},       {"a\"b", "\"a\"\"b\""}, {"a,b", "\"a,b\""},   {"a;b", "\"a;b\""},
             {"a\tb", "\"a\tb\""}, {"a\rb", "\"a\rb\""},   {"a\nb", "\"a\nb\""}, {"-1.5", "-1.5"}};

static const struct {
    Output o;
    const char *want;
} headers[] = {
    {{.rank = 0}, "name\n"},
    {{.rank = 1, .dim = {3}}, "name\n"},
    {{.rank = 2, .dim = {3, 1}}, "name\n"},
    {{.rank = 2, .dim = {3, 2}}, "name_0,name_1\n"},
    {{.rank = 3, .dim = {3, 2, 2}}, "name_0,name_1,name_2,name_3\n"},
    {{.rank = 2, .dim = {1, 3}, .label = {NULL, words}}, "I,saw,\xC3\xA9t\xC3\xA9\n"},
    {{.rank = 3, .dim = {1, 2, 3}, .label = {NULL, NULL, words}}, "0_I,0_saw,0_\xC3\xA9t\xC3\xA9,1_I,1_saw,1_\xC3\xA9t\xC3\xA9\n"},
    {{.rank = 1, .dim = {3}, .label = {words}}, "name\n"},
};

Test(format, cells_and_headers)
{
    for (size_t i = 0; i < N_ROWS(texts) + N_ROWS(headers); i++) {
        char *got = NULL;
        size_t n = 0;
        bool cell = i < N_ROWS(texts);
        FILE *f = open_memstream(&got, &n);
        if (cell)
            table_cell(f, texts[i].text);
        else
            table_header(f, &headers[i - N_ROWS(texts)].o, "name");
        fclose(f);
        cr_expect_str_eq(got, cell ? texts[i].want : headers[i - N_ROWS(texts)].want);
        free(got);
    }
}
