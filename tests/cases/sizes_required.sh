# SPDX-License-Identifier: MIT
# Sizes that are bounded by what the program requires of them, or whose products are large: the compiler's own checks take examples
# that meet the requirements and fit.
program sizes <<'END_OF_PROGRAM'
import "std/sequence.nn" as seq

model positions = seq.LearnedPositions(16, 4)

export fn head[T](x: float[8], y: float[T]) -> float[T] requires T <= 8 { return y + x[0:T] }
export fn first(x: float[8], n: dim) -> float[n] { return x[0:n] }
export fn between(x: float[8], n: dim, m: dim) -> float[m - n] { return x[n:m] }
export fn part[T](x: float[T], k: dim) -> float[T // k] requires k >= 1 { return x[0:T // k] }
export fn equal[A, C](x: float[A], y: float[C]) -> float[A] requires A == C { return x + y }
export fn twice[A, C](x: float[A], y: float[C]) -> float[A] requires A == 2 * C + 1 { return x + concat([y, y, y[0:1]], axis=0) }
export fn square[N](x: float[N], n: dim) -> float[n] requires n * n == N { return sum(reshape(x, [n, n]), axis=0) }
export fn exactly[A](x: float[50], y: float[A]) -> float[A] requires A <= 17 and A >= 17 { return x[1:A+1] + y }
export fn many[A](x: float[A]) -> float[100000] requires A >= 100000 { return x[0:100000] }
export fn never[A](x: float[8], y: float[A]) -> float[A] requires A <= 8 and A >= 10 { return x[0:A] + y }
export fn steps[T](x: float[16], y: float[T]) -> float requires T <= 16 {
    scan v in y, w in x[0:T] with h = 0.0 { h = h + v * w }
    return h
}
export fn place[B, T](x: float[B, T, 4]) -> float requires T <= 16 { return sum(positions(x) - positions(x)) }
export fn six[N](x: float[N, N, N, N, N, N]) -> float[N, N, N, N, N, N] { return x + 1 }
export fn eight[N](x: float[N, N, N, N, N, N, N, N]) -> float { return sum(x) }
export fn sorted(n: dim) -> float requires n <= 100 {
    x = sort(sin(float(range(n))))
    return x[0] + sum(x * x[n - 1])
}
export fn numbered(n: dim) -> int { return max(range(n)) }
export fn chosen(n: dim) -> int { return argmax(full(1.5, n)) }
END_OF_PROGRAM
near 0 "99" ./sizes numbered 100
for entry in numbered chosen; do
    fails 1 "n <= 2147483647" ./sizes $entry 2147483648 # places are ints
done
fails 1 "sorted: n is 2147483647 but must satisfy n <= 100" ./sizes sorted 2147483647 # before 26 GB are taken
near 0 "2,3" ./sizes head 1,2,3,4,5,6,7,8 1,1
fails 1 "T <= 8" ./sizes head 1,2,3,4,5,6,7,8 1,1,1,1,1,1,1,1,1
near 0 "1,2" ./sizes first 1,2,3,4,5,6,7,8 2
fails 1 "8" ./sizes first 1,2,3,4,5,6,7,8 9
near 0 "2,3,4" ./sizes between 1,2,3,4,5,6,7,8 1 4
near 0 "1,2,3,4" ./sizes part 1,2,3,4 1
near 0 "1,2" ./sizes part 1,2,3,4 2
fails 2 "k is 0" ./sizes part 1,2,3,4 0
near 0 "4,6" ./sizes equal 1,2 3,4
near 0 "11,22,13,24,15" ./sizes twice 1,2,3,4,5 10,20
near 0 "4,6" ./sizes square 1,2,3,4 2
gives 11 ./sizes steps 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 3,4
fails 1 "A >= 10" ./sizes never 1,2,3,4,5,6,7,8 1,2
