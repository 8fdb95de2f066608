/* SPDX-License-Identifier: MIT
 * nest_keep.c: costly elements of a row that a later pass needs again lie in scratch memory from the first pass on.
 *
 *   before:  s = sum_j exp(x[j] - m);  y[j] = exp(x[j] - m) / s      after:  e[j] = exp(x[j] - m), s = sum_j e[j];  y[j] = e[j] / s
 *
 * Rows of 64 elements or less are unrolled, and LLVM sees that the values are the same. */
#include "loop/nest.h"

#include <string.h>

/* What pass p computes for node x; what earlier passes keep is there. */
static void mark(const Nest *n, uint32_t x, int p, bool *want)
{
    uint32_t in[6];
    if (want[x]) return;
    want[x] = true;
    if (n->e.k->x.at[x].kind == X_reduce) return;
    for (uint32_t i = 0; i < n->kept.n; i++)
        if (n->kept.at[i].x == x && n->kept.at[i].pass < p) return;
    int count = xnode_inputs(&n->e, x, in);
    for (int i = 0; i < count; i++)
        mark(n, in[i], p, want);
}

static void mark_pass(Nest *n, int p, bool *want)
{
    const Kernel *k = n->e.k;
    for (uint32_t i = 0; i < k->x.n; i++) {
        if (k->x.at[i].kind != X_reduce || n->e.pass[i] != p + 1) continue;
        Reducer r = reducer_new(&n->e, i);
        uint32_t in = k->x.at[i].in[0] - 1;
        for (int j = 0; j < 2 && r.fused; j++)
            mark(n, k->x.at[in].in[j] - 1, p, want);
        if (!r.fused) mark(n, in, p, want);
    }
    for (uint32_t i = 0; p == n->last_pass && i < n->element_store.n; i++)
        mark(n, n->element_store.at[i], p, want);
}

/* The first of the passes that need x, if there are several; else -1. */
static int first_of_several(const Nest *n, bool *const *want, uint32_t x)
{
    int first = -1;
    for (int p = 0; p <= n->last_pass; p++) {
        if (!want[p][x]) continue;
        if (first >= 0) return first;
        first = p;
    }
    return -1;
}

static bool is_costly(const Nest *n, uint32_t i)
{
    const XNode *x = &n->e.k->x.at[i];
    bool costly = x->kind == X_random || (x->kind == X_op && (op_properties[x->op] & COSTLY));
    return costly && (n->e.deps[i] & n->reduced) && l_is_float(xnode_type(x->dtype));
}

/* One more value that is worth it: the last one of a chain, which needs the others in its first pass only. */
static bool keep_one(Nest *n, int64_t extent)
{
    Gen *e = &n->e;
    bool **want = ARENA_ARRAY(e->arena, bool *, n->last_pass + 1);
    for (int p = 0; p <= n->last_pass; p++) {
        want[p] = ARENA_ARRAY(e->arena, bool, e->k->x.n + 1);
        mark_pass(n, p, want[p]);
    }
    for (uint32_t i = e->k->x.n; i-- > 0;) {
        int first = is_costly(n, i) ? first_of_several(n, want, i) : -1;
        bool known = false;
        for (uint32_t j = 0; j < n->kept.n; j++)
            known |= n->kept.at[j].x == i;
        if (first < 0 || known) continue;
        vec_add(e->arena, &n->kept, ((KeptElement){.x = i, .pass = first, .at = n->kept_bytes}));
        n->kept_bytes += (extent + MOST_VECTOR) / MOST_VECTOR * MOST_VECTOR * dtype_bytes(e->k->x.at[i].dtype);
        return true;
    }
    return false;
}

void nest_keep_plan(Nest *n)
{
    int64_t extent;
    if (!n->vec_red || n->n_red != 1 || !gen_const(&n->e, n->e.k->axis[n->e.vec], &extent)) return;
    if ((extent <= UNROLLED_ROW && !n->e.k->band && !n->in_memory) || extent > KEPT_ROW) return;
    while (n->kept.n < MOST_KEPT && keep_one(n, extent))
        ;
    if (n->kept.n) n->kept_row = gen_scratch(&n->e, n->kept_bytes);
}

static LV place(Nest *n, const KeptElement *k)
{
    LB *b = &n->e.b;
    int64_t bytes = dtype_bytes(n->e.k->x.at[k->x].dtype);
    return l_ptradd(b, n->kept_row, l_bin(b, L_imul, n->counter[n->e.vec], l_i64(b, bytes)), k->at);
}

/* Lanes behind the end of the row have memory, too. */
void nest_keep_load(Nest *n)
{
    Gen *e = &n->e;
    for (uint32_t i = 0; i < n->kept.n; i++) {
        const KeptElement *k = &n->kept.at[i];
        if (k->pass < n->current) e->at.memo[k->x] = l_load(&e->b, place(n, k), 0, e->k->x.at[k->x].dtype, e->at.lanes, 0);
    }
}

void nest_keep_store(Nest *n)
{
    Gen *e = &n->e;
    for (uint32_t i = 0; i < n->kept.n; i++) {
        const KeptElement *k = &n->kept.at[i];
        if (k->pass == n->current) l_store(&e->b, place(n, k), 0, e->k->x.at[k->x].dtype, xnode_eval(e, k->x), 0);
    }
}
