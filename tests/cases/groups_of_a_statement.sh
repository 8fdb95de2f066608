# SPDX-License-Identifier: MIT
# `minimize L over P using O over Q using R`: gradients at the same weights, one norm for `clip`, nothing changed if a group cannot be.
program groups <<'TEXT'
option rate: float = 0.01
option slow: float = 0.01
data d {
    x: float[4] = csv("x.csv", columns=0..4)
    y: float[1] = csv("x.csv", columns=4..5)
}
layer Net {
    layer body = chain(Dense(4, 8), tanh, Dense(8, 8), tanh)
    layer head = Dense(8, 1)
    fn forward[B](x: float[B, 4]) -> float[B, 1] { return head(body(x)) }
}
model net = Net()
train together[B](ex in d.all, batch=8, epochs=3) {
    loss = mse(net(ex.x), ex.y)
    minimize loss over net.body using adamw(lr=0.01, decay=0.1) over net.head using lamb(lr=0.02)
}
train apart[B](ex in d.all, batch=8, epochs=3) {
    loss = mse(net(ex.x), ex.y)
    minimize loss over net.body using adamw(lr=0.01, decay=0.1)    # the head's gradient needs no weight of the body
    minimize loss over net.head using lamb(lr=0.02)
}
train one[B](ex in d.all, batch=8, epochs=3) {
    minimize mse(net(ex.x), ex.y) over net using sgd(lr=0.1)
}
train named[B](ex in d.all, batch=8, epochs=3) {
    minimize mse(net(ex.x), ex.y)
        over net.head.w, net.body.2.b, net.body.0 using sgd(lr=0.1)
        over net except net.head.w, net.body.0.w, net.body.0.b, net.body.2.b using sgd(lr=0.1)
}
train ranks[B](ex in d.all, batch=8, epochs=3) {
    minimize mse(net(ex.x), ex.y) over matrices(net) using sgd(lr=0.1) over vectors(net) using sgd(lr=0.1)
}
layer Turns {
    layer turn = Dense(1, 1)
    fn forward[B](x: float[B, 1]) -> float[B, 1] {
        scan t in 0..2 with h = x { h = tanh(turn(h)) }
        return h
    }
}
model turns = Turns()
model others = Turns()
train scans[B](ex in d.all, batch=8, steps=1) {
    minimize mse(turns(ex.y), ex.y) over turns using sgd(lr=0.1)
    minimize mse(others(ex.y), ex.y) over others using sgd(lr=0.1)
}
train length[B](ex in d.all, batch=32, steps=1) {
    minimize mse(net(ex.x), ex.y) over vectors(net) using sgd(lr=1, clip=0.5) over matrices(net) using sgd(lr=1, clip=0.5)
}
train bad[B](ex in d.all, batch=8, steps=1) {
    minimize mse(net(ex.x), ex.y) over net.body using sgd(lr=rate) over net.head using sgd(lr=rate / slow)
}
export fn weights() -> float[121] {
    return concat([reshape(net.body[0].w, 32), net.body[0].b, reshape(net.body[2].w, 64), net.body[2].b, reshape(net.head.w, 8), net.head.b],
                  axis=0)
}
TEXT
awk 'BEGIN { srand(3); for (i = 0; i < 32; i++) { for (k = 0; k < 4; k++) printf "%.4f,", x[k] = rand() * 2 - 1
    printf "%.4f\n", x[0] - 2 * x[1] + x[2] * x[3] } }' >x.csv
trains() { # NAME [FLAGS]: its weights are in the file NAME
    name=$1
    shift
    shows saved ./groups train "$name" --save "$name.st" --log none "$@"
    ./groups weights --load "$name.st" >"$name" || broken "no weights"
}
same() { # NAME NAME
    cmp -s "$1" "$2" || broken "$1 and $2 end with different weights"
}
trains apart
trains together
same together apart
trains together --threads 1
same together apart
trains together --threads 2 --accumulate 2
mv together together2
trains apart --accumulate 2
same together2 apart
trains one
trains named
trains ranks
same one named
same one ranks

# One step of rate 1 moves all weights together by `clip`.
trains length
mv length moved
trains bad --rate 0
paste bad moved | awk '{ s += ($1 - $2) ^ 2 } END { printf "%.4f\n", sqrt(s) }' >distance
gives 0.5000 cat distance

fails 4 'lr of sgd is not finite, at the minimize of groups.nn:50; no update was made' ./groups train bad --rate 1 --slow 0 --log none
