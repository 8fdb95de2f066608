# SPDX-License-Identifier: MIT
# Reductions of nothing: sums are 0, products 1, all true; what needs a value is refused, by the compiler where the size is known, else
# by the call.
program nothing <<'END_OF_PROGRAM'
export fn sums(x: float[8], m: float[8, 3], n: int[8]) -> (float, float, float, float[3], int) {
    return sum(x[2:2]), prod(x[2:2]), sum(float(range(0))), sum(m[2:2], axis=0), sum(n[2:2])
}
export fn truths(x: float[8]) -> (bool, bool) { return any(x[2:2] > 0), all(x[2:2] > 0) }
export fn joined(x: float[2]) -> float[5] { return concat([x[1:1], x, pad(x[2:2], 0, 2, 1, value=9)], axis=0) }
export fn products(x: float[2, 4], y: float[4, 2]) -> float[2, 2] { return x[:, 2:2] @ y[2:2] }
export fn images(x: float[1, 2, 2, 3], w: float[1, 1, 3, 2]) -> float[1, 2, 2, 2] { return conv2d(x[:, :, :, 1:1], w[:, :, 2:2]) }
export fn steps(x: float[8]) -> float {
    scan v in x[2:2] with h = 3.0 { h = h + v }
    return h
}
export fn slope(x: float[2]) -> float[2] { return grad(sum(exp(x[1:1])) + prod(x[2:2]) * sum(x * x), wrt=x) }

export fn tail_sums[T](x: float[T], m: float[T, 3], n: int[T]) -> (float, float, float[3], int, bool) {
    return sum(x[1:]), prod(x[1:]), sum(m[1:], axis=0), sum(n[1:]), all(x[1:] > 0)
}
export fn tail_product[T](x: float[2, T], y: float[T, 2]) -> float[2, 2] { return x[:, 1:] @ y[1:] }
export fn tail_steps[T](x: float[T]) -> float {
    scan v in x[1:] with h = 3.0 { h = h * v }
    return h
}
export fn tail_slope[T](x: float[T]) -> float[T] { return grad(sum(exp(x[1:])) + sum(cumsum(x[1:], axis=0)) + prod(x[1:]) * sum(x * x), wrt=x) }
export fn tail_max[T](x: float[T]) -> float { return max(x[1:]) }
export fn tail_mean[T](x: float[T]) -> float { return mean(x[1:]) }
fn softly[T](x: float[T]) -> float { return sum(softmax(x[1:])) }
export fn tail_softmax[T](x: float[T]) -> float { return softly(x) }
END_OF_PROGRAM
near 0 "0 1 0 0 0 0 0" ./nothing sums 1,2,3,4,5,6,7,8 "1,2,3;1,2,3;1,2,3;1,2,3;1,2,3;1,2,3;1,2,3;1,2,3" 1,2,3,4,5,6,7,8
near 0 "0 1" ./nothing truths 1,2,3,4,5,6,7,8
near 0 "7 8 9 9 9" ./nothing joined 7,8
near 0 "0 0 0 0" ./nothing products "1,2,3,4;5,6,7,8" "1,2;3,4;5,6;7,8"
near 0 "0 0 0 0 0 0 0 0" ./nothing images "1,2,3,4,5,6,7,8,9,10,11,12" "1,2,3,4,5,6"
near 0 3 ./nothing steps 1,2,3,4,5,6,7,8
near 0 "2 4" ./nothing slope 1,2
near 0 "0 1 0 0 0 0 1" ./nothing tail_sums 5 "1,2,3" 4
near 0 "0 0 0 0" ./nothing tail_product "1;2" "3,4"
near 0 3 ./nothing tail_steps 5
near 0 10 ./nothing tail_slope 5
near 0 7 ./nothing tail_max 5,7
fails 1 "T - 1 >= 1" ./nothing tail_max 5
fails 1 "T - 1 >= 1" ./nothing tail_mean 5
fails 1 "T - 1 >= 1" ./nothing tail_softmax 5

for what in "mean(x[2:2])" "max(x[2:2])" "min(x[2:2])" "float(argmax(x[2:2], axis=0))" "sum(softmax(x[2:2]))"; do
    echo "export fn f(x: float[8]) -> float { return $what }" >refused.nn
    fails 1 "needs at least one value" "$NNC" check refused.nn
done

# Contractions of nothing write zeros over whatever was in the memory of the caller.
cat >blocked.nn <<'END_OF_PROGRAM'
export fn weights[T](x: float[T, 64], w: float[64, 48]) -> float[64, 48] { return grad(sum((x[1:] @ w) ** 2), wrt=w) }
export fn outer[B, T](q: float[B, T, 6], k: float[B, T, 6]) -> float[B, 6, 6] { return einsum("b t i, b t j -> b i j", q[:, 1:], k[:, 1:]) + 1 }
export fn filters[T](x: float[T, 8, 8, 3], w: float[3, 3, 3, 16]) -> float[3, 3, 3, 16] { return grad(sum(conv2d(x[1:], w, pad=1) ** 2), wrt=w) }
END_OF_PROGRAM
cat >main.c <<'END_OF_PROGRAM'
#include <stdlib.h>
#include <string.h>
#define BLOCKED_CORE_ONLY
#include "blocked.h"
static nnrt_float x[3072], y[3072], out[3072];
static int all(int count, nnrt_float wanted)
{
    while (count--)
        if (out[count] != wanted) return 0;
    return 1;
}
int main(void)
{
    static _Alignas(NNRT_ALIGN) unsigned char model[BLOCKED_MODEL_BYTES];
    nnrt_call call = { .size = sizeof call, .work_bytes = 1 << 20 };
    if (blocked_core_init(model, 1) || !(call.work = aligned_alloc(NNRT_ALIGN, 1 << 20))) return 1;
    memset(call.work, 0x7d, 1 << 20);
    memset(out, 0x7d, sizeof out);
    if (blocked_core_weights(model, &call, 1, x, y, out) || !all(64 * 48, 0)) return 2;
    if (blocked_core_outer(model, &call, 2, 1, x, y, out) || !all(2 * 6 * 6, 1)) return 3;
    memset(out, 0x7d, sizeof out);
    if (blocked_core_filters(model, &call, 1, x, y, out) || !all(3 * 3 * 3 * 16, 0)) return 4;
    return 0;
}
END_OF_PROGRAM
"$NNC" -c blocked.nn -o blocked.o >out 2>&1 || broken "blocked.nn does not compile"
cc -std=c11 main.c blocked.o -o blocked >out 2>&1 || broken "main.c does not compile"
gives "" ./blocked
