/* SPDX-License-Identifier: MIT
 * own_gradients.h: `nnc gradcheck` compares the grad block of every function with central differences. */
#ifndef NNC_OWN_GRADIENTS_H
#define NNC_OWN_GRADIENTS_H

#include "driver.h"
#include "lower/lower.h"
#include "syntax/ast.h"

/* Says what it found; the number of functions that are wrong, or that could not be compared and that no train uses either, goes to
 * NncOptions.wrong_gradients. */
void own_gradients_check(Nnc *cx, const Ast *ast, const Lowered *lowered);

#endif
