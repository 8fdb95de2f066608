/* SPDX-License-Identifier: MIT
 * conv_phase.c: the phases of a convolution or data gradient (see conv.h). */
#include "kernel/conv.h"

static int64_t common_divisor(int64_t a, int64_t c)
{
    return c ? common_divisor(c, a % c) : a;
}

/* The number x in 0 .. m - 1 with a * x % m == 1. */
static int64_t inverse(int64_t a, int64_t m)
{
    int64_t x = 0;
    while (x < m - 1 && a % m * x % m != 1 % m)
        x++;
    return x;
}

static Dim modulo(Builder *b, Dim x, int64_t m)
{
    return dim_sub(b->dims, x, conv_times(b, dim_floordiv(b->dims, x, build_dim(b, m)), m));
}

static Phase phase_of(Builder *b, const ConvSizes *s, int i, int64_t residue)
{
    int64_t stride = s->c.stride[i], dil = s->c.dil[i], divisor = common_divisor(stride, dil), step = stride / divisor;
    Phase p = {.stride = stride, .first = residue, .n = 1, .step = step, .along = 1, .back = dil / divisor};
    Dim sum = conv_plus(b, s->c.lo[i], build_dim(b, residue));
    p.rows = dim_floordiv(b->dims, conv_plus(b, s->c.extent[i], build_dim(b, stride - 1 - residue)), build_dim(b, stride));
    p.tap = modulo(b, conv_times(b, dim_floordiv(b->dims, sum, build_dim(b, divisor)), inverse(dil / divisor, step)), step);
    p.taps = dim_floordiv(b->dims, conv_plus(b, dim_sub(b->dims, s->c.k[i], p.tap), build_dim(b, step - 1)), build_dim(b, step));
    p.at = dim_floordiv(b->dims, dim_sub(b->dims, sum, conv_times(b, p.tap, dil)), build_dim(b, stride));
    if (divisor > 1) { /* only where the sum is a multiple of it */
        Dim rest = modulo(b, sum, divisor);
        p.taps = dim_mul(b->dims, p.taps, dim_floordiv(b->dims, dim_sub(b->dims, build_dim(b, divisor), rest), build_dim(b, divisor)));
    }
    return p;
}

/* Does phase q continue phase p? Then they are one. */
static bool continues(Builder *b, const Phase *p, const Phase *q)
{
    if (p->rows != q->rows || p->taps != q->taps) return false;
    return build_dim_is(b, p->taps, 0) || (p->at == q->at && q->tap == conv_plus(b, p->tap, build_dim(b, p->n)));
}

/* Of a plain convolution: one for all rows. */
static Phase only_phase(Builder *b, const ConvSizes *s, int i)
{
    return (Phase){.stride = 1,
                   .n = 1,
                   .rows = s->o[i],
                   .tap = build_dim(b, 0),
                   .taps = s->c.k[i],
                   .step = 1,
                   .at = dim_sub(b->dims, build_dim(b, 0), s->c.lo[i]),
                   .along = s->c.stride[i],
                   .back = -s->c.dil[i]};
}

const Phase *conv_phases(Builder *b, const ConvSizes *s, int i, int *n)
{
    int64_t residues = s->c.mode == 0 ? 1 : s->c.stride[i];
    Phase *phase = ARENA_ARRAY(b->arena, Phase, (size_t)residues);
    *n = 0;
    for (int64_t residue = 0; residue < residues; residue++) {
        Phase p = s->c.mode == 0 ? only_phase(b, s, i) : phase_of(b, s, i, residue);
        if (build_dim_is(b, p.rows, 0)) continue;
        if (*n && continues(b, &phase[*n - 1], &p))
            phase[*n - 1].n++;
        else
            phase[(*n)++] = p;
    }
    return phase;
}

static void padding_of_gradient(Builder *b, const ConvSizes *s, int i, Dim *lo, Dim *extent)
{
    Dim reach = conv_times(b, dim_sub(b->dims, s->c.k[i], build_dim(b, 1)), s->c.dil[i]), stride = build_dim(b, s->c.stride[i]);
    Dim above = dim_floordiv(b->dims, dim_sub(b->dims, reach, s->c.lo[i]), stride);
    Dim last = conv_plus(b, conv_plus(b, s->c.extent[i], s->c.lo[i]), build_dim(b, -1));
    Dim below = dim_sub(b->dims, conv_plus(b, dim_floordiv(b->dims, last, stride), build_dim(b, 1)), s->o[i]);
    int64_t known;
    *lo = !dim_is_const(b->dims, above, &known) ? dim_floordiv(b->dims, reach, stride) : known > 0 ? above : build_dim(b, 0);
    *extent = conv_plus(b, *lo, s->o[i]);
    if (!dim_is_const(b->dims, below, &known) || known > 0) *extent = conv_plus(b, *extent, below);
}

void conv_padding(Builder *b, const ConvSizes *s, int i, Dim *lo, Dim *extent)
{
    if (s->c.mode == 1) {
        padding_of_gradient(b, s, i, lo, extent);
        return;
    }
    *lo = s->c.lo[i];
    *extent = conv_plus(b, conv_plus(b, s->c.extent[i], *lo), s->c.hi[i]);
}

Ax conv_phase_rows(Builder *b, const Phase *p, const Ax *j, const Ax *i)
{
    Ax rows = ax_scaled(b, j, build_dim(b, p->stride)), at = ax_sum(b, &rows, i);
    at.off = conv_plus(b, at.off, build_dim(b, p->first));
    return at;
}

Ax conv_phase_tap(Builder *b, const Phase *p, const Ax *a, const Ax *i)
{
    Ax taps = ax_scaled(b, a, build_dim(b, p->step)), at = ax_sum(b, &taps, i);
    at.off = conv_plus(b, at.off, p->tap);
    return at;
}

Ax conv_phase_source(Builder *b, const Phase *p, const Ax *j, const Ax *a)
{
    Ax rows = ax_scaled(b, j, build_dim(b, p->along)), back = ax_scaled(b, a, build_dim(b, -p->back)), at = ax_sum(b, &rows, &back);
    at.off = conv_plus(b, at.off, p->at);
    return at;
}
