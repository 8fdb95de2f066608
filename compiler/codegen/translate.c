/* SPDX-License-Identifier: MIT
 * translate.c: loop IR to LLVM IR, one instruction at a time.
 *
 * A loop is a header block with phi nodes, tested at the top; carried values after the end are the
 * phis. No fast-math flags and no metadata are ever set: the order of floating-point operations is
 * the program's. */
#include "codegen/cg.h"

#include <string.h>

typedef struct Frame { /* an open loop or if */
    LV of;
    LLVMBasicBlockRef header, exit, other; /* other: else block of an if */
    LLVMValueRef counter;
} Frame;

typedef struct Tr {
    Cg *cg;
    const LoopFn *f;
    LLVMValueRef function;
    LLVMBuilderRef at, entry; /* entry: where allocas go */
    LLVMValueRef *value;      /* by LV */
    LLVMValueRef **phi;       /* by LV of loops: carried */
    VEC(Frame) frame;
} Tr;

static LLVMTypeRef scalar_type(Cg *cg, uint8_t type)
{
    switch (type) {
    case LT_void: return LLVMVoidTypeInContext(cg->context);
    case LT_i32: return LLVMInt32TypeInContext(cg->context);
    case LT_i64: return LLVMInt64TypeInContext(cg->context);
    case LT_f32: return LLVMFloatTypeInContext(cg->context);
    case LT_f64: return LLVMDoubleTypeInContext(cg->context);
    case LT_ptr: return LLVMPointerTypeInContext(cg->context, 0);
    case LT_mask: return LLVMInt1TypeInContext(cg->context);
    default: BUG("no loop type %u", type);
    }
}

static LLVMTypeRef vector_of(LLVMTypeRef t, unsigned lanes)
{
    return lanes > 1 ? LLVMVectorType(t, lanes) : t;
}

static LLVMTypeRef type_of(Cg *cg, uint8_t type, unsigned lanes)
{
    return vector_of(scalar_type(cg, type), lanes);
}

static LLVMTypeRef memory_type(Cg *cg, uint8_t mem)
{
    switch (mem) {
    case DT_bool:
    case DT_u8:
    case DT_i8: return LLVMInt8TypeInContext(cg->context);
    case DT_i32: return LLVMInt32TypeInContext(cg->context);
    case DT_i64: return LLVMInt64TypeInContext(cg->context);
    case DT_f32: return LLVMFloatTypeInContext(cg->context);
    case DT_f64: return LLVMDoubleTypeInContext(cg->context);
    case DT_f16: return LLVMHalfTypeInContext(cg->context);
    case DT_bf16: return LLVMInt16TypeInContext(cg->context);
    case DT_COUNT: return LLVMPointerTypeInContext(cg->context, 0);
    default: BUG("no memory type %u", mem);
    }
}

static LLVMValueRef i64_const(Tr *t, int64_t v)
{
    return LLVMConstInt(LLVMInt64TypeInContext(t->cg->context), (unsigned long long)v, 1);
}

/* A constant with the same value in each lane. */
static LLVMValueRef splat_const(LLVMValueRef c, unsigned lanes)
{
    LLVMValueRef all[256];
    for (unsigned i = 0; i < lanes; i++)
        all[i] = c;
    return lanes > 1 ? LLVMConstVector(all, lanes) : c;
}

static LLVMValueRef int_const(LLVMTypeRef scalar, unsigned lanes, int64_t v)
{
    return splat_const(LLVMConstInt(scalar, (unsigned long long)v, 1), lanes);
}

static LLVMValueRef lane_numbers(LLVMTypeRef scalar, unsigned lanes)
{
    LLVMValueRef all[256];
    for (unsigned i = 0; i < lanes; i++)
        all[i] = LLVMConstInt(scalar, i, 0);
    return lanes > 1 ? LLVMConstVector(all, lanes) : all[0];
}

static LLVMValueRef splat(Tr *t, LLVMValueRef v, unsigned lanes)
{
    if (lanes == 1) return v;
    LLVMTypeRef vt = LLVMVectorType(LLVMTypeOf(v), lanes);
    LLVMValueRef zero = LLVMConstInt(LLVMInt32TypeInContext(t->cg->context), 0, 0);
    LLVMValueRef one = LLVMBuildInsertElement(t->at, LLVMGetPoison(vt), v, zero, "");
    return LLVMBuildShuffleVector(t->at, one, LLVMGetPoison(vt), splat_const(zero, lanes), "");
}

static LLVMValueRef intrinsic(Tr *t, const char *name, LLVMTypeRef *over, unsigned n_over,
                              LLVMValueRef *args, unsigned n)
{
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    if (!id) BUG("no intrinsic %s", name);
    LLVMValueRef f = LLVMGetIntrinsicDeclaration(t->cg->module, id, over, n_over);
    return LLVMBuildCall2(t->at, LLVMIntrinsicGetType(t->cg->context, id, over, n_over), f, args, n,
                          "");
}

static LV arg_of(const Tr *t, const LIns *i, uint32_t a)
{
    return a < i->n_arg ? t->f->arg.at[i->arg + a] : 0;
}

static LLVMValueRef operand(const Tr *t, const LIns *i, uint32_t a)
{
    LV v = arg_of(t, i, a);
    if (v && !t->value[v]) BUG("%s: value %u is not translated", t->f->name, v);
    return v ? t->value[v] : NULL;
}

static unsigned operand_lanes(const Tr *t, const LIns *i, uint32_t a)
{
    return t->f->ins.at[arg_of(t, i, a)].lanes;
}

static uint8_t operand_type(const Tr *t, const LIns *i, uint32_t a)
{
    return t->f->ins.at[arg_of(t, i, a)].type;
}

/* ---- memory ---- */

static unsigned memory_bytes(uint8_t mem)
{
    return mem == DT_bool ? 1 : mem == DT_COUNT ? 8 : (unsigned)dtype_bytes(mem);
}

/* What was read from memory, as the instruction's type. */
static LLVMValueRef after_load(Tr *t, LLVMValueRef v, uint8_t mem, unsigned lanes)
{
    Cg *cg = t->cg;
    LLVMTypeRef i32 = type_of(cg, LT_i32, lanes), f32 = type_of(cg, LT_f32, lanes);
    switch (mem) {
    case DT_bool: return LLVMBuildICmp(t->at, LLVMIntNE, v, LLVMConstNull(LLVMTypeOf(v)), "");
    case DT_u8: return LLVMBuildZExt(t->at, v, i32, "");
    case DT_i8: return LLVMBuildSExt(t->at, v, i32, "");
    case DT_f16: return LLVMBuildFPExt(t->at, v, f32, "");
    case DT_bf16: {
        LLVMValueRef sixteen = int_const(scalar_type(cg, LT_i32), lanes, 16);
        LLVMValueRef wide = LLVMBuildShl(t->at, LLVMBuildZExt(t->at, v, i32, ""), sixteen, "");
        return LLVMBuildBitCast(t->at, wide, f32, "");
    }
    default: return v;
    }
}

/* Upper half of the bits, rounded to nearest even; a NaN stays one. */
static LLVMValueRef to_bf16(Tr *t, LLVMValueRef v, unsigned lanes)
{
    LLVMTypeRef s = scalar_type(t->cg, LT_i32), i32 = vector_of(s, lanes);
    LLVMValueRef nan = LLVMBuildFCmp(t->at, LLVMRealUNO, v, v, "");
    LLVMValueRef bits = LLVMBuildBitCast(t->at, v, i32, "");
    LLVMValueRef sixteen = int_const(s, lanes, 16);
    LLVMValueRef odd =
        LLVMBuildAnd(t->at, LLVMBuildLShr(t->at, bits, sixteen, ""), int_const(s, lanes, 1), "");
    LLVMValueRef bias = LLVMBuildAdd(t->at, odd, int_const(s, lanes, 0x7fff), "");
    LLVMValueRef rounded = LLVMBuildAdd(t->at, bits, bias, "");
    LLVMValueRef quiet = LLVMBuildOr(t->at, bits, int_const(s, lanes, 0x400000), "");
    LLVMValueRef top =
        LLVMBuildLShr(t->at, LLVMBuildSelect(t->at, nan, quiet, rounded, ""), sixteen, "");
    return LLVMBuildTrunc(t->at, top, vector_of(LLVMInt16TypeInContext(t->cg->context), lanes), "");
}

static LLVMValueRef before_store(Tr *t, LLVMValueRef v, uint8_t mem, unsigned lanes)
{
    LLVMTypeRef to = vector_of(memory_type(t->cg, mem), lanes);
    switch (mem) {
    case DT_bool: return LLVMBuildZExt(t->at, v, to, "");
    case DT_u8:
    case DT_i8: return LLVMBuildTrunc(t->at, v, to, "");
    case DT_f16: return LLVMBuildFPTrunc(t->at, v, to, "");
    case DT_bf16: return to_bf16(t, v, lanes);
    default: return v;
    }
}

static LLVMValueRef offset_ptr(Tr *t, LLVMValueRef p, LLVMValueRef bytes)
{
    return LLVMBuildGEP2(t->at, LLVMInt8TypeInContext(t->cg->context), p, &bytes, 1, "");
}

static LLVMValueRef offset_imm(Tr *t, LLVMValueRef p, int64_t imm)
{
    return imm ? offset_ptr(t, p, i64_const(t, imm)) : p;
}

/* Masked operations want vectors, so a scalar goes as one of a single lane. */
static LLVMValueRef as_vector1(Tr *t, LLVMValueRef v)
{
    LLVMValueRef zero = LLVMConstInt(LLVMInt32TypeInContext(t->cg->context), 0, 0);
    return LLVMBuildInsertElement(t->at, LLVMGetPoison(LLVMVectorType(LLVMTypeOf(v), 1)), v, zero,
                                  "");
}

static LLVMValueRef from_vector1(Tr *t, LLVMValueRef v)
{
    return LLVMBuildExtractElement(t->at, v,
                                   LLVMConstInt(LLVMInt32TypeInContext(t->cg->context), 0, 0), "");
}

static LLVMValueRef align_const(Tr *t, unsigned bytes)
{
    return LLVMConstInt(LLVMInt32TypeInContext(t->cg->context), bytes, 0);
}

static LLVMValueRef load(Tr *t, LLVMValueRef p, uint8_t mem, unsigned lanes, LLVMValueRef mask)
{
    LLVMTypeRef scalar = memory_type(t->cg, mem), type = vector_of(scalar, lanes);
    unsigned align = memory_bytes(mem);
    if (!mask) {
        LLVMValueRef v = LLVMBuildLoad2(t->at, type, p, "");
        LLVMSetAlignment(v, align);
        return after_load(t, v, mem, lanes);
    }
    LLVMTypeRef vt = LLVMVectorType(scalar, lanes), over[2] = {vt, scalar_type(t->cg, LT_ptr)};
    LLVMValueRef args[4] = {p, align_const(t, align), lanes > 1 ? mask : as_vector1(t, mask),
                            LLVMConstNull(vt)};
    LLVMValueRef v = intrinsic(t, "llvm.masked.load", over, 2, args, 4);
    return after_load(t, lanes > 1 ? v : from_vector1(t, v), mem, lanes);
}

static void store(Tr *t, LLVMValueRef p, LLVMValueRef v, uint8_t mem, unsigned lanes,
                  LLVMValueRef mask)
{
    unsigned align = memory_bytes(mem);
    v = before_store(t, v, mem, lanes);
    if (!mask) {
        LLVMSetAlignment(LLVMBuildStore(t->at, v, p), align);
        return;
    }
    if (lanes == 1) {
        v = as_vector1(t, v);
        mask = as_vector1(t, mask);
    }
    LLVMTypeRef over[2] = {LLVMTypeOf(v), scalar_type(t->cg, LT_ptr)};
    LLVMValueRef args[4] = {v, p, align_const(t, align), mask};
    intrinsic(t, "llvm.masked.store", over, 2, args, 4);
}

static LLVMValueRef all_on(Tr *t, unsigned lanes)
{
    return splat_const(LLVMConstInt(LLVMInt1TypeInContext(t->cg->context), 1, 0), lanes);
}

static LLVMValueRef gather(Tr *t, LLVMValueRef p, LLVMValueRef offsets, uint8_t mem, unsigned lanes,
                           LLVMValueRef mask)
{
    LLVMValueRef ptrs = offset_ptr(t, p, offsets);
    if (lanes == 1) return load(t, ptrs, mem, 1, mask);
    LLVMTypeRef vt = LLVMVectorType(memory_type(t->cg, mem), lanes),
                over[2] = {vt, LLVMTypeOf(ptrs)};
    LLVMValueRef args[4] = {ptrs, align_const(t, memory_bytes(mem)), mask ? mask : all_on(t, lanes),
                            LLVMConstNull(vt)};
    return after_load(t, intrinsic(t, "llvm.masked.gather", over, 2, args, 4), mem, lanes);
}

static void scatter(Tr *t, LLVMValueRef p, LLVMValueRef offsets, LLVMValueRef v, uint8_t mem,
                    unsigned lanes, LLVMValueRef mask)
{
    LLVMValueRef ptrs = offset_ptr(t, p, offsets);
    if (lanes == 1) {
        store(t, ptrs, v, mem, 1, mask);
        return;
    }
    v = before_store(t, v, mem, lanes);
    LLVMTypeRef over[2] = {LLVMTypeOf(v), LLVMTypeOf(ptrs)};
    LLVMValueRef args[4] = {v, ptrs, align_const(t, memory_bytes(mem)),
                            mask ? mask : all_on(t, lanes)};
    intrinsic(t, "llvm.masked.scatter", over, 2, args, 4);
}

/* lane * stride */
static LLVMValueRef stride_offsets(Tr *t, LLVMValueRef stride, unsigned lanes)
{
    LLVMTypeRef i64 = scalar_type(t->cg, LT_i64);
    return LLVMBuildMul(t->at, splat(t, stride, lanes), lane_numbers(i64, lanes), "");
}

/* ---- arithmetic ---- */

/* Rounds down; x // 0 is 0; the smallest number // -1 wraps. */
static LLVMValueRef floor_div(Tr *t, LLVMValueRef x, LLVMValueRef y)
{
    LLVMTypeRef type = LLVMTypeOf(x);
    LLVMValueRef zero = LLVMConstNull(type), minus = LLVMConstAllOnes(type),
                 one = LLVMConstNeg(minus);
    LLVMValueRef by_zero = LLVMBuildICmp(t->at, LLVMIntEQ, y, zero, "");
    LLVMValueRef by_minus = LLVMBuildICmp(t->at, LLVMIntEQ, y, minus, "");
    LLVMValueRef safe =
        LLVMBuildSelect(t->at, LLVMBuildOr(t->at, by_zero, by_minus, ""), one, y, "");
    LLVMValueRef q = LLVMBuildSDiv(t->at, x, safe, "");
    LLVMValueRef r = LLVMBuildSub(t->at, x, LLVMBuildMul(t->at, q, safe, ""), "");
    LLVMValueRef inexact = LLVMBuildICmp(t->at, LLVMIntNE, r, zero, "");
    LLVMValueRef signs =
        LLVMBuildICmp(t->at, LLVMIntSLT, LLVMBuildXor(t->at, r, safe, ""), zero, "");
    LLVMValueRef down = LLVMBuildAnd(t->at, inexact, signs, "");
    q = LLVMBuildSub(t->at, q, LLVMBuildZExt(t->at, down, type, ""), "");
    q = LLVMBuildSelect(t->at, by_minus, LLVMBuildNeg(t->at, x, ""), q, "");
    return LLVMBuildSelect(t->at, by_zero, zero, q, "");
}

static LLVMValueRef mul_high(Tr *t, LLVMValueRef x, LLVMValueRef y, unsigned lanes)
{
    LLVMTypeRef wide = type_of(t->cg, LT_i64, lanes);
    LLVMValueRef p = LLVMBuildMul(t->at, LLVMBuildZExt(t->at, x, wide, ""),
                                  LLVMBuildZExt(t->at, y, wide, ""), "");
    p = LLVMBuildLShr(t->at, p, int_const(scalar_type(t->cg, LT_i64), lanes, 32), "");
    return LLVMBuildTrunc(t->at, p, type_of(t->cg, LT_i32, lanes), "");
}

static bool is_int(uint8_t type)
{
    return type == LT_i32 || type == LT_i64;
}

/* Truncates, saturates, NaN gives 0: llvm.fptosi.sat as vector code, since LLVM takes that one
 * apart lane by lane. */
static LLVMValueRef float_to_int(Tr *t, LLVMValueRef v, LLVMTypeRef to, uint8_t int_type,
                                 unsigned lanes)
{
    LLVMTypeRef from = LLVMTypeOf(v), scalar = lanes > 1 ? LLVMGetElementType(from) : from;
    LLVMTypeRef bits = lanes > 1 ? LLVMGetElementType(to) : to;
    double limit = int_type == LT_i32 ? 0x1p31 : 0x1p63;
    int64_t most = int_type == LT_i32 ? INT32_MAX : INT64_MAX;
    LLVMValueRef high = splat_const(LLVMConstReal(scalar, limit), lanes),
                 low = splat_const(LLVMConstReal(scalar, -limit), lanes);
    LLVMValueRef above = LLVMBuildFCmp(t->at, LLVMRealOGE, v, high, "");
    LLVMValueRef below = LLVMBuildFCmp(t->at, LLVMRealOLT, v, low, "");
    LLVMValueRef nan = LLVMBuildFCmp(t->at, LLVMRealUNO, v, v, "");
    LLVMValueRef outside = LLVMBuildOr(t->at, LLVMBuildOr(t->at, above, below, ""), nan, "");
    LLVMValueRef safe = LLVMBuildSelect(t->at, outside, LLVMConstNull(from), v, "");
    LLVMValueRef r = LLVMBuildFPToSI(t->at, safe, to, "");
    r = LLVMBuildSelect(t->at, above, int_const(bits, lanes, most), r, "");
    return LLVMBuildSelect(t->at, below, int_const(bits, lanes, -most - 1), r, "");
}

static LLVMValueRef convert(Tr *t, const LIns *i)
{
    LLVMValueRef v = operand(t, i, 0);
    uint8_t from = operand_type(t, i, 0), to = i->type;
    LLVMTypeRef type = type_of(t->cg, to, i->lanes), source = LLVMTypeOf(v);
    if (from == LT_mask)
        return is_int(to) ? LLVMBuildZExt(t->at, v, type, "") : LLVMBuildUIToFP(t->at, v, type, "");
    if (to == LT_mask)
        return is_int(from) ? LLVMBuildICmp(t->at, LLVMIntNE, v, LLVMConstNull(source), "")
                            : LLVMBuildFCmp(t->at, LLVMRealUNE, v, LLVMConstNull(source), "");
    if (is_int(from) && is_int(to))
        return to == LT_i64 ? LLVMBuildSExt(t->at, v, type, "")
                            : LLVMBuildTrunc(t->at, v, type, "");
    if (is_int(from)) return LLVMBuildSIToFP(t->at, v, type, "");
    if (is_int(to)) return float_to_int(t, v, type, to, i->lanes);
    return to == LT_f64 ? LLVMBuildFPExt(t->at, v, type, "") : LLVMBuildFPTrunc(t->at, v, type, "");
}

static LLVMValueRef mask_first(Tr *t, LLVMValueRef n, unsigned lanes)
{
    LLVMTypeRef i32 = scalar_type(t->cg, LT_i32), i64 = scalar_type(t->cg, LT_i64);
    if (lanes == 1) return LLVMBuildICmp(t->at, LLVMIntSGT, n, LLVMConstNull(i64), "");
    LLVMValueRef limit[2] = {n, LLVMConstInt(i64, lanes, 0)};
    LLVMValueRef least = intrinsic(t, "llvm.smin", &i64, 1, limit, 2);
    LLVMValueRef bound[2] = {least, LLVMConstNull(i64)};
    LLVMValueRef narrow =
        LLVMBuildTrunc(t->at, intrinsic(t, "llvm.smax", &i64, 1, bound, 2), i32, "");
    return LLVMBuildICmp(t->at, LLVMIntULT, lane_numbers(i32, lanes), splat(t, narrow, lanes), "");
}

static LLVMValueRef half(Tr *t, LLVMValueRef v, unsigned lanes, int64_t which)
{
    LLVMTypeRef i32 = scalar_type(t->cg, LT_i32);
    LLVMValueRef index[128];
    for (unsigned k = 0; k < lanes; k++)
        index[k] = LLVMConstInt(i32, k + (which ? lanes : 0), 0);
    if (lanes == 1) return LLVMBuildExtractElement(t->at, v, index[0], "");
    return LLVMBuildShuffleVector(t->at, v, LLVMGetPoison(LLVMTypeOf(v)),
                                  LLVMConstVector(index, lanes), "");
}

static LLVMValueRef zip(Tr *t, LLVMValueRef x, LLVMValueRef y, unsigned lanes, int64_t which)
{
    LLVMTypeRef i32 = scalar_type(t->cg, LT_i32);
    LLVMValueRef index[256];
    for (unsigned k = 0; k < lanes; k++)
        index[k] = LLVMConstInt(i32, k / 2 + (which ? lanes / 2 : 0) + (k % 2 ? lanes : 0), 0);
    return LLVMBuildShuffleVector(t->at, x, y, LLVMConstVector(index, lanes), "");
}

static LLVMValueRef compare(Tr *t, const LIns *i)
{
    static const LLVMIntPredicate ints[] = {LLVMIntEQ,  LLVMIntNE,  LLVMIntSLT,
                                            LLVMIntSLE, LLVMIntSGT, LLVMIntSGE};
    static const LLVMRealPredicate reals[] = {LLVMRealOEQ, LLVMRealUNE, LLVMRealOLT,
                                              LLVMRealOLE, LLVMRealOGT, LLVMRealOGE};
    LLVMValueRef x = operand(t, i, 0), y = operand(t, i, 1);
    return i->op == L_icmp ? LLVMBuildICmp(t->at, ints[i->imm], x, y, "")
                           : LLVMBuildFCmp(t->at, reals[i->imm], x, y, "");
}

static LLVMValueRef binary(Tr *t, const LIns *i)
{
    LLVMValueRef x = operand(t, i, 0), y = operand(t, i, 1);
    switch (i->op) {
    case L_iadd: return LLVMBuildAdd(t->at, x, y, "");
    case L_isub: return LLVMBuildSub(t->at, x, y, "");
    case L_imul: return LLVMBuildMul(t->at, x, y, "");
    case L_ifdiv: return floor_div(t, x, y);
    case L_and: return LLVMBuildAnd(t->at, x, y, "");
    case L_or: return LLVMBuildOr(t->at, x, y, "");
    case L_xor: return LLVMBuildXor(t->at, x, y, "");
    case L_shl: return LLVMBuildShl(t->at, x, y, "");
    case L_lshr: return LLVMBuildLShr(t->at, x, y, "");
    case L_ashr: return LLVMBuildAShr(t->at, x, y, "");
    case L_umulhi: return mul_high(t, x, y, i->lanes);
    case L_fadd: return LLVMBuildFAdd(t->at, x, y, "");
    case L_fsub: return LLVMBuildFSub(t->at, x, y, "");
    case L_fmul: return LLVMBuildFMul(t->at, x, y, "");
    default: return LLVMBuildFDiv(t->at, x, y, "");
    }
}

/* Adding and subtracting 2^23 (2^52) of x's sign rounds to an integer, at most one too large. Numbers from there on are integers. */
static LLVMValueRef made_floor(Tr *t, LLVMValueRef x, const LIns *i)
{
    LLVMTypeRef type = LLVMTypeOf(x);
    LLVMValueRef most = splat_const(LLVMConstReal(scalar_type(t->cg, i->type), i->type == LT_f32 ? 0x1p23 : 0x1p52), i->lanes);
    LLVMValueRef one = splat_const(LLVMConstReal(scalar_type(t->cg, i->type), 1), i->lanes), signs[2] = { most, x };
    LLVMValueRef shift = intrinsic(t, "llvm.copysign", &type, 1, signs, 2);
    LLVMValueRef r = LLVMBuildFSub(t->at, LLVMBuildFAdd(t->at, x, shift, ""), shift, "");
    LLVMValueRef above = LLVMBuildFCmp(t->at, LLVMRealOGT, r, x, "");
    LLVMValueRef parts[2] = { LLVMBuildSelect(t->at, above, LLVMBuildFSub(t->at, r, one, ""), r, ""), x };
    r = intrinsic(t, "llvm.copysign", &type, 1, parts, 2); /* floor(-0) is -0 */
    LLVMValueRef size = intrinsic(t, "llvm.fabs", &type, 1, &x, 1);
    return LLVMBuildSelect(t->at, LLVMBuildFCmp(t->at, LLVMRealOLT, size, most, ""), r, x, "");
}

static LLVMValueRef unary(Tr *t, const LIns *i)
{
    LLVMValueRef x = operand(t, i, 0);
    LLVMTypeRef type = LLVMTypeOf(x);
    switch (i->op) {
    case L_not: return LLVMBuildNot(t->at, x, "");
    case L_fneg: return LLVMBuildFNeg(t->at, x, "");
    case L_fabs: return intrinsic(t, "llvm.fabs", &type, 1, &x, 1);
    case L_ffloor: return t->cg->target.loop.floor ? intrinsic(t, "llvm.floor", &type, 1, &x, 1) : made_floor(t, x, i);
    default: return intrinsic(t, "llvm.sqrt", &type, 1, &x, 1);
    }
}

/* ---- control ---- */

static LLVMBasicBlockRef block(Tr *t)
{
    return LLVMAppendBasicBlockInContext(t->cg->context, t->function, "");
}

static void begin_loop(Tr *t, LV v, const LIns *i)
{
    LLVMBasicBlockRef before = LLVMGetInsertBlock(t->at), body;
    Frame frame = {.of = v, .header = block(t)};
    LLVMBuildBr(t->at, frame.header);
    LLVMPositionBuilderAtEnd(t->at, frame.header);
    frame.counter = LLVMBuildPhi(t->at, scalar_type(t->cg, LT_i64), "");
    LLVMValueRef lo = operand(t, i, 0);
    LLVMAddIncoming(frame.counter, &lo, &before, 1);
    uint32_t n = i->n_arg - 3;
    t->phi[v] = ARENA_ARRAY(t->cg->arena, LLVMValueRef, n);
    for (uint32_t k = 0; k < n; k++) {
        LLVMValueRef start = operand(t, i, k + 3);
        t->phi[v][k] = LLVMBuildPhi(t->at, LLVMTypeOf(start), "");
        LLVMAddIncoming(t->phi[v][k], &start, &before, 1);
    }
    LLVMValueRef more = LLVMBuildICmp(t->at, LLVMIntSLT, frame.counter, operand(t, i, 1), "");
    body = block(t);
    frame.exit = block(t);
    LLVMBuildCondBr(t->at, more, body, frame.exit);
    LLVMPositionBuilderAtEnd(t->at, body);
    t->value[v] = frame.counter;
    vec_add(t->cg->arena, &t->frame, frame);
}

static void yield(Tr *t, const LIns *i)
{
    Frame *frame = &t->frame.at[t->frame.n - 1];
    const LIns *loop = &t->f->ins.at[frame->of];
    LLVMBasicBlockRef latch = LLVMGetInsertBlock(t->at);
    LLVMValueRef next = LLVMBuildNSWAdd(t->at, frame->counter, operand(t, loop, 2), "");
    LLVMAddIncoming(frame->counter, &next, &latch, 1);
    for (uint32_t k = 0; k < i->n_arg; k++) {
        LLVMValueRef v = operand(t, i, k);
        LLVMAddIncoming(t->phi[frame->of][k], &v, &latch, 1);
    }
    LLVMBuildBr(t->at, frame->header);
}

static void begin_if(Tr *t, LV v, const LIns *i)
{
    Frame frame = {.of = v, .exit = block(t), .other = block(t)};
    LLVMBasicBlockRef then = block(t);
    LLVMBuildCondBr(t->at, operand(t, i, 0), then, frame.other);
    LLVMPositionBuilderAtEnd(t->at, then);
    vec_add(t->cg->arena, &t->frame, frame);
}

static void begin_else(Tr *t)
{
    Frame *frame = &t->frame.at[t->frame.n - 1];
    LLVMBuildBr(t->at, frame->exit);
    LLVMPositionBuilderAtEnd(t->at, frame->other);
    frame->other = NULL;
}

static void end(Tr *t)
{
    Frame frame = t->frame.at[--t->frame.n];
    if (!frame.header) { /* an if */
        LLVMBuildBr(t->at, frame.exit);
        if (frame.other) {
            LLVMPositionBuilderAtEnd(t->at, frame.other);
            LLVMBuildBr(t->at, frame.exit);
        }
    }
    LLVMPositionBuilderAtEnd(t->at, frame.exit);
}

static LLVMValueRef call(Tr *t, const LIns *i)
{
    LLVMValueRef args[LOOP_MAX_PARAMS];
    LLVMTypeRef types[LOOP_MAX_PARAMS];
    if (i->n_arg > LOOP_MAX_PARAMS) BUG("call of %s with %u arguments", i->name, i->n_arg);
    for (uint32_t k = 0; k < i->n_arg; k++) {
        args[k] = operand(t, i, k);
        types[k] = LLVMTypeOf(args[k]);
    }
    LLVMTypeRef type = LLVMFunctionType(scalar_type(t->cg, i->type), types, i->n_arg, 0);
    LLVMValueRef f = LLVMGetNamedFunction(t->cg->module, i->name);
    if (!f) f = LLVMAddFunction(t->cg->module, i->name, type);
    return LLVMBuildCall2(t->at, type, f, args, i->n_arg, "");
}

static LLVMValueRef global(Tr *t, const char *name)
{
    if (!name) return LLVMConstNull(scalar_type(t->cg, LT_ptr));
    LLVMValueRef g = LLVMGetNamedGlobal(t->cg->module, name);
    if (!g) g = LLVMGetNamedFunction(t->cg->module, name);
    return g ? g : LLVMAddGlobal(t->cg->module, LLVMInt8TypeInContext(t->cg->context), name);
}

static LLVMValueRef stack(Tr *t, int64_t bytes)
{
    LLVMTypeRef bytes_type = LLVMArrayType2(LLVMInt8TypeInContext(t->cg->context), (uint64_t)bytes);
    LLVMValueRef first = LLVMGetFirstInstruction(LLVMGetEntryBasicBlock(t->function));
    if (first)
        LLVMPositionBuilderBefore(t->entry, first);
    else
        LLVMPositionBuilderAtEnd(t->entry, LLVMGetEntryBasicBlock(t->function));
    LLVMValueRef a = LLVMBuildAlloca(t->entry, bytes_type, "");
    LLVMSetAlignment(a, 64);
    return a;
}

static void ret(Tr *t, LLVMValueRef v)
{
    if (v)
        LLVMBuildRet(t->at, v);
    else
        LLVMBuildRetVoid(t->at);
    LLVMPositionBuilderAtEnd(t->at, block(t)); /* what follows cannot be reached */
}

static void memory(Tr *t, LV v, const LIns *i)
{
    LLVMValueRef p = operand(t, i, 0);
    switch (i->op) {
    case L_ld:
        t->value[v] = load(t, offset_imm(t, p, i->imm), i->mem, i->lanes, operand(t, i, 1));
        break;
    case L_st:
        store(t, offset_imm(t, p, i->imm), operand(t, i, 1), i->mem, operand_lanes(t, i, 1),
              operand(t, i, 2));
        break;
    case L_ldstride:
        t->value[v] = gather(t, p, stride_offsets(t, operand(t, i, 1), i->lanes), i->mem, i->lanes,
                             operand(t, i, 2));
        break;
    case L_ststride: {
        unsigned lanes = operand_lanes(t, i, 2);
        scatter(t, p, stride_offsets(t, operand(t, i, 1), lanes), operand(t, i, 2), i->mem, lanes,
                operand(t, i, 3));
        break;
    }
    default:
        t->value[v] = gather(t, p, operand(t, i, 1), i->mem, i->lanes, operand(t, i, 2));
        break;
    }
}

static LLVMValueRef simple(Tr *t, const LIns *i)
{
    Cg *cg = t->cg;
    switch (i->op) {
    case L_arg: return LLVMGetParam(t->function, (unsigned)i->imm);
    case L_iconst: return int_const(scalar_type(cg, i->type), i->lanes, i->imm);
    case L_fconst: return splat_const(LLVMConstReal(scalar_type(cg, i->type), i->fimm), i->lanes);
    case L_lane: return lane_numbers(scalar_type(cg, i->type), i->lanes);
    case L_splat: return splat(t, operand(t, i, 0), i->lanes);
    case L_half: return half(t, operand(t, i, 0), i->lanes, i->imm);
    case L_zip: return zip(t, operand(t, i, 0), operand(t, i, 1), i->lanes, i->imm);
    case L_icmp:
    case L_fcmp: return compare(t, i);
    case L_not:
    case L_fneg:
    case L_fabs:
    case L_ffloor:
    case L_fsqrt: return unary(t, i);
    case L_sel:
        return LLVMBuildSelect(t->at, operand(t, i, 0), operand(t, i, 1), operand(t, i, 2), "");
    case L_fma: {
        LLVMValueRef args[3] = {operand(t, i, 0), operand(t, i, 1), operand(t, i, 2)};
        LLVMTypeRef type = LLVMTypeOf(args[0]);
        return intrinsic(t, "llvm.fma", &type, 1, args, 3);
    }
    case L_cvt: return convert(t, i);
    case L_bitcast:
        return LLVMBuildBitCast(t->at, operand(t, i, 0), type_of(cg, i->type, i->lanes), "");
    case L_ptradd: return offset_imm(t, offset_ptr(t, operand(t, i, 0), operand(t, i, 1)), i->imm);
    case L_maskn: return mask_first(t, operand(t, i, 0), i->lanes);
    case L_call: return call(t, i);
    case L_alloca: return stack(t, i->imm);
    case L_global: return global(t, i->name);
    case L_any: {
        LLVMValueRef m = operand(t, i, 0);
        LLVMTypeRef type = LLVMTypeOf(m);
        return intrinsic(t, "llvm.vector.reduce.or", &type, 1, &m, 1);
    }
    default: return binary(t, i);
    }
}

static void instruction(Tr *t, LV v)
{
    const LIns *i = &t->f->ins.at[v];
    switch (i->op) {
    case L_ld:
    case L_st:
    case L_ldstride:
    case L_ststride:
    case L_ldgather: memory(t, v, i); break;
    case L_loop: begin_loop(t, v, i); break;
    case L_carried:
    case L_result: t->value[v] = t->phi[arg_of(t, i, 0)][i->imm]; break;
    case L_yield: yield(t, i); break;
    case L_if: begin_if(t, v, i); break;
    case L_else: begin_else(t); break;
    case L_end: end(t); break;
    case L_ret: ret(t, operand(t, i, 0)); break;
    default: t->value[v] = simple(t, i); break;
    }
}

static void declare(Cg *cg, const LoopFn *f)
{
    LLVMTypeRef params[LOOP_MAX_PARAMS];
    for (int i = 0; i < f->n_params; i++)
        params[i] = scalar_type(cg, f->params[i]);
    LLVMTypeRef type = LLVMFunctionType(scalar_type(cg, f->result), params, f->n_params, 0);
    if (LLVMGetNamedFunction(cg->module, f->name)) BUG("function %s is defined twice", f->name);
    LLVMValueRef function = LLVMAddFunction(cg->module, f->name, type);
    bool elsewhere = f->part != cg->part;
    LLVMSetLinkage(function, f->exported || f->outside || elsewhere ? LLVMExternalLinkage : LLVMInternalLinkage);
    if (!f->exported && (f->outside || elsewhere)) LLVMSetVisibility(function, LLVMHiddenVisibility);
    if (elsewhere) return;
    cg_set_attributes(cg, function);
    if (f->cold || f->exported) cg_set_cold(cg, function);
}

static void translate(Cg *cg, const LoopFn *f)
{
    Tr t = {.cg = cg,
            .f = f,
            .function = LLVMGetNamedFunction(cg->module, f->name),
            .at = LLVMCreateBuilderInContext(cg->context),
            .entry = LLVMCreateBuilderInContext(cg->context),
            .value = ARENA_ARRAY(cg->arena, LLVMValueRef, f->ins.n),
            .phi = ARENA_ARRAY(cg->arena, LLVMValueRef *, f->ins.n)};
    LLVMPositionBuilderAtEnd(t.at, block(&t));
    for (LV v = 1; v < f->ins.n; v++)
        instruction(&t, v);
    if (f->result == LT_void)
        LLVMBuildRetVoid(t.at);
    else
        LLVMBuildUnreachable(t.at);
    LLVMDisposeBuilder(t.at);
    LLVMDisposeBuilder(t.entry);
}

void codegen_loops(Cg *cg, const LoopModule *m)
{
    for (uint32_t i = 0; i < m->fn.n; i++)
        declare(cg, m->fn.at[i]);
    for (uint32_t i = 0; i < m->fn.n; i++)
        if (m->fn.at[i]->part == cg->part) translate(cg, m->fn.at[i]);
}
