/* SPDX-License-Identifier: MIT
 * optimizers.h: the rows of runtime/optimizers.def as data. */
#ifndef NNC_CORE_OPTIMIZERS_H
#define NNC_CORE_OPTIMIZERS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum { RANGE_from_0, RANGE_below_1, RANGE_above_0, RANGE_switch } OptimizerRange;

typedef enum { SEES_elements, SEES_tensors } OptimizerSees;

enum { OPTIMIZER_ARGS = 10 };

typedef struct OptimizerArg {
    const char *name;
    double value; /* its default */
    OptimizerRange range;
    bool has_slot; /* a slot, if it is not 0 */
} OptimizerArg;

typedef struct Optimizer {
    const char *name;
    OptimizerSees sees;                   /* tensors: its rule needs their norms */
    int n_slots;                          /* that every statement has */
    OptimizerArg arg[OPTIMIZER_ARGS + 1]; /* ends with one without a name; lr is the first */
} Optimizer;

extern const Optimizer optimizers[]; /* ends with a row without a name */

const Optimizer *optimizer_find(const char *name); /* NULL if there is none */
int optimizer_arg(const Optimizer *row, const char *name); /* index of the argument, or -1 */

#endif
