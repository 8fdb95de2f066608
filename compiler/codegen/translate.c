/* SPDX-License-Identifier: MIT
 * translate.c: loop IR to LLVM IR, one instruction at a time.
 *
 * A loop is a header block with phi nodes, tested at the top; carried values after the end are the
 * phis. No fast-math flags and no metadata are ever set: the order of floating-point operations is
 * the program's. */
#include "codegen/translate.h"

/* ---- arithmetic ---- */

/* Rounds down; x // 0 is 0; the smallest number // -1 wraps. */
static LLVMValueRef floor_div(Tr *t, LLVMValueRef x, LLVMValueRef y)
{
    LLVMTypeRef type = LLVMTypeOf(x);
    LLVMValueRef zero = LLVMConstNull(type), minus = LLVMConstAllOnes(type), one = LLVMConstNeg(minus);
    LLVMValueRef by_zero = LLVMBuildICmp(t->at, LLVMIntEQ, y, zero, "");
    LLVMValueRef by_minus = LLVMBuildICmp(t->at, LLVMIntEQ, y, minus, "");
    LLVMValueRef safe = LLVMBuildSelect(t->at, LLVMBuildOr(t->at, by_zero, by_minus, ""), one, y, "");
    LLVMValueRef q = LLVMBuildSDiv(t->at, x, safe, "");
    LLVMValueRef r = LLVMBuildSub(t->at, x, LLVMBuildMul(t->at, q, safe, ""), "");
    LLVMValueRef inexact = LLVMBuildICmp(t->at, LLVMIntNE, r, zero, "");
    LLVMValueRef signs = LLVMBuildICmp(t->at, LLVMIntSLT, LLVMBuildXor(t->at, r, safe, ""), zero, "");
    LLVMValueRef down = LLVMBuildAnd(t->at, inexact, signs, "");
    q = LLVMBuildSub(t->at, q, LLVMBuildZExt(t->at, down, type, ""), "");
    q = LLVMBuildSelect(t->at, by_minus, LLVMBuildNeg(t->at, x, ""), q, "");
    return LLVMBuildSelect(t->at, by_zero, zero, q, "");
}

static LLVMValueRef mul_high(Tr *t, LLVMValueRef x, LLVMValueRef y, unsigned lanes)
{
    LLVMTypeRef wide = tr_type(t->cg, LT_i64, lanes);
    LLVMValueRef p = LLVMBuildMul(t->at, LLVMBuildZExt(t->at, x, wide, ""), LLVMBuildZExt(t->at, y, wide, ""), "");
    p = LLVMBuildLShr(t->at, p, tr_int_const(tr_scalar(t->cg, LT_i64), lanes, 32), "");
    return LLVMBuildTrunc(t->at, p, tr_type(t->cg, LT_i32, lanes), "");
}

static bool is_int(uint8_t type)
{
    return type == LT_i32 || type == LT_i64;
}

/* Truncates, saturates, NaN gives 0: llvm.fptosi.sat as vector code, since LLVM takes that one
 * apart lane by lane. */
static LLVMValueRef float_to_int(Tr *t, LLVMValueRef v, LLVMTypeRef to, uint8_t int_type, unsigned lanes)
{
    LLVMTypeRef from = LLVMTypeOf(v), scalar = lanes > 1 ? LLVMGetElementType(from) : from;
    LLVMTypeRef bits = lanes > 1 ? LLVMGetElementType(to) : to;
    double limit = int_type == LT_i32 ? 0x1p31 : 0x1p63;
    int64_t most = int_type == LT_i32 ? INT32_MAX : INT64_MAX;
    LLVMValueRef high = tr_splat_const(LLVMConstReal(scalar, limit), lanes), low = tr_splat_const(LLVMConstReal(scalar, -limit), lanes);
    LLVMValueRef above = LLVMBuildFCmp(t->at, LLVMRealOGE, v, high, "");
    LLVMValueRef below = LLVMBuildFCmp(t->at, LLVMRealOLT, v, low, "");
    LLVMValueRef nan = LLVMBuildFCmp(t->at, LLVMRealUNO, v, v, "");
    LLVMValueRef outside = LLVMBuildOr(t->at, LLVMBuildOr(t->at, above, below, ""), nan, "");
    LLVMValueRef safe = LLVMBuildSelect(t->at, outside, LLVMConstNull(from), v, "");
    LLVMValueRef r = LLVMBuildFPToSI(t->at, safe, to, "");
    r = LLVMBuildSelect(t->at, above, tr_int_const(bits, lanes, most), r, "");
    return LLVMBuildSelect(t->at, below, tr_int_const(bits, lanes, -most - 1), r, "");
}

static LLVMValueRef convert(Tr *t, const LIns *i)
{
    LLVMValueRef v = tr_operand(t, i, 0);
    uint8_t from = tr_operand_type(t, i, 0), to = i->type;
    LLVMTypeRef type = tr_type(t->cg, to, i->lanes), source = LLVMTypeOf(v);
    if (from == LT_mask) return is_int(to) ? LLVMBuildZExt(t->at, v, type, "") : LLVMBuildUIToFP(t->at, v, type, "");
    if (to == LT_mask)
        return is_int(from) ? LLVMBuildICmp(t->at, LLVMIntNE, v, LLVMConstNull(source), "")
                            : LLVMBuildFCmp(t->at, LLVMRealUNE, v, LLVMConstNull(source), "");
    if (type == source) return v;
    if (is_int(from) && is_int(to)) return to == LT_i64 ? LLVMBuildSExt(t->at, v, type, "") : LLVMBuildTrunc(t->at, v, type, "");
    if (is_int(from)) return LLVMBuildSIToFP(t->at, v, type, "");
    if (is_int(to)) return float_to_int(t, v, type, to, i->lanes);
    return to == LT_f64 ? LLVMBuildFPExt(t->at, v, type, "") : LLVMBuildFPTrunc(t->at, v, type, "");
}

static LLVMValueRef mask_of_number(Tr *t, int64_t n, unsigned lanes)
{
    LLVMTypeRef i1 = LLVMInt1TypeInContext(t->cg->context);
    LLVMValueRef lane[128];
    for (unsigned k = 0; k < lanes; k++)
        lane[k] = LLVMConstInt(i1, (int64_t)k < n, 0);
    return LLVMConstVector(lane, lanes);
}

/* A known mask is a constant from the start: where LLVM 19 finds out while it selects instructions without optimising (functions
 * that run rarely) that half of a mask is empty, it reads that half whole. */
static LLVMValueRef mask_first(Tr *t, LLVMValueRef n, unsigned lanes)
{
    LLVMTypeRef i32 = tr_scalar(t->cg, LT_i32), i64 = tr_scalar(t->cg, LT_i64);
    if (lanes > 1 && LLVMIsAConstantInt(n)) return mask_of_number(t, LLVMConstIntGetSExtValue(n), lanes);
    if (lanes == 1) return LLVMBuildICmp(t->at, LLVMIntSGT, n, LLVMConstNull(LLVMTypeOf(n)), "");
    LLVMValueRef limit[2] = {n, LLVMConstInt(i64, lanes, 0)};
    LLVMValueRef least = tr_intrinsic(t, "llvm.smin", &i64, 1, limit, 2);
    LLVMValueRef bound[2] = {least, LLVMConstNull(i64)};
    LLVMValueRef narrow = LLVMBuildTrunc(t->at, tr_intrinsic(t, "llvm.smax", &i64, 1, bound, 2), i32, "");
    return LLVMBuildICmp(t->at, LLVMIntULT, tr_lane_numbers(i32, lanes), tr_splat(t, narrow, lanes), "");
}

static LLVMValueRef half(Tr *t, LLVMValueRef v, unsigned lanes, int64_t which)
{
    LLVMTypeRef i32 = tr_scalar(t->cg, LT_i32);
    LLVMValueRef index[128];
    for (unsigned k = 0; k < lanes; k++)
        index[k] = LLVMConstInt(i32, k + (which ? lanes : 0), 0);
    if (lanes == 1) return LLVMBuildExtractElement(t->at, v, index[0], "");
    return LLVMBuildShuffleVector(t->at, v, LLVMGetPoison(LLVMTypeOf(v)), LLVMConstVector(index, lanes), "");
}

static LLVMValueRef zip(Tr *t, LLVMValueRef x, LLVMValueRef y, unsigned lanes, int64_t which)
{
    LLVMTypeRef i32 = tr_scalar(t->cg, LT_i32);
    LLVMValueRef index[256];
    for (unsigned k = 0; k < lanes; k++)
        index[k] = LLVMConstInt(i32, k / 2 + (which ? lanes / 2 : 0) + (k % 2 ? lanes : 0), 0);
    return LLVMBuildShuffleVector(t->at, x, y, LLVMConstVector(index, lanes), "");
}

static LLVMValueRef back(Tr *t, LLVMValueRef x, unsigned lanes)
{
    LLVMValueRef index[256];
    for (unsigned k = 0; k < lanes; k++)
        index[k] = LLVMConstInt(tr_scalar(t->cg, LT_i32), k ^ 3, 0);
    return LLVMBuildShuffleVector(t->at, x, LLVMGetPoison(LLVMTypeOf(x)), LLVMConstVector(index, lanes), "");
}

static LLVMValueRef pairs(Tr *t, LLVMValueRef x, LLVMValueRef y, unsigned lanes)
{
    LLVMValueRef index[256];
    LLVMTypeRef halves = tr_vector(LLVMInt16TypeInContext(t->cg->context), 2 * lanes);
    for (unsigned k = 0; k < 2 * lanes; k++)
        index[k] = LLVMConstInt(tr_scalar(t->cg, LT_i32), 2 * k + 1, 0);
    x = LLVMBuildBitCast(t->at, x, halves, ""), y = LLVMBuildBitCast(t->at, y, halves, "");
    return LLVMBuildBitCast(t->at, LLVMBuildShuffleVector(t->at, x, y, LLVMConstVector(index, 2 * lanes), ""),
                            tr_type(t->cg, LT_i32, lanes), "");
}

static LLVMValueRef compare(Tr *t, const LIns *i)
{
    static const LLVMIntPredicate ints[] = {LLVMIntEQ, LLVMIntNE, LLVMIntSLT, LLVMIntSLE, LLVMIntSGT, LLVMIntSGE};
    static const LLVMRealPredicate reals[] = {LLVMRealOEQ, LLVMRealUNE, LLVMRealOLT, LLVMRealOLE, LLVMRealOGT, LLVMRealOGE};
    LLVMValueRef x = tr_operand(t, i, 0), y = tr_operand(t, i, 1);
    return i->op == L_icmp ? LLVMBuildICmp(t->at, ints[i->imm], x, y, "") : LLVMBuildFCmp(t->at, reals[i->imm], x, y, "");
}

static LLVMValueRef binary(Tr *t, const LIns *i)
{
    LLVMValueRef x = tr_operand(t, i, 0), y = tr_operand(t, i, 1);
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
    LLVMValueRef most = tr_splat_const(LLVMConstReal(tr_scalar(t->cg, i->type), i->type == LT_f32 ? 0x1p23 : 0x1p52), i->lanes);
    LLVMValueRef one = tr_splat_const(LLVMConstReal(tr_scalar(t->cg, i->type), 1), i->lanes), signs[2] = {most, x};
    LLVMValueRef shift = tr_intrinsic(t, "llvm.copysign", &type, 1, signs, 2);
    LLVMValueRef r = LLVMBuildFSub(t->at, LLVMBuildFAdd(t->at, x, shift, ""), shift, "");
    LLVMValueRef above = LLVMBuildFCmp(t->at, LLVMRealOGT, r, x, "");
    LLVMValueRef parts[2] = {LLVMBuildSelect(t->at, above, LLVMBuildFSub(t->at, r, one, ""), r, ""), x};
    r = tr_intrinsic(t, "llvm.copysign", &type, 1, parts, 2); /* floor(-0) is -0 */
    LLVMValueRef size = tr_intrinsic(t, "llvm.fabs", &type, 1, &x, 1);
    return LLVMBuildSelect(t->at, LLVMBuildFCmp(t->at, LLVMRealOLT, size, most, ""), r, x, "");
}

static LLVMValueRef unary(Tr *t, const LIns *i)
{
    LLVMValueRef x = tr_operand(t, i, 0);
    LLVMTypeRef type = LLVMTypeOf(x);
    switch (i->op) {
    case L_not: return LLVMBuildNot(t->at, x, "");
    case L_fneg: return LLVMBuildFNeg(t->at, x, "");
    case L_fabs: return tr_intrinsic(t, "llvm.fabs", &type, 1, &x, 1);
    case L_ffloor: return tr_target(t)->floor ? tr_intrinsic(t, "llvm.floor", &type, 1, &x, 1) : made_floor(t, x, i);
    default: return tr_intrinsic(t, "llvm.sqrt", &type, 1, &x, 1);
    }
}

/* ---- control ---- */

static void begin_loop(Tr *t, LV v, const LIns *i)
{
    LLVMBasicBlockRef before = LLVMGetInsertBlock(t->at), body;
    Frame frame = {.of = v, .header = tr_block(t, "loop", v)};
    LLVMBuildBr(t->at, frame.header);
    LLVMPositionBuilderAtEnd(t->at, frame.header);
    LLVMValueRef lo = tr_operand(t, i, 0);
    frame.counter = LLVMBuildPhi(t->at, LLVMTypeOf(lo), "");
    tr_name(t, frame.counter, "counter", v);
    LLVMAddIncoming(frame.counter, &lo, &before, 1);
    uint32_t n = i->n_arg - 3;
    t->phi[v] = ARENA_ARRAY(t->cg->arena, LLVMValueRef, n);
    for (uint32_t k = 0; k < n; k++) {
        LLVMValueRef start = tr_operand(t, i, k + 3);
        t->phi[v][k] = LLVMBuildPhi(t->at, LLVMTypeOf(start), "");
        LLVMAddIncoming(t->phi[v][k], &start, &before, 1);
    }
    LLVMValueRef more = LLVMBuildICmp(t->at, LLVMIntSLT, frame.counter, tr_operand(t, i, 1), "more");
    body = tr_block(t, "body", v);
    frame.exit = tr_block(t, "end", v);
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
    LLVMValueRef next = LLVMBuildNSWAdd(t->at, frame->counter, tr_operand(t, loop, 2), "");
    tr_name(t, next, "next", frame->of);
    LLVMAddIncoming(frame->counter, &next, &latch, 1);
    for (uint32_t k = 0; k < i->n_arg; k++) {
        LLVMValueRef v = tr_operand(t, i, k);
        LLVMAddIncoming(t->phi[frame->of][k], &v, &latch, 1);
    }
    LLVMBuildBr(t->at, frame->header);
}

static void begin_if(Tr *t, LV v, const LIns *i)
{
    Frame frame = {.of = v, .exit = tr_block(t, "end", v), .other = tr_block(t, "else", v)};
    LLVMBasicBlockRef then = tr_block(t, "then", v);
    LLVMBuildCondBr(t->at, tr_operand(t, i, 0), then, frame.other);
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
    LLVMValueRef *args = ARENA_ARRAY(t->cg->arena, LLVMValueRef, i->n_arg);
    LLVMTypeRef *types = ARENA_ARRAY(t->cg->arena, LLVMTypeRef, i->n_arg);
    for (uint32_t k = 0; k < i->n_arg; k++) {
        args[k] = tr_operand(t, i, k);
        types[k] = LLVMTypeOf(args[k]);
    }
    LLVMValueRef f = LLVMGetNamedFunction(t->cg->module, i->name);
    for (uint32_t k = 0; f && k < i->n_arg; k++) {
        types[k] = LLVMTypeOf(LLVMGetParam(f, k));
        if (types[k] != LLVMTypeOf(args[k])) args[k] = LLVMBuildIntCast2(t->at, args[k], types[k], 1, ""); /* loop/narrow.c */
    }
    LLVMTypeRef type = LLVMFunctionType(tr_scalar(t->cg, i->type), types, i->n_arg, 0);
    if (!f) f = LLVMAddFunction(t->cg->module, i->name, type);
    return LLVMBuildCall2(t->at, type, f, args, i->n_arg, "");
}

static LLVMValueRef global(Tr *t, const char *name)
{
    if (!name) return LLVMConstNull(tr_scalar(t->cg, LT_ptr));
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
    LLVMSetAlignment(a, tr_target(t)->compact ? 8 : 64);
    return a;
}

static void ret(Tr *t, LLVMValueRef v)
{
    if (v)
        LLVMBuildRet(t->at, v);
    else
        LLVMBuildRetVoid(t->at);
    LLVMPositionBuilderAtEnd(t->at, tr_block(t, "after", 0)); /* what follows cannot be reached */
}

static LLVMValueRef parameter(Tr *t, const LIns *i)
{
    LLVMValueRef v = LLVMGetParam(t->function, (unsigned)i->imm);
    bool narrow = i->type == LT_i32 && t->f->params[i->imm] == LT_i64; /* loop/narrow.c */
    return narrow ? LLVMBuildTrunc(t->at, v, tr_scalar(t->cg, LT_i32), "") : v;
}

static LLVMValueRef simple(Tr *t, const LIns *i)
{
    Cg *cg = t->cg;
    switch (i->op) {
    case L_arg: return parameter(t, i);
    case L_iconst: return tr_int_const(tr_scalar(cg, i->type), i->lanes, i->imm);
    case L_fconst: return tr_splat_const(LLVMConstReal(tr_scalar(cg, i->type), i->fimm), i->lanes);
    case L_lane: return tr_lane_numbers(tr_scalar(cg, i->type), i->lanes);
    case L_splat: return tr_splat(t, tr_operand(t, i, 0), i->lanes);
    case L_half: return half(t, tr_operand(t, i, 0), i->lanes, i->imm);
    case L_zip: return zip(t, tr_operand(t, i, 0), tr_operand(t, i, 1), i->lanes, i->imm);
    case L_back: return back(t, tr_operand(t, i, 0), i->lanes);
    case L_pairs: return pairs(t, tr_operand(t, i, 0), tr_operand(t, i, 1), i->lanes);
    case L_icmp:
    case L_fcmp: return compare(t, i);
    case L_not:
    case L_fneg:
    case L_fabs:
    case L_ffloor:
    case L_fsqrt: return unary(t, i);
    case L_sel: return tr_select(t, i, tr_operand(t, i, 0), tr_operand(t, i, 1), tr_operand(t, i, 2));
    case L_fma: {
        LLVMValueRef args[3] = {tr_operand(t, i, 0), tr_operand(t, i, 1), tr_operand(t, i, 2)};
        LLVMTypeRef type = LLVMTypeOf(args[0]);
        return tr_intrinsic(t, "llvm.fma", &type, 1, args, 3);
    }
    case L_dot4: return tr_dot4(t, i);
    case L_cvt: return convert(t, i);
    case L_bitcast: return LLVMBuildBitCast(t->at, tr_operand(t, i, 0), tr_type(cg, i->type, i->lanes), "");
    case L_ptradd: return tr_offset_imm(t, tr_offset(t, tr_operand(t, i, 0), tr_operand(t, i, 1)), i->imm);
    case L_maskn: return mask_first(t, tr_operand(t, i, 0), i->lanes);
    case L_call: return call(t, i);
    case L_alloca: return stack(t, i->imm);
    case L_global: return global(t, i->name);
    case L_any: {
        LLVMValueRef m = tr_operand(t, i, 0);
        LLVMTypeRef type = LLVMTypeOf(m);
        return tr_intrinsic(t, "llvm.vector.reduce.or", &type, 1, &m, 1);
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
    case L_ldgather:
    case L_prefetch: tr_memory(t, v, i); break;
    case L_amx_open:
    case L_amx_close:
    case L_amx_zero:
    case L_amx_load:
    case L_amx_store:
    case L_amx_add: tr_amx(t, i); break;
    case L_loop: begin_loop(t, v, i); break;
    case L_carried:
    case L_result: t->value[v] = t->phi[tr_arg(t, i, 0)][i->imm]; break;
    case L_yield: yield(t, i); break;
    case L_if: begin_if(t, v, i); break;
    case L_else: begin_else(t); break;
    case L_end: end(t); break;
    case L_ret: ret(t, tr_operand(t, i, 0)); break;
    default: t->value[v] = simple(t, i); break;
    }
    tr_name_instruction(t, v);
}

static void declare(Cg *cg, const LoopFn *f)
{
    LLVMTypeRef params[LOOP_MAX_PARAMS];
    for (int i = 0; i < f->n_params; i++)
        params[i] = tr_scalar(cg, f->params[i]);
    LLVMTypeRef type = LLVMFunctionType(tr_scalar(cg, f->result), params, f->n_params, 0);
    if (LLVMGetNamedFunction(cg->module, f->name)) BUG("function %s is defined twice", f->name);
    LLVMValueRef function = LLVMAddFunction(cg->module, f->name, type);
    bool elsewhere = f->part != cg->part;
    LLVMSetLinkage(function, f->exported || f->outside || elsewhere ? LLVMExternalLinkage : LLVMInternalLinkage);
    if (!f->exported && (f->outside || elsewhere)) LLVMSetVisibility(function, LLVMHiddenVisibility);
    if (elsewhere) return;
    cg_set_attributes(cg, function, cg->level[f->level]);
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
    LLVMPositionBuilderAtEnd(t.at, tr_block(&t, "entry", 0));
    for (LV v = 1; v < f->ins.n; v++)
        instruction(&t, v);
    LLVMBuildUnreachable(t.at); /* behind the return */
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
