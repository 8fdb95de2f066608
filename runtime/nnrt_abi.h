/* SPDX-License-Identifier: MIT
 * nnrt_abi.h: the contract between generated code, the freestanding core (runtime/core, part of every
 * object) and the hosted runtime (libnnrt). Not public.
 *
 * A compiled program is one constant nnrt_program. Generated functions never check anything: nnrt_core_call (core/call.c)
 * checks arguments from the tables below, runs the prologue, fills an nnrt_ctx and starts the gang; every thread runs the
 * driver, which calls kernels and barriers. Rich information (options, data blocks, defaults, texts) is in `manifest`, a
 * JSON text that only the hosted runtime reads (docs/internals.md, "The manifest"). */
#ifndef NNRT_ABI_H
#define NNRT_ABI_H

#include "nnrt_types.h"

/* Base pointers of buffers, by index. Arguments of the entry (tensors and scalars, both by pointer; dim arguments are not
 * among them) follow from NNRT_BASE_ARG, then the results. */
enum {
    NNRT_BASE_MODEL,
    NNRT_BASE_TRAIN,
    NNRT_BASE_SUMS,
    NNRT_BASE_WORK,
    NNRT_BASE_LENT /* values in the gradient block, or behind the work area where they do not fit there */,
    NNRT_BASE_SCRATCH,
    NNRT_BASE_OPTIONS,
    NNRT_BASE_COUNTERS /* int64_t: nnrt_counter */,
    NNRT_BASE_CONST /* table data of the program */,
    NNRT_BASE_ARG
};
/* Draws depend on NNRT_COUNT_STEP, which counts the batches of an evaluation. The source's step, epoch and steps are the first
 * three in a train; in an evaluation they are those of the run whose weights it evaluates. */
enum {
    NNRT_COUNT_STEP,
    NNRT_COUNT_EPOCH,
    NNRT_COUNT_STEPS,
    NNRT_COUNT_SEED,
    NNRT_COUNT_RUN_STEP,
    NNRT_COUNT_RUN_EPOCH,
    NNRT_COUNT_RUN_STEPS,
    NNRT_N_COUNTERS
};
enum { NNRT_MAX_ARGS = 56, NNRT_MAX_BASES = NNRT_BASE_ARG + NNRT_MAX_ARGS, NNRT_MAX_SIZES = 16 };

/* A program can have its loops several times, for several levels of processors, of which a call takes the best that runs here
 * (core/cpu.c). Tables of functions are by level; what is there once runs everywhere. */
enum { NNRT_LEVELS = 3 };
enum { /* what an x86-64 processor may have: bits of nnrt_level.needs */
#define CPU(NAME, ...) NNRT_CPU_##NAME,
#include "cpu.def"
       NNRT_N_CPU
};
typedef struct nnrt_level {
    const char *name; /* "x86-64-v3" */
    uint64_t needs;
    int32_t number, reserved; /* number: 2, 3 ... of x86-64-v2, x86-64-v3 ...; 1: the only one */
} nnrt_level;

typedef struct nnrt_entry nnrt_entry;
typedef struct nnrt_program nnrt_program;

/* Places that codegen knows are the same whether a pointer has 8 bytes or 4. */
#define NNRT_WIDE _Alignas(8)
typedef struct nnrt_ctx {      /* of one call; field order is known to codegen */
    const int64_t *table;      /* 0: filled by the prologue */
    NNRT_WIDE void *const *base; /* 8: NNRT_MAX_BASES pointers */
    NNRT_WIDE int32_t nt;      /* 16: threads of this call */
    int32_t stop;              /* 20: set: the gang leaves at the next UPDATE */
    int32_t fail, fail_line;   /* 24, 28: first failure (NNRT_E_...), by least line */
    uint32_t arrived, phase;   /* barrier */
    const nnrt_entry *entry;   /* whose call it is */
    NNRT_WIDE double *partial; /* n_partials of the entry, in work */
    NNRT_WIDE int32_t stop_number; /* with NNRT_E_NUMERIC: which number of the statement `stop` is not finite: 0 the loss, then its
                                      scalars; NNRT_GRADIENT: its gradient */
    int32_t made;              /* statements that were made */
    const nnrt_host *host;     /* whose threads sleep in the barrier; NULL: they spin */
    NNRT_WIDE int32_t suspect; /* 72: set: a kernel that looks at the gradient it makes has seen what may not be finite; _SURELY: it
                                   surely is not, and it cannot be read again */
    int32_t level;             /* whose code runs */
    const struct nnrt_watch *watch; /* 80: whom the driver tells what each thread has done; NULL: nobody */
    NNRT_WIDE int32_t from; /* 88: statements in front of this one, and what leads to them, were made by calls before: the driver leaves
                               them out */
    int32_t assertion;               /* with NNRT_E_ASSERT: its number, */
    int64_t n_false, first_false;    /* how many of its elements do not hold, and which is the first */
} nnrt_ctx;

/* A host that wants to know more, as its size says. show: the values of a print of the entry, n of them, by thread 0 while the others
 * wait; NULL: nobody wants to see them. lap: where the time goes (`profile`), or NULL. Called by each thread behind each kernel with
 * lap = 2 k, and with 2 k + 1 when it has waited for the others there; k numbers the kernels of the whole program, as the
 * manifest does. Kernels of a scan have as many laps as the scan has trips. */
typedef struct nnrt_watch {
    nnrt_host host;
    void (*lap)(void *watcher, int64_t tid, int64_t lap);
    void *watcher;
    void (*show)(void *watcher, int32_t number, const void *values, int64_t n);
} nnrt_watch;

enum { NNRT_GRADIENT = -1, NNRT_CHUNK = 4096, NNRT_SUSPECT_SURELY = 2, NNRT_ALL_IN_PLACE = 2 };

/* Inside every object (runtime/core): */
void nnrt_barrier(nnrt_ctx *ctx);
void nnrt_fail(nnrt_ctx *ctx, int32_t code, int32_t line);
void nnrt_lap(nnrt_ctx *ctx, int64_t tid, int64_t lap);
/* By thread 0, between barriers. An assert or print of the entry, by its number; n values, dense. */
void nnrt_assert(nnrt_ctx *ctx, int32_t number, int32_t line, const unsigned char *holds, int64_t n);
void nnrt_print(nnrt_ctx *ctx, int32_t number, const void *values, int64_t n);
/* Statement k of the step and its n_more: `args` points to doubles: loss, then the numbers of each optimizer (optimizers.def).
 * Non-zero: leave. */
int32_t nnrt_update(nnrt_ctx *ctx, int32_t statement, const double *args, int32_t tid);

typedef struct nnrt_range {
    int64_t offset, count;
} nnrt_range; /* elements from the start of the parameter block */
enum { NNRT_SLOTS = 3 };
typedef struct nnrt_rule nnrt_rule; /* core/core.h */
typedef struct nnrt_statement { /* one group of a `minimize`: paths and an optimizer */
    int32_t n_args, n_ranges;  /* n_args: scalars behind the loss */
    const nnrt_range *range;   /* sorted, disjoint, padded extents of the tensors included (gaps stay 0) */
    uint64_t count_offset;     /* int64_t number of updates made, in the train area */
    uint64_t slot_offset[NNRT_SLOTS]; /* bytes into the train area, 0: not in use; slot s of parameter element e is at
                                         slot_offset[s] + (e - hull) * float size */
    const nnrt_range *unseen;  /* of these, what no kernel looks at: it is tested before an update */
    int64_t hull;              /* first element of the gradient block and of the slots; -1: gradients lie
                                         end to end, each at a multiple of 16 elements, those of weights that change in place are in no
                                         memory (small code only) */
    void (*update[NNRT_LEVELS])(const nnrt_rule *rule, int64_t n); /* the rule's loop over n elements (core/rules.c) */
    void (*measure[NNRT_LEVELS])(const nnrt_rule *rule, int64_t n,
                                 double *sum); /* of a rule that needs norms, else NULL; each range is a tensor then */
    int32_t (*finite[NNRT_LEVELS])(const nnrt_float *gradient, int64_t n); /* nnrt_rule_finite */
    int32_t line, n_unseen; /* line: of the minimize */
    int32_t n_more; /* statements behind this one that are updated with it */
    int32_t last; /* nothing behind it in a step depends on its update: that may as well be made at the end */
} nnrt_statement;

/* Train area: this header, then update counts, gradients, slots, report sums at the offsets of nnrt_entry. */
typedef struct nnrt_train {
    uint64_t magic; /* hash of the program ^ entry number + 1 */
    uint64_t seed;
    int64_t step, epoch, steps;
    int16_t stop_at; /* 1 + statement at which the step returns before changing anything; the others are skipped (gradcheck); -1: the
                                  next one that it comes to (shards); 0: none */
    int16_t from;    /* statement that the step begins with (nnrt_ctx); stop_at -1: then the one to go on with; -1: that was the end */
    int32_t group; /* accumulation: i > 0: batch i of a group, its gradients are added to `more`; -k: batch k, the last,
                                  updates with the mean of the k; 0: none */
    void *more; /* n_statements gradient blocks of doubles, the host's; set for the time of a call only */
    double *note; /* if set: receives loss and scalars of the statement where the step stops; stop_at -1: then those of the others that
                     are updated with it */
} nnrt_train;

enum { NNRT_TRAIN_ENTRY, NNRT_EVAL_ENTRY, NNRT_EXPORT_ENTRY };
enum { NNRT_F32, NNRT_F64, NNRT_I32, NNRT_I64, NNRT_BOOL, NNRT_U8, NNRT_I8, NNRT_F16, NNRT_BF16 };
typedef struct nnrt_arg { /* a pointer argument or result, in order of the bases */
    int32_t dtype, is_result;
    int32_t bytes_entry; /* table entry with its number of elements */
    int32_t bound_entry; /* table entry with C of int<C>, or -1 */
    int32_t scalar; /* 1: passed by value in the C function */
    int32_t line;
} nnrt_arg;
typedef struct nnrt_require {
    int32_t left, right /* table entries */, oper /* 0 == 1 != 2 < 3 <= 4 > 5 >= */, line;
} nnrt_require;

typedef struct nnrt_code { /* generated code of an entry, for one combination of its run-time conditions */
    int32_t n_table, work_entry, scratch_entry; /* table entries: bytes of work (one part for all), bytes of scratch per thread */
    int32_t lent_entry; /* table entry: bytes that values take which have no room in the gradient block; 0: they have */
    const nnrt_arg *arg; /* n_args + n_results of the entry */
    const nnrt_require *require; /* n_requires */
    int32_t (*prologue)(int64_t *table, const int64_t *sizes); /* 0, or not 0: overflow */
    void (*driver[NNRT_LEVELS])(nnrt_ctx *ctx, int64_t tid);
} nnrt_code;

struct nnrt_entry {
    const char *name;
    int32_t kind, index;
    int32_t n_sizes; /* binders, then dim arguments */
    int32_t n_args, n_results, n_requires, n_statements, n_sums;
    const nnrt_statement *statement;
    const nnrt_code *code[8]; /* by combination of conditions */
    int32_t n_conditions, n_report_values; /* doubles written by report, dense, in order */
    int32_t (*condition[NNRT_LEVELS])(const nnrt_ctx *ctx); /* bits; NULL if none. Reads counters and options */
    const nnrt_code *report; /* SUMS -> results; NULL for exports */
    uint64_t train_bytes; /* of a train entry: the area */
    uint64_t grad_offset, grad_count; /* gradient block in the area: bytes; elements */
    uint64_t n_partials; /* doubles of work for sums over pieces of NNRT_CHUNK elements, by which norms are made */
    uint64_t sum_offset, sum_bytes; /* of the sums in the train area (train) or the sums block (eval: offset 0) */
    const double *sum_init; /* sum_bytes / 8 start values */
    int32_t draws, writes_state;
    int32_t n_reports, odd_sum; /* odd_sum: 1 + the first double of a sum to which a step does more than add; 0: there is none; -1: steps
                                    are whole (compact code) */
    const int32_t *report_count; /* doubles of each report, in order */
    uint64_t sums_area; /* bytes of the block of an eval entry: sums, int64_t batch counter at sum_bytes rounded up to 64, report work */
    uint64_t batch_offset; /* eval: int64_t number of the batch, then step, epoch and steps of the run, in the sums block */
    uint64_t report_work_offset; /* work of the report, in the train area or sums block; scratch behind it */
};

enum {
    NNRT_INIT_ZERO,
    NNRT_INIT_CONST,
    NNRT_INIT_NORMAL,
    NNRT_INIT_UNIFORM,
    NNRT_INIT_GLOROT,
    NNRT_INIT_HE,
    NNRT_INIT_ORTHOGONAL,
    NNRT_INIT_DATA,
    NNRT_INIT_TRUNCATED
};
typedef struct nnrt_tensor_info {
    const char *name;
    int32_t is_state, rank;
    int64_t dim[8], stride[8]; /* elements */
    int64_t offset, padded; /* bytes from the start of the model; elements with padding */
    int32_t init, dtype; /* dtype: NNRT_F32, NNRT_F64, or NNRT_I32, NNRT_BOOL for states */
    double a, b; /* INIT arguments as core.h says */
    const double *data; /* NNRT_INIT_DATA: dense values */
} nnrt_tensor_info;

/* The core is internal to each object; the hosted runtime reaches it through this table. */
typedef struct nnrt_core_table {
    int (*init)(const nnrt_program *program, void *model, uint64_t seed);
    int (*check)(const nnrt_program *program, const void *model);
    int (*train_init)(const nnrt_program *program, const nnrt_entry *entry, void *train, uint64_t seed);
    int (*sum_clear)(const nnrt_program *program, const nnrt_entry *entry, void *sums);
    size_t (*work)(const nnrt_entry *entry, const int64_t *sizes, int threads);
    int (*call)(const nnrt_program *program, const nnrt_entry *entry, void *model, void *train, nnrt_call *call, const int64_t *sizes,
                void *const *args);
    int (*report)(const nnrt_program *program, const nnrt_entry *entry, void *train_or_sums, double *values, int64_t *examples, int clear);
    int (*blank)(const nnrt_program *program, void *model); /* all zero: weights will be loaded */
    int (*level)(const nnrt_program *program, int32_t wanted);
    uint64_t (*cpu)(void);
    int (*apply)(const nnrt_program *program, const nnrt_entry *entry, void *model, void *train, nnrt_call *call, int32_t statement,
                 const double *args);
} nnrt_core_table;

struct nnrt_program {
    uint32_t abi, float_bytes;
    uint64_t hash;
    const char *name;
    const nnrt_desc *desc;
    const char *manifest; /* JSON */
    uint64_t model_bytes, param_bytes, state_offset; /* parameters from byte 64; states from state_offset */
    int32_t n_tensors, n_entries;
    const nnrt_tensor_info *tensor; /* storage order */
    const nnrt_entry *const *entry;
    uint64_t options_bytes;
    const void *options; /* defaults */
    const void *const_data; /* base[NNRT_BASE_CONST] */
    const nnrt_core_table *core;
    const void *weights; /* a model block with the start values; NULL: the initialisers make them */
    const char *vocabularies; /* of the checkpoint that had the weights, as its metadata has them, or NULL */
    const nnrt_level *level; /* the least first */
    int32_t n_levels, reserved;
};

/* ---- the core (core/call.c): what generated wrappers and libnnrt call -------------------------------- */
int nnrt_core_blank(const nnrt_program *program, void *model);
int nnrt_core_init(const nnrt_program *program, void *model, uint64_t seed);
uint64_t nnrt_core_cpu(void); /* what the processor has: bits NNRT_CPU_...; 0 where nothing is looked at */
/* The number of the level whose code calls run, or 0 if the processor has not what the least one needs. wanted: this level's, from now
 * on, if the processor has it: else 0, and nothing changes; 0: only asks. */
int nnrt_core_level(const nnrt_program *program, int32_t wanted);
int nnrt_core_check(const nnrt_program *program, const void *model);
int nnrt_core_train_init(const nnrt_program *program, const nnrt_entry *entry, void *train, uint64_t seed);
int nnrt_core_sum_clear(const nnrt_program *program, const nnrt_entry *entry, void *sums);
size_t nnrt_core_work(const nnrt_entry *entry, const int64_t *sizes, int threads); /* SIZE_MAX: too large */
/* args: pointers to tensors and scalars in order of entry->arg, results behind. train: the train area of a train entry
 * (model is then written), the sums of an eval, else NULL. */
int nnrt_core_call(const nnrt_program *program, const nnrt_entry *entry, void *model, void *train, nnrt_call *call, const int64_t *sizes,
                   void *const *args);
/* The update of a statement, and of those that are made with it, whose gradients lie in the train area. args: the loss, then their
 * scalars. It takes as much work memory as a call. */
int nnrt_core_apply(const nnrt_program *program, const nnrt_entry *entry, void *model, void *train, nnrt_call *call, int32_t statement,
                    const double *args);
/* Averages and metric values since the last clear: n_report_values doubles, then the number of examples (int64_t) behind them
 * is sums[0] (always the first sum: "examples"). Clears if `clear`. */
int nnrt_core_report(const nnrt_program *program, const nnrt_entry *entry, void *train_or_sums, double *values, int64_t *examples,
                     int clear);

#endif
