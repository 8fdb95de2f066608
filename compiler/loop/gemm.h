/* SPDX-License-Identifier: MIT
 * gemm.h: what the files that make contractions share. Private to loop/.
 *
 * gemm.c makes the loops, gemm_panel.c those over panels, gemm_plan.c chooses tiles, blocks and what is packed, gemm_pack.c copies a
 * block of B to where tiles read it in one stream, gemm_tile.c is the code of one tile, gemm_rows.c says what its rows are,
 * gemm_taps.c is the code of tiles whose rows share elements of A, gemm_inside.c leaves out zeros and what is masked, gemm_turn.c
 * exchanges the operands where vectors along rows are fuller, gemm_foresee.c asks for what is read later, gemm_epilogue.c is what becomes
 * of the sums, gemm_totals.c gives the totals of long sums their places, gemm_thin.c has contractions of one row, gemm_pairs.c has the sums
 * of products of bf16, gemm_amx*.c those where the machine multiplies tiles of it. */
#ifndef NNC_LOOP_GEMM_H
#define NNC_LOOP_GEMM_H

#include "loop/segment.h"

enum { MAX_ROWS = 14, MAX_VECTORS = 24 }; /* of a tile */
enum { MOST_TILE = 32 };                 /* accumulators: less than registers */
enum { MAX_TAPS = 8 };                  /* iterations of the last K axis that are done together */
enum { LINE_ROWS = 96 };                /* rows of A that are copied together: whole lines of the cache, and whole tiles */
enum { UNROLLED_K = MAX_TAPS };         /* iterations of the last K axis without a loop */
enum { OPERAND_BLOCK = 32 };             /* products of bf16 that are added before their sum is */
enum { ONE_SEGMENT = -1 };               /* as a block of K, where its iterations are known at run time only */

typedef struct Panel { /* vectors of N that a tile covers */
    int n, off[MAX_VECTORS], lanes[MAX_VECTORS];
    LV mask[MAX_VECTORS];
    LV start, columns; /* first column, number of them */
} Panel;

/* What is chosen for a contraction (gemm_plan.c). */
typedef struct GemmPlan {
    int vectors, rows; /* of a full tile */
    int64_t k_block;   /* iterations of the first K axis that a block has; 0: all */
    int most_rows;     /* that a tile may have, where A varies along the vectors */
    int taps;          /* iterations of the last K axis that are done together there */
    int64_t columns;   /* of B that a block has: whole panels; 0: all */
    bool pack_b;       /* a block of B is copied into panels, if there are `least_rows` to use it; else B is read in place */
    bool transposes;   /* B is contiguous along K: it is packed by squares */
    int64_t least_rows;
    bool pack_a;       /* rows of A, which lie side by side, are copied some at a time */
    bool next_rows;    /* a tile asks for what the next one reads of A */
    int64_t ahead;     /* iterations of the last K axis from what a tile multiplies to what it asks for; 0: it does not */
    bool any_end;      /* the columns of a call may begin and end within a panel */
} GemmPlan;

/* Where an operand's elements are for the tiles: of the first element of K and of bytes by iteration of each K axis. */
typedef struct Operand {
    LV start, step[MAX_AXES];
    uint8_t mem;
} Operand;

/* Operands that have changed places, and the copy of lines that vectors are read from (gemm_turn.c). */
typedef struct GemmTurn {
    bool on;
    int64_t channels, pixels, pitch; /* of a line: [channels][pitch] */
    int64_t line_bytes, pixel_bytes; /* of the copy; from one pixel of the original to the next */
    int64_t unit, step, taps;        /* elements from line to line of the original; lines from row to row; lines that a row reads */
    int64_t above, before;           /* lines and pixels that taps reach back */
    int64_t rows, bytes;             /* whose lines are packed at a time; memory for them */
    int64_t along[MAX_AXES], lines[MAX_AXES]; /* pixels, lines to the next tap; by number of the K axis */
} GemmTurn;

typedef struct Gemm {
    Gen e;
    int outer[MAX_AXES], n_outer; /* batch and outer N axes */
    int rows[MAX_AXES], n_rows;   /* outer M axes */
    int k[MAX_AXES], n_k, m;      /* m: last M axis or -1 */
    int joint;                    /* M axes, the last ones, all of whose indices are the rows of one tile (gemm_rows.c); else 1 */
    bool paired;                  /* a tile has all rows of two indices of the M axis around it, from its counter on (gemm_rows.c) */
    bool beside;                  /* A varies along the vector axis, too: its elements lie side by side */
    bool pairs;                   /* the operands are rounded to bf16, which has its own order of products (gemm_pairs.c) */
    LoopType type;
    uint32_t acc; /* X_acc node + 1 */
    bool *want, row_pass; /* row_pass: a costly epilogue */
    VEC(uint32_t) store;
    int64_t m_extent, n_extent; /* constant or -1; rows: of the joint axes */
    GemmPlan plan;
    GemmTurn turn;
    LV turned_row;          /* counted from the first one whose lines are packed */
    LV k_lo, k_hi;          /* the block of the first K axis */
    LV is_first, is_last;   /* masks: the first, the last block; 0: there is one */
    LV c_lo, c_hi;          /* the block of columns */
    LV p_lo, p_hi;          /* those of it that panels are made for, from the first column of a panel on */
    bool banded;            /* which are not all, because of a band */
    LV k_count;             /* elements of K in a block, where something is packed */
    LV packs;               /* mask: a block of B is packed; 0: always, where the plan packs */
    LV packed;              /* memory for it */
    LV lines, first_line;   /* memory for rows of A that are copied, the first of them; 0: A is read in place */
    LV kept, first_kept;    /* memory for the sums of some rows of a block of columns; the first of them */
    bool thin;              /* where there is one row, it goes by gemm_thin.c */
    LV thin_sums;           /* memory for it */
    struct {
        bool on;
        LV rows, columns; /* memory for operands as tiles have them: 32 rows of A, a block of B */
    } amx;
    Segments segments;
    LV chains, totals; /* memory for the sums of a tile and for their totals, with blocks of K for all totals */
    LV row_of[MAX_AXES], counter[MAX_AXES]; /* strides of the latter, elements; counters of the loops outside of tiles */
} Gemm;

typedef struct Tile {
    int rows;
    bool offset; /* one more row of sums, of a row of zeros: what four bytes without a sign have too much (gemm_term.c) */
    LV first; /* row */
    const Panel *panel;
    Operand a, b;
    LV row_offset[MAX_ROWS]; /* bytes from the first row, 0: use row_imm */
    int64_t row_imm[MAX_ROWS];
    LV *acc; /* [rows + offset][panel->n] */
    LV next, next_step; /* A in rows that follow, and bytes of them that an iteration of K asks for; 0: none */
    Totals totals; /* if sums can be cut */
    int place[MAX_ROWS * MAX_VECTORS];
} Tile;

typedef void Inside(Gemm *g, int depth); /* what is inside of the loops down to a depth */
typedef void WithPanel(Gemm *g, const Panel *p, const void *user);

/* ---- gemm_panel.c ---- */
void gemm_each_panel(Gemm *g, WithPanel *act, const void *user); /* the panels of the block of columns, in order */
LV gemm_stride(Gemm *g, int rd, int axis);                       /* bytes */
uint8_t gemm_memory(const Gemm *g);                              /* type of the sums in memory */
LV gemm_smaller(LB *b, LV x, LV y);

/* ---- gemm_plan.c ---- */
void gemm_plan(Gemm *g);

/* ---- gemm_pack.c ---- */
void gemm_open_memory(Gemm *g, int64_t thin);    /* scratch memory, `thin` bytes of it or more; where the function begins */
void gemm_pack_block(Gemm *g);                   /* the block of columns and of K, if it is packed */
void gemm_pack_lines(Gemm *g, LV lo, LV hi);     /* rows lo .. hi - 1 of A in a block of K, LINE_ROWS or fewer */
Operand gemm_operand_a(Gemm *g, const Panel *p, LV first); /* of a tile whose first row this is */
Operand gemm_operand_b(Gemm *g, const Panel *p);

/* `columns` rows of `count` elements, `step` bytes apart, become columns, whose rows are `row` bytes apart. */
void gemm_transpose(Gemm *g, LV to, LV from, int64_t count, int64_t columns, int64_t step, int64_t row);
void gemm_transpose_square(LB *b, LV *row, int n); /* in registers */

/* ---- gemm_inside.c ---- */
/* Of iterations lo .. hi - 1 of a K axis those that operands have no zeros for. */
void gemm_inside(Gemm *g, const Tile *t, int axis, LV *lo, LV *hi);
void gemm_all_panels(Gemm *g);                         /* of the block of columns */
void gemm_begin_band(Gemm *g, LV first, LV last);      /* what follows is for these rows: panels that meet the band */
void gemm_end_band(Gemm *g, LV first, LV last);        /* constants for the columns without panels; then all panels again */

/* ---- gemm_turn.c ---- */
/* A kernel with the same results whose rows and columns have changed places, if that fills vectors that are half empty; else NULL. */
const Kernel *gemm_turned(LoopModule *m, KProgram *p, const Kernel *k, GemmTurn *turn);
void gemm_turned_rows(Gemm *g, int depth, Inside *inside);     /* the loop over the last outer axis, or over none */
Operand gemm_turned_operand(Gemm *g, const Panel *p);
void gemm_turned_finish(Gemm *g, const Tile *t, LV first);

/* ---- gemm_epilogue.c ---- */
void gemm_store_values(Gemm *g, LV acc);                       /* all stores of the point, of what follows from a sum */
int64_t gemm_kept_bytes(const Gemm *g);                        /* of memory for rows whose epilogue is a pass of its own */
int64_t gemm_kept_row_bytes(const Gemm *g);
LV gemm_kept_place(Gemm *g, LV row, LV column);
void gemm_finish_tile(Gemm *g, const Tile *t, LV first);       /* the epilogue, or the sums are kept for it */
void gemm_finish_rows(Gemm *g, LV lo, LV hi);                  /* the pass, of rows whose tiles are done */

/* ---- gemm_foresee.c ---- */
void gemm_foresee(Gemm *g, Tile *t, LV first);                  /* what is read when the sums are there, while they are made */
void gemm_foresee_terms(Gemm *g, const Tile *t, LV pa, LV pb); /* of both operands, `ahead` iterations later */

/* ---- gemm_totals.c ---- */
void gemm_begin_totals(Gemm *g, Tile *t, LV first); /* of a tile whose first row this is: their places; there they become 0 */
void gemm_end_totals(Gemm *g, const Tile *t);       /* the sums of a tile from them */
void gemm_open_totals(Gemm *g);                     /* memory; where the function begins */
LV gemm_totals_place(Gemm *g, LV row, LV column);   /* with blocks of K: of a sum, at the indices of the loops outside */

/* ---- gemm_rows.c ---- */
void gemm_join_rows(Gemm *g);                  /* decides on it; behind the plan */
bool gemm_can_pair(const Gemm *g);             /* tiles of two indices of the last axis around them? */
void gemm_enter_row(Gemm *g, LV first, int r); /* row r of a tile whose first one is `first` */
void gemm_place_rows(Gemm *g, Tile *t);        /* in A, from the first one on */

/* ---- gemm_term.c ---- */
bool gemm_has_offset(const Gemm *g);
bool gemm_by_words(const Gemm *g); /* four bytes at a time by a processor without vectors */
void gemm_subtract_offset(Gemm *g, const Tile *t);
int gemm_sums(const Tile *t);
void gemm_load_a(Gemm *g, const Tile *t, LV pa, int64_t place, LV *x); /* the vectors of a row */
LV gemm_load_b(Gemm *g, const Tile *t, int v, LV pb);                  /* vector v of a row of B */
LV gemm_multiply_add(Gemm *g, LV x, LV y, LV acc);
LV gemm_at_index(Gemm *g, LV p, LV i, LV step);
void gemm_zero_sums(Gemm *g, const Tile *t);
void gemm_rank_one(Gemm *g, Tile *t, LV pa, LV pb);   /* adds the products of what pa and pb point to */
void gemm_term(Gemm *g, Tile *t, LV i, LV pa, LV pb); /* at an index of the last K axis */

/* ---- gemm_taps.c ---- */
bool gemm_has_taps(const Gemm *g, const Tile *t);         /* are all places in A constants? */
void gemm_taps(Gemm *g, Tile *t, int taps, LV pa, LV pb); /* the terms of so many iterations of the last K axis */

/* ---- gemm_pairs.c ---- */
/* Adds the products lo .. hi - 1 of the last K axis, and of those before up to a multiple of 32, which are 0. */
void gemm_pairs(Gemm *g, Tile *t, LV lo, LV hi, LV pa, LV pb);

/* ---- gemm_amx_plan.c gemm_amx_pack.c gemm_amx.c ---- */
bool gemm_amx_plan(Gemm *g);            /* is it for tiles of AMX? Then with the plan */
void gemm_amx_open(Gemm *g);            /* memory; where the function begins */
void gemm_amx_pack_columns(Gemm *g);    /* the block of columns and of K */
void gemm_amx_rows(Gemm *g);            /* of the last M axis, all of them in this call */

/* ---- gemm_tile.c ---- */
/* Rows first .. first + rows - 1 of the columns of a panel: the sums, and what the kernel makes of each. */
void gemm_tile(Gemm *g, const Panel *p, int rows, LV first);
/* Adds the products lo .. hi - 1 of the one K axis to the sums of one row. */
void gemm_stretch(Gemm *g, const Panel *p, LV row, LV lo, LV hi, LV *acc);

/* ---- gemm_thin.c ---- */
bool gemm_can_be_thin(const Gemm *g);     /* can there be one row, which has a stream of B to read? */
int64_t gemm_thin_bytes(const Gemm *g);   /* of memory */
void gemm_thin_rows(Gemm *whole);         /* the rows of a call, one by one */

#endif
