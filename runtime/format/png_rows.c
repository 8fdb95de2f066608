/* SPDX-License-Identifier: MIT
 * png_rows.c: filters of PNG. */
#include "format/png_rows.h"

#include <stdint.h>
#include <stdlib.h>

enum { NONE, SUB, UP, AVERAGE, PAETH, N_FILTERS };

static int paeth(int left, int up, int corner)
{
    int p = left + up - corner, a = abs(p - left), b = abs(p - up), c = abs(p - corner);
    return a <= b && a <= c ? left : b <= c ? up : corner;
}

static int guess(int filter, int left, int up, int corner)
{
    switch (filter) {
    case SUB: return left;
    case UP: return up;
    case AVERAGE: return (left + up) / 2;
    case PAETH: return paeth(left, up, corner);
    default: return 0;
    }
}

/* What is left of a row, and the sum of its sizes. above: NULL over the first row. */
static uint64_t apply(int filter, const unsigned char *row, const unsigned char *above, size_t line, size_t pixel, unsigned char *out)
{
    uint64_t sum = 0;
    out[0] = (unsigned char)filter;
    for (size_t i = 1; i < line; i++) {
        int left = i > pixel ? row[i - pixel] : 0, up = above ? above[i] : 0, corner = above && i > pixel ? above[i - pixel] : 0;
        out[i] = (unsigned char)(row[i] - guess(filter, left, up, corner));
        sum += out[i] < 128 ? out[i] : 256u - out[i];
    }
    return sum;
}

void png_filter(const unsigned char *rows, size_t height, size_t line, size_t pixel, unsigned char *out)
{
    for (size_t y = 0; y < height; y++) {
        const unsigned char *row = rows + y * line, *above = y ? row - line : NULL;
        uint64_t least = UINT64_MAX;
        int best = NONE;
        for (int filter = NONE; filter < N_FILTERS; filter++) {
            uint64_t sum = apply(filter, row, above, line, pixel, out + y * line);
            if (sum < least) least = sum, best = filter;
        }
        apply(best, row, above, line, pixel, out + y * line);
    }
}
