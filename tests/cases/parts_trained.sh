# SPDX-License-Identifier: MIT
# `over` names what is trained: a family of layers, one of its rows, one layer, one parameter; the rest keeps its bits.
program parts <<'TEXT'
layer Cell() {
    param w: float[1] = ones(1)
    fn forward[B](x: float[B, 1]) -> float[B, 1] { return x * w }
}
layer Net() {
    for s in 0..2 {
        for i in 0..3 { layer block[s, i] = Cell() }
    }
    layer last = Cell()
    fn forward[B](x: float[B, 1]) -> float[B, 1] {
        for s in 0..2 {
            for i in 0..3 { x = block[s, i](x) }
        }
        return last(x)
    }
}
model net = Net()
data d {
    x: float[1] = csv("x.csv", columns=0..1)
}
train all[B](ex in d.all, batch=1, steps=1) { minimize mean(net(ex.x)) over net using sgd(lr=0.5) }
train family[B](ex in d.all, batch=1, steps=1) { minimize mean(net(ex.x)) over net.block using sgd(lr=0.5) }
train row[B](ex in d.all, batch=1, steps=1) { minimize mean(net(ex.x)) over net.block[1] using sgd(lr=0.5) }
train one[B](ex in d.all, batch=1, steps=1) { minimize mean(net(ex.x)) over net.block[0, 2] using sgd(lr=0.5) }
train weight[B](ex in d.all, batch=1, steps=1) { minimize mean(net(ex.x)) over net.last.w using sgd(lr=0.5) }
train rest[B](ex in d.all, batch=1, steps=1) { minimize mean(net(ex.x)) over net except net.block[0] using sgd(lr=0.5) }
export fn weights() -> float[7] {
    return concat((net.block[0, 0].w, net.block[0, 1].w, net.block[0, 2].w, net.block[1, 0].w, net.block[1, 1].w, net.block[1, 2].w,
                  net.last.w), axis=0)
}
TEXT
echo 1 >x.csv
trains() { # BLOCK "WEIGHTS"
    shows saved ./parts train "$1" --save "$1.safetensors" --log none
    near 1e-6 "$2" ./parts weights --load "$1.safetensors"
}
trains all ".5 .5 .5 .5 .5 .5 .5"
trains family ".5 .5 .5 .5 .5 .5 1"
trains row "1 1 1 .5 .5 .5 1"
trains one "1 1 .5 1 1 1 1"
trains weight "1 1 1 1 1 1 .5"
trains rest "1 1 1 .5 .5 .5 .5"
