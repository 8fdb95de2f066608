/* SPDX-License-Identifier: MIT
 * stack.c: how much stack a function takes at most, with all that it calls.
 *
 * LLVM says of each function how large its frame is, if that is above a limit, which is 0 here. What it calls stands in its IR; calls by
 * pointers are resolved by who knows what they can reach. Nothing is recursive. memcpy and the helpers of the target's compiler (libgcc:
 * divisions, doubles) are called by generated code and call nothing of it: the most that one of them takes is added once. */
#include "codegen/cg.h"

#include <stdlib.h>
#include <string.h>

static void take_frame(LLVMDiagnosticInfoRef info, void *user)
{
    static const char before[] = "stack frame size (", name[] = "in function '";
    Cg *cg = user;
    char *given = LLVMGetDiagInfoDescription(info);
    const char *text = arena_copy(cg->arena, given, strlen(given)), *size = strstr(text, before), *function = strstr(text, name);
    LLVMDiagnosticSeverity severity = LLVMGetDiagInfoSeverity(info);
    LLVMDisposeMessage(given);
    if (!size || !function) {
        if (severity == LLVMDSError) BUG("LLVM: %s", text);
        return;
    }
    function += sizeof name - 1;
    function = arena_copy(cg->arena, function, strcspn(function, "'"));
    vec_add(cg->arena, &cg->frame, ((CgFrame){function, strtoll(size + sizeof before - 1, NULL, 10)}));
}

void codegen_watch_stack(Cg *cg)
{
    LLVMContextSetDiagnosticHandler(cg->context, take_frame, cg);
    for (LLVMValueRef f = LLVMGetFirstFunction(cg->module); f; f = LLVMGetNextFunction(f))
        if (!LLVMIsDeclaration(f)) cg_set_text(cg->context, f, "warn-stack-size", "0");
}

enum { MOST_DEEP = 64 };

typedef struct Walk {
    const Cg *cg;
    const CgReach *reach;
    LLVMValueRef path[MOST_DEEP]; /* functions that have been called and have not returned */
    uint32_t n;
} Walk;

static int64_t deepest(Walk *w, LLVMValueRef f);

static int64_t frame_of(const Cg *cg, LLVMValueRef f)
{
    size_t n;
    const char *name = LLVMGetValueName2(f, &n);
    for (uint32_t i = 0; i < cg->frame.n; i++)
        if (strcmp(cg->frame.at[i].function, name) == 0) return cg->frame.at[i].bytes;
    return 0;
}

static int64_t larger(int64_t x, int64_t y)
{
    return x > y ? x : y;
}

static bool can_be(const Walk *w, LLVMValueRef f, LLVMValueRef call)
{
    if (!f || LLVMIsDeclaration(f) || LLVMGlobalGetValueType(f) != LLVMGetCalledFunctionType(call)) return false;
    for (uint32_t i = 0; i < w->n; i++)
        if (w->path[i] == f) return false;
    return true;
}

static int64_t below(Walk *w, LLVMValueRef call)
{
    LLVMValueRef callee = LLVMGetCalledValue(call);
    int64_t most = 0;
    if (LLVMIsAFunction(callee)) return LLVMIsDeclaration(callee) ? 0 : deepest(w, callee);
    for (uint32_t i = 0; i < w->reach->n; i++) {
        LLVMValueRef f = LLVMGetNamedFunction(w->cg->module, w->reach->function[i]);
        if (can_be(w, f, call)) most = larger(most, deepest(w, f));
    }
    return most;
}

static int64_t deepest(Walk *w, LLVMValueRef f)
{
    int64_t most = 0, own = frame_of(w->cg, f);
    bool grows = false;
    if (w->n == MOST_DEEP) BUG("calls are nested too deeply");
    w->path[w->n++] = f;
    for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(f); block; block = LLVMGetNextBasicBlock(block))
        for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i)) {
            LLVMOpcode op = LLVMGetInstructionOpcode(i);
            if (op == LLVMCall) most = larger(most, below(w, i));
            grows |= op == LLVMAlloca && (block != LLVMGetEntryBasicBlock(f) || !LLVMIsConstant(LLVMGetOperand(i, 0)));
        }
    w->n--;
    return own + (grows ? w->reach->table_bytes : 0) + most;
}

int64_t codegen_stack(const Cg *cg, const char *function, const CgReach *reach)
{
    Walk w = {.cg = cg, .reach = reach};
    LLVMValueRef f = LLVMGetNamedFunction(cg->module, function);
    if (!f) BUG("no function %s", function);
    return deepest(&w, f) + cg_arch(cg->target.arch)->helper_stack;
}
