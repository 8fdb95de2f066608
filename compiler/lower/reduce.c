/* SPDX-License-Identifier: MIT
 * reduce.c: reductions with and without kept axes; prod, cumsum and cumprod are scans. */
#include "lower/body.h"

static int axes_of(const CoreIns *ins, int *axes)
{
    int n = (int)ins->n_attr - 1;
    for (int i = 0; i < n; i++)
        axes[i] = (int)ins->attr[i + 1];
    return n;
}

static Dim reduced_count(Scope *s, Ref x, const int *axes, int n)
{
    Dims *dims = s->l->module->dims;
    Dim count = dim_const(dims, 1);
    for (int i = 0; i < n; i++)
        count = dim_mul(dims, count, graph_type(s->g, x)->dim[axes[i]]);
    return count;
}

static Ref mean_of(Scope *s, Ref x, const int *axes, int n)
{
    Graph *g = s->g;
    Ref sum = build_reduce(g, OP_sum, x, axes, n);
    Ref count = build_cast(g, build_size(g, reduced_count(s, x, axes, n)), graph_type(g, x)->dtype);
    return build_binary(g, OP_div, sum, lower_as_shape(g, count, graph_type(g, sum)));
}

/* -x for floats, ~x = -1 - x for integers: reverses the order. */
static Ref reversed(Graph *g, Ref x)
{
    if (dtype_is_float(graph_type(g, x)->dtype)) return build_unary(g, OP_neg, x);
    return build_binary(g, OP_sub, build_like(g, x, -1), x);
}

/* A scan over the leading axis with one carry: carry' = carry op x_t. Gives the last carry, or all of them. Running sums and
 * products of floats are carried in double precision, since every one of them has all operations before it. */
static Ref fold_leading(Scope *s, Ref x, Op op, double start, bool all)
{
    Graph *g = s->g;
    Lower *l = s->l;
    Type row = *graph_type(g, x);
    Dim n = row.dim[0];
    for (int i = 1; i < row.rank; i++)
        row.dim[i - 1] = row.dim[i];
    row.rank--;
    Type total = row;
    if (all && dtype_is_float(row.dtype)) total.dtype = DT_f64;
    Graph *body = graph_new(l->module, "fold");
    Ref carry = build_param(body, PARAM_CARRY, "c", total, 0);
    Ref item = build_param(body, PARAM_XS, "x", row, 1);
    Ref next = build_binary(body, op, carry, lower_as_dtype(body, item, total.dtype));
    build_result(body, next, "c", -1);
    if (all) build_result(body, lower_as_dtype(body, next, row.dtype), "y", -1);
    Ref in[2] = {build_const(g, total, start), x};
    Ref scan = build_scan(g, body->id, n, 1, 1, in, 2);
    return build_proj(g, scan, all ? 1 : 0);
}

/* Bring the given axes to the front, merged into one. */
static Ref merge_to_front(Scope *s, Ref x, const int *axes, int n)
{
    Graph *g = s->g;
    Type type = *graph_type(g, x);
    int perm[MAX_RANK], k = 0;
    for (int i = 0; i < n; i++)
        perm[k++] = axes[i];
    for (int a = 0; a < type.rank; a++) {
        bool taken = false;
        for (int i = 0; i < n; i++)
            taken |= axes[i] == a;
        if (!taken) perm[k++] = a;
    }
    Dim dim[MAX_RANK];
    dim[0] = reduced_count(s, x, axes, n);
    for (int i = n; i < type.rank; i++)
        dim[i - n + 1] = type.dim[perm[i]];
    return build_reshape(g, build_permute(g, x, perm), dim, type.rank - n + 1);
}

static Ref reduce(Scope *s, const CoreIns *ins, Ref x, const int *axes, int n)
{
    Graph *g = s->g;
    if (n == 0 && ins->op != CORE_argmax && ins->op != CORE_argmin) return x;
    switch (ins->op) {
    case CORE_sum: return build_reduce(g, OP_sum, x, axes, n);
    case CORE_mean: return mean_of(s, x, axes, n);
    case CORE_max:
    case CORE_any: return build_reduce(g, OP_max, x, axes, n);
    case CORE_min: return reversed(g, build_reduce(g, OP_max, reversed(g, x), axes, n));
    case CORE_all: return build_unary(g, OP_not, build_reduce(g, OP_max, build_unary(g, OP_not, x), axes, n));
    case CORE_argmax: return build_reduce(g, OP_argmax, x, axes, n);
    case CORE_argmin: return build_reduce(g, OP_argmax, reversed(g, x), axes, n);
    case CORE_prod: return fold_leading(s, merge_to_front(s, x, axes, n), OP_mul, 1, false);
    default: BUG("reduction %s", core_op_name(ins->op));
    }
}

Ref lower_reduce(Scope *s, const CoreIns *ins, const Ref *in)
{
    Graph *g = s->g;
    Type type = lower_ins_type(s, ins);
    int axes[MAX_RANK], n = axes_of(ins, axes);
    bool arg = ins->op == CORE_argmax || ins->op == CORE_argmin;
    Ref x = arg ? in[0] : lower_as_dtype(g, in[0], type.dtype);
    if (arg && graph_type(g, x)->dtype == DT_bool) x = build_cast(g, x, DT_i32);
    Ref y = lower_as_dtype(g, reduce(s, ins, x, axes, n), type.dtype);
    return graph_type(g, y)->rank == type.rank ? y : build_reshape(g, y, type.dim, type.rank);
}

Ref lower_running(Scope *s, const CoreIns *ins, const Ref *in)
{
    Graph *g = s->g;
    int axis = (int)ins->attr[0], rank = graph_type(g, in[0])->rank;
    int perm[MAX_RANK], back[MAX_RANK];
    perm[0] = axis;
    for (int i = 1; i < rank; i++)
        perm[i] = i <= axis ? i - 1 : i;
    for (int i = 0; i < rank; i++)
        back[perm[i]] = i;
    bool product = ins->op == CORE_cumprod;
    Ref all = fold_leading(s, build_permute(g, in[0], perm), product ? OP_mul : OP_add, product, true);
    return build_permute(g, all, back);
}
