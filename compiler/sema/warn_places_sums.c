/* SPDX-License-Identifier: MIT
 * warn_places_sums.c: what brings places together: reductions, products, convolutions and scans. */
#include "sema/warn_body.h"
#include "sema/warn_places.h"

#include <math.h>

static int32_t far_sum(int32_t a, int32_t b)
{
    int32_t sum = a + b;
    return sum > FAR / 2 ? FAR : sum < -FAR / 2 ? -FAR : sum;
}

static void widen(Along *along, int32_t lo, int32_t hi)
{
    along->lo = lo < along->lo ? lo : along->lo;
    along->hi = hi > along->hi ? hi : along->hi;
}

/* ---- reductions ------------------------------------------------------------------------------ */

/* Axis `a` goes, of two: what is left at an index of the other one is of the indices of `a` that no mask hides there. */
static void reduce_pair(Seen *seen, int a, int other, CoreRef at)
{
    Along *left = &seen->axis[other], gone = seen->axis[a];
    bool masked = seen->q >= 0, same = left->hi == gone.hi && left->turned == gone.turned;
    int32_t near = !masked ? -FAR : a == seen->k ? seen->near : -seen->far, far = !masked ? FAR : a == seen->k ? seen->far : -seen->near;
    seen->axis[a] = (Along){0};
    seen->q = seen->k = -1;
    if (!same || gone.turned) return; /* tokens of an encoder */
    int32_t hi = far_sum(gone.hi, far);
    if (hi > left->hi) seen->ahead = AHEAD_ATTENTION, seen->cause = at;
    left->end = gone.end;
    widen(left, far_sum(gone.lo, near), hi);
}

Seen seen_reduced(Places *p, const Seen *from, const CoreType *type, uint64_t axes, CoreRef at)
{
    Seen seen = *from;
    for (int a = 0; a < type->rank; a++) {
        if (!(axes >> a & 1)) continue;
        if (type->dim[a] == p->batch) return seen_nothing(); /* statistics of a batch */
        if (!seen.axis[a].on) continue;
        int other = seen_axis(&seen, a);
        if (seen.axis[a].merged || (other >= 0 && seen.axis[other].merged)) return seen_nothing();
        if (other >= 0) {
            reduce_pair(&seen, a, other, at);
        } else {
            seen.whole = true;
            seen.of_size = seen.axis[a].size, seen.of_hi = seen.axis[a].hi;
            seen.of_cause = at, seen.ahead = AHEAD_NOT;
            seen.axis[a] = (Along){0};
        }
    }
    return seen;
}

/* ---- products -------------------------------------------------------------------------------- */

enum { LETTERS = 24 };

/* A product as an einsum: a letter for each axis of the operands and of the result. */
typedef struct Letters {
    int n;                             /* operands; [n] is the result */
    int rank[9], of[9][CORE_MAX_RANK];
} Letters;

static bool letters_of_einsum(const CoreIns *ins, Letters *l)
{
    uint32_t at = 1;
    l->n = (int)ins->attr[0];
    for (int k = 0; k <= l->n && l->n <= 8; k++) {
        l->rank[k] = (int)ins->attr[at++];
        for (int a = 0; a < l->rank[k]; a++) {
            if (ins->attr[at] < 0 || ins->attr[at] >= LETTERS) return false;
            l->of[k][a] = (int)ins->attr[at++];
        }
    }
    return l->n <= 8;
}

/* Leading axes of the second operand go with those of the first; the last one of the first with the one before its last. */
static void letters_of_matmul(const CoreBody *body, const CoreIns *ins, Letters *l)
{
    int ra = body_ins(body, ins->in[0])->type.rank, rb = body_ins(body, ins->in[1])->type.rank, batch = rb > 2 ? rb - 2 : 0, n = 0;
    l->n = 2;
    l->rank[0] = ra, l->rank[1] = rb, l->rank[2] = 0;
    for (int a = 0; a < ra; a++)
        l->of[0][a] = n++;
    for (int b = 0; b < rb; b++)
        l->of[1][b] = b < batch ? b : b == (rb > 2 ? rb - 2 : 0) ? ra - 1 : n++;
    for (int a = 0; a < ra - 1; a++)
        l->of[2][l->rank[2]++] = a;
    for (int b = batch; b < rb; b++)
        if (l->of[1][b] != ra - 1) l->of[2][l->rank[2]++] = l->of[1][b];
}

static int letter_in(const Letters *l, int operand, int letter)
{
    for (int a = 0; a < l->rank[operand]; a++)
        if (l->of[operand][a] == letter) return a;
    return -1;
}

/* Places of x that are contracted with something of its own, [T, T'] or [T', T]: a weight, or a mask that leaves some out. */
static Seen seen_mixed(Places *p, const CoreIns *ins, const Letters *l, int x, CoreRef at)
{
    const Seen *from = &p->at[ins->in[x]];
    int axis = seen_axis(from, -1), letter = l->of[x][axis], other = 1 - x;
    const CoreType *t = &body_ins(p->sample.body, ins->in[other])->type;
    int in = letter_in(l, other, letter), out = -1;
    for (int a = 0; a < t->rank; a++)
        if (letter_in(l, x, l->of[other][a]) < 0 && letter_in(l, l->n, l->of[other][a]) >= 0) out = a;
    if (in < 0 || from->axis[axis].turned || from->axis[axis].merged) return seen_nothing();
    if (out < 0 || t->dim[out] != t->dim[in]) return seen_nothing();
    int64_t index[CORE_MAX_RANK] = {0};
    bool weight = body_ins(p->sample.body, body_source(p->sample.body, ins->in[other]))->op == CORE_weight, ahead = weight;
    int64_t n = sample_extent(&p->sample, t->dim[in]);
    for (int64_t i = 0; !weight && i + 1 < n && n < 64; i++) {
        index[out] = i, index[in] = i + 1;
        double v = sample_element_of(&p->sample, ins->in[other], index, p->sample.length);
        if (isnan(v)) return seen_nothing();
        ahead = v != 0;
        if (!ahead) break;
    }
    Seen seen = seen_nothing();
    int to = letter_in(l, l->n, l->of[other][out]);
    seen.ahead = ahead ? AHEAD_MIX : from->ahead;
    seen.cause = ahead ? at : from->cause;
    seen.axis[to] =
        (Along){.on = true, .lo = -FAR, .hi = ahead ? FAR : from->axis[axis].hi, .own = from->axis[axis].own, .end = from->axis[axis].end};
    return seen;
}

/* The operand with contracted places, if it alone has any, or -1. */
static int mixed_operand(const Places *p, const CoreIns *ins, const Letters *l)
{
    if (l->n != 2) return -1;
    for (int x = 0; x < 2; x++) {
        const Seen *from = &p->at[ins->in[x]];
        int axis = seen_axis(from, -1);
        if (axis < 0 || seen_any(&p->at[ins->in[1 - x]]) || seen_axis(from, axis) >= 0) continue;
        if (letter_in(l, 2, l->of[x][axis]) < 0) return x;
    }
    return -1;
}

Seen seen_contracted(Places *p, const CoreIns *ins, CoreRef at)
{
    const CoreBody *body = p->sample.body;
    Letters l;
    if (ins->op == CORE_matmul)
        letters_of_matmul(body, ins, &l);
    else if (!letters_of_einsum(ins, &l))
        return seen_nothing();
    int mixed = mixed_operand(p, ins, &l);
    if (mixed >= 0) return seen_mixed(p, ins, &l, mixed, at);
    Seen seen = seen_nothing(); /* its axes: numbers that the letters get */
    int number[LETTERS], letters = 0;
    CoreType type = {0};
    for (int i = 0; i < LETTERS; i++)
        number[i] = -1;
    for (int k = 0; k < l.n; k++) {
        Seen part = p->at[ins->in[k]], moved = part;
        if (part.whole && seen_axis(&part, -1) < 0) return seen_nothing(); /* a summary that goes through a layer */
        if (l.n > 2 && !seen_any(&part)) return seen_nothing();            /* perhaps a mask */
        for (int a = 0; a < CORE_MAX_RANK; a++)
            moved.axis[a] = (Along){0};
        for (int a = 0; a < l.rank[k]; a++) {
            int *n = &number[l.of[k][a]];
            if (*n < 0 && letters == CORE_MAX_RANK) return seen_nothing();
            if (*n < 0) *n = letters++;
            moved.axis[*n] = part.axis[a];
            if (part.q == a) moved.q = (int8_t)*n;
            if (part.k == a) moved.k = (int8_t)*n;
            type.dim[*n] = body_ins(body, ins->in[k])->type.dim[a];
        }
        seen_join(&seen, &moved, 0);
    }
    type.rank = (uint8_t)letters;
    uint64_t gone = 0;
    for (int i = 0; i < LETTERS; i++)
        if (number[i] >= 0 && letter_in(&l, l.n, i) < 0) gone |= UINT64_C(1) << number[i];
    Seen reduced = seen_reduced(p, &seen, &type, gone, at), out = reduced;
    for (int a = 0; a < CORE_MAX_RANK; a++)
        out.axis[a] = (Along){0};
    out.q = out.k = -1;
    for (int a = 0; a < l.rank[l.n]; a++) {
        int n = number[l.of[l.n][a]];
        out.axis[a] = reduced.axis[n];
        if (reduced.q == n) out.q = (int8_t)a;
        if (reduced.k == n) out.k = (int8_t)a;
    }
    return out;
}

/* ---- convolutions ---------------------------------------------------------------------------- */

/* A window of `kernel` places, `dilation` apart, that moves one place at a time and begins `before` places in front. */
static Seen seen_through(const Seen *from, int axis, int64_t kernel, int64_t dilation, int64_t before, CoreRef at)
{
    Seen seen = *from;
    Along *a = &seen.axis[axis];
    int32_t lo = (int32_t)-before, hi = (int32_t)((kernel - 1) * dilation - before);
    if (a->turned) {
        int32_t turned = -hi;
        hi = -lo, lo = turned;
    }
    if (hi > 0) seen.ahead = AHEAD_WINDOW, seen.cause = at;
    a->lo = far_sum(a->lo, lo), a->hi = far_sum(a->hi, hi);
    return seen;
}

Seen seen_convolved(Places *p, const CoreIns *ins, CoreRef at)
{
    const CoreBody *body = p->sample.body;
    Dims *dims = p->sample.s->dims;
    const CoreType *x = &body_ins(body, ins->in[0])->type;
    const Seen *seen = &p->at[ins->in[0]];
    bool pool = ins->op == CORE_pool;
    int nd = (int)ins->attr[0], axis = seen_axis(seen, -1);
    int64_t before, kernel;
    if (axis < 1 || axis > nd || seen_axis(seen, axis) >= 0 || seen->axis[axis].merged) return seen_nothing();
    if (seen->axis[axis].turned && ins->type.dim[axis] != x->dim[axis]) return seen_nothing();
    if (pool) { /* k, stride, lo, hi, dilation, extra */
        const int64_t *attr = ins->attr + 3 + 6 * (axis - 1);
        bool known = attr[1] == 1 && dim_is_const(dims, (Dim)attr[2], &before);
        return known ? seen_through(seen, axis, attr[0], attr[4], before, at) : seen_nothing();
    }
    const int64_t *attr = ins->attr + 3 + 5 * (axis - 1); /* stride, dilation, lo, hi, out_pad */
    const CoreIns *w = body_ins(body, ins->in[1]);
    bool weight = body_ins(body, body_source(body, ins->in[1]))->op == CORE_weight; /* and not one with a mask */
    bool known = weight && !ins->attr[1] && attr[0] == 1 && dim_is_const(dims, (Dim)attr[2], &before) &&
                 dim_is_const(dims, w->type.dim[axis - 1], &kernel);
    return known ? seen_through(seen, axis, kernel, attr[1], before, at) : seen_nothing();
}

/* ---- scans ----------------------------------------------------------------------------------- */

/* Is this result of a scan made of what the steps before had: does a carry that takes in x reach it? */
static bool remembers(Places *p, const CoreIns *scan, uint32_t result, uint32_t x)
{
    const CoreBody *body = scan->bodies[0];
    uint32_t carries = (uint32_t)scan->attr[2];
    bool *reach = ARENA_ARRAY(p->sample.s->arena, bool, body->ins.n + 1), *of = ARENA_ARRAY(p->sample.s->arena, bool, body->ins.n + 1);
    body_ancestors(body, body->results.at[result], reach);
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        const CoreIns *arg = body_ins(body, r);
        if (!reach[r] || arg->op != CORE_arg || arg->attr[0] >= carries) continue;
        for (CoreRef i = 1; i <= body->ins.n; i++)
            of[i] = false;
        body_ancestors(body, body->results.at[arg->attr[0]], of);
        for (CoreRef i = 1; i <= body->ins.n; i++)
            if (of[i] && body_ins(body, i)->op == CORE_arg && body_ins(body, i)->attr[0] == x) return true;
    }
    return false;
}

/* What is emitted at a place is of it and of those before it; in a row that was turned, of those behind it. */
Seen seen_scanned(Places *p, const CoreIns *scan, uint32_t result, CoreRef at)
{
    int axis = (int)scan->attr[1];
    uint32_t carries = (uint32_t)scan->attr[2], xs = (uint32_t)scan->attr[3];
    Seen seen = seen_nothing();
    if (result < carries) return seen; /* a summary, as of an encoder */
    for (uint32_t i = carries; i < carries + xs; i++) {
        const Seen *x = &p->at[scan->in[i]];
        if (!x->axis[axis].on || seen_axis(x, axis) >= 0 || x->axis[axis].merged || !remembers(p, scan, result, i)) continue;
        Seen emitted = seen_nothing();
        emitted.axis[axis] = x->axis[axis];
        emitted.ahead = x->ahead, emitted.cause = x->cause;
        Along *a = &emitted.axis[axis];
        if (a->turned)
            a->hi = FAR, emitted.ahead = AHEAD_RUN, emitted.cause = at;
        else
            a->lo = -FAR;
        seen_join(&seen, &emitted, 0);
    }
    return seen;
}
