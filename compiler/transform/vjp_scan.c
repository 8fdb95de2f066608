/* SPDX-License-Identifier: MIT
 * vjp_scan.c: the derivative of scan, and of call.
 *
 * The body is differentiated once, in a joint graph: its own nodes, params for the cotangents of
 * its results, then the gradients. That graph is cut in two. What the backward half needs of the
 * forward half is saved: a second forward scan ("saving") emits it; the scan pass merges this scan
 * with the first one. The backward half becomes the body of a scan over the reversed time, with the
 * cotangents of the carries and the sums of the constants' gradients as carries.
 *
 * Not saved are params that are there anyway (slices, constants), loop invariants, and cheap
 * operations on such and on saved values: these are computed again. */
#include "transform/copy.h"
#include "transform/vjp.h"

typedef struct ScanGrad {
    Vjp *v;
    Arena *scratch;
    Graph *g, *joint;
    const Graph *body;
    Dim n;
    uint32_t n_carries, n_xs, n_ys, n_in;
    Ref *in;             /* operands in g */
    bool *active;        /* carries with a cotangent in the loop */
    bool *want;          /* operands that get a gradient */
    Ref *param, *result; /* of the body, in the joint graph */
    Ref *dcarry, *dy;    /* params of the joint graph: cotangents of the results */
    Ref *grad;           /* per operand, in the joint graph */
    uint32_t n_forward;  /* joint nodes below belong to the body itself */
    bool *stale;         /* joint params (and views) that are overwritten before backward runs */
    bool *back;          /* joint nodes that depend on a cotangent */
    bool *inv;           /* joint nodes that depend on constants only */
    bool *again;         /* forward nodes computed again in the backward body */
    VEC(Ref) saved;      /* forward nodes emitted by the saving scan */
    VEC(Ref) saved_at;   /* their stacks in g */
} ScanGrad;

/* ---- activity ----------------------------------------------------------------------------------
 */

/* Carries that depend on something wanted, to a fixed point over the loop. */
static void find_varied(ScanGrad *s, bool *carry, const bool *operand)
{
    const Graph *b = s->body;
    for (bool changed = true; changed;) {
        changed = false;
        bool *varied = ARENA_ARRAY(s->scratch, bool, b->node.n + 1);
        for (uint32_t i = 0; i < s->n_in; i++)
            varied[b->param.at[i].ref] = i < s->n_carries ? carry[i] : operand[i];
        vjp_varied(b, varied, b->node.n);
        for (uint32_t i = 0; i < s->n_carries; i++) {
            if (carry[i] || !varied[b->result.at[i].ref]) continue;
            carry[i] = changed = true;
        }
    }
}

/* Carries that reach a result with a cotangent, to a fixed point over the loop. */
static void find_useful(ScanGrad *s, bool *carry)
{
    const Graph *b = s->body;
    for (bool changed = true; changed;) {
        changed = false;
        bool *useful = ARENA_ARRAY(s->scratch, bool, b->node.n + 1);
        for (uint32_t i = 0; i < s->n_carries + s->n_ys; i++)
            if (i < s->n_carries ? carry[i] : s->v->cot[i] != 0) useful[b->result.at[i].ref] = true;
        for (Ref r = b->node.n - 1; r > 0; r--) {
            if (!useful[r] || !vjp_passes(b, r)) continue;
            for (uint32_t i = 0; i < graph_node(b, r)->n_in; i++)
                useful[graph_in(b, r, i)] = true;
        }
        for (uint32_t i = 0; i < s->n_carries; i++) {
            if (carry[i] || !useful[b->param.at[i].ref]) continue;
            carry[i] = changed = true;
        }
    }
}

static bool is_float(const Graph *g, Ref r)
{
    return dtype_is_float(graph_type(g, r)->dtype);
}

static void find_active(ScanGrad *s)
{
    bool *varied = ARENA_ARRAY(s->scratch, bool, s->n_in + 1);
    bool *useful = ARENA_ARRAY(s->scratch, bool, s->n_in + 1);
    s->active = ARENA_ARRAY(s->scratch, bool, s->n_in + 1);
    s->want = ARENA_ARRAY(s->scratch, bool, s->n_in + 1);
    for (uint32_t i = 0; i < s->n_in; i++)
        s->want[i] = s->v->want[i] && is_float(s->g, s->in[i]);
    for (uint32_t i = 0; i < s->n_carries; i++) {
        varied[i] = s->want[i];
        useful[i] = s->v->cot[i] != 0;
    }
    find_varied(s, varied, s->want);
    find_useful(s, useful);
    for (uint32_t i = 0; i < s->n_carries; i++)
        s->active[i] = varied[i] && useful[i] && is_float(s->g, s->in[i]);
}

/* ---- the joint graph ---------------------------------------------------------------------------
 */

static void make_joint(ScanGrad *s)
{
    Graph *j = s->joint = graph_new(s->g->module, "joint");
    uint32_t n_results = s->n_carries + s->n_ys;
    s->param = ARENA_ARRAY(s->scratch, Ref, s->n_in + 1);
    s->result = ARENA_ARRAY(s->scratch, Ref, n_results + 1);
    for (uint32_t i = 0; i < s->n_in; i++)
        s->param[i] = copy_param(j, s->body, i);
    build_inline(j, s->body, s->param, s->result);
    s->n_forward = j->node.n;
    s->dcarry = ARENA_ARRAY(s->scratch, Ref, s->n_carries + 1);
    s->dy = ARENA_ARRAY(s->scratch, Ref, s->n_ys + 1);
    for (uint32_t i = 0; i < s->n_carries; i++)
        if (s->active[i]) s->dcarry[i] = build_param(j, PARAM_CARRY, "", s->body->param.at[i].type, i);
    for (uint32_t k = 0; k < s->n_ys; k++) {
        if (!s->v->cot[s->n_carries + k]) continue;
        Type type = *graph_type(j, s->result[s->n_carries + k]);
        s->dy[k] = build_param(j, PARAM_XS, "", type, k);
    }
}

/* Constants whose outer value is overwritten, and views of them. */
static void find_stale(ScanGrad *s)
{
    Graph *j = s->joint;
    s->stale = ARENA_ARRAY(s->scratch, bool, j->node.n + 1);
    const Autodiff *ad = s->v->ad;
    for (uint32_t i = s->n_carries + s->n_xs; i < s->n_in; i++)
        if (s->in[i] < ad->n_stale && ad->stale[s->in[i]]) s->stale[s->param[i]] = true;
    for (Ref r = 1; r < s->n_forward; r++) {
        if (!(op_properties[graph_node(j, r)->op] & VIEW)) continue;
        for (uint32_t i = 0; i < graph_node(j, r)->n_in; i++)
            s->stale[r] |= s->stale[graph_in(j, r, i)];
    }
}

static void differentiate_body(ScanGrad *s)
{
    uint32_t n_results = s->n_carries + s->n_ys, n = 0;
    Ref *cot = ARENA_ARRAY(s->scratch, Ref, n_results + 1);
    Ref *wrt = ARENA_ARRAY(s->scratch, Ref, s->n_in + 1);
    uint32_t *operand = ARENA_ARRAY(s->scratch, uint32_t, s->n_in + 1);
    for (uint32_t i = 0; i < s->n_carries; i++)
        cot[i] = s->dcarry[i];
    for (uint32_t k = 0; k < s->n_ys; k++)
        cot[s->n_carries + k] = s->dy[k];
    for (uint32_t i = 0; i < s->n_in; i++) {
        if (i < s->n_carries ? !s->active[i] : !s->want[i]) continue;
        operand[n] = i;
        wrt[n++] = s->param[i];
    }
    find_stale(s);
    Autodiff inner = {.g = s->joint, .scratch = s->scratch, .stale = s->stale, .n_stale = s->n_forward};
    Ref *grads = ARENA_ARRAY(s->scratch, Ref, n + 1);
    vjp_sweep(&inner, s->result, cot, n_results, wrt, n, grads);
    s->grad = ARENA_ARRAY(s->scratch, Ref, s->n_in + 1);
    for (uint32_t k = 0; k < n; k++)
        s->grad[operand[k]] = grads[k];
}

/* ---- what is saved -----------------------------------------------------------------------------
 */

static int op_of(const ScanGrad *s, Ref r)
{
    return graph_node(s->joint, r)->op;
}

static bool reads_stale(const ScanGrad *s, Ref r)
{
    bool stale = false;
    for (uint32_t i = 0; i < graph_node(s->joint, r)->n_in; i++) {
        Ref in = graph_in(s->joint, r, i);
        stale |= in < s->n_forward && s->stale[in];
    }
    /* A view of an old version is not saved but read: E0508 then says so. */
    return stale && !(op_properties[op_of(s, r)] & VIEW);
}

static bool is_cheap(int op)
{
    int p = op_properties[op];
    return op == OP_random || (p & VIEW) || ((p & ELEMENTWISE) && !(p & COSTLY));
}

static void classify(ScanGrad *s)
{
    Graph *j = s->joint;
    s->back = ARENA_ARRAY(s->scratch, bool, j->node.n + 1);
    s->inv = ARENA_ARRAY(s->scratch, bool, j->node.n + 1);
    s->again = ARENA_ARRAY(s->scratch, bool, j->node.n + 1);
    for (uint32_t i = 0; i < s->n_carries; i++)
        s->back[s->dcarry[i]] = true;
    for (uint32_t k = 0; k < s->n_ys; k++)
        s->back[s->dy[k]] = true;
    s->back[0] = false;
    for (uint32_t i = s->n_carries + s->n_xs; i < s->n_in; i++)
        s->inv[s->param[i]] = true;
    for (Ref r = 1; r < j->node.n; r++) {
        const Node *node = graph_node(j, r);
        if (node->op == OP_param) continue;
        bool inv = node->op != OP_extern;
        for (uint32_t i = 0; i < node->n_in; i++) {
            s->back[r] |= s->back[graph_in(j, r, i)];
            inv &= s->inv[graph_in(j, r, i)];
        }
        s->inv[r] = inv;
    }
}

/* Nodes that only the backward half has, and that it can compute from others. */
static bool only_backward(const ScanGrad *s, Ref r)
{
    int op = op_of(s, r);
    if (s->back[r]) return true;
    return r >= s->n_forward && op != OP_param && op != OP_proj && !op_is_tuple(op) && !reads_stale(s, r);
}

static void need_operands(const ScanGrad *s, bool *need, Ref r)
{
    for (uint32_t i = 0; i < graph_node(s->joint, r)->n_in; i++)
        need[graph_in(s->joint, r, i)] = true;
}

static void need_gradients(const ScanGrad *s, bool *need)
{
    for (uint32_t i = 0; i < s->n_in; i++)
        need[s->grad[i]] = true;
    need[0] = false;
}

/* Decide for every forward node whether the backward body computes it again. */
static void choose_again(ScanGrad *s)
{
    Graph *j = s->joint;
    bool *need = ARENA_ARRAY(s->scratch, bool, j->node.n + 1);
    bool *there = ARENA_ARRAY(s->scratch, bool, j->node.n + 1);
    need_gradients(s, need);
    for (Ref r = j->node.n - 1; r > 0; r--)
        if (need[r] && only_backward(s, r)) need_operands(s, need, r);
    for (Ref r = 1; r < j->node.n; r++) {
        int op = op_of(s, r);
        if (s->back[r]) continue;
        bool stale = reads_stale(s, r), cheap = is_cheap(op) && !stale;
        if (op == OP_param || op_is_literal(op) || (s->inv[r] && !stale)) {
            s->again[r] = there[r] = true;
            continue;
        }
        for (uint32_t i = 0; i < graph_node(j, r)->n_in; i++)
            cheap &= there[graph_in(j, r, i)];
        s->again[r] = cheap || only_backward(s, r);
        there[r] = cheap || need[r];
    }
}

/* Saved: needed forward nodes that are not computed again, and carries. */
static void choose_saved(ScanGrad *s)
{
    Graph *j = s->joint;
    bool *need = ARENA_ARRAY(s->scratch, bool, j->node.n + 1);
    need_gradients(s, need);
    for (Ref r = j->node.n - 1; r > 0; r--)
        if (need[r] && (s->back[r] || s->again[r])) need_operands(s, need, r);
    for (Ref r = 1; r < j->node.n; r++)
        if (need[r] && !s->back[r] && !s->again[r]) vec_add(s->scratch, &s->saved, r);
    for (uint32_t i = 0; i < s->n_carries; i++)
        if (need[s->param[i]]) vec_add(s->scratch, &s->saved, s->param[i]);
}

/* ---- the saving scan ---------------------------------------------------------------------------
 */

/* Copy the joint nodes that `live` marks; params and others already in map stay. */
static void copy_marked(const Graph *from, Graph *to, Arena *scratch, const bool *live, Ref *map)
{
    for (Ref r = 1; r < from->node.n; r++) {
        if (!live[r] || map[r]) continue;
        const Node *node = graph_node(from, r);
        Ref *in = ARENA_ARRAY(scratch, Ref, node->n_in + 1);
        for (uint32_t i = 0; i < node->n_in; i++)
            in[i] = map[graph_in(from, r, i)];
        map[r] = copy_plain(to, from, r, in);
    }
}

/* Which result of the body is this value, or -1. */
static int64_t emitted_as(const ScanGrad *s, Ref r)
{
    for (uint32_t k = 0; k < s->n_ys; k++)
        if (s->result[s->n_carries + k] == r) return s->n_carries + k;
    return -1;
}

static Graph *make_saving_body(ScanGrad *s)
{
    Graph *j = s->joint, *b = graph_new(j->module, s->body->name);
    bool *live = ARENA_ARRAY(s->scratch, bool, j->node.n + 1);
    Ref *map = ARENA_ARRAY(s->scratch, Ref, j->node.n + 1);
    uint32_t n_results = s->n_carries + s->n_ys;
    for (uint32_t i = 0; i < s->n_in; i++)
        map[s->param[i]] = copy_param(b, s->body, i);
    for (uint32_t i = 0; i < n_results; i++)
        live[s->result[i]] = true;
    for (uint32_t i = 0; i < s->saved.n; i++)
        live[s->saved.at[i]] = true;
    for (Ref r = j->node.n - 1; r > 0; r--)
        if (live[r]) need_operands(s, live, r);
    copy_marked(j, b, s->scratch, live, map);
    for (uint32_t i = 0; i < n_results; i++)
        build_result(b, map[s->result[i]], "", -1);
    for (uint32_t i = 0; i < s->saved.n; i++)
        if (emitted_as(s, s->saved.at[i]) < 0) build_result(b, map[s->saved.at[i]], "", -1);
    return b;
}

static void make_saving_scan(ScanGrad *s)
{
    Graph *g = s->g;
    uint32_t at = s->n_carries + s->n_ys, n_new = 0;
    for (uint32_t i = 0; i < s->saved.n; i++)
        n_new += emitted_as(s, s->saved.at[i]) < 0;
    Ref scan = s->v->node;
    if (n_new) {
        Graph *body = make_saving_body(s);
        scan = build_scan(g, body->id, s->n, (int)s->n_carries, (int)s->n_xs, s->in, s->n_in);
        vec_add(s->scratch, &s->v->ad->saving, scan);
    }
    for (uint32_t i = 0; i < s->saved.n; i++) {
        int64_t k = emitted_as(s, s->saved.at[i]);
        Ref stack = build_proj(g, scan, k >= 0 ? (uint32_t)k : at++);
        vec_add(s->scratch, &s->saved_at, stack);
    }
}

/* ---- the reverse scan --------------------------------------------------------------------------
 */

typedef struct Reverse {
    Graph *body;
    Ref *map; /* joint -> body */
    VEC(Ref) carries, xs, consts;
    uint32_t n_dcarries;
} Reverse;

static bool *needed_backward(ScanGrad *s)
{
    bool *need = ARENA_ARRAY(s->scratch, bool, s->joint->node.n + 1);
    need_gradients(s, need);
    for (Ref r = s->joint->node.n - 1; r > 0; r--)
        if (need[r] && (s->back[r] || s->again[r])) need_operands(s, need, r);
    return need;
}

static Ref zeros(Graph *g, Type type)
{
    return build_const(g, type, 0);
}

/* Params of the backward body in order, and the operands that feed them. */
static void make_reverse_params(ScanGrad *s, Reverse *r, const bool *need, Ref *sums)
{
    Graph *g = s->g, *b = r->body, *j = s->joint;
    Arena *a = s->scratch;
    for (uint32_t i = 0; i < s->n_carries; i++) {
        if (!s->active[i]) continue;
        Type type = *graph_type(j, s->param[i]);
        r->map[s->dcarry[i]] = build_param(b, PARAM_CARRY, "", type, r->n_dcarries++);
        vec_add(a, &r->carries, s->v->cot[i] ? s->v->cot[i] : zeros(g, type));
    }
    for (uint32_t i = s->n_carries + s->n_xs; i < s->n_in; i++) {
        if (!s->grad[i]) continue;
        Type type = *graph_type(j, s->param[i]);
        sums[i] = build_param(b, PARAM_CARRY, "", type, r->carries.n);
        vec_add(a, &r->carries, zeros(g, type));
    }
    for (uint32_t k = 0; k < s->n_ys; k++) {
        if (!s->dy[k]) continue;
        r->map[s->dy[k]] = build_param(b, PARAM_XS, "", *graph_type(j, s->dy[k]), r->xs.n);
        vec_add(a, &r->xs, build_flip(g, s->v->cot[s->n_carries + k]));
    }
    for (uint32_t i = 0; i < s->saved.n; i++) {
        r->map[s->saved.at[i]] = build_param(b, PARAM_XS, "", *graph_type(j, s->saved.at[i]), r->xs.n);
        vec_add(a, &r->xs, build_flip(g, s->saved_at.at[i]));
    }
    for (uint32_t i = s->n_carries; i < s->n_carries + s->n_xs; i++) {
        if (!need[s->param[i]]) continue;
        r->map[s->param[i]] = build_param(b, PARAM_XS, "", *graph_type(j, s->param[i]), r->xs.n);
        vec_add(a, &r->xs, build_flip(g, s->in[i]));
    }
    for (uint32_t i = s->n_carries + s->n_xs; i < s->n_in; i++) {
        if (!need[s->param[i]]) continue;
        r->map[s->param[i]] = build_param(b, PARAM_CONST, "", *graph_type(j, s->param[i]), r->consts.n);
        vec_add(a, &r->consts, s->in[i]);
    }
}

/* Does the value shrink from step to step: is it a product with something that depends on a cotangent? */
static bool is_product(ScanGrad *s, Ref r)
{
    bool *from = ARENA_ARRAY(s->scratch, bool, r + 1);
    from[r] = true;
    for (; r > 0; r--) {
        int op = op_of(s, r);
        if (!from[r] || !s->back[r] || op == OP_param) continue;
        if (op == OP_mul || op == OP_div || (op_properties[op] & CONTRACT)) return true;
        for (uint32_t i = 0; i < graph_node(s->joint, r)->n_in; i++)
            from[graph_in(s->joint, r, i)] = true;
    }
    return false;
}

/* What backward steps hand on counts as 0 where it is next to denormal: gradients that vanish over many steps would stay at the
 * least denormal number for ever, and a processor may take a hundred cycles for each. 2^26 above, since the next factors make it
 * smaller still. NaN stays. */
static Ref without_denormals(ScanGrad *s, Graph *b, Ref joint, Ref grad)
{
    Type type = *graph_type(b, grad);
    if (!is_product(s, joint)) return grad;
    b->flags = NODE_GRAD;
    return build_binary(b, OP_flush, grad, build_const(b, type, type.dtype == DT_f64 ? 0x1p-996 : 0x1p-100));
}

/* Results of the backward body: cotangents of the carries, sums, gradients of the slices. */
static void make_reverse_results(ScanGrad *s, Reverse *r, const Ref *sums)
{
    Graph *b = r->body;
    for (uint32_t i = 0; i < s->n_carries; i++) {
        if (!s->active[i]) continue;
        Ref grad = s->grad[i] ? without_denormals(s, b, s->grad[i], r->map[s->grad[i]]) : zeros(b, *graph_type(s->joint, s->param[i]));
        build_result(b, grad, "", -1);
    }
    for (uint32_t i = s->n_carries + s->n_xs; i < s->n_in; i++) {
        if (!s->grad[i]) continue;
        b->flags = NODE_GRAD;
        build_result(b, build_binary(b, OP_add, sums[i], r->map[s->grad[i]]), "", -1);
    }
    for (uint32_t i = s->n_carries; i < s->n_carries + s->n_xs; i++)
        if (s->grad[i]) build_result(b, without_denormals(s, b, s->grad[i], r->map[s->grad[i]]), "", -1);
}

static void make_reverse_scan(ScanGrad *s)
{
    Graph *g = s->g;
    Reverse r = {.body = graph_new(g->module, "scan_grad")};
    r.map = ARENA_ARRAY(s->scratch, Ref, s->joint->node.n + 1);
    Ref *sums = ARENA_ARRAY(s->scratch, Ref, s->n_in + 1);
    bool *need = needed_backward(s);
    make_reverse_params(s, &r, need, sums);
    copy_marked(s->joint, r.body, s->scratch, need, r.map);
    make_reverse_results(s, &r, sums);
    VEC(Ref) in = {0};
    for (uint32_t i = 0; i < r.carries.n; i++)
        vec_add(s->scratch, &in, r.carries.at[i]);
    for (uint32_t i = 0; i < r.xs.n; i++)
        vec_add(s->scratch, &in, r.xs.at[i]);
    for (uint32_t i = 0; i < r.consts.n; i++)
        vec_add(s->scratch, &in, r.consts.at[i]);
    Ref scan = build_scan(g, r.body->id, s->n, (int)r.carries.n, (int)r.xs.n, in.at, in.n);
    uint32_t k = 0;
    for (uint32_t i = 0; i < s->n_carries; i++)
        if (s->active[i]) s->v->out[i] = build_proj(g, scan, k++);
    for (uint32_t i = s->n_carries + s->n_xs; i < s->n_in; i++)
        if (s->grad[i]) s->v->out[i] = build_proj(g, scan, k++);
    for (uint32_t i = s->n_carries; i < s->n_carries + s->n_xs; i++)
        if (s->grad[i]) s->v->out[i] = build_flip(g, build_proj(g, scan, k++));
}

void vjp_scan(Vjp *v)
{
    Graph *g = v->g;
    const Node *node = graph_node(g, v->node);
    ScanGrad s = {.v = v, .scratch = v->ad->scratch, .g = g, .n_in = node->n_in};
    s.body = g->module->graph.at[graph_attr(g, v->node, 0)];
    s.n = (Dim)graph_attr(g, v->node, 1);
    s.n_carries = (uint32_t)graph_attr(g, v->node, 2);
    s.n_xs = (uint32_t)graph_attr(g, v->node, 3);
    s.n_ys = s.body->result.n - s.n_carries;
    s.in = ARENA_ARRAY(s.scratch, Ref, s.n_in + 1);
    for (uint32_t i = 0; i < s.n_in; i++)
        s.in[i] = graph_in(g, v->node, i);
    find_active(&s);
    make_joint(&s);
    differentiate_body(&s);
    bool any = false;
    for (uint32_t i = 0; i < s.n_in; i++)
        any |= s.grad[i] != 0 || (i < s.n_carries && s.active[i]);
    if (!any) return;
    classify(&s);
    choose_again(&s);
    choose_saved(&s);
    make_saving_scan(&s);
    make_reverse_scan(&s);
}

/* ---- call --------------------------------------------------------------------------------------
 */

/* The grad block: operands of the callee, its results, cotangents of its results. */
static void call_own_gradient(Vjp *v, const Graph *callee)
{
    Graph *g = v->g;
    const Graph *grad = g->module->graph.at[callee->vjp];
    uint32_t n_in = graph_node(g, v->node)->n_in, n_out = callee->result.n, n = 0;
    Ref *in = ARENA_ARRAY(v->ad->scratch, Ref, n_in + 2 * n_out + 1);
    for (uint32_t i = 0; i < n_in; i++)
        in[n++] = vjp_in(v, i);
    for (uint32_t i = 0; i < n_out; i++)
        in[n++] = build_proj(g, v->node, i);
    for (uint32_t i = 0; i < n_out; i++)
        in[n++] = v->cot[i] ? v->cot[i] : zeros(g, *graph_out_type(g, v->node, i));
    if (n != grad->param.n) BUG("grad block with %u params for %u values", grad->param.n, n);
    Ref *out = ARENA_ARRAY(v->ad->scratch, Ref, grad->result.n + 1);
    build_inline(g, grad, in, out);
    uint32_t k = 0;
    for (uint32_t i = 0; i < n_in; i++)
        if (dtype_is_float(callee->param.at[i].type.dtype)) v->out[i] = out[k++];
}

/* Without a grad block: through the callee's nodes. An operand given twice gets its gradient once.
 */
static void call_inline(Vjp *v, const Graph *callee)
{
    Graph *g = v->g;
    uint32_t n_in = graph_node(g, v->node)->n_in;
    Ref *in = ARENA_ARRAY(v->ad->scratch, Ref, n_in + 1);
    Ref *grads = ARENA_ARRAY(v->ad->scratch, Ref, n_in + 1);
    Ref *out = ARENA_ARRAY(v->ad->scratch, Ref, callee->result.n + 1);
    for (uint32_t i = 0; i < n_in; i++)
        in[i] = vjp_in(v, i);
    build_inline(g, callee, in, out);
    vjp_sweep(v->ad, out, v->cot, callee->result.n, in, n_in, grads);
    for (uint32_t i = 0; i < n_in; i++) {
        bool again = false;
        for (uint32_t k = 0; k < i; k++)
            again |= in[k] == in[i];
        if (!again) v->out[i] = grads[i];
    }
}

void vjp_call(Vjp *v)
{
    const Graph *callee = v->g->module->graph.at[graph_attr(v->g, v->node, 0)];
    if (callee->vjp >= 0)
        call_own_gradient(v, callee);
    else
        call_inline(v, callee);
}
