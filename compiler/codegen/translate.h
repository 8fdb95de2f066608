/* SPDX-License-Identifier: MIT
 * translate.h: what the files translate*.c share: the state of one function's translation, values and addresses. */
#ifndef NNC_CODEGEN_TRANSLATE_H
#define NNC_CODEGEN_TRANSLATE_H

#include "codegen/cg.h"

typedef struct Frame { /* an open loop or if */
    LV of;
    LLVMBasicBlockRef header, exit, other; /* other: else block of an if */
    LLVMValueRef counter;
} Frame;

typedef struct Tr {
    Cg *cg;
    const LoopFn *f;
    LLVMValueRef function;
    LLVMBuilderRef at, entry; /* entry: where allocas go */
    LLVMValueRef *value;      /* by LV */
    LLVMValueRef **phi;       /* by LV of loops: carried */
    VEC(Frame) frame;
} Tr;

/* translate_value.c */
const LoopTarget *tr_target(const Tr *t); /* the machine of the function */
LLVMTypeRef tr_scalar(Cg *cg, uint8_t type); /* of a LoopType */
LLVMTypeRef tr_vector(LLVMTypeRef t, unsigned lanes);
LLVMTypeRef tr_type(Cg *cg, uint8_t type, unsigned lanes);
LLVMValueRef tr_splat_const(LLVMValueRef c, unsigned lanes); /* the same constant in each lane */
LLVMValueRef tr_int_const(LLVMTypeRef scalar, unsigned lanes, int64_t v);
LLVMValueRef tr_lane_numbers(LLVMTypeRef scalar, unsigned lanes); /* 0, 1, 2 ... */
LLVMValueRef tr_splat(Tr *t, LLVMValueRef v, unsigned lanes);
LLVMValueRef tr_select(Tr *t, const LIns *i, LLVMValueRef which, LLVMValueRef x, LLVMValueRef y);
/* A call of an intrinsic that is overloaded over n_over types. */
LLVMValueRef tr_intrinsic(Tr *t, const char *name, LLVMTypeRef *over, unsigned n_over, LLVMValueRef *args, unsigned n);
LV tr_arg(const Tr *t, const LIns *i, uint32_t a); /* argument a of an instruction; 0: there is none */
LLVMValueRef tr_operand(const Tr *t, const LIns *i, uint32_t a); /* its value, or NULL */
unsigned tr_operand_lanes(const Tr *t, const LIns *i, uint32_t a);
uint8_t tr_operand_type(const Tr *t, const LIns *i, uint32_t a);
LLVMValueRef tr_offset(Tr *t, LLVMValueRef p, LLVMValueRef bytes); /* p: a pointer; bytes: a number or a vector of them */
LLVMValueRef tr_offset_imm(Tr *t, LLVMValueRef p, int64_t imm);

/* translate_name.c: `what.v`, or `what` if v is 0; nothing where no one reads them */
void tr_name(const Tr *t, LLVMValueRef value, const char *what, LV v);
LLVMBasicBlockRef tr_block(const Tr *t, const char *what, LV v); /* a new one */
void tr_name_instruction(const Tr *t, LV v);                     /* what instruction v was translated to */

/* translate_bytes.c: L_dot4 */
LLVMValueRef tr_dot4(Tr *t, const LIns *i);

/* translate_amx.c */
void tr_amx(Tr *t, const LIns *i);

/* translate_memory.c: L_ld .. L_ldgather */
void tr_memory(Tr *t, LV v, const LIns *i);

/* translate_half.c: vectors of 16 bits from f32 and to it, rounded to the nearest, to the even one of two; a NaN stays one */
LLVMValueRef tr_from_bf16(Tr *t, LLVMValueRef v, unsigned lanes);
LLVMValueRef tr_to_bf16(Tr *t, LLVMValueRef v, unsigned lanes);
LLVMValueRef tr_from_f16(Tr *t, LLVMValueRef v, unsigned lanes);
LLVMValueRef tr_to_f16(Tr *t, LLVMValueRef v, unsigned lanes);

#endif
