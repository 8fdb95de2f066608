/* SPDX-License-Identifier: MIT
 * narrow.c: sizes, counters and indices as integers of 32 bits, where addresses have no more and code is to be small.
 *
 *   before:  %7:i64 = ld i64 table + 8;  %8:i64 = loop 0 %7 1;  %9:i64 = imul %8, 64     after: the same with i32
 *
 * No block of such a machine has 2 GB, so they fit. A function is changed as a whole, or not at all: where integers of 64 bits are
 * more than that (seeds, steps, bits of a double, the sums and products that the prologue tests) it stays as it is. Parameters keep
 * their types, and so do those of callees; codegen/ converts. */
#include "loop/loop.h"

/* Is it one of the sizes, or a counter, which are in memory as 64 bits? */
static bool reads_size(const LoopFn *f, const LIns *load)
{
    const LIns *from = &f->ins.at[f->arg.at[load->arg]];
    if (from->op == L_arg) return f->n_params == 2 ? from->imm == 1 : f->n_params == 4 && from->imm == 3; /* the counters of a kernel */
    if (from->op != L_ld || from->type != LT_ptr || from->imm != CTX_TABLE) return false;
    const LIns *ctx = &f->ins.at[f->arg.at[from->arg]];
    return ctx->op == L_arg && ctx->imm == 0;
}

static bool fits(int64_t value)
{
    return value >= INT32_MIN && value <= INT32_MAX;
}

/* Does it go to the table, in a prologue? */
static bool writes_size(const LoopFn *f, const LIns *store)
{
    const LIns *to = &f->ins.at[f->arg.at[store->arg]];
    return f->n_params == 2 && to->op == L_arg && to->imm == 0;
}

static bool can_narrow(const LoopFn *f, const LIns *i)
{
    LV first = i->n_arg ? f->arg.at[i->arg] : 0;
    uint8_t from = first ? f->ins.at[first].type : LT_void;
    bool stores = (i->op == L_st || i->op == L_ststride) && i->mem == DT_i64;
    if ((stores && !writes_size(f, i)) || (i->op == L_bitcast && from == LT_i64)) return false;
    if (i->type != LT_i64) return true;
    switch (i->op) {
    case L_arg:
    case L_lane:
    case L_splat:
    case L_iadd:
    case L_isub:
    case L_imul:
    case L_ifdiv:
    case L_and:
    case L_or:
    case L_shl:
    case L_lshr:
    case L_sel:
    case L_loop:
    case L_carried:
    case L_result: return true;
    case L_iconst: return fits(i->imm);
    case L_cvt: return from == LT_i32 || from == LT_mask;
    case L_ld: return i->mem == DT_i64 && reads_size(f, i);
    default: return false;
    }
}

static bool is_narrow(const LoopFn *f)
{
    for (uint32_t v = 1; v < f->ins.n; v++)
        if (!can_narrow(f, &f->ins.at[v])) return false;
    return f->result != LT_i64;
}

static void narrow(LoopFn *f)
{
    for (uint32_t v = 1; v < f->ins.n; v++) {
        LIns *i = &f->ins.at[v];
        if (i->type != LT_i64) continue;
        i->type = LT_i32;
        if (i->op == L_ld) i->mem = DT_i32; /* the lower half comes first */
    }
}

void loop_narrow(LoopModule *m)
{
    for (uint32_t i = 0; i < m->fn.n; i++) {
        const LoopTarget *target = loop_target(m, m->fn.at[i]);
        if (target->compact && target->pointer_bytes == 4 && is_narrow(m->fn.at[i])) narrow(m->fn.at[i]);
    }
}
