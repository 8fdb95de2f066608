/* SPDX-License-Identifier: MIT
 * core.c: how the runtime's core (runtime/core) gets into an object.
 *
 * Its loops over parameters are bitcode, compiled with the program for the program's machine. The rest is machine code made when
 * the compiler was built, and an object of its own; objects for other targets, and assembly, have it from bitcode too. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "emit/emit.h"

extern const unsigned char embed_core_f32_bc[], embed_core_f64_bc[], embed_core_f32_o[], embed_core_f64_o[], embed_rules_f32_bc[], embed_rules_f64_bc[];
extern const size_t embed_core_f32_bc_size, embed_core_f64_bc_size, embed_core_f32_o_size, embed_core_f64_o_size, embed_rules_f32_bc_size,
    embed_rules_f64_bc_size;

const char *emit_rule_symbol(const EmitProgram *e, const char *optimizer)
{
    return arena_print(e->arena, "nnrt_rule_%s", optimizer);
}

/* The loops of the optimizers in use. */
static void link_rules(Cg *cg, const EmitProgram *e)
{
    VEC(const char *) used = { 0 };
    for (uint32_t i = 0; i < e->entry.n; i++) {
        const CoreEntry *core = e->entry.at[i].lowered->core;
        for (uint32_t k = 0; core && k < core->minimizes.n; k++)
            vec_add(e->arena, &used, emit_rule_symbol(e, core->minimizes.at[k].optimizer));
    }
    if (!used.n) return;
    if (e->f64)
        codegen_bitcode(cg, embed_rules_f64_bc, embed_rules_f64_bc_size, used.at, used.n);
    else
        codegen_bitcode(cg, embed_rules_f32_bc, embed_rules_f32_bc_size, used.at, used.n);
}

void emit_core(Cg *cg, const EmitProgram *e, bool whole)
{
    link_rules(cg, e);
    if (!whole) return;
    if (e->f64)
        codegen_bitcode(cg, embed_core_f64_bc, embed_core_f64_bc_size, NULL, 0);
    else
        codegen_bitcode(cg, embed_core_f32_bc, embed_core_f32_bc_size, NULL, 0);
}

const char *emit_core_object(const EmitProgram *e, const char *path)
{
    const unsigned char *bytes = e->f64 ? embed_core_f64_o : embed_core_f32_o;
    size_t n = e->f64 ? embed_core_f64_o_size : embed_core_f32_o_size;
    FILE *f = fopen(path, "wb");
    bool good = f && fwrite(bytes, 1, n, f) == n;
    if (f && fclose(f) != 0) good = false;
    return good ? NULL : arena_print(e->arena, "%s: cannot write: %s", path, strerror(errno));
}
