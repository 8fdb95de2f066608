/* SPDX-License-Identifier: MIT
 * loop.h: the loop IR, structured vector loops (docs/internals.md).
 *
 * A function is a flat list of instructions with nesting markers (loop .. yield .. end, if .. else
 * .. end). A value is the number of its instruction. Values have a type and a number of lanes (1 =
 * scalar). Everything that will be a machine instruction is explicit: vectors, masks, fused
 * multiply-adds; codegen/ translates one to one and LLVM adds no vectorisation of its own. */
#ifndef NNC_LOOP_LOOP_H
#define NNC_LOOP_LOOP_H

#include "kernel/kernel.h"

typedef uint32_t LV; /* loop value; 0 none */

typedef enum { LT_void, LT_i32, LT_i64, LT_f32, LT_f64, LT_ptr, LT_mask } LoopType;

typedef enum {
    L_none,
    L_arg,    /* imm: parameter number */
    L_iconst, /* imm, splat over lanes */
    L_fconst, /* fimm, splat */
    L_lane,   /* 0, 1, 2 ... (i32 or i64) */
    L_splat,  /* scalar a -> lanes */
    L_half,   /* imm 0: low half of the lanes, 1: high half */
    L_iadd,
    L_isub,
    L_imul,
    L_ifdiv /* floor; x // 0 = 0 */,
    L_and,
    L_or,
    L_xor,
    L_shl,
    L_lshr,
    L_ashr,   /* integers; and/or/xor also masks */
    L_umulhi, /* high 32 bits of the unsigned product (i32) */
    L_icmp,   /* imm: LoopPred, signed */
    L_fcmp,   /* imm: LoopPred; ordered (false on NaN), NE is unordered (true on NaN) */
    L_not,    /* of a mask */
    L_sel,    /* mask a ? b : c */
    L_fadd,
    L_fsub,
    L_fmul,
    L_fdiv,
    L_fma /* a*b+c */,
    L_dot4, /* i32: c + the sum of the products of the four bytes of a and those of b, which are signed; those of a, too, if imm is 1 */
    L_fneg,
    L_fabs,
    L_ffloor,
    L_fsqrt,
    L_cvt, /* to the instruction's type: float->int truncates, saturates, NaN 0; mask->number 0/1;
              number->mask is != 0 */
    L_bitcast, /* f32 <-> i32, f64 <-> i64; two lanes of i32 <-> one of i64, the lower half first */
    L_ptradd,  /* ptr a + i64 b bytes + imm */
    L_ld, /* ptr a + imm bytes, mask b or 0; memory dtype `mem` (DT_COUNT: a pointer); loads convert
             (bool u8 -> mask, f16 -> f32 ...) */
    L_st, /* ptr a + imm, value b, mask c or 0 */
    L_ldstride,
    L_ststride, /* lanes at ptr a + lane * (i64 scalar b bytes); st: value c; mask d or 0 */
    L_ldgather, /* ptr a, vector of i64 byte offsets b, mask c or 0 */
    L_prefetch, /* what is at ptr a will be read: no effect but on time, at any address */
    L_maskn,    /* first a (i64 scalar) lanes on; a may be <= 0 or >= lanes */
    L_loop,     /* i64 counter from a to b (exclusive) step c (scalar, > 0); carried start values
                   follow; value = the counter */
    L_carried,  /* inside: imm-th carried value of loop a */
    L_yield,    /* next values of the carried, in order; ends the body */
    L_end,      /* of loop a or if a */
    L_result,   /* after the end: imm-th carried value of loop a */
    L_if,       /* scalar mask a; no results */
    L_else,
    L_call,   /* symbol `name`, arguments; result type (void, i32, ptr) */
    L_ret,    /* a or 0 */
    L_alloca, /* imm bytes on the stack, 64-byte aligned (entry block); ptr */
    L_global, /* ptr to the constant data `name`; NULL: the null pointer */
    L_any,    /* of a mask: any lane on; scalar mask */
    L_zip,    /* lanes of a and b in turn; imm 0: of their low halves, 1: of their high halves */
    L_back,   /* every four lanes of a backwards */
    L_pairs,  /* i32: the upper halves of the lanes of a, then of b (f32), two in each lane, the first one below */
    /* The tile registers of AMX (LoopTarget.amx), by number, of 16 rows of 64 bytes: */
    L_amx_open,  /* from here on they are there */
    L_amx_close, /* and no longer */
    L_amx_zero,  /* register imm */
    L_amx_load,  /* register imm: rows at ptr a, i64 b bytes apart */
    L_amx_store, /* the same, to memory */
    L_amx_add,   /* f32 of register imm / 64 += products of pairs of bf16 in registers imm / 8 % 8 (rows) and imm % 8 (columns) */
    L_COUNT
} LoopOp;
typedef enum { LP_eq, LP_ne, LP_lt, LP_le, LP_gt, LP_ge } LoopPred;

typedef struct LIns {
    uint8_t op, type, lanes, mem;
    uint32_t arg, n_arg; /* in fn->arg */
    int64_t imm;
    double fimm;
    const char *name;
    const char *label; /* for dumps: of an argument or a pointer, what it stands for; or NULL */
} LIns;

enum { LOOP_MAX_PARAMS = 96 };
typedef struct LoopFn {
    const char *name;
    uint8_t n_params, params[LOOP_MAX_PARAMS], result; /* LoopType */
    bool exported;
    bool tiled; /* has a loop that carries several values, as contractions have */
    bool cold; /* straight code that runs once per call: to be compiled fast */
    bool outside; /* called from another part */
    uint8_t level; /* whose machine it is for */
    uint8_t part; /* loop_split */
    VEC(LIns) ins; /* ins.at[0]: none */
    VEC(LV) arg;
} LoopFn;

typedef enum {
    BYTES_plain,    /* one by one, in lanes of i32 */
    BYTES_unsigned, /* an instruction for four, of which the first are not signed (VNNI) */
    BYTES_signed,   /* one where both are (SDOT) */
    BYTES_pairs,    /* one for pairs of numbers of 16 bits in vectors (PMADDWD) */
    BYTES_pair,     /* one for a pair of them in a word (SMLAD) */
} LoopBytes;

/* Tiles of AMX: where they pay; wherever they are possible, for tests. */
typedef enum { AMX_none, AMX_where_it_pays, AMX_wherever_it_can } LoopAmx;

typedef struct LoopTarget { /* what the generator needs to know of the machine */
    int vector_bytes;       /* 16, 32 or 64; without vectors 4: one number at a time */
    int n_registers;        /* for them: 16 or 32 */
    int pointer_bytes;      /* 8 or 4 */
    bool fma;               /* of float and double; what has no instruction for one of them calls the core (codegen/lacking.c) */
    bool floor;  /* L_ffloor is an instruction; else codegen/ makes it of others, since a call of libm is slow */
    uint8_t amx; /* LoopAmx: does it multiply tiles of bf16? */
    bool half;   /* it has instructions for numbers of f16 in memory; else codegen/ makes them of others */
    bool strict; /* --fp=strict: never L_fma */
    bool compact; /* -Os: small code goes before speed. One number at a time, rows as loops, one tile, a single thread; the same bits */
    uint8_t bytes; /* LoopBytes: how it multiplies them */
    uint8_t level;
    const char *suffix; /* of the names of its functions; NULL: none */
} LoopTarget;

/* A module can have code for several machines of one architecture, of which a program takes the best that its processor is (runtime/core).
 * Kernels and what runs them exist for each level; what is there once, as the prologue, is for every machine. */
enum { LOOP_MAX_LEVELS = 3 };

typedef struct LoopModule {
    Arena *arena;
    Module *module; /* locations */
    LoopTarget target; /* of the functions that are made now */
    LoopTarget level[LOOP_MAX_LEVELS + 1]; /* behind the last: of what is there once */
    uint32_t n_levels; /* 0: `target` is all there is */
    bool laps; /* drivers tell who watches a call what each thread has done (nnrt_watch) */
    VEC(LoopFn *) fn;
} LoopModule;

/* ---- builder (build.c): types are inferred and checked with BUG ------------------------------ */
typedef struct LB {
    LoopModule *m;
    LoopFn *f;
} LB;
uint32_t loop_levels(const LoopModule *m); /* at least 1 */
void loop_for(LoopModule *m, uint32_t level); /* functions are for this level from now on; that behind the last: what is there once */
int loop_lanes(const LoopModule *m, int bytes); /* of a vector of numbers of so many bytes: 1 where there are none */
const LoopTarget *loop_target(const LoopModule *m, const LoopFn *f);
const char *loop_name(const LoopModule *m, const char *name); /* with the suffix of the level */
LoopFn *loop_fn_new(LoopModule *m, const char *name, const uint8_t *params, int n_params, LoopType result);
LV l_arg(LB *b, int i);
LV l_label(LB *b, LV v, const char *label); /* returns v */
LV l_int(LB *b, LoopType type, int lanes, int64_t value);
LV l_i64(LB *b, int64_t value);
LV l_float(LB *b, LoopType type, int lanes, double value);
LV l_lane(LB *b, LoopType type, int lanes);
LV l_splat(LB *b, LV a, int lanes); /* a itself if it already has them */
LV l_half(LB *b, LV a, int which);
LV l_bin(LB *b, LoopOp op, LV x, LV y);     /* iadd .. umulhi, fadd .. fdiv, and or xor */
/* operation.c: elementwise operations of the tensor IR; dtype: of the result; second_is_number: in[1] is certainly no NaN. */
LoopType loop_type_of(uint8_t dtype);
LV l_operation(LB *b, Op op, uint8_t dtype, const LV *in, bool second_is_number);
LV l_un(LB *b, LoopOp op, LV x);            /* not fneg fabs ffloor fsqrt */
LV l_cmp(LB *b, LoopPred pred, LV x, LV y); /* icmp or fcmp by type */
LV l_sel(LB *b, LV mask, LV x, LV y);
LV l_fma(LB *b, LV x, LV y, LV z); /* fmul + fadd when the target is strict or has none */
LV l_dot4(LB *b, LV x, LV y, LV z, bool x_is_signed);
LV l_load_word(LB *b, LV p, int64_t imm); /* i32, at any address */
LV l_cvt(LB *b, LV x, LoopType to);
LV l_bitcast(LB *b, LV x, LoopType to);
LV l_ptradd(LB *b, LV p, LV bytes, int64_t imm);
LV l_load(LB *b, LV p, int64_t imm, uint8_t mem, int lanes, LV mask);
LV l_load_ptr(LB *b, LV p, int64_t imm); /* a pointer in memory (mem = DT_COUNT) */
LV l_load_base(LB *b, LV bases, int64_t index); /* one of an array of pointers */
void l_store(LB *b, LV p, int64_t imm, uint8_t mem, LV value, LV mask);
LV l_loadstride(LB *b, LV p, LV stride, uint8_t mem, int lanes, LV mask);
void l_storestride(LB *b, LV p, LV stride, uint8_t mem, LV value, LV mask);
LV l_gather(LB *b, LV p, LV offsets, uint8_t mem, LV mask);
void l_prefetch(LB *b, LV p);
LV l_maskn(LB *b, LV n, int lanes);
LV l_loop(LB *b, LV lo, LV hi, LV step, const LV *carried, int n); /* returns the loop; also its counter */
LV l_carried(LB *b, LV loop, int i);
void l_yield(LB *b, LV loop, const LV *next, int n); /* and the end */
LV l_result(LB *b, LV loop, int i);
LV l_if(LB *b, LV cond);
void l_else(LB *b, LV if_);
void l_end(LB *b, LV if_);
LV l_call(LB *b, const char *name, LoopType result, const LV *args, int n);
void l_ret(LB *b, LV value);
LV l_alloca(LB *b, int64_t bytes);
LV l_global(LB *b, const char *name); /* NULL: null pointer */
LV l_any(LB *b, LV mask);
LV l_zip(LB *b, LV x, LV y, int which);
LV l_back(LB *b, LV x);
LV l_pairs(LB *b, LV x, LV y);
enum { AMX_REGISTERS = 8, AMX_SIDE = 16, AMX_ROW_BYTES = 64 }; /* rows, and numbers of 32 bits in each */
void l_amx_open(LB *b);
void l_amx_close(LB *b);
void l_amx_zero(LB *b, int tile);
void l_amx_load(LB *b, int tile, LV p, LV row_bytes);
void l_amx_store(LB *b, int tile, LV p, LV row_bytes);
void l_amx_add(LB *b, int sums, int rows, int columns);
bool l_is_int(const LB *b, LV v, int64_t *value); /* an integer constant (of any lanes) */
bool l_is_multiple(const LB *b, LV v, int64_t of, LV known); /* a scalar certainly is, if `known` is; of: a power of two */
LoopType l_type(const LB *b, LV v);
int l_lanes(const LB *b, LV v);
bool l_is_float(LoopType t);

/* ---- math*.c: expansions for f32 and f64, any lanes; the same bits for every width and target with
 * FMA ---- */
#define FUNCTION(name, ...) LV math_##name(LB *b, LV x);
#define COMPOSED_FUNCTION(name, ...)
#include "support/functions.def"
LV math_cos_near(LB *b, LV x); /* the same bits, for |x| < 2^20 */
LV math_wide16(LB *b, LV x);   /* an f32 as an operand of a contraction (docs/ir.md, "Operands") */
LV math_pow(LB *b, LV x, LV y);
LV math_mod(LB *b, LV x, LV y); /* of the floored division: exact */
LV math_floordiv(LB *b, LV x, LV y);
/* Word element%4 of Philox4x32-10 (docs/ir.md `random`): seed, step, at, element are i64; result i32 in
 * the lanes of element; the others have as many or one. */
LV math_philox(LB *b, LV seed, LV step, LV at, LV element, uint64_t hash);
/* The same for elements first, first + 1 ... of all lanes, whole blocks, in a quarter of the time: all but `lanes` (a multiple of 4)
 * are scalars, first is a multiple of 4. */
LV math_philox_blocks(LB *b, LV seed, LV step, LV at, LV first, int lanes, uint64_t hash);

/* Places of nnrt_ctx that generated code reads (runtime/nnrt_abi.h; codegen/ checks that they
 * agree). */
enum {
    CTX_TABLE = 0,
    CTX_BASE = 8,
    CTX_NT = 16,
    CTX_SUSPECT = 72,
    CTX_WATCH = 80,
    CTX_FROM = 88,
    LBASE_MODEL = 0,
    LBASE_TRAIN,
    LBASE_SUMS,
    LBASE_WORK,
    LBASE_LENT,
    LBASE_SCRATCH,
    LBASE_OPTIONS,
    LBASE_COUNTERS,
    LBASE_CONST,
    LBASE_ARG,
    FAIL_RANGE = 2,
    SUSPECT_SURELY = 2
};

/* ---- lowering (lower.c nest.c gemm.c driver.c ...) ------------------------------------------- */
/* Adds functions `<prefix>_prologue` (i32 (ptr table, ptr sizes)) and for each level one per kernel, and
 * `<prefix><suffix>_driver` (void (ptr ctx, i64 tid)). */
void loop_lower(LoopModule *m, KProgram *p, const char *prefix);

/* Kernels that differ in constants only become one function (share.c); all callers are in `m`. */
void loop_share(LoopModule *m);

/* Integers of 64 bits that are sizes and counters have 32, where code is small and so are addresses (narrow.c). */
void loop_narrow(LoopModule *m);

/* Sets part and outside of every function (split.c). base: instructions' worth of what part 0 gets
 * besides; a part is made for each part_weight instructions. Returns the number of parts. */
enum { LOOP_MAX_PARTS = 8 };
uint32_t loop_split(LoopModule *m, uint32_t base, uint32_t part_weight, uint32_t max_parts);

const char *loop_op_name(LoopOp op);
void loop_print(const LoopModule *m, Text *out);
const char *loop_verify(const LoopModule *m, Arena *arena);

#endif
