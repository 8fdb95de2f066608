/* SPDX-License-Identifier: MIT
 * data.h: data blocks: fields, readers, split. */
#ifndef NNC_SEMA_DATA_H
#define NNC_SEMA_DATA_H

#include "sema/base/state.h"

void data_check(Sema *s, Global *global);

#endif
