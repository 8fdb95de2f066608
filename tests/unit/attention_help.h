/* SPDX-License-Identifier: MIT
 * attention_help.h: graphs of attention, for tests of groups and of bands: B examples of T places in H heads of E numbers. */
#ifndef NNC_TESTS_ATTENTION_HELP_H
#define NNC_TESTS_ATTENTION_HELP_H

#include "kernel_help.h"
#include "transform/transform.h"

enum { T = 48, E = 32, H = 2 };

static inline Ref in_heads(const char *name)
{
    static const int perm[4] = {0, 2, 1, 3};
    return build_permute(g, input(name, F32(B, D(T), D(H), D(E))), perm);
}

static inline Ref scores(Ref q, Ref k)
{
    static const int batch[2] = {0, 1}, last = 3;
    return build_dot(g, q, k, 2, batch, batch, 1, &last, &last);
}

static inline Ref weighted(Ref p, Ref v)
{
    static const int batch[2] = {0, 1}, last = 3, second = 2;
    return build_dot(g, p, v, 2, batch, batch, 1, &last, &second);
}

/* The sum of squares and its gradients by the three inputs. */
static inline void result_with_gradients(Ref y)
{
    Ref wrt[3], grads[3];
    int all[4] = {0, 1, 2, 3};
    for (int i = 0; i < 3; i++)
        wrt[i] = g->param.at[i].ref;
    Ref loss = build_reduce(g, OP_sum, build_binary(g, OP_mul, y, y), all, 4);
    autodiff_gradients(g, loss, wrt, 3, grads, &scratch);
    result(loss);
    for (int i = 0; i < 3; i++)
        result(grads[i]);
}

#endif
