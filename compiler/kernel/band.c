/* SPDX-License-Identifier: MIT
 * band.c: which kernels get bands (band.h). */
#include "kernel/band.h"

#include <string.h>

enum { LEAST_INDICES = 32, MOST_CANDIDATES = 8 };

typedef struct Choice { /* of a kernel of a list */
    bool found;
    Band band;
    const Value *value; /* by node, outside of it */
} Choice;

typedef struct ListBands { /* of a list of kernels: a program, or the body of a group */
    Bands *b;
    Kernel *const *kernel;
    uint32_t n;
    BufClass cls;   /* of buffers that no other list touches */
    Choice *choice; /* by place in the list */
    int64_t least;
} ListBands;

/* ---- what loops can do --------------------------------------------------------------------------- */

static bool is_const(const Bands *b, Dim d, int64_t want)
{
    int64_t v = 0;
    return (!d || dim_is_const(b->p->module->dims, d, &v)) && v == want;
}

static bool varies(const Access *a, int axis, const Bands *b)
{
    return !is_const(b, a->stride[axis], 0);
}

/* Rows of a nest run along its last axis, which has vectors side by side then. */
static bool nest_fits(const Bands *b, const Kernel *k, const int axis[2], const int64_t extent[2])
{
    int last = k->n_axes - 1;
    if (k->sum.fixed && k->sum.chains != last) return false;
    if (k->part == last || k->n_red > 1 || axis[1] != last || (k->n_red && axis[0] >= last) || extent[1] > KEPT_ROW) return false;
    for (uint32_t i = 0; i < k->rd.n + k->wr.n; i++) {
        const Access *a = i < k->rd.n ? &k->rd.at[i] : &k->wr.at[i - k->rd.n];
        if (a->boxed || a->index || (varies(a, last, b) && !is_const(b, a->stride[last], 1))) return false;
    }
    return true;
}

static bool fits(const ListBands *g, const Kernel *k, const Band *band)
{
    int axis[2];
    int64_t extent[2];
    if (!band_axes(g->b, k, band, axis, extent) || extent[0] < g->least || extent[1] < g->least) return false;
    if (k->kind == K_NEST) return nest_fits(g->b, k, axis, extent);
    return k->kind == K_GEMM && k->cls[axis[0]] != AX_K && k->cls[axis[1]] != AX_K;
}

/* ---- forward: what is known --------------------------------------------------------------------- */

static uint32_t add_candidate(Band *list, uint32_t n, const Band *band)
{
    for (uint32_t i = 0; i < n; i++)
        if (band_within(band, &list[i]) && band_within(&list[i], band)) return n;
    if (n < MOST_CANDIDATES) list[n++] = *band;
    return n;
}

static uint32_t candidates(const ListBands *g, const Kernel *k, Band *list)
{
    uint32_t n = 0;
    Band band;
    bool exact;
    for (uint32_t i = 0; i < k->x.n; i++) {
        const XNode *x = &k->x.at[i];
        if (x->kind == X_ld && band_of_read(g->b, k, &k->rd.at[x->access], &band)) n = add_candidate(list, n, &band);
        for (int truth = 0; truth < 2 && x->kind == X_op && x->op == OP_where; truth++)
            if (band_of_condition(g->b, k, x->in[0] - 1, truth, &band, &exact)) n = add_candidate(list, n, &band);
    }
    return n;
}

static void learn_stores(const ListBands *g, const Kernel *k, const Band *band, const Value *value, const bool *high)
{
    for (uint32_t i = 0; i < k->x.n; i++) {
        if (k->x.at[i].kind != X_st) continue;
        const Access *to = &k->wr.at[k->x.at[i].access];
        BandFact *f = &g->b->fact[to->buf];
        f->high |= high[i];
        if (value[i].kind == VALUE_ANY || f->by) continue;
        f->value = value[i], f->band = *band, f->by = k, f->to = to;
    }
}

static void learn_tame(const Bands *b, const Kernel *k)
{
    bool *tame = ARENA_ARRAY(b->scratch, bool, k->x.n + 1);
    band_tame(b, k, tame);
    for (uint32_t i = 0; i < k->x.n; i++)
        if (k->x.at[i].kind == X_st && !k->wr.at[k->x.at[i].access].boxed)
            b->fact[k->wr.at[k->x.at[i].access].buf].tame = tame[k->x.at[i].in[0] - 1];
}

static void judge(const ListBands *g, const Kernel *k, Choice *c)
{
    Band list[MOST_CANDIDATES];
    uint32_t n = candidates(g, k, list);
    bool *high = ARENA_ARRAY(g->b->scratch, bool, k->x.n + 1);
    for (uint32_t i = 0; i < n && !c->found; i++) {
        Value *value = ARENA_ARRAY(g->b->scratch, Value, k->x.n + 1);
        if (!fits(g, k, &list[i]) || !band_values(g->b, k, &list[i], value, high)) continue;
        learn_stores(g, k, &list[i], value, high);
        bool some = false;
        for (uint32_t x = 0; x < k->x.n; x++)
            some |= k->x.at[x].kind == X_reduce || (k->x.at[x].kind == X_st && value[x].kind != VALUE_ANY);
        if (some) *c = (Choice){.found = true, .band = list[i], .value = value};
    }
}

/* ---- backward: who needs what ------------------------------------------------------------------- */

static bool reads_inside(const Kernel *k, uint32_t buf)
{
    for (uint32_t i = 0; i < k->body.n; i++) {
        for (uint32_t r = 0; r < k->body.at[i]->rd.n; r++)
            if (k->body.at[i]->rd.at[r].buf == buf) return true;
        if (reads_inside(k->body.at[i], buf)) return true;
    }
    return false;
}

/* The band of kernel k that has all points whose elements the others read, if they read by bands; false: they read all. */
static bool band_of_readers(const ListBands *g, const Kernel *k, const Access *to, Band *band)
{
    bool some = false;
    Band from = {0}, here;
    if (g->b->p->buf.at[to->buf].cls != g->cls || g->b->writers[to->buf] != 1) return false;
    for (uint32_t i = 0; i < g->n; i++) {
        const Kernel *l = g->kernel[i];
        if (reads_inside(l, to->buf)) return false;
        for (uint32_t r = 0; r < l->rd.n; r++) {
            if (l->rd.at[r].buf != to->buf) continue;
            if (l->kind != K_NEST || !l->band || !band_across(g->b, l, &l->rd.at[r], &g->choice[i].band, k, to, &here)) return false;
            if (some && !band_within(&here, &from) && !band_within(&from, &here)) return false;
            if (!some || band_within(&from, &here)) from = here;
            some = true;
        }
    }
    *band = from;
    return some;
}

/* A kernel without reductions has the band of those that read what it makes. */
static bool ask_readers(const ListBands *g, const Kernel *k, Choice *c)
{
    Value *value = ARENA_ARRAY(g->b->scratch, Value, k->x.n + 1);
    if (k->n_red || !k->wr.n || !band_of_readers(g, k, &k->wr.at[0], &c->band) || !fits(g, k, &c->band)) return false;
    c->found = true;
    c->value = value;
    return true;
}

static bool is_row_level(const ListBands *g, const Kernel *k, const Access *to)
{
    return k->kind == K_NEST && k->n_red && !varies(to, k->n_axes - 1, g->b);
}

static bool can_fill(const Bands *b, const Access *to, Value v)
{
    uint8_t dtype = b->p->buf.at[to->buf].dtype;
    return v.kind == VALUE_CONST && (dtype == DT_f32 || dtype == DT_f64 || (dtype == DT_wide16 && v.number == 0));
}

static bool decide(const ListBands *g, Kernel *k, Choice *c)
{
    Band readers;
    if (!c->found && !ask_readers(g, k, c)) return false;
    for (uint32_t i = 0; i < k->x.n; i++) {
        if (k->x.at[i].kind != X_st) continue;
        Access *to = &k->wr.at[k->x.at[i].access];
        if (is_row_level(g, k, to)) continue;
        if (to->boxed || to->index) return false;
        to->open = band_of_readers(g, k, to, &readers) && band_within(&readers, &c->band);
        if (!to->open && !can_fill(g->b, to, c->value[i])) return false;
        to->fill = c->value[i].number;
    }
    return true;
}

static struct AccessBox *box_of(const Bands *b, const Kernel *k, const Band *band)
{
    struct AccessBox *box = ARENA_NEW(b->p->arena, struct AccessBox);
    Dims *dims = b->p->module->dims;
    int64_t least = 0, most = 0, n = 0;
    for (int i = 0; i < k->n_axes; i++) {
        int64_t s = band->stride[i];
        if (!s || !dim_is_const(dims, k->axis[i], &n)) continue;
        box->stride[i] = dim_const(dims, s);
        least += s < 0 ? s * (n - 1) : 0;
        most += s > 0 ? s * (n - 1) : 0;
    }
    box->off = dim_const(dims, 0);
    box->lo = dim_const(dims, band->lo > least ? band->lo : least);
    box->hi = dim_const(dims, band->hi <= most ? band->hi : most + 1);
    return box;
}

static void clear_stores(Kernel *k)
{
    for (uint32_t i = 0; i < k->wr.n; i++)
        k->wr.at[i].open = false;
}

/* ---- operands of contractions -------------------------------------------------------------------- */

static void mark_zeros(const ListBands *g, Kernel *k)
{
    Band band;
    int axis[2];
    int64_t extent[2];
    for (int i = 0; k->kind == K_GEMM && i < 2; i++) {
        Access *a = &k->rd.at[i];
        if (a->n_box || !band_of_read(g->b, k, a, &band) || !band_axes(g->b, k, &band, axis, extent)) continue;
        Value v = g->b->fact[a->buf].value;
        bool along = k->cls[axis[0]] == AX_K || k->cls[axis[1]] == AX_K;
        if (v.kind != VALUE_CONST || v.number != 0 || !along || extent[0] < g->least || extent[1] < g->least) continue;
        a->zeros = true;
        a->box = box_of(g->b, k, &band);
        a->n_box = 1;
    }
}

/* ---- the program --------------------------------------------------------------------------------- */

static bool may_have_band(const Kernel *k)
{
    return k->kind == K_NEST || k->kind == K_GEMM;
}

static void learn_inside(const Bands *b, const Kernel *k)
{
    for (uint32_t i = 0; i < k->body.n; i++) {
        if (may_have_band(k->body.at[i])) learn_tame(b, k->body.at[i]);
        learn_inside(b, k->body.at[i]);
    }
}

static void list_bands(Bands *b, Kernel *const *kernel, uint32_t n, BufClass cls, int64_t least)
{
    ListBands g = {.b = b, .kernel = kernel, .n = n, .cls = cls, .least = least};
    g.choice = ARENA_ARRAY(b->scratch, Choice, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        Kernel *k = kernel[i];
        if (may_have_band(k)) {
            judge(&g, k, &g.choice[i]);
            learn_tame(b, k);
            mark_zeros(&g, k);
        } else if (k->kind == K_GROUP) {
            list_bands(b, k->body.at, k->body.n, BUF_LOCAL, least);
        } else {
            learn_inside(b, k);
        }
    }
    for (uint32_t i = n; i-- > 0;) {
        Kernel *k = kernel[i];
        if (may_have_band(k) && decide(&g, k, &g.choice[i]))
            k->band = box_of(b, k, &g.choice[i].band);
        else
            clear_stores(k);
    }
}

static void count_writers(const Kernel *k, uint32_t *writers)
{
    for (uint32_t i = 0; i < k->wr.n; i++)
        writers[k->wr.at[i].buf]++;
    for (uint32_t i = 0; i < k->body.n; i++)
        count_writers(k->body.at[i], writers);
}

void bands_find(KProgram *p, Arena *scratch, int64_t least)
{
    uint32_t *writers = ARENA_ARRAY(scratch, uint32_t, p->buf.n + 1);
    Bands b = {.p = p, .scratch = scratch, .writers = writers, .fact = ARENA_ARRAY(scratch, BandFact, p->buf.n + 1)};
    for (uint32_t i = 0; i < p->kernel.n; i++)
        count_writers(p->kernel.at[i], writers);
    list_bands(&b, p->kernel.at, p->kernel.n, BUF_WORK, least ? least : LEAST_INDICES);
}
