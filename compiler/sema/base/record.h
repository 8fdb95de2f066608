/* SPDX-License-Identifier: MIT
 * record.h: recording of instructions, captures of scan bodies, limits. */
#ifndef NNC_SEMA_BASE_RECORD_H
#define NNC_SEMA_BASE_RECORD_H

#include "sema/base/state.h"

BodyScope *body_push(Sema *s, bool scan, uint32_t n_fixed); /* not scan: a body of its own */
CoreBody *body_pop(Sema *s);
CoreRef record_capture(Sema *s, CoreBody *from, CoreRef ref);
CoreRef core_emit(Sema *s, CoreOp op, const SemaType *type, const CoreRef *in, uint32_t n_in, const int64_t *attr, uint32_t n_attr);
CoreIns *core_last(Sema *s); /* the instruction just recorded, to set number, integer, name, types, bodies */
Value value_tensor(Sema *s, const SemaType *type, CoreRef ref);
Value value_result(Sema *s, CoreRef many, uint32_t i, const SemaType *type); /* CORE_result */
Value value_leaf(Sema *s, CoreOp op, const SemaType *type, int64_t attr); /* arg, weight, state, option, counter, report_sum */
Value value_cast(Sema *s, const Value *v, Elem elem);
Value value_reshape_to(Sema *s, const Value *v, const SemaType *type); /* equal shapes written differently */
/* The ref of v in the current body: compile-time numbers become CORE_const/CORE_size of elem `want` (ELEM_float, ELEM_int, ELEM_bool;
 * ELEM_none: int for VAL_INT, float for VAL_FLOAT); tensors of outer bodies are captured. v must be TENSOR, INT, FLOAT or BOOL. */
CoreRef value_use(Sema *s, const Value *v, Elem want);
/* v as a tensor value (a scalar for compile-time numbers), see value_use. */
Value value_as_tensor(Sema *s, const Value *v, Elem want);
/* Hash for random draws: unique per call path and ordinal of the draw in this entry (value is stable). Marks the entry as drawing. */
uint64_t sema_draw_hash(Sema *s);
/* False: one more would be more than the compiler takes; the error is given, and what follows is not looked at. */
bool record_within_limit(Sema *s, uint32_t n, uint32_t most, const char *what, Span at);
bool record_turn(Sema *s, Span at); /* one more turn of a loop in the compiler; false: too many */

#endif
