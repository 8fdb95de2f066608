/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_runtime_data.c: loaders of binary files and pictures, good, wrong and damaged; batches. */
#include "paint.h"
#include "reader_help.h"

#include <math.h>
#include <zlib.h>

#include "dataset/parts.h"

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
    source_numbers(&o.source, 1, v);
    cr_assert(o.source.n == 2 && v[0] == 4 && v[2] == 255);
    drop(&o);
    write_file("a.npy", npy_file, sizeof npy_file - 1);
    o = try_open(&nnrt_reader_npy, "a.npy", "", 1, 1, 0);
    cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
    source_numbers(&o.source, 1, v);
    cr_assert(o.source.n == 2 && v[0] == -2.5);
    drop(&o);
    mkdir("w", 0777), mkdir("w/up", 0777);
    write_file("w/up/a.wav", wav_file, sizeof wav_file);
    o = try_open(&nnrt_reader_wav_dir, "w", "{\"key\":\"rate\",\"int\":16000}", 1, 3, 0);
    cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
    source_numbers(&o.source, 0, v);
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
    source_numbers(&o.source, 1, v);
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

static void picture_case(const char *args, int rank, const int64_t *dim, int n, const double *want)
{
    Opened o = try_shape(&nnrt_reader_image_dir, "p", args, rank, dim, 0);
    double v[64] = {0};
    cr_assert_eq(o.code, 0, "%s", nnrt_error_text());
    cr_assert_eq(o.source.count(&o.source, 0), n);
    source_numbers(&o.source, 0, v);
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
            if (v) source_numbers(&o.source, i, v);
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
    LoaderSpec spec = {.part = "train", .batch = 32, .shuffle = true, .seed = 5};
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
