/* SPDX-License-Identifier: MIT
 * clock.h: seconds that only go on. */
#ifndef NNRT_BASE_CLOCK_H
#define NNRT_BASE_CLOCK_H

#include <time.h>

static inline double rt_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
