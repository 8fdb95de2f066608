/* links: nnc_codegen nnc_loop nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_loop.c: hand-made kernels, compiled and run, against a naive execution of the same kernel in
 * double.
 *
 * Buffers end at a page that cannot be touched, so a read or write past the end is a crash. Each
 * kernel runs with 1, 2 and 3 threads' shares (one after the other), and the results must be the
 * same bits. */
#include "codegen/codegen.h"
#include "nnrt_abi.h"
#include "support/real.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { MAX_BUFS = 12, PAGE = 4096 };

static Arena arena;
static Strings strings;
static Module *module;
static KProgram *prog;
static Kernel *kern;
static Dims *dims;
static CgTarget target;
static Cg *cg;
static LoopModule *loops;
static Symbol sym[4];
static int64_t symbol_of[64]; /* value by Symbol */
static int64_t size_value[4]; /* by size of the entry */
static int32_t fail_code, fail_line;

static void stub_barrier(nnrt_ctx *ctx)
{
    (void)ctx;
}
static void stub_fail(nnrt_ctx *ctx, int32_t code, int32_t line)
{
    (void)ctx;
    fail_code = code;
    fail_line = line;
}

/* ---- building ---- */

static Dim D(int64_t v)
{
    return dim_const(dims, v);
}
static Dim S(int i)
{
    return dim_symbol(dims, sym[i]);
}

static void start(void)
{
    memset(&arena, 0, sizeof arena);
    strings_init(&strings, &arena);
    dims = dims_new(&arena);
    module = ARENA_NEW(&arena, Module);
    *module = (Module){.arena = &arena, .dims = dims, .strings = &strings};
    prog = ARENA_NEW(&arena, KProgram);
    *prog = (KProgram){.module = module, .arena = &arena, .name = "test"};
    vec_add(&arena, &prog->buf, (Buf){0});
    for (int i = 0; i < 4; i++) {
        sym[i] = symbol_new(dims, i == 0 ? "A" : i == 1 ? "B" : i == 2 ? "C" : "E");
        vec_add(&arena, &prog->symbols, sym[i]);
    }
    kern = ARENA_NEW(&arena, Kernel);
    *kern = (Kernel){.kind = K_NEST, .name = "k", .part = 0};
    vec_add(&arena, &prog->kernel, kern);
}

static uint32_t buffer(uint8_t dtype, Dim elements)
{
    Buf b = {.name = "b", .cls = BUF_ARG, .dtype = dtype, .index = prog->buf.n - 1, .elements = elements};
    b.type = (Type){.dtype = dtype, .rank = 1, .dim = {elements}};
    b.stride[0] = D(1);
    vec_add(&arena, &prog->buf, b);
    return prog->buf.n - 1;
}

static Access access_of(uint32_t buf, Dim off, const Dim *stride, int n)
{
    Access a = {.buf = buf, .off = off};
    for (int i = 0; i < n; i++)
        a.stride[i] = stride[i];
    return a;
}

#define STRIDES(...) (Dim[]){__VA_ARGS__}, (int)(sizeof((Dim[]){__VA_ARGS__}) / sizeof(Dim))

static uint32_t node(XNode n)
{
    vec_add(&arena, &kern->x, n);
    return kern->x.n; /* + 1 */
}

static uint32_t ld(uint8_t dtype, Access a)
{
    vec_add(&arena, &kern->rd, a);
    return node((XNode){.kind = X_ld, .dtype = dtype, .access = kern->rd.n - 1});
}

static void st(uint32_t value, Access a)
{
    vec_add(&arena, &kern->wr, a);
    node((XNode){.kind = X_st, .dtype = kern->x.at[value - 1].dtype, .in = {value}, .access = kern->wr.n - 1});
}

static uint32_t op(uint8_t dtype, Op o, uint32_t a, uint32_t b, uint32_t c)
{
    return node((XNode){.kind = X_op, .op = (uint8_t)o, .dtype = dtype, .in = {a, b, c}});
}

static uint32_t number(uint8_t dtype, double v)
{
    return node((XNode){.kind = X_const, .dtype = dtype, .number = v, .integer = (int64_t)v});
}

static uint32_t reduce(uint8_t dtype, Op o, uint32_t a)
{
    return node((XNode){.kind = X_reduce, .op = (uint8_t)o, .dtype = dtype, .in = {a}});
}

static void axes(int n_red, const Dim *extent, int n)
{
    kern->n_axes = (uint8_t)n;
    kern->n_red = (uint8_t)n_red;
    for (int i = 0; i < n; i++) {
        kern->axis[i] = extent[i];
        kern->cls[i] = i < n - n_red ? AX_PAR : AX_RED;
    }
}

/* ---- compiling and running ---- */

static const char *cpu;
static bool strict;
static const char *extra_symbol[2];
static void *extra_address[2];
static void (*driver)(nnrt_ctx *, int64_t);
static int32_t (*prologue)(int64_t *, const int64_t *);

static void compile(void)
{
    memset(&target, 0, sizeof target);
    target.cpu = cpu ? cpu : getenv("NNC_TEST_CPU"); /* run all tests for another machine that this one includes */
    const char *error = codegen_target(&arena, &target, strict);
    cr_assert_null(error, "%s", error);
    loops = ARENA_NEW(&arena, LoopModule);
    *loops = (LoopModule){.arena = &arena, .module = module, .target = target.loop};
    loop_lower(loops, prog, "t");
    error = loop_verify(loops, &arena);
    if (error) {
        Text text = {.arena = &arena};
        loop_print(loops, &text);
        cr_assert_null(error, "%s\n%s", error, text_c(&text));
    }
    for (uint32_t i = 0; i < loops->fn.n; i++)
        loops->fn.at[i]->exported = true;
    cg = codegen_new(&arena, &target, "test", 0);
    codegen_loops(cg, loops);
    error = codegen_verify(cg);
    cr_assert_null(error, "%s", error);
    codegen_optimize(cg, 1);
    if (getenv("NNC_TEST_ASM")) codegen_write(cg, getenv("NNC_TEST_ASM"), true);
    codegen_jit_symbol(cg, "nnrt_barrier", (void *)(uintptr_t)stub_barrier);
    codegen_jit_symbol(cg, "nnrt_fail", (void *)(uintptr_t)stub_fail);
    for (int i = 0; i < 2 && extra_symbol[i]; i++)
        codegen_jit_symbol(cg, extra_symbol[i], extra_address[i]);
    driver = (void (*)(nnrt_ctx *, int64_t))(uintptr_t)codegen_jit(cg, "t_driver", &error);
    cr_assert_null(error, "%s", error);
    prologue = (int32_t (*)(int64_t *, const int64_t *))(uintptr_t)codegen_jit(cg, "t_prologue", &error);
}

static int64_t value_of(Dim d)
{
    int64_t v = 0;
    if (d) cr_assert(dim_eval(dims, d, symbol_of, &v));
    return v;
}

static void sizes(int64_t a, int64_t b, int64_t c, int64_t e)
{
    int64_t v[4] = {a, b, c, e};
    for (int i = 0; i < 4; i++)
        symbol_of[sym[i]] = size_value[i] = v[i];
}

static size_t elem_bytes(uint8_t dtype)
{
    static const size_t bytes[] = {1, 4, 8, 4, 8, 1, 1, 2, 2};
    return bytes[dtype];
}

/* Memory whose last byte is followed by a page that must not be touched. */
typedef struct Guarded {
    char *map, *at;
    size_t n;
} Guarded;

static Guarded guarded(size_t n)
{
    size_t pages = (n + PAGE - 1) / PAGE * PAGE;
    char *map = mmap(NULL, pages + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(map + pages, PAGE, PROT_NONE);
    return (Guarded){map, map + pages - n, n};
}

static void unguard(Guarded g)
{
    munmap(g.map, (g.n + PAGE - 1) / PAGE * PAGE + PAGE);
}

static double get_value(const char *p, uint8_t dtype, int64_t i)
{
    switch (dtype) {
    case DT_bool:
    case DT_u8: return ((const uint8_t *)p)[i];
    case DT_i32: return ((const int32_t *)p)[i];
    case DT_i64: return (double)((const int64_t *)p)[i];
    case DT_f32: return ((const float *)p)[i];
    default: return ((const double *)p)[i];
    }
}

static void set_value(char *p, uint8_t dtype, int64_t i, double v)
{
    switch (dtype) {
    case DT_bool:
    case DT_u8: ((uint8_t *)p)[i] = (uint8_t)v; break;
    case DT_i32: ((int32_t *)p)[i] = (int32_t)(int64_t)v; break;
    case DT_i64: ((int64_t *)p)[i] = (int64_t)v; break;
    case DT_f32: ((float *)p)[i] = (float)v; break;
    default: ((double *)p)[i] = v; break;
    }
}

static uint32_t noise = 1;
static double (*fill_value)(uint32_t buf, uint8_t dtype); /* NULL: small random numbers */

static double random_value(uint32_t buf, uint8_t dtype)
{
    noise = noise * 1664525u + 1013904223u;
    double v = (double)(noise >> 8) / (1 << 24);
    (void)buf;
    if (dtype == DT_bool) return v < 0.5;
    return dtype == DT_f32 || dtype == DT_f64 ? (double)(float)(2 * v - 1) : floor(20 * v) - (dtype == DT_u8 ? 0 : 10);
}

/* ---- the naive execution ---- */

static double *mem[MAX_BUFS];
static int64_t at[MAX_AXES];

static double evaluate(uint32_t x);

static int64_t place(const Access *a, bool *valid)
{
    int64_t off = value_of(a->off);
    for (int i = 0; i < kern->n_axes; i++)
        off += value_of(a->stride[i]) * at[i];
    *valid = true;
    for (uint32_t j = 0; a->boxed && j < a->n_box; j++) {
        int64_t v = value_of(a->box[j].off);
        for (int i = 0; i < kern->n_axes; i++)
            v += value_of(a->box[j].stride[i]) * at[i];
        *valid &= v >= value_of(a->box[j].lo) && v < value_of(a->box[j].hi);
    }
    if (a->index && *valid) off += value_of(a->index_stride) * (int64_t)evaluate(a->index - 1);
    return off;
}

static bool over(int from, int to, bool (*visit)(void *), void *user)
{
    if (from == to) return visit(user);
    int64_t n = value_of(kern->axis[from]);
    for (at[from] = 0; at[from] < n; at[from]++)
        over(from + 1, to, visit, user);
    return true;
}

typedef struct Fold {
    const XNode *x;
    double acc;
    int64_t count, best;
} Fold;

static bool fold(void *user)
{
    Fold *f = user;
    double v = evaluate(f->x->in[0] - 1);
    if (f->x->op == OP_sum)
        f->acc += v;
    else if (f->count == 0 || v > f->acc || (v != v && f->acc == f->acc)) {
        f->acc = v;
        f->best = f->count;
    }
    f->count++;
    return true;
}

static double wrap(uint8_t dtype, double v)
{
    if (dtype == DT_i32) return (double)(int32_t)(uint32_t)(int64_t)v;
    return v;
}

static double convert(uint8_t from, uint8_t to, double v)
{
    if (to == DT_bool) return v != 0;
    if (to == DT_i32 && (from == DT_f32 || from == DT_f64))
        return v != v ? 0 : v >= 2147483647.0 ? 2147483647.0 : v <= -2147483648.0 ? -2147483648.0 : trunc(v);
    return to == DT_i64 && v == v ? trunc(v) : v;
}

static double apply(const XNode *x, double a, double b, double c)
{
    switch (x->op) {
    case OP_neg: return -a;
#define FUNCTION(name, value, ...) \
    case OP_##name: return value;
#define COMPOSED_FUNCTION(name, ...)
#include "support/functions.def"
    case OP_mod: return a - b * floor(a / b);
    case OP_cast: return convert(kern->x.at[x->in[0] - 1].dtype, x->dtype, a);
    case OP_add: return wrap(x->dtype, a + b);
    case OP_sub: return wrap(x->dtype, a - b);
    case OP_mul: return wrap(x->dtype, a * b);
    case OP_div: return a / b;
    case OP_floordiv: return b == 0 ? 0 : floor(a / b);
    case OP_pow: return pow(a, b);
    case OP_maximum: return a < b || b != b ? b : a;
    case OP_flush: return fabs(a) < b ? 0 : a;
    case OP_less: return a < b;
    case OP_less_equal: return a <= b;
    case OP_equal: return a == b;
    case OP_and: return a != 0 && b != 0;
    case OP_or: return a != 0 || b != 0;
    case OP_not: return a == 0;
    case OP_where: return a != 0 ? b : c;
    default: cr_assert(false, "operation %u", x->op); return 0;
    }
}

static double evaluate(uint32_t i)
{
    const XNode *x = &kern->x.at[i];
    bool valid;
    if (x->kind == X_ld) {
        int64_t off = place(&kern->rd.at[x->access], &valid);
        const Access *a = &kern->rd.at[x->access];
        return convert(prog->buf.at[a->buf].dtype, x->dtype, valid ? mem[a->buf][off] : a->fill);
    }
    if (x->kind == X_const) return x->dtype == DT_f32 || x->dtype == DT_f64 ? x->number : (double)x->integer;
    if (x->kind == X_index) return (double)place(&kern->idx.at[x->access], &valid);
    if (x->kind == X_size) return (double)value_of(x->dim);
    if (x->kind == X_reduce || x->kind == X_acc) {
        Fold f = {.x = x};
        int first = kern->n_axes - kern->n_red;
        int64_t saved[MAX_AXES];
        memcpy(saved, at, sizeof at);
        over(first, kern->n_axes, fold, &f);
        memcpy(at, saved, sizeof at);
        return x->op == OP_argmax ? (double)f.best : f.acc;
    }
    if (x->kind == X_expect) {
        double v = evaluate(x->in[0] - 1), last = (double)value_of(x->dim) - 1;
        return v < 0 ? 0 : v > last ? last : v;
    }
    double in[3] = {0};
    for (int j = 0; j < 3; j++)
        in[j] = x->in[j] ? evaluate(x->in[j] - 1) : 0;
    return apply(x, in[0], in[1], in[2]);
}

static bool store_all(void *user)
{
    (void)user;
    for (uint32_t i = 0; i < kern->x.n; i++) {
        const XNode *x = &kern->x.at[i];
        bool valid;
        if (x->kind != X_st) continue;
        const Access *a = &kern->wr.at[x->access];
        int64_t off = place(a, &valid);
        if (valid) mem[a->buf][off] = evaluate(x->in[0] - 1);
    }
    return true;
}

/* Does any store vary with a reduction axis? */
static bool is_row_kernel(void)
{
    for (uint32_t i = 0; i < kern->wr.n; i++)
        for (int a = kern->n_axes - kern->n_red; a < kern->n_axes; a++)
            if (value_of(kern->wr.at[i].stride[a])) return true;
    return false;
}

static void run_naive(void)
{
    over(0, is_row_kernel() ? kern->n_axes : kern->n_axes - kern->n_red, store_all, NULL);
}

static uint64_t last_bits; /* of all buffers after a check */
static uint32_t last_noise; /* before it */

static uint64_t mix_bits(uint64_t h, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)p[i]) * 0x100000001b3u;
    return h;
}

/* Runs the program at the current sizes with 1..3 shares and compares all written buffers. */
static void check(double tolerance)
{
    int64_t table[64] = {0};
    Guarded first[MAX_BUFS];
    uint32_t n = prog->buf.n;
    cr_assert_eq(prologue(table, size_value), 0);
    cr_assert_lt(prog->table.n, 64);
    uint32_t seed = noise;
    last_noise = seed;
    last_bits = 0;
    for (int nt = 1; nt <= 3; nt++) {
        void *base[NNRT_MAX_BASES] = {0};
        Guarded g[MAX_BUFS];
        noise = seed;
        for (uint32_t b = 1; b < n; b++) {
            const Buf *buf = &prog->buf.at[b];
            int64_t count = value_of(buf->elements);
            g[b] = guarded((size_t)count * elem_bytes(buf->dtype));
            base[buf->cls == BUF_WORK ? NNRT_BASE_WORK : NNRT_BASE_ARG + (int)buf->index] = g[b].at;
            if (nt == 1) mem[b] = malloc(sizeof(double) * (size_t)(count + 1));
            for (int64_t i = 0; i < count; i++) {
                double v = fill_value ? fill_value(b, buf->dtype) : random_value(b, buf->dtype);
                set_value(g[b].at, buf->dtype, i, v);
                if (nt == 1) mem[b][i] = get_value(g[b].at, buf->dtype, i);
            }
        }
        nnrt_ctx ctx = {.table = table, .base = base, .nt = nt};
        for (int t = 0; t < nt; t++)
            driver(&ctx, t);
        if (nt == 1) run_naive();
        for (uint32_t b = 1; b < n; b++) {
            const Buf *buf = &prog->buf.at[b];
            int64_t count = value_of(buf->elements);
            for (int64_t i = 0; nt == 1 && buf->cls == BUF_ARG && i < count; i++) {
                double got = get_value(g[b].at, buf->dtype, i), want = mem[b][i];
                bool ok = got == want || (got != got && want != want) || fabs(got - want) <= tolerance * (1 + fabs(want));
                cr_assert(ok, "buffer %u [%lld of %lld] is %.9g, not %.9g (sizes %lld %lld %lld %lld)", b, (long long)i, (long long)count,
                          got, want, (long long)size_value[0], (long long)size_value[1], (long long)size_value[2],
                          (long long)size_value[3]);
            }
            if (nt == 1 && buf->cls == BUF_ARG) last_bits = mix_bits(last_bits, g[b].at, g[b].n);
            if (nt == 1)
                first[b] = g[b];
            else
                cr_assert_eq(memcmp(first[b].at, g[b].at, g[b].n), 0, "%d threads: buffer %u differs (sizes %lld %lld %lld)", nt, b,
                             (long long)size_value[0], (long long)size_value[1], (long long)size_value[2]);
            if (nt > 1) unguard(g[b]);
        }
    }
    for (uint32_t b = 1; b < n; b++) {
        unguard(first[b]);
        free(mem[b]);
    }
}

TestSuite(loop, .init = start, .timeout = 120);

/* ---- maps ---- */

/* Every elementwise operation, on every length of a symbolic axis. */
static void map_op(Op o, uint8_t dtype, int smooth, double tolerance)
{
    int arity = op_arity[o];
    uint8_t result = op_properties[o] & COMPARES ? DT_bool : dtype;
    start();
    Dim a = S(0);
    axes(0, (Dim[]){a}, 1);
    uint32_t in[3] = {0};
    for (int i = 0; i < arity; i++) {
        uint8_t t = o == OP_where && i == 0 ? DT_bool : dtype;
        in[i] = ld(t, access_of(buffer(t, a), 0, STRIDES(D(1))));
    }
    if (smooth == POSITIVE) in[0] = op(dtype, OP_abs, in[0], 0, 0);
    uint32_t y = op(result, o, in[0], in[1], in[2]);
    st(y, access_of(buffer(result, a), 0, STRIDES(D(1))));
    compile();
    for (int n = 1; n <= 35; n += n < 4 ? 1 : n == 31 || n == 32 ? 1 : 3) {
        sizes(n, 1, 1, 1);
        check(tolerance);
    }
    codegen_free(cg);
}

Test(loop, functions)
{
#define FUNCTION(name, value, smooth, gradient, properties) map_op(OP_##name, DT_f32, smooth, (properties) & COSTLY ? 4e-7 : 0);
#define COMPOSED_FUNCTION(name, ...)
#include "support/functions.def"
    map_op(OP_exp, DT_f64, REALS, 1e-15);
    map_op(OP_abs, DT_i32, REALS, 0);
}

Test(loop, operators)
{
    static const struct {
        Op op;
        double tolerance;
    } t[] = {{OP_neg, 0},     {OP_add, 1e-7}, {OP_sub, 1e-7},     {OP_mul, 1e-7}, {OP_div, 1e-6},
             {OP_maximum, 0}, {OP_less, 0},   {OP_less_equal, 0}, {OP_equal, 0},  {OP_where, 0}};
    for (size_t i = 0; i < sizeof t / sizeof *t; i++)
        map_op(t[i].op, DT_f32, REALS, t[i].tolerance);
    map_op(OP_pow, DT_f32, POSITIVE, 1e-5);
    map_op(OP_add, DT_f64, REALS, 0);
    map_op(OP_flush, DT_f32, REALS, 0);
    map_op(OP_flush, DT_f64, REALS, 0);
}

Test(loop, operators_of_ints_and_bools)
{
    static const Op whole[] = {OP_neg, OP_add, OP_mul, OP_floordiv, OP_maximum, OP_less, OP_equal, OP_where};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        map_op(whole[i], DT_i32, REALS, 0);
    map_op(OP_floordiv, DT_i64, REALS, 0);
    static const Op logic[] = {OP_and, OP_or, OP_not, OP_equal, OP_less, OP_less_equal, OP_maximum};
    for (size_t i = 0; i < sizeof logic / sizeof *logic; i++)
        map_op(logic[i], DT_bool, REALS, 0);
}

static void map_cast(uint8_t from, uint8_t to)
{
    start();
    axes(0, (Dim[]){S(0)}, 1);
    uint32_t x = ld(from, access_of(buffer(from, S(0)), 0, STRIDES(D(1))));
    st(op(to, OP_cast, x, 0, 0), access_of(buffer(to, S(0)), 0, STRIDES(D(1))));
    compile();
    for (int n = 1; n < 40; n += 13) {
        sizes(n, 1, 1, 1);
        check(1e-7);
    }
    codegen_free(cg);
}

Test(loop, casts)
{
    static const uint8_t t[] = {DT_bool, DT_i32, DT_i64, DT_f32, DT_f64};
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++)
            map_cast(t[i], t[j]);
}

static void transposed(bool symbolic, int64_t m, int64_t n)
{
    start();
    Dim a = symbolic ? S(0) : D(m), b = symbolic ? S(1) : D(n);
    axes(0, (Dim[]){a, b}, 2);
    Dim count = dim_mul(dims, a, b);
    uint32_t x = ld(DT_f32, access_of(buffer(DT_f32, count), 0, STRIDES(D(1), a)));
    uint32_t y = ld(DT_f32, access_of(buffer(DT_f32, b), 0, STRIDES(0, D(1))));
    uint32_t z = ld(DT_f32, access_of(buffer(DT_f32, a), 0, STRIDES(D(1), 0)));
    uint32_t s = op(DT_f32, OP_add, op(DT_f32, OP_mul, x, y, 0), z, 0);
    kern->x.at[s - 1].fma = true;
    st(s, access_of(buffer(DT_f32, count), 0, STRIDES(b, D(1))));
    compile();
    sizes(m, n, 1, 1);
    check(1e-6);
    codegen_free(cg);
}

Test(loop, random_numbers)
{
    start();
    axes(0, (Dim[]){S(0)}, 1);
    uint32_t zero = node((XNode){.kind = X_const, .dtype = DT_i64, .integer = 7});
    vec_add(&arena, &kern->idx, access_of(0, D(3), STRIDES(D(1))));
    uint32_t i = node((XNode){.kind = X_index, .dtype = DT_i64, .access = 0});
    uint32_t u = node((XNode){.kind = X_random, .dtype = DT_f32, .in = {zero, zero, zero, i}, .hash = 99});
    uint32_t k = node((XNode){.kind = X_random, .dtype = DT_i32, .in = {zero, zero, zero, i}, .hash = 99, .dim = D(10)});
    st(u, access_of(buffer(DT_f32, S(0)), 0, STRIDES(D(1))));
    st(k, access_of(buffer(DT_i32, S(0)), 0, STRIDES(D(1))));
    compile();
    static float uniform[1000];
    static int32_t integer[1000];
    int64_t table[8];
    void *base[NNRT_MAX_BASES] = {0};
    base[NNRT_BASE_ARG] = uniform;
    base[NNRT_BASE_ARG + 1] = integer;
    sizes(1000, 1, 1, 1);
    prologue(table, size_value);
    driver(&(nnrt_ctx){.table = table, .base = base, .nt = 1}, 0);
    double sum = 0;
    for (int j = 0; j < 1000; j++) {
        cr_assert(uniform[j] >= 0 && uniform[j] < 1 && integer[j] >= 0 && integer[j] < 10);
        cr_assert_eq(integer[j], (int)floor(uniform[j] * 10)); /* the same word, up to its low 8 bits */
        sum += uniform[j];
    }
    cr_assert_float_eq(sum / 1000, 0.5, 0.03);
    float first = uniform[16];
    sizes(17, 1, 1, 1); /* the vector tail draws the same numbers */
    uniform[16] = 0;
    prologue(table, size_value);
    driver(&(nnrt_ctx){.table = table, .base = base, .nt = 1}, 0);
    cr_assert_eq(uniform[16], first);
    codegen_free(cg);
}

Test(loop, transposed_and_broadcast)
{
    static const int64_t n[] = {1, 2, 3, 5, 8, 15, 16, 17, 33, 35, 100};
    for (size_t i = 0; i < sizeof n / sizeof *n; i++)
        for (size_t j = 0; j < sizeof n / sizeof *n; j += 2) {
            transposed(false, n[i], n[j]);
        }
    transposed(true, 7, 37);
    transposed(true, 37, 7);
    transposed(true, 64, 64);
}

/* y[i] = x reversed; z[2i] = x[i]; a padded copy; a gather by row and by element. */
Test(loop, reversed_and_strided)
{
    axes(0, (Dim[]){S(0)}, 1);
    Dim one = D(1), a = S(0), last = dim_sub(dims, a, one);
    uint32_t x = ld(DT_f32, access_of(buffer(DT_f32, a), last, STRIDES(D(-1))));
    st(x, access_of(buffer(DT_f32, dim_mul(dims, a, D(2))), 0, STRIDES(D(2))));
    st(x, access_of(buffer(DT_f32, a), 0, STRIDES(one)));
    compile();
    for (int n = 1; n < 70; n += 3) {
        sizes(n, 1, 1, 1);
        check(0);
    }
}

static void padded(int64_t stride, int64_t step, bool symbolic)
{
    start();
    Dim n = symbolic ? S(0) : D(symbol_of[sym[0]]), out = dim_add(dims, n, D(5));
    axes(0, (Dim[]){D(3), out}, 2);
    Access a = access_of(buffer(DT_f32, dim_mul(dims, D(3), n)), stride < 0 ? dim_add(dims, n, D(1)) : D(-2), STRIDES(n, D(stride)));
    a.boxed = true;
    a.n_box = 1;
    a.box = ARENA_NEW(&arena, struct AccessBox);
    a.box->stride[1] = D(stride);
    a.box->off = stride < 0 ? dim_add(dims, n, D(1)) : D(-2);
    a.box->lo = D(0);
    a.box->hi = n;
    a.fill = (double)step;
    uint32_t x = ld(DT_f32, a);
    st(x, access_of(buffer(DT_f32, dim_mul(dims, D(3), out)), 0, STRIDES(out, D(1))));
    compile();
    for (int i = 1; i < 40; i += 3) {
        if (symbolic) sizes(i, 1, 1, 1);
        check(0);
        if (!symbolic) break;
    }
    codegen_free(cg);
}

Test(loop, boxes)
{
    for (int fill = 0; fill < 2; fill++) {
        sizes(5, 1, 1, 1);
        padded(1, fill, true);
        padded(-1, fill, true);
        padded(2, fill, true);
        for (int n = 1; n < 40; n += 7) {
            sizes(n, 1, 1, 1);
            padded(1, fill, false);
        }
    }
}

Test(loop, gather_rows_and_expect)
{
    axes(0, (Dim[]){S(0), S(1)}, 2);
    uint32_t ids = ld(DT_i32, access_of(buffer(DT_i32, S(0)), 0, STRIDES(D(1), 0)));
    uint32_t id = node((XNode){.kind = X_expect, .dtype = DT_i32, .in = {ids}, .dim = D(6), .integer = 12});
    Access a = access_of(buffer(DT_f32, dim_mul(dims, D(6), S(1))), 0, STRIDES(0, D(1)));
    a.index = id;
    a.index_stride = S(1);
    uint32_t x = ld(DT_f32, a);
    st(x, access_of(buffer(DT_f32, dim_mul(dims, S(0), S(1))), 0, STRIDES(S(1), D(1))));
    compile();
    for (int n = 1; n < 40; n += 5) {
        fail_code = 0;
        sizes(9, n, 1, 1);
        check(0);
        cr_assert(fail_code == NNRT_E_RANGE && fail_line == 12);
    }
}

Test(loop, gather_elements)
{
    axes(0, (Dim[]){S(0)}, 1);
    uint32_t ids = ld(DT_i32, access_of(buffer(DT_i32, S(0)), 0, STRIDES(D(1))));
    uint32_t id = node((XNode){.kind = X_expect, .dtype = DT_i32, .in = {ids}, .dim = D(6), .integer = 1});
    Access a = access_of(buffer(DT_f32, D(6)), 0, NULL, 0);
    a.index = id;
    a.index_stride = D(1);
    st(ld(DT_f32, a), access_of(buffer(DT_f32, S(0)), 0, STRIDES(D(1))));
    compile();
    for (int n = 1; n < 40; n++) {
        sizes(n, 1, 1, 1);
        check(0);
    }
}

Test(loop, index_values)
{
    axes(0, (Dim[]){S(0), S(1)}, 2);
    vec_add(&arena, &kern->idx, access_of(0, D(3), STRIDES(S(1), D(2))));
    uint32_t i = node((XNode){.kind = X_index, .dtype = DT_i64, .access = 0});
    uint32_t s = node((XNode){.kind = X_size, .dtype = DT_i64, .dim = S(1)});
    uint32_t j = op(DT_i64, OP_add, i, s, 0);
    st(j, access_of(buffer(DT_i64, dim_mul(dims, S(0), S(1))), 0, STRIDES(S(1), D(1))));
    st(op(DT_i32, OP_cast, i, 0, 0), access_of(buffer(DT_i32, dim_mul(dims, S(0), S(1))), 0, STRIDES(S(1), D(1))));
    compile();
    for (int n = 1; n < 40; n += 3) {
        sizes(3, n, 1, 1);
        check(0);
    }
}

/* ---- reductions ---- */

static void reduction_kernel(Op o, uint8_t dtype, bool inner, bool symbolic, int64_t m, int64_t n)
{
    start();
    Dim a = symbolic ? S(0) : D(m), b = symbolic ? S(1) : D(n), one = D(1);
    Dim count = dim_mul(dims, a, b);
    axes(1, (Dim[]){a, b}, 2);
    Access in = inner ? access_of(buffer(dtype, count), 0, STRIDES(b, one)) : access_of(buffer(dtype, count), 0, STRIDES(one, a));
    uint8_t result = o == OP_argmax ? DT_i32 : dtype;
    uint32_t r = reduce(result, o, ld(dtype, in));
    st(r, access_of(buffer(result, a), 0, STRIDES(one)));
    compile();
    sizes(m, n, 1, 1);
}

static void reduction(Op o, uint8_t dtype, bool inner, bool symbolic, int64_t m, int64_t n)
{
    reduction_kernel(o, dtype, inner, symbolic, m, n);
    check(dtype == DT_f32 ? 2e-6 : 1e-14);
    if (symbolic)
        for (int i = 1; i < 100; i += i < 36 ? 5 : 31)
            for (int j = 1; j < 100; j += j < 36 ? 3 : 13) {
                sizes(i, j, 1, 1);
                check(dtype == DT_f32 ? 2e-6 : 1e-14);
            }
    codegen_free(cg);
}

Test(loop, reductions_symbolic)
{
    for (int inner = 0; inner < 2; inner++) {
        reduction(OP_sum, DT_f32, inner, true, 3, 5);
        reduction(OP_sum, DT_f64, inner, true, 3, 5);
        reduction(OP_sum, DT_i32, inner, true, 3, 5);
        reduction(OP_max, DT_f32, inner, true, 3, 5);
        reduction(OP_max, DT_i64, inner, true, 3, 5);
        reduction(OP_max, DT_bool, inner, true, 3, 5);
        reduction(OP_argmax, DT_f32, inner, true, 3, 5);
        reduction(OP_argmax, DT_i32, inner, true, 3, 5);
        reduction(OP_argmax, DT_bool, inner, true, 3, 5);
    }
}

/* Around the ends of segments, with the sizes known at run time and before: the same bits. */
static void long_reduction(uint8_t dtype, bool inner, int64_t m, int64_t n)
{
    reduction_kernel(OP_sum, dtype, inner, false, m, n);
    check(dtype == DT_f32 ? 5e-5 : 1e-13);
    uint64_t known = last_bits;
    noise = last_noise;
    codegen_free(cg);
    reduction_kernel(OP_sum, dtype, inner, true, m, n);
    check(dtype == DT_f32 ? 5e-5 : 1e-13);
    cr_assert_eq(known, last_bits, "%lld of %lld, inner %d", (long long)m, (long long)n, inner);
    codegen_free(cg);
}

Test(loop, reductions_long)
{
    static const int64_t length[] = {512, 513, 1024, 1025, 1567};
    for (int i = 0; i < 5; i++) {
        long_reduction(DT_f32, false, 70, length[i]);
        long_reduction(DT_f64, false, 5, length[i]);
        long_reduction(DT_f32, true, 2, 32 * length[i] - 5 * (i % 2));
    }
}

Test(loop, reductions_constant)
{
    for (int n = 1; n < 140; n += n < 36 ? 1 : n == 64 ? 1 : 7)
        for (int inner = 0; inner < 2; inner++) {
            reduction(OP_sum, DT_f32, inner, false, 5, n);
            if (n % 3 == 0) reduction(OP_argmax, DT_f32, inner, false, 7, n);
        }
}

static double with_nan(uint32_t buf, uint8_t dtype)
{
    double v = random_value(buf, dtype);
    return v > 0.9 ? NAN : v < -0.5 ? -INFINITY : v;
}

Test(loop, nan_and_infinity)
{
    fill_value = with_nan;
    map_op(OP_isnan, DT_f32, REALS, 0);
    map_op(OP_isfinite, DT_f64, REALS, 0);
    reduction(OP_max, DT_f32, true, true, 3, 5);
    reduction(OP_max, DT_f32, false, true, 3, 5);
    reduction(OP_argmax, DT_f32, true, true, 3, 5);
    reduction(OP_argmax, DT_f32, false, true, 3, 5);
    map_op(OP_maximum, DT_f32, REALS, 0);
}

/* Two reduction axes that do not merge, around a parallel one. */
static void two_axes(Op o, bool last_unit)
{
    start();
    Dim a = S(0), b = S(1), c = S(2), one = D(1), count = dim_mul(dims, dim_mul(dims, a, b), dim_add(dims, c, D(3)));
    axes(2, (Dim[]){b, a, c}, 3);
    Dim row = dim_add(dims, c, D(3));
    Access in = last_unit ? access_of(buffer(DT_f32, count), 0, STRIDES(row, dim_mul(dims, b, row), one))
                          : access_of(buffer(DT_f32, count), 0, STRIDES(one, dim_mul(dims, b, row), b));
    uint8_t result = o == OP_argmax ? DT_i32 : DT_f32;
    st(reduce(result, o, ld(DT_f32, in)), access_of(buffer(result, b), 0, STRIDES(one)));
    compile();
    for (int i = 1; i < 5; i += 3)
        for (int j = 1; j < 36; j += 17)
            for (int k = 1; k < 70; k += 3) {
                sizes(i, j, k, 1);
                check(2e-5);
            }
    codegen_free(cg);
}

Test(loop, reductions_over_two_axes)
{
    two_axes(OP_sum, true);
    two_axes(OP_sum, false);
    two_axes(OP_argmax, true);
    two_axes(OP_argmax, false);
}

/* Softmax of rows: max, exp and sum, divide; also the row's log-sum as a row-level result. */
static void softmax(Dim rows, Dim cols, bool in_place)
{
    axes(1, (Dim[]){rows, cols}, 2);
    Dim count = dim_mul(dims, rows, cols), one = D(1);
    uint32_t xb = buffer(DT_f32, count);
    uint32_t x = ld(DT_f32, access_of(xb, 0, STRIDES(cols, one)));
    uint32_t m = reduce(DT_f32, OP_max, x);
    uint32_t e = op(DT_f32, OP_exp, op(DT_f32, OP_sub, x, m, 0), 0, 0);
    uint32_t s = reduce(DT_f32, OP_sum, e);
    st(op(DT_f32, OP_div, e, s, 0), access_of(in_place ? xb : buffer(DT_f32, count), 0, STRIDES(cols, one)));
    st(op(DT_f32, OP_add, m, op(DT_f32, OP_log, s, 0, 0), 0), access_of(buffer(DT_f32, rows), 0, STRIDES(one)));
    compile();
}

Test(loop, softmax_symbolic)
{
    softmax(S(0), S(1), false);
    for (int i = 1; i < 8; i += 3)
        for (int j = 1; j < 140; j += j < 36 ? 1 : 9) {
            sizes(i, j, 1, 1);
            check(1e-6);
        }
}

Test(loop, softmax_constant)
{
    for (int j = 1; j < 140; j += j < 36 ? 3 : 11) {
        start();
        softmax(S(0), D(j), false);
        sizes(9, 1, 1, 1);
        check(1e-6);
        codegen_free(cg);
    }
}

Test(loop, softmax_in_place)
{
    /* The naive execution would read its own results, so compare with the run that is not in place.
     */
    for (int j = 3; j < 80; j += 17) {
        float x[2][80 * 5], y[80 * 5], r[5];
        for (int way = 0; way < 2; way++) {
            start();
            softmax(D(5), D(j), way);
            for (int i = 0; i < 5 * j; i++)
                x[way][i] = (float)((i * 37) % 11) * 0.3f;
            void *base[NNRT_MAX_BASES] = {0};
            int64_t table[64];
            base[NNRT_BASE_ARG] = x[way];
            base[NNRT_BASE_ARG + 1] = way ? r : y;
            base[NNRT_BASE_ARG + 2] = r;
            prologue(table, size_value);
            driver(&(nnrt_ctx){.table = table, .base = base, .nt = 1}, 0);
            codegen_free(cg);
        }
        cr_assert_eq(memcmp(x[1], y, sizeof(float) * 5 * (size_t)j), 0);
    }
}

/* ---- contractions ---- */

typedef struct Form {
    bool symbolic, transposed, epilogue, batched, part_n;
    uint8_t dtype;
} Form;

/* For the naive execution: the accumulator as a reduction of a product (nodes behind the ones
 * compiled). */
static void add_product(uint32_t acc, uint8_t dtype)
{
    uint32_t a = node((XNode){.kind = X_ld, .dtype = dtype, .access = 0});
    uint32_t b = node((XNode){.kind = X_ld, .dtype = dtype, .access = 1});
    uint32_t product = op(dtype, OP_mul, a, b, 0);
    kern->x.at[acc - 1].in[0] = product;
}

/* c[b,m,n] = sum_k a * b (+ bias, tanh): the naive execution sees a NEST with a sum of products. */
static void gemm(Form f, int64_t m, int64_t n, int64_t k)
{
    start();
    sizes(m, n, k, 3);
    Dim M = f.symbolic ? S(0) : D(m), N = f.symbolic ? S(1) : D(n), K = f.symbolic ? S(2) : D(k), one = D(1);
    Dim batch = f.batched ? D(3) : D(1);
    int o = f.batched ? 1 : 0;
    kern->kind = K_GEMM;
    Dim extent[4] = {batch, M, N, K};
    axes(1, extent + 1 - o, 3 + o);
    uint8_t cls[4] = {AX_BATCH, AX_M, AX_N, AX_K};
    memcpy(kern->cls, cls + 1 - o, (size_t)(3 + o));
    kern->part = f.part_n ? 1 + o : o;
    Dim mk = dim_mul(dims, M, K), kn = dim_mul(dims, K, N), mn = dim_mul(dims, M, N);
    Dim sa[4] = {mk, f.transposed ? one : K, 0, f.transposed ? M : one}, sb[4] = {kn, 0, one, N}, sc[4] = {mn, N, one, 0};
    Access a = access_of(buffer(f.dtype, dim_mul(dims, batch, mk)), 0, sa + 1 - o, 3 + o);
    Access b = access_of(buffer(f.dtype, dim_mul(dims, batch, kn)), 0, sb + 1 - o, 3 + o);
    vec_add(&arena, &kern->rd, a);
    vec_add(&arena, &kern->rd, b);
    uint32_t acc = node((XNode){.kind = X_acc, .dtype = f.dtype, .op = OP_sum});
    uint32_t value = acc;
    if (f.epilogue) {
        Dim sbias[4] = {0, 0, one, 0};
        value = op(f.dtype, OP_add, acc, ld(f.dtype, access_of(buffer(f.dtype, N), 0, sbias + 1 - o, 3 + o)), 0);
        value = f.epilogue && f.transposed ? op(f.dtype, OP_tanh, value, 0, 0) : op(f.dtype, OP_maximum, value, number(f.dtype, 0), 0);
    }
    st(value, access_of(buffer(f.dtype, dim_mul(dims, batch, mn)), 0, sc + 1 - o, 3 + o));
    compile();
    add_product(acc, f.dtype);
}

static const int64_t extents[] = {1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33, 64, 100};
enum { N_EXTENTS = sizeof extents / sizeof *extents };

static void gemm_all_sizes(Form f)
{
    f.symbolic = true;
    gemm(f, 2, 2, 2);
    for (int i = 0; i < N_EXTENTS; i++)
        for (int j = 0; j < N_EXTENTS; j++)
            for (int k = 0; k < N_EXTENTS; k += (i + j) % 3 + 1) {
                if (extents[i] * extents[j] * extents[k] > 40000) continue;
                sizes(extents[i], extents[j], extents[k], 3);
                check(f.dtype == DT_f32 ? 1e-5 : 1e-13);
            }
    codegen_free(cg);
}

Test(loop, gemm_symbolic)
{
    gemm_all_sizes((Form){.dtype = DT_f32});
}
Test(loop, gemm_symbolic_transposed)
{
    gemm_all_sizes((Form){.dtype = DT_f32, .transposed = true, .epilogue = true});
}
Test(loop, gemm_symbolic_blocked)
{
    gemm_all_sizes((Form){.dtype = DT_f32, .transposed = true, .batched = true});
}
Test(loop, gemm_symbolic_batched)
{
    gemm_all_sizes((Form){.dtype = DT_f32, .batched = true, .epilogue = true});
}
Test(loop, gemm_symbolic_columns)
{
    gemm_all_sizes((Form){.dtype = DT_f32, .part_n = true});
}
Test(loop, gemm_symbolic_f64)
{
    gemm_all_sizes((Form){.dtype = DT_f64, .epilogue = true});
}
Test(loop, gemm_symbolic_int)
{
    gemm_all_sizes((Form){.dtype = DT_i32});
}

/* Longer than a segment, at its border, with sizes known at run time and before: the same bits. */
static void gemm_long(Form f, int64_t m, int64_t n)
{
    static const int64_t length[] = {511, 512, 513, 1024, 1500, 2049};
    double tolerance = f.dtype == DT_f32 ? 2e-5 : 1e-13;
    for (int i = 0; i < 6; i++) {
        f.symbolic = false;
        gemm(f, m, n, length[i]);
        check(tolerance);
        uint64_t known = last_bits;
        noise = last_noise;
        codegen_free(cg);
        f.symbolic = true;
        gemm(f, m, n, length[i]);
        check(tolerance);
        cr_assert_eq(known, last_bits, "length %lld", (long long)length[i]);
        codegen_free(cg);
    }
}

Test(loop, gemm_long_sums)
{
    gemm_long((Form){.dtype = DT_f32}, 9, 35);
    gemm_long((Form){.dtype = DT_f32, .epilogue = true}, 1, 1);
    gemm_long((Form){.dtype = DT_f32, .transposed = true}, 11, 37);
    gemm_long((Form){.dtype = DT_f32, .transposed = true, .batched = true, .part_n = true}, 5, 17);
    gemm_long((Form){.dtype = DT_f64, .transposed = true}, 3, 9);
}

Test(loop, gemm_constant)
{
    for (int i = 0; i < N_EXTENTS; i++)
        for (int j = 0; j < N_EXTENTS; j++) {
            if ((i + j) % 2) continue;
            Form f = {.dtype = DT_f32, .transposed = i % 4 == 0, .epilogue = j % 3 == 0, .part_n = i % 3 == 0};
            gemm(f, extents[i], extents[j], extents[(i * 5 + j) % N_EXTENTS]);
            check(1e-5);
            codegen_free(cg);
        }
}

/* Convolution 3x3 of an already padded image: several M and K axes. */
Test(loop, gemm_convolution)
{
    for (int c = 1; c < 20; c += 6) {
        start();
        int64_t h = 5, w = 6, o = 18, ph = h + 2, pw = w + 2;
        sizes(4, 1, 1, 1);
        kern->kind = K_GEMM;
        axes(3, (Dim[]){S(0), D(h), D(w), D(o), D(3), D(3), D(c)}, 7);
        memcpy(kern->cls, (uint8_t[]){AX_M, AX_M, AX_M, AX_N, AX_K, AX_K, AX_K}, 7);
        Dim image = D(ph * pw * c);
        vec_add(&arena, &kern->rd,
                access_of(buffer(DT_f32, dim_mul(dims, S(0), image)), 0, STRIDES(image, D(pw * c), D(c), 0, D(pw * c), D(c), D(1))));
        vec_add(&arena, &kern->rd, access_of(buffer(DT_f32, D(9 * c * o)), 0, STRIDES(0, 0, 0, D(1), D(3 * c * o), D(c * o), D(o))));
        uint32_t acc = node((XNode){.kind = X_acc, .dtype = DT_f32, .op = OP_sum});
        st(acc, access_of(buffer(DT_f32, dim_mul(dims, S(0), D(h * w * o))), 0, STRIDES(D(h * w * o), D(w * o), D(o), D(1))));
        compile();
        add_product(acc, DT_f32);
        check(1e-5);
        codegen_free(cg);
    }
}

/* ---- scatter, scan, update, extern, sizes ---- */

static void run_all(void *const *args, int n, int nt, int64_t *table, void *work)
{
    void *base[NNRT_MAX_BASES] = {0};
    for (int i = 0; i < n; i++)
        base[NNRT_BASE_ARG + i] = args[i];
    base[NNRT_BASE_WORK] = work;
    cr_assert_eq(prologue(table, size_value), 0);
    nnrt_ctx ctx = {.table = table, .base = base, .nt = nt};
    for (int t = 0; t < nt; t++)
        driver(&ctx, t);
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
    vec_add(&arena, &prog->table, (TableEntry){.kind = TABLE_WORK});
    prog->buf.at[other].cls = prog->buf.at[y].cls = BUF_WORK;
    prog->buf.at[other].place = 0;
    prog->buf.at[y].place = 1;
    prog->work_entry = 2;

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
    strict = false;
    gemm((Form){.dtype = DT_f32}, 17, 33, 20);
    cr_assert(!target.loop.fma || strstr(codegen_ir(cg), "llvm.fma"));
}
