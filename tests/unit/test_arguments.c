/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_arguments.c: what a file is as an argument of an export: shape and numbers, or what is wrong with it, as one text each. */
#include "runtime_help.h"

#include "base/base.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "base/shape.h"
#include "format/deflate.h"
#include "format/read.h"
#include "rows.h"

static const nnrt_format *const formats[] = {&nnrt_format_png_in, &nnrt_format_wav, NULL}, *const none[] = {NULL};

/* "[2, 3] 1 2 3 4 5 6", or the error. */
static const char *outcome(const nnrt_format *const *list, const Wish *wish, const void *bytes, size_t n)
{
    static char out[4000];
    char shape[100];
    Tensor t;
    write_file("f", bytes, n);
    *out = 0;
    int code = tensor_read(list, "f", wish, &t);
    if (code == NNRT_E_SHAPE)
        rt_append(out, sizeof out, "other shape: %s", shape_text(t.rank, t.dim, shape, sizeof shape));
    else if (code)
        rt_append(out, sizeof out, "%s", nnrt_error_text());
    if (code) return out;
    rt_append(out, sizeof out, "%s%s", t.is_table ? "table " : t.is_sound ? "sound " : "", shape_text(t.rank, t.dim, shape, sizeof shape));
    if (t.is_sound) rt_append(out, sizeof out, " %u", t.rate);
    for (int64_t i = 0, count = shape_size(t.rank, t.dim); i < count; i++)
        rt_append(out, sizeof out, " %.9g", t.at[i]);
    rt_free(t.at);
    return out;
}

/* ---- CSV ---- */

static const struct {
    const char *text, *columns;
    char decimal;
    const char *want;
} tables[] = {
    {"1,2\n3,4\n", NULL, '.', "table [2, 2] 1 2 3 4"},
    {"5", NULL, '.', "table [1, 1] 5"},
    {"a,b\n3,4\n", NULL, '.', "table [1, 2] 3 4"},
    {"a,1\n3,4\n", NULL, '.', "f:1:1: \"a\" is no number"},
    {"a,\n3,4\n", NULL, '.', "table [1, 2] 3 4"},
    {",\n3,4\n", NULL, '.', "f:1:1: the cell is empty"},
    {"a,b\n", NULL, '.', "f:1:1: \"a\" is no number"}, /* of a header nothing would be left */
    {"a,b\nc,d\n", NULL, '.', "f:2:1: \"c\" is no number"},
    {"a,1e999\n3,4\n", NULL, '.', "f:1:1: \"a\" is no number"},
    {"1,2\n3,\n", NULL, '.', "f:2:3: the cell is empty"},
    {"1,2\n3,-1e999\n", NULL, '.', "f:2:3: \"-1e999\" is too large a number"},
    {"1;2,5\n", NULL, '.', "f:1:3: \"2,5\" is no number (--decimal , reads a comma for the point)"},
    {"1;2,5\n", NULL, ',', "table [1, 2] 1 2.5"},
    {"1;2.5\n", NULL, ',', "f:1:3: \"2.5\" is no number"},
    {"1;2,5,6\n", NULL, '.', "f:1:3: \"2,5,6\" is no number"},
    {"1;2,5,6\n", NULL, ',', "f:1:3: \"2,5,6\" is no number"},
    {"1\t2\n3\t4\n", NULL, '.', "table [2, 2] 1 2 3 4"},
    {"1 2\n3  4\n", NULL, '.', "table [2, 2] 1 2 3 4"},
    {"1,2,3\n4,5,6\n", "1", '.', "table [2, 1] 2 5"},
    {"1,2,3\n4,5,6\n", "2,0", '.', "table [2, 2] 3 1 6 4"},
    {"1,2,3\n4,5,6\n", "1..3", '.', "table [2, 2] 2 3 5 6"},
    {"1,2,3\n4,5,6\n", "2,0..2", '.', "table [2, 3] 3 1 2 6 4 5"},
    {"1,2,3\n4,5,6\n", "3", '.', "f: there is no column 3; the first row has 3, and they count from 0"},
    {"1,2,3\n4,5,6\n", "1..4", '.', "f: there is no column 3; the first row has 3, and they count from 0"},
    {"1,2,3\n4,5,6\n", "1..1", '.', "--columns: 1..1 has no columns; 0..4 are 0, 1, 2 and 3"},
    {"1,2,3\n4,5,6\n", "18446744073709551616,1", '.', "--columns: 18446744073709551616 is no number of a column"},
    {"1,2,3\n4,5,6\n", "2..1,0", '.', "--columns: 2..1 has no columns; 0..4 are 0, 1, 2 and 3"},
    {"1,2,3\n4,5,6\n", "1.", '.', "f: there is no column \"1.\" in the first line; did you mean 1?"},
    {"1,2,3\n4,5,6\n", "1..", '.', "--columns: 1.. has no columns; 0..4 are 0, 1, 2 and 3"},
    {"1,2,3\n4,5,6\n", "1..2x", '.', "f: there is no column \"1..2x\" in the first line; there are 1, 2, 3"},
    {"1,2,3\n4,5,6\n", "-1", '.', "f: there is no column \"-1\" in the first line; did you mean 1?"},
    {"1,2,3\n4,5,6\n", "0,", '.', "f: there is no column \"\" in the first line; there are 1, 2, 3"},
    {"1,2,3\n4,5,6\n", "9223372036854775807", '.', "--columns: 9223372036854775807 is no number of a column"},
    {"ab,c,ab\n4,5,6\n", "c", '.', "table [1, 1] 5"},
    {"ab,c,d\n4,5,6\n", "d,ab", '.', "table [1, 2] 6 4"},
    {"ab,c,ab\n4,5,6\n", "ab", '.', "f: the columns 0 and 2 are both named \"ab\""},
    {"width,height\n4,5\n", "hieght", '.', "f: there is no column \"hieght\" in the first line; did you mean height?"},
    {"a,x\n1,y\n2,z\n", "0", '.', "table [2, 1] 1 2"}, /* only what is wanted has to be numbers */
    {"1,x\n1,y\n", "0", '.', "table [2, 1] 1 1"},
    {"", NULL, '.', "f is empty"},
    {"\n\n", NULL, '.', "f: there are no numbers"},
    {"1,2\n3\n", NULL, '.', "f:2: this row has 1 cell, but the first has 2"},
    {"1,2\n3,4,5\n", NULL, '.', "f:2:5: this row has more cells than the first row, which has 2"},
    {"1\n3,4\n", NULL, '.', "f:2:1: \"3,4\" is no number (--decimal , reads a comma for the point)"},
    {"RIFF1", NULL, '.', "f:1:1: \"RIFF1\" is no number"},
};

Test(arguments, tables)
{
    enter_folder();
    for (size_t i = 0; i < N_ROWS(tables); i++) {
        Wish wish = {.columns = tables[i].columns, .decimal = tables[i].decimal};
        const char *got = outcome(formats, &wish, tables[i].text, strlen(tables[i].text));
        cr_expect_str_eq(got, tables[i].want, "row %zu: %s, not %s", i, got, tables[i].want);
    }
    const char *got = outcome(formats, &(Wish){.decimal = '.'}, "1,\0002", 4);
    cr_expect_str_eq(got, "f is no file of a known format (CSV, NPY, NPZ, IDX, PNG, WAV)", "%s", got);
}

/* ---- IDX: all types, and what is none ---- */

#define BYTES(TEXT) TEXT, sizeof TEXT - 1

static const struct {
    const char *bytes;
    size_t n;
    const char *want;
} idx_files[] = {
    {BYTES("\0\0\x08\1\0\0\0\2\1\xFF"), "[2] 1 255"},
    {BYTES("\0\0\x09\1\0\0\0\2\1\xFF"), "[2] 1 -1"},
    {BYTES("\0\0\x0B\1\0\0\0\2\1\2\xFF\xFE"), "[2] 258 -2"},
    {BYTES("\0\0\x0C\1\0\0\0\2\0\1\0\0\xFF\xFF\xFF\xFD"), "[2] 65536 -3"},
    {BYTES("\0\0\x0D\1\0\0\0\2\x3F\xC0\0\0\xC0\x20\0\0"), "[2] 1.5 -2.5"},
    {BYTES("\0\0\x0E\1\0\0\0\1\x3F\xF8\0\0\0\0\0\0"), "[1] 1.5"},
    {BYTES("\0\0\x08\2\0\0\0\2\0\0\0\3\1\2\3\4\5\6"), "[2, 3] 1 2 3 4 5 6"},
    {BYTES("\0\0\x08\x08\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\2\7\x08"), "[1, 1, 1, 1, 1, 1, 1, 2] 7 8"},
    {BYTES("\0\0\x08\x09\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\7"), "f is no IDX file"},
    {BYTES("\0\0\x0A\1\0\0\0\1\1\1"), "f is no IDX file"},
    {BYTES("\0\0\x0F\1\0\0\0\1\1\1"), "f is no IDX file"},
    {BYTES("\0\0\7\1\0\0\0\1\1\1"), "f is no IDX file"},
    {BYTES("\0\0\x08\0\1\1"), "f is no IDX file"},
    {BYTES("\0\0\x08\1\0\0\0"), "f is no IDX file"},
    {BYTES("\0\0\x08\1\0\0\0\0"), "f: there are no numbers"},
    {BYTES("\0\0\x08\1\0\0\0\2\1"), "f: the header promises 10 bytes, the file has 9"},
    {BYTES("\0\0\x08\1\0\0\0\2\1\2\3"), "f: the header promises 10 bytes, the file has more: 11"},
    {BYTES("\0\0\x08\3\x80\0\0\0\x80\0\0\0\x80\0\0\0"), "f: damaged shape"},
};

Test(arguments, idx_files)
{
    enter_folder();
    for (size_t i = 0; i < N_ROWS(idx_files); i++) {
        const char *got = outcome(formats, &(Wish){0}, idx_files[i].bytes, idx_files[i].n);
        cr_expect_str_eq(got, idx_files[i].want, "row %zu: %s", i, got);
    }
    for (int64_t most = 5; most < 7; most++) {
        const char *got = outcome(formats, &(Wish){.most = most}, idx_files[6].bytes, idx_files[6].n);
        cr_expect_str_eq(got, most == 5 ? "other shape: [2, 3]" : idx_files[6].want, "%s", got);
    }
}

/* ---- NPY ---- */

static size_t npy(unsigned char *to, const char *type, const char *shape, const void *data, size_t n)
{
    size_t length = (size_t)sprintf((char *)to + 10, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", type, shape);
    memcpy(to, "\x93NUMPY\1\0", 8);
    bytes_set_le(to + 8, length, 2);
    memcpy(to + 10 + length, data, n);
    return 10 + length + n;
}

static const struct {
    const char *type, *shape, *data;
    size_t n;
    const char *want;
} arrays[] = {
    {"|u1", "(2,)", BYTES("\1\xFF"), "[2] 1 255"},
    {"|i1", "(2,)", BYTES("\1\xFF"), "[2] 1 -1"},
    {"|b1", "(3,)", BYTES("\0\1\1"), "[3] 0 1 1"},
    {"<i2", "(2,)", BYTES("\1\2\xFE\xFF"), "[2] 513 -2"},
    {">u2", "(2,)", BYTES("\1\2\xFF\xFE"), "[2] 258 65534"},
    {"<i4", "(1, 2)", BYTES("\0\0\1\0\xFD\xFF\xFF\xFF"), "[1, 2] 65536 -3"},
    {">u4", "(1,)", BYTES("\xFF\xFF\xFF\xFD"), "[1] 4.29496729e+09"},
    {"<i8", "(1,)", BYTES("\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), "[1] -2"},
    {">u8", "(1,)", BYTES("\0\0\0\0\0\0\1\2"), "[1] 258"},
    {"<f2", "(2,)", BYTES("\x00\x3E\x00\xC1"), "[2] 1.5 -2.5"},
    {">f4", "(2,)", BYTES("\x3F\xC0\0\0\xC0\x20\0\0"), "[2] 1.5 -2.5"},
    {"<f8", "()", BYTES("\0\0\0\0\0\0\xF8\x3F"), "[] 1.5"},
    {"<f8", "(0, 3)", BYTES(""), "f: there are no numbers"},
    {"<f4", "(2,)", BYTES("\0\0\0\0\0\0\0"), "f: the header promises 2 numbers, the file ends before"},
    {"<f4", "(1,)", BYTES("\0\0\0\0\0"), "f: the header promises 1 numbers, the file has more"},
};

Test(arguments, arrays_of_numpy)
{
    unsigned char file[400];
    enter_folder();
    for (size_t i = 0; i < N_ROWS(arrays); i++) {
        const char *got = outcome(formats, &(Wish){0}, file, npy(file, arrays[i].type, arrays[i].shape, arrays[i].data, arrays[i].n));
        cr_expect_str_eq(got, arrays[i].want, "row %zu: %s", i, got);
    }
}

/* ---- WAV ---- */

enum { REAL = -1 };
typedef struct Sound {
    int format, channels, bits, sub; /* sub: of an extensible format, in a longer chunk */
    const char *data;
    size_t n;
    int64_t said; /* length of the samples as the file has it */
    const char *want;
} Sound;

static const Sound sounds[] = {
    {1, 1, 8, 0, BYTES("\x00\x80\xFF\xC0"), REAL, "sound [4] 8000 -1 0 0.9921875 0.5"},
    {1, 1, 16, 0, BYTES("\x00\x80\xFF\x7F\x01\x00\x00\xC0"), REAL, "sound [4] 8000 -1 0.999969482 3.05175781e-05 -0.5"},
    {1, 1, 24, 0, BYTES("\x00\x00\x80\xFF\xFF\x7F\x01\x00\x00\x00\x00\xE0"), REAL, "sound [4] 8000 -1 0.999999881 1.1920929e-07 -0.25"},
    {1, 1, 32, 0, BYTES("\0\0\0\x80\0\0\0\x40\1\0\0\0"), REAL, "sound [3] 8000 -1 0.5 4.65661287e-10"},
    {3, 1, 32, 0, BYTES("\0\0\x80\x3E\0\0\xC0\xBF"), REAL, "sound [2] 8000 0.25 -1.5"},
    {3, 1, 64, 0, BYTES("\0\0\0\0\0\0\xD0\x3F\0\0\0\0\0\0\xF8\xBF"), REAL, "sound [2] 8000 0.25 -1.5"},
    {1, 2, 16, 0, BYTES("\0\x40\0\x20\0\xC0\0\x40"), REAL, "sound [2] 8000 0.375 0"},
    {1, 3, 8, 0, BYTES("\x80\xC0\xE0\x80\x80\x80"), REAL, "sound [2] 8000 0.416666667 0"},
    {1, 1, 16, 0, BYTES("\0\x40\0"), REAL, "f has 3 bytes of samples, but each takes 2 (1 channel of 16 bits)"},
    {0xFFFE, 1, 16, 1, BYTES("\0\x40"), REAL, "sound [1] 8000 0.5"},
    {0xFFFE, 1, 32, 3, BYTES("\0\0\x80\x3E"), REAL, "sound [1] 8000 0.25"},
    {0xFFFE, 1, 16, 2, BYTES("\0\x40"), REAL, "f is no WAV file that can be read (PCM or float)"},
    {0xFFFE, 1, 16, 0, BYTES("\0\x40"), REAL, "f is no WAV file that can be read (PCM or float)"},
    {2, 1, 16, 0, BYTES("\0\x40"), REAL, "f is no WAV file that can be read (PCM or float)"},
    {1, 1, 12, 0, BYTES("\0\x40"), REAL, "f is no WAV file that can be read (PCM or float)"},
    {1, 1, 64, 0, BYTES("\0\0\0\0\0\0\0\0"), REAL, "f is no WAV file that can be read (PCM or float)"},
    {3, 1, 16, 0, BYTES("\0\x40"), REAL, "f is no WAV file that can be read (PCM or float)"},
    {1, 0, 16, 0, BYTES("\0\x40"), REAL, "f is no WAV file that can be read (PCM or float)"},
    {1, 65, 8, 0, BYTES("0123456789012345678901234567890123456789012345678901234567890123456789"), REAL,
     "f is no WAV file that can be read (PCM or float)"},
    {1, 64, 8, 0,
     BYTES("\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0"
           "\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0\xC0"
           "\xC0\xC0\xC0\xC0"),
     REAL, "sound [1] 8000 0.5"},
    {1, 1, 16, 0, BYTES(""), REAL, "f: there are no samples"},
    {1, 1, 16, 0, BYTES("\0"), REAL, "f: there are no samples"},
    {1, 1, 8, 0, BYTES("\xC0\x80"), 3, "f ends too early: it should have 3 bytes of samples, but has 2"},
    {1, 1, 8, 0, BYTES("\xC0\x80"), 0x7FFFEFFF, "f ends too early: it should have 2147479551 bytes of samples, but has 2"},
    {1, 1, 8, 0, BYTES("\xC0\x80"), 0x7FFFF000, "sound [2] 8000 0.5 0"},
    {1, 1, 8, 0, BYTES("\xC0\x80"), 0xFFFFFFFF, "sound [2] 8000 0.5 0"},
};

static size_t put_chunk(unsigned char *to, const char *name, int64_t said, const void *data, size_t n)
{
    memcpy(to, name, 4);
    bytes_set_le(to + 4, said < 0 ? n : (uint64_t)said, 4);
    memcpy(to + 8, data, n);
    to[8 + n] = 0;
    return 8 + n + (n & 1);
}

static size_t sound_format(unsigned char *to, const Sound *s)
{
    unsigned char format[40] = {0};
    bytes_set_le(format, (uint64_t)s->format, 2), bytes_set_le(format + 2, (uint64_t)s->channels, 2);
    bytes_set_le(format + 4, 8000, 4), bytes_set_le(format + 14, (uint64_t)s->bits, 2);
    bytes_set_le(format + 24, (uint64_t)s->sub, 2);
    return put_chunk(to, "fmt ", REAL, format, s->sub ? 40 : 16);
}

Test(arguments, sounds)
{
    enter_folder();
    for (size_t i = 0; i < N_ROWS(sounds); i++)
        for (int odd = 0; odd < 2; odd++) { /* other chunks, some of an odd length, stand between those that are wanted */
            unsigned char file[300] = "RIFF\0\0\0\0WAVE";
            const Sound *s = &sounds[i];
            size_t n = 12;
            if (odd) n += put_chunk(file + n, "LIST", REAL, "abc", 3);
            n += sound_format(file + n, s);
            if (odd) n += put_chunk(file + n, "fact", REAL, "a", 1);
            n += put_chunk(file + n, "data", s->said, s->data, s->n);
            if (s->n % 2 == 0 && odd && s->said == REAL) n += put_chunk(file + n, "cue ", 70, "abcd", 4);
            const char *got = outcome(formats, &(Wish){0}, file, n);
            cr_expect_str_eq(got, s->want, "row %zu, %d: %s", i, odd, got);
        }
}

Test(arguments, sounds_that_are_none)
{
    unsigned char file[100] = "RIFF\0\0\0\0WAVE";
    static const Sound s = {1, 1, 8, 0, BYTES("\xC0\x80"), REAL, NULL};
    enter_folder();
    size_t n = 12 + put_chunk(file + 12, "data", REAL, s.data, s.n), m = n;
    const char *got = outcome(formats, &(Wish){0}, file, n);
    cr_expect_str_eq(got, "f is no WAV file that can be read (PCM or float)");
    n += sound_format(file + n, &s); /* the format behind the samples */
    got = outcome(formats, &(Wish){0}, file, n);
    cr_expect_str_eq(got, "sound [2] 8000 0.5 0");
    file[m + 4] = 15;
    got = outcome(formats, &(Wish){0}, file, n);
    cr_expect_str_eq(got, "f is no WAV file that can be read (PCM or float)");
    file[m + 4] = 16;
    n += put_chunk(file + n, "data", REAL, s.data, s.n);
    got = outcome(formats, &(Wish){0}, file, n);
    cr_expect_str_eq(got, "f has its samples in more than one piece");
    got = outcome(none, &(Wish){0}, file, n);
    cr_expect_str_eq(got, "f: this program has no argument that a .wav file can give");
    file[11] = 'X';
    got = outcome(formats, &(Wish){0}, file, n);
    cr_expect_str_eq(got, "f is no WAV file that can be read (PCM or float)");
    got = outcome(formats, &(Wish){0}, "RIFF,1,2,3", 10);
    cr_expect_str_eq(got, "f:1:1: \"RIFF\" is no number");
    got = outcome(none, &(Wish){0}, "\xFF\xD8\xFF\xE0", 4);
    cr_expect_str_eq(got, "f: this program has no argument that a .png file can give");
}

/* ---- NPZ ---- */

typedef struct Part { /* of an archive */
    const char *name;
    const unsigned char *data;
    size_t n;
} Part;

typedef struct Zipped {
    unsigned char at[4000];
    size_t n, directory[3], local[3], end;
} Zipped;

enum { STORED = 0, DEFLATED = 8 };

static void put_member(Zipped *z, int i, const Part *p, int method)
{
    size_t packed = p->n, name = strlen(p->name);
    unsigned char *b = z->at + z->n, *zlib = method == DEFLATED ? deflate_pack(p->data, p->n, &packed) : NULL;
    const unsigned char *body = zlib ? zlib + 2 : p->data;
    if (zlib) packed -= 6; /* without the head and the checksum of zlib */
    z->local[i] = z->n;
    memset(b, 0, 30);
    memcpy(b, "PK\3\4\24", 5);
    bytes_set_le(b + 8, (uint64_t)method, 2), bytes_set_le(b + 14, rt_crc32(0, p->data, p->n), 4);
    bytes_set_le(b + 18, packed, 4), bytes_set_le(b + 22, p->n, 4), bytes_set_le(b + 26, name, 2), bytes_set_le(b + 28, 5, 2);
    memcpy(b + 30, p->name, name);
    memset(b + 30 + name, 'e', 5);
    memcpy(b + 35 + name, body, packed);
    z->n += 35 + name + packed;
    rt_free(zlib);
}

static void put_entry(Zipped *z, int i, const Part *p)
{
    unsigned char *b = z->at + z->n, *local = z->at + z->local[i];
    size_t name = strlen(p->name);
    z->directory[i] = z->n;
    memset(b, 0, 46);
    memcpy(b, "PK\1\2\24\0", 6);
    memcpy(b + 6, local + 4, 26); /* what the local header says */
    bytes_set_le(b + 30, 4 + 3, 2), bytes_set_le(b + 32, 2, 2), bytes_set_le(b + 42, z->local[i], 4);
    memcpy(b + 46, p->name, name);
    memcpy(b + 46 + name, "\x99\x99\3\0abcrr", 9); /* an extra field that means nothing here, and a remark */
    z->n += 46 + name + 9;
}

static void make_zip(Zipped *z, const Part *part, int n, int method)
{
    *z = (Zipped){.n = 0};
    for (int i = 0; i < n; i++)
        put_member(z, i, &part[i], method);
    size_t first = z->n;
    for (int i = 0; i < n; i++)
        put_entry(z, i, &part[i]);
    unsigned char *b = z->at + z->n;
    z->end = z->n;
    memcpy(b, "PK\5\6\0\0\0", 8);
    bytes_set_le(b + 8, (uint64_t)n, 2), bytes_set_le(b + 10, (uint64_t)n, 2);
    bytes_set_le(b + 12, z->n - first, 4), bytes_set_le(b + 16, first, 4), bytes_set_le(b + 20, 0, 2);
    z->n += 22;
}

enum { NOTHING, DIRECTORY, LOCAL, END, BODY, CUT, ADD };
static const struct {
    const char *name; /* of the argument */
    int parts, method;
    int where, at, value; /* a byte that is changed (the file, from or by so many bytes) */
    const char *want;
} zips[] = {
    {"x", 1, STORED, NOTHING, 0, 0, "[3] 1 2 3"},
    {"x", 1, DEFLATED, NOTHING, 0, 0, "[3] 1 2 3"},
    {"q", 1, DEFLATED, NOTHING, 0, 0, "[3] 1 2 3"}, /* the only one */
    {"x", 3, STORED, NOTHING, 0, 0, "[3] 1 2 3"},
    {"yy", 3, DEFLATED, NOTHING, 0, 0, "[2] 7 8"},
    {"z", 3, STORED, NOTHING, 0, 0, "[1] 9"},
    {"q", 3, STORED, NOTHING, 0, 0, "f has the arrays x, yy, z, and none is called q"},
    {"y", 3, STORED, NOTHING, 0, 0, "f has the arrays x, yy, z, and none is called y"},
    {NULL, 3, STORED, NOTHING, 0, 0, "f has the arrays x, yy, z: array=\"...\" says which one is wanted"},
    {"x", 0, STORED, NOTHING, 0, 0, "f: there are no arrays"},
    {"x", 3, DEFLATED, ADD, 0, 1, "[3] 1 2 3"}, /* a remark at the end */
    {"x", 3, DEFLATED, ADD, 0, 300, "[3] 1 2 3"},
    {"x", 1, STORED, CUT, 0, 1, "f is a damaged NPZ file: the directory at its end is missing"},
    {"x", 1, STORED, END, 0, 'Q', "f is a damaged NPZ file: the directory at its end is missing"},
    {"x", 1, STORED, END, 10, 0xFF, "f is a damaged NPZ file: its directory ends too early"},
    {"x", 2, STORED, END, 12, 100, "f is a damaged NPZ file: its directory ends too early"},
    {"x", 1, STORED, END, 13, 1, "f is a damaged NPZ file: its directory lies behind the end of the file"},
    {"x", 1, STORED, END, 17, 1, "f is a damaged NPZ file: its directory lies behind the end of the file"},
    {"x", 1, STORED, DIRECTORY, 0, 'Q', "f is a damaged NPZ file: its directory ends too early"},
    {"x", 1, STORED, DIRECTORY, 28, 200, "f is a damaged NPZ file: its directory ends too early"},
    {"x", 1, STORED, DIRECTORY, 32, 3, "f is a damaged NPZ file: its directory ends too early"},
    {"x", 1, STORED, DIRECTORY, 32, 1, "[3] 1 2 3"},
    {"x", 1, STORED, DIRECTORY, 8, 1, "f is locked by a password"},
    {"x", 1, STORED, DIRECTORY, 8, 2, "[3] 1 2 3"},
    {"x", 1, STORED, DIRECTORY, 10, 12, "f is packed by method 12; none (0) and deflate (8) are read"},
    {"x", 1, DEFLATED, DIRECTORY, 10, 0, "f is a damaged NPZ file: the sizes of an array are not possible"},
    {"x", 1, STORED, DIRECTORY, 16, 0, "f is a damaged NPZ file: the checksum of an array is wrong"},
    {"x", 1, DEFLATED, DIRECTORY, 16, 0, "f is a damaged NPZ file: the checksum of an array is wrong"},
    {"x", 1, STORED, DIRECTORY, 21, 1, "f is a damaged NPZ file: an array ends behind the end of the file"},
    {"x", 1, STORED, DIRECTORY, 20, 0, "f is a damaged NPZ file: the sizes of an array are not possible"},
    {"x", 1, DEFLATED, DIRECTORY, 27, 1, "f is a damaged NPZ file: the sizes of an array are not possible"},
    {"x", 1, DEFLATED, DIRECTORY, 25, 1, "f is a damaged NPZ file: its compressed data is damaged"},
    {"x", 1, DEFLATED, DIRECTORY, 20, 3, "f is a damaged NPZ file: its compressed data is damaged"},
    {"x", 1, STORED, DIRECTORY, 42, 1, "f is a damaged NPZ file: an array is not where its directory says"},
    {"x", 1, STORED, DIRECTORY, 43, 16, "f is a damaged NPZ file: an array is not where its directory says"},
    {"x", 1, STORED, LOCAL, 0, 'Q', "f is no file of a known format (CSV, NPY, NPZ, IDX, PNG, WAV)"},
    {"yy", 3, STORED, DIRECTORY, 0, 'Q', "f is a damaged NPZ file: its directory ends too early"},
    {"x", 1, STORED, LOCAL, 29, 1, "f is a damaged NPZ file: an array ends behind the end of the file"},
    {"x", 1, STORED, LOCAL, 26, 4, "f is a damaged NPZ file: an array has not the length that its header promises"},
    {"x", 1, STORED, BODY, -1, 77, "f is a damaged NPZ file: the checksum of an array is wrong"},
};

static void change(Zipped *z, int where, int at, int value)
{
    if (where == CUT) z->n -= (size_t)value;
    if (where == ADD) memset(z->at + z->n, 'r', (size_t)value), z->n += (size_t)value;
    if (where == DIRECTORY) z->at[z->directory[0] + (size_t)at] = (unsigned char)value;
    if (where == LOCAL) z->at[z->local[0] + (size_t)at] = (unsigned char)value;
    if (where == END) z->at[z->end + (size_t)at] = (unsigned char)value;
    if (where == BODY) z->at[z->directory[0] - 1] = (unsigned char)value;
}

static size_t three_parts(Part *part, unsigned char *room)
{
    static const char *const names[] = {"x.npy", "yy.npy", "z.npy"}, *const shapes[] = {"(3,)", "(2,)", "(1,)"},
                             *const data[] = {"\1\2\3", "\7\10", "\11"};
    size_t n = 0;
    for (int i = 0; i < 3; i++) {
        part[i] = (Part){names[i], room + n, npy(room + n, "|u1", shapes[i], data[i], 3 - (size_t)i)};
        n += part[i].n;
    }
    return n;
}

Test(arguments, archives)
{
    unsigned char room[600];
    Part part[3];
    Zipped z;
    enter_folder();
    three_parts(part, room);
    for (size_t i = 0; i < N_ROWS(zips); i++) {
        make_zip(&z, part, zips[i].parts, zips[i].method);
        change(&z, zips[i].where, zips[i].at, zips[i].value);
        const char *got = outcome(formats, &(Wish){.name = zips[i].name, .decimal = '.'}, z.at, z.n);
        cr_expect_str_eq(got, zips[i].want, "row %zu: %s", i, got);
    }
}

/* The 64-bit form: what does not fit is all ones, and stands in an extra field and in front of the end. */
static void widen(Zipped *z, const Part *part)
{
    unsigned char extra[28] = {1, 0, 24, 0};
    size_t name = strlen(part->name), first, local = z->local[0];
    put_member(z, 0, part, STORED);
    z->local[0] = local;
    bytes_set_le(extra + 4, part->n, 8), bytes_set_le(extra + 12, part->n, 8), bytes_set_le(extra + 20, local, 8);
    first = z->n;
    put_entry(z, 0, part);
    unsigned char *b = z->at + first;
    memset(b + 20, 0xFF, 8), memset(b + 42, 0xFF, 4);
    bytes_set_le(b + 30, sizeof extra, 2);
    memcpy(b + 46 + name, extra, sizeof extra);
    z->n = first + 46 + name + sizeof extra + 2;
    size_t end64 = z->n, size = z->n - first;
    b = z->at + z->n;
    memset(b, 0, 56 + 20 + 22);
    memcpy(b, "PK\6\6", 4), bytes_set_le(b + 32, 1, 8), bytes_set_le(b + 40, size, 8), bytes_set_le(b + 48, first, 8);
    memcpy(b + 56, "PK\6\7", 4), bytes_set_le(b + 64, end64, 8);
    memcpy(b + 76, "PK\5\6", 4), memset(b + 84, 0xFF, 12);
    z->n += 56 + 20 + 22, z->end = end64;
}

Test(arguments, archives_of_64_bits)
{
    unsigned char room[600];
    Part part[3];
    enter_folder();
    three_parts(part, room);
    static const struct {
        int at, value;
        const char *want;
    } rows[] = {
        {80, 0, "[3] 1 2 3"}, /* (of nothing) */
        {0, 'Q', "f is a damaged NPZ file: the directory at its end is missing"},
        {56, 'Q', "f is a damaged NPZ file: the directory at its end is missing"},
        {68, 1, "f is a damaged NPZ file: the directory at its end is missing"},
        {32, 0, "f: there are no arrays"},
        {32, 2, "f is a damaged NPZ file: its directory ends too early"},
        {44, 1, "f is a damaged NPZ file: its directory lies behind the end of the file"},
        {52, 1, "f is a damaged NPZ file: its directory lies behind the end of the file"},
    };
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        Zipped z = {.n = 0};
        widen(&z, part);
        z.at[z.end + (size_t)rows[i].at] = (unsigned char)rows[i].value;
        const char *got = outcome(formats, &(Wish){.name = "x", .decimal = '.'}, z.at, z.n);
        cr_expect_str_eq(got, rows[i].want, "row %zu: %s", i, got);
    }
}
