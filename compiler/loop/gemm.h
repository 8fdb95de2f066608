/* SPDX-License-Identifier: MIT
 * gemm.h: what the files that make contractions share. Private to loop/.
 *
 * gemm.c chooses the tiles and makes the loops around them, gemm_tile.c the code of one, gemm_totals.c gives the totals of
 * long sums their places. */
#ifndef NNC_LOOP_GEMM_H
#define NNC_LOOP_GEMM_H

#include "loop/segment.h"

enum { MAX_ROWS = 14, MAX_VECTORS = 8 }; /* of a tile */

typedef struct Panel { /* vectors of N that a tile covers */
    int n, off[MAX_VECTORS], lanes[MAX_VECTORS];
    LV mask[MAX_VECTORS];
    LV start, columns; /* first column, number of them */
} Panel;

typedef struct Gemm {
    Gen e;
    int outer[MAX_AXES], n_outer; /* batch and outer N axes */
    int rows[MAX_AXES], n_rows;   /* outer M axes */
    int k[MAX_AXES], n_k, m;      /* m: last M axis or -1 */
    LoopType type;
    uint32_t acc; /* X_acc node + 1 */
    bool *want, loop_epilogue;
    VEC(uint32_t) store;
    LV stack;
    int64_t m_extent; /* constant or -1 */
    int vectors;      /* NV of a full panel */
    int64_t block;    /* of the first K axis, 0: all at once */
    LV k_lo, k_hi;    /* the block */
    LV s_lo, s_hi;    /* the segment it is in, if that axis is cut, else the axis */
    Segments segments;
    bool in_tiles;     /* segments end inside of tiles; else only between blocks */
    LV chains, totals; /* memory for the sums of a tile and for their totals, with blocks for all totals */
    LV row_of[MAX_AXES], counter[MAX_AXES]; /* strides of the latter, elements; counters of the loops outside of tiles */
} Gemm;

typedef struct Tile {
    int rows;
    const Panel *panel;
    LV row_offset[MAX_ROWS]; /* bytes from the first row, 0: use row_imm */
    int64_t row_imm[MAX_ROWS];
    LV *acc; /* [rows][panel->n] */
    Totals totals; /* if sums can be cut */
    int place[MAX_ROWS * MAX_VECTORS];
} Tile;

/* ---- gemm_totals.c ---- */
/* The totals are in a buffer, dense in the order of the axes. */
void gemm_open_totals(Gemm *g, uint32_t buf);
void gemm_begin_totals(Gemm *g, Tile *t, LV first); /* of a tile whose first row this is: their places; there they become 0 */
void gemm_end_totals(Gemm *g, const Tile *t);       /* the sums of a tile from them, unless they wait in the buffer */
/* Does something with all sums, which wait in the result, and their totals in the buffer. */
void gemm_all_totals(Gemm *g, WithTotals *act);

/* ---- gemm_tile.c ---- */
/* Rows first .. first + rows - 1 of the columns of a panel: the sums, and what the kernel makes of each. */
void gemm_tile(Gemm *g, const Panel *p, int rows, LV first);
void gemm_suspect(Gemm *g); /* says that a gradient may not be finite */

#endif
