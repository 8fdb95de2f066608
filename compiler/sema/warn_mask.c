/* SPDX-License-Identifier: MIT
 * warn_mask.c: where(mask, -inf, x) and x + mask * -1e9 the wrong way round. What they hide is worked out from lengths and ranges. */
#include "sema/warn_mask.h"

#include <math.h>

#include "sema/warn_body.h"
#include "sema/warn_element.h"

enum { SIZE = 8 };

/* An operation that hides elements of another value: by a condition that chooses a number far below 0, or by adding it. */
typedef struct Hiding {
    const CoreEntry *entry;
    const CoreBody *body;
    const CoreIns *ins;
    CoreRef by;
    double hidden; /* of a condition: its value where it hides; NaN: `by` is added */
    bool minus;    /* it is taken off */
    Sample sample;
} Hiding;

static bool find_hiding(const CoreBody *body, const CoreIns *ins, uint32_t i, Hiding *h)
{
    double x;
    if (ins->op == CORE_where) {
        if (i < 1 || !body_constant(body, ins->in[i], &x) || x > -1e4) return false;
        h->by = ins->in[0], h->hidden = i == 1;
        return true;
    }
    if (i > 1 || (ins->op != CORE_add && ins->op != CORE_sub) || (ins->op == CORE_sub && i == 0)) return false;
    h->by = ins->in[i], h->hidden = NAN, h->minus = ins->op == CORE_sub;
    return ins->type.rank >= 2 && ins->type.elem != ELEM_int;
}

/* Is the element hidden: 1, 0, or -1 if it cannot be told. */
static int is_hidden(Sema *s, Hiding *h, const int64_t *index, int64_t length)
{
    const CoreType *t = &body_ins(h->body, h->by)->type;
    int64_t at[CORE_MAX_RANK], n;
    for (int a = 0; a < t->rank; a++)
        at[a] = dim_is_const(s->dims, t->dim[a], &n) && n == 1 ? 0 : index[a + h->ins->type.rank - t->rank];
    double x = sample_element_of(&h->sample, h->by, at, length);
    if (isnan(x)) return -1;
    return isnan(h->hidden) ? (h->minus ? -x : x) < -1e4 : x == h->hidden;
}

/* Along this axis the places of a text are hidden and its padding is shown; nothing is left of one without padding. */
static bool hides_texts(Sema *s, Hiding *h, int axis, int64_t *extent)
{
    int64_t n = extent[axis], length = n / 2, index[CORE_MAX_RANK];
    if (n < 4) return false;
    for (int a = 0; a < h->ins->type.rank; a++)
        index[a] = extent[a] - 1;
    index[axis] = n - 1;
    if (is_hidden(s, h, index, length) != 0 || is_hidden(s, h, index, n) != 1) return false;
    index[axis] = 0;
    return is_hidden(s, h, index, length) == 1 && is_hidden(s, h, index, n) == 1;
}

/* Of the last two axes: every place hides itself and those before it, and shows those behind it. */
static bool hides_past(Sema *s, Hiding *h, const int64_t *extent)
{
    int q = h->ins->type.rank - 2, k = q + 1;
    int64_t n = q < 0 ? 0 : extent[q], index[CORE_MAX_RANK] = {0};
    if (n < 4 || extent[k] != n) return false;
    for (int64_t i = 0; i < n; i += n / 4)
        for (int64_t j = 0; j < n; j += n / 4) {
            index[q] = i, index[k] = j;
            if (is_hidden(s, h, index, SIZE) != (j <= i)) return false;
        }
    return true;
}

/* Is the value an exponent of a softmax? */
static bool goes_into_softmax(const CoreBody *body, CoreRef ref)
{
    for (CoreRef r = ref + 1; r <= body->ins.n; r++) {
        const CoreIns *e = body_ins(body, r);
        if (e->op != CORE_exp) continue;
        CoreRef x = e->in[0];
        for (int depth = 0; depth < 12 && x > ref; depth++) {
            const CoreIns *ins = body_ins(body, x);
            bool inner = body_is_view(ins->op) || ins->op == CORE_sub || ins->op == CORE_add || ins->op == CORE_mul || ins->op == CORE_div;
            x = inner ? ins->in[0] : ins->op == CORE_where ? ins->in[1] : 0;
        }
        if (x == ref) return true;
    }
    return false;
}

/* Masks of the library have no other meaning. */
static bool is_noted_mask(const Sema *s, const Hiding *h)
{
    return h->hidden == 1 && body_is_noted(s->entry, h->body, h->by, NOTED_MASK);
}

static bool is_wrong(Sema *s, Hiding *h, CoreRef ref, const bool *plain)
{
    int64_t extent[CORE_MAX_RANK];
    if (is_noted_mask(s, h)) return true;
    if (!plain[h->by]) return false;
    h->sample = sample_new(s, h->entry, h->body, SIZE, SIZE);
    for (int a = 0; a < h->ins->type.rank; a++) {
        extent[a] = sample_extent(&h->sample, h->ins->type.dim[a]);
        if (extent[a] < 1) return false;
    }
    for (int a = 0; a < h->ins->type.rank && h->entry->data >= 0; a++)
        if (hides_texts(s, h, a, extent)) return true;
    return hides_past(s, h, extent) && goes_into_softmax(h->body, ref);
}

bool warn_mask(Sema *s, const CoreEntry *entry, const CoreBody *body, CoreRef ref, const bool *plain)
{
    const CoreIns *ins = body_ins(body, ref);
    for (uint32_t i = 0; i < ins->n_in && i < 3; i++) {
        Hiding h = {.entry = entry, .body = body, .ins = ins};
        if (!find_hiding(body, ins, i, &h) || !is_wrong(s, &h, ref, plain)) continue;
        Diag *d = diag_warning(s->diags, "W0720", ins->span, "this mask hides what is there and shows the padding or the future");
        diag_help(d, isnan(h.hidden) ? "a mask is true where something may be seen: x + where(mask, 0, -1e9)"
                                     : "a mask is true where something may be seen: where(mask, x, -inf)");
        return true;
    }
    return false;
}
