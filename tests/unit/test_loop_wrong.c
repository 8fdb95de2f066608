/* links: nnc_codegen nnc_loop nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_loop_wrong.c: loop IR that is wrong: what its constructors refuse, each in a process of its own, and what loop_verify says. */
#include "loop/loop.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static Arena arena;
static LoopModule module;
static LB fn, *b = &fn;
static LV ptr, i64, i32, f32, f64, m1;      /* parameters, and a comparison of one lane */
static LV i4, i8, l8, f8, f4, d8, m8, m4;   /* i32, i32, i64, f32, f32, f64 and masks of so many lanes */
static LV loop, if_;                        /* a loop that carries i64 and f8 */

static void build(void)
{
    static uint8_t params[] = {LT_ptr, LT_i64, LT_i32, LT_f32, LT_f64};
    module = (LoopModule){.arena = &arena, .target = {.vector_bytes = 32, .n_registers = 16, .fma = true, .pointer_bytes = 8}};
    fn = (LB){&module, loop_fn_new(&module, "f", params, 5, LT_i32)};
    ptr = l_arg(b, 0), i64 = l_arg(b, 1), i32 = l_arg(b, 2), f32 = l_arg(b, 3), f64 = l_arg(b, 4);
    m1 = l_cmp(b, LP_lt, i32, i32);
    i4 = l_splat(b, i32, 4), i8 = l_splat(b, i32, 8), l8 = l_splat(b, i64, 8), f8 = l_splat(b, f32, 8), f4 = l_splat(b, f32, 4);
    d8 = l_splat(b, f64, 8), m8 = l_cmp(b, LP_lt, f8, f8), m4 = l_cmp(b, LP_lt, f4, f4);
    if_ = l_if(b, m1);
    l_end(b, if_);
    loop = l_loop(b, i64, i64, i64, (LV[]){i64, f8}, 2);
}

/* ---- what constructors refuse ------------------------------------------------------------------ */

#define WRONG(X) \
    X("no value 0", l_type(b, 0)) \
    X("no value 4000", l_type(b, 4000)) \
    X("no value 18", l_type(b, fn.f->ins.n)) \
    X("no such parameter", l_arg(b, 5)) \
    X("an integer type is wanted", l_int(b, LT_f32, 1, 0)) \
    X("an integer type is wanted", l_int(b, LT_ptr, 1, 0)) \
    X("a float type is wanted", l_float(b, LT_i32, 1, 0)) \
    X("lane numbers are integers", l_lane(b, LT_f32, 8)) \
    X("only a scalar can be spread", l_splat(b, f4, 8)) \
    X("lanes cannot be halved", l_half(b, f32, 0)) \
    X("operands of zip", l_zip(b, f8, i8, 0)) \
    X("operands of zip", l_zip(b, f8, f4, 0)) \
    X("operands of zip", l_zip(b, f32, f32, 0)) \
    X("lanes come in fours", l_back(b, l_half(b, f4, 0))) \
    X("operands of pairs", l_pairs(b, f8, i8)) \
    X("operands of pairs", l_pairs(b, i8, f8)) \
    X("operands of pairs", l_pairs(b, f8, f4)) \
    X("pointer and bytes of a row", (l_amx_load(b, 0, i64, i64), 0)) \
    X("pointer and bytes of a row", (l_amx_store(b, 0, ptr, i32), 0)) \
    X("operands of different types", l_bin(b, L_iadd, i32, i64)) \
    X("operands of different types", l_bin(b, L_iadd, i8, i32)) \
    X("not a binary operation", l_bin(b, L_fma, f32, f32)) \
    X("not a binary operation", l_bin(b, L_splat, i32, i32)) \
    X("not a binary operation", l_bin(b, L_umulhi + 1, i32, i32)) \
    X("not a binary operation", l_bin(b, L_iadd - 1, i32, i32)) \
    X("wrong operand type", l_bin(b, L_fadd, i32, i32)) \
    X("wrong operand type", l_bin(b, L_fdiv, i32, i32)) \
    X("wrong operand type", l_bin(b, L_iadd, f32, f32)) \
    X("wrong operand type", l_bin(b, L_iadd, m8, m8)) \
    X("wrong operand type", l_bin(b, L_and, f32, f32)) \
    X("umulhi is of i32", l_bin(b, L_umulhi, i64, i64)) \
    X("not is of masks", l_un(b, L_not, i32)) \
    X("not a unary operation", l_un(b, L_fneg, i32)) \
    X("not a unary operation", l_un(b, L_fadd, f32)) \
    X("not a unary operation", l_un(b, L_fneg - 1, f32)) \
    X("not a unary operation", l_un(b, L_fsqrt + 1, f32)) \
    X("operands of different types", l_cmp(b, LP_lt, f8, f4)) \
    X("operands of different types", l_cmp(b, LP_lt, i8, f8)) \
    X("wrong operand type", l_cmp(b, LP_lt, ptr, ptr)) \
    X("operands of different types", l_sel(b, m8, f8, f4)) \
    X("operands of different types", l_sel(b, m8, f8, i8)) \
    X("a mask of the same lanes", l_sel(b, m4, f8, f8)) \
    X("a mask of the same lanes", l_sel(b, i8, f8, f8)) \
    X("operands of fma", l_fma(b, i32, i32, i32)) \
    X("operands of fma", l_fma(b, f8, d8, f8)) \
    X("operands of fma", l_fma(b, f8, f8, d8)) \
    X("operands of fma", l_fma(b, f8, f4, f8)) \
    X("operands of fma", l_fma(b, f8, f8, f4)) \
    X("operands of dot4", l_dot4(b, f8, i8, i8, true)) \
    X("operands of dot4", l_dot4(b, i8, f8, i8, true)) \
    X("operands of dot4", l_dot4(b, i8, i8, f8, true)) \
    X("operands of dot4", l_dot4(b, i8, i4, i8, true)) \
    X("operands of dot4", l_dot4(b, i8, i8, i4, true)) \
    X("cvt of a pointer", l_cvt(b, ptr, LT_i64)) \
    X("cvt of a pointer", l_cvt(b, i64, LT_ptr)) \
    X("cvt of a pointer", l_cvt(b, i64, LT_void)) \
    X("cvt of a pointer", l_cvt(b, if_, LT_i64)) \
    X("bitcast of other widths", l_bitcast(b, f32, LT_i64)) \
    X("bitcast of other widths", l_bitcast(b, i32, LT_i64)) \
    X("bitcast of other widths", l_bitcast(b, f64, LT_i32)) \
    X("bitcast of other widths", l_bitcast(b, i32, LT_f64)) \
    X("bitcast of other widths", l_bitcast(b, f32, LT_f64)) \
    X("bitcast of other widths", l_bitcast(b, m8, LT_i32))

#define WRONG_MEMORY(X) \
    X("a pointer is wanted", l_ptradd(b, i64, i64, 0)) \
    X("an offset is wanted", l_ptradd(b, ptr, i32, 0)) \
    X("an offset is wanted", l_ptradd(b, ptr, l8, 0)) \
    X("no memory type", l_load(b, ptr, 0, DT_COUNT + 1, 1, 0)) \
    X("a pointer is wanted", l_load(b, i64, 0, DT_f32, 1, 0)) \
    X("a mask of the same lanes", l_load(b, ptr, 0, DT_f32, 8, m4)) \
    X("a pointer is wanted", l_load_word(b, i64, 0)) \
    X("a pointer is wanted", (l_store(b, i64, 0, DT_f32, f8, 0), 0)) \
    X("stored value of another type", (l_store(b, ptr, 0, DT_f64, f8, 0), 0)) \
    X("a mask of the same lanes", (l_store(b, ptr, 0, DT_f32, f8, m4), 0)) \
    X("pointer and stride", l_loadstride(b, i64, i64, DT_f32, 8, 0)) \
    X("pointer and stride", l_loadstride(b, ptr, i32, DT_f32, 8, 0)) \
    X("pointer and stride", l_loadstride(b, ptr, l8, DT_f32, 8, 0)) \
    X("a mask of the same lanes", l_loadstride(b, ptr, i64, DT_f32, 8, m4)) \
    X("pointer and stride", (l_storestride(b, i64, i64, DT_f32, f8, 0), 0)) \
    X("pointer and stride", (l_storestride(b, ptr, i32, DT_f32, f8, 0), 0)) \
    X("pointer and stride", (l_storestride(b, ptr, l8, DT_f32, f8, 0), 0)) \
    X("stored value of another type", (l_storestride(b, ptr, i64, DT_i32, f8, 0), 0)) \
    X("a mask of the same lanes", (l_storestride(b, ptr, i64, DT_f32, f8, m4), 0)) \
    X("a pointer is wanted", (l_prefetch(b, i64), 0)) \
    X("pointer and offsets", l_gather(b, i64, l8, DT_f32, 0)) \
    X("pointer and offsets", l_gather(b, ptr, i8, DT_f32, 0)) \
    X("a mask of the same lanes", l_gather(b, ptr, l8, DT_f32, m4)) \
    X("a count is wanted", l_maskn(b, i32, 8)) \
    X("a count is wanted", l_maskn(b, l8, 8)) \
    X("a mask of the same lanes", l_any(b, i8))

#define WRONG_STRUCTURE(X) \
    X("loop bounds are i64", l_loop(b, i32, i64, i64, NULL, 0)) \
    X("loop bounds are i64", l_loop(b, i64, i64, i32, NULL, 0)) \
    X("loop bounds are i64", l_loop(b, i64, l8, i64, NULL, 0)) \
    X("no such carried value", l_carried(b, loop, 2)) \
    X("no such carried value", l_result(b, loop, -1)) \
    X("no such carried value", l_carried(b, m1, 0)) \
    X("yield of another count", (l_yield(b, loop, (LV[]){i64}, 1), 0)) \
    X("yield of another count", (l_yield(b, m1, NULL, -1), 0)) \
    X("yield of another type", (l_yield(b, loop, (LV[]){i64, d8}, 2), 0)) \
    X("yield of another type", (l_yield(b, loop, (LV[]){i64, f4}, 2), 0)) \
    X("yield of another type", (l_yield(b, loop, (LV[]){i32, f8}, 2), 0)) \
    X("a mask of the same lanes", l_if(b, m8)) \
    X("a mask of the same lanes", l_if(b, i32)) \
    X("else of no if", (l_else(b, loop), 0)) \
    X("end of no if", (l_end(b, loop), 0)) \
    X("wrong result type", (l_ret(b, i64), 0)) \
    X("wrong result type", (l_ret(b, 0), 0)) \
    X("loop function g has 1000 parameters", loop_fn_new(&module, "g", NULL, 1000, LT_void))

static size_t row; /* the wrong one that a child makes */
#define MAKE(says, ...) \
    if (n++ == row) (void)(__VA_ARGS__);
static void make_wrong(void)
{
    size_t n = 0;
    WRONG(MAKE)
}
static void make_wrong_memory(void)
{
    size_t n = 0;
    WRONG_MEMORY(MAKE)
}
static void make_wrong_structure(void)
{
    size_t n = 0;
    WRONG_STRUCTURE(MAKE)
}
#define SAYS(says, ...) says,
static const char *const wrong_says[] = {WRONG(SAYS)}, *const memory_says[] = {WRONG_MEMORY(SAYS)},
                         *const structure_says[] = {WRONG_STRUCTURE(SAYS)};

/* What a process that makes it writes before it ends. */
static const char *last_words(void (*make)(void))
{
    static char said[1000];
    int end[2], status = 0;
    size_t n = 0;
    cr_assert_eq(pipe(end), 0);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        const struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        dup2(end[1], STDERR_FILENO);
        make();
        _exit(0);
    }
    close(end[1]);
    for (ssize_t got; (got = read(end[0], said + n, sizeof said - 1 - n)) > 0;)
        n += (size_t)got;
    said[n] = 0;
    close(end[0]);
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "it was made" : said;
}

static void refuse_all(void (*make)(void), const char *const *says, size_t n)
{
    build();
    for (row = 0; row < n; row++) {
        const char *said = last_words(make);
        cr_expect(strstr(said, says[row]), "row %zu: %s\n%s", row, says[row], said);
    }
    arena_free(&arena);
}

Test(loop_wrong, values)
{
    refuse_all(make_wrong, wrong_says, sizeof wrong_says / sizeof *wrong_says);
}

Test(loop_wrong, memory)
{
    refuse_all(make_wrong_memory, memory_says, sizeof memory_says / sizeof *memory_says);
}

Test(loop_wrong, structure)
{
    refuse_all(make_wrong_structure, structure_says, sizeof structure_says / sizeof *structure_says);
}

/* ---- what loop_verify says ---------------------------------------------------------------------- */

static LoopFn *f;

/* A function without parameters. */
static void begin(void)
{
    memset(&arena, 0, sizeof arena);
    module = (LoopModule){.arena = &arena, .target = {.fma = true}};
    fn = (LB){&module, loop_fn_new(&module, "f", NULL, 0, LT_void)};
    f = fn.f;
}

static void says(const char *wanted)
{
    const char *said = loop_verify(&module, &arena);
    cr_expect_str_eq(said ? said : "right", wanted);
    arena_free(&arena);
}

static LV counted(int n)
{
    LV zero = l_i64(b, 0), start[] = {zero, zero};
    return l_loop(b, zero, zero, zero, start, n);
}

Test(loop_wrong, nothing_is)
{
    begin();
    LV outer = counted(1), next = l_carried(b, outer, 0), inner = counted(2), twice[] = {l_carried(b, inner, 0), next};
    l_yield(b, inner, twice, 2);
    LV result = l_result(b, inner, 1), none = l_if(b, l_cmp(b, LP_lt, result, next));
    LV inside = l_i64(b, 3);
    l_bin(b, L_imul, inside, next);
    l_else(b, none);
    l_fma(b, l_float(b, LT_f32, 1, 2), l_float(b, LT_f32, 1, 3), l_float(b, LT_f32, 1, 4));
    l_end(b, none);
    l_yield(b, outer, &next, 1);
    l_result(b, outer, 0);
    l_ret(b, 0);
    says("right");
}

Test(loop_wrong, a_value_of_the_other_branch)
{
    begin();
    LV none = l_if(b, l_int(b, LT_mask, 1, 1)), inside = l_i64(b, 3);
    l_else(b, none);
    l_cvt(b, inside, LT_i32);
    l_end(b, none);
    l_ret(b, 0);
    says("f: %5 = cvt: uses a value that is not defined here");
}

Test(loop_wrong, a_value_of_a_body_that_ended)
{
    begin();
    LV l = counted(0), inside = l_i64(b, 3);
    l_yield(b, l, NULL, 0);
    l_cvt(b, inside, LT_i32);
    l_ret(b, 0);
    says("f: %6 = cvt: uses a value that is not defined here");
}

Test(loop_wrong, a_value_of_itself)
{
    begin();
    LV one = l_i64(b, 1), sum = l_bin(b, L_and, one, one);
    l_ret(b, 0);
    f->arg.at[f->ins.at[sum].arg + 1] = sum;
    says("f: %2 = and: uses a value that is not defined here");
}

Test(loop_wrong, a_value_that_nothing_makes)
{
    begin();
    l_amx_open(b);
    LV one = l_i64(b, 1), sum = l_bin(b, L_and, one, one);
    l_ret(b, 0);
    f->arg.at[f->ins.at[sum].arg] = 1; /* what has no value */
    says("f: %3 = and: uses a value that is not defined here");
}

Test(loop_wrong, carried_outside)
{
    begin();
    LV l = counted(1), next = l_carried(b, l, 0);
    l_yield(b, l, &next, 1);
    l_carried(b, l, 0);
    l_ret(b, 0);
    says("f: %6 = carried: not inside its loop");
}

Test(loop_wrong, result_inside)
{
    begin();
    LV l = counted(1), next = l_result(b, l, 0);
    l_yield(b, l, &next, 1);
    l_ret(b, 0);
    says("f: %3 = result: inside its loop");
}

Test(loop_wrong, a_loop_without_its_yield)
{
    begin();
    LV l = counted(0);
    l_yield(b, l, NULL, 0);
    l_ret(b, 0);
    f->ins.at[l + 1].op = L_amx_open;
    says("f: %4 = end: a loop ends with its yield");
}

Test(loop_wrong, a_yield_that_ends_nothing)
{
    begin();
    LV l = counted(0);
    l_yield(b, l, NULL, 0);
    l_ret(b, 0);
    f->ins.at[l + 2].op = L_amx_open;
    says("f: %3 = yield: a yield stands at the end of a loop");
}

Test(loop_wrong, a_yield_that_is_last)
{
    begin();
    LV l = counted(0);
    l_yield(b, l, NULL, 0);
    f->ins.n--;
    says("f: %3 = yield: a yield stands at the end of a loop");
}

Test(loop_wrong, a_yield_of_no_loop)
{
    begin();
    LV l = counted(0);
    l_yield(b, l, NULL, 0);
    l_ret(b, 0);
    f->ins.at[l].op = L_amx_open;
    says("f: %3 = yield: a yield stands at the end of a loop");
}

Test(loop_wrong, a_yield_of_an_if)
{
    begin();
    LV l = counted(0), none = l_if(b, l_int(b, LT_mask, 1, 1));
    l_yield(b, l, NULL, 0);
    l_end(b, none);
    l_ret(b, 0);
    says("f: %5 = yield: a yield stands at the end of a loop");
}

Test(loop_wrong, ends_that_cross)
{
    begin();
    LV yes = l_int(b, LT_mask, 1, 1), outer = l_if(b, yes), inner = l_if(b, yes);
    l_end(b, outer);
    l_end(b, inner);
    l_ret(b, 0);
    says("f: %4 = end: ends something else");
}

Test(loop_wrong, an_end_too_many)
{
    begin();
    LV none = l_if(b, l_int(b, LT_mask, 1, 1));
    l_end(b, none);
    l_end(b, none);
    l_ret(b, 0);
    says("f: %4 = end: ends something else");
}

Test(loop_wrong, a_body_that_is_open)
{
    begin();
    l_if(b, l_int(b, LT_mask, 1, 1));
    l_ret(b, 0);
    says("f: a body is not ended");
}

Test(loop_wrong, no_return)
{
    begin();
    l_i64(b, 1);
    says("f: does not end with its return");
}

/* The second function, by the target of its level. */
Test(loop_wrong, a_product_that_is_fused)
{
    static const struct {
        LoopTarget level[2];
        const char *says;
    } target[] = {{{{0}, {.fma = true}}, "right"},
                  {{{.fma = true}, {0}}, "second: %2 = fma: fma is not allowed here"},
                  {{{.fma = true}, {.fma = true, .strict = true}}, "second: %2 = fma: fma is not allowed here"}};
    for (size_t i = 0; i < sizeof target / sizeof *target; i++) {
        begin();
        l_ret(b, 0);
        fn.f = loop_fn_new(&module, "second", NULL, 0, LT_void);
        LV one = l_float(b, LT_f32, 1, 1);
        l_fma(b, one, one, one);
        l_ret(b, 0);
        fn.f->level = 1;
        module.n_levels = 2;
        memcpy(module.level, target[i].level, sizeof target[i].level);
        says(target[i].says);
    }
}
