/* SPDX-License-Identifier: MIT
 * gen_source.c: random programs: a pool of named values with known shapes that grows by statements.
 */
#include "fuzz/gen_source.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { AXIS_B = -1, AXIS_T = -2, MOST_AXES = 4, MOST_VALUES = 80 };

typedef struct Value {
    char name[16];
    int rank, dim[MOST_AXES]; /* numbers, AXIS_B, AXIS_T */
} Value;

typedef struct Gen {
    Arena *arena;
    Text members, body;
    Value value[MOST_VALUES];
    int n, serial;
    uint64_t state;
} Gen;

static int below(Gen *g, int n)
{
    uint64_t z = (g->state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (int)((z ^ (z >> 31)) % (uint64_t)n);
}

static const Value *pick(Gen *g)
{
    int recent = g->n > 5 && below(g, 2) ? 5 : g->n;
    return &g->value[g->n - 1 - below(g, recent)];
}

/* A value of this rank whose last axis is a number; NULL if none was met. */
static const Value *pick_rank(Gen *g, int min, int max)
{
    for (int k = 0; k < 12; k++) {
        const Value *v = pick(g);
        if (v->rank >= min && v->rank <= max && (v->rank == 0 || v->dim[v->rank - 1] > 0)) return v;
    }
    return NULL;
}

static bool same_axes(const Value *a, const Value *b, int n)
{
    for (int i = 0; i < n; i++)
        if (a->dim[i] != b->dim[i]) return false;
    return true;
}

static const Value *partner(Gen *g, const Value *a)
{
    for (int k = 0; k < 10; k++) {
        const Value *b = pick(g);
        if (b->rank == a->rank && same_axes(a, b, a->rank)) return b;
    }
    return a;
}

/* A new value of v's shape; the caller changes it and then writes `name = ...`. */
static Value fresh(Gen *g, const Value *v)
{
    Value r = *v;
    snprintf(r.name, sizeof r.name, "v%d", g->serial++);
    return r;
}

static void keep(Gen *g, const Value *v)
{
    int size = 1;
    for (int i = 0; i < v->rank; i++)
        size *= v->dim[i] > 0 ? v->dim[i] : 3;
    if (g->n < MOST_VALUES && size <= 1500) g->value[g->n++] = *v;
}

#define LINE(...) text_add(&g->body, "        " __VA_ARGS__)
#define MEMBER(...) text_add(&g->members, "    layer " __VA_ARGS__)

/* ---- statements ---- */

static void add_activation(Gen *g)
{
    static const char *const f[] = {"tanh", "sigmoid", "relu", "silu", "gelu", "softplus", "elu", "leaky_relu", "sin", "abs", "atan"};
    const Value *v = pick(g);
    Value r = fresh(g, v);
    LINE("%s = %s(%s)\n", r.name, f[below(g, 11)], v->name);
    keep(g, &r);
}

static void add_binary(Gen *g)
{
    const Value *a = pick(g), *b = partner(g, a);
    Value r = fresh(g, a);
    switch (below(g, 7)) {
    case 0: LINE("%s = %s + %s\n", r.name, a->name, b->name); break;
    case 1: LINE("%s = %s - 0.5 * %s\n", r.name, a->name, b->name); break;
    case 2: LINE("%s = tanh(%s) * %s\n", r.name, a->name, b->name); break;
    case 3: LINE("%s = maximum(%s, %s)\n", r.name, a->name, b->name); break;
    case 4: LINE("%s = %s / (1 + abs(%s))\n", r.name, a->name, b->name); break;
    case 5: LINE("%s = where(%s > 0.1, %s, sin(%s))\n", r.name, a->name, b->name, a->name); break;
    default: LINE("%s = %s * mean(%s)\n", r.name, a->name, pick(g)->name); break;
    }
    keep(g, &r);
}

static void add_dense(Gen *g)
{
    const Value *v = pick_rank(g, 2, 4);
    if (!v) return;
    Value r = fresh(g, v);
    int in = v->dim[v->rank - 1], out = below(g, 3) ? 2 + below(g, 6) : 3;
    if (below(g, 3))
        MEMBER("l%s = Dense(%d, %d)\n", r.name, in, out);
    else
        MEMBER("l%s = chain(Dense(%d, 5), tanh, Dense(5, %d, bias=false))\n", r.name, in, out);
    r.dim[r.rank - 1] = out;
    LINE("%s = l%s(%s)\n", r.name, r.name, v->name);
    keep(g, &r);
}

static void add_normalisation(Gen *g)
{
    const Value *v = pick_rank(g, 2, 4);
    if (!v) return;
    Value r = fresh(g, v);
    int c = v->dim[v->rank - 1];
    int kind = below(g, 5);
    switch (kind) {
    case 0: MEMBER("l%s = LayerNorm(%d, eps=0.1)\n", r.name, c); break;
    case 1: MEMBER("l%s = BatchNorm(%d, eps=0.1)\n", r.name, c); break;
    case 2: LINE("%s = softmax(%s)\n", r.name, v->name); break;
    case 3: LINE("%s = 0.1 * log_softmax(%s)\n", r.name, v->name); break;
    default: LINE("%s = %s * rsqrt(mean(%s ** 2, axis=-1, keep=true) + 0.1)\n", r.name, v->name, v->name);
    }
    if (kind < 2) LINE("%s = l%s(%s)\n", r.name, r.name, v->name);
    keep(g, &r);
}

static void add_reduction(Gen *g)
{
    static const char *const f[] = {"mean", "sum", "max", "min"};
    const Value *v = pick_rank(g, 2, 4);
    if (!v) return;
    Value r = fresh(g, v);
    int axis = below(g, v->rank), kind = below(g, 4);
    if (below(g, 3) == 0) {
        LINE("%s = %s - mean(%s, axis=%d, keep=true)\n", r.name, v->name, v->name, axis);
    } else {
        for (int i = axis; i + 1 < v->rank; i++)
            r.dim[i] = v->dim[i + 1];
        r.rank--;
        LINE("%s = tanh(%s(%s, axis=%d))\n", r.name, f[kind], v->name, axis);
    }
    keep(g, &r);
}

static void add_slice(Gen *g)
{
    const Value *v = pick_rank(g, 2, 4);
    if (!v) return;
    Value r = fresh(g, v);
    int last = v->rank - 1, c = v->dim[last], from = below(g, 2);
    switch (below(g, 8)) {
    case 0:
        if (c < 2) return;
        r.dim[last] = c - 1;
        LINE("%s = %s[..., %d:%d]\n", r.name, v->name, from, from + c - 1);
        break;
    case 1: LINE("%s = flip(%s, axis=%d)\n", r.name, v->name, below(g, v->rank)); break;
    case 2: LINE("%s = roll(%s, 1, axis=-1)\n", r.name, v->name); break;
    case 3:
        r.dim[last] = c + 1 + from;
        LINE("%s = pad(%s, axis=-1, before=1, after=%d)\n", r.name, v->name, from);
        break;
    case 4: LINE("%s = 0.2 * cumsum(%s, axis=%d)\n", r.name, v->name, below(g, v->rank)); break;
    case 5: LINE("%s = cumprod(tanh(%s), axis=%d)\n", r.name, v->name, below(g, v->rank)); break;
    case 6:
        LINE("%s = %s / (1 + %s(%s, axis=%d, keep=true%s))\n", r.name, v->name, from ? "norm" : "var", v->name, below(g, v->rank),
             from ? "" : ", correction=0");
        break;
    default:
        r.dim[last] = v->dim[last - 1];
        r.dim[last - 1] = c;
        LINE("%s = transpose(%s)\n", r.name, v->name);
    }
    keep(g, &r);
}

static void add_join(Gen *g)
{
    const Value *a = pick_rank(g, 2, 4);
    for (int k = 0; a && k < 8; k++) {
        const Value *b = pick_rank(g, a->rank, a->rank);
        if (!b || !same_axes(a, b, a->rank - 1)) continue;
        Value r = fresh(g, a);
        r.dim[r.rank - 1] += b->dim[b->rank - 1];
        LINE("%s = concat([%s, %s], axis=-1)\n", r.name, a->name, b->name);
        keep(g, &r);
        return;
    }
}

static void add_contraction(Gen *g)
{
    const Value *a = pick_rank(g, 2, 3), *b = pick_rank(g, 2, 3);
    if (!a || !b) return;
    Value r = fresh(g, a);
    if (a->rank == 3 && a->dim[0] == AXIS_B && a->dim[1] == AXIS_T) {
        r.dim[2] = AXIS_T;
        LINE("%s = tanh(einsum(\"b t d, b s d -> b t s\", %s, sin(%s)))\n", r.name, a->name, a->name);
        keep(g, &r);
        Value m = fresh(g, a);
        LINE("%s = einsum(\"b t s, b s d -> b t d\", softmax(%s), %s)\n", m.name, r.name, a->name);
        keep(g, &m);
    } else if (a->rank == 2 && b->rank == 2 && a->dim[0] == b->dim[0]) {
        r = fresh(g, b);
        r.rank = 2;
        r.dim[0] = a->dim[1];
        r.dim[1] = b->dim[1];
        LINE("%s = tanh(einsum(\"n i, n j -> i j\", %s, %s))\n", r.name, a->name, b->name);
        keep(g, &r);
    }
}

/* A sequence, float[B, T, D]. */
static const Value *pick_sequence(Gen *g)
{
    for (int k = 0; k < 20; k++) {
        const Value *v = pick_rank(g, 3, 3);
        if (v && v->dim[0] == AXIS_B && v->dim[1] == AXIS_T) return v;
    }
    return NULL;
}

static void add_scan(Gen *g)
{
    const Value *v = pick_sequence(g);
    if (!v) return;
    Value all = fresh(g, v), last = fresh(g, v);
    int d = 2 + below(g, 5);
    all.dim[2] = d;
    last.rank = 2;
    last.dim[1] = d;
    MEMBER("l%s = Dense(%d, %d)\n", all.name, v->dim[2] + d, d);
    LINE("scan e in %s along 1 with %s = zeros(B, %d) {\n", v->name, last.name, d);
    LINE("    %s = tanh(l%s(concat([e, %s], axis=-1)))\n", last.name, all.name, last.name);
    if (below(g, 2)) LINE("    %s = 0.5 * %s + 0.1 * mean(e)\n", last.name, last.name);
    if (g->serial % 3 == 0) LINE("    print(%s, e)\n            assert abs(%s) < 4\n", last.name, last.name);
    if (g->serial % 2 == 0) LINE("    print(%s)\n", pick(g)->name);
    LINE("    emit %s = %s%s\n", all.name, last.name, below(g, 2) ? " * 2" : "");
    LINE("}\n");
    keep(g, &last);
    keep(g, &all);
}

static void add_recurrence(Gen *g)
{
    static const char *const kind[] = {"RNN", "GRU", "LSTM"};
    const Value *v = pick_sequence(g);
    if (!v) return;
    Value all = fresh(g, v);
    int k = below(g, 3), d = 2 + below(g, 4), depth = 1 + below(g, 2);
    all.dim[2] = d;
    MEMBER("l%s = %s(%d, %d, depth=%d)\n", all.name, kind[k], v->dim[2], d, depth);
    LINE("%s, _ = l%s(%s)\n", all.name, all.name, v->name);
    keep(g, &all);
}

static void add_attention(Gen *g)
{
    const Value *v = pick_sequence(g);
    if (!v || v->dim[2] % 2) return;
    Value r = fresh(g, v);
    MEMBER("l%s = MultiHeadAttention(%d, 2, causal=%s)\n", r.name, v->dim[2], below(g, 2) ? "true" : "false");
    LINE("%s = l%s(%s, %s)\n", r.name, r.name, v->name, v->name);
    keep(g, &r);
}

static void add_embedding(Gen *g)
{
    Value r = fresh(g, &g->value[1]); /* the sequence */
    r.dim[2] = 2 + below(g, 5);
    MEMBER("l%s = Embedding(7, %d, std=0.5)\n", r.name, r.dim[2]);
    LINE("%s = l%s(ids)\n", r.name, r.name);
    keep(g, &r);
}

static void add_picture(Gen *g)
{
    const Value *v = NULL;
    for (int k = 0; k < 20 && !v; k++) {
        v = pick_rank(g, 4, 4);
        if (v && (v->dim[0] != AXIS_B || v->dim[1] < 2 || v->dim[2] < 2)) v = NULL;
    }
    if (!v) return;
    Value r = fresh(g, v);
    int o = 1 + below(g, 5), c = v->dim[3], kernel = 1 + below(g, 3), stride = 1 + below(g, 2), pad = below(g, 2);
    if (v->dim[1] + 2 * pad < kernel || v->dim[2] + 2 * pad < kernel) return;
    switch (below(g, 4)) {
    case 0:
        MEMBER("l%s = MaxPool2d(2)\n", r.name);
        r.dim[1] /= 2, r.dim[2] /= 2;
        break;
    case 1:
        MEMBER("l%s = ConvT2d(%d, %d, kernel=2, stride=2)\n", r.name, c, o);
        r.dim[1] *= 2, r.dim[2] *= 2, r.dim[3] = o;
        if (r.dim[1] > 12) return;
        break;
    default:
        MEMBER("l%s = Conv2d(%d, %d, kernel=%d, stride=%d, pad=%d)\n", r.name, c, o, kernel, stride, pad);
        r.dim[1] = (v->dim[1] + 2 * pad - kernel) / stride + 1;
        r.dim[2] = (v->dim[2] + 2 * pad - kernel) / stride + 1;
        r.dim[3] = o;
    }
    LINE("%s = l%s(%s)\n", r.name, r.name, v->name);
    keep(g, &r);
}

static void add_loss(Gen *g)
{
    const Value *v = pick_rank(g, 2, 4), *w = v ? partner(g, v) : NULL;
    if (!v) return;
    Value r = fresh(g, v);
    r.rank = 0;
    if (v->rank == 2 && v->dim[0] == AXIS_B && v->dim[1] == 3)
        LINE("%s = cross_entropy(%s, classes)\n", r.name, v->name);
    else if (below(g, 2))
        LINE("%s = huber(%s, 0.5 * sin(%s))\n", r.name, v->name, w->name);
    else
        LINE("%s = binary_cross_entropy(%s, sigmoid(%s))\n", r.name, v->name, w->name);
    keep(g, &r);
}

/* What looks at the newest value. */
static void add_look(Gen *g, uint64_t seed)
{
    const char *name = g->value[g->n - 1].name;
    if (seed % 5 == 0) LINE("print(\"%s\", %s)\n", name, name);
    if (seed % 7 == 0) LINE("assert isnan(%s) or %s <= abs(%s)\n", name, name, name);
}

static void add_statement(Gen *g)
{
    static void (*const add[])(Gen *) = {add_activation,    add_binary,      add_binary,    add_dense,      add_dense,
                                         add_normalisation, add_reduction,   add_reduction, add_slice,      add_slice,
                                         add_join,          add_contraction, add_scan,      add_recurrence, add_attention,
                                         add_embedding,     add_picture,     add_picture,   add_loss};
    add[below(g, sizeof add / sizeof *add)](g);
}

/* ---- the program ---- */

static void print_type(Text *out, const Value *v)
{
    text_add(out, "float");
    for (int i = 0; i < v->rank; i++) {
        text_add(out, i ? ", " : "[");
        if (v->dim[i] > 0)
            text_add(out, "%d", v->dim[i]);
        else
            text_add(out, v->dim[i] == AXIS_B ? "B" : "T");
    }
    if (v->rank) text_add(out, "]");
}

/* A last value that depends on all others, so that nothing is dead. */
static void add_total(Gen *g)
{
    Value r = fresh(g, g->value);
    r.rank = 0;
    LINE("%s = 0.0", r.name);
    for (int i = 0; i < g->n; i++)
        text_add(&g->body, " + sin(mean(%s))", g->value[i].name);
    text_add(&g->body, "\n");
    keep(g, &r);
}

static void print_results(Text *out, const Gen *g, int n)
{
    text_add(out, ") -> %s", n > 1 ? "(" : "");
    for (int i = 0; i < n; i++) {
        if (i) text_add(out, ", ");
        print_type(out, &g->value[g->n - 1 - i]);
    }
    text_add(out, "%s {\n", n > 1 ? ")" : "");
}

void gen_source(Text *out, uint64_t seed, int n_lines)
{
    static const char args[] = "x: float[B, 6], s: float[B, T, 4], m: float[B, 6, 5, 2], ids: "
                               "int<7>[B, T], classes: int<3>[B]";
    Gen gen = {.arena = out->arena, .state = seed, .n = 3}, *g = &gen;
    g->members.arena = g->body.arena = out->arena;
    g->value[0] = (Value){"x", 2, {AXIS_B, 6}};
    g->value[1] = (Value){"s", 3, {AXIS_B, AXIS_T, 4}};
    g->value[2] = (Value){"m", 4, {AXIS_B, 6, 5, 2}};
    for (int i = 0; i < n_lines; i++) {
        add_statement(g);
        add_look(g, seed * 31 + (uint64_t)i);
    }
    add_total(g);
    int n = g->n < 4 ? g->n : 4;
    text_add(out, "layer Net {\n%s    fn forward[B, T](%s", text_c(&g->members), args);
    print_results(out, g, n);
    text_add(out, "%s        return ", text_c(&g->body));
    for (int i = 0; i < n; i++)
        text_add(out, "%s%s", i ? ", " : "", g->value[g->n - 1 - i].name);
    text_add(out, "\n    }\n}\nmodel net = Net()\nexport fn f[B, T](%s", args);
    print_results(out, g, n);
    text_add(out, "    return net(x, s, m, ids, classes)\n}\n");
}
