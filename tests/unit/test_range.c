/* links: nnc_sema nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_range.c: between which numbers values lie (sema/warn_range.h), by expression: b are bytes, y is from -2 to 3, z unknown. */
#include <criterion/criterion.h>
#include <math.h>

#include "sema/warn_range.h"
#include "sema_help.h"

enum { BYTES = RANGE_BYTES, CLIPPED = RANGE_CLIPPED, SQUASHED = RANGE_SQUASHED };

typedef struct Row {
    const char *text;
    double lo, hi;
    int how;
} Row;

/* The value that the program prints. */
static CoreRef printed(const CoreBody *body)
{
    for (CoreRef r = body->ins.n; r; r--)
        if (body->ins.at[r - 1].op == CORE_probe) return body->ins.at[r - 1].in[0];
    return 0;
}

static void check_row(const Row *row)
{
    Checked c;
    char text[512];
    snprintf(text, sizeof text,
             "export fn f(b: float[4], y: float[4], z: float[4], i: int<4>[4]) -> float[4] {\n    print(%s)\n    return y\n}\n", row->text);
    check_source(&c, text);
    cr_assert_eq(c.diags.n_errors, 0, "%s%s", text, c.messages);
    const CoreBody *body = c.program->entries.at[0]->body[0];
    Sema s = {.arena = &c.arena};
    const Range args[] = {range_between(0, 255, BYTES), range_between(-2, 3, 0), range_unknown, range_unknown};
    Range r = range_body(&s, body, args)[printed(body)];
    cr_expect(fabs(r.lo - row->lo) < 1e-5 || r.lo == row->lo, "%s begins at %g, not %g", row->text, r.lo, row->lo);
    cr_expect(fabs(r.hi - row->hi) < 1e-5 || r.hi == row->hi, "%s ends at %g, not %g", row->text, r.hi, row->hi);
    cr_expect_eq(r.how, row->how, "%s comes to it by %d, not %d", row->text, r.how, row->how);
    arena_free(&c.arena);
}

static void check_rows(const Row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        check_row(&rows[i]);
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))

Test(range, of_arithmetic)
{
    static const Row rows[] = {
        {"b", 0, 255, BYTES},
        {"y + b", -2, 258, BYTES},
        {"y - b", -257, 3, BYTES},
        {"b - y", -3, 257, BYTES},
        {"y * b", -510, 765, BYTES},
        {"y * z", -INFINITY, INFINITY, 0},
        {"z * 0", 0, 0, 0},
        {"-2 * y", -6, 4, 0},
        {"-b", -255, 0, BYTES},
        {"-y", -3, 2, 0},
        {"y * y", 0, INFINITY, 0},
        {"z[0:2] * z[0:2]", 0, INFINITY, 0},
        {"b / 2", 0, 127.5, BYTES},
        {"b / -2", -127.5, 0, BYTES},
        {"y / (b + 1)", -2, 3, BYTES},
        {"1 / (b + 1)", 1 / 256.0, 1, BYTES},
        {"b / y", -INFINITY, INFINITY, 0},
        {"1 / b", -INFINITY, INFINITY, 0},
        {"1 / -b", -INFINITY, INFINITY, 0},
        {"b / (y - 3.5)", -510, 0, BYTES},
        {"z + b", -INFINITY, INFINITY, BYTES},
        {"z - z", -INFINITY, INFINITY, 0},
        {"y % 2", -INFINITY, INFINITY, 0},
        {"float(i) * 0.5", -INFINITY, INFINITY, 0},
    };
    CHECK_ROWS(rows);
}

Test(range, of_functions)
{
    static const Row rows[] = {
        {"abs(y)", 0, 3, 0},
        {"abs(y - 4)", 1, 6, 0},
        {"abs(y + 4)", 2, 7, 0},
        {"abs(b)", 0, 255, BYTES},
        {"exp(y)", 0.1353353, 20.0855369, 0},
        {"log(b + 1)", 0, 5.5451774, BYTES},
        {"log(b)", -INFINITY, 5.5412635, BYTES},
        {"log(y)", -INFINITY, INFINITY, 0},
        {"sqrt(b)", 0, 15.9687194, BYTES},
        {"sqrt(z)", -INFINITY, INFINITY, 0},
        {"floor(y / 2)", -1, 1, 0},
        {"ceil(y / 2)", -1, 2, 0},
        {"trunc(y * 0.9)", -1, 2, 0},
        {"sigmoid(z)", 0, 1, SQUASHED},
        {"tanh(y)", -0.9640276, 0.9950548, SQUASHED},
        {"erf(z)", -1, 1, SQUASHED},
        {"tanh(b) * 3", -0.0, 3, BYTES | SQUASHED},
        {"cos(y)", -INFINITY, INFINITY, 0},
        {"maximum(y, 0)", 0, 3, CLIPPED},
        {"maximum(0, y)", 0, 3, CLIPPED},
        {"maximum(y, -2)", -2, 3, 0},
        {"maximum(b, -1)", 0, 255, BYTES},
        {"maximum(y, b)", 0, 255, BYTES},
        {"maximum(z, 1)", 1, INFINITY, CLIPPED},
        {"minimum(y, 0)", -2, 0, 0},
        {"minimum(b, 100)", 0, 100, BYTES},
        {"relu(z) + relu(y)", 0, INFINITY, CLIPPED},
        {"relu(z) - relu(y)", -3, INFINITY, CLIPPED},
        {"2 * relu(y) - 1", -1, 5, CLIPPED},
        {"-relu(y)", -3, 0, 0},
        {"abs(relu(y))", 0, 3, 0},
        {"relu(z) / 2", 0, INFINITY, CLIPPED},
        {"1 / (relu(y) + 1)", 0.25, 1, 0},
        {"stop_gradient(relu(y))", 0, 3, CLIPPED},
        {"z > 0", 0, 1, 0},
        {"not (z > 0)", 0, 1, 0},
        {"float(z > 0)", 0, 1, 0},
    };
    CHECK_ROWS(rows);
}

Test(range, of_choices)
{
    static const Row rows[] = {
        {"where(y > 0, y, 0)", 0, 3, CLIPPED},
        {"where(y >= 1, y, 1)", 1, 3, CLIPPED},
        {"where(y < 0, 0, y)", 0, 3, CLIPPED},
        {"where(y <= 0, 0, y)", 0, 3, CLIPPED},
        {"where(0 < y, y, 0)", 0, 3, CLIPPED},
        {"where(0 >= y, 0, y)", 0, 3, CLIPPED},
        {"where(y < 1, y, 1)", -2, 1, 0},
        {"where(1 > y, y, 1)", -2, 1, 0},
        {"where(y > 1, 1, y)", -2, 1, 0},
        {"where(y > 0, 2 * y, 0)", 0, 6, CLIPPED},
        {"where(y > 0, y / 2, 0)", 0, 1.5, CLIPPED},
        {"where(y > 1, 2 * y, 1)", -4, 6, 0}, /* of a multiple the edge is known at 0 only */
        {"where(y > 0, -2 * y, 0)", -6, 4, 0},
        {"where(y > 0, y, 2 * y)", -4, 3, CLIPPED},
        {"where(y == 0, y, 0)", -2, 3, 0},
        {"where(y > z, y, 0)", -2, 3, 0},
        {"where(z > 0, y, b)", -2, 255, BYTES},
        {"where(y > y, y, 0)", -2, 3, 0},
        {"y * float(y > 0)", 0, 3, CLIPPED},
        {"float(y > 0) * y", 0, 3, CLIPPED},
        {"y * float(y > 1)", 0, 3, CLIPPED},
        {"y * float(y < 0)", -2, 3, 0},
        {"y * float(z > 0)", -2, 3, 0},
        {"3 * y * float(y > 0)", 0, 9, CLIPPED},
    };
    CHECK_ROWS(rows);
}

Test(range, of_elements)
{
    static const Row rows[] = {
        {"concat([y, b], axis=0)", -2, 255, BYTES},
        {"stack([y, 9 * y], axis=0)", -18, 27, 0},
        {"pad(y, axis=0, after=1)", -2, 3, 0},
        {"pad(y, axis=0, after=1, value=9)", -2, 9, 0},
        {"pad(b, axis=0, after=1, value=-1)", -1, 255, BYTES},
        {"flip(b, axis=0)", 0, 255, BYTES},
        {"roll(y, 1, axis=0)", -2, 3, 0},
        {"take(y, i)", -2, 3, 0},
        {"y[1:3][0]", -2, 3, 0},
        {"sort(y)", -2, 3, 0},
        {"reshape(y, 2, 2)", -2, 3, 0},
        {"transpose(reshape(y, 2, 2))", -2, 3, 0},
        {"max_pool1d(reshape(y, 1, 4, 1), 2)", -2, 3, 0},
        {"one_hot(i, 4)", 0, 1, 0},
        {"rand(3)", 0, 1, 0},
        {"randn(3)", -INFINITY, INFINITY, 0},
        {"float(bernoulli(0.5, 3))", 0, 1, 0},
        {"any(y > 0)", 0, 1, 0},
        {"all(y > 0)", 0, 1, 0},
        {"full(2.5, 3)", 2.5, 2.5, 0},
        {"sum(y)", -INFINITY, INFINITY, 0},
        {"cumsum(y, axis=0)", -INFINITY, INFINITY, 0},
        {"y @ y", -INFINITY, INFINITY, 0},
    };
    CHECK_ROWS(rows);
}
