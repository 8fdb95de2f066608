/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_shown.c: what prints show, what is said of a call that the core refused, the texts of types and options, long lists of weights that do
 * not fit: tables of whole texts. */
#include "runtime_help.h"

#include <math.h>

#include "base/bytes.h"
#include "base/checksum.h"
#include "model/call.h"
#include "model/explain.h"
#include "model/manifest.h"
#include "model/misfit.h"
#include "model/options.h"
#include "model/show.h"
#include "model/vocab.h"
#include "model/weights.h"
#include "model/weights_load.h"
#include "rows.h"

#define PROBE(TEXT, PATH, DTYPE, DIMS, MORE) \
    "{\"file\":\"net.nn\",\"line\":7,\"path\":\"" PATH "\",\"text\":\"" TEXT "\",\"dtype\":\"" DTYPE "\",\"dims\":[" DIMS "]" MORE "}"
static const char manifest[] =
    "{\"program\":\"line\",\"source\":\"net.nn\",\"options\":[{\"name\":\"lr\",\"type\":\"float\",\"offset\":0},"
    "{\"name\":\"n\",\"type\":\"int\",\"offset\":4},{\"name\":\"file\",\"type\":\"string\",\"offset\":8},"
    "{\"name\":\"on\",\"type\":\"bool\",\"offset\":16},{\"name\":\"h\",\"type\":\"f16\",\"offset\":18}],"
    "\"tensor_lines\":[3,0],\"entries\":[{\"name\":\"fit\",\"kind\":\"train\",\"derived_from\":-1,\"sizes\":[\"B\",\"H\",\"HW\"],"
    "\"args\":[{\"name\":\"n\",\"role\":\"dim\"},{\"name\":\"x\",\"role\":\"field\"},{\"name\":\"y\",\"role\":\"field\"}],"
    "\"requires\":[{\"text\":\"H >= 2*B\"},{\"text\":\"HW % 3 == 0\"},{\"text\":\"1 > 2\"}],"
    "\"statements\":[{\"optimizer\":\"adam\",\"numbers\":[\"lr\",\"decay\"]},{\"optimizer\":\"sgd\",\"numbers\":[\"lr\"]}],"
    "\"probes\":[" PROBE("a", "", "f32", "", "") "," PROBE("x[0]", "net.body", "f32", "\"B\",2", "") "," PROBE(
        "k", "", "i32", "\"2*B\"",
        "") "," PROBE("on", "", "bool", "5,5",
                      "") "," PROBE("c", "", "i8", "3",
                                    ",\"conditional\":true") "," PROBE("w", "", "f32", "5,5",
                                                                       "") "]},"
                                                                           "{\"name\":\"test\",\"kind\":\"eval\",\"derived_from\":-1,"
                                                                           "\"sizes\":[\"B\"],\"args\":[],\"probes\":[" PROBE(
                                                                               "a > 0", "", "f32", "",
                                                                               "") "]},"
                                                                                   "{\"name\":\"fit\",\"kind\":\"eval\",\"derived_from\":0,"
                                                                                   "\"sizes\":[\"B\"]},"
                                                                                   "{\"name\":\"predict\",\"kind\":\"export\",\"derived_"
                                                                                   "from\":-1,\"sizes\":[\"B\"],\"args\":[{\"name\":\"x\","
                                                                                   "\"role\":\"tensor\"}],"
                                                                                   "\"probes\":[" PROBE("x > 0", "net.body", "bool",
                                                                                                        "2,\"B\"", "") "]}]}";

typedef struct Options {
    float lr;
    int32_t n;
    const char *file;
    bool on;
    uint16_t h;
} Options;

static nnrt *shown_model(nnrt_program *p, const Options *options)
{
    static const nnrt_entry *const list[] = {&fit_entry, &test_entry, &test_entry, &predict_entry};
    *p = line_program;
    p->manifest = manifest, p->entry = list, p->n_entries = 4;
    p->options = options, p->options_bytes = sizeof *options;
    nnrt *m = nnrt_new(p, 0);
    cr_assert(m, "%s", nnrt_error_text());
    return m;
}

static const Options options = {0.1f, -3, "x.csv", true, 0x3E00};

/* ---- prints ---- */

static float many[25];
static const unsigned char truths[25] = {1, 0, 1}, bytes[3] = {0xFF, 0, 127};
static const float four[4] = {1.5f, -0.0f, NAN, 1234567};
static const int32_t integers[4] = {-7, 0, 123456789, 2147483647};

static const struct {
    int number;
    const void *values;
    int64_t n;
    const char *when, *want;
} prints[] = {
    {0, four, 1, "", "net.nn:7: a float: 1.5"},
    {0, four, 1, "step 3", "net.nn:7: step 3: a float: 1.5"},
    {1, four, 4, "", "net.nn:7: net.body: x[0] float[2, 2]: [[1.5, -0], [nan, 1.23457e+06]]"},
    {1, four, 4, "step 9", "net.nn:7: step 9: net.body: x[0] float[2, 2]: [[1.5, -0], [nan, 1.23457e+06]]"},
    {2, integers, 4, "", "net.nn:7: k int[4]: [-7, 0, 123456789, 2147483647]"},
    {3, truths, 25, "", "net.nn:7: on bool[5, 5]: 2 of 25 true"},
    {4, bytes, 3, "", "net.nn:7: c i8[3]: [-1, 0, 127]"},
    {5, many, 25, "", "net.nn:7: w float[5, 5]: min -2, mean 0.5, max 3"},
};

static void keep_line(void *user, const char *text)
{
    snprintf(user, 300, "%s", text);
}

static const char *printed(const nnrt *m, ShowLevel level, int number, const void *values, int64_t n, const char *when)
{
    static char line[300];
    static const int64_t sizes[] = {2, 5, 9};
    Show show = {.level = level, .line = keep_line, .user = line};
    Showing showing;
    nnrt watched = *m;
    watched.show = &show;
    snprintf(show.when, sizeof show.when, "%s", when);
    *line = 0;
    if (!show_begin(&showing, &watched, 0, sizes, NULL)) return "nothing";
    cr_assert(showing.watch.host.size == sizeof showing.watch);
    showing.watch.show(showing.watch.watcher, number, values, n);
    return line;
}

Test(show, values)
{
    nnrt_program program;
    nnrt *m = shown_model(&program, &options);
    for (int i = 0; i < 25; i++)
        many[i] = 0.5f;
    many[3] = 3, many[7] = -2;
    for (size_t i = 0; i < N_ROWS(prints); i++) {
        const char *got = printed(m, SHOW_ALL, prints[i].number, prints[i].values, prints[i].n, prints[i].when);
        cr_expect_str_eq(got, prints[i].want, "row %zu: %s", i, got);
    }
    many[4] = NAN, many[5] = -INFINITY, many[6] = INFINITY;
    const char *got = printed(m, SHOW_ALL, 5, many, 25, "");
    cr_expect_str_eq(got, "net.nn:7: w float[5, 5]: min -2, mean 0.5, max 3, 1 nan, 2 infinite", "%s", got);
    for (int i = 0; i < 25; i++)
        many[i] = i % 2 ? INFINITY : NAN;
    got = printed(m, SHOW_ALL, 5, many, 25, "");
    cr_expect_str_eq(got, "net.nn:7: w float[5, 5]: no finite number, 13 nan, 12 infinite", "%s", got);
    cr_expect_str_eq(printed(m, SHOW_CONDITIONAL, 0, four, 1, ""), "");
    cr_expect_str_eq(printed(m, SHOW_CONDITIONAL, 4, bytes, 3, ""), "net.nn:7: c i8[3]: [-1, 0, 127]");
    cr_expect_str_eq(printed(m, SHOW_NONE, 0, four, 1, ""), "nothing");
    cr_expect_str_eq(printed(m, SHOW_ALL, 6, four, 1, ""), ""); /* there is none of this number */
    nnrt_free(m);
}

/* ---- calls that were refused ---- */

static const struct {
    int entry, code;
    nnrt_error error;
    const char *want;
} refused[] = {
    {0, NNRT_E_REQUIRES, {.argument = 0, .line = 4}, "line fit: B is 2, H is 5 but must satisfy H >= 2*B (net.nn:4)"},
    {0, NNRT_E_REQUIRES, {.argument = 1, .line = 4}, "line fit: HW is 9 but must satisfy HW % 3 == 0 (net.nn:4)"},
    {0, NNRT_E_REQUIRES, {.argument = 2, .line = 4}, "line fit: the sizes are known but must satisfy 1 > 2 (net.nn:4)"},
    {0, NNRT_E_RANGE, {.argument = 0, .given = 7, .wanted = 3}, "line fit: x contains 7, but must be in 0..2"},
    {0, NNRT_E_RANGE, {.argument = 1, .given = -7, .wanted = 1}, "line fit: y contains -7, but must be in 0..0"},
    {0, NNRT_E_RANGE, {.argument = 2, .given = 7, .wanted = 3}, "line fit: ? contains 7, but must be in 0..2"},
    {0, NNRT_E_RANGE, {.line = 12}, "fit: a value is outside its bound (net.nn:12)"},
    {0, NNRT_E_NUMERIC, {.argument = 0, .line = 8}, "fit, step 12: loss is not finite, at the minimize of net.nn:8; no update was made"},
    {0,
     NNRT_E_NUMERIC,
     {.argument = 0, .given = 2, .line = 8},
     "fit, step 12: decay of adam is not finite, at the minimize of net.nn:8; no update was made"},
    {0,
     NNRT_E_NUMERIC,
     {.argument = 1, .given = 1, .wanted = 1, .line = 8},
     "fit, step 12: lr of sgd is not finite, at the minimize of net.nn:8; it updated nothing, but those before it in this step did"},
    {0,
     NNRT_E_NUMERIC,
     {.argument = 1, .given = 2, .line = 8},
     "fit, step 12: ? of sgd is not finite, at the minimize of net.nn:8; no update was made"},
    {0,
     NNRT_E_NUMERIC,
     {.argument = 0, .given = NNRT_GRADIENT, .axis = 0, .line = 8},
     "fit, step 12: the gradient of line.w (net.nn:3) is not finite, at the minimize of net.nn:8; no update was made"},
    {0,
     NNRT_E_NUMERIC,
     {.argument = 0, .given = NNRT_GRADIENT, .axis = 1, .line = 8},
     "fit, step 12: the gradient of line.b is not finite, at the minimize of net.nn:8; no update was made"},
    {0,
     NNRT_E_NUMERIC,
     {.argument = 0, .given = NNRT_GRADIENT, .axis = -1, .line = 8},
     "fit, step 12: the gradient is too large for its norm to be a number, at the minimize of net.nn:8; no update was made"},
    {0, NNRT_E_SHAPE, {.argument = 1, .given = 0}, "fit: size H is 0, but must be at least 1"},
    {0, NNRT_E_SHAPE, {.argument = 7, .given = -1}, "fit: size ? is -1, but must be at least 1"},
    {0, NNRT_E_WORK, {.argument = 0}, "fit: these sizes are too large: B 2, H 5, HW 9"},
    {0, NNRT_E_ALIGN, {.argument = 0}, "line fit: the pointer x is NULL"},
    {0, NNRT_E_ALIGN, {.argument = 1}, "line fit: the pointer y is NULL"},
    {0, NNRT_E_ALIGN, {.argument = 2}, "line fit: the pointer of result 0 is NULL"},
    {0, NNRT_E_ALIGN, {.argument = 3}, "line fit: the pointer of result 1 is NULL"},
    {0, NNRT_E_ALIGN, {.argument = -1}, "fit: memory is not aligned"},
    {0, NNRT_E_ABI, {.argument = 0}, "fit: the model's memory is not of this program"},
    {0, 99, {.argument = 0}, "fit: error 99"},
    {0,
     NNRT_E_ASSERT,
     {.argument = 1, .given = 3, .wanted = 2},
     "fit, step 12: net.nn:7: net.body: assert does not hold: x[0]; false for 3 of 4 elements, the first is [1, 0]"},
    {0, NNRT_E_ASSERT, {.argument = 0, .given = 1}, "fit, step 12: net.nn:7: assert does not hold: a"},
    {1, NNRT_E_ASSERT, {.argument = 0, .given = 1}, "test, batch 5: net.nn:7: assert does not hold: a > 0"},
    {3,
     NNRT_E_ASSERT,
     {.argument = 0, .given = 4, .wanted = 3},
     "predict: net.nn:7: net.body: assert does not hold: x > 0; false for 4 of 4 elements, the first is [1, 1]"},
};

Test(explain, calls_that_were_refused)
{
    static const int64_t sizes[] = {2, 5, 9};
    nnrt_program program;
    nnrt *m = shown_model(&program, &options);
    ((nnrt_train *)rt_area(m, 0))->step = 12;
    char *area = rt_area(m, 1);
    int64_t batch = 5;
    memcpy(area + test_entry.batch_offset, &batch, sizeof batch);
    for (size_t i = 0; i < N_ROWS(refused); i++) {
        nnrt_call call = {.error = refused[i].error};
        cr_expect_eq(explain_call(m, refused[i].entry, &call, sizes, refused[i].code), refused[i].code);
        cr_expect_str_eq(nnrt_error_text(), refused[i].want, "row %zu: %s", i, nnrt_error_text());
    }
    cr_expect_eq(explain_sizes(m, 0, (int64_t[]){0}), NNRT_E_SHAPE);
    cr_expect_str_eq(nnrt_error_text(), "fit: size B is 0, but must be at least 1");
    cr_expect_eq(explain_sizes(m, 0, (int64_t[]){1, 2, 3}), NNRT_E_WORK);
    cr_expect_str_eq(nnrt_error_text(), "fit: these sizes are too large: B 1, H 2, HW 3");
    cr_expect_eq(nnrt_plan(m, 0, -1, 3), NNRT_E_RANGE);
    cr_expect_str_eq(nnrt_error_text(), "epoch -1 of 3 steps: there is no such run");
    cr_expect_eq(nnrt_plan(m, 0, 0, 0), NNRT_E_RANGE);
    cr_expect(nnrt_plan(m, 0, 4, 1) == 0 && ((nnrt_train *)m->area[0])->epoch == 4 && ((nnrt_train *)m->area[0])->steps == 1);
    nnrt_free(m);
}

/* ---- types and options ---- */

static const struct {
    const char *json, *want;
} types[] = {
    {"{\"elem\":\"float\",\"dims\":[],\"bound\":0}", "float"},
    {"{\"elem\":\"int\",\"dims\":[],\"bound\":10}", "int<10>"},
    {"{\"elem\":\"i8\",\"dims\":[\"B\",3,\"2*N\"],\"bound\":0}", "i8[B, 3, 2*N]"},
    {"{\"elem\":\"int\",\"dims\":[1],\"bound\":1}", "int<1>[1]"},
    {"{}", "float"},
};

Test(types, texts)
{
    char text[100];
    for (size_t i = 0; i < N_ROWS(types); i++) {
        Json *json = json_parse(types[i].json, strlen(types[i].json), NULL);
        cr_expect_str_eq(rt_type_text(json, text, sizeof text), types[i].want);
        json_free(json);
    }
}

Test(options, texts)
{
    static const char *const wants[] = {"0.1", "-3", "x.csv", "true", "1.5"};
    nnrt_program program;
    nnrt *m = shown_model(&program, &options);
    const Json *list = json_get(m->manifest, "options");
    char number[40], path[RT_PATH];
    for (int i = 0; i < 5; i++)
        cr_expect_str_eq(option_text(m, json_at(list, i), m->options, number), wants[i]);
    const Options *now = m->options;
    cr_expect(option_store(m, json_at(list, 0), 2.5) && now->lr == 2.5f && option_store(m, json_at(list, 1), 7) && now->n == 7);
    cr_expect(!option_store(m, json_at(list, 1), 0.5) && now->n == 7 && option_store(m, json_at(list, 3), 0) && !now->on);
    cr_expect_str_eq(option_text(m, json_at(list, 3), m->options, number), "false");
    cr_expect(option_set_text(m, 2, "a") == 0 && option_set_text(m, 2, "b.csv") == 0 && strcmp(now->file, "b.csv") == 0);
    const char pieces[] = "[\"d/\",{\"option\":1},\"-\",{\"option\":2},{\"option\":0}]";
    Json *json = json_parse(pieces, sizeof pieces - 1, NULL);
    cr_expect(rt_join(m, json, path) == 0 && strcmp(path, "d/7-b.csv2.5") == 0, "%s", path);
    static char longest[RT_PATH];
    for (int more = 0; more < 2; more++) { /* as long as a path can be, and longer */
        memset(longest, 'p', sizeof longest);
        longest[RT_PATH - 1 - strlen("d/7-2.5") + (size_t)more] = 0;
        cr_assert_eq(option_set_text(m, 2, longest), 0);
        cr_expect_eq(rt_join(m, json, path), more ? RT_SYSTEM : NNRT_OK);
    }
    json_free(json);
    nnrt_free(m);
}

Test(manifest, entries_and_numbers)
{
    nnrt_program program;
    nnrt *m = shown_model(&program, &options);
    cr_expect(rt_find_entry(m, "fit", "train") == 0 && rt_find_entry(m, "fit", NULL) == 0 && rt_find_entry(m, "fit", "eval") == -1);
    cr_expect(rt_find_entry(m, NULL, "eval") == 1 && rt_find_entry(m, NULL, "export") == 3 && rt_find_entry(m, "none", NULL) == -1);
    cr_expect(rt_dtype_of(m, "int") == NNRT_I32 && rt_dtype_of(m, "none") == NNRT_F64 && rt_dtype_of(m, "float") == NNRT_F32);
    cr_expect(rt_dtype_of(m, "u8") == NNRT_U8 && rt_dtype_of(m, "bool") == NNRT_BOOL);
    cr_expect_eq(rt_parameters(m), 2);
    nnrt_free(m);
}

/* ---- lists of what does not fit ---- */

static void list_misfits(nnrt *m, int n, int rest, const char *want)
{
    static Stored stored[20];
    static char names[20][8];
    static bool used[20];
    Safetensors f = {.path = "f", .tensor = stored, .n_tensors = (size_t)rest + 1};
    Misfits bad = {.m = m, .file = &f};
    for (int i = 0; i <= rest; i++) {
        snprintf(names[i], sizeof names[i], "t%d", i);
        stored[i] = (Stored){.name = names[i], .rank = 1, .dim = {i}};
        used[i] = i == 0;
    }
    for (int i = 0; i < n; i++)
        misfits_add(&bad, "w%d", i);
    cr_expect_eq(misfits_fail(&bad, used, false), NNRT_E_SHAPE);
    cr_expect_str_eq(nnrt_error_text(), want, "%s", nnrt_error_text());
}

Test(misfits, long_lists)
{
    nnrt_program program;
    nnrt *m = shown_model(&program, &options);
    list_misfits(m, 1, 0, "f: w0");
    list_misfits(m, 2, 2, "f: w0; w1. Not taken from the file: t1 [1], t2 [2]");
    list_misfits(m, 12, 0, "f: w0; w1; w2; w3; w4; w5; w6; w7; w8; w9; w10; w11");
    list_misfits(m, 14, 0, "f: w0; w1; w2; w3; w4; w5; w6; w7; w8; w9; w10; w11; and 2 more");
    list_misfits(m, 1, 13,
                 "f: w0. Not taken from the file: t1 [1], t2 [2], t3 [3], t4 [4], t5 [5], t6 [6], t7 [7], t8 [8], t9 [9], t10 [10], "
                 "t11 [11], t12 [12], and 1 more");
    m->tells = true;
    list_misfits(m, 12, 0, "f: w0; w1; w2; w3; w4; w5; w6; w7; w8; w9; w10; w11");
    list_misfits(m, 13, 0, "f: w0; w1; w2; w3; w4; w5; w6; w7; w8; w9; w10; w11; and 1 more (--list-weights names all)");
    nnrt_free(m);
}

/* ---- what a checkpoint says ---- */

static const char header[] =
    "{\"__metadata__\":{\"format\":\"nnc 1\",\"crc32c\":\"%s\",\"program\":\"line\",\"hash\":\"0000000000001234\",\"entry\":\"fit\","
    "\"optimizers\":\"adam, sgd\",\"step\":\"7\",\"epoch\":\"2\",\"batch\":\"3\",\"seed\":\"18446744073709551615\",\"steps\":\"9\","
    "\"stale\":\"4\",\"unchecked\":\"1\",\"best\":\"-0.5\",\"validated\":\"2.25\",\"run\":\"r\\\"1\","
    "\"vocabularies\":\"[{\\\"block\\\":\\\"\\\",\\\"name\\\":\\\"\\\",\\\"data\\\":0,\\\"field\\\":1,\\\"words\\\":[\\\"a\\\",\\\"b\\\"]}]"
    "\","
    "\"crc32c.line.w\":\"%s\",\"crc32c.line.b\":\"%s\",\"crc32c.ema.line.w\":\"%s\",\"crc32c.ema.line.b\":\"%s\","
    "\"crc32c.optimizer.fit.0.count\":\"%s\",\"crc32c.report.fit\":\"%s\"},"
    "\"line.w\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},\"line.b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[4,8]},"
    "\"ema.line.w\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]},"
    "\"ema.line.b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[12,16]},"
    "\"optimizer.fit.0.count\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[16,24]},"
    "\"report.fit\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[24,40]}}";

static nnrt *saved_model(nnrt_program *program)
{
    static const float w = 1.5f, b = -2, averages[2] = {0.25f, 8};
    char **words = calloc(3, sizeof *words);
    words[0] = strdup("a"), words[1] = strdup("b");
    nnrt *m = shown_model(program, &options);
    cr_assert_eq(rt_add_vocab(m, 0, 1, words, 2), 0);
    m->ema = rt_alloc(line_program.param_bytes);
    memcpy((char *)m->model + 64, &w, 4), memcpy((char *)m->model + 128, &b, 4);
    memcpy(m->ema, &averages[0], 4), memcpy((char *)m->ema + 64, &averages[1], 4);
    char *area = rt_area(m, 0);
    static const int64_t count = 7;
    static const double sums[2] = {32, 0.125};
    memcpy(area + 64, &count, 8), memcpy(area + SUMS_AT, sums, 16);
    return m;
}

/* `text` with a checksum of `bytes` for each %s: of the header first, whose own is of zeros. */
static size_t expected_header(const float numbers[4], const int64_t *count, const double *sums, char *out, size_t room)
{
    const void *const at[] = {&numbers[0], &numbers[1], &numbers[2], &numbers[3], count, sums};
    static const size_t widths[] = {4, 4, 4, 4, 8, 16};
    char sum[7][9] = {"00000000"};
    for (int i = 0; i < 6; i++)
        snprintf(sum[i + 1], sizeof sum[0], "%08x", rt_crc32c(0, at[i], widths[i]));
    size_t n = (size_t)snprintf(out, room, header, sum[0], sum[1], sum[2], sum[3], sum[4], sum[5], sum[6]);
    while ((8 + n) % 64)
        out[n++] = ' ';
    snprintf(sum[0], sizeof sum[0], "%08x", rt_crc32c(0, out, n));
    memcpy(strstr(out, "00000000"), sum[0], 8);
    return n;
}

Test(checkpoint, header_and_numbers)
{
    static const float numbers[4] = {1.5f, -2, 0.25f, 8};
    static const int64_t count = 7;
    static const double sums[2] = {32, 0.125};
    static char want[4000], file[4000];
    nnrt_program program;
    enter_folder();
    nnrt *m = saved_model(&program);
    const Progress progress = {.valid = true,
                               .step = 7,
                               .epoch = 2,
                               .batch = 3,
                               .stale = 4,
                               .unchecked = 1,
                               .steps = 9,
                               .seed = UINT64_MAX,
                               .best = -0.5,
                               .has_best = true,
                               .validated = 2.25,
                               .has_validated = true,
                               .run = "r\"1"};
    cr_assert_eq(weights_save(m, "c", 0, &progress), 0, "%s", nnrt_error_text());
    size_t n = expected_header(numbers, &count, sums, want, sizeof want), size = read_whole("c", file, sizeof file);
    cr_assert(size == 8 + n + 40 && bytes_le((unsigned char *)file, 8) == n, "%zu of %zu bytes", size, 8 + n + 40);
    cr_assert_eq(memcmp(file + 8, want, n), 0, "%.*s", (int)n, file + 8);
    cr_assert(memcmp(file + 8 + n, numbers, 16) == 0 && memcmp(file + 24 + n, &count, 8) == 0 && memcmp(file + 32 + n, sums, 16) == 0);
    nnrt *again = shown_model(&program, &options);
    cr_assert_eq(weights_load(again, "c", false, -1), 0, "%s", nnrt_error_text()); /* an evaluation takes the averages */
    cr_assert(memcmp((char *)again->model + 64, &numbers[2], 4) == 0 && memcmp((char *)again->model + 128, &numbers[3], 4) == 0);
    again->ema = rt_alloc(line_program.param_bytes);
    cr_assert(rt_area(again, 0) && weights_load(again, "c", false, 0) == 0, "%s", nnrt_error_text());
    cr_assert(memcmp((char *)again->model + 64, &numbers[0], 4) == 0 && memcmp(again->ema, &numbers[2], 4) == 0);
    cr_assert(memcmp((char *)again->area[0] + SUMS_AT, sums, 16) == 0 && again->progress.step == 7 && again->progress.best == -0.5);
    nnrt_free(m), nnrt_free(again);
}
