/* SPDX-License-Identifier: MIT
 * log.c: what a run reported, for tools: a line of JSON and a row of CSV per report, flushed at
 * once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"

/* The step of a line of either file; -1 if it has none (the CSV's header, damaged lines). */
static int64_t step_of(const char *line, size_t n, bool is_json)
{
    if (is_json) {
        const char *error = NULL;
        Json *j = json_parse(line, n, &error);
        int64_t step = j ? json_int(j, "step", -1) : -1;
        json_free(j);
        return step;
    }
    const char *at = line;
    for (int comma = 0; comma < 2; comma++) {
        at = memchr(at, ',', n - (size_t)(at - line));
        if (!at) return -1;
        at++;
    }
    return strncmp(line, "event,", 6) == 0 ? -1 : strtoll(at, NULL, 10);
}

/* Keeps the lines of steps up to `step`: what an interrupted run did afterwards is done again. */
static int cut_log(const char *path, bool is_json, int64_t step)
{
    FILE *in = fopen(path, "r");
    if (!in) return errno == ENOENT ? NNRT_OK : rt_fail(NNRT_E_IO, "%s: %s", path, strerror(errno));
    char temporary[RUN_PATH + 128], *line = NULL;
    size_t room = 0;
    snprintf(temporary, sizeof temporary, "%s.tmp", path);
    FILE *out = fopen(temporary, "w");
    if (!out) {
        fclose(in);
        return rt_fail(NNRT_E_IO, "%s: %s", temporary, strerror(errno));
    }
    for (ssize_t n; (n = getline(&line, &room, in)) > 0;) {
        int64_t at = step_of(line, (size_t)n, is_json);
        if (line[n - 1] != '\n' || at > step || (is_json && at < 0)) continue;
        fwrite(line, 1, (size_t)n, out);
    }
    free(line);
    fclose(in);
    if (fclose(out) || rename(temporary, path))
        return rt_fail(NNRT_E_IO, "%s: %s", path, strerror(errno));
    return NNRT_OK;
}

/* Names that the other entry reports and this one does not. */
static bool is_new(const Log *log, const char *name)
{
    return report_find(log->m, log->entry, name) < 0;
}

static void csv_header(const Log *log)
{
    fputs("event,entry,step,epoch,examples,seconds", log->csv);
    for (int i = 0; i < log->m->program->entry[log->entry]->n_reports; i++)
        if (report_is_scalar(report_at(log->m, log->entry, i)))
            fprintf(log->csv, ",%s", json_text(report_at(log->m, log->entry, i), "name", "?"));
    for (int i = 0; log->other >= 0 && i < log->m->program->entry[log->other]->n_reports; i++) {
        const Json *r = report_at(log->m, log->other, i);
        if (report_is_scalar(r) && is_new(log, json_text(r, "name", "?")))
            fprintf(log->csv, ",%s", json_text(r, "name", "?"));
    }
    fputc('\n', log->csv);
}

static FILE *open_one(const char *stem, const char *entry, const char *end, bool resumed,
                      int64_t step)
{
    char path[RUN_PATH + 96];
    snprintf(path, sizeof path, "%s.%s.%s", stem, entry, end);
    if (resumed && cut_log(path, strcmp(end, "jsonl") == 0, step)) return NULL;
    FILE *f = fopen(path, resumed ? "a" : "w");
    if (!f) rt_fail(NNRT_E_IO, "%s: cannot write the log: %s", path, strerror(errno));
    return f;
}

int log_open(Log *log, nnrt *m, int entry, int other, const char *stem, bool resumed, int64_t step)
{
    *log = (Log){.m = m, .entry = entry, .other = other};
    if (!stem[0] || strcmp(stem, "none") == 0) return NNRT_OK;
    const char *name = m->program->entry[entry]->name;
    log->json = open_one(stem, name, "jsonl", resumed, step);
    log->csv = log->json ? open_one(stem, name, "csv", resumed, step) : NULL;
    if (!log->csv) {
        log_close(log);
        return NNRT_E_IO;
    }
    struct stat st;
    if (fstat(fileno(log->csv), &st) == 0 && st.st_size == 0) csv_header(log);
    return NNRT_OK;
}

static void csv_cell(FILE *f, double v)
{
    char text[40];
    fprintf(f, ",%s",
            v - v == 0 ? json_format_number(v, text, sizeof text)
            : v != v   ? "nan"
            : v > 0    ? "inf"
                       : "-inf");
}

static void csv_row(const Log *log, const Moment *at, int entry, const Values *v)
{
    const nnrt *m = log->m;
    fprintf(log->csv, "%s,%s,%lld,%lld,%lld,%.3f", at->event, m->program->entry[entry]->name,
            (long long)at->step, (long long)at->epoch, (long long)v->examples, at->seconds);
    const int owners[2] = {log->entry, log->other};
    for (int o = 0; o < 2; o++) {
        for (int i = 0; owners[o] >= 0 && i < m->program->entry[owners[o]]->n_reports; i++) {
            const Json *r = report_at(m, owners[o], i);
            const char *name = json_text(r, "name", "?");
            if (!report_is_scalar(r) || (o == 1 && !is_new(log, name))) continue;
            int mine = report_find(m, entry, name);
            if (mine >= 0 && report_is_scalar(report_at(m, entry, mine)))
                csv_cell(log->csv, v->at[report_offset(m, entry, mine)]);
            else
                fputc(',', log->csv);
        }
    }
    fputc('\n', log->csv);
}

int log_write(Log *log, const Moment *at, int entry, const Values *v)
{
    if (!log->json) return NNRT_OK;
    fprintf(log->json,
            "{\"event\":\"%s\",\"entry\":\"%s\",\"step\":%lld,\"epoch\":%lld,\"examples\":%lld,"
            "\"seconds\":%.3f",
            at->event, log->m->program->entry[entry]->name, (long long)at->step,
            (long long)at->epoch, (long long)v->examples, at->seconds);
    report_json(log->json, log->m, entry, v->at, true);
    fputs("}\n", log->json);
    csv_row(log, at, entry, v);
    if (fflush(log->json) || fflush(log->csv))
        return rt_fail(NNRT_E_IO, "cannot write the log: %s", strerror(errno));
    return NNRT_OK;
}

void log_close(Log *log)
{
    if (log->json) fclose(log->json);
    if (log->csv) fclose(log->csv);
    log->json = log->csv = NULL;
}
