/* SPDX-License-Identifier: MIT
 * taken.h: names that programs, their flags and their C interface have taken. */
#ifndef NNC_SEMA_BASE_TAKEN_H
#define NNC_SEMA_BASE_TAKEN_H

#include "sema/base/state.h"

extern const char *const head_names[]; /* arguments of the heads of train and eval; ends in NULL */
bool name_among(const char *name, const char *const *list); /* which ends in NULL */
bool name_is_flag(const char *name);
void taken_check_entry(Sema *s, const Global *global);
void taken_check_option(Sema *s, const Global *global);

#endif
