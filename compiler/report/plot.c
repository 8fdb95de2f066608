/* SPDX-License-Identifier: MIT
 * plot.c: the logs of runs as one picture. */
#include "report/plot.h"

#include <string.h>

#include "support/input.h"

typedef VEC(const char *) Names;

static const char *find_measure(const Curves *curves, const char *name, size_t n)
{
    for (uint32_t i = 0; i < curves->measures.n; i++)
        if (strlen(curves->measures.at[i]) == n && memcmp(curves->measures.at[i], name, n) == 0) return curves->measures.at[i];
    return NULL;
}

static const char *unknown_measure(const Curves *curves, const char *name, size_t n)
{
    Text text = {.arena = curves->arena};
    text_add(&text, "--measure: the logs have no %.*s, but ", (int)n, name);
    for (uint32_t i = 0; i < curves->measures.n; i++)
        text_add(&text, "%s%s", i ? ", " : "", curves->measures.at[i]);
    return text_c(&text);
}

static const char *choose(const Curves *curves, const char *wanted, Names *names)
{
    for (uint32_t i = 0; !wanted && i < curves->measures.n; i++)
        vec_add(curves->arena, names, curves->measures.at[i]);
    for (size_t n; wanted && *wanted; wanted += n + (wanted[n] == ',')) {
        n = strcspn(wanted, ",");
        const char *name = find_measure(curves, wanted, n);
        if (!name) return unknown_measure(curves, wanted, n);
        vec_add(curves->arena, names, name);
    }
    return names->n ? NULL : "no number was logged: there is nothing to draw";
}

const char *plot_files(Text *out, const char *const *paths, uint32_t n, const PlotOptions *o, int *status)
{
    Curves curves = {.arena = out->arena};
    Names names = {0};
    const char *wrong = NULL;
    for (uint32_t i = 0; i < n && !wrong; i++) {
        Text text = {.arena = out->arena};
        *status = 3;
        wrong = input_read(&text, paths[i]);
        if (wrong) return wrong;
        *status = 1;
        wrong = curves_add(&curves, paths[i], text_c(&text), text.n);
    }
    curves_name_runs(&curves);
    if (!wrong) wrong = choose(&curves, o->measures, &names);
    if (!wrong) chart_file(out, &curves, names.at, names.n, &o->chart);
    return wrong;
}
