/* SPDX-License-Identifier: MIT
 * value.h: values and types of the evaluator: making them, comparing them, saying them in messages. */
#ifndef NNC_SEMA_BASE_VALUE_H
#define NNC_SEMA_BASE_VALUE_H

#include "core/core.h"
#include "syntax/ast.h"

typedef struct Sema Sema; /* base/state.h */
typedef enum { AXIS_DIM, AXIS_STRETCH, AXIS_PACK } AxisKind;
typedef struct Axis {
    AxisKind kind;
    Dim dim;     /* DIM; 1 for STRETCH */
    Symbol pack; /* PACK: a rigid pack in a generic check: any number of axes; its product is the Dim of this symbol */
} Axis;

typedef struct SemaType { /* of a tensor value */
    Elem elem;
    Dim bound;   /* int<bound>, else 0 */
    uint8_t rank;
    Axis axis[CORE_MAX_RANK];
} SemaType;

typedef enum {
    VAL_ERROR,   /* matches anything; already reported */
    VAL_NONE,    /* result of a function without one */
    VAL_TENSOR,  /* type, ref */
    VAL_INT,     /* dim: a size or integer known while compiling (perhaps symbolic) */
    VAL_FLOAT,   /* number, known while compiling */
    VAL_BOOL,    /* truth 0/1, or -1: unknown in a generic check */
    VAL_STRING,  /* text */
    VAL_INTS,    /* ints (Dims), n; in a generic check n may be unknown: n_known false */
    VAL_FN,      /* fn (a definition), or prim (name of a primitive), with the bound instance for members */
    VAL_LAYER,   /* instance */
    VAL_LAYER_DEF, /* a layer declaration (called: makes an instance) */
    VAL_TUPLE,   /* items */
    VAL_LIST,    /* items: [a, b] */
    VAL_RANGE,   /* items[0] .. items[1] */
    VAL_MODULE,  /* import prefix */
    VAL_DATA,
    VAL_PART,
    VAL_EXAMPLE, /* data block, d.train, `ex` */
    VAL_METRIC,
    VAL_OPTIMIZER,
    VAL_HOLE,    /* _ as an argument */
    VAL_OPTION_TEXT, /* a string with options in it: parts */
} ValueKind;

typedef struct Instance Instance; /* layer instance */
typedef struct Value Value;
struct Value {
    ValueKind kind;
    SemaType type;
    CoreRef ref;
    CoreBody *body;     /* the body that ref belongs to */
    Dim dim;
    double number;
    int truth;
    const char *text;
    Value *items;       /* TUPLE, LIST, RANGE; INTS: items are VAL_INT */
    uint32_t n;
    bool n_unknown;
    const FnDecl *fn;
    const char *prim;
    Instance *instance; /* of a member function, or the layer instance itself */
    void *def;          /* declaration or other record; meaning by kind */
    const CoreText *parts; /* OPTION_TEXT */
    Span span;          /* where this value was made (the trail of messages) */
};

/* One argument of a call, evaluated. */
typedef struct PrimArg {
    const char *name; /* of name=, else NULL */
    Span name_span, span;
    Value value;
    bool pack;        /* *S: value is VAL_INTS; its `type` holds the axes (rank, axis[]: a rigid pack is one AXIS_PACK), and
                       * unless n_unknown its items are the sizes as VAL_INT */
    const Expr *expr; /* for string literals of patterns: caret inside the string */
} PrimArg;

typedef struct FullType FullType;
struct FullType { /* of a parameter, a result or a binding */
    TypeKind kind;
    SemaType tensor;
    uint32_t ask; /* bit i: axis i is `?` */
    bool brackets;
    FullType *items; /* of a tuple */
    uint32_t n;
};

Value value_error(void);
Value value_none(void);
Value value_int(Sema *s, int64_t n);
Value value_dim(Sema *s, Dim dim);
Value value_float(double x);
Value value_bool(int truth);
Value value_string(const char *text);
bool value_is_const_int(const Sema *s, const Value *v, int64_t *n);
const char *known_text(const Value *v); /* "" of what is no text, and of a text that is an argument in the check of a definition */
bool text_of_value(const Value *v, CoreText *out); /* a text, perhaps with options in it */

SemaType type_scalar(Elem elem);
Dim axis_size(Sema *s, const Axis *a); /* 1 for a stretch axis, the product of a pack */
bool type_has_one_place(Sema *s, const SemaType *type); /* an axis of size 1 */
bool type_has_pack(const SemaType *type); /* a rigid pack: only in checks of definitions */
CoreType core_type(Sema *s, const SemaType *type); /* packs must be resolved, except in generic checks (they become one axis) */
bool types_equal(Sema *s, const SemaType *a, const SemaType *b, const char **why, int *axis);

const char *type_print(Sema *s, const SemaType *type);   /* "float[B, H//2, 64]", "int<10>[B]" */
const char *shape_print(Sema *s, const SemaType *type);  /* "[B, H//2, 64]" */
const char *full_type_print(Sema *s, const FullType *type);
const char *value_describe(Sema *s, const Value *v);     /* "float[B, 4]", "the number 3", "a layer" ... */

uint64_t hash_mix(uint64_t a, uint64_t b);
uint64_t hash_text(const char *text);

static inline bool is_error(const Value *v)
{
    return v->kind == VAL_ERROR;
}
static inline bool has_span(Span span)
{
    return span.file != 0;
}
static inline bool is_float_elem(Elem elem)
{
    return elem == ELEM_float || elem == ELEM_f16 || elem == ELEM_bf16 || elem == ELEM_f32 || elem == ELEM_f64;
}

#endif
