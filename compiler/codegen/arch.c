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
static const char *const arm_cpus[] = {
    "generic",    "cortex-a35", "cortex-a53",  "cortex-a55",  "cortex-a57",  "cortex-a72",   "cortex-a73",  "cortex-a75", "cortex-a76",
    "cortex-a77", "cortex-a78", "cortex-a510", "cortex-a520", "cortex-a710", "cortex-a715",  "cortex-a720", "cortex-x1",  "cortex-x2",
    "cortex-x3",  "cortex-x4",  "neoverse-n1", "neoverse-n2", "neoverse-v1", "neoverse-v2",  "neoverse-e1", "apple-m1",   "apple-m2",
    "apple-m3",   "apple-a14",  "a64fx",       "ampere1",     "ampere1a",    "thunderx2t99", NULL};
static const char *const riscv_cpus[] = { /* those with the extensions F and D */
                                         "generic-rv64", "sifive-p450", "sifive-p670",  "sifive-s54", "sifive-s76",      "sifive-u54",
                                         "sifive-u74",   "sifive-x280", "spacemit-x60", "veyron-v1",  "xiangshan-nanhu", NULL};

#define INIT(T) \
    static void init_##T(void) \
    { \
        LLVMInitialize##T##TargetInfo(), LLVMInitialize##T##Target(), LLVMInitialize##T##TargetMC(); \
        LLVMInitialize##T##AsmPrinter(), LLVMInitialize##T##AsmParser(); \
    }
INIT(X86)
INIT(AArch64)
INIT(RISCV)

/* The targets that cmake/options.cmake links. One is set up, since each costs a millisecond. */
static const struct {
    const char *name;
    const char *const *cpus;
    void (*init)(void);
} archs[] = {{"x86_64", x86_cpus, init_X86}, {"aarch64", arm_cpus, init_AArch64}, {"riscv64", riscv_cpus, init_RISCV}};

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

const char *cg_arch(const char *triple)
{
    size_t length = strcspn(triple, "-");
    for (size_t i = 0; i < sizeof archs / sizeof *archs; i++) {
        if (strlen(archs[i].name) != length || strncmp(archs[i].name, triple, length) != 0) continue;
        init_llvm();
        archs[i].init();
        return archs[i].name;
    }
    return NULL;
}

const char *const *codegen_cpus(const char *arch)
{
    for (size_t i = 0; i < sizeof archs / sizeof *archs; i++)
        if (strcmp(archs[i].name, arch) == 0) return archs[i].cpus;
    BUG("no architecture %s", arch);
}

bool cg_has_cpu(const char *arch, const char *cpu)
{
    for (const char *const *c = codegen_cpus(arch); *c; c++)
        if (strcmp(*c, cpu) == 0) return true;
    return false;
}
