/* SPDX-License-Identifier: MIT
 * cg.h: what the files of codegen/ share. The only header with LLVM types. */
#ifndef NNC_CODEGEN_CG_H
#define NNC_CODEGEN_CG_H

#include "codegen/codegen.h"

#include <llvm-c/Core.h>
#include <llvm-c/ExecutionEngine.h>
#include <llvm-c/TargetMachine.h>

typedef struct CgSymbol {
    const char *name;
    void *address;
} CgSymbol;

typedef struct CgFrame {
    const char *function;
    int64_t bytes;
} CgFrame;

struct Cg {
    Arena *arena;
    CgTarget target;
    const CgTarget *level[LOOP_MAX_LEVELS + 1]; /* whose machine a function is for */
    uint8_t part; /* of the loop module */
    LLVMContextRef context;
    LLVMModuleRef module;
    LLVMTargetMachineRef machine;
    LLVMTargetDataRef layout;
    LLVMExecutionEngineRef engine; /* owns the module once made */
    VEC(LLVMValueRef) constant;    /* by CgConst */
    VEC(CgSymbol) symbol;
    uint32_t n_strings;
    VEC(CgFrame) frame; /* of functions that have one (stack.c), once the object is written */
    int64_t rom;        /* of the object that was written (rom.c) */
};

typedef enum { FAMILY_X86, FAMILY_ARM64, FAMILY_ARM, FAMILY_RISCV, FAMILY_WASM } CgFamily;
typedef struct CgArch {
    const char *name; /* as triples begin */
    CgFamily family;
    int pointer_bytes;
    int helper_stack; /* bytes that memcpy and helpers of GCC 12 (libgcc) take of the stack, at most */
    const char *usual, *always; /* features: of the CPU that no one names, the first; of the others */
    const char *const *cpus;
    void (*init)(void); /* one is set up, since each costs a millisecond; cmake/options.cmake links them */
} CgArch;
/* arch.c: sets LLVM up for the triple's architecture, or returns NULL. */
const CgArch *cg_arch(const char *triple);
bool cg_has_cpu(const CgArch *arch, const char *cpu);
LLVMTargetMachineRef cg_machine(const CgTarget *target, const char **error);
/* features.c: an attribute of a function; which of the features (as LLVM names them: "avx") the target's CPU has. */
void cg_set_text(LLVMContextRef context, LLVMValueRef function, const char *key, const char *value);
void cg_find_features(Arena *arena, const CgTarget *target, LLVMTargetMachineRef machine, const char *const *name, int n, bool *has);
/* lacking.c: calls of functions for which the target has no instruction go to the core, which was linked. */
void cg_call_core(Cg *cg);
/* run_passes.c: NULL, or LLVM's complaint. */
const char *cg_run_passes(Cg *cg, LLVMModuleRef module, const char *passes, bool vectorise);
/* codegen.c: how a function is compiled. */
void cg_set_attributes(Cg *cg, LLVMValueRef function, const CgTarget *target); /* it is for this machine */
void cg_set_cold(Cg *cg, LLVMValueRef function);
int64_t cg_rom(const char *bytes, size_t n);
/* Copies LLVM's message into the arena and disposes of it. */
const char *cg_message(Arena *arena, char *message);

#endif
