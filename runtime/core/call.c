/* SPDX-License-Identifier: MIT
 * call.c: one call of an entry point: checks, prologue, the gang; reports.
 *
 * Every check is made here, from the entry's tables, before anything is written; generated code checks nothing. */
#include "core.h"

APART static int fail(nnrt_call *call, int code, int line, int argument, int64_t wanted, int64_t given)
{
    if (call) call->error = (nnrt_error){code, line, argument, -1, wanted, given};
    return code;
}

/* ---- floating-point environment: round to nearest, subnormals on ------------------------------------- */

#if defined(__x86_64__)
static uint32_t enter_float(void)
{
    uint32_t old = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(0x1F80);
    return old;
}
static void leave_float(uint32_t old)
{
    __builtin_ia32_ldmxcsr(old);
}
#else
static uint32_t enter_float(void)
{
    return 0;
}
static void leave_float(uint32_t old)
{
    (void)old;
}
#endif

typedef struct Gang {
    nnrt_ctx *ctx;
    void (*driver)(nnrt_ctx *ctx, int64_t tid);
} Gang;

static void run_thread(void *arg, int i)
{
    Gang *gang = arg;
    uint32_t old = enter_float();
    gang->driver(gang->ctx, i);
    leave_float(old);
}

static void run_gang(nnrt_ctx *ctx, void (*driver)(nnrt_ctx *, int64_t), const nnrt_host *host)
{
    Gang gang = {ctx, driver};
    if (HAS(host) && ctx->nt > 1)
        host->gang(host->user, ctx->nt, run_thread, &gang);
    else
        run_thread(&gang, 0);
}

/* ---- sizes ------------------------------------------------------------------------------------------- */

static uint64_t partial_bytes(const nnrt_entry *entry)
{
    return core_align(sizeof(double) * entry->n_partials);
}

/* Values: those of the work area, and behind them what has no room in the gradient block of a training. */
static uint64_t value_bytes(const nnrt_code *code, const int64_t *table)
{
    return core_align((uint64_t)table[code->work_entry]) + (HAS(trains) ? core_align((uint64_t)table[code->lent_entry]) : 0);
}

APART static size_t work_bytes(const nnrt_entry *entry, const nnrt_code *code, const int64_t *table, int threads)
{
    uint64_t work = value_bytes(code, table);
    uint64_t scratch = core_align((uint64_t)table[code->scratch_entry]);
    uint64_t total = work + partial_bytes(entry);
    if ((size_t)total != total || (scratch && (uint64_t)threads > (SIZE_MAX - total) / scratch)) return SIZE_MAX;
    return (size_t)(total + (uint64_t)threads * scratch);
}

static int is_too_large(int64_t size)
{
    return HAS(most_size) > 0 && size > HAS(most_size);
}

size_t nnrt_core_work(const nnrt_entry *entry, const int64_t *sizes, int threads)
{
    size_t most = 0;
    for (int32_t i = 0; i < entry->n_sizes; i++)
        if (sizes[i] < 1 || is_too_large(sizes[i])) return SIZE_MAX;
    for (int32_t k = 0; k < 1 << (HAS(conditions) ? entry->n_conditions : 0); k++) {
        const nnrt_code *code = entry->code[k];
        int64_t table[code->n_table + 1];
        if (code->prologue(table, sizes)) return SIZE_MAX;
        size_t bytes = work_bytes(entry, code, table, threads < 1 ? 1 : threads);
        if (bytes > most) most = bytes;
    }
    return most;
}

static int threads_of(const nnrt_call *call)
{
    const nnrt_host *host = HAS(host) ? call->host : NULL;
    return host && host->gang && host->threads > 1 ? host->threads : 1;
}

/* The host, if its threads can sleep: older structs end before that. */
static const nnrt_host *sleeping_host(const nnrt_call *call)
{
    const nnrt_host *host = HAS(host) ? call->host : NULL;
    return host && host->size >= sizeof *host && host->wait && host->wake ? host : NULL;
}

static const nnrt_watch *watch_of(const nnrt_call *call)
{
    const nnrt_host *host = HAS(host) ? call->host : NULL;
    return host && host->size >= sizeof(nnrt_watch) ? (const nnrt_watch *)(const void *)host : NULL;
}

/* ---- checks on entry ---------------------------------------------------------------------------------- */

static int holds(int64_t left, int32_t oper, int64_t right)
{
    switch (oper) {
    case 0: return left == right;
    case 1: return left != right;
    case 2: return left < right;
    case 3: return left <= right;
    case 4: return left > right;
    default: return left >= right;
    }
}

static int check_requires(const nnrt_entry *entry, const nnrt_code *code, const int64_t *table, nnrt_call *call)
{
    for (int32_t i = 0; HAS(requires) && i < entry->n_requires; i++) {
        const nnrt_require *r = &code->require[i];
        if (!holds(table[r->left], r->oper, table[r->right]))
            return fail(call, NNRT_E_REQUIRES, r->line, i, table[r->right], table[r->left]);
    }
    return NNRT_OK;
}

static int check_args(const nnrt_entry *entry, const nnrt_code *code, const int64_t *table, void *const *args, nnrt_call *call)
{
    for (int32_t i = 0; i < entry->n_args + entry->n_results; i++) {
        const nnrt_arg *a = &code->arg[i];
        if (!args[i]) return fail(call, NNRT_E_ALIGN, a->line, i, 1, 0);
        if (!HAS(bounds) || a->bound_entry < 0 || a->is_result || a->dtype != NNRT_I32) continue;
        const int32_t *v = args[i];
        int64_t bound = table[a->bound_entry];
        uint32_t least_wrong = bound > INT32_MAX ? (uint32_t)1 << 31 : (uint32_t)bound; /* so is what is below 0 */
        size_t n = (size_t)table[a->bytes_entry];
        for (size_t k = 0; k < n; k++)
            if ((uint32_t)v[k] >= least_wrong) return fail(call, NNRT_E_RANGE, a->line, i, bound, v[k]);
    }
    return NNRT_OK;
}

static int check_call(const nnrt_entry *entry, const void *model, const void *train, nnrt_call *call, const int64_t *sizes)
{
    if (!call || call->size < sizeof *call - sizeof call->error) return NNRT_E_ABI;
    if (!model || (uintptr_t)model % NNRT_ALIGN) return fail(call, NNRT_E_ALIGN, 0, -1, NNRT_ALIGN, 0);
    if (entry->kind != NNRT_EXPORT_ENTRY && (!train || (uintptr_t)train % NNRT_ALIGN))
        return fail(call, NNRT_E_ALIGN, 0, -1, NNRT_ALIGN, 0);
    if ((uintptr_t)call->work % NNRT_ALIGN) return fail(call, NNRT_E_ALIGN, 0, -1, NNRT_ALIGN, 0);
    for (int32_t i = 0; i < entry->n_sizes; i++)
        if (sizes[i] < 1 || is_too_large(sizes[i])) return fail(call, sizes[i] < 1 ? NNRT_E_SHAPE : NNRT_E_WORK, 0, i, 1, sizes[i]);
    return NNRT_OK;
}

/* ---- what was not finite ------------------------------------------------------------------------------- */

static int covers(const nnrt_statement *s, int64_t element)
{
    for (int32_t k = 0; k < s->n_ranges; k++)
        if (element >= s->range[k].offset && element < s->range[k].offset + s->range[k].count) return 1;
    return 0;
}

/* The first tensor whose gradient is not finite; -1: none is (their squares overflow). */
static int32_t bad_tensor(const nnrt_program *program, const nnrt_entry *entry, const nnrt_statement *s, const void *train)
{
    const nnrt_float *grad = (const nnrt_float *)(const void *)((const unsigned char *)train + entry->grad_offset) - s->hull;
    for (int32_t i = 0; i < program->n_tensors; i++) {
        const nnrt_tensor_info *t = &program->tensor[i];
        int64_t first = (t->offset - 64) / (int64_t)sizeof(nnrt_float);
        if (!t->is_state && covers(s, first) && !s->finite[0](grad + first, t->padded)) return i;
    }
    return -1;
}

static int fail_update(const nnrt_program *program, const nnrt_entry *entry, const nnrt_ctx *ctx, const void *train, nnrt_call *call)
{
    int32_t statement = ctx->stop - 1;
    fail(call, NNRT_E_NUMERIC, ctx->fail_line, statement, ctx->made, ctx->stop_number);
    if (HAS(details) && ctx->stop_number == NNRT_GRADIENT)
        call->error.axis = bad_tensor(program, entry, &entry->statement[statement], train);
    return NNRT_E_NUMERIC;
}

/* ---- the call ------------------------------------------------------------------------------------------ */

static void set_bases(const nnrt_program *program, const nnrt_entry *entry, const nnrt_code *code, nnrt_ctx *ctx, void **base, void *model,
                      void *train, nnrt_call *call, void *const *args, const int64_t *table)
{
    unsigned char *work = call->work;
    base[NNRT_BASE_MODEL] = model;
    base[NNRT_BASE_TRAIN] = base[NNRT_BASE_SUMS] = train;
    base[NNRT_BASE_WORK] = work;
    if (HAS(trains)) base[NNRT_BASE_LENT] = work + core_align((uint64_t)table[code->work_entry]);
    if (HAS(trains) && entry->kind == NNRT_TRAIN_ENTRY && !table[code->lent_entry])
        base[NNRT_BASE_LENT] = (unsigned char *)train + entry->grad_offset;
    work += value_bytes(code, table);
    ctx->partial = (double *)(void *)work;
    base[NNRT_BASE_SCRATCH] = work + partial_bytes(entry);
    base[NNRT_BASE_CONST] = (void *)(uintptr_t)program->const_data;
    for (int32_t i = 0; i < entry->n_args + entry->n_results; i++)
        base[NNRT_BASE_ARG + i] = args[i];
}

/* The statement that a step begins with. One that comes to none of those behind it has ended. */
static int32_t begin_with(const nnrt_entry *entry, nnrt_train *train)
{
    if (!HAS(host) || entry->kind != NNRT_TRAIN_ENTRY || train->stop_at >= 0) return 0;
    int32_t from = train->from;
    train->from = -1;
    return from;
}

/* The 64-byte block of an evaluation. */
enum { PLACE_BATCH, PLACE_STEP, PLACE_EPOCH, PLACE_STEPS };

static int64_t *place_of(const nnrt_entry *entry, void *sums)
{
    return (int64_t *)(void *)((unsigned char *)sums + entry->batch_offset);
}

static void set_counters(const nnrt_entry *entry, int64_t *counter, void *train, const nnrt_call *call)
{
    counter[NNRT_COUNT_SEED] = (int64_t)call->seed;
    if (HAS(trains) && entry->kind == NNRT_TRAIN_ENTRY) {
        const nnrt_train *t = train;
        int32_t member = !HAS(host) ? 0 : t->group > 0 ? t->group - 1 : t->group < 0 ? -t->group - 1 : 0;
        counter[NNRT_COUNT_STEP] = t->step, counter[NNRT_COUNT_EPOCH] = t->epoch, counter[NNRT_COUNT_STEPS] = t->steps;
        counter[NNRT_COUNT_SEED] = (int64_t)(t->seed + (uint64_t)member * 0x9E3779B97F4A7C15u); /* batches of a group draw differently */
    } else if (HAS(evals) && entry->kind == NNRT_EVAL_ENTRY) {
        const int64_t *place = place_of(entry, train);
        counter[NNRT_COUNT_STEP] = place[PLACE_BATCH];
        counter[NNRT_COUNT_RUN_STEP] = place[PLACE_STEP];
        counter[NNRT_COUNT_RUN_EPOCH] = place[PLACE_EPOCH];
        counter[NNRT_COUNT_RUN_STEPS] = place[PLACE_STEPS];
    }
}

int nnrt_core_call(const nnrt_program *program, const nnrt_entry *entry, void *model, void *train, nnrt_call *call, const int64_t *sizes,
                   void *const *args)
{
    int e = check_call(entry, model, train, call, sizes);
    if (e) return e;
    if (nnrt_core_check(program, model)) return fail(call, NNRT_E_ABI, 0, -1, 0, 0);
    int32_t level = core_level(program);
    if (level < 0) return fail(call, NNRT_E_CPU, 0, -1, (int64_t)program->level[0].needs, (int64_t)nnrt_core_cpu());
    int64_t counter[NNRT_N_COUNTERS] = {0};
    void *base[NNRT_MAX_BASES] = {0};
    nnrt_ctx ctx = {
        .nt = threads_of(call), .entry = entry, .host = sleeping_host(call), .watch = watch_of(call), .base = base, .level = level};
    ctx.from = begin_with(entry, train);
    set_counters(entry, counter, train, call);
    base[NNRT_BASE_COUNTERS] = counter;
    base[NNRT_BASE_OPTIONS] = (void *)(uintptr_t)(call->options ? call->options : program->options);
    const nnrt_code *code = entry->code[HAS(conditions) && entry->condition[level] ? entry->condition[level](&ctx) : 0];
    int64_t table[code->n_table + 1];
    ctx.table = table;
    if (code->prologue(table, sizes)) return fail(call, NNRT_E_WORK, 0, -1, 0, 0);
    size_t need = work_bytes(entry, code, table, ctx.nt);
    if ((e = check_requires(entry, code, table, call))) return e;
    if (need > call->work_bytes || (need && !call->work)) return fail(call, NNRT_E_WORK, 0, -1, (int64_t)need, (int64_t)call->work_bytes);
    if ((e = check_args(entry, code, table, args, call))) return e;
    set_bases(program, entry, code, &ctx, base, model, train, call, args, table);
    run_gang(&ctx, code->driver[level], call->host);

    if (HAS(asserts) && ctx.fail == NNRT_E_ASSERT)
        return fail(call, NNRT_E_ASSERT, ctx.fail_line, ctx.assertion, ctx.first_false, ctx.n_false);
    if (HAS(trains) && ctx.fail && ctx.stop) return fail_update(program, entry, &ctx, train, call);
    if (ctx.fail) return fail(call, ctx.fail, ctx.fail_line, -1, 0, 0);
    int whole = !HAS(host) || (entry->kind == NNRT_TRAIN_ENTRY && !((nnrt_train *)train)->stop_at && ((nnrt_train *)train)->group <= 0);
    if (HAS(trains) && entry->kind == NNRT_TRAIN_ENTRY && whole) ((nnrt_train *)train)->step++;
    if (HAS(evals) && entry->kind == NNRT_EVAL_ENTRY) ++place_of(entry, train)[PLACE_BATCH];
    return NNRT_OK;
}

typedef struct Apply {
    nnrt_ctx *ctx;
    int32_t statement;
    const double *args;
} Apply;

static void apply_thread(void *arg, int i)
{
    Apply *apply = arg;
    uint32_t old = enter_float();
    nnrt_update(apply->ctx, apply->statement, apply->args, i);
    leave_float(old);
}

int nnrt_core_apply(const nnrt_program *program, const nnrt_entry *entry, void *model, void *train, nnrt_call *call, int32_t statement,
                    const double *args)
{
    int32_t level = core_level(program);
    if (level < 0) return fail(call, NNRT_E_CPU, 0, -1, (int64_t)program->level[0].needs, (int64_t)nnrt_core_cpu());
    if (partial_bytes(entry) > call->work_bytes)
        return fail(call, NNRT_E_WORK, 0, -1, (int64_t)partial_bytes(entry), (int64_t)call->work_bytes);
    void *base[NNRT_MAX_BASES] = {0};
    nnrt_ctx ctx = {.nt = threads_of(call), .entry = entry, .host = sleeping_host(call), .base = base, .level = level, .suspect = 1};
    base[NNRT_BASE_MODEL] = model;
    base[NNRT_BASE_TRAIN] = train;
    ctx.partial = call->work;
    Apply apply = {&ctx, statement, args};
    if (ctx.nt > 1)
        call->host->gang(call->host->user, ctx.nt, apply_thread, &apply);
    else
        apply_thread(&apply, 0);
    return ctx.fail ? fail_update(program, entry, &ctx, train, call) : NNRT_OK;
}

/* ---- train areas, sums, reports -------------------------------------------------------------------------- */

static void start_sums(const nnrt_entry *entry, unsigned char *sums)
{
    for (uint64_t i = 0; i < entry->sum_bytes / sizeof(double); i++)
        ((double *)(void *)sums)[i] = entry->sum_init[i];
}

int nnrt_core_train_init(const nnrt_program *program, const nnrt_entry *entry, void *train, uint64_t seed)
{
    if (!train || (uintptr_t)train % NNRT_ALIGN) return NNRT_E_ALIGN;
    memset(train, 0, entry->train_bytes);
    nnrt_train *t = train;
    t->magic = program->hash ^ ((uint64_t)entry->index + 1);
    t->seed = seed;
    t->steps = 1; /* until core_plan: schedules divide by it */
    start_sums(entry, (unsigned char *)train + entry->sum_offset);
    return NNRT_OK;
}

int nnrt_core_sum_clear(const nnrt_program *program, const nnrt_entry *entry, void *sums)
{
    (void)program;
    if (!sums || (uintptr_t)sums % NNRT_ALIGN) return NNRT_E_ALIGN;
    memset(sums, 0, entry->sums_area);
    place_of(entry, sums)[PLACE_STEPS] = 1; /* until core_plan: schedules divide by it */
    start_sums(entry, sums);
    return NNRT_OK;
}

/* The values of a report from the sums in an area. */
static int work_out(const nnrt_program *program, const nnrt_entry *entry, unsigned char *area, double *values)
{
    const nnrt_code *code = entry->report;
    int32_t level = core_level(program);
    if (level < 0) return NNRT_E_CPU;
    int64_t table[code->n_table + 1], none = 0;
    int64_t counter[NNRT_N_COUNTERS] = {0};
    void *base[NNRT_MAX_BASES] = {0};
    nnrt_ctx ctx = {.table = table, .base = base, .nt = 1, .entry = entry, .level = level};
    base[NNRT_BASE_SUMS] = area + entry->sum_offset;
    base[NNRT_BASE_WORK] = area + entry->report_work_offset;
    base[NNRT_BASE_OPTIONS] = (void *)(uintptr_t)program->options;
    base[NNRT_BASE_COUNTERS] = counter;
    base[NNRT_BASE_CONST] = (void *)(uintptr_t)program->const_data;
    if (code->prologue(table, &none)) return NNRT_E_WORK;
    base[NNRT_BASE_SCRATCH] = area + entry->report_work_offset + core_align((uint64_t)table[code->work_entry]);
    for (int32_t i = 0, at = 0; i < entry->n_reports; at += entry->report_count[i++])
        base[NNRT_BASE_ARG + i] = values + at;
    if (entry->n_reports) run_gang(&ctx, code->driver[level], NULL);
    return NNRT_OK;
}

int nnrt_core_report(const nnrt_program *program, const nnrt_entry *entry, void *train_or_sums, double *values, int64_t *examples,
                     int clear)
{
    if (!train_or_sums || (uintptr_t)train_or_sums % NNRT_ALIGN) return NNRT_E_ALIGN;
    unsigned char *area = train_or_sums, *sums = area + entry->sum_offset;
    int code = HAS(reports) ? work_out(program, entry, area, values) : NNRT_OK;
    if (code) return code;
    if (examples) *examples = (int64_t)*(double *)(void *)sums;
    if (clear) start_sums(entry, sums);
    return NNRT_OK;
}

const nnrt_core_table nnrt_core_functions = {
    nnrt_core_init,   nnrt_core_check, nnrt_core_train_init, nnrt_core_sum_clear, nnrt_core_work,  nnrt_core_call,
    nnrt_core_report, nnrt_core_blank, nnrt_core_level,      nnrt_core_cpu,       nnrt_core_apply,
};
