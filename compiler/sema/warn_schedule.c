/* SPDX-License-Identifier: MIT
 * warn_schedule.c: numbers of the optimizers that are computed from the counters of the run, and their sizes. */
#include "sema/warn_schedule.h"

#include <math.h>
#include <string.h>

#include "sema/warn_body.h"
#include "support/real.h"

/* ---- W0705: schedules that are 0 ------------------------------------------------------------ */

typedef struct Moment {
    double step, epoch, steps;
} Moment;

/* A scalar of the step at one moment; NaN if it is not a plain function of the counters. */
static double scalar_at(const CoreProgram *p, const CoreBody *body, CoreRef ref, const Moment *m, int depth)
{
    const CoreIns *ins = &body->ins.at[ref - 1];
    if (depth > 60) return NAN;
    double x[3] = {0};
    for (uint32_t i = 0; i < ins->n_in && i < 3; i++)
        x[i] = scalar_at(p, body, ins->in[i], m, depth + 1);
    bool whole = ins->type.elem == ELEM_int;
    switch (ins->op) {
    case CORE_const: return ins->number;
    case CORE_counter: return ins->attr[0] == 0 ? m->step : ins->attr[0] == 1 ? m->epoch : m->steps;
    case CORE_option: return p->options.at[ins->attr[0]].number;
    case CORE_cast: return whole ? trunc(x[0]) : x[0];
    case CORE_floordiv:
    case CORE_mod:
        if (whole && x[1] == 0) return 0;
        return core_value(ins->op, x[0], x[1], 0);
    default: return core_properties(ins->op) ? core_value(ins->op, x[0], x[1], x[2]) : NAN;
    }
}

enum { MOMENTS = 64 };

/* How much of a run, at its end, has step size 0: out of MOMENTS; -1 if it cannot be told. *largest: the largest size. */
static int zeros_at_end(const Sema *s, const CoreBody *body, CoreRef size, double steps, double batches, double *largest)
{
    int zeros = 0;
    for (int i = MOMENTS - 2; i >= 0; i--) { /* the very end may be 0 */
        Moment m = {.step = floor(steps * i / MOMENTS), .steps = steps};
        m.epoch = floor(m.step / batches);
        double x = scalar_at(s->program, body, size, &m, 0);
        if (isnan(x)) return -1;
        if (fabs(x) > *largest) *largest = fabs(x);
        if (fabs(x) <= 1e-12 * (*largest > 1e-3 ? 1 : 1e-3) && zeros == MOMENTS - 2 - i) zeros++;
    }
    return zeros;
}

/* The number of batches in an epoch is not known here: a schedule is wrong if it is with any number. */
static void zero_schedule(Sema *s, const CoreEntry *entry, const CoreBody *body, const CoreIns *ins, uint32_t arg)
{
    static const double batches[] = {1, 2, 5, 20, 100, 1000, 10000, 1e6};
    const CoreHead *head = &entry->head;
    double largest = 0;
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        double steps = head->has_steps ? (double)head->steps : batches[i] * (double)head->epochs;
        if (zeros_at_end(s, body, ins->in[arg], steps, batches[i], &largest) < MOMENTS * 3 / 4) return;
    }
    Diag *d = diag_warning(s->diags, "W0705", ins->span,
                           largest == 0 ? "the step size is 0 throughout the run" : "the step size is 0 from early in the run on");
    diag_help(d, "`step` counts batches and `epoch` passes over the data; `//` rounds down, `/` does not");
}

/* Is this computed from a counter? */
static bool is_counted(Sema *s, const CoreBody *body, CoreRef ref)
{
    bool *live = ARENA_ARRAY(s->arena, bool, body->ins.n + 1), counted = false;
    body_ancestors(body, ref, live);
    for (CoreRef r = 1; r <= ref; r++)
        counted |= live[r] && body_ins(body, r)->op == CORE_counter;
    return counted;
}

/* An argument that is computed from the counters and the same all the time: 0.9 + 0.05 * float(step // steps). */
static void still_schedule(Sema *s, const CoreEntry *entry, const CoreBody *body, const CoreIns *ins, uint32_t arg, const char *name)
{
    const CoreHead *head = &entry->head;
    double first = NAN;
    if (!is_counted(s, body, ins->in[arg])) return;
    for (double batches = 1; batches <= 1e6; batches *= 10) {
        double steps = head->has_steps ? (double)head->steps : batches * (double)head->epochs;
        for (int i = 0; i < MOMENTS; i++) {
            Moment m = {.step = floor(steps * i / MOMENTS), .steps = steps};
            m.epoch = floor(m.step / batches);
            double x = scalar_at(s->program, body, ins->in[arg], &m, 0);
            if (isnan(first)) first = x;
            if (isnan(x) || x != first) return;
        }
    }
    Diag *d =
        diag_warning(s->diags, "W0705", ins->span, "`%s` is %g throughout the run, although it is computed from a counter", name, first);
    diag_help(d, "`step` counts batches and `epoch` passes over the data; `//` rounds down, `/` does not");
}

/* ---- W0716: decay that is none ---------------------------------------------------------------- */

/* Optimizers that shrink the weights themselves by lr * decay. */
static void large_decay(Sema *s, const CoreBody *body, const CoreIns *ins, uint32_t arg, const char *name)
{
    static const char *const decoupled[] = {"adamw", "lion", "lamb"};
    double decay;
    if (!body_constant(body, ins->in[arg], &decay) || decay <= 0.5) return;
    for (size_t i = 0; i < sizeof decoupled / sizeof *decoupled; i++) {
        if (strcmp(decoupled[i], name) != 0) continue;
        Diag *d =
            diag_warning(s->diags, "W0716", ins->span, "decay=%g of %s takes lr * %g of every weight in each step", decay, name, decay);
        diag_help(d, "usual is 0.01 to 0.1; a factor that the step size falls by belongs into lr, an average of weights into ema=");
    }
}

/* The arguments of each group's optimizer, lr first. */
static void check_optimizers(Sema *s, const CoreEntry *entry, const CoreBody *body, const CoreIns *ins)
{
    const CoreMinimize *m = &entry->minimizes.at[ins->attr[0]];
    uint32_t arg = 1;
    for (uint32_t g = 0; g <= m->more; g++) {
        uint32_t k = 0;
        for (const OptimizerArg *a = m[g].optimizer->arg; a->name && k < m[g].n_args; a++) {
            if (a->range == RANGE_switch) continue;
            if (k == 0)
                zero_schedule(s, entry, body, ins, arg);
            else
                still_schedule(s, entry, body, ins, arg + k, a->name);
            if (!strcmp(a->name, "decay")) large_decay(s, body, ins, arg + k, m[g].optimizer->name);
            k++;
        }
        arg += m[g].n_args;
    }
}

void warn_schedules(Sema *s, const CoreEntry *entry)
{
    for (uint32_t mask = 0; mask < 1u << entry->n_conditions; mask++) {
        const CoreBody *body = entry->body[mask];
        for (uint32_t i = 0; i < body->ins.n; i++)
            if (body->ins.at[i].op == CORE_minimize) check_optimizers(s, entry, body, &body->ins.at[i]);
    }
}
