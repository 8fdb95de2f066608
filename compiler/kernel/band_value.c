/* SPDX-License-Identifier: MIT
 * band_value.c: what values are outside of a band (band.h). */
#include "kernel/band.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- bands --------------------------------------------------------------------------------------- */

static bool same_form(const Band *a, const Band *b)
{
    return memcmp(a->stride, b->stride, sizeof a->stride) == 0;
}

bool band_within(const Band *inner, const Band *outer)
{
    return same_form(inner, outer) && inner->lo >= outer->lo && inner->hi <= outer->hi;
}

static void normalize(Band *band)
{
    int last = MAX_AXES - 1;
    while (last > 0 && !band->stride[last])
        last--;
    if (band->stride[last] >= 0) return;
    for (int i = 0; i < MAX_AXES; i++)
        band->stride[i] = -band->stride[i];
    int64_t lo = 1 - band->hi, hi = 1 - band->lo;
    band->lo = lo <= -NO_BOUND ? -NO_BOUND : lo;
    band->hi = hi >= NO_BOUND ? NO_BOUND : hi;
}

static bool constant(const Bands *b, Dim d, int64_t *v)
{
    *v = 0;
    return !d || dim_is_const(b->p->module->dims, d, v);
}

bool band_axes(const Bands *b, const Kernel *k, const Band *band, int axis[2], int64_t extent[2])
{
    int n = 0;
    for (int i = 0; i < MAX_AXES; i++) {
        if (!band->stride[i]) continue;
        if (n == 2 || i >= k->n_axes || !constant(b, k->axis[i], &extent[n])) return false;
        axis[n++] = i;
    }
    return n == 2;
}

/* The axis of l along which c moves by a stride of some axis of k with that extent; -1: none, or several. */
static int axis_of_stride(const Bands *b, const Kernel *l, const Access *c, int64_t stride, Dim extent)
{
    int found = -1;
    int64_t s;
    for (int j = 0; j < l->n_axes; j++) {
        if (!constant(b, c->stride[j], &s) || s != stride) continue;
        if (found >= 0 || l->axis[j] != extent) return -1;
        found = j;
    }
    return found;
}

static bool divides(const Bands *b, int64_t all, Dim stride)
{
    Dims *dims = b->p->module->dims;
    int64_t s;
    if (constant(b, stride, &s)) return s % all == 0;
    return dim_quotient(dims, stride, dim_const(dims, all)) != 0;
}

/* Does an access, but for axes of a band, move by multiples of so many elements? */
static bool moves_by(const Bands *b, const Kernel *k, const Access *a, const Band *band, int64_t all)
{
    for (int i = 0; i < k->n_axes; i++)
        if (!band->stride[i] && !divides(b, all, a->stride[i])) return false;
    for (int i = 0; i < MAX_COUNTERS; i++)
        if (!divides(b, all, a->iter[i])) return false;
    return true;
}

/* Elements that the axes of a band reach over, if the offset in them tells the indices; else 0. */
static int64_t reach(const Bands *b, const Kernel *k, const Access *a, const Band *band)
{
    int axis[2];
    int64_t extent[2], stride[2];
    if (!band_axes(b, k, band, axis, extent)) return 0;
    for (int i = 0; i < 2; i++)
        if (!constant(b, a->stride[axis[i]], &stride[i]) || stride[i] < 1 || extent[i] < 1 || extent[i] * stride[i] >= NO_BOUND) return 0;
    int outer = stride[1] > stride[0];
    return stride[outer] < stride[!outer] * extent[!outer] ? 0 : stride[outer] * extent[outer];
}

bool band_across(const Bands *b, const Kernel *k, const Access *a, const Band *from, const Kernel *l, const Access *c, Band *to)
{
    *to = (Band){.lo = from->lo, .hi = from->hi};
    int64_t all = reach(b, k, a, from), s;
    if (!all || a->off != c->off || a->boxed || c->boxed || a->index || c->index) return false;
    for (int i = 0; i < k->n_axes; i++) {
        if (!from->stride[i]) continue;
        int found = constant(b, a->stride[i], &s) ? axis_of_stride(b, l, c, s, k->axis[i]) : -1;
        if (found < 0 || to->stride[found]) return false;
        to->stride[found] = from->stride[i];
    }
    if (!moves_by(b, k, a, from, all) || !moves_by(b, l, c, to, all)) return false;
    normalize(to);
    return true;
}

/* ---- conditions ---------------------------------------------------------------------------------- */

enum { LARGEST = 1 << 24 }; /* integers that cannot wrap in what follows */

typedef struct Affine {
    int64_t off, stride[MAX_AXES];
} Affine;

static bool is_small(const Bands *b, const Kernel *k, const Affine *f)
{
    int64_t all = llabs(f->off), n;
    for (int i = 0; i < k->n_axes; i++) {
        if (!f->stride[i]) continue;
        if (!constant(b, k->axis[i], &n) || n > LARGEST || llabs(f->stride[i]) > LARGEST) return false;
        all += llabs(f->stride[i]) * n;
    }
    return all <= LARGEST;
}

static bool index_form(const Bands *b, const Access *a, Affine *f)
{
    for (int i = 0; i < MAX_COUNTERS; i++)
        if (a->iter[i]) return false;
    bool known = constant(b, a->off, &f->off);
    for (int i = 0; i < MAX_AXES; i++)
        known &= constant(b, a->stride[i], &f->stride[i]);
    return known;
}

static void add_scaled(Affine *f, const Affine *other, int64_t by)
{
    f->off += by * other->off;
    for (int i = 0; i < MAX_AXES; i++)
        f->stride[i] += by * other->stride[i];
}

static bool affine_of(const Bands *b, const Kernel *k, uint32_t at, Affine *f)
{
    const XNode *x = &k->x.at[at];
    Affine other = {0};
    *f = (Affine){0};
    if (x->dtype != DT_i32 && x->dtype != DT_i64) return false;
    if (x->kind == X_const) {
        f->off = x->integer;
        return llabs(x->integer) <= LARGEST;
    }
    if (x->kind == X_index) return index_form(b, &k->idx.at[x->access], f) && is_small(b, k, f);
    if (x->kind != X_op) return false;
    switch (x->op) {
    case OP_add:
    case OP_sub:
        if (!affine_of(b, k, x->in[0] - 1, f) || !affine_of(b, k, x->in[1] - 1, &other)) return false;
        add_scaled(f, &other, x->op == OP_add ? 1 : -1);
        return is_small(b, k, f);
    case OP_neg:
        if (!affine_of(b, k, x->in[0] - 1, &other)) return false;
        add_scaled(f, &other, -1);
        return true;
    case OP_cast: return affine_of(b, k, x->in[0] - 1, f);
    default: return false;
    }
}

/* a - b as a band without bounds, its constant apart. */
static bool difference(const Bands *b, const Kernel *k, const XNode *x, Band *band, int64_t *off)
{
    Affine f, other;
    if (!affine_of(b, k, x->in[0] - 1, &f) || !affine_of(b, k, x->in[1] - 1, &other)) return false;
    add_scaled(&f, &other, -1);
    memcpy(band->stride, f.stride, sizeof band->stride);
    *off = f.off;
    return true;
}

/* Both hold: a band for the two, or for one of them. */
static bool both(const Bands *b, const Kernel *k, const XNode *x, bool truth, Band *band, bool *exact)
{
    Band other;
    bool also_exact, have = band_of_condition(b, k, x->in[0] - 1, truth, band, exact);
    if (!band_of_condition(b, k, x->in[1] - 1, truth, &other, &also_exact)) {
        *exact = false;
        return have;
    }
    if (!have) {
        *band = other, *exact = false;
        return true;
    }
    *exact &= also_exact && same_form(band, &other);
    if (!same_form(band, &other)) return true;
    if (other.lo > band->lo) band->lo = other.lo;
    if (other.hi < band->hi) band->hi = other.hi;
    return true;
}

bool band_of_condition(const Bands *b, const Kernel *k, uint32_t at, bool truth, Band *band, bool *exact)
{
    const XNode *x = &k->x.at[at];
    int64_t off;
    *band = (Band){.lo = -NO_BOUND, .hi = NO_BOUND};
    *exact = true;
    if (x->kind != X_op) return false;
    switch (x->op) {
    case OP_not: return band_of_condition(b, k, x->in[0] - 1, !truth, band, exact);
    case OP_and: return truth && both(b, k, x, true, band, exact);
    case OP_or: return !truth && both(b, k, x, false, band, exact);
    case OP_less:
    case OP_less_equal:
        if (!difference(b, k, x, band, &off)) return false;
        off = (x->op == OP_less_equal) - off; /* v < off */
        if (truth)
            band->hi = off;
        else
            band->lo = off;
        break;
    case OP_equal:
        if (!truth || !difference(b, k, x, band, &off)) return false;
        band->lo = -off, band->hi = 1 - off;
        break;
    default: return false;
    }
    normalize(band);
    return true;
}

/* ---- masks --------------------------------------------------------------------------------------- */

static bool is_written_once(const Bands *b, uint32_t buf)
{
    BufClass cls = b->p->buf.at[buf].cls;
    return (cls == BUF_WORK || cls == BUF_LOCAL) && b->writers[buf] == 1;
}

static bool is_tame(const Bands *b, const Kernel *k, uint32_t i, const bool *tame)
{
    const XNode *x = &k->x.at[i];
    if (!dtype_is_float(x->dtype)) return true;
    switch (x->kind) {
    case X_const: return x->number > MASK_BELOW;
    case X_acc:
    case X_random: return true;
    case X_ld: {
        const Access *a = &k->rd.at[x->access];
        if (b->p->buf.at[a->buf].cls == BUF_MODEL) return true;
        return is_written_once(b, a->buf) && b->fact[a->buf].tame && !a->boxed;
    }
    case X_reduce: return tame[x->in[0] - 1];
    case X_op: break;
    default: return false;
    }
    switch (x->op) {
    case OP_neg:
    case OP_abs:
    case OP_add:
    case OP_sub:
    case OP_mul:
    case OP_maximum:
    case OP_tanh:
    case OP_sigmoid:
    case OP_erf: return tame[x->in[0] - 1] && (op_arity[x->op] == 1 || tame[x->in[1] - 1]);
    case OP_div: return tame[x->in[0] - 1] && k->x.at[x->in[1] - 1].kind == X_const && fabs(k->x.at[x->in[1] - 1].number) >= 1e-6;
    case OP_where: return tame[x->in[1] - 1] && tame[x->in[2] - 1];
    case OP_cast: return tame[x->in[0] - 1];
    default: return false;
    }
}

void band_tame(const Bands *b, const Kernel *k, bool *tame)
{
    for (uint32_t i = 0; i < k->x.n; i++)
        tame[i] = is_tame(b, k, i, tame);
}

/* ---- values -------------------------------------------------------------------------------------- */

typedef struct Judge {
    const Bands *b;
    const Kernel *k;
    const Band *band;
    Value *value;
    bool *high, *tame;
    bool alive; /* each row has points of the band */
} Judge;

static bool is_zero(Value v)
{
    return v.kind == VALUE_CONST && v.number == 0;
}

static bool is_mask(Value v)
{
    return v.kind == VALUE_MASK || (v.kind == VALUE_CONST && v.number <= MASK_BELOW);
}

bool band_of_read(const Bands *b, const Kernel *k, const Access *a, Band *band)
{
    const BandFact *f = &b->fact[a->buf];
    if (!is_written_once(b, a->buf) || !f->by || f->value.kind == VALUE_ANY) return false;
    return band_across(b, f->by, f->to, &f->band, k, a, band);
}

static Value value_of_load(const Judge *j, const Access *a)
{
    Band band;
    if (!band_of_read(j->b, j->k, a, &band) || !band_within(&band, j->band)) return (Value){0};
    Value v = j->b->fact[a->buf].value;
    v.exact &= band_within(j->band, &band);
    return v;
}

static Value value_of_where(const Judge *j, const XNode *x)
{
    Band band;
    bool exact;
    const uint32_t a = x->in[1] - 1, c = x->in[2] - 1;
    for (int truth = 1; truth >= 0; truth--) {
        if (!band_of_condition(j->b, j->k, x->in[0] - 1, truth, &band, &exact) || !band_within(&band, j->band)) continue;
        Value v = j->value[truth ? c : a];
        v.exact = exact && band_within(j->band, &band) && j->tame[truth ? a : c];
        return v;
    }
    Value v = j->value[a], w = j->value[c];
    bool equal = v.kind == VALUE_CONST && w.kind == VALUE_CONST && v.number == w.number;
    if (!equal && !(is_mask(v) && is_mask(w))) return (Value){0};
    return (Value){.kind = equal ? VALUE_CONST : VALUE_MASK, .number = v.number, .exact = v.exact && w.exact};
}

/* Of sums and differences. */
static Value value_of_sum(const Judge *j, const XNode *x)
{
    const uint32_t a = x->in[0] - 1, c = x->in[1] - 1;
    Value v = j->value[a], w = j->value[c];
    if (is_zero(v) && is_zero(w)) return v;
    if (is_mask(v) && (j->tame[c] || (x->op == OP_sub && j->high[c]))) return (Value){.kind = VALUE_MASK, .exact = v.exact};
    if (x->op == OP_add && is_mask(w) && j->tame[a]) return (Value){.kind = VALUE_MASK, .exact = w.exact};
    return (Value){0};
}

static Value value_of_operation(const Judge *j, const XNode *x)
{
    static const Value zero = {.kind = VALUE_CONST};
    Value v = x->in[0] ? j->value[x->in[0] - 1] : zero;
    switch (x->op) {
    case OP_where: return value_of_where(j, x);
    case OP_add:
    case OP_sub: return value_of_sum(j, x);
    case OP_mul: return is_zero(v) || is_zero(j->value[x->in[1] - 1]) ? zero : (Value){0};
    case OP_exp: return is_mask(v) ? zero : (Value){0};
    case OP_neg:
    case OP_abs:
    case OP_sqrt:
    case OP_cast:
    case OP_flush:
    case OP_div: return is_zero(v) ? zero : (Value){0};
    default: return (Value){0};
    }
}

/* What a reduction meets outside of the band changes nothing. */
static bool passes_by(const Judge *j, const XNode *x)
{
    Value v = j->value[x->in[0] - 1];
    return x->op == OP_sum ? is_zero(v) : x->op == OP_max && is_mask(v) && j->alive;
}

static bool rows_are_alive(const Bands *b, const Kernel *k, const Band *band)
{
    int axis[2];
    int64_t extent[2];
    if (!band_axes(b, k, band, axis, extent)) return false;
    for (int64_t i = 0; i < extent[0]; i++) {
        bool alive = false;
        for (int64_t j = 0; j < extent[1] && !alive; j++) {
            int64_t v = band->stride[axis[0]] * i + band->stride[axis[1]] * j;
            alive = v >= band->lo && v < band->hi;
        }
        if (!alive) return false;
    }
    return true;
}

bool band_values(const Bands *b, const Kernel *k, const Band *band, Value *value, bool *high)
{
    bool right = true, *tame = ARENA_ARRAY(b->scratch, bool, k->x.n + 1);
    band_tame(b, k, tame);
    Judge j = {.b = b, .k = k, .band = band, .value = value, .high = high, .tame = tame, .alive = rows_are_alive(b, k, band)};
    for (uint32_t i = 0; i < k->x.n; i++) {
        const XNode *x = &k->x.at[i];
        value[i] = (Value){0};
        high[i] = false;
        if (!dtype_is_float(x->dtype)) {
            right &= x->kind != X_reduce;
        } else if (x->kind == X_const) {
            value[i] = (Value){.kind = VALUE_CONST, .number = x->number};
        } else if (x->kind == X_ld) {
            const Access *a = &k->rd.at[x->access];
            value[i] = value_of_load(&j, a);
            high[i] = is_written_once(b, a->buf) && b->fact[a->buf].high && !a->boxed;
        } else if (x->kind == X_op) {
            value[i] = value_of_operation(&j, x);
        } else if (x->kind == X_reduce) {
            right &= passes_by(&j, x);
            high[i] = x->op == OP_max && passes_by(&j, x) && value[x->in[0] - 1].exact;
        } else if (x->kind == X_st) {
            value[i] = value[x->in[0] - 1];
            high[i] = high[x->in[0] - 1];
        }
    }
    return right;
}
