/* SPDX-License-Identifier: MIT
 * sema.h: checking and elaboration, syntax trees -> CoreProgram (core/core.h).
 *
 * One evaluator walks the tree. A value is either known while compiling (sizes, numbers, texts,
 * functions, layers) or a tensor, which has a type and the CoreRef that computes it. Entry points are
 * evaluated with their binders as rigid symbols and everything inlined, which type-checks and
 * records instructions at once. Definitions are also checked generically (config ints and binders rigid)
 * with the recording thrown away.
 *
 *   base/        values, types, frames, files, proofs about sizes, the recording of instructions: no evaluation
 *   prim/        the primitives: operators, indexing, patterns, reductions, convolutions, random ...
 *   expr.c stmt.c call.c layer.c scope.c types.c ...   the evaluator
 *   entry.c minimize.c report.c data.c                 what stands in entry points and data blocks
 *   generic.c    checks of definitions
 *   warn.c       whole-program warnings (messages.md#mistakes-that-look-right)
 *   sema.c       the order of it all */
#ifndef NNC_SEMA_SEMA_H
#define NNC_SEMA_SEMA_H

#include "sema/base/options.h"

/* Errors are in diags; the program is valid only if there are none. A tree with syntax errors is checked as far as it goes:
 * its broken declarations are unknown, and their names silent. The embedded standard library is parsed here (stdlib/ as
 * arrays stdlib_prelude, stdlib_vision, ...). */
CoreProgram *sema_check(Arena *arena, Strings *strings, Sources *sources, Diags *diags, Dims *dims, const Ast *ast,
                        const char *program_name, const SemaOptions *options);

#endif
