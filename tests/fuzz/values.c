/* SPDX-License-Identifier: MIT
 * values.c: results compared. */
#include "fuzz/values.h"

#include <math.h>
#include <string.h>

double values_element(const TensorValue *v, int64_t e)
{
    return v->f ? v->f[e] : (double)v->i[e];
}

bool values_close(double got, double want, double bound)
{
    return got == want || (got != got && want != want) || fabs(got - want) <= bound;
}

bool values_same_bits(const TensorValue *a, const TensorValue *b)
{
    for (int64_t e = 0; e < a->count; e++)
        if (a->f ? memcmp(&a->f[e], &b->f[e], sizeof(double)) : a->i[e] != b->i[e]) return false;
    return true;
}

bool values_same_numbers(const TensorValue *a, const TensorValue *b)
{
    for (int64_t e = 0; e < a->count; e++) {
        bool none = a->f && isnan(a->f[e]) && isnan(b->f[e]);
        if (!none && (a->f ? memcmp(&a->f[e], &b->f[e], sizeof(double)) : a->i[e] != b->i[e])) return false;
    }
    return true;
}
