/* SPDX-License-Identifier: MIT
 * kernel.h: the kernel IR, a list of kernels over buffers (docs/internals.md).
 *
 * A kernel is a loop nest over a domain of axes. Its reads and writes are Accesses: affine maps from domain axes
 * to elements of a buffer, with an optional validity box and a fill value. What it computes is a list of
 * scalar expression nodes. Materialisation, order, partition and memory live at this level; loops, vectors and tiles do not.
 *
 * NEST   map, row and reduction kernels alike: parallel axes first, then the reduction axes (n_red last axes). Expression nodes are at
 *        element level (vary with reduction axes) or row level (do not). A reduce node X_reduce takes an element-level value and
 *        gives a row-level one. Stores may be at either level (an element-level store in a kernel with reductions = a ROW kernel).
 * GEMM   contraction: axes of class BATCH, M, N, K in this order. acc[batch,m,n] = sum over K axes of A * B, k axes in order, one
 *        chain of FMAs per element. A: any strides; it may vary along the last N axis, too, with unit stride there and in B: groups
 *        with one column each that lie side by side, as of a depthwise convolution. B: unit stride in the last N axis (or an N extent
 *        of 1), or in the last K axis with constant K axes. Then an epilogue
 *        over (batch, m, n): X_acc is the sum; loads, elementwise nodes, stores. Dense dots and all convolutions are this.
 *        Of bytes (`quads`): the last K axis counts fours of them, side by side in A; the buffer of B has words (Table.quads). Up to three
 *        bytes behind the last of A are read, times 0.
 * SCATTER out[row] = (init or 0) + sum of updates in index order; each thread owns rows. rd[0] ids, rd[1] updates; wr[0].
 * SCAN   body kernels repeated n times; scan counters are extra axes of accesses (Access.iter).
 * GROUP  body kernels run item after item: the items are the points of its axes, each a counter of the accesses of the body (Access.iter);
 *        values that only the body uses are in buffers of class LOCAL, a thread's own. Threads divide the items (group.h).
 * EXTERN a call of a C function by thread 0. UPDATE an optimizer statement. PROBE an assert or print: thread 0 looks at a dense buffer. */
#ifndef NNC_KERNEL_KERNEL_H
#define NNC_KERNEL_KERNEL_H

#include "kernel/layout.h"
#include "tensor/tensor.h"

enum { MAX_AXES = 12, MAX_SCANS = 4, MAX_COUNTERS = 8 }; /* counters: of scans, then of the axes of groups */

typedef enum {
    BUF_ARG,    /* argument or result of the entry: base[NNRT_BASE_ARG + index] */
    BUF_MODEL,
    BUF_TRAIN,
    BUF_SUMS, /* place = constant byte offset (SUMS: base of sums block; in train entries sums are in TRAIN) */
    BUF_WORK,   /* offset = table entry `place` (bytes), in the work area or, lent, in the gradient block (lend.h) */
    BUF_OPTIONS,
    BUF_COUNTERS,
    BUF_CONST, /* place = constant byte offset */
    BUF_LOCAL, /* place = constant byte offset in the thread's scratch; lives in the body of one group, for an item */
} BufClass;
typedef struct Buf {
    const char *name;
    BufClass cls;
    uint8_t dtype;     /* storage dtype */
    uint32_t index;    /* ARG: argument number; CONST: module->table number */
    Type type;         /* logical shape as laid out: row-major over `stride` */
    Dim stride[MAX_RANK]; /* elements */
    Dim elements;      /* extent in elements incl. padding (WORK: to be allocated) */
    int64_t place;     /* constant byte offset, or table entry for WORK (set by plan) */
    uint32_t first, last; /* WORK, LOCAL: lifetime in kernel numbers (position in the flattened order) */
    bool replaces;     /* WORK: it lies where another one is, which it replaces */
    bool zero_init;    /* must be zero before `first` (never needed so far) */
} Buf;

typedef struct Access {
    uint32_t buf;          /* index into program->buf */
    Dim off;               /* elements; may be negative */
    Dim stride[MAX_AXES];  /* by domain axis; 0 = not used (the Dim 0 "none" means stride 0) */
    Dim iter[MAX_COUNTERS]; /* stride by counter of an enclosing scan or group, outermost first; none = 0 */
    bool boxed;            /* valid only where, for every box entry, lo <= value < hi; else `fill` */
    bool zeros;            /* instead (operands of a GEMM): the buffer has zeros where that does not hold, which need not be multiplied */
    struct AccessBox {
        Dim stride[MAX_AXES];
        Dim off, lo, hi;
    } *box; /* value = off + sum stride*axis */
    uint32_t n_box;
    double fill; /* of a store: what its buffer has outside of the band of the kernel */
    bool open;   /* of a store: outside of the band it is not written, since nobody reads it there */
    /* gather: the element offset grows by index_stride * (value of expression node `index`); 0 = none. ids are in 0 .. index_rows - 1. */
    uint32_t index; /* X node number + 1 */
    Dim index_stride, index_rows;
} Access;

enum { KEPT_ROW = 8192 }; /* elements of a row whose costly values loops keep for its next passes: what a first cache holds */

typedef enum {
    X_ld, /* access = reads[access] */
    X_st, /* writes[access] = in[0]; no value */
    X_const, /* number / integer by dtype */
    X_index, /* integer value off + sum stride*axis (+ iter): i32 or i64; affine = reads-like record in `access` of program idx list */
    X_size, /* value of Dim `dim` as i64 */
    X_op, /* elementwise tensor op `op` */
    X_reduce, /* op = OP_sum, OP_max, OP_argmax (in[0]); over the reduction axes; argmax gives the row-major position i32 */
    X_acc, /* GEMM accumulator */
    X_random, /* in[0] seed (i64), in[1] step (i64), in[2] at (i64), in[3] element (i64); hash; kind 0 uniform, 1 integer below `dim` */
    X_expect, /* clamps in[0] (i32) into 0..dim-1; failing sets the fail word with `integer` = line */
} XKind;
typedef struct XNode {
    uint8_t kind, op, dtype;
    uint8_t fma; /* of add, sub and the reduction sum: the operand, from 1, that is a mul which is not rounded before; or 0 */
    uint32_t in[4]; /* X node numbers + 1, 0 none */
    uint32_t access; /* ld, st, index */
    double number;
    int64_t integer;
    uint64_t hash;
    Dim dim;
} XNode;

typedef struct SumOrder { /* of a nest that adds up floats: order.h */
    bool fixed;
    int8_t chains; /* the reduction axis along which 32 chains go, or -1: the sums of neighbours go side by side, one chain each */
    uint8_t run; /* axes that are one as this axis, which is the last of them */
} SumOrder;

typedef enum { K_NEST, K_GEMM, K_SCATTER, K_SCAN, K_EXTERN, K_UPDATE, K_ARGSORT, K_GROUP, K_PROBE } KernelKind;
typedef enum { AX_PAR, AX_RED, AX_BATCH, AX_M, AX_N, AX_K } AxisClass;
typedef struct Kernel Kernel;
struct Kernel {
    uint8_t kind;
    const char *name; /* "k07_fc1_relu": symbol name in the object */
    uint32_t loc;
    uint8_t n_axes, n_red; /* NEST: the last n_red axes are reductions; GEMM: see cls */
    uint8_t cls[MAX_AXES];
    Dim axis[MAX_AXES]; /* extents */
    VEC(Access) rd, wr, idx; /* idx: affine values of X_index (buf unused) */
    VEC(XNode) x;
    /* GEMM: rd[0] = A, rd[1] = B */
    bool quads; /* an index of the last K axis is four bytes of A, which are multiplied by the four of a word of B, and added */
    bool looks; /* it notes in nnrt_ctx.suspect that a sum may be infinite or NaN */
    bool
        in_place; /* it changes weights by a gradient that is in no memory, or only looks at it: its first parameter says which (in_place.c) */
    const Kernel *looks_for; /* this one is a call of that kernel's code that only looks */
    int32_t part; /* axis that threads can divide, or -1 */
    bool serial; /* thread 0 does it all: there is little to do */
    bool grouped; /* in the body of a group: several threads run it at a time, so work buffers of its own cannot be */
    SumOrder sum;
    struct AccessBox *band; /* of NEST and GEMM: there is nothing to do outside of it, but stores have their `fill` (band.h) */
    bool aside; /* for asserts and prints only: it is merged with no other kernel, which therefore is the same with and without them */
    bool own_rows; /* `part` are the rows of the scan around it: it stays an axis of its own */
    /* SCATTER: axes = {n ids, tail...}; rows; accumulate: wr[0] already holds start values */
    Dim rows; /* GROUP: the number of items; SCAN: rows that threads divide for all steps at once, or 0 (rows.h) */
    bool accumulate;
    /* ARGSORT: axes = {rows, n}; rd[0]: the values, wr[0]: places (i32), wr[1]: as much room again; all are dense */
    bool descending;
    /* SCAN */
    Dim trips;
    VEC(Kernel *) body; /* of a GROUP too */
    uint32_t depth; /* index of its (first) counter in Access.iter */
    /* EXTERN */
    const char *symbol;
    uint32_t n_extern_in;
    VEC(Dim) sizes; /* C function: void symbol(sizes..., inputs..., outputs...); rd = inputs (scalars too), wr = outputs */
    /* PROBE: rd[0] = what is looked at, sizes[0] elements */
    ProbeKind probe;
    int64_t number, line; /* which one of the entry */
    /* UPDATE: rd[0] = the f64 vector (loss, scalars); gradients already lie in the gradient block */
    int64_t statement;
    uint32_t order; /* position in the flattened order */
    uint32_t origin; /* place in the list of the program before anything was computed again; a copy has that of its kernel */
};

/* The prologue's table: filled once per call, read by kernels. */
typedef enum { TABLE_DIM, TABLE_PLACE, TABLE_WORK, TABLE_LENT, TABLE_SCRATCH } TableKind;
typedef struct TableEntry {
    TableKind kind;
    Dim dim; /* DIM: its value; PLACE: bytes of the buffer */
    VEC(uint32_t) above; /* PLACE: entries of buffers that lie below: offset = align64(max of their offset + bytes) */
    int64_t limit; /* PLACE: lent, and its end may not lie beyond this; 0: in the work area */
    int64_t bytes; /* SCRATCH: bytes per thread (constant) */
} TableEntry;

typedef struct ChangedInPlace { /* in_place.c */
    uint32_t tensor, buf; /* buf: where the gradient would lie, 0: it is made otherwise */
    bool found;
} ChangedInPlace;

typedef struct KProgram {
    Module *module;
    Arena *arena;
    const Layout *layout;
    const EntryLayout *entry;
    const char *name;
    VEC(Buf) buf; /* buf.at[0] is none */
    VEC(Kernel *) kernel; /* in execution order; a barrier after each (not after SERIAL ones that nothing parallel follows...) */
    VEC(TableEntry) table;
    VEC(Symbol) symbols; /* sizes of the entry in order: binders, dim arguments */
    const SizeFact *fact;
    uint32_t n_facts; /* what the sizes satisfy: it is checked on entry */
    VEC(uint32_t) seen; /* tensors with a gradient that the kernel which makes it looks at */
    VEC(ChangedInPlace) in_place; /* tensors whose layout says so */
    uint32_t n_args, n_results; /* BUF_ARG numbers: args first, results behind */
    VEC(uint32_t) place_order; /* the table entries of places, each behind those that it lies above; first those that are lent */
    uint32_t n_lent; /* of these */
    bool placed; /* all buffers have their places */
    uint32_t n_planned; /* buffers; those behind came later (kernel_add_work) */
    const int64_t *sample; /* sizes that the plan is made for, by Symbol */
    bool no_reuse;
    uint32_t work_entry, lent_entry, scratch_entry; /* lent: 0 if all that is lent lies within its limits, else its bytes */
    bool remade; /* some values are computed again (remake.h) */
    uint32_t most_loc; /* of the kernel at which most values are in use, if most_work is set */
    bool least; /* more values are in use at one time than most_work, and no way is known to have fewer */
    int64_t local_bytes; /* of each thread: local buffers of groups */
    int64_t scratch_bytes; /* of each thread: these, and behind them what one kernel takes for itself (the loop stage) */
    int64_t most_size; /* the largest size of a call that the core lets through, where the prologue does not look at its numbers; else 0 */
    uint32_t first_number; /* of its kernels, which `order` counts on, among those of the whole program */
    uint32_t n_const;
    int64_t const_bytes; /* BUF_CONST: module->table data of this program, see kernel_const */
} KProgram;

/* Does a work buffer lie in the gradient block? */
static inline bool is_lent(const KProgram *p, const Buf *buf)
{
    return buf->cls == BUF_WORK && buf->elements && p->table.at[buf->place].limit;
}

/* Index of the table entry with the value of a non-constant Dim (added when new). */
uint32_t kernel_table_dim(KProgram *p, Dim dim);

typedef struct KernelOptions {
    bool no_fusion, no_reuse; /* test switches: every value its own kernel; every buffer its own memory */
    int64_t least_band; /* test switch: indices of an axis that make a band worth it, 0: the usual, -1: there are none */
    int64_t least_group; /* test switch: elements of an item that make a group worth it, 0: the usual */
    const int64_t *sample; /* representative value per Symbol for placement (NULL: 64) */
    const Dim *symbol_dims;
    uint32_t n_symbols;
    const Symbol *symbols; /* entry sizes */
    const SizeFact *fact;
    uint32_t n_facts; /* of the entry sizes */
    const int64_t *option_offset; /* byte offset in the options struct by option index */
    int64_t *const_offset; /* byte offset of module->table[k] in the program's constant block */
    const int64_t *own_bytes; /* kernel_own_bytes of an earlier attempt, or NULL */
    int64_t
        most_work; /* bytes that values in use at one time should have at most: what does not fit is computed again (remake.h); 0: any */
    double most_again; /* share of the time of a step that this may take, about; 0: any */
    bool sums_in_train; /* PARAM_SUM: BUF_TRAIN at entry->sum_at (train) or BUF_SUMS (eval, report) */
} KernelOptions;

/* Tensor IR (after transform) -> kernels: fuse, order, partition, plan. Params of kind INPUT and SCALAR are BUF_ARG 0.. in order; results
 * without alias are BUF_ARG n_args.. in order (dense); results with alias are written to their param's place. */
KProgram *kernel_build(Arena *arena, const Graph *g, const Layout *layout, const EntryLayout *entry, const KernelOptions *options);
const char *kernel_verify(const KProgram *p, Arena *arena); /* NULL or what is wrong; includes the independent overlap check */
void kernel_print(const KProgram *p, Text *out);
void kernel_print_memory(const KProgram *p, Text *out); /* what is in work memory where most is, at the sizes of the plan */
/* Bytes that the places of work buffers take at these sizes. */
int64_t kernel_work_bytes(const KProgram *p, Arena *scratch, const int64_t *sample);
/* Another work buffer, used by kernel k alone. kernel_plan_again: behind the last one of these all get their places anew; entries stay. */
uint32_t kernel_add_work(KProgram *p, const Kernel *k, const char *name, uint8_t dtype, Dim elements);
void kernel_plan_again(KProgram *p);
int64_t *kernel_own_bytes(const KProgram *p, Arena *arena); /* by origin: bytes of those work buffers, at the sizes of the plan */
/* What one run of a kernel costs (cost.c), for `profile`: additions, multiplications and other functions of numbers, each as one; bytes
 * of the elements that it reads and writes, each once. */
typedef struct KernelCost {
    Dim operations, bytes; /* 0: not known */
} KernelCost;
KernelCost kernel_cost(const KProgram *p, const Kernel *k, const int64_t *sample);
uint32_t kernel_count(const KProgram *p); /* with those of scans */

#endif
