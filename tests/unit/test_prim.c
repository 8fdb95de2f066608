/* links: nnc_sema nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_prim.c: the type rules of the primitives, right uses and wrong ones. Every row is a
 * function, checked as a definition (`fn`, names rigid) and as an entry point (`export fn`,
 * recorded). */
#include <criterion/criterion.h>

#include "sema_help.h"

typedef struct Row {
    const char *head, *body;
    const char *wrong; /* NULL: no message; "E0305" or "E0305 words" */
} Row;

/* Messages of one version of the row; the worst is that there are none where one is due. */
static void check_row(const Row *row, const char *kind)
{
    Checked c;
    char text[2048];
    snprintf(text, sizeof text, "%s %s {\n    %s\n}\n", kind, row->head, row->body);
    check_source(&c, text);
    if (!row->wrong) {
        cr_expect_eq(c.diags.list.n, 0, "%s\n%s", text, c.messages);
    } else {
        bool found = false;
        for (uint32_t i = 0; i < c.diags.list.n; i++) {
            const Diag *d = c.diags.list.at[i];
            bool code = strncmp(d->code, row->wrong, 5) == 0;
            found |= code && (!row->wrong[5] || strstr(diag_words(&c, d), row->wrong + 6));
        }
        cr_expect(found, "%sexpected %s, got:\n%s", text, row->wrong, c.messages);
    }
    arena_free(&c.arena);
}

static void check_rows(const Row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        check_row(&rows[i], "fn");
        if (!strchr(rows[i].head, '*')) check_row(&rows[i], "export fn"); /* exports have no packs */
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))

Test(prim, operators)
{
    static const Row rows[] = {
        {"f[B, D](x: float[B, D], b: float[D]) -> float[B, D]", "return x + b", NULL},
        {"f[B, D](x: float[B, D]) -> float[B, D]", "return x - mean(x, axis=1)", "E0305 D against B"},
        {"f[B, D](x: float[B, D]) -> float[B, D]", "return x - mean(x, axis=1)[:, _]", NULL},
        {"f[B, D](x: float[B, D]) -> float[B, D]", "return x / sum(x, axis=-1, keep=true)", NULL},
        {"f[B](p: float[B, 1], t: float[B]) -> float[B]", "return p - t", "E0305"},
        {"f[B](p: float[B], t: float[B]) -> float[B, B]", "return p[:, _] - t[_, :]", NULL},
        {"f[B](p: float[B]) -> float[B]", "return 2 * p + 1 - p ** 2 / 3", NULL},
        {"f[B](n: int[B]) -> float[B]", "return n + 0.5", "E0303 a float meets"},
        {"f[B](n: int[B]) -> float[B]", "return float(n) + 0.5", NULL},
        {"f[B](n: int[B], m: float[B]) -> float[B]", "return n + m", "E0303 element types differ"},
        {"f[B](n: int[B]) -> int[B]", "return n / 2", "E0303 integers divide"},
        {"f[B](n: int[B]) -> int[B]", "return n // 2 + n % 3", NULL},
        {"f[B](n: int[B]) -> int[B]", "return n ** 2", NULL},
        {"f[B](n: int[B]) -> int[B]", "return n ** n", "E0303 constant exponent"},
        {"f[B](n: int[B]) -> int[B]", "return 2 ** n", "E0303 constant exponent"},
        {"f[B](n: int[B]) -> int[B]", "return n + 3000000000", "E0303 does not fit"},
        {"f[B](m: bool[B]) -> bool[B]", "return m + m", "E0303"},
        {"f[B](m: bool[B]) -> bool[B]", "return m == 1", "E0303 a bool and a number"},
        {"f[B](m: bool[B]) -> bool[B]", "return m and not m or m == m", NULL},
        {"f[B](x: float[B]) -> float[B]", "return x * (1.5 and 2.0)", "E0303 compare first"},
        {"f[B](x: float[B]) -> float[B]", "return x * (3 or 2)", "E0303 compare first"},
        {"f[B](x: float[B]) -> bool[B]", "return x and x > 0", "E0303"},
        {"f[B](x: float[B]) -> bool[B]", "return 0 < x", NULL},
        {"f[B](x: u8[B]) -> u8[B]", "return x + x", "E0303 for storage"},
        {"f[B](x: u8[B]) -> float[B]", "return float(x) / 255", NULL},
        {"f[B](a: int<3>[B], b: int<4>[B]) -> int<6>[B]", "return a + b", NULL},
        {"f[B](a: int<3>[B]) -> int<5>[B]", "return a + 2", NULL},
        {"f[B](a: int<3>[B]) -> int<3>[B]", "return a - 1", "E0304"},
        {"f[B](x: float[B]) -> float[B]", "return x / B", NULL},
        {"f[B](x: float[B]) -> float[B]", "return x * float(9223372036854775807 * 2)", "E0313 too large"},
        {"f[B, D](x: float[B, D]) -> float[B, D // (D - 1)]", "return x", "E0312"},
    };
    CHECK_ROWS(rows);
}

Test(prim, products)
{
    static const Row rows[] = {
        {"f[B, K, N](x: float[B, K], w: float[K, N]) -> float[B, N]", "return x @ w", NULL},
        {"f[B, K, N](x: float[B, K], w: float[N, K]) -> float[B, N]", "return x @ w", "E0304"},
        {"f[B, K, N](x: float[B, K], w: float[N, K]) -> float[B, N]", "return x @ transpose(w)", NULL},
        {"f[*S, K, N](x: float[*S, K], w: float[K, N]) -> float[*S, N]", "return x @ w", NULL},
        {"f[K](x: float[K]) -> float", "return x @ x", NULL},
        {"f[B, M, K, N](x: float[B, M, K], y: float[B, K, N]) -> float[B, M, N]", "return x @ y", NULL},
        {"f[B, C, M, K](x: float[B, M, K], y: float[C, K, M]) -> float[B, M, M]", "return x @ y", "E0304"},
        {"f[B](x: int[B]) -> int", "return x @ x", "E0303"},
        {"f[b, t, h, e](q: float[b, t, h, e]) -> float[b, h, t, t]", "return einsum(\"b t h e, b s h e -> b h t s\", q, q)", NULL},
        {"f[b, h](w: float[b, h, 64], v: float[b, h, 32]) -> float[b]", "return einsum(\"b h s, b h s -> b\", w, v)",
         "E0331 axis `s` is 32 here but 64"},
        {"f[A, B, i](x: float[A, i], y: float[B, i]) -> float[A]", "return einsum(\"... i, ... i -> ...\", x, y)", "E0331 other axes"},
        {"f[A, B, i](x: float[A, i], y: float[B, A, i]) -> float[A]", "return einsum(\"... i, ... i -> ...\", x, y)", "E0331 other axes"},
        {"f[A, i](x: float[i], y: float[A, i]) -> float[A]", "return einsum(\"... i, ... i -> ...\", x, y)", "E0331 other axes"},
        {"f[*S, i](x: float[*S, i], y: float[*S, i]) -> float[*S]", "return einsum(\"... i, ... i -> ...\", x, y)", NULL},
        {"f[i, j](x: float[i], y: float[j]) -> float[i, j]", "return einsum(\"i, j -> i j\", x, y)", NULL},
        {"f[i](x: float[i]) -> float[i]", "return einsum(\"i -> i k\", x)", "E0331"},
        {"f[i](x: float[i, i]) -> float[i]", "return einsum(\"i i -> i\", x)", "E0330 twice"},
        {"f[i](x: float[i]) -> float[i]", "return einsum(\"i -> (i)\", x, x)", "E0331"},
        {"f[i, j](x: float[i, j]) -> float[i]", "return einsum(\"i j -> (i j)\", x)", "E0330 brackets"},
        {"f[i](x: float[i]) -> float[i]", "return einsum(\"i\", x)", "E0330"},
    };
    CHECK_ROWS(rows);
}

Test(prim, reductions)
{
    static const Row rows[] = {
        {"f[B, D](x: float[B, D]) -> float", "return sum(x)", NULL},
        {"f[B, D](x: float[B, D]) -> float[D]", "return max(x, axis=0)", NULL},
        {"f[B, H, W](x: float[B, H, W, 3]) -> float[B, 3]", "return mean(x, axis=[1, -2])", NULL},
        {"f[B, D](x: float[B, D]) -> float[B]", "return sum(x, axis=2)", "E0308 no axis 2"},
        {"f[B, D](x: float[B, D]) -> float[B]", "return sum(x, axis=[1, -1])", "E0308 twice"},
        {"f[B, D](x: float[B, D]) -> int<D>[B]", "return argmax(x, axis=-1)", NULL},
        {"f[B, D](x: float[B, D]) -> int<B * D>", "return argmin(x)", NULL},
        {"f(x: float) -> int<1>", "return argmax(x)", "E0308 needs an axis"},
        {"f[*S, D](x: float[*S, D]) -> float[*S]", "return mean(x, axis=-1)", NULL},
        {"f[*S](x: float[*S]) -> float", "return mean(x)", NULL},
        {"f[B](x: int[B]) -> int", "return mean(x)", "E0303 floats"},
        {"f[B](x: bool[B]) -> bool", "return any(x) and all(x)", NULL},
        {"f[B](x: bool[B]) -> float", "return sum(float(x))", NULL},
        {"f[B](x: bool[B]) -> int", "return sum(x)", "E0303"},
        {"f[B](x: u8[B]) -> u8", "return sum(x)", "E0303 for storage"},
        {"f[B](x: int<7>[B]) -> int<7>", "return max(x)", NULL},
        {"f[B](x: int<7>[B]) -> int<7>", "return sum(x)", "E0304"},
        {"f[B, D](x: float[B, D]) -> float[B, D]", "return cumsum(x, axis=1)", NULL},
        {"f[B, D](x: int[B, D]) -> int[B, D]", "return cumprod(x, axis=-1)", NULL},
        {"f[B, D](x: bool[B, D]) -> bool[B, D]", "return cumprod(x, axis=1)", "E0303 numbers"},
        {"f[B](x: float[B, 5]) -> (float[B], float[5])", "return var(x, axis=1), std(x, axis=0, correction=0)", NULL},
        {"f[*S, D](x: float[*S, D]) -> (float[*S], float)", "return std(x, axis=-1), var(x, correction=0)", NULL},
        {"f[B](x: float[B, 1]) -> float[B]", "return var(x, axis=1)", "E0313 at least 2 values, but there is 1"},
        {"f[B](x: float[B, 1]) -> float[B]", "return var(x, axis=1, correction=0)", NULL},
        {"f[B](x: float[B, 2]) -> float[B]", "return std(x, axis=1, correction=2)", "E0313 at least 3 values, but there are 2"},
        {"f[B](x: float[B, 2]) -> float[B]", "return std(x, axis=1, correction=-1)", "E0302 0 or more"},
        {"f[B](x: float[B, 2]) -> float[B]", "return std(x, axis=1, correction=0.5)", "E0302 whole number"},
        {"f[B](x: int[B, 2]) -> float[B]", "return var(x, axis=1)", "E0303 floats"},
        {"f[N, D](x: float[N, D]) -> float[N, D]", "return x / norm(x, axis=-1, keep=true) + norm(x, 1) + norm(x, p=inf)", NULL},
        {"f[*S, D](x: float[*S, D], p: int) -> float[*S]", "return norm(x, p, axis=-1)", NULL},
        {"f[B](x: float[B]) -> float", "return norm(x, 1.0) + norm(x, 2.0)", NULL},
        {"f[B](x: float[B]) -> float", "return norm(x, 3)", "E0302 1, 2 or inf"},
        {"f[B](x: float[B]) -> float", "return norm(x, -inf)", "E0302 1, 2 or inf"},
        {"f[B](x: float[B]) -> float", "return norm(x, x[0])", "E0302 known while compiling"},
        {"f[B, D](x: float[B, D]) -> float[D]", "return norm(x, [0])", "E0302 axis="},
        {"f[B](x: int[B]) -> float", "return norm(x)", "E0303 floats"},
        {"f[B, D](x: float[B, D]) -> float[B]", "return sum(x, axes=1)", "E0302 did you mean `axis`"},
        {"f[B, D](x: float[B, D]) -> float[B]", "return sum(x, axis=1, keepdims=true)", "E0302 keep=true"},
        {"f[B, D](x: float[B, D]) -> float[B, D]", "return x - sum(x, axis=1, keep=true) + sum(x[:, _], axis=2)[:, 0][:, _]", NULL},
        {"f[B, D](x: float[B, D]) -> float[B, D]", "return x + sum(x[_, :, _], axis=1)", "E0305"},
    };
    CHECK_ROWS(rows);
}

Test(prim, choices)
{
    static const Row rows[] = {
        {"f[B](x: float[B]) -> float[B]", "return where(x > 0, x, 0)", NULL},
        {"f[B](x: float[B]) -> float[B]", "return where(x, x, 0)", "E0303"},
        {"f[B](m: bool[B], n: int<5>[B]) -> int<5>[B]", "return where(m, n, 4)", NULL},
        {"f[B](m: bool[B], n: int<5>[B]) -> int<5>[B]", "return where(m, n, 5)", "E0304 int<6>"},
        {"f[B](m: bool[B]) -> int<2>[B]", "return where(m, 1, 0)", NULL},
        {"f[B](m: bool[B]) -> bool[B]", "return where(m, m, 1)", "E0303"},
        {"f[B](x: float[B]) -> float[B]", "return minimum(maximum(x, 0), 1)", NULL},
        {"f[B](m: bool[B]) -> bool[B]", "return minimum(m, m)", "E0303"},
        {"f[B](x: float[B]) -> float[B]", "return exp(x) + tanh(x) * rsqrt(x) + sqrt(B)", NULL},
        {"f[B](x: int[B]) -> int[B]", "return abs(x) + sign(x)", NULL},
        {"f[B](x: f64[B]) -> bool[B]", "return isnan(x) or not isfinite(x)", NULL},
        {"f[B](x: float[B]) -> float[B]", "return where(isnan(1.5) or isfinite(inf), 1.0, x)", NULL},
        {"f[B](x: int[B]) -> bool[B]", "return isnan(x)", "E0303 write float"},
        {"f[B](x: int[B]) -> float[B]", "return exp(x)", "E0303 write float"},
        {"f[B](x: float[B], i: int<B>) -> float", "return x[i]", NULL},
        {"f[B](x: float[B], i: int[4]) -> float", "return x[i[0]]", "E0307 expect"},
        {"f[B](x: float[B], i: int<B + 1>) -> float", "return x[i]", "E0307"},
        {"f[V, E, B, T](t: float[V, E], i: int<V>[B, T]) -> float[B, T, E]", "return take(t, i)", NULL},
        {"f[V, E, B, T](t: float[V, E], i: int<V>[B, T]) -> float[V, B, T]", "return take(t, i, axis=1)", "E0307"},
        {"f[*S, C](x: float[*S, C], i: int<C>[*S]) -> float[*S]", "return pick(x, i)", NULL},
        {"f[B, C](x: float[B, C], i: int<C>[C]) -> float[B]", "return pick(x, i)", "E0310"},
        {"f[B, C](x: float[B, C], i: float[B]) -> float[B]", "return pick(x, i)", "E0303"},
        {"f[*S, C](i: int<C>[*S]) -> float[*S, C]", "return one_hot(i, C)", NULL},
        {"f[B](i: int<4>[B]) -> float[B, 3]", "return one_hot(i, 3)", "E0307"},
        {"f[*S, D, N](i: int<N>[*S], x: float[*S, D]) -> float[N, D]", "return scatter_add(i, x, N)", NULL},
        {"f[B](i: int<9>[B], x: int[B]) -> int[9]", "return scatter_add(i, x, 9)", "E0303"},
        {"f[B, T](x: float[B, T]) -> (float[B, T], int<T>[B, T])", "return sort(x), argsort(x, axis=1, descending=true)", NULL},
        {"f[B, T](x: float[B, T]) -> int<B>[B, T]", "return argsort(x, 0)", NULL},
        {"f[*S, T](x: float[*S, T]) -> float[*S, T]", "return sort(x) + pick(x, argsort(x)[..., 0])[..., _]", NULL},
        {"f[B](x: int<7>[B]) -> int<7>[B]", "return sort(x, descending=true)", NULL},
        {"f[B](x: float[B]) -> float[B]", "return sort(x, axis=1)", "E0308 no axis 1"},
        {"f(x: float) -> float", "return sort(x)", "E0308 no axis"},
        {"f[B](x: bool[B]) -> bool[B]", "return sort(x)", "E0303 numbers"},
        {"f[B](x: f16[B]) -> f16[B]", "return sort(x)", "E0303 for storage"},
        {"f[B](x: float[B]) -> float[B]", "return sort(x, descending=1)", "E0302 true or false"},
        {"f(x: float[65536, 65536]) -> float[65536, 65536]", "return sort(x)", "E0311 at most 2147483647 numbers"},
        {"f[B](x: float[B, 9]) -> (float[B, 3], int<9>[B, 3])", "return top_k(x, 3)", NULL},
        {"f[B](x: float[B, 9]) -> (float[B, 10], int<9>[B, 10])", "return top_k(x, 10)", "E0311"},
    };
    CHECK_ROWS(rows);
}

Test(prim, indices)
{
    static const Row rows[] = {
        {"f[B, T](x: float[B, T]) -> float[B, T - 1]", "return x[:, :-1]", NULL},
        {"f[B, T](x: float[B, T, 4]) -> float[B, 4]", "return x[:, 0]", NULL},
        {"f[B, T](x: float[B, T, 4]) -> float[B, T]", "return x[..., -1]", NULL},
        {"f[B, T](x: float[B, T, 4]) -> float[B, T, 2]", "return x[..., 1:3]", NULL},
        {"f[B, T](x: float[B, T, 4]) -> float[B, T, 2]", "return x[..., ::2]", NULL},
        {"f[B, T](x: float[B, T, 5]) -> float[B, T, 2]", "return x[..., 1:5:2]", NULL},
        {"f[B, T](x: float[B, T, 4]) -> float[B, T]", "return x[..., 4]", "E0311"},
        {"f[B, T](x: float[B, T, 4]) -> float[B]", "return x[0, 0, 0, 0]", "E0309"},
        {"f[B, C](x: float[B, 5 + C], y: float[C]) -> float[B, C]", "return x[:, 5:] + y", NULL},
        {"f[B, C](x: float[B, C]) -> float[B, 5]", "return x[:, :5]", "E0311"},
        {"f[B, C](x: float[B, C]) -> float[B, C // 2]", "return x[:, C - C // 2:]", NULL},
        {"f[*S, C](x: float[*S, C]) -> float[*S]", "return x[..., 0]", NULL},
        {"f[B](x: float[B, 4]) -> float[B, 4]", "return x[:, ::-1]", "E0309 flip"},
        {"f[B](x: float[B, 4]) -> float[4, B]", "return x[..., ...]", "E0309"},
        {"f[B](x: float[B, 4], i: int[B]) -> float[B]", "return x[i]", "E0309 take"},
    };
    static const Row entry_only[] = {
        /* an entry checks at run time what a function must prove */
        {"f[B, T](x: float[B, T]) -> float[B, T - 1] requires T >= 2", "return x[:, :T - 1]", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_row(&rows[i], "fn");
    CHECK_ROWS(entry_only);
}

Test(prim, shapes)
{
    static const Row rows[] = {
        {"f[B, H, W](x: float[B, H, W]) -> float[B, H * W]", "return reshape(x, B, H * W)", NULL},
        {"f[B, H, W](x: float[B, H, W]) -> float[B, H * W]", "return reshape(x, [B, W * H])", NULL},
        {"f[B, H, W](x: float[B, H, W]) -> float[B, H]", "return reshape(x, B, H)", "E0311"},
        {"f[B](x: float[B, 6]) -> (float[B, 2], float[B, 2], float[B, 2])", "return split(x, 3, axis=1)", NULL},
        {"f[B](x: float[B, 6]) -> float[B, 6]", "a, b, c, d = split(x, 4)\n    return x", "E0312"},
        {"f[B, d](x: float[B, 3 * d], y: float[d]) -> float[B, d]", "a, b, c = split(x, 3)\n    return a + b * c + y", NULL},
        {"f[B, T](x: float[B, T]) -> float[B, T + 3]", "return pad(x, axis=1, before=1, after=2)", NULL},
        {"f[B](x: int<3>[B]) -> int<3>[B + 1]", "return pad(x, axis=0, after=1)", NULL},
        {"f[B](x: int<3>[B]) -> int<3>[B + 1]", "return pad(x, axis=0, after=1, value=2)", NULL},
        {"f[B](x: int<3>[B]) -> int<3>[B + 1]", "return pad(x, axis=0, after=1, value=3)", "E0304"},
        {"f[B](x: int[B]) -> int[B + 1]", "return pad(x, axis=0, after=1, value=0.5)", "E0303"},
        {"f[B](x: float[B]) -> float[B]", "return roll(flip(x, axis=0), 2, axis=0)", NULL},
        {"f[B, C](x: float[B, C], y: float[B, 3]) -> float[B, C + 3]", "return concat([x, y], axis=-1)", NULL},
        {"f[B, C](x: float[B, C], y: float[C, 3]) -> float[B, C + 3]", "return concat([x, y], axis=-1)", "E0321 cannot join"},
        {"f[B](x: float[B]) -> float[B, 2]", "return stack([x, 2 * x], axis=-1)", NULL},
        {"f[B](x: float[B]) -> float[2, B]", "return stack([x, 2 * x], axis=0)", NULL},
        {"f(x: float) -> float[3]", "return stack([x, 0, 0.5], axis=0)", NULL},
        {"f[B](x: int<3>[B], y: int<5>[B]) -> int<5>[B + B]", "return concat([x, y], axis=0)", NULL},
        {"f[B](x: float[B], y: int[B]) -> float[B + B]", "return concat([x, y], axis=0)", "E0321 element types"},
        {"f[B](x: float[B]) -> float[B, 3]", "return zeros(B, 3) + ones(B, 3) + full(0.5, B, 3)", NULL},
        {"f[B](x: float[B]) -> int<1>[B]", "return full(0, B)", NULL},
        {"f[B](x: float[B]) -> float[B - 2]", "return zeros(B - 2)", "E0311"},
        {"f[B](x: float[B]) -> float[B + 2]", "return zeros(B + 2)", NULL},
        {"f[n](x: float[n]) -> int<n>[n]", "return range(n)", NULL},
        {"f[n](x: float[n]) -> float[n, n]", "return eye(n)", NULL},
        {"f[*S](x: float[*S]) -> float[*S]", "return x / count(x) + x / size(*S)", NULL},
        {"f[*S](x: float[*S]) -> bool[*S]", "return bernoulli(0.5, *S)", NULL},
        {"f[B](x: float[B]) -> int<7>[B, 3]", "return randint(7, B, 3)", NULL},
        {"f[B](x: float[B]) -> int<7>[B]", "return randint(0, B)", "E0311"},
        {"f[*S, C](x: float[*S, C]) -> int<C>[*S]", "return categorical(x)", NULL},
        {"f[B](x: float[B]) -> float[B]", "return randn(B, seed=3)", "E0302"},
        {"f[B](x: float[B]) -> float[B]", "return randn(x)", "E0302 needs sizes"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_row(&rows[i], "fn");
}

Test(prim, patterns)
{
    static const Row rows[] = {
        {"f[B, T, d, h](x: float[B, T, h * d], q: float[h, d]) -> float[B, h, T, d]", "return rearrange(x, \"b t (h e) -> b h t e\", h=h)",
         NULL},
        {"f[B, C, H, W](x: float[B, C, H, W]) -> float[B, H, W, C]", "return rearrange(x, \"b c h w -> b h w c\")", NULL},
        {"f[B, H, W](x: float[B, H, W]) -> float[B, H * W]", "return rearrange(x, \"b ... -> b (...)\")", NULL},
        {"f[*S, c](x: float[*S, c]) -> float[c]", "return reduce(x, \"... c -> c\", mean)", NULL},
        {"f[*S, c](x: float[*S, c]) -> float[*S]", "return reduce(x, \"... c -> ...\", max)", NULL},
        {"f[b, s](m: bool[b, s]) -> bool[b, 7, s]", "return repeat(m, \"b s -> b t s\", t=7)", NULL},
        {"f[b, s](m: float[b, s]) -> float[b, 3 * s]", "return repeat(m, \"b s -> b (k s)\", k=3)", NULL},
        {"f[b](x: float[b, 6]) -> float[b, 2, 3]", "return rearrange(x, \"b (u v) -> b u v\", u=2)", NULL},
        {"f[b](x: float[b, 6]) -> float[b, 2, 3]", "return rearrange(x, \"b (u v) -> b u v\", u=4)", "E0331"},
        {"f[b](x: float[b, 6]) -> float[b, 2, 3]", "return rearrange(x, \"b (u v) -> b u v\")", "E0331"},
        {"f[b](x: float[b, 6]) -> float[6]", "return rearrange(x, \"b c -> c\")", "E0331 reduce"},
        {"f[b](x: float[b, 6]) -> float[6]", "return rearrange(x, \"b c -> c b k\")", "E0331"},
        {"f[b](x: float[b, 6]) -> float[6]", "return rearrange(x, \"b c d -> c b d\")", "E0331 3 axes"},
        {"f[b](x: float[b, 6]) -> float[6]", "return rearrange(x, \"b (c -> c b\")", "E0330"},
        {"f[b](x: float[b, 6]) -> float[6]", "return rearrange(x, \"b c = c b\")", "E0330"},
        {"f[b](x: float[b, 6]) -> float[6]", "return rearrange(x, \"b c -> b c ...\")", "E0331 right only"},
        {"f[b](x: float[b]) -> float[b]", "return rearrange(x, \"b -> b () () () () () () () () () () ()\")", "E0308"},
        {"f[b](x: float[b, 6]) -> float[b]", "return reduce(x, \"b c -> b\", 3)", "E0302"},
        {"f[b](x: float[b, 6]) -> float[b]", "return reduce(x, \"b c -> b\")", "E0302"},
        {"f[b](x: float[b, 6]) -> float[b]", "return repeat(x, \"b c -> b c k\", j=3)", "E0331 no letter `j`"},
    };
    CHECK_ROWS(rows);
}

Test(prim, windows)
{
    static const Row rows[] = {
        {"f[B, H, W](x: float[B, H, W, 3], w: float[3, 3, 3, 8]) -> float[B, H, W, 8]", "return conv2d(x, w, pad=1)", NULL},
        {"f[B](x: float[B, 28, 28, 1], w: float[5, 5, 1, 6]) -> float[B, 24, 24, 6]", "return conv2d(x, w)", NULL},
        {"f[B](x: float[B, 28, 28, 1], w: float[3, 3, 1, 6]) -> float[B, 14, 15, 6]", "return conv2d(x, w, stride=2, pad=[[1, 1], [2, 1]])",
         NULL},
        {"f[B](x: float[B, 9, 9, 4], w: float[3, 3, 2, 6]) -> float[B, 7, 7, 6]", "return conv2d(x, w, groups=2)", NULL},
        {"f[B](x: float[B, 9, 9, 4], w: float[3, 3, 2, 5]) -> float[B, 7, 7, 5]", "return conv2d(x, w, groups=2)", "E0340 equal groups"},
        {"f[B](x: float[B, 9, 9, 4], w: float[3, 3, 3, 5]) -> float[B, 7, 7, 5]", "return conv2d(x, w)", "E0306 3 channels"},
        {"f[B](x: float[B, 2, 2, 4], w: float[3, 3, 4, 5]) -> float[B, 1, 1, 5]", "return conv2d(x, w)", "E0311"},
        {"f[B](x: float[B, 9, 4], w: float[3, 3, 4, 5]) -> float[B, 7, 7, 5]", "return conv2d(x, w)", "E0306"},
        {"f[B](x: float[B, 9, 9, 4], w: float[3, 3, 4, 5]) -> float[B, 9, 9, 5]", "return conv2d(x, w, pad=\"same\")",
         "E0340 no padding by name"},
        {"f[B](x: float[B, 9, 9, 4], w: float[3, 3, 4, 5]) -> float[B, 9, 9, 5]", "return conv2d(x, w, stride=0)", "E0340 at least 1"},
        {"f[B](x: float[B, 9, 9, 4], w: float[3, 3, 4, 5]) -> float[B, 9, 9, 5]", "return conv2d(x, w, output_pad=1)", "E0340 transposed"},
        {"f[B](x: float[B, 7, 7, 4], w: float[4, 4, 4, 5]) -> float[B, 14, 14, 5]", "return conv2d_transpose(x, w, stride=2, pad=1)", NULL},
        {"f[B](x: float[B, 7, 7, 4], w: float[3, 3, 4, 5]) -> float[B, 14, 14, 5]",
         "return conv2d_transpose(x, w, stride=2, pad=1, output_pad=1)", NULL},
        {"f[B](x: float[B, 7, 7, 4], w: float[3, 3, 4, 5]) -> float[B, 15, 15, 5]",
         "return conv2d_transpose(x, w, stride=2, pad=1, output_pad=2)", "E0340 less than the stride"},
        {"f[B](x: float[B, 7, 4], w: float[3, 4, 5]) -> float[B, 3, 5]", "return conv1d(x, w, dilation=2)", NULL},
        {"f[B](x: float[B, 8, 8, 4]) -> float[B, 4, 4, 4]", "return max_pool2d(x, 2)", NULL},
        {"f[B](x: float[B, 8, 8, 4]) -> float[B, 4, 4, 4]", "return avg_pool2d(x, 3, stride=2, pad=1)", NULL},
        {"f[B](x: float[B, 8, 8, 4]) -> float[B, 4, 4, 4]", "return max_pool2d(x, 3, stride=2, ceil=true)", NULL},
        {"f[B](x: float[B, 5, 5, 4]) -> float[B, 3, 3, 4]", "return max_pool2d(x, 2, ceil=true)", NULL},
        /* the last window would begin in the padding: PyTorch leaves it out */
        {"f[B](x: float[B, 6, 4]) -> float[B, 2, 4]", "return max_pool1d(x, 1, stride=5, ceil=true)", NULL},
        {"f[B](x: float[B, 5, 4]) -> float[B, 1, 4]", "return max_pool1d(x, 1, stride=5, ceil=true)", NULL},
        {"f[B](x: float[B, 7, 4]) -> float[B, 2, 4]", "return max_pool1d(x, 1, stride=5, ceil=true)", NULL},
        {"f[B](x: float[B, 4, 4]) -> float[B, 3, 4]", "return avg_pool1d(x, 2, stride=2, pad=1, ceil=true)", NULL},
        {"f[B](x: float[B, 5, 4]) -> float[B, 3, 4]", "return avg_pool1d(x, 2, stride=2, pad=1, ceil=true)", NULL},
        {"f[B, T](x: float[B, T, 4]) -> float[B, T // 2 + 1, 4]", "return max_pool1d(x, 3, stride=2, pad=1, ceil=true)", NULL},
        {"f[B](x: float[B, 8, 8, 4]) -> float[B, 4, 4, 4]", "return avg_pool2d(x, 2, pad=2)", "E0340 padding only"},
        {"f[B](x: float[B, 8, 8, 4]) -> float[B, 4, 4, 4]", "return max_pool2d(x, 2, count_pad=true)", "E0340"},
    };
    CHECK_ROWS(rows);
}
