/* SPDX-License-Identifier: MIT
 * best.c: the checkpoints of the best validations. Each tells the value that it was kept for; one is written before another goes, so
 * that a run that is killed has all of them, and makes again what it did behind its last checkpoint. */
#include "run/best.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "model/safetensors.h"
#include "run/checkpoint.h"

static const char kind[] = "best-step";

/* The best one first; of equals the earlier one. */
static void insert(Run *r, BestOne one)
{
    int at = r->n_top++;
    while (at > 0 && (r->better == BETTER_HIGHER ? one.value > r->top[at - 1].value : one.value < r->top[at - 1].value))
        at--;
    memmove(r->top + at + 1, r->top + at, sizeof *r->top * (size_t)(r->n_top - 1 - at));
    r->top[at] = one;
}

static int read_value(const Run *r, int64_t step, double *value)
{
    char path[RT_PATH], *end = NULL;
    Safetensors f;
    int code = kept_path(r, kind, step, path);
    if (code) return code;
    code = safetensors_open(&f, path);
    const char *text = code ? NULL : safetensors_note(&f, "validated");
    *value = text ? number_read(text, &end) : NAN;
    if (!code && (!text || *end || !isfinite(*value)))
        code = rt_fail(NNRT_E_RANGE, "%s: it does not tell the value that it was kept for; move it away to go on without it", path);
    safetensors_close(&f);
    return code;
}

int best_start(Run *r)
{
    int64_t *steps = NULL;
    if (r->s->keep_best < 1 || !r->s->save[0]) return NNRT_OK;
    bool goes_on = r->s->resume[0] && r->at.has_best;
    int n = goes_on ? kept_steps(r, kind, r->at.step, &steps) : 0, code = n < 0 ? -n : NNRT_OK;
    if (!code && !(r->top = rt_alloc(sizeof *r->top * (size_t)(n + r->s->keep_best + 1)))) code = rt_no_memory();
    for (int i = 0; i < n && !code; i++) {
        BestOne one = {.step = steps[i]};
        code = read_value(r, one.step, &one.value);
        if (!code) insert(r, one);
    }
    rt_free(steps);
    return code;
}

static bool is_top(const Run *r, int64_t step)
{
    for (int i = 0; i < r->n_top; i++)
        if (r->top[i].step == step) return true;
    return false;
}

/* What is not of this run: of one before that had the same file, or of what it makes again. */
static int sweep(Run *r)
{
    int64_t *steps = NULL;
    int n = kept_steps(r, kind, INT64_MAX, &steps), code = n < 0 ? -n : NNRT_OK;
    for (int i = 0; i < n && !code; i++)
        if (!is_top(r, steps[i])) code = kept_remove(r, kind, steps[i]);
    rt_free(steps);
    r->alone = true;
    return code;
}

int best_keep(Run *r, double value)
{
    char path[RT_PATH];
    BestOne one = {r->area->step, value};
    if (!r->top || is_top(r, one.step)) return NNRT_OK; /* a validation may be made again after a resume */
    insert(r, one);
    if (r->n_top > r->s->keep_best && r->top[r->n_top - 1].step == one.step) return r->n_top--, NNRT_OK;
    r->at.validated = value;
    r->at.has_validated = true;
    int code = kept_path(r, kind, one.step, path);
    if (!code) code = run_save_to(r, path);
    r->at.has_validated = false;
    if (!code && !r->alone) code = sweep(r);
    while (!code && r->n_top > r->s->keep_best)
        code = kept_remove(r, kind, r->top[--r->n_top].step);
    return code;
}
