/* SPDX-License-Identifier: MIT
 * core.c: how the runtime's core (runtime/core) gets into an object.
 *
 * Its loops over parameters are bitcode, compiled with the program for the program's machine. The rest is machine code made when
 * the compiler was built, and an object of its own; objects for other targets, and assembly, have it from bitcode too. */
#include <string.h>

#include "emit/emit.h"
#include "support/output.h"

#define EMBEDDED(NAME) \
    extern const unsigned char embed_##NAME[]; \
    extern const size_t embed_##NAME##_size
EMBEDDED(rules_f32_bc);
EMBEDDED(rules_f64_bc);
EMBEDDED(core_f32_o);
EMBEDDED(core_f64_o);
EMBEDDED(core_f32_x86_64_bc);
EMBEDDED(core_f64_x86_64_bc);
EMBEDDED(core_f32_aarch64_bc);
EMBEDDED(core_f64_aarch64_bc);
EMBEDDED(core_f32_riscv64_bc);
EMBEDDED(core_f64_riscv64_bc);
EMBEDDED(core_f32_small_bc);
EMBEDDED(core_f64_small_bc);
EMBEDDED(rules_f32_small_bc);
EMBEDDED(rules_f64_small_bc);
EMBEDDED(soft_bc);

typedef struct Embedded {
    const unsigned char *bytes;
    const size_t *n;
} Embedded;
#define BOTH(KIND, END) \
    { \
        {embed_##KIND##_f32##END, &embed_##KIND##_f32##END##_size}, \
        { \
            embed_##KIND##_f64##END, &embed_##KIND##_f64##END##_size \
        } \
    }
/* By e->f64. Bitcode of 32 bits (small) is the same for all machines: structs are laid out in one way. */
static const Embedded rules[2] = BOTH(rules, _bc), small_rules[2] = BOTH(rules, _small_bc), core_object[2] = BOTH(core, _o),
                      small_core[2] = BOTH(core, _small_bc), soft = {embed_soft_bc, &embed_soft_bc_size};
static const struct {
    const char *arch;
    Embedded bitcode[2];
} core[] = {{"x86_64", BOTH(core, _x86_64_bc)}, {"aarch64", BOTH(core, _aarch64_bc)}, {"riscv64", BOTH(core, _riscv64_bc)}};

const char *emit_rule_symbol(const EmitProgram *e, const char *kind, const char *name)
{
    return arena_print(e->arena, "nnrt_%s_%s", kind, name);
}

/* The loops of the optimizers in use, and the one that looks at gradients. */
static void link_rules(Cg *cg, const EmitProgram *e)
{
    VEC(const char *) used = {0};
    for (uint32_t i = 0; i < e->entry.n; i++) {
        const CoreEntry *entry = e->entry.at[i].lowered->core;
        for (uint32_t k = 0; entry && k < entry->minimizes.n; k++) {
            const Optimizer *row = entry->minimizes.at[k].optimizer;
            vec_add(e->arena, &used, emit_rule_symbol(e, "rule", row->name));
            if (row->sees == SEES_tensors) vec_add(e->arena, &used, emit_rule_symbol(e, "measure", row->name));
        }
    }
    if (used.n) vec_add(e->arena, &used, emit_rule_symbol(e, "rule", "finite"));
    const Embedded *from = e->targets->at[0].small ? &small_rules[e->f64] : &rules[e->f64];
    for (uint32_t level = 0; used.n && level < e->targets->n; level++)
        codegen_bitcode(cg, level, from->bytes, *from->n, used.at, used.n);
}

/* What the machine has no instructions for. */
static void link_soft(Cg *cg, const EmitProgram *e)
{
    const char *wanted[LACK_COUNT];
    uint32_t n = 0;
    for (int i = 0; i < LACK_COUNT; i++)
        if (e->targets->at[0].lacks[i]) wanted[n++] = codegen_core_function((CgLack)i);
    if (n) codegen_bitcode(cg, e->targets->n, soft.bytes, *soft.n, wanted, n);
}

static const Embedded *core_for(const EmitProgram *e)
{
    for (size_t i = 0; i < sizeof core / sizeof *core; i++)
        if (strcmp(core[i].arch, e->targets->at[0].arch) == 0) return &core[i].bitcode[e->f64];
    return &small_core[e->f64];
}

void emit_core(Cg *cg, const EmitProgram *e, bool inside)
{
    link_rules(cg, e);
    link_soft(cg, e);
    if (inside) codegen_bitcode(cg, e->targets->n, core_for(e)->bytes, *core_for(e)->n, NULL, 0);
}

const char *emit_core_object(const EmitProgram *e, const char *path)
{
    const Embedded *object = &core_object[e->f64];
    return output_bytes(e->arena, path, object->bytes, *object->n);
}
