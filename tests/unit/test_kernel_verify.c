/* links: nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_kernel_verify.c: right kernels, damaged in one place each: kernel_verify has to say what is wrong. */
#include "kernel_help.h"

TestSuite(kernel_verify, .init = start);

static Kernel *kernel(const KProgram *p, uint32_t i)
{
    cr_assert(i < p->kernel.n, "only %u kernels", p->kernel.n);
    return p->kernel.at[i];
}

/* k0: h = x w, divided by rows; k1: softmax of h into the result. */
static KProgram *rows(void)
{
    result(softmax(dot(input("x", F32(B, D(8))), input("w", F32(D(8), D(8))), 1, 0)));
    KProgram *p = unchecked(g, false, false);
    cr_assert_eq(p->kernel.n, 2);
    cr_assert(kernel(p, 0)->kind == K_GEMM && kernel(p, 0)->part == 0 && kernel(p, 1)->kind == K_NEST);
    cr_assert_null(kernel_verify(p, &scratch));
    return p;
}

static void expect(const KProgram *p, const char *what)
{
    const char *error = kernel_verify(p, &scratch);
    cr_assert(error && strstr(error, what), "found `%s`, not `%s`", error ? error : "nothing", what);
}

Test(kernel_verify, threads_write_one_element)
{
    KProgram *p = rows();
    kernel(p, 0)->wr.at[0].stride[0] = D(0);
    expect(p, "threads write one element");
}

Test(kernel_verify, access_outside)
{
    KProgram *p = rows();
    kernel(p, 1)->rd.at[0].off = D(1);
    expect(p, "leaves the buffer");
    kernel(p, 1)->rd.at[0].off = D(-1);
    expect(p, "leaves the buffer");
}

Test(kernel_verify, read_before_written)
{
    KProgram *p = rows();
    Kernel *first = kernel(p, 0);
    p->kernel.at[0] = p->kernel.at[1];
    p->kernel.at[1] = first;
    expect(p, "is read before it is written");
}

/* In place, but every row reads the first. */
Test(kernel_verify, others_write_what_is_read)
{
    KProgram *p = rows();
    Kernel *k = kernel(p, 1);
    k->wr.at[0] = k->rd.at[0];
    cr_assert_null(kernel_verify(p, &scratch), "in place at the same point is right");
    k->rd.at[0].stride[0] = D(0);
    expect(p, "is read where other points write it");
}

/* A contraction reads its operands more than once. */
Test(kernel_verify, operand_overwritten)
{
    KProgram *p = rows();
    Kernel *k = kernel(p, 0);
    k->wr.at[0].buf = k->rd.at[0].buf;
    expect(p, "is read where other points write it");
}

Test(kernel_verify, two_stores_meet)
{
    Ref x = input("x", F32(B, D(8)));
    result(build_unary(g, OP_exp, x));
    build_result(g, build_unary(g, OP_tanh, x), "z", -1);
    KProgram *p = unchecked(g, false, false);
    cr_assert(p->kernel.n == 1 && kernel(p, 0)->wr.n == 2);
    cr_assert_null(kernel_verify(p, &scratch));
    kernel(p, 0)->wr.at[1].buf = kernel(p, 0)->wr.at[0].buf;
    expect(p, "two stores meet");
}

Test(kernel_verify, live_buffers_overlap)
{
    Ref x = input("x", F32(B, D(8)));
    Ref h = softmax(dot(x, input("v", F32(D(8), D(8))), 1, 0)), i = softmax(dot(x, input("w", F32(D(8), D(8))), 1, 0));
    result(dot(build_binary(g, OP_mul, h, i), input("u", F32(D(8), D(8))), 1, 0));
    KProgram *p = unchecked(g, true, true); /* every value in a place of its own */
    cr_assert_null(kernel_verify(p, &scratch));
    int64_t place = 0;
    for (uint32_t b = 1; b < p->buf.n; b++) {
        if (p->buf.at[b].cls != BUF_WORK || p->buf.at[b].elements != dim_mul(dims, B, D(8))) continue;
        if (!place) place = p->buf.at[b].place;
        p->buf.at[b].place = place;
    }
    expect(p, "overlap while both are live");
}

Test(kernel_verify, larger_than_its_place)
{
    KProgram *p = rows();
    const Buf *h = &p->buf.at[kernel(p, 0)->wr.at[0].buf];
    cr_assert(h->cls == BUF_WORK);
    p->table.at[h->place].dim = D(4);
    expect(p, "larger than its place");
}

Test(kernel_verify, expressions)
{
    KProgram *p = rows();
    Kernel *k = kernel(p, 1);
    XNode *last = &k->x.at[k->x.n - 1];
    uint32_t in = last->in[0];
    cr_assert_eq(last->kind, X_st);
    last->in[0] = k->x.n + 1;
    expect(p, "behind its user");
    last->in[0] = 0;
    expect(p, "store of nothing");
    last->in[0] = in;
    last->access = 7;
    expect(p, "node without its access");
    last->access = 0;
    cr_assert_null(kernel_verify(p, &scratch));
    k->x.at[in - 1].kind = X_acc;
    expect(p, "accumulator outside of a contraction");
}
