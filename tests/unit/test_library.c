/* links: nnc_emit nnc_lower nnc_transform nnc_sema nnc_syntax nnc_codegen nnc_loop nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_library.c: the programs that compare the derivatives of the standard library (tests/run/layers_*.nn), compiled in
 * single precision, against the interpreter of tensor IR in double precision: loss, every gradient, every state.
 *
 * The bound: each of the K terms of the longest sum of the step may be off by a rounding, and so may 32 operations behind it,
 * relative to the largest element of the tensor: 2^-23 * (32 + K) * max(1, largest). */
#include "emit/emit.h"
#include "nnrt_abi.h"
#include "sema_help.h"
#include "transform/transform.h"

#include <criterion/criterion.h>
#include <math.h>

typedef struct Values { /* loss and gradients as a step hands them to its optimizer */
    double loss;
    uint32_t n;
    TensorValue grad[512];
    uint32_t tensor[512];
} Values;

typedef struct Case {
    Checked checked;
    Lowered *lowered;
    EmitProgram e;
    EmitEntry *entry;
    const Graph *g;
    KProgram *k;
    int64_t *symbols;
    char *model, *train;
    Values got;
} Case;

static Case *running; /* nnrt_update has no place for it */

/* ---- what generated code calls ---- */

static void barrier(nnrt_ctx *ctx)
{
    (void)ctx;
}

static void failed(nnrt_ctx *ctx, int32_t code, int32_t line)
{
    (void)ctx;
    cr_assert_fail("code %d at line %d", code, line);
}

static int32_t update(nnrt_ctx *ctx, int32_t statement, const double *args, int32_t tid)
{
    (void)ctx;
    (void)tid;
    cr_assert_eq(statement, 0);
    running->got.loss = args[0];
    return 0;
}

/* ---- from text to graph ---- */

static bool build_case(Case *c, const char *path, const char *entry)
{
    size_t n = 0;
    Arena file = {0};
    const char *text = read_whole(NULL, path, &n, &file, NULL);
    cr_assert(text, "cannot read %s", path);
    check_text(&c->checked, path, text, n, NULL, 0);
    arena_free(&file);
    cr_assert_eq(c->checked.diags.n_errors, 0, "%s", c->checked.messages);
    Arena *arena = &c->checked.arena, scratch = {0};
    c->lowered = lower_program(arena, &c->checked.strings, &c->checked.diags, c->checked.program, DT_f32);
    for (uint32_t i = 0; i < c->lowered->entry.n; i++) {
        LoweredEntry *e = &c->lowered->entry.at[i];
        Pass pass = {.module = e->step[0]->module, .scratch = &scratch, .diags = &c->checked.diags};
        e->step[0] = pass_pipeline(&pass, e->step[0], NULL, NULL);
        if (e->report) e->report = pass_pipeline(&pass, e->report, NULL, NULL);
    }
    static const CgTargets targets = {.at = {{.loop = {.pointer_bytes = sizeof(void *)}}}, .n = 1};
    c->e = (EmitProgram){.arena = arena,
                         .strings = &c->checked.strings,
                         .core = c->checked.program,
                         .lowered = c->lowered,
                         .targets = &targets,
                         .source = path,
                         .version = "test",
                         .sources = &c->checked.sources};
    c->e.prefix = "t";
    emit_layout(&c->e);
    for (uint32_t i = 0; i < c->e.entry.n; i++)
        if (strcmp(c->e.entry.at[i].name, entry) == 0 && c->e.entry.at[i].lowered->core->kind == ENTRY_TRAIN) c->entry = &c->e.entry.at[i];
    if (!c->entry) return false;
    c->g = c->entry->lowered->step[0];
    c->symbols = emit_sample(&c->e, c->entry->lowered->core);
    return true;
}

/* ---- the model: numbers from -1 to 1, states from 0.5 to 1.5 ---- */

static uint32_t noise;

static double draw(bool is_state)
{
    noise = noise * 1664525u + 1013904223u;
    double x = (double)(noise >> 8) / (1 << 24);
    return is_state ? (double)(float)(0.5 + x) : (double)(float)(2 * x - 1);
}

static int64_t place(const LayoutTensor *t, int64_t e)
{
    int64_t at = 0;
    for (int i = t->type.rank - 1; i >= 0; i--) {
        at += e % t->extent[i] * t->stride[i];
        e /= t->extent[i];
    }
    return at;
}

static TensorValue *model_values(Case *c)
{
    const Layout *layout = &c->e.layout;
    TensorValue *v = ARENA_ARRAY(c->e.arena, TensorValue, layout->tensor.n + 1);
    c->model = arena_alloc(c->e.arena, (size_t)layout->model_bytes + 64);
    c->model += (64 - (uintptr_t)c->model % 64) % 64;
    for (uint32_t i = 0; i < layout->tensor.n; i++) {
        const LayoutTensor *t = &layout->tensor.at[i];
        v[i] = tensor_value_new(c->e.arena, c->e.core->dims, &t->type, c->symbols);
        cr_assert_eq(t->type.dtype, DT_f32);
        for (int64_t k = 0; k < v[i].count; k++) {
            v[i].f[k] = draw(t->is_state);
            ((float *)(void *)(c->model + t->offset))[place(t, k)] = (float)v[i].f[k];
        }
    }
    return v;
}

/* ---- the interpreter ---- */

static void keep_update(void *user, int64_t statement, const TensorValue *in, uint32_t n_in, TensorValue *out, uint32_t n_out, Arena *arena)
{
    Values *v = user;
    (void)arena;
    (void)n_in;
    cr_assert_eq(statement, 0);
    cr_assert_leq(n_out, 512);
    v->loss = in[0].f[0];
    v->n = n_out;
    for (uint32_t i = 0; i < n_out; i++) {
        v->grad[i] = in[1 + i];
        out[i] = in[1 + n_out + i]; /* the weights stay */
    }
}

static TensorValue *interpret(Case *c, const TensorValue *model, Values *want)
{
    Arena *arena = c->e.arena;
    TensorValue *in = ARENA_ARRAY(arena, TensorValue, c->g->param.n + 1), *out = ARENA_ARRAY(arena, TensorValue, c->g->result.n + 1);
    for (uint32_t i = 0; i < c->g->param.n; i++) {
        const GraphParam *p = &c->g->param.at[i];
        in[i] = p->kind == PARAM_WEIGHT || p->kind == PARAM_STATE ? model[p->slot]
                                                                  : tensor_value_new(arena, c->e.core->dims, &p->type, c->symbols);
        if (p->kind == PARAM_SEED) in[i].i[0] = 5;
    }
    InterpretHooks hooks = {.user = want, .update = keep_update};
    const char *error = graph_interpret(c->g, c->symbols, in, out, &hooks, arena);
    cr_assert_null(error, "%s", error);
    return out;
}

/* ---- machine code ---- */

static char *constants(Case *c)
{
    const Module *m = c->lowered->module;
    char *block = arena_alloc(c->e.arena, (size_t)c->e.const_bytes + 64);
    for (uint32_t i = 0; i < m->table.n; i++) {
        const Table *t = &m->table.at[i];
        TensorValue v = tensor_value_new(c->e.arena, m->dims, &t->type, c->symbols);
        for (int64_t k = 0; k < v.count; k++) {
            char *at = block + c->e.const_offset[i];
            if (t->type.dtype == DT_f32)
                ((float *)(void *)at)[k] = (float)t->value[k];
            else if (t->type.dtype == DT_f64)
                ((double *)(void *)at)[k] = t->value[k];
            else if (t->type.dtype == DT_i32)
                ((int32_t *)(void *)at)[k] = (int32_t)t->value[k];
            else
                cr_assert_fail("constant of type %s", dtype_name(t->type.dtype));
        }
    }
    return block;
}

static void run_compiled(Case *c)
{
    Arena *arena = c->e.arena;
    CgTarget target = {.cpu = getenv("NNC_TEST_CPU")};
    const char *error = codegen_target(arena, &target, false);
    cr_assert_null(error, "%s", error);
    KernelOptions options = {.sample = c->symbols,
                             .n_symbols = c->entry->sizes.n,
                             .symbols = c->entry->sizes.at,
                             .option_offset = c->e.option_offset,
                             .const_offset = c->e.const_offset,
                             .sums_in_train = true};
    c->k = kernel_build(arena, c->g, &c->e.layout, &c->entry->layout, &options);
    error = kernel_verify(c->k, arena);
    cr_assert_null(error, "%s", error);
    LoopModule *loops = ARENA_NEW(arena, LoopModule);
    *loops = (LoopModule){.arena = arena, .module = c->lowered->module, .target = target.loop};
    loop_lower(loops, c->k, "t");
    for (uint32_t i = 0; i < loops->fn.n; i++)
        loops->fn.at[i]->exported = true;
    Cg *cg = codegen_new(arena, &target, "test", 0);
    codegen_loops(cg, loops);
    error = codegen_verify(cg);
    cr_assert_null(error, "%s", error);
    codegen_optimize(cg, 1);
    codegen_jit_symbol(cg, "nnrt_barrier", (void *)(uintptr_t)barrier);
    codegen_jit_symbol(cg, "nnrt_fail", (void *)(uintptr_t)failed);
    codegen_jit_symbol(cg, "nnrt_update", (void *)(uintptr_t)update);
    void (*driver)(nnrt_ctx *, int64_t) = (void (*)(nnrt_ctx *, int64_t))(uintptr_t)codegen_jit(cg, "t_driver", &error);
    cr_assert_null(error, "%s", error);
    int32_t (*prologue)(int64_t *, const int64_t *) =
        (int32_t (*)(int64_t *, const int64_t *))(uintptr_t)codegen_jit(cg, "t_prologue", &error);
    int64_t *table = ARENA_ARRAY(arena, int64_t, c->k->table.n + 8), sizes[NNRT_MAX_SIZES] = {0};
    for (uint32_t i = 0; i < c->entry->sizes.n; i++)
        sizes[i] = c->symbols[c->entry->sizes.at[i]];
    cr_assert_eq(prologue(table, sizes), 0);
    size_t work = (size_t)table[c->k->work_entry], scratch = (size_t)c->k->scratch_bytes;
    char *memory = aligned_alloc(64, (work + scratch + 191) / 64 * 64);
    memset(memory, 0xff, work + scratch + 128); /* NaN */
    c->train = aligned_alloc(64, ((size_t)c->entry->layout.total_bytes + 127) / 64 * 64);
    memset(c->train, 0, (size_t)c->entry->layout.total_bytes + 64);
    void *base[NNRT_MAX_BASES] = {[NNRT_BASE_MODEL] = c->model,
                                  [NNRT_BASE_TRAIN] = c->train,
                                  [NNRT_BASE_WORK] = memory,
                                  [NNRT_BASE_SCRATCH] = memory + (work + 63) / 64 * 64,
                                  [NNRT_BASE_CONST] = constants(c)};
    int64_t counter[NNRT_N_COUNTERS] = {[NNRT_COUNT_SEED] = 5};
    nnrt_ctx ctx = {.table = table, .base = base, .nt = 1};
    base[NNRT_BASE_COUNTERS] = counter;
    running = c;
    driver(&ctx, 0);
    free(memory);
    codegen_free(cg);
}

/* ---- comparison ---- */

/* Terms of the longest sum of a graph, scan bodies included. */
static int64_t longest_sum(Case *c, const Graph *g)
{
    int64_t most = 1;
    for (Ref r = 1; r < g->node.n; r++) {
        const Node *n = &g->node.at[r];
        if (n->op == OP_scan || n->op == OP_call) {
            int64_t inner = longest_sum(c, c->lowered->module->graph.at[graph_attr(g, r, 0)]);
            if (inner > most) most = inner;
        }
        if (!(op_properties[n->op] & (REDUCE | CONTRACT)) && n->op != OP_scatter_add) continue;
        for (uint32_t i = 0; i < n->n_in; i++) {
            int64_t count = 0;
            if (dim_eval(c->e.core->dims, type_count(c->e.core->dims, graph_type(g, graph_in(g, r, i))), c->symbols, &count) &&
                count > most)
                most = count;
        }
    }
    return most;
}

static double largest(const TensorValue *v)
{
    double most = 1;
    for (int64_t k = 0; k < v->count; k++)
        if (fabs(v->f[k]) > most) most = fabs(v->f[k]);
    return most;
}

static int compare(const Case *c, uint32_t tensor, const char *what, const char *block, const TensorValue *want, double bound)
{
    const LayoutTensor *t = &c->e.layout.tensor.at[tensor];
    double allowed = bound * largest(want);
    for (int64_t k = 0; k < want->count; k++) {
        double got = (double)((const float *)(const void *)block)[place(t, k)];
        if (fabs(got - want->f[k]) <= allowed) continue;
        cr_log_error("%s of %s [%lld] is %.9g, not %.9g (allowed %.3g)", what, t->name, (long long)k, got, want->f[k], allowed);
        return 1;
    }
    return 0;
}

/* Which tensors the gradients of the only update belong to. */
static uint32_t updated(const Case *c, uint32_t *tensor)
{
    for (Ref r = 1; r < c->g->node.n; r++) {
        if (c->g->node.at[r].op != OP_update) continue;
        uint32_t n = (uint32_t)graph_attr(c->g, r, 1);
        for (uint32_t i = 0; i < n; i++)
            tensor[i] = c->g->param.at[graph_attr(c->g, graph_in(c->g, r, 1 + n + i), 0)].slot;
        return n;
    }
    return 0;
}

static void check_entry(const char *path, const char *entry)
{
    Case *c = calloc(1, sizeof *c);
    Values *want = calloc(1, sizeof *want);
    uint32_t tensor[512];
    int wrong = 0;
    noise = 7;
    cr_assert(build_case(c, path, entry), "%s has no %s", path, entry);
    TensorValue *model = model_values(c), *result = interpret(c, model, want);
    double bound = ldexp(1, -23) * (32 + (double)longest_sum(c, c->g));
    run_compiled(c);
    cr_assert_eq(updated(c, tensor), want->n);
    cr_expect(fabs(c->got.loss - want->loss) <= bound * fmax(1, fabs(want->loss)), "%s: loss %.9g, not %.9g", path, c->got.loss,
              want->loss);
    for (uint32_t i = 0; i < want->n; i++)
        wrong += compare(c, tensor[i], "gradient", c->train + layout_gradient(&c->e.layout, &c->entry->layout, tensor[i]), &want->grad[i],
                         bound);
    for (uint32_t i = 0; i < c->g->result.n; i++) {
        int32_t alias = c->g->result.at[i].alias;
        if (alias < 0 || c->g->param.at[alias].kind != PARAM_STATE) continue;
        uint32_t slot = c->g->param.at[alias].slot;
        wrong += compare(c, slot, "state", c->model + c->e.layout.tensor.at[slot].offset, &result[i], bound);
    }
    cr_expect_eq(wrong, 0, "%s: %d tensors are wrong", path, wrong);
    cr_log_info("%s: %u gradients, bound %.3g", path, want->n, bound);
    free(c->train);
    arena_free(&c->checked.arena);
    free(want);
    free(c);
}

TestSuite(library, .timeout = 300);

#define LAYERS(name) \
    Test(library, name) \
    { \
        check_entry(NNC_SOURCE_DIR "/tests/run/layers_" #name ".nn", "fit"); \
    }
LAYERS(activations)
LAYERS(attention)
LAYERS(conv)
LAYERS(convt)
LAYERS(dense)
LAYERS(losses)
LAYERS(norm)
LAYERS(pool)
LAYERS(recurrent)
LAYERS(sound)
LAYERS(statistics)
LAYERS(transformer)
LAYERS(vision)
LAYERS(volume)
