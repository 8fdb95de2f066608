/* SPDX-License-Identifier: MIT
 * run_passes.c: passes of LLVM over a module. */
#include "codegen/cg.h"

#include <llvm-c/Transforms/PassBuilder.h>
#include <string.h>

const char *cg_run_passes(Cg *cg, LLVMModuleRef module, const char *passes, bool vectorise)
{
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMPassBuilderOptionsSetLoopVectorization(options, vectorise);
    LLVMPassBuilderOptionsSetSLPVectorization(options, vectorise);
    LLVMPassBuilderOptionsSetLoopInterleaving(options, false);
    LLVMPassBuilderOptionsSetLoopUnrolling(options, false);
    LLVMErrorRef error = LLVMRunPasses(module, passes, cg->machine, options);
    LLVMDisposePassBuilderOptions(options);
    if (!error) return NULL;
    char *message = LLVMGetErrorMessage(error);
    const char *text = arena_copy(cg->arena, message, strlen(message));
    LLVMDisposeErrorMessage(message);
    return text;
}
