/* SPDX-License-Identifier: MIT
 * target.c: which machine to compile for.
 *
 * Nothing is guessed from names of CPUs: the host lists its features, and LLVM knows those of other CPUs (features.c). What a machine
 * lacks is a property of its LoopTarget and CgTarget; no other file asks which it is. */
#include "codegen/cg.h"
#include "nnrt_abi.h"

#include <llvm-c/Target.h>
#include <stddef.h>
#include <string.h>

#include "support/budget.h"

#define SAME(a, b) ((int)(a) == (int)(b))
_Static_assert(SAME(offsetof(nnrt_ctx, table), CTX_TABLE) && SAME(offsetof(nnrt_ctx, base), CTX_BASE) &&
                   SAME(offsetof(nnrt_ctx, nt), CTX_NT) && SAME(offsetof(nnrt_ctx, suspect), CTX_SUSPECT) &&
                   SAME(offsetof(nnrt_ctx, watch), CTX_WATCH) && SAME(offsetof(nnrt_ctx, from), CTX_FROM) &&
                   SAME(NNRT_BASE_MODEL, LBASE_MODEL) && SAME(NNRT_BASE_TRAIN, LBASE_TRAIN) && SAME(NNRT_BASE_SUMS, LBASE_SUMS) &&
                   SAME(NNRT_BASE_WORK, LBASE_WORK) && SAME(NNRT_BASE_LENT, LBASE_LENT) && SAME(NNRT_BASE_SCRATCH, LBASE_SCRATCH) &&
                   SAME(NNRT_BASE_OPTIONS, LBASE_OPTIONS) && SAME(NNRT_BASE_COUNTERS, LBASE_COUNTERS) &&
                   SAME(NNRT_BASE_CONST, LBASE_CONST) && SAME(NNRT_BASE_ARG, LBASE_ARG) && SAME(NNRT_E_RANGE, FAIL_RANGE) &&
                   SAME(NNRT_SUSPECT_SURELY, SUSPECT_SURELY),
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
    return LLVMCreateTargetMachine(ref, target->triple, target->cpu, target->features, LLVMCodeGenLevelDefault,
                                   target->fixed ? LLVMRelocStatic : LLVMRelocPIC, LLVMCodeModelDefault);
}

/* What LLVM reads. Debian's name of armv7 is arm. On bare ARM machines LLVM would call __aeabi_memcpy, which few C libraries have, and
 * memcpy where it takes the environment for GNU's. */
static const char *normal_triple(Arena *arena, const char *given)
{
    const char *triple = cg_message(arena, LLVMNormalizeTargetTriple(given));
    if (strncmp(triple, "arm-", 4) == 0) triple = arena_print(arena, "armv7-%s", triple + 4);
    const char *end = strstr(triple, "-none-eabi");
    return end ? arena_print(arena, "%.*s-none-gnu%s", (int)(end - triple), triple, end + 6) : triple;
}

/* True: the CPU is the host's own. */
static bool resolve_host(Arena *arena, CgTarget *target)
{
    const char *host = cg_message(arena, LLVMGetDefaultTargetTriple());
    bool is_host = !target->triple || strcmp(target->triple, host) == 0;
    target->triple = target->triple ? normal_triple(arena, target->triple) : host;
    size_t arch = strcspn(host, "-");
    target->is_foreign = strncmp(target->triple, host, arch) != 0 || strcspn(target->triple, "-") != arch;
    bool native = !target->cpu || strcmp(target->cpu, "native") == 0;
    if (native && is_host) {
        target->cpu = cg_message(arena, LLVMGetHostCPUName());
        target->features = cg_message(arena, LLVMGetHostCPUFeatures());
    } else if (native) {
        target->cpu = "generic";
    }
    return native && is_host;
}

static bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static bool has_float_registers(const CgTarget *target)
{
    return ends_in(target->triple, "eabihf");
}

/* Of a CPU that is not the host's own. */
static void choose_features(Arena *arena, CgTarget *target, const CgArch *arch)
{
    if (strcmp(target->cpu, "generic") == 0) target->cpu = arch->cpus[0];
    target->features = target->cpu == arch->cpus[0] || strcmp(target->cpu, arch->cpus[0]) == 0 ? arch->usual : arch->always;
    bool soft = arch->family == FAMILY_ARM && !has_float_registers(target);
    if (soft) target->features = arena_print(arena, "%s%s-fpregs", target->features, *target->features ? "," : "");
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
    bool tiles = target->bf16 && !target->loop.strict && strstr(target->triple, "-linux"); /* the system has to lend them */
    has[NNRT_CPU_amxtile] &= tiles, has[NNRT_CPU_amxbf16] &= tiles;
    for (int i = 0; i < NNRT_N_CPU; i++)
        target->needs |= (uint64_t)has[i] << i;
    target->loop.fma = has[NNRT_CPU_fma] || has[NNRT_CPU_fma4];
    target->loop.floor = has[NNRT_CPU_sse41];
    target->loop.half = has[NNRT_CPU_f16c];
    target->loop.vector_bytes = has[NNRT_CPU_avx512f] ? 64 : has[NNRT_CPU_avx] ? 32 : 16;
    target->loop.n_registers = has[NNRT_CPU_avx512f] ? 32 : 16;
    bool wide = has[NNRT_CPU_avx512f], vnni = wide ? has[NNRT_CPU_avx512vnni] && has[NNRT_CPU_avx512vl] : has[NNRT_CPU_avxvnni];
    bool pairs = wide ? has[NNRT_CPU_avx512bw] : target->loop.vector_bytes == 16 || has[NNRT_CPU_avx2];
    target->loop.amx = wide && has[NNRT_CPU_amxtile] && has[NNRT_CPU_amxbf16] ? AMX_where_it_pays : AMX_none;
    target->loop.bytes = vnni ? BYTES_unsigned : pairs ? BYTES_pairs : BYTES_plain;
}

/* Instructions for float may be there without those for double. */
static void find_lacks(CgTarget *target, bool single, bool both, bool fma)
{
    target->loop.fma = fma;
    target->loop.vector_bytes = 4;
    target->loop.n_registers = single ? 32 : 16;
    target->lacks[LACK_sqrt_f32] = !single;
    target->lacks[LACK_sqrt_f64] = !both;
    target->lacks[LACK_fma_f64] = fma && !both;
}

static const char *find_arm(Arena *arena, CgTarget *target, LLVMTargetMachineRef machine)
{
    enum { VFP2, VFP4, DOUBLE, ARMV8, DSP, N };
    static const char *const name[N] = {"vfp2sp", "vfp4d16sp", "fp64", "fp-armv8d16sp", "dsp"};
    bool has[N];
    cg_find_features(arena, target, machine, name, N, has);
    if (has_float_registers(target) && !has[VFP2])
        return arena_print(arena, "%s has no registers for numbers: a target for it ends in `eabi`, not in `eabihf`", target->cpu);
    find_lacks(target, has[VFP2], has[DOUBLE], has[VFP4]);
    target->loop.floor = has[ARMV8] && has[DOUBLE];
    target->loop.bytes = has[DSP] ? BYTES_pair : BYTES_plain;
    target->no_atomics = strcmp(target->arch, "thumbv6m") == 0;
    return NULL;
}

static void find_riscv32(Arena *arena, CgTarget *target, LLVMTargetMachineRef machine)
{
    enum { ATOMIC, SINGLE, DOUBLE, N };
    static const char *const name[N] = {"a", "f", "d"};
    bool has[N];
    cg_find_features(arena, target, machine, name, N, has);
    find_lacks(target, has[SINGLE], has[DOUBLE], has[SINGLE]);
    target->loop.floor = false;
    target->no_atomics = !has[ATOMIC];
}

static void find_wasm(Arena *arena, CgTarget *target, LLVMTargetMachineRef machine)
{
    static const char *const name[1] = {"simd128"};
    bool vectors;
    cg_find_features(arena, target, machine, name, 1, &vectors);
    target->loop.fma = false;
    if (!vectors) target->loop.vector_bytes = 4;
}

static void find_arm64(Arena *arena, CgTarget *target, LLVMTargetMachineRef machine)
{
    static const char *const name[1] = {"dotprod"};
    bool fours;
    cg_find_features(arena, target, machine, name, 1, &fours);
    if (fours) target->loop.bytes = BYTES_signed;
    target->loop.half = true;
}

static const char *find_machine(Arena *arena, CgTarget *target, const CgArch *arch, LLVMTargetMachineRef machine, bool native)
{
    if (arch->family == FAMILY_X86) find_x86(arena, target, machine, native);
    if (arch->family == FAMILY_WASM) find_wasm(arena, target, machine);
    if (arch->family == FAMILY_ARM64) find_arm64(arena, target, machine);
    if (arch->family == FAMILY_RISCV && target->small) find_riscv32(arena, target, machine);
    return arch->family == FAMILY_ARM ? find_arm(arena, target, machine) : NULL;
}

static const char *unknown_target(Arena *arena, const char *given)
{
    Text t = {.arena = arena};
    text_add(&t, "target `%s`: code is made for ", given);
    for (size_t i = 0; codegen_arch(i); i++)
        text_add(&t, "%s%s", i == 0 ? "" : codegen_arch(i + 1) ? ", " : " and ", codegen_arch(i));
    text_add(&t, ", as in `aarch64-linux-gnu` or `thumbv7em-none-eabihf`");
    return text_c(&t);
}

const char *codegen_target(Arena *arena, CgTarget *target, bool strict_fp)
{
    codegen_start();
    const char *given = target->triple, *error = NULL;
    bool native = resolve_host(arena, target);
    const CgArch *arch = cg_arch(target->triple);
    if (!arch) return unknown_target(arena, given ? given : target->triple);
    if (arch->family == FAMILY_ARM && !ends_in(target->triple, "eabi") && !has_float_registers(target))
        return arena_print(arena,
                           "target `%s`: its last part says how numbers are passed, as in `%s-none-eabi` (in integer registers), "
                           "`-none-eabihf` or `-linux-gnueabihf` (in their own)",
                           given, arch->name);
    if (!native) choose_features(arena, target, arch);
    if (!native && !cg_has_cpu(arch, target->cpu)) return arena_print(arena, "unknown CPU '%s' for %s", target->cpu, target->triple);
    if (target->more) target->features = arena_print(arena, "%s%s%s", target->features, *target->features ? "," : "", target->more);
    target->arch = arch->name;
    target->small = arch->pointer_bytes == 4;
    target->fixed = target->small && !strstr(target->triple, "-linux");
    LLVMTargetMachineRef machine = cg_machine(target, &error);
    if (!machine) return arena_print(arena, "%s: '%s'", error ? error : "unknown target", target->triple);
    /* NEON, and F of riscv64, have both instructions */
    target->loop = (LoopTarget){.vector_bytes = 16, .n_registers = 32, .fma = true, .floor = true, .strict = strict_fp};
    target->loop.pointer_bytes = arch->pointer_bytes;
    error = find_machine(arena, target, arch, machine, native);
    target->loop.compact = target->compact;
    if (target->compact) target->loop.vector_bytes = 4;
    LLVMDisposeTargetMachine(machine);
    return error;
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

const char *codegen_targets(Arena *arena, CgTargets *targets, const CgTarget *wanted, bool strict_fp)
{
    *targets = (CgTargets){.at = {*wanted}, .n = 1};
    const char *error = codegen_target(arena, &targets->at[0], strict_fp);
    bool any = wanted->cpu && strcmp(wanted->cpu, "generic") == 0 && !wanted->compact;
    if (!error && is_x86(&targets->at[0]) && any) error = set_levels(arena, targets, strict_fp);
    if (error) return error;
    CgTarget *every = &targets->at[targets->n];
    *every = targets->at[0];
    if (is_x86(every)) {
        every->cpu = "x86-64", every->features = "", every->needs = 0;
        every->loop =
            (LoopTarget){.vector_bytes = 16, .n_registers = 16, .pointer_bytes = 8, .strict = strict_fp, .compact = every->compact};
    }
    every->loop.level = (uint8_t)targets->n;
    every->loop.suffix = NULL;
    return NULL;
}
