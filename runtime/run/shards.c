/* SPDX-License-Identifier: MIT
 * shards.c: a step whose batch is divided into shards.
 *
 * A batch is n shards, n a power of two, each with random numbers of its own. Up to a statement they go one after the other; their
 * gradients, weighed by examples, are added by a binary tree over the shards' numbers, and the update is made with the mean. Behind
 * it all go on. So bits depend on n alone: neither on threads nor on how many ranks have the shards (exchange.h), each of which has
 * a subtree.
 *
 * What a shard makes of the states is put aside; the new ones are the means, of integers those of shard 0. Sums of reports begin
 * with 0 in each shard and are added to those of the run in the order of the shards. Until then nothing but the weights has
 * changed, and the step can be undone. */
#include "run/shards.h"

#include <string.h>

#include "run/evaluate.h"
#include "run/failure.h"
#include "run/shard.h"

/* ---- the shards of a batch ------------------------------------------------------------------------------- */

static int64_t rows_of(const Shards *s, int shard)
{
    return loader_shard(s->total, shard + 1, s->n) - loader_shard(s->total, shard, s->n);
}

static double weight_of(const Shards *s, int shard)
{
    return (double)rows_of(s, shard) * s->n / (double)s->total;
}

/* Without data a shard has its part of the rows that are drawn, or is a batch of its own if there are no rows. */
static int take_batch(Run *r)
{
    Shards *s = r->shards;
    Batch *b = NULL;
    int64_t at = evaluate_batch_size(r->m, r->entry);
    int code = r->loader ? loader_next(r->loader, &b) : NNRT_OK;
    if (code) return code;
    s->total = b ? b->of : at >= 0 ? r->s->batch : s->n;
    for (int j = 0; j < s->count; j++) {
        Shard *shard = &s->shard[j];
        shard->batch = b ? &b[j] : NULL;
        shard->rows = rows_of(s, s->first + j);
        shard->weight = weight_of(s, s->first + j);
        if (b)
            memcpy(shard->sizes, b[j].sizes, sizeof shard->sizes);
        else if (at >= 0)
            shard->sizes[at] = shard->rows;
    }
    meter_count(&r->meter, s->total);
    return NNRT_OK;
}

static void take_copy(const Run *r, Backup *to)
{
    memcpy(to->states, shards_states(r), r->shards->state_bytes);
    memcpy(to->sums, shards_sums(r), r->shards->sum_bytes);
}

static void put_back(const Run *r, const Backup *from)
{
    memcpy(shards_states(r), from->states, r->shards->state_bytes);
    memcpy(shards_sums(r), from->sums, r->shards->sum_bytes);
}

static void begin_batch(Run *r)
{
    Shards *s = r->shards;
    take_copy(r, &s->batch);
    for (int j = 0; j < s->count; j++) {
        memcpy(s->shard[j].states, s->batch.states, s->state_bytes);
        memset(s->shard[j].sums, 0, s->sum_bytes);
    }
}

/* ---- gradients -------------------------------------------------------------------------------------------- */

/* Elements of the gradient block that a statement and those that are made with it use: from the first on. */
static Vector gradient_of(const Run *r, int32_t statement, size_t *first)
{
    const nnrt_statement *st = &r->e->statement[statement];
    size_t bytes = r->m->program->float_bytes;
    int64_t from = INT64_MAX, to = 0;
    for (int32_t g = 0; g <= st->n_more; g++)
        for (int32_t k = 0; k < st[g].n_ranges; k++) {
            int64_t lo = st[g].range[k].offset - st[g].hull, hi = lo + st[g].range[k].count;
            from = lo < from ? lo : from;
            to = hi > to ? hi : to;
        }
    if (from > to) from = to;
    if (first) *first = (size_t)from;
    return (Vector){(char *)r->area + r->e->grad_offset + (size_t)from * bytes, (size_t)(to - from), (int)bytes};
}

/* The gradient of shard j becomes a leaf of the tree. */
static void add_leaf(const Run *r, Vector g, int j)
{
    const Shards *s = r->shards;
    int level = 0;
    for (; j >> level & 1; level++)
        vector_add(r->m, g, s->tree[level]);
    if (j + 1 < s->count) memcpy(s->tree[level], g.at, g.n * (size_t)g.bytes);
}

/* Batch i of k: those before the last are summed for each shard. */
static void take_gradient(const Run *r, int32_t statement, int j, int32_t i, int32_t k)
{
    const Shard *shard = &r->shards->shard[j];
    size_t first;
    Vector g = gradient_of(r, statement, &first);
    double *more = shard->more ? shard->more + (size_t)statement * r->e->grad_count + first : NULL;
    if (!shard->rows) memset(g.at, 0, g.n * (size_t)g.bytes);
    if (i < k) {
        vector_collect(r->m, g, shard->weight, more, i == 1);
        return;
    }
    if (k > 1)
        vector_mean(r->m, g, shard->weight, more, k);
    else if (shard->weight != 1)
        vector_scale(r->m, g, shard->weight);
    add_leaf(r, g, j);
}

/* ---- a part of a step: up to the next statement, or to the end ------------------------------------------------ */

/* The statement where a call stopped, by the one behind it; those that are made with others are behind them. */
static int32_t statement_before(const Run *r, int32_t next)
{
    int32_t k = next - 1;
    while (k > 0 && r->e->statement[k - 1].n_more > 0)
        k--;
    return k;
}

/* The shard may go on to the end then: the update comes last, when nothing has to be exchanged any more. */
static bool ends(const Run *r, int32_t next)
{
    return next >= 0 && r->e->statement[statement_before(r, next)].last;
}

static int run_shard(Run *r, int j, int32_t from, int32_t number, int32_t *next)
{
    Shards *s = r->shards;
    Shard *shard = &s->shard[j];
    void *none[NNRT_MAX_ARGS] = {0};
    memcpy(shards_states(r), shard->states, s->state_bytes);
    memcpy(shards_sums(r), shard->sums, s->sum_bytes);
    shard->place.pace = &s->pace[from];
    r->area->group = number;
    r->area->from = (int16_t)from;
    r->area->stop_at = -1;
    r->area->note = shard->note;
    int code = rt_call_in(r->m, &shard->place, r->entry, (uint64_t)r->s->seed, shard->sizes, shard->batch ? shard->batch->arg : none);
    *next = r->area->from;
    r->area->group = r->area->from = r->area->stop_at = 0;
    r->area->note = NULL;
    memcpy(shard->states, shards_states(r), s->state_bytes);
    memcpy(shard->sums, shards_sums(r), s->sum_bytes);
    return code ? step_failure(r, shard->batch, code) : NNRT_OK;
}

/* The first failure that a rank tells of ends all of them. */
static int told_failure(const Shards *s, int mine)
{
    for (int rank = 0; rank < s->x->ranks; rank++)
        if (s->records[(size_t)rank * s->record_n] != 0) return rank == s->x->rank ? mine : RT_ELSEWHERE;
    return NNRT_OK;
}

/* All ranks know then whether all can go on, where to, and the numbers of all shards. */
static int tell_all(const Shards *s, int failure, int32_t *next)
{
    s->record[0] = failure;
    s->record[1] = *next;
    for (int j = 0; j < s->count; j++)
        memcpy(s->record + 2 + j * s->most_args, s->shard[j].note, sizeof(double) * (size_t)s->most_args);
    int code = s->x->gather(s->record, sizeof(double) * s->record_n, s->records);
    if (!code) code = told_failure(s, failure);
    *next = (int32_t)s->records[1]; /* rank 0's: its first shard has examples */
    return code;
}

/* The shards of this process; those that are empty are behind the others. */
static int run_part(Run *r, const struct Show *show, int32_t i, int32_t k, int32_t *from)
{
    Shards *s = r->shards;
    int32_t next = 0;
    int failure = s->reads ? s->x->have_read() : NNRT_OK;
    s->reads = false;
    if (failure) return failure;
    for (int j = 0; j < s->count && s->shard[j].rows && !failure; j++) {
        r->m->show = i == k && s->first + j == 0 ? show : NULL;
        int32_t number = 1 + (i - 1) * s->n + s->first + j, end;
        failure = run_shard(r, j, *from, number, &next);
        if (!failure && next >= 0) take_gradient(r, statement_before(r, next), j, i, k);
        if (!failure && ends(r, next)) failure = run_shard(r, j, next, number, &end);
    }
    r->m->show = NULL;
    int code = tell_all(s, failure, &next);
    for (int j = 0; j < s->count && !code && next >= 0; j++)
        if (!s->shard[j].rows) take_gradient(r, statement_before(r, next), j, i, k);
    *from = next;
    return code;
}

/* ---- the update ------------------------------------------------------------------------------------------------ */

/* The mean of what shards say; where they agree it is what they say. */
static double mean_of(const Shards *s, int number)
{
    double first = 0, sum = 0;
    for (int k = 0; k < s->n && rows_of(s, k); k++) {
        double v = s->records[(size_t)(k / s->count) * s->record_n + 2 + (size_t)(k % s->count * s->most_args + number)];
        if (k == 0) first = v;
        if (v != first) sum += weight_of(s, k) * (v - first);
    }
    return first + sum / s->n;
}

/* The means of the shards, as part of a gradient block. */
static int sum_gradient(Run *r, int32_t statement, Gradient *grad)
{
    Shards *s = r->shards;
    size_t first;
    Sum sum;
    Vector g = gradient_of(r, statement, &first);
    int code = s->x->sum(r->m, g.at, g.n, g.bytes, 1.0 / s->n, &sum);
    if (code) return code;
    s->reads = sum.all != g.at;
    *grad = (Gradient){(const char *)sum.all - first * (size_t)g.bytes, sum.finite};
    for (int i = 0; i < s->most_args; i++)
        s->args[i] = mean_of(s, i);
    return NNRT_OK;
}

static int update(Run *r, int32_t statement, Gradient grad)
{
    Shards *s = r->shards;
    s->update_place.pace = &s->pace[r->e->n_statements + 1];
    int code = step_failure(r, NULL, rt_apply(r->m, &s->update_place, r->entry, statement, grad, s->args));
    s->torn |= !code;
    return code && s->x->rank ? RT_ELSEWHERE : code;
}

/* ---- sums of reports ------------------------------------------------------------------------------------------- */

static int add_sums(Run *r)
{
    Shards *s = r->shards;
    size_t n = s->sum_bytes / sizeof(double);
    double *all = s->all_sums, *mine = all + n * (size_t)s->n, *sums = shards_sums(r);
    for (int j = 0; j < s->count; j++)
        memcpy(mine + n * (size_t)j, s->shard[j].sums, s->sum_bytes);
    int code = s->x->gather(mine, s->sum_bytes * (size_t)s->count, all);
    if (code) return code;
    memcpy(sums, s->batch.sums, s->sum_bytes);
    for (int k = 0; k < s->n && rows_of(s, k); k++)
        for (size_t i = 0; i < n; i++)
            sums[i] += all[n * (size_t)k + i];
    return NNRT_OK;
}

/* ---- a step -------------------------------------------------------------------------------------------------------- */

static int run_batch(Run *r, const struct Show *show, int32_t i, int32_t k)
{
    int32_t from = 0, none = -1;
    int code = take_batch(r);
    if (code) {
        int told = tell_all(r->shards, code, &none);
        return told ? told : code;
    }
    begin_batch(r);
    bool last = false;
    Gradient grad = {0};
    while (!code && from >= 0 && !last) {
        code = run_part(r, show, i, k, &from);
        last = !code && ends(r, from);
        if (!code && from >= 0 && i == k) code = sum_gradient(r, statement_before(r, from), &grad);
        if (!code && from >= 0 && i == k && !last) code = update(r, statement_before(r, from), grad);
    }
    if (!code) code = shards_mean_states(r);
    if (!code) code = add_sums(r);
    return code || !last || i < k ? code : update(r, statement_before(r, from), grad);
}

int shards_update(Run *r, int32_t k, const struct Show *show)
{
    Shards *s = r->shards;
    int code = NNRT_OK;
    s->torn = false;
    take_copy(r, &s->update);
    for (int32_t i = 1; i <= k && !code; i++)
        code = run_batch(r, show, i, k);
    if (code) {
        put_back(r, &s->update);
        return code;
    }
    r->area->step++;
    s->torn = false;
    return NNRT_OK;
}

bool shards_torn(const Run *r)
{
    return r->shards && r->shards->torn;
}
