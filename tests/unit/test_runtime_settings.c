/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_runtime_settings.c: what a run is told, as tables of what is taken and what is refused; amounts, paths and texts as they are said. */
#include "runtime_help.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <sys/resource.h>

#include "base/amount.h"
#include "base/closest.h"
#include "base/limit.h"
#include "base/memory.h"
#include "base/store.h"
#include "model/call.h"
#include "model/weights.h"
#include "rows.h"
#include "run/resume.h"
#include "run/settings.h"

#define write_file write_configuration /* another one is in runtime_help.h */
#include "../../runtime/run/configuration.c"
#undef write_file

/* ---- times and amounts ---- */

static const struct {
    const char *text;
    double seconds; /* -1: it is none */
} times[] = {
    {"90s", 90},    {"10min", 600}, {"10m", 600}, {"1h30m", 5400}, {"1h30min5s", 5405}, {"2d", 172800}, {"0.5s", 0.5},
    {"1.5h", 5400}, {"0h1s", 1},    {"", -1},     {"5", -1},       {"0s", -1},          {"1ms", -1},    {"s", -1},
    {"1h 5m", -1},  {"-1s", -1},    {"1S", -1},   {"1h5", -1},     {"1hm", -1},         {"1mi", -1},    {"1minu", -1},
    {"1e999d", -1}, {"1s,", -1},    {".5s", -1},  {"1h-5m", -1},
};

Test(settings, times)
{
    for (size_t i = 0; i < N_ROWS(times); i++) {
        double seconds = 7;
        bool is = settings_time(times[i].text, &seconds);
        cr_expect_eq(is, times[i].seconds >= 0, "%s", times[i].text);
        if (is) cr_expect_eq(seconds, times[i].seconds, "%s: %g", times[i].text, seconds);
    }
}

static const struct {
    const char *text;
    double bytes; /* -1: it is none */
} amounts[] = {
    {"0", 0},
    {"300000", 3e5},
    {"7B", 7},
    {"64kB", 64e3},
    {"64KB", 64e3},
    {"500MB", 5e8},
    {"1.5GB", 1.5e9},
    {"2.TB", 2e12},
    {"0.25kB", 250},
    {"10.125MB", 10125000},
    {"999999TB", 999999e12},
    {"1000000TB", -1},
    {"999999999999999999", -1}, /* as a double 10^18 */
    {"999999999999999000", 999999999999998976.0},
    {"1000000000000000000", -1},
    {"0000000000000000001", -1},
    {"1.00000000000000000000000000000", 1},
    {"1.0000000000000000000000000000000", -1},
    {"", -1},
    {".5GB", -1},
    {"5 GB", -1},
    {"5gb", -1},
    {"5MBs", -1},
    {"-1", -1},
    {"1e3", -1},
    {"1,5GB", -1},
    {"1.2.3", -1},
};

Test(settings, amounts)
{
    for (size_t i = 0; i < N_ROWS(amounts); i++) {
        double bytes = 7;
        bool is = amount_read(amounts[i].text, &bytes);
        cr_expect_eq(is, amounts[i].bytes >= 0, "%s", amounts[i].text);
        if (is) cr_expect_eq(bytes, amounts[i].bytes, "%s: %.17g", amounts[i].text, bytes);
    }
}

static const struct {
    uint64_t bytes;
    const char *text;
} said[] = {
    {0, "0 bytes"},
    {999, "999 bytes"},
    {1000, "1.0 kB"},
    {9949, "9.9 kB"},
    {10000, "10 kB"},
    {999499, "999 kB"},
    {1000000, "1.0 MB"},
    {1500000000, "1.5 GB"},
    {20000000000, "20 GB"},
    {1000000000000, "1.0 TB"},
    {5000000000000000, "5000 TB"},
};

Test(settings, amounts_as_they_are_said)
{
    char text[LIMIT_TEXT];
    for (size_t i = 0; i < N_ROWS(said); i++)
        cr_expect_str_eq(limit_text(text, said[i].bytes), said[i].text);
}

/* The least of all limits, and never more than the machine has. (A sanitizer needs more than such a limit leaves.) */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
Test(settings, limits_of_memory)
{
    size_t machine = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE), before = limit_memory();
    cr_expect(before > 0 && before <= machine);
    static const int resources[] = {RLIMIT_DATA, RLIMIT_AS};
    for (int i = 0; i < 2; i++) {
        struct rlimit old, limit;
        cr_assert_eq(getrlimit(resources[i], &old), 0);
        limit = old, limit.rlim_cur = before - 4096 * (rlim_t)(i + 1);
        if (setrlimit(resources[i], &limit)) continue;
        cr_expect_eq(limit_memory(), limit.rlim_cur);
        limit.rlim_cur = before / 4096 * 4096 + 4096;
        setrlimit(resources[i], &old);
        cr_expect_eq(limit_memory(), before);
    }
}
#endif

/* ---- ranges ---- */

static const struct {
    SettingIndex setting;
    int64_t v;
    const char *error; /* NULL: it is taken */
} ranges[] = {
    {SET_batch, 1, NULL},
    {SET_batch, INT32_MAX, NULL},
    {SET_batch, 0, "e: batch is 0, but must be in 1..2147483647"},
    {SET_batch, -1, "e: batch is -1, but must be in 1..2147483647"},
    {SET_batch, (int64_t)INT32_MAX + 1, "e: batch is 2147483648, but must be in 1..2147483647"},
    {SET_epochs, 0, NULL},
    {SET_epochs, -1, "e: epochs is -1, but must be in 1..2147483647"},
    {SET_steps, 0, NULL},
    {SET_steps, (int64_t)1 << 53, NULL},
    {SET_steps, ((int64_t)1 << 53) + 1, "e: steps is 9007199254740993, but must be in 1..9007199254740992"},
    {SET_accumulate, 0, "e: accumulate is 0, but must be in 1..2147483647"},
    {SET_seed, INT64_MIN, NULL},
    {SET_seed, INT64_MAX, NULL},
    {SET_log_every, 0, "e: log_every is 0, but must be in 1..9007199254740992"},
    {SET_validate_every, 0, NULL},
    {SET_save_every, 0, NULL},
    {SET_keep, 0, NULL},
    {SET_keep, 1000, NULL},
    {SET_keep, 1001, "e: keep is 1001, but must be in 0..1000"},
    {SET_keep_best, -1, "e: keep_best is -1, but must be in 0..1000"},
    {SET_patience, 0, NULL},
    {SET_patience, -1, "e: patience is -1, but must be in 0..9007199254740992"},
    {SET_shards, 1, NULL},
    {SET_shards, 2, NULL},
    {SET_shards, 1024, NULL},
    {SET_shards, 3, "e: shards is 3, but must be a power of two: 1, 2, 4 ... 1024"},
    {SET_shards, 96, "e: shards is 96, but must be a power of two: 1, 2, 4 ... 1024"},
    {SET_shards, 0, "e: shards is 0, but must be in 1..1024"},
    {SET_shards, 2048, "e: shards is 2048, but must be in 1..1024"},
};

static Settings usual(nnrt *m)
{
    Settings s;
    cr_assert_eq(settings_from_head(m, 0, &s), NNRT_OK);
    return s;
}

static void expect_said(int code, const char *error)
{
    cr_expect_eq(code != NNRT_OK, error != NULL, "%s: %d", error ? error : "-", code);
    if (error) cr_expect_str_eq(nnrt_error_text(), error);
}

Test(settings, ranges)
{
    nnrt *m = nnrt_new(&line_program, 0);
    for (size_t i = 0; i < N_ROWS(ranges); i++) {
        Settings s = usual(m);
        memcpy((char *)&s + setting_table[ranges[i].setting].at, &ranges[i].v, sizeof ranges[i].v);
        expect_said(settings_check("e", &s), ranges[i].error);
    }
    static const struct {
        double ema, min_delta;
        bool given;
        const char *error;
    } numbers[] = {{0, 0, false, NULL},
                   {0.999, 1e300, false, NULL},
                   {1, 0, false, "e: ema is 1, but must be at least 0 and below 1"},
                   {-0.5, 0, true, "--ema is -0.5, but must be at least 0 and below 1"},
                   {NAN, 0, true, "--ema is nan, but must be at least 0 and below 1"},
                   {0, -1, false, "--min_delta is -1, but must be at least 0 and finite"},
                   {0, INFINITY, false, "--min_delta is inf, but must be at least 0 and finite"}};
    for (size_t i = 0; i < N_ROWS(numbers); i++) {
        Settings s = usual(m);
        s.ema = numbers[i].ema, s.min_delta = numbers[i].min_delta, s.given[SET_ema] = numbers[i].given;
        expect_said(settings_check("e", &s), numbers[i].error);
    }
    nnrt_free(m);
}

static const struct {
    const char *early, *name, *progress, *time;
    int64_t patience;
    double seconds;
    const char *error;
} words[] = {
    {"", "", "", "", 0, 0, NULL},
    {"5", "", "bar", "90s", 5, 90, NULL},
    {"loss:3", "loss", "none", "", 3, 0, NULL},
    {"a:b:12", "a:b", "plain", "", 12, 0, NULL},
    {"loss:9007199254740992", "loss", "auto", "", (int64_t)1 << 53, 0, NULL},
    {"loss:9007199254740993", "", "", "", 0, 0, "--early-stop needs NAME:N, not \"loss:9007199254740993\""},
    {"loss:", "", "", "", 0, 0, "--early-stop needs NAME:N, not \"loss:\""},
    {"loss", "", "", "", 0, 0, "--early-stop needs NAME:N, not \"loss\""},
    {":5", "", "", "", 0, 0, "--early-stop needs NAME:N, not \":5\""},
    {"0", "", "", "", 0, 0, "--early-stop needs NAME:N, not \"0\""},
    {"5 ", "", "", "", 0, 0, "--early-stop needs NAME:N, not \"5 \""},
    {"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk:1", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk",
     "", "", 1, 0, NULL},
    {"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl:1", "", "", "", 0, 0,
     "--early-stop needs NAME:N, not \"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl:1\""},
    {"", "", "lines", "", 0, 0, "--progress is auto, bar, plain or none, not \"lines\""},
    {"", "", "", "10", 0, 0, "--max-time needs a time as 90s, 10min or 1h30m, not \"10\""},
};

Test(settings, words)
{
    nnrt *m = nnrt_new(&line_program, 0);
    for (size_t i = 0; i < N_ROWS(words); i++) {
        Settings s = usual(m);
        snprintf(s.early_stop, sizeof s.early_stop, "%s", words[i].early);
        snprintf(s.progress, sizeof s.progress, "%s", words[i].progress);
        snprintf(s.max_time, sizeof s.max_time, "%s", words[i].time);
        expect_said(settings_check("e", &s), words[i].error);
        if (words[i].error) continue;
        cr_expect_str_eq(s.decider, words[i].name);
        cr_expect(s.patience == words[i].patience && s.max_seconds == words[i].seconds, "row %zu", i);
    }
    nnrt_free(m);
}

/* What a C caller says of a run, member by member. */
Test(settings, of_a_caller)
{
    nnrt *m = nnrt_new(&line_program, 0);
    Settings s = usual(m), t = s;
    cr_expect(settings_from_run(&t, NULL) == NNRT_OK && memcmp(&s, &t, sizeof s) == 0);
    const nnrt_run none = {0};
    cr_expect(settings_from_run(&t, &none) == NNRT_OK && memcmp(&s, &t, sizeof s) == 0);
    s.steps = 9;
    const nnrt_run all = {
        .epochs = 3, .batch = 4, .log_every = 6, .seed = 7, .threads = 2, .shuffle = 1, .save = "a", .load = "b", .log = "c"};
    cr_assert_eq(settings_from_run(&s, &all), NNRT_OK);
    cr_expect(s.epochs == 3 && s.steps == 0 && s.batch == 4 && s.log_every == 6 && s.seed == 7 && s.threads == 2 && s.shuffle);
    cr_expect(s.given[SET_epochs] && !s.given[SET_steps] && s.given[SET_batch] && s.given[SET_log_every] && s.given[SET_seed]);
    cr_expect(s.given[SET_shuffle] && s.load_given && s.save_given && !s.resume[0]);
    cr_expect_str_eq(s.save, "a");
    cr_expect_str_eq(s.load, "b");
    cr_expect_str_eq(s.log, "c");
    const nnrt_run less = {.steps = 5, .shuffle = 2, .save = "none", .resume = "d", .log = "none"};
    s = usual(m);
    cr_assert_eq(settings_from_run(&s, &less), NNRT_OK);
    cr_expect(s.steps == 5 && s.given[SET_steps] && !s.given[SET_epochs] && !s.shuffle && s.given[SET_shuffle] && !s.load_given);
    cr_expect(!s.save[0] && !s.log[0] && s.save_given);
    cr_expect_str_eq(s.resume, "d");
    nnrt_free(m);
}

/* ---- texts, paths, blocks ---- */

Test(base, texts_and_paths)
{
    static char path[RT_PATH], longest[RT_PATH + 1];
    memset(longest, 'p', RT_PATH);
    longest[RT_PATH - 1] = 0;
    cr_expect_eq(rt_path(path, "%s", longest), NNRT_OK);
    cr_expect_str_eq(path, longest);
    longest[RT_PATH - 1] = 'p';
    cr_expect_eq(rt_path(path, "%s", longest), RT_SYSTEM);
    cr_expect(strstr(nnrt_error_text(), "ppp...: File name too long"), "%s", nnrt_error_text());
    cr_expect_eq(strlen(nnrt_error_text()), 60 + strlen("...: File name too long"));
    cr_expect(rt_fail_system(ENOMEM, "x") == NNRT_E_MEM && rt_fail_system(ENOENT, "x") == RT_SYSTEM);
    cr_expect(rt_public(RT_SYSTEM) == NNRT_E_IO && rt_public(RT_USAGE) == NNRT_E_RANGE && rt_public(NNRT_E_ABI) == NNRT_E_ABI);
    rt_fail(3, "behind\n");
    rt_error_prefix("%s %d: ", "before", 5);
    cr_expect_str_eq(nnrt_error_text(), "before 5: behind\\n");
    char text[8] = "ab";
    rt_append(text, sizeof text, "%s", "cdefghij");
    cr_expect_str_eq(text, "abcdefg");
    cr_expect_eq(rt_no_memory(), NNRT_E_MEM);
    cr_expect_str_eq(nnrt_error_text(), "out of memory");
    cr_expect_eq(rt_no_memory_for("a.csv"), NNRT_E_MEM);
    cr_expect_str_eq(nnrt_error_text(), "a.csv: out of memory");
    cr_expect_null(rt_room(SIZE_MAX / 2 + 1));
    cr_expect_str_eq(nnrt_error_text(), "out of memory (9223372036854775808 bytes)");
}

/* Blocks are aligned and zero; lists grow by one, whatever their elements. */
Test(base, blocks)
{
    for (size_t n = 0; n < 5000; n += 499) {
        unsigned char *at = rt_alloc(n);
        cr_assert(at && (uintptr_t)at % NNRT_ALIGN == 0);
        for (size_t i = 0; i < n; i++)
            cr_assert_eq(at[i], 0);
        memset(at, 1, n);
        rt_free(at);
    }
    void *block = NULL;
    size_t bytes = 0;
    cr_assert(rt_block_of(&block, &bytes, 10) == NNRT_OK && block && bytes == 10);
    void *before = block;
    cr_expect(rt_block_of(&block, &bytes, 10) == NNRT_OK && block == before && bytes == 10);
    cr_expect(rt_block_of(&block, &bytes, 9) == NNRT_OK && block == before && bytes == 10);
    cr_expect(rt_block_of(&block, &bytes, 11) == NNRT_OK && bytes == 11);
    rt_free(block);
    int64_t *list = NULL;
    for (int64_t n = 0; n < 1000; n++) {
        cr_assert(rt_more(&list, n, sizeof *list));
        list[n] = n;
    }
    for (int64_t n = 0; n < 1000; n++)
        cr_assert_eq(list[n], n);
    cr_expect(!rt_more(&list, (int64_t)1 << 60, sizeof *list) && list[999] == 999);
    free(list);
}

/* A file in memory holds what was put, in pieces of any size, with a 0 behind. */
Test(base, files_in_memory)
{
    static char all[20000];
    for (size_t piece = 1; piece < 3000; piece = 2 * piece + 1) {
        Memory m;
        cr_assert(memory_open(&m));
        size_t n = 0;
        for (; n + piece < sizeof all && n < 9000; n += piece) {
            memset(all + n, 'a' + (int)(n % 26), piece);
            fwrite(all + n, 1, piece, m.f);
            if (n % 5 == 0) cr_assert_eq(ftell(m.f), (long)(n + piece));
        }
        cr_assert_eq(memory_close(&m), NNRT_OK);
        cr_assert(m.n == n && memcmp(m.text, all, n) == 0 && m.text[n] == 0, "pieces of %zu", piece);
        free(m.text);
    }
    Memory none;
    cr_assert(memory_open(&none) && memory_close(&none) == NNRT_OK && none.n == 0 && none.text[0] == 0);
    free(none.text);
}

/* The names that there are: twelve of them, then how many; or the one that was meant. */
Test(base, names_that_there_are)
{
    static const char *const names[] = {"red",   "green", "blue", "cyan", "pink", "grey", "black",
                                        "white", "brown", "gold", "lime", "navy", "teal"};
    char text[400];
    cr_expect_str_eq(closest_text(text, sizeof text, "blu", names, 13), "; did you mean blue?");
    cr_expect_str_eq(closest_text(text, sizeof text, "ultramarine", names, 3), "; there are red, green, blue");
    cr_expect_str_eq(closest_text(text, sizeof text, "ultramarine", names, 12),
                     "; there are red, green, blue, cyan, pink, grey, black, white, brown, gold, lime, navy");
    cr_expect_str_eq(closest_text(text, sizeof text, "ultramarine", names, 13),
                     "; there are red, green, blue, cyan, pink, grey, black, white, brown, gold, lime, navy, ... (13)");
    cr_expect_str_eq(closest_text(text, sizeof text, "ultramarine", names, 0), "");
}

/* ---- files ---- */

static void expect_file(const char *path, const char *text)
{
    static char found[100000];
    size_t n = read_whole(path, found, sizeof found - 1);
    found[n] = 0;
    cr_expect_str_eq(found, text, "%s: %s", path, found);
}

/* Written as a whole or not at all, also behind links; modes stay, and temporaries go. */
Test(store, wholes)
{
    static Store s;
    enter_folder();
    cr_assert_eq(store_file("a", "cannot write", "one", 3), NNRT_OK);
    cr_assert(chmod("a", 0640) == 0 && symlink("a", "link") == 0 && mkdir("d", 0777) == 0 && symlink("../a", "d/up") == 0);
    cr_assert_eq(store_file("link", "cannot write", "two", 3), NNRT_OK);
    expect_file("a", "two");
    cr_assert_eq(store_file("d/up", "cannot write", "three", 5), NNRT_OK);
    expect_file("a", "three");
    struct stat st;
    cr_expect(lstat("link", &st) == 0 && S_ISLNK(st.st_mode) && stat("a", &st) == 0 && (st.st_mode & 07777) == 0640);
    cr_assert_eq(store_begin(&s, "a", "cannot write", false), NNRT_OK);
    store_put(&s, "lost", 4);
    cr_expect_eq(access("a.nnc.tmp", F_OK), 0);
    cr_expect_eq(store_end(&s, NNRT_E_RANGE), NNRT_E_RANGE);
    cr_expect_neq(access("a.nnc.tmp", F_OK), 0);
    cr_assert_eq(store_begin(&s, "a", "cannot write", false), NNRT_OK);
    store_put(&s, "tried", 5);
    cr_expect_eq(store_try(&s, NNRT_OK), NNRT_OK);
    cr_expect_neq(access("a.nnc.tmp", F_OK), 0);
    expect_file("a", "three");
    write_file("a.nnc.tmp", "left", 4);
    store_clean("link");
    cr_expect_neq(access("a.nnc.tmp", F_OK), 0);
    cr_expect_eq(store_file("d", "cannot write", "x", 1), RT_SYSTEM);
    cr_expect_str_eq(nnrt_error_text(), "d: cannot write: Is a directory");
    cr_expect_eq(store_file("new/", "cannot write", "x", 1), RT_SYSTEM);
    cr_expect_eq(store_file("none/a", "cannot write", "x", 1), RT_SYSTEM);
    cr_expect_str_eq(nnrt_error_text(), "none/a: cannot write: No such file or directory");
    cr_assert_eq(symlink("round", "round"), 0);
    cr_expect_eq(store_file("round", "cannot write", "x", 1), RT_SYSTEM);
    cr_expect_str_eq(nnrt_error_text(), "round: cannot write: Too many levels of symbolic links");
    char *text = NULL;
    size_t n = 9;
    cr_expect(store_text("d", true, &text, &n) == EISDIR && store_text("none", true, &text, &n) == ENOENT && !text);
    cr_expect(store_text("a", false, &text, &n) == 0 && n == 5);
    cr_expect_str_eq(text, "three");
    free(text);
}

/* Pieces around the size of the buffer, in one order. */
Test(store, pieces_of_any_size)
{
    static Store s;
    static char all[100000], found[100001];
    enter_folder();
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (char)('a' + i * 7 % 26);
    static const size_t pieces[] = {0, 1, 16383, 1, 16384, 16385, 3, 16384, 30000, 2, 0};
    size_t n = 0;
    cr_assert_eq(store_begin(&s, "p", "cannot write", false), NNRT_OK);
    for (size_t i = 0; i < N_ROWS(pieces); n += pieces[i++])
        store_put(&s, all + n, pieces[i]);
    cr_assert_eq(store_end(&s, NNRT_OK), NNRT_OK);
    cr_assert(read_whole("p", found, sizeof found) == n && memcmp(found, all, n) == 0);
    int fd = store_open("p", 0);
    char some[10];
    cr_expect(fd >= 0 && store_read_at(fd, some, 10, n - 10) == 0 && memcmp(some, all + n - 10, 10) == 0);
    cr_expect_eq(store_read_at(fd, some, 10, n - 9), -1);
    close(fd);
}

/* Dates as the system's, from 1970 to 2500, at the ends of days and years too. */
Test(configuration, times)
{
    uint64_t random = 1;
    for (int i = 0; i < 20000; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        int64_t seconds = i % 2 ? (int64_t)(random >> 30) : (int64_t)(random >> 30) / 86400 * 86400 - i % 3;
        if (i < 4) seconds = i;
        if (i >= 4 && i < 600) seconds = (i - 4) * INT64_C(31556952) / 86400 * 86400 + i % 5 * 86400;
        char want[40], got[40] = "";
        struct tm date;
        strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&(time_t){seconds}, &date));
        FILE *f = fmemopen(got, sizeof got, "w");
        put_time(f, seconds);
        fclose(f);
        cr_assert_str_eq(got, want, "%lld", (long long)seconds);
    }
}

/* An event is the file in a line: what stands in texts stays. */
Test(configuration, events)
{
    enter_folder();
    cr_assert(freopen("out", "w", stdout));
    put_event("{\"a b\": \"c \\\" d\\\\\",\n  \"e\": [1, 2]}\n");
    expect_file("out", "{\"a b\":\"c \\\" d\\\\\",\"e\":[1,2]}\n");
}

/* ---- what a checkpoint says of its run ---- */

static const char began[] = "{\"batch\":32,\"epochs\":3,\"steps\":0,\"accumulate\":1,\"shards\":1,\"seed\":0,\"shuffle\":true,\"ema\":0,"
                            "\"on\":\"train\",\"log_every\":5,\"validate\":\"\",\"validate_every\":0,\"patience\":0,\"early_stop\":\"\","
                            "\"min_delta\":0,\"decides\":\"test.loss\",\"options\":{\"lr\":\"0.1\",\"file\":\"line.csv\"}}";

static void save_run(nnrt *m, const char *run)
{
    const Progress at = {.entry = 0, .step = 4, .steps = 9, .run = run};
    cr_assert(rt_area(m, 0));
    cr_assert_eq(weights_save(m, "c", 0, &at), NNRT_OK, "%s", nnrt_error_text());
}

static Settings resumed(nnrt *m)
{
    Settings s = usual(m);
    snprintf(s.resume, sizeof s.resume, "c");
    return s;
}

static const struct {
    const char *run, *error;
} damaged[] = {
    {"{}", NULL},
    {"{\"batch\":", "c: its run cannot be read: unfinished"},
    {"{\"batch\":\"32\"}", "c: \"batch\" of its run cannot be read"},
    {"{\"batch\":1.5}", "c: \"batch\" of its run cannot be read"},
    {"{\"shuffle\":1}", "c: \"shuffle\" of its run cannot be read"},
    {"{\"ema\":true}", "c: \"ema\" of its run cannot be read"},
    {"{\"on\":7}", "c: \"on\" of its run cannot be read"},
    {"{\"on\":\"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl\"}", "c: \"on\" of its run cannot be read"},
    {"{\"on\":\"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk\"}", NULL},
    {"{\"keep\":\"what is never read\"}", NULL},
    {"{\"options\":{\"lr\":\"x\"}}", "c: its run has \"x\" for lr, which is no float"},
    {"{\"options\":{\"lr\":\"\"}}", "c: its run has \"\" for lr, which is no float"},
    {"{\"options\":{\"lr\":\"true\"}}", "c: its run has \"true\" for lr, which is no float"},
    {"{\"options\":{\"lr\":\"1e39\"}}", "c: its run has \"1e39\" for lr, which is no float"},
    {"{\"options\":{\"lr\":\"0.5\",\"other\":\"1\"}}", NULL},
    {"{\"options\":{\"lr\":7}}", "c: \"lr\" of its run cannot be read"},
};

Test(resume, damaged_runs)
{
    enter_folder();
    for (size_t i = 0; i < N_ROWS(damaged); i++) {
        nnrt *m = nnrt_new(&line_program, 0);
        Settings s = resumed(m);
        save_run(m, damaged[i].run);
        expect_said(resume_settings(m, &s), damaged[i].error);
        nnrt_free(m);
    }
}

/* What is written is what was set; what is read is that again, unless it is given and may be. */
Test(resume, settings)
{
    enter_folder();
    nnrt *m = nnrt_new(&line_program, 0);
    Settings s = usual(m);
    char *text = resume_text(m, &s, "test.loss");
    cr_expect_str_eq(text, began);
    free(text);
    save_run(
        m, "{\"batch\":8,\"epochs\":4,\"steps\":17,\"seed\":-9007199254740993,\"shuffle\":false,\"ema\":0.25,\"on\":\"test\","
           "\"log_every\":3,\"early_stop\":\"loss:2\",\"min_delta\":0.5,\"decides\":\"x.y\",\"options\":{\"lr\":\"0.5\",\"file\":\"f\"}}");
    s = resumed(m);
    cr_assert_eq(resume_settings(m, &s), NNRT_OK, "%s", nnrt_error_text());
    cr_expect(s.batch == 8 && s.epochs == 4 && s.steps == 17 && s.seed == -9007199254740993 && !s.shuffle && s.ema == 0.25);
    cr_expect(s.log_every == 3 && s.min_delta == 0.5 && s.accumulate == 1);
    cr_expect_str_eq(s.part, "test");
    cr_expect_str_eq(s.early_stop, "loss:2");
    cr_expect_str_eq(s.decides, "x.y");
    cr_expect_str_eq(s.save, "c");
    const LineOptions *options = m->options;
    cr_expect(options->lr == 0.5f && strcmp(options->file, "f") == 0);
    nnrt_free(m);

    m = nnrt_new(&line_program, 0);
    s = resumed(m);
    s.epochs = 5, s.given[SET_epochs] = true, s.log_every = 7, s.given[SET_log_every] = true, s.batch = 8, s.given[SET_batch] = true;
    s.save_given = true, snprintf(s.save, sizeof s.save, "d");
    cr_assert_eq(resume_settings(m, &s), NNRT_OK, "%s", nnrt_error_text());
    cr_expect(s.epochs == 5 && s.steps == 0 && s.log_every == 7 && s.batch == 8 && s.min_delta == 0.5);
    cr_expect_str_eq(s.save, "d");
    s = resumed(m);
    s.batch = 9, s.given[SET_batch] = true;
    expect_said(resume_settings(m, &s),
                "batch is 9, but the run of c has 8: --resume goes on as it began; --load c takes its weights for another run");
    s = resumed(m), s.load_given = true;
    expect_said(resume_settings(m, &s), "--resume c has the weights; --load does not go with it");
    s = resumed(m), s.init_given = true;
    expect_said(resume_settings(m, &s), "--resume c has the weights; --init does not go with it");
    nnrt_free(m);

    m = nnrt_new(&line_program, 0);
    s = resumed(m);
    ((LineOptions *)m->options)->lr = 0.75f; /* by a C caller */
    expect_said(resume_settings(m, &s),
                "lr is 0.75, but the run of c has 0.5: --resume goes on as it began; --load c takes its weights for another run");
    nnrt_free(m);
}
