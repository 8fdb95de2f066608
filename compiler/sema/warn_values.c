/* SPDX-License-Identifier: MIT
 * warn_values.c: two products without a function between them, logarithms of what rounds to 0. */
#include "sema/warn_values.h"

#include <string.h>

#include "sema/warn_body.h"
#include "sema/warn_element.h"
#include "sema/warn_mask.h"
#include "sema/warn_probability.h"
#include "support/functions.h"

/* ---- W0713: Dense after Dense ---------------------------------------------------------------- */

static const CoreTensor *weight_of(const Sema *s, const CoreBody *body, CoreRef ref, int rank)
{
    const CoreIns *ins = body_ins(body, ref);
    while (ins->op == CORE_broadcast || ins->op == CORE_reshape)
        ins = body_ins(body, ins->in[0]);
    if (ins->op != CORE_weight) return NULL;
    const CoreTensor *t = &s->program->tensors.at[ins->attr[0]];
    return t->type.rank == rank ? t : NULL;
}

/* Is this computed from constants, options and weights alone, or from random numbers too? */
static bool is_fixed(const CoreBody *body, CoreRef ref, bool random, int depth)
{
    const CoreIns *ins = body_ins(body, ref);
    switch (ins->op) {
    case CORE_const:
    case CORE_table:
    case CORE_size:
    case CORE_weight:
    case CORE_option:
    case CORE_counter: return true;
    case CORE_rand:
    case CORE_bernoulli: return random;
    default: break;
    }
    if (depth > 20 || !(core_properties(ins->op) || body_is_view(ins->op))) return false;
    for (uint32_t i = 0; i < ins->n_in; i++)
        if (!is_fixed(body, ins->in[i], random, depth + 1)) return false;
    return true;
}

/* The operand of which this is a fixed multiple, or that plus something fixed (dropout is a multiple); 0: it is something else. */
static CoreRef linear_in(const CoreBody *body, const CoreIns *ins)
{
    bool product = ins->op == CORE_mul, sum = ins->op == CORE_add || ins->op == CORE_sub;
    if (ins->op == CORE_reshape || ins->op == CORE_neg) return ins->in[0];
    if (ins->op == CORE_div) return is_fixed(body, ins->in[1], true, 0) ? ins->in[0] : 0;
    if (ins->op == CORE_where && is_fixed(body, ins->in[0], true, 0))
        return is_fixed(body, ins->in[2], false, 0) ? ins->in[1] : is_fixed(body, ins->in[1], false, 0) ? ins->in[2] : 0;
    for (uint32_t i = 0; (product || sum) && i < 2; i++)
        if (is_fixed(body, ins->in[1 - i], product, 0)) return ins->in[i];
    return 0;
}

/* The product x @ w that a value is linear in; NULL: there is none. */
static const CoreIns *product_below(const Sema *s, const CoreBody *body, CoreRef ref)
{
    while (ref && body_ins(body, ref)->op != CORE_matmul)
        ref = linear_in(body, body_ins(body, ref));
    return ref && weight_of(s, body, body_ins(body, ref)->in[1], 2) ? body_ins(body, ref) : NULL;
}

/* Is one of the values from a product to the next used but in products and in what is linear in it? Then it is meant by itself. */
static bool used_otherwise(const Sema *s, const CoreBody *body, CoreRef ref)
{
    for (CoreRef r = ref + 1; r <= body->ins.n; r++) {
        const CoreIns *use = body_ins(body, r);
        for (uint32_t i = 0; i < use->n_in; i++) {
            bool product = use->op == CORE_matmul && i == 0 && weight_of(s, body, use->in[1], 2);
            if (use->in[i] == ref && !product && linear_in(body, use) != ref) return true;
        }
    }
    return body_ins(body, ref)->op != CORE_matmul && used_otherwise(s, body, linear_in(body, body_ins(body, ref)));
}

/* Is the weight updated in this block? What is frozen is a map that was chosen. */
static bool is_trained_here(const Sema *s, const CoreEntry *entry, const CoreTensor *w)
{
    for (uint32_t i = 0; i < entry->minimizes.n; i++)
        for (uint32_t k = 0; k < entry->minimizes.at[i].over.n; k++)
            if (&s->program->tensors.at[entry->minimizes.at[i].over.at[k]] == w) return true;
    return false;
}

/* net.fc1.w and net.fc2.w: members of one layer. What ends with a product, as attention does, may stand in front of one. */
static bool are_siblings(const char *a, const char *b)
{
    size_t n[2];
    const char *name[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        n[i] = strlen(name[i]);
        for (int dots = 0; n[i] && dots < 2; n[i]--)
            dots += name[i][n[i] - 1] == '.';
    }
    return n[0] == n[1] && memcmp(a, b, n[0]) == 0;
}

/* *said: the first of the two that was spoken of last. */
static void two_products(Sema *s, const CoreEntry *entry, const CoreBody *body, const CoreIns *second, const CoreIns **said)
{
    const CoreTensor *w2 = second->op == CORE_matmul ? weight_of(s, body, second->in[1], 2) : NULL;
    const CoreIns *first = w2 ? product_below(s, body, second->in[0]) : NULL;
    if (!first || first == *said) return;
    const CoreTensor *w1 = weight_of(s, body, first->in[1], 2);
    int64_t n_in, middle, n_out;
    if (!dim_is_const(s->dims, w1->type.dim[0], &n_in) || !dim_is_const(s->dims, w1->type.dim[1], &middle) ||
        !dim_is_const(s->dims, w2->type.dim[1], &n_out))
        return;
    if (w1 == w2 || (middle < n_in && middle < n_out)) return; /* narrower than both: fewer parameters are meant */
    if (!are_siblings(w1->name, w2->name) || !is_trained_here(s, entry, w1) || !is_trained_here(s, entry, w2)) return;
    if (used_otherwise(s, body, second->in[0])) return;
    *said = first;
    Diag *d = diag_warning(s->diags, "W0713", second->span, "two Dense layers with nothing between them are no more than one");
    diag_note(d, "%s, then %s", w1->name, w2->name);
    diag_help(d, "put an activation between them: relu, gelu, tanh ...");
}

/* ---- W0710: logarithms of what rounds to 0 --------------------------------------------------- */

/* Is the value compared with something, so that the logarithm may be left out where it is 0? */
static bool is_compared(const CoreBody *body, CoreRef ref)
{
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        const CoreIns *ins = body_ins(body, r);
        for (uint32_t i = 0; (core_properties(ins->op) & COMPARES) && i < ins->n_in; i++)
            if (body_source(body, ins->in[i]) == ref) return true;
    }
    return false;
}

/* *said: the probability that was spoken of last. */
static void log_of_probability(Sema *s, const CoreBody *body, const CoreIns *log, CoreRef *said)
{
    CoreRef p = log->op == CORE_log ? log->in[0] : 0, whole;
    const CoreIns *minus = log->op == CORE_log1p ? body_ins(body, log->in[0]) : NULL;
    if (minus && minus->op == CORE_neg) p = minus->in[0];
    Probability kind = p ? probability_rounds(s->entry, body, p, &whole) : PROBABILITY_NONE;
    if (kind == PROBABILITY_NONE || *said == whole || log->type.elem == ELEM_f64 || is_compared(body, body_source(body, p))) return;
    bool softmax = kind == PROBABILITY_SOFTMAX;
    *said = whole;
    Diag *d = diag_warning(s->diags, "W0710", log->span, "log of %s: a probability that rounds to 0 gives minus infinity",
                           softmax ? "softmax" : "sigmoid");
    diag_help(d, softmax ? "log_softmax(x) is exact for every x"
                         : "log_sigmoid(x), and log_sigmoid(-x) for log(1 - sigmoid(x)), are exact for every x");
}

static void logarithms(Sema *s, const CoreBody *body)
{
    CoreRef said = 0;
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        const CoreIns *ins = body_ins(body, r);
        if (ins->op == CORE_scan) logarithms(s, ins->bodies[0]);
        log_of_probability(s, body, ins, &said);
    }
}

static void products(Sema *s, const CoreEntry *entry, const CoreBody *body)
{
    const CoreIns *said = NULL;
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        const CoreIns *ins = body_ins(body, r);
        if (ins->op == CORE_scan) products(s, entry, ins->bodies[0]);
        two_products(s, entry, body, ins, &said);
    }
}

bool warn_values(Sema *s, const CoreEntry *entry, const CoreBody *body)
{
    const bool *plain = sample_plain(s, entry, body);
    bool masks = false;
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        masks |= warn_mask(s, entry, body, r, plain);
    }
    if (entry->kind == ENTRY_TRAIN) products(s, entry, body);
    logarithms(s, body);
    return masks;
}
