/* SPDX-License-Identifier: MIT
 * core.h: the freestanding core, part of every object: as machine code, for another target than the compiler's host as bitcode.
 *
 * No libc calls but memcpy, memset and memmove, no globals that change but those of cpu.c, no errno, no libm. Compiled twice (float and double, NNRT_DOUBLE),
 * without contraction of floating-point expressions, so that every target computes the same bits. */
#ifndef NNRT_CORE_H
#define NNRT_CORE_H

#include "nnrt_abi.h"

/* What the program asks for. */
typedef struct nnrt_parts {
#define PART(NAME, WHAT) int32_t NAME;
#include "parts.def"
} nnrt_parts;
#ifdef NNRT_PARTS
extern const nnrt_parts nnrt_core_parts;
#define HAS(PART) nnrt_core_parts.PART
#else
#define HAS(PART) -1
#endif
#define HAS_INIT(KIND) ((HAS(inits) & 1 << NNRT_INIT_##KIND) != 0)

#define APART __attribute__((noinline)) /* what is called from several places is there once, also where LLVM would not think so */

void *memset(void *, int, size_t);
void *memcpy(void *, const void *, size_t);

/* rng.c: numbers element .. element + CORE_DRAWS - 1 of a stream; element is a multiple of CORE_DRAWS. Small machines have small stacks. */
#if UINTPTR_MAX > UINT32_MAX
enum { CORE_DRAWS = 256 };
#else
enum { CORE_DRAWS = 4 };
#endif
void core_uniforms(uint64_t seed, uint64_t hash, uint64_t element, float *to); /* [0, 1), 24 bits */
void core_normals(uint64_t seed, uint64_t hash, uint64_t element, float *to);
uint64_t core_hash(const char *text); /* FNV-1a */

struct nnrt_rule { /* one update of a range of elements */
    nnrt_float decay, clip_value, scale; /* scale: of the gradient, by the clipped norm */
    int64_t count; /* updates, this one included */
    const void *numbers; /* doubles: the arguments of the optimizer, as in its row; struct NAME of rules.c */
    double norm_w, norm_d; /* of the tensor: its weights, the direction that the rule's measure makes */
    nnrt_float *restrict w;
    const nnrt_float *restrict g;
    nnrt_float *restrict s0, *restrict s1, *restrict s2; /* NULL: not in use */
};
/* rules.c: the loop of each row of optimizers.def over n elements; of those that see tensors, the sums of the squares of weights and
 * direction of a piece, before it. */
#define NUMBER(NAME, DEFAULT, RANGE)
#define SLOT_NUMBER(NAME, DEFAULT, RANGE)
#define SLOT_SWITCH(NAME)
#define OPTIMIZER(NAME, SEES, SLOTS, ARGUMENTS) \
    void nnrt_rule_##NAME(const nnrt_rule *r, int64_t n); \
    void nnrt_measure_##NAME(const nnrt_rule *r, int64_t n, double *sum);
#include "optimizers.def"
int32_t nnrt_rule_finite(const nnrt_float *g, int64_t n); /* is every element a finite number? */

int32_t core_level(const nnrt_program *program); /* cpu.c: place of the level that calls run; -1: the processor has none */

static inline nnrt_float core_limited(nnrt_float g, nnrt_float limit)
{
    if (limit > 0) g = g > limit ? limit : g < -limit ? -limit : g;
    return g;
}
static inline int core_finite(double x)
{
    uint64_t bits;
    __builtin_memcpy(&bits, &x, sizeof bits); /* no call */
    return (bits >> 52 & 0x7FF) != 0x7FF;
}
static inline uint64_t core_align(uint64_t n)
{
    return (n + (NNRT_ALIGN - 1)) & ~(uint64_t)(NNRT_ALIGN - 1);
}
#endif
