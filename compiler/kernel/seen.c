/* SPDX-License-Identifier: MIT
 * seen.c: which gradients are looked at by the kernels that make them, for infinities and NaN.
 *
 * An update changes nothing if a gradient is not finite, and a test of its own reads all of the gradient once more: a tenth of a step
 * where a contraction over a small batch makes large weights' gradients. Such a contraction has its sums in registers when it
 * stores them, and looks there (loop/gemm_epilogue.c); so does a scatter, which reads the rows that it adds to and no others
 * (loop/scatter.c). Runs behind all that changes kernels. */
#include <math.h>

#include "kernel/build.h"

enum { LEAST_ELEMENTS = 1 << 14 }; /* smaller ones are in a cache when they are tested */

static bool is_gradient(const KProgram *p, const Access *to, uint32_t tensor)
{
    const Buf *buf = &p->buf.at[to->buf];
    return buf->cls == BUF_TRAIN && buf->place == layout_gradient(p->layout, p->entry, tensor);
}

/* Is what write `i` stores one number, which is finite? */
static bool is_fill(const Kernel *k, uint32_t i)
{
    for (uint32_t n = 0; k->kind == K_NEST && n < k->x.n; n++) {
        const XNode *x = &k->x.at[n];
        if (x->kind != X_st || x->access != i) continue;
        const XNode *value = &k->x.at[x->in[0] - 1];
        return value->kind == X_const && isfinite(value->number);
    }
    return false;
}

/* How often the gradient is written, but for fills; *last is the kernel that does. */
static uint32_t count_writers(const KProgram *p, Kernel *k, uint32_t tensor, Kernel **last)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < k->wr.n; i++)
        if (is_gradient(p, &k->wr.at[i], tensor) && !is_fill(k, i)) n++, *last = k;
    for (uint32_t i = 0; i < k->body.n; i++)
        n += 2 * count_writers(p, k->body.at[i], tensor, last); /* in a loop: more than once */
    return n;
}

static uint32_t count_statements(const EntryLayout *entry, uint32_t tensor)
{
    uint32_t n = 0;
    for (uint32_t s = 0; s < entry->statement.n; s++)
        for (uint32_t i = 0; i < entry->statement.at[s].over.n; i++)
            n += entry->statement.at[s].over.at[i] == tensor;
    return n;
}

/* The sums themselves are stored, as they are in the registers, and nothing else. */
static bool stores_sums(const KProgram *p, const Kernel *k)
{
    return k->kind == K_GEMM && k->x.n == 2 && k->wr.n == 1 && !k->wr.at[0].boxed && !k->wr.at[0].index && k->x.at[0].kind == X_acc &&
           k->x.at[0].dtype == p->buf.at[k->wr.at[0].buf].dtype;
}

void seen_find(KProgram *p)
{
    if (!p->entry || p->entry->in_place) return; /* suspicion is of what cannot be read again there */
    for (uint32_t t = 0; t < p->layout->tensor.n; t++) {
        Kernel *maker = NULL;
        uint32_t n = 0;
        if (p->layout->tensor.at[t].padded < LEAST_ELEMENTS || count_statements(p->entry, t) != 1) continue;
        for (uint32_t i = 0; i < p->kernel.n; i++)
            n += count_writers(p, p->kernel.at[i], t, &maker);
        if (n != 1 || !(stores_sums(p, maker) || maker->kind == K_SCATTER)) continue;
        maker->looks = true;
        vec_add(p->arena, &p->seen, t);
    }
}
