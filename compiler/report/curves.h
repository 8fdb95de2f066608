/* SPDX-License-Identifier: MIT
 * curves.h: the logs of runs, as curves: what a run reported under one name, in training or in validation, over its steps. */
#ifndef NNC_REPORT_CURVES_H
#define NNC_REPORT_CURVES_H

#include "support/str.h"
#include "support/vec.h"

typedef struct Point {
    double step, seconds, value; /* of a run that was resumed, seconds go on */
} Point;
typedef struct Curve {
    int run; /* index in Curves.runs */
    bool training; /* else validation, or an evaluation */
    const char *measure;
    VEC(Point) points;
} Curve;
typedef struct LogRun {
    const char *path, *name; /* name: of the file, without folder and ending */
} LogRun;
typedef struct Curves {
    Arena *arena, line; /* line: what one line is read into */
    VEC(LogRun) runs;
    VEC(Curve *) list; /* run after run, in each in the order of the log */
    VEC(const char *) measures; /* the names, each once */
} Curves;

/* Does a text look like a log, by its first line? A file of another kind is none of this module's. */
bool curves_is_log(const char *text);
/* Adds what a log says, JSON lines or CSV. NULL, or what is wrong: "FILE:LINE: ...". */
const char *curves_add(Curves *curves, const char *path, const char *text, size_t n);
void curves_name_runs(Curves *curves); /* after all of them: names that two runs have become paths */

#endif
