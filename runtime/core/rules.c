/* SPDX-License-Identifier: MIT
 * rules.c: the loops of the optimizers over elements, one pass over parameters, gradients and slots.
 *
 *   sgd, momentum (Polyak 1964), nesterov (1983; Sutskever et al. 2013), adam (Kingma and Ba 2015), adamw (Loshchilov and Hutter
 *   2019), rmsprop (Tieleman and Hinton 2012; centered: Graves 2013), adagrad (Duchi et al. 2011); rules as in PyTorch.
 *
 * Bitcode, since a program gets those that it uses in vectors of its machine (emit/core.c); nnrt_statement.update points to one.
 * Gaps between tensors are 0 in parameters, gradients and slots and stay 0. */
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

/* Subnormal slots would stay subnormal for ever and slow. */
static inline nnrt_float flush(nnrt_float x)
{
    return (x < 0 ? -x : x) < (nnrt_float)LEAST_NORMAL ? 0 : x;
}

static inline nnrt_float gradient(const nnrt_rule *r, int64_t i)
{
    return core_limited(r->g[i], r->clip_value) * r->scale + r->decay * r->w[i];
}

/* Infinities and NaN have all bits of the exponent set, which one added to the last of them carries into the sign's place. */
int32_t nnrt_rule_finite(const nnrt_float *g, int64_t n)
{
    Bits carried = 0;
    for (int64_t i = 0; i < n; i++) {
        Bits bits;
        __builtin_memcpy(&bits, g + i, sizeof bits);
        carried |= (bits & ~SIGN) + LAST_EXPONENT;
    }
    return !(carried & SIGN);
}

void nnrt_rule_sgd(const nnrt_rule *r, int64_t n)
{
    for (int64_t i = 0; i < n; i++) r->w[i] -= r->lr * gradient(r, i);
}

void nnrt_rule_momentum(const nnrt_rule *r, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        r->s0[i] = flush(r->mu * r->s0[i] + gradient(r, i));
        r->w[i] -= r->lr * r->s0[i];
    }
}

void nnrt_rule_nesterov(const nnrt_rule *r, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        nnrt_float g = gradient(r, i);
        r->s0[i] = flush(r->mu * r->s0[i] + g);
        r->w[i] -= r->lr * (g + r->mu * r->s0[i]);
    }
}

static inline void adam_step(const nnrt_rule *r, int64_t i, nnrt_float g, nnrt_float w)
{
    r->s0[i] = flush(r->beta1 * r->s0[i] + (1 - r->beta1) * g);
    r->s1[i] = flush(r->beta2 * r->s1[i] + (1 - r->beta2) * g * g);
    r->w[i] = w - r->step * r->s0[i] / (SQRT(r->s1[i]) / r->root2 + r->eps);
}

void nnrt_rule_adam(const nnrt_rule *r, int64_t n)
{
    for (int64_t i = 0; i < n; i++) adam_step(r, i, gradient(r, i), r->w[i]);
}

void nnrt_rule_adamw(const nnrt_rule *r, int64_t n)
{
    nnrt_float keep = 1 - r->lr * r->decay;
    for (int64_t i = 0; i < n; i++)
        adam_step(r, i, core_limited(r->g[i], r->clip_value) * r->scale, r->w[i] * keep);
}

void nnrt_rule_rmsprop(const nnrt_rule *r, int64_t n)
{
    int centered = r->centered, has_mu = r->has_mu;
    nnrt_float *mean = has_mu ? r->s2 : r->s1;
    for (int64_t i = 0; i < n; i++) {
        nnrt_float g = gradient(r, i);
        r->s0[i] = flush(r->beta1 * r->s0[i] + (1 - r->beta1) * g * g);
        nnrt_float square = r->s0[i];
        if (centered) {
            mean[i] = flush(r->beta1 * mean[i] + (1 - r->beta1) * g);
            square = square - mean[i] * mean[i];
            square = square < 0 ? 0 : square;
        }
        nnrt_float d = g / (SQRT(square) + r->eps);
        if (has_mu) d = r->s1[i] = flush(r->mu * r->s1[i] + d);
        r->w[i] -= r->lr * d;
    }
}

void nnrt_rule_adagrad(const nnrt_rule *r, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        nnrt_float g = gradient(r, i);
        r->s0[i] = flush(r->s0[i] + g * g);
        r->w[i] -= r->lr * g / (SQRT(r->s0[i]) + r->eps);
    }
}
