/* SPDX-License-Identifier: MIT
 * data_sizes.h: run-time sizes of a data block that no file of it tells (language.md#sizes-that-vary). */
#ifndef NNC_SEMA_DATA_SIZES_H
#define NNC_SEMA_DATA_SIZES_H

#include "sema/base/state.h"

/* Error for each size in brackets behind the name of the block that no field can take from its files. */
void data_sizes_check(Sema *s, const Decl *decl, const CoreData *block);

#endif
