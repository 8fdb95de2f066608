/* SPDX-License-Identifier: MIT
 * translate_value.c: types, constants, operands and addresses in LLVM IR. */
#include "codegen/translate.h"

#include <string.h>

const LoopTarget *tr_target(const Tr *t)
{
    return &t->cg->level[t->f->level]->loop;
}

LLVMTypeRef tr_scalar(Cg *cg, uint8_t type)
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

LLVMTypeRef tr_vector(LLVMTypeRef t, unsigned lanes)
{
    return lanes > 1 ? LLVMVectorType(t, lanes) : t;
}

LLVMTypeRef tr_type(Cg *cg, uint8_t type, unsigned lanes)
{
    return tr_vector(tr_scalar(cg, type), lanes);
}

/* A constant with the same value in each lane. */
LLVMValueRef tr_splat_const(LLVMValueRef c, unsigned lanes)
{
    LLVMValueRef all[256];
    for (unsigned i = 0; i < lanes; i++)
        all[i] = c;
    return lanes > 1 ? LLVMConstVector(all, lanes) : c;
}

LLVMValueRef tr_int_const(LLVMTypeRef scalar, unsigned lanes, int64_t v)
{
    return tr_splat_const(LLVMConstInt(scalar, (unsigned long long)v, 1), lanes);
}

LLVMValueRef tr_lane_numbers(LLVMTypeRef scalar, unsigned lanes)
{
    LLVMValueRef all[256];
    for (unsigned i = 0; i < lanes; i++)
        all[i] = LLVMConstInt(scalar, i, 0);
    return lanes > 1 ? LLVMConstVector(all, lanes) : all[0];
}

LLVMValueRef tr_splat(Tr *t, LLVMValueRef v, unsigned lanes)
{
    if (lanes == 1) return v;
    LLVMTypeRef vt = LLVMVectorType(LLVMTypeOf(v), lanes);
    LLVMValueRef zero = LLVMConstInt(LLVMInt32TypeInContext(t->cg->context), 0, 0);
    LLVMValueRef one = LLVMBuildInsertElement(t->at, LLVMGetPoison(vt), v, zero, "");
    return LLVMBuildShuffleVector(t->at, one, LLVMGetPoison(vt), tr_splat_const(zero, lanes), "");
}

LLVMValueRef tr_intrinsic(Tr *t, const char *name, LLVMTypeRef *over, unsigned n_over, LLVMValueRef *args, unsigned n)
{
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    if (!id) BUG("no intrinsic %s", name);
    LLVMValueRef f = LLVMGetIntrinsicDeclaration(t->cg->module, id, over, n_over);
    return LLVMBuildCall2(t->at, LLVMIntrinsicGetType(t->cg->context, id, over, n_over), f, args, n, "");
}

LV tr_arg(const Tr *t, const LIns *i, uint32_t a)
{
    return a < i->n_arg ? t->f->arg.at[i->arg + a] : 0;
}

LLVMValueRef tr_operand(const Tr *t, const LIns *i, uint32_t a)
{
    LV v = tr_arg(t, i, a);
    if (v && !t->value[v]) BUG("%s: value %u is not translated", t->f->name, v);
    return v ? t->value[v] : NULL;
}

unsigned tr_operand_lanes(const Tr *t, const LIns *i, uint32_t a)
{
    return t->f->ins.at[tr_arg(t, i, a)].lanes;
}

uint8_t tr_operand_type(const Tr *t, const LIns *i, uint32_t a)
{
    return t->f->ins.at[tr_arg(t, i, a)].type;
}

static LLVMValueRef i64_const(Tr *t, int64_t v)
{
    return LLVMConstInt(LLVMInt64TypeInContext(t->cg->context), (unsigned long long)v, 1);
}

LLVMValueRef tr_offset(Tr *t, LLVMValueRef p, LLVMValueRef bytes)
{
    return LLVMBuildGEP2(t->at, LLVMInt8TypeInContext(t->cg->context), p, &bytes, 1, "");
}

LLVMValueRef tr_offset_imm(Tr *t, LLVMValueRef p, int64_t imm)
{
    return imm ? tr_offset(t, p, i64_const(t, imm)) : p;
}

/* For AVX the fast instruction selector chooses one number by a vector instruction, and lets it read its operand from memory: 16 bytes
 * where there are 4. So there one number is chosen as the integer with its bits. */
LLVMValueRef tr_select(Tr *t, const LIns *i, LLVMValueRef which, LLVMValueRef x, LLVMValueRef y)
{
    bool number = (i->type == LT_f32 || i->type == LT_f64) && i->lanes == 1;
    bool fast = (t->f->cold || t->f->exported) && tr_target(t)->vector_bytes == 32;
    if (!number || !fast) return LLVMBuildSelect(t->at, which, x, y, "");
    LLVMTypeRef bits = tr_scalar(t->cg, i->type == LT_f32 ? LT_i32 : LT_i64);
    x = LLVMBuildBitCast(t->at, x, bits, ""), y = LLVMBuildBitCast(t->at, y, bits, "");
    return LLVMBuildBitCast(t->at, LLVMBuildSelect(t->at, which, x, y, ""), tr_scalar(t->cg, i->type), "");
}
