# SPDX-License-Identifier: MIT
# What a program of a few lines weighs, stripped: it must not grow unnoticed (docs/internals.md, "The runtime", says of what it is made).
command -v strip >/dev/null && [ "$(uname -m)" = x86_64 ] || exit 77
cat >mlp.nn <<'PROGRAM'
data iris {
    x: float[4] = csv("iris.csv", columns=0..4)
    y: int<3>   = csv("iris.csv", column=4, labels=true)
    split(train=0.8, test=0.2, seed=7)
}
layer MLP {
    layer net = chain(Dense(4, 16), relu, Dense(16, 3))
    fn forward[B](x: float[B, 4]) -> float[B, 3] { return net(x) }
}
model net = MLP()
train fit[B](ex in iris.train, batch=16, epochs=10, validate=iris.test) {
    logits = net(ex.x)
    loss = cross_entropy(logits, ex.y)
    minimize loss over net using adam(lr=0.01)
    report loss, accuracy(logits, ex.y)
}
export fn predict[B](x: float[B, 4]) -> float[B, 3] as iris.y { return softmax(net(x)) }
PROGRAM
at_most() { # BYTES FLAGS...
    most=$1
    shift
    gives "" "$NNC" "$@" -march=x86-64-v3 mlp.nn -o mlp
    grep -qE '__(asan|tsan|gcov)' mlp && exit 77
    strip mlp
    size=$(wc -c <mlp)
    echo "$size bytes $*"
    [ "$size" -le "$most" ] || broken "it has $size bytes"
}
at_most 368000 # the file grows by pages of 4096
at_most 340000 --lean
echo 'export fn twice[B](x: float[B, 2]) -> float[B, 2] { return x * 2 }' >mlp.nn # without training and without data
at_most 253000
