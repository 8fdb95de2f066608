/* links: nnc_codegen nnc_loop nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_loop_rest.c: scatter, scans, updates, functions from outside, sizes. */
#include "loop_kernels.h"

static void run_all(void *const *args, int n, int nt, int64_t *table, void *work)
{
    void *base[NNRT_MAX_BASES] = {0};
    for (int i = 0; i < n; i++)
        base[NNRT_BASE_ARG + i] = args[i];
    base[NNRT_BASE_WORK] = work;
    Guarded scratch = guarded((size_t)nt * (size_t)prog->scratch_bytes);
    base[NNRT_BASE_SCRATCH] = scratch.at;
    cr_assert_eq(prologue(table, size_value), 0);
    nnrt_ctx ctx = {.table = table, .base = base, .nt = nt};
    for (int t = 0; t < nt; t++)
        driver(&ctx, t);
    unguard(scratch);
}

static void scatter(bool accumulate, bool rank1)
{
    start();
    enum { IDS = 9, ROWS = 5 };
    int64_t tail = rank1 ? 1 : 19;
    kern->kind = K_SCATTER;
    kern->rows = D(ROWS);
    kern->accumulate = accumulate;
    kern->part = 0;
    axes(0, (Dim[]){S(0), S(1)}, rank1 ? 1 : 2);
    vec_add(&arena, &kern->rd, access_of(buffer(DT_i32, S(0)), 0, STRIDES(D(1), 0)));
    vec_add(&arena, &kern->rd, access_of(buffer(DT_f32, dim_mul(dims, S(0), S(1))), 0, STRIDES(rank1 ? D(1) : S(1), rank1 ? 0 : D(1))));
    vec_add(&arena, &kern->wr, access_of(buffer(DT_f32, dim_mul(dims, D(ROWS), S(1))), 0, STRIDES(rank1 ? D(1) : S(1), rank1 ? 0 : D(1))));
    compile();
    sizes(IDS, tail, 1, 1);
    int32_t ids[IDS] = {0, 3, 3, 1, 4, 0, 3, 1, 1};
    float update[IDS * 19], out[ROWS * 19], want[ROWS * 19];
    for (int nt = 1; nt <= 3; nt++) {
        int64_t table[64] = {0};
        for (int i = 0; i < ROWS * tail; i++)
            out[i] = want[i] = accumulate ? (float)i : 7;
        for (int i = 0; i < ROWS * tail && !accumulate; i++)
            want[i] = 0;
        for (int i = 0; i < IDS * tail; i++)
            update[i] = (float)i * 0.37f;
        for (int i = 0; i < IDS; i++)
            for (int j = 0; j < tail; j++)
                want[ids[i] * tail + j] += update[i * tail + j];
        run_all((void *[]){ids, update, out}, 3, nt, table, NULL);
        for (int i = 0; i < ROWS * tail; i++)
            cr_assert_eq(out[i], want[i], "[%d] is %g, not %g", i, (double)out[i], (double)want[i]);
    }
    codegen_free(cg);
}

/* Rows with far more updates than a segment, and rows with few, beside one another. */
static void scatter_many(int n, int tail)
{
    start();
    enum { ROWS = 7, MOST = 6000 };
    kern->kind = K_SCATTER;
    kern->rows = D(ROWS);
    kern->accumulate = true;
    kern->part = 0;
    axes(0, (Dim[]){S(0), S(1)}, 2);
    vec_add(&arena, &kern->rd, access_of(buffer(DT_i32, S(0)), 0, STRIDES(D(1), 0)));
    vec_add(&arena, &kern->rd, access_of(buffer(DT_f32, dim_mul(dims, S(0), S(1))), 0, STRIDES(S(1), D(1))));
    vec_add(&arena, &kern->wr, access_of(buffer(DT_f32, dim_mul(dims, D(ROWS), S(1))), 0, STRIDES(S(1), D(1))));
    compile();
    sizes(n, tail, 1, 1);
    int32_t *ids = malloc(sizeof *ids * MOST);
    float *update = malloc(sizeof *update * MOST * 19), out[3][ROWS * 19];
    double want[ROWS * 19] = {0};
    for (int i = 0; i < n; i++) {
        ids[i] = i % 5 == 0 ? 5 : i % 5 == 1 ? 1 + i % 4 : i < n / 2 ? 2 : 6; /* row 0: none */
        for (int j = 0; j < tail; j++)
            want[ids[i] * tail + j] += (double)(update[i * tail + j] = 0.7f + (float)j);
    }
    for (int nt = 1; nt <= 3; nt++) {
        int64_t table[64] = {0};
        memset(out[nt - 1], 0, sizeof out[0]);
        Guarded work = guarded((size_t)value_of(prog->buf.at[prog->buf.n - 1].elements) * 8); /* of the totals */
        memset(work.at, 0x7f, work.n);
        run_all((void *[]){ids, update, out[nt - 1]}, 3, nt, table, work.at);
        unguard(work);
        for (int i = 0; i < ROWS * tail; i++)
            cr_assert_leq(fabs((double)out[nt - 1][i] - want[i]), 8e-6 * want[i], "n %d [%d] is %g, not %g", n, i, (double)out[nt - 1][i],
                          want[i]);
        cr_assert_eq(memcmp(out[0], out[nt - 1], sizeof out[0]), 0, "%d threads", nt);
    }
    free(ids);
    free(update);
    codegen_free(cg);
}

Test(loop, scatter_long_sums)
{
    scatter_many(512, 3);
    scatter_many(2000, 1);
    scatter_many(6000, 19);
}

Test(loop, scatters)
{
    for (int i = 0; i < 4; i++)
        scatter(i & 1, i & 2);
}

/* y[t + 1] = y[t] / 2 + x[t] in a scan, with y in work behind another buffer. */
Test(loop, scan_and_places)
{
    Dim n = S(0), w = S(1), one = D(1);
    uint32_t x = buffer(DT_f32, dim_mul(dims, n, w)), last = buffer(DT_f32, w);
    uint32_t other = buffer(DT_f32, w), y = buffer(DT_f32, dim_mul(dims, dim_add(dims, n, one), w));
    vec_add(&arena, &prog->table, (TableEntry){.kind = TABLE_PLACE, .dim = dim_mul(dims, w, D(4))});
    TableEntry above = {.kind = TABLE_PLACE, .dim = dim_mul(dims, dim_mul(dims, dim_add(dims, n, one), w), D(4))};
    vec_add(&arena, &above.above, 0);
    vec_add(&arena, &prog->table, above);
    vec_add(&arena, &prog->place_order, 0);
    vec_add(&arena, &prog->place_order, 1);
    vec_add(&arena, &prog->table, (TableEntry){.kind = TABLE_WORK});
    prog->buf.at[other].cls = prog->buf.at[y].cls = BUF_WORK;
    prog->buf.at[other].place = 0;
    prog->buf.at[y].place = 1;
    prog->work_entry = 2;
    prog->placed = true; /* as said here */

    kern->name = "start"; /* row 0 of y is 0 */
    axes(0, (Dim[]){w}, 1);
    st(number(DT_f32, 0), access_of(y, 0, STRIDES(one)));

    Kernel *scan = ARENA_NEW(&arena, Kernel);
    *scan = (Kernel){.kind = K_SCAN, .name = "scan", .part = -1, .trips = n, .depth = 0, .order = 1};
    vec_add(&arena, &prog->kernel, scan);
    kern = ARENA_NEW(&arena, Kernel);
    *kern = (Kernel){.kind = K_NEST, .name = "body", .part = 0, .order = 2};
    vec_add(&arena, &scan->body, kern);
    axes(0, (Dim[]){w}, 1);
    Access read = access_of(y, 0, STRIDES(one)), in = access_of(x, 0, STRIDES(one)), write = access_of(y, w, STRIDES(one));
    read.iter[0] = in.iter[0] = write.iter[0] = w;
    st(op(DT_f32, OP_add, op(DT_f32, OP_mul, ld(DT_f32, read), number(DT_f32, 0.5), 0), ld(DT_f32, in), 0), write);

    kern = ARENA_NEW(&arena, Kernel);
    *kern = (Kernel){.kind = K_NEST, .name = "out", .part = -1, .order = 3};
    vec_add(&arena, &prog->kernel, kern);
    axes(0, (Dim[]){w}, 1);
    st(ld(DT_f32, access_of(y, dim_mul(dims, n, w), STRIDES(one))), access_of(last, 0, STRIDES(one)));
    compile();

    sizes(7, 33, 1, 1);
    float xs[7 * 33], got[33];
    static _Alignas(64) char work[4096];
    int64_t table[64] = {0};
    for (int i = 0; i < 7 * 33; i++)
        xs[i] = (float)(i % 13);
    run_all((void *[]){xs, got}, 2, 1, table, work);
    cr_assert(table[0] == 0 && table[1] == 192 && table[2] == 192 + (8 * 33 * 4 + 63) / 64 * 64);
    for (int j = 0; j < 33; j++) {
        float v = 0;
        for (int t = 0; t < 7; t++)
            v = v * 0.5f + xs[t * 33 + j];
        cr_assert_float_eq(got[j], v, 1e-5);
    }
    size_value[0] = (int64_t)1 << 40;
    size_value[1] = (int64_t)1 << 40;
    cr_assert_eq(prologue(table, size_value), 1);
    codegen_free(cg);
}

static int32_t updates, update_result;
static double update_args[3];

static int32_t stub_update(nnrt_ctx *ctx, int32_t statement, const double *args, int32_t tid)
{
    (void)ctx;
    cr_assert(statement == 5 && tid == 0);
    memcpy(update_args, args, sizeof update_args);
    updates++;
    return update_result;
}

static void stub_extern(int64_t n, float scale, const float *x, float *y)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = x[i] * scale;
}

Test(loop, update_and_extern)
{
    kern->kind = K_UPDATE;
    kern->statement = 5;
    kern->part = -1;
    kern->name = "u";
    vec_add(&arena, &kern->rd, access_of(buffer(DT_f64, D(3)), 0, STRIDES(D(1))));
    kern = ARENA_NEW(&arena, Kernel);
    *kern = (Kernel){.kind = K_EXTERN, .name = "e", .symbol = "test_extern", .part = -1, .order = 1};
    vec_add(&arena, &prog->kernel, kern);
    vec_add(&arena, &kern->sizes, S(0));
    uint32_t scale = buffer(DT_f32, D(1));
    prog->buf.at[scale].type.rank = 0;
    vec_add(&arena, &kern->rd, access_of(scale, 0, NULL, 0));
    vec_add(&arena, &kern->rd, access_of(buffer(DT_f32, S(0)), 0, STRIDES(D(1))));
    vec_add(&arena, &kern->wr, access_of(buffer(DT_f32, S(0)), 0, STRIDES(D(1))));
    extra_symbol[0] = "nnrt_update";
    extra_address[0] = (void *)(uintptr_t)stub_update;
    extra_symbol[1] = "test_extern";
    extra_address[1] = (void *)(uintptr_t)stub_extern;
    compile();
    sizes(3, 1, 1, 1);
    double args[3] = {1, 2, 3};
    float s = 2, x[3] = {1, 2, 3}, y[3] = {0};
    int64_t table[64];
    run_all((void *[]){args, &s, x, y}, 4, 1, table, NULL);
    cr_assert(updates == 1 && update_args[2] == 3 && y[2] == 6);
    update_result = 1; /* the step ends: nothing after it runs */
    y[2] = 0;
    run_all((void *[]){args, &s, x, y}, 4, 1, table, NULL);
    cr_assert(updates == 2 && y[2] == 0);
    codegen_free(cg);
}

/* ---- one number of AVX: nothing behind it is read ---- */

Test(loop, one_number_is_chosen_from_memory)
{
    cpu = "x86-64-v3";
    static const uint8_t dtypes[] = {DT_f32, DT_f64};
    for (int i = 0; i < 2; i++) {
        uint8_t dtype = dtypes[i];
        start();
        kern->part = -1;
        uint32_t x = ld(dtype, access_of(buffer(dtype, D(1)), 0, NULL, 0));
        uint32_t less = op(DT_bool, OP_less_equal, x, number(dtype, 0.5), 0);
        uint32_t y = ld(dtype, access_of(buffer(dtype, D(1)), 0, NULL, 0));
        uint32_t chosen = op(dtype, OP_where, less, y, x);
        st(chosen, access_of(buffer(dtype, D(1)), 0, NULL, 0));
        compile();
        check(1e-7);
        for (const char *select = codegen_ir(cg); (select = strstr(select, " select i1 ")); select++)
            cr_assert_eq(strchr(select, ',')[2], 'i', "%.80s", select); /* i32 and i64 */
        codegen_free(cg);
    }
    cpu = NULL;
}

/* ---- the same bits on every machine ---- */

static void collect(const char *on, float *out, int which)
{
    cpu = on;
    start();
    if (which == 0) {
        softmax(D(5), S(1), false);
    } else if (which == 1) {
        gemm((Form){.dtype = DT_f32, .epilogue = true, .transposed = true}, 5, 77, 50);
    } else {
        start();
        axes(1, (Dim[]){S(0), S(1)}, 2);
        st(reduce(DT_f32, OP_sum, ld(DT_f32, access_of(buffer(DT_f32, D(385)), 0, STRIDES(S(1), D(1))))),
           access_of(buffer(DT_f32, D(385)), 0, STRIDES(D(1))));
        compile();
    }
    static float in[2][5000], spare[500];
    for (int i = 0; i < 5000; i++)
        in[0][i] = in[1][i] = (float)sin(i) * 3;
    size_value[0] = 5;
    size_value[1] = 77;
    size_value[2] = 50;
    int64_t table[64];
    memset(spare, 0, sizeof spare);
    if (which == 1)
        run_all((void *[]){in[0], in[1], in[0], out}, 4, 1, table, NULL);
    else
        run_all((void *[]){in[0], out, spare}, 3, 1, table, NULL);
    codegen_free(cg);
}

Test(loop, same_bits_for_other_vectors)
{
    static float a[385], b[385];
    for (int which = 0; which < 3; which++) {
        collect(NULL, a, which);
        if (!target.loop.fma || target.loop.vector_bytes < 32) return;
        collect("x86-64-v3", b, which);
        cr_assert_eq(memcmp(a, b, sizeof(float) * (which == 2 ? 5 : 385)), 0, "program %d", which);
        cr_assert(a[0] != 0);
    }
}

Test(loop, strict_has_no_fused_operations)
{
    strict = true;
    gemm((Form){.dtype = DT_f32, .epilogue = true, .transposed = true}, 17, 33, 20);
    check(1e-5);
    cr_assert_null(strstr(codegen_ir(cg), "llvm.fma"));
    codegen_free(cg);
    strict = false;
    gemm((Form){.dtype = DT_f32}, 17, 33, 20);
    cr_assert(!target.loop.fma || strstr(codegen_ir(cg), "llvm.fma"));
    codegen_free(cg);
}

/* a * b + c is one operation where the kernel says so, whichever operand is the product. */
Test(loop, maps_are_fused_where_they_may_be)
{
    for (int way = 0; way < 6; way++) {
        start();
        axes(0, (Dim[]){S(0)}, 1);
        uint32_t in[3];
        for (int i = 0; i < 3; i++)
            in[i] = ld(DT_f32, access_of(buffer(DT_f32, S(0)), 0, STRIDES(D(1))));
        uint32_t product = op(DT_f32, OP_mul, in[0], in[1], 0);
        uint32_t sum = op(DT_f32, way % 3 == 2 ? OP_sub : OP_add, way % 3 == 1 ? in[2] : product, way % 3 == 1 ? product : in[2], 0);
        kern->x.at[sum - 1].fma = way < 3 ? 0 : way % 3 == 1 ? 2 : 1;
        st(sum, access_of(buffer(DT_f32, S(0)), 0, STRIDES(D(1))));
        compile();
        cr_expect_eq(strstr(codegen_ir(cg), "llvm.fma") != NULL, way >= 3 && target.loop.fma, "way %d", way);
        sizes(37, 1, 1, 1);
        check(1e-6);
        codegen_free(cg);
    }
}
