/* SPDX-License-Identifier: MIT
 * contract.c: matrix products, einsum, convolutions, pooling. */
#include "lower/body.h"

#include <math.h>

Ref lower_matmul(Scope *s, const CoreIns *ins, const Ref *in)
{
    Graph *g = s->g;
    uint8_t dtype = lower_ins_type(s, ins).dtype;
    Ref a = lower_as_dtype(g, in[0], dtype), b = lower_as_dtype(g, in[1], dtype);
    int ra = graph_type(g, a)->rank, rb = graph_type(g, b)->rank;
    int batch[MAX_RANK], n_batch = rb > 2 ? rb - 2 : 0;
    for (int i = 0; i < n_batch; i++)
        batch[i] = i;
    int a_axis = ra - 1, b_axis = rb > 2 ? rb - 2 : 0;
    return build_dot(g, a, b, n_batch, batch, batch, 1, &a_axis, &b_axis);
}

/* ---- einsum ---------------------------------------------------------------------------------- */

typedef struct Term { /* a tensor whose axes have letters */
    Ref ref;
    int rank;
    int64_t letter[MAX_RANK];
} Term;

static int find_letter(const Term *t, int64_t letter)
{
    for (int i = 0; i < t->rank; i++)
        if (t->letter[i] == letter) return i;
    return -1;
}

/* Sum out the letters of t that nobody in keep[0..n) needs. */
static Term sum_unneeded(Graph *g, Term t, const Term *keep, int n)
{
    int axes[MAX_RANK], n_axes = 0;
    Term out = {0};
    for (int i = 0; i < t.rank; i++) {
        bool needed = false;
        for (int k = 0; k < n; k++)
            needed |= find_letter(&keep[k], t.letter[i]) >= 0;
        if (needed)
            out.letter[out.rank++] = t.letter[i];
        else
            axes[n_axes++] = i;
    }
    out.ref = n_axes ? build_reduce(g, OP_sum, t.ref, axes, n_axes) : t.ref;
    return out;
}

/* Product of two terms; letters of both that nobody in keep needs are contracted. */
static Term multiply(Graph *g, Term a, Term b, const Term *keep, int n)
{
    int ab[MAX_RANK], bb[MAX_RANK], ac[MAX_RANK], bc[MAX_RANK], n_batch = 0, n_contract = 0;
    Term out = {0};
    for (int i = 0; i < a.rank; i++) {
        int j = find_letter(&b, a.letter[i]);
        if (j < 0) continue;
        bool needed = false;
        for (int k = 0; k < n; k++)
            needed |= find_letter(&keep[k], a.letter[i]) >= 0;
        if (needed) {
            ab[n_batch] = i, bb[n_batch++] = j;
            out.letter[out.rank++] = a.letter[i];
        } else {
            ac[n_contract] = i, bc[n_contract++] = j;
        }
    }
    for (int i = 0; i < a.rank; i++)
        if (find_letter(&b, a.letter[i]) < 0) out.letter[out.rank++] = a.letter[i];
    for (int j = 0; j < b.rank; j++)
        if (find_letter(&a, b.letter[j]) < 0) out.letter[out.rank++] = b.letter[j];
    if (out.rank > MAX_RANK) BUG("einsum: rank above %d", MAX_RANK);
    out.ref = build_dot(g, a.ref, b.ref, n_batch, ab, bb, n_contract, ac, bc);
    return out;
}

Ref lower_einsum(Scope *s, const CoreIns *ins, const Ref *in)
{
    Graph *g = s->g;
    uint8_t dtype = lower_ins_type(s, ins).dtype;
    Term term[9]; /* operands, then the result */
    int n = (int)ins->attr[0], at = 1;
    if (n > 8) BUG("einsum with %d operands", n);
    for (int k = 0; k <= n; k++) {
        term[k] = (Term){.ref = k < n ? lower_as_dtype(g, in[k], dtype) : 0, .rank = (int)ins->attr[at++]};
        for (int i = 0; i < term[k].rank; i++)
            term[k].letter[i] = ins->attr[at++];
    }
    Term acc = sum_unneeded(g, term[0], term + 1, n);
    for (int k = 1; k < n; k++) {
        Term others[10] = {acc};
        for (int j = k + 1; j <= n; j++)
            others[j - k] = term[j];
        Term b = sum_unneeded(g, term[k], others, n - k + 1);
        acc = multiply(g, acc, b, term + k + 1, n - k);
    }
    int perm[MAX_RANK];
    for (int i = 0; i < term[n].rank; i++)
        perm[i] = find_letter(&acc, term[n].letter[i]);
    return build_permute(g, acc.ref, perm);
}

/* ---- convolution ------------------------------------------------------------------------------- */

/* Insert an axis of extent 1 at position `at`. */
static Ref with_unit_axis(Scope *s, Ref x, int at)
{
    Type type = *graph_type(s->g, x);
    Dim dim[MAX_RANK];
    for (int i = 0; i < at; i++)
        dim[i] = type.dim[i];
    dim[at] = dim_const(s->l->module->dims, 1);
    for (int i = at; i < type.rank; i++)
        dim[i + 1] = type.dim[i];
    return build_reshape(s->g, x, dim, type.rank + 1);
}

Ref lower_conv(Scope *s, const CoreIns *ins, const Ref *in)
{
    Graph *g = s->g;
    Dims *dims = s->l->module->dims;
    Type type = lower_ins_type(s, ins);
    int nd = (int)ins->attr[0];
    bool transposed = ins->attr[1] != 0;
    Ref x = lower_as_dtype(g, in[0], type.dtype), w = lower_as_dtype(g, in[1], type.dtype);
    if (nd == 1) x = with_unit_axis(s, x, 1), w = with_unit_axis(s, w, 0);
    Conv conv = {.mode = transposed ? 1 : 0, .groups = ins->attr[2]};
    for (int i = 0; i < 2; i++) {
        conv.stride[i] = conv.dil[i] = 1;
        conv.lo[i] = conv.hi[i] = dim_const(dims, 0);
    }
    for (int i = 0; i < nd; i++) {
        const int64_t *a = ins->attr + 3 + 5 * i;
        int axis = i + 2 - nd;
        conv.stride[axis] = a[0], conv.dil[axis] = a[1];
        conv.lo[axis] = (Dim)a[2], conv.hi[axis] = (Dim)a[3];
    }
    for (int i = 0; i < 2; i++)
        conv.k[i] = graph_type(g, w)->dim[i];
    if (!transposed) {
        for (int i = 0; i < 2; i++)
            conv.extent[i] = graph_type(g, x)->dim[1 + i];
    } else { /* the data gradient of the plain convolution from the result to x */
        int swap[4] = {0, 1, 3, 2};
        w = build_permute(g, w, swap);
        conv.extent[0] = nd == 2 ? type.dim[1] : dim_const(dims, 1);
        conv.extent[1] = type.dim[nd];
    }
    Ref y = build_conv(g, x, w, &conv);
    return nd == 1 ? build_reshape(g, y, type.dim, type.rank) : y;
}

/* ---- pooling ------------------------------------------------------------------------------------- */

typedef struct PoolAxis {
    int64_t k, stride, dil;
    Dim lo, hi, extra;
} PoolAxis;

static PoolAxis pool_axis(const CoreIns *ins, int i)
{
    const int64_t *a = ins->attr + 3 + 6 * i;
    return (PoolAxis){.k = a[0], .stride = a[1], .lo = (Dim)a[2], .hi = (Dim)a[3], .dil = a[4], .extra = (Dim)a[5]};
}

/* Pad the nd axes from `first` on with fill; which: 1 pads, 2 the extra places of ceil mode, 3 both. */
static Ref pad_axes(Scope *s, const CoreIns *ins, Ref x, int first, int which, double fill)
{
    Dims *dims = s->l->module->dims;
    int nd = (int)ins->attr[0], rank = graph_type(s->g, x)->rank;
    Dim lo[MAX_RANK], hi[MAX_RANK];
    int64_t interior[MAX_RANK] = {0};
    for (int i = 0; i < rank; i++)
        lo[i] = hi[i] = dim_const(dims, 0);
    for (int i = 0; i < nd; i++) {
        PoolAxis p = pool_axis(ins, i);
        if (which & 1) lo[first + i] = p.lo, hi[first + i] = p.hi;
        if (which & 2) hi[first + i] = dim_add(dims, hi[first + i], p.extra);
    }
    return build_pad(s->g, x, lo, hi, interior, fill);
}

/* Windows of the nd axes from `first` on, reduced by op. */
static Ref reduce_windows(Scope *s, const CoreIns *ins, Ref x, int first, Op op)
{
    int nd = (int)ins->attr[0], axes[2];
    for (int i = 0; i < nd; i++) {
        PoolAxis p = pool_axis(ins, i);
        x = build_window(s->g, x, first + 2 * i, p.k, p.stride, p.dil);
        axes[i] = first + 2 * i + 1;
    }
    return build_reduce(s->g, op, x, axes, nd);
}

/* How many places each window of an average counts, over the spatial axes only. */
static Ref window_counts(Scope *s, const CoreIns *ins, Type spatial)
{
    bool count_pad = ins->attr[2] != 0;
    Ref ones = build_const(s->g, spatial, 1);
    ones = pad_axes(s, ins, ones, 0, 1, count_pad ? 1 : 0);
    ones = pad_axes(s, ins, ones, 0, 2, 0);
    return reduce_windows(s, ins, ones, 0, OP_sum);
}

Ref lower_pool(Scope *s, const CoreIns *ins, const Ref *in)
{
    Graph *g = s->g;
    Dims *dims = s->l->module->dims;
    Type type = lower_ins_type(s, ins);
    Ref x = lower_as_dtype(g, in[0], type.dtype);
    int nd = (int)ins->attr[0];
    if (ins->attr[1] == 0) return reduce_windows(s, ins, pad_axes(s, ins, x, 1, 3, -INFINITY), 1, OP_max);
    Ref sum = reduce_windows(s, ins, pad_axes(s, ins, x, 1, 3, 0), 1, OP_sum);
    bool padded = false;
    double full = 1;
    Type spatial = {.dtype = type.dtype, .rank = (uint8_t)nd};
    for (int i = 0; i < nd; i++) {
        PoolAxis p = pool_axis(ins, i);
        Dim none = dim_const(dims, 0);
        padded |= p.extra != none || ((p.lo != none || p.hi != none) && !ins->attr[2]);
        full *= (double)p.k;
        spatial.dim[i] = graph_type(g, x)->dim[1 + i];
    }
    Ref count;
    if (!padded) {
        count = build_like(g, sum, full);
    } else {
        int axes[2] = {1, 2};
        count = build_broadcast(g, window_counts(s, ins, spatial), *graph_type(g, sum), axes);
    }
    return build_binary(g, OP_div, sum, count);
}
