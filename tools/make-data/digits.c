/* SPDX-License-Identifier: MIT
 * digits.c: hand-drawn-looking digits, and some letters, as IDX files. Each is one of a few templates of pen strokes; every image bends, turns,
 * shears, scales and moves it, varies the pen, and adds smudges and noise, so that no linear model separates the classes well. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "make.h"

enum { SIDE = 28, MOST_POINTS = 24 };

/* Strokes in a unit square (x to the right, y down): points; a stroke ends with x < 0. Curves go smoothly through their points. */
typedef struct Template {
    int kind; /* the class */
    double p[MOST_POINTS][2];
    int n;
} Template;

#define END {-1, -1}
static const Template digits[] = {
    {0, {{.5, .02}, {.2, .2}, {.15, .55}, {.3, .93}, {.6, .97}, {.82, .7}, {.8, .25}, {.5, .02}, END}, 9},
    {0, {{.62, .05}, {.3, .1}, {.18, .45}, {.25, .85}, {.5, .98}, {.75, .8}, {.82, .4}, {.62, .1}, {.45, .08}, END}, 10},
    {1, {{.5, .02}, {.5, .5}, {.5, .98}, END}, 4},
    {1, {{.3, .25}, {.52, .03}, END, {.52, .03}, {.5, .5}, {.5, .97}, END}, 7},
    {1, {{.32, .22}, {.5, .03}, END, {.5, .03}, {.5, .96}, END, {.28, .97}, {.72, .97}, END}, 9},
    {2, {{.2, .25}, {.35, .05}, {.65, .05}, {.78, .27}, {.6, .55}, {.2, .95}, END, {.2, .95}, {.5, .93}, {.82, .95}, END}, 11},
    {2, {{.18, .3}, {.4, .04}, {.72, .14}, {.7, .45}, {.35, .8}, {.22, .9}, {.4, .8}, {.6, .93}, {.85, .88}, END}, 10},
    {3, {{.22, .12}, {.5, .02}, {.75, .2}, {.5, .45}, END, {.5, .45}, {.8, .65}, {.65, .93}, {.35, .97}, {.18, .83}, END}, 11},
    {3, {{.2, .05}, {.75, .05}, END, {.75, .05}, {.48, .42}, END, {.48, .42}, {.8, .58}, {.72, .9}, {.4, .98}, {.18, .85}, END}, 12},
    {4, {{.62, .03}, {.2, .6}, END, {.2, .6}, {.85, .6}, END, {.64, .35}, {.62, .97}, END}, 9},
    {4, {{.25, .05}, {.2, .48}, END, {.2, .48}, {.5, .55}, {.8, .47}, END, {.78, .08}, {.74, .97}, END}, 10},
    {5, {{.78, .05}, {.3, .05}, END, {.3, .05}, {.25, .45}, END, {.25, .45}, {.6, .4}, {.8, .65}, {.6, .95}, {.2, .9}, END}, 12},
    {5, {{.3, .08}, {.28, .42}, {.55, .4}, {.76, .6}, {.68, .88}, {.4, .97}, {.2, .88}, END, {.3, .08}, {.8, .04}, END}, 11},
    {6, {{.68, .05}, {.35, .3}, {.2, .65}, {.35, .95}, {.65, .95}, {.78, .72}, {.6, .52}, {.3, .6}, {.22, .75}, END}, 10},
    {6, {{.55, .02}, {.3, .4}, {.25, .8}, {.5, .98}, {.75, .8}, {.65, .55}, {.4, .55}, {.28, .72}, END}, 9},
    {7, {{.18, .06}, {.82, .06}, END, {.82, .06}, {.55, .5}, {.4, .97}, END}, 7},
    {7, {{.18, .08}, {.8, .05}, END, {.8, .05}, {.52, .5}, {.38, .97}, END, {.32, .5}, {.72, .48}, END}, 10},
    {8, {{.5, .48}, {.25, .25}, {.5, .03}, {.75, .25}, {.5, .48}, {.2, .75}, {.5, .98}, {.8, .75}, {.5, .48}, END}, 10},
    {8, {{.72, .12}, {.45, .04}, {.28, .22}, {.5, .46}, {.75, .72}, {.5, .97}, {.25, .75}, {.5, .48}, {.74, .2}, {.7, .1}, END}, 11},
    {9, {{.75, .3}, {.5, .05}, {.24, .25}, {.4, .5}, {.72, .38}, {.76, .2}, END, {.76, .25}, {.72, .6}, {.6, .97}, END}, 11},
    {9, {{.7, .2}, {.42, .05}, {.25, .3}, {.48, .5}, {.74, .3}, END, {.74, .25}, {.78, .6}, {.55, .95}, {.3, .9}, END}, 11},
};

/* A E H K P R U X */
static const Template letters[] = {
    {0, {{.5, .02}, {.15, .97}, END, {.5, .02}, {.85, .97}, END, {.28, .62}, {.72, .62}, END}, 9},
    {1, {{.76, .05}, {.25, .05}, END, {.25, .05}, {.25, .95}, END, {.25, .95}, {.78, .95}, END, {.25, .5}, {.66, .5}, END}, 12},
    {2, {{.22, .03}, {.22, .97}, END, {.78, .03}, {.78, .97}, END, {.22, .5}, {.78, .5}, END}, 9},
    {3, {{.25, .03}, {.25, .97}, END, {.75, .05}, {.25, .55}, END, {.4, .45}, {.8, .97}, END}, 9},
    {4, {{.25, .03}, {.25, .97}, END, {.25, .05}, {.65, .05}, {.78, .28}, {.6, .5}, {.25, .5}, END}, 9},
    {5, {{.25, .03}, {.25, .97}, END, {.25, .05}, {.65, .05}, {.78, .26}, {.6, .48}, {.25, .48}, END, {.45, .48}, {.8, .97}, END}, 12},
    {6, {{.2, .03}, {.2, .6}, {.35, .93}, {.65, .93}, {.8, .6}, {.8, .03}, END}, 7},
    {7, {{.2, .03}, {.8, .97}, END, {.8, .03}, {.2, .97}, END}, 6},
};

typedef struct Alphabet {
    const char *folder;
    const Template *template;
    int n_templates, n_kinds;
} Alphabet;
#define ALPHABET(table, kinds) {#table, table, sizeof table / sizeof *table, kinds}

typedef struct Pose { /* affine map and a slow bend */
    double a, b, c, d, x, y, bend, phase, radius, ink;
} Pose;

static Pose random_pose(Random *r)
{
    double turn = random_normal(r) * 0.2, shear = random_normal(r) * 0.22;
    double width = random_uniform(r, 9, 17), height = random_uniform(r, 14, 21);
    Pose p = {0};
    p.a = width * cos(turn), p.b = height * (shear * cos(turn) - sin(turn));
    p.c = width * sin(turn), p.d = height * (shear * sin(turn) + cos(turn));
    p.x = SIDE / 2.0 - 0.5 + random_uniform(r, -2.5, 2.5);
    p.y = SIDE / 2.0 - 0.5 + random_uniform(r, -2.5, 2.5);
    p.bend = random_normal(r) * 1.1;
    p.phase = random_uniform(r, 0, 6.28);
    p.radius = random_uniform(r, 0.45, 1.5);
    p.ink = random_uniform(r, 0.6, 1);
    return p;
}

static void map_point(const Pose *p, const double *from, double *to)
{
    double x = from[0] - 0.5, y = from[1] - 0.5;
    to[0] = p->x + p->a * x + p->b * y + p->bend * sin(4 * y + p->phase);
    to[1] = p->y + p->c * x + p->d * y + p->bend * cos(4 * x + p->phase);
}

/* Catmull-Rom curve (1974) through n points. */
static void draw_stroke(Canvas *canvas, double (*q)[2], int n, const Pose *pose)
{
    double last[2] = {q[0][0], q[0][1]};
    for (int i = 0; i + 1 < n; i++) {
        const double *p0 = q[i > 0 ? i - 1 : 0], *p1 = q[i], *p2 = q[i + 1], *p3 = q[i + 2 < n ? i + 2 : n - 1];
        for (int k = 1; k <= 8; k++) {
            double t = k / 8.0, t2 = t * t, t3 = t2 * t, now[2];
            for (int d = 0; d < 2; d++)
                now[d] = 0.5 * (2 * p1[d] + (p2[d] - p0[d]) * t + (2 * p0[d] - 5 * p1[d] + 4 * p2[d] - p3[d]) * t2 +
                                (3 * p1[d] - p0[d] - 3 * p2[d] + p3[d]) * t3);
            canvas_line(canvas, last[0], last[1], now[0], now[1], pose->radius, pose->ink);
            last[0] = now[0], last[1] = now[1];
        }
    }
}

static void draw_one(Canvas *canvas, Random *r, const Template *t)
{
    Pose pose = random_pose(r);
    double q[MOST_POINTS][2];
    int n = 0;
    for (int i = 0; i < t->n; i++) {
        if (t->p[i][0] < 0) {
            draw_stroke(canvas, q, n, &pose);
            n = 0;
            continue;
        }
        double dx = random_normal(r) * 0.035, dy = random_normal(r) * 0.035, moved[2] = {t->p[i][0] + dx, t->p[i][1] + dy};
        map_point(&pose, moved, q[n++]);
    }
}

static void add_noise(Canvas *canvas, Random *r)
{
    if (random_below(r, 5) == 0) { /* a stray mark */
        double x = random_uniform(r, 0, SIDE), y = random_uniform(r, 0, SIDE);
        double ink = random_uniform(r, 0.3, 0.8), dy = random_normal(r) * 3, dx = random_normal(r) * 3;
        canvas_line(canvas, x, y, x + dx, y + dy, 0.4, ink);
    }
    double strength = random_uniform(r, 0, 0.12);
    for (int i = 0; i < SIDE * SIDE; i++) {
        double noise = random_normal(r) * strength;
        canvas->at[i] += (float)(canvas->at[i] > 0 ? noise : noise > 1.2 * strength ? noise : 0);
    }
}

static void put_be32(FILE *f, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        putc((int)(v >> shift & 255), f);
}

static void make_part(const char *dir, const Alphabet *a, const char *stem, int n, Random *r)
{
    char name[64];
    snprintf(name, sizeof name, "%s/%s-images-idx3-ubyte", a->folder, stem);
    FILE *images = open_file(dir, name, "wb");
    snprintf(name, sizeof name, "%s/%s-labels-idx1-ubyte", a->folder, stem);
    FILE *labels = open_file(dir, name, "wb");
    put_be32(images, 2051), put_be32(images, (uint32_t)n), put_be32(images, SIDE), put_be32(images, SIDE);
    put_be32(labels, 2049), put_be32(labels, (uint32_t)n);
    for (int i = 0; i < n; i++) {
        unsigned char bytes[SIDE * SIDE];
        Canvas canvas = canvas_new(SIDE, SIDE);
        int kind = random_below(r, a->n_kinds), which = 0;
        do
            which = random_below(r, a->n_templates);
        while (a->template[which].kind != kind);
        draw_one(&canvas, r, &a->template[which]);
        add_noise(&canvas, r);
        canvas_bytes(&canvas, bytes);
        fwrite(bytes, 1, sizeof bytes, images);
        putc(kind, labels);
        canvas_free(&canvas);
    }
    close_file(images, "images");
    close_file(labels, "labels");
}

void make_digits(const char *dir, int n_train, int n_test)
{
    static const Alphabet a = ALPHABET(digits, 10);
    Random r = random_new(1);
    make_part(dir, &a, "train", n_train, &r);
    make_part(dir, &a, "t10k", n_test, &r);
}

void make_letters(const char *dir, int n_train, int n_test)
{
    static const Alphabet a = ALPHABET(letters, 8);
    Random r = random_new(15);
    make_part(dir, &a, "train", n_train, &r);
    make_part(dir, &a, "t10k", n_test, &r);
}
