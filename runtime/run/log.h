/* SPDX-License-Identifier: MIT
 * log.h: NAME.ENTRY.jsonl and NAME.ENTRY.csv: what a run reported, for tools; and event files for TensorBoard. */
#ifndef NNRT_RUN_LOG_H
#define NNRT_RUN_LOG_H

#include "run/report.h"
#include "run/settings.h"

typedef struct Log {
    int json, csv; /* descriptors; -1: no log */
    int events[2]; /* of training and validation; -1: not yet */
    const char *folder; /* of these; "": none */
    int64_t from; /* the step that a resumed run goes on with, or 0 */
    bool out;      /* lines of JSON to standard output */
    int error;     /* errno of what failed last */
    nnrt *m;
    int entry, other; /* other: entry of the validation, or -1; its further names are columns too */
} Log;
typedef struct Moment { /* when something is reported */
    const char *event;
    int64_t step, epoch;
    double seconds;
} Moment;
/* As s->log and s->tfevents say; "-" is standard output, as s->stream is. A resumed run appends, and drops what an interrupted one wrote
 * beyond `step`. */
int log_open(Log *log, nnrt *m, int entry, int other, const Settings *s, int64_t step);
int log_write(Log *log, const Moment *at, int entry, const Values *v);
void log_close(Log *log);

#endif
