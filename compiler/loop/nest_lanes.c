/* SPDX-License-Identifier: MIT
 * nest_lanes.c: the 32 logical lanes of a row in memory, where code is to be small.
 *
 *   lane[0 .. 31] = start;  for i of the row: lane[i % 32] = lane[i % 32] + x[i];  for half = 16, 8 .. 1: lane[j] = lane[j] + lane[j + half]
 *
 * One loop takes the place of vectors, of what is left behind them, and of rows that are written out. The additions are those of
 * vectors, in their order (nest_pass.c). What begins and ends it are functions that all kernels call. Lanes of sums that are cut are
 * the chains of their totals (segment.h). */
#include "loop/nest.h"

#include <string.h>

static uint8_t memory_of(LoopType type)
{
    static const uint8_t mem[] = {[LT_i32] = DT_i32, [LT_i64] = DT_i64, [LT_f32] = DT_f32, [LT_f64] = DT_f64, [LT_mask] = DT_bool};
    return mem[type];
}

/* Bytes of the lanes of a value; the positions of argmax lie behind those. */
static int64_t lanes_bytes(LoopType type)
{
    return SUM_LANES * dtype_bytes(memory_of(type));
}

static int64_t reducer_bytes(const Reducer *r)
{
    return lanes_bytes(r->type) + (r->n_values == 2 ? lanes_bytes(LT_i32) : 0);
}

static int64_t type_of_sums(const Reducer *r) /* its place in Nest.sums; -1: it is never cut */
{
    if (r->op != OP_sum || !l_is_float(r->type)) return -1;
    return r->type == LT_f64;
}

/* ---- the functions ---- */

/* lane: in bytes from the first one */
static void load_lane(LB *b, const Reducer *r, LV lanes, LV lane, LV *acc)
{
    int64_t bytes = dtype_bytes(memory_of(r->type));
    acc[0] = l_load(b, l_ptradd(b, lanes, l_bin(b, L_imul, lane, l_i64(b, bytes)), 0), 0, memory_of(r->type), 1, 0);
    if (r->n_values < 2) return;
    LV at = l_ptradd(b, lanes, l_bin(b, L_imul, lane, l_i64(b, 4)), lanes_bytes(r->type));
    acc[1] = l_load(b, at, 0, DT_i32, 1, 0);
}

static void store_lane(LB *b, const Reducer *r, LV lanes, LV lane, const LV *acc)
{
    int64_t bytes = dtype_bytes(memory_of(r->type));
    l_store(b, l_ptradd(b, lanes, l_bin(b, L_imul, lane, l_i64(b, bytes)), 0), 0, memory_of(r->type), acc[0], 0);
    if (r->n_values < 2) return;
    LV at = l_ptradd(b, lanes, l_bin(b, L_imul, lane, l_i64(b, 4)), lanes_bytes(r->type));
    l_store(b, at, 0, DT_i32, acc[1], 0);
}

static void start_all(LB *b, const Reducer *r, LV lanes)
{
    Gen e = {.b = *b};
    LV acc[2], loop = l_loop(b, l_i64(b, 0), l_i64(b, SUM_LANES), l_i64(b, 1), NULL, 0);
    reducer_start(&e, r, 1, l_int(b, LT_i32, 1, 0), acc); /* no element comes before the first */
    store_lane(b, r, lanes, loop, acc);
    l_yield(b, loop, NULL, 0);
}

static void combine_all(LB *b, const Reducer *r, LV lanes)
{
    Gen e = {.b = *b};
    LV half = l_i64(b, SUM_LANES / 2), zero = l_i64(b, 0), one = l_i64(b, 1), acc[2], other[2];
    LV round = l_loop(b, zero, l_i64(b, 5), one, &half, 1);
    half = l_carried(b, round, 0);
    LV lane = l_loop(b, zero, half, one, NULL, 0);
    load_lane(b, r, lanes, lane, acc);
    load_lane(b, r, lanes, l_bin(b, L_iadd, lane, half), other);
    reducer_combine(&e, r, acc, other);
    store_lane(b, r, lanes, lane, acc);
    l_yield(b, lane, NULL, 0);
    LV next = l_bin(b, L_lshr, half, one);
    l_yield(b, round, &next, 1);
}

typedef void Lanes(LB *b, const Reducer *r, LV lanes);

/* A call of the function that does it for all reducers of a kind, which is made if there is none yet. */
static void call(Gen *e, const char *what, Lanes *act, const Reducer *r, LV lanes)
{
    static const char *const type[] = {[LT_i32] = "i32", [LT_i64] = "i64", [LT_f32] = "f32", [LT_f64] = "f64", [LT_mask] = "bool"};
    LoopModule *m = e->m;
    const char *name =
        loop_name(m, arena_print(m->arena, "lanes.%s.%s.%s", what, op_names[r->op], type[r->type])); /* none of the language */
    bool found = false;
    for (uint32_t i = 0; i < m->fn.n; i++)
        found |= strcmp(m->fn.at[i]->name, name) == 0;
    if (!found) {
        uint8_t params[] = {LT_ptr};
        LB own = {m, loop_fn_new(m, name, params, 1, LT_void)};
        LV at = l_label(&own, l_arg(&own, 0), "lanes");
        act(&own, r, at);
        l_ret(&own, 0);
    }
    l_call(&e->b, name, LT_void, &lanes, 1);
}

/* ---- a row ---- */

/* For the pass with most reducers: all of them. */
void nest_lanes_plan(Nest *n)
{
    Gen *e = &n->e;
    int64_t bytes[3] = {0}, totals[2] = {0}; /* of f32 and f64, which may be cut, and of others */
    for (uint32_t i = 0; i < e->k->x.n; i++) {
        if (e->k->x.at[i].kind != X_reduce) continue;
        Reducer r = reducer_new(e, i);
        int64_t type = type_of_sums(&r);
        bytes[type < 0 ? 2 : type] += reducer_bytes(&r);
        if (type >= 0 && n->segments.some) totals[type] += SUM_LANES * 8;
    }
    LV memory = gen_scratch(e, bytes[0] + bytes[1] + bytes[2] + totals[0] + totals[1]);
    n->lanes_of_others = l_ptradd(&e->b, memory, 0, bytes[0] + bytes[1]);
    for (int type = 0; type < 2; type++) {
        Totals *t = &n->sums[type].totals;
        *t = (Totals){.type = type ? LT_f64 : LT_f32, .rows = l_i64(&e->b, 1), .chain_row = l_i64(&e->b, 0), .total_row = l_i64(&e->b, 0)};
        t->chains = l_ptradd(&e->b, memory, 0, type ? bytes[0] : 0);
        t->totals = l_ptradd(&e->b, memory, 0, bytes[0] + bytes[1] + bytes[2] + (type ? totals[0] : 0));
    }
}

/* Where the lanes of reducer i of the pass are. */
static LV lanes_of(Nest *n, uint32_t i)
{
    int64_t type = type_of_sums(&n->reducer.at[i]), at = 0;
    for (uint32_t j = 0; j < i; j++)
        if (type_of_sums(&n->reducer.at[j]) == type) at += reducer_bytes(&n->reducer.at[j]);
    return l_ptradd(&n->e.b, type < 0 ? n->lanes_of_others : n->sums[type].totals.chains, 0, at);
}

void nest_lanes_start(Nest *n, bool only_cut)
{
    for (uint32_t i = 0; i < n->reducer.n; i++)
        if (!only_cut || type_of_sums(&n->reducer.at[i]) >= 0) call(&n->e, "start", start_all, &n->reducer.at[i], lanes_of(n, i));
}

void nest_lanes_load(Nest *n, LV i, LV *acc)
{
    LB *b = &n->e.b;
    LV lane = l_bin(b, L_and, i, l_i64(b, SUM_LANES - 1));
    for (uint32_t k = 0; k < n->reducer.n; k++)
        load_lane(b, &n->reducer.at[k], lanes_of(n, k), lane, acc + n->acc_at[k]);
}

void nest_lanes_store(Nest *n, LV i, const LV *acc)
{
    LB *b = &n->e.b;
    LV lane = l_bin(b, L_and, i, l_i64(b, SUM_LANES - 1));
    for (uint32_t k = 0; k < n->reducer.n; k++)
        store_lane(b, &n->reducer.at[k], lanes_of(n, k), lane, acc + n->acc_at[k]);
}

LV nest_lanes_value(Nest *n, uint32_t i)
{
    const Reducer *r = &n->reducer.at[i];
    LV acc[2], lanes = lanes_of(n, i);
    call(&n->e, "end", combine_all, r, lanes);
    load_lane(&n->e.b, r, lanes, l_i64(&n->e.b, 0), acc);
    return reducer_value(r, acc);
}
