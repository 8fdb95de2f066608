/* SPDX-License-Identifier: MIT
 * probe.h: assert, print and some conditions of `requires`, which look at values while a program runs. */
#ifndef NNC_SEMA_PROBE_H
#define NNC_SEMA_PROBE_H

#include "sema/base/state.h"

typedef struct ProbeDraws { /* how often the frame has drawn and called */
    uint32_t n_draws, n_calls;
    uint32_t *calls;
} ProbeDraws;

ProbeDraws probe_begin(Sema *s); /* in front of the evaluation of what stands in such a statement */
void probe_end(Sema *s, const ProbeDraws *draws);
void probe_assert(Sema *s, const Stmt *stmt, const Value *values, uint32_t n); /* the condition and the text */
void probe_print(Sema *s, const Stmt *stmt, const Value *values);              /* one for each argument; VAL_NONE of a pack */
void probe_requires(Sema *s, const Value *v, const char *text, Span at);       /* bools that are known while the program runs */

#endif
