/* SPDX-License-Identifier: MIT
 * warn_schedule.c: numbers of the optimizers that are computed from the counters of the run, and their sizes. */
#include "sema/warn_schedule.h"

#include <math.h>
#include <string.h>

#include "sema/variant.h"
#include "sema/warn_body.h"
#include "support/real.h"

/* ---- W0705: schedules that are 0 ------------------------------------------------------------ */

typedef struct Moment {
    double step, epoch, steps;
} Moment;

/* A scalar of the step as a function of the counters. */
typedef struct Formula {
    const CoreProgram *p;
    const CoreBody *body;
    CoreRef ref;
    bool *live;    /* by instruction: it is made of it */
    double *value; /* at the moment that was asked for last */
    bool plain;    /* of numbers, options and counters alone */
} Formula;

static Formula formula_of(const Sema *s, const CoreBody *body, CoreRef ref)
{
    Formula f = {.p = s->program, .body = body, .ref = ref, .plain = true};
    f.live = ARENA_ARRAY(s->arena, bool, ref + 1);
    f.value = ARENA_ARRAY(s->arena, double, ref + 1);
    body_ancestors(body, ref, f.live);
    for (CoreRef r = 1; r <= ref; r++) {
        uint16_t op = body_ins(body, r)->op;
        if (f.live[r]) f.plain &= op == CORE_const || op == CORE_counter || op == CORE_option || op == CORE_cast || core_properties(op);
    }
    return f;
}

static double instruction_at(const Formula *f, const CoreIns *ins, const Moment *m)
{
    double x[3] = {0};
    for (uint32_t i = 0; i < ins->n_in && i < 3; i++)
        x[i] = f->value[ins->in[i]];
    bool whole = ins->type.elem == ELEM_int;
    switch (ins->op) {
    case CORE_const: return ins->number;
    case CORE_counter: return ins->attr[0] == 0 ? m->step : ins->attr[0] == 1 ? m->epoch : m->steps;
    case CORE_option: return f->p->options.at[ins->attr[0]].number;
    case CORE_cast: return whole ? trunc(x[0]) : x[0];
    case CORE_floordiv:
    case CORE_mod:
        if (whole && x[1] == 0) return 0;
        return core_value(ins->op, x[0], x[1], 0);
    default: return core_value(ins->op, x[0], x[1], x[2]);
    }
}

/* NaN if it is no function of the counters. */
static double scalar_at(const Formula *f, const Moment *m)
{
    if (!f->plain) return NAN;
    for (CoreRef r = 1; r <= f->ref; r++)
        if (f->live[r]) f->value[r] = instruction_at(f, body_ins(f->body, r), m);
    return f->value[f->ref];
}

enum { MOMENTS = 64, MOST_MOMENTS = 256 };

typedef struct Variant { /* of the step: the body that runs where its conditions have these values */
    const CoreEntry *entry;
    const CoreBody *body;
    uint32_t mask;
    Formula condition[MAX_CONDITIONS];
} Variant;

static Variant variant_of(const Sema *s, const CoreEntry *entry, uint32_t mask)
{
    Variant v = {.entry = entry, .body = entry->body[mask], .mask = mask};
    for (uint32_t i = 0; i < entry->n_conditions; i++)
        v.condition[i] = formula_of(s, entry->cond_body, entry->cond_body->results.at[i]);
    return v;
}

static Moment moment_of(double steps, double batches, int n, int i)
{
    Moment m = {.step = floor(steps * i / n), .steps = steps};
    if (n == MOST_MOMENTS) m.step = fmin(m.step + i * 7 % 13, steps - 1);
    m.epoch = floor(m.step / batches);
    return m;
}

/* How long a run is if an epoch has so many batches. */
static double length_of_run(const CoreHead *head, double batches)
{
    return head->has_steps ? (double)head->steps : batches * (double)head->epochs;
}

/* Is this the variant that runs then? */
static bool runs_at(const Variant *v, const Moment *m)
{
    for (uint32_t i = 0; i < v->entry->n_conditions; i++) {
        double truth = scalar_at(&v->condition[i], m);
        if (!isnan(truth) && (truth != 0) != (v->mask >> i & 1)) return false;
    }
    return true;
}

/* The moments of a run in which this variant runs, into `moment`; 0 if too few of them are known. Where there are conditions, a step
 * now and then is not at an even distance, so that `step % 2 == 1` has some. */
static int moments_of(const Variant *v, double steps, double batches, Moment *moment)
{
    enum { FEW = 8 };
    int n = 0, n_asked = v->entry->n_conditions ? MOST_MOMENTS : MOMENTS;
    for (int i = 0; i < n_asked; i++) {
        Moment m = moment_of(steps, batches, n_asked, i);
        if (runs_at(v, &m)) moment[n++] = m;
    }
    return n < FEW ? 0 : n;
}

static void help_counters(Diag *d)
{
    diag_help(d, "`step` counts batches and `epoch` passes over the data; `//` rounds down, `/` does not");
}

/* Has most of a run, at its end, a step size of 0, or below 0 where it was above? *largest: the largest size, of either sign. */
static bool ends_in_zeros(const Variant *v, const Formula *size, double steps, double batches, double *largest, bool *negative)
{
    Moment moment[MOST_MOMENTS];
    int zeros = 0, below = 0, n = moments_of(v, steps, batches, moment), last = n - 1 - (n + MOMENTS - 1) / MOMENTS;
    bool above = false;
    for (int i = last; i >= 0; i--) { /* the very end may be 0 */
        double x = scalar_at(size, &moment[i]);
        if (isnan(x)) return false;
        if (fabs(x) > *largest) *largest = fabs(x);
        above |= x > 0;
        if (x < 0 && below == last - i) below++;
        if (fabs(x) <= 1e-12 * (*largest > 1e-3 ? 1 : 1e-3) && zeros == last - i) zeros++;
    }
    *negative = above && below > zeros;
    return n && (*negative ? below : zeros) >= n * 3 / 4;
}

/* The number of batches in an epoch is not known here: a schedule is wrong if it is with any number. */
static bool zero_schedule(Sema *s, const Variant *v, const CoreIns *ins, uint32_t arg)
{
    static const double batches[] = {1, 2, 5, 20, 100, 1000, 10000, 1e6};
    double largest = 0;
    bool negative = false;
    Formula size = formula_of(s, v->body, ins->in[arg]);
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        double steps = length_of_run(&v->entry->head, batches[i]);
        if (!ends_in_zeros(v, &size, steps, batches[i], &largest, &negative)) return false;
    }
    help_counters(diag_warning(s->diags, "W0705", ins->span, "the step size is %s",
                               negative       ? "below 0 from early in the run on"
                               : largest == 0 ? "0 throughout the run"
                                              : "0 from early in the run on"));
    return true;
}

enum { COUNTS_STEP = 1, COUNTS_EPOCH = 2, COUNTS_STEPS = 4 };

/* The counters that this is computed from. */
static int counters_of(Sema *s, const CoreBody *body, CoreRef ref)
{
    bool *live = ARENA_ARRAY(s->arena, bool, body->ins.n + 1);
    int counters = 0;
    body_ancestors(body, ref, live);
    for (CoreRef r = 1; r <= ref; r++)
        if (live[r] && body_ins(body, r)->op == CORE_counter) counters |= 1 << body_ins(body, r)->attr[0];
    return counters;
}

/* Is this the same number all the time, in runs with `longer` times the epochs? Then *value is it. */
static bool stands_still(Sema *s, const Variant *v, CoreRef ref, double longer, double *value)
{
    Formula f = formula_of(s, v->body, ref);
    *value = NAN;
    for (double batches = 1; batches <= 1e6; batches *= 10) {
        Moment moment[MOST_MOMENTS];
        int n = moments_of(v, longer * length_of_run(&v->entry->head, batches), batches, moment);
        if (!n) return false;
        for (int i = 0; i < n; i++) {
            double x = scalar_at(&f, &moment[i]);
            if (isnan(*value)) *value = x;
            if (isnan(x) || x != *value) return false;
        }
    }
    return true;
}

/* An argument that is computed from the counters and the same all the time: 0.9 + 0.05 * float(step // steps). A fall every 30 epochs
 * may be meant for longer runs; not for thirty times as many. So may one of the step size every 30000 steps. */
static bool still_schedule(Sema *s, const Variant *v, const CoreIns *ins, uint32_t arg, const char *name)
{
    double value;
    int counters = counters_of(s, v->body, ins->in[arg]);
    if (!counters || ((counters & COUNTS_STEP) && !strcmp(name, "lr"))) return false;
    if (!stands_still(s, v, ins->in[arg], counters == COUNTS_EPOCH ? 30 : 1, &value)) return false;
    help_counters(
        diag_warning(s->diags, "W0705", ins->span, "`%s` is %g throughout the run, although it is computed from a counter", name, value));
    return true;
}

/* step // steps, wherever it stands: a share of the run that is rounded down. */
static void rounded_share(Sema *s, const Variant *v)
{
    const CoreBody *body = v->body;
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        const CoreIns *ins = body_ins(body, r);
        bool rounds = ins->op == CORE_floordiv || ins->op == CORE_floor || ins->op == CORE_trunc ||
                      (ins->op == CORE_cast && ins->type.elem == ELEM_int && body_ins(body, ins->in[0])->type.elem != ELEM_int);
        double value;
        if (!rounds || ins->type.rank || !has_span(ins->span)) continue;
        int counters = counters_of(s, body, r);
        if (!(counters & COUNTS_STEPS) || counters == COUNTS_STEPS || !stands_still(s, v, r, 1, &value) || value != 0) continue;
        help_counters(diag_warning(s->diags, "W0705", ins->span, "this share of the run is rounded down to 0, and 0 until its end"));
        return;
    }
}

/* ---- W0715: epochs over steps ------------------------------------------------------------------ */

/* How much a number grows with one more of a counter, in the middle of a long run. */
static double growth(const Sema *s, const CoreBody *body, CoreRef ref, int counter)
{
    Moment a = {.step = 4e4, .epoch = 40, .steps = 1e5}, b = a;
    *(counter == COUNTS_STEP ? &b.step : counter == COUNTS_EPOCH ? &b.epoch : &b.steps) += 10;
    Formula f = formula_of(s, body, ref);
    return (scalar_at(&f, &b) - scalar_at(&f, &a)) / 10;
}

/* epoch / steps: no share of the run. Where `epoch` is multiplied by the number of batches, it is one. */
static bool mixed_share(Sema *s, const CoreBody *body)
{
    enum { FEW = 5 }; /* batches in an epoch */
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        const CoreIns *div = body_ins(body, r);
        if ((div->op != CORE_div && div->op != CORE_floordiv) || div->type.rank || !has_span(div->span)) continue;
        if (counters_of(s, body, div->in[0]) != COUNTS_EPOCH || counters_of(s, body, div->in[1]) != COUNTS_STEPS) continue;
        double epochs = growth(s, body, div->in[0], COUNTS_EPOCH), steps = growth(s, body, div->in[1], COUNTS_STEPS);
        if (!(epochs > 0 && steps > 0 && epochs / steps < FEW)) continue;
        Diag *d = diag_warning(s->diags, "W0715", div->span, "`epoch` is divided by `steps`, which counts batches");
        diag_help(d, "write float(step) / float(steps), or divide by the number of epochs");
        return true;
    }
    return false;
}

/* ---- W0716: decay that is none ---------------------------------------------------------------- */

/* The least value over the run; NaN if it cannot be told. */
static double least_of(const Sema *s, const Variant *v, CoreRef ref)
{
    Formula f = formula_of(s, v->body, ref);
    double least = INFINITY, batches = 100;
    Moment moment[MOST_MOMENTS];
    int n = moments_of(v, length_of_run(&v->entry->head, batches), batches, moment);
    for (int i = 0; i < n; i++) {
        double x = scalar_at(&f, &moment[i]);
        if (isnan(x) || x < least) least = x;
    }
    return n ? least : NAN;
}

/* Optimizers that shrink the weights themselves by lr * decay. */
static void large_decay(Sema *s, const Variant *v, const CoreIns *ins, uint32_t arg, const char *name)
{
    static const char *const decoupled[] = {"adamw", "lion", "lamb"};
    double decay = least_of(s, v, ins->in[arg]);
    if (!(decay > 0.5)) return;
    for (size_t i = 0; i < sizeof decoupled / sizeof *decoupled; i++) {
        if (strcmp(decoupled[i], name) != 0) continue;
        Diag *d =
            diag_warning(s->diags, "W0716", ins->span, "decay=%g of %s takes lr * %g of every weight in each step", decay, name, decay);
        diag_help(d, "usual is 0.01 to 0.1; a factor that the step size falls by belongs into lr, an average of weights into ema=");
    }
}

/* The arguments of each group's optimizer, lr first. `said`: something was said of the counters. Is it now? */
static bool check_optimizers(Sema *s, const Variant *v, const CoreIns *ins, bool said)
{
    const CoreMinimize *m = &v->entry->minimizes.at[ins->attr[0]];
    uint32_t arg = 1;
    for (uint32_t g = 0; g <= m->more; g++) {
        uint32_t k = 0;
        for (const OptimizerArg *a = m[g].optimizer->arg; a->name && k < m[g].n_args; a++) {
            if (a->range == RANGE_switch) continue;
            said = said || (k == 0 && zero_schedule(s, v, ins, arg));
            said = said || still_schedule(s, v, ins, arg + k, a->name);
            if (!strcmp(a->name, "decay")) large_decay(s, v, ins, arg + k, m[g].optimizer->name);
            k++;
        }
        arg += m[g].n_args;
    }
    return said;
}

void warn_schedules(Sema *s, const CoreEntry *entry)
{
    for (uint32_t mask = 0; mask < 1u << entry->n_conditions; mask++) {
        const Variant v = variant_of(s, entry, mask);
        const CoreBody *body = v.body;
        uint32_t first = s->diags->list.n;
        bool said = mixed_share(s, body);
        for (uint32_t i = 0; i < body->ins.n; i++)
            if (body->ins.at[i].op == CORE_minimize) said = check_optimizers(s, &v, &body->ins.at[i], said);
        if (!said) rounded_share(s, &v);
        variant_said(s, mask, first);
    }
}
