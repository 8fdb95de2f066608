/* SPDX-License-Identifier: MIT
 * argument.h: how primitives read their arguments and record what they make. */
#ifndef NNC_SEMA_PRIM_ARGUMENT_H
#define NNC_SEMA_PRIM_ARGUMENT_H

#include "sema/base/state.h"

typedef struct PrimCall {
    const char *name;
    Span span, name_span;
    PrimArg *args;
    uint32_t n;
} PrimCall;
typedef Value PrimFn(Sema *s, const PrimCall *call);

/* Arguments by position or name. names ends in NULL; a name that begins with ? is optional. out[i]
 * is NULL if absent. False: reported. */
bool prim_bind(Sema *s, const PrimCall *call, const char *const *names, const PrimArg **out);
bool any_error(const PrimCall *call); /* an argument (or an item of a list) is VAL_ERROR: stay silent */
bool has_pack(const SemaType *type); /* a rigid pack: only in generic checks */
/* Outside of elementwise operations a `_` axis counts as a plain 1 (language.md 4.5). */
Value plain_value(Sema *s, const Value *v);
/* Storage types (u8, i8, f16, bf16) do not compute. False: reported. */
bool check_computes(Sema *s, const char *what, const SemaType *type, Span at);
/* Is this size proved to be at least 0? */
bool is_natural(Sema *s, Dim d);
Dim larger_bound(Sema *s, Dim a, Dim b); /* of int<a> and int<b>; 0 where neither is proved */
bool arg_tensor(Sema *s, const PrimCall *call, const PrimArg *arg,
                Value *out); /* a tensor (numbers become scalars) */
bool arg_size(Sema *s, const PrimCall *call, const PrimArg *arg, Dim *out);
bool arg_const(Sema *s, const PrimCall *call, const PrimArg *arg,
               int64_t *out); /* an integer known while compiling */
bool arg_bool(Sema *s, const PrimArg *arg, bool otherwise);
/* Sizes from argument `from` on: numbers, packs, or one list. */
bool arg_shape(Sema *s, const PrimCall *call, uint32_t from, SemaType *type);
/* Place of an axis; negative counts from the end. -1: reported, or undecided in a generic check. */
int axis_place(Sema *s, const SemaType *type, int64_t axis, Span at);

Dim axis_size(Sema *s, const Axis *a); /* 1 for a stretch axis, the product of a pack */
Axis axis_of(Dim d);
Dim constant(Sema *s, int64_t n);
/* Equal, or perhaps so in a generic check. */
bool same_axis(Sema *s, const Axis *a, const Axis *b, const char **why);
/* lo .. hi (step) of one axis, the others whole. */
Value slice_axis(Sema *s, const Value *x, int axis, Dim lo, Dim hi, int64_t step,
                 const Axis *result);
Value emit(Sema *s, CoreOp op, const SemaType *type, const CoreRef *in, uint32_t n_in,
           const int64_t *attr, uint32_t n_attr);
Value emit1(Sema *s, CoreOp op, const SemaType *type, const Value *a, const int64_t *attr,
            uint32_t n_attr);
bool is_floating(Elem e);
bool is_integer(Elem e);

#endif
