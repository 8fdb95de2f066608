/* SPDX-License-Identifier: MIT
 * loop_help.h: hand-made kernels, compiled and run, against a naive execution of the same kernel in double.
 *
 * Buffers end at a page that cannot be touched, so a read or write past the end is a crash. Each kernel runs with 1, 2 and 3 threads'
 * shares (one after the other), and the results must be the same bits. */
#ifndef NNC_TESTS_LOOP_HELP_H
#define NNC_TESTS_LOOP_HELP_H

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

static inline void stub_barrier(nnrt_ctx *ctx)
{
    (void)ctx;
}
static inline void stub_fail(nnrt_ctx *ctx, int32_t code, int32_t line)
{
    (void)ctx;
    fail_code = code;
    fail_line = line;
}

/* ---- building ---- */

static inline Dim D(int64_t v)
{
    return dim_const(dims, v);
}
static inline Dim S(int i)
{
    return dim_symbol(dims, sym[i]);
}

static inline void start(void)
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

static inline uint32_t buffer(uint8_t dtype, Dim elements)
{
    Buf b = {.name = "b", .cls = BUF_ARG, .dtype = dtype, .index = prog->buf.n - 1, .elements = elements};
    b.type = (Type){.dtype = dtype, .rank = 1, .dim = {elements}};
    b.stride[0] = D(1);
    vec_add(&arena, &prog->buf, b);
    return prog->buf.n - 1;
}

static inline Access access_of(uint32_t buf, Dim off, const Dim *stride, int n)
{
    Access a = {.buf = buf, .off = off};
    for (int i = 0; i < n; i++)
        a.stride[i] = stride[i];
    return a;
}

#define STRIDES(...) (Dim[]){__VA_ARGS__}, (int)(sizeof((Dim[]){__VA_ARGS__}) / sizeof(Dim))

static inline uint32_t node(XNode n)
{
    vec_add(&arena, &kern->x, n);
    return kern->x.n; /* + 1 */
}

static inline uint32_t ld(uint8_t dtype, Access a)
{
    vec_add(&arena, &kern->rd, a);
    return node((XNode){.kind = X_ld, .dtype = dtype, .access = kern->rd.n - 1});
}

static inline void st(uint32_t value, Access a)
{
    vec_add(&arena, &kern->wr, a);
    node((XNode){.kind = X_st, .dtype = kern->x.at[value - 1].dtype, .in = {value}, .access = kern->wr.n - 1});
}

static inline uint32_t op(uint8_t dtype, Op o, uint32_t a, uint32_t b, uint32_t c)
{
    return node((XNode){.kind = X_op, .op = (uint8_t)o, .dtype = dtype, .in = {a, b, c}});
}

static inline uint32_t number(uint8_t dtype, double v)
{
    return node((XNode){.kind = X_const, .dtype = dtype, .number = v, .integer = (int64_t)v});
}

static inline uint32_t reduce(uint8_t dtype, Op o, uint32_t a)
{
    return node((XNode){.kind = X_reduce, .op = (uint8_t)o, .dtype = dtype, .in = {a}});
}

static inline void axes(int n_red, const Dim *extent, int n)
{
    kern->n_axes = (uint8_t)n;
    kern->n_red = (uint8_t)n_red;
    for (int i = 0; i < n; i++) {
        kern->axis[i] = extent[i];
        kern->cls[i] = i < n - n_red ? AX_PAR : AX_RED;
    }
}

/* ---- compiling and running ---- */

static const char *cpu, *more_features;
static bool strict;
static const char *extra_symbol[2];
static void *extra_address[2];
static void (*driver)(nnrt_ctx *, int64_t);
static int32_t (*prologue)(int64_t *, const int64_t *);

static inline void compile(void)
{
    memset(&target, 0, sizeof target);
    target.more = more_features, target.bf16 = true;
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

static inline int64_t value_of(Dim d)
{
    int64_t v = 0;
    if (d) cr_assert(dim_eval(dims, d, symbol_of, &v));
    return v;
}

static inline void sizes(int64_t a, int64_t b, int64_t c, int64_t e)
{
    int64_t v[4] = {a, b, c, e};
    for (int i = 0; i < 4; i++)
        symbol_of[sym[i]] = size_value[i] = v[i];
}

static inline size_t elem_bytes(uint8_t dtype)
{
    static const size_t bytes[] = {1, 4, 8, 4, 8, 1, 1, 2, 2, 4};
    return bytes[dtype];
}

/* Memory whose last byte is followed by a page that must not be touched. */
typedef struct Guarded {
    char *map, *at;
    size_t n;
} Guarded;

static inline Guarded guarded(size_t n)
{
    size_t pages = (n + PAGE - 1) / PAGE * PAGE;
    char *map = mmap(NULL, pages + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(map + pages, PAGE, PROT_NONE);
    return (Guarded){map, map + pages - n, n};
}

static inline void unguard(Guarded g)
{
    munmap(g.map, (g.n + PAGE - 1) / PAGE * PAGE + PAGE);
}

static inline double get_value(const char *p, uint8_t dtype, int64_t i)
{
    switch (dtype) {
    case DT_bool:
    case DT_u8: return ((const uint8_t *)p)[i];
    case DT_i32: return ((const int32_t *)p)[i];
    case DT_i64: return (double)((const int64_t *)p)[i];
    case DT_wide16:
    case DT_f32: return ((const float *)p)[i];
    default: return ((const double *)p)[i];
    }
}

static inline void set_value(char *p, uint8_t dtype, int64_t i, double v)
{
    switch (dtype) {
    case DT_bool:
    case DT_u8: ((uint8_t *)p)[i] = (uint8_t)v; break;
    case DT_i32: ((int32_t *)p)[i] = (int32_t)(int64_t)v; break;
    case DT_i64: ((int64_t *)p)[i] = (int64_t)v; break;
    case DT_wide16:
    case DT_f32: ((float *)p)[i] = (float)v; break;
    default: ((double *)p)[i] = v; break;
    }
}

static uint32_t noise = 1;
static double (*fill_value)(uint32_t buf, uint8_t dtype); /* NULL: small random numbers */

static inline double random_value(uint32_t buf, uint8_t dtype)
{
    noise = noise * 1664525u + 1013904223u;
    double v = (double)(noise >> 8) / (1 << 24);
    (void)buf;
    if (dtype == DT_bool) return v < 0.5;
    if (dtype == DT_wide16) return round_wide16(2 * v - 1);
    return dtype == DT_f32 || dtype == DT_f64 ? (double)(float)(2 * v - 1) : floor(20 * v) - (dtype == DT_u8 ? 0 : 10);
}

/* ---- the naive execution ---- */

static double *mem[MAX_BUFS];
static int64_t at[MAX_AXES];

static inline double evaluate(uint32_t x);

static inline int64_t place(const Access *a, bool *valid)
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

static inline bool over(int from, int to, bool (*visit)(void *), void *user)
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
    float sum, chain[2]; /* of products of bf16 */
} Fold;

/* docs/ir.md, "Operands", for one axis that is summed; acc: totals. A product has 16 bits, so each sum is rounded once. */
static inline bool fold_operands(void *user)
{
    Fold *f = user;
    double product = evaluate(f->x->in[0] - 1);
    f->chain[f->count % 2] = (float)(f->chain[f->count % 2] + product);
    if (++f->count % 32 && f->count < value_of(kern->axis[kern->n_axes - 1])) return true;
    f->sum += f->chain[0] + f->chain[1];
    f->chain[0] = f->chain[1] = 0;
    if (f->count % 512 && f->count < value_of(kern->axis[kern->n_axes - 1])) return true;
    f->acc += f->sum;
    f->sum = 0;
    return true;
}

static inline bool fold(void *user)
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

static inline double wrap(uint8_t dtype, double v)
{
    if (dtype == DT_i32) return (double)(int32_t)(uint32_t)(int64_t)v;
    return v;
}

static inline double convert(uint8_t from, uint8_t to, double v)
{
    if (to == DT_wide16) return round_wide16(v);
    if (to == DT_bool) return v != 0;
    if (to == DT_i32 && (from == DT_f32 || from == DT_f64))
        return v != v ? 0 : v >= 2147483647.0 ? 2147483647.0 : v <= -2147483648.0 ? -2147483648.0 : trunc(v);
    return to == DT_i64 && v == v ? trunc(v) : v;
}

static inline double apply(const XNode *x, double a, double b, double c)
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

static inline double evaluate(uint32_t i)
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
        bool operands = x->kind == X_acc && prog->buf.at[kern->rd.at[0].buf].dtype == DT_wide16;
        memcpy(saved, at, sizeof at);
        over(first, kern->n_axes, operands ? fold_operands : fold, &f);
        memcpy(at, saved, sizeof at);
        if (operands) return (float)f.acc;
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

static inline bool store_all(void *user)
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
static inline bool is_row_kernel(void)
{
    for (uint32_t i = 0; i < kern->wr.n; i++)
        for (int a = kern->n_axes - kern->n_red; a < kern->n_axes; a++)
            if (value_of(kern->wr.at[i].stride[a])) return true;
    return false;
}

static inline void run_naive(void)
{
    over(0, is_row_kernel() ? kern->n_axes : kern->n_axes - kern->n_red, store_all, NULL);
}

static uint64_t last_bits; /* of all buffers after a check */
static uint32_t last_noise; /* before it */
static int32_t last_suspect; /* of the context, by any share */
static bool only_bits; /* the naive execution would take long */

static inline uint64_t mix_bits(uint64_t h, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)p[i]) * 0x100000001b3u;
    return h;
}

/* Runs the program at the current sizes with 1..3 shares and compares all written buffers. */
static inline void check(double tolerance)
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
        Guarded scratch = guarded((size_t)nt * (size_t)prog->scratch_bytes);
        memset(scratch.at, 0xff, scratch.n); /* NaN */
        base[NNRT_BASE_SCRATCH] = scratch.at;
        nnrt_ctx ctx = {.table = table, .base = base, .nt = nt};
        for (int t = 0; t < nt; t++)
            driver(&ctx, t);
        last_suspect = ctx.suspect;
        unguard(scratch);
        if (nt == 1 && !only_bits) run_naive();
        for (uint32_t b = 1; b < n; b++) {
            const Buf *buf = &prog->buf.at[b];
            int64_t count = value_of(buf->elements);
            for (int64_t i = 0; nt == 1 && !only_bits && buf->cls == BUF_ARG && i < count; i++) {
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

#endif
