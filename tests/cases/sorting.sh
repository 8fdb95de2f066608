# SPDX-License-Identifier: MIT
# sort and argsort: equal values, NaN, infinities and zeros of both signs, along any axis, of nothing and of long rows, in scans
# and metrics, first and second derivatives; the same bits for any number of threads.
program s <<'END'
export fn up[T](x: float[T]) -> (float[T], int<T>[T]) { return sort(x), argsort(x) }
export fn down[T](x: float[T]) -> (float[T], int<T>[T]) { return sort(x, descending=true), argsort(x, descending=true) }
export fn axes(x: float[12]) -> (int<2>[12], int<3>[12], float[12]) {
    y = reshape(x, 2, 3, 2)
    return reshape(argsort(y, axis=0), 12), reshape(argsort(y, axis=1), 12), reshape(sort(y, axis=-2, descending=true), 12)
}
export fn whole[T](x: int[T]) -> (int[T], int[T]) { return sort(x), sort(x, descending=true) }
export fn slopes[A, T](x: float[A, T], w: float[A, T]) -> (float[A, T], float[A, T]) {
    g = grad(sum(w * sort(x, axis=0) ** 2), wrt=x)
    return g, grad(sum(g * g), wrt=x)
}
export fn equal_slopes[T](x: float[T]) -> (float[T], float[T]) {
    w = float(range(T))
    return grad(sum(w * sort(x)), wrt=x), grad(sum(w * sort(x, descending=true)), wrt=x)
}
export fn of_nothing(x: float[4]) -> (float, int, float) {
    return sum(sort(x[2:2])), sum(argsort(x[2:2], descending=true)), sum(sort(reshape(x, 2, 2)[:, 1:1], axis=0))
}
export fn tail[T](x: float[T]) -> (float, int) { return sum(sort(x[1:])), sum(argsort(x[1:])) }
export fn median[B, T](x: float[B, T]) -> float[B] { return sort(x)[:, T // 2] }
export fn steps[A, T](x: float[A, T]) -> float[T] {
    scan row in x along 0 with h = zeros(T) { h = sort(h + row, descending=true) }
    return h
}

fn noise(n: dim) -> float[n] { return sin(1000 * float(range(n))) }
export fn long(n: dim) -> (bool, int, bool) {
    x = noise(n)
    y = sort(x)
    return all(y[1:] >= y[:-1]), sum(argsort(x)), all(take(x, argsort(x)) == y)
}
export fn few(n: dim) -> (bool, bool) {                       # of equal values the places rise, in both directions
    x = range(n) * 7919 % 11
    up, down = argsort(x), argsort(x, descending=true)
    a, b = take(x, up), take(x, down)
    return all(a[1:] > a[:-1] or (a[1:] == a[:-1] and up[1:] > up[:-1])), all(b[1:] < b[:-1] or (b[1:] == b[:-1] and down[1:] > down[:-1]))
}
export fn rows(n: dim, m: dim) -> (int<m>[n, m], float) {
    x = reshape(noise(n * m), n, m)
    w = float(range(m))
    return argsort(x), sum(w * sort(x)) + sum(grad(sum(w * sort(x) ** 2), wrt=x))
}
END
printf '2,nan,-inf,0,2,-1,inf,-0,nan\n' >x.csv
near 0 "-inf -1 0 0 2 2 inf nan nan  2 5 3 7 0 4 6 1 8" ./s up x.csv
near 0 "nan nan inf 2 2 0 0 -1 -inf  1 8 6 0 4 3 7 5 2" ./s down x.csv
near 0 "7 0" ./s up 7
near 0 "1 2 1 0" ./s up 2,1
near 0 "1 2 3 4 5  4 1 2 3 0" ./s up 5,2,3,4,1
near 0 "0 1 1 0 0 1  1 0 0 1 1 0  0 1 2 2 1 0  1 0 2 1 0 2  5 9 3 7 1 2  6 3 4 2 0 1" ./s axes 1,9,5,2,3,7,6,1,0,2,4,3
near 0 "-2 -2 3 7 7 3 -2 -2" ./s whole 3,-2,7,-2
near 0 "18 40 2 120 8 0  216 3200 8 14400 64 0" ./s slopes "3,1;1,2;2,0" "1,10;2,20;3,30"
near 0 "2 0 1 3  1 2 3 0" ./s equal_slopes 5,1,1,6
near 0 "3 0 1 2  0 1 2 3" ./s equal_slopes 5,1,1,1
near 0 "0 0 0" ./s of_nothing 1,2,3,4
near 0 "0 0" ./s tail 3
near 0 "2 5" ./s median "3,1,2;9,5,-1"
near 0 "10 5 4" ./s steps "1,2,3;5,1,1;2,2,2"
near 0 "1 1783293664 1" ./s long 1000000
near 0 "1 1" ./s few 100003
near 0 "1 1" ./s few 4097
near 0 "1 1" ./s few 2
gives "$(./s rows 777 13 --threads 1)" ./s rows 777 13 --threads 2
