/* links: nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_kernel_cost.c: what kernel_cost says of random kernels, beside counting point by point. */
#include "kernel_points.h"

TestSuite(kernel_cost, .init = begin);

enum { NODES = 8, SIDE = 5 };

typedef struct Case {
    KProgram *p;
    Kernel *k;
    int64_t extent[AXES], elements[4];
    Plain access[4], band, zeros[2];
    uint32_t varies[NODES]; /* by node: axes, as bits; of those that count */
    bool counts[NODES];
} Case;

static uint32_t axes_of(const int64_t *stride)
{
    uint32_t set = 0;
    for (int i = 0; i < AXES; i++)
        if (stride[i]) set |= 1u << i;
    return set;
}

/* A box counts if it looks at two axes, both of the set, of which no other box has one. */
static bool looks(const Plain *box, uint32_t *set)
{
    uint32_t axes = box->n_box ? axes_of(box->box[0].stride) : 0;
    bool two = axes == 3 || axes == 5 || axes == 6;
    if (!two || (axes & ~*set)) return false;
    *set &= ~axes;
    return true;
}

/* Points that differ in the axes of a set, inside of the boxes. */
static int64_t count_points(const Case *c, uint32_t set, const Plain *const *box, int n)
{
    uint32_t rest = set;
    const Plain *inside[3];
    int boxes = 0;
    int64_t total = 0, at[AXES] = {0}, e;
    for (int b = 0; b < n; b++)
        if (looks(box[b], &rest)) inside[boxes++] = box[b];
    do {
        bool first = true;
        for (int i = 0; i < AXES; i++)
            first &= at[i] == 0 || (set >> i & 1);
        for (int b = 0; b < boxes; b++)
            first &= element(inside[b], at, &e);
        total += first;
    } while (next(at, c->extent, AXES));
    return total;
}

static Plain random_box(void)
{
    Plain a = {.n_box = 1};
    a.box[0].off = draw(-2, 2), a.box[0].lo = draw(-3, 1), a.box[0].hi = draw(0, 7);
    for (int i = 0; i < AXES; i++)
        a.box[0].stride[i] = draw(-2, 2);
    if (draw(0, 3)) a.box[0].stride[draw(0, 2)] = 0;
    return a;
}

static void add_node(Case *c, XNode x, uint32_t varies, bool counts)
{
    uint32_t n = c->k->x.n;
    vec_add(&scratch, &c->k->x, x);
    c->varies[n] = varies, c->counts[n] = counts;
}

static void add_access(Case *c, int i, bool read)
{
    Plain *a = &c->access[i];
    *a = random_access(AXES, 0, false);
    a->off = 0;
    c->elements[i] = draw(0, 2) ? ARG : draw(1, 30);
    uint32_t buf = buffer(c->p, i == 2 && draw(0, 1) ? BUF_LOCAL : BUF_ARG, c->elements[i]);
    c->p->buf.at[buf].dtype = i == 1 ? DT_f64 : DT_f32;
    if (read)
        vec_add(&scratch, &c->k->rd, access_of(buf, a));
    else
        vec_add(&scratch, &c->k->wr, access_of(buf, a));
}

static int64_t bytes_of(const Case *c)
{
    int64_t sum = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t buf = i < 3 ? c->k->rd.at[i].buf : c->k->wr.at[0].buf;
        int64_t n = count_points(c, axes_of(c->access[i].stride), NULL, 0);
        if (c->p->buf.at[buf].cls == BUF_LOCAL) continue;
        sum += (n < c->elements[i] ? n : c->elements[i]) * dtype_bytes(c->p->buf.at[buf].dtype);
    }
    return sum;
}

static int64_t in(const Case *c, Dim d)
{
    int64_t v = -1, sample[8] = {0};
    cr_assert(dim_eval(c->p->module->dims, d, sample, &v));
    return v;
}

static Case random_case(KernelKind kind)
{
    Case c = {.p = program(), .extent = {draw(1, SIDE), draw(1, SIDE), draw(1, SIDE)}};
    c.k = kernel_of(kind, "k", AXES, c.extent);
    for (int i = 0; i < 3; i++)
        add_access(&c, i, true);
    add_access(&c, 3, false);
    if (draw(0, 1)) {
        c.band = random_box();
        c.k->band = access_of(0, &c.band).box;
    }
    return c;
}

/* x3 = x1 + x2, of integers at times; x4 = exp(x3); x5 = x4 as f64; x6 = sum of x5 along the last axis; x7 = x6 * x6, stored. */
Test(kernel_cost, nests)
{
    for (int i = 0; i < 2000; i++) {
        Case c = random_case(K_NEST);
        bool ints = i % 5 == 0;
        uint8_t type = ints ? DT_i32 : DT_f32;
        uint32_t v[3] = {axes_of(c.access[0].stride), axes_of(c.access[1].stride)};
        c.k->n_red = 1, c.k->cls[2] = AX_RED;
        c.k->rd.at[1].index = i % 3 == 1; /* a gather varies with its index, too */
        if (i % 3 == 1)
            v[1] |= v[0], c.access[1].stride[0] |= v[1] & 1, c.access[1].stride[1] |= v[1] & 2, c.access[1].stride[2] |= v[1] & 4;
        v[2] = v[0] | v[1];
        add_node(&c, (XNode){.kind = X_ld, .dtype = type, .access = 0}, v[0], false);
        add_node(&c, (XNode){.kind = X_ld, .dtype = type, .access = 1}, v[1], false);
        add_node(&c, (XNode){.kind = X_op, .op = OP_add, .dtype = type, .in = {1, 2}}, v[2], !ints);
        add_node(&c, (XNode){.kind = X_op, .op = OP_exp, .dtype = DT_f32, .in = {3}}, v[2], true);
        add_node(&c, (XNode){.kind = X_op, .op = OP_cast, .dtype = DT_f64, .in = {4}}, v[2], false);
        add_node(&c, (XNode){.kind = X_reduce, .op = OP_sum, .dtype = DT_f64, .in = {5}}, v[2], true);
        add_node(&c, (XNode){.kind = X_op, .op = OP_mul, .dtype = DT_f64, .in = {6, 6}}, v[2] & 3, true);
        add_node(&c, (XNode){.kind = X_st, .access = 0, .in = {7}}, 0, false);
        int64_t sum = 0, sample[8] = {0};
        const Plain *band = &c.band;
        for (uint32_t n = 0; n < NODES; n++)
            if (c.counts[n]) sum += count_points(&c, c.varies[n], &band, 1);
        KernelCost cost = kernel_cost(c.p, c.k, sample);
        cr_assert_eq(in(&c, cost.operations), sum, "case %d", i);
        cr_assert_eq(in(&c, cost.bytes), bytes_of(&c), "case %d: %lld bytes", i, (long long)in(&c, cost.bytes));
    }
}

/* A product and an addition for each point, four of each for bytes in fours, without those times zeros; exp of the sums. */
Test(kernel_cost, contractions)
{
    static const uint8_t cls[AXES] = {AX_M, AX_N, AX_K};
    for (int i = 0; i < 2000; i++) {
        Case c = random_case(K_GEMM);
        const Plain *box[] = {&c.band, &c.zeros[0], &c.zeros[1]};
        memcpy(c.k->cls, cls, sizeof cls);
        c.k->quads = i % 4 == 0;
        for (int r = 0; r < 2; r++) {
            Access *a = &c.k->rd.at[r];
            if (draw(0, 1)) continue;
            c.zeros[r] = random_box();
            a->box = access_of(0, &c.zeros[r]).box, a->n_box = 1, a->zeros = draw(0, 3);
            if (!a->zeros) c.zeros[r].n_box = 0;
        }
        add_node(&c, (XNode){.kind = X_acc, .dtype = DT_f32}, 0, false);
        add_node(&c, (XNode){.kind = X_op, .op = OP_exp, .dtype = DT_f32, .in = {1}}, 0, false);
        add_node(&c, (XNode){.kind = X_st, .access = 0, .in = {2}}, 0, false);
        int64_t sample[8] = {0}, sum = (c.k->quads ? 8 : 2) * count_points(&c, 7, box, 3) + count_points(&c, 3, box, 1);
        KernelCost cost = kernel_cost(c.p, c.k, sample), all;
        cr_assert_eq(in(&c, cost.operations), sum, "case %d: %lld", i, (long long)in(&c, cost.operations));
        cr_assert_eq(in(&c, cost.bytes), bytes_of(&c), "case %d", i);
        Kernel *group = kernel_of(K_GROUP, "group", 0, NULL); /* of 3 items, with it twice */
        group->rows = D(3);
        vec_add(&scratch, &group->body, c.k);
        vec_add(&scratch, &group->body, c.k);
        all = kernel_cost(c.p, group, sample);
        cr_assert(in(&c, all.operations) == 6 * sum && in(&c, all.bytes) == 6 * bytes_of(&c), "case %d as a group", i);
    }
}

/* Additions to rows; a C function, of which the data it gets and makes are known; what does something else. */
Test(kernel_cost, others)
{
    int64_t sample[8] = {0};
    Case c = random_case(K_SCATTER);
    cr_expect_eq(in(&c, kernel_cost(c.p, c.k, sample).operations), c.extent[0] * c.extent[1] * c.extent[2]);
    c.k->kind = K_EXTERN, c.k->band = NULL;
    int64_t bytes = 0;
    for (int i = 0; i < 4; i++) {
        const Buf *b = &c.p->buf.at[i < 3 ? c.k->rd.at[i].buf : c.k->wr.at[0].buf];
        bytes += b->cls == BUF_LOCAL ? 0 : c.elements[i] * dtype_bytes(b->dtype);
    }
    cr_expect_eq(in(&c, kernel_cost(c.p, c.k, sample).bytes), bytes);
    c.k->kind = K_SCAN;
    cr_expect(!kernel_cost(c.p, c.k, sample).operations && !kernel_cost(c.p, c.k, sample).bytes);
    c.k->kind = K_UPDATE;
    cr_expect(!kernel_cost(c.p, c.k, sample).operations && !kernel_cost(c.p, c.k, sample).bytes);
}
