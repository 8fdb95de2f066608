/* SPDX-License-Identifier: MIT
 * figures.c: figures/<class>, pictures of nine sizes with a circle, a cross, a square or a triangle. */
#include <math.h>
#include <stdlib.h>

#include "make.h"

static const double turn = 6.283185307179586;

/* A closed line through n points of a circle, or two crossed lines. */
static void draw(Canvas *c, int kind, double x, double y, double r, double angle, double ink)
{
    static const int corners[] = {32, 0, 4, 3};
    if (kind == 1) {
        for (int i = 0; i < 2; i++) {
            double dx = r * cos(angle + i * turn / 4), dy = r * sin(angle + i * turn / 4);
            canvas_line(c, x - dx, y - dy, x + dx, y + dy, 0.8, ink);
        }
        return;
    }
    for (int i = 0, n = corners[kind]; i < n; i++) {
        double a = angle + turn * i / n, b = angle + turn * (i + 1) / n;
        canvas_line(c, x + r * cos(a), y + r * sin(a), x + r * cos(b), y + r * sin(b), 0.8, ink);
    }
}

void make_figures(const char *dir, int per_class)
{
    static const char *const names[] = {"circle", "cross", "square", "triangle"};
    static const int sizes[] = {16, 24, 36};
    static unsigned char pixels[36 * 36];
    Random r = random_new(51);
    for (int kind = 0; kind < 4; kind++) {
        for (int i = 0; i < per_class; i++) {
            Canvas c = canvas_new(sizes[random_below(&r, 3)], sizes[random_below(&r, 3)]);
            int least = c.width < c.height ? c.width : c.height;
            double size = random_uniform(&r, 4, least / 2.0 - 1.5), x = random_uniform(&r, size, c.width - size);
            double y = random_uniform(&r, size, c.height - size), angle = random_uniform(&r, 0, turn);
            draw(&c, kind, x, y, size, angle, random_uniform(&r, 0.4, 0.9));
            for (int p = 0; p < c.width * c.height; p++)
                c.at[p] += (float)(0.1 * fabs(random_normal(&r)));
            canvas_bytes(&c, pixels);
            char name[64];
            snprintf(name, sizeof name, "figures/%s/%03d.png", names[kind], i);
            write_png_gray(dir, name, pixels, c.width, c.height);
            canvas_free(&c);
        }
    }
}
