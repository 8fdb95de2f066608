/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_runtime_run.c: runs, checkpoints and the command line, on a program made by hand. */
#include "runtime_help.h"

#include <math.h>

#include <signal.h>
#include <sys/wait.h>

#include "dataset/loader.h"
#include "model/call.h"
#include "model/weights_load.h"
#include "run/progress.h"

static float weight(nnrt *m, const char *name)
{
    nnrt_tensor t;
    cr_assert_eq(nnrt_get_tensor(m, name, &t), NNRT_OK);
    return *(float *)t.data;
}

Test(run, fit_finds_the_line)
{
    enter_folder();
    nnrt *m = nnrt_new(&line_program, 1);
    struct {
        double loss;
        int64_t examples;
    } r;
    nnrt_run run = {.epochs = 200, .save = "a.safetensors", .log = "none"};
    cr_assert_eq(nnrt_fit(m, 0, &run, line_readers, &r), NNRT_OK, "%s", nnrt_error_text());
    cr_assert_lt(r.loss, 1e-6);
    cr_assert_eq(r.examples, 80);
    cr_assert_float_eq(weight(m, "line.w"), 2, 1e-3);
    cr_assert_float_eq(weight(m, "line.b"), -1, 1e-3);
    cr_assert_eq(nnrt_evaluate(m, 1, NULL, line_readers, &r), NNRT_OK, "%s", nnrt_error_text());
    cr_assert_eq(r.examples, 20);
    nnrt *other = nnrt_new(&line_program, 2);
    cr_assert_eq(nnrt_load(other, "a.safetensors"), NNRT_OK, "%s", nnrt_error_text());
    cr_assert_eq(weight(other, "line.w"), weight(m, "line.w"));
    float x[3] = {0, 1, 2}, y[3];
    cr_assert_eq(nnrt_call_export(other, 2, 0, (int64_t[]){3}, (void *[]){x, y}), NNRT_OK);
    cr_assert_float_eq(y[2], 3, 1e-2);
    nnrt_free(m);
    nnrt_free(other);
}

/* Stopped after any number of updates and resumed: the same checkpoint and the same logs, byte for
 * byte (but for the seconds). */
static size_t log_without_seconds(const char *path, char *out, size_t room)
{
    size_t n = read_whole(path, out, room), k = 0;
    for (size_t i = 0; i < n;) {
        if (i + 10 < n && memcmp(out + i, "\"seconds\":", 10) == 0)
            while (i < n && out[i] != ',')
                i++;
        out[k++] = out[i++];
    }
    return k;
}

Test(run, resume_gives_the_same_bits)
{
    static char a[8192], b[8192], la[65536], lb[65536];
    enter_folder();
    nnrt *m = nnrt_new(&line_program, 0);
    Settings s;
    settings_from_head(m, 0, &s);
    s.quiet = true;
    s.steps = 8;
    snprintf(s.save, sizeof s.save, "whole");
    snprintf(s.log, sizeof s.log, "whole");
    cr_assert_eq(run_fit(m, 0, &s, line_readers, NULL), NNRT_OK, "%s", nnrt_error_text());
    size_t na = read_whole("whole", a, sizeof a), nla = log_without_seconds("whole.fit.jsonl", la, sizeof la);
    nnrt_free(m);
    for (int stop = 1; stop < 8; stop++) {
        Settings part = s;
        snprintf(part.save, sizeof part.save, "part");
        snprintf(part.log, sizeof part.log, "part");
        part.save_every = stop;
        pid_t child = fork();
        if (child == 0) { /* dies without warning after some updates */
            nnrt *w = nnrt_new(&line_program, 0);
            part.steps = 8;
            part.line = NULL;
            Settings cut = part;
            cut.steps = 8;
            alarm(20);
            run_fit(w, 0, &cut, line_readers, NULL);
            _exit(0);
        }
        int status = 0;
        cr_assert(child > 0);
        usleep((useconds_t)(2000 * stop));
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        nnrt *w = nnrt_new(&line_program, 0);
        if (access("part", R_OK) == 0) snprintf(part.resume, sizeof part.resume, "part");
        cr_assert_eq(run_fit(w, 0, &part, line_readers, NULL), NNRT_OK, "%s", nnrt_error_text());
        size_t nb = read_whole("part", b, sizeof b), nlb = log_without_seconds("part.fit.jsonl", lb, sizeof lb);
        cr_assert(na == nb && memcmp(a, b, na) == 0, "stopped near %d", stop);
        cr_assert(nla == nlb && memcmp(la, lb, nla) == 0, "logs after a stop near %d", stop);
        nnrt_free(w);
        unlink("part");
    }
}

Test(run, groups_are_one_large_batch)
{
    enter_folder();
    nnrt *a = nnrt_new(&line_program, 3), *b = nnrt_new(&line_program, 3);
    Settings s;
    settings_from_head(a, 0, &s);
    s.save[0] = s.log[0] = 0;
    s.quiet = true, s.shuffle = false, s.batch = 80, s.epochs = 2;
    cr_assert_eq(run_fit(a, 0, &s, line_readers, NULL), NNRT_OK);
    s.batch = 20, s.accumulate = 4;
    cr_assert_eq(run_fit(b, 0, &s, line_readers, NULL), NNRT_OK);
    cr_assert_float_eq(weight(a, "line.w"), weight(b, "line.w"), 1e-6);
    cr_assert_eq(((nnrt_train *)rt_area(b, 0))->step, 2);
    nnrt_free(a);
    nnrt_free(b);
}

Test(run, program_of_another_version)
{
    nnrt_program other = line_program;
    other.abi++;
    cr_assert_null(nnrt_new(&other, 1));
    cr_assert(strstr(nnrt_error_text(), "compiled by an nnc with ABI"), "%s", nnrt_error_text());
}

Test(run, nan_stops_and_says_where)
{
    enter_folder();
    cr_assert_eq(command("fit --epochs 50 --lr 1e30 --quiet --log none"), 4);
    cr_assert(strstr(nnrt_error_text(), "loss is not finite"));
}

Test(run, gradient_that_is_not_finite_is_found_before_the_update)
{
    nnrt *m = nnrt_new(&line_program, 0);
    float *w = (float *)(void *)((char *)m->model + 64);
    float x[1] = {2}, y[1] = {0};
    void *args[2] = {x, y}, *area = rt_area(m, 0);
    _Alignas(64) char work[4096];
    int64_t sizes[1] = {1};
    nnrt_call call = {.size = sizeof call, .work = work, .work_bytes = sizeof work, .options = m->options};
    w[0] = 1e38f, w[16] = 1; /* the loss is a double, the gradient is not */
    cr_assert_eq(line_program.core->call(&line_program, &fit_entry, m->model, area, &call, sizes, args), NNRT_E_NUMERIC);
    cr_assert_eq(call.error.argument, 0);
    cr_assert_eq(call.error.given, NNRT_GRADIENT);
    cr_assert_eq(call.error.axis, 0, "line.w is the first of them");
    cr_assert(w[0] == 1e38f && w[16] == 1);
    cr_assert_eq(*(int64_t *)(void *)((char *)area + 64), 0, "no update is counted");
    cr_assert_eq(((nnrt_train *)area)->step, 0);
    nnrt_free(m);
}

Test(run, average_of_weights_is_used_by_evaluations)
{
    enter_folder();
    cr_assert_eq(command("fit --epochs 2 --ema 0.99 --quiet --log none --save e"), 0);
    nnrt *m = nnrt_new(&line_program, 0);
    cr_assert_eq(weights_load(m, "e", false, -1), NNRT_OK);
    float averaged = weight(m, "line.b");
    m->ema = rt_alloc(128);
    cr_assert_eq(weights_load(m, "e", false, -1), NNRT_OK);
    cr_assert_lt(fabsf(averaged), fabsf(weight(m, "line.b")));
    cr_assert_eq(((float *)m->ema)[16], averaged);
    nnrt_free(m);
}

/* ---- checkpoints
 * -------------------------------------------------------------------------------------------- */

Test(weights, no_prefix_and_no_flipped_bit_is_taken)
{
    static char good[8192], bad[8192];
    enter_folder();
    cr_assert_eq(command("fit --epochs 2 --quiet --log none --save c"), 0);
    size_t n = read_whole("c", good, sizeof good);
    cr_assert_gt(n, 500);
    nnrt *right = nnrt_new(&line_program, 0);
    cr_assert_eq(weights_load(right, "c", false, -1), NNRT_OK);
    float w = weight(right, "line.w"), b = weight(right, "line.b");
    for (size_t cut = 0; cut < n; cut++) {
        write_file("damaged", good, cut);
        nnrt *m = nnrt_new(&line_program, 0);
        cr_assert_neq(weights_load(m, "damaged", false, -1), NNRT_OK, "cut at %zu", cut);
        cr_assert(strstr(nnrt_error_text(), "damaged"), "cut at %zu: %s", cut, nnrt_error_text());
        nnrt_free(m);
    }
    for (size_t at = 0; at < n; at++) {
        memcpy(bad, good, n);
        bad[at] ^= (char)(1 << at % 8);
        write_file("damaged", bad, n);
        nnrt *m = nnrt_new(&line_program, 0);
        float old = weight(m, "line.w");
        int code = weights_load(m, "damaged", false, -1);
        cr_assert(!code || strstr(nnrt_error_text(), "damaged"), "%s", nnrt_error_text());
        if (code)
            cr_assert_eq(weight(m, "line.w"), old, "byte %zu: refused, but something was stored", at);
        else
            cr_assert(weight(m, "line.w") == w && weight(m, "line.b") == b, "byte %zu", at);
        nnrt_free(m);
    }
    nnrt_free(right);
}

static void try_header(const char *header, size_t data)
{
    char file[2048] = {0};
    size_t n = strlen(header);
    for (int i = 0; i < 8; i++)
        file[i] = (char)(n >> (8 * i));
    memcpy(file + 8, header, n);
    write_file("h", file, 8 + n + data);
    nnrt *m = nnrt_new(&line_program, 0);
    cr_assert_neq(weights_load(m, "h", false, -1), NNRT_OK, "%s", header);
    nnrt_free(m);
}

Test(weights, hostile_headers)
{
    enter_folder();
    try_header("", 0);
    try_header("{", 0);
    try_header("[]", 0);
    try_header("{}", 0);
    try_header("{\"line.w\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},\"line.b\":{"
               "\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}",
               8);
    try_header("{\"line.w\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},\"line.b\":{"
               "\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]}}",
               12);
    try_header("{\"line.w\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,4],\"data_offsets\":["
               "0,4]},\"line.b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[4,8]}}",
               8);
    try_header("{\"line.w\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[-4,0]},\"line.b\":{"
               "\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}",
               8);
    try_header("{\"line.w\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},\"line.w\":{"
               "\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[4,8]}}",
               8);
    try_header("{\"line.w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"line.b\":{"
               "\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[4,8]}}",
               8);
    cr_assert(strstr(nnrt_error_text(), "line.w is [1] but this program has []"), "%s", nnrt_error_text());
    char deep[600];
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = 0;
    try_header(deep, 0);
}

Test(weights, precision_is_converted)
{
    enter_folder();
    static const char header[] = "{\"line.w\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,8]},\"line.b\":{\"dtype\":"
                                 "\"F32\",\"shape\":[],\"data_offsets\":[8,12]}}";
    char file[400] = {0};
    double w = 1.5;
    float b = 2.5f;
    size_t n = sizeof header - 1;
    file[0] = (char)n;
    memcpy(file + 8, header, n);
    memcpy(file + 8 + n, &w, 8);
    memcpy(file + 16 + n, &b, 4);
    write_file("f", file, 20 + n);
    nnrt *m = nnrt_new(&line_program, 0);
    cr_assert_eq(nnrt_load(m, "f"), NNRT_OK, "%s", nnrt_error_text());
    cr_assert(weight(m, "line.w") == 1.5f && weight(m, "line.b") == 2.5f);
    nnrt_free(m);
}

/* ---- the command line
 * ------------------------------------------------------------------------------------------ */

/* What fits on a line: whole fields, or a part of the first. */
Test(meter, fits_into_columns)
{
    static const struct {
        const char *text;
        int columns;
        const char *fits;
    } rows[] = {{"step 1/2, loss 0.5, left 0:01", 80, "step 1/2, loss 0.5, left 0:01"},
                {"step 1/2, loss 0.5, left 0:01", 29, "step 1/2, loss 0.5, left 0:01"},
                {"step 1/2, loss 0.5, left 0:01", 28, "step 1/2, loss 0.5"},
                {"step 1/2, loss 0.5, left 0:01", 18, "step 1/2, loss 0.5"},
                {"step 1/2, loss 0.5, left 0:01", 17, "step 1/2"},
                {"step 1/2, loss 0.5, left 0:01", 9, "step 1/2"},
                {"step 1/2, loss 0.5, left 0:01", 7, "step 1/"},
                {"step 1/2", 0, ""},
                {"step 1/2", -1, ""},
                {"", 5, ""},
                {"größe 1", 7, "größe 1"},
                {"größe 1", 4, "größ"},
                {"\xe5\xad\xa6\xe5\xad\xa6 1", 6, "\xe5\xad\xa6\xe5\xad\xa6 1"}, /* two columns each */
                {"\xe5\xad\xa6\xe5\xad\xa6 1", 3, "\xe5\xad\xa6"},
                {"a\xff"
                 "b",
                 9,
                 "a\xff"
                 "b"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = meter_fit(rows[i].text, rows[i].columns);
        cr_expect(n == strlen(rows[i].fits) && memcmp(rows[i].text, rows[i].fits, n) == 0, "%s in %d columns: %zu bytes", rows[i].text,
                  rows[i].columns, n);
    }
}

Test(meter, tells_time)
{
    static const struct {
        double seconds;
        const char *text;
    } rows[] = {{0, ", left 0:00"},
                {59.4, ", left 0:59"},
                {59.6, ", left 1:00"},
                {3599, ", left 59:59"},
                {3600, ", left 1:00:00"},
                {359999, ", left 99:59:59"},
                {360000, ", left 4d 04h"},
                {-1, ""},
                {NAN, ""},
                {INFINITY, ""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[64] = "";
        FILE *f = fmemopen(text, sizeof text, "w");
        meter_put_left(f, rows[i].seconds);
        fclose(f);
        cr_expect_str_eq(text, rows[i].text);
    }
}

/* Examples of the last seconds, without the time of validations. */
Test(meter, tells_speed)
{
    Settings s = {0};
    Meter meter;
    char text[64] = "";
    meter_start(&meter, &s);
    meter_begin(&meter);
    meter_count(&meter, 6400000);
    meter.mark[0].at -= 1000, meter.mark[1].at -= 1000;
    meter_rest(&meter, 936);
    FILE *f = fmemopen(text, sizeof text, "w");
    meter_put_speed(f, &meter);
    fclose(f);
    double speed = strtod(text + 2, NULL);
    cr_expect(speed > 99000 && speed <= 100000 && strstr(text, " examples/s"), "%s", text);
}

Test(cli, statuses)
{
    enter_folder();
    cr_assert_eq(command("fit --epochs 3 --quiet"), 0);
    cr_assert_eq(access("line.safetensors", R_OK), 0);
    cr_assert_eq(access("line.best.safetensors", R_OK), 0);
    cr_assert_eq(access("line.fit.csv", R_OK), 0);
    cr_assert_eq(command("test"), 0);
    cr_assert_eq(command("train fit --steps 2 --quiet --save=none --log=none"), 0);
    cr_assert_eq(command("predict --x line.csv"), 1); /* two columns */
    cr_assert_eq(command("fit --epochz 3"), 2);
    cr_assert(strstr(nnrt_error_text(), "--epochs"));
    cr_assert_eq(command("fot"), 2);
    cr_assert_eq(command("fit --batch 0"), 2);
    cr_assert_eq(command("fit --batch x"), 2);
    cr_assert_eq(command("fit --epochs"), 2);
    cr_assert_eq(command("fit --file none.csv"), 3);
    cr_assert_eq(command("test --load none"), 3);
    cr_assert_eq(command("fit --save none/a/b --quiet"), 3);
    cr_assert_eq(command("help"), 0);
    cr_assert_eq(command("info --json"), 0);
    cr_assert_eq(command("summary"), 0);
    cr_assert_eq(command("graph"), 0);
    cr_assert_eq(command("check-data"), 0);
    cr_assert_eq(command("gradcheck"), 2);
}

Test(cli, exports_read_and_write_files)
{
    enter_folder();
    cr_assert_eq(command("fit --epochs 200 --quiet --log none"), 0);
    write_file("x.csv", "0\n1\n2\n", 6);
    cr_assert_eq(command("predict --x x.csv --out y.npy"), 0);
    cr_assert_eq(command("predict --x y.npy --out z.csv"), 0);
    char text[200] = "";
    read_whole("z.csv", text, sizeof text - 1);
    float a = 0, b = 0, c = 0;
    cr_assert_eq(sscanf(text, "%f %f %f", &a, &b, &c), 3);
    cr_assert_float_eq(c, 5, 0.02);
}
