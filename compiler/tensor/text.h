/* SPDX-License-Identifier: MIT
 * text.h: shared by the printer and the reader of graphs. */
#ifndef NNC_TENSOR_TEXT_H
#define NNC_TENSOR_TEXT_H

#include "tensor/tensor.h"

extern const char *const param_kind_names[]; /* by ParamKind; PARAM_CONST is the last */
bool attr_is_dim(uint8_t op, uint32_t i, uint32_t n);

#endif
