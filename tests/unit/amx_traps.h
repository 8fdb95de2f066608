/* SPDX-License-Identifier: MIT
 * amx_traps.h: a processor without AMX does what one with it would: the instructions trap, and the handler carries them out.
 *
 * So code for tiles is tested as it is, on any x86-64 with AVX-512, a thousand times slower. What TDPBF16PS computes: for each sum, with
 * the 16 pairs of a row and of a column, two chains of fused multiply-adds from 0, over the first and over the second numbers; they are
 * added, then their sum to the sum; subnormal numbers are 0 (Intel, Architecture Instruction Set Extensions Programming Reference). */
#ifndef NNC_TESTS_AMX_TRAPS_H
#define NNC_TESTS_AMX_TRAPS_H

#include <stdbool.h>

#if defined(__x86_64__)
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { TRAP_TILES = 8, TRAP_ROWS = 16, TRAP_ROW_BYTES = 64 };

static uint8_t trap_tile[TRAP_TILES][TRAP_ROWS][TRAP_ROW_BYTES];
static bool trap_open;     /* are there tiles? */
static long trap_products; /* multiplications of tiles so far */

static _Noreturn void trap_fail(const char *what, const uint8_t *code)
{
    char text[200];
    int n = snprintf(text, sizeof text, "illegal instruction (%s): %02x %02x %02x %02x %02x %02x\n", what, code[0], code[1], code[2],
                     code[3], code[4], code[5]);
    if (write(2, text, (size_t)n) < 0) abort();
    abort();
}

typedef struct Trap { /* a VEX instruction of three bytes of prefix: C4, then map and upper bits of registers, then vvvv and pp */
    const uint8_t *code, *end; /* end: of what is read of it */
    greg_t *reg;
    int prefix, opcode, mod, first, second, third; /* registers: reg, vvvv, rm */
} Trap;

static int64_t trap_register(const Trap *t, int number)
{
    static const int name[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                 REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
    return t->reg[name[number]];
}

static int32_t trap_word(Trap *t)
{
    int32_t v;
    memcpy(&v, t->end, 4);
    t->end += 4;
    return v;
}

/* The address of a memory operand; *stride: what is in its index register. */
static uint8_t *trap_address(Trap *t, int64_t *stride)
{
    int base = t->third, upper_base = t->code[1] & 0x20 ? 0 : 8, upper_index = t->code[1] & 0x40 ? 0 : 8;
    int64_t offset = 0;
    bool from_base = true, relative = false;
    *stride = 0;
    if (base == 4) {
        int sib = *t->end++, index = (sib >> 3 & 7) + upper_index;
        base = sib & 7;
        if (index != 4) *stride = trap_register(t, index) << (sib >> 6);
    } else if (base == 5 && t->mod == 0) {
        relative = true;
    }
    if (base == 5 && t->mod == 0) from_base = false;
    if (t->mod == 1)
        offset = (int8_t)*t->end++;
    else if (t->mod == 2 || !from_base)
        offset = trap_word(t);
    if (from_base) offset += trap_register(t, base + upper_base);
    if (relative) offset += (int64_t)(intptr_t)t->end;
    return (uint8_t *)(intptr_t)offset;
}

static float trap_number(const uint8_t *p)
{
    uint32_t bits = (uint32_t)(p[0] | p[1] << 8) << 16;
    float v;
    if ((bits & 0x7F800000) == 0) bits &= 0x80000000; /* subnormal numbers are 0 */
    memcpy(&v, &bits, 4);
    return v;
}

static float trap_flush(float v)
{
    return fabsf(v) < 0x1p-126f ? copysignf(0, v) : v;
}

static void trap_multiply(const Trap *t)
{
    trap_products++;
    for (int m = 0; m < TRAP_ROWS; m++)
        for (int n = 0; n < TRAP_ROW_BYTES / 4; n++) {
            float chain[2] = {0, 0}, sum;
            for (int k = 0; k < TRAP_ROW_BYTES / 4; k++)
                for (int half = 0; half < 2; half++) {
                    float x = trap_number(&trap_tile[t->third][m][4 * k + 2 * half]);
                    float y = trap_number(&trap_tile[t->second][k][4 * n + 2 * half]);
                    chain[half] = trap_flush(fmaf(x, y, chain[half]));
                }
            memcpy(&sum, &trap_tile[t->first][m][4 * n], 4);
            sum = trap_flush(trap_flush(sum) + trap_flush(chain[0] + chain[1]));
            memcpy(&trap_tile[t->first][m][4 * n], &sum, 4);
        }
}

/* All tiles are as large as they can be: the only sizes that the compiler asks for. */
static void trap_sizes(Trap *t)
{
    int64_t none;
    const uint8_t *p = trap_address(t, &none);
    bool good = p[0] == 1;
    for (int i = 0; i < TRAP_TILES; i++)
        good &= p[16 + 2 * i] == TRAP_ROW_BYTES && p[17 + 2 * i] == 0 && p[48 + i] == TRAP_ROWS;
    if (!good) trap_fail("sizes of tiles", t->code);
    memset(trap_tile, 0, sizeof trap_tile);
    trap_open = true;
}

static void trap_rows(Trap *t, bool store)
{
    int64_t stride;
    uint8_t *p = trap_address(t, &stride);
    for (int i = 0; i < TRAP_ROWS; i++) {
        if (store)
            memcpy(p + i * stride, trap_tile[t->first][i], TRAP_ROW_BYTES);
        else
            memcpy(trap_tile[t->first][i], p + i * stride, TRAP_ROW_BYTES);
    }
}

static void trap_carry_out(Trap *t)
{
    enum { NONE, P66, F3, F2 };
    bool memory = t->mod != 3;
    if (t->opcode == 0x49 && t->prefix == NONE && memory) {
        trap_sizes(t);
        return;
    }
    if (!trap_open) trap_fail("no tiles", t->code);
    if (t->opcode == 0x49 && t->prefix == NONE)
        trap_open = false;
    else if (t->opcode == 0x49 && t->prefix == F2 && !memory)
        memset(trap_tile[t->first], 0, sizeof trap_tile[0]);
    else if (t->opcode == 0x4B && (t->prefix == F2 || t->prefix == F3) && memory)
        trap_rows(t, t->prefix == F3);
    else if (t->opcode == 0x5C && t->prefix == F3 && !memory)
        trap_multiply(t);
    else
        trap_fail("unknown", t->code);
}

static void trap_handler(int signal, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    (void)signal, (void)info;
    Trap t = {.code = (const uint8_t *)u->uc_mcontext.gregs[REG_RIP], .reg = u->uc_mcontext.gregs};
    if (t.code[0] != 0xC4 || (t.code[1] & 0x1F) != 2) trap_fail("not of AMX", t.code);
    t.prefix = t.code[2] & 3, t.opcode = t.code[3];
    t.mod = t.code[4] >> 6, t.first = t.code[4] >> 3 & 7, t.third = t.code[4] & 7, t.second = ~(t.code[2] >> 3) & 7;
    t.end = t.code + 5;
    trap_carry_out(&t);
    u->uc_mcontext.gregs[REG_RIP] = (greg_t)(intptr_t)t.end;
}

/* The processor has AMX, and the system lends it to us. */
static bool amx_is_native(void)
{
    enum { REQUEST = 0x1023, TILE_DATA = 18 };
    return __builtin_cpu_supports("amx-bf16") && syscall(SYS_arch_prctl, REQUEST, TILE_DATA) == 0;
}

/* Can code for AMX run, from here on? False where there are no vectors of 64 bytes, which it uses besides. */
static bool amx_usable(void)
{
    struct sigaction act = {.sa_sigaction = trap_handler, .sa_flags = SA_SIGINFO | SA_NODEFER};
    if (!__builtin_cpu_supports("avx512f")) return false;
    sigemptyset(&act.sa_mask);
    return amx_is_native() || sigaction(SIGILL, &act, NULL) == 0;
}

#else

static __attribute__((unused)) long trap_products;

static inline bool amx_is_native(void)
{
    return false;
}

static bool amx_usable(void)
{
    return false;
}
#endif

#endif
