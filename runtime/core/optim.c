/* SPDX-License-Identifier: MIT
 * optim.c: one update of a step: clipping, the scalars of the rule (rules.c), this thread's share.
 *
 * clip_value limits each element, then clip the norm over all ranges of the statement, then decay. Threads divide the elements; the
 * norm is summed per chunk of CORE_CHUNK elements and the chunk sums in order, so bits do not depend on the number of threads. */
#include "core.h"

/* ---- the gang ------------------------------------------------------------------------------------- */

static int64_t total_of(const nnrt_statement *s)
{
    int64_t n = 0;
    for (int32_t k = 0; k < s->n_ranges; k++) n += s->range[k].count;
    return n;
}

size_t core_partial_bytes(const nnrt_entry *entry)
{
    if (entry->n_statements == 0) return 0;
    return core_align(sizeof(double) * (size_t)(entry->grad_count / CORE_CHUNK + 64));
}

/* Sum of squares of chunk c: elements c * CORE_CHUNK .. of the ranges laid end to end. */
static double chunk_sum(const nnrt_statement *s, const nnrt_float *grad, int64_t c, double limit)
{
    int64_t lo = c * CORE_CHUNK, hi = lo + CORE_CHUNK, at = 0;
    double sum = 0;
    for (int32_t k = 0; k < s->n_ranges; k++) {
        int64_t first = lo > at ? lo - at : 0, last = hi - at < s->range[k].count ? hi - at : s->range[k].count;
        const nnrt_float *g = grad + (s->range[k].offset - s->hull);
        for (int64_t i = first; i < last; i++) {
            double x = core_limited(g[i], (nnrt_float)limit);
            sum += x * x;
        }
        at += s->range[k].count;
    }
    return sum;
}

static double clip_scale(nnrt_ctx *ctx, const nnrt_statement *s, const nnrt_float *grad, double clip, double limit, int32_t tid)
{
    int64_t n = (total_of(s) + CORE_CHUNK - 1) / CORE_CHUNK;
    for (int64_t c = tid; c < n; c += ctx->nt) ctx->partial[c] = chunk_sum(s, grad, c, limit);
    nnrt_barrier(ctx);
    double sum = 0;
    for (int64_t c = 0; c < n; c++) sum += ctx->partial[c];
    double norm = __builtin_sqrt(sum);
    if (!core_finite(norm)) return norm;
    return norm > clip ? clip / norm : 1;
}

static double power(double x, int64_t n)
{
    double y = 1;
    for (; n > 0; n /= 2, x *= x)
        if (n & 1) y *= x;
    return y;
}

/* Scalars behind the loss (core.h of the compiler): lr, decay, clip, clip_value, then those of the rule. */
static void set_rule(nnrt_rule *r, const nnrt_statement *s, const double *a, int64_t count)
{
    r->lr = (nnrt_float)a[1], r->decay = (nnrt_float)a[2], r->clip_value = (nnrt_float)a[4];
    switch (s->rule) {
    case NNRT_MOMENTUM:
    case NNRT_NESTEROV: r->mu = (nnrt_float)a[5]; break;
    case NNRT_ADAM:
    case NNRT_ADAMW:
        r->beta1 = (nnrt_float)a[5], r->beta2 = (nnrt_float)a[6], r->eps = (nnrt_float)a[7];
        r->step = (nnrt_float)(a[1] / (1 - power(a[5], count)));
        r->root2 = (nnrt_float)__builtin_sqrt(1 - power(a[6], count));
        break;
    case NNRT_RMSPROP:
        r->centered = s->centered, r->has_mu = s->has_mu;
        r->beta1 = (nnrt_float)a[5], r->eps = (nnrt_float)a[6], r->mu = (nnrt_float)a[7]; break;
    case NNRT_ADAGRAD: r->eps = (nnrt_float)a[5]; break;
    default: break;
    }
}

/* This thread's share of every range. */
static void update_share(nnrt_ctx *ctx, const nnrt_statement *s, nnrt_rule *rule, int32_t tid)
{
    unsigned char *train = ctx->base[NNRT_BASE_TRAIN], *model = ctx->base[NNRT_BASE_MODEL];
    nnrt_float *params = (nnrt_float *)(void *)(model + 64);
    const nnrt_float *grad = (const nnrt_float *)(void *)(train + ctx->entry->grad_offset);
    for (int32_t k = 0; k < s->n_ranges; k++) {
        int64_t blocks = (s->range[k].count + 15) / 16;
        int64_t lo = blocks * tid / ctx->nt * 16, hi = blocks * (tid + 1) / ctx->nt * 16;
        if (hi > s->range[k].count) hi = s->range[k].count;
        if (lo >= hi) continue;
        int64_t at = s->range[k].offset - s->hull + lo;
        nnrt_rule r = *rule;
        r.w = params + s->range[k].offset + lo;
        r.g = grad + at;
        r.s0 = (nnrt_float *)(void *)(train + s->slot_offset[0]) + at;
        r.s1 = (nnrt_float *)(void *)(train + s->slot_offset[1]) + at;
        r.s2 = (nnrt_float *)(void *)(train + s->slot_offset[2]) + at;
        s->update(&r, hi - lo);
    }
}

/* This thread's share of the gradients of a group of batches: summed, and divided with the last. */
static void gather_group(nnrt_ctx *ctx, const nnrt_statement *s, int32_t statement, int32_t tid)
{
    nnrt_train *train = ctx->base[NNRT_BASE_TRAIN];
    nnrt_float *grad = (nnrt_float *)(void *)((unsigned char *)train + ctx->entry->grad_offset);
    nnrt_float *more = (nnrt_float *)train->more + (uint64_t)statement * ctx->entry->grad_count;
    for (int32_t k = 0; k < s->n_ranges; k++) {
        int64_t first = s->range[k].offset - s->hull, n = s->range[k].count;
        for (int64_t i = first + n * tid / ctx->nt; i < first + n * (tid + 1) / ctx->nt; i++) {
            if (train->group > 0)
                more[i] = train->group == 1 ? grad[i] : more[i] + grad[i];
            else
                grad[i] = (more[i] + grad[i]) / (nnrt_float)-train->group;
        }
    }
    nnrt_barrier(ctx);
}

int32_t nnrt_update(nnrt_ctx *ctx, int32_t statement, const double *args, int32_t tid)
{
    const nnrt_statement *s = &ctx->entry->statement[statement];
    nnrt_train *train = ctx->base[NNRT_BASE_TRAIN];
    if (ctx->fail) return 1;
    if (!core_finite(args[0])) {
        if (tid == 0) ctx->stop = 1 + statement;
        nnrt_barrier(ctx);
        if (tid == 0) ctx->fail = NNRT_E_NUMERIC;
        return 1;
    }
    if (train->stop_at > statement + 1) return 0; /* gradcheck: earlier statements are left out */
    if (train->stop_at == statement + 1) {
        for (int32_t i = 0; train->note && tid == 0 && i <= s->n_args; i++) train->note[i] = args[i];
        return 1;
    }
    if (train->group && train->more) {
        gather_group(ctx, s, statement, tid);
        if (train->group > 0) return 0;
    }
    int64_t *count = (int64_t *)(void *)((unsigned char *)train + s->count_offset);
    nnrt_rule rule = { .scale = 1 };
    const nnrt_float *grad = (const nnrt_float *)(void *)((unsigned char *)train + ctx->entry->grad_offset);
    if (args[3] > 0) {
        double scale = clip_scale(ctx, s, grad, args[3], args[4], tid);
        if (!core_finite(scale)) {
            nnrt_barrier(ctx);
            if (tid == 0) ctx->stop = 1 + statement, ctx->fail = NNRT_E_NUMERIC;
            return 1;
        }
        rule.scale = (nnrt_float)scale;
    }
    set_rule(&rule, s, args, *count + 1);
    update_share(ctx, s, &rule, tid);
    nnrt_barrier(ctx);
    if (tid == 0) ++*count;
    nnrt_barrier(ctx);
    return 0;
}
