/* SPDX-License-Identifier: MIT
 * gradcheck.c: derivatives against central differences. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/permute.h"
#include "base/shape.h"
#include "command/command.h"
#include "command/sample.h"
#include "model/call.h"
#include "model/manifest.h"
#include "run/settings.h"

/* What is found on the way. */
static FILE *notes(const Cli *cli)
{
    return cli->json ? stderr : stdout;
}

typedef struct Tally {
    int64_t each;                             /* elements per tensor at most */
    int64_t checked, elements, tensors, wrong; /* elements: of the tensors, checked or not */
    int64_t idle;                             /* tensors without any derivative but 0 */
    int64_t skipped;                          /* tensors behind a surrogate gradient */
    double worst;
} Tally;

/* The steps of a run, as the head of the train says. */
typedef struct Course {
    int64_t updates, steps; /* of an epoch, 0: there are none without data; of the run */
} Course;

static int course_of(Cli *cli, int entry, const Sample *s, Course *c)
{
    Settings head;
    Loader *loader = NULL;
    int code = settings_from_head(cli->m, entry, &head);
    LoaderSpec spec = {.entry = entry, .part = head.part, .batch = head.batch};
    if (!code && s->data) code = loader_open(s->data, &spec, &loader);
    if (code) return code;
    c->updates = loader ? (loader_batches(loader) + head.accumulate - 1) / head.accumulate : 0;
    c->steps = head.steps > 0 ? head.steps : 1;
    if (loader && head.steps <= 0 && __builtin_mul_overflow(head.epochs, c->updates, &c->steps)) c->steps = INT64_MAX;
    loader_close(loader);
    return NNRT_OK;
}

/* The step up to the statement where it stops; the area's note then holds the loss. */
static int loss_at(Cli *cli, int entry, const Sample *s)
{
    const nnrt_program *p = cli->program;
    memcpy((char *)cli->m->model + p->state_offset, s->states, p->model_bytes - p->state_offset);
    return rt_call(cli->m, entry, 0, s->batch->sizes, s->batch->arg);
}

static bool covered(const nnrt_statement *st, int64_t element)
{
    for (int k = 0; k < st->n_ranges; k++)
        if (element >= st->range[k].offset && element < st->range[k].offset + st->range[k].count) return true;
    return false;
}

typedef struct Statement {
    int entry;
    const nnrt_statement *st;
    const double *grad; /* of the hull of its ranges */
    double *note;       /* where the step leaves the loss */
} Statement;

/* Which elements of a tensor are compared: half of them drawn, half of those that have an effect, as far as there are some. */
typedef struct Picked {
    const Statement *at;
    const nnrt_tensor_info *tensor;
    int64_t count, base, used; /* elements; those with a derivative that is not 0 */
} Picked;

static double derivative(const Picked *p, int64_t index)
{
    return p->at->grad[p->base + shape_place(p->tensor->rank, p->tensor->dim, p->tensor->stride, index) - p->at->st->hull];
}

static void look(Picked *p)
{
    p->count = shape_size(p->tensor->rank, p->tensor->dim);
    p->used = 0;
    p->base = (p->tensor->offset - MODEL_HEAD) / 8;
    for (int64_t i = 0; i < p->count; i++)
        p->used += derivative(p, i) != 0;
}

/* The k-th of a permutation, from *at on, that has an effect or is wanted anyway; -1: there is none. */
static int64_t pick(const Picked *p, int64_t k, int64_t each, int64_t *at)
{
    for (; *at < p->count; ++*at) {
        int64_t index = p->count <= each ? *at : (int64_t)rt_permute((uint64_t)*at, (uint64_t)p->count, 7);
        bool anyway = p->count <= each || k < (each + 1) / 2 || p->used == 0;
        if (anyway || derivative(p, index) != 0) return ++*at, index;
    }
    return -1;
}

/* One element: (f(w + h) - f(w - h)) / 2h, with h = 1e-6. */
static int check_element(Cli *cli, int entry, const Sample *s, double *w, double analytic, const char *name, int64_t index, double *note,
                         Tally *t)
{
    const double h = 1e-6;
    double old = *w, up, down;
    *w = old + h;
    int code = loss_at(cli, entry, s);
    up = note[0];
    *w = old - h;
    if (!code) code = loss_at(cli, entry, s);
    down = note[0];
    *w = old;
    if (code) return code;
    double numeric = (up - down) / (2 * h), error = fabs(numeric - analytic), allowed = 1e-5 + 1e-3 * fabs(numeric);
    t->checked++;
    if (error / allowed > t->worst) t->worst = error / allowed;
    if (error > allowed) {
        if (t->wrong++ < 10)
            fprintf(notes(cli), "  %s[%lld]: derivative %.9g, by differences %.9g\n", name, (long long)index, analytic, numeric);
    }
    return NNRT_OK;
}

/* Up to t->each elements of one tensor. */
static int check_tensor(Cli *cli, const Statement *at, const Sample *s, const nnrt_tensor_info *tensor, Tally *t)
{
    Picked p = {.at = at, .tensor = tensor};
    double *w = (double *)(void *)((char *)cli->m->model + MODEL_HEAD);
    int64_t next = 0, index;
    int code = NNRT_OK;
    look(&p);
    for (int64_t k = 0; k < t->each && !code && (index = pick(&p, k, t->each, &next)) >= 0; k++)
        code = check_element(cli, at->entry, s, w + p.base + shape_place(tensor->rank, tensor->dim, tensor->stride, index),
                             derivative(&p, index), tensor->name, index, at->note, t);
    t->tensors++;
    t->elements += p.count;
    t->idle += p.used == 0;
    if (p.used == 0 && !code) fprintf(notes(cli), "  %s: every derivative is 0\n", tensor->name);
    return code;
}

/* The first step in which the statement is made: it may stand under an `if` over step, epoch or steps. Tried are the first steps, whether
 * the run is as long or not, then the first ones of later epochs. */
enum { MOST_STEPS = 1000, MOST_EPOCHS = 100 };
static int reach(Cli *cli, int entry, const Sample *s, const Course *c, double *note, bool *reached)
{
    nnrt_train *area = cli->m->area[entry];
    int64_t most = MOST_STEPS + (c->updates > 0 ? MOST_EPOCHS : 0);
    int code = NNRT_OK;
    note[0] = NAN;
    area->steps = c->steps;
    for (int64_t i = 0; i < most && !code && isnan(note[0]); i++) {
        int64_t step = i < MOST_STEPS ? i : (i - MOST_STEPS + 1) * c->updates;
        if (i >= MOST_STEPS && step < MOST_STEPS) continue; /* tried already */
        area->step = step;
        area->epoch = c->updates > 0 ? step / c->updates : 0;
        code = loss_at(cli, entry, s);
    }
    *reached = !isnan(note[0]);
    return code;
}

static void tell_unreached(const Cli *cli, const char *entry, int statement, const Course *c)
{
    fprintf(notes(cli), "%s, statement %d: not checked: it is not made in the first %d steps", entry, statement + 1, MOST_STEPS);
    if (c->updates > 0) fprintf(notes(cli), ", nor in the first ones of %d epochs", MOST_EPOCHS);
    fputc('\n', notes(cli));
}

/* Nothing stops at a statement any more. */
static void leave(nnrt_train *area)
{
    area->stop_at = 0;
    area->note = NULL;
    area->step = area->epoch = area->steps = 0;
}

/* The derivative of a surrogate is meant to be another one. */
static bool through_surrogate(Cli *cli, int entry, int statement, int tensor)
{
    const Json *s = json_at(json_get(rt_entry(cli->m, entry), "statements"), statement);
    for (const Json *t = json_list(s, "unchecked"); t; t = t->next) {
        if (t->integer != tensor) continue;
        fprintf(notes(cli), "  %s: not checked, its gradient goes through the surrogate of %s\n", cli->program->tensor[tensor].name,
                json_text(s, "surrogate", "?"));
        return true;
    }
    return false;
}

/* Every parameter that the statement updates. */
static int check_statement(Cli *cli, int entry, int statement, const Sample *s, const Course *course, Tally *total)
{
    enum { MOST_SCALARS = 16 };
    nnrt *m = cli->m;
    const nnrt_entry *e = cli->program->entry[entry];
    nnrt_train *area = m->area[entry];
    double note[MOST_SCALARS] = {0};
    double *grad = malloc(sizeof(double) * (size_t)(e->grad_count + 1));
    if (!grad) return rt_no_memory();
    Statement at = {entry, &e->statement[statement], grad, note};
    area->stop_at = (int16_t)(statement + 1);
    area->note = note;
    bool reached = false;
    int code = reach(cli, entry, s, course, note, &reached);
    if (!code && !reached) tell_unreached(cli, e->name, statement, course);
    if (code || !reached) {
        leave(area);
        free(grad);
        return code;
    }
    memcpy(grad, (const char *)area + e->grad_offset, sizeof(double) * (size_t)e->grad_count);
    fprintf(notes(cli), "%s, statement %d: loss %.9g", e->name, statement + 1, note[0]);
    if (area->step) fprintf(notes(cli), " at step %lld", (long long)area->step);
    if (area->epoch) fprintf(notes(cli), " of epoch %lld", (long long)area->epoch);
    fputc('\n', notes(cli));
    for (int i = 0; i < cli->program->n_tensors && !code; i++) {
        const nnrt_tensor_info *t = &cli->program->tensor[i];
        if (t->is_state || !covered(at.st, (t->offset - MODEL_HEAD) / 8)) continue;
        if (through_surrogate(cli, entry, statement, i))
            total->skipped++;
        else
            code = check_tensor(cli, &at, s, t, total);
    }
    leave(area);
    free(grad);
    return code;
}

static void put_totals(const Cli *cli, const Tally *t)
{
    if (cli->json) {
        printf("{\"tensors\":%lld,\"elements\":%lld,\"idle\":%lld,\"skipped\":%lld,\"checked\":%lld,\"wrong\":%lld,\"worst\":",
               (long long)t->tensors, (long long)t->elements, (long long)t->idle, (long long)t->skipped, (long long)t->checked,
               (long long)t->wrong);
        json_write_number(stdout, t->worst);
        puts("}");
        return;
    }
    printf("%lld tensors with %lld elements, %lld without effect\n", (long long)t->tensors, (long long)t->elements, (long long)t->idle);
    if (t->skipped) printf("%lld tensors not checked, behind a surrogate gradient\n", (long long)t->skipped);
    printf("%lld derivatives checked, %lld wrong (largest error %.3g of what is allowed)\n", (long long)t->checked, (long long)t->wrong,
           t->worst);
}

static int check_entry(Cli *cli, int entry, int64_t rows, Tally *total)
{
    const nnrt_program *p = cli->program;
    Sample s = {.states = rt_alloc(p->model_bytes - p->state_offset)};
    Course course;
    int code = s.states && rt_area(cli->m, entry) ? sample_take(cli, entry, rows, &s) : NNRT_E_MEM;
    if (!code) code = course_of(cli, entry, &s, &course);
    if (s.states) memcpy(s.states, (char *)cli->m->model + p->state_offset, p->model_bytes - p->state_offset);
    for (int k = 0; k < p->entry[entry]->n_statements && !code; k++)
        code = check_statement(cli, entry, k, &s, &course, total);
    rt_free(s.states);
    sample_drop(&s);
    return code;
}

int command_gradcheck(Cli *cli)
{
    Tally total = {.each = GRADCHECK_EACH};
    int64_t rows = GRADCHECK_ROWS;
    int code = flags_int(&cli->flags, "batch", 1, INT32_MAX, &rows);
    if (!code) code = flags_int(&cli->flags, "elements", 0, INT64_MAX, &total.each);
    if (total.each == 0) total.each = INT64_MAX;
    bool any = false;
    for (int i = 0; i < cli->program->n_entries && !code; i++) {
        if (cli->program->entry[i]->kind != NNRT_TRAIN_ENTRY || (cli->entry >= 0 && i != cli->entry)) continue;
        any = true;
        code = check_entry(cli, i, rows, &total);
    }
    if (code) return code;
    if (!any) fputs("there is no train, whose derivatives could be checked\n", notes(cli));
    put_totals(cli, &total);
    return total.wrong ? rt_fail(NNRT_E_NUMERIC, "gradcheck found wrong derivatives") : NNRT_OK;
}
