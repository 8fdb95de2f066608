/* SPDX-License-Identifier: MIT
 * machine.c: a graph as machine code in memory, and how to call it. */
#include "fuzz/machine.h"

#include "transform/transform.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

/* ---- what kernels call ----
 * The threads of a gang are coroutines: at a barrier one stops and the next runs, in an order that
 * changes from barrier to barrier. So a missing barrier or two writers of one place show in every
 * run, and nothing waits for the machine. */

enum { MOST_THREADS = 8, STACK = 1 << 18 };

typedef struct Gang {
    const Machine *m;
    nnrt_ctx *ctx;
    ucontext_t host, thread[MOST_THREADS];
    bool done[MOST_THREADS];
    int running;
} Gang;

static Gang gang;

static void barrier(nnrt_ctx *ctx)
{
    if (ctx->nt > 1) swapcontext(&gang.thread[gang.running], &gang.host);
}

static void fail(nnrt_ctx *ctx, int32_t code, int32_t line)
{
    ctx->fail = code;
    ctx->fail_line = line;
}

static const Machine *calling; /* whose driver runs */

static void copy_printed(nnrt_ctx *ctx, int32_t number, const void *values, int64_t n);

static void assertion(nnrt_ctx *ctx, int32_t number, int32_t line, const unsigned char *holds, int64_t n)
{
    (void)number;
    for (int64_t i = 0; i < n; i++)
        if (holds[i] != 1) fail(ctx, NNRT_E_ASSERT, line);
}

static void thread_main(void)
{
    gang.m->driver(gang.ctx, gang.running);
    gang.done[gang.running] = true;
}

static void start_thread(int tid, char *stack)
{
    ucontext_t *u = &gang.thread[tid];
    if (getcontext(u)) BUG("no context");
    u->uc_stack.ss_sp = stack;
    u->uc_stack.ss_size = STACK;
    u->uc_link = &gang.host;
    makecontext(u, thread_main, 0);
}

static void run_gang(const Machine *m, nnrt_ctx *ctx)
{
    static char *stacks;
    int n = ctx->nt < MOST_THREADS ? (int)ctx->nt : MOST_THREADS, left = n;
    if (n == 1) {
        m->driver(ctx, 0);
        return;
    }
    if (!stacks) stacks = aligned_alloc(64, (size_t)MOST_THREADS * STACK);
    gang = (Gang){.m = m, .ctx = ctx};
    for (int i = 0; i < n; i++)
        start_thread(i, stacks + (size_t)i * STACK);
    for (int phase = 0; left > 0; phase++)
        for (int i = 0; i < n; i++) {
            int tid = phase % 2 ? n - 1 - i : (i + phase / 2) % n;
            if (gang.done[tid]) continue;
            gang.running = tid;
            swapcontext(&gang.host, &gang.thread[tid]);
            left -= gang.done[tid];
        }
}

/* ---- values ---- */

static void put(char *p, uint8_t dtype, int64_t i, const TensorValue *v, int64_t k)
{
    switch (dtype) {
    case DT_bool: ((uint8_t *)p)[i] = v->i[k] != 0; break;
    case DT_i8:
    case DT_u8: ((uint8_t *)p)[i] = (uint8_t)v->i[k]; break;
    case DT_i32: ((int32_t *)p)[i] = (int32_t)v->i[k]; break;
    case DT_i64: ((int64_t *)p)[i] = v->i[k]; break;
    case DT_f32: ((float *)p)[i] = (float)v->f[k]; break;
    default: ((double *)p)[i] = v->f[k]; break;
    }
}

static void get(TensorValue *v, int64_t k, const char *p, int64_t i)
{
    switch (v->type.dtype) {
    case DT_bool: v->i[k] = ((const uint8_t *)p)[i]; break;
    case DT_i32: v->i[k] = ((const int32_t *)p)[i]; break;
    case DT_i64: v->i[k] = ((const int64_t *)p)[i]; break;
    case DT_f32: v->f[k] = ((const float *)p)[i]; break;
    default: v->f[k] = ((const double *)p)[i]; break;
    }
}

static void copy_printed(nnrt_ctx *ctx, int32_t number, const void *values, int64_t n)
{
    (void)ctx;
    if (!calling->printed) return;
    TensorValue *v = &calling->printed[number];
    if (v->count != n) BUG("print %d of %lld elements, not %lld", number, (long long)n, (long long)v->count);
    for (int64_t k = 0; k < n; k++)
        get(v, k, values, k);
}

/* ---- compile ---- */

static bool in_model(const GraphParam *param)
{
    return param->kind == PARAM_WEIGHT || param->kind == PARAM_STATE;
}

static bool is_constant(const Dims *dims, const Type *t)
{
    for (int a = 0; a < t->rank; a++)
        if (!dim_is_const(dims, t->dim[a], NULL)) return false;
    return true;
}

void machine_lay_out(Machine *m, Arena *arena, Graph *g)
{
    *m = (Machine){.arena = arena, .module = g->module, .source = g};
    for (uint32_t i = 0; i < g->param.n; i++) {
        GraphParam *param = &g->param.at[i];
        if (!in_model(param)) continue;
        if (!is_constant(g->module->dims, &param->type)) {
            param->kind = PARAM_INPUT;
            continue;
        }
        param->slot = m->layout.tensor.n;
        vec_add(arena, &m->layout.tensor, (LayoutTensor){.name = param->name, .type = param->type, .is_state = param->kind == PARAM_STATE});
    }
}

/* The module's constant tables, one behind the other. */
static int64_t *lay_out_tables(Machine *m)
{
    const Module *module = m->module;
    int64_t total = 0, *offset = ARENA_ARRAY(m->arena, int64_t, module->table.n + 1);
    TensorValue *value = ARENA_ARRAY(m->arena, TensorValue, module->table.n + 1);
    for (uint32_t i = 0; i < module->table.n; i++) {
        const Table *t = &module->table.at[i];
        value[i] = tensor_value_new(m->arena, module->dims, &t->type, NULL);
        for (int64_t k = 0; k < value[i].count; k++)
            if (value[i].f)
                value[i].f[k] = t->value[k];
            else
                value[i].i[k] = (int64_t)t->value[k];
        offset[i] = total;
        total += (table_bytes(module->dims, t) + 63) / 64 * 64;
    }
    m->constants = arena_alloc(m->arena, (size_t)total + 64);
    m->constants += (64 - (uintptr_t)m->constants % 64) % 64;
    for (uint32_t i = 0; i < module->table.n; i++)
        for (int64_t k = 0; k < value[i].count; k++)
            put(m->constants + offset[i] + table_place(module->dims, &module->table.at[i], k), value[i].type.dtype, 0, &value[i], k);
    return offset;
}

const char *machine_kernels(Machine *m, const MachineOptions *o)
{
    Arena scratch = {0};
    Pass pass = {.module = m->module, .scratch = &scratch};
    m->g = pass_pipeline(&pass, m->source, NULL, NULL);
    arena_free(&scratch);
    uint32_t n = symbol_count(m->module->dims);
    Symbol *symbols = ARENA_ARRAY(m->arena, Symbol, n + 1);
    for (uint32_t i = 0; i < n; i++)
        symbols[i] = i + 1;
    KernelOptions options = {.no_fusion = o->no_fusion,
                             .no_reuse = o->no_reuse,
                             .least_group = o->least_group,
                             .least_band = o->least_band,
                             .most_work = o->most_work,
                             .n_symbols = n,
                             .symbols = symbols,
                             .const_offset = lay_out_tables(m)};
    m->layout.float_dtype = o->f64 ? DT_f64 : DT_f32;
    layout_model(&m->layout, m->module->dims);
    m->p = kernel_build(m->arena, m->g, &m->layout, &m->entry, &options);
    return kernel_verify(m->p, m->arena);
}

LoopModule *machine_loops(Machine *m, const LoopTarget *target)
{
    LoopModule *loops = ARENA_NEW(m->arena, LoopModule);
    *loops = (LoopModule){.arena = m->arena, .module = m->module, .target = *target};
    loop_lower(loops, m->p, "t");
    loop_share(loops);
    return loops;
}

static const char *generate(Machine *m, const CgTarget *target)
{
    LoopModule *loops = machine_loops(m, &target->loop);
    const char *error = loop_verify(loops, m->arena);
    if (error) return arena_print(m->arena, "loops: %s", error);
    for (uint32_t i = 0; i < loops->fn.n; i++)
        loops->fn.at[i]->exported = true;
    m->cg = codegen_new(m->arena, target, "fuzz", 0);
    codegen_loops(m->cg, loops);
    error = codegen_verify(m->cg);
    if (error) return arena_print(m->arena, "LLVM: %s", error);
    codegen_optimize(m->cg, 2);
    codegen_jit_symbol(m->cg, "nnrt_barrier", (void *)(uintptr_t)barrier);
    codegen_jit_symbol(m->cg, "nnrt_fail", (void *)(uintptr_t)fail);
    codegen_jit_symbol(m->cg, "nnrt_assert", (void *)(uintptr_t)assertion);
    codegen_jit_symbol(m->cg, "nnrt_print", (void *)(uintptr_t)copy_printed);
    void *driver = codegen_jit(m->cg, "t_driver", &error);
    if (error) return error;
    m->driver = (void (*)(nnrt_ctx *, int64_t))(uintptr_t)driver;
    void *prologue = codegen_jit(m->cg, "t_prologue", &error);
    m->prologue = (int32_t (*)(int64_t *, const int64_t *))(uintptr_t)prologue;
    return error;
}

const char *machine_compile(Machine *m, const MachineOptions *options)
{
    CgTarget target = {
        .cpu = options->cpu, .compact = options->compact, .bf16 = options->amx, .more = options->amx ? "+amx-tile,+amx-bf16" : NULL};
    const char *error = codegen_target(m->arena, &target, options->strict);
    if (error) return error;
    if (target.loop.amx) target.loop.amx = AMX_wherever_it_can;
    if (options->scalar) target.loop.vector_bytes = 4;
    error = machine_kernels(m, options);
    if (error) return arena_print(m->arena, "kernels: %s", error);
    return generate(m, &target);
}

void machine_free(Machine *m)
{
    if (m->cg) codegen_free(m->cg);
    m->cg = NULL;
}

/* ---- call ---- */

typedef struct Guarded {
    char *map, *at;
    size_t mapped, n;
} Guarded;

/* n bytes, aligned to 64 as blocks and to `align` otherwise, that end at a forbidden page. */
static Guarded guarded(size_t n)
{
    size_t page = 4096, pages = (n + page - 1) / page * page;
    Guarded b = {.mapped = pages + page, .n = n};
    b.map = mmap(NULL, b.mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (b.map == MAP_FAILED) BUG("no memory");
    mprotect(b.map + pages, page, PROT_NONE);
    b.at = b.map + pages - n;
    return b;
}

typedef struct Call {
    const Machine *m;
    Guarded model, arg[NNRT_MAX_BASES];
    nnrt_ctx ctx;
    void *base[NNRT_MAX_BASES];
    int64_t counter[NNRT_N_COUNTERS];
    int n_args;
} Call;

static void add_arg(Call *c, int64_t count, uint8_t dtype)
{
    int i = c->n_args++;
    c->arg[i] = guarded((size_t)(count * dtype_bytes(dtype)));
    c->base[NNRT_BASE_ARG + i] = c->arg[i].at;
}

/* Element k of a tensor of the model lies at place(...) of its first element. */
static int64_t place(const LayoutTensor *t, int64_t k)
{
    int64_t at = 0;
    for (int a = t->type.rank - 1; a >= 0; a--) {
        at += k % t->extent[a] * t->stride[a];
        k /= t->extent[a];
    }
    return at;
}

static void put_params(Call *c, const TensorValue *in)
{
    const Graph *g = c->m->source;
    c->model = guarded((size_t)(c->m->layout.model_bytes + 63) / 64 * 64);
    c->base[NNRT_BASE_MODEL] = c->model.at;
    for (uint32_t i = 0; i < g->param.n; i++) {
        const GraphParam *param = &g->param.at[i];
        if (param->kind == PARAM_STEP || param->kind == PARAM_SEED) {
            c->counter[param->kind == PARAM_SEED ? NNRT_COUNT_SEED : param->slot] = in[i].i[0];
        } else if (in_model(param)) {
            const LayoutTensor *t = &c->m->layout.tensor.at[param->slot];
            for (int64_t k = 0; k < in[i].count; k++)
                put(c->model.at + t->offset, t->type.dtype, place(t, k), &in[i], k);
        } else {
            add_arg(c, in[i].count, in[i].type.dtype);
            for (int64_t k = 0; k < in[i].count; k++)
                put(c->arg[c->n_args - 1].at, in[i].type.dtype, k, &in[i], k);
        }
    }
}

static void get_results(const Call *c, int first, TensorValue *out)
{
    const Graph *g = c->m->source;
    for (uint32_t i = 0; i < g->result.n; i++) {
        int32_t alias = g->result.at[i].alias;
        const LayoutTensor *t = alias >= 0 ? &c->m->layout.tensor.at[g->param.at[alias].slot] : NULL;
        const char *from = t ? c->model.at + t->offset : c->arg[first++].at;
        for (int64_t k = 0; k < out[i].count; k++)
            get(&out[i], k, from, t ? place(t, k) : k);
    }
}

static const char *run(Call *c, size_t work, size_t scratch)
{
    enum { GUARD = 64 };
    size_t total = work + scratch * (size_t)c->ctx.nt + GUARD;
    char *memory = aligned_alloc(64, (total + 63) / 64 * 64);
    memset(memory, 0xff, (total + 63) / 64 * 64); /* NaN */
    c->base[NNRT_BASE_WORK] = memory;
    c->base[NNRT_BASE_SCRATCH] = memory + work;
    c->base[NNRT_BASE_CONST] = c->m->constants;
    c->base[NNRT_BASE_COUNTERS] = c->counter;
    c->ctx.base = c->base;
    calling = c->m;
    run_gang(c->m, &c->ctx);
    bool overrun = false;
    for (size_t i = total - GUARD; i < total; i++)
        overrun |= memory[i] != (char)0xff;
    free(memory);
    return overrun ? "work memory is overrun" : c->ctx.fail ? "an expectation failed" : NULL;
}

const char *machine_call(const Machine *m, const int64_t *symbols, const TensorValue *in, TensorValue *out, int threads, Arena *arena)
{
    const Graph *g = m->source;
    int64_t *table = ARENA_ARRAY(arena, int64_t, m->p->table.n + 8);
    if (m->prologue(table, symbols + 1)) return "sizes overflow";
    Call c = {.m = m, .ctx = {.table = table, .nt = threads}};
    put_params(&c, in);
    int first = c.n_args;
    for (uint32_t i = 0; i < g->result.n; i++) {
        out[i] = tensor_value_new(arena, m->module->dims, graph_type(g, g->result.at[i].ref), symbols);
        if (g->result.at[i].alias < 0) add_arg(&c, out[i].count, out[i].type.dtype);
    }
    const char *error = run(&c, (size_t)table[m->p->work_entry], (size_t)(table[m->p->scratch_entry] + 63) / 64 * 64);
    if (!error) get_results(&c, first, out);
    munmap(c.model.map, c.model.mapped);
    for (int i = 0; i < c.n_args; i++)
        munmap(c.arg[i].map, c.arg[i].mapped);
    return error;
}
