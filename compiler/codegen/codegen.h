/* SPDX-License-Identifier: MIT
 * codegen.h: loop IR -> LLVM -> object file. The only folder that sees LLVM; no LLVM type leaves
 * it. */
#ifndef NNC_CODEGEN_CODEGEN_H
#define NNC_CODEGEN_CODEGEN_H

#include "loop/loop.h"

/* Functions that the program needs and the machine may have no instruction for: LLVM would call libm. The core has them (runtime/core/
 * soft.c), with the same bits. */
typedef enum { LACK_sqrt_f32, LACK_sqrt_f64, LACK_fma_f64, LACK_COUNT } CgLack;
const char *codegen_core_function(CgLack lack); /* its name in the core */

typedef struct CgTarget {
    const char *triple; /* NULL: the host's; then as LLVM wants it */
    const char *cpu;    /* "native" (default), "x86-64-v3", ... any LLVM CPU of the target */
    bool compact;       /* small code (LoopTarget) */
    bool bf16;          /* contractions multiply bf16: tiles of AMX are of use */
    const char *more;   /* features as "+amx-tile,+amx-bf16" that it has besides; NULL: none */
    /* filled by codegen_target: */
    LoopTarget loop;
    const char *features;
    uint64_t needs; /* bits NNRT_CPU_... of nnrt_abi.h */
    const char *arch; /* "x86_64", "thumbv7em" ...: codegen_arch */
    bool is_foreign;  /* another architecture than that of the host */
    bool fixed;       /* code is never moved: a bare machine, WebAssembly */
    bool small;       /* of 32 bits: small code goes before quick compilation */
    bool no_atomics;  /* and so a single thread */
    bool lacks[LACK_COUNT];
} CgTarget;

/* What a program is compiled for: one machine, or several levels of one architecture, the least first. Behind the last stands what
 * functions are for that are there once (loop/loop.h). */
typedef struct CgTargets {
    CgTarget at[LOOP_MAX_LEVELS + 1];
    uint32_t n; /* levels */
} CgTargets;

const char *codegen_arch(size_t i); /* NULL: there are i */
/* Resolves triple, cpu, features; NULL or an error text (unknown CPU, target not built in). */
const char *codegen_target(Arena *arena, CgTarget *target, bool strict_fp);
/* The same for all that a program is compiled for; triple, cpu and compact as in CgTarget. */
const char *codegen_targets(Arena *arena, CgTargets *targets, const CgTarget *wanted, bool strict_fp);
const char *const *codegen_cpus(const char *arch); /* those known; NULL ends the list */

void codegen_start(void); /* memory.c: from here on LLVM ends the process as the rest of the compiler does */

/* One LLVM module with a context of its own: two of them can be worked on by two threads, if each
 * has its own arena. */
typedef struct Cg Cg;
Cg *codegen_new(Arena *arena, const CgTarget *target, const char *module_name, uint32_t part);
void codegen_levels(Cg *cg, const CgTargets *targets); /* of which `target` is one: right after codegen_new */
void codegen_keep_names(Cg *cg); /* of values and blocks, for codegen_ir: right after codegen_new */
/* Translates the functions of this part (internal unless exported, hidden if another part calls them). */
void codegen_loops(Cg *cg, const LoopModule *m);
/* Links bitcode in and makes it internal. With `wanted`, only these functions, with the suffix of the level, and their loops are put
 * into vectors of its machine; without (NULL), everything, compiled fast. */
void codegen_bitcode(Cg *cg, uint32_t level, const unsigned char *bytes, size_t n, const char *const *wanted, uint32_t n_wanted);

/* Constant data. A CgData is a constant; handles are indices. */
typedef uint32_t CgConst;
CgConst cg_int(Cg *cg, int bits, int64_t value);
CgConst cg_double(Cg *cg, double value);
CgConst cg_null(Cg *cg);                     /* null pointer */
CgConst cg_string(Cg *cg, const char *text); /* pointer to private data */
/* Pointer to a function or global by name (declared if unknown: so translate and link everything
 * before making constants). */
CgConst cg_symbol(Cg *cg, const char *name);
CgConst cg_struct(Cg *cg, const CgConst *field, uint32_t n); /* C layout of the fields (natural alignment) */
CgConst cg_array(Cg *cg, const CgConst *item, uint32_t n);
CgConst cg_bytes(Cg *cg, const void *data, size_t n);
/* Defines a constant global and returns a pointer to it. exported: visible symbol. */
CgConst cg_global(Cg *cg, const char *name, CgConst value, int align, bool exported);

/* Wrapper function with a C signature: `int name(params...)`: defined by loop functions with
 * exported = true instead where possible; emit/ builds wrappers as LoopFns (L_alloca for the
 * argument arrays, L_call of nnrt_core_call). */

const char *codegen_verify(Cg *cg);       /* NULL or LLVM's complaint */
void codegen_optimize(Cg *cg, int level); /* level 0: only what is unused is dropped */
const char *codegen_write(Cg *cg, const char *path, bool assembly); /* object (PIC) or .s; NULL or error text */
/* stack.c: of a function and all that it calls, at most; before the object is written codegen_watch_stack says that it is asked for. */
typedef struct CgReach { /* what it calls by pointers, and bytes of the stack that functions ask for besides their frames */
    const char *const *function;
    uint32_t n;
    int64_t table_bytes;
} CgReach;
void codegen_watch_stack(Cg *cg);
int64_t codegen_stack(const Cg *cg, const char *function, const CgReach *reach);
int64_t codegen_rom(const Cg *cg); /* bytes of the object that was written which a program has in read-only memory; 0: not known */
const char *codegen_ir(Cg *cg);              /* LLVM IR text, in the arena */
/* JIT for tests: address of a function; external symbols are resolved by codegen_jit_symbol, then
 * in the process. */
void codegen_jit_symbol(Cg *cg, const char *name, void *address); /* before the first codegen_jit */
void *codegen_jit(Cg *cg, const char *function, const char **error);
void codegen_free(Cg *cg);

#endif
