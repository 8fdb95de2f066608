/* SPDX-License-Identifier: MIT
 * parts.c: machine code of a program, in parts that are compiled side by side.
 *
 * Part 0 has the constant tables and all that is not a kernel (loop/split.c).
 * Every part has its own LLVM context and arena; threads take the parts in turn. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "emit/emit.h"

typedef struct Shop {
    const EmitProgram *e;
    const LoopModule *m;
    EmitParts *parts;
    atomic_uint next;
    Arena arena[LOOP_MAX_PARTS];
    const char *wrong[LOOP_MAX_PARTS];
} Shop;

static void compile_part(Shop *s, uint32_t part)
{
    EmitParts *p = s->parts;
    const CgTargets *targets = s->e->targets;
    Cg *cg = codegen_new(&s->arena[part], &targets->at[0], s->m->fn.at[0]->name, part);
    codegen_levels(cg, targets);
    if (p->want_ir) codegen_keep_names(cg);
    if (part == 0) {
        emit_core(cg, s->e, p->core_inside);
        if (p->with_main) emit_main_data(cg, s->e);
    }
    codegen_loops(cg, s->m);
    if (part == 0) emit_program(cg, s->e, p->core_inside);
    const char *wrong = codegen_verify(cg);
    if (wrong) BUG("LLVM: %s", wrong);
    codegen_optimize(cg, 2);
    bool measured = targets->at[0].compact && !p->assembly && p->object[part];
    if (measured) codegen_watch_stack(cg);
    if (p->want_ir) p->ir[part] = codegen_ir(cg);
    if (p->object[part]) s->wrong[part] = codegen_write(cg, p->object[part], p->assembly);
    if (measured && !s->wrong[part]) emit_figures(cg, s->e, &p->figures);
    codegen_free(cg);
}

static void *work(void *user)
{
    Shop *s = user;
    for (;;) {
        uint32_t part = atomic_fetch_add(&s->next, 1);
        if (part >= s->parts->n) return NULL;
        compile_part(s, part);
    }
}

static uint32_t n_threads(uint32_t n_parts)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : (uint32_t)cores < n_parts ? (uint32_t)cores : n_parts;
}

const char *emit_parts(const EmitProgram *e, const LoopModule *m, EmitParts *parts)
{
    Shop *s = ARENA_NEW(e->arena, Shop);
    *s = (Shop){.e = e, .m = m, .parts = parts};
    pthread_t helper[LOOP_MAX_PARTS];
    uint32_t n = n_threads(parts->n), n_started = 0;
    while (n_started + 1 < n && !pthread_create(&helper[n_started], NULL, work, s))
        n_started++;
    work(s); /* without a helper this thread does it all */
    for (uint32_t i = 0; i < n_started; i++)
        pthread_join(helper[i], NULL);
    const char *wrong = parts->n_objects > parts->n ? emit_core_object(e, parts->object[parts->n]) : NULL;
    for (uint32_t i = 0; i < parts->n; i++) {
        if (s->wrong[i] && !wrong) wrong = arena_print(e->arena, "%s", s->wrong[i]);
        if (parts->ir[i]) parts->ir[i] = arena_print(e->arena, "%s", parts->ir[i]);
        arena_free(&s->arena[i]);
    }
    return wrong;
}
