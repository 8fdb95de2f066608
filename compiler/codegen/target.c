/* SPDX-License-Identifier: MIT
 * target.c: which machine to compile for.
 *
 * The vector width is not guessed from CPU names: a small function is compiled for the target and its assembly is
 * searched for the registers that LLVM used. */
#include "codegen/cg.h"

#include <llvm-c/Target.h>
#include <string.h>

void cg_init_llvm(void)
{
    LLVMInitializeAllTargetInfos();
    LLVMInitializeAllTargets();
    LLVMInitializeAllTargetMCs();
    LLVMInitializeAllAsmPrinters();
    LLVMInitializeAllAsmParsers();
}

const char *cg_message(Arena *arena, char *message)
{
    const char *copy = message ? arena_copy(arena, message, strlen(message)) : "unknown error";
    if (message)
        LLVMDisposeMessage(message);
    return copy;
}

LLVMTargetMachineRef cg_machine(const CgTarget *target, const char **error)
{
    static const char no_target[] = "this build of LLVM has no such target";
    LLVMTargetRef ref;
    char *message = NULL;
    if (LLVMGetTargetFromTriple(target->triple, &ref, &message)) {
        LLVMDisposeMessage(message);
        *error = no_target;
        return NULL;
    }
    return LLVMCreateTargetMachine(ref, target->triple, target->cpu, target->features, LLVMCodeGenLevelDefault,
                                   LLVMRelocPIC, LLVMCodeModelDefault);
}

/* Assembly of one <16 x float> a*b+c for the target. */
static const char *probe_assembly(Arena *arena, LLVMTargetMachineRef machine, const CgTarget *target)
{
    LLVMContextRef context = LLVMContextCreate();
    LLVMModuleRef module = LLVMModuleCreateWithNameInContext("probe", context);
    LLVMTypeRef vector = LLVMVectorType(LLVMFloatTypeInContext(context), 16);
    LLVMTypeRef ptr = LLVMPointerTypeInContext(context, 0), params[3] = {ptr, ptr, ptr};
    LLVMValueRef f = LLVMAddFunction(module, "probe",
                                     LLVMFunctionType(LLVMVoidTypeInContext(context), params, 3, 0));
    LLVMSetTarget(module, target->triple);
    const char *wide = "prefer-vector-width";
    LLVMAddAttributeAtIndex(f, LLVMAttributeFunctionIndex,
                            LLVMCreateStringAttribute(context, wide, (unsigned)strlen(wide), "512", 3));
    LLVMBuilderRef builder = LLVMCreateBuilderInContext(context);
    LLVMPositionBuilderAtEnd(builder, LLVMAppendBasicBlockInContext(context, f, ""));
    LLVMValueRef v[3];
    for (unsigned i = 0; i < 3; i++)
        v[i] = LLVMBuildLoad2(builder, vector, LLVMGetParam(f, i), "");
    unsigned id = LLVMLookupIntrinsicID("llvm.fma", 8);
    LLVMValueRef fma = LLVMGetIntrinsicDeclaration(module, id, &vector, 1);
    LLVMTypeRef fma_type = LLVMIntrinsicGetType(context, id, &vector, 1);
    LLVMBuildStore(builder, LLVMBuildCall2(builder, fma_type, fma, v, 3, ""), LLVMGetParam(f, 0));
    LLVMBuildRetVoid(builder);
    LLVMMemoryBufferRef buffer = NULL;
    char *message = NULL;
    const char *text = "";
    if (LLVMTargetMachineEmitToMemoryBuffer(machine, module, LLVMAssemblyFile, &message, &buffer)) {
        LLVMDisposeMessage(message);
    } else {
        text = arena_copy(arena, LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer));
        LLVMDisposeMemoryBuffer(buffer);
    }
    LLVMDisposeBuilder(builder);
    LLVMDisposeModule(module);
    LLVMContextDispose(context);
    return text;
}

static void resolve_host(Arena *arena, CgTarget *target)
{
    char *host = LLVMGetDefaultTargetTriple();
    bool is_host = !target->triple || strcmp(target->triple, host) == 0;
    if (!target->triple)
        target->triple = arena_copy(arena, host, strlen(host));
    LLVMDisposeMessage(host);
    bool native = !target->cpu || strcmp(target->cpu, "native") == 0;
    if (native && is_host) {
        target->cpu = cg_message(arena, LLVMGetHostCPUName());
        target->features = cg_message(arena, LLVMGetHostCPUFeatures());
    } else if (native) {
        target->cpu = "generic";
    }
    if (!target->features)
        target->features = "";
}

const char *codegen_target(Arena *arena, CgTarget *target, bool strict_fp)
{
    cg_init_llvm();
    resolve_host(arena, target);
    const char *error = NULL;
    LLVMTargetMachineRef machine = cg_machine(target, &error);
    if (!machine)
        return arena_print(arena, "%s: '%s'", error ? error : "unknown target", target->triple);
    const char *text = probe_assembly(arena, machine, target);
    LLVMDisposeTargetMachine(machine);
    bool x86 = strncmp(target->triple, "x86_64", 6) == 0 || strncmp(target->triple, "i", 1) == 0;
    LoopTarget *loop = &target->loop;
    loop->strict = strict_fp;
    loop->vector_bytes = 16;
    loop->n_registers = x86 ? 16 : 32;
    if (x86)
        loop->fma = strstr(text, "vfmadd") != NULL;
    else
        loop->fma = strstr(text, "fmla") != NULL || strstr(text, "fmadd") != NULL || strstr(text, "vfmadd") != NULL;
    if (strstr(text, "zmm")) {
        loop->vector_bytes = 64;
        loop->n_registers = 32;
    } else if (strstr(text, "ymm")) {
        loop->vector_bytes = 32;
    }
    return NULL;
}
