/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_runtime_values.c: numbers of every element type, shapes and JSON, each as a table of what is taken and what is refused. */
#include "runtime_help.h"

#include <fcntl.h>
#include <math.h>

#include "base/bytes.h"
#include "base/dtype.h"
#include "base/permute.h"
#include "base/scan.h"
#include "base/shape.h"
#include "base/store.h"
#include "base/utf8.h"
#include "rows.h"

/* ---- floats of 16 bits ---- */

typedef struct Half {
    int dtype, fraction, bias;
} Half;
static const Half halves[] = {{NNRT_F16, 10, 15}, {NNRT_BF16, 7, 127}};

/* What the bits stand for, from the definition. */
static double half_value(const Half *h, int bits)
{
    int exponent = (bits & 0x7FFF) >> h->fraction;
    double part = (bits & ((1 << h->fraction) - 1)) * pow(2, -h->fraction);
    double v = exponent ? (1 + part) * pow(2, exponent - h->bias) : part * pow(2, 1 - h->bias);
    return bits >> 15 ? -v : v;
}

Test(dtype, every_float_of_16_bits)
{
    for (size_t k = 0; k < N_ROWS(halves); k++) {
        const Half *h = &halves[k];
        int infinite = (2 * h->bias + 1) << h->fraction;
        for (int i = 0; i < 65536; i++) {
            uint16_t bits = (uint16_t)i, again = 0xDEAD;
            double v = dtype_load(h->dtype, &bits, 0);
            if ((i & 0x7FFF) > infinite) {
                cr_assert(v != v && dtype_store(h->dtype, &again, 0, v) && (again & 0x7FFF) > infinite, "%04x", i);
                continue;
            }
            double want = (i & 0x7FFF) == infinite ? (i >> 15 ? -INFINITY : INFINITY) : half_value(h, i);
            cr_assert(v == want && !signbit(v) == !signbit(want), "%04x is %g, not %g", i, v, want);
            cr_assert(dtype_store(h->dtype, &again, 0, v) && again == bits, "%g is stored as %04x, not %04x", v, again, bits);
        }
        for (int i = 0; i + 1 < infinite; i++) { /* between two neighbours: the nearer one, the even one in the middle */
            double low = half_value(h, i), high = half_value(h, i + 1), middle = (low + high) / 2;
            uint16_t got[3] = {0};
            cr_assert(dtype_store(h->dtype, got, 0, middle - (high - low) / 1024) && dtype_store(h->dtype, got, 1, middle) &&
                      dtype_store(h->dtype, got, 2, -(middle + (high - low) / 1024)));
            cr_assert(got[0] == i && got[1] == i + i % 2 && got[2] == (0x8000 | (i + 1)), "%04x: %04x %04x %04x", i, got[0], got[1],
                      got[2]);
        }
        double most = half_value(h, infinite - 1), beyond = most + (most - half_value(h, infinite - 2)) / 2;
        uint16_t got = 0;
        cr_assert(dtype_store(h->dtype, &got, 0, nextafter(beyond, 0)) && got == infinite - 1);
        cr_assert(!dtype_store(h->dtype, &got, 0, beyond) && !dtype_store(h->dtype, &got, 0, -1e300));
    }
}

/* ---- other numbers ---- */

typedef struct Border {
    int dtype;
    double least, most; /* both are numbers of the type, the next ones are none */
    const char *wrong;  /* what 1.5 is said to be */
} Border;

static const Border borders[] = {
    {NNRT_I8, -128, 127, "no integer of i8 in -128..127"},
    {DTYPE_I16, -32768, 32767, "no integer of i16 in -32768..32767"},
    {NNRT_I32, -2147483648.0, 2147483647, "no integer of i32 in -2147483648..2147483647"},
    {NNRT_I64, -9007199254740991.0, 9007199254740991.0, "no integer of i64 in -9007199254740991..9007199254740991"},
    {NNRT_U8, 0, 255, "no integer of u8 in 0..255"},
    {DTYPE_U16, 0, 65535, "no integer of u16 in 0..65535"},
    {DTYPE_U32, 0, 4294967295.0, "no integer of u32 in 0..4294967295"},
    {DTYPE_U64, 0, 9007199254740991.0, "no integer of u64 in 0..9007199254740991"},
};

Test(dtype, borders_of_integers)
{
    for (size_t i = 0; i < N_ROWS(borders); i++) {
        const Border *b = &borders[i];
        unsigned char at[24];
        char text[96];
        memset(at, 0x5A, sizeof at);
        size_t n = dtype_bytes(b->dtype);
        cr_expect(dtype_store(b->dtype, at, 1, b->least) && dtype_load(b->dtype, at, 1) == b->least, "row %zu", i);
        cr_expect(dtype_store(b->dtype, at, 1, b->most) && dtype_load(b->dtype, at, 1) == b->most, "row %zu", i);
        cr_expect(at[n - 1] == 0x5A && at[2 * n] == 0x5A, "row %zu", i);
        cr_expect(!dtype_store(b->dtype, at, 1, b->least - 1) && !dtype_store(b->dtype, at, 1, b->most + 1), "row %zu", i);
        cr_expect(!dtype_store(b->dtype, at, 1, 1.5) && !dtype_store(b->dtype, at, 1, NAN) && !dtype_store(b->dtype, at, 1, INFINITY));
        cr_expect_eq(dtype_load(b->dtype, at, 1), b->most, "row %zu", i);
        cr_expect_str_eq(dtype_wrong(b->dtype, 1.5, text, sizeof text), b->wrong);
        cr_expect_str_eq(dtype_wrong(b->dtype, 1e300, text, sizeof text),
                         n == 8 ? "too large: integers are read below 2^53, where they are exact" : b->wrong);
    }
}

static const struct {
    int dtype;
    const char *name, *npy; /* as it is read */
    size_t bytes;
    bool is_float;
    const char *written, *wrong;
} types[] = {
    {NNRT_F32, "f32", "<f4", 4, true, "<f4", "too large for single precision"},
    {NNRT_F64, "f64", ">f8", 8, true, "<f8", "too large for double precision"},
    {NNRT_F16, "f16", "=f2", 2, true, "<f2", "too large for half precision"},
    {NNRT_BF16, "bf16", "bf2", 2, true, "<f4", "too large for bf16"},
    {NNRT_I8, "i8", "|i1", 1, false, "|i1", NULL},
    {DTYPE_I16, "i16", "<i2", 2, false, "<i2", NULL},
    {NNRT_I32, "i32", "<i4", 4, false, "<i4", NULL},
    {NNRT_I64, "i64", "<i8", 8, false, "<i8", NULL},
    {NNRT_U8, "u8", "|u1", 1, false, "|u1", NULL},
    {DTYPE_U16, "u16", "<u2", 2, false, "<u2", NULL},
    {DTYPE_U32, "u32", "<u4", 4, false, "<u4", NULL},
    {DTYPE_U64, "u64", "<u8", 8, false, "<u8", NULL},
    {NNRT_BOOL, "bool", "|b1", 1, false, "|b1", "neither true nor false"},
};

Test(dtype, names)
{
    cr_assert_eq(N_ROWS(types), N_DTYPES);
    for (size_t i = 0; i < N_ROWS(types); i++) {
        char text[96];
        int d = types[i].dtype;
        cr_expect_eq(dtype_find(types[i].name), d);
        if (d != NNRT_BF16) cr_expect_eq(dtype_find_npy(types[i].npy), d);
        cr_expect_str_eq(dtype_npy(d), types[i].written);
        cr_expect_eq(dtype_bytes(d), types[i].bytes);
        cr_expect_eq(dtype_is_float(d), types[i].is_float);
        if (types[i].wrong) cr_expect_str_eq(dtype_wrong(d, 1e300, text, sizeof text), types[i].wrong);
    }
    cr_expect(dtype_find("f8") == -1 && dtype_find_npy("<c8") == -1);
}

static const struct {
    int dtype;
    double v;
    int digits;
    const char *text;
} texts[] = {
    {NNRT_F32, (double)0.1f, 1, "0.1"},
    {NNRT_F64, (double)0.1f, 1, "0.10000000149011612"},
    {NNRT_F64, 0.1, 6, "0.1"},
    {NNRT_F64, 1.0 / 3, 6, "0.3333333333333333"},
    {NNRT_F32, (double)(1 / 3.0f), 1, "0.33333334"},
    {NNRT_F16, 0.333251953125, 1, "0.3333"},
    {NNRT_BF16, 3.140625, 1, "3.14"},
    {NNRT_F64, 1e23, 1, "1e+23"},
    {NNRT_F64, 5e-324, 1, "5e-324"},
    {NNRT_F64, -1234567, 1, "-1234567"},
    {NNRT_F64, -0.0, 1, "-0"},
};

Test(dtype, shortest_texts)
{
    char out[40];
    for (size_t i = 0; i < N_ROWS(texts); i++)
        cr_expect_str_eq(dtype_text(texts[i].dtype, texts[i].v, texts[i].digits, out, sizeof out), texts[i].text);
    float f = 7;
    unsigned char truth[3] = {9, 9, 9};
    cr_expect(!dtype_store(NNRT_F32, &f, 0, 1e39) && f == 7 && dtype_store(NNRT_F32, &f, 0, -INFINITY) && f < 0);
    cr_expect(dtype_store(NNRT_BOOL, truth, 0, 0) && dtype_store(NNRT_BOOL, truth, 1, -0.5) && !dtype_store(NNRT_BOOL, truth, 2, NAN));
    cr_expect(truth[0] == 0 && truth[1] == 1 && truth[2] == 9);
}

Test(bytes, both_orders)
{
    unsigned char b[5] = {0, 0, 0, 0, 9};
    char text[16] = "";
    bytes_set_le(b, 0x01020304, 4);
    cr_expect(memcmp(b, "\4\3\2\1\t", 5) == 0 && bytes_le(b, 4) == 0x01020304 && bytes_be(b, 4) == 0x04030201);
    bytes_set_be(b, 0x01020304, 4);
    cr_expect(memcmp(b, "\1\2\3\4\t", 5) == 0 && bytes_be(b, 3) == 0x010203 && bytes_le(b, 2) == 0x0201);
    FILE *f = fmemopen(text, sizeof text, "w");
    bytes_put_le(f, 0x414243, 3), bytes_put_be(f, 0x414243, 3);
    fclose(f);
    cr_expect_str_eq(text, "CBAABC");
}

/* The order of examples is the same for ever. */
Test(permute, known_orders)
{
    static const uint64_t ten[] = {0, 8, 3, 5, 1, 9, 2, 7, 6, 4}, seventeen[] = {8, 5, 11, 6, 16, 13, 0, 10, 2, 3, 1, 12, 15, 4, 14, 9, 7};
    for (uint64_t i = 0; i < 10; i++)
        cr_expect_eq(rt_permute(i, 10, 42), ten[i]);
    for (uint64_t i = 0; i < 17; i++)
        cr_expect_eq(rt_permute(i, 17, 7), seventeen[i]);
    cr_expect_eq(rt_permute(123456789, 1000000000000u, 5), 146725793290u);
}

Test(permute, all_together)
{
    static int64_t all[70001];
    for (uint64_t n = 0; n <= 70000; n = n < 100 ? n + 1 : n * 9 / 4) {
        all[n] = -7;
        rt_permute_all(n, 3 * n + 1, all);
        cr_assert_eq(all[n], -7);
        for (uint64_t i = 0; i < n; i++)
            cr_assert_eq((uint64_t)all[i], rt_permute(i, n, 3 * n + 1), "%llu of %llu", (unsigned long long)i, (unsigned long long)n);
    }
}

/* ---- shapes ---- */

typedef struct Shapes {
    int have_rank, want_rank;
    int64_t have[8], want[8];
    bool serves;
} Shapes;

static const Shapes shapes[] = {
    {3, 2, {28, 28, 1}, {28, 28}, true},
    {2, 2, {28, 14}, {14, 28}, false},
    {1, 2, {784}, {28, 28}, true},
    {2, 1, {28, 28}, {784}, true},
    {2, 1, {28, 28}, {783}, false},
    {2, 2, {4, 6}, {2, 12}, false},
    {3, 3, {1, 5, 1}, {5, 1, 1}, true},
    {2, 3, {1, 24}, {2, 3, 4}, true},
    {2, 2, {3, 7}, {3, SHAPE_ANY}, true},
    {2, 2, {4, 7}, {3, SHAPE_ANY}, false},
    {2, 2, {3, 1}, {3, SHAPE_ANY}, true}, /* an extent of 1 for the open one */
    {1, 2, {21}, {3, SHAPE_ANY}, false},
    {0, 0, {0}, {0}, true},
    {0, 1, {0}, {1}, true},
    {0, 1, {0}, {2}, false},
    {2, 1, {4611686018427387904, 4}, {4}, false}, /* whose product overflows */
};

Test(shape, what_serves)
{
    for (size_t i = 0; i < N_ROWS(shapes); i++)
        cr_expect_eq(shape_serves(shapes[i].have_rank, shapes[i].have, shapes[i].want_rank, shapes[i].want), shapes[i].serves, "row %zu",
                     i);
    const int64_t nine[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    cr_expect(!shape_serves(9, nine, 1, nine) && !shape_serves(1, nine, 9, nine) && shape_serves(8, nine, 8, nine));
}

Test(shape, places_and_texts)
{
    const int64_t dim[] = {2, 3, SHAPE_ANY, 4, 5, 6, 7, 8, 9}, own[] = {2, 3, 4}, stride[] = {100, 10, 1};
    char out[64];
    int64_t n = 0;
    cr_expect_str_eq(shape_text(0, dim, out, sizeof out), "[]");
    cr_expect_str_eq(shape_text(1, dim, out, sizeof out), "[2]");
    cr_expect_str_eq(shape_text(8, dim, out, sizeof out), "[2, 3, _, 4, 5, 6, 7, 8]");
    cr_expect_str_eq(shape_text(9, dim, out, sizeof out), "[2, 3, _, 4, 5, 6, 7, 8, ...]");
    for (int64_t i = 0; i < 24; i++)
        cr_expect_eq(shape_place(3, own, stride, i), i / 12 * 100 + i / 4 % 3 * 10 + i % 4);
    cr_expect(shape_size(3, own) == 24 && shape_size(0, own) == 1);
    cr_expect(shape_count(3, own, &n) && n == 24 && shape_count(0, own, &n) && n == 1);
    cr_expect(!shape_count(2, (int64_t[]){INT64_MAX, 2}, &n));
}

/* ---- JSON ---- */

static const struct {
    const char *text;
    double number;
    int64_t integer;
    bool is_integer;
} numbers[] = {
    {"0", 0, 0, true},
    {"-0", 0, 0, true},
    {"-17", -17, -17, true},
    {"9223372036854775807", 9223372036854775807.0, INT64_MAX, true},
    {"-9223372036854775808", -9223372036854775808.0, INT64_MIN, true},
    {"9007199254740993", 9007199254740992, 9007199254740993, true},
    {"9223372036854775808", 9223372036854775808.0, 0, false},
    {"-9223372036854775809", -9223372036854775808.0, 0, false},
    {"1.5", 1.5, 0, false},
    {"-2e3", -2000, 0, false},
    {"1E+2", 100, 0, false},
    {"0.25e-1", 0.025, 0, false},
    {"true", 1, 0, false},
    {"false", 0, 0, false},
};

Test(json, numbers)
{
    for (size_t i = 0; i < N_ROWS(numbers); i++) {
        const char *error = NULL;
        Json *j = json_parse(numbers[i].text, strlen(numbers[i].text), &error);
        cr_assert(j, "%s: %s", numbers[i].text, error);
        cr_expect(j->number == numbers[i].number && j->integer == numbers[i].integer && j->is_integer == numbers[i].is_integer, "%s: %.17g",
                  numbers[i].text, j->number);
        json_free(j);
    }
}

/* What is said about a text that is none. */
static const struct {
    const char *text, *error;
} bad[] = {
    {"", "unfinished"},
    {"[1", "`,` expected"},
    {"[1 2]", "`,` expected"},
    {"[", "unfinished"},
    {"{1:2}", "a key expected"},
    {"{\"a\" 1}", "`:` expected"},
    {"{\"a\":1,\"b\":2,\"a\":3}", "a key stands twice"},
    {"\"abc", "unfinished string"},
    {"\"a\tb\"", "control character in a string"},
    {"\"\\x\"", "bad escape"},
    {"\"\\u00G0\"", "bad escape"},
    {"\"\\u00g0\"", "bad escape"},
    {"\"\\u00@0\"", "bad escape"},
    {"\"\\u00:0\"", "bad escape"},
    {"\"\\u00/0\"", "bad escape"},
    {"\"\\u00`0\"", "bad escape"},
    {"01", "bad number"},
    {"-01", "bad number"},
    {"+1", "bad number"},
    {"-", "bad number"},
    {"1e", "bad number"},
    {".5", "bad number"},
    {"1-1", "bad number"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "bad number"},
    {"1e400", "too large a number"},
    {"-1e309", "too large a number"},
    {"tru", "bad number"},
    {"fals", "bad number"},
    {"nul", "bad number"},
    {"1 2", "something follows"},
    {"nullx", "something follows"},
    {"{} ]", "something follows"},
};

Test(json, errors)
{
    for (size_t i = 0; i < N_ROWS(bad); i++) {
        const char *error = NULL;
        cr_assert_null(json_parse(bad[i].text, strlen(bad[i].text), &error), "%s", bad[i].text);
        cr_expect_str_eq(error, bad[i].error, "%s: %s", bad[i].text, error);
    }
    for (int depth = 16; depth <= 18; depth++) {
        char text[64] = "";
        memset(text, '[', (size_t)depth), memset(text + depth, ']', (size_t)depth);
        const char *error = "none";
        Json *j = json_parse(text, strlen(text), &error);
        cr_expect_eq(!j, depth > 17, "%d: %s", depth, error);
        json_free(j);
    }
}

static const char object_text[] =
    " {\"name\" :\t\"a\\u00Af\\u00fA\\uFACE\\t\\\\\" ,\r\n\"whole\":7,\"part\":-2.75,\"truth\":true,\"none\":null,\"far\":1e30,"
    "\"list\":[{\"name\":\"x\"},{\"name\":\"xy\"},{\"other\":1}],\"empty\":[]} ";

Test(json, what_is_in_an_object)
{
    Json *j = json_parse(object_text, sizeof object_text - 1, NULL);
    cr_assert_not_null(j);
    cr_expect(j->kind == JSON_OBJECT && j->n == 8);
    cr_expect_str_eq(json_text(j, "name", "?"), "a\xC2\xAF\xC3\xBA\xEF\xAB\x8E\t\\");
    cr_expect_str_eq(json_text(j, "whole", "?"), "?");
    cr_expect_str_eq(json_text(j, "nothing", "?"), "?");
    cr_expect(json_is(j, "nothing", "") && !json_is(j, "name", "a"));
    cr_expect(json_int(j, "whole", 1) == 7 && json_int(j, "part", 1) == -2 && json_int(j, "truth", 5) == 1);
    cr_expect(json_int(j, "none", 5) == 5 && json_int(j, "far", 5) == 5 && json_int(j, "name", 5) == 5 && json_int(j, "nothing", 5) == 5);
    cr_expect(json_number(j, "part", 1) == -2.75 && json_number(j, "truth", 5) == 1 && json_number(j, "none", 5) == 5);
    cr_expect(json_get(j, "none")->kind == JSON_NULL && !json_get(json_get(j, "list"), "name") && !json_get(NULL, "name"));
    const Json *list = json_get(j, "list");
    cr_expect(list->n == 3 && json_first(list) == json_list(j, "list") && !json_list(j, "empty") && !json_list(j, "nothing"));
    cr_expect(json_index(list, "xy", 2) == 1 && json_index(list, "xyz", 1) == 0 && json_index(list, "y", 1) == -1 &&
              json_index(list, "", 0) == 2);
    cr_expect(json_at(list, 2) && !json_at(list, 3) && !json_at(list, -1) && !json_at(NULL, 0) && json_at(list, 0) == list->child);
    json_free(j);
    json_free(NULL);
    cr_expect(json_code(json_no_memory, 3) == NNRT_E_MEM && json_code("other", 3) == 3);
}

Test(json, what_is_written)
{
    char text[200] = "";
    FILE *f = fmemopen(text, sizeof text, "w");
    json_put(f, ",", "a\"\\\n\x7f\xC3\xA9\xFF");
    const double v[] = {1, -0.5, 1e-7, 1234567.5, NAN, -INFINITY};
    for (int i = 0; i < 6; i++)
        fputc(' ', f), json_write_number(f, v[i]);
    fclose(f);
    cr_expect_str_eq(text, ",\"a\\\"\\\\\\u000a\\u007f\xC3\xA9\\udcff\" 1 -0.5 1e-07 1234567.5 null null");
}

/* JSON that is read without a tree. */
static const struct {
    const char *text; /* {"n": WHOLE NUMBER, "skipped": VALUE} */
    int64_t n;
    const char *error;
} scans[] = {
    {"{\"n\":12,\"s\":[1,{\"a\":\"]\"},[]]}", 12, NULL},
    {" { \"n\" : 0 , \"s\" : -1.5e3 } \n", 0, NULL},
    {"{\"n\":9223372036854775807,\"s\":null}", INT64_MAX, NULL},
    {"{\"n\":9223372036854775808,\"s\":null}", 0, "a number is too large"},
    {"{\"n\":92233720368547758070,\"s\":null}", 0, "a number is too large"},
    {"{\"n\":01,\"s\":null}", 0, "bad number"},
    {"{\"n\":-1,\"s\":null}", 0, "a whole number expected"},
    {"{\"n\":1 \"s\":null}", 1, "`,` expected"},
    {"{\"n\" 1,\"s\":null}", 0, "`:` expected"},
    {"{n:1,\"s\":null}", 0, "a text expected"},
    {"[\"n\":1,\"s\":null]", 0, "an object expected"},
    {"{\"n\":1,\"s\":?}", 1, "a value expected"},
    {"{\"n\":1,\"s\":[1,", 1, "a value expected"},
    {"{\"n\":1", 1, "unfinished"},
    {"{\"n\":1,\"s\":\"a", 1, "unfinished string"},
    {"{\"n\":1,\"s\":2} 3", 1, "something follows"},
    {"{\"n\":1,\"s\":{\"b\":[}]}", 1, NULL}, /* looked at no closer */
};

Test(scan, objects)
{
    for (size_t i = 0; i < N_ROWS(scans); i++) {
        char text[200];
        strcpy(text, scans[i].text);
        Scan s = {.at = text, .end = text + strlen(text)};
        int64_t n = 0, k = 0;
        for (; scan_item(&s, '{', '}', k); k++)
            if (strcmp(scan_key(&s), "n") == 0)
                n = scan_int(&s);
            else
                scan_skip(&s);
        scan_end(&s);
        cr_expect(scans[i].error ? s.error && strcmp(s.error, scans[i].error) == 0 : !s.error, "%s: %s", scans[i].text,
                  s.error ? s.error : "-");
        cr_expect_eq(n, scans[i].n, "%s: %lld", scans[i].text, (long long)n);
        if (!scans[i].error) cr_expect_eq(k, 2);
    }
    for (int depth = 64; depth <= 65; depth++) {
        char text[200] = "";
        memset(text, '[', (size_t)depth), memset(text + depth, ']', (size_t)depth);
        Scan s = {.at = text, .end = text + 2 * depth};
        scan_skip(&s), scan_end(&s);
        cr_expect_eq(!s.error, depth <= 64);
    }
}

/* ---- UTF-8 ---- */

static const struct {
    const char *bytes;
    size_t length; /* 0: these bytes are no character */
    uint32_t c;
} characters[] = {
    {"\x01", 1, 1},
    {"\x7F", 1, 0x7F},
    {"\x80", 0, 0},
    {"\xC1\xBF", 0, 0},
    {"\xC2\x80", 2, 0x80},
    {"\xDF\xBF", 2, 0x7FF},
    {"\xE0\x9F\xBF", 0, 0},
    {"\xE0\xA0\x80", 3, 0x800},
    {"\xED\x9F\xBF", 3, 0xD7FF},
    {"\xED\xA0\x80", 0, 0}, /* half of a pair */
    {"\xED\xBF\xBF", 0, 0},
    {"\xEE\x80\x80", 3, 0xE000},
    {"\xEF\xBF\xBF", 3, 0xFFFF},
    {"\xF0\x8F\xBF\xBF", 0, 0},
    {"\xF0\x90\x80\x80", 4, 0x10000},
    {"\xF4\x8F\xBF\xBF", 4, 0x10FFFF},
    {"\xF4\x90\x80\x80", 0, 0},
    {"\xF5\x80\x80\x80", 0, 0},
    {"\xE2\x82", 0, 0}, /* cut off */
    {"\xE2\x82z", 0, 0},
    {"\xC3\xC3", 0, 0},
};

Test(utf8, borders)
{
    for (size_t i = 0; i < N_ROWS(characters); i++) {
        uint32_t c = 0;
        char again[5] = "";
        size_t n = strlen(characters[i].bytes), took = utf8_take(characters[i].bytes, n, &c);
        cr_expect_eq(utf8_length(characters[i].bytes), characters[i].length, "row %zu", i);
        cr_expect_eq(took, characters[i].length ? characters[i].length : 1, "row %zu", i);
        cr_expect_eq(c, characters[i].length ? characters[i].c : UTF8_NONE, "row %zu: %x", i, c);
        if (!characters[i].length) continue;
        cr_expect(utf8_put(c, again) == n && strcmp(again, characters[i].bytes) == 0, "row %zu", i);
        cr_expect(n == 1 || (utf8_take(characters[i].bytes, n - 1, &c) == 1 && c == UTF8_NONE), "row %zu", i);
    }
    cr_expect(utf8_mark("\xEF\xBB\xBFx", 4) == 3 && utf8_mark("\xEF\xBB\xBF", 3) == 3 && utf8_mark("\xEF\xBB\xBF", 2) == 0);
}

/* ---- files that descriptors name ---- */

Test(store, descriptors_by_name)
{
    static Store s;
    enter_folder();
    write_file("zero", "abc", 3);
    int fd = open("zero", O_RDWR);
    cr_assert(fd >= 0 && dup2(fd, 0) == 0);
    static const char *const names[] = {"/dev/fd/0", "/proc/self/fd/0"};
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(store_begin(&s, names[i], "cannot write", false), RT_SYSTEM);
        cr_expect(strstr(nnrt_error_text(), "is no file but a device or a pipe"), "%s", nnrt_error_text());
        lseek(0, 1, SEEK_SET);
        cr_assert_eq(store_begin(&s, names[i], "cannot write", true), NNRT_OK);
        store_put(&s, "X", 1);
        cr_expect_eq(store_end(&s, NNRT_OK), NNRT_OK);
    }
    char text[8] = "";
    cr_expect_eq(read_whole("zero", text, sizeof text), 3);
    cr_expect_str_eq(text, "aXc"); /* it goes on where the descriptor is */
    close(fd);
}
