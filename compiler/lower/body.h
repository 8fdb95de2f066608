/* SPDX-License-Identifier: MIT
 * body.h: lowering of one CoreBody, inside lower/ only. */
#ifndef NNC_LOWER_BODY_H
#define NNC_LOWER_BODY_H

#include "lower/scope.h"
#include "lower/types.h"

typedef Ref (*LowerFn)(Scope *s, const CoreIns *ins, const Ref *in);

/* args: one Ref per body argument. */
void lower_body(Scope *s, const CoreBody *body, const Ref *args, Ref *results);

Ref lower_elementwise(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_reduce(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_running(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_matmul(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_einsum(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_conv(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_pool(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_shape(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_indexed(Scope *s, const CoreIns *ins, const Ref *in);
Ref *lower_top_k(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_sort(Scope *s, const CoreIns *ins, const Ref *in);
Ref lower_random(Scope *s, const CoreIns *ins, const Ref *in);

#endif
