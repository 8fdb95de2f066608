/* SPDX-License-Identifier: MIT
 * chart.c: curves as SVG. */
#include "report/chart.h"

#include <math.h>
#include <string.h>

#include "report/markup.h"
#include "report/scale.h"

const char chart_style[] =
    ".back{fill:#fff}.grid{stroke:#ddd}.axis{stroke:#888}.text{fill:#333;color:#333}\n"
    ".c0{color:#1f6fb4}.c1{color:#c8501e}.c2{color:#23805a}.c3{color:#8a4fa8}.c4{color:#a67c00}.c5{color:#0f8ba0}\n"
    "@media (prefers-color-scheme:dark){.back{fill:#17181a}.grid{stroke:#3a3c40}.axis{stroke:#8a8d92}.text{fill:#d8dade;color:#d8dade}\n"
    ".c0{color:#6cb2f0}.c1{color:#f0915f}.c2{color:#63c79b}.c3{color:#c795e0}.c4{color:#dcb64a}.c5{color:#55c6d8}}\n";

enum { N_COLOURS = 6, LEFT = 62, RIGHT = 24, HEAD = 26, PLOT = 190, FOOT = 40, ROW = 17 };
static const double letter = 6.4; /* the width of a letter, about */

static int colour(const Curves *curves, const Curve *c)
{
    return (curves->runs.n > 1 ? c->run : !c->training) % N_COLOURS;
}

/* From the second round of colours on, lines are dashed. */
static const char *dashes(const Curves *curves, const Curve *c)
{
    static const char *const dash[] = {"", " stroke-dasharray=\"6 3\"", " stroke-dasharray=\"2 3\""};
    return dash[curves->runs.n > 1 ? c->run / N_COLOURS % 3 : 0];
}

static void put_words(Text *out, double x, double y, const char *anchor, const char *text)
{
    text_add(out, "<text class=\"text\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
    markup_text(out, text);
    text_add(out, "</text>\n");
}

/* ---- the legend */

typedef struct Place {
    double x, y;
} Place;

static void legend_entry(Text *out, const ChartOptions *o, Place *at, const char *class, const char *dash, bool line, bool dots,
                         const char *name)
{
    double wide = 24 + letter * (double)markup_letters(name) + 16;
    if (at->x > LEFT && at->x + wide > o->width - RIGHT) *at = (Place){LEFT, at->y + ROW};
    text_add(out, "<g class=\"%s\" stroke=\"currentColor\" fill=\"currentColor\">", class);
    if (line)
        text_add(out, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke-width=\"2\"%s/>", at->x, at->x + 18, at->y - 4,
                 at->y - 4, dash);
    if (dots) text_add(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.6\"/>", at->x + 9, at->y - 4);
    if (!line && !dots) /* the mark of what is not finite */
        text_add(out, "<path d=\"M%.1f %.1fl6 6m0 -6l-6 6\" stroke-width=\"1.6\"/>", at->x + 6, at->y - 7);
    text_add(out, "</g>\n");
    put_words(out, at->x + 24, at->y, "start", name);
    at->x += wide;
}

static bool any(const Curves *curves, bool training)
{
    for (uint32_t i = 0; i < curves->list.n; i++)
        if (curves->list.at[i]->training == training) return true;
    return false;
}

static bool any_not_finite(const Curves *curves)
{
    for (uint32_t i = 0; i < curves->list.n; i++)
        for (uint32_t k = 0; k < curves->list.at[i]->points.n; k++)
            if (!isfinite(curves->list.at[i]->points.at[k].value)) return true;
    return false;
}

/* This, and what follows for a panel, gives the height of what it drew, `top` below the upper edge. */
static double legend(Text *out, const Curves *curves, const ChartOptions *o, double top)
{
    Place at = {LEFT, top + 16};
    bool many = curves->runs.n > 1;
    for (uint32_t i = 0; many && i < curves->runs.n; i++) {
        const Curve c = {.run = (int)i};
        legend_entry(out, o, &at, arena_print(out->arena, "c%d", colour(curves, &c)), dashes(curves, &c), true, false,
                     curves->runs.at[i].name);
    }
    if (any(curves, true)) legend_entry(out, o, &at, many ? "text" : "c0", "", true, false, "training");
    if (any(curves, false)) legend_entry(out, o, &at, many ? "text" : "c1", "", true, true, "validation");
    if (any_not_finite(curves)) legend_entry(out, o, &at, "text", "", false, false, "not finite");
    return at.y + 8 - top;
}

/* ---- a panel */

typedef struct Panel {
    Text *out;
    const Curves *curves;
    const ChartOptions *o;
    const char *measure;
    Scale x, y;
    double top;
} Panel;

static double x_of(const Panel *p, const Point *point)
{
    return p->o->over == OVER_SECONDS ? point->seconds : point->step;
}

typedef struct Range {
    double low, high;
    uint64_t n;
} Range;

static void widen(Range *r, double v)
{
    if (!isfinite(v)) return;
    r->low = r->n ? fmin(r->low, v) : v;
    r->high = r->n ? fmax(r->high, v) : v;
    r->n++;
}

#define EACH_CURVE(p, c) \
    for (uint32_t i_ = 0; i_ < (p)->curves->list.n; i_++) \
        for (const Curve *c = (p)->curves->list.at[i_]; c && strcmp(c->measure, (p)->measure) == 0; c = NULL)

/* Logarithms help where most numbers would lie on the ground. */
static bool log_helps(const Panel *p, const Range *r)
{
    uint64_t low = 0;
    if (!(r->low > 0) || r->high < 20 * r->low) return false;
    EACH_CURVE(p, c)
    for (uint32_t k = 0; k < c->points.n; k++)
        low += c->points.at[k].value <= r->low + 0.1 * (r->high - r->low);
    return 2 * low >= r->n;
}

static void find_scales(Panel *p)
{
    Range x = {0}, y = {0};
    EACH_CURVE(p, c)
    for (uint32_t k = 0; k < c->points.n; k++) {
        widen(&x, x_of(p, &c->points.at[k]));
        widen(&y, c->points.at[k].value);
    }
    bool log = p->o->scale == SCALE_LOG ? y.low > 0 : p->o->scale == SCALE_AUTO && log_helps(p, &y);
    if (x.low > 0 && x.low < 0.3 * x.high) x.low = 0;
    p->x = scale_make(x.low, x.high, false, p->o->over == OVER_STEPS, p->o->width / 90);
    p->y = scale_make(y.low, y.high, log, false, 6);
    if (x.n && x.low < x.high) p->x.low = x.low, p->x.high = x.high; /* no room on both sides */
    p->x.from = LEFT, p->x.to = p->o->width - RIGHT;
    p->y.from = p->top + HEAD + PLOT, p->y.to = p->top + HEAD;
}

/* Numbers that differ too late for a label are shown from the lowest tick on, which the heading has then. */
static bool labels_differ(Arena *arena, const Scale *s)
{
    for (int i = 1; i < s->n; i++)
        if (strcmp(markup_short(arena, s->tick[i], 6), markup_short(arena, s->tick[i - 1], 6)) == 0) return false;
    return true;
}

static const char *heading(const Panel *p, bool differ)
{
    Arena *arena = p->out->arena;
    if (p->y.log) return arena_print(arena, "%s (logarithmic)", p->measure);
    return differ ? p->measure : arena_print(arena, "%s (from %s on)", p->measure, markup_number(arena, p->y.tick[0]));
}

static void put_axes(Panel *p)
{
    Text *out = p->out;
    bool steps = p->o->over == OVER_STEPS, differ = labels_differ(out->arena, &p->y);
    put_words(out, LEFT, p->top + 16, "start", heading(p, differ));
    for (int i = 0; i < p->y.n; i++) {
        double y = scale_at(&p->y, p->y.tick[i]);
        text_add(out, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n", LEFT, p->o->width - RIGHT, y, y);
        const char *label = differ ? markup_short(out->arena, p->y.tick[i], 6)
                                   : arena_print(out->arena, "+%s", markup_short(out->arena, p->y.tick[i] - p->y.tick[0], 4));
        put_words(out, LEFT - 6, y + 4, "end", label);
    }
    for (int i = 0; i < p->x.n; i++) {
        double x = scale_at(&p->x, p->x.tick[i]);
        if (x < LEFT - 0.1 || x > p->o->width - RIGHT + 0.1) continue;
        text_add(out, "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n", x, x, p->y.from, p->y.from + 4);
        put_words(out, x, p->y.from + 17, "middle", markup_short(out->arena, p->x.tick[i], 6));
    }
    text_add(out, "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n", LEFT, p->o->width - RIGHT, p->y.from, p->y.from);
    put_words(out, (LEFT + p->o->width - RIGHT) / 2.0, p->y.from + 32, "middle", steps ? "step" : "seconds");
}

static void put_title(Text *out, const Panel *p, const Point *point)
{
    text_add(out, "<title>step %.17g: ", point->step);
    markup_text(out, p->measure);
    text_add(out, " %s</title>",
             isnan(point->value)   ? "not a number"
             : isinf(point->value) ? point->value < 0 ? "-inf" : "inf"
                                   : markup_short(out->arena, point->value, 6));
}

static double column_of(const Panel *p, const Point *point)
{
    return floor(scale_at(&p->x, x_of(p, point)) / (p->o->column > 1 ? p->o->column : 1));
}

/* Of points that fall on one column of the picture the lowest and the highest are drawn, in their order. */
static uint32_t thin(const Panel *p, const Curve *c, uint32_t from, uint32_t to, uint32_t keep[2])
{
    double column = column_of(p, &c->points.at[from]);
    uint32_t low = from, high = from, end = from;
    for (; end < to && column_of(p, &c->points.at[end]) == column; end++) {
        if (c->points.at[end].value < c->points.at[low].value) low = end;
        if (c->points.at[end].value > c->points.at[high].value) high = end;
    }
    keep[0] = low < high ? low : high, keep[1] = low < high ? high : low;
    return end;
}

/* The finite points from..to; one alone is a dot. */
static void put_piece(Panel *p, const Curve *c, uint32_t from, uint32_t to)
{
    Text *out = p->out;
    bool many = to - from > (uint32_t)(p->o->width / (p->o->column > 1 ? p->o->column : 1));
    if (to - from == 1) {
        const Point *point = &c->points.at[from];
        text_add(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.2\"/>\n", scale_at(&p->x, x_of(p, point)), scale_at(&p->y, point->value));
        return;
    }
    text_add(out, "<path fill=\"none\" stroke-width=\"%s\"%s d=\"", c->training ? "1.3" : "1.8", dashes(p->curves, c));
    for (uint32_t i = from, next; i < to; i = next) {
        uint32_t keep[2] = {i, i};
        next = many ? thin(p, c, i, to, keep) : i + 1;
        for (int k = 0; k < 1 + (keep[0] != keep[1]); k++) {
            const Point *point = &c->points.at[keep[k]];
            text_add(out, "%c%.1f %.1f", i == from && k == 0 ? 'M' : 'L', scale_at(&p->x, x_of(p, point)), scale_at(&p->y, point->value));
        }
    }
    text_add(out, "\"/>\n");
}

static void put_curve(Panel *p, const Curve *c)
{
    enum { MOST_DOTS = 200 };
    Text *out = p->out;
    text_add(out, "<g class=\"c%d\" stroke=\"currentColor\" fill=\"currentColor\">\n", colour(p->curves, c));
    for (uint32_t i = 0, end; i < c->points.n; i = end) {
        const Point *point = &c->points.at[i];
        for (end = i; end < c->points.n && isfinite(c->points.at[end].value); end++)
            ;
        if (end > i) {
            put_piece(p, c, i, end);
            continue;
        }
        end = i + 1;
        text_add(out, "<path d=\"M%.1f %.1fl6 6m0 -6l-6 6\" fill=\"none\" stroke-width=\"1.6\">", scale_at(&p->x, x_of(p, point)) - 3,
                 point->value < 0 ? p->y.from - 8 : p->y.to + 2);
        put_title(out, p, point);
        text_add(out, "</path>\n");
    }
    uint32_t most = MOST_DOTS / (p->o->column > 1 ? (uint32_t)p->o->column : 1);
    for (uint32_t i = 0; !c->training && c->points.n <= most && i < c->points.n; i++) {
        const Point *point = &c->points.at[i];
        if (!isfinite(point->value)) continue;
        text_add(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.2\">", scale_at(&p->x, x_of(p, point)), scale_at(&p->y, point->value));
        put_title(out, p, point);
        text_add(out, "</circle>\n");
    }
    text_add(out, "</g>\n");
}

/* The curves of one measure. */
static double panel(Text *out, const Curves *curves, const char *measure, const ChartOptions *o, double top)
{
    Panel p = {.out = out, .curves = curves, .o = o, .measure = measure, .top = top};
    find_scales(&p);
    put_axes(&p);
    EACH_CURVE(&p, c) put_curve(&p, c);
    return HEAD + PLOT + FOOT;
}

/* ---- wholes */

/* What is inside is drawn first: then its height is known. */
static void put_svg(Text *out, const Text *inside, const ChartOptions *o, double height, bool file)
{
    text_add(out, "<svg%s viewBox=\"0 0 %d %.0f\" width=\"%d\" height=\"%.0f\" font-family=\"sans-serif\" font-size=\"12\">\n",
             file ? " xmlns=\"http://www.w3.org/2000/svg\"" : " role=\"img\"", o->width, height, o->width, height);
    if (file) text_add(out, "<style>%s</style>\n", chart_style);
    text_add(out, "<rect class=\"back\" width=\"%d\" height=\"%.0f\"/>\n", o->width, height);
    text_bytes(out, inside->at, inside->n);
    text_add(out, "</svg>\n");
}

void chart_figure(Text *out, const Curves *curves, const char *measure, const ChartOptions *o)
{
    Text inside = {.arena = out->arena};
    double height = legend(&inside, curves, o, 0);
    height += panel(&inside, curves, measure, o, height);
    put_svg(out, &inside, o, height, false);
}

void chart_file(Text *out, const Curves *curves, const char *const *measures, uint32_t n, const ChartOptions *o)
{
    Text inside = {.arena = out->arena};
    double height = legend(&inside, curves, o, 0);
    for (uint32_t i = 0; i < n; i++)
        height += panel(&inside, curves, measures[i], o, height);
    put_svg(out, &inside, o, height, true);
}
