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
    if (a->index) text_add(out, " + x%u*(%s) below %s", a->index, dim_text(p, a->index_stride), dim_text(p, a->index_rows));
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
    case X_random:
        text_add(out, "random%u x%u x%u x%u x%u hash=%" PRIx64, x->op, x->in[0], x->in[1], x->in[2], x->in[3], x->hash);
        if (x->dim) text_add(out, " below %s", dim_text(p, x->dim));
        break;
    case X_expect: text_add(out, "expect x%u < %s line=%" PRId64, x->in[0], dim_text(p, x->dim), x->integer); break;
    default:
        text_add(out, "%s", op_names[x->op]);
        for (int j = 0; j < 4 && x->in[j]; j++)
            text_add(out, " x%u", x->in[j]);
    }
    if (x->fma) text_add(out, " fma=%u", x->fma);
    text_add(out, " : %s\n", dtype_name(x->dtype));
}

static void flags(const Kernel *k, Text *out)
{
    const struct {
        bool is;
        const char *name;
    } flag[] = {{k->serial, "serial"},     {k->looks, "looks"},           {k->quads, "quads"},
                {k->in_place, "in_place"}, {k->grouped, "grouped"},       {k->aside, "aside"},
                {k->own_rows, "own_rows"}, {k->accumulate, "accumulate"}, {k->descending, "descending"}};
    for (size_t i = 0; i < sizeof flag / sizeof *flag; i++)
        if (flag[i].is) text_add(out, " %s", flag[i].name);
}

/* Where it comes from and what one run of it takes. */
static void origin(const KProgram *p, const Kernel *k, Text *out)
{
    const Loc *loc = &p->module->loc.at[k->loc];
    KernelCost cost = kernel_cost(p, k, p->sample);
    text_add(out, "    ;");
    if (k->loc) text_add(out, " %s:%u", loc->file ? loc->file : "", loc->line);
    if (k->loc && *loc->path) text_add(out, " %s", loc->path);
    if (k->looks_for) text_add(out, " looks_for=%s", k->looks_for->name);
    if (p->remade) text_add(out, " origin=%u", k->origin);
    if (cost.operations) text_add(out, " operations=%s", dim_text(p, cost.operations));
    if (cost.bytes) text_add(out, " bytes=%s", dim_text(p, cost.bytes));
    text_add(out, "\n");
}

static void kernel(const KProgram *p, const Kernel *k, Text *out)
{
    text_add(out, "%s %s part=%d", k->name, kind_names[k->kind], k->part);
    flags(k, out);
    for (int i = 0; i < k->n_axes; i++)
        text_add(out, " %c:%s=%s", 'a' + i, axis_names[k->cls[i]], dim_text(p, k->axis[i]));
    if (k->sum.fixed) text_add(out, k->sum.chains < 0 ? " chains=each" : " chains=%c", 'a' + k->sum.chains);
    if (k->sum.run) text_add(out, " run=%u", k->sum.run);
    if (k->kind == K_SCAN) text_add(out, " trips=%s", dim_text(p, k->trips));
    if (k->rows) text_add(out, k->kind == K_GROUP ? " items=%s" : " rows=%s", dim_text(p, k->rows));
    if (k->kind == K_SCAN || k->kind == K_GROUP) text_add(out, " counter=t%u", k->depth);
    if (k->kind == K_UPDATE) text_add(out, " statement=%" PRId64, k->statement);
    if (k->kind == K_PROBE) text_add(out, " number=%" PRId64 " line=%" PRId64, k->number, k->line);
    if (k->symbol) text_add(out, " %s of %u", k->symbol, k->n_extern_in);
    for (uint32_t i = 0; i < k->sizes.n; i++)
        text_add(out, i ? ",%s" : " sizes=%s", dim_text(p, k->sizes.at[i]));
    if (k->band) {
        text_add(out, " where ");
        box(p, k->band, out);
    }
    text_add(out, "\n");
    origin(p, k, out);
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

/* Steps of its axes, where padding lies between rows or axes stand in another order. */
static void steps(const KProgram *p, const Buf *b, Text *out)
{
    Dim one = dim_const(p->module->dims, 1), dense = one;
    bool same = true;
    for (int i = b->type.rank - 1; i >= 0; i--) {
        same &= b->stride[i] == dense || b->type.dim[i] == one;
        dense = dim_mul(p->module->dims, dense, b->type.dim[i]);
    }
    for (int i = 0; !same && i < b->type.rank; i++)
        text_add(out, i ? ",%s" : " steps=%s", dim_text(p, b->stride[i]));
}

static void buffer(const KProgram *p, uint32_t number, Text *out)
{
    const Buf *b = &p->buf.at[number];
    text_add(out, "buf %%%u %s : %s %s", number, b->name, type_text(p->module->dims, p->arena, &b->type), class_names[b->cls]);
    if (b->dtype != b->type.dtype) text_add(out, " as %s", dtype_name(b->dtype));
    if (is_lent(p, b)) text_add(out, " lent");
    if (b->cls == BUF_ARG)
        text_add(out, " %u", b->index);
    else
        text_add(out, " place=%" PRId64, b->place);
    if (b->cls == BUF_CONST) text_add(out, " table=%u", b->index);
    if (b->cls == BUF_WORK || b->cls == BUF_LOCAL) text_add(out, " elements=%s life=%u..%u", dim_text(p, b->elements), b->first, b->last);
    if (b->replaces) text_add(out, " replaces");
    steps(p, b, out);
    text_add(out, "\n");
}

static void numbers(const char *what, const uint32_t *at, uint32_t n, Text *out)
{
    if (n) text_add(out, "%s", what);
    for (uint32_t i = 0; i < n; i++)
        text_add(out, " %u", at[i]);
}

/* An entry of the table that the prologue fills. */
static void entry(const KProgram *p, uint32_t number, Text *out)
{
    static const char *const names[] = {"size", "place", "work", "lent", "scratch"};
    const TableEntry *t = &p->table.at[number];
    text_add(out, "table %u: %s", number, names[t->kind]);
    if (t->dim) text_add(out, " %s", dim_text(p, t->dim));
    if (t->bytes) text_add(out, " %" PRId64 " bytes", t->bytes);
    if (t->limit) text_add(out, " below %" PRId64, t->limit);
    numbers(" above", t->above.at, t->above.n, out);
    text_add(out, "\n");
}

void kernel_print(const KProgram *p, Text *out)
{
    text_add(out, "program %s\n", p->name);
    numbers("looked at where they are made:", p->seen.at, p->seen.n, out);
    if (p->seen.n) text_add(out, "\n");
    for (uint32_t i = 1; i < p->buf.n; i++)
        if (p->buf.at[i].cls != BUF_WORK || p->buf.at[i].elements) buffer(p, i, out);
    for (uint32_t i = 0; i < p->table.n; i++)
        entry(p, i, out);
    for (uint32_t i = 0; i < p->kernel.n; i++)
        kernel(p, p->kernel.at[i], out);
}
