/* SPDX-License-Identifier: MIT
 * optim.c: one update of a step: what is not finite, clipping, this thread's share for the rule (rules.c).
 *
 * clip_value limits each element, then clip the norm over all groups of the statement, then decay; clip_weights limits what comes out. Threads divide the elements; a
 * norm is summed per chunk of NNRT_CHUNK elements and the chunk sums in order, so bits do not depend on the number of threads. */
#include "core.h"

/* Places of a statement's numbers: the loss, then those that every optimizer has. */
#define NUMBER(NAME, DEFAULT, RANGE) , ARG_##NAME
enum { ARG_loss NUMBERS(0) };
#undef NUMBER

#define NUMBER(NAME, DEFAULT, RANGE)
#define SLOT_NUMBER(NAME, DEFAULT, RANGE) +1
#define SLOT_SWITCH(NAME) +1
#define OPTIMIZER(NAME, SEES, SLOTS, ARGUMENTS) _Static_assert(SLOTS ARGUMENTS <= NNRT_SLOTS, #NAME " has too many slots");
#include "optimizers.def"

/* ---- the gang ------------------------------------------------------------------------------------- */

/* A statement has one or more groups, each with ranges and an optimizer of its own: they change together. */
typedef struct Group {
    const nnrt_statement *s;
    int32_t number;
    const double *args; /* of the group; the first is the loss for the first group only */
    double *partial;    /* its sums of pieces */
} Group;

static int64_t total_of(const nnrt_statement *s)
{
    int64_t n = 0;
    for (int32_t k = 0; k < s->n_ranges; k++)
        n += s->range[k].count;
    return n;
}

static int64_t chunks_of(int64_t n)
{
    return (n + NNRT_CHUNK - 1) / NNRT_CHUNK;
}

static int64_t partials_of(const nnrt_statement *s)
{
    int64_t n = chunks_of(total_of(s));
    for (int32_t k = 0; HAS(norms) && s->measure[0] && k < s->n_ranges; k++)
        n += 2 * chunks_of(s->range[k].count);
    return n;
}

static Group first_group(const nnrt_ctx *ctx, int32_t statement, const double *args)
{
    return (Group){&ctx->entry->statement[statement], statement, args, ctx->partial};
}

/* False: g was the last. */
static int next_group(Group *g)
{
    if (!HAS(groups) || !g->s->n_more) return 0;
    g->args += g->s->n_args;
    g->partial += partials_of(g->s);
    g->s++, g->number++;
    return 1;
}

/* Sum of squares of chunk c: elements c * NNRT_CHUNK .. of the ranges laid end to end. Not finite if one of them is not: a limit is
 * for large numbers. */
static double chunk_sum(const nnrt_statement *s, const nnrt_float *grad, int64_t c, double limit)
{
    int64_t lo = c * NNRT_CHUNK, hi = lo + NNRT_CHUNK, at = 0;
    double sum = 0;
    for (int32_t k = 0; k < s->n_ranges; k++) {
        int64_t first = lo > at ? lo - at : 0, last = hi - at < s->range[k].count ? hi - at : s->range[k].count;
        const nnrt_float *g = grad + (s->range[k].offset - s->hull);
        for (int64_t i = first; i < last; i++) {
            double x = core_finite(g[i]) ? core_limited(g[i], (nnrt_float)limit) : g[i];
            sum += x * x;
        }
        at += s->range[k].count;
    }
    return sum;
}

/* Sum of squares of the gradient; not finite if the gradient is not. */
static double square_of_norm(nnrt_ctx *ctx, const Group *g, const nnrt_float *grad, int32_t tid)
{
    int64_t n = chunks_of(total_of(g->s));
    for (int64_t c = tid; c < n; c += ctx->nt)
        g->partial[c] = chunk_sum(g->s, grad, c, g->args[ARG_clip_value]);
    nnrt_barrier(ctx);
    double sum = 0;
    for (int64_t c = 0; c < n; c++)
        sum += g->partial[c];
    return sum;
}

/* ---- what is not finite ----------------------------------------------------------------------------- */

/* All threads leave; nothing of the statement was changed. */
APART static int32_t refuse(nnrt_ctx *ctx, int32_t statement, int32_t number, int32_t tid)
{
    nnrt_barrier(ctx);
    if (tid == 0) {
        ctx->stop = 1 + statement;
        ctx->stop_number = number;
        ctx->fail_line = ctx->entry->statement[statement].line;
        ctx->fail = NNRT_E_NUMERIC;
    }
    return 1;
}

/* The first of the statement's scalars that no update can be made with, or 0. Infinite limits are none. */
static int32_t bad_scalar(const nnrt_statement *s, const double *args)
{
    for (int32_t i = 1; HAS(numbers) && i <= s->n_args; i++) {
        int32_t limit = i == ARG_clip || i == ARG_clip_value || i == ARG_clip_weights;
        if (!core_finite((nnrt_float)args[i]) && !(limit && args[i] > 0)) return i;
    }
    return 0;
}

/* This thread's part of a range: whole blocks of 16 elements, from *lo on. */
static intptr_t share(const nnrt_ctx *ctx, const nnrt_range *range, int32_t tid, intptr_t *lo)
{
    if (!HAS(host)) {
        *lo = 0;
        return (intptr_t)range->count;
    }
    int64_t blocks = (range->count + 15) / 16, hi = blocks * (tid + 1) / ctx->nt * 16;
    *lo = (intptr_t)(blocks * tid / ctx->nt * 16);
    if (hi > range->count) hi = range->count;
    return (intptr_t)hi - *lo;
}

/* Element of the gradient block at which a range begins. Where weights change in place the gradients of the others lie end to end; *end
 * is that of the range before. */
static intptr_t place_of_gradient(const nnrt_statement *s, const nnrt_range *range, intptr_t *end)
{
    if (!HAS(in_place) || (HAS(in_place) != NNRT_ALL_IN_PLACE && s->hull >= 0)) return (intptr_t)(range->offset - s->hull);
    intptr_t at = *end;
    *end += ((intptr_t)range->count + 15) & ~(intptr_t)15;
    return at;
}

/* Each thread looks at its share, which it reads again for the update, out of its cache: of what kernels have not looked at, or of all
 * if one of them has seen something. The means of a group of batches are new. */
static int gradient_is_finite(nnrt_ctx *ctx, const Group *g, const nnrt_float *grad, int32_t tid)
{
    const nnrt_train *train = ctx->base[NNRT_BASE_TRAIN];
    const nnrt_statement *s = g->s;
    if (HAS(in_place) && ctx->suspect == NNRT_SUSPECT_SURELY) return 0;
    int32_t all = ctx->suspect || (HAS(host) && train->group), n_ranges = all ? s->n_ranges : s->n_unseen;
    const nnrt_range *range = all ? s->range : s->unseen;
    intptr_t end = 0;
    for (int32_t k = 0; k < n_ranges; k++) {
        intptr_t lo, n = share(ctx, &range[k], tid, &lo), at = place_of_gradient(s, &range[k], &end);
        if (n > 0 && !s->finite[ctx->level](grad + at + lo, n)) __atomic_store_n(&ctx->stop, 1 + g->number, __ATOMIC_RELAXED);
    }
    nnrt_barrier(ctx);
    return !__atomic_load_n(&ctx->stop, __ATOMIC_RELAXED);
}

static nnrt_float *slot_of(const nnrt_statement *s, unsigned char *train, int32_t slot, intptr_t at)
{
    return HAS(slots) && s->slot_offset[slot] ? (nnrt_float *)(void *)(train + s->slot_offset[slot]) + at : NULL;
}

/* The rule at an element, whose gradient is at element `at` of the block. */
static nnrt_rule rule_at(nnrt_ctx *ctx, const nnrt_statement *s, const nnrt_rule *rule, intptr_t element, intptr_t at)
{
    unsigned char *train = ctx->base[NNRT_BASE_TRAIN], *model = ctx->base[NNRT_BASE_MODEL];
    nnrt_rule r = *rule;
    r.w = (nnrt_float *)(void *)(model + 64) + element;
    r.g = (const nnrt_float *)(const void *)(train + ctx->entry->grad_offset) + at;
    r.s0 = slot_of(s, train, 0, at);
    r.s1 = slot_of(s, train, 1, at);
    r.s2 = slot_of(s, train, 2, at);
    return r;
}

/* Sums of pieces of each tensor, behind those of the gradient's norm, which other threads may still read. */
static double *tensor_sums(const Group *g)
{
    return g->partial + chunks_of(total_of(g->s));
}

static void measure_tensors(nnrt_ctx *ctx, const Group *g, const nnrt_rule *rule, int32_t tid)
{
    double *sum = tensor_sums(g);
    int64_t piece = 0;
    for (int32_t k = 0; k < g->s->n_ranges; k++) {
        const nnrt_range *range = &g->s->range[k];
        for (int64_t lo = 0; lo < range->count; lo += NNRT_CHUNK, piece++) {
            int64_t n = range->count - lo < NNRT_CHUNK ? range->count - lo : NNRT_CHUNK;
            if (piece % ctx->nt != tid) continue;
            nnrt_rule r = rule_at(ctx, g->s, rule, (intptr_t)(range->offset + lo), (intptr_t)(range->offset + lo - g->s->hull));
            g->s->measure[ctx->level](&r, n, sum + 2 * piece);
        }
    }
    nnrt_barrier(ctx);
}

/* The norms of the tensor whose pieces begin at *sum, which goes on to the next. */
static void set_norms(nnrt_rule *r, int64_t count, const double **sum)
{
    double w = 0, d = 0;
    for (int64_t c = chunks_of(count); c > 0; c--, *sum += 2)
        w += (*sum)[0], d += (*sum)[1];
    r->norm_w = __builtin_sqrt(w), r->norm_d = __builtin_sqrt(d);
}

static void limit_weights(nnrt_float *w, int64_t n, nnrt_float limit)
{
    for (int64_t i = 0; limit > 0 && i < n; i++)
        w[i] = core_limited(w[i], limit);
}

/* This thread's share of every range. */
static void update_share(nnrt_ctx *ctx, const Group *g, nnrt_rule *rule, int32_t tid)
{
    const nnrt_statement *s = g->s;
    const double *sum = tensor_sums(g);
    intptr_t end = 0;
    for (int32_t k = 0; k < s->n_ranges; k++) {
        intptr_t lo, n = share(ctx, &s->range[k], tid, &lo), at = place_of_gradient(s, &s->range[k], &end);
        if (HAS(norms) && s->measure[0]) set_norms(rule, s->range[k].count, &sum);
        if (n <= 0) continue;
        nnrt_rule r = rule_at(ctx, s, rule, (intptr_t)s->range[k].offset + lo, at + lo);
        s->update[ctx->level](&r, n);
        if (HAS(clip_weights)) limit_weights(r.w, n, (nnrt_float)g->args[ARG_clip_weights]);
    }
}

static int64_t *count_of(const nnrt_ctx *ctx, const nnrt_statement *s)
{
    return (int64_t *)(void *)((unsigned char *)ctx->base[NNRT_BASE_TRAIN] + s->count_offset);
}

/* The rule of a group, whose gradient is scaled where the norm over all groups is above its limit. */
static void update_group(nnrt_ctx *ctx, const Group *g, double norm, int32_t tid)
{
    const double *args = g->args;
    nnrt_rule rule = {.decay = (nnrt_float)args[ARG_decay], .clip_value = (nnrt_float)args[ARG_clip_value], .scale = 1};
    rule.count = *count_of(ctx, g->s) + 1, rule.numbers = args + ARG_lr;
    if (HAS(clip) && args[ARG_clip] > 0 && norm > args[ARG_clip]) rule.scale = (nnrt_float)(args[ARG_clip] / norm);
    if (HAS(norms) && g->s->measure[0]) measure_tensors(ctx, g, &rule, tid);
    update_share(ctx, g, &rule, tid);
}

/* This thread's share of the gradients of a group of batches: summed in double precision, and divided with the last. */
static void gather_group(nnrt_ctx *ctx, const nnrt_statement *s, int32_t statement, int32_t tid)
{
    nnrt_train *train = ctx->base[NNRT_BASE_TRAIN];
    nnrt_float *grad = (nnrt_float *)(void *)((unsigned char *)train + ctx->entry->grad_offset);
    double *more = (double *)train->more + (uint64_t)statement * ctx->entry->grad_count;
    for (int32_t k = 0; k < s->n_ranges; k++) {
        int64_t first = s->range[k].offset - s->hull, n = s->range[k].count;
        for (int64_t i = first + n * tid / ctx->nt; i < first + n * (tid + 1) / ctx->nt; i++) {
            if (train->group > 0)
                more[i] = (train->group == 1 ? 0 : more[i]) + (double)grad[i];
            else
                grad[i] = (nnrt_float)((more[i] + (double)grad[i]) / -(double)train->group);
        }
    }
    nnrt_barrier(ctx);
}

/* The loss, then the scalars of a group; for shards those of the groups behind it too. */
static void note_numbers(const nnrt_train *train, Group g, double loss)
{
    double *note = train->note;
    *note++ = loss;
    do
        for (int32_t i = 1; i <= g.s->n_args; i++)
            *note++ = g.args[i];
    while (train->stop_at < 0 && next_group(&g));
}

/* For gradcheck, which names one group: the others of the step are left out. True: the step ends here. */
static int32_t stops(const nnrt_train *train, Group g, double loss, int32_t tid)
{
    do {
        if (train->stop_at != g.number + 1) continue;
        if (train->note && tid == 0) note_numbers(train, g, loss);
        return 1;
    } while (next_group(&g));
    return 0;
}

/* For shards: whoever calls makes the update, and goes on behind it. */
static int32_t pause_here(nnrt_train *train, Group g, double loss, int32_t tid)
{
    if (tid) return 1;
    note_numbers(train, g, loss);
    while (next_group(&g)) {
    }
    train->from = (int16_t)(g.number + 1);
    return 1;
}

/* The number of the first group whose gradient no update can be made with, or -1. *norm: over all groups, if one has a limit. */
static int32_t bad_gradient(nnrt_ctx *ctx, const Group *first, double *norm, int32_t tid)
{
    const nnrt_float *grad =
        (const nnrt_float *)(const void *)((const unsigned char *)ctx->base[NNRT_BASE_TRAIN] + ctx->entry->grad_offset);
    Group g = *first;
    int limited = 0;
    do
        limited |= HAS(clip) && g.args[ARG_clip] > 0;
    while (next_group(&g));
    double sum = 0;
    g = *first;
    do {
        if (limited) sum += square_of_norm(ctx, &g, grad, tid);
        if (limited ? !core_finite(sum) : !gradient_is_finite(ctx, &g, grad, tid)) return g.number;
    } while (next_group(&g));
    *norm = HAS(clip) ? __builtin_sqrt(sum) : 0;
    return -1;
}

/* Everything that can go wrong is found before anything is changed. */
int32_t nnrt_update(nnrt_ctx *ctx, int32_t statement, const double *args, int32_t tid)
{
    nnrt_train *train = ctx->base[NNRT_BASE_TRAIN];
    const Group first = first_group(ctx, statement, args);
    if (ctx->fail) return 1;
    if (!core_finite(args[0])) return refuse(ctx, statement, 0, tid);
    if (HAS(host) && train->stop_at < 0) return pause_here(train, first, args[0], tid);
    if (HAS(host) && train->stop_at) return stops(train, first, args[0], tid);
    Group g = first;
    do
        if (HAS(host) && train->group && train->more) gather_group(ctx, g.s, g.number, tid);
    while (next_group(&g));
    if (HAS(host) && train->group > 0 && train->more) return 0;
    g = first;
    do {
        int32_t bad = bad_scalar(g.s, g.args);
        if (bad) return refuse(ctx, g.number, bad, tid);
    } while (next_group(&g));
    double norm = 0;
    int32_t bad = bad_gradient(ctx, &first, &norm, tid);
    if (bad >= 0) return refuse(ctx, bad, NNRT_GRADIENT, tid);
    g = first;
    do
        update_group(ctx, &g, norm, tid);
    while (next_group(&g));
    nnrt_barrier(ctx); /* all threads have read the counts */
    g = first;
    do
        if (tid == 0) ++*count_of(ctx, g.s), ctx->made++;
    while (next_group(&g));
    return 0;
}
