/* SPDX-License-Identifier: MIT
 * driver.c: void <prefix>_driver(ptr ctx, i64 tid): what every thread runs. Each kernel gets this
 * thread's part of its axis; a barrier follows it, or all steps of a scan with rows of its own (kernel/rows.h). Serial kernels run
 * on thread 0, and so do scans of nothing else; between two of them in a row no barrier is needed. In a program with a `main`, a call that is watched (`profile`) says
 * behind each kernel and each barrier that it is there. */
#include "loop/lowering.h"

typedef struct Driver {
    LB b;
    KProgram *p;
    const Lowered *by_order;
    LV ctx, tid, nt, table, iter;
    LV watched; /* a call whose laps somebody wants; 0: no driver tells */
} Driver;

static LV extent(Driver *d, Dim dim)
{
    int64_t c;
    if (dim_is_const(d->p->module->dims, dim, &c)) return l_i64(&d->b, c);
    return l_load(&d->b, d->table, 8 * (int64_t)kernel_table_dim(d->p, dim), DT_i64, 1, 0);
}

/* min(n, granule * (units * t / nt)) */
static LV part_start(Driver *d, LV n, LV units, int64_t granule, LV t)
{
    LB *b = &d->b;
    LV u = l_bin(b, L_ifdiv, l_bin(b, L_imul, units, t), d->nt);
    LV at = l_bin(b, L_imul, u, l_i64(b, granule));
    return granule == 1 ? at : l_sel(b, l_cmp(b, LP_lt, at, n), at, n);
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
    return k->kind == K_EXTERN || (k->kind != K_UPDATE && (k->serial || k->part < 0));
}

/* What threads divide. */
static Dim divided(const Kernel *k)
{
    return k->kind == K_SCATTER || k->kind == K_GROUP ? k->rows : k->axis[k->part];
}

/* This thread's part lo .. hi - 1 of n. */
static void own_part(Driver *d, LV n, int64_t granule, LV *lo, LV *hi)
{
    LB *b = &d->b;
    LV units = l_bin(b, L_iadd, n, l_i64(b, granule - 1));
    units = l_bin(b, L_ifdiv, units, l_i64(b, granule));
    *lo = part_start(d, n, units, granule, d->tid);
    *hi = part_start(d, n, units, granule, l_bin(b, L_iadd, d->tid, l_i64(b, 1)));
}

static void run_parallel(Driver *d, const Lowered *l)
{
    LB *b = &d->b;
    const Kernel *k = l->k;
    LV lo, hi;
    own_part(d, extent(d, divided(k)), l->granule, &lo, &hi);
    LV some = l_if(b, l_cmp(b, LP_lt, lo, hi));
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
    own_part(d, extent(d, k->rows), granule, &lo, &hi);
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

static void run_serial(Driver *d, const Lowered *l)
{
    const Kernel *k = l->k;
    if (k->kind == K_SCAN) {
        run_scan(d, k, true);
        return;
    }
    LV zero = l_i64(&d->b, 0);
    call_kernel(d, l->name, zero, k->part >= 0 || k->kind == K_GROUP ? extent(d, divided(k)) : zero);
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

/* The address of the thread's scratch memory is behind the counters. */
static void find_scratch(Driver *d)
{
    LB *b = &d->b;
    if (!d->p->scratch_bytes) return;
    LV scratch = l_load_ptr(b, l_load_ptr(b, d->ctx, CTX_BASE), 8 * LBASE_SCRATCH);
    l_store(b, d->iter, 8 * MAX_COUNTERS, DT_COUNT, l_ptradd(b, scratch, l_bin(b, L_imul, d->tid, l_i64(b, d->p->scratch_bytes)), 0), 0);
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
    d.table = l_label(b, l_load_ptr(b, d.ctx, CTX_TABLE), "table");
    if (m->laps) d.watched = l_cmp(b, LP_ne, l_load(b, d.ctx, CTX_WATCH, DT_i64, 1, 0), l_i64(b, 0));
    d.iter = l_label(b, l_alloca(b, 8 * (MAX_COUNTERS + 1)), "iter");
    find_scratch(&d);
    run_list(&d, p->kernel.at, p->kernel.n);
    l_ret(b, 0);
}
