/* SPDX-License-Identifier: MIT
 * cpu.c: what the processor has, and which code of a program that is.
 *
 * The only globals of the core that change: what cpuid says, which takes microseconds in a virtual machine, is kept, and so are what the
 * system says and a caller's wish. Threads that come here at the same time find the same. */
#include "core.h"

#if defined(__x86_64__)
#include <cpuid.h>

enum { LEAF_1, LEAF_7, LEAF_7_1, LEAF_MORE, N_LEAVES };
enum { EAX, EBX, ECX, EDX, N_REGISTERS };
/* Of registers that the system keeps: bits of XCR0. */
enum { NO_STATE = 0, YMM = 0x6, ZMM = 0xE6, TILES = 0x60000, EGPR = 0x80000 };
enum { OSXSAVE = 27, LOOKED = 63 };
_Static_assert((int)NNRT_N_CPU <= (int)LOOKED, "rows of cpu.def");

static void read_leaf(uint32_t leaf, uint32_t sub, uint32_t to[N_REGISTERS])
{
    __cpuid_count(leaf, sub, to[EAX], to[EBX], to[ECX], to[EDX]);
}

static void read_all(uint32_t to[N_LEAVES][N_REGISTERS])
{
    uint32_t most[N_REGISTERS], sub[N_REGISTERS];
    read_leaf(0, 0, most);
    read_leaf(1, 0, to[LEAF_1]);
    if (most[EAX] >= 7) {
        read_leaf(7, 0, to[LEAF_7]);
        read_leaf(7, 1, sub);
        for (int i = 0; to[LEAF_7][EAX] && i < N_REGISTERS; i++)
            to[LEAF_7_1][i] = sub[i];
    }
    read_leaf(0x80000000u, 0, most);
    if (most[EAX] > 0x80000000u) read_leaf(0x80000001u, 0, to[LEAF_MORE]);
}

static uint64_t look_at_cpu(void)
{
    uint32_t leaf[N_LEAVES][N_REGISTERS] = {{0}}, state = 0, high;
    read_all(leaf);
    if (leaf[LEAF_1][ECX] >> OSXSAVE & 1) __asm__ volatile("xgetbv" : "=a"(state), "=d"(high) : "c"(0));
    uint64_t has = (uint64_t)1 << LOOKED;
#define CPU(NAME, TEXT, LEAF, REGISTER, BIT, STATE) \
    if ((leaf[LEAF][REGISTER] >> BIT & 1) && (state & STATE) == STATE) has |= (uint64_t)1 << NNRT_CPU_##NAME;
#include "cpu.def"
    return has;
}

uint64_t nnrt_core_cpu(void)
{
    static uint64_t kept;
    uint64_t has = __atomic_load_n(&kept, __ATOMIC_RELAXED);
    if (!has) __atomic_store_n(&kept, has = look_at_cpu(), __ATOMIC_RELAXED);
    return has;
}

/* May this process use tiles of AMX? Linux gives them to who asks for them, once. */
static int has_tiles(void)
{
    enum { UNKNOWN, NO, YES, ARCH_PRCTL = 158, REQUEST = 0x1023, TILE_DATA = 18 };
    static int32_t kept;
    int32_t known = __atomic_load_n(&kept, __ATOMIC_RELAXED);
    if (known != UNKNOWN) return known == YES;
    long result = ARCH_PRCTL;
    __asm__ volatile("syscall" : "+a"(result) : "D"((long)REQUEST), "S"((long)TILE_DATA) : "rcx", "r11", "memory");
    __atomic_store_n(&kept, result == 0 ? YES : NO, __ATOMIC_RELAXED);
    return result == 0;
}

static int32_t wished; /* number of a level, which the processor has; 0: none */

static int has_level(const nnrt_level *level)
{
    const uint64_t tiles = (uint64_t)1 << NNRT_CPU_amxtile;
    return (level->needs & ~nnrt_core_cpu()) == 0 && (!(level->needs & tiles) || has_tiles());
}

int32_t core_level(const nnrt_program *program)
{
    int32_t wanted = __atomic_load_n(&wished, __ATOMIC_RELAXED);
    if (!HAS(levels)) return program->n_levels && !has_level(program->level) ? -1 : 0;
    for (int32_t i = program->n_levels - 1; i >= 0; i--)
        if (wanted ? program->level[i].number == wanted : has_level(&program->level[i])) return i;
    return program->n_levels ? -1 : 0;
}

int nnrt_core_level(const nnrt_program *program, int32_t wanted)
{
    for (int32_t i = 0; wanted && i < program->n_levels; i++) {
        if (program->level[i].number != wanted || !has_level(&program->level[i])) continue;
        __atomic_store_n(&wished, wanted, __ATOMIC_RELAXED);
        return wanted;
    }
    int32_t level = wanted ? -1 : core_level(program);
    return level < 0 ? 0 : program->level[level].number;
}

#else /* one level, which asks for nothing */

uint64_t nnrt_core_cpu(void)
{
    return 0;
}

int32_t core_level(const nnrt_program *program)
{
    (void)program;
    return 0;
}

int nnrt_core_level(const nnrt_program *program, int32_t wanted)
{
    return wanted && wanted != program->level->number ? 0 : program->level->number;
}
#endif
