/* SPDX-License-Identifier: MIT
 * state.h: the state of checking.
 *
 * A Unit is one source file, a Global one of its declarations, an Instance a layer that was made, a
 * Frame one function body under evaluation. Values live in frames and instances; instructions go to
 * the current body. What a storey needs of the one above it stands here as a pointer to a function. */
#ifndef NNC_SEMA_BASE_STATE_H
#define NNC_SEMA_BASE_STATE_H

#include "sema/base/options.h"
#include "sema/base/value.h"
#include "support/bug.h"

enum {
    MAX_EXPR_DEPTH = 800,
    MAX_CALLS = 200000,         /* of functions, all together */
    MAX_LAYERS = 100000,        /* made, all together */
    MAX_INLINE_DEPTH = 120,     /* calls inside calls */
    MAX_INSTRUCTIONS = 2000000, /* of the whole program */
    MAX_TURNS = 100000,         /* of all compile-time loops together */
    MAX_MEMBERS = 10000,        /* of a layer, config included */
    MAX_PARAMS = 10000,         /* of a function or a layer, and sizes that a function names */
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
    bool endless; /* a layer that contains itself: said once, and not entered any more */
    bool checked, open, used; /* definition: its check was made, ended before its end; something made or called it */
    VEC(Diag *) kept;         /* of an open one: the errors found until then */
    int slots; /* optimizer: its slot set + 1 */
};
struct Unit {
    uint32_t file;
    const Ast *ast;
    bool library, loading; /* loading: its imports are being read */
    const char *path;
    VEC(Global *) globals; /* in source order; made longer by unit.c only */
    uint32_t *slot, mask;  /* by name: index into globals + 1; open addressing */
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
    bool incomplete; /* an error has kept members from being made */
    bool bad; /* of the library, and an error was found in making it: nothing more is said of its calls */
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
    bool incomplete; /* an error has kept names from being bound */
    int errors;      /* that there were before it */
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
    uint32_t ordinal, bit; /* bit: of the mask */
    bool negated;          /* the opposite of the condition that has the bit */
} Condition;

typedef struct VariantStmt { /* a statement of a body and the variants that make it, a bit for each mask (variant.h) */
    const Stmt *stmt;
    uint8_t masks;
} VariantStmt;

typedef struct VariantMessage { /* a message and the variants that it was found in */
    Diag *diag;
    const Stmt *stmt; /* NULL: found behind the evaluation */
    uint8_t masks;
} VariantMessage;

typedef struct ReportKey {
    const Arg *arg;
    const char *name;
    uint32_t met;         /* the evaluation of the body that has made it last */
    uint32_t ordinal, first_sum, n_sums;
    uint32_t report;
    Instance *metric;
    const CoreBody *body; /* where this evaluation computed the scalar `ref`, or NULL */
    CoreRef ref;
    bool no_goal;         /* more of it is better in one variant of the step, less in another */
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

/* What a library function has said of its result by its name. */
typedef enum { NOTED_NOTHING, NOTED_SOFTMAX, NOTED_LOG_SOFTMAX, NOTED_ACTIVATION, NOTED_MASK, NOTED_WARNED } NotedKind;
typedef struct NotedValue {
    NotedKind kind;
    const CoreBody *body;
    CoreRef ref;
} NotedValue;

typedef struct KnownGoal { /* goal.c */
    const CoreBody *body;
    CoreRef ref;
    Goal goal;
} KnownGoal;

typedef struct EntryState {
    void (*statement)(Sema *s, const Stmt *stmt);                    /* minimize, report (entry.c) */
    int (*condition)(Sema *s, const Stmt *stmt, const Value *cond);  /* a condition over step and epoch: its truth in this body, or -1 */
    CoreEntry *entry;
    Global *global;
    const Decl *decl;
    bool derived; /* the evaluation of a train */
    uint32_t mask;
    int n_inside; /* run-time conditions around this statement */
    VEC(Condition) conditions;
    VEC(VariantStmt) made;
    VEC(VariantMessage) told;
    int n_errors_of_others; /* errors that the variants before this one have given */
    uint32_t evaluation;     /* of the body: there is one for each variant */
    VEC(CallCount) ordinals; /* of statements, per evaluation */
    VEC(ReportKey) reports;
    VEC(MinimizeKey) minimizes;
    bool *used_fields;
    Dim batch;
    Frame *frame;
    CoreBody *top;
    VEC(LiveWeight) weights;
    VEC(KnownGoal) goals;
    VEC(NotedValue) noted;
    const CoreBody *ranged;        /* the body of which `ranges` holds the values known so far (warn_range.h) */
    VEC(struct Range) ranges;
    uint32_t call;                 /* of entry->calls, + 1: the one that is running */
    bool report_body;              /* evaluating value() of a metric */
    CoreRef no_loss;               /* what was to be minimized and is no scalar: said */
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
    bool partial; /* files hold syntax errors: what their broken declarations would say is not known, so less is asked */
    int n_silent; /* names met that may be declared there */
    VEC(Unit *) units;
    Unit *prelude, *main;
    Frame *frame;
    BodyScope *scope;
    EntryState *entry;
    const Expr *call; /* the call whose callee is evaluated, for messages */
    VEC(Instance *) models;
    VEC(const FnDecl *) told_sizes; /* their sizes have no names: said of one of them */
    VEC(const FnDecl *) bad_signatures; /* what they return is not what they say: nothing more is said of their calls */
    VEC(Decision) decisions;
    uint32_t n_decided; /* decisions met so far in this run */
    bool abort;         /* a definition check that cannot be made generically */
    int training_known; /* definition check: 0 not met yet, 1 decided */
    int64_t n_instructions, n_turns, n_calls, n_layers;
    bool too_large;
    bool huge; /* a tensor beyond all memory was reported */
    int depth;       /* calls inside calls */
    int expr_depth;  /* expressions inside expressions, through all calls */
    bool in_init, in_data, in_grad_block;
    int assumes; /* definition check: conditions that are not known hold, since an assert says so */
    struct DataState *data; /* data.c */
    bool (*reader)(Sema *s, const Expr *e, Value *v); /* in a data block: is this call a reader? Then its raw values in *v */
    Value (*call_value)(Sema *s, const Value *callee, PrimArg *args, uint32_t n, Span span, Span callee_span); /* call.c, for prim/ */
    Dim (*size_of)(Sema *s, const Expr *e); /* types.c, for messages: what an expression in a type means; 0 after an error */
    const char *word_training, *word_forward;
    VEC(uint64_t) shown; /* lines of --shapes */
};

/* A limit of this check. */
static inline int most_of(const Sema *s, int most)
{
    const SemaOptions *o = s->options;
    return o && o->limits_over ? most / o->limits_over : most;
}

#endif
