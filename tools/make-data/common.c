/* SPDX-License-Identifier: MIT
 * common.c: random numbers (splitmix64, Steele et al. 2014), files, a small canvas. */
#include <errno.h>
#include <math.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "make.h"

Random random_new(uint64_t seed)
{
    return (Random){seed * 0x9E3779B97F4A7C15u + 1};
}

static uint64_t mixed(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

Random random_part(uint64_t seed, uint64_t part)
{
    Random r = random_new(seed);
    return part ? (Random){mixed(r.state ^ mixed(part))} : r;
}

uint32_t random_bits(Random *r)
{
    return (uint32_t)(mixed(r->state += 0x9E3779B97F4A7C15u) >> 32);
}

double random_uniform(Random *r, double lo, double hi)
{
    return lo + (hi - lo) * (random_bits(r) / 4294967296.0);
}

double random_normal(Random *r)
{
    double u = random_uniform(r, 1e-12, 1), v = random_uniform(r, 0, 6.283185307179586);
    return sqrt(-2 * log(u)) * cos(v);
}

int random_below(Random *r, int n)
{
    return (int)((uint64_t)random_bits(r) * (uint64_t)n >> 32);
}

static void die(const char *path)
{
    fprintf(stderr, "make-data: %s: %s\n", path, strerror(errno));
    exit(3);
}

FILE *open_file(const char *dir, const char *name, const char *mode)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path) die(name);
    for (char *c = path + 1; *c; c++) {
        if (*c != '/') continue;
        *c = 0;
        if (mkdir(path, 0777) && errno != EEXIST) die(path);
        *c = '/';
    }
    FILE *f = fopen(path, mode);
    if (!f) die(path);
    return f;
}

void close_file(FILE *f, const char *name)
{
    if (ferror(f) || fclose(f)) die(name);
}

void write_png_gray(const char *dir, const char *name, const unsigned char *pixels, int width, int height)
{
    FILE *f = open_file(dir, name, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info || setjmp(png_jmpbuf(png))) die(name);
    png_init_io(png, f);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (int y = 0; y < height; y++)
        png_write_row(png, pixels + (size_t)y * (size_t)width);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    close_file(f, name);
}

void write_npy(const char *dir, const char *name, const char *dtype, const int *shape, int rank, const void *data, size_t bytes)
{
    char header[256];
    int n = snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (", dtype);
    for (int i = 0; i < rank; i++)
        n += snprintf(header + n, sizeof header - (size_t)n, "%d,", shape[i]);
    n += snprintf(header + n, sizeof header - (size_t)n, "), }");
    while ((10 + n + 1) % 64)
        header[n++] = ' ';
    header[n++] = '\n';
    FILE *f = open_file(dir, name, "wb");
    unsigned char start[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (unsigned char)n, (unsigned char)(n >> 8)};
    fwrite(start, 1, sizeof start, f);
    fwrite(header, 1, (size_t)n, f);
    fwrite(data, 1, bytes, f);
    close_file(f, name);
}

Canvas canvas_new(int width, int height)
{
    Canvas c = {width, height, calloc((size_t)width * (size_t)height, sizeof(float))};
    if (!c.at) die("memory");
    return c;
}

void canvas_free(Canvas *c)
{
    free(c->at);
    c->at = NULL;
}

void canvas_line(Canvas *c, double x0, double y0, double x1, double y1, double radius, double ink)
{
    double dx = x1 - x0, dy = y1 - y0, length2 = dx * dx + dy * dy;
    int lo_x = (int)floor(fmin(x0, x1) - radius - 1), hi_x = (int)ceil(fmax(x0, x1) + radius + 1);
    int lo_y = (int)floor(fmin(y0, y1) - radius - 1), hi_y = (int)ceil(fmax(y0, y1) + radius + 1);
    for (int y = lo_y < 0 ? 0 : lo_y; y <= hi_y && y < c->height; y++) {
        for (int x = lo_x < 0 ? 0 : lo_x; x <= hi_x && x < c->width; x++) {
            double t = length2 > 0 ? ((x - x0) * dx + (y - y0) * dy) / length2 : 0;
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            double distance = hypot(x - x0 - t * dx, y - y0 - t * dy);
            double cover = radius + 0.5 - distance;
            cover = cover < 0 ? 0 : cover > 1 ? 1 : cover;
            float *p = &c->at[y * c->width + x];
            if (cover * ink > *p) *p = (float)(cover * ink);
        }
    }
}

void canvas_bytes(const Canvas *c, unsigned char *out)
{
    for (int i = 0; i < c->width * c->height; i++) {
        double v = c->at[i] < 0 ? 0 : c->at[i] > 1 ? 1 : c->at[i];
        out[i] = (unsigned char)lrint(255 * v);
    }
}
