/* links: nnc_transform nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_kernel_group.c: which kernels make a group, what becomes local, and that kernel_verify finds groups that are wrong.
 * That their values are right is for unit.kernel (random_attention) and fuzz_compile. */
#include "attention_help.h"

TestSuite(kernel_group, .init = start);

static uint32_t groups(const KProgram *p)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->kernel.n; i++)
        n += p->kernel.at[i]->kind == K_GROUP;
    return n;
}

static Kernel *group(const KProgram *p, uint32_t which)
{
    for (uint32_t i = 0; i < p->kernel.n; i++)
        if (p->kernel.at[i]->kind == K_GROUP && which-- == 0) return p->kernel.at[i];
    cr_assert(false, "no such group");
    return NULL;
}

static uint32_t buffers(const KProgram *p, BufClass cls, int64_t at_least)
{
    uint32_t found = 0;
    for (uint32_t b = 1; b < p->buf.n; b++) {
        int64_t n = at_least;
        if (p->buf.at[b].cls != cls || !p->buf.at[b].elements) continue;
        found += !dim_is_const(dims, p->buf.at[b].elements, &n) || n >= at_least;
    }
    return found;
}

static KProgram *attention(void)
{
    start();
    result(weighted(softmax(scores(in_heads("q"), in_heads("k"))), in_heads("v")));
    KProgram *p = unchecked(g, false, false);
    cr_assert_null(kernel_verify(p, &scratch));
    cr_assert_eq(groups(p), 1u);
    return p;
}

/* Keys are multiplied (and transposed on the way), the scores normalised, multiplied, all for one head; nothing but the result is in
 * memory. */
Test(kernel_group, attention)
{
    KProgram *p = attention();
    cr_assert_eq(p->kernel.n, 1u);
    const Kernel *k = group(p, 0);
    cr_assert_eq(k->body.n, 3u);
    cr_assert_eq(k->n_axes, 2);
    cr_assert(!k->serial && k->part == 0);
    cr_assert_eq(buffers(p, BUF_WORK, 1), 0u);
    cr_assert_eq(buffers(p, BUF_LOCAL, T * T), 2u);
    cr_assert_geq(p->scratch_bytes, 2 * T * T * 4);
}

/* Scores and probabilities are computed again for the gradient; the maxima and sums of rows stay. */
Test(kernel_group, gradients_compute_again)
{
    Ref q = in_heads("q"), k = in_heads("k"), v = in_heads("v");
    Ref y = build_unary(g, OP_tanh, weighted(softmax(scores(q, k)), v));
    result_with_gradients(y);
    KProgram *p = unchecked(g, false, false);
    cr_assert_null(kernel_verify(p, &scratch));
    cr_assert_eq(groups(p), 2u);
    uint32_t again = 0;
    for (uint32_t i = 0; i < group(p, 1)->body.n; i++)
        again += strstr(group(p, 1)->body.at[i]->name, "_again") != NULL;
    cr_assert_eq(again, 1u); /* scores, with their exponentials and the probabilities behind them */
    for (uint32_t b = 1; b < p->buf.n; b++) {
        const Buf *buf = &p->buf.at[b];
        cr_assert(buf->cls != BUF_WORK || !buf->elements || buf->type.rank != 4 || buf->type.dim[2] != D(T) || buf->type.dim[3] != D(T));
    }
}

/* A result of all probabilities is stored; the scores are local all the same. */
Test(kernel_group, what_is_a_result_stays)
{
    Ref p = softmax(scores(in_heads("q"), in_heads("k")));
    result(weighted(p, in_heads("v")));
    result(p);
    KProgram *made = unchecked(g, false, false);
    cr_assert_null(kernel_verify(made, &scratch));
    cr_assert_leq(groups(made), 1u);
    cr_assert_geq(buffers(made, BUF_LOCAL, T * T), groups(made));
}

/* No group: sizes known at run time only; an operand shared by all items; a value that another item needs. */
Test(kernel_group, none)
{
    static const int batch = 0, last = 2, second = 1;
    Ref q = input("q", F32(B, L, D(E))), k = input("k", F32(B, L, D(E)));
    Ref p = softmax(build_dot(g, q, k, 1, &batch, &batch, 1, &last, &last));
    result(build_dot(g, p, k, 1, &batch, &batch, 1, &last, &second));
    cr_assert_eq(groups(unchecked(g, false, false)), 0u);
    start();
    Ref x = input("x", F32(B, D(T), D(E))), w = input("w", F32(D(E), D(T)));
    result(softmax(build_dot(g, x, w, 0, NULL, NULL, 1, &last, &batch)));
    cr_assert_eq(groups(unchecked(g, false, false)), 0u);
    start();
    x = input("x", F32(B, D(T), D(E)));
    Ref s = build_dot(g, x, x, 1, &batch, &batch, 1, &last, &last);
    result(build_reduce(g, OP_max, s, &batch, 1));
    cr_assert_eq(groups(unchecked(g, false, false)), 0u);
}

/* ---- damage ---- */

static void expect(const KProgram *p, const char *what)
{
    const char *error = kernel_verify(p, &scratch);
    cr_assert(error && strstr(error, what), "found `%s`, not `%s`", error ? error : "nothing", what);
}

static Access *stored(const KProgram *p)
{
    const Kernel *k = group(p, 0);
    return &k->body.at[k->body.n - 1]->wr.at[0];
}

Test(kernel_group, items_write_one_element)
{
    KProgram *p = attention();
    stored(p)->iter[0] = 0;
    expect(p, "two items of a group write one element");
    p = attention();
    stored(p)->iter[1] = D(1);
    expect(p, "two items of a group write one element");
}

Test(kernel_group, items_meet)
{
    KProgram *p = attention();
    Access from = *stored(p);
    memset(from.iter, 0, sizeof from.iter);
    memset(from.stride, 0, sizeof from.stride);
    vec_add(&scratch, &group(p, 0)->body.at[1]->rd, from);
    expect(p, "is touched where other items write it");
}

Test(kernel_group, items_in_a_local_buffer)
{
    KProgram *p = attention();
    group(p, 0)->body.at[1]->wr.at[0].iter[1] = D(T * T);
    expect(p, "the items of a group are apart in a local buffer");
}

Test(kernel_group, local_buffer_outside)
{
    KProgram *p = attention();
    Kernel *k = group(p, 0);
    p->kernel.n = 0;
    for (uint32_t i = 0; i < k->body.n; i++)
        vec_add(&scratch, &p->kernel, k->body.at[i]);
    expect(p, "a local buffer outside of its group");
}

Test(kernel_group, local_buffers_overlap)
{
    KProgram *p = attention();
    for (uint32_t b = 1; b < p->buf.n; b++)
        if (p->buf.at[b].cls == BUF_LOCAL) p->buf.at[b].place = 0;
    expect(p, "overlap while both are live");
}

Test(kernel_group, scratch_too_small)
{
    KProgram *p = attention();
    p->scratch_bytes = 64;
    expect(p, "leaves the scratch");
}

Test(kernel_group, divided)
{
    KProgram *p = attention();
    group(p, 0)->body.at[1]->part = 0;
    expect(p, "divided in a group");
}
