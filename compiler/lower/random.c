/* SPDX-License-Identifier: MIT
 * random.c: draws (language.md#random-numbers): Box-Muller (1958) for normals, Gumbel maximum (1954) for categories. */
#include "lower/body.h"

static Ref draw(Scope *s, int kind, uint64_t hash, Type type, Dim bound)
{
    Ref seed = scope_leaf(s, LEAF_SEED, 0), step = scope_leaf(s, LEAF_COUNTER, 0), at = scope_leaf(s, LEAF_AT, 0);
    return build_random(s->g, kind, hash, seed, step, at, type, bound);
}

static Ref fill(Graph *g, Ref like, double value)
{
    return build_like(g, like, value);
}

static Ref normal(Scope *s, uint64_t hash, Type type)
{
    Graph *g = s->g;
    Ref u1 = draw(s, 0, hash, type, 0);
    Ref u2 = draw(s, 0, hash ^ 0x9E3779B97F4A7C15u, type, 0);
    Ref log = build_unary(g, OP_log, build_binary(g, OP_sub, fill(g, u1, 1), u1));
    Ref radius = build_unary(g, OP_sqrt, build_binary(g, OP_mul, fill(g, u1, -2), log));
    Ref angle = build_unary(g, OP_cos, build_binary(g, OP_mul, fill(g, u2, 6.283185307179586), u2));
    return build_binary(g, OP_mul, radius, angle);
}

/* A draw with the probabilities softmax(logits / temperature) is argmax(logits + temperature * noise), which at temperature 0 is
 * the largest logit; below 0 it is argmax(-logits - temperature * noise). The noise is finite: u is not 0. */
static Ref categorical(Scope *s, uint64_t hash, Ref logits, Ref temperature)
{
    Graph *g = s->g;
    Type type = *graph_type(g, logits);
    int axis = type.rank - 1;
    Ref u = draw(s, 0, hash, type, 0);
    u = build_binary(g, OP_maximum, u, fill(g, u, 0x1p-25));
    Ref inner = build_unary(g, OP_neg, build_unary(g, OP_log, u));
    Ref gumbel = build_unary(g, OP_neg, build_unary(g, OP_log, inner));
    if (temperature) {
        Ref heat = lower_as_dtype(g, temperature, type.dtype), negative = build_binary(g, OP_less, heat, fill(g, heat, 0));
        Ref sign = build_where(g, negative, fill(g, heat, -1), fill(g, heat, 1));
        gumbel = build_binary(g, OP_mul, gumbel, lower_as_shape(g, build_unary(g, OP_abs, heat), &type));
        logits = build_binary(g, OP_mul, logits, lower_as_shape(g, sign, &type));
    }
    return build_reduce(g, OP_argmax, build_binary(g, OP_add, logits, gumbel), &axis, 1);
}

Ref lower_random(Scope *s, const CoreIns *ins, const Ref *in)
{
    Graph *g = s->g;
    Type type = lower_ins_type(s, ins);
    uint64_t hash = (uint64_t)ins->attr[0];
    switch (ins->op) {
    case CORE_rand: return draw(s, 0, hash, type, 0);
    case CORE_randn: return normal(s, hash, type);
    case CORE_randint: return draw(s, 1, hash, type, (Dim)ins->attr[1]);
    case CORE_categorical: return categorical(s, hash, in[0], ins->n_in > 1 ? in[1] : 0);
    case CORE_bernoulli: {
        type.dtype = s->l->float_dtype;
        Ref u = draw(s, 0, hash, type, 0);
        return build_binary(g, OP_less, u, lower_as_shape(g, lower_as_dtype(g, in[0], type.dtype), &type));
    }
    default: BUG("random %s", core_op_name(ins->op));
    }
}
