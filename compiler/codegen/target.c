/* SPDX-License-Identifier: MIT
 * target.c: which machine to compile for.
 *
 * The vector width is not guessed from CPU names: the host lists its features, and LLVM knows those of other CPUs (features.c). */
#include "codegen/cg.h"
#include "nnrt_abi.h"

#include <llvm-c/Target.h>
#include <stddef.h>
#include <string.h>

#include "support/budget.h"

#define SAME(a, b) ((int)(a) == (int)(b))
_Static_assert(SAME(offsetof(nnrt_ctx, table), CTX_TABLE) && SAME(offsetof(nnrt_ctx, base), CTX_BASE) &&
                   SAME(offsetof(nnrt_ctx, nt), CTX_NT) && SAME(offsetof(nnrt_ctx, suspect), CTX_SUSPECT) &&
                   SAME(offsetof(nnrt_ctx, watch), CTX_WATCH) && SAME(NNRT_BASE_MODEL, LBASE_MODEL) && SAME(NNRT_BASE_TRAIN, LBASE_TRAIN) &&
                   SAME(NNRT_BASE_SUMS, LBASE_SUMS) && SAME(NNRT_BASE_WORK, LBASE_WORK) && SAME(NNRT_BASE_SCRATCH, LBASE_SCRATCH) &&
                   SAME(NNRT_BASE_OPTIONS, LBASE_OPTIONS) && SAME(NNRT_BASE_COUNTERS, LBASE_COUNTERS) &&
                   SAME(NNRT_BASE_CONST, LBASE_CONST) && SAME(NNRT_BASE_ARG, LBASE_ARG) && SAME(NNRT_E_RANGE, FAIL_RANGE),
               "loop/ and the runtime disagree");

const char *cg_message(Arena *arena, char *message)
{
    if (!message) budget_no_memory(); /* LLVM's C interface makes its texts with strdup */
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
    return LLVMCreateTargetMachine(ref, target->triple, target->cpu, target->features, LLVMCodeGenLevelDefault, LLVMRelocPIC,
                                   LLVMCodeModelDefault);
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

/* "+sse2,+avx,-avx512f": the host's own list */
static bool is_listed(const char *features, const char *name)
{
    size_t n = strlen(name);
    for (const char *f = features; (f = strstr(f, name)); f += n)
        if (f > features && f[-1] == '+' && (f[n] == ',' || f[n] == 0)) return true;
    return false;
}

static void find_x86(Arena *arena, CgTarget *target, LLVMTargetMachineRef machine, bool native)
{
    static const char *const name[] = {
#define CPU(NAME, TEXT, ...) [NNRT_CPU_##NAME] = TEXT,
#include "cpu.def"
    };
    bool has[NNRT_N_CPU];
    for (int i = 0; i < NNRT_N_CPU && native; i++)
        has[i] = is_listed(target->features, name[i]);
    if (!native) cg_find_features(arena, target, machine, name, NNRT_N_CPU, has);
    if (!has[NNRT_CPU_sse2]) BUG("every x86_64 has SSE2, but not %s", target->cpu);
    for (int i = 0; i < NNRT_N_CPU; i++)
        target->needs |= (uint64_t)has[i] << i;
    target->loop.fma = has[NNRT_CPU_fma] || has[NNRT_CPU_fma4];
    target->loop.floor = has[NNRT_CPU_sse41];
    target->loop.vector_bytes = has[NNRT_CPU_avx512f] ? 64 : has[NNRT_CPU_avx] ? 32 : 16;
    target->loop.n_registers = has[NNRT_CPU_avx512f] ? 32 : 16;
}

const char *codegen_target(Arena *arena, CgTarget *target, bool strict_fp)
{
    codegen_start();
    bool native = resolve_host(arena, target);
    const char *error = NULL;
    target->arch = cg_arch(target->triple);
    if (!target->arch)
        return arena_print(arena, "target `%s`: code is made for x86_64, aarch64 and riscv64, as in `aarch64-linux-gnu`", target->triple);
    if (!native && !cg_has_cpu(target->arch, target->cpu))
        return arena_print(arena, "unknown CPU '%s' for %s", target->cpu, target->triple);
    LLVMTargetMachineRef machine = cg_machine(target, &error);
    if (!machine) return arena_print(arena, "%s: '%s'", error ? error : "unknown target", target->triple);
    /* NEON, and F of riscv64, have both instructions */
    target->loop = (LoopTarget){.vector_bytes = 16, .n_registers = 32, .fma = true, .floor = true, .strict = strict_fp};
    if (strcmp(target->arch, "x86_64") == 0) find_x86(arena, target, machine, native);
    LLVMDisposeTargetMachine(machine);
    return NULL;
}

static bool is_x86(const CgTarget *target)
{
    return strcmp(target->arch, "x86_64") == 0;
}

/* Three levels that nearly all processors are one of; GCC, LLVM and glibc know them by these names. */
static const char *set_levels(Arena *arena, CgTargets *targets, bool strict_fp)
{
    static const char *const name[LOOP_MAX_LEVELS][2] = {{"x86-64-v2", ".v2"}, {"x86-64-v3", ".v3"}, {"x86-64-v4", ".v4"}};
    const char *triple = targets->at[0].triple, *error = NULL;
    targets->n = LOOP_MAX_LEVELS;
    for (uint32_t i = 0; i < targets->n && !error; i++) {
        targets->at[i] = (CgTarget){.triple = triple, .cpu = name[i][0]};
        error = codegen_target(arena, &targets->at[i], strict_fp);
        targets->at[i].loop.level = (uint8_t)i;
        targets->at[i].loop.suffix = name[i][1];
    }
    return error;
}

const char *codegen_targets(Arena *arena, CgTargets *targets, const char *triple, const char *cpu, bool strict_fp)
{
    *targets = (CgTargets){.at = {{.triple = triple, .cpu = cpu}}, .n = 1};
    const char *error = codegen_target(arena, &targets->at[0], strict_fp);
    if (!error && is_x86(&targets->at[0]) && cpu && strcmp(cpu, "generic") == 0) error = set_levels(arena, targets, strict_fp);
    if (error) return error;
    CgTarget *every = &targets->at[targets->n];
    *every = targets->at[0];
    if (is_x86(every)) {
        every->cpu = "x86-64", every->features = "", every->needs = 0;
        every->loop = (LoopTarget){.vector_bytes = 16, .n_registers = 16, .strict = strict_fp};
    }
    every->loop.level = (uint8_t)targets->n;
    every->loop.suffix = NULL;
    return NULL;
}
