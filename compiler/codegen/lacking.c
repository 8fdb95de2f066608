/* SPDX-License-Identifier: MIT
 * lacking.c: functions for which the machine has no instruction.
 *
 *   %y = call <2 x double> @llvm.sqrt.v2f64(<2 x double> %x)      would become calls of libm's sqrt, one a lane
 *   %y0 = call double @nnrt_soft_sqrt(double %x0) ...             of the core, which every object has
 *
 * Vectors are taken apart first: a machine that lacks any of these has none of doubles. */
#include "codegen/cg.h"

#include <string.h>

static const struct {
    const char *intrinsic, *function;
} rows[LACK_COUNT] = {[LACK_sqrt_f32] = {"llvm.sqrt.f32", "nnrt_soft_sqrtf"},
                      [LACK_sqrt_f64] = {"llvm.sqrt.f64", "nnrt_soft_sqrt"},
                      [LACK_fma_f64] = {"llvm.fma.f64", "nnrt_soft_fma"}};

const char *codegen_core_function(CgLack lack)
{
    return rows[lack].function;
}

void cg_call_core(Cg *cg)
{
    bool any = false;
    for (int i = 0; i < LACK_COUNT; i++)
        any |= cg->target.lacks[i];
    if (!any) return;
    const char *error = cg_run_passes(cg, cg->module, "function(scalarizer)", false);
    if (error) BUG("taking vectors apart: %s", error);
    for (int i = 0; i < LACK_COUNT; i++) {
        LLVMValueRef intrinsic = LLVMGetNamedFunction(cg->module, rows[i].intrinsic);
        LLVMValueRef function = LLVMGetNamedFunction(cg->module, rows[i].function);
        if (cg->target.lacks[i] && intrinsic && function) LLVMReplaceAllUsesWith(intrinsic, function);
    }
}
