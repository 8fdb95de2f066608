/* SPDX-License-Identifier: MIT
 * rows.h: scans whose threads have rows of their own.
 *
 *   for t:  part of z[b,:] = h[t,b,:] U; barrier; part of h[t+1,b,:] = gates(z[b,:]); barrier
 *   ->      for t:  z[b,:] = h[t,b,:] U; h[t+1,b,:] = gates(z[b,:])   of this thread's rows b, and one barrier behind the last step
 *
 * It can be if every kernel of the body has an axis of as many rows, and what the body writes is touched by it in the same row
 * only: a stride s of rows is the same in all accesses to a buffer, what is left of an access stays within s, and the counters of scans
 * move it by whole stacks of rows. It pays where every thread has tiles enough and what all rows share fits in its cache. */
#ifndef NNC_KERNEL_ROWS_H
#define NNC_KERNEL_ROWS_H

#include "kernel/kernel.h"

/* Sets `rows` of such scans, and `part` of the kernels in them. sample: by Symbol. */
void rows_find(KProgram *p, const int64_t *sample);

#endif
