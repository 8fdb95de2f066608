/* SPDX-License-Identifier: MIT
 * formulas.h: the formulas of docs/language.md#optimizers, in double precision and on plain arrays: what every optimizer does with
 * three tensors, for calls with all their arguments; for reference.c and unit/test_runtime_rules.c.
 *
 * The loss of update t is sum over all elements of c[i] * w[i]^2 / 2 + w[i] * sin(i + t), c[i] = 1 + i % 7 / 4. */
#ifndef NNC_TESTS_FORMULAS_H
#define NNC_TESTS_FORMULAS_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { TENSORS = 3, MOST = 100 * 64, SLOTS = 3 };

/* The last axis of r is padded in memory; q is longer than the pieces in which norms are summed. */
static const struct {
    const char *name, *type;
    int n;
    double start;
} tensors[TENSORS] = {{"p", "5", 5, 0.5}, {"q", "100, 64", MOST, -0.25}, {"r", "2, 256", 512, 0.125}};

typedef struct Call {
    double lr, decay, clip, clip_value, clip_weights, mu, dampening, beta1, beta2, eps, rho, momentum_decay;
    bool centered, amsgrad;
} Call;

typedef struct State { /* of one tensor */
    int n, t; /* t: the number of this update, from 1 on */
    double w[MOST], g[MOST], s[SLOTS][MOST]; /* g: clipped, without decay */
} State;

typedef void Rule(State *x, const Call *a);

/* ---- the rules ---- */

static double decayed(const State *x, const Call *a, int i)
{
    return x->g[i] + a->decay * x->w[i];
}

static double mean(double *m, double rho, double x)
{
    return *m = rho * *m + (1 - rho) * x;
}

static void step_sgd(State *x, const Call *a)
{
    for (int i = 0; i < x->n; i++)
        x->w[i] -= a->lr * decayed(x, a, i);
}

static void step_momentum(State *x, const Call *a)
{
    for (int i = 0; i < x->n; i++) {
        double g = decayed(x, a, i);
        x->s[0][i] = x->t == 1 ? g : a->mu * x->s[0][i] + (1 - a->dampening) * g;
        x->w[i] -= a->lr * x->s[0][i];
    }
}

static void step_nesterov(State *x, const Call *a)
{
    for (int i = 0; i < x->n; i++) {
        double g = decayed(x, a, i);
        x->s[0][i] = a->mu * x->s[0][i] + g;
        x->w[i] -= a->lr * (g + a->mu * x->s[0][i]);
    }
}

/* m' / (sqrt(v') + eps) */
static double adam_direction(State *x, const Call *a, int i, double g)
{
    double m = mean(&x->s[0][i], a->beta1, g), v = mean(&x->s[1][i], a->beta2, g * g);
    if (a->amsgrad) v = x->s[2][i] = fmax(x->s[2][i], v);
    return m / (1 - pow(a->beta1, x->t)) / (sqrt(v / (1 - pow(a->beta2, x->t))) + a->eps);
}

static void step_adam(State *x, const Call *a)
{
    for (int i = 0; i < x->n; i++)
        x->w[i] -= a->lr * adam_direction(x, a, i, decayed(x, a, i));
}

static void step_adamw(State *x, const Call *a)
{
    for (int i = 0; i < x->n; i++) {
        x->w[i] *= 1 - a->lr * a->decay;
        x->w[i] -= a->lr * adam_direction(x, a, i, x->g[i]);
    }
}

static double mu_of(const Call *a, int t)
{
    return a->beta1 * (1 - 0.5 * pow(0.96, t * a->momentum_decay));
}

static void step_nadam(State *x, const Call *a)
{
    double product = 1, mu = mu_of(a, x->t), next = mu_of(a, x->t + 1);
    for (int t = 1; t <= x->t; t++)
        product *= mu_of(a, t);
    for (int i = 0; i < x->n; i++) {
        double g = decayed(x, a, i), m = mean(&x->s[0][i], a->beta1, g);
        double v = mean(&x->s[1][i], a->beta2, g * g) / (1 - pow(a->beta2, x->t));
        double d = (1 - mu) * g / (1 - product) + next * m / (1 - product * next);
        x->w[i] -= a->lr * d / (sqrt(v) + a->eps);
    }
}

static void step_radam(State *x, const Call *a)
{
    double most = 2 / (1 - a->beta2) - 1, short2 = 1 - pow(a->beta2, x->t);
    double length = most - 2 * x->t * pow(a->beta2, x->t) / short2;
    double rectified = sqrt((length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length));
    for (int i = 0; i < x->n; i++) {
        double g = decayed(x, a, i), v = mean(&x->s[1][i], a->beta2, g * g);
        double d = mean(&x->s[0][i], a->beta1, g) / (1 - pow(a->beta1, x->t));
        if (length > 5) d *= rectified * sqrt(short2) / (sqrt(v) + a->eps);
        x->w[i] -= a->lr * d;
    }
}

static void step_lamb(State *x, const Call *a)
{
    double d[MOST], of_w = 0, of_d = 0;
    for (int i = 0; i < x->n; i++) {
        d[i] = adam_direction(x, a, i, x->g[i]) + a->decay * x->w[i];
        of_w += x->w[i] * x->w[i];
        of_d += d[i] * d[i];
    }
    for (int i = 0; i < x->n; i++)
        x->w[i] -= a->lr * (of_w > 0 && of_d > 0 ? sqrt(of_w / of_d) : 1) * d[i];
}

static void step_lion(State *x, const Call *a)
{
    for (int i = 0; i < x->n; i++) {
        double d = a->beta1 * x->s[0][i] + (1 - a->beta1) * x->g[i];
        x->w[i] -= a->lr * (a->decay * x->w[i] + (d > 0) - (d < 0));
        mean(&x->s[0][i], a->beta2, x->g[i]);
    }
}

static void step_rmsprop(State *x, const Call *a)
{
    for (int i = 0; i < x->n; i++) {
        double g = decayed(x, a, i), v = mean(&x->s[0][i], a->rho, g * g);
        if (a->centered) v -= pow(mean(&x->s[1][i], a->rho, g), 2);
        double d = g / (sqrt(fmax(v, 0)) + a->eps);
        if (a->mu > 0) d = x->s[2][i] = a->mu * x->s[2][i] + d;
        x->w[i] -= a->lr * d;
    }
}

static void step_adagrad(State *x, const Call *a)
{
    for (int i = 0; i < x->n; i++) {
        double g = decayed(x, a, i);
        x->s[0][i] += g * g;
        x->w[i] -= a->lr * g / (sqrt(x->s[0][i]) + a->eps);
    }
}

static void step_adadelta(State *x, const Call *a)
{
    for (int i = 0; i < x->n; i++) {
        double g = decayed(x, a, i), v = mean(&x->s[0][i], a->rho, g * g);
        double d = sqrt((x->s[1][i] + a->eps) / (v + a->eps)) * g;
        mean(&x->s[1][i], a->rho, d * d);
        x->w[i] -= a->lr * d;
    }
}

/* ---- the calls: as source, and as numbers with the defaults ---- */

static const struct {
    const char *name, *source;
    Rule *rule;
    Call call;
} calls[] = {
    {"sgd", "sgd()", step_sgd, {.lr = 0.01}},
    {"sgd_all", "sgd(lr=0.2, decay=0.1, clip=20, clip_value=1.5)", step_sgd, {.lr = 0.2, .decay = 0.1, .clip = 20, .clip_value = 1.5}},
    {"momentum", "momentum()", step_momentum, {.lr = 0.01, .mu = 0.9}},
    {"sgd_limited", "sgd(lr=0.2, clip_weights=0.3)", step_sgd, {.lr = 0.2, .clip_weights = 0.3}},
    {"adam_limited",
     "adam(lr=0.05, decay=0.1, clip_weights=0.125)",
     step_adam,
     {.lr = 0.05, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .decay = 0.1, .clip_weights = 0.125}},
    {"momentum_all", "momentum(lr=0.05, mu=0.7, decay=0.1, clip=20)", step_momentum, {.lr = 0.05, .mu = 0.7, .decay = 0.1, .clip = 20}},
    {"momentum_dampening", "momentum(lr=0.05, dampening=0.3)", step_momentum, {.lr = 0.05, .mu = 0.9, .dampening = 0.3}},
    {"nesterov", "nesterov()", step_nesterov, {.lr = 0.01, .mu = 0.9}},
    {"nesterov_all", "nesterov(lr=0.05, mu=0.7, decay=0.1, clip=20)", step_nesterov, {.lr = 0.05, .mu = 0.7, .decay = 0.1, .clip = 20}},
    {"adam", "adam()", step_adam, {.lr = 0.001, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8}},
    {"adam_all",
     "adam(lr=0.05, beta1=0.8, beta2=0.95, eps=1e-3, decay=0.1, clip=20)",
     step_adam,
     {.lr = 0.05, .beta1 = 0.8, .beta2 = 0.95, .eps = 1e-3, .decay = 0.1, .clip = 20}},
    {"adamw", "adamw()", step_adamw, {.lr = 0.001, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8}},
    {"adamw_all",
     "adamw(lr=0.05, beta1=0.8, beta2=0.95, eps=1e-3, decay=0.1, clip=20)",
     step_adamw,
     {.lr = 0.05, .beta1 = 0.8, .beta2 = 0.95, .eps = 1e-3, .decay = 0.1, .clip = 20}},
    {"adam_amsgrad",
     "adam(lr=0.05, beta2=0.5, amsgrad=true)",
     step_adam,
     {.lr = 0.05, .beta1 = 0.9, .beta2 = 0.5, .eps = 1e-8, .amsgrad = true}},
    {"adamw_amsgrad",
     "adamw(lr=0.05, beta2=0.5, amsgrad=true, decay=0.1)",
     step_adamw,
     {.lr = 0.05, .beta1 = 0.9, .beta2 = 0.5, .eps = 1e-8, .amsgrad = true, .decay = 0.1}},
    {"nadam", "nadam()", step_nadam, {.lr = 0.002, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .momentum_decay = 0.004}},
    {"nadam_all",
     "nadam(lr=0.05, beta1=0.8, beta2=0.95, eps=1e-3, momentum_decay=20, decay=0.1, clip=20)",
     step_nadam,
     {.lr = 0.05, .beta1 = 0.8, .beta2 = 0.95, .eps = 1e-3, .momentum_decay = 20, .decay = 0.1, .clip = 20}},
    {"nadam_constant",
     "nadam(lr=0.05, beta1=0.05, momentum_decay=0)",
     step_nadam,
     {.lr = 0.05, .beta1 = 0.05, .beta2 = 0.999, .eps = 1e-8}},
    {"radam", "radam()", step_radam, {.lr = 0.001, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8}},
    {"radam_all",
     "radam(lr=0.05, beta1=0.8, beta2=0.95, eps=1e-3, decay=0.1, clip=20)",
     step_radam,
     {.lr = 0.05, .beta1 = 0.8, .beta2 = 0.95, .eps = 1e-3, .decay = 0.1, .clip = 20}},
    {"radam_never", "radam(lr=0.05, beta2=0.6)", step_radam, {.lr = 0.05, .beta1 = 0.9, .beta2 = 0.6, .eps = 1e-8}}, /* length < 5 */
    {"lamb", "lamb()", step_lamb, {.lr = 0.001, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-6}},
    {"lamb_all",
     "lamb(lr=0.05, beta1=0.8, beta2=0.95, eps=1e-3, decay=0.1, clip=20)",
     step_lamb,
     {.lr = 0.05, .beta1 = 0.8, .beta2 = 0.95, .eps = 1e-3, .decay = 0.1, .clip = 20}},
    {"lion", "lion()", step_lion, {.lr = 1e-4, .beta1 = 0.9, .beta2 = 0.99}},
    {"lion_all",
     "lion(lr=0.01, beta1=0.8, beta2=0.95, decay=0.1, clip=20)",
     step_lion,
     {.lr = 0.01, .beta1 = 0.8, .beta2 = 0.95, .decay = 0.1, .clip = 20}},
    {"rmsprop", "rmsprop()", step_rmsprop, {.lr = 0.001, .rho = 0.9, .eps = 1e-8}},
    {"rmsprop_mu", "rmsprop(lr=0.01, rho=0.8, eps=1e-3, mu=0.6)", step_rmsprop, {.lr = 0.01, .rho = 0.8, .eps = 1e-3, .mu = 0.6}},
    {"rmsprop_centered", "rmsprop(lr=0.01, centered=true, eps=0.1)", step_rmsprop, {.lr = 0.01, .rho = 0.9, .eps = 0.1, .centered = true}},
    {"rmsprop_all",
     "rmsprop(lr=0.01, rho=0.8, eps=0.1, mu=0.6, centered=true, decay=0.1, clip=20)",
     step_rmsprop,
     {.lr = 0.01, .rho = 0.8, .eps = 0.1, .mu = 0.6, .centered = true, .decay = 0.1, .clip = 20}},
    {"adagrad", "adagrad()", step_adagrad, {.lr = 0.001, .eps = 1e-10}},
    {"adagrad_all", "adagrad(lr=0.1, eps=1e-3, decay=0.1, clip=20)", step_adagrad, {.lr = 0.1, .eps = 1e-3, .decay = 0.1, .clip = 20}},
    {"adadelta", "adadelta()", step_adadelta, {.lr = 1, .rho = 0.9, .eps = 1e-6}},
    {"adadelta_all",
     "adadelta(lr=5, rho=0.8, eps=1e-4, decay=0.1, clip=20)",
     step_adadelta,
     {.lr = 5, .rho = 0.8, .eps = 1e-4, .decay = 0.1, .clip = 20}},
};
enum { CALLS = sizeof calls / sizeof *calls };

/* ---- the updates ---- */

static State state[TENSORS];

static void set_gradients(int t, const Call *a)
{
    double squares = 0;
    for (int k = 0; k < TENSORS; k++) {
        State *x = &state[k];
        x->t = t + 1;
        for (int i = 0; i < x->n; i++) {
            double g = (1 + i % 7 / 4.0) * x->w[i] + sin(i + t);
            if (a->clip_value > 0) g = fmax(-a->clip_value, fmin(a->clip_value, g));
            x->g[i] = g;
            squares += g * g;
        }
    }
    double scale = a->clip > 0 && sqrt(squares) > a->clip ? a->clip / sqrt(squares) : 1;
    for (int k = 0; k < TENSORS; k++)
        for (int i = 0; i < state[k].n; i++)
            state[k].g[i] *= scale;
}

/* All tensors, by their gradients; then the limit of the weights. */
static void step_all(Rule *rule, const Call *a)
{
    for (int k = 0; k < TENSORS; k++) {
        rule(&state[k], a);
        for (int i = 0; a->clip_weights > 0 && i < state[k].n; i++)
            state[k].w[i] = fmax(-a->clip_weights, fmin(a->clip_weights, state[k].w[i]));
    }
}

#endif
