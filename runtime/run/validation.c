/* SPDX-License-Identifier: MIT
 * validation.c: validation of a run, and which checkpoint is the best. */
#include "run/validation.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "model/manifest.h"
#include "run/best.h"
#include "run/checkpoint.h"
#include "run/evaluate.h"
#include "run/ranks.h"
#include "run/signals.h"
#include "run/tell.h"

static int unknown_report(const Run *r)
{
    char names[600] = "";
    for (int i = 0; i < r->m->program->entry[r->check.entry]->n_reports; i++) {
        const Json *report = report_at(r->m, r->check.entry, i);
        if (report_is_scalar(report)) rt_append(names, sizeof names, "%s%s", names[0] ? ", " : "", json_text(report, "name", "?"));
    }
    return rt_fail(RT_USAGE, "--early-stop %s: the validation reports no such number, but %s", r->s->decider, names[0] ? names : "none");
}

/* The report that decides which checkpoint is the best: the one that --early-stop names, else the
 * first. */
static int choose_report(Run *r)
{
    bool stops = r->s->patience > 0 || (r->s->keep_best > 0 && r->s->save[0]);
    r->decides = -1;
    const char *flag = r->s->patience <= 0 ? "--keep-best" : r->s->early_stop[0] ? "--early-stop" : "patience";
    if (r->check.entry < 0) return stops ? rt_fail(RT_USAGE, "%s needs a validation: --validate PART", flag) : NNRT_OK;
    r->decides = r->s->decider[0] ? report_find(r->m, r->check.entry, r->s->decider) : report_first_scalar(r->m, r->check.entry);
    if (r->s->decider[0] && (r->decides < 0 || !report_is_scalar(report_at(r->m, r->check.entry, r->decides)))) return unknown_report(r);
    if (r->decides < 0) return stops ? rt_fail(RT_USAGE, "%s: the validation reports no number", flag) : NNRT_OK;
    const char *name = json_text(report_at(r->m, r->check.entry, r->decides), "name", "?");
    r->better = report_better(r->m, r->check.entry, r->decides);
    if (r->better != BETTER_UNKNOWN || (!stops && !r->s->save[0])) return NNRT_OK;
    return rt_fail(RT_USAGE,
                   "is more of %s better, or less? The program does not say which validation is the "
                   "best: write `report maximize %s = ...` or `report minimize %s = ...`",
                   name, name, name);
}

int validation_start(Run *r, const nnrt_reader *const *readers)
{
    const Json *head = json_get(rt_entry(r->m, r->entry), "head");
    const char *part = json_text(head, "validate", NULL);
    r->check.entry = (int)json_int(head, "validate_entry", -1);
    if (strcmp(r->s->validate, "none") == 0) {
        r->check.entry = -1;
        part = NULL;
    } else if (r->s->validate[0]) {
        r->check.entry = rt_find_entry(r->m, r->s->validate, "eval");
        part = r->check.entry < 0 ? r->s->validate : NULL;
    }
    if (part) {
        snprintf(r->check.part, sizeof r->check.part, "%s", part);
        for (int i = 0; i < r->m->program->n_entries && r->check.entry < 0; i++)
            if (json_int(rt_entry(r->m, i), "derived_from", -1) == r->entry) r->check.entry = i;
    }
    int code = choose_report(r);
    if (code || r->check.entry < 0) return code;
    const Json *e = rt_entry(r->m, r->check.entry);
    if (!part) snprintf(r->check.part, sizeof r->check.part, "%s", json_text(e, "part", "all"));
    int data = (int)json_int(e, "data", -1), mine = (int)json_int(rt_entry(r->m, r->entry), "data", -1);
    code = values_new(r->m, r->check.entry, &r->check.v);
    if (code || data < 0) return code;
    if (data == mine) {
        r->check.data = r->data;
        return NNRT_OK;
    }
    r->check.own_data = true;
    return dataset_open(r->m, data, readers, &r->check.data);
}

const char *validation_name(const Run *r)
{
    if (r->check.entry < 0) return "none";
    if (json_int(rt_entry(r->m, r->check.entry), "derived_from", -1) < 0) return r->m->program->entry[r->check.entry]->name;
    return rt_find_entry(r->m, r->check.part, "eval") < 0 ? r->check.part : r->s->validate; /* an eval of that name would be meant */
}

static int judge(Run *r)
{
    int i = r->decides;
    if (i < 0 || r->better == BETTER_UNKNOWN) return NNRT_OK;
    double v = r->check.v.at[report_offset(r->m, r->check.entry, i)];
    double gain = r->better == BETTER_HIGHER ? v - r->at.best : r->at.best - v;
    if (isfinite(v) && (!r->at.has_best || gain > r->s->min_delta)) {
        r->at.best = v;
        r->at.has_best = true;
        r->at.stale = 0;
        int code = run_save_best(r);
        return code ? code : best_keep(r, v);
    }
    r->at.stale++;
    int code = isfinite(v) ? best_keep(r, v) : NNRT_OK;
    if (code) return code;
    if (r->s->patience > 0 && r->at.stale >= r->s->patience) {
        char text[200];
        snprintf(text, sizeof text, "stopped early: no better %s in %lld validations",
                 json_text(report_at(r->m, r->check.entry, i), "name", "?"), (long long)r->at.stale);
        meter_line(&r->meter, text);
        r->stop = true;
    }
    return NNRT_OK;
}

int validation_run(Run *r)
{
    Settings s;
    if (r->check.entry < 0) return NNRT_OK;
    settings_from_head(r->m, r->check.entry, &s);
    s.seed = r->s->seed;
    s.dry = r->s->dry;
    r->m->progress = *run_place(r);
    evaluate_swap(r->m);
    double began = rt_now();
    int code = evaluate_part(r->m, r->check.entry, r->check.data, &s, r->check.part, &r->check.v, &r->meter);
    evaluate_swap(r->m);
    meter_rest(&r->meter, rt_now() - began);
    r->at.unchecked = signals_stop(r->m) != 0; /* a run that goes on from here begins with it */
    int64_t all[] = {r->at.unchecked, code};
    int lost = ranks_most(r->m->exchange, all, 2);
    r->at.unchecked = lost || all[0];
    if (!code) code = lost ? lost : all[1] ? RT_ELSEWHERE : NNRT_OK;
    if (code || r->at.unchecked) return code;
    code = tell_report(r, "validate", ", validation", r->check.entry, &r->check.v);
    return code ? code : judge(r);
}
