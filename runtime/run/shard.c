/* SPDX-License-Identifier: MIT
 * shard.c: the memory of shards, and their states. */
#include "run/shard.h"

#include <string.h>

#include "base/dtype.h"
#include "run/shards.h"

void *shards_states(const Run *r)
{
    return (char *)r->m->model + r->m->program->state_offset;
}

void *shards_sums(const Run *r)
{
    return (char *)r->area + r->e->sum_offset;
}

/* ---- states -------------------------------------------------------------------------------------------------- */

static bool has_mean(const nnrt_tensor_info *t)
{
    return t->is_state && (t->dtype == NNRT_F32 || t->dtype == NNRT_F64);
}

/* Weighed numbers of the states that have a mean, one behind the other; or they are set from such numbers. */
static void state_numbers(const Run *r, unsigned char *states, double *v, double weight, bool set)
{
    const nnrt_program *p = r->m->program;
    for (int32_t i = 0; i < p->n_tensors; i++) {
        const nnrt_tensor_info *t = &p->tensor[i];
        void *at = states + t->offset - (int64_t)p->state_offset;
        for (int64_t k = 0; has_mean(t) && k < t->padded; k++, v++) {
            if (set)
                dtype_store(t->dtype, at, k, *v);
            else
                *v = weight != 0 ? weight * dtype_load(t->dtype, at, k) : 0;
        }
    }
}

int shards_mean_states(Run *r)
{
    Shards *s = r->shards;
    if (!r->e->writes_state || !s->state_bytes) return NNRT_OK;
    for (int j = 0; j < s->count; j++)
        state_numbers(r, s->shard[j].states, s->shard[j].mean, s->shard[j].weight, false);
    for (int step = 1; step < s->count; step *= 2)
        for (int j = 0; j + step < s->count; j += 2 * step)
            for (size_t k = 0; k < s->state_count; k++)
                s->shard[j].mean[k] += s->shard[j + step].mean[k];
    double *mean = s->shard[0].mean;
    Sum sum;
    int code = s->x->sum(r->m, mean, s->state_count, sizeof *mean, 1.0 / s->n, &sum);
    if (!code) code = s->x->share(s->shard[0].states, s->state_bytes);
    if (code) return code;
    memcpy(shards_states(r), s->shard[0].states, s->state_bytes);
    state_numbers(r, shards_states(r), sum.all, 0, true);
    return NNRT_OK;
}

/* ---- alone --------------------------------------------------------------------------------------------------- */

static int sum_alone(const nnrt *m, void *v, size_t n, int bytes, double by, Sum *sum)
{
    *sum = (Sum){.all = v};
    vector_scale(m, (Vector){v, n, bytes}, by);
    return NNRT_OK;
}

static int have_read_alone(void)
{
    return NNRT_OK;
}

static int gather_alone(const void *mine, size_t bytes, void *all)
{
    memcpy(all, mine, bytes);
    return NNRT_OK;
}

static int share_alone(void *v, size_t bytes)
{
    (void)v, (void)bytes;
    return NNRT_OK;
}

static int no_room(size_t bytes, void **at)
{
    (void)bytes, (void)at;
    return NNRT_OK;
}

static const Exchange alone = {
    .ranks = 1, .here = 1, .sum = sum_alone, .have_read = have_read_alone, .gather = gather_alone, .share = share_alone, .room = no_room};

/* ---- memory -------------------------------------------------------------------------------------------------- */

static int most_args(const nnrt_entry *e)
{
    int most = 1;
    for (int32_t k = 0; k < e->n_statements; k++) {
        int n = 1;
        for (int32_t g = 0; g <= e->statement[k].n_more; g++)
            n += e->statement[k + g].n_args;
        most = n > most ? n : most;
    }
    return most;
}

static size_t count_states(const nnrt_program *p)
{
    size_t n = 0;
    for (int32_t i = 0; i < p->n_tensors; i++)
        if (has_mean(&p->tensor[i])) n += (size_t)p->tensor[i].padded;
    return n;
}

static bool new_backup(const Shards *s, Backup *b)
{
    b->states = rt_alloc(s->state_bytes + 1);
    b->sums = rt_alloc(s->sum_bytes + 1);
    return b->states && b->sums;
}

static bool new_shard(const Run *r, Shard *shard)
{
    const Shards *s = r->shards;
    size_t more = r->s->accumulate > 1 ? (size_t)r->e->n_statements * (size_t)r->e->grad_count : 0;
    shard->note = rt_alloc(sizeof(double) * (size_t)s->most_args);
    shard->sums = rt_alloc(s->sum_bytes + 1);
    shard->mean = rt_alloc(sizeof(double) * s->state_count + 1);
    shard->states = rt_alloc(s->state_bytes + 1);
    shard->more = more ? rt_alloc(sizeof(double) * more) : NULL;
    return shard->note && shard->sums && shard->mean && shard->states && (!more || shard->more);
}

static bool new_memory(const Run *r)
{
    Shards *s = r->shards;
    s->record_n = 2 + (size_t)(s->count * s->most_args);
    s->shard = rt_alloc(sizeof(Shard) * (size_t)s->count);
    s->pace = rt_alloc(sizeof(Pace) * (size_t)(r->e->n_statements + 2));
    s->record = rt_alloc(sizeof(double) * s->record_n);
    s->records = rt_alloc(sizeof(double) * s->record_n * (size_t)s->x->ranks);
    s->all_sums = rt_alloc(s->sum_bytes * (size_t)(s->n + s->count) + 1);
    s->args = rt_alloc(sizeof(double) * (size_t)s->most_args);
    bool ok = s->shard && s->pace && s->record && s->records && s->all_sums && s->args;
    ok = ok && new_backup(s, &s->update) && new_backup(s, &s->batch);
    for (int j = 0; ok && j < s->count; j++)
        ok = new_shard(r, &s->shard[j]);
    for (int level = 0; ok && 1 << level < s->count; level++)
        ok = (s->tree[level] = rt_alloc((size_t)r->e->grad_count * r->m->program->float_bytes + 1)) != NULL;
    return ok;
}

static int refuse(const Run *r, const Exchange *x)
{
    if (r->s->shards % x->ranks)
        return rt_fail(RT_USAGE, "%d ranks cannot divide %lld shard%s: --shards %d, or a power of two above it", x->ranks,
                       (long long)r->s->shards, r->s->shards == 1 ? "" : "s", x->ranks);
    if (r->s->shards > 1 && r->e->odd_sum < 0)
        return rt_fail(RT_USAGE, "--shards %lld: an object of `nnc -Os` has steps for whole batches only", (long long)r->s->shards);
    if (r->s->shards > 1 && r->e->odd_sum)
        return rt_fail(RT_USAGE,
                       "--shards %lld: a metric that %s reports does more with a state than add to it, so what parts of a batch make "
                       "of it cannot be put together",
                       (long long)r->s->shards, r->name);
    return NNRT_OK;
}

int shards_start(Run *r)
{
    const nnrt_program *p = r->m->program;
    const Exchange *x = r->m->exchange ? r->m->exchange : &alone;
    int code = refuse(r, x);
    if (code || r->s->shards == 1) return code;
    Shards *s = r->shards = rt_alloc(sizeof *s);
    if (!s) return rt_no_memory();
    s->x = x;
    s->n = (int)r->s->shards;
    s->count = s->n / x->ranks;
    s->first = s->count * x->rank;
    s->state_bytes = (size_t)(p->model_bytes - p->state_offset);
    s->sum_bytes = (size_t)r->e->sum_bytes;
    s->state_count = count_states(p);
    s->most_args = most_args(r->e);
    return new_memory(r) ? NNRT_OK : rt_no_memory();
}

/* The train area moves to where the other ranks of this machine see it. */
int shards_meet(Run *r)
{
    void *room = NULL;
    int code = r->shards ? r->shards->x->room(r->e->train_bytes, &room) : NNRT_OK;
    if (code || !room) return code;
    memcpy(room, r->area, r->e->train_bytes);
    rt_free(r->area);
    r->shards->in_room = true;
    r->m->area[r->entry] = r->area = room;
    return NNRT_OK;
}

static void leave_room(Run *r)
{
    if (!r->shards->in_room) return;
    r->shards->x->leave(r->area);
    r->m->area[r->entry] = r->area = NULL;
}

int shards_first(const Run *r, int *count)
{
    *count = r->shards ? r->shards->count : 0;
    return r->shards ? r->shards->first : 0;
}

static void free_all(void *const *own, size_t n)
{
    for (size_t i = 0; i < n; i++)
        rt_free(own[i]);
}

void shards_end(Run *r)
{
    Shards *s = r->shards;
    if (!s) return;
    leave_room(r);
    for (int j = 0; s->shard && j < s->count; j++) {
        Shard *shard = &s->shard[j];
        void *own[] = {shard->place.work, shard->note, shard->more, shard->sums, shard->mean, shard->states};
        free_all(own, sizeof own / sizeof *own);
    }
    void *own[] = {s->shard,         s->pace,        s->record,       s->records,    s->all_sums,         s->args,
                   s->update.states, s->update.sums, s->batch.states, s->batch.sums, s->update_place.work};
    free_all(own, sizeof own / sizeof *own);
    free_all(s->tree, MOST_LEVELS);
    rt_free(s);
    r->shards = NULL;
}
