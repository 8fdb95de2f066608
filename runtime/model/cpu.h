/* SPDX-License-Identifier: MIT
 * cpu.h: which code of a program runs on this processor. */
#ifndef NNRT_MODEL_CPU_H
#define NNRT_MODEL_CPU_H

#include <stdbool.h>

#include "nnrt_abi.h"

/* NNRT_CPU_...: of one that is not for x86-64 nothing is said. The compiler's __builtin_cpu_supports would bring 5 kB: it knows CPUs by
 * name. */
static inline bool cpu_has(const nnrt_program *program, int what)
{
    return program->core->cpu() >> what & 1;
}

/* NNRT_E_CPU: the processor has not what the program needs, or not what NNRT_CPU of the environment names. */
int cpu_check(const nnrt_program *program);
const char *cpu_name(const nnrt_program *program); /* of the code that runs; NULL: none does */
/* "x86-64-v2, x86-64-v3, x86-64-v4": all that there is. */
const char *cpu_names(const nnrt_program *program, char *out, size_t n);

#endif
