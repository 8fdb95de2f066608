/* SPDX-License-Identifier: MIT
 * codegen.c: the life of an LLVM module: new, link the core in, optimise, write, JIT, free. */
#include "codegen/cg.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/BitReader.h>
#include <llvm-c/Linker.h>
#include <llvm-c/Target.h>
#include <string.h>

#include "support/budget.h"
#include "support/output.h"

Cg *codegen_new(Arena *arena, const CgTarget *target, const char *module_name, uint32_t part)
{
    Cg *cg = ARENA_NEW(arena, Cg);
    const char *error = NULL;
    cg->arena = arena;
    cg->target = *target;
    for (int i = 0; i <= LOOP_MAX_LEVELS; i++)
        cg->level[i] = &cg->target;
    cg->part = (uint8_t)part;
    cg->context = LLVMContextCreate();
    LLVMContextSetDiscardValueNames(cg->context, 1);
    cg->module = LLVMModuleCreateWithNameInContext(module_name, cg->context);
    cg->machine = cg_machine(target, &error);
    if (!cg->machine) BUG("target %s was not resolved", target->triple);
    cg->layout = LLVMCreateTargetDataLayout(cg->machine);
    LLVMSetTarget(cg->module, target->triple);
    LLVMSetModuleDataLayout(cg->module, cg->layout);
    vec_add(arena, &cg->constant, NULL);
    return cg;
}

void codegen_levels(Cg *cg, const CgTargets *targets)
{
    for (uint32_t i = 0; i <= targets->n; i++)
        cg->level[i] = &targets->at[i];
}

void codegen_keep_names(Cg *cg)
{
    LLVMContextSetDiscardValueNames(cg->context, 0);
}

static void set_flag(Cg *cg, LLVMValueRef function, const char *name)
{
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    LLVMAddAttributeAtIndex(function, LLVMAttributeFunctionIndex, LLVMCreateEnumAttribute(cg->context, kind, 0));
}

void cg_set_attributes(Cg *cg, LLVMValueRef function, const CgTarget *target)
{
    cg_set_text(cg->context, function, "target-cpu", target->cpu);
    cg_set_text(cg->context, function, "target-features", target->features);
    /* Without it some CPUs are tuned to split 512-bit vectors, and kernels spill. */
    if (target->loop.vector_bytes == 64) cg_set_text(cg->context, function, "prefer-vector-width", "512");
    set_flag(cg, function, "nounwind");
    if (target->fixed || target->compact) set_flag(cg, function, "optsize"), set_flag(cg, function, "minsize");
}

/* No passes and the fast instruction selector. */
void cg_set_cold(Cg *cg, LLVMValueRef function)
{
    if (cg->target.small || cg->target.compact) return;
    set_flag(cg, function, "noinline");
    set_flag(cg, function, "optnone");
}

static LLVMModuleRef read_bitcode(Cg *cg, const unsigned char *bytes, size_t n)
{
    LLVMMemoryBufferRef buffer = LLVMCreateMemoryBufferWithMemoryRangeCopy((const char *)bytes, n, "core");
    if (!buffer) budget_no_memory(); /* LLVM takes buffers by malloc, and hands on what it got */
    LLVMModuleRef core = NULL;
    if (LLVMParseBitcodeInContext2(cg->context, buffer, &core)) BUG("the core's bitcode cannot be read");
    LLVMDisposeMemoryBuffer(buffer);
    LLVMSetTarget(core, cg->target.triple);
    LLVMSetModuleDataLayout(core, cg->layout);
    return core;
}

static bool is_named(const char *const *name, uint32_t n, const char *function)
{
    for (uint32_t i = 0; i < n; i++)
        if (strcmp(name[i], function) == 0) return true;
    return false;
}

/* What they call stays: it has no linkage, and goes later where nobody does. */
static void drop_others(LLVMModuleRef core, const char *const *name, uint32_t n)
{
    for (LLVMValueRef f = LLVMGetFirstFunction(core), next; f; f = next) {
        size_t length;
        next = LLVMGetNextFunction(f);
        if (!LLVMIsDeclaration(f) && LLVMGetLinkage(f) == LLVMExternalLinkage && !is_named(name, n, LLVMGetValueName2(f, &length)))
            LLVMDeleteFunction(f);
    }
}

static void add_to_name(Cg *cg, LLVMValueRef function, const char *suffix)
{
    size_t n;
    const char *name = LLVMGetValueName2(function, &n);
    name = arena_print(cg->arena, "%.*s%s", (int)n, name, suffix);
    LLVMSetValueName2(function, name, strlen(name));
}

/* The core was optimised when the compiler was built, without this program's machine in mind. */
static void prepare_core(Cg *cg, uint32_t level, LLVMModuleRef core, bool fast)
{
    const CgTarget *target = cg->level[level];
    for (LLVMValueRef f = LLVMGetFirstFunction(core); f; f = LLVMGetNextFunction(f)) {
        bool defined = !LLVMIsDeclaration(f);
        cg_set_attributes(cg, f, target); /* of declarations, too: they may name features of another machine */
        if (fast && defined) cg_set_cold(cg, f);
        if (!fast && defined && target->loop.suffix) add_to_name(cg, f, target->loop.suffix);
    }
    if (cg->target.no_atomics) cg_run_passes(cg, core, "function(lower-atomic)", false);
    if (fast || target->compact) return;
    const char *error = cg_run_passes(cg, core, "function(loop-vectorize,instcombine<no-verify-fixpoint>,simplifycfg)", true);
    if (error) BUG("optimising the core: %s", error);
}

void codegen_bitcode(Cg *cg, uint32_t level, const unsigned char *bytes, size_t n, const char *const *wanted, uint32_t n_wanted)
{
    if (cg->constant.n > 1) BUG("bitcode is linked before constants are made");
    LLVMModuleRef core = read_bitcode(cg, bytes, n);
    if (wanted) drop_others(core, wanted, n_wanted);
    prepare_core(cg, level, core, !wanted);
    VEC(const char *) defined = {0};
    for (LLVMValueRef f = LLVMGetFirstFunction(core); f; f = LLVMGetNextFunction(f)) {
        size_t length;
        const char *name = LLVMGetValueName2(f, &length);
        if (!LLVMIsDeclaration(f)) vec_add(cg->arena, &defined, arena_copy(cg->arena, name, length));
    }
    VEC(const char *) data = {0};
    for (LLVMValueRef g = LLVMGetFirstGlobal(core); g; g = LLVMGetNextGlobal(g)) {
        size_t length;
        const char *name = LLVMGetValueName2(g, &length);
        if (!LLVMIsDeclaration(g) && LLVMGetLinkage(g) == LLVMExternalLinkage)
            vec_add(cg->arena, &data, arena_copy(cg->arena, name, length));
    }
    if (LLVMLinkModules2(cg->module, core)) BUG("the core cannot be linked");
    for (uint32_t i = 0; i < defined.n; i++) {
        LLVMValueRef f = LLVMGetNamedFunction(cg->module, defined.at[i]);
        if (f) LLVMSetLinkage(f, LLVMInternalLinkage);
    }
    for (uint32_t i = 0; i < data.n; i++)
        LLVMSetLinkage(LLVMGetNamedGlobal(cg->module, data.at[i]), LLVMInternalLinkage);
}

const char *codegen_verify(Cg *cg)
{
    char *message = NULL;
    if (LLVMVerifyModule(cg->module, LLVMReturnStatusAction, &message)) return cg_message(cg->arena, message);
    LLVMDisposeMessage(message);
    return NULL;
}

/* Explicit vectors leave little to LLVM: these passes give the speed of "default<O2>" in a sixth of
 * its time (measured on 50 contractions). The core has been through all of them. */
void codegen_optimize(Cg *cg, int level)
{
    static const char passes[] = "globaldce,function(early-cse<memssa>,instcombine<no-verify-fixpoint>,simplifycfg,"
                                 "loop-mssa(loop-rotate,licm),early-cse<memssa>,instcombine<no-verify-fixpoint>,"
                                 "simplifycfg)";
    cg_call_core(cg);
    const char *all = cg->target.compact ? "default<Oz>" : passes;
    const char *error = cg_run_passes(cg, cg->module, level > 0 ? all : "globaldce", false);
    /* The pattern of "default<...>" is compiled before main, and after: without memory it matches nothing. */
    if (error && strstr(error, all) && cg->target.compact) budget_no_memory();
    if (error) BUG("optimising: %s", error);
}

const char *codegen_write(Cg *cg, const char *path, bool assembly)
{
    char *message = NULL;
    LLVMCodeGenFileType type = assembly ? LLVMAssemblyFile : LLVMObjectFile;
    LLVMMemoryBufferRef buffer = NULL;
    if (LLVMTargetMachineEmitToMemoryBuffer(cg->machine, cg->module, type, &message, &buffer)) return cg_message(cg->arena, message);
    if (!buffer) budget_no_memory();
    const char *wrong = output_bytes(cg->arena, path, LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer));
    cg->rom = cg_rom(LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer));
    LLVMDisposeMemoryBuffer(buffer);
    return wrong;
}

int64_t codegen_rom(const Cg *cg)
{
    return cg->rom;
}

const char *codegen_ir(Cg *cg)
{
    return cg_message(cg->arena, LLVMPrintModuleToString(cg->module));
}

void codegen_jit_symbol(Cg *cg, const char *name, void *address)
{
    vec_add(cg->arena, &cg->symbol, (CgSymbol){name, address});
}

static const char *start_jit(Cg *cg)
{
    struct LLVMMCJITCompilerOptions options;
    char *message = NULL;
    LLVMLinkInMCJIT();
    LLVMInitializeMCJITCompilerOptions(&options, sizeof options);
    options.OptLevel = 2;
    for (LLVMValueRef f = LLVMGetFirstFunction(cg->module); f; f = LLVMGetNextFunction(f))
        if (!LLVMIsDeclaration(f)) LLVMSetLinkage(f, LLVMExternalLinkage);
    if (LLVMCreateMCJITCompilerForModule(&cg->engine, cg->module, &options, sizeof options, &message))
        return cg_message(cg->arena, message);
    for (uint32_t i = 0; i < cg->symbol.n; i++) {
        LLVMValueRef f = LLVMGetNamedFunction(cg->module, cg->symbol.at[i].name);
        if (!f) f = LLVMGetNamedGlobal(cg->module, cg->symbol.at[i].name);
        if (f) LLVMAddGlobalMapping(cg->engine, f, cg->symbol.at[i].address);
    }
    return NULL;
}

void *codegen_jit(Cg *cg, const char *function, const char **error)
{
    *error = cg->engine ? NULL : start_jit(cg);
    if (*error) return NULL;
    void *address = (void *)(uintptr_t)LLVMGetFunctionAddress(cg->engine, function);
    if (!address) *error = arena_print(cg->arena, "no function %s", function);
    return address;
}

void codegen_free(Cg *cg)
{
    if (cg->engine)
        LLVMDisposeExecutionEngine(cg->engine);
    else
        LLVMDisposeModule(cg->module);
    LLVMDisposeTargetData(cg->layout);
    LLVMDisposeTargetMachine(cg->machine);
    LLVMContextDispose(cg->context);
}
