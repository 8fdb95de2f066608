/* SPDX-License-Identifier: MIT
 * gemm_amx.h: contractions of operands in bf16 by the tile registers of AMX. Private to loop/. */
#ifndef NNC_LOOP_GEMM_AMX_H
#define NNC_LOOP_GEMM_AMX_H

#include "loop/gemm.h"

enum {
    AMX_WIDE_BITS = 5,
    AMX_WIDE = 1 << AMX_WIDE_BITS,              /* rows and columns whose sums are in registers together: two tiles */
    AMX_BLOCK_BYTES = AMX_WIDE * AMX_ROW_BYTES, /* of an operand: 32 of K for so many rows or columns */
};

int64_t gemm_amx_inner_blocks(const Gemm *g, int depth); /* blocks of K in one iteration of K axis `depth` */
int64_t gemm_amx_panel_bytes(const Gemm *g);             /* of 32 rows or columns of an operand, with the largest block of K */
void gemm_amx_pack_rows(Gemm *g, LV lo, LV hi);          /* 32 rows or fewer of A */

#endif
