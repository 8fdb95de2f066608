/* links: nnc_transform nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_kernel_band.c: which kernels of a group have bands, and that kernel_verify finds what is wrong with them.
 * That their values are right is for unit.kernel (random_attention) and fuzz_compile, which also compares the bits with those of all
 * products. */
#include "attention_help.h"

TestSuite(kernel_band, .init = start);

/* column <= row + ahead */
static Ref causal(Ref s, int ahead)
{
    Type type = *graph_type(g, s);
    type.dtype = DT_i32;
    Ref row = build_iota(g, type, 2), column = build_iota(g, type, 3);
    return build_binary(g, OP_less_equal, column, build_binary(g, OP_add, row, build_like(g, row, ahead)));
}

static Ref masked(Ref s, Ref keep, double fill)
{
    return build_where(g, keep, s, build_like(g, s, fill));
}

static const Kernel *only_group(const KProgram *p)
{
    const Kernel *found = NULL;
    cr_assert_null(kernel_verify(p, &scratch));
    for (uint32_t i = 0; i < p->kernel.n; i++) {
        if (p->kernel.at[i]->kind != K_GROUP) continue;
        cr_assert_null(found);
        found = p->kernel.at[i];
    }
    cr_assert_not_null(found);
    return found;
}

static uint32_t bands(const Kernel *group)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < group->body.n; i++)
        n += group->body.at[i]->band != NULL;
    return n;
}

static uint32_t zeros(const Kernel *group)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < group->body.n; i++)
        for (uint32_t r = 0; r < 2 && group->body.at[i]->kind == K_GEMM; r++)
            n += group->body.at[i]->rd.at[r].zeros;
    return n;
}

static uint32_t opens(const Kernel *group)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < group->body.n; i++)
        for (uint32_t w = 0; w < group->body.at[i]->wr.n; w++)
            n += group->body.at[i]->wr.at[w].open;
    return n;
}

static int64_t number(Dim d)
{
    int64_t v = 0;
    cr_assert(!d || dim_is_const(dims, d, &v));
    return v;
}

static const KProgram *attention(Ref s)
{
    result(weighted(softmax(s), in_heads("v")));
    return unchecked(g, false, false);
}

static const KProgram *causal_attention(void)
{
    Ref s = scores(in_heads("q"), in_heads("k"));
    return attention(masked(s, causal(s, 0), -INFINITY));
}

/* Scores, probabilities, and what they are multiplied with; the scores are not even filled in. */
Test(kernel_band, attention)
{
    const Kernel *k = only_group(causal_attention());
    cr_assert_eq(k->body.n, 3u);
    cr_assert_eq(bands(k), 2u);
    cr_assert_eq(zeros(k), 1u);
    cr_assert_eq(opens(k), 1u);
    const struct AccessBox *band = k->body.at[1]->band;
    cr_assert_eq(number(band->stride[0]), -1);
    cr_assert_eq(number(band->stride[1]), 1);
    cr_assert_eq(number(band->lo), 1 - T);
    cr_assert_eq(number(band->hi), 1);
}

/* The same with operands of bf16: what is 0 beyond the band is rounded to 0. */
Test(kernel_band, rounded)
{
    Ref s = scores(in_heads("q"), in_heads("k"));
    result(weighted(softmax(masked(s, causal(s, 0), -INFINITY)), in_heads("v")));
    Pass pass = {.module = module, .scratch = &scratch, .operands = DT_wide16};
    const Kernel *k = only_group(unchecked(pass_run(&pass, "operands", g), false, false));
    cr_assert_eq(bands(k), 2u);
    cr_assert_eq(zeros(k), 1u);
}

static int64_t operations(const KProgram *p, const Kernel *k)
{
    int64_t sample[16] = {0};
    return number(kernel_cost(p, k, sample).operations);
}

/* What a profile counts for each pair of places with column <= row: E products and additions and a `where`, the five operations of softmax,
 * E products and additions. */
Test(kernel_band, cost)
{
    enum { PAIRS = T * (T + 1) / 2 };
    const KProgram *p = causal_attention();
    const Kernel *k = only_group(p);
    cr_assert_eq(operations(p, k->body.at[0]), (2 * E + 1) * PAIRS);
    cr_assert_eq(operations(p, k->body.at[1]), 5 * PAIRS);
    cr_assert_eq(operations(p, k->body.at[2]), 2 * E * PAIRS);
}

static uint32_t bands_for(int ahead, double fill)
{
    start();
    Ref s = scores(in_heads("q"), in_heads("k"));
    return bands(only_group(attention(masked(s, causal(s, ahead), fill))));
}

/* Of the scores alone, then of softmax, too: not where a row may look nowhere, since its filling is its maximum then, nor with a filling
 * that scores could reach. */
Test(kernel_band, when)
{
    cr_assert_eq(bands_for(0, -INFINITY), 2u);
    cr_assert_eq(bands_for(0, -3e38), 2u);
    cr_assert_eq(bands_for(5, -3e38), 2u);
    cr_assert_eq(bands_for(-1, -3e38), 1u);
    cr_assert_eq(bands_for(-1, -INFINITY), 1u);
    cr_assert_eq(bands_for(0, -1e9), 1u);
    cr_assert_eq(bands_for(0, 0), 1u);
}

/* Two bounds; the mask the other way round. */
Test(kernel_band, window)
{
    Ref s = scores(in_heads("q"), in_heads("k"));
    Ref near = build_unary(g, OP_not, causal(s, -8));
    const Kernel *k = only_group(attention(masked(s, build_binary(g, OP_and, causal(s, 0), near), -3e38)));
    cr_assert_eq(bands(k), 2u);
    cr_assert_eq(number(k->body.at[1]->band->lo), -7);
    cr_assert_eq(number(k->body.at[1]->band->hi), 1);
    start();
    s = scores(in_heads("q"), in_heads("k"));
    Ref keep = build_unary(g, OP_not, causal(s, 0));
    result(weighted(softmax(build_where(g, keep, build_like(g, s, -INFINITY), s)), in_heads("v")));
    cr_assert_eq(bands(only_group(unchecked(g, false, false))), 2u);
}

/* Data decides, too: a row of it may look nowhere. What data masked before may be as low. */
Test(kernel_band, masks_of_data)
{
    static const int axis = 3;
    Ref s = scores(in_heads("q"), in_heads("k"));
    Type type = *graph_type(g, s);
    type.dtype = DT_bool;
    Ref data = build_broadcast(g, input("on", SHAPE(DT_bool, D(T))), type, &axis);
    cr_assert_eq(bands(only_group(attention(masked(s, build_binary(g, OP_and, causal(s, 0), data), -3e38)))), 1u);
    start();
    s = scores(in_heads("q"), in_heads("k"));
    Ref bias = build_broadcast(g, input("bias", F32(D(T))), *graph_type(g, s), &axis);
    cr_assert_eq(bands(only_group(attention(masked(build_binary(g, OP_add, s, bias), causal(s, 0), -3e38)))), 1u);
}

/* What is added to scores is a mask as well. */
Test(kernel_band, added)
{
    Ref s = scores(in_heads("q"), in_heads("k"));
    Ref bias = build_where(g, causal(s, 0), build_like(g, s, 0), build_like(g, s, -INFINITY));
    cr_assert_eq(bands(only_group(attention(build_binary(g, OP_add, s, bias)))), 2u);
}

/* Of a result all is written: zeros outside of the band. */
Test(kernel_band, result_is_filled)
{
    Ref s = scores(in_heads("q"), in_heads("k")), p = softmax(masked(s, causal(s, 0), -INFINITY));
    result(weighted(p, in_heads("v")));
    result(p);
    const Kernel *k = only_group(unchecked(g, false, false));
    for (uint32_t i = 0; i < k->body.n; i++)
        for (uint32_t w = 0; w < k->body.at[i]->wr.n; w++)
            cr_assert(!k->body.at[i]->wr.at[w].open || k->body.at[i]->kind == K_GEMM);
    cr_assert_eq(bands(k), 2u);
}

/* Without a group the scores are in memory, but only those that are read. */
Test(kernel_band, without_group)
{
    Ref s = dot(input("q", F32(D(T), D(E))), input("k", F32(D(T), D(E))), 1, 1);
    Type type = *graph_type(g, s);
    type.dtype = DT_i32;
    Ref keep = build_binary(g, OP_less_equal, build_iota(g, type, 1), build_iota(g, type, 0));
    result(dot(softmax(masked(s, keep, -3e38)), input("v", F32(D(T), D(E))), 1, 0));
    const KProgram *p = unchecked(g, false, false);
    cr_assert_null(kernel_verify(p, &scratch));
    cr_assert_eq(p->kernel.n, 3u);
    cr_assert(p->kernel.at[0]->band && p->kernel.at[0]->wr.at[0].open);
    cr_assert(p->kernel.at[1]->band && !p->kernel.at[1]->wr.at[0].open);
    cr_assert(p->kernel.at[2]->rd.at[0].zeros);
}

/* A sum that is too long for a group reads what the group has filled in. */
Test(kernel_band, behind_a_group)
{
    static const int batch[2] = {0, 1}, last = 3, second = 2;
    Type type = F32(B, D(H), D(600), D(E));
    Ref q = input("q", type), s = build_dot(g, q, input("k", type), 2, batch, batch, 1, &last, &last);
    result(build_dot(g, softmax(masked(s, causal(s, 0), -3e38)), input("v", type), 2, batch, batch, 1, &last, &second));
    const KProgram *p = unchecked(g, false, false);
    cr_assert_eq(bands(only_group(p)), 2u);
    cr_assert_eq(p->kernel.n, 2u);
    cr_assert(p->kernel.at[1]->kind == K_GEMM && p->kernel.at[1]->rd.at[0].zeros);
}

/* Both products of the scores' gradient and those with probabilities are cut; the gradient of the probabilities has the band of its
 * reader. */
Test(kernel_band, gradients)
{
    Ref s = scores(in_heads("q"), in_heads("k"));
    Ref m = masked(s, causal(s, 0), -3e38),
        e = build_unary(g, OP_exp, build_binary(g, OP_sub, m, build_stop(g, spread(reduce_last(OP_max, m), m))));
    Ref y = build_unary(g, OP_tanh, weighted(build_binary(g, OP_div, e, spread(reduce_last(OP_sum, e), e)), in_heads("v")));
    result_with_gradients(y);
    const KProgram *p = unchecked(g, false, false);
    cr_assert_null(kernel_verify(p, &scratch));
    const Kernel *last = NULL;
    for (uint32_t i = 0; i < p->kernel.n; i++)
        if (p->kernel.at[i]->kind == K_GROUP) last = p->kernel.at[i];
    cr_assert_not_null(last);
    cr_assert_geq(zeros(last), 1u);
    cr_assert_eq(opens(last), 2u); /* the scores, which are computed again, and the gradient of the probabilities */
}

/* ---- damage ---- */

static void expect(const KProgram *p, const char *what)
{
    const char *error = kernel_verify(p, &scratch);
    cr_assert(error && strstr(error, what), "found `%s`, not `%s`", error ? error : "nothing", what);
}

Test(kernel_band, reader_without_band)
{
    const KProgram *p = causal_attention();
    only_group(p)->body.at[1]->band = NULL;
    expect(p, "is read where it is open");
}

Test(kernel_band, reader_beyond)
{
    const KProgram *p = causal_attention();
    only_group(p)->body.at[1]->band->hi = D(2);
    expect(p, "is read where it is open");
}

Test(kernel_band, open_result)
{
    const KProgram *p = causal_attention();
    Kernel *k = only_group(p)->body.at[1];
    k->wr.at[k->wr.n - 1].open = true;
    expect(p, "is read where it is open");
}

Test(kernel_band, open_without_band)
{
    result(relu(input("x", F32(D(T), D(T)))));
    KProgram *p = unchecked(g, false, false);
    p->kernel.at[0]->wr.at[0].open = true;
    expect(p, "an open store without a band");
}
