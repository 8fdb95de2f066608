/* links: nnc_codegen nnc_loop nnc_kernel nnc_tensor nnc_support m pthread */
/* SPDX-License-Identifier: MIT
 * test_compile.c: tensor graphs through kernels, loops and machine code, against the interpreter of
 * tensor IR.
 *
 * Every graph is compiled with a symbolic batch B (and L), runs at several values of it with one
 * and three threads (real ones), with work memory full of NaN and arguments that end at a forbidden
 * page. */
#include "codegen/codegen.h"
#include "tensor/graph.h"

#include "graph_help.h"
#include "nnrt_abi.h"

#include <criterion/criterion.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* ---- threads and the parts of the runtime that kernels call ---- */

static bool alone; /* one thread of several runs without the others */

static void barrier(nnrt_ctx *ctx)
{
    if (ctx->nt == 1 || alone) return;
    uint32_t phase = __atomic_load_n(&ctx->phase, __ATOMIC_ACQUIRE);
    if (__atomic_add_fetch(&ctx->arrived, 1, __ATOMIC_ACQ_REL) == (uint32_t)ctx->nt) {
        ctx->arrived = 0;
        __atomic_add_fetch(&ctx->phase, 1, __ATOMIC_ACQ_REL);
    } else {
        while (__atomic_load_n(&ctx->phase, __ATOMIC_ACQUIRE) == phase)
            sched_yield();
    }
}

static int32_t fail_line;

static void fail(nnrt_ctx *ctx, int32_t code, int32_t line)
{
    (void)ctx;
    (void)code;
    fail_line = line;
}

typedef void Driver(nnrt_ctx *, int64_t);
typedef int32_t Prologue(int64_t *, const int64_t *);
typedef struct Job {
    Driver *driver;
    nnrt_ctx *ctx;
    int64_t tid;
} Job;

static void *thread_main(void *user)
{
    Job *job = user;
    job->driver(job->ctx, job->tid);
    return NULL;
}

static void run_gang(Driver *driver, nnrt_ctx *ctx)
{
    pthread_t thread[8];
    Job job[8];
    for (int i = 0; i < ctx->nt; i++) {
        job[i] = (Job){driver, ctx, i};
        pthread_create(&thread[i], NULL, thread_main, &job[i]);
    }
    for (int i = 0; i < ctx->nt; i++)
        pthread_join(thread[i], NULL);
}

/* ---- threads one after the other ---- */

static struct {
    char *at;
    size_t n;
} written[8]; /* the results */
static uint32_t n_written;

/* No byte of a result is written by two threads. Of graphs of one kernel, which needs no barrier. */
static void run_apart(Driver *driver, nnrt_ctx *ctx)
{
    static char owned[8][1 << 16];
    int64_t writers = 0;
    alone = true;
    memset(owned, 0, sizeof owned);
    for (int64_t tid = 0; tid < ctx->nt; tid++) {
        size_t own = 0;
        for (uint32_t i = 0; i < n_written; i++)
            memset(written[i].at, 0xa5, written[i].n);
        driver(ctx, tid);
        for (uint32_t i = 0; i < n_written; i++)
            for (size_t k = 0; k < written[i].n; k++) {
                if (written[i].at[k] == (char)0xa5) continue;
                cr_assert(!owned[i][k], "byte %zu of result %u is written by two threads", k, i);
                owned[i][k] = 1;
                own++;
            }
        writers += own > 0;
    }
    cr_assert_geq(writers, 2, "one thread does the work of all");
    for (int64_t tid = 0; tid < ctx->nt; tid++)
        driver(ctx, tid);
    alone = false;
}

static void (*run_threads)(Driver *, nnrt_ctx *) = run_gang;

/* ---- compile ---- */

typedef struct Compiled {
    KProgram *p;
    Cg *cg;
    Driver *driver;
    Prologue *prologue;
    char *constants;
} Compiled;

/* The program's constant tables, one behind the other. */
static char *lay_out_tables(int64_t *offset)
{
    int64_t total = 0;
    for (uint32_t i = 0; i < module->table.n; i++) {
        int64_t n = 1;
        offset[i] = total;
        for (int k = 0; k < module->table.at[i].type.rank; k++) {
            int64_t e;
            cr_assert(dim_is_const(dims, module->table.at[i].type.dim[k], &e));
            n *= e;
        }
        total += (n * dtype_bytes(module->table.at[i].type.dtype) + 63) / 64 * 64;
    }
    return arena_alloc(&arena, (size_t)total + 64);
}

static Compiled compile(bool no_fusion, bool no_reuse)
{
    Compiled c = {0};
    CgTarget target = {.cpu = getenv("NNC_TEST_CPU")};
    const char *error = codegen_target(&arena, &target, false);
    cr_assert_null(error, "%s", error);
    Symbol symbols[2] = {symB, symL};
    int64_t *offset = ARENA_ARRAY(&arena, int64_t, module->table.n + 1);
    c.constants = lay_out_tables(offset);
    KernelOptions options = {.no_fusion = no_fusion, .no_reuse = no_reuse, .n_symbols = 2, .symbols = symbols, .const_offset = offset};
    Layout *layout = ARENA_NEW(&arena, Layout);
    EntryLayout *entry = ARENA_NEW(&arena, EntryLayout);
    layout->float_dtype = DT_f32;
    c.p = kernel_build(&arena, g, layout, entry, &options);
    if (getenv("NNC_TEST_PRINT")) {
        Text text = {.arena = &arena};
        kernel_print(c.p, &text);
        fprintf(stderr, "%s", text_c(&text));
    }
    error = kernel_verify(c.p, &arena);
    cr_assert_null(error, "%s", error);
    LoopModule *loops = ARENA_NEW(&arena, LoopModule);
    *loops = (LoopModule){.arena = &arena, .module = module, .target = target.loop};
    loop_lower(loops, c.p, "t");
    error = loop_verify(loops, &arena);
    cr_assert_null(error, "%s", error);
    for (uint32_t i = 0; i < loops->fn.n; i++)
        loops->fn.at[i]->exported = true;
    c.cg = codegen_new(&arena, &target, "test", 0);
    codegen_loops(c.cg, loops);
    error = codegen_verify(c.cg);
    cr_assert_null(error, "%s", error);
    codegen_optimize(c.cg, 1);
    codegen_jit_symbol(c.cg, "nnrt_barrier", (void *)(uintptr_t)barrier);
    codegen_jit_symbol(c.cg, "nnrt_fail", (void *)(uintptr_t)fail);
    c.driver = (Driver *)(uintptr_t)codegen_jit(c.cg, "t_driver", &error);
    cr_assert_null(error, "%s", error);
    c.prologue = (Prologue *)(uintptr_t)codegen_jit(c.cg, "t_prologue", &error);
    return c;
}

/* ---- values ---- */

static void put(char *p, uint8_t dtype, int64_t i, const TensorValue *v)
{
    switch (dtype) {
    case DT_bool: ((uint8_t *)p)[i] = v->i[i] != 0; break;
    case DT_i32: ((int32_t *)p)[i] = (int32_t)v->i[i]; break;
    case DT_i64: ((int64_t *)p)[i] = v->i[i]; break;
    case DT_f32: ((float *)p)[i] = (float)v->f[i]; break;
    default: ((double *)p)[i] = v->f[i]; break;
    }
}

static double get(const char *p, uint8_t dtype, int64_t i)
{
    switch (dtype) {
    case DT_bool: return ((const uint8_t *)p)[i];
    case DT_i32: return ((const int32_t *)p)[i];
    case DT_i64: return (double)((const int64_t *)p)[i];
    case DT_f32: return ((const float *)p)[i];
    default: return ((const double *)p)[i];
    }
}

static uint32_t noise = 1;
static int64_t id_limit = 5; /* integer inputs are below it */

static void fill(TensorValue *v)
{
    for (int64_t i = 0; i < v->count; i++) {
        noise = noise * 1664525u + 1013904223u;
        double x = (double)(noise >> 8) / (1 << 24);
        if (v->f)
            v->f[i] = (double)(float)(2 * x - 1);
        else
            v->i[i] = v->type.dtype == DT_bool ? x < 0.5 : (int64_t)(x * (double)id_limit);
    }
}

/* Memory that ends at a forbidden page. */
static char *guarded(size_t n)
{
    size_t page = 4096, pages = (n + page - 1) / page * page;
    char *map = mmap(NULL, pages + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(map + pages, page, PROT_NONE);
    return map + pages - n;
}

static void compare(const Compiled *c, int64_t b, int64_t l, int nt, double tolerance, char **first)
{
    int64_t *symbols = ARENA_ARRAY(&arena, int64_t, symbol_count(dims) + 1), sizes[2] = {b, l};
    int64_t *table = ARENA_ARRAY(&arena, int64_t, c->p->table.n + 8);
    symbols[symB] = b;
    symbols[symL] = l;
    noise = 7;
    TensorValue *in = ARENA_ARRAY(&arena, TensorValue, g->param.n + 1), *out = ARENA_ARRAY(&arena, TensorValue, g->result.n + 1);
    void *base[NNRT_MAX_BASES] = {0};
    for (uint32_t i = 0; i < g->param.n; i++) {
        in[i] = tensor_value_new(&arena, dims, &g->param.at[i].type, symbols);
        fill(&in[i]);
        char *p = guarded((size_t)(in[i].count * dtype_bytes(in[i].type.dtype)));
        for (int64_t k = 0; k < in[i].count; k++)
            put(p, in[i].type.dtype, k, &in[i]);
        base[NNRT_BASE_ARG + i] = p;
    }
    InterpretHooks hooks = {0};
    const char *error = graph_interpret(g, symbols, in, out, &hooks, &arena);
    cr_assert_null(error, "%s", error);
    cr_assert_eq(c->prologue(table, sizes), 0);
    n_written = g->result.n < 8 ? g->result.n : 8;
    for (uint32_t i = 0; i < g->result.n; i++) {
        size_t bytes = (size_t)(out[i].count * dtype_bytes(out[i].type.dtype));
        base[NNRT_BASE_ARG + g->param.n + i] = guarded(bytes);
        if (i < n_written) written[i].at = base[NNRT_BASE_ARG + g->param.n + i], written[i].n = bytes;
    }
    size_t work = (size_t)table[c->p->work_entry];
    char *memory = aligned_alloc(64, work + 64);
    memset(memory, 0xff, work + 64); /* NaN */
    base[NNRT_BASE_WORK] = memory;
    base[NNRT_BASE_CONST] = c->constants;
    base[NNRT_BASE_SCRATCH] = guarded((size_t)nt * (size_t)table[c->p->scratch_entry]);
    nnrt_ctx ctx = {.table = table, .base = base, .nt = nt};
    run_threads(c->driver, &ctx);
    for (size_t i = work; i < work + 64; i++)
        cr_assert_eq(memory[i], (char)0xff, "work memory is overrun");
    free(memory);
    for (uint32_t i = 0; i < g->result.n; i++) {
        const char *p = base[NNRT_BASE_ARG + g->param.n + i];
        for (int64_t k = 0; k < out[i].count; k++) {
            double got = get(p, out[i].type.dtype, k), want = out[i].f ? out[i].f[k] : (double)out[i].i[k];
            bool ok = got == want || (got != got && want != want) || fabs(got - want) <= tolerance * (1 + fabs(want));
            cr_assert(ok, "result %u [%lld of %lld] is %.9g, not %.9g (B = %lld, L = %lld, %d threads)", i, (long long)k,
                      (long long)out[i].count, got, want, (long long)b, (long long)l, nt);
        }
        size_t bytes = (size_t)(out[i].count * dtype_bytes(out[i].type.dtype));
        if (nt == 1) {
            first[i] = arena_copy(&arena, p, bytes);
        } else {
            cr_assert_eq(memcmp(first[i], p, bytes), 0, "result %u differs with %d threads", i, nt);
        }
    }
}

static void check(double tolerance)
{
    static const int64_t size[][2] = {{1, 1}, {2, 3}, {31, 5}, {33, 17}, {5, 40}};
    const char *error = graph_verify(g, &arena);
    cr_assert_null(error, "%s", error);
    for (int way = 0; way < 3; way++) {
        Compiled c = compile(way == 1, way == 2);
        for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
            char *first[16];
            compare(&c, size[i][0], size[i][1], 1, tolerance, first);
            compare(&c, size[i][0], size[i][1], 3, tolerance, first);
        }
        codegen_free(c.cg);
    }
}

/* ---- graphs ---- */

TestSuite(compile, .init = start_graph, .timeout = 120);

Test(compile, mlp_and_softmax)
{
    Ref x = input("x", F32(B, D(50))), w1 = input("w1", F32(D(50), D(37))), b1 = input("b1", F32(D(37)));
    Ref w2 = input("w2", F32(D(37), D(10)));
    Ref h = relu(plus_bias(dot(x, w1, 1, 0), b1));
    Ref z = dot(h, w2, 1, 0), p = softmax(z);
    result(p);
    result(reduce_last(OP_argmax, z));
    result(dot(x, h, 0, 0));  /* x^T h */
    result(dot(z, w2, 1, 1)); /* z w2^T */
    check(2e-5);
}

/* A contraction without rows: what follows the sum does not vary with a row and may not be moved before it. */
Test(compile, one_row)
{
    Ref x = input("x", F32(D(50))), w = input("w", F32(D(50), D(37)));
    Ref b1 = input("b1", F32(D(37))), b2 = input("b2", F32(D(37)));
    Ref biases = build_binary(g, OP_add, b1, b2);
    result(build_binary(g, OP_add, biases, dot(x, w, 0, 0)));
    check(2e-5);
}
Test(compile, layer_norm_and_statistics)
{
    Ref x = input("x", F32(B, L, D(24)));
    Ref n = build_like(g, reduce_last(OP_sum, x), 1.0 / 24);
    Ref mean = build_binary(g, OP_mul, reduce_last(OP_sum, x), n);
    Ref c = build_binary(g, OP_sub, x, spread(mean, x));
    Ref var = build_binary(g, OP_mul, reduce_last(OP_sum, build_binary(g, OP_mul, c, c)), n);
    Ref sd = build_unary(g, OP_sqrt, build_binary(g, OP_add, var, build_like(g, var, 1e-3)));
    result(build_binary(g, OP_div, c, spread(sd, c)));
    int both[2] = {0, 1};
    result(build_reduce(g, OP_sum, x, both, 2));
    result(build_reduce(g, OP_max, x, both, 2));
    int all[3] = {0, 1, 2};
    result(build_reduce(g, OP_sum, build_unary(g, OP_tanh, x), all, 3));
    check(3e-5);
}

/* Sums over the batch and a second axis, to channels that fill no vectors, one vector and tail, and several. */
static void moments(int64_t channels, double mean, double tolerance)
{
    start_graph();
    Ref x = input("x", F32(B, L, D(channels))), cot = input("c", F32(B, L, D(channels)));
    int rows[2] = {0, 1};
    Ref y = build_binary(g, OP_add, build_binary(g, OP_mul, x, build_like(g, x, 0.125)), build_like(g, x, mean));
    Ref sum = build_reduce(g, OP_sum, y, rows, 2), count = build_cast(g, build_size(g, dim_mul(g->module->dims, B, L)), DT_f32);
    Ref n = build_broadcast_to(g, count, *graph_type(g, sum)), m = build_binary(g, OP_div, sum, n);
    Ref d = build_binary(g, OP_sub, y, build_broadcast_to(g, m, *graph_type(g, y)));
    Ref v = build_binary(g, OP_div, build_reduce(g, OP_sum, build_binary(g, OP_mul, d, d), rows, 2), n);
    result(build_binary(g, OP_mul, v, build_like(g, v, 64)));
    result(m);
    result(build_reduce(g, OP_sum, cot, rows, 2));
    result(build_binary(g, OP_div, build_reduce(g, OP_sum, build_binary(g, OP_mul, cot, d), rows, 2), n));
    check(tolerance);
}

Test(compile, moments_of_few_channels)
{
    moments(7, 0, 2e-5);
}

Test(compile, moments_of_a_vector_and_a_tail)
{
    moments(36, 3, 3e-5);
}

Test(compile, moments_of_many_channels)
{
    moments(100, 0, 2e-5);
}

/* Differences of 0.07 from numbers that single precision knows to 3e-5 only. */
Test(compile, moments_of_numbers_far_from_zero)
{
    moments(16, 285, 2e-4);
}

Test(compile, convolutions)
{
    Conv c = {.mode = 0,
              .groups = 1,
              .stride = {1, 1},
              .dil = {1, 1},
              .lo = {D(1), D(1)},
              .hi = {D(1), D(1)},
              .k = {D(3), D(3)},
              .extent = {D(7), D(6)}};
    Ref x = input("x", F32(B, D(7), D(6), D(3))), w = input("w", F32(D(3), D(3), D(3), D(17)));
    Ref y = build_conv(g, x, w, &c);
    result(relu(y));
    Conv dx = c, dw = c;
    dx.mode = 1;
    dw.mode = 2;
    result(build_conv(g, y, w, &dx));
    result(build_conv(g, x, y, &dw));
    check(1e-4);
}

/* Long rows of sums with two streams beside them are finished row by row. */
Test(compile, streams_beside_sums)
{
    Ref x = input("x", F32(B, D(9))), w = input("w", F32(D(9), D(150))), p = input("p", F32(B, D(150))), q = input("q", F32(B, D(150)));
    result(build_binary(g, OP_mul, build_binary(g, OP_add, dot(x, w, 1, 0), p), q));
    Ref v = input("v", F32(D(600), D(131))), y = input("y", F32(B, D(600))), r = input("r", F32(B, D(131)));
    Ref sum = build_binary(g, OP_sub, r, dot(y, v, 1, 0));
    result(build_where(g, build_binary(g, OP_less, input("s", F32(B, D(131))), r), sum, build_like(g, sum, 0)));
    check(1e-4);
}

/* A picture of one row: the taps above and below meet zeros only, and are not multiplied. */
Test(compile, convolution_leaves_zeros_out)
{
    Conv c = {.mode = 0,
              .groups = 1,
              .stride = {1, 1},
              .dil = {2, 1},
              .lo = {D(2), D(1)},
              .hi = {D(2), D(1)},
              .k = {D(3), D(3)},
              .extent = {D(1), D(9)}};
    Ref x = input("x", F32(B, D(1), D(9), D(16))), w = input("w", F32(D(1), D(3), D(16), D(17)));
    Ref none = build_like(g, w, NAN), all = build_concat(g, (Ref[]){none, w, none}, 3, 0);
    Ref y = build_conv(g, x, all, &c);
    result(y);
    Conv dx = c;
    dx.mode = 1;
    result(build_conv(g, y, all, &dx));
    check(1e-4);
}

/* Two phases in one kernel, whose weights differ: groups of one channel cannot be columns there. */
Test(compile, depthwise_phases)
{
    for (int i = 0; i < 3; i++) {
        Conv c = {.mode = 1,
                  .groups = 16,
                  .stride = {2, 1 + i % 2},
                  .dil = {1, 1},
                  .lo = {D(2 * (i == 2)), D(1)},
                  .hi = {D(0), D(1)},
                  .k = {D(2), D(2 + i)},
                  .extent = {D(8), D(6)}};
        Ref y = input(arena_print(&arena, "y%d", i), F32(B, conv_out_extent(g, &c, 0), conv_out_extent(g, &c, 1), D(16)));
        Ref w = input(arena_print(&arena, "w%d", i), F32(D(2), D(2 + i), D(1), D(16)));
        result(build_conv(g, y, w, &c));
    }
    check(1e-4);
}

Test(compile, strided_convolutions)
{
    Conv c = {.mode = 0,
              .groups = 1,
              .stride = {2, 2},
              .dil = {1, 1},
              .lo = {D(1), D(0)},
              .hi = {D(1), D(1)},
              .k = {D(3), D(2)},
              .extent = {D(9), D(8)}};
    Ref x = input("x", F32(B, D(9), D(8), D(4))), w = input("w", F32(D(3), D(2), D(4), D(8)));
    Ref y = build_conv(g, x, w, &c);
    result(y);
    Conv dx = c, dw = c;
    dx.mode = 1;
    dw.mode = 2;
    result(build_conv(g, y, w, &dx));
    result(build_conv(g, x, y, &dw));
    check(1e-4);
}

/* Stride, kernel, padding, dilation, channels, outputs. */
static void strided(int64_t stride, int64_t k, int64_t lo, int64_t dil, int64_t channels, int64_t outputs)
{
    for (int i = 0; i < 3; i++) {
        Dim extent = D(11 + i);
        Conv c = {.mode = 1,
                  .groups = 1,
                  .stride = {stride, stride},
                  .dil = {dil, dil},
                  .lo = {D(lo), D(lo)},
                  .hi = {D(lo), D(lo)},
                  .k = {D(k), D(k)},
                  .extent = {extent, D(13)}};
        Ref y = input(arena_print(&arena, "y%d", i), F32(B, conv_out_extent(g, &c, 0), conv_out_extent(g, &c, 1), D(outputs)));
        Ref w = input(arena_print(&arena, "w%d", i), F32(c.k[0], c.k[1], D(channels), D(outputs)));
        Ref x = input(arena_print(&arena, "x%d", i), F32(B, extent, D(13), D(channels)));
        result(build_binary(g, OP_mul, build_conv(g, y, w, &c), x));
    }
    check(1e-4);
}

Test(compile, phases_of_a_4x4_window)
{
    strided(2, 4, 1, 1, 5, 18);
}
Test(compile, phases_of_a_3x3_window)
{
    strided(2, 3, 1, 1, 33, 3);
}
Test(compile, phases_of_a_7x7_window)
{
    strided(3, 7, 3, 1, 3, 4);
}
Test(compile, phases_without_taps)
{
    strided(2, 1, 0, 1, 16, 8);
}
Test(compile, phases_of_one_product)
{
    strided(4, 4, 0, 1, 3, 17);
}
Test(compile, phases_to_one_channel)
{
    strided(2, 4, 1, 1, 1, 32);
}
Test(compile, phases_to_a_few_channels)
{
    strided(2, 5, 2, 1, 6, 16);
}
Test(compile, overlap_of_rows)
{
    strided(1, 5, 0, 1, 6, 16);
}
Test(compile, overlap_of_windows)
{
    strided(1, 3, 1, 1, 2, 21);
}
Test(compile, phases_of_a_dilated_window)
{
    strided(2, 3, 2, 2, 6, 7);
}

/* Gradients of weights, with the channels of y as rows of the product. */
Test(compile, weights_of_few_channels)
{
    for (int i = 0; i < 3; i++) {
        int64_t from = 5 + 7 * i, to = 2 + 5 * i;
        Conv c = {.mode = 2, .groups = 1, .stride = {1, 1 + i}, .dil = {1, 1}, .lo = {D(1), D(i)}, .hi = {D(1), D(1)}, .k = {D(3), D(3)}};
        c.extent[0] = D(20), c.extent[1] = D(33);
        Ref x = input(arena_print(&arena, "x%d", i), F32(B, D(20), D(33), D(from)));
        Ref y = input(arena_print(&arena, "y%d", i), F32(B, conv_out_extent(g, &c, 0), conv_out_extent(g, &c, 1), D(to)));
        Ref w = build_conv(g, x, y, &c);
        result(i == 1 ? relu(w) : w);
    }
    check(3e-4);
}

/* The border of what lies inside of a padded buffer is zero, whatever was in the memory. */
Test(compile, convolution_of_a_computed_value)
{
    Conv c = {.groups = 1, .stride = {1, 1}, .dil = {1, 1}, .lo = {D(1), D(1)}, .hi = {D(1), D(1)}, .k = {D(3), D(3)}};
    c.extent[0] = D(9), c.extent[1] = D(12);
    Ref x = relu(input("x", F32(B, D(9), D(12), D(18)))), w = input("w", F32(D(3), D(3), D(18), D(18)));
    Ref y = relu(build_conv(g, x, w, &c)), z = build_conv(g, y, w, &c);
    result(z);
    c.mode = 2;
    result(build_conv(g, y, z, &c));
    c.lo[1] = c.hi[0] = D(0);
    c.mode = 0;
    Ref narrow = build_conv(g, y, w, &c);
    result(narrow);
    check(2e-4);
}

Test(compile, depthwise_convolution)
{
    Conv c = {.mode = 0,
              .groups = 8,
              .stride = {1, 1},
              .dil = {1, 1},
              .lo = {D(1), D(1)},
              .hi = {D(1), D(1)},
              .k = {D(3), D(3)},
              .extent = {D(5), D(5)}};
    Ref x = input("x", F32(B, D(5), D(5), D(8))), w = input("w", F32(D(3), D(3), D(1), D(8)));
    Ref y = build_conv(g, x, w, &c);
    result(y);
    Conv dx = c, dw = c;
    dx.mode = 1;
    dw.mode = 2;
    result(build_conv(g, y, w, &dx));
    result(build_conv(g, x, y, &dw));
    check(1e-4);
}

Test(compile, pooling)
{
    Ref x = input("x", F32(B, D(8), D(6), D(5)));
    Ref w = build_window(g, build_window(g, x, 1, 2, 2, 1), 3, 2, 2, 1); /* [B, 4, 2, 3, 2, 5] */
    int axes[2] = {2, 4};
    result(build_reduce(g, OP_max, w, axes, 2));
    result(build_reduce(g, OP_argmax, w, axes, 2));
    result(build_fold(g, build_window(g, x, 1, 3, 2, 1), 1, D(8), 3, 2, 1));
    check(1e-6);
}

Test(compile, views)
{
    Ref x = input("x", F32(B, L, D(6)));
    int perm[3] = {2, 0, 1};
    result(build_unary(g, OP_exp, build_permute(g, x, perm)));
    Dim lo[3] = {D(0), D(0), D(1)}, hi[3] = {B, L, D(6)};
    int64_t back[3] = {-1, 1, 2};
    result(build_slice(g, x, lo, hi, back));
    Dim pad_lo[3] = {D(0), D(2), D(1)}, pad_hi[3] = {D(0), D(1), D(0)};
    int64_t interior[3] = {0, 0, 0};
    Ref padded = build_pad(g, x, pad_lo, pad_hi, interior, 0.5);
    result(padded);
    result(reduce_last(OP_sum, padded));
    Ref parts[3] = {x, build_unary(g, OP_neg, x), x};
    result(build_concat(g, parts, 3, 1));
    int64_t wide[3] = {0, 1, 0};
    result(build_pad(g, x, pad_lo, pad_hi, wide, 0));
    Dim flat[2] = {B, dim_mul(dims, L, D(6))};
    result(build_reshape(g, x, flat, 2));
    check(1e-6);
}

Test(compile, gather_scatter_integers)
{
    Ref table = input("t", F32(D(5), D(19))), ids = input("i", I32(B, L)), u = input("u", F32(B, L, D(19)));
    Ref rows = build_take(g, table, ids);
    result(build_binary(g, OP_mul, rows, u));
    result(build_scatter_add(g, ids, u, D(5)));
    result(build_binary(g, OP_add, table, build_scatter_add(g, ids, u, D(5))));
    Type one_hot = F32(B, L, D(5));
    Type int_hot = one_hot;
    int_hot.dtype = DT_i32;
    result(build_cast(g, build_binary(g, OP_equal, build_iota(g, int_hot, 2), spread(ids, build_iota(g, int_hot, 2))), DT_f32));
    result(build_binary(g, OP_floordiv, ids, build_like(g, ids, 2)));
    check(1e-5);
}

Test(compile, attention)
{
    Ref q = input("q", F32(B, L, D(16))), k = input("k", F32(B, L, D(16))), v = input("v", F32(B, L, D(16)));
    int zero = 0, two = 2, one = 1;
    Ref s = build_dot(g, q, k, 1, &zero, &zero, 1, &two, &two);
    Ref p = softmax(build_binary(g, OP_mul, s, build_like(g, s, 0.25)));
    result(build_dot(g, p, v, 1, &zero, &zero, 1, &two, &one));
    check(1e-5);
}

Test(compile, random)
{
    Ref seed = build_const_int(g, (Type){.dtype = DT_i64}, 12), step = build_const_int(g, (Type){.dtype = DT_i64}, 3);
    Ref at = build_const_int(g, (Type){.dtype = DT_i64}, 0), x = input("x", F32(B, D(21)));
    Ref u = build_random(g, 0, 0x123456789abcdefull, seed, step, at, F32(B, D(21)), 0);
    result(build_where(g, build_binary(g, OP_less, u, build_like(g, u, 0.4)), build_like(g, x, 0), x));
    result(build_random(g, 1, 77, seed, step, at, I32(B, D(21)), D(10)));
    check(0);
}

/* Rows of whole blocks of four, short and long, with tails, added to sums, per channel; draws of several steps side by side. */
Test(compile, random_blocks)
{
    Ref seed = build_const_int(g, (Type){.dtype = DT_i64}, -5), step = build_const_int(g, (Type){.dtype = DT_i64}, 1L << 33 | 9);
    Ref at = build_const_int(g, (Type){.dtype = DT_i64}, 6), steps = input("steps", I32(D(3)));
    Ref w = input("w", F32(D(8), D(36)));
    int a = 1, c = 0, channel = 2;
    for (int n = 4; n <= 76; n += 8) {
        Ref x = input("x", F32(B, D(n)));
        result(build_binary(g, OP_mul, x, build_random(g, 0, (uint64_t)n << 31, seed, step, at, F32(B, D(n)), 0)));
    }
    Ref u = build_random(g, 0, 11, seed, step, at, F32(B, D(36)), 0);
    result(build_binary(g, OP_add, build_dot(g, input("y", F32(B, D(8))), w, 0, NULL, NULL, 1, &a, &c), u));
    result(build_reduce(g, OP_sum, build_binary(g, OP_mul, u, u), &a, 1));
    result(build_reduce(g, OP_sum, build_random(g, 0, 12, seed, step, at, F32(B, D(5), D(16)), 0), &channel, 1));
    result(build_random(g, 1, 13, seed, step, steps, I32(D(3), B, D(12)), D(1000)));
    result(build_random(g, 0, 14, seed, step, at, (Type){DT_f64, 2, {B, D(12)}}, 0));
    check(1e-5);
}

/* A running average over the rows of xs: h' = tanh(h w + x). */
Test(compile, scan)
{
    Graph *body = graph_new(module, "body");
    Type state = F32(B, D(9)), weights = F32(D(9), D(9));
    Ref h = build_param(body, PARAM_CARRY, "h", state, 0), x = build_param(body, PARAM_XS, "x", state, 0);
    Ref w = build_param(body, PARAM_CONST, "w", weights, 0);
    int ca = 1, cb = 0;
    Ref next = build_unary(body, OP_tanh, build_binary(body, OP_add, build_dot(body, h, w, 0, NULL, NULL, 1, &ca, &cb), x));
    build_result(body, next, "h", -1);
    build_result(body, build_binary(body, OP_mul, next, next), "y", -1);
    Ref in[3] = {input("h", state), input("xs", F32(L, B, D(9))), input("w", weights)};
    Ref s = build_scan(g, body->id, L, 1, 1, in, 3);
    result(build_proj(g, s, 0));
    result(build_proj(g, s, 1));
    check(1e-5);
}

/* Axes merged and cut at once, then permuted and merged again: groups of channels of an image. */
Test(compile, channels_in_groups)
{
    Ref x = input("x", F32(B, D(2), D(3), D(6))), w = input("w", F32(D(6)));
    Ref scaled = build_binary(g, OP_mul, x, build_broadcast_to(g, w, *graph_type(g, x)));
    Dim cut[4] = {B, D(6), D(3), D(2)}, whole[3] = {B, D(3), D(12)};
    int perm[4] = {0, 2, 1, 3};
    Ref groups = build_reshape(g, build_permute(g, build_reshape(g, build_unary(g, OP_neg, scaled), cut, 4), perm), whole, 3);
    result(scaled);
    result(reduce_last(OP_sum, groups));
    result(build_binary(g, OP_add, groups, spread(reduce_last(OP_sum, groups), groups)));
    check(1e-5);
}

/* Columns of the second operand that lie apart, one more of them than vectors have. */
Test(compile, columns_apart)
{
    Ref x = input("x", F32(B, D(9)));
    int extent[] = {1, 5, 9, 17, 33};
    for (int i = 0; i < 5; i++)
        result(dot(x, input("w", F32(D(extent[i]), D(9))), 1, 1));
    check(1e-5);
}

/* A carry that is read at a place which the input names. */
Test(compile, scan_gathers_from_its_carry)
{
    Graph *body = graph_new(module, "body");
    Type state = F32(D(5), B), scalar = (Type){.dtype = DT_i32};
    Ref h = build_param(body, PARAM_CARRY, "h", state, 0), i = build_param(body, PARAM_XS, "i", scalar, 0);
    int second = 1;
    Ref own = build_broadcast(body, build_take(body, h, i), state, &second);
    Ref next = build_unary(body, OP_tanh, build_binary(body, OP_sub, h, own));
    build_result(body, next, "h", -1);
    Ref in[2] = {input("h", state), input("is", I32(L))};
    result(build_proj(g, build_scan(g, body->id, L, 1, 1, in, 2), 0));
    check(1e-4);
}

/* ---- shares of threads ---- */

static void check_shares_at(Ref r, int64_t batch, double tolerance)
{
    result(r);
    Compiled c = compile(false, false);
    char *first[1];
    compare(&c, batch, 20, 1, tolerance, first);
    run_threads = run_apart;
    compare(&c, batch, 20, 2, tolerance, first);
    compare(&c, batch, 20, 3, tolerance, first);
    codegen_free(c.cg);
}

static void check_shares(Ref r)
{
    check_shares_at(r, 200, 1e-5);
}

Test(compile, shares_of_elements)
{
    check_shares(build_unary(g, OP_exp, input("x", F32(B, L))));
}

Test(compile, shares_of_rows)
{
    check_shares(softmax(input("x", F32(B, L))));
}

Test(compile, shares_of_sums)
{
    check_shares(reduce_last(OP_sum, input("x", F32(B, L))));
}

Test(compile, shares_of_a_product)
{
    check_shares(dot(input("x", F32(B, D(16))), input("w", F32(D(16), D(40))), 1, 0));
}

static Conv plain_conv(void)
{
    return (Conv){
        .groups = 1, .stride = {1, 1}, .dil = {1, 1}, .lo = {D(0), D(0)}, .hi = {D(0), D(0)}, .k = {D(3), D(3)}, .extent = {D(12), D(11)}};
}

/* One picture, whose rows are divided, and a few pictures. */
Test(compile, shares_of_one_picture)
{
    Conv c = plain_conv();
    Ref x = input("x", F32(B, D(12), D(11), D(24))), w = input("w", F32(D(3), D(3), D(24), D(20)));
    check_shares_at(build_conv(g, x, w, &c), 1, 1e-4);
}

Test(compile, shares_of_two_pictures)
{
    Conv c = plain_conv();
    Ref x = input("x", F32(B, D(12), D(11), D(24))), w = input("w", F32(D(3), D(3), D(24), D(12)));
    check_shares_at(build_conv(g, x, w, &c), 2, 1e-4);
}

/* Three lines of taps: two threads divide the tiles instead. */
Test(compile, shares_of_taps)
{
    Conv c = plain_conv();
    c.mode = 2;
    Ref x = input("x", F32(B, D(12), D(11), D(16))), y = input("y", F32(B, D(10), D(9), D(16)));
    check_shares_at(build_conv(g, x, y, &c), 3, 1e-4);
}

Test(compile, shares_of_sorted_rows)
{
    check_shares(build_argsort(g, input("x", F32(B, L)), true));
}

Test(compile, shares_of_rows_that_are_chosen)
{
    check_shares(build_take(g, input("x", F32(D(9), L)), input("i", I32(B))));
}
