/* SPDX-License-Identifier: MIT
 * kernel_memory.h: memory that knows who wrote what. */
#ifndef NNC_TESTS_KERNEL_MEMORY_H
#define NNC_TESTS_KERNEL_MEMORY_H

#include "oracle/kernel_interpret.h"
#include "tensor/graph.h"

/* A block of memory. Cells of the caller's blocks are doubles; a cell of work is a Scalar. Element
 * i of a buffer at byte `place` is cell place + i * scale. For every cell: the buffer that wrote it
 * last, and for the running kernel which share of the divided axis wrote and read it, so that a
 * race between threads is seen although one thread runs. */
typedef struct Block {
    double *number; /* caller's memory */
    Scalar *cell;   /* work */
    int64_t n;      /* cells, 0: unknown (read only) */
    uint32_t *owner;
    struct Trace {
        uint32_t wrote, read; /* number of the kernel run */
        int64_t writer, reader;
    } *trace;
} Block;

typedef struct Memory {
    const KProgram *p;
    Arena *arena;
    const int64_t *symbols;
    Block arg[64], model, train, sums, work, lent, options, counters, local;
    int64_t *offset; /* of table entries: places */
    bool in_group;   /* its items are the shares, and all its kernels one run */
    uint32_t run;    /* number of the kernel run */
    int64_t share;   /* position on the divided axis; EVERYONE: read by all threads */
    const char *error;
    const Kernel *kernel;
} Memory;
enum { EVERYONE = -2, SEVERAL = -3 };

void memory_start(Memory *m, double *const *args, KernelBlocks *blocks);
int64_t memory_dim(const Memory *m, Dim d);
Scalar memory_load(Memory *m, uint32_t buf, int64_t element);
void memory_store(Memory *m, uint32_t buf, int64_t element, Scalar value);
void memory_clear_local(Memory *m); /* an item of a group begins */
void memory_fail(Memory *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
