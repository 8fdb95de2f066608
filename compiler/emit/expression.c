/* SPDX-License-Identifier: MIT
 * expression.c: sizes as expressions of other languages. */
#include "emit/emit.h"

typedef struct Expression {
    Text *t;
    const EmitProgram *e;
    const EmitEntry *entry;
    const EmitNotation *how;
} Expression;

static void add_dim(const Expression *x, Dim dim);

static const char *size_name(const Expression *x, Symbol s)
{
    for (uint32_t i = 0; i < x->entry->sizes.n; i++)
        if (x->entry->sizes.at[i] == s) return x->how->name(x->e, x->entry->size_names.at[i]);
    return symbol_name(x->e->core->dims, s);
}

static void add_factor(const Expression *x, DimAtom a)
{
    if (a.symbol) {
        text_add(x->t, "%s%s%s", x->how->before, size_name(x, a.symbol), x->how->behind);
        return;
    }
    text_add(x->t, "%s((", x->how->quotient);
    add_dim(x, a.num);
    text_add(x->t, ") %s (", x->how->divide);
    add_dim(x, a.den);
    text_add(x->t, "))");
}

static void add_term(const Expression *x, Dim dim, uint32_t term)
{
    const Dims *dims = x->e->core->dims;
    int64_t k = dim_coefficient(dims, dim, term);
    uint32_t n = dim_n_atoms(dims, dim, term);
    if (n == 0 || k != 1) text_add(x->t, "%lld", (long long)k);
    for (uint32_t i = 0; i < n; i++) {
        if (i || k != 1) text_add(x->t, " * ");
        add_factor(x, dim_atom(dims, dim, term, i));
    }
}

static void add_dim(const Expression *x, Dim dim)
{
    uint32_t n = dim_n_terms(x->e->core->dims, dim);
    if (n == 0) text_add(x->t, "0");
    for (uint32_t i = 0; i < n; i++) {
        if (i) text_add(x->t, " + ");
        add_term(x, dim, i);
    }
}

void emit_expression(Text *t, const EmitProgram *e, const EmitEntry *entry, Dim dim, const EmitNotation *how)
{
    Expression x = {t, e, entry, how};
    add_dim(&x, dim);
}
