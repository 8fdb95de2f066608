/* SPDX-License-Identifier: MIT
 * optimizer.h: what stands behind `using` (language.md#optimizers). */
#ifndef NNC_SEMA_OPTIMIZER_H
#define NNC_SEMA_OPTIMIZER_H

#include "core/optimizers.h"
#include "sema/base/state.h"

typedef struct OptimizerCall {
    const Optimizer *row;
    const Expr *call;
    Global *named;             /* `optimizer o = ...`, or NULL */
    Value arg[OPTIMIZER_ARGS]; /* as in row->arg */
    bool given[OPTIMIZER_ARGS];
} OptimizerCall;

bool optimizer_read(Sema *s, const Expr *e, OptimizerCall *o); /* false: there was an error */
bool optimizer_limits_norm(const OptimizerCall *o); /* `clip` is written */
uint32_t optimizer_slots(const Sema *s, const OptimizerCall *o); /* those in use, as bits */

#endif
