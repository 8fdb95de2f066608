/* SPDX-License-Identifier: MIT
 * resample.h: sounds at another rate. */
#ifndef NNRT_DATA_RESAMPLE_H
#define NNRT_DATA_RESAMPLE_H

#include <stdint.h>

/* How many samples n become, the last one rounded up. An error names the path, if the rates have too large a ratio. */
int resample_length(const char *path, int64_t n, uint32_t from, uint32_t to, int64_t *out);
/* How many old samples the first n_out new ones are made from, if there are so many. */
int resample_needs(const char *path, int64_t n_out, uint32_t from, uint32_t to, int64_t *in);
/* The first n_out of them. What is above half of the lower rate is left out; before and behind the sound there is silence. */
int resample(const char *path, const double *in, int64_t n, uint32_t from, uint32_t to, double *out, int64_t n_out);

#endif
