/* SPDX-License-Identifier: MIT
 * lower.c: kernels to loop IR: a function per kernel and the driver, for each level, then the
 * prologue, which knows all sizes in use. */
#include "kernel/merge.h"
#include "loop/lowering.h"

typedef struct Lower {
    LoopModule *m;
    KProgram *p;
    const char *prefix;
    VEC(Lowered) by_order;
} Lower;

static void lower_list(Lower *l, Kernel *const *kernel, uint32_t n);

static void lower_kernel(Lower *l, const Kernel *kernel)
{
    LoopModule *m = l->m;
    while (l->by_order.n <= kernel->order)
        vec_add(m->arena, &l->by_order, (Lowered){0});
    if (l->by_order.at[kernel->order].k)
        BUG("kernels %s and %s have the same place in the order", kernel->name, l->by_order.at[kernel->order].k->name);
    Kernel *k = kernel_merge_axes(m->arena, l->p->module->dims, kernel, NULL);
    if (m->target.compact) k->part = -1; /* nobody shares the work */
    const char *name = arena_print(m->arena, "%s_%s", l->prefix, kernel->looks_for ? kernel->looks_for->name : kernel->name);
    int64_t granule = 1;
    Spare spare = {0};
    switch (k->kind) {
    case K_NEST: granule = lower_nest(m, l->p, k, name, &spare); break;
    case K_GEMM:
        if (kernel->looks_for) break; /* that one's code */
        granule = lower_gemm(m, l->p, k, name, &spare);
        break;
    case K_SCATTER: granule = lower_scatter(m, l->p, k, name); break;
    case K_ARGSORT: granule = lower_argsort(m, l->p, k, name); break;
    case K_EXTERN: lower_extern(m, l->p, k, name); break;
    case K_PROBE: lower_probe(m, l->p, k, name); break;
    case K_UPDATE: lower_update(m, l->p, k, name); break;
    case K_GROUP: lower_list(l, k->body.at, k->body.n); break;
    default: break;
    }
    if (k->kind == K_GROUP) lower_group(m, l->p, k, name, l->by_order.at);
    l->by_order.at[kernel->order] = (Lowered){k, name, granule, spare};
    if (k->kind == K_SCAN) lower_list(l, k->body.at, k->body.n);
}

static void lower_list(Lower *l, Kernel *const *kernel, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        lower_kernel(l, kernel[i]);
}

/* The scratch memory of a thread is as large as the level that takes most of it wants it: drivers are made when all kernels are. */
void loop_lower(LoopModule *m, KProgram *p, const char *prefix)
{
    Lower l[LOOP_MAX_LEVELS];
    uint32_t n = loop_levels(m);
    for (uint32_t i = 0; i < n; i++) {
        loop_for(m, i);
        l[i] = (Lower){.m = m, .p = p, .prefix = loop_name(m, prefix)};
        lower_list(&l[i], p->kernel.at, p->kernel.n);
    }
    for (uint32_t i = 0; i < n; i++) {
        loop_for(m, i);
        lower_driver(m, p, l[i].prefix, l[i].by_order.at);
    }
    loop_for(m, n);
    kernel_plan_again(p);
    lower_prologue(m, p, arena_print(m->arena, "%s_prologue", prefix));
}
