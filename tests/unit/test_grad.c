/* links: nnc_lower nnc_machine nnc_transform nnc_codegen nnc_loop nnc_kernel nnc_sema nnc_syntax nnc_tensor nnc_support m pthread */
/* SPDX-License-Identifier: MIT
 * test_grad.c: grad(L, wrt=x) from the source to numbers. The first, second and third derivative of
 * many functions of the language against central differences of the derivative before, evaluated in
 * double precision after all passes; and the same as machine code. */
#include <criterion/criterion.h>
#include <math.h>

#include "fuzz/machine.h"
#include "lower/lower.h"
#include "rows.h"
#include "sema_help.h"
#include "transform/transform.h"

typedef struct Program {
    Checked c;
    Lowered *lowered;
    Arena scratch;
    Graph *source[16]; /* of the first entries, before the passes */
    const char *shift_name; /* param whose element shift_at is moved by shift */
    int64_t shift_at;
    double shift;
} Program;

static void load_as(Program *p, const char *text, uint8_t floats, uint8_t operands)
{
    memset(p, 0, sizeof *p);
    check_source(&p->c, text);
    cr_assert_eq(p->c.diags.n_errors, 0, "%s\n%s", text, p->c.messages);
    Arena *a = &p->c.arena;
    p->lowered = lower_program(a, &p->c.strings, &p->c.diags, p->c.program, floats);
    for (uint32_t i = 0; i < p->lowered->entry.n; i++) {
        LoweredEntry *e = &p->lowered->entry.at[i];
        if (!e->core || e->core->kind != ENTRY_EXPORT) continue;
        Pass pass = {.module = p->lowered->module, .scratch = &p->scratch, .diags = &p->c.diags, .operands = operands};
        if (e - p->lowered->entry.at < 16) p->source[e - p->lowered->entry.at] = e->step[0];
        e->step[0] = pass_pipeline(&pass, e->step[0], NULL, NULL);
    }
    Text out = {.arena = a};
    diag_render(&p->c.diags, &out, false);
    cr_assert_eq(p->c.diags.n_errors, 0, "%s\n%s", text, text_c(&out));
}

static void load(Program *p, const char *text)
{
    load_as(p, text, DT_f64, 0);
}

static void unload(Program *p)
{
    arena_free(&p->c.arena);
    arena_free(&p->scratch);
}

static const Graph *entry_graph(Program *p, const char *name)
{
    for (uint32_t i = 0; i < p->lowered->entry.n; i++)
        if (p->lowered->entry.at[i].core && !strcmp(p->lowered->entry.at[i].core->name, name)) return p->lowered->entry.at[i].step[0];
    cr_assert_fail("no export %s", name);
    return NULL;
}

/* The start value of element e of a param: depends on the name, so that all entries agree. */
static double start_value(const GraphParam *param, int64_t e)
{
    double at = (double)(str_hash(param->name, strlen(param->name)) % 97) + 1.7 * (double)e;
    double v = 0.9 * sin(at) + 0.05 * cos(3 * at);
    return param->kind == PARAM_STATE ? 0.5 + fabs(v) : v;
}

static TensorValue *arguments(Program *p, const Graph *g, const int64_t *symbols)
{
    TensorValue *in = ARENA_ARRAY(&p->c.arena, TensorValue, g->param.n + 1);
    for (uint32_t i = 0; i < g->param.n; i++) {
        const GraphParam *param = &g->param.at[i];
        in[i] = tensor_value_new(&p->c.arena, g->module->dims, &param->type, symbols);
        for (int64_t e = 0; e < in[i].count; e++)
            if (in[i].f)
                in[i].f[e] = start_value(param, e);
            else
                in[i].i[e] = param->kind == PARAM_INPUT ? e * 5 % 3 : 1;
        if (p->shift_name && !strcmp(param->name, p->shift_name)) in[i].f[p->shift_at] += p->shift;
    }
    return in;
}

static TensorValue evaluate(Program *p, const char *name, int result)
{
    const Graph *g = entry_graph(p, name);
    Arena *a = &p->c.arena;
    int64_t symbols[64] = {0};
    TensorValue *in = arguments(p, g, symbols);
    TensorValue *out = ARENA_ARRAY(a, TensorValue, g->result.n + 1);
    InterpretHooks hooks = {0};
    const char *wrong = graph_interpret(g, symbols, in, out, &hooks, a);
    cr_assert(!wrong, "%s: %s", name, wrong);
    return out[result];
}

/* Result `result` of the export `slope` is the derivative of the scalar `value` by param x. */
static void expect_slope(Program *p, const char *what, const char *value, const char *slope, int result, const char *x)
{
    TensorValue have = evaluate(p, slope, result);
    double size = 0;
    for (int64_t e = 0; e < have.count; e++) {
        double at[2], h = 2e-5;
        for (int k = 0; k < 2; k++) {
            p->shift_name = x;
            p->shift_at = e;
            p->shift = k ? h : -h;
            at[k] = evaluate(p, value, 0).f[0];
        }
        p->shift_name = NULL;
        double want = (at[1] - at[0]) / (2 * h), scale = 1 + fabs(want) + fabs(at[0]);
        size += fabs(want);
        cr_expect(fabs(want - have.f[e]) < 2e-7 * scale, "%s: %s by %s, element %d: %.10g, not %.10g", what, slope, x, (int)e, have.f[e],
                  want);
    }
    cr_expect(isfinite(size), "%s: %s", what, slope);
}

/* The export as machine code gives what the interpreter gives. */
static void expect_compiled(Program *p, const char *what, const char *name)
{
    Arena *a = &p->c.arena;
    TensorValue want = evaluate(p, name, 0);
    Graph *source = NULL;
    for (uint32_t i = 0; i < p->lowered->entry.n && i < 16; i++)
        if (p->source[i] && !strcmp(p->lowered->entry.at[i].core->name, name)) source = p->source[i];
    cr_assert(source);
    int64_t *symbols = ARENA_ARRAY(a, int64_t, symbol_count(source->module->dims) + 2);
    for (uint32_t i = 0; i < symbol_count(source->module->dims) + 2; i++)
        symbols[i] = 1;
    Machine m;
    machine_lay_out(&m, a, source);
    const char *wrong = machine_compile(&m, &(MachineOptions){.f64 = true});
    cr_assert(!wrong, "%s: %s: %s", what, name, wrong);
    TensorValue *out = ARENA_ARRAY(a, TensorValue, source->result.n + 1);
    wrong = machine_call(&m, symbols, arguments(p, source, symbols), out, 1, a);
    cr_assert(!wrong, "%s: %s: %s", what, name, wrong);
    for (int64_t e = 0; e < want.count; e++)
        cr_expect(fabs(out[0].f[e] - want.f[e]) < 1e-10 * (1 + fabs(want.f[e])), "%s: %s, element %d: %.15g compiled, %.15g interpreted",
                  what, name, (int)e, out[0].f[e], want.f[e]);
    machine_free(&m);
}

typedef struct Case {
    const char *name, *top, *loss; /* of x: float[3, 4], k: int<3>[3] */
    int order;
} Case;

#define NET(members, forward) \
    "layer Net {\n" members "\n fn forward(x: float[3, 4]) -> float {\n" forward "\n}\n}\n" \
    "model net = Net()\n"

static const Case cases[] = {
    {"powers", "", "return sum(x ** 3 * exp(0.3 * x) + 1 / (2 + x))", 3},
    {"logs", "", "return sum(log(2 + x) * log1p(exp(x)) + sqrt(2 + x) + rsqrt(3 + x))", 3},
    {"waves", "", "return sum(sin(x) * cos(2 * x) + tanh(x) * erf(x))", 3},
    {"variable power", "", "return sum((1.5 + x) ** (x + 2))", 3},
    {"corners", "", "return sum(x * abs(x) * maximum(x, 0.1 * x ** 2) + minimum(x, x ** 2) ** 2)", 3},
    {"choice", "", "return sum(where(x > 0.2, x ** 3, sin(x)) * x)", 3},
    {"activations", "", "return sum(gelu(x) * silu(x) + softplus(x) * elu(x) + sigmoid(x))", 3},
    {"softmax", "", "return sum(softmax(x) ** 2 * x)", 3},
    {"cross entropy", "fn first(x: float[3, 4]) -> float[3, 3] { return x[:, 0:3] ** 2 }\n", "return cross_entropy(first(x), k)", 3},
    {"reductions", "",
     "m = mean(x ** 2, axis=0)\n s = sum(x ** 3, axis=1)\n return sum(m * m) + sum(s ** 2) + "
     "prod(2 + x[0], axis=0)",
     3},
    {"extremes", "", "return sum(max(x ** 2, axis=1) * min(x, axis=1) ** 2)", 2},
    {"running sum", "", "return sum(cumsum(x, axis=1) ** 3)", 3},
    {"running product", "", "return sum(cumprod(x, axis=1) ** 3 + cumprod(x * where(k > 0, 1.0, 0.0)[:, _], axis=0) ** 2)", 3},
    {"order", "", "return sum(sort(x, axis=0) ** 3 * x) + sum(sort(x, descending=true)[:, 1] ** 2)", 3},
    {"spread", "", "return sum(var(x, axis=1) ** 2) + std(x, correction=0) ** 3 + sum(std(x ** 2, axis=0))", 3},
    {"lengths", "", "return norm(x) ** 3 + sum(norm(x, 1, axis=0) ** 3) + sum(norm(x ** 2, inf, axis=1) ** 2)", 2},
    {"views", "",
     "y = concat([transpose(x), reshape(x, 4, 3)], axis=0)\n z = pad(flip(y, axis=0)[1:7], axis=0, "
     "before=1, after=0)\n return sum(z ** 3 * roll(z, 1, axis=0))",
     2},
    {"stretch", "", "return sum((x - mean(x, axis=1, keep=true)) ** 3 * x[:, 0][:, _])", 3},
    {"norms", "", "return sum(sqrt(sum(x ** 2, axis=1) + 0.1) ** 3)", 3},
    {"products", "", "return sum((x @ transpose(x)) ** 3)", 3},
    {"einsum", "", "return sum(einsum(\"a b, a c -> b c\", x, x ** 2) ** 2)", 3},
    {"gather", "", "return sum(take(x ** 2, k, axis=0) * x ** 2) + sum(pick(x[:, 0:3] ** 3, k))", 3},
    {"scatter", "", "return sum(scatter_add(k, x ** 2, 3) ** 2)", 3},
    {"scan", "",
     "scan row in x along 0 with h = x[0] {\n h = tanh(h * row + 0.5 * row ** 2)\n emit y = h ** 2 * "
     "row\n}\n return sum(h ** 2) + sum(y ** 2)",
     3},
    {"nested scan", "",
     "scan row in x along 0 with h = 0.5 {\n scan v in row along 0 with g = h { g = sin(g + v) * (1 + "
     "v) }\n h = g\n emit y = g * h }\n return sum(y ** 2) + h ** 3",
     2},
    {"matrix and bias", NET("layer a = Dense(4, 5)\n layer b = Dense(5, 1)", "return sum(b(tanh(a(x))))"), "return net(x)", 3},
    {"layer norm", NET("layer a = Dense(4, 5)\n layer n = LayerNorm(5)", "return sum(tanh(n(a(x))) ** 3)"), "return net(x)", 2},
    {"batch norm", NET("layer n = BatchNorm(4)", "return sum(tanh(n(x)) ** 3)"), "return net(x)", 2},
    {"convolution",
     NET("layer a = Conv1d(1, 3, kernel=3, stride=2, pad=1)\n layer b = Conv1d(3, 2, kernel=2)",
         "return sum(b(tanh(a(x[:, :, _ ]))) ** 3)"),
     "return net(x)", 2},
    {"images",
     NET("layer a = Conv2d(1, 2, kernel=2, pad=1)\n layer p = AvgPool2d(2)\n layer m = MaxPool2d(2, stride=1)\n"
         " layer u = ConvT2d(2, 1, kernel=3, stride=2)",
         "y = reshape(x, 1, 3, 4, 1)\n return sum(u(p(tanh(a(y)))) ** 3) + sum(m(y) ** 3)"),
     "return net(x)", 2},
    {"gru", NET("layer g = GRU(4, 3)", "y, h = g(reshape(x, 1, 3, 4))\n return sum(y ** 2)"), "return net(x)", 2},
    {"lstm", NET("layer g = LSTM(4, 2)", "y, h = g(reshape(x, 1, 3, 4))\n return sum(y ** 2)"), "return net(x)", 2},
    {"attention", NET("layer a = MultiHeadAttention(4, 2)", "y = reshape(x, 1, 3, 4)\n return sum(a(y, y) ** 2)"), "return net(x)", 2},
    {"embedding", NET("layer e = Embedding(3, 4)", "return sum(e(range(3)) ** 2 * x ** 2)"), "return net(x)", 2},
    {"own gradient", "fn cube(x: float[3, 4]) -> float[3, 4] { return x ** 3 } grad (dy) { return 3 * x ** 2 * dy }\n",
     "return sum(cube(x) ** 2)", 3},
};

static const char *const frame = "%s"
                                 "fn loss(x: float[3, 4], k: int<3>[3]) -> float {\n%s\n}\n"
                                 "fn part(g: float[3, 4]) -> float { return sum(g * (1 + cos(reshape(float(range(12)), 3, 4)))) }\n"
                                 "fn loss2(x: float[3, 4], k: int<3>[3]) -> float { return part(grad(loss(x, k), wrt=x)) }\n"
                                 "fn loss3(x: float[3, 4], k: int<3>[3]) -> float { return part(grad(loss2(x, k), wrt=x)) }\n"
                                 "export fn v1(x: float[3, 4], k: int<3>[3]) -> float { return loss(x, k) }\n"
                                 "export fn v2(x: float[3, 4], k: int<3>[3]) -> float { return loss2(x, k) }\n"
                                 "export fn d1(x: float[3, 4], k: int<3>[3]) -> float[3, 4] { return grad(loss(x, k), wrt=x) }\n"
                                 "export fn d2(x: float[3, 4], k: int<3>[3]) -> float[3, 4] { return grad(loss2(x, k), wrt=x) }\n";
static const char *const third = "export fn v3(x: float[3, 4], k: int<3>[3]) -> float { return loss3(x, k) }\n"
                                 "export fn d3(x: float[3, 4], k: int<3>[3]) -> float[3, 4] { return grad(loss3(x, k), wrt=x) }\n";

static void check_case(const Case *c)
{
    Arena a = {0};
    const char *text = arena_print(&a, frame, c->top, c->loss);
    if (c->order > 2) text = arena_print(&a, "%s%s", text, third);
    Program p;
    load(&p, text);
    expect_slope(&p, c->name, "v1", "d1", 0, "x");
    expect_slope(&p, c->name, "v2", "d2", 0, "x");
    if (c->order > 2) expect_slope(&p, c->name, "v3", "d3", 0, "x");
    expect_compiled(&p, c->name, "d2");
    unload(&p);
    arena_free(&a);
}

TestRows(grad, many_functions, N_ROWS(cases))
{
    check_case(&cases[row]);
}

/* How far b is from a, for the length of a, or for 1 if that is shorter. */
static double distance(const TensorValue *a, const TensorValue *b)
{
    double apart = 0, size = 0;
    for (int64_t e = 0; e < a->count; e++) {
        apart += (a->f[e] - b->f[e]) * (a->f[e] - b->f[e]);
        size += a->f[e] * a->f[e];
    }
    return sqrt(apart / (size > 1 ? size : 1));
}

/* With operands of bf16, whose 8 bits err by 2^-9 at most, the first and the second derivative are those of differences but for a few of
 * these. (That machine code gives the interpreter's numbers with the same operands, fuzz_compile looks at.) */
static const char *const with_products[] = {"products", "einsum", "matrix and bias", "layer norm", "convolution", "images",
                                            "gru",      "lstm",   "attention"};
TestRows(grad, products_of_bf16, N_ROWS(with_products))
{
    const Case *c = cases;
    while (strcmp(c->name, with_products[row]) != 0)
        c++;
    Arena a = {0};
    const char *text = arena_print(&a, frame, c->top, c->loss);
    Program exact, rounded;
    load(&exact, text);
    load_as(&rounded, text, DT_f32, DT_wide16);
    expect_slope(&exact, c->name, "v1", "d1", 0, "x");
    expect_slope(&exact, c->name, "v2", "d2", 0, "x");
    for (int order = 1; order <= 2; order++) {
        const char *name = order == 1 ? "d1" : "d2";
        TensorValue want = evaluate(&exact, name, 0), have = evaluate(&rounded, name, 0);
        double off = distance(&want, &have);
        cr_expect(off > 0 && off < 8 * 0x1p-9, "%s: %s is %g units of bf16 off", c->name, name, off * 0x1p9);
    }
    unload(&exact);
    unload(&rounded);
    arena_free(&a);
}

/* A penalty on a slope by x, differentiated by the parameters; Hessian times vector. */
Test(grad, by_parameters)
{
    Program p;
    load(&p, "layer Net {\n layer a = Dense(4, 3)\n layer b = Dense(3, 1)\n"
             " fn forward(x: float[2, 4]) -> float[2, 1] { return b(tanh(a(x))) } }\n"
             "model net = Net()\n"
             "fn energy(x: float[2, 4]) -> float { return sum(net(x) ** 2) }\n"
             "fn penalty(x: float[2, 4]) -> float {\n"
             " g = grad(energy(x), wrt=x)\n return mean((sqrt(sum(g ** 2, axis=1)) - 1) ** 2) }\n"
             "export fn value(x: float[2, 4]) -> float { return penalty(x) }\n"
             "export fn slopes(x: float[2, 4]) -> (float[4, 3], float[3], float[3, 1], float[2, 4]) {\n"
             " p = penalty(x)\n return grad(p, wrt=[net.a.w, net.a.b, net.b.w, x]) }\n"
             "fn turn(x: float[2, 4], v: float[4, 3]) -> float { return sum(grad(energy(x), wrt=net.a.w) * v) }\n"
             "export fn turned(x: float[2, 4], v: float[4, 3]) -> float { return turn(x, v) }\n"
             "export fn hv(x: float[2, 4], v: float[4, 3]) -> float[4, 3] { return grad(turn(x, v), wrt=net.a.w) }\n");
    expect_slope(&p, "penalty", "value", "slopes", 0, "net.a.w");
    expect_slope(&p, "penalty", "value", "slopes", 1, "net.a.b");
    expect_slope(&p, "penalty", "value", "slopes", 2, "net.b.w");
    expect_slope(&p, "penalty", "value", "slopes", 3, "x");
    expect_slope(&p, "Hessian times vector", "turned", "hv", 0, "net.a.w");
    unload(&p);
}

/* x is the value that is bound, also where another one is equal to it; one x may be computed from
 * another; results of scans through their carries. */
Test(grad, what_x_is)
{
    Program p;
    load(&p, "export fn equal(x: float[3]) -> float[3] {\n y = x * 2\n z = x * 2\n return grad(sum(y * z), wrt=y) }\n"
             "export fn same(x: float[3]) -> float[3] {\n y = x + 0\n return grad(sum(x * y), wrt=y) }\n"
             "export fn chain_(x: float[3]) -> (float[3], float[3]) {\n y = x ** 2\n L = sum(x * y)\n"
             " gx, gy = grad(L, wrt=[x, y])\n return gx, gy }\n"
             "export fn descent(x: float[3]) -> float[3] {\n scan t in 0..5 with w = x {\n"
             " e = sum((w - 1) ** 2)\n w = w - 0.25 * grad(e, wrt=w) }\n return w }\n"
             "export fn far(x: float[3]) -> float {\n scan t in 0..5 with w = x {\n"
             " e = sum((w - 1) ** 2 * w)\n w = w - 0.05 * grad(e, wrt=w) }\n return sum(w ** 2) }\n"
             "fn reach(x: float[3]) -> float {\n scan t in 0..5 with w = x {\n"
             " e = sum((w - 1) ** 2 * w)\n w = w - 0.05 * grad(e, wrt=w) }\n return sum(w ** 2) }\n"
             "export fn through(x: float[3]) -> float[3] { return grad(reach(x), wrt=x) }\n"
             "export fn linear(x: float[3]) -> float[3] {\n g = grad(sum(3 * x), wrt=x)\n"
             " return grad(sum(g) + sum(x), wrt=x) }\n");
    TensorValue equal = evaluate(&p, "equal", 0), same = evaluate(&p, "same", 0);
    TensorValue gx = evaluate(&p, "chain_", 0), gy = evaluate(&p, "chain_", 1);
    TensorValue down = evaluate(&p, "descent", 0), linear = evaluate(&p, "linear", 0);
    GraphParam x = {.name = "x", .kind = PARAM_INPUT};
    for (int e = 0; e < 3; e++) {
        double v = start_value(&x, e);
        cr_expect_float_eq(equal.f[e], 2 * v, 1e-12);
        cr_expect_float_eq(same.f[e], v, 1e-12);
        cr_expect_float_eq(gx.f[e], 3 * v * v, 1e-12);
        cr_expect_float_eq(gy.f[e], v, 1e-12);
        cr_expect_float_eq(down.f[e], 1 + (v - 1) / 32, 1e-12);
        cr_expect_float_eq(linear.f[e], 1, 1e-12);
    }
    expect_slope(&p, "descent in a scan", "far", "through", 0, "x");
    unload(&p);
}
