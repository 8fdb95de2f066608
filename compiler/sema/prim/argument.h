/* SPDX-License-Identifier: MIT
 * argument.h: how primitives read their arguments and record what they make. */
#ifndef NNC_SEMA_PRIM_ARGUMENT_H
#define NNC_SEMA_PRIM_ARGUMENT_H

#include "sema/base/state.h"

typedef enum { TAKES_ANY, TAKES_TENSOR, TAKES_SIZE, TAKES_INT, TAKES_BOOL } PrimKind;
typedef struct PrimParam {
    const char *name;
    PrimKind kind;
    bool optional;
    int64_t otherwise; /* the size or number of an absent one */
} PrimParam;
typedef struct PrimValue { /* the argument of a parameter */
    const PrimArg *given;  /* NULL: absent */
    Span span;             /* its own, or that of the call */
    Value value;           /* TAKES_ANY: as it is given; TAKES_TENSOR: a tensor */
    Dim size;
    int64_t n;
    bool truth;
} PrimValue;
enum { MOST_PARAMS = 8 };

typedef struct PrimCall {
    const char *name;
    Span span, name_span;
    PrimArg *args; /* as they are written */
    uint32_t n;
    CoreOp op; /* of the row (primitives.def), as are the axes and the parameters */
    int axes;
    PrimValue arg[MOST_PARAMS];
} PrimCall;
typedef Value PrimFn(Sema *s, const PrimCall *call);

/* call->arg from its args. False: reported, or undecided in a generic check. */
bool prim_read(Sema *s, PrimCall *call, const PrimParam *params);
bool arg_any_error(const PrimCall *call); /* an argument (or an item of a list) is VAL_ERROR: stay silent */
/* Outside of elementwise operations a `_` axis counts as a plain 1 (language.md#broadcasting). */
Value value_plain(Sema *s, const Value *v);
/* Storage types (u8, i8, f16, bf16) do not compute. False: reported. */
bool type_check_computes(Sema *s, const char *what, const SemaType *type, Span at);
/* Is this size proved to be at least 0? */
bool size_is_natural(Sema *s, Dim d);
Dim value_bound(Sema *s, const Value *v); /* the C of int<C>, also of a number that is known to be at least 0; or 0 */
Dim value_larger_bound(Sema *s, Dim a, Dim b); /* of int<a> and int<b>; 0 where neither is proved */
bool arg_tensor(Sema *s, const PrimCall *call, const PrimArg *arg, Value *out); /* a tensor (numbers become scalars) */
bool arg_size(Sema *s, const PrimCall *call, const PrimArg *arg, Dim *out);
/* Sizes from argument `from` on: numbers, packs, or one list. */
enum { ALL_ARGUMENTS = 1 << 30 };
bool arg_by_place(Sema *s, const PrimCall *call, uint32_t n); /* the first n have no names; false: reported */
bool arg_shape(Sema *s, const PrimCall *call, uint32_t from, SemaType *type);
/* Place of an axis; negative counts from the end. -1: reported, or undecided in a generic check. */
int axis_place(Sema *s, const SemaType *type, int64_t axis, Span at);

Axis axis_of(Dim d);
Dim prim_constant(Sema *s, int64_t n);
/* Equal, or perhaps so in a generic check. */
bool axis_same(Sema *s, const Axis *a, const Axis *b, const char **why);
/* lo .. hi (step) of one axis, the others whole. */
Value axis_slice(Sema *s, const Value *x, int axis, Dim lo, Dim hi, int64_t step, const Axis *result);
Value prim_emit(Sema *s, CoreOp op, const SemaType *type, const CoreRef *in, uint32_t n_in, const int64_t *attr, uint32_t n_attr);
Value prim_emit1(Sema *s, CoreOp op, const SemaType *type, const Value *a, const int64_t *attr, uint32_t n_attr);
bool elem_is_integer(Elem e);

#endif
