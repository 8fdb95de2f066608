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

# A value that is used twice, again and again, is looked at once: as a loss, as what is reported, as a step size, as a condition.
printf '1,2\n3,4\n' >d.csv
program twice --float=f64 <<'END'
data d { x: float[2] = csv("d.csv", columns=0..2) }
layer Scale {
    param w: float = 2
    fn forward[B](x: float[B, 2]) -> float[B, 2] { return w * x }
}
model net = Scale()
model wide = Dense(2, 2)
train fit(ex in d.all, batch=2, epochs=1, save=none, log="none") {
    loss = mean(net(ex.x) ** 2)
    y = loss
    rate = float(step) * 0
    n = step + 1
    for i in 0..60 { y = 0.5 * y + 0.5 * y }
    for i in 0..60 { rate = rate + rate }
    for i in 0..28 { n = n + n }
    if n > 0 { minimize y over net using sgd(lr=rate + 0.01) }
    report y, loss
}
eval test(ex in d.all, batch=2) {
    y = mean(net(ex.x) ** 2)
    for i in 0..60 { y = maximum(y, 0.5 * y) }
    report minimize y
}
train both(ex in d.all, batch=2, epochs=1, validate=test, save=none, log="none") {
    y = wide(ex.x)
    for i in 0..38 { y = maximum(y, 0.5 * y) }
    loss = mean((y @ transpose(y)) ** 2)
    minimize loss over wide using adamw(lr=0.1, decay=0.01)
    report loss
}
train own(ex in d.all, batch=2, epochs=1, save=none, log="none") {
    y = mean(net(ex.x))
    for i in 0..60 { y = y + exp(-y * net.w) * 0.01 }
    minimize y over net using sgd(lr=0.1)
    report y
}
END
shows 'y 30, loss 30' ./twice train fit
for entry in fit both own; do
    shows ', 0 wrong' ./twice gradcheck $entry
done
