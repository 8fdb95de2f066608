/* SPDX-License-Identifier: MIT
 * interpret.c: the meaning of graphs: naive loops in double precision. Every pass and all generated
 * code are compared with it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tensor/graph.h"
#include "tensor/interpret.h"

/* ---- values ---------------------------------------------------------------------------------- */

TensorValue tensor_value_new(Arena *arena, const Dims *dims, const Type *type, const int64_t *symbols)
{
    TensorValue v = {.type = *type, .count = 1};
    for (int i = 0; i < type->rank; i++) {
        if (!dim_eval(dims, type->dim[i], symbols, &v.extent[i]) || v.extent[i] < 0)
            BUG("a size cannot be evaluated: %s", dim_print(dims, arena, type->dim[i]));
        v.count *= v.extent[i];
    }
    if (v.count > (int64_t)1 << 31) BUG("the interpreter is asked for a tensor of %lld elements", (long long)v.count);
    if (dtype_is_float(type->dtype))
        v.f = ARENA_ARRAY(arena, double, v.count);
    else
        v.i = ARENA_ARRAY(arena, int64_t, v.count);
    return v;
}

void value_strides(const TensorValue *v, int64_t *stride)
{
    int64_t s = 1;
    for (int i = v->type.rank - 1; i >= 0; i--)
        stride[i] = s, s *= v->extent[i];
}

void value_unravel(const TensorValue *v, int64_t e, int64_t *at)
{
    for (int i = v->type.rank - 1; i >= 0; i--)
        at[i] = e % v->extent[i], e /= v->extent[i];
}

void value_copy(TensorValue *to, int64_t e, const TensorValue *from, int64_t k)
{
    if (to->f)
        to->f[e] = from->f[k];
    else
        to->i[e] = from->i[k];
}

/* ---- leaves ---------------------------------------------------------------------------------- */

static void eval_random(const Run *run, Ref r, const TensorValue *in, TensorValue *out)
{
    int kind = (int)graph_attr(run->g, r, 0), lead = in[2].type.rank;
    uint64_t hash = (uint64_t)graph_attr(run->g, r, 1);
    int64_t bound = 0, inner = 1;
    if (kind == 1) dim_eval(run->g->module->dims, (Dim)graph_attr(run->g, r, 2), run->symbols, &bound);
    for (int i = lead; i < out->type.rank; i++)
        inner *= out->extent[i];
    for (int64_t e = 0; e < out->count; e++) {
        int64_t element = inner ? e % inner : 0, at = in[2].i[inner ? e / inner : 0];
        uint32_t counter[4] = {(uint32_t)((uint64_t)element / 4), (uint32_t)at, (uint32_t)in[1].i[0], (uint32_t)(hash ^ (hash >> 32))},
                 words[4];
        philox((uint64_t)in[0].i[0], counter, words);
        uint32_t w = words[element % 4];
        if (kind == 0)
            out->f[e] = (w >> 8) * 0x1p-24;
        else
            out->i[e] = (int64_t)((uint64_t)w * (uint64_t)bound >> 32);
    }
}

static void eval_leaf(const Run *run, Ref r, const TensorValue *in, TensorValue *out)
{
    const Graph *g = run->g;
    int64_t a = graph_attr(g, r, 0), at[MAX_RANK];
    switch (g->node.at[r].op) {
    case OP_const:
        for (int64_t e = 0; e < out->count; e++)
            if (out->f)
                out->f[e] = bits_double(a);
            else
                out->i[e] = a;
        break;
    case OP_iota:
        for (int64_t e = 0; e < out->count; e++) {
            value_unravel(out, e, at);
            out->i[e] = at[a];
        }
        break;
    case OP_size:
        if (!dim_eval(g->module->dims, (Dim)a, run->symbols, &out->i[0])) BUG("size overflows");
        break;
    case OP_data:
        for (int64_t e = 0; e < out->count; e++)
            if (out->f)
                out->f[e] = g->module->table.at[a].value[e];
            else
                out->i[e] = (int64_t)g->module->table.at[a].value[e];
        break;
    default: eval_random(run, r, in, out);
    }
}

/* ---- elementwise ----------------------------------------------------------------------------- */

static void eval_elementwise(const Run *run, Ref r, const TensorValue *in, TensorValue *out)
{
    const Node *n = &run->g->node.at[r];
    uint8_t dtype = in[n->op == OP_where ? 1 : 0].type.dtype;
    for (int64_t e = 0; e < out->count; e++) {
        Scalar v[3];
        for (uint32_t k = 0; k < n->n_in; k++)
            v[k] = in[k].f ? (Scalar){.f = in[k].f[e]} : (Scalar){.i = in[k].i[e]};
        Scalar y = eval_scalar((Op)n->op, dtype, out->type.dtype, v);
        if (out->f)
            out->f[e] = y.f;
        else
            out->i[e] = y.i;
    }
}

/* ---- reductions ------------------------------------------------------------------------------ */

/* b is better than a: larger, or the first NaN. */
static bool better(const TensorValue *v, int64_t b, int64_t a)
{
    if (v->i) return v->i[b] > v->i[a];
    if (v->f[a] != v->f[a]) return false;
    return v->f[b] > v->f[a] || v->f[b] != v->f[b];
}

static void eval_reduce(const Run *run, Ref r, const TensorValue *in, TensorValue *out)
{
    const Graph *g = run->g;
    uint8_t op = g->node.at[r].op;
    uint32_t n_axes = g->node.at[r].n_attr;
    int64_t at[MAX_RANK], stride[MAX_RANK];
    int64_t *best = ARENA_ARRAY(run->arena, int64_t, out->count + 1), *place = ARENA_ARRAY(run->arena, int64_t, out->count + 1);
    for (int64_t e = 0; e < out->count; e++)
        best[e] = -1;
    value_strides(out, stride);
    for (int64_t e = 0; e < in->count; e++) {
        int64_t to = 0, row = 0;
        value_unravel(in, e, at);
        for (int i = 0, k = 0; i < in->type.rank; i++) {
            bool reduced = false;
            for (uint32_t j = 0; j < n_axes; j++)
                reduced |= graph_attr(g, r, j) == i;
            if (reduced)
                row = row * in->extent[i] + at[i];
            else
                to += at[i] * stride[k++];
        }
        if (op == OP_sum) {
            if (out->f)
                out->f[to] += in->f[e];
            else
                out->i[to] = eval_wrap(out->type.dtype, (int64_t)((uint64_t)out->i[to] + (uint64_t)in->i[e]));
        } else if (best[to] < 0 || better(in, e, best[to])) {
            best[to] = e;
            place[to] = row;
        }
    }
    for (int64_t e = 0; op != OP_sum && e < out->count; e++) {
        if (op == OP_argmax)
            out->i[e] = place[e];
        else if (best[e] < 0) /* of nothing */
            out->f ? (void)(out->f[e] = -INFINITY) : (void)(out->i[e] = 0);
        else
            value_copy(out, e, in, best[e]);
    }
}

/* ---- contractions ---------------------------------------------------------------------------- */

static void eval_dot(const Run *run, Ref r, const TensorValue *in, TensorValue *out)
{
    const Graph *g = run->g;
    int nb = (int)graph_attr(g, r, 0), nc = (int)graph_attr(g, r, 1);
    int64_t sa[MAX_RANK], sb[MAX_RANK], at[MAX_RANK], k_extent[MAX_RANK], k_total = 1;
    int64_t step_a[MAX_RANK] = {0}, step_b[MAX_RANK] = {0}; /* by result axis */
    value_strides(&in[0], sa);
    value_strides(&in[1], sb);
    bool used_a[MAX_RANK] = {0}, used_b[MAX_RANK] = {0};
    int axis = 0;
    for (int i = 0; i < nb; i++, axis++) {
        int64_t x = graph_attr(g, r, (uint32_t)(2 + i)), y = graph_attr(g, r, (uint32_t)(2 + nb + nc + i));
        step_a[axis] = sa[x], step_b[axis] = sb[y], used_a[x] = used_b[y] = true;
    }
    for (int i = 0; i < nc; i++) {
        int64_t x = graph_attr(g, r, (uint32_t)(2 + nb + i)), y = graph_attr(g, r, (uint32_t)(2 + 2 * nb + nc + i));
        used_a[x] = used_b[y] = true;
        k_extent[i] = in[0].extent[x];
        k_total *= k_extent[i];
    }
    for (int i = 0; i < in[0].type.rank; i++)
        if (!used_a[i]) step_a[axis++] = sa[i];
    for (int i = 0; i < in[1].type.rank; i++)
        if (!used_b[i]) step_b[axis++] = sb[i];
    for (int64_t e = 0; e < out->count; e++) {
        int64_t a0 = 0, b0 = 0;
        double sum = 0;
        int64_t whole = 0;
        value_unravel(out, e, at);
        for (int i = 0; i < out->type.rank; i++)
            a0 += at[i] * step_a[i], b0 += at[i] * step_b[i];
        for (int64_t k = 0; k < k_total; k++) {
            int64_t rest = k, a = a0, b = b0;
            for (int i = nc - 1; i >= 0; i--) {
                int64_t c = rest % k_extent[i];
                rest /= k_extent[i];
                a += c * sa[graph_attr(g, r, (uint32_t)(2 + nb + i))];
                b += c * sb[graph_attr(g, r, (uint32_t)(2 + 2 * nb + nc + i))];
            }
            if (out->f)
                sum += in[0].f[a] * in[1].f[b];
            else
                whole += in[0].i[a] * in[1].i[b];
        }
        if (out->f)
            out->f[e] = sum;
        else
            out->i[e] = eval_wrap(out->type.dtype, whole);
    }
}

/* One multiply-add of a convolution for every valid combination, in any mode. */
static void eval_conv(const Run *run, Ref r, const TensorValue *in, TensorValue *out)
{
    Conv c = conv_get(run->g, r);
    const Dims *dims = run->g->module->dims;
    int64_t lo[2], k[2], hw[2], o[2];
    for (int i = 0; i < 2; i++) {
        dim_eval(dims, c.lo[i], run->symbols, &lo[i]);
        dim_eval(dims, c.k[i], run->symbols, &k[i]);
        dim_eval(dims, c.extent[i], run->symbols, &hw[i]);
    }
    const TensorValue *x = c.mode == 1 ? out : &in[0];
    const TensorValue *y = c.mode == 0 ? out : c.mode == 1 ? &in[0] : &in[1];
    for (int i = 0; i < 2; i++)
        o[i] = y->extent[1 + i];
    int64_t channels = x->extent[3], outputs = y->extent[3], cg = channels / c.groups, og = outputs / c.groups;
    for (int64_t n = 0; n < x->extent[0]; n++)
        for (int64_t p = 0; p < o[0] * o[1]; p++)
            for (int64_t t = 0; t < k[0] * k[1]; t++) {
                int64_t h = p / o[1] * c.stride[0] + t / k[1] * c.dil[0] - lo[0], v = p % o[1] * c.stride[1] + t % k[1] * c.dil[1] - lo[1];
                if (h < 0 || h >= hw[0] || v < 0 || v >= hw[1]) continue;
                for (int64_t oc = 0; oc < outputs; oc++)
                    for (int64_t ic = 0; ic < cg; ic++) {
                        int64_t xi = ((n * hw[0] + h) * hw[1] + v) * channels + oc / og * cg + ic;
                        int64_t wi = (t * cg + ic) * outputs + oc, yi = (n * o[0] * o[1] + p) * outputs + oc;
                        if (out->i)
                            out->i[yi] = eval_wrap(out->type.dtype, out->i[yi] + in[0].i[xi] * in[1].i[wi]);
                        else if (c.mode == 0)
                            out->f[yi] += in[0].f[xi] * in[1].f[wi];
                        else if (c.mode == 1)
                            out->f[xi] += in[0].f[yi] * in[1].f[wi];
                        else
                            out->f[wi] += in[0].f[xi] * in[1].f[yi];
                    }
            }
}

typedef struct Item {
    double f;
    int64_t i, place;
} Item;

static int rising(const void *x, const void *y)
{
    const Item *a = x, *b = y;
    if (isnan(a->f) != isnan(b->f)) return isnan(a->f) ? 1 : -1;
    if (a->f != b->f && !isnan(a->f)) return a->f < b->f ? -1 : 1;
    return a->i != b->i ? a->i < b->i ? -1 : 1 : 0;
}

static int rising_stable(const void *x, const void *y)
{
    const Item *a = x, *b = y;
    int order = rising(x, y);
    return order ? order : a->place < b->place ? -1 : 1;
}

static int falling_stable(const void *x, const void *y)
{
    const Item *a = x, *b = y;
    int order = rising(y, x);
    return order ? order : a->place < b->place ? -1 : 1;
}

static void eval_argsort(const Run *run, Ref r, const TensorValue *in, TensorValue *out)
{
    int64_t n = in->extent[in->type.rank - 1];
    Item *item = ARENA_ARRAY(run->arena, Item, n + 1);
    for (int64_t row = 0; row < in->count; row += n) {
        for (int64_t k = 0; k < n; k++)
            item[k] = (Item){in->f ? in->f[row + k] : 0, in->f ? 0 : in->i[row + k], k};
        qsort(item, (size_t)n, sizeof *item, graph_attr(run->g, r, 0) ? falling_stable : rising_stable);
        for (int64_t k = 0; k < n; k++)
            out->i[row + k] = item[k].place;
    }
}

static void eval_indexed(const Run *run, Ref r, const TensorValue *in, TensorValue *out)
{
    if (run->g->node.at[r].op == OP_argsort) {
        eval_argsort(run, r, in, out);
        return;
    }
    if (run->g->node.at[r].op == OP_take) {
        int64_t row = in[0].extent[0] ? in[0].count / in[0].extent[0] : 0;
        for (int64_t i = 0; i < in[1].count; i++) {
            int64_t id = in[1].i[i];
            if (id < 0 || id >= in[0].extent[0]) BUG("take: index %lld of %lld", (long long)id, (long long)in[0].extent[0]);
            for (int64_t k = 0; k < row; k++)
                value_copy(out, i * row + k, &in[0], id * row + k);
        }
        return;
    }
    int64_t row = out->extent[0] ? out->count / out->extent[0] : 0;
    for (int64_t i = 0; i < in[0].count; i++) {
        int64_t id = in[0].i[i];
        if (id < 0 || id >= out->extent[0]) BUG("scatter_add: index %lld of %lld", (long long)id, (long long)out->extent[0]);
        for (int64_t k = 0; k < row; k++)
            if (out->f)
                out->f[id * row + k] += in[1].f[i * row + k];
            else
                out->i[id * row + k] =
                    eval_wrap(out->type.dtype, (int64_t)((uint64_t)out->i[id * row + k] + (uint64_t)in[1].i[i * row + k]));
    }
}

/* ---- structure --------------------------------------------------------------------------- */

static const char *eval_scan(Run *run, Ref r, const TensorValue *in, TensorValue *out)
{
    const Graph *g = run->g, *body = g->module->graph.at[graph_attr(g, r, 0)];
    int64_t n = 0;
    uint32_t n_carries = (uint32_t)graph_attr(g, r, 2), n_xs = (uint32_t)graph_attr(g, r, 3), n_params = g->node.at[r].n_in;
    if (!dim_eval(g->module->dims, (Dim)graph_attr(g, r, 1), run->symbols, &n)) BUG("scan: trip count");
    TensorValue *param = ARENA_ARRAY(run->arena, TensorValue, n_params + 1);
    TensorValue *result = ARENA_ARRAY(run->arena, TensorValue, body->result.n + 1);
    for (uint32_t i = 0; i < n_params; i++)
        param[i] = in[i];
    for (int64_t t = 0; t < n; t++) {
        for (uint32_t i = n_carries; i < n_carries + n_xs; i++) {
            param[i] = tensor_value_new(run->arena, g->module->dims, &body->param.at[i].type, run->symbols);
            for (int64_t e = 0; e < param[i].count; e++)
                value_copy(&param[i], e, &in[i], t * param[i].count + e);
        }
        const char *error = graph_interpret(body, run->symbols, param, result, run->hooks, run->arena);
        if (error) return error;
        for (uint32_t i = 0; i < n_carries; i++)
            param[i] = result[i];
        for (uint32_t i = n_carries; i < body->result.n; i++)
            for (int64_t e = 0; e < result[i].count; e++)
                value_copy(&out[i], t * result[i].count + e, &result[i], e);
    }
    for (uint32_t i = 0; i < n_carries; i++)
        out[i] = param[i];
    return NULL;
}

static const char *eval_structural(Run *run, Ref r, const TensorValue *in, TensorValue *out)
{
    const Graph *g = run->g;
    const Node *n = &g->node.at[r];
    int64_t bound = 0;
    switch (n->op) {
    case OP_scan: return eval_scan(run, r, in, out);
    case OP_call: return graph_interpret(g->module->graph.at[graph_attr(g, r, 0)], run->symbols, in, out, run->hooks, run->arena);
    case OP_stop:
    case OP_mark: out[0] = in[0]; return NULL;
    case OP_expect:
        dim_eval(g->module->dims, (Dim)graph_attr(g, r, 0), run->symbols, &bound);
        for (int64_t e = 0; e < out->count; e++) {
            int64_t v = in->i[e], line = graph_attr(g, r, 1);
            bool bad = v < 0 || v >= bound;
            if (bad && (!run->hooks->fail_line || line < run->hooks->fail_line)) run->hooks->fail_line = line;
            out->i[e] = v < 0 ? 0 : v >= bound ? bound - 1 : v;
        }
        return NULL;
    case OP_probe:
        out[0] = in[0];
        for (int64_t e = 0; e < in->count && graph_attr(g, r, 0) == PROBE_ASSERT; e++)
            if (!in->i[e] && !run->hooks->fail_line) run->hooks->fail_line = graph_attr(g, r, 2);
        return NULL;
    case OP_extern: {
        const char *symbol = g->module->symbol.at[graph_attr(g, r, 0)].name;
        if (run->hooks->external && run->hooks->external(run->hooks->user, symbol, in, n->n_in, out, n->n_out, run->arena)) return NULL;
        return arena_print(run->arena, "extern fn `%s` cannot be evaluated", symbol);
    }
    case OP_update:
        if (!run->hooks->update) return "an update cannot be evaluated";
        run->hooks->update(run->hooks->user, graph_attr(g, r, 0), in, n->n_in, out, n->n_out, run->arena);
        return NULL;
    default: return arena_print(run->arena, "`%s` cannot be evaluated", op_names[n->op]);
    }
}

static const char *eval_node(Run *run, Ref r, const TensorValue *in, TensorValue *out)
{
    int properties = op_properties[run->g->node.at[r].op];
    if (properties & STRUCTURAL) return eval_structural(run, r, in, out);
    if (properties & LEAF)
        eval_leaf(run, r, in, out);
    else if (properties & ELEMENTWISE)
        eval_elementwise(run, r, in, out);
    else if (properties & VIEW)
        interpret_view(run, r, in, out);
    else if (properties & REDUCE)
        eval_reduce(run, r, in, out);
    else if (properties & INDEXED)
        eval_indexed(run, r, in, out);
    else if (run->g->node.at[r].op == OP_dot)
        eval_dot(run, r, in, out);
    else
        eval_conv(run, r, in, out);
    return NULL;
}

static void round_values(TensorValue *v)
{
    if (v->type.dtype == DT_f32)
        for (int64_t e = 0; e < v->count; e++)
            v->f[e] = (float)v->f[e];
}

const char *graph_interpret(const Graph *g, const int64_t *symbols, const TensorValue *params, TensorValue *out, InterpretHooks *hooks,
                            Arena *arena)
{
    InterpretHooks none = {0};
    if (!params && g->param.n) BUG("%s: interpreted without params", g->name);
    Run run = {.g = g, .symbols = symbols, .hooks = hooks ? hooks : &none, .arena = arena};
    TensorValue **value = ARENA_ARRAY(arena, TensorValue *, g->node.n + 1);
    bool *live = graph_live(g, arena);
    for (uint32_t i = 0; i < g->param.n; i++) {
        value[g->param.at[i].ref] = ARENA_NEW(arena, TensorValue);
        *value[g->param.at[i].ref] = params[i];
    }
    for (Ref r = 1; r < g->node.n; r++) {
        const Node *n = &g->node.at[r];
        if (!live[r] || n->op == OP_param) continue;
        if (n->op == OP_proj) {
            value[r] = &value[graph_in(g, r, 0)][graph_attr(g, r, 0)];
            continue;
        }
        TensorValue *in = ARENA_ARRAY(arena, TensorValue, n->n_in + 1);
        for (uint32_t i = 0; i < n->n_in; i++)
            in[i] = *value[graph_in(g, r, i)];
        value[r] = ARENA_ARRAY(arena, TensorValue, n->n_out);
        for (uint32_t i = 0; i < n->n_out; i++)
            value[r][i] = tensor_value_new(arena, g->module->dims, graph_out_type(g, r, i), symbols);
        const char *error = eval_node(&run, r, in, value[r]);
        if (error) return error;
        for (uint32_t i = 0; run.hooks->round_f32 && i < n->n_out; i++)
            round_values(&value[r][i]);
        if (run.hooks->after) run.hooks->after(run.hooks->user, g, r, in, value[r]);
    }
    for (uint32_t i = 0; i < g->result.n; i++)
        out[i] = *value[g->result.at[i].ref];
    return NULL;
}
