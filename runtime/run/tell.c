/* SPDX-License-Identifier: MIT
 * tell.c: what a run reports: lines, log, progress. */
#include "run/tell.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

static int64_t epoch_shown(const Run *r) /* counted from 1; a finished epoch is still the current one */
{
    return r->at.epoch + (r->at.batch > 0);
}

static int say(Run *r, const char *what, int entry, const Values *v)
{
    Memory line;
    if (!memory_open(&line)) return memory_close(&line);
    FILE *f = line.f;
    if (r->data) fprintf(f, "epoch %lld/%lld, ", (long long)epoch_shown(r), (long long)((r->total + r->updates - 1) / r->updates));
    fprintf(f, "step %lld/%lld%s: ", (long long)r->area->step, (long long)r->total, what);
    report_scalars(f, r->m, entry, v->at);
    int code = memory_close(&line);
    if (!code) meter_line(&r->meter, line.text);
    free(line.text);
    return code;
}

static void warn_not_finite(Run *r, int entry, const Values *v)
{
    for (int i = 0; i < r->m->program->entry[entry]->n_reports; i++) {
        const Json *report = report_at(r->m, entry, i);
        double x = v->at[report_offset(r->m, entry, i)];
        char text[256];
        if (!report_is_scalar(report) || isfinite(x)) continue;
        snprintf(text, sizeof text, "warning: %s is %s", json_text(report, "name", "?"), isnan(x) ? "nan" : "infinite");
        meter_line(&r->meter, text);
    }
}

int tell_report(Run *r, const char *event, const char *what, int entry, const Values *v)
{
    Moment at = {event, r->area->step, epoch_shown(r), meter_seconds(&r->meter)};
    int code = say(r, what, entry, v);
    warn_not_finite(r, entry, v);
    if (!code) code = log_write(&r->log, &at, entry, v);
    if (code == RT_SYSTEM) r->log_broken = r->stop = true;
    return code == RT_SYSTEM ? NNRT_OK : code;
}

int tell_interval(Run *r)
{
    int code = report_take(r->m, r->entry, true, &r->now);
    if (code || r->now.examples == 0) return code;
    return tell_report(r, "train", "", r->entry, &r->now);
}

void tell_progress(Run *r)
{
    Memory line;
    if (report_take(r->m, r->entry, false, &r->now) || !memory_open(&line)) return;
    FILE *f = line.f;
    double done = (double)r->area->step / (double)r->total, t = meter_seconds(&r->meter);
    int64_t left = done > 0 ? (int64_t)(t * (1 - done) / done) : 0;
    if (r->data) fprintf(f, "epoch %lld ", (long long)r->at.epoch + 1);
    fprintf(f, "step %lld/%lld %3.0f%% left %lld:%02lld  ", (long long)r->area->step, (long long)r->total, 100 * done, (long long)left / 60,
            (long long)left % 60);
    report_scalars(f, r->m, r->entry, r->now.at);
    if (!memory_close(&line)) meter_draw(&r->meter, line.text);
    free(line.text);
}
