/* SPDX-License-Identifier: MIT
 * tell.c: what a run reports: lines, log, progress. */
#include "run/tell.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "run/signals.h"
#include "base/number.h"

int64_t tell_epoch(const Run *r)
{
    return r->at.epoch + (r->at.batch > 0);
}

static int64_t epochs(const Run *r)
{
    return (r->total + r->updates - 1) / r->updates;
}

static int say(Run *r, const char *what, int entry, const Values *v)
{
    Memory line;
    if (r->s->stream) return NNRT_OK; /* the log's line says it */
    if (!memory_open(&line)) return memory_close(&line);
    FILE *f = line.f;
    if (r->data) fprintf(f, "epoch %lld/%lld, ", (long long)tell_epoch(r), (long long)epochs(r));
    fprintf(f, "step %lld/%lld%s%s", (long long)r->area->step, (long long)r->total, what, report_first_scalar(r->m, entry) < 0 ? "" : ": ");
    report_scalars(f, r->m, entry, v->at);
    int code = memory_close(&line);
    if (!code) meter_line(&r->meter, line.text);
    free(line.text);
    return code;
}

/* An event of --json that is none of the log: where the run stands, then what follows. */
static void event_begin(FILE *f, Run *r, const char *event)
{
    number_print(f, "{\"event\":\"%s\",\"entry\":\"%s\",\"step\":%lld,\"epoch\":%lld,\"seconds\":%.3f", event, r->name,
                 (long long)r->area->step, (long long)tell_epoch(r), meter_seconds(&r->meter));
}

void tell_checkpoint(Run *r, const char *path)
{
    if (!r->s->stream) return;
    event_begin(stdout, r, "checkpoint");
    json_put(stdout, ",\"file\":", path);
    puts("}");
    fflush(stdout);
}

static void event_end(Run *r, int stopped_by, const char *best)
{
    event_begin(stdout, r, "end");
    const char *how = stopped_by ? "signal" : r->timed_out ? "time" : r->stop ? "early" : NULL;
    fprintf(stdout, how ? ",\"signal\":%d,\"stopped\":\"%s\"" : ",\"signal\":%d,\"stopped\":null", stopped_by, how);
    const char *names[] = {"saved", "best"}, *files[] = {r->s->save, best};
    for (int i = 0; i < 2; i++) {
        fprintf(stdout, ",\"%s\":", names[i]);
        if (*files[i])
            json_write_string(stdout, files[i]);
        else
            fputs("null", stdout);
    }
    fprintf(stdout, ",\"examples\":%lld", (long long)r->now.examples);
    report_json(stdout, r->m, r->entry, r->now.at, true);
    puts("}");
    fflush(stdout);
}

int tell_end(Run *r, int stopped_by)
{
    Memory line;
    const char *save = r->s->save, *best = r->at.has_best && *save ? r->best : "";
    if (r->s->stream) return event_end(r, stopped_by, best), NNRT_OK;
    if (r->s->dry) return NNRT_OK;
    bool stopped = stopped_by || r->timed_out;
    if (!stopped && !*save) return NNRT_OK;
    if (memory_open(&line)) {
        if (stopped)
            fprintf(line.f, "stopped %s%s at step %lld; %s%s%s",
                    stopped_by == STOP_ASKED ? "as asked for"
                    : stopped_by             ? "by a signal"
                                             : "after ",
                    stopped_by ? "" : r->s->max_time, (long long)r->area->step, *save ? "--resume " : "", save,
                    *save ? " goes on" : "nothing was saved, so no run can go on from there");
        else
            fprintf(line.f, "saved %s%s%s", save, *best ? "; the best so far is in " : "", best);
    }
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
    Moment at = {event, r->area->step, tell_epoch(r), meter_seconds(&r->meter)};
    int code = say(r, what, entry, v);
    warn_not_finite(r, entry, v);
    if (!code) code = log_write(&r->log, &at, entry, v);
    if (code == RT_SYSTEM) r->log_broken = r->stop = true;
    return code == RT_SYSTEM ? NNRT_OK : code;
}

int tell_interval(Run *r)
{
    int code = report_take(r->m, r->entry, true, &r->now);
    r->told = r->area->step;
    if (code || r->now.examples == 0) return code;
    return tell_report(r, "train", "", r->entry, &r->now);
}

/* The fields of the redrawn line, the most important first. */
static void put_line(Run *r, FILE *f)
{
    int64_t step = r->area->step;
    int first = report_first_scalar(r->m, r->entry);
    if (r->data) fprintf(f, "epoch %lld/%lld ", (long long)tell_epoch(r), (long long)epochs(r));
    fprintf(f, "step %lld/%lld", (long long)step, (long long)r->total);
    if (first >= 0) fputs(", ", f), report_scalar(f, r->m, r->entry, first, r->now.at);
    meter_put_left(f, (rt_now() - r->loop_at) / (double)(step - r->from) * (double)(r->total - step));
    meter_put_speed(f, &r->meter);
    for (int i = first + 1; i < r->e->n_reports; i++)
        if (report_is_scalar(report_at(r->m, r->entry, i))) fputs(", ", f), report_scalar(f, r->m, r->entry, i, r->now.at);
}

void tell_progress(Run *r)
{
    Memory line;
    if (r->told != r->area->step && report_take(r->m, r->entry, false, &r->now)) return;
    if (memory_open(&line)) put_line(r, line.f);
    if (!memory_close(&line)) meter_draw(&r->meter, line.text);
    free(line.text);
}
