/* links: nnrt */
/* SPDX-License-Identifier: MIT
 * test_even_rows.c: rows that are copied without asking their source for each. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "dataset/even_rows.h"
#include "dataset/table.h"

enum { ROWS = 300, MAIN = 200, MOST_EACH = 700 };

static Dataset d = {.n = {MAIN, ROWS - MAIN}};
static DataField f;
static float numbers[ROWS + 2][MOST_EACH];
static int64_t ids[ROWS];

/* Rows of `each` numbers that begin `apart` numbers from each other; the second source goes on where the first one ends. */
static void field(int type, int dtype, int64_t each, int64_t apart, int64_t bound, size_t width, const void *at)
{
    f = (DataField){
        .dtype = dtype, .rank = 1, .dim = {each}, .bound = bound, .length_of = -1, .expr = -1, .present_of = -1, .n_readers = 1};
    for (int which = 0; which < 2; which++)
        f.source[which][0].even = (EvenRows){(const char *)at + (size_t)(which * MAIN * apart) * width, apart * (int64_t)width, each, type};
}

static void draw_ids(void)
{
    for (int i = 0; i < ROWS; i++)
        ids[i] = (i * 77 + 13) % ROWS;
}

static void fill_numbers(void)
{
    float *at = &numbers[0][0];
    for (int64_t i = 0; i < (int64_t)(sizeof numbers / sizeof *at); i++)
        at[i] = (float)i;
}

Test(even_rows, floats_of_any_length)
{
    static const int64_t lengths[] = {1, 2, 3, 11, 17, 100, MOST_EACH}, counts[] = {0, 1, 2, 3, 63, 64, 65, 200, ROWS};
    static float to[ROWS * MOST_EACH + 1];
    const float *at = &numbers[0][0];
    fill_numbers();
    draw_ids();
    for (int k = 0; k < 7; k++)
        for (int c = 0; c < 9; c++)
            for (int overlaps = 0; overlaps < 2; overlaps++) { /* windows */
                int64_t each = lengths[k], apart = overlaps ? (each + 2) / 3 : each;
                field(NNRT_F32, NNRT_F32, each, apart, 0, sizeof *at, at);
                to[counts[c] * each] = -5;
                cr_assert(even_rows_copy(&d, &f, ids, counts[c], to));
                cr_assert_eq(to[counts[c] * each], -5);
                for (int64_t i = 0; i < counts[c]; i++)
                    cr_assert_eq(memcmp(to + i * each, at + ids[i] * apart, sizeof *at * (size_t)each), 0);
            }
}

Test(even_rows, integers_that_are_classes)
{
    static int32_t classes[ROWS][2], to[ROWS][2];
    static int64_t wide[ROWS][2];
    draw_ids();
    for (int i = 0; i < ROWS; i++)
        for (int k = 0; k < 2; k++)
            wide[i][k] = classes[i][k] = (i + k) % 10;
    for (int narrow = 0; narrow < 2; narrow++) {
        field(narrow ? NNRT_I64 : NNRT_I32, NNRT_I32, 2, 2, 10, narrow ? 8 : 4, narrow ? (void *)wide : (void *)classes);
        cr_assert(even_rows_copy(&d, &f, ids, ROWS, to));
        for (int i = 0; i < ROWS; i++)
            cr_assert_eq(memcmp(to[i], classes[ids[i]], sizeof to[i]), 0);
    }
    static const int64_t wrong[] = {10, -1, ((int64_t)1 << 32) + 3, INT64_MIN};
    for (int k = 0; k < 4; k++) {
        wide[ids[ROWS - 1]][1] = wrong[k], classes[ids[ROWS - 1]][1] = (int32_t)(k < 2 ? wrong[k] : 10);
        field(NNRT_I64, NNRT_I32, 2, 2, 10, 8, wide);
        cr_assert_not(even_rows_copy(&d, &f, ids, ROWS, to));
        field(NNRT_I32, NNRT_I32, 2, 2, 10, 4, classes);
        cr_assert_not(even_rows_copy(&d, &f, ids, ROWS, to));
        cr_assert(even_rows_copy(&d, &f, ids, ROWS - 1, to));
    }
}

Test(even_rows, bytes_by_a_table)
{
    static unsigned char bytes[ROWS][5];
    static float to[ROWS][5];
    static ByteTable table[2] = {{.width = 4, .all = true}, {.width = 4, .all = true}};
    float value;
    draw_ids();
    for (int which = 0; which < 2; which++)
        for (int byte = 0; byte < 256; byte++)
            value = (float)(byte + 1000 * which), memcpy(table[which].value + 4 * byte, &value, 4);
    for (int i = 0; i < ROWS * 5; i++)
        bytes[i / 5][i % 5] = (unsigned char)(i * 7);
    field(NNRT_U8, NNRT_F32, 5, 5, 0, 1, bytes);
    cr_assert_not(even_rows_copy(&d, &f, ids, ROWS, to)); /* no tables yet */
    f.table[0] = &table[0], f.table[1] = &table[1], f.expr = 3;
    cr_assert(even_rows_copy(&d, &f, ids, ROWS, to));
    for (int i = 0; i < ROWS; i++)
        for (int k = 0; k < 5; k++)
            cr_assert_eq(to[i][k], (float)(bytes[ids[i]][k] + (ids[i] >= MAIN ? 1000 : 0)));
}

/* Of the double precision that numpy has by itself, and of tables. */
Test(even_rows, doubles)
{
    static double values[ROWS][3];
    static float single[ROWS][3];
    static int32_t class[ROWS][3];
    static const double none[] = {-1, 0.5, 7, NAN, INFINITY, -INFINITY, 1e300};
    draw_ids();
    for (int i = 0; i < ROWS * 3; i++)
        values[i / 3][i % 3] = i % 7;
    field(NNRT_F64, NNRT_I32, 3, 3, 7, 8, values);
    cr_assert(even_rows_copy(&d, &f, ids, ROWS, class));
    for (int i = 0; i < ROWS * 3; i++)
        cr_assert_eq(class[i / 3][i % 3], values[ids[i / 3]][i % 3]);
    for (int k = 0; k < 7; k++) {
        values[ids[ROWS - 1]][2] = none[k];
        cr_assert_not(even_rows_copy(&d, &f, ids, ROWS, class), "class %g", none[k]);
        cr_assert(even_rows_copy(&d, &f, ids, ROWS - 1, class));
    }
    for (int i = 0; i < ROWS * 3; i++)
        values[i / 3][i % 3] = i % 11 == 0 ? INFINITY : i % 13 == 0 ? NAN : i / 7.0;
    field(NNRT_F64, NNRT_F32, 3, 3, 0, 8, values);
    cr_assert(even_rows_copy(&d, &f, ids, ROWS, single));
    for (int i = 0; i < ROWS * 3; i++) {
        float want = (float)values[ids[i / 3]][i % 3];
        cr_assert_eq(memcmp(&single[i / 3][i % 3], &want, sizeof want), 0);
    }
    values[ids[0]][0] = 1e39;
    cr_assert_not(even_rows_copy(&d, &f, ids, ROWS, single), "larger than a float can be");
}

/* What has to be asked for row by row, or becomes something else. */
Test(even_rows, other_fields)
{
    float to[ROWS];
    int64_t *dim = f.dim;
    draw_ids();
    field(NNRT_F32, NNRT_F32, 1, 1, 0, 4, numbers);
    cr_assert(even_rows_copy(&d, &f, ids, 9, to));
    f.dim[0] = 2;
    cr_assert_not(even_rows_copy(&d, &f, ids, 9, to), "examples of another size");
    dim[0] = -1;
    cr_assert_not(even_rows_copy(&d, &f, ids, 9, to), "a size that is known at run time");
    static const int types[][2] = {{NNRT_F32, NNRT_F64}, {NNRT_I32, NNRT_F32}, {NNRT_I64, NNRT_I64}, {NNRT_F16, NNRT_F32}};
    for (int k = 0; k < 4; k++) {
        field(types[k][0], types[k][1], 1, 1, 0, 4, numbers);
        cr_assert_not(even_rows_copy(&d, &f, ids, 9, to), "type %d for %d", types[k][0], types[k][1]);
    }
    field(NNRT_F32, NNRT_F32, 1, 1, 0, 4, numbers);
    f.source[1][0].even.at = NULL;
    cr_assert_not(even_rows_copy(&d, &f, ids, 9, to), "one source is not even");
    field(NNRT_F32, NNRT_F32, 1, 1, 0, 4, numbers);
    f.expr = 1;
    cr_assert_not(even_rows_copy(&d, &f, ids, 9, to), "an expression");
    f.expr = -1, f.present_of = 0;
    cr_assert_not(even_rows_copy(&d, &f, ids, 9, to), "what is there of another field");
    f.present_of = -1, f.length_of = 0;
    cr_assert_not(even_rows_copy(&d, &f, ids, 9, to), "a length");
    f.length_of = -1, f.n_readers = 2;
    cr_assert_not(even_rows_copy(&d, &f, ids, 9, to), "two readers");
}
