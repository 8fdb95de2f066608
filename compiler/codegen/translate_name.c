/* SPDX-License-Identifier: MIT
 * translate_name.c: names in LLVM's text, for who reads --dump=llvm beside --dump=loop.
 *
 *   %80:f32x2 = fma %75 %79 %60        %fma.80 = call <2 x float> @llvm.fma.v2f32(<2 x float> %ld.75, ..
 *
 * Without a reader LLVM is told to drop names (codegen_new), and none are made. */
#include "codegen/translate.h"

#include <string.h>

static bool is_named(const Tr *t)
{
    return !LLVMContextShouldDiscardValueNames(t->cg->context);
}

static bool is_void(LLVMValueRef value)
{
    return LLVMGetTypeKind(LLVMTypeOf(value)) == LLVMVoidTypeKind;
}

static bool wants_name(LLVMValueRef value)
{
    size_t length = 0;
    if (is_void(value) || (!LLVMIsAInstruction(value) && !LLVMIsAArgument(value))) return false;
    LLVMGetValueName2(value, &length);
    return length == 0;
}

static const char *name_of(const Tr *t, const char *what, LV v)
{
    return v ? arena_print(t->cg->arena, "%s.%u", what, v) : what;
}

void tr_name(const Tr *t, LLVMValueRef value, const char *what, LV v)
{
    if (!is_named(t) || !wants_name(value)) return;
    const char *name = name_of(t, what, v);
    if (LLVMIsAPHINode(value)) name = arena_print(t->cg->arena, "%s.phi", name); /* rotated loops have others, with a number at the end */
    LLVMSetValueName2(value, name, strlen(name));
}

LLVMBasicBlockRef tr_block(const Tr *t, const char *what, LV v)
{
    return LLVMAppendBasicBlockInContext(t->cg->context, t->function, is_named(t) ? name_of(t, what, v) : "");
}

void tr_name_instruction(const Tr *t, LV v)
{
    if (!is_named(t)) return;
    const LIns *i = &t->f->ins.at[v];
    const char *what = i->label ? i->label : loop_op_name((LoopOp)i->op);
    if (t->value[v]) tr_name(t, t->value[v], what, i->op == L_arg && i->label ? 0 : v);
    const char *part = arena_print(t->cg->arena, "%s.%u.part", what, v);
    LLVMValueRef at = LLVMGetLastInstruction(LLVMGetInsertBlock(t->at));
    for (; at && (at == t->value[v] || is_void(at) || wants_name(at)); at = LLVMGetPreviousInstruction(at))
        tr_name(t, at, part, 0);
}
