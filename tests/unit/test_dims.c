/* links: nnc_support */
/* SPDX-License-Identifier: MIT
 * test_dims.c: sizes: the table of internals.md#how-sizes-are-compared, bounds, facts, text, overflow. */
#include "support/dims.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static Arena arena;
static Dims *dims;
static Facts *facts;

static void start(void)
{
    dims = dims_new(&arena);
    facts = facts_new(&arena, dims);
}

static void stop(void)
{
    arena_free(&arena);
}

TestSuite(dims, .init = start, .fini = stop);

/* Names are made when first read, one letter p (pad) with nothing known. */
static Symbol find_or_add(void *user, const char *name, size_t n)
{
    (void)user;
    for (Symbol s = symbol_count(dims); s > 0; s--)
        if (strlen(symbol_name(dims, s)) == n && memcmp(symbol_name(dims, s), name, n) == 0) return s;
    Symbol s = symbol_new(dims, arena_copy(&arena, name, n));
    if (n == 3 && memcmp(name, "pad", 3) == 0) symbol_set_lower(dims, s, false, 0);
    return s;
}

static Dim D(const char *text)
{
    const char *end;
    Dim dim = dim_read(dims, text, &end, find_or_add, NULL);
    cr_assert(dim && *end == 0, "cannot read '%s' at '%s'", text, end);
    return dim;
}

/* "H % 4 == 0", "H >= 4", "a == b", "a != b", several with commas */
static void given(const char *text)
{
    char copy[256];
    strcpy(copy, text);
    for (char *fact = strtok(copy, ","); fact; fact = strtok(NULL, ",")) {
        char *op = strstr(fact, ">=");
        if (!op) op = strstr(fact, "==");
        if (!op) op = strstr(fact, "!=");
        char kind = *op;
        *op = 0;
        const char *end;
        char *percent = strchr(fact, '%');
        Dim a = dim_read(dims, fact, &end, find_or_add, NULL), b = D(op + 2);
        if (percent) {
            *percent = 0;
            a = dim_read(dims, fact, &end, find_or_add, NULL);
            facts_add_divides(facts, a, dim_read(dims, percent + 1, &end, find_or_add, NULL));
        } else if (kind == '>') {
            facts_add_at_least(facts, a, b);
        } else if (kind == '=') {
            facts_add_equal(facts, a, b);
        } else {
            facts_add_not_equal(facts, a, b);
        }
    }
}

#define conv(n, k, s, p) "((" n " + 2*" p " - " k ")//" s " + 1)"
#define pool(n, k) conv(n, k, k, "0")
#define convt(n, k, s, p) "((" n " - 1)*" s " + " k " - 2*" p ")"

typedef struct Row {
    int row;
    const char *facts, *a, *b;
    DimAnswer answer;
    const char *why;
} Row;

static const Row equalities[] = {
    {1, "", "16 * " pool(conv(pool(conv("28", "5", "1", "2"), "2"), "5", "1", "0"), "2") "**2", "400", DIM_PROVED, ""},
    {2, "", convt(convt("7", "4", "2", "1"), "4", "2", "1"), "28", DIM_PROVED, ""},
    {3, "", "128*" conv(conv("28", "4", "2", "1"), "4", "2", "1") "**2", "6272", DIM_PROVED, ""},
    {4, "", "((H + 2 - 3)//s + 1 + 2 - 3)//1 + 1", "(H - 1)//s + 1", DIM_PROVED, ""},
    {5, "", "(H + 0 - 1)//s + 1", "(H - 1)//s + 1", DIM_PROVED, ""},
    {6, "", "(H - 1)//1 + 1", "H", DIM_PROVED, ""},
    {7, "", "(H//2 - 2)//2 + 1", "H//4", DIM_PROVED, ""},
    {8, "H % 4 == 0", "(H//4 - 1)*2 + 2", "H//2", DIM_PROVED, ""},
    {9, "H % 4 == 0", "(H//2 - 1)*2 + 2", "H", DIM_PROVED, ""},
    {10, "H >= 4", "2*(H//4)", "H//2", DIM_REFUTED, "H = 6"},
    {11, "", "2*(H//2)", "H", DIM_REFUTED, "H = 1"},
    {12, "", conv(conv(conv("64", "3", "2", "1"), "3", "2", "1"), "3", "2", "1"), "8", DIM_PROVED, ""},
    {13, "", "(16000 - 512)//256 + 1", "61", DIM_PROVED, ""},
    {14, "", "(n_in + i*g) + g", "n_in + (i + 1)*g", DIM_PROVED, ""},
    {15, "", "(3*d)//3", "d", DIM_PROVED, ""},
    {15, "", "(2*w)//2", "w", DIM_PROVED, ""},
    {16, "d % heads == 0", "d//heads*heads", "d", DIM_PROVED, ""},
    {17, "", "(T + 1) - 1", "T", DIM_PROVED, ""},
    {18, "", "(5 + C) - 5", "C", DIM_PROVED, ""},
    {19, "", "H + (2*n + 1) - 1", "H + 2*n", DIM_PROVED, ""},
    {20, "", "H + 2*p - (2*p + 1) + 1", "H", DIM_PROVED, ""},
    {21, "", "H*W", "W*H", DIM_PROVED, ""},
    {21, "", "(n*m)//n", "m", DIM_PROVED, ""},
    {21, "", "(3*H + 1)//3", "H", DIM_PROVED, ""},
    {22, "", "(H - 1)//2 + 1", "(H + 1)//2", DIM_PROVED, ""},
    {23, "", "(H//2 + 3)//4", "(H + 6)//8", DIM_PROVED, ""},
    {24, "", "B", "D", DIM_REFUTED, "B = 1, D = 2"},
    {24, "", "n_in", "n_out", DIM_REFUTED, "n_in = 1, n_out = 2"},
    {24, "", "H - 2", "H", DIM_REFUTED, ""},
    {24, "", "(H + W)//2", "H", DIM_REFUTED, "H = 1, W = 3"},
    {25, "", "(H + s - 1)//s", "(H - 1)//s + 1", DIM_OPEN, ""},
    {25, "s == 3", "(H + s - 1)//s", "(H - 1)//s + 1", DIM_PROVED, ""},
    /* more */
    {101, "stride == 1, n_in == n_out", "(H - 1)//stride + n_out", "H - 1 + n_in", DIM_PROVED, ""},
    {102, "d == heads*e", "d//heads", "e", DIM_PROVED, ""},
    {103, "H % 4 == 0", "H//4*2", "H//8*4", DIM_REFUTED, "H = 4"},
    {104, "H//2 == 5", "H//2 + 1", "6", DIM_PROVED, ""},
    {105, "(n + m) % 2 == 0", "(n + m)//2*2", "n + m", DIM_PROVED, ""},
    {106, "H >= W, W >= H", "H", "W", DIM_PROVED, ""},
    {107, "H != W", "H", "W", DIM_REFUTED, "H = 1, W = 2"},
    {107, "H != 1", "H", "2", DIM_REFUTED, "H = 3"},
    {108, "", "(4*H)//8", "H//2", DIM_PROVED, ""},
    {109, "", "(2*H*n)//(2*n)", "H", DIM_PROVED, ""},
    {110, "", "((n + 1)*m)//(n + 1)", "m", DIM_PROVED, ""},
    {111, "", "a + b + c + d + e + f", "a + b + c + d + e + g", DIM_REFUTED, NULL},
    {112, "W == 2*H, H == 3", "W", "6", DIM_PROVED, ""},
    {113, "", "H % 2 + 2*(H//2)", "H", DIM_PROVED, ""},
    {114, "H % 2 == 0, H % 3 == 0", "H//6*6", "H", DIM_OPEN, NULL},
};

static const Row bounds[] = {
    {201, "H + 2*pad >= kernel", "H + 2*pad", "kernel", DIM_PROVED, ""},
    {202, "H + 2*pad >= kernel", "(H + 2*pad - kernel)//stride + 1", "1", DIM_PROVED, ""},
    {203, "", "(H - 1)//s + 1", "1", DIM_PROVED, ""},
    {204, "", "H", "1", DIM_PROVED, ""},
    {205, "", "H", "2", DIM_REFUTED, "H = 1"},
    {206, "H >= 5", "H", "2", DIM_PROVED, ""},
    {207, "H >= 5", "H//2", "2", DIM_PROVED, ""},
    {208, "H >= 5", "H//2", "3", DIM_REFUTED, "H = 5"},
    {209, "context >= T", "context", "T", DIM_PROVED, ""},
    {210, "context >= T", "context - T + 3", "2", DIM_PROVED, ""},
    {211, "(H - 1)*stride + kernel >= 2*pad + 1", "(H - 1)*stride + kernel - 2*pad", "1", DIM_PROVED, ""},
    {212, "", "H", "2*(H//2)", DIM_PROVED, ""},
    {213, "", "2*(H//2) + 1", "H", DIM_PROVED, ""},
    {214, "", "H", "H//2", DIM_PROVED, ""},
    {215, "", "H", "H//s", DIM_PROVED, ""},
    {216, "n >= k", "n", "((n - k)//s)*s + k", DIM_PROVED, ""},
    {217, "H >= k, W >= H", "W", "k", DIM_PROVED, ""},
    {218, "H >= k", "H*W", "k*W", DIM_PROVED, ""},
    {219, "pad >= 0", "H + pad", "1", DIM_PROVED, ""},
    {220, "", "H + pad", "1", DIM_OPEN, NULL},
    {221, "N >= n_fft", "(N - n_fft)//hop + 1", "1", DIM_PROVED, ""},
    {222, "n_fft >= 2", "n_fft//2 + 1", "2", DIM_PROVED, ""},
    {223, "H >= s", "H//s", "1", DIM_PROVED, ""},
    {224, "H % 4 == 0", "H", "4", DIM_PROVED, ""},
    {225, "H % 4 == 0", "H//4", "1", DIM_PROVED, ""},
    {226, "H >= 4, W >= 4", "(H//4)*(W//4)", "1", DIM_PROVED, ""},
    {227, "d % heads == 0", "d//heads", "1", DIM_PROVED, ""},
    {228, "H >= W + 1", "W", "H", DIM_REFUTED, "W = 1, H = 2"},
    {229, "", "2*T", "T + 1", DIM_PROVED, ""},
    {230, "", "size", "size - a", DIM_PROVED, ""},
    {231, "b >= a, size >= b", "size - a", "b - a", DIM_PROVED, ""},
    {232, "H >= 32", "((((H//2)//2)//2)//2)//2", "1", DIM_PROVED, ""},
    {233, "n == m + 2", "n", "3", DIM_PROVED, ""},
    {234, "", "(H + 1)//2", "H//2", DIM_PROVED, ""},
    {235, "0 >= s", "H//s", "2", DIM_OPEN, NULL}, /* no s is so */
};

static void check(const Row *rows, size_t n, bool bound)
{
    for (size_t i = 0; i < n; i++) {
        start();
        const Row *row = &rows[i];
        const char *why = NULL;
        Dim a = D(row->a), b = D(row->b);
        given(row->facts);
        uint32_t mark = facts_mark(facts);
        DimAnswer answer = (bound ? dim_at_least : dim_equal)(facts, a, b, &why);
        cr_expect_eq(answer, row->answer, "row %d: %s, %s (%s): %d %s", row->row, row->a, row->b, row->facts, answer, why);
        if (row->why && answer == row->answer) cr_expect_str_eq(why, row->why, "row %d: %s", row->row, why);
        cr_expect_eq(facts_mark(facts), mark);
        facts_reset(facts, 0);
        stop();
    }
}

Test(dims, table_of_equalities)
{
    check(equalities, sizeof equalities / sizeof *equalities, false);
}

Test(dims, lower_bounds)
{
    check(bounds, sizeof bounds / sizeof *bounds, true);
}

Test(dims, divisibility)
{
    const char *why;
    cr_expect_eq(dim_divides(facts, D("4*H"), D("2"), &why), DIM_PROVED);
    cr_expect_eq(dim_divides(facts, D("H"), D("2"), &why), DIM_REFUTED);
    cr_expect_str_eq(why, "H = 1");
    cr_expect_eq(dim_divides(facts, D("7"), D("2"), &why), DIM_REFUTED);
    cr_expect_str_eq(why, "");
    uint32_t mark = facts_mark(facts);
    given("d % heads == 0");
    cr_expect_eq(dim_divides(facts, D("d"), D("heads"), &why), DIM_PROVED);
    cr_expect_eq(dim_divides(facts, D("3*d"), D("heads"), &why), DIM_PROVED);
    facts_reset(facts, mark);
    cr_expect_eq(dim_divides(facts, D("d"), D("heads"), &why), DIM_REFUTED);
}

Test(dims, facts_are_a_stack)
{
    given("H == W");
    uint32_t mark = facts_mark(facts);
    given("W == 8");
    cr_expect_eq(facts_apply(facts, D("H + W")), D("16"));
    facts_reset(facts, mark);
    cr_expect_eq(dim_equal(facts, D("H"), D("W"), NULL), DIM_PROVED);
    cr_expect_eq(dim_equal(facts, D("H"), D("8"), NULL), DIM_REFUTED);
}

static void round_trip(const char *text, const char *expected)
{
    const char *printed = dim_print(dims, &arena, D(text));
    cr_expect_str_eq(printed, expected);
    cr_expect_eq(D(printed), D(text), "%s", printed);
}

Test(dims, text)
{
    D("H + W + n + m + s + B");
    round_trip("0", "0");
    round_trip("-3", "-3");
    round_trip("1 + 2*(H//4)", "2*(H//4) + 1");
    round_trip("W - H//2", "W - H//2");
    round_trip("-(H//2)", "-(H//2)");
    round_trip("4 - H", "4 - H");
    round_trip("-H - W", "-H - W");
    round_trip("(2*n*H + 1)*H", "2*H**2*n + H");
    round_trip("(H + 3)//s*W", "W*((H + 3)//s)");
    round_trip("(H*W)//(n + 1)", "(H*W)//(n + 1)");
    round_trip("(H//s)//n", "(H//s)//n");
    round_trip("H % 3", "H - 3*(H//3)");
    round_trip("size(*S)*B", "B*size(*S)");
    const char *end;
    Dim h = dim_read(dims, "H -> W", &end, NULL, NULL);
    cr_expect_eq(h, D("H"));
    cr_expect_str_eq(end, " -> W");
    cr_expect_eq(dim_read(dims, "H, W", &end, NULL, NULL), D("H"));
    cr_expect_str_eq(end, ", W");
    /* clang-format off */
    const char *wrong[] = {"", "(", "(H", "H +", "H**", "1 2 unknown +", "99999999999999999999", "unknown",
                           "-", "H*-", "H//", "H %", "H + -", "(H - )", "H**W", "H**99999999999999999999", "(1 2)", "/ 2", "H*(2"};
    /* clang-format on */
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (i != 5) cr_expect_eq(dim_read(dims, wrong[i], NULL, NULL, NULL), 0, "%s", wrong[i]);
}

Test(dims, nesting_has_an_end)
{
    char text[4100] = "";
    for (int kind = 0; kind < 2; kind++) {
        memset(text, kind ? '-' : '(', 4000);
        strcpy(text + 4000, kind ? "1" : "1)");
        cr_expect_eq(dim_read(dims, text, NULL, NULL, NULL), 0);
    }
    cr_expect_eq(D("((((((((((1))))))))))"), D("1"));
    cr_expect_eq(D("----------1"), D("1"));
}

Test(dims, names_are_symbols_of_their_own)
{
    Symbol a = symbol_new(dims, "n"), b = symbol_new(dims, "n");
    cr_expect_neq(dim_symbol(dims, a), dim_symbol(dims, b));
    cr_expect_eq(dim_read(dims, "n", NULL, NULL, NULL), dim_symbol(dims, b));
}

Test(dims, evaluation_floors)
{
    D("H + W");
    int64_t value[3] = {0, 5, 2}, x;
    cr_expect(dim_eval(dims, D("(W - H)//2*W + H"), value, &x));
    cr_expect_eq(x, -2 * 2 + 5);
    cr_expect(dim_eval(dims, D("H//W"), value, &x));
    cr_expect_eq(x, 2);
    value[2] = 0;
    cr_expect_not(dim_eval(dims, D("H//W"), value, &x));
    value[1] = INT64_MAX;
    cr_expect_not(dim_eval(dims, D("2*H"), value, &x));
    cr_expect_not(dim_eval(dims, D("H + 1"), value, &x));
    value[1] = -INT64_MAX, value[2] = 2;
    cr_expect_not(dim_eval(dims, D("(H - 1)//(W - 3)"), value, &x)); /* 2^63 */
    cr_expect(dim_eval(dims, D("H//(W - 3)"), value, &x) && x == INT64_MAX);
}

Test(dims, substitution)
{
    Dim d = D("(H + 1)//2 + W*H");
    Dim map[3] = {0, D("7"), 0};
    cr_expect_eq(dim_substitute(dims, d, map, 3), D("4 + 7*W"));
    cr_expect_eq(dim_substitute(dims, d, map, 1), d);
    cr_expect(dim_mentions(dims, d, 1));
    cr_expect_not(dim_mentions(dims, dim_substitute(dims, d, map, 3), 1));
}

Test(dims, overflow_is_open)
{
    const char *why;
    Dim big = D("9223372036854775807"), over = dim_add(dims, big, D("1"));
    cr_expect(dim_is_defined(dims, big));
    cr_expect_not(dim_is_defined(dims, over));
    cr_expect_eq(dim_equal(facts, over, D("5"), &why), DIM_OPEN);
    cr_expect_eq(dim_at_least(facts, over, D("5"), &why), DIM_OPEN);
    cr_expect_neq(over, dim_add(dims, big, D("1")));
    cr_expect_not(dim_is_defined(dims, dim_floordiv(dims, D("H"), D("0"))));
    cr_expect_not(dim_is_defined(dims, dim_floordiv(dims, over, D("4"))));
    cr_expect_not(dim_is_defined(dims, dim_pow(dims, D("H + 1"), 1000000000)));
    cr_expect_not(dim_is_defined(dims, dim_pow(dims, D("10"), 19)));
    cr_expect_eq(dim_pow(dims, D("1"), INT64_MAX), D("1"));
    Dim low = dim_sub(dims, D("-9223372036854775807"), D("1"));
    dim_floordiv(dims, low, D("H"));
    dim_floordiv(dims, low, D("-1"));
    dim_at_least(facts, dim_mul(dims, low, D("H")), D("H//2"), &why);
    dim_at_least(facts, dim_mul(dims, big, D("H")), dim_mul(dims, big, D("W")), &why);
}

/* A remainder mentions its size twice: what is shared in the table is not in the text, nor in a walk. */
Test(dims, nested_remainders_are_open)
{
    Dim n = D("N"), rest = n;
    int levels = 0;
    for (; levels < 60 && dim_is_defined(dims, rest); levels++)
        rest = dim_mod(dims, dim_mul(dims, rest, n), D("H"));
    cr_expect(levels > 5 && levels < 60, "%d levels", levels);
    cr_expect_not(dim_mentions(dims, rest, 1));
    cr_expect_lt(strlen(dim_print(dims, &arena, rest)), 400000);
}

Test(dims, rest_of_the_least_number)
{
    Symbol n = symbol_new(dims, "N");
    Dim product = dim_mul(dims, dim_const(dims, -INT64_MAX), dim_symbol(dims, n));
    Dim third = dim_floordiv(dims, product, dim_const(dims, INT64_MAX - 1));
    int64_t value[] = {0, 1}, result;
    cr_expect(dim_eval(dims, third, value, &result) && result == -2, "%s", dim_print(dims, &arena, third));
}

Test(dims, sizes_that_satisfy_facts)
{
    /* clang-format off */
    static const struct { const char *left, *right; SizeRelation relation; bool possible; } rows[] = {
        {"8", "a", SIZE_NONNEGATIVE, true},      {"a", "100000", SIZE_NONNEGATIVE, true}, {"a*a", "N", SIZE_ZERO, true},
        {"N", "2*a + 1", SIZE_ZERO, true},       {"N - a", "5000", SIZE_NONNEGATIVE, true}, {"a", "840", SIZE_NONZERO, true},
        {"d", "heads*(d//heads)", SIZE_ZERO, true}, {"d - 841", "0", SIZE_ZERO, true},  {"a", "a + 1", SIZE_NONNEGATIVE, false},
    /* clang-format on */
        {"0", "a", SIZE_NONNEGATIVE, false},
        {"6000000000000000000", "1000000000000000*a", SIZE_ZERO, true},
        {"1000000000000000*a", "6000000000000000000", SIZE_NONNEGATIVE, true},
        {"0 - 9223372036854775807", "a + b", SIZE_ZERO, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        start();
        SizeFact fact = {rows[i].relation, dim_sub(dims, D(rows[i].left), D(rows[i].right))};
        int64_t *value = ARENA_ARRAY(&arena, int64_t, symbol_count(dims) + 1), x = 0;
        bool found = dims_satisfying(dims, &arena, &fact, 1, 840, value);
        cr_expect_eq(found, rows[i].possible, "%s, %s", rows[i].left, rows[i].right);
        if (found) {
            cr_expect(dim_eval(dims, fact.dim, value, &x));
            cr_expect(fact.relation == SIZE_ZERO ? x == 0 : fact.relation == SIZE_NONZERO ? x != 0 : x >= 0);
        }
        for (Symbol s = 1; found && s <= symbol_count(dims); s++)
            cr_expect_geq(value[s], 1);
        stop();
    }
}

/* ---- against numbers --------------------------------------------------------------------------- */

static uint64_t state;

static int64_t random_below(int64_t n)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((state >> 33) % (uint64_t)n);
}

enum { N_SYMBOLS = 3, MOST = 6 }; /* a, b, c; values from 1 */

static int64_t floor_of(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* A random size, and its value by `value` worked out beside it. Divisors are at least 1. */
static Dim random_size(int depth, const int64_t *value, int64_t *x)
{
    int64_t y = 0, kind = random_below(depth ? 9 : 3);
    if (kind == 0) return dim_const(dims, *x = random_below(9) - 3);
    if (kind < 3) {
        Symbol s = (Symbol)(1 + random_below(N_SYMBOLS));
        return *x = value[s], dim_symbol(dims, s);
    }
    Dim a = random_size(depth - 1, value, x), b = 0;
    if (kind < 6) {
        b = random_size(depth - 1, value, &y);
        if (kind == 3) return *x += y, dim_add(dims, a, b);
        if (kind == 4) return *x -= y, dim_sub(dims, a, b);
        return *x *= y, dim_mul(dims, a, b);
    }
    if (random_below(3)) {
        b = dim_const(dims, y = 1 + random_below(6));
    } else {
        Symbol s = (Symbol)(1 + random_below(N_SYMBOLS));
        y = 2 * value[s] + 1, b = dim_add(dims, dim_mul(dims, D("2"), dim_symbol(dims, s)), D("1"));
    }
    if (kind == 6) return *x -= y * floor_of(*x, y), dim_mod(dims, a, b);
    return *x = floor_of(*x, y), dim_floordiv(dims, a, b);
}

static void make_symbols(void)
{
    for (int i = 0; i < N_SYMBOLS; i++)
        symbol_new(dims, (const char *const[]){"a", "b", "c"}[i]);
}

Test(dims, the_normal_form_has_the_value_of_the_text)
{
    state = 1;
    for (int i = 0; i < 4000; i++) {
        int64_t value[N_SYMBOLS + 1] = {0}, x = 0, y = 0;
        Dim map[N_SYMBOLS + 1] = {0};
        start();
        make_symbols();
        for (int s = 1; s <= N_SYMBOLS; s++)
            map[s] = dim_const(dims, value[s] = 1 + random_below(MOST));
        Dim size = random_size(4, value, &x);
        const char *text = dim_print(dims, &arena, size);
        if (dim_is_defined(dims, size)) {
            cr_assert(dim_eval(dims, size, value, &y) && x == y, "%d: %s is %ld, not %ld", i, text, y, x);
            cr_assert_eq(D(text), size, "%d: %s", i, text);
            cr_assert_eq(dim_substitute(dims, size, map, N_SYMBOLS + 1), dim_const(dims, x), "%d: %s", i, text);
        }
        stop();
    }
}

typedef struct Said { /* a == b, != , >= , or b divides a */
    char what;
    Dim a, b;
} Said;

static bool is_true(const Said *said, const int64_t *value)
{
    int64_t a = 0, b = 0;
    if (!dim_eval(dims, said->a, value, &a) || !dim_eval(dims, said->b, value, &b)) return false;
    return said->what == '=' ? a == b : said->what == '!' ? a != b : said->what == '>' ? a >= b : b != 0 && a % b == 0;
}

static Said random_fact(const int64_t *value)
{
    int64_t x;
    Said said = {"=!>%>"[random_below(5)], random_size(2, value, &x), random_size(1, value, &x)};
    if (said.what == '%') said.b = dim_const(dims, 2 + random_below(3));
    return said;
}

static void believe(const Said *said)
{
    if (said->what == '=') facts_add_equal(facts, said->a, said->b);
    if (said->what == '!') facts_add_not_equal(facts, said->a, said->b);
    if (said->what == '>') facts_add_at_least(facts, said->a, said->b);
    if (said->what == '%') facts_add_divides(facts, said->a, said->b);
}

/* "a = 1, c = 3": the values; what is not named may be anything. */
static void read_values(const char *why, int64_t *value, bool *given)
{
    for (const char *at = why; *at; at = strchr(at, ',') ? strchr(at, ',') + 2 : at + strlen(at)) {
        int s = *at - 'a' + 1;
        cr_assert(s >= 1 && s <= N_SYMBOLS && at[1] == ' ', "%s", why);
        value[s] = atoll(at + 4);
        given[s] = true;
    }
}

static const char *said_text(const Said *said, int n)
{
    Text t = {.arena = &arena};
    for (int i = 0; i < n; i++)
        text_add(&t, "%s%s %c %s", i ? ", " : "", dim_print(dims, &arena, said[i].a), said[i].what, dim_print(dims, &arena, said[i].b));
    return text_c(&t);
}

/* Every assignment of small numbers that the facts allow: what is proved holds in all; one that is named breaks the claim. */
static void check_answer(int round, const Said *fact, int n, const Said *claim, DimAnswer answer, const char *why)
{
    int64_t named[N_SYMBOLS + 1] = {0};
    bool given[N_SYMBOLS + 1] = {false}, met = false, possible = false;
    if (answer == DIM_REFUTED) read_values(why, named, given);
    for (int k = 0; k < 12 * 12 * 12; k++) {
        int64_t value[N_SYMBOLS + 1] = {0, 1 + k % 12, 1 + k / 12 % 12, 1 + k / 144};
        bool allowed = true, asked = true;
        for (int i = 0; i < n; i++)
            allowed &= is_true(&fact[i], value);
        for (int s = 1; s <= N_SYMBOLS; s++)
            asked &= !given[s] || value[s] == named[s];
        bool holds = is_true(claim, value);
        if (answer == DIM_PROVED && allowed)
            cr_assert(holds, "%d: where %s: %s is not so for %ld, %ld, %ld", round, said_text(fact, n), said_text(claim, 1), value[1],
                      value[2], value[3]);
        met |= allowed && asked && !holds;
        possible |= allowed;
    }
    for (int s = 1; s <= N_SYMBOLS; s++)
        possible &= named[s] <= 12;
    if (answer == DIM_REFUTED && possible) /* facts that contradict each other about other sizes are not seen */
        cr_assert(met, "%d: where %s: %s is so for %s", round, said_text(fact, n), said_text(claim, 1), why);
}

Test(dims, answers_agree_with_numbers)
{
    static const int64_t ones[N_SYMBOLS + 1] = {0, 1, 1, 1};
    int proved = 0, refuted = 0, open = 0;
    state = 7;
    for (int round = 0; round < 1500; round++) {
        Said fact[2], claim = {0};
        const char *why = "";
        int n = (int)random_below(3);
        start();
        make_symbols();
        for (int i = 0; i < n; i++) {
            fact[i] = random_fact(ones);
            believe(&fact[i]);
        }
        claim = random_fact(ones);
        if (claim.what == '!') claim.what = '=';
        DimAnswer answer = (claim.what == '=' ? dim_equal : claim.what == '>' ? dim_at_least : dim_divides)(facts, claim.a, claim.b, &why);
        check_answer(round, fact, n, &claim, answer, why);
        proved += answer == DIM_PROVED, refuted += answer == DIM_REFUTED, open += answer == DIM_OPEN;
        stop();
    }
    cr_expect(proved > 200 && refuted > 500 && open < 400, "%d proved, %d refuted, %d open", proved, refuted, open);
}

/* More symbols or facts than a search takes: no answer, and no harm. */
Test(dims, many_symbols_and_facts_are_open)
{
    Dim sum = D("0");
    for (int i = 0; i < 33; i++)
        sum = dim_add(dims, sum, dim_symbol(dims, symbol_new(dims, arena_print(&arena, "s%d", i))));
    cr_expect_eq(dim_equal(facts, sum, D("40"), NULL), DIM_OPEN);
    cr_expect_eq(dim_at_least(facts, sum, D("33"), NULL), DIM_PROVED);
    for (int i = 0; i < 33; i++)
        facts_add_at_least(facts, D("1000*s0"), dim_const(dims, i));
    cr_expect_eq(dim_equal(facts, D("s0"), D("s1"), NULL), DIM_OPEN);
    cr_expect_eq(dim_equal(facts, D("s2"), D("s1"), NULL), DIM_REFUTED);
}
