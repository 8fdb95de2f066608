/* SPDX-License-Identifier: MIT
 * curves.c: the logs of runs, as curves. */
#include "report/curves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/tree.h"

/* What every row has; all else is a measure. */
static const char *const fixed[] = {"event", "entry", "step", "epoch", "examples", "seconds"};
enum { EVENT, STEP = 2, SECONDS = 5, N_FIXED };

static bool is_fixed(const char *name)
{
    for (int i = 0; i < N_FIXED; i++)
        if (strcmp(fixed[i], name) == 0) return true;
    return false;
}

/* A row of the log, which values are added to. */
typedef struct Row {
    int run;
    bool training;
    double step, seconds;
} Row;

typedef struct Source {
    Curves *curves;
    const char *path;
    int line;
    double last, before; /* seconds of the row before, and of the runs that this one goes on with */
} Source;

static Curve *find_curve(Curves *c, const Row *row, const char *measure)
{
    for (uint32_t i = c->list.n; i-- > 0 && c->list.at[i]->run == row->run;)
        if (c->list.at[i]->training == row->training && strcmp(c->list.at[i]->measure, measure) == 0) return c->list.at[i];
    Curve *curve = ARENA_NEW(c->arena, Curve);
    curve->run = row->run;
    curve->training = row->training;
    measure = curve->measure = arena_copy(c->arena, measure, strlen(measure));
    vec_add(c->arena, &c->list, curve);
    for (uint32_t i = 0; i < c->measures.n; i++)
        if (strcmp(c->measures.at[i], measure) == 0) return curve;
    vec_add(c->arena, &c->measures, measure);
    return curve;
}

static void add_value(Curves *c, const Row *row, const char *measure, double value)
{
    Curve *curve = find_curve(c, row, measure);
    vec_add(c->arena, &curve->points, (Point){row->step, row->seconds, value});
}

/* False: the event is none that is drawn. */
static bool begin_row(Source *s, Row *row, const char *event, double step, double seconds)
{
    if (strcmp(event, "train") && strcmp(event, "validate") && strcmp(event, "eval")) return false;
    if (seconds < s->last) s->before += s->last; /* resumed: the clock began again */
    s->last = seconds;
    *row = (Row){(int)s->curves->runs.n - 1, strcmp(event, "train") == 0, step, s->before + seconds};
    return true;
}

static const char *wrong_line(const Source *s, const char *what)
{
    return arena_print(s->curves->arena, "%s:%d: this is no line of a log: %s", s->path, s->line, what);
}

/* ---- JSON lines */

static const char *json_line(Source *s, const char *line, size_t n)
{
    const char *wrong = NULL;
    const Tree *t = tree_read(&s->curves->line, line, n, &wrong);
    Row row;
    if (!t) return wrong_line(s, wrong);
    if (!begin_row(s, &row, tree_text(t, "event", ""), tree_number(t, "step", NAN), tree_number(t, "seconds", 0))) return NULL;
    if (!isfinite(row.step)) return wrong_line(s, "no \"step\"");
    for (const Tree *m = t->child; m; m = m->next)
        if (!is_fixed(m->key) && (m->kind == TREE_NUMBER || m->kind == TREE_NULL)) add_value(s->curves, &row, m->key, m->number);
    return NULL;
}

/* ---- CSV */

enum { MOST_COLUMNS = 1024 };
typedef struct Cells {
    const char *at[MOST_COLUMNS];
    int n;
} Cells;

static void split(Arena *arena, const char *line, size_t n, Cells *cells)
{
    const char *end = line + n;
    for (cells->n = 0; cells->n < MOST_COLUMNS; line++) {
        const char *comma = memchr(line, ',', (size_t)(end - line));
        size_t length = (size_t)((comma ? comma : end) - line);
        cells->at[cells->n++] = arena_copy(arena, line, length);
        line += length;
        if (!comma) break;
    }
}

static bool read_number(const char *text, double *v)
{
    char *end;
    *v = strtod(text, &end);
    return *text && !*end;
}

static const char *csv_line(Source *s, const Cells *head, const char *line, size_t n)
{
    Cells cells;
    Row row;
    double step, seconds, v;
    split(&s->curves->line, line, n, &cells);
    if (cells.n != head->n) return wrong_line(s, "it has another number of cells than the first line");
    if (!read_number(cells.at[STEP], &step) || !read_number(cells.at[SECONDS], &seconds)) return wrong_line(s, "no step or no seconds");
    if (!begin_row(s, &row, cells.at[EVENT], step, seconds)) return NULL;
    for (int i = N_FIXED; i < cells.n; i++) {
        if (!*cells.at[i]) continue;
        if (!read_number(cells.at[i], &v)) return wrong_line(s, arena_print(s->curves->arena, "\"%.40s\" is no number", cells.at[i]));
        add_value(s->curves, &row, head->at[i], v);
    }
    return NULL;
}

/* ---- files */

bool curves_is_log(const char *text)
{
    return strncmp(text, "event,entry,step,epoch,examples,seconds", 39) == 0 || strncmp(text, "{\"event\":", 9) == 0;
}

static const char *name_of(Arena *arena, const char *path, bool whole)
{
    const char *slash = strrchr(path, '/'), *base = slash && !whole ? slash + 1 : path, *dot = strrchr(base, '.');
    bool known = dot && (strcmp(dot, ".jsonl") == 0 || strcmp(dot, ".csv") == 0);
    return known ? arena_copy(arena, base, (size_t)(dot - base)) : base;
}

const char *curves_add(Curves *curves, const char *path, const char *text, size_t n)
{
    Source s = {curves, path, 0, 0, 0};
    Cells *head = NULL;
    const char *wrong = NULL, *end = text + n, *next;
    if (!curves_is_log(text)) return arena_print(curves->arena, "%s: this is no log of a run: NAME.ENTRY.jsonl or .csv is one", path);
    vec_add(curves->arena, &curves->runs, (LogRun){path, name_of(curves->arena, path, false)});
    /* A line without an end is still being written. */
    for (const char *line = text; !wrong && (next = memchr(line, '\n', (size_t)(end - line))); line = next + 1) {
        size_t length = (size_t)(next - line);
        s.line++;
        arena_clear(&curves->line);
        if (*text == '{') {
            wrong = json_line(&s, line, length);
        } else if (!head) {
            head = ARENA_NEW(curves->arena, Cells);
            split(curves->arena, line, length, head);
        } else {
            wrong = csv_line(&s, head, line, length);
        }
    }
    arena_free(&curves->line);
    return wrong;
}

void curves_name_runs(Curves *curves)
{
    for (uint32_t i = 0; i < curves->runs.n; i++)
        for (uint32_t j = 0; j < curves->runs.n; j++)
            if (j != i &&
                strcmp(name_of(curves->arena, curves->runs.at[i].path, false), name_of(curves->arena, curves->runs.at[j].path, false)) == 0)
                curves->runs.at[i].name = name_of(curves->arena, curves->runs.at[i].path, true);
}
