/* SPDX-License-Identifier: MIT
 * verify_points.c: accesses at the corners of the domain, and point by point inside of boxes and bands (verify.h). */
#include "kernel/verify.h"

Range points_range(Check *c, const Kernel *k, const Dim *stride, Dim off, bool rows)
{
    Range r = {value(c, off), value(c, off)};
    for (int i = 0; i < k->n_axes; i++) {
        int64_t s = value(c, stride[i]), n = value(c, k->axis[i]);
        if (rows && i == 0) n = value(c, k->rows);
        if (s < 0)
            r.lo = plus(c, r.lo, times(c, s, n - 1));
        else
            r.hi = plus(c, r.hi, times(c, s, n - 1));
    }
    return r;
}

bool points_none(Check *c, const Kernel *k)
{
    for (int i = 0; i < k->n_axes; i++)
        if (value(c, k->axis[i]) < 1) return true;
    return false;
}

/* Visits the offset of every point inside the boxes of an access; false: one was refused. */
typedef bool Visit(void *user, int64_t offset);

enum { MOST_POINTS = 20000 }; /* larger samples only repeat the pattern */

static bool holds(Check *c, const Kernel *k, const struct AccessBox *x, const int64_t *at)
{
    int64_t v = value(c, x->off);
    for (int i = 0; i < k->n_axes; i++)
        v += value(c, x->stride[i]) * at[i];
    return v >= value(c, x->lo) && v < value(c, x->hi);
}

/* Of axes that an access does not look at only the first index counts. */
static int64_t count_points(Check *c, const Kernel *k, const Access *a, int64_t *extent)
{
    int64_t total = 1;
    for (int i = 0; i < k->n_axes; i++) {
        bool looks = a->stride[i] || (a->open && k->band->stride[i]);
        for (uint32_t b = 0; b < a->n_box; b++)
            looks |= a->box[b].stride[i] != 0;
        extent[i] = looks ? value(c, k->axis[i]) : 1;
        total = times(c, total, extent[i]);
    }
    return total;
}

static bool visit_points(Check *c, const Kernel *k, const Access *a, Visit *visit, void *user)
{
    int64_t at[MAX_AXES] = {0}, extent[MAX_AXES], total = count_points(c, k, a, extent);
    if (total > MOST_POINTS || c->overflow) return true;
    for (int64_t p = 0; p < total; p++) {
        int64_t off = value(c, a->off);
        bool inside = !a->open || holds(c, k, k->band, at);
        for (int i = 0; i < k->n_axes; i++)
            off += value(c, a->stride[i]) * at[i];
        for (uint32_t b = 0; a->boxed && b < a->n_box; b++)
            inside &= holds(c, k, &a->box[b], at);
        if (inside && !visit(user, off)) return false;
        for (int i = k->n_axes - 1; i >= 0 && ++at[i] == extent[i]; i--)
            at[i] = 0;
    }
    return true;
}

static bool in_range(void *user, int64_t offset)
{
    const Range *r = user;
    return offset >= r->lo && offset < r->hi;
}

bool points_fit(Check *c, const Kernel *k, const Access *a, int64_t shift, int64_t n)
{
    Range r = {-shift, n - shift};
    return visit_points(c, k, a, in_range, &r);
}

typedef struct Marks {
    bool *on;
    int64_t lo, hi;
} Marks;

static bool mark(void *user, int64_t offset)
{
    Marks *m = user;
    m->on[offset - m->lo] = true;
    return true;
}

static bool not_marked(void *user, int64_t offset)
{
    const Marks *m = user;
    return offset < m->lo || offset > m->hi || !m->on[offset - m->lo];
}

bool points_miss(Check *c, const Kernel *k, const Access *from, const Access *to)
{
    Range r = points_range(c, k, to->stride, to->off, false);
    if (c->overflow || r.hi - r.lo > 1 << 24 || points_none(c, k)) return true;
    Marks m = {ARENA_ARRAY(c->arena, bool, r.hi - r.lo + 1), r.lo, r.hi};
    return visit_points(c, k, to, mark, &m) && visit_points(c, k, from, not_marked, &m);
}

static bool is_marked(void *user, int64_t offset)
{
    return !not_marked(user, offset);
}

static bool reads_inside(const Kernel *k, uint32_t buf)
{
    bool found = false;
    for (uint32_t i = 0; i < k->body.n; i++) {
        for (uint32_t r = 0; r < k->body.at[i]->rd.n; r++)
            found |= k->body.at[i]->rd.at[r].buf == buf;
        found |= reads_inside(k->body.at[i], buf);
    }
    return found;
}

void points_open(Check *c, Kernel *const *list, uint32_t n, const Kernel *k, const Access *to)
{
    Range r = points_range(c, k, to->stride, to->off, false);
    if (c->overflow) return;
    Marks m = {ARENA_ARRAY(c->arena, bool, r.hi - r.lo + 1), r.lo, r.hi};
    int64_t extent[MAX_AXES];
    bool few = count_points(c, k, to, extent) <= MOST_POINTS;
    if (c->p->buf.at[to->buf].cls != (c->group ? BUF_LOCAL : BUF_WORK)) fail(c, k, "a store of a result is open");
    visit_points(c, k, to, mark, &m);
    for (uint32_t i = 0; i < n; i++) {
        const Kernel *l = list[i];
        if (reads_inside(l, to->buf)) fail(c, l, arena_print(c->arena, "%%%u is read inside where it is open", to->buf));
        for (uint32_t j = 0; j < l->rd.n; j++) {
            Access from = l->rd.at[j];
            if (from.buf != to->buf) continue;
            from.open = true;
            if (l->kind != K_NEST || !l->band || (few && !visit_points(c, l, &from, is_marked, &m)))
                fail(c, l, arena_print(c->arena, "%%%u is read where it is open", to->buf));
        }
    }
}
