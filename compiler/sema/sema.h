/* SPDX-License-Identifier: MIT
 * sema.h: checking and elaboration, syntax trees -> CoreProgram (core/core.h).
 *
 * One evaluator walks the tree. A value is either known while compiling (sizes, numbers, texts,
 * functions, layers) or a tensor, which has a type and the CoreRef that computes it. Entry points are
 * evaluated with their binders as rigid symbols and everything inlined, which type-checks and
 * records instructions at once. Definitions are also checked generically (config ints and binders rigid)
 * with the recording thrown away.
 *
 *   sema.c       the whole: collects declarations, consts, options, models, entries
 *   scope.c      names: locals, members, top level, prelude, primitives; did-you-mean
 *   value.c      values, types, type texts for messages
 *   types.c      type expressions -> types; matching parameters (binding rule, language.md 4.2)
 *   expr.c stmt.c call.c layer.c entry.c data.c metric.c   the evaluator
 *   prim/        primitives: operators, indexing, patterns, reductions, convolutions, random ...
 *   warn.c       whole-program warnings (language.md 9.4)
 *   emit.c       recording of CoreIns; captures of scan bodies
 */
#ifndef NNC_SEMA_SEMA_H
#define NNC_SEMA_SEMA_H

#include "core/core.h"
#include "support/diag.h"
#include "syntax/ast.h"

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
    VAL_INIT,    /* initialiser: init */
    VAL_MODULE,  /* import prefix */
    VAL_DATA, VAL_PART, VAL_EXAMPLE, /* data block, d.train, `ex` */
    VAL_METRIC, VAL_OPTIMIZER,
    VAL_HOLE,    /* _ as an argument */
    VAL_OPTION_TEXT, /* a string with options in it: text_parts */
} ValueKind;

typedef struct Sema Sema;
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
    CoreInit init;
    CoreText text_parts;
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
typedef struct PrimCall {
    const char *name;
    Span span, name_span;
    PrimArg *args;
    uint32_t n;
} PrimCall;

/* ---- services that the evaluator gives (emit.c, value.c) ------------------------------------ */
Value value_error(void);
Value value_int(Sema *s, int64_t n);
Value value_dim(Sema *s, Dim dim);
Value value_float(double x);
Value value_bool(int truth);
bool value_is_const_int(const Sema *s, const Value *v, int64_t *n);
/* A tensor value computed by a new instruction. */
CoreRef core_emit(Sema *s, CoreOp op, const SemaType *type, const CoreRef *in, uint32_t n_in, const int64_t *attr, uint32_t n_attr);
CoreIns *core_last(Sema *s); /* the instruction just recorded, to set number, integer, name, types, bodies */
Value value_tensor(Sema *s, const SemaType *type, CoreRef ref);
Value value_result(Sema *s, CoreRef many, uint32_t i, const SemaType *type); /* CORE_result */
/* The ref of v in the current body: compile-time numbers become CORE_const/CORE_size of elem `want` (ELEM_float, ELEM_int, ELEM_bool;
 * ELEM_none: int for VAL_INT, float for VAL_FLOAT); tensors of outer bodies are captured. v must be TENSOR, INT, FLOAT or BOOL. */
CoreRef value_use(Sema *s, const Value *v, Elem want);
/* v as a tensor value (a scalar for compile-time numbers), see value_use. */
Value value_as_tensor(Sema *s, const Value *v, Elem want);
CoreType core_type(Sema *s, const SemaType *type); /* packs must be resolved, except in generic checks (they become one axis) */
SemaType type_scalar(Elem elem);
bool type_has_pack(const SemaType *type);
const char *type_print(Sema *s, const SemaType *type);   /* "float[B, H//2, 64]", "int<10>[B]" */
const char *shape_print(Sema *s, const SemaType *type);  /* "[B, H//2, 64]" */
const char *value_describe(Sema *s, const Value *v);     /* "float[B, 4]", "the number 3", "a layer" ... */
/* Hash for random draws: unique per call path and ordinal of the draw in this entry (value is stable). Marks the entry as drawing. */
uint64_t sema_draw_hash(Sema *s);
DimAnswer sema_equal(Sema *s, Dim a, Dim b, const char **why); /* under the facts in force */
DimAnswer sema_at_least(Sema *s, Dim a, Dim b, const char **why);
/* Prove a condition here, or report/record it as language.md 4.3 says (error in layers and fns; run-time check in entry bodies). */
void sema_demand(Sema *s, Dim left, Oper oper, Dim right, Span at, const char *what);
/* Likewise n >= 1, for what says nothing about no values; an open one becomes a requirement of the entry. */
bool scan_fits(Sema *s, Span at); /* may a scan stand here, inside the others? Reports */
void sema_demand_place(Sema *s, Dim n, Span at, const char *what);
/* Call v (VAL_FN with one argument, used by reduce(x, "..", mean)) */
Value sema_call_value(Sema *s, const Value *callee, PrimArg *args, uint32_t n, Span span);

/* ---- what prim/ gives --------------------------------------------------------------------- */
bool prim_find(const char *name);                 /* is this the name of a primitive? */
const char *const *prim_names(uint32_t *n);       /* for did-you-mean */
Value prim_call(Sema *s, const PrimCall *call);   /* checks, reports, records; VAL_ERROR after an error */
Value prim_unary(Sema *s, Oper oper, Value a, Span span);
Value prim_binary(Sema *s, Oper oper, Value a, Value b, Span a_span, Span b_span, Span op_span);
Value prim_convert(Sema *s, Elem elem, Value a, Span span);  /* float(x), int(x), i32(x) ... */
typedef struct IndexItem { /* evaluated index: value; or slice with optional ends (kind VAL_NONE: absent); or ellipsis */
    IndexKind kind;
    Value lo, hi, step;
    Span span;
} IndexItem;
Value prim_index(Sema *s, Value x, const IndexItem *items, uint32_t n, Span x_span, Span span);
/* Slice along one axis without checks, element at a run-time index etc. are internal to prim/. */

/* ---- entry point of the stage --------------------------------------------------------------- */
typedef struct SemaOptions {
    const char *const *defines; /* "hidden=32" of -D */
    uint32_t n_defines;
    const char *const *include_dirs;
    uint32_t n_include_dirs;
    bool list_shapes;           /* --shapes: collect every binding with its type into `shapes` */
    Text *shapes;
    /* reads a file for import; returns NULL if absent (in arena, n set) */
    const char *(*read_file)(void *user, const char *path, size_t *n, Arena *arena,
                             const char **refused); /* NULL: no such file, or why it is not read */
    void *user;
    /* Files of the embedded library whose trees are there already, with names in `strings` and texts in
     * `sources`: for checks of many programs. NULL: parsed when they are wanted. */
    const Ast *const *library;
    uint32_t n_library;
    int limits_over; /* what bounds the size of a program (E0605) is divided by this; 0: as it is */
} SemaOptions;
/* The trees of all files of the embedded library, *n of them. */
const Ast *const *sema_library(Arena *arena, Strings *strings, Diags *diags, Sources *sources, uint32_t *n);
/* Errors are in diags; the program is valid only if there are none. The embedded standard library is parsed here (stdlib/ as
 * arrays stdlib_prelude, stdlib_vision, ...). */
CoreProgram *sema_check(Arena *arena, Strings *strings, Sources *sources, Diags *diags, Dims *dims, const Ast *ast,
                        const char *program_name, const SemaOptions *options);

/* ---- Task: primitives (prim/) -------------------------------------------------------------------
 * Everything in the table of language.md section 6 except scan, grad, checkpoint, chain, initialisers, optimizers, readers:
 * operators with explicit stretch (4.5; only `_` axes and missing leading axes stretch; results keep `_` that meets nothing else),
 * literals adopting float, int<C> rules (4.1: sum of bounds, comparison, argmax -> int<C>, range -> int<n>, pick/take bounds proved),
 * compile-time arithmetic on VAL_INT/FLOAT/BOOL/STRING (polynomials; // % ** on sizes; comparisons give truth, -1 when undecided in a generic check),
 * and or not on compile-time and tensor bools; `==` on strings; + on strings (with options: VAL_OPTION_TEXT);
 * reductions (axis number or list, negative axes, keep -> `_`), conv/pool shape rules (numbers or lists), rearrange/reduce/repeat/einsum with
 * carets inside the pattern string (E0331...), reshape (product proved; W0702), concat/stack/split/pad/flip/roll/transpose, take pick one_hot scatter_add
 * top_k, zeros ones full range eye count size len, rand randn randint bernoulli categorical, stop_gradient, minimum maximum where,
 * log/exp/... also folding on compile-time floats. A list argument is VAL_LIST. `training` etc. are not yours.
 * In generic checks a type may hold one AXIS_PACK; rules must work with it (a pack equals itself; reductions over negative axes right of it, etc.).
 * Axis args of functions in generic checks may be symbolic: then return VAL_ERROR silently (the instance check will see it).
 * Messages exactly in the style of language.md 9.2 (codes there; free codes: E0302 wrong argument kinds/number, E0303 element types, E0305 alignment,
 * E0308 axis out of range, E0309 slice bounds, E0311 reshape count, E0321 concat, E0330 pattern syntax, E0331 pattern mismatch, E0340 conv/pool arguments). */

#endif
