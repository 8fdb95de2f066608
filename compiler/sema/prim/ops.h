/* SPDX-License-Identifier: MIT
 * ops.h: operators. */
#ifndef NNC_SEMA_PRIM_OPS_H
#define NNC_SEMA_PRIM_OPS_H

#include "sema/base/value.h"

Value prim_unary(Sema *s, Oper oper, Value a, Span span);
Value prim_binary(Sema *s, Oper oper, Value a, Value b, Span a_span, Span b_span, Span op_span);
Value prim_convert(Sema *s, Elem elem, Value a, Span span);  /* float(x), int(x), i32(x) ... */
/* One element type and the stretched shape of n operands; refs in that element type. what: for
 * messages. */
bool shape_stretch(Sema *s, Value *v, const Span *span, uint32_t n, SemaType *out, CoreRef *refs, Span at);
bool elem_common(Sema *s, const Value *v, const Span *span, uint32_t n, Elem *elem, Span at);
bool shape_join(Sema *s, const Value *v, const Span *span, uint32_t n, SemaType *out, Span at);

#endif
