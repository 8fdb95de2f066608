/* SPDX-License-Identifier: MIT
 * show_runs.c: what runs reported, and what they were made with. */
#include "report/show_runs.h"

#include <math.h>
#include <string.h>

#include "report/cells.h"
#include "report/chart.h"
#include "report/markup.h"

/* ---- curves */

typedef struct Ends {
    const Point *last, *low, *high; /* low, high: of what is finite; NULL: there is none */
} Ends;

static Ends find_ends(const Curve *c)
{
    Ends e = {0};
    for (uint32_t i = 0; i < c->points.n; i++) {
        const Point *p = &c->points.at[i];
        e.last = p;
        if (!isfinite(p->value)) continue;
        if (!e.low || p->value < e.low->value) e.low = p;
        if (!e.high || p->value > e.high->value) e.high = p;
    }
    return e;
}

static void put_point(Text *out, const Point *p)
{
    if (p && isfinite(p->value))
        cells_number(out, p->value, 0);
    else
        cells_text(out, p ? "not finite" : "");
    cells_number(out, p ? p->step : NAN, 15);
}

static void put_numbers(Text *out, const Curves *curves)
{
    static const char *const heads[] = {"run", "", "measure", "#last", "#step", "#lowest", "#step", "#highest", "#step", NULL};
    cells_begin(out, heads);
    for (uint32_t i = 0; i < curves->list.n; i++) {
        const Curve *c = curves->list.at[i];
        Ends e = find_ends(c);
        cells_row(out);
        cells_text(out, curves->runs.at[c->run].name);
        cells_text(out, c->training ? "training" : "validation");
        cells_text(out, c->measure);
        put_point(out, e.last);
        put_point(out, e.low);
        put_point(out, e.high);
    }
    cells_end(out);
}

void show_curves(Text *out, const Curves *curves)
{
    enum { MOST_CHARTS = 40, ROOM = 240000, EACH = 11000 }; /* bytes for lines, and of one in full */
    ChartOptions o = {.width = 520, .column = (int)(curves->list.n * EACH / ROOM) + 1};
    cells_heading(out, 2, "Curves");
    text_add(out, "<div class=\"charts\">\n");
    for (uint32_t i = 0; i < curves->measures.n && i < MOST_CHARTS; i++)
        chart_figure(out, curves, curves->measures.at[i], &o);
    text_add(out, "</div>\n");
    if (curves->measures.n > MOST_CHARTS) cells_note(out, "Further measures have no chart here: nnc plot --measure draws them.");
    put_numbers(out, curves);
}

/* ---- configuration */

static void put_origin(Text *out, const Tree *list, const char *kind)
{
    for (const Tree *t = list; t; t = t->next) {
        const Tree *value = tree_get(t, "value");
        const char *from = tree_text(t, "from", "");
        if (!value || value->kind == TREE_NULL) continue;
        text_add(out, strcmp(from, "program") ? "</tr>\n<tr class=\"given\">" : "</tr>\n<tr>");
        cells_text(out, t->key);
        cells_value(out, value);
        cells_text(out, from);
        cells_text(out, kind);
    }
}

static void put_data(Text *out, const Tree *run)
{
    static const char *const heads[] = {"data", "#examples", "files", NULL};
    if (!tree_first(run, "data")) return;
    cells_begin(out, heads);
    for (const Tree *d = tree_first(run, "data"); d; d = d->next) {
        Text files = {.arena = out->arena};
        for (const Tree *f = tree_first(d, "files"); f; f = f->next)
            if (f->kind == TREE_TEXT) text_add(&files, "%s%s", f == tree_first(d, "files") ? "" : ", ", f->text);
        cells_row(out);
        cells_text(out, tree_text(d, "name", ""));
        cells_value(out, tree_get(d, "examples"));
        cells_text(out, text_c(&files));
    }
    cells_end(out);
}

void show_configuration(Text *out, const Found *run)
{
    static const char *const heads[] = {"name", "value", "from", "", NULL};
    static const char *const facts[] = {"program", "hash", "nnc", "entry", "time", "threads", "step", "steps", "resumed"};
    cells_heading(out, 2, arena_print(out->arena, "Configuration: %s", run->path));
    text_add(out, "<p>");
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        const Tree *t = tree_get(run->tree, facts[i]);
        if (!t || !t->text || t->kind == TREE_NULL) continue;
        text_add(out, "%s <b>", facts[i]);
        markup_text(out, t->text);
        text_add(out, "</b> &nbsp; ");
    }
    text_add(out, "</p>\n");
    cells_begin(out, heads);
    put_origin(out, tree_first(run->tree, "options"), "option");
    put_origin(out, tree_first(run->tree, "settings"), "setting");
    cells_end(out);
    put_data(out, run->tree);
}
