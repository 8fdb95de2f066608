/* SPDX-License-Identifier: MIT
 * warn_range.h: between which numbers the values of a body lie, whatever the data and the weights are. */
#ifndef NNC_SEMA_WARN_RANGE_H
#define NNC_SEMA_WARN_RANGE_H

#include "sema/base/state.h"

/* How a value came to its range; of what it is computed from pointwise. */
enum {
    RANGE_CLIPPED = 1,   /* all numbers beyond the lower end have become that end: maximum(x, 0) */
    RANGE_SQUASHED = 2,  /* large and small numbers come close to the ends: tanh(x) */
    RANGE_BYTES = 4,     /* pictures as they are stored */
};

typedef struct Range {
    double lo, hi; /* infinite where nothing is known */
    int how;
} Range;

extern const Range range_unknown;
Range range_between(double lo, double hi, int how);
/* Of all values of a body, at[ref]. `args`: of its arguments. */
Range *range_body(Sema *s, const CoreBody *body, const Range *args);
/* Of a value of a body that is being made; nothing is known of the arguments. */
Range range_known(Sema *s, const CoreBody *body, CoreRef ref);
/* Of the arguments of the body of a scan in `body`, whose ranges are `at`. */
Range *range_scan_args(Sema *s, const CoreIns *scan, const Range *at);

#endif
