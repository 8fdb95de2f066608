/* links: nnc_codegen nnc_loop nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_loop_text.c: one of every instruction of the loop IR, as `--dump=loop` shows it. Each is made in a line of its own: C does not
 * say which of two arguments comes first. */
#include "loop/loop.h"

#include <criterion/criterion.h>

static LV integers(LB *b, LV lane, LV wide)
{
    LV x = l_bin(b, L_imul, lane, wide);
    x = l_bin(b, L_iadd, x, lane);
    x = l_bin(b, L_isub, x, wide);
    x = l_bin(b, L_ifdiv, x, lane);
    x = l_bin(b, L_and, x, wide);
    x = l_bin(b, L_or, x, lane);
    x = l_bin(b, L_xor, x, wide);
    x = l_bin(b, L_shl, x, lane);
    x = l_bin(b, L_lshr, x, wide);
    x = l_bin(b, L_ashr, x, lane);
    return l_bin(b, L_umulhi, x, wide);
}

static LV numbers(LB *b, LV x, LV y)
{
    LV z = l_bin(b, L_fadd, x, y);
    z = l_bin(b, L_fsub, z, x);
    z = l_bin(b, L_fmul, z, y);
    z = l_bin(b, L_fdiv, z, x);
    z = l_fma(b, x, y, z);
    z = l_un(b, L_fneg, z);
    z = l_un(b, L_fabs, z);
    z = l_un(b, L_ffloor, z);
    return l_un(b, L_fsqrt, z);
}

static LV choices(LB *b, LV x, LV y, LV i, LV z)
{
    LV less = l_cmp(b, LP_lt, x, y), same = l_cmp(b, LP_eq, i, i), not_most = l_cmp(b, LP_le, y, z), more = l_cmp(b, LP_gt, i, i);
    less = l_bin(b, L_and, less, same);
    less = l_bin(b, L_or, less, not_most);
    more = l_un(b, L_not, more);
    less = l_bin(b, L_xor, less, more);
    i = l_cvt(b, i, LT_f32);
    return l_sel(b, less, z, i);
}

static void memory(LB *b, LV p, LV n, LV x, LV mask)
{
    LV bits = l_bitcast(b, x, LT_i32), half = l_half(b, x, 1), zip = l_zip(b, x, x, 1), back = l_back(b, zip);
    LV before = l_ptradd(b, p, n, -64), strided, gathered, pointer;
    l_store(b, before, 16, DT_f32, half, 0);
    l_store(b, p, 0, DT_i32, bits, mask);
    strided = l_loadstride(b, p, n, DT_f32, 8, 0);
    l_storestride(b, p, n, DT_f32, back, mask);
    bits = l_cvt(b, bits, LT_i64);
    gathered = l_gather(b, p, bits, DT_f32, mask);
    l_store(b, p, -8, DT_f16, gathered, 0);
    l_store(b, p, 0, DT_bf16, strided, 0);
    pointer = l_load_ptr(b, p, 8);
    l_prefetch(b, pointer);
}

static void tiles(LB *b, LV p, LV n)
{
    l_amx_open(b);
    l_amx_zero(b, 1);
    l_amx_load(b, 4, p, n);
    l_amx_add(b, 1, 4, 7);
    l_amx_store(b, 1, p, n);
    l_amx_close(b);
}

static void structure(LB *b, LV n, LV x, LV d)
{
    LV zero = l_i64(b, 0), two = l_i64(b, 2), quarter = l_float(b, LT_f64, 1, 0.25), begin[] = {n, x}, next[2];
    LV loop = l_loop(b, zero, n, two, begin, 2);
    next[0] = l_carried(b, loop, 0);
    next[0] = l_bin(b, L_iadd, next[0], loop);
    next[1] = l_carried(b, loop, 1);
    l_yield(b, loop, next, 2);
    LV last = l_result(b, loop, 0), room = l_alloca(b, 64), most = l_cmp(b, LP_ge, d, quarter), other = l_cmp(b, LP_ne, x, x);
    other = l_any(b, other);
    most = l_bin(b, L_or, most, other);
    LV both = l_if(b, most);
    l_store(b, room, 0, DT_i64, last, 0);
    l_else(b, both);
    last = l_result(b, loop, 1);
    l_store(b, room, 0, DT_f32, last, 0);
    l_end(b, both);
    LV given[2];
    given[0] = l_global(b, "table");
    given[1] = l_global(b, NULL);
    LV told = l_call(b, "tell", LT_i32, given, 2);
    l_pairs(b, x, x);
    tiles(b, given[0], n);
    l_ret(b, l_dot4(b, told, told, told, true));
}

static const char wanted[] = "fn all(ptr, i64, i32, f64) -> i32 {\n"
                             "  %1:ptr = arg 0\n"
                             "  %2:i64 = arg 1\n"
                             "  %3:i32 = arg 2\n"
                             "  %4:f64 = arg 3\n"
                             "  %5:i32x8 = lane\n"
                             "  %6:i32x8 = splat %3\n"
                             "  %7:maskx8 = maskn %2\n"
                             "  %8:f32x8 = ld f32 %1 %7 +32\n"
                             "  %9:f32x8 = ld f16 %1\n"
                             "  %10:i32x8 = imul %5 %6\n"
                             "  %11:i32x8 = iadd %10 %5\n"
                             "  %12:i32x8 = isub %11 %6\n"
                             "  %13:i32x8 = ifdiv %12 %5\n"
                             "  %14:i32x8 = and %13 %6\n"
                             "  %15:i32x8 = or %14 %5\n"
                             "  %16:i32x8 = xor %15 %6\n"
                             "  %17:i32x8 = shl %16 %5\n"
                             "  %18:i32x8 = lshr %17 %6\n"
                             "  %19:i32x8 = ashr %18 %5\n"
                             "  %20:i32x8 = umulhi %19 %6\n"
                             "  %21:f32x8 = fadd %8 %9\n"
                             "  %22:f32x8 = fsub %21 %8\n"
                             "  %23:f32x8 = fmul %22 %9\n"
                             "  %24:f32x8 = fdiv %23 %8\n"
                             "  %25:f32x8 = fma %8 %9 %24\n"
                             "  %26:f32x8 = fneg %25\n"
                             "  %27:f32x8 = fabs %26\n"
                             "  %28:f32x8 = ffloor %27\n"
                             "  %29:f32x8 = fsqrt %28\n"
                             "  %30:maskx8 = fcmp lt %8 %9\n"
                             "  %31:maskx8 = icmp eq %20 %20\n"
                             "  %32:maskx8 = fcmp le %9 %29\n"
                             "  %33:maskx8 = icmp gt %20 %20\n"
                             "  %34:maskx8 = and %30 %31\n"
                             "  %35:maskx8 = or %34 %32\n"
                             "  %36:maskx8 = not %33\n"
                             "  %37:maskx8 = xor %35 %36\n"
                             "  %38:f32x8 = cvt %20\n"
                             "  %39:f32x8 = sel %37 %29 %38\n"
                             "  %40:i32x8 = bitcast %39\n"
                             "  %41:f32x4 = half %39 1\n"
                             "  %42:f32x8 = zip %39 %39 1\n"
                             "  %43:f32x8 = back %42\n"
                             "  %44:ptr = ptradd %1 %2 -64\n"
                             "  st f32 %44 %41 +16\n"
                             "  st i32 %1 %40 %7\n"
                             "  %47:f32x8 = ldstride f32 %1 %2\n"
                             "  ststride f32 %1 %2 %43 %7\n"
                             "  %49:i64x8 = cvt %40\n"
                             "  %50:f32x8 = ldgather f32 %1 %49 %7\n"
                             "  st f16 %1 %50 -8\n"
                             "  st bf16 %1 %47\n"
                             "  %53:ptr = ld ptr %1 +8\n"
                             "  prefetch %53\n"
                             "  %55:i64 = iconst 0\n"
                             "  %56:i64 = iconst 2\n"
                             "  %57:f64 = fconst 0.25\n"
                             "  %58:i64 = loop %55 %2 %56 %2 %39\n"
                             "    %59:i64 = carried %58 0\n"
                             "    %60:i64 = iadd %59 %58\n"
                             "    %61:f32x8 = carried %58 1\n"
                             "    yield %60 %61\n"
                             "  end %58\n"
                             "  %64:i64 = result %58 0\n"
                             "  %65:ptr = alloca 64\n"
                             "  %66:mask = fcmp ge %4 %57\n"
                             "  %67:maskx8 = fcmp ne %39 %39\n"
                             "  %68:mask = any %67\n"
                             "  %69:mask = or %66 %68\n"
                             "  %70 = if %69\n"
                             "    st i64 %65 %64\n"
                             "  else %70\n"
                             "    %73:f32x8 = result %58 1\n"
                             "    st f32 %65 %73\n"
                             "  end %70\n"
                             "  %76:ptr = global @table\n"
                             "  %77:ptr = global\n"
                             "  %78:i32 = call @tell %76 %77\n"
                             "  %79:i32x8 = pairs %39 %39\n"
                             "  amx.open\n"
                             "  amx.zero 1\n"
                             "  amx.load %76 %2 4\n"
                             "  amx.add 103\n"
                             "  amx.store %76 %2 1\n"
                             "  amx.close\n"
                             "  %86:i32 = dot4 %78 %78 %78 1\n"
                             "  ret %86\n"
                             "}\n"
                             "export fn other() -> void {\n"
                             "  ret\n"
                             "}\n";

Test(loop_text, of_every_instruction)
{
    Arena arena = {0};
    Text out = {.arena = &arena};
    LoopModule m = {.arena = &arena, .target = {.vector_bytes = 32, .n_registers = 16, .fma = true, .floor = true}};
    uint8_t params[] = {LT_ptr, LT_i64, LT_i32, LT_f64};
    LB b = {&m, loop_fn_new(&m, "all", params, 4, LT_i32)}, other = {&m, loop_fn_new(&m, "other", NULL, 0, LT_void)};
    LV p = l_arg(&b, 0), n = l_arg(&b, 1), i = l_arg(&b, 2), d = l_arg(&b, 3);
    LV lane = l_lane(&b, LT_i32, 8), wide = l_splat(&b, i, 8), mask = l_maskn(&b, n, 8);
    LV x = l_load(&b, p, 32, DT_f32, 8, mask), y = l_load(&b, p, 0, DT_f16, 8, 0), whole = integers(&b, lane, wide), z = numbers(&b, x, y);
    z = choices(&b, x, y, whole, z);
    memory(&b, p, n, z, mask);
    structure(&b, n, z, d);
    other.f->exported = true;
    l_ret(&other, 0);
    const char *error = loop_verify(&m, &arena);
    cr_assert_null(error, "%s", error);
    loop_print(&m, &out);
    cr_expect_str_eq(text_c(&out), wanted, "%s", text_c(&out));
    for (int op = L_arg; op < L_COUNT; op++) {
        bool there = false;
        for (uint32_t v = 1; v < b.f->ins.n; v++)
            there |= b.f->ins.at[v].op == op;
        cr_expect(there, "there is no %s", loop_op_name((LoopOp)op));
    }
    arena_free(&arena);
}
