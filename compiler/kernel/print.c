/* SPDX-License-Identifier: MIT
 * print.c: kernels as text, for --dump=kernel. */
#include <inttypes.h>

#include "kernel/kernel.h"

static const char *const class_names[] = {"arg", "model", "train", "sums", "work", "options", "counters", "const", "local"};
static const char *const kind_names[] = {"NEST", "GEMM", "SCATTER", "SCAN", "EXTERN", "UPDATE", "ARGSORT", "GROUP", "PROBE"};
static const char *const axis_names[] = {"par", "red", "batch", "m", "n", "k"};

static const char *dim_text(const KProgram *p, Dim d)
{
    return d ? dim_print(p->module->dims, p->arena, d) : "0";
}

static void affine(const KProgram *p, const Dim *stride, const Dim *iter, Dim off, Text *out)
{
    bool first = true;
    for (int i = 0; i < MAX_AXES; i++) {
        if (!stride[i]) continue;
        text_add(out, "%s%c*(%s)", first ? "" : " + ", 'a' + i, dim_text(p, stride[i]));
        first = false;
    }
    for (int i = 0; iter && i < MAX_COUNTERS; i++) {
        if (!iter[i]) continue;
        text_add(out, "%st%d*(%s)", first ? "" : " + ", i, dim_text(p, iter[i]));
        first = false;
    }
    text_add(out, "%s%s", first ? "" : " + ", dim_text(p, off));
}

static void box(const KProgram *p, const struct AccessBox *b, Text *out)
{
    text_add(out, "%s <= ", dim_text(p, b->lo));
    affine(p, b->stride, NULL, b->off, out);
    text_add(out, " < %s", dim_text(p, b->hi));
}

/* band: of the kernel, for stores. */
static void access(const KProgram *p, const Access *a, const struct AccessBox *band, Text *out)
{
    bool filled = band && !a->open;
    for (int i = 0; filled && i < MAX_AXES; i++)
        filled = !band->stride[i] || a->stride[i];
    text_add(out, "%%%u[", a->buf);
    affine(p, a->stride, a->iter, a->off, out);
    if (a->index) text_add(out, " + x%u*(%s)", a->index, dim_text(p, a->index_stride));
    text_add(out, "]");
    for (uint32_t i = 0; i < a->n_box; i++) {
        text_add(out, i ? " and " : " if ");
        box(p, &a->box[i], out);
    }
    if (a->boxed || filled) text_add(out, " else %g", a->fill);
    if (a->open) text_add(out, " else open");
    if (a->zeros) text_add(out, " else zeros");
}

static void node(const KProgram *p, const Kernel *k, uint32_t i, Text *out)
{
    const XNode *x = &k->x.at[i];
    text_add(out, "    x%u = ", i + 1);
    switch (x->kind) {
    case X_ld: text_add(out, "ld rd%u", x->access); break;
    case X_st: text_add(out, "st wr%u, x%u", x->access, x->in[0]); break;
    case X_const: dtype_is_float(x->dtype) ? text_add(out, "%.9g", x->number) : text_add(out, "%" PRId64, x->integer); break;
    case X_index:
        text_add(out, "index ");
        affine(p, k->idx.at[x->access].stride, k->idx.at[x->access].iter, k->idx.at[x->access].off, out);
        break;
    case X_size: text_add(out, "size %s", dim_text(p, x->dim)); break;
    case X_acc: text_add(out, "acc"); break;
    case X_reduce: text_add(out, "reduce %s x%u", op_names[x->op], x->in[0]); break;
    case X_random: text_add(out, "random%u x%u x%u x%u x%u", x->op, x->in[0], x->in[1], x->in[2], x->in[3]); break;
    case X_expect: text_add(out, "expect x%u < %s", x->in[0], dim_text(p, x->dim)); break;
    default:
        text_add(out, "%s", op_names[x->op]);
        for (int j = 0; j < 4 && x->in[j]; j++)
            text_add(out, " x%u", x->in[j]);
    }
    text_add(out, " : %s\n", dtype_name(x->dtype));
}

static void kernel(const KProgram *p, const Kernel *k, Text *out)
{
    text_add(out, "%s %s part=%d%s%s", k->name, kind_names[k->kind], k->part, k->serial ? " serial" : "", k->looks ? " looks" : "");
    for (int i = 0; i < k->n_axes; i++)
        text_add(out, " %c:%s=%s", 'a' + i, axis_names[k->cls[i]], dim_text(p, k->axis[i]));
    if (k->kind == K_SCAN) text_add(out, " trips=%s", dim_text(p, k->trips));
    if (k->kind == K_SCATTER || (k->kind == K_SCAN && k->rows)) text_add(out, " rows=%s", dim_text(p, k->rows));
    if (k->descending) text_add(out, " descending");
    if (k->symbol) text_add(out, " %s", k->symbol);
    if (k->band) {
        text_add(out, " where ");
        box(p, k->band, out);
    }
    text_add(out, "\n");
    for (uint32_t i = 0; i < k->rd.n; i++) {
        text_add(out, "    rd%u ", i);
        access(p, &k->rd.at[i], NULL, out);
        text_add(out, "\n");
    }
    for (uint32_t i = 0; i < k->wr.n; i++) {
        text_add(out, "    wr%u ", i);
        access(p, &k->wr.at[i], k->band, out);
        text_add(out, "\n");
    }
    for (uint32_t i = 0; i < k->x.n; i++)
        node(p, k, i, out);
    for (uint32_t i = 0; i < k->body.n; i++)
        kernel(p, k->body.at[i], out);
    if (k->kind == K_SCAN || k->kind == K_GROUP) text_add(out, "end of %s\n", k->name);
}

void kernel_print(const KProgram *p, Text *out)
{
    text_add(out, "program %s\n", p->name);
    for (uint32_t i = 1; i < p->buf.n; i++) {
        const Buf *b = &p->buf.at[i];
        if (b->cls == BUF_WORK && !b->elements) continue;
        text_add(out, "buf %%%u %s : %s %s", i, b->name, type_text(p->module->dims, p->arena, &b->type), class_names[b->cls]);
        if (is_lent(p, b)) text_add(out, " lent");
        if (b->cls == BUF_ARG)
            text_add(out, " %u", b->index);
        else
            text_add(out, " place=%" PRId64, b->place);
        if (b->cls == BUF_WORK || b->cls == BUF_LOCAL)
            text_add(out, " elements=%s life=%u..%u", dim_text(p, b->elements), b->first, b->last);
        text_add(out, "\n");
    }
    for (uint32_t i = 0; i < p->kernel.n; i++)
        kernel(p, p->kernel.at[i], out);
}
