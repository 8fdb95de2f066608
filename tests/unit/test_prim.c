/* links: nnc_sema nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_prim.c: the type rules of the primitives, right uses (wrong ones: tests/messages/prim.txt). Every row is a function, checked as
 * a definition (`fn`, names rigid) and as an entry point (`export fn`, recorded). */
#include <criterion/criterion.h>

#include "sema_help.h"

typedef struct Row {
    const char *head, *body;
} Row;

static void check_row(const Row *row, const char *kind)
{
    Checked c;
    char text[2048];
    snprintf(text, sizeof text, "%s %s {\n    %s\n}\n", kind, row->head, row->body);
    check_source(&c, text);
    cr_expect_eq(c.diags.list.n, 0, "%s\n%s", text, c.messages);
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
        {"f[B, D](x: float[B, D], b: float[D]) -> float[B, D]", "return x + b"},
        {"f[B, D](x: float[B, D]) -> float[B, D]", "return x - mean(x, axis=1)[:, _]"},
        {"f[B, D](x: float[B, D]) -> float[B, D]", "return x / sum(x, axis=-1, keep=true)"},
        {"f[B](p: float[B], t: float[B]) -> float[B, B]", "return p[:, _] - t[_, :]"},
        {"f[B](p: float[B]) -> float[B]", "return 2 * p + 1 - p ** 2 / 3"},
        {"f[B](n: int[B]) -> float[B]", "return float(n) + 0.5"},
        {"f[B](n: int[B]) -> int[B]", "return n // 2 + n % 3"},
        {"f[B](n: int[B]) -> int[B]", "return n ** 2"},
        {"f[B](m: bool[B]) -> bool[B]", "return m and not m or m == m"},
        {"f[B](x: float[B]) -> bool[B]", "return 0 < x"},
        {"f[B](x: u8[B]) -> float[B]", "return float(x) / 255"},
        {"f[B](a: int<3>[B], b: int<4>[B]) -> int<6>[B]", "return a + b"},
        {"f[B](a: int<3>[B]) -> int<5>[B]", "return a + 2"},
        {"f[B](x: float[B]) -> float[B]", "return x / B"},
    };
    CHECK_ROWS(rows);
}

Test(prim, products)
{
    static const Row rows[] = {
        {"f[B, K, N](x: float[B, K], w: float[K, N]) -> float[B, N]", "return x @ w"},
        {"f[B, K, N](x: float[B, K], w: float[N, K]) -> float[B, N]", "return x @ transpose(w)"},
        {"f[*S, K, N](x: float[*S, K], w: float[K, N]) -> float[*S, N]", "return x @ w"},
        {"f[K](x: float[K]) -> float", "return x @ x"},
        {"f[B, M, K, N](x: float[B, M, K], y: float[B, K, N]) -> float[B, M, N]", "return x @ y"},
        {"f[b, t, h, e](q: float[b, t, h, e]) -> float[b, h, t, t]", "return einsum(\"b t h e, b s h e -> b h t s\", q, q)"},
        {"f[n, i](x: float[n, i, i]) -> float[n, i]", "return einsum(\"n i i -> n i\", x)"},
        {"f[i](x: float[i, i, i]) -> float", "return einsum(\"i i i ->\", x)"},
        {"f[*S, i](x: float[*S, i, i]) -> float[*S]", "return einsum(\"... i i -> ...\", x)"},
        {"f[B, T, D, E](x: float[B, T, D], w: float[D, E]) -> float[B, T, E]", "return x @ w[_, :, :]"},
        {"f[B, H, T, D](x: float[H, T, D], w: float[B, H, D, D]) -> float[B, H, T, D]", "return x[_, ...] @ w"},
        {"f[*S, i](x: float[*S, i], y: float[*S, i]) -> float[*S]", "return einsum(\"... i, ... i -> ...\", x, y)"},
        {"f[i, j](x: float[i], y: float[j]) -> float[i, j]", "return einsum(\"i, j -> i j\", x, y)"},
    };
    CHECK_ROWS(rows);
}

Test(prim, reductions)
{
    static const Row rows[] = {
        {"f[B, D](x: float[B, D]) -> float", "return sum(x)"},
        {"f[B, D](x: float[B, D]) -> float[D]", "return max(x, axis=0)"},
        {"f[B, H, W](x: float[B, H, W, 3]) -> float[B, 3]", "return mean(x, axis=[1, -2])"},
        {"f[B, D](x: float[B, D]) -> int<D>[B]", "return argmax(x, axis=-1)"},
        {"f[B, D](x: float[B, D]) -> int<B * D>", "return argmin(x)"},
        {"f[*S, D](x: float[*S, D]) -> float[*S]", "return mean(x, axis=-1)"},
        {"f[*S](x: float[*S]) -> float", "return mean(x)"},
        {"f[*S](x: float[2, *S]) -> float[2, 3]", "return sum(x, axis=1)"}, /* decided where *S is known */
        {"f[B](x: bool[B]) -> bool", "return any(x) and all(x)"},
        {"f[B](x: bool[B]) -> float", "return sum(float(x))"},
        {"f[B](x: int<7>[B]) -> int<7>", "return max(x)"},
        {"f[B, D](x: float[B, D]) -> float[B, D]", "return cumsum(x, axis=1)"},
        {"f[B, D](x: int[B, D]) -> int[B, D]", "return cumprod(x, axis=-1)"},
        {"f[B](x: float[B, 5]) -> (float[B], float[5])", "return var(x, axis=1), std(x, axis=0, correction=0)"},
        {"f[*S, D](x: float[*S, D]) -> (float[*S], float)", "return std(x, axis=-1), var(x, correction=0)"},
        {"f[B](x: float[B, 1]) -> float[B]", "return var(x, axis=1, correction=0)"},
        {"f[N, D](x: float[N, D]) -> float[N, D]", "return x / norm(x, axis=-1, keep=true) + norm(x, 1) + norm(x, p=inf)"},
        {"f[*S, D](x: float[*S, D], p: int) -> float[*S]", "return norm(x, p, axis=-1)"},
        {"f[B](x: float[B]) -> float", "return norm(x, 1.0) + norm(x, 2.0)"},
        {"f[B, D](x: float[B, D]) -> float[B, D]", "return x - sum(x, axis=1, keep=true) + sum(x[:, _], axis=2)[:, 0][:, _]"},
    };
    CHECK_ROWS(rows);
}

Test(prim, choices)
{
    static const Row rows[] = {
        {"f[B](x: float[B]) -> float[B]", "return where(x > 0, x, 0)"},
        {"f[B](m: bool[B], n: int<5>[B]) -> int<5>[B]", "return where(m, n, 4)"},
        {"f[B](m: bool[B]) -> int<2>[B]", "return where(m, 1, 0)"},
        {"f[B](x: float[B]) -> float[B]", "return minimum(maximum(x, 0), 1)"},
        {"f[B](x: float[B]) -> float[B]", "return exp(x) + tanh(x) * rsqrt(x) + sqrt(B)"},
        {"f[B](x: int[B]) -> int[B]", "return abs(x) + sign(x)"},
        {"f[B](x: f64[B]) -> bool[B]", "return isnan(x) or not isfinite(x)"},
        {"f[B](x: float[B]) -> float[B]", "return where(isnan(1.5) or isfinite(inf), 1.0, x)"},
        {"f[B](x: float[B], i: int<B>) -> float", "return x[i]"},
        {"f[V, E, B, T](t: float[V, E], i: int<V>[B, T]) -> float[B, T, E]", "return take(t, i)"},
        {"f[*S, C](x: float[*S, C], i: int<C>[*S]) -> float[*S]", "return pick(x, i)"},
        {"f[*S, C](i: int<C>[*S]) -> float[*S, C]", "return one_hot(i, C)"},
        {"f[*S, D, N](i: int<N>[*S], x: float[*S, D]) -> float[N, D]", "return scatter_add(i, x, N)"},
        {"f[B, T](x: float[B, T]) -> (float[B, T], int<T>[B, T])", "return sort(x), argsort(x, axis=1, descending=true)"},
        {"f[B, T](x: float[B, T]) -> int<B>[B, T]", "return argsort(x, 0)"},
        {"f[*S, T](x: float[*S, T]) -> float[*S, T]", "return sort(x) + pick(x, argsort(x)[..., 0])[..., _]"},
        {"f[B](x: int<7>[B]) -> int<7>[B]", "return sort(x, descending=true)"},
        {"f[B](x: float[B, 9]) -> (float[B, 3], int<9>[B, 3])", "return top_k(x, 3)"},
        {"f[B, N](x: float[B, N], k: dim) -> float[B, k] requires k <= N", "y, _ = top_k(x, k); return y"},
        {"f[N](x: float[4, 5, 3], i: int<4>[N], j: int<5>[N]) -> float[N, 3]", "return x[i, j]"},
        {"f[N, M](x: float[4, 5, 6], i: int<5>[N], j: int<6>[M]) -> float[4, N, M]", "return x[:, i[:, _], j]"},
        {"f[N](x: float[4, N, 6], i: int<4>, j: int<N>[7]) -> float[7, 6]", "return x[i, j]"},
        {"f[*S, D](x: float[5, *S, D], i: int<5>[2, 3]) -> float[2, 3, *S, D]", "return x[i]"},
        {"f(x: float[4, 5]) -> float[3]", "return x[[0, 3, 1], 2]"},
        {"f(x: float[4]) -> float[4]", "return x * [1, 2, 3.5, -4]"},
        {"f(s: float) -> float[2, 2]", "return [[s, 0], [0, 1 / s]]"},
        {"f() -> int<6>[3]", "return [1, 5, 0]"},
        {"f[B](x: float[B, 2]) -> float[B, 2]", "return where([true, false], x, [0.5, 1])"},
        {"f[T](x: float[T]) -> float[T]", "scan t in 0..T with h = 0.0 { h = h + x[T - 1 - t]; emit y = h }; return y"},
        {"f[T](x: float[T]) -> float[T]", "scan t in 0..T with h = 0.0 { h = x[(t + 1) % T] + x[t // 2]; emit y = h }; return y"},
    };
    CHECK_ROWS(rows);
}

Test(prim, indices)
{
    static const Row rows[] = {
        {"f[B, T](x: float[B, T]) -> float[B, T - 1]", "return x[:, :-1]"},
        {"f[B, T](x: float[B, T, 4]) -> float[B, 4]", "return x[:, 0]"},
        {"f[B, T](x: float[B, T, 4]) -> float[B, T]", "return x[..., -1]"},
        {"f[B, T](x: float[B, T, 4]) -> float[B, T, 2]", "return x[..., 1:3]"},
        {"f[B, T](x: float[B, T, 4]) -> float[B, T, 2]", "return x[..., ::2]"},
        {"f[B, T](x: float[B, T, 5]) -> float[B, T, 2]", "return x[..., 1:5:2]"},
        {"f[B, C](x: float[B, 5 + C], y: float[C]) -> float[B, C]", "return x[:, 5:] + y"},
        {"f[B, C](x: float[B, C]) -> float[B, C // 2]", "return x[:, C - C // 2:]"},
        {"f[*S, C](x: float[*S, C]) -> float[*S]", "return x[..., 0]"},
    };
    static const Row entry_only[] = {
        /* an entry checks at run time what a function must prove */
        {"f[B, T](x: float[B, T]) -> float[B, T - 1] requires T >= 2", "return x[:, :T - 1]"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_row(&rows[i], "fn");
    CHECK_ROWS(entry_only);
}

Test(prim, shapes)
{
    static const Row rows[] = {
        {"f[B, H, W](x: float[B, H, W]) -> float[B, H * W]", "return reshape(x, B, H * W)"},
        {"f[B, H, W](x: float[B, H, W]) -> float[B, H * W]", "return reshape(x, [B, W * H])"},
        {"f[B](x: float[B, 6]) -> (float[B, 2], float[B, 2], float[B, 2])", "return split(x, 3, axis=1)"},
        {"f[B, d](x: float[B, 3 * d], y: float[d]) -> float[B, d]", "a, b, c = split(x, 3)\n    return a + b * c + y"},
        {"f[B, T](x: float[B, T]) -> float[B, T + 3]", "return pad(x, axis=1, before=1, after=2)"},
        {"f[B](x: int<3>[B]) -> int<3>[B + 1]", "return pad(x, axis=0, after=1)"},
        {"f[B](x: int<3>[B]) -> int<3>[B + 1]", "return pad(x, axis=0, after=1, value=2)"},
        {"f[B](x: float[B]) -> float[B]", "return roll(flip(x, axis=0), 2, axis=0)"},
        {"f[B, C](x: float[B, C], y: float[B, 3]) -> float[B, C + 3]", "return concat([x, y], axis=-1)"},
        {"f[B](x: float[B]) -> float[B, 2]", "return stack([x, 2 * x], axis=-1)"},
        {"f[B](x: float[B]) -> float[2, B]", "return stack([x, 2 * x], axis=0)"},
        {"f(x: float) -> float[3]", "return stack([x, 0, 0.5], axis=0)"},
        {"f[B](x: int<3>[B], y: int<5>[B]) -> int<5>[B + B]", "return concat([x, y], axis=0)"},
        {"f[B](x: float[B]) -> float[B, 3]", "return zeros(B, 3) + ones(B, 3) + full(0.5, B, 3)"},
        {"f[B](x: float[B]) -> int<1>[B]", "return full(0, B)"},
        {"f[B](x: float[B]) -> float[B + 2]", "return zeros(B + 2)"},
        {"f[n](x: float[n]) -> int<n>[n]", "return range(n)"},
        {"f[n](x: float[n]) -> float[n, n]", "return eye(n)"},
        {"f[*S](x: float[*S]) -> float[*S]", "return x / count(x) + x / size(*S)"},
        {"f[*S](x: float[*S]) -> float", "return sum(transpose(x))"}, /* decided where *S is known */
        {"f[*S](x: float[*S]) -> bool[*S]", "return bernoulli(0.5, *S)"},
        {"f[B](x: float[B]) -> int<7>[B, 3]", "return randint(7, B, 3)"},
        {"f[*S, C](x: float[*S, C]) -> int<C>[*S]", "return categorical(x)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_row(&rows[i], "fn");
}

Test(prim, patterns)
{
    static const Row rows[] = {
        {"f[B, T, d, h](x: float[B, T, h * d], q: float[h, d]) -> float[B, h, T, d]", "return rearrange(x, \"b t (h e) -> b h t e\", h=h)"},
        {"f[B, C, H, W](x: float[B, C, H, W]) -> float[B, H, W, C]", "return rearrange(x, \"b c h w -> b h w c\")"},
        {"f[B, H, W](x: float[B, H, W]) -> float[B, H * W]", "return rearrange(x, \"b ... -> b (...)\")"},
        {"f[*S, c](x: float[*S, c]) -> float[c]", "return reduce(x, \"... c -> c\", mean)"},
        {"f[*S, c](x: float[*S, c]) -> float[*S]", "return reduce(x, \"... c -> ...\", max)"},
        {"f(x: float[2, 2, 2, 2, 2, 2, 2, 2]) -> float[2, 2, 2, 2, 2, 2, 2]",
         "return reduce(x, \"a b c d e f g h -> a b c d e f g\", sum)"},
        {"f[b, s](m: bool[b, s]) -> bool[b, 7, s]", "return repeat(m, \"b s -> b t s\", t=7)"},
        {"f[b, s](m: float[b, s]) -> float[b, 3 * s]", "return repeat(m, \"b s -> b (k s)\", k=3)"},
        {"f[b](x: float[b, 6]) -> float[b, 2, 3]", "return rearrange(x, \"b (u v) -> b u v\", u=2)"},
    };
    CHECK_ROWS(rows);
}

Test(prim, windows)
{
    static const Row rows[] = {
        {"f[B, H, W](x: float[B, H, W, 3], w: float[3, 3, 3, 8]) -> float[B, H, W, 8]", "return conv2d(x, w, pad=1)"},
        {"f[B](x: float[B, 28, 28, 1], w: float[5, 5, 1, 6]) -> float[B, 24, 24, 6]", "return conv2d(x, w)"},
        {"f[B](x: float[B, 28, 28, 1], w: float[3, 3, 1, 6]) -> float[B, 14, 15, 6]",
         "return conv2d(x, w, stride=2, pad=[[1, 1], [2, 1]])"},
        {"f[B](x: float[B, 9, 9, 4], w: float[3, 3, 2, 6]) -> float[B, 7, 7, 6]", "return conv2d(x, w, groups=2)"},
        {"f[B](x: float[B, 7, 7, 4], w: float[4, 4, 4, 5]) -> float[B, 14, 14, 5]", "return conv2d_transpose(x, w, stride=2, pad=1)"},
        {"f[B](x: float[B, 7, 7, 4], w: float[3, 3, 4, 5]) -> float[B, 14, 14, 5]",
         "return conv2d_transpose(x, w, stride=2, pad=1, output_pad=1)"},
        {"f[B](x: float[B, 7, 4], w: float[3, 4, 5]) -> float[B, 3, 5]", "return conv1d(x, w, dilation=2)"},
        {"f[B](x: float[B, 8, 8, 4]) -> float[B, 4, 4, 4]", "return max_pool2d(x, 2)"},
        {"f[B](x: float[B, 8, 8, 4]) -> float[B, 4, 4, 4]", "return avg_pool2d(x, 3, stride=2, pad=1)"},
        {"f[B](x: float[B, 8, 8, 4]) -> float[B, 4, 4, 4]", "return max_pool2d(x, 3, stride=2, ceil=true)"},
        {"f[B](x: float[B, 5, 5, 4]) -> float[B, 3, 3, 4]", "return max_pool2d(x, 2, ceil=true)"},
        /* the last window would begin in the padding: PyTorch leaves it out */
        {"f[B](x: float[B, 6, 4]) -> float[B, 2, 4]", "return max_pool1d(x, 1, stride=5, ceil=true)"},
        {"f[B](x: float[B, 5, 4]) -> float[B, 1, 4]", "return max_pool1d(x, 1, stride=5, ceil=true)"},
        {"f[B](x: float[B, 7, 4]) -> float[B, 2, 4]", "return max_pool1d(x, 1, stride=5, ceil=true)"},
        {"f[B](x: float[B, 4, 4]) -> float[B, 3, 4]", "return avg_pool1d(x, 2, stride=2, pad=1, ceil=true)"},
        {"f[B](x: float[B, 5, 4]) -> float[B, 3, 4]", "return avg_pool1d(x, 2, stride=2, pad=1, ceil=true)"},
        {"f[B, T](x: float[B, T, 4]) -> float[B, T // 2 + 1, 4]", "return max_pool1d(x, 3, stride=2, pad=1, ceil=true)"},
    };
    CHECK_ROWS(rows);
}
