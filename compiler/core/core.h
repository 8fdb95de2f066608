/* SPDX-License-Identifier: MIT
 * core.h: the checked program, sema's result and lower's input (docs/internals.md).
 *
 * Every entry point is here as a flat list of typed instructions: layers are elaborated, functions
 * inlined, `if` and `for` have run, holes are solved, sizes are Dims. What remains are the language's
 * primitives (language.md#primitives), `scan`, calls of functions with their own gradient, externs, and
 * the statements of a step. Operands have their own types; operators still stretch (an extent-1 axis
 * that was written `_`, missing leading axes): lower inserts broadcasts, casts are explicit. */
#ifndef NNC_CORE_CORE_H
#define NNC_CORE_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/optimizers.h"
#include "support/dims.h"
#include "support/source.h"
#include "support/vec.h"
#include "syntax/ast.h" /* Elem */

enum {
    CORE_MAX_RANK = 8,
    CORE_MAX_ARGS = 56,    /* tensors and numbers of an entry, arguments and results together; reports of a step */
    CORE_MAX_SIZES = 16,   /* binders and dim arguments of an entry */
    CORE_MAX_SCANS = 4,    /* scans inside scans */
};

typedef struct CoreType {
    uint8_t elem; /* Elem; ELEM_float is the working precision; inside metrics sema writes ELEM_f64 */
    uint8_t rank;
    Dim dim[CORE_MAX_RANK]; /* a stretch axis is the constant 1 */
} CoreType;

typedef uint32_t CoreRef; /* instruction number in its body, 1-based; 0 none */
typedef struct CoreBody CoreBody;

/* Besides the elementwise operations (support/functions.def; operands stretch: right-aligned, extent 1 of `_` axes).
 * CORE(name, n_in, "attributes"): n_in operands, -1 any number; the attributes, i an integer, s a size (a Dim as integer), r the bits
 * of a double, what stands in ( ) any number of times. Their meaning, in this order, is behind each. */
/* clang-format off */
#define CORE_OPS(CORE)                                                                                                   \
    /* leaves */                                                                                                         \
    CORE(arg, 0, "i")          /* parameter number of this body (entry, scan body, callee) */                            \
    CORE(const, 0, "")         /* number (floats) or integer (int, bool): scalar or splat of type */                     \
    CORE(table, 0, "(r)")      /* the numbers of the result, row-major; its sizes are constants */                       \
    CORE(size, 0, "s")         /* value of a Dim as i64 scalar (elem int or float: converted) */                         \
    CORE(weight, 0, "i")       /* current version of a parameter (index into program->tensors) */                        \
    CORE(state, 0, "i")        /* current version of a state */                                                          \
    CORE(option, 0, "i")       /* scalar option */                                                                       \
    CORE(counter, 0, "i")      /* 0 step, 1 epoch, 2 steps: elem int scalar */                                           \
    CORE(report_sum, 0, "i")   /* current value of a report sum (index into entry->sums) */                              \
    /* reductions: keep, then the axes in ascending order (keep: extent 1 stays) */                                      \
    CORE(sum, 1, "i(i)") CORE(mean, 1, "i(i)") CORE(max, 1, "i(i)") CORE(min, 1, "i(i)") CORE(prod, 1, "i(i)")           \
    CORE(argmax, 1, "i(i)") CORE(argmin, 1, "i(i)") CORE(any, 1, "i(i)") CORE(all, 1, "i(i)")                            \
    CORE(cumsum, 1, "i") CORE(cumprod, 1, "i") /* axis */                                                                \
    /* contractions */                                                                                                   \
    CORE(matmul, 2, "")        /* a @ b as language.md#patterns */                                                       \
    CORE(einsum, -1, "(i)")    /* n_in, {rank, letters...} per operand, rank, letters... of the result */                \
    CORE(conv, 2, "iii(iissi)") /* nd, transposed, groups, {stride, dil, lo, hi, out_pad} per axis; in: x, w */          \
    CORE(pool, 1, "iii(iissis)") /* nd, kind (0 max, 1 avg), count_pad, {k, stride, lo, hi, dil, extra} per axis; */     \
                               /* extra: padding at the end in ceil mode */                                              \
    /* shape */                                                                                                          \
    CORE(reshape, 1, "")       /* to the result type */                                                                  \
    CORE(permute, 1, "(i)")    /* perm... */                                                                             \
    CORE(broadcast, 1, "(i)")  /* operand axis i becomes result axis axes[i]; others are repeated */                     \
    CORE(slice, 1, "(ssi)")    /* {lo, hi, step} per axis; step < 0 runs from hi-1 down to lo */                         \
    CORE(concat, -1, "i")      /* axis */                                                                                \
    CORE(pad, 1, "iss")        /* axis, before, after; number = value */                                                 \
    CORE(flip, 1, "i")         /* axis */                                                                                \
    CORE(roll, 2, "i")         /* axis; second operand is the shift, int scalar */                                       \
    /* indexed */                                                                                                        \
    CORE(take, 2, "i")         /* axis; x, ids (already proved in range) */                                              \
    CORE(pick, 2, "")          /* x[*S, C], ids[*S] */                                                                   \
    CORE(one_hot, 1, "s")      /* C */                                                                                   \
    CORE(scatter_add, 2, "s")  /* N */                                                                                   \
    CORE(top_k, 1, "s")        /* k: two results */                                                                      \
    CORE(sort, 1, "ii") CORE(argsort, 1, "ii") /* axis, descending */                                                    \
    CORE(range, 0, "")         /* int[n] 0..n-1 */                                                                       \
    CORE(eye, 0, "")                                                                                                     \
    /* random: hash of call path and ordinal (64 bits); shape is the type's */                                           \
    CORE(rand, 0, "i") CORE(randn, 0, "i")                                                                               \
    CORE(bernoulli, 1, "i")    /* in: p */                                                                               \
    CORE(randint, 0, "is")     /* hash, bound */                                                                         \
    CORE(categorical, -1, "i") /* in: logits, perhaps a temperature */                                                   \
    /* structure */                                                                                                      \
    CORE(scan, -1, "siiii")    /* n, axis, n_carries, n_xs, n_captured; in: carries, xs, captured; bodies[0]: args */    \
                               /* carries, slices, captured, then t (int scalar); results carries', emits. Results */    \
                               /* here: last carries, stacked emits (new axis at position axis of each); see result */   \
    CORE(call, -1, "ii")       /* n_args, n_captured; fn with grad block: bodies[0] args -> results; bodies[1]: args, */ \
                               /* results, cotangents of results -> one gradient per float arg. captured follow args */  \
    CORE(grad, -1, "")         /* in: loss, then x...: d loss / d x, one result each; x: an instruction that loss is */  \
                               /* computed from, or any reading of the same parameter or argument */                     \
    CORE(external, -1, "(s)")  /* name; Dims of the binders, which the C function takes first */                         \
    CORE(result, 1, "i")       /* i-th result of an instruction with several */                                          \
    CORE(expect, 1, "si")      /* bound, line: int values checked at run time */                                         \
    /* statements of entry bodies (in order; no result unless said) */                                                   \
    CORE(state_set, 1, "i")    /* tensor; in: value */                                                                   \
    CORE(report_sum_set, 1, "i") /* sum; in: value */                                                                    \
    CORE(probe, 1, "i")        /* number of an assert or print; in: what it looks at; in any body of an entry */           \
    CORE(minimize, -1, "i")    /* first record; in: loss, then the scalar arguments (f64) of the optimizers of all     */
/* clang-format on */

typedef enum {
    CORE_none,
#define OPERATION(name, ...) CORE_##name,
#include "support/functions.def"
#define CORE(name, operands, attributes) CORE_##name,
    CORE_OPS(CORE)
#undef CORE
        CORE_COUNT
} CoreOp;

typedef struct CoreIns {
    uint16_t op;
    uint32_t n_in, n_attr, n_out; /* n_out: 1 unless scan, call, grad, external, top_k; 0 for statements */
    CoreRef *in;
    int64_t *attr;
    double number;
    int64_t integer;
    const char *name;
    CoreType type;       /* of the only result */
    CoreType *types;     /* n_out of them if n_out > 1, else NULL */
    CoreBody *bodies[2];
    Span span;           /* where the user's program says so (call site outside the library) */
    const char *path;    /* layer path "net.fc1", or "" */
} CoreIns;

struct CoreBody {
    VEC(CoreIns) ins; /* ins.at[ref - 1] */
    VEC(CoreType) args;
    VEC(CoreRef) results;
    Span span; /* of a grad block: the name of its function; else nothing */
};

/* ---- the program ---------------------------------------------------------------------------- */

typedef enum {
    /* clang-format off */
    INIT_ZERO, INIT_CONST, INIT_NORMAL, INIT_UNIFORM, INIT_GLOROT, INIT_HE, INIT_ORTHOGONAL, INIT_TRUNCATED, INIT_EXPR
    /* clang-format on */
} CoreInitKind;
typedef struct CoreInit {
    CoreInitKind kind;
    double a, b;    /* CONST a; NORMAL std a; UNIFORM a..b; GLOROT fan_in a, fan_out b; HE fan_in a; ORTHOGONAL gain a;
                    TRUNCATED std a, at most b times std */
    CoreBody *body; /* EXPR: no args, one result of the tensor's type */
} CoreInit;

typedef struct CoreTensor { /* parameter or state of a model */
    const char *name;       /* "resnet.block.0.1.a.conv.w" */
    bool is_state;
    CoreType type; /* constant dims */
    CoreInit init;
    Span span;
    bool trained; /* some minimize covers it */
} CoreTensor;

/* A text that options take part in: pieces joined, option = -1 for a literal piece. */
typedef struct CoreText {
    struct {
        const char *text;
        int32_t option;
    } piece[8];
    uint32_t n;
} CoreText;

typedef struct CoreOption {
    const char *name, *doc;
    uint8_t elem; /* ELEM_float, ELEM_int, ELEM_bool, or ELEM_none for string */
    double number;
    const char *text;
    Span span;
} CoreOption;

typedef enum {
    /* clang-format off */
    ARG_INT, ARG_NUMBER, ARG_BOOL, ARG_STRING, ARG_RANGE, ARG_INTS, ARG_STRINGS, ARG_TEXT, ARG_FIELD, ARG_CALL,
    ARG_OPTION
    /* clang-format on */
} CoreReaderArgKind;
typedef struct CoreReaderArg { /* named argument of a reader or of split */
    const char *key;  /* "column", "columns", "sep", "labels", "test", ... ; train/test/.. of split */
    CoreReaderArgKind kind;
    int64_t lo, hi;   /* INT lo; RANGE lo..hi; FIELD: field index lo (of data block hi); OPTION: its index lo */
    double number;
    const char *text; /* STRING; CALL: function name, lo its argument (every(5)) */
    int64_t *ints;
    uint32_t n_ints;
    const char **strings;
    uint32_t n_strings;
    CoreText path;    /* TEXT: with options in it */
    Span span;
} CoreReaderArg;

typedef struct CoreReader {
    const char *kind; /* "csv" "idx" "npy" "npz" "safetensors" "json_lines" "raw" "bytes" "lines" "lines_dir" "image_dir" "wav_dir" */
    CoreText path;
    VEC(CoreReaderArg) args;
    Span span;
    CoreType type;    /* what the reader has to deliver per example: shape; elem none = the file's own (f64 for numbers) */
} CoreReader;

typedef struct CoreField {
    const char *name;
    Span span;
    CoreType type; /* per example; run-time sizes are the block's symbols */
    Dim bound;     /* int<bound>, else 0 */
    int32_t length_of;    /* field index whose length this is, or -1 */
    int32_t present_of;   /* field index for present(field), or -1 */
    VEC(CoreReader) readers; /* usually one */
    CoreBody *expr;       /* args: the readers' raw values; NULL: the (only) reader's value is the field */
} CoreField;

typedef struct CoreData {
    const char *name;
    Span span;
    VEC(Symbol) symbols; /* run-time sizes [T], [H, W] */
    VEC(CoreField) fields;
    VEC(CoreReaderArg) split; /* parts and seed, shuffle, stratify as named arguments */
    VEC(const char *) parts;  /* "train", "test", ... ("all" always exists; "test" also by test=) */
    bool has_test_source;
} CoreData;

typedef struct CoreSum { /* report sum, f64 */
    const char *name;
    CoreType type; /* ELEM_f64; constant dims */
    double init;
} CoreSum;

typedef struct CoreReport {
    const char *name;
    CoreRef value;   /* in entry->report_body: scalar f64, or a tensor (eval only) */
    bool is_metric;
    bool per_class;  /* a further function of a metric: name is "f1.per_class" */
    uint8_t goal;        /* Goal of syntax/ast.h: which way it is better */
    int32_t data, field; /* field whose class names fit (bound equal), or -1 */
    Span span;
} CoreReport;

typedef struct CoreMinimize { /* one group: paths and optimizer */
    Span span;
    VEC(uint32_t) over;     /* tensor indices, ascending */
    const Optimizer *optimizer;
    uint32_t slots;         /* those in use, as bits */
    int32_t slot_set;       /* statements that share a named optimizer share it */
    uint32_t n_args;        /* the numbers among the optimizer's arguments, operands of CORE_minimize behind the loss */
    uint32_t more;          /* groups behind this one that are updated with it: one CORE_minimize names the first */
    const char *surrogate;  /* a function with a surrogate gradient in the loss, or NULL */
    VEC(uint32_t) unchecked; /* tensors whose gradient goes through one */
} CoreMinimize;

typedef struct CoreRequire { /* checked once per call, on entry */
    Dim left, right;
    Oper oper; /* OPER_EQ NE LT LE GT GE */
    const char *text;
    Span span;
} CoreRequire;

typedef struct CoreProbe { /* an assert or a print */
    bool prints;
    bool conditional;       /* print: it stands in a condition over step and epoch */
    const char *text;       /* what the assert says, the label of a print */
    const char *path;       /* layer it stands in, "" */
    Span span;
} CoreProbe;

typedef enum { ROLE_FIELD, ROLE_TENSOR, ROLE_SCALAR, ROLE_DIM } CoreArgRole;
typedef struct CoreArg {
    const char *name;
    CoreArgRole role;
    CoreType type;
    Dim bound;
    int32_t data, field;  /* ROLE_FIELD; or `as data.field`; else -1 */
    Symbol dim;           /* ROLE_DIM: its symbol */
    bool has_default;
    double value;         /* default of a scalar */
    Span span;
} CoreArg;
typedef struct CoreOut {
    CoreType type;
    Dim bound;
    int32_t data, field; /* `as`, else -1 */
    Span span;
} CoreOut;

typedef struct CoreHead { /* header arguments as written; has_x false: not given */
    int64_t batch, epochs, steps, seed, shuffle, accumulate, threads, log_every, validate_every, save_every, patience;
    bool has_batch, has_epochs, has_steps, has_seed, has_shuffle;
    double ema;
    bool save_none, validate_is_entry;
    CoreText save, load, init, map, log; /* n = 0: not given */
    bool torch;                          /* layout=torch */
    const char *validate;           /* part name, or name of an eval entry */
} CoreHead;

typedef struct CoreCall { /* of a function, a layer or a chain, for `graph` (flow.h) */
    const CoreBody *body;      /* the one it was called in; */
    uint32_t first, last;      /* its instructions there: first .. last - 1, inner calls with them */
    const char *path, *type;   /* of a layer: "net.fc1", "Dense" */
    const char *fn;            /* the function; of a layer NULL if that is `forward` */
    bool is_layer, has_layers; /* has_layers: it calls some */
} CoreCall;

typedef enum { ENTRY_TRAIN, ENTRY_EVAL, ENTRY_EXPORT } CoreEntryKind;
typedef struct CoreEntry {
    CoreEntryKind kind;
    const char *name;
    Span span;
    int32_t derived_from; /* the evaluation derived from a train: entry index of that train, else -1. Its name is the train's */
    VEC(Symbol) binders;  /* in order; first the batch (train, eval) */
    VEC(const char *) binder_names;
    VEC(CoreArg) args;    /* body args are those with role FIELD, TENSOR, SCALAR in order */
    int32_t data;         /* block of `ex in data.part`, or -1 */
    const char *part;
    VEC(Symbol) data_symbols; /* binder of each of the block's run-time sizes, in its order; what is no binder is not used */
    CoreHead head;
    /* bodies: 1 << n_conditions of them; conditions are bool results of cond_body over counters */
    uint32_t n_conditions;
    CoreBody *cond_body;
    CoreBody *body[8];
    VEC(CoreOut) outs;    /* of an export, in order; body results likewise */
    VEC(CoreMinimize) minimizes;
    VEC(CoreSum) sums;
    CoreBody *report_body; /* no args; reads sums; its results are unused, reports[].value refers into it */
    VEC(CoreReport) reports;
    VEC(CoreRequire) requires_;
    VEC(CoreProbe) probes;
    VEC(CoreCall) calls;  /* outer ones before inner ones */
    bool draws;           /* uses random numbers */
    bool writes_state;
} CoreEntry;

int core_find_field(const CoreData *data, const char *name); /* its number, or -1 */
/* From here on a message about too large a program names this entry; NULL (a graph in text form has none): names the file. */
void core_treat(const CoreEntry *entry, const Sources *sources);

typedef struct CoreModel {
    const char *name;
    uint32_t first, n;
} CoreModel; /* range of tensors */

typedef struct CoreLayerInfo { /* for `summary`: one row per layer instance called, in the order in which they return */
    const char *path, *type;
    uint32_t entry;      /* that calls it first, */
    VEC(CoreType) outs;  /* and what the call returns */
    Span span;
} CoreLayerInfo;

/* A layer of the library that weights may come to from files of other tools, whose names and axes depend on it. */
typedef struct CoreModule {
    const char *path, *layer; /* "net.fc1", "Dense" */
    int64_t flat[7];          /* what each of its rows was before it was flattened, channels last: [H, W, C] */
    uint32_t n_flat;          /* 0: it was a row */
} CoreModule;

typedef struct CoreProgram {
    Dims *dims;
    const char *name; /* stem of the file */
    VEC(CoreTensor) tensors; /* in storage order: model, member, member of member; params and states mixed */
    VEC(CoreModel) models;
    VEC(CoreOption) options;
    VEC(CoreData) data;
    VEC(CoreEntry *) entries; /* in source order; derived evaluations last */
    VEC(CoreLayerInfo) layers;
    VEC(CoreModule) modules;
    VEC(const char *) externs;
} CoreProgram;

extern const char *const core_op_names[]; /* CORE_COUNT */
const char *core_op_name(uint16_t op);    /* "?": there is none */
int core_operands(uint16_t op);           /* -1: any number */
char core_attribute(uint16_t op, uint32_t i);        /* what attribute i is: 'i', 's'; 0: there is none */
bool core_attributes_end(uint16_t op, uint32_t n);   /* can there be n of them? */
int core_properties(uint16_t op); /* of an elementwise operation (support/functions.h); 0 of others */
double core_value(uint16_t op, double a, double b, double c); /* of an elementwise operation on floats; bools are 0 and 1 */
void core_print(Arena *arena, const CoreProgram *program, Text *out); /* --dump=core */
/* What core_print wrote, without places; NULL: *error says what is wrong. */
CoreProgram *core_read(Arena *arena, Dims *dims, const char *text, const char **error);
const char *core_verify(const CoreProgram *program, Arena *arena); /* verify.c; NULL, or what is wrong */

#endif
