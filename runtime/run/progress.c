/* SPDX-License-Identifier: MIT
 * progress.c: what a run shows while it runs. On a terminal one line is redrawn, at most ten times
 * a second; elsewhere only whole lines are written, without control characters.
 *
 * The cursor waits at the start of the line. A terminal that becomes narrower wraps what stands there, and its cursor stays at
 * the first of the new rows, so that the next text and what is cleared behind it take the place of all of them. */
#include "run/progress.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/plain.h"
#include "base/utf8.h"

#define CLEAR_BELOW "\033[J" /* from the cursor on */

static bool wants_bar(const Settings *s)
{
    const char *kind = getenv("TERM");
    if (strcmp(s->progress, "plain") == 0) return false;
    return strcmp(s->progress, "bar") == 0 || (kind && *kind && strcmp(kind, "dumb") != 0);
}

void meter_start(Meter *meter, const Settings *settings)
{
    *meter = (Meter){.start = rt_now(), .settings = settings};
    meter->last = meter->start;
    meter->silent = settings->quiet || settings->stream || strcmp(settings->log, "-") == 0 || strcmp(settings->progress, "none") == 0;
    meter->tty = !settings->line && isatty(STDOUT_FILENO);
    meter->bar = meter->tty && !meter->silent && wants_bar(settings);
}

double meter_seconds(const Meter *meter)
{
    return rt_now() - meter->start;
}

/* ---- time */

void meter_begin(Meter *meter)
{
    meter->mark[0] = meter->mark[1] = (Mark){rt_now(), meter->done.examples};
}

void meter_count(Meter *meter, int64_t examples)
{
    meter->done.examples += examples;
}

void meter_rest(Meter *meter, double seconds)
{
    meter->mark[0].at += seconds;
    meter->mark[1].at += seconds;
}

void meter_put_left(FILE *f, double seconds)
{
    if (!(seconds >= 0 && seconds < 1e9)) return;
    int64_t s = (int64_t)(seconds + 0.5), hours = s / 3600;
    int minutes = (int)(s / 60 % 60), rest = (int)(s % 60);
    if (hours >= 100)
        fprintf(f, ", left %lldd %02dh", (long long)hours / 24, (int)(hours % 24));
    else if (hours)
        fprintf(f, ", left %lld:%02d:%02d", (long long)hours, minutes, rest);
    else
        fprintf(f, ", left %d:%02d", minutes, rest);
}

void meter_put_speed(FILE *f, Meter *meter)
{
    enum { WINDOW = 3 }; /* seconds; what is shown is the mean of one to two of them */
    meter->done.at = rt_now();
    if (meter->done.at - meter->mark[1].at > WINDOW) meter->mark[0] = meter->mark[1], meter->mark[1] = meter->done;
    double seconds = meter->done.at - meter->mark[0].at, n = (double)(meter->done.examples - meter->mark[0].examples);
    if (seconds > 0 && n > 0) fprintf(f, n / seconds < 10 ? ", %.2g examples/s" : ", %.0f examples/s", n / seconds);
}

/* ---- the line */

bool meter_due(Meter *meter)
{
    if (!meter->bar) return false;
    double t = rt_now();
    if (t - meter->last < 0.1) return false;
    meter->last = t;
    return true;
}

/* As it is now. */
static int terminal_columns(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    const char *columns = getenv("COLUMNS");
    int n = columns ? atoi(columns) : 0;
    return n > 0 ? n : 80;
}

size_t meter_fit(const char *text, int columns)
{
    size_t at = 0, fields = 0, cut = 0;
    int used = 0;
    while (text[at]) {
        uint32_t c;
        size_t n = utf8_take(text + at, strlen(text + at), &c);
        if (text[at] == ',' && text[at + 1] == ' ') fields = at;
        used += c < 0x1100 ? 1 : 2; /* never less than it takes */
        if (used > columns) return fields ? fields : cut;
        cut = at += n;
    }
    return at;
}

static void wipe(Meter *meter)
{
    if (meter->drawn) fputs("\r" CLEAR_BELOW, stdout);
    meter->drawn = false;
}

void meter_draw(Meter *meter, const char *text)
{
    char plain[1000];
    if (!meter->bar) return;
    rt_plain(plain, sizeof plain, text);
    printf("\r%.*s" CLEAR_BELOW "\r", (int)meter_fit(plain, terminal_columns() - 1), plain);
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
    if (meter->settings->stream) {
        json_put(stdout, "{\"event\":\"note\",\"text\":", text);
        puts("}");
        fflush(stdout);
    }
    if (meter->silent) return;
    rt_put_shown(stdout, text);
    putchar('\n');
    fflush(stdout);
}

void meter_end(Meter *meter)
{
    if (!meter->bar) return;
    wipe(meter);
    fflush(stdout);
}
