/* SPDX-License-Identifier: MIT
 * initialisers.c: how the core is told of start values. */
#include <math.h>

#include "emit/emit.h"
#include "nnrt_abi.h"

int32_t emit_init_kind(const CoreTensor *t)
{
    static const uint8_t kinds[] = {[INIT_ZERO] = NNRT_INIT_ZERO,
                                    [INIT_CONST] = NNRT_INIT_CONST,
                                    [INIT_NORMAL] = NNRT_INIT_NORMAL,
                                    [INIT_UNIFORM] = NNRT_INIT_UNIFORM,
                                    [INIT_GLOROT] = NNRT_INIT_GLOROT,
                                    [INIT_HE] = NNRT_INIT_HE,
                                    [INIT_ORTHOGONAL] = NNRT_INIT_ORTHOGONAL,
                                    [INIT_TRUNCATED] = NNRT_INIT_TRUNCATED,
                                    [INIT_EXPR] = NNRT_INIT_DATA};
    return kinds[t->init.kind];
}

/* The first number of an initialiser; where it says how many inputs and outputs there are, what draws are multiplied with. */
double emit_init_scale(const CoreInit *init)
{
    if (init->kind == INIT_GLOROT) return sqrt(6 / (init->a + init->b));
    return init->kind == INIT_HE ? sqrt(2 / init->a) : init->a;
}
