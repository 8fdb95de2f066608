/* SPDX-License-Identifier: MIT
 * data_value.h: values of the program as arguments of readers and of split, and as messages quote them. */
#ifndef NNC_SEMA_DATA_VALUE_H
#define NNC_SEMA_DATA_VALUE_H

#include "sema/base/state.h"

bool is_empty_text(const Value *v);
const char *quoted_value(Sema *s, const Value *v); /* as a program has it */
/* The kind and value of *out. False: none that an argument can have. */
bool data_value(Sema *s, CoreReaderArg *out, const Value *v);

#endif
