/* SPDX-License-Identifier: MIT
 * machine.h: a graph as machine code in memory, by the compiler's own stages, and how to call it.
 *
 * transform -> kernel -> loop -> LLVM with the product's passes. A call gets its arguments, results
 * and model in memory that ends at a forbidden page, and work memory that is full of NaN with a
 * guard behind it. */
#ifndef NNC_FUZZ_MACHINE_H
#define NNC_FUZZ_MACHINE_H

#include "codegen/codegen.h"
#include "nnrt_abi.h"

typedef struct MachineOptions {
    const char *cpu; /* NULL: native */
    bool no_fusion, no_reuse, strict;
    bool f64, scalar; /* scalar: as for a machine without vectors */
    bool compact;     /* small code, which is for one thread */
    bool amx;         /* bf16 by tiles, wherever it can be (unit/amx_traps.h) */
    int64_t least_group, least_band, most_work; /* KernelOptions */
} MachineOptions;

typedef struct Machine {
    Arena *arena;
    Module *module;
    const Graph *source, *g; /* as given; after the passes */
    Layout layout;           /* of weights and states */
    EntryLayout entry;
    KProgram *p;
    Cg *cg;
    void (*driver)(nnrt_ctx *, int64_t);
    int32_t (*prologue)(int64_t *, const int64_t *);
    char *constants;
    TensorValue *printed; /* where calls put what is printed, by number; NULL: nowhere */
} Machine;

/* Weights and states with constant extents get a place in the model (slots are set), others become
 * inputs. */
void machine_lay_out(Machine *m, Arena *arena, Graph *g);
/* Symbols of the module are the sizes of the call, in order. NULL, or the stage that failed and
 * why. */
const char *machine_compile(Machine *m, const MachineOptions *options);
/* Its first stages alone. */
const char *machine_kernels(Machine *m, const MachineOptions *options);
LoopModule *machine_loops(Machine *m, const LoopTarget *target);
/* Runs with `threads` threads, one after another between barriers. `out` has a value per result.
 * NULL, or what went wrong. */
const char *machine_call(const Machine *m, const int64_t *symbols, const TensorValue *in, TensorValue *out, int threads, Arena *arena);
void machine_free(Machine *m);

#endif
