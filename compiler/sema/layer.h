/* SPDX-License-Identifier: MIT
 * layer.h: layers: making and elaborating instances, calling them. */
#ifndef NNC_SEMA_LAYER_H
#define NNC_SEMA_LAYER_H

#include "sema/base/state.h"

Value layer_make(Sema *s, Global *global, PrimArg *args, uint32_t n, Span span);
void instance_own(Sema *s, Instance *instance, Instance *owner, const char *path);
void layer_elaborate(Sema *s, Instance *instance);
void members_elaborate(Sema *s, Instance *instance, const Member *members);
Value layer_call(Sema *s, Instance *instance, const char *fn, PrimArg *args, uint32_t n, Span span, Span callee_span);
bool layer_config_type(Sema *s, const TypeExpr *type); /* may an argument of a layer have it? */
bool layer_config_value(Sema *s, const Param *param, Value *v, Span at, const char *title);

#endif
