/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_format.c: what the formats of exports write is read back; damaged files are refused or read,
 * but never crash. */
#include "runtime_help.h"

#include <math.h>
#include <png.h>
#include <zlib.h>

#include "data/pixels.h"
#include "format/deflate.h"
#include "format/huffman.h"
#include "format/read.h"
#include "format/table.h"

static const nnrt_format *const all_formats[] = {&nnrt_format_png_in, &nnrt_format_png, &nnrt_format_wav,
                                                 &nnrt_format_svg,    &nnrt_format_mid, NULL};

static uint64_t state = 1;
static uint32_t next_random(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33);
}

/* Runs, noise and repeats of all lengths. */
static void fill(unsigned char *b, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t k = 1 + next_random() % 700, kind = next_random() % 3;
        for (size_t j = 0; j < k && i < n; j++, i++)
            b[i] = kind == 0 ? (unsigned char)(i / 256) : kind == 1 || i < 40 ? (unsigned char)next_random() : b[i - 1 - j % 37];
    }
}

Test(deflate, zlib_unpacks_it)
{
    static unsigned char in[200000], out[200000];
    for (int round = 0; round < 60; round++) {
        size_t n = round < 20 ? (size_t)round : next_random() % sizeof in, packed = 0;
        uLongf size = sizeof out;
        fill(in, n);
        unsigned char *p = deflate_pack(in, n, &packed);
        cr_assert_not_null(p);
        cr_assert_eq(uncompress(out, &size, p, packed), Z_OK, "%zu bytes", n);
        cr_assert(size == n && memcmp(in, out, n) == 0, "%zu bytes", n);
        rt_free(p);
    }
    memset(in, 0, sizeof in);
    size_t packed = 0;
    rt_free(deflate_pack(in, sizeof in, &packed));
    cr_assert_lt(packed, 1000); /* a run costs next to nothing */
}

static int write_as(const nnrt_format *format, const char *path, const Output *o)
{
    FILE *f = fopen(path, "wb");
    int code = format->write(f, o);
    fclose(f);
    return code;
}

static long file_size(const char *path)
{
    FILE *f = fopen(path, "rb");
    fseek(f, 0, SEEK_END);
    long n = ftell(f);
    fclose(f);
    return n;
}

/* As small as zlib makes it, but for a few percent. */
Test(deflate, packs_as_well_as_zlib)
{
    static unsigned char in[100000], out[120000];
    for (int kind = 0; kind < 4; kind++) {
        for (size_t i = 0; i < sizeof in; i++) {
            unsigned wave = (unsigned)(64 + 60 * sin((double)(i % 500) / 40) + 60 * cos((double)(i / 500) / 30));
            in[i] = (unsigned char)(kind == 0   ? wave
                                    : kind == 1 ? next_random() % 5
                                    : kind == 2 ? i % 500 * (i / 500) / 256
                                                : next_random());
        }
        size_t packed = 0;
        uLongf size = sizeof out;
        rt_free(deflate_pack(in, sizeof in, &packed));
        cr_assert_eq(compress2(out, &size, in, sizeof in, 9), Z_OK);
        cr_assert(packed < size + size / 20 + 64, "%d: %zu bytes, and zlib has %lu", kind, packed, (unsigned long)size);
    }
}

Test(huffman, codes_are_bounded_and_full)
{
    uint32_t count[HUFFMAN_MOST];
    for (int n = 1; n <= HUFFMAN_MOST; n += 7)
        for (int most = 9; most <= 15; most += 3) {
            Huffman h;
            uint32_t share = 0, a = 1, b = 1;
            for (int i = 0; i < n; i++, b += a, a = b - a) /* as unequal as can be */
                count[i] = i < 40 ? a : i % 3 ? next_random() % 100 : 0;
            huffman_make(count, n, most, &h);
            for (int i = 0; i < n; i++) {
                cr_assert(h.length[i] <= most && (h.length[i] > 0) == (count[i] > 0), "%d of %d: %d bits", i, n, h.length[i]);
                share += h.length[i] ? 1u << (most - h.length[i]) : 0;
            }
            cr_assert_eq(share, n == 1 ? 1u << (most - 1) : 1u << most, "%d symbols, %d bits", n, most);
        }
}

/* Smooth, noisy and few-coloured pictures come back, through libpng. */
Test(png, libpng_reads_it)
{
    enum { H = 61, W = 47 };
    static float in[H * W * 3];
    static unsigned char out[H * W * 3];
    for (int kind = 0; kind < 3; kind++) {
        for (int i = 0; i < H * W * 3; i++)
            in[i] = (float)(kind == 0   ? i / 3 % W + i / 3 / W + i % 3 * 20
                            : kind == 1 ? (int)(next_random() % 256)
                                        : i / 700 % 2 * 255) /
                    255;
        Output o = {.dtype = NNRT_F32, .data = in, .rank = 3, .dim = {H, W, 3}, .path = "back.png"};
        cr_assert_eq(write_as(&nnrt_format_png, "back.png", &o), NNRT_OK);
        png_image image = {.version = PNG_IMAGE_VERSION};
        cr_assert(png_image_begin_read_from_file(&image, "back.png"), "%s", image.message);
        image.format = PNG_FORMAT_RGB;
        cr_assert(image.width == W && image.height == H && png_image_finish_read(&image, NULL, out, 0, NULL), "%s", image.message);
        for (int i = 0; i < H * W * 3; i++)
            cr_assert_eq(out[i], (int)(in[i] * 255 + 0.5f), "kind %d, number %d", kind, i);
        if (kind != 1) cr_assert_lt(file_size("back.png"), 1000);
    }
}

/* [2, 3, 5, C] becomes a grid of one row; pixels are v * 255, rounded. */
static void picture_comes_back(int channels)
{
    float v[2 * 3 * 5 * 3];
    int n = 2 * 3 * 5 * channels;
    for (int i = 0; i < n; i++)
        v[i] = (float)(next_random() % 1000) / 999;
    Output o = {.path = "p.png", .dtype = NNRT_F32, .rank = 4, .dim = {2, 3, 5, channels}, .data = v};
    cr_assert_eq(write_as(&nnrt_format_png, "p.png", &o), 0, "%s", nnrt_error_text());
    Tensor t;
    const Wish wish = {0};
    cr_assert_eq(tensor_read(all_formats, "p.png", &wish, &t), 0, "%s", nnrt_error_text());
    cr_assert(t.rank == 3 && t.dim[0] == 3 && t.dim[1] == 10 && t.dim[2] == channels);
    for (int i = 0; i < n; i++) {
        int image = i / (15 * channels), y = i / (5 * channels) % 3, x = i % (5 * channels);
        cr_assert_float_eq(t.at[(y * 10 + image * 5) * channels + x], (double)v[i], 0.5001 / 255);
    }
    rt_free(t.at);
}

Test(picture, floats_come_back)
{
    enter_folder();
    picture_comes_back(1);
    picture_comes_back(3);
}

Test(picture, classes_come_back_as_numbers)
{
    enter_folder();
    int32_t v[6] = {0, 1, 2, 3, 12, 63};
    Output o = {.path = "c.png", .dtype = NNRT_I32, .rank = 2, .dim = {2, 3}, .data = v, .bound = 64};
    cr_assert_eq(write_as(&nnrt_format_png, "c.png", &o), 0);
    Tensor t;
    const Wish raw = {.raw = true};
    cr_assert_eq(tensor_read(all_formats, "c.png", &raw, &t), 0);
    for (int i = 0; i < 6; i++)
        cr_assert_eq(t.at[i], v[i]);
    rt_free(t.at);
}

Test(picture, classes_tint_what_lies_below)
{
    enter_folder();
    int32_t v[4] = {0, 1, 0, 1};
    double below[4] = {1, 1, 0, 0};
    Tensor under = {.rank = 3, .dim = {2, 2, 1}, .at = below}, t;
    Output o = {.path = "o.png", .dtype = NNRT_I32, .rank = 2, .dim = {2, 2}, .data = v, .bound = 2, .under = &under};
    cr_assert_eq(write_as(&nnrt_format_png, "o.png", &o), 0);
    const Wish wish = {0};
    cr_assert_eq(tensor_read(all_formats, "o.png", &wish, &t), 0);
    cr_assert(t.dim[2] == 3 && t.at[0] == 1 && t.at[1] == 1 && t.at[6] == 0 && t.at[7] == 0);
    cr_assert(t.at[3] > t.at[4] && t.at[9] > t.at[10] && t.at[9] > 0); /* the first colour is red */
    rt_free(t.at);
    under.dim[1] = 1, under.dim[0] = 4;
    cr_assert_eq(write_as(&nnrt_format_png, "o.png", &o), NNRT_E_SHAPE);
}

Test(sound, comes_back)
{
    enter_folder();
    float v[100];
    for (int i = 0; i < 100; i++)
        v[i] = (float)sin(i * 0.3);
    Output o = {.path = "s.wav", .dtype = NNRT_F32, .rank = 1, .dim = {100}, .data = v, .rate = 22050};
    cr_assert_eq(write_as(&nnrt_format_wav, "s.wav", &o), 0);
    Tensor t;
    const Wish wish = {0};
    cr_assert_eq(tensor_read(all_formats, "s.wav", &wish, &t), 0);
    cr_assert(t.is_sound && t.rate == 22050 && t.rank == 1 && t.dim[0] == 100);
    for (int i = 0; i < 100; i++)
        cr_assert_float_eq(t.at[i], (double)v[i], 1.01 / 32768);
    rt_free(t.at);
}

Test(melody, holds_rests_and_ends)
{
    enter_folder();
    int32_t v[8] = {60, 1, 2, 64, 0, 70, 70, 70};
    Output o = {.path = "m.mid", .dtype = NNRT_I32, .rank = 1, .dim = {8}, .data = v};
    cr_assert_eq(write_as(&nnrt_format_mid, "m.mid", &o), 0);
    static const unsigned char events[] = {0, 0x90, 60, 96, 48, 0x80, 60, 0, 24, 0x90, 64, 96, 24, 0x80, 64, 0, 0, 0xFF, 0x2F, 0};
    char file[100];
    cr_assert_eq(read_whole("m.mid", file, sizeof file), 22 + sizeof events);
    cr_assert_eq(memcmp(file + 22, events, sizeof events), 0);
    v[0] = 128;
    cr_assert_eq(write_as(&nnrt_format_mid, "m.mid", &o), NNRT_E_RANGE);
}

Test(chart, texts_are_escaped)
{
    enter_folder();
    float v[2] = {0, 1};
    char *label[2] = {"<a&\"\x1b", "\xFFz"};
    Output o = {.path = "c.svg", .dtype = NNRT_F32, .rank = 2, .dim = {1, 2}, .data = v, .label = {NULL, label}};
    cr_assert_eq(write_as(&nnrt_format_svg, "c.svg", &o), 0);
    char text[4000] = "";
    read_whole("c.svg", text, sizeof text - 1);
    cr_assert_not_null(strstr(text, ">&lt;a&amp;&quot;\xC2\xB7</text>"));
    cr_assert_not_null(strstr(text, ">\xC2\xB7z</text>"));
    cr_assert_null(strchr(text, 0x1b));
}

static void damage(const char *name)
{
    static char file[4096], bad[4096];
    size_t n = read_whole(name, file, sizeof file);
    cr_assert_gt(n, 0);
    for (size_t round = 0; round < n + 1500; round++) {
        size_t size = round < n ? round : n;
        memcpy(bad, file, n);
        for (int k = 0; round >= n && k < 2; k++)
            bad[next_random() % n] = (char)next_random();
        write_file("bad", bad, size);
        Tensor t;
        const Wish wish = {.channels = (int)(round % 5), .raw = round % 3 == 0, .most = round % 7 ? 0 : 12};
        tensor_read(all_formats, "bad", &wish, &t);
        rt_free(t.at);
    }
}

Test(format, damaged_files)
{
    enter_folder();
    float v[12] = {0.5f, 1, -0.5f};
    Output o = {.dtype = NNRT_F32, .rank = 2, .dim = {3, 4}, .data = v, .rate = 8000};
    FILE *f = fopen("a.npy", "wb");
    table_npy(f, &o);
    fclose(f);
    cr_assert_eq(write_as(&nnrt_format_png, o.path = "a.png", &o), 0);
    cr_assert_eq(write_as(&nnrt_format_wav, o.path = "a.wav", &o), 0);
    write_file("a.idx", "\0\0\x08\x02\0\0\0\x02\0\0\0\x03\x01\x02\x03\x04\x05\x06", 18);
    write_file("a.csv", "a,\"b\"\r\n1,\"2\"\n3;4\n", 18);
    static const char *const names[] = {"a.npy", "a.png", "a.wav", "a.idx", "a.csv"};
    for (int i = 0; i < 5; i++)
        damage(names[i]);
}
