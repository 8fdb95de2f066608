/* SPDX-License-Identifier: MIT
 * warn_places.c: the places that values see: pointwise operations with their masks, views, and one pass over a body. */
#include "sema/warn_places.h"

#include <math.h>

#include "sema/warn_body.h"
#include "support/functions.h"

enum { MOST_VALUES = 300000 };

/* ---- sets of places -------------------------------------------------------------------------- */

Seen seen_nothing(void)
{
    Seen seen = {.q = -1, .k = -1, .near = -FAR, .far = FAR};
    return seen;
}

int seen_axis(const Seen *seen, int except)
{
    for (int a = 0; a < CORE_MAX_RANK; a++)
        if (seen->axis[a].on && a != except) return a;
    return -1;
}

bool seen_any(const Seen *seen)
{
    return seen->whole || seen_axis(seen, -1) >= 0;
}

static int32_t highest(const Seen *seen)
{
    int a = seen_axis(seen, -1);
    return a < 0 ? seen->of_hi : seen->axis[a].hi;
}

/* Two that lie on the same axis. */
static void join_along(Along *to, const Along *from)
{
    if (!to->on || to->merged != from->merged) {
        *to = to->on ? (Along){0} : *from;
    } else if (to->turned != from->turned) {
        to->turned = false, to->lo = -FAR, to->hi = FAR;
    } else {
        to->lo = from->lo < to->lo ? from->lo : to->lo;
        to->hi = from->hi > to->hi ? from->hi : to->hi;
        to->own = from->own > to->own ? from->own : to->own;
        to->end = from->end > to->end ? from->end : to->end;
    }
}

/* A mean of all places meets the places it is the mean of. A mean of other tokens, as those of an encoder or of a prompt, may be
 * meant. */
static void meet_whole(Seen *seen, const Seen *whole)
{
    int a = seen_axis(seen, -1);
    if (a < 0 || seen_axis(seen, a) >= 0 || seen->axis[a].merged) return;
    if (seen->axis[a].hi != whole->of_hi || seen->axis[a].size != whole->of_size) return;
    seen->axis[a].lo = -FAR, seen->axis[a].hi = FAR;
    seen->ahead = AHEAD_ALL, seen->cause = whole->of_cause;
}

void seen_join(Seen *to, const Seen *from, int shift)
{
    bool had_pair = to->q >= 0, has_pair = from->q >= 0, paired = seen_axis(to, seen_axis(to, -1)) >= 0;
    Seen before = *to;
    if (from->ahead && (!to->ahead || highest(from) > highest(to))) to->ahead = from->ahead, to->cause = from->cause;
    for (int a = 0; a + shift < CORE_MAX_RANK; a++)
        if (from->axis[a].on) join_along(&to->axis[a + shift], &from->axis[a]);
    if (has_pair && !had_pair && !paired) {
        to->q = (int8_t)(from->q + shift), to->k = (int8_t)(from->k + shift);
        to->near = from->near, to->far = from->far;
    } else if (has_pair && had_pair) {
        to->near = from->near < to->near ? from->near : to->near;
        to->far = from->far > to->far ? from->far : to->far;
    } else if (had_pair && seen_axis(from, seen_axis(from, -1)) >= 0) {
        to->near = -FAR, to->far = FAR; /* a pair without a mask */
    }
    if (before.whole && seen_axis(from, -1) >= 0) meet_whole(to, &before);
    if (from->whole && seen_axis(to, -1) >= 0) meet_whole(to, from);
    if (from->whole && !before.whole) to->of_hi = from->of_hi, to->of_size = from->of_size, to->of_cause = from->of_cause;
    to->whole = (to->whole || from->whole) && seen_axis(to, -1) < 0;
}

/* ---- masks ----------------------------------------------------------------------------------- */

/* An operation that shows or hides the elements of `seen` by another operand. */
typedef struct Mask {
    CoreRef by;
    const CoreType *type; /* of the operation; `by` is aligned with it from the right */
    enum { SHOWS_TRUE, SHOWS_FALSE, SHOWS_ABOVE, SHOWS_BELOW } shows; /* above: added, and far below 0 where it hides; below: taken off */
} Mask;

/* 1 shown, 0 hidden, -1 not known. */
static int shows_at(Places *p, const Mask *mask, const int64_t *index)
{
    const CoreType *t = &body_ins(p->sample.body, mask->by)->type;
    int64_t at[CORE_MAX_RANK], n;
    for (int a = 0; a < t->rank; a++)
        at[a] = dim_is_const(p->sample.s->dims, t->dim[a], &n) && n == 1 ? 0 : index[a + mask->type->rank - t->rank];
    double v = sample_element_of(&p->sample, mask->by, at, p->sample.length);
    if (isnan(v)) return -1;
    switch (mask->shows) {
    case SHOWS_TRUE: return v != 0;
    case SHOWS_FALSE: return v == 0;
    case SHOWS_ABOVE: return v > -1e4;
    case SHOWS_BELOW: return v < 1e4;
    default: return -1;
    }
}

/* Is index k - q = d shown, in the first rows, in the middle and in the last ones? */
static int shows_distance(Places *p, const Mask *mask, int q, int k, int64_t n, int64_t d)
{
    int64_t first = d < 0 ? -d : 0, last = d < 0 ? n - 1 : n - 1 - d, row[] = {first, (first + last) / 2, last};
    if (first > last) return 0;
    for (int i = 0; i < 3; i++) {
        int64_t index[CORE_MAX_RANK] = {0};
        index[q] = row[i], index[k] = row[i] + d;
        int shown = shows_at(p, mask, index);
        if (shown <= 0) return shown;
    }
    return 1;
}

/* Could this hide places in a way that is not known: is it made of comparisons, of random numbers, of data? */
static bool may_hide(const CoreBody *body, CoreRef ref, int depth)
{
    const CoreIns *ins = body_ins(body, ref);
    int properties = core_properties(ins->op);
    if ((properties & (COMPARES | LOGIC)) || depth > 16) return true;
    if (ins->op == CORE_arg || ins->op == CORE_bernoulli || ins->op == CORE_rand || ins->op == CORE_randint || ins->op == CORE_table)
        return true;
    if (!properties && !body_is_view(ins->op) && ins->op != CORE_concat && ins->op != CORE_pad) return false;
    for (uint32_t i = 0; i < ins->n_in; i++)
        if (may_hide(body, ins->in[i], depth + 1)) return true;
    return false;
}

/* Dropout of single numbers hides no place: it is drawn for every feature, or for every pair of places. */
static bool is_dropout(const CoreBody *body, const Mask *mask, const Seen *seen)
{
    const CoreIns *by = body_ins(body, mask->by);
    const CoreType *t = mask->type;
    int q = seen_axis(seen, -1), k = seen_axis(seen, q), each = k >= 0 ? k : t->rank - 1;
    if (by->type.rank != t->rank || each == q || by->type.dim[each] != t->dim[each] || by->type.dim[q] != t->dim[q]) return false;
    while (by->op == CORE_cast || by->op == CORE_mul || by->op == CORE_div)
        by = body_ins(body, by->in[0]);
    return by->op == CORE_bernoulli;
}

static bool hides(const Places *p, const Mask *mask, const Seen *seen)
{
    return may_hide(p->sample.body, mask->by, 0) && !is_dropout(p->sample.body, mask, seen);
}

static void mask_pair(Places *p, Seen *seen, const Mask *mask, int q, int k)
{
    int64_t n = sample_extent(&p->sample, mask->type->dim[q]);
    int32_t near = FAR, far = -FAR;
    if (n != sample_extent(&p->sample, mask->type->dim[k]) || n < 4 || seen->axis[q].turned || seen->axis[k].turned) {
        *seen = seen_nothing();
        return;
    }
    for (int64_t d = -3; d <= 3; d++) {
        int shown = shows_distance(p, mask, q, k, n, d);
        if (shown < 0 && hides(p, mask, seen)) *seen = seen_nothing();
        if (shown < 0) return;
        if (!shown) continue;
        near = d < near ? (int32_t)d : near;
        far = d > far ? (int32_t)d : far;
    }
    if (shows_distance(p, mask, q, k, n, n - 1) == 1) far = FAR;
    if (shows_distance(p, mask, q, k, n, 1 - n) == 1) near = -FAR;
    if (seen->q == q && seen->k == k) {
        near = near > seen->near ? near : seen->near;
        far = far < seen->far ? far : seen->far;
    }
    seen->q = (int8_t)q, seen->k = (int8_t)k, seen->near = near, seen->far = far;
    if (near > far) *seen = seen_nothing();
}

static void mask_apply(Places *p, Seen *seen, const Mask *mask)
{
    int q = seen_axis(seen, -1), k = q < 0 ? -1 : seen_axis(seen, q);
    if (q < 0) return;
    if (k >= 0) {
        mask_pair(p, seen, mask, q, k);
        return;
    }
    if (mask->shows >= SHOWS_ABOVE) return;
    int64_t index[CORE_MAX_RANK] = {0};
    index[q] = seen->axis[q].merged ? 0 : sample_extent(&p->sample, mask->type->dim[q]) / 2;
    int shown = shows_at(p, mask, index);
    if (shown == 0 || (shown < 0 && hides(p, mask, seen))) *seen = seen_nothing();
}

/* ---- pointwise operations -------------------------------------------------------------------- */

static Seen seen_pointwise(Places *p, const CoreIns *ins)
{
    const CoreBody *body = p->sample.body;
    Seen seen = seen_nothing();
    for (uint32_t i = 0; i < ins->n_in; i++)
        seen_join(&seen, &p->at[ins->in[i]], ins->type.rank - body_ins(body, ins->in[i])->type.rank);
    if (!seen_any(&seen)) return seen;
    if (ins->op == CORE_where) {
        bool yes = seen_any(&p->at[ins->in[1]]), no = seen_any(&p->at[ins->in[2]]);
        Mask mask = {ins->in[0], &ins->type, yes ? SHOWS_TRUE : SHOWS_FALSE};
        if (!seen_any(&p->at[ins->in[0]]) && yes != no) mask_apply(p, &seen, &mask);
    }
    for (uint32_t i = 0; i < 2 && (ins->op == CORE_mul || ins->op == CORE_add || ins->op == CORE_sub); i++) {
        Mask mask = {ins->in[i], &ins->type, ins->op == CORE_mul ? SHOWS_TRUE : ins->op == CORE_sub && i == 1 ? SHOWS_BELOW : SHOWS_ABOVE};
        if (!seen_any(&p->at[ins->in[i]])) mask_apply(p, &seen, &mask);
    }
    return seen;
}

/* ---- views ----------------------------------------------------------------------------------- */

static Seen with_axes(const Seen *from, const int *to) /* axis a becomes to[a]; -1: it is gone */
{
    Seen seen = *from;
    for (int a = 0; a < CORE_MAX_RANK; a++)
        seen.axis[a] = (Along){0};
    for (int a = 0; a < CORE_MAX_RANK; a++)
        if (from->axis[a].on && to[a] >= 0) seen.axis[to[a]] = from->axis[a];
    if (from->q >= 0) seen.q = (int8_t)to[from->q], seen.k = (int8_t)to[from->k];
    if (seen.q < 0 || seen.k < 0) seen.q = seen.k = -1;
    return seen;
}

static Seen seen_permuted(const Seen *from, const CoreIns *ins, bool forward)
{
    int to[CORE_MAX_RANK];
    for (int a = 0; a < CORE_MAX_RANK; a++)
        to[a] = -1;
    for (uint32_t i = 0; i < ins->n_attr; i++)
        to[forward ? (int)i : (int)ins->attr[i]] = forward ? (int)ins->attr[i] : (int)i;
    return with_axes(from, to);
}

/* Axes of one product on both sides: [B, T, N * E] and [B, T, N, E] have {B} {T} {N * E}. */
static Seen seen_reshaped(const Places *p, const Seen *from, const CoreType *a, const CoreType *b)
{
    Dims *dims = p->sample.s->dims;
    Dim one = dim_const(dims, 1);
    Seen seen = *from;
    int to[CORE_MAX_RANK];
    for (int i = 0; i < CORE_MAX_RANK; i++)
        to[i] = -1;
    Along split[CORE_MAX_RANK] = {0};
    for (int i = 0, j = 0; i < a->rank && j < b->rank; i++, j++) {
        while (i < a->rank - 1 && a->dim[i] == one)
            i++;
        while (j < b->rank - 1 && b->dim[j] == one)
            j++;
        Dim left = a->dim[i], right = b->dim[j];
        int first = i, start = j;
        while (left != right) {
            if (j + 1 < b->rank && dim_quotient(dims, left, right))
                right = dim_mul(dims, right, b->dim[++j]);
            else if (i + 1 < a->rank && dim_quotient(dims, right, left))
                left = dim_mul(dims, left, a->dim[++i]);
            else
                return seen_nothing();
        }
        Along *last = &seen.axis[i];
        if (first == i && start == j) {
            to[i] = j;
        } else if (last->on && !last->merged && start == j) {
            last->merged = a->dim[i];
            to[i] = j;
        } else if (last->on && first == i && last->merged == b->dim[j]) {
            split[j] = *last;
            split[j].merged = 0;
        }
    }
    seen = with_axes(&seen, to);
    for (int j = 0; j < b->rank; j++)
        if (split[j].on) seen.axis[j] = split[j];
    return seen;
}

/* Index i is index i + by of what it was, and the last one `behind` places before the last. */
static void shift_axis(Along *along, bool known, int64_t by, int64_t behind)
{
    int64_t d = along->turned ? behind : by;
    if (!along->on || (known && d == 0)) return;
    if (!known || along->merged || d < -1000 || d > 1000) {
        *along = (Along){0};
        return;
    }
    along->lo += (int32_t)d, along->hi += (int32_t)d, along->own += (int32_t)d;
}

static void keep_far(Along *along)
{
    if (along->lo < -FAR / 2) along->lo = -FAR;
    if (along->hi > FAR / 2) along->hi = FAR;
}

static Seen seen_sliced(const Places *p, const Seen *from, const CoreIns *ins)
{
    Dims *dims = p->sample.s->dims;
    const CoreType *t = &body_ins(p->sample.body, ins->in[0])->type;
    Seen seen = *from;
    for (int a = 0; a < t->rank; a++) {
        Dim lo = (Dim)ins->attr[3 * a], hi = (Dim)ins->attr[3 * a + 1];
        int64_t by = 0, behind = 0, n;
        bool one = dim_is_const(dims, ins->type.dim[a], &n) && n == 1;
        bool known = ins->attr[3 * a + 2] == 1 && !one && dim_is_const(dims, seen.axis[a].turned ? dim_const(dims, 0) : lo, &by) &&
                     dim_is_const(dims, seen.axis[a].turned ? dim_sub(dims, t->dim[a], hi) : lo, &behind);
        if (lo == dim_const(dims, 0) && hi == t->dim[a] && ins->attr[3 * a + 2] == 1) continue;
        shift_axis(&seen.axis[a], known, by, behind);
        keep_far(&seen.axis[a]);
        if (seen.q == a || seen.k == a) seen.q = seen.k = -1;
    }
    return seen;
}

static Seen seen_padded(const Places *p, const Seen *from, const CoreIns *ins)
{
    int64_t before = 0, after = 0;
    Seen seen = *from;
    int a = (int)ins->attr[0];
    bool known = dim_is_const(p->sample.s->dims, (Dim)ins->attr[1], &before) && dim_is_const(p->sample.s->dims, (Dim)ins->attr[2], &after);
    shift_axis(&seen.axis[a], known, -before, -after);
    keep_far(&seen.axis[a]);
    return seen;
}

/* All places but those that come in at the other end. */
static Seen seen_rolled(const Places *p, const Seen *from, const CoreIns *ins)
{
    double by;
    Seen seen = *from;
    Along *a = &seen.axis[ins->attr[0]];
    bool known = body_constant(p->sample.body, ins->in[1], &by) && !a->turned && fabs(by) < 1000;
    shift_axis(a, known, known ? -(int64_t)by : 0, 0);
    keep_far(a);
    return seen;
}

static Seen seen_joined(const Places *p, const CoreIns *ins)
{
    Dims *dims = p->sample.s->dims;
    Dim start = dim_const(dims, 0);
    Seen seen = seen_nothing();
    int axis = (int)ins->attr[0];
    for (uint32_t i = 0; i < ins->n_in; i++) {
        Seen part = p->at[ins->in[i]];
        int64_t by = 0;
        bool known = dim_is_const(dims, start, &by) && (!part.axis[axis].turned || ins->n_in == 1);
        shift_axis(&part.axis[axis], known, -by, 0);
        keep_far(&part.axis[axis]);
        if (part.axis[axis].on && seen.axis[axis].on && part.axis[axis].own != seen.axis[axis].own) return seen_nothing(); /* with a gap */
        seen_join(&seen, &part, 0);
        start = dim_add(dims, start, body_ins(p->sample.body, ins->in[i])->type.dim[axis]);
    }
    return seen;
}

/* ---- one pass -------------------------------------------------------------------------------- */

/* Rows of a table by tokens: their axes stand where the axis of the table was. */
static Seen seen_taken(const Places *p, const CoreIns *ins)
{
    const Seen *x = &p->at[ins->in[0]];
    Seen seen = seen_nothing();
    if (!seen_any(x)) seen_join(&seen, &p->at[ins->in[1]], (int)ins->attr[0]);
    return seen;
}

static Seen seen_summed_up(const Seen *from, int axis, CoreRef at)
{
    Seen seen = *from;
    Along *a = &seen.axis[axis];
    if (!a->on) return seen;
    if (a->merged) return seen_nothing();
    if (a->turned)
        a->hi = FAR, seen.ahead = AHEAD_SUM, seen.cause = at;
    else
        a->lo = -FAR;
    return seen;
}

static uint64_t axes_of(const CoreIns *ins)
{
    uint64_t axes = 0;
    for (uint32_t i = 1; i < ins->n_attr; i++)
        axes |= UINT64_C(1) << ins->attr[i];
    return axes;
}

static Seen seen_argument(const Places *p, const CoreIns *ins)
{
    Seen seen = seen_nothing();
    if (ins->attr[0] == p->arg) seen.axis[1] = (Along){.on = true, .end = sample_extent(&p->sample, ins->type.dim[1])};
    return seen;
}

static Seen seen_view(Places *p, const CoreIns *ins)
{
    const Seen *from = &p->at[ins->in[0]];
    const CoreType *type = &body_ins(p->sample.body, ins->in[0])->type;
    Seen seen = *from;
    switch (ins->op) {
    case CORE_reshape: return seen_reshaped(p, from, type, &ins->type);
    case CORE_permute: return seen_permuted(from, ins, false);
    case CORE_broadcast: return seen_permuted(from, ins, true);
    case CORE_slice: return seen_sliced(p, from, ins);
    case CORE_pad: return seen_padded(p, from, ins);
    case CORE_flip:
        if (seen.q >= 0 || seen.axis[ins->attr[0]].merged) return seen_nothing();
        seen.axis[ins->attr[0]].turned = !seen.axis[ins->attr[0]].turned;
        return seen;
    case CORE_expect: return seen;
    default: return seen_nothing();
    }
}

static Seen see(Places *p, const CoreIns *ins, CoreRef at)
{
    const CoreBody *body = p->sample.body;
    bool any = ins->op == CORE_arg;
    for (uint32_t i = 0; i < ins->n_in && !any; i++)
        any = seen_any(&p->at[ins->in[i]]) || body_ins(body, ins->in[i])->op == CORE_scan;
    if (!any) return seen_nothing();
    if (core_properties(ins->op)) return seen_pointwise(p, ins);
    switch (ins->op) {
    case CORE_arg: return seen_argument(p, ins);
    case CORE_concat: return seen_joined(p, ins);
    case CORE_take: return seen_taken(p, ins);
    case CORE_one_hot: return p->at[ins->in[0]];
    case CORE_roll: return seen_rolled(p, &p->at[ins->in[0]], ins);
    case CORE_sum:
    case CORE_mean:
    case CORE_max:
    case CORE_min:
    case CORE_prod: {
        Seen seen = seen_reduced(p, &p->at[ins->in[0]], &body_ins(body, ins->in[0])->type, axes_of(ins), at);
        int to[CORE_MAX_RANK];
        for (int a = 0, k = 0; a < CORE_MAX_RANK; a++)
            to[a] = (axes_of(ins) >> a & 1) && !ins->attr[0] ? -1 : k++;
        return with_axes(&seen, to);
    }
    case CORE_cumsum:
    case CORE_cumprod: return seen_summed_up(&p->at[ins->in[0]], (int)ins->attr[0], at);
    case CORE_matmul:
    case CORE_einsum: return seen_contracted(p, ins, at);
    case CORE_pool:
    case CORE_conv: return seen_convolved(p, ins, at);
    case CORE_scan: return ins->n_out == 1 ? seen_scanned(p, ins, 0, at) : seen_nothing();
    case CORE_result:
        return body_ins(body, ins->in[0])->op == CORE_scan ? seen_scanned(p, body_ins(body, ins->in[0]), (uint32_t)ins->attr[0], at)
                                                           : seen_nothing();
    default: return ins->n_in == 1 ? seen_view(p, ins) : seen_nothing();
    }
}

/* What is cut off cannot be seen by what follows, unless it was before. */
static void measure(const Places *p, Along *along, Dim size)
{
    int64_t end = sample_extent(&p->sample, size) + along->hi;
    along->size = size;
    if (!along->turned && !along->merged && along->hi < FAR && end < along->end) along->end = end;
}

Places *places_of(Sema *s, const CoreEntry *entry, const CoreBody *body, int64_t arg, CoreRef last)
{
    enum { SIZE = 8 };
    Places *p = ARENA_ARRAY(s->arena, Places, 1);
    p->sample = sample_new(s, entry, body, SIZE, SIZE);
    p->arg = arg;
    p->batch = entry->binders.n ? dim_symbol(s->dims, entry->binders.at[0]) : 0;
    p->at = ARENA_ARRAY(s->arena, Seen, (last < MOST_VALUES ? last : 0) + 1);
    for (CoreRef r = 0; r <= last; r++) {
        if (last >= MOST_VALUES) return NULL;
        p->at[r] = r ? see(p, body_ins(body, r), r) : seen_nothing();
        for (int a = 0; r && a < CORE_MAX_RANK; a++)
            if (p->at[r].axis[a].on) measure(p, &p->at[r].axis[a], body_ins(body, r)->type.dim[a]);
    }
    return p;
}
