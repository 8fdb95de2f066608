/* SPDX-License-Identifier: MIT
 * warn_range.c: between which numbers values lie. One pass over a body; what is not pointwise, a view or a choice of elements is
 * not known. */
#include "sema/warn_range.h"

#include <math.h>

#include "sema/warn_body.h"
#include "support/functions.h"

const Range range_unknown = {-INFINITY, INFINITY, 0};

Range range_between(double lo, double hi, int how)
{
    Range r = {lo, hi, how};
    return isnan(lo) || isnan(hi) ? range_unknown : r;
}

static Range range_union(Range a, Range b)
{
    return range_between(fmin(a.lo, b.lo), fmax(a.hi, b.hi), a.how | b.how);
}

static bool is_number(Range r)
{
    return r.lo == r.hi;
}

/* ---- operations ------------------------------------------------------------------------------ */

/* infinity * 0 is 0 here: an end of a range is no number that is reached. */
static double times(double a, double b)
{
    return a == 0 || b == 0 ? 0 : a * b;
}

static Range product(Range a, Range b)
{
    double x[] = {times(a.lo, b.lo), times(a.lo, b.hi), times(a.hi, b.lo), times(a.hi, b.hi)};
    double lo = fmin(fmin(x[0], x[1]), fmin(x[2], x[3])), hi = fmax(fmax(x[0], x[1]), fmax(x[2], x[3]));
    int how = a.how | b.how;
    if (a.lo < 0 && b.lo < 0) how &= ~RANGE_CLIPPED; /* what was the lower end is the upper one for some */
    return range_between(lo, hi, how);
}

static Range quotient(Range a, Range b)
{
    if (b.lo <= 0 && b.hi >= 0) return range_unknown;
    Range inverse = range_between(1 / b.hi, 1 / b.lo, b.how & ~RANGE_CLIPPED);
    return product(a, inverse);
}

static Range larger(Range a, Range b)
{
    Range r = range_between(fmax(a.lo, b.lo), fmax(a.hi, b.hi), a.how | b.how);
    if ((is_number(b) && a.lo < b.lo) || (is_number(a) && b.lo < a.lo)) r.how |= RANGE_CLIPPED;
    return r;
}

/* Functions that grow: from end to end. */
static bool is_growing(uint16_t op)
{
    static const uint16_t growing[] = {CORE_exp, CORE_expm1, CORE_log,   CORE_log1p, CORE_sqrt,  CORE_sigmoid, CORE_tanh,
                                       CORE_erf, CORE_atan,  CORE_floor, CORE_ceil,  CORE_trunc, CORE_round};
    for (size_t i = 0; i < sizeof growing / sizeof *growing; i++)
        if (growing[i] == op) return true;
    return false;
}

static bool squashes(uint16_t op)
{
    return op == CORE_sigmoid || op == CORE_tanh || op == CORE_erf || op == CORE_atan;
}

static Range elementwise(const CoreBody *body, const CoreIns *ins, const Range *at)
{
    Range a = at[ins->in[0]], b = ins->n_in > 1 ? at[ins->in[1]] : range_unknown;
    if (core_properties(ins->op) & (COMPARES | LOGIC)) return range_between(0, 1, 0);
    if (is_growing(ins->op))
        return range_between(core_value(ins->op, a.lo, 0, 0), core_value(ins->op, a.hi, 0, 0),
                             a.how | (squashes(ins->op) ? RANGE_SQUASHED : 0));
    switch (ins->op) {
    case CORE_cast:
    case CORE_stop: return a;
    case CORE_neg: return range_between(-a.hi, -a.lo, a.how & ~RANGE_CLIPPED);
    case CORE_abs: return range_between(a.lo > 0 ? a.lo : a.hi < 0 ? -a.hi : 0, fmax(-a.lo, a.hi), a.how & ~RANGE_CLIPPED);
    case CORE_add: return range_between(a.lo + b.lo, a.hi + b.hi, a.how | b.how);
    case CORE_sub: return range_between(a.lo - b.hi, a.hi - b.lo, a.how | (b.how & ~RANGE_CLIPPED));
    case CORE_mul:
        if (body_source(body, ins->in[0]) == body_source(body, ins->in[1])) return range_between(0, INFINITY, 0);
        return product(a, b);
    case CORE_div: return quotient(a, b);
    case CORE_maximum: return larger(a, b);
    case CORE_minimum: return range_between(fmin(a.lo, b.lo), fmin(a.hi, b.hi), a.how | b.how);
    default: return range_unknown;
    }
}

/* ---- where(x > 0, x, 0), x * float(x > 0) ---------------------------------------------------- */

/* What a value is a view of; *scaled: or a positive multiple of that. */
static CoreRef scale_source(const CoreBody *body, CoreRef ref, const Range *at, bool *scaled)
{
    *scaled = false;
    for (;;) {
        const CoreIns *ins = body_ins(body, ref = body_source(body, ref));
        bool number = ins->n_in == 2 && is_number(at[ins->in[1]]) && at[ins->in[1]].lo > 0;
        bool first = ins->op == CORE_mul && is_number(at[ins->in[0]]) && at[ins->in[0]].lo > 0;
        if (!first && !((ins->op == CORE_mul || ins->op == CORE_div) && number)) return ref;
        ref = ins->in[first ? 1 : 0];
        *scaled = true;
    }
}

/* The part of the range of `value` in which `condition`, a comparison of it with a number, is `holds`. */
static Range chosen(const CoreBody *body, CoreRef condition, CoreRef value, bool holds, const Range *at)
{
    const CoreIns *c = body_ins(body, body_source(body, condition));
    Range r = at[value];
    bool above = c->op == CORE_greater || c->op == CORE_greater_equal, below = c->op == CORE_less || c->op == CORE_less_equal, scaled;
    if (!above && !below) return r;
    CoreRef of = scale_source(body, value, at, &scaled);
    bool left = body_source(body, c->in[0]) == of, right = body_source(body, c->in[1]) == of;
    Range edge = left ? at[c->in[1]] : at[c->in[0]];
    if (left == right || !is_number(edge) || (scaled && edge.lo != 0)) return r;
    if ((above == left) == holds)
        r.lo = fmax(r.lo, edge.lo), r.how |= RANGE_CLIPPED;
    else
        r.hi = fmin(r.hi, edge.hi);
    return r;
}

static Range choice(const CoreBody *body, const CoreIns *ins, const Range *at)
{
    return range_union(chosen(body, ins->in[0], ins->in[1], true, at), chosen(body, ins->in[0], ins->in[2], false, at));
}

static Range gated(const CoreBody *body, const CoreIns *mul, const Range *at)
{
    for (int i = 0; i < 2; i++) {
        CoreRef gate = mul->in[1 - i];
        if (!(core_properties(body_ins(body, body_source(body, gate))->op) & COMPARES)) continue;
        Range r = chosen(body, gate, mul->in[i], true, at), zero = range_between(0, 0, 0);
        if (r.how & RANGE_CLIPPED) return range_union(r, zero);
    }
    return elementwise(body, mul, at);
}

/* ---- bodies ---------------------------------------------------------------------------------- */

static Range of_parts(const CoreIns *ins, const Range *at)
{
    Range r = at[ins->in[0]];
    for (uint32_t i = 1; i < ins->n_in; i++)
        r = range_union(r, at[ins->in[i]]);
    return r;
}

static Range instruction(const CoreBody *body, const CoreIns *ins, const Range *at, const Range *args)
{
    if (ins->op == CORE_where) return choice(body, ins, at);
    if (ins->op == CORE_mul) return gated(body, ins, at);
    if (core_properties(ins->op)) return elementwise(body, ins, at);
    switch (ins->op) {
    case CORE_arg: return args ? args[ins->attr[0]] : range_unknown;
    case CORE_const: return range_between(ins->number, ins->number, 0);
    case CORE_rand:
    case CORE_bernoulli:
    case CORE_one_hot:
    case CORE_any:
    case CORE_all: return range_between(0, 1, 0);
    case CORE_pad: return range_union(at[ins->in[0]], range_between(ins->number, ins->number, 0));
    case CORE_concat: return of_parts(ins, at);
    case CORE_pool:
    case CORE_reshape:
    case CORE_permute:
    case CORE_broadcast:
    case CORE_slice:
    case CORE_flip:
    case CORE_roll:
    case CORE_take:
    case CORE_pick:
    case CORE_sort: return at[ins->in[0]];
    default: return range_unknown;
    }
}

Range *range_body(Sema *s, const CoreBody *body, const Range *args)
{
    Range *at = ARENA_ARRAY(s->arena, Range, body->ins.n + 1);
    for (CoreRef r = 1; r <= body->ins.n; r++)
        at[r] = instruction(body, body_ins(body, r), at, args);
    return at;
}

Range range_known(Sema *s, const CoreBody *body, CoreRef ref)
{
    EntryState *e = s->entry;
    if (e->ranged != body) e->ranges.n = 0;
    e->ranged = body;
    if (!e->ranges.n) vec_add(s->arena, &e->ranges, range_unknown);
    while (e->ranges.n <= ref) {
        Range r = instruction(body, body_ins(body, e->ranges.n), e->ranges.at, NULL);
        vec_add(s->arena, &e->ranges, r);
    }
    return e->ranges.at[ref];
}

Range *range_scan_args(Sema *s, const CoreIns *scan, const Range *at)
{
    uint32_t carries = (uint32_t)scan->attr[2], n = scan->bodies[0]->args.n;
    Range *args = ARENA_ARRAY(s->arena, Range, n + 1);
    for (uint32_t i = 0; i < n; i++)
        args[i] = i >= carries && i < scan->n_in ? at[scan->in[i]] : range_unknown;
    return args;
}
