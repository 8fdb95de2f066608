/* SPDX-License-Identifier: MIT
 * depend.h: what a loss depends on; inside sema/ only. */
#ifndef NNC_SEMA_DEPEND_H
#define NNC_SEMA_DEPEND_H

#include "sema/base/state.h"

/* Marks the parameters that the value depends on through derivatives. */
void gradient_reaches(Sema *s, const CoreBody *body, CoreRef ref, bool *weights);
/* Marks those whose derivatives go through a function with a surrogate gradient; its name, or NULL. */
const char *gradient_surrogate(Sema *s, const CoreBody *body, CoreRef ref, bool *weights);
/* Does `loss` depend on x through derivatives? x stands for every reading of the same argument,
 * parameter or option. */
bool gradient_depends(Sema *s, const CoreBody *body, CoreRef loss, CoreRef x);
/* The same in any way: through comparisons, indices, rounding and stop_gradient, too. */
bool value_depends(Sema *s, const CoreBody *body, CoreRef loss, CoreRef x);
/* The first instruction whose derivative needs a parameter version that a minimize has replaced
 * since, or 0. The derivative is by the parameters in `over` (may be NULL) and by x (may be 0). */
CoreRef depend_stale_use(Sema *s, const CoreBody *body, CoreRef loss, const bool *over, CoreRef x, CoreRef *minimize);

#endif
