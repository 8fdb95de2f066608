/* SPDX-License-Identifier: MIT
 * gemm.c: products of matrices by OpenBLAS and oneDNN, as far as they are installed, for bench/kernels. A child like step.c:
 *     have                          {"openblas": true or false, "onednn": ...}
 *     LIBRARY FORM M N K SECONDS    calls for that long: {"median": s, "least": s, "calls": n}; FORM nn, nt or tn; all matrices by rows
 * Its arguments are the files of the two libraries. OMP_NUM_THREADS says how many threads. Nothing of them is needed to build it. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

typedef void Cblas(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb,
                   float beta, float *c, int ldc);
typedef int Dnnl(char ta, char tb, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda, const float *b, int64_t ldb,
                 float beta, float *c, int64_t ldc);
enum { ROWS_FIRST = 101, PLAIN = 111, TRANSPOSED = 112 };

static Cblas *cblas;
static Dnnl *dnnl;

typedef struct Product {
    int m, n, k, ta, tb;
    float *a, *b, *c;
} Product;

static void *symbol(const char *path, const char *name)
{
    void *library = dlopen(path, RTLD_NOW);
    return library ? dlsym(library, name) : NULL;
}

static float *drawn(size_t n)
{
    float *p = aligned_alloc(64, (n * 4 + 63) / 64 * 64);
    if (!p) exit(5);
    uint64_t s = 88172645463325252u;
    for (size_t i = 0; i < n; i++) {
        s ^= s << 13, s ^= s >> 7, s ^= s << 17;
        p[i] = (float)((double)(s >> 40) / 16777216.0 - 0.5);
    }
    return p;
}

static void multiply(const Product *p, int by_dnnl)
{
    int lda = p->ta ? p->m : p->k, ldb = p->tb ? p->k : p->n;
    if (by_dnnl)
        dnnl(p->ta ? 'T' : 'N', p->tb ? 'T' : 'N', p->m, p->n, p->k, 1, p->a, lda, p->b, ldb, 0, p->c, p->n);
    else
        cblas(ROWS_FIRST, p->ta ? TRANSPOSED : PLAIN, p->tb ? TRANSPOSED : PLAIN, p->m, p->n, p->k, 1, p->a, lda, p->b, ldb, 0, p->c, p->n);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void time_calls(const Product *p, int by_dnnl, double seconds)
{
    enum { MOST = 100000 };
    static double took[MOST];
    int n = 0;
    for (double start = rt_now(); rt_now() - start < 0.05;) /* the first calls are slow */
        multiply(p, by_dnnl);
    for (double start = rt_now(); n < MOST && (!n || rt_now() - start < seconds); n++) {
        double begin = rt_now();
        multiply(p, by_dnnl);
        took[n] = rt_now() - begin;
    }
    qsort(took, (size_t)n, sizeof *took, compare);
    printf("{\"median\": %.9f, \"least\": %.9f, \"calls\": %d}\n", took[n / 2], took[0], n);
}

int main(int argc, char **argv)
{
    if (argc < 3) return 2;
    void *found = symbol(argv[1], "cblas_sgemm");
    memcpy(&cblas, &found, sizeof found);
    found = symbol(argv[2], "dnnl_sgemm");
    memcpy(&dnnl, &found, sizeof found);
    for (char line[256]; fgets(line, sizeof line, stdin); fflush(stdout)) {
        char library[16], form[8];
        double seconds;
        Product p;
        if (!strcmp(line, "have\n")) {
            printf("{\"openblas\": %s, \"onednn\": %s}\n", cblas ? "true" : "false", dnnl ? "true" : "false");
            continue;
        }
        if (sscanf(line, "%15s %7s %d %d %d %lf", library, form, &p.m, &p.n, &p.k, &seconds) != 6) return 2;
        int by_dnnl = !strcmp(library, "onednn");
        if (by_dnnl ? !dnnl : !cblas) return 3;
        p.ta = form[0] == 't', p.tb = form[1] == 't';
        p.a = drawn((size_t)p.m * (size_t)p.k), p.b = drawn((size_t)p.k * (size_t)p.n), p.c = drawn((size_t)p.m * (size_t)p.n);
        time_calls(&p, by_dnnl, seconds);
        free(p.a), free(p.b), free(p.c);
    }
    return 0;
}
