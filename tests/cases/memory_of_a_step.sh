# SPDX-License-Identifier: MIT
# --memory: a training that gets less memory takes no more than that and gives the same bits, also with dropout, statistics of batches,
# attention, recurrences and several updates in a step; what does not fit is refused, with what it takes at least.
awk 'BEGIN { srand(3); for (i = 0; i < 64; i++) { for (k = 0; k < 64; k++) printf "%.3f,", rand() - 0.5; print i % 4 } }' >x.csv
cat >rows.nn <<'END'
data rows {
    x: float[64] = csv("x.csv", columns=0..64)
    y: int<4> = csv("x.csv", column=64)
}
END
cat rows.nn - >pictures.nn <<'END'
layer Step(n: dim) {
    layer conv = Conv2d(n, n, kernel=3, pad=1, bias=false)
    layer norm = BatchNorm(n)
    layer drop = Dropout(0.2)
    fn forward[B, H, W](x: float[B, H, W, n]) -> float[B, H, W, n] { return x + drop(relu(norm(conv(x)))) }
}
model net = chain(Conv2d(1, 8, kernel=3, pad=1), Step(8), Step(8), Step(8), Step(8), Step(8), MaxPool2d(2), Step(8), Flatten(), Dense(_, 4))
train fit[B](ex in rows.all, batch=32, steps=4) {
    loss = cross_entropy(net(reshape(ex.x, B, 8, 8, 1)), ex.y)
    minimize loss over net using momentum(lr=0.1, mu=0.9)
    report loss
}
END
cat rows.nn - >text.nn <<'END'
layer Block {
    layer l1 = LayerNorm(16)
    layer q = Dense(16, 16)
    layer k = Dense(16, 16)
    layer v = Dense(16, 16)
    layer l2 = LayerNorm(16)
    layer mlp = chain(Dense(16, 64), gelu, Dropout(0.1), Dense(64, 16))
    fn forward[B, T](x: float[B, T, 16]) -> float[B, T, 16] {
        h = l1(x)
        seen = attention(q(h)[:, _], k(h)[:, _], v(h)[:, _], repeat(causal(T), "t s -> b t s", b=B))
        x = x + seen[:, 0]
        return x + mlp(l2(x))
    }
}
layer Net {
    for i in 0..3 { layer block[i] = Block() }
    layer gru = GRU(16, 16)
    layer out = Dense(16, 4)
    fn forward[B](x: float[B, 4, 16]) -> float[B, 4] {
        for i in 0..3 { x = block[i](x) }
        _, last = gru(x)
        return out(last)
    }
}
model net = Net()
train fit[B](ex in rows.all, batch=32, steps=4) {
    loss = cross_entropy(net(reshape(ex.x, B, 4, 16)), ex.y)
    minimize loss over net using adamw(lr=0.01)
    report loss
}
END
cat rows.nn - >pair.nn <<'END'
model maker = chain(Dense(16, 48), BatchNorm(48), tanh, Dense(48, 48), BatchNorm(48), tanh, Dense(48, 64))
model judge = chain(Dense(64, 48), LeakyRelu(0.2), Dense(48, 48), LeakyRelu(0.2), Dense(48, 1))
train fit[B](ex in rows.all, batch=32, steps=4) {
    made = maker(randn(B, 16))
    real = mean(softplus(-judge(ex.x))) + mean(softplus(judge(made)))
    minimize real over judge using adam(lr=0.01)
    if step % 2 == 1 { minimize mean(softplus(-judge(made))) over maker using adam(lr=0.01) }
    report real
}
END
bytes_of() { # PROGRAM: of a step
    "$1" summary --json | tr '{' '\n' | sed -n 's/.*"kind": *"train".*"model": *\([0-9]*\).*"area": *\([0-9]*\).*"work": *\([0-9]*\).*/\1 \2 \3/p'
}
limited() { # PROGRAM PARTS: with that many of sixteen parts of the work that it takes otherwise
    gives "" "$NNC" "$1.nn" -o "$1"
    shows "" "./$1" fit --seed 5 --save "$1.safetensors"
    bytes_of "./$1" >sizes
    read -r model area work <sizes || broken "$1 tells no memory"
    limit=$((model + area + work * $2 / 16))
    gives "" "$NNC" --memory=$limit "$1.nn" -o "less/$1"
    bytes_of "less/$1" >sizes
    read -r model area less <sizes
    [ $((model + area + less)) -le $limit ] || broken "$1 takes $model + $area + $less bytes, more than $limit"
    [ "$less" -lt "$work" ] || broken "$1 has as many values as before: $less"
    for threads in 1 2; do
        shows "" "less/$1" fit --seed 5 --threads $threads --save less.safetensors
        cmp "$1.safetensors" less.safetensors || broken "$1 with $limit bytes and $threads threads gives other bits"
    done
}
mkdir less
limited pictures 11
limited text 12
limited pair 15
shows "made on the way forward, waits for gradients" "$NNC" --dump=memory --stop-after=kernel pictures.nn
shows "computed again" "$NNC" --dump=memory --memory=900kB -c pictures.nn
fails 1 "error E0606: --memory=30.0 kB is too little: a step of train fit with batches of 32 takes at least" "$NNC" --memory=30kB pictures.nn
fails 2 "must be a number of bytes" "$NNC" --memory=much pictures.nn
fails 2 "must be a number of bytes" "$NNC" --memory=0 pictures.nn

# What is larger than the memory that there is does not begin.
cat rows.nn - >large.nn <<'END'
model net = chain(Dense(64, 200000), tanh, Dense(200000, 4))
train fit[B](ex in rows.all, batch=64, steps=1, save=none) { minimize cross_entropy(net(ex.x), ex.y) over net using sgd(lr=0.1) }
END
gives "" "$NNC" large.nn -o large
if (ulimit -v 150000 && ./large info) >/dev/null 2>&1; then
    (ulimit -v 150000 && ./large fit --threads 1 --log none) >out 2>&1
    status=$?
    [ $status = 5 ] || broken "a step that is too large ends with status $status"
    grep -q "fit takes .* MB of memory: the model 55 MB, gradients and what the optimizer keeps .* MB, what it computes .* MB; there are 154 MB; a smaller --batch" out ||
        broken "a step that is too large does not say so"
fi

# So does an expression of data.
cat - >expression.nn <<'END'
fn least(x: float[64]) -> float[64] {
    sorted = sort(repeat(x, "e -> n e", n=4000000), axis=0)
    return sorted[0]
}
data rows {
    x: float[64] = least(csv("x.csv", columns=0..64))
    y: int<4> = csv("x.csv", column=64)
}
model net = Dense(64, 4)
train fit[B](ex in rows.all, batch=2, steps=1, save=none) { minimize cross_entropy(net(ex.x), ex.y) over net using sgd(lr=0.1) }
END
gives "" "$NNC" expression.nn -o expression
if (ulimit -v 1500000 && ./expression info) >/dev/null 2>&1; then
    (ulimit -v 1500000 && ./expression fit --threads 1 --log none) >out 2>&1
    status=$?
    [ $status = 5 ] || broken "an expression that is too large ends with status $status"
    grep -q "rows.x takes .* GB of memory: the model .*, what it computes .* GB; there are 1.5 GB" out ||
        broken "an expression that is too large does not say so"
fi
