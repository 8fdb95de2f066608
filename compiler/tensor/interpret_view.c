/* SPDX-License-Identifier: MIT
 * interpret_view.c: views: which element of the operand each element of the result is. */
#include "tensor/graph.h"
#include "tensor/interpret.h"

static void fill_with(TensorValue *out, int64_t e, int64_t bits)
{
    if (out->f)
        out->f[e] = bits_double(bits);
    else
        out->i[e] = bits;
}

static int64_t size_of(const Run *run, int64_t dim)
{
    int64_t v = 0;
    if (!dim_eval(run->g->module->dims, (Dim)dim, run->symbols, &v)) BUG("a size overflows");
    return v;
}

static void eval_pad(const Run *run, Ref r, const TensorValue *in, TensorValue *out)
{
    int64_t at[MAX_RANK], stride[MAX_RANK], lo[MAX_RANK];
    int rank = out->type.rank;
    value_strides(in, stride);
    for (int i = 0; i < rank; i++)
        lo[i] = size_of(run, graph_attr(run->g, r, (uint32_t)(3 * i)));
    for (int64_t e = 0; e < out->count; e++) {
        int64_t from = 0;
        bool inside = true;
        value_unravel(out, e, at);
        for (int i = 0; i < rank; i++) {
            int64_t step = graph_attr(run->g, r, (uint32_t)(3 * i + 2)) + 1, k = at[i] - lo[i];
            inside = inside && k >= 0 && k % step == 0 && k / step < in->extent[i];
            if (inside) from += k / step * stride[i];
        }
        if (inside)
            value_copy(out, e, in, from);
        else
            fill_with(out, e, graph_attr(run->g, r, 3u * (uint32_t)rank));
    }
}

static void eval_concat(const Run *run, Ref r, const TensorValue *in, TensorValue *out)
{
    int64_t axis = graph_attr(run->g, r, 0), at[MAX_RANK], stride[MAX_RANK], start = 0;
    value_strides(out, stride);
    for (uint32_t k = 0; k < run->g->node.at[r].n_in; k++) {
        for (int64_t e = 0; e < in[k].count; e++) {
            int64_t to = 0;
            value_unravel(&in[k], e, at);
            at[axis] += start;
            for (int i = 0; i < out->type.rank; i++)
                to += at[i] * stride[i];
            value_copy(out, to, &in[k], e);
        }
        start += in[k].extent[axis];
    }
}

static void eval_fold(const Run *run, Ref r, const TensorValue *in, TensorValue *out)
{
    int64_t axis = graph_attr(run->g, r, 0), stride_of_window = graph_attr(run->g, r, 3), dil = graph_attr(run->g, r, 4);
    int64_t at[MAX_RANK], stride[MAX_RANK];
    value_strides(out, stride);
    for (int64_t e = 0; e < in->count; e++) {
        int64_t to = 0;
        value_unravel(in, e, at);
        for (int i = 0; i < out->type.rank; i++) {
            int64_t k = i < axis ? at[i] : i == axis ? at[i] * stride_of_window + at[i + 1] * dil : at[i + 1];
            to += k * stride[i];
        }
        if (out->f)
            out->f[to] += in->f[e];
        else
            out->i[to] = eval_wrap(out->type.dtype, (int64_t)((uint64_t)out->i[to] + (uint64_t)in->i[e]));
    }
}

/* Views that read one element per element of the result: its offset in the operand. */
static int64_t source(const Run *run, Ref r, const TensorValue *in, const int64_t *at, const int64_t *stride, int rank)
{
    const Graph *g = run->g;
    int64_t from = 0;
    switch (g->node.at[r].op) {
    case OP_permute:
        for (int i = 0; i < rank; i++)
            from += at[i] * stride[graph_attr(g, r, (uint32_t)i)];
        return from;
    case OP_broadcast:
        for (int i = 0; i < in->type.rank; i++)
            from += (in->extent[i] == 1 ? 0 : at[graph_attr(g, r, (uint32_t)i)]) * stride[i];
        return from;
    case OP_slice:
        for (int i = 0; i < rank; i++) {
            int64_t step = graph_attr(g, r, (uint32_t)(3 * i + 2));
            int64_t start =
                step > 0 ? size_of(run, graph_attr(g, r, (uint32_t)(3 * i))) : size_of(run, graph_attr(g, r, (uint32_t)(3 * i + 1))) - 1;
            from += (start + at[i] * step) * stride[i];
        }
        return from;
    default: { /* window */
        int64_t axis = graph_attr(g, r, 0), step = graph_attr(g, r, 2), dil = graph_attr(g, r, 3);
        for (int i = 0; i < in->type.rank; i++) {
            int64_t k = i < axis ? at[i] : i == axis ? at[i] * step + at[i + 1] * dil : at[i + 1];
            from += k * stride[i];
        }
        return from;
    }
    }
}

void interpret_view(const Run *run, Ref r, const TensorValue *in, TensorValue *out)
{
    switch (run->g->node.at[r].op) {
    case OP_reshape:
        for (int64_t e = 0; e < out->count; e++)
            value_copy(out, e, in, e);
        return;
    case OP_pad: eval_pad(run, r, in, out); return;
    case OP_concat: eval_concat(run, r, in, out); return;
    case OP_fold: eval_fold(run, r, in, out); return;
    default: break;
    }
    int64_t at[MAX_RANK], stride[MAX_RANK];
    value_strides(in, stride);
    for (int64_t e = 0; e < out->count; e++) {
        value_unravel(out, e, at);
        value_copy(out, e, in, source(run, r, in, at, stride, out->type.rank));
    }
}
