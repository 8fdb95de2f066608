/* links: nnc_codegen nnc_loop nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_loop_band.c: rows of which a band is computed (Kernel.band); what lies outside is filled. The naive execution computes all of
 * them: `where(lo <= at < hi, value, fill)`. */
#include "loop_help.h"

typedef struct Banded {
    int64_t rows, columns; /* 0: known at run time */
    int64_t step, down;    /* at = step * column - down * row + off */
    int64_t off, lo, hi;
    double fill;
    bool f64;
} Banded;

static uint32_t less(uint32_t a, uint32_t b)
{
    return op(DT_bool, OP_less, a, b, 0);
}

/* Is a point in the band? */
static uint32_t inside(const Banded *f)
{
    vec_add(&arena, &kern->idx, access_of(0, D(f->off), STRIDES(D(-f->down), D(f->step))));
    uint32_t place_in = node((XNode){.kind = X_index, .dtype = DT_i64, .access = 0});
    return op(DT_bool, OP_and, less(number(DT_i64, (double)(f->lo - 1)), place_in), less(place_in, number(DT_i64, (double)f->hi)), 0);
}

static Access whole(uint8_t dtype)
{
    return access_of(buffer(dtype, dim_mul(dims, kern->axis[0], kern->axis[1])), 0, STRIDES(kern->axis[1], D(1)));
}

static uint32_t in_band(uint32_t on, uint8_t dtype, uint32_t value, double fill)
{
    return op(dtype, OP_where, on, value, number(dtype, fill));
}

static void begin(const Banded *f, int n_red)
{
    start();
    axes(n_red, (Dim[]){f->rows ? D(f->rows) : S(0), f->columns ? D(f->columns) : S(1)}, 2);
    kern->band = ARENA_NEW(&arena, struct AccessBox);
    *kern->band = (struct AccessBox){.stride = {D(-f->down), D(f->step)}, .off = D(f->off), .lo = D(f->lo), .hi = D(f->hi)};
}

static void check_sizes(const Banded *f)
{
    static const int64_t columns[] = {1, 8, 31, 33, 65};
    compile();
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        for (int64_t rows = 1; rows < 50; rows = 3 * rows + 1) {
            if ((f->rows && rows > 1) || (f->columns && i)) continue;
            sizes(f->rows ? f->rows : rows, f->columns ? f->columns : columns[i], 1, 1);
            check(f->f64 ? 1e-14 : 2e-6);
        }
    codegen_free(cg);
}

/* The sum of a row, and all of the row times that; what is left is filled. */
static void sums_and_rows(const Banded *f)
{
    uint8_t dtype = f->f64 ? DT_f64 : DT_f32;
    begin(f, 1);
    uint32_t on = inside(f), x = ld(dtype, whole(dtype)), sum = reduce(dtype, OP_sum, in_band(on, dtype, x, 0));
    st(sum, access_of(buffer(dtype, kern->axis[0]), 0, STRIDES(D(1), 0)));
    st(in_band(on, dtype, op(dtype, OP_mul, x, sum, 0), f->fill), whole(dtype));
    kern->wr.at[1].fill = f->fill;
    check_sizes(f);
}

/* Sums of two numbers for each point, and the largest number. */
static void several_sums(const Banded *f)
{
    uint8_t dtype = f->f64 ? DT_f64 : DT_f32;
    begin(f, 1);
    uint32_t on = inside(f), x = ld(dtype, whole(dtype)), y = ld(dtype, whole(dtype));
    uint32_t product = reduce(dtype, OP_sum, in_band(on, dtype, op(dtype, OP_mul, x, y, 0), 0));
    uint32_t sum = reduce(dtype, OP_sum, in_band(on, dtype, y, 0)), most = reduce(dtype, OP_max, in_band(on, dtype, x, -INFINITY));
    uint32_t values[] = {product, sum, most};
    for (int i = 0; i < 3; i++)
        st(values[i], access_of(buffer(dtype, kern->axis[0]), 0, STRIDES(D(1), 0)));
    check_sizes(f);
}

/* No reduction; two results that are filled with other numbers. */
static void elements(const Banded *f)
{
    uint8_t dtype = f->f64 ? DT_f64 : DT_f32;
    begin(f, 0);
    uint32_t on = inside(f), x = ld(dtype, whole(dtype));
    st(in_band(on, dtype, op(dtype, OP_add, x, x, 0), f->fill), whole(dtype));
    st(in_band(on, dtype, op(dtype, OP_mul, x, x, 0), -f->fill), whole(dtype));
    kern->wr.at[0].fill = f->fill, kern->wr.at[1].fill = -f->fill;
    check_sizes(f);
}

/* Before and behind the diagonal, around it, by steps, and nowhere in some rows. */
static const Banded forms[] = {
    {.step = 1, .down = 1, .lo = -1000, .hi = 1},
    {.step = 1, .down = 1, .lo = 0, .hi = 1000, .fill = 2},
    {.step = 1, .down = 1, .lo = -7, .hi = 1, .fill = -1},
    {.step = 1, .down = 1, .off = 3, .lo = -33, .hi = 34, .f64 = true},
    {.step = -1, .down = -1, .lo = 0, .hi = 1000, .fill = 5},
    {.step = -2, .down = -3, .off = 1, .lo = -4, .hi = 40},
    {.step = 3, .down = 2, .off = -2, .lo = -5, .hi = 9, .fill = 0.5},
    {.step = 1, .down = 0, .lo = 5, .hi = 37, .fill = 1},
    {.step = 1, .down = 1, .off = 40, .lo = -10, .hi = -3},
    {.step = 1, .down = 1, .lo = -1000, .hi = 1, .rows = 48, .columns = 48, .fill = 3},
    {.step = 1, .down = 1, .lo = -8, .hi = 9, .rows = 70, .columns = 70},
    {.step = 1, .down = 1, .off = -69, .lo = 0, .hi = 1, .rows = 2, .columns = 70, .fill = 1},
    {.step = 1, .down = 1, .lo = -2, .hi = 70, .rows = 3, .columns = 70, .fill = 1},
    {.step = -1, .down = -1, .lo = -31, .hi = 1, .rows = 40, .columns = 33, .f64 = true, .fill = 4},
};

Test(loop, bands_of_rows)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        sums_and_rows(&forms[i]);
}

Test(loop, bands_of_sums)
{
    for (size_t i = 1; i < sizeof forms / sizeof *forms; i += 3)
        several_sums(&forms[i]);
}

Test(loop, bands_of_elements)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i += 3)
        elements(&forms[i]);
}
