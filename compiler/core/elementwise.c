/* SPDX-License-Identifier: MIT
 * elementwise.c: what support/functions.def says of the elementwise operations. */
#include "core/core.h"
#include "support/bug.h"
#include "support/functions.h"
#include "support/real.h"

#include <math.h>

int core_properties(uint16_t op)
{
    switch (op) {
#define OPERATION(name, operands, value, gradient, properties) \
    case CORE_##name: return ELEMENTWISE | (gradient) | (properties);
#include "support/functions.def"
    default: return 0;
    }
}

double core_value(uint16_t op, double a, double b, double c)
{
    switch (op) {
#define OPERATION(name, operands, value, gradient, properties) \
    case CORE_##name: return value;
#include "support/functions.def"
    default: BUG("%s is not elementwise", core_op_name(op));
    }
}
