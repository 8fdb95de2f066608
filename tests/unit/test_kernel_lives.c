/* links: nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_kernel_lives.c: kernel_verify of programs by hand, beside what happens in memory: items of groups, lives and places of buffers,
 * bands that leave something open. */
#include "kernel_points.h"

TestSuite(kernel_lives, .init = begin);

/* ---- items of a group --------------------------------------------------------------------------------- */

/* What item i writes and item j touches, i and j different: is any of it the same? */
static bool items_meet(const Plain *w, const int64_t *we, const Plain *x, const int64_t *xe, const int64_t *items)
{
    int64_t i[AXES] = {0}, e, f;
    do {
        int64_t j[AXES] = {0};
        do {
            int64_t at[AXES] = {0};
            if (i[0] == j[0] && i[1] == j[1]) continue;
            do {
                int64_t to[AXES] = {0};
                element(w, at, &e);
                do {
                    element(x, to, &f);
                    if (e + w->iter[0] * i[0] + w->iter[1] * i[1] == f + x->iter[0] * j[0] + x->iter[1] * j[1]) return true;
                } while (next(to, xe, 2));
            } while (next(at, we, 2));
        } while (next(j, items, 2));
    } while (next(i, items, 2));
    return false;
}

static Plain of_items(void)
{
    static const int64_t strides[] = {1, 2, 3, 4, 6, 8, 12, 24};
    Plain a = {.off = 40, .iter = {strides[draw(0, 7)], strides[draw(0, 7)]}};
    a.stride[0] = strides[draw(0, 5)];
    a.stride[1] = draw(0, 1);
    return a;
}

static Kernel *body_kernel(Kernel *group, uint32_t order, const int64_t *extent)
{
    Kernel *k = kernel_of(K_NEST, order == 1 ? "first" : "second", 2, extent);
    k->order = order, k->grouped = true;
    vec_add(&scratch, &group->body, k);
    return k;
}

/* One kernel writes, the other reads or writes the same buffer. */
Test(kernel_lives, items_of_a_group)
{
    int known = 0, apart = 0, alone = 0;
    for (int i = 0; i < 4000; i++) {
        int64_t items[2] = {draw(1, 3), draw(1, 3)}, we[2] = {draw(1, 3), draw(1, 3)}, xe[2] = {we[0], we[1]};
        Plain w = of_items(), x = i % 2 ? w : of_items();
        if (i % 4 == 1) x.off += draw(-1, 1), x.stride[draw(0, 1)] += draw(0, 1), xe[draw(0, 1)] = draw(1, 3);
        if (w.stride[1] == 0) we[1] = 1;
        if (x.stride[1] == 0) xe[1] = 1;
        KProgram *p = program();
        Kernel *group = kernel_of(K_GROUP, "group", 2, items);
        group->rows = D(items[0] * items[1]);
        vec_add(&scratch, &p->kernel, group);
        Kernel *first = body_kernel(group, 1, we), *second = body_kernel(group, 2, xe);
        uint32_t buf = buffer(p, BUF_ARG, ARG);
        bool write = draw(0, 1);
        vec_add(&scratch, &first->wr, access_of(buf, &w));
        if (write)
            vec_add(&scratch, &second->wr, access_of(buf, &x));
        else
            vec_add(&scratch, &second->rd, access_of(buf, &x));
        bool right =
            !items_meet(&w, we, &x, xe, items) && !items_meet(&w, we, &w, we, items) && !(write && items_meet(&x, xe, &x, xe, items));
        const char *error = kernel_verify(p, &scratch);
        cr_assert(error || right, "case %d is accepted", i);
        cr_assert(!error || strstr(error, "two items of a group write one element") || strstr(error, "where other items write it"),
                  "case %d: %s", i, error);
        known += !error;
        apart += right;
        alone += items[0] * items[1] == 1;
    }
    cr_expect(known == 653 && apart == 1728 && alone == 433, "known are %d of %d that are apart, %d are one item", known, apart, alone);
}

/* ---- memory ------------------------------------------------------------------------------------------- */

enum { BUFFERS = 5, BYTES = 1 << 14 };

typedef struct Memory { /* whose element lies in a byte: buffer * 1000 + element + 1 */
    int owner[BYTES];
    int64_t offset[BUFFERS + 2];
    bool backwards, wrong;
} Memory;

static void look(Memory *m, uint32_t buf, int64_t element)
{
    for (int64_t b = 0; b < 4; b++)
        m->wrong |= m->owner[m->offset[buf] + 4 * element + b] != (int)(buf * 1000 + (uint32_t)element + 1);
}

static void put(Memory *m, uint32_t buf, int64_t element)
{
    for (int64_t b = 0; b < 4; b++)
        m->owner[m->offset[buf] + 4 * element + b] = (int)(buf * 1000 + (uint32_t)element + 1);
}

/* A dense store of all of `to`; reads `from` at the same points, or from the other end. */
typedef struct Step {
    uint32_t from, to; /* 0: none */
    int64_t n;
    bool turned;
} Step;

static void run_step(Memory *m, const Step *s)
{
    for (int64_t k = 0; k < s->n; k++) {
        int64_t i = m->backwards ? s->n - 1 - k : k;
        if (s->from) look(m, s->from, s->turned ? s->n - 1 - i : i);
        put(m, s->to, i);
    }
}

static Kernel *kernel_of_step(const Step *s, uint32_t order)
{
    Kernel *k = kernel_of(K_NEST, "step", 1, &s->n);
    Plain same = {.stride = {1}}, turned = {.off = s->n - 1, .stride = {-1}};
    k->order = order;
    if (s->from) vec_add(&scratch, &k->rd, access_of(s->from, s->turned ? &turned : &same));
    vec_add(&scratch, &k->wr, access_of(s->to, &same));
    return k;
}

/* Buffers of up to 40 elements in work memory or local to a group, each above some of those before it, or in the place of one. */
static void add_buffers(KProgram *p, Memory *m, int64_t *n, bool local)
{
    vec_add(&scratch, &p->table, (TableEntry){0});
    for (uint32_t b = 1; b <= BUFFERS; b++) {
        n[b] = b % 2 ? 16 * draw(1, 2) : 16 * draw(1, 2) + draw(-1, 1);
        uint32_t buf = buffer(p, local ? BUF_LOCAL : BUF_WORK, n[b]), twin = (uint32_t)draw(1, b);
        TableEntry t = {.kind = TABLE_PLACE, .dim = D(4 * n[b])};
        p->buf.at[buf].place = b;
        m->offset[b] = 0;
        for (uint32_t a = 1; a < b; a++) {
            int64_t end = (m->offset[a] + 4 * n[a] + 63) / 64 * 64;
            if (draw(0, 5) == 0 || p->buf.at[a].place != a) continue;
            vec_add(&scratch, &t.above, a);
            if (end > m->offset[b]) m->offset[b] = end;
        }
        vec_add(&scratch, &p->table, t);
        vec_add(&scratch, &p->place_order, b);
        if (local) p->buf.at[buf].place = m->offset[b] = 64 * draw(0, 9);
        if (local || twin == b || draw(0, 1) || n[twin] < n[b]) continue;
        p->buf.at[buf].place = p->buf.at[twin].place;
        m->offset[b] = m->offset[twin];
    }
}

/* Every buffer is written once and read up to twice, in an order of its own. */
static int random_steps(Step *s, const int64_t *n)
{
    int steps = 0;
    for (uint32_t b = 1; b <= BUFFERS; b++) {
        for (int again = (int)draw(0, 1); b > 1 && again >= 0; again--) {
            uint32_t from = (uint32_t)draw(1, b - 1), to = again ? BUFFERS + 1 : b;
            s[steps++] = (Step){from, to, to == b && n[b] < n[from] ? n[b] : to == b ? n[b] : n[from], draw(0, 3) == 0};
            if (to == b && n[b] > n[from]) s[steps - 1].from = 0;
        }
        if (b == 1) s[steps++] = (Step){0, 1, n[1], false};
    }
    return steps;
}

static bool memory_holds(Memory *m, const Step *s, int n, int from, int to, int trips)
{
    m->wrong = false;
    for (int way = 0; way < 2; way++) {
        m->backwards = way;
        memset(m->owner, 0, sizeof m->owner);
        for (int i = 0, turn = 1; i < n; i++) {
            run_step(m, &s[i]);
            if (i == to && turn < trips) turn++, i = from - 1;
        }
    }
    return !m->wrong;
}

/* Steps from .. to are the body of a scan of two turns, if from <= to; of a group of one item if local. */
static void add_steps(KProgram *p, const Step *s, int n, int from, int to, bool local)
{
    Kernel *outer = kernel_of(local ? K_GROUP : K_SCAN, "outer", 0, NULL);
    uint32_t order = 0;
    if (local)
        outer->rows = D(1);
    else
        outer->trips = D(2);
    for (int i = 0; i < n; i++) {
        bool inside = i >= from && i <= to;
        if (i == from && inside) {
            outer->order = order++;
            vec_add(&scratch, &p->kernel, outer);
        }
        Kernel *k = kernel_of_step(&s[i], order++);
        if (inside)
            vec_add(&scratch, &outer->body, k);
        else
            vec_add(&scratch, &p->kernel, k);
    }
}

static void check_memory(int cases, bool scans, bool local, int want, int want_of)
{
    static Memory m;
    int known = 0, of = 0;
    for (int i = 0; i < cases; i++) {
        Step s[4 * BUFFERS];
        int64_t n[BUFFERS + 2] = {0};
        KProgram *p = program();
        add_buffers(p, &m, n, local);
        m.offset[BUFFERS + 1] = BYTES / 2; /* an argument is elsewhere */
        buffer(p, BUF_ARG, 64);
        int steps = random_steps(s, n), from = local ? 0 : scans ? (int)draw(0, steps - 1) : steps;
        int to = local ? steps - 1 : scans ? (int)draw(from, steps - 1) : 0;
        add_steps(p, s, steps, from, to, local);
        p->scratch_bytes = 64 * draw(9, 11);
        bool right = memory_holds(&m, s, steps, from, to, scans ? 2 : 1);
        for (uint32_t b = 1; local && b <= BUFFERS; b++)
            right &= m.offset[b] + 4 * n[b] <= p->scratch_bytes;
        const char *error = kernel_verify(p, &scratch);
        cr_assert(error || right, "case %d is accepted", i);
        known += !error;
        of += right;
    }
    cr_expect(known == want && of == want_of, "known are %d of %d that are right, not %d of %d", known, of, want, want_of);
}

Test(kernel_lives, buffers_in_work_memory)
{
    check_memory(3000, false, false, 1310, 1564);
}

Test(kernel_lives, buffers_of_scans)
{
    check_memory(3000, true, false, 1252, 1433);
}

Test(kernel_lives, buffers_of_a_group)
{
    check_memory(3000, false, true, 520, 1084);
}

/* A value in the gradient block (lend.h) is not in use any more when a gradient is made there, nor when weights change: an update, a store
 * of the gradient y, and in any order between them a store and a load of x. Where x would not end within its limit it lies elsewhere. */
Test(kernel_lives, values_in_the_gradient_block)
{
    enum { STORE, LOAD, MAKE, UPDATE, STEPS };
    int right = 0, apart = 0;
    for (int i = 0; i < 3000; i++) {
        KProgram *p = program();
        int order[STEPS], at[STEPS] = {0, 1, 2, 3};
        for (int s = STEPS - 1, k; s > 0; s--) {
            int v = at[s];
            k = (int)draw(0, s), at[s] = at[k], at[k] = v;
        }
        for (int s = 0; s < STEPS; s++)
            order[at[s]] = s;
        if (order[LOAD] < order[STORE]) continue;
        int64_t n = draw(1, 40), m = draw(1, 40), place = draw(0, 60) * 4, limit = 4 * n + draw(-1, 1);
        entry.grad_offset = 64;
        vec_add(&scratch, &p->table, ((TableEntry){.kind = TABLE_PLACE, .dim = D(4 * n), .limit = limit}));
        vec_add(&scratch, &p->place_order, 0);
        p->n_lent = 1;
        uint32_t x = buffer(p, BUF_WORK, n), y = buffer(p, BUF_TRAIN, m), out = buffer(p, BUF_ARG, 64);
        p->buf.at[y].place = place;
        Step step[] = {{0, x, n, false}, {x, out, n, false}, {0, y, m, false}};
        for (uint32_t s = 0; s < STEPS; s++) {
            Kernel *k = at[s] == UPDATE ? kernel_of(K_UPDATE, "update", 0, NULL) : kernel_of_step(&step[at[s]], s);
            k->order = s;
            vec_add(&scratch, &p->kernel, k);
        }
        bool lies_there = limit >= 4 * n, meets = 64 < place + 4 * m && place < 64 + 4 * n;
        bool made = order[MAKE] < order[LOAD], updated = order[STORE] < order[UPDATE] && order[UPDATE] < order[LOAD];
        bool accept = !lies_there || (!updated && !(made && meets));
        const char *error = kernel_verify(p, &scratch);
        cr_assert(!error == accept && (!error || strstr(error, "beyond an update") || strstr(error, "lies where the gradient")),
                  "case %d: %s", i, error ? error : "accepted");
        right += accept;
        apart += !meets;
    }
    entry.grad_offset = 0;
    cr_expect(right > 500 && apart > 100, "%d are right, %d are apart", right, apart);
}

/* ---- bands ---------------------------------------------------------------------------------------------- */

static Plain random_band(void)
{
    Plain a = {.n_box = 1};
    a.box[0].off = draw(-1, 1), a.box[0].lo = draw(-3, 1), a.box[0].hi = draw(1, 6);
    a.box[0].stride[0] = draw(-1, 1), a.box[0].stride[1] = draw(-1, 1);
    return a;
}

/* Is every element that the reader looks at one that the writer stores? */
static bool reads_written(const Plain *w, const Plain *r, const int64_t *extent)
{
    bool written[64] = {false}, right = true;
    int64_t at[AXES] = {0}, e;
    do
        if (element(w, at, &e)) written[e] = true;
    while (next(at, extent, 2));
    do
        right &= !element(r, at, &e) || written[e];
    while (next(at, extent, 2));
    return right;
}

/* What is open outside of the band of its kernel is read inside of it, by a nest with a band. Exact. */
Test(kernel_lives, open_outside_of_a_band)
{
    enum { SIDE = 4 };
    static const int64_t extent[2] = {SIDE, SIDE};
    int right = 0;
    for (int i = 0; i < 3000; i++) {
        KProgram *p = program();
        Plain w = random_band(), r = i % 3 ? random_band() : w, out = {.stride = {SIDE, 1}};
        bool band = i % 10 != 5, scan = i % 10 == 7, result = i % 10 == 8;
        w.stride[0] = r.stride[0] = SIDE, w.stride[1] = r.stride[1] = 1;
        if (i % 3 == 0 && i % 2) r.box[0].lo += draw(0, 1), r.box[0].hi -= draw(0, 1);
        if (draw(0, 3) == 0) r.stride[0] = 1, r.stride[1] = SIDE;
        vec_add(&scratch, &p->table, ((TableEntry){.kind = TABLE_PLACE, .dim = D(4 * SIDE * SIDE)}));
        vec_add(&scratch, &p->place_order, 0);
        uint32_t buf = buffer(p, result ? BUF_ARG : BUF_WORK, SIDE * SIDE), to = buffer(p, BUF_ARG, SIDE * SIDE);
        Kernel *writer = kernel_of(K_NEST, "writer", 2, extent), *reader = kernel_of(K_NEST, "reader", 2, extent);
        Kernel *outer = kernel_of(K_SCAN, "outer", 0, NULL);
        Access store = access_of(buf, &w), load = access_of(buf, &r);
        writer->band = store.box;
        reader->band = band ? load.box : NULL;
        store.boxed = load.boxed = false, store.n_box = load.n_box = 0, store.open = true;
        outer->trips = D(1), outer->order = 1, reader->order = 1 + scan;
        vec_add(&scratch, &writer->wr, store);
        vec_add(&scratch, &reader->rd, load);
        vec_add(&scratch, &reader->wr, access_of(to, &out));
        vec_add(&scratch, &outer->body, reader);
        vec_add(&scratch, &p->kernel, writer);
        vec_add(&scratch, &p->kernel, scan ? outer : reader);
        bool accept = reads_written(&w, &r, extent) && band && !scan && !result;
        const char *error = kernel_verify(p, &scratch);
        cr_assert(!error == accept && (!error || strstr(error, "open")), "case %d: %s", i, error ? error : "accepted");
        right += accept;
    }
    cr_expect(right > 600 && right < 2400, "%d are right", right);
}
