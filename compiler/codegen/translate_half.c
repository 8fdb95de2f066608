/* SPDX-License-Identifier: MIT
 * translate_half.c: numbers of 16 bits, which only memory has, from their bits and into them.
 *
 * f16 where the machine has no instruction for it: a library's function would do one number at a time, and a bare machine or a module has
 * none. (Giesen 2012, "Float to half conversion", the variants that round to nearest even; bits are those of F16C.) */
#include "codegen/translate.h"

typedef struct Words { /* vectors of i32, and their f32 */
    Tr *t;
    LLVMTypeRef i32, f32;
    unsigned lanes;
} Words;

static Words words(Tr *t, unsigned lanes)
{
    return (Words){t, tr_type(t->cg, LT_i32, lanes), tr_type(t->cg, LT_f32, lanes), lanes};
}

static LLVMValueRef number(const Words *w, uint32_t v)
{
    return tr_int_const(tr_scalar(w->t->cg, LT_i32), w->lanes, v);
}

static LLVMValueRef real(const Words *w, LLVMValueRef bits)
{
    return LLVMBuildBitCast(w->t->at, bits, w->f32, "");
}

static LLVMValueRef bits_of(const Words *w, LLVMValueRef x)
{
    return LLVMBuildBitCast(w->t->at, x, w->i32, "");
}

static LLVMValueRef narrowed(const Words *w, LLVMValueRef v)
{
    return LLVMBuildTrunc(w->t->at, v, tr_vector(LLVMInt16TypeInContext(w->t->cg->context), w->lanes), "");
}

LLVMValueRef tr_from_bf16(Tr *t, LLVMValueRef v, unsigned lanes)
{
    Words w = words(t, lanes);
    return real(&w, LLVMBuildShl(t->at, LLVMBuildZExt(t->at, v, w.i32, ""), number(&w, 16), ""));
}

LLVMValueRef tr_to_bf16(Tr *t, LLVMValueRef v, unsigned lanes)
{
    Words w = words(t, lanes);
    LLVMBuilderRef at = t->at;
    LLVMValueRef bits = bits_of(&w, v);
    LLVMValueRef odd = LLVMBuildAnd(at, LLVMBuildLShr(at, bits, number(&w, 16), ""), number(&w, 1), "");
    LLVMValueRef rounded = LLVMBuildAdd(at, bits, LLVMBuildAdd(at, odd, number(&w, 0x7fff), ""), "");
    LLVMValueRef quiet = LLVMBuildOr(at, bits, number(&w, 0x400000), "");
    LLVMValueRef nan = LLVMBuildFCmp(at, LLVMRealUNO, v, v, "");
    return narrowed(&w, LLVMBuildLShr(at, LLVMBuildSelect(at, nan, quiet, rounded, ""), number(&w, 16), ""));
}

enum { ONE_DOWN = 113 << 23, /* 2^-14, the least normal half, as bits of f32 */ INFINITE = 0x1f << 23 /* the exponent of halves */ };

LLVMValueRef tr_from_f16(Tr *t, LLVMValueRef v, unsigned lanes)
{
    Words w = words(t, lanes);
    LLVMBuilderRef at = t->at;
    LLVMValueRef wide = LLVMBuildZExt(at, v, w.i32, "");
    LLVMValueRef size = LLVMBuildShl(at, LLVMBuildAnd(at, wide, number(&w, 0x7fff), ""), number(&w, 13), "");
    LLVMValueRef normal = LLVMBuildAdd(at, size, number(&w, (127 - 15) << 23), "");
    LLVMValueRef step = LLVMBuildAdd(at, size, number(&w, ONE_DOWN), ""); /* 2^-14 + the subnormal */
    LLVMValueRef small = bits_of(&w, LLVMBuildFSub(at, real(&w, step), real(&w, number(&w, ONE_DOWN)), ""));
    LLVMValueRef special = LLVMBuildOr(at, size, number(&w, 0x7f800000), "");
    LLVMValueRef quiet = LLVMBuildOr(at, special, number(&w, 0x400000), "");
    LLVMValueRef is_small = LLVMBuildICmp(at, LLVMIntULT, size, number(&w, 1 << 23), "");
    LLVMValueRef is_special = LLVMBuildICmp(at, LLVMIntUGE, size, number(&w, INFINITE), "");
    LLVMValueRef is_nan = LLVMBuildICmp(at, LLVMIntUGT, size, number(&w, INFINITE), "");
    LLVMValueRef r = LLVMBuildSelect(at, is_small, small, normal, "");
    r = LLVMBuildSelect(at, is_special, LLVMBuildSelect(at, is_nan, quiet, special, ""), r, "");
    LLVMValueRef sign = LLVMBuildShl(at, LLVMBuildAnd(at, wide, number(&w, 0x8000), ""), number(&w, 16), "");
    return real(&w, LLVMBuildOr(at, r, sign, ""));
}

LLVMValueRef tr_to_f16(Tr *t, LLVMValueRef v, unsigned lanes)
{
    Words w = words(t, lanes);
    LLVMBuilderRef at = t->at;
    LLVMValueRef bits = bits_of(&w, v), size = LLVMBuildAnd(at, bits, number(&w, 0x7fffffff), "");
    LLVMValueRef half = number(&w, 126 << 23); /* 0.5, whose last bit is that of subnormal halves: an addition rounds */
    LLVMValueRef small = LLVMBuildSub(at, bits_of(&w, LLVMBuildFAdd(at, real(&w, size), real(&w, half), "")), half, "");
    LLVMValueRef odd = LLVMBuildAnd(at, LLVMBuildLShr(at, size, number(&w, 13), ""), number(&w, 1), "");
    LLVMValueRef moved = LLVMBuildAdd(at, size, number(&w, (uint32_t)(15 - 127) << 23 | 0xfff), "");
    LLVMValueRef normal = LLVMBuildLShr(at, LLVMBuildAdd(at, moved, odd, ""), number(&w, 13), "");
    LLVMValueRef payload = LLVMBuildAnd(at, LLVMBuildLShr(at, size, number(&w, 13), ""), number(&w, 0x1ff), "");
    LLVMValueRef nan = LLVMBuildOr(at, payload, number(&w, 0x7e00), "");
    LLVMValueRef is_nan = LLVMBuildICmp(at, LLVMIntUGT, size, number(&w, 0x7f800000), "");
    LLVMValueRef is_large = LLVMBuildICmp(at, LLVMIntUGE, size, number(&w, (127 + 16) << 23), "");
    LLVMValueRef is_small = LLVMBuildICmp(at, LLVMIntULT, size, number(&w, ONE_DOWN), "");
    LLVMValueRef r = LLVMBuildSelect(at, is_small, small, normal, "");
    r = LLVMBuildSelect(at, is_large, LLVMBuildSelect(at, is_nan, nan, number(&w, 0x7c00), ""), r, "");
    return narrowed(&w, LLVMBuildOr(at, r, LLVMBuildAnd(at, LLVMBuildLShr(at, bits, number(&w, 16), ""), number(&w, 0x8000), ""), ""));
}
