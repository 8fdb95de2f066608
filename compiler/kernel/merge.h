/* SPDX-License-Identifier: MIT
 * merge.h: kernels that see the same points become one. */
#ifndef NNC_KERNEL_MERGE_H
#define NNC_KERNEL_MERGE_H

#include "kernel/kernel.h"

typedef struct Merger {
    KProgram *p;
    Arena *arena, *scratch; /* scratch: of one attempt */
    Dims *dims;
    const int64_t *sample; /* by Symbol */
} Merger;

typedef VEC(Kernel *) KernelList;

/* Merges kernels of every list, drops values that nothing reads. */
void merge_kernels(Merger *m);
void merge_body(const Merger *m, Kernel *group); /* of the kernels of a group; values of an item that nothing reads go */

/* overlap.c: do the two accesses certainly touch different elements at all pairs of points? Both
 * over the axes of k. */
bool accesses_disjoint(const KProgram *p, const Kernel *k, const Access *a, const Access *c);
bool accesses_disjoint_at(const KProgram *p, const Kernel *k, const Access *a, const Access *c, const int64_t *sample);
bool accesses_equal(const Access *a, const Access *c); /* one element at every point; boxes and gathers never are */
/* Memory of a buffer as a number: equal for buffers that name one place. */
uint64_t kernel_buffer_memory(const KProgram *p, uint32_t buf);

/* tidy.c: equal nodes become one, nodes without use and accesses without node go; false: no store
 * is left. */
bool kernel_tidy(Arena *arena, Kernel *k);
/* axes.c: a copy with fewer axes. length: NULL, or by axis the axes of the kernel that are one in it, at first 1 each. */
Kernel *kernel_merge_axes(Arena *arena, Dims *dims, const Kernel *k, uint8_t *length);
bool kernel_axes_merge(Dims *dims, const Kernel *k, int a); /* may a and a + 1, for all that memory knows? */
void kernel_remove_axis(Kernel *k, int axis); /* nothing looks at it any more; changes the accesses and boxes where they lie */

#endif
