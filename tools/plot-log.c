/* SPDX-License-Identifier: MIT
 * plot-log.c: training curves: plot-log NAME.fit.csv [-o FILE.svg] [MEASURE ...] draws the measures of a
 * log of a training run against its steps, one panel each, training and validation apart. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIXED = 6, MOST_COLUMNS = 64, WIDTH = 300, HEIGHT = 170, LEFT = 60, TOP = 24, RIGHT = 14, BOTTOM = 30, ACROSS = 3 };

typedef struct Point {
    double step, value;
    int validation;
} Point;

typedef struct Column { /* one measure */
    char *name;
    Point *at;
    int n, room;
} Column;

typedef struct Log {
    Column column[MOST_COLUMNS];
    int n;
    double steps;
} Log;

static void stop(const char *path, const char *why)
{
    fprintf(stderr, "plot-log: %s: %s\n", path, why);
    exit(1);
}

/* The next cell of a line; cells of a log have no quotes. */
static char *next_cell(char **line)
{
    char *cell = *line, *end;
    if (!cell) return NULL;
    end = cell + strcspn(cell, ",\r\n");
    *line = *end == ',' ? end + 1 : NULL;
    *end = 0;
    return cell;
}

static void add_point(Column *c, Point p)
{
    if (c->n == c->room) {
        c->room = c->room ? 2 * c->room : 64;
        c->at = realloc(c->at, sizeof *c->at * (size_t)c->room);
        if (!c->at) stop(c->name, "out of memory");
    }
    c->at[c->n++] = p;
}

static void read_names(Log *log, char *line, const char *path)
{
    static const char *const fixed[FIXED] = { "event", "entry", "step", "epoch", "examples", "seconds" };
    for (int i = 0; i < FIXED; i++) {
        char *cell = next_cell(&line);
        if (!cell || strcmp(cell, fixed[i])) stop(path, "the first line is not that of a training log (event,entry,step,...)");
    }
    for (char *cell; log->n < MOST_COLUMNS && (cell = next_cell(&line)); log->n++) log->column[log->n].name = strdup(cell);
}

static void read_row(Log *log, char *line)
{
    char *event = next_cell(&line), *step = NULL;
    for (int i = 1; i < FIXED; i++) {
        char *cell = next_cell(&line);
        if (i == 2) step = cell;
    }
    Point p = { .step = step ? atof(step) : 0, .validation = event && strcmp(event, "validate") == 0 };
    for (int i = 0; i < log->n; i++) {
        char *cell = next_cell(&line), *end;
        if (!cell || !*cell) continue;
        p.value = strtod(cell, &end);
        if (end != cell && p.value - p.value == 0) add_point(&log->column[i], p);
    }
    if (p.step > log->steps) log->steps = p.step;
}

static void read_log(Log *log, const char *path)
{
    char *line = NULL;
    size_t room = 0;
    FILE *f = fopen(path, "r");
    if (!f) stop(path, "cannot be opened");
    if (getline(&line, &room, f) < 0) stop(path, "is empty");
    read_names(log, line, path);
    while (getline(&line, &room, f) > 0) read_row(log, line);
    if (log->steps <= 0) stop(path, "there are no rows");
    free(line);
    fclose(f);
}

static void put_text(FILE *f, double x, double y, const char *more, const char *text)
{
    fprintf(f, "<text x=\"%g\" y=\"%g\"%s>", x, y, more);
    for (; *text; text++) fprintf(f, *text == '<' ? "&lt;" : *text == '&' ? "&amp;" : "%c", *text);
    fputs("</text>\n", f);
}

/* A step of 1, 2 or 5 times a power of ten that gives about four lines. */
static double tick_of(double range)
{
    double power = pow(10, floor(log10(range / 4))), part = range / 4 / power;
    return power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
}

static void put_line(FILE *f, const Column *c, int validation, double x, double y, double steps, double lo, double hi)
{
    int n = 0;
    for (int i = 0; i < c->n; i++) n += c->at[i].validation == validation;
    if (!n) return;
    fprintf(f, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" points=\"", validation ? "#c0392b" : "#1f4e9c");
    for (int i = 0; i < c->n; i++)
        if (c->at[i].validation == validation)
            fprintf(f, "%.5g,%.5g ", x + WIDTH * c->at[i].step / steps, y + HEIGHT * (1 - (c->at[i].value - lo) / (hi - lo)));
    fputs("\"/>\n", f);
}

static void put_panel(FILE *f, const Log *log, const Column *c, double x, double y)
{
    char text[40];
    double lo = c->at[0].value, hi = lo;
    for (int i = 0; i < c->n; i++) lo = fmin(lo, c->at[i].value), hi = fmax(hi, c->at[i].value);
    if (hi - lo < 1e-12 * (fabs(hi) + 1)) lo -= 0.5, hi += 0.5;
    double tick = tick_of(hi - lo);
    put_text(f, x, y - 8, " font-weight=\"bold\"", c->name);
    for (double v = ceil(lo / tick) * tick; v <= hi + 1e-9 * tick; v += tick) {
        double at = y + HEIGHT * (1 - (v - lo) / (hi - lo));
        fprintf(f, "<line x1=\"%g\" x2=\"%g\" y1=\"%g\" y2=\"%g\" stroke=\"#ddd\"/>\n", x, x + WIDTH, at, at);
        snprintf(text, sizeof text, "%.4g", fabs(v) < 1e-9 * tick ? 0 : v);
        put_text(f, x - 5, at + 4, " text-anchor=\"end\"", text);
    }
    fprintf(f, "<rect x=\"%g\" y=\"%g\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#999\"/>\n", x, y, WIDTH, HEIGHT);
    put_text(f, x, y + HEIGHT + 16, "", "0");
    snprintf(text, sizeof text, "step %.0f", log->steps);
    put_text(f, x + WIDTH, y + HEIGHT + 16, " text-anchor=\"end\"", text);
    put_line(f, c, 0, x, y, log->steps, lo, hi);
    put_line(f, c, 1, x, y, log->steps, lo, hi);
}

static void draw(FILE *f, const Log *log, Column *const *shown, int n)
{
    int across = n < ACROSS ? n : ACROSS, down = (n + ACROSS - 1) / ACROSS;
    double width = across * (LEFT + WIDTH + RIGHT), height = down * (TOP + HEIGHT + BOTTOM) + 18;
    fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" height=\"%g\" font-family=\"sans-serif\" font-size=\"11\">\n"
               "<rect width=\"%g\" height=\"%g\" fill=\"white\"/>\n", width, height, width, height);
    for (int i = 0; i < n; i++)
        put_panel(f, log, shown[i], i % ACROSS * (LEFT + WIDTH + RIGHT) + LEFT, i / ACROSS * (TOP + HEIGHT + BOTTOM) + TOP);
    put_text(f, LEFT, height - 6, " fill=\"#1f4e9c\"", "training");
    put_text(f, LEFT + 70, height - 6, " fill=\"#c0392b\"", "validation");
    fputs("</svg>\n", f);
}

static Column *find_column(Log *log, const char *name)
{
    for (int i = 0; i < log->n; i++)
        if (strcmp(log->column[i].name, name) == 0 && log->column[i].n) return &log->column[i];
    stop(name, "the log has no values of this measure");
    return NULL;
}

int main(int argc, char **argv)
{
    static Log log;
    Column *shown[MOST_COLUMNS];
    const char *out = NULL;
    int n = 0;
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: plot-log NAME.fit.csv [-o FILE.svg] [MEASURE ...]\n");
        return argc > 1 && strcmp(argv[1], "--help") == 0 ? 0 : 2;
    }
    read_log(&log, argv[1]);
    for (int i = 2; i < argc && n < MOST_COLUMNS; i++) {
        if (strcmp(argv[i], "-o") == 0 && i + 1 < argc)
            out = argv[++i];
        else
            shown[n++] = find_column(&log, argv[i]);
    }
    bool all = n == 0;
    for (int i = 0; i < log.n && all; i++)
        if (log.column[i].n) shown[n++] = &log.column[i];
    if (n == 0) stop(argv[1], "there are no values");
    FILE *f = out ? fopen(out, "w") : stdout;
    if (!f) stop(out, "cannot be written");
    draw(f, &log, shown, n);
    if (ferror(f) || fclose(f)) stop(out ? out : "standard output", "cannot be written");
    return 0;
}
