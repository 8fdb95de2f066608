/* SPDX-License-Identifier: MIT
 * shapes.c: pictures with discs, squares and triangles: images/ and masks/ for segmentation (sizes 48 to 96, multiples of 8), scenes/ with
 * obj.npy, box.npy, cls.npy for detection (64 x 64, a grid of 8 x 8 cells). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "make.h"

typedef struct Shape {
    int kind; /* 0 disc, 1 square, 2 triangle */
    double x, y, radius, shade;
} Shape;

static int inside(const Shape *s, double x, double y)
{
    double dx = x - s->x, dy = y - s->y, r = s->radius;
    if (s->kind == 0) return dx * dx + dy * dy <= r * r;
    if (s->kind == 1) return fabs(dx) <= 0.85 * r && fabs(dy) <= 0.85 * r;
    return dy <= 0.8 * r && dy >= -r && fabs(dx) <= (dy + r) * 0.55;
}

static Shape random_shape(Random *r, int width, int height, double lo, double hi)
{
    Shape s = {.kind = random_below(r, 3)};
    s.radius = random_uniform(r, lo, hi);
    s.shade = random_uniform(r, 0.45, 1);
    s.x = random_uniform(r, s.radius, width - 1 - s.radius);
    s.y = random_uniform(r, s.radius, height - 1 - s.radius);
    return s;
}

static void paint(const Shape *shapes, int n, int width, int height, Random *r, unsigned char *image, unsigned char *mask)
{
    double base = random_uniform(r, 0, 0.25), noise = random_uniform(r, 0.02, 0.08);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            double v = base;
            int label = 0;
            for (int k = 0; k < n; k++)
                if (inside(&shapes[k], x, y)) v = shapes[k].shade, label = 1 + shapes[k].kind;
            v += noise * random_normal(r);
            v = v < 0 ? 0 : v > 1 ? 1 : v;
            image[y * width + x] = (unsigned char)lrint(255 * v);
            if (mask) mask[y * width + x] = (unsigned char)label;
        }
    }
}

static void make_segments(const char *dir, int n)
{
    Random r = random_new(31);
    unsigned char image[96 * 96], mask[96 * 96];
    for (int i = 0; i < n; i++) {
        int width = 48 + 8 * random_below(&r, 7), height = 48 + 8 * random_below(&r, 7), count = 1 + random_below(&r, 4);
        Shape shapes[4];
        char name[64];
        for (int k = 0; k < count; k++)
            shapes[k] = random_shape(&r, width, height, 6, 14);
        paint(shapes, count, width, height, &r, image, mask);
        snprintf(name, sizeof name, "shapes/images/%04d.png", i);
        write_png_gray(dir, name, image, width, height);
        snprintf(name, sizeof name, "shapes/masks/%04d.png", i);
        write_png_gray(dir, name, mask, width, height);
    }
}

static void make_scenes(const char *dir, int n)
{
    enum { SIDE = 64, GRID = 8, CELLS = GRID * GRID };
    Random r = random_new(32);
    float *obj = calloc((size_t)n * CELLS, sizeof(float)), *box = calloc((size_t)n * CELLS * 4, sizeof(float));
    int32_t *cls = calloc((size_t)n * CELLS, sizeof(int32_t));
    if (!obj || !box || !cls) exit(5);
    for (int i = 0; i < n; i++) {
        unsigned char image[SIDE * SIDE];
        Shape shapes[3];
        char name[64];
        int count = 0, wanted = 1 + random_below(&r, 3);
        while (count < wanted) { /* no two centres near each other */
            Shape s = random_shape(&r, SIDE, SIDE, 5, 11);
            int near_other = 0;
            for (int k = 0; k < count; k++)
                near_other |= hypot(s.x - shapes[k].x, s.y - shapes[k].y) < s.radius + shapes[k].radius;
            if (!near_other)
                shapes[count++] = s;
            else if (random_below(&r, 20) == 0)
                break;
        }
        paint(shapes, count, SIDE, SIDE, &r, image, NULL);
        for (int k = 0; k < count; k++) {
            double cell = (double)SIDE / GRID, half = shapes[k].kind == 1 ? 0.85 * shapes[k].radius : shapes[k].radius;
            int cx = (int)(shapes[k].x / cell), cy = (int)(shapes[k].y / cell), at = (i * GRID + cy) * GRID + cx;
            obj[at] = 1;
            cls[at] = shapes[k].kind;
            box[4 * at] = (float)(shapes[k].x / cell - cx);
            box[4 * at + 1] = (float)(shapes[k].y / cell - cy);
            box[4 * at + 2] = box[4 * at + 3] = (float)log(2 * half / cell);
        }
        snprintf(name, sizeof name, "shapes/scenes/%04d.png", i);
        write_png_gray(dir, name, image, SIDE, SIDE);
    }
    int shape[4] = {n, GRID, GRID, 4};
    write_npy(dir, "shapes/obj.npy", "<f4", shape, 3, obj, (size_t)n * CELLS * sizeof(float));
    write_npy(dir, "shapes/box.npy", "<f4", shape, 4, box, (size_t)n * CELLS * 4 * sizeof(float));
    write_npy(dir, "shapes/cls.npy", "<i4", shape, 3, cls, (size_t)n * CELLS * sizeof(int32_t));
    free(obj), free(box), free(cls);
}

void make_shapes(const char *dir, int n_images, int n_scenes)
{
    make_segments(dir, n_images);
    make_scenes(dir, n_scenes);
}
