/* SPDX-License-Identifier: MIT
 * tables.c: line.csv (a line), iris.csv (three kinds of flower as four Gaussians each), table.csv (11 columns and a target),
 * ring.csv (points around eight places on a circle). */
#include <math.h>

#include "make.h"

static void make_line(const char *dir)
{
    Random r = random_new(11);
    FILE *f = open_file(dir, "line.csv", "w");
    fprintf(f, "x,y\n");
    for (int i = 0; i < 500; i++) {
        double x = random_uniform(&r, -1, 1);
        fprintf(f, "%.5f,%.5f\n", x, 2.5 * x - 0.7 + 0.05 * random_normal(&r));
    }
    close_file(f, "line.csv");
}

/* Means and deviations close to Fisher's measurements of 1936 (sepal length, sepal width, petal length, petal width). */
static void make_iris(const char *dir)
{
    static const char *const names[] = {"Iris-setosa", "Iris-versicolor", "Iris-virginica"};
    static const double mean[3][4] = {{5.01, 3.43, 1.46, 0.25}, {5.94, 2.77, 4.26, 1.33}, {6.59, 2.97, 5.55, 2.03}};
    static const double size[3] = {0.31, 0.45, 0.55}; /* flowers of one kind are large or small as a whole */
    static const double own[4] = {0.2, 0.22, 0.18, 0.15};
    static const double part[4] = {1, 0.45, 0.8, 0.3};
    Random r = random_new(12);
    FILE *f = open_file(dir, "iris.csv", "w");
    for (int i = 0; i < 150; i++) {
        int k = i / 50;
        double big = random_normal(&r) * size[k];
        for (int c = 0; c < 4; c++) {
            double v =
                mean[k][c] + (k == 0 && c >= 2 ? 0.2 : 1) * part[c] * big + own[c] * (k == 0 && c >= 2 ? 0.5 : 1) * random_normal(&r);
            fprintf(f, "%.1f,", v < 0.1 ? 0.1 : v);
        }
        fprintf(f, "%s\n", names[k]);
    }
    close_file(f, "iris.csv");
}

static void make_table(const char *dir)
{
    Random r = random_new(13);
    FILE *f = open_file(dir, "table.csv", "w");
    for (int i = 0; i < 11; i++)
        fprintf(f, "c%d,", i);
    fprintf(f, "target\n");
    for (int i = 0; i < 1600; i++) {
        double x[11];
        for (int c = 0; c < 11; c++)
            x[c] = random_normal(&r);
        double y = 50 + 8 * sin(x[0]) + 5 * x[1] * x[2] + 4 * fabs(x[3]) + 3 * x[4] + 2 * (x[5] > 0) * x[6] + random_normal(&r);
        for (int c = 0; c < 11; c++)
            fprintf(f, "%.4f,", (c + 1) * 3.0 + (0.5 + c) * x[c]);
        fprintf(f, "%.4f\n", y);
    }
    close_file(f, "table.csv");
}

/* Eight Gaussians of deviation 0.02 on a circle of radius 2. */
static void make_ring(const char *dir)
{
    Random r = random_new(14);
    FILE *f = open_file(dir, "ring.csv", "w");
    fprintf(f, "x,y\n");
    for (int i = 0; i < 8000; i++) {
        double angle = 2 * 3.14159265358979 * random_below(&r, 8) / 8;
        double x = 2 * cos(angle) + 0.02 * random_normal(&r), y = 2 * sin(angle) + 0.02 * random_normal(&r);
        fprintf(f, "%.5f,%.5f\n", x, y);
    }
    close_file(f, "ring.csv");
}

void make_tables(const char *dir)
{
    make_line(dir);
    make_iris(dir);
    make_table(dir);
    make_ring(dir);
}
