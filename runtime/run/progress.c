/* SPDX-License-Identifier: MIT
 * progress.c: what a run shows while it runs. On a terminal one line is redrawn, at most ten times
 * a second; elsewhere only whole lines are written, without control characters. */
#include "run/progress.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

void meter_start(Meter *meter, const Settings *settings)
{
    const char *kind = getenv("TERM");
    *meter = (Meter){.start = rt_now(), .settings = settings};
    meter->terminal = !settings->line && !settings->quiet && isatty(STDOUT_FILENO) && kind && strcmp(kind, "dumb") != 0;
    meter->last = meter->start;
}

double meter_seconds(const Meter *meter)
{
    return rt_now() - meter->start;
}

bool meter_due(Meter *meter)
{
    if (!meter->terminal) return false;
    double t = rt_now();
    if (t - meter->last < 0.1) return false;
    meter->last = t;
    return true;
}

static void wipe(Meter *meter)
{
    if (meter->drawn) fputs("\r\033[K", stdout);
    meter->drawn = false;
}

void meter_draw(Meter *meter, const char *text)
{
    if (!meter->terminal) return;
    const char *columns = getenv("COLUMNS");
    int width = columns ? atoi(columns) : 100;
    printf("\r\033[K%.*s", width > 20 ? width - 1 : 99, text);
    fflush(stdout);
    meter->drawn = true;
}

void meter_line(Meter *meter, const char *text)
{
    if (meter->settings->line) {
        meter->settings->line(meter->settings->user, text);
        return;
    }
    wipe(meter);
    if (meter->settings->quiet) return;
    printf("%s\n", text);
    fflush(stdout);
}

void meter_end(Meter *meter)
{
    if (!meter->terminal) return;
    wipe(meter);
    fflush(stdout);
}
