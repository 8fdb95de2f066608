/* SPDX-License-Identifier: MIT
 * rows.h: a test for each row of a table, in a process of its own: one that fails or crashes hides no other. --verbose says which row runs.
 * A row costs 6 ms. Where that is more than what it tests (hundreds of lines of text, say), the table is one test, with expectations that
 * do not end it (cr_expect) and name the row. */
#ifndef NNC_TESTS_ROWS_H
#define NNC_TESTS_ROWS_H

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#define N_ROWS(table) (sizeof(table) / sizeof *(table))

/* TestRows(suite, name, N_ROWS(table)) { ... table[row] ... } */
#define TestRows(suite, name, n, ...) \
    static void suite##_##name##_row(size_t row); \
    ParameterizedTestParameters(suite, name) \
    { \
        static size_t number[n]; \
        for (size_t i = 0; i < (n); i++) \
            number[i] = i; \
        return cr_make_param_array(size_t, number, n); \
    } \
    ParameterizedTest(size_t *row, suite, name, .disabled = false, ##__VA_ARGS__) \
    { \
        cr_log_info("%s::%s, row %zu", #suite, #name, *row); \
        suite##_##name##_row(*row); \
    } \
    static void suite##_##name##_row(size_t row)

#endif
