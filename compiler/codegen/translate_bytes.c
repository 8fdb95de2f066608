/* SPDX-License-Identifier: MIT
 * translate_bytes.c: products of four bytes (L_dot4): the machine's instruction, or what comes nearest.
 *
 *   VNNI      vpdpbusd: four products, those of a without a sign
 *   SDOT      the same with signs
 *   pairs     bytes 0 and 2 of a word, and 1 and 3, as two numbers of 16 bits each; then PMADDWD or SMLAD for two products
 *   else      shifts and multiplications of 32 bits */
#include "codegen/translate.h"

typedef struct Bytes {
    Tr *t;
    LLVMValueRef a, b, sum;
    unsigned lanes;
    bool a_signed;
} Bytes;

static LLVMValueRef shifted_up(Tr *t, LLVMValueRef v, LLVMTypeRef scalar, unsigned lanes, unsigned bits)
{
    return bits ? LLVMBuildShl(t->at, v, tr_int_const(scalar, lanes, bits), "") : v;
}

static LLVMValueRef shifted_down(Tr *t, LLVMValueRef v, LLVMTypeRef scalar, unsigned lanes, unsigned bits, bool is_signed)
{
    LLVMValueRef n = tr_int_const(scalar, lanes, bits);
    return is_signed ? LLVMBuildAShr(t->at, v, n, "") : LLVMBuildLShr(t->at, v, n, "");
}

/* Byte k of each word as a word. */
static LLVMValueRef byte_of(const Bytes *p, LLVMValueRef v, unsigned k, bool is_signed)
{
    LLVMTypeRef i32 = tr_scalar(p->t->cg, LT_i32);
    return shifted_down(p->t, shifted_up(p->t, v, i32, p->lanes, 24 - 8 * k), i32, p->lanes, 24, is_signed);
}

static LLVMValueRef one_by_one(const Bytes *p)
{
    LLVMValueRef sum = p->sum;
    for (unsigned k = 0; k < 4; k++) {
        LLVMValueRef x = byte_of(p, p->a, k, p->a_signed), y = byte_of(p, p->b, k, true);
        sum = LLVMBuildAdd(p->t->at, sum, LLVMBuildMul(p->t->at, x, y, ""), "");
    }
    return sum;
}

/* The lower or the upper byte of each half of a word, in numbers of 16 bits. */
static LLVMValueRef halves(const Bytes *p, LLVMValueRef v, bool upper, bool is_signed)
{
    LLVMTypeRef i16 = LLVMInt16TypeInContext(p->t->cg->context);
    v = LLVMBuildBitCast(p->t->at, v, tr_vector(i16, 2 * p->lanes), "");
    return shifted_down(p->t, shifted_up(p->t, v, i16, 2 * p->lanes, upper ? 0 : 8), i16, 2 * p->lanes, 8, is_signed);
}

static LLVMValueRef x86_pairs(const Bytes *p)
{
    const char *name = p->lanes == 16  ? "llvm.x86.avx512.pmaddw.d.512"
                       : p->lanes == 8 ? "llvm.x86.avx2.pmadd.wd"
                                       : "llvm.x86.sse2.pmadd.wd";
    LLVMValueRef sum = p->sum;
    for (int upper = 0; upper < 2; upper++) {
        LLVMValueRef args[2] = {halves(p, p->a, upper, p->a_signed), halves(p, p->b, upper, true)};
        sum = LLVMBuildAdd(p->t->at, sum, tr_intrinsic(p->t, name, NULL, 0, args, 2), "");
    }
    return sum;
}

static LLVMValueRef x86_fours(const Bytes *p)
{
    const char *name = p->lanes == 16  ? "llvm.x86.avx512.vpdpbusd.512"
                       : p->lanes == 8 ? "llvm.x86.avx512.vpdpbusd.256"
                                       : "llvm.x86.avx512.vpdpbusd.128";
    LLVMValueRef args[3] = {p->sum, p->a, p->b};
    return tr_intrinsic(p->t, name, NULL, 0, args, 3);
}

/* A word is turned by these instructions on its way into them. */
static LLVMValueRef arm_pair(const Bytes *p)
{
    LLVMValueRef sum = p->sum;
    LLVMTypeRef i32 = tr_scalar(p->t->cg, LT_i32);
    for (int upper = 0; upper < 2; upper++) {
        LLVMValueRef args[3] = {p->a, p->b, sum};
        for (int k = 0; k < 2; k++) {
            LLVMValueRef turn[3] = {args[k], args[k], LLVMConstInt(i32, 24, 0)};
            if (upper) args[k] = tr_intrinsic(p->t, "llvm.fshl", &i32, 1, turn, 3);
            args[k] = tr_intrinsic(p->t, k || p->a_signed ? "llvm.arm.sxtb16" : "llvm.arm.uxtb16", NULL, 0, &args[k], 1);
        }
        sum = tr_intrinsic(p->t, "llvm.arm.smlad", NULL, 0, args, 3);
    }
    return sum;
}

static LLVMValueRef arm_fours(const Bytes *p)
{
    LLVMTypeRef bytes = tr_vector(LLVMInt8TypeInContext(p->t->cg->context), 4 * p->lanes);
    LLVMTypeRef over[2] = {tr_type(p->t->cg, LT_i32, p->lanes), bytes};
    LLVMValueRef args[3] = {p->sum, LLVMBuildBitCast(p->t->at, p->a, bytes, ""), LLVMBuildBitCast(p->t->at, p->b, bytes, "")};
    return tr_intrinsic(p->t, "llvm.aarch64.neon.sdot", over, 2, args, 3);
}

/* As many lanes as the instructions have, and no more than the machine's vectors. */
static bool fits(const Bytes *p)
{
    return (p->lanes == 4 || p->lanes == 8 || p->lanes == 16) && 4 * p->lanes <= (unsigned)tr_target(p->t)->vector_bytes;
}

/* LLVM keeps the order of products, which few registers want, unless it is asked for the least size. */
static void keep_order(const Bytes *p)
{
    static const char minsize[] = "minsize";
    if (tr_target(p->t)->compact) return;
    LLVMValueRef function = LLVMGetBasicBlockParent(LLVMGetInsertBlock(p->t->at));
    LLVMRemoveEnumAttributeAtIndex(function, LLVMAttributeFunctionIndex, LLVMGetEnumAttributeKindForName(minsize, sizeof minsize - 1));
}

LLVMValueRef tr_dot4(Tr *t, const LIns *i)
{
    Bytes p = {t, tr_operand(t, i, 0), tr_operand(t, i, 1), tr_operand(t, i, 2), i->lanes, i->imm != 0};
    if (p.lanes == 1) keep_order(&p);
    switch ((LoopBytes)tr_target(t)->bytes) {
    case BYTES_unsigned:
        if (!fits(&p)) return one_by_one(&p);
        return p.a_signed ? x86_pairs(&p) : x86_fours(&p);
    case BYTES_signed: return p.a_signed && p.lanes == 4 ? arm_fours(&p) : one_by_one(&p);
    case BYTES_pairs: return fits(&p) ? x86_pairs(&p) : one_by_one(&p);
    case BYTES_pair: return p.lanes == 1 ? arm_pair(&p) : one_by_one(&p);
    default: return one_by_one(&p);
    }
}
