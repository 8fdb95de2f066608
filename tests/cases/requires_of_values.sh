# SPDX-License-Identifier: MIT
# A `requires` of what is known only at run time is tested where the call stands; no fact is taken from what nobody tests.
program r <<'END'
option rate: float = 0.5
option count: int = 3
layer Scaled(r: float) requires r > 0, r < 1 { fn forward[B](x: float[B]) -> float[B] { return x * r } }
layer Inside(r: float) requires not (r < 0.1 or r > 0.9) { fn forward[B](x: float[B]) -> float[B] { return x * r } }
layer Few() requires count < 9 { fn forward[B](x: float[B]) -> float[B] { return x * count } }
fn apart[B](x: float[B], r: float) -> float[B] requires r > 0.2 or r < -3 { return x * r }
fn known(n: dim, r: float) -> float requires n <= 2 or r > 0 { return r }
model scaled = Scaled(rate)
model inside = Inside(rate)
model few = Few()
layer Twice(r: float) {
    layer inner = chain(Scaled(r), Inside(r))
    fn forward[B](x: float[B]) -> float[B] {
        scan v in x with h = 0.0 { h = h + sum(inner(ones([1]))) + v
            emit y = h }
        return y
    }
}
model twice = Twice(rate)
export fn a[B](x: float[B]) -> float[B] { return scaled(x) }
export fn b[B](x: float[B]) -> float[B] { return inside(x) }
export fn c[B](x: float[B]) -> float[B] { return apart(x, rate) }
export fn d[B](x: float[B], q: float) -> float[B] requires q > 0 { return apart(x, q) }
export fn e(x: float[8], n: dim) -> float requires not (n > 8 or n < 1) { return sum(x[0:n]) }
export fn f(x: float[8], n: dim) -> float requires n <= 4 or n == 6 or n == 20 { return sum(x) + n }
export fn g[B](x: float[B]) -> float requires all(x > 0) { return sum(log(x)) + known(2, -1) }
export fn h[B](x: float[B]) -> float[B] { return few(x) }
export fn i[B](x: float[B]) -> float[B] { return twice(x) }
END
near 0 0.5,1 ./r a 1,2
fails 1 "a: r.nn:3: assert does not hold: Scaled(rate) needs r > 0" ./r a 1,2 --rate=-1
fails 1 "Scaled(rate) needs r < 1" ./r a 1,2 --rate=1
near 0 0.5,1 ./r b 1,2
fails 1 "Inside(rate) needs not (r > 0.9)" ./r b 1,2 --rate=0.95
near 0 0.5,1 ./r c 1,2
near 0 -4,-8 ./r c 1,2 --rate=-4
fails 1 "apart needs r > 0.2 or r < -3" ./r c 1,2 --rate=0.1
near 0 0.5,1 ./r d 1,2 0.5
fails 1 "d needs q > 0" ./r d 1,2 -4
near 0 6 ./r e 1,2,3,4,5,6,7,8 3
fails 1 "n is 20 but must satisfy n <= 8" ./r e 1,2,3,4,5,6,7,8 20
near 0 42 ./r f 1,2,3,4,5,6,7,8 6
fails 1 "f needs n <= 4 or n == 6" ./r f 1,2,3,4,5,6,7,8 7
near 0 -1 ./r g 1,1
fails 1 "g needs all(x > 0)" ./r g 1,0
near 0 3,6 ./r h 1,2
fails 1 "Few() needs count < 9" ./r h 1,2 --count 9
near 1e-6 1.25,3.5 ./r i 1,2
fails 1 "Scaled(r) needs r < 1" ./r i 1,2 --rate 2

# a run looks at each step, and saves nothing of one that it refuses
awk 'BEGIN { for (i = 0; i < 8; i++) print i }' >d.csv
program t <<'END'
option rate: float = 0.5
data d { x: float[1] = csv("d.csv", columns=0..1) }
layer Net(r: float) requires r > 0 {
    param w: float = 1
    fn forward[B](x: float[B, 1]) -> float[B, 1] { return x * w * r }
}
model net = Net(rate)
train fit[B](ex in d.all, batch=4, epochs=1, save="w.safetensors") {
    loss = mean(net(ex.x) ** 2)
    minimize loss over net using sgd(lr=0.001)
    report loss
}
END
fails 1 "Net(rate) needs r > 0" ./t fit --rate 0 --quiet
[ ! -e w.safetensors ] || broken "a refused run has saved"
gives "" ./t fit --quiet
# where nothing can look it is an error
cat >w.nn <<'END'
option rate: float = 0.5
fn half(x: float, r: float) -> float requires r > 0 { return x * r }
data d { x: float = half(csv("d.csv", column=0), rate) }
export fn f(x: float) -> float as d.x { return x }
END
fails 1 '`requires` looks at the values of a step or an export, not at those of a data field' "$NNC" w.nn
cat >g.nn <<'END'
option rate: float = 0.5
layer Scaled(r: float) requires r > 0 { fn forward[B](x: float[B]) -> float[B] { return x * r } }
model scaled = Scaled(rate)
fn own[B](x: float[B]) -> float[B] { return x * 2 } grad (dy) { return scaled(dy) }
export fn f[B](x: float[B]) -> float[B] { return grad(sum(own(x)), wrt=x) }
END
fails 1 '`requires` looks at the values of a step or an export, not at those of a grad block' "$NNC" check g.nn
