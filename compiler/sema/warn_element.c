/* SPDX-License-Identifier: MIT
 * warn_element.c: single elements of masks, from the result back to ranges, constants and lengths. */
#include "sema/warn_element.h"

#include <math.h>

#include "sema/warn_body.h"
#include "support/functions.h"

enum { MOST_STEPS = 4000, LONGEST = 128 };

static const double TOKEN = 3.5; /* any: compared with one by itself it is another */

Sample sample_new(Sema *s, const CoreEntry *entry, const CoreBody *body, int64_t size, int64_t length)
{
    Sample sample = {.s = s, .entry = entry, .body = body, .length = length, .steps = MOST_STEPS};
    uint32_t n = symbol_count(s->dims) + 1;
    sample.sizes = ARENA_ARRAY(s->arena, int64_t, n);
    for (uint32_t i = 0; i < n; i++)
        sample.sizes[i] = size;
    return sample;
}

int64_t sample_extent(const Sample *sample, Dim dim)
{
    int64_t n;
    return dim_eval(sample->s->dims, dim, sample->sizes, &n) ? n : -1;
}

/* ---- leaves ---------------------------------------------------------------------------------- */

/* Lengths, and tokens with 0 for the padding behind them. */
static double argument(const Sample *x, const CoreIns *ins, const int64_t *index)
{
    const CoreArg *arg = &x->entry->args.at[ins->attr[0]];
    if (x->entry->data < 0 || arg->role != ROLE_FIELD) return NAN;
    const CoreData *data = &x->s->program->data.at[arg->data];
    if (data->fields.at[arg->field].length_of >= 0) return (double)x->length;
    bool padded = false;
    for (uint32_t i = 0; i < data->fields.n; i++)
        padded |= data->fields.at[i].length_of == arg->field;
    return padded && ins->type.elem == ELEM_int && ins->type.rank == 2 ? (index[1] < x->length ? TOKEN : 0) : NAN;
}

static double leaf(const Sample *x, const CoreIns *ins, const int64_t *index)
{
    switch (ins->op) {
    case CORE_const: return ins->number;
    case CORE_range: return (double)index[0];
    case CORE_eye: return index[0] == index[1];
    case CORE_arg: return argument(x, ins, index);
    case CORE_size: {
        int64_t n = sample_extent(x, (Dim)ins->attr[0]);
        return n < 0 ? NAN : (double)n;
    }
    default: return NAN;
    }
}

/* ---- views ----------------------------------------------------------------------------------- */

/* The same element by another count of the axes. */
static bool recount(const Sample *x, const CoreType *from, const int64_t *index, const CoreType *to, int64_t *out)
{
    int64_t at = 0;
    for (int a = 0; a < from->rank; a++) {
        int64_t n = sample_extent(x, from->dim[a]);
        if (n <= 0) return false;
        at = at * n + index[a];
    }
    for (int a = to->rank - 1; a >= 0; a--) {
        int64_t n = sample_extent(x, to->dim[a]);
        if (n <= 0) return false;
        out[a] = at % n;
        at /= n;
    }
    return at == 0;
}

static bool slice_index(const Sample *x, const CoreIns *ins, const int64_t *index, int64_t *out)
{
    for (int a = 0; a < ins->type.rank; a++) {
        int64_t lo = sample_extent(x, (Dim)ins->attr[3 * a]), hi = sample_extent(x, (Dim)ins->attr[3 * a + 1]), step = ins->attr[3 * a + 2];
        if (lo < 0 || hi < 0) return false;
        out[a] = step > 0 ? lo + index[a] * step : hi - 1 + index[a] * step;
    }
    return true;
}

/* The element of its operand that an element of a view is; false: this is no view, or it cannot be told. */
static bool view_index(const Sample *x, const CoreIns *ins, const int64_t *index, int64_t *out)
{
    const CoreType *of = &body_ins(x->body, ins->in[0])->type;
    switch (ins->op) {
    case CORE_reshape: return recount(x, &ins->type, index, of, out);
    case CORE_slice: return slice_index(x, ins, index, out);
    case CORE_permute:
        for (int a = 0; a < ins->type.rank; a++)
            out[ins->attr[a]] = index[a];
        return true;
    case CORE_broadcast:
        for (int a = 0; a < of->rank; a++)
            out[a] = index[ins->attr[a]];
        return true;
    case CORE_flip:
        for (int a = 0; a < of->rank; a++)
            out[a] = a == ins->attr[0] ? sample_extent(x, of->dim[a]) - 1 - index[a] : index[a];
        return true;
    default: return false;
    }
}

static double of_concat(Sample *x, const CoreIns *ins, const int64_t *index)
{
    int64_t at[CORE_MAX_RANK];
    int axis = (int)ins->attr[0];
    for (int a = 0; a < ins->type.rank; a++)
        at[a] = index[a];
    for (uint32_t i = 0; i < ins->n_in; i++) {
        int64_t n = sample_extent(x, body_ins(x->body, ins->in[i])->type.dim[axis]);
        if (n < 0) return NAN;
        if (at[axis] < n) return sample_element(x, ins->in[i], at);
        at[axis] -= n;
    }
    return NAN;
}

static double of_pad(Sample *x, const CoreIns *ins, const int64_t *index)
{
    int64_t at[CORE_MAX_RANK], before = sample_extent(x, (Dim)ins->attr[1]);
    int axis = (int)ins->attr[0];
    for (int a = 0; a < ins->type.rank; a++)
        at[a] = index[a];
    at[axis] -= before;
    int64_t n = sample_extent(x, body_ins(x->body, ins->in[0])->type.dim[axis]);
    if (before < 0 || n < 0) return NAN;
    return at[axis] < 0 || at[axis] >= n ? ins->number : sample_element(x, ins->in[0], at);
}

/* ---- operations ------------------------------------------------------------------------------ */

/* Sums, products and the like along one axis. */
static double reduction(Sample *x, const CoreIns *ins, const int64_t *index)
{
    const CoreType *of = &body_ins(x->body, ins->in[0])->type;
    if (ins->n_attr != 2) return NAN;
    int64_t at[CORE_MAX_RANK], axis = ins->attr[1], n = sample_extent(x, of->dim[axis]);
    if (n <= 0 || n > LONGEST) return NAN;
    for (int a = 0, k = 0; a < of->rank; a++)
        at[a] = a == axis ? (k += ins->attr[0] != 0, 0) : index[k++];
    double total = 0;
    for (at[axis] = 0; at[axis] < n; at[axis]++) {
        double v = sample_element(x, ins->in[0], at);
        bool first = at[axis] == 0, larger = v > total;
        if (isnan(v)) return NAN;
        switch (ins->op) {
        case CORE_sum:
        case CORE_mean: total += v; break;
        case CORE_max:
        case CORE_any: total = first || larger ? v : total; break;
        case CORE_min:
        case CORE_all: total = first || !larger ? v : total; break;
        default: return NAN;
        }
    }
    return ins->op == CORE_mean ? total / (double)n : total;
}

static double running_sum(Sample *x, const CoreIns *ins, const int64_t *index)
{
    int64_t at[CORE_MAX_RANK], axis = ins->attr[0];
    for (int a = 0; a < ins->type.rank; a++)
        at[a] = index[a];
    double total = 0;
    for (at[axis] = 0; at[axis] <= index[axis] && index[axis] < LONGEST; at[axis]++)
        total += sample_element(x, ins->in[0], at);
    return total;
}

/* What holds although an operand is not known. */
static double half_known(uint16_t op, double a, double b, double c)
{
    if (op == CORE_and && (a == 0 || b == 0)) return 0;
    if (op == CORE_or && (a == 1 || b == 1)) return 1;
    if (op == CORE_mul && (a == 0 || b == 0)) return 0;
    if (op == CORE_where && !isnan(a)) return a != 0 ? b : c;
    return op == CORE_where && b == c ? b : NAN;
}

static double elementwise(Sample *x, const CoreIns *ins, const int64_t *index)
{
    double v[3] = {0};
    bool known = true;
    for (uint32_t i = 0; i < ins->n_in && i < 3; i++) {
        const CoreType *t = &body_ins(x->body, ins->in[i])->type;
        int64_t at[CORE_MAX_RANK], n;
        for (int a = 0; a < t->rank; a++)
            at[a] = dim_is_const(x->s->dims, t->dim[a], &n) && n == 1 ? 0 : index[a + ins->type.rank - t->rank];
        v[i] = sample_element(x, ins->in[i], at);
        known &= !isnan(v[i]);
    }
    if (!known) return half_known(ins->op, v[0], v[1], v[2]);
    if (ins->op == CORE_cast && ins->type.elem == ELEM_int) return trunc(v[0]);
    if (ins->op == CORE_cast && ins->type.elem == ELEM_bool) return v[0] != 0;
    return core_value(ins->op, v[0], v[1], v[2]);
}

double sample_element(Sample *x, CoreRef ref, const int64_t *index)
{
    const CoreIns *ins = body_ins(x->body, ref);
    int64_t at[CORE_MAX_RANK];
    if (--x->steps < 0) return NAN;
    if (core_properties(ins->op)) return elementwise(x, ins, index);
    if (ins->op == CORE_concat) return of_concat(x, ins, index);
    if (ins->op == CORE_pad) return of_pad(x, ins, index);
    if (ins->op == CORE_cumsum) return running_sum(x, ins, index);
    if (ins->op >= CORE_sum && ins->op <= CORE_all) return reduction(x, ins, index);
    if (ins->n_in == 1 && view_index(x, ins, index, at)) return sample_element(x, ins->in[0], at);
    return leaf(x, ins, index);
}

double sample_element_of(Sample *x, CoreRef ref, const int64_t *index, int64_t length)
{
    x->length = length;
    x->steps = MOST_STEPS;
    return sample_element(x, ref, index);
}

static bool is_followed(uint16_t op)
{
    return core_properties(op) || (op >= CORE_sum && op <= CORE_cumsum) || op == CORE_reshape || op == CORE_permute ||
           op == CORE_broadcast || op == CORE_slice || op == CORE_concat || op == CORE_pad || op == CORE_flip;
}

bool *sample_plain(Sema *s, const CoreEntry *entry, const CoreBody *body)
{
    bool *plain = ARENA_ARRAY(s->arena, bool, body->ins.n + 1);
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        const CoreIns *ins = body_ins(body, r);
        bool argument =
            ins->op == CORE_arg && entry->data >= 0 && entry->args.at[ins->attr[0]].role == ROLE_FIELD && ins->type.elem == ELEM_int;
        plain[r] = argument || ins->op == CORE_const || ins->op == CORE_range || ins->op == CORE_eye || ins->op == CORE_size;
        if (!is_followed(ins->op)) continue;
        plain[r] = true;
        for (uint32_t i = 0; i < ins->n_in; i++)
            plain[r] &= plain[ins->in[i]];
    }
    return plain;
}
