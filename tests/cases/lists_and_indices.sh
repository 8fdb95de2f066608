# SPDX-License-Identifier: MIT
# Lists of numbers as tensors, tensors of indices, products with stretched axes, bounds of differences: values known by hand.
cat >sizes.nn <<'TEXT'
const n = 3
fn twice[B](x: float[B, n]) -> float[B, n] { return 2 * x }
TEXT
program lists <<'TEXT'
import "sizes.nn" as sizes
const shares = [0.5, 1, 2]
layer Mix {
    param w: float[3] = [1, 2, 3]
    state m: float[2, 2] = [[1, 2], [3, 4.5]]
    fn forward[B](x: float[B, 3]) -> float[B, 3] { return x * w + sum(m) }
}
model net = Mix()
train fit(steps=1, save="lists.safetensors") {
    minimize sum(net([[1, 2, 3], [4, 5, 6]]) * [2, 1, 0.5]) over net using sgd(lr=1)
}
export fn mixed[B](x: float[B, 3]) -> float[B, 3] { return net(x) }
export fn weighed[B](x: float[B, 3], y: int<3>[B]) -> float { return cross_entropy(x, y, weights=shares) }
export fn turned(x: float[2]) -> float[2] { return [[1, 2], [3, 4.5]] @ x }
export fn slope(s: float) -> float { return grad(sum([s, s * s, 3]), wrt=s) }
export fn labels() -> int<8>[3] { return [1, 7, 3] }
export fn chosen(x: float[3]) -> float[3] { return where([true, false, true], x, [8.0, 9.0, 7.0]) }
export fn either(c: bool[2]) -> float[2] { return where(c, [1.5, 2.5], [1, 2]) + where(c, [1, 2], [0.5, 0.25]) }
export fn summed[T](x: float[T]) -> float[T, 2] {
    scan v in x with h: float[2] = [0, 1] {
        h = h + v * [1, 2]
        emit y = h
    }
    return y
}
export fn backwards[T](x: float[T]) -> float[T] {
    scan t in 0..T with h = 0.0 {
        h = h + x[T - 1 - t] - x[(t + 1) % T] + x[t // 2]
        emit y = h
    }
    return y
}
export fn last(x: float[2]) -> (float[2, 3], float[3]) {
    scan t in 0..3 along -1 with h = 1.0 {
        h = h + t
        emit y = x * h
        emit z = h
    }
    return y, z
}
export fn best[B](x: float[B, 5], k: dim) -> (float[B, k], int<5>[B, k]) requires k <= 5 { return top_k(x, k) }
export fn places[N](x: float[2, 3], i: int<2>[N], j: int<3>[N]) -> float[N] { return x[i, j] }
export fn slopes[N](x: float[2, 3], i: int<2>[N], j: int<3>[N]) -> float[2, 3] { return grad(sum(x[i, j] ** 2), wrt=x) }
export fn pairs(x: float[2, 3]) -> float[2, 2] { return x[[1, 0], [2, 2]][:, _] * x[0, [0, 1]] }
export fn rows[B](x: float[B, 3], y: int<3>[B]) -> float[B] { return x[range(B), y] }
export fn trace[B](x: float[B, 4]) -> float[B] { return einsum("b i i -> b", reshape(x, B, 2, 2)) }
export fn product[B](x: float[B, 2], w: float[2, 2]) -> float[B, 2] { return (x[:, _] @ w[_, :, :])[:, 0] }
export fn weight[B](y: int<3>[B]) -> float[B] { return shares[y] }
export fn other[B](x: float[B, sizes.n]) -> float[B, sizes.n] { return sizes.twice(x) }
TEXT
shows saved ./lists fit --log none
near 1e-6 "1.5 0.5 6 19.5 10.5 9" ./lists mixed --x '1,2,3;-1,0,1'
near 1e-6 0.80760604 ./lists weighed --x '1,2,3;-1,0,1' --y '0,2'
near 1e-6 "5 12" ./lists turned --x '1,2'
near 1e-6 9 ./lists slope --s 4
gives '1
7
3' ./lists labels
near 1e-6 "1 9 3" ./lists chosen --x '1,2,3'
near 1e-6 "2.5 2.25" ./lists either --c 1,0
near 1e-6 "1 3 3 7 6 13" ./lists summed --x '1,2,3'
near 1e-6 "2 2 4" ./lists backwards --x '1,2,3'
near 1e-6 "1 2 4 10 20 40 1 2 4" sh -c './lists last --x 1,10 --out y.csv --out z.csv && cat y.csv z.csv'
near 1e-6 "9 7 5 4 1 3" sh -c './lists best --x 2,7,1,5,9 --k 3 --out v.csv --out p.csv && cat v.csv p.csv'
near 1e-6 "9 7 5 2 1 4 1 3 0 2" sh -c './lists best --x 2,7,1,5,9 --k 5 --out v.csv --out p.csv && cat v.csv p.csv'
fails 1 "k is 6 but must satisfy k <= 5" ./lists best --x 2,7,1,5,9 --k 6
near 1e-6 "6 1 2" ./lists places --x '1,2,3;4,5,6' --i '1,0,0' --j '2,0,1'
near 1e-6 "2 8 0 0 0 12" ./lists slopes --x '1,2,3;4,5,6' --i '1,0,0,0' --j '2,0,1,1'
near 1e-6 "6 12 3 6" ./lists pairs --x '1,2,3;4,5,6'
near 1e-6 "3 4" ./lists rows --x '1,2,3;4,5,6' --y '2,0'
near 1e-6 "5 13" ./lists trace --x '1,2,3,4;5,6,7,8'
near 1e-6 "7 10 15 22" ./lists product --x '1,2;3,4' --w '1,2;3,4'
near 1e-6 "0.5 2 0.5" ./lists weight --y 0,2,0
near 1e-6 "2 4 6" ./lists other --x '1,2,3'
