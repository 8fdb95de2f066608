/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_pictures.c: PNG files of every form and JPEG files as every kind of field wants them, beside what the form says; other sizes of
 * pictures and other rates of sounds beside slow sums. */
#include "paint.h"
#include "reader_help.h"

#include <math.h>

#include <jpeglib.h>

#include "data/jpeg.h"
#include "data/resample.h"
#include "rows.h"

extern const nnrt_reader nnrt_reader_jpeg;
static const nnrt_reader *const brings_jpeg __attribute__((used)) = &nnrt_reader_jpeg;

static uint32_t next_random(void)
{
    static uint64_t state = 3;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33);
}

static int pixels_of(const char *path, const PixelWish *wish, Pixels *p)
{
    static char file[1 << 16];
    size_t n = read_whole(path, file, sizeof file);
    return picture_pixels(path, file, n, wish, p);
}

/* ---- PNG ---- */

enum { H = 5, W = 11 };
typedef struct Form {
    int type, bits, samples; /* of a pixel */
    bool clear;              /* a palette with transparency */
} Form;

static const Form forms[] = {
    {PNG_COLOR_TYPE_GRAY, 1, 1, false},       {PNG_COLOR_TYPE_GRAY, 2, 1, false},        {PNG_COLOR_TYPE_GRAY, 4, 1, false},
    {PNG_COLOR_TYPE_GRAY, 8, 1, false},       {PNG_COLOR_TYPE_GRAY, 16, 1, false},       {PNG_COLOR_TYPE_PALETTE, 1, 1, false},
    {PNG_COLOR_TYPE_PALETTE, 2, 1, true},     {PNG_COLOR_TYPE_PALETTE, 4, 1, false},     {PNG_COLOR_TYPE_PALETTE, 8, 1, true},
    {PNG_COLOR_TYPE_GRAY_ALPHA, 8, 2, false}, {PNG_COLOR_TYPE_GRAY_ALPHA, 16, 2, false}, {PNG_COLOR_TYPE_RGB, 8, 3, false},
    {PNG_COLOR_TYPE_RGB, 16, 3, false},       {PNG_COLOR_TYPE_RGB_ALPHA, 8, 4, false},   {PNG_COLOR_TYPE_RGB_ALPHA, 16, 4, false}};

static bool has_colours(const Form *f)
{
    return f->type & PNG_COLOR_MASK_COLOR;
}

/* Numbers of a pixel: red, green, blue (or grey thrice) and alpha, up to `most`. */
static void colours_of(const Form *f, const int *sample, bool raw, double *out, double *most)
{
    static const int clear[] = {0, 128, 255};
    *most = f->bits == 16 ? 65535 : 255;
    if (f->type == PNG_COLOR_TYPE_PALETTE) {
        out[0] = 10 * sample[0], out[1] = out[2] = 0;
        out[3] = f->clear && sample[0] < 3 ? clear[sample[0]] : 255;
        return;
    }
    for (int k = 0; k < 3; k++)
        out[k] = sample[has_colours(f) ? k : 0] * (f->bits < 8 && !raw ? 255.0 / ((1 << f->bits) - 1) : 1);
    out[3] = f->type & PNG_COLOR_MASK_ALPHA ? sample[f->samples - 1] : *most;
}

/* What a pixel is as it is wished, and how far it may be from that; the number of channels. */
static int wanted(const Form *f, const PixelWish *w, const int *sample, double *out, double *tolerance)
{
    double c[4], most;
    bool grey = !has_colours(f) || (w->gray && !w->raw && w->channels < 3) || (w->raw && w->channels == 1);
    colours_of(f, sample, w->raw, c, &most);
    *tolerance = has_colours(f) && grey && !w->raw ? 1 : 0;
    if (w->raw && f->type == PNG_COLOR_TYPE_PALETTE) return out[0] = sample[0], 1;
    if (*tolerance > 0) c[0] = (6968 * c[0] + 23434 * c[1] + 2366 * c[2]) / 32768;
    int n = w->channels >= 3 || !grey ? 3 : 1;
    for (int k = 0; k < 4; k++)
        out[k < 3 ? k : n] = k < n || k == 3 ? c[k] : 0;
    n += w->channels == 2 || w->channels == 4;
    for (int k = 0; k < n && !w->raw; k++)
        out[k] /= most;
    *tolerance /= most;
    return n;
}

static void make_samples(const Form *f, bool grey, int (*sample)[4])
{
    int most = f->type == PNG_COLOR_TYPE_PALETTE ? f->bits == 1 ? 2 : f->bits == 2 ? 4 : 8 : 1 << f->bits;
    for (int i = 0; i < H * W; i++)
        for (int k = 0; k < f->samples; k++)
            sample[i][k] = grey && has_colours(f) && k && k < 3 ? sample[i][0] : (int)(next_random() % (unsigned)most);
}

static void paint_form(const Form *f, int (*sample)[4], bool interlaced)
{
    static unsigned char rows[H * 100];
    size_t line = (size_t)(W * f->samples * f->bits + 7) / 8;
    int colours = f->type == PNG_COLOR_TYPE_PALETTE ? f->bits == 1 ? 2 : f->bits == 2 ? 4 : 8 : 0;
    memset(rows, 0, sizeof rows);
    for (int i = 0; i < H * W * f->samples; i++)
        for (int bit = 0; bit < f->bits; bit++) { /* the highest first */
            size_t at = (size_t)(i / (W * f->samples)) * line * 8 + (size_t)(i % (W * f->samples) * f->bits + bit);
            int v = sample[i / f->samples][i % f->samples] >> (f->bits - 1 - bit) & 1;
            rows[at / 8] |= (unsigned char)(v << (7 - at % 8));
        }
    paint("f.png", &(Painted){W, H, f->bits, f->type, rows, line, colours, f->clear ? 3 : 0, interlaced});
}

static void expect_pixels(size_t form, const PixelWish *w, int (*sample)[4])
{
    const Form *f = &forms[form];
    Pixels p;
    double want[5], tolerance;
    int code = pixels_of("f.png", w, &p), channels = wanted(f, w, sample[0], want, &tolerance);
    cr_assert_eq(code, 0, "form %zu: %s", form, nnrt_error_text());
    cr_assert(p.height == H && p.width == W && p.channels == channels && p.bits == (f->bits == 16 ? 16 : 8),
              "form %zu, %d channels, gray %d, raw %d: %d channels of %d bits", form, w->channels, w->gray, w->raw, (int)p.channels,
              p.bits);
    for (int i = 0; i < H * W; i++) {
        wanted(f, w, sample[i], want, &tolerance);
        for (int k = 0; k < channels; k++) {
            double got = pixel_value(&p, w->raw, i * channels + k);
            cr_assert(fabs(got - want[k]) <= tolerance + 1e-15, "form %zu, %d channels, gray %d, raw %d, pixel %d: %g, not %g", form,
                      w->channels, w->gray, w->raw, i, got, want[k]);
        }
    }
    free(p.at);
}

Test(pictures, every_form_as_it_is_wished)
{
    static int sample[H * W][4];
    enter_folder();
    for (size_t form = 0; form < N_ROWS(forms); form++)
        for (int round = 0; round < 4; round++) {
            make_samples(&forms[form], round / 2, sample);
            paint_form(&forms[form], sample, round % 2);
            for (int k = 0; k < 5 * 4; k++) {
                PixelWish w = {.channels = k / 4, .gray = k % 4 / 2, .raw = k % 2};
                bool other = w.raw && w.channels == 1 && (forms[form].type & ~PNG_COLOR_MASK_ALPHA) == PNG_COLOR_TYPE_RGB;
                Pixels p;
                if (!other || round / 2)
                    expect_pixels(form, &w, sample);
                else
                    cr_expect(pixels_of("f.png", &w, &p) == NNRT_E_RANGE &&
                              strcmp(nnrt_error_text(), "f.png has colours where one stored number per pixel is wanted") == 0);
            }
        }
}

/* ---- JPEG ---- */

static void write_jpeg(int colours, J_COLOR_SPACE space, const JSAMPLE *rows, int scans)
{
    static jpeg_scan_info scan[300];
    struct jpeg_compress_struct c = {0};
    struct jpeg_error_mgr errors;
    FILE *f = fopen("f.jpg", "wb");
    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_stdio_dest(&c, f);
    c.image_width = W, c.image_height = H, c.input_components = colours, c.in_color_space = space;
    jpeg_set_defaults(&c);
    jpeg_set_quality(&c, 95, TRUE);
    for (int i = 0; i < scans; i++) /* the first coefficient, then bits of the others, one after another */
        scan[i] = i == 0 ? (jpeg_scan_info){1, {0}, 0, 0, 0, 0}
                         : (jpeg_scan_info){1, {0}, 1 + (i - 1) / 4, 1 + (i - 1) / 4, (i - 1) % 4 ? 4 - (i - 1) % 4 : 0, 3 - (i - 1) % 4};
    if (scans) c.scan_info = scan, c.num_scans = scans;
    jpeg_start_compress(&c, TRUE);
    for (int y = 0; y < H; y++) {
        JSAMPROW row = (JSAMPROW)(uintptr_t)(rows + (size_t)y * W * (size_t)colours);
        jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    fclose(f);
}

/* As the library alone decodes it. */
static void decode_jpeg(J_COLOR_SPACE space, JSAMPLE *out)
{
    struct jpeg_decompress_struct d = {0};
    struct jpeg_error_mgr errors;
    FILE *f = fopen("f.jpg", "rb");
    d.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&d);
    jpeg_stdio_src(&d, f);
    jpeg_read_header(&d, TRUE);
    d.out_color_space = space;
    jpeg_start_decompress(&d);
    for (int y = 0; y < H; y++) {
        JSAMPROW row = out + y * W * d.output_components;
        jpeg_read_scanlines(&d, &row, 1);
    }
    jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
    fclose(f);
}

static void make_rows(JSAMPLE *rows, int n, bool grey)
{
    for (int i = 0; i < H * W * n; i++)
        rows[i] = grey && i % n ? rows[i - 1] : (JSAMPLE)(40 + i / n * 3 + i % n * 30 + (int)(next_random() % 9));
}

/* files: of grey; of colours; of colours that are all grey */
static void expect_jpeg(int file, const PixelWish *w)
{
    JSAMPLE rgb[H * W * 3], grey[H * W];
    const Form f = {file ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, 8, file ? 3 : 1, false};
    Pixels p;
    int code = pixels_of("f.jpg", w, &p), n = 0;
    if (file == 1 && w->raw && (w->channels == 1 || w->channels == 2)) {
        cr_expect(code == NNRT_E_RANGE && strstr(nnrt_error_text(), "f.jpg has colours where one stored number per pixel is wanted"));
        return;
    }
    cr_assert_eq(code, 0, "%s", nnrt_error_text());
    if (file)
        decode_jpeg(JCS_RGB, rgb);
    else
        decode_jpeg(JCS_GRAYSCALE, grey);
    for (int i = 0; i < H * W; i++) {
        double want[5], tolerance;
        int sample[4] = {file ? rgb[3 * i] : grey[i], rgb[3 * i + 1], rgb[3 * i + 2]};
        PixelWish like = *w;
        if (w->raw && w->channels == 2 && file) like.raw = false, like.gray = true;
        n = wanted(&f, &like, sample, want, &tolerance);
        cr_assert(p.channels == n && p.height == H && p.width == W && p.bits == 8, "%d channels, not %d", (int)p.channels, n);
        for (int k = 0; k < n; k++) {
            double got = pixel_value(&p, w->raw, i * n + k) / (w->raw && !like.raw ? 255 : 1);
            cr_assert(fabs(got - want[k]) <= tolerance + 1e-15, "file %d, %d channels, raw %d: %g, not %g", file, w->channels, w->raw, got,
                      want[k]);
        }
    }
    free(p.at);
}

Test(pictures, jpeg_as_it_is_wished)
{
    static JSAMPLE rows[H * W * 3];
    enter_folder();
    for (int file = 0; file < 3; file++) {
        make_rows(rows, file ? 3 : 1, file == 2);
        write_jpeg(file ? 3 : 1, file ? JCS_RGB : JCS_GRAYSCALE, rows, 0);
        for (int k = 0; k < 5 * 4; k++)
            expect_jpeg(file, &(PixelWish){.channels = k / 4, .gray = k % 4 / 2 && k > 3, .raw = k % 2});
    }
}

/* The extents in the header of f.jpg, whose bytes are `n`. */
static void set_extents(char *file, size_t n, int height, int width)
{
    for (size_t i = 0; i + 9 < n; i++)
        if (file[i] == '\xFF' && (file[i + 1] == '\xC0' || file[i + 1] == '\xC2')) {
            file[i + 5] = (char)(height >> 8), file[i + 6] = (char)height;
            file[i + 7] = (char)(width >> 8), file[i + 8] = (char)width;
            return;
        }
}

Test(pictures, jpeg_that_is_refused)
{
    static JSAMPLE rows[H * W * 4];
    static const struct {
        int height, width;
        size_t cut;
        const char *error;
    } damages[] = {{H, 16385, 0, "f.jpg: it is wider or higher than 16384"},
                   {16385, W, 0, "f.jpg: it is wider or higher than 16384"},
                   {16384, 16384, 0, "f.jpg: the file is too short for its width and height"},
                   {16384, 64, 0, "f.jpg: the file is too short for its width and height"},
                   {H, W, 12, "f.jpg: damaged JPEG file: Premature end of JPEG file"},
                   {0, W, 0, "f.jpg: damaged JPEG file: Empty JPEG image (DNL not supported)"}};
    static char file[1 << 14];
    Pixels p;
    enter_folder();
    write_jpeg(1, JCS_GRAYSCALE, rows, 0);
    size_t n = read_whole("f.jpg", file, sizeof file);
    for (size_t i = 0; i < N_ROWS(damages); i++) {
        set_extents(file, n, damages[i].height, damages[i].width);
        write_file("f.jpg", file, n - damages[i].cut);
        cr_expect_eq(pixels_of("f.jpg", &(PixelWish){0}, &p), NNRT_E_IO, "row %zu", i);
        cr_expect_str_eq(nnrt_error_text(), damages[i].error);
    }
    write_jpeg(4, JCS_CMYK, rows, 0);
    cr_expect_eq(pixels_of("f.jpg", &(PixelWish){0}, &p), NNRT_E_IO);
    cr_expect_str_eq(nnrt_error_text(), "f.jpg: it has the four inks of print (CMYK); save it with red, green and blue");
    for (int scans = 200; scans < 202; scans++) {
        make_rows(rows, 1, true);
        write_jpeg(1, JCS_GRAYSCALE, rows, scans);
        int code = pixels_of("f.jpg", &(PixelWish){0}, &p);
        cr_expect_eq(code, scans == 200 ? NNRT_OK : NNRT_E_IO, "%d scans: %s", scans, code ? nnrt_error_text() : "read");
        if (code) cr_expect_str_eq(nnrt_error_text(), "f.jpg: damaged JPEG file: there are more than 200 scans");
        free(p.at);
    }
}

/* ---- other sizes ---- */

/* A tent of the width of a pixel around the place; beyond the border it stays what it is there. */
static double mixed(const unsigned char *v, int h, int w, double y, double x)
{
    double sum = 0;
    y = fmin(fmax(y, 0), h - 1), x = fmin(fmax(x, 0), w - 1);
    for (int i = 0; i < h * w; i++)
        sum += fmax(0, 1 - fabs(y - i / w)) * fmax(0, 1 - fabs(x - i % w)) * v[i];
    return sum;
}

static void expect_resized(int h, int w, int64_t height, int64_t width, bool raw)
{
    unsigned char v[64];
    char args[100];
    double got[200];
    for (int i = 0; i < h * w; i++)
        v[i] = (unsigned char)next_random();
    paint("p/a.png", &(Painted){w, h, 8, PNG_COLOR_TYPE_GRAY, v, (size_t)w, 0, 0, false});
    snprintf(args, sizeof args, "{\"key\":\"resize\",\"ints\":[%d,%d]},{\"key\":\"raw\",\"bool\":%s}", (int)height, (int)width,
             raw ? "true" : "false");
    Opened o = try_shape(&nnrt_reader_image_dir, "p", args, 2, (int64_t[]){height, width}, 0);
    cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
    cr_assert_eq(o.source.count(&o.source, 0), height * width);
    cr_assert_eq(source_numbers(&o.source, 0, got), 0);
    for (int64_t i = 0; i < height * width; i++) {
        double y = ((double)(i / width) + 0.5) * h / (double)height, x = ((double)(i % width) + 0.5) * w / (double)width;
        double want = raw ? v[(int)y * w + (int)x] : mixed(v, h, w, y - 0.5, x - 0.5) / 255;
        cr_assert_float_eq(got[i], want, 1e-12, "%d x %d to %d x %d, %d: %g, not %g", h, w, (int)height, (int)width, (int)i, got[i], want);
    }
    drop(&o);
}

Test(pictures, of_other_sizes)
{
    enter_folder();
    mkdir("p", 0777);
    for (int round = 0; round < 60; round++) {
        int h = 1 + (int)(next_random() % 8), w = 1 + (int)(next_random() % 8);
        expect_resized(h, w, 1 + next_random() % 12, 1 + next_random() % 12, round % 3 == 0);
    }
    expect_resized(8, 8, 1, 1, false);
    expect_resized(8, 8, 1, 1, true);
    expect_resized(4, 6, 4, 6, false);
}

/* ---- other rates of sounds ---- */

/* The Bessel function by its integral. */
static double bessel(double x)
{
    double sum = 0;
    for (int i = 0; i < 256; i++)
        sum += exp(x * cos((i + 0.5) * acos(-1) / 256));
    return sum / 256;
}

/* A sinc of 0.94 of the narrower band in a Kaiser window (beta 9) of 32 of its zeros to each side; the weights add up to 1. */
static double at_place(const double *in, int n, double place, double band)
{
    double sum = 0, weights = 0, half = ceil(32 / band);
    for (int k = (int)floor(place) - (int)half + 1; k <= (int)floor(place) + (int)half; k++) {
        double x = k - place, share = x / half;
        double w = (x == 0 ? 1 : sin(acos(-1) * band * x) / (acos(-1) * band * x)) *
                   (fabs(share) >= 1 ? 0 : bessel(9 * sqrt(1 - share * share)) / bessel(9));
        weights += w;
        if (k >= 0 && k < n) sum += w * in[k];
    }
    return sum / weights;
}

static const struct {
    uint32_t from, to;
    int64_t n, length;
} rates[] = {{8000, 16000, 10, 20}, {16000, 8000, 10, 5},  {16000, 8000, 11, 6},  {44100, 16000, 441, 160}, {44100, 16000, 442, 161},
             {44100, 16000, 1, 1},  {11025, 8000, 33, 24}, {8000, 11025, 40, 56}, {8000, 8000, 7, 7},       {3, 2, 100, 67}};

Test(sounds, of_other_rates)
{
    double in[512], out[600];
    for (size_t r = 0; r < N_ROWS(rates); r++) {
        int n = (int)rates[r].n;
        int64_t length = -1;
        double band = 0.94 * (rates[r].from > rates[r].to ? (double)rates[r].to / rates[r].from : 1);
        for (int i = 0; i < n; i++)
            in[i] = (double)(next_random() % 2001) / 1000 - 1;
        cr_assert_eq(resample_length("f", n, rates[r].from, rates[r].to, &length), 0);
        cr_assert_eq(length, rates[r].length, "row %zu: %d", r, (int)length);
        cr_assert_eq(resample("f", in, n, rates[r].from, rates[r].to, out, length), 0);
        for (int64_t i = 0; i < length; i++) {
            double want = at_place(in, n, (double)i * rates[r].from / rates[r].to, band);
            cr_assert_float_eq(out[i], want, 1e-9, "row %zu, %d: %.12g, not %.12g", r, (int)i, out[i], want);
        }
    }
}

Test(sounds, of_rates_that_are_too_far_apart)
{
    static const struct {
        uint32_t from, to;
        const char *error; /* NULL: it is done */
    } rows[] = {{0, 8000, "f has 0 samples a second"},
                {8000, 0, "f has 8000 samples a second"},
                {8009, 14979, NULL}, /* 14979 2 35 weights are the most; 35 = 32 / 0.94 */
                {8009, 14980, "f has 8009 samples a second, which are not resampled to 14980: the ratio is 14980 : 8009"},
                {16018, 29960, "f has 16018 samples a second, which are not resampled to 29960: the ratio is 14980 : 8009"}};
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        int64_t length = -1;
        int code = resample_length("f", 5, rows[i].from, rows[i].to, &length);
        cr_expect_eq(!code, !rows[i].error, "row %zu: %s", i, code ? nnrt_error_text() : "is done");
        if (rows[i].error) cr_expect_str_eq(nnrt_error_text(), rows[i].error);
    }
}
