/* SPDX-License-Identifier: MIT
 * arch.c: the architectures that objects are made for, and their CPUs. */
#include "codegen/cg.h"

#include <llvm-c/ErrorHandling.h>
#include <llvm-c/Support.h>
#include <llvm-c/Target.h>
#include <string.h>

/* LLVM only warns about a CPU it does not know, so a misspelt one is found here. */
/* clang-format off */
static const char *const x86_cpus[] = {
    "generic", "x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4", "nocona", "core2", "penryn",
    "nehalem", "westmere", "sandybridge", "ivybridge", "haswell", "broadwell", "skylake",
    "skylake-avx512", "cascadelake", "cooperlake", "cannonlake", "icelake-client",
    "icelake-server", "rocketlake", "tigerlake", "sapphirerapids", "emeraldrapids",
    "graniterapids", "graniterapids-d", "alderlake", "raptorlake", "meteorlake", "arrowlake",
    "arrowlake-s", "lunarlake", "pantherlake", "clearwaterforest", "gracemont", "sierraforest",
    "grandridge", "bonnell", "silvermont", "goldmont", "goldmont-plus", "tremont", "knl", "knm",
    "k8", "amdfam10", "barcelona", "btver1", "btver2", "bdver1", "bdver2", "bdver3", "bdver4",
    "znver1", "znver2", "znver3", "znver4", "znver5", NULL };
/* clang-format on */
static const char *const aarch64_cpus[] = {
    "generic",    "cortex-a35", "cortex-a53",  "cortex-a55",  "cortex-a57",  "cortex-a72",   "cortex-a73",  "cortex-a75", "cortex-a76",
    "cortex-a77", "cortex-a78", "cortex-a510", "cortex-a520", "cortex-a710", "cortex-a715",  "cortex-a720", "cortex-x1",  "cortex-x2",
    "cortex-x3",  "cortex-x4",  "neoverse-n1", "neoverse-n2", "neoverse-v1", "neoverse-v2",  "neoverse-e1", "apple-m1",   "apple-m2",
    "apple-m3",   "apple-a14",  "a64fx",       "ampere1",     "ampere1a",    "thunderx2t99", NULL};
static const char *const riscv64_cpus[] = { /* those with the extensions F and D */
                                           "generic-rv64", "sifive-p450", "sifive-p670",  "sifive-s54", "sifive-s76",      "sifive-u54",
                                           "sifive-u74",   "sifive-x280", "spacemit-x60", "veyron-v1",  "xiangshan-nanhu", NULL};
static const char *const riscv32_cpus[] = {"generic-rv32", "rocket-rv32", "sifive-e20", "sifive-e21", "sifive-e24",
                                           "sifive-e31",   "sifive-e34",  "sifive-e76", NULL};
static const char *const armv7_cpus[] = {"generic",    "cortex-a5",  "cortex-a7",  "cortex-a8",  "cortex-a9",  "cortex-a12", "cortex-a15",
                                         "cortex-a17", "cortex-a32", "cortex-a35", "cortex-a53", "cortex-a72", NULL};
static const char *const armv6m_cpus[] = {"cortex-m0plus", "cortex-m0", "cortex-m1", NULL};
static const char *const armv7m_cpus[] = {"cortex-m3", NULL};
static const char *const armv7em_cpus[] = {"cortex-m4", "cortex-m7", NULL};
static const char *const armv8m_base_cpus[] = {"cortex-m23", NULL};
static const char *const armv8m_main_cpus[] = {"cortex-m33", "cortex-m35p", NULL};
static const char *const wasm_cpus[] = {"generic", "mvp", NULL};

#define INIT(T) \
    static void init_##T(void) \
    { \
        LLVMInitialize##T##TargetInfo(), LLVMInitialize##T##Target(), LLVMInitialize##T##TargetMC(); \
        LLVMInitialize##T##AsmPrinter(), LLVMInitialize##T##AsmParser(); \
    }
INIT(X86)
INIT(AArch64)
INIT(RISCV)
INIT(ARM)
INIT(WebAssembly)

/* NEON of 32 bits takes subnormal numbers for 0: numbers are VFP's. All Linux distributions ask for 16 of its registers. */
static const CgArch archs[] = {
    {"x86_64", FAMILY_X86, 8, 32, "", "", x86_cpus, init_X86},
    {"aarch64", FAMILY_ARM64, 8, 32, "", "", aarch64_cpus, init_AArch64},
    {"riscv64", FAMILY_RISCV, 8, 32, "+m,+a,+f,+d,+c", "", riscv64_cpus, init_RISCV}, /* what Linux asks for */
    {"armv7", FAMILY_ARM, 4, 64, "-neon,-d32", "-neon", armv7_cpus, init_ARM},
    {"thumbv6m", FAMILY_ARM, 4, 112, "", "", armv6m_cpus, init_ARM},
    {"thumbv7m", FAMILY_ARM, 4, 64, "", "", armv7m_cpus, init_ARM},
    {"thumbv7em", FAMILY_ARM, 4, 64, "", "", armv7em_cpus, init_ARM},
    {"thumbv8m.base", FAMILY_ARM, 4, 112, "", "", armv8m_base_cpus, init_ARM},
    {"thumbv8m.main", FAMILY_ARM, 4, 64, "", "", armv8m_main_cpus, init_ARM},
    {"riscv32", FAMILY_RISCV, 4, 64, "+m,+c", "", riscv32_cpus, init_RISCV},
    {"wasm32", FAMILY_WASM, 4, 32, "+simd128,+bulk-memory,+nontrapping-fptoint", "", wasm_cpus, init_WebAssembly},
};

static void on_fatal_error(const char *reason)
{
    BUG("LLVM: %s", reason);
}

static void init_llvm(void)
{
    static bool done;
    if (done) return;
    done = true;
    /* Addresses in loop IR are in the form that kernels want. Loop strength reduction looks at each for a
     * sixth of the compile time; without it steps of six models took between 5 % less and 2 % more. */
    static const char *const flags[] = {"nnc", "-disable-lsr"};
    LLVMParseCommandLineOptions(2, flags, "");
    LLVMInstallFatalErrorHandler(on_fatal_error);
}

const CgArch *cg_arch(const char *triple)
{
    size_t length = strcspn(triple, "-");
    for (size_t i = 0; i < sizeof archs / sizeof *archs; i++) {
        if (strlen(archs[i].name) != length || strncmp(archs[i].name, triple, length) != 0) continue;
        init_llvm();
        archs[i].init();
        return &archs[i];
    }
    return NULL;
}

const char *codegen_arch(size_t i)
{
    return i < sizeof archs / sizeof *archs ? archs[i].name : NULL;
}

const char *const *codegen_cpus(const char *arch)
{
    for (size_t i = 0; i < sizeof archs / sizeof *archs; i++)
        if (strcmp(archs[i].name, arch) == 0) return archs[i].cpus;
    BUG("no architecture %s", arch);
}

bool cg_has_cpu(const CgArch *arch, const char *cpu)
{
    for (const char *const *c = arch->cpus; *c; c++)
        if (strcmp(*c, cpu) == 0) return true;
    return false;
}
