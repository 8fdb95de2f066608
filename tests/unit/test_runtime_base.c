/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_runtime_base.c: JSON, checksums, permutations, plain text. */
#include "runtime_help.h"

#include <math.h>
#include <time.h>

#include "base/checksum.h"
#include "base/number.h"
#include "base/permute.h"
#include "base/plain.h"
#include "base/utf8.h"

Test(json, strict)
{
    static const char *const bad[] = {"",      "{",       "[1,]",   "{\"a\":1,}", "{\"a\":1,\"a\":2}", "01",  "+1",
                                      "nul",   "\"\\x\"", "\"\n\"", "[1 2]",      "{\"a\" 1}",         "1 2", "\"abc",
                                      "{1:2}", "--1",     "1e",     "["};
    const char *error = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Json *j = json_parse(bad[i], strlen(bad[i]), &error);
        cr_assert_null(j, "%s", bad[i]);
    }
    cr_assert_null(json_parse("1\0 2", 4, &error), "what stands behind a 0 byte");
    const char *good = "{\"a\":[1,-2.5e3,true,null,\"x\\u00e9\\n\"],\"b\":{}}";
    Json *j = json_parse(good, strlen(good), &error);
    cr_assert_not_null(j);
    cr_assert_float_eq(json_at(json_get(j, "a"), 1)->number, -2500, 0);
    cr_assert_str_eq(json_at(json_get(j, "a"), 4)->text, "x\xC3\xA9\n");
    json_free(j);
}

static void expect_text(const char *json, const char *text)
{
    const char *error = NULL;
    Json *j = json_parse(json, strlen(json), &error);
    if (!text) {
        cr_assert_null(j, "%s", json);
        return;
    }
    cr_assert_not_null(j, "%s: %s", json, error);
    cr_assert_str_eq(j->text, text, "%s", json);
    json_free(j);
}

Test(json, escapes)
{
    expect_text("\"\\ud83d\\ude00\"", "\xF0\x9F\x98\x80");
    expect_text("\"\\udc80\\udcff\"", "\x80\xFF"); /* bytes that are no UTF-8 */
    expect_text("\"\\u20ac\\b\\/\"", "\xE2\x82\xAC\b/");
    expect_text("\"\\u0000\"", NULL);
    expect_text("\"\\ud83d\"", NULL);
    expect_text("\"\\ud83d\\u0041\"", NULL);
    expect_text("\"\\ude00\"", NULL);
    expect_text("\"\\u12\"", NULL);
    expect_text("\"\\x\"", NULL);
    expect_text("\"\\", NULL);
}

/* Whatever the bytes: what is written is ASCII or UTF-8 and reads back the same. */
Test(json, every_text_reads_back)
{
    uint64_t random = 1;
    for (int round = 0; round < 2000; round++) {
        char text[24] = {0}, written[200] = {0};
        for (int k = 0; k < 8; k++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            text[k] = (char)(random >> 33);
        }
        if (round < 256) text[0] = (char)round, text[1] = 0;
        if (round >= 1000) text[utf8_put(0x80 + 11u * (uint32_t)(round - 1000), text)] = 0; /* up to U+2B78 */
        FILE *f = fmemopen(written, sizeof written, "w");
        json_write_string(f, text);
        fclose(f);
        uint32_t c;
        for (const char *at = written; *at; at += utf8_take(at, 4, &c))
            cr_assert(utf8_take(at, 4, &c) && c != UTF8_NONE && !utf8_is_control(c), "%s", written);
        expect_text(written, text);
    }
}

Test(json, many_keys_take_no_more_than_their_share)
{
    enum { KEYS = 200000 };
    char *text = malloc(16 * KEYS + 8), *at = text;
    for (int i = 0; i < KEYS; i++)
        at += sprintf(at, "%s\"k%d\":0", i ? "," : "{", i);
    strcpy(at, "}");
    clock_t start = clock();
    Json *j = json_parse(text, strlen(text), NULL);
    cr_assert_not_null(j);
    cr_assert_eq(j->n, KEYS);
    cr_assert_lt((double)(clock() - start) / CLOCKS_PER_SEC, 5); /* pairwise: minutes */
    json_free(j);
    memcpy(strstr(text, "k77777"), "k77776", 6);
    cr_assert_null(json_parse(text, strlen(text), NULL));
    free(text);
}

Test(util, plain_text)
{
    char out[64];
    cr_assert_str_eq(rt_plain(out, sizeof out, "a\x1b[1m\n\t\x7f\xC3\xA9\\"), "a\\x1b[1m\\n\\t\\x7f\xC3\xA9\\");
    cr_assert_str_eq(rt_plain(out, sizeof out, "\xC2\x9B\xE2\x80\xAE\xFFz"), "\\xc2\\x9b\\xe2\\x80\\xae\\xffz");
    cr_assert_str_eq(rt_plain(out, 5, "ab\x1b"), "ab"); /* nothing is cut in the middle */
    cr_assert_str_eq(rt_plain(out, 5, "abc\xC3\xA9"), "abc");
    cr_assert_str_eq(rt_plain(out, sizeof out, "\\x1b"), "\\x1b"); /* what is plain stays */
    /* The characters beside those that are controls. */
    static const char plain[] = " ~"
                                "\xC2\xA0\xC3\x80\xD8\x9B\xD9\x9C\xE2\x80\x8D\xE2\x80\x90\xE2\x80\xA7\xE2\x80\xAF\xE2\x81\xA5\xE2\x81\xAA"
                                "\xE3\x80\x8E\xE1\x81\xA6\xF0\xA2\x80\x8E";
    cr_assert_str_eq(rt_plain(out, sizeof out, plain), plain);
    cr_assert_str_eq(rt_plain(out, sizeof out, "\x1f\xC2\x80\xC2\x9F\xD8\x9C"), "\\x1f\\xc2\\x80\\xc2\\x9f\\xd8\\x9c");
    cr_assert_str_eq(rt_plain(out, sizeof out, "\xE2\x80\x8E\xE2\x80\x8F\xE2\x80\xA8"), "\\xe2\\x80\\x8e\\xe2\\x80\\x8f\\xe2\\x80\\xa8");
    cr_assert_str_eq(rt_plain(out, sizeof out, "\xE2\x81\xA6\xE2\x81\xA9\xF8"), "\\xe2\\x81\\xa6\\xe2\\x81\\xa9\\xf8");
}

Test(json, damaged_texts_do_not_crash)
{
    uint64_t random = 1;
    for (int round = 0; round < 3000; round++) {
        char *copy = strdup(line_manifest);
        size_t n = strlen(copy);
        for (int k = 0; k < 3; k++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            copy[(random >> 33) % n] = (char)(random >> 20);
        }
        Json *j = json_parse(copy, (random >> 40) % 4 ? n : (random >> 33) % n, NULL);
        json_free(j);
        free(copy);
    }
}

/* The CPU's instruction does what the table does, at any address, for any length, and where a sum goes on. */
Test(util, checksum_by_instruction)
{
    unsigned char b[100];
    for (int i = 0; i < 100; i++)
        b[i] = (unsigned char)(i * 151 + 7);
    for (size_t at = 0; at < 9; at++)
        for (size_t n = 0; n <= 80; n++) {
            uint32_t crc = rt_crc32c_by_table(0, b + at, n);
            cr_assert_eq(rt_crc32c(0, b + at, n), crc);
            cr_assert_eq(rt_crc32c(crc, b, 13), rt_crc32c_by_table(crc, b, 13));
        }
}

static void same_number(const char *text)
{
    char *end, *end_there;
    double v = number_read(text, &end), there = strtod(text, &end_there);
    cr_assert(memcmp(&v, &there, sizeof v) == 0 || (v != v && there != there), "%s is %.17g, not %.17g", text, v, there);
    cr_assert_eq(end, end_there, "%s: %d characters read, not %d", text, (int)(end - text), (int)(end_there - text));
}

/* What is read without strtod has the same bits and the same end. */
Test(util, numbers_read)
{
    static const char *const forms[] = {"",
                                        "-",
                                        ".",
                                        "+.5",
                                        "5.",
                                        "-0",
                                        "  7 ",
                                        "1e",
                                        "1e+",
                                        "1e5x",
                                        "1.2.3",
                                        "0x1p3",
                                        "0x",
                                        "inf",
                                        "-nan",
                                        "1e400",
                                        "1e-400",
                                        "1e22",
                                        "1e23",
                                        "1e-22",
                                        "1e-23",
                                        "1,5",
                                        "00012",
                                        "1e005",
                                        "1234567890123456789",
                                        "12345678901234567890",
                                        "9007199254740993",
                                        "9007199254740992e1",
                                        "4.9e-324",
                                        "0.1",
                                        ".e1",
                                        "- 1",
                                        "1e99999999999999999999",
                                        "0.00000000000000000000000000000000001"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        same_number(forms[i]);
    uint64_t random = 1;
    char text[80];
    for (int i = 0; i < 300000; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        uint64_t bits = random ^ random >> 29;
        double v;
        memcpy(&v, &bits, sizeof v);
        if (i % 3) v = (double)(int64_t)(bits >> 20) / (double)(1 << (bits & 30));
        snprintf(text, sizeof text, i % 2 ? "%.*g" : "%.*e", (int)(random >> 60) + 2, v);
        same_number(text);
    }
}

Test(util, known_values)
{
    cr_assert_eq(rt_crc32c(0, "123456789", 9), 0xE3069283u);
    cr_assert_eq(rt_crc32(0, "123456789", 9), 0xCBF43926u);
    for (uint64_t n = 1; n < 200; n += 7) {
        char seen[200] = {0};
        for (uint64_t i = 0; i < n; i++) {
            uint64_t p = rt_permute(i, n, 42);
            cr_assert(p < n && !seen[p]);
            seen[p] = 1;
        }
    }
}
