/* SPDX-License-Identifier: MIT
 * sema_state.h: what the evaluator keeps for itself; inside sema/ only (prim/ does not need it).
 *
 * A Unit is one source file, a Global one of its declarations, an Instance a layer that was made, a
 * Frame one function body under evaluation. Values live in frames and instances; instructions go to
 * the current body. */
#ifndef NNC_SEMA_STATE_H
#define NNC_SEMA_STATE_H

#include "sema/sema.h"
#include "support/bug.h"
#include "syntax/parse.h"

enum {
    MAX_EXPR_DEPTH = 800,
    MAX_CALLS = 200000,         /* of functions, all together */
    MAX_INLINE_DEPTH = 120,     /* calls inside calls */
    MAX_INSTRUCTIONS = 2000000, /* of the whole program */
    MAX_TURNS = 100000,         /* of all compile-time loops together */
    MAX_MEMBERS = 10000,        /* of a layer, config included */
    MAX_LOCALS = 20000,         /* names in a function */
    MAX_PARTS = 64,             /* of split */
    MAX_INDEX = 4,              /* indices of `layer block[s, i]` */
    MAX_PATHS = 64,             /* ways through a definition check */
    MAX_CONDITIONS = 3,         /* run-time `if`s of a train */
};

typedef struct Unit Unit;
typedef struct Global Global;
typedef struct Frame Frame;

typedef enum { PHASE_NEW, PHASE_BUSY, PHASE_DONE } Phase;
struct Global {
    const Decl *decl;
    Unit *unit;
    Phase phase; /* of evaluating `value` (const, model, option ...) */
    Value value;
    uint32_t index; /* option, data block, model, entry: number in the program */
    Unit *imported;
    bool bad;  /* the definition check found errors */
    int slots; /* optimizer: its slot set + 1 */
};
struct Unit {
    uint32_t file;
    const Ast *ast;
    bool library, loading; /* loading: its imports are being read */
    const char *path;
    VEC(Global *) globals; /* in source order; made longer by unit_add only */
    uint32_t *slot, mask;  /* by name: index into globals + 1; open addressing */
};

/* ---- types ---------------------------------------------------------------------------------- */
typedef struct FullType FullType;
struct FullType {
    TypeKind kind;
    SemaType tensor;
    uint32_t ask; /* bit i: axis i is `?` */
    bool brackets;
    FullType *items; /* of a tuple */
    uint32_t n;
};

/* ---- instances ------------------------------------------------------------------------------ */
typedef enum { MEM_CONFIG, MEM_LOCAL, MEM_PARAM, MEM_STATE, MEM_CHILD, MEM_FN } MemKind;
typedef struct Mem {
    MemKind kind;
    const char *name;
    Span span;
    Value value;    /* CONFIG, LOCAL, CHILD */
    int32_t tensor; /* PARAM, STATE: index in program->tensors, or of a metric in entry->sums; -1 in
                       definition checks */
    SemaType type;
    const FnDecl *fn;
    int64_t index[MAX_INDEX];
    uint32_t n_index;
} Mem;

struct Instance {
    const Decl *decl; /* NULL: chain */
    Unit *unit;
    Global *global;
    const char *path;  /* "net.fc1"; "" in definition checks and for metrics */
    const char *title; /* "Dense(256, 120)": how the program wrote it */
    Span made;
    Instance *owner; /* NULL: a model, or not owned yet */
    bool owned, elaborated, metric, generic;
    VEC(Mem) members;
    VEC(Value) items; /* of a chain: layers and functions */
    VEC(Span) item_spans;
    VEC(uint32_t) holes; /* members (CONFIG) that are `_` */
    Span hole_solved;    /* the call that filled them in */
    int depth;
};

/* ---- frames --------------------------------------------------------------------------------- */
typedef struct Local {
    const char *name;
    Value value;
    Span span;
    bool unbound; /* binder without a value yet */
    bool pack, binder;
    Span ended; /* file != 0: its scan body is over */
} Local;

typedef struct CallCount {
    const char *name;
    uint32_t n;
} CallCount;

struct Frame {
    Frame *up;
    Unit *unit;
    Instance *instance;
    const FnDecl *fn;
    VEC(Local) locals;
    const char *title;
    Span call;  /* where it was called */
    bool entry; /* body of train, eval, export fn */
    bool returned;
    Span return_span;
    Value result;  /* VAL_TUPLE if several */
    uint64_t hash; /* of the call path, for random draws */
    VEC(CallCount) calls;
    uint32_t n_draws;
    int scan_depth;
};

/* A body under construction. */
typedef struct Capture {
    CoreBody *from;
    CoreRef outer, inner;
} Capture;
typedef struct BodyScope BodyScope;
struct BodyScope {
    BodyScope *up; /* the body around a scan body; NULL for the outermost */
    CoreBody *body;
    uint32_t n_fixed; /* arguments before the captured ones */
    VEC(Capture) captured;
    Frame *frame; /* function whose `emit`s belong to this scan */
    VEC(Local) emits;
    bool scan;
};

/* A decision of a definition check: a condition that is not known, taken one way and then the
 * other. */
typedef struct Decision {
    const char *text; /* NULL: comparison of a and b */
    Oper oper;
    Dim a, b;
    bool truth;
} Decision;

typedef struct Condition { /* run-time `if` of a train body */
    const Stmt *stmt;
    uint32_t ordinal;
} Condition;

typedef struct ReportKey {
    const Arg *arg;
    uint32_t ordinal, first_sum, n_sums;
    uint32_t report;
    Instance *metric;
    const CoreBody *body; /* where this evaluation computed the scalar `ref`, or NULL */
    CoreRef ref;
} ReportKey;

typedef struct MinimizeKey {
    const Stmt *stmt;
    uint32_t ordinal, index;
} MinimizeKey;

typedef struct LiveWeight { /* the result of masked_mean and its mask */
    CoreBody *body;
    CoreRef ref;
    Value mask;
} LiveWeight;

typedef struct KnownGoal { /* goal.c */
    const CoreBody *body;
    CoreRef ref;
    Goal goal;
} KnownGoal;

typedef struct EntryState {
    CoreEntry *entry;
    Global *global;
    const Decl *decl;
    bool derived; /* the evaluation of a train */
    uint32_t mask;
    VEC(Condition) conditions;
    VEC(CallCount) ordinals; /* of statements, per evaluation */
    VEC(ReportKey) reports;
    VEC(MinimizeKey) minimizes;
    bool *used_fields;
    Dim batch;
    Frame *frame;
    CoreBody *top;
    VEC(LiveWeight) weights;
    VEC(KnownGoal) goals;
    VEC(LiveWeight) probabilities; /* results of softmax and log_softmax */
    bool report_body;              /* evaluating value() of a metric */
} EntryState;

struct Sema {
    Arena *arena;
    Strings *strings;
    Sources *sources;
    Diags *diags;
    Dims *dims;
    Facts *facts;
    CoreProgram *program;
    CoreBody *body;     /* instructions are recorded here */
    bool training, in_metric, generic; /* generic: a definition check, recording is thrown away */
    Span call_span;     /* innermost place in the user's own file, for CoreIns.span and for errors inside the library */
    const char *path;   /* layer path */
    const SemaOptions *options;
    VEC(Unit *) units;
    Unit *prelude, *main;
    Frame *frame;
    BodyScope *scope;
    EntryState *entry;
    VEC(Instance *) models;
    VEC(Decision) decisions;
    uint32_t n_decided; /* decisions met so far in this run */
    bool abort;         /* a definition check that cannot be made generically */
    int training_known; /* definition check: 0 not met yet, 1 decided */
    int64_t n_instructions, n_turns, n_calls;
    bool too_large;
    bool huge; /* a tensor beyond all memory was reported */
    int depth;       /* calls inside calls */
    int expr_depth;  /* expressions inside expressions, through all calls */
    bool in_init, in_data;
    struct DataState *data; /* data.c */
    const char *word_training, *word_forward;
    VEC(uint64_t) shown; /* lines of --shapes */
};

/* A limit of this check. */
static inline int most_of(const Sema *s, int most)
{
    const SemaOptions *o = s->options;
    return o && o->limits_over ? most / o->limits_over : most;
}
bool count_turn(Sema *s, Span at); /* stmt.c: one more turn of a loop in the compiler; false: too many */

/* ---- sema.c --------------------------------------------------------------------------------- */
Value global_value(Sema *s, Global *g, Span at);
Unit *unit_load(Sema *s, const char *path, Span at, const Unit *from);
const char *source_text(Sema *s, Span span); /* the program's own words, shortened */
bool span_in_library(const Sema *s, Span span);
/* Drop messages from `first` on that repeat an earlier one's place and code. */
void diags_unique(Sema *s, uint32_t first);
/* Messages from `first` on that lie in the library move to `at`. */
void diags_relocate(Sema *s, uint32_t first, Span at);

/* ---- scope.c -------------------------------------------------------------------------------- */
Frame *frame_push(Sema *s, Unit *unit, Instance *instance, const FnDecl *fn, Span call);
void frame_pop(Sema *s);
Local *frame_find(Frame *frame, const char *name);
void frame_bind(Sema *s, const char *name, Value value, Span span);
/* False: one more would be more than the compiler takes; the error is given, and what follows is not looked at. */
bool limit_keeps(Sema *s, uint32_t n, uint32_t most, const char *what, Span at);
void unit_add(Sema *s, Unit *unit, Global *global); /* one with a new name */
Global *unit_find(const Unit *unit, const char *name);
/* The value of a name here; reports an unknown one. */
Value scope_lookup(Sema *s, const char *name, Span span);
/* Like scope_lookup for a name in report position: metrics count. */
Global *scope_find_metric(Sema *s, const char *name);
Global *scope_find_global(Sema *s, const char *name);
const char *scope_suggest(Sema *s, const char *name); /* or NULL */
const char *suggest_among(const char *name, const char *const *names, uint32_t n);
Mem *instance_find(const Instance *instance, const char *name);
Value instance_member(Sema *s, Instance *instance, const char *name, Span span); /* a.name */
Value family_index(Sema *s, const Value *family, const int64_t *index, uint32_t n, Span span);

/* ---- types.c -------------------------------------------------------------------------------- */
Dim dim_of_expr(Sema *s, const Expr *expr);
bool type_eval(Sema *s, const TypeExpr *type, FullType *out, bool allow_stretch);
/* Bind what stands alone in a parameter type. */
void type_bind(Sema *s, const TypeExpr *type, const Value *value);
/* Is v acceptable as `want`? The value in that type, in *v; false: not (nothing reported). */
bool value_fit(Sema *s, Value *v, const FullType *want, const char **why);
const char *full_type_print(Sema *s, const FullType *type);
bool types_equal(Sema *s, const SemaType *a, const SemaType *b, const char **why, int *axis);
Value generic_of_type(Sema *s, const FullType *type, const char *name);

/* ---- expr.c --------------------------------------------------------------------------------- */
Value expr_eval(Sema *s, const Expr *expr);
/* Compile-time truth: 0, 1; -1 after an error or if not known (nothing reported unless `must`). */
int expr_truth(Sema *s, const Expr *expr, bool must, Value *tensor);
bool decide(Sema *s, const char *text, Oper oper, Dim a, Dim b);
int compare_dims(Sema *s, Oper oper, Dim a, Dim b); /* 1, 0, or -1: depends on the values */
bool oper_compares(Oper oper);
void facts_from_condition(Sema *s, const Expr *expr, bool truth);
/* Prove the conditions of a `requires` at a call. */
void demand_condition(Sema *s, const Expr *expr, Span at, const char *who, Span outer_frame_call);
PrimArg *args_eval(Sema *s, const Arg *args, uint32_t *n, bool *bad);
bool expr_const_int(Sema *s, const Expr *expr, int64_t *n);

/* ---- stmt.c scan.c -------------------------------------------------------------------------- */
void block_eval(Sema *s, const Stmt *stmts);
void scan_eval(Sema *s, const Stmt *stmt);
void emit_eval(Sema *s, const Stmt *stmt);
void bind_checked(Sema *s, const char *name, const TypeExpr *type, Value v, Span at,
                  Span name_span);

/* ---- size.c --------------------------------------------------------------------------------- */
void size_check(Sema *s, const SemaType *type, Span at); /* a value of this type can be in memory */
void size_check_model(Sema *s);                          /* all parameters and states together */

/* ---- emit.c --------------------------------------------------------------------------------- */
BodyScope *body_push(Sema *s, bool scan, uint32_t n_fixed); /* not scan: a body of its own */
CoreBody *body_pop(Sema *s);
CoreRef capture(Sema *s, CoreBody *from, CoreRef ref);
Value value_leaf(Sema *s, CoreOp op, const SemaType *type,
                 int64_t attr); /* arg, weight, state, option, counter, sum */
Value value_cast(Sema *s, const Value *v, Elem elem);
Value value_reshape_to(Sema *s, const Value *v,
                       const SemaType *type); /* equal shapes written differently */

/* ---- grad.c --------------------------------------------------------------------------------- */
Value grad_eval(Sema *s, const Expr *expr); /* grad(L, wrt=x) */

/* ---- call.c --------------------------------------------------------------------------------- */
Value call_eval(Sema *s, const Expr *expr);
Value call_value(Sema *s, const Value *callee, PrimArg *args, uint32_t n, Span span,
                 Span callee_span);
Value call_fn(Sema *s, const FnDecl *fn, Unit *unit, Instance *instance, Global *global,
              PrimArg *args, uint32_t n, Span span, Span callee_span);
/* Which argument goes to which parameter: slot[i] = argument of parameter i, or -1. False after an
 * error. */
bool match_args(Sema *s, const Param *params, const PrimArg *args, uint32_t n, int *slot,
                const char *title, Span span);
uint32_t param_count(const Param *params);
/* Declare the binders of a definition in the current frame. */
void declare_binders(Sema *s, const Name *binders, bool rigid);
void check_requires(Sema *s, const Expr *list, const char *who, Frame *caller, Span at);
/* What a function of the given kind returned, against its type. */
Value check_result(Sema *s, const TypeExpr *type, Value v, Span at, const char *who);

/* ---- layer.c chain.c ------------------------------------------------------------------------ */
Value layer_make(Sema *s, Global *global, PrimArg *args, uint32_t n, Span span);
Value chain_make(Sema *s, PrimArg *args, uint32_t n, Span span);
void instance_own(Sema *s, Instance *instance, Instance *owner, const char *path);
void layer_elaborate(Sema *s, Instance *instance);
void members_elaborate(Sema *s, Instance *instance, const Member *members);
Value layer_call(Sema *s, Instance *instance, const char *fn, PrimArg *args, uint32_t n, Span span,
                 Span callee_span);
Value chain_call(Sema *s, Instance *instance, PrimArg *args, uint32_t n, Span span);
/* Tensors (parameters only if asked) below an instance, in order of elaboration. */
typedef struct TensorList {
    VEC(uint32_t) t;
} TensorList;
void instance_tensors(Sema *s, const Instance *instance, bool states, TensorList *out);
bool layer_config_value(Sema *s, const Param *param, Value *v, Span at, const char *title);
bool config_is_size(Sema *s, const Decl *decl, Unit *unit, const char *name, int depth);

/* ---- init.c --------------------------------------------------------------------------------- */
CoreInit init_eval(Sema *s, const Expr *value, const SemaType *type, bool is_state, Span at,
                   const char *name);
bool is_initialiser(const char *name);

/* ---- entry.c minimize.c report.c metric.c --------------------------------------------------- */
void entry_check(Sema *s, Global *global);
void entry_derive(Sema *s, Global *global);
void minimize_eval(Sema *s, const Stmt *stmt);
void report_eval(Sema *s, const Stmt *stmt);
void report_goals(Sema *s); /* behind an evaluation of a body: of scalars, as far as it tells */
uint32_t entry_ordinal(Sema *s, const void *key);
void head_eval(Sema *s, Global *global, CoreEntry *entry);
int entry_condition(Sema *s, const Stmt *stmt, const Value *cond);
Value example_field(Sema *s, const Value *example, const char *name, Span span);
bool path_tensors(Sema *s, const Expr *expr, TensorList *out);

/* ---- data.c --------------------------------------------------------------------------------- */
void data_check(Sema *s, Global *global);
int data_find_field(const CoreData *data, const char *name);
bool text_of_value(Sema *s, const Value *v, CoreText *out);
void vocabularies_check(Sema *s); /* vocabulary.c; after all entries */

/* ---- generic.c warn.c ----------------------------------------------------------------------- */
void generic_check(Sema *s, Global *global);
void warn_program(Sema *s);
void warn_entry(Sema *s, CoreEntry *entry);

/* ---- small things --------------------------------------------------------------------------- */
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
    return elem == ELEM_float || elem == ELEM_f16 || elem == ELEM_bf16 || elem == ELEM_f32 ||
           elem == ELEM_f64;
}
SemaType type_of_dims(Elem elem, const Dim *dims, uint32_t rank);
Value value_none(void);
Value value_string(const char *text);
uint64_t hash_mix(uint64_t a, uint64_t b);
uint64_t hash_text(const char *text);

#endif
