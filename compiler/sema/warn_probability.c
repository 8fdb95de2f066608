/* SPDX-License-Identifier: MIT
 * warn_probability.c: softmax and sigmoid are known by their names (library.c) and by their formulas. */
#include "sema/warn_probability.h"

#include "sema/warn_body.h"

static bool is_one(const CoreBody *body, CoreRef ref)
{
    double x;
    return body_constant(body, ref, &x) && x == 1;
}

/* The numerator and the denominator of a / b and a * (1 / b). */
static bool is_quotient(const CoreBody *body, const CoreIns *ins, CoreRef *a, CoreRef *b)
{
    if (ins->op == CORE_div) {
        *a = ins->in[0], *b = ins->in[1];
        return true;
    }
    for (uint32_t i = 0; ins->op == CORE_mul && i < 2; i++) {
        const CoreIns *inverse = body_ins(body, body_source(body, ins->in[i]));
        *a = ins->in[1 - i];
        if (inverse->op != CORE_div || !is_one(body, inverse->in[0])) continue;
        *b = inverse->in[1];
        return true;
    }
    return false;
}

/* exp(x) / sum(exp(x)), exp(log_softmax(x)), 1 / (1 + exp(-x)) */
static Probability by_formula(const EntryState *e, const CoreBody *body, const CoreIns *ins)
{
    if (ins->op == CORE_exp && body_is_noted(e, body, ins->in[0], NOTED_LOG_SOFTMAX)) return PROBABILITY_SOFTMAX;
    CoreRef a, b;
    if (!is_quotient(body, ins, &a, &b)) return PROBABILITY_NONE;
    const CoreIns *above = body_ins(body, body_source(body, a)), *below = body_ins(body, body_source(body, b));
    if (above->op == CORE_exp && below->op == CORE_sum && body_source(body, below->in[0]) == body_source(body, a))
        return PROBABILITY_SOFTMAX;
    if (!is_one(body, a) || below->op != CORE_add) return PROBABILITY_NONE;
    for (uint32_t i = 0; i < 2; i++)
        if (is_one(body, below->in[i]) && body_ins(body, body_source(body, below->in[1 - i]))->op == CORE_exp) return PROBABILITY_SIGMOID;
    return PROBABILITY_NONE;
}

static bool takes_part(uint16_t op)
{
    return body_is_view(op) || op == CORE_pick || op == CORE_take || op == CORE_flip;
}

static bool is_noted_here(const EntryState *e, const CoreBody *body, CoreRef ref)
{
    for (uint32_t i = 0; i < e->noted.n; i++) {
        const NotedValue *v = &e->noted.at[i];
        if (v->body == body && v->ref == ref && v->kind == NOTED_SOFTMAX) return true;
    }
    return false;
}

Probability probability_of(const EntryState *e, const CoreBody *body, CoreRef ref, CoreRef *whole)
{
    for (;;) {
        const CoreIns *ins = body_ins(body, ref);
        if (whole) *whole = ref;
        if (is_noted_here(e, body, ref)) return PROBABILITY_SOFTMAX;
        if (ins->op == CORE_sigmoid) return PROBABILITY_SIGMOID;
        if (!takes_part(ins->op)) return by_formula(e, body, ins);
        ref = ins->in[0];
    }
}

/* The ones and zeros of a one_hot, or targets from the data. */
static bool is_choice(const CoreBody *body, CoreRef ref)
{
    uint16_t op = body_ins(body, body_source(body, ref))->op;
    return op == CORE_one_hot || op == CORE_arg;
}

/* sum(p * one_hot(y, C), axis=-1), also as an einsum: the one that is picked. */
static CoreRef picked_by_sum(const CoreBody *body, const CoreIns *sum)
{
    const CoreIns *product = sum;
    double other;
    if (sum->op == CORE_sum) product = body_ins(body, sum->in[0]);
    if (product->op == CORE_where && sum->op == CORE_sum && body_constant(body, product->in[2], &other) && other == 0) {
        const CoreIns *is = body_ins(body, product->in[0]); /* one_hot(y, C) > 0 */
        return is->n_in && body_ins(body, body_source(body, is->in[0]))->op == CORE_one_hot ? product->in[1] : 0;
    }
    if (product->n_in != 2 || (product->op != CORE_mul && product->op != CORE_einsum)) return 0;
    int of = body_ins(body, product->in[0])->type.rank;
    if (sum->op == CORE_sum ? sum->n_attr != 2 || sum->attr[1] != of - 1 : sum->type.rank != of - 1) return 0;
    for (uint32_t i = 0; i < 2; i++)
        if (is_choice(body, product->in[i])) return product->in[1 - i];
    return 0;
}

Probability probability_rounds(const EntryState *e, const CoreBody *body, CoreRef ref, CoreRef *whole)
{
    double factor;
    for (const CoreIns *part = body_ins(body, ref); !is_noted_here(e, body, ref); part = body_ins(body, ref)) {
        bool scaled = part->op == CORE_mul && (body_constant(body, part->in[0], &factor) || body_constant(body, part->in[1], &factor));
        if (!scaled && !takes_part(part->op)) break;
        ref = part->in[scaled && body_constant(body, part->in[0], &factor) ? 1 : 0];
    }
    const CoreIns *ins = body_ins(body, ref);
    CoreRef part = picked_by_sum(body, ins);
    if (part) return probability_of(e, body, part, whole);
    if (ins->op == CORE_sub && is_one(body, ins->in[0])) return probability_of(e, body, ins->in[1], whole);
    return probability_of(e, body, ref, whole);
}
