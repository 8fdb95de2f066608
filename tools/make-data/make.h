/* SPDX-License-Identifier: MIT
 * make.h: shared by the data generators. Everything is drawn from one counter of a seeded generator, so that the files are the same on
 * every machine. (C leaves the order of a call's arguments open: at most one of them may draw.) Each make_X writes its files below `dir`
 * and ends the program with a message if it cannot. */
#ifndef MAKE_DATA_MAKE_H
#define MAKE_DATA_MAKE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct Random {
    uint64_t state;
} Random;
Random random_new(uint64_t seed); /* that of the next seed has the same numbers, one place later: */
Random random_part(uint64_t seed, uint64_t part); /* what must not meet, as data for training and for tests, is drawn from parts */
uint32_t random_bits(Random *r);
double random_uniform(Random *r, double lo, double hi);
double random_normal(Random *r);
int random_below(Random *r, int n);

FILE *open_file(const char *dir, const char *name, const char *mode); /* makes the folders; ends the program on failure */
void close_file(FILE *f, const char *name);
void write_png_gray(const char *dir, const char *name, const unsigned char *pixels, int width, int height);
void write_npy(const char *dir, const char *name, const char *dtype, const int *shape, int rank, const void *data, size_t bytes);

/* Grey drawing surface, values 0..1. */
typedef struct Canvas {
    int width, height;
    float *at;
} Canvas;
Canvas canvas_new(int width, int height);
void canvas_free(Canvas *c);
void canvas_line(Canvas *c, double x0, double y0, double x1, double y1, double radius, double ink); /* soft round pen */
void canvas_bytes(const Canvas *c, unsigned char *out);

void make_digits(const char *dir, int n_train, int n_test);
void make_letters(const char *dir, int n_train, int n_test);
void make_tables(const char *dir);
void make_records(const char *dir);
void make_text(const char *dir, int n_reviews);
void make_shapes(const char *dir, int n_images, int n_scenes);
void make_tones(const char *dir, int per_class);
void make_spoken(const char *dir, int n);
void make_figures(const char *dir, int per_class);
void make_notes(const char *dir, int n);
void make_dates(const char *dir, int n);
void make_languages(const char *dir, int n_train, int n_test);

#endif
