/* SPDX-License-Identifier: MIT
 * kernel_check.h: graphs through the kernels: kernel_interpret gives what graph_interpret gives, in every mode and at several sizes. */
#ifndef NNC_TESTS_KERNEL_CHECK_H
#define NNC_TESTS_KERNEL_CHECK_H

#include "tensor/graph.h"

#include "fuzz/gen_graph.h"
#include "kernel_help.h"
#include "oracle/kernel_interpret.h"
#include "recorded_line.h"

static const Type f32_scalar = {.dtype = DT_f32}, i64_scalar = {.dtype = DT_i64};

/* ---- listings ----------------------------------------------------------------------------- */

static uint64_t listed; /* a sum (FNV-1a) of all kernels of the test */
static int n_listed;

static inline void begin(void)
{
    start();
    listed = 0xCBF29CE484222325u;
    n_listed = 0;
}

static inline void list_kernels(const KProgram *p)
{
    Arena texts = {0};
    Text text = {.arena = &texts};
    kernel_print(p, &text);
    for (const char *c = text_c(&text); *c; c++)
        listed = (listed ^ (uint8_t)*c) * 0x100000001B3u;
    n_listed++;
    arena_free(&texts);
}

/* What the kernels are: a decision that changes no number shows here. Where it is meant: tools/record. */
static inline void compare_listings(void)
{
    Arena texts = {0};
    if (getenv("NNC_TEST_SEED") || getenv("NNC_TEST_MORE")) return;
    const char *name = criterion_current_test->name;
    compare_line(NNC_SOURCE_DIR "/tests/plans/kernels", name,
                 arena_print(&texts, "%s: %d programs, sum %016llx\n", name, n_listed, (unsigned long long)listed),
                 "the kernels are other ones than before");
    arena_free(&texts);
}

/* ---- running ------------------------------------------------------------------------------ */

typedef struct Program {
    KProgram *p;
    const Graph *g;
} Program;

static inline KProgram *build(const Graph *graph, bool no_fusion, bool no_reuse)
{
    KProgram *p = unchecked(graph, no_fusion, no_reuse);
    const char *error = kernel_verify(p, &scratch);
    cr_assert_null(error, "%s", error);
    list_kernels(p);
    return p;
}

static inline double value_at(const TensorValue *v, int64_t i)
{
    return v->f ? v->f[i] : (double)v->i[i];
}

/* sgd: p - lr * g; lr is the first scalar. */
static inline void sgd(void *user, int64_t statement, const TensorValue *in, uint32_t n_in, TensorValue *out, uint32_t n_out, Arena *a)
{
    (void)user, (void)statement, (void)a;
    double lr = n_in > 1 + 2 * n_out ? in[1 + 2 * n_out].f[0] : 0.5;
    for (uint32_t i = 0; i < n_out; i++)
        for (int64_t k = 0; k < out[i].count; k++)
            out[i].f[k] = in[1 + n_out + i].f[k] - lr * in[1 + i].f[k] * (1 + 0.25 * in[0].f[0]);
}

static inline bool triple(void *user, const char *symbol, const TensorValue *in, uint32_t n_in, TensorValue *out, uint32_t n_out, Arena *a)
{
    (void)user, (void)symbol, (void)a;
    for (uint32_t i = 0; i < n_out; i++)
        for (int64_t k = 0; k < out[i].count; k++)
            out[i].f[k] = 3 * in[i % n_in].f[k % in[i % n_in].count];
    return true;
}

/* Place of element i of a param in its block, in bytes. */
static inline int64_t place(const GraphParam *param, int64_t i)
{
    if (param->kind == PARAM_SUM) return entry.sum_at.at[param->slot] + 8 * i;
    const LayoutTensor *t = &layout.tensor.at[param->slot];
    int64_t at = 0;
    for (int k = t->type.rank - 1; k >= 0; k--) {
        at += i % t->extent[k] * t->stride[k];
        i /= t->extent[k];
    }
    return t->offset + at * dtype_bytes(t->type.dtype);
}

static inline bool in_block(ParamKind kind)
{
    return kind == PARAM_WEIGHT || kind == PARAM_STATE || kind == PARAM_SUM;
}

static inline bool close_to(double got, double want)
{
    return got == want || (got != got && want != want) || fabs(got - want) <= 1e-9 * (1 + fabs(want));
}

static inline void compare(const KProgram *p, const Graph *graph, const int64_t *symbols, const TensorValue *in, const TensorValue *want,
                           const char *about)
{
    KernelBlocks blocks = {0};
    blocks.model = ARENA_ARRAY(&scratch, double, layout.model_bytes + 64);
    blocks.train = blocks.sums = ARENA_ARRAY(&scratch, double, entry.total_bytes + 64);
    double **args = ARENA_ARRAY(&scratch, double *, p->n_args + p->n_results + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < graph->param.n; i++) {
        const GraphParam *param = &graph->param.at[i];
        double *to = in_block(param->kind) ? NULL : ARENA_ARRAY(&scratch, double, in[i].count + 1);
        for (int64_t k = 0; k < in[i].count; k++) {
            double v = value_at(&in[i], k);
            if (to)
                to[k] = v;
            else
                (param->kind == PARAM_SUM ? blocks.train : blocks.model)[place(param, k)] = v;
        }
        if (param->kind == PARAM_INPUT || param->kind == PARAM_SCALAR)
            args[n++] = to;
        else if (param->kind == PARAM_STEP || param->kind == PARAM_SEED)
            blocks.counters[param->kind == PARAM_SEED ? 3 : param->slot] = in[i].i[0];
    }
    cr_assert_eq(n, p->n_args);
    for (uint32_t i = 0; i < graph->result.n; i++)
        if (graph->result.at[i].alias < 0) args[n++] = ARENA_ARRAY(&scratch, double, want[i].count + 1);
    cr_assert_eq(n, p->n_args + p->n_results);
    InterpretHooks hooks = {.update = sgd, .external = triple};
    const char *error = kernel_interpret(p, symbols, args, &blocks, &hooks, &scratch);
    cr_assert_null(error, "%s: %s", about, error);
    n = p->n_args;
    for (uint32_t i = 0; i < graph->result.n; i++) {
        int32_t alias = graph->result.at[i].alias;
        const GraphParam *param = alias >= 0 ? &graph->param.at[alias] : NULL;
        const double *got = param ? NULL : args[n++];
        for (int64_t k = 0; k < want[i].count; k++) {
            double v = got ? got[k] : param->kind == PARAM_SUM ? blocks.train[place(param, k)] : blocks.model[place(param, k)];
            cr_assert(close_to(v, value_at(&want[i], k)), "%s: result %u [%lld of %lld] is %.12g, not %.12g", about, i, (long long)k,
                      (long long)want[i].count, v, value_at(&want[i], k));
        }
    }
}

static uint32_t noise;
static int64_t id_limit = 5; /* integer inputs are below it */

static inline void fill(TensorValue *v)
{
    for (int64_t i = 0; i < v->count; i++) {
        noise = noise * 1664525u + 1013904223u;
        double x = (double)(noise >> 8) / (1 << 24);
        if (v->f)
            v->f[i] = 2 * x - 1;
        else
            v->i[i] = v->type.dtype == DT_bool ? x < 0.5 : (int64_t)(x * (double)id_limit);
    }
}

enum { N_WAYS = 4 };
static const char *const way_name[N_WAYS] = {"fused", "no fusion", "no reuse", "groups"};

static inline KProgram *build_way(int way)
{
    least_group = way == 3;
    least_band = way != 0;
    return build(g, way == 1, way == 2);
}

static inline void check(void)
{
    static const int64_t size[][2] = {{1, 1}, {2, 3}, {31, 2}, {33, 5}, {3, 1}};
    const char *error = graph_verify(g, &arena);
    cr_assert_null(error, "%s", error);
    for (int way = 0; way < N_WAYS; way++) {
        arena_free(&scratch);
        KProgram *p = build_way(way);
        for (size_t s = 0; s < sizeof size / sizeof *size; s++) {
            int64_t *symbols = ARENA_ARRAY(&scratch, int64_t, symbol_count(dims) + 1);
            symbols[symB] = size[s][0];
            symbols[symL] = size[s][1];
            noise = 7;
            TensorValue *in = ARENA_ARRAY(&scratch, TensorValue, g->param.n + 1);
            TensorValue *want = ARENA_ARRAY(&scratch, TensorValue, g->result.n + 1);
            for (uint32_t i = 0; i < g->param.n; i++) {
                in[i] = tensor_value_new(&scratch, dims, &g->param.at[i].type, symbols);
                fill(&in[i]);
            }
            InterpretHooks hooks = {.update = sgd, .external = triple};
            error = graph_interpret(g, symbols, in, want, &hooks, &scratch);
            cr_assert_null(error, "%s", error);
            compare(p, g, symbols, in, want,
                    arena_print(&scratch, "%s, B = %lld, L = %lld", way_name[way], (long long)size[s][0], (long long)size[s][1]));
        }
    }
}

/* ---- graphs ------------------------------------------------------------------------------- */

static inline Ref reduce_axis(Op op, Ref a, int axis)
{
    return build_reduce(g, op, a, &axis, 1);
}

static inline Ref sum_all(Ref a)
{
    int axes[MAX_RANK] = {0, 1, 2, 3, 4, 5, 6, 7};
    return build_reduce(g, OP_sum, a, axes, graph_type(g, a)->rank);
}

static inline Ref scaled(Ref x, double by)
{
    return build_binary(g, OP_mul, x, build_like(g, x, by));
}

#endif
