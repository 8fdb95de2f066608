/* links: nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_kernel_points.c: kernel_verify and what it asks of accesses, beside all points tried one by one.
 *
 * Kernels of random axes, strides and boxes. What the verifier accepts must be right at every point; where it may refuse what is right,
 * the number of those it knows to be right is written down: fewer would be plans that cannot be made. */
#include "kernel_points.h"

TestSuite(kernel_points, .init = begin);

/* ---- inside of the buffer ----------------------------------------------------------------------------- */

static bool all_inside(const Plain *a, const int64_t *extent, int n, int64_t trips, int64_t elements)
{
    int64_t at[AXES] = {0}, e;
    if (empty(extent, n)) return true;
    do {
        for (int64_t t = 0; t < trips; t++)
            if (element(a, at, &e) && (e + a->iter[0] * t < 0 || e + a->iter[0] * t >= elements)) return false;
    } while (next(at, extent, n));
    return true;
}

static int64_t reach(const Plain *a, const int64_t *extent, int n, int64_t trips)
{
    int64_t most = a->off;
    for (int i = 0; i < n; i++)
        if (a->stride[i] > 0) most += a->stride[i] * (extent[i] - 1);
    return most + (a->iter[0] > 0 ? a->iter[0] * (trips - 1) : 0);
}

/* The verifier is exact here: in and outside of scans, with boxes and without. */
Test(kernel_points, accesses_stay_in_their_buffer)
{
    int right = 0;
    for (int i = 0; i < 4000; i++) {
        int n = (int)draw(1, AXES);
        int64_t extent[AXES], trips = draw(1, 3);
        for (int a = 0; a < AXES; a++)
            extent[a] = draw(draw(0, 9) != 0, MOST);
        KProgram *p = program();
        Plain a = random_access(n, -1, i % 2);
        if (i % 3 == 0) a.iter[0] = draw(-4, 4);
        if (i % 5 == 0) a.off = -draw(0, 2);
        int64_t elements = reach(&a, extent, n, trips) + draw(-1, 2);
        if (elements < 1) elements = 1;
        Kernel *scan = kernel_of(K_SCAN, "scan", 0, NULL), *k = kernel_of(K_NEST, "nest", n, extent);
        scan->trips = D(trips);
        k->order = 1;
        vec_add(&scratch, &k->wr, access_of(buffer(p, BUF_ARG, elements), &a));
        vec_add(&scratch, &scan->body, k);
        vec_add(&scratch, &p->kernel, i % 3 ? k : scan);
        if (i % 3) k->order = 0, trips = 1, a.iter[0] = 0;
        bool inside = all_inside(&a, extent, n, trips, elements);
        const char *error = kernel_verify(p, &scratch);
        cr_assert(!error == inside && (inside || strstr(error, "leaves the buffer")), "case %d: %s", i, error ? error : "accepted");
        right += inside;
    }
    cr_expect(right > 1000 && right < 3000, "%d are right", right);
}

/* ---- what is read beside what is written -------------------------------------------------------------- */

/* Do a point of one and a point of the other touch the same element? */
static bool meet(const Plain *a, const Plain *b, const int64_t *extent, int n)
{
    int64_t at[AXES] = {0}, e, f;
    if (empty(extent, n)) return false;
    do {
        int64_t to[AXES] = {0};
        if (!element(a, at, &e)) continue;
        do {
            if (!element(b, to, &f)) continue;
            for (int64_t row = 0; row < (a->step ? a->rows : 1); row++)
                if (e + a->step * row == f) return true;
        } while (next(to, extent, n));
    } while (next(at, extent, n));
    return false;
}

static bool same(const Plain *a, const Plain *b)
{
    return a->off == b->off && memcmp(a->stride, b->stride, sizeof a->stride) == 0 && !a->n_box && !b->n_box && !a->step;
}

static Kernel *one_kernel(KProgram *p, KernelKind kind, int n, const int64_t *extent)
{
    Kernel *k = kernel_of(kind, "nest", n, extent);
    vec_add(&scratch, &p->kernel, k);
    return k;
}

/* Of pairs that are apart, how many are known to be. */
static void check_apart(int cases, bool boxes, bool gathers, int want, int want_of)
{
    int known = 0, of = 0;
    for (int i = 0; i < cases; i++) {
        int n = (int)draw(1, AXES);
        int64_t extent[AXES] = {draw(1, MOST), draw(1, MOST), draw(1, MOST)};
        KProgram *p = program();
        Plain from = random_access(n, gathers ? 0 : -1, boxes), to = random_access(n, -1, false);
        if (gathers) from.step = draw(1, 20), from.rows = draw(1, 4);
        if (!gathers && i % 7 == 0) to = from, to.n_box = 0;
        from.off += 100, to.off += gathers ? draw(70, 180) : 100;
        Kernel *k = one_kernel(p, K_NEST, n, extent);
        uint32_t buf = buffer(p, BUF_ARG, ARG);
        vec_add(&scratch, &k->rd, access_of(buf, &from));
        vec_add(&scratch, &k->wr, access_of(buf, &to));
        bool apart = !meet(&from, &to, extent, n);
        const char *error = kernel_verify(p, &scratch);
        cr_assert(error || apart || same(&from, &to), "case %d is accepted", i);
        cr_assert(!error || strstr(error, "is read where other points write it"), "case %d: %s", i, error);
        cr_assert(!apart || !boxes || !from.n_box || !error, "case %d with a box: %s", i, error); /* each point was tried */
        known += apart && !error;
        of += apart;
    }
    cr_expect(known == want && of == want_of, "known are %d of %d that are apart, not %d of %d", known, of, want, want_of);
}

Test(kernel_points, reads_beside_writes)
{
    check_apart(3000, false, false, 1298, 1415);
}

Test(kernel_points, reads_in_boxes_beside_writes)
{
    check_apart(1500, true, false, 1012, 1038);
}

Test(kernel_points, gathers_beside_writes)
{
    check_apart(3000, false, true, 1859, 2190);
}

/* ---- two accesses ------------------------------------------------------------------------------------- */

/* For constant sizes, and what holds for every size of B in 1 .. 5. */
Test(kernel_points, disjoint_accesses)
{
    int known = 0, for_all = 0;
    for (int i = 0; i < 3000; i++) {
        int n = (int)draw(1, AXES);
        int64_t extent[AXES] = {draw(0, MOST), draw(1, MOST), draw(1, MOST)}, sample[8] = {0};
        KProgram *p = program();
        Plain a = random_access(n, -1, false), b = random_access(n, -1, false);
        Kernel *k = one_kernel(p, K_NEST, n, extent);
        uint32_t buf = buffer(p, BUF_ARG, ARG);
        Access x = access_of(buf, &a), y = access_of(buf, &b);
        bool apart = accesses_disjoint_at(p, k, &x, &y, sample);
        cr_assert(!apart || !meet(&a, &b, extent, n), "case %d is not apart", i);
        cr_assert_eq(apart, accesses_disjoint_at(p, k, &y, &x, sample), "case %d", i);
        cr_assert_eq(apart, accesses_disjoint(p, k, &x, &y), "case %d: for all sizes", i);
        known += apart;
        k->axis[0] = B;
        bool always = accesses_disjoint(p, k, &x, &y);
        for (extent[0] = 1; always && extent[0] < 6; extent[0]++)
            cr_assert(!meet(&a, &b, extent, n), "case %d is not apart with %d indices", i, (int)extent[0]);
        for_all += always;
    }
    cr_expect(known == 1813 && for_all == 909, "known are %d, for all sizes %d", known, for_all);
}

/* A part of a concatenation reads the whole in a box that has none of its points: that is no read of what is not written. */
Test(kernel_points, reads_of_the_filling)
{
    static const int64_t extent = 4;
    static const Plain whole = {.stride = {1}}, none = {.stride = {1}, .n_box = 1, .box = {{.stride = {1}, .lo = 5, .hi = 6}}};
    for (int boxed = 0; boxed < 2; boxed++)
        for (int own = 0; own < 2; own++) {
            KProgram *p = program();
            vec_add(&scratch, &p->table, ((TableEntry){.kind = TABLE_PLACE, .dim = D(16)}));
            vec_add(&scratch, &p->place_order, 0);
            uint32_t buf = buffer(p, BUF_WORK, 4), other = buffer(p, BUF_ARG, 4);
            Kernel *k = one_kernel(p, K_NEST, 1, &extent);
            vec_add(&scratch, &k->rd, access_of(buf, boxed ? &none : &whole));
            vec_add(&scratch, &k->wr, access_of(own ? buf : other, &whole));
            const char *error = kernel_verify(p, &scratch);
            cr_expect(!error == (boxed && own) && (!error || strstr(error, "is read before it is written")), "boxed %d, own %d: %s", boxed,
                      own, error ? error : "accepted");
        }
}
