/* SPDX-License-Identifier: MIT
 * translate_amx.c: the tile registers of AMX, by number. All of them are 16 rows of 64 bytes between L_amx_open and L_amx_close, and no
 * code in between calls anything that changes them. */
#include "codegen/translate.h"

enum { SIZES_BYTES = 64, PALETTE = 1, FIRST_WIDTH = 16, FIRST_HEIGHT = 48 }; /* what LDTILECFG reads */

static LLVMValueRef sizes(Tr *t)
{
    static const char name[] = "amx.sizes";
    LLVMValueRef g = LLVMGetNamedGlobal(t->cg->module, name);
    char data[SIZES_BYTES] = {PALETTE};
    if (g) return g;
    for (int i = 0; i < AMX_REGISTERS; i++)
        data[FIRST_WIDTH + 2 * i] = AMX_ROW_BYTES, data[FIRST_HEIGHT + i] = AMX_SIDE;
    LLVMValueRef value = LLVMConstStringInContext2(t->cg->context, data, SIZES_BYTES, 1);
    g = LLVMAddGlobal(t->cg->module, LLVMTypeOf(value), name);
    LLVMSetInitializer(g, value);
    LLVMSetGlobalConstant(g, 1);
    LLVMSetLinkage(g, LLVMPrivateLinkage);
    return g;
}

static LLVMValueRef number(Tr *t, int64_t n)
{
    return LLVMConstInt(LLVMInt8TypeInContext(t->cg->context), (unsigned long long)(n % AMX_REGISTERS), 0);
}

void tr_amx(Tr *t, const LIns *i)
{
    LLVMValueRef args[3] = {number(t, i->imm)};
    bool memory = i->op == L_amx_load || i->op == L_amx_store;
    if (memory) args[1] = tr_operand(t, i, 0), args[2] = tr_operand(t, i, 1);
    switch (i->op) {
    case L_amx_open: args[0] = sizes(t), tr_intrinsic(t, "llvm.x86.ldtilecfg", NULL, 0, args, 1); break;
    case L_amx_close: tr_intrinsic(t, "llvm.x86.tilerelease", NULL, 0, NULL, 0); break;
    case L_amx_zero: tr_intrinsic(t, "llvm.x86.tilezero", NULL, 0, args, 1); break;
    case L_amx_load: tr_intrinsic(t, "llvm.x86.tileloadd64", NULL, 0, args, 3); break;
    case L_amx_store: tr_intrinsic(t, "llvm.x86.tilestored64", NULL, 0, args, 3); break;
    default:
        args[0] = number(t, i->imm / (AMX_REGISTERS * AMX_REGISTERS));
        args[1] = number(t, i->imm / AMX_REGISTERS);
        args[2] = number(t, i->imm);
        tr_intrinsic(t, "llvm.x86.tdpbf16ps", NULL, 0, args, 3);
        break;
    }
}
