# SPDX-License-Identifier: MIT
# var, std, norm, cumprod: values, and first and second derivatives, at zeros, equal values, NaN and infinities, of nothing and
# of long rows; the numbers are those of PyTorch in double precision.
program s <<'END'
export fn spread[B, T](x: float[B, T]) -> (float[B], float[B], float[T], float, float[B, 1]) {
    return var(x, axis=1), std(x, axis=-1, correction=0), var(x, axis=0, correction=0), std(x), std(x, axis=1, keep=true)
}
export fn lengths[B, T](x: float[B, T]) -> (float[B], float[B, 1], float[T], float) {
    return norm(x, axis=-1), norm(x, 1, axis=1, keep=true), norm(x, p=inf, axis=0), norm(x)
}
export fn spread_slopes[T](x: float[T]) -> (float[T], float[T], float[T], float[T]) requires T >= 2 {
    v = grad(var(x), wrt=x)
    d = grad(std(x), wrt=x)
    return v, grad(sum(v * v * x), wrt=x), d, grad(sum(d * d * x), wrt=x)
}
export fn length_slopes[T](x: float[T]) -> (float[T], float[T], float[T], float[T]) {
    g = grad(norm(x), wrt=x)
    return g, grad(sum(g * g * x), wrt=x), grad(norm(x, 1), wrt=x), grad(norm(x, inf), wrt=x)
}
export fn products[T](x: float[T]) -> (float[T], float[T], float[T]) {
    y = cumprod(x, axis=0)
    g = grad(sum(y ** 3 + y), wrt=x)
    return y, g, grad(sum(g * g * x), wrt=x)
}
export fn columns(x: float[12]) -> float[12] { return reshape(cumprod(reshape(x, 2, 3, 2), axis=1), 12) }
export fn whole[T](x: int[T]) -> int[T] { return cumprod(x, axis=0) }
export fn of_nothing(x: float[4]) -> (float, float, float) { return norm(x[2:2]), norm(x[2:2], 1), sum(cumprod(x[2:2], axis=0)) }
export fn tail[T](x: float[T]) -> (float, float) { return norm(x[1:]), sum(cumprod(x[1:], axis=0)) }
export fn tail_largest[T](x: float[T]) -> float { return norm(x[1:], inf) }
export fn tail_std[T](x: float[T]) -> float { return std(x[1:]) }
export fn tail_var[T](x: float[T]) -> float { return var(x[1:], correction=0) }

fn far(n: dim) -> float[n] { return 1000000 + 0.25 * float(range(n) % 1000) }
export fn long(n: dim) -> (float, float, float[2]) {
    x = far(n)
    return var(x), std(x, correction=0), var(x[:, _] * stack([1.0, -1.0], axis=0), axis=0, correction=0)
}
export fn equal(n: dim, c: float) -> (float, float) {
    x = where(range(n) < 0, 0.0, c)
    return var(x), sum(abs(grad(std(x), wrt=x)))
}
export fn powers(n: dim, c: float) -> (float, float) {
    y = cumprod(where(range(n) < 0, 0.0, c), axis=0)
    return y[n - 1], grad(y[n - 1], wrt=c)
}
export fn rise_and_fall() -> float[4] { return cumprod(stack([1e-30, 1e-30, 1e30, 1e30], axis=0), axis=0) }
END
near 2e-6 "2.3333333 9.3333333  1.2472191 2.4944383  1 2.25 6.25  2.8284271  1.5275252 3.0550505" ./s spread "1,2,4;3,5,9"
near 2e-6 "5 2.2360680  7 3  3 4  5.4772256" ./s lengths "3,4;-1,2"
near 2e-6 "-1.3333333 -0.3333333 1.6666667  -4 -4.3333333 13
  -0.4364358 -0.1091089 0.5455447  0.3741497 -0.2636054 0.3894558" ./s spread_slopes 1,2,4
near 0 "0 0 0  0 0 0  0 0 0  0 0 0" ./s spread_slopes 3.3,3.3,3.3
near 2e-6 "0.6 -0.8  1.4352 1.4464  1 -1  0 -1" ./s length_slopes 3,-4
near 0 "0 0  0 0  0 0  0 0" ./s length_slopes 0,0
near 0 "0 1 0  0 1 0  0 1 0  0 1 0" ./s length_slopes 0,2,0
near 0 "0.5 -0.5 0.5 -0.5  0.75 0.75 0.75 0.75  1 -1 1 -1  1 0 0 0" ./s length_slopes 2,-2,2,-2

near 1e-6 "0 0 0 0  3 0 0 0  9 0 0 0" ./s products 0,2,0,3
near 1e-6 "2 0 0 0  13 11 0 0  793 407 0 0" ./s products 2,0,3,0.5
near 1e-6 "1 2 6 3  768 382 246 168  5809624 3046120 2010780 1510752" ./s products 1,2,3,0.5
near 0 "1 2 3 8 15 48  -1 0 0 0 0 0" ./s columns "1,2,3,4,5,6,-1,0,0,7,0,1"
gives "$(printf '2\n6\n-24')" ./s whole 2,3,-4

printf '1,nan,2\n' >nan.csv
printf '1,-inf,2\n' >infinite.csv
near 0 "nan nan  0 nan 0  nan nan" ./s spread nan.csv
near 0 "nan nan  0 nan 0  nan nan" ./s spread infinite.csv
near 0 "nan nan  1 nan 2  nan" ./s lengths nan.csv
near 0 "inf inf  1 inf 2  inf" ./s lengths infinite.csv
near 0 "1 nan nan  nan nan nan  nan nan nan" ./s products nan.csv

near 0 "0 0 0" ./s of_nothing 1,2,3,4
near 0 "0 0" ./s tail 3
near 0 4 ./s tail_largest 3,-4
near 0 0 ./s tail_var 3,4
near 1e-6 0.7071068 ./s tail_std 3,4,5
fails 1 "T - 1 >= 1" ./s tail_largest 3
fails 1 "T - 1 >= 1" ./s tail_var 3
fails 1 "T - 2 >= 1" ./s tail_std 3,4
for what in "var(x[2:2])" "std(x[2:3])" "norm(x[2:2], inf)" "var(x[0])" "std(x[2:2], correction=0)"; do
    echo "export fn f(x: float[8]) -> float { return $what }" >refused.nn
    fails 1 E0313 "$NNC" check refused.nn
done

# Ten thousand times as far from 0 as they are apart; equal values, whose mean is rounded; whatever the number of threads.
near 1e-6 "5208.3333 72.168748 5208.3281 5208.3281" ./s long 1000000
gives "$(./s long 1000003 --threads 1)" ./s long 1000003 --threads 2
near 0 "0 0" ./s equal 999983 3.3
near 1e-5 "2.5952267 2595224.2" ./s powers 1000000 1.000001
near 1e-6 "1e-30 0 1e-30 1" ./s rise_and_fall
