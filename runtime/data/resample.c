/* SPDX-License-Identifier: MIT
 * resample.c: band-limited interpolation (Smith, Gossett 1984): each new sample is a sum of old ones, with the weights of a sinc in a
 * Kaiser window. New samples lie at few places between old ones, in turn, whose weights are computed once. */
#include "data/resample.h"

#include <math.h>
#include <stdlib.h>

#include "base/base.h"

enum { CROSSINGS = 32 /* zeros of the sinc on each side */, MOST_WEIGHTS = 1 << 20 };
static const double pass = 0.94, beta = 9; /* share of the band that is kept whole; attenuation beyond it is 90 dB */

typedef struct Filter {
    int64_t up, down; /* the ratio of the rates, in lowest terms */
    int64_t half;     /* old samples on each side */
    double *weight;   /* [up, or all samples if they are fewer][2 half] */
} Filter;

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b) {
        int64_t rest = a % b;
        a = b, b = rest;
    }
    return a;
}

/* The modified Bessel function of order 0. */
static double bessel(double x)
{
    double sum = 1, term = 1;
    for (int k = 1; term > sum * 1e-16; k++)
        term *= x * x / (4.0 * k * k), sum += term;
    return sum;
}

static double window_at(double share)
{
    return share <= -1 || share >= 1 ? 0 : bessel(beta * sqrt(1 - share * share)) / bessel(beta);
}

static double sinc(double x)
{
    const double pi = 3.14159265358979323846;
    return x == 0 ? 1 : sin(pi * x) / (pi * x);
}

/* Weights of a place add up to 1, so that silence at any level stays what it is. */
static void fill_row(Filter *f, int64_t row, double band)
{
    double sum = 0, *w = f->weight + row * 2 * f->half, at = (double)(row * f->down % f->up) / (double)f->up;
    for (int64_t k = 0; k < 2 * f->half; k++) {
        double x = (double)(k - f->half + 1) - at;
        w[k] = sinc(band * x) * window_at(x / (double)f->half);
        sum += w[k];
    }
    for (int64_t k = 0; k < 2 * f->half; k++)
        w[k] /= sum;
}

/* The ratio and the length of the filter; an error if they are too large. */
static int plan_filter(const char *path, uint32_t from, uint32_t to, Filter *f, double *band)
{
    if (from == 0 || to == 0) return rt_fail(NNRT_E_IO, "%s has %u samples a second", path, from);
    int64_t common = common_divisor(from, to);
    *band = pass * (from > to ? (double)to / (double)from : 1);
    *f = (Filter){.up = to / common, .down = from / common, .half = (int64_t)ceil(CROSSINGS / *band)};
    if (f->up <= MOST_WEIGHTS / (2 * f->half)) return NNRT_OK;
    return rt_fail(NNRT_E_IO, "%s has %u samples a second, which are not resampled to %u: the ratio is %lld : %lld", path, from, to,
                   (long long)f->up, (long long)f->down);
}

int resample_length(const char *path, int64_t n, uint32_t from, uint32_t to, int64_t *out)
{
    Filter f;
    double band;
    int code = plan_filter(path, from, to, &f, &band);
    *out = code ? 0 : n / f.down * f.up + (n % f.down * f.up + f.down - 1) / f.down;
    return code;
}

/* The last old sample that lies where new sample i does, or before it. */
static int64_t old_place(const Filter *f, int64_t i)
{
    return i / f->up * f->down + i % f->up * f->down / f->up;
}

int resample_needs(const char *path, int64_t n_out, uint32_t from, uint32_t to, int64_t *in)
{
    Filter f;
    double band;
    int code = plan_filter(path, from, to, &f, &band);
    *in = code || n_out < 1 ? 0 : old_place(&f, n_out - 1) + f.half + 1;
    return code;
}

static int make_filter(const char *path, uint32_t from, uint32_t to, int64_t n_out, Filter *f)
{
    double band;
    int code = plan_filter(path, from, to, f, &band);
    if (code) return code;
    int64_t rows = n_out < f->up ? n_out : f->up;
    f->weight = malloc(sizeof(double) * (size_t)(rows * 2 * f->half) + 1);
    if (!f->weight) return rt_no_memory_for(path);
    for (int64_t i = 0; i < rows; i++)
        fill_row(f, i, band);
    return NNRT_OK;
}

int resample(const char *path, const double *in, int64_t n, uint32_t from, uint32_t to, double *out, int64_t n_out)
{
    Filter f;
    int code = make_filter(path, from, to, n_out, &f);
    if (code) return code;
    for (int64_t i = 0; i < n_out; i++) {
        int64_t first = old_place(&f, i) - f.half + 1;
        int64_t lo = first < 0 ? -first : 0, hi = n - first < 2 * f.half ? n - first : 2 * f.half;
        const double *w = f.weight + i % f.up * 2 * f.half;
        double sum = 0;
        for (int64_t k = lo; k < hi; k++)
            sum += w[k] * in[first + k];
        out[i] = sum;
    }
    free(f.weight);
    return NNRT_OK;
}
