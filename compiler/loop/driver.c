/* SPDX-License-Identifier: MIT
 * driver.c: void <prefix>_driver(ptr ctx, i64 tid): what every thread runs; where code is to be small, the one that there is. Each kernel gets this
 * thread's part of its axis, or of its spare axis; a barrier follows it, or all steps of a scan with
 * rows of its own (kernel/rows.h). Serial kernels run on thread 0, and so do scans of nothing else;
 * between two of them in a row no barrier is needed. In a program with a `main`, a call that is
 * watched (`profile`) says behind each kernel and each barrier that it is there.
 */
#include "loop/lowering.h"

typedef struct Driver {
    LB b;
    KProgram *p;
    const Lowered *by_order;
    LV ctx, tid, nt, table, iter, zero, one;
    LV watched; /* a call whose laps somebody wants; 0: no driver tells */
} Driver;

static LV extent(Driver *d, Dim dim)
{
    int64_t c;
    if (dim_is_const(d->p->module->dims, dim, &c)) return l_i64(&d->b, c);
    return l_load(&d->b, d->table, 8 * (int64_t)kernel_table_dim(d->p, dim), DT_i64, 1, 0);
}

static LV ratio_up(LB *b, LV n, LV of)
{
    return l_bin(b, L_ifdiv, l_bin(b, L_iadd, n, l_bin(b, L_isub, of, l_i64(b, 1))), of);
}

/* An axis of n that goes in pieces of `granule`: `units` pieces. */
typedef struct Pieces {
    LV n, units;
    int64_t granule;
} Pieces;

static Pieces pieces_of(Driver *d, Dim axis, int64_t granule)
{
    LV n = extent(d, axis);
    return (Pieces){n, granule == 1 ? n : ratio_up(&d->b, n, l_i64(&d->b, granule)), granule};
}

/* min(n, granule * (units * t / nt)): the last piece may be smaller, so the last thread has one more where they do not come out even.
 * A single piece is thread 0's, as serial kernels are. */
static LV part_start(Driver *d, const Pieces *p, LV t, LV nt)
{
    LB *b = &d->b;
    LV few = l_sel(b, l_cmp(b, LP_eq, p->units, d->one), l_bin(b, L_isub, nt, d->one), d->zero);
    LV u = l_bin(b, L_ifdiv, l_bin(b, L_iadd, l_bin(b, L_imul, p->units, t), few), nt);
    LV at = l_bin(b, L_imul, u, l_i64(b, p->granule));
    return p->granule == 1 ? at : l_sel(b, l_cmp(b, LP_lt, at, p->n), at, p->n);
}

static void call_kernel(Driver *d, const char *name, LV lo, LV hi)
{
    LV args[4] = {d->ctx, lo, hi, d->iter};
    l_call(&d->b, name, LT_void, args, 4);
}

/* A thread has run a kernel, or has waited for the others behind it. */
static void lap(Driver *d, const Kernel *k, bool waited)
{
    LB *b = &d->b;
    if (!d->watched) return;
    LV number = l_i64(b, 2 * ((int64_t)d->p->first_number + k->order) + waited), args[3] = {d->ctx, d->tid, number};
    LV some = l_if(b, d->watched);
    l_call(b, "nnrt_lap", LT_void, args, 3);
    l_end(b, some);
}

static void barrier(Driver *d, const Kernel *k)
{
    l_call(&d->b, "nnrt_barrier", LT_void, &d->ctx, 1);
    lap(d, k, true);
}

static bool is_serial(const Kernel *k)
{
    if (k->kind == K_SCAN) {
        for (uint32_t i = 0; i < k->body.n; i++)
            if (!is_serial(k->body.at[i])) return false;
        return true;
    }
    return k->kind == K_EXTERN || k->kind == K_PROBE || (k->kind != K_UPDATE && (k->serial || k->part < 0));
}

/* What threads divide. */
static Dim divided(const Kernel *k)
{
    return k->kind == K_SCATTER || k->kind == K_GROUP ? k->rows : k->axis[k->part];
}

/* The part lo .. hi - 1 of thread t of nt. */
static void part_of(Driver *d, const Pieces *p, LV t, LV nt, LV *lo, LV *hi)
{
    *lo = part_start(d, p, t, nt);
    *hi = part_start(d, p, l_bin(&d->b, L_iadd, t, d->one), nt);
}

/* Is the thread with most to do done sooner by an eighth, or more, if the spare axis is divided? */
static LV spare_is_better(Driver *d, const Pieces *usual, const Pieces *spare)
{
    LB *b = &d->b;
    LV most = l_bin(b, L_imul, ratio_up(b, usual->units, d->nt), spare->units);
    LV most_spare = l_bin(b, L_imul, ratio_up(b, spare->units, d->nt), usual->units);
    return l_cmp(b, LP_gt, l_bin(b, L_imul, most, l_i64(b, 8)), l_bin(b, L_imul, most_spare, l_i64(b, 9)));
}

static void give_spare(Driver *d, LV lo, LV hi)
{
    l_store(&d->b, d->iter, 8 * SLOT_SPARE_LO, DT_i64, lo, 0);
    l_store(&d->b, d->iter, 8 * SLOT_SPARE_HI, DT_i64, hi, 0);
}

/* This thread's part of a kernel: lo .. hi - 1 of its axis and, in memory, what it has of the spare one. Mask: there is one. */
static LV own_part(Driver *d, const Lowered *l, LV *lo, LV *hi)
{
    LB *b = &d->b;
    Pieces usual = pieces_of(d, divided(l->k), l->granule);
    if (!l->spare.extent) {
        part_of(d, &usual, d->tid, d->nt, lo, hi);
        return l_cmp(b, LP_lt, *lo, *hi);
    }
    LV first, end;
    Pieces spare = pieces_of(d, l->spare.extent, l->spare.granule);
    LV other = spare_is_better(d, &usual, &spare);
    part_of(d, &usual, l_sel(b, other, d->zero, d->tid), l_sel(b, other, d->one, d->nt), lo, hi);
    part_of(d, &spare, l_sel(b, other, d->tid, d->zero), l_sel(b, other, d->nt, d->one), &first, &end);
    give_spare(d, first, end);
    return l_bin(b, L_and, l_cmp(b, LP_lt, *lo, *hi), l_cmp(b, LP_lt, first, end));
}

static void run_parallel(Driver *d, const Lowered *l)
{
    LB *b = &d->b;
    const Kernel *k = l->k;
    LV lo, hi;
    LV some = l_if(b, own_part(d, l, &lo, &hi));
    call_kernel(d, l->name, lo, hi);
    l_end(b, some);
    lap(d, k, false);
}

/* All steps of a scan, of this thread's rows. */
static void run_rows(Driver *d, const Kernel *k)
{
    LB *b = &d->b;
    int64_t granule = 1;
    LV lo, hi;
    for (uint32_t i = 0; i < k->body.n; i++) {
        int64_t of = d->by_order[k->body.at[i]->order].granule;
        granule = of > granule ? of : granule;
    }
    Pieces rows = pieces_of(d, k->rows, granule);
    part_of(d, &rows, d->tid, d->nt, &lo, &hi);
    LV some = l_if(b, l_cmp(b, LP_lt, lo, hi));
    LV loop = l_loop(b, l_i64(b, 0), extent(d, k->trips), l_i64(b, 1), NULL, 0);
    l_store(b, d->iter, 8 * (int64_t)k->depth, DT_i64, loop, 0);
    for (uint32_t i = 0; i < k->body.n; i++) {
        call_kernel(d, d->by_order[k->body.at[i]->order].name, lo, hi);
        lap(d, k->body.at[i], false);
    }
    l_yield(b, loop, NULL, 0);
    l_end(b, some);
}

static void run_list(Driver *d, Kernel *const *kernel, uint32_t n);
static void run_scan(Driver *d, const Kernel *k, bool serial);
static void run_update(Driver *d, const Lowered *l);

static void run_serial(Driver *d, const Lowered *l)
{
    const Kernel *k = l->k;
    if (k->kind == K_SCAN) {
        run_scan(d, k, true);
        return;
    }
    if (k->kind == K_UPDATE) { /* there is one thread only */
        run_update(d, l);
        return;
    }
    if (l->spare.extent) give_spare(d, d->zero, extent(d, l->spare.extent));
    if (k->in_place || k->looks_for) {
        call_kernel(d, l->name, k->in_place ? d->one : d->zero, d->zero);
        return;
    }
    call_kernel(d, l->name, d->zero, k->part >= 0 || k->kind == K_GROUP ? extent(d, divided(k)) : d->zero);
    lap(d, k, false);
}

static void run_scan(Driver *d, const Kernel *k, bool serial)
{
    LB *b = &d->b;
    LV loop = l_loop(b, l_i64(b, 0), extent(d, k->trips), l_i64(b, 1), NULL, 0);
    l_store(b, d->iter, 8 * (int64_t)k->depth, DT_i64, loop, 0);
    if (serial)
        for (uint32_t i = 0; i < k->body.n; i++)
            run_serial(d, &d->by_order[k->body.at[i]->order]);
    else
        run_list(d, k->body.at, k->body.n);
    l_yield(b, loop, NULL, 0);
}

/* All threads: nnrt_update divides the work itself; non-zero means the step ends here. */
static void run_update(Driver *d, const Lowered *l)
{
    LB *b = &d->b;
    LV args[4] = {d->ctx, d->tid, l_i64(b, 0), d->iter};
    LV r = l_call(b, l->name, LT_i32, args, 4);
    LV leave = l_if(b, l_cmp(b, LP_ne, r, l_int(b, LT_i32, 1, 0)));
    l_ret(b, 0);
    l_end(b, leave);
    lap(d, l->k, false);
}

static void run_list(Driver *d, Kernel *const *kernel, uint32_t n)
{
    LB *b = &d->b;
    for (uint32_t i = 0; i < n; i++) {
        const Kernel *k = kernel[i];
        const Lowered *l = &d->by_order[k->order];
        if (is_serial(k)) {
            LV first = l_if(b, l_cmp(b, LP_eq, d->tid, l_i64(b, 0)));
            for (;; i++) {
                run_serial(d, &d->by_order[kernel[i]->order]);
                if (i + 1 == n || !is_serial(kernel[i + 1])) break;
            }
            l_end(b, first);
        } else if (k->kind == K_SCAN && k->rows) {
            run_rows(d, k);
            barrier(d, k->body.at[k->body.n - 1]);
            continue;
        } else if (k->kind == K_SCAN) {
            run_scan(d, k, false);
            continue; /* its last kernel was followed by a barrier */
        } else if (k->kind == K_UPDATE) {
            run_update(d, l);
        } else {
            run_parallel(d, l);
        }
        barrier(d, kernel[i]);
    }
}

/* Up to and with each update; behind the last one. A call that begins with a later statement leaves out what leads to those in front
 * of it (shards: docs/internals.md). */
static void run_step(Driver *d)
{
    LB *b = &d->b;
    Kernel *const *kernel = d->p->kernel.at;
    uint32_t n = d->p->kernel.n, at = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (kernel[i]->kind != K_UPDATE) continue;
        LV from = l_load(b, d->ctx, CTX_FROM, DT_i32, 1, 0);
        LV due = l_if(b, l_cmp(b, LP_le, from, l_int(b, LT_i32, 1, kernel[i]->statement)));
        run_list(d, kernel + at, i + 1 - at);
        l_end(b, due);
        at = i + 1;
    }
    run_list(d, kernel + at, n - at);
}

/* The address of the thread's scratch memory is behind the counters. */
static void find_scratch(Driver *d)
{
    LB *b = &d->b;
    if (!d->p->scratch_bytes) return;
    LV scratch = l_load_base(b, l_load_ptr(b, d->ctx, CTX_BASE), LBASE_SCRATCH);
    l_store(b, d->iter, 8 * SLOT_SCRATCH, DT_COUNT, l_ptradd(b, scratch, l_bin(b, L_imul, d->tid, l_i64(b, d->p->scratch_bytes)), 0), 0);
}

void lower_driver(LoopModule *m, KProgram *p, const char *prefix, const Lowered *by_order)
{
    uint8_t params[] = {LT_ptr, LT_i64};
    Driver d = {.p = p, .by_order = by_order};
    d.b = (LB){m, loop_fn_new(m, arena_print(m->arena, "%s_driver", prefix), params, 2, LT_void)};
    LB *b = &d.b;
    b->f->cold = true;
    d.ctx = l_label(b, l_arg(b, 0), "ctx");
    d.tid = l_label(b, l_arg(b, 1), "tid");
    d.nt = l_cvt(b, l_load(b, d.ctx, CTX_NT, DT_i32, 1, 0), LT_i64);
    d.zero = l_i64(b, 0);
    d.one = l_i64(b, 1);
    d.table = l_label(b, l_load_ptr(b, d.ctx, CTX_TABLE), "table");
    uint8_t word = m->target.pointer_bytes == 8 ? DT_i64 : DT_i32;
    if (m->laps) d.watched = l_cmp(b, LP_ne, l_load(b, d.ctx, CTX_WATCH, word, 1, 0), l_int(b, loop_type_of(word), 1, 0));
    d.iter = l_label(b, l_alloca(b, 8 * N_SLOTS), "iter");
    find_scratch(&d);
    for (uint32_t i = 0; m->target.compact && i < p->kernel.n; i++)
        run_serial(&d, &by_order[p->kernel.at[i]->order]);
    if (!m->target.compact) run_step(&d);
    l_ret(b, 0);
}
