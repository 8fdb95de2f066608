/* SPDX-License-Identifier: MIT
 * translate_memory.c: loads and stores of loop IR: whole, masked, strided, gathered, and the types that only memory has. */
#include "codegen/translate.h"

static LLVMTypeRef memory_type(const Tr *t, uint8_t mem)
{
    Cg *cg = t->cg;
    switch (mem) {
    case DT_bool:
    case DT_u8:
    case DT_i8: return LLVMInt8TypeInContext(cg->context);
    case DT_i32: return LLVMInt32TypeInContext(cg->context);
    case DT_i64: return LLVMInt64TypeInContext(cg->context);
    case DT_wide16:
    case DT_f32: return LLVMFloatTypeInContext(cg->context);
    case DT_f64: return LLVMDoubleTypeInContext(cg->context);
    case DT_f16: return tr_target(t)->half ? LLVMHalfTypeInContext(cg->context) : LLVMInt16TypeInContext(cg->context);
    case DT_bf16: return LLVMInt16TypeInContext(cg->context);
    case DT_COUNT: return LLVMPointerTypeInContext(cg->context, 0);
    default: BUG("no memory type %u", mem);
    }
}

static unsigned memory_bytes(const Cg *cg, uint8_t mem)
{
    return mem == DT_bool ? 1 : mem == DT_COUNT ? (unsigned)cg->target.loop.pointer_bytes : (unsigned)dtype_bytes(mem);
}

/* What was read from memory, as the instruction's type. */
static LLVMValueRef after_load(Tr *t, LLVMValueRef v, uint8_t mem, unsigned lanes)
{
    Cg *cg = t->cg;
    LLVMTypeRef i32 = tr_type(cg, LT_i32, lanes);
    switch (mem) {
    case DT_bool: return LLVMBuildICmp(t->at, LLVMIntNE, v, LLVMConstNull(LLVMTypeOf(v)), "");
    case DT_u8: return LLVMBuildZExt(t->at, v, i32, "");
    case DT_i8: return LLVMBuildSExt(t->at, v, i32, "");
    case DT_f16: return tr_target(t)->half ? LLVMBuildFPExt(t->at, v, tr_type(cg, LT_f32, lanes), "") : tr_from_f16(t, v, lanes);
    case DT_bf16: return tr_from_bf16(t, v, lanes);
    default: return v;
    }
}

static LLVMValueRef before_store(Tr *t, LLVMValueRef v, uint8_t mem, unsigned lanes)
{
    LLVMTypeRef to = tr_vector(memory_type(t, mem), lanes);
    switch (mem) {
    case DT_bool: return LLVMBuildZExt(t->at, v, to, "");
    case DT_i64: return LLVMTypeOf(v) == to ? v : LLVMBuildSExt(t->at, v, to, ""); /* loop/narrow.c */
    case DT_u8:
    case DT_i8: return LLVMBuildTrunc(t->at, v, to, "");
    case DT_f16: return tr_target(t)->half ? LLVMBuildFPTrunc(t->at, v, to, "") : tr_to_f16(t, v, lanes);
    case DT_bf16: return tr_to_bf16(t, v, lanes);
    default: return v;
    }
}

/* Masked operations want vectors, so a scalar goes as one of a single lane. */
static LLVMValueRef as_vector1(Tr *t, LLVMValueRef v)
{
    LLVMValueRef zero = LLVMConstInt(LLVMInt32TypeInContext(t->cg->context), 0, 0);
    return LLVMBuildInsertElement(t->at, LLVMGetPoison(LLVMVectorType(LLVMTypeOf(v), 1)), v, zero, "");
}

static LLVMValueRef from_vector1(Tr *t, LLVMValueRef v)
{
    return LLVMBuildExtractElement(t->at, v, LLVMConstInt(LLVMInt32TypeInContext(t->cg->context), 0, 0), "");
}

static LLVMValueRef align_const(Tr *t, unsigned bytes)
{
    return LLVMConstInt(LLVMInt32TypeInContext(t->cg->context), bytes, 0);
}

/* Lanes lo .. lo + n - 1 of a followed by b. */
static LLVMValueRef part_of(Tr *t, LLVMValueRef a, LLVMValueRef b, unsigned lo, unsigned n)
{
    LLVMTypeRef i32 = LLVMInt32TypeInContext(t->cg->context);
    LLVMValueRef *lane = ARENA_ARRAY(t->cg->arena, LLVMValueRef, n);
    for (unsigned i = 0; i < n; i++)
        lane[i] = LLVMConstInt(i32, lo + i, 0);
    return LLVMBuildShuffleVector(t->at, a, b, LLVMConstVector(lane, n), "");
}

static bool is_and(LLVMValueRef v)
{
    return LLVMIsAInstruction(v) && LLVMGetInstructionOpcode(v) == LLVMAnd;
}

/* Of a mask; a constant where one of the conditions is. */
static LLVMValueRef part_of_mask(Tr *t, LLVMValueRef mask, unsigned lo, unsigned n)
{
    if (!is_and(mask)) return part_of(t, mask, mask, lo, n);
    LLVMValueRef a = part_of_mask(t, LLVMGetOperand(mask, 0), lo, n), b = part_of_mask(t, LLVMGetOperand(mask, 1), lo, n);
    return LLVMIsNull(a) || LLVMIsNull(b) ? LLVMConstNull(LLVMTypeOf(a)) : LLVMBuildAnd(t->at, a, b, "");
}

/* More lanes than a register has are loaded in halves, and no half that is nothing but fill. LLVM 19 divides them itself, but for AVX it
 * then loads the upper half without a mask where that is 0 in it and a condition in the lower half: what lies behind a buffer. */
static LLVMValueRef masked_load(Tr *t, LLVMValueRef p, uint8_t mem, unsigned lanes, LLVMValueRef mask)
{
    unsigned bytes = memory_bytes(t->cg, mem), half = lanes / 2;
    LLVMTypeRef type = LLVMVectorType(memory_type(t, mem), lanes), over[2] = {type, tr_scalar(t->cg, LT_ptr)};
    if (LLVMIsNull(mask)) return LLVMConstNull(type);
    if (lanes * bytes > (unsigned)tr_target(t)->vector_bytes && lanes % 2 == 0 && half > 1) {
        LLVMValueRef lower = masked_load(t, p, mem, half, part_of_mask(t, mask, 0, half));
        LLVMValueRef above = tr_offset_imm(t, p, (int64_t)half * bytes);
        LLVMValueRef upper = masked_load(t, above, mem, half, part_of_mask(t, mask, half, half));
        return part_of(t, lower, upper, 0, lanes);
    }
    LLVMValueRef args[4] = {p, align_const(t, bytes), mask, LLVMConstNull(type)};
    return tr_intrinsic(t, "llvm.masked.load", over, 2, args, 4);
}

static LLVMValueRef load(Tr *t, LLVMValueRef p, uint8_t mem, unsigned lanes, LLVMValueRef mask, unsigned align)
{
    LLVMTypeRef type = tr_vector(memory_type(t, mem), lanes);
    if (!mask) {
        LLVMValueRef v = LLVMBuildLoad2(t->at, type, p, "");
        LLVMSetAlignment(v, align ? align : memory_bytes(t->cg, mem));
        return after_load(t, v, mem, lanes);
    }
    LLVMValueRef v = masked_load(t, p, mem, lanes, lanes > 1 ? mask : as_vector1(t, mask));
    return after_load(t, lanes > 1 ? v : from_vector1(t, v), mem, lanes);
}

static void store(Tr *t, LLVMValueRef p, LLVMValueRef v, uint8_t mem, unsigned lanes, LLVMValueRef mask)
{
    unsigned align = memory_bytes(t->cg, mem);
    v = before_store(t, v, mem, lanes);
    if (!mask) {
        LLVMSetAlignment(LLVMBuildStore(t->at, v, p), align);
        return;
    }
    if (lanes == 1) {
        v = as_vector1(t, v);
        mask = as_vector1(t, mask);
    }
    LLVMTypeRef over[2] = {LLVMTypeOf(v), tr_scalar(t->cg, LT_ptr)};
    LLVMValueRef args[4] = {v, p, align_const(t, align), mask};
    tr_intrinsic(t, "llvm.masked.store", over, 2, args, 4);
}

static LLVMValueRef all_on(Tr *t, unsigned lanes)
{
    return tr_splat_const(LLVMConstInt(LLVMInt1TypeInContext(t->cg->context), 1, 0), lanes);
}

static LLVMValueRef gather(Tr *t, LLVMValueRef p, LLVMValueRef offsets, uint8_t mem, unsigned lanes, LLVMValueRef mask)
{
    LLVMValueRef ptrs = tr_offset(t, p, offsets);
    if (lanes == 1) return load(t, ptrs, mem, 1, mask, 0);
    LLVMTypeRef vt = LLVMVectorType(memory_type(t, mem), lanes), over[2] = {vt, LLVMTypeOf(ptrs)};
    LLVMValueRef args[4] = {ptrs, align_const(t, memory_bytes(t->cg, mem)), mask ? mask : all_on(t, lanes), LLVMConstNull(vt)};
    return after_load(t, tr_intrinsic(t, "llvm.masked.gather", over, 2, args, 4), mem, lanes);
}

static void scatter(Tr *t, LLVMValueRef p, LLVMValueRef offsets, LLVMValueRef v, uint8_t mem, unsigned lanes, LLVMValueRef mask)
{
    LLVMValueRef ptrs = tr_offset(t, p, offsets);
    if (lanes == 1) {
        store(t, ptrs, v, mem, 1, mask);
        return;
    }
    v = before_store(t, v, mem, lanes);
    LLVMTypeRef over[2] = {LLVMTypeOf(v), LLVMTypeOf(ptrs)};
    LLVMValueRef args[4] = {v, ptrs, align_const(t, memory_bytes(t->cg, mem)), mask ? mask : all_on(t, lanes)};
    tr_intrinsic(t, "llvm.masked.scatter", over, 2, args, 4);
}

/* lane * stride */
static LLVMValueRef stride_offsets(Tr *t, LLVMValueRef stride, unsigned lanes)
{
    LLVMTypeRef i64 = tr_scalar(t->cg, LT_i64);
    return LLVMBuildMul(t->at, tr_splat(t, stride, lanes), tr_lane_numbers(i64, lanes), "");
}

/* For reading, into all caches, data. */
static void prefetch(Tr *t, LLVMValueRef p)
{
    LLVMTypeRef i32 = tr_scalar(t->cg, LT_i32), over = LLVMTypeOf(p);
    LLVMValueRef args[4] = {p, LLVMConstInt(i32, 0, 0), LLVMConstInt(i32, 3, 0), LLVMConstInt(i32, 1, 0)};
    tr_intrinsic(t, "llvm.prefetch", &over, 1, args, 4);
}

void tr_memory(Tr *t, LV v, const LIns *i)
{
    LLVMValueRef p = tr_operand(t, i, 0);
    switch (i->op) {
    case L_ld: t->value[v] = load(t, tr_offset_imm(t, p, i->imm), i->mem, i->lanes, tr_operand(t, i, 1), (unsigned)i->fimm); break;
    case L_st: store(t, tr_offset_imm(t, p, i->imm), tr_operand(t, i, 1), i->mem, tr_operand_lanes(t, i, 1), tr_operand(t, i, 2)); break;
    case L_prefetch: prefetch(t, p); break;
    case L_ldstride:
        t->value[v] = gather(t, p, stride_offsets(t, tr_operand(t, i, 1), i->lanes), i->mem, i->lanes, tr_operand(t, i, 2));
        break;
    case L_ststride: {
        unsigned lanes = tr_operand_lanes(t, i, 2);
        scatter(t, p, stride_offsets(t, tr_operand(t, i, 1), lanes), tr_operand(t, i, 2), i->mem, lanes, tr_operand(t, i, 3));
        break;
    }
    default: t->value[v] = gather(t, p, tr_operand(t, i, 1), i->mem, i->lanes, tr_operand(t, i, 2)); break;
    }
}
