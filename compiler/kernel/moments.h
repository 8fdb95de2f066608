/* SPDX-License-Identifier: MIT
 * moments.h: a sum, and the sum of the squared differences from the mean that is made of it, in one pass. */
#ifndef NNC_KERNEL_MOMENTS_H
#define NNC_KERNEL_MOMENTS_H

#include "kernel/build.h"

/* Builds sum r, stored at `to`, and the sum of squares that belongs to it. False: none does, or there is little to gain. */
bool build_moments(Builder *b, Ref r, const Home *to);

#endif
