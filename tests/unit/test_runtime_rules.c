/* links: m pthread */
/* SPDX-License-Identifier: MIT
 * test_runtime_rules.c: updates of the core, compiled for the host in double precision, with the formulas of tests/optimizers/formulas.h:
 * every call, from weights of 0 and with gradients of 0 too, with one thread and with three, in groups; and what is refused. */
#define NNRT_DOUBLE
#include "core/rules.c"
#include "core/unit.c"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "../optimizers/formulas.h"
#include "rows.h"

/* ---- a program with three tensors; before the first and between them are 16 elements of others ---- */

enum { GAP = 16, HULL = GAP, Q_AT = HULL + 16 + GAP, R_AT = Q_AT + MOST + GAP, END = R_AT + 512, COUNT = END - HULL };
static const nnrt_range range[TENSORS] = {{HULL, 16}, {Q_AT, MOST}, {R_AT, 512}};
static const int64_t first[TENSORS] = {HULL, Q_AT, R_AT};
enum { LINE = 17 };

typedef struct Area { /* train area */
    nnrt_train head;
    int64_t count;
    nnrt_float grad[COUNT], slot[SLOTS][COUNT];
} Area;

typedef struct Machine {
    double numbers[16]; /* loss, then the optimizer's */
    nnrt_statement statement;
    nnrt_entry entry;
    int threads;
    struct {
        unsigned char head[64];
        nnrt_float w[END];
    } model;
    Area area;
    double partial[64];
    double more[COUNT];
} Machine;

#define measure_of_elements(NAME) NULL
#define measure_of_tensors(NAME) nnrt_measure_##NAME

static void choose_rule(Machine *m, const char *name, const Call *a)
{
    nnrt_statement *s = &m->statement;
    double *to = m->numbers + 1;
    bool slot[2 * SLOTS] = {0};
    int k = 0;
#define NUMBER(NAME, DEFAULT, RANGE) *to++ = a->NAME;
#define SLOT_NUMBER(NAME, DEFAULT, RANGE) *to++ = a->NAME, slot[k++] = a->NAME > 0;
#define SLOT_SWITCH(NAME) slot[k++] = a->NAME;
#define OPTIMIZER(NAME, SEES, N, ARGUMENTS) \
    if (strcmp(name, #NAME) == 0) { \
        s->update[0] = nnrt_rule_##NAME, s->measure[0] = measure_of_##SEES(NAME); \
        for (; k < N; k++) \
            slot[k] = true; \
        ARGUMENTS \
    }
#include "optimizers.def"
    cr_assert_not_null(s->update[0], "%s", name);
    s->n_args = (int32_t)(to - m->numbers) - 1;
    for (k = 0; k < SLOTS; k++)
        s->slot_offset[k] = slot[k] ? offsetof(Area, slot) + (size_t)k * sizeof m->area.slot[0] : 0;
}

/* The optimizer in front of the parenthesis. */
static Machine *machine_new(int call, int threads)
{
    Machine *m = calloc(1, sizeof *m);
    char name[32] = {0};
    cr_assert_not_null(m);
    memcpy(name, calls[call].source, strcspn(calls[call].source, "("));
    m->statement = (nnrt_statement){.n_ranges = TENSORS,
                                    .range = range,
                                    .count_offset = offsetof(Area, count),
                                    .unseen = range,
                                    .hull = HULL,
                                    .finite = {nnrt_rule_finite},
                                    .line = LINE,
                                    .n_unseen = TENSORS};
    choose_rule(m, name, &calls[call].call);
    m->entry = (nnrt_entry){.statement = &m->statement, .grad_offset = offsetof(Area, grad), .grad_count = COUNT};
    m->threads = threads;
    return m;
}

/* ---- the gang ---- */

static void wait_for(void *user, const uint32_t *word, uint32_t value)
{
    (void)user, (void)word, (void)value;
    sched_yield();
}

static void wake(void *user, const uint32_t *word)
{
    (void)user, (void)word;
}

static const nnrt_host host = {.size = sizeof host, .wait = wait_for, .wake = wake};

typedef struct Worker {
    Machine *m;
    nnrt_ctx *ctx;
    int32_t tid, left;
} Worker;

static void *work(void *arg)
{
    Worker *w = arg;
    w->left = nnrt_update(w->ctx, 0, w->m->numbers, w->tid);
    return NULL;
}

/* One update by all threads: what the core says of it. */
static nnrt_ctx update(Machine *m)
{
    void *base[NNRT_MAX_BASES] = {[NNRT_BASE_MODEL] = &m->model, [NNRT_BASE_TRAIN] = &m->area};
    nnrt_ctx ctx = {.base = base, .nt = m->threads, .entry = &m->entry, .partial = m->partial, .host = &host};
    pthread_t thread[8];
    Worker worker[8];
    for (int32_t i = 0; i < m->threads; i++)
        worker[i] = (Worker){m, &ctx, i, 0};
    for (int i = 1; i < m->threads; i++)
        cr_assert_eq(pthread_create(&thread[i], NULL, work, &worker[i]), 0);
    work(&worker[0]);
    for (int i = 1; i < m->threads; i++) {
        pthread_join(thread[i], NULL);
        cr_assert_eq(worker[i].left, worker[0].left);
    }
    return ctx;
}

/* ---- the formulas ---- */

static void start(Machine *m, double part)
{
    memset(state, 0, sizeof state);
    for (int k = 0; k < TENSORS; k++) {
        state[k].n = tensors[k].n;
        for (int i = 0; i < state[k].n; i++)
            m->model.w[first[k] + i] = state[k].w[i] = part * tensors[k].start;
    }
}

/* Gradients as they are before any limit. In groups of `members` each has another one, of which the mean is this. */
static void give_gradients(Machine *m, int t, double part, int member, int members)
{
    static const Call none;
    set_gradients(t, &none);
    for (int k = 0; k < TENSORS; k++)
        for (int i = 0; i < state[k].n; i++)
            m->area.grad[first[k] - HULL + i] = part * state[k].g[i] + (members > 1 ? (member - (members - 1) / 2.0) * (1 + i % 3) : 0);
}

static void expect_weights(const Machine *m, const char *name, int t)
{
    int64_t at = 0;
    for (int k = 0; k < TENSORS; k++) {
        for (; at < first[k]; at++)
            cr_assert_eq(m->model.w[at], 0, "%s, update %d: element %d is of no tensor", name, t + 1, (int)at);
        for (int i = 0; i < state[k].n; i++, at++) {
            double want = state[k].w[i], got = m->model.w[at];
            cr_assert(fabs(got - want) <= 1e-12 * fmax(1, fabs(want)), "%s, update %d: %s[%d] is %.17g, not %.17g", name, t + 1,
                      tensors[k].name, i, got, want);
        }
    }
}

/* `steps` updates from part_w of the start, with part_g of the gradients, each of a group of `members`. */
static void follow(int call, int threads, int steps, double part_w, double part_g, int members)
{
    Machine *m = machine_new(call, threads);
    start(m, part_w);
    for (int t = 0; t < steps; t++) {
        for (int i = 0; i < members; i++) {
            m->area.head.group = members == 1 ? 0 : i + 1 < members ? i + 1 : -members;
            m->area.head.more = members > 1 ? m->more : NULL;
            give_gradients(m, t, part_g, i, members);
            nnrt_ctx ctx = update(m);
            cr_assert(!ctx.fail && ctx.made == (i + 1 == members), "%s: %d", calls[call].name, ctx.fail);
        }
        cr_assert_eq(m->area.count, t + 1);
        set_gradients(t, &calls[call].call);
        for (int k = 0; k < TENSORS; k++)
            for (int i = 0; i < state[k].n && part_g != 1; i++)
                state[k].g[i] *= part_g;
        step_all(calls[call].rule, &calls[call].call);
        expect_weights(m, calls[call].name, t);
    }
    free(m);
}

static const struct {
    int threads, steps;
    double part_w, part_g;
    int members;
} ways[] = {
    {1, 12, 1, 1, 1}, {3, 3, 1, 1, 1}, {1, 3, 0, 1, 1}, /* weights of 0 */
    {1, 3, 1, 0, 1}, /* gradients of 0 */
    {2, 2, 1, 1, 3}, /* groups of three batches */
};

TestRows(rules, do_what_their_formulas_say, N_ROWS(ways))
{
    for (int c = 0; c < CALLS; c++)
        follow(c, ways[row].threads, ways[row].steps, ways[row].part_w, ways[row].part_g, ways[row].members);
}

static int call_named(const char *name)
{
    int c = 0;
    while (c < CALLS && strcmp(calls[c].name, name) != 0)
        c++;
    cr_assert_lt(c, CALLS, "%s", name);
    return c;
}

/* After hundreds of updates: powers and the products of nadam. */
Test(rules, count_on)
{
    static const char *const names[] = {"adam", "nadam", "radam", "lamb"};
    for (int k = 0; k < 4; k++)
        follow(call_named(names[k]), 1, 60, 1, 1, 1);
}

/* What stays subnormal for ever would be slow. */
Test(rules, subnormal_slots_become_zero)
{
    static const struct {
        double gradient, slot;
    } rows[] = {{0x1p-1022, 0x1p-1022}, {-0x1p-1022, -0x1p-1022}, {0x1.fp-1023, 0}, {-0x1.fp-1023, 0}, {0x1p-1021, 0x1p-1021}};
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        Machine *m = machine_new(call_named("momentum"), 1);
        m->area.grad[3] = rows[i].gradient;
        cr_assert(!update(m).fail);
        cr_expect_eq(m->area.slot[0][3], rows[i].slot, "row %zu: %g", i, m->area.slot[0][3]);
        free(m);
    }
}

/* ---- what is refused ---- */

typedef struct Refused {
    const char *call;
    int number; /* of the statement's scalars; 0: the loss; NNRT_GRADIENT: `at` in the gradient */
    int64_t at;
    double value;
    bool refused;
} Refused;

static const Refused refused[] = {
    {"adam", 0, 0, INFINITY, true},
    {"adam", 0, 0, NAN, true},
    {"adam", 1, 0, NAN, true}, /* lr */
    {"adam", 2, 0, INFINITY, true}, /* decay */
    {"adam", 3, 0, INFINITY, false}, /* clip: no limit */
    {"adam", 3, 0, NAN, true},
    {"adam", 3, 0, -INFINITY, true},
    {"adam", 4, 0, INFINITY, false}, /* clip_value */
    {"adam", 4, 0, NAN, true},
    {"adam", 5, 0, INFINITY, false}, /* clip_weights */
    {"adam", 5, 0, NAN, true},
    {"adam", 8, 0, NAN, true}, /* eps, the last */
    {"adam", 9, 0, NAN, false}, /* which it does not have */
    {"adam", NNRT_GRADIENT, 0, NAN, true},
    {"adam", NNRT_GRADIENT, 4, -INFINITY, true},
    {"adam", NNRT_GRADIENT, 20, NAN, false}, /* of no tensor */
    {"adam", NNRT_GRADIENT, Q_AT - HULL, INFINITY, true},
    {"adam", NNRT_GRADIENT, Q_AT - HULL + MOST - 1, INFINITY, true},
    {"adam", NNRT_GRADIENT, Q_AT - HULL + MOST / 3, INFINITY, true},
    {"adam", NNRT_GRADIENT, COUNT - 1, NAN, true},
    {"adam_all", NNRT_GRADIENT, 0, NAN, true}, /* found by the norm */
    {"adam_all", NNRT_GRADIENT, Q_AT - HULL + 4095, -INFINITY, true},
    {"adam_all", NNRT_GRADIENT, COUNT - 1, INFINITY, true},
    {"sgd_all", NNRT_GRADIENT, COUNT - 1, INFINITY, true}, /* a limit is for large numbers */
    {"sgd_all", NNRT_GRADIENT, COUNT - 1, 1e300, false},
    {"adam_all", NNRT_GRADIENT, COUNT - 1, 1e300, true}, /* its square is not finite */
};

static void expect_refused(const Refused *r)
{
    for (int threads = 1; threads <= 3; threads += 2) {
        Machine *m = machine_new(call_named(r->call), threads), *before = malloc(sizeof *m);
        start(m, 1);
        give_gradients(m, 0, 1, 0, 1);
        if (r->number == NNRT_GRADIENT)
            m->area.grad[r->at] = r->value;
        else
            m->numbers[r->number] = r->value;
        *before = *m;
        nnrt_ctx ctx = update(m);
        cr_assert_eq(ctx.fail, r->refused ? NNRT_E_NUMERIC : NNRT_OK, "%s, number %d, %d: %g", r->call, r->number, (int)r->at, r->value);
        if (r->refused) {
            cr_assert(ctx.stop == 1 && ctx.fail_line == LINE && ctx.stop_number == r->number && ctx.made == 0, "%d", ctx.stop_number);
            cr_assert(memcmp(&m->model, &before->model, sizeof m->model) == 0 && memcmp(&m->area, &before->area, sizeof m->area) == 0);
        }
        free(m), free(before);
    }
}

Test(rules, refuse_what_is_not_finite)
{
    for (size_t i = 0; i < N_ROWS(refused); i++)
        expect_refused(&refused[i]);
}

/* gradcheck: the step ends at a statement, with its numbers, and the others are left out. */
Test(rules, a_step_ends_at_a_statement)
{
    Machine *m = machine_new(call_named("adam"), 1);
    double note[16] = {0};
    m->numbers[0] = 3;
    m->area.head.note = note;
    m->area.head.stop_at = 2;
    nnrt_ctx ctx = update(m);
    cr_assert(!ctx.fail && !ctx.made && m->area.count == 0 && note[0] == 0);
    m->area.head.stop_at = 1;
    ctx = update(m);
    cr_assert(!ctx.fail && !ctx.made && m->area.count == 0);
    cr_assert(memcmp(note, m->numbers, 9 * sizeof *note) == 0 && note[9] == 0);
    free(m);
}

/* Kernels have looked at the others, unless one of them has seen something or the gradient is a mean. */
Test(rules, what_kernels_have_looked_at_is_left_out)
{
    Machine *m = machine_new(call_named("sgd"), 1);
    m->statement.n_unseen = 1;
    m->area.grad[Q_AT - HULL] = NAN;
    cr_assert_eq(update(m).fail, NNRT_OK);
    cr_assert(m->model.w[Q_AT] != m->model.w[Q_AT]);
    m->area.head.group = -1;
    cr_assert_eq(update(m).fail, NNRT_E_NUMERIC);
    free(m);
}
