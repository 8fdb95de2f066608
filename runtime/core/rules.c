/* SPDX-License-Identifier: MIT
 * rules.c: the loops of the optimizers over elements, one pass over parameters, gradients and slots. Rules as in PyTorch.
 *
 * Bitcode, since a program gets those that it uses in vectors of its machine (emit/core.c); nnrt_statement.update points to one.
 * Gaps between tensors are 0 in parameters, gradients and slots and stay 0. What depends on a slot that may be missing (NULL) is
 * decided outside of the loop, which is then a loop of vectors in either case. */
#include "core.h"

#ifdef NNRT_DOUBLE
#define LEAST_NORMAL 0x1p-1022
#define SQRT __builtin_sqrt
typedef uint64_t Bits;
#define LAST_EXPONENT ((Bits)1 << 52)
#else
#define LEAST_NORMAL 0x1p-126f
#define SQRT __builtin_sqrtf
typedef uint32_t Bits;
#define LAST_EXPONENT ((Bits)1 << 23)
#endif
#define SIGN ((Bits)1 << (8 * sizeof(Bits) - 1))

/* struct NAME: the numbers of a row, in its order. */
#define NUMBER(NAME, DEFAULT, RANGE) double NAME;
#define SLOT_NUMBER(NAME, DEFAULT, RANGE) double NAME;
#define SLOT_SWITCH(NAME)
#define OPTIMIZER(NAME, SEES, SLOTS, ARGUMENTS) \
    struct NAME { \
        ARGUMENTS \
    };
#include "optimizers.def"

/* A program takes the functions of its rules and no other: what they call has to be inside of them. */
#define INSIDE static inline __attribute__((always_inline))

/* RULE(NAME) { ... }: the loop of a row, with its numbers `a`. */
#define RULE(NAME) \
    INSIDE void NAME(const nnrt_rule *r, const struct NAME *a, intptr_t n); \
    void nnrt_rule_##NAME(const nnrt_rule *r, int64_t n) \
    { \
        NAME(r, r->numbers, (intptr_t)n); \
    } \
    INSIDE void NAME(const nnrt_rule *r, const struct NAME *a, intptr_t n)

/* MEASURE(NAME) { ... }: sets `sum` to what core.h says. */
#define MEASURE(NAME) \
    INSIDE void measure_##NAME(const nnrt_rule *r, const struct NAME *a, intptr_t n, double *sum); \
    void nnrt_measure_##NAME(const nnrt_rule *r, int64_t n, double *sum) \
    { \
        measure_##NAME(r, r->numbers, (intptr_t)n, sum); \
    } \
    INSIDE void measure_##NAME(const nnrt_rule *r, const struct NAME *a, intptr_t n, double *sum)

/* Subnormal slots would stay subnormal for ever and slow. */
INSIDE nnrt_float flush(nnrt_float x)
{
    return (x < 0 ? -x : x) < (nnrt_float)LEAST_NORMAL ? 0 : x;
}

/* Infinities and NaN have all bits of the exponent set, which one added to the last of them carries into the sign's place. */
int32_t nnrt_rule_finite(const nnrt_float *g, int64_t n)
{
    Bits carried = 0;
    for (intptr_t i = 0; i < (intptr_t)n; i++) {
        Bits bits;
        __builtin_memcpy(&bits, g + i, sizeof bits);
        carried |= (bits & ~SIGN) + LAST_EXPONENT;
    }
    return !(carried & SIGN);
}

/* The clipped gradient, and with what `decay` adds to it. */
INSIDE nnrt_float clipped(const nnrt_rule *r, intptr_t i)
{
    return core_limited(r->g[i], r->clip_value) * r->scale;
}

INSIDE nnrt_float gradient(const nnrt_rule *r, intptr_t i)
{
    return clipped(r, i) + r->decay * r->w[i];
}

INSIDE double power(double x, int64_t n)
{
    double y = 1;
    for (; n > 0; n /= 2, x *= x)
        if (n & 1) y *= x;
    return y;
}

/* Sums of squares: element i in lane i % LANES, the lanes as a tree, whatever the vectors of the machine. */
enum { LANES = 16 };
typedef struct Lanes {
    double at[LANES];
} Lanes;

INSIDE void add_square(Lanes *lanes, intptr_t lane, nnrt_float x)
{
    lanes->at[lane] += (double)x * (double)x;
}

INSIDE double total(Lanes *lanes)
{
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int j = 0; j < half; j++)
            lanes->at[j] += lanes->at[j + half];
    return lanes->at[0];
}

/* ---- sgd; momentum: Polyak 1964; nesterov: Nesterov 1983, Sutskever et al. 2013 ---- */

RULE(sgd)
{
    nnrt_float lr = (nnrt_float)a->lr;
    for (intptr_t i = 0; i < n; i++)
        r->w[i] -= lr * gradient(r, i);
}

RULE(momentum)
{
    nnrt_float lr = (nnrt_float)a->lr, mu = (nnrt_float)a->mu;
    nnrt_float part = r->count > 1 ? (nnrt_float)(1 - a->dampening) : 1;
    for (intptr_t i = 0; i < n; i++) {
        r->s0[i] = flush(mu * r->s0[i] + part * gradient(r, i));
        r->w[i] -= lr * r->s0[i];
    }
}

RULE(nesterov)
{
    nnrt_float lr = (nnrt_float)a->lr, mu = (nnrt_float)a->mu;
    for (intptr_t i = 0; i < n; i++) {
        nnrt_float g = gradient(r, i);
        r->s0[i] = flush(mu * r->s0[i] + g);
        r->w[i] -= lr * (g + mu * r->s0[i]);
    }
}

/* ---- adam: Kingma and Ba 2015; adamw: Loshchilov and Hutter 2019; amsgrad: Reddi et al. 2018 ---- */

typedef struct Adam {
    nnrt_float beta1, beta2, eps, step, root2;
} Adam;

INSIDE Adam adam_numbers(double lr, double beta1, double beta2, double eps, int64_t count)
{
    Adam a = {(nnrt_float)beta1, (nnrt_float)beta2, (nnrt_float)eps, 0, 0};
    a.step = (nnrt_float)(lr / (1 - power(beta1, count)));
    a.root2 = (nnrt_float)__builtin_sqrt(1 - power(beta2, count));
    return a;
}

INSIDE void set_moments(const nnrt_rule *r, Adam a, intptr_t i, nnrt_float g)
{
    r->s0[i] = flush(a.beta1 * r->s0[i] + (1 - a.beta1) * g);
    r->s1[i] = flush(a.beta2 * r->s1[i] + (1 - a.beta2) * g * g);
}

/* decoupled: decay shrinks the weight, by the factor keep, and is not in the gradient. */
INSIDE void adam_loop(const nnrt_rule *r, Adam a, intptr_t n, int decoupled, nnrt_float keep, int amsgrad)
{
    for (intptr_t i = 0; i < n; i++) {
        set_moments(r, a, i, decoupled ? clipped(r, i) : gradient(r, i));
        nnrt_float v = r->s1[i];
        if (amsgrad) v = r->s2[i] = r->s2[i] > v ? r->s2[i] : v;
        r->w[i] = r->w[i] * keep - a.step * r->s0[i] / (SQRT(v) / a.root2 + a.eps);
    }
}

RULE(adam)
{
    Adam s = adam_numbers(a->lr, a->beta1, a->beta2, a->eps, r->count);
    if (r->s2)
        adam_loop(r, s, n, 0, 1, 1);
    else
        adam_loop(r, s, n, 0, 1, 0);
}

RULE(adamw)
{
    Adam s = adam_numbers(a->lr, a->beta1, a->beta2, a->eps, r->count);
    nnrt_float keep = 1 - (nnrt_float)a->lr * r->decay;
    if (r->s2)
        adam_loop(r, s, n, 1, keep, 1);
    else
        adam_loop(r, s, n, 1, keep, 0);
}

/* ---- nadam: Dozat 2016 ---- */

/* e^x for x <= 0: x = r - k log 2 with |r| <= log(2) / 2, a Taylor polynomial of r. */
INSIDE double exponential(double x)
{
    if (x < -700) return 0;
    int64_t k = (int64_t)(0.5 - x * 1.4426950408889634);
    double r = x + (double)k * 0.6931471805599453, sum = 1;
    for (int n = 18; n >= 1; n--)
        sum = 1 + sum * r / n;
    return sum * power(0.5, k);
}

/* Of update t. The means are those of Adam, the part of the gradient grows: mu(t) = beta1 (1 - 0.96^(t momentum_decay) / 2). What is
 * below 2^-60 changes no 1 - product: a few hundred factors are enough for the usual beta1. */
INSIDE double nadam_mu(double beta1, double rate, int64_t t)
{
    return beta1 * (1 - 0.5 * power(rate, t));
}

INSIDE double nadam_product(double beta1, double rate, int64_t t)
{
    double product = 1, p = 1;
    for (int64_t i = 1; i <= t && product > 0x1p-60; i++) {
        p *= rate;
        product *= beta1 * (1 - 0.5 * p);
    }
    return product;
}

RULE(nadam)
{
    Adam s = adam_numbers(a->lr, a->beta1, a->beta2, a->eps, r->count);
    double rate = exponential(a->momentum_decay * -0.040821994520255166); /* 0.96^momentum_decay */
    double mu = nadam_mu(a->beta1, rate, r->count), next = nadam_mu(a->beta1, rate, r->count + 1);
    double product = nadam_product(a->beta1, rate, r->count);
    nnrt_float of_g = (nnrt_float)(a->lr * (1 - mu) / (1 - product)), of_m = (nnrt_float)(a->lr * next / (1 - product * next));
    for (intptr_t i = 0; i < n; i++) {
        nnrt_float g = gradient(r, i);
        set_moments(r, s, i, g);
        r->w[i] -= (of_g * g + of_m * r->s0[i]) / (SQRT(r->s1[i]) / s.root2 + s.eps);
    }
}

/* ---- radam: Liu et al. 2020 ---- */

INSIDE void radam_loop(const nnrt_rule *r, Adam a, intptr_t n, int adaptive)
{
    for (intptr_t i = 0; i < n; i++) {
        set_moments(r, a, i, gradient(r, i));
        nnrt_float d = a.step * r->s0[i];
        r->w[i] -= adaptive ? d / (SQRT(r->s1[i]) + a.eps) : d;
    }
}

/* Few updates say nothing of the variance of g: a mean of `length` values is used from more than 5 on. */
RULE(radam)
{
    Adam s = adam_numbers(a->lr, a->beta1, a->beta2, a->eps, r->count);
    double power2 = power(a->beta2, r->count), most = 2 / (1 - a->beta2) - 1;
    double length = most - 2 * (double)r->count * power2 / (1 - power2);
    if (length > 5) {
        double variance = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length);
        s.step = (nnrt_float)(a->lr / (1 - power(a->beta1, r->count)) * __builtin_sqrt(variance * (1 - power2)));
        radam_loop(r, s, n, 1);
    } else {
        radam_loop(r, s, n, 0);
    }
}

/* ---- lamb: You et al. 2020 ---- */

INSIDE nnrt_float lamb_direction(const nnrt_rule *r, Adam a, intptr_t i)
{
    return a.step * r->s0[i] / (SQRT(r->s1[i]) / a.root2 + a.eps) + r->decay * r->w[i];
}

MEASURE(lamb)
{
    Adam s = adam_numbers(1, a->beta1, a->beta2, a->eps, r->count);
    Lanes w = {{0}}, d = {{0}};
    for (intptr_t i = 0; i < n; i++)
        set_moments(r, s, i, clipped(r, i));
    for (intptr_t i = 0; i < n; i += LANES)
        for (intptr_t j = 0, end = n - i < LANES ? n - i : LANES; j < end; j++) {
            add_square(&w, j, r->w[i + j]);
            add_square(&d, j, lamb_direction(r, s, i + j));
        }
    sum[0] = total(&w), sum[1] = total(&d);
}

RULE(lamb)
{
    Adam s = adam_numbers(1, a->beta1, a->beta2, a->eps, r->count);
    double trust = r->norm_w > 0 && r->norm_d > 0 ? r->norm_w / r->norm_d : 1;
    nnrt_float lr = (nnrt_float)(a->lr * trust);
    for (intptr_t i = 0; i < n; i++)
        r->w[i] -= lr * lamb_direction(r, s, i);
}

/* ---- lion: Chen et al. 2023 ---- */

RULE(lion)
{
    nnrt_float lr = (nnrt_float)a->lr, beta1 = (nnrt_float)a->beta1, beta2 = (nnrt_float)a->beta2, keep = 1 - lr * r->decay;
    for (intptr_t i = 0; i < n; i++) {
        nnrt_float g = clipped(r, i), d = beta1 * r->s0[i] + (1 - beta1) * g;
        r->s0[i] = flush(beta2 * r->s0[i] + (1 - beta2) * g);
        r->w[i] = r->w[i] * keep - (d > 0 ? lr : d < 0 ? -lr : 0);
    }
}

/* ---- rmsprop: Tieleman and Hinton 2012, centered: Graves 2013; adagrad: Duchi et al. 2011; adadelta: Zeiler 2012 ---- */

INSIDE void rmsprop_loop(const nnrt_rule *r, const struct rmsprop *a, intptr_t n, int has_mu, int centered)
{
    nnrt_float lr = (nnrt_float)a->lr, rho = (nnrt_float)a->rho, eps = (nnrt_float)a->eps, mu = (nnrt_float)a->mu;
    for (intptr_t i = 0; i < n; i++) {
        nnrt_float g = gradient(r, i);
        r->s0[i] = flush(rho * r->s0[i] + (1 - rho) * g * g);
        nnrt_float square = r->s0[i];
        if (centered) {
            r->s2[i] = flush(rho * r->s2[i] + (1 - rho) * g);
            square = square - r->s2[i] * r->s2[i];
            square = square < 0 ? 0 : square;
        }
        nnrt_float d = g / (SQRT(square) + eps);
        if (has_mu) d = r->s1[i] = flush(mu * r->s1[i] + d);
        r->w[i] -= lr * d;
    }
}

RULE(rmsprop)
{
    if (r->s1 && r->s2)
        rmsprop_loop(r, a, n, 1, 1);
    else if (r->s1)
        rmsprop_loop(r, a, n, 1, 0);
    else if (r->s2)
        rmsprop_loop(r, a, n, 0, 1);
    else
        rmsprop_loop(r, a, n, 0, 0);
}

RULE(adagrad)
{
    nnrt_float lr = (nnrt_float)a->lr, eps = (nnrt_float)a->eps;
    for (intptr_t i = 0; i < n; i++) {
        nnrt_float g = gradient(r, i);
        r->s0[i] = flush(r->s0[i] + g * g);
        r->w[i] -= lr * g / (SQRT(r->s0[i]) + eps);
    }
}

RULE(adadelta)
{
    nnrt_float lr = (nnrt_float)a->lr, rho = (nnrt_float)a->rho, eps = (nnrt_float)a->eps;
    for (intptr_t i = 0; i < n; i++) {
        nnrt_float g = gradient(r, i);
        r->s0[i] = flush(rho * r->s0[i] + (1 - rho) * g * g);
        nnrt_float d = SQRT(r->s1[i] + eps) / SQRT(r->s0[i] + eps) * g;
        r->s1[i] = flush(rho * r->s1[i] + (1 - rho) * d * d);
        r->w[i] -= lr * d;
    }
}
