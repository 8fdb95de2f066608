/* SPDX-License-Identifier: MIT
 * suggest.h: what a misspelt or foreign name may stand for. */
#ifndef NNC_SEMA_BASE_SUGGEST_H
#define NNC_SEMA_BASE_SUGGEST_H

#include "sema/base/state.h"

const char *suggest_among(const char *name, const char *const *names, uint32_t n); /* the closest, or NULL */
/* One more candidate; *best and *distance begin as NULL and 99. */
void suggest_consider(const char *name, const char *candidate, const char **best, int *distance);
const char *suggest_foreign(const char *name); /* what another system's name is called here, or NULL */

#endif
