/* SPDX-License-Identifier: MIT
 * layout.c: places in the model block and in the train area. */
#include "kernel/layout.h"

static int64_t round_up(int64_t n, int64_t to)
{
    return (n + to - 1) / to * to;
}

static int64_t extent_of(const Dims *dims, Dim dim)
{
    int64_t v = 0;
    if (!dim_is_const(dims, dim, &v)) BUG("a parameter has a run-time size");
    return v;
}

/* Strides, padded size and place of one tensor; returns the byte behind it. */
static int64_t place(LayoutTensor *t, const Dims *dims, int64_t at)
{
    int bytes = dtype_bytes(t->type.dtype), rank = t->type.rank;
    int64_t stride = 1;
    for (int i = 0; i < rank; i++)
        t->extent[i] = extent_of(dims, t->type.dim[i]);
    for (int i = rank - 1; i >= 0; i--) {
        t->stride[i] = stride;
        stride *= t->extent[i];
        if (i == rank - 1 && rank >= 2 && t->extent[i] % 256 == 0) stride += 16;
    }
    t->padded = rank ? t->stride[0] * t->extent[0] : 1;
    t->offset = round_up(at, 16 * bytes);
    return t->offset + t->padded * bytes;
}

void layout_model(Layout *layout, const Dims *dims)
{
    int64_t at = 64;
    for (uint32_t i = 0; i < layout->tensor.n; i++)
        if (!layout->tensor.at[i].is_state) at = place(&layout->tensor.at[i], dims, at);
    layout->param_bytes = round_up(at, 64) - 64;
    layout->state_offset = at = round_up(at, 64);
    for (uint32_t i = 0; i < layout->tensor.n; i++)
        if (layout->tensor.at[i].is_state) at = place(&layout->tensor.at[i], dims, at);
    layout->model_bytes = round_up(at, 64);
}

/* Elements of the gradients that lie end to end, of tensors in front of this one. */
static int64_t packed_before(const Layout *layout, const EntryLayout *e, uint32_t tensor)
{
    int64_t n = 0;
    const LayoutStatement *s = &e->statement.at[0];
    for (uint32_t k = 0; k < s->over.n && s->over.at[k] < tensor; k++)
        if (!e->in_place[s->over.at[k]]) n += round_up(layout->tensor.at[s->over.at[k]].padded, 16);
    return n;
}

static void place_gradients(const Layout *layout, EntryLayout *e, int64_t *at)
{
    int bytes = dtype_bytes(layout->float_dtype);
    int64_t lo = INT64_MAX, hi = 0;
    for (uint32_t s = 0; s < e->statement.n; s++) {
        for (uint32_t k = 0; k < e->statement.at[s].over.n; k++) {
            const LayoutTensor *t = &layout->tensor.at[e->statement.at[s].over.at[k]];
            int64_t first = (t->offset - 64) / bytes;
            if (first < lo) lo = first;
            if (first + t->padded > hi) hi = first + t->padded;
        }
    }
    e->hull = hi ? lo : 0;
    e->grad_count = hi ? round_up(hi - lo, 16) : 0;
    if (e->in_place) e->hull = LAYOUT_PACKED, e->grad_count = packed_before(layout, e, UINT32_MAX);
    e->grad_offset = *at;
    *at = round_up(*at + e->grad_count * bytes, 64);
}

/* Statements with one slot set share the slots and the count of the first of them. */
static void place_slots(const Layout *layout, EntryLayout *e, int64_t *at)
{
    int bytes = dtype_bytes(layout->float_dtype);
    for (uint32_t s = 0; s < e->statement.n; s++) {
        LayoutStatement *own = &e->statement.at[s], *shared = NULL;
        for (uint32_t k = 0; k < s && !shared; k++)
            if (e->statement.at[k].slot_set == own->slot_set) shared = &e->statement.at[k];
        for (int i = 0; i < LAYOUT_SLOTS; i++) {
            if (!(own->slots >> i & 1)) continue;
            own->slot_offset[i] = shared ? shared->slot_offset[i] : *at;
            if (!shared) *at = round_up(*at + e->grad_count * bytes, 64);
        }
        if (shared) own->count_offset = shared->count_offset;
    }
}

void layout_entry(Arena *arena, const Layout *layout, EntryLayout *e, const Dims *dims, bool has_train)
{
    int64_t at = 0;
    if (has_train) {
        at = 64;
        for (uint32_t s = 0; s < e->statement.n; s++)
            e->statement.at[s].count_offset = at, at += 8;
        at = round_up(at, 64);
        place_gradients(layout, e, &at);
        place_slots(layout, e, &at);
    }
    e->sum_offset = at;
    for (uint32_t k = 0; k < e->sum.n; k++) {
        int64_t n = 1;
        for (int i = 0; i < e->sum.at[k].rank; i++)
            n *= extent_of(dims, e->sum.at[k].dim[i]);
        vec_add(arena, &e->sum_at, at);
        at += 8 * n;
    }
    e->sum_bytes = at - e->sum_offset;
    e->total_bytes = round_up(at, 64);
}

int64_t layout_gradient(const Layout *layout, const EntryLayout *e, uint32_t tensor)
{
    if (e->in_place) return e->grad_offset + packed_before(layout, e, tensor) * dtype_bytes(layout->float_dtype);
    return e->grad_offset + (layout->tensor.at[tensor].offset - 64) - e->hull * dtype_bytes(layout->float_dtype);
}
