/* SPDX-License-Identifier: MIT
 * operation.c: an elementwise operation of the tensor IR as loop IR: the one translation, of kernels and
 * of the conditions of a step. */
#include "loop/loop.h"

#include <string.h>

LoopType loop_type_of(uint8_t dtype)
{
    switch (dtype) {
    case DT_bool: return LT_mask;
    case DT_i32:
    case DT_u8:
    case DT_i8: return LT_i32;
    case DT_i64: return LT_i64;
    case DT_f64: return LT_f64;
    default: return LT_f32;
    }
}

static bool is_float(LoopType t)
{
    return t == LT_f32 || t == LT_f64;
}

/* a<b or b!=b ? b : a. A constant that is a number needs no test for NaN. */
static LV maximum(LB *b, LV x, LV y, bool y_is_number)
{
    if (l_type(b, x) == LT_mask) return l_bin(b, L_or, x, y);
    LV less = l_cmp(b, LP_lt, x, y);
    if (is_float(l_type(b, x)) && !y_is_number) less = l_bin(b, L_or, less, l_cmp(b, LP_ne, y, y));
    return l_sel(b, less, y, x);
}

static LV compare(LB *b, int op, LV x, LV y)
{
    if (l_type(b, x) != LT_mask) return l_cmp(b, op == OP_less ? LP_lt : op == OP_equal ? LP_eq : LP_le, x, y);
    if (op == OP_equal) return l_un(b, L_not, l_bin(b, L_xor, x, y));
    LV not_x = l_un(b, L_not, x);
    return l_bin(b, op == OP_less ? L_and : L_or, not_x, y);
}

static LV of_two(LB *b, Op op, LV x, LV y, bool y_is_number)
{
    bool fp = is_float(l_type(b, x));
    switch (op) {
    case OP_add: return l_bin(b, fp ? L_fadd : L_iadd, x, y);
    case OP_sub: return l_bin(b, fp ? L_fsub : L_isub, x, y);
    case OP_mul: return l_bin(b, fp ? L_fmul : L_imul, x, y);
    case OP_div: return l_bin(b, L_fdiv, x, y);
    case OP_floordiv: return fp ? math_floordiv(b, x, y) : l_bin(b, L_ifdiv, x, y);
    case OP_mod: return math_mod(b, x, y);
    case OP_pow: return math_pow(b, x, y);
    case OP_maximum: return maximum(b, x, y, y_is_number);
    case OP_and: return l_bin(b, L_and, x, y);
    case OP_or: return l_bin(b, L_or, x, y);
    case OP_flush: return l_sel(b, l_cmp(b, LP_lt, math_abs(b, x), y), l_float(b, l_type(b, x), l_lanes(b, x), 0), x);
    case OP_less:
    case OP_less_equal:
    case OP_equal: return compare(b, op, x, y);
    default: BUG("%s: operation %s of two operands", b->f->name, op_names[op]);
    }
}

/* v, an i32, as a number of a byte: a float saturates, an integer wraps. */
static LV to_byte(LB *b, uint8_t dtype, LV v, bool saturates)
{
    int n = l_lanes(b, v), lo = dtype == DT_i8 ? -128 : 0, hi = dtype == DT_i8 ? 127 : 255;
    LV least = l_int(b, LT_i32, n, lo), most = l_int(b, LT_i32, n, hi), bits = l_int(b, LT_i32, n, 24);
    if (!saturates) return l_bin(b, dtype == DT_i8 ? L_ashr : L_lshr, l_bin(b, L_shl, v, bits), bits);
    v = l_sel(b, l_cmp(b, LP_lt, v, most), v, most);
    return l_sel(b, l_cmp(b, LP_gt, v, least), v, least);
}

static LV cast(LB *b, uint8_t dtype, LV x)
{
    bool byte = dtype == DT_i8 || dtype == DT_u8, fp = is_float(l_type(b, x));
    LV y = l_cvt(b, x, loop_type_of(dtype));
    return byte && l_type(b, x) != LT_mask ? to_byte(b, dtype, y, fp) : y;
}

static LV of_one(LB *b, Op op, uint8_t dtype, LV x)
{
    LoopType t = l_type(b, x);
    switch (op) {
    case OP_neg: return is_float(t) ? l_un(b, L_fneg, x) : l_bin(b, L_isub, l_int(b, t, l_lanes(b, x), 0), x);
    case OP_cast: return dtype == DT_wide16 ? math_wide16(b, l_cvt(b, x, LT_f32)) : cast(b, dtype, x);
    case OP_not: return l_un(b, L_not, x);
    case OP_stop: return x;
#define FUNCTION(name, ...) \
    case OP_##name: return math_##name(b, x);
#define COMPOSED_FUNCTION(name, ...)
#include "support/functions.def"
    default: BUG("%s: operation %s of one operand", b->f->name, op_names[op]);
    }
}

static LV in_place(LB *b, Op op, uint8_t dtype, const LV *in, bool second_is_number)
{
    switch (op_arity[op]) {
    case 1: return of_one(b, op, dtype, in[0]);
    case 2: return of_two(b, op, in[0], in[1], second_is_number);
    default: return l_sel(b, in[0], in[1], in[2]); /* where */
    }
}

/* Where code is to be small a costly operation is a function of its own, which is made where it is called first. */
static LV called(LB *b, Op op, uint8_t dtype, const LV *in)
{
    LoopModule *m = b->m;
    LoopType type = l_type(b, in[0]);
    int n = op_arity[op];
    uint8_t params[2] = {(uint8_t)type, (uint8_t)type};
    const char *name = loop_name(m, arena_print(m->arena, "math.%s.%s", op_names[op], type == LT_f64 ? "f64" : "f32"));
    bool found = false;
    for (uint32_t i = 0; i < m->fn.n; i++)
        found |= strcmp(m->fn.at[i]->name, name) == 0;
    if (!found) {
        LB own = {m, loop_fn_new(m, name, params, n, type)};
        LV arg[3] = {l_arg(&own, 0), n > 1 ? l_arg(&own, 1) : 0, 0};
        l_ret(&own, in_place(&own, op, dtype, arg, false));
    }
    return l_call(b, name, type, in, n);
}

LV l_operation(LB *b, Op op, uint8_t dtype, const LV *in, bool second_is_number)
{
    bool instruction = op == OP_div || op == OP_sqrt;
    bool costly = (op_properties[op] & COSTLY) && !instruction && is_float(l_type(b, in[0])) && l_lanes(b, in[0]) == 1;
    return costly && b->m->target.compact ? called(b, op, dtype, in) : in_place(b, op, dtype, in, second_is_number);
}
