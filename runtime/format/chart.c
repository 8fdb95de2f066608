/* SPDX-License-Identifier: MIT
 * chart.c: results as SVG: a row of numbers as a curve, a matrix as a heat map with the texts of
 * its axes (attention: the tokens), several matrices side by side. */
#include <math.h>
#include <stdio.h>

#include "base/base.h"
#include "base/dtype.h"
#include "base/number.h"
#include "base/shape.h"
#include "base/utf8.h"
#include "format/format.h"

enum { MOST_CELLS = 40000, MOST_POINTS = 100000, LETTER = 7, MARGIN = 8 };

/* Texts come from data: what XML reserves is escaped, control characters and bytes that are no
 * UTF-8 become dots. */
static void put_escaped(FILE *f, const char *text)
{
    for (size_t n; *text; text += n) {
        uint32_t c;
        n = utf8_take(text, 4, &c); /* the 0 is no further byte of a character */
        if (c == '<')
            fputs("&lt;", f);
        else if (c == '&')
            fputs("&amp;", f);
        else if (c == '"')
            fputs("&quot;", f);
        else if (c == UTF8_NONE || utf8_is_control(c))
            fputs("\xC2\xB7", f);
        else
            fwrite(text, 1, n, f);
    }
}

static int width_of(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n * LETTER;
}

static int widest(char **label, int64_t n)
{
    int most = 0;
    for (int64_t i = 0; label && i < n; i++)
        if (label[i] && width_of(label[i]) > most) most = width_of(label[i]);
    return most;
}

static void put_text(FILE *f, double x, double y, const char *more, const char *text)
{
    number_print(f, "<text x=\"%g\" y=\"%g\"%s>", x, y, more);
    put_escaped(f, text);
    fputs("</text>\n", f);
}

static void put_number(FILE *f, double x, double y, const char *more, double v)
{
    char text[32];
    number_text(text, sizeof text, "%.4g", v);
    put_text(f, x, y, more, text);
}

static void put_head(FILE *f, double width, double height)
{
    number_print(f,
                 "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" height=\"%g\" "
                 "font-family=\"monospace\" font-size=\"11\">\n"
                 "<rect width=\"%g\" height=\"%g\" fill=\"white\"/>\n",
                 width, height, width, height);
}

static void range_of(const Output *o, double *lo, double *hi)
{
    *lo = 0, *hi = 0;
    bool first = true;
    for (int64_t i = 0, n = shape_size(o->rank, o->dim); i < n; i++) {
        double v = dtype_load(o->dtype, o->data, i);
        if (v - v != 0) continue;
        if (first || v < *lo) *lo = v;
        if (first || v > *hi) *hi = v;
        first = false;
    }
    if (*hi != *lo) return;
    double more = fabs(*lo) < 0x1p50 ? 1 : fabs(*lo) / 1024; /* so that they differ, and stay finite */
    if (*lo <= 0x1p50)
        *hi += more;
    else
        *lo -= more;
}

/* Where v lies between them: 0 to 1. Their difference may be infinite. */
static double share_of(double v, double lo, double hi)
{
    double range = hi - lo;
    return isfinite(range) ? (v - lo) / range : (v / 2 - lo / 2) / (hi / 2 - lo / 2);
}

/* ---- curve */

static int put_curve(FILE *f, const Output *o)
{
    enum { WIDTH = 480, HEIGHT = 240, LEFT = 70, TOP = 12, BOTTOM = 24 };
    int64_t n = o->dim[0];
    double lo, hi;
    if (n > MOST_POINTS) return rt_fail(NNRT_E_SHAPE, "%s: %lld points are too many", o->path, (long long)n);
    range_of(o, &lo, &hi);
    put_head(f, LEFT + WIDTH + MARGIN, TOP + HEIGHT + BOTTOM);
    fprintf(f, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#999\"/>\n", LEFT, TOP, WIDTH, HEIGHT);
    put_number(f, LEFT - 4, TOP + 9, " text-anchor=\"end\"", hi);
    put_number(f, LEFT - 4, TOP + HEIGHT, " text-anchor=\"end\"", lo);
    put_number(f, LEFT, TOP + HEIGHT + 16, "", 0);
    put_number(f, LEFT + WIDTH, TOP + HEIGHT + 16, " text-anchor=\"end\"", (double)(n - 1));
    fputs("<polyline fill=\"none\" stroke=\"#1f4e9c\" points=\"", f);
    for (int64_t i = 0; i < n; i++) {
        double v = dtype_load(o->dtype, o->data, i);
        if (v - v == 0)
            number_print(f, "%.5g,%.5g ", LEFT + (n > 1 ? WIDTH * (double)i / (double)(n - 1) : 0),
                         TOP + HEIGHT * (1 - share_of(v, lo, hi)));
    }
    fputs("\"/>\n</svg>\n", f);
    return NNRT_OK;
}

/* ---- heat maps */

typedef struct Map {
    int64_t panels, rows, columns;
    double cell, left, top, step; /* of a cell; of the first panel; from one panel to the next */
    double lo, hi;
    char **across, **down; /* texts of columns and rows; NULL: numbers */
} Map;

/* White to dark blue, as SVG's #rrggbb. */
static void put_colour(FILE *f, double t)
{
    fprintf(f, "fill=\"#%02x%02x%02x\"", (int)(255 - 235 * t + 0.5), (int)(255 - 190 * t + 0.5), (int)(255 - 110 * t + 0.5));
}

static void put_cell(FILE *f, const Map *m, double x, double y, double v)
{
    number_print(f, "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" ", x, y, m->cell, m->cell);
    put_colour(f, v - v == 0 ? share_of(v, m->lo, m->hi) : 0);
    number_print(f, "><title>%.4g</title></rect>\n", v);
}

/* Above the columns: single letters upright, longer texts upwards, or every fifth number. */
static void put_columns(FILE *f, const Map *m, double left)
{
    bool upright = widest(m->across, m->columns) <= LETTER;
    int64_t every = m->across ? 1 : m->cell > LETTER ? 5 : 20;
    for (int64_t c = 0; c < m->columns; c += every) {
        double x = left + m->cell * ((double)c + 0.5), y = m->top - 4;
        char more[96] = " text-anchor=\"middle\"";
        if (!upright) number_text(more, sizeof more, " transform=\"rotate(-90 %g %g)\"", x += 4, y);
        if (!m->across)
            put_number(f, x, y, more, (double)c);
        else if (m->across[c])
            put_text(f, x, y, more, m->across[c]);
    }
}

static void put_rows(FILE *f, const Map *m)
{
    int64_t every = m->down || m->cell > LETTER ? 1 : 5;
    for (int64_t r = 0; r < m->rows; r += every) {
        double y = m->top + m->cell * ((double)r + 0.5) + 4;
        if (!m->down)
            put_number(f, m->left - 4, y, " text-anchor=\"end\"", (double)r);
        else if (m->down[r])
            put_text(f, m->left - 4, y, " text-anchor=\"end\"", m->down[r]);
    }
}

static void put_panel(FILE *f, const Output *o, const Map *m, int64_t p)
{
    double left = m->left + m->step * (double)p;
    put_columns(f, m, left);
    for (int64_t r = 0; r < m->rows; r++)
        for (int64_t c = 0; c < m->columns; c++)
            put_cell(f, m, left + m->cell * (double)c, m->top + m->cell * (double)r,
                     dtype_load(o->dtype, o->data, (p * m->rows + r) * m->columns + c));
    number_print(f, "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"none\" stroke=\"#999\"/>\n", left, m->top,
                 m->cell * (double)m->columns, m->cell * (double)m->rows);
}

/* What the colours mean: the least value, the colours up to the greatest, the greatest value. */
enum { SHADES = 12, SHADE = 6, SCALE = SHADES * SHADE + 2 * (10 * LETTER + 4) };

static void put_scale(FILE *f, const Map *m, double x, double y)
{
    char text[32];
    number_text(text, sizeof text, "%.4g", m->lo);
    put_text(f, x, y, "", text);
    x += width_of(text) + 4;
    for (int i = 0; i < SHADES; i++) {
        number_print(f, "<rect x=\"%g\" y=\"%g\" width=\"%d\" height=\"9\" ", x + SHADE * i, y - 9, SHADE);
        put_colour(f, i / (SHADES - 1.0));
        fputs("/>\n", f);
    }
    number_print(f, "<rect x=\"%g\" y=\"%g\" width=\"%d\" height=\"9\" fill=\"none\" stroke=\"#999\"/>\n", x, y - 9, SHADES * SHADE);
    put_number(f, x + SHADES * SHADE + 4, y, "", m->hi);
}

static int put_maps(FILE *f, const Output *o)
{
    Map m = {.panels = 1,
             .rows = o->dim[o->rank - 2],
             .columns = o->dim[o->rank - 1],
             .down = o->label[o->rank - 2],
             .across = o->label[o->rank - 1]};
    for (int i = 0; i < o->rank - 2; i++)
        m.panels *= o->dim[i];
    int64_t cells = m.panels * m.rows * m.columns;
    if (cells > MOST_CELLS)
        return rt_fail(NNRT_E_SHAPE, "%s: %lld cells are too many for a heat map (at most %d)", o->path, (long long)cells, MOST_CELLS);
    range_of(o, &m.lo, &m.hi);
    if (m.lo > 0) m.lo = 0;
    m.cell = m.rows <= 64 && m.columns <= 64 ? 14 : 4;
    int digits = snprintf(NULL, 0, "%lld", (long long)m.rows - 1);
    m.left = MARGIN + 4 + (m.down ? widest(m.down, m.rows) : digits * LETTER);
    m.top = MARGIN + 4 + (m.across ? widest(m.across, m.columns) : LETTER);
    m.step = m.cell * (double)m.columns + 2 * MARGIN;
    double right = m.left + m.step * (double)m.panels, below = m.top + m.cell * (double)m.rows;
    put_head(f, right > m.left + SCALE ? right : m.left + SCALE, below + 24);
    put_rows(f, &m);
    for (int64_t p = 0; p < m.panels; p++)
        put_panel(f, o, &m, p);
    put_scale(f, &m, m.left, below + 16);
    fputs("</svg>\n", f);
    return NNRT_OK;
}

static int write_svg(FILE *f, const Output *o)
{
    char have[96];
    if (o->rank < 1 || o->rank > 4)
        return rt_fail(NNRT_E_SHAPE, "%s: a result of the shape %s is no chart; wanted: a row of numbers or matrices", o->path,
                       shape_text(o->rank, o->dim, have, sizeof have));
    return o->rank == 1 ? put_curve(f, o) : put_maps(f, o);
}

const nnrt_format nnrt_format_svg = {".svg", NULL, write_svg};
