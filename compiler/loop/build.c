/* SPDX-License-Identifier: MIT
 * build.c: constructors of loop IR instructions.
 *
 * Each infers the type and the lanes of its result and checks its operands (BUG on a violation).
 * Scalar integer arithmetic on constants is folded here, so that address code of constant sizes is
 * readable in dumps; everything else is left to LLVM. A value must be used only where its
 * instruction dominates: constants are cheap, make new ones. */
#include "loop/loop.h"

#include <string.h>

uint32_t loop_levels(const LoopModule *m)
{
    return m->n_levels ? m->n_levels : 1;
}

void loop_for(LoopModule *m, uint32_t level)
{
    if (m->n_levels) m->target = m->level[level];
}

int loop_lanes(const LoopModule *m, int bytes)
{
    return m->target.vector_bytes > bytes ? m->target.vector_bytes / bytes : 1;
}

const LoopTarget *loop_target(const LoopModule *m, const LoopFn *f)
{
    return m->n_levels ? &m->level[f->level] : &m->target;
}

const char *loop_name(const LoopModule *m, const char *name)
{
    return m->target.suffix ? arena_print(m->arena, "%s%s", name, m->target.suffix) : name;
}

LoopFn *loop_fn_new(LoopModule *m, const char *name, const uint8_t *params, int n_params, LoopType result)
{
    LoopFn *f = ARENA_NEW(m->arena, LoopFn);
    if (n_params > LOOP_MAX_PARAMS) BUG("loop function %s has %d parameters", name, n_params);
    f->name = name;
    f->n_params = (uint8_t)n_params;
    if (n_params) memcpy(f->params, params, (size_t)n_params);
    f->result = (uint8_t)result;
    f->level = m->target.level;
    vec_add(m->arena, &f->ins, (LIns){0});
    vec_add(m->arena, &m->fn, f);
    return f;
}

static LIns *get(const LB *b, LV v)
{
    if (v == 0 || v >= b->f->ins.n) BUG("loop function %s: no value %u", b->f->name, v);
    return &b->f->ins.at[v];
}

LoopType l_type(const LB *b, LV v)
{
    return (LoopType)get(b, v)->type;
}

int l_lanes(const LB *b, LV v)
{
    return get(b, v)->lanes;
}

LV l_label(LB *b, LV v, const char *label)
{
    get(b, v)->label = label;
    return v;
}

static LV add(LB *b, LIns ins, const LV *args, int n)
{
    LoopFn *f = b->f;
    ins.arg = f->arg.n;
    ins.n_arg = (uint32_t)n;
    for (int i = 0; i < n; i++)
        vec_add(b->m->arena, &f->arg, args[i]);
    vec_add(b->m->arena, &f->ins, ins);
    return f->ins.n - 1;
}

static LIns ins_new(LoopOp op, LoopType type, int lanes)
{
    return (LIns){.op = (uint8_t)op, .type = (uint8_t)type, .lanes = (uint8_t)lanes};
}

static bool is_int(LoopType t)
{
    return t == LT_i32 || t == LT_i64;
}

bool l_is_float(LoopType t)
{
    return t == LT_f32 || t == LT_f64;
}

static void want(const LB *b, bool ok, const char *what, LV v)
{
    if (!ok)
        BUG("loop function %s: %s (value %u, type %u, lanes %u)", b->f->name, what, v, v ? get(b, v)->type : 0, v ? get(b, v)->lanes : 0);
}

static void want_mask(const LB *b, LV mask, int lanes)
{
    if (mask) want(b, l_type(b, mask) == LT_mask && l_lanes(b, mask) == lanes, "a mask of the same lanes is wanted", mask);
}

bool l_is_int(const LB *b, LV v, int64_t *value)
{
    const LIns *i = get(b, v);
    if (i->op == L_splat) return l_is_int(b, b->f->arg.at[i->arg], value);
    if (i->op != L_iconst) return false;
    if (value) *value = i->imm;
    return true;
}

bool l_is_multiple(const LB *b, LV v, int64_t of, LV known)
{
    const LIns *i = get(b, v);
    const LV *in = b->f->arg.at + i->arg;
    switch (i->op) {
    case L_iconst: return i->imm % of == 0;
    case L_iadd:
    case L_isub: return l_is_multiple(b, in[0], of, known) && l_is_multiple(b, in[1], of, known);
    case L_imul:
    case L_and: return l_is_multiple(b, in[0], of, known) || l_is_multiple(b, in[1], of, known);
    case L_loop: return l_is_multiple(b, in[0], of, known) && l_is_multiple(b, in[2], of, known);
    default: return v == known;
    }
}

LV l_arg(LB *b, int i)
{
    want(b, i < b->f->n_params, "no such parameter", 0);
    LIns ins = ins_new(L_arg, (LoopType)b->f->params[i], 1);
    ins.imm = i;
    return add(b, ins, NULL, 0);
}

LV l_int(LB *b, LoopType type, int lanes, int64_t value)
{
    LIns ins = ins_new(L_iconst, type, lanes);
    want(b, is_int(type) || type == LT_mask, "an integer type is wanted", 0);
    ins.imm = type == LT_i32 ? (int32_t)value : value;
    return add(b, ins, NULL, 0);
}

LV l_i64(LB *b, int64_t value)
{
    return l_int(b, LT_i64, 1, value);
}

LV l_float(LB *b, LoopType type, int lanes, double value)
{
    LIns ins = ins_new(L_fconst, type, lanes);
    want(b, l_is_float(type), "a float type is wanted", 0);
    ins.fimm = value;
    return add(b, ins, NULL, 0);
}

LV l_lane(LB *b, LoopType type, int lanes)
{
    want(b, is_int(type), "lane numbers are integers", 0);
    if (lanes == 1) return l_int(b, type, 1, 0);
    return add(b, ins_new(L_lane, type, lanes), NULL, 0);
}

LV l_splat(LB *b, LV a, int lanes)
{
    if (l_lanes(b, a) == lanes) return a;
    want(b, l_lanes(b, a) == 1, "only a scalar can be spread", a);
    const LIns *i = get(b, a);
    if (i->op == L_iconst || i->op == L_fconst) { /* a constant has any lanes */
        LIns c = *i;
        c.lanes = (uint8_t)lanes;
        return add(b, c, NULL, 0);
    }
    return add(b, ins_new(L_splat, l_type(b, a), lanes), &a, 1);
}

LV l_half(LB *b, LV a, int which)
{
    int lanes = l_lanes(b, a);
    want(b, lanes >= 2 && lanes % 2 == 0, "lanes cannot be halved", a);
    LIns ins = ins_new(L_half, l_type(b, a), lanes / 2);
    ins.imm = which;
    return add(b, ins, &a, 1);
}

LV l_zip(LB *b, LV x, LV y, int which)
{
    int lanes = l_lanes(b, x);
    want(b, l_type(b, x) == l_type(b, y) && l_lanes(b, y) == lanes && lanes >= 2, "operands of zip", y);
    LIns ins = ins_new(L_zip, l_type(b, x), lanes);
    ins.imm = which;
    LV args[2] = {x, y};
    return add(b, ins, args, 2);
}

LV l_back(LB *b, LV x)
{
    want(b, l_lanes(b, x) % 4 == 0, "lanes come in fours", x);
    return add(b, ins_new(L_back, l_type(b, x), l_lanes(b, x)), &x, 1);
}

LV l_pairs(LB *b, LV x, LV y)
{
    want(b, l_type(b, x) == LT_f32 && l_type(b, y) == LT_f32 && l_lanes(b, x) == l_lanes(b, y), "operands of pairs", y);
    LV args[2] = {x, y};
    return add(b, ins_new(L_pairs, LT_i32, l_lanes(b, x)), args, 2);
}

static void amx(LB *b, LoopOp op, int64_t imm, const LV *args, int n)
{
    LIns ins = ins_new(op, LT_void, 1);
    ins.imm = imm;
    add(b, ins, args, n);
}

void l_amx_open(LB *b)
{
    amx(b, L_amx_open, 0, NULL, 0);
}

void l_amx_close(LB *b)
{
    amx(b, L_amx_close, 0, NULL, 0);
}

void l_amx_zero(LB *b, int tile)
{
    amx(b, L_amx_zero, tile, NULL, 0);
}

static void amx_memory(LB *b, LoopOp op, int tile, LV p, LV row_bytes)
{
    want(b, l_type(b, p) == LT_ptr && l_type(b, row_bytes) == LT_i64, "pointer and bytes of a row", p);
    LV args[2] = {p, row_bytes};
    amx(b, op, tile, args, 2);
}

void l_amx_load(LB *b, int tile, LV p, LV row_bytes)
{
    amx_memory(b, L_amx_load, tile, p, row_bytes);
}

void l_amx_store(LB *b, int tile, LV p, LV row_bytes)
{
    amx_memory(b, L_amx_store, tile, p, row_bytes);
}

void l_amx_add(LB *b, int sums, int rows, int columns)
{
    amx(b, L_amx_add, (sums * AMX_REGISTERS + rows) * AMX_REGISTERS + columns, NULL, 0);
}

/* The value of x op y for scalar constants, and the cases that leave one operand. */
static LV fold(LB *b, LoopOp op, LV x, LV y)
{
    int64_t p = 0, q = 0;
    bool px = l_is_int(b, x, &p), qy = l_is_int(b, y, &q);
    LoopType t = l_type(b, x);
    if (t == LT_mask || l_lanes(b, x) != 1) return 0;
    if (px && qy) {
        uint64_t u = (uint64_t)p, v = (uint64_t)q;
        if (op == L_iadd) return l_int(b, t, 1, (int64_t)(u + v));
        if (op == L_isub) return l_int(b, t, 1, (int64_t)(u - v));
        if (op == L_imul) return l_int(b, t, 1, (int64_t)(u * v));
    }
    if ((op == L_iadd || op == L_isub) && qy && q == 0) return x;
    if (op == L_iadd && px && p == 0) return y;
    if (op == L_imul && ((px && p == 0) || (qy && q == 0))) return l_int(b, t, 1, 0);
    if (op == L_imul && px && p == 1) return y;
    if ((op == L_imul || op == L_ifdiv) && qy && q == 1) return x;
    return 0;
}

LV l_bin(LB *b, LoopOp op, LV x, LV y)
{
    LoopType t = l_type(b, x);
    want(b, l_type(b, y) == t && l_lanes(b, y) == l_lanes(b, x), "operands of different types", y);
    bool fp = op >= L_fadd && op <= L_fdiv, logic = op == L_and || op == L_or || op == L_xor;
    want(b, fp || (op >= L_iadd && op <= L_umulhi), "not a binary operation", x);
    want(b, fp ? l_is_float(t) : is_int(t) || (logic && t == LT_mask), "wrong operand type", x);
    want(b, op != L_umulhi || t == LT_i32, "umulhi is of i32", x);
    LV folded = fp ? 0 : fold(b, op, x, y);
    LV args[2] = {x, y};
    return folded ? folded : add(b, ins_new(op, t, l_lanes(b, x)), args, 2);
}

LV l_un(LB *b, LoopOp op, LV x)
{
    LoopType t = l_type(b, x);
    if (op == L_not)
        want(b, t == LT_mask, "not is of masks", x);
    else
        want(b, op >= L_fneg && op <= L_fsqrt && l_is_float(t), "not a unary operation", x);
    return add(b, ins_new(op, t, l_lanes(b, x)), &x, 1);
}

LV l_cmp(LB *b, LoopPred pred, LV x, LV y)
{
    LoopType t = l_type(b, x);
    want(b, l_type(b, y) == t && l_lanes(b, y) == l_lanes(b, x), "operands of different types", y);
    want(b, is_int(t) || l_is_float(t), "wrong operand type", x);
    LIns ins = ins_new(l_is_float(t) ? L_fcmp : L_icmp, LT_mask, l_lanes(b, x));
    ins.imm = pred;
    LV args[2] = {x, y};
    return add(b, ins, args, 2);
}

LV l_sel(LB *b, LV mask, LV x, LV y)
{
    LoopType t = l_type(b, x);
    want(b, l_type(b, y) == t && l_lanes(b, y) == l_lanes(b, x), "operands of different types", y);
    want_mask(b, mask, l_lanes(b, x));
    LV args[3] = {mask, x, y};
    return add(b, ins_new(L_sel, t, l_lanes(b, x)), args, 3);
}

LV l_fma(LB *b, LV x, LV y, LV z)
{
    if (b->m->target.strict || !b->m->target.fma) return l_bin(b, L_fadd, l_bin(b, L_fmul, x, y), z);
    LoopType t = l_type(b, x);
    int n = l_lanes(b, x);
    want(b, l_is_float(t) && l_type(b, y) == t && l_type(b, z) == t && l_lanes(b, y) == n && l_lanes(b, z) == n, "operands of fma", x);
    LV args[3] = {x, y, z};
    return add(b, ins_new(L_fma, t, n), args, 3);
}

LV l_dot4(LB *b, LV x, LV y, LV z, bool x_is_signed)
{
    int n = l_lanes(b, x);
    bool good = l_type(b, x) == LT_i32 && l_type(b, y) == LT_i32 && l_type(b, z) == LT_i32;
    want(b, good && l_lanes(b, y) == n && l_lanes(b, z) == n, "operands of dot4", x);
    LIns ins = ins_new(L_dot4, LT_i32, n);
    ins.imm = x_is_signed;
    LV args[3] = {x, y, z};
    return add(b, ins, args, 3);
}

LV l_cvt(LB *b, LV x, LoopType to)
{
    if (l_type(b, x) == to) return x;
    want(b, l_type(b, x) != LT_ptr && l_type(b, x) != LT_void && to != LT_ptr && to != LT_void, "cvt of a pointer", x);
    return add(b, ins_new(L_cvt, to, l_lanes(b, x)), &x, 1);
}

LV l_bitcast(LB *b, LV x, LoopType to)
{
    LoopType t = l_type(b, x);
    if (t == to) return x;
    bool w4 = (t == LT_f32 && to == LT_i32) || (t == LT_i32 && to == LT_f32);
    if (t == LT_i64 && to == LT_i32) return add(b, ins_new(L_bitcast, to, 2 * l_lanes(b, x)), &x, 1);
    if (t == LT_i32 && to == LT_i64 && l_lanes(b, x) % 2 == 0) return add(b, ins_new(L_bitcast, to, l_lanes(b, x) / 2), &x, 1);
    want(b, w4 || (t == LT_f64 && to == LT_i64) || (t == LT_i64 && to == LT_f64), "bitcast of other widths", x);
    return add(b, ins_new(L_bitcast, to, l_lanes(b, x)), &x, 1);
}

LV l_ptradd(LB *b, LV p, LV bytes, int64_t imm)
{
    want(b, l_type(b, p) == LT_ptr, "a pointer is wanted", p);
    int64_t value;
    if (bytes && l_is_int(b, bytes, &value)) {
        imm += value;
        bytes = 0;
    }
    if (!bytes && imm == 0) return p;
    if (!bytes) bytes = l_i64(b, 0);
    want(b, l_type(b, bytes) == LT_i64 && l_lanes(b, bytes) == 1, "an offset is wanted", bytes);
    LIns ins = ins_new(L_ptradd, LT_ptr, 1);
    ins.imm = imm;
    LV args[2] = {p, bytes};
    return add(b, ins, args, 2);
}

static LoopType loaded_type(uint8_t mem)
{
    static const uint8_t type[DT_COUNT + 1] = {
        [DT_bool] = LT_mask, [DT_i32] = LT_i32, [DT_i64] = LT_i64, [DT_f32] = LT_f32,  [DT_f64] = LT_f64,
        [DT_u8] = LT_i32,    [DT_i8] = LT_i32,  [DT_f16] = LT_f32, [DT_bf16] = LT_f32, [DT_wide16] = LT_f32};
    if (mem == DT_COUNT) return LT_ptr;
    if (mem > DT_COUNT) BUG("no memory type %u", mem);
    return (LoopType)type[mem];
}

static LIns memory(LoopOp op, uint8_t mem, int lanes)
{
    bool store = op == L_st || op == L_ststride;
    LIns ins = ins_new(op, store ? LT_void : loaded_type(mem), store ? 1 : lanes);
    ins.mem = mem;
    return ins;
}

LV l_load(LB *b, LV p, int64_t imm, uint8_t mem, int lanes, LV mask)
{
    want(b, l_type(b, p) == LT_ptr, "a pointer is wanted", p);
    want_mask(b, mask, lanes);
    LIns ins = memory(L_ld, mem, lanes);
    ins.imm = imm;
    LV args[2] = {p, mask};
    return add(b, ins, args, 2);
}

LV l_load_word(LB *b, LV p, int64_t imm)
{
    want(b, l_type(b, p) == LT_ptr, "a pointer is wanted", p);
    LIns ins = memory(L_ld, DT_i32, 1);
    ins.imm = imm;
    ins.fimm = 1; /* its alignment */
    return add(b, ins, &p, 1);
}

LV l_load_ptr(LB *b, LV p, int64_t imm)
{
    return l_load(b, p, imm, DT_COUNT, 1, 0);
}

LV l_load_base(LB *b, LV bases, int64_t index)
{
    return l_load_ptr(b, bases, index * b->m->target.pointer_bytes);
}

void l_store(LB *b, LV p, int64_t imm, uint8_t mem, LV value, LV mask)
{
    want(b, l_type(b, p) == LT_ptr, "a pointer is wanted", p);
    want(b, l_type(b, value) == loaded_type(mem), "stored value of another type", value);
    want_mask(b, mask, l_lanes(b, value));
    LIns ins = memory(L_st, mem, 1);
    ins.imm = imm;
    LV args[3] = {p, value, mask};
    add(b, ins, args, 3);
}

LV l_loadstride(LB *b, LV p, LV stride, uint8_t mem, int lanes, LV mask)
{
    want(b, l_type(b, p) == LT_ptr && l_type(b, stride) == LT_i64 && l_lanes(b, stride) == 1, "pointer and stride", p);
    want_mask(b, mask, lanes);
    LV args[3] = {p, stride, mask};
    return add(b, memory(L_ldstride, mem, lanes), args, 3);
}

void l_storestride(LB *b, LV p, LV stride, uint8_t mem, LV value, LV mask)
{
    want(b, l_type(b, p) == LT_ptr && l_type(b, stride) == LT_i64 && l_lanes(b, stride) == 1, "pointer and stride", p);
    want(b, l_type(b, value) == loaded_type(mem), "stored value of another type", value);
    want_mask(b, mask, l_lanes(b, value));
    LV args[4] = {p, stride, value, mask};
    add(b, memory(L_ststride, mem, 1), args, 4);
}

void l_prefetch(LB *b, LV p)
{
    want(b, l_type(b, p) == LT_ptr, "a pointer is wanted", p);
    add(b, ins_new(L_prefetch, LT_void, 1), &p, 1);
}

LV l_gather(LB *b, LV p, LV offsets, uint8_t mem, LV mask)
{
    int lanes = l_lanes(b, offsets);
    want(b, l_type(b, p) == LT_ptr && l_type(b, offsets) == LT_i64, "pointer and offsets", p);
    want_mask(b, mask, lanes);
    LV args[3] = {p, offsets, mask};
    return add(b, memory(L_ldgather, mem, lanes), args, 3);
}

LV l_maskn(LB *b, LV n, int lanes)
{
    want(b, l_type(b, n) == LT_i64 && l_lanes(b, n) == 1, "a count is wanted", n);
    LIns ins = ins_new(L_maskn, LT_mask, lanes);
    l_is_int(b, n, &ins.imm);
    return add(b, ins, &n, 1);
}

LV l_any(LB *b, LV mask)
{
    want_mask(b, mask, l_lanes(b, mask));
    return l_lanes(b, mask) == 1 ? mask : add(b, ins_new(L_any, LT_mask, 1), &mask, 1);
}

LV l_loop(LB *b, LV lo, LV hi, LV step, const LV *carried, int n)
{
    LV head[3] = {lo, hi, step};
    for (int i = 0; i < 3; i++)
        want(b, l_type(b, head[i]) == LT_i64 && l_lanes(b, head[i]) == 1, "loop bounds are i64", head[i]);
    LV *args = ARENA_ARRAY(b->m->arena, LV, n + 3);
    memcpy(args, head, sizeof head);
    for (int i = 0; i < n; i++)
        args[i + 3] = carried[i];
    return add(b, ins_new(L_loop, LT_i64, 1), args, n + 3);
}

static LV carried(LB *b, LoopOp op, LV loop, int i)
{
    const LIns *l = get(b, loop);
    want(b, l->op == L_loop && i >= 0 && (uint32_t)i + 3 < l->n_arg, "no such carried value", loop);
    LV start = b->f->arg.at[l->arg + 3 + (uint32_t)i];
    LIns ins = ins_new(op, l_type(b, start), l_lanes(b, start));
    ins.imm = i;
    return add(b, ins, &loop, 1);
}

LV l_carried(LB *b, LV loop, int i)
{
    return carried(b, L_carried, loop, i);
}

LV l_result(LB *b, LV loop, int i)
{
    return carried(b, L_result, loop, i);
}

void l_yield(LB *b, LV loop, const LV *next, int n)
{
    const LIns *l = get(b, loop);
    want(b, l->op == L_loop && l->n_arg == (uint32_t)n + 3, "yield of another count", loop);
    for (int i = 0; i < n; i++) {
        LV start = b->f->arg.at[get(b, loop)->arg + 3 + (uint32_t)i];
        want(b, l_type(b, start) == l_type(b, next[i]) && l_lanes(b, start) == l_lanes(b, next[i]), "yield of another type", next[i]);
    }
    add(b, ins_new(L_yield, LT_void, 1), next, n);
    add(b, ins_new(L_end, LT_void, 1), &loop, 1);
}

LV l_if(LB *b, LV cond)
{
    want_mask(b, cond, 1);
    return add(b, ins_new(L_if, LT_void, 1), &cond, 1);
}

void l_else(LB *b, LV if_)
{
    want(b, get(b, if_)->op == L_if, "else of no if", if_);
    add(b, ins_new(L_else, LT_void, 1), &if_, 1);
}

void l_end(LB *b, LV if_)
{
    want(b, get(b, if_)->op == L_if, "end of no if", if_);
    add(b, ins_new(L_end, LT_void, 1), &if_, 1);
}

LV l_call(LB *b, const char *name, LoopType result, const LV *args, int n)
{
    LIns ins = ins_new(L_call, result, 1);
    ins.name = name;
    return add(b, ins, args, n);
}

void l_ret(LB *b, LV value)
{
    want(b, value ? l_type(b, value) == (LoopType)b->f->result : b->f->result == LT_void, "wrong result type", value);
    add(b, ins_new(L_ret, LT_void, 1), &value, 1);
}

LV l_alloca(LB *b, int64_t bytes)
{
    LIns ins = ins_new(L_alloca, LT_ptr, 1);
    ins.imm = bytes;
    return add(b, ins, NULL, 0);
}

LV l_global(LB *b, const char *name)
{
    LIns ins = ins_new(L_global, LT_ptr, 1);
    ins.name = name;
    return add(b, ins, NULL, 0);
}
