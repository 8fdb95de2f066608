/* SPDX-License-Identifier: MIT
 * loop.c: splitting a scan into what is before, in and after the loop (see loop.h).
 *
 * First every live node of the body is classified; then one sweep from the results down says in
 * which forms each node is wanted; then the nodes are made in index order: plain values and stacks
 * before the loop, the new body, stacks and sums after it. */
#include "transform/loop.h"

static int op_of(const Loop *l, Ref v)
{
    return graph_node(l->body, v)->op;
}

static uint32_t n_in_of(const Loop *l, Ref v)
{
    return graph_node(l->body, v)->n_in;
}

static Ref result_of(const Loop *l, uint32_t i)
{
    return l->body->result.at[i].ref;
}

static Ref param_of(const Loop *l, uint32_t i)
{
    return l->body->param.at[i].ref;
}

static bool is_view(const Loop *l, Ref v)
{
    return op_properties[op_of(l, v)] & VIEW;
}

/* Worth computing in the loop where its operands are there: elementwise, and joining of parts. */
static bool is_joining(const Loop *l, Ref v)
{
    return (op_properties[op_of(l, v)] & ELEMENTWISE) || op_of(l, v) == OP_concat;
}

/* Carries that stay carries. */
static bool stays(const Loop *l, uint32_t carry)
{
    return !l->same[carry] && !l->acc[carry].is;
}

/* ---- accumulators ------------------------------------------------------------------------------
 */

typedef struct UseCount {
    uint32_t *n;   /* uses by nodes and results */
    Ref *user;     /* the last node that uses it */
} UseCount;

static UseCount count_uses(const Loop *l)
{
    const Graph *b = l->body;
    bool *live = graph_live(b, l->scratch);
    UseCount u = {ARENA_ARRAY(l->scratch, uint32_t, b->node.n + 1), ARENA_ARRAY(l->scratch, Ref, b->node.n + 1)};
    for (Ref r = 1; r < b->node.n; r++) {
        if (!live[r]) continue;
        for (uint32_t i = 0; i < graph_node(b, r)->n_in; i++) {
            u.n[graph_in(b, r, i)]++;
            u.user[graph_in(b, r, i)] = r;
        }
    }
    for (uint32_t i = 0; i < b->result.n; i++)
        u.n[b->result.at[i].ref]++;
    return u;
}

/* Follow the carry through additions that nothing else reads, up to its result. */
static void find_accumulator(Loop *l, const UseCount *u, uint32_t carry)
{
    VEC(SumTerm) terms = {0};
    Ref at = param_of(l, carry), end = result_of(l, carry);
    while (at != end) {
        Ref user = u->user[at];
        if (u->n[at] != 1 || !user) return;
        Ref a = graph_in(l->body, user, 0), b = n_in_of(l, user) > 1 ? graph_in(l->body, user, 1) : 0;
        int op = op_of(l, user);
        if (op != OP_add && !(op == OP_sub && at == a)) return;
        vec_add(l->scratch, &terms, (SumTerm){at == a ? b : a, op == OP_sub});
        at = user;
    }
    if (u->n[at] != 1 || !terms.n) return; /* the sums on the way are read */
    l->acc[carry] = (Accumulator){.is = true, .n = terms.n, .term = terms.at};
}

/* Nodes read by nothing but a sum over time: these need not be possible for all steps at once. */
static void find_sum_only(Loop *l, const UseCount *u)
{
    for (uint32_t i = 0; i < l->n_carries; i++)
        for (uint32_t k = 0; k < l->acc[i].n; k++)
            if (u->n[l->acc[i].term[k].ref] == 1) l->sum_only[l->acc[i].term[k].ref] = true;
    for (Ref v = l->body->node.n - 1; v > 0; v--) {
        if (!l->sum_only[v]) continue;
        int op = op_of(l, v);
        if (!batch_sum_passes(l, v)) l->sum_only[v] = false;
        if (!l->sum_only[v] || op == OP_scatter_add || op == OP_conv) continue;
        for (uint32_t i = 0; i < n_in_of(l, v); i++)
            if (u->n[graph_in(l->body, v, i)] == 1) l->sum_only[graph_in(l->body, v, i)] = true;
    }
}

/* ---- classes -----------------------------------------------------------------------------------
 */

static void mark_live(Loop *l)
{
    for (uint32_t i = 0; i < l->body->result.n; i++)
        if (i >= l->n_carries || stays(l, i)) l->live[result_of(l, i)] = true;
    for (uint32_t i = 0; i < l->n_carries; i++)
        for (uint32_t k = 0; k < l->acc[i].n; k++)
            l->live[l->acc[i].term[k].ref] = true;
    for (Ref v = l->body->node.n - 1; v > 0; v--)
        for (uint32_t i = 0; l->live[v] && i < n_in_of(l, v); i++)
            l->live[graph_in(l->body, v, i)] = true;
}

/* An operand that has the same value in every step: that value, or 0. */
static Ref constant_in_time(Loop *l, Ref x)
{
    Graph *g = l->g;
    Type type = type_unstacked(*graph_type(g, x));
    int op = graph_node(g, x)->op, axes[MAX_RANK];
    if (op == OP_const) {
        if (!dtype_is_float(type.dtype)) return build_const_int(g, type, graph_attr(g, x, 0));
        union {
            int64_t i;
            double f;
        } u = {.i = graph_attr(g, x, 0)};
        return build_const(g, type, u.f);
    }
    if (op != OP_broadcast) return 0;
    Ref in = graph_in(g, x, 0);
    int rank = graph_type(g, in)->rank;
    for (int i = 0; i < rank; i++) {
        axes[i] = (int)graph_attr(g, x, (uint32_t)i) - 1;
        if (axes[i] < 0) return 0;
    }
    return build_broadcast(g, in, type, axes);
}

static void classify_params(Loop *l)
{
    for (uint32_t i = 0; i < l->n_in; i++) {
        Ref v = param_of(l, i);
        if (i < l->n_carries) {
            l->plain[v] = l->same[i];
            l->plain_ref[v] = l->same[i] ? l->in[i] : 0;
            l->dep[v] = l->core[v] = stays(l, i);
        } else if (i < l->n_carries + l->n_xs) {
            if (!l->live[v]) continue;
            l->plain_ref[v] = constant_in_time(l, l->in[i]);
            l->plain[v] = l->plain_ref[v] != 0;
            if (!l->plain[v]) l->stack_ref[v] = l->reversed ? build_flip(l->g, l->in[i]) : l->in[i];
        } else {
            l->plain[v] = true;
            l->plain_ref[v] = l->in[i];
        }
    }
}

static bool batches(const Loop *l, Ref v)
{
    return l->sum_only[v] || batch_possible(l, v);
}

static void classify_nodes(Loop *l)
{
    for (Ref v = 1; v < l->body->node.n; v++) {
        int op = op_of(l, v), p = op_properties[op];
        if (!l->live[v] || op == OP_param) continue;
        bool plain = true, dep = false, heavy = false;
        for (uint32_t i = 0; i < n_in_of(l, v); i++) {
            Ref in = graph_in(l->body, v, i);
            plain &= l->plain[in];
            dep |= l->dep[in];
            heavy |= l->heavy[in];
        }
        l->plain[v] = plain;
        if (plain) continue;
        l->dep[v] = dep || !batches(l, v);
        bool cheap = (p & VIEW) || op == OP_random || op == OP_expect || ((p & ELEMENTWISE) && !(p & COSTLY));
        l->heavy[v] = heavy || !cheap;
    }
}

/* The cycle through the carries, and what cannot be done for all steps at once. */
static void find_core(Loop *l)
{
    bool *shapes = ARENA_ARRAY(l->scratch, bool, l->body->node.n + 1);
    for (uint32_t i = 0; i < l->n_carries; i++)
        if (stays(l, i)) shapes[result_of(l, i)] = true;
    for (Ref v = l->body->node.n - 1; v > 0; v--) {
        if (!l->live[v] || !l->dep[v]) continue;
        if (!shapes[v] && (l->core[v] || batches(l, v))) continue;
        l->core[v] = true;
        for (uint32_t i = 0; i < n_in_of(l, v); i++)
            shapes[graph_in(l->body, v, i)] = true;
    }
}

/* An elementwise (or joined) post value that reads only core values and slices of its step is
 * cheaper in the loop: the loop then stacks one value and not its operands. */
static void sink_joining(Loop *l)
{
    bool *sinks = ARENA_ARRAY(l->scratch, bool, l->body->node.n + 1);
    for (Ref v = 1; v < l->body->node.n; v++) {
        if (!l->live[v] || !l->dep[v] || l->core[v]) continue;
        if (l->sum_only[v] || !(is_joining(l, v) || is_view(l, v))) continue;
        sinks[v] = true;
        for (uint32_t i = 0; i < n_in_of(l, v); i++) {
            Ref in = graph_in(l->body, v, i);
            sinks[v] &= l->plain[in] || l->core[in] || sinks[in] || (op_of(l, in) == OP_param && !l->dep[in]);
        }
    }
    for (Ref v = l->body->node.n - 1; v > 0; v--) {
        if (sinks[v] && is_joining(l, v)) l->core[v] = true;
        if (!l->core[v] || !l->live[v]) continue;
        for (uint32_t i = 0; i < n_in_of(l, v); i++)
            if (sinks[graph_in(l->body, v, i)]) l->core[graph_in(l->body, v, i)] = true;
    }
}

static void classify(Loop *l)
{
    uint32_t n = l->body->node.n + 1;
    l->acc = ARENA_ARRAY(l->scratch, Accumulator, l->n_carries + 1);
    l->same = ARENA_ARRAY(l->scratch, bool, l->n_carries + 1);
    l->live = ARENA_ARRAY(l->scratch, bool, n);
    l->plain = ARENA_ARRAY(l->scratch, bool, n);
    l->dep = ARENA_ARRAY(l->scratch, bool, n);
    l->heavy = ARENA_ARRAY(l->scratch, bool, n);
    l->core = ARENA_ARRAY(l->scratch, bool, n);
    l->sum_only = ARENA_ARRAY(l->scratch, bool, n);
    l->want = ARENA_ARRAY(l->scratch, uint8_t, n);
    l->plain_ref = ARENA_ARRAY(l->scratch, Ref, n);
    l->stack_ref = ARENA_ARRAY(l->scratch, Ref, n);
    l->core_ref = ARENA_ARRAY(l->scratch, Ref, n);
    l->sum_ref = ARENA_ARRAY(l->scratch, Ref, n);
    UseCount u = count_uses(l);
    for (uint32_t i = 0; i < l->n_carries; i++) {
        l->same[i] = result_of(l, i) == param_of(l, i);
        if (!l->same[i]) find_accumulator(l, &u, i);
    }
    mark_live(l);
    find_sum_only(l, &u);
    classify_params(l);
    classify_nodes(l);
    find_core(l);
    sink_joining(l);
}

/* ---- which forms are wanted --------------------------------------------------------------------
 */

/* Made in the loop again instead of read from a stack or a constant. */
static bool cloned(const Loop *l, Ref v)
{
    if (op_of(l, v) == OP_param) return false;
    if (l->plain[v]) return op_is_literal(op_of(l, v)) || is_view(l, v);
    return l->core[v] || is_view(l, v) || !l->heavy[v];
}

static void want_operands(Loop *l, Ref v, uint8_t form)
{
    for (uint32_t i = 0; i < n_in_of(l, v); i++) {
        Ref in = graph_in(l->body, v, i);
        l->want[in] |= form == WANT_STACK && l->plain[in] ? WANT_PLAIN : form;
    }
}

static void want_form(Loop *l, Ref v)
{
    bool param = op_of(l, v) == OP_param;
    if (l->want[v] & WANT_SUM) batch_want_sum(l, v);
    if ((l->want[v] & WANT_STACK) && !param) {
        if (l->plain[v])
            l->want[v] |= WANT_PLAIN;
        else if (l->core[v])
            l->want[v] |= WANT_CORE;
        else
            want_operands(l, v, WANT_STACK);
    }
    if ((l->want[v] & WANT_STACK) && param && l->core[v]) l->want[v] |= WANT_CORE;
    if (l->want[v] & WANT_CORE) {
        if (cloned(l, v))
            want_operands(l, v, WANT_CORE);
        else if (l->plain[v])
            l->want[v] |= WANT_PLAIN;
        else if (!param)
            want_operands(l, v, WANT_STACK);
    }
    if ((l->want[v] & WANT_PLAIN) && !param) want_operands(l, v, WANT_PLAIN);
}

static void find_wanted(Loop *l)
{
    for (uint32_t i = 0; i < l->body->result.n; i++) {
        Ref v = result_of(l, i);
        if (i >= l->n_carries)
            l->want[v] |= l->plain[v] ? WANT_PLAIN : WANT_STACK;
        else if (stays(l, i))
            l->want[v] |= WANT_CORE;
    }
    for (uint32_t i = 0; i < l->n_carries; i++)
        for (uint32_t k = 0; k < l->acc[i].n; k++)
            l->want[l->acc[i].term[k].ref] |= WANT_SUM;
    for (Ref v = l->body->node.n - 1; v > 0; v--)
        if (l->want[v]) want_form(l, v);
}

/* ---- making ------------------------------------------------------------------------------------
 */

static void set_place(Graph *g, const Loop *l, Ref v)
{
    const Node *node = graph_node(l->body, v);
    g->loc = node->loc;
    g->flags = node->flags;
}

static Ref copy_with(Loop *l, Graph *to, Ref v, const Ref *map)
{
    Ref *in = ARENA_ARRAY(l->scratch, Ref, n_in_of(l, v) + 1);
    for (uint32_t i = 0; i < n_in_of(l, v); i++)
        in[i] = map[graph_in(l->body, v, i)];
    return copy_plain(to, l->body, v, in);
}

static void make_before(Loop *l)
{
    for (Ref v = 1; v < l->body->node.n; v++) {
        if (op_of(l, v) == OP_param) continue;
        if (l->want[v] & WANT_PLAIN) l->plain_ref[v] = copy_with(l, l->g, v, l->plain_ref);
        if (!(l->want[v] & WANT_STACK) && !((l->want[v] & WANT_CORE) && !cloned(l, v))) continue;
        if (l->plain[v] || l->dep[v]) continue;
        set_place(l->g, l, v);
        l->stack_ref[v] = batch_node(l, v);
    }
}

typedef struct NewBody {
    Graph *b;
    VEC(Ref) in;
    uint32_t n_carries, n_xs;
} NewBody;

static Ref in_time(const Loop *l, Ref stack)
{
    return l->reversed ? build_flip(l->g, stack) : stack;
}

/* Params in order: carries, then stacks, then constants. */
static void make_body_params(Loop *l, NewBody *nb)
{
    for (uint32_t i = 0; i < l->n_carries; i++) {
        if (!stays(l, i)) continue;
        l->core_ref[param_of(l, i)] = build_param(nb->b, PARAM_CARRY, "", l->body->param.at[i].type, nb->n_carries++);
        vec_add(l->scratch, &nb->in, l->in[i]);
    }
    for (Ref v = 1; v < l->body->node.n; v++) {
        if (!(l->want[v] & WANT_CORE) || cloned(l, v) || l->plain[v] || l->core[v]) continue;
        l->core_ref[v] = build_param(nb->b, PARAM_XS, "", *graph_type(l->body, v), nb->n_xs++);
        vec_add(l->scratch, &nb->in, in_time(l, l->stack_ref[v]));
    }
    for (Ref v = 1; v < l->body->node.n; v++) {
        if (!(l->want[v] & WANT_CORE) || cloned(l, v) || !l->plain[v]) continue;
        if (op_is_literal(graph_node(l->g, l->plain_ref[v])->op)) {
            l->core_ref[v] = copy_plain(nb->b, l->g, l->plain_ref[v], NULL);
            continue;
        }
        l->core_ref[v] = build_param(nb->b, PARAM_CONST, "", *graph_type(l->body, v), nb->in.n);
        vec_add(l->scratch, &nb->in, l->plain_ref[v]);
    }
}

static void make_loop(Loop *l)
{
    Graph *g = l->g;
    NewBody nb = {.b = graph_new(g->module, l->body->name)};
    make_body_params(l, &nb);
    for (Ref v = 1; v < l->body->node.n; v++)
        if ((l->want[v] & WANT_CORE) && cloned(l, v)) l->core_ref[v] = copy_with(l, nb.b, v, l->core_ref);
    for (uint32_t i = 0; i < l->n_carries; i++)
        if (stays(l, i)) build_result(nb.b, l->core_ref[result_of(l, i)], "", -1);
    for (Ref v = 1; v < l->body->node.n; v++)
        if (l->core[v] && (l->want[v] & WANT_STACK)) build_result(nb.b, l->core_ref[v], "", -1);
    if (!nb.b->result.n) return;
    g->loc = l->loc;
    g->flags = l->flags;
    Ref scan = build_scan(g, nb.b->id, l->n, (int)nb.n_carries, (int)nb.n_xs, nb.in.at, nb.in.n);
    uint32_t k = 0;
    for (uint32_t i = 0; i < l->n_carries; i++)
        if (stays(l, i)) l->last[i] = build_proj(g, scan, k++);
    for (Ref v = 1; v < l->body->node.n; v++)
        if (l->core[v] && (l->want[v] & WANT_STACK)) l->stack_ref[v] = in_time(l, build_proj(g, scan, k++));
}

static void make_after(Loop *l)
{
    for (Ref v = 1; v < l->body->node.n; v++) {
        if (!l->want[v]) continue;
        set_place(l->g, l, v);
        if ((l->want[v] & WANT_STACK) && l->dep[v] && !l->core[v]) l->stack_ref[v] = batch_node(l, v);
        if (l->want[v] & WANT_SUM) l->sum_ref[v] = batch_sum(l, v);
    }
}

/* A plain value in every step of a stacked result. */
static Ref repeat(Loop *l, Ref a)
{
    int axes[MAX_RANK];
    Type type = *graph_type(l->g, a);
    for (int i = 0; i < type.rank; i++)
        axes[i] = i + 1;
    return build_broadcast(l->g, a, type_stacked(type, l->n), axes);
}

static void make_results(Loop *l)
{
    for (uint32_t i = 0; i < l->n_carries; i++) {
        if (l->same[i]) l->last[i] = l->in[i];
        if (!l->acc[i].is) continue;
        Ref sum = l->in[i];
        for (uint32_t k = 0; k < l->acc[i].n; k++) {
            const SumTerm *t = &l->acc[i].term[k];
            sum = build_binary(l->g, t->negative ? OP_sub : OP_add, sum, l->sum_ref[t->ref]);
        }
        l->last[i] = sum;
    }
    for (uint32_t i = l->n_carries; i < l->body->result.n; i++) {
        Ref v = result_of(l, i);
        l->ys[i - l->n_carries] = l->plain[v] ? repeat(l, l->plain_ref[v]) : in_time(l, l->stack_ref[v]);
    }
}

/* Does this operand run backwards over a stack? */
static bool is_flip(const Graph *g, Ref x)
{
    return graph_node(g, x)->op == OP_slice && graph_attr(g, x, 2) == -1;
}

void loop_rewrite(Loop *l)
{
    for (uint32_t i = l->n_carries; i < l->n_carries + l->n_xs; i++)
        l->reversed |= is_flip(l->g, l->in[i]);
    l->last = ARENA_ARRAY(l->scratch, Ref, l->n_carries + 1);
    l->ys = ARENA_ARRAY(l->scratch, Ref, l->body->result.n + 1);
    classify(l);
    find_wanted(l);
    make_before(l);
    make_loop(l);
    make_after(l);
    l->g->loc = l->loc;
    l->g->flags = l->flags;
    make_results(l);
    l->g->loc = 0;
    l->g->flags = 0;
}
