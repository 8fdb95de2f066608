/* SPDX-License-Identifier: MIT
 * cpu.c: which code of a program runs on this processor: the best that it can, or what the environment names. */
#include "model/cpu.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

const char *cpu_names(const nnrt_program *program, char *out, size_t n)
{
    out[0] = 0;
    for (int32_t i = 0; i < program->n_levels; i++)
        rt_append(out, n, "%s%s", i ? ", " : "", program->level[i].name);
    return out;
}

const char *cpu_name(const nnrt_program *program)
{
    int number = program->core->level(program, 0);
    for (int32_t i = 0; number && i < program->n_levels; i++)
        if (program->level[i].number == number) return program->level[i].name;
    return NULL;
}

/* What a level needs and the processor has not; only the first ones of many. */
static void put_lacks(const nnrt_program *program, const nnrt_level *level, char *out, size_t n)
{
    static const char names[][16] = {
#define CPU(NAME, TEXT, LEAF, REGISTER, BIT, STATE) TEXT,
#include "cpu.def"
    };
    uint64_t lacks = level->needs & ~program->core->cpu();
    int shown = 0, more = 0;
    out[0] = 0;
    for (int i = 0; i < NNRT_N_CPU; i++) {
        if (!(lacks >> i & 1)) continue;
        if (++shown > 8)
            more++;
        else
            rt_append(out, n, "%s%s", shown > 1 ? ", " : "", names[i]);
    }
    if (more) rt_append(out, n, " and %d more", more);
    if (!shown) rt_append(out, n, "the system's leave to use tiles of AMX");
}

static int choose(const nnrt_program *program, const char *name)
{
    char text[400];
    for (int32_t i = 0; i < program->n_levels; i++) {
        if (strcmp(program->level[i].name, name) != 0) continue;
        if (program->core->level(program, program->level[i].number)) return NNRT_OK;
        put_lacks(program, &program->level[i], text, sizeof text);
        return rt_fail(NNRT_E_CPU, "NNRT_CPU is %s, but this processor lacks %s", name, text);
    }
    return rt_fail(NNRT_E_CPU, "NNRT_CPU is %s, but %s has code for %s", name, program->name, cpu_names(program, text, sizeof text));
}

int cpu_check(const nnrt_program *program)
{
    const char *name = getenv("NNRT_CPU");
    char needs[400], lacks[400];
    if (!program->n_levels) return NNRT_OK;
    if (name && *name) return choose(program, name);
    if (program->core->level(program, 0)) return NNRT_OK;
    put_lacks(program, &program->level[0], lacks, sizeof lacks);
    return rt_fail(NNRT_E_CPU, "the program is compiled for %s, but this processor lacks %s%s", cpu_names(program, needs, sizeof needs),
                   lacks, program->n_levels > 1 ? "" : "; `nnc -march=generic` compiles for others, too");
}
