/* SPDX-License-Identifier: MIT
 * print.c: loop IR as text, one instruction a line, bodies indented.
 *
 *   fn k01_relu(ptr, i64, i64, ptr) -> void {
 *     %5 = loop %2 %3 %4 {
 *       %6:f32x16 = ld f32 %1 +64
 *     } */
#include "loop/loop.h"

static const char *const op_text[L_COUNT] = {[L_arg] = "arg",
                                             [L_iconst] = "iconst",
                                             [L_fconst] = "fconst",
                                             [L_lane] = "lane",
                                             [L_splat] = "splat",
                                             [L_half] = "half",
                                             [L_iadd] = "iadd",
                                             [L_isub] = "isub",
                                             [L_imul] = "imul",
                                             [L_ifdiv] = "ifdiv",
                                             [L_and] = "and",
                                             [L_or] = "or",
                                             [L_xor] = "xor",
                                             [L_shl] = "shl",
                                             [L_lshr] = "lshr",
                                             [L_ashr] = "ashr",
                                             [L_umulhi] = "umulhi",
                                             [L_icmp] = "icmp",
                                             [L_fcmp] = "fcmp",
                                             [L_not] = "not",
                                             [L_sel] = "sel",
                                             [L_fadd] = "fadd",
                                             [L_fsub] = "fsub",
                                             [L_fmul] = "fmul",
                                             [L_fdiv] = "fdiv",
                                             [L_fma] = "fma",
                                             [L_dot4] = "dot4",
                                             [L_fneg] = "fneg",
                                             [L_fabs] = "fabs",
                                             [L_ffloor] = "ffloor",
                                             [L_fsqrt] = "fsqrt",
                                             [L_cvt] = "cvt",
                                             [L_bitcast] = "bitcast",
                                             [L_ptradd] = "ptradd",
                                             [L_ld] = "ld",
                                             [L_st] = "st",
                                             [L_ldstride] = "ldstride",
                                             [L_ststride] = "ststride",
                                             [L_ldgather] = "ldgather",
                                             [L_prefetch] = "prefetch",
                                             [L_maskn] = "maskn",
                                             [L_loop] = "loop",
                                             [L_carried] = "carried",
                                             [L_yield] = "yield",
                                             [L_end] = "end",
                                             [L_result] = "result",
                                             [L_if] = "if",
                                             [L_else] = "else",
                                             [L_call] = "call",
                                             [L_ret] = "ret",
                                             [L_alloca] = "alloca",
                                             [L_global] = "global",
                                             [L_any] = "any",
                                             [L_zip] = "zip",
                                             [L_back] = "back",
                                             [L_pairs] = "pairs",
                                             [L_amx_open] = "amx.open",
                                             [L_amx_close] = "amx.close",
                                             [L_amx_zero] = "amx.zero",
                                             [L_amx_load] = "amx.load",
                                             [L_amx_store] = "amx.store",
                                             [L_amx_add] = "amx.add"};
static const char *const type_name[] = {"void", "i32", "i64", "f32", "f64", "ptr", "mask"};
static const char *const pred_name[] = {"eq", "ne", "lt", "le", "gt", "ge"};

const char *loop_op_name(LoopOp op)
{
    return op_text[op];
}

static bool is_memory(uint8_t op)
{
    return op >= L_ld && op <= L_ldgather;
}

static void print_ins(const LoopFn *f, LV v, Text *out)
{
    const LIns *i = &f->ins.at[v];
    if (i->type != LT_void || i->op == L_if) {
        text_add(out, "%%%u", v);
        if (i->op != L_if) text_add(out, ":%s", type_name[i->type]);
        if (i->lanes > 1) text_add(out, "x%u", i->lanes);
        text_add(out, " = ");
    }
    text_add(out, "%s", loop_op_name((LoopOp)i->op));
    if (i->op == L_icmp || i->op == L_fcmp) text_add(out, " %s", pred_name[i->imm]);
    if (is_memory(i->op)) text_add(out, " %s", i->mem == DT_COUNT ? "ptr" : dtype_name(i->mem));
    if (i->name) text_add(out, " @%s", i->name);
    for (uint32_t a = 0; a < i->n_arg; a++)
        if (f->arg.at[i->arg + a]) text_add(out, " %%%u", f->arg.at[i->arg + a]);
    if (i->op == L_fconst)
        text_add(out, " %.17g", i->fimm);
    else if (i->op == L_arg || i->op == L_iconst || i->op == L_carried || i->op == L_result || i->op == L_half || i->op == L_zip ||
             i->op == L_alloca || i->op == L_dot4 || i->op >= L_amx_zero)
        text_add(out, " %lld", (long long)i->imm);
    else if ((i->op == L_ld || i->op == L_st || i->op == L_ptradd) && i->imm)
        text_add(out, " %+lld", (long long)i->imm);
}

static void print_fn(const LoopFn *f, Text *out)
{
    text_add(out, "%sfn %s(", f->exported ? "export " : "", f->name);
    for (int i = 0; i < f->n_params; i++)
        text_add(out, "%s%s", i ? ", " : "", type_name[f->params[i]]);
    text_add(out, ") -> %s {\n", type_name[f->result]);
    int depth = 1;
    for (LV v = 1; v < f->ins.n; v++) {
        uint8_t op = f->ins.at[v].op;
        if (op == L_end || op == L_else) depth--;
        text_add(out, "%*s", 2 * depth, "");
        print_ins(f, v, out);
        text_add(out, "\n");
        if (op == L_loop || op == L_if || op == L_else) depth++;
    }
    text_add(out, "}\n");
}

void loop_print(const LoopModule *m, Text *out)
{
    for (uint32_t i = 0; i < m->fn.n; i++)
        print_fn(m->fn.at[i], out);
}
