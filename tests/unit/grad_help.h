/* SPDX-License-Identifier: MIT
 * grad_help.h: small graphs in f64 with random inputs, evaluated by the interpreter; gradients
 * against central differences. For test_transform.c and test_scan.c. */
#ifndef NNC_TEST_GRAD_HELP_H
#define NNC_TEST_GRAD_HELP_H

#include "transform/transform.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

typedef struct Fix {
    Arena *arena;
    Module *m;
    Graph *g;
    VEC(TensorValue) value; /* of the params */
    VEC(Ref) wrt;
    int64_t symbols[64];
    uint64_t seed;
} Fix;

static Arena fix_arena;

static inline Fix fix_begin(void)
{
    arena_free(&fix_arena);
    Fix f = {.arena = &fix_arena, .seed = 7};
    Strings *strings = ARENA_NEW(f.arena, Strings);
    strings_init(strings, f.arena);
    f.m = module_new(f.arena, dims_new(f.arena), strings);
    f.g = graph_new(f.m, "t");
    return f;
}

static inline double fix_random(Fix *f) /* (-1, 1) */
{
    f->seed = f->seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(f->seed >> 33) / (double)(1u << 30) - 1;
}

static inline Type shape(Fix *f, uint8_t dtype, int rank, const int64_t *extents)
{
    Type t = {.dtype = dtype, .rank = (uint8_t)rank};
    for (int i = 0; i < rank; i++)
        t.dim[i] = dim_const(f->m->dims, extents[i]);
    return t;
}
#define COUNT(...) ((int)(sizeof(int64_t[]){__VA_ARGS__} / sizeof(int64_t)))
#define F64(...) shape(&f, DT_f64, COUNT(__VA_ARGS__), (int64_t[]){__VA_ARGS__})
#define I32(...) shape(&f, DT_i32, COUNT(__VA_ARGS__), (int64_t[]){__VA_ARGS__})
#define SCALAR_F64 ((Type){.dtype = DT_f64})

/* A param with random values in lo .. hi. */
static inline Ref input(Fix *f, Type type, double lo, double hi, bool wrt)
{
    TensorValue v = tensor_value_new(f->arena, f->m->dims, &type, f->symbols);
    for (int64_t e = 0; e < v.count; e++) {
        double u = lo + (hi - lo) * (fix_random(f) + 1) / 2;
        if (v.f)
            v.f[e] = u;
        else
            v.i[e] = (int64_t)floor(u);
    }
    vec_add(f->arena, &f->value, v);
    Ref r = build_param(f->g, PARAM_INPUT, arena_print(f->arena, "x%u", f->g->param.n), type, f->g->param.n);
    if (wrt) vec_add(f->arena, &f->wrt, r);
    return r;
}
#define X(...) input(&f, F64(__VA_ARGS__), -1, 1, true)          /* differentiated */
#define K(...) input(&f, F64(__VA_ARGS__), -1, 1, false)         /* not */
#define POSITIVE(...) input(&f, F64(__VA_ARGS__), 0.5, 2, true)

/* A param with given values. */
static inline Ref given(Fix *f, Type type, bool wrt, const double *values)
{
    Ref r = input(f, type, 0, 1, wrt);
    TensorValue *v = &f->value.at[f->value.n - 1];
    for (int64_t e = 0; e < v->count; e++)
        if (v->f)
            v->f[e] = values[e];
        else
            v->i[e] = (int64_t)values[e];
    return r;
}
#define GIVEN(type, ...) given(&f, type, true, (double[]){__VA_ARGS__})

static inline Dim size_symbol(Fix *f, const char *name, int64_t value)
{
    Symbol s = symbol_new(f->m->dims, name);
    f->symbols[s] = value;
    return dim_symbol(f->m->dims, s);
}

static inline Ref sum_all(Graph *g, Ref a)
{
    int axes[MAX_RANK], rank = graph_type(g, a)->rank;
    for (int i = 0; i < rank; i++)
        axes[i] = i;
    return rank ? build_reduce(g, OP_sum, a, axes, rank) : a;
}

/* sum(r * (y*y + y)) with random r: a scalar that depends on all of y, not linearly. */
static inline Ref loss_of(Fix *f, Ref y)
{
    Graph *g = f->g;
    Ref r = input(f, *graph_type(g, y), 0.5, 1.5, false);
    Ref s = build_binary(g, OP_add, build_binary(g, OP_mul, y, y), y);
    return sum_all(g, build_binary(g, OP_mul, r, s));
}

static inline void evaluate(Fix *f, Graph *g, const Ref *refs, uint32_t n, TensorValue *out)
{
    InterpretHooks hooks = {0};
    uint32_t old = g->result.n;
    if (refs) {
        g->result.n = 0;
        for (uint32_t i = 0; i < n; i++)
            build_result(g, refs[i], "", -1);
    }
    const char *wrong = graph_interpret(g, f->symbols, f->value.at, out, &hooks, f->arena);
    cr_assert(!wrong, "%s", wrong);
    if (refs) g->result.n = old;
}

static inline double value_of(Fix *f, Ref scalar)
{
    TensorValue v;
    evaluate(f, f->g, &scalar, 1, &v);
    return v.f[0];
}

/* Gradients of loss for all of f->wrt against central differences; order 2: those of the gradients
 * too. */
static inline void check_gradients(Fix *f, Ref loss, int order)
{
    uint32_t n = f->wrt.n;
    Ref *grads = ARENA_ARRAY(f->arena, Ref, n + 1);
    autodiff_gradients(f->g, loss, f->wrt.at, n, grads, f->arena);
    TensorValue *got = ARENA_ARRAY(f->arena, TensorValue, n + 1);
    for (uint32_t k = 0; k < n; k++)
        if (grads[k]) {
            cr_assert(type_equal(graph_type(f->g, grads[k]), graph_type(f->g, f->wrt.at[k])));
            evaluate(f, f->g, &grads[k], 1, &got[k]);
        }
    for (uint32_t k = 0; k < n; k++) {
        uint32_t p = 0;
        while (f->g->param.at[p].ref != f->wrt.at[k])
            p++;
        TensorValue *v = &f->value.at[p];
        for (int64_t e = 0; e < v->count; e++) {
            double x = v->f[e], h = 1e-5;
            v->f[e] = x + h;
            double up = value_of(f, loss);
            v->f[e] = x - h;
            double down = value_of(f, loss);
            v->f[e] = x;
            double want = (up - down) / (2 * h), have = grads[k] ? got[k].f[e] : 0;
            double scale = 1 + fabs(want) + fabs(up) * 1e-3;
            cr_assert(fabs(want - have) < 1e-6 * scale, "order %d: operand %u element %d: %.12g, not %.12g", order, k, (int)e, have, want);
        }
    }
    if (order < 2) return;
    Ref second = 0;
    for (uint32_t k = 0; k < n; k++) {
        if (!grads[k]) continue;
        Ref c = input(f, *graph_type(f->g, grads[k]), 0.5, 1.5, false);
        Ref part = sum_all(f->g, build_binary(f->g, OP_mul, grads[k], c));
        second = second ? build_binary(f->g, OP_add, second, part) : part;
    }
    if (second) check_gradients(f, second, order - 1);
}

static inline void check(Fix *f, Ref y)
{
    check_gradients(f, loss_of(f, y), 2);
    const char *wrong = graph_verify(f->g, f->arena);
    cr_assert(!wrong, "%s", wrong);
}

/* The results of g and of h agree. */
static inline void expect_same(Fix *f, Graph *g, Graph *h, double tolerance)
{
    cr_assert_eq(g->result.n, h->result.n);
    TensorValue *a = ARENA_ARRAY(f->arena, TensorValue, g->result.n + 1);
    TensorValue *b = ARENA_ARRAY(f->arena, TensorValue, g->result.n + 1);
    evaluate(f, g, NULL, 0, a);
    evaluate(f, h, NULL, 0, b);
    for (uint32_t i = 0; i < g->result.n; i++) {
        cr_assert_eq(a[i].count, b[i].count);
        for (int64_t e = 0; e < a[i].count; e++) {
            double x = a[i].f ? a[i].f[e] : (double)a[i].i[e], y = b[i].f ? b[i].f[e] : (double)b[i].i[e];
            if (isnan(x) && isnan(y)) continue;
            cr_assert(x == y || fabs(x - y) <= tolerance * (1 + fabs(x)), "result %u (%s) element %d: %.17g, not %.17g", i,
                      g->result.at[i].name, (int)e, y, x);
        }
    }
}

static inline Graph *run_pass(Fix *f, const char *name, const Graph *g)
{
    Pass p = {.module = f->m, .scratch = f->arena};
    return pass_run(&p, name, g);
}

/* Live nodes of one operation in g itself; with `inside`, in the bodies of its scans instead. */
static inline int count_op(Fix *f, const Graph *g, int op, bool inside)
{
    bool *live = graph_live(g, f->arena);
    int n = 0;
    for (Ref r = 1; r < g->node.n; r++) {
        if (!live[r]) continue;
        if (!inside)
            n += graph_node(g, r)->op == op;
        else if (graph_node(g, r)->op == OP_scan) {
            const Graph *body = f->m->graph.at[graph_attr(g, r, 0)];
            n += count_op(f, body, op, false) + count_op(f, body, op, true);
        }
    }
    return n;
}

#endif
