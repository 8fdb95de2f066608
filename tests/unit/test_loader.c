/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_loader.c: batches filled ahead by a thread, and by several, are those that the caller would fill, in order; errors come where they
 * belong; when a thread pays; bytes along a line, by every kind of vectors. */
#include "dataset/loader.c"

#include "reader_help.h"

#include "dataset/line.h"
#include "rows.h"

enum { ROWS = 50, BATCH = 7, BATCHES = 8 };

static void write_rows(int bad) /* number `bad` is none that the field takes */
{
    FILE *f = fopen("line.csv", "w");
    for (int i = 0; i < ROWS; i++)
        fprintf(f, "%s,%d\n", i == bad ? "1e30" : "0", i);
    fclose(f);
}

static nnrt *open_rows(nnrt_program *program, Dataset **d)
{
    static char text[8000];
    const char *at = strstr(line_manifest, "\"elem\":\"float\""); /* of x: integers */
    snprintf(text, sizeof text, "%.*s\"elem\":\"int\"%s", (int)(at - line_manifest), line_manifest, at + 14);
    *program = line_program;
    program->manifest = text;
    nnrt *m = nnrt_new(program, 0);
    cr_assert(m && dataset_open(m, 0, line_readers, d) == 0, "%s", nnrt_error_text());
    return m;
}

static Loader *open_loader(Dataset *d, bool shuffle)
{
    Loader *l = NULL;
    LoaderSpec spec = {.part = "all", .batch = BATCH, .shuffle = shuffle, .seed = 9};
    cr_assert_eq(loader_open(d, &spec, &l), 0, "%s", nnrt_error_text());
    cr_assert_eq(loader_batches(l), BATCHES);
    return l;
}

/* From now on a thread fills, with helpers if the caller is so much faster. */
static void go_ahead(Loader *l, int free_ones, double fill_seconds)
{
    l->free = free_ones, l->fill_seconds = fill_seconds, l->step_seconds = 1e-6;
    start_thread(l);
    cr_assert(l->ahead && (l->crew != NULL) == (free_ones > 1 && fill_seconds > 1e-6) && l->n_slots == SLOTS);
}

Test(loader, a_thread_fills_the_same_batches)
{
    nnrt_program program;
    Dataset *d = NULL;
    enter_folder();
    write_rows(-1);
    nnrt *m = open_rows(&program, &d);
    for (int way = 0; way < 4; way++) {
        Loader *here = open_loader(d, true), *ahead = open_loader(d, true);
        here->spec.shuffle = ahead->spec.shuffle = true;
        for (int i = 0; i < 3 * BATCHES + 2; i++) {
            Batch *a = NULL, *b = NULL;
            here->seen = 0; /* it stays with the caller */
            if (i == 2) go_ahead(ahead, 1 + way, way > 1 ? 1e-3 : 1e-9);
            if (i == 11 && way % 2) { /* elsewhere, and on from there */
                cr_assert(loader_seek(here, 5, 3) == 0 && loader_seek(ahead, 5, 3) == 0 && !ahead->ahead);
                go_ahead(ahead, 1 + way, 1e-3);
            }
            cr_assert(loader_next(here, &a) == 0 && loader_next(ahead, &b) == 0, "%s", nnrt_error_text());
            cr_assert(a->n == b->n && a->of == b->of && memcmp(a->ids, b->ids, 8 * (size_t)a->n) == 0, "way %d, batch %d", way, i);
            cr_assert(memcmp(a->arg[1], b->arg[1], 4 * (size_t)a->n) == 0);
            for (int64_t k = 0; k < a->n; k++)
                cr_assert_eq(((float *)a->arg[1])[k], (float)((int64_t *)a->ids)[k]);
        }
        loader_close(here), loader_close(ahead);
    }
    dataset_close(d), nnrt_free(m);
}

Test(loader, errors_come_where_they_belong)
{
    nnrt_program program;
    Dataset *d = NULL;
    enter_folder();
    write_rows(30);
    nnrt *m = open_rows(&program, &d);
    for (int way = 0; way < 2; way++) {
        Loader *l = open_loader(d, false);
        Batch *b = NULL;
        for (int i = 0; i < 30 / BATCH; i++) {
            if (i == 1 && way) go_ahead(l, 1, 1e-9);
            cr_assert_eq(loader_next(l, &b), 0);
        }
        cr_assert_eq(loader_next(l, &b), NNRT_E_RANGE);
        cr_assert(strstr(nnrt_error_text(), "line.csv:31"), "%s", nnrt_error_text());
        loader_close(l);
    }
    dataset_close(d), nnrt_free(m);
}

static const struct {
    int free, seen;
    double fill, step;
    bool pays;
} times[] = {
    {1, TRIALS, 30e-6, 30e-6, true},   {0, TRIALS, 30e-6, 30e-6, false}, {1, TRIALS - 1, 30e-6, 30e-6, false},
    {1, TRIALS, 19e-6, 30e-6, false},  {1, TRIALS, 30e-6, 19e-6, false}, {1, TRIALS, 19e-6, 300e-6, true},
    {1, TRIALS, 19e-6, 190e-6, false}, {1, TRIALS, 4e-6, 300e-6, false}, {1, TRIALS, 6e-6, 500e-6, true},
    {1, TRIALS, 6e-6, 700e-6, false},  {1, TRIALS, 1, 1e-9, false},      {3, TRIALS, 1, 1, true},
};

Test(loader, when_a_thread_pays)
{
    for (size_t i = 0; i < N_ROWS(times); i++) {
        Loader l = {.free = times[i].free, .seen = times[i].seen, .fill_seconds = times[i].fill, .step_seconds = times[i].step};
        cr_expect_eq(thread_pays(&l), times[i].pays, "row %zu", i);
    }
    double mean = 0;
    note(&mean, 0, 4), note(&mean, 1, 8);
    cr_expect_eq(mean, 6);
    note(&mean, 2, 12);
    cr_expect_eq(mean, 8);
    note(&mean, 3, 1000); /* counts as twice the mean */
    cr_expect_eq(mean, 10);
    note(&mean, 4, 5);
    cr_expect_eq(mean, 9);
}

/* ---- bytes along a line ---- */

static const struct {
    float over, add; /* byte / over + add */
    bool found;
    float also; /* what byte 200 is instead; 0: as it should */
} lines[] = {{255, 0, true, 0},  {127.5f, -1, true, 0}, {1, 0, true, 0},        {1, -128, true, 0},
             {-255, 1, true, 0}, {255, 0, false, 0.5f}, {127.5f, -1, false, 3}, {0.7f, 0, false, 0}};

static void expect_line(float over, float add)
{
    unsigned char bytes[70];
    float got[71];
    LineVectors best = line_vectors(&line_program);
    for (int i = 0; i < 70; i++)
        bytes[i] = (unsigned char)(i * 37 + 250);
    for (int way = LINE_SLOW; way <= (int)best; way++)
        for (int64_t n = 0; n <= 70; n++) {
            got[n] = -77;
            line_take((LineVectors)way, bytes, n, over, add, got);
            cr_assert_eq(got[n], -77);
            for (int64_t k = 0; k < n; k++)
                cr_assert_eq(got[k], (float)bytes[k] / over + add, "way %d, %d of %d", way, (int)k, (int)n);
        }
}

Test(line, is_found_and_followed)
{
    for (size_t i = 0; i < N_ROWS(lines); i++) {
        float value[256], over = 0, add = 0;
        for (int k = 0; k < 256; k++)
            value[k] = (float)k / lines[i].over + lines[i].add;
        if (lines[i].also != 0) value[200] = lines[i].also;
        cr_expect_eq(line_find(value, &over, &add), lines[i].found, "row %zu: over %g, add %g", i, (double)over, (double)add);
        if (lines[i].found) cr_expect(over == lines[i].over && add == lines[i].add, "row %zu: %g, %g", i, (double)over, (double)add);
        expect_line(lines[i].over, lines[i].add);
    }
    float same[256] = {0}, over, add;
    cr_expect(!line_find(same, &over, &add));
}
