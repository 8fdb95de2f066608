/* SPDX-License-Identifier: MIT
 * frame.h: function bodies under evaluation, the names they hold, and the declarations in reach. */
#ifndef NNC_SEMA_BASE_FRAME_H
#define NNC_SEMA_BASE_FRAME_H

#include "sema/base/state.h"

Frame *frame_push(Sema *s, Unit *unit, Instance *instance, const FnDecl *fn, Span call);
void frame_pop(Sema *s);
Local *frame_find(Frame *frame, const char *name);
void frame_bind(Sema *s, const char *name, Value value, Span span);
/* Declare the binders of a definition in the current frame. */
void frame_declare(Sema *s, const Name *binders, bool rigid);
Mem *instance_find(const Instance *instance, const char *name); /* the newest member of that name; NULL */
/* Tensors (parameters only if asked) below an instance, in order of elaboration. */
typedef struct TensorList {
    VEC(uint32_t) t;
} TensorList;
void instance_tensors(Sema *s, const Instance *instance, bool states, TensorList *out);
Unit *frame_unit(Sema *s); /* the file that is evaluated */
Global *scope_find_global(Sema *s, const char *name); /* of the file or the prelude; NULL */
Global *scope_find_metric(Sema *s, const char *name); /* likewise in report position: metrics count */

#endif
