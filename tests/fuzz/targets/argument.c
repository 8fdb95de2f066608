/* links: nnrt_loaders */
/* wraps: file_read file_read_headed folder_list rt_remark stat */
/* SPDX-License-Identifier: MIT
 * argument.c: any bytes as the file of an argument of an export: CSV, NPY, NPZ, IDX, PNG or WAV by its contents. The
 * first byte says what the argument can take. What is read is written in all formats of results. */
#include "base/shape.h"
#include "format/read.h"
#include "loader.h"
#include "own_words.h"
#include "table_writers.h"

extern const nnrt_format nnrt_format_png_in, nnrt_format_wav, nnrt_format_png, nnrt_format_svg, nnrt_format_mid;

enum { MOST_WRITTEN = 256 }; /* numbers */
enum { CHANNELS = 3, RAW = 4, FEW = 8, COMMA = 0x10, COLUMNS = 0x20, NAMED = 0x40 }; /* of the first byte */

static Wish wish_of(uint8_t byte)
{
    return (Wish){.channels = byte & CHANNELS,
                  .raw = byte & RAW,
                  .most = byte & FEW ? 5 : 1 << 16,
                  .decimal = byte & COMMA ? ',' : '.',
                  .columns = byte & COLUMNS ? "1,0..2,a" : NULL,
                  .name = byte & NAMED ? "x" : NULL};
}

static const uint8_t bytes_of_ways[] = {0, 1, 2, 3, RAW, RAW | 1, RAW | 3, FEW, COMMA, COLUMNS, COLUMNS | COMMA, NAMED};

static void choose_wish(int way, int mode, uint8_t *input)
{
    (void)mode;
    input[0] = bytes_of_ways[way];
}

static void name_wish(int way, int mode)
{
    (void)mode;
    Wish wish = wish_of(bytes_of_ways[way]);
    give("%d channels%s, decimal %c, columns %s, name %s, at most %lld numbers", wish.channels, wish.raw ? ", raw" : "", wish.decimal,
         wish.columns ? wish.columns : "all", wish.name ? wish.name : "none", (long long)wish.most);
}

const Ways ways = {1, sizeof bytes_of_ways, 1, choose_wish, name_wish};

static void give_shape(const Tensor *t)
{
    for (int k = 0; k < t->rank; k++)
        give("%s%lld", k ? "x" : "[", (long long)t->dim[k]);
    give("]%s%s ", t->is_sound ? " sound" : "", t->is_table ? " table" : "");
    if (t->is_sound) give("at %u ", t->rate);
}

/* ---- what is read, written in all formats */

static int as_headed_csv(FILE *f, const Output *o)
{
    table_header(f, o, "y");
    return as_csv(f, o);
}

static void write_as(const char *name, int (*write)(FILE *f, const Output *o), const Output *o)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    int code = write(f, o);
    fclose(f);
    if (code)
        give("; %s: error %d: %s", name, code, nnrt_error_text());
    else
        give("; %s: %zu bytes: ", name, n), give_bytes(text, n);
    free(text);
}

static void write_all(const Output *o)
{
    write_as("csv", as_headed_csv, o);
    write_as("npy", as_npy, o);
    write_as("json", as_json, o);
    write_as("svg", nnrt_format_svg.write, o);
    write_as("png", nnrt_format_png.write, o);
    write_as("wav", nnrt_format_wav.write, o);
    write_as("mid", nnrt_format_mid.write, o);
}

/* As numbers of its shape, then as classes of 0 to 11, if it holds no others, over the numbers as a picture. */
static void write_tensor(const Tensor *t, int64_t n)
{
    int32_t *class = malloc(sizeof *class * (size_t)n);
    bool classes = true;
    Output o = {.path = "y", .dtype = NNRT_F64, .rank = t->rank, .data = t->at, .rate = 8000};
    memcpy(o.dim, t->dim, sizeof o.dim);
    write_all(&o);
    for (int64_t i = 0; i < n && classes; i++) {
        classes = t->at[i] >= 0 && t->at[i] < 12 && t->at[i] == (int)t->at[i];
        class[i] = classes ? (int32_t)t->at[i] : 0;
    }
    o.dtype = NNRT_I32, o.data = class, o.bound = 12, o.under = t->rank == 2 ? t : NULL;
    if (classes) write_all(&o);
    free(class);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const nnrt_format *const formats[] = {&nnrt_format_png_in, &nnrt_format_wav, NULL};
    if (size < 1) return 0;
    Wish wish = wish_of(data[0]);
    Tensor t;
    file_bytes = data + 1, file_size = size - 1;
    int code = tensor_read(formats, "x", &wish, &t);
    if (code == NNRT_E_SHAPE) give("another shape: "), give_shape(&t);
    bool picture = file_size > 4 && memcmp(file_bytes, "\x89PNG", 4) == 0;
    if (code && code != NNRT_E_SHAPE) give("error %d: %s", code, picture ? own_words(nnrt_error_text()) : nnrt_error_text());
    if (code) return 0;
    give_shape(&t);
    int64_t n = shape_size(t.rank, t.dim);
    CHECK(n >= 1, "%lld numbers", (long long)n);
    give_numbers(t.at, n, EXACT);
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += t.at[i];
    CHECK(sum == sum || sum != sum, "no sum");
    give_aside();
    if (n <= MOST_WRITTEN) write_tensor(&t, n);
    rt_free(t.at);
    return 0;
}
