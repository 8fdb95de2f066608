/* SPDX-License-Identifier: MIT
 * features.c: which instructions a CPU has.
 *
 * LLVM's C interface lists the features of the host only, but its inliner knows those of every CPU: a function goes into
 * another one only where the caller's machine has all that the callee is compiled for. So a function for the CPU calls one for
 * the CPU with the feature added; if the call is gone after inlining, the CPU had it. */
#include "codegen/cg.h"

#include <llvm-c/Transforms/PassBuilder.h>
#include <string.h>

void cg_set_text(LLVMContextRef context, LLVMValueRef function, const char *key, const char *value)
{
    LLVMAddAttributeAtIndex(function, LLVMAttributeFunctionIndex,
                            LLVMCreateStringAttribute(context, key, (unsigned)strlen(key), value, (unsigned)strlen(value)));
}

static LLVMValueRef add_function(Arena *arena, LLVMModuleRef module, const CgTarget *target, const char *feature, LLVMValueRef callee)
{
    LLVMContextRef context = LLVMGetModuleContext(module);
    LLVMTypeRef type = LLVMFunctionType(LLVMVoidTypeInContext(context), NULL, 0, 0);
    LLVMValueRef function = LLVMAddFunction(module, "", type);
    const char *features = target->features;
    if (feature) features = arena_print(arena, "%s%s+%s", features, *features ? "," : "", feature);
    cg_set_text(context, function, "target-cpu", target->cpu);
    cg_set_text(context, function, "target-features", features);
    LLVMBuilderRef builder = LLVMCreateBuilderInContext(context);
    LLVMPositionBuilderAtEnd(builder, LLVMAppendBasicBlockInContext(context, function, ""));
    if (callee) LLVMBuildCall2(builder, type, callee, NULL, 0, "");
    LLVMBuildRetVoid(builder);
    LLVMDisposeBuilder(builder);
    return function;
}

void cg_find_features(Arena *arena, const CgTarget *target, LLVMTargetMachineRef machine, const char *const *name, int n, bool *has)
{
    LLVMContextRef context = LLVMContextCreate();
    LLVMModuleRef module = LLVMModuleCreateWithNameInContext("features", context);
    LLVMSetTarget(module, target->triple);
    LLVMValueRef *caller = ARENA_ARRAY(arena, LLVMValueRef, n + 1);
    for (int i = 0; i < n; i++)
        caller[i] = add_function(arena, module, target, NULL, add_function(arena, module, target, name[i], NULL));
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    if (LLVMRunPasses(module, "cgscc(inline)", machine, options)) BUG("inlining for the features of %s", target->cpu);
    LLVMDisposePassBuilderOptions(options);
    for (int i = 0; i < n; i++)
        has[i] = LLVMGetInstructionOpcode(LLVMGetFirstInstruction(LLVMGetEntryBasicBlock(caller[i]))) == LLVMRet;
    LLVMDisposeModule(module);
    LLVMContextDispose(context);
}
