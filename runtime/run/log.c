/* SPDX-License-Identifier: MIT
 * log.c: what a run reported, for tools: a line of JSON and a row of CSV per report, flushed at
 * once. */
#include "run/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/store.h"
#include "run/events.h"

/* The step of a line of either file; -1 if it has none (the CSV's header, damaged lines). */
static int64_t step_of(const char *line, size_t n, bool is_json, int *code)
{
    if (is_json) {
        const char *error = NULL;
        Json *j = json_parse(line, n, &error);
        if (!j && error == json_no_memory) *code = rt_no_memory();
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

/* Keeps the lines of steps up to `step`: what an interrupted run did afterwards is done again. The
 * log stays as it was if it cannot be read or written. */
static int cut_log(const char *path, bool is_json, int64_t step)
{
    char *text = NULL;
    size_t n = 0;
    Store out;
    int bad = store_text(path, false, &text, &n);
    if (bad == ENOENT || bad == ESPIPE) return NNRT_OK; /* a pipe has nothing to cut */
    if (bad) return rt_fail_system(bad, "%s: cannot read the log", path);
    int code = store_begin(&out, path, "cannot write the log", false);
    bool begun = !code;
    for (char *line = text, *end; !code && (end = memchr(line, '\n', n - (size_t)(line - text))); line = end + 1) {
        *end = 0;
        int64_t at = step_of(line, (size_t)(end - line), is_json, &code);
        if (code || at > step || (is_json && at < 0)) continue;
        *end = '\n';
        store_put(&out, line, (size_t)(end - line) + 1);
    }
    if (begun) code = store_end(&out, code);
    free(text);
    return code;
}

/* A line is made in memory and written at once: 0, or errno. */
static int line_end(Memory *line, int fd)
{
    int error = memory_close(line) ? ENOMEM : store_write(fd, line->text, line->n);
    free(line->text);
    return error;
}

static int log_failed(Log *log, int error)
{
    if (error) log->error = error; /* it stays, whatever can be written later */
    return error ? rt_fail_system(error, "cannot write the log") : NNRT_OK;
}

typedef struct Column { /* of the CSV, behind the fixed ones */
    int owner, next;
} Column;

/* The name of the next column, from {0} on: numbers that the entry reports, then what the other one reports beside them; NULL: none. */
static const char *next_column(const Log *log, Column *c)
{
    const int owners[] = {log->entry, log->other};
    for (; c->owner < 2; c->owner++, c->next = 0)
        while (owners[c->owner] >= 0 && c->next < log->m->program->entry[owners[c->owner]]->n_reports) {
            const Json *r = report_at(log->m, owners[c->owner], c->next++);
            const char *name = json_text(r, "name", "?");
            if (report_is_scalar(r) && (c->owner == 0 || report_find(log->m, log->entry, name) < 0)) return name;
        }
    return NULL;
}

static void csv_header(const Log *log, FILE *f)
{
    const char *name;
    fputs("event,entry,step,epoch,examples,seconds", f);
    for (Column c = {0}; (name = next_column(log, &c));)
        fprintf(f, ",%s", name);
    fputc('\n', f);
}

static int open_one(const char *stem, const char *entry, const char *end, bool resumed, int64_t step, int *fd)
{
    char path[RT_PATH];
    int code = rt_path(path, "%s.%s.%s", stem, entry, end);
    if (code) return code;
    store_clean(path);
    code = resumed ? cut_log(path, strcmp(end, "jsonl") == 0, step) : NNRT_OK;
    if (code) return code;
    *fd = store_open(path, O_WRONLY | O_CREAT | O_APPEND | (resumed ? 0 : O_TRUNC));
    return *fd >= 0 ? NNRT_OK : rt_fail_system(errno, "%s: cannot write the log", path);
}

static int open_events(Log *log, int which)
{
    static const char *const names[] = {"train", "validation"};
    return log->folder[0] ? events_open(log->folder, names[which], log->from, &log->events[which]) : 0;
}

static int open_files(Log *log, const Settings *s, int64_t step)
{
    bool resumed = s->resume[0] != 0;
    const char *name = log->m->program->entry[log->entry]->name;
    int code = open_one(s->log, name, "jsonl", resumed, step, &log->json);
    return code ? code : open_one(s->log, name, "csv", resumed, step, &log->csv);
}

int log_open(Log *log, nnrt *m, int entry, int other, const Settings *s, int64_t step)
{
    bool out = strcmp(s->log, "-") == 0, files = s->log[0] && !out && strcmp(s->log, "none");
    *log = (Log){.json = -1, .csv = -1, .events = {-1, -1}, .out = out || s->stream, .m = m, .entry = entry, .other = other};
    log->folder = s->tfevents;
    log->from = s->resume[0] ? step + 1 : 0;
    int error = open_events(log, 0), code = NNRT_OK;
    if (error) code = rt_fail_system(error, "%s: cannot write event files", log->folder);
    if (!code && files) code = open_files(log, s, step);
    if (code) log_close(log);
    if (code || !files) return code;
    struct stat st;
    if (fstat(log->csv, &st) || st.st_size) return NNRT_OK;
    Memory line;
    if (memory_open(&line)) csv_header(log, line.f);
    return log_failed(log, line_end(&line, log->csv));
}

static void csv_cell(FILE *f, double v)
{
    char text[40];
    fprintf(f, ",%s", v - v == 0 ? json_format_number(v, text, sizeof text) : v != v ? "nan" : v > 0 ? "inf" : "-inf");
}

static void csv_row(const Log *log, FILE *f, const Moment *at, int entry, const Values *v)
{
    const nnrt *m = log->m;
    number_print(f, "%s,%s,%lld,%lld,%lld,%.3f", at->event, m->program->entry[entry]->name, (long long)at->step, (long long)at->epoch,
                 (long long)v->examples, at->seconds);
    const char *name;
    for (Column c = {0}; (name = next_column(log, &c));) {
        int mine = report_find(m, entry, name);
        if (mine >= 0 && report_is_scalar(report_at(m, entry, mine)))
            csv_cell(f, v->at[report_offset(m, entry, mine)]);
        else
            fputc(',', f);
    }
    fputc('\n', f);
}

static void json_row(const Log *log, FILE *f, const Moment *at, int entry, const Values *v)
{
    number_print(f, "{\"event\":\"%s\",\"entry\":\"%s\",\"step\":%lld,\"epoch\":%lld,\"examples\":%lld,\"seconds\":%.3f", at->event,
                 log->m->program->entry[entry]->name, (long long)at->step, (long long)at->epoch, (long long)v->examples, at->seconds);
    report_json(f, log->m, entry, v->at, true);
    fputs("}\n", f);
}

int log_write(Log *log, const Moment *at, int entry, const Values *v)
{
    Memory json, csv;
    if (log->out) {
        json_row(log, stdout, at, entry, v);
        fflush(stdout);
    }
    int which = strcmp(at->event, "train") != 0;
    int error = log->events[which] < 0 ? open_events(log, which) : 0; /* the first validation makes its file */
    if (!error && log->events[which] >= 0) error = events_write(log->events[which], log->m, entry, at->step, v->at);
    if (log->json < 0) return log_failed(log, error);
    if (memory_open(&json)) json_row(log, json.f, at, entry, v);
    if (memory_open(&csv)) csv_row(log, csv.f, at, entry, v);
    int of_json = line_end(&json, log->json), of_csv = line_end(&csv, log->csv);
    return log_failed(log, error ? error : of_json ? of_json : of_csv);
}

void log_close(Log *log)
{
    if (log->json >= 0) close(log->json);
    if (log->csv >= 0) close(log->csv);
    for (int i = 0; i < 2; i++)
        if (log->events[i] >= 0) close(log->events[i]);
    log->json = log->csv = log->events[0] = log->events[1] = -1;
}
