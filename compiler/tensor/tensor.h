/* SPDX-License-Identifier: MIT
 * tensor.h: the tensor IR, a typed pure SSA graph (docs/ir.md).
 *
 * The shared vocabulary of lower, transform and kernel. A Graph is a list of Nodes in topological
 * order; a Ref is a node's index (0 = none). Nodes are made only by the constructors of build.h,
 * which recompute types, simplify, fold constants and share equal nodes (hash-consing). A pass
 * copies a graph into a new one; nothing is changed in place. DCE is "copy what results reach".
 *
 * Types have a dtype and up to MAX_RANK Dims (support/dims.h). There is no implicit broadcast or
 * cast. Buffers are row-major; layouts do not exist here. */
#ifndef NNC_TENSOR_TENSOR_H
#define NNC_TENSOR_TENSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "support/arena.h"
#include "support/bug.h"
#include "support/dims.h"
#include "support/functions.h"
#include "support/source.h"
#include "support/str.h"
#include "support/vec.h"

typedef uint32_t Ref;
enum { MAX_RANK = 8 };

typedef enum {
    DT_bool,
    DT_i32,
    DT_i64,
    DT_f32,
    DT_f64,
    /* storage only: */ DT_u8,
    DT_i8,
    DT_f16,
    DT_bf16,
    /* operands of contractions only: */ DT_wide16,
    DT_COUNT
} Dtype;
/* clang-format off */
static inline bool dtype_sorts(uint8_t d) { return d == DT_f32 || d == DT_f64 || d == DT_i32 || d == DT_i64; }
static inline bool dtype_is_float(uint8_t d) { return d == DT_f32 || d == DT_f64 || d == DT_f16 || d == DT_bf16 || d == DT_wide16; }
/* What the sum of products of such operands is. */
static inline uint8_t dtype_of_sums(uint8_t d) { return d == DT_wide16 ? DT_f32 : d; }
/* clang-format on */
int dtype_bytes(uint8_t dtype);
uint8_t dtype_memory(uint8_t dtype); /* as what it lies in memory: wide16 as f32, others as they are */
double round_wide16(double x);
const char *dtype_name(uint8_t dtype); /* "bool" "i32" ... */

typedef struct Type {
    uint8_t dtype, rank;
    Dim dim[MAX_RANK];
} Type;

typedef enum {
#define OP(name, ...) OP_##name,
#include "tensor/ops.def"
#undef OP
    OP_COUNT
} Op;
/* Properties, besides those of the elementwise operations (support/functions.h). */
enum { LEAF = 1, VIEW = 4, REDUCE = 8, CONTRACT = 16, INDEXED = 32, STRUCTURAL = 64, BY_SWEEP = GRAD };
extern const char *const op_names[OP_COUNT];
extern const int op_arity[OP_COUNT];      /* -1: several */
extern const int op_properties[OP_COUNT];

enum { NODE_GRAD = 1 /* made by autodiff */, NODE_RESIDENT = 2 };
typedef struct Node {
    uint8_t op, flags;
    uint32_t n_out;
    uint32_t n_in, in;     /* operands: graph->arg[in .. in + n_in) */
    uint32_t n_attr, attr; /* attributes: graph->attr[attr .. attr + n_attr); Dims are stored as integers */
    uint32_t type;         /* first of n_out types in graph->type[]; for n_out > 1 read with proj */
    uint32_t loc;          /* index into module->loc, 0 = none */
    uint32_t hash;
} Node;

/* Attribute layouts (all int64_t):
 *   const      {bits}: of a double for float dtypes, else the integer (bool 0/1)
 *   random     {kind, hash}; operands (seed: i64[], step: i64[], at: i64 or i32, any shape); result shape is
 *              at.shape ++ given dims. kind 0: f32/f64 uniform k*2^-24 in [0,1); kind 1: i32 in 0..bound-1, third
 *              attribute is the Dim bound. Counter (step, hash, at, element/4) word element%4: docs/ir.md random.
 *   dot        {n_batch, n_contract, a batch axes.., a contract axes.., b batch axes.., b contract axes..}
 *              result axes: batch ++ free of a ++ free of b (in ascending operand order)
 *   conv       {mode, groups, s_h, s_w, dil_h, dil_w, lo_h, hi_h, lo_w, hi_w, kh, kw, H, W}; always 2-D (1-D has H = KH = 1);
 *              pads are Dims, kh kw H W are Dims. x [N,H,W,C], w [KH,KW,C/groups,O], y [N,OH,OW,O],
 *              OH = (H + lo_h + hi_h - dil_h*(kh-1) - 1)//s_h + 1.
 *              mode 0 fwd (x, w) -> y; mode 1 dx (y, w) -> x of extents H, W; mode 2 dw (x, y) -> w of extents kh, kw.
 *              cross-correlation; groups split C and O.
 *   scan       {graph id of the body in module, n Dim, n_carries, n_xs}; operands carries ++ xs (leading axis n) ++ constants;
 *              body params in the same order (xs without the leading axis; kinds CARRY, XS, CONST);
 *              body results: carries' ++ ys; node results: last carries ++ ys with a leading axis n.
 *   call       {graph id}; operands are its params; results its results. graph->vjp >= 0 names the graph of its gradient:
 *              params = callee params ++ callee results ++ cotangents of results; results = gradients of the float params in order.
 *   probe      {ProbeKind, number, line}: an event: the operand is looked at. Its result, the operand, is for nobody
 *   gradient   {}: operands loss, x...; results d loss / d x...
 *   mark       {id}: the operand, as a node of its own
 *   minimize   {statement, n_over}: operands loss, n_over parameter versions, scalars; results: n_over new versions
 *   update     {statement, n_over}: operands loss, n_over gradients, n_over old versions, scalars; results: n_over new versions */

typedef enum {
    PARAM_INPUT,  /* tensor of the caller */
    PARAM_WEIGHT, /* parameter of the model, slot = index into module->tensor */
    PARAM_STATE,  /* state of the model, slot likewise */
    PARAM_SUM,    /* report sum in the train area or sums, slot = index into the entry's sums; f64 */
    PARAM_SCALAR, /* scalar argument of an export, i32/f32/bool: also PARAM_INPUT of rank 0 in the ABI */
    PARAM_OPTION, /* option, slot = option index */
    PARAM_STEP,   /* slot 0 step (of an evaluation: the batch), 1 epoch, 2 steps; 4, 5, 6: the same of the run that an evaluation is of */
    PARAM_SEED,   /* i64 scalar */
    PARAM_CARRY,
    PARAM_XS,
    PARAM_CONST, /* of scan bodies and callees */
} ParamKind;
typedef struct GraphParam {
    ParamKind kind;
    const char *name; /* "x", "net.fc.w" */
    Type type;
    uint32_t slot;
    Dim bound;        /* of int<C> inputs, else 0 */
    Ref ref;          /* its node */
} GraphParam;

typedef struct GraphResult {
    Ref ref;
    const char *name;
    int32_t alias; /* param index of the WEIGHT, STATE or SUM that it replaces, or -1 */
} GraphResult;

typedef struct Module Module;
typedef struct Graph {
    Module *module;
    Arena *arena;
    const char *name;
    uint32_t id; /* in module->graph */
    VEC(Node) node; /* node.at[0] is the "none" node */
    VEC(Ref) arg;
    VEC(int64_t) attr;
    VEC(Type) type;
    VEC(GraphParam) param;
    VEC(GraphResult) result;
    int32_t vjp;       /* graph id of the grad block, or -1 */
    uint32_t *table, mask, n_table; /* hash-consing */
    uint32_t loc;      /* location given to new nodes */
    uint8_t flags;     /* flags given to new nodes */
    uint32_t *hint;    /* unused by most passes */
    bool raw;          /* constructors check and share but do not simplify (tests) */
} Graph;

/* clang-format off */
typedef struct Loc { Span span; const char *path; uint32_t line; const char *file; } Loc;
/* constant tensor, row-major; quads: 0, or 1 + the axis of an i8 table along which memory has four numbers in a word, the last ones 0 where
 * four do not divide it, and words row-major; so many axes before it are one with it (`joined`) */
typedef struct Table { Type type; const double *value; const char *name; int quads, joined; } Table;
typedef struct ExternSymbol { const char *name; } ExternSymbol;
/* clang-format on */

struct Module {
    Arena *arena;
    Dims *dims;
    Strings *strings;
    VEC(Graph *) graph;
    VEC(Loc) loc; /* loc.at[0]: none */
    VEC(Table) table;
    VEC(ExternSymbol) symbol;
    Facts *facts; /* what the program requires of its sizes; may be NULL. Only for checks. */
};

Module *module_new(Arena *arena, Dims *dims, Strings *strings);
Graph *graph_new(Module *module, const char *name); /* added to module->graph */

/* clang-format off */
static inline const Node *graph_node(const Graph *g, Ref r) { return &g->node.at[r]; }
static inline Ref graph_in(const Graph *g, Ref r, uint32_t i) { return g->arg.at[g->node.at[r].in + i]; }
static inline int64_t graph_attr(const Graph *g, Ref r, uint32_t i) { return g->attr.at[g->node.at[r].attr + i]; }
static inline const Type *graph_type(const Graph *g, Ref r) { return &g->type.at[g->node.at[r].type]; }
static inline const Type *graph_out_type(const Graph *g, Ref r, uint32_t i) { return &g->type.at[g->node.at[r].type + i]; }
/* clang-format on */

bool type_equal(const Type *a, const Type *b);
Dim type_count(Dims *dims, const Type *type); /* product of the extents */
int64_t table_bytes(const Dims *dims, const Table *t);
int64_t table_words(const Dims *dims, const Table *t); /* along the axis, or the joined axes, of quads */
int64_t table_place(const Dims *dims, const Table *t, int64_t element); /* in bytes */
const char *type_text(const Dims *dims, Arena *arena, const Type *type); /* "f32[B,10]" */

/* Uses of every node as a CSR pair: users of r are use[off[r] .. off[r+1]). */
typedef struct Uses {
    uint32_t *off;
    Ref *use;
} Uses;
Uses graph_uses(const Graph *g, Arena *arena);
/* live[r]: reached from the results or a probe; needed: from the results alone, without the unwanted ones (by result; NULL: none). */
bool *graph_live(const Graph *g, Arena *arena);
bool *graph_needed(const Graph *g, Arena *arena, const bool *unwanted);

/* ---- build.h: constructors. Each checks its rule (BUG on violation), simplifies, and shares. ---- */
Ref build_param(Graph *g, ParamKind kind, const char *name, Type type, uint32_t slot);
void build_result(Graph *g, Ref ref, const char *name, int32_t alias);
Ref build_const(Graph *g, Type type, double value);   /* float, int (exact up to 2^53) or bool splat */
Ref build_const_int(Graph *g, Type type, int64_t value);
Ref build_scalar(Graph *g, uint8_t dtype, double value);
Ref build_iota(Graph *g, Type type, int axis);
Ref build_size(Graph *g, Dim dim); /* i64 scalar */
Ref build_data(Graph *g, uint32_t table);
Ref build_random(Graph *g, int kind, uint64_t hash, Ref seed, Ref step, Ref at, Type type, Dim bound);
Ref build_unary(Graph *g, Op op, Ref a);
Ref build_cast(Graph *g, Ref a, uint8_t dtype);
Ref build_binary(Graph *g, Op op, Ref a, Ref b); /* equal types */
Ref build_where(Graph *g, Ref c, Ref a, Ref b);
Ref build_reshape(Graph *g, Ref a, const Dim *dim, int rank);
Ref build_permute(Graph *g, Ref a, const int *perm);
Ref build_broadcast(Graph *g, Ref a, Type type, const int *axes); /* axes[i] of each operand axis, ascending */
Ref build_broadcast_to(Graph *g, Ref a, Type shape); /* aligned from the right; keeps a's dtype; extent 1 stretches */
Ref build_slice(Graph *g, Ref a, const Dim *lo, const Dim *hi, const int64_t *step);
Ref build_pad(Graph *g, Ref a, const Dim *lo, const Dim *hi, const int64_t *interior, double fill);
Ref build_concat(Graph *g, const Ref *in, uint32_t n, int axis);
Ref build_window(Graph *g, Ref a, int axis, int64_t k, int64_t stride, int64_t dil);
Ref build_fold(Graph *g, Ref a, int axis, Dim n, int64_t k, int64_t stride, int64_t dil);
Ref build_reduce(Graph *g, Op op, Ref a, const int *axes, int n_axes); /* sum, max, argmax */
Ref build_dot(Graph *g, Ref a, Ref b, int n_batch, const int *a_batch, const int *b_batch, int n_contract, const int *a_contract,
              const int *b_contract);
typedef struct Conv {
    int mode;
    int64_t groups, stride[2], dil[2];
    Dim lo[2], hi[2], k[2], extent[2]; /* extent: H, W of x */
} Conv;
Ref build_conv(Graph *g, Ref a, Ref b, const Conv *conv);
Conv conv_get(const Graph *g, Ref r);
Ref build_take(Graph *g, Ref table, Ref idx);
Ref build_scatter_add(Graph *g, Ref idx, Ref upd, Dim rows);
Ref build_argsort(Graph *g, Ref x, bool descending); /* along the last axis */
/* structural: the node itself; read its results with build_proj (also when there is only one). */
Ref build_scan(Graph *g, uint32_t body, Dim n, int n_carries, int n_xs, const Ref *in, uint32_t n_in);
Ref build_call(Graph *g, uint32_t callee, const Ref *in, uint32_t n_in);
Ref build_extern(Graph *g, uint32_t symbol, const Ref *in, uint32_t n_in, const Type *out, uint32_t n_out);
Ref build_expect(Graph *g, Ref a, Dim bound, int64_t line);
typedef enum { PROBE_ASSERT, PROBE_PRINT } ProbeKind; /* what a program says of a value while it runs */
Ref build_probe(Graph *g, Ref a, ProbeKind kind, int64_t number, int64_t line);
Ref build_gradient(Graph *g, Ref loss, const Ref *wrt, uint32_t n);
Ref build_mark(Graph *g, Ref a, int64_t id);
Ref build_minimize(Graph *g, int64_t statement, Ref loss, const Ref *over, uint32_t n_over, const Ref *scalars, uint32_t n_scalars);
Ref build_update(Graph *g, int64_t statement, Ref loss, const Ref *grads, const Ref *old, uint32_t n_over, const Ref *scalars,
                 uint32_t n_scalars);
Ref build_proj(Graph *g, Ref a, uint32_t i);
Ref build_stop(Graph *g, Ref a);
/* Copy node r of `from` with new operands, through its constructor (the heart of every pass). Params are not
 * copied by it. Structural nodes keep their body ids (attr). */
Ref build_copy(Graph *g, const Graph *from, Ref r, const Ref *in);
/* Convenience compositions used by lower and vjp rules. */
Ref build_minimum(Graph *g, Ref a, Ref b);
Ref build_like(Graph *g, Ref a, double value); /* splat of a's type */
Ref build_reduce_max_first(Graph *g, Ref a, const int *axes, int n_axes); /* mask of the first maximum, bool of a's shape */
/* Inline graph `callee` (same module) with its params bound to `in`; results are written to out. */
void build_inline(Graph *g, const Graph *callee, const Ref *in, Ref *out);

/* ---- what a graph costs (operations.c) --------------------------------------------------------- */
/* Is such an operation on elements one that counts? Conversions, and what is done with integers alone, do not. */
bool op_counts(Op op, bool floats);
/* Operations on floats of one node: a product with its addition two, a function one for each element, a reduction one for each element
 * that it reads; views, copies, indices and what has a body of its own (scan, call) none. */
Dim graph_operations(const Graph *g, Ref r);

/* ---- text, verifier, interpreter -------------------------------------------------------------- */
void graph_print(const Graph *g, Text *out);                 /* one graph */
void module_print(const Module *m, const Graph *const *graphs, uint32_t n, Text *out); /* with the bodies they use */
/* Reads what module_print wrote. NULL and a message "line N: ..." on error. */
Module *module_read(Arena *arena, Strings *strings, const char *text, const char **error);
/* NULL, or what is wrong. */
const char *graph_verify(const Graph *g, Arena *arena);

typedef struct TensorValue {
    Type type;
    int64_t extent[MAX_RANK];
    int64_t count;
    double *f;  /* float dtypes */
    int64_t *i; /* bool and integers (i32 kept wrapped) */
} TensorValue;
typedef struct InterpretHooks {
    void *user;
    /* new versions for an update: values of loss, gradients, old versions, scalars; writes n_over outs. May be NULL. */
    void (*update)(void *user, int64_t statement, const TensorValue *in, uint32_t n_in, TensorValue *out, uint32_t n_out, Arena *arena);
    bool (*external)(void *user, const char *symbol, const TensorValue *in, uint32_t n_in, TensorValue *out, uint32_t n_out, Arena *arena);
    int64_t fail_line; /* of the first failed expect or assertion, 0: none */
    bool round_f32;    /* round every f32 result to float (for checks of the compiled code's error) */
    /* Called with the operands and results of every node; may change the results. May be NULL. */
    void (*after)(void *user, const Graph *g, Ref r, const TensorValue *in, TensorValue *out);
} InterpretHooks;
/* Evaluate: symbols[s] is the value of Symbol s; params are the values of g->param in order. Results in out (n results).
 * NULL, or why it cannot be evaluated. Floats are computed in double. */
const char *graph_interpret(const Graph *g, const int64_t *symbols, const TensorValue *params, TensorValue *out, InterpretHooks *hooks,
                            Arena *arena);
TensorValue tensor_value_new(Arena *arena, const Dims *dims, const Type *type, const int64_t *symbols);
/* Philox4x32-10 (Salmon et al. 2011): counter and key as docs/ir.md, random, says. */
void philox(uint64_t key, const uint32_t counter[4], uint32_t out[4]);

#endif
