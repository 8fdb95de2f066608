/* SPDX-License-Identifier: MIT
 * segment.c: where long sums are cut, and the totals of the segments (see segment.h).
 *
 * Where the lengths are known the choice is made here; for the rest the code chooses by the same rule, so
 * that a kernel for known sizes and one for any sizes give the same bits. */
#include "loop/segment.h"

#include <string.h>

/* Additions to one chain in a run of the loop. */
static LV chain_length(Gen *e, int axis)
{
    LB *b = &e->b;
    LV n = gen_dim(e, e->k->axis[axis]);
    int64_t extent;
    if (axis != e->vec || axis < e->k->n_axes - e->k->n_red) return n;
    if (l_is_int(b, n, &extent)) return l_i64(b, (extent + SUM_LANES - 1) / SUM_LANES);
    return l_bin(b, L_ifdiv, l_bin(b, L_iadd, n, l_i64(b, SUM_LANES - 1)), l_i64(b, SUM_LANES));
}

/* Iterations of a segment, given the additions of one; no end where the loop is not cut. */
static LV segment_step(Gen *e, LV inner)
{
    LB *b = &e->b;
    int64_t known;
    if (l_is_int(b, inner, &known)) return l_i64(b, SEGMENT / (known > 1 ? known : 1));
    LV one = l_i64(b, 1), least = l_sel(b, l_cmp(b, LP_lt, inner, one), one, inner);
    LV step = l_bin(b, L_ifdiv, l_i64(b, SEGMENT), least);
    return l_sel(b, l_cmp(b, LP_lt, step, one), l_i64(b, (int64_t)1 << 62), step);
}

Segments segments_find(Gen *e, const int *axis, int n)
{
    LB *b = &e->b;
    Segments s = {0};
    LV inner = l_i64(b, 1), limit = l_i64(b, SEGMENT);
    for (int i = n - 1; i >= 0; i--) {
        LV all = l_bin(b, L_imul, inner, chain_length(e, axis[i]));
        int64_t known_inner = 0, known = 0;
        bool is_known = l_is_int(b, all, &known), inner_known = l_is_int(b, inner, &known_inner);
        if ((!is_known || known > SEGMENT) && known_inner <= SEGMENT) {
            s.step[i] = segment_step(e, inner);
            if (!is_known) s.here[i] = l_cmp(b, LP_gt, all, limit);
            if (!inner_known) {
                LV fits = l_cmp(b, LP_le, inner, limit);
                s.here[i] = s.here[i] ? l_bin(b, L_and, s.here[i], fits) : fits;
            }
            s.some = true;
        }
        inner = all;
    }
    if (s.some && !l_is_int(b, inner, NULL)) s.is_long = l_cmp(b, LP_gt, inner, limit);
    return s;
}

/* 1 if n > SEGMENT, else 0: 2n // (n + SEGMENT + 1). */
static Dim is_long(Dims *dims, Dim n)
{
    int64_t known;
    if (dim_is_const(dims, n, &known)) return dim_const(dims, known > SEGMENT);
    Dim more = dim_add(dims, n, dim_const(dims, SEGMENT + 1));
    return dim_floordiv(dims, dim_mul(dims, dim_const(dims, 2), n), more);
}

static const char totals_name[] = "totals";

uint32_t segments_buffer(KProgram *p, const Kernel *k)
{
    Dims *dims = p->module->dims;
    Dim length = dim_const(dims, 1), sums = length;
    int64_t none;
    for (int a = 0; a < k->n_axes; a++) {
        Dim *n = k->cls[a] == AX_K ? &length : &sums;
        *n = dim_mul(dims, *n, k->axis[a]);
    }
    Dim some = is_long(dims, length);
    if (dim_is_const(dims, some, &none) && none == 0) return 0;
    return kernel_add_work(p, k, totals_name, DT_f64, dim_mul(dims, sums, some));
}

uint32_t segments_slots(KProgram *p, const Kernel *k, Dim n, Dim rows, Dim row)
{
    Dims *dims = p->module->dims;
    int64_t none;
    Dim some = is_long(dims, n), slots = dim_floordiv(dims, n, dim_const(dims, SEGMENT));
    if (dim_is_const(dims, some, &none) && none == 0) return 0;
    return kernel_add_work(p, k, totals_name, DT_f64, dim_mul(dims, some, dim_add(dims, rows, dim_mul(dims, slots, row))));
}

/* ---- totals: functions that all kernels call, since the code would be long in each tile ---- */

typedef enum { ACT_clear, ACT_add, ACT_take } Act;

/* Some elements of a row of chains (at[0]) and totals (at[1]). */
static void act_on(LB *b, Act act, LoopType type, const LV *at, LV column, LV mask, int lanes)
{
    uint8_t mem = type == LT_f64 ? DT_f64 : DT_f32;
    LV chain = l_ptradd(b, at[0], l_bin(b, L_imul, column, l_i64(b, dtype_bytes(mem))), 0);
    LV total = l_ptradd(b, at[1], l_bin(b, L_imul, column, l_i64(b, 8)), 0), v;
    if (act == ACT_clear) {
        l_store(b, total, 0, DT_f64, l_float(b, LT_f64, lanes, 0), mask);
        return;
    }
    v = l_load(b, total, 0, DT_f64, lanes, mask);
    if (act == ACT_take) {
        l_store(b, chain, 0, mem, l_cvt(b, v, type), mask);
        return;
    }
    v = l_bin(b, L_fadd, v, l_cvt(b, l_load(b, chain, 0, mem, lanes, mask), LT_f64));
    l_store(b, total, 0, DT_f64, v, mask);
}

/* chain_bytes, total_bytes: of a row */
static void make_function(LoopModule *m, const char *name, Act act, LoopType type)
{
    uint8_t params[] = {LT_ptr, LT_ptr, LT_i64, LT_i64, LT_i64, LT_i64};
    LB own = {m, loop_fn_new(m, name, params, 6, LT_void)}, *b = &own;
    static const char *const label[6] = {"chains", "totals", "rows", "chain_bytes", "total_bytes", "columns"};
    LV arg[6], at[2];
    int lanes = loop_lanes(m, 4);
    for (int i = 0; i < 6; i++)
        arg[i] = l_label(b, l_arg(b, i), label[i]);
    LV zero = l_i64(b, 0), end = arg[5], whole = l_bin(b, L_and, end, l_i64(b, -lanes));
    LV row = l_loop(b, zero, arg[2], l_i64(b, 1), NULL, 0);
    for (int i = 0; i < 2; i++)
        at[i] = l_ptradd(b, arg[i], l_bin(b, L_imul, row, arg[3 + i]), 0);
    LV column = l_loop(b, zero, whole, l_i64(b, lanes), NULL, 0);
    act_on(b, act, type, at, column, 0, lanes);
    l_yield(b, column, NULL, 0);
    LV rest = l_if(b, l_cmp(b, LP_lt, whole, end));
    act_on(b, act, type, at, whole, l_maskn(b, l_bin(b, L_isub, end, whole), lanes), lanes);
    l_end(b, rest);
    l_yield(b, row, NULL, 0);
    l_ret(b, 0);
}

static void call(Gen *e, Act act, const Totals *t)
{
    static const char *const names[3][2] = {{"totals.clear", "totals.clear"},
                                            {"totals.add.f32", "totals.add.f64"},
                                            {"totals.take.f32", "totals.take.f64"}}; /* no names of the language */
    const char *name = loop_name(e->m, names[act][t->type == LT_f64]);
    LB *b = &e->b;
    bool found = false;
    for (uint32_t i = 0; i < e->m->fn.n; i++)
        found |= strcmp(e->m->fn.at[i]->name, name) == 0;
    if (!found) make_function(e->m, name, act, act == ACT_clear ? LT_f64 : t->type);
    LV args[6] = {t->chains, t->totals, t->rows, t->chain_row, t->total_row, t->columns};
    l_call(b, name, LT_void, args, 6);
}

static int64_t place_of(const Totals *t, int i)
{
    return (int64_t)t->place[i] * (t->type == LT_f64 ? 8 : 4);
}

static uint8_t memory_type(const Totals *t)
{
    return t->type == LT_f64 ? DT_f64 : DT_f32;
}

void totals_clear(Gen *e, LV when, const Totals *t, LV *acc, int n)
{
    LB *b = &e->b;
    (void)acc, (void)n;
    LV if_ = when ? l_if(b, when) : 0;
    call(e, ACT_clear, t);
    if (if_) l_end(b, if_);
}

/* A loop of one run or none: an `if` that gives new values to the accumulators. */
static LV begin_if(LB *b, LV when, LV *acc, int n)
{
    LV loop = l_loop(b, l_i64(b, 0), l_cvt(b, when, LT_i64), l_i64(b, 1), acc, n);
    for (int i = 0; i < n; i++)
        acc[i] = l_carried(b, loop, i);
    return loop;
}

static void end_if(LB *b, LV loop, LV *acc, int n)
{
    l_yield(b, loop, acc, n);
    for (int i = 0; i < n; i++)
        acc[i] = l_result(b, loop, i);
}

void totals_add(Gen *e, LV when, const Totals *t, LV *acc, int n)
{
    LB *b = &e->b;
    LV loop = when ? begin_if(b, when, acc, n) : 0;
    for (int i = 0; i < n; i++)
        l_store(b, t->chains, place_of(t, i), memory_type(t), acc[i], 0);
    call(e, ACT_add, t);
    for (int i = 0; i < n; i++)
        acc[i] = l_float(b, t->type, l_lanes(b, acc[i]), 0);
    if (loop) end_if(b, loop, acc, n);
}

void totals_take(Gen *e, LV when, const Totals *t, LV *acc, int n)
{
    LB *b = &e->b;
    LV loop = when ? begin_if(b, when, acc, n) : 0;
    call(e, ACT_take, t);
    for (int i = 0; i < n; i++)
        acc[i] = l_load(b, t->chains, place_of(t, i), memory_type(t), l_lanes(b, acc[i]), 0);
    if (loop) end_if(b, loop, acc, n);
}
