/* SPDX-License-Identifier: MIT
 * target.c: which machine to compile for.
 *
 * The vector width is not guessed from CPU names: the host tells its features; for another CPU a
 * small function is compiled and its assembly searched for the registers that LLVM used. */
#include "codegen/cg.h"
#include "nnrt_abi.h"

#include <llvm-c/Target.h>
#include <stddef.h>
#include <string.h>

#include "support/output.h"

#define SAME(a, b) ((int)(a) == (int)(b))
_Static_assert(SAME(offsetof(nnrt_ctx, table), CTX_TABLE) &&
                   SAME(offsetof(nnrt_ctx, base), CTX_BASE) &&
                   SAME(offsetof(nnrt_ctx, nt), CTX_NT) && SAME(offsetof(nnrt_ctx, suspect), CTX_SUSPECT) &&
                   SAME(NNRT_BASE_MODEL, LBASE_MODEL) &&
                   SAME(NNRT_BASE_TRAIN, LBASE_TRAIN) && SAME(NNRT_BASE_SUMS, LBASE_SUMS) &&
                   SAME(NNRT_BASE_WORK, LBASE_WORK) && SAME(NNRT_BASE_SCRATCH, LBASE_SCRATCH) &&
                   SAME(NNRT_BASE_OPTIONS, LBASE_OPTIONS) &&
                   SAME(NNRT_BASE_COUNTERS, LBASE_COUNTERS) && SAME(NNRT_BASE_CONST, LBASE_CONST) &&
                   SAME(NNRT_BASE_ARG, LBASE_ARG) && SAME(NNRT_E_RANGE, FAIL_RANGE),
               "loop/ and the runtime disagree");

const char *cg_message(Arena *arena, char *message)
{
    if (!message) output_no_memory(); /* LLVM's C interface makes its texts with strdup */
    const char *copy = arena_copy(arena, message, strlen(message));
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
    return LLVMCreateTargetMachine(ref, target->triple, target->cpu, target->features,
                                   LLVMCodeGenLevelDefault, LLVMRelocPIC, LLVMCodeModelDefault);
}

/* Assembly of one <16 x float> floor(a*b+c) for the target. */
static const char *probe_assembly(Arena *arena, LLVMTargetMachineRef machine,
                                  const CgTarget *target)
{
    LLVMContextRef context = LLVMContextCreate();
    LLVMModuleRef module = LLVMModuleCreateWithNameInContext("probe", context);
    LLVMTypeRef vector = LLVMVectorType(LLVMFloatTypeInContext(context), 16);
    LLVMTypeRef ptr = LLVMPointerTypeInContext(context, 0), params[3] = {ptr, ptr, ptr};
    LLVMValueRef f = LLVMAddFunction(
        module, "probe", LLVMFunctionType(LLVMVoidTypeInContext(context), params, 3, 0));
    LLVMSetTarget(module, target->triple);
    const char *wide = "prefer-vector-width";
    LLVMAddAttributeAtIndex(
        f, LLVMAttributeFunctionIndex,
        LLVMCreateStringAttribute(context, wide, (unsigned)strlen(wide), "512", 3));
    LLVMBuilderRef builder = LLVMCreateBuilderInContext(context);
    LLVMPositionBuilderAtEnd(builder, LLVMAppendBasicBlockInContext(context, f, ""));
    LLVMValueRef v[3];
    for (unsigned i = 0; i < 3; i++)
        v[i] = LLVMBuildLoad2(builder, vector, LLVMGetParam(f, i), "");
    unsigned id = LLVMLookupIntrinsicID("llvm.fma", 8);
    LLVMValueRef fma = LLVMGetIntrinsicDeclaration(module, id, &vector, 1);
    LLVMTypeRef fma_type = LLVMIntrinsicGetType(context, id, &vector, 1);
    LLVMValueRef sum = LLVMBuildCall2(builder, fma_type, fma, v, 3, "");
    LLVMValueRef floor = LLVMGetIntrinsicDeclaration(module, LLVMLookupIntrinsicID("llvm.floor", 10), &vector, 1);
    LLVMBuildStore(builder, LLVMBuildCall2(builder, LLVMGlobalGetValueType(floor), floor, &sum, 1, ""), LLVMGetParam(f, 0));
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

/* True: the CPU is the host's own. */
static bool resolve_host(Arena *arena, CgTarget *target)
{
    const char *host = cg_message(arena, LLVMGetDefaultTargetTriple());
    bool is_host = !target->triple || strcmp(target->triple, host) == 0;
    if (!target->triple) target->triple = host;
    size_t arch = strcspn(host, "-");
    target->is_foreign = strncmp(target->triple, host, arch) != 0 || strcspn(target->triple, "-") != arch;
    bool native = !target->cpu || strcmp(target->cpu, "native") == 0;
    if (native && is_host) {
        target->cpu = cg_message(arena, LLVMGetHostCPUName());
        target->features = cg_message(arena, LLVMGetHostCPUFeatures());
    } else if (native) {
        target->cpu = "generic";
    }
    if (strncmp(target->triple, "riscv64", 7) == 0 && strncmp(target->cpu, "generic", 7) == 0)
        target->cpu = "generic-rv64", target->features = "+m,+a,+f,+d,+c"; /* what Linux asks for */
    if (!target->features) target->features = "";
    return native && is_host;
}

static void read_assembly(LoopTarget *loop, const char *text, bool x86)
{
    bool fma = strstr(text, "vfmadd") != NULL;
    bool arm_fma = strstr(text, "fmla") != NULL || strstr(text, "fmadd") != NULL;
    loop->fma = fma || (!x86 && arm_fma);
    loop->floor = !strstr(text, "floorf");
    loop->vector_bytes = x86 && strstr(text, "zmm") ? 64 : x86 && strstr(text, "ymm") ? 32 : 16;
}

static bool has_feature(const char *features, const char *name)
{
    size_t n = strlen(name);
    for (const char *f = features; (f = strstr(f, name)); f += n)
        if ((f == features || f[-1] == ',') && (f[n] == ',' || f[n] == 0)) return true;
    return false;
}

/* "+sse2,+avx,-avx512f": an x86 host's own list */
static void read_features(LoopTarget *loop, const char *features)
{
    loop->fma = has_feature(features, "+fma");
    loop->floor = has_feature(features, "+sse4.1");
    loop->vector_bytes =
        has_feature(features, "+avx512f") ? 64 : has_feature(features, "+avx") ? 32 : 16;
}

const char *codegen_target(Arena *arena, CgTarget *target, bool strict_fp)
{
    codegen_start();
    bool native = resolve_host(arena, target);
    const char *error = NULL;
    target->arch = cg_arch(target->triple);
    if (!target->arch)
        return arena_print(arena, "target `%s`: code is made for x86_64, aarch64 and riscv64, as in `aarch64-linux-gnu`", target->triple);
    bool x86 = strcmp(target->arch, "x86_64") == 0;
    if (!native && !cg_has_cpu(target->arch, target->cpu))
        return arena_print(arena, "unknown CPU '%s' for %s", target->cpu, target->triple);
    LLVMTargetMachineRef machine = cg_machine(target, &error);
    if (!machine)
        return arena_print(arena, "%s: '%s'", error ? error : "unknown target", target->triple);
    LoopTarget *loop = &target->loop;
    loop->strict = strict_fp;
    loop->n_registers = x86 ? 16 : 32;
    if (x86 && native)
        read_features(loop, target->features);
    else
        read_assembly(loop, probe_assembly(arena, machine, target), x86);
    if (loop->vector_bytes == 64) loop->n_registers = 32;
    LLVMDisposeTargetMachine(machine);
    return NULL;
}
