/* links: nnc_codegen nnc_loop nnc_kernel nnc_tensor nnc_support */
/* SPDX-License-Identifier: MIT
 * test_codegen.c: small loop IR functions, translated, optimised and run in the process. */
#include "codegen/codegen.h"
#include "nnrt_abi.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rows.h"

static Arena arena;
static CgTarget target;
static LoopModule *module;
static Cg *cg;
static int optimise;

static void start(void)
{
    memset(&target, 0, sizeof target);
    const char *error = codegen_target(&arena, &target, false);
    cr_assert_null(error, "%s", error);
    module = ARENA_NEW(&arena, LoopModule);
    module->arena = &arena;
    module->target = target.loop;
}

static LB function(const char *name, const uint8_t *params, int n, LoopType result)
{
    LB b = {module, loop_fn_new(module, name, params, n, result)};
    b.f->exported = true;
    return b;
}

static void *run(const char *name)
{
    const char *error = loop_verify(module, &arena);
    cr_assert_null(error, "%s", error);
    cg = codegen_new(&arena, &target, "test", 0);
    codegen_loops(cg, module);
    error = codegen_verify(cg);
    cr_assert_null(error, "%s\n%s", error, codegen_ir(cg));
    codegen_optimize(cg, optimise);
    void *f = codegen_jit(cg, name, &error);
    cr_assert_null(error, "%s", error);
    return f;
}

TestSuite(codegen, .init = start);

/* y[i] = a * x[i] + y[i] over any n: a vector loop and a masked tail; nothing behind the end is
 * touched. */
Test(codegen, axpy_with_masked_tail)
{
    for (optimise = 0; optimise < 2; optimise++) {
        start();
        uint8_t params[] = {LT_ptr, LT_ptr, LT_f32, LT_i64};
        LB b = function("axpy", params, 4, LT_void);
        LV x = l_arg(&b, 0), y = l_arg(&b, 1), a = l_arg(&b, 2), n = l_arg(&b, 3);
        LV loop = l_loop(&b, l_i64(&b, 0), n, l_i64(&b, 16), NULL, 0);
        LV left = l_bin(&b, L_isub, n, loop), mask = l_maskn(&b, left, 16);
        LV bytes = l_bin(&b, L_imul, loop, l_i64(&b, 4));
        LV px = l_ptradd(&b, x, bytes, 0), py = l_ptradd(&b, y, bytes, 0);
        LV v = l_fma(&b, l_splat(&b, a, 16), l_load(&b, px, 0, DT_f32, 16, mask), l_load(&b, py, 0, DT_f32, 16, mask));
        l_store(&b, py, 0, DT_f32, v, mask);
        l_yield(&b, loop, NULL, 0);
        l_ret(&b, 0);
        void (*axpy)(const float *, float *, float, int64_t) = (void (*)(const float *, float *, float, int64_t))(uintptr_t)run("axpy");
        for (int n_i = 0; n_i < 40; n_i++) {
            float p[48], q[48];
            for (int i = 0; i < 48; i++) {
                p[i] = (float)i;
                q[i] = 1;
            }
            axpy(p, q, 2, n_i);
            for (int i = 0; i < 48; i++)
                cr_assert_eq(q[i], i < n_i ? 2 * (float)i + 1 : 1);
        }
        codegen_free(cg);
    }
}

Test(codegen, carried_values_and_if)
{
    uint8_t params[] = {LT_i64};
    LB b = function("sum", params, 1, LT_i32);
    LV start_value = l_int(&b, LT_i32, 1, 0);
    LV loop = l_loop(&b, l_i64(&b, 0), l_arg(&b, 0), l_i64(&b, 1), &start_value, 1);
    LV next = l_bin(&b, L_iadd, l_carried(&b, loop, 0), l_cvt(&b, loop, LT_i32));
    l_yield(&b, loop, &next, 1);
    LV sum = l_result(&b, loop, 0);
    LV big = l_if(&b, l_cmp(&b, LP_gt, sum, l_int(&b, LT_i32, 1, 100)));
    l_ret(&b, l_int(&b, LT_i32, 1, -1));
    l_else(&b, big);
    l_ret(&b, sum);
    l_end(&b, big);
    l_ret(&b, sum);
    int32_t (*f)(int64_t) = (int32_t (*)(int64_t))(uintptr_t)run("sum");
    cr_assert_eq(f(0), 0);
    cr_assert_eq(f(10), 45);
    cr_assert_eq(f(50), -1);
    codegen_free(cg);
}

Test(codegen, floor_division)
{
    uint8_t params[] = {LT_ptr, LT_ptr};
    LB b = function("div", params, 2, LT_void);
    LV x = l_load(&b, l_arg(&b, 0), 0, DT_i32, 8, 0), y = l_load(&b, l_arg(&b, 1), 0, DT_i32, 8, 0);
    l_store(&b, l_arg(&b, 0), 0, DT_i32, l_bin(&b, L_ifdiv, x, y), 0);
    l_ret(&b, 0);
    void (*f)(int32_t *, int32_t *) = (void (*)(int32_t *, int32_t *))(uintptr_t)run("div");
    int32_t p[8] = {7, -7, 7, -7, 5, INT32_MIN, 0, 8}, q[8] = {2, 2, -2, -2, 0, -1, 3, 4};
    int32_t r[8] = {3, -4, -4, 3, 0, INT32_MIN, 0, 2};
    f(p, q);
    for (int i = 0; i < 8; i++)
        cr_assert_eq(p[i], r[i], "%d: %d", i, p[i]);
    codegen_free(cg);
}

Test(codegen, conversions_saturate)
{
    uint8_t params[] = {LT_ptr, LT_ptr, LT_ptr};
    LB b = function("cvt", params, 3, LT_void);
    LV x = l_load(&b, l_arg(&b, 0), 0, DT_f32, 4, 0);
    l_store(&b, l_arg(&b, 1), 0, DT_i32, l_cvt(&b, x, LT_i32), 0);
    l_store(&b, l_arg(&b, 2), 0, DT_bool, l_cvt(&b, x, LT_mask), 0);
    l_store(&b, l_arg(&b, 2), 4, DT_bf16, x, 0);
    l_ret(&b, 0);
    void (*f)(float *, int32_t *, uint8_t *) = (void (*)(float *, int32_t *, uint8_t *))(uintptr_t)run("cvt");
    float p[4] = {-1.9f, 1e20f, NAN, 0};
    int32_t q[4];
    uint8_t r[12];
    f(p, q, r);
    cr_assert(q[0] == -1 && q[1] == INT32_MAX && q[2] == 0 && q[3] == 0);
    cr_assert(r[0] == 1 && r[1] == 1 && r[2] == 1 && r[3] == 0);
    cr_assert(r[4] == 0xf3 && r[5] == 0xbf); /* -1.8984375 is the nearest bfloat */
    codegen_free(cg);
}

Test(codegen, strided_gather_half_any)
{
    uint8_t params[] = {LT_ptr, LT_ptr, LT_i64};
    LB b = function("pick", params, 3, LT_i32);
    LV p = l_arg(&b, 0), n = l_arg(&b, 2), mask = l_maskn(&b, n, 8);
    LV v = l_loadstride(&b, p, l_i64(&b, 12), DT_f32, 8, mask);
    LV off = l_bin(&b, L_imul, l_lane(&b, LT_i64, 8), l_int(&b, LT_i64, 8, 8));
    LV w = l_gather(&b, p, off, DT_f32, mask);
    LV s = l_bin(&b, L_fadd, v, w);
    l_storestride(&b, l_arg(&b, 1), l_i64(&b, 8), DT_f32, s, mask);
    for (int i = 0; i < 3; i++)
        s = l_bin(&b, L_fadd, l_half(&b, s, 0), l_half(&b, s, 1));
    l_store(&b, l_arg(&b, 1), 4, DT_f32, s, 0);
    LV neg = l_any(&b, l_cmp(&b, LP_lt, w, l_float(&b, LT_f32, 8, 0)));
    l_ret(&b, l_cvt(&b, neg, LT_i32));
    int32_t (*f)(float *, float *, int64_t) = (int32_t (*)(float *, float *, int64_t))(uintptr_t)run("pick");
    float x[32], y[16] = {0};
    for (int i = 0; i < 32; i++)
        x[i] = (float)i;
    cr_assert_eq(f(x, y, 5), 0);
    cr_assert(y[0] == 0 && y[2] == 5 && y[8] == 20 && y[10] == 0 && y[1] == 50);
    x[4] = -1;
    cr_assert_eq(f(x, y, 5), 1);
    cr_assert_eq(f(x, y, 2), 0);
    codegen_free(cg);
}

static int32_t twice(int32_t x)
{
    return 2 * x;
}

Test(codegen, calls_and_stack)
{
    uint8_t params[] = {LT_i32};
    LB b = function("caller", params, 1, LT_i32);
    LV slot = l_alloca(&b, 64), x = l_arg(&b, 0);
    LV r = l_call(&b, "test_twice", LT_i32, &x, 1);
    l_store(&b, slot, 8, DT_i32, r, 0);
    l_ret(&b, l_load(&b, slot, 8, DT_i32, 1, 0));
    cg = codegen_new(&arena, &target, "test", 0);
    codegen_jit_symbol(cg, "test_twice", (void *)(uintptr_t)twice);
    codegen_loops(cg, module);
    const char *error;
    int32_t (*f)(int32_t) = (int32_t (*)(int32_t))(uintptr_t)codegen_jit(cg, "caller", &error);
    cr_assert_null(error);
    cr_assert_eq(f(21), 42);
    codegen_free(cg);
}

Test(codegen, constant_data)
{
    cg = codegen_new(&arena, &target, "test", 0);
    CgConst number[3] = {cg_int(cg, 32, 7), cg_string(cg, "name"), cg_double(cg, 0.5)};
    CgConst item[2] = {cg_struct(cg, number, 3), cg_struct(cg, number, 3)};
    cg_global(cg, "table", cg_array(cg, item, 2), 16, true);
    CgConst use = cg_symbol(cg, "table");
    cg_global(cg, "holder", use, 8, true);
    cr_assert_null(codegen_verify(cg));
    cr_assert_not_null(strstr(codegen_ir(cg), "{ i32, ptr, double }"));
    cr_assert_null(codegen_write(cg, NNC_BINARY_DIR "/test_codegen.o", false));
    codegen_free(cg);
}

Test(codegen, verifier_sees_a_use_outside_its_body)
{
    uint8_t params[] = {LT_i64};
    LB b = function("bad", params, 1, LT_i64);
    LV loop = l_loop(&b, l_i64(&b, 0), l_arg(&b, 0), l_i64(&b, 1), NULL, 0);
    l_yield(&b, loop, NULL, 0);
    l_ret(&b, loop);
    cr_assert_not_null(loop_verify(module, &arena));
}

Test(codegen, verifier_wants_a_return)
{
    uint8_t params[] = {LT_ptr, LT_i64};
    LB b = function("store", params, 2, LT_void);
    l_store(&b, l_arg(&b, 0), 0, DT_i64, l_arg(&b, 1), 0);
    const char *error = loop_verify(module, &arena);
    cr_assert(error && strstr(error, "return"), "%s", error ? error : "nothing is said");
    l_ret(&b, 0);
    cr_assert_null(loop_verify(module, &arena));
}

/* y[0] += scale * number at table[size] + y's own place: what kernels differ in. */
static void small_kernel(const char *name, int64_t size, int64_t place, int64_t scale, int64_t add)
{
    uint8_t params[] = {LT_ptr};
    LB b = {module, loop_fn_new(module, name, params, 1, LT_void)};
    LV table = l_load_ptr(&b, l_arg(&b, 0), 0), base = l_load_ptr(&b, l_arg(&b, 0), 8);
    LV n = l_load(&b, table, size, DT_i64, 1, 0), at = l_ptradd(&b, base, 0, place);
    LV v = l_bin(&b, L_imul, n, l_i64(&b, scale));
    v = l_bin(&b, L_iadd, v, l_i64(&b, scale)); /* one parameter for both */
    v = l_bin(&b, L_iadd, v, l_load(&b, at, 0, DT_i64, 1, 0));
    l_store(&b, at, 0, DT_i64, l_bin(&b, L_iadd, v, l_splat(&b, l_i64(&b, add), 1)), 0);
    l_ret(&b, 0);
}

/* Three kernels alike become one with a parameter for what differs; another operation stays. */
Test(codegen, kernels_that_differ_in_constants_are_shared)
{
    static const char *const name[] = {"k0", "k1", "k2", "k3"};
    uint8_t params[] = {LT_ptr};
    small_kernel("k0", 0, 8, 3, 1);
    small_kernel("k1", 8, 16, 5, 1);
    small_kernel("k2", 8, 24, 7, 1);
    LB other = {module, loop_fn_new(module, "k3", params, 1, LT_void)};
    l_ret(&other, 0);
    LB b = function("driver", params, 1, LT_void);
    LV ctx = l_arg(&b, 0);
    for (int i = 0; i < 4; i++)
        l_call(&b, name[i], LT_void, &ctx, 1);
    l_ret(&b, 0);
    loop_share(module);
    cr_assert_eq(module->fn.n, 3);
    cr_assert_str_eq(module->fn.at[0]->name, "k0");
    cr_assert_eq(module->fn.at[0]->n_params, 1 + 3, "size, place, scale");
    void (*driver)(void *);
    *(void **)&driver = run("driver");
    int64_t table[] = {10, 100}, data[] = {0, 1, 2, 3};
    void *record[] = {table, data};
    driver(record);
    cr_assert_eq(data[0], 0);
    cr_assert_eq(data[1], 1 + 33 + 1);
    cr_assert_eq(data[2], 2 + 505 + 1);
    cr_assert_eq(data[3], 3 + 707 + 1);
    codegen_free(cg);
}

static LoopTarget resolve(const char *triple, const char *cpu, const char **error)
{
    CgTarget t = {.triple = triple, .cpu = cpu};
    *error = codegen_target(&arena, &t, false);
    return t.loop;
}

Test(codegen, targets)
{
    const char *error;
    LoopTarget t = resolve("x86_64-pc-linux-gnu", "x86-64-v3", &error);
    cr_assert(!error && t.vector_bytes == 32 && t.n_registers == 16 && t.fma);
    t = resolve("x86_64-pc-linux-gnu", "x86-64-v4", &error);
    cr_assert(!error && t.vector_bytes == 64 && t.n_registers == 32 && t.fma);
    t = resolve("x86_64-pc-linux-gnu", "x86-64", &error);
    cr_assert(!error && t.vector_bytes == 16 && !t.fma);
    t = resolve("aarch64-linux-gnu", "generic", &error);
    cr_assert(!error && t.vector_bytes == 16 && t.n_registers == 32 && t.fma && t.floor);
    t = resolve("riscv64-linux-gnu", "native", &error);
    cr_assert(!error && t.vector_bytes == 16 && t.fma);
    t = resolve("armv7-linux-gnueabihf", "native", &error);
    cr_assert(!error && t.pointer_bytes == 4 && !t.fma && !t.floor);
    t = resolve("arm-linux-gnueabihf", "cortex-a7", &error);
    cr_assert(!error && t.fma);
    t = resolve("thumbv8m.main-none-eabihf", "native", &error);
    cr_assert(!error && t.fma && !t.floor);
    t = resolve("thumbv7em-none-eabi", "cortex-m7", &error);
    cr_assert(!error && !t.fma && !t.floor);
    t = resolve("riscv32-unknown-elf", "sifive-e24", &error);
    cr_assert(!error && t.fma);
    t = resolve("wasm32", "native", &error);
    cr_assert(!error && t.pointer_bytes == 4 && !t.fma && t.floor);
    resolve("thumbv7m-none-eabihf", "native", &error);
    cr_assert_str_eq(error, "cortex-m3 has no registers for numbers: a target for it ends in `eabi`, not in `eabihf`");
    resolve("armv7", "native", &error);
    cr_assert(strstr(error, "target `armv7`: its last part says how numbers are passed"));
    resolve("armv6-linux-gnueabihf", "generic", &error);
    cr_assert(strstr(error, "code is made for x86_64, aarch64, ") && strstr(error, ", riscv32 and wasm32, as in"));
    resolve("aarch64_be-linux-gnu", "generic", &error);
    cr_assert_not_null(error);
    resolve("x86_64-pc-linux-gnu", "znver99", &error);
    cr_assert_not_null(error);
    resolve("nothing-at-all", "generic", &error);
    cr_assert_not_null(error);
}

static bool needs(const CgTarget *t, int feature)
{
    return t->needs >> feature & 1;
}

/* The least first, each with all that those before it need; what is there once needs nothing. */
Test(codegen, levels_of_generic)
{
    CgTargets t;
    cr_assert_null(codegen_targets(&arena, &t, &(CgTarget){.triple = "x86_64-pc-linux-gnu", .cpu = "generic"}, true));
    cr_assert_eq(t.n, 3);
    for (uint32_t i = 0; i < 3; i++) {
        cr_expect_eq(t.at[i].loop.vector_bytes, 16 << i);
        cr_expect_eq(t.at[i].loop.fma, i > 0);
        cr_expect(t.at[i].loop.level == i && t.at[i].loop.strict && t.at[i].loop.floor && t.at[i].loop.suffix);
        cr_expect(i == 0 || (t.at[i - 1].needs & ~t.at[i].needs) == 0);
    }
    cr_expect(needs(&t.at[0], NNRT_CPU_sse42) && needs(&t.at[0], NNRT_CPU_popcnt) && !needs(&t.at[0], NNRT_CPU_avx));
    cr_expect(needs(&t.at[1], NNRT_CPU_bmi2) && needs(&t.at[1], NNRT_CPU_f16c) && !needs(&t.at[1], NNRT_CPU_avx512f));
    cr_expect(needs(&t.at[2], NNRT_CPU_avx512vl) && !needs(&t.at[2], NNRT_CPU_avx512vbmi));
    cr_expect(t.at[3].needs == 0 && t.at[3].loop.vector_bytes == 16 && !t.at[3].loop.fma && !t.at[3].loop.floor && t.at[3].loop.level == 3);
    cr_assert_null(codegen_targets(&arena, &t, &(CgTarget){.triple = "x86_64-pc-linux-gnu", .cpu = "haswell"}, false));
    cr_expect(t.n == 1 && !t.at[0].loop.suffix && needs(&t.at[0], NNRT_CPU_avx2) && t.at[1].needs == 0 && t.at[1].loop.level == 1);
    cr_assert_null(codegen_targets(&arena, &t, &(CgTarget){.triple = "aarch64-linux-gnu", .cpu = "generic"}, false));
    cr_expect(t.n == 1 && t.at[0].needs == 0 && t.at[1].loop.fma && strcmp(t.at[1].cpu, "generic") == 0);
    cr_assert_not_null(codegen_targets(&arena, &t, &(CgTarget){.triple = "x86_64-pc-linux-gnu", .cpu = "znver99"}, false));
}

static void probe_type(LB *b, uint8_t mem, int lanes, int64_t at)
{
    LV in[3];
    for (int i = 0; i < 3; i++)
        in[i] = l_load(b, l_arg(b, i), at, mem, lanes, 0);
    l_store(b, l_arg(b, 0), at, mem, l_un(b, L_ffloor, l_fma(b, in[0], in[1], in[2])), 0);
    l_store(b, l_arg(b, 1), at, mem, l_un(b, L_fsqrt, in[0]), 0);
}

/* Assembly of floor(a*b+c) and sqrt(a) on 16 floats and 8 doubles, for a CPU said to have all that the generator knows of. */
static const char *probe(const char *triple, const char *cpu)
{
    CgTarget t = {.triple = triple, .cpu = cpu};
    const char *path = NNC_BINARY_DIR "/test_codegen_probe.s", *error = codegen_target(&arena, &t, false);
    cr_assert_null(error, "%s", error);
    t.loop = (LoopTarget){.vector_bytes = 64, .n_registers = 32, .pointer_bytes = t.loop.pointer_bytes, .fma = true, .floor = true};
    LoopModule m = {.arena = &arena, .target = t.loop};
    uint8_t params[] = {LT_ptr, LT_ptr, LT_ptr};
    LB b = {&m, loop_fn_new(&m, "probe", params, 3, LT_void)};
    b.f->outside = true;
    probe_type(&b, DT_f32, 16, 0);
    probe_type(&b, DT_f64, 8, 64);
    l_ret(&b, 0);
    Cg *own = codegen_new(&arena, &t, "probe", 0);
    codegen_loops(own, &m);
    cr_assert_null(codegen_write(own, path, true));
    codegen_free(own);
    FILE *file = fopen(path, "r");
    char *text = ARENA_ARRAY(&arena, char, 1 << 18);
    cr_assert(file && fread(text, 1, (1 << 18) - 1, file) > 0 && feof(file));
    fclose(file);
    return text;
}

/* Is a function of libm called? */
static bool calls(const char *text, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = text; (at = strstr(at, name)); at += n)
        if (strchr("\t ", at[-1]) && strchr("\n@", at[n])) return true;
    return false;
}

/* What is said of each CPU is what LLVM makes use of: the registers and instructions in its assembly. */
Test(codegen, features_of_every_cpu)
{
    int n_bytes[65] = {0}, n_fma = 0, n_floor = 0, n_lacks = 0, n = 0;
    const char *error;
    for (size_t i = 0; codegen_arch(i); i++)
        for (const char *const *cpu = codegen_cpus(codegen_arch(i)); *cpu; cpu++, n++) {
            const char *arch = codegen_arch(i), *system = strncmp(arch, "thumb", 5) == 0 ? "none-eabihf" : "linux-gnueabihf";
            CgTarget t = {.triple = arena_print(&arena, "%s-%s", arch, system), .cpu = *cpu};
            if (codegen_target(&arena, &t, false)) { /* no registers for numbers */
                system = "none-eabi";
                t = (CgTarget){.triple = arena_print(&arena, "%s-%s", arch, system), .cpu = *cpu};
                error = codegen_target(&arena, &t, false);
                cr_assert_null(error, "%s", error);
            }
            const char *text = probe(arena_print(&arena, "%s-%s", arch, system), *cpu);
            bool scalar = t.loop.pointer_bytes == 4 && !strstr(text, "f32x4"), soft = t.lacks[LACK_sqrt_f32];
            int bytes = scalar ? 4 : strstr(text, "%zmm") ? 64 : strstr(text, "%ymm") ? 32 : 16;
            cr_expect_eq(t.loop.vector_bytes, bytes, "%s: %d bytes, but %d in assembly", *cpu, t.loop.vector_bytes, bytes);
            cr_expect_eq(t.loop.n_registers, (strcmp(arch, "x86_64") != 0 || bytes == 64) && !soft ? 32 : 16, "%s", *cpu);
            cr_expect_eq(t.loop.fma, !calls(text, "fmaf"), "%s: fma", *cpu);
            cr_expect_eq(t.loop.floor, !calls(text, "floorf") && !calls(text, "floor"), "%s: floor", *cpu);
            cr_expect_eq(t.lacks[LACK_sqrt_f32], calls(text, "sqrtf"), "%s: sqrtf", *cpu);
            cr_expect_eq(t.lacks[LACK_sqrt_f64], calls(text, "sqrt"), "%s: sqrt", *cpu);
            cr_expect_eq(t.lacks[LACK_fma_f64], t.loop.fma && calls(text, "fma"), "%s: fma of doubles", *cpu);
            n_bytes[t.loop.vector_bytes]++, n_fma += t.loop.fma, n_floor += t.loop.floor, n_lacks += t.lacks[LACK_fma_f64];
        }
    cr_expect(n_bytes[16] > 0 && n_bytes[32] > 0 && n_bytes[64] > 0 && n_fma < n && n_floor < n && n_lacks > 0);
}

/* floor of 16 lanes: the instruction, and what is made of others for a CPU without one. */
static void check_floor(const char *cpu, LoopType type, uint8_t mem)
{
    static const double cases[] = {0.0,          -0.0,          0.3,          -0.3,         0.5,    -0.5,    1,
                                   -1,           1.5,           -1.5,         2.5,          -2.5,   7.999,   -7.999,
                                   0x1p22 + 0.5, -0x1p22 - 0.5, 0x1p23 - 0.5, 0.5 - 0x1p23, 0x1p23, -0x1p23, 0x1p24 + 2,
                                   0x1p52 - 0.5, 0.5 - 0x1p52,  0x1p52,       0x1p53,       1e30,   -1e30,   1e-30,
                                   -1e-30,       INFINITY,      -INFINITY,    NAN};
    target = (CgTarget){.triple = cpu ? "x86_64-pc-linux-gnu" : NULL, .cpu = cpu};
    cr_assert_null(codegen_target(&arena, &target, false));
    module->target = target.loop;
    if (cpu) cr_assert_not(target.loop.floor);
    uint8_t params[] = {LT_ptr, LT_ptr};
    LB b = function("floors", params, 2, LT_void);
    l_store(&b, l_arg(&b, 1), 0, mem, l_un(&b, L_ffloor, l_load(&b, l_arg(&b, 0), 0, mem, 16, 0)), 0);
    l_ret(&b, 0);
    void (*floors)(const void *, void *) = (void (*)(const void *, void *))(uintptr_t)run("floors");
    for (int first = 0; first < 32; first += 16) {
        _Alignas(128) union {
            float f[16];
            double d[16];
        } in, out;
        for (int i = 0; i < 16; i++) {
            if (type == LT_f32)
                in.f[i] = (float)cases[first + i];
            else
                in.d[i] = cases[first + i];
        }
        floors(&in, &out);
        for (int i = 0; i < 16; i++) {
            double x = type == LT_f32 ? in.f[i] : in.d[i], y = type == LT_f32 ? out.f[i] : out.d[i], right = floor(x);
            cr_assert(isnan(right) ? isnan(y) : y == right && !signbit(y) == !signbit(right), "floor(%.17g) = %.17g on %s", x, y,
                      cpu ? cpu : "the host");
        }
    }
    codegen_free(cg);
}

Test(codegen, floor)
{
    check_floor(NULL, LT_f32, DT_f32);
    start();
    check_floor(NULL, LT_f64, DT_f64);
#ifdef __x86_64__
    start();
    check_floor("x86-64", LT_f32, DT_f32);
    start();
    check_floor("x86-64", LT_f64, DT_f64);
#endif
}

/* Each builds what cannot be: the constructors end the compiler there. */
enum { WRONG_USES = 45 };

static void use_wrongly(LB *b, size_t row)
{
    LV p = l_arg(b, 0), f = l_arg(b, 1), n = l_arg(b, 2), d = l_arg(b, 3), i = l_cvt(b, n, LT_i32), f4 = l_splat(b, f, 4);
    LV m = l_cmp(b, LP_lt, n, l_i64(b, 5)), m4 = l_maskn(b, n, 4);
    LV loop = l_loop(b, l_i64(b, 0), n, l_i64(b, 1), &f, 1), fs[2] = {f, f};
    switch (row) {
    case 0: l_arg(b, 4); break;
    case 1: l_int(b, LT_f32, 1, 3); break;
    case 2: l_float(b, LT_i64, 1, 3); break;
    case 3: l_splat(b, f4, 8); break;
    case 4: l_zip(b, f4, l_splat(b, d, 4), 0); break;
    case 5: l_zip(b, f4, l_splat(b, f, 8), 0); break;
    case 6: l_zip(b, f, f, 0); break;
    case 7: l_bin(b, L_fadd, f, d); break;
    case 8: l_bin(b, L_fadd, f, f4); break;
    case 9: l_bin(b, L_fadd, n, n); break;
    case 10: l_bin(b, L_iadd, f, f); break;
    case 11: l_bin(b, L_iadd, m, m); break;
    case 12: l_bin(b, L_umulhi, n, n); break;
    case 13: l_bin(b, L_fneg, f, f); break;
    case 14: l_un(b, L_not, n); break;
    case 15: l_un(b, L_fneg, n); break;
    case 16: l_un(b, L_fadd, f); break;
    case 17: l_cmp(b, LP_lt, f, d); break;
    case 18: l_cmp(b, LP_lt, f, f4); break;
    case 19: l_cmp(b, LP_lt, m, m); break;
    case 20: l_sel(b, m, f, d); break;
    case 21: l_sel(b, m4, f, f4); break;
    case 22: l_sel(b, n, f, f); break;
    case 23: l_fma(b, f, f, d); break;
    case 24: l_fma(b, f, d, f); break;
    case 25: l_fma(b, n, n, n); break;
    case 26: l_fma(b, f, f4, f); break;
    case 27: l_cvt(b, p, LT_i64); break;
    case 28: l_cvt(b, n, LT_ptr); break;
    case 29: l_ptradd(b, n, n, 0); break;
    case 30: l_ptradd(b, p, i, 0); break;
    case 31: l_load(b, n, 0, DT_f32, 1, 0); break;
    case 32: l_load(b, p, 0, DT_f32, 8, m4); break;
    case 33: l_load(b, p, 0, DT_COUNT + 1, 1, 0); break;
    case 34: l_store(b, f, 0, DT_f32, f, 0); break;
    case 35: l_store(b, p, 0, DT_f32, d, 0); break;
    case 36: l_loadstride(b, p, i, DT_f32, 4, 0); break;
    case 37: l_maskn(b, i, 4); break;
    case 38: l_loop(b, l_i64(b, 0), i, l_i64(b, 1), NULL, 0); break;
    case 39: l_carried(b, loop, 1); break;
    case 40: l_carried(b, n, 0); break;
    case 41: l_yield(b, loop, fs, 2); break;
    case 42: l_yield(b, loop, &d, 1); break;
    case 43: l_end(b, loop); break;
    default: l_ret(b, f); break;
    }
}

TestRows(codegen, wrong_uses_are_bugs, WRONG_USES, .init = start, .signal = 6)
{
    uint8_t params[] = {LT_ptr, LT_f32, LT_i64, LT_f64};
    LB b = function("wrong", params, 4, LT_void);
    use_wrongly(&b, row);
}
