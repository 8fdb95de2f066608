/* SPDX-License-Identifier: MIT
 * run.c: runs of the convenience layer. */
#include <string.h>

#include "run/evaluate.h"
#include "run/fit.h"

static void give_report(void *report, const Values *v, int n)
{
    if (!report) return;
    memcpy(report, v->at, sizeof(double) * (size_t)n);
    memcpy((double *)report + n, &v->examples, sizeof v->examples);
}

static int run_entry(nnrt *m, int entry, const nnrt_run *run, const nnrt_reader *const *readers, void *report, bool train)
{
    Settings s;
    Values v = {0};
    int code = settings_from_head(m, entry, &s);
    if (!code) code = settings_from_run(&s, run);
    s.quiet = !s.line;
    m->asked_to_stop = false;
    if (!train && (!run || !run->log)) s.log[0] = 0;
    if (!code) code = values_new(m, entry, &v);
    if (!code) code = train ? run_fit(m, entry, &s, readers, &v) : run_evaluate(m, entry, &s, readers, &v);
    if (!code) give_report(report, &v, m->program->entry[entry]->n_report_values);
    rt_free(v.at);
    return code;
}

int nnrt_fit(nnrt *m, int entry, const nnrt_run *run, const nnrt_reader *const *readers, void *report)
{
    return rt_public(run_entry(m, entry, run, readers, report, true));
}

int nnrt_evaluate(nnrt *m, int entry, const nnrt_run *run, const nnrt_reader *const *readers, void *report)
{
    return rt_public(run_entry(m, entry, run, readers, report, false));
}
