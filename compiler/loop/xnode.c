/* SPDX-License-Identifier: MIT
 * xnode.c: the expression nodes of a kernel as loop IR, evaluated at a Point.
 *
 * A node that does not vary with the vector axis is a scalar and is spread where a vector needs it.
 * Loads of vectors are contiguous, strided or gathers by the access's stride along the vector axis;
 * lanes that are off (the tail, outside of a box) are masked, so nothing past the end is ever read.
 */
#include "loop/lowering.h"

#include <math.h>

LoopType xnode_type(uint8_t dtype)
{
    return loop_type_of(dtype);
}

LV xnode_spread(Gen *e, LV v, int lanes)
{
    return l_splat(&e->b, v, lanes);
}

static LV constant(Gen *e, LoopType t, int lanes, double value)
{
    return l_is_float(t) ? l_float(&e->b, t, lanes, value) : l_int(&e->b, t, lanes, (int64_t)value);
}

/* The multiplication that addition x is fused with (node + 1), and which operand it is. */
static uint32_t fused(const Gen *e, uint32_t x, int *which)
{
    const XNode *n = &e->k->x.at[x];
    if (n->kind != X_op || !n->fma) return 0;
    *which = n->fma - 1;
    return n->in[*which];
}

int xnode_inputs(const Gen *e, uint32_t x, uint32_t in[6])
{
    const XNode *n = &e->k->x.at[x];
    int count = 0, which = 0;
    uint32_t mul = fused(e, x, &which);
    for (int i = 0; i < 4; i++)
        if (n->in[i] && n->in[i] != mul) in[count++] = n->in[i] - 1;
    if (mul) {
        in[count++] = e->k->x.at[mul - 1].in[0] - 1;
        in[count++] = e->k->x.at[mul - 1].in[1] - 1;
        if (n->in[0] == n->in[1]) /* a*b + a*b */
            in[count++] = mul - 1;
    }
    if (n->kind == X_ld && e->k->rd.at[n->access].index) in[count++] = e->k->rd.at[n->access].index - 1;
    if (n->kind == X_st && e->k->wr.at[n->access].index) in[count++] = e->k->wr.at[n->access].index - 1;
    return count;
}

void xnode_want(const Gen *e, uint32_t x, bool *want)
{
    if (want[x]) return;
    want[x] = true;
    if (e->at.memo[x]) return;
    uint32_t in[6];
    int n = xnode_inputs(e, x, in);
    for (int i = 0; i < n; i++)
        xnode_want(e, in[i], want);
}

void xnode_hoist(Gen *e, const bool *want)
{
    for (uint32_t x = 0; x < e->k->x.n; x++) {
        uint8_t kind = e->k->x.at[x].kind;
        bool ready = (e->deps[x] & ~e->at.bound) == 0 && e->pass[x] <= e->done;
        if (want[x] && !e->at.memo[x] && ready && kind != X_st && kind != X_reduce && kind != X_acc) xnode_eval(e, x);
    }
}

/* ---- boxes ---- */

/* Can the bound be passed at all? Most boxes of a padded access have sides that never are. */
static bool side_matters(const Gen *e, const struct AccessBox *box, bool upper)
{
    Dims *dims = e->dims;
    Dim extreme = box->off ? box->off : dim_const(dims, 0);
    for (int a = 0; a < e->k->n_axes; a++) {
        int64_t s;
        if (!gen_const(e, box->stride[a], &s)) return true;
        if (s != 0 && (s > 0) == upper)
            extreme = dim_add(dims, extreme, dim_mul(dims, box->stride[a], dim_sub(dims, e->k->axis[a], dim_const(dims, 1))));
    }
    int64_t slack;
    Dim limit = upper ? box->hi : box->lo;
    Dim room =
        upper ? dim_sub(dims, limit ? limit : dim_const(dims, 0), extreme) : dim_sub(dims, extreme, limit ? limit : dim_const(dims, 0));
    return !dim_is_const(dims, room, &slack) || slack < (upper ? 1 : 0);
}

static LV both(Gen *e, LV a, LV b)
{
    if (!a || !b) return a ? a : b;
    int lanes = l_lanes(&e->b, a) > l_lanes(&e->b, b) ? l_lanes(&e->b, a) : l_lanes(&e->b, b);
    return l_bin(&e->b, L_and, xnode_spread(e, a, lanes), xnode_spread(e, b, lanes));
}

/* lanes where v + lane * stride >= bound (below: < bound) */
static LV side_mask(Gen *e, LV v, LV bound, int64_t stride, bool known, LV stride_v, int lanes, bool below)
{
    LB *b = &e->b;
    if (lanes == 1 || (known && stride == 0)) return l_cmp(b, below ? LP_lt : LP_ge, v, bound);
    if (known && stride == 1) { /* lane < bound - v */
        LV first = l_maskn(b, l_bin(b, L_isub, bound, v), lanes);
        return below ? first : l_un(b, L_not, first);
    }
    if (known && stride == -1) { /* v - lane < bound  <=>  lane >= v - bound + 1 */
        LV first = l_maskn(b, l_bin(b, L_iadd, l_bin(b, L_isub, v, bound), l_i64(b, 1)), lanes);
        return below ? l_un(b, L_not, first) : first;
    }
    LV lane = l_bin(b, L_imul, l_lane(b, LT_i64, lanes), xnode_spread(e, stride_v, lanes));
    LV all = l_bin(b, L_iadd, xnode_spread(e, v, lanes), lane);
    return l_cmp(b, below ? LP_lt : LP_ge, all, xnode_spread(e, bound, lanes));
}

/* Where the access is valid: 0 everywhere, else a mask of 1 lane or of the vector's. */
static LV box_mask(Gen *e, const Access *a, uint32_t number)
{
    LV mask = 0;
    for (uint32_t i = 0; a->boxed && i < a->n_box; i++) {
        const struct AccessBox *box = &a->box[i];
        LV v = e->at.val[e->box_at[number] + i];
        Dim stride = e->vec >= 0 && (e->at.bound >> e->vec & 1) ? box->stride[e->vec] : 0;
        int64_t s = 0;
        bool known = gen_const(e, stride, &s);
        LV stride_v = known ? l_i64(&e->b, s) : gen_dim(e, stride);
        if (side_matters(e, box, false)) mask = both(e, mask, side_mask(e, v, gen_dim(e, box->lo), s, known, stride_v, e->at.lanes, false));
        if (side_matters(e, box, true)) mask = both(e, mask, side_mask(e, v, gen_dim(e, box->hi), s, known, stride_v, e->at.lanes, true));
    }
    return mask;
}

/* ---- memory ---- */

typedef struct Place {     /* how the lanes of an access lie */
    LV p, stride, offsets; /* stride: bytes between lanes; offsets: bytes by lane (a gather) */
    bool vector, contiguous;
    bool masked; /* the mask of the lanes is its own: it is for several, or for one of them */
} Place;

static Place place(Gen *e, const Access *a, LV p)
{
    LB *b = &e->b;
    Place r = {.p = p};
    int64_t bytes = dtype_bytes(e->p->buf.at[a->buf].dtype), s = 0;
    bool in = e->vec >= 0 && (e->at.bound >> e->vec & 1);
    Dim stride = in ? a->stride[e->vec] : 0;
    bool known = gen_const(e, stride, &s);
    r.masked = !(known && s == 0) || (a->index && e->at.lanes == 1);
    r.vector = e->at.lanes > 1 && r.masked;
    r.contiguous = known && s == 1;
    r.stride = l_bin(b, L_imul, known ? l_i64(b, s) : gen_dim(e, stride), l_i64(b, bytes));
    if (!a->index) return r;
    LV step = l_bin(b, L_imul, gen_dim(e, a->index_stride), l_i64(b, bytes));
    LV index = l_cvt(b, xnode_eval(e, a->index - 1), LT_i64);
    int lanes = l_lanes(b, index);
    LV offset = l_bin(b, L_imul, index, xnode_spread(e, step, lanes));
    if (lanes == 1) {
        r.p = l_ptradd(b, p, offset, 0);
        return r;
    }
    LV lane = l_bin(b, L_imul, l_lane(b, LT_i64, lanes), xnode_spread(e, r.stride, lanes));
    r.offsets = r.vector ? l_bin(b, L_iadd, offset, lane) : offset;
    r.vector = r.masked = true;
    return r;
}

static LV load_lanes(Gen *e, const Place *r, uint8_t mem, LV mask)
{
    LB *b = &e->b;
    int lanes = r->vector ? e->at.lanes : 1;
    if (mask) mask = xnode_spread(e, mask, lanes);
    if (r->offsets) return l_gather(b, r->p, r->offsets, mem, mask);
    if (lanes == 1 || r->contiguous) return l_load(b, r->p, 0, mem, lanes, mask);
    return l_loadstride(b, r->p, r->stride, mem, lanes, mask);
}

static LV load(Gen *e, const XNode *x)
{
    LB *b = &e->b;
    const Access *a = &e->k->rd.at[x->access];
    uint8_t mem = e->p->buf.at[a->buf].dtype;
    Place r = place(e, a, e->at.val[x->access]);
    LV valid = box_mask(e, a, x->access), one = valid;
    bool widen = valid && l_lanes(b, valid) > 1 && !r.vector; /* one element, but valid for some lanes only */
    if (widen) one = l_any(b, both(e, valid, e->at.mask));
    LV v = load_lanes(e, &r, mem, r.masked ? both(e, one, e->at.mask) : one);
    if (valid && (a->fill != 0 || widen)) {
        int lanes = widen ? e->at.lanes : l_lanes(b, v);
        LV fill = constant(e, l_type(b, v), lanes, a->fill);
        v = l_sel(b, xnode_spread(e, valid, lanes), xnode_spread(e, v, lanes), fill);
    }
    return l_cvt(b, v, xnode_type(x->dtype));
}

LV xnode_store_value(Gen *e, uint32_t x)
{
    const XNode *n = &e->k->x.at[x];
    uint8_t mem = e->p->buf.at[e->k->wr.at[n->access].buf].dtype;
    return l_cvt(&e->b, xnode_eval(e, n->in[0] - 1), xnode_type(mem));
}

void xnode_store(Gen *e, uint32_t x, LV value)
{
    LB *b = &e->b;
    const XNode *n = &e->k->x.at[x];
    const Access *a = &e->k->wr.at[n->access];
    uint8_t mem = e->p->buf.at[a->buf].dtype;
    if (a->index) BUG("kernel %s: an indexed store", e->k->name);
    Place r = place(e, a, e->at.val[e->wr_at + n->access]);
    LV mask = both(e, box_mask(e, a, e->k->rd.n + n->access), r.masked ? e->at.mask : 0);
    int lanes = r.vector ? e->at.lanes : 1;
    if (!r.vector && l_lanes(b, value) > 1) BUG("kernel %s: lanes are stored to one place", e->k->name);
    value = xnode_spread(e, value, lanes);
    if (mask) mask = xnode_spread(e, mask, lanes);
    if (lanes == 1 || r.contiguous)
        l_store(b, r.p, 0, mem, value, mask);
    else
        l_storestride(b, r.p, r.stride, mem, value, mask);
}

/* ---- operations ---- */

static LV input(Gen *e, uint32_t node_plus_1, int lanes)
{
    return xnode_spread(e, xnode_eval(e, node_plus_1 - 1), lanes);
}

/* A constant that is a number, which a maximum need not test for NaN. */
static bool is_number(const Gen *e, uint32_t node_plus_1)
{
    const XNode *n = &e->k->x.at[node_plus_1 - 1];
    return n->kind == X_const && n->number == n->number;
}

/* A uniform random number times a constant: the angle of a normal number, which is small. */
static bool is_small_angle(const Gen *e, uint32_t node_plus_1)
{
    const XNode *n = &e->k->x.at[node_plus_1 - 1];
    if (n->kind != X_op || n->op != OP_mul) return false;
    const XNode *a = &e->k->x.at[n->in[0] - 1], *b = &e->k->x.at[n->in[1] - 1];
    const XNode *draw = a->kind == X_const ? b : a, *factor = draw == a ? b : a;
    return draw->kind == X_random && draw->op == 0 && factor->kind == X_const && fabs(factor->number) < 0x1p20;
}

static int common_lanes(Gen *e, const uint32_t *in, int n)
{
    int lanes = 1;
    for (int i = 0; i < n; i++) {
        int l = l_lanes(&e->b, xnode_eval(e, in[i]));
        lanes = l > lanes ? l : lanes;
    }
    return lanes;
}

/* a*b + c, c + a*b, a*b - c, c - a*b with one rounding */
static LV fuse(Gen *e, const XNode *n, uint32_t mul, int which, int lanes)
{
    LB *b = &e->b;
    const XNode *m = &e->k->x.at[mul - 1];
    LV x = input(e, m->in[0], lanes), y = input(e, m->in[1], lanes), z = input(e, n->in[1 - which], lanes);
    if (n->op == OP_sub && which == 0) z = l_un(b, L_fneg, z);
    if (n->op == OP_sub && which == 1) x = l_un(b, L_fneg, x);
    return l_fma(b, x, y, z);
}

/* A float is rounded to a number of a byte? Then *from is what is rounded (node + 1). */
static bool rounds_to_byte(const Gen *e, const XNode *n, uint32_t *from)
{
    if (n->op != OP_cast || (n->dtype != DT_u8 && n->dtype != DT_i8)) return false;
    const XNode *x = &e->k->x.at[n->in[0] - 1];
    *from = x->in[0];
    return x->kind == X_op && x->op == OP_round && x->dtype == DT_f32;
}

/* Between its bounds a number is rounded by adding 1.5 * 2^23: the last bits of the sum are the integer. */
static LV round_to_byte(LB *b, LV x, uint8_t dtype)
{
    int n = l_lanes(b, x);
    bool is_signed = dtype == DT_i8;
    LV lo = l_float(b, LT_f32, n, is_signed ? -128 : 0), hi = l_float(b, LT_f32, n, is_signed ? 127 : 255);
    if (is_signed) x = l_sel(b, l_cmp(b, LP_eq, x, x), x, l_float(b, LT_f32, n, 0));
    x = l_sel(b, l_cmp(b, LP_gt, x, lo), x, lo); /* a NaN becomes 0, too */
    x = l_sel(b, l_cmp(b, LP_lt, x, hi), x, hi);
    x = l_bin(b, L_fadd, x, l_float(b, LT_f32, n, 0x1.8p23));
    return l_bin(b, L_isub, l_bitcast(b, x, LT_i32), l_int(b, LT_i32, n, 0x4B400000));
}

static LV operation(Gen *e, uint32_t node)
{
    const XNode *n = &e->k->x.at[node];
    uint32_t from;
    if (rounds_to_byte(e, n, &from)) return round_to_byte(&e->b, xnode_eval(e, from - 1), n->dtype);
    uint32_t in[6];
    int count = xnode_inputs(e, node, in), which = 0, lanes = common_lanes(e, in, count);
    uint32_t mul = fused(e, node, &which);
    if (mul) return fuse(e, n, mul, which, lanes);
    LV value[3] = {0};
    for (int i = 0; i < 3 && n->in[i]; i++)
        value[i] = input(e, n->in[i], lanes);
    if (n->op == OP_cos && is_small_angle(e, n->in[0])) return math_cos_near(&e->b, value[0]);
    return l_operation(&e->b, (Op)n->op, n->dtype, value, n->in[1] && is_number(e, n->in[1]));
}

static LV index_value(Gen *e, const XNode *n)
{
    LB *b = &e->b;
    LV v = e->at.val[e->idx_at + n->access];
    bool in = e->vec >= 0 && (e->at.bound >> e->vec & 1) && e->at.lanes > 1;
    Dim stride = in ? e->k->idx.at[n->access].stride[e->vec] : 0;
    LoopType t = xnode_type(n->dtype);
    int64_t s;
    if (gen_const(e, stride, &s) && s == 0) return l_cvt(b, v, t);
    LoopType narrow = t == LT_i64 ? LT_i64 : LT_i32; /* i32 lanes are half the work, and wrap alike */
    LV start = xnode_spread(e, l_cvt(b, v, narrow), e->at.lanes);
    LV step = xnode_spread(e, l_cvt(b, gen_dim(e, stride), narrow), e->at.lanes);
    LV all = l_bin(b, L_iadd, start, l_bin(b, L_imul, l_lane(b, narrow, e->at.lanes), step));
    return l_cvt(b, all, t);
}

/* The first element of a vector of whole blocks of random numbers, neighbours in order; else 0. Parts of the vector axis begin with whole
 * vectors. */
static LV whole_blocks(Gen *e, const XNode *element)
{
    int64_t stride;
    if (element->kind != X_index || e->vec < 0 || !(e->at.bound >> e->vec & 1) || e->at.lanes % 4) return 0;
    if (!gen_const(e, e->k->idx.at[element->access].stride[e->vec], &stride) || stride != 1) return 0;
    LV first = e->at.val[e->idx_at + element->access];
    return l_is_multiple(&e->b, first, 4, e->k->part == e->vec ? e->lo : 0) ? first : 0;
}

static LV random_word(Gen *e, const XNode *n, int *lanes)
{
    LB *b = &e->b;
    LV arg[4], first = whole_blocks(e, &e->k->x.at[n->in[3] - 1]);
    for (int i = 0; i < 3; i++) {
        arg[i] = l_cvt(b, xnode_eval(e, n->in[i] - 1), LT_i64);
        if (l_lanes(b, arg[i]) > 1) first = 0;
    }
    *lanes = e->at.lanes;
    if (first) return math_philox_blocks(b, arg[0], arg[1], arg[2], first, *lanes, n->hash);
    *lanes = common_lanes(e, (uint32_t[]){n->in[0] - 1, n->in[1] - 1, n->in[2] - 1, n->in[3] - 1}, 4);
    arg[3] = l_cvt(b, xnode_eval(e, n->in[3] - 1), LT_i64);
    return math_philox(b, arg[0], arg[1], arg[2], xnode_spread(e, arg[3], *lanes), n->hash);
}

static LV random(Gen *e, uint32_t node)
{
    LB *b = &e->b;
    const XNode *n = &e->k->x.at[node];
    int lanes;
    LV word = random_word(e, n, &lanes);
    LoopType t = xnode_type(n->dtype);
    if (l_is_float(t)) { /* 24 bits: the same numbers in f32 and f64 */
        LV bits = l_bin(b, L_lshr, word, l_int(b, LT_i32, lanes, 8));
        return l_bin(b, L_fmul, l_cvt(b, bits, t), l_float(b, t, lanes, 0x1p-24));
    }
    LV bound = xnode_spread(e, l_cvt(b, gen_dim(e, n->dim), LT_i32), lanes);
    return l_cvt(b, l_bin(b, L_umulhi, word, bound), t);
}

/* Clamp into 0 .. dim-1; any active lane outside is reported. */
static LV expect(Gen *e, const XNode *n)
{
    LB *b = &e->b;
    LV x = xnode_eval(e, n->in[0] - 1);
    LoopType t = l_type(b, x);
    int lanes = l_lanes(b, x);
    LV last = l_bin(b, L_isub, l_cvt(b, gen_dim(e, n->dim), t), l_int(b, t, 1, 1));
    LV zero = l_int(b, t, lanes, 0), top = xnode_spread(e, last, lanes);
    LV low = l_cmp(b, LP_lt, x, zero), high = l_cmp(b, LP_gt, x, top);
    LV bad = l_bin(b, L_or, low, high);
    if (lanes > 1 || e->at.lanes == 1) bad = both(e, bad, e->at.mask);
    LV failed = l_if(b, l_any(b, bad));
    LV args[3] = {e->ctx, l_int(b, LT_i32, 1, FAIL_RANGE), l_int(b, LT_i32, 1, n->integer)};
    l_call(b, "nnrt_fail", LT_void, args, 3);
    l_end(b, failed);
    return l_sel(b, low, zero, l_sel(b, high, top, x));
}

static LV compute(Gen *e, uint32_t x)
{
    const XNode *n = &e->k->x.at[x];
    LoopType t = xnode_type(n->dtype);
    switch (n->kind) {
    case X_ld: return load(e, n);
    case X_const: return l_is_float(t) ? l_float(&e->b, t, 1, n->number) : l_int(&e->b, t, 1, n->integer);
    case X_index: return index_value(e, n);
    case X_size: return l_cvt(&e->b, gen_dim(e, n->dim), t);
    case X_op: return operation(e, x);
    case X_random: return random(e, x);
    case X_expect: return expect(e, n);
    default: BUG("kernel %s: node %u (kind %u) has no value here", e->k->name, x, n->kind);
    }
}

LV xnode_eval(Gen *e, uint32_t x)
{
    if (!e->at.memo[x]) e->at.memo[x] = compute(e, x);
    return e->at.memo[x];
}
