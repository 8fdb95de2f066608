/* SPDX-License-Identifier: MIT
 * prologue.c: i32 <prefix>_prologue(ptr table, ptr sizes) fills the table of sizes, places and
 * totals.
 *
 * Every intermediate value must stay below 2^62 in magnitude: each product and sum is computed in
 * f64 as well, whose error is far smaller than the distance to 2^63. Result 1: some value did not
 * fit. */
#include "loop/lowering.h"

typedef struct Fill {
    LB b;
    KProgram *p;
    Dims *dims;
    LV table, sizes, bad; /* bad: mask, so far */
    LV leaves;            /* mask: something that is lent lies beyond its limit */
    bool plain;           /* the core has looked at the sizes: every number fits */
    VEC(Dim) known;
    VEC(LV) value; /* of known */
} Fill;

static void check(Fill *f, LV approximate)
{
    LB *b = &f->b;
    if (f->plain) return;
    LV fits = l_cmp(b, LP_lt, l_un(b, L_fabs, approximate), l_float(b, LT_f64, 1, 0x1p62));
    f->bad = l_bin(b, L_or, f->bad, l_un(b, L_not, fits));
}

static LV checked(Fill *f, bool product, LV x, LV y)
{
    LB *b = &f->b;
    if (f->plain || (l_is_int(b, x, NULL) && l_is_int(b, y, NULL))) return l_bin(b, product ? L_imul : L_iadd, x, y);
    LV fx = l_cvt(b, x, LT_f64), fy = l_cvt(b, y, LT_f64);
    check(f, l_bin(b, product ? L_fmul : L_fadd, fx, fy));
    return l_bin(b, product ? L_imul : L_iadd, x, y);
}

static LV symbol_value(Fill *f, Symbol symbol)
{
    for (uint32_t i = 0; i < f->p->symbols.n; i++)
        if (f->p->symbols.at[i] == symbol) {
            LV v = l_load(&f->b, f->sizes, 8 * (int64_t)i, DT_i64, 1, 0);
            check(f, l_cvt(&f->b, v, LT_f64));
            return v;
        }
    BUG("%s: '%s' is not a size of this entry", f->p->name, symbol_name(f->dims, symbol));
}

static LV dim_value(Fill *f, Dim dim);

static LV term_value(Fill *f, Dim dim, uint32_t term)
{
    LV v = l_i64(&f->b, dim_coefficient(f->dims, dim, term));
    for (uint32_t i = 0; i < dim_n_atoms(f->dims, dim, term); i++) {
        DimAtom a = dim_atom(f->dims, dim, term, i);
        LV x = a.symbol ? dim_value(f, dim_symbol(f->dims, a.symbol)) : l_bin(&f->b, L_ifdiv, dim_value(f, a.num), dim_value(f, a.den));
        v = checked(f, true, v, x);
    }
    return v;
}

/* Straight-line code, so a value once computed may be used again. */
static LV dim_value(Fill *f, Dim dim)
{
    int64_t c;
    Symbol symbol;
    if (dim == 0 || dim_is_const(f->dims, dim, &c)) return l_i64(&f->b, dim == 0 ? 0 : c);
    for (uint32_t i = 0; i < f->known.n; i++)
        if (f->known.at[i] == dim) return f->value.at[i];
    LV v;
    if (dim_is_symbol(f->dims, dim, &symbol)) {
        v = symbol_value(f, symbol);
    } else {
        v = l_i64(&f->b, 0);
        for (uint32_t t = 0; t < dim_n_terms(f->dims, dim); t++)
            v = checked(f, false, v, term_value(f, dim, t));
    }
    vec_add(f->b.m->arena, &f->known, dim);
    vec_add(f->b.m->arena, &f->value, v);
    return v;
}

static LV larger(Fill *f, LV x, LV y)
{
    return l_sel(&f->b, l_cmp(&f->b, LP_lt, x, y), y, x);
}

/* Whether place j lies above i, directly or through others: bit j of row i. */
static bool lies_above(const uint64_t *row, uint32_t j)
{
    return row[j / 64] >> (j % 64) & 1;
}

/* Of the places below each place, those that no other of them lies above already: the others
 * cannot be the highest. */
typedef struct Below {
    uint64_t *bits; /* rows of `words` */
    uint32_t words;
    bool *known;
    VEC(uint32_t) direct;
} Below;

static void find_below(Fill *f, Below *w, uint32_t i)
{
    Arena *arena = f->b.m->arena;
    const TableEntry *t = &f->p->table.at[i];
    uint64_t *row = w->bits + (size_t)i * w->words;
    for (uint32_t j = 0; j < t->above.n; j++) {
        if (!w->known[t->above.at[j]]) BUG("%s: place %u lies above a later one", f->p->name, i);
        const uint64_t *other = w->bits + (size_t)t->above.at[j] * w->words;
        for (uint32_t k = 0; k < w->words; k++)
            row[k] |= other[k];
    }
    w->known[i] = true;
    w->direct.n = 0;
    for (uint32_t j = 0; j < t->above.n; j++)
        if (!lies_above(row, t->above.at[j])) vec_add(arena, &w->direct, t->above.at[j]);
    for (uint32_t j = 0; j < w->direct.n; j++)
        row[w->direct.at[j] / 64] |= (uint64_t)1 << (w->direct.at[j] % 64);
}

/* Offset of place i: the highest end below it. `sum` adds up the sizes of all places in f64; it is
 * checked once, since no end lies beyond it. */
static LV place_value(Fill *f, Below *w, uint32_t i, LV *end, LV *sum)
{
    LB *b = &f->b;
    LV v = l_i64(b, 0), bytes = dim_value(f, f->p->table.at[i].dim);
    find_below(f, w, i);
    for (uint32_t j = 0; j < w->direct.n; j++)
        v = j ? larger(f, v, end[w->direct.at[j]]) : end[w->direct.at[j]];
    LV reached = l_bin(b, L_iadd, v, bytes), padded = l_bin(b, L_iadd, reached, l_i64(b, 63));
    int64_t limit = f->p->table.at[i].limit;
    if (limit) f->leaves = l_bin(b, L_or, f->leaves, l_cmp(b, LP_lt, l_i64(b, limit), reached));
    end[i] = l_bin(b, L_and, padded, l_i64(b, -64));
    if (f->plain) return v;
    LV most = l_bin(b, L_fadd, l_cvt(b, bytes, LT_f64), l_float(b, LT_f64, 1, 64));
    *sum = l_bin(b, L_fadd, *sum, most);
    return v;
}

/* Is it a sum of multiples of one size, and of numbers, none of them below 0? Then it is largest where the size is. */
static bool is_line(const Dims *dims, Dim dim)
{
    for (uint32_t t = 0; dim && t < dim_n_terms(dims, dim); t++) {
        uint32_t n = dim_n_atoms(dims, dim, t);
        if (dim_coefficient(dims, dim, t) < 0 || n > 1 || (n && !dim_atom(dims, dim, t, 0).symbol)) return false;
    }
    return true;
}

/* Do all numbers of the table, and all places in a row, stay below 2^31 if each size is this one? */
static bool all_fit(const KProgram *p, int64_t size)
{
    const Dims *dims = p->module->dims;
    int64_t *sample = ARENA_ARRAY(p->arena, int64_t, symbol_count(dims) + 1), all = 0, v = 0;
    for (uint32_t i = 0; i <= symbol_count(dims); i++)
        sample[i] = size;
    for (uint32_t i = 0; i < p->table.n; i++) {
        const TableEntry *t = &p->table.at[i];
        if (!t->dim) continue;
        if (!dim_eval(dims, t->dim, sample, &v) || v > INT32_MAX) return false;
        all += t->kind == TABLE_DIM ? 0 : v + 64;
    }
    return all <= INT32_MAX;
}

/* The largest size with which every number of the table fits into 31 bits; 0: not known, or of several sizes. */
static int64_t most_size(const KProgram *p)
{
    int64_t least = 0, end = INT32_MAX;
    if (p->symbols.n > 1) return 0;
    for (uint32_t i = 0; i < p->table.n; i++)
        if (!is_line(p->module->dims, p->table.at[i].dim)) return 0;
    while (end - least > 1) {
        int64_t middle = least + (end - least) / 2;
        if (all_fit(p, middle))
            least = middle;
        else
            end = middle;
    }
    return least;
}

void lower_prologue(LoopModule *m, KProgram *p, const char *name)
{
    uint8_t params[] = {LT_ptr, LT_ptr};
    Fill f = {.p = p, .dims = p->module->dims};
    f.b = (LB){m, loop_fn_new(m, name, params, 2, LT_i32)};
    LB *b = &f.b;
    b->f->cold = true;
    f.table = l_label(b, l_arg(b, 0), "table");
    f.sizes = l_label(b, l_arg(b, 1), "sizes");
    f.bad = f.leaves = l_int(b, LT_mask, 1, 0);
    if (m->target.compact && m->target.pointer_bytes == 4) p->most_size = most_size(p);
    f.plain = p->most_size > 0;
    LV *end = ARENA_ARRAY(m->arena, LV, p->table.n + 1), total = l_i64(b, 0), lent = l_i64(b, 0);
    LV sum = l_float(b, LT_f64, 1, 0);
    Below below = {.words = p->table.n / 64 + 1};
    below.bits = ARENA_ARRAY(m->arena, uint64_t, (size_t)below.words *(p->table.n + 1));
    below.known = ARENA_ARRAY(m->arena, bool, p->table.n + 1);
    for (uint32_t i = 0; i < p->table.n; i++)
        if (p->table.at[i].kind == TABLE_DIM) l_store(b, f.table, 8 * (int64_t)i, DT_i64, dim_value(&f, p->table.at[i].dim), 0);
    for (uint32_t k = 0; k < p->place_order.n; k++) {
        uint32_t i = p->place_order.at[k];
        LV v = place_value(&f, &below, i, end, &sum);
        LV *most = p->table.at[i].limit ? &lent : &total;
        *most = larger(&f, *most, end[i]);
        l_store(b, f.table, 8 * (int64_t)i, DT_i64, v, 0);
    }
    check(&f, sum);
    for (uint32_t i = 0; i < p->table.n; i++) {
        TableKind kind = p->table.at[i].kind;
        if (kind == TABLE_WORK) l_store(b, f.table, 8 * (int64_t)i, DT_i64, total, 0);
        if (kind == TABLE_LENT) l_store(b, f.table, 8 * (int64_t)i, DT_i64, l_sel(b, f.leaves, lent, l_i64(b, 0)), 0);
        if (kind == TABLE_SCRATCH) l_store(b, f.table, 8 * (int64_t)i, DT_i64, l_i64(b, p->scratch_bytes), 0);
    }
    l_ret(b, l_cvt(b, f.bad, LT_i32));
}
