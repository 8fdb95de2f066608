# SPDX-License-Identifier: MIT
# Long programs give the values of short ones: an expression of hundreds of terms is cut into kernels, long names and lists are taken.
repeat() { # COUNT FORMAT: the format for 0, 1, ...
    awk -v n="$1" -v f="$2" 'BEGIN { for (i = 0; i < n; i++) printf f, i, i }'
}
reference() { # X N: y = x, then N times y + exp(y) / 1000
    awk -v y="$1" -v n="$2" 'BEGIN { for (i = 0; i < n; i++) y += exp(y) * 1e-3; printf "%.9g", y }'
}
derivative() { # X N: of that
    awk -v y="$1" -v n="$2" 'BEGIN { d = 1; for (i = 0; i < n; i++) { d *= 1 + exp(y) * 1e-3; y += exp(y) * 1e-3 } printf "%.9g", d }'
}
long=$(repeat 5000 a)
program long <<END
export fn f300(x: float[3]) -> float[3] {
    y = x
    for i in 0..300 { y = y + exp(y) * 1e-3 }
    return y
}
export fn f600(x: float[3]) -> float[3] {
    y = x
    for i in 0..600 { y = y + exp(y) * 1e-3 }
    return y
}
export fn d300(x: float[3]) -> float[3] {
    y = x
    for i in 0..300 { y = y + exp(y) * 1e-3 }
    return grad(sum(y), wrt=x)
}
export fn joined(x: float[1]) -> float {
    y = x
    for i in 0..600 { y = concat([y, x + i], axis=0) }
    return sum(y * y)
}
export fn scans(x: float[8]) -> float {
    h = 0.0
    for i in 0..300 { scan v in x with h = h { h = h * 0.5 + v } }
    return h
}
fn $long(x: float) -> float { return x + 1 }
export fn names(x: float) -> float { return $long(x) }
export fn list(x: float) -> float { return sum(stack([x$(repeat 2000 ', x')], axis=0)) }
END
for n in 300 600; do
    near 1e-5 "$(reference 0.5 $n) $(reference -1 $n) $(reference 0 $n)" ./long f$n 0.5,-1,0
done
# 300 factors that float32 rounds
near 3e-5 "$(derivative 0.5 300) $(derivative -1 300) $(derivative 0 300)" ./long d300 0.5,-1,0
# x = 1: 1 and the squares of 1 .. 600
near 1e-6 72180101 ./long joined 1
near 1e-6 2.76078431 ./long scans 0,0,0,0,0,1,1,2
near 0 3 ./long names 2
near 1e-6 4002 ./long list 2
