/* SPDX-License-Identifier: MIT
 * sync.c: the barrier of a call's gang, its fail word, asserts, and who watches it. */
#include "core.h"

enum { SPINS = 256 }; /* a few microseconds: kernels that are divided well end together */

/* Sense by a growing phase number: the last to arrive resets the count and opens the next phase. The store of the phase and what `wake`
 * reads to see whether anybody sleeps must not change places, hence the strongest order. */
void nnrt_barrier(nnrt_ctx *ctx)
{
    if (!HAS(host) || ctx->nt <= 1) return;
    const nnrt_host *host = ctx->host;
    uint32_t phase = __atomic_load_n(&ctx->phase, __ATOMIC_RELAXED);
    if (__atomic_add_fetch(&ctx->arrived, 1, __ATOMIC_ACQ_REL) == (uint32_t)ctx->nt) {
        __atomic_store_n(&ctx->arrived, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&ctx->phase, phase + 1, __ATOMIC_SEQ_CST);
        if (host) host->wake(host->user, &ctx->phase);
        return;
    }
    for (int k = 0; __atomic_load_n(&ctx->phase, __ATOMIC_ACQUIRE) == phase; k += k < SPINS) {
        if (host && k == SPINS) host->wait(host->user, &ctx->phase, phase);
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#endif
    }
}

/* The failure at the least line of the program wins, whichever thread saw it first; an assert that failed before it stays. */
void nnrt_fail(nnrt_ctx *ctx, int32_t code, int32_t line)
{
    if (__atomic_load_n(&ctx->fail, __ATOMIC_RELAXED) == NNRT_E_ASSERT) return;
    int32_t now = __atomic_load_n(&ctx->fail_line, __ATOMIC_RELAXED);
    while (now == 0 || line < now)
        if (__atomic_compare_exchange_n(&ctx->fail_line, &now, line, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) break;
    __atomic_store_n(&ctx->fail, code, __ATOMIC_RELAXED);
}

/* Bytes are 0 or 1: eight at a time. */
static int all_hold(const unsigned char *holds, int64_t n)
{
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t eight;
        memcpy(&eight, holds + i, 8);
        if (eight != 0x0101010101010101u) return 0;
    }
    for (; i < n; i++)
        if (!holds[i]) return 0;
    return 1;
}

void nnrt_assert(nnrt_ctx *ctx, int32_t number, int32_t line, const unsigned char *holds, int64_t n)
{
    if (ctx->fail || all_hold(holds, n)) return;
    ctx->fail = NNRT_E_ASSERT;
    ctx->fail_line = line;
    ctx->assertion = number;
    for (int64_t i = n - 1; i >= 0; i--)
        if (!holds[i]) ctx->n_false++, ctx->first_false = i;
}

void nnrt_print(nnrt_ctx *ctx, int32_t number, const void *values, int64_t n)
{
    if (HAS(host) && !ctx->fail && ctx->watch && ctx->watch->show) ctx->watch->show(ctx->watch->watcher, number, values, n);
}

void nnrt_lap(nnrt_ctx *ctx, int64_t tid, int64_t lap)
{
    if (ctx->watch->lap) ctx->watch->lap(ctx->watch->watcher, tid, lap);
}
