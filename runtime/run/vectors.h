/* SPDX-License-Identifier: MIT
 * vectors.h: arithmetic of gradients, which the threads of a model divide. */
#ifndef NNRT_RUN_VECTORS_H
#define NNRT_RUN_VECTORS_H

#include "model/model.h"

typedef struct Vector { /* n numbers: bytes 4 or 8 of each */
    void *at;
    size_t n;
    int bytes;
} Vector;

void vector_add(const nnrt *m, Vector v, const void *other);
void vector_scale(const nnrt *m, Vector v, double by);
void vector_collect(const nnrt *m, Vector v, double weight, double *sum, bool first); /* sum += weight v */
void vector_mean(const nnrt *m, Vector v, double weight, double *sum, int n);         /* v = (sum + weight v) / n */
/* Threads divide the numbers 0 .. n - 1, where that is worth it. */
void vector_divide(const nnrt *m, size_t n, void (*work)(const void *job, size_t from, size_t to), const void *job);

#endif
